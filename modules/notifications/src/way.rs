//! The ways out of the bank, each with a line of its own.

db::words! {
    /// By which way a message leaves.
    Way {
        /// As an e-mail.
        Mail = "MAIL",
        /// As a text to a telephone.
        Text = "SMS",
    }
}

impl Way {
    /// The name of the counter of tries.
    pub(crate) const fn tries_metric(self) -> &'static str {
        match self {
            Self::Mail => "florin_mail_tries_total",
            Self::Text => "florin_sms_tries_total",
        }
    }
}

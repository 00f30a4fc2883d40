//! Where a payment that leaves stands: who has to act next, and what the customer is told of it.

use crate::words::words;

words! {
    /// Who has to act next. Never shown to customers.
    Phase {
        /// The clock.
        Scheduled = "SCHEDULED",
        /// The fraud desk.
        InReview = "IN_REVIEW",
        /// The worker of its rail.
        Queued = "QUEUED",
        /// A worker with a lease; what is sent is stored before it leaves.
        Sending = "SENDING",
        /// The rail.
        Sent = "SENT",
        /// Nobody knows what became of it: an enquiry, then people.
        Unknown = "UNKNOWN",
        /// Nobody: the money is gone.
        Settled = "SETTLED",
        /// Nobody: it came back.
        Returned = "RETURNED",
        /// The sender: their data, their limits.
        Rejected = "REJECTED",
        /// Us: it never left.
        Failed = "FAILED",
        /// Nobody.
        Cancelled = "CANCELLED",
    }
}

words! {
    /// What customers are told. The list is closed.
    Status {
        /// The outcome is not known yet.
        Pending = "PENDING",
        /// It arrived at the other bank.
        Settled = "SETTLED",
        /// It came back.
        Returned = "RETURNED",
        /// The other side did not take it.
        Rejected = "REJECTED",
        /// We could not send it.
        Failed = "FAILED",
        /// It was called off before it left.
        Cancelled = "CANCELLED",
    }
}

words! {
    /// What the payee's bank did with a payment that settled. The later ones are not overwritten by the earlier.
    Delivery {
        /// Accepted, and not on the account yet.
        Withheld = "WITHHELD",
        /// On the account.
        Credited = "CREDITED",
        /// Not on the account: it comes back.
        Blocked = "BLOCKED",
    }
}

words! {
    /// What became of calling a payment back.
    Recall {
        /// It was asked.
        Requested = "REQUESTED",
        /// The other bank needs time.
        Pending = "PENDING",
        /// It comes back.
        Accepted = "ACCEPTED",
        /// A part of it comes back.
        Partly = "PARTLY",
        /// It does not.
        Refused = "REFUSED",
    }
}

words! {
    /// Why people have to look at a payment, from the least grave to the gravest. It changes no money.
    Attention {
        /// Its account waits because it cannot be sent.
        AccountParked = "ACCOUNT_PARKED",
        /// Unknown for longer than its rail should need.
        Unresolved = "UNRESOLVED",
        /// The rail did not find it three times.
        NotFound = "NOT_FOUND",
        /// The rail did not understand what we sent.
        NotUnderstood = "NOT_UNDERSTOOD",
        /// What came back could not be given to the customer.
        Unapplied = "UNAPPLIED",
        /// A message under a known name with other content.
        ForgedOrBroken = "FORGED_OR_BROKEN",
        /// An answer with another amount.
        AmountDiffers = "AMOUNT_DIFFERS",
        /// Two answers that cannot both be true.
        Contradiction = "CONTRADICTION",
    }
}

impl Phase {
    /// What the customer is told.
    pub const fn status(self) -> Status {
        match self {
            Self::Scheduled | Self::InReview | Self::Queued | Self::Sending | Self::Sent | Self::Unknown => {
                Status::Pending
            }
            Self::Settled => Status::Settled,
            Self::Returned => Status::Returned,
            Self::Rejected => Status::Rejected,
            Self::Failed => Status::Failed,
            Self::Cancelled => Status::Cancelled,
        }
    }

    /// Whether nothing is open any more. From a final phase no way leads to one that is not.
    pub const fn is_final(self) -> bool {
        !matches!(self.status(), Status::Pending)
    }

    /// Whether money of the customer is held in it.
    pub const fn holds_money(self) -> bool {
        !self.is_final() && !matches!(self, Self::Scheduled)
    }

    /// Whether later payments of the same account wait.
    pub const fn blocks_account(self) -> bool {
        matches!(self, Self::Queued | Self::Sending | Self::Unknown)
    }
}

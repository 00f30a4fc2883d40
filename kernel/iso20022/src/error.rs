//! What is wrong with a message, or with a value for one.

/// Why a message was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// More bytes than whoever reads it takes.
    #[error("is larger than {limit} bytes")]
    TooLarge {
        /// The bound.
        limit: usize,
    },
    /// More elements than whoever reads it takes.
    #[error("has more than {limit} elements")]
    TooManyElements {
        /// The bound.
        limit: usize,
    },
    /// Elements within elements, further than any message goes.
    #[error("is nested deeper than {limit} elements")]
    TooDeep {
        /// The bound.
        limit: usize,
    },
    /// Something that XML allows and no message needs.
    #[error("has {0}, which no message may have")]
    Forbidden(&'static str),
    /// It is not XML.
    #[error("is not well-formed at byte {at}: {why}")]
    Malformed {
        /// Where it was noticed.
        at: usize,
        /// What was noticed.
        why: &'static str,
    },
    /// Well-formed, and no document in it, or none that belongs to its header.
    #[error("is no message: {0}")]
    NoMessage(&'static str),
    /// An element that has to be there is not.
    #[error("schema: {element} missing")]
    Missing {
        /// Its name.
        element: &'static str,
    },
    /// An element that may stand once stands there twice.
    #[error("schema: {element} repeated")]
    Repeated {
        /// Its name.
        element: &'static str,
    },
    /// What an element holds is not what it may hold.
    #[error("schema: {element} {why}")]
    Invalid {
        /// Its name.
        element: &'static str,
        /// What it should be.
        why: InvalidValue,
    },
    /// What a message says about itself is not so.
    #[error("{element} does not agree with the rest of the message")]
    Contradicts {
        /// The element that says it.
        element: &'static str,
    },
}

/// Why a value cannot stand in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// Empty or too long.
    #[error("must have 1 to {0} characters")]
    Length(usize),
    /// Control characters, and those that XML has no room for.
    #[error("has a character that cannot be written")]
    Character,
    /// Not of the pattern, not in the list.
    #[error("must be {0}")]
    Pattern(&'static str),
    /// Not an amount of its currency.
    #[error("{0}")]
    Amount(#[from] money::ParseMoneyError),
    /// Not a currency.
    #[error("{0}")]
    Currency(#[from] money::UnknownCurrency),
    /// Negative, or of more than 18 digits.
    #[error("must be an amount of 0 or more with at most 18 digits")]
    Range,
}

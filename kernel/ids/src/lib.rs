//! Typed, prefixed, time-ordered identifiers: `acct_01j…`, a UUID version 7 (RFC 9562) in Crockford's base 32.
//! And the key by which a caller names one request. What an identifier points at lives in the module that owns the table.

mod base32;
mod idempotency_key;

pub use idempotency_key::IdempotencyKey;

use std::sync::{Mutex, PoisonError};
use uuid::{ContextV7, Uuid};

/// Makes identifiers of given times: each is later than those that it made before, also when the time has not moved.
#[derive(Debug, Default)]
pub struct Sequence(Mutex<ContextV7>);

impl Sequence {
    fn next(&self, unix_micros: i64) -> Uuid {
        let micros = u64::try_from(unix_micros).unwrap_or_default();
        let nanos = u32::try_from(micros % 1_000_000 * 1_000).expect("less than a second");
        let context = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(uuid::Timestamp::from_unix(&*context, micros / 1_000_000, nanos))
    }
}

/// The text is not an identifier of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an identifier that starts with {prefix}_, in small letters")]
pub struct ParseIdError {
    /// The prefix that was wanted.
    pub prefix: &'static str,
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier, later than every earlier one of this process.
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// A new identifier of a time, in microseconds since 1970, later than every earlier one of the sequence.
            pub fn generate_in(sequence: &Sequence, unix_micros: i64) -> Self {
                Self(sequence.next(unix_micros))
            }

            /// The lowest identifier that can have been made at the instant, in milliseconds since 1970.
            pub const fn earliest_at(unix_millis: u64) -> Self {
                Self(Uuid::from_u128((unix_millis as u128) << 80))
            }

            /// When it was made, in milliseconds since 1970.
            pub const fn unix_millis(self) -> u64 {
                (self.0.as_u128() >> 80) as u64
            }

            /// Takes over a stored value.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The value to store.
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// Reads the prefixed text.
            ///
            /// # Errors
            /// The prefix or the 26 characters behind it are not as they must be.
            pub fn parse(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(base32::decode)
                    .map(|value| Self(Uuid::from_u128(value)))
                    .ok_or(ParseIdError { prefix: $prefix })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!($prefix, "_"))?;
                formatter.write_str(base32::encode(self.0.as_u128(), &mut [0; base32::LENGTH]))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, formatter)
            }
        }
    )*};
}

identifiers! {
    /// An account, of a customer or of the bank's own chart.
    AccountId = "acct";
    /// One balanced entry of the journal.
    EntryId = "entry";
    /// A payment as its parties see it.
    TransactionId = "txn";
    /// Money set aside on an account.
    HoldId = "hold";
    /// A person who can log in.
    UserId = "usr";
    /// One login of a person.
    SessionId = "ses";
    /// A key with which a program calls the API for a person.
    ApiKeyId = "key";
    /// What a person has granted to a client of the authorization server.
    GrantId = "grant";
    /// A program that acts for people through the authorization server.
    ClientId = "client";
    /// What one person has asked for and another has to approve.
    ApprovalId = "appr";
    /// A passkey of a person.
    PasskeyId = "pky";
    /// A question to a passkey that is still to be answered.
    CeremonyId = "cer";
    /// Something that happened, as the outbox tells it.
    EventId = "evt";
    /// A mail on its way out.
    MailId = "mail";
    /// A command that was refused.
    RefusalId = "ref";
    /// One HTTP request.
    RequestId = "req";
    /// Where somebody is told of events by webhook.
    WebhookId = "hook";
    /// One event on its way to one webhook.
    DeliveryId = "dlv";
    /// What somebody is told in their inbox.
    NoticeId = "ntc";
    /// What somebody told the bank to pay again and again.
    StandingOrderId = "sto";
    /// What became of one of its dates.
    StandingRunId = "run";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_as_the_same_identifier() {
        let id = AccountId::generate();
        assert_eq!(AccountId::parse(&id.to_string()), Ok(id));
        assert_eq!(id.to_string().len(), "acct_".len() + 26);
    }

    #[test]
    fn identifiers_sort_by_the_time_they_were_made_as_values_and_as_text() {
        let ids: Vec<TransactionId> = (0..1000).map(|_| TransactionId::generate()).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().map(ToString::to_string).collect::<Vec<_>>().is_sorted());
    }

    #[test]
    fn identifiers_of_a_time_that_stands_still_rise_too() {
        let sequence = Sequence::default();
        let ids: Vec<EntryId> = (0..1_000).map(|_| EntryId::generate_in(&sequence, 4_102_444_800_000_000)).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
        assert!(ids.iter().all(|id| id.unix_millis() == 4_102_444_800_000));
        assert!(EntryId::generate_in(&sequence, 4_102_444_800_001_000) > ids[999]);
    }

    #[test]
    fn another_kinds_identifier_is_refused() {
        let id = AccountId::generate().to_string();
        assert_eq!(UserId::parse(&id), Err(ParseIdError { prefix: "usr" }));
        for text in ["", "acct_", "acct_xyz", "acct_8zzzzzzzzzzzzzzzzzzzzzzzzz", "acct_0000000000000000000000000u"] {
            assert!(AccountId::parse(text).is_err(), "{text}");
        }
        assert!(AccountId::parse(&id.to_uppercase()).is_err());
    }
}

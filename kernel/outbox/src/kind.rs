//! Kinds of events: each module says which it writes, with what each tells. From there comes the catalogue of all of them.

use serde::Serialize;
use std::collections::BTreeMap;

/// What an event is about, as its subject is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Subject {
    /// A person.
    User,
    /// A customer's account.
    Account,
    /// A payment.
    Transaction,
    /// An account, or the payment that the data names.
    AccountOrTransaction,
    /// What one person asked for and another decides.
    Approval,
    /// The bank as a whole.
    Bank,
}

/// Who is told of a kind, besides those who check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Audience {
    /// The people whom it concerns.
    Owner,
    /// The bank's own people only.
    Staff,
}

/// A kind of event.
#[derive(Debug)]
pub struct KindOfEvent {
    /// `module.what_happened`, in the past tense.
    pub name: &'static str,
    /// Rises when a member of the data changes its meaning or goes; new members do not count.
    pub version: u32,
    /// When it is written.
    pub about: &'static [&'static str],
    /// What it happens to.
    pub subject: Subject,
    /// Who is told.
    pub audience: Audience,
    /// The members of its data.
    pub members: Vec<Member>,
}

/// A member of an event's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// As it is called in JSON.
    pub name: String,
    /// Its type in JSON.
    pub r#type: &'static str,
    /// Whether it may be null or left out.
    pub optional: bool,
}

/// Something that happens, as the module says it that it happens in: what `events!` makes.
pub trait Happening: Serialize {
    /// Its kind's name.
    fn kind(&self) -> &'static str;
}

/// A type that a member of an event's data can have.
pub trait Told {
    /// What it is in JSON.
    const TYPE: &'static str;
    /// Whether it may be null or left out.
    const OPTIONAL: bool = false;
}

/// The data of kinds that have the same members.
pub trait Data: Serialize {
    /// Its members.
    fn members() -> Vec<Member>;
}

macro_rules! told {
    ($($json:literal: $($type:ty),+;)+) => {$($(
        impl Told for $type {
            const TYPE: &'static str = $json;
        }
    )+)+};
}

told! {
    "string": String, &str, ids::AccountId, ids::TransactionId, ids::UserId, ids::SessionId, ids::ApiKeyId, ids::GrantId,
        ids::ClientId, ids::ApprovalId, ids::PasskeyId, ids::MailId, ids::RefusalId, ids::WebhookId,
        ids::DeliveryId, ids::NoticeId, ids::StandingOrderId;
    "integer": i64, u64, u32;
    "boolean": bool;
    "object": serde_json::Value;
}

impl<T: Told> Told for Option<T> {
    const TYPE: &'static str = T::TYPE;
    const OPTIONAL: bool = true;
}

impl<T: Told> Told for Vec<T> {
    const TYPE: &'static str = "array";
    // An empty one is left out.
    const OPTIONAL: bool = true;
}

impl Member {
    /// A member by the name and type that it has in Rust.
    pub fn of<T: Told>(name: &str) -> Self {
        let name = name.trim_start_matches("r#");
        let mut pieces = name.split('_');
        let mut camel = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (first, rest) = piece.split_at(1);
            camel.extend([&first.to_uppercase(), rest]);
        }
        Self { name: camel, r#type: T::TYPE, optional: T::OPTIONAL }
    }
}

/// The kinds of one module.
#[derive(Debug)]
pub struct Kinds(pub fn() -> Vec<KindOfEvent>);

inventory::collect!(Kinds);

/// Every kind of every module that is linked in, by name.
pub fn kinds() -> BTreeMap<&'static str, KindOfEvent> {
    let all = inventory::iter::<Kinds>.into_iter().flat_map(|kinds| (kinds.0)());
    all.map(|kind| (kind.name, kind)).collect()
}

/// Declares the data of kinds that have the same members: a struct that is written in camel case.
#[macro_export]
macro_rules! event_data {
    ($(#[$meta:meta])* $vis:vis struct $name:ident $(<$life:lifetime>)? {
        $($(#[$member_meta:meta])* $member:ident: $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive($crate::serde::Serialize)]
        #[serde(crate = "outbox::serde", rename_all = "camelCase")]
        $vis struct $name $(<$life>)? {
            $($(#[$member_meta])* $member: $type,)*
        }

        impl $(<$life>)? $crate::Data for $name $(<$life>)? {
            fn members() -> Vec<$crate::Member> {
                vec![$($crate::Member::of::<$type>(stringify!($member))),*]
            }
        }
    };
}

/// Declares the kinds of events that a module writes: an enumeration with a variant for each, which is turned into an event
/// by [`Event::of`](crate::Event::of).
///
/// ```ignore
/// events! {
///     /// What happens to sessions.
///     pub(crate) enum SessionEvent about User for Owner {
///         /// Somebody logged in.
///         LoggedIn = "auth.logged_in" { username: String, session_id: SessionId },
///     }
/// }
/// ```
#[macro_export]
macro_rules! events {
    ($(#[doc = $about:literal])* $vis:vis enum $name:ident $(<$life:lifetime>)? about $subject:ident for $audience:ident {
        $(
            $(#[doc = $doc:literal])+
            $variant:ident = $kind:literal
            $(($data:ty))?
            $({ $($(#[$member_meta:meta])* $member:ident: $type:ty),* $(,)? })?
        ),* $(,)?
    }) => {
        $(#[doc = $about])*
        #[derive($crate::serde::Serialize)]
        #[serde(crate = "outbox::serde", untagged, rename_all_fields = "camelCase")]
        $vis enum $name $(<$life>)? {
            $($(#[doc = $doc])+ $variant $(($data))? $({ $($(#[$member_meta])* $member: $type),* })?,)*
        }

        impl $(<$life>)? $crate::Happening for $name $(<$life>)? {
            fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $kind,)*
                }
            }
        }

        impl $(<$life>)? $name $(<$life>)? {
            fn kinds() -> Vec<$crate::KindOfEvent> {
                vec![$($crate::KindOfEvent {
                    name: $kind,
                    version: 1,
                    about: &[$($doc),+],
                    subject: $crate::Subject::$subject,
                    audience: $crate::Audience::$audience,
                    members: {
                        let members: Vec<$crate::Member> = Vec::new();
                        $(let members = [members, <$data as $crate::Data>::members()].concat();)?
                        $(let members = [members, vec![$($crate::Member::of::<$type>(stringify!($member))),*]].concat();)?
                        members
                    },
                }),*]
            }
        }

        $crate::inventory::submit! { $crate::Kinds($name::kinds) }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_called_as_they_are_written() {
        let member = Member::of::<Option<String>>("former_overdraft_limit");
        assert_eq!((member.name.as_str(), member.r#type, member.optional), ("formerOverdraftLimit", "string", true));
        assert_eq!(Member::of::<i64>("r#type").name, "type");
    }
}

//! Who is behind an account number, for who is about to pay them.

use super::counterparty::CounterpartyKind;
use http_core::wire::schema;
use http_core::wire::text::Decimal;
use identity::Username;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

/// Names of at most so many characters are compared.
pub(crate) const NAME_CHARACTERS_MAX: usize = 100;

/// A number, and whom somebody takes for its owner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RecipientLookup)]
pub(crate) struct LookUpBody<'a> {
    /// As people write it; spaces are allowed.
    #[serde(borrow)]
    #[schema(value_type = String, example = "XF11 FLRN 3162 2908 9359 4069", max_length = 64)]
    pub(crate) account_number: Cow<'a, str>,
    /// Whom one means to pay. Absent: nothing is compared.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub(crate) name: Option<Cow<'a, str>>,
}

/// Whose account it is, as far as whoever pays has to know.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Recipient)]
pub(crate) struct RecipientReply {
    pub(crate) kind: CounterpartyKind,
    /// The name of one's own account in full. Of other people, the first letter of each word of what they are called: enough
    /// to recognise them, too little to learn who they are. Null where the account belongs to nobody who has a name here.
    #[schema(example = "j••• d•••")]
    pub(crate) name: Option<String>,
    /// The last four characters of the account number.
    #[serde(rename = "accountLast4")]
    #[schema(min_length = 4, max_length = 4, example = "9050")]
    pub(crate) number_last4: String,
    /// How the name that was sent fits; null when none was sent, or there is none to compare it with.
    pub(crate) name_match: Option<NameMatch>,
}

/// How a name fits that of an account's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = NameMatch)]
pub(crate) enum NameMatch {
    /// It is the same, but for case, order and separators.
    Full,
    /// It may be the same, mistyped or in part.
    Close,
    /// It is another.
    None,
}

/// What would become of a transfer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TransferPreview)]
pub(crate) struct PreviewReply {
    #[schema(value_type = schema::DecimalText)]
    pub(crate) amount: Decimal,
    #[schema(value_type = schema::CurrencyCode)]
    pub(crate) currency: http_core::wire::Text<money::Currency>,
    /// What the bank takes for it.
    #[schema(value_type = schema::DecimalText)]
    pub(crate) fee: Decimal,
    pub(crate) arrival: Arrival,
    /// The balances of the source after it, for credentials that read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) balance_after: Option<super::transaction::BalanceAfterReply>,
    /// Why a fresh proof would be asked for; null: none would.
    #[schema(value_type = Option<ProofReasonWord>)]
    pub(crate) step_up: Option<&'static str>,
    /// Whether the account would be paid for the first time; null: that is kept of nobody without a second factor.
    pub(crate) is_new_payee: Option<bool>,
}

/// When the money arrives.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = Arrival)]
pub(crate) enum Arrival {
    AtOnce,
}

/// Why a fresh proof is asked for: the amount, alone or with what went before, or an account that was never paid with one.
#[derive(ToSchema)]
#[schema(as = ProofReason, rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) enum ProofReasonWord {
    Amount,
    NewPayee,
}

/// The first letter of each word; how long words are is not told.
pub(crate) fn masked(name: &Username) -> String {
    let initials = words(name.as_str()).filter_map(|word| word.chars().next()).map(|first| format!("{first}•••"));
    initials.collect::<Vec<_>>().join(" ")
}

/// How somebody's idea of the name fits it.
pub(crate) fn name_match(sent: &str, name: &Username) -> NameMatch {
    let sorted = |text: &str| {
        let mut words: Vec<String> = words(text).map(str::to_lowercase).collect();
        words.sort_unstable();
        words
    };
    let (sent, known) = (sorted(sent), sorted(name.as_str()));
    let (whole_sent, whole_known) = (sent.concat(), known.concat());
    let has_a_word = known.iter().any(|word| word.chars().count() >= 3 && sent.contains(word));
    if sent.is_empty() {
        NameMatch::None
    } else if sent == known || whole_sent == whole_known {
        NameMatch::Full
    } else if has_a_word || distance(&whole_sent, &whole_known) <= whole_known.chars().count() / 5 {
        NameMatch::Close
    } else {
        NameMatch::None
    }
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// How many characters have to be put in, left out or replaced (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, character) in one.chars().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, against) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(character != *against);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Username {
        Username::parse(text).unwrap()
    }

    #[test]
    fn of_a_name_only_the_first_letters_of_its_words_are_shown() {
        for (of, shown) in [("bob", "b•••"), ("maria.weber", "m••• w•••"), ("j_d-3", "j••• d••• 3•••"), ("...", "")]
        {
            assert_eq!(masked(&name(of)), shown, "{of}");
        }
    }

    #[test]
    fn names_fit_whatever_their_case_order_and_separators_and_nearly_when_mistyped() {
        for (sent, of, expected) in [
            ("Maria Weber", "maria.weber", NameMatch::Full),
            ("weber, MARIA", "maria.weber", NameMatch::Full),
            ("mariaweber", "maria.weber", NameMatch::Full),
            ("Maria Webber", "maria.weber", NameMatch::Close),
            ("Weber", "maria.weber", NameMatch::Close),
            ("Mario Huber", "maria.weber", NameMatch::None),
            ("bop", "bob", NameMatch::None),
            (" . ", "bob", NameMatch::None),
            ("", "bob", NameMatch::None),
        ] {
            assert_eq!(name_match(sent, &name(of)), expected, "{sent}");
        }
    }
}

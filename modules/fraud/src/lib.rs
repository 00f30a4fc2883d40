//! Fraud: rules over what is remembered of an account, decided in the commit of the money; payments that somebody looks at first;
//! and which rules count. Who pays is in `payments`, which asks here; nothing here calls it.

mod activation;
mod decision;
mod error;
pub mod events;
mod number;
pub mod profile;
mod reason;
pub mod review;
mod rule;
mod rule_set;
mod rules;
mod watching;

pub use activation::{RulesActivation, SnoozeWish, activate_in_tx, register_actions};
pub use decision::{Conclusion, DECLINE_FROM, Decision, Finding, REVIEW_FROM, Snoozed, decide};
pub use error::FraudError;
pub use profile::{
    BYTES_MAX, CREDIT_UNITS, DamagedProfile, PartyHash, Payment, Profile, StoredProfile, is_credit_worth_it,
};
pub use reason::{Language, sentence};
pub use review::{Closing, Label, Note, Review, ReviewState, needs_second_person};
pub use rule::{ERROR_POINTS, Facts, Parameter, RuleId, RuleMode, Skip, Verdict};
pub use rule_set::store::{ActivatedSet, Snooze, newest as newest_set};
pub use rule_set::{InvalidRuleSet, RuleSet, RuleSetting, SET_BYTES_MAX};
pub use rules::parameters;
pub use watching::{Fraud, Watching};

use db::Migration;

/// The tables of fraud.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "fraud",
    number: 1,
    sql: include_str!("../migrations/0001_fraud.sql"),
    postgres: include_str!("../migrations/0001_fraud.postgres.sql"),
    sqlite: "",
    append_only: &["fraud_rule_set"],
}];

//! An endpoint: where somebody wants to be told of what happens.

pub(crate) mod store;

use crate::{Algorithm, Health, Policy, Result, Target, TypePattern, WebhooksError};
use db::WallTime;
use ids::{UserId, WebhookId};

/// So many endpoints one person may have.
pub(crate) const PER_USER_MAX: usize = 10;
const PATTERNS_MAX: usize = 20;
const DESCRIPTION_CHARACTERS_MAX: usize = 200;

/// What somebody wants of an endpoint.
#[derive(Clone, Debug)]
pub struct EndpointWish {
    /// Where it is.
    pub url: String,
    /// What is told to it: patterns of kinds.
    pub patterns: Vec<String>,
    /// What its owner calls it, if anything.
    pub description: String,
}

/// An endpoint as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its identifier.
    pub id: WebhookId,
    /// Whose it is.
    pub user_id: UserId,
    /// Where it is.
    pub url: String,
    /// What is told to it.
    pub patterns: Patterns,
    /// What its owner calls it.
    pub description: String,
    /// How calls to it are signed.
    pub algorithm: Algorithm,
    /// How it is doing.
    pub health: Health,
    /// Until when the secret before the last rotation signs too.
    pub former_secret_until: Option<WallTime>,
    /// When it was made.
    pub created_at: WallTime,
}

/// Which endpoint of whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedEndpoint {
    /// Whose it has to be.
    pub owner: UserId,
    /// Which.
    pub id: WebhookId,
}

/// Which kinds are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patterns(Vec<TypePattern>);

/// A wish that can be fulfilled.
pub(crate) struct Checked {
    pub(crate) url: String,
    pub(crate) patterns: Patterns,
    pub(crate) description: String,
}

impl EndpointWish {
    pub(crate) fn checked(&self, policy: &Policy) -> Result<Checked> {
        let target = Target::parse(&self.url, policy)?;
        let description = self.description.trim();
        let is_short = description.chars().count() <= DESCRIPTION_CHARACTERS_MAX;
        if !is_short || !legible::is_legible_line(description) {
            return Err(WebhooksError::Description);
        }
        Ok(Checked {
            url: target.as_str().to_owned(),
            patterns: Patterns::parse(&self.patterns)?,
            description: description.to_owned(),
        })
    }
}

impl Patterns {
    fn parse(texts: &[String]) -> Result<Self> {
        if !(1..=PATTERNS_MAX).contains(&texts.len()) {
            return Err(WebhooksError::Patterns);
        }
        let mut patterns = Vec::with_capacity(texts.len());
        for text in texts {
            let pattern = TypePattern::parse(text)?;
            if patterns.contains(&pattern) {
                return Err(WebhooksError::Patterns);
            }
            patterns.push(pattern);
        }
        Ok(Self(patterns))
    }

    pub(crate) fn from_stored(text: &str) -> Option<Self> {
        text.split(' ').map(|word| TypePattern::parse(word).ok()).collect::<Option<_>>().map(Self)
    }

    /// The patterns as they were written.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(TypePattern::as_str)
    }

    /// Whether a kind is told.
    pub(crate) fn have(&self, kind: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Patterns> {
        Patterns::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn patterns_are_some_and_each_once() {
        let patterns = parsed(&["payments.*", "auth.logged_in"]).unwrap();
        assert!(patterns.have("payments.transaction_settled") && patterns.have("auth.logged_in"));
        assert!(!patterns.have("auth.logged_out"));
        let stored: Vec<&str> = patterns.words().collect();
        assert_eq!(Patterns::from_stored(&stored.join(" ")), Some(patterns.clone()));
        assert_eq!(parsed(&[]), Err(WebhooksError::Patterns));
        assert_eq!(parsed(&["*", "*"]), Err(WebhooksError::Patterns));
        assert_eq!(parsed(&["payments"]), Err(WebhooksError::Pattern(crate::PatternError)));
    }
}

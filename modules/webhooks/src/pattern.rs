//! Which events an endpoint is told of.

const BYTES_MAX: usize = 64;

/// One type such as `payments.transaction_settled`, all of a module such as `payments.*`, or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypePattern(String);

/// The text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a type of events such as payments.transaction_settled, or payments.*, or *")]
pub struct PatternError;

impl TypePattern {
    /// Reads it.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let is_pattern = match text.split_once('.') {
            None => text == "*",
            Some((module, kind)) => is_word(module) && (kind == "*" || is_word(kind)),
        };
        if is_pattern && text.len() <= BYTES_MAX { Ok(Self(text.to_owned())) } else { Err(PatternError) }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has a type of events.
    pub fn matches(&self, kind: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(start) => kind.starts_with(start),
            None => kind == self.0,
        }
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_what_they_say() {
        let table = [
            ("*", "payments.transaction_settled", true),
            ("payments.*", "payments.transaction_settled", true),
            ("payments.*", "payments_of_others.made", false),
            ("payments.*", "auth.user_registered", false),
            ("auth.user_registered", "auth.user_registered", true),
            ("auth.user_registered", "auth.user_registered_again", false),
        ];
        for (pattern, kind, expected) in table {
            assert_eq!(TypePattern::parse(pattern).unwrap().matches(kind), expected, "{pattern} {kind}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let long = format!("payments.{}", "a".repeat(64));
        for text in [
            "",
            "**",
            "pay*",
            "payments",
            "payments.",
            "payments.t*",
            ".*",
            "*.*",
            "*.made",
            "a.b.c",
            "A.b",
            "a. b",
            &long,
        ] {
            assert_eq!(TypePattern::parse(text), Err(PatternError), "{text}");
        }
    }
}

//! What the rules of a set make of a payment: approve, review or decline, with all that each rule found.

use crate::profile::Profile;
use crate::rule::{ERROR_POINTS, Facts, Question, RuleId, RuleMode, Skip, Verdict};
use crate::rule_set::{RULES, RuleSet};
use crate::rules;

/// From so many points on a person looks at it.
pub const REVIEW_FROM: u32 = 50;
/// From so many points on it is not made.
pub const DECLINE_FROM: u32 = 100;
/// Errors alone bring a payment to somebody who looks at it; they never decline it.
const ERRORS_MAX: u32 = ERROR_POINTS * 3;

db::words! {
    /// What becomes of a payment.
    Conclusion {
        /// It is made.
        Approve = "APPROVE",
        /// Somebody of the bank looks at it first.
        Review = "REVIEW",
        /// It is not made.
        Decline = "DECLINE",
    }
}

/// What one rule found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// Whether it counts.
    pub mode: RuleMode,
    /// What it found.
    pub verdict: Verdict,
}

/// The rules that somebody told to rest for a customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snoozed(u32);

impl Snoozed {
    /// With one more.
    #[must_use]
    pub const fn with(self, rule: RuleId) -> Self {
        Self(self.0 | 1 << rule.index())
    }

    const fn has(self, rule: RuleId) -> bool {
        self.0 >> rule.index() & 1 == 1
    }
}

/// What becomes of a payment, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of it.
    pub conclusion: Conclusion,
    /// The points of the rules that count.
    pub points: u32,
    /// What would become of it if the rules counted that are only watched.
    pub in_shadow: Conclusion,
    /// The limit that it breaks.
    pub limit: Option<RuleId>,
    /// The version of the set.
    pub version: i64,
    findings: [Finding; RULES],
}

impl Decision {
    /// What each rule found.
    pub const fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What the rules found that count and fired, or could not be evaluated.
    pub fn reasons(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.mode == RuleMode::Active && finding.speaks())
    }
}

impl Finding {
    /// Whether it fired, or could not be evaluated.
    pub const fn speaks(&self) -> bool {
        matches!(self.verdict, Verdict::Fired { .. } | Verdict::Skipped(Skip::Error))
    }
}

/// Decides on a payment.
pub fn decide(set: &RuleSet, facts: &Facts, profile: &Profile, snoozed: Snoozed) -> Decision {
    let mut findings =
        [Finding { rule: RuleId::L01, mode: RuleMode::Off, verdict: Verdict::Skipped(Skip::Off) }; RULES];
    let (mut active, mut watched) = (Sum::default(), Sum::default());
    for (finding, rule) in findings.iter_mut().zip(RuleId::ALL) {
        let setting = set.setting(*rule);
        let verdict = match setting.mode {
            RuleMode::Off => Verdict::Skipped(Skip::Off),
            _ if snoozed.has(*rule) => Verdict::Skipped(Skip::Snoozed),
            _ => rules::ask(*rule, Question { facts, profile, parameters: &setting.parameters }),
        };
        *finding = Finding { rule: *rule, mode: setting.mode, verdict };
        if setting.mode == RuleMode::Active {
            active.add(finding);
        }
        watched.add(finding);
    }
    Decision {
        conclusion: active.conclusion(),
        points: active.points(),
        in_shadow: watched.conclusion(),
        limit: active.limit,
        version: set.version,
        findings,
    }
}

#[derive(Default)]
struct Sum {
    points: u32,
    errors: u32,
    limit: Option<RuleId>,
}

impl Sum {
    fn add(&mut self, finding: &Finding) {
        match finding.verdict {
            Verdict::Skipped(Skip::Error) => self.errors += ERROR_POINTS,
            Verdict::Fired { .. } if finding.rule.is_limit() => self.limit = self.limit.or(Some(finding.rule)),
            verdict => self.points += verdict.points(),
        }
    }

    fn points(&self) -> u32 {
        self.points + self.errors.min(ERRORS_MAX)
    }

    fn conclusion(&self) -> Conclusion {
        match self.points() {
            _ if self.limit.is_some() => Conclusion::Decline,
            DECLINE_FROM.. => Conclusion::Decline,
            REVIEW_FROM.. => Conclusion::Review,
            _ => Conclusion::Approve,
        }
    }
}

#[cfg(test)]
mod tests;

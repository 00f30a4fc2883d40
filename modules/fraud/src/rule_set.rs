//! A set of rules as data: which rule counts, which is only watched, and the numbers of each. What a set says is checked when it
//! is read, so that nothing has to be checked when a payment is decided.

pub(crate) mod store;

use crate::rule::{PARAMETERS_MAX, RuleId, RuleMode};
use crate::rules::parameters;
use serde_json::{Map, Value, json};

/// No set is longer, as text.
pub const SET_BYTES_MAX: usize = 16_384;
pub(crate) const RULES: usize = RuleId::ALL.len();

/// What a set says of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleSetting {
    /// What it is for.
    pub mode: RuleMode,
    pub(crate) parameters: [i64; PARAMETERS_MAX],
}

/// A set of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSet {
    /// Its number; 0: the one that is built in.
    pub version: i64,
    settings: [RuleSetting; RULES],
}

/// What is wrong with a set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRuleSet {
    /// It is no JSON object with a list of rules, or too long.
    #[error("must be a JSON object with the member rules, of at most {SET_BYTES_MAX} bytes")]
    NotASet,
    /// A rule is not there, or is named twice.
    #[error("rules[{0}].id must be one of {list}, each once", list = RuleId::ALL.iter().map(|rule| rule.word()).collect::<Vec<_>>().join(", "))]
    Rule(usize),
    /// A mode is none.
    #[error("rules[{0}].mode must be ACTIVE, SHADOW or OFF")]
    Mode(usize),
    /// A member is not known.
    #[error("{0} is not a member of a rule")]
    Member(String),
    /// A rule has no such number, or it is too small or too large.
    #[error("{rule}.{name} must be a whole number {bounds}", rule = .rule.word())]
    Parameter {
        /// The rule.
        rule: RuleId,
        /// What it is called.
        name: String,
        /// From where to where.
        bounds: String,
    },
    /// A higher band begins below a lower one.
    #[error("the bands of {} must rise", .0.word())]
    Bands(RuleId),
}

impl RuleSet {
    /// What is built in, with every rule in the given mode.
    pub fn built_in(mode: RuleMode) -> Self {
        let setting = |rule: &RuleId| RuleSetting { mode, parameters: defaults(*rule) };
        let mut settings = [RuleSetting { mode, parameters: [0; PARAMETERS_MAX] }; RULES];
        for rule in RuleId::ALL {
            settings[rule.index()] = setting(rule);
        }
        Self { version: 0, settings }
    }

    /// Reads a set. A rule that it does not name is off; a number that it does not name is as it is built in.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(version: i64, text: &str) -> Result<Self, InvalidRuleSet> {
        if text.len() > SET_BYTES_MAX {
            return Err(InvalidRuleSet::NotASet);
        }
        Self::read(version, &serde_json::from_str(text).map_err(|_| InvalidRuleSet::NotASet)?)
    }

    /// The same of JSON.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(version: i64, document: &Value) -> Result<Self, InvalidRuleSet> {
        let members = document.as_object().ok_or(InvalidRuleSet::NotASet)?;
        if let Some(other) = members.keys().find(|name| !["rules", "version"].contains(&name.as_str())) {
            return Err(InvalidRuleSet::Member(other.clone()));
        }
        let rules = members.get("rules").and_then(Value::as_array).ok_or(InvalidRuleSet::NotASet)?;
        let mut set = Self { version, ..Self::built_in(RuleMode::Off) };
        let mut named = [false; RULES];
        for (at, rule) in rules.iter().enumerate() {
            let (id, setting) = read_rule(at, rule)?;
            if std::mem::replace(&mut named[id.index()], true) {
                return Err(InvalidRuleSet::Rule(at));
            }
            set.settings[id.index()] = setting;
        }
        Ok(set)
    }

    /// The same under another number.
    #[must_use]
    pub fn numbered(self, version: i64) -> Self {
        Self { version, ..self }
    }

    /// What it says of a rule.
    pub const fn setting(&self, rule: RuleId) -> &RuleSetting {
        &self.settings[rule.index()]
    }

    /// Whether no rule is even watched.
    pub fn is_off(&self) -> bool {
        self.settings.iter().all(|setting| setting.mode == RuleMode::Off)
    }

    /// As JSON, every number included.
    pub fn document(&self) -> Value {
        let rules = RuleId::ALL.iter().map(|rule| {
            let RuleSetting { mode, parameters: values } = self.setting(*rule);
            let numbers: Map<String, Value> = parameters(*rule)
                .iter()
                .zip(values)
                .map(|(known, value)| (known.name.to_owned(), json!(value)))
                .collect();
            json!({ "id": rule.word(), "mode": mode.word(), "parameters": numbers })
        });
        json!({ "rules": rules.collect::<Vec<_>>() })
    }
}

fn defaults(rule: RuleId) -> [i64; PARAMETERS_MAX] {
    let mut values = [0; PARAMETERS_MAX];
    for (value, parameter) in values.iter_mut().zip(parameters(rule)) {
        *value = parameter.default;
    }
    values
}

fn read_rule(at: usize, rule: &Value) -> Result<(RuleId, RuleSetting), InvalidRuleSet> {
    let text = |name: &str| rule.get(name).and_then(Value::as_str);
    let id = text("id").and_then(RuleId::parse).ok_or(InvalidRuleSet::Rule(at))?;
    let mode = text("mode").and_then(RuleMode::parse).ok_or(InvalidRuleSet::Mode(at))?;
    let mut setting = RuleSetting { mode, parameters: defaults(id) };
    for (name, value) in rule.as_object().into_iter().flatten() {
        match (name.as_str(), value) {
            ("id" | "mode", _) => {}
            ("parameters", Value::Object(numbers)) => {
                for (name, value) in numbers {
                    set_parameter(id, &mut setting, name, value)?;
                }
            }
            _ => return Err(InvalidRuleSet::Member(name.clone())),
        }
    }
    require_rising(id, &setting)?;
    Ok((id, setting))
}

fn set_parameter(rule: RuleId, setting: &mut RuleSetting, name: &str, value: &Value) -> Result<(), InvalidRuleSet> {
    let wrong = |bounds: String| InvalidRuleSet::Parameter { rule, name: name.to_owned(), bounds };
    let known = parameters(rule).iter().position(|parameter| parameter.name == name);
    let Some(at) = known else { return Err(wrong("that the rule has".to_owned())) };
    let parameter = parameters(rule)[at];
    let number = value.as_i64().filter(|number| *number >= parameter.min && *number <= parameter.max);
    setting.parameters[at] = number.ok_or_else(|| wrong(format!("from {} to {}", parameter.min, parameter.max)))?;
    Ok(())
}

/// Bounds of bands are called low, middle and high.
fn require_rising(rule: RuleId, setting: &RuleSetting) -> Result<(), InvalidRuleSet> {
    let is_bound = |name: &str| ["low", "middle", "high", "lowUnits", "highUnits"].contains(&name);
    let named = parameters(rule).iter().zip(setting.parameters);
    let bounds: Vec<i64> = named.filter(|(parameter, _)| is_bound(parameter.name)).map(|(_, value)| value).collect();
    if bounds.is_sorted() { Ok(()) } else { Err(InvalidRuleSet::Bands(rule)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_comes_back_from_what_is_shown_of_it() {
        for mode in RuleMode::ALL {
            let set = RuleSet { version: 7, ..RuleSet::built_in(*mode) };
            assert_eq!(RuleSet::parse(7, &set.document().to_string()), Ok(set.clone()));
            assert_eq!(set.is_off(), *mode == RuleMode::Off);
        }
        for rule in RuleId::ALL {
            let known = parameters(*rule);
            assert!(
                known.len() <= PARAMETERS_MAX && known.iter().all(|one| (one.min..=one.max).contains(&one.default))
            );
        }
    }

    #[test]
    fn what_is_not_named_is_off_or_as_built_in() {
        let set = RuleSet::parse(1, r#"{"rules":[{"id":"F02","mode":"ACTIVE","parameters":{"high":9}}]}"#).unwrap();
        assert_eq!(set.setting(RuleId::F02).parameters[..6], [3, 15, 5, 35, 9, 60]);
        assert_eq!(set.setting(RuleId::F01).mode, RuleMode::Off);
    }

    #[test]
    fn whatever_is_wrong_with_a_set_is_said() {
        for (text, said) in [
            ("[]", "a JSON object"),
            (r#"{"rules":[{"id":"F99","mode":"ACTIVE"}]}"#, "rules[0].id"),
            (r#"{"rules":[{"id":"F01","mode":"OFF"},{"id":"F01","mode":"OFF"}]}"#, "rules[1].id"),
            (r#"{"rules":[{"id":"F01","mode":"ON"}]}"#, "rules[0].mode"),
            (r#"{"rules":[],"else":1}"#, "else is not a member"),
            (r#"{"rules":[{"id":"F01","mode":"OFF","note":1}]}"#, "note is not a member"),
            (r#"{"rules":[{"id":"F01","mode":"OFF","parameters":{"hugh":1}}]}"#, "F01.hugh"),
            (r#"{"rules":[{"id":"F02","mode":"OFF","parameters":{"high":1000}}]}"#, "from 2 to 10"),
            (r#"{"rules":[{"id":"F02","mode":"OFF","parameters":{"high":2}}]}"#, "must rise"),
            (r#"{"rules":[{"id":"L01","mode":"OFF","parameters":{"units":1.5}}]}"#, "L01.units"),
        ] {
            let wrong = RuleSet::parse(1, text).unwrap_err().to_string();
            assert!(wrong.contains(said), "{wrong}");
        }
    }
}

//! Reasons that people can read: what a rule found, as a sentence with its numbers, in the languages of the bank. For the bank's
//! own people only: who is paid or pays is told nothing of it.

use crate::decision::Finding;
use crate::rule::{RuleId, Skip, Verdict};
use money::{Currency, Money};

db::words! {
    /// A language in which reasons are told.
    Language {
        /// English.
        English = "en",
        /// German.
        German = "de",
        /// Arabic.
        Arabic = "ar",
    }
}

impl Language {
    const fn of(self, texts: [&str; 3]) -> &str {
        match self {
            Self::English => texts[0],
            Self::German => texts[1],
            Self::Arabic => texts[2],
        }
    }
}

/// The sentence; nothing where the rule has nothing to say.
pub fn sentence(finding: &Finding, currency: Currency, language: Language) -> Option<String> {
    let (value, threshold) = match finding.verdict {
        Verdict::Fired { value, threshold, .. } => (value, threshold),
        Verdict::Skipped(Skip::Error) => {
            return Some(fill(language.of(ERROR), finding.rule.word(), "", ""));
        }
        Verdict::NotFired { .. } | Verdict::Skipped(_) => return None,
    };
    let (value, threshold) = numbers(finding.rule, value, threshold, currency);
    Some(fill(language.of(TEXTS[finding.rule.index()]), finding.rule.word(), &value, &threshold))
}

fn fill(text: &str, rule: &str, value: &str, threshold: &str) -> String {
    text.replace("{rule}", rule).replace("{value}", value).replace("{threshold}", threshold)
}

/// As people write the numbers of the rule.
fn numbers(rule: RuleId, value: i64, threshold: i64, currency: Currency) -> (String, String) {
    let money = |minor: i64| format!("{} {}", Money::new(minor, currency).to_decimal(), currency.code());
    let parts = |number: i64, of: i64| format!("{}.{}", number / of, number % of * 10 / of);
    match rule {
        RuleId::L01 | RuleId::L02 | RuleId::F05 => (money(value), money(threshold)),
        RuleId::F01 => (parts(value, 1_000), parts(threshold, 1_000)),
        RuleId::F03 | RuleId::F04 => (parts(value, 100), parts(threshold, 100)),
        _ => (value.to_string(), threshold.to_string()),
    }
}

const ERROR: [&str; 3] = [
    "Rule {rule} could not be evaluated; somebody has to look at it.",
    "Regel {rule} konnte nicht geprüft werden; jemand muss es sich ansehen.",
    "تعذّر تقييم القاعدة {rule}؛ يجب أن يراجعها أحد.",
];

/// In the order of the rules. F08, F10 and F12 never fire as yet.
const TEXTS: [[&str; 3]; RuleId::ALL.len()] = [
    [
        "{value} in one payment; the limit is {threshold}.",
        "{value} in einer Zahlung; das Limit ist {threshold}.",
        "{value} في دفعة واحدة؛ الحد الأقصى {threshold}.",
    ],
    [
        "{value} on one day; the limit is {threshold}.",
        "{value} an einem Tag; das Limit ist {threshold}.",
        "{value} في يوم واحد؛ الحد الأقصى {threshold}.",
    ],
    [
        "{value} payments in one hour; the limit is {threshold}.",
        "{value} Zahlungen in einer Stunde; das Limit ist {threshold}.",
        "{value} دفعات في ساعة واحدة؛ الحد الأقصى {threshold}.",
    ],
    [
        "The amount is {value} standard deviations above this account's habit; from {threshold} on we look at it.",
        "Der Betrag liegt {value} Standardabweichungen über dem Üblichen; ab {threshold} sehen wir es uns an.",
        "المبلغ أعلى من المعتاد لهذا الحساب بمقدار {value} انحرافات معيارية؛ نراجعه ابتداءً من {threshold}.",
    ],
    [
        "{value} payments in one hour; from {threshold} on we look at it.",
        "{value} Zahlungen in einer Stunde; ab {threshold} sehen wir es uns an.",
        "{value} دفعات في ساعة واحدة؛ نراجعها ابتداءً من {threshold}.",
    ],
    [
        "{value} times as many payments in 24 hours as on a usual day; from {threshold} on we look at it.",
        "{value}-mal so viele Zahlungen in 24 Stunden wie an einem üblichen Tag; ab {threshold} sehen wir es uns an.",
        "عدد الدفعات في 24 ساعة {value} أضعاف اليوم المعتاد؛ نراجعها ابتداءً من {threshold}.",
    ],
    [
        "{value} times as much money in 24 hours as on a usual day; from {threshold} on we look at it.",
        "{value}-mal so viel Geld in 24 Stunden wie an einem üblichen Tag; ab {threshold} sehen wir es uns an.",
        "المبلغ في 24 ساعة {value} أضعاف اليوم المعتاد؛ نراجعه ابتداءً من {threshold}.",
    ],
    [
        "{value} to somebody whom this account has not paid before; from {threshold} on we look at it.",
        "{value} an jemanden, den dieses Konto noch nie bezahlt hat; ab {threshold} sehen wir es uns an.",
        "{value} إلى مستفيد لم يدفع له هذا الحساب من قبل؛ نراجعه ابتداءً من {threshold}.",
    ],
    [
        "{value} payments within 48 hours, each just below an amount that is reported; from {threshold} on we look at it.",
        "{value} Zahlungen in 48 Stunden, jede knapp unter einem Betrag, der gemeldet wird; ab {threshold} sehen wir es uns an.",
        "{value} دفعات خلال 48 ساعة، كل منها أقل بقليل من مبلغ يُبلَّغ عنه؛ نراجعها ابتداءً من {threshold}.",
    ],
    [
        "{value} % of what came in within 48 hours leaves at once; from {threshold} % on we look at it.",
        "{value} % dessen, was in 48 Stunden einging, geht sofort wieder; ab {threshold} % sehen wir es uns an.",
        "{value} % مما ورد خلال 48 ساعة يخرج فورًا؛ نراجعه ابتداءً من {threshold} %.",
    ],
    [
        "{value}; from {threshold} on we look at it.",
        "{value}; ab {threshold} sehen wir es uns an.",
        "{value}؛ نراجعه ابتداءً من {threshold}.",
    ],
    [
        "Nothing was paid from this account for {value} days; from {threshold} on we look at it.",
        "Von diesem Konto wurde {value} Tage lang nichts bezahlt; ab {threshold} sehen wir es uns an.",
        "لم يُدفع شيء من هذا الحساب منذ {value} يومًا؛ نراجعه ابتداءً من {threshold}.",
    ],
    [
        "{value}; from {threshold} on we look at it.",
        "{value}; ab {threshold} sehen wir es uns an.",
        "{value}؛ نراجعه ابتداءً من {threshold}.",
    ],
    [
        "At night, when this account paid nothing for {value} days; from {threshold} on we look at it.",
        "In der Nacht, in der dieses Konto {value} Tage lang nichts bezahlt hat; ab {threshold} sehen wir es uns an.",
        "ليلًا، ولم يدفع هذا الحساب شيئًا في الليل منذ {value} يومًا؛ نراجعه ابتداءً من {threshold}.",
    ],
    [
        "{value}; from {threshold} on we look at it.",
        "{value}; ab {threshold} sehen wir es uns an.",
        "{value}؛ نراجعه ابتداءً من {threshold}.",
    ],
    [
        "Payments of {value} other customers to this account were stopped lately; from {threshold} on we look at it.",
        "Zahlungen von {value} anderen Kunden an dieses Konto wurden kürzlich angehalten; ab {threshold} sehen wir es uns an.",
        "أُوقفت مؤخرًا دفعات {value} عملاء آخرين إلى هذا الحساب؛ نراجعه ابتداءً من {threshold}.",
    ],
];

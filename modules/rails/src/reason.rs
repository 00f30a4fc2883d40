//! Why a payment did not arrive or came back: codes of ISO 20022 as they came, the words for the customer, and the codes of
//! the ACH beside them.

/// A code that somebody gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// As it came; codes of ISO 20022 have four characters.
    pub code: String,
    /// Words that came with it, cleaned.
    pub words: Option<String>,
}

/// What is known about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The code.
    pub code: &'static str,
    /// What it is read as; a code may be another one in other words.
    pub text: Option<&'static str>,
    /// Codes of the ACH that say the same; the first is the one we would say.
    pub ach: &'static [&'static str],
    /// Whether a rejection may have it.
    pub rejects: bool,
    /// Whether a return may have it.
    pub returns: bool,
}

/// As many characters of somebody's words are shown.
const WORDS_MAX: usize = 105;
/// What is said where a code is not known.
const NO_REASON: &str = "The payee or their bank declined it.";

const fn known(code: &'static str, text: Option<&'static str>, ach: &'static [&'static str], uses: Uses) -> Known {
    let (rejects, returns) = match uses {
        Uses::Rejects => (true, false),
        Uses::Returns => (false, true),
        Uses::Both => (true, true),
    };
    Known { code, text, ach, rejects, returns }
}

#[derive(Clone, Copy)]
enum Uses {
    Rejects,
    Returns,
    Both,
}

use Uses::{Both, Rejects, Returns};

const NO_ACCOUNT: Option<&str> = Some("The account number does not exist at this bank.");
const CLOSED: Option<&str> = Some("The payee's account is closed.");
const LIMIT: Option<&str> = Some("The amount is above the limit of this network.");
const DUPLICATE: Option<&str> = Some("This payment was already made.");
const UNREACHABLE: Option<&str> = Some("This bank cannot be reached this way.");
const ON_REQUEST: Option<&str> = Some("It was returned on your request.");
const FRAUD: Option<&str> = Some("The payee's bank declined it.");
const SENT_BACK: Option<&str> = Some("The payee's bank sent it back.");
const TOO_LONG: Option<&str> = Some("It took too long; no money moved. Try again.");
const AWAY: Option<&str> = Some("The payee's bank is not available.");
const NOT_SENT: Option<&str> = Some("The payment network was not available; no money moved.");

/// Every code that is known.
pub const KNOWN: [Known; 38] = [
    known("AC01", NO_ACCOUNT, &["R03", "R04"], Both),
    known("AC03", NO_ACCOUNT, &["R03", "R04"], Both),
    known("AC04", CLOSED, &["R02"], Both),
    known("AC07", CLOSED, &["R02"], Both),
    known("AC06", Some("The payee's bank cannot credit this account."), &["R16"], Both),
    known("AC14", Some("This account cannot receive such payments."), &["R20"], Both),
    known("AG01", Some("The payee's account does not take payments of this kind."), &[], Both),
    known("AG09", None, &[], Rejects),
    known("AM02", LIMIT, &[], Rejects),
    known("AM13", LIMIT, &[], Rejects),
    known("AM14", LIMIT, &[], Rejects),
    known("AM04", Some("There was not enough money."), &["R01"], Both),
    known("AM05", DUPLICATE, &["R24"], Both),
    known("DUPL", DUPLICATE, &["R24"], Both),
    known("AM09", Some("The payee's bank sent it back: amount."), &["R17"], Returns),
    known("BE01", Some("Name and account do not belong together."), &["R17"], Both),
    known("CNOR", UNREACHABLE, &["R13"], Rejects),
    known("RC04", UNREACHABLE, &["R13"], Rejects),
    known("FF02", Some("We could not send it; we look into it."), &["R17"], Rejects),
    known("FOCR", ON_REQUEST, &["R06"], Returns),
    known("CUST", ON_REQUEST, &["R06"], Returns),
    known("FRAD", FRAUD, &["R17"], Both),
    known("FR01", FRAUD, &["R17"], Both),
    known("MD07", SENT_BACK, &["R15", "R14"], Returns),
    known("MS02", Some(NO_REASON), &["R23"], Both),
    known("MS03", Some(NO_REASON), &["R23"], Both),
    known("NARR", None, &["R17"], Both),
    known("NOAS", SENT_BACK, &[], Returns),
    known("RR04", Some("It could not be carried out for legal reasons."), &["R16"], Both),
    known("TM01", Some("It came after the network had closed for the day."), &[], Rejects),
    known("AB03", TOO_LONG, &[], Rejects),
    known("AB05", TOO_LONG, &[], Rejects),
    known("AB06", TOO_LONG, &[], Rejects),
    known("DS24", TOO_LONG, &[], Rejects),
    known("AB08", AWAY, &[], Rejects),
    known("AB09", AWAY, &[], Rejects),
    known("ED05", Some("It could not be settled; no money moved."), &[], Rejects),
    known("ED06", NOT_SENT, &[], Rejects),
];

/// What codes of the ACH are read as. One that says several things is read as words.
const FROM_ACH: [(&str, &str); 13] = [
    ("R01", "AM04"),
    ("R02", "AC04"),
    ("R03", "AC03"),
    ("R04", "AC03"),
    ("R06", "FOCR"),
    ("R13", "CNOR"),
    ("R14", "MD07"),
    ("R15", "MD07"),
    ("R16", "AC06"),
    ("R17", "NARR"),
    ("R20", "AC14"),
    ("R23", "MS03"),
    ("R24", "AM05"),
];

impl Reason {
    /// A code without words.
    pub fn of(code: &str) -> Self {
        Self { code: code.to_owned(), words: None }
    }

    /// A code and words of somebody else's, of which control characters and what makes text run backwards are left out.
    pub fn with_words(code: &str, words: &str) -> Self {
        let is_plain = |character: &char| {
            !character.is_control()
                && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        let cleaned: String = words.trim().chars().filter(is_plain).take(WORDS_MAX).collect();
        Self { code: code.to_owned(), words: Some(cleaned).filter(|words| !words.is_empty()) }
    }

    /// What is known about the code.
    pub fn known(&self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| known.code == self.code)
    }

    /// What the customer is told.
    pub fn text(&self) -> &str {
        match (self.code.as_str(), &self.words, self.known()) {
            ("NARR", Some(words), _) => words,
            (_, _, Some(Known { text: Some(text), .. })) => text,
            _ => NO_REASON,
        }
    }

    /// The code of the ACH, where there is one.
    pub fn ach_code(&self) -> Option<&'static str> {
        self.known().and_then(|known| known.ach.first().copied())
    }
}

/// The code of ISO 20022 for one of the ACH, if it is known.
pub fn from_ach(code: &str) -> Option<&'static str> {
    FROM_ACH.iter().find(|(ach, _)| *ach == code).map(|(_, iso)| *iso)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_there_once_and_every_one_of_the_ach_leads_to_one() {
        let mut codes: Vec<&str> = KNOWN.iter().map(|known| known.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), KNOWN.len());
        assert!(KNOWN.iter().all(|known| known.rejects || known.returns));
        for (ach, iso) in FROM_ACH {
            assert!(Reason::of(iso).known().is_some(), "{ach}");
        }
        for known in KNOWN {
            assert!(known.ach.iter().all(|ach| from_ach(ach).is_some()), "{}", known.code);
        }
    }

    #[test]
    fn customers_read_sentences_and_never_a_code() {
        assert_eq!(Reason::of("AC04").text(), "The payee's account is closed.");
        assert_eq!(Reason::of("AC01").text(), Reason::of("AC03").text());
        assert_eq!(Reason::of("ZZ99").text(), Reason::of("MS03").text());
        assert_eq!(Reason::of("NARR").text(), Reason::of("MS03").text());
        assert_eq!(Reason::with_words("NARR", " Wrong \u{202e}year\u{7}\n").text(), "Wrong year");
        assert_eq!(Reason::with_words("AC04", "moved away").text(), "The payee's account is closed.");
        assert_eq!(Reason::with_words("NARR", &"é".repeat(200)).text().chars().count(), 105);
        assert_eq!(Reason::with_words("NARR", "\u{202e}").text(), NO_REASON);
        for known in KNOWN {
            let reason = Reason::of(known.code);
            let text = reason.text();
            assert!(text.ends_with('.') && !text.contains(known.code), "{}", known.code);
        }
    }

    #[test]
    fn codes_of_the_ach_stand_beside() {
        assert_eq!(Reason::of("AC03").ach_code(), Some("R03"));
        assert_eq!(Reason::of("AB08").ach_code(), None);
        assert_eq!(Reason::of("ZZ99").ach_code(), None);
        assert_eq!((from_ach("R02"), from_ach("R99")), (Some("AC04"), None));
    }
}

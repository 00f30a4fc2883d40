//! What news says, in three languages. Amounts stand in the mail, never in its subject.

use super::Piece;

/// A language that the bank writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// Arabic.
    Arabic,
}

/// What happened, in each language; `{}` is the amount.
struct Words {
    kind: &'static str,
    english: &'static str,
    german: &'static str,
    arabic: &'static str,
}

const WORDS: [Words; 9] = [
    Words {
        kind: "accounts.closed",
        english: "An account of yours was closed.",
        german: "Eines Ihrer Konten wurde geschlossen.",
        arabic: "تم إغلاق أحد حساباتك.",
    },
    Words {
        kind: "accounts.frozen",
        english: "An account of yours was frozen.",
        german: "Eines Ihrer Konten wurde gesperrt.",
        arabic: "تم تجميد أحد حساباتك.",
    },
    Words {
        kind: "accounts.overdraft_changed",
        english: "The overdraft limit of an account of yours was changed.",
        german: "Der Dispositionskredit eines Ihrer Konten wurde geändert.",
        arabic: "تم تغيير حد السحب على المكشوف لأحد حساباتك.",
    },
    Words {
        kind: "accounts.unfrozen",
        english: "An account of yours works again.",
        german: "Eines Ihrer Konten ist wieder freigegeben.",
        arabic: "تم رفع التجميد عن أحد حساباتك.",
    },
    Words {
        kind: "payments.transaction_cancelled",
        english: "A payment of {} was cancelled.",
        german: "Eine Zahlung über {} wurde storniert.",
        arabic: "تم إلغاء دفعة بمبلغ {}.",
    },
    Words {
        kind: "payments.transaction_pending",
        english: "A payment of {} to you is pending.",
        german: "Eine Zahlung über {} an Sie ist vorgemerkt.",
        arabic: "هناك دفعة معلقة لصالحك بمبلغ {}.",
    },
    Words {
        kind: "payments.transaction_refunded",
        english: "Of a payment of {}, money was given back.",
        german: "Von einer Zahlung über {} wurde Geld erstattet.",
        arabic: "تم رد مبلغ من دفعة قيمتها {}.",
    },
    Words {
        kind: "payments.transaction_reversed",
        english: "A payment of {} was undone by the bank.",
        german: "Eine Zahlung über {} wurde von der Bank rückgängig gemacht.",
        arabic: "ألغى البنك دفعة بمبلغ {}.",
    },
    Words {
        kind: "payments.transaction_settled",
        english: "You received {}.",
        german: "Sie haben {} erhalten.",
        arabic: "لقد استلمت {}.",
    },
];

/// Whether there are words for a kind.
pub(super) fn is_known(kind: &str) -> bool {
    WORDS.iter().any(|words| words.kind == kind)
}

impl Language {
    const ALL: [Self; 3] = [Self::English, Self::German, Self::Arabic];

    /// The word that is stored and shown (ISO 639).
    pub const fn word(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Arabic => "ar",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.word() == word)
    }

    /// Subject and text of a mail with that news, and so much more.
    pub(super) fn written(self, username: &str, pieces: &[Piece], more: u64) -> (String, String) {
        let lines: Vec<String> = pieces.iter().filter_map(|piece| self.line(piece)).collect();
        let (subject, greeting, summed_up) = match self {
            Self::English => ("News of your accounts", format!("Hello {username},"), format!("And {more} more.")),
            Self::German => {
                ("Neues von Ihren Konten", format!("Guten Tag {username},"), format!("Und {more} weitere."))
            }
            Self::Arabic => ("أخبار حساباتك", format!("مرحبا {username}،"), format!("و {more} أخرى.")),
        };
        let summed_up = if more > 0 { format!("{summed_up}\n\n") } else { String::new() };
        (subject.to_owned(), format!("{greeting}\n\n{}\n\n{summed_up}Florin\n", lines.join("\n")))
    }

    fn line(self, piece: &Piece) -> Option<String> {
        let words = WORDS.iter().find(|words| words.kind == piece.kind)?;
        let text = match self {
            Self::English => words.english,
            Self::German => words.german,
            Self::Arabic => words.arabic,
        };
        let amount = [piece.amount.as_deref(), piece.currency.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        // When it happened stands before it, in UTC and to the minute.
        let at = piece.happened_at.to_string().chars().take(16).collect::<String>().replace('T', " ");
        Some(format!("{at} UTC: {}", text.replace("{}", &amount.join(" "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::WallTime;
    use ids::EventId;

    fn received(amount: &str) -> Piece {
        Piece {
            event_id: EventId::generate(),
            kind: "payments.transaction_settled".to_owned(),
            amount: Some(amount.to_owned()),
            currency: Some("EUR".to_owned()),
            happened_at: WallTime::parse("2026-11-26T12:34:56Z").unwrap(),
        }
    }

    #[test]
    fn each_language_says_it_in_its_words_and_no_subject_has_an_amount() {
        for (language, line) in [
            (Language::English, "2026-11-26 12:34 UTC: You received 12.50 EUR."),
            (Language::German, "2026-11-26 12:34 UTC: Sie haben 12.50 EUR erhalten."),
            (Language::Arabic, "2026-11-26 12:34 UTC: لقد استلمت 12.50 EUR."),
        ] {
            let (subject, body) = language.written("ann", &[received("12.50")], 0);
            assert!(body.contains(line) && body.contains("ann"), "{body}");
            assert!(!subject.contains("12.50"), "{subject}");
            assert_eq!(Language::parse(language.word()), Some(language));
        }
    }

    #[test]
    fn much_news_is_summed_up() {
        let (_, body) = Language::English.written("ann", &[received("1.00"), received("2.00")], 5);
        assert!(body.contains("1.00 EUR") && body.contains("2.00 EUR") && body.contains("And 5 more."), "{body}");
        assert!(!Language::English.written("ann", &[received("1.00")], 0).1.contains("more"));
    }
}

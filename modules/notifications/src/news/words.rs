//! What news says, in three languages. Amounts stand in the mail, never in its subject.

use super::{Language, Piece};
use crate::InEach;

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
    /// Subject and text of a mail with that news, and so much more.
    pub(super) fn written(self, username: &str, pieces: &[Piece], more: u64) -> (String, String) {
        let lines: Vec<String> = pieces.iter().filter_map(|piece| self.line(piece)).collect();
        let subject = InEach::new(["News of your accounts", "Neues von Ihren Konten", "أخبار حساباتك"]).of(self);
        let summed_up = match more {
            0 => String::new(),
            more => InEach::new([
                format!("\n\nAnd {more} more."),
                format!("\n\nUnd {more} weitere."),
                format!("\n\nو {more} أخرى."),
            ])
            .of(self),
        };
        (subject.to_owned(), self.letter(username, &format!("{}{summed_up}", lines.join("\n"))))
    }

    /// What a text says of so many pieces of news.
    pub(super) fn texted(self, pieces: u64) -> String {
        let one = pieces == 1;
        InEach::new([
            if one {
                "Florin: there is news of your accounts. Log in to read it.".to_owned()
            } else {
                format!("Florin: there are {pieces} pieces of news of your accounts. Log in to read them.")
            },
            if one {
                "Florin: Es gibt Neues von Ihren Konten. Melden Sie sich an, um es zu lesen.".to_owned()
            } else {
                format!("Florin: Es gibt {pieces} Neuigkeiten von Ihren Konten. Melden Sie sich an, um sie zu lesen.")
            },
            if one {
                "Florin: هناك خبر جديد عن حساباتك. سجّل الدخول لقراءته.".to_owned()
            } else {
                format!("Florin: عدد الأخبار الجديدة عن حساباتك {pieces}. سجّل الدخول لقراءتها.")
            },
        ])
        .of(self)
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
        }
    }

    #[test]
    fn a_text_says_how_much_news_there_is_and_nothing_of_it() {
        for language in Language::ALL {
            assert!(language.texted(3).contains('3') && !language.texted(1).contains('1'));
            assert!(language.texted(u64::MAX).chars().count() < 160);
        }
    }

    #[test]
    fn much_news_is_summed_up() {
        let (_, body) = Language::English.written("ann", &[received("1.00"), received("2.00")], 5);
        assert!(body.contains("1.00 EUR") && body.contains("2.00 EUR") && body.contains("And 5 more."), "{body}");
        assert!(!Language::English.written("ann", &[received("1.00")], 0).1.contains("more"));
    }
}

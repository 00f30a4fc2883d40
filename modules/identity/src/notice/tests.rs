//! What mails say, in each language.

use super::*;
use crate::Role;

#[test]
fn every_mail_is_written_in_every_language_and_names_what_opens_something_in_each() {
    let notices = [
        (Notice::VerifyEmail { token: "t0ken" }, true),
        (Notice::ResetPassword { token: "t0ken" }, true),
        (Notice::EmailChanged, false),
        (Notice::Changed(Change::password_changed(0)), false),
        (Notice::Changed(Change::password_changed(1)), false),
        (Notice::Changed(Change::password_reset(7)), false),
        (Notice::Changed(Change::role_changed(Role::Teller)), false),
    ];
    for (notice, has_token) in notices {
        let Change { kind, subject, text } = notice.words();
        for language in Language::ALL {
            let (subject, text) = (subject.of(language), text.of(language));
            let alone = text.lines().any(|line| line == "    t0ken");
            assert_eq!(alone, has_token, "{kind} {language:?}: {text}");
            let is_arabic = |text: &str| text.chars().any(|letter| ('\u{600}'..='\u{6ff}').contains(&letter));
            for said in [subject, text.as_str()] {
                assert_eq!(is_arabic(said), language == Language::Arabic, "{kind} {language:?}: {said}");
            }
            let others = Language::ALL.into_iter().filter(|other| *other != language);
            assert!(
                others.map(|other| notice.words().text.of(other)).all(|other| other != text),
                "{kind} {language:?}"
            );
        }
    }
    assert!(Change::password_reset(7).text.of(Language::German).contains('7'));
}

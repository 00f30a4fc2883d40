//! What people are told when something changes by which they, or programs of theirs, get in (ASVS 6.3.7).

use crate::Role;
use notifications::{InEach, Language};

/// What to do when it was somebody else.
const ALARM: [&str; 3] = [
    "If it was not you, reset your password at once and tell the bank.",
    "Wenn Sie es nicht waren, setzen Sie sofort Ihr Passwort zurück und sagen Sie es der Bank.",
    "إن لم تكن أنت من فعل ذلك، فأعد تعيين كلمة مرورك فورا وأبلغ البنك.",
];
/// What it is about.
const ABOUT: [&str; 3] = ["about your login:", "zu Ihrem Zugang:", "بخصوص حسابك لتسجيل الدخول:"];

/// A mail about something that changed, without the greeting.
#[derive(Clone, Debug)]
pub struct Change {
    pub(super) kind: &'static str,
    pub(super) subject: InEach<&'static str>,
    pub(super) text: InEach<String>,
}

/// Passwords and roles; what changes elsewhere is worded there.
impl Change {
    pub(crate) fn password_changed(api_keys: i64) -> Self {
        let subject = ["Your password was changed", "Ihr Passwort wurde geändert", "تم تغيير كلمة مرورك"];
        let what = InEach::new([
            "its password was changed, and its other sessions ended.",
            "das Passwort wurde geändert, und die anderen Sitzungen wurden beendet.",
            "تم تغيير كلمة المرور، وانتهت الجلسات الأخرى.",
        ]);
        let what = what.to_owned().map(|language, what| format!("{what}{}", remaining(api_keys, language)));
        Self::new("password_changed", InEach::new(subject), what)
    }

    pub(crate) fn password_reset(api_keys: i64) -> Self {
        let subject = ["Your password was reset", "Ihr Passwort wurde zurückgesetzt", "تمت إعادة تعيين كلمة مرورك"];
        let what = InEach::new([
            "a new password was chosen, and all sessions ended.",
            "ein neues Passwort wurde gewählt, und alle Sitzungen wurden beendet.",
            "تم اختيار كلمة مرور جديدة، وانتهت جميع الجلسات.",
        ]);
        let what = what.to_owned().map(|language, what| format!("{what}{}", remaining(api_keys, language)));
        Self::new("password_reset", InEach::new(subject), what)
    }

    pub(crate) fn role_changed(role: Role) -> Self {
        let subject =
            ["Your role at the bank was changed", "Ihre Rolle bei der Bank wurde geändert", "تم تغيير دورك في البنك"];
        let role = role.word();
        let what = [
            format!(
                "its role at the bank is {role} from now on. Its sessions and API keys ended, and so did what it let \
                 programs do."
            ),
            format!(
                "die Rolle bei der Bank ist von jetzt an {role}. Sitzungen und API-Schlüssel wurden beendet, ebenso, was \
                 Programmen erlaubt war."
            ),
            format!("دورك في البنك من الآن هو {role}. انتهت الجلسات ومفاتيح API وكل ما سُمح به للبرامج."),
        ];
        Self::new("role_changed", InEach::new(subject), InEach::new(what))
    }
}

impl Change {
    /// About the login: what changed, and what to do when it was somebody else.
    pub fn new(kind: &'static str, subject: InEach<&'static str>, what: InEach<String>) -> Self {
        let (about, alarm) = (InEach::new(ABOUT), InEach::new(ALARM));
        let whole = |language, what| format!("{} {what}\n\n{}", about.of(language), alarm.of(language));
        Self { kind, subject, text: what.map(whole) }
    }

    /// In words of its own.
    pub const fn in_words(kind: &'static str, subject: InEach<&'static str>, text: InEach<String>) -> Self {
        Self { kind, subject, text }
    }

    /// What stands in the list of mails.
    pub fn subject(&self, language: Language) -> &'static str {
        self.subject.of(language)
    }

    /// What it says.
    pub fn text(&self, language: Language) -> String {
        self.text.of(language)
    }
}

/// Programs go on: their keys are not the password.
fn remaining(api_keys: i64, language: Language) -> String {
    let said = match api_keys {
        0 => return String::new(),
        1 => InEach::new([
            "One API key goes on working: revoke it if you do not know it.".to_owned(),
            "Ein API-Schlüssel gilt weiter: widerrufen Sie ihn, wenn Sie ihn nicht kennen.".to_owned(),
            "ما زال مفتاح API واحد يعمل: ألغه إن كنت لا تعرفه.".to_owned(),
        ]),
        many => InEach::new([
            format!("{many} API keys go on working: revoke those that you do not know."),
            format!("{many} API-Schlüssel gelten weiter: widerrufen Sie die, die Sie nicht kennen."),
            format!("ما زالت مفاتيح API تعمل وعددها {many}: ألغ ما لا تعرفه منها."),
        ]),
    };
    format!(" {}", said.of(language))
}

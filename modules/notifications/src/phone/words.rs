//! What is said about telephones, and in texts, in three languages.

use crate::InEach;

/// Something about a number that changed.
pub(super) struct Changed {
    /// As the subject of a mail, and in a text.
    pub(super) subject: InEach<&'static str>,
    /// As a mail, without the greeting.
    pub(super) text: InEach<String>,
}

pub(super) fn code(code: &str) -> InEach<String> {
    InEach::new([
        format!("{code} is your code for Florin. Give it to nobody: the bank never asks for it."),
        format!("{code} ist Ihr Code für Florin. Geben Sie ihn niemandem: die Bank fragt nie danach."),
        format!("{code} هو رمزك في Florin. لا تعطه لأحد، فالبنك لا يطلبه أبدا."),
    ])
}

/// A text about a login.
pub(super) fn notice(said: &str) -> InEach<String> {
    InEach::new([
        format!("Florin: {said}. If it was not you, tell the bank at once."),
        format!("Florin: {said}. Wenn Sie es nicht waren, sagen Sie es sofort der Bank."),
        format!("Florin: {said}. إن لم تكن أنت من فعل ذلك، فأبلغ البنك فورا."),
    ])
}

pub(super) fn changed(last4: &str) -> Changed {
    Changed {
        subject: InEach::new([
            "You are texted at another number",
            "Ihre SMS gehen an eine andere Nummer",
            "تغيّر الرقم الذي تصلك عليه الرسائل",
        ]),
        text: InEach::new([
            format!(
                "texts about your accounts and your login go to the number that ends with {last4} from now on.\n\n\
                 If it was not you, reset your password at once and tell the bank."
            ),
            format!(
                "SMS zu Ihren Konten und Ihrem Zugang gehen von jetzt an die Nummer, die mit {last4} endet.\n\n\
                 Wenn Sie es nicht waren, setzen Sie sofort Ihr Passwort zurück und sagen Sie es der Bank."
            ),
            format!(
                "من الآن تصل الرسائل النصية بشأن حساباتك وتسجيل دخولك إلى الرقم المنتهي بـ {last4}.\n\n\
                 إن لم تكن أنت من فعل ذلك، فأعد تعيين كلمة مرورك فورا وأبلغ البنك."
            ),
        ]),
    }
}

pub(super) fn removed(last4: &str) -> Changed {
    Changed {
        subject: InEach::new(["You get no more texts", "Sie erhalten keine SMS mehr", "لن تصلك رسائل نصية بعد الآن"]),
        text: InEach::new([
            format!(
                "the number that ends with {last4} was taken away from your login: nothing is texted any more.\n\n\
                 If it was not you, reset your password at once and tell the bank."
            ),
            format!(
                "die Nummer, die mit {last4} endet, wurde von Ihrem Zugang entfernt: es kommen keine SMS mehr.\n\n\
                 Wenn Sie es nicht waren, setzen Sie sofort Ihr Passwort zurück und sagen Sie es der Bank."
            ),
            format!(
                "أزيل الرقم المنتهي بـ {last4} من حسابك لتسجيل الدخول، ولن تُرسل رسائل نصية بعد الآن.\n\n\
                 إن لم تكن أنت من فعل ذلك، فأعد تعيين كلمة مرورك فورا وأبلغ البنك."
            ),
        ]),
    }
}

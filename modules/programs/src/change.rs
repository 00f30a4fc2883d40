//! What people are mailed when a program gets in for them, or no longer does.

use identity::{Change, InEach};

pub(crate) fn api_key_made(name: &str) -> Change {
    let subject = ["An API key was made", "Ein API-Schlüssel wurde erstellt", "تم إنشاء مفتاح API"];
    let what = [
        format!("the API key \"{name}\" was made."),
        format!("der API-Schlüssel \"{name}\" wurde erstellt."),
        format!("تم إنشاء مفتاح API باسم \"{name}\"."),
    ];
    Change::new("api_key_made", InEach::new(subject), InEach::new(what))
}

pub(crate) fn api_key_rotated(name: &str) -> Change {
    let subject =
        ["An API key got a new secret", "Ein API-Schlüssel bekam ein neues Geheimnis", "حصل مفتاح API على سر جديد"];
    let what = [
        format!("the API key \"{name}\" got a new secret."),
        format!("der API-Schlüssel \"{name}\" bekam ein neues Geheimnis."),
        format!("حصل مفتاح API باسم \"{name}\" على سر جديد."),
    ];
    Change::new("api_key_rotated", InEach::new(subject), InEach::new(what))
}

pub(crate) fn program_key_changed(name: &str) -> Change {
    let subject = [
        "What an API key signs with was changed",
        "Womit ein API-Schlüssel unterschreibt, wurde geändert",
        "تم تغيير ما يوقّع به مفتاح API",
    ];
    let what = [
        format!("what requests of the API key \"{name}\" are signed with was changed."),
        format!("womit Anfragen des API-Schlüssels \"{name}\" unterschrieben werden, wurde geändert."),
        format!("تم تغيير ما تُوقَّع به طلبات مفتاح API باسم \"{name}\"."),
    ];
    Change::new("signer_key_changed", InEach::new(subject), InEach::new(what))
}

pub(crate) fn client_registered(name: &str) -> Change {
    let subject = ["A client was registered", "Ein Programm wurde angemeldet", "تم تسجيل برنامج"];
    let what = [
        format!("the client \"{name}\" was registered; with its secret, if it has one, it acts for you."),
        format!(
            "das Programm \"{name}\" wurde angemeldet; mit seinem Geheimnis, falls es eines hat, handelt es für Sie."
        ),
        format!("تم تسجيل البرنامج \"{name}\"؛ وهو يتصرف نيابة عنك بسره، إن كان له سر."),
    ];
    Change::new("client_registered", InEach::new(subject), InEach::new(what))
}

pub(crate) fn granted(client: &str) -> Change {
    let subject =
        ["A program may use your accounts", "Ein Programm darf Ihre Konten benutzen", "سُمح لبرنامج باستخدام حساباتك"];
    let what = [
        format!("the program \"{client}\" was allowed to use your accounts."),
        format!("dem Programm \"{client}\" wurde erlaubt, Ihre Konten zu benutzen."),
        format!("سُمح للبرنامج \"{client}\" باستخدام حساباتك."),
    ];
    Change::new("granted", InEach::new(subject), InEach::new(what))
}

pub(crate) fn identity_linked() -> Change {
    let subject = [
        "A login elsewhere opens your accounts",
        "Ein Zugang anderswo öffnet Ihre Konten",
        "تسجيل دخول في مكان آخر يفتح حساباتك",
    ];
    let text = [
        "programs that you log in to with your identity elsewhere can use your accounts from now on.\n\n\
         If you did not ask for this, tell the bank at once.",
        "Programme, bei denen Sie sich mit Ihrer Identität anderswo anmelden, können von jetzt an Ihre Konten benutzen.\n\n\
         Wenn Sie das nicht wollten, sagen Sie es sofort der Bank.",
        "يمكن للبرامج التي تسجل الدخول إليها بهويتك في مكان آخر استخدام حساباتك من الآن.\n\n\
         إن لم تطلب ذلك، فأبلغ البنك فورا.",
    ];
    Change::in_words("identity_linked", InEach::new(subject), InEach::new(text).to_owned())
}

pub(crate) fn identity_unlinked() -> Change {
    let subject = [
        "A login elsewhere no longer opens your accounts",
        "Ein Zugang anderswo öffnet Ihre Konten nicht mehr",
        "تسجيل الدخول في مكان آخر لم يعد يفتح حساباتك",
    ];
    let text = [
        "programs that you log in to with your identity elsewhere can not use your accounts any more.\n\n\
         If you did not ask for this, tell the bank.",
        "Programme, bei denen Sie sich mit Ihrer Identität anderswo anmelden, können Ihre Konten nicht mehr benutzen.\n\n\
         Wenn Sie das nicht wollten, sagen Sie es der Bank.",
        "لم يعد بإمكان البرامج التي تسجل الدخول إليها بهويتك في مكان آخر استخدام حساباتك.\n\n\
         إن لم تطلب ذلك، فأبلغ البنك.",
    ];
    Change::in_words("identity_unlinked", InEach::new(subject), InEach::new(text).to_owned())
}

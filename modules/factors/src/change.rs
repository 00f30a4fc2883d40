//! What people are mailed when a second factor of theirs comes or goes.

use identity::{Change, InEach};

const ADDED: [&str; 3] = ["A second factor was added", "Ein zweiter Faktor kam hinzu", "تمت إضافة عامل تحقق ثان"];
const REMOVED: [&str; 3] =
    ["A second factor was removed", "Ein zweiter Faktor wurde entfernt", "تمت إزالة عامل تحقق ثان"];

pub(crate) fn app_added() -> Change {
    factor(
        ADDED,
        InEach::new([
            "an authenticator app was added.",
            "eine Authentifizierungs-App kam hinzu.",
            "تمت إضافة تطبيق مصادقة.",
        ])
        .to_owned(),
    )
}

pub(crate) fn app_removed() -> Change {
    factor(
        REMOVED,
        InEach::new([
            "its authenticator app was removed.",
            "die Authentifizierungs-App wurde entfernt.",
            "تمت إزالة تطبيق المصادقة.",
        ])
        .to_owned(),
    )
}

pub(crate) fn passkey_added(name: &str) -> Change {
    let what = [
        format!("the passkey \"{name}\" was added."),
        format!("der Passkey \"{name}\" kam hinzu."),
        format!("تمت إضافة مفتاح المرور \"{name}\"."),
    ];
    factor(ADDED, InEach::new(what))
}

pub(crate) fn passkey_removed() -> Change {
    let what = ["a passkey was removed.", "ein Passkey wurde entfernt.", "تمت إزالة مفتاح مرور."];
    factor(REMOVED, InEach::new(what).to_owned())
}

pub(crate) fn factors_reset() -> Change {
    let subject =
        ["Your second factors were removed", "Ihre zweiten Faktoren wurden entfernt", "تمت إزالة عوامل التحقق الثانية"];
    let what = [
        "the bank took every second factor away.",
        "die Bank hat alle zweiten Faktoren entfernt.",
        "أزال البنك جميع عوامل التحقق الثانية.",
    ];
    factor(subject, InEach::new(what).to_owned())
}

pub(crate) fn recovery_codes_replaced() -> Change {
    let subject = [
        "Your recovery codes were made anew",
        "Ihre Wiederherstellungscodes wurden neu erstellt",
        "تم إنشاء رموز الاسترداد من جديد",
    ];
    let what = [
        "new recovery codes were made; the old ones are worth nothing now.",
        "neue Wiederherstellungscodes wurden erstellt; die alten gelten nicht mehr.",
        "تم إنشاء رموز استرداد جديدة؛ ولم تعد القديمة صالحة.",
    ];
    factor(subject, InEach::new(what).to_owned())
}

fn factor(subject: [&'static str; 3], what: InEach<String>) -> Change {
    Change::new("second_factor_changed", InEach::new(subject), what)
}

//! The words of mails that open something, or say that no more come: in each language, lines as long as they like.

use super::Change;
use notifications::InEach;

/// The token stands alone and indented, to be copied.
pub(super) fn verify_email(token: &str) -> Change {
    let subject =
        InEach::new(["Confirm your e-mail address", "Bestätigen Sie Ihre E-Mail-Adresse", "أكّد بريدك الإلكتروني"]);
    let text = InEach::new([
        format!(
            "this address was given for your login. To confirm that it is yours, enter this within a day:\n\n    {token}\n\n\
             If it was not you, there is nothing to do."
        ),
        format!(
            "diese Adresse wurde für Ihren Zugang angegeben. Um zu bestätigen, dass es Ihre ist, geben Sie innerhalb eines \
             Tages dies ein:\n\n    {token}\n\nWenn Sie es nicht waren, brauchen Sie nichts zu tun."
        ),
        format!(
            "تم تقديم هذا العنوان لحسابك لتسجيل الدخول. لتأكيد أنه عنوانك، أدخل الرمز التالي خلال يوم واحد:\n\n    {token}\n\n\
             إن لم تكن أنت من فعل ذلك، فلا يلزمك القيام بأي شيء."
        ),
    ]);
    Change { kind: "verify_email", subject, text }
}

pub(super) fn reset_password(token: &str) -> Change {
    let subject = InEach::new(["Choose a new password", "Wählen Sie ein neues Passwort", "اختر كلمة مرور جديدة"]);
    let text = InEach::new([
        format!(
            "somebody asked for a new password for your login. To choose one, enter this within 30 minutes:\n\n    {token}\n\n\
             If several such mails came, each is good until one is used. Give it to nobody; the bank never asks for it. If it \
             was not you, there is nothing to do: your password stays as it is."
        ),
        format!(
            "für Ihren Zugang wurde ein neues Passwort verlangt. Um eines zu wählen, geben Sie innerhalb von 30 Minuten dies \
             ein:\n\n    {token}\n\nKamen mehrere solche Mails, so gilt jede, bis eine benutzt ist. Geben Sie den Code \
             niemandem; die Bank fragt nie danach. Wenn Sie es nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, \
             wie es ist."
        ),
        format!(
            "طلب شخص ما كلمة مرور جديدة لحسابك. لاختيار كلمة جديدة، أدخل الرمز التالي خلال 30 دقيقة:\n\n    {token}\n\n\
             إن وصلتك عدة رسائل من هذا النوع، فكل رمز صالح إلى أن يُستخدم أحدها. لا تعطه لأحد؛ فالبنك لا يطلبه أبدا. إن لم تكن \
             أنت من طلب ذلك، فلا يلزمك القيام بأي شيء: كلمة مرورك تبقى كما هي."
        ),
    ]);
    Change { kind: "reset_password", subject, text }
}

pub(super) fn email_changed() -> Change {
    let subject = InEach::new([
        "Your e-mail address was changed",
        "Ihre E-Mail-Adresse wurde geändert",
        "تم تغيير بريدك الإلكتروني",
    ]);
    let text = InEach::new([
        "another e-mail address was given for your login; this one gets no more mail.\n\n\
         If it was not you, tell the bank at once.",
        "für Ihren Zugang wurde eine andere E-Mail-Adresse angegeben; an diese kommt keine Mail mehr.\n\n\
         Wenn Sie es nicht waren, sagen Sie es sofort der Bank.",
        "تم تقديم عنوان بريد آخر لحسابك؛ ولن تصل رسائل أخرى إلى هذا العنوان.\n\n\
         إن لم تكن أنت من فعل ذلك، فأبلغ البنك فورا.",
    ]);
    Change { kind: "email_changed", subject, text: text.to_owned() }
}

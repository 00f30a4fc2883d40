//! What people are mailed about their webhooks.

use crate::{Disabled, Webhooks};
use db::{Tx, WallTime};
use identity::{Change, IdentityError, InEach, User};

pub(crate) fn created(url: &str) -> Change {
    let subject = ["A webhook was made", "Ein Webhook wurde erstellt", "تم إنشاء خطاف ويب"];
    Change::new("webhook_created", InEach::new(subject), told(url))
}

pub(crate) fn changed(url: &str) -> Change {
    let subject = ["A webhook was changed", "Ein Webhook wurde geändert", "تم تغيير خطاف ويب"];
    Change::new("webhook_changed", InEach::new(subject), told(url))
}

pub(crate) fn secret_rotated(url: &str) -> Change {
    let subject = ["A webhook got a new secret", "Ein Webhook bekam ein neues Geheimnis", "حصل خطاف ويب على سر جديد"];
    let what = [
        format!("the webhook to\n{url}\ngot a new secret."),
        format!("der Webhook zu\n{url}\nbekam ein neues Geheimnis."),
        format!("حصل خطاف الويب الموجه إلى\n{url}\nعلى سر جديد."),
    ];
    Change::new("webhook_rotated", InEach::new(subject), InEach::new(what))
}

pub(crate) fn disabled(url: &str, why: Disabled) -> Change {
    let subject = ["A webhook is called no more", "Ein Webhook wird nicht mehr aufgerufen", "توقف استدعاء خطاف ويب"];
    let [english, german, arabic] = match why {
        Disabled::Gone => [
            "answered that it is gone (410)",
            "antwortete, dass es ihn nicht mehr gibt (410)",
            "أجاب بأنه لم يعد موجودا (410)",
        ],
        Disabled::Failing => ["has failed for five days", "ist seit fünf Tagen fehlgeschlagen", "فشل منذ خمسة أيام"],
        Disabled::AccessChanged => [
            "was made before the way into your account changed",
            "entstand, bevor sich Ihr Zugang änderte",
            "أُنشئ قبل أن تتغير طريقة دخولك",
        ],
    };
    let text = [
        format!(
            "your webhook to\n{url}\n{english}, and is called no more. What happens is kept for it for 30 days: enable it \
             again when it answers."
        ),
        format!(
            "Ihr Webhook zu\n{url}\n{german} und wird nicht mehr aufgerufen. Was geschieht, wird 30 Tage für ihn aufgehoben: \
             schalten Sie ihn wieder ein, wenn er antwortet."
        ),
        format!(
            "خطاف الويب الموجه إلى\n{url}\n{arabic}، ولن يُستدعى بعد الآن. يُحفظ له ما يحدث مدة 30 يوما: فعّله من جديد عندما \
             يجيب."
        ),
    ];
    Change::in_words("webhook_disabled", InEach::new(subject), InEach::new(text))
}

fn told(url: &str) -> InEach<String> {
    InEach::new([
        format!("what happens is told to\n{url}\nfrom now on."),
        format!("was geschieht, wird von jetzt an\n{url}\nmitgeteilt."),
        format!("من الآن يُبلَّغ ما يحدث إلى\n{url}"),
    ])
}

impl Webhooks {
    /// Mails the change, unless too many mails wait: a full queue stops no webhook.
    pub(crate) async fn mail_in_tx(&self, tx: &Tx, user: &User, change: Change, now: WallTime) -> crate::Result<()> {
        match self.identity.mail_change_in_tx(tx, user, change, now).await {
            Err(IdentityError::Busy) => {
                tracing::warn!(user_id = %user.id, "too many mails wait: a change of a webhook is not mailed");
                Ok(())
            }
            outcome => Ok(outcome?),
        }
    }
}

//! What people are mailed about their webhooks.

use crate::{Disabled, Webhooks};
use db::{Tx, WallTime};
use identity::{Change, IdentityError, User};

pub(crate) fn created(url: &str) -> Change {
    Change::new("webhook_created", "A webhook was made", &format!("what happens is told to\n{url}\nfrom now on."))
}

pub(crate) fn changed(url: &str) -> Change {
    Change::new("webhook_changed", "A webhook was changed", &format!("what happens is told to\n{url}\nfrom now on."))
}

pub(crate) fn secret_rotated(url: &str) -> Change {
    let what = format!("the webhook to\n{url}\ngot a new secret.");
    Change::new("webhook_rotated", "A webhook got a new secret", &what)
}

pub(crate) fn disabled(url: &str, why: Disabled) -> Change {
    let why = match why {
        Disabled::Gone => "answered that it is gone (410)",
        Disabled::Failing => "has failed for five days",
        Disabled::AccessChanged => "was made before the way into your account changed",
    };
    let text = format!(
        "your webhook to\n{url}\n{why}, and is called no more. What happens is kept for it for 30 days:\nenable it again \
         when it answers."
    );
    Change::in_words("webhook_disabled", "A webhook is called no more", &text)
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

//! The telephone at which somebody is texted. A number is theirs once they type the code that was texted to it; until then
//! nothing else goes there.

mod number;
mod store;
mod words;

pub use number::PhoneNumber;

use crate::events::{MessageEvent, about_phone};
use crate::news::store as readers;
use crate::way::Way;
use crate::{InEach, Mail, NotificationsError, Result, Text, enqueue_in_tx, enqueue_text_in_tx};
use db::{Db, DbError, Executor, Tx, WallTime};
use ids::UserId;
use outbox::Act;
use secrets::Secrets;
use store::{Asked, Stored};

/// A code is typed while one looks at the telephone.
const CODE_SECONDS: i64 = 10 * 60;
/// Of a million codes so many are tried at most.
const WRONG_CODES_MAX: i64 = 5;
const HOUR_SECONDS: i64 = 60 * 60;
/// So many codes one person has sent in an hour, and so many one number gets on behalf of anybody: texts cost money, and an
/// inbox that is not theirs is not flooded.
const CODES_MAX: i64 = 5;
/// For so long it is worth saying that a number was changed.
const NOTICE_SECONDS: i64 = 3 * 24 * 60 * 60;
const KIND_OF_CODES: &str = "phone_code";
const KIND_OF_CHANGES: &str = "phone_changed";

/// Whether this bank sends texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texting {
    /// What is queued is delivered.
    On,
    /// Nobody can give a number.
    Off,
}

/// At which number somebody is texted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phone {
    /// The number that is theirs.
    pub number: Option<PhoneNumber>,
    /// The one that waits for its code.
    pub asked: Option<PhoneNumber>,
}

/// At which number somebody is texted.
///
/// # Errors
/// The database failed.
pub async fn show(on: &impl Executor, user: UserId) -> Result<Phone> {
    Ok(store::find(on, user).await?.map(Stored::phone).unwrap_or_default())
}

/// Texts a code to the number. It becomes the person's when they type it; another one stays until then.
///
/// # Errors
/// `TooManyCodes`, `QueueFull`, or the database failed.
pub async fn ask(db: &Db, secrets: &Secrets, user: UserId, number: PhoneNumber, now: WallTime) -> Result<Phone> {
    let tx = db.begin().await?;
    store::make_in_tx(&tx, user, now).await?;
    let stored = store::lock_in_tx(&tx, user).await?.ok_or_else(gone)?;
    let (codes, codes_since) = match stored.codes_since {
        since if now >= since.plus_seconds(HOUR_SECONDS) => (0, now),
        since => (stored.codes, since),
    };
    let to_number = store::count_texted(&tx, number.as_str(), KIND_OF_CODES, now.plus_seconds(-HOUR_SECONDS)).await?;
    if codes >= CODES_MAX || to_number >= CODES_MAX {
        return Err(NotificationsError::TooManyCodes);
    }
    let code = random_code();
    let asked = Asked {
        number: number.clone(),
        sealed_code: secrets.seal_in_tx(&tx, code.as_bytes(), &context(user)).await?,
        code_until: now.plus_seconds(CODE_SECONDS),
        codes: codes + 1,
        codes_since,
    };
    store::ask_in_tx(&tx, user, asked).await?;
    let language = crate::news::language(&tx, user).await?;
    let text = Text {
        user_id: user,
        kind: KIND_OF_CODES,
        number: number.to_string(),
        language,
        text: words::code(&code).of(language),
        useful_until: now.plus_seconds(CODE_SECONDS),
    };
    enqueue_text_in_tx(&tx, secrets, text, now).await?;
    tx.commit().await?;
    Ok(Phone { number: stored.number, asked: Some(number) })
}

/// Takes the code as proof that the number is the person's. They are told at the address and the number that they had before.
///
/// # Errors
/// `WrongCode`, which is counted, or the database failed.
pub async fn confirm(db: &Db, secrets: &Secrets, user: UserId, code: &str, act: Act) -> Result<Phone> {
    let now = act.at;
    let tx = db.begin().await?;
    let stored = store::lock_in_tx(&tx, user).await?.ok_or(NotificationsError::WrongCode)?;
    let waits = stored.code_until.is_some_and(|until| now < until) && stored.wrong_codes < WRONG_CODES_MAX;
    let Some(number) = stored.asked.clone().filter(|_| waits) else { return Err(NotificationsError::WrongCode) };
    let typed: String = code.chars().filter(|character| !character.is_whitespace()).collect();
    let sent = stored.sealed_code.as_deref().and_then(|sealed| secrets.open(sealed, &context(user)));
    if sent.as_deref() != Some(typed.as_bytes()) {
        store::count_wrong_in_tx(&tx, user).await?;
        tx.commit().await?;
        return Err(NotificationsError::WrongCode);
    }
    tx.overwrite_deleted().await?;
    tell_before_in_tx(&tx, secrets, user, &words::changed(number.last4()), now).await?;
    store::confirm_in_tx(&tx, user, now).await?;
    let confirmed = about_phone(user, MessageEvent::PhoneConfirmed, number.last4(), act);
    outbox::append_in_tx(&tx, vec![confirmed]).await?;
    tx.commit().await?;
    Ok(Phone { number: Some(number), asked: None })
}

/// The person is texted no more, nowhere. They are told so once.
///
/// # Errors
/// The database failed.
pub async fn remove(db: &Db, secrets: &Secrets, user: UserId, act: Act) -> Result<()> {
    let tx = db.begin().await?;
    let Some(stored) = store::lock_in_tx(&tx, user).await? else { return Ok(()) };
    tx.overwrite_deleted().await?;
    if let Some(number) = &stored.number {
        tell_before_in_tx(&tx, secrets, user, &words::removed(number.last4()), act.at).await?;
        let removed = about_phone(user, MessageEvent::PhoneRemoved, number.last4(), act);
        outbox::append_in_tx(&tx, vec![removed]).await?;
    }
    // How many codes went out stays known: who takes a number away gets no new ones by it.
    store::clear_in_tx(&tx, user).await?;
    Ok(tx.commit().await?)
}

/// Texts somebody who has shown a number what a mail about their login tells; what `said` is one short sentence. Mails go out
/// whatever becomes of texts.
///
/// # Errors
/// The database failed.
pub async fn text_notice_in_tx(tx: &Tx, secrets: &Secrets, notice: Notice, now: WallTime) -> Result<()> {
    let Notice { user_id, kind, said, useful_until } = notice;
    let Some(reader) = readers::reader_in_tx(tx, user_id, Way::Text).await? else { return Ok(()) };
    let language = reader.language.unwrap_or_default();
    let text = words::notice(said.of(language)).of(language);
    let text = Text { user_id, kind, number: reader.recipient, language, text, useful_until };
    match enqueue_text_in_tx(tx, secrets, text, now).await {
        Err(NotificationsError::QueueFull) => {
            tracing::warn!(kind, "a text was left out: too many wait");
            Ok(())
        }
        outcome => outcome.map(drop),
    }
}

/// What somebody is texted about their login.
#[derive(Clone, Copy, Debug)]
pub struct Notice {
    /// Whom.
    pub user_id: UserId,
    /// What it is for, in one word of letters and underscores.
    pub kind: &'static str,
    /// What happened.
    pub said: InEach<&'static str>,
    /// After this nobody wants to know.
    pub useful_until: WallTime,
}

/// Says by mail, and at the number that is theirs so far, that this changes.
async fn tell_before_in_tx(
    tx: &Tx,
    secrets: &Secrets,
    user: UserId,
    words: &words::Changed,
    now: WallTime,
) -> Result<()> {
    let useful_until = now.plus_seconds(NOTICE_SECONDS);
    if let Some(reader) = readers::reader_in_tx(tx, user, Way::Mail).await? {
        let language = reader.language.unwrap_or_default();
        let mail = Mail {
            user_id: user,
            kind: KIND_OF_CHANGES,
            recipient: reader.recipient,
            language,
            subject: words.subject.of(language).to_owned(),
            body: language.letter(&reader.username, &words.text.of(language)),
            useful_until,
        };
        enqueue_in_tx(tx, secrets, mail, now).await?;
    }
    let notice = Notice { user_id: user, kind: KIND_OF_CHANGES, said: words.subject, useful_until };
    text_notice_in_tx(tx, secrets, notice, now).await
}

/// It was made in the same transaction.
fn gone() -> NotificationsError {
    DbError::Internal("a telephone is gone".to_owned()).into()
}

/// Six digits, each code as likely as any other.
fn random_code() -> String {
    const CODES: u32 = 1_000_000;
    loop {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        let drawn = u32::from_le_bytes(bytes);
        if drawn < u32::MAX - u32::MAX % CODES {
            return format!("{:06}", drawn % CODES);
        }
    }
}

/// Sealed with this, a code is worth nothing for anybody else.
fn context(user: UserId) -> Vec<u8> {
    [b"notifications_phone", &user.uuid().as_bytes()[..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_six_digits() {
        for _ in 0..1_000 {
            let code = random_code();
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        }
    }
}

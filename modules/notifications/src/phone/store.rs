//! The rows of `notifications_phone`.

use super::{Phone, PhoneNumber};
use db::{Executor, Result, Tx, WallTime, columns, params, statements};
use ids::UserId;

columns! {
    /// A telephone as it is stored.
    pub(crate) struct Stored {
        pub(crate) number: Option<PhoneNumber>,
        pub(crate) asked: Option<PhoneNumber>,
        pub(crate) sealed_code: Option<Vec<u8>>,
        pub(crate) code_until: Option<WallTime>,
        pub(crate) wrong_codes: i64,
        pub(crate) codes: i64,
        pub(crate) codes_since: WallTime,
    }
}

/// A number that a code went to.
pub(crate) struct Asked {
    pub(crate) number: PhoneNumber,
    pub(crate) sealed_code: Vec<u8>,
    pub(crate) code_until: WallTime,
    pub(crate) codes: i64,
    pub(crate) codes_since: WallTime,
}

statements! {
    MAKE_PHONE =
        "INSERT INTO notifications_phone (user_id, wrong_codes, codes, codes_since) VALUES ($1, 0, 0, $2)
         ON CONFLICT (user_id) DO NOTHING";
    SELECT_PHONE -> Stored = "SELECT {columns} FROM notifications_phone WHERE user_id = $1";
    LOCK_PHONE -> Stored = "SELECT {columns} FROM notifications_phone WHERE user_id = $1 FOR UPDATE";
    ASK_PHONE =
        "UPDATE notifications_phone
         SET asked = $2, sealed_code = $3, code_until = $4, wrong_codes = 0, codes = $5, codes_since = $6
         WHERE user_id = $1";
    COUNT_WRONG_CODE = "UPDATE notifications_phone SET wrong_codes = wrong_codes + 1 WHERE user_id = $1";
    CONFIRM_PHONE =
        "UPDATE notifications_phone
         SET number = asked, confirmed_at = $2, asked = NULL, sealed_code = NULL, code_until = NULL, wrong_codes = 0
         WHERE user_id = $1";
    CLEAR_PHONE =
        "UPDATE notifications_phone
         SET number = NULL, confirmed_at = NULL, asked = NULL, sealed_code = NULL, code_until = NULL, wrong_codes = 0
         WHERE user_id = $1";
    COUNT_TEXTED -> i64 =
        "SELECT COUNT(*) FROM notifications_mail
         WHERE way = 'SMS' AND recipient = $1 AND kind = $2 AND queued_at > $3";
}

pub(crate) async fn make_in_tx(tx: &Tx, user: UserId, now: WallTime) -> Result<()> {
    tx.execute(&MAKE_PHONE, params![user, now]).await.map(drop)
}

pub(crate) async fn find(on: &impl Executor, user: UserId) -> Result<Option<Stored>> {
    on.query_optional(&SELECT_PHONE, params![user]).await
}

pub(crate) async fn lock_in_tx(tx: &Tx, user: UserId) -> Result<Option<Stored>> {
    tx.query_optional(&LOCK_PHONE, params![user]).await
}

pub(crate) async fn ask_in_tx(tx: &Tx, user: UserId, asked: Asked) -> Result<()> {
    let Asked { number, sealed_code, code_until, codes, codes_since } = asked;
    let row = params![user, number, sealed_code, code_until, codes, codes_since];
    tx.execute(&ASK_PHONE, row).await.map(drop)
}

pub(crate) async fn count_wrong_in_tx(tx: &Tx, user: UserId) -> Result<()> {
    tx.execute(&COUNT_WRONG_CODE, params![user]).await.map(drop)
}

pub(crate) async fn confirm_in_tx(tx: &Tx, user: UserId, now: WallTime) -> Result<()> {
    tx.execute(&CONFIRM_PHONE, params![user, now]).await.map(drop)
}

pub(crate) async fn clear_in_tx(tx: &Tx, user: UserId) -> Result<()> {
    tx.execute(&CLEAR_PHONE, params![user]).await.map(drop)
}

/// How many texts of a kind went to a number since then, to anybody.
pub(crate) async fn count_texted(on: &impl Executor, number: &str, kind: &str, since: WallTime) -> Result<i64> {
    on.query_one(&COUNT_TEXTED, params![number, kind, since]).await
}

impl Stored {
    pub(crate) fn phone(self) -> Phone {
        Phone { number: self.number, asked: self.asked }
    }
}

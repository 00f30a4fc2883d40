//! What a database was made for, remembered in it: a production bank is never served as a sandbox, where money comes out of
//! nothing, and a sandbox with its made-up money and open logins never as a production bank.

use crate::settings::Mode;
use anyhow::bail;
use db::Db;

/// Under this name the database remembers it.
const MARK: &str = "made_for";

/// Refuses a database that was made for the other mode; one that remembers none is for this mode from now on.
pub(crate) async fn claim(db: &Db, mode: Mode) -> anyhow::Result<()> {
    compare(&db::mark_once(db, MARK, word(mode)).await?, mode)
}

/// Refuses a database that was made for the other mode, and changes nothing.
pub(crate) async fn require(db: &Db, mode: Mode) -> anyhow::Result<()> {
    db::mark(db, MARK).await?.map_or(Ok(()), |made_for| compare(&made_for, mode))
}

fn compare(made_for: &str, mode: Mode) -> anyhow::Result<()> {
    match mode {
        _ if made_for == word(mode) => Ok(()),
        Mode::Sandbox => bail!(
            "this database is a production bank's, and FLORIN_MODE is sandbox, where anybody can make money: set \
             FLORIN_MODE=production, or name another database"
        ),
        Mode::Production => bail!(
            "this database is a sandbox's, whose money and logins may be made up, and FLORIN_MODE is production: start \
             production on a database of its own, or set FLORIN_MODE=sandbox"
        ),
    }
}

const fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Sandbox => "sandbox",
        Mode::Production => "production",
    }
}

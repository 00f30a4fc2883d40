//! What a database was made for, remembered in it: a production bank is never served as a sandbox, where money comes out of
//! nothing, and a sandbox with its made-up money and open logins never as a production bank. Whoever did what they came
//! for claims it, so that nothing that failed decides it; and while nobody and no account is there, it may change.

use crate::output;
use crate::settings::Mode;
use anyhow::bail;
use db::Db;
use std::time::Duration;

/// Under this name the database remembers it.
const MARK: &str = "made_for";
/// What it remembers once it was given up: marks are not deleted.
const NOBODYS: &str = "nobody";
/// How often, and after which pauses, others are looked for.
const COMPANY_LOOKS: u32 = 10;
const COMPANY_PAUSE: Duration = Duration::from_millis(200);

/// Refuses a database that was made for the other mode. One in which there is nobody and nothing is given up.
pub(crate) async fn require(db: &Db, mode: Mode) -> anyhow::Result<()> {
    if let Some(given_up) = check(db, mode).await? {
        db::exchange_mark(db, MARK, &given_up, NOBODYS).await?;
    }
    Ok(())
}

/// The same, and changes nothing; gives what the database was made for if that may be given up.
pub(crate) async fn check(db: &Db, mode: Mode) -> anyhow::Result<Option<String>> {
    let Some(made_for) = db::mark(db, MARK).await?.filter(|made_for| made_for != NOBODYS) else { return Ok(None) };
    if made_for == word(mode) {
        return Ok(None);
    }
    if !is_unused(db).await? {
        return refuse(mode, "");
    }
    // They would go on in their own mode, whatever stands here.
    if is_in_company_for_long(db).await? {
        return refuse(mode, "; nobody is in it, but other programs have it open: stop them, and it can change");
    }
    Ok(Some(made_for))
}

/// From now on the database is for this mode; says whether it was for none before.
pub(crate) async fn claim(db: &Db, mode: Mode) -> anyhow::Result<bool> {
    let is_new = match db::mark(db, MARK).await? {
        Some(made_for) if made_for == NOBODYS => db::exchange_mark(db, MARK, NOBODYS, word(mode)).await?,
        Some(_) => false,
        None => true,
    };
    // Of two processes that begin at once one is the first.
    if db::mark_once(db, MARK, word(mode)).await? == word(mode) { Ok(is_new) } else { refuse(mode, "") }
}

/// The end of a command that has done what it was for.
pub(crate) async fn claim_and_tell(db: &Db, mode: Mode) -> anyhow::Result<()> {
    if claim(db, mode).await? {
        tell(mode);
    }
    Ok(())
}

/// Says what the database is from now on.
pub(crate) fn tell(mode: Mode) {
    let whose = match mode {
        Mode::Sandbox => "a sandbox's",
        Mode::Production => "a production bank's",
    };
    output::report(format_args!("This database is {whose} from now on.\n"));
}

/// Whether there is nobody and no account, so that it matters to nobody what it is; an older one has to be migrated first.
async fn is_unused(db: &Db) -> anyhow::Result<bool> {
    Ok(db::pending_migrations(db, &schema::migrations()).await? == 0
        && !identity::is_anybody_there(db).await?
        && accounts::list(db, None, None, 1).await?.is_empty())
}

/// A process that has just ended leaves its sessions for a moment.
async fn is_in_company_for_long(db: &Db) -> db::Result<bool> {
    for _ in 0..COMPANY_LOOKS {
        if !db::is_in_company(db).await? {
            return Ok(false);
        }
        tokio::time::sleep(COMPANY_PAUSE).await;
    }
    Ok(true)
}

fn refuse<T>(mode: Mode, but: &str) -> anyhow::Result<T> {
    match mode {
        Mode::Sandbox => bail!(
            "this database is a production bank's, and FLORIN_MODE is sandbox, where anybody can make money: set \
             FLORIN_MODE=production, or name another database{but}"
        ),
        Mode::Production => bail!(
            "this database is a sandbox's, whose money and logins may be made up, and FLORIN_MODE is production: start \
             production on a database of its own, or set FLORIN_MODE=sandbox{but}"
        ),
    }
}

const fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Sandbox => "sandbox",
        Mode::Production => "production",
    }
}

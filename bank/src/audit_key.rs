//! Whether the key that signs the audit log is the one that the database knows: a log whose key changes without a word would be
//! anybody's. A lost key is never silently made anew.

use crate::output;
use crate::settings::Checked;
use anyhow::{Context as _, bail, ensure};
use audit::{Audit, MARK};
use db::Db;

/// Under this name a database has what the newest key said when it was put in the place of another.
pub(crate) const REPLACED: &str = "audit_key_replaced";

const ANOTHER: &str = "is not the key that signs the audit log of this database: bring its own back from where it is kept \
                       (docs/backup.md), or go on with this one (florin keys replace-audit) and tell those who check the log";
const MISSING: &str = "which signs the audit log of this database: bring it back from where it is kept (docs/backup.md), or go \
                       on with a new one (florin keys replace-audit) and tell those who check the log";

/// The log of a bank that is reached at the URL. Refuses to go on without the database's own key; one is made for the first
/// log.
pub(crate) async fn open(settings: &Checked, db: &Db, public_url: &str) -> anyhow::Result<Audit> {
    let key = require(settings, db).await?;
    let origin = audit::origin(public_url);
    Audit::open(db, crate::machine_clock::reader(), &origin, &key).await.context("the audit log cannot be opened")
}

async fn require(settings: &Checked, db: &Db) -> anyhow::Result<[u8; secrets::KEY_BYTES]> {
    let path = &settings.audit_key_file;
    let known = db::mark(db, MARK).await?;
    let key = match (&known, secrets::load_key(path)?) {
        (_, Some(key)) => key,
        (None, None) => secrets::load_or_create_key(path)?,
        (Some(_), None) => bail!("FLORIN_AUDIT_KEY_FILE: there is no key at {}, {MISSING}", path.display()),
    };
    // Two processes that begin at once must share it too.
    let known = db::mark_once(db, MARK, &audit::fingerprint(&key)).await?;
    ensure!(known == audit::fingerprint(&key), "{} {ANOTHER}", path.display());
    Ok(key)
}

/// The command for whom the key is lost, or old: the one in the file, made when absent, is the database's from now on.
pub(crate) async fn replace(settings: &Checked) -> anyhow::Result<()> {
    let db = crate::database::open_existing(settings).await?;
    let key = secrets::load_or_create_key(&settings.audit_key_file)?;
    // While servers go on signing with the one before, `verify` knows by this that it was no stranger's.
    if let Some(said) = audit::replacement(&db, &key, crate::machine_clock::now()).await? {
        db::replace_mark(&db, REPLACED, &said).await?;
    }
    db::replace_mark(&db, MARK, &audit::fingerprint(&key)).await?;
    output::report(format_args!(
        "{} signs the audit log of this database from the next start on. Restart all servers, and tell those who check the log.\n",
        settings.audit_key_file.display()
    ));
    crate::purpose::claim_and_tell(&db, settings.mode).await
}

//! Whether the secrets key is the one that the database was begun with: what it sealed, no other opens. A lost key is never
//! silently made anew.

use crate::output;
use crate::settings::Checked;
use anyhow::{bail, ensure};
use db::Db;
use secrets::Secrets;

/// Under this name the database remembers the fingerprint of its key.
const MARK: &str = "secrets_key";

/// Refuses to go on without the database's own key. Where nothing was ever sealed, one is made.
pub(crate) async fn require(settings: &Checked, db: &Db) -> anyhow::Result<()> {
    let path = &settings.secrets_key_file;
    let found = Secrets::load(path)?;
    let Some(known) = db::mark(db, MARK).await? else { return claim(settings, db, found).await };
    match found {
        Some(secrets) if secrets.fingerprint() == known => Ok(()),
        Some(_) => bail!("{} {}", path.display(), ANOTHER),
        None => bail!("FLORIN_SECRETS_KEY_FILE: there is no key at {}, {}", path.display(), MISSING),
    }
}

const ANOTHER: &str = "is not the secrets key of this database, which seals authenticator apps and mails that wait: bring its \
                       own key back from where it is kept (docs/backup.md)";
const MISSING: &str = "and this database has been used with one, which seals authenticator apps and mails that wait: bring \
                       it back from where it is kept (docs/backup.md)";

/// A database that remembers no key is new, or older than this rule: then the key has to open what is sealed there.
async fn claim(settings: &Checked, db: &Db, found: Option<Secrets>) -> anyhow::Result<()> {
    let path = &settings.secrets_key_file;
    // A key that ends with this call opens nothing, and so tells whether there is anything to open.
    let tried = found.clone().unwrap_or_else(Secrets::generate);
    let opened = [factors::opens_apps(db, &tried).await?, notifications::opens_waiting(db, &tried).await?];
    if opened.contains(&Some(false)) && !opened.contains(&Some(true)) {
        match found {
            Some(_) => bail!("{} {}", path.display(), ANOTHER),
            None => bail!("FLORIN_SECRETS_KEY_FILE: there is no key at {}, {}", path.display(), MISSING),
        }
    }
    let secrets = found.map_or_else(|| Secrets::load_or_create(path), Ok)?;
    let known = db::mark_once(db, MARK, &secrets.fingerprint()).await?;
    // Two processes that begin at once must share it too.
    ensure!(known == secrets.fingerprint(), "{} {}", path.display(), ANOTHER);
    Ok(())
}

/// The command for whom the key is lost: the one in the file, made when absent, is the database's from now on.
pub(crate) async fn replace(settings: &Checked) -> anyhow::Result<()> {
    let db = crate::serve::open_database(settings).await?;
    let secrets = Secrets::load_or_create(&settings.secrets_key_file)?;
    db::replace_mark(&db, MARK, &secrets.fingerprint()).await?;
    output::report(format_args!(
        "{} is the secrets key of this database from now on. What another one sealed stays closed: whoever has an \
         authenticator app needs `florin admin reset-mfa`, and mails that wait are given up.\n",
        settings.secrets_key_file.display()
    ));
    Ok(())
}

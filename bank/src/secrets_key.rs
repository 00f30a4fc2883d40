//! Whether the secrets key is the one that the database was begun with: what it sealed, no other opens. A lost key is never
//! silently made anew, and who serves with one that was replaced meanwhile stops.

use crate::output;
use crate::settings::Checked;
use anyhow::{bail, ensure};
use db::Db;
use factors::UnopenedApps;
use secrets::Secrets;
use std::time::Duration;

const MARK: &str = Secrets::MARK;
/// How often those who serve look whether their key is still the database's.
const LOOK_PERIOD: Duration = Duration::from_secs(1);

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

/// Ends when another key was made the database's own. Nothing is sealed with the old one from that moment on (see
/// [`Secrets::seal_in_tx`]); whoever has it stops, because it opens nothing that others seal.
pub(crate) async fn replaced(db: Db, secrets: Secrets) {
    let own = secrets.fingerprint();
    loop {
        match db::mark(&db, MARK).await {
            Ok(known) if known.as_ref().is_some_and(|known| *known != own) => return,
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "whether the secrets key was replaced is asked again"),
        }
        tokio::time::sleep(LOOK_PERIOD).await;
    }
}

/// What a server says that stops because its key was replaced.
pub(crate) const REPLACED: &str = "the secrets key of this database was replaced (florin keys replace-secrets) while this \
                                   server had the old one: it has stopped; start it again with the new key";

/// The command for whom the key is lost: the one in the file, made when absent, is the database's from now on.
pub(crate) async fn replace(settings: &Checked) -> anyhow::Result<()> {
    let db = crate::database::open_existing(settings).await?;
    let secrets = Secrets::load_or_create(&settings.secrets_key_file)?;
    db::replace_mark(&db, MARK, &secrets.fingerprint()).await?;
    let UnopenedApps { with_another_factor, alone } = factors::count_unopened_apps(&db, &secrets).await?;
    output::report(format_args!(
        "{} is the secrets key of this database from now on. What another one sealed stays closed. Mails that wait are given \
         up. People whose authenticator app counts for nothing any more: {}. Of them {with_another_factor} have a passkey or \
         recovery codes: they log in with those and set the app up again. {alone} have nothing else, and need `florin admin \
         reset-mfa`.\n",
        settings.secrets_key_file.display(),
        with_another_factor + alone,
    ));
    crate::purpose::claim_and_tell(&db, settings.mode).await
}

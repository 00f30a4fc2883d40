//! The data folder: it and what is in it are for one user, whatever the umask is. What is looser is mended where that harms
//! nobody. Keys that others could read are left for whoever loads them to refuse: they may be known by now.

use anyhow::{Context as _, bail, ensure};
use rustix::fs::Mode;
use std::fs::{DirBuilder, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

const OWNER_ONLY_FOLDER: u32 = 0o700;
const ANYONE_ELSE: u32 = 0o077;
const STICKY: u32 = 0o1000;
/// Folders within folders that are looked at: signing keys and mails are one deep.
const DEPTH_MAX: usize = 3;
/// What shows that a folder is a bank's.
const OURS: [&str; 6] = ["florin.db", "florin.db.lock", "secrets.key", "audit.key", "signing-keys", "mail"];
const KEY_ENDINGS: [&str; 2] = ["key", "pem"];

/// From now on nobody else can read the files that this process makes, unless it says so.
pub(crate) fn keep_files_private() {
    rustix::process::umask(Mode::from_raw_mode(ANYONE_ELSE));
}

/// Makes the folder, or takes from others what they may do with it and with what is in it.
pub(crate) fn make_private(folder: &Path, secrets_key: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(OWNER_ONLY_FOLDER)
        .create(folder)
        .with_context(|| format!("FLORIN_DATA_DIR: cannot make {}", folder.display()))?;
    let mode = mode_of(folder)?;
    if mode & ANYONE_ELSE != 0 {
        ensure!(
            is_ours(folder)? && mode & STICKY == 0,
            "FLORIN_DATA_DIR: others may use {} (mode {mode:o}), and it is not Florin's alone: give Florin a folder of its \
             own (chmod 700)",
            folder.display()
        );
        tighten(folder)?;
        tracing::warn!(path = %folder.display(), "others could use the data folder; it is private from now on");
    }
    tighten_content(folder, secrets_key, DEPTH_MAX)
}

/// A folder with nothing of ours and something of others is not ours to close.
fn is_ours(folder: &Path) -> anyhow::Result<bool> {
    if OURS.iter().any(|name| folder.join(name).symlink_metadata().is_ok()) {
        return Ok(true);
    }
    Ok(entries(folder)?.next().is_none())
}

fn tighten_content(folder: &Path, secrets_key: &Path, depth: usize) -> anyhow::Result<()> {
    for entry in entries(folder)? {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let (path, kind) = (entry.path(), entry.file_type());
        let Some(kind) = gone_is_fine(kind, &path)? else { continue };
        if kind.is_dir() {
            tighten(&path)?;
            if depth > 1 {
                tighten_content(&path, secrets_key, depth - 1)?;
            }
        } else if kind.is_file() && path != secrets_key && !is_key(&path) {
            tighten(&path)?;
        }
    }
    Ok(())
}

fn is_key(path: &Path) -> bool {
    path.extension().is_some_and(|ending| KEY_ENDINGS.iter().any(|key| ending == *key))
}

/// Looks at the opened file, not at the path: it cannot be exchanged in between. Links are not followed.
fn tighten(path: &Path) -> anyhow::Result<()> {
    if gone_is_fine(path.symlink_metadata(), path)?
        .is_none_or(|metadata| metadata.permissions().mode() & ANYONE_ELSE == 0)
    {
        return Ok(());
    }
    let flags = (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits();
    let opened = File::options().read(true).custom_flags(flags.cast_signed()).open(path);
    let Some(opened) = gone_is_fine(opened, path)? else { return Ok(()) };
    let mode = opened.metadata()?.permissions().mode() & 0o7777;
    if mode & ANYONE_ELSE == 0 {
        return Ok(());
    }
    if let Err(error) = opened.set_permissions(Permissions::from_mode(mode & !ANYONE_ELSE)) {
        bail!("others may use {} (mode {mode:o}), and chmod failed: {error}", path.display());
    }
    // Within a folder that was private it harmed nobody, and is no matter for everybody who leaves a file there.
    tracing::debug!(path = %path.display(), "private from now on");
    Ok(())
}

fn mode_of(path: &Path) -> anyhow::Result<u32> {
    let metadata = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
    Ok(metadata.permissions().mode() & 0o7777)
}

fn entries(folder: &Path) -> anyhow::Result<std::fs::ReadDir> {
    folder.read_dir().with_context(|| format!("FLORIN_DATA_DIR: cannot read {}", folder.display()))
}

/// Beside a server that runs, files come and go.
fn gone_is_fine<T>(outcome: std::io::Result<T>, path: &Path) -> anyhow::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot open {}", path.display())),
    }
}

/// Whether there are signing keys in the folder; what cannot be read is left for whoever reads them to complain about.
pub(crate) fn has_signing_keys(folder: &Path) -> bool {
    if folder.with_file_name(identity::EARLIER_TOKEN_KEY_FILE).exists() {
        return true;
    }
    let is_key = |path: &Path| path.extension().is_some_and(|ending| ending == "pem");
    match folder.read_dir() {
        Ok(mut entries) => entries.any(|entry| entry.is_ok_and(|entry| is_key(&entry.path()))),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

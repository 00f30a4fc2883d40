//! Delivery into a folder, for trying out: one `.eml` file (RFC 5322) per mail, readable for its owner only.

use crate::CourierError;
use crate::message::Message;
use ids::MailId;
use notifications::Outcome;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The folder keeps the newest of them.
const FILES_MAX: usize = 1_000;

#[derive(Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn open(path: PathBuf) -> Result<Self, CourierError> {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.map_err(|error| CourierError::Folder(format!("{}: {error}", path.display())))?;
        Ok(Self(path))
    }

    pub(crate) async fn deliver(&self, id: MailId, message: Message) -> Outcome {
        let folder = self.0.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, id, &message.bytes)).await;
        match written {
            Ok(Ok(path)) => {
                tracing::info!(path = %path.display(), "a mail was written");
                Outcome::Sent
            }
            Ok(Err(error)) => Outcome::Failed(error.to_string()),
            Err(_) => Outcome::Failed("the writing was interrupted".to_owned()),
        }
    }
}

/// The file is there whole or not at all; names are in the order of time.
fn write(folder: &Path, id: MailId, content: &[u8]) -> io::Result<PathBuf> {
    let (path, unfinished) = (folder.join(format!("{id}.eml")), folder.join(format!("{id}.unfinished")));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, &path)?;
    remove_oldest(folder)?;
    Ok(path)
}

fn remove_oldest(folder: &Path) -> io::Result<()> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    names.sort_unstable();
    let excess = names.len().saturating_sub(FILES_MAX);
    // Another mail's delivery may have been faster.
    names.iter().take(excess).for_each(|path| drop(std::fs::remove_file(path)));
    Ok(())
}

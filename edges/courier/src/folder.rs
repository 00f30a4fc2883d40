//! Delivery into a folder, for trying out: one file for each message, `.eml` (RFC 5322) or `.txt`, readable for its owner only.

use crate::CourierError;
use ids::MailId;
use notifications::Outcome;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

/// The folder keeps the newest of them.
const FILES_MAX: usize = 1_000;

#[derive(Clone)]
pub(crate) struct Folder {
    path: PathBuf,
    extension: &'static str,
}

impl Folder {
    pub(crate) fn open(path: PathBuf, extension: &'static str) -> Result<Self, CourierError> {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.map_err(|error| CourierError::Folder(format!("{}: {error}", path.display())))?;
        Ok(Self { path, extension })
    }

    pub(crate) async fn deliver(&self, id: MailId, content: Vec<u8>) -> Outcome {
        let folder = self.clone();
        let written = tokio::task::spawn_blocking(move || folder.write(id, &content)).await;
        match written {
            Ok(Ok(path)) => {
                tracing::info!(path = %path.display(), "a message was written");
                Outcome::Sent
            }
            Ok(Err(error)) => Outcome::Failed(error.to_string()),
            Err(_) => Outcome::Failed("the writing was interrupted".to_owned()),
        }
    }

    /// The file is there whole or not at all; names are in the order of time.
    fn write(&self, id: MailId, content: &[u8]) -> io::Result<PathBuf> {
        let (path, unfinished) =
            (self.path.join(format!("{id}.{}", self.extension)), self.path.join(format!("{id}.unfinished")));
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &path)?;
        self.remove_oldest()?;
        Ok(path)
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(&self.path)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == self.extension))
            .collect();
        names.sort_unstable();
        let excess = names.len().saturating_sub(FILES_MAX);
        // Another message's delivery may have been faster.
        names.iter().take(excess).for_each(|path| drop(std::fs::remove_file(path)));
        Ok(())
    }
}

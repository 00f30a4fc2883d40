//! A folder that goes when its owner goes.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static MADE: AtomicU32 = AtomicU32::new(0);

/// A fresh, empty folder, removed with everything in it at the end.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes it among the temporary files.
    ///
    /// # Panics
    /// When it cannot be made: the story cannot go on.
    pub fn fresh() -> Self {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("florin_story_{}_{number}", std::process::id()));
        std::fs::create_dir(&path).expect("the temporary folder takes a new folder");
        Self(path)
    }

    /// One that nobody else can look into: a data folder.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn private() -> Self {
        let folder = Self::fresh();
        let only_us = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&folder.0, only_us).expect("a folder of ours can be closed");
        folder
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file in it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        std::fs::write(&path, text).expect("a fresh folder takes files");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

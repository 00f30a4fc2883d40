//! A vault in a folder: a file for each key. A file comes into being under its name whole and on the disk, or not at all, and whoever
//! comes second leaves it as it is. It is honest about what a folder is: who owns it can delete files, which `florin verify` then names.

use crate::{Put, Result, VaultError, is_key};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// What is being written has a name that no key has.
const PART: &str = ".part-";

/// A vault in a folder.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The vault at `file:FOLDER`. It is looked at when something is stored in it or read.
    ///
    /// # Errors
    /// [`VaultError::Url`].
    pub fn at(url: &str) -> Result<Self> {
        let path = url.strip_prefix("file:").filter(|path| !path.is_empty());
        let path = path.ok_or_else(|| VaultError::Url(url.to_owned()))?;
        Ok(Self { root: PathBuf::from(path) })
    }

    /// Makes the folder if there is none, and takes away what was being written when somebody was killed. What is whole stays.
    ///
    /// # Errors
    /// It cannot be made or read.
    pub fn prepare(&self, folders: &[&str]) -> Result<()> {
        for folder in folders {
            let path = self.make(folder)?;
            for entry in fs::read_dir(&path).map_err(of(&path))? {
                let entry = entry.map_err(of(&path))?;
                if entry.file_name().to_str().is_some_and(|name| name.starts_with(PART)) {
                    // Another process may write just now: it sees that its file is gone, and tries again.
                    fs::remove_file(entry.path()).or_else(gone_is_well).map_err(of(&entry.path()))?;
                }
            }
        }
        Ok(())
    }

    /// Stores the bytes under the key, if there is nothing.
    ///
    /// # Errors
    /// The folder failed: then nothing is stored, or all of it.
    pub fn put(&self, key: &str, bytes: &[u8]) -> Result<Put> {
        let path = self.path(key)?;
        if let Some(there) = self.compare(&path, bytes)? {
            return Ok(there);
        }
        let (folder, _) = key.rsplit_once('/').unwrap_or_default();
        let folder = self.make(folder)?;
        let part = folder.join(format!("{PART}{}", random_name()));
        let linked = write(&part, bytes).and_then(|()| {
            fail::fail_point!("vault::written");
            fs::hard_link(&part, &path)
        });
        fail::fail_point!("vault::linked");
        fs::remove_file(&part).or_else(gone_is_well).map_err(of(&part))?;
        match linked {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let there = self.compare(&path, bytes)?;
                return Ok(there.unwrap_or(Put::AlreadyThere { is_same: false }));
            }
            Err(error) => return Err(of(&path)(error)),
        }
        sync(&folder)?;
        Ok(Put::Stored)
    }

    /// What is stored under the key, if it is not longer than so many bytes.
    ///
    /// # Errors
    /// The folder failed, or it is longer.
    pub fn get(&self, key: &str, bytes_max: u64) -> Result<Option<Vec<u8>>> {
        let path = self.path(key)?;
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(of(&path)(error)),
        };
        let mut bytes = Vec::new();
        file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes).map_err(of(&path))?;
        let is_longer = u64::try_from(bytes.len()).unwrap_or(u64::MAX) > bytes_max;
        if is_longer { Err(VaultError::TooLong(key.to_owned())) } else { Ok(Some(bytes)) }
    }

    /// The names in a folder of the vault, in their order; none where there is no folder.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn list(&self, folder: &str) -> Result<Vec<String>> {
        let path = self.path(folder)?;
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(of(&path)(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(of(&path))?.file_name().to_string_lossy().into_owned();
            if !name.starts_with(PART) {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// What is to be said of bytes that are there already; on the disk before anybody relies on them.
    fn compare(&self, path: &Path, bytes: &[u8]) -> Result<Option<Put>> {
        let length = match fs::metadata(path) {
            Ok(about) => about.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(of(path)(error)),
        };
        // Whoever linked it may have been killed before the folder was on the disk.
        path.parent().map_or(Ok(()), sync)?;
        let is_same = u64::try_from(bytes.len()) == Ok(length) && fs::read(path).map_err(of(path))? == bytes;
        Ok(Some(Put::AlreadyThere { is_same }))
    }

    fn path(&self, key: &str) -> Result<PathBuf> {
        if is_key(key) { Ok(self.root.join(key)) } else { Err(VaultError::Key(key.to_owned())) }
    }

    /// The folder, and those above it, for this user only.
    fn make(&self, folder: &str) -> Result<PathBuf> {
        let path = self.root.join(folder);
        if !path.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(of(&path))?;
            let mut above = Some(path.as_path());
            while let Some(made) = above.filter(|above| above.starts_with(&self.root)) {
                made.parent().filter(|parent| parent.is_dir()).map_or(Ok(()), sync)?;
                above = made.parent();
            }
        }
        Ok(path)
    }
}

impl audit::verify::Vault for Folder {
    fn get(&self, key: &str, bytes_max: u64) -> std::result::Result<Option<Vec<u8>>, String> {
        Self::get(self, key, bytes_max).map_err(|error| error.to_string())
    }
}

/// Writes a file that nobody changes, to the disk.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(of(folder))
}

fn of(path: &Path) -> impl FnOnce(io::Error) -> VaultError {
    let path = path.to_owned();
    |error| VaultError::Folder { path, error }
}

fn gone_is_well(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn random_name() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

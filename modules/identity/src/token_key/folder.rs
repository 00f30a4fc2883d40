//! The folder of the token keys: `0001.pem`, `0002.pem`, …, each a PKCS#8 PEM file (RFC 8410) that only its owner can
//! read. Processes on one database share it. Which keys stand is decided in `ring.rs`. Unix only, for its permissions.

use super::{TokenKey, failed};
use crate::Result;
use db::WallTime;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use ed25519_dalek::pkcs8::KeypairBytes;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

const FILE_BYTES_MAX: u64 = 16 * 1024;
const OWNER_ONLY: u32 = 0o600;
const OWNER_ONLY_FOLDER: u32 = 0o700;
const ANYONE_ELSE: u32 = 0o077;
/// More keys than somebody makes who rotates every minute.
const KEYS_MAX: usize = 64;
/// How often a new key tries the next number when another process takes the one that it wanted.
const ATTEMPTS_MAX: u32 = 16;
/// Where there was only one key it lay beside the folder, under this name; it is taken over when the folder is opened.
pub const EARLIER_FILE: &str = "signing-key.pem";

/// The folder.
pub(crate) struct KeyFolder(PathBuf);

/// A key as it lies there.
pub(crate) struct StoredKey {
    pub(crate) number: u32,
    /// The time of the file, which is set when it is made.
    pub(crate) made_at: WallTime,
    pub(crate) key: TokenKey,
}

impl KeyFolder {
    /// Opens the folder; makes it, and the first key, when there is none.
    pub(crate) fn open(path: &Path, now: WallTime) -> Result<Self> {
        let folder = Self(path.to_owned());
        let made = DirBuilder::new().recursive(true).mode(OWNER_ONLY_FOLDER).create(path);
        made.and_then(|()| folder.ensure_first(now)).map_err(|error| failed(path, error))?;
        Ok(folder)
    }

    /// All keys, the newest first.
    pub(crate) fn read(&self) -> Result<Vec<StoredKey>> {
        let numbers = self.numbers().map_err(|error| failed(&self.0, error))?;
        let keys = numbers.into_iter().take(KEYS_MAX).filter_map(|number| match self.read_key(number) {
            // Another process has just pruned it.
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            outcome => Some(outcome.map_err(|error| failed(&self.file(number), error))),
        });
        let keys = keys.collect::<Result<Vec<_>>>()?;
        if keys.is_empty() { Err(failed(&self.0, "has no key in it")) } else { Ok(keys) }
    }

    /// Makes a key newer than all others.
    pub(crate) fn add(&self, now: WallTime) -> Result<()> {
        let added = || -> io::Result<()> {
            for _ in 0..ATTEMPTS_MAX {
                let newest = self.numbers()?.first().copied().unwrap_or_default();
                match self.create(newest + 1, now) {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                    outcome => return outcome,
                }
            }
            Err(io::Error::other("too many processes make keys at once"))
        };
        added().map_err(|error| failed(&self.0, error))
    }

    /// Removes a key; it may be gone already.
    pub(crate) fn remove(&self, number: u32) -> Result<()> {
        let removed = std::fs::remove_file(self.file(number));
        removed.or_else(|error| ignore(error, ErrorKind::NotFound)).map_err(|error| failed(&self.file(number), error))
    }

    /// Of several processes that start together one makes the first key, or takes over the earlier one, and the others
    /// use it.
    fn ensure_first(&self, now: WallTime) -> io::Result<()> {
        if !self.numbers()?.is_empty() {
            return Ok(());
        }
        let earlier = self.0.with_file_name(EARLIER_FILE);
        match std::fs::hard_link(&earlier, self.file(1)) {
            Ok(()) => {
                self.sync()?;
                std::fs::remove_file(earlier).or_else(|error| ignore(error, ErrorKind::NotFound))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.create(1, now).or_else(|error| ignore(error, ErrorKind::AlreadyExists))
            }
            Err(error) => ignore(error, ErrorKind::AlreadyExists),
        }
    }

    /// The numbers of the keys, the newest first. Other files are nobody's business.
    fn numbers(&self) -> io::Result<Vec<u32>> {
        let mut numbers: Vec<u32> = Vec::new();
        for entry in std::fs::read_dir(&self.0)? {
            let name = entry?.file_name();
            let number =
                name.to_str().and_then(|name| name.strip_suffix(".pem")).and_then(|stem| stem.parse::<u32>().ok());
            numbers.extend(number);
        }
        numbers.sort_unstable_by(|one, other| other.cmp(one));
        Ok(numbers)
    }

    fn file(&self, number: u32) -> PathBuf {
        self.0.join(format!("{number:04}.pem"))
    }

    fn read_key(&self, number: u32) -> io::Result<StoredKey> {
        let (pem, made_at) = read_private(&self.file(number))?;
        let key = TokenKey::from_pem(&pem).ok_or_else(|| io::Error::other("is no Ed25519 key in PKCS#8 PEM"))?;
        Ok(StoredKey { number, made_at, key })
    }

    /// Writes the key beside its place, then links it there: it is there whole or not at all, and never replaces one.
    fn create(&self, number: u32, now: WallTime) -> io::Result<()> {
        let temporary = self.0.join(format!("{}.tmp", crate::random_token()));
        let written = write_private(&temporary, new_pem()?.as_bytes(), now);
        let linked = written.and_then(|()| std::fs::hard_link(&temporary, self.file(number)));
        std::fs::remove_file(&temporary).or_else(|error| ignore(error, ErrorKind::NotFound))?;
        linked?;
        self.sync()
    }

    /// The names themselves must survive a power cut, or the next start would sign with another key.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()
    }
}

/// Looks at the opened file, not at the path: it cannot be exchanged in between.
fn read_private(path: &Path) -> io::Result<(String, WallTime)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("is no file"));
    }
    if metadata.permissions().mode() & ANYONE_ELSE != 0 {
        return Err(io::Error::other("others can read it; make it private with chmod 600"));
    }
    let since_epoch = metadata.modified()?.duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
    let made_at = i64::try_from(since_epoch.as_micros()).map_err(io::Error::other)?;
    let mut pem = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut pem)?;
    Ok((pem, WallTime::from_unix_micros(made_at)))
}

fn write_private(path: &Path, content: &[u8], now: WallTime) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(OWNER_ONLY).open(path)?;
    file.write_all(content)?;
    let since_epoch = u64::try_from(now.unix_micros()).map_err(io::Error::other)?;
    file.set_modified(UNIX_EPOCH + Duration::from_micros(since_epoch))?;
    file.sync_all()
}

/// Without the public key inside, which not every tool can read.
fn new_pem() -> io::Result<impl std::ops::Deref<Target = String>> {
    let mut secret_key = [0; 32];
    getrandom::fill(&mut secret_key).map_err(io::Error::other)?;
    KeypairBytes { secret_key, public_key: None }.to_pkcs8_pem(LineEnding::LF).map_err(io::Error::other)
}

fn ignore(error: io::Error, kind: ErrorKind) -> io::Result<()> {
    if error.kind() == kind { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IdentityError;

    const NOW: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    struct Place(PathBuf);

    impl Place {
        fn create() -> Self {
            let place = std::env::temp_dir().join(format!("florin_key_{}", crate::random_token()));
            std::fs::create_dir(&place).unwrap();
            Self(place)
        }

        fn folder(&self) -> PathBuf {
            self.0.join("signing-keys")
        }

        fn key_ids(&self) -> Vec<String> {
            let keys = KeyFolder::open(&self.folder(), NOW).unwrap().read().unwrap();
            keys.into_iter().map(|stored| stored.key.public.key_id).collect()
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    fn reason<T>(outcome: Result<T>) -> String {
        match outcome {
            Err(IdentityError::KeyFile { path, reason }) => format!("{} {reason}", path.display()),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it was accepted"),
        }
    }

    #[test]
    fn a_missing_key_is_made_private_and_found_again() {
        let place = Place::create();
        let made = place.key_ids();
        assert_eq!((made.len(), made[0].len()), (1, 16));
        assert_eq!(place.key_ids(), made);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&place.folder()), mode(&place.folder().join("0001.pem"))), (0o700, 0o600));
        let files = std::fs::read_dir(place.folder()).unwrap().count();
        assert_eq!(files, 1, "nothing temporary is left");
    }

    #[test]
    fn the_one_key_of_earlier_versions_is_taken_over() {
        let place = Place::create();
        let earlier = place.0.join(EARLIER_FILE);
        write_private(&earlier, new_pem().unwrap().as_bytes(), NOW).unwrap();
        let key_id = TokenKey::from_pem(&std::fs::read_to_string(&earlier).unwrap()).unwrap().public.key_id;
        assert_eq!(place.key_ids(), [key_id]);
        assert!(!earlier.exists(), "there is one copy of a secret");
    }

    #[test]
    fn a_key_that_is_added_comes_first_and_one_that_is_removed_is_gone() {
        let place = Place::create();
        let first = place.key_ids();
        let folder = KeyFolder::open(&place.folder(), NOW).unwrap();
        folder.add(NOW.plus_seconds(60)).unwrap();
        let keys = folder.read().unwrap();
        assert_eq!(keys.iter().map(|stored| stored.number).collect::<Vec<_>>(), [2, 1]);
        assert_eq!((keys[0].made_at, keys[1].made_at), (NOW.plus_seconds(60), NOW));
        assert_eq!(keys[1].key.public.key_id, first[0]);
        folder.remove(1).unwrap();
        folder.remove(1).expect("a second time changes nothing");
        assert_eq!(folder.read().unwrap().len(), 1);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let place = Place::create();
        place.key_ids();
        let folder = KeyFolder::open(&place.folder(), NOW).unwrap();
        for mode in [0o640, 0o604, 0o666] {
            std::fs::set_permissions(folder.file(1), std::fs::Permissions::from_mode(mode)).unwrap();
            let told = reason(folder.read());
            assert!(told.contains("others can read it") && told.contains("0001.pem"), "{told}");
        }
    }

    #[test]
    fn another_text_is_no_key_and_is_left_alone() {
        let place = Place::create();
        place.key_ids();
        let folder = KeyFolder::open(&place.folder(), NOW).unwrap();
        write_private(&folder.file(2), b"not a key", NOW).unwrap();
        assert!(reason(folder.read()).contains("no Ed25519 key"));
        assert_eq!(std::fs::read_to_string(folder.file(2)).unwrap(), "not a key");
    }

    #[test]
    fn processes_that_start_together_agree_on_one_key_and_those_that_rotate_together_make_their_own() {
        let place = Place::create();
        let together = |work: &(dyn Fn() + Sync)| {
            std::thread::scope(|scope| drop((0..8).map(|_| scope.spawn(work)).collect::<Vec<_>>()));
        };
        together(&|| drop(place.key_ids()));
        assert_eq!(place.key_ids().len(), 1);
        together(&|| KeyFolder::open(&place.folder(), NOW).unwrap().add(NOW).unwrap());
        let key_ids: std::collections::HashSet<_> = place.key_ids().into_iter().collect();
        assert_eq!(key_ids.len(), 9);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_that_names_the_path() {
        let place = Place::create();
        std::fs::write(place.folder(), "a file").unwrap();
        assert!(reason(KeyFolder::open(&place.folder(), NOW)).contains("signing-keys"));
    }
}

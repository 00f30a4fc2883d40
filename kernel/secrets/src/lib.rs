//! The key that encrypts what has to be stored and read again, and so cannot be hashed: secrets of authenticator apps,
//! mails that wait. It lives in a file of its own, not in the database: a stolen dump opens nothing. Unix only.
//! The same key makes what has to be made again alike and guessed by nobody. The database remembers which key is its own
//! ([`Secrets::MARK`]), and nothing is sealed for it with another one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use db::{DbError, Tx};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How long a key is.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const FILE_BYTES_MAX: u64 = 1024;
const OWNER_ONLY: u32 = 0o600;
const ANYONE_ELSE: u32 = 0o077;
const REPLACED: &str = "another secrets key was made this database's own";

/// The file of the key is unusable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}", path = path.display())]
pub struct SecretsError {
    /// Where it is, or was to be made.
    pub path: PathBuf,
    /// What is wrong.
    pub reason: String,
}

/// Encrypts and decrypts with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), whose nonces may be random; derives with
/// HMAC-SHA-256 (RFC 2104). Cloning shares it.
#[derive(Clone)]
pub struct Secrets(Arc<Uses>);

struct Uses {
    cipher: XChaCha20Poly1305,
    derivation: Hmac<Sha256>,
}

impl Secrets {
    /// Under this name a database remembers the fingerprint of its key.
    pub const MARK: &str = "secrets_key";

    /// Reads the file, or makes it when there is none. Processes on one database share it.
    ///
    /// # Errors
    /// The file holds no key, others can read it, or it cannot be made.
    pub fn load_or_create(path: &Path) -> Result<Self, SecretsError> {
        load_or_create_key(path).map(Self::of)
    }

    /// Reads the file; `None` when there is none.
    ///
    /// # Errors
    /// The file holds no key, or others can read it.
    pub fn load(path: &Path) -> Result<Option<Self>, SecretsError> {
        Ok(load_key(path)?.map(Self::of))
    }

    /// By what the key is recognised again: nobody finds the key with it.
    pub fn fingerprint(&self) -> String {
        STANDARD.encode(self.derive("fingerprint of the key", &[]))
    }

    /// With a key that ends with the process: what it seals, no other can open.
    pub fn generate() -> Self {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).expect("the operating system gives random bytes");
        Self::of(key)
    }

    fn of(key: [u8; KEY_BYTES]) -> Self {
        let derivation = Hmac::new_from_slice(&key).expect("HMAC takes keys of any length");
        Self(Arc::new(Uses { cipher: XChaCha20Poly1305::new(&key.into()), derivation }))
    }

    /// 32 bytes for this purpose and these bytes, always the same, which tell nothing about the key or each other.
    pub fn derive(&self, purpose: &str, from: &[u8]) -> [u8; 32] {
        let mut mac = self.0.derivation.clone();
        // No purpose has a zero byte in it, so no two of them can be shifted into each other.
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(from);
        mac.finalize().into_bytes().into()
    }

    /// The nonce and the encrypted secret, to be stored in this transaction. Only with the same context it can be opened
    /// again: moved to another row it is worth nothing. The key stays the database's until the transaction ends, so that
    /// nothing is stored that nobody can open any more.
    ///
    /// # Errors
    /// `Unavailable` when another key was made the database's own, or the database failed.
    pub async fn seal_in_tx(&self, tx: &Tx, secret: &[u8], context: &[u8]) -> db::Result<Vec<u8>> {
        match db::hold_mark_in_tx(tx, Self::MARK).await? {
            Some(own) if own != self.fingerprint() => Err(DbError::Unavailable(REPLACED.to_owned())),
            _ => Ok(self.seal(secret, context)),
        }
    }

    fn seal(&self, secret: &[u8], context: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).expect("the operating system gives random bytes");
        let payload = Payload { msg: secret, aad: context };
        let sealed = self.0.cipher.encrypt(&XNonce::from(nonce), payload).expect("a secret is shorter than 256 GiB");
        [&nonce[..], &sealed].concat()
    }

    /// The secret again; `None` when key or context are others, or the bytes were changed.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.0.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context }).ok()
    }
}

/// The bytes of the key in a file; `None` when there is none.
///
/// # Errors
/// The file holds no key, or others can read it.
pub fn load_key(path: &Path) -> Result<Option<[u8; KEY_BYTES]>, SecretsError> {
    let text = match read_private(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        outcome => outcome.map_err(|error| failed(path, error.to_string()))?,
    };
    let key = STANDARD.decode(text.trim()).ok().and_then(|key| <[u8; KEY_BYTES]>::try_from(key).ok());
    let key = key.ok_or_else(|| failed(path, "is not a key of 32 bytes in base64".to_owned()))?;
    Ok(Some(key))
}

/// The bytes of the key in a file, which is made when there is none. Processes on one database share it.
///
/// # Errors
/// The file holds no key, others can read it, or it cannot be made.
pub fn load_or_create_key(path: &Path) -> Result<[u8; KEY_BYTES], SecretsError> {
    if let Some(known) = load_key(path)? {
        return Ok(known);
    }
    create(path).map_err(|error| failed(path, error.to_string()))?;
    load_key(path)?.ok_or_else(|| failed(path, "is gone again".to_owned()))
}

fn failed(path: &Path, reason: String) -> SecretsError {
    SecretsError { path: path.to_owned(), reason }
}

impl std::fmt::Debug for Secrets {
    /// Without the key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secrets")
    }
}

/// Looks at the opened file, not at the path: it cannot be exchanged in between.
fn read_private(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("is no file"));
    }
    if metadata.permissions().mode() & ANYONE_ELSE != 0 {
        return Err(io::Error::other("others can read it; make it private with chmod 600"));
    }
    let mut text = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// Writes a new key beside the path, then links it into place: of several processes that start together one wins, and
/// the others use its key.
fn create(path: &Path) -> io::Result<()> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let temporary = path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().simple()));
    let written = write_private(&temporary, format!("{}\n", STANDARD.encode(key)).as_bytes());
    let linked = written.and_then(|()| std::fs::hard_link(&temporary, path));
    std::fs::remove_file(&temporary).or_else(|error| ignore(error, ErrorKind::NotFound))?;
    linked.or_else(|error| ignore(error, ErrorKind::AlreadyExists))?;
    // The name itself must survive a power cut, or what the key has sealed is lost.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(OWNER_ONLY).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn ignore(error: io::Error, kind: ErrorKind) -> io::Result<()> {
    if error.kind() == kind { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn create() -> Self {
            let folder = std::env::temp_dir().join(format!("florin_secrets_{}", uuid::Uuid::new_v4()));
            std::fs::create_dir(&folder).unwrap();
            Self(folder)
        }

        fn key(&self) -> PathBuf {
            self.0.join("secrets.key")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn a_secret_is_opened_by_the_same_key_and_context_and_by_no_other() {
        let (folder, elsewhere) = (Folder::create(), Folder::create());
        let sealed = Secrets::load_or_create(&folder.key()).unwrap().seal(b"secret", b"ann");
        let same = Secrets::load_or_create(&folder.key()).unwrap();
        assert_eq!(same.open(&sealed, b"ann").as_deref(), Some(&b"secret"[..]));
        assert_eq!(same.open(&sealed, b"bob"), None);
        assert_eq!(Secrets::load_or_create(&elsewhere.key()).unwrap().open(&sealed, b"ann"), None);
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(same.open(&changed, b"ann"), None);
        }
        assert_eq!(same.open(&sealed[..10], b"ann"), None);
    }

    #[test]
    fn a_key_is_known_by_its_fingerprint_and_is_not_made_by_who_only_reads() {
        let (folder, elsewhere) = (Folder::create(), Folder::create());
        assert!(Secrets::load(&folder.key()).unwrap().is_none());
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
        let made = Secrets::load_or_create(&folder.key()).unwrap().fingerprint();
        assert_eq!(Secrets::load(&folder.key()).unwrap().unwrap().fingerprint(), made);
        assert_ne!(Secrets::load_or_create(&elsewhere.key()).unwrap().fingerprint(), made);
    }

    #[test]
    fn what_is_derived_is_the_same_again_and_another_for_another_key_purpose_or_text() {
        let (folder, elsewhere) = (Folder::create(), Folder::create());
        let derive = |folder: &Folder, purpose: &str, from: &[u8]| {
            Secrets::load_or_create(&folder.key()).unwrap().derive(purpose, from)
        };
        let derived = derive(&folder, "purpose", b"text");
        assert_eq!(derived, derive(&folder, "purpose", b"text"));
        for other in [
            derive(&elsewhere, "purpose", b"text"),
            derive(&folder, "purposet", b"ext"),
            derive(&folder, "other", b"text"),
            derive(&folder, "purpose", b"texts"),
        ] {
            assert_ne!(derived, other);
        }
    }

    #[test]
    fn the_file_is_private_and_one_that_is_not_is_refused() {
        let folder = Folder::create();
        Secrets::load_or_create(&folder.key()).unwrap();
        let mode = std::fs::metadata(folder.key()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1, "nothing temporary is left");
        std::fs::set_permissions(folder.key(), std::fs::Permissions::from_mode(0o644)).unwrap();
        let Err(error) = Secrets::load_or_create(&folder.key()) else { panic!("others can read it") };
        assert!(error.to_string().contains("others can read it"), "{error}");
    }

    #[test]
    fn another_text_is_no_key_and_is_left_alone() {
        let folder = Folder::create();
        write_private(&folder.key(), b"not a key").unwrap();
        assert!(Secrets::load_or_create(&folder.key()).is_err());
        assert_eq!(std::fs::read_to_string(folder.key()).unwrap(), "not a key");
    }
}

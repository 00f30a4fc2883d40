//! The Ed25519 key that signs access tokens: a PKCS#8 PEM file (RFC 8410) that only its owner can read.
//! Where several processes share one database they share this file too. Unix only, for its permissions.

use crate::{AuthError, Result};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

const FILE_BYTES_MAX: u64 = 16 * 1024;
const OWNER_ONLY: u32 = 0o600;
const ANYONE_ELSE: u32 = 0o077;

/// The key in the forms that signing and verifying take.
pub(crate) struct SigningKey {
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    /// The first 16 hexadecimal digits of the public key's SHA-256.
    pub(crate) key_id: String,
}

impl SigningKey {
    /// Reads the file, or makes it when there is none.
    pub(crate) fn load_or_create(path: &Path) -> Result<Self> {
        let failed = |reason: String| AuthError::KeyFile { path: path.to_owned(), reason };
        let pem = match read_private(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create(path).and_then(|()| read_private(path)).map_err(|error| failed(error.to_string()))?
            }
            outcome => outcome.map_err(|error| failed(error.to_string()))?,
        };
        Self::from_pem(&pem).ok_or_else(|| failed("is no Ed25519 key in PKCS#8 PEM".to_owned()))
    }

    fn from_pem(pem: &str) -> Option<Self> {
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(pem).ok()?;
        let document = key.to_pkcs8_der().ok()?;
        let public_key = key.verifying_key().to_bytes();
        let digest = Sha256::digest(public_key);
        Some(Self {
            encoding: EncodingKey::from_ed_der(document.as_bytes()),
            decoding: DecodingKey::from_ed_der(&public_key),
            key_id: digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
        })
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
    let mut pem = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut pem)?;
    Ok(pem)
}

/// Writes a new key beside the path, then links it into place: the file is there whole or not at all, and of several
/// processes that start together one wins and the others use its key. A rename would replace the winner's.
fn create(path: &Path) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", crate::random_token()));
    let written = write_private(&temporary, new_pem()?.as_bytes());
    let linked = written.and_then(|()| std::fs::hard_link(&temporary, path));
    std::fs::remove_file(&temporary).or_else(|error| ignore(error, ErrorKind::NotFound))?;
    linked.or_else(|error| ignore(error, ErrorKind::AlreadyExists))?;
    // The name itself must survive a power cut, or the next start would sign with another key.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(OWNER_ONLY).open(path)?;
    file.write_all(content)?;
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
    use std::path::PathBuf;

    struct Folder(PathBuf);

    impl Folder {
        fn create() -> Self {
            let folder = std::env::temp_dir().join(format!("florin_key_{}", crate::random_token()));
            std::fs::create_dir(&folder).unwrap();
            Self(folder)
        }

        fn key(&self) -> PathBuf {
            self.0.join("signing-key.pem")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    fn reason(outcome: Result<SigningKey>) -> String {
        match outcome {
            Err(AuthError::KeyFile { reason, .. }) => reason,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("the key was accepted"),
        }
    }

    #[test]
    fn a_missing_key_is_made_private_and_found_again() {
        let folder = Folder::create();
        let made = SigningKey::load_or_create(&folder.key()).unwrap();
        let found = SigningKey::load_or_create(&folder.key()).unwrap();
        assert_eq!(made.key_id, found.key_id);
        assert_eq!(made.key_id.len(), 16);
        let mode = std::fs::metadata(folder.key()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let files = std::fs::read_dir(&folder.0).unwrap().count();
        assert_eq!(files, 1, "nothing temporary is left");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = Folder::create();
        SigningKey::load_or_create(&folder.key()).unwrap();
        for mode in [0o640, 0o604, 0o666] {
            std::fs::set_permissions(folder.key(), std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(reason(SigningKey::load_or_create(&folder.key())).contains("others can read it"));
        }
    }

    #[test]
    fn another_text_is_no_key_and_is_left_alone() {
        let folder = Folder::create();
        write_private(&folder.key(), b"not a key").unwrap();
        assert!(reason(SigningKey::load_or_create(&folder.key())).contains("no Ed25519 key"));
        assert_eq!(std::fs::read_to_string(folder.key()).unwrap(), "not a key");
    }

    #[test]
    fn processes_that_start_together_agree_on_one_key() {
        let folder = Folder::create();
        let start = || SigningKey::load_or_create(&folder.key()).unwrap().key_id;
        let key_ids = std::thread::scope(|scope| {
            let starting: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starting.into_iter().map(|process| process.join().unwrap()).collect::<std::collections::HashSet<_>>()
        });
        assert_eq!(key_ids.len(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_path() {
        let path = Folder::create().key();
        let Err(error) = SigningKey::load_or_create(&path) else { panic!("there is no folder") };
        assert!(error.to_string().contains("signing-key.pem"));
    }
}

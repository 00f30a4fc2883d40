//! Certificates and keys out of PEM files. A key that others could have read is not taken.

use super::TlsError;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Far more than any chain of certificates.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Reading by the group is how a service is given a key that root keeps.
const TOO_OPEN: u32 = 0o037;

pub(super) fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    File::open(path).and_then(contents).map_err(failed(path))
}

/// Looks at the opened file, not at the path: it cannot be exchanged in between.
pub(super) fn read_private(path: &Path) -> Result<Vec<u8>, TlsError> {
    let private = |file: File| {
        if file.metadata()?.permissions().mode() & TOO_OPEN != 0 {
            return Err(io::Error::other("others can read or change this key; make it private with chmod 600"));
        }
        contents(file)
    };
    File::open(path).and_then(private).map_err(failed(path))
}

pub(super) fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(failed(path)(io::Error::other("there is no certificate in this file"))),
        Err(error) => Err(failed(path)(io::Error::other(error))),
    }
}

pub(super) fn key(path: &Path, pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    // What exactly does not parse could say something about the key.
    let no_key = || failed(path)(io::Error::other("there is no private key in this file"));
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| no_key())
}

fn contents(file: File) -> io::Result<Vec<u8>> {
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("is no file"));
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> TlsError {
    move |cause| TlsError::File { path: path.to_owned(), cause }
}

//! The trusted issuer as it is on the network: its document (OpenID Connect Discovery) and its keys, fetched when they are
//! due. Which keys and tokens count is decided elsewhere.

mod address;
mod document;
mod fetch;

pub use address::{AddressError, IssuerUrl, Plain};
pub use http_client::OpenError;

use document::Document;
use fetch::Fetcher;
use programs::Programs;
use std::path::Path;
use std::sync::Arc;

/// More than any of these documents has; both are read into memory.
const DOCUMENT_BYTES_MAX: usize = 128 * 1024;
const KEYS_BYTES_MAX: usize = 256 * 1024;

/// Why the keys could not be fetched this time.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// The connection could not be made, or broke.
    #[error("{0}")]
    Connection(String),
    /// Something else than a document came: a redirect too, which is never followed.
    #[error("the answer has status {0}")]
    Status(u16),
    /// It would not end.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The document is not as it must be.
    #[error("the issuer's document {0}")]
    Document(String),
}

/// The way to an issuer's keys.
pub struct IssuerClient {
    issuer: IssuerUrl,
    fetcher: Fetcher,
}

impl IssuerClient {
    /// Trusts the authorities in the file, or those of the system.
    ///
    /// # Errors
    /// There are none.
    pub fn open(issuer: IssuerUrl, authorities: Option<&Path>) -> Result<Self, OpenError> {
        let fetcher = Fetcher::open(&issuer, authorities)?;
        Ok(Self { issuer, fetcher })
    }

    /// The key set that the issuer publishes now, as text.
    ///
    /// # Errors
    /// The issuer is away, or answers with something else.
    pub async fn fetch(&self) -> Result<String, FetchError> {
        let document = self.fetcher.get(self.issuer.discovery(), DOCUMENT_BYTES_MAX).await?;
        let keys = Document::parse(&document)?.keys_of(&self.issuer)?;
        self.fetcher.get(&keys, KEYS_BYTES_MAX).await
    }
}

/// Keeps what is known of the trusted issuer's keys fresh, for as long as the process lives; without a trusted issuer
/// there is nothing to do.
pub async fn keep_keys_fresh(programs: Arc<Programs>, client: IssuerClient) {
    let Some(keys) = programs.issuer_keys() else { return };
    loop {
        keys.due().await;
        match client.fetch().await {
            Ok(key_set) => match keys.learn(&key_set) {
                Ok(0) => tracing::warn!("the trusted issuer publishes no key that could verify a token"),
                Ok(count) => tracing::debug!(count, "the keys of the trusted issuer were fetched"),
                Err(error) => tracing::warn!(%error, "the keys of the trusted issuer are not understood"),
            },
            Err(error) => {
                tracing::warn!(%error, "the keys of the trusted issuer will be fetched later");
                keys.missed();
            }
        }
    }
}

//! The keys of the trusted issuer, which are kept fresh beside the requests.

use openid_edge::IssuerClient;
use programs::Programs;
use std::sync::Arc;

/// Fetches the issuer's keys for as long as the process lives.
pub(crate) fn start_fetching(programs: &Arc<Programs>, client: Option<IssuerClient>) {
    if let Some(client) = client {
        tokio::spawn(openid_edge::keep_keys_fresh(Arc::clone(programs), client));
    }
}

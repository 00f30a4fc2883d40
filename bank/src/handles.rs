//! How many files the process may have open, which connections are too: raised as far as it may be, and shared out so that
//! clients never take what the database, certificates, mails and logs need.

use anyhow::ensure;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// However many files there may be: each connection costs memory too.
pub(crate) const CONNECTIONS_MAX: usize = 10_000;
/// For everything but connections of clients: up to 24 to PostgreSQL or a few to SQLite, 64 of those who run the bank, Redis,
/// mail, the issuer, listeners, files of certificates and keys, logs, and what the runtime needs.
const RESERVE: u64 = 128;
/// With less nobody would get anywhere.
const HANDLES_MIN: u64 = 192;

/// Raises the limit, and says how many clients may be connected.
///
/// # Errors
/// So few files may be open that the bank could not work.
pub(crate) fn connections_max() -> anyhow::Result<usize> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    // Where that is forbidden, what there is has to do.
    let handles = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    connections_within(handles)
}

/// No limit is `None`.
fn connections_within(handles: Option<u64>) -> anyhow::Result<usize> {
    let Some(handles) = handles else { return Ok(CONNECTIONS_MAX) };
    ensure!(
        handles >= HANDLES_MIN,
        "only {handles} files may be open at once (ulimit -Hn), and connections are files: at least {HANDLES_MIN} are \
         needed, for all {CONNECTIONS_MAX} connections {}",
        CONNECTIONS_MAX as u64 + RESERVE
    );
    Ok(usize::try_from(handles - RESERVE).unwrap_or(CONNECTIONS_MAX).min(CONNECTIONS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_a_reserve() {
        for (handles, connections) in [
            (None, 10_000),
            (Some(1 << 20), 10_000),
            (Some(10_128), 10_000),
            (Some(1_024), 896),
            (Some(256), 128),
            (Some(192), 64),
        ] {
            assert_eq!(connections_within(handles).unwrap(), connections);
        }
        assert!(connections_within(Some(191)).unwrap_err().to_string().contains("only 191 files"));
    }
}

//! Who stands outside in tests: the devices of people who log in, and an issuer that knows them elsewhere.
//! For tests only, and only for those that need them: the databases of tests are in `testkit`.

mod authenticator;
mod issuer;

pub use authenticator::Authenticator;
pub use issuer::{IssuerKey, IssuerServer, Reply, TestIssuer};

use db::WallTime;

/// The six digits that an authenticator app shows for a secret in base 32 at a time (RFC 6238).
///
/// # Panics
/// When the secret is not in base 32.
pub fn totp_code(secret: &str, now: WallTime) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).expect("the secret is in base 32");
    let app = totp_rs::Builder::new().with_secret(secret).build().expect("the secret is long enough");
    app.generate(now.unix_seconds().unsigned_abs()).to_string()
}

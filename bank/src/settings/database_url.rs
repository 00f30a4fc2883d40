//! Whether the way to the database is safe: on this machine, or over TLS to a server whose certificate is checked.
//! How the connection is made, and everything that is wrong with a URL, is `db`'s matter.

use std::net::IpAddr;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// Whether nobody on the way can read along or pose as the database. What cannot be read is said yes to: `db` refuses
/// it, with the reason.
pub(crate) fn is_safe(url: &str) -> bool {
    if url.starts_with("sqlite:") {
        return true;
    }
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let value =
        |name: &str| query.split('&').filter_map(|pair| pair.split_once('=')).rfind(|(known, _)| *known == name);
    match value("sslmode").map(|(_, word)| word) {
        Some("verify-full" | "verify-ca") => return true,
        // As libpq means it: with a CA to compare with, the certificate is checked.
        Some("require") if value("sslrootcert").is_some() => return true,
        _ => {}
    }
    let of_driver = |pair: &&str| !pair.starts_with("sslmode=") && !pair.starts_with("sslrootcert=");
    let rest: Vec<&str> = query.split('&').filter(of_driver).collect();
    format!("{address}?{}", rest.join("&")).parse::<Config>().map_or(true, |config| is_on_this_machine(&config))
}

fn is_on_this_machine(config: &Config) -> bool {
    let is_local = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        Host::Unix(_) => true,
    };
    // `hostaddr` says where to connect, and `host` is a mere name then.
    match config.get_hostaddrs() {
        [] => config.get_hosts().iter().all(is_local),
        addresses => addresses.iter().all(IpAddr::is_loopback),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_on_this_machine_is_safe_as_it_is() {
        for url in [
            "sqlite:/var/lib/florin.db",
            "postgres://bank:secret@127.0.0.1:5432/florin",
            "postgres://localhost/florin?sslmode=disable",
            "postgresql://[::1]/florin?connect_timeout=3",
            "postgres://%2Frun%2Fpostgresql/florin",
            "postgres:///florin?host=/run/postgresql",
            "postgres://db.example/florin?hostaddr=127.0.0.1",
        ] {
            assert!(is_safe(url), "{url}");
        }
    }

    #[test]
    fn a_database_elsewhere_is_safe_when_its_certificate_is_checked() {
        for mode in ["verify-full", "verify-ca", "require"] {
            let url = format!("postgres://db.example/florin?connect_timeout=3&sslmode={mode}&sslrootcert=/etc/ca.pem");
            assert!(is_safe(&url), "{url}");
        }
        for url in [
            "postgres://db.example/florin",
            "postgres://10.0.0.7/florin?sslmode=require",
            "postgres://db.example/florin?sslmode=prefer",
            "postgres://db.example/florin?sslmode=disable&sslmode=require",
            "postgres://127.0.0.1,db.example/florin",
            "postgres://localhost/florin?hostaddr=10.0.0.7",
            "postgres://localhost/florin?host=db.example",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }
}

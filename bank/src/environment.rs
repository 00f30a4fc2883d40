//! Names in the environment that begin like settings and are none: what orchestrators put there is left alone, and what
//! somebody misspelt is refused, since they believe that it works.

use anyhow::bail;
use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue};
use std::ffi::OsString;
use std::net::IpAddr;

const PREFIX: &str = "FLORIN_";
/// What `admin create` asks for, and what test runners use.
const OTHER_NAMES: [&str; 1] = ["FLORIN_ADMIN_PASSWORD"];
const OTHER_PREFIXES: [&str; 2] = ["FLORIN_TEST_", "FLORIN_BENCH_"];
/// Transports of ports, as orchestrators write them.
const TRANSPORTS: [&str; 3] = ["TCP", "UDP", "SCTP"];
/// What other programs call it, and what it is called here; no letters to compare.
const CALLED_ELSEWHERE: [(&str, &str); 16] = [
    ("ADDR", "FLORIN_LISTEN"),
    ("ADDRESS", "FLORIN_LISTEN"),
    ("BIND", "FLORIN_LISTEN"),
    ("HOST", "FLORIN_LISTEN"),
    ("HTTP_PORT", "FLORIN_LISTEN"),
    ("PORT", "FLORIN_LISTEN"),
    ("SERVICE_HOST", "FLORIN_LISTEN"),
    ("SERVICE_PORT", "FLORIN_LISTEN"),
    ("BASE_URL", "FLORIN_PUBLIC_URL"),
    ("URL", "FLORIN_PUBLIC_URL"),
    ("DATABASE", "FLORIN_DATABASE_URL"),
    ("DB", "FLORIN_DATABASE_URL"),
    ("DB_URL", "FLORIN_DATABASE_URL"),
    ("DATA", "FLORIN_DATA_DIR"),
    ("LOG_LEVEL", "FLORIN_LOG"),
    ("REDIS_URL", "FLORIN_CACHE_URL"),
];
/// Beyond that two names do not resemble each other.
const MISTAKES_MAX: usize = 3;

/// Refuses a setting that nobody reads.
///
/// # Errors
/// There is one; the error names it, and the setting that was probably meant.
pub(crate) fn refuse_unknown_settings(variables: impl Iterator<Item = (OsString, OsString)>) -> anyhow::Result<()> {
    let command = crate::cli::Cli::command();
    let known: Vec<&str> = command.get_arguments().filter_map(|known| known.get_env()?.to_str()).collect();
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        let is_other = OTHER_NAMES.contains(&name) || OTHER_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if is_other || known.contains(&name) || is_of_orchestrator(name, &value.to_string_lossy()) {
            continue;
        }
        match called_elsewhere(name).or_else(|| nearest(name, &known)) {
            Some("FLORIN_LISTEN") => bail!(
                "{name} is not a setting of this version; did you mean FLORIN_LISTEN? It has address and port, such as \
                 127.0.0.1:8080"
            ),
            Some(meant) => bail!("{name} is not a setting of this version; did you mean {meant}?"),
            None => bail!("{name} is not a setting of this version; `florin config` explains those that are"),
        }
    }
    Ok(())
}

/// Whether logs are to be JSON, found out before anything can be refused.
pub(crate) fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let arguments: Vec<String> = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    let flag = arguments.iter().position(|argument| argument == "--log-format").and_then(|at| arguments.get(at + 1));
    let joined = arguments.iter().find_map(|argument| argument.strip_prefix("--log-format="));
    match flag.map(String::as_str).or(joined) {
        Some(format) => format == "json",
        None => std::env::var_os("FLORIN_LOG_FORMAT").is_some_and(|format| format == "json"),
    }
}

/// What is wrong with a value, in one line that names the setting as it was given: by its variable or by its flag.
pub(crate) fn refusal(error: &clap::Error, arguments: impl Iterator<Item = OsString>) -> String {
    let text = error.to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("For more information"));
    let line = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let line = line.trim_start_matches("error: ");
    let Some(ContextValue::String(shown)) = error.get(ContextKind::InvalidArg) else { return line.to_owned() };
    let flag = shown.split_whitespace().next().unwrap_or_default();
    let is_given = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .any(|argument| argument.split('=').next() == Some(flag));
    let command = crate::cli::Cli::command();
    let known = command.get_arguments().find(|known| known.get_long() == flag.strip_prefix("--"));
    match known.and_then(|known| known.get_env()?.to_str()) {
        Some(name) if !is_given => line.replace(&format!("'{shown}'"), name),
        _ => line.to_owned(),
    }
}

/// What Kubernetes tells every pod about a service that is called florin, or florin-something, and Docker about a linked
/// container of that name. The values are looked at too: `FLORIN_PORT=8081` is somebody's mistake.
fn is_of_orchestrator(name: &str, value: &str) -> bool {
    let words: Vec<&str> = name.split('_').skip(1).collect();
    let is_port = |value: &str| value.parse::<u16>().is_ok();
    let is_url = |value: &str| {
        let transport = value.split_once("://").map(|(transport, _)| transport.to_ascii_uppercase());
        transport.is_some_and(|transport| TRANSPORTS.contains(&&*transport))
    };
    match &words[..] {
        [.., "SERVICE", "HOST"] => value.parse::<IpAddr>().is_ok(),
        [.., "PORT"] if is_url(value) => true,
        [.., "PORT", number, transport] if TRANSPORTS.contains(transport) => is_port(number) && is_url(value),
        [.., "PORT", number, transport, "PROTO" | "PORT" | "ADDR"] if TRANSPORTS.contains(transport) => is_port(number),
        // A port of a service may have a name of several words.
        _ if words.windows(2).any(|pair| pair == ["SERVICE", "PORT"]) => is_port(value),
        ["ENV", ..] => true,
        [.., "NAME"] => value.starts_with('/'),
        _ => false,
    }
}

fn called_elsewhere(name: &str) -> Option<&'static str> {
    let rest = name.strip_prefix(PREFIX)?;
    CALLED_ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == rest).map(|(_, here)| *here)
}

/// The name that differs least.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let (mistakes, meant) = known.iter().map(|known| (distance(name, known), *known)).min()?;
    (mistakes <= MISTAKES_MAX).then_some(meant)
}

/// How many letters have to be put in, taken out or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for letter in one.chars() {
        let mut diagonal = row[0];
        row[0] += 1;
        for (place, another) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *another);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, value: &str) -> Result<(), String> {
        let variable = (OsString::from(name), OsString::from(value));
        refuse_unknown_settings([variable].into_iter()).map_err(|error| error.to_string())
    }

    #[test]
    fn misspelt_settings_are_refused_with_what_was_meant() {
        assert!(check("FLORIN_LISTEN", "127.0.0.1:0").is_ok());
        assert!(check("FLORIN_TEST_POSTGRES_URL", "postgres://x").is_ok());
        assert!(check("PATH", "/bin").is_ok());
        let refusal = check("FLORIN_LISTNE", "127.0.0.1:0").unwrap_err();
        assert!(refusal.contains("FLORIN_LISTNE") && refusal.contains("did you mean FLORIN_LISTEN?"), "{refusal}");
        assert!(check("FLORIN_TRUSTED_PROXYS", "").unwrap_err().contains("FLORIN_TRUSTED_PROXIES?"));
        let refusal = check("FLORIN_BROKER_ADDRESS", "x").unwrap_err();
        assert!(refusal.contains("florin config") && !refusal.contains("did you mean"), "{refusal}");
    }

    #[test]
    fn what_other_programs_call_it_leads_to_what_it_is_called_here() {
        for (name, value, meant) in [
            ("FLORIN_PORT", "8080", "did you mean FLORIN_LISTEN? It has address and port"),
            ("FLORIN_HOST", "0.0.0.0", "FLORIN_LISTEN?"),
            ("FLORIN_SERVICE_PORT", "http", "FLORIN_LISTEN?"),
            ("FLORIN_DB_URL", "sqlite:x.db", "FLORIN_DATABASE_URL?"),
            ("FLORIN_LOG_LEVEL", "debug", "FLORIN_LOG?"),
        ] {
            let refusal = check(name, value).unwrap_err();
            assert!(refusal.contains(meant), "{refusal}");
        }
        let command = crate::cli::Cli::command();
        let known: Vec<&str> = command.get_arguments().filter_map(|known| known.get_env()?.to_str()).collect();
        assert!(CALLED_ELSEWHERE.iter().all(|(_, here)| known.contains(here)));
    }

    #[test]
    fn what_orchestrators_tell_of_a_service_called_florin_is_left_alone() {
        for (name, value) in [
            ("FLORIN_SERVICE_HOST", "10.96.7.8"),
            ("FLORIN_SERVICE_HOST", "fd00::1"),
            ("FLORIN_SERVICE_PORT", "8080"),
            ("FLORIN_SERVICE_PORT_HTTP", "8080"),
            ("FLORIN_SERVICE_PORT_OF_METRICS", "9090"),
            ("FLORIN_PORT", "tcp://10.96.7.8:8080"),
            ("FLORIN_PORT_8080_TCP", "tcp://10.96.7.8:8080"),
            ("FLORIN_PORT_8080_TCP_PROTO", "tcp"),
            ("FLORIN_PORT_8080_TCP_PORT", "8080"),
            ("FLORIN_PORT_8080_TCP_ADDR", "10.96.7.8"),
            ("FLORIN_PORT_53_UDP", "udp://10.96.7.8:53"),
            ("FLORIN_OPERATIONS_SERVICE_HOST", "10.96.7.9"),
            ("FLORIN_OPERATIONS_SERVICE_PORT_METRICS", "9090"),
            ("FLORIN_OPERATIONS_PORT", "tcp://10.96.7.9:9090"),
            ("FLORIN_OPERATIONS_PORT_9090_TCP_ADDR", "10.96.7.9"),
            ("FLORIN_NAME", "/web/florin"),
            ("FLORIN_ENV_RUST_LOG", "info"),
            ("FLORIN_1_PORT_8080_TCP", "tcp://172.17.0.2:8080"),
        ] {
            assert_eq!(check(name, value), Ok(()), "{name}={value}");
        }
    }

    #[test]
    fn what_only_looks_like_an_orchestrators_is_a_mistake() {
        for (name, value) in [
            ("FLORIN_PORT", "8081"),
            ("FLORIN_SERVICE_HOST", "bank.example"),
            ("FLORIN_SERVICE_PORT", "http"),
            ("FLORIN_PORT_8080_TCP", "8080"),
            ("FLORIN_PORT_HTTP_TCP", "tcp://10.96.7.8:8080"),
            ("FLORIN_NAME", "my bank"),
            ("FLORIN_SERVICE", "10.96.7.8"),
        ] {
            assert!(check(name, value).is_err(), "{name}={value}");
        }
    }
}

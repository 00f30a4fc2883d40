//! Which settings go together.

use super::*;
use crate::cli::Cli;
use clap::{CommandFactory as _, Parser as _};

fn settings(arguments: &[&str]) -> Settings {
    let arguments = ["florin", "config"].iter().chain(arguments);
    Cli::try_parse_from(arguments).map_err(|error| error.to_string()).unwrap().settings
}

#[test]
fn no_setting_shows_a_password() {
    for (flag, url) in [
        ("--cache-url", "redis://:hunter2@cache"),
        ("--database-url", "postgres://bank:hunter2@db/florin"),
        ("--smtp-url", "smtps://bank:hunter2@mail.example"),
    ] {
        assert!(!explain(&settings(&[flag, url]), &Cli::command()).contains("hunter2"));
    }
}

#[test]
fn unsafe_combinations_are_refused() {
    let error = settings(&["--mode", "production", "--rate-limit", "off"]).checked().unwrap_err();
    assert!(error.to_string().contains("production mode refuses it"));
    let error = settings(&["--mode", "production", "--listen", "0.0.0.0:8080"]).checked().unwrap_err();
    assert!(error.to_string().contains("over TLS only"));
    for inside in ["0.0.0.0:9090", "[::]:9090", "203.0.113.7:9090", "[2001:db8::1]:9090"] {
        let error = settings(&["--mode", "production", "--operations-listen", inside]).checked().unwrap_err();
        assert!(error.to_string().contains("FLORIN_OPERATIONS_LISTEN"), "{error}");
    }
    let error = settings(&["--mode", "production", "--webhook-allow", "127.0.0.0/8"]).checked().unwrap_err();
    assert!(format!("{error:#}").contains("in sandbox mode only"), "{error:#}");
    let error = settings(&["--mode", "production", "--mfa", "optional"]).checked().unwrap_err();
    assert!(error.to_string().contains("everybody needs a second factor"));
    let elsewhere = ["--mode", "production", "--database-url", "postgres://bank:hunter2@db/florin?sslmode=require"];
    let error = settings(&elsewhere).checked().unwrap_err().to_string();
    assert!(error.contains("over TLS only") && !error.contains("hunter2"), "{error}");
    let error = settings(&["--database-url", "mysql://db/florin"]).checked().unwrap_err();
    assert!(error.to_string().contains("must start with"));
    let error = settings(&["--database-url", "sqlite:"]).checked().unwrap_err();
    assert!(error.to_string().contains("FLORIN_DATABASE_URL names no file"));
    let error = settings(&["--cache-url", "memcached://cache"]).checked().unwrap_err();
    assert!(error.to_string().contains("FLORIN_CACHE_URL must start with redis://"));
    let error = settings(&["--mode", "production", "--cache-url", "redis://:hunter2@cache:6379/0"]).checked();
    let error = error.unwrap_err().to_string();
    assert!(error.contains("must start with rediss://") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_public_url_is_an_origin_and_no_more() {
    for url in ["http://127.0.0.1:8080", "https://bank.example", "https://[::1]:8443"] {
        assert_eq!(read_origin(url).unwrap(), url);
    }
    for url in ["", "bank.example", "ftp://bank.example", "https://", "https://bank.example/", "https://a@b"] {
        assert!(read_origin(url).is_err(), "{url}");
    }
}

#[test]
fn people_are_led_to_the_bank_over_tls_or_on_one_machine() {
    for (url, is_open) in [
        ("http://bank.example", true),
        ("http://10.0.0.7:8080", true),
        ("https://bank.example", false),
        ("http://localhost:8080", false),
        ("http://127.0.0.1:8080", false),
        ("http://[::1]:8080", false),
    ] {
        assert_eq!(settings(&["--public-url", url]).checked().unwrap().has_open_public_url(), is_open, "{url}");
    }
}

#[test]
fn the_front_door_is_as_the_settings_say() {
    let door = |arguments: &[&str]| settings(arguments).front_door().unwrap();
    assert_eq!(door(&[]).rate_limits, RateLimits::InProcess);
    assert_eq!(door(&["--rate-limit", "off", "--cache-url", "redis://cache"]).rate_limits, RateLimits::Off);
    let shared = door(&["--cache-url", "redis://cache", "--trusted-proxies", "10.0.0.0/8", "--deny-list", "::1"]);
    assert_eq!(shared.rate_limits, RateLimits::Shared { redis_url: "redis://cache".to_owned() });
    assert_eq!(
        (shared.trusted_proxies.to_string(), shared.deny_list.to_string()),
        ("10.0.0.0/8".into(), "::1/128".into())
    );
    for wrong in [["--deny-list", "10.0.0"], ["--trusted-proxies", "proxy"], ["--cors-origins", "*"]] {
        let arguments = ["florin", "config"].iter().chain(&wrong);
        assert!(Cli::try_parse_from(arguments).is_err(), "{wrong:?}");
    }
}

#[test]
fn every_setting_is_explained_and_listed_in_the_example() {
    let explained = explain(&settings(&[]), &Cli::command());
    let example = include_str!("../../../.env.example");
    for argument in Cli::command().get_arguments() {
        let Some(name) = argument.get_env().and_then(|name| name.to_str()) else { continue };
        assert!(explained.contains(&format!("\n{name}=")), "{name}");
        assert!(example.contains(&format!("{name}=")), "{name}");
    }
}

//! The settings as people read them: what each one means, its flag, and its value without secrets.

use super::Settings;
use super::redact::{LEFT_OUT, redact_url};
use std::fmt::Write as _;

/// Every setting with its meaning, its flag and its value now: a file of an environment, in which blank is not set.
pub(crate) fn explain(settings: &Settings, command: &clap::Command) -> String {
    let mut text = String::new();
    for (name, value) in values(settings) {
        let argument = command.get_arguments().find(|argument| argument.get_env().is_some_and(|env| env == name));
        let meaning = argument.and_then(clap::Arg::get_help).map(ToString::to_string).unwrap_or_default();
        let flag = argument.and_then(clap::Arg::get_long).unwrap_or_default();
        let allowed: Vec<String> = argument
            .map(clap::Arg::get_possible_values)
            .unwrap_or_default()
            .iter()
            .map(|value| value.get_name().to_owned())
            .collect();
        let allowed = if allowed.is_empty() { String::new() } else { format!(" One of: {}.", allowed.join(", ")) };
        // Where something is left out, the line would set another value than it shows.
        let (left_out, mark) = if value.contains(LEFT_OUT) { (" What is secret is left out.", "#") } else { ("", "") };
        let _ = writeln!(text, "# {meaning}.{allowed}{left_out} Flag: --{flag}\n{mark}{name}={value}\n");
    }
    text
}

/// Every setting with its value now, passwords left out.
pub(super) fn values(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut values = vec![
        ("FLORIN_LISTEN", settings.listen.to_string()),
        ("FLORIN_OPERATIONS_LISTEN", settings.operations_listen.map(|address| address.to_string()).unwrap_or_default()),
        ("FLORIN_PUBLIC_URL", settings.public_url_or_default()),
        ("FLORIN_DATA_DIR", settings.data_dir.display().to_string()),
        ("FLORIN_DATABASE_URL", redact_url(&settings.database_url_or_default())),
        ("FLORIN_MODE", word(settings.mode)),
        ("FLORIN_RATE_LIMIT", word(settings.rate_limit)),
        ("FLORIN_SIGNING_KEYS_DIR", settings.signing_keys_dir_or_default().display().to_string()),
        ("FLORIN_CACHE_URL", redact_url(settings.cache_url.as_deref().unwrap_or_default())),
        ("FLORIN_TRUSTED_PROXIES", settings.trusted_proxies.to_string()),
        ("FLORIN_FORWARDED_HEADER", word(settings.forwarded_header)),
        ("FLORIN_DENY_LIST", settings.deny_list.to_string()),
        ("FLORIN_CORS_ORIGINS", settings.cors_origins.to_string()),
        ("FLORIN_SECRETS_KEY_FILE", settings.secrets_key_file_or_default().display().to_string()),
        ("FLORIN_AUDIT_KEY_FILE", settings.audit_key_file_or_default().display().to_string()),
        ("FLORIN_MFA", word(settings.mfa_or_default())),
        ("FLORIN_STEP_UP_AMOUNT", settings.step_up_amount.to_string()),
        ("FLORIN_FRAUD", word(settings.fraud)),
        ("FLORIN_LOG", settings.log.clone()),
        ("FLORIN_LOG_FORMAT", word(settings.log_format)),
    ];
    let breached = settings.breached_passwords_file.as_ref().map(|file| file.display().to_string());
    values.push(("FLORIN_BREACHED_PASSWORDS_FILE", breached.unwrap_or_default()));
    let days = settings.events_days.map(|days| days.to_string()).unwrap_or_default();
    values.push(("FLORIN_EVENTS_DAYS", days));
    values.extend(settings.broker.values(redact_url));
    values.extend(settings.mail.values(redact_url));
    values.extend(settings.sms.values());
    values.extend(settings.tls.values());
    values.extend(settings.webhooks.values());
    values.extend(settings.openid.values(word));
    values.extend(settings.vault.values());
    values
}

pub(super) fn word(value: impl clap::ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

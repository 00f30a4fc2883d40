//! Settings: flags and environment, explained, checked before anything starts, and printed without secrets.

mod broker;
mod database_url;
mod explain;
mod mail;
mod mode;
mod network;
mod openid;
mod redact;
mod sms;
mod tls;
mod vault;
mod webhooks;

pub(crate) use explain::explain;
pub(crate) use mail::MailSettings;
pub(crate) use mode::Mode;
pub(crate) use openid::Openid;
pub(crate) use sms::SmsSettings;

use crate::handles;
use anyhow::ensure;
use broker::BrokerArguments;
use broker_edge::BrokerSettings;
use http_edge::{FrontDoorSettings, Networks, Origins, RateLimits, TlsFiles};
use openid::OpenidSettings;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tls::TlsSettings;
use vault::VaultSettings;
use vault_edge::Folder;
use webhooks::WebhookSettings;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Settings {
    /// Where the API listens.
    #[arg(long, env = "FLORIN_LISTEN", default_value = "127.0.0.1:8080", global = true, value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Where /metrics and /ready are answered, and nowhere else: plain HTTP, in production mode on a loopback or private
    /// address. Unset: on the same address as the API.
    #[arg(long, env = "FLORIN_OPERATIONS_LISTEN", global = true, value_name = "ADDRESS")]
    pub(crate) operations_listen: Option<SocketAddr>,
    /// Where people and programs reach the bank: the origin of links and tokens. Unset: the address it listens on.
    #[arg(long, env = "FLORIN_PUBLIC_URL", global = true, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Where the embedded database and the keys live.
    #[arg(long, env = "FLORIN_DATA_DIR", default_value = "data", global = true, value_name = "FOLDER")]
    pub(crate) data_dir: PathBuf,
    /// `sqlite:PATH`, or `postgres://user:password@host:port/database`; unset: SQLite inside the data folder.
    #[arg(long, env = "FLORIN_DATABASE_URL", global = true, value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// In sandbox mode everybody can pay in money out of nothing.
    #[arg(long, env = "FLORIN_MODE", default_value = "sandbox", global = true)]
    pub(crate) mode: Mode,
    /// Limits on requests and connections by address and user; `off` is accepted in sandbox mode, for load tests.
    #[arg(long, env = "FLORIN_RATE_LIMIT", default_value = "on", global = true)]
    pub(crate) rate_limit: Switch,
    /// The folder of the keys that sign access tokens, one PEM file each; made when absent. Unset: inside the data folder.
    #[arg(long, env = "FLORIN_SIGNING_KEYS_DIR", global = true, value_name = "FOLDER")]
    pub(crate) signing_keys_dir: Option<PathBuf>,
    /// `redis://host:port`, or `rediss://` over TLS, where processes count requests together; unset: each counts by itself.
    #[arg(long, env = "FLORIN_CACHE_URL", global = true, value_name = "URL", hide_env_values = true)]
    pub(crate) cache_url: Option<String>,
    /// Networks of proxies that may say for which address they forward, such as 10.0.0.0/8,192.0.2.7; nobody else may.
    #[arg(long, env = "FLORIN_TRUSTED_PROXIES", default_value = "", global = true, value_name = "NETWORKS")]
    pub(crate) trusted_proxies: Networks,
    /// Where trusted proxies say so. With `either` a request that has both headers is refused where they disagree.
    #[arg(long, env = "FLORIN_FORWARDED_HEADER", default_value = "either", global = true)]
    pub(crate) forwarded_header: ForwardedHeader,
    /// Networks that are not listened to.
    #[arg(long, env = "FLORIN_DENY_LIST", default_value = "", global = true, value_name = "NETWORKS")]
    pub(crate) deny_list: Networks,
    /// Origins whose web pages may call the API, such as https://app.example,http://localhost:5173.
    #[arg(long, env = "FLORIN_CORS_ORIGINS", default_value = "", global = true, value_name = "ORIGINS")]
    pub(crate) cors_origins: Origins,
    /// Passwords known from data breaches, which nobody may choose: lines `SHA1:COUNT` ordered by hash, as "Have I Been
    /// Pwned" gives them out. Unset: only the list inside the program.
    #[arg(long, env = "FLORIN_BREACHED_PASSWORDS_FILE", global = true, value_name = "FILE")]
    pub(crate) breached_passwords_file: Option<PathBuf>,
    /// For so many days what happened is kept, and for as long as somebody still has to be told; at least 31, because clients
    /// come back for what they have missed. Unset: for ever.
    #[arg(long, env = "FLORIN_EVENTS_DAYS", value_parser = clap::value_parser!(u16).range(31..), global = true, value_name = "DAYS")]
    pub(crate) events_days: Option<u16>,
    #[command(flatten)]
    pub(crate) broker: BrokerArguments,
    #[command(flatten)]
    pub(crate) mail: MailSettings,
    #[command(flatten)]
    pub(crate) sms: SmsSettings,
    #[command(flatten)]
    pub(crate) tls: TlsSettings,
    #[command(flatten)]
    pub(crate) webhooks: WebhookSettings,
    #[command(flatten)]
    pub(crate) openid: OpenidSettings,
    #[command(flatten)]
    pub(crate) vault: VaultSettings,
    /// The file of the key that encrypts secrets in the database; made when absent. Unset: inside the data folder.
    #[arg(long, env = "FLORIN_SECRETS_KEY_FILE", global = true, value_name = "FILE")]
    pub(crate) secrets_key_file: Option<PathBuf>,
    /// The file of the key that signs the heads of the audit log; made when absent. Unset: inside the data folder.
    #[arg(long, env = "FLORIN_AUDIT_KEY_FILE", global = true, value_name = "FILE")]
    pub(crate) audit_key_file: Option<PathBuf>,
    /// Whether everybody needs a second factor: always in production mode. Unset: optional in sandbox mode.
    #[arg(long, env = "FLORIN_MFA", global = true)]
    pub(crate) mfa: Option<Mfa>,
    /// Whoever has a second factor pays so many whole units of each currency in 24 hours without a fresh proof.
    #[arg(long, env = "FLORIN_STEP_UP_AMOUNT", default_value = "1000", global = true, value_name = "UNITS",
          value_parser = clap::value_parser!(i64).range(0..=1_000_000_000_000))]
    pub(crate) step_up_amount: i64,
    /// Whether payments are watched by the rules of fraud. Off: none are asked, nothing is remembered of accounts.
    #[arg(long, env = "FLORIN_FRAUD", default_value = "on", global = true)]
    pub(crate) fraud: Switch,
    /// What is logged: error, warn, info, debug, trace, or filters such as info,payments=debug.
    #[arg(long, env = "FLORIN_LOG", default_value = "info", global = true, value_name = "FILTER")]
    pub(crate) log: String,
    /// How it is logged.
    #[arg(long, env = "FLORIN_LOG_FORMAT", default_value = "text", global = true)]
    pub(crate) log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mfa {
    Optional,
    Required,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ForwardedHeader {
    Either,
    XForwardedFor,
    Forwarded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Settings that go together.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) listen: SocketAddr,
    pub(crate) operations_listen: Option<SocketAddr>,
    pub(crate) public_url: Option<String>,
    pub(crate) data_dir: PathBuf,
    pub(crate) database_url: String,
    pub(crate) mode: Mode,
    pub(crate) signing_keys_dir: PathBuf,
    pub(crate) breached_passwords_file: Option<PathBuf>,
    pub(crate) mail: MailSettings,
    pub(crate) sms: SmsSettings,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) front_door: FrontDoorSettings,
    pub(crate) openid: Option<Openid>,
    pub(crate) events_days: Option<u16>,
    pub(crate) broker: Option<BrokerSettings>,
    pub(crate) webhooks: WebhookSettings,
    pub(crate) vault: Option<Folder>,
    pub(crate) secrets_key_file: PathBuf,
    pub(crate) audit_key_file: PathBuf,
    pub(crate) mfa: Mfa,
    pub(crate) step_up_amount: i64,
    pub(crate) fraud: Switch,
    shown: Settings,
}

impl Settings {
    /// Refuses what is impossible or unsafe together; makes nothing.
    pub(crate) fn checked(self) -> anyhow::Result<Checked> {
        ensure!(
            self.mode == Mode::Sandbox || self.rate_limit == Switch::On,
            "FLORIN_RATE_LIMIT=off is for load tests in sandbox mode; production mode refuses it"
        );
        if let Some(url) = &self.database_url {
            let is_known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
            ensure!(is_known, "FLORIN_DATABASE_URL must start with sqlite: or postgres://");
            ensure!(url != "sqlite:", "FLORIN_DATABASE_URL names no file: write sqlite:/path/florin.db");
        }
        let tls = self.tls.files()?;
        ensure!(
            self.mode == Mode::Sandbox || tls.is_some() || self.listen.ip().is_loopback(),
            "production mode serves other machines over TLS only: set FLORIN_TLS_CERT_FILE and FLORIN_TLS_KEY_FILE, \
             or a loopback address as FLORIN_LISTEN"
        );
        ensure!(
            self.mode == Mode::Sandbox || self.operations_listen.is_none_or(|address| network::is_inside(address.ip())),
            "production mode answers /metrics without TLS on one address inside only: FLORIN_OPERATIONS_LISTEN must be a \
             loopback or private address (of a pod, its own)"
        );
        ensure!(
            self.mode == Mode::Sandbox || self.mfa_or_default() == Mfa::Required,
            "FLORIN_MFA=optional is for sandbox mode: in production mode everybody needs a second factor"
        );
        ensure!(
            self.mode == Mode::Sandbox || database_url::is_safe(&self.database_url_or_default()),
            "production mode reaches a PostgreSQL on another machine over TLS only, and checks who it is: add \
             ?sslmode=verify-full&sslrootcert=/path/ca.pem (or verify-ca) to FLORIN_DATABASE_URL"
        );
        // Which addresses are the bank's own is known when it listens.
        self.webhooks.policy(self.mode, Vec::new())?;
        let front_door = self.front_door()?;
        let broker = self.broker.checked(self.mode)?;
        let public_url = self.public_url.as_deref().map(read_origin).transpose()?;
        let openid = self.openid.checked(self.mode, public_url.as_deref())?;
        Ok(Checked {
            listen: self.listen,
            operations_listen: self.operations_listen,
            public_url,
            database_url: self.database_url_or_default(),
            mode: self.mode,
            signing_keys_dir: self.signing_keys_dir_or_default(),
            breached_passwords_file: self.breached_passwords_file.clone(),
            mail: self.mail.clone(),
            sms: self.sms.checked()?,
            tls,
            front_door,
            openid,
            events_days: self.events_days,
            broker,
            webhooks: self.webhooks.clone(),
            vault: self.vault.checked()?,
            secrets_key_file: self.secrets_key_file_or_default(),
            audit_key_file: self.audit_key_file_or_default(),
            mfa: self.mfa_or_default(),
            step_up_amount: self.step_up_amount,
            fraud: self.fraud,
            data_dir: self.data_dir.clone(),
            shown: self,
        })
    }

    fn front_door(&self) -> anyhow::Result<FrontDoorSettings> {
        let cache_url = self.cache_url.as_deref().filter(|url| !url.is_empty());
        ensure!(
            cache_url.is_none_or(|url| url.starts_with("redis://") || url.starts_with("rediss://")),
            "FLORIN_CACHE_URL must start with redis://, or with rediss:// for TLS"
        );
        ensure!(
            self.mode == Mode::Sandbox || cache_url.and_then(network::host_in_the_clear).is_none(),
            "production mode tells a Redis on another machine over TLS only who calls: FLORIN_CACHE_URL must start with rediss://"
        );
        let rate_limits = match (self.rate_limit, cache_url) {
            (Switch::Off, _) => RateLimits::Off,
            (Switch::On, None) => RateLimits::InProcess,
            (Switch::On, Some(url)) => RateLimits::Shared { redis_url: url.to_owned() },
        };
        Ok(FrontDoorSettings {
            rate_limits,
            trusted_proxies: self.trusted_proxies.clone(),
            forwarded_header: match self.forwarded_header {
                ForwardedHeader::Either => http_edge::ForwardedHeader::Either,
                ForwardedHeader::XForwardedFor => http_edge::ForwardedHeader::XForwardedFor,
                ForwardedHeader::Forwarded => http_edge::ForwardedHeader::Forwarded,
            },
            deny_list: self.deny_list.clone(),
            cors_origins: self.cors_origins.clone(),
            connections_max: handles::CONNECTIONS_MAX,
        })
    }

    fn database_url_or_default(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("florin.db").display()))
    }

    fn public_url_or_default(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("{}://{}", self.tls.scheme(), self.listen))
    }

    fn signing_keys_dir_or_default(&self) -> PathBuf {
        self.signing_keys_dir.clone().unwrap_or_else(|| self.data_dir.join("signing-keys"))
    }

    fn secrets_key_file_or_default(&self) -> PathBuf {
        self.secrets_key_file.clone().unwrap_or_else(|| self.data_dir.join("secrets.key"))
    }

    fn audit_key_file_or_default(&self) -> PathBuf {
        self.audit_key_file.clone().unwrap_or_else(|| self.data_dir.join("audit.key"))
    }

    fn mfa_or_default(&self) -> Mfa {
        self.mfa.unwrap_or(match self.mode {
            Mode::Sandbox => Mfa::Optional,
            Mode::Production => Mfa::Required,
        })
    }
}

impl Checked {
    /// Makes the data folder, and closes it to others.
    pub(crate) fn make_data_folder(&self) -> anyhow::Result<()> {
        crate::data_folder::make_private(&self.data_dir, &self.secrets_key_file)
    }

    /// A key in the data folder that only a bank can have made. One whose place was set may have been brought there before the
    /// first start.
    pub(crate) fn key_of_a_bank(&self) -> Option<PathBuf> {
        let folder = &self.signing_keys_dir;
        let files = [
            (&self.shown.secrets_key_file, &self.secrets_key_file),
            (&self.shown.audit_key_file, &self.audit_key_file),
        ];
        if let Some((_, file)) = files.into_iter().find(|(set, file)| set.is_none() && file.exists()) {
            return Some(file.clone());
        }
        (self.shown.signing_keys_dir.is_none() && crate::data_folder::has_signing_keys(folder)).then(|| folder.clone())
    }

    /// The settings with their values, passwords left out.
    pub(crate) fn redacted(&self) -> Vec<(&'static str, String)> {
        explain::values(&self.shown)
    }

    /// Whether people are led to the bank over plain HTTP, through other machines.
    pub(crate) fn has_open_public_url(&self) -> bool {
        let host = self.public_url.as_deref().and_then(|url| url.strip_prefix("http://"));
        host.is_some_and(|host| !network::is_loopback_host(host))
    }

    /// The origin of links and tokens, once the port is known.
    pub(crate) fn public_url_of(&self, listening_on: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("{}://{listening_on}", self.scheme()))
    }

    pub(crate) fn scheme(&self) -> &'static str {
        self.shown.tls.scheme()
    }

    pub(crate) fn is_reachable_from_outside(&self) -> bool {
        !self.listen.ip().is_loopback()
    }

    pub(crate) fn in_data_dir(&self, name: &str) -> PathBuf {
        Path::new(&self.data_dir).join(name)
    }
}

/// An origin: scheme, host and port, and nothing behind them.
fn read_origin(url: &str) -> anyhow::Result<String> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let is_origin = !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']);
    ensure!(is_origin, "FLORIN_PUBLIC_URL must be an origin such as https://bank.example");
    Ok(url.to_owned())
}

#[cfg(test)]
mod tests;

//! Delivery by SMTP (RFC 5321), over TLS unless the server is on this machine.

use crate::CourierError;
use crate::message::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::{Category, Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use notifications::Outcome;
use std::time::Duration;
use url::{Host, Url};

/// For one step of a delivery; all of it has to end well before the lease on a mail does.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub(crate) struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    pub(crate) fn open(url: &str) -> Result<Self, CourierError> {
        let url = with_tls(url)?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str());
        let builder = builder.map_err(|error| CourierError::Url(format!("is not understood: {error}")))?;
        Ok(Self(builder.timeout(Some(STEP_TIMEOUT)).build()))
    }

    pub(crate) async fn deliver(&self, message: Message) -> Outcome {
        match tokio::time::timeout(DELIVERY_TIMEOUT, self.0.send_raw(&message.envelope, &message.bytes)).await {
            Ok(Ok(_)) => Outcome::Sent,
            Ok(Err(error)) if is_about_the_mail(&error) => Outcome::Refused(describe(&error)),
            Ok(Err(error)) => Outcome::Failed(describe(&error)),
            Err(_) => Outcome::Failed("the mail server takes too long".to_owned()),
        }
    }
}

/// A lasting refusal of this mail (x5x: mailbox, relaying, policy). A refused login is none: that is mended at our end.
fn is_about_the_mail(error: &Error) -> bool {
    error.status().is_some_and(|code| {
        code.severity == Severity::PermanentNegativeCompletion && code.category == Category::MailSystem
    })
}

fn describe(error: &Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source()).take(4);
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Demands STARTTLS of `smtp://` servers elsewhere, unless the URL says how it wants it.
fn with_tls(text: &str) -> Result<Url, CourierError> {
    let wrong = |reason: &str| CourierError::Url(reason.to_owned());
    let mut url = Url::parse(text).map_err(|error| CourierError::Url(format!("is no URL: {error}")))?;
    if !matches!(url.scheme(), "smtp" | "smtps") {
        return Err(wrong("must start with smtp:// or smtps://"));
    }
    let host = url.host().ok_or_else(|| wrong("names no host"))?;
    // Schemes that are not the web's keep an address as a name.
    let is_here = match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
    };
    let asked: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let is_understood = match asked.as_slice() {
        [] => true,
        [(name, value)] => name == "tls" && matches!(value.as_str(), "required" | "opportunistic"),
        _ => false,
    };
    if !is_understood {
        return Err(wrong("may only ask for tls=required or tls=opportunistic"));
    }
    if url.scheme() == "smtps" {
        url.set_query(None);
    } else if asked.is_empty() && !is_here {
        url.set_query(Some("tls=required"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(url: &str) -> Option<String> {
        with_tls(url).unwrap().query().map(ToOwned::to_owned)
    }

    #[test]
    fn a_server_elsewhere_has_to_encrypt_and_one_on_this_machine_need_not() {
        assert_eq!(query("smtp://mail.example"), Some("tls=required".to_owned()));
        assert_eq!(query("smtp://user:secret@10.0.0.5:587"), Some("tls=required".to_owned()));
        assert_eq!(query("smtp://mail.example?tls=opportunistic"), Some("tls=opportunistic".to_owned()));
        for url in ["smtp://127.0.0.1:2525", "smtp://localhost", "smtp://[::1]:25", "smtps://mail.example"] {
            assert_eq!(query(url), None, "{url}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_without_repeating_it() {
        for url in ["", "mail.example", "http://mail.example", "smtp://", "smtp://u:secret@h?tls=no", "smtps://h?x=1"] {
            let error = Smtp::open(url).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with("the URL of the mail server") && !error.contains("secret"), "{url}: {error}");
        }
    }
}

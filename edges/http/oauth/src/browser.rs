//! The browser that is asked: its cookie, and how a form proves that it comes from the page that this browser was shown.

use super::form::Form;
use crate::App;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

const COOKIE_CHARACTERS: usize = 43;

/// Whether the form comes from the page that was shown to this browser for this request.
pub(super) fn is_from_page(headers: &HeaderMap, form: &Form, cookie: &str) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let query = form.text("request").unwrap_or_default();
    let csrf = Shown { cookie, query }.csrf();
    site.is_none_or(|site| site == b"same-origin") && form.text("csrf") == Some(csrf.as_str())
}

/// A page that was shown: to which browser, and for which request.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) cookie: &'a str,
    pub(super) query: &'a str,
}

impl Shown<'_> {
    /// Only who can read the cookie, which no script and no other site can, makes this of it.
    pub(super) fn csrf(self) -> String {
        let Self { cookie, query } = self;
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{cookie}.{query}")))
    }

    /// Binds a question to passkeys to the page that it was put on.
    pub(super) fn bond(self, ceremony: &str) -> String {
        let Self { cookie, query } = self;
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{cookie}.{ceremony}.{query}")))
    }
}

pub(super) fn fresh_cookie() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A browser takes the stricter name from this very host only, over https only.
fn cookie_name(app: &App) -> &'static str {
    if app.settings.public_url.starts_with("https:") { "__Host-florin_consent" } else { "florin_consent" }
}

pub(super) fn cookie_of(app: &App, headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == cookie_name(app))?;
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (value.len() == COOKIE_CHARACTERS && value.bytes().all(is_ours)).then(|| value.to_owned())
}

pub(super) fn set_cookie(app: &App, cookie: &str) -> HeaderValue {
    let name = cookie_name(app);
    let secure = if name.starts_with("__Host-") { "; Secure" } else { "" };
    let text = format!("{name}={cookie}; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::try_from(text).expect("a cookie of base64url is a header's value")
}

//! The page that asks a person, and the one that says why nobody is asked: plain HTML, styled inside, nothing from
//! elsewhere, not to be framed. It needs no script, except to ask passkeys: then it loads the one that is served here.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use identity::Scope;
use programs::oauth::AuthorizationRequest;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

/// Addresses with codes in them are told to nobody.
pub(super) const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

const STYLE: &str = include_str!("consent_page.css");
const SCRIPT: &str = include_str!("passkey.js");
const NO_SCRIPT: &str = "'none'";
const OUR_SCRIPT: &str = "'self'";

/// What the page shows.
pub(super) struct Consent<'a> {
    pub(super) request: &'a AuthorizationRequest,
    /// The request again, for the form.
    pub(super) query: &'a str,
    pub(super) csrf: &'a str,
    /// What was wrong with the answer before.
    pub(super) complaint: Option<&'a str>,
    /// What passkeys are asked; without it the page asks for a password.
    pub(super) question: Option<&'a Question>,
}

/// What passkeys are asked, once.
pub(super) struct Question {
    /// What the answer names.
    pub(super) ceremony: String,
    /// That it was put on this page.
    pub(super) bond: String,
    /// The argument of `navigator.credentials.get`, as JSON.
    pub(super) options: String,
}

/// The page that asks.
pub(super) fn page(consent: &Consent<'_>) -> Response {
    let Consent { request, complaint, question, .. } = consent;
    let client = escaped(&request.client.name);
    let alert = |text| format!("<p class=\"told\" role=\"alert\">{}</p>", escaped(text));
    let alert = complaint.map_or_else(String::new, alert);
    let scopes: String = request.scopes.iter().map(|scope| format!("<li>{}</li>", meaning(scope))).collect();
    let place = escaped(&place_of(&request.redirect_uri));
    let (forms, scripts) = match question {
        None => (password_form(consent), NO_SCRIPT),
        Some(question) => (passkey_forms(consent, question), OUR_SCRIPT),
    };
    let body = format!(
        "<h1>Let <b>{client}</b> act for you?</h1>\
         <p>It would be able to:</p><ul>{scopes}</ul>\
         <p class=\"quiet\">It reaches your own accounts, and nothing of anybody else's, also if you work for the bank. \
         You then go on to <b>{place}</b>. You can take this back at any time.</p>{alert}{forms}"
    );
    let form_action = format!("'self' {}", origin_of(&request.redirect_uri));
    html(StatusCode::OK, "Allow access", &body, Policy { form_action: &form_action, scripts })
}

/// The script that asks passkeys.
pub(super) fn script() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"))], SCRIPT).into_response()
}

fn password_form(consent: &Consent<'_>) -> String {
    let hidden = hidden_fields(consent);
    format!(
        "<form method=\"post\" action=\"/oauth/authorize\">{hidden}\
         <label for=\"username\">Username</label>\
         <input id=\"username\" name=\"username\" autocomplete=\"username\" autocapitalize=\"none\" \
         spellcheck=\"false\" maxlength=\"64\" required autofocus>\
         <label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required>\
         <label for=\"second_factor\">Code, if you have a second factor</label>\
         <input id=\"second_factor\" name=\"second_factor\" autocomplete=\"one-time-code\" maxlength=\"64\">\
         <div class=\"answers\"><button name=\"decision\" value=\"allow\">Log in and allow</button>\
         <button class=\"quiet\" name=\"decision\" value=\"deny\" formnovalidate>Deny</button>\
         <button class=\"quiet\" name=\"decision\" value=\"passkey\" formnovalidate>Use a passkey instead</button></div></form>"
    )
}

/// Two forms, as scripts send a form without its buttons.
fn passkey_forms(consent: &Consent<'_>, question: &Question) -> String {
    let hidden = hidden_fields(consent);
    let Question { ceremony, bond, options } = question;
    let (ceremony, bond, options) = (escaped(ceremony), escaped(bond), escaped(options));
    let again = escaped(&format!("/oauth/authorize?{}", consent.query));
    format!(
        "<form id=\"passkey\" method=\"post\" action=\"/oauth/authorize\" data-options=\"{options}\">{hidden}\
         <input type=\"hidden\" name=\"decision\" value=\"allow\">\
         <input type=\"hidden\" name=\"ceremony\" value=\"{ceremony}\">\
         <input type=\"hidden\" name=\"bond\" value=\"{bond}\">\
         <input type=\"hidden\" name=\"credential\" value=\"\">\
         <p id=\"told\" class=\"told\" role=\"alert\" hidden>No passkey has answered. Try again, or use your password.</p>\
         <noscript><p class=\"told\">Passkeys need JavaScript.</p></noscript>\
         <div class=\"answers\"><button id=\"ask\" type=\"button\">Allow with a passkey</button></div></form>\
         <form method=\"post\" action=\"/oauth/authorize\">{hidden}\
         <div class=\"answers\"><button class=\"quiet\" name=\"decision\" value=\"deny\">Deny</button></div></form>\
         <p><a href=\"{again}\">Use your password instead</a></p><script src=\"/oauth/passkey.js\" defer></script>"
    )
}

fn hidden_fields(consent: &Consent<'_>) -> String {
    let (query, csrf) = (escaped(consent.query), escaped(consent.csrf));
    format!(
        "<input type=\"hidden\" name=\"request\" value=\"{query}\">\
         <input type=\"hidden\" name=\"csrf\" value=\"{csrf}\">"
    )
}

/// The page that says what is wrong with a client's request. Only the person goes on to the client with it: whoever
/// registers a client must not be able to send people elsewhere through us (RFC 9700, section 4.11.2).
pub(super) fn wrong_request(complaint: &str, location: &str) -> Response {
    let (complaint, place, location) = (escaped(complaint), escaped(&place_of(location)), escaped(location));
    let body = format!(
        "<h1>This cannot go on</h1><p class=\"told\" role=\"alert\">The program that sent you here asks in a way that does \
         not work: {complaint}. Nothing was allowed.</p><p>If you know it, you can go back and tell it: <a href=\"{location}\" \
         rel=\"noreferrer\">on to <b>{place}</b></a></p>"
    );
    let policy = Policy { form_action: "'none'", scripts: NO_SCRIPT };
    html(StatusCode::BAD_REQUEST, "Not possible", &body, policy)
}

/// The page that says why nobody is asked.
pub(super) fn refusal(status: StatusCode, complaint: &str) -> Response {
    let body = format!("<h1>This cannot go on</h1><p class=\"told\" role=\"alert\">{}</p>", escaped(complaint));
    html(status, "Not possible", &body, Policy { form_action: "'none'", scripts: NO_SCRIPT })
}

/// Where the page's forms may lead, and which scripts it may load.
#[derive(Clone, Copy)]
struct Policy<'a> {
    form_action: &'a str,
    scripts: &'static str,
}

fn html(status: StatusCode, title: &str, body: &str, Policy { form_action, scripts }: Policy<'_>) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · Florin</title><style>{STYLE}</style></head>\
         <body><main><p class=\"bank\">Florin</p>{body}</main></body></html>"
    );
    let policy = format!(
        "default-src 'none'; script-src {scripts}; style-src {}; form-action {form_action}; base-uri 'none'; \
         frame-ancestors 'none'",
        *STYLE_SOURCE
    );
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::REFERRER_POLICY, NO_REFERRER),
    ];
    (status, headers, page).into_response()
}

/// The style is inside the page; the policy names it by its hash, so that no other is taken.
static STYLE_SOURCE: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(STYLE))));

/// Where the form may lead, the redirect after it included, in the words of the policy.
fn origin_of(redirect_uri: &str) -> &str {
    let scheme_end = redirect_uri.find(':').map_or(0, |end| end + 1);
    match redirect_uri.get(scheme_end..).and_then(|rest| rest.strip_prefix("//")) {
        Some(rest) => {
            let host_end = rest.find(['/', '?']).unwrap_or(rest.len());
            &redirect_uri[..scheme_end + 2 + host_end]
        }
        None => &redirect_uri[..scheme_end],
    }
}

/// The same for people: the host, or that it is an app.
fn place_of(redirect_uri: &str) -> String {
    match origin_of(redirect_uri).split_once("://") {
        Some(("http", _)) => "a program on this device".to_owned(),
        Some((_, host)) => host.to_owned(),
        None => format!("the app {}", origin_of(redirect_uri).trim_end_matches(':')),
    }
}

const fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::ProfileRead => "see your username and e-mail address",
        Scope::AccountsRead => "see your accounts and balances",
        Scope::AccountsWrite => "open, rename and close accounts",
        Scope::TransactionsRead => "see your transactions",
        Scope::TransactionsWrite => "<strong>move your money</strong>",
    }
}

/// As text inside HTML, or inside a quoted attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_lets_the_form_lead_back_to_the_client_only() {
        assert_eq!(origin_of("https://client.example/callback?a=b"), "https://client.example");
        assert_eq!(origin_of("http://127.0.0.1:4000/callback"), "http://127.0.0.1:4000");
        assert_eq!(origin_of("http://[::1]:4000/"), "http://[::1]:4000");
        assert_eq!(origin_of("com.example.app:/callback"), "com.example.app:");
    }

    #[test]
    fn what_others_made_up_is_text_on_the_page() {
        assert_eq!(escaped("<b a=\"1\" b='2'>&"), "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;");
    }

    #[test]
    fn people_are_told_where_they_go() {
        assert_eq!(place_of("https://client.example/callback"), "client.example");
        for local in ["http://127.0.0.1:4000/callback", "http://[::1]/", "http://localhost:4000/callback"] {
            assert_eq!(place_of(local), "a program on this device");
        }
        assert_eq!(place_of("https://127.0.0.1.evil.example/callback"), "127.0.0.1.evil.example");
        assert_eq!(place_of("com.example.app:/callback"), "the app com.example.app");
    }
}

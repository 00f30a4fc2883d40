//! The authorization server on the wire: a client and a browser for the tests below.

mod consent;
mod passkeys;
mod registrations;
mod requests;
mod staff;
mod tokens;

use crate::bank::{Answer, Bank, PASSWORD, Person};
use serde_json::{Value, json};

const CALLBACK: &str = "https://client.example/callback";
// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A registered client.
struct Client<'a> {
    bank: &'a Bank,
    id: String,
    secret: Option<String>,
}

/// The consent page as a browser holds it.
struct Page {
    answer: Answer,
    cookie: String,
    request: String,
    csrf: String,
}

impl<'a> Client<'a> {
    async fn register(bank: &'a Bank, owner: &Person<'_>, confidential: bool) -> Self {
        Self::register_for(bank, owner, (confidential, &["accounts:read", "transactions:read"])).await
    }

    async fn register_for(bank: &'a Bank, owner: &Person<'_>, (confidential, scopes): (bool, &[&str])) -> Self {
        let body = json!({
            "name": "Budget <b>", "redirectUris": [CALLBACK], "confidential": confidential, "scopes": scopes,
        });
        let registered = owner.post("/api/auth/oauth/clients", &body).await.expect(201);
        let id = registered["client"]["id"].as_str().unwrap().to_owned();
        Self { bank, id, secret: registered["secret"].as_str().map(ToOwned::to_owned) }
    }

    /// The parameters that a client sends a browser with, some of them changed.
    fn query(&self, changes: &[(&str, &str)]) -> String {
        let usual = [
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "accounts:read"),
            ("state", "x y&z"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let changed = |name: &str| changes.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
        form(&usual.map(|(name, value)| (name, changed(name).unwrap_or(value))))
    }

    async fn ask(&self, changes: &[(&str, &str)]) -> Answer {
        let path = format!("/oauth/authorize?{}", self.query(changes));
        self.bank.send("GET", &path).await_answer().await
    }

    async fn page(&self) -> Page {
        self.page_for("accounts:read").await
    }

    async fn page_for(&self, scope: &str) -> Page {
        let answer = self.ask(&[("scope", scope)]).await;
        answer.expect(200);
        let set = answer.header("set-cookie").unwrap().to_owned();
        let cookie = set.split(';').next().unwrap().to_owned();
        Page {
            cookie,
            request: attribute(&answer, "name=\"request\" value"),
            csrf: attribute(&answer, "name=\"csrf\" value"),
            answer,
        }
    }

    /// The code that a consent leads to.
    async fn code(&self, username: &str) -> String {
        self.code_for(username, "accounts:read").await
    }

    async fn code_for(&self, username: &str, scope: &str) -> String {
        let page = self.page_for(scope).await;
        let answer = page.decide(self.bank, &[("username", username)]).await;
        location(&answer).parameter("code").unwrap()
    }

    /// Posts to an endpoint with the client's own credentials in the form.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let secret = self.secret.as_deref().map(|secret| ("client_secret", secret));
        let all: Vec<_> = fields.iter().copied().chain([("client_id", self.id.as_str())]).chain(secret).collect();
        post_form(self.bank, path, &all).await
    }

    async fn exchange(&self, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.post("/oauth/token", &fields).await
    }
}

impl Page {
    /// Sends a form that the page has, with these fields beside those that every form has.
    async fn send(&self, bank: &Bank, fields: &[(&str, &str)]) -> Answer {
        let every = [("request", self.request.as_str()), ("csrf", self.csrf.as_str())];
        let fields: Vec<_> = every.iter().chain(fields).copied().collect();
        let sending = bank.send("POST", "/oauth/authorize").header("cookie", &self.cookie);
        sending.header("content-type", "application/x-www-form-urlencoded").body(form(&fields)).await_answer().await
    }

    /// Sends the form as the browser would, some fields changed.
    async fn decide(&self, bank: &Bank, changes: &[(&str, &str)]) -> Answer {
        let usual = [
            ("request", self.request.as_str()),
            ("csrf", self.csrf.as_str()),
            ("username", "ann"),
            ("password", PASSWORD),
            ("second_factor", ""),
            ("decision", "allow"),
        ];
        let changed = |name: &str| changes.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
        let fields = usual.map(|(name, value)| (name, changed(name).unwrap_or(value)));
        let sending = bank.send("POST", "/oauth/authorize").header("cookie", &self.cookie);
        let sending = sending.header("content-type", "application/x-www-form-urlencoded");
        sending.body(form(&fields)).await_answer().await
    }
}

/// The value of an attribute of a page, found by what stands before its sign of equality.
fn attribute(page: &Answer, name: &str) -> String {
    let text = String::from_utf8(page.bytes.clone()).unwrap();
    let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
    rest.split('"').next().unwrap().replace("&quot;", "\"").replace("&amp;", "&")
}

/// Where a browser is sent.
struct Location(String);

impl Location {
    fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.0.split_once('?').unwrap();
        form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }
}

#[track_caller]
fn location(answer: &Answer) -> Location {
    answer.expect(303);
    Location(answer.header("location").unwrap().to_owned())
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn post_form(bank: &Bank, path: &str, fields: &[(&str, &str)]) -> Answer {
    let sending = bank.send("POST", path).header("content-type", "application/x-www-form-urlencoded");
    sending.body(form(fields)).await_answer().await
}

/// A refusal in OAuth's own words.
#[track_caller]
fn expect_refused(answer: &Answer, status: u16, error: &str) {
    let body = answer.expect(status);
    assert_eq!(body["error"], error, "{body}");
    assert!(body["error_description"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    assert_eq!(
        (answer.header("cache-control"), answer.header("content-type")),
        (Some("no-store"), Some("application/json"))
    );
}

async fn call(bank: &Bank, token: &Value, path: &str) -> Answer {
    bank.send("GET", path).header("authorization", &format!("Bearer {}", token.as_str().unwrap())).await_answer().await
}

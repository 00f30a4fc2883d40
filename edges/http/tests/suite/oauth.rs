//! The authorization server on the wire: the consent page as a browser meets it, the token endpoints as programs do, and
//! everything that must not work.

use crate::bank::{Answer, Bank, PASSWORD, PUBLIC_URL, Person, with_bank, with_bank_of_second_factors};
use crate::second_factors::with_passkey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use store::Timestamp;
use testkit::totp_code;

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
        let body = json!({
            "name": "Budget <b>", "redirectUris": [CALLBACK], "confidential": confidential,
            "scopes": ["accounts:read", "transactions:read"],
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
        let answer = self.ask(&[]).await;
        answer.expect(200);
        let set = answer.header("set-cookie").unwrap().to_owned();
        let text = String::from_utf8(answer.bytes.clone()).unwrap();
        let field = |name: &str| {
            let (_, rest) = text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
            rest.split('"').next().unwrap().replace("&amp;", "&")
        };
        let cookie = set.split(';').next().unwrap().to_owned();
        Page { cookie, request: field("request"), csrf: field("csrf"), answer }
    }

    /// The code that a consent leads to.
    async fn code(&self, username: &str) -> String {
        let page = self.page().await;
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

#[test]
fn a_person_consents_and_the_program_reaches_what_they_allowed() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        assert_eq!(client.secret, None);
        let answer = client.page().await.decide(&bank, &[]).await;
        let location = location(&answer);
        assert!(location.0.starts_with(&format!("{CALLBACK}?")), "{}", location.0);
        assert_eq!(location.parameter("state").as_deref(), Some("x y&z"));
        assert_eq!(location.parameter("iss").as_deref(), Some(PUBLIC_URL));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        let answer = client.exchange(&location.parameter("code").unwrap()).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let tokens = answer.expect(200);
        assert_eq!(
            (&tokens["token_type"], &tokens["expires_in"], &tokens["scope"]),
            (&json!("Bearer"), &json!(900), &json!("accounts:read"))
        );
        call(&bank, &tokens["access_token"], "/api/accounts").await.expect(200);
        let beyond = call(&bank, &tokens["access_token"], "/api/transactions").await;
        beyond.expect_error(403, "INSUFFICIENT_SCOPE");
        call(&bank, &tokens["access_token"], "/api/auth/grants").await.expect_error(403, "SESSION_REQUIRED");

        let refreshing =
            [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
        let renewed = client.post("/oauth/token", &refreshing).await.expect(200);
        call(&bank, &renewed["access_token"], "/api/accounts").await.expect(200);
        expect_refused(&client.post("/oauth/token", &refreshing).await, 400, "invalid_grant");
        call(&bank, &renewed["access_token"], "/api/accounts").await.expect_error(401, "SESSION_ENDED");
    });
}

#[test]
fn the_consent_keeps_nobody_logged_in() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        client.code("ann").await;
        let sessions = ann.get("/api/auth/sessions").await.expect(200);
        assert_eq!(sessions["data"].as_array().unwrap().len(), 1, "only the one of the test itself: {sessions}");
    });
}

#[test]
fn the_page_shows_who_asks_for_what_and_nothing_can_be_put_into_or_around_it() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let page = Client::register(&bank, &ann, false).await.page().await;
        let text = String::from_utf8(page.answer.bytes.clone()).unwrap();
        assert!(text.contains("Budget &lt;b&gt;") && !text.contains("Budget <b>"), "{text}");
        assert!(text.contains("see your accounts") && text.contains("client.example"), "{text}");
        assert!(!text.contains("<script"), "it works without scripts");
        let policy = page.answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self' https://client.example",
        ] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.answer.header("cache-control"), Some("no-store"));
        let cookie = page.answer.header("set-cookie").unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    });
}

#[test]
fn no_answer_counts_that_does_not_come_from_the_page() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        let (page, other) = (client.page().await, client.page().await);
        let other_request = page.request.replace("accounts%3Aread", "transactions%3Aread");
        assert_ne!(other_request, page.request);
        for changes in [
            [("csrf", "")],
            [("csrf", other.csrf.as_str())],
            [("csrf", "guessed")],
            [("request", other_request.as_str())],
        ] {
            let refused = page.decide(&bank, &changes).await;
            assert_eq!(refused.status.as_u16(), 403, "{changes:?}");
            assert!(refused.header("location").is_none());
        }
        let forged = Page { cookie: "florin_consent=".to_owned(), ..client.page().await };
        assert_eq!(forged.decide(&bank, &[]).await.status.as_u16(), 403, "without the cookie");
        let sending = bank.send("POST", "/oauth/authorize").header("cookie", &page.cookie);
        let fields = [("request", page.request.as_str()), ("csrf", &page.csrf), ("decision", "allow")];
        let sending = sending.header("content-type", "application/x-www-form-urlencoded");
        let refused = sending.header("sec-fetch-site", "cross-site").body(form(&fields)).await_answer().await;
        assert_eq!(refused.status.as_u16(), 403, "from another site");
    });
}

#[test]
fn whoever_is_not_the_person_or_says_no_gives_no_code() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        let page = client.page().await;
        for changes in [[("password", "another password")], [("username", "nobody")], [("password", "")]] {
            let refused = page.decide(&bank, &changes).await;
            assert_eq!(refused.status.as_u16(), 403, "{changes:?}");
            let text = String::from_utf8(refused.bytes).unwrap();
            assert!(text.contains("The username or the password is wrong."), "{text}");
        }
        let denied = location(&page.decide(&bank, &[("decision", "deny")]).await);
        assert_eq!((denied.parameter("error").as_deref(), denied.parameter("code")), (Some("access_denied"), None));
        assert_eq!(denied.parameter("iss").as_deref(), Some(PUBLIC_URL));
        location(&page.decide(&bank, &[]).await).parameter("code").expect("the page is still good");
    });
}

#[test]
fn who_has_a_second_factor_consents_with_it() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        let secret = ann.post("/api/auth/mfa/totp", &json!({})).await.expect(201)["secret"].clone();
        let now = Timestamp::now();
        let code = json!({ "code": totp_code(secret.as_str().unwrap(), now) });
        let enabled = ann.post("/api/auth/mfa/totp/confirm", &code).await.expect(200);
        let recovery_code = enabled["recoveryCodes"][0].as_str().unwrap();
        let page = client.page().await;
        for wrong in ["", "12345", "nonsense", code["code"].as_str().unwrap()] {
            let refused = page.decide(&bank, &[("second_factor", wrong)]).await;
            assert_eq!(refused.status.as_u16(), 403, "{wrong}");
            assert!(String::from_utf8(refused.bytes).unwrap().contains("Type the code of your app"));
        }
        let next = totp_code(secret.as_str().unwrap(), now.plus_seconds(30));
        for right in [next.as_str(), recovery_code] {
            location(&page.decide(&bank, &[("second_factor", right)]).await).parameter("code").unwrap();
        }
    });
}

#[test]
fn nobody_without_a_second_factor_consents_where_everybody_needs_one() {
    with_bank_of_second_factors(async |bank| {
        let owner = bank.customer("owner").await;
        let (owner, _, _) = with_passkey(&bank, &owner).await;
        let client = Client::register(&bank, &owner, false).await;
        bank.customer("ann").await;
        let refused = client.page().await.decide(&bank, &[]).await;
        assert_eq!(refused.status.as_u16(), 403);
        assert!(String::from_utf8(refused.bytes).unwrap().contains("Set up a second factor first"));
    });
}

#[test]
fn nobody_is_sent_to_an_address_that_is_not_registered() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        for (name, value) in [
            ("redirect_uri", "https://evil.example/callback"),
            ("redirect_uri", "https://client.example/callback/"),
            ("redirect_uri", "https://client.example/callback?next=https://evil.example"),
            ("redirect_uri", "https://client.example@evil.example/callback"),
            ("redirect_uri", "//evil.example"),
            ("redirect_uri", "javascript:alert(1)"),
            ("redirect_uri", ""),
            ("client_id", "client_00000000000000000000000000"),
            ("client_id", "<script>"),
            ("client_id", ""),
        ] {
            let answer = client.ask(&[(name, value)]).await;
            assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None), "{name}={value}");
            assert!(answer.header("content-type").unwrap().starts_with("text/html"));
            assert!(!String::from_utf8(answer.bytes).unwrap().contains("evil"), "what was sent is not repeated");
        }
        let repeated = format!("/oauth/authorize?{}&redirect_uri=https://evil.example", client.query(&[]));
        assert_eq!(bank.send("GET", &repeated).await_answer().await.status.as_u16(), 400);
    });
}

#[test]
fn a_request_without_a_proper_challenge_is_refused_at_the_clients_address() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        for (name, value, error) in [
            ("code_challenge", "", "invalid_request"),
            ("code_challenge", "short", "invalid_request"),
            ("code_challenge_method", "", "invalid_request"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("response_type", "token", "unsupported_response_type"),
            ("scope", "accounts:write", "invalid_scope"),
            ("scope", "admin", "invalid_scope"),
        ] {
            let back = location(&client.ask(&[(name, value)]).await);
            assert!(back.0.starts_with(&format!("{CALLBACK}?")), "{}", back.0);
            assert_eq!(back.parameter("error").as_deref(), Some(error), "{name}={value}");
            assert_eq!(back.parameter("state").as_deref(), Some("x y&z"));
            assert_eq!(back.parameter("iss").as_deref(), Some(PUBLIC_URL));
        }
    });
}

#[test]
fn a_code_is_only_good_once_for_its_client_with_its_verifier() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        let other = Client::register(&bank, &ann, true).await;
        let code = client.code("ann").await;
        expect_refused(&other.exchange(&code).await, 400, "invalid_grant");
        let exchange = async |changes: (&str, &str)| {
            let usual = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER)];
            let fields = usual.map(|(name, value)| (name, if name == changes.0 { changes.1 } else { value }));
            client.post("/oauth/token", &fields).await
        };
        expect_refused(&exchange(("code_verifier", CHALLENGE)).await, 400, "invalid_grant");
        expect_refused(&exchange(("code_verifier", "")).await, 400, "invalid_request");
        expect_refused(&exchange(("code", "guessed")).await, 400, "invalid_grant");
        expect_refused(&exchange(("grant_type", "password")).await, 400, "unsupported_grant_type");
        expect_refused(&exchange(("grant_type", "")).await, 400, "invalid_request");
        let tokens = client.exchange(&code).await.expect(200);
        expect_refused(&client.exchange(&code).await, 400, "invalid_grant");
        let call = call(&bank, &tokens["access_token"], "/api/accounts").await;
        call.expect_error(401, "SESSION_ENDED");
    });
}

#[test]
fn a_client_proves_itself_in_the_header_or_in_the_form() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, true).await;
        let (id, secret) = (client.id.as_str(), client.secret.as_deref().unwrap());
        let basic = async |id: &str, secret: &str| {
            let value = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
            let sending = bank.send("POST", "/oauth/token").header("authorization", &value);
            let sending = sending.header("content-type", "application/x-www-form-urlencoded");
            sending.body("grant_type=client_credentials&scope=accounts%3Aread").await_answer().await
        };
        let tokens = basic(id, secret).await.expect(200);
        assert_eq!((&tokens["scope"], tokens.get("refresh_token")), (&json!("accounts:read"), None));
        call(&bank, &tokens["access_token"], "/api/accounts").await.expect(200);
        client.post("/oauth/token", &[("grant_type", "client_credentials")]).await.expect(200);
        for refused in [
            basic(id, "wrong").await,
            basic(id, "").await,
            basic("client_00000000000000000000000000", secret).await,
            post_form(&bank, "/oauth/token", &[("grant_type", "client_credentials"), ("client_id", id)]).await,
            post_form(&bank, "/oauth/introspect", &[("token", "x")]).await,
            post_form(&bank, "/oauth/revoke", &[("token", "x"), ("client_id", id)]).await,
        ] {
            expect_refused(&refused, 401, "invalid_client");
            assert!(refused.header("www-authenticate").unwrap().starts_with("Basic realm="));
        }
        let wider = [("grant_type", "client_credentials"), ("scope", "transactions:write")];
        expect_refused(&client.post("/oauth/token", &wider).await, 400, "invalid_scope");
        let public = Client::register(&bank, &ann, false).await;
        let refused = public.post("/oauth/token", &[("grant_type", "client_credentials")]).await;
        expect_refused(&refused, 400, "unauthorized_client");
    });
}

#[test]
fn what_is_not_a_form_is_refused_in_oauths_words() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, true).await;
        let json = bank.send("POST", "/oauth/token").json(&json!({ "grant_type": "client_credentials" })).await;
        expect_refused(&json, 400, "invalid_request");
        let twice = [("grant_type", "client_credentials"), ("grant_type", "authorization_code")];
        expect_refused(&client.post("/oauth/token", &twice).await, 400, "invalid_request");
        let large = "a".repeat(2 * 1024 * 1024);
        client.post("/oauth/token", &[("code", &large)]).await.expect_error(413, "PAYLOAD_TOO_LARGE");
    });
}

#[test]
fn tokens_are_looked_into_and_given_back() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, true).await;
        let other = Client::register(&bank, &ann, true).await;
        let tokens = client.exchange(&client.code("ann").await).await.expect(200);
        let token = tokens["access_token"].as_str().unwrap();
        let known = client.post("/oauth/introspect", &[("token", token)]).await.expect(200);
        assert_eq!(
            (&known["active"], &known["scope"], &known["username"]),
            (&json!(true), &json!("accounts:read"), &json!("ann"))
        );
        assert_eq!((&known["client_id"], &known["iss"]), (&json!(client.id), &json!(PUBLIC_URL)));
        let inactive = json!({ "active": false });
        assert_eq!(other.post("/oauth/introspect", &[("token", token)]).await.expect(200), inactive);
        assert_eq!(client.post("/oauth/introspect", &[("token", &ann.token)]).await.expect(200), inactive);
        expect_refused(&other.post("/oauth/revoke", &[("token", token)]).await, 400, "invalid_grant");
        client.post("/oauth/revoke", &[("token", "unknown")]).await.expect(200);
        client.post("/oauth/revoke", &[("token", token), ("token_type_hint", "access_token")]).await.expect(200);
        assert_eq!(client.post("/oauth/introspect", &[("token", token)]).await.expect(200), inactive);
        call(&bank, &tokens["access_token"], "/api/accounts").await.expect_error(401, "SESSION_ENDED");
    });
}

#[test]
fn people_see_what_they_granted_and_take_it_back() {
    with_bank(async |bank| {
        let (ann, eve) = (bank.customer("ann").await, bank.customer("eve").await);
        let client = Client::register(&bank, &eve, true).await;
        let tokens = client.exchange(&client.code("ann").await).await.expect(200);
        let grants = ann.get("/api/auth/grants").await.expect(200);
        let grant = &grants["data"][0];
        assert_eq!((&grant["clientName"], &grant["scopes"]), (&json!("Budget <b>"), &json!(["accounts:read"])));
        let path = format!("/api/auth/grants/{}", grant["id"].as_str().unwrap());
        eve.send("DELETE", &path).await_answer().await.expect_error(404, "NOT_FOUND");
        ann.send("DELETE", &path).await_answer().await.expect(204);
        ann.send("DELETE", &path).await_answer().await.expect_error(404, "NOT_FOUND");
        call(&bank, &tokens["access_token"], "/api/accounts").await.expect_error(401, "SESSION_ENDED");
        assert_eq!(ann.get("/api/auth/grants").await.expect(200), json!({ "data": [], "nextCursor": null }));

        let clients = eve.get("/api/auth/oauth/clients").await.expect(200);
        assert_eq!((&clients["data"][0]["id"], clients["data"][0].get("secret")), (&json!(client.id), None));
        let path = format!("/api/auth/oauth/clients/{}", client.id);
        ann.send("DELETE", &path).await_answer().await.expect_error(404, "NOT_FOUND");
        eve.send("DELETE", &path).await_answer().await.expect(204);
        let refused = client.post("/oauth/token", &[("grant_type", "client_credentials")]).await;
        expect_refused(&refused, 401, "invalid_client");
    });
}

#[test]
fn a_client_that_cannot_be_registered_is_told_why() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        for (name, value) in [
            ("name", json!("")),
            ("redirectUris", json!(["http://client.example/"])),
            ("scopes", json!(["everything"])),
            ("scopes", json!([])),
        ] {
            let mut body = json!({ "name": "Budget", "redirectUris": [CALLBACK], "confidential": true, "scopes": ["accounts:read"] });
            body[name] = value;
            let error = ann.post("/api/auth/oauth/clients", &body).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], name);
        }
    });
}

#[test]
fn the_metadata_names_every_endpoint_and_only_what_works() {
    with_bank(async |bank| {
        let metadata = bank.send("GET", "/.well-known/oauth-authorization-server").await_answer().await.expect(200);
        assert_eq!(metadata["issuer"], PUBLIC_URL);
        assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
        for (name, value) in metadata.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("endpoint")) {
            let path = value.as_str().unwrap().strip_prefix(PUBLIC_URL).unwrap();
            assert!(http_edge::ROUTES.iter().any(|spec| spec.path == path), "{name}");
        }
    });
}

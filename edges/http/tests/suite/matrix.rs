//! Every route, every role, every owner: who gets in, worked out from the table of routes; and programs of the staff.
//!
//! A new route needs nothing here, unless its path has a parameter: then [`NAMED`] says what the parameter names, and
//! [`Kind::make`] how to make one that belongs to a person. A route with a parameter that nobody knows how to fill fails.
//! A route whose empty body would be refused before its identifier is looked up has a line in [`bodies`].

use crate::bank::{Answer, Bank, PASSWORD, Person, transfer, with_bank};
use crate::standing_orders::order;
use db::WallTime;
use http_edge::{Needs, ROUTES, RouteSpec, Who};
use identity::{Password, Role};
use serde_json::{Value, json};
use uuid::Uuid;

/// What the parameter in a path names: the first line whose text the path begins with counts.
const NAMED: &[(&str, Kind)] = &[
    ("/api/accounts/{id}", Kind::Account),
    ("/api/transactions/account/{accountId}", Kind::Account),
    ("/api/transactions/{id}/capture", Kind::Hold),
    ("/api/transactions/{id}/release", Kind::Hold),
    ("/api/transactions/{id}", Kind::Transaction),
    ("/api/auth/sessions/{id}", Kind::Session),
    ("/api/auth/api-keys/{id}", Kind::ApiKey),
    // What strangers get is tried in second_factors.rs: the first passkey ends the session of its owner.
    ("/api/auth/mfa/passkeys/{id}", Kind::Passkey),
    ("/api/auth/oauth/clients/{id}", Kind::Client),
    // What strangers get is also tried in oauth.rs, with a grant that somebody gave.
    ("/api/auth/grants/{id}", Kind::Grant),
    ("/api/webhooks/{id}", Kind::Webhook),
    ("/api/standing-orders/{id}", Kind::StandingOrder),
    // What is somebody else's is tried in notices.rs, with what happened to them.
    ("/api/notifications/{id}", Kind::Notice),
    ("/api/admin/accounts/{id}", Kind::Account),
    ("/api/admin/users/{id}", Kind::User),
    ("/api/admin/approvals/{id}", Kind::Approval),
    // Payments that somebody looks at are tried in reviews.rs.
    ("/api/admin/reviews/{id}", Kind::Review),
    // What waits for a consumer is tried in parked.rs.
    ("/api/admin/consumers/{consumer}", Kind::Parked),
    ("/api/reports/general-ledger/{code}", Kind::Line),
    ("/api/audit/tile/{*path}", Kind::Tile),
    // What people get of what they did themselves is tried in audit_log.rs.
    ("/api/audit/events/{id}", Kind::Event),
    ("/docs/{file}", Kind::File),
    ("/assets/{file}", Kind::File),
    ("/app/{page}", Kind::File),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Account,
    Transaction,
    Hold,
    Session,
    ApiKey,
    Passkey,
    Client,
    Grant,
    User,
    Approval,
    Review,
    Webhook,
    StandingOrder,
    Line,
    Notice,
    Event,
    Parked,
    Tile,
    File,
}

impl Kind {
    fn of(spec: &RouteSpec) -> Option<Self> {
        let found = NAMED.iter().find(|(beginning, _)| spec.path.starts_with(beginning));
        assert!(found.is_some() || !spec.path.contains('{'), "say in NAMED what {} names", spec.path);
        found.map(|(_, kind)| *kind)
    }

    /// A new one that belongs to the person, who is a customer.
    async fn make(self, world: &World<'_>, owner: &Person<'_>) -> String {
        match self {
            Self::Account => owner.account().await,
            Self::Transaction => world.paid_to(owner, "/api/transactions/transfer").await,
            Self::Hold => world.paid_to(owner, "/api/transactions/hold").await,
            Self::Session => {
                let sessions = owner.get("/api/auth/sessions").await.expect(200);
                sessions["data"][0]["id"].as_str().unwrap().to_owned()
            }
            Self::ApiKey => {
                let body = json!({ "name": "matrix", "scopes": ["accounts:read"] });
                let made = owner.post("/api/auth/api-keys", &body).await.expect(201);
                made["apiKey"]["id"].as_str().unwrap().to_owned()
            }
            Self::Client => {
                let body = json!({
                    "name": "matrix", "redirectUris": [], "confidential": true, "scopes": ["accounts:read"]
                });
                let made = owner.post("/api/auth/oauth/clients", &body).await.expect(201);
                made["client"]["id"].as_str().unwrap().to_owned()
            }
            Self::Grant | Self::Passkey | Self::Notice | Self::Event | Self::Tile | Self::Parked | Self::Review => {
                self.unknown()
            }
            // A new one each time: administrators disable it.
            Self::User => world.bank.customer(&format!("m.{}", Uuid::now_v7().simple())).await.id().await,
            Self::Approval => {
                let body = json!({
                    "accountId": world.cash_box, "amount": "1.00", "currency": "USD", "reason": "Of the matrix"
                });
                let asked = world.root.pay("/api/admin/adjustments", &body).await.expect(202);
                asked["id"].as_str().unwrap().to_owned()
            }
            Self::Webhook => {
                // Nobody has more than ten.
                for known in owner.get("/api/webhooks").await.expect(200)["data"].as_array().unwrap() {
                    let path = format!("/api/webhooks/{}", known["id"].as_str().unwrap());
                    owner.send("DELETE", &path).await_answer().await.expect(204);
                }
                let body = json!({ "url": "https://hooks.example.com/florin", "types": ["*"] });
                let made = owner.post("/api/webhooks", &body).await.expect(201);
                made["webhook"]["id"].as_str().unwrap().to_owned()
            }
            Self::StandingOrder => {
                let (source, savings) = (owner.account().await, owner.account().await);
                let made = owner.pay("/api/standing-orders", &order(&source, &savings)).await.expect(201);
                made["id"].as_str().unwrap().to_owned()
            }
            Self::Line => "1000".to_owned(),
            Self::File => "index.css".to_owned(),
        }
    }

    /// One that nobody has.
    fn unknown(self) -> String {
        match self {
            Self::Account => ids::AccountId::generate().to_string(),
            Self::Transaction | Self::Hold | Self::Review => ids::TransactionId::generate().to_string(),
            Self::Session => ids::SessionId::generate().to_string(),
            Self::Passkey => ids::PasskeyId::generate().to_string(),
            Self::ApiKey => ids::ApiKeyId::generate().to_string(),
            Self::Client => ids::ClientId::generate().to_string(),
            Self::Grant => ids::GrantId::generate().to_string(),
            Self::User => ids::UserId::generate().to_string(),
            Self::Approval => ids::ApprovalId::generate().to_string(),
            Self::Webhook => ids::WebhookId::generate().to_string(),
            Self::StandingOrder => ids::StandingOrderId::generate().to_string(),
            Self::Line => "9999".to_owned(),
            Self::Notice => ids::NoticeId::generate().to_string(),
            Self::Event => ids::EventId::generate().to_string(),
            Self::Tile => "7/000".to_owned(),
            Self::Parked => Uuid::now_v7().to_string(),
            Self::File => "nothing.css".to_owned(),
        }
    }
}

/// What requests carry, so that nothing but the identifier can be wrong with them.
fn bodies(spec: &RouteSpec) -> Vec<Value> {
    match (spec.method, spec.path) {
        ("PUT", "/api/accounts/{id}") => vec![json!({ "name": "Mine now" }), json!({ "status": "FROZEN" })],
        ("POST", "/api/transactions/{id}/capture" | "/api/transactions/{id}/refund") => {
            vec![json!({ "amount": "1.00" }), json!({})]
        }
        ("PUT", "/api/auth/api-keys/{id}/signing-key") => {
            // The public key of RFC 8037, appendix A.2.
            let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
            vec![json!({ "publicKey": key, "algorithm": "ed25519" })]
        }
        ("PUT", "/api/admin/accounts/{id}/owner") => vec![json!({ "userId": Kind::User.unknown() })],
        ("PUT", "/api/admin/users/{id}/external-identity") => vec![json!({ "subject": Uuid::now_v7().to_string() })],
        ("PUT", "/api/admin/users/{id}/role") => vec![json!({ "role": "teller" })],
        ("PUT", "/api/webhooks/{id}") => vec![json!({ "url": "https://hooks.example.com/mine", "types": ["*"] })],
        ("PUT", "/api/standing-orders/{id}") => {
            vec![order(&Kind::Account.unknown(), &Kind::Account.unknown())]
        }
        ("POST", "/api/webhooks/{id}/replay") => {
            vec![json!({ "from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z" })]
        }
        ("POST", "/api/admin/reviews/{id}/assign") => vec![json!({ "userId": null })],
        ("POST", "/api/admin/reviews/{id}/note") => vec![json!({ "text": "Called" })],
        ("POST", "/api/admin/reviews/{id}/label") => vec![json!({ "label": "GENUINE" })],
        ("POST", "/api/admin/reviews/{id}/approve" | "/api/admin/reviews/{id}/decline") => {
            vec![json!({ "reason": "Called" })]
        }
        ("PUT", "/api/auth/mfa/passkeys/{id}") => vec![json!({ "name": "Mine now" })],
        _ => vec![json!({})],
    }
}

/// Those whose things the identifiers name.
struct World<'a> {
    bank: &'a Bank,
    root: Person<'a>,
    payer: Person<'a>,
    /// The payer's account.
    cash_box: String,
}

impl<'a> World<'a> {
    /// One for each role, so that no proof grows old on the way.
    async fn new(bank: &'a Bank, role: Role) -> Self {
        let root = bank.admin(&format!("root.{}", role.word())).await;
        let payer = bank.customer(&format!("payer.{}", role.word())).await;
        let cash_box = payer.account_with("100000.00").await;
        Self { bank, root, payer, cash_box }
    }

    /// Money to a new account of the person, who so is a party and the receiver.
    async fn paid_to(&self, receiver: &Person<'_>, path: &str) -> String {
        let account = receiver.account().await;
        let paid = self.payer.pay(path, &transfer(&self.cash_box, &account, "1.00")).await.expect(201);
        paid["id"].as_str().unwrap().to_owned()
    }
}

/// A session whose proof is no longer fresh.
async fn stale(bank: &Bank, username: &str) -> String {
    let at = WallTime::now().plus_seconds(-identity::Proof::fresh_seconds() - 60);
    bank.factors.login(username, Password::new(PASSWORD), at).await.unwrap().access_token
}

fn username(role: Role) -> String {
    format!("matrix.{}", role.word())
}

async fn person(bank: &Bank, role: Role) -> Person<'_> {
    match role {
        Role::Customer => bank.customer(&username(role)).await,
        _ => bank.staff(&username(role), role).await,
    }
}

fn path_of(spec: &RouteSpec, id: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { id.to_owned() } else { part.to_owned() };
    spec.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Sends one of the route's bodies.
async fn send(bank: &Bank, token: Option<&str>, spec: &RouteSpec, (id, body): (&str, &Value)) -> Answer {
    let mut sending = bank.send(spec.method, &path_of(spec, id)).header("x-request-id", "same");
    if let Some(token) = token {
        sending = sending.header("authorization", &format!("Bearer {token}"));
    }
    match spec.method {
        "GET" | "DELETE" => sending.await_answer().await,
        _ => sending.header("idempotency-key", &Uuid::now_v7().to_string()).json(body).await,
    }
}

fn code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

/// What was answered, without the time and with the identifier taken out.
fn without(answer: &Answer, id: &str) -> (u16, String) {
    let mut body = answer.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("timestamp");
    }
    (answer.status.as_u16(), body.to_string().replace(id, "{id}"))
}

/// The codes by which a route keeps somebody out.
const KEPT_OUT: [&str; 8] = [
    "UNAUTHENTICATED",
    "INVALID_TOKEN",
    "TOKEN_EXPIRED",
    "SESSION_ENDED",
    "STEP_UP_REQUIRED",
    "INSUFFICIENT_SCOPE",
    "SESSION_REQUIRED",
    "FORBIDDEN",
];

#[test]
fn nobody_without_a_credential_gets_past_what_is_not_public() {
    with_bank(async |bank| {
        for spec in ROUTES {
            let id = Kind::of(spec).map_or_else(String::new, Kind::unknown);
            let answer = send(&bank, None, spec, (&id, &json!({}))).await;
            let name = format!("{} {}", spec.method, spec.path);
            if spec.who == Who::Public {
                assert!(!KEPT_OUT.contains(&code(&answer).as_str()), "{name}: {}", code(&answer));
            } else {
                assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (401, "UNAUTHENTICATED"), "{name}");
            }
        }
    });
}

#[test]
fn every_role_gets_into_its_routes_and_no_others_with_its_own_and_others_identifiers() {
    with_bank(async |bank| {
        let other = bank.customer("matrix.other").await;
        let mut cells = 0;
        for role in Role::ALL {
            let world = World::new(&bank, role).await;
            let mut caller = person(&bank, role).await;
            for spec in ROUTES.iter().filter(|spec| spec.who != Who::Public) {
                cells += Cell { world: &world, role, spec }.check(&caller, &other).await;
                // Logging out, and ending sessions, worked: in again.
                if caller.get("/api/auth/me").await.status != 200 {
                    caller = bank.log_in(&username(role)).await;
                }
            }
        }
        println!("{cells} cells");
        assert!(cells > ROUTES.len() * Role::ALL.len(), "{cells}");
    });
}

#[test]
fn an_old_proof_opens_nothing_that_needs_a_fresh_one() {
    with_bank(async |bank| {
        for role in Role::ALL {
            person(&bank, role).await;
            let token = stale(&bank, &username(role)).await;
            let fresh = ROUTES.iter().filter(|spec| spec.needs == Needs::FreshSession);
            for spec in fresh.filter(|spec| spec.who.roles().contains(&role)) {
                let id = Kind::of(spec).map_or_else(String::new, Kind::unknown);
                let answer = send(&bank, Some(&token), spec, (&id, &json!({}))).await;
                let name = format!("{} {} as {}", spec.method, spec.path, role.word());
                assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (401, "STEP_UP_REQUIRED"), "{name}");
            }
        }
    });
}

#[test]
fn a_program_of_staff_reaches_nothing_of_others_on_any_route() {
    with_bank(async |bank| {
        let other = bank.customer("matrix.other").await;
        for role in Role::ALL.into_iter().filter(|role| role.is_staff()) {
            let world = World::new(&bank, role).await;
            let owner = person(&bank, role).await;
            let scopes: Vec<&str> = role.scopes().iter().map(|scope| scope.word()).collect();
            let made = owner.post("/api/auth/api-keys", &json!({ "name": "matrix", "scopes": scopes })).await;
            let key = made.expect(201)["key"].as_str().unwrap().to_owned();
            let reached = ROUTES.iter().filter(|spec| matches!(spec.needs, Needs::Scope(_)));
            for spec in reached.filter(|spec| spec.who.roles().contains(&role)) {
                let Some(kind) = Kind::of(spec) else { continue };
                for body in bodies(spec) {
                    let (foreign, unknown) = (kind.make(&world, &other).await, kind.unknown());
                    let of_other = send(&bank, Some(&key), spec, (&foreign, &body)).await;
                    let of_nobody = send(&bank, Some(&key), spec, (&unknown, &body)).await;
                    let name = format!("{} {} as {}", spec.method, spec.path, role.word());
                    assert_eq!(of_other.status.as_u16(), 404, "{name}: {}", of_other.json());
                    assert_eq!(without(&of_other, &foreign), without(&of_nobody, &unknown), "{name}");
                }
            }
        }
    });
}

/// One route in the hands of one role.
struct Cell<'a> {
    world: &'a World<'a>,
    role: Role,
    spec: &'static RouteSpec,
}

impl Cell<'_> {
    /// Tries another's, an unknown, and the caller's own identifier; gives how many it tried.
    async fn check(&self, caller: &Person<'_>, other: &Person<'_>) -> usize {
        let bodies = bodies(self.spec);
        let Some(kind) = Kind::of(self.spec) else {
            self.expect_family(&self.send(caller, "", &bodies[0]).await, "no identifier");
            return 1;
        };
        let mut tried = 0;
        for body in &bodies {
            let (foreign, unknown) = (kind.make(self.world, other).await, kind.unknown());
            let of_other = self.send(caller, &foreign, body).await;
            let of_nobody = self.send(caller, &unknown, body).await;
            self.expect_of_others(kind, &of_other, &of_nobody);
            if !self.sees_others(kind) {
                assert_eq!(without(&of_other, &foreign), without(&of_nobody, &unknown), "{}", self.name("another's"));
            }
            tried += 2;
        }
        // Last, because it may be their own session that they end. Staff has nothing of its own here.
        if self.role == Role::Customer {
            let own = kind.make(self.world, caller).await;
            self.expect_family(&self.send(caller, &own, &bodies[0]).await, "own");
            tried += 1;
        }
        tried
    }

    fn expect_of_others(&self, kind: Kind, of_other: &Answer, of_nobody: &Answer) {
        self.expect_family(of_nobody, "unknown");
        if self.may_call() {
            assert_eq!(of_nobody.status.as_u16(), 404, "{}: {}", self.name("unknown"), of_nobody.json());
        }
        // Staff sees what is not theirs, and is told plainly where it may not act on it.
        if self.sees_others(kind) && self.may_call() {
            let status = of_other.status.as_u16();
            assert!(status != 401 && status < 500, "{}: {status}", self.name("another's"));
        } else {
            self.expect_family(of_other, "another's");
        }
    }

    async fn send(&self, caller: &Person<'_>, id: &str, body: &Value) -> Answer {
        send(self.world.bank, Some(&caller.token), self.spec, (id, body)).await
    }

    /// Staff does, except for what is everybody's very own.
    fn sees_others(&self, kind: Kind) -> bool {
        let very_own = [Kind::Session, Kind::ApiKey, Kind::Passkey, Kind::Client, Kind::Grant, Kind::StandingOrder];
        self.role.is_staff() && !very_own.contains(&kind)
    }

    fn may_call(&self) -> bool {
        self.spec.who.roles().contains(&self.role)
    }

    fn expect_family(&self, answer: &Answer, whose: &str) {
        let (status, code) = (answer.status.as_u16(), code(answer));
        assert!(status < 500, "{}: {status} {code}", self.name(whose));
        if self.may_call() {
            assert!(!KEPT_OUT.contains(&code.as_str()), "{}: {status} {code}", self.name(whose));
        } else {
            assert_eq!((status, code.as_str()), (403, "FORBIDDEN"), "{}", self.name(whose));
        }
    }

    fn name(&self, whose: &str) -> String {
        format!("{} {} as {} with {whose}", self.spec.method, self.spec.path, self.role.word())
    }
}

//! A whole bank behind its router, people in it, and requests that read like sentences.

use crate::promise;
use approvals::{Actions, Approvals, People};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use clock::Clocks;
use db::{Db, Engine, WallTime};
use factors::{Factors, HalfDoneLogins};
use http_edge::{
    App, ClientAddress, ForwardedHeader, FrontDoor, FrontDoorSettings, MfaPolicy, Mode, Networks, OperationsPlace,
    Origins, RateLimits, Settings,
};
use identity::{Dependents, Identity, Mailing, NewStaff, Password, Role};
use outbox::Actor;
use outsiders::TestIssuer;
use payments::{Payments, Rules};
use programs::{Memory, Programs, TrustedIssuer, UnknownSubjects};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use testkit::TestDatabase;
use tower::ServiceExt as _;
use uuid::Uuid;

pub(crate) const PUBLIC_URL: &str = "http://bank.example";
pub(crate) const PASSWORD: &str = "secure_password";

/// The bank.
pub(crate) struct Bank {
    pub(crate) router: Router,
    app: Mutex<Option<App>>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) factors: Arc<Factors>,
    pub(crate) programs: Arc<Programs>,
    pub(crate) db: Db,
    folder: PathBuf,
}

/// Somebody who is logged in.
#[derive(Clone)]
pub(crate) struct Person<'a> {
    bank: &'a Bank,
    pub(crate) token: String,
}

/// One request on its way.
pub(crate) struct Sending<'a> {
    bank: &'a Bank,
    request: axum::http::request::Builder,
    body: Body,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

/// Runs the test body once on each engine, in sandbox mode.
pub(crate) fn with_bank(body: impl AsyncFn(Bank)) {
    with_bank_in(Mode::Sandbox, body);
}

/// Runs the test body once on each engine.
pub(crate) fn with_bank_in(mode: Mode, body: impl AsyncFn(Bank)) {
    testkit::on_each_engine(&schema::migrations(), async |db| body(Bank::open(db, mode).await).await);
}

/// Runs the test body once on each engine, behind a front door that is set up like this.
pub(crate) fn with_front_door(door: &FrontDoorSettings, body: impl AsyncFn(Bank)) {
    testkit::on_each_engine(&schema::migrations(), async |db| {
        body(Bank::open_behind(db, Mode::Sandbox, door.clone()).await).await;
    });
}

/// The same on SQLite alone.
pub(crate) fn on_sqlite(door: &FrontDoorSettings, body: impl AsyncFn(Bank)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let database = TestDatabase::create(Engine::Sqlite).await;
        let db = database.open(&schema::migrations()).await;
        body(Bank::open_behind(db, Mode::Sandbox, door.clone()).await).await;
    });
}

/// Runs the test body once on each engine, in a bank where everybody needs a second factor.
pub(crate) fn with_bank_of_second_factors(body: impl AsyncFn(Bank)) {
    testkit::on_each_engine(&schema::migrations(), async |db| {
        body(Bank::open_with(db, Mode::Sandbox, open_door(), MfaPolicy::Required).await).await;
    });
}

/// Runs the test body once on each engine, in a bank that trusts the issuer and does not know its keys yet.
pub(crate) fn with_bank_that_trusts(
    issuer: &TestIssuer,
    (mfa, unknown): (MfaPolicy, UnknownSubjects),
    body: impl AsyncFn(Bank),
) {
    testkit::on_each_engine(&schema::migrations(), async |db| {
        let trusted = TrustedIssuer { issuer: issuer.name.clone(), audience: issuer.audience.clone(), unknown };
        let door = FrontDoorSettings { rate_limits: RateLimits::InProcess, ..open_door() };
        let bank = Bank::open_trusting(db, Mode::Sandbox, door, (mfa, Some(trusted))).await;
        body(bank).await;
    });
}

/// A front door where nobody is limited, denied or trusted.
pub(crate) fn open_door() -> FrontDoorSettings {
    FrontDoorSettings {
        rate_limits: RateLimits::Off,
        trusted_proxies: Networks::default(),
        forwarded_header: ForwardedHeader::Either,
        deny_list: Networks::default(),
        cors_origins: Origins::default(),
        connections_max: 1_000,
    }
}

/// Runs the test body once on each engine, on a database that has people and lacks all tables of money.
pub(crate) fn with_damaged_bank(body: impl AsyncFn(Bank)) {
    let migrations = [
        outbox::MIGRATIONS,
        notifications::MIGRATIONS,
        identity::MIGRATIONS,
        factors::MIGRATIONS,
        programs::MIGRATIONS,
    ]
    .concat();
    testkit::on_each_engine(&migrations, async |db| body(Bank::open(db, Mode::Sandbox).await).await);
}

impl Bank {
    async fn open(db: Db, mode: Mode) -> Self {
        Self::open_behind(db, mode, open_door()).await
    }

    async fn open_behind(db: Db, mode: Mode, door: FrontDoorSettings) -> Self {
        Self::open_with(db, mode, door, MfaPolicy::Optional).await
    }

    async fn open_with(db: Db, mode: Mode, door: FrontDoorSettings, mfa: MfaPolicy) -> Self {
        Self::open_trusting(db, mode, door, (mfa, None)).await
    }

    async fn open_trusting(
        db: Db,
        mode: Mode,
        door: FrontDoorSettings,
        (mfa, trusted_issuer): (MfaPolicy, Option<TrustedIssuer>),
    ) -> Self {
        let folder = std::env::temp_dir().join(format!("florin_http_{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let settings = identity::Settings {
            token_keys_folder: folder.join("signing-keys"),
            issuer: PUBLIC_URL.to_owned(),
            breached_passwords_file: None,
            mailing: match mode {
                Mode::Sandbox => Mailing::On,
                Mode::Production => Mailing::Off,
            },
            secrets_key_path: folder.join("secrets.key"),
        };
        let memory = Arc::new(Memory::new(trusted_issuer));
        let dependents = Dependents::new(vec![Arc::new(HalfDoneLogins), Arc::clone(&memory) as _]);
        let identity = Arc::new(Identity::open(db.clone(), settings, dependents, WallTime::now()).await.unwrap());
        let factors = Arc::new(Factors::new(db.clone(), Arc::clone(&identity)));
        let programs = Arc::new(Programs::new(db.clone(), Arc::clone(&identity), memory));
        let wall: db::Clock = Arc::new(WallTime::now);
        let clocks = match mode {
            // A damaged bank has no clock to set.
            Mode::Sandbox => Clocks::of_sandbox(Arc::clone(&wall), &db).await.unwrap_or(Clocks::equal(wall)),
            Mode::Production => Clocks::equal(wall),
        };
        let payments = Payments::start(db.clone(), clocks.clone(), Rules { mode, unproved_units: 1_000 });
        let front_door = Arc::new(FrontDoor::new(door).unwrap());
        let people: Arc<dyn People> = identity.clone();
        let actions = accounts::register_actions(Actions::default());
        let actions = payments::register_actions(actions, &payments, Arc::clone(&people));
        let actions = programs::register_actions(identity::register_actions(actions, &identity), &programs);
        let approvals = Approvals::new(db.clone(), people, actions);
        let app = || App {
            db: db.clone(),
            clocks: clocks.clone(),
            front_door: Arc::clone(&front_door),
            identity: Arc::clone(&identity),
            factors: Arc::clone(&factors),
            programs: Arc::clone(&programs),
            payments: payments.clone(),
            approvals: approvals.clone(),
            metrics: http_edge::metrics_for_tests(),
            settings: Settings {
                mode,
                public_url: PUBLIC_URL.to_owned(),
                mfa,
                operations: OperationsPlace::MainListener,
            },
        };
        let (router, app) = (http_edge::router(&app()), app());
        Self { router, app: Mutex::new(Some(app)), identity, factors, programs, db, folder }
    }

    /// What a server of this bank needs; to be taken once.
    pub(crate) fn app(&self) -> App {
        self.app.lock().unwrap().take().unwrap()
    }

    /// The key that signs access tokens, for forgeries.
    pub(crate) fn signing_key_pem(&self) -> String {
        std::fs::read_to_string(self.folder.join("signing-keys/0001.pem")).unwrap()
    }

    /// A request without a token.
    pub(crate) fn send(&self, method: &str, path: &str) -> Sending<'_> {
        Sending { bank: self, request: Request::builder().method(method).uri(path), body: Body::empty() }
    }

    /// An account that belongs to nobody yet, with two movements and 70.00 dollars on it.
    pub(crate) async fn imported_account(&self) -> String {
        let row = |number: u64, minor| payments::history::HistoryRow {
            line: number,
            external_id: format!("row-{number}"),
            account: "elsewhere-1".to_owned(),
            value_date: WallTime::now().date(),
            money: money::Money::new(minor, money::Currency::parse("USD").unwrap()),
            category: payments::history::Category::Cash,
            counterparty: String::new(),
            description: "before".to_owned(),
        };
        let rows = [Ok(row(1, 10_000)), Ok(row(2, -3_000))];
        self.import(rows, None).await;
        let found = accounts::by_external_refs(&self.db, &["elsewhere-1".to_owned()]).await.unwrap();
        found["elsewhere-1"].to_string()
    }

    /// An account with so many cents on it that were taken over from elsewhere.
    pub(crate) async fn imported_account_with(&self, minor: i64, owner: Option<ids::UserId>) -> String {
        let row = payments::history::HistoryRow {
            line: 2,
            external_id: "much".to_owned(),
            account: "elsewhere-2".to_owned(),
            value_date: db::Date::parse("2012-03-04").unwrap(),
            money: money::Money::new(minor, money::Currency::parse("USD").unwrap()),
            category: payments::history::Category::Transfer,
            counterparty: String::new(),
            description: "before".to_owned(),
        };
        self.import([Ok(row)], owner).await;
        let found = accounts::by_external_refs(&self.db, &["elsewhere-2".to_owned()]).await.unwrap();
        found["elsewhere-2"].to_string()
    }

    async fn import<const N: usize>(
        &self,
        rows: [Result<payments::history::HistoryRow, payments::history::HistoryError>; N],
        owner: Option<ids::UserId>,
    ) {
        let (ending, clocks) = (payments::history::Ending::Commit, &testkit::clocks());
        let import = payments::history::Import { owner, ending, clocks };
        payments::history::import(&self.db, rows.into_iter(), &import, |_| ()).await.unwrap();
    }

    /// A new customer.
    pub(crate) async fn customer(&self, username: &str) -> Person<'_> {
        let body = json!({ "username": username, "password": PASSWORD });
        let answer = self.send("POST", "/api/auth/register").json(&body).await;
        Person { bank: self, token: answer.expect(201)["accessToken"].as_str().unwrap().to_owned() }
    }

    /// The access token of a new customer who comes through a proxy.
    pub(crate) async fn customer_through(&self, proxy: &str, username: &str) -> String {
        let body = json!({ "username": username, "password": PASSWORD });
        let sending = self.send("POST", "/api/auth/register").coming_from(proxy);
        let answer = sending.header("x-forwarded-for", "198.51.100.9").json(&body).await;
        answer.expect(201)["accessToken"].as_str().unwrap().to_owned()
    }

    /// Somebody with this access token or API key.
    pub(crate) fn person(&self, token: &str) -> Person<'_> {
        Person { bank: self, token: token.to_owned() }
    }

    /// A new administrator.
    pub(crate) async fn admin(&self, username: &str) -> Person<'_> {
        self.staff(username, Role::Admin).await
    }

    /// Somebody new who works for the bank.
    pub(crate) async fn staff(&self, username: &str, role: Role) -> Person<'_> {
        let new = NewStaff { username: username.to_owned(), password: Some(Password::new(PASSWORD)), role };
        self.identity.create_staff(new, Actor::COMMAND_LINE.does(WallTime::now())).await.unwrap();
        self.log_in(username).await
    }

    /// Somebody whom the bank knows, with a new session.
    pub(crate) async fn log_in(&self, username: &str) -> Person<'_> {
        let body = json!({ "username": username, "password": PASSWORD });
        let answer = self.send("POST", "/api/auth/login").json(&body).await;
        Person { bank: self, token: answer.expect(200)["accessToken"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl<'a> Person<'a> {
    /// A request with the person's token.
    pub(crate) fn send(&self, method: &str, path: &str) -> Sending<'a> {
        self.bank.send(method, path).header("authorization", &format!("Bearer {}", self.token))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path).await_answer().await
    }

    /// Their identifier.
    pub(crate) async fn id(&self) -> String {
        self.get("/api/auth/me").await.expect(200)["id"].as_str().unwrap().to_owned()
    }

    /// An administrator asks for a higher overdraft limit, and another one approves it.
    pub(crate) async fn raise_overdraft(&self, account_path: &str, limit: &str) {
        let asked = self.send("PUT", account_path).json(&json!({ "overdraftLimit": limit })).await.expect(202);
        let second = self.bank.admin(&format!("second.{}", Uuid::now_v7().simple())).await;
        let path = format!("/api/admin/approvals/{}/approve", asked["id"].as_str().unwrap());
        assert_eq!(second.post(&path, &json!({})).await.expect(200)["status"], "EXECUTED");
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path).json(body).await
    }

    /// Posts under a fresh idempotency key.
    pub(crate) async fn pay(&self, path: &str, body: &Value) -> Answer {
        self.pay_as(&Uuid::now_v7().to_string(), path, body).await
    }

    /// Posts under the given idempotency key.
    pub(crate) async fn pay_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.send("POST", path).header("idempotency-key", key).json(body).await
    }

    /// Opens an account in dollars; gives its identifier.
    pub(crate) async fn account(&self) -> String {
        self.account_in("USD").await
    }

    pub(crate) async fn account_in(&self, currency: &str) -> String {
        let body = json!({ "name": "Everyday", "type": "CHECKING", "currency": currency });
        self.post("/api/accounts", &body).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// Opens an account in dollars with so much on it.
    pub(crate) async fn account_with(&self, amount: &str) -> String {
        let account = self.account().await;
        self.pay("/api/transactions", &deposit(&account, amount)).await.expect(201);
        account
    }

    /// The balance of an account, as text.
    pub(crate) async fn balance(&self, account: &str) -> String {
        let balance = self.get(&format!("/api/accounts/{account}/balance")).await.expect(200);
        balance["balance"].as_str().unwrap().to_owned()
    }
}

impl Sending<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Comes over a connection from the address.
    pub(crate) fn coming_from(mut self, address: &str) -> Self {
        self.request = self.request.extension(ClientAddress::of_peer(address.parse().unwrap()));
        self
    }

    /// Gives it a body without saying what it is.
    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends JSON.
    pub(crate) async fn json(self, body: &Value) -> Answer {
        self.text(body.to_string()).await
    }

    /// Sends text that says of itself that it is JSON.
    pub(crate) async fn text(self, body: impl Into<Body>) -> Answer {
        self.header("content-type", "application/json").body(body).await_answer().await
    }

    pub(crate) async fn await_answer(self) -> Answer {
        let mut request = self.request.body(self.body).unwrap();
        let route = promise::route_of(request.method(), request.uri());
        request.headers_mut().entry("host").or_insert(HeaderValue::from_static("bank.example"));
        let response = self.bank.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let answer = Answer { status: head.status, headers: head.headers, bytes };
        promise::require_kept(route, &answer);
        answer
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body, if the status is as it must be.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// The error, if the status and the code are as they must be and the envelope is whole.
    #[track_caller]
    pub(crate) fn expect_error(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["error"]["code"], code, "{body}");
        assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
        assert!(body["error"]["details"].is_object(), "{body}");
        assert!(WallTime::parse(body["timestamp"].as_str().unwrap()).is_ok(), "{body}");
        assert!(!body["requestId"].as_str().unwrap().is_empty(), "{body}");
        assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert!(self.header("x-request-id").is_some());
        body["error"].clone()
    }
}

pub(crate) fn deposit(account: &str, amount: &str) -> Value {
    json!({ "type": "DEPOSIT", "destinationAccountId": account, "amount": amount, "currency": "USD" })
}

pub(crate) fn transfer(source: &str, destination: &str, amount: &str) -> Value {
    json!({ "sourceAccountId": source, "destinationAccountId": destination, "amount": amount, "currency": "USD" })
}

//! A whole bank behind its router, people in it, and requests that read like sentences.

pub(crate) use crate::sending::{Answer, Sending};
use approvals::{Actions, Approvals, People};
use audit::Audit;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use clock::Clocks;
use db::{Db, Engine, WallTime};
use factors::{Factors, HalfDoneLogins};
use fraud::{Fraud, RuleMode, RuleSet};
use http_edge::{
    App, ForwardedHeader, FrontDoor, FrontDoorSettings, Live, MfaPolicy, Mode, Networks, OperationsPlace, Origins,
    RateLimits, Settings, Telling,
};
use identity::{Dependents, Identity, Mailing, NewStaff, Password, Role};
use notifications::phone::Texting;
use outbox::Actor;
use outsiders::TestIssuer;
use payments::{Payments, Rules};
use programs::{Memory, Programs, TrustedIssuer, UnknownSubjects};
use serde_json::{Value, json};
use standing::StandingOrders;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use stream::Stream;
use testkit::TestDatabase;
use uuid::Uuid;
use webhooks::{Policy, Webhooks};

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
    pub(crate) audit: Audit,
    folder: PathBuf,
}

/// What banks of tests differ in; as it is by default, a sandbox that asks nobody for more than a password.
struct Opening {
    mode: Mode,
    door: FrontDoorSettings,
    mfa: MfaPolicy,
    trusted_issuer: Option<TrustedIssuer>,
}

impl Default for Opening {
    fn default() -> Self {
        Self { mode: Mode::Sandbox, door: open_door(), mfa: MfaPolicy::Optional, trusted_issuer: None }
    }
}

/// Somebody who is logged in.
#[derive(Clone)]
pub(crate) struct Person<'a> {
    bank: &'a Bank,
    pub(crate) token: String,
}

/// Runs the test body once on each engine, in sandbox mode.
pub(crate) fn with_bank(body: impl AsyncFn(Bank)) {
    with_bank_in(Mode::Sandbox, body);
}

/// Runs the test body once on each engine.
pub(crate) fn with_bank_in(mode: Mode, body: impl AsyncFn(Bank)) {
    testkit::on_each_engine(&schema::migrations(), async |db| {
        body(Bank::open(db, Opening { mode, ..Opening::default() }).await).await
    });
}

/// Runs the test body once on each engine, behind a front door that is set up like this.
pub(crate) fn with_front_door(door: &FrontDoorSettings, body: impl AsyncFn(Bank)) {
    testkit::on_each_engine(&schema::migrations(), async |db| {
        body(Bank::open(db, Opening { door: door.clone(), ..Opening::default() }).await).await;
    });
}

/// The same on SQLite alone.
pub(crate) fn on_sqlite(door: &FrontDoorSettings, body: impl AsyncFn(Bank)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let database = TestDatabase::create(Engine::Sqlite).await;
        let db = database.open(&schema::migrations()).await;
        body(Bank::open(db, Opening { door: door.clone(), ..Opening::default() }).await).await;
    });
}

/// Runs the test body once on each engine, in a bank where everybody needs a second factor.
pub(crate) fn with_bank_of_second_factors(body: impl AsyncFn(Bank)) {
    testkit::on_each_engine(&schema::migrations(), async |db| {
        body(Bank::open(db, Opening { mfa: MfaPolicy::Required, ..Opening::default() }).await).await;
    });
}

/// Runs the test body once on each engine, in a bank that trusts the issuer and does not know its keys yet.
pub(crate) fn with_bank_that_trusts(
    issuer: &TestIssuer,
    mfa: MfaPolicy,
    unknown: UnknownSubjects,
    body: impl AsyncFn(Bank),
) {
    testkit::on_each_engine(&schema::migrations(), async |db| {
        let trusted = TrustedIssuer { issuer: issuer.name.clone(), audience: issuer.audience.clone(), unknown };
        let door = FrontDoorSettings { rate_limits: RateLimits::InProcess, ..open_door() };
        let opening = Opening { door, mfa, trusted_issuer: Some(trusted), ..Opening::default() };
        body(Bank::open(db, opening).await).await;
    });
}

/// Rules of fraud are watched, as in a new bank.
fn watched_payments(db: &Db, clocks: &Clocks, mode: Mode) -> Payments {
    let (rules, watched) = (Rules { mode, unproved_units: 1_000 }, RuleSet::built_in(RuleMode::Shadow));
    Payments::start_watched(db.clone(), clocks.clone(), rules, Fraud::by(watched))
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
        // Without the table in which readiness is written.
        &db::MIGRATIONS[1..],
        outbox::MIGRATIONS,
        notifications::MIGRATIONS,
        identity::MIGRATIONS,
        factors::MIGRATIONS,
        programs::MIGRATIONS,
        audit::MIGRATIONS,
    ]
    .concat();
    testkit::on_each_engine(&migrations, async |db| body(Bank::open(db, Opening::default()).await).await);
}

/// The audit log, signed with a key of its own; nothing is put into it before somebody follows the stream.
async fn open_audit(db: &Db) -> Audit {
    Audit::open(db, Arc::new(WallTime::now), &audit::origin(PUBLIC_URL), &[7; 32]).await.unwrap()
}

impl Bank {
    async fn open(db: Db, opening: Opening) -> Self {
        let Opening { mode, door, mfa, trusted_issuer } = opening;
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
        let dependents =
            Dependents::new(vec![Arc::new(HalfDoneLogins), Arc::clone(&memory) as _, Arc::new(webhooks::Endpoints)]);
        let identity = Arc::new(Identity::open(db.clone(), settings, dependents, WallTime::now()).await.unwrap());
        let factors = Arc::new(Factors::new(db.clone(), Arc::clone(&identity)));
        let programs = Arc::new(Programs::new(db.clone(), Arc::clone(&identity), memory));
        let wall: db::Clock = Arc::new(WallTime::now);
        let clocks = match mode {
            // A damaged bank has no clock to set.
            Mode::Sandbox => Clocks::of_sandbox(Arc::clone(&wall), &db).await.unwrap_or(Clocks::equal(wall)),
            Mode::Production => Clocks::equal(wall),
        };
        let payments = watched_payments(&db, &clocks, mode);
        let front_door = Arc::new(FrontDoor::new(door).unwrap());
        let audit = open_audit(&db).await;
        let people: Arc<dyn People> = identity.clone();
        let actions = accounts::register_actions(Actions::default());
        let actions = payments::register_actions(actions, &payments, Arc::clone(&people));
        let actions = fraud::register_actions(actions, payments.fraud());
        let actions = programs::register_actions(identity::register_actions(actions, &identity), &programs);
        let approvals = Approvals::new(db.clone(), people, actions);
        let telling = telling(&db, &identity, mode);
        let app = || App {
            db: db.clone(),
            clocks: clocks.clone(),
            front_door: Arc::clone(&front_door),
            identity: Arc::clone(&identity),
            factors: Arc::clone(&factors),
            programs: Arc::clone(&programs),
            payments: payments.clone(),
            standing_orders: StandingOrders::new(db.clone(), clocks.clone(), payments.clone()),
            approvals: approvals.clone(),
            telling: telling.clone(),
            audit: audit.clone(),
            metrics: http_edge::metrics_for_tests(),
            settings: Settings {
                mode,
                public_url: PUBLIC_URL.to_owned(),
                mfa,
                operations: OperationsPlace::MainListener,
            },
        };
        let (router, app) = (http_edge::router(&app()), app());
        Self { router, app: Mutex::new(Some(app)), identity, factors, programs, db, audit, folder }
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

    /// An account with ten dollars on it that came from somebody elsewhere, taken over with its history.
    pub(crate) async fn imported_account_from(&self, counterparty: &str, owner: ids::UserId) -> String {
        let row = payments::history::HistoryRow {
            line: 2,
            external_id: "from".to_owned(),
            account: "elsewhere-3".to_owned(),
            value_date: db::Date::parse("2012-03-04").unwrap(),
            money: money::Money::new(1_000, money::Currency::parse("USD").unwrap()),
            category: payments::history::Category::Transfer,
            counterparty: counterparty.to_owned(),
            description: "before".to_owned(),
        };
        self.import([Ok(row)], Some(owner)).await;
        let found = accounts::by_external_refs(&self.db, &["elsewhere-3".to_owned()]).await.unwrap();
        found["elsewhere-3"].to_string()
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

fn telling(db: &Db, identity: &Arc<Identity>, mode: Mode) -> Telling {
    let mode = match mode {
        Mode::Sandbox => webhooks::Mode::Sandbox,
        Mode::Production => webhooks::Mode::Production,
    };
    let policy = Policy::new(mode, "", Vec::new()).unwrap();
    let webhooks = Webhooks::new(db.clone(), Arc::new(WallTime::now), Arc::clone(identity), policy);
    let live = Live::start(db, &Stream::new(db, Arc::new(WallTime::now)), 100);
    Telling { live, webhooks: Arc::new(webhooks), texting: Texting::On }
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

pub(crate) fn deposit(account: &str, amount: &str) -> Value {
    json!({ "type": "DEPOSIT", "destinationAccountId": account, "amount": amount, "currency": "USD" })
}

pub(crate) fn transfer(source: &str, destination: &str, amount: &str) -> Value {
    json!({ "sourceAccountId": source, "destinationAccountId": destination, "amount": amount, "currency": "USD" })
}

//! A database that answers and takes no writes: read-only, full, its sessions ended. The bank says so with 503 and on
//! `/ready`, reads go on, and a few seconds after the cause has gone everything works again, without a restart.

use db::Engine;
use std::process::Command;
use std::time::{Duration, Instant};
use stories::{Answer, Bank, Books, Client, Cluster, Load, PASSWORD, Random, Server, TinyDisk, eventually, transfer};
use tokio_postgres::NoTls;

const NOTICED_WITHIN: Duration = Duration::from_secs(3);
const WORKS_AGAIN_WITHIN: Duration = Duration::from_secs(5);
const TRANSFERS_UNTIL_FULL_MAX: usize = 5_000;
const DISK_MEGABYTES: u32 = 24;
const LITTLE_SPACE_BYTES: u64 = 128 * 1024;

/// Ann and her two accounts.
struct Scene {
    server: Server,
    ann: Client,
    accounts: [String; 2],
}

impl Scene {
    fn set(bank: &Bank) -> Self {
        let server = bank.serve();
        let ann = server.register("ann");
        let accounts = [ann.open_account_with("1000.00"), ann.open_account("USD")];
        Self { server, ann, accounts }
    }

    fn transfer(&self) -> Answer {
        self.ann.pay("/api/transactions/transfer", &transfer(&self.accounts[0], &self.accounts[1], "0.01"))
    }

    /// The process lives, says that it is not ready, turns writes away and lets people read.
    fn expect_reads_only(&self) {
        eventually("it is not ready", NOTICED_WITHIN, || self.ann.get("/ready").status != 200);
        self.ann.get("/ready").expect_unavailable();
        self.transfer().expect_unavailable();
        let login = serde_json::json!({ "username": "ann", "password": PASSWORD });
        self.server.anonymous().post("/api/auth/login", &login).expect_unavailable();
        self.ann.get("/health").expect(200);
        self.ann.get("/api/accounts").expect(200);
        self.ann.balances(&self.accounts[0]);
    }

    /// Money moves again, then always, and it says so.
    fn expect_works_again(&self) {
        let started = Instant::now();
        eventually("money moves again", WORKS_AGAIN_WITHIN, || {
            let answer = self.transfer();
            if answer.status != 201 {
                answer.expect_unavailable();
            }
            answer.status == 201
        });
        println!("money moves again after {:?}", started.elapsed());
        eventually("it is ready", NOTICED_WITHIN, || self.ann.get("/ready").status == 200);
        (0..50).for_each(|_| drop(self.transfer().expect(201)));
        self.server.log_in("ann", PASSWORD);
    }
}

#[test]
fn a_database_that_only_reads_is_noticed_and_used_again_when_it_writes() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let bank = Bank::on(Engine::Postgres);
    let url = bank.database_url().expect("it is on a server").to_owned();
    let (server_url, name) = url.rsplit_once('/').expect("a URL names a database");
    let admin = format!("{server_url}/postgres");
    let scene = Scene::set(&bank);
    // Managed servers do this when their disk is full; a primary that was demoted looks the same.
    sql(&admin, &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    end_sessions(&admin, name);
    scene.expect_reads_only();
    // All of its sessions are such that only read.
    let readers: Vec<_> = (0..30).map(|_| scene.ann.clone()).collect();
    let reading = readers.into_iter().map(|ann| std::thread::spawn(move || ann.get("/api/accounts").expect(200)));
    reading.collect::<Vec<_>>().into_iter().for_each(|reader| drop(reader.join().expect("reads go on")));
    sql(&admin, &format!("ALTER DATABASE {name} RESET default_transaction_read_only"));
    scene.expect_works_again();
    bank.expect_verified();
}

#[test]
fn sessions_that_others_end_cost_503s_and_nothing_else() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let bank = Bank::on(Engine::Postgres);
    let url = bank.database_url().expect("it is on a server").to_owned();
    let (server_url, name) = url.rsplit_once('/').expect("a URL names a database");
    let admin = format!("{server_url}/postgres");
    let server = bank.serve();
    let mut books = Books::open(&server);
    let customer = books.customer(&server);
    let load = Load::start(&customer, &books.accounts(), Random::from_environment(5).any());
    for _ in 0..5 {
        std::thread::sleep(Duration::from_millis(200));
        end_sessions(&admin, name);
    }
    std::thread::sleep(Duration::from_millis(300));
    let mut memory = load.finish();
    println!("{} done, {} without an answer", memory.settled(), memory.unknown.len());
    assert_eq!(memory.unknown.len(), memory.turned_away.len(), "every request got an answer");
    memory.turned_away.iter().for_each(Answer::expect_unavailable);
    memory.resolve(&customer);
    books.book(&memory);
    books.expect_balances(&customer);
    books.expect_kept(&customer, &memory);
    bank.expect_verified();
}

#[test]
fn a_full_disk_is_noticed_and_space_is_used_again() {
    for engine in testkit::engines() {
        println!("on {engine:?}");
        let Some(disk) = TinyDisk::mount(DISK_MEGABYTES) else { return };
        let cluster = (engine == Engine::Postgres).then(|| Cluster::create(&[]));
        let bank = match &cluster {
            None => Bank::at(format!("sqlite:{}", disk.path().join("florin.db").display())),
            Some(cluster) => Bank::at(database_on(&disk, cluster)),
        };
        let scene = Scene::set(&bank);
        scene.ann.get("/ready").expect(200);
        if engine == Engine::Sqlite {
            // A small write would find room for a while.
            disk.fill_but(LITTLE_SPACE_BYTES);
            eventually("it is not ready", NOTICED_WITHIN, || scene.ann.get("/ready").status != 200);
            disk.free();
            eventually("it is ready again", NOTICED_WITHIN, || scene.ann.get("/ready").status == 200);
        }
        disk.fill();
        let refused = (0..TRANSFERS_UNTIL_FULL_MAX).map(|_| scene.transfer()).find(|answer| answer.status != 201);
        refused.expect("the disk is full").expect_unavailable();
        eventually("it is not ready", NOTICED_WITHIN, || scene.ann.get("/ready").status != 200);
        scene.ann.get("/ready").expect_unavailable();
        scene.ann.get("/health").expect(200);
        scene.ann.balances(&scene.accounts[0]);
        disk.free();
        scene.expect_works_again();
        scene.server.stop();
        bank.expect_verified();
    }
}

/// A database whose tables, and nothing else of its server, lie on the disk.
fn database_on(disk: &TinyDisk, cluster: &Cluster) -> String {
    let folder = disk.path().join("tables");
    std::fs::create_dir(&folder).expect("the disk takes a folder");
    let owned = Command::new("chown").arg("postgres").arg(&folder).status();
    assert!(owned.is_ok_and(|status| status.success()), "root gives the folder to PostgreSQL");
    let admin = cluster.url();
    sql(&admin, &format!("CREATE TABLESPACE tiny LOCATION '{}'", folder.display()));
    sql(&admin, "CREATE DATABASE bank TABLESPACE tiny");
    admin.replace("/postgres", "/bank")
}

fn end_sessions(admin: &str, database: &str) {
    sql(admin, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"));
}

fn sql(url: &str, statement: &str) {
    let running = async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server is there");
        let talking = tokio::spawn(connection);
        client.batch_execute(statement).await.expect("the statement is right");
        talking.abort();
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(running);
}

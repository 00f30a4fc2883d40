//! Keys are rotated under running servers: nobody is logged out, nobody restarts, and every process follows.

use db::Engine;
use std::time::Duration;
use stories::{Server, eventually, on_each_engine};

const NOTICED_WITHIN: Duration = Duration::from_secs(10);

#[test]
fn a_rotation_logs_nobody_out_and_every_process_follows() {
    on_each_engine(|bank| {
        let server = bank.serve();
        // SQLite serves one process.
        let other = (bank.engine() == Engine::Postgres).then(|| bank.serve());
        let before = server.register("ann");
        let keys = bank.run(&["keys", "list"]).expect_success();
        assert_eq!((keys.lines().count(), keys.contains("signs")), (1, true), "{keys}");
        let keys = bank.run(&["keys", "rotate"]).expect_success();
        assert_eq!((keys.lines().count(), keys.contains("verifies until")), (2, true), "{keys}");
        let (new, old) = (key_id(keys.lines().next()), key_id(keys.lines().nth(1)));
        eventually("the server publishes both keys", NOTICED_WITHIN, || {
            published(&server) == [new.clone(), old.clone()]
        });
        let after = server.register("bob");
        for server in std::iter::once(&server).chain(&other) {
            for client in [&before, &after] {
                server.client(client.token().expect("logged in")).get("/api/auth/me").expect(200);
            }
        }
        bank.run(&["keys", "list"]).expect_success();
        server.stop();
    });
}

fn key_id(line: Option<&str>) -> String {
    line.and_then(|line| line.split_whitespace().next()).expect("a line begins with the key's name").to_owned()
}

fn published(server: &Server) -> Vec<String> {
    let keys = server.anonymous().get("/.well-known/jwks.json").expect(200)["keys"].clone();
    let name = |key: &serde_json::Value| key["kid"].as_str().expect("a key has a name").to_owned();
    keys.as_array().expect("a list of keys").iter().map(name).collect()
}

//! The demo: a living bank from an empty folder, with logins that are printed and stay.

use serde_json::json;
use stories::{Server, minor_units, on_each_engine};

#[test]
fn a_demo_starts_from_nothing_and_keeps_its_logins() {
    on_each_engine(|bank| {
        let server = bank.serve_with(&["serve", "--demo"], &[]);
        let logins = logins(&server);
        assert!(logins.contains(&("john_doe".to_owned(), "secure_password".to_owned())), "{logins:?}");
        assert!(logins.iter().any(|(username, _)| username == "admin"), "{logins:?}");
        for (username, password) in &logins {
            let answer = server.anonymous().post("/login", &json!({ "username": username, "password": password }));
            let login = answer.expect(200);
            assert_eq!(login["token_type"], "bearer");
            assert_eq!(login["role"], if username.ends_with("admin") { "admin" } else { "user" });
            let token = login["access_token"].as_str().expect("a login has a token");
            assert_eq!(server.client(token).get("/api/auth/me").expect(200)["username"], username.as_str());
        }
        let balances = balances(&server);
        assert!(balances.iter().any(|balance| *balance > 0), "john_doe has money: {balances:?}");
        server.stop();
        bank.expect_verified();

        let server = bank.serve_with(&["serve", "--demo"], &[]);
        assert_eq!(self::logins(&server), logins, "the second start prints the same logins");
        assert_eq!(self::balances(&server), balances, "and adds nothing");
        server.stop();
        bank.expect_verified();
    });
}

#[test]
fn a_demo_prints_only_logins_that_work() {
    on_each_engine(|bank| {
        let server = bank.serve_with(&["serve", "--demo"], &[]);
        let (john, password) = ("john_doe".to_owned(), "secure_password".to_owned());
        assert!(logins(&server).contains(&(john, password)));
        let changed = json!({ "currentPassword": "secure_password", "newPassword": "a new horse and a new battery" });
        server.log_in("john_doe", "secure_password").post("/api/auth/password", &changed).expect(204);
        server.stop();
        bank.run(&["admin", "disable", "--username", "maria_garcia"]).expect_success();
        let server = bank.serve_with(&["serve", "--demo"], &[]);
        let names: Vec<String> = logins(&server).into_iter().map(|(username, _)| username).collect();
        assert!(names.contains(&"aiko_tanaka".to_owned()), "{names:?}");
        assert!(!names.iter().any(|name| name == "john_doe" || name == "maria_garcia"), "{names:?}");
        server.stop();
    });
}

#[test]
fn a_sandbox_that_somebody_uses_is_left_as_it_is() {
    on_each_engine(|bank| {
        let server = bank.serve();
        server.register("john_doe");
        server.stop();
        let server = bank.serve_with(&["serve", "--demo"], &[]);
        assert_eq!(logins(&server), []);
        assert!(server.printed().iter().any(|line| line.contains("no demo is filled in")), "{:?}", server.printed());
        server.log_in("john_doe", stories::PASSWORD).get("/api/accounts").expect(200);
        server.stop();
    });
}

/// The printed lines `customer  NAME / PASSWORD`.
fn logins(server: &Server) -> Vec<(String, String)> {
    let pairs = server.printed().iter().filter_map(|line| line.split_once(" / "));
    let word = |text: &str| text.split_whitespace().last().unwrap_or_default().to_owned();
    pairs.map(|(before, password)| (word(before), word(password))).collect()
}

fn balances(server: &Server) -> Vec<i64> {
    let customer = server.log_in("john_doe", "secure_password");
    let accounts = customer.get("/api/accounts").expect(200);
    let accounts = accounts["data"].as_array().expect("a page has data").iter();
    accounts.map(|account| minor_units(account["balance"].as_str().expect("an amount is text"))).collect()
}

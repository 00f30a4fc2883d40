//! A customer's life at the bank, from registering to closing the account, with an administrator's hand in it.

use serde_json::{Value, json};
use stories::{Bank, Client, PASSWORD, Server, on_each_engine, run, transfer};

#[test]
fn a_customer_goes_through_everything_that_an_account_can_do() {
    on_each_engine(|bank| {
        create_admin(&bank);
        let server = bank.serve();
        let journey = Journey::begin(&server);
        journey.pay();
        journey.hold_and_capture_a_part();
        journey.hold_and_release();
        journey.get_a_refund();
        journey.be_frozen_and_thawed(&server.log_in("root", PASSWORD));
        journey.close();
        server.stop();
        bank.expect_verified();
    });
}

fn create_admin(bank: &Bank) {
    let create = || {
        let mut command = bank.command(&["admin", "create", "--username", "root"]);
        command.env("FLORIN_ADMIN_PASSWORD", PASSWORD);
        run(command)
    };
    assert_eq!(create().expect_success(), "Created root, admin.\nThis database is a sandbox's from now on.\n");
    let again = create().expect_refusal();
    assert!(again.contains("taken"), "{again}");
}

/// Ann with her two accounts, and Bob, whom she pays.
struct Journey {
    ann: Client,
    bob: Client,
    checking: String,
    savings: String,
    bobs: String,
}

impl Journey {
    fn begin(server: &Server) -> Self {
        let (ann, bob) = (server.register("ann"), server.register("bob"));
        let me = ann.get("/api/auth/me").expect(200);
        assert_eq!((&me["username"], &me["role"]), (&json!("ann"), &json!("customer")));
        let checking = ann.open_account_with("100.00");
        let savings = ann.open_account("USD");
        let bobs = bob.open_account("USD");
        let listed = ann.get("/api/accounts").expect(200);
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(2), "{listed}");
        Self { ann, bob, checking, savings, bobs }
    }

    fn pay(&self) {
        let to_savings = self.order("/api/transactions/transfer", &self.savings, "30.00").expect(201);
        assert_eq!(to_savings["balances"]["source"]["balance"], "70.00");
        assert_eq!(to_savings["balances"]["destination"]["balance"], "30.00");
        let too_much = self.order("/api/transactions/transfer", &self.bobs, "70.01");
        too_much.expect_error(422, "INSUFFICIENT_FUNDS");
        self.expect_balance("70.00", "70.00");
    }

    fn hold_and_capture_a_part(&self) {
        let hold = self.order("/api/transactions/hold", &self.bobs, "20.00").expect(201);
        assert_eq!(hold["status"], "PENDING");
        self.expect_balance("70.00", "50.00");
        let captured = self.bob.pay(&format!("{}/capture", path(&hold)), &json!({ "amount": "15.00" })).expect(201);
        assert_eq!((&captured["status"], &captured["capturedAmount"]), (&json!("SETTLED"), &json!("15.00")));
        self.expect_balance("55.00", "55.00");
        assert_eq!(self.bob.balances(&self.bobs).0, "15.00");
        let again = self.bob.pay(&format!("{}/capture", path(&hold)), &json!({}));
        again.expect_error(422, "INVALID_STATUS");
    }

    fn hold_and_release(&self) {
        let hold = self.order("/api/transactions/hold", &self.bobs, "55.00").expect(201);
        self.expect_balance("55.00", "0.00");
        let released = self.ann.pay(&format!("{}/release", path(&hold)), &json!({})).expect(201);
        assert_eq!((&released["status"], &released["statusReason"]), (&json!("CANCELLED"), &json!("RELEASED")));
        self.expect_balance("55.00", "55.00");
    }

    fn get_a_refund(&self) {
        let payment = self.order("/api/transactions/transfer", &self.bobs, "12.50").expect(201);
        let refund = format!("{}/refund", path(&payment));
        self.ann.pay(&refund, &json!({})).expect_error(403, "FORBIDDEN");
        self.bob.pay(&refund, &json!({ "amount": "12.51" })).expect_error(422, "AMOUNT_EXCEEDS_ORIGINAL");
        let refunded = self.bob.pay(&refund, &json!({ "amount": "2.50" })).expect(201);
        assert_eq!((&refunded["type"], &refunded["originalTransactionId"]), (&json!("REFUND"), &payment["id"]));
        self.expect_balance("45.00", "45.00");
        self.bob.pay(&refund, &json!({ "amount": "10.01" })).expect_error(422, "AMOUNT_EXCEEDS_ORIGINAL");
        let again = self.bob.pay(&refund, &json!({ "amount": "0.50" })).expect(201);
        assert_eq!(again["originalTransactionId"], payment["id"]);
        self.expect_balance("45.50", "45.50");
    }

    fn be_frozen_and_thawed(&self, admin: &Client) {
        let account = format!("/api/accounts/{}", self.checking);
        self.ann.put(&account, &json!({ "status": "FROZEN" })).expect_error(403, "FORBIDDEN");
        assert_eq!(admin.put(&account, &json!({ "status": "FROZEN" })).expect(200)["status"], "FROZEN");
        let refused = self.order("/api/transactions/transfer", &self.savings, "1.00");
        let error = refused.expect_error(422, "INVALID_ACCOUNT");
        assert_eq!(error["details"]["reason"], "FROZEN");
        assert_eq!(admin.put(&account, &json!({ "status": "ACTIVE" })).expect(200)["status"], "ACTIVE");
    }

    fn close(&self) {
        let account = format!("/api/accounts/{}", self.checking);
        self.ann.delete(&account).expect_error(422, "ACCOUNT_NOT_EMPTY");
        let all = json!({
            "type": "WITHDRAWAL", "sourceAccountId": self.checking, "amount": "45.50", "currency": "USD",
        });
        self.ann.pay("/api/transactions", &all).expect(201);
        assert_eq!(self.ann.delete(&account).expect(200)["status"], "CLOSED");
        let late = self.ann.pay("/api/transactions/transfer", &transfer(&self.savings, &self.checking, "1.00"));
        assert_eq!(late.expect_error(422, "INVALID_ACCOUNT")["details"]["reason"], "CLOSED");
        let history = self.ann.get(&format!("/api/transactions/account/{}", self.checking)).expect(200);
        let types: Vec<&str> =
            history["data"].as_array().into_iter().flatten().filter_map(|one| one["type"].as_str()).collect();
        let newest_first = ["WITHDRAWAL", "REFUND", "REFUND", "TRANSFER", "PAYMENT", "PAYMENT", "TRANSFER", "DEPOSIT"];
        assert_eq!(types, newest_first, "{history}");
    }

    /// Ann orders money from her checking account, in the way that the path says.
    fn order(&self, path: &str, destination: &str, amount: &str) -> stories::Answer {
        self.ann.pay(path, &transfer(&self.checking, destination, amount))
    }

    #[track_caller]
    fn expect_balance(&self, posted: &str, available: &str) {
        assert_eq!(self.ann.balances(&self.checking), (posted.to_owned(), available.to_owned()));
    }
}

fn path(transaction: &Value) -> String {
    format!("/api/transactions/{}", transaction["id"].as_str().expect("a transaction has an id"))
}

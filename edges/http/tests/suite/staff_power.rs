//! What staff does to others' money and accounts: themselves, freshly proved, never where they are a party, never through
//! a program, and always by name.

use crate::bank::{Bank, PASSWORD, Person, deposit, transfer, with_bank, with_bank_in};
use db::WallTime;
use http_edge::Mode;
use identity::{Password, Role, Scope};
use serde_json::{Value, json};
use uuid::Uuid;

/// Two customers with 100.00 each, what one paid the other, and what is held.
struct Customers<'a> {
    ann: Person<'a>,
    accounts: [String; 2],
    paid: String,
    held: String,
}

impl<'a> Customers<'a> {
    async fn new(bank: &'a Bank) -> Self {
        let [ann, bob] = [bank.customer("ann").await, bank.customer("bob").await];
        let accounts = [ann.account_with("100.00").await, bob.account_with("100.00").await];
        let order = transfer(&accounts[0], &accounts[1], "10.00");
        let paid = id(&ann.pay("/api/transactions/transfer", &order).await.expect(201));
        let held = id(&ann.pay("/api/transactions/hold", &order).await.expect(201));
        Self { ann, accounts, paid, held }
    }

    fn account(&self, index: usize) -> String {
        format!("/api/accounts/{}", self.accounts[index])
    }

    fn refund(&self) -> String {
        format!("/api/transactions/{}/refund", self.paid)
    }

    fn reverse(&self) -> String {
        format!("/api/transactions/{}/reverse", self.paid)
    }

    fn release(&self) -> String {
        format!("/api/transactions/{}/release", self.held)
    }
}

fn id(reply: &Value) -> String {
    reply["id"].as_str().unwrap().to_owned()
}

/// A program with a key of the person's that reaches as far as any.
async fn program<'a>(bank: &'a Bank, owner: &Person<'_>) -> Person<'a> {
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.word()).collect();
    let made = owner.post("/api/auth/api-keys", &json!({ "name": "all", "scopes": scopes })).await.expect(201);
    bank.person(made["key"].as_str().unwrap())
}

/// The person again, in a session whose proof is no longer fresh.
async fn stale<'a>(bank: &'a Bank, username: &str) -> Person<'a> {
    let at = WallTime::now().plus_seconds(-identity::Proof::fresh_seconds() - 60);
    bank.person(&bank.factors.login(username, Password::new(PASSWORD), at).await.unwrap().access_token)
}

async fn put(person: &Person<'_>, path: &str, body: Value) -> crate::bank::Answer {
    person.send("PUT", path).json(&body).await
}

async fn delete(person: &Person<'_>, path: &str) -> crate::bank::Answer {
    person.send("DELETE", path).await_answer().await
}

/// The newest event of a kind, as an auditor sees it.
async fn told(auditor: &Person<'_>, query: &str) -> Value {
    auditor.get(&format!("/api/admin/events?{query}")).await.expect(200)["data"][0].clone()
}

#[test]
fn an_api_key_of_an_administrator_neither_sees_nor_moves_what_is_others() {
    with_bank(async |bank| {
        let (customers, root) = (Customers::new(&bank).await, bank.admin("root").await);
        let key = program(&bank, &root).await;
        for path in [customers.refund(), customers.release()] {
            key.pay(&path, &json!({})).await.expect_error(404, "TRANSACTION_NOT_FOUND");
            key.pay(&path, &json!({ "amount": "1.00" })).await;
        }
        key.pay(&customers.reverse(), &json!({})).await.expect_error(403, "SESSION_REQUIRED");
        for body in [json!({ "status": "FROZEN" }), json!({ "name": "Mine" }), json!({ "overdraftLimit": "0.00" })] {
            put(&key, &customers.account(0), body).await.expect_error(404, "INVALID_ACCOUNT");
        }
        delete(&key, &customers.account(0)).await.expect_error(404, "INVALID_ACCOUNT");
        let cash = deposit(&customers.accounts[0], "5.00");
        key.pay("/api/transactions", &cash).await.expect_error(404, "INVALID_ACCOUNT");

        key.get(&customers.account(0)).await.expect_error(404, "INVALID_ACCOUNT");
        key.get(&format!("{}/balance", customers.account(0))).await.expect_error(404, "INVALID_ACCOUNT");
        let of_account = format!("/api/transactions/account/{}", customers.accounts[0]);
        key.get(&of_account).await.expect_error(404, "INVALID_ACCOUNT");
        let transaction = format!("/api/transactions/{}", customers.paid);
        key.get(&transaction).await.expect_error(404, "TRANSACTION_NOT_FOUND");
        for list in ["/api/accounts", "/api/transactions"] {
            assert_eq!(key.get(list).await.expect(200)["data"], json!([]), "{list}");
        }
        let own = key.account_with("7.00").await;
        assert_eq!(key.get("/api/accounts").await.expect(200)["data"][0]["id"], json!(own));
        assert_eq!(root.get("/api/accounts").await.expect(200)["data"].as_array().unwrap().len(), 3);
        assert_eq!(customers.ann.balance(&customers.accounts[0]).await, "90.00");
    });
}

#[test]
fn staff_proves_again_who_it_is_before_it_acts_on_what_is_others() {
    with_bank(async |bank| {
        let (customers, fresh) = (Customers::new(&bank).await, bank.admin("root").await);
        let root = stale(&bank, "root").await;
        for path in [customers.refund(), customers.release(), customers.reverse()] {
            root.pay(&path, &json!({})).await.expect_error(401, "STEP_UP_REQUIRED");
        }
        for body in [json!({ "status": "FROZEN" }), json!({ "name": "Named" }), json!({ "overdraftLimit": "0.00" })] {
            put(&root, &customers.account(0), body).await.expect_error(401, "STEP_UP_REQUIRED");
        }
        delete(&root, &customers.account(0)).await.expect_error(401, "STEP_UP_REQUIRED");
        let cash = deposit(&customers.accounts[0], "5.00");
        root.pay("/api/transactions", &cash).await.expect_error(401, "STEP_UP_REQUIRED");
        // Looking needs no proof, nor does what is their own.
        root.get(&customers.account(0)).await.expect(200);
        root.account_with("1.00").await;

        // The refusal is not kept under the key: after the proof the same request is done.
        let key = Uuid::now_v7().to_string();
        root.pay_as(&key, &customers.refund(), &json!({})).await.expect_error(401, "STEP_UP_REQUIRED");
        let proved = root.post("/api/auth/step-up", &json!({ "password": PASSWORD })).await.expect(200);
        let root = bank.person(proved["accessToken"].as_str().unwrap());
        root.pay_as(&key, &customers.refund(), &json!({})).await.expect(201);
        put(&fresh, &customers.account(0), json!({ "status": "FROZEN" })).await.expect(200);
    });
}

#[test]
fn nobody_of_the_bank_acts_on_their_own_account_for_the_bank() {
    with_bank(async |bank| {
        let (root, tom) = (bank.admin("root").await, bank.staff("tom", Role::Teller).await);
        for person in [&root, &tom] {
            let path = format!("/api/accounts/{}", person.account().await);
            for status in ["FROZEN", "ACTIVE"] {
                put(person, &path, json!({ "status": status })).await.expect_error(403, "CONFLICT_OF_INTEREST");
            }
            // What every owner may do.
            assert_eq!(put(person, &path, json!({ "name": "Mine" })).await.expect(200)["name"], "Mine");
            assert_eq!(delete(person, &path).await.expect(200)["status"], "CLOSED");
        }
        // Frozen by somebody else, it stays so.
        let path = format!("/api/accounts/{}", tom.account().await);
        put(&root, &path, json!({ "status": "FROZEN" })).await.expect(200);
        put(&tom, &path, json!({ "status": "ACTIVE" })).await.expect_error(403, "CONFLICT_OF_INTEREST");
        let key = program(&bank, &tom).await;
        put(&key, &path, json!({ "status": "ACTIVE" })).await.expect_error(403, "FORBIDDEN");
        assert_eq!(tom.get(&path).await.expect(200)["status"], "FROZEN");
        let own = format!("/api/accounts/{}", root.account().await);
        put(&root, &own, json!({ "overdraftLimit": "5.00" })).await.expect_error(403, "CONFLICT_OF_INTEREST");
    });
}

#[test]
fn an_administrator_does_not_take_back_what_they_paid() {
    with_bank(async |bank| {
        let (root, shop) = (bank.admin("root").await, bank.customer("shop").await);
        let (mine, till) = (root.account_with("300.00").await, shop.account().await);
        let order = transfer(&mine, &till, "300.00");
        let paid = id(&root.pay("/api/transactions/transfer", &order).await.expect(201));
        let key = program(&bank, &root).await;
        let refund = format!("/api/transactions/{paid}/refund");
        root.pay(&refund, &json!({})).await.expect_error(403, "CONFLICT_OF_INTEREST");
        key.pay(&refund, &json!({})).await.expect_error(403, "FORBIDDEN");
        let reverse = format!("/api/transactions/{paid}/reverse");
        root.pay(&reverse, &json!({})).await.expect_error(403, "CONFLICT_OF_INTEREST");
        assert_eq!(shop.balance(&till).await, "300.00");
        // Somebody else of the bank may.
        bank.admin("other").await.pay(&reverse, &json!({})).await.expect(201);
        assert_eq!(shop.balance(&till).await, "0.00");
    });
}

#[test]
fn an_administrator_alone_undoes_nothing_to_which_the_bank_was_a_party() {
    with_bank(async |bank| {
        let (ann, root) = (bank.customer("ann").await, bank.admin("root").await);
        let account = ann.account_with("50.00").await;
        let withdrawal =
            json!({ "type": "WITHDRAWAL", "sourceAccountId": account, "amount": "49.50", "currency": "USD" });
        let paid_out = id(&ann.pay("/api/transactions", &withdrawal).await.expect(201));
        let reverse = format!("/api/transactions/{paid_out}/reverse");
        let error = root.pay(&reverse, &json!({})).await.expect_error(403, "SECOND_PERSON_REQUIRED");
        assert!(error["message"].as_str().unwrap().contains("adjustment"), "{error}");
        // The same of a history that was taken over.
        let imported = bank.imported_account().await;
        let list = root.get(&format!("/api/transactions/account/{imported}")).await.expect(200);
        let rows = list["data"].as_array().unwrap();
        for side in ["destinationAccountId", "sourceAccountId"] {
            let with_bank = rows.iter().find(|row| row[side] == Value::Null).unwrap();
            let reverse = format!("/api/transactions/{}/reverse", id(with_bank));
            root.pay(&reverse, &json!({})).await.expect_error(403, "SECOND_PERSON_REQUIRED");
        }
        // What came in is the customer's; it is not taken away by one person either.
        let paid_in = id(&ann.pay("/api/transactions", &deposit(&account, "1.00")).await.expect(201));
        let reverse = format!("/api/transactions/{paid_in}/reverse");
        root.pay(&reverse, &json!({})).await.expect_error(403, "SECOND_PERSON_REQUIRED");
        assert_eq!((ann.balance(&account).await, root.balance(&imported).await), ("1.50".into(), "70.00".into()));
    });
}

#[test]
fn in_production_a_teller_takes_in_no_cash_for_themselves_either() {
    with_bank_in(Mode::Production, async |bank| {
        let tom = bank.staff("tom", Role::Teller).await;
        let account = tom.account().await;
        tom.pay("/api/transactions", &deposit(&account, "5.00")).await.expect_error(403, "SANDBOX_ONLY");
    });
}

#[test]
fn whoever_may_not_release_is_told_about_releasing() {
    with_bank(async |bank| {
        let (customers, tom) = (Customers::new(&bank).await, bank.staff("tom", Role::Teller).await);
        let error = tom.pay(&customers.release(), &json!({})).await.expect_error(403, "FORBIDDEN");
        assert_eq!(error["message"], "Only the parties to a hold, or an administrator, can release it");
    });
}

#[test]
fn a_change_of_name_and_terms_happens_as_one_or_not_at_all() {
    with_bank(async |bank| {
        let (customers, tom) = (Customers::new(&bank).await, bank.staff("tom", Role::Teller).await);
        let both = json!({ "status": "FROZEN", "name": "Frozen by Tom" });
        put(&tom, &customers.account(0), both.clone()).await.expect_error(403, "FORBIDDEN");
        assert_eq!(customers.ann.get(&customers.account(0)).await.expect(200)["status"], "ACTIVE");
        let root = bank.admin("root").await;
        let changed = put(&root, &customers.account(0), both).await.expect(200);
        assert_eq!((&changed["status"], &changed["name"]), (&json!("FROZEN"), &json!("Frozen by Tom")));
    });
}

#[test]
fn auditors_see_who_acted_on_others_money_and_not_what_customers_do_with_theirs() {
    with_bank(async |bank| {
        let customers = Customers::new(&bank).await;
        let (root, ada) = (bank.admin("root").await, bank.staff("ada", Role::Auditor).await);
        assert_eq!(ada.get("/api/admin/events?kind=payments.").await.expect(200)["data"], json!([]));
        let (root_id, ann) = (root.id().await, customers.ann.id().await);
        let refund = root.pay(&customers.refund(), &json!({})).await.expect(201);
        let event = told(&ada, &format!("kind=payments.&subject={}", id(&refund))).await;
        assert_eq!((&event["details"]["type"], &event["actor"]["userId"]), (&json!("REFUND"), &json!(root_id)));
        assert_eq!(event["actor"]["credential"], "SESSION");
        assert!(event["actor"]["credentialId"].as_str().unwrap().starts_with("ses_"));
        assert_ne!(event["actor"]["onBehalfOf"], Value::Null);

        root.pay(&customers.release(), &json!({})).await.expect(201);
        let event = told(&ada, &format!("subject={}", customers.held)).await;
        assert_eq!(event["kind"], "payments.transaction_cancelled");
        assert_eq!((&event["actor"]["userId"], &event["actor"]["onBehalfOf"]), (&json!(root_id), &json!(ann)));

        let cash = deposit(&customers.accounts[0], "5.00");
        let paid_in = root.pay("/api/transactions", &cash).await.expect(201);
        assert_eq!(told(&ada, &format!("subject={}", id(&paid_in))).await["actor"]["onBehalfOf"], json!(ann));
        let order = transfer(&customers.accounts[0], &customers.accounts[1], "5.00");
        let paid = customers.ann.pay("/api/transactions/transfer", &order).await.expect(201);
        let reversal = root.pay(&format!("/api/transactions/{}/reverse", id(&paid)), &json!({})).await.expect(201);
        assert_eq!(told(&ada, &format!("subject={}", id(&reversal))).await["actor"]["userId"], json!(root_id));

        for (body, kind) in [
            (json!({ "status": "FROZEN" }), "accounts.frozen"),
            (json!({ "status": "ACTIVE" }), "accounts.unfrozen"),
            (json!({ "name": "Named" }), "accounts.renamed"),
        ] {
            put(&root, &customers.account(0), body).await.expect(200);
            let event = told(&ada, &format!("kind={kind}&actor={root_id}")).await;
            assert_eq!((&event["kind"], &event["actor"]["onBehalfOf"]), (&json!(kind), &json!(ann)));
        }
        let by_ann = told(&ada, &format!("kind=accounts.&actor={ann}")).await;
        assert_eq!((&by_ann["kind"], &by_ann["actor"]["onBehalfOf"]), (&json!("accounts.opened"), &Value::Null));
        let wrong = json!({ "username": "ann", "password": "wrong one" });
        bank.send("POST", "/api/auth/login").json(&wrong).await.expect(401);
        assert_eq!(told(&ada, "kind=auth.login_failed").await["actor"], Value::Null);
        ada.get("/api/admin/events?actor=ann").await.expect_error(400, "INVALID_REQUEST");
    });
}

#[test]
fn auditors_see_who_closed_accounts_gave_them_away_and_changed_their_limits() {
    with_bank(async |bank| {
        let customers = Customers::new(&bank).await;
        let (root, second) = (bank.admin("root").await, bank.admin("second").await);
        let ada = bank.staff("ada", Role::Auditor).await;
        let (second_id, ann) = (second.id().await, customers.ann.id().await);
        let agree = async |asked: Value| {
            let path = format!("/api/admin/approvals/{}/approve", id(&asked));
            assert_eq!(second.post(&path, &json!({})).await.expect(200)["status"], "EXECUTED");
        };
        // Of what two agree on, each is named: who asked in the request, who agreed in what it brought about.
        agree(put(&root, &customers.account(0), json!({ "overdraftLimit": "50.00" })).await.expect(202)).await;
        let raised = told(&ada, "kind=accounts.overdraft_changed").await;
        assert_eq!((&raised["actor"]["userId"], &raised["actor"]["onBehalfOf"]), (&json!(second_id), &json!(ann)));
        put(&root, &customers.account(0), json!({ "overdraftLimit": "0.00" })).await.expect(200);
        let lowered = told(&ada, "kind=accounts.overdraft_changed").await;
        assert_eq!(lowered["actor"]["userId"], json!(root.id().await));
        assert_eq!(
            (&lowered["actor"]["credential"], &lowered["actor"]["onBehalfOf"]),
            (&json!("SESSION"), &json!(ann))
        );

        let imported = bank.imported_account().await;
        agree(put(&root, &format!("/api/admin/accounts/{imported}/owner"), json!({ "userId": ann })).await.expect(202))
            .await;
        let given = told(&ada, &format!("kind=accounts.owner_assigned&subject={imported}")).await;
        assert_eq!((&given["actor"]["userId"], &given["actor"]["onBehalfOf"]), (&json!(second_id), &json!(ann)));

        let (theirs, hers) = (customers.ann.account().await, customers.ann.account().await);
        delete(&root, &format!("/api/accounts/{theirs}")).await.expect(200);
        delete(&customers.ann, &format!("/api/accounts/{hers}")).await.expect(200);
        let closed = async |account: &str| told(&ada, &format!("kind=accounts.closed&subject={account}")).await;
        let actor = closed(&theirs).await["actor"].clone();
        assert_eq!((&actor["userId"], &actor["onBehalfOf"]), (&json!(root.id().await), &json!(ann)));
        let actor = closed(&hers).await["actor"].clone();
        assert_eq!((&actor["userId"], &actor["onBehalfOf"]), (&json!(ann), &Value::Null));
    });
}

#[test]
fn a_transaction_tells_the_banks_own_people_who_started_it_and_nobody_else() {
    with_bank(async |bank| {
        let (customers, root) = (Customers::new(&bank).await, bank.admin("root").await);
        let key = program(&bank, &customers.ann).await;
        let order = transfer(&customers.accounts[0], &customers.accounts[1], "1.00");
        let paid = key.pay("/api/transactions/transfer", &order).await.expect(201);
        assert_eq!(paid.get("startedBy"), None);
        let path = format!("/api/transactions/{}", id(&paid));
        assert_eq!(customers.ann.get(&path).await.expect(200).get("startedBy"), None);
        let ann = customers.ann.id().await;
        let started = root.get(&path).await.expect(200)["startedBy"].clone();
        assert_eq!((&started["userId"], &started["credential"]), (&json!(ann), &json!("API_KEY")));
        assert!(started["credentialId"].as_str().unwrap().starts_with("key_"));

        let refund = root.pay(&customers.refund(), &json!({})).await.expect(201);
        assert_eq!(refund["startedBy"]["userId"], json!(root.id().await));
        let seen = customers.ann.get(&format!("/api/transactions/{}", id(&refund))).await.expect(200);
        assert!(!seen.to_string().contains(&root.id().await), "{seen}");
    });
}

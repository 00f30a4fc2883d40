//! Payments that somebody of the bank looks at, as customers and the office meet them: customers are told that it is checked, and
//! nothing more.

use crate::bank::{Bank, Person, transfer, with_bank};
use serde_json::{Value, json};

/// Two administrators, of whom one asks for every rule to count and the other approves it; a customer who has paid five small
/// sums to one account within an hour, and an account that was never paid.
struct Scene<'a> {
    one: Person<'a>,
    two: Person<'a>,
    ann: Person<'a>,
    from: String,
    new: String,
}

fn every_rule(mode: &str) -> Value {
    let limits = (1..=3).map(|number| format!("L{number:02}"));
    let rules = limits.chain((1..=13).map(|number| format!("F{number:02}")));
    json!({ "rules": rules.map(|id| json!({ "id": id, "mode": mode })).collect::<Vec<_>>() })
}

impl<'a> Scene<'a> {
    async fn set(bank: &'a Bank) -> Self {
        let (one, two) = (bank.admin("one").await, bank.admin("two").await);
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let asked = one.post("/api/admin/fraud/rule-sets", &every_rule("ACTIVE")).await.expect(202);
        approve(&one, &asked).await.expect_error(403, "SECOND_PERSON_REQUIRED");
        assert_eq!(approve(&two, &asked).await.expect(200)["status"], "EXECUTED");
        let (from, known, new) = (ann.account_with("50000.00").await, bob.account().await, bob.account().await);
        for _ in 0..5 {
            ann.pay("/api/transactions/transfer", &transfer(&from, &known, "1.00")).await.expect(201);
        }
        Self { one, two, ann, from, new }
    }

    /// A payment that is checked.
    async fn in_review(&self, amount: &str) -> String {
        let pending =
            self.ann.pay("/api/transactions/transfer", &transfer(&self.from, &self.new, amount)).await.expect(202);
        let told = [&pending["status"], &pending["statusReason"], &pending["message"]];
        assert_eq!(told, ["PENDING", "IN_REVIEW", "We are checking this payment"]);
        pending["id"].as_str().unwrap().to_owned()
    }

    async fn decide(&self, id: &str, decision: &str) -> crate::bank::Answer {
        self.one.post(&format!("/api/admin/reviews/{id}/{decision}"), &json!({ "reason": "Called her" })).await
    }

    async fn status(&self, id: &str) -> (String, Value) {
        let seen = self.ann.get(&format!("/api/transactions/{id}")).await.expect(200);
        (seen["status"].as_str().unwrap().to_owned(), seen["statusReason"].clone())
    }
}

/// What was told of fraud, in its order.
async fn happened(bank: &Bank) -> Vec<String> {
    let events = outbox::numbered_after(&bank.db, 0, 1_000).await.unwrap();
    events.into_iter().map(|event| event.kind).filter(|kind| kind.starts_with("fraud.")).collect()
}

async fn approve(person: &Person<'_>, approval: &Value) -> crate::bank::Answer {
    person.post(&format!("/api/admin/approvals/{}/approve", approval["id"].as_str().unwrap()), &json!({})).await
}

#[test]
fn a_payment_is_checked_assigned_noted_approved_and_labelled() {
    with_bank(async |bank| {
        let scene = Scene::set(&bank).await;
        let Scene { one, two, ann, from, new } = &scene;
        let id = scene.in_review("500.00").await;
        for action in ["capture", "release"] {
            let refused = ann.pay(&format!("/api/transactions/{id}/{action}"), &json!({})).await;
            refused.expect_error(422, "PAYMENT_BEING_CHECKED");
        }
        let path = format!("/api/admin/reviews/{id}");
        ann.get(&path).await.expect_error(403, "FORBIDDEN");
        let open = two.get("/api/admin/reviews?state=OPEN").await.expect(200);
        assert_eq!((&open["data"][0]["id"], open["data"].as_array().unwrap().len()), (&json!(id), 1));
        let table = two.send("GET", "/api/admin/reviews").header("accept", "text/csv").await_answer().await;
        table.expect(200);
        let review = one.get(&path).await.expect(200);
        assert_eq!(
            [&review["points"], &review["rulesVersion"], &review["isOverdue"]],
            [&json!(50), &json!(1), &json!(false)]
        );
        let told: Vec<_> =
            review["findings"].as_array().unwrap().iter().filter_map(|found| found["text"]["en"].as_str()).collect();
        assert_eq!(told[0], "6 payments in one hour; from 5 on we look at it.");
        let me = one.id().await;
        one.post(&format!("{path}/assign"), &json!({ "userId": ann.id().await }))
            .await
            .expect_error(400, "INVALID_REQUEST");
        let assigned = one.post(&format!("{path}/assign"), &json!({ "userId": me })).await.expect(200);
        assert_eq!(assigned["assignedTo"], json!(me));
        let noted = one.post(&format!("{path}/note"), &json!({ "text": "No answer yet" })).await.expect(201);
        assert_eq!(noted["notes"][0]["text"], "No answer yet");
        let approved = scene.decide(&id, "approve").await.expect(200);
        assert_eq!([&approved["state"], &approved["decidedBy"]], [&json!("APPROVED"), &json!(me)]);
        assert_eq!(scene.status(&id).await, ("SETTLED".to_owned(), Value::Null));
        assert_eq!(ann.balance(from).await, "49495.00");
        scene.decide(&id, "decline").await.expect_error(422, "INVALID_STATUS");
        let labelled = two.post(&format!("{path}/label"), &json!({ "label": "GENUINE" })).await.expect(200);
        assert_eq!(labelled["label"], "GENUINE");
        assert_eq!(ann.balance(from).await, "49495.00", "said afterwards, it changes nothing about {new}");
        let kinds = [
            "fraud.rules_activated",
            "fraud.decision_made",
            "fraud.review_opened",
            "fraud.review_assigned",
            "fraud.review_decided",
            "fraud.review_labelled",
        ];
        assert_eq!(happened(&bank).await, kinds);
    });
}

#[test]
fn a_payment_that_is_not_made_gives_its_money_back_and_says_no_more_than_that() {
    with_bank(async |bank| {
        let scene = Scene::set(&bank).await;
        let id = scene.in_review("500.00").await;
        scene.decide(&id, "decline").await.expect(200);
        assert_eq!(scene.status(&id).await, ("CANCELLED".to_owned(), json!("DECLINED")));
        assert_eq!(scene.ann.balance(&scene.from).await, "49995.00");
        // What is far beyond everything is not even looked at.
        let body = transfer(&scene.from, &scene.new, "100000.01");
        let limit = scene.ann.pay("/api/transactions/transfer", &body).await.expect_error(422, "LIMIT_REACHED");
        let details = &limit["details"];
        assert_eq!([&details["reason"], &details["limit"]], ["LIMIT_PAYMENT", "100000.00"]);
    });
}

#[test]
fn a_large_payment_takes_two_people() {
    with_bank(async |bank| {
        let scene = Scene::set(&bank).await;
        let id = scene.in_review("10000.00").await;
        let asked = scene.decide(&id, "approve").await.expect(202);
        assert_eq!((&asked["action"], &asked["status"]), (&json!("REVIEW_APPROVAL"), &json!("PENDING")));
        assert_eq!(scene.status(&id).await.0, "PENDING");
        approve(&scene.one, &asked).await.expect_error(403, "SECOND_PERSON_REQUIRED");
        assert_eq!(approve(&scene.two, &asked).await.expect(200)["status"], "EXECUTED");
        assert_eq!(scene.status(&id).await.0, "SETTLED");
    });
}

#[test]
fn rules_rest_for_a_customer_and_sets_are_listed() {
    with_bank(async |bank| {
        let scene = Scene::set(&bank).await;
        let ann = scene.ann.id().await;
        let snooze =
            |rule: &str, until: &str| json!({ "rule": rule, "userId": ann, "until": until, "reason": "A market day" });
        let path = "/api/admin/fraud/snoozes";
        for (rule, until) in [("L03", "2026-12-24T00:00:00Z"), ("F02", "2000-01-01T00:00:00Z"), ("F99", "x")] {
            scene.one.post(path, &snooze(rule, until)).await.expect_error(400, "INVALID_REQUEST");
        }
        let until = db::WallTime::now().plus_seconds(86_400).to_string();
        scene.one.post(path, &snooze("F02", &until)).await.expect(204);
        scene.ann.pay("/api/transactions/transfer", &transfer(&scene.from, &scene.new, "500.00")).await.expect(201);
        assert_eq!(happened(&bank).await, ["fraud.rules_activated", "fraud.rule_snoozed"]);
        let wrong = json!({ "rules": [{ "id": "F02", "mode": "ON" }] });
        scene.one.post("/api/admin/fraud/rule-sets", &wrong).await.expect_error(400, "INVALID_REQUEST");
        let sets = scene.two.get("/api/admin/fraud/rule-sets").await.expect(200);
        assert_eq!((&sets["data"][0]["version"], sets["data"][0]["rules"].as_array().unwrap().len()), (&json!(1), 16));
        let table =
            scene.two.send("GET", "/api/admin/fraud/rule-sets").header("accept", "text/csv").await_answer().await;
        table.expect(200);
    });
}

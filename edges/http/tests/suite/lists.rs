//! Lists of transactions: pages that stay put, filters, and cursors that are checked.

use crate::bank::{Person, deposit, transfer, with_bank};
use serde_json::{Value, json};

async fn ids(person: &Person<'_>, path: &str) -> Vec<String> {
    let page = person.get(path).await.expect(200);
    page["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn pages_walk_through_everything_once_while_more_is_added() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let mut made = Vec::new();
        for _ in 0..7 {
            let paid = ann.pay("/api/transactions", &deposit(&account, "1.00")).await.expect(201);
            made.insert(0, paid["id"].as_str().unwrap().to_owned());
        }
        for list in ["/api/transactions".to_owned(), format!("/api/transactions/account/{account}")] {
            let (mut found, mut cursor) = (Vec::new(), None);
            loop {
                let behind = cursor.map(|cursor: String| format!("&cursor={cursor}")).unwrap_or_default();
                let page = ann.get(&format!("{list}?limit=3{behind}&type=DEPOSIT")).await.expect(200);
                let data = page["data"].as_array().unwrap();
                found.extend(data.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
                cursor = page["nextCursor"].as_str().map(str::to_owned);
                if cursor.is_none() {
                    break;
                }
                let newer = ann.pay("/api/transactions", &deposit(&account, "1.00")).await.expect(201);
                assert!(!found.contains(&newer["id"].as_str().unwrap().to_owned()));
            }
            assert!(found.ends_with(&made) && found.windows(2).all(|pair| pair[0] > pair[1]), "{list}");
        }
    });
}

#[test]
fn filters_narrow_the_list() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (mine, theirs) = (ann.account_with("100.00").await, bob.account().await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&mine, &theirs, "30.00")).await.expect(201);
        let held = ann.pay("/api/transactions/hold", &transfer(&mine, &theirs, "20.00")).await.expect(201);
        let id = |transaction: &Value| transaction["id"].as_str().unwrap().to_owned();
        let list = format!("/api/transactions/account/{mine}");
        let all = ids(&ann, &list).await;
        assert_eq!(all.len(), 3);
        for (query, expected) in [
            ("?type=TRANSFER".to_owned(), vec![id(&paid)]),
            ("?status=PENDING".to_owned(), vec![id(&held)]),
            ("?minAmount=30&maxAmount=30.00".to_owned(), vec![id(&paid)]),
            ("?maxAmount=20".to_owned(), vec![id(&held)]),
            (format!("?from={}", held["createdAt"].as_str().unwrap()), vec![id(&held)]),
            (format!("?to={}", paid["createdAt"].as_str().unwrap()), vec![all[2].clone()]),
            ("?type=REFUND".to_owned(), vec![]),
        ] {
            assert_eq!(ids(&ann, &format!("{list}{query}")).await, expected, "{query}");
        }
        assert_eq!(ids(&bob, "/api/transactions?status=SETTLED").await, [id(&paid)]);
        assert_eq!(ids(&ann, "/api/transactions").await, all);
    });
}

#[test]
fn days_and_times_are_taken_alike_and_a_history_lies_at_its_value_date() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let owner = ids::UserId::parse(&ann.id().await).unwrap();
        let account = bank.imported_account_with(10_000, Some(owner)).await;
        ann.pay("/api/transactions", &deposit(&account, "1.00")).await.expect(201);
        let today = db::WallTime::now().date();
        for list in ["/api/transactions".to_owned(), format!("/api/transactions/account/{account}")] {
            let all = ids(&ann, &list).await;
            let (new, old) = (&all[..1], &all[1..]);
            let then = &ann.get(&format!("/api/transactions/{}", old[0])).await.expect(200)["valueDate"];
            assert_eq!((all.len(), then), (2, &json!("2012-03-04")));
            for (query, expected) in [
                ("from=2012-01-01T00:00:00Z&to=2022-12-31T00:00:00Z".to_owned(), old),
                ("from=2012-03-04&to=2012-03-04".to_owned(), old),
                ("valueFrom=2012-03-04&valueTo=2012-03-04".to_owned(), old),
                ("valueTo=2012-03-03".to_owned(), &[]),
                ("valueFrom=2012-03-05".to_owned(), new),
                (format!("valueFrom={today}&to={today}"), new),
                ("from=2012-03-04T01:00:00%2B02:00".to_owned(), &all),
                ("from=2012-03-05".to_owned(), new),
            ] {
                assert_eq!(ids(&ann, &format!("{list}?{query}")).await, expected, "{query}");
            }
        }
        for path in ["/api/transactions?from=", &format!("/api/accounts/{account}/balance?asOf=")] {
            let error = ann.get(&format!("{path}2026-01-31T12:00:00+02:00")).await.expect_error(400, "INVALID_REQUEST");
            assert!(error["details"]["reason"].as_str().unwrap().contains("%2B"), "{error}");
        }
    });
}

#[test]
fn a_page_that_had_to_look_far_goes_on_where_it_stopped() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (account, other) = (ann.account_with("20000.00").await, ann.account().await);
        let transfers = vec![transfer(&account, &other, "0.01"); 1_000];
        for _ in 0..11 {
            let batch = json!({ "mode": "ATOMIC", "transfers": transfers });
            ann.pay("/api/transactions/batch", &batch).await.expect(201);
        }
        let (mut pages, mut found, mut cursor) = (0, Vec::new(), String::new());
        loop {
            let page = ann.get(&format!("/api/transactions?type=DEPOSIT&limit=1{cursor}")).await.expect(200);
            found.extend(page["data"].as_array().unwrap().clone());
            pages += 1;
            let Some(next) = page["nextCursor"].as_str() else { break };
            assert!(pages < 4, "it does not end");
            cursor = format!("&cursor={next}");
        }
        assert!(pages > 1, "one request looked at everything");
        assert_eq!(found.iter().map(|one| &one["amount"]).collect::<Vec<_>>(), ["20000.00"]);
    });
}

#[test]
fn an_administrator_sees_everybodys_and_a_newcomer_nobodys() {
    with_bank(async |bank| {
        let (ann, bob, root) = (bank.customer("ann").await, bank.customer("bob").await, bank.admin("root").await);
        ann.account_with("1.00").await;
        let account = bob.account_with("2.00").await;
        assert_eq!(ids(&root, "/api/transactions").await.len(), 2);
        assert_eq!(ids(&root, &format!("/api/transactions/account/{account}")).await.len(), 1);
        let eve = bank.customer("eve").await;
        assert_eq!(eve.get("/api/transactions").await.expect(200), json!({ "data": [], "nextCursor": null }));
    });
}

#[test]
fn wrong_parameters_are_named() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let list = format!("/api/transactions/account/{account}");
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=ten", "limit"),
            ("limit=", "limit"),
            ("limit=-1", "limit"),
            ("limit=99999999999", "limit"),
            ("cursor=", "cursor"),
            ("cursor=!", "cursor"),
            ("cursor=YWNjdF94", "cursor"),
            ("type=transfer", "type"),
            ("status=DONE", "status"),
            ("from=today", "from"),
            ("to=2026-02-30", "to"),
            ("valueFrom=2026-01-01T00:00:00Z", "valueFrom"),
            ("originalTransactionId=acct_1", "originalTransactionId"),
            ("minAmount=-1", "minAmount"),
            ("maxAmount=1.005", "maxAmount"),
            ("colour=red", "colour"),
            ("limit=1&limit=2", "limit"),
        ] {
            let error = ann.get(&format!("{list}?{query}")).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], field, "{query}");
        }
        let accounts = ann.get("/api/accounts").await.expect(200);
        assert_eq!(accounts["nextCursor"], Value::Null);
        ann.account().await;
        let cursor = ann.get("/api/accounts?limit=1").await.expect(200)["nextCursor"].as_str().unwrap().to_owned();
        ann.get(&format!("{list}?cursor={cursor}")).await.expect_error(400, "INVALID_REQUEST");
        for path in ["/api/transactions?minAmount=1", "/api/auth/me?x=1", "/health?x", "/api/accounts?asOf=2026-01-01"]
        {
            ann.get(path).await.expect_error(400, "INVALID_REQUEST");
        }
    });
}

//! Names that lead inside: what they resolve to is judged at each try, and only what was judged is connected to.

use crate::bank::Bank;
use crate::receiver::{Manner, Receiver};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use testkit::TestDatabase;
use webhooks::{DeliveryStatus, Failure, OwnedEndpoint, Replay};
use webhooks_edge::Resolver;

const ALLOWED: [u8; 4] = [127, 0, 0, 2];
const INNER: [u8; 4] = [127, 0, 0, 1];

/// A bank that may call 127.0.0.2 and nothing else of this machine, and has names resolved like this.
async fn bank_with(resolve: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + Clone + 'static) -> (Bank, TestDatabase) {
    let database = TestDatabase::create(db::Engine::Sqlite).await;
    let db = database.open(&schema::migrations()).await;
    let resolver = Resolver::given(move |name| {
        let found = resolve(name);
        Box::pin(async move { Ok(found) })
    });
    (Bank::open(db, "127.0.0.2/32", resolver).await, database)
}

fn run(body: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(body);
}

#[test]
fn a_name_that_changes_its_address_between_two_look_ups_reaches_nothing_inside() {
    run(async {
        let inner = Receiver::start("127.0.0.1:0", Manner::Answers("200 OK".to_owned())).await;
        let port = inner.address.port();
        let outer = Receiver::start(&format!("127.0.0.2:{port}"), Manner::Answers("200 OK".to_owned())).await;
        let asked = Arc::new(AtomicUsize::new(0));
        let asking = Arc::clone(&asked);
        // Good at the first look, inside at the second, and so on.
        let turning = move |_: &str| match asking.fetch_add(1, Ordering::SeqCst) % 2 {
            0 => vec![IpAddr::from(ALLOWED)],
            _ => vec![IpAddr::from(INNER)],
        };
        let (bank, _database) = bank_with(turning).await;
        let ann = bank.customer().await;
        let endpoint = bank.webhook(ann, &format!("http://turns.example.com:{port}/hook")).await.endpoint;
        let (delivery, attempt) = bank.first_try(&endpoint).await;
        assert_eq!((delivery.status, attempt.failure), (DeliveryStatus::Delivered, None));
        let of = OwnedEndpoint { owner: ann, id: endpoint.id };
        for round in 1..=6_usize {
            bank.webhooks.replay(of, Replay::One(delivery.id), db::WallTime::now()).await.unwrap();
            let tries = loop {
                let (found, tries) = bank.webhooks.deliveries(of, None, 1).await.unwrap().remove(0);
                if tries.len() > round {
                    // What failed is tried again soon: not before it is replayed.
                    assert_eq!(found.attempts, round as i64 + 1);
                    break tries;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            };
            let failure = if round % 2 == 0 { None } else { Some(Failure::Address) };
            assert_eq!(tries.last().unwrap().failure, failure, "round {round}");
            if failure.is_some() {
                break;
            }
        }
        assert!(asked.load(Ordering::SeqCst) >= 2);
        assert_eq!((inner.connections(), outer.connections()), (0, 1));
    });
}

#[test]
fn a_name_with_one_inner_address_among_good_ones_is_not_called() {
    run(async {
        let inner = Receiver::start("127.0.0.1:0", Manner::Answers("200 OK".to_owned())).await;
        let port = inner.address.port();
        let outer = Receiver::start(&format!("127.0.0.2:{port}"), Manner::Answers("200 OK".to_owned())).await;
        let (bank, _database) = bank_with(|_| vec![IpAddr::from(ALLOWED), IpAddr::from(INNER)]).await;
        let ann = bank.customer().await;
        let endpoint = bank.webhook(ann, &format!("http://mixed.example.com:{port}/hook")).await.endpoint;
        assert_eq!(bank.first_try(&endpoint).await.1.failure, Some(Failure::Address));
        assert_eq!((inner.connections(), outer.connections()), (0, 0));
    });
}

#[test]
fn a_name_that_leads_to_any_inner_address_is_not_called_and_its_owner_is_not_told_to_which() {
    run(async {
        let inner = Receiver::start("127.0.0.1:0", Manner::Answers("200 OK".to_owned())).await;
        let port = inner.address.port();
        let resolve = |name: &str| -> Vec<IpAddr> {
            let (address, _) = name.split_once(".at.example.com").unwrap_or_default();
            address.replace('-', ":").parse().or_else(|_| address.replace('-', ".").parse()).into_iter().collect()
        };
        let (bank, _database) = bank_with(resolve).await;
        let addresses = [
            "127-0-0-1",
            "127-0-0-3",
            "0-0-0-0",
            "10-0-0-1",
            "100-64-0-1",
            "169-254-169-254",
            "172-16-0-1",
            "192-168-1-1",
            "192-0-0-1",
            "198-18-0-1",
            "224-0-0-1",
            "255-255-255-255",
            "fd00--1",
            "fe80--1",
            "ff02--1",
            "0--0-7f00-1",
            "0--ffff-7f00-1",
            "64-ff9b--7f00-1",
            "2002-7f00-1--1",
            "2001-db8--1",
        ];
        for (number, address) in addresses.into_iter().enumerate() {
            let owner = bank.customer().await;
            let url = format!("http://{address}.at.example.com:{port}/hook");
            let endpoint = bank.webhook(owner, &url).await.endpoint;
            let attempt = bank.first_try(&endpoint).await.1;
            assert_eq!((attempt.failure, attempt.code), (Some(Failure::Address), None), "{number}: {address}");
            assert_eq!(attempt.excerpt, None);
        }
        assert_eq!(inner.connections(), 0);
    });
}

#[test]
fn a_name_that_has_no_address_is_tried_again_later() {
    run(async {
        let (bank, _database) = bank_with(|_| Vec::new()).await;
        let ann = bank.customer().await;
        let endpoint = bank.webhook(ann, "http://nowhere.example.com:9000/hook").await.endpoint;
        let (delivery, attempt) = bank.first_try(&endpoint).await;
        assert_eq!((delivery.status, attempt.failure), (DeliveryStatus::Queued, Some(Failure::Unresolved)));
    });
}

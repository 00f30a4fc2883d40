//! Endpoints as their owners keep them.

use crate::still_bank::{StillBank, URL, of, status, wish, with_still_bank};
use identity::{AccessChange, AccessChangeKind, Dependent as _, EndOfSession};
use webhooks::{Algorithm, Disabled, Endpoints, OwnedEndpoint, Replay, Span, TargetError, WebhooksError};

#[test]
fn ten_webhooks_are_the_most_and_each_is_its_owners_alone() {
    with_still_bank(async |bank: StillBank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let first = bank.webhook(ann, &["*"]).await;
        for _ in 1..10 {
            bank.webhook(ann, &["payments.*"]).await;
        }
        let refused = bank.webhooks.create(ann, &wish(URL, &["*"]), Algorithm::Ed25519, bank.act(ann)).await;
        assert_eq!(refused.unwrap_err(), WebhooksError::TooMany);
        assert_eq!(bank.webhooks.list(ann).await.unwrap().len(), 10);
        let theirs = OwnedEndpoint { owner: bob, id: first.endpoint.id };
        assert_eq!(bank.webhooks.find(theirs).await.unwrap_err(), WebhooksError::UnknownEndpoint);
        let act = bank.act(bob);
        assert_eq!(bank.webhooks.delete(theirs, act).await.unwrap_err(), WebhooksError::UnknownEndpoint);
        assert_eq!(bank.webhooks.rotate_secret(theirs, act).await.unwrap_err(), WebhooksError::UnknownEndpoint);
        bank.webhooks.delete(of(&first.endpoint), bank.act(ann)).await.unwrap();
        assert_eq!(bank.webhooks.find(of(&first.endpoint)).await.unwrap_err(), WebhooksError::UnknownEndpoint);
        bank.webhook(ann, &["*"]).await;
        let kinds = bank.kinds().await;
        for kind in ["notifications.endpoint_created", "notifications.endpoint_deleted"] {
            assert!(kinds.iter().any(|written| written == kind), "{kind} is not among {kinds:?}");
        }
    });
}

#[test]
fn what_is_no_public_https_url_is_no_webhook() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        for (url, reason) in [
            ("http://hooks.example.com/", TargetError::Plain),
            ("https://127.0.0.1/", TargetError::Literal),
            ("https://localhost/", TargetError::Name),
            ("https://hooks.example.com:22/", TargetError::Port),
            ("https://ann:secret@hooks.example.com/", TargetError::Malformed),
        ] {
            let refused = bank.webhooks.create(ann, &wish(url, &["*"]), Algorithm::HmacSha256, bank.act(ann)).await;
            assert_eq!(refused.unwrap_err(), WebhooksError::Target(reason), "{url}");
        }
    });
}

#[test]
fn a_secret_is_shown_once_and_a_former_one_signs_for_another_day() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        let issued = bank.webhook(ann, &["*"]).await;
        assert!(issued.for_receiver.starts_with("whsec_"));
        let rotated = bank.webhooks.rotate_secret(of(&issued.endpoint), bank.act(ann)).await.unwrap();
        assert_ne!(rotated.for_receiver, issued.for_receiver);
        assert!(bank.kinds().await.contains(&"notifications.endpoint_secret_rotated".to_owned()));
        for (seconds, signatures) in [(0, 2), (86_399, 2), (86_400, 1)] {
            let later = bank.clock.now().plus_seconds(seconds);
            bank.webhooks.ping(of(&issued.endpoint), later).await.unwrap();
            let served = bank.webhooks.serve(webhooks::Care::Usual, 1, later).await.unwrap().remove(0);
            let message = webhooks::Message::new("evt_1", later, "{}").unwrap();
            assert_eq!(served.keys.sign(&message).split(' ').count(), signatures, "after {seconds} seconds");
            bank.webhooks.settle(&served, Vec::new(), webhooks::After::Others, later).await.unwrap();
        }
    });
}

#[test]
fn whoever_made_it_may_have_been_somebody_else_once_the_way_in_has_changed() {
    with_still_bank(async |bank: StillBank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let theirs = bank.webhook(bob, &["payments.*"]).await.endpoint;
        for (reason, is_stopped) in [
            (EndOfSession::PasswordChanged, false),
            (EndOfSession::MfaEnabled, false),
            (EndOfSession::PasswordReset, true),
            (EndOfSession::MfaReset, true),
            (EndOfSession::EndedByStaff, true),
        ] {
            let endpoint = bank.webhook(ann, &["*"]).await.endpoint;
            let change = AccessChange { user_id: ann, kind: AccessChangeKind::AccessEnded(reason), act: bank.act(ann) };
            let tx = bank.db.begin().await.unwrap();
            Endpoints.follow_in_tx(&tx, change).await.unwrap();
            tx.commit().await.unwrap();
            let disabled = bank.webhooks.find(of(&endpoint)).await.unwrap().health.disabled;
            assert_eq!(disabled, is_stopped.then_some(Disabled::AccessChanged), "{reason:?}");
            bank.webhooks.delete(of(&endpoint), bank.act(ann)).await.unwrap();
        }
        let endpoint = bank.webhook(ann, &["auth.logged_in"]).await.endpoint;
        let tx = bank.db.begin().await.unwrap();
        let change = AccessChange { user_id: ann, kind: AccessChangeKind::RoleChanged, act: bank.act(ann) };
        Endpoints.follow_in_tx(&tx, change).await.unwrap();
        tx.commit().await.unwrap();
        bank.happen(ann, "auth.logged_in").await;
        bank.follow().await;
        assert!(bank.call_all(&status(200)).await.is_empty());
        assert_eq!(bank.webhooks.find(of(&theirs)).await.unwrap().health.disabled, None, "it is another's");
        bank.webhooks.enable(of(&endpoint), bank.act(ann)).await.unwrap();
        assert_eq!(bank.webhooks.find(of(&endpoint)).await.unwrap().health.disabled, None);
    });
}

#[test]
fn who_says_that_it_is_gone_is_called_no_more_until_its_owner_says_so() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        let endpoint = bank.webhook(ann, &["auth.logged_in", "auth.logged_out"]).await.endpoint;
        bank.happen(ann, "auth.logged_in").await;
        bank.follow().await;
        assert_eq!(bank.call_all(&status(410)).await.len(), 1);
        let found = bank.webhooks.find(of(&endpoint)).await.unwrap();
        assert_eq!(found.health.disabled, Some(Disabled::Gone));
        let kinds = bank.kinds().await;
        assert!(kinds.contains(&"notifications.endpoint_disabled".to_owned()), "{kinds:?}");
        let refused = bank.webhooks.ping(of(&endpoint), bank.clock.now()).await;
        assert_eq!(refused.unwrap_err(), WebhooksError::IsDisabled);
        // What happens meanwhile waits for it.
        let missed = bank.happen(ann, "auth.logged_out").await;
        bank.follow().await;
        assert!(bank.serve().await.is_empty());
        bank.webhooks.enable(of(&endpoint), bank.act(ann)).await.unwrap();
        assert!(bank.kinds().await.contains(&"notifications.endpoint_changed".to_owned()));
        let told: Vec<_> = bank.call_all(&status(200)).await.into_iter().map(|due| due.event_id).collect();
        assert_eq!(told, [missed]);
    });
}

#[test]
fn who_fails_for_five_days_is_disabled_and_its_owner_is_mailed() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        let endpoint = bank.webhook(ann, &["auth.logged_in", "auth.logged_out"]).await.endpoint;
        for day in 0..=5 {
            bank.happen(ann, "auth.logged_in").await;
            bank.follow().await;
            assert!(bank.webhooks.find(of(&endpoint)).await.unwrap().health.disabled.is_none(), "on day {day}");
            bank.call_all(&status(500)).await;
            bank.clock.shift(86_400);
        }
        assert_eq!(bank.webhooks.find(of(&endpoint)).await.unwrap().health.disabled, Some(Disabled::Failing));
        let mails = notifications::claim_mails(&bank.db, bank.identity.secrets(), 100, bank.clock.now()).await.unwrap();
        assert_eq!(mails.iter().filter(|mail| mail.subject == "A webhook is called no more").count(), 1);
    });
}

#[test]
fn what_was_told_is_told_again_under_the_same_identifier() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        let endpoint = bank.webhook(ann, &["auth.logged_in", "auth.logged_out"]).await.endpoint;
        let mut happened = Vec::new();
        for _ in 0..3 {
            bank.clock.shift(60);
            happened.push(bank.happen(ann, "auth.logged_in").await);
        }
        bank.follow().await;
        assert_eq!(bank.call_all(&status(200)).await.len(), 3);
        assert!(bank.call_all(&status(200)).await.is_empty());
        let now = bank.clock.now();
        let span = Span { from: now.plus_seconds(-60), to: now.plus_seconds(1) };
        assert_eq!(bank.webhooks.replay(of(&endpoint), Replay::Span(span), now).await.unwrap(), 2);
        let told: Vec<_> = bank.call_all(&status(200)).await.into_iter().map(|due| due.event_id).collect();
        assert_eq!(told, happened[1..]);
        let oldest = bank.deliveries(&endpoint).await.into_iter().find(|found| found.event_id == happened[0]).unwrap();
        assert_eq!(bank.webhooks.replay(of(&endpoint), Replay::One(oldest.id), now).await.unwrap(), 1);
        // While it waits it is not queued twice.
        assert_eq!(bank.webhooks.replay(of(&endpoint), Replay::One(oldest.id), now).await.unwrap(), 0);
        let told = bank.call_all(&status(200)).await;
        assert_eq!((told.len(), told[0].event_id, told[0].attempts), (1, happened[0], 1));
        let unknown = Replay::One(ids::DeliveryId::generate());
        let refused = bank.webhooks.replay(of(&endpoint), unknown, now).await;
        assert_eq!(refused.unwrap_err(), WebhooksError::UnknownDelivery);
    });
}

#[test]
fn deliveries_and_their_tries_are_forgotten_after_thirty_days() {
    with_still_bank(async |bank: StillBank| {
        let ann = bank.customer("ann").await;
        let endpoint = bank.webhook(ann, &["*"]).await.endpoint;
        assert_eq!(bank.deliveries(&endpoint).await.len(), 1);
        let day = 86_400;
        let now = db::WallTime::now();
        assert_eq!(bank.webhooks.purge(now.plus_seconds(29 * day)).await.unwrap(), 0);
        // A delivery, and one try of it.
        assert_eq!(bank.webhooks.purge(now.plus_seconds(31 * day)).await.unwrap(), 2);
        assert!(bank.deliveries(&endpoint).await.is_empty());
        assert_eq!(bank.webhooks.purge(now.plus_seconds(31 * day)).await.unwrap(), 0);
    });
}

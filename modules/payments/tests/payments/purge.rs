//! Idempotency keys are kept for their retention and then forgotten.

use crate::common::{Bank, deposit, migrations};
use db::WallTime;
use ids::UserId;
use payments::{Answer, Hat, RETENTION_DAYS};
use testkit::on_each_engine;

#[test]
fn a_key_is_replayed_until_its_retention_is_over() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let user = UserId::generate();
        let account = bank.account(user, 0).await;
        let submit = || bank.submit(Hat::Customer(user), vec![deposit(account, 5)], true, "key");
        assert!(matches!(submit().await.1, Ok(Answer::Fresh { .. })));

        let last_day = WallTime::now().plus_seconds((RETENTION_DAYS - 1) * 86_400);
        assert_eq!(bank.payments.purge_idempotency_keys(last_day).await, Ok(0));
        assert!(matches!(submit().await.1, Ok(Answer::Replayed(_))));

        let later = WallTime::now().plus_seconds((RETENTION_DAYS + 1) * 86_400);
        assert_eq!(bank.payments.purge_idempotency_keys(later).await, Ok(1));
        assert!(matches!(submit().await.1, Ok(Answer::Fresh { .. })));
        bank.assert_sound().await;
    });
}

//! What depends on people follows in the transaction of the change, and can stop it.

use crate::common::{START, TestIdentity, by, password, with_identity};
use db::{DbError, Tx, WallTime};
use identity::{
    AccessChange, AccessChangeKind, Caller, Credential, Dependent, Dependents, Followed, Following, Identity,
    IdentityError, Password, Revoked, Role, RoleChange,
};
use ids::{GrantId, UserId};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const NEW: &str = "another secure password";

/// Writes down what it is asked to follow, and ends one grant; or fails.
#[derive(Default)]
struct Witness {
    seen: Mutex<Vec<String>>,
    fails: AtomicBool,
    grant: Mutex<Option<GrantId>>,
}

impl Dependent for Witness {
    fn follow_in_tx<'a>(&'a self, _tx: &'a Tx, change: AccessChange) -> Following<'a, Followed> {
        let word = match change.kind {
            AccessChangeKind::PasswordReplaced => "password",
            AccessChangeKind::RoleChanged => "role",
            AccessChangeKind::AccessEnded(reason) => reason.word(),
        };
        self.seen.lock().unwrap().push(format!("{word} of {}", change.user_id));
        let grant = self.grant.lock().unwrap().take();
        let revoked = grant.map(|id| Revoked { credential: Credential::Grant(id), revoked_at: change.act.at });
        let fails = self.fails.load(Ordering::Acquire);
        Box::pin(async move {
            match fails {
                true => Err(DbError::Unavailable("it is away".to_owned())),
                false => Ok(Followed { revoked: revoked.into_iter().collect(), working_api_keys: 0 }),
            }
        })
    }
}

async fn watched(test: &TestIdentity) -> (Arc<Witness>, Identity) {
    let witness = Arc::new(Witness::default());
    let dependents = Dependents::new(vec![Arc::clone(&witness) as _]);
    let identity = Identity::open(test.db.clone(), test.settings(), dependents, START).await.unwrap();
    (witness, identity)
}

fn caller(identity: &Identity, token: &str) -> Caller {
    identity.authenticate(token, START).unwrap()
}

async fn change_role(test: &TestIdentity, identity: &Identity, user_id: UserId) -> Result<(), IdentityError> {
    let tx = test.db.begin().await.unwrap();
    let change = RoleChange { user_id, role: Role::Teller };
    let (one, other) = (UserId::generate(), UserId::generate());
    let ended = identity.change_role_in_tx(&tx, change, one, by(other, START)).await?;
    tx.commit().await.unwrap();
    identity.refuse(ended);
    Ok(())
}

#[test]
fn every_change_of_how_somebody_gets_in_is_followed() {
    with_identity(async |test| {
        let (witness, identity) = watched(&test).await;
        let login = test.register("ann").await;
        let (ann, id) = (caller(&identity, &login.access_token), login.user.id);
        identity.change_password(&ann, password(), Password::new(NEW), START).await.unwrap();
        identity.end_sessions(id, by(UserId::generate(), START)).await.unwrap();
        change_role(&test, &identity, id).await.unwrap();
        identity.disable(id, by(UserId::generate(), START)).await.unwrap();
        let expected = ["password", "PASSWORD_CHANGED", "ENDED_BY_STAFF", "role", "ROLE_CHANGED", "USER_DISABLED"];
        assert_eq!(*witness.seen.lock().unwrap(), expected.map(|word| format!("{word} of {id}")));
    });
}

#[test]
fn what_cannot_be_followed_does_not_happen() {
    with_identity(async |test| {
        let (witness, identity) = watched(&test).await;
        let login = test.register("ann").await;
        let ann = caller(&identity, &login.access_token);
        let before = test.event_kinds().await;
        witness.fails.store(true, Ordering::Release);
        let away = Err(IdentityError::Store(DbError::Unavailable("it is away".to_owned())));
        assert_eq!(identity.change_password(&ann, password(), Password::new(NEW), START).await, away);
        assert_eq!(change_role(&test, &identity, login.user.id).await, away);
        assert_eq!(identity.disable(login.user.id, by(UserId::generate(), START)).await.map(drop), away);
        assert_eq!(test.event_kinds().await, before);
        assert_eq!(identity.user(login.user.id).await.unwrap(), Some(login.user));
        identity.authenticate(&login.access_token, START).expect("the session goes on");
        test.login("ann", password(), START).await.expect("the password is the old one");
    });
}

#[test]
fn what_a_dependent_has_ended_is_refused_with_the_sessions() {
    with_identity(async |test| {
        let (witness, identity) = watched(&test).await;
        let login = test.register("ann").await;
        let ann = caller(&identity, &login.access_token);
        let (grant_id, client_id) = (GrantId::generate(), ids::ClientId::generate());
        let bearer = identity::Bearer::Client { grant_id, client_id, scopes: identity::Scopes::ALL };
        let ends_at: WallTime = START.plus_seconds(600);
        let basis = identity::TokenBasis { bearer, proof: ann.proof, ends_at };
        let token = identity.issue_token(&login.user, &basis, START).text;
        assert_eq!(caller(&identity, &token).credential, Credential::Grant(grant_id));
        *witness.grant.lock().unwrap() = Some(grant_id);
        identity.end_sessions(login.user.id, by(UserId::generate(), START)).await.unwrap();
        for ended in [&token, &login.access_token] {
            assert_eq!(identity.authenticate(ended, START), Err(IdentityError::SessionRevoked));
        }
    });
}

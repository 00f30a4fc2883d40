//! What administrators do with people, as callers of the module see it.

use crate::common::{PASSWORD, START, TestAuth, by, command_line, password, with_auth};
use auth::oauth::{ClientSecret, NewClient, OAuthError, TokenRequest};
use auth::{
    AllowedAddresses, Auth, AuthError, NewApiKey, NewStaff, Role, RoleChange, Scopes, StaffEnabling, User, UserFilter,
    UserStatus,
};
use ids::UserId;

async fn staff(test: &TestAuth, username: &str, role: Role) -> User {
    let new = NewStaff { username: username.to_owned(), password: Some(password()), role };
    test.auth.create_staff(new, command_line()).await.unwrap().user
}

async fn change_role(test: &TestAuth, user_id: UserId, role: Role) -> Result<(), AuthError> {
    let tx = test.db.begin().await.unwrap();
    let change = RoleChange { user_id, role, asked_by: UserId::generate() };
    let ended = test.auth.change_role_in_tx(&tx, change, by(UserId::generate(), START)).await?;
    tx.commit().await.unwrap();
    test.auth.refuse(ended);
    Ok(())
}

#[test]
fn people_are_found_by_role_status_and_the_beginning_of_their_name() {
    with_auth(async |test| {
        let mut customers = Vec::new();
        for username in ["ann_1", "ann_2", "annie", "bob"] {
            customers.push(test.register(username).await.user);
        }
        let root = staff(&test, "root", Role::Admin).await;
        test.auth.disable(customers[3].id, by(root.id, START)).await.unwrap();
        let names = async |filter: UserFilter| -> Vec<String> {
            let found = test.auth.users(&filter, None, 100).await.unwrap();
            found.iter().map(|user| user.username.to_string()).collect()
        };
        let prefix = |text: &str| UserFilter { username_prefix: Some(text.to_owned()), ..UserFilter::default() };
        assert_eq!(names(UserFilter::default()).await, ["ann_1", "ann_2", "annie", "bob", "root"]);
        assert_eq!(names(prefix("ANN_")).await, ["ann_1", "ann_2"]);
        assert_eq!(names(prefix("%")).await, [""; 0]);
        let disabled = UserFilter { status: Some(UserStatus::Disabled), ..UserFilter::default() };
        assert_eq!(names(disabled).await, ["bob"]);
        let admins = UserFilter { role: Some(Role::Admin), ..UserFilter::default() };
        assert_eq!(names(admins).await, ["root"]);
        let page = test.auth.users(&UserFilter::default(), Some(customers[1].id), 2).await.unwrap();
        assert_eq!(page.iter().map(|user| user.username.as_str()).collect::<Vec<_>>(), ["annie", "bob"]);
    });
}

#[test]
fn staff_log_in_with_the_password_that_was_made_up_for_them_once_two_people_made_them() {
    with_auth(async |test| {
        let (one, two) = (UserId::generate(), UserId::generate());
        let new = |username: &str, role| NewStaff { username: username.to_owned(), password: None, role };
        let created = test.auth.create_staff(new("tom", Role::Teller), by(one, START)).await.unwrap();
        let told = created.initial_password.unwrap();
        assert!(told.len() > 20 && !format!("{:?}", created.user).contains(&told));
        let login = async || test.auth.login("tom", auth::Password::new(told.clone()), START).await;
        assert_eq!(login().await.unwrap_err(), AuthError::Disabled);
        assert_eq!(test.auth.enable(created.user.id, by(one, START)).await, Err(AuthError::NeedsTwoPeople));
        let staff = StaffEnabling { user_id: created.user.id, role: Role::Teller, asked_by: one };
        let enable = async |staff| {
            let tx = test.db.begin().await.unwrap();
            let ended = test.auth.enable_staff_in_tx(&tx, staff, by(two, START)).await?;
            tx.commit().await.unwrap();
            test.auth.refuse(ended);
            Ok(())
        };
        let other_role = StaffEnabling { role: Role::Admin, ..staff };
        assert_eq!(enable(other_role).await, Err(AuthError::OtherRole));
        for _ in 0..2 {
            assert_eq!(enable(staff).await, Ok(()));
        }
        assert_eq!(login().await.unwrap().user.role, Role::Teller);
        let refused = test.auth.create_staff(new("eve", Role::Customer), by(one, START)).await.unwrap_err();
        assert_eq!(refused, AuthError::NotStaff);
        assert_eq!(test.event_kinds().await, ["auth.staff_created", "auth.user_enabled", "auth.logged_in"]);
    });
}

#[test]
fn a_disabled_user_is_out_at_once_and_can_be_let_in_again() {
    with_auth(async |test| {
        let login = test.register("ann").await;
        let act = by(UserId::generate(), START);
        for _ in 0..2 {
            let user = test.auth.disable(login.user.id, act).await.unwrap();
            assert_eq!(user.status, UserStatus::Disabled);
        }
        assert_eq!(test.auth.authenticate(&login.access_token, START), Err(AuthError::SessionRevoked));
        assert_eq!(test.auth.login("ann", password(), START).await.unwrap_err(), AuthError::Disabled);
        for _ in 0..2 {
            assert_eq!(test.auth.enable(login.user.id, act).await.unwrap().status, UserStatus::Active);
        }
        assert_eq!(test.auth.authenticate(&login.access_token, START), Err(AuthError::SessionRevoked));
        let again = test.auth.login("ann", auth::Password::new(PASSWORD), START).await.unwrap();
        test.auth.end_sessions(login.user.id, act).await.unwrap();
        assert_eq!(test.auth.authenticate(&again.access_token, START), Err(AuthError::SessionRevoked));
        let kinds = test.event_kinds().await;
        let told = |kind: &str| kinds.iter().filter(|told| *told == kind).count();
        assert_eq!((told("auth.user_disabled"), told("auth.user_enabled"), told("auth.sessions_ended")), (1, 1, 1));
        assert_eq!(test.auth.enable(UserId::generate(), act).await, Err(AuthError::UnknownUser));
    });
}

#[test]
fn a_changed_role_ends_the_sessions_that_name_the_old_one() {
    with_auth(async |test| {
        let login = test.register("ann").await;
        change_role(&test, login.user.id, Role::Teller).await.unwrap();
        assert_eq!(test.auth.authenticate(&login.access_token, START), Err(AuthError::SessionRevoked));
        assert_eq!(test.auth.refresh(&login.refresh_token, START).await.unwrap_err(), AuthError::InvalidRefreshToken);
        let again = test.auth.login("ann", password(), START).await.unwrap();
        assert_eq!(test.auth.authenticate(&again.access_token, START).unwrap().role, Role::Teller);
        // The role that they have already ends nothing.
        change_role(&test, login.user.id, Role::Teller).await.unwrap();
        assert!(test.auth.authenticate(&again.access_token, START).is_ok());
        assert_eq!(change_role(&test, UserId::generate(), Role::Teller).await, Err(AuthError::UnknownUser));
    });
}

#[test]
fn the_last_active_administrator_is_neither_disabled_nor_demoted() {
    with_auth(async |test| {
        let (one, two) = (staff(&test, "one", Role::Admin).await, staff(&test, "two", Role::Admin).await);
        test.auth.disable(two.id, command_line()).await.unwrap();
        for act in [by(one.id, START), command_line()] {
            assert_eq!(test.auth.disable(one.id, act).await, Err(AuthError::LastAdmin));
        }
        assert_eq!(change_role(&test, one.id, Role::Auditor).await, Err(AuthError::LastAdmin));
        assert_eq!(test.auth.user(one.id).await.unwrap(), Some(one.clone()));
    });
}

#[test]
fn one_administrator_leaves_two_and_so_does_not_end_four_eyes_alone() {
    with_auth(async |test| {
        let (one, two) = (staff(&test, "one", Role::Admin).await, staff(&test, "two", Role::Admin).await);
        let three = staff(&test, "three", Role::Admin).await;
        test.auth.disable(three.id, by(one.id, START)).await.unwrap();
        for of in [&one, &two] {
            assert_eq!(test.auth.disable(of.id, by(one.id, START)).await, Err(AuthError::TooFewAdmins));
            assert_eq!(change_role(&test, of.id, Role::Auditor).await, Err(AuthError::TooFewAdmins));
        }
        // Nor does it count who is not in.
        assert_eq!(test.auth.enable(three.id, by(one.id, START)).await, Err(AuthError::NeedsTwoPeople));
        test.auth.enable(three.id, command_line()).await.unwrap();
        change_role(&test, one.id, Role::Auditor).await.unwrap();
        // The command line is the way out.
        test.auth.disable(two.id, command_line()).await.unwrap();
    });
}

#[test]
fn of_administrators_who_disable_each_other_at_once_two_stay() {
    with_auth(async |test| {
        let (one, two) = (staff(&test, "one", Role::Admin).await, staff(&test, "two", Role::Admin).await);
        let three = staff(&test, "three", Role::Admin).await;
        let (first, second, third) = tokio::join!(
            test.auth.disable(two.id, by(one.id, START)),
            test.auth.disable(three.id, by(two.id, START)),
            test.auth.disable(one.id, by(three.id, START)),
        );
        let refused: Vec<_> = [first, second, third].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused, [AuthError::TooFewAdmins, AuthError::TooFewAdmins]);
    });
}

#[test]
fn another_process_forgets_what_was_made_before_a_change_of_role() {
    with_auth(async |test| {
        let eve = test.register("eve").await;
        let caller = test.auth.authenticate(&eve.access_token, START).unwrap();
        let scopes = Scopes::parse("accounts:read").unwrap();
        let new = NewApiKey {
            name: "old".to_owned(),
            scopes,
            allowed_addresses: AllowedAddresses::default(),
            expires_at: None,
        };
        let key = test.auth.create_api_key(eve.user.id, new, by(eve.user.id, START)).await.unwrap().text;
        let new =
            NewClient { name: "Budget".to_owned(), redirect_uris: Vec::new(), scopes, secret: ClientSecret::Kept };
        let (client, _) = test.auth.register_client(&caller, new, START).await.unwrap();
        let own = || TokenRequest::Own { scope: None };
        let token = test.auth.issue_tokens_to(&client, own(), START).await.unwrap().access_token;
        let other = test.open_again(START).await;
        let opens = async |auth: &Auth, now| {
            let with_key = auth.authenticate_key(&key, None, now).await.map(drop);
            (with_key, auth.authenticate(&token, now).map(drop), auth.authenticate(&eve.access_token, now).map(drop))
        };
        assert_eq!(opens(&other, START).await, (Ok(()), Ok(()), Ok(())));

        change_role(&test, eve.user.id, Role::Teller).await.unwrap();
        let ended = (Err(AuthError::InvalidToken), Err(AuthError::SessionRevoked), Err(AuthError::SessionRevoked));
        assert_eq!(opens(&test.auth, START).await, ended);
        let soon = START.plus_seconds(2);
        other.refresh_revocations(soon).await.unwrap();
        assert_eq!(opens(&other, soon).await, ended);
        let refused = other.issue_tokens_to(&client, own(), soon).await.unwrap_err();
        assert!(matches!(refused, OAuthError::UnauthorizedClient(_)), "{refused:?}");
        let revoked = test.events_of("auth.api_key_revoked").await;
        assert!(revoked.len() == 1 && revoked[0].actor.unwrap().user != Some(eve.user.id));
    });
}

//! What administrators do with people, as callers of the module see it.

use crate::common::{PASSWORD, START, TestIdentity, by, command_line, password, with_identity};
use identity::{IdentityError, NewStaff, Role, RoleChange, StaffEnabling, User, UserFilter, UserStatus};
use ids::UserId;

async fn staff(test: &TestIdentity, username: &str, role: Role) -> User {
    let new = NewStaff { username: username.to_owned(), password: Some(password()), role };
    test.identity.create_staff(new, command_line()).await.unwrap().user
}

async fn change_role(test: &TestIdentity, user_id: UserId, role: Role) -> Result<(), IdentityError> {
    let tx = test.db.begin().await.unwrap();
    let change = RoleChange { user_id, role };
    let (one, other) = (UserId::generate(), UserId::generate());
    let ended = test.identity.change_role_in_tx(&tx, change, one, by(other, START)).await?;
    tx.commit().await.unwrap();
    test.identity.refuse(ended);
    Ok(())
}

#[test]
fn people_are_found_by_role_status_and_the_beginning_of_their_name() {
    with_identity(async |test| {
        let mut customers = Vec::new();
        for username in ["ann_1", "ann_2", "annie", "bob"] {
            customers.push(test.register(username).await.user);
        }
        let root = staff(&test, "root", Role::Admin).await;
        test.identity.disable(customers[3].id, by(root.id, START)).await.unwrap();
        let names = async |filter: UserFilter| -> Vec<String> {
            let found = test.identity.users(&filter, None, 100).await.unwrap();
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
        let page = test.identity.users(&UserFilter::default(), Some(customers[1].id), 2).await.unwrap();
        assert_eq!(page.iter().map(|user| user.username.as_str()).collect::<Vec<_>>(), ["annie", "bob"]);
    });
}

#[test]
fn staff_log_in_with_the_password_that_was_made_up_for_them_once_two_people_made_them() {
    with_identity(async |test| {
        let (one, two) = (UserId::generate(), UserId::generate());
        let new = |username: &str, role| NewStaff { username: username.to_owned(), password: None, role };
        let created = test.identity.create_staff(new("tom", Role::Teller), by(one, START)).await.unwrap();
        let told = created.initial_password.unwrap();
        assert!(told.len() > 20 && !format!("{:?}", created.user).contains(&told));
        let login = async || test.login("tom", identity::Password::new(told.clone()), START).await;
        assert_eq!(login().await.unwrap_err(), IdentityError::Disabled);
        assert_eq!(test.identity.enable(created.user.id, by(one, START)).await, Err(IdentityError::NeedsTwoPeople));
        let staff = StaffEnabling { user_id: created.user.id, role: Role::Teller };
        let enable = async |staff| {
            let tx = test.db.begin().await.unwrap();
            let ended = test.identity.enable_staff_in_tx(&tx, staff, one, by(two, START)).await?;
            tx.commit().await.unwrap();
            test.identity.refuse(ended);
            Ok(())
        };
        let other_role = StaffEnabling { role: Role::Admin, ..staff };
        assert_eq!(enable(other_role).await, Err(IdentityError::OtherRole));
        for _ in 0..2 {
            assert_eq!(enable(staff).await, Ok(()));
        }
        assert_eq!(login().await.unwrap().user.role, Role::Teller);
        let refused = test.identity.create_staff(new("eve", Role::Customer), by(one, START)).await.unwrap_err();
        assert_eq!(refused, IdentityError::NotStaff);
        assert_eq!(test.event_kinds().await, ["auth.staff_created", "auth.user_enabled", "auth.logged_in"]);
    });
}

#[test]
fn a_disabled_user_is_out_at_once_and_can_be_let_in_again() {
    with_identity(async |test| {
        let login = test.register("ann").await;
        let act = by(UserId::generate(), START);
        for _ in 0..2 {
            let user = test.identity.disable(login.user.id, act).await.unwrap();
            assert_eq!(user.status, UserStatus::Disabled);
        }
        assert_eq!(test.identity.authenticate(&login.access_token, START), Err(IdentityError::SessionRevoked));
        assert_eq!(test.login("ann", password(), START).await.unwrap_err(), IdentityError::Disabled);
        for _ in 0..2 {
            assert_eq!(test.identity.enable(login.user.id, act).await.unwrap().status, UserStatus::Active);
        }
        assert_eq!(test.identity.authenticate(&login.access_token, START), Err(IdentityError::SessionRevoked));
        let again = test.login("ann", identity::Password::new(PASSWORD), START).await.unwrap();
        test.identity.end_sessions(login.user.id, act).await.unwrap();
        assert_eq!(test.identity.authenticate(&again.access_token, START), Err(IdentityError::SessionRevoked));
        let kinds = test.event_kinds().await;
        let told = |kind: &str| kinds.iter().filter(|told| *told == kind).count();
        assert_eq!((told("auth.user_disabled"), told("auth.user_enabled"), told("auth.sessions_ended")), (1, 1, 1));
        assert_eq!(test.identity.enable(UserId::generate(), act).await, Err(IdentityError::UnknownUser));
    });
}

#[test]
fn a_changed_role_ends_the_sessions_that_name_the_old_one() {
    with_identity(async |test| {
        let login = test.register("ann").await;
        change_role(&test, login.user.id, Role::Teller).await.unwrap();
        assert_eq!(test.identity.authenticate(&login.access_token, START), Err(IdentityError::SessionRevoked));
        assert_eq!(
            test.identity.refresh(&login.refresh_token, START).await.unwrap_err(),
            IdentityError::InvalidRefreshToken
        );
        let again = test.login("ann", password(), START).await.unwrap();
        assert_eq!(test.identity.authenticate(&again.access_token, START).unwrap().role, Role::Teller);
        // The role that they have already ends nothing.
        change_role(&test, login.user.id, Role::Teller).await.unwrap();
        assert!(test.identity.authenticate(&again.access_token, START).is_ok());
        assert_eq!(change_role(&test, UserId::generate(), Role::Teller).await, Err(IdentityError::UnknownUser));
        test.expect_events(&["auth.role_changed"]).await;
    });
}

#[test]
fn the_last_active_administrator_is_neither_disabled_nor_demoted() {
    with_identity(async |test| {
        let (one, two) = (staff(&test, "one", Role::Admin).await, staff(&test, "two", Role::Admin).await);
        test.identity.disable(two.id, command_line()).await.unwrap();
        for act in [by(one.id, START), command_line()] {
            assert_eq!(test.identity.disable(one.id, act).await, Err(IdentityError::LastAdmin));
        }
        assert_eq!(change_role(&test, one.id, Role::Auditor).await, Err(IdentityError::LastAdmin));
        assert_eq!(test.identity.user(one.id).await.unwrap(), Some(one.clone()));
    });
}

#[test]
fn one_administrator_leaves_two_and_so_does_not_end_four_eyes_alone() {
    with_identity(async |test| {
        let (one, two) = (staff(&test, "one", Role::Admin).await, staff(&test, "two", Role::Admin).await);
        let three = staff(&test, "three", Role::Admin).await;
        test.identity.disable(three.id, by(one.id, START)).await.unwrap();
        for of in [&one, &two] {
            assert_eq!(test.identity.disable(of.id, by(one.id, START)).await, Err(IdentityError::TooFewAdmins));
            assert_eq!(change_role(&test, of.id, Role::Auditor).await, Err(IdentityError::TooFewAdmins));
        }
        // Nor does it count who is not in.
        assert_eq!(test.identity.enable(three.id, by(one.id, START)).await, Err(IdentityError::NeedsTwoPeople));
        test.identity.enable(three.id, command_line()).await.unwrap();
        change_role(&test, one.id, Role::Auditor).await.unwrap();
        // The command line is the way out.
        test.identity.disable(two.id, command_line()).await.unwrap();
    });
}

#[test]
fn of_administrators_who_disable_each_other_at_once_two_stay() {
    with_identity(async |test| {
        let (one, two) = (staff(&test, "one", Role::Admin).await, staff(&test, "two", Role::Admin).await);
        let three = staff(&test, "three", Role::Admin).await;
        let (first, second, third) = tokio::join!(
            test.identity.disable(two.id, by(one.id, START)),
            test.identity.disable(three.id, by(two.id, START)),
            test.identity.disable(one.id, by(three.id, START)),
        );
        let refused: Vec<_> = [first, second, third].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused, [IdentityError::TooFewAdmins, IdentityError::TooFewAdmins]);
    });
}

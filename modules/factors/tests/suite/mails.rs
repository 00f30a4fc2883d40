//! What people are mailed about their second factors.

use crate::common::{START, TestFactors, command_line, new_user, with_factors};
use crate::passkeys::{bank, device, new};
use db::WallTime;
use identity::{Caller, Login, NewUser};
use notifications::{Delivery, Outcome};

/// The mails that wait; they are taken as sent.
async fn mails(test: &TestFactors, now: WallTime) -> Vec<Delivery> {
    let mails = notifications::claim_mails(&test.db, test.identity.secrets(), 100, now).await.unwrap();
    for mail in &mails {
        notifications::settle_message(&test.db, mail, Outcome::Sent, now).await.unwrap();
    }
    mails
}

/// The token in a mail: it stands alone and indented.
fn token(mail: &Delivery) -> String {
    mail.body.lines().find_map(|line| line.strip_prefix("    ")).unwrap().to_owned()
}

async fn register(test: &TestFactors, username: &str, email: &str) -> Login {
    test.identity.register(NewUser { email: Some(email.to_owned()), ..new_user(username) }, START).await.unwrap()
}

/// Somebody whose address is verified, and no mail waits.
async fn verified(test: &TestFactors, username: &str, email: &str) -> Login {
    let login = register(test, username, email).await;
    let mail = mails(test, START).await.pop().unwrap();
    test.identity.verify_email(&token(&mail), START).await.unwrap();
    login
}

fn caller(test: &TestFactors, login: &Login) -> Caller {
    test.identity.authenticate(&login.access_token, START).unwrap()
}

/// The subjects of the mails that wait.
async fn subjects(test: &TestFactors) -> Vec<String> {
    let mails = mails(test, START).await;
    assert!(mails.iter().all(|mail| mail.recipient == "john@example.com" && mail.body.contains("tell the bank")));
    mails.into_iter().map(|mail| mail.subject).collect()
}

#[test]
fn people_are_told_when_second_factors_come_and_go() {
    with_factors(async |test| {
        let login = verified(&test, "john_doe", "john@example.com").await;
        let secret = test.factors.enrol_totp(&caller(&test, &login), START).await.unwrap().secret;
        let code = outsiders::totp_code(&secret, START);
        let login = test.factors.confirm_totp(&caller(&test, &login), &code, START).await.unwrap().login.unwrap();
        assert_eq!(subjects(&test).await, ["A second factor was added"]);
        test.factors.regenerate_recovery_codes(&caller(&test, &login), START).await.unwrap();
        assert_eq!(subjects(&test).await, ["Your recovery codes were made anew"]);
        test.factors.remove_totp(&caller(&test, &login), START).await.unwrap();
        assert_eq!(subjects(&test).await, ["A second factor was removed"]);
        test.factors.reset_mfa(login.user.id, command_line()).await.unwrap();
        assert_eq!(subjects(&test).await, ["Your second factors were removed"]);
    });
}

#[test]
fn people_are_told_when_passkeys_come_and_go() {
    with_factors(async |test| {
        let login = verified(&test, "john_doe", "john@example.com").await;
        let john = caller(&test, &login);
        let question = test.factors.begin_passkey(&john, &bank(), START).await.unwrap();
        let added = test.factors.add_passkey(&john, new(&mut device(), &question), START).await.unwrap();
        let login = added.enabled.login.unwrap();
        assert_eq!(subjects(&test).await, ["A second factor was added"]);
        test.factors.remove_passkey(&caller(&test, &login), added.passkey.id, START).await.unwrap();
        assert_eq!(subjects(&test).await, ["A second factor was removed"]);
    });
}

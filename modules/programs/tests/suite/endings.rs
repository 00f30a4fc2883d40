//! What ends, or is said, of a person's programs when their password or role changes: in the one transaction of the change.

use crate::common::{START, TestPrograms, by, command_line, new_user, password, with_programs};
use db::WallTime;
use identity::{Caller, Identity, IdentityError, Login, NewUser, Password, Role, RoleChange, Scopes};
use ids::UserId;
use notifications::{Delivery, Outcome};
use programs::oauth::{ClientSecret, NewClient, OAuthError, RawAuthorizationRequest, TokenRequest};
use programs::{AllowedAddresses, NewApiKey, Overlap, OwnedKey, Programs};

const NEW: &str = "another secure password";

/// The mails that wait; they are taken as sent.
async fn mails(test: &TestPrograms, now: WallTime) -> Vec<Delivery> {
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

async fn register(test: &TestPrograms, username: &str, email: &str) -> Login {
    test.identity.register(NewUser { email: Some(email.to_owned()), ..new_user(username) }, START).await.unwrap()
}

/// Somebody whose address is verified, and no mail waits.
async fn verified(test: &TestPrograms, username: &str, email: &str) -> Login {
    let login = register(test, username, email).await;
    let mail = mails(test, START).await.pop().unwrap();
    test.identity.verify_email(&token(&mail), START).await.unwrap();
    login
}

fn caller(test: &TestPrograms, login: &Login) -> Caller {
    test.identity.authenticate(&login.access_token, START).unwrap()
}

async fn change_role(test: &TestPrograms, user_id: UserId, role: Role) {
    let tx = test.db.begin().await.unwrap();
    let change = RoleChange { user_id, role };
    let (one, other) = (UserId::generate(), UserId::generate());
    let ended = test.identity.change_role_in_tx(&tx, change, one, by(other, START)).await.unwrap();
    tx.commit().await.unwrap();
    test.identity.refuse(ended);
}

/// The subjects of the mails that wait.
async fn subjects(test: &TestPrograms) -> Vec<String> {
    let mails = mails(test, START).await;
    assert!(mails.iter().all(|mail| mail.recipient == "john@example.com" && mail.body.contains("tell the bank")));
    mails.into_iter().map(|mail| mail.subject).collect()
}

#[test]
fn another_process_forgets_what_was_made_before_a_change_of_role() {
    with_programs(async |test| {
        let eve = test.register("eve").await;
        let caller = test.identity.authenticate(&eve.access_token, START).unwrap();
        let scopes = Scopes::parse("accounts:read").unwrap();
        let new = NewApiKey {
            name: "old".to_owned(),
            scopes,
            allowed_addresses: AllowedAddresses::default(),
            expires_at: None,
        };
        let key = test.programs.create_api_key(eve.user.id, new, by(eve.user.id, START)).await.unwrap().text;
        let new =
            NewClient { name: "Budget".to_owned(), redirect_uris: Vec::new(), scopes, secret: ClientSecret::Kept };
        let (client, _) = test.programs.register_client(&caller, new, START).await.unwrap();
        let own = || TokenRequest::Own { scope: None };
        let token = test.programs.issue_tokens_to(&client, own(), START).await.unwrap().access_token;
        let other = test.open_again(START).await;
        let opens = async |identity: &Identity, programs: &Programs, now| {
            let with_key = programs.authenticate_key(&key, None, now).await.map(drop);
            let with_token = |token: &str| identity.authenticate(token, now).map(drop);
            (with_key, with_token(&token), with_token(&eve.access_token))
        };
        assert_eq!(opens(&other.identity, &other.programs, START).await, (Ok(()), Ok(()), Ok(())));

        change_role(&test, eve.user.id, Role::Teller).await;
        let ended = (
            Err(IdentityError::InvalidToken.into()),
            Err(IdentityError::SessionRevoked),
            Err(IdentityError::SessionRevoked),
        );
        assert_eq!(opens(&test.identity, &test.programs, START).await, ended);
        let soon = START.plus_seconds(2);
        other.identity.refresh_revocations(soon).await.unwrap();
        assert_eq!(opens(&other.identity, &other.programs, soon).await, ended);
        let refused = other.programs.issue_tokens_to(&client, own(), soon).await.unwrap_err();
        assert!(matches!(refused, OAuthError::UnauthorizedClient(_)), "{refused:?}");
        let revoked = test.events_of("auth.api_key_revoked").await;
        assert!(revoked.len() == 1 && revoked[0].actor.unwrap().user != Some(eve.user.id));
    });
}

#[test]
fn people_are_told_of_programs_that_get_in_for_them_and_of_another_role() {
    with_programs(async |test| {
        let login = verified(&test, "john_doe", "john@example.com").await;
        let (john, scopes) = (caller(&test, &login), Scopes::parse("accounts:read").unwrap());
        let allowed_addresses = AllowedAddresses::default();
        let new = NewApiKey { name: "payroll".to_owned(), scopes, allowed_addresses, expires_at: None };
        let key = test.programs.create_api_key(john.user_id, new, command_line()).await.unwrap().key;
        let key_id = OwnedKey { owner: john.user_id, id: key.id };
        test.programs.rotate_api_key(key_id, Overlap::default(), command_line()).await.unwrap();
        test.programs.set_program_key(key_id, None, command_line()).await.unwrap();
        let secret = ClientSecret::None;
        let redirect_uris = vec!["https://client.example/callback".to_owned()];
        let new = NewClient { name: "Budget".to_owned(), redirect_uris, scopes, secret };
        let (client, _) = test.programs.register_client(&john, new, START).await.unwrap();
        let raw = RawAuthorizationRequest {
            client_id: Some(client.id.to_string()),
            redirect_uri: Some("https://client.example/callback".to_owned()),
            response_type: Some("code".to_owned()),
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
            code_challenge_method: Some("S256".to_owned()),
            ..RawAuthorizationRequest::default()
        };
        let request = test.programs.check_authorization(raw).await.unwrap();
        test.programs.consent(&john, &request, START).await.unwrap();
        let told = [
            "An API key was made",
            "An API key got a new secret",
            "What an API key signs with was changed",
            "A client was registered",
            "A program may use your accounts",
        ];
        assert_eq!(subjects(&test).await, told);
        test.identity.change_password(&john, password(), Password::new(NEW), START).await.unwrap();
        let mail = mails(&test, START).await.pop().unwrap();
        assert!(mail.body.contains("One API key goes on working"), "{}", mail.body);
        test.programs.revoke_api_key(key_id, command_line()).await.unwrap();
        test.identity.change_password(&john, Password::new(NEW), password(), START).await.unwrap();
        assert!(!mails(&test, START).await[0].body.contains("API key"));

        change_role(&test, john.user_id, Role::Teller).await;
        assert_eq!(subjects(&test).await, ["Your role at the bank was changed"]);
    });
}

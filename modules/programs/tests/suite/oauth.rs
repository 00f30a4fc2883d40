//! The authorization server: consents, codes, tokens, and what becomes of stolen ones.

use crate::common::{START, TestPrograms, command_line, password, with_programs};
use db::WallTime;
use identity::{Caller, Credential, IdentityError, Password, Scopes};
use ids::ClientId;
use programs::ProgramError;
use programs::oauth::{
    AuthorizationRefusal, Client, ClientAuthentication, ClientSecret, NewClient, OAuthError, RawAuthorizationRequest,
    TokenRequest,
};

const CALLBACK: &str = "https://client.example/callback";
// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn scopes(words: &str) -> Scopes {
    Scopes::parse(words).unwrap()
}

fn new_client(secret: ClientSecret) -> NewClient {
    let scopes = scopes("accounts:read transactions:read");
    NewClient { name: "Budget".to_owned(), redirect_uris: vec![CALLBACK.to_owned()], scopes, secret }
}

fn request_of(client: &Client) -> RawAuthorizationRequest {
    RawAuthorizationRequest {
        client_id: Some(client.id.to_string()),
        redirect_uri: Some(CALLBACK.to_owned()),
        response_type: Some("code".to_owned()),
        scope: Some("accounts:read".to_owned()),
        state: Some("xyz".to_owned()),
        code_challenge: Some(CHALLENGE.to_owned()),
        code_challenge_method: Some("S256".to_owned()),
    }
}

fn exchange(code: &str) -> TokenRequest {
    let redirect_uri = Some(CALLBACK.to_owned());
    TokenRequest::Code { code: code.to_owned(), redirect_uri, verifier: VERIFIER.to_owned() }
}

fn refresh(token: &Option<String>) -> TokenRequest {
    TokenRequest::Refresh { refresh_token: token.clone().unwrap(), scope: None }
}

/// Somebody who is logged in, and a client of theirs.
async fn person_and_client(test: &TestPrograms, secret: ClientSecret) -> (Caller, Client, Option<String>) {
    let token = test.register("john_doe").await.access_token;
    let caller = test.identity.authenticate(&token, START).unwrap();
    let (client, secret) = test.programs.register_client(&caller, new_client(secret), START).await.unwrap();
    (caller, client, secret)
}

async fn code_for(test: &TestPrograms, caller: &Caller, client: &Client) -> String {
    let request = test.programs.check_authorization(request_of(client)).await.unwrap();
    test.programs.consent(caller, &request, START).await.unwrap()
}

fn is_invalid_grant<T: std::fmt::Debug>(outcome: Result<T, OAuthError>) -> bool {
    matches!(outcome.unwrap_err(), OAuthError::InvalidGrant(_))
}

#[test]
fn a_consent_leads_to_tokens_that_reach_as_far_as_it_and_no_further() {
    with_programs(async |test| {
        let (caller, client, secret) = person_and_client(&test, ClientSecret::None).await;
        assert_eq!(secret, None);
        let code = code_for(&test, &caller, &client).await;
        let issued = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap();
        assert_eq!((issued.expires_in_seconds, issued.scopes), (900, scopes("accounts:read")));
        let program = test.identity.authenticate(&issued.access_token, START).unwrap();
        assert_eq!((program.user_id, program.scopes), (caller.user_id, scopes("accounts:read")));
        assert!(matches!(program.credential, Credential::Grant(_)) && program.session_id().is_none());
        let later = START.plus_seconds(1000);
        let next = test.programs.issue_tokens_to(&client, refresh(&issued.refresh_token), later).await.unwrap();
        assert_eq!(test.identity.authenticate(&next.access_token, later).unwrap().credential, program.credential);
        assert_eq!(test.programs.grants(&caller, None, 10, later).await.unwrap().len(), 1);
        test.expect_events(&["auth.client_registered", "auth.grant_made"]).await;
    });
}

#[test]
fn nobody_is_sent_to_an_address_that_is_not_registered() {
    with_programs(async |test| {
        let (_, client, _) = person_and_client(&test, ClientSecret::None).await;
        let stranger = ClientId::generate().to_string();
        let change = |change: &dyn Fn(&mut RawAuthorizationRequest)| {
            let mut request = request_of(&client);
            change(&mut request);
            request
        };
        for request in [
            change(&|request| request.client_id = Some(stranger.clone())),
            change(&|request| request.client_id = None),
            change(&|request| request.redirect_uri = None),
            change(&|request| request.redirect_uri = Some("https://evil.example/callback".to_owned())),
            change(&|request| request.redirect_uri = Some(format!("{CALLBACK}/../evil"))),
            change(&|request| request.redirect_uri = Some(format!("{CALLBACK}?next=https://evil.example"))),
        ] {
            let refusal = test.programs.check_authorization(request.clone()).await.unwrap_err();
            assert!(matches!(refusal, AuthorizationRefusal::Untrusted(_)), "{request:?}: {refusal:?}");
        }
    });
}

#[test]
fn a_request_that_is_not_in_order_is_told_to_the_client() {
    with_programs(async |test| {
        let (_, client, _) = person_and_client(&test, ClientSecret::None).await;
        let told = async |change: &dyn Fn(&mut RawAuthorizationRequest)| {
            let mut request = request_of(&client);
            change(&mut request);
            match test.programs.check_authorization(request).await.unwrap_err() {
                AuthorizationRefusal::Back { redirect_uri, state, error, .. } => {
                    assert_eq!((redirect_uri.as_str(), state.as_deref()), (CALLBACK, Some("xyz")));
                    error
                }
                other => panic!("{other:?}"),
            }
        };
        let owned = |text: &str| Some(text.to_owned());
        assert_eq!(told(&|request| request.code_challenge = None).await, "invalid_request");
        assert_eq!(told(&|request| request.code_challenge_method = None).await, "invalid_request");
        assert_eq!(told(&|request| request.code_challenge_method = owned("plain")).await, "invalid_request");
        assert_eq!(told(&|request| request.code_challenge = owned("short")).await, "invalid_request");
        assert_eq!(told(&|request| request.response_type = owned("token")).await, "unsupported_response_type");
        assert_eq!(told(&|request| request.scope = owned("accounts:write")).await, "invalid_scope");
        assert_eq!(told(&|request| request.scope = owned("everything")).await, "invalid_scope");
    });
}

#[test]
fn a_code_is_good_once_for_a_minute_for_its_client_with_the_verifier() {
    with_programs(async |test| {
        let (caller, client, _) = person_and_client(&test, ClientSecret::None).await;
        let (other, _) = test.programs.register_client(&caller, new_client(ClientSecret::None), START).await.unwrap();
        let code = code_for(&test, &caller, &client).await;
        let try_it = async |client: &Client, request: TokenRequest, now: WallTime| {
            test.programs.issue_tokens_to(client, request, now).await
        };
        assert!(is_invalid_grant(try_it(&other, exchange(&code), START).await), "another client");
        assert!(is_invalid_grant(try_it(&client, exchange("guessed"), START).await), "unknown");
        assert!(is_invalid_grant(try_it(&client, exchange(&code), START.plus_seconds(60)).await), "too late");
        for verifier in ["", CHALLENGE, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            let wrong = TokenRequest::Code { code: code.clone(), redirect_uri: None, verifier: verifier.to_owned() };
            assert!(is_invalid_grant(try_it(&client, wrong, START).await), "{verifier}");
        }
        let redirect_uri = Some("https://client.example/other".to_owned());
        let wrong = TokenRequest::Code { code: code.clone(), redirect_uri, verifier: VERIFIER.to_owned() };
        assert!(is_invalid_grant(try_it(&client, wrong, START).await), "another address");
        try_it(&client, exchange(&code), START.plus_seconds(59)).await.expect("none of this has used it up");
    });
}

#[test]
fn a_code_that_is_presented_twice_ends_what_came_of_it() {
    with_programs(async |test| {
        let (caller, client, _) = person_and_client(&test, ClientSecret::None).await;
        let code = code_for(&test, &caller, &client).await;
        let issued = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap();
        assert!(is_invalid_grant(test.programs.issue_tokens_to(&client, exchange(&code), START).await));
        assert_eq!(test.identity.authenticate(&issued.access_token, START), Err(IdentityError::SessionRevoked));
        assert!(is_invalid_grant(test.programs.issue_tokens_to(&client, refresh(&issued.refresh_token), START).await));
    });
}

#[test]
fn a_refresh_token_whose_reply_was_lost_leads_to_the_same_successor_again_for_ten_seconds() {
    with_programs(async |test| {
        let (caller, client, _) = person_and_client(&test, ClientSecret::None).await;
        let code = code_for(&test, &caller, &client).await;
        let first = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap().refresh_token;
        let present = async |token, seconds| {
            test.programs.issue_tokens_to(&client, refresh(token), START.plus_seconds(seconds)).await
        };
        let second = present(&first, 100).await.unwrap();
        // Two windows at once, or a reply that was lost.
        let again = present(&first, 109).await.unwrap();
        assert_eq!(again.refresh_token, second.refresh_token);
        assert!(test.identity.authenticate(&again.access_token, START.plus_seconds(109)).is_ok());
        // Its successor goes on, and then the old one is no longer a lost reply.
        let third = present(&second.refresh_token, 109).await.unwrap().refresh_token;
        assert_ne!(third, second.refresh_token);
        assert!(is_invalid_grant(present(&first, 109).await));
        assert!(is_invalid_grant(present(&third, 109).await), "the grant has ended");
    });
}

#[test]
fn a_refresh_token_presented_by_two_at_once_ends_nothing() {
    with_programs(async |test| {
        let (caller, client, _) = person_and_client(&test, ClientSecret::None).await;
        let code = code_for(&test, &caller, &client).await;
        let first = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap().refresh_token;
        let present = || test.programs.issue_tokens_to(&client, refresh(&first), START);
        let (one, other) = tokio::join!(present(), present());
        let (one, other) = (one.unwrap().refresh_token, other.unwrap().refresh_token);
        assert_eq!(one, other);
        test.programs.issue_tokens_to(&client, refresh(&one), START).await.expect("the grant goes on");
    });
}

#[test]
fn a_refresh_token_that_is_presented_later_again_ends_the_grant_in_every_process() {
    with_programs(async |test| {
        let other = test.open_again(START).await;
        let (caller, client, _) = person_and_client(&test, ClientSecret::None).await;
        let code = code_for(&test, &caller, &client).await;
        let first = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap();
        let second = test.programs.issue_tokens_to(&client, refresh(&first.refresh_token), START).await.unwrap();
        let later = START.plus_seconds(10);
        assert!(is_invalid_grant(test.programs.issue_tokens_to(&client, refresh(&first.refresh_token), later).await));
        assert!(is_invalid_grant(test.programs.issue_tokens_to(&client, refresh(&second.refresh_token), later).await));
        assert_eq!(test.identity.authenticate(&second.access_token, START), Err(IdentityError::SessionRevoked));
        other.identity.refresh_revocations(START).await.unwrap();
        assert_eq!(other.identity.authenticate(&second.access_token, START), Err(IdentityError::SessionRevoked));
        let reasons = ended_with(&test).await;
        assert_eq!(reasons, ["REFRESH_TOKEN_REUSED"]);
    });
}

#[test]
fn a_refresh_may_narrow_the_scope_and_never_widens_it() {
    with_programs(async |test| {
        let (caller, client, _) = person_and_client(&test, ClientSecret::None).await;
        let code = code_for(&test, &caller, &client).await;
        let issued = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap();
        let with = |scope: &str| TokenRequest::Refresh {
            refresh_token: issued.refresh_token.clone().unwrap(),
            scope: Some(scope.to_owned()),
        };
        for scope in ["transactions:read", "accounts:read transactions:read", "accounts:write", "everything"] {
            let refused = test.programs.issue_tokens_to(&client, with(scope), START).await;
            assert_eq!(refused.unwrap_err(), OAuthError::InvalidScope, "{scope}");
        }
        test.programs.issue_tokens_to(&client, with("accounts:read"), START).await.expect("it is not used up");
    });
}

#[test]
fn a_client_proves_itself_with_its_secret_and_acts_for_its_owner() {
    with_programs(async |test| {
        let (caller, client, secret) = person_and_client(&test, ClientSecret::Kept).await;
        let sent = |secret: Option<&str>| ClientAuthentication {
            client_id: client.id.to_string(),
            secret: secret.map(ToOwned::to_owned),
        };
        for wrong in [None, Some(""), Some("guessed")] {
            let refused = test.programs.authenticate_client(&sent(wrong)).await;
            assert_eq!(refused.unwrap_err(), OAuthError::InvalidClient);
        }
        let proved = test.programs.authenticate_client(&sent(secret.as_deref())).await.unwrap();
        let own = |scope: Option<&str>| TokenRequest::Own { scope: scope.map(ToOwned::to_owned) };
        let issued = test.programs.issue_tokens_to(&proved, own(None), START).await.unwrap();
        assert_eq!((issued.refresh_token.is_none(), issued.scopes), (true, client.scopes));
        let program = test.identity.authenticate(&issued.access_token, START).unwrap();
        assert_eq!(program.user_id, caller.user_id);
        let wider = test.programs.issue_tokens_to(&proved, own(Some("transactions:write")), START).await;
        assert_eq!(wider.unwrap_err(), OAuthError::InvalidScope);
        assert!(
            test.programs.grants(&caller, None, 10, START).await.unwrap().is_empty(),
            "nobody consented to anything"
        );
        let (public, _) = test.programs.register_client(&caller, new_client(ClientSecret::None), START).await.unwrap();
        let refused = test.programs.issue_tokens_to(&public, own(None), START).await;
        assert!(matches!(refused.unwrap_err(), OAuthError::UnauthorizedClient(_)));
    });
}

#[test]
fn only_its_own_client_learns_anything_about_a_token() {
    with_programs(async |test| {
        let (caller, client, _) = person_and_client(&test, ClientSecret::Kept).await;
        let (other, _) = test.programs.register_client(&caller, new_client(ClientSecret::Kept), START).await.unwrap();
        let code = code_for(&test, &caller, &client).await;
        let issued = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap();
        let refresh_token = issued.refresh_token.clone().unwrap();
        let known = test.programs.introspect(&client, &issued.access_token, START).await.unwrap().unwrap();
        assert_eq!((known.user.id, known.scopes), (caller.user_id, scopes("accounts:read")));
        assert!(known.is_access_token);
        assert_eq!(known.expires_at.unix_seconds(), START.unix_seconds() + 900);
        assert!(!test.programs.introspect(&client, &refresh_token, START).await.unwrap().unwrap().is_access_token);
        for token in [issued.access_token.as_str(), &refresh_token] {
            assert_eq!(test.programs.introspect(&other, token, START).await, Ok(None));
            assert!(is_invalid_grant(test.programs.revoke_token(&other, token, START).await));
        }
        assert_eq!(test.programs.introspect(&client, "nothing", START).await, Ok(None));
        test.programs.revoke_token(&client, "nothing", START).await.unwrap();
        test.programs.revoke_token(&client, &refresh_token, START).await.unwrap();
        assert_eq!(test.programs.introspect(&client, &issued.access_token, START).await, Ok(None));
        assert_eq!(test.programs.introspect(&client, &refresh_token, START).await, Ok(None));
        assert_eq!(test.identity.authenticate(&issued.access_token, START), Err(IdentityError::SessionRevoked));
    });
}

#[test]
fn taking_back_removing_and_disabling_end_tokens_at_once() {
    with_programs(async |test| {
        let (caller, client, _) = person_and_client(&test, ClientSecret::None).await;
        let tokens = async || {
            let code = code_for(&test, &caller, &client).await;
            test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap()
        };
        let is_over = |token: &str| test.identity.authenticate(token, START) == Err(IdentityError::SessionRevoked);
        let issued = tokens().await;
        let grant = test.programs.grants(&caller, None, 10, START).await.unwrap().remove(0);
        let stranger = test.register("jane_doe").await.access_token;
        let stranger = test.identity.authenticate(&stranger, START).unwrap();
        assert_eq!(test.programs.revoke_grant(&stranger, grant.id, START).await, Err(ProgramError::UnknownGrant));
        assert_eq!(test.programs.remove_client(&stranger, client.id, START).await, Err(ProgramError::UnknownClient));
        test.identity.authenticate(&issued.access_token, START).expect("strangers end nothing");
        test.programs.revoke_grant(&caller, grant.id, START).await.unwrap();
        assert!(is_over(&issued.access_token));
        assert_eq!(test.programs.revoke_grant(&caller, grant.id, START).await, Err(ProgramError::UnknownGrant));

        let (one, other) = (tokens().await, tokens().await);
        let pending = code_for(&test, &caller, &client).await;
        test.programs.remove_client(&caller, client.id, START).await.unwrap();
        assert!(is_over(&one.access_token) && is_over(&other.access_token));
        assert!(is_invalid_grant(test.programs.issue_tokens_to(&client, exchange(&pending), START).await));
        assert_eq!(test.programs.clients(caller.user_id, None, 10).await, Ok(Vec::new()));

        let (client, _) = test.programs.register_client(&caller, new_client(ClientSecret::None), START).await.unwrap();
        let code = code_for(&test, &caller, &client).await;
        let issued = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap();
        test.identity.disable(caller.user_id, command_line()).await.unwrap();
        assert!(is_over(&issued.access_token));
        assert!(is_invalid_grant(test.programs.issue_tokens_to(&client, refresh(&issued.refresh_token), START).await));
        let ended = ended_with(&test).await;
        let count = |reason: &str| ended.iter().filter(|ended| *ended == reason).count();
        assert_eq!((count("REVOKED"), count("CLIENT_REMOVED"), count("USER_DISABLED")), (1, 3, 1));
        test.expect_events(&["auth.client_removed"]).await;
    });
}

#[test]
fn a_changed_password_ends_what_was_granted_before_it() {
    with_programs(async |test| {
        let (caller, client, _) = person_and_client(&test, ClientSecret::None).await;
        let code = code_for(&test, &caller, &client).await;
        let pending = code_for(&test, &caller, &client).await;
        let issued = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap();
        let new = Password::new("another secure password");
        test.identity.change_password(&caller, password(), new, START).await.unwrap();
        assert_eq!(test.identity.authenticate(&issued.access_token, START), Err(IdentityError::SessionRevoked));
        assert!(is_invalid_grant(test.programs.issue_tokens_to(&client, refresh(&issued.refresh_token), START).await));
        assert!(is_invalid_grant(test.programs.issue_tokens_to(&client, exchange(&pending), START).await));
        assert_eq!(ended_with(&test).await, ["PASSWORD_CHANGED", "PASSWORD_CHANGED"]);
    });
}

#[test]
fn a_client_is_registered_with_what_may_be_and_only_twenty_of_them() {
    with_programs(async |test| {
        let (caller, ..) = person_and_client(&test, ClientSecret::None).await;
        let try_it = async |new: NewClient| match test.programs.register_client(&caller, new, START).await {
            Err(ProgramError::InvalidClientField { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        let usual = || new_client(ClientSecret::None);
        assert_eq!(try_it(NewClient { name: " ".to_owned(), ..usual() }).await, "name");
        for name in ["x".repeat(65), "Fl\u{43e}rin".to_owned(), "Florin\u{fe0f}".to_owned()] {
            assert_eq!(try_it(NewClient { name, ..usual() }).await, "name");
        }
        assert_eq!(
            try_it(NewClient { redirect_uris: vec!["javascript:x".to_owned()], ..usual() }).await,
            "redirectUris"
        );
        assert_eq!(try_it(NewClient { redirect_uris: Vec::new(), ..usual() }).await, "redirectUris");
        assert_eq!(try_it(NewClient { scopes: Scopes::NONE, ..usual() }).await, "scopes");
        for _ in 1..20 {
            test.programs.register_client(&caller, usual(), START).await.unwrap();
        }
        assert_eq!(try_it(usual()).await, "name");
    });
}

#[test]
fn grants_that_are_long_over_are_forgotten() {
    with_programs(async |test| {
        let (caller, client, _) = person_and_client(&test, ClientSecret::None).await;
        let unused = code_for(&test, &caller, &client).await;
        let code = code_for(&test, &caller, &client).await;
        let issued = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap();
        let later = START.plus_seconds(2 * 24 * 60 * 60);
        test.programs.purge_grants(later).await.unwrap();
        assert!(is_invalid_grant(test.programs.issue_tokens_to(&client, exchange(&unused), later).await));
        test.programs.issue_tokens_to(&client, refresh(&issued.refresh_token), later).await.expect("this one goes on");
        test.programs.purge_grants(later.plus_seconds(100 * 24 * 60 * 60)).await.unwrap();
        assert!(test.programs.grants(&caller, None, 10, START).await.unwrap().is_empty());
    });
}

async fn ended_with(test: &TestPrograms) -> Vec<String> {
    let events = outbox::numbered_after(&test.db, 0, 100).await.unwrap();
    let ended = events.into_iter().filter(|event| event.kind == "auth.grant_ended");
    let reason = |payload: &str| serde_json::from_str::<serde_json::Value>(payload).unwrap()["reason"].clone();
    ended.map(|event| reason(&event.payload).as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_first_second_factor_ends_what_was_granted_without_one() {
    with_programs(async |test| {
        let (caller, client, _) = person_and_client(&test, ClientSecret::None).await;
        let code = code_for(&test, &caller, &client).await;
        let issued = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap();
        let secret = test.factors.enrol_totp(&caller, START).await.unwrap().secret;
        let enabled = test.factors.confirm_totp(&caller, &outsiders::totp_code(&secret, START), START).await.unwrap();
        assert_eq!(test.identity.authenticate(&issued.access_token, START), Err(IdentityError::SessionRevoked));
        assert!(is_invalid_grant(test.programs.issue_tokens_to(&client, refresh(&issued.refresh_token), START).await));
        // Those that are granted with it stand, also when another is added.
        let login = enabled.login.unwrap();
        let caller =
            test.identity.authenticate(&login.access_token, START).expect("the session that began with it goes on");
        let code = code_for(&test, &caller, &client).await;
        let issued = test.programs.issue_tokens_to(&client, exchange(&code), START).await.unwrap();
        test.identity.authenticate(&issued.access_token, START).unwrap();
    });
}

//! Who the bank is to browsers and authenticators, and the questions and checks of `webauthn-rs` in its name.

use super::Stored;
use crate::FactorError;
use crate::Result;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::DbError;
use identity::User;
use serde::Serialize;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

const NAME: &str = "Florin";

/// Who the bank is to browsers and authenticators: its host name, and the origin of its pages.
#[derive(Debug)]
pub struct RelyingParty(Webauthn);

/// What a page asks passkeys.
pub(super) struct Question {
    /// For the page.
    pub(super) options: String,
    /// To keep until the answer comes.
    pub(super) state: String,
}

impl RelyingParty {
    /// Of the URL under which people reach the bank. A loopback address stands for `localhost`: browsers bind passkeys
    /// to names, never to numbers.
    ///
    /// # Errors
    /// `PasskeysUnavailable` when the URL has no host name.
    pub fn of(public_url: &str) -> Result<Self> {
        let mut origin = Url::parse(public_url).map_err(|_| FactorError::PasskeysUnavailable)?;
        let address = origin.host_str().map(|host| host.trim_matches(['[', ']'])).and_then(|host| host.parse().ok());
        if address.is_some_and(|address: std::net::IpAddr| address.is_loopback()) {
            origin.set_host(Some("localhost")).map_err(|_| FactorError::PasskeysUnavailable)?;
        }
        let id = origin.domain().ok_or(FactorError::PasskeysUnavailable)?.to_owned();
        let builder = WebauthnBuilder::new(&id, &origin).map_err(|_| FactorError::PasskeysUnavailable)?;
        Ok(Self(builder.rp_name(NAME).build().map_err(|_| FactorError::PasskeysUnavailable)?))
    }

    /// For a new passkey of the person.
    pub(super) fn ask_to_register(&self, user: &User, present: &[Stored]) -> Result<Question> {
        let name = user.username.as_str();
        let present = present.iter().map(|stored| stored.key.cred_id().clone()).collect();
        let begun = self.0.start_passkey_registration(user.id.uuid(), name, name, Some(present));
        let (options, state) = begun.map_err(|error| defect(&error))?;
        let mut options = to_value(&options)?;
        // Kept on the device together with whose it is, so that a login needs no name.
        options["publicKey"]["authenticatorSelection"]["residentKey"] = json!("required");
        options["publicKey"]["authenticatorSelection"]["requireResidentKey"] = json!(true);
        Ok(Question { options: options.to_string(), state: to_value(&state)?.to_string() })
    }

    pub(super) fn register(
        &self,
        answer: &RegisterPublicKeyCredential,
        state: &str,
    ) -> std::result::Result<Passkey, WebauthnError> {
        let state: PasskeyRegistration = read_state(state)?;
        self.0.finish_passkey_registration(answer, &state)
    }

    /// For a proof by one of these passkeys, or by any when there are none.
    pub(super) fn ask_to_prove(&self, allowed: &[Stored]) -> Result<Question> {
        let (options, state) = self.0.start_discoverable_authentication().map_err(|error| defect(&error))?;
        let mut options = to_value(&options)?;
        let named =
            |stored: &Stored| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(stored.key.cred_id()) });
        options["publicKey"]["allowCredentials"] = allowed.iter().map(named).collect::<Vec<_>>().into();
        // When a page waits for an answer in the background is the page's business.
        if let Some(options) = options.as_object_mut() {
            options.remove("mediation");
        }
        Ok(Question { options: options.to_string(), state: to_value(&state)?.to_string() })
    }

    pub(super) fn check(
        &self,
        answer: &PublicKeyCredential,
        state: &str,
        key: &Passkey,
    ) -> std::result::Result<AuthenticationResult, WebauthnError> {
        let state: DiscoverableAuthentication = read_state(state)?;
        self.0.finish_discoverable_authentication_v2(answer, state, key)
    }
}

fn read_state<T: serde::de::DeserializeOwned>(state: &str) -> std::result::Result<T, WebauthnError> {
    serde_json::from_str(state).map_err(|_| WebauthnError::ChallengePersistenceError)
}

fn to_value(value: &impl Serialize) -> Result<Value> {
    Ok(serde_json::to_value(value).map_err(|error| DbError::Internal(error.to_string()))?)
}

fn defect(error: &WebauthnError) -> DbError {
    DbError::Internal(format!("a question to authenticators cannot be made: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(public_url: &str) -> Value {
        let Question { options, .. } = RelyingParty::of(public_url).unwrap().ask_to_prove(&[]).unwrap();
        serde_json::from_str(&options).unwrap()
    }

    #[test]
    fn the_bank_goes_by_the_host_name_of_its_public_url() {
        assert_eq!(options("https://bank.example")["publicKey"]["rpId"], "bank.example");
        for url in ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080"] {
            assert_eq!(options(url)["publicKey"]["rpId"], "localhost");
        }
        for url in ["http://192.0.2.1:8080", "nonsense", ""] {
            let refused = RelyingParty::of(url).map(drop);
            assert_eq!(refused, Err(FactorError::PasskeysUnavailable), "{url}");
        }
    }

    #[test]
    fn the_user_has_to_be_verified_and_no_two_challenges_are_the_same() {
        let (one, other) = (options("https://bank.example"), options("https://bank.example"));
        assert_eq!(one["publicKey"]["userVerification"], "required");
        assert_eq!(one["publicKey"]["allowCredentials"], json!([]));
        assert_ne!(one["publicKey"]["challenge"], other["publicKey"]["challenge"]);
    }
}

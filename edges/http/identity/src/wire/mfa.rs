//! Second factors on the wire.

use super::user::LoginReply;
use crate::wire::schema::MfaMethodWord;
use db::WallTime;
use factors::{
    AddedPasskey, Enabled, MfaChallenge, MfaStatus, NewPasskey, Passkey, PasskeyAnswer, PasskeyQuestion, RelyingParty,
    SecondFactor, StepUp, TotpEnrolment,
};
use http_core::problem::{Outcome, Problem};
use http_core::table::{Head, InTable};
use http_core::wire::Object;
use http_core::wire::schema;
use http_core::wire::text::Text;
use identity::Password;
use identity::SteppedUp;
use ids::{CeremonyId, PasskeyId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use utoipa::ToSchema;

/// A code of an authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TotpCode)]
pub(crate) struct CodeBody {
    #[schema(example = "287082")]
    pub(crate) code: String,
}

/// A half-done login.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MfaTokenBody)]
pub(crate) struct MfaTokenBody {
    pub(crate) mfa_token: String,
}

/// What a passkey answered.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PasskeyAnswer)]
pub(crate) struct PasskeyBody<'a> {
    /// Of the question.
    #[serde(borrow)]
    #[schema(value_type = schema::CeremonyIdText)]
    ceremony_id: Cow<'a, str>,
    /// The credential that the browser gave, with binary values in base64url (`PublicKeyCredential.toJSON()`).
    #[serde(borrow)]
    #[schema(value_type = Object)]
    credential: &'a RawValue,
}

/// What a new passkey answered, and what to call it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewPasskey)]
pub(crate) struct NewPasskeyBody<'a> {
    /// Of the question.
    #[serde(borrow)]
    #[schema(value_type = schema::CeremonyIdText)]
    ceremony_id: Cow<'a, str>,
    /// The credential that the browser gave, with binary values in base64url (`PublicKeyCredential.toJSON()`).
    #[serde(borrow)]
    #[schema(value_type = Object)]
    credential: &'a RawValue,
    /// 1 to 64 characters.
    name: String,
}

/// What to call a passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasskeyName)]
pub(crate) struct PasskeyNameBody {
    /// 1 to 64 characters.
    pub(crate) name: String,
}

/// The second factor of a login: exactly one of `code`, `recoveryCode` and `passkey`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MfaVerify)]
pub(crate) struct VerifyBody<'a> {
    pub(crate) mfa_token: String,
    code: Option<String>,
    recovery_code: Option<String>,
    #[serde(borrow)]
    #[schema(value_type = Option<PasskeyBody<'a>>)]
    passkey: Option<Object<PasskeyBody<'a>>>,
}

/// A proof inside a session: exactly one of `password`, `code`, `recoveryCode` and `passkey`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = StepUp)]
pub(crate) struct StepUpBody<'a> {
    /// Enough as long as there is no second factor.
    password: Option<String>,
    code: Option<String>,
    recovery_code: Option<String>,
    #[serde(borrow)]
    #[schema(value_type = Option<PasskeyBody<'a>>)]
    passkey: Option<Object<PasskeyBody<'a>>>,
}

/// The password is right; there is no session before a second factor follows.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaChallenge)]
pub(crate) struct ChallengeReply {
    /// Always true.
    mfa_required: bool,
    /// To be sent back with the second factor.
    mfa_token: String,
    #[schema(value_type = Vec<MfaMethodWord>)]
    methods: Vec<&'static str>,
    /// Seconds for which the token is good.
    expires_in: i64,
}

/// Logged in, or half of it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = LoginOutcome)]
pub(crate) enum LoginOutcomeReply {
    /// There is a session.
    Session(Box<LoginReply>),
    /// A second factor has to follow.
    SecondFactor(ChallengeReply),
}

/// Which second factors there are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaStatus)]
pub(crate) struct StatusReply {
    /// Whether a login needs one.
    enabled: bool,
    /// Whether there is an authenticator app.
    totp: bool,
    passkeys: i64,
    /// How many are not used yet.
    recovery_codes_left: i64,
    #[schema(value_type = Vec<MfaMethodWord>)]
    methods: Vec<&'static str>,
}

/// What an authenticator app has to be told, once.
#[derive(Serialize, ToSchema)]
#[schema(as = TotpEnrolment)]
pub(crate) struct TotpReply {
    /// In base 32, to type.
    secret: String,
    /// The same, to show as a picture.
    #[schema(example = "otpauth://totp/Florin:john_doe?secret=…&issuer=Florin")]
    uri: String,
}

/// What follows from a new factor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaEnabled)]
pub(crate) struct EnabledReply {
    /// With the first factor: shown this once.
    recovery_codes: Option<Vec<String>>,
    /// With the first factor: the session that goes on. All others have ended, the one that asked for this too.
    session: Option<LoginReply>,
}

/// Recovery codes, shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RecoveryCodes)]
pub(crate) struct RecoveryCodesReply {
    pub(crate) recovery_codes: Vec<String>,
}

/// What a browser is to ask an authenticator.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PasskeyQuestion)]
pub(crate) struct QuestionReply {
    #[schema(value_type = schema::CeremonyIdText)]
    ceremony_id: Text<CeremonyId>,
    /// For `navigator.credentials`, with binary values in base64url.
    #[schema(value_type = Object)]
    options: Box<RawValue>,
}

/// A passkey, without its key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Passkey)]
pub(crate) struct PasskeyReply {
    #[schema(value_type = schema::PasskeyIdText)]
    id: Text<PasskeyId>,
    name: String,
    #[schema(value_type = schema::Time)]
    created_at: Text<WallTime>,
    #[schema(value_type = Option<schema::Time>)]
    last_used_at: Option<Text<WallTime>>,
}

impl InTable for PasskeyReply {
    const HEAD: Head = Head { file_name: "passkeys", columns: &["id", "name", "createdAt", "lastUsedAt"] };
}

/// All passkeys, ten at most.
#[derive(Serialize, ToSchema)]
#[schema(as = Passkeys)]
pub(crate) struct PasskeysReply {
    pub(crate) data: Vec<PasskeyReply>,
}

/// A new passkey, and what follows from it.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyAdded)]
pub(crate) struct PasskeyAddedReply {
    passkey: PasskeyReply,
    #[serde(flatten)]
    enabled: EnabledReply,
}

/// The session's proof is fresh.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SteppedUp)]
pub(crate) struct SteppedUpReply {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds for which the access token is good.
    expires_in: i64,
}

impl PasskeyBody<'_> {
    /// The answer to one of the bank's questions.
    pub(crate) fn read(&self, public_url: &str) -> Outcome<PasskeyAnswer> {
        read_answer(public_url, &self.ceremony_id, self.credential)
    }
}

impl NewPasskeyBody<'_> {
    /// The passkey that is to be registered.
    pub(crate) fn read(self, public_url: &str) -> Outcome<NewPasskey> {
        Ok(NewPasskey { answer: read_answer(public_url, &self.ceremony_id, self.credential)?, name: self.name })
    }
}

fn read_answer(public_url: &str, ceremony_id: &str, credential: &RawValue) -> Outcome<PasskeyAnswer> {
    let ceremony = CeremonyId::parse(ceremony_id).map_err(|error| Problem::invalid("ceremonyId", error.to_string()))?;
    let relying_party = RelyingParty::of(public_url)?;
    Ok(PasskeyAnswer { relying_party, ceremony, credential: credential.get().to_owned() })
}

impl VerifyBody<'_> {
    /// The one factor that was given.
    pub(crate) fn read(self, public_url: &str) -> Outcome<SecondFactor> {
        match (self.code, self.recovery_code, self.passkey) {
            (Some(code), None, None) => Ok(SecondFactor::Code(code)),
            (None, Some(code), None) => Ok(SecondFactor::RecoveryCode(code)),
            (None, None, Some(Object(passkey))) => Ok(SecondFactor::Passkey(Box::new(passkey.read(public_url)?))),
            _ => Err(Problem::invalid("body", "must have exactly one of code, recoveryCode and passkey")),
        }
    }
}

impl StepUpBody<'_> {
    /// The one proof that was given.
    pub(crate) fn read(self, public_url: &str) -> Outcome<StepUp> {
        let Self { password, code, recovery_code, passkey } = self;
        match (password, code, recovery_code, passkey) {
            (Some(password), None, None, None) => Ok(StepUp::Password(Password::new(password))),
            (None, Some(code), None, None) => Ok(StepUp::SecondFactor(SecondFactor::Code(code))),
            (None, None, Some(code), None) => Ok(StepUp::SecondFactor(SecondFactor::RecoveryCode(code))),
            (None, None, None, Some(Object(passkey))) => {
                Ok(StepUp::SecondFactor(SecondFactor::Passkey(Box::new(passkey.read(public_url)?))))
            }
            _ => Err(Problem::invalid("body", "must have exactly one of password, code, recoveryCode and passkey")),
        }
    }
}

impl From<MfaChallenge> for ChallengeReply {
    fn from(challenge: MfaChallenge) -> Self {
        Self {
            mfa_required: true,
            mfa_token: challenge.token.as_str().to_owned(),
            methods: challenge.methods.into_iter().map(|method| method.word()).collect(),
            expires_in: challenge.expires_in_seconds,
        }
    }
}

impl From<MfaStatus> for StatusReply {
    fn from(status: MfaStatus) -> Self {
        Self {
            enabled: status.is_enabled,
            totp: status.has_totp,
            passkeys: status.passkeys,
            recovery_codes_left: status.recovery_codes_left,
            methods: status.methods().into_iter().map(|method| method.word()).collect(),
        }
    }
}

impl From<TotpEnrolment> for TotpReply {
    fn from(enrolment: TotpEnrolment) -> Self {
        Self { secret: enrolment.secret, uri: enrolment.uri }
    }
}

impl From<Enabled> for EnabledReply {
    fn from(enabled: Enabled) -> Self {
        Self { recovery_codes: enabled.recovery_codes, session: enabled.login.map(LoginReply::from) }
    }
}

impl TryFrom<PasskeyQuestion> for QuestionReply {
    type Error = Problem;

    fn try_from(question: PasskeyQuestion) -> Outcome<Self> {
        let options = RawValue::from_string(question.options).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Self { ceremony_id: Text(question.ceremony), options })
    }
}

impl From<Passkey> for PasskeyReply {
    fn from(passkey: Passkey) -> Self {
        Self {
            id: Text(passkey.id),
            name: passkey.name,
            created_at: Text(passkey.created_at),
            last_used_at: passkey.last_used_at.map(Text),
        }
    }
}

impl From<AddedPasskey> for PasskeyAddedReply {
    fn from(AddedPasskey { passkey, enabled }: AddedPasskey) -> Self {
        Self { passkey: passkey.into(), enabled: enabled.into() }
    }
}

impl From<SteppedUp> for SteppedUpReply {
    fn from(stepped_up: SteppedUp) -> Self {
        Self { access_token: stepped_up.access_token, token_type: "Bearer", expires_in: stepped_up.expires_in_seconds }
    }
}

//! Who the person on the consent page is: password and second factor, or a passkey and nothing else. The login is over
//! with the consent: nothing keeps them logged in here.

use super::browser::Shown;
use super::consent_page::Question;
use super::form::Form;
use crate::App;
use axum::http::StatusCode;
use factors::{FactorError, PasskeyAnswer, RelyingParty, SecondFactor};
use http_core::MfaPolicy;
use http_core::problem::Problem;
use http_core::visitor::Visitor;
use identity::{IdentityError, Login, Password};
use ids::CeremonyId;
use programs::ProgramError;
use programs::oauth::AuthorizationRequest;

/// Why there is no code although the person did not say no.
pub(super) enum NoConsent {
    /// Not the person, not any more, or our fault.
    Refused(FactorError),
    /// Everybody needs a second factor here, and they have none.
    NoSecondFactor,
    /// Too many have failed.
    NotNow(Problem),
}

/// A form, and the page that it comes from.
#[derive(Clone, Copy)]
pub(super) struct Answered<'a> {
    pub(super) form: &'a Form,
    pub(super) shown: Shown<'a>,
}

/// What is said on the page, where the person can do something about it.
pub(super) struct Complaint {
    pub(super) status: StatusCode,
    pub(super) text: &'static str,
    pub(super) retry_after_seconds: Option<u32>,
}

/// Proves who the person is, and consents.
pub(super) async fn consent(
    app: &App,
    request: &AuthorizationRequest,
    answered: Answered<'_>,
    visitor: &Visitor,
) -> Result<String, NoConsent> {
    let login = match answered.form.text("credential") {
        Some(credential) => with_passkey(app, credential, answered, visitor).await?,
        None => with_password(app, answered.form, visitor).await?,
    };
    let now = app.now();
    let caller = app.identity.authenticate(&login.access_token, now)?;
    if app.settings.mfa == MfaPolicy::Required && !caller.has_second_factor {
        app.identity.logout(&caller, now).await?;
        return Err(NoConsent::NoSecondFactor);
    }
    let code = app.programs.consent(&caller, request, now).await;
    app.identity.logout(&caller, now).await?;
    Ok(code?)
}

/// What to ask whatever passkeys are at hand, bound to this page. Good once and for five minutes.
pub(super) async fn ask_passkeys(app: &App, shown: Shown<'_>) -> Result<Question, NoConsent> {
    let relying_party = RelyingParty::of(&app.settings.public_url)?;
    let asked = app.factors.ask_passkeys_of_anybody(&relying_party, app.now()).await?;
    let ceremony = asked.ceremony.to_string();
    Ok(Question { bond: shown.bond(&ceremony), ceremony, options: asked.options })
}

async fn with_passkey(
    app: &App,
    credential: &str,
    Answered { form, shown }: Answered<'_>,
    visitor: &Visitor,
) -> Result<Login, NoConsent> {
    let asked = form.text("ceremony").unwrap_or_default();
    let ceremony = CeremonyId::parse(asked).map_err(|_| FactorError::Wrong)?;
    // An answer to what was asked elsewhere, or on another page, is none.
    if form.text("bond") != Some(shown.bond(asked).as_str()) {
        return Err(FactorError::Wrong.into());
    }
    let relying_party = RelyingParty::of(&app.settings.public_url)?;
    let answer = PasskeyAnswer { relying_party, ceremony, credential: credential.to_owned() };
    Ok(app.factors.login_with_passkey(&answer, visitor.at(app.now())).await?)
}

async fn with_password(app: &App, form: &Form, visitor: &Visitor) -> Result<Login, NoConsent> {
    let (username, password) = (form.text("username").unwrap_or_default(), form.text("password").unwrap_or_default());
    let attempt = app.front_door.limits.begin_login(visitor.address, username).await.map_err(NoConsent::NotNow)?;
    match attempt.end(app.factors.login(username, Password::new(password), visitor.at(app.now())).await).await {
        Err(FactorError::Required(challenge)) => {
            Ok(app.factors.finish_login(&challenge.token, &second_factor(form), visitor.at(app.now())).await?)
        }
        outcome => Ok(outcome?),
    }
}

/// What was typed beside the password: six digits of an app, or a recovery code.
fn second_factor(form: &Form) -> SecondFactor {
    SecondFactor::typed(form.text("second_factor").unwrap_or_default())
}

impl From<FactorError> for NoConsent {
    fn from(error: FactorError) -> Self {
        Self::Refused(error)
    }
}

impl From<IdentityError> for NoConsent {
    fn from(error: IdentityError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<ProgramError> for NoConsent {
    fn from(error: ProgramError) -> Self {
        match error {
            ProgramError::Identity(error) => error.into(),
            other => Self::NotNow(other.into()),
        }
    }
}

impl NoConsent {
    /// What the page says of it; what is our fault is no page.
    pub(super) fn complaint(self) -> Result<Complaint, Problem> {
        let forbidden = |text| Ok(Complaint { status: StatusCode::FORBIDDEN, text, retry_after_seconds: None });
        match self {
            Self::Refused(FactorError::Identity(IdentityError::WrongCredentials)) => {
                forbidden("The username or the password is wrong.")
            }
            Self::Refused(FactorError::Wrong) => forbidden(
                "Type the code of your app, a recovery code, or use your passkey: what was given is wrong or was used \
                 before.",
            ),
            Self::Refused(FactorError::TooManyAttempts { .. }) => {
                forbidden("Too many wrong codes. Wait, or use a recovery code.")
            }
            Self::Refused(FactorError::PasskeysUnavailable) => {
                forbidden("Passkeys do not work at this address of the bank.")
            }
            Self::NoSecondFactor => forbidden("Set up a second factor first: this bank asks everybody for one."),
            Self::Refused(FactorError::Identity(IdentityError::Disabled)) => forbidden("This user is disabled."),
            Self::Refused(other) => Err(other.into()),
            Self::NotNow(problem) if problem.http_status() == StatusCode::TOO_MANY_REQUESTS => {
                let text = "Too many attempts have failed. Wait some minutes, then try again.";
                let retry_after_seconds = problem.retry_after_seconds();
                Ok(Complaint { status: StatusCode::TOO_MANY_REQUESTS, text, retry_after_seconds })
            }
            Self::NotNow(problem) => Err(problem),
        }
    }
}

//! The routes of people: registering, logging in and out, sessions, API keys, second factors.

use crate::{App, activity, api_keys, email, finapp, login, mfa, password, sessions};
use http_core::routes;
use std::sync::Arc;

routes! {
    pub for Arc<App>;

    POST   "/api/auth/register"              => Public    Nothing           Credentials login::register
            ! [UsernameTaken];
    POST   "/api/auth/login"                 => Public    Nothing           Credentials login::login
            ! [InvalidCredentials UserDisabled];
    POST   "/api/auth/refresh"               => Public    Nothing           Credentials login::refresh
            ! [InvalidRefreshToken UserDisabled];
    DELETE "/api/auth/logout"                => Enrolling Session           Changing    login::logout;
    GET    "/api/auth/me"                    => Enrolling ProfileRead       Reading     login::me
            ! [NotFound];
    POST   "/api/auth/password"              => Everyone  Session           Proving     password::change
            ! [StepUpRequired InvalidCredentials UserDisabled NotFound];
    POST   "/api/auth/password/forgot"       => Public    Nothing           Credentials password::forgot
            ! [MailUnavailable];
    POST   "/api/auth/password/reset"        => Public    Nothing           Credentials password::reset
            ! [InvalidMailToken];
    PUT    "/api/auth/email"                 => Everyone  FreshSession      Changing    email::change
            ! [MailUnavailable TooManyMails UserDisabled NotFound];
    POST   "/api/auth/email/verification"    => Everyone  Session           Changing    email::request_verification
            ! [EmailMissing MailUnavailable TooManyMails NotFound];
    POST   "/api/auth/email/verify"          => Public    Nothing           Credentials email::verify
            ! [InvalidMailToken];
    GET    "/api/auth/sessions" ? limit & cursor
                                             => Everyone  Session           Reading     sessions::list;
    DELETE "/api/auth/sessions"              => Everyone  Session           Changing    sessions::revoke_others;
    DELETE "/api/auth/sessions/{id}"         => Everyone  Session           Changing    sessions::revoke
            ! [SessionNotFound];
    GET    "/api/auth/activity" ? limit & cursor
                                             => Everyone  Session           Reading     activity::list;
    POST   "/api/auth/api-keys"              => Everyone  FreshSession      Changing    api_keys::create
            ! [UserDisabled NotFound ApiKeyLimitReached];
    GET    "/api/auth/api-keys" ? limit & cursor
                                             => Everyone  Session           Reading     api_keys::list;
    POST   "/api/auth/api-keys/{id}/rotate"  => Everyone  FreshSession      Changing    api_keys::rotate
            ! [NotFound ApiKeyEnded];
    DELETE "/api/auth/api-keys/{id}"         => Everyone  Session           Changing    api_keys::revoke
            ! [NotFound];
    PUT    "/api/auth/api-keys/{id}/signing-key"
                                             => Everyone  FreshSession      Changing    api_keys::set_signing_key
            ! [NotFound ApiKeyEnded];
    DELETE "/api/auth/api-keys/{id}/signing-key"
                                             => Everyone  FreshSession      Changing    api_keys::remove_signing_key
            ! [NotFound ApiKeyEnded];
    GET    "/api/auth/mfa"                   => Enrolling Session           Reading     mfa::status;
    POST   "/api/auth/mfa/totp"              => Enrolling FreshSession      Changing    mfa::enrol_totp
            ! [TotpAlreadyEnabled];
    POST   "/api/auth/mfa/totp/confirm"      => Enrolling FreshSession      Changing    mfa::confirm_totp
            ! [TotpAlreadyEnabled NotEnrolled InvalidSecondFactor TooManyAttempts];
    DELETE "/api/auth/mfa/totp"              => Enrolling FreshSession      Changing    mfa::remove_totp
            ! [NotEnrolled];
    POST   "/api/auth/mfa/recovery-codes"    => Enrolling FreshSession      Changing    mfa::recovery_codes
            ! [NotEnrolled];
    GET    "/api/auth/mfa/passkeys"          => Enrolling Session           Reading     mfa::passkeys::list;
    POST   "/api/auth/mfa/passkeys/begin"    => Enrolling FreshSession      Changing    mfa::passkeys::begin
            ! [PasskeyRefused PasskeysUnavailable];
    POST   "/api/auth/mfa/passkeys/finish"   => Enrolling FreshSession      Changing    mfa::passkeys::finish
            ! [PasskeyRefused PasskeysUnavailable];
    PUT    "/api/auth/mfa/passkeys/{id}"     => Enrolling Session           Changing    mfa::passkeys::rename
            ! [PasskeyNotFound PasskeyRefused];
    DELETE "/api/auth/mfa/passkeys/{id}"     => Enrolling FreshSession      Changing    mfa::passkeys::remove
            ! [PasskeyNotFound];
    POST   "/api/auth/mfa/verify"            => Public    Nothing           Credentials mfa::verify
            ! [InvalidMfaToken InvalidSecondFactor TooManyAttempts UserDisabled PasskeysUnavailable];
    POST   "/api/auth/mfa/verify/passkey"    => Public    Nothing           Credentials mfa::ask_passkeys
            ! [InvalidMfaToken NotEnrolled UserDisabled PasskeysUnavailable];
    POST   "/api/auth/passkey/begin"         => Public    Nothing           Credentials mfa::passkeys::begin_login
            ! [PasskeysUnavailable];
    POST   "/api/auth/passkey/finish"        => Public    Nothing           Credentials mfa::passkeys::finish_login
            ! [InvalidSecondFactor UserDisabled PasskeysUnavailable];
    POST   "/api/auth/step-up"               => Enrolling Session           Changing    mfa::step_up::step_up
            ! [InvalidCredentials MfaRequired InvalidSecondFactor TooManyAttempts UserDisabled PasskeysUnavailable];
    POST   "/api/auth/step-up/passkey"       => Enrolling Session           Changing    mfa::step_up::ask_passkeys
            ! [NotEnrolled PasskeysUnavailable];
    POST   "/signup"                         => Public    Nothing           Credentials finapp::signup
            ! [UsernameTaken];
    POST   "/login"                          => Public    Nothing           Credentials finapp::login
            ! [InvalidCredentials UserDisabled MfaRequired];
}

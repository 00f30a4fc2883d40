//! Webhooks and the inbox: their failures as problems.

use crate::ErrorCode::*;
use crate::problem::Problem;
use ::webhooks::WebhooksError;
use notifications::NotificationsError;

/// When it is worth asking for a code again.
const TEXT_WAIT_SECONDS: u32 = 10 * 60;

impl From<WebhooksError> for Problem {
    fn from(error: WebhooksError) -> Self {
        match error {
            WebhooksError::UnknownEndpoint => Self::new(NotFound, "Webhook not found"),
            WebhooksError::UnknownDelivery => Self::new(NotFound, "Delivery not found").with("field", "deliveryId"),
            WebhooksError::TooMany => Self::new(WebhookLimitReached, "You have as many webhooks as one may have"),
            WebhooksError::Target(reason) => Self::invalid("url", reason.to_string()),
            WebhooksError::Pattern(reason) => Self::invalid("types", reason.to_string()),
            WebhooksError::Patterns => Self::invalid("types", error.to_string()),
            WebhooksError::Description => Self::invalid("description", error.to_string()),
            WebhooksError::IsDisabled => {
                Self::new(InvalidStatus, "The webhook is disabled: enable it first").with("status", "DISABLED")
            }
            WebhooksError::Identity(error) => error.into(),
            WebhooksError::Store(error) => error.into(),
        }
    }
}

impl From<NotificationsError> for Problem {
    fn from(error: NotificationsError) -> Self {
        match error {
            NotificationsError::NotAKind | NotificationsError::CannotBeSwitchedOff => {
                Self::invalid("preferences", error.to_string())
            }
            NotificationsError::NotANumber => Self::invalid("number", error.to_string()),
            NotificationsError::NoTexts => Self::new(SmsUnavailable, "This bank sends no texts"),
            NotificationsError::TooManyCodes => {
                Self::new(TooManyTexts, "Enough codes were texted within the hour").retry_after(TEXT_WAIT_SECONDS)
            }
            NotificationsError::WrongCode => Self::new(InvalidPhoneCode, "The code is not valid").with("field", "code"),
            NotificationsError::QueueFull => Self::unavailable(error.to_string()),
            NotificationsError::Store(error) => error.into(),
        }
    }
}

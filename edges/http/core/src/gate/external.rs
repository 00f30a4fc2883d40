//! The gate for people of the trusted issuer: its keys may have to be waited for, and who somebody is to be looked up.

use super::{Arrival, Gate, REQUEST_TIMEOUT, bearer_token, run};
use crate::front_door::Visit;
use crate::policy;
use crate::problem::Outcome;
use crate::request_id::RequestId;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use std::convert::Infallible;
use tower::Service;

impl Gate {
    /// Serves whoever comes with a token that names the trusted issuer.
    pub(super) async fn serve_external<S>(self, mut inner: S, arrival: Arrival) -> Result<Response, Infallible>
    where
        S: Service<Request, Response = Response, Error = Infallible>,
    {
        let Arrival { mut request, mut visit, request_id } = arrival;
        let serving = async {
            match self.admit_external(&mut request, &mut visit, &request_id).await {
                Ok(()) => inner.call(request).await,
                Err(problem) => Ok(problem.into_response()),
            }
        };
        let response = run(serving, REQUEST_TIMEOUT).await;
        Ok(self.finish(response, visit, request_id))
    }

    async fn admit_external(&self, request: &mut Request, visit: &mut Visit, request_id: &RequestId) -> Outcome<()> {
        let (door, limits, now) = (&self.0.door, self.0.limits, self.0.door.now());
        let token = bearer_token(request.headers())?;
        let identity = door.programs.authenticate_external(token, now).await;
        if let Ok(identity) = &identity {
            door.front_door.check_user(identity.user_id, visit, limits)?;
        }
        // Address and user in one question to Redis; of a wrong token it is the address alone.
        door.front_door.limits.take_shared(&mut visit.usage).await?;
        let identity = policy::from_issuer(identity?, door.settings.mfa);
        self.let_in(request, identity, request_id, now)?;
        self.require_known_parameters(request)
    }
}

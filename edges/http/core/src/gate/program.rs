//! The gate for programs with API keys: the key may have to be looked up, and a signature is remembered.

use super::{Arrival, Gate, REQUEST_TIMEOUT, bearer_token, run};
use crate::ErrorCode;
use crate::front_door::Visit;
use crate::problem::{Outcome, Problem};
use crate::request_id::RequestId;
use crate::signature::Message;
use crate::visitor;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use identity::Occasion;
use programs::{KnownKey, ProgramError, RequestSignature, SignatureRefusal};
use std::convert::Infallible;
use std::sync::Arc;
use tower::Service;

/// A request that may pass, with the key that it came with.
struct Admitted {
    request: Request,
    key: Arc<KnownKey>,
}

impl Gate {
    /// Serves whoever comes with an API key.
    pub(super) async fn serve_program<S>(self, mut inner: S, arrival: Arrival) -> Result<Response, Infallible>
    where
        S: Service<Request, Response = Response, Error = Infallible>,
    {
        let Arrival { request, mut visit, request_id } = arrival;
        let occasion = visitor::occasion(request.headers(), request.extensions(), self.0.door.now());
        let serving = async {
            match self.admit_program(request, &mut visit, &request_id, &occasion).await {
                Ok(Admitted { request, key }) => {
                    let response = inner.call(request).await?;
                    Ok(self.record_changed_body(response, &key, &occasion).await)
                }
                Err(problem) => Ok(problem.into_response()),
            }
        };
        let response = run(serving, REQUEST_TIMEOUT).await;
        Ok(self.finish(response, visit, request_id))
    }

    async fn admit_program(
        &self,
        mut request: Request,
        visit: &mut Visit,
        request_id: &RequestId,
        occasion: &Occasion,
    ) -> Outcome<Admitted> {
        let (door, limits) = (&self.0.door, self.0.limits);
        let token = bearer_token(request.headers())?;
        // What this process counts for the address, and the few look-ups at a time, bound what wrong keys cost.
        let key = door.programs.authenticate_key(token, occasion.device.address, occasion.now).await;
        if let Ok(key) = &key {
            door.front_door.check_user(key.caller().user_id, visit, limits)?;
        }
        // Address and user in one question to Redis; of a wrong key it is the address alone.
        door.front_door.limits.take_shared(&mut visit.usage).await?;
        let key = key?;
        if key.requires_signature() {
            let signature = Message::of(&request, &door.settings.public_url).signature(&key.id().to_string());
            self.require_accepted(signature, &key, occasion).await?;
        }
        self.let_in(&mut request, key.caller(), request_id, occasion.now)?;
        self.require_known_parameters(&request)?;
        door.programs.note_key_use(&key, occasion.now);
        Ok(Admitted { request, key })
    }

    async fn require_accepted(
        &self,
        signature: Result<RequestSignature, ProgramError>,
        key: &KnownKey,
        occasion: &Occasion,
    ) -> Outcome<()> {
        let door = &self.0.door;
        let accepted = match signature {
            Ok(signature) => door.programs.accept_signature(key, &signature, occasion.now).await,
            Err(error) => Err(error),
        };
        if let Some(refusal) = accepted.as_ref().err().and_then(SignatureRefusal::of) {
            door.programs.record_refused_signature(key, refusal, occasion).await?;
        }
        Ok(accepted?)
    }

    /// A signature covers the digest of the body: a body that does not fit it was changed behind the signer's back.
    async fn record_changed_body(&self, response: Response, key: &KnownKey, occasion: &Occasion) -> Response {
        let code = response.extensions().get::<Problem>().map(Problem::code);
        if !key.requires_signature() || code != Some(ErrorCode::DigestMismatch) {
            return response;
        }
        match self.0.door.programs.record_refused_signature(key, SignatureRefusal::ChangedBody, occasion).await {
            Ok(()) => response,
            Err(error) => Problem::from(error).into_response(),
        }
    }
}

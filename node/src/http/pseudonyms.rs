//! The pseudonym service's door. What is logged and counted are numbers, never elements.

use super::access::Caller;
use super::app::{App, now};
use super::failure::Failure;
use super::request::json;
use crate::pseudonyms::{Asker, Refused};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use kanhe_api::ErrorCode;
use kanhe_api::pseudonym::{EvaluationAnswer, EvaluationRequest, REQUEST_BYTES_MAX};
use kanhe_privacy::oprf::OprfError;
use kanhe_types::codec;
use kanhe_types::pseudonym::PseudonymScope;
use std::sync::Arc;

/// `POST /v1/pseudonyms`.
pub(super) async fn evaluate(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Response, Failure> {
    if app.privacy.pseudonyms.is_none() {
        return Err(not_served(None, "this node does not serve pseudonyms"));
    }
    let request: EvaluationRequest = codec::decode(&body, REQUEST_BYTES_MAX).map_err(|error| {
        Failure::new(
            ErrorCode::BadRequest,
            format!("the body is not a request for pseudonyms: {error}"),
            "send canonical bytes as docs/spec/pseudonyms.md has them, as the kanhe command does",
        )
    })?;
    let answer = app.heavy(move |app| answer(app, &caller, &request)).await?;
    json(&answer)
}

/// Says in the log which keys of the policy this node should serve and cannot.
pub(super) fn warn_of_keys(app: &App) {
    let Some(service) = &app.privacy.pseudonyms else { return };
    let policy = app.ledger().policy_at(app.ledger().executed_height().saturating_add(1));
    for fault in service.faults(&policy) {
        tracing::error!(reason = %fault, "pseudonyms cannot be served");
    }
}

fn answer(
    app: &App,
    caller: &Caller,
    request: &EvaluationRequest,
) -> Result<EvaluationAnswer, Failure> {
    let Some(service) = &app.privacy.pseudonyms else { return Err(Failure::internal()) };
    let policy = app.ledger().policy_at(app.ledger().executed_height().saturating_add(1));
    let (organisation, is_agency) = (&caller.organisation, caller.is_agency);
    let asker = Asker { organisation, is_agency, now: now() };
    let PseudonymScope { key_id, epoch } = request.scope;
    let count = request.elements.len();
    let result = service.evaluate(&policy, &asker, request.scope, &request.elements);
    app.metrics.pseudonyms(organisation, count, result.is_ok());
    match result {
        Ok(evaluated) => {
            tracing::info!(%organisation, key_id, epoch, count, "pseudonyms evaluated");
            Ok(EvaluationAnswer::new(&evaluated.elements, &evaluated.proof))
        }
        Err(refused) => {
            tracing::warn!(%organisation, key_id, epoch, count, reason = %refused, "pseudonyms refused");
            Err(failure(refused))
        }
    }
}

fn not_served(holder: Option<&str>, message: &str) -> Failure {
    let remedy = match holder {
        Some(holder) => format!("ask the node of {holder}, which keeps the key"),
        None => "ask the node of the agency that the policy names (`kanhe pseudonym keys`)".into(),
    };
    Failure::new(ErrorCode::ScopeNotServed, message, remedy)
}

fn failure(refused: Refused) -> Failure {
    let message = refused.to_string();
    match refused {
        Refused::NotServed { holder, .. } => {
            not_served(holder.as_ref().map(|holder| holder.as_str()), &message)
        }
        Refused::OtherKey { .. } => Failure::new(
            ErrorCode::ScopeNotServed,
            message,
            "ask the agency to put the right key file into its node's home",
        ),
        Refused::OtherYear { .. } => Failure::new(
            ErrorCode::ScopeNotServed,
            message,
            "check appTime; a year's keys are served from 30 days before it to 90 days after it",
        ),
        Refused::Limit { next_ms, .. } => Failure::new(
            ErrorCode::PseudonymLimit,
            message,
            format!(
                "go on in {} minutes with the same command, or ask the agency for a higher limit",
                next_ms.div_ceil(60_000)
            ),
        ),
        Refused::Oprf(OprfError::Randomness) => Failure::internal(),
        Refused::Oprf(_) => Failure::new(
            ErrorCode::BadRequest,
            message,
            "blind 1 to 1000 values as RFC 9497 says, suite ristretto255-SHA512, mode VOPRF",
        ),
    }
}

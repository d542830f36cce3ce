//! Whose request it is. Cheap checks first: nobody makes the node read a body who does not name a
//! key that is registered.

use super::access::{self, Caller};
use super::app::{App, BodyPermit, InFlight, now};
use super::failure::Failure;
use super::limits::BODY_MS_MAX;
use super::nonces::Noted;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use kanhe_api::limits::TARGET_BYTES_MAX;
use kanhe_api::{ErrorCode, RequestHeaders};
use kanhe_contracts::registry::{KeyPurpose, Organisation, Status};
use kanhe_types::limits::{HTTP_BODY_BYTES_MAX, HTTP_REQUEST_AGE_MS_MAX};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// An authentic request, and what it holds until it is answered.
struct Admitted {
    request: Request,
    caller: Caller,
    held: (Option<BodyPermit>, InFlight),
}

/// Lets signed requests of registered organisations pass, with their [`Caller`].
pub(super) async fn signed(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let admitted = admit(&app, request).await?;
    let response = next.run(admitted.request).await;
    // Nothing of others' trades leaves before it is on disk who read it.
    let reads = admitted.caller.notes().take();
    if !reads.is_empty() {
        app.blocking(move |app| app.reads.record(&reads, now())).await?;
    }
    drop(admitted.held);
    Ok(response)
}

/// Lets requests pass that bear the metrics token, or that an agency signed.
pub(super) async fn token_or_agency(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    if let Some(value) = request.headers().get(AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
        if token.is_some_and(|token| app.is_metrics_token(token.trim())) {
            return Ok(next.run(request).await);
        }
        return Err(Failure::new(
            ErrorCode::BadToken,
            "the bearer token is not this node's metrics token",
            "send the content of the file metrics.token in the node's home",
        ));
    }
    let admitted = admit(&app, request).await?;
    // An observer's figures are its owner's, and nobody else passes.
    if !app.replica().is_observer() {
        admitted.caller.must_be_agency()?;
    }
    let response = next.run(admitted.request).await;
    drop(admitted.held);
    Ok(response)
}

async fn admit(app: &Arc<App>, request: Request) -> Result<Admitted, Failure> {
    let (mut parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    if TARGET_BYTES_MAX < target.len() {
        return Err(Failure::new(
            ErrorCode::TooLarge,
            format!("path and query have {} bytes, at most {TARGET_BYTES_MAX}", target.len()),
            "shorten the query",
        ));
    }
    let target = target.to_owned();
    let headers = read_headers(&parts.headers)?;
    check_chain_and_date(app, &headers)?;
    let organisation = holder(app, &headers)?;
    let (body, permit) = read_body(app, &parts, body).await?;
    let (method, checked) = (parts.method.clone(), headers.clone());
    let body = app
        .blocking(move |_| {
            checked
                .verify(method.as_str(), &target, &body)
                .map(|()| body)
                .map_err(|_| bad_signature())
        })
        .await?;
    // Only who holds the key learns that the organisation is suspended.
    if organisation.status != Status::Active {
        return Err(Failure::new(
            ErrorCode::OrganisationSuspended,
            format!("organisation {} is suspended", organisation.code),
            "ask the agency that suspended it",
        ));
    }
    note_nonce(app, &headers)?;
    let in_flight = app.enter(&organisation.code)?;
    let caller = Caller::new(app.replica(), &organisation, headers.key)?;
    parts.extensions.insert(caller.clone());
    let request = Request::from_parts(parts, Body::from(body));
    Ok(Admitted { request, caller, held: (permit, in_flight) })
}

fn read_headers(headers: &HeaderMap) -> Result<RequestHeaders, Failure> {
    RequestHeaders::read(|name| headers.get(name)?.to_str().ok()).map_err(|error| {
        Failure::new(
            ErrorCode::NotSigned,
            error.to_string(),
            "sign the request with an operator key of the organisation, as the kanhe command does",
        )
    })
}

fn check_chain_and_date(app: &App, headers: &RequestHeaders) -> Result<(), Failure> {
    let expected = app.genesis_hash;
    if headers.genesis != expected {
        return Err(Failure::new(
            ErrorCode::OtherGenesis,
            format!("the request is for genesis {}, this node has {expected}", headers.genesis),
            "ask a node of your zone, or use the genesis.json of this one",
        ));
    }
    let (date, now) = (headers.date.0, now().0);
    if HTTP_REQUEST_AGE_MS_MAX < date.abs_diff(now) {
        return Err(Failure::new(
            ErrorCode::StaleDate,
            format!(
                "the request's date is {date}, this node's clock says {now}, at most \
                 {HTTP_REQUEST_AGE_MS_MAX} ms may lie between"
            ),
            "set the clock, and sign the request when it is sent",
        ));
    }
    if date < app.started.0 {
        return Err(Failure::new(
            ErrorCode::StaleDate,
            format!("the request's date is {date}, this node started at {}", app.started.0),
            "sign the request again; if this goes on, set the clock",
        ));
    }
    Ok(())
}

/// The organisation of which a key is named that is valid at the height that would execute next. An
/// admin key asks, too: whoever revoked a stolen operator key has no other. So does a node's key:
/// an observer needs none that signs documents.
fn holder(app: &App, headers: &RequestHeaders) -> Result<Organisation, Failure> {
    let height = app.replica().executed_height().saturating_add(1);
    access::organisation(app.replica(), &headers.organisation)?
        .filter(|organisation| {
            let purposes = [KeyPurpose::Operator, KeyPurpose::Admin, KeyPurpose::Node];
            purposes.into_iter().any(|own| organisation.has_key(&headers.key, own, height))
        })
        .ok_or_else(|| {
            // One text for both, so that nobody can list who is registered.
            Failure::new(
                ErrorCode::KeyNotValid,
                format!(
                    "key {} is not an operator, admin or node key of {} at height {height}",
                    headers.key, headers.organisation
                ),
                "sign with a current key of a registered organisation",
            )
        })
}

fn bad_signature() -> Failure {
    Failure::new(
        ErrorCode::BadSignature,
        "the signature does not match the request as it arrived",
        "sign method, path with query, headers and body exactly as they are sent",
    )
}

fn note_nonce(app: &App, headers: &RequestHeaders) -> Result<(), Failure> {
    let noted = app.nonces().note(now(), &headers.organisation, headers.date, headers.nonce);
    match noted {
        Noted::New => Ok(()),
        Noted::Replayed => Err(Failure::new(
            ErrorCode::Replayed,
            format!("nonce {} was used before", headers.nonce),
            "sign every request with 16 fresh random bytes",
        )),
        Noted::Full => Err(Failure::busy()),
    }
}

/// The bytes that a request's body may have.
fn body_bytes_max(method: &Method) -> usize {
    if method == Method::POST { HTTP_BODY_BYTES_MAX } else { 0 }
}

/// Reads the body: bounds first.
async fn read_body(
    app: &App,
    parts: &Parts,
    body: Body,
) -> Result<(Bytes, Option<BodyPermit>), Failure> {
    let bytes_max = body_bytes_max(&parts.method);
    let hint = body.size_hint();
    let too_large = || {
        Failure::new(
            ErrorCode::TooLarge,
            format!("the body is larger than {bytes_max} bytes, the most for {}", parts.method),
            "send fewer submissions in one request",
        )
    };
    if u64::try_from(bytes_max).unwrap_or(u64::MAX) < hint.lower() {
        return Err(too_large());
    }
    let expected = hint.upper().and_then(|upper| usize::try_from(upper).ok());
    let permit = app.reserve_body(expected.unwrap_or(bytes_max).min(bytes_max))?;
    let reading =
        tokio::time::timeout(Duration::from_millis(BODY_MS_MAX), to_bytes(body, bytes_max));
    match reading.await {
        Ok(Ok(bytes)) => Ok((bytes, permit)),
        Ok(Err(error)) if is_over_limit(&error) => Err(too_large()),
        Ok(Err(error)) => Err(Failure::new(
            ErrorCode::BadRequest,
            format!("the body did not arrive: {error}"),
            "send the request again",
        )),
        Err(_) => Err(Failure::timed_out()),
    }
}

fn is_over_limit(error: &axum::Error) -> bool {
    error.source().is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}

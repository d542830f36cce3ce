//! The chain and the node: genesis, blocks, decisions, batches, status.

use super::access::Caller;
use super::app::App;
use super::expiry;
use super::failure::Failure;
use super::limits::DECISIONS_BYTES_TARGET;
use super::request::{JSON, binary, json, parse_hash, parse_query, path_of};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use kanhe_api::limits::DECISIONS_MAX;
use kanhe_api::view::{
    BatchView, BlockView, ComingValidatorsView, HeaderView, PoolView, StatusView, ValidatorView,
};
use kanhe_contracts::document::Ground;
use kanhe_contracts::policy::Policy;
use kanhe_types::block::Decision;
use kanhe_types::certificate::CertifiedBatch;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::keys::PublicKey;
use serde::Deserialize;
use std::sync::Arc;

/// The description of the API.
pub(super) const OPENAPI: &str = include_str!("openapi.json");

/// `GET /health`.
pub(super) async fn health() -> &'static str {
    "ok"
}

/// `GET /v1/openapi.json`.
pub(super) async fn openapi() -> Response {
    ([(CONTENT_TYPE, JSON)], OPENAPI).into_response()
}

/// `GET /v1/genesis`.
pub(super) async fn genesis(State(app): State<Arc<App>>) -> Response {
    ([(CONTENT_TYPE, JSON)], app.genesis_json.clone()).into_response()
}

/// `GET /v1/status`.
pub(super) async fn status(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Failure> {
    let code = caller.organisation.clone();
    let (ending_keys, upgrade) = app
        .blocking(move |app| Ok((expiry::ending_keys(app, &code)?, expiry::coming_upgrade(app)?)))
        .await?;
    let next = app.ledger().executed_height().saturating_add(1);
    let status = app.node().status();
    let core = status.core;
    let view = |validators: Vec<(OrganisationCode, PublicKey, bool)>| -> Vec<ValidatorView> {
        validators
            .into_iter()
            .map(|(organisation, key, connected)| ValidatorView { organisation, key, connected })
            .collect()
    };
    let coming = status
        .coming
        .map(|(from, validators)| ComingValidatorsView { from, validators: view(validators) });
    let pool = PoolView {
        submissions_in_flight: core.submissions_in_flight,
        certified_batches: core.certified_batches,
    };
    json(&StatusView {
        genesis: app.genesis_hash,
        organisation: app.node().organisation.clone(),
        height: app.ledger().executed_height(),
        decided: app.ledger().decided_height(),
        round: core.round,
        validators: view(status.validators),
        is_validator: core.is_validator,
        coming_validators: coming,
        waiting_for: core.waiting_for,
        not_signing: core.not_signing,
        signer_away: match caller.is_agency {
            true => app.node().signer().and_then(|signer| signer.away).map(|(reason, _)| reason),
            false => None,
        },
        policy: Policy::clone(&app.ledger().policy_at(next)),
        protocol: app.ledger().protocol_at(next),
        upgrade,
        ending_keys,
        other_genesis: if caller.is_agency { status.other_genesis } else { Default::default() },
        pool: caller.is_agency.then_some(pool),
        observer: None,
    })
}

/// `GET /v1/blocks/{height}`.
pub(super) async fn block(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let text = path_of(path)?;
    let height = match text.as_str() {
        "latest" => app.ledger().decided_height(),
        number => number
            .parse()
            .map_err(|_| Failure::parameter("height", "a number or `latest`", number))?,
    };
    let view = app
        .blocking(move |app| {
            let decision = app.ledger().decision(height)?.ok_or_else(Failure::not_found)?;
            Ok(block_view(app, &caller, &decision))
        })
        .await?;
    json(&view)
}

fn block_view(app: &App, caller: &Caller, decision: &Decision) -> BlockView {
    let header = &decision.block.header;
    let validators = app.ledger().validators_at(header.height);
    let signatures = &decision.certificate.signatures;
    let signers = signatures
        .iter()
        .filter_map(|signature| validators.get(signature.validator))
        .map(|validator| validator.organisation.clone());
    let batches = || {
        let batches = &decision.block.batches;
        batches.iter().filter_map(|batch| batch_view(app, batch)).collect()
    };
    BlockView {
        height: header.height,
        hash: header.hash(),
        round: decision.certificate.round,
        header: HeaderView::from(header),
        signers: signers.collect(),
        batches: caller.is_agency.then(batches),
    }
}

/// `None` for an author who is no validator, which no decided block holds.
fn batch_view(app: &App, batch: &CertifiedBatch) -> Option<BatchView> {
    let header = &batch.header;
    let schedule = app.ledger().schedule();
    let author = schedule.validators_of(&header.validators)?.set.by_key(&header.author)?;
    Some(BatchView {
        digest: header.digest(&app.genesis_hash),
        author: author.organisation.clone(),
        number: header.number,
        submissions: header.submission_count,
        documents: header.document_count,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionsQuery {
    from: u64,
    #[serde(default = "most_decisions")]
    limit: usize,
}

fn most_decisions() -> usize {
    DECISIONS_MAX
}

/// `GET /v1/decisions`: for agencies, as canonical bytes.
pub(super) async fn decisions(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    caller.must_be_agency()?;
    let DecisionsQuery { from, limit } = parse_query(&uri)?;
    let decisions = app
        .heavy(move |app| {
            let mut decisions: Vec<Decision> = Vec::new();
            let mut bytes = 0usize;
            for height in from.max(1)..=app.ledger().decided_height() {
                if limit.min(DECISIONS_MAX) <= decisions.len() || DECISIONS_BYTES_TARGET <= bytes {
                    break;
                }
                let Some(decision) = app.ledger().decision(height)? else { break };
                bytes = bytes.saturating_add(codec::encode(&decision).len());
                decisions.push(decision);
            }
            Ok(codec::encode(&decisions))
        })
        .await?;
    Ok(binary(decisions))
}

/// `GET /v1/batches/{digest}`: for agencies, as canonical bytes.
pub(super) async fn batch(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    caller.must_be_agency()?;
    let digest = parse_hash("digest", &path_of(path)?)?;
    let batch = app.heavy(move |app| Ok(app.ledger().batch(&digest)?)).await?;
    let batch = batch.ok_or_else(Failure::not_found)?;
    // All of it is shown, to check the chain.
    let senders = batch.submissions.iter().map(|submission| &submission.header.organisation);
    caller.note(app.ledger(), senders, &Ground::Audit, None);
    Ok(binary(codec::encode(&batch)))
}

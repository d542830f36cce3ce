//! Versions of the policy. The rules are every member's; who proposed and voted is the agencies'.

use super::access::{Caller, ExecutedState};
use super::app::App;
use super::failure::Failure;
use super::limits::POLICIES_READ_MAX;
use super::request::{json, parse_query, path_of};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use kanhe_api::policy::{PoliciesPage, PoliciesQuery, PolicyProposal, PolicyVersion, PolicyView};
use kanhe_contracts::governance::{self, PolicyRecord};
use std::sync::Arc;

/// `GET /v1/policies`.
pub(super) async fn policies(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: PoliciesQuery = parse_query(&uri)?;
    let limit = query.limit.unwrap_or(POLICIES_READ_MAX);
    if !(1..=POLICIES_READ_MAX).contains(&limit) {
        let expected = format!("1 to {POLICIES_READ_MAX}");
        return Err(Failure::parameter("limit", &expected, &limit.to_string()));
    }
    let page = app.blocking(move |app| list(app, &caller, query.before, limit)).await?;
    json(&page)
}

fn list(
    app: &App,
    caller: &Caller,
    before: Option<u32>,
    limit: usize,
) -> Result<PoliciesPage, Failure> {
    let state = ExecutedState(app.ledger());
    let end = governance::zone(&state)?.policy_version.saturating_add(1);
    let end = before.unwrap_or(u32::MAX).min(end);
    let mut page = PoliciesPage { policies: Vec::new(), next: None };
    for version in (0..end).rev() {
        // Versions follow each other; before the genesis' there is none.
        let Some(record) = governance::policy(&state, version)? else { break };
        if limit <= page.policies.len() {
            page.next = Some(version.saturating_add(1));
            break;
        }
        page.policies.push(view(app, caller, &record)?);
    }
    Ok(page)
}

/// `GET /v1/policies/{version}`.
pub(super) async fn policy(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let text = path_of(path)?;
    let version: u32 =
        text.parse().map_err(|_| Failure::parameter("version", "a number", &text))?;
    let view = app
        .blocking(move |app| {
            let record = governance::policy(&ExecutedState(app.ledger()), version)?;
            let record = record.ok_or_else(Failure::not_found)?;
            Ok(PolicyView { version: view(app, &caller, &record)?, policy: record.policy })
        })
        .await?;
    json(&view)
}

fn view(app: &App, caller: &Caller, record: &PolicyRecord) -> Result<PolicyVersion, Failure> {
    let PolicyRecord { policy, from, cause } = record;
    let next = app.ledger().executed_height().saturating_add(1);
    let proposal = match cause {
        Some(document) if caller.is_agency => {
            let state = ExecutedState(app.ledger());
            let number = governance::proposal_number(&state, document)?;
            number.map(|number| governance::proposal(&state, number)).transpose()?.flatten()
        }
        _ => None,
    };
    Ok(PolicyVersion {
        version: policy.version,
        hash: policy.hash(),
        bytes: policy.encoded_bytes(),
        from: *from,
        is_in_force: app.ledger().policy_at(next).version == policy.version,
        cause: *cause,
        proposal: proposal.map(|own| PolicyProposal {
            number: own.number,
            proposer: own.proposer,
            height: own.height,
            reason: own.content.reason,
            votes: own.votes,
        }),
    })
}

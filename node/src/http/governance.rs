//! Proposals and organisations: agencies see all, others what is about them.

use super::access::{Caller, ExecutedState};
use super::app::App;
use super::failure::Failure;
use super::limits::PROPOSALS_READ_MAX;
use super::request::{json, parse_query, path_of};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use kanhe_api::governance::{
    OrganisationQuery, OrganisationView, ProposalView, ProposalsPage, ProposalsQuery,
};
use kanhe_api::limits::{LIST_ITEMS_DEFAULT, LIST_ITEMS_MAX, REVISIONS_MAX};
use kanhe_contracts::governance::{self, Proposal, ProposalStatus, Revision};
use kanhe_contracts::registry;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use std::sync::Arc;

/// How a proposal is named: by the identity of its document, or by its number.
enum Name {
    Document(Hash),
    Number(u64),
}

impl Caller {
    /// Agencies decide; whom a proposal is about may read it.
    fn may_see_proposal(&self, proposal: &Proposal) -> bool {
        let mut changes = proposal.content.changes.iter();
        self.is_agency
            || changes.any(|change| change.organisation().is_some_and(|code| self.is(code)))
    }
}

/// `GET /v1/proposals`.
pub(super) async fn proposals(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: ProposalsQuery = parse_query(&uri)?;
    let limit = query.limit.unwrap_or(LIST_ITEMS_DEFAULT);
    if !(1..=LIST_ITEMS_MAX).contains(&limit) {
        let expected = format!("1 to {LIST_ITEMS_MAX}");
        return Err(Failure::parameter("limit", &expected, &limit.to_string()));
    }
    let page = app.blocking(move |app| list(app, &caller, &query, limit)).await?;
    json(&page)
}

fn list(
    app: &App,
    caller: &Caller,
    query: &ProposalsQuery,
    limit: usize,
) -> Result<ProposalsPage, Failure> {
    let state = ExecutedState(app.ledger());
    let last = governance::zone(&state)?.proposals;
    let end = query.before.unwrap_or(u64::MAX).min(last.saturating_add(1));
    let mut page = ProposalsPage { proposals: Vec::new(), next: None };
    for (read, number) in (1..end).rev().enumerate() {
        if limit <= page.proposals.len() || PROPOSALS_READ_MAX <= read {
            page.next = Some(number.saturating_add(1));
            break;
        }
        let Some(proposal) = governance::proposal(&state, number)? else { continue };
        let is_wanted = query.status.is_none_or(|status| status == proposal.status);
        if is_wanted && caller.may_see_proposal(&proposal) {
            page.proposals.push(view(app, proposal)?);
        }
    }
    Ok(page)
}

/// `GET /v1/proposals/{id}`.
pub(super) async fn proposal(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let text = path_of(path)?;
    let name = match (text.parse(), text.parse()) {
        (Ok(document), _) => Name::Document(document),
        (_, Ok(number)) => Name::Number(number),
        _ => return Err(Failure::parameter("id", "64 hex digits, or a number", &text)),
    };
    let view = app
        .blocking(move |app| {
            let state = ExecutedState(app.ledger());
            let number = match name {
                Name::Document(document) => governance::proposal_number(&state, &document)?,
                Name::Number(number) => Some(number),
            };
            let proposal = match number {
                Some(number) => governance::proposal(&state, number)?,
                None => None,
            };
            let visible = proposal.filter(|proposal| caller.may_see_proposal(proposal));
            view(app, visible.ok_or_else(Failure::not_found)?)
        })
        .await?;
    json(&view)
}

fn view(app: &App, proposal: Proposal) -> Result<ProposalView, Failure> {
    let tally = match proposal.status {
        ProposalStatus::Open => {
            let policy = app.ledger().policy_at(app.ledger().executed_height().saturating_add(1));
            Some(governance::tally(&ExecutedState(app.ledger()), &proposal, &policy)?)
        }
        _ => None,
    };
    Ok(ProposalView { proposal, tally })
}

/// `GET /v1/organisations/{code}`.
pub(super) async fn organisation(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, Failure> {
    let text = path_of(path)?;
    let code: OrganisationCode =
        text.parse().map_err(|_| Failure::parameter("code", "an organisation's code", &text))?;
    let OrganisationQuery { height } = parse_query(&uri)?;
    if !caller.is_agency && !caller.is(&code) {
        return Err(Failure::not_found());
    }
    let view = app.blocking(move |app| find(app, &code, height)).await?;
    json(&view.ok_or_else(Failure::not_found)?)
}

/// The organisation as it stands, or stood at `height`, with what it was before.
fn find(
    app: &App,
    code: &OrganisationCode,
    height: Option<u64>,
) -> Result<Option<OrganisationView>, Failure> {
    let state = ExecutedState(app.ledger());
    let Some(mut organisation) = registry::organisation(&state, code)? else { return Ok(None) };
    let mut history: Vec<Revision> = Vec::new();
    for number in (0..organisation.revision).rev() {
        let Some(revision) = governance::revision(&state, code, number)? else { break };
        match height {
            // Later than what is asked for: it is what stood then, as far as is known yet.
            Some(height) if height <= revision.last => organisation = revision.organisation,
            _ if REVISIONS_MAX <= history.len() => break,
            _ => history.push(revision),
        }
    }
    Ok(Some(OrganisationView { organisation, history }))
}

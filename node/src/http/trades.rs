//! Trades and their documents.

use super::access::{self, Caller};
use super::app::App;
use super::failure::Failure;
use super::request::{Form, accepted_form, binary, json, parse_hash, parse_query, path_of};
use super::wait::Wait;
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use kanhe_api::ErrorCode;
use kanhe_api::limits::{LIST_ITEMS_DEFAULT, LIST_ITEMS_MAX};
use kanhe_api::path;
use kanhe_api::submission::ReceiptView;
use kanhe_api::view::{DocumentView, TradesPage, TradesQuery};
use kanhe_contracts::limits::NUMBER_BYTES_MAX;
use kanhe_ledger::proof::{DocumentProof, ProveError};
use kanhe_ledger::{CaseFilter, FoundCase};
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use serde::Deserialize;
use std::sync::Arc;

/// Cases that one request looks at for an organisation that sees few of them.
const GRANTED_SCANNED_MAX: usize = 20_000;

/// `GET /v1/trades`.
pub(super) async fn trades(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: TradesQuery = parse_query(&uri)?;
    let limit = query.limit.unwrap_or(LIST_ITEMS_DEFAULT);
    if !(1..=LIST_ITEMS_MAX).contains(&limit) {
        let expected = format!("1 to {LIST_ITEMS_MAX}");
        return Err(Failure::parameter("limit", &expected, &limit.to_string()));
    }
    let organisation = match query.organisation {
        Some(other) if !caller.is_agency && !caller.is(&other) => {
            let filter = CaseFilter { organisation: Some(other), state: query.state };
            let after = query.after;
            let page = app.heavy(move |app| granted(app, &caller, &filter, after, limit)).await?;
            return json(&page);
        }
        Some(organisation) => Some(organisation),
        None if caller.is_agency => None,
        None => Some(caller.organisation.clone()),
    };
    let after = match &query.after {
        None => None,
        Some(text) => Some(path::read_cursor(text).ok_or_else(|| not_a_cursor(text))?),
    };
    let filter = CaseFilter { organisation, state: query.state };
    let page = app
        .blocking(move |app| {
            let page = app.replica().cases(&filter, after.as_ref(), limit)?;
            let mut trades = Vec::with_capacity(page.cases.len());
            for case in page.cases {
                // The index may be a height behind the case.
                let summary = match case {
                    FoundCase::Import(case) => {
                        access::own_or_business(app.replica(), &caller, case)
                            .map(|visible| visible.summary())
                    }
                    FoundCase::Export(case) => {
                        access::own_or_business_export(app.replica(), &caller, case)
                            .map(|visible| visible.summary())
                    }
                };
                trades.extend(summary);
            }
            Ok(TradesPage { trades, next: page.next.as_ref().map(path::cursor) })
        })
        .await?;
    json(&page)
}

fn not_a_cursor(text: &str) -> Failure {
    Failure::parameter("after", "the `next` of the page before", text)
}

/// Another's trades, as far as it lets the caller see them by grants of periods. To everybody else
/// they are as if there were none.
fn granted(
    app: &App,
    caller: &Caller,
    filter: &CaseFilter,
    after: Option<String>,
    limit: usize,
) -> Result<TradesPage, Failure> {
    let mut page = TradesPage { trades: Vec::new(), next: None };
    let Some(giver) = &filter.organisation else { return Ok(page) };
    if !access::has_period_grants(app.replica(), giver, &caller.organisation)? {
        return Ok(page);
    }
    let place = |text: &String| app.cursors().place(&caller.organisation, text);
    let mut after = match &after {
        None => None,
        Some(text) => Some(place(text).ok_or_else(|| not_a_cursor(text))?),
    };
    let mut scanned = 0usize;
    loop {
        let wanted = limit.saturating_sub(page.trades.len());
        let found = app.replica().cases(filter, after.as_ref(), wanted)?;
        // A page of a rare state may be empty and still not be the last.
        scanned = scanned.saturating_add(found.cases.len().max(1));
        for case in found.cases {
            let summary =
                match case {
                    FoundCase::Import(case) => access::visible(app.replica(), caller, case)?
                        .map(|visible| visible.summary()),
                    FoundCase::Export(case) => access::export(app.replica(), caller, case)?
                        .map(|visible| visible.summary()),
                };
            page.trades.extend(summary);
        }
        after = found.next;
        let Some(place) = &after else { return Ok(page) };
        if limit <= page.trades.len() || GRANTED_SCANNED_MAX <= scanned {
            let cursor = app.cursors().issue(&caller.organisation, place.clone());
            page.next = Some(cursor.ok_or_else(Failure::internal)?);
            return Ok(page);
        }
    }
}

/// `GET /v1/trades/{platform}/{order_no}`.
pub(super) async fn trade(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Failure> {
    let (platform, order_no) = path_of(path)?;
    let platform = platform
        .parse()
        .map_err(|_| Failure::parameter("platform", "an organisation's code", &platform))?;
    if NUMBER_BYTES_MAX < order_no.len() {
        let expected = format!("at most {NUMBER_BYTES_MAX} bytes");
        return Err(Failure::parameter("order_no", &expected, &order_no));
    }
    let key = CaseKey { platform, order_no };
    let view = app
        .blocking(move |app| {
            if let Some(case) = access::visible_case(app.replica(), &caller, &key)? {
                return json(&case.view(app.replica())?);
            }
            let case = access::visible_export(app.replica(), &caller, &key)?;
            json(&case.ok_or_else(Failure::not_found)?.view(app.replica())?)
        })
        .await?;
    Ok(view)
}

/// `GET /v1/documents/{id}`.
pub(super) async fn document(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let id = parse_hash("id", &path_of(path)?)?;
    let view = app
        .blocking(move |app| {
            let accepted = access::visible_document(app.replica(), &caller, &id)?;
            let accepted = accepted.ok_or_else(Failure::not_found)?;
            let document = accepted.decode().map_err(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, %id, "not a document");
                Failure::internal()
            })?;
            Ok(DocumentView {
                id,
                organisation: accepted.organisation,
                height: accepted.receipt.height,
                document,
                receipt: ReceiptView::from(accepted.receipt),
            })
        })
        .await?;
    json(&view)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofQuery {
    #[serde(default)]
    wait_ms: u64,
}

/// `GET /v1/documents/{id}/proof`: waits until the document's height is certified.
pub(super) async fn document_proof(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Failure> {
    let id = parse_hash("id", &path_of(path)?)?;
    let query: ProofQuery = parse_query(&uri)?;
    let mut wait = Wait::new(&app, query.wait_ms);
    loop {
        wait.mark();
        let asked = caller.clone();
        match app.heavy(move |app| prove(app, &asked, &id)).await {
            Ok(proof) => {
                return match accepted_form(&headers) {
                    Form::Binary => Ok(binary(codec::encode(&proof))),
                    Form::Json => json(&proof),
                };
            }
            Err(failure) if failure.error().code == ErrorCode::NotYetProved => {
                if !wait.for_height().await {
                    return Err(failure);
                }
            }
            Err(failure) => return Err(failure),
        }
    }
}

fn prove(app: &App, caller: &Caller, id: &Hash) -> Result<DocumentProof, Failure> {
    access::visible_document(app.replica(), caller, id)?.ok_or_else(Failure::not_found)?;
    app.replica().prove_document(id, app.genesis().canonical()).map_err(|error| match error {
        ProveError::UnknownDocument { .. } => Failure::not_found(),
        ProveError::NotYetProved { .. } => Failure::new(
            ErrorCode::NotYetProved,
            error.to_string(),
            "ask again; heights follow within seconds",
        ),
        ProveError::Ledger(error) => error.into(),
    })
}

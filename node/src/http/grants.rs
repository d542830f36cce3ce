//! Grants: who sees what by whose leave. Giver, receiver, and the parties of a granted case read
//! them.

use super::access::{self, Caller, ExecutedState};
use super::app::{App, now};
use super::assistance::Page;
use super::failure::Failure;
use super::request::{json, parse_hash, parse_query, path_of};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use kanhe_api::access::{GrantView, GrantsPage, GrantsQuery};
use kanhe_contracts::access::{self as contracts, Book, Grant};
use std::sync::Arc;

/// `GET /v1/grants`: those that concern the caller, the last first.
pub(super) async fn grants(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: GrantsQuery = parse_query(&uri)?;
    let page = app
        .blocking(move |app| {
            let state = ExecutedState(app.ledger());
            let page = Page::of(app, &caller, Book::Grants, &query)?;
            let mut grants = Vec::with_capacity(page.numbers.len());
            for number in page.numbers {
                let id = contracts::entry(&state, Book::Grants, &caller.organisation, number)?;
                let Some(id) = id else { continue };
                if let Some(grant) = contracts::grant(&state, &id)? {
                    grants.push(view(app, grant)?);
                }
            }
            Ok(GrantsPage { grants, next: page.next })
        })
        .await?;
    json(&page)
}

/// `GET /v1/grants/{id}`.
pub(super) async fn grant(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let id = parse_hash("id", &path_of(path)?)?;
    let view = app
        .blocking(move |app| {
            let grant = contracts::grant(&ExecutedState(app.ledger()), &id)?;
            let grant = grant.ok_or_else(Failure::not_found)?;
            if !access::may_see_grant(app.ledger(), &caller, &grant)? {
                return Err(Failure::not_found());
            }
            view(app, grant)
        })
        .await?;
    json(&view)
}

fn view(app: &App, grant: Grant) -> Result<GrantView, Failure> {
    let height = access::next_height(app.ledger());
    let state = grant.state(&ExecutedState(app.ledger()), now(), height)?;
    Ok(GrantView { grant, state })
}

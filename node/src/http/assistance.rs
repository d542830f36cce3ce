//! What agencies ask each other, and what they read: seen by whom it concerns.

use super::access::{self, Caller, ExecutedState};
use super::app::{App, now};
use super::failure::Failure;
use super::request::{json, parse_hash, parse_query, path_of};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use kanhe_api::access::{AssistancePage, AssistanceView, BookQuery, ReadsPage};
use kanhe_api::limits::{LIST_ITEMS_DEFAULT, LIST_ITEMS_MAX};
use kanhe_contracts::access::{self as contracts, Assistance, Book};
use std::sync::Arc;

/// The numbers of a book's entries that a query asks for, the last first, and the next page.
pub(super) struct Page {
    pub(super) numbers: Vec<u64>,
    pub(super) next: Option<u64>,
}

impl Page {
    pub(super) fn of(
        app: &App,
        caller: &Caller,
        book: Book,
        query: &BookQuery,
    ) -> Result<Self, Failure> {
        let state = ExecutedState(app.ledger());
        Self::below(contracts::entries(&state, book, &caller.organisation)?, query)
    }

    /// Of entries that are numbered from 1 to `last`.
    pub(super) fn below(last: u64, query: &BookQuery) -> Result<Self, Failure> {
        let limit = query.limit.unwrap_or(LIST_ITEMS_DEFAULT);
        if !(1..=LIST_ITEMS_MAX).contains(&limit) {
            let expected = format!("1 to {LIST_ITEMS_MAX}");
            return Err(Failure::parameter("limit", &expected, &limit.to_string()));
        }
        let end = query.before.unwrap_or(u64::MAX).min(last.saturating_add(1));
        let numbers: Vec<u64> = (1..end).rev().take(limit).collect();
        let next = numbers.last().copied().filter(|lowest| 1 < *lowest);
        Ok(Self { numbers, next })
    }
}

/// `GET /v1/assistance`: requests that concern the caller, the last first.
pub(super) async fn requests(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: BookQuery = parse_query(&uri)?;
    let page = app
        .blocking(move |app| {
            let state = ExecutedState(app.ledger());
            let page = Page::of(app, &caller, Book::Assistance, &query)?;
            let mut requests = Vec::with_capacity(page.numbers.len());
            for number in page.numbers {
                let id = contracts::entry(&state, Book::Assistance, &caller.organisation, number)?;
                let Some(id) = id else { continue };
                if let Some(found) = contracts::assistance(&state, &id)? {
                    requests.push(view(app, found)?);
                }
            }
            Ok(AssistancePage { requests, next: page.next })
        })
        .await?;
    json(&page)
}

/// `GET /v1/assistance/{id}`.
pub(super) async fn request(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let id = parse_hash("id", &path_of(path)?)?;
    let view = app
        .blocking(move |app| {
            let found = contracts::assistance(&ExecutedState(app.ledger()), &id)?;
            let found = found.ok_or_else(Failure::not_found)?;
            if !access::may_see_assistance(app.ledger(), &caller, &found)? {
                return Err(Failure::not_found());
            }
            view(app, found)
        })
        .await?;
    json(&view)
}

fn view(app: &App, assistance: Assistance) -> Result<AssistanceView, Failure> {
    let (state, height) = (ExecutedState(app.ledger()), access::next_height(app.ledger()));
    let state = assistance.state(&state, now(), height)?;
    Ok(AssistanceView { assistance, state })
}

/// `GET /v1/reads`: what agencies read of the caller's trades, the last report first.
pub(super) async fn reads(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: BookQuery = parse_query(&uri)?;
    let page = app
        .blocking(move |app| {
            let state = ExecutedState(app.ledger());
            let page = Page::of(app, &caller, Book::Reads, &query)?;
            let mut reads = Vec::with_capacity(page.numbers.len());
            for number in page.numbers {
                reads.extend(contracts::read_record(&state, &caller.organisation, number)?);
            }
            Ok(ReadsPage { reads, next: page.next })
        })
        .await?;
    json(&page)
}

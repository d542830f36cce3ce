//! Entries of registers: seen by their parties, and by the agencies whose business they are.

use super::access::{self, Caller, ExecutedState};
use super::app::App;
use super::assistance::Page;
use super::failure::Failure;
use super::request::{json, parse_query, path_of};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use kanhe_api::access::BookQuery;
use kanhe_api::register::{AvailableView, EntriesPage, EntriesQuery, EntryView};
use kanhe_contracts::access::{Book, entries};
use kanhe_contracts::clearance::{self, PoolKey};
use kanhe_contracts::limits::NUMBER_BYTES_MAX;
use kanhe_contracts::register::{self, Content, Entry, EntryKey, Register};
use kanhe_types::time::Millis;
use std::sync::Arc;

/// `GET /v1/registers`: entries that the caller is party to, the last first; of a register that is
/// an agency's business all, and everybody all funds.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: EntriesQuery = parse_query(&uri)?;
    let page = app.blocking(move |app| page(app, &caller, &query)).await?;
    json(&page)
}

fn page(app: &App, caller: &Caller, query: &EntriesQuery) -> Result<EntriesPage, Failure> {
    let state = ExecutedState(app.ledger());
    // Funds are public.
    let is_open =
        |register: &Register| *register == Register::Fund || caller.has_business(register.kind());
    let all = query.register.filter(is_open);
    let last = match all {
        Some(register) => register::entries(&state, register)?,
        None => entries(&state, Book::Registers, &caller.organisation)?,
    };
    let page = Page::below(last, &BookQuery { before: query.before, limit: query.limit })?;
    let mut found = Vec::with_capacity(page.numbers.len());
    for number in page.numbers {
        let key = register::entry_of(&state, all.ok_or(&caller.organisation), number)?;
        let is_asked = |key: &EntryKey| query.register.is_none_or(|own| own == key.register);
        let Some(key) = key.filter(is_asked) else { continue };
        let entry = access::visible_entry(app.ledger(), caller, &key)?;
        found.extend(entry.map(|own| view(app, own)).transpose()?);
    }
    Ok(EntriesPage { entries: found, next: page.next })
}

/// The entry, by the policy in force; a deposit with what all of its merchant come to.
fn view(app: &App, entry: Entry) -> Result<EntryView, Failure> {
    let deposits = match &entry.content {
        Content::TaxDeposit(own) => {
            let key = PoolKey::Deposit { merchant: own.merchant.clone() };
            Some(clearance::pool(&ExecutedState(app.ledger()), &key)?.unwrap_or_default())
        }
        _ => None,
    };
    let policy = app.ledger().policy_at(app.ledger().executed_height());
    Ok(EntryView::new(entry, &policy, deposits.as_ref()))
}

fn key_of(register: Register, owner: &str, number: String) -> Result<EntryKey, Failure> {
    let owner =
        owner.parse().map_err(|_| Failure::parameter("owner", "an organisation's code", owner))?;
    if NUMBER_BYTES_MAX < number.len() {
        let expected = format!("at most {NUMBER_BYTES_MAX} bytes");
        return Err(Failure::parameter("number", &expected, "more"));
    }
    Ok(EntryKey { register, owner, number })
}

/// `GET /v1/receivables/{owner}/{number}`: how much is available, and nothing of exports, buyers
/// or other banks.
pub(super) async fn available(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Failure> {
    let (owner, number) = path_of(path)?;
    let key = key_of(Register::Receivable, &owner, number)?;
    let view = app
        .blocking(move |app| {
            let entry = access::asked_receivable(app.ledger(), &caller, &key)?;
            let entry = entry.ok_or_else(Failure::not_found)?;
            let height = app.ledger().executed_height();
            let now = app.ledger().header(height)?.map_or(Millis(0), |header| header.time);
            let state = ExecutedState(app.ledger());
            let available = register::available(&state, &entry, now)?;
            let Content::Receivable(own) = entry.content else { return Err(Failure::not_found()) };
            let available = available.ok_or_else(Failure::not_found)?;
            Ok(AvailableView { currency: own.currency, available, height })
        })
        .await?;
    json(&view)
}

/// `GET /v1/registers/{register}/{owner}/{number}`.
pub(super) async fn entry(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String, String)>, PathRejection>,
) -> Result<Response, Failure> {
    let (register, owner, number) = path_of(path)?;
    let names = || Register::ALL.iter().map(|own| own.name()).collect::<Vec<_>>().join(", ");
    let register = Register::from_name(&register)
        .ok_or_else(|| Failure::parameter("register", &names(), &register))?;
    let key = key_of(register, &owner, number)?;
    let view = app
        .blocking(move |app| {
            let entry = access::visible_entry(app.ledger(), &caller, &key)?;
            view(app, entry.ok_or_else(Failure::not_found)?)
        })
        .await?;
    json(&view)
}

//! Credit: the organisation itself and agencies whose business it is see everything, whom it lets
//! see its trades its score, and everybody what the policy makes public, as long as it holds.

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
use kanhe_api::credit::{
    CreditAnswer, CreditPage, CreditQuery, CreditRow, CreditSight, ListingView, NegativeListPage,
    NegativeListQuery,
};
use kanhe_api::limits::CREDIT_ROWS_MAX;
use kanhe_contracts::credit::{self, Assessment, CompiledCredit};
use kanhe_contracts::document::Ground;
use kanhe_contracts::policy::Policy;
use kanhe_contracts::register::{self, Content, Register};
use kanhe_contracts::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::time::Millis;
use std::sync::Arc;

/// By what everything is answered: one height, its time, and its policy.
struct At {
    height: u64,
    now: Millis,
    policy: Arc<Policy>,
}

impl At {
    fn executed(app: &App) -> Result<Self, Failure> {
        let height = app.ledger().executed_height();
        let now = app.ledger().header(height)?.map_or(Millis(0), |header| header.time);
        Ok(Self { height, now, policy: app.ledger().policy_at(height) })
    }
}

/// `GET /v1/credit/{organisation}`.
pub(super) async fn organisation(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let code = path_of(path)?;
    let code: OrganisationCode = code
        .parse()
        .map_err(|_| Failure::parameter("organisation", "an organisation's code", &code))?;
    let answer = app.blocking(move |app| answer(app, &caller, code)).await?;
    json(&answer)
}

fn answer(app: &App, caller: &Caller, code: OrganisationCode) -> Result<CreditAnswer, Failure> {
    let view = access::credit_sight(app.ledger(), caller, &code)?;
    let at = At::executed(app)?;
    let state = ExecutedState(app.ledger());
    let assessment = credit::assess(&state, &at.policy, &code, at.now)?;
    let public = credit::public_credit(&state, &at.policy, &assessment)?;
    let assessment = (view == CreditSight::Full).then_some(assessment);
    Ok(CreditAnswer { view, organisation: code, height: at.height, public, assessment })
}

/// `GET /v1/credit`: those who acted in a month's trades; for others than agencies whose business
/// it is, themselves only.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: CreditQuery = parse_query(&uri)?;
    let page = app.heavy(move |app| page(app, &caller, &query)).await?;
    json(&page)
}

fn page(app: &App, caller: &Caller, query: &CreditQuery) -> Result<CreditPage, Failure> {
    let limit = query.limit.unwrap_or(CREDIT_ROWS_MAX);
    if !(1..=CREDIT_ROWS_MAX).contains(&limit) {
        let expected = format!("1 to {CREDIT_ROWS_MAX}");
        return Err(Failure::parameter("limit", &expected, &limit.to_string()));
    }
    let at = At::executed(app)?;
    let month = query.month.unwrap_or_else(|| Month::of(at.now));
    let state = ExecutedState(app.ledger());
    let after = query.after.unwrap_or(0);
    let is_agencys = access::sees_all_credit(caller);
    let all = match is_agencys {
        true => credit::organisations_of(&state, month)?,
        false => vec![caller.organisation.clone()],
    };
    let compiled = CompiledCredit::new(&at.policy);
    let mut organisations = Vec::with_capacity(limit);
    for code in all.iter().skip(after).take(limit) {
        let own = credit::assess_with(&state, &at.policy, &compiled, code, at.now)?;
        organisations.push(row(own));
    }
    if is_agencys {
        let shown = organisations.iter().map(|row| &row.organisation);
        caller.note(app.ledger(), shown, &Ground::Business, None);
    }
    let end = after.saturating_add(limit);
    let next = (end < all.len()).then_some(end);
    Ok(CreditPage { month, height: at.height, organisations, next })
}

fn row(own: Assessment) -> CreditRow {
    CreditRow {
        organisation: own.organisation,
        score: own.score,
        zone_grade: own.zone_grade,
        customs_grade: own.customs_grade.map(|grade| grade.grade),
        is_suspended: own.is_suspended,
        supervision: own.supervision,
        consequence: own.listing.map(|listing| listing.consequence),
    }
}

/// `GET /v1/negative-list`: what is public of who is listed now; for agencies whose business it is,
/// every entry, whether it has ended or not.
pub(super) async fn negative_list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: NegativeListQuery = parse_query(&uri)?;
    let page = app.heavy(move |app| negative_page(app, &caller, &query)).await?;
    json(&page)
}

fn negative_page(
    app: &App,
    caller: &Caller,
    query: &NegativeListQuery,
) -> Result<NegativeListPage, Failure> {
    let view = access::negative_list_sight(caller, query.view)?;
    let at = At::executed(app)?;
    let state = ExecutedState(app.ledger());
    let mut page = NegativeListPage {
        view,
        height: at.height,
        listings: Vec::new(),
        entries: Vec::new(),
        next: None,
    };
    if view == CreditSight::Public {
        page.listings = credit::published(&state, &at.policy, None, at.now)?;
        return Ok(page);
    }
    let last = register::entries(&state, Register::NegativeList)?;
    let numbers = Page::below(last, &BookQuery { before: query.before, limit: query.limit })?;
    for number in numbers.numbers {
        let key = register::entry_of(&state, Ok(Register::NegativeList), number)?;
        let entry = match key {
            Some(key) => access::visible_entry(app.ledger(), caller, &key)?,
            None => None,
        };
        let Some(entry) = entry else { continue };
        let Content::NegativeList(own) = entry.content else { continue };
        let (from, until) = own.term().unwrap_or((own.notice.from, own.notice.until));
        page.entries.push(ListingView {
            entry: entry.key,
            holds: own.holds(at.now),
            consequence: at.policy.credit.consequence_of(&own.notice.category),
            organisation: own.notice.organisation,
            category: own.notice.category,
            state: own.state,
            from,
            until,
        });
    }
    page.next = numbers.next;
    Ok(page)
}

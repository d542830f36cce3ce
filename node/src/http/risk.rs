//! Risk: alerts of the agency that asks, what rules said and why, and how they did. Agencies only;
//! to everybody else, suspects first, there is nothing at these paths.

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
use kanhe_api::risk::{
    AlertAnswer, AlertView, AlertsPage, AlertsQuery, AssessmentView, RuleFigures, RuleText,
    RulesQuery, RulesView, TradeDocument, TradeDocuments, VersionFigures,
};
use kanhe_contracts::access::{Book, alert_entry};
use kanhe_contracts::case::{self, Case, DocumentMeta};
use kanhe_contracts::export::{self, ExportCase};
use kanhe_contracts::limits::NUMBER_BYTES_MAX;
use kanhe_contracts::policy::{Direction, Policy};
use kanhe_contracts::risk::{self, Alert, Assessment, Hit, Suspect};
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use std::sync::Arc;

/// `GET /v1/risk/alerts`: those that the caller has now, the last first.
pub(super) async fn alerts(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: AlertsQuery = parse_query(&uri)?;
    let page = app.blocking(move |app| page(app, &caller, &query)).await?;
    json(&page)
}

fn page(app: &App, caller: &Caller, query: &AlertsQuery) -> Result<AlertsPage, Failure> {
    access::sees_risk(caller)?;
    let (state, now) = (ExecutedState(app.ledger()), block_time(app)?);
    let book = BookQuery { before: query.before, limit: query.limit };
    let page = Page::of(app, caller, Book::Alerts, &book)?;
    let mut alerts = Vec::with_capacity(page.numbers.len());
    for place in page.numbers {
        let Some(number) = alert_entry(&state, &caller.organisation, place)? else { continue };
        let Some(alert) = risk::alert(&state, number)? else { continue };
        let view = view(alert, now);
        let is_asked = caller.is(&view.alert.owner)
            && query.state.is_none_or(|state| state == view.alert.state)
            && query.level.is_none_or(|level| level == view.alert.level)
            && query.overdue.is_none_or(|overdue| overdue == view.is_overdue);
        if is_asked {
            alerts.push(view);
        }
    }
    Ok(AlertsPage { alerts, next: page.next })
}

fn view(alert: Alert, now: Millis) -> AlertView {
    AlertView { is_overdue: alert.is_overdue(now), alert }
}

/// The time of the last executed height, by which terms are over.
fn block_time(app: &App) -> Result<Millis, Failure> {
    let header = app.ledger().header(app.ledger().executed_height())?;
    Ok(header.map_or(Millis(0), |header| header.time))
}

/// `GET /v1/risk/alerts/{number}`.
pub(super) async fn alert(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let number = path_of(path)?;
    let answer = app
        .blocking(move |app| {
            access::sees_risk(&caller)?;
            let number = number
                .parse::<u64>()
                .map_err(|_| Failure::parameter("number", "an alert's number", &number))?;
            let alert = access::visible_alert(app.ledger(), &caller, number)?;
            let alert = alert.ok_or_else(Failure::not_found)?;
            let held = risk::assessment(&ExecutedState(app.ledger()), &alert.suspect)?;
            let assessment = assessed(app, alert.suspect.clone(), held.unwrap_or_default())?;
            Ok(AlertAnswer { view: view(alert, block_time(app)?), assessment })
        })
        .await?;
    json(&answer)
}

/// `GET /v1/risk/cases/{direction}/{platform}/{order_no}`.
pub(super) async fn case(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String, String)>, PathRejection>,
) -> Result<Response, Failure> {
    let (direction, platform, order_no) = path_of(path)?;
    access::sees_risk(&caller)?;
    let direction = Direction::from_name(&direction)
        .ok_or_else(|| Failure::parameter("direction", "import or export", &direction))?;
    let platform = platform
        .parse()
        .map_err(|_| Failure::parameter("platform", "a platform's code", &platform))?;
    if NUMBER_BYTES_MAX < order_no.len() {
        let expected = format!("at most {NUMBER_BYTES_MAX} bytes");
        return Err(Failure::parameter("order_no", &expected, "more"));
    }
    let case = CaseKey { platform, order_no };
    assessment(app, caller, Suspect::Trade { direction, case }).await
}

/// `GET /v1/risk/organisations/{code}`.
pub(super) async fn organisation(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let code = path_of(path)?;
    access::sees_risk(&caller)?;
    let organisation =
        code.parse().map_err(|_| Failure::parameter("code", "an organisation's code", &code))?;
    assessment(app, caller, Suspect::Organisation { organisation }).await
}

async fn assessment(app: Arc<App>, caller: Caller, suspect: Suspect) -> Result<Response, Failure> {
    let view = app
        .blocking(move |app| {
            let held = access::visible_assessment(app.ledger(), &caller, &suspect)?;
            assessed(app, suspect, held.ok_or_else(Failure::not_found)?)
        })
        .await?;
    json(&view)
}

/// What is said of a suspect, with the texts of the rules and the documents of the trades.
fn assessed(app: &App, suspect: Suspect, held: Assessment) -> Result<AssessmentView, Failure> {
    let height = app.ledger().executed_height();
    let rules = held.hits.iter().map(|hit| rule_of(app, hit)).collect();
    let of_hits = held.hits.iter().filter_map(|hit| hit.case.clone());
    let own = match &suspect {
        Suspect::Trade { direction, case } => Some((*direction, case.clone())),
        Suspect::Organisation { .. } => None,
    };
    let state = ExecutedState(app.ledger());
    let case_risk = match &own {
        None => None,
        Some((Direction::Import, key)) => case::case(&state, key)?.map(|case| case.risk),
        Some((Direction::Export, key)) => export::case(&state, key)?.map(|case| case.risk),
    };
    let mut trades: Vec<TradeDocuments> = Vec::new();
    for (direction, case) in own.into_iter().chain(of_hits) {
        let trade = Suspect::Trade { direction, case: case.clone() };
        if trades.iter().all(|known| known.trade != trade) {
            let documents = documents(app, direction, &case)?;
            trades.push(TradeDocuments { trade, documents });
        }
    }
    let levels = app.ledger().policy_at(height).risk.levels;
    Ok(AssessmentView { suspect, assessment: held, rules, levels, trades, case_risk, height })
}

/// The rule that fired, as the policy had it then.
fn rule_of(app: &App, hit: &Hit) -> Option<RuleText> {
    let policy = app.ledger().policy_at(hit.height);
    let rule = policy.risk.rules.iter().find(|rule| rule.id == hit.rule)?;
    hit.document.is_none().then(|| rule.into())
}

/// The documents that a trade has, by height and identity.
fn documents(
    app: &App,
    direction: Direction,
    key: &CaseKey,
) -> Result<Vec<TradeDocument>, Failure> {
    let state = ExecutedState(app.ledger());
    let mut documents = match direction {
        Direction::Import => case::case(&state, key)?.map(|case| of_import(&case)),
        Direction::Export => export::case(&state, key)?.map(|case| of_export(&case)),
    }
    .unwrap_or_default();
    documents.sort_by_key(|own| (own.height, own.id));
    Ok(documents)
}

fn of_import(case: &Case) -> Vec<TradeDocument> {
    let order = case.order.iter().map(|entry| &entry.meta);
    let payments = case.payment.iter().chain(&case.extra_payments).map(|entry| &entry.meta);
    let waybill = case.waybill.iter().map(|entry| &entry.meta);
    let list = case.list.iter().map(|entry| &entry.meta);
    let delivery = case.clearance.delivery.iter().map(|entry| &entry.meta);
    let statuses = case.clearance.statuses.iter().map(|status| &status.meta);
    let all = order.chain(payments).chain(waybill).chain(list).chain(delivery).chain(statuses);
    all.map(document).collect()
}

fn of_export(case: &ExportCase) -> Vec<TradeDocument> {
    let order = case.order.iter().map(|entry| &entry.meta);
    let receipts = case.receipts.iter().map(|entry| &entry.meta);
    let waybill = case.waybill.iter().map(|entry| &entry.meta);
    let list = case.list.iter().map(|entry| &entry.meta);
    let notices = case.notices.iter().map(|notice| &notice.meta);
    order.chain(receipts).chain(waybill).chain(list).chain(notices).map(document).collect()
}

fn document(meta: &DocumentMeta) -> TradeDocument {
    let (id, kind, height) = (meta.document, meta.kind, meta.height);
    TradeDocument { id, kind, signer: meta.signer.clone(), height }
}

/// `GET /v1/risk/rules`: how the rules of a policy did.
pub(super) async fn rules(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    access::sees_risk(&caller)?;
    let query: RulesQuery = parse_query(&uri)?;
    let view = app
        .blocking(move |app| {
            let height = app.ledger().executed_height();
            let policy = policy_of(app, query.policy_version).ok_or_else(Failure::not_found)?;
            let state = ExecutedState(app.ledger());
            let mut rules = Vec::with_capacity(policy.risk.rules.len());
            for rule in &policy.risk.rules {
                let record = risk::rule_record(&state, policy.version, &rule.id)?;
                rules.push(RuleFigures::new(rule, record));
            }
            let version = VersionFigures::new(risk::version_record(&state, policy.version)?);
            Ok(RulesView { policy_version: policy.version, rules, version, height })
        })
        .await?;
    json(&view)
}

/// The policy with a version that was in force until now; the one in force without a version.
fn policy_of(app: &App, version: Option<u32>) -> Option<Arc<Policy>> {
    let (mut low, mut high) = (0, app.ledger().executed_height());
    let Some(version) = version else { return Some(app.ledger().policy_at(high)) };
    // Versions ascend with heights.
    while low < high {
        let middle = low.midpoint(high);
        match app.ledger().policy_at(middle).version < version {
            true => low = middle.saturating_add(1),
            false => high = middle,
        }
    }
    Some(app.ledger().policy_at(low)).filter(|policy| policy.version == version)
}

//! The three flows: agencies see all, enterprises those of their own cases; and the cases behind
//! them, document by document, for whoever sees these.

use super::access::{self, Caller, ExecutedState};
use super::app::App;
use super::failure::Failure;
use super::request::{json, parse_query};
use axum::Extension;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use kanhe_api::flows::{
    FlowCase, FlowCasesPage, FlowCasesQuery, FlowPartView, FlowStatement, FlowsAnswer, FlowsQuery,
    FlowsRow, FlowsView,
};
use kanhe_api::limits::{FLOW_CASES_DEFAULT, FLOW_CASES_MAX, FLOW_MONTHS_MAX};
use kanhe_api::path;
use kanhe_contracts::document::Ground;
use kanhe_contracts::event::CaseState;
use kanhe_contracts::flows::{self, Entry, Figure, Filter, FlowDimension, Standing};
use kanhe_contracts::register;
use kanhe_contracts::statistics::Month;
use kanhe_ledger::{CaseFilter, FoundCase};
use kanhe_types::code::OrganisationCode;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often months are read again when a height was executed meanwhile.
const READS_MAX: usize = 4;
/// Cases that one request looks at.
const SCANNED_MAX: usize = 10_000;

/// `GET /v1/flows`.
pub(super) async fn flows(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: FlowsQuery = parse_query(&uri)?;
    let answer = app.heavy(move |app| answer(app, &caller, &query)).await?;
    json(&answer)
}

/// `GET /v1/flows/cases`.
pub(super) async fn cases(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: FlowCasesQuery = parse_query(&uri)?;
    let page = app.heavy(move |app| open(app, &caller, &query)).await?;
    json(&page)
}

/// The months of a period, and the time of the last executed height.
struct Period {
    from: Month,
    to: Month,
    now: Millis,
}

impl Period {
    fn new(app: &App, from: Option<Month>, to: Option<Month>) -> Result<Self, Failure> {
        let header = app.ledger().header(app.ledger().executed_height())?;
        // Before the first block there is no month.
        let now = header.map_or(Millis(0), |header| header.time);
        let from_or = from.or(to).unwrap_or_else(|| Month::of(now));
        let to = to.unwrap_or(from_or);
        let period = Self { from: from_or, to, now };
        let count = period.months().take(FLOW_MONTHS_MAX.saturating_add(1)).count();
        if !(1..=FLOW_MONTHS_MAX).contains(&count) {
            let expected = format!("1 to {FLOW_MONTHS_MAX} months, the first not after the last");
            let found = format!("{from_or} to {to}");
            return Err(Failure::parameter("from, to", &expected, &found));
        }
        Ok(period)
    }

    fn months(&self) -> impl Iterator<Item = Month> {
        let to = self.to;
        let next = |month: &Month| Some(month.after());
        std::iter::successors(Some(self.from), next).take_while(move |month| *month <= to)
    }
}

/// A code of digits in a query.
fn code(name: &str, text: Option<&String>, digits: usize) -> Result<Option<u16>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let is_code = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_code);
    let expected = format!("{digits} digits");
    number.map(Some).ok_or_else(|| Failure::parameter(name, &expected, text))
}

fn answer(app: &App, caller: &Caller, query: &FlowsQuery) -> Result<FlowsAnswer, Failure> {
    let by = query.dimensions().map_err(|name| {
        let names = FlowDimension::ALL.map(FlowDimension::name).join(", ");
        Failure::parameter("by", &names, name)
    })?;
    let filter = Filter {
        direction: query.direction,
        mode: code("mode", query.mode.as_ref(), 4)?,
        currency: code("currency", query.currency.as_ref(), 3)?,
    };
    let period = Period::new(app, query.from, query.to)?;
    let merchant = access::flows_of(caller, query.organisation.as_ref());
    let (height, entries) = read(app, &period, &merchant)?;
    if by.contains(&FlowDimension::Organisation) || query.organisation.is_some() {
        // An agency that looks at enterprises one by one is noted with each of them.
        let shown = entries.iter().filter(|entry| filter.takes(entry.place));
        let shown: BTreeSet<_> = shown.map(|entry| &entry.merchant).collect();
        caller.note(app.ledger(), shown, &Ground::Standing, None);
    }
    let policy = app.ledger().policy_at(height);
    let rows = flows::tabulate(&entries, &filter, &by, &policy, period.now);
    let rows = rows.into_iter().map(FlowsRow::new).collect();
    let view = if caller.is_agency { FlowsView::All } else { FlowsView::Own };
    Ok(FlowsAnswer { view, from: period.from, to: period.to, height, by, rows })
}

/// Months, by the state of one height.
fn read(
    app: &App,
    period: &Period,
    merchant: &access::FlowsOf,
) -> Result<(u64, Vec<Entry>), Failure> {
    let state = ExecutedState(app.ledger());
    for _ in 0..READS_MAX {
        let height = app.ledger().executed_height();
        let mut all = Vec::new();
        for month in period.months() {
            all.extend(match merchant {
                access::FlowsOf::Everybody => flows::entries(&state, month)?,
                access::FlowsOf::One(merchant) => flows::entries_of(&state, month, merchant)?,
                access::FlowsOf::Nobody => Vec::new(),
            });
        }
        if app.ledger().executed_height() == height {
            return Ok((height, all));
        }
    }
    Err(Failure::busy())
}

/// Which parts of which cases are asked for.
struct Wanted {
    period: Period,
    filter: Filter,
    figure: Option<Figure>,
    merchant: Option<OrganisationCode>,
}

impl Wanted {
    fn has(&self, standing: &Standing) -> bool {
        let place = standing.place;
        // Money of a case may stand in other currencies than the case.
        let is_of_filter = Filter { currency: None, ..self.filter }.takes(place);
        is_of_filter
            && (self.period.from..=self.period.to).contains(&standing.month)
            && self.merchant.as_ref().is_none_or(|merchant| *merchant == standing.merchant)
    }

    fn takes(&self, part: &flows::FlowPart) -> bool {
        self.figure.is_none_or(|figure| figure == part.figure)
            && self.filter.currency.is_none_or(|currency| currency == part.currency)
    }
}

fn open(app: &App, caller: &Caller, query: &FlowCasesQuery) -> Result<FlowCasesPage, Failure> {
    let limit = query.limit.unwrap_or(FLOW_CASES_DEFAULT);
    if !(1..=FLOW_CASES_MAX).contains(&limit) {
        let expected = format!("1 to {FLOW_CASES_MAX}");
        return Err(Failure::parameter("limit", &expected, &limit.to_string()));
    }
    let filter = Filter {
        direction: query.direction,
        mode: code("mode", query.mode.as_ref(), 4)?,
        currency: code("currency", query.currency.as_ref(), 3)?,
    };
    let mut after: Option<CaseKey> =
        match &query.after {
            None => None,
            Some(text) => Some(path::read_cursor(text).ok_or_else(|| {
                Failure::parameter("after", "the `next` of the page before", text)
            })?),
        };
    let period = Period::new(app, query.from, query.to)?;
    let mut page = FlowCasesPage { cases: Vec::new(), statements: Vec::new(), next: None };
    let merchant = match access::flows_of(caller, query.organisation.as_ref()) {
        access::FlowsOf::Nobody => return Ok(page),
        access::FlowsOf::Everybody => None,
        access::FlowsOf::One(merchant) => Some(merchant),
    };
    // A merchant is party to every case that stands in its sums.
    let index = CaseFilter { organisation: merchant.clone(), state: None };
    let wanted = Wanted { period, filter, figure: query.figure, merchant };
    if after.is_none() {
        page.statements = statements(app, caller, &wanted)?;
    }
    let mut scanned = 0usize;
    loop {
        let missing = limit.saturating_sub(page.cases.len());
        let found = app.replica().cases(&index, after.as_ref(), missing)?;
        scanned = scanned.saturating_add(found.cases.len().max(1));
        page.cases
            .extend(found.cases.into_iter().filter_map(|case| opened(app, caller, &wanted, case)));
        after = found.next;
        if after.is_none() || limit <= page.cases.len() || SCANNED_MAX <= scanned {
            page.next = after.as_ref().map(path::cursor);
            return Ok(page);
        }
    }
}

/// What netting statements say that are asked for. Who sees flows of a merchant sees that they are
/// there, and who sees the entry how much.
fn statements(app: &App, caller: &Caller, wanted: &Wanted) -> Result<Vec<FlowStatement>, Failure> {
    let state = ExecutedState(app.ledger());
    let is_of_them = |figure| matches!(figure, Figure::Deducted | Figure::Credited);
    if wanted.figure.is_some_and(|figure| !is_of_them(figure)) {
        return Ok(Vec::new());
    }
    let mut keys = Vec::new();
    for month in wanted.period.months() {
        keys.extend(match &wanted.merchant {
            Some(merchant) => flows::statements_of(&state, month, merchant)?,
            None => flows::statements(&state, month)?,
        });
        if SCANNED_MAX < keys.len() {
            let expected = format!("one organisation, or months of {SCANNED_MAX} statements");
            return Err(Failure::parameter("organisation", &expected, "more"));
        }
    }
    let mut all = Vec::new();
    for key in keys {
        let Some(entry) = register::entry(&state, &key)? else { continue };
        let Some(stated) = flows::opened_statement(&entry) else { continue };
        if !wanted.has(&stated.standing) {
            continue;
        }
        let is_shown = access::visible_entry(app.ledger(), caller, &key)?.is_some();
        let parts = stated.parts.iter().filter(|part| wanted.takes(part));
        let parts: Vec<_> = parts.map(|part| FlowPartView::new(part, is_shown)).collect();
        if !parts.is_empty() {
            all.push(statement(stated, parts));
        }
    }
    Ok(all)
}

fn statement(stated: flows::Stated, parts: Vec<FlowPartView>) -> FlowStatement {
    let Standing { merchant, month, place } = stated.standing;
    FlowStatement {
        owner: stated.key.owner,
        number: stated.key.number,
        organisation: merchant,
        month,
        mode: format!("{:04}", place.mode),
        parts,
    }
}

/// What a case says, if it is asked for and the caller sees it.
fn opened(app: &App, caller: &Caller, wanted: &Wanted, case: FoundCase) -> Option<FlowCase> {
    let (key, state) = (case.key().clone(), case.state());
    let (standing, parts) = match case {
        FoundCase::Import(case) => {
            let flow = flows::opened_import(&case);
            if !wanted.has(&flow.standing) {
                return None;
            }
            let visible = access::own_or_business(app.replica(), caller, case)?;
            let shows = |part: &_| visible.shows_part(part, &flow.standing.merchant);
            let parts: Vec<_> = flow.parts.iter().map(|part| (part.clone(), shows(part))).collect();
            (flow.standing, parts)
        }
        FoundCase::Export(case) => {
            let flow = flows::opened_export(&case);
            if !wanted.has(&flow.standing) {
                return None;
            }
            let visible = access::own_or_business_export(app.replica(), caller, case)?;
            let shows = |part: &_| visible.shows_part(part, &flow.standing.merchant);
            let parts: Vec<_> = flow.parts.iter().map(|part| (part.clone(), shows(part))).collect();
            (flow.standing, parts)
        }
    };
    let parts = parts.iter().filter(|(part, _)| wanted.takes(part));
    let parts: Vec<FlowPartView> =
        parts.map(|(part, is_shown)| FlowPartView::new(part, *is_shown)).collect();
    (!parts.is_empty()).then(|| view(key, state, standing, parts))
}

fn view(case: CaseKey, state: CaseState, standing: Standing, parts: Vec<FlowPartView>) -> FlowCase {
    let Standing { merchant, month, place } = standing;
    FlowCase {
        case,
        state,
        organisation: merchant,
        month,
        direction: place.direction,
        mode: format!("{:04}", place.mode),
        parts,
    }
}

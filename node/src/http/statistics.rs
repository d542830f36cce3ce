//! Statistics: agencies see all, enterprises their own, and everybody what is published of months
//! that are over.

use super::access::{self, Caller, ExecutedState};
use super::app::App;
use super::failure::Failure;
use super::request::{json, parse_query};
use axum::Extension;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use kanhe_api::statistics::{StatisticsAnswer, StatisticsQuery, StatisticsRow, StatisticsView};
use kanhe_contracts::document::Ground;
use kanhe_contracts::policy::Direction;
use kanhe_contracts::statistics::{self, Dimension, Entry, Filter, Month};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often a month that still grows is read again when a height was executed meanwhile.
const READS_MAX: usize = 4;

/// `GET /v1/statistics`.
pub(super) async fn statistics(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    let query: StatisticsQuery = parse_query(&uri)?;
    let answer = app.heavy(move |app| answer(app, &caller, &query)).await?;
    json(&answer)
}

fn answer(
    app: &App,
    caller: &Caller,
    query: &StatisticsQuery,
) -> Result<StatisticsAnswer, Failure> {
    let view = access::statistics_view(caller, query.view)?;
    let by = query.dimensions().map_err(|name| {
        let names = Dimension::ALL.map(Dimension::name).join(", ");
        Failure::parameter("by", &names, name)
    })?;
    let filter = query.filter();
    let height = app.ledger().executed_height();
    let header = app.ledger().header(height)?;
    // Before the first block there is no month, and none is over.
    let current = header.map_or(Month(0), |header| Month::of(header.time));
    let month = query.month.unwrap_or_else(|| current.before());
    let is_closed = month < current;
    let (height, rows) = match view {
        StatisticsView::Public if !is_closed => (height, Vec::new()),
        StatisticsView::Public => {
            let tables = public_query(&filter, &by)?;
            (height, public(&read(app, month, None)?.1, tables))
        }
        StatisticsView::Own | StatisticsView::All => {
            let own = (view == StatisticsView::Own).then_some(caller);
            let (height, entries) = read(app, month, own)?;
            note(app, caller, &entries, &filter, &by);
            let rows = statistics::tabulate(&entries, &filter, &by);
            (height, rows.into_iter().map(StatisticsRow::new).collect())
        }
    };
    let by = match view {
        StatisticsView::Public => std::iter::once(Dimension::Direction).chain(by).collect(),
        StatisticsView::Own | StatisticsView::All => by,
    };
    Ok(StatisticsAnswer { view, month, is_closed, height, by, rows })
}

/// A month, by the state of one height.
fn read(app: &App, month: Month, own: Option<&Caller>) -> Result<(u64, Vec<Entry>), Failure> {
    let state = ExecutedState(app.ledger());
    let read_once = || match own {
        Some(caller) => statistics::entries_of(&state, month, &caller.organisation),
        None => statistics::entries(&state, month),
    };
    for _ in 0..READS_MAX {
        let height = app.ledger().executed_height();
        let entries = read_once()?;
        if app.ledger().executed_height() == height {
            return Ok((height, entries));
        }
    }
    Err(Failure::busy())
}

/// What one may ask of the public view: a dimension, and a direction. Every slice more were one to
/// subtract.
fn public_query(
    filter: &Filter,
    by: &[Dimension],
) -> Result<(Vec<Direction>, Option<Dimension>), Failure> {
    if let Some(dimension) = filter.keys().find(|one| **one != Dimension::Direction) {
        let expected = "no filter but direction in the public view";
        return Err(Failure::parameter(dimension.name(), expected, "a filter"));
    }
    let directions = match filter.get(&Dimension::Direction).map(String::as_str) {
        None => vec![Direction::Import, Direction::Export],
        Some("import") => vec![Direction::Import],
        Some("export") => vec![Direction::Export],
        Some(other) => return Err(Failure::parameter("direction", "import or export", other)),
    };
    match by {
        [] => Ok((directions, None)),
        [Dimension::Direction | Dimension::Enterprise] | [_, _, ..] => {
            let expected = "one of mode, chapter, country, park, platform in the public view";
            let found: Vec<&str> = by.iter().map(|one| one.name()).collect();
            Err(Failure::parameter("by", expected, &found.join(",")))
        }
        [dimension] => Ok((directions, Some(*dimension))),
    }
}

fn public(
    entries: &[Entry],
    (directions, by): (Vec<Direction>, Option<Dimension>),
) -> Vec<StatisticsRow> {
    let mut rows = Vec::new();
    for direction in directions {
        let Some(month) = statistics::publish(entries, direction) else { continue };
        if by.is_none() {
            rows.push(StatisticsRow::of_total(&month));
        }
        let of_table = month.tables.into_iter().filter(|table| Some(table.dimension) == by);
        let of_table = of_table.flat_map(|table| table.rows);
        rows.extend(of_table.map(|row| StatisticsRow::of_public(direction, row)));
    }
    rows
}

/// An agency that looks at enterprises one by one is noted with each of them.
fn note(app: &App, caller: &Caller, entries: &[Entry], filter: &Filter, by: &[Dimension]) {
    let enterprise = filter.get(&Dimension::Enterprise);
    if enterprise.is_none() && !by.contains(&Dimension::Enterprise) {
        return;
    }
    let of_filter =
        |entry: &&Entry| filter.iter().all(|(dimension, label)| dimension.label(entry) == *label);
    let shown = entries.iter().filter(of_filter).map(|entry| &entry.enterprise);
    let shown: BTreeSet<_> = shown.collect();
    caller.note(app.ledger(), shown, &Ground::Standing, None);
}

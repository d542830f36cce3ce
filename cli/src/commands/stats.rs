//! `kanhe stats`: what lists come to, month by month.

use crate::answer::{Answer, CliError};
use crate::args::{StatsArgs, StatsView};
use crate::member::Member;
use crate::table::table;
use kanhe_api::path;
use kanhe_api::statistics::{StatisticsAnswer, StatisticsRow};
use kanhe_gateway::csv;

/// The columns of the table for people, by their names in JSON and CSV.
const SHOWN: [(&str, &str); 9] = [
    ("enterprises", "enterprises"),
    ("lists", "lists"),
    ("parcels", "parcels"),
    ("net_weight_kg", "net kg"),
    ("value_cny", "CNY"),
    ("value_usd", "USD"),
    ("average_ticket_cny", "ticket CNY"),
    ("returned_of_10000", "returned/10000"),
    ("average_clearance_s", "clearance s"),
];

pub(super) fn run(args: &StatsArgs) -> Result<Answer, CliError> {
    let member = Member::of(&args.home)?;
    let answer: StatisticsAnswer = member.client.get(&target(args))?;
    if let Some(file) = &args.csv {
        super::write_text(file, &csv(&answer))?;
    }
    let text = match &args.csv {
        Some(file) => format!("{} rows in {}", answer.rows.len(), file.display()),
        None => describe(&answer),
    };
    Ok(Answer::yes(text, super::to_json(&answer)))
}

fn target(args: &StatsArgs) -> String {
    let view = args.view.map(|view| match view {
        StatsView::All => "all".to_owned(),
        StatsView::Own => "own".to_owned(),
        StatsView::Public => "public".to_owned(),
    });
    let by = (!args.by.is_empty()).then(|| args.by.join(","));
    let parameters = [
        ("view", view),
        ("month", args.month.map(|month| month.to_string())),
        ("by", by),
        ("direction", args.direction.clone()),
        ("mode", args.mode.clone()),
        ("chapter", args.chapter.clone()),
        ("country", args.country.clone()),
        ("enterprise", args.enterprise.clone()),
        ("park", args.park.clone()),
        ("platform", args.platform.clone()),
    ];
    super::with_query(path::STATISTICS, parameters)
}

fn describe(answer: &StatisticsAnswer) -> String {
    let state = if answer.is_closed { "closed" } else { "not over yet" };
    let (month, height) = (answer.month, answer.height);
    let mut text = format!("{month}, {state}, by the state of height {height}\n");
    if answer.rows.is_empty() {
        text.push_str("nothing to show\n");
        return text;
    }
    let mut head: Vec<String> = answer.by.iter().map(|one| one.name().to_owned()).collect();
    head.extend(SHOWN.map(|(_, title)| title.to_owned()));
    let mut rows = vec![head];
    rows.extend(answer.rows.iter().map(|row| {
        let mut cells = labels(answer, row);
        let figures = row.cells();
        let named = StatisticsRow::COLUMNS.into_iter().zip(figures);
        let named: Vec<(&str, String)> = named.collect();
        cells.extend(SHOWN.map(|(name, _)| {
            let found = named.iter().find(|(column, _)| *column == name);
            found.map(|(_, figure)| figure.clone()).unwrap_or_default()
        }));
        cells
    }));
    text.push_str(&table(&rows));
    text
}

/// A label for each dimension; that of what may not be shown apart is `rest`.
fn labels(answer: &StatisticsAnswer, row: &StatisticsRow) -> Vec<String> {
    let labels = (0..answer.by.len()).map(|index| row.labels.get(index).cloned());
    let mut labels: Vec<String> = labels.map(Option::unwrap_or_default).collect();
    if let Some(last) = labels.last_mut().filter(|_| row.is_rest) {
        "rest".clone_into(last);
    }
    labels
}

fn csv(answer: &StatisticsAnswer) -> String {
    let mut head = vec!["month".to_owned(), "height".to_owned()];
    head.extend(answer.by.iter().map(|one| one.name().to_owned()));
    head.extend(StatisticsRow::COLUMNS.map(str::to_owned));
    let rows = answer.rows.iter().map(|row| {
        let mut cells = vec![answer.month.to_string(), answer.height.to_string()];
        cells.extend(labels(answer, row));
        cells.extend(row.cells());
        cells
    });
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    csv::write(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_api::statistics::StatisticsView;
    use kanhe_contracts::statistics::{Dimension, Month};

    fn answer() -> StatisticsAnswer {
        let row = |label: &str, is_rest| StatisticsRow {
            labels: vec!["export".into(), label.into()],
            is_rest,
            enterprises: 3,
            lists: 5,
            value_cny: "716.5".into(),
            ..StatisticsRow::default()
        };
        StatisticsAnswer {
            view: StatisticsView::Public,
            month: Month(202_611),
            is_closed: true,
            height: 7,
            by: vec![Dimension::Direction, Dimension::Park],
            rows: vec![row("城陵矶,\"甲\"", false), row("", true)],
        }
    }

    #[test]
    fn a_table_has_a_line_for_each_row_and_names_the_rest() {
        let text = describe(&answer());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "2026-11, closed, by the state of height 7");
        assert_eq!(lines.len(), 4);
        assert!(lines[3].starts_with("export     rest"), "{text}");
    }

    #[test]
    fn csv_is_quoted_where_it_must_be() {
        let text = csv(&answer());
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(lines[0].starts_with("month,height,direction,park,enterprises,lists,"));
        assert!(lines[1].starts_with("2026-11,7,export,\"城陵矶,\"\"甲\"\"\",3,5,"));
        assert!(lines[2].starts_with("2026-11,7,export,rest,3,5,"));
    }
}

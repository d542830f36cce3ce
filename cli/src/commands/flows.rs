//! `kanhe flows`: money, goods and documents of trades side by side, and what is outstanding.

use crate::answer::{Answer, CliError};
use crate::args::{FlowsArgs, Opened};
use crate::client::Client;
use crate::member::Member;
use crate::table::table;
use kanhe_api::flows::{
    FlowAmount, FlowCase, FlowCasesPage, FlowPartView, FlowStatement, FlowsAnswer, FlowsRow,
    direction_name,
};
use kanhe_api::limits::FLOW_CASES_MAX;
use kanhe_api::path;
use kanhe_contracts::flows::Figure;
use kanhe_contracts::policy::Direction;
use kanhe_gateway::csv;

/// The columns of the table for people, under the flow that they are of. Where imports and exports
/// have figures of their own, one column shows whichever a row has.
const COLUMNS: [(&str, &str); 21] = [
    ("capital", "ordered"),
    ("", "declared"),
    ("", "paid/received"),
    ("", "kept back"),
    ("", "credited"),
    ("", "refunded"),
    ("", "returned"),
    ("", "cancelled"),
    ("", "OUTSTANDING"),
    ("goods", "declared"),
    ("", "shipped"),
    ("", "arrived"),
    ("", "released/departed"),
    ("", "delivered"),
    ("", "returned"),
    ("", "UNDER WAY"),
    ("information", "cases"),
    ("", "documents"),
    ("", "corrected"),
    ("", "MISSING"),
    ("", "found"),
];

pub(super) fn run(args: &FlowsArgs) -> Result<Answer, CliError> {
    let member = Member::of(&args.home)?;
    if let Some(opened) = args.open {
        return open(&member.client, args, opened);
    }
    let answer: FlowsAnswer = member.client.get(&target(args))?;
    if let Some(file) = &args.csv {
        super::write_text(file, &csv(&answer))?;
    }
    let text = match &args.csv {
        Some(file) => format!("{} rows in {}", answer.rows.len(), file.display()),
        None => describe(&answer),
    };
    Ok(Answer::yes(text, super::to_json(&answer)))
}

/// The parameters that both paths take.
fn parameters(args: &FlowsArgs) -> Vec<(&'static str, Option<String>)> {
    let direction = args.direction.map(|own| direction_name(own.into()).to_owned());
    let (from, to) = (args.month.or(args.from), args.month.or(args.to));
    vec![
        ("from", from.map(|month| month.to_string())),
        ("to", to.map(|month| month.to_string())),
        ("direction", direction),
        ("mode", args.mode.clone()),
        ("organisation", args.organisation.as_ref().map(ToString::to_string)),
        ("currency", args.currency.clone()),
    ]
}

fn target(args: &FlowsArgs) -> String {
    let by: Vec<&str> = args.by.iter().map(|one| one.name()).collect();
    let mut all = parameters(args);
    all.push(("by", (!by.is_empty()).then(|| by.join(","))));
    super::with_query(path::FLOWS, all)
}

fn describe(answer: &FlowsAnswer) -> String {
    let FlowsAnswer { from, to, height, rows, .. } = answer;
    let period = if from == to { from.to_string() } else { format!("{from} to {to}") };
    let mut text = format!("lists of {period}, by the state of height {height}\n");
    if rows.is_empty() {
        text.push_str("nothing to show\n");
        return text;
    }
    let labels: Vec<String> = answer.by.iter().map(|one| one.name().to_owned()).collect();
    let mut groups = vec![String::new(); labels.len() + 2];
    let mut head = labels;
    head.extend(["direction", "currency"].map(str::to_owned));
    for (group, title) in COLUMNS {
        groups.push(group.to_owned());
        head.push(title.to_owned());
    }
    head.push("receipts".to_owned());
    let mut all = vec![groups, head];
    all.extend(rows.iter().map(|row| {
        let mut cells = row.labels.clone();
        cells.extend([direction_name(row.direction).to_owned(), row.currency.clone()]);
        cells.extend(shown(row));
        cells.push(receipts(row));
        cells
    }));
    text.push_str(&table(&all));
    text
}

/// The cells of [`COLUMNS`].
fn shown(row: &FlowsRow) -> [String; COLUMNS.len()] {
    let (settled, passed) = match row.direction {
        Direction::Import => (Figure::Paid, Figure::ReleasedParcels),
        Direction::Export => (Figure::Received, Figure::DepartedParcels),
    };
    let text = |figure| row.text(figure);
    [
        text(Figure::Ordered),
        text(Figure::Declared),
        text(settled),
        text(Figure::Deducted),
        text(Figure::Credited),
        text(Figure::Refunded),
        text(Figure::Returned),
        text(Figure::Cancelled),
        row.outstanding.money.clone(),
        text(Figure::DeclaredParcels),
        text(Figure::ShippedParcels),
        text(Figure::ArrivedParcels),
        text(passed),
        text(Figure::DeliveredParcels),
        text(Figure::ReturnedParcels),
        row.outstanding.parcels.to_string(),
        text(Figure::Cases),
        text(Figure::Documents),
        text(Figure::Corrections),
        row.outstanding.documents.to_string(),
        text(Figure::Findings),
    ]
}

/// What a gap between declared value and receipts says.
fn receipts(row: &FlowsRow) -> String {
    let Some(gaps) = &row.receipts else { return String::new() };
    let all = [
        (gaps.unexplained, "ALERT: unexplained"),
        (gaps.netted, "netted"),
        (gaps.may_differ, "may differ"),
        (gaps.open, "open"),
    ];
    let said = all.into_iter().filter(|(count, _)| 0 < *count);
    let said: Vec<String> = said.map(|(count, text)| format!("{text} ({count})")).collect();
    if said.is_empty() { "agree".to_owned() } else { said.join(", ") }
}

fn csv(answer: &FlowsAnswer) -> String {
    let mut head = ["from", "to", "height"].map(str::to_owned).to_vec();
    head.extend(answer.by.iter().map(|one| one.name().to_owned()));
    head.extend(FlowsRow::columns().into_iter().map(str::to_owned));
    let rows = answer.rows.iter().map(|row| {
        let (from, to) = (answer.from.to_string(), answer.to.to_string());
        let mut cells = vec![from, to, answer.height.to_string()];
        cells.extend(row.labels.iter().cloned());
        cells.extend(row.cells());
        cells
    });
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    csv::write(&rows)
}

/// The trades behind the figures.
fn open(client: &Client, args: &FlowsArgs, opened: Opened) -> Result<Answer, CliError> {
    let mut all =
        FlowCasesPage { cases: Vec::new(), statements: Vec::new(), next: args.after.clone() };
    loop {
        let missing = args.limit.saturating_sub(all.cases.len()).min(FLOW_CASES_MAX);
        if missing == 0 {
            break;
        }
        let mut stated = parameters(args);
        if let Opened::One(figure) = opened {
            stated.push(("figure", Some(figure.name().to_owned())));
        }
        stated.push(("limit", Some(missing.to_string())));
        stated.push(("after", all.next.take()));
        let page: FlowCasesPage = client.get(&super::with_query(path::FLOW_CASES, stated))?;
        all.cases.extend(page.cases);
        all.statements.extend(page.statements);
        all.next = page.next;
        if all.next.is_none() {
            break;
        }
    }
    Ok(Answer::yes(describe_cases(&all), super::to_json(&all)))
}

fn describe_cases(page: &FlowCasesPage) -> String {
    let mut text = String::new();
    for statement in &page.statements {
        let FlowStatement { owner, number, organisation, month, mode, parts } = statement;
        text.push_str(&format!(
            "netting statement {number} of {owner}: export {mode} of {organisation}, {month}\n"
        ));
        describe_parts(parts, &mut text);
    }
    for case in &page.cases {
        let FlowCase { case: key, state, organisation, month, direction, mode, parts } = case;
        let (state, direction) = (super::name_of(state), direction_name(*direction));
        let (platform, order_no) = (&key.platform, &key.order_no);
        text.push_str(&format!("{platform} {order_no}: {direction} {mode} of {organisation}, "));
        text.push_str(&format!("{month}, {state}\n"));
        describe_parts(parts, &mut text);
    }
    if page.cases.is_empty() && page.statements.is_empty() {
        text.push_str("no trades\n");
    }
    if let Some(next) = &page.next {
        text.push_str(&format!("more: --after {next}\n"));
    }
    text
}

fn describe_parts(parts: &[FlowPartView], text: &mut String) {
    let head = ["figure", "amount", "currency", "documents"].map(str::to_owned).to_vec();
    let mut rows = vec![head];
    rows.extend(parts.iter().map(|part| {
        let amount = part.amount.as_ref().map(FlowAmount::text);
        let documents: Vec<String> = part.documents.iter().map(ToString::to_string).collect();
        vec![
            part.figure.name().to_owned(),
            amount.unwrap_or_else(|| "withheld".to_owned()),
            part.currency.clone(),
            documents.join(" "),
        ]
    }));
    text.extend(table(&rows).lines().map(|line| format!("  {line}\n")));
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_api::flows::FlowsView;
    use kanhe_contracts::event::CaseState;
    use kanhe_contracts::flows::{Figures, FlowDimension, ReceiptGap, Row};
    use kanhe_contracts::statistics::Month;
    use kanhe_types::hash::Hash;
    use kanhe_types::receipt::CaseKey;
    use std::collections::BTreeMap;

    fn row(direction: Direction, label: &str) -> FlowsRow {
        let mut figures = Figures::default();
        figures.add_to(Figure::Ordered, 11_850_000);
        figures.add_to(Figure::Declared, 11_000_000);
        figures.add_to(Figure::Paid, 10_000_000);
        figures.add_to(Figure::Received, 12_050_000);
        figures.add_to(Figure::UnderWayParcels, 2);
        figures.add_to(Figure::Missing, 4);
        let gaps = BTreeMap::from([(ReceiptGap::Unexplained, 1)]);
        let labels = vec![label.to_owned()];
        FlowsRow::new(Row { labels, direction, currency: 142, merchants: 1, figures, gaps })
    }

    fn answer() -> FlowsAnswer {
        FlowsAnswer {
            view: FlowsView::Own,
            from: Month(202_609),
            to: Month(202_611),
            height: 7,
            by: vec![FlowDimension::Organisation],
            rows: vec![row(Direction::Import, "=1+1"), row(Direction::Export, "TESTEBC001")],
        }
    }

    #[test]
    fn the_three_flows_stand_side_by_side_with_what_is_outstanding() {
        let text = describe(&answer());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "lists of 2026-09 to 2026-11, by the state of height 7");
        assert_eq!(lines.len(), 5, "{text}");
        let place = |line: &str, word: &str| line.find(word).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(place(lines[1], "capital"), place(lines[2], "ordered"));
        assert_eq!(place(lines[1], "information"), place(lines[2], "cases"));
        let outstanding = place(lines[2], "OUTSTANDING");
        assert!(lines[3][outstanding..].starts_with("18.5 "), "{text}");
        assert!(lines[4][outstanding..].starts_with("-10.5 "), "{text}");
        assert!(!lines[3].contains("ALERT") && lines[4].ends_with("ALERT: unexplained (1)"));
    }

    #[test]
    fn csv_has_a_column_for_each_figure_and_no_formula() {
        let text = csv(&answer());
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(lines[0].starts_with("from,to,height,organisation,direction,currency,merchants,"));
        assert!(lines[1].starts_with("2026-09,2026-11,7, =1+1,import,142,1,118.5,110,100,"));
        assert!(lines[2].ends_with(",-10.5,2,0,4,0,0,0,1"));
        let columns = |line: &str| line.split(',').count();
        assert_eq!(columns(lines[0]), columns(lines[1]));
    }

    #[test]
    fn an_opened_figure_names_its_documents_and_what_is_withheld() {
        let part = |amount| FlowPartView {
            figure: Figure::Paid,
            currency: "142".into(),
            amount,
            documents: vec![Hash([1; 32])],
        };
        let case = FlowCase {
            case: CaseKey { platform: "TESTEBP001".parse().expect("a code"), order_no: "1".into() },
            state: CaseState::Matched,
            organisation: "TESTEBC001".parse().expect("a code"),
            month: Month(202_611),
            direction: Direction::Import,
            mode: "9610".into(),
            parts: vec![part(Some(FlowAmount::Decimal("118.5".into()))), part(None)],
        };
        let statement = FlowStatement {
            owner: "TESTPAY001".parse().expect("a code"),
            number: "N1".into(),
            organisation: "TESTEBC001".parse().expect("a code"),
            month: Month(202_611),
            mode: "9610".into(),
            parts: vec![FlowPartView { figure: Figure::Deducted, ..part(None) }],
        };
        let (cases, statements) = (vec![case], Vec::new());
        let mut page = FlowCasesPage { cases, statements, next: Some("07".into()) };
        let text = describe_cases(&page);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "TESTEBP001 1: import 9610 of TESTEBC001, 2026-11, matched");
        assert!(lines[2].starts_with("  paid    118.5     142       0101"), "{text}");
        assert!(lines[3].starts_with("  paid    withheld"), "{text}");
        assert_eq!(lines[4], "more: --after 07");
        page.statements.push(statement);
        let text = describe_cases(&page);
        let first = "netting statement N1 of TESTPAY001: export 9610 of TESTEBC001, 2026-11\n";
        assert!(text.starts_with(first), "{text}");
    }
}

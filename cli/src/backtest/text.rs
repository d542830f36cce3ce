//! What a back-test found, for people.

use super::compare::{Comparison, Count, Example, RuleRow, Side};
use crate::table::table;
use kanhe_contracts::risk::Suspect;
use std::fmt::Write;

/// A comparison as tables.
pub fn text_of(found: &Comparison) -> String {
    let mut text = format!(
        "{} trades; {} with a label, {} of them offend; {} CNY recovered in all\n\n",
        found.trades, found.labelled, found.offending, found.value
    );
    let is_compared = found.old.is_some();
    text.push_str(&rules(&found.rules, is_compared));
    text.push('\n');
    text.push_str(&sides(found));
    for rule in &found.rules {
        for (what, examples) in [("gains", &rule.gained_examples), ("loses", &rule.lost_examples)] {
            for example in examples {
                writeln!(text, "{} {what} {}", rule.rule, shown(example))
                    .expect("writing to a string cannot fail");
            }
        }
    }
    text
}

fn shown(example: &Example) -> String {
    let values = example.values.iter().map(|(name, value)| format!("{name} {value}"));
    let values: Vec<String> = values.collect();
    let who = match &example.suspect {
        Suspect::Trade { case, .. } => format!("{}/{}", case.platform, case.order_no),
        Suspect::Organisation { organisation } => organisation.to_string(),
    };
    format!("{who} at {}, {}: {}", example.height, example.time, values.join(", "))
}

fn head(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn of(percent: Option<f64>) -> String {
    percent.map_or("-".to_owned(), |percent| format!("{percent:.1}"))
}

fn rules(rules: &[RuleRow], is_compared: bool) -> String {
    let mut rows = match is_compared {
        true => vec![head(&[
            "rule",
            "hits",
            "new",
            "gained",
            "lost",
            "precision",
            "new",
            "recovered",
            "new",
        ])],
        false => {
            vec![head(&["rule", "hits", "right", "wrong", "precision", "recall", "recovered"])]
        }
    };
    let cell = |count: &Option<Count>, show: fn(&Count) -> String| {
        count.as_ref().map_or("-".to_owned(), show)
    };
    for own in rules {
        let (old, new) = (&own.old, &own.new);
        let precision = |count: &Count| of(count.precision_percent);
        let recovered = |count: &Count| count.recovered.to_string();
        let hits = |count: &Count| count.hits.to_string();
        let mut row = vec![own.rule.clone()];
        match is_compared {
            true => row.extend([
                cell(old, hits),
                cell(new, hits),
                own.gained.to_string(),
                own.lost.to_string(),
                cell(old, precision),
                cell(new, precision),
                cell(old, recovered),
                cell(new, recovered),
            ]),
            false => row.extend([
                cell(new, hits),
                cell(new, |count| count.right.to_string()),
                cell(new, |count| count.wrong.to_string()),
                cell(new, precision),
                cell(new, |count| of(count.recall_percent)),
                cell(new, recovered),
            ]),
        }
        rows.push(row);
    }
    table(&rows)
}

fn sides(found: &Comparison) -> String {
    let mut rows = vec![head(&[
        "policy",
        "alerts",
        "right",
        "wrong",
        "precision",
        "recall",
        "recovered",
        "at 1 %",
        "at 5 %",
    ])];
    let mut row = |name: &str, side: &Side| {
        let Count { hits, right, wrong, precision_percent, recall_percent, recovered } =
            side.alerts;
        let mut cells = vec![
            name.to_owned(),
            hits.to_string(),
            right.to_string(),
            wrong.to_string(),
            of(precision_percent),
            of(recall_percent),
            recovered.to_string(),
        ];
        cells.extend(side.budgets.iter().map(|own| match own.recovered_percent {
            Some(percent) => format!("{} ({percent:.1} %)", own.recovered),
            None => "-".to_owned(),
        }));
        rows.push(cells);
    };
    if let Some(old) = &found.old {
        row("in force", old);
    }
    row("candidate", &found.new);
    table(&rows)
}

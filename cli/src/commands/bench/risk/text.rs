//! What a risk bench found, for people.

use super::Report;
use super::judge::{Judgement, RuleRow};
use crate::table::table;
use std::fmt::Write;

fn row<const N: usize>(cells: [String; N]) -> Vec<String> {
    cells.to_vec()
}

fn head<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// The report of one world.
pub(super) fn text_of(report: &Report) -> String {
    let Report { parameters, seed, trades, documents, blocks, refused, judgement, .. } = report;
    let overall = &judgement.overall;
    let mut text = format!(
        "parameters {parameters}, seed {seed}: {trades} trades, {documents} documents ({refused} \
         refused), {blocks} blocks\n{} trades offend; {} alerts, {} of them right: recall {:.1} %, \
         precision {:.1} %\n{} of those found, {:.1} %, by a later trade after their release\n\n",
        overall.planted,
        overall.alerts,
        overall.found,
        overall.recall_percent,
        overall.precision_percent,
        overall.late,
        overall.late_percent
    );
    for part in [
        patterns(judgement),
        organisations(judgement),
        rules(judgement),
        budgets(judgement),
        cost(report),
    ] {
        text.push_str(&part);
        text.push('\n');
    }
    text
}

fn patterns(judgement: &Judgement) -> String {
    let columns = ["pattern", "planted", "found", "recall", "named", "hit", "precision", "rules"];
    let mut rows = vec![head(columns)];
    rows.extend(judgement.patterns.iter().map(|own| {
        let precision =
            own.precision_percent.map_or("-".to_owned(), |percent| format!("{percent:.1}"));
        row([
            own.pattern.name().to_owned(),
            own.planted.to_string(),
            own.found.to_string(),
            if own.planted == 0 { "-".into() } else { format!("{:.1}", own.recall_percent) },
            own.named.to_string(),
            own.hit.to_string(),
            precision,
            own.rules.join(" "),
        ])
    }));
    table(&rows)
}

fn organisations(judgement: &Judgement) -> String {
    let mut rows = vec![head(["organisations", "all", "found", "named"])];
    rows.extend(judgement.organisations.iter().map(|own| {
        row([
            own.pattern.map_or("no offence", |pattern| pattern.name()).to_owned(),
            own.organisations.to_string(),
            own.found.to_string(),
            own.named.to_string(),
        ])
    }));
    table(&rows)
}

fn rules(judgement: &Judgement) -> String {
    let columns =
        ["rule", "pattern", "target", "fired", "hit", "right", "other", "wrong", "look-alikes"];
    let mut rows = vec![head(columns)];
    let looks = |own: &RuleRow| {
        let mut looks: Vec<(&String, &usize)> = own.look_alikes.iter().collect();
        looks.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let looks: Vec<String> = looks.iter().map(|(name, n)| format!("{name} {n}")).collect();
        looks.join(", ")
    };
    rows.extend(judgement.rules.iter().map(|own| {
        row([
            own.rule.clone(),
            own.pattern.clone(),
            own.target.name().to_owned(),
            own.fired.to_string(),
            own.hit.to_string(),
            own.right.to_string(),
            own.other.to_string(),
            own.wrong.to_string(),
            looks(own),
        ])
    }));
    table(&rows)
}

fn budgets(judgement: &Judgement) -> String {
    let mut rows = vec![head([
        "budget",
        "inspected",
        "offending",
        "value CNY",
        "share",
        "before release",
        "random",
        "best",
    ])];
    rows.extend(judgement.budgets.iter().map(|own| {
        row([
            format!("{} %", own.budget_percent),
            own.inspected.to_string(),
            own.offending.to_string(),
            (own.value / 100).to_string(),
            format!("{:.1} %", own.value_percent),
            format!("{:.1} %", own.before_release_percent),
            format!("{:.1} %", own.random_percent),
            format!("{:.1} %", own.best_percent),
        ])
    }));
    table(&rows)
}

fn cost(report: &Report) -> String {
    let cost = &report.cost;
    let mut text = format!(
        "us a document: {:.2} without risk, {:.2} with it, {:+.2} is risk\nrecords of features a \
         document: {:.2} read, {:.2} written; {} KB at the most, {} KB in the end\n",
        cost.plain_us,
        cost.risk_us,
        cost.added_us,
        cost.reads,
        cost.writes,
        cost.bytes_peak / 1_024,
        cost.bytes_end / 1_024
    );
    writeln!(text, "memory of the process: {} MB at the most\n", cost.memory_mb)
        .expect("writing to a string cannot fail");
    let columns = ["kept by", "most records", "most KB", "records in the end", "KB", "largest"];
    let mut rows = vec![head(columns)];
    rows.extend(report.features.iter().map(|own| {
        row([
            own.key.clone(),
            own.records_peak.to_string(),
            (own.bytes_peak / 1_024).to_string(),
            own.records_end.to_string(),
            (own.bytes_end / 1_024).to_string(),
            format!("{} bytes", own.largest),
        ])
    }));
    text.push_str(&table(&rows));
    text
}

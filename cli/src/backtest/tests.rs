#![allow(clippy::unwrap_used, reason = "tests may panic")]

use super::compare::{Comparison, compare};
use super::replay::Replay;
use super::sheet::{self, Mapping, Sheet};
use super::text_of;
use kanhe_contracts::policy::Policy;
use kanhe_contracts::risk::{Feature, Measure, RiskPolicy};
use kanhe_genesis::policy_file;

const MAPPING: &str = include_str!("../../tests/backtest/mapping.yaml");
const TABLE: &str = include_str!("../../tests/backtest/declarations.csv");
const POLICY: &str = include_str!("../../tests/backtest/policy.yaml");

fn mapping() -> Mapping {
    policy_file::read_as(MAPPING.as_bytes()).unwrap()
}

fn risk() -> RiskPolicy {
    policy_file::read(POLICY.as_bytes(), &Policy::default()).unwrap().policy.risk
}

fn tested(policy: &RiskPolicy) -> Comparison {
    let Sheet { events, ground } = sheet::sheet_of(TABLE, &mapping()).unwrap();
    let mut replay = Replay::new(policy.clone());
    events.iter().for_each(|event| replay.observe(event));
    compare(&ground, None, &replay.finish())
}

/// The fault of a table that is the example with its fourth line changed.
#[track_caller]
fn check_fault(line: &str, expected: &str) {
    let lines: Vec<&str> = TABLE.lines().collect();
    let mut changed = lines.clone();
    changed[3] = line;
    let found = sheet::sheet_of(&changed.join("\n"), &mapping()).unwrap_err();
    assert_eq!(found, expected);
}

#[test]
fn the_example_gives_the_figures_of_the_documentation() {
    let found = tested(&risk());
    assert_eq!((found.trades, found.labelled, found.offending), (10, 9, 3));
    assert_eq!(found.value.to_string(), "1500");
    let [cheap, many] = found.rules.as_slice() else { panic!("two rules") };
    let cheap = cheap.new.unwrap();
    // D04 and D08 are cheap and offend, D09 is cheap and does not.
    assert_eq!((cheap.hits, cheap.right, cheap.wrong), (3, 2, 1));
    assert_eq!((cheap.precision_percent, cheap.recall_percent), (Some(66.7), Some(66.7)));
    assert_eq!(cheap.recovered.to_string(), "1200");
    let many = many.new.unwrap();
    // The third and later declarations of an importer in a day: D07 offends, D10 has no label.
    assert_eq!((many.hits, many.right, many.wrong), (2, 1, 0));
    assert_eq!(many.precision_percent, Some(100.0));
    let alerts = found.new.alerts;
    assert_eq!((alerts.hits, alerts.right, alerts.wrong), (5, 3, 1));
    assert_eq!((alerts.precision_percent, alerts.recall_percent), (Some(75.0), Some(100.0)));
    let at: Vec<(u32, usize, String)> = found
        .new
        .budgets
        .iter()
        .map(|own| (own.budget_percent, own.inspected, own.recovered.to_string()))
        .collect();
    assert_eq!(at, [(1, 1, "700".to_owned()), (5, 1, "700".to_owned())]);
    let text = text_of(&found);
    assert!(text.contains("precision"), "{text}");
}

#[test]
fn what_a_rule_reaches_back_to_counts_where_it_was_observed() {
    let mut policy = risk();
    let many = policy.rules[1].clone();
    let counted = policy.features.iter().find(|own| many.when.contains(&own.name)).unwrap();
    let remembered = Feature {
        name: "remembered".to_owned(),
        measure: Measure::Recent,
        of: None,
        ..counted.clone()
    };
    policy.features.push(remembered);
    policy.rules[1].reaches = vec!["feature.remembered".to_owned()];
    let hits = |found: &Comparison| found.rules[1].new.unwrap().hits;
    assert_eq!((hits(&tested(&risk())), hits(&tested(&policy))), (2, 4));

    // What was observed before it counts is not hit, whatever reaches back to it.
    let Sheet { mut events, ground } = sheet::sheet_of(TABLE, &mapping()).unwrap();
    let fires = {
        let mut replay = Replay::new(risk());
        events.iter().for_each(|event| replay.observe(event));
        let run = replay.finish();
        run.strikes[1].values().map(|strike| strike.height).min().unwrap()
    };
    for event in events.iter_mut().take_while(|event| event.seen.height != fires) {
        event.counts = false;
    }
    let mut replay = Replay::new(policy);
    events.iter().for_each(|event| replay.observe(event));
    assert_eq!(hits(&compare(&ground, None, &replay.finish())), 2);
}

#[test]
fn a_policy_against_itself_gains_and_loses_nothing() {
    let Sheet { events, ground } = sheet::sheet_of(TABLE, &mapping()).unwrap();
    let run = || {
        let mut replay = Replay::new(risk());
        events.iter().for_each(|event| replay.observe(event));
        replay.finish()
    };
    let found = compare(&ground, Some(&run()), &run());
    assert!(found.rules.iter().all(|rule| rule.gained == 0 && rule.lost == 0));
    assert_eq!(found.old.as_ref(), Some(&found.new));
    let mut less = risk();
    less.rules.remove(0);
    let mut replay = Replay::new(less);
    events.iter().for_each(|event| replay.observe(event));
    let found = compare(&ground, Some(&run()), &replay.finish());
    let lost = found.rules.iter().find(|rule| rule.new.is_none()).unwrap();
    assert_eq!((lost.gained, lost.lost, lost.lost_examples.len()), (0, 3, 3));
}

#[test]
fn what_is_not_as_the_mapping_says_is_named_with_line_and_column() {
    check_fault(
        "D03,2026-03-32,测试进口甲,8.50,100,40,0,0",
        "line 4, column \"declared\": expected a time as yyyy-MM-dd",
    );
    check_fault(
        "D03,2026-03-01,测试进口甲,dear,100,40,0,0",
        "line 4, column \"unit price\": expected a decimal for line.price",
    );
    check_fault(
        "D03,2026-03-01,测试进口甲,1.1234567,100,40,0,0",
        "line 4, column \"unit price\": expected a decimal for line.price",
    );
    check_fault(
        "D03,2026-03-01,测试\0甲,8.50,100,40,0,0",
        "line 4, column \"importer\": expected at most 256 printable characters for \
         trade.merchant",
    );
    check_fault(
        ",2026-03-01,测试进口甲,8.50,100,40,0,0",
        "line 4, column \"declaration\": expected 1 to 60 printable characters",
    );
    check_fault(
        "D03,2026-03-01,测试进口甲,8.50,100,40,0,much",
        "line 4, column \"recovered\": expected a decimal",
    );
    check_fault("D03,2026-03-01,8.50", "line 4: expected 8 fields, found 3");
    check_fault("D03,2026-03-01,\"测试进口甲,8.50,100,40,0,0", "line 1: a quote is not closed");
    let huge = format!("D03,2026-03-01,{},8.50,100,40,0,0", "x".repeat(20_000));
    check_fault(&huge, "line 4: expected fields of at most 16384 bytes");
    let long = format!("D03,2026-03-01,{},8.50,100,40,0,0", "x".repeat(300));
    let expected = "line 4, column \"importer\": expected at most 256 printable characters for \
                    trade.merchant";
    check_fault(&long, expected);
}

#[test]
fn a_quoted_field_with_lines_inside_does_not_move_the_lines_after_it() {
    let table = "declaration,declared,importer,unit price,value,quantity,illicit,recovered\n\
                 D01,2026-03-01,\"测试, \"\"甲\"\"\",8.50,100,40,0,0\n\"D02\n\",2026-03-01,a,1,1,1,0,0\n\
                 D03,2026-03-01,a,x,1,1,0,0\n";
    let found = sheet::sheet_of(table, &mapping()).unwrap_err();
    assert_eq!(found, "line 5, column \"unit price\": expected a decimal for line.price");
}

#[test]
fn a_mapping_that_does_not_fit_is_refused() {
    let check = |change: fn(&mut Mapping), expected: &str| {
        let mut changed = mapping();
        change(&mut changed);
        assert_eq!(sheet::sheet_of(TABLE, &changed).unwrap_err(), expected);
    };
    check(
        |own| own.subject = "number".to_owned(),
        "line 1: subject: there is no column \"number\"",
    );
    check(|own| own.separator = "::".to_owned(), "separator: expected one character, found \"::\"");
    check(
        |own| own.time.format = "dd/MM".to_owned(),
        "time: expected a format with yyyy, MM and dd, or seconds, found \"dd/MM\"",
    );
    check(
        |own| own.observed.retain(|subject| subject.name() != "line"),
        "facts: nothing that is observed has line.price",
    );
    let unknown = MAPPING.replace("line.price", "line.prize");
    let unknown: Mapping = policy_file::read_as(unknown.as_bytes()).unwrap();
    let found = sheet::sheet_of(TABLE, &unknown).unwrap_err();
    assert_eq!(found, "facts: \"line.prize\" is no fact; docs/spec/risk.md lists them");
    let other = MAPPING.replacen("type: decimal", "type: text", 1);
    let other: Mapping = policy_file::read_as(other.as_bytes()).unwrap();
    assert!(sheet::sheet_of(TABLE, &other).unwrap_err().contains("is of type decimal, not text"));
    let field = MAPPING.replace("subject:", "subjct:");
    let fault = policy_file::read_as::<Mapping>(field.as_bytes()).unwrap_err();
    assert!(fault.place.is_some(), "{fault}");
}

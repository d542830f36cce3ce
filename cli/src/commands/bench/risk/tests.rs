#![allow(clippy::unwrap_used, reason = "tests may panic")]

use super::*;
use kanhe_gateway::world::full::risk::RiskPattern;

fn report(trades: usize) -> Report {
    let config = RiskConfig {
        seed: 3,
        trades,
        start: START.parse().unwrap(),
        parameters: RiskParameters::written(),
    };
    measure(config, None).unwrap()
}

#[test]
fn what_is_counted_agrees_with_the_truth() {
    let config = RiskConfig {
        seed: 3,
        trades: 2_000,
        start: START.parse().unwrap(),
        parameters: RiskParameters::written(),
    };
    let truth = RiskWorld::new(config).truth().clone();
    let report = report(2_000);
    let Judgement { overall, patterns, rules, budgets, organisations } = &report.judgement;
    assert_eq!(report.refused, 0);
    for row in patterns {
        assert_eq!(row.planted, truth.planted.get(&row.pattern).copied().unwrap_or(0));
        assert!(row.found <= row.planted && row.named <= row.planted && row.named <= row.hit);
    }
    let planted: usize = truth.planted.values().sum();
    assert_eq!(overall.planted, planted);
    assert_eq!(patterns.iter().map(|row| row.planted).sum::<usize>(), planted);
    assert_eq!(patterns.iter().map(|row| row.found).sum::<usize>(), overall.found);
    let value: u64 = truth.trades.iter().map(|trade| trade.value).sum();
    assert_eq!(patterns.iter().map(|row| row.value).sum::<u64>(), value);
    for row in rules {
        assert_eq!(row.hit, row.right + row.other + row.wrong, "{row:?}");
        assert!(row.hit as u64 <= row.fired, "{row:?}");
        assert!(row.look_alikes.values().sum::<usize>() <= row.wrong, "{row:?}");
    }
    for row in budgets {
        assert!(row.value_percent <= row.best_percent && row.offending <= row.inspected);
    }
    let hugging = organisations.iter().find(|r| r.pattern == Some(RiskPattern::ThresholdHugging));
    assert!(0 < hugging.unwrap().organisations);
    assert!(report.features.iter().all(|row| row.records_end <= row.records_peak));
    assert!(0 < report.cost.bytes_peak && report.cost.bytes_end <= report.cost.bytes_peak);
}

#[test]
fn the_starting_rules_look_for_what_is_planted() {
    for rule in RiskPolicy::default().rules {
        assert!(judge::pattern_of(&rule.pattern).is_some(), "{}", rule.pattern);
    }
}

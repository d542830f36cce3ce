//! Earlier trades of a ring: they are found with the trade that shows it.

use super::*;
use crate::event::Event;
use crate::export as exports;
use crate::limits::RECENT_MAX;
use crate::risk::{Feature, Measure, Window, rule_record};

fn feature(name: &str, on: Subject, measure: Measure) -> Feature {
    Feature {
        name: name.to_owned(),
        on,
        key: vec!["trade.merchant".to_owned()],
        when: None,
        measure,
        of: None,
        percent: None,
        window: Window::Day,
    }
}

/// Of so many trades of one merchant in a day the last shows what they all are.
pub(super) fn ring_of(on: Subject, trades: u32) -> RiskPolicy {
    let when = format!("feature.trades >= {trades}");
    let own = rule("R01", on, &when, 40, Role::Tax);
    let own = RiskRule { reaches: vec!["feature.remembered".to_owned()], ..own };
    let features =
        vec![feature("trades", on, Measure::Count), feature("remembered", on, Measure::Recent)];
    RiskPolicy { features, ..ruled(vec![own]) }
}

/// The same, and held.
pub(super) fn held_ring_of(trades: u32) -> RiskPolicy {
    let mut policy = ring_of(Subject::Trade, trades);
    policy.alerts.hold_from = Some(Level::Medium);
    policy
}

#[test]
fn the_first_trades_of_a_ring_are_found_with_the_last() {
    let mut world = watching(ring_of(Subject::Trade, 3));
    let trades = [1, 2, 3, 4].map(Trade::new);
    world.traded(&trades[0]);
    world.traded(&trades[1]);
    assert_eq!(world.assessed(&suspect(&trades[0])), None);
    world.traded(&trades[2]);
    let shown = world.assessed(&suspect(&trades[2])).unwrap();
    for (trade, alert) in [(&trades[0], 1), (&trades[1], 2)] {
        let found = world.assessed(&suspect(trade)).unwrap();
        assert_eq!((found.score, found.level, found.alert), (40, Level::Medium, Some(alert)));
        // The hit is that of the trade that showed it.
        assert_eq!(found.hits, shown.hits);
        assert_eq!(found.hits[0].case, Some((Direction::Import, trades[2].case_key())));
        // An alert that holds nothing changes nothing that the parties see.
        let case = world.case(trade);
        assert!(!case.risk.is_held && case.changed_height < world.height);
        let raised = world.alert(alert);
        assert_eq!((raised.suspect, raised.owner), (suspect(trade), code(TAX)));
        assert_eq!(raised.merchant, Some(code(fixture::MERCHANT)));
    }
    assert_eq!(shown.alert, Some(3));
    assert_eq!(rule_record(&world.state, 1, "R01").unwrap().fired, 3);

    // What was said once is not said again.
    let before = trades.each_ref().map(|own| world.assessed(&suspect(own)));
    world.traded(&trades[3]);
    let after = trades.each_ref().map(|own| world.assessed(&suspect(own)));
    assert_eq!(before[..3], after[..3]);
    assert_eq!(after[3].as_ref().unwrap().alert, Some(4));
    assert_eq!(rule_record(&world.state, 1, "R01").unwrap().fired, 4);
}

#[test]
fn trades_of_one_block_are_reached_like_others() {
    let mut world = watching(ring_of(Subject::Trade, 3));
    let trades = world.many(1..=3);
    for trade in &trades {
        let found = world.assessed(&suspect(trade)).unwrap();
        assert_eq!(found.hits[0].case, Some((Direction::Import, trades[2].case_key())));
        assert!(found.alert.is_some());
    }
}

#[test]
fn what_is_reached_is_held_unless_it_was_released() {
    let mut world = watching(held_ring_of(3));
    let trades = [1, 2, 3].map(Trade::new);
    world.traded(&trades[0]);
    world.traded(&trades[1]);
    assert!(matches!(world.releases(&trades[0]), Outcome::Accepted { .. }));
    world.traded(&trades[2]);
    let states = trades.each_ref().map(|own| world.case(own).state);
    assert_eq!(states, [CaseState::Released, CaseState::Held, CaseState::Held]);
    let holds = trades.each_ref().map(|own| {
        let number = world.assessed(&suspect(own)).unwrap().alert.unwrap();
        (world.alert(number).holds, world.case(own).risk.is_held)
    });
    assert_eq!(holds, [(false, false), (true, true), (true, true)]);
    assert_eq!(rejection(&refusal(world.releases(&trades[1]))), Rejection::HeldByAlert);
    // Parties hear of what is held as of every other change, in the order of keys.
    let changed: Vec<CaseKey> = world
        .events
        .iter()
        .filter_map(|event| match event {
            Event::CaseChanged { case, .. } => Some(case.clone()),
            _ => None,
        })
        .collect();
    assert!(changed.is_sorted(), "{changed:?}");
}

#[test]
fn exports_are_reached_like_imports() {
    let mut policy = ring_of(Subject::Export, 2);
    policy.alerts.hold_from = Some(Level::Medium);
    let mut world = watching(policy);
    let trades = [1, 2].map(Trade::new);
    for trade in &trades {
        for document in &export::documents(trade)[..4] {
            world.accept(document);
        }
    }
    for trade in &trades {
        let suspect = Suspect::Trade { direction: Direction::Export, case: trade.case_key() };
        let found = world.assessed(&suspect).unwrap();
        let case = exports::case(&world.state, &trade.case_key()).unwrap().unwrap();
        assert!(found.alert.is_some() && case.risk.is_held);
        assert_eq!(case.state, CaseState::Held);
    }
}

#[test]
fn only_the_last_trades_of_the_window_are_reached() {
    let most = u32::try_from(RECENT_MAX).unwrap();
    let mut world = watching(ring_of(Subject::Trade, most + 2));
    world.many(1..=1);
    world.wait(DAY);
    let trades = world.many(11..=u64::from(most) + 12);
    let found: Vec<bool> =
        trades.iter().map(|own| world.assessed(&suspect(own)).is_some()).collect();
    // The one that fires is remembered, too.
    let expected: Vec<bool> = (0..trades.len()).map(|place| 2 < place + 1).collect();
    assert_eq!(found, expected);
    assert_eq!(world.assessed(&suspect(&Trade::new(1))), None, "of the day before");
}

//! What is counted, in which order, when it is forgotten, and what is said of organisations.

use super::*;
use crate::limits::FORGET_KEYS_MAX;
use crate::risk::{Feature, Measure, Window, rule_record};
use crate::state_key::FEATURE;

/// Parcels of a merchant in a day, and of a buyer.
fn counting() -> RiskPolicy {
    let feature = |name: &str, key: &str| Feature {
        name: name.to_owned(),
        on: Subject::Trade,
        key: vec![key.to_owned()],
        when: None,
        measure: Measure::Count,
        of: None,
        percent: None,
        window: Window::Day,
    };
    let when = "feature.parcels >= 3 && feature.orders < 2 && last.parcels == 0";
    let rules = vec![rule("R01", Subject::Trade, when, 40, Role::Tax)];
    let features = vec![feature("parcels", "trade.merchant"), feature("orders", "trade.buyer")];
    RiskPolicy { features, ..ruled(rules) }
}

#[test]
fn cases_of_one_block_count_in_the_order_of_their_keys() {
    let mut world = watching(counting());
    let trades: Vec<Trade> = [4, 3, 2, 1].map(Trade::new).to_vec();
    let makers = [fixture::list, fixture::waybill, fixture::payment, fixture::order];
    let of_kind = makers.map(|maker| {
        let documents: Vec<Document> = trades.iter().map(maker).collect();
        let signer = fixture::signer(&trades[0], &documents[0]);
        fixture::submission(&GENESIS, &signer, 9, &documents)
    });
    world.execute(&of_kind);
    let fired: Vec<bool> =
        (1..=4).map(|own| world.assessed(&suspect(&Trade::new(own))).is_some()).collect();
    assert_eq!(fired, [false, false, true, true]);
    assert_eq!(rule_record(&world.state, 1, "R01").unwrap().fired, 2);
    let values = &world.assessed(&suspect(&Trade::new(3))).unwrap().hits[0].values;
    let expected = [("feature.parcels", "3"), ("feature.orders", "1"), ("last.parcels", "0")];
    for (name, value) in expected {
        assert!(values.contains(&(name.to_owned(), value.to_owned())), "{name}: {values:?}");
    }
}

#[test]
fn the_day_before_counts_as_the_last_and_then_not_at_all() {
    let mut world = watching(counting());
    world.many(1..=3);
    assert!(world.assessed(&suspect(&Trade::new(3))).is_some());
    world.wait(DAY);
    world.many(11..=13);
    assert_eq!(world.assessed(&suspect(&Trade::new(13))), None, "there were some the day before");
    world.wait(2 * DAY);
    world.many(21..=23);
    assert!(world.assessed(&suspect(&Trade::new(23))).is_some());
}

#[test]
fn features_are_forgotten_by_block_time() {
    let mut world = watching(counting());
    world.many(1..=90);
    world.many(101..=190);
    world.many(201..=290);
    let held = world.state.count(FEATURE);
    assert_eq!(held, 271, "one merchant and 270 buyers");
    const { assert!(FORGET_KEYS_MAX < 271) };
    // What goes on counting is kept.
    world.wait(DAY);
    world.many(301..=301);
    world.wait(2 * DAY);
    for _ in 0..3 {
        world.execute(&[]);
    }
    assert_eq!(world.state.count(FEATURE), 2, "the merchant, and the buyer of the day after");
    for _ in 0..6 {
        world.wait(DAY);
    }
    assert_eq!(world.state.count(FEATURE), 0);
    assert_eq!(world.state.count(0x66), 0, "nothing notes them any more");
    // After a long time without a block it begins again.
    world.wait(900 * DAY);
    world.many(401..=403);
    assert!(world.assessed(&suspect(&Trade::new(403))).is_some());
}

/// A merchant whose imports do not match is suspicious.
fn careless() -> RiskPolicy {
    let when = "turn.after == 'mismatched'";
    let own = rule("R09", Subject::Turn, when, 50, Role::Market);
    let mut policy = ruled(vec![RiskRule { target: Target::Merchant, ..own }]);
    policy.alerts.remember_days = 10;
    policy
}

fn mismatched(world: &mut World, number: u64) {
    let case = world.trade_with(&Trade::new(number), mismatching);
    assert_eq!(case.state, CaseState::Mismatched);
}

#[test]
fn an_organisation_is_assessed_and_what_it_did_is_forgotten() {
    let mut world = watching(careless());
    let merchant = organisation_of(fixture::MERCHANT);
    mismatched(&mut world, 1);
    let found = world.assessed(&merchant).unwrap();
    assert_eq!((found.score, found.level, found.alert), (50, Level::Medium, Some(1)));
    assert_eq!(found.hits[0].case, Some((Direction::Import, Trade::new(1).case_key())));
    let raised = world.alert(1);
    assert_eq!((&raised.owner, raised.holds), (&code(MARKET), false));
    assert_eq!(world.assessed(&suspect(&Trade::new(1))), None, "the trade is not suspected");

    // The same rule again takes the place of what it said before, and raises nothing.
    world.does(MARKET, &dispose(1, Disposition::Release));
    world.wait(9 * DAY);
    mismatched(&mut world, 2);
    let found = world.assessed(&merchant).unwrap();
    assert_eq!((found.score, found.hits.len(), found.alert), (50, 1, Some(1)));

    // After so many days it is as if it had never been.
    world.wait(11 * DAY);
    mismatched(&mut world, 3);
    let found = world.assessed(&merchant).unwrap();
    assert_eq!((found.score, found.hits.len(), found.alert), (50, 1, Some(2)));
}

#[test]
fn a_policy_without_rules_leaves_no_trace() {
    let mut world = watching(ruled(Vec::new()));
    world.many(1..=3);
    world.wait(DAY);
    for prefix in [FEATURE, 0x61, 0x62, 0x64, 0x65, 0x66, 0x67] {
        assert_eq!(world.state.count(prefix), 0, "{prefix:x}");
    }
}

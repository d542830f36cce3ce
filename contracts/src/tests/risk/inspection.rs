//! What is inspected: by score and by chance, within a budget, the same on every node.

use super::*;
use crate::risk::{AlertCause, version_record};

/// Nothing is suspicious; so many of a thousand may be inspected, so many of them by chance.
fn drawing(budget: u16, random: u16) -> RiskPolicy {
    let mut policy = ruled(Vec::new());
    policy.inspection.budget_per_mille = budget;
    policy.inspection.random_per_mille = random;
    policy
}

/// Which of 60 imports of one block are inspected after a block.
fn drawn(policy: RiskPolicy, parent: Hash) -> Vec<u64> {
    let mut world = watching(policy);
    let trades: Vec<Trade> = (1..=60).map(Trade::new).collect();
    let makers = [fixture::order, fixture::payment, fixture::waybill, fixture::list];
    let submissions = makers.map(|maker| {
        let documents: Vec<Document> = trades.iter().map(maker).collect();
        let signer = fixture::signer(&trades[0], &documents[0]);
        fixture::submission(&GENESIS, &signer, 9, &documents)
    });
    let policy = world.policy_at(1);
    let plain = BlockContext::plain(GENESIS, 1, world.time, &policy);
    let context = BlockContext { programs: policy.programs(), parent, ..plain };
    let identified = submissions.iter().map(|own| (own.header.id(&GENESIS), own));
    let effects = execute(&context, &world.state, identified).unwrap();
    world.state.apply_block(&effects);
    let assessed = |own: u64| world.assessed(&suspect(&Trade::new(own)));
    let chosen = (1..=60).filter(|own| assessed(*own).is_some_and(|held| held.alert.is_some()));
    let chosen: Vec<u64> = chosen.collect();
    let version = version_record(&world.state, 1).unwrap();
    assert_eq!((version.trades, version.by_chance), (60, chosen.len() as u64));
    chosen
}

#[test]
fn what_is_inspected_by_chance_follows_from_the_block_before() {
    let policy = drawing(1_000, 500);
    let first = drawn(policy.clone(), Hash([1; 32]));
    assert_eq!(drawn(policy.clone(), Hash([1; 32])), first);
    assert_ne!(drawn(policy, Hash([2; 32])), first);
    assert!((15..=45).contains(&first.len()), "{first:?}");
}

#[test]
fn no_more_is_inspected_than_the_budget_says() {
    assert_eq!(drawn(drawing(50, 50), Hash([1; 32])).len().max(3), 3);
    assert_eq!(drawn(drawing(100, 100), Hash([1; 32])).len().max(6), 6);
    assert!(drawn(drawing(0, 0), Hash([1; 32])).is_empty());
    assert_eq!(drawn(drawing(1_000, 1_000), Hash([1; 32])).len(), 60);
}

#[test]
fn an_inspection_holds_where_the_policy_says_so() {
    for hold in [false, true] {
        let mut policy = drawing(1_000, 1_000);
        policy.inspection.hold = hold;
        let (mut world, trade) = (watching(policy), Trade::new(1));
        let state = if hold { CaseState::Held } else { CaseState::Matched };
        assert_eq!(world.traded(&trade).state, state);
        let raised = world.alert(1);
        assert_eq!((raised.cause, raised.holds), (AlertCause::InspectionByChance, hold));
        assert_eq!((&raised.owner, raised.rules.len()), (&code(AGENCY), 0));
        world.does(AGENCY, &dispose(1, Disposition::Release));
        world.does(AGENCY, &review(1, ReviewOutcome::TruePositive, Some("5")));
        let version = version_record(&world.state, 1).unwrap();
        assert_eq!((version.chance_true, version.risk_true), (1, 0));
    }
}

#[test]
fn what_is_suspicious_is_inspected_before_it_raises_an_alert_by_its_score() {
    let mut policy = every_import();
    policy.rules[0].weight = 10;
    policy.inspection.budget_per_mille = 1_000;
    let (mut world, trade) = (watching(policy), Trade::new(1));
    world.traded(&trade);
    let raised = world.alert(1);
    assert_eq!((raised.cause, raised.level), (AlertCause::InspectionByRisk, Level::Low));
    assert_eq!(raised.owner, code(TAX), "by the rule that fired");
    assert_eq!(version_record(&world.state, 1).unwrap().by_risk, 1);
}

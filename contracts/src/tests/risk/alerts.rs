//! Alerts: raised once, held, disposed of, reviewed, and whose they are.

use super::*;
use crate::risk::{AlertCause, rule_record, version_record};

#[test]
fn a_trade_is_observed_once_when_it_is_complete() {
    let (mut world, trade) = (watching(every_import()), Trade::new(1));
    let mut all = documents(&trade);
    all.iter_mut().for_each(mismatching);
    for document in &all[..3] {
        world.accept(document);
    }
    assert_eq!(world.assessed(&suspect(&trade)), None);
    world.accept(&all[3]);
    let found = world.assessed(&suspect(&trade)).unwrap();
    assert_eq!((found.score, found.level, found.alert), (40, Level::Medium, Some(1)));
    let [hit] = found.hits.as_slice() else { panic!("{found:?}") };
    assert_eq!((hit.rule.as_str(), hit.on, hit.height), ("R01", Some(Subject::Trade), 4));
    let raised = world.alert(1);
    assert_eq!((raised.owner, raised.cause), (code(TAX), AlertCause::Score));
    assert_eq!((raised.state, raised.holds), (AlertState::Raised, false));
    assert_eq!(raised.due.0 - raised.raised.0, 72 * HOUR);
    assert_eq!(world.case(&trade).state, CaseState::Mismatched);
    assert_eq!((world.book(TAX), world.book(AGENCY)), (vec![1], vec![]));

    // What comes later, and a list that is taken back and declared again, adds nothing.
    world.accept(&fixture::attestation(&trade));
    world.accept(&later(&all[3], AppType::Delete, 5));
    assert_eq!(world.case(&trade).state, CaseState::Collecting);
    world.accept(&later(&all[3], AppType::Add, 6));
    assert_eq!(world.case(&trade).state, CaseState::Mismatched);
    assert_eq!(world.assessed(&suspect(&trade)), Some(found));
    assert_eq!(rule_record(&world.state, 1, "R01").unwrap().fired, 1);
    assert_eq!(version_record(&world.state, 1).unwrap().trades, 1);
}

#[test]
fn a_merchant_that_declares_again_does_not_shake_off_its_alert() {
    let (mut world, trade) = (watching(every_import()), Trade::new(1));
    world.trade_with(&trade, mismatching);
    let list = fixture::list(&trade);
    world.accept(&later(&list, AppType::Delete, 5));
    world.does(MARKET, &signal(suspect(&trade), 5, true));
    assert_eq!(world.case(&trade).state, CaseState::Held);
    world.accept(&later(&list, AppType::Add, 6));
    assert_eq!(world.case(&trade).state, CaseState::Held);
    // What is held is not declared otherwise, and not taken back.
    for app_type in [AppType::Change, AppType::Delete] {
        let refused = world.reject(&later(&list, app_type, 7));
        assert_eq!(rejection(&refused), Rejection::CaseMatched);
        assert_eq!(refused.found, "held");
    }
    assert_eq!(rejection(&refusal(world.releases(&trade))), Rejection::HeldByAlert);
    assert_eq!((world.alert(1).holds, alert(&world.state, 2).unwrap()), (true, None));
}

#[test]
fn scores_add_up_and_the_dearest_rule_says_whose_the_alert_is() {
    let (mut world, trade) = (
        watching(ruled(vec![
            rule("R01", Subject::Trade, "trade.lines >= 1", 20, Role::Tax),
            rule("R02", Subject::Trade, "!trade.payer_is_buyer", 45, Role::Market),
            rule("R03", Subject::Trade, "trade.lines > 99", 99, Role::Tax),
        ])),
        Trade::new(1),
    );
    world.trade_with(&trade, |document| {
        let kind = kanhe_types::pseudonym::PersonalKind::IdentityNumber;
        payment(document, |own| own.payer_id_number = fixture::pseudonym(kind, "测试乙"));
    });
    let found = world.assessed(&suspect(&trade)).unwrap();
    assert_eq!((found.score, found.level), (65, Level::High));
    assert_eq!(found.hits[0].values, [("trade.lines".to_owned(), "2".to_owned())]);
    assert_eq!(found.hits[1].values, [("trade.payer_is_buyer".to_owned(), "false".to_owned())]);
    let raised = world.alert(1);
    assert_eq!((raised.owner, raised.rules), (code(MARKET), vec!["R01".into(), "R02".into()]));
    assert_eq!(raised.due.0 - raised.raised.0, 24 * HOUR, "the term of its level");

    // Below the level of alerts there is an assessment and no alert.
    let other = Trade::new(2);
    world.traded(&other);
    let found = world.assessed(&suspect(&other)).unwrap();
    assert_eq!((found.score, found.level, found.alert), (20, Level::Low, None));
}

#[test]
fn an_alert_holds_its_trade_until_it_is_released() {
    let (mut world, trade) = (watching(every_import_held()), Trade::new(1));
    assert_eq!(world.traded(&trade).state, CaseState::Held);
    assert!(world.alert(1).holds);
    let refused = refusal(world.releases(&trade));
    assert_eq!(rejection(&refused), Rejection::HeldByAlert);
    world.does(TAX, &assign(1));
    assert_eq!(world.alert(1).state, AlertState::Assigned);
    for disposition in [Disposition::Inspect, Disposition::Hold] {
        world.does(TAX, &dispose(1, disposition));
        let alert = world.alert(1);
        assert_eq!((alert.state, alert.holds), (AlertState::Disposed, true));
        assert_eq!(world.case(&trade).state, CaseState::Held);
        assert_eq!(rejection(&refusal(world.releases(&trade))), Rejection::HeldByAlert);
    }
    world.does(TAX, &dispose(1, Disposition::Release));
    assert!(!world.alert(1).holds);
    assert_eq!(world.case(&trade).state, CaseState::Matched);
    assert!(matches!(world.releases(&trade), Outcome::Accepted { .. }));
    assert_eq!(world.case(&trade).state, CaseState::Released);
    world.does(TAX, &review(1, ReviewOutcome::FalsePositive, None));
    assert_eq!(world.alert(1).steps.len(), 5);
}

#[test]
fn what_is_rejected_goes_on_by_no_later_alert_and_no_later_signal() {
    let (mut world, trade) = (watching(every_import_held()), Trade::new(1));
    world.traded(&trade);
    world.does(TAX, &dispose(1, Disposition::Reject));
    assert_eq!(world.declines(TAX, &dispose(1, Disposition::Release)), Rejection::AlertNotNow);
    // The signal raises another alert; the trade stays where it is.
    world.does(MARKET, &signal(suspect(&trade), 5, false));
    let second = world.alert(2);
    assert_eq!((second.cause, second.holds), (AlertCause::Signal, true));
    assert_eq!(world.case(&trade).state, CaseState::Held);
    assert_eq!(rejection(&refusal(world.releases(&trade))), Rejection::HeldByAlert);
    // What an earlier alert turned out to be says nothing of where the trade stands.
    world.does(TAX, &review(1, ReviewOutcome::TruePositive, None));
    assert_eq!(world.assessed(&suspect(&trade)).unwrap().alert, Some(2));
    assert!(world.case(&trade).risk.is_held);
}

#[test]
fn what_is_inspected_raises_no_second_alert() {
    let (mut world, trade) = (watching(every_import_held()), Trade::new(1));
    world.traded(&trade);
    world.does(TAX, &dispose(1, Disposition::Inspect));
    world.does(MARKET, &signal(suspect(&trade), 50, false));
    assert_eq!(alert(&world.state, 2).unwrap(), None);
    assert_eq!(world.assessed(&suspect(&trade)).unwrap().score, 90);
    assert_eq!(world.case(&trade).state, CaseState::Held);
}

#[test]
fn who_may_not_act_is_refused() {
    let (mut world, trade) = (watching(every_import_held()), Trade::new(1));
    world.traded(&trade);
    let before = world.alert(1);
    for document in [
        assign(1),
        dispose(1, Disposition::Release),
        review(1, ReviewOutcome::TruePositive, None),
        transfer(1, MARKET),
    ] {
        assert_eq!(world.declines(MARKET, &document), Rejection::AlertNotIts);
        assert_eq!(world.declines(AGENCY, &document), Rejection::AlertNotIts);
        for enterprise in [fixture::MERCHANT, fixture::PLATFORM, fixture::DECLARANT] {
            assert_eq!(world.declines(enterprise, &document), Rejection::RoleMissing);
        }
    }
    assert_eq!(world.declines(fixture::MERCHANT, &assign(9)), Rejection::RoleMissing);
    assert_eq!(world.declines(TAX, &assign(0)), Rejection::AlertUnknown);
    assert_eq!(world.declines(TAX, &assign(2)), Rejection::AlertUnknown);
    assert_eq!(world.declines(TAX, &assign(u64::MAX)), Rejection::AlertUnknown);
    let early = review(1, ReviewOutcome::TruePositive, None);
    assert_eq!(world.declines(TAX, &early), Rejection::AlertNotNow);
    assert_eq!(world.alert(1), before);

    world.does(TAX, &dispose(1, Disposition::Release));
    assert_eq!(world.declines(TAX, &assign(1)), Rejection::AlertNotNow);
    assert_eq!(world.declines(TAX, &dispose(1, Disposition::Reject)), Rejection::AlertNotNow);
    world.does(TAX, &early);
    let after = world.alert(1);
    let later = [
        dispose(1, Disposition::Hold),
        transfer(1, MARKET),
        review(1, ReviewOutcome::FalsePositive, None),
        assign(1),
    ];
    for document in later {
        assert_eq!(world.declines(TAX, &document), Rejection::AlertNotNow);
    }
    assert_eq!(world.alert(1), after);
}

#[test]
fn a_repeated_act_changes_nothing() {
    let (mut world, trade) = (watching(every_import_held()), Trade::new(1));
    world.traded(&trade);
    world.does(TAX, &assign(1));
    let first_height = world.height;
    assert_eq!(world.send_as(&code(TAX), &assign(1)), Outcome::Repeated { first_height });
    world.does(TAX, &transfer(1, MARKET));
    // The one who had it learns that it was done, and can do it no more.
    assert_eq!(world.send_as(&code(TAX), &assign(1)), Outcome::Repeated { first_height });
    assert_eq!(world.alert(1).steps.len(), 2);
    assert_eq!(world.declines(TAX, &dispose(1, Disposition::Release)), Rejection::AlertNotIts);
}

#[test]
fn a_transfer_gives_the_alert_and_a_new_term() {
    let (mut world, trade) = (watching(every_import_held()), Trade::new(1));
    world.traded(&trade);
    for to in [TAX, fixture::MERCHANT, "NOBODY"] {
        assert_eq!(world.declines(TAX, &transfer(1, to)), Rejection::CounterpartyUnfit, "{to}");
    }
    world.does(TAX, &assign(1));
    world.wait(70 * HOUR);
    world.does(TAX, &transfer(1, MARKET));
    let moved = world.alert(1);
    assert_eq!((&moved.owner, moved.state), (&code(MARKET), AlertState::Raised));
    assert!(moved.holds);
    assert_eq!(moved.due.0, world.time.0 + 72 * HOUR);
    assert_eq!((world.book(TAX), world.book(MARKET)), (vec![1], vec![1]));
    // The term that it had before says nothing any more.
    world.wait(4 * HOUR);
    assert_eq!(world.alert(1).escalated, None);
    // A height passes so many hours, and no more.
    world.wait(69 * HOUR);
    world.execute(&[]);
    world.execute(&[]);
    let late = world.alert(1);
    assert_eq!((late.escalated, late.owner), (Some(world.time), code(AGENCY)));
    assert_eq!(world.book(AGENCY), [1]);
}

#[test]
fn what_is_overdue_goes_to_the_agency_of_the_policy() {
    let (mut world, trade) = (watching(every_import()), Trade::new(1));
    world.traded(&trade);
    world.does(TAX, &assign(1));
    world.wait(72 * HOUR);
    assert_eq!(world.alert(1).owner, code(TAX), "the hour is not over");
    world.wait(HOUR);
    let late = world.alert(1);
    assert_eq!((&late.owner, late.state), (&code(AGENCY), AlertState::Raised));
    assert_eq!(late.escalated, Some(world.time));
    assert_eq!((world.book(TAX), world.book(AGENCY)), (vec![1], vec![1]));
    assert_eq!(world.declines(TAX, &dispose(1, Disposition::Release)), Rejection::AlertNotIts);
    world.does(AGENCY, &dispose(1, Disposition::Release));
    // Nothing escalates twice, and what is disposed of not at all.
    world.wait(200 * HOUR);
    assert_eq!(world.alert(1).state, AlertState::Disposed);
    let other = Trade::new(2);
    world.traded(&other);
    world.does(TAX, &dispose(2, Disposition::Release));
    world.wait(200 * HOUR);
    assert_eq!(world.alert(2).escalated, None);
}

#[test]
fn an_alert_with_a_shorter_term_is_overdue_before_an_earlier_one() {
    let mut world = watching(ruled(vec![
        rule("R01", Subject::Trade, "trade.payer_is_buyer", 40, Role::Tax),
        rule("R02", Subject::Trade, "!trade.payer_is_buyer", 95, Role::Tax),
    ]));
    let (slow, urgent) = (Trade::new(1), Trade::new(2));
    world.traded(&slow);
    world.trade_with(&urgent, |document| {
        let kind = kanhe_types::pseudonym::PersonalKind::IdentityNumber;
        payment(document, |own| own.payer_id_number = fixture::pseudonym(kind, "测试乙"));
    });
    assert_eq!(world.alert(2).level, Level::Critical);
    world.wait(5 * HOUR);
    assert_eq!((world.alert(1).escalated, world.alert(2).escalated), (None, Some(world.time)));
}

#[test]
fn many_overdue_alerts_are_looked_at_some_in_each_height() {
    let mut world = watching(every_import());
    world.many(1..=90);
    assert_eq!(world.book(TAX).len(), 90);
    let escalated =
        |world: &World| (1..=90).filter(|number| world.alert(*number).escalated.is_some()).count();
    world.wait(73 * HOUR);
    assert_eq!(escalated(&world), crate::limits::ALERTS_PER_HEIGHT_MAX);
    world.execute(&[]);
    assert_eq!(escalated(&world), 90);
    assert_eq!(world.book(AGENCY).len(), 90);
}

#[test]
fn an_alert_costs_no_more_however_many_fall_due_with_it() {
    const ALERTS: u64 = 1_100;
    let mut world = watching(every_import());
    let noted = |world: &World| world.state.longest(0x65);
    for first in (1..=ALERTS).step_by(100) {
        world.many(first..=first + 99);
    }
    // A list of at most 64 numbers, each of one byte, or three above 250.
    assert!(noted(&world).unwrap() <= 1 + 64 * 3);
    world.wait(73 * HOUR);
    for _ in 1..ALERTS.div_ceil(64) {
        world.execute(&[]);
    }
    let is_late = |number: u64| world.alert(number).escalated.is_some();
    assert_eq!((1..=ALERTS).find(|number| !is_late(*number)), None, "all in their hour");
    assert_eq!(noted(&world), None);
}

#[test]
fn rules_and_versions_of_the_policy_are_judged_by_reviews() {
    let mut world = watching(every_import());
    for number in 1..=3 {
        world.traded(&Trade::new(number));
        world.does(TAX, &dispose(number, Disposition::Release));
    }
    world.does(TAX, &review(1, ReviewOutcome::TruePositive, Some("100.5")));
    world.does(TAX, &review(2, ReviewOutcome::FalsePositive, None));
    world.policy.version = 2;
    world.traded(&Trade::new(4));
    world.does(TAX, &dispose(4, Disposition::Release));
    world.does(TAX, &review(4, ReviewOutcome::TruePositive, Some("7")));
    // Of what was raised under the first version, whatever is in force now.
    world.does(TAX, &review(3, ReviewOutcome::TruePositive, None));

    let first = rule_record(&world.state, 1, "R01").unwrap();
    assert_eq!((first.fired, first.true_positives, first.false_positives), (3, 2, 1));
    assert_eq!(first.recovered, fixture::decimal("100.5"));
    let second = rule_record(&world.state, 2, "R01").unwrap();
    assert_eq!((second.fired, second.true_positives, second.false_positives), (1, 1, 0));
    let version = version_record(&world.state, 1).unwrap();
    assert_eq!((version.trades, version.alerts), (3, 3));
    assert_eq!((version.risk_true, version.risk_false), (2, 1));
    assert_eq!(version_record(&world.state, 2).unwrap().recovered, fixture::decimal("7"));
}

#[test]
fn what_an_act_says_is_checked() {
    let (mut world, trade) = (watching(every_import()), Trade::new(1));
    world.traded(&trade);
    world.does(TAX, &dispose(1, Disposition::Release));
    for (outcome, recovered) in
        [(ReviewOutcome::TruePositive, "-1"), (ReviewOutcome::FalsePositive, "1")]
    {
        let faulty = review(1, outcome, Some(recovered));
        assert_eq!(world.declines(TAX, &faulty), Rejection::RiskMalformed);
    }
    let long = AlertAct::Assign { desk: "D".repeat(41) };
    assert!(matches!(world.send_as(&code(TAX), &act(1, long)), Outcome::Rejected(_)));
    world.does(TAX, &review(1, ReviewOutcome::FalsePositive, Some("0")));
}

#[test]
fn a_case_changes_only_when_an_alert_begins_or_ceases_to_hold_it() {
    let (mut world, trade) = (watching(every_import()), Trade::new(1));
    let before = world.traded(&trade);
    world.does(TAX, &assign(1));
    world.does(TAX, &dispose(1, Disposition::Release));
    world.does(TAX, &review(1, ReviewOutcome::FalsePositive, None));
    world.does(MARKET, &signal(suspect(&trade), 5, false));
    world.does(TAX, &dispose(2, Disposition::Release));
    assert_eq!(world.case(&trade), before);
    // Another alert, which holds it; then it does not any more.
    world.does(MARKET, &signal(suspect(&trade), 6, true));
    let held = world.case(&trade);
    assert_eq!((held.state, held.changed_height), (CaseState::Held, world.height));
    world.does(TAX, &assign(3));
    assert_eq!(world.case(&trade), held);
    world.does(TAX, &dispose(3, Disposition::Release));
    assert_eq!(world.case(&trade).state, before.state);
}

//! What follows from a merchant's grade for its trades: by when documents are due, and the green
//! channel.

use super::*;
use crate::export;
use crate::fixture::export as own;
use crate::matching::RuleId;
use crate::policy::{Measures, ZoneGrade, ZoneSupervision};
use crate::risk::{AlertCause, MerchantTerms, SupervisionTerms};
use crate::state_key::supervision_terms_key_bytes;

/// Every grade is supervised so.
pub(super) fn supervised(world: &mut World, measures: Measures) {
    let row = |grade| ZoneSupervision { grade, measures };
    world.policy.credit.zone_supervision = ZoneGrade::ALL.into_iter().map(row).collect();
}

fn due_in(days: u16) -> Measures {
    Measures { deadline_days: Some(days), ..Measures::default() }
}

/// A world in which the merchant of the fixture was assessed today, and has so many days.
fn hurried(days: u16) -> World {
    let mut world = watching(ruled(Vec::new()));
    supervised(&mut world, due_in(days));
    world.traded(&Trade::new(1));
    world
}

fn terms(world: &World) -> Option<SupervisionTerms> {
    crate::case::load(&world.state, &supervision_terms_key_bytes()).unwrap()
}

/// The fewest days after which a trade is overdue that has its order only, and when nothing of it
/// changes any more.
fn overdue_after(world: &mut World, trade: &Trade) -> u64 {
    world.accept(&fixture::order(trade));
    (1..=9)
        .find(|_| {
            world.wait(DAY);
            world.case(trade).state == CaseState::Overdue
        })
        .unwrap()
}

#[test]
fn documents_are_due_by_the_stricter_of_policy_and_grade() {
    for (days, expected) in [(3, 3), (6, 6), (7, 7), (30, 7)] {
        let mut world = hurried(days);
        let trade = Trade::new(2);
        assert_eq!(overdue_after(&mut world, &trade), expected, "{days}");
        let case = world.case(&trade);
        assert_eq!(case.risk.collect_days, (days < 7).then_some(days));
        let found = findings(&case, RuleId::M15);
        assert_eq!(found[0].left, expected.to_string());
        assert!(case.clearance.is_late);
    }
}

#[test]
fn whoever_has_no_short_term_writes_nothing_of_it() {
    assert_eq!(terms(&hurried(7)), None);
    let merchant = Trade::new(1).merchant;
    let own = MerchantTerms { merchant, days: Some(6), deposit_per_cent: None };
    assert_eq!(terms(&hurried(6)), Some(SupervisionTerms(vec![own])));
    let mut world = watching(ruled(Vec::new()));
    world.policy.credit = Policy::default().credit;
    world.traded(&Trade::new(1));
    assert_eq!(terms(&world), None, "nor whoever is fair by the policy that a zone begins with");
}

#[test]
fn a_term_ends_with_the_assessment_of_a_better_grade_and_stays_for_what_waits() {
    let mut world = hurried(3);
    world.accept(&fixture::order(&Trade::new(2)));
    supervised(&mut world, Measures::default());
    world.wait(DAY);
    assert!(terms(&world).is_some(), "nobody has assessed it again");
    world.traded(&Trade::new(3));
    assert_eq!(terms(&world), None);
    let trade = Trade::new(4);
    assert_eq!(overdue_after(&mut world, &trade), 7);
    assert_eq!(world.case(&Trade::new(2)).state, CaseState::Overdue, "of its three days");
    assert_eq!(world.case(&Trade::new(2)).risk.collect_days, Some(3));
}

#[test]
fn a_term_counts_from_the_first_document_whoever_sent_it() {
    let (mut world, trade) = (hurried(3), Trade::new(2));
    world.accept(&fixture::payment(&trade));
    world.wait(2 * DAY);
    assert_eq!(world.case(&trade).risk.collect_days, None, "a payment names no merchant");
    world.accept(&fixture::order(&trade));
    assert_eq!(world.case(&trade).state, CaseState::Collecting);
    world.wait(DAY);
    assert_eq!(world.case(&trade).state, CaseState::Overdue);
    let late = Trade::new(3);
    world.accept(&fixture::payment(&late));
    world.wait(4 * DAY);
    assert_eq!(world.case(&late).state, CaseState::Collecting);
    world.accept(&fixture::order(&late));
    assert_eq!(world.case(&late).state, CaseState::Overdue, "its term was over already");
    world.accept(&fixture::waybill(&late));
    world.accept(&fixture::list(&late));
    assert_eq!(world.case(&late).state, CaseState::Matched);
}

#[test]
fn exports_of_the_merchant_are_due_sooner_too() {
    let (mut world, trade) = (hurried(3), Trade::new(2));
    let order = own::order(&trade);
    let outcome = world.send_as(&fixture::signer(&trade, &order), &order);
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    let export = |world: &World| export::case(&world.state, &trade.case_key()).unwrap().unwrap();
    assert_eq!(export(&world).risk.collect_days, Some(3));
    world.wait(3 * DAY - 1);
    assert_eq!((export(&world).state, export(&world).is_late), (CaseState::Collecting, false));
    world.wait(1);
    assert_eq!((export(&world).state, export(&world).is_late), (CaseState::Overdue, true));
}

fn green() -> Measures {
    let (inspection_per_mille, green_channel) = (Some(0), Some(true));
    Measures { inspection_per_mille, green_channel, ..Measures::default() }
}

/// Every import of a merchant of the green channel has this score; everything may be inspected.
fn passing(weight: u8, change: impl FnOnce(&mut RiskPolicy)) -> World {
    let mut policy = every_import();
    policy.rules[0].weight = weight;
    policy.inspection.budget_per_mille = 1_000;
    policy.inspection.hold = true;
    change(&mut policy);
    let mut world = watching(policy);
    supervised(&mut world, green());
    world
}

#[test]
fn by_the_green_channel_nothing_is_inspected_by_a_low_score() {
    let trade = Trade::new(1);
    for (weight, cause) in
        [(20, None), (59, Some(AlertCause::Score)), (60, Some(AlertCause::InspectionByRisk))]
    {
        let mut world = passing(weight, |_| {});
        let case = world.traded(&trade);
        let found = world.assessed(&suspect(&trade)).unwrap();
        assert!(found.is_green);
        assert_eq!(found.alert.map(|own| world.alert(own).cause), cause, "{weight}");
        assert_eq!(case.risk.is_held, weight == 60, "{weight}");
    }
    // The same score is enough where the grade denies the channel.
    let mut world = passing(20, |_| {});
    supervised(&mut world, Measures { green_channel: Some(false), ..green() });
    world.traded(&trade);
    let is_green = world.assessed(&suspect(&trade)).unwrap().is_green;
    assert_eq!((is_green, world.alert(1).cause), (false, AlertCause::InspectionByRisk));
    // The best are drawn, too, as often as their grade says.
    let mut world = passing(20, |_| {});
    supervised(&mut world, Measures { inspection_per_mille: Some(1_000), ..green() });
    world.traded(&trade);
    let is_green = world.assessed(&suspect(&trade)).unwrap().is_green;
    assert_eq!((is_green, world.alert(1).cause), (true, AlertCause::InspectionByChance));
}

#[test]
fn what_the_policy_or_an_agency_holds_is_held_by_the_green_channel_too() {
    let trade = Trade::new(1);
    let held = |policy: &mut RiskPolicy| policy.alerts.hold_from = Some(Level::Medium);
    for (weight, is_held) in [(29, false), (30, true)] {
        let mut world = passing(weight, held);
        assert_eq!(world.traded(&trade).state == CaseState::Held, is_held, "{weight}");
    }
    let mut world = passing(1, held);
    assert_eq!(world.traded(&trade).state, CaseState::Matched);
    world.does(MARKET, &signal(suspect(&trade), 1, true));
    assert_eq!(world.case(&trade).state, CaseState::Held);
}

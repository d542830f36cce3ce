//! What credit and complaints do to trades that are observed.

use super::*;
use crate::policy::{Measures, ZoneGrade, ZoneSupervision};
use crate::risk::{AlertCause, MerchantDay};
use crate::state_key::merchant_day_key_bytes;

/// Every grade is inspected so often by chance.
fn supervised(world: &mut World, per_mille: u16) {
    let measures = Measures { inspection_per_mille: Some(per_mille), ..Measures::default() };
    let row = |grade| ZoneSupervision { grade, measures };
    world.policy.credit.zone_supervision = ZoneGrade::ALL.into_iter().map(row).collect();
}

#[test]
fn a_grade_decides_how_often_a_merchant_is_inspected() {
    let mut risk = ruled(Vec::new());
    risk.inspection.budget_per_mille = 1_000;
    let mut world = watching(risk);
    supervised(&mut world, 1_000);
    let trade = Trade::new(1);
    world.traded(&trade);
    assert_eq!(world.alert(1).cause, AlertCause::InspectionByChance);
    assert_eq!(world.alert(1).merchant.as_ref(), Some(&trade.merchant));
    let key = merchant_day_key_bytes(&trade.merchant);
    let day: MerchantDay = crate::case::load(&world.state, &key).unwrap().unwrap();
    assert_eq!((day.policy_version, day.inspection_per_mille), (1, Some(1_000)));
}

#[test]
fn rules_read_the_score_and_reviews_count_in_it() {
    let when = "trade.merchant_score > 0";
    let mut world = watching(ruled(vec![rule("R01", Subject::Trade, when, 40, Role::Customs)]));
    let trade = Trade::new(1);
    world.traded(&trade);
    let alert = world.alert(1);
    let owner = alert.owner.as_str().to_owned();
    world.does(&owner, &dispose(1, Disposition::Release));
    world.does(&owner, &review(1, ReviewOutcome::TruePositive, Some("12.5")));
    let month = crate::statistics::Month::of(world.time);
    let events = crate::credit::month_events(&world.state, month, &trade.merchant).unwrap();
    assert_eq!((events.alerts_confirmed, events.alerts_dismissed), (1, 0));
}

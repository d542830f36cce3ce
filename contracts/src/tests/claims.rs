//! Which case a waybill belongs to, and lists of foreign merchants.

use super::*;
use crate::limits::WAYBILL_CLAIMS_MAX;
use crate::matching::Reason;
use crate::registry::Role;

/// Trade `number` whose documents name the waybill of trade 1.
fn rival(number: u64) -> Trade {
    Trade { logistics_no: Trade::new(1).logistics_no, ..Trade::new(number) }
}

fn m11_reason(case: &Case) -> Option<Reason> {
    findings(case, RuleId::M11)[0].reason
}

#[test]
fn m11_a_waybill_that_two_lists_name_belongs_to_the_first() {
    let (mut world, first, second) = (world(), Trade::new(1), rival(2));
    world.accept(&fixture::list(&first));
    for document in [fixture::order(&second), fixture::payment(&second), fixture::list(&second)] {
        world.accept(&document);
    }
    let case = world.case(&second);
    assert_eq!(m11_reason(&case), Some(Reason::WaybillTaken));
    assert_eq!(case.state, CaseState::Mismatched);
    assert_eq!(verdict(&world.case(&first), RuleId::M11), Verdict::Pending);
}

#[test]
fn m11_a_waybill_of_another_order_is_not_shown() {
    let (mut world, first, second) = (world(), Trade::new(1), rival(2));
    world.accept(&fixture::waybill(&first));
    for document in [fixture::order(&second), fixture::payment(&second), fixture::list(&second)] {
        world.accept(&document);
    }
    let case = world.case(&second);
    assert_eq!(m11_reason(&case), Some(Reason::WaybillOfAnotherOrder));
    assert_eq!((case.waybill, case.state), (None, CaseState::Mismatched));
    // The order that it carries still gets it.
    world.accept(&fixture::list(&first));
    assert!(world.case(&first).waybill.is_some());
}

#[test]
fn m11_a_waybill_that_comes_late_goes_to_the_order_that_it_names() {
    let (mut world, first, second) = (world(), Trade::new(1), rival(2));
    world.accept(&fixture::list(&second));
    world.accept(&fixture::list(&first));
    assert_eq!(m11_reason(&world.case(&first)), Some(Reason::WaybillTaken));
    world.accept(&fixture::waybill(&first));
    assert!(world.case(&first).waybill.is_some());
    assert_eq!(verdict(&world.case(&first), RuleId::M11), Verdict::Pass);
    assert_eq!(m11_reason(&world.case(&second)), Some(Reason::WaybillOfAnotherOrder));
}

#[test]
fn m11_a_list_that_names_another_waybill_leaves_the_first_to_the_next() {
    let (mut world, first, second) = (world(), Trade::new(1), rival(2));
    world.accept(&fixture::list(&first));
    world.accept(&fixture::list(&second));
    assert_eq!(m11_reason(&world.case(&second)), Some(Reason::WaybillTaken));
    let mut moved = later(&fixture::list(&first), AppType::Change, 5);
    list(&mut moved, |list| list.logistics_no = "PARCELELSEWHERE".to_owned());
    world.accept(&moved);
    assert_eq!(verdict(&world.case(&second), RuleId::M11), Verdict::Pending);
    let record = case::waybill(&world.state, &first.carrier, &first.logistics_no).unwrap().unwrap();
    assert_eq!(record.claimed_by(), Some(&second.case_key()));
}

#[test]
fn a_waybill_that_nobody_names_any_more_leaves_no_record() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.accept(&fixture::list(&trade));
    world.accept(&later(&fixture::list(&trade), AppType::Delete, 5));
    let record = case::waybill(&world.state, &trade.carrier, &trade.logistics_no).unwrap();
    assert_eq!(record, None);
}

#[test]
fn lists_beyond_the_bound_are_told_that_the_waybill_is_taken() {
    let mut world = world();
    let count = WAYBILL_CLAIMS_MAX as u64 + 1;
    for number in 1..=count {
        world.accept(&fixture::list(&rival(number)));
    }
    let trade = Trade::new(1);
    let record = case::waybill(&world.state, &trade.carrier, &trade.logistics_no).unwrap().unwrap();
    assert_eq!(record.claims.len(), WAYBILL_CLAIMS_MAX);
    assert_eq!(m11_reason(&world.case(&rival(count))), Some(Reason::WaybillTaken));
}

#[test]
fn a_list_named_by_a_squatter_does_not_bind_the_carrier() {
    let (mut world, first, second) = (world(), Trade::new(1), rival(2));
    world.accept(&fixture::waybill(&first));
    world.accept(&fixture::list(&second));
    world.accept(&later(&fixture::waybill(&first), AppType::Change, 5));
}

/// A world with a second merchant, and a trade of it under the first one's order number.
fn two_merchants() -> (World, Trade, Trade) {
    let mut organisations = fixture::organisations();
    let foreign = Trade { merchant: fixture::code("TESTEBC002"), ..Trade::new(1) };
    let roles = [Role::Merchant];
    organisations.push(fixture::organisation(&foreign.merchant, "测试电商乙", &roles));
    (World::with(&organisations), Trade::new(1), foreign)
}

#[test]
fn a_list_under_another_merchant_than_the_orders_is_refused() {
    let (mut world, trade, foreign) = two_merchants();
    world.accept(&fixture::order(&trade));
    let refusal = refusal(world.send_as(&foreign.merchant, &fixture::list(&foreign)));
    assert_eq!(rejection(&refusal), Rejection::MerchantDiffers);
    world.accept(&fixture::list(&trade));
}

#[test]
fn a_foreign_list_that_came_first_makes_nobody_party_and_is_replaced() {
    let (mut world, trade, foreign) = two_merchants();
    let outcome = world.send_as(&foreign.merchant, &fixture::list(&foreign));
    assert!(matches!(outcome, Outcome::Accepted { .. }));
    for document in &documents(&trade)[..3] {
        world.accept(document);
    }
    let case = world.case(&trade);
    assert_eq!((case.state, case.is_declared()), (CaseState::Mismatched, false));
    assert!(!case.parties().contains(&foreign.merchant));
    world.accept(&fixture::list(&trade));
    let case = world.case(&trade);
    assert_eq!(case.state, CaseState::Matched);
    assert!(!case.parties().contains(&foreign.merchant));
}

#[test]
fn a_payment_by_a_firm_that_the_order_does_not_name_makes_nobody_party() {
    let mut organisations = fixture::organisations();
    let foreign = Trade { payment_firm: fixture::code("TESTPAY002"), ..Trade::new(1) };
    let roles = [Role::Payment];
    organisations.push(fixture::organisation(&foreign.payment_firm, "测试支付乙", &roles));
    let (mut world, trade) = (World::with(&organisations), Trade::new(1));
    world.accept(&fixture::order(&trade));
    let outcome = world.send_as(&foreign.payment_firm, &fixture::payment(&foreign));
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    let parties = world.case(&trade).parties();
    assert!(!parties.contains(&foreign.payment_firm), "{parties:?}");
    assert!(parties.contains(&trade.payment_firm), "{parties:?}");
}

//! Changes, deletes, and M17.

use super::*;
use crate::limits::{EXTRA_PAYMENTS_MAX, VERSIONS_MAX};
use crate::matching::Reason;

#[test]
fn a_number_with_other_content_is_a_duplicate() {
    let (mut world, trade) = (world(), Trade::new(1));
    let codes = [-301010, -401007, -504015];
    for (document, official) in documents(&trade).into_iter().zip(codes) {
        world.accept(&document);
        let other = later(&document, AppType::Add, 5);
        let refusal = world.reject(&other);
        assert_eq!(rejection(&refusal), Rejection::Duplicate);
        assert_eq!(refusal.official, Some(official));
    }
}

#[test]
fn a_second_list_for_an_order_is_refused() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.trade_with(&trade, |_| {});
    let refusal = world.reject(&later(&fixture::list(&trade), AppType::Add, 5));
    assert_eq!((rejection(&refusal), refusal.official), (Rejection::ListExists, Some(-621004)));
}

#[test]
fn nothing_can_be_changed_that_is_not_there() {
    let trade = Trade::new(1);
    let codes = [-301009, -401006, -504014, -621011];
    for (document, official) in documents(&trade).into_iter().zip(codes) {
        for app_type in [AppType::Change, AppType::Delete] {
            let refusal = world().reject(&later(&document, app_type, 5));
            assert_eq!(rejection(&refusal), Rejection::UnknownDocument);
            assert_eq!(refusal.official, Some(official));
        }
    }
}

#[test]
fn the_later_version_holds_and_the_earlier_stays_known() {
    let trade = Trade::new(1);
    for document in documents(&trade) {
        let mut world = world();
        world.accept(&document);
        // The same second is not later.
        let same = rejection(&world.reject(&later(&document, AppType::Change, 0)));
        assert_eq!(same, Rejection::OldMessage);
        let change = later(&document, AppType::Change, 5);
        world.accept(&change);
        let old = rejection(&world.reject(&later(&document, AppType::Change, 4)));
        assert_eq!(old, Rejection::OldMessage);
        assert_eq!(world.send(&document), Outcome::Repeated { first_height: 1 });
        assert_eq!(world.send(&change), Outcome::Repeated { first_height: 3 });
    }
}

#[test]
fn after_a_delete_only_a_later_document_may_be_added() {
    let trade = Trade::new(1);
    for document in documents(&trade) {
        let mut world = world();
        world.accept(&document);
        world.accept(&later(&document, AppType::Delete, 5));
        let change = rejection(&world.reject(&later(&document, AppType::Change, 6)));
        assert_eq!(change, Rejection::UnknownDocument);
        let old = rejection(&world.reject(&later(&document, AppType::Add, 5)));
        assert_eq!(old, Rejection::OldMessage);
        assert_eq!(world.send(&document), Outcome::Repeated { first_height: 1 });
        world.accept(&later(&document, AppType::Add, 6));
    }
}

#[test]
fn a_deleted_order_leaves_its_case_with_the_history() {
    let (mut world, trade) = (world(), Trade::new(1));
    let order = fixture::order(&trade);
    world.accept(&order);
    world.accept(&fixture::payment(&trade));
    world.accept(&later(&order, AppType::Delete, 5));
    let case = world.case(&trade);
    assert_eq!(case.order_facts(), None);
    assert_eq!(case.order.as_ref().unwrap().meta.versions.len(), 1);
    assert_eq!(verdict(&case, RuleId::M03), Verdict::Pending);
    assert_eq!(case.summary().present, [crate::document::DocumentKind::Payment]);
}

#[test]
fn m17_what_was_declared_is_not_changed() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.trade_with(&trade, |_| {});
    let codes = [
        (Rejection::AlreadyDeclared, -301011),
        (Rejection::AlreadyDeclared, -401008),
        (Rejection::AlreadyDeclared, -504016),
        (Rejection::CaseMatched, -621012),
    ];
    for (document, (expected, official)) in documents(&trade).into_iter().zip(codes) {
        for app_type in [AppType::Change, AppType::Delete] {
            let refusal = world.reject(&later(&document, app_type, 5));
            assert_eq!((rejection(&refusal), refusal.official), (expected, Some(official)));
        }
    }
}

#[test]
fn m17_a_list_is_changed_while_its_case_is_not_matched() {
    let (mut world, trade) = (world(), Trade::new(1));
    let heavy = |document: &mut Document| {
        list(document, |list| list.gross_weight = fixture::decimal("9"));
    };
    assert_eq!(world.trade_with(&trade, heavy).state, CaseState::Mismatched);
    world.accept(&later(&fixture::list(&trade), AppType::Change, 5));
    assert_eq!(world.case(&trade).state, CaseState::Matched);
}

#[test]
fn m17_without_its_list_everything_may_be_changed_again() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.trade_with(&trade, |document| {
        list(document, |list| list.gross_weight = fixture::decimal("9"));
    });
    let mut withdrawn = later(&fixture::list(&trade), AppType::Delete, 5);
    list(&mut withdrawn, |list| list.gross_weight = fixture::decimal("9"));
    world.accept(&withdrawn);
    let case = world.case(&trade);
    assert_eq!((case.waybill.as_ref(), case.state), (None, CaseState::Collecting));
    for document in &documents(&trade)[..3] {
        world.accept(&later(document, AppType::Change, 5));
    }
    world.accept(&later(&fixture::list(&trade), AppType::Add, 6));
    assert_eq!(world.case(&trade).state, CaseState::Matched);
}

#[test]
fn another_organisation_does_not_change_what_it_did_not_send() {
    // A rival merchant names itself in a change of the order.
    let mut organisations = fixture::organisations();
    let rival = fixture::code("TESTEBC002");
    organisations.push(fixture::organisation(
        &rival,
        "测试电商乙",
        &[crate::registry::Role::Merchant],
    ));
    let (mut world, trade) = (World::with(&organisations), Trade::new(1));
    world.accept(&fixture::order(&trade));
    let mut change = later(&fixture::order(&trade), AppType::Change, 5);
    order(&mut change, |order| order.ebc_code = rival.clone());
    let refusal = refusal(world.send_as(&rival, &change));
    assert_eq!(rejection(&refusal), Rejection::NotHolder);
    // The order's own merchant may change what its platform sent.
    let change = later(&fixture::order(&trade), AppType::Change, 5);
    let outcome = world.send_as(&trade.merchant, &change);
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
}

#[test]
fn a_document_has_a_bounded_number_of_versions_all_of_them_known() {
    let (mut world, trade) = (world(), Trade::new(1));
    let order = fixture::order(&trade);
    world.accept(&order);
    for minute in 1..=VERSIONS_MAX as u64 {
        world.accept(&later(&order, AppType::Change, minute));
    }
    let one_more = later(&order, AppType::Change, VERSIONS_MAX as u64 + 1);
    assert_eq!(rejection(&world.reject(&one_more)), Rejection::TooManyVersions);
    assert_eq!(world.send(&order), Outcome::Repeated { first_height: 1 });
}

fn further_payment(trade: &Trade, number: usize) -> Document {
    let mut document = fixture::payment(trade);
    payment(&mut document, |payment| payment.pay_transaction_id = format!("AGAIN{number}"));
    document
}

#[test]
fn m11_an_order_that_is_paid_twice_is_mismatched_until_one_payment_is_withdrawn() {
    let (mut world, trade) = (world(), Trade::new(1));
    for document in &documents(&trade)[..3] {
        world.accept(document);
    }
    let again = further_payment(&trade, 1);
    world.accept(&again);
    let case = world.case(&trade);
    assert_eq!(findings(&case, RuleId::M11)[0].reason, Some(Reason::PaidTwice));
    assert_eq!(case.extra_payments.len(), 1);
    // Withdrawing the first leaves the second.
    world.accept(&later(&fixture::payment(&trade), AppType::Delete, 5));
    world.accept(&fixture::list(&trade));
    let case = world.case(&trade);
    assert_eq!(case.state, CaseState::Matched);
    assert_eq!(case.payment.unwrap().facts.unwrap().pay_transaction_id, "AGAIN1");
}

#[test]
fn a_case_keeps_a_bounded_number_of_payments() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.accept(&fixture::payment(&trade));
    for number in 0..EXTRA_PAYMENTS_MAX {
        world.accept(&further_payment(&trade, number));
    }
    let refusal = world.reject(&further_payment(&trade, EXTRA_PAYMENTS_MAX));
    assert_eq!(rejection(&refusal), Rejection::TooManyPayments);
    // Changing one of them needs no room.
    world.accept(&later(&further_payment(&trade, 3), AppType::Change, 5));
}

#[test]
fn a_changed_payment_may_move_to_the_order_that_it_really_paid() {
    let (mut world, wrong, right) = (world(), Trade::new(1), Trade::new(2));
    world.accept(&fixture::order(&wrong));
    world.accept(&fixture::payment(&wrong));
    let mut moved = later(&fixture::payment(&wrong), AppType::Change, 5);
    payment(&mut moved, |payment| payment.order_no = right.order_no.clone());
    world.accept(&moved);
    assert_eq!(world.case(&wrong).payment, None);
    assert_eq!(world.case(&right).payment.unwrap().meta.versions.len(), 1);
    assert_eq!(world.send(&fixture::payment(&wrong)), Outcome::Repeated { first_height: 2 });
}

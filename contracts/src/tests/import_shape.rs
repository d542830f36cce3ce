//! What one document that follows an import list shows wrong.

use super::*;
use crate::fixture::import;
use crate::fixture::{decimal, export};
use crate::registry::Role;
use kanhe_types::decimal::Decimal;

/// What the rules say of a document by itself: nothing, or the rejection and its field.
fn check(document: &Document) -> Option<(Rejection, String)> {
    let mut world = World::with(&export::exporters());
    match world.send(document) {
        Outcome::Rejected(refusal) => Some((rejection(&refusal), refusal.field)),
        _ => None,
    }
}

/// A change of one kind of document, and what it meets.
macro_rules! changed {
    ($base:expr, $kind:ident, $change:expr) => {{
        let mut document = $base;
        let Body::$kind(body) = &mut document.body else { panic!("{document:?}") };
        let change: fn(&mut crate::document::$kind) = $change;
        change(body);
        check(&document)
    }};
}

fn is(rejection: Rejection, field: &str) -> Option<(Rejection, String)> {
    Some((rejection, field.to_owned()))
}

fn all() -> Vec<Document> {
    let trade = Trade::new(1);
    let mut all = import::documents(&trade);
    all.push(import::cancellation(&trade));
    all.push(import::warehouse_receipt(&trade, &[("1", "100"), ("2", "50.5")]));
    all
}

#[test]
fn documents_of_the_fixture_are_well_formed_and_read_back() {
    for document in all() {
        assert!(is_well_formed(&document), "{document:?}");
        assert_eq!(Document::decode(&document.encode()).unwrap(), document);
        let json = serde_json::to_string(&document).unwrap();
        assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), document, "{json}");
        assert!(document.kind().is_of_clearance() && document.kind().is_of_trade());
    }
    let json = serde_json::to_string(&import::tax_bill(&Trade::new(1))).unwrap();
    for name in ["\"invtNo\"", "\"valueAddedTax\"", "\"assureCode\"", "\"taxPrice\"", "\"gnum\""] {
        assert!(json.contains(name), "{name} in {json}");
    }
}

fn is_well_formed(document: &Document) -> bool {
    check(document).is_none_or(|(rejection, _)| 801 == rejection.code() || 810 < rejection.code())
}

#[test]
fn each_kind_has_its_senders() {
    let trade = Trade::new(1);
    let mut world = World::with(&export::exporters());
    let mut says = |signer: &OrganisationCode, document: &Document| {
        rejection(&refusal(world.send_as(signer, document)))
    };
    for document in all() {
        assert_eq!(says(&trade.platform, &document), Rejection::RoleMissing, "{document:?}");
    }
    let mut others = import::cancellation(&trade);
    let Body::ListCancellation(own) = &mut others.body else { unreachable!() };
    own.agent_code = fixture::code("TESTAGT009");
    assert_eq!(says(&trade.declarant, &others), Rejection::NotOwnCode);
    // The word of customs is an agency's: the role alone does not do.
    let custom = fixture::organisation(&fixture::code("TESTCUS009"), "测试", &[Role::Customs]);
    let mut world = World::with(std::slice::from_ref(&custom));
    let released = import::list_status(&trade, "800");
    let said = rejection(&refusal(world.send_as(&custom.code, &released)));
    assert_eq!(said, Rejection::RoleMissing);
}

#[test]
fn what_customs_and_carriers_say_has_its_words() {
    let trade = Trade::new(1);
    let signed = changed!(import::waybill_status(&trade), WaybillStatus, |own| own
        .logistics_status =
        "R".into());
    assert_eq!(signed, is(Rejection::WaybillStatusUnknown, "logisticsStatus"));
    for status in ["101", "600", "801", "", "8OO"] {
        let document = import::list_status(&trade, status);
        assert_eq!(check(&document), is(Rejection::ReturnStatusUnknown, "returnStatus"));
    }
    let of_return = changed!(import::list_status(&trade, "800"), ListStatus, |own| {
        own.subject = import::return_of(&Trade::new(1).declarant);
    });
    assert_eq!(of_return, is(Rejection::ReturnStatusUnknown, "returnStatus"));
    let bill = changed!(import::tax_bill(&trade), TaxBill, |own| own.status = "4".into());
    assert_eq!(bill, is(Rejection::TaxStatusUnknown, "status"));
    let tax = changed!(import::tax_bill(&trade), TaxBill, |own| {
        own.value_added_tax = decimal("-1");
    });
    assert_eq!(tax, is(Rejection::NumberNegative, "valueAddedTax"));
    assert_eq!(
        check(&import::tax_bill_status(&trade, "0")),
        is(Rejection::TaxStatusUnknown, "status")
    );
}

#[test]
fn a_receipt_takes_in_parcels_or_goods_of_a_book() {
    let (trade, goods) = (Trade::new(1), &[("1", "5")][..]);
    let both = || import::warehouse_receipt(&trade, goods);
    let book = changed!(both(), WarehouseReceipt, |own| own.ems_no = None);
    assert_eq!(book, is(Rejection::BookUnpaired, "emsNo"));
    let none = changed!(both(), WarehouseReceipt, |own| own.goods.clear());
    assert_eq!(none, is(Rejection::BookUnpaired, "emsNo"));
    let nothing = changed!(import::warehouse_receipt(&trade, &[]), WarehouseReceipt, |own| {
        own.lines.clear();
    });
    assert_eq!(nothing, is(Rejection::LineCount, "lines"));
    let twice = changed!(both(), WarehouseReceipt, |own| own.goods.push(own.goods[0].clone()));
    assert_eq!(twice, is(Rejection::EntryRepeated, "goods.itemRecordNo"));
    let zero = changed!(both(), WarehouseReceipt, |own| own.goods[0].qty = Decimal::ZERO);
    assert_eq!(zero, is(Rejection::NumberNotPositive, "goods.qty"));
    let out = changed!(both(), WarehouseReceipt, |own| own.ie_flag = "E".into());
    assert_eq!(out, is(Rejection::WrongDirection, "ieFlag"));
    let gap = changed!(both(), WarehouseReceipt, |own| own.lines[0].gnum = 2);
    assert_eq!(gap, is(Rejection::LineNumbers, "gnum"));
}

#[test]
fn what_comes_back_is_more_than_nothing_and_named_once() {
    let back = || import::list_return(&Trade::new(1));
    let none = changed!(back(), ListReturn, |own| own.lines[0].qty = Decimal::ZERO);
    assert_eq!(none, is(Rejection::NumberNotPositive, "lines[0].qty"));
    let twice = changed!(back(), ListReturn, |own| own.lines.push(own.lines[0].clone()));
    assert_eq!(twice, is(Rejection::EntryRepeated, "lines[1].gnum"));
    let code = changed!(back(), ListReturn, |own| own.lines[0].gcode = "33049900".into());
    assert_eq!(code, is(Rejection::CodeMalformed, "lines[0].gcode"));
    let mut cancelled = import::cancellation(&Trade::new(1));
    cancelled.app_type = AppType::Change;
    assert_eq!(check(&cancelled), is(Rejection::OnlyAdd, "appType"));
}

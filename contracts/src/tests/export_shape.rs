//! What one document of an export shows wrong.

use super::*;
use crate::fixture::decimal;
use crate::fixture::export;
use kanhe_types::decimal::Decimal;

/// What the rules say of a document by itself: nothing, or the rejection and its field.
fn check(document: &Document) -> Option<(Rejection, String)> {
    let mut world = World::with(&export::exporters());
    let site_says = matches!(document.body, Body::Arrival(_) | Body::ReturnTally(_));
    let signer = fixture::signer(&Trade::new(0), document);
    let signer = if site_says { export::site() } else { signer };
    match world.send_as(&signer, document) {
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

fn alone() -> [Trade; 1] {
    [Trade::new(1)]
}

#[test]
fn documents_of_the_fixture_are_well_formed_and_read_back() {
    let mut documents = export::documents(&Trade::new(1));
    documents.push(export::cancellation(&Trade::new(1)));
    documents.push(export::summary_result(&alone()));
    for document in documents {
        assert_eq!(check(&document), None, "{document:?}");
        assert_eq!(Document::decode(&document.encode()).unwrap(), document);
        let json = serde_json::to_string(&document).unwrap();
        assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), document, "{json}");
        assert!(document.kind().is_of_export() && document.kind().is_of_trade());
    }
    let json = serde_json::to_string(&export::list(&Trade::new(1))).unwrap();
    for name in ["\"POD\"", "\"fCurrency\"", "\"iFlag\"", "\"invtNo\"", "\"qty1\""] {
        assert!(json.contains(name), "{name} in {json}");
    }
}

#[test]
fn an_order_is_of_a_known_type_and_adds_up_in_one_currency() {
    let order = || export::order(&Trade::new(1));
    for kind in ["E", "B", "W"] {
        let mut document = order();
        let Body::ExportOrder(body) = &mut document.body else { unreachable!() };
        body.order_type = kind.to_owned();
        assert_eq!(check(&document), None);
    }
    let import = changed!(order(), ExportOrder, |own| own.order_type = "I".into());
    assert_eq!(import, is(Rejection::OrderTypeUnknown, "orderType"));
    let sum = changed!(order(), ExportOrder, |own| own.goods_value = decimal("99.99999"));
    assert_eq!(sum, is(Rejection::LinesNotSum, "goodsValue"));
    let product = changed!(order(), ExportOrder, |own| own.lines[0].price = decimal("20.1"));
    assert_eq!(product, is(Rejection::LineTotal, "lines[0].totalPrice"));
    let currency = changed!(order(), ExportOrder, |own| own.lines[1].currency = "142".into());
    assert_eq!(currency, is(Rejection::LineCurrency, "lines[1].currency"));
    let none = changed!(order(), ExportOrder, |own| own.lines.clear());
    assert_eq!(none, is(Rejection::LineCount, "lines"));
}

#[test]
fn what_is_received_and_carried_is_more_than_nothing() {
    let charge =
        changed!(export::receipt(&Trade::new(1)), FundsReceipt, |own| own.charge = Decimal::ZERO);
    assert_eq!(charge, is(Rejection::NumberNotPositive, "charge"));
    let waybill = || export::waybill(&Trade::new(1));
    assert_eq!(
        changed!(waybill(), ExportWaybill, |own| own.pack_no = 0),
        is(Rejection::PackNone, "packNo")
    );
    assert_eq!(changed!(waybill(), ExportWaybill, |own| own.pack_no = 999), None);
    assert_eq!(
        changed!(waybill(), ExportWaybill, |own| own.logistics_no = "9".repeat(33)),
        is(Rejection::TextTooLong, "logisticsNo")
    );
}

#[test]
fn a_list_goes_out_and_is_simplified_only_without_licence() {
    let list = || export::list(&Trade::new(1));
    assert_eq!(
        changed!(list(), ExportList, |own| own.ie_flag = "I".into()),
        is(Rejection::WrongDirection, "ieFlag")
    );
    assert_eq!(
        changed!(list(), ExportList, |own| own.lines[0].gcode = "6911".into()),
        is(Rejection::CodeMalformed, "lines[0].gcode")
    );
    assert_eq!(
        changed!(list(), ExportList, |own| {
            own.statistics_flag = "A".into();
            own.lines[0].gcode = "6911".into();
        }),
        None
    );
    assert_eq!(
        changed!(list(), ExportList, |own| {
            own.statistics_flag = "A".into();
            own.license_no = Some("TESTLICENCE".into());
        }),
        is(Rejection::SimplifiedLicence, "licenseNo")
    );
    assert_eq!(
        changed!(list(), ExportList, |own| own.net_weight = decimal("2.6")),
        is(Rejection::NetAboveGross, "netWeight")
    );
    assert_eq!(
        changed!(list(), ExportList, |own| own.lines[1].qty2 = Some(decimal("1"))),
        is(Rejection::SecondQuantity, "lines[1].qty2")
    );
}

#[test]
fn what_names_many_names_each_once_and_parts_are_numbered() {
    let both = [Trade::new(1), Trade::new(2)];
    assert_eq!(
        changed!(export::arrival(&both), Arrival, |own| {
            own.lines[1].logistics_no = own.lines[0].logistics_no.clone();
        }),
        is(Rejection::EntryRepeated, "lines[1].logisticsNo")
    );
    assert_eq!(
        changed!(export::departure(&both), Departure, |own| own.lines.clear()),
        is(Rejection::LineCount, "lines")
    );
    for (count, part, is_fault) in [(1, 1, false), (3, 3, false), (3, 4, true), (0, 0, true)] {
        let mut document = export::bill(&both);
        let Body::ConsolidationBill(bill) = &mut document.body else { unreachable!() };
        (bill.msg_count, bill.msg_seq_no) = (count, part);
        let expected = is_fault.then(|| (Rejection::PartNumbers, "msgSeqNo".to_owned()));
        assert_eq!(check(&document), expected);
    }
    let many = |count| (0..count).map(Trade::new).collect::<Vec<Trade>>();
    assert_eq!(check(&export::summary(&many(500))), None);
    assert_eq!(check(&export::summary(&many(501))), is(Rejection::LineCount, "lines"));
    assert_eq!(check(&export::summary_result(&many(250))), None);
    assert_eq!(check(&export::summary_result(&many(251))), is(Rejection::LineCount, "lines"));
    assert_eq!(
        changed!(export::summary_result(&both), SummaryResult, |own| own.lines.clear()),
        is(Rejection::LineCount, "lines")
    );
    assert_eq!(
        changed!(export::summary_result(&both), SummaryResult, |own| own.lines[1].gnum = 1),
        is(Rejection::EntryRepeated, "lines[1].gnum")
    );
    assert_eq!(
        changed!(export::summary_result(&both), SummaryResult, |own| own.dec_state.clear()),
        is(Rejection::TextEmpty, "decState")
    );
    assert_eq!(
        changed!(export::summary(&both), SummaryApplication, |own| {
            own.start_time = Some(fixture::time("20261101000000"));
        }),
        is(Rejection::PeriodUnpaired, "endTime")
    );
}

#[test]
fn what_comes_back_comes_in_from_elsewhere() {
    let application = || export::application(&Trade::new(1));
    assert_eq!(
        changed!(application(), ExportReturn, |own| own.ie_flag = "E".into()),
        is(Rejection::WrongDirection, "ieFlag")
    );
    assert_eq!(
        changed!(application(), ExportReturn, |own| own.country = "142".into()),
        is(Rejection::ReturnFromChina, "country")
    );
    assert_eq!(
        changed!(application(), ExportReturn, |own| own.lines.push(own.lines[0].clone())),
        is(Rejection::EntryRepeated, "lines[1].gnum")
    );
    assert_eq!(
        changed!(export::tally(&Trade::new(1)), ReturnTally, |own| own.ie_flag = "E".into()),
        is(Rejection::WrongDirection, "ieFlag")
    );
}

#[test]
fn who_sends_what_speaks_under_its_own_code() {
    let mut world = World::with(&export::exporters());
    let trade = Trade::new(1);
    let mut refused = |signer: &OrganisationCode, document: &Document| {
        rejection(&refusal(world.send_as(signer, document)))
    };
    assert_eq!(refused(&trade.merchant, &export::waybill(&trade)), Rejection::RoleMissing);
    assert_eq!(refused(&trade.merchant, &export::receipt(&trade)), Rejection::RoleMissing);
    let mut cash = export::receipt(&trade);
    let Body::FundsReceipt(receipt) = &mut cash.body else { unreachable!() };
    (receipt.pay_code, receipt.pay_no) = (None, None);
    assert_eq!(refused(&trade.payment_firm, &cash), Rejection::RoleMissing);
    let mut foreign = export::departure(&alone());
    let Body::Departure(departure) = &mut foreign.body else { unreachable!() };
    departure.logistics_code = fixture::code("TESTLOG999");
    assert_eq!(refused(&trade.carrier, &foreign), Rejection::NotOwnCode);
}

//! What one document shows wrong: both sides of each limit.

use super::*;
use crate::document::AppStatus;
use crate::document::{InventoryLine, OrderLine};
use crate::fixture::decimal;
use kanhe_types::decimal::Decimal;

/// What the rules say of a changed document of a trade: nothing, or the rejection and its field.
fn check(
    base: fn(&Trade) -> Document,
    change: impl FnOnce(&mut Document),
) -> Option<(Rejection, String)> {
    let mut document = base(&Trade::new(1));
    change(&mut document);
    match world().send(&document) {
        Outcome::Rejected(refusal) => Some((rejection(&refusal), refusal.field)),
        _ => None,
    }
}

fn check_order(change: impl FnOnce(&mut Order)) -> Option<(Rejection, String)> {
    check(fixture::order, |document| order(document, change))
}

fn check_list(change: impl FnOnce(&mut InventoryList)) -> Option<(Rejection, String)> {
    check(fixture::list, |document| list(document, change))
}

fn check_waybill(change: impl FnOnce(&mut Waybill)) -> Option<(Rejection, String)> {
    check(fixture::waybill, |document| waybill(document, change))
}

fn check_payment(change: impl FnOnce(&mut Payment)) -> Option<(Rejection, String)> {
    check(fixture::payment, |document| payment(document, change))
}

fn is(rejection: Rejection, field: &str) -> Option<(Rejection, String)> {
    Some((rejection, field.to_owned()))
}

#[test]
fn bytes_that_are_no_document_are_refused() {
    let (mut world, trade) = (world(), Trade::new(1));
    let secret = fixture::secret(&trade.platform);
    let documents = vec![vec![1, 2, 3], vec![], fixture::order(&trade).encode()];
    let submission = Submission::sign(
        &GENESIS,
        trade.platform,
        &secret,
        9,
        kanhe_types::merkle::Salt::default(),
        documents,
    );
    let effects = world.execute(&[submission.unwrap()]);
    let first = refusal(effects.receipts[0].outcome.clone());
    assert_eq!((rejection(&first), first.official), (Rejection::NotCanonical, None));
    assert!(!effects.receipts[1].is_accepted());
    assert!(effects.receipts[2].is_accepted());
}

#[test]
fn a_guid_has_36_upper_case_characters() {
    let guid = |text: &str| check(fixture::order, |document| document.guid = text.to_owned());
    assert_eq!(guid("4CDE1CFD-EDED-46B1-946C-B8022E42FC94"), None);
    for bad in ["4cde1cfd-eded-46b1-946c-b8022e42fc94", "4CDE1CFD-EDED-46B1-946C-B8022E42FC9", ""] {
        assert_eq!(guid(bad), is(Rejection::GuidMalformed, "guid"), "{bad}");
    }
}

#[test]
fn what_is_only_stored_is_not_accepted() {
    let stored = check(fixture::order, |document| document.app_status = AppStatus::Stored);
    assert_eq!(stored, is(Rejection::NotDeclared, "appStatus"));
}

#[test]
fn an_attestation_is_only_added() {
    let change = check(fixture::attestation, |document| document.app_type = AppType::Change);
    assert_eq!(change, is(Rejection::OnlyAdd, "appType"));
}

#[test]
fn numbers_have_60_characters_and_180_bytes_at_most() {
    let number = |text: String| check_order(|order| order.order_no = text);
    let (long, empty) = (Rejection::TextTooLong, Rejection::TextEmpty);
    assert_eq!(number("9".repeat(60)), None);
    assert_eq!(number("9".repeat(61)), is(long, "orderNo"));
    assert_eq!(number("单".repeat(60)), None);
    assert_eq!(number("𠀀".repeat(46)), is(long, "orderNo"));
    assert_eq!(number(String::new()), is(empty, "orderNo"));
    assert_eq!(number(" 1".to_owned()), is(Rejection::TextMalformed, "orderNo"));
    assert_eq!(number("1\u{7}".to_owned()), is(Rejection::TextMalformed, "orderNo"));
}

#[test]
fn texts_are_counted_in_characters() {
    let name = |text: String| check_order(|order| order.lines[1].item_name = text);
    assert_eq!(name("名".repeat(250)), None);
    assert_eq!(name("名".repeat(251)), is(Rejection::TextTooLong, "lines[1].itemName"));
    assert_eq!(
        check_order(|o| o.pay_name = Some(String::new())),
        is(Rejection::TextEmpty, "payName")
    );
    assert_eq!(check_order(|o| o.pay_name = None), None);
}

#[test]
fn a_receipt_does_not_repeat_what_may_be_personal() {
    let mut document = fixture::order(&Trade::new(1));
    order(&mut document, |order| order.buyer_id_type = "测试甲 430602199001011234".to_owned());
    let refusal = world().reject(&document);
    assert_eq!(rejection(&refusal), Rejection::CodeMalformed);
    assert_eq!(refusal.found, "22 characters");
}

#[test]
fn an_import_is_in_yuan() {
    let currency = |code: &str| check_payment(|payment| payment.currency = code.to_owned());
    assert_eq!(currency("502"), is(Rejection::CurrencyNotYuan, "currency"));
    assert_eq!(currency("609"), is(Rejection::CurrencyNotYuan, "currency"));
    assert_eq!(currency("999"), is(Rejection::CurrencyUnknown, "currency"));
    assert_eq!(currency("CNY"), is(Rejection::CurrencyUnknown, "currency"));
}

#[test]
fn codes_have_their_tables_form() {
    let bad = |field: &str| is(Rejection::CodeMalformed, field);
    assert_eq!(check_order(|o| o.lines[0].unit = "11".into()), bad("lines[0].unit"));
    assert_eq!(check_order(|o| o.lines[0].country = "JPN".into()), bad("lines[0].country"));
    assert_eq!(
        check_order(|o| o.consignee_district = Some("4306".into())),
        bad("consigneeDistrict")
    );
    assert_eq!(check_payment(|p| p.payer_id_type = "3".into()), bad("payerIdType"));
    assert_eq!(check_payment(|p| p.payer_id_type = "2".into()), None);
    assert_eq!(check_list(|l| l.lines[0].gcode = "33049900".into()), bad("lines[0].gcode"));
    assert_eq!(check_list(|l| l.customs_code = "49".into()), bad("customsCode"));
    assert_eq!(check_list(|l| l.traf_mode = "55".into()), bad("trafMode"));
    assert_eq!(check_list(|l| l.traf_mode = "W".into()), None);
    assert_eq!(check_list(|l| l.ie_flag = "E".into()), is(Rejection::NotImport, "ieFlag"));
}

/// An order of `count` lines of one yuan each.
fn with_lines(order: &mut Order, count: u32) {
    let first = order.lines[0].clone();
    order.lines = (1..=count)
        .map(|gnum| {
            let (qty, price) = (decimal("1"), decimal("1"));
            OrderLine { gnum, qty, price, total_price: price, ..first.clone() }
        })
        .collect();
    order.goods_value = Decimal::from_integer(i64::from(count)).unwrap();
    order.freight = Decimal::ZERO;
    order.tax_total = Decimal::ZERO;
    order.discount = Decimal::ZERO;
    order.actural_paid = order.goods_value;
}

#[test]
fn an_order_has_1_to_99_lines() {
    assert_eq!(check_order(|order| with_lines(order, 1)), None);
    assert_eq!(check_order(|order| with_lines(order, 99)), None);
    assert_eq!(check_order(|order| with_lines(order, 100)), is(Rejection::LineCount, "lines"));
    assert_eq!(check_order(|order| order.lines.clear()), is(Rejection::LineCount, "lines"));
    assert_eq!(check_list(|list| list.lines.clear()), is(Rejection::LineCount, "lines"));
}

#[test]
fn lines_are_numbered_from_one_without_gaps() {
    let gap = is(Rejection::LineNumbers, "gnum");
    assert_eq!(check_order(|order| order.lines[1].gnum = 3), gap);
    assert_eq!(check_order(|order| order.lines[0].gnum = 0), gap);
    assert_eq!(check_list(|list| list.lines[1].gnum = 1), gap);
    assert_eq!(check_list(|list| list.lines.swap(0, 1)), gap);
}

#[test]
fn amounts_are_not_negative_and_quantities_positive() {
    let least = Decimal::from_units(1).unwrap();
    let below = Decimal::from_units(-1).unwrap();
    let (negative, nought) = (Rejection::NumberNegative, Rejection::NumberNotPositive);
    assert_eq!(check_waybill(|w| w.weight = below), is(negative, "weight"));
    assert_eq!(check_waybill(|w| w.weight = Decimal::ZERO), is(nought, "weight"));
    assert_eq!(check_waybill(|w| w.weight = least), None);
    assert_eq!(check_waybill(|w| w.freight = Some(below)), is(negative, "freight"));
    assert_eq!(check_waybill(|w| w.freight = Some(Decimal::ZERO)), None);
    assert_eq!(check_payment(|p| p.amount_paid = below), is(negative, "amountPaid"));
    assert_eq!(check_payment(|p| p.amount_paid = Decimal::ZERO), None);
    assert_eq!(check_order(|o| o.lines[0].qty = Decimal::ZERO), is(nought, "lines[0].qty"));
    assert_eq!(check_list(|l| l.lines[0].qty1 = Decimal::ZERO), is(nought, "lines[0].qty1"));
}

#[test]
fn a_gift_costs_nothing() {
    let gift = |order: &mut Order| {
        order.lines[1].price = Decimal::ZERO;
        order.lines[1].total_price = Decimal::ZERO;
        order.lines[0].price = fixture::decimal("33.33333");
        order.lines[0].total_price = fixture::decimal("100");
    };
    assert_eq!(check_order(gift), None);
}

#[test]
fn a_number_beyond_19_digits_is_refused_though_it_decodes() {
    let beyond: Decimal =
        kanhe_types::codec::decode(&kanhe_types::codec::encode(&i128::MAX), 99).unwrap();
    let large = |field: &str| is(Rejection::NumberTooLarge, field);
    assert_eq!(check_waybill(|w| w.weight = beyond), large("weight"));
    assert_eq!(check_order(|o| o.freight = beyond), large("freight"));
    assert_eq!(check_order(|o| o.lines[0].qty = beyond), large("lines[0].qty"));
    let largest = Decimal::from_units(9_999_999_999_999_999_999).unwrap();
    assert_eq!(check_waybill(|w| w.weight = largest), None);
    let field = "goodsValue + freight + taxTotal - discount";
    assert_eq!(check_order(|o| o.freight = largest), large(field));
}

#[test]
fn a_direct_list_names_its_transport() {
    let missing = |field: &str| is(Rejection::ModeFieldMissing, field);
    assert_eq!(check_list(|l| l.traf_no = None), missing("trafNo"));
    assert_eq!(check_list(|l| l.voyage_no = None), missing("voyageNo"));
    assert_eq!(check_list(|l| l.bill_no = None), missing("billNo"));
    let mode = check_list(|l| l.trade_mode = "9710".into());
    assert_eq!(mode, is(Rejection::TradeModeUnknown, "tradeMode"));
}

/// The list as a bonded one.
fn bonded(list: &mut InventoryList) {
    list.trade_mode = "1210".to_owned();
    list.ems_no = Some("TESTBOOK01".to_owned());
    list.area_code = Some(fixture::code("TESTWHS001"));
    list.area_name = Some("测试仓储甲".to_owned());
    list.country = "142".to_owned();
    (list.traf_no, list.voyage_no, list.bill_no) = (None, None, None);
    for line in &mut list.lines {
        line.item_record_no = Some("1".to_owned());
    }
}

#[test]
fn a_bonded_list_names_book_warehouse_and_records() {
    let check = |change: fn(&mut InventoryList)| {
        check_list(|list| {
            bonded(list);
            change(list);
        })
    };
    let missing = |field: &str| is(Rejection::ModeFieldMissing, field);
    assert_eq!(check(|_| {}), None);
    assert_eq!(check(|list| list.trade_mode = "1239".into()), None);
    assert_eq!(check(|list| list.ems_no = None), missing("emsNo"));
    assert_eq!(check(|list| list.area_code = None), missing("areaCode"));
    assert_eq!(check(|list| list.area_name = None), missing("areaName"));
    let record = check(|list| list.lines[1].item_record_no = None);
    assert_eq!(record, missing("lines[1].itemRecordNo"));
    let country = check(|list| list.country = "116".into());
    assert_eq!(country, is(Rejection::BondedCountry, "country"));
}

#[test]
fn second_quantity_and_unit_come_together() {
    let check = |qty: Option<&str>, unit: Option<&str>| {
        check_list(|list| {
            let line: &mut InventoryLine = &mut list.lines[0];
            line.qty2 = qty.map(decimal);
            line.unit2 = unit.map(str::to_owned);
        })
    };
    let alone = is(Rejection::SecondQuantity, "lines[0].qty2");
    assert_eq!(check(Some("1"), Some("035")), None);
    assert_eq!(check(Some("1"), None), alone);
    assert_eq!(check(None, Some("035")), alone);
}

#[test]
fn a_parcel_is_one_and_its_goods_weigh_no_more_than_it() {
    assert_eq!(check_waybill(|w| w.pack_no = 2), is(Rejection::PackNotOne, "packNo"));
    assert_eq!(check_list(|l| l.pack_no = 0), is(Rejection::PackNotOne, "packNo"));
    assert_eq!(check_list(|l| l.net_weight = l.gross_weight), None);
    let heavier = check_list(|l| l.net_weight = decimal("1.20001"));
    assert_eq!(heavier, is(Rejection::NetAboveGross, "netWeight"));
}

#[test]
fn m02_what_was_paid_is_the_sum_to_the_last_digit() {
    let paid = |text: &str| check_order(|order| order.actural_paid = decimal(text));
    assert_eq!(paid("118.5"), None);
    assert_eq!(paid("118.50001"), is(Rejection::PaidNotSum, "acturalPaid"));
    assert_eq!(paid("118.49999"), is(Rejection::PaidNotSum, "acturalPaid"));
}

#[test]
fn m04_the_lines_add_up_to_the_goods_value() {
    let value = |goods: &str, paid: &str| {
        check_order(|order| {
            order.goods_value = decimal(goods);
            order.actural_paid = decimal(paid);
        })
    };
    assert_eq!(value("100.00001", "118.50001"), is(Rejection::LinesNotSum, "goodsValue"));
}

#[test]
fn m04_a_lines_total_may_be_a_cent_off_for_each_unit() {
    // Three pieces at 20: 60, give or take 0.03.
    let total = |line: &str, other: &str| {
        check_order(|order| {
            order.lines[0].total_price = decimal(line);
            order.lines[1].price = decimal(other).checked_mul(decimal("0.25")).unwrap();
            order.lines[1].total_price = decimal(other);
        })
    };
    assert_eq!(total("60.03", "39.97"), None);
    assert_eq!(total("59.97", "40.03"), None);
    let off = is(Rejection::LineTotal, "lines[0].totalPrice");
    assert_eq!(total("60.03001", "39.96999"), off);
    assert_eq!(total("59.96999", "40.03001"), off);
}

#[test]
fn of_several_faults_the_lowest_number_is_told() {
    let both = check(fixture::order, |document| {
        order(document, |order| order.actural_paid = decimal("1"));
        document.guid = String::new();
    });
    assert_eq!(both, is(Rejection::GuidMalformed, "guid"));
}

//! What carriers and supervised sites say of parcels and goods.

use super::super::{Faults, Place, shown};
use crate::document::{WarehouseReceipt, WaybillStatus};
use crate::limits::{ENTRIES_MAX, LINES_MAX, NUMBER_CHARS_MAX};
use crate::rejection::Rejection;
use std::collections::BTreeSet;

/// The only status that a waybill has.
const SIGNED: &str = "S";

pub(in crate::check) fn check_waybill_status(own: &WaybillStatus, faults: &mut Faults) {
    faults.text("logisticsName", &own.logistics_name, 100);
    faults.number("logisticsNo", &own.logistics_no);
    let (field, status) = ("logisticsStatus", &own.logistics_status);
    faults.one_of(Rejection::WaybillStatusUnknown, field, status, &[SIGNED]);
}

pub(in crate::check) fn check_receipt(own: &WarehouseReceipt, faults: &mut Faults) {
    faults.digits("customsCode", &own.customs_code, 4);
    faults.own_number(own.cop_no.as_deref());
    faults.given_numbers(own.pre_no.as_deref(), None);
    faults.optional_text("rkdNo", own.rkd_no.as_deref(), 18);
    faults.text("operatorName", &own.operator_name, 100);
    faults.one_of(Rejection::WrongDirection, "ieFlag", &own.ie_flag, &["I"]);
    faults.transport("trafMode", &own.traf_mode);
    faults.text("trafNo", &own.traf_no, 100);
    faults.text("voyageNo", &own.voyage_no, 32);
    faults.text("billNo", &own.bill_no, 37);
    faults.text("logisticsName", &own.logistics_name, 100);
    faults.optional_text("unloadLocation", own.unload_location.as_deref(), 100);
    check_parcels(own, faults);
    check_goods(own, faults);
    if own.lines.is_empty() && own.goods.is_empty() {
        faults.add(Rejection::LineCount, "lines", format!("1 to {ENTRIES_MAX}"), 0);
    }
}

fn check_parcels(own: &WarehouseReceipt, faults: &mut Faults) {
    if !own.lines.is_empty() {
        faults.line_numbers_to(ENTRIES_MAX, own.lines.iter().map(|line| line.gnum));
    }
    let mut seen = BTreeSet::new();
    for (index, line) in own.lines.iter().enumerate().take(ENTRIES_MAX) {
        let place = Place { line: Some(index), field: "logisticsNo" };
        faults.number_of(place, &line.logistics_no, NUMBER_CHARS_MAX);
        if !seen.insert(&line.logistics_no) {
            faults.add(Rejection::EntryRepeated, place, "each parcel once", "one twice");
        }
    }
}

/// Goods come with the account book that takes them in.
fn check_goods(own: &WarehouseReceipt, faults: &mut Faults) {
    if let Some(book) = &own.ems_no {
        faults.number_of("emsNo", book, 30);
    }
    if own.ems_no.is_some() == own.goods.is_empty() {
        let found = if own.goods.is_empty() { "emsNo only" } else { "goods only" };
        faults.add(Rejection::BookUnpaired, "emsNo", "both emsNo and goods, or neither", found);
    }
    if LINES_MAX < own.goods.len() {
        let expected = format!("at most {LINES_MAX}");
        faults.add(Rejection::LineCount, "goods", expected, own.goods.len());
    }
    let mut seen = BTreeSet::new();
    for goods in own.goods.iter().take(LINES_MAX) {
        faults.number_of("goods.itemRecordNo", &goods.item_record_no, 30);
        faults.positive("goods.qty", goods.qty);
        faults.digits("goods.unit", &goods.unit, 3);
        if !seen.insert((&goods.item_record_no, &goods.unit)) {
            let found = shown(&goods.item_record_no);
            faults.add(Rejection::EntryRepeated, "goods.itemRecordNo", "each once", found);
        }
    }
}

//! Inventory list: field table of message 621.

use super::{Faults, Place, line_field, shown};
use crate::document::{InventoryLine, InventoryList};
use crate::rejection::Rejection;

/// Direct purchase from abroad.
const DIRECT: &str = "9610";
/// Country code of China.
const CHINA: &str = "142";
/// Bonded goods; 1239 outside the pilot cities.
const BONDED: [&str; 2] = ["1210", "1239"];

pub(super) fn check(list: &InventoryList, faults: &mut Faults) {
    parties(list, faults);
    numbers_and_codes(list, faults);
    mode(list, faults);
    faults.one_parcel(list.pack_no);
    faults.weights(list.gross_weight, list.net_weight);
    faults.line_numbers(list.lines.iter().map(|line| line.gnum));
    for (index, line) in list.lines.iter().enumerate() {
        check_line(index, line, faults);
    }
}

fn parties(list: &InventoryList, faults: &mut Faults) {
    faults.number("orderNo", &list.order_no);
    faults.text("ebpName", &list.ebp_name, 100);
    faults.text("ebcName", &list.ebc_name, 100);
    faults.number("logisticsNo", &list.logistics_no);
    faults.text("logisticsName", &list.logistics_name, 100);
    faults.text("agentName", &list.agent_name, 100);
    faults.optional_text("areaName", list.area_name.as_deref(), 100);
    faults.id_type("buyerIdType", &list.buyer_id_type);
}

fn numbers_and_codes(list: &InventoryList, faults: &mut Faults) {
    faults.optional_text("copNo", list.cop_no.as_deref(), 20);
    faults.optional_text("preNo", list.pre_no.as_deref(), 18);
    faults.optional_text("emsNo", list.ems_no.as_deref(), 30);
    faults.optional_text("invtNo", list.invt_no.as_deref(), 20);
    faults.one_of(Rejection::NotImport, "ieFlag", &list.ie_flag, &["I"]);
    faults.digits("customsCode", &list.customs_code, 4);
    faults.digits("portCode", &list.port_code, 4);
    faults.transport("trafMode", &list.traf_mode);
    faults.optional_text("trafNo", list.traf_no.as_deref(), 100);
    faults.optional_text("voyageNo", list.voyage_no.as_deref(), 32);
    faults.optional_text("billNo", list.bill_no.as_deref(), 37);
    faults.optional_text("loctNo", list.loct_no.as_deref(), 10);
    faults.optional_text("licenseNo", list.license_no.as_deref(), 19);
    faults.digits("country", &list.country, 3);
    faults.not_negative("freight", list.freight);
    faults.not_negative("insuredFee", list.insured_fee);
    faults.currency("currency", &list.currency);
    if let Some(wrap) = &list.wrap_type {
        faults.digits("wrapType", wrap, 1);
    }
}

/// What the trade mode demands: the means of transport of a direct purchase, or the bonded account
/// book with the warehouse and the goods' numbers in it.
fn mode(list: &InventoryList, faults: &mut Faults) {
    let mode = list.trade_mode.as_str();
    let is_bonded = BONDED.contains(&mode);
    if mode != DIRECT && !is_bonded {
        let expected = "9610, 1210 or 1239";
        faults.add(Rejection::TradeModeUnknown, "tradeMode", expected, shown(mode));
        return;
    }
    let demanded: &[(&'static str, bool)] = if is_bonded {
        &[
            ("emsNo", list.ems_no.is_none()),
            ("areaCode", list.area_code.is_none()),
            ("areaName", list.area_name.is_none()),
        ]
    } else {
        &[
            ("trafNo", list.traf_no.is_none()),
            ("voyageNo", list.voyage_no.is_none()),
            ("billNo", list.bill_no.is_none()),
        ]
    };
    for (field, is_absent) in demanded {
        if *is_absent {
            mode_field_missing(faults, *field, mode);
        }
    }
    if !is_bonded {
        return;
    }
    for (index, line) in list.lines.iter().enumerate() {
        if line.item_record_no.is_none() {
            mode_field_missing(faults, line_field(index, "itemRecordNo"), mode);
        }
    }
    faults.one_of(Rejection::BondedCountry, "country", &list.country, &[CHINA]);
}

fn mode_field_missing(faults: &mut Faults, field: impl Into<Place>, mode: &str) {
    let expected = format!("a value, because tradeMode is {mode}");
    faults.add(Rejection::ModeFieldMissing, field, expected, "none");
}

fn check_line(index: usize, line: &InventoryLine, faults: &mut Faults) {
    let field = |name| line_field(index, name);
    faults.optional_text(field("itemRecordNo"), line.item_record_no.as_deref(), 30);
    faults.optional_text(field("itemNo"), line.item_no.as_deref(), 20);
    faults.optional_text(field("itemName"), line.item_name.as_deref(), 250);
    faults.digits(field("gcode"), &line.gcode, 10);
    faults.text(field("gname"), &line.gname, 250);
    faults.text(field("gmodel"), &line.gmodel, 510);
    faults.optional_text(field("barCode"), line.bar_code.as_deref(), 50);
    faults.digits(field("country"), &line.country, 3);
    if let Some(country) = &line.trade_country {
        faults.digits(field("tradeCountry"), country, 3);
    }
    faults.currency(field("currency"), &line.currency);
    faults.positive(field("qty"), line.qty);
    faults.digits(field("unit"), &line.unit, 3);
    faults.positive(field("qty1"), line.qty1);
    faults.digits(field("unit1"), &line.unit1, 3);
    faults.second_quantity(index, (line.qty2, line.unit2.as_deref()));
    faults.not_negative(field("price"), line.price);
    faults.not_negative(field("totalPrice"), line.total_price);
}

//! Inventory list: field table of message 621.

use super::{Faults, codes_of, line_field, shown};
use crate::document::{InventoryLine, InventoryList};
use crate::policy::{Direction, Policy};
use crate::rejection::Rejection;

pub(super) fn check(list: &InventoryList, policy: &Policy, faults: &mut Faults) {
    parties(list, faults);
    numbers_and_codes(list, faults);
    mode(list, policy, faults);
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

/// What the policy's mode demands: fields that are optional otherwise, and the country.
fn mode(list: &InventoryList, policy: &Policy, faults: &mut Faults) {
    let code = list.trade_mode.as_str();
    let Some(mode) = policy.mode(Direction::Import, code) else {
        let expected = codes_of(policy, Direction::Import);
        faults.add(Rejection::TradeModeUnknown, "tradeMode", expected, shown(code));
        return;
    };
    faults.demanded(mode, "itemRecordNo", list.lines.iter().map(|line| &line.item_record_no));
    for (field, is_absent) in [
        ("emsNo", list.ems_no.is_none()),
        ("areaCode", list.area_code.is_none()),
        ("areaName", list.area_name.is_none()),
        ("trafNo", list.traf_no.is_none()),
        ("voyageNo", list.voyage_no.is_none()),
        ("billNo", list.bill_no.is_none()),
        ("loctNo", list.loct_no.is_none()),
        ("licenseNo", list.license_no.is_none()),
    ] {
        faults.demanded_of_head(mode, field, is_absent);
    }
    if let Some(country) = &mode.country {
        faults.one_of(Rejection::BondedCountry, "country", &list.country, &[country]);
    }
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

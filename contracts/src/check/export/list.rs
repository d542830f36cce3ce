//! List and cancellation.

use super::super::{Faults, codes_of, line_field, shown};
use crate::document::{ExportLine, ExportList, ExportListCancellation};
use crate::limits::EXPORT_LINES_MAX;
use crate::policy::{Direction, Policy};
use crate::rejection::Rejection;

/// Simplified, and with summary.
const STATISTICS_FLAGS: [&str; 2] = ["A", "B"];
/// A list that is not summed up, of goods without licence, duty or rebate.
const SIMPLIFIED: &str = "A";
/// How freight and insurance are stated: rate, unit price, total.
const CHARGE_FLAGS: [&str; 3] = ["1", "2", "3"];

pub(in crate::check) fn check_list(list: &ExportList, policy: &Policy, faults: &mut Faults) {
    parties(list, faults);
    numbers_and_codes(list, faults);
    charges(list, faults);
    mode(list, policy, faults);
    faults.parcels(list.pack_no);
    faults.weights(list.gross_weight, list.net_weight);
    faults.line_numbers_to(EXPORT_LINES_MAX, list.lines.iter().map(|line| line.gnum));
    let first = list.lines.first().map(|line| line.currency.as_str()).unwrap_or_default();
    for (index, line) in list.lines.iter().enumerate() {
        faults.one_of(
            Rejection::LineCurrency,
            line_field(index, "currency"),
            &line.currency,
            &[first],
        );
    }
    let is_simplified = list.statistics_flag == SIMPLIFIED;
    for (index, line) in list.lines.iter().enumerate() {
        check_line(index, line, is_simplified, faults);
    }
    if is_simplified && list.license_no.is_some() {
        faults.add(Rejection::SimplifiedLicence, "licenseNo", "none", "a licence");
    }
}

fn parties(list: &ExportList, faults: &mut Faults) {
    faults.text("ebpName", &list.ebp_name, 100);
    faults.text("logisticsName", &list.logistics_name, 100);
    faults.text("agentName", &list.agent_name, 100);
    faults.text("ebcName", &list.ebc_name, 100);
    faults.text("ownerName", &list.owner_name, 100);
    faults.optional_text("iacName", list.iac_name.as_deref(), 100);
}

fn numbers_and_codes(list: &ExportList, faults: &mut Faults) {
    faults.digits("customsCode", &list.customs_code, 4);
    faults.number("orderNo", &list.order_no);
    faults.short_number("logisticsNo", &list.logistics_no);
    faults.number_of("copNo", &list.cop_no, 30);
    faults.given_numbers(list.pre_no.as_deref(), list.invt_no.as_deref());
    faults.direction(&list.ie_flag, "E");
    faults.digits("portCode", &list.port_code, 4);
    let flag = &list.statistics_flag;
    faults.one_of(Rejection::CodeMalformed, "statisticsFlag", flag, &STATISTICS_FLAGS);
    faults.optional_text("emsNo", list.ems_no.as_deref(), 30);
    faults.digits("tradeMode", &list.trade_mode, 4);
    faults.transport("trafMode", &list.traf_mode);
    faults.optional_text("trafName", list.traf_name.as_deref(), 100);
    faults.optional_text("voyageNo", list.voyage_no.as_deref(), 32);
    faults.optional_text("billNo", list.bill_no.as_deref(), 37);
    faults.optional_text("totalPackageNo", list.total_package_no.as_deref(), 37);
    faults.optional_text("loctNo", list.loct_no.as_deref(), 10);
    faults.optional_text("licenseNo", list.license_no.as_deref(), 19);
    faults.digits("country", &list.country, 3);
    faults.text("POD", &list.pod, 4);
    faults.digits("wrapType", &list.wrap_type, 1);
}

/// What the policy's mode demands of fields that are optional otherwise.
fn mode(list: &ExportList, policy: &Policy, faults: &mut Faults) {
    let code = list.trade_mode.as_str();
    let Some(mode) = policy.mode(Direction::Export, code) else {
        let expected = codes_of(policy, Direction::Export);
        faults.add(Rejection::ModeUnknown, "tradeMode", expected, shown(code));
        return;
    };
    faults.demanded(mode, "itemRecordNo", list.lines.iter().map(|line| &line.item_record_no));
    for (field, is_absent) in [
        ("emsNo", list.ems_no.is_none()),
        ("iacCode", list.iac_code.is_none()),
        ("iacName", list.iac_name.is_none()),
        ("trafName", list.traf_name.is_none()),
        ("voyageNo", list.voyage_no.is_none()),
        ("billNo", list.bill_no.is_none()),
        ("loctNo", list.loct_no.is_none()),
        ("licenseNo", list.license_no.is_none()),
        ("totalPackageNo", list.total_package_no.is_none()),
    ] {
        faults.demanded_of_head(mode, field, is_absent);
    }
}

fn charges(list: &ExportList, faults: &mut Faults) {
    faults.not_negative("freight", list.freight);
    faults.foreign_currency("fCurrency", &list.f_currency);
    faults.one_of(Rejection::CodeMalformed, "fFlag", &list.f_flag, &CHARGE_FLAGS);
    faults.not_negative("insuredFee", list.insured_fee);
    faults.foreign_currency("iCurrency", &list.i_currency);
    faults.one_of(Rejection::CodeMalformed, "iFlag", &list.i_flag, &CHARGE_FLAGS);
}

fn check_line(index: usize, line: &ExportLine, is_simplified: bool, faults: &mut Faults) {
    let field = |name| line_field(index, name);
    faults.text(field("itemNo"), &line.item_no, 20);
    faults.optional_text(field("itemRecordNo"), line.item_record_no.as_deref(), 30);
    faults.optional_text(field("itemName"), line.item_name.as_deref(), 250);
    commodity_code(faults, index, &line.gcode, is_simplified);
    faults.text(field("gname"), &line.gname, 250);
    faults.text(field("gmodel"), &line.gmodel, 250);
    faults.text(field("barCode"), &line.bar_code, 50);
    faults.digits(field("country"), &line.country, 3);
    faults.foreign_currency(field("currency"), &line.currency);
    faults.positive(field("qty"), line.qty);
    faults.digits(field("unit"), &line.unit, 3);
    faults.positive(field("qty1"), line.qty1);
    faults.digits(field("unit1"), &line.unit1, 3);
    faults.second_quantity(index, (line.qty2, line.unit2.as_deref()));
    faults.not_negative(field("price"), line.price);
    faults.not_negative(field("totalPrice"), line.total_price);
}

/// Ten digits; a simplified list may state the first four only.
fn commodity_code(faults: &mut Faults, index: usize, code: &str, is_simplified: bool) {
    let field = line_field(index, "gcode");
    let is_heading = is_simplified
        && (4..=10).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_digit());
    if !is_heading {
        faults.digits(field, code, 10);
    }
}

pub(in crate::check) fn check_cancellation(
    cancellation: &ExportListCancellation,
    faults: &mut Faults,
) {
    faults.digits("customsCode", &cancellation.customs_code, 4);
    faults.number_of("copNo", &cancellation.cop_no, 30);
    faults.given_numbers(cancellation.pre_no.as_deref(), Some(&cancellation.invt_no));
    faults.text("agentName", &cancellation.agent_name, 100);
    faults.text("ebcName", &cancellation.ebc_name, 100);
}

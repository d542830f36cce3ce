//! Arrival, departure, consolidation bill, summary application and its result: what names many
//! parcels or lists.

use super::super::{Faults, line_field};
use crate::document::{
    Arrival, ConsolidationBill, Departure, MovementLine, SummaryApplication, SummaryResult,
};
use crate::limits::ENTRIES_MAX;
use crate::rejection::Rejection;
use std::collections::BTreeSet;

/// Characters of the numbers that customs gives summaries and declarations.
const GIVEN_NUMBER_CHARS_MAX: usize = 18;

pub(in crate::check) fn check_arrival(arrival: &Arrival, faults: &mut Faults) {
    faults.digits("customsCode", &arrival.customs_code, 4);
    faults.number_of("copNo", &arrival.cop_no, 30);
    faults.given_numbers(arrival.pre_no.as_deref(), None);
    faults.text("operatorName", &arrival.operator_name, 100);
    faults.optional_text("loctNo", arrival.loct_no.as_deref(), 10);
    faults.direction(&arrival.ie_flag, "E");
    faults.transport("trafMode", &arrival.traf_mode);
    faults.optional_text("billNo", arrival.bill_no.as_deref(), 37);
    faults.text("domesticTrafNo", &arrival.domestic_traf_no, 100);
    faults.text("logisticsName", &arrival.logistics_name, 100);
    faults.part(arrival.msg_count, arrival.msg_seq_no);
    parcels(&arrival.lines, faults);
}

pub(in crate::check) fn check_departure(departure: &Departure, faults: &mut Faults) {
    faults.digits("customsCode", &departure.customs_code, 4);
    faults.number_of("copNo", &departure.cop_no, 30);
    faults.given_numbers(departure.pre_no.as_deref(), None);
    faults.text("logisticsName", &departure.logistics_name, 100);
    faults.transport("trafMode", &departure.traf_mode);
    faults.optional_text("trafName", departure.traf_name.as_deref(), 100);
    faults.optional_text("voyageNo", departure.voyage_no.as_deref(), 32);
    faults.optional_text("billNo", departure.bill_no.as_deref(), 37);
    faults.part(departure.msg_count, departure.msg_seq_no);
    parcels(&departure.lines, faults);
}

fn parcels(lines: &[MovementLine], faults: &mut Faults) {
    faults.line_numbers_to(ENTRIES_MAX, lines.iter().map(|line| line.gnum));
    faults.entries("logisticsNo", lines.iter().map(|line| line.logistics_no.as_str()));
    for (index, line) in lines.iter().enumerate() {
        faults.short_number(line_field(index, "logisticsNo"), &line.logistics_no);
        let number = line.total_package_no.as_deref();
        faults.optional_text(line_field(index, "totalPackageNo"), number, 37);
    }
}

pub(in crate::check) fn check_bill(bill: &ConsolidationBill, faults: &mut Faults) {
    faults.digits("customsCode", &bill.customs_code, 4);
    faults.number_of("copNo", &bill.cop_no, 30);
    faults.given_numbers(bill.pre_no.as_deref(), None);
    faults.text("agentName", &bill.agent_name, 100);
    faults.optional_text("loctNo", bill.loct_no.as_deref(), 10);
    faults.transport("trafMode", &bill.traf_mode);
    faults.text("trafName", &bill.traf_name, 100);
    faults.text("voyageNo", &bill.voyage_no, 32);
    faults.text("billNo", &bill.bill_no, 37);
    faults.optional_text("domesticTrafNo", bill.domestic_traf_no.as_deref(), 100);
    faults.positive("grossWeight", bill.gross_weight);
    faults.text("logisticsName", &bill.logistics_name, 100);
    faults.part(bill.msg_count, bill.msg_seq_no);
    faults.line_numbers_to(ENTRIES_MAX, bill.lines.iter().map(|line| line.gnum));
    faults.entries("logisticsNo", bill.lines.iter().map(|line| line.logistics_no.as_str()));
    for (index, line) in bill.lines.iter().enumerate() {
        faults.short_number(line_field(index, "logisticsNo"), &line.logistics_no);
        let number = line.total_package_no.as_deref();
        faults.optional_text(line_field(index, "totalPackageNo"), number, 60);
        if let Some(invt_no) = &line.invt_no {
            faults.number_of(line_field(index, "invtNo"), invt_no, 20);
        }
    }
}

pub(in crate::check) fn check_summary(summary: &SummaryApplication, faults: &mut Faults) {
    faults.digits("customsCode", &summary.customs_code, 4);
    faults.number_of("copNo", &summary.cop_no, 30);
    faults.given_numbers(summary.pre_no.as_deref(), None);
    faults.optional_text("sumNo", summary.sum_no.as_deref(), 18);
    faults.text("agentName", &summary.agent_name, 100);
    faults.text("ebcName", &summary.ebc_name, 100);
    faults.text("declAgentName", &summary.decl_agent_name, 100);
    let is_paired = match (summary.start_time, summary.end_time) {
        (Some(start), Some(end)) => start <= end,
        (None, None) => true,
        _ => false,
    };
    if !is_paired {
        let expected = "both, the end not before the start, or neither";
        faults.add(Rejection::PeriodUnpaired, "endTime", expected, "something else");
    }
    faults.optional_text("loctNo", summary.loct_no.as_deref(), 10);
    faults.one_of(Rejection::CodeMalformed, "summaryFlag", &summary.summary_flag, &["1", "2"]);
    faults.digits("itemNameFlag", &summary.item_name_flag, 1);
    faults.part(summary.msg_count, summary.msg_seq_no);
    faults.entries("invtNo", summary.lines.iter().map(|line| line.invt_no.as_str()));
    for (index, line) in summary.lines.iter().enumerate() {
        faults.number_of(line_field(index, "invtNo"), &line.invt_no, 20);
    }
}

pub(in crate::check) fn check_summary_result(result: &SummaryResult, faults: &mut Faults) {
    faults.digits("customsCode", &result.customs_code, 4);
    faults.number_of("sumNo", &result.sum_no, GIVEN_NUMBER_CHARS_MAX);
    faults.number_of("declSeqNo", &result.decl_seq_no, GIVEN_NUMBER_CHARS_MAX);
    for (field, number) in [
        ("decTmpNo", &result.dec_tmp_no),
        ("decPreNo", &result.dec_pre_no),
        ("entryId", &result.entry_id),
    ] {
        faults.optional_text(field, number.as_deref(), GIVEN_NUMBER_CHARS_MAX);
    }
    faults.text("decState", &result.dec_state, 3);
    faults.text("agentName", &result.agent_name, 100);
    faults.text("ebcName", &result.ebc_name, 100);
    faults.text("declAgentName", &result.decl_agent_name, 100);
    faults.weights(result.gross_weight, result.net_weight);
    faults.part(result.msg_count, result.msg_seq_no);
    faults.line_count(ENTRIES_MAX, result.lines.len());
    let mut seen = BTreeSet::new();
    for (index, line) in result.lines.iter().enumerate().take(ENTRIES_MAX) {
        faults.number_of(line_field(index, "invtNo"), &line.invt_no, 20);
        faults.short_number(line_field(index, "logisticsNo"), &line.logistics_no);
        faults.digits(line_field(index, "gcode"), &line.gcode, 10);
        if !seen.insert((line.invt_no.as_str(), line.gnum)) {
            let field = line_field(index, "gnum");
            faults.add(Rejection::EntryRepeated, field, "each line of a list once", "again");
        }
    }
}

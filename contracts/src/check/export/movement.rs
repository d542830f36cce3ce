//! Arrival, departure, consolidation bill, summary application: what names many parcels or lists.

use super::super::{Faults, line_field};
use crate::document::{Arrival, ConsolidationBill, Departure, MovementLine, SummaryApplication};
use crate::limits::ENTRIES_MAX;
use crate::rejection::Rejection;

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

//! Cancellation and return.

use super::super::{Faults, line_field};
use crate::document::{ListCancellation, ListReturn};
use crate::limits::LINES_MAX;
use crate::rejection::Rejection;

pub(in crate::check) fn check_cancellation(own: &ListCancellation, faults: &mut Faults) {
    faults.digits("customsCode", &own.customs_code, 4);
    faults.number("orderNo", &own.order_no);
    faults.text("ebpName", &own.ebp_name, 100);
    faults.text("ebcName", &own.ebc_name, 100);
    faults.number("logisticsNo", &own.logistics_no);
    faults.text("logisticsName", &own.logistics_name, 100);
    faults.own_number(own.cop_no.as_deref());
    faults.given_numbers(own.pre_no.as_deref(), Some(&own.invt_no));
    faults.id_type("buyerIdType", &own.buyer_id_type);
    faults.text("agentName", &own.agent_name, 100);
}

pub(in crate::check) fn check_return(own: &ListReturn, faults: &mut Faults) {
    faults.digits("customsCode", &own.customs_code, 4);
    faults.number("orderNo", &own.order_no);
    faults.text("ebpName", &own.ebp_name, 100);
    faults.text("ebcName", &own.ebc_name, 100);
    faults.number("logisticsNo", &own.logistics_no);
    faults.text("logisticsName", &own.logistics_name, 100);
    faults.own_number(own.cop_no.as_deref());
    faults.given_numbers(own.pre_no.as_deref(), Some(&own.invt_no));
    faults.id_type("buyerIdType", &own.buyer_id_type);
    faults.text("agentName", &own.agent_name, 100);
    faults.line_count(LINES_MAX, own.lines.len());
    let mut last = 0;
    for (index, line) in own.lines.iter().enumerate() {
        if line.gnum <= last {
            let expected = format!("more than {last}");
            faults.add(Rejection::EntryRepeated, line_field(index, "gnum"), expected, line.gnum);
        }
        last = line.gnum;
        faults.digits(line_field(index, "gcode"), &line.gcode, 10);
        faults.text(line_field(index, "gname"), &line.gname, 250);
        faults.positive(line_field(index, "qty"), line.qty);
        faults.digits(line_field(index, "unit"), &line.unit, 3);
    }
}

//! Return and its tally.

use super::super::{Faults, line_field};
use crate::document::{ExportReturn, ReturnLine, ReturnTally};
use crate::limits::EXPORT_LINES_MAX;
use crate::rejection::Rejection;

/// Characters of the waybill's number, which may be a foreign carrier's.
const BACK_NUMBER_CHARS_MAX: usize = 80;
/// Country code of China.
const CHINA: &str = "142";

pub(in crate::check) fn check_return(application: &ExportReturn, faults: &mut Faults) {
    faults.digits("customsCode", &application.customs_code, 4);
    faults.optional_text("loctNo", application.loct_no.as_deref(), 10);
    faults.text("ebpName", &application.ebp_name, 100);
    faults.text("ebcName", &application.ebc_name, 100);
    faults.number_of("logisticsNo", &application.logistics_no, BACK_NUMBER_CHARS_MAX);
    faults.text("logisticsName", &application.logistics_name, 100);
    faults.number_of("coElNo", &application.co_el_no, 30);
    faults.given_numbers(application.pre_no.as_deref(), Some(&application.invt_no));
    if let Some(mode) = &application.trade_mode {
        faults.digits("tradeMode", mode, 4);
    }
    faults.text("agentName", &application.agent_name, 100);
    faults.text("billNo", &application.bill_no, 37);
    faults.direction(&application.ie_flag, "I");
    faults.transport("trafMode", &application.traf_mode);
    faults.text("trafName", &application.traf_name, 100);
    faults.digits("portCode", &application.port_code, 4);
    faults.digits("country", &application.country, 3);
    if application.country == CHINA {
        faults.add(Rejection::ReturnFromChina, "country", "another country", CHINA);
    }
    faults.text("voyageNo", &application.voyage_no, 32);
    faults.line_count(EXPORT_LINES_MAX, application.lines.len());
    let mut last = 0;
    for (index, line) in application.lines.iter().enumerate() {
        if line.gnum <= last {
            let expected = format!("more than {last}");
            faults.add(Rejection::EntryRepeated, line_field(index, "gnum"), expected, line.gnum);
        }
        last = line.gnum;
        check_line(index, line, faults);
    }
}

fn check_line(index: usize, line: &ReturnLine, faults: &mut Faults) {
    let field = |name| line_field(index, name);
    let is_code = (4..=10).contains(&line.gcode.len())
        && line.gcode.bytes().all(|byte| byte.is_ascii_digit());
    if !is_code {
        faults.digits(field("gcode"), &line.gcode, 10);
    }
    faults.text(field("gname"), &line.gname, 250);
    faults.text(field("gmodel"), &line.gmodel, 250);
    faults.positive(field("qty"), line.qty);
    faults.positive(field("qty1"), line.qty1);
    faults.digits(field("unit"), &line.unit, 3);
    faults.digits(field("unit1"), &line.unit1, 3);
    faults.second_quantity(index, (line.qty2, line.unit2.as_deref()));
}

pub(in crate::check) fn check_tally(tally: &ReturnTally, faults: &mut Faults) {
    faults.digits("customsCode", &tally.customs_code, 4);
    faults.text("operatorName", &tally.operator_name, 100);
    faults.text("logisticsName", &tally.logistics_name, 100);
    faults.number_of("logisticsNo", &tally.logistics_no, BACK_NUMBER_CHARS_MAX);
    faults.number_of("coElNo", &tally.co_el_no, 20);
    faults.given_numbers(tally.pre_no.as_deref(), tally.invt_no.as_deref());
    faults.text("billNo", &tally.bill_no, 37);
    faults.direction(&tally.ie_flag, "I");
    faults.transport("trafMode", &tally.traf_mode);
    faults.text("trafName", &tally.traf_name, 100);
    faults.text("voyageNo", &tally.voyage_no, 32);
}

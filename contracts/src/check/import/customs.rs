//! What customs says of lists, and of their tax.

use super::super::{Faults, line_field};
use crate::document::{ListStatus, StatusSubject, TaxBill, TaxBillStatus};
use crate::rejection::Rejection;

/// Where a list may stand,
const OF_LIST: [&str; 12] =
    ["100", "120", "300", "399", "500", "501", "502", "503", "599", "700", "800", "899"];
/// and where a return may.
const OF_RETURN: [&str; 1] = ["899"];
/// Where a tax bill may stand.
const OF_BILL: [&str; 3] = ["1", "2", "3"];
/// Characters of a bill's number, and of the payment order's.
const TAX_NUMBER_CHARS_MAX: usize = 50;

pub(in crate::check) fn check_list_status(own: &ListStatus, faults: &mut Faults) {
    faults.number("orderNo", &own.order_no);
    faults.digits("customsCode", &own.customs_code, 4);
    faults.given_numbers(None, Some(&own.invt_no));
    let codes: &[&str] = match &own.subject {
        StatusSubject::List => &OF_LIST,
        StatusSubject::Return { cop_no, .. } => {
            faults.own_number(cop_no.as_deref());
            &OF_RETURN
        }
    };
    let (rejection, field) = (Rejection::ReturnStatusUnknown, "returnStatus");
    faults.one_of(rejection, field, &own.return_status, codes);
}

pub(in crate::check) fn check_bill(own: &TaxBill, faults: &mut Faults) {
    check_numbers(&own.invt_no, &own.tax_no, own.ent_duty_no.as_deref(), faults);
    faults.one_of(Rejection::TaxStatusUnknown, "status", &own.status, &OF_BILL);
    faults.not_negative("customsTax", own.customs_tax);
    faults.not_negative("valueAddedTax", own.value_added_tax);
    faults.not_negative("consumptionTax", own.consumption_tax);
    if let Some(district) = &own.customs_code {
        faults.digits("customsCode", district, 4);
    }
    faults.line_numbers(own.lines.iter().map(|line| line.gnum));
    for (index, line) in own.lines.iter().enumerate() {
        faults.digits(line_field(index, "gcode"), &line.gcode, 10);
        faults.not_negative(line_field(index, "taxPrice"), line.tax_price);
        faults.not_negative(line_field(index, "customsTax"), line.customs_tax);
        faults.not_negative(line_field(index, "valueAddedTax"), line.value_added_tax);
        faults.not_negative(line_field(index, "consumptionTax"), line.consumption_tax);
    }
}

pub(in crate::check) fn check_bill_status(own: &TaxBillStatus, faults: &mut Faults) {
    check_numbers(&own.invt_no, &own.tax_no, own.ent_duty_no.as_deref(), faults);
    faults.one_of(Rejection::TaxStatusUnknown, "status", &own.status, &OF_BILL);
}

fn check_numbers(invt_no: &str, tax_no: &str, ent_duty_no: Option<&str>, faults: &mut Faults) {
    faults.given_numbers(None, Some(invt_no));
    faults.number_of("taxNo", tax_no, TAX_NUMBER_CHARS_MAX);
    faults.optional_text("entDutyNo", ent_duty_no, TAX_NUMBER_CHARS_MAX);
}

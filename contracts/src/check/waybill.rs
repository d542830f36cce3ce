//! Waybill: field table of message 511.

use super::Faults;
use crate::document::Waybill;

pub(super) fn check(waybill: &Waybill, faults: &mut Faults) {
    faults.text("logisticsName", &waybill.logistics_name, 100);
    faults.number("logisticsNo", &waybill.logistics_no);
    faults.optional_text("billNo", waybill.bill_no.as_deref(), 37);
    faults.number("orderNo", &waybill.order_no);
    for (field, amount) in [("freight", waybill.freight), ("insuredFee", waybill.insured_fee)] {
        if let Some(amount) = amount {
            faults.not_negative(field, amount);
        }
    }
    faults.currency("currency", &waybill.currency);
    faults.positive("weight", waybill.weight);
    faults.one_parcel(waybill.pack_no);
}

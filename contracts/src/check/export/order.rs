//! Order, receipt of funds, waybill.

use super::super::order::{line_total, lines_are_sum};
use super::super::{Faults, line_field};
use crate::document::{ExportOrder, ExportOrderLine, ExportWaybill, FundsReceipt};
use crate::limits::EXPORT_LINES_MAX;
use crate::policy::Policy;
use crate::rejection::Rejection;

/// Retail, between enterprises, booking of an overseas warehouse.
const ORDER_TYPES: [&str; 3] = ["E", "B", "W"];

pub(in crate::check) fn check_order(order: &ExportOrder, policy: &Policy, faults: &mut Faults) {
    faults.one_of(Rejection::OrderTypeUnknown, "orderType", &order.order_type, &ORDER_TYPES);
    faults.number("orderNo", &order.order_no);
    faults.text("ebpName", &order.ebp_name, 100);
    faults.text("ebcName", &order.ebc_name, 100);
    faults.positive("goodsValue", order.goods_value);
    faults.not_negative("freight", order.freight);
    faults.foreign_currency("currency", &order.currency);
    faults.line_numbers_to(EXPORT_LINES_MAX, order.lines.iter().map(|line| line.gnum));
    for (index, line) in order.lines.iter().enumerate() {
        check_line(index, line, faults);
        let numbers = [line.qty, line.price, line.total_price];
        line_total(line_field(index, "totalPrice"), numbers, policy, faults);
        faults.one_of(
            Rejection::LineCurrency,
            line_field(index, "currency"),
            &line.currency,
            &[&order.currency],
        );
    }
    lines_are_sum(order.goods_value, order.lines.iter().map(|line| line.total_price), faults);
}

fn check_line(index: usize, line: &ExportOrderLine, faults: &mut Faults) {
    let field = |name| line_field(index, name);
    faults.text(field("itemNo"), &line.item_no, 30);
    faults.text(field("itemName"), &line.item_name, 250);
    faults.optional_text(field("barCode"), line.bar_code.as_deref(), 50);
    faults.digits(field("unit"), &line.unit, 3);
    faults.positive(field("qty"), line.qty);
    faults.not_negative(field("price"), line.price);
    faults.not_negative(field("totalPrice"), line.total_price);
}

pub(in crate::check) fn check_receipt(receipt: &FundsReceipt, faults: &mut Faults) {
    faults.text("ebpName", &receipt.ebp_name, 100);
    faults.text("ebcName", &receipt.ebc_name, 100);
    faults.number("orderNo", &receipt.order_no);
    faults.text("payName", &receipt.pay_name, 100);
    if let Some(number) = &receipt.pay_no {
        faults.number("payNo", number);
    }
    faults.positive("charge", receipt.charge);
    faults.foreign_currency("currency", &receipt.currency);
}

pub(in crate::check) fn check_waybill(waybill: &ExportWaybill, faults: &mut Faults) {
    faults.text("logisticsName", &waybill.logistics_name, 100);
    faults.short_number("logisticsNo", &waybill.logistics_no);
    faults.not_negative("freight", waybill.freight);
    faults.not_negative("insuredFee", waybill.insured_fee);
    faults.foreign_currency("currency", &waybill.currency);
    faults.positive("grossWeight", waybill.gross_weight);
    faults.parcels(waybill.pack_no);
    faults.optional_text("ebcName", waybill.ebc_name.as_deref(), 100);
}

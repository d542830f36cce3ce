//! Order: field table of message 311, rules M02 and M04.

use super::{Faults, Place, line_field};
use crate::document::{Order, OrderLine};
use crate::policy::Policy;
use crate::rejection::Rejection;
use kanhe_types::decimal::Decimal;

pub(super) fn check(order: &Order, policy: &Policy, faults: &mut Faults) {
    head(order, faults);
    faults.line_numbers(order.lines.iter().map(|line| line.gnum));
    for (index, line) in order.lines.iter().enumerate() {
        check_line(index, line, faults);
        let (qty, price, total) = (line.qty, line.price, line.total_price);
        line_total(line_field(index, "totalPrice"), [qty, price, total], policy, faults);
    }
    paid_is_sum(order, faults);
    lines_are_sum(order.goods_value, order.lines.iter().map(|line| line.total_price), faults);
}

fn head(order: &Order, faults: &mut Faults) {
    faults.number("orderNo", &order.order_no);
    faults.text("ebpName", &order.ebp_name, 100);
    faults.text("ebcName", &order.ebc_name, 100);
    faults.positive("goodsValue", order.goods_value);
    faults.not_negative("freight", order.freight);
    faults.not_negative("discount", order.discount);
    faults.not_negative("taxTotal", order.tax_total);
    faults.not_negative("acturalPaid", order.actural_paid);
    faults.currency("currency", &order.currency);
    faults.id_type("buyerIdType", &order.buyer_id_type);
    faults.optional_text("payName", order.pay_name.as_deref(), 100);
    if let Some(transaction) = &order.pay_transaction_id {
        faults.number("payTransactionId", transaction);
    }
    faults.optional_text("batchNumbers", order.batch_numbers.as_deref(), 100);
    if let Some(district) = &order.consignee_district {
        faults.digits("consigneeDistrict", district, 6);
    }
}

fn check_line(index: usize, line: &OrderLine, faults: &mut Faults) {
    let field = |name| line_field(index, name);
    faults.optional_text(field("itemNo"), line.item_no.as_deref(), 30);
    faults.text(field("itemName"), &line.item_name, 250);
    faults.text(field("gmodel"), &line.gmodel, 510);
    faults.optional_text(field("barCode"), line.bar_code.as_deref(), 50);
    faults.digits(field("unit"), &line.unit, 3);
    faults.positive(field("qty"), line.qty);
    // A gift costs nothing.
    faults.not_negative(field("price"), line.price);
    faults.not_negative(field("totalPrice"), line.total_price);
    faults.currency(field("currency"), &line.currency);
    faults.digits(field("country"), &line.country, 3);
}

/// M02: what was paid is goods, freight and tax less the discount, to the last digit.
fn paid_is_sum(order: &Order, faults: &mut Faults) {
    let sum = order
        .goods_value
        .checked_add(order.freight)
        .and_then(|sum| sum.checked_add(order.tax_total))
        .and_then(|sum| sum.checked_sub(order.discount));
    match sum {
        None => faults.add(
            Rejection::NumberTooLarge,
            "goodsValue + freight + taxTotal - discount",
            "at most 19 digits",
            "more",
        ),
        Some(sum) if sum != order.actural_paid => {
            faults.add(Rejection::PaidNotSum, "acturalPaid", sum, order.actural_paid);
        }
        Some(_) => {}
    }
}

/// M04: the lines add up to the goods' value, to the last digit.
pub(super) fn lines_are_sum(
    goods_value: Decimal,
    mut totals: impl Iterator<Item = Decimal>,
    faults: &mut Faults,
) {
    let sum = totals.try_fold(Decimal::ZERO, |sum, total| sum.checked_add(total));
    match sum {
        None => {
            let field = "sum of totalPrice";
            faults.add(Rejection::NumberTooLarge, field, "at most 19 digits", "more");
        }
        Some(sum) if sum != goods_value => {
            faults.add(Rejection::LinesNotSum, "goodsValue", sum, goods_value);
        }
        Some(_) => {}
    }
}

/// M04: a line's total is quantity times price, give or take the policy's tolerance for each unit
/// of quantity (prices of a third of a yuan exist).
pub(super) fn line_total(
    field: Place,
    [qty, price, total]: [Decimal; 3],
    policy: &Policy,
    faults: &mut Faults,
) {
    let product = qty.checked_mul(price);
    let tolerance = qty.checked_mul(policy.line_total_tolerance);
    let (Some(product), Some(tolerance)) = (product, tolerance) else {
        faults.add(Rejection::NumberTooLarge, field, "qty x price of at most 19 digits", "more");
        return;
    };
    let is_within = product.distance(total).is_some_and(|distance| distance <= tolerance);
    if !is_within {
        let expected = format!("{product} within {tolerance}");
        faults.add(Rejection::LineTotal, field, expected, total);
    }
}

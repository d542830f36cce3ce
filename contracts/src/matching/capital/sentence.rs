//! Findings of shared payments and refunds as sentences.

use super::super::sentence::name_of;
use super::super::{Finding, Reason};

impl Finding {
    /// What a reason of these rules says; nothing for the others.
    pub(in crate::matching) fn of_capital(&self, reason: Reason, is_english: bool) -> String {
        if is_english { self.of_capital_en(reason) } else { self.of_capital_zh(reason) }
    }

    fn of_capital_en(&self, reason: Reason) -> String {
        let left = name_of(self.left_kind, true);
        let (field, a, b) = (&self.field, &self.left, &self.right);
        match reason {
            Reason::SharesOfAnotherPlatform => {
                format!("the {left} is of another platform than the payment of {b}")
            }
            Reason::SharesNotPaid => {
                format!("{field}: the shares are together {a}, paid was {b}")
            }
            Reason::Shared => {
                format!("the order has {a} of a payment of {b}, divided between {field} orders")
            }
            Reason::RefundedMore => format!("{a} went back of {b} that was paid for the order"),
            Reason::RefundedLess => format!("{a} went back of {b} that was paid"),
            Reason::PaymentAwaited => {
                format!("the {left} is of payment {a}, which the order does not have")
            }
            Reason::RefundedBefore => "refunds were made before the declaration".into(),
            Reason::RefundCovered => {
                format!(
                    "{a} went back after the declaration, within {b} for returned goods or a \
                     cancelled list"
                )
            }
            Reason::RefundUncovered => {
                format!(
                    "{a} went back after the declaration, and only {b} is for returned goods or \
                     a cancelled list"
                )
            }
            _ => String::new(),
        }
    }

    fn of_capital_zh(&self, reason: Reason) -> String {
        let left = name_of(self.left_kind, false);
        let (field, a, b) = (&self.field, &self.left, &self.right);
        match reason {
            Reason::SharesOfAnotherPlatform => {
                format!("{left}与支付单（金额{b}）不属于同一电商平台")
            }
            Reason::SharesNotPaid => format!("{field}：各订单分摊合计{a}，实际支付{b}"),
            Reason::Shared => format!("支付金额{b}由{field}个订单分摊，本订单为{a}"),
            Reason::RefundedMore => format!("已退款{a}，超过本订单支付金额{b}"),
            Reason::RefundedLess => format!("已退款{a}，未超过支付金额{b}"),
            Reason::PaymentAwaited => format!("{left}所指支付交易{a}不属于本订单"),
            Reason::RefundedBefore => "退款均发生在清单申报之前".into(),
            Reason::RefundCovered => format!("申报后退款{a}，对应退货或撤单金额{b}"),
            Reason::RefundUncovered => format!("申报后退款{a}，退货或撤单对应金额仅{b}"),
            _ => String::new(),
        }
    }
}

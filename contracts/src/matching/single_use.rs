//! M11: a waybill and a payment serve one order.

use super::{Finding, Reason, RuleId, Standing, Subject, Verdict, missing};

/// M11. Findings never say which other case or order it is: that is another merchant's trade.
pub(super) fn m11(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some((extra_meta, extra)) = subject.extra_payment {
        let mut finding = Finding::new(RuleId::M11, Verdict::Fail)
            .because(Reason::PaidTwice)
            .field("payTransactionId");
        if let Some((meta, payment)) = subject.payment {
            finding = finding.left(meta, &payment.pay_transaction_id);
        }
        findings.push(finding.right(extra_meta, &extra.pay_transaction_id));
    }
    let reason = match subject.standing {
        Standing::Taken => Some(Reason::WaybillTaken),
        Standing::OfAnotherOrder => Some(Reason::WaybillOfAnotherOrder),
        _ => None,
    };
    if let (Some(reason), Some((meta, list))) = (reason, subject.list) {
        let finding = Finding::new(RuleId::M11, Verdict::Fail)
            .because(reason)
            .field("logisticsNo")
            .left(meta, &list.logistics_no);
        findings.push(finding);
    }
    if !findings.is_empty() {
        return findings;
    }
    let (Some((list_meta, list)), Some((waybill_meta, waybill))) = (subject.list, subject.waybill)
    else {
        return missing(RuleId::M11);
    };
    let finding = Finding::new(RuleId::M11, Verdict::Pass)
        .field("logisticsNo")
        .left(list_meta, &list.logistics_no)
        .right(waybill_meta, &waybill.logistics_no);
    vec![finding]
}

//! M11: a waybill and a payment serve one order.

use super::report::Report;
use super::{Reason, RuleId, Standing, Subject, Verdict};

/// M11. Findings never say which other case or order it is: that is another merchant's trade.
pub(super) fn m11<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let mut is_open = false;
    if let Some((extra_meta, extra)) = subject.extra_payment {
        is_open = true;
        report.say(RuleId::M11, Verdict::Fail, |finding| {
            let mut finding = finding.because(Reason::PaidTwice).field("payTransactionId");
            if let Some((meta, payment)) = subject.payment {
                finding = finding.left(meta, &payment.pay_transaction_id);
            }
            finding.right(extra_meta, &extra.pay_transaction_id)
        });
    }
    let reason = match subject.standing {
        Standing::Taken => Some(Reason::WaybillTaken),
        Standing::OfAnotherOrder => Some(Reason::WaybillOfAnotherOrder),
        _ => None,
    };
    if let (Some(reason), Some((meta, list))) = (reason, subject.list) {
        is_open = true;
        report.say(RuleId::M11, Verdict::Fail, |finding| {
            finding.because(reason).field("logisticsNo").left(meta, &list.logistics_no)
        });
    }
    if is_open {
        return;
    }
    let (Some((list_meta, list)), Some((waybill_meta, _))) = (subject.list, subject.waybill) else {
        return report.missing(RuleId::M11);
    };
    // The waybill of a case is the one that its list names.
    report.say(RuleId::M11, Verdict::Pass, |finding| {
        finding
            .field("logisticsNo")
            .left(list_meta, &list.logistics_no)
            .right(waybill_meta, &list.logistics_no)
    });
}

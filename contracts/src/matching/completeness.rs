//! M01: all documents of the trade are there.

use super::report::Report;
use super::{Reason, RuleId, Subject, Verdict};
use crate::document::DocumentKind;

/// M01. Waits, naming what is missing; never fails, because documents may come in any order.
pub(super) fn m01(subject: &Subject<'_>, report: &mut impl Report) {
    let required = [
        (DocumentKind::Order, subject.order.is_some()),
        (DocumentKind::Payment, subject.payment.is_some()),
        (DocumentKind::Waybill, subject.standing.is_settled()),
        (DocumentKind::InventoryList, subject.list.is_some()),
    ];
    if required.iter().all(|(_, is_there)| *is_there) {
        return report.say(RuleId::M01, Verdict::Pass, |finding| finding.field("documents"));
    }
    report.say(RuleId::M01, Verdict::Pending, |finding| {
        let missing = required.iter().filter(|(_, is_there)| !is_there);
        let missing: Vec<&str> = missing.map(|(kind, _)| kind.name()).collect();
        let mut finding = finding.because(Reason::DocumentMissing).field("documents");
        finding.left = missing.join(", ");
        finding
    });
}

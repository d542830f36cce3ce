//! M01: all documents of the trade are there.

use super::{Finding, Reason, RuleId, Subject, Verdict};
use crate::document::DocumentKind;

/// M01. Waits, naming what is missing; never fails, because documents may come in any order.
pub(super) fn m01(subject: &Subject<'_>) -> Vec<Finding> {
    let required = [
        (DocumentKind::Order, subject.order.is_some()),
        (DocumentKind::Payment, subject.payment.is_some()),
        (DocumentKind::Waybill, subject.standing.is_settled()),
        (DocumentKind::InventoryList, subject.list.is_some()),
    ];
    let missing: Vec<&str> =
        required.iter().filter(|(_, is_there)| !is_there).map(|(kind, _)| kind.name()).collect();
    if missing.is_empty() {
        return vec![Finding::new(RuleId::M01, Verdict::Pass).field("documents")];
    }
    let mut finding = Finding::new(RuleId::M01, Verdict::Pending).because(Reason::DocumentMissing);
    finding.field = "documents".to_owned();
    finding.left = missing.join(", ");
    vec![finding]
}

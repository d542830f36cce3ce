//! M01: all documents of the trade are there.

use super::report::Report;
use super::{Reason, RuleId, Subject, Verdict};

/// M01. Waits, naming what is missing; never fails, because documents may come in any order.
pub(super) fn m01<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let missing = subject.missing();
    if missing.is_empty() {
        return report.say(RuleId::M01, Verdict::Pass, |finding| finding.field("documents"));
    }
    report.say(RuleId::M01, Verdict::Pending, |finding| {
        let missing: Vec<&str> = missing.iter().map(|kind| kind.name()).collect();
        let mut finding = finding.because(Reason::DocumentMissing).field("documents");
        finding.left = missing.join(", ");
        finding
    });
}

//! S01: an original that an agency asks for is shown, and says what the document says.

use super::report::Report;
use super::{Finding, Reason, RuleId, Subject, Verdict};
use crate::limits::FINDING_VALUE_CHARS_MAX;
use crate::spot_check::{CaseSpotCheck, SpotCheckStatus};
use kanhe_types::hash::Hash;
use kanhe_types::time::CustomsTime;

/// S01 of an import.
pub(super) fn s01<R: Report>(subject: &Subject<'_>, report: &mut R) {
    of_checks(subject.spot_checks, report);
}

/// One finding for each spot check of a case; nothing where there is none.
pub(super) fn of_checks<R: Report>(checks: &[CaseSpotCheck], report: &mut R) {
    for check in checks {
        let verdict = match &check.status {
            SpotCheckStatus::Asked | SpotCheckStatus::Shown { .. } => Verdict::Pending,
            SpotCheckStatus::Agrees => Verdict::Pass,
            SpotCheckStatus::Differs { .. }
            | SpotCheckStatus::Missing { .. }
            | SpotCheckStatus::Unanswered => Verdict::Fail,
            SpotCheckStatus::Erased { .. } => Verdict::NotApplicable,
        };
        report.say(RuleId::S01, verdict, |finding| explained(finding, check));
    }
}

fn explained(finding: Finding, check: &CaseSpotCheck) -> Finding {
    let due = || CustomsTime::from_millis(check.due).to_string();
    let (reason, field, left, right) = match &check.status {
        SpotCheckStatus::Asked => {
            (Reason::OriginalAwaited, "original", check.sender.to_string(), due())
        }
        SpotCheckStatus::Shown { letter } => {
            (Reason::OriginalShown, "original", check.agency.to_string(), letter.to_string())
        }
        SpotCheckStatus::Agrees => {
            (Reason::OriginalAgrees, "original", check.agency.to_string(), String::new())
        }
        SpotCheckStatus::Differs { field, ledger, original } => {
            (Reason::OriginalDiffers, field.as_str(), ledger.clone(), original.clone())
        }
        SpotCheckStatus::Missing { reason } => {
            (Reason::OriginalMissing, "original", reason.clone(), check.sender.to_string())
        }
        SpotCheckStatus::Unanswered => {
            (Reason::OriginalUnanswered, "original", check.sender.to_string(), due())
        }
        SpotCheckStatus::Erased { record } => {
            (Reason::OriginalErased, "original", record.to_string(), String::new())
        }
    };
    let said = check.judgement.or(check.answer).map(|said| said.document);
    let by: Hash = said.unwrap_or(check.check);
    let bounded = |text: String| text.chars().take(FINDING_VALUE_CHARS_MAX).collect();
    let mut finding = finding.because(reason).field(field);
    finding.left_kind = Some(check.kind);
    finding.left_document = Some(check.document);
    finding.left = bounded(left);
    finding.right_document = Some(by);
    finding.right = bounded(right);
    finding
}

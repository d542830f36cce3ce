//! What documents of registers of credit show by themselves.

use super::{check_evidence, check_number};
use crate::check::Faults;
use crate::document::{ListNotice, NegativeList, NegativeListAct};
use crate::limits::{BASIS_CHARS_MAX, CATEGORY_CHARS_MAX, REASON_CHARS_MAX};
use crate::rejection::Rejection;

pub(in crate::check) fn check_negative_list(own: &NegativeList, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        NegativeListAct::Notify(notice) => check_notice(notice, faults),
        NegativeListAct::Object(evidence) | NegativeListAct::Rectify { evidence, .. } => {
            check_evidence(evidence, false, faults);
        }
        NegativeListAct::Answer(answer) => check_reason(&answer.reason, faults),
        NegativeListAct::Refuse { reason, .. } | NegativeListAct::Withdraw { reason } => {
            check_reason(reason, faults);
        }
        NegativeListAct::Enter | NegativeListAct::Repair { .. } => {}
    }
}

fn check_notice(notice: &ListNotice, faults: &mut Faults) {
    faults.number_of("category", &notice.category, CATEGORY_CHARS_MAX);
    faults.text("basis", &notice.basis, BASIS_CHARS_MAX);
    if notice.until <= notice.from {
        let expected = format!("after {}", notice.from);
        faults.add(Rejection::DatesUnfit, "until", expected, notice.until);
    }
    if !ascending(&notice.public) {
        let expected = "fields, ascending without repeats";
        faults.add(Rejection::PartsMalformed, "public", expected, notice.public.len());
    }
}

/// Why something was decided as it was.
fn check_reason(reason: &str, faults: &mut Faults) {
    faults.text("reason", reason, REASON_CHARS_MAX);
}

fn ascending<T: Ord>(values: &[T]) -> bool {
    values.windows(2).all(|pair| matches!(pair, [one, two] if one < two))
}

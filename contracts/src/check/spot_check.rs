//! What documents about originals show by themselves.

use super::Faults;
use crate::document::{
    Erasure, OriginalAnswer, OriginalResult, SpotCheck, SpotCheckAnswer, SpotCheckResult,
};
use crate::limits::{FINDING_VALUE_CHARS_MAX, REASON_CHARS_MAX, SPOT_CHECK_SECONDS_MAX};
use crate::rejection::Rejection;

pub(super) fn check_asked(asked: &SpotCheck, faults: &mut Faults) {
    faults.number("case.order_no", &asked.case.order_no);
    faults.text("reason", &asked.reason, REASON_CHARS_MAX);
    if !(1..=SPOT_CHECK_SECONDS_MAX).contains(&asked.seconds) {
        let expected = format!("1 to {SPOT_CHECK_SECONDS_MAX} seconds");
        faults.add(Rejection::SpotCheckTime, "seconds", expected, asked.seconds);
    }
}

pub(super) fn check_answer(answer: &SpotCheckAnswer, faults: &mut Faults) {
    if let OriginalAnswer::Missing(reason) = &answer.answer {
        faults.text("reason", reason, REASON_CHARS_MAX);
    }
}

pub(super) fn check_result(result: &SpotCheckResult, faults: &mut Faults) {
    if let OriginalResult::Differs { field, ledger, original } = &result.result {
        faults.text("field", field, FINDING_VALUE_CHARS_MAX);
        faults.text("ledger", ledger, FINDING_VALUE_CHARS_MAX);
        faults.text("original", original, FINDING_VALUE_CHARS_MAX);
    }
}

pub(super) fn check_erasure(erasure: &Erasure, faults: &mut Faults) {
    faults.number("case.order_no", &erasure.case.order_no);
    faults.text("reason", &erasure.reason, REASON_CHARS_MAX);
}

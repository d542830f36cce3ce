//! What documents of who sees what show by themselves.

use super::Faults;
use crate::document::{
    AssistanceAnswer, AssistanceRequest, CaseGrant, GrantWithdrawal, Inspection, PeriodGrant,
    ReadReport, Subject,
};
use crate::limits::{
    ACCESS_INSTANT_MAX, ACCESS_INSTANT_MIN, ACCESS_TERM_MS_MAX, READ_CASES_MAX, READS_MAX,
    REASON_CHARS_MAX,
};
use crate::rejection::Rejection;
use kanhe_types::time::Millis;

pub(super) fn check_case_grant(grant: &CaseGrant, faults: &mut Faults) {
    faults.number("orderNo", &grant.order_no);
    faults.text("purpose", &grant.purpose, REASON_CHARS_MAX);
}

pub(super) fn check_period_grant(grant: &PeriodGrant, faults: &mut Faults) {
    faults.text("purpose", &grant.purpose, REASON_CHARS_MAX);
    check_period(grant.from, grant.end, faults);
}

pub(super) fn check_withdrawal(withdrawal: &GrantWithdrawal, faults: &mut Faults) {
    faults.text("reason", &withdrawal.reason, REASON_CHARS_MAX);
}

pub(super) fn check_request(request: &AssistanceRequest, faults: &mut Faults) {
    let AssistanceRequest { subject, kinds, purpose, basis, .. } = request;
    faults.text("purpose", purpose, REASON_CHARS_MAX);
    faults.text("basis", basis, REASON_CHARS_MAX);
    match subject {
        Subject::Case(case) => faults.number("orderNo", &case.order_no),
        Subject::Organisation { from, end, .. } => check_period(*from, *end, faults),
    }
    let ascends = kinds.windows(2).all(|pair| matches!(pair, [one, two] if one < two));
    if kinds.is_empty() || !ascends || !kinds.iter().all(|kind| kind.is_of_trade()) {
        let expected = "kinds of documents of a trade, ascending without repeats";
        let found: Vec<&str> = kinds.iter().take(16).map(|kind| kind.name()).collect();
        faults.add(Rejection::KindsMalformed, "kinds", expected, found.join(", "));
    }
}

pub(super) fn check_answer(answer: &AssistanceAnswer, faults: &mut Faults) {
    faults.text("reason", &answer.reason, REASON_CHARS_MAX);
}

pub(super) fn check_inspection(inspection: &Inspection, faults: &mut Faults) {
    faults.number("orderNo", &inspection.order_no);
    faults.text("inspected", &inspection.inspected, REASON_CHARS_MAX);
}

pub(super) fn check_report(report: &ReadReport, faults: &mut Faults) {
    let found = report.reads.len();
    if !(1..=READS_MAX).contains(&found) {
        faults.add(Rejection::ReadsMalformed, "reads", format!("1 to {READS_MAX}"), found);
    }
    let instants = ACCESS_INSTANT_MIN..=ACCESS_INSTANT_MAX;
    for entry in report.reads.iter().take(READS_MAX) {
        let is_ordered = entry.first <= entry.last
            && instants.contains(&entry.first.0)
            && instants.contains(&entry.last.0);
        if entry.count == 0 || !is_ordered || READ_CASES_MAX < entry.cases.len() {
            let expected = format!("reads in order of time, of at most {READ_CASES_MAX} cases");
            faults.add(Rejection::ReadsMalformed, "reads", expected, "something else");
        }
        for case in &entry.cases {
            faults.number("orderNo", &case.order_no);
        }
    }
}

fn check_period(from: Millis, end: Millis, faults: &mut Faults) {
    // Bounds first: what is far outside takes long to write as a time, and cannot be read again.
    let (first, last) = (ACCESS_INSTANT_MIN, ACCESS_INSTANT_MAX);
    let is_within = first <= from.0 && end.0 <= last;
    if is_within && from < end && end.0.saturating_sub(from.0) <= ACCESS_TERM_MS_MAX {
        return;
    }
    let expected = "instants of the years 2000 to 2099, at most 3660 days from one to the other";
    let found = if is_within { format!("{from} to {end}") } else { "another year".to_owned() };
    faults.add(Rejection::PeriodMalformed, "end", expected, found);
}

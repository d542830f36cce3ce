//! Rules over the documents of an export. Where they are those of an import they have its numbers.

mod documents;
mod goods;
mod notices;
mod sentence;

use super::report::{Findings, Report, Verdicts};
use super::{Finding, Present, Reason, RuleId, RuleOutcome, Severity, Verdict};
use crate::document::DocumentKind;
use crate::event::CaseState;
use crate::export::{
    ExportCase, ExportListFacts, ExportOrderFacts, ExportWaybillFacts, Notice, NoticeFacts,
};
use crate::policy::{Direction, ModeProfile, Policy};
use kanhe_types::decimal::Decimal;

/// What the rules say of an export case, and where it stands by that.
pub(crate) struct ExportVerdict {
    state: CaseState,
    outcomes: Vec<RuleOutcome>,
    missing: Vec<DocumentKind>,
    is_late: bool,
}

impl ExportVerdict {
    /// Whether the case says so already.
    pub(crate) fn is_of(&self, case: &ExportCase) -> bool {
        self.state == case.state
            && self.outcomes == case.outcomes
            && self.missing == case.missing
            && self.is_late == case.is_late
    }

    pub(crate) fn put(self, case: &mut ExportCase) {
        case.state = self.state;
        case.outcomes = self.outcomes;
        case.missing = self.missing;
        case.is_late = self.is_late;
    }
}

/// What the rules look at.
struct Subject<'a> {
    case: &'a ExportCase,
    order: Option<Present<'a, ExportOrderFacts>>,
    list: Option<Present<'a, ExportListFacts>>,
    waybill: Option<Present<'a, ExportWaybillFacts>>,
    mode: Option<&'a ModeProfile>,
    is_late: bool,
    policy: &'a Policy,
}

impl<'a> Subject<'a> {
    fn new(case: &'a ExportCase, policy: &'a Policy, is_late: bool) -> Self {
        let order = case.order.as_ref();
        let list = case.list.as_ref();
        let waybill = case.waybill.as_ref();
        let mode = case.list_facts().map(|list| list.trade_mode.as_str());
        Self {
            case,
            order: order.and_then(|entry| Some((&entry.meta, entry.facts.as_ref()?))),
            list: list.and_then(|entry| Some((&entry.meta, entry.facts.as_ref()?))),
            waybill: waybill.and_then(|entry| Some((&entry.meta, entry.facts.as_ref()?))),
            mode: mode.and_then(|code| policy.mode(Direction::Export, code)),
            is_late,
            policy,
        }
    }

    /// What documents of the list's own parties say of the list, or anybody of its parcel.
    fn notices(&self) -> impl Iterator<Item = &'a Notice> {
        let list = self.list.map(|(_, list)| list);
        self.case
            .notices
            .iter()
            .filter(move |notice| list.is_some_and(|list| is_of_list(notice, list)))
    }

    fn has_notice(&self, is_it: fn(&NoticeFacts) -> bool) -> bool {
        self.notices().any(|notice| is_it(&notice.facts))
    }

    fn is_cancelled(&self) -> bool {
        self.has_notice(|facts| matches!(facts, NoticeFacts::Cancellation { .. }))
    }
}

/// Whether a document that speaks of a list is by the list's consignor or declarant. What is said
/// of a parcel is the business of whoever carries it or has it on its site.
pub(crate) fn is_of_list(notice: &Notice, list: &ExportListFacts) -> bool {
    let signer = &notice.meta.signer;
    let is_by_party = *signer == list.ebc_code || *signer == list.agent_code;
    match &notice.facts {
        NoticeFacts::Arrival { .. }
        | NoticeFacts::Departure { .. }
        | NoticeFacts::Bill { .. }
        | NoticeFacts::Tally { .. }
        // Customs gave the list the number by which it names it.
        | NoticeFacts::Declared { .. } => true,
        NoticeFacts::Cancellation { agent_code, ebc_code, cop_no } => {
            is_by_party
                && *agent_code == list.agent_code
                && *ebc_code == list.ebc_code
                && *cop_no == list.cop_no
        }
        NoticeFacts::Summary { ebc_code, .. } | NoticeFacts::Return { ebc_code, .. } => {
            is_by_party && *ebc_code == list.ebc_code
        }
    }
}

/// What the list's own parties applied to bring back: numbers of its lines, and how much of each.
pub(crate) fn own_returns(case: &ExportCase) -> Vec<(u32, Decimal)> {
    let Some(list) = case.list_facts() else { return Vec::new() };
    let own = case.notices.iter().filter(|notice| is_of_list(notice, list));
    let lines = own.filter_map(|notice| match &notice.facts {
        NoticeFacts::Return { lines, .. } => Some(lines),
        _ => None,
    });
    lines.flatten().map(|line| (line.gnum, line.qty)).collect()
}

/// A rule and what asks it.
type Rule<R> = (RuleId, fn(&Subject<'_>, &mut R));

/// Asks every rule that the mode asks, in the order of their numbers.
fn ask<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let rules: [Rule<R>; 18] = [
        (RuleId::M01, documents::m01),
        (RuleId::M04, documents::m04),
        (RuleId::M08, goods::m08),
        (RuleId::M09, goods::m09),
        (RuleId::M10, goods::m10),
        (RuleId::M11, documents::m11),
        (RuleId::S01, documents::s01),
        (RuleId::X01, documents::x01),
        (RuleId::X02, documents::x02),
        (RuleId::X03, documents::x03),
        (RuleId::X04, notices::x04),
        (RuleId::X05, notices::x05),
        (RuleId::X06, documents::x06),
        (RuleId::X07, notices::x07),
        (RuleId::X08, notices::x08),
        (RuleId::X09, notices::x09),
        (RuleId::X10, goods::x10),
        (RuleId::X11, notices::x11),
    ];
    for (rule, says) in rules {
        match (subject.mode, subject.list) {
            (Some(mode), Some((meta, list))) if !mode.asks(rule) => {
                report.say(rule, Verdict::NotApplicable, |finding| {
                    finding.because(Reason::Waived).field("tradeMode").left(meta, &list.trade_mode)
                });
            }
            _ => says(subject, report),
        }
    }
}

/// What each rule says of `case`, which has been joined with what stands beside it, and where the
/// case stands by that. `is_due` says whether the time for its documents is over.
pub(crate) fn evaluate_export(case: &ExportCase, policy: &Policy, is_due: bool) -> ExportVerdict {
    let mut subject = Subject::new(case, policy, case.is_late);
    let missing = documents::missing(&subject);
    let is_complete = missing.is_empty();
    subject.is_late |= is_due && !is_complete;
    let mut verdicts = Verdicts(Vec::with_capacity(18));
    ask(&subject, &mut verdicts);
    let state = case.risk.held(state_of(&subject, &verdicts.0, is_complete, is_due));
    ExportVerdict { state, outcomes: verdicts.0, missing, is_late: subject.is_late }
}

/// What the rules say of an evaluated case, explained.
pub(crate) fn explain_export(case: &ExportCase, policy: &Policy) -> Vec<Finding> {
    let mut findings = Findings::default();
    ask(&Subject::new(case, policy, case.is_late), &mut findings);
    findings.0
}

/// Where a case stands: cancelled whatever else is said; by its documents until they match; then by
/// what happened to the goods, the last thing first.
fn state_of(
    subject: &Subject<'_>,
    outcomes: &[RuleOutcome],
    is_complete: bool,
    is_due: bool,
) -> CaseState {
    let has = |verdict| {
        outcomes.iter().any(|outcome| {
            outcome.verdict == verdict && outcome.rule.severity() == Severity::Reject
        })
    };
    if subject.is_cancelled() {
        return CaseState::Cancelled;
    }
    if is_complete && has(Verdict::Fail) {
        return CaseState::Mismatched;
    }
    if !is_complete && is_due {
        return CaseState::Overdue;
    }
    if !is_complete || has(Verdict::Pending) {
        return CaseState::Collecting;
    }
    let is_returned = subject.has_notice(|facts| matches!(facts, NoticeFacts::Return { .. }))
        && subject.has_notice(|facts| matches!(facts, NoticeFacts::Tally { .. }));
    if is_returned {
        return CaseState::Returned;
    }
    if subject.has_notice(|facts| matches!(facts, NoticeFacts::Departure { .. })) {
        let is_summed_up = subject.has_notice(|facts| {
            matches!(facts, NoticeFacts::Summary { .. } | NoticeFacts::Declared { .. })
        });
        let is_simplified = subject.list.is_some_and(|(_, list)| list.is_simplified());
        return match is_summed_up || is_simplified {
            true => CaseState::Closed,
            false => CaseState::Departed,
        };
    }
    match subject.has_notice(|facts| matches!(facts, NoticeFacts::Arrival { .. })) {
        true => CaseState::Arrived,
        false => CaseState::Matched,
    }
}

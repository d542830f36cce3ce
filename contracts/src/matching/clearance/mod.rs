//! Rules over what follows an import list, and over what cases share: M12 to M16, M18, M19, B01, D01.

mod judge;
mod sentence;
mod tax;

pub(crate) use tax::tax_of;

pub(super) use tax::m14;

pub(crate) use judge::{is_cancelled, is_refused, judge_returns};

use super::report::{Field, Report};
use super::{Finding, Reason, RuleId, Subject, Verdict};
use crate::case::{Case, DocumentMeta, Entry, ListFacts};
use crate::clearance::{CLOSED, Claim, HELD, PoolKey, RELEASED, UnfitReason};
use crate::event::CaseState;
use crate::limits::FINDINGS_PER_RULE_MAX;
use crate::policy::{Policy, Table};
use judge::{Difference, Fault, cancellation_fault};
use kanhe_types::time::CustomsTime;

/// M12. The list's value is within the limit of one transaction, unless it is a single piece, and
/// within what the orderer may buy in a year.
pub(super) fn m12<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((meta, list)) = subject.list else { return report.missing(RuleId::M12) };
    let is_quota = |claim: &&Claim| matches!(claim.key, PoolKey::Quota { .. });
    let Some(claim) = subject.case.clearance.claims.iter().find(is_quota) else {
        // A cancelled list, or one of another merchant, buys nothing.
        return nothing(RuleId::M12, report);
    };
    let (single, annual) = (subject.policy.single_limit, subject.policy.annual_limit);
    let value = list.value();
    let is_within = value.is_some_and(|value| value <= single);
    let text = value.map_or_else(|| "more than 19 digits".to_owned(), |value| value.to_string());
    let mut fail = |reason, field: &str, left: &str, right: &dyn std::fmt::Display| {
        report.say(RuleId::M12, Verdict::Fail, |finding| {
            let mut finding = finding.because(reason).field(field).left(meta, left);
            finding.right = right.to_string();
            finding
        });
    };
    let mut is_open = false;
    if list.decl_year != list.pseudonyms.epoch {
        is_open = true;
        let year = list.decl_year.to_string();
        fail(Reason::YearDiffers, "declTime", &year, &list.pseudonyms.epoch);
    }
    if !is_within && (value.is_none() || !list.is_single_piece()) {
        is_open = true;
        fail(Reason::OverSingleLimit, "totalPrice, freight, insuredFee", &text, &single);
    }
    if !claim.is_taken {
        is_open = true;
        fail(Reason::OverAnnualLimit, "totalPrice, freight, insuredFee", &text, &annual);
    }
    if is_open {
        return;
    }
    report.say(RuleId::M12, Verdict::Pass, |finding| {
        let reason = if is_within { Reason::WithinLimits } else { Reason::SinglePiece };
        let mut finding = finding.because(reason).field("totalPrice, freight, insuredFee");
        finding = finding.left(meta, &text);
        finding.right = single.to_string();
        finding
    });
}

/// M13. The list's goods may be bought at retail from abroad: the policy's table has their codes.
pub(super) fn m13<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((meta, list)) = subject.list else { return report.missing(RuleId::M13) };
    let Some(table) = subject.policy.code_table(Table::RetailImport) else {
        return nothing(RuleId::M13, report);
    };
    let mut count = 0usize;
    for (line, goods) in list.lines.iter().zip(&list.goods) {
        // The first eight of its ten digits are the tariff's.
        let is_listed = goods.gcode.get(..8).is_some_and(|code| table.has(code));
        if is_listed || FINDINGS_PER_RULE_MAX <= count {
            continue;
        }
        count = count.saturating_add(1);
        report.say(RuleId::M13, Verdict::Fail, |finding| {
            let field = Field { line: Some(line.gnum), name: "gcode" };
            let finding = finding.because(Reason::NotOnList).field(field.to_string());
            let mut finding = finding.left(meta, &goods.gcode);
            finding.right = format!("version {}", table.version);
            finding
        });
    }
    if count == 0 {
        report.say(RuleId::M13, Verdict::Pass, |finding| {
            finding.because(Reason::OnList).field("gcode").left(meta, "")
        });
    }
}

/// M15. The documents follow each other in time: paid and carried before declared, the order
/// reported soon after the payment, signed for after release, all there before the deadline.
pub(super) fn m15<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let clearance = &subject.case.clearance;
    let hours = subject.policy.order_report_hours;
    let mut order = Order { count: 0, report };
    if let (Some((order_meta, _)), Some((meta, payment))) = (subject.order, subject.payment) {
        let last = hours_after(payment.pay_time, hours);
        let (left, right) = ((order_meta, order_meta.app_time), (meta, last));
        order.compare("appTime <= payTime", left, right);
    }
    if let Some((list_meta, _)) = subject.list {
        let declared = (list_meta, list_meta.app_time);
        if let Some((meta, payment)) = subject.payment {
            order.compare("payTime <= appTime", (meta, payment.pay_time), declared);
        }
        if let Some((meta, _)) = subject.order {
            order.compare("appTime", (meta, meta.app_time), declared);
        }
        if let Some((meta, _)) = subject.waybill {
            order.compare("appTime", (meta, meta.app_time), declared);
        }
    }
    if let (Some(released), Some(delivery)) = (clearance.status(RELEASED), subject.delivery)
        && let Some(signed) = &delivery.facts
    {
        let (left, right) = (released.return_time, signed.logistics_time);
        order.compare(
            "returnTime <= logisticsTime",
            (&released.meta, left),
            (&delivery.meta, right),
        );
    }
    let mut count = order.count;
    if subject.is_late {
        count = count.saturating_add(1);
        report.say(RuleId::M15, Verdict::Fail, |finding| {
            let mut finding = finding.because(Reason::DeadlinePassed).field("documents");
            finding.left = subject.case.risk.days(subject.policy.collect_days).to_string();
            finding
        });
    }
    if 0 < count {
        return;
    }
    if !subject.is_complete() {
        return report.missing(RuleId::M15);
    }
    report.say(RuleId::M15, Verdict::Pass, |finding| finding.because(Reason::InOrder));
}

/// Times that follow each other.
struct Order<'a, R> {
    count: usize,
    report: &'a mut R,
}

impl<R: Report> Order<'_, R> {
    fn compare(
        &mut self,
        field: &'static str,
        (left_meta, left): (&DocumentMeta, CustomsTime),
        (right_meta, right): (&DocumentMeta, CustomsTime),
    ) {
        if left <= right {
            return;
        }
        self.count = self.count.saturating_add(1);
        self.report.say(RuleId::M15, Verdict::Fail, |finding| {
            let finding = finding.because(Reason::OutOfOrder).field(field);
            finding.left(left_meta, left).right(right_meta, right)
        });
    }
}

const HOUR_MS: u64 = 3_600_000;

fn hours_after(time: CustomsTime, hours: u32) -> CustomsTime {
    let after = u64::from(hours).saturating_mul(HOUR_MS);
    CustomsTime::from_millis(kanhe_types::time::Millis(time.millis().0.saturating_add(after)))
}

/// M16. Whoever acts in the trade is registered, has the role and the licences that the policy
/// demands of it, and is not suspended.
pub(super) fn m16<R: Report>(subject: &Subject<'_>, report: &mut R) {
    for unfit in subject.unfit {
        report.say(RuleId::M16, Verdict::Fail, |finding| {
            let (reason, licence) = match unfit.reason {
                UnfitReason::Unregistered => (Reason::Unregistered, None),
                UnfitReason::Suspended => (Reason::Suspended, None),
                UnfitReason::RoleMissing => (Reason::WithoutRole, None),
                UnfitReason::LicenceMissing(licence) => (Reason::LicenceMissing, Some(licence)),
                UnfitReason::LicenceNotValid(licence) => (Reason::LicenceNotValid, Some(licence)),
            };
            let mut finding = finding.because(reason).field(crate::role::name(unfit.role));
            finding.left = unfit.code.to_string();
            finding.right = licence.map(|own| own.name().to_owned()).unwrap_or_default();
            finding
        });
    }
    if !subject.unfit.is_empty() {
        return;
    }
    if subject.order.is_none() || subject.list.is_none() {
        return report.missing(RuleId::M16);
    }
    report.say(RuleId::M16, Verdict::Pass, |finding| finding.because(Reason::AllFit));
}

/// M18. A list is cancelled by who declared it, as it is, and before its release. One finding for
/// each application.
pub(super) fn m18<R: Report>(subject: &Subject<'_>, report: &mut R) {
    for entry in &subject.case.clearance.cancellations {
        let Some(facts) = &entry.facts else { continue };
        let meta = &entry.meta;
        if subject.list.is_none() {
            waits(RuleId::M18, meta, report);
            continue;
        }
        let fault = cancellation_fault(subject.case, meta, facts);
        judged(RuleId::M18, meta, fault, Reason::Cancelled, report);
    }
}

/// M19. Goods come back that were declared, not more of them, applied for and back in time. One
/// finding for each application.
pub(super) fn m19<R: Report>(subject: &Subject<'_>, report: &mut R) {
    if subject.case.clearance.returns.is_empty() {
        return;
    }
    for own in judge_returns(subject.case, subject.policy) {
        let (meta, is_back) = (own.meta, own.is_back());
        if !own.is_told {
            waits(RuleId::M19, meta, report);
            continue;
        }
        if own.fault.is_some() || is_back {
            judged(RuleId::M19, meta, own.fault, Reason::ReturnBack, report);
            continue;
        }
        let verdict = if own.settled.is_some() { Verdict::Fail } else { Verdict::Pending };
        report.say(RuleId::M19, verdict, |finding| {
            let finding = finding.field("returnTime").left(meta, own.back_until);
            match own.settled {
                None => finding.because(Reason::ReturnOpen),
                Some(settled) => {
                    finding.because(Reason::ReturnLate).right(&settled.meta, settled.return_time)
                }
            }
        });
    }
}

fn waits<R: Report>(rule: RuleId, meta: &DocumentMeta, report: &mut R) {
    report.say(rule, Verdict::Pending, |finding| {
        finding.because(Reason::ListAwaited).field("list").left(meta, "")
    });
}

/// What a rule says of an application: `holds`, or its fault.
fn judged<R: Report>(
    rule: RuleId,
    meta: &DocumentMeta,
    fault: Option<Fault>,
    holds: Reason,
    report: &mut R,
) {
    let verdict = if fault.is_some() { Verdict::Fail } else { Verdict::Pass };
    report.say(rule, verdict, |finding| explained(finding, meta, fault, holds));
}

fn explained(
    finding: Finding,
    meta: &DocumentMeta,
    fault: Option<Fault>,
    holds: Reason,
) -> Finding {
    match fault {
        None => finding.because(holds).field("list").left(meta, ""),
        Some(Fault::NotByParty) => {
            finding.because(Reason::NotByParty).field("signer").left(meta, &meta.signer)
        }
        Some(Fault::Released) => {
            finding.because(Reason::ReleasedBefore).field("returnStatus").left(meta, RELEASED)
        }
        Some(Fault::Late { limit, found }) => {
            let mut finding = finding.because(Reason::TooLate).field("received").left(meta, found);
            finding.right = limit.to_string();
            finding
        }
        Some(Fault::Differs(Difference { line, field, left, right })) => {
            let field = Field { line, name: field };
            let finding = finding.because(Reason::OtherThanList).field(field.to_string());
            let mut finding = finding.left(meta, left);
            finding.right = right;
            finding
        }
    }
}

/// B01. The account book holds what a bonded list takes out of it. One finding for all goods, or
/// one for each that it does not hold.
pub(super) fn b01<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((meta, list)) = subject.list else { return };
    if list.ems_no.is_none() {
        return;
    }
    let claims = &subject.case.clearance.claims;
    let stock = || claims.iter().filter(|claim| matches!(claim.key, PoolKey::Stock { .. }));
    let mut count = 0usize;
    for claim in stock().filter(|claim| !claim.is_taken) {
        let PoolKey::Stock { item_record_no, .. } = &claim.key else { continue };
        if FINDINGS_PER_RULE_MAX <= count {
            break;
        }
        count = count.saturating_add(1);
        report.say(RuleId::B01, Verdict::Fail, |finding| {
            let mut finding = finding.because(Reason::StockShort).field("qty");
            finding = finding.left(meta, item_record_no);
            finding.right = claim.amount.to_string();
            finding
        });
    }
    if 0 < count {
        return;
    }
    if stock().next().is_none() {
        return nothing(RuleId::B01, report);
    }
    report.say(RuleId::B01, Verdict::Pass, |finding| {
        finding.because(Reason::StockHeld).field("qty").left(meta, "")
    });
}

/// D01. What the merchant's grade demands of the tax is deposited. Says nothing where it demands
/// nothing, or the tax is summed up for payment.
pub(super) fn d01<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((meta, _)) = subject.list else { return };
    let is_deposit = |claim: &&Claim| matches!(claim.key, PoolKey::Deposit { .. });
    let Some(claim) = subject.case.clearance.claims.iter().find(is_deposit) else { return };
    let (verdict, reason) = match claim.is_taken {
        true => (Verdict::Pass, Reason::Deposited),
        false => (Verdict::Fail, Reason::DepositShort),
    };
    report.say(RuleId::D01, verdict, |finding| {
        let mut finding = finding.because(reason).field("tax").left(meta, claim.amount);
        finding.right = subject.case.risk.deposit_per_cent.unwrap_or_default().to_string();
        finding
    });
}

fn nothing<R: Report>(rule: RuleId, report: &mut R) {
    report.say(rule, Verdict::NotApplicable, |finding| finding.because(Reason::NothingToCompare));
}

/// Where a case stands by what happened to its list and goods; nothing where that says nothing.
/// `is_over` says whether the time for returns is over.
pub(super) fn state_after(
    case: &Case,
    is_delivered: bool,
    is_over: bool,
    policy: &Policy,
) -> Option<CaseState> {
    let clearance = &case.clearance;
    if is_cancelled(case) {
        return Some(CaseState::Cancelled);
    }
    if clearance.is_shipped_back() {
        return Some(CaseState::Returned);
    }
    if !clearance.is_released() {
        let is_sent_back = |list: &Entry<ListFacts>| clearance.is_sent_back(&list.meta);
        if case.list.as_ref().is_some_and(is_sent_back) {
            return Some(CaseState::Refused);
        }
        let last = clearance.last_status()?;
        return HELD.contains(&last.return_status).then_some(CaseState::Held);
    }
    if !clearance.returns.is_empty() {
        let judged = judge_returns(case, policy);
        if !is_over && judged.iter().any(judge::JudgedReturn::is_open) {
            return Some(CaseState::Returning);
        }
        if judged.iter().any(judge::JudgedReturn::is_effective) {
            return Some(CaseState::Returned);
        }
    }
    if is_over || clearance.status(CLOSED).is_some() {
        return Some(CaseState::Closed);
    }
    Some(if is_delivered { CaseState::Delivered } else { CaseState::Released })
}

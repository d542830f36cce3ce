//! X04, X05, X07, X08, X09, X11: what happens to parcel and list on their way.

use super::super::report::{Comparison, Field, Pair, Report};
use super::super::{Present, Reason, RuleId, Verdict};
use super::{Subject, is_of_list};
use crate::export::{ExportListFacts, Notice, NoticeFacts, ReturnedLine};
use crate::limits::FINDINGS_PER_RULE_MAX;
use kanhe_types::decimal::Decimal;
use kanhe_types::time::CustomsTime;

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// When a parcel left.
fn leave_time(notice: &Notice) -> Option<CustomsTime> {
    match &notice.facts {
        NoticeFacts::Departure { leave_time, .. } => Some(*leave_time),
        _ => None,
    }
}

fn nothing<R: Report>(rule: RuleId, report: &mut R) {
    report.say(rule, Verdict::NotApplicable, |finding| finding.because(Reason::NothingToCompare));
}

/// X04. The order is reported before the list, and what left had arrived and was declared before. A
/// warning only: senders' clocks differ, and messages are sent late.
pub(super) fn x04<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((list_meta, _)), Some((order_meta, _))) = (subject.list, subject.order) else {
        return report.missing(RuleId::X04);
    };
    let mut pair = Pair::new(RuleId::X04, order_meta, list_meta, report);
    pair.compare(&Comparison {
        field: Field { line: None, name: "appTime" },
        left: &order_meta.app_time,
        right: &list_meta.app_time,
        is_equal: order_meta.app_time <= list_meta.app_time,
    });
    let mut is_in_order = pair.is_equal();
    let departed = subject.notices().find_map(|notice| Some((notice, leave_time(notice)?)));
    if let Some((departure, left)) = departed {
        let mut pair = Pair::new(RuleId::X04, list_meta, &departure.meta, report);
        pair.compare(&Comparison {
            field: Field { line: None, name: "appTime before leaveTime" },
            left: &list_meta.app_time,
            right: &left,
            is_equal: list_meta.app_time <= left,
        });
        is_in_order &= pair.is_equal();
        let is_arrival = |notice: &&Notice| matches!(notice.facts, NoticeFacts::Arrival { .. });
        if !subject.notices().any(|notice| is_arrival(&notice)) {
            is_in_order = false;
            report.say(RuleId::X04, Verdict::Fail, |finding| {
                finding.because(Reason::NotArrived).field("arrival").left(&departure.meta, left)
            });
        }
    }
    if is_in_order {
        report.say(RuleId::X04, Verdict::Pass, |finding| {
            finding
                .field("appTime")
                .left(order_meta, order_meta.app_time)
                .right(list_meta, list_meta.app_time)
        });
    }
}

/// X05. A parcel whose list was cancelled did not leave.
pub(super) fn x05<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let departed = subject.notices().find_map(|notice| Some((notice, leave_time(notice)?)));
    let Some((departure, left)) = departed else { return nothing(RuleId::X05, report) };
    let is_cancelled = subject.is_cancelled();
    let verdict = if is_cancelled { Verdict::Fail } else { Verdict::Pass };
    report.say(RuleId::X05, verdict, |finding| {
        let finding = finding.field("leaveTime").left(&departure.meta, left);
        if is_cancelled { finding.because(Reason::ListCancelled) } else { finding }
    });
}

/// X07. The bill under which the parcel travels is the one that the list names, and names the list.
/// A warning only.
pub(super) fn x07<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((list_meta, list)) = subject.list else { return nothing(RuleId::X07, report) };
    let mut last = None;
    let mut is_equal = true;
    for notice in subject.notices() {
        let NoticeFacts::Bill { bill_no, invt_no } = &notice.facts else { continue };
        last = Some((notice, bill_no));
        let mut pair = Pair::new(RuleId::X07, list_meta, &notice.meta, report);
        if let Some(own) = &list.bill_no {
            pair.compare(&Comparison::equal("billNo", own, bill_no));
        }
        if let (Some(own), Some(stated)) = (&list.invt_no, invt_no) {
            pair.compare(&Comparison::equal("invtNo", own, stated));
        }
        is_equal &= pair.is_equal();
    }
    let Some((notice, bill_no)) = last else { return nothing(RuleId::X07, report) };
    if is_equal {
        report.say(RuleId::X07, Verdict::Pass, |finding| {
            let own = list.bill_no.as_deref().unwrap_or_default();
            finding.field("billNo").left(list_meta, own).right(&notice.meta, bill_no)
        });
    }
}

/// X08. The list is summed up once, by its consignor or declarant, and what customs made of it is
/// the list's. A warning only.
pub(super) fn x08<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let is_declared = |notice: &&Notice| matches!(notice.facts, NoticeFacts::Declared { .. });
    let is_applied = |notice: &Notice| matches!(notice.facts, NoticeFacts::Summary { .. });
    let notices = &subject.case.notices;
    let results = notices.iter().filter(is_declared);
    // Customs may sum up what was applied for elsewhere.
    if notices.iter().any(is_applied) || results.clone().next().is_none() {
        once(subject, RuleId::X08, report, |facts| matches!(facts, NoticeFacts::Summary { .. }));
    }
    let Some((list_meta, list)) = subject.list else { return };
    let mut summed: Vec<(u32, &Notice)> = Vec::new();
    for notice in results {
        declared(notice, (list_meta, list), &mut summed, report);
    }
}

/// Compares what customs summed up in one declaration with the list. `summed` are the list's lines
/// that earlier ones summed up.
fn declared<'a, R: Report>(
    notice: &'a Notice,
    (list_meta, list): Present<'_, ExportListFacts>,
    summed: &mut Vec<(u32, &'a Notice)>,
    report: &mut R,
) {
    let NoticeFacts::Declared { ebc_code, lines, decl_seq_no, .. } = &notice.facts else { return };
    let mut is_open = false;
    for line in lines {
        match summed.iter().find(|(gnum, _)| *gnum == line.gnum) {
            Some((gnum, first)) => {
                is_open = true;
                report.say(RuleId::X08, Verdict::Fail, |finding| {
                    finding
                        .because(Reason::CameTwice)
                        .field(format!("line {gnum}"))
                        .left(&first.meta, first.meta.document)
                        .right(&notice.meta, notice.meta.document)
                });
                // Once for each declaration.
                break;
            }
            None => summed.push((line.gnum, notice)),
        }
    }
    let mut pair = Pair::new(RuleId::X08, &notice.meta, list_meta, report);
    pair.compare(&Comparison::equal("ebcCode", ebc_code, &list.ebc_code));
    for line in lines {
        let exported = list.lines.iter().zip(&list.gcodes).find(|(own, _)| own.gnum == line.gnum);
        let Some((_, gcode)) = exported else {
            absent_line(line.gnum, &mut pair);
            continue;
        };
        pair.compare(&Comparison::line(line.gnum, "gcode", &line.gcode, gcode));
        let (own, stated) = (&list.logistics_no, &line.logistics_no);
        pair.compare(&Comparison::line(line.gnum, "logisticsNo", stated, own));
    }
    is_open |= !pair.is_equal();
    if !is_open {
        report.say(RuleId::X08, Verdict::Pass, |finding| {
            finding.field("declSeqNo").left(&notice.meta, decl_seq_no).right(list_meta, "")
        });
    }
}

/// A line that the list does not have.
fn absent_line<R: Report>(gnum: u32, pair: &mut Pair<'_, R>) {
    pair.compare(&Comparison {
        field: Field { line: Some(gnum), name: "" },
        left: &"present",
        right: &"absent",
        is_equal: false,
    });
}

/// X09. The list is cancelled by its consignor or declarant, under its own numbers. A warning only.
pub(super) fn x09<R: Report>(subject: &Subject<'_>, report: &mut R) {
    once(subject, RuleId::X09, report, |facts| matches!(facts, NoticeFacts::Cancellation { .. }));
}

fn once<R: Report>(
    subject: &Subject<'_>,
    rule: RuleId,
    report: &mut R,
    is_it: fn(&NoticeFacts) -> bool,
) {
    let Some((list_meta, list)) = subject.list else { return nothing(rule, report) };
    let all = || subject.case.notices.iter().filter(|notice| is_it(&notice.facts));
    let foreign = all().filter(|notice| !is_of_list(notice, list)).take(FINDINGS_PER_RULE_MAX);
    let mut is_open = false;
    for notice in foreign {
        is_open = true;
        not_by_party(rule, notice, report);
    }
    let mut own = all().filter(|notice| is_of_list(notice, list));
    match (own.next(), own.next()) {
        (Some(first), Some(second)) => report.say(rule, Verdict::Fail, |finding| {
            finding
                .because(Reason::CameTwice)
                .field("invtNo")
                .left(&first.meta, first.meta.document)
                .right(&second.meta, second.meta.document)
        }),
        (Some(first), None) if !is_open => report.say(rule, Verdict::Pass, |finding| {
            finding
                .field("ebcCode")
                .left(&first.meta, &list.ebc_code)
                .right(list_meta, &list.ebc_code)
        }),
        (None, _) if !is_open => nothing(rule, report),
        _ => {}
    }
}

fn not_by_party<R: Report>(rule: RuleId, notice: &Notice, report: &mut R) {
    report.say(rule, Verdict::Fail, |finding| {
        finding
            .because(Reason::NotByParty)
            .field("ebcCode, agentCode, copNo")
            .left(&notice.meta, &notice.meta.signer)
    });
}

/// X11. What comes back is of the list, not more than was exported, and applied for in time by the
/// list's own parties. A warning only.
pub(super) fn x11<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((list_meta, list)) = subject.list else { return nothing(RuleId::X11, report) };
    let mut is_open = false;
    let mut last = None;
    let mut returned: Vec<(u32, Decimal)> = Vec::new();
    for notice in &subject.case.notices {
        let NoticeFacts::Return { lines, .. } = &notice.facts else { continue };
        if !is_of_list(notice, list) {
            is_open = true;
            not_by_party(RuleId::X11, notice, report);
            continue;
        }
        last = Some(notice);
        let mut pair = Pair::new(RuleId::X11, &notice.meta, list_meta, report);
        for line in lines {
            compare_line(line, list, &mut returned, &mut pair);
        }
        is_open |= !pair.is_equal();
        is_open |= is_too_late(subject, notice, report);
    }
    match last {
        None if !is_open => nothing(RuleId::X11, report),
        Some(notice) if !is_open => report.say(RuleId::X11, Verdict::Pass, |finding| {
            finding.field("gcode, qty").left(&notice.meta, "").right(list_meta, "")
        }),
        _ => {}
    }
}

/// Compares one line with the list's; quantities of several returns add up.
fn compare_line<R: Report>(
    line: &ReturnedLine,
    list: &ExportListFacts,
    returned: &mut Vec<(u32, Decimal)>,
    pair: &mut Pair<'_, R>,
) {
    let exported = list.lines.iter().zip(&list.gcodes).find(|(own, _)| own.gnum == line.gnum);
    let Some((exported, gcode)) = exported else { return absent_line(line.gnum, pair) };
    pair.compare(&Comparison::line(line.gnum, "gcode", &line.gcode, gcode));
    let before = returned.iter_mut().find(|(gnum, _)| *gnum == line.gnum);
    let sum = match before {
        Some((_, sum)) => {
            *sum = sum.checked_add(line.qty).unwrap_or(*sum);
            *sum
        }
        None => {
            returned.push((line.gnum, line.qty));
            line.qty
        }
    };
    let field = Field { line: Some(line.gnum), name: "qty at most" };
    pair.compare(&Comparison {
        field,
        left: &sum,
        right: &exported.qty,
        is_equal: sum <= exported.qty,
    });
}

fn is_too_late<R: Report>(subject: &Subject<'_>, notice: &Notice, report: &mut R) -> bool {
    let days = subject.mode.and_then(|mode| mode.return_days);
    let departed = subject.notices().find_map(|one| Some((one, leave_time(one)?)));
    let (Some(days), Some((departure, left))) = (days, departed) else { return false };
    let term = u64::from(days).saturating_mul(DAY_MS);
    let applied = notice.meta.app_time;
    if applied.millis().0 <= left.millis().0.saturating_add(term) {
        return false;
    }
    report.say(RuleId::X11, Verdict::Fail, |finding| {
        finding
            .field("appTime within the mode's days of leaveTime")
            .left(&notice.meta, applied)
            .right(&departure.meta, left)
    });
    true
}

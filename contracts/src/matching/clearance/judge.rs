//! How applications for cancellation and return stand to the list that they are about. Rules,
//! states and pools all ask this.

use crate::case::{Case, DocumentMeta, Entry, LineFacts, ListFacts};
use crate::clearance::{
    CancellationFacts, CustomsStatus, RELEASED, ReturnEntry, ReturnFacts, ReturnedLine,
};
use crate::deadlines::after;
use crate::policy::Policy;
use kanhe_types::decimal::Decimal;
use kanhe_types::time::CustomsTime;
use std::collections::BTreeMap;
use std::fmt;

/// A value of the application, and the one that it should be.
pub(super) struct Difference {
    pub(super) line: Option<u32>,
    pub(super) field: &'static str,
    pub(super) left: String,
    pub(super) right: String,
}

impl Difference {
    fn new(field: &'static str, left: impl fmt::Display, right: impl fmt::Display) -> Self {
        Self { line: None, field, left: left.to_string(), right: right.to_string() }
    }

    fn of_line(line: &ReturnedLine, field: &'static str, right: impl fmt::Display) -> Self {
        let left: &dyn fmt::Display = match field {
            "gcode" => &line.gcode,
            "gname" => &"another name",
            "unit" => &line.unit,
            _ => &line.qty,
        };
        Self { line: Some(line.gnum), ..Self::new(field, left, right) }
    }
}

/// What an application says wrong.
pub(super) enum Fault {
    /// Somebody else may send it.
    NotByParty,
    /// It says another than the list.
    Differs(Difference),
    /// It came too late.
    Late { limit: CustomsTime, found: CustomsTime },
    /// The list is released.
    Released,
}

/// An application for return, judged.
pub(crate) struct JudgedReturn<'a> {
    pub(super) meta: &'a DocumentMeta,
    pub(crate) facts: &'a ReturnFacts,
    /// Whether list and release are there, without which it waits.
    pub(super) is_told: bool,
    pub(super) fault: Option<Fault>,
    /// That its goods are back, once customs said so.
    pub(super) settled: Option<&'a CustomsStatus>,
    /// The last time at which they count.
    pub(super) back_until: CustomsTime,
}

impl JudgedReturn<'_> {
    /// Whether it may be made.
    pub(in crate::matching) fn is_valid(&self) -> bool {
        self.is_told && self.fault.is_none()
    }

    /// Whether its goods are back in time.
    pub(super) fn is_back(&self) -> bool {
        self.settled.is_some_and(|settled| settled.return_time <= self.back_until)
    }

    /// Whether its goods count as not bought.
    pub(crate) fn is_effective(&self) -> bool {
        self.is_valid() && self.is_back()
    }

    /// Whether its goods are still to come.
    pub(super) fn is_open(&self) -> bool {
        self.is_valid() && self.settled.is_none()
    }
}

/// What a cancellation says wrong of its list; nothing while there is no list.
pub(super) fn cancellation_fault(
    case: &Case,
    meta: &DocumentMeta,
    facts: &CancellationFacts,
) -> Option<Fault> {
    let entry = case.list.as_ref()?;
    let list = entry.facts.as_ref()?;
    // Only who declared takes it back.
    if meta.signer != entry.meta.signer {
        return Some(Fault::NotByParty);
    }
    if case.clearance.is_released() {
        return Some(Fault::Released);
    }
    difference(list, facts, case.clearance.invt_no()).map(Fault::Differs)
}

/// Whether an application is refused by the rules.
pub(crate) fn is_refused(case: &Case, entry: &Entry<CancellationFacts>) -> bool {
    let facts = entry.facts.as_ref();
    facts.is_some_and(|facts| cancellation_fault(case, &entry.meta, facts).is_some())
}

/// Whether the case's list is cancelled.
pub(crate) fn is_cancelled(case: &Case) -> bool {
    if case.clearance.cancellations.is_empty() || case.list_facts().is_none() {
        return false;
    }
    case.clearance.cancellations.iter().any(|entry| {
        entry
            .facts
            .as_ref()
            .is_some_and(|facts| cancellation_fault(case, &entry.meta, facts).is_none())
    })
}

/// The first field in which an application is not about the list.
fn difference(
    list: &ListFacts,
    own: &CancellationFacts,
    invt_no: Option<&str>,
) -> Option<Difference> {
    let codes = [
        ("ebcCode", &own.ebc_code, &list.ebc_code),
        ("agentCode", &own.agent_code, &list.agent_code),
        ("logisticsCode", &own.logistics_code, &list.logistics_code),
    ];
    if let Some((field, left, right)) = codes.into_iter().find(|(_, left, right)| left != right) {
        return Some(Difference::new(field, left, right));
    }
    if own.logistics_no != list.logistics_no {
        return Some(Difference::new("logisticsNo", &own.logistics_no, &list.logistics_no));
    }
    if let Some(invt_no) = invt_no.filter(|invt_no| *invt_no != own.invt_no) {
        return Some(Difference::new("invtNo", &own.invt_no, invt_no));
    }
    // Pseudonyms of different keys or years say nothing of each other.
    if own.pseudonyms != list.pseudonyms {
        return None;
    }
    let persons = [
        ("buyerIdNumber", own.buyer_id_number, list.buyer_id_number),
        ("buyerName", own.buyer_name, list.buyer_name),
    ];
    let other = persons.into_iter().find(|(_, left, right)| left != right);
    other.map(|(field, left, right)| Difference::new(field, left, right))
}

/// The applications for return, in the order in which they came: the first has the goods first.
pub(crate) fn judge_returns<'a>(case: &'a Case, policy: &Policy) -> Vec<JudgedReturn<'a>> {
    let clearance = &case.clearance;
    let released = clearance.status(RELEASED).map(|status| status.return_time);
    let until = |days| {
        let last = released.map(|released| after(released.millis(), days));
        CustomsTime::from_millis(last.unwrap_or_default())
    };
    let (apply_until, back_until) = (until(policy.return_days), until(policy.return_back_days));
    let mut left: BTreeMap<u32, Decimal> = BTreeMap::new();
    let mut judged = Vec::new();
    for own in &clearance.returns {
        let entry = &own.entry;
        let Some(facts) = &entry.facts else { continue };
        let meta = &entry.meta;
        let settled = clearance.settled(&meta.signer, own.cop_no.as_deref());
        let is_told = released.is_some() && case.list_facts().is_some();
        let mut fault = None;
        if let (true, Some(list)) = (is_told, case.list_facts()) {
            fault = return_fault(own, facts, list, clearance.invt_no(), apply_until)
                .or_else(|| take(facts, list, &mut left));
        }
        judged.push(JudgedReturn { meta, facts, is_told, fault, settled, back_until });
    }
    judged
}

fn return_fault(
    own: &ReturnEntry,
    facts: &ReturnFacts,
    list: &ListFacts,
    invt_no: Option<&str>,
    limit: CustomsTime,
) -> Option<Fault> {
    let signer = &own.entry.meta.signer;
    if *signer != list.ebc_code && *signer != list.agent_code {
        return Some(Fault::NotByParty);
    }
    if let Some(difference) = difference(list, &facts.list, invt_no) {
        return Some(Fault::Differs(difference));
    }
    // When the ledger saw it: what a sender says of its time proves nothing.
    let found = CustomsTime::from_millis(own.received);
    if limit < found {
        return Some(Fault::Late { limit, found });
    }
    let wrong = facts.lines.iter().find_map(|line| line_difference(line, list));
    wrong.map(Fault::Differs)
}

/// What comes back is the list's goods.
fn line_difference(line: &ReturnedLine, list: &ListFacts) -> Option<Difference> {
    let Some((declared, goods)) = declared(line.gnum, list) else {
        return Some(Difference::of_line(line, "gcode", "no such line"));
    };
    if line.gcode != goods.gcode {
        return Some(Difference::of_line(line, "gcode", &goods.gcode));
    }
    if line.gname != ReturnedLine::name_of(&declared.name) {
        return Some(Difference::of_line(line, "gname", &declared.name));
    }
    if line.unit != goods.unit {
        return Some(Difference::of_line(line, "unit", &goods.unit));
    }
    None
}

fn declared(gnum: u32, list: &ListFacts) -> Option<(&LineFacts, &crate::case::GoodsFacts)> {
    list.lines.iter().zip(&list.goods).find(|(line, _)| line.gnum == gnum)
}

/// Takes the quantities out of what earlier returns left of the list, all or none.
fn take(facts: &ReturnFacts, list: &ListFacts, left: &mut BTreeMap<u32, Decimal>) -> Option<Fault> {
    let mut after = Vec::with_capacity(facts.lines.len());
    for line in &facts.lines {
        let declared = declared(line.gnum, list).map_or(Decimal::ZERO, |(line, _)| line.qty);
        let rest = left.get(&line.gnum).copied().unwrap_or(declared);
        match rest.checked_sub(line.qty).filter(|rest| !rest.is_negative()) {
            Some(now) => after.push((line.gnum, now)),
            None => return Some(Fault::Differs(Difference::of_line(line, "qty", rest))),
        }
    }
    left.extend(after);
    None
}

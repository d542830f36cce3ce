//! Receivables: registered from exports that left, pledged to banks, released, closed.
//!
//! The face is fixed when a receivable is registered. What of it is available is not kept: it is
//! computed from the exports as they stand whenever somebody asks, less what is pledged, so that
//! receipts, returns and cancellations that come later count without asking for receivables.

use super::desk::{Desk, not_now, numbered_already};
use super::{Entry, Registered};
use crate::document::{CaseRef, PledgeFacts, ReceivableAct, ReceivableFacts};
use crate::event::CaseState;
use crate::export::{self, ExportCase};
use crate::limits::{PLEDGE_RELEASES_MAX, PLEDGE_TERM_MS_MAX, PLEDGES_MAX};
use crate::matching::own_returns;
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A receivable.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Receivable {
    /// The currency of its exports.
    pub currency: String,
    /// Its exports, ascending; none in what a bank is shown.
    pub cases: Vec<CaseRef>,
    /// What was owed for them when it was registered.
    pub face: Decimal,
    /// Its pledges, in the order in which they were made.
    pub pledges: Vec<Pledge>,
    /// Whether its owner ended it.
    pub is_closed: bool,
}

/// A pledge of a part of a receivable.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Pledge {
    /// The identity of the document that made it.
    pub document: Hash,
    /// What was pledged, to whom, and until when the bank may take it.
    pub facts: PledgeFacts,
    /// Where it stands.
    pub state: PledgeState,
    /// How much the bank let go of,
    pub released: Decimal,
    /// and how often.
    pub releases: u8,
}

/// Where a pledge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum PledgeState {
    /// It waits for the bank, until its term.
    Offered,
    /// The bank has taken it.
    Confirmed,
    /// The bank has not.
    Refused,
    /// The owner took it back.
    Withdrawn,
    /// The bank let go of all of it.
    Released,
}

impl Pledge {
    /// How much of the receivable it locks at an instant.
    pub fn locks(&self, now: Millis) -> Decimal {
        match self.state {
            PledgeState::Offered if now < self.facts.until => self.facts.amount,
            PledgeState::Confirmed => self.rest(),
            PledgeState::Offered
            | PledgeState::Refused
            | PledgeState::Withdrawn
            | PledgeState::Released => Decimal::ZERO,
        }
    }

    /// What the bank did not let go of.
    fn rest(&self) -> Decimal {
        self.facts.amount.checked_sub(self.released).unwrap_or(Decimal::ZERO)
    }

    /// The bank may still take it, or leave it.
    fn must_be_offered(&self, now: Millis) -> Result<(), Stop> {
        if self.state != PledgeState::Offered {
            let found = format!("{:?}", self.state).to_lowercase();
            return Err(not_now("a pledge that the bank has not answered", found));
        }
        if self.facts.until <= now {
            let expected = format!("a pledge whose term runs, it ended at {}", self.facts.until);
            return Err(not_now(expected, now));
        }
        Ok(())
    }
}

/// What is owed for an export, in `currency`: of the goods that left and that nobody applied to
/// take back, the list's value, less what was received. None where that cannot be told: the export
/// did not leave, its documents differ, it is cancelled, another's, or in another currency.
fn owed(case: &ExportCase, owner: &OrganisationCode, currency: &str) -> Option<Decimal> {
    // A case in one of these states has all its documents, and no rule that rejects has failed.
    let has_left =
        matches!(case.state, CaseState::Departed | CaseState::Closed | CaseState::Returned);
    let list = case.list_facts().filter(|_| has_left && !case.has_foreign_list())?;
    if list.ebc_code != *owner || list.currency != currency {
        return None;
    }
    let returned = own_returns(case);
    let mut value = 0i128;
    for line in &list.lines {
        let back = returned.iter().filter(|(gnum, _)| *gnum == line.gnum);
        let back = back.fold(0i128, |sum, (_, qty)| sum.saturating_add(qty.units()));
        let (of, price) = (line.qty.units(), line.total_price.units());
        let left = of.checked_sub(back)?.clamp(0, of.max(0));
        let part = if left == of { price } else { price.checked_mul(left)?.checked_div(of)? };
        value = value.checked_add(part)?;
    }
    for receipt in case.receipts.iter().filter_map(|receipt| receipt.facts.as_ref()) {
        if receipt.currency != currency {
            return None;
        }
        value = value.checked_sub(receipt.charge.units())?;
    }
    // What was received beyond the value of one export pays for no other.
    Decimal::from_units(value.max(0))
}

impl Receivable {
    /// So much of the face stands behind it: what is owed for its exports now.
    fn standing(
        &self,
        state: &impl StateRead,
        owner: &OrganisationCode,
    ) -> Result<Decimal, StateError> {
        let mut sum = 0i128;
        for case in &self.cases {
            let case = export::case(state, &case.key())?;
            let owed = case.and_then(|case| owed(&case, owner, &self.currency));
            sum = sum.saturating_add(owed.unwrap_or(Decimal::ZERO).units());
        }
        Ok(Decimal::from_units(sum).map_or(self.face, |sum| sum.min(self.face)))
    }

    /// How much pledges lock that `counts` picks.
    fn locked(&self, now: Millis, counts: impl Fn(&Pledge) -> bool) -> i128 {
        let locks = self.pledges.iter().filter(|pledge| counts(pledge));
        locks.fold(0, |sum, pledge| sum.saturating_add(pledge.locks(now).units()))
    }

    /// What stands behind it and is not locked by pledges that `counts` picks.
    fn free(
        &self,
        state: &impl StateRead,
        owner: &OrganisationCode,
        now: Millis,
        counts: impl Fn(&Pledge) -> bool,
    ) -> Result<Decimal, StateError> {
        if self.is_closed {
            return Ok(Decimal::ZERO);
        }
        let locked = self.locked(now, counts);
        let free = self.standing(state, owner)?.units().saturating_sub(locked).max(0);
        Ok(Decimal::from_units(free).unwrap_or(Decimal::ZERO))
    }

    fn pledge<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        facts: PledgeFacts,
    ) -> Result<(), Stop> {
        desk.must_be_owner()?;
        if self.pledges.iter().any(|own| own.facts.reference == facts.reference) {
            return Err(numbered_already("reference", "a pledge's"));
        }
        if PLEDGES_MAX <= self.pledges.len() {
            let expected = format!("at most {PLEDGES_MAX} pledges of one receivable");
            return Err(Rejected::new(Rejection::EntryFull, "act", expected, "one more").into());
        }
        desk.must_be_another("bank", &facts.bank, Some(Role::Bank))?;
        desk.must_be_ahead("until", facts.until, PLEDGE_TERM_MS_MAX)?;
        let free = self.free(desk.before, &desk.key.owner, desk.actor.time, |_| true)?;
        if free < facts.amount {
            return Err(too_much(free, facts.amount));
        }
        self.pledges.push(Pledge {
            document: desk.actor.document,
            facts,
            state: PledgeState::Offered,
            released: Decimal::ZERO,
            releases: 0,
        });
        Ok(())
    }

    /// The place of the pledge with this number.
    fn place(&self, reference: &str) -> Result<usize, Stop> {
        let place = self.pledges.iter().position(|own| own.facts.reference == reference);
        place.ok_or_else(|| {
            let expected = "the number of a pledge of the receivable";
            Rejected::new(Rejection::EntryUnknown, "reference", expected, "none").into()
        })
    }

    /// The pledge at a place whose bank the signer must be.
    fn as_bank<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        reference: &str,
    ) -> Result<&mut Pledge, Stop> {
        let place = self.place(reference)?;
        let pledge = self.pledges.get_mut(place).ok_or_else(no_pledge)?;
        desk.must_be(&[&pledge.facts.bank])?;
        Ok(pledge)
    }

    /// The bank takes a pledge that still has something behind it: what is confirmed comes first,
    /// then what was pledged before it.
    fn confirm<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        reference: &str,
    ) -> Result<(), Stop> {
        let now = desk.actor.time;
        self.as_bank(desk, reference)?.must_be_offered(now)?;
        let place = self.place(reference)?;
        let before: Vec<Hash> = self.pledges.iter().take(place).map(|own| own.document).collect();
        let free = self.free(desk.before, &desk.key.owner, now, |own| {
            own.state == PledgeState::Confirmed || before.contains(&own.document)
        })?;
        let pledge = self.pledges.get_mut(place).ok_or_else(no_pledge)?;
        if free < pledge.facts.amount {
            return Err(too_much(free, pledge.facts.amount));
        }
        pledge.state = PledgeState::Confirmed;
        Ok(())
    }
}

impl Pledge {
    fn release(&mut self, amount: Decimal) -> Result<(), Stop> {
        if self.state != PledgeState::Confirmed {
            let found = format!("{:?}", self.state).to_lowercase();
            return Err(not_now("a pledge that the bank has taken", found));
        }
        let rest = self.rest();
        let is_last = PLEDGE_RELEASES_MAX <= self.releases.saturating_add(1);
        if rest < amount {
            return Err(too_much(rest, amount));
        }
        if is_last && amount < rest {
            let expected = format!("{rest}, with the last of {PLEDGE_RELEASES_MAX} releases");
            return Err(Rejected::new(Rejection::EntryFull, "amount", expected, amount).into());
        }
        let Some(released) = self.released.checked_add(amount) else {
            return Err(too_much(rest, amount));
        };
        self.released = released;
        self.releases = self.releases.saturating_add(1);
        if amount == rest {
            self.state = PledgeState::Released;
        }
        Ok(())
    }
}

fn no_pledge() -> Stop {
    not_now("a pledge", "none")
}

fn too_much(free: Decimal, amount: Decimal) -> Stop {
    let expected = format!("at most {free}");
    Rejected::new(Rejection::AmountUnfit, "amount", expected, amount).into()
}

impl Registered for Receivable {
    type Act = ReceivableAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: ReceivableAct) -> Result<Self, Stop> {
        let ReceivableAct::Register(ReceivableFacts { currency, cases }) = act else {
            return Err(not_now("register", "a receivable that is not there"));
        };
        let mut face = Decimal::ZERO;
        for own in &cases {
            let case = desk.own_export(own)?;
            let owed = owed(&case, &desk.key.owner, &currency);
            let Some(owed) = owed.filter(|_| case.state != CaseState::Returned) else {
                let expected = format!("exports that left, in {currency}, received in {currency}");
                let found = format!("{} {:?}", own.order_no, case.state).to_lowercase();
                return Err(Rejected::new(Rejection::TradeUnfit, "cases", expected, found).into());
            };
            if !owed.is_positive() {
                let expected = "exports for which something is owed";
                let found = &own.order_no;
                return Err(Rejected::new(Rejection::AmountUnfit, "cases", expected, found).into());
            }
            face = face.checked_add(owed).ok_or_else(|| {
                let expected = "exports that add up to at most 19 digits";
                Rejected::new(Rejection::AmountUnfit, "cases", expected, "more")
            })?;
        }
        let taken: Vec<Vec<&[u8]>> = cases.iter().map(parts).collect();
        desk.take_all("cases", &taken)?;
        Ok(Self { currency, cases, face, pledges: Vec::new(), is_closed: false })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: ReceivableAct,
    ) -> Result<(), Stop> {
        if self.is_closed {
            return Err(not_now("a receivable that stands", "closed"));
        }
        let now = desk.actor.time;
        match act {
            ReceivableAct::Register(_) => Err(numbered_already("number", "a receivable's")),
            ReceivableAct::Pledge(facts) => self.pledge(desk, facts),
            ReceivableAct::Confirm { reference } => self.confirm(desk, &reference),
            ReceivableAct::Refuse { reference } => {
                let pledge = self.as_bank(desk, &reference)?;
                pledge.must_be_offered(now)?;
                pledge.state = PledgeState::Refused;
                Ok(())
            }
            ReceivableAct::Release { reference, amount } => {
                self.as_bank(desk, &reference)?.release(amount)
            }
            ReceivableAct::Withdraw { reference } => {
                desk.must_be_owner()?;
                let place = self.place(&reference)?;
                let pledge = self.pledges.get_mut(place).ok_or_else(no_pledge)?;
                pledge.must_be_offered(now)?;
                pledge.state = PledgeState::Withdrawn;
                Ok(())
            }
            ReceivableAct::Close => {
                desk.must_be_owner()?;
                if 0 < self.locked(now, |_| true) {
                    return Err(not_now("a receivable of which nothing is pledged", "pledged"));
                }
                self.cases.iter().for_each(|case| desk.give_back(&parts(case)));
                self.is_closed = true;
                Ok(())
            }
        }
    }
}

/// What names an export among those that receivables have; imports have none.
fn parts(case: &CaseRef) -> Vec<&[u8]> {
    vec![case.platform.as_bytes(), case.order_no.as_bytes()]
}

impl Receivable {
    /// What a bank sees: its own pledges. None if it has none.
    pub(super) fn shown_to(&self, bank: &OrganisationCode) -> Option<Self> {
        let is_its = |pledge: &&Pledge| pledge.facts.bank == *bank;
        let pledges: Vec<Pledge> = self.pledges.iter().filter(is_its).cloned().collect();
        if pledges.is_empty() {
            return None;
        }
        Some(Self { cases: Vec::new(), pledges, ..self.clone() })
    }
}

/// How much of a receivable is available at an instant: what is owed for its exports by this state,
/// at most its face, less what is pledged. Any bank may be told; it says nothing of buyers and of
/// other banks. None where the entry is of another register.
///
/// # Errors
/// When this machine cannot read its state.
pub fn available(
    state: &impl StateRead,
    entry: &Entry,
    now: Millis,
) -> Result<Option<Decimal>, StateError> {
    match &entry.content {
        super::Content::Receivable(own) => {
            own.free(state, &entry.key.owner, now, |_| true).map(Some)
        }
        _ => Ok(None),
    }
}

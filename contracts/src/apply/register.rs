//! Acts on entries of registers go beside the trades, and change none, but that a complaint of a
//! holder of rights is a signal about the trades that it names, that a stocktake sets account
//! books to what was counted, that imports take from what their merchants deposited, and that flows
//! have what netting statements state.

use super::risk::complained;
use super::{Applied, Arrival};
use crate::clearance::PoolKey;
use crate::credit::OpenComplaint;
use crate::document::{
    self, CaseRef, ComplaintSubject, NettingStatementAct, RightAct, TaxDepositAct,
};
use crate::governance::Done;
use crate::register::{self, Actor, Content, EntryKey, Recorded, Register, act, counted};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;
use kanhe_types::time::Millis;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: Recorded,
) -> Result<Applied, Stop> {
    let (document, signer, height) = (arrival.id, arrival.signer, arrival.height);
    let time = work.context.time;
    let (before, policy) = (work.state, work.context.policy);
    let complaint = complaint_of(&said, time);
    let booked = match &said {
        Recorded::Stocktake(own) => Booked::counted(work, own)?,
        Recorded::TaxDeposit(own) => Booked::deposited(work, own)?,
        _ => Booked::default(),
    };
    let netted = Netted::of(&said);
    let actor = Actor { document, signer, height, time, books: &booked.books };
    match act(work.zone().state_mut(), before, policy, &actor, said)? {
        Done::Accepted => {}
        Done::Repeated { first_height } => return Ok(Applied::Repeated { first_height }),
    }
    booked.set(work)?;
    if let Some(netted) = netted {
        netted.tell(work)?;
    }
    if let Some((trades, complaint)) = complaint {
        complained(work, document, &trades, &complaint)?;
    }
    Ok(Applied::Accepted { case: None })
}

/// What an act makes of pools: a stocktake of account books, a deposit of what its merchant has.
#[derive(Default)]
struct Booked {
    /// What each pool has that nothing takes out,
    books: Vec<Decimal>,
    /// and what was put in it then.
    put_in: Vec<(PoolKey, Decimal)>,
}

impl Booked {
    /// Account books have what was counted.
    fn counted<S: StateRead>(
        work: &mut WorkingSet<'_, S>,
        own: &document::Stocktake,
    ) -> Result<Self, Stop> {
        let mut all = Self::default();
        for (key, qty) in counted(own) {
            let (book, put_in) = {
                let pool = work.pool(&key)?.get();
                let (held, taken) =
                    pool.map_or_else(Default::default, |pool| (pool.put_in, pool.taken));
                (held.checked_sub(taken), taken.checked_add(qty))
            };
            let (Some(book), Some(put_in)) = (book, put_in) else {
                return Err(too_large("lines.qty", "at most 19 digits in the account book"));
            };
            all.books.push(book);
            all.put_in.push((key, put_in));
        }
        Ok(all)
    }

    /// What a merchant deposited is more, or less. Nothing where there is no such deposit.
    fn deposited<S: StateRead>(
        work: &mut WorkingSet<'_, S>,
        own: &document::TaxDeposit,
    ) -> Result<Self, Stop> {
        let merchant = match &own.act {
            TaxDepositAct::Receive(facts) => Some(facts.merchant.clone()),
            _ => merchant_of(work, own)?,
        };
        let Some(merchant) = merchant else { return Ok(Self::default()) };
        let key = PoolKey::Deposit { merchant };
        let pool = work.pool(&key)?.get().cloned().unwrap_or_default();
        let amount = own.act.amount();
        let put_in = match &own.act {
            TaxDepositAct::Receive(_) | TaxDepositAct::Add { .. } => {
                pool.put_in.checked_add(amount)
            }
            TaxDepositAct::PayBack { .. } | TaxDepositAct::Call { .. } => {
                pool.put_in.checked_sub(amount)
            }
        };
        let Some(put_in) = put_in else {
            return Err(too_large("amount", "at most 19 digits of all deposits of the merchant"));
        };
        Ok(Self { books: vec![pool.free()], put_in: vec![(key, put_in)] })
    }

    fn set<S: StateRead>(self, work: &mut WorkingSet<'_, S>) -> Result<(), Stop> {
        for (key, put_in) in self.put_in {
            work.pool(&key)?.change().put_in = put_in;
            work.serve(&key)?;
        }
        Ok(())
    }
}

/// An act by which a netting statement comes to count in flows, or ends to.
struct Netted {
    key: EntryKey,
    is_new: bool,
}

impl Netted {
    fn of(said: &Recorded) -> Option<Self> {
        use NettingStatementAct::{Confirm, Contest, Reject, State, Withdraw};
        let Recorded::NettingStatement(own) = said else { return None };
        let is_new = match &own.act {
            State(_) => true,
            Withdraw | Reject { .. } => false,
            Confirm | Contest { .. } => return None,
        };
        let (owner, number) = (own.owner.clone(), own.number.clone());
        let key = EntryKey { register: Register::NettingStatement, owner, number };
        Some(Self { key, is_new })
    }

    fn tell<S: StateRead>(self, work: &mut WorkingSet<'_, S>) -> Result<(), Stop> {
        let entry = register::entry(work.zone().state(), &self.key)?;
        if let Some(Content::NettingStatement(own)) = entry.map(|entry| entry.content) {
            work.flows.netted(&self.key, &own, self.is_new);
        }
        Ok(())
    }
}

fn too_large(field: &'static str, expected: &str) -> Stop {
    Rejected::new(Rejection::NumberTooLarge, field, expected, "more").into()
}

/// Whose deposit it is, once it is there.
fn merchant_of<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    own: &document::TaxDeposit,
) -> Result<Option<OrganisationCode>, StateError> {
    let (owner, number) = (own.owner.clone(), own.number.clone());
    let key = EntryKey { register: Register::TaxDeposit, owner, number };
    let entry = register::entry(work.zone().state(), &key)?;
    Ok(entry.and_then(|entry| match entry.content {
        Content::TaxDeposit(held) => Some(held.merchant),
        _ => None,
    }))
}

/// The trades about which an act complains.
fn complaint_of(said: &Recorded, time: Millis) -> Option<(Vec<CaseRef>, OpenComplaint)> {
    let Recorded::Right(right) = said else { return None };
    let RightAct::Complain(own) = &right.act else { return None };
    let ComplaintSubject::Trades(trades) = &own.subject else { return None };
    let (owner, number) = (right.owner.clone(), right.number.clone());
    let complaint = OpenComplaint {
        right: EntryKey { register: Register::Right, owner, number },
        reference: own.reference.clone(),
        word: None,
        asks_hold: own.hold,
        time,
    };
    Some((trades.clone(), complaint))
}

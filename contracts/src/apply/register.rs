//! Acts on entries of registers go beside the trades, and change none, but that a complaint of a
//! holder of rights is a signal about the trades that it names, and that a stocktake sets account
//! books to what was counted.

use super::risk::complained;
use super::{Applied, Arrival};
use crate::clearance::PoolKey;
use crate::credit::OpenComplaint;
use crate::document::{self, CaseRef, ComplaintSubject, RightAct};
use crate::governance::Done;
use crate::register::{Actor, EntryKey, Recorded, Register, act, counted};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use crate::working_set::WorkingSet;
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
    let counted = match &said {
        Recorded::Stocktake(own) => Counted::of(work, own)?,
        _ => Counted::default(),
    };
    let actor = Actor { document, signer, height, time, books: &counted.books };
    match act(work.zone().state_mut(), before, policy, &actor, said)? {
        Done::Accepted => {}
        Done::Repeated { first_height } => return Ok(Applied::Repeated { first_height }),
    }
    counted.set(work)?;
    if let Some((trades, complaint)) = complaint {
        complained(work, document, &trades, &complaint)?;
    }
    Ok(Applied::Accepted { case: None })
}

/// What a stocktake makes of account books.
#[derive(Default)]
struct Counted {
    /// What each book has that no list took out,
    books: Vec<Decimal>,
    /// and what was put in it then, so that it has what was counted.
    put_in: Vec<(PoolKey, Decimal)>,
}

impl Counted {
    fn of<S: StateRead>(
        work: &mut WorkingSet<'_, S>,
        own: &document::Stocktake,
    ) -> Result<Self, Stop> {
        let mut all = Self::default();
        for (key, qty) in counted(own) {
            let pool = work.pool(&key)?.get();
            let (held, taken) =
                pool.map_or_else(Default::default, |pool| (pool.put_in, pool.taken));
            let (Some(book), Some(put_in)) = (held.checked_sub(taken), taken.checked_add(qty))
            else {
                let (expected, found) = ("at most 19 digits in the account book", "more");
                let rejection = Rejection::NumberTooLarge;
                return Err(Rejected::new(rejection, "lines.qty", expected, found).into());
            };
            all.books.push(book);
            all.put_in.push((key, put_in));
        }
        Ok(all)
    }

    fn set<S: StateRead>(self, work: &mut WorkingSet<'_, S>) -> Result<(), Stop> {
        for (key, put_in) in self.put_in {
            work.pool(&key)?.change().put_in = put_in;
            work.serve(&key)?;
        }
        Ok(())
    }
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

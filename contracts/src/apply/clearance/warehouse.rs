//! A supervised site takes goods in: into the account book that it names, where cases wait for
//! them. A correction below what was taken out already stands as it is, and says so: the book is
//! below zero then, and gives nothing until more comes in.

use super::super::{Admission, Applied, Arrival, Holding};
use crate::case::Entry;
use crate::clearance::{PoolKey, ReceiptEntry, WarehouseRecord};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use crate::working_set::WorkingSet;
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;
use std::collections::BTreeMap;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    (operator_code, number): (&OrganisationCode, &str),
    entry: ReceiptEntry,
) -> Result<Applied, Stop> {
    let held = work.warehouse_receipt(operator_code, number)?.get().cloned();
    let held = held.map(|record| record.entry);
    let is_withdrawn = held.as_ref().is_some_and(|held| held.facts.is_none());
    let holding = Holding { is_withdrawn, ..Holding::default() };
    let meta = held.as_ref().map(|held| &held.meta);
    if let Admission::Repeated { first_height } = arrival.admit(meta, &holding)? {
        return Ok(Applied::Repeated { first_height });
    }
    let before = held.as_ref().and_then(|held| held.facts.as_ref());
    let now = (!arrival.is_delete()).then_some(entry);
    let mut changes = BTreeMap::new();
    let mut add = |entry: Option<&ReceiptEntry>, is_in: bool| {
        for (key, qty) in entry.into_iter().flat_map(|entry| entry.pools(operator_code)) {
            let (taken_out, put_in) = changes.entry(key).or_insert((Decimal::ZERO, Decimal::ZERO));
            *(if is_in { put_in } else { taken_out }) = qty;
        }
    };
    add(before, false);
    add(now.as_ref(), true);
    let changes: Vec<(PoolKey, Decimal, bool)> = {
        let mut after = Vec::with_capacity(changes.len());
        for (key, (taken_out, put_in)) in changes {
            let pool = work.pool(&key)?.get();
            let (held, taken) =
                pool.map_or_else(Default::default, |pool| (pool.put_in, pool.taken));
            let sum = held.checked_sub(taken_out).and_then(|rest| rest.checked_add(put_in));
            let Some(sum) = sum else {
                let (expected, found) = ("at most 19 digits in the account book", "more");
                let rejection = Rejection::NumberTooLarge;
                return Err(Rejected::new(rejection, "goods.qty", expected, found).into());
            };
            after.push((key, sum, sum < taken));
        }
        after
    };

    let meta = arrival.meta(meta);
    let short = changes.iter().filter(|(_, _, is_short)| *is_short);
    let short = short.map(|(key, _, _)| key.clone()).collect();
    let record = WarehouseRecord { entry: Entry { meta, facts: now }, short };
    work.warehouse_receipt(operator_code, number)?.put(Some(record));
    for (key, sum, _) in changes {
        work.pool(&key)?.change().put_in = sum;
        work.serve(&key)?;
    }
    Ok(Applied::Accepted { case: None })
}

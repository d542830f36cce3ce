//! What a block adds to the months of organisations: everything that it adds to one month of one
//! organisation is one read and one write.

use super::records::MonthTrades;
use super::trades::{CaseCredit, Part, TradeCounts};
use crate::roll::{self, Roll};
use crate::state::{StateError, StateRead};
use crate::state_key::{credit_chunk_key_bytes, credit_month_key_bytes, credit_trades_key_bytes};
use crate::statistics::Month;
use crate::working_set::Write;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use std::collections::BTreeMap;

/// The organisations that acted in trades of a month.
pub(super) const ROLL: Roll =
    Roll { count_key: credit_month_key_bytes, chunk_key: credit_chunk_key_bytes };

/// What a block changes, by month, organisation and part.
#[derive(Default)]
pub(crate) struct CreditSums {
    changes: BTreeMap<(Month, OrganisationCode), BTreeMap<Part, TradeCounts>>,
}

impl CreditSums {
    /// A case says something else than it did.
    pub(crate) fn moved(&mut self, before: Option<CaseCredit>, after: Option<CaseCredit>) {
        if before == after {
            return;
        }
        if let Some(CaseCredit { month, counts, actors }) = before {
            self.add(month, actors, &counts.negated());
        }
        if let Some(CaseCredit { month, counts, actors }) = after {
            self.add(month, actors, &counts);
        }
    }

    fn add(&mut self, month: Month, actors: [Option<OrganisationCode>; 5], counts: &TradeCounts) {
        for (part, actor) in Part::ALL.into_iter().zip(actors) {
            let Some(actor) = actor else { continue };
            self.changes.entry((month, actor)).or_default().entry(part).or_default().add(counts);
        }
    }

    /// Adds the changed records to `writes`. Reads them in one go, then the rolls of months that
    /// have new ones.
    pub(crate) fn finish(
        self,
        state: &impl StateRead,
        writes: &mut Vec<Write>,
    ) -> Result<(), StateError> {
        let mut changed = BTreeMap::new();
        for ((month, organisation), mut parts) in self.changes {
            parts.retain(|_, counts| !counts.is_zero());
            if !parts.is_empty() {
                let key = credit_trades_key_bytes(month, &organisation);
                changed.insert(key, (month, organisation, parts));
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        let keys: Vec<Vec<u8>> = changed.keys().cloned().collect();
        let stored = roll::read::<MonthTrades>(state, &keys)?;
        let mut joined: BTreeMap<Month, Vec<OrganisationCode>> = BTreeMap::new();
        for ((key, (month, organisation, parts)), stored) in changed.into_iter().zip(stored) {
            if stored.is_none() {
                joined.entry(month).or_default().push(organisation);
            }
            let mut record = stored.unwrap_or_default();
            for (part, counts) in parts {
                record.add(part, &counts);
            }
            writes.push((key, Some(codec::encode(&record))));
        }
        for (month, organisations) in joined {
            ROLL.enter(&organisations, state, month, writes)?;
        }
        Ok(())
    }
}

//! The index of trade cases: who sees which case, in which state, and how many there are.
//!
//! Kept from [`Event::CaseChanged`]. It stands outside the certified state: it can be made again
//! from the events.

use crate::ledger::{Ledger, LedgerError};
use crate::schema;
use crate::store::{Column, Store, WriteBatch, just_after, scan_prefix};
use kanhe_contracts::event::{CaseState, Event};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::receipt::CaseKey;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the index knows of a case.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct CaseRecord {
    /// Which case.
    pub case: CaseKey,
    /// Its state.
    pub state: CaseState,
    /// The organisations that may see it, ascending.
    pub parties: Vec<OrganisationCode>,
    /// The height that opened it.
    pub opened_at: u64,
    /// The height that changed it last.
    pub changed_at: u64,
}

/// Which cases are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Those that this organisation is party to; all where it is absent.
    pub organisation: Option<OrganisationCode>,
    /// Those in this state.
    pub state: Option<CaseState>,
}

/// Some cases in the order of platform and order number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CasePage {
    /// The cases.
    pub cases: Vec<CaseRecord>,
    /// Where the next page begins: after this case. None when there is no more.
    pub next: Option<CaseKey>,
}

/// A scope of the index: an organisation, or none for all cases.
type Scope = Option<OrganisationCode>;

impl<S: Store> Ledger<S> {
    /// What the index knows of a case.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn case(&self, case: &CaseKey) -> Result<Option<CaseRecord>, LedgerError> {
        self.load(Column::Cases, &schema::case_key(case))
    }

    /// At most `limit` cases that pass `filter`, after the case `after`.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn cases(
        &self,
        filter: &CaseFilter,
        after: Option<&CaseKey>,
        limit: usize,
    ) -> Result<CasePage, LedgerError> {
        let prefixes = match filter.state {
            Some(state) => {
                vec![schema::case_index_prefix(filter.organisation.as_ref(), state)]
            }
            None => self.state_prefixes(filter.organisation.as_ref())?,
        };
        let mut keys = BTreeSet::new();
        for prefix in prefixes {
            let from = after.map(|case| just_after(&[&prefix, &*schema::case_key(case)].concat()));
            let from = from.unwrap_or_default();
            let wanted = limit.saturating_add(1);
            let pairs = scan_prefix(&self.store, Column::CaseIndex, &prefix, &from, wanted)?;
            keys.extend(pairs.into_iter().map(|(key, _)| key[prefix.len()..].to_vec()));
        }
        let is_last = keys.len() <= limit;
        let keys: Vec<Vec<u8>> = keys.into_iter().take(limit).collect();
        let mut cases = Vec::with_capacity(keys.len());
        for (key, value) in keys.iter().zip(self.store.multi_get(Column::Cases, &keys)?) {
            let error = || schema::corrupt(Column::Cases, key, "an indexed case is missing");
            cases.push(schema::decode::<CaseRecord>(
                Column::Cases,
                key,
                &value.ok_or_else(error)?,
            )?);
        }
        let next = if is_last { None } else { cases.last().map(|record| record.case.clone()) };
        Ok(CasePage { cases, next })
    }

    /// How many cases are in each state, of one organisation or of all.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn case_counts(
        &self,
        organisation: Option<&OrganisationCode>,
    ) -> Result<BTreeMap<CaseState, u64>, LedgerError> {
        let prefix = schema::scope_prefix(organisation);
        let pairs = scan_prefix(&self.store, Column::CaseCounts, &prefix, &[], usize::MAX)?;
        let mut counts = BTreeMap::new();
        for (key, value) in pairs {
            let state = schema::decode(Column::CaseCounts, &key, &key[prefix.len()..])?;
            counts.insert(state, schema::height_of(Column::CaseCounts, &value)?);
        }
        Ok(counts)
    }

    /// The prefixes of the states in which a scope has cases.
    fn state_prefixes(
        &self,
        organisation: Option<&OrganisationCode>,
    ) -> Result<Vec<Vec<u8>>, LedgerError> {
        let prefix = schema::scope_prefix(organisation);
        let pairs = scan_prefix(&self.store, Column::CaseCounts, &prefix, &[], usize::MAX)?;
        Ok(pairs.into_iter().map(|(key, _)| key).collect())
    }

    /// Adds what a height's events change in the index to `changes`.
    pub(crate) fn index_cases(
        &self,
        height: u64,
        events: &[Event],
        changes: &mut WriteBatch,
    ) -> Result<(), LedgerError> {
        let mut changed: BTreeMap<Vec<u8>, CaseRecord> = BTreeMap::new();
        for event in events {
            let Event::CaseChanged { case, parties, state } = event;
            let record = CaseRecord {
                case: case.clone(),
                state: *state,
                parties: parties.clone(),
                opened_at: height,
                changed_at: height,
            };
            changed.insert(schema::case_key(&record.case), record);
        }
        let keys: Vec<Vec<u8>> = changed.keys().cloned().collect();
        let before = self.store.multi_get(Column::Cases, &keys)?;
        let mut deltas = BTreeMap::new();
        for ((key, mut record), before) in changed.into_iter().zip(before) {
            let before = before.map(|bytes| schema::decode(Column::Cases, &key, &bytes));
            let before: Option<CaseRecord> = before.transpose()?;
            if let Some(before) = &before {
                record.opened_at = before.opened_at;
            }
            index_case(&key, before.as_ref(), &record, &mut deltas, changes);
            changes.put(Column::Cases, key, codec::encode(&record));
        }
        self.add_counts(deltas, changes)
    }

    fn add_counts(
        &self,
        deltas: BTreeMap<Vec<u8>, i64>,
        changes: &mut WriteBatch,
    ) -> Result<(), LedgerError> {
        let keys: Vec<Vec<u8>> = deltas.keys().cloned().collect();
        let before = self.store.multi_get(Column::CaseCounts, &keys)?;
        for ((key, delta), before) in deltas.into_iter().zip(before) {
            let before = before.map(|bytes| schema::height_of(Column::CaseCounts, &bytes));
            let count = before.transpose()?.unwrap_or(0).checked_add_signed(delta);
            let count = count.ok_or_else(|| {
                schema::corrupt(Column::CaseCounts, &key, "the count is below its cases")
            })?;
            changes.put(Column::CaseCounts, key, count.to_be_bytes().to_vec());
        }
        Ok(())
    }
}

/// Moves one case in the index; `deltas` gathers what its counts gain and lose.
fn index_case(
    key: &[u8],
    before: Option<&CaseRecord>,
    after: &CaseRecord,
    deltas: &mut BTreeMap<Vec<u8>, i64>,
    changes: &mut WriteBatch,
) {
    let (before, after) = (before.map(prefixes).unwrap_or_default(), prefixes(after));
    for prefix in before.difference(&after) {
        changes.remove(Column::CaseIndex, [prefix, key].concat());
        *deltas.entry(prefix.clone()).or_default() -= 1;
    }
    for prefix in after.difference(&before) {
        changes.put(Column::CaseIndex, [prefix, key].concat(), Vec::new());
        *deltas.entry(prefix.clone()).or_default() += 1;
    }
}

/// Under which prefixes a case stands in the index.
fn prefixes(record: &CaseRecord) -> BTreeSet<Vec<u8>> {
    let scopes = record.parties.iter().cloned().map(Some).chain([Scope::None]);
    scopes.map(|scope| schema::case_index_prefix(scope.as_ref(), record.state)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use crate::testing::{Network, ORGANISATION};

    const ALL: &str = "o1 o2 o3 o4";

    fn ledger() -> Ledger<MemoryStore> {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["case o1 0", "case o2 0", "case o3 0"]]);
        network.grow(&ledger, &[&["case o2 1", "case o4 0"]]);
        ledger
    }

    /// The order numbers that a filter finds, page by page.
    fn check(organisation: Option<&str>, state: Option<CaseState>, limit: usize, expected: &str) {
        let ledger = ledger();
        let organisation = organisation.map(|code| code.parse().unwrap());
        let filter = CaseFilter { organisation, state };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = ledger.cases(&filter, after.as_ref(), limit).unwrap();
            assert!(page.cases.len() <= limit);
            found.extend(page.cases.into_iter().map(|record| record.case.order_no));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn cases_are_found_by_organisation_and_state_in_pages_of_any_size() {
        for limit in 1..6 {
            check(None, None, limit, ALL);
            check(Some(ORGANISATION), None, limit, ALL);
            check(None, Some(CaseState::Collecting), limit, "o1 o3 o4");
            check(Some(ORGANISATION), Some(CaseState::Matched), limit, "o2");
            check(None, Some(CaseState::Mismatched), limit, "");
            check(Some("4300000002"), None, limit, "");
        }
    }

    #[test]
    fn the_last_page_says_that_it_is_the_last() {
        let page = |limit| ledger().cases(&CaseFilter::default(), None, limit).unwrap();
        assert_eq!(page(4).next, None);
        assert_eq!(page(3).next.unwrap().order_no, "o3");
    }

    #[test]
    fn counts_follow_every_change() {
        let ledger = ledger();
        let expected = BTreeMap::from([(CaseState::Collecting, 3), (CaseState::Matched, 1)]);
        assert_eq!(ledger.case_counts(None).unwrap(), expected);
        let organisation = ORGANISATION.parse().unwrap();
        assert_eq!(ledger.case_counts(Some(&organisation)).unwrap(), expected);
        let other = "4300000002".parse().unwrap();
        assert_eq!(ledger.case_counts(Some(&other)).unwrap(), BTreeMap::new());
    }

    #[test]
    fn a_case_knows_when_it_was_opened_and_changed() {
        let case = CaseKey { platform: ORGANISATION.parse().unwrap(), order_no: "o2".into() };
        let record = ledger().case(&case).unwrap().unwrap();
        assert_eq!((record.opened_at, record.changed_at), (1, 2));
        assert_eq!(record.state, CaseState::Matched);
    }
}

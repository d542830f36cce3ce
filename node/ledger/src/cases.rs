//! The index of trade cases: who sees which case, and how many there are in each state.
//!
//! Kept from the changes that execution reports. It stands outside the certified state, from which
//! it can be made again. What a case says is read from the state; cases in a state that few are in
//! for long have an index of their own, the others are found among all of the scope.

use crate::ledger::{Ledger, LedgerError};
use crate::schema;
use crate::store::{Column, Pair, Store, WriteBatch, just_after, scan_prefix};
use kanhe_contracts::case::Case;
use kanhe_contracts::event::CaseState;
use kanhe_contracts::execute::{CaseChange, CaseStanding};
use kanhe_contracts::export::ExportCase;
use kanhe_contracts::policy::Direction;
use kanhe_contracts::state_key::{case_key_bytes, export_case_key_bytes};
use kanhe_types::code::OrganisationCode;
use kanhe_types::receipt::CaseKey;
use std::collections::{BTreeMap, BTreeSet};

/// Cases that are looked at for one page, so that a rare state in a long list costs no more.
const SCANNED_MAX: usize = 5_000;

/// Which cases are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Those that this organisation is party to; all where it is absent.
    pub organisation: Option<OrganisationCode>,
    /// Those in this state.
    pub state: Option<CaseState>,
}

/// A case, whichever way its goods go.
#[allow(clippy::large_enum_variant, reason = "a page holds few, and hands each on at once")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundCase {
    /// An import.
    Import(Case),
    /// An export.
    Export(ExportCase),
}

impl FoundCase {
    /// Platform and order number.
    pub fn key(&self) -> &CaseKey {
        match self {
            Self::Import(case) => &case.key,
            Self::Export(case) => &case.key,
        }
    }

    /// Where it stands.
    pub fn state(&self) -> CaseState {
        match self {
            Self::Import(case) => case.state,
            Self::Export(case) => case.state,
        }
    }

    /// The import, if it is one.
    pub fn import(self) -> Option<Case> {
        match self {
            Self::Import(case) => Some(case),
            Self::Export(_) => None,
        }
    }
}

/// Some cases in the order of platform and order number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CasePage {
    /// The cases; fewer than asked for, or none, where those in the wanted state are far between.
    pub cases: Vec<FoundCase>,
    /// Where the next page begins: after this case. None when there is no more.
    pub next: Option<CaseKey>,
}

impl<S: Store> Ledger<S> {
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
        page(&self.store, filter, after, limit)
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

    /// Adds what a height changes in the index to `changes`.
    pub(crate) fn index_cases(
        &self,
        cases: &[CaseChange],
        changes: &mut WriteBatch,
    ) -> Result<(), LedgerError> {
        let mut counts: BTreeMap<(Option<&OrganisationCode>, CaseState), i64> = BTreeMap::new();
        let mut index: Vec<(Vec<u8>, bool)> = Vec::new();
        for CaseChange { direction, case, before, after } in cases {
            let index_key = match direction {
                Direction::Import => schema::case_index_key,
                Direction::Export => schema::export_index_key,
            };
            let was = |place| before.as_ref().is_some_and(|own| stands_at(own, place));
            for scope in scopes(after).filter(|scope| !was((*scope, Some(after.state)))) {
                *counts.entry((scope, after.state)).or_default() += 1;
            }
            for place in places(after).filter(|place| !was(*place)) {
                index.push((index_key(&prefix_of(place), case), true));
            }
            let Some(before) = before else { continue };
            let is = |place| stands_at(after, place);
            for scope in scopes(before).filter(|scope| !is((*scope, Some(before.state)))) {
                *counts.entry((scope, before.state)).or_default() -= 1;
            }
            for place in places(before).filter(|place| !is(*place)) {
                index.push((index_key(&prefix_of(place), case), false));
            }
        }
        // The store takes ascending keys faster. What was said last of a key holds.
        index.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (key, is_there) in index {
            match is_there {
                true => changes.put(Column::CaseIndex, key, Vec::new()),
                false => changes.remove(Column::CaseIndex, key),
            }
        }
        let by_key = |((scope, state), delta)| (schema::case_count_key(scope, state), delta);
        self.add_counts(counts.into_iter().map(by_key).collect(), changes)
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

/// At most `limit` cases that pass `filter`, after the case `after`, from a store's index.
pub(crate) fn page<S: Store>(
    store: &S,
    filter: &CaseFilter,
    after: Option<&CaseKey>,
    limit: usize,
) -> Result<CasePage, LedgerError> {
    let organisation = filter.organisation.as_ref();
    let indexed = filter.state.filter(|state| is_indexed(*state));
    let prefix = schema::case_index_prefix(organisation, indexed);
    let mut page = CasePage::default();
    let mut from = after.map(|case| just_after(&schema::export_index_key(&prefix, case)));
    let mut scanned = 0usize;
    loop {
        let start = from.take().unwrap_or_default();
        let wanted = limit.saturating_sub(page.cases.len()).max(1);
        let pairs = scan_prefix(store, Column::CaseIndex, &prefix, &start, wanted)?;
        let is_end = pairs.len() < wanted;
        scanned = scanned.saturating_add(pairs.len());
        let found = cases_at(store, &pairs, prefix.len())?;
        page.next = found.last().map(|case| case.key().clone()).or(page.next);
        from = pairs.last().map(|(key, _)| just_after(key));
        let is_wanted = |case: &FoundCase| filter.state.is_none_or(|state| case.state() == state);
        page.cases.extend(found.into_iter().filter(is_wanted));
        if is_end {
            page.next = None;
            return Ok(page);
        }
        if limit <= page.cases.len() || SCANNED_MAX <= scanned {
            break;
        }
    }
    // A page that ends with the last case says so.
    let more = scan_prefix(store, Column::CaseIndex, &prefix, &from.unwrap_or_default(), 1)?;
    page.next = page.next.filter(|_| !more.is_empty());
    Ok(page)
}

/// The cases of index keys, whose prefix has this length.
fn cases_at<S: Store>(
    store: &S,
    pairs: &[Pair],
    prefix: usize,
) -> Result<Vec<FoundCase>, LedgerError> {
    let mut keys = Vec::with_capacity(pairs.len());
    for (key, _) in pairs {
        let found = key.get(prefix..).and_then(schema::case_of_index);
        let corrupt = || schema::corrupt(Column::CaseIndex, key, "the key names no case");
        let (direction, case) = found.ok_or_else(corrupt)?;
        keys.push(match direction {
            Direction::Import => (direction, case_key_bytes(&case)),
            Direction::Export => (direction, export_case_key_bytes(&case)),
        });
    }
    // State keys carry lengths, so that they sort otherwise than the index.
    let sorted: BTreeSet<&Vec<u8>> = keys.iter().map(|(_, key)| key).collect();
    let sorted: Vec<Vec<u8>> = sorted.into_iter().cloned().collect();
    let values = store.multi_get(Column::State, &sorted)?;
    let values: BTreeMap<Vec<u8>, Option<Vec<u8>>> = sorted.into_iter().zip(values).collect();
    let decode = |(direction, key): &(Direction, Vec<u8>)| {
        let missing = || schema::corrupt(Column::State, key, "an indexed case is missing");
        let stored = values.get(key).cloned().flatten().ok_or_else(missing)?;
        let value = schema::StateValue::read(key, &stored)?.value;
        Ok(match direction {
            Direction::Import => FoundCase::Import(schema::decode(Column::State, key, value)?),
            Direction::Export => FoundCase::Export(schema::decode(Column::State, key, value)?),
        })
    };
    keys.iter().map(decode).collect()
}

/// Whether cases in this state have an index of their own. The others come and go with every trade.
pub(crate) fn is_indexed(state: CaseState) -> bool {
    match state {
        CaseState::Collecting
        | CaseState::Matched
        | CaseState::Arrived
        | CaseState::Departed
        | CaseState::Closed
        | CaseState::Released
        | CaseState::Delivered
        | CaseState::Returning => false,
        CaseState::Mismatched
        | CaseState::Overdue
        | CaseState::Cancelled
        | CaseState::Returned
        | CaseState::Held
        | CaseState::Refused => true,
    }
}

/// The scopes of a case: its parties, and all.
fn scopes(standing: &CaseStanding) -> impl Iterator<Item = Option<&OrganisationCode>> {
    standing.parties.iter().map(Some).chain([None])
}

/// A place in the index: a scope, and one state or any.
type Place<'a> = (Option<&'a OrganisationCode>, Option<CaseState>);

/// Where a case stands in the index.
fn places(standing: &CaseStanding) -> impl Iterator<Item = Place<'_>> {
    let state = Some(standing.state).filter(|state| is_indexed(*state));
    let of_state = scopes(standing).filter(move |_| state.is_some()).map(move |own| (own, state));
    scopes(standing).map(|scope| (scope, None)).chain(of_state)
}

fn stands_at(standing: &CaseStanding, (scope, state): Place<'_>) -> bool {
    scope.is_none_or(|own| standing.parties.contains(own))
        && state.is_none_or(|own| own == standing.state)
}

fn prefix_of((scope, state): Place<'_>) -> Vec<u8> {
    schema::case_index_prefix(scope, state)
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
            found.extend(page.cases.into_iter().map(|case| case.key().order_no.clone()));
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
}

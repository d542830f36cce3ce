//! What a block adds to flows: everything that it adds to one page is one read and one write.

use super::case_flow::{CaseFlow, Place, code};
use super::figure::{Figure, Figures};
use super::records::FlowPage;
use crate::policy::Direction;
use crate::register::{EntryKey, NettingStatement};
use crate::roll::{self, Roll};
use crate::state::{StateError, StateRead};
use crate::state_key::{flow_chunk_key_bytes, flow_month_key_bytes, flow_page_key_bytes};
use crate::statistics::Month;
use crate::working_set::Write;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use std::collections::BTreeMap;

/// The merchants that a month's flows have.
pub(super) const ROLL: Roll =
    Roll { count_key: flow_month_key_bytes, chunk_key: flow_chunk_key_bytes };

/// What a block changes, by month, merchant and place.
#[derive(Default)]
pub(crate) struct Flows {
    changes: BTreeMap<(Month, OrganisationCode), Change>,
}

/// What a block changes of a page.
#[derive(Default)]
struct Change {
    places: BTreeMap<Place, Figures>,
    statements: Vec<EntryKey>,
}

impl Flows {
    /// A case says something else than it did.
    pub(crate) fn moved(&mut self, before: Option<CaseFlow>, after: CaseFlow) {
        if let Some(before) = before {
            self.change(before, Figures::subtract, i128::saturating_neg);
        }
        self.change(after, Figures::add, |amount| amount);
    }

    fn change(
        &mut self,
        flow: CaseFlow,
        all: fn(&mut Figures, &Figures),
        signed: fn(i128) -> i128,
    ) {
        let CaseFlow { standing, figures, foreign } = flow;
        let change = self.changes.entry((standing.month, standing.merchant)).or_default();
        let places = &mut change.places;
        all(places.entry(standing.place).or_default(), &figures);
        for (currency, figure, amount) in foreign {
            let sums = places.entry(Place { currency, ..standing.place }).or_default();
            sums.add_to(figure, signed(amount));
        }
    }

    /// A netting statement counts, or does not any more; one that is new is listed.
    pub(crate) fn netted(&mut self, key: &EntryKey, statement: &NettingStatement, is_new: bool) {
        let facts = &statement.facts;
        let place = Place {
            direction: Direction::Export,
            mode: code(&facts.mode),
            currency: code(&facts.currency),
        };
        let sign = if statement.state.counts() { 1 } else { -1 };
        let change = self.changes.entry((facts.month, facts.merchant.clone())).or_default();
        let sums = change.places.entry(place).or_default();
        for (figure, amount) in
            [(Figure::Deducted, statement.deducted), (Figure::Credited, facts.credited)]
        {
            sums.add_to(figure, amount.units().saturating_mul(sign));
        }
        if is_new {
            change.statements.push(key.clone());
        }
    }

    /// Adds the changed records to `writes`. Reads pages in one go, then the rolls of months that
    /// have new ones.
    pub(crate) fn finish(
        self,
        state: &impl StateRead,
        writes: &mut Vec<Write>,
    ) -> Result<(), StateError> {
        let mut pages = BTreeMap::new();
        for ((month, merchant), mut change) in self.changes {
            change.places.retain(|_, figures| !figures.is_zero());
            if !change.places.is_empty() || !change.statements.is_empty() {
                let key = flow_page_key_bytes(month, &merchant);
                pages.insert(key, (month, merchant, change));
            }
        }
        if pages.is_empty() {
            return Ok(());
        }
        let keys: Vec<Vec<u8>> = pages.keys().cloned().collect();
        let stored = roll::read::<FlowPage>(state, &keys)?;
        let mut joined: BTreeMap<Month, Vec<OrganisationCode>> = BTreeMap::new();
        for ((key, (month, merchant, change)), stored) in pages.into_iter().zip(stored) {
            if stored.is_none() {
                joined.entry(month).or_default().push(merchant);
            }
            let mut page = stored.unwrap_or_default();
            for (place, figures) in change.places {
                page.change(place, |sums| sums.add(&figures));
            }
            page.statements.extend(change.statements);
            writes.push((key, Some(codec::encode(&page))));
        }
        for (month, merchants) in joined {
            ROLL.enter(&merchants, state, month, writes)?;
        }
        Ok(())
    }
}

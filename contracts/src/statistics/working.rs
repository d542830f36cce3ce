//! What a block adds to the month's statistics: everything that it adds to one page is one read
//! and one write.

use super::cell::Cell;
use super::contribution::Contribution;
use super::records::{EnterpriseMonth, Month, Page, PageName};
use crate::case;
use crate::roll::{self, Roll};
use crate::state::{StateError, StateRead};
use crate::state_key::{
    statistics_chunk_key_bytes, statistics_enterprise_key_bytes, statistics_month_key_bytes,
    statistics_page_key_bytes,
};
use crate::working_set::Write;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::time::Millis;
use std::collections::BTreeMap;

/// The enterprises that a month's statistics have.
pub(super) const ROLL: Roll =
    Roll { count_key: statistics_month_key_bytes, chunk_key: statistics_chunk_key_bytes };

/// What a block changes, by enterprise and page.
#[derive(Default)]
pub(crate) struct Statistics {
    changes: BTreeMap<(OrganisationCode, PageName), BTreeMap<u8, Cell>>,
}

/// A page that the block writes.
struct Open {
    enterprise: OrganisationCode,
    name: PageName,
    added: BTreeMap<u8, Cell>,
    /// Absent from the state.
    is_new: bool,
    page: Page,
}

impl Statistics {
    /// A case counts for something else than it did.
    pub(crate) fn moved(&mut self, before: Option<Contribution>, after: Option<Contribution>) {
        if before == after {
            return;
        }
        if let Some(one) = before {
            for (page, chapter, cell) in one.cells {
                self.add(&one.enterprise, page, chapter, &cell.negated());
            }
        }
        if let Some(one) = after {
            for (page, chapter, cell) in one.cells {
                self.add(&one.enterprise, page, chapter, &cell);
            }
        }
    }

    fn add(&mut self, enterprise: &OrganisationCode, page: PageName, chapter: u8, cell: &Cell) {
        let cells = self.changes.entry((enterprise.clone(), page)).or_default();
        cells.entry(chapter).or_default().add(cell);
    }

    /// Adds the changed records to `writes`. Reads pages in one go, then the records of enterprises
    /// that have new ones, then the codes of the month.
    pub(crate) fn finish(
        self,
        state: &impl StateRead,
        time: Millis,
        mut park_of: impl FnMut(&OrganisationCode) -> Result<Option<String>, StateError>,
        writes: &mut Vec<Write>,
    ) -> Result<(), StateError> {
        let changes = self.changes.into_iter().filter_map(|(place, mut cells)| {
            cells.retain(|_, cell| !cell.is_zero());
            (!cells.is_empty()).then_some((place, cells))
        });
        let changes: Vec<_> = changes.collect();
        if changes.is_empty() {
            return Ok(());
        }
        let month = Month::of(time);
        let mut open = BTreeMap::new();
        for ((enterprise, name), added) in changes {
            let key = statistics_page_key_bytes(month, &enterprise, &name);
            let page = Page::default();
            open.insert(key, Open { enterprise, name, added, is_new: false, page });
        }
        let keys: Vec<Vec<u8>> = open.keys().cloned().collect();
        for (page, stored) in open.iter_mut().zip(roll::read::<Page>(state, &keys)?) {
            page.1.is_new = stored.is_none();
            page.1.page = stored.unwrap_or_default();
        }
        if open.values().any(|page| page.is_new) {
            open = name_pages(open, state, month, &mut park_of, writes)?;
        }
        for (key, mut page) in open {
            for (chapter, cell) in &page.added {
                page.page.add(*chapter, cell);
            }
            writes.push((key, Some(codec::encode(&page.page))));
        }
        Ok(())
    }
}

/// Enters new pages into the records of their enterprises, and new enterprises into the month.
/// What finds no room goes to the page of the rest.
fn name_pages(
    open: BTreeMap<Vec<u8>, Open>,
    state: &impl StateRead,
    month: Month,
    park_of: &mut impl FnMut(&OrganisationCode) -> Result<Option<String>, StateError>,
    writes: &mut Vec<Write>,
) -> Result<BTreeMap<Vec<u8>, Open>, StateError> {
    let news = open.values().filter(|page| page.is_new);
    let mut enterprises: BTreeMap<Vec<u8>, OrganisationCode> = BTreeMap::new();
    for page in news {
        let key = statistics_enterprise_key_bytes(month, &page.enterprise);
        enterprises.insert(key, page.enterprise.clone());
    }
    let keys: Vec<Vec<u8>> = enterprises.keys().cloned().collect();
    let stored = roll::read::<EnterpriseMonth>(state, &keys)?;
    let (mut records, mut joined) = (BTreeMap::new(), Vec::new());
    for (enterprise, record) in enterprises.into_values().zip(stored) {
        let record = match record {
            Some(record) => record,
            None => {
                joined.push(enterprise.clone());
                let park = park_of(&enterprise)?;
                EnterpriseMonth { park, pages: Vec::new() }
            }
        };
        records.insert(enterprise, record);
    }

    let (mut named, mut rest) = (BTreeMap::new(), Vec::new());
    for (key, page) in open {
        let record = records.get_mut(&page.enterprise).filter(|_| page.is_new);
        match record {
            Some(record) if !record.has_room() => rest.push(page),
            Some(record) => {
                record.pages.push(page.name.clone());
                named.insert(key, page);
            }
            None => drop(named.insert(key, page)),
        }
    }
    for page in rest {
        let Some(record) = records.get_mut(&page.enterprise) else { continue };
        let name = PageName::rest(page.name.direction);
        let key = statistics_page_key_bytes(month, &page.enterprise, &name);
        if !named.contains_key(&key) {
            let stored: Option<Page> = case::load(state, &key)?;
            if stored.is_none() {
                record.pages.push(name.clone());
            }
            let (enterprise, added) = (page.enterprise, BTreeMap::new());
            let page = stored.unwrap_or_default();
            named.insert(key.clone(), Open { enterprise, name, added, is_new: false, page });
        }
        if let Some(held) = named.get_mut(&key) {
            for (chapter, cell) in page.added {
                held.added.entry(chapter).or_default().add(&cell);
            }
        }
    }
    for (enterprise, record) in &records {
        let key = statistics_enterprise_key_bytes(month, enterprise);
        writes.push((key, Some(codec::encode(record))));
    }
    ROLL.enter(&joined, state, month, writes)?;
    Ok(named)
}

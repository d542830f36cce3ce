//! How flows are read and summed up.

use super::case_flow::Place;
use super::figure::Figures;
use super::receipts::{ReceiptCheck, ReceiptGap};
use super::records::FlowPage;
use super::working::ROLL;
use crate::case;
use crate::policy::{Direction, Policy};
use crate::register::EntryKey;
use crate::roll;
use crate::state::{StateError, StateRead};
use crate::state_key::flow_page_key_bytes;
use crate::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a merchant's cases of a month come to in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The merchant.
    pub merchant: OrganisationCode,
    /// The month.
    pub month: Month,
    /// Direction, mode and currency.
    pub place: Place,
    /// The sums.
    pub figures: Figures,
}

/// By what flows are broken down, beside direction and currency, by which they always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowDimension {
    /// The month of the lists.
    Month,
    /// Mode of trade (监管方式).
    Mode,
    /// The merchant (电商企业).
    Organisation,
}

impl FlowDimension {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Month, Self::Mode, Self::Organisation];

    /// The name that paths, commands and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Mode => "mode",
            Self::Organisation => "organisation",
        }
    }

    /// The dimension with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.name() == name)
    }

    fn label(self, entry: &Entry) -> String {
        match self {
            Self::Month => entry.month.to_string(),
            Self::Mode => format!("{:04}", entry.place.mode),
            Self::Organisation => entry.merchant.to_string(),
        }
    }
}

/// Which flows are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only one direction.
    pub direction: Option<Direction>,
    /// Only one mode.
    pub mode: Option<u16>,
    /// Only one currency.
    pub currency: Option<u16>,
}

impl Filter {
    /// Whether sums of a place are asked for.
    pub fn takes(&self, place: Place) -> bool {
        self.direction.is_none_or(|own| own == place.direction)
            && self.mode.is_none_or(|own| own == place.mode)
            && self.currency.is_none_or(|own| own == place.currency)
    }
}

/// A sum over entries of one direction and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands in each dimension by which the sums are broken down.
    pub labels: Vec<String>,
    /// Which way the goods go.
    pub direction: Direction,
    /// The currency, as its digits' number.
    pub currency: u16,
    /// The merchants whose sums it holds.
    pub merchants: u64,
    /// The sums.
    pub figures: Figures,
    /// How many of its entries, each of one merchant, month, mode and currency, have a gap between
    /// declared value and receipts that says the same.
    pub gaps: BTreeMap<ReceiptGap, u64>,
}

/// Labels, direction and currency of a row.
type Key = (Vec<String>, Direction, u16);

/// What a month's flows have.
///
/// # Errors
/// When this machine cannot read its state.
pub fn entries(state: &impl StateRead, month: Month) -> Result<Vec<Entry>, StateError> {
    let codes = ROLL.codes(state, month)?;
    let named = codes.into_iter().map(|code| (flow_page_key_bytes(month, &code), code));
    let named: BTreeMap<Vec<u8>, OrganisationCode> = named.collect();
    let keys: Vec<Vec<u8>> = named.keys().cloned().collect();
    let pages = roll::read::<FlowPage>(state, &keys)?;
    let pages = named.into_values().zip(pages);
    Ok(pages.flat_map(|(merchant, page)| of_page(&merchant, month, page)).collect())
}

/// What a month's flows have of one merchant.
///
/// # Errors
/// When this machine cannot read its state.
pub fn entries_of(
    state: &impl StateRead,
    month: Month,
    merchant: &OrganisationCode,
) -> Result<Vec<Entry>, StateError> {
    let page = case::load(state, &flow_page_key_bytes(month, merchant))?;
    Ok(of_page(merchant, month, page))
}

/// The netting statements of a merchant's month, in the order in which they came.
///
/// # Errors
/// When this machine cannot read its state.
pub fn statements_of(
    state: &impl StateRead,
    month: Month,
    merchant: &OrganisationCode,
) -> Result<Vec<EntryKey>, StateError> {
    let page: Option<FlowPage> = case::load(state, &flow_page_key_bytes(month, merchant))?;
    Ok(page.unwrap_or_default().statements)
}

/// The netting statements of a month, by merchant.
///
/// # Errors
/// When this machine cannot read its state.
pub fn statements(state: &impl StateRead, month: Month) -> Result<Vec<EntryKey>, StateError> {
    let codes = ROLL.codes(state, month)?;
    let keys = codes.iter().map(|merchant| flow_page_key_bytes(month, merchant));
    let keys: BTreeSet<Vec<u8>> = keys.collect();
    let keys: Vec<Vec<u8>> = keys.into_iter().collect();
    let pages = roll::read::<FlowPage>(state, &keys)?;
    Ok(pages.into_iter().flatten().flat_map(|page| page.statements).collect())
}

fn of_page(merchant: &OrganisationCode, month: Month, page: Option<FlowPage>) -> Vec<Entry> {
    let places = page.unwrap_or_default().places.into_iter();
    let filled = places.filter(|(_, figures)| !figures.is_zero());
    let entry = |(place, figures)| Entry { merchant: merchant.clone(), month, place, figures };
    filled.map(entry).collect()
}

/// The sums of entries that pass a filter, by labels, direction and currency, ascending.
pub fn tabulate(
    entries: &[Entry],
    filter: &Filter,
    by: &[FlowDimension],
    policy: &Policy,
    now: Millis,
) -> Vec<Row> {
    let mut rows: BTreeMap<Key, (Row, BTreeSet<&OrganisationCode>)> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| filter.takes(entry.place)) {
        let labels: Vec<String> = by.iter().map(|dimension| dimension.label(entry)).collect();
        let Place { direction, currency, .. } = entry.place;
        let (row, merchants) =
            rows.entry((labels.clone(), direction, currency)).or_insert_with(|| {
                let (figures, gaps) = (Figures::default(), BTreeMap::new());
                let row = Row { labels, direction, currency, merchants: 0, figures, gaps };
                (row, BTreeSet::new())
            });
        row.figures.add(&entry.figures);
        merchants.insert(&entry.merchant);
        let check = ReceiptCheck::of(entry, policy, now);
        if let Some(check) = check.filter(|check| check.says != ReceiptGap::None) {
            let gaps = row.gaps.entry(check.says).or_default();
            *gaps = gaps.saturating_add(1);
        }
    }
    let counted = rows.into_values().map(|(row, merchants)| Row {
        merchants: u64::try_from(merchants.len()).unwrap_or(u64::MAX),
        ..row
    });
    counted.collect()
}

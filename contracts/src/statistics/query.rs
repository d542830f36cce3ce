//! How statistics are read and summed up.

use super::cell::{Cell, Figures};
use super::records::{EnterpriseMonth, Month, Page, PageName};
use super::working::ROLL;
use crate::case;
use crate::policy::Direction;
use crate::state::{StateError, StateRead};
use crate::state_key::{statistics_enterprise_key_bytes, statistics_page_key_bytes};
use kanhe_types::code::OrganisationCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One cell, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The enterprise: the merchant of the lists.
    pub enterprise: OrganisationCode,
    /// Its park in the month.
    pub park: Option<String>,
    /// Direction, mode, platform and country.
    pub page: PageName,
    /// The chapter; 0 for what has none.
    pub chapter: u8,
    /// What is counted.
    pub cell: Cell,
}

/// By what statistics are broken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Import or export (进出口).
    Direction,
    /// Mode of trade (监管方式).
    Mode,
    /// Chapter of the commodity code (商品章).
    Chapter,
    /// Country of origin or destination (国别).
    Country,
    /// Enterprise (企业).
    Enterprise,
    /// Park (园区).
    Park,
    /// Platform (平台).
    Platform,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Direction,
        Self::Mode,
        Self::Chapter,
        Self::Country,
        Self::Enterprise,
        Self::Park,
        Self::Platform,
    ];

    /// The name that paths, commands and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direction => "direction",
            Self::Mode => "mode",
            Self::Chapter => "chapter",
            Self::Country => "country",
            Self::Enterprise => "enterprise",
            Self::Park => "park",
            Self::Platform => "platform",
        }
    }

    /// The dimension with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.name() == name)
    }

    /// Where an entry stands in it. An enterprise without a park has an empty one.
    pub fn label(self, entry: &Entry) -> String {
        match self {
            Self::Direction => match entry.page.direction {
                Direction::Import => "import".to_owned(),
                Direction::Export => "export".to_owned(),
            },
            Self::Mode => format!("{:04}", entry.page.mode),
            Self::Chapter => format!("{:02}", entry.chapter),
            Self::Country => format!("{:03}", entry.page.country),
            Self::Enterprise => entry.enterprise.to_string(),
            Self::Park => entry.park.clone().unwrap_or_default(),
            Self::Platform => entry.page.platform.to_string(),
        }
    }
}

/// Which entries are summed up: those that have each of these labels.
pub type Filter = BTreeMap<Dimension, String>;

/// A sum over entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands in each dimension by which the sums are broken down.
    pub labels: Vec<String>,
    /// Enterprises with counted lists.
    pub enterprises: u64,
    /// What is counted.
    pub cell: Cell,
}

/// Everything that a month's statistics have.
///
/// # Errors
/// When this machine cannot read its state.
pub fn entries(state: &impl StateRead, month: Month) -> Result<Vec<Entry>, StateError> {
    let mut all = Vec::new();
    for code in ROLL.codes(state, month)? {
        all.extend(entries_of(state, month, &code)?);
    }
    Ok(all)
}

/// What a month's statistics have of one enterprise.
///
/// # Errors
/// When this machine cannot read its state.
pub fn entries_of(
    state: &impl StateRead,
    month: Month,
    enterprise: &OrganisationCode,
) -> Result<Vec<Entry>, StateError> {
    let key = statistics_enterprise_key_bytes(month, enterprise);
    let Some(record) = case::load::<EnterpriseMonth>(state, &key)? else { return Ok(Vec::new()) };
    let named = |name: PageName| (statistics_page_key_bytes(month, enterprise, &name), name);
    let names: BTreeMap<Vec<u8>, PageName> = record.pages.into_iter().map(named).collect();
    let keys: Vec<Vec<u8>> = names.keys().cloned().collect();
    let mut all = Vec::new();
    for ((key, name), bytes) in names.iter().zip(state.get_sorted(&keys)?) {
        let Some(bytes) = bytes else { continue };
        let page: Page = case::decode(key, &bytes)?;
        all.extend(page.cells.into_iter().map(|(chapter, cell)| Entry {
            enterprise: enterprise.clone(),
            park: record.park.clone(),
            page: name.clone(),
            chapter,
            cell,
        }));
    }
    Ok(all)
}

/// The sums of entries that pass a filter, by labels, ascending.
pub fn tabulate(entries: &[Entry], filter: &Filter, by: &[Dimension]) -> Vec<Row> {
    let mut rows: BTreeMap<Vec<String>, (Cell, BTreeMap<&OrganisationCode, Figures>)> =
        BTreeMap::new();
    for entry in entries {
        if filter.iter().any(|(dimension, label)| dimension.label(entry) != *label) {
            continue;
        }
        let labels = by.iter().map(|dimension| dimension.label(entry)).collect();
        let (cell, enterprises) = rows.entry(labels).or_default();
        cell.add(&entry.cell);
        enterprises.entry(&entry.enterprise).or_default().add(&entry.cell.counted);
    }
    let row = |(labels, (cell, enterprises)): (_, (Cell, BTreeMap<_, Figures>))| {
        let active = enterprises.into_values().filter(Figures::is_active).count();
        Row { labels, enterprises: u64::try_from(active).unwrap_or(u64::MAX), cell }
    };
    rows.into_iter().map(row).collect()
}

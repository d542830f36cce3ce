//! Statistics as JSON.

use kanhe_contracts::policy::Direction;
use kanhe_contracts::statistics::{
    Cell, Dimension, Figures, Month, PublicMonth, PublicRow, Row, units_text,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatisticsView {
    /// Everything; for agencies.
    All,
    /// Those of the caller's own lists.
    Own,
    /// What everybody may see: months that are over, and nothing of fewer than three enterprises.
    Public,
}

/// What statistics may be asked for; the query of `GET /v1/statistics`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatisticsQuery {
    /// Which; by default `all` for agencies and `own` for others.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub view: Option<StatisticsView>,
    /// The month; by default the last that is over.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub month: Option<Month>,
    /// The dimensions by which they are broken down, with commas between them; of the public view
    /// one at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// Only this direction, `import` or `export`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub direction: Option<String>,
    /// Only this mode, four digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mode: Option<String>,
    /// Only this chapter, two digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chapter: Option<String>,
    /// Only this country, three digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub country: Option<String>,
    /// Only this enterprise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub enterprise: Option<String>,
    /// Only this park.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub park: Option<String>,
    /// Only this platform.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub platform: Option<String>,
}

impl StatisticsQuery {
    /// What only is asked for, by dimension.
    pub fn filter(&self) -> BTreeMap<Dimension, String> {
        let all = [
            (Dimension::Direction, &self.direction),
            (Dimension::Mode, &self.mode),
            (Dimension::Chapter, &self.chapter),
            (Dimension::Country, &self.country),
            (Dimension::Enterprise, &self.enterprise),
            (Dimension::Park, &self.park),
            (Dimension::Platform, &self.platform),
        ];
        let stated = all.into_iter().filter_map(|(one, label)| Some((one, label.clone()?)));
        stated.collect()
    }

    /// The dimensions by which the sums are broken down; the name of one that is unknown.
    ///
    /// # Errors
    /// With the first name that is no dimension.
    pub fn dimensions(&self) -> Result<Vec<Dimension>, &str> {
        let names = self.by.as_deref().unwrap_or_default().split(',');
        let names = names.filter(|name| !name.is_empty());
        names.map(|name| Dimension::named(name).ok_or(name)).collect()
    }
}

/// Answer of `GET /v1/statistics`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatisticsAnswer {
    /// Which.
    pub view: StatisticsView,
    /// The month.
    pub month: Month,
    /// Whether it is over; then no later height says anything else of it.
    pub is_closed: bool,
    /// The height by whose state they hold.
    pub height: u64,
    /// The dimensions by which they are broken down.
    pub by: Vec<Dimension>,
    /// The sums, ascending by their labels.
    pub rows: Vec<StatisticsRow>,
}

/// A sum. Amounts and weights are decimals as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatisticsRow {
    /// Where it stands in each dimension.
    pub labels: Vec<String>,
    /// Whether it sums up what may not be shown apart; its last label is empty then.
    pub is_rest: bool,
    /// Enterprises with counted lists.
    pub enterprises: u64,
    /// Lists that pass the three conditions.
    pub lists: i64,
    /// Parcels.
    pub parcels: i64,
    /// Net weight in kilograms.
    pub net_weight_kg: String,
    /// Value in CNY.
    pub value_cny: String,
    /// Value in USD.
    pub value_usd: String,
    /// Lists in a currency without a rate, which add nothing to the values.
    pub unvalued: i64,
    /// Value of a list on the average, in CNY.
    pub average_ticket_cny: Option<String>,
    /// Lists that came back, in whole or in part,
    pub returned_lists: i64,
    /// what of their value did, in CNY,
    pub returned_cny: String,
    /// and how many of 10,000 lists.
    pub returned_of_10000: Option<i64>,
    /// Lists of which the clearance is known,
    pub cleared: i64,
    /// and the seconds it took on the average.
    pub average_clearance_s: Option<i64>,
    /// Lists that were accepted and do not pass the three conditions, or not yet,
    pub outside_lists: i64,
    /// and their value in CNY.
    pub outside_cny: String,
}

impl StatisticsRow {
    /// The columns of [`Self::cells`].
    pub const COLUMNS: [&'static str; 15] = [
        "enterprises",
        "lists",
        "parcels",
        "net_weight_kg",
        "value_cny",
        "value_usd",
        "unvalued",
        "average_ticket_cny",
        "returned_lists",
        "returned_cny",
        "returned_of_10000",
        "cleared",
        "average_clearance_s",
        "outside_lists",
        "outside_cny",
    ];

    /// A sum of a full view.
    pub fn new(row: Row) -> Self {
        Self { enterprises: row.enterprises, ..Self::of(row.labels, &row.cell) }
    }

    /// The total of a published month.
    pub fn of_total(month: &PublicMonth) -> Self {
        let labels = vec![direction_name(month.direction).to_owned()];
        Self { enterprises: month.enterprises, ..Self::of(labels, &month.total) }
    }

    /// A row of a published table.
    pub fn of_public(direction: Direction, row: PublicRow) -> Self {
        let PublicRow { label, enterprises, counted } = row;
        let is_rest = label.is_none();
        let labels = vec![direction_name(direction).to_owned(), label.unwrap_or_default()];
        let cell = Cell { counted, ..Cell::default() };
        Self { is_rest, enterprises, ..Self::of(labels, &cell) }
    }

    fn of(labels: Vec<String>, cell: &Cell) -> Self {
        let Figures { lists, parcels, net_weight, cny, usd, unvalued } = cell.counted;
        let small = |number: i128| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            labels,
            is_rest: false,
            enterprises: 0,
            lists,
            parcels,
            net_weight_kg: units_text(net_weight),
            value_cny: units_text(cny),
            value_usd: units_text(usd),
            unvalued,
            average_ticket_cny: cell.average_ticket().map(units_text),
            returned_lists: cell.returned.lists,
            returned_cny: units_text(cell.returned.cny),
            returned_of_10000: cell.return_share().map(small),
            cleared: cell.cleared,
            average_clearance_s: cell.average_clearance_ms().map(|ms| small(ms / 1_000)),
            outside_lists: cell.outside.lists,
            outside_cny: units_text(cell.outside.cny),
        }
    }

    /// The figures as texts, in the order of [`Self::COLUMNS`]; what is unknown is empty.
    pub fn cells(&self) -> [String; 15] {
        let number = |number: Option<i64>| number.map(|number| number.to_string());
        [
            self.enterprises.to_string(),
            self.lists.to_string(),
            self.parcels.to_string(),
            self.net_weight_kg.clone(),
            self.value_cny.clone(),
            self.value_usd.clone(),
            self.unvalued.to_string(),
            self.average_ticket_cny.clone().unwrap_or_default(),
            self.returned_lists.to_string(),
            self.returned_cny.clone(),
            number(self.returned_of_10000).unwrap_or_default(),
            self.cleared.to_string(),
            number(self.average_clearance_s).unwrap_or_default(),
            self.outside_lists.to_string(),
            self.outside_cny.clone(),
        ]
    }
}

fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Import => "import",
        Direction::Export => "export",
    }
}

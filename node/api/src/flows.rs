//! The three flows of cases as JSON.

use kanhe_contracts::event::CaseState;
use kanhe_contracts::flows::{
    Figure, Figures, FlowDimension, FlowPart, ReceiptGap, Row, Stream, Unit,
};
use kanhe_contracts::policy::Direction;
use kanhe_contracts::statistics::{Month, units_text};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What flows may be asked for; the query of `GET /v1/flows`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowsQuery {
    /// The first month; by default the last, and of neither this month.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<Month>,
    /// The last month; by default the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<Month>,
    /// The dimensions by which they are broken down, with commas between them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// Only this direction.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub direction: Option<Direction>,
    /// Only this mode, four digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mode: Option<String>,
    /// Only the cases of this merchant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organisation: Option<OrganisationCode>,
    /// Only this currency, three digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub currency: Option<String>,
}

impl FlowsQuery {
    /// The dimensions by which the sums are broken down; the name of one that is unknown.
    ///
    /// # Errors
    /// With the first name that is no dimension.
    pub fn dimensions(&self) -> Result<Vec<FlowDimension>, &str> {
        let names = self.by.as_deref().unwrap_or_default().split(',');
        let names = names.filter(|name| !name.is_empty());
        names.map(|name| FlowDimension::named(name).ok_or(name)).collect()
    }
}

/// Which cases behind flows are asked for; the query of `GET /v1/flows/cases`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowCasesQuery {
    /// The first month; by default the last, and of neither this month.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<Month>,
    /// The last month; by default the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<Month>,
    /// Only this direction.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub direction: Option<Direction>,
    /// Only this mode, four digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mode: Option<String>,
    /// Only the cases of this merchant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organisation: Option<OrganisationCode>,
    /// Only amounts in this currency, three digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub currency: Option<String>,
    /// Only amounts of this figure, and the cases that have some.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub figure: Option<Figure>,
    /// The `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<String>,
    /// How many cases at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<usize>,
}

/// Whose flows they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowsView {
    /// Everybody's; for agencies.
    All,
    /// Those of the caller's own cases.
    Own,
}

/// A count as a number; money and kilograms as a decimal's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FlowAmount {
    /// A count.
    Count(i64),
    /// Money or kilograms.
    Decimal(String),
}

impl FlowAmount {
    /// A sum of a figure.
    pub fn new(figure: Figure, sum: i128) -> Self {
        match figure.unit() {
            Unit::Count => Self::Count(i64::try_from(sum).unwrap_or(i64::MAX)),
            Unit::Money | Unit::Weight => Self::Decimal(units_text(sum)),
        }
    }

    /// The amount as a text.
    pub fn text(&self) -> String {
        match self {
            Self::Count(count) => count.to_string(),
            Self::Decimal(text) => text.clone(),
        }
    }
}

/// Answer of `GET /v1/flows`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowsAnswer {
    /// Whose.
    pub view: FlowsView,
    /// The first month,
    pub from: Month,
    /// and the last.
    pub to: Month,
    /// The height by whose state they hold.
    pub height: u64,
    /// The dimensions by which they are broken down.
    pub by: Vec<FlowDimension>,
    /// The sums, ascending by labels, direction and currency.
    pub rows: Vec<FlowsRow>,
}

/// What is still to come. Below nought more came than should have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outstanding {
    /// Money to be paid or received.
    pub money: String,
    /// Parcels that did not reach their end,
    pub parcels: i64,
    /// and the net weight of their goods.
    pub net_kg: String,
    /// Documents that are missing.
    pub documents: i64,
}

/// How many merchants' months have a gap between what exports were declared at and what was
/// received for them, by what the gap says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptGaps {
    /// The gap over all of the row.
    pub gap: String,
    /// Those that what was kept back explains, by netting statements.
    pub netted: u64,
    /// Those whose time for receipts is not over.
    pub open: u64,
    /// Those of overseas warehouses, which may well differ.
    pub may_differ: u64,
    /// Those that nothing explains: the alert.
    pub unexplained: u64,
}

/// A sum over cases of one direction and currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowsRow {
    /// Where it stands in each dimension.
    pub labels: Vec<String>,
    /// Which way the goods go.
    pub direction: Direction,
    /// The currency, three digits; `000` for what has none, and for the rest.
    pub currency: String,
    /// The merchants whose cases it sums up.
    pub merchants: u64,
    /// The flow of money.
    pub capital: BTreeMap<Figure, FlowAmount>,
    /// The flow of goods.
    pub goods: BTreeMap<Figure, FlowAmount>,
    /// The flow of documents.
    pub information: BTreeMap<Figure, FlowAmount>,
    /// What is still to come of each.
    pub outstanding: Outstanding,
    /// Receipts against declared value; of exports only.
    pub receipts: Option<ReceiptGaps>,
}

impl FlowsRow {
    /// A row.
    pub fn new(row: Row) -> Self {
        let Row { labels, direction, currency, merchants, figures, gaps } = row;
        let of = |stream| -> BTreeMap<Figure, FlowAmount> {
            let own = figures.iter().filter(|(figure, _)| figure.stream() == stream);
            own.map(|(figure, sum)| (figure, FlowAmount::new(figure, sum))).collect()
        };
        let gap = |says| gaps.get(&says).copied().unwrap_or_default();
        let receipts = ReceiptGaps {
            gap: units_text(figures.outstanding(direction)),
            netted: gap(ReceiptGap::Netted),
            open: gap(ReceiptGap::Open),
            may_differ: gap(ReceiptGap::MayDiffer),
            unexplained: gap(ReceiptGap::Unexplained),
        };
        Self {
            labels,
            direction,
            currency: currency_text(currency),
            merchants,
            capital: of(Stream::Capital),
            goods: of(Stream::Goods),
            information: of(Stream::Information),
            outstanding: outstanding(&figures, direction),
            receipts: (direction == Direction::Export).then_some(receipts),
        }
    }

    /// A figure as a text.
    pub fn text(&self, figure: Figure) -> String {
        let all = match figure.stream() {
            Stream::Capital => &self.capital,
            Stream::Goods => &self.goods,
            Stream::Information => &self.information,
        };
        all.get(&figure).map(FlowAmount::text).unwrap_or_default()
    }

    /// The columns of [`Self::cells`].
    pub fn columns() -> Vec<&'static str> {
        let mut columns = vec!["direction", "currency", "merchants"];
        columns.extend(Figure::ALL.iter().map(|figure| figure.name()));
        columns.extend(["outstanding_money", "outstanding_parcels", "outstanding_net_kg"]);
        columns.extend(["outstanding_documents", "receipt_gaps_netted", "receipt_gaps_open"]);
        columns.extend(["receipt_gaps_may_differ", "receipt_gaps_unexplained"]);
        columns
    }

    /// What it says as texts, in the order of [`Self::columns`]; what does not apply is empty.
    pub fn cells(&self) -> Vec<String> {
        let direction = direction_name(self.direction).to_owned();
        let mut cells = vec![direction, self.currency.clone(), self.merchants.to_string()];
        cells.extend(Figure::ALL.iter().map(|figure| self.text(*figure)));
        let Outstanding { money, parcels, net_kg, documents } = &self.outstanding;
        cells.extend([money.clone(), parcels.to_string(), net_kg.clone(), documents.to_string()]);
        let gaps = self.receipts.as_ref();
        let counts = gaps.map(|own| [own.netted, own.open, own.may_differ, own.unexplained]);
        cells.extend(counts.map_or(Default::default(), |counts| counts.map(|one| one.to_string())));
        cells
    }
}

fn outstanding(figures: &Figures, direction: Direction) -> Outstanding {
    let count = |figure| i64::try_from(figures.get(figure)).unwrap_or(i64::MAX);
    Outstanding {
        money: units_text(figures.outstanding(direction)),
        parcels: count(Figure::UnderWayParcels),
        net_kg: units_text(figures.get(Figure::UnderWayNet)),
        documents: count(Figure::Missing),
    }
}

/// Answer of `GET /v1/flows/cases`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowCasesPage {
    /// Cases by platform and order number; fewer than asked for, or none, where they are far
    /// between.
    pub cases: Vec<FlowCase>,
    /// Netting statements that count, by month; all of them stand on the first page.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub statements: Vec<FlowStatement>,
    /// Where the next page begins; none when there is no more.
    pub next: Option<String>,
}

/// What one netting statement says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowStatement {
    /// Who stated it,
    pub owner: OrganisationCode,
    /// and the owner's number for it.
    pub number: String,
    /// The exporter in whose sums it stands.
    pub organisation: OrganisationCode,
    /// The month.
    pub month: Month,
    /// The mode, four digits.
    pub mode: String,
    /// The amounts.
    pub parts: Vec<FlowPartView>,
}

/// What one case says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowCase {
    /// Platform and order number.
    pub case: CaseKey,
    /// Where it stands.
    pub state: CaseState,
    /// The merchant in whose sums it stands.
    pub organisation: OrganisationCode,
    /// The month.
    pub month: Month,
    /// Which way the goods go.
    pub direction: Direction,
    /// The mode, four digits.
    pub mode: String,
    /// The amounts.
    pub parts: Vec<FlowPartView>,
}

/// An amount, and the documents from which it follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowPartView {
    /// Of which figure.
    pub figure: Figure,
    /// In which currency it is or, of other than money, stands.
    pub currency: String,
    /// How much; none where one of the documents is withheld from the caller.
    pub amount: Option<FlowAmount>,
    /// The documents; none for what the case itself says.
    pub documents: Vec<Hash>,
}

impl FlowPartView {
    /// A part, with its amount or without.
    pub fn new(part: &FlowPart, is_shown: bool) -> Self {
        Self {
            figure: part.figure,
            currency: currency_text(part.currency),
            amount: is_shown.then(|| FlowAmount::new(part.figure, part.amount)),
            documents: part.documents.iter().map(|source| source.document).collect(),
        }
    }
}

/// A currency's code.
pub fn currency_text(currency: u16) -> String {
    format!("{currency:03}")
}

/// The name of a direction.
pub fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Import => "import",
        Direction::Export => "export",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_a_cell_for_each_column_and_comes_back_from_json() {
        let mut figures = Figures::default();
        figures.add_to(Figure::Declared, 11_000_000);
        figures.add_to(Figure::Received, 12_000_000);
        figures.add_to(Figure::UnderWayParcels, 3);
        let gaps = BTreeMap::from([(ReceiptGap::Unexplained, 1)]);
        let (labels, direction) = (vec!["2026-11".to_owned()], Direction::Export);
        let row = Row { labels, direction, currency: 36, merchants: 1, figures, gaps };
        let row = FlowsRow::new(row);
        assert_eq!(row.currency, "036");
        assert_eq!((row.outstanding.money.as_str(), row.outstanding.parcels), ("-10", 3));
        assert_eq!(row.receipts.as_ref().map(|gaps| gaps.unexplained), Some(1));
        let named: BTreeMap<&str, String> =
            FlowsRow::columns().into_iter().zip(row.cells()).collect();
        assert_eq!(named.len(), row.cells().len());
        assert_eq!(named["declared"], "110");
        assert_eq!(named["receipt_gaps_unexplained"], "1");
        let json = serde_json::to_string(&row).expect("a row is JSON");
        assert!(json.contains(r#""declared":"110""#), "{json}");
        assert!(json.contains(r#""under_way_parcels":3"#), "{json}");
        assert_eq!(serde_json::from_str::<FlowsRow>(&json).expect("the same row"), row);
    }
}

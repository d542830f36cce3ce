//! Stocktakes: what was counted of an account book's goods, beside what the book had.
//!
//! The count holds: the book is set to it where the act is carried out (`apply::register`), and a
//! difference stays as a finding. So a book is never below zero after a count.

use super::Registered;
use super::desk::{Desk, numbered_already};
use crate::clearance::PoolKey;
use crate::document::{self, BookCount, StocktakeAct};
use crate::registry::Role;
use crate::rejection::Stop;
use crate::state::StateRead;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// A stocktake.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Stocktake {
    /// What it showed.
    pub state: StocktakeState,
    /// The warehouse.
    pub area_code: OrganisationCode,
    /// Its account book.
    pub ems_no: String,
    /// When the goods were counted.
    pub counted: CustomsTime,
    /// The SHA-256 of the report.
    pub report: Hash,
    /// The goods.
    pub lines: Vec<StocktakeLine>,
}

/// What a stocktake showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum StocktakeState {
    /// Everything that was counted is as the book had it.
    Agrees,
    /// Something is not.
    Differs,
}

/// Goods of one number, as the book had them and as they were counted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct StocktakeLine {
    /// Number in the account book.
    pub item_record_no: String,
    /// Unit of measure.
    pub unit: String,
    /// What the book had that no list took out; below zero where it was short.
    pub book: Decimal,
    /// What was counted.
    pub counted: Decimal,
}

impl StocktakeLine {
    /// Whether the count is not the book's.
    pub fn differs(&self) -> bool {
        self.book != self.counted
    }

    /// The finding in an English sentence.
    pub fn english(&self) -> String {
        let Self { item_record_no, unit, book, counted } = self;
        format!(
            "the count of {item_record_no} in unit {unit} differs: the book has {book}, counted {counted}"
        )
    }

    /// The finding in a Chinese sentence.
    pub fn chinese(&self) -> String {
        let Self { item_record_no, unit, book, counted } = self;
        format!("{item_record_no}（计量单位{unit}）盘点不符：账存 {book}，实存 {counted}")
    }
}

impl Stocktake {
    /// The lines of which count and book differ.
    pub fn findings(&self) -> impl Iterator<Item = &StocktakeLine> {
        self.lines.iter().filter(|line| line.differs())
    }
}

impl Registered for Stocktake {
    type Act = StocktakeAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: StocktakeAct) -> Result<Self, Stop> {
        let StocktakeAct::Count(BookCount { area_code, ems_no, counted, lines, report }) = act;
        if area_code == *desk.actor.signer {
            desk.must_have_role(Role::Warehouse)?;
        } else {
            desk.must_have_role(Role::Customs)?;
            desk.must_be_registered("areaCode", &area_code, Some(Role::Warehouse))?;
        }
        let lines = lines.into_iter().zip(desk.actor.books).map(|(line, book)| StocktakeLine {
            item_record_no: line.item_record_no,
            unit: line.unit,
            book: *book,
            counted: line.qty,
        });
        let lines: Vec<StocktakeLine> = lines.collect();
        let state = match lines.iter().any(StocktakeLine::differs) {
            true => StocktakeState::Differs,
            false => StocktakeState::Agrees,
        };
        Ok(Self { state, area_code, ems_no, counted, report, lines })
    }

    fn follow<S: StateRead>(
        &mut self,
        _: &mut Desk<'_, '_, S>,
        act: StocktakeAct,
    ) -> Result<(), Stop> {
        match act {
            StocktakeAct::Count(_) => Err(numbered_already("number", "a stocktake's")),
        }
    }
}

/// The pools whose goods a document counts, each with how much is there, line by line.
pub(crate) fn counted(own: &document::Stocktake) -> Vec<(PoolKey, Decimal)> {
    let StocktakeAct::Count(count) = &own.act;
    let lines = count.lines.iter().map(|line| {
        let key = PoolKey::Stock {
            area_code: count.area_code.clone(),
            ems_no: count.ems_no.clone(),
            item_record_no: line.item_record_no.clone(),
            unit: line.unit.clone(),
        };
        (key, line.qty)
    });
    lines.collect()
}

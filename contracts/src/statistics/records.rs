//! How statistics are kept: for each month and enterprise one record that names its pages, and
//! pages with a cell for each chapter.

use super::cell::Cell;
use crate::limits::STATISTICS_PAGES_MAX;
use crate::policy::Direction;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::time::{CustomsTime, Millis};
use std::fmt;
use std::str::FromStr;

/// A calendar month in China, as the number that the digits `YYYYMM` form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Month(pub u32);

/// A text is not a month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a month like 2026-11, found {found:?}")]
pub struct ParseMonthError {
    found: String,
}

impl Month {
    /// The month of an instant.
    pub fn of(time: Millis) -> Self {
        // Beyond the year 9999 there is one month.
        Self(u32::try_from(CustomsTime::from_millis(time).year_month()).unwrap_or(u32::MAX))
    }

    /// The month after; of the last there is the same.
    #[must_use]
    pub fn after(self) -> Self {
        let is_december = self.0.checked_rem(100) == Some(12);
        Self(self.0.saturating_add(if is_december { 89 } else { 1 }))
    }

    /// The first instant after it, in China.
    pub fn end(self) -> Millis {
        // The first day of the next month, at midnight.
        let start: Result<CustomsTime, _> = format!("{:06}01000000", self.after().0).parse();
        start.map_or(Millis(u64::MAX), CustomsTime::millis)
    }

    /// The month before.
    #[must_use]
    pub fn before(self) -> Self {
        let is_january = self.0.checked_rem(100) == Some(1);
        Self(self.0.saturating_sub(if is_january { 89 } else { 1 }))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.0.checked_div(100), self.0.checked_rem(100));
        write!(f, "{:04}-{:02}", year.unwrap_or_default(), month.unwrap_or_default())
    }
}

impl FromStr for Month {
    type Err = ParseMonthError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseMonthError { found: text.chars().take(20).collect() };
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let own = Self(digits.get(..6).unwrap_or_default().parse().map_err(|_| error())?);
        let is_month = matches!(own.0.checked_rem(100), Some(1..=12));
        (is_month && own.to_string() == text).then_some(own).ok_or_else(error)
    }
}

impl serde::Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Which page of an enterprise's month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct PageName {
    /// Which way the goods go.
    pub direction: Direction,
    /// The mode of trade, as its digits' number; 0 for the rest.
    pub mode: u16,
    /// The platform; `REST` for the rest.
    pub platform: OrganisationCode,
    /// The country, as its digits' number; 0 for the rest.
    pub country: u16,
}

impl PageName {
    /// The page of what has no page of its own.
    pub(crate) fn rest(direction: Direction) -> Self {
        let platform = "REST".parse().expect("four letters are a code");
        Self { direction, mode: 0, platform, country: 0 }
    }

    pub(crate) fn direction_byte(&self) -> u8 {
        match self.direction {
            Direction::Import => 0,
            Direction::Export => 1,
        }
    }
}

/// Cells of one enterprise, month, direction, mode, platform and country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Page {
    /// By chapter, ascending; cells in which nothing is counted are absent.
    pub cells: Vec<(u8, Cell)>,
}

impl Page {
    /// Adds to the cell of a chapter.
    pub(crate) fn add(&mut self, chapter: u8, cell: &Cell) {
        match self.cells.binary_search_by_key(&chapter, |(chapter, _)| *chapter) {
            Err(place) => self.cells.insert(place, (chapter, *cell)),
            Ok(place) => {
                if let Some((_, held)) = self.cells.get_mut(place) {
                    held.add(cell);
                    if held.is_zero() {
                        self.cells.remove(place);
                    }
                }
            }
        }
    }
}

/// What a month's statistics say of an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct EnterpriseMonth {
    /// The park it belonged to when it was first counted in the month.
    pub park: Option<String>,
    /// Its pages, in the order in which they were opened.
    pub pages: Vec<PageName>,
}

impl EnterpriseMonth {
    /// Whether one more page has room.
    pub(crate) fn has_room(&self) -> bool {
        self.pages.len() < STATISTICS_PAGES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_chinas() {
        let month = |text: &str| Month::of(text.parse().unwrap()).to_string();
        assert_eq!(month("2026-11-30T15:59:59.999Z"), "2026-11");
        assert_eq!(month("2026-11-30T16:00:00.000Z"), "2026-12");
        assert_eq!(Month(202_701).before(), Month(202_612));
        assert_eq!(Month(202_612).before(), Month(202_611));
        assert!(Month::of(Millis(u64::MAX)) > Month(999_912));
    }

    #[test]
    fn only_months_are_read() {
        assert_eq!("2026-11".parse(), Ok(Month(202_611)));
        for text in ["", "2026", "2026-13", "2026-00", "2026-1", "202611", "2026-11-01", "x"] {
            assert!(text.parse::<Month>().is_err(), "{text:?}");
        }
    }
}

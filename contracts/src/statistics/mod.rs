//! Statistics: value, lists, parcels, net weight, returns and clearance, by direction, mode,
//! chapter, country, enterprise, park, platform and month.
//!
//! They follow from cases and from nothing else: what a case counts for before a block is taken
//! away and what it counts for after it is added, in the month of the block. So sums over all cells
//! are sums over all lists that stand, a correction is booked when it is made, and a month that is
//! over never changes.
//!
//! - [`Declared`]: what statistics need of a list beside what matching compares.
//! - `contribution`: what a case counts for.
//! - [`Cell`], [`Page`], [`EnterpriseMonth`]: how it is kept.
//! - `working`: what a block adds.
//! - [`entries`], [`tabulate`], [`publish`]: how it is read, summed up, and shown to everybody.

mod cell;
mod contribution;
mod declared;
mod public;
mod query;
mod records;
mod working;

pub use cell::{Cell, Figures, units_text};
pub use declared::Declared;
pub use public::{CONTRIBUTORS_MIN, PublicMonth, PublicRow, PublicTable, publish};
pub use query::{Dimension, Entry, Filter, Row, entries, entries_of, tabulate};
pub use records::{EnterpriseMonth, Month, Page, PageName, ParseMonthError};

pub(crate) use contribution::{Contribution, of_export, of_import, share_of};
pub(crate) use working::Statistics;

#[cfg(test)]
mod tests;

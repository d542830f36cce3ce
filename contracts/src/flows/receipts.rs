//! What was received for exports against what was declared (收汇核查).

use super::figure::{Figure, Figures};
use super::query::Entry;
use crate::policy::{Direction, Policy};
use kanhe_types::time::Millis;

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;
/// The mode of exports to overseas warehouses, which are sold after they left, for what they then
/// fetch.
const OVERSEAS_WAREHOUSE: u16 = 9810;

/// What was received for a merchant's exports of a month, mode and currency. Receipts are gross: no
/// document states fees that were netted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptCheck {
    /// Declared and neither cancelled nor returned, less what was received and not paid back.
    pub gap: i128,
    /// What the gap says.
    pub says: ReceiptGap,
}

/// What a gap between declared value and receipts says. Never more than a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReceiptGap {
    /// There is none beyond the tolerance.
    None,
    /// The time for receipts is not over.
    Open,
    /// It may well be: of overseas warehouses.
    MayDiffer,
    /// It is unexplained.
    Unexplained,
}

impl ReceiptCheck {
    /// What is to be said of an entry by `now`; nothing of imports.
    pub fn of(entry: &Entry, policy: &Policy, now: Millis) -> Option<Self> {
        if entry.place.direction != Direction::Export {
            return None;
        }
        let gap = entry.figures.outstanding(Direction::Export);
        let days = u64::from(policy.receipt_days).saturating_mul(DAY_MS);
        let due = entry.month.end().0.saturating_add(days);
        let says = match () {
            () if gap.saturating_abs() <= tolerance(&entry.figures, policy) => ReceiptGap::None,
            () if entry.place.mode == OVERSEAS_WAREHOUSE => ReceiptGap::MayDiffer,
            () if now.0 < due => ReceiptGap::Open,
            () => ReceiptGap::Unexplained,
        };
        Some(Self { gap, says })
    }
}

/// So much for each list, as rule X03 has it for each order.
fn tolerance(figures: &Figures, policy: &Policy) -> i128 {
    let lists = figures.get(Figure::Lists).max(1);
    policy.receipt_tolerance.units().saturating_mul(lists)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{code, decimal};
    use crate::flows::Place;
    use crate::statistics::Month;

    fn entry(mode: u16, declared: i128, received: i128) -> Entry {
        let mut figures = Figures::default();
        figures.add_to(Figure::Lists, 2);
        figures.add_to(Figure::Declared, declared);
        figures.add_to(Figure::Received, received);
        let place = Place { direction: Direction::Export, mode, currency: 502 };
        Entry { merchant: code("TESTEBC001"), month: Month(202_611), place, figures }
    }

    #[test]
    fn a_gap_beyond_the_tolerance_is_unexplained_when_the_days_are_over() {
        let receipt_tolerance = decimal("0.00005");
        let policy = Policy { receipt_tolerance, receipt_days: 90, ..Policy::default() };
        let end: Millis = "2026-11-30T16:00:00.000Z".parse().unwrap();
        assert_eq!(Month(202_611).end(), end);
        let due = Millis(end.0 + 90 * DAY_MS);
        let says = |entry: Entry, now: Millis| {
            let check = ReceiptCheck::of(&entry, &policy, now).unwrap();
            (check.gap, check.says)
        };
        assert_eq!(says(entry(9610, 100, 90), due), (10, ReceiptGap::None), "5 for each list");
        assert_eq!(says(entry(9610, 100, 89), Millis(due.0 - 1)), (11, ReceiptGap::Open));
        assert_eq!(says(entry(9610, 100, 89), due), (11, ReceiptGap::Unexplained));
        assert_eq!(says(entry(9610, 100, 111), due), (-11, ReceiptGap::Unexplained));
        assert_eq!(says(entry(9810, 100, 0), due), (100, ReceiptGap::MayDiffer));
        let mut import = entry(9610, 100, 0);
        import.place.direction = Direction::Import;
        assert_eq!(ReceiptCheck::of(&import, &policy, due), None);
    }
}

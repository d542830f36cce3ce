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

/// What was received for a merchant's exports of a month, mode and currency. Receipts of funds state
/// what buyers paid, or where something was kept back what was left; netting statements say both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptCheck {
    /// Gross: declared and neither cancelled nor returned, less what was received and not paid
    /// back.
    pub gap: i128,
    /// Net: the same, less what reached the exporter and what was kept back, by netting statements;
    /// none without one.
    pub netted_gap: Option<i128>,
    /// What the gaps say.
    pub says: ReceiptGap,
}

/// What a gap between declared value and receipts says. Never more than a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReceiptGap {
    /// There is none beyond the tolerance.
    None,
    /// What was kept back explains it.
    Netted,
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
        let figures = &entry.figures;
        let [received, deducted, credited] =
            [Figure::Received, Figure::Deducted, Figure::Credited].map(|own| figures.get(own));
        let gap = figures.outstanding(Direction::Export);
        let restored = credited.saturating_add(deducted);
        let is_stated = (deducted, credited) != (0, 0);
        let netted_gap = is_stated.then(|| gap.saturating_add(received).saturating_sub(restored));
        let tolerance = tolerance(figures, policy);
        let is_nought = |gap: i128| gap.saturating_abs() <= tolerance;
        let is_net = is_nought(received.saturating_sub(credited));
        let days = u64::from(policy.receipt_days).saturating_mul(DAY_MS);
        let due = entry.month.end().0.saturating_add(days);
        let says = match () {
            () if is_nought(gap) && netted_gap.is_none_or(is_nought) => ReceiptGap::None,
            () if netted_gap.is_some_and(is_nought) && is_net => ReceiptGap::Netted,
            () if entry.place.mode == OVERSEAS_WAREHOUSE => ReceiptGap::MayDiffer,
            () if now.0 < due => ReceiptGap::Open,
            () => ReceiptGap::Unexplained,
        };
        Some(Self { gap, netted_gap, says })
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

    /// Of exports declared at so much, of which so much was received, and reached the exporter
    /// after so much was kept back.
    fn netted(declared: i128, received: i128, credited: i128, deducted: i128) -> Entry {
        let mut entry = entry(9610, declared, received);
        entry.figures.add_to(Figure::Credited, credited);
        entry.figures.add_to(Figure::Deducted, deducted);
        entry
    }

    #[test]
    fn what_was_kept_back_explains_a_gap_where_statements_and_receipts_agree() {
        let receipt_tolerance = decimal("0.00001");
        let policy = Policy { receipt_tolerance, receipt_days: 90, ..Policy::default() };
        let says = |entry: Entry| {
            let check = ReceiptCheck::of(&entry, &policy, Millis(u64::MAX)).unwrap();
            (check.gap, check.netted_gap, check.says)
        };
        use ReceiptGap::{Netted, None as Nought, Unexplained};
        // Receipts say what buyers paid,
        assert_eq!(says(netted(1_000, 1_000, 860, 140)), (0, Some(0), Nought));
        assert_eq!(says(netted(1_000, 998, 860, 138)), (2, Some(2), Nought), "1 for each list");
        // or what was left of it.
        assert_eq!(says(netted(1_000, 860, 860, 140)), (140, Some(0), Netted));
        assert_eq!(says(netted(1_000, 858, 860, 140)), (142, Some(0), Netted));
        // They say neither,
        assert_eq!(says(netted(1_000, 900, 860, 140)), (100, Some(0), Unexplained));
        assert_eq!(says(netted(1_000, 0, 860, 140)), (1_000, Some(0), Unexplained));
        // or what was declared is neither.
        assert_eq!(says(netted(1_000, 1_000, 860, 100)), (0, Some(40), Unexplained));
        assert_eq!(says(netted(1_000, 860, 860, 0)), (140, Some(140), Unexplained));
        // All of it was kept back.
        assert_eq!(says(netted(1_000, 0, 0, 1_000)), (1_000, Some(0), Netted));
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

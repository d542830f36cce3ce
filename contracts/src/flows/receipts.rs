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

/// What was received for a merchant's exports of a month, mode and currency. Receipts are to be
/// gross; what institutions kept back stands in their netting statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptCheck {
    /// Declared and neither cancelled nor returned, less what was received and not paid back.
    pub gap: i128,
    /// What buyers paid by the netting statements that count (还原数据): what reached the exporter,
    /// and what was kept back before. None where no statement counts.
    pub restored: Option<i128>,
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
    /// It is what was kept back: receipts state what was left.
    Netted,
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
        let tolerance = tolerance(&entry.figures, policy);
        let statements = Statements::of(&entry.figures);
        let lacks = statements.is_some_and(|own| own.lack_receipts(tolerance));
        let says = match () {
            () if !lacks && gap.saturating_abs() <= tolerance => ReceiptGap::None,
            () if statements.is_some_and(|own| own.explain(gap, tolerance)) => ReceiptGap::Netted,
            () if !lacks && entry.place.mode == OVERSEAS_WAREHOUSE => ReceiptGap::MayDiffer,
            () if now.0 < due => ReceiptGap::Open,
            () => ReceiptGap::Unexplained,
        };
        Some(Self { gap, restored: statements.map(Statements::restored), says })
    }
}

/// What netting statements say beside receipts of funds.
#[derive(Clone, Copy)]
struct Statements {
    deducted: i128,
    credited: i128,
    received: i128,
}

impl Statements {
    /// None where no statement counts: each keeps something back.
    fn of(figures: &Figures) -> Option<Self> {
        let [deducted, credited, received] =
            [Figure::Deducted, Figure::Credited, Figure::Received].map(|own| figures.get(own));
        (0 < deducted).then_some(Self { deducted, credited, received })
    }

    fn restored(self) -> i128 {
        self.credited.saturating_add(self.deducted)
    }

    /// Whether less was received than statements say reached the exporter. More is no
    /// contradiction: it may have come through institutions that keep nothing back.
    fn lack_receipts(self, tolerance: i128) -> bool {
        self.received < self.credited.saturating_sub(tolerance)
    }

    /// Whether receipts state what was left, and what was kept back is the gap.
    fn explain(self, gap: i128, tolerance: i128) -> bool {
        let is_near =
            |one: i128, other: i128| one.saturating_sub(other).saturating_abs() <= tolerance;
        is_near(self.received, self.credited) && is_near(gap, self.deducted)
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

    /// Deducted and credited of the row, declared and received: what is said while time runs, and
    /// once it is over. Each row of the table in `docs/spec/flows.md`.
    #[test]
    fn what_statements_say_beside_receipts_explains_a_gap_or_does_not() {
        use ReceiptGap::{MayDiffer, Netted, None as Nothing, Open, Unexplained};
        let receipt_tolerance = decimal("0.00001");
        let policy = Policy { receipt_tolerance, receipt_days: 90, ..Policy::default() };
        let due = Millis(Month(202_611).end().0 + 90 * DAY_MS);
        // The tolerance is 2: 1 for each list.
        for (mode, declared, received, credited, deducted, before, after) in [
            (9610, 100, 100, 0, 0, Nothing, Nothing),
            (9610, 100, 90, 0, 0, Open, Unexplained),
            // Receipts are gross, and statements agree.
            (9610, 100, 100, 90, 10, Nothing, Nothing),
            (9610, 120, 100, 90, 10, Open, Unexplained),
            (9610, 110, 100, 90, 10, Open, Unexplained),
            // Receipts state what was left.
            (9610, 100, 90, 90, 10, Netted, Netted),
            (9610, 102, 90, 90, 10, Netted, Netted),
            (9610, 98, 90, 90, 10, Netted, Netted),
            (9610, 100, 92, 90, 10, Netted, Netted),
            (9610, 103, 90, 90, 10, Open, Unexplained),
            (9610, 97, 90, 90, 10, Open, Unexplained),
            // What was declared is what was left: the goods without freight, for one.
            (9610, 90, 90, 90, 10, Nothing, Nothing),
            // Receipts are neither: as statements of a part, as too few of them.
            (9610, 103, 93, 90, 10, Open, Unexplained),
            (9610, 200, 190, 90, 10, Open, Unexplained),
            (9610, 200, 200, 90, 10, Nothing, Nothing),
            // Less was received than reached the exporter.
            (9610, 88, 88, 90, 10, Nothing, Nothing),
            (9610, 87, 87, 90, 10, Open, Unexplained),
            (9610, 97, 87, 90, 10, Open, Unexplained),
            (9610, 0, 0, 90, 10, Open, Unexplained),
            // Overseas warehouses: what was sold is not what was declared.
            (9810, 150, 100, 90, 10, MayDiffer, MayDiffer),
            (9810, 100, 90, 90, 10, Netted, Netted),
            (9810, 150, 80, 90, 10, Open, Unexplained),
        ] {
            let mut entry = entry(mode, declared, received);
            entry.figures.add_to(Figure::Credited, credited);
            entry.figures.add_to(Figure::Deducted, deducted);
            let says = |now| ReceiptCheck::of(&entry, &policy, now).unwrap();
            let row = format!("{mode}: {declared}, {received}, {credited} and {deducted}");
            assert_eq!(says(Millis(due.0 - 1)).says, before, "{row}");
            assert_eq!(says(due).says, after, "{row}");
            assert_eq!(says(due).gap, declared - received, "statements change no gap: {row}");
            let restored = (0 < deducted).then_some(credited + deducted);
            assert_eq!(says(due).restored, restored, "{row}");
        }
    }
}

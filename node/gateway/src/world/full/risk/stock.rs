//! What account books take in, and more that is sold from them.

use super::super::cast::Member;
use super::super::draft::{DAY_MS, HOUR_MS};
use super::deal::{Deal, Ending, Way};
use super::pattern::{LookAlike, RiskPattern};
use super::people::between;
use super::plan::{DAYS, Planner};
use kanhe_types::time::Millis;
use std::collections::BTreeMap;

/// Days between two times at which a warehouse takes in.
const INTAKE_DAYS: u64 = 7;

/// Goods that a warehouse takes in.
#[derive(Clone, Debug)]
pub(super) struct Intake {
    pub(super) at: Millis,
    pub(super) warehouse: &'static Member,
    /// Number and unit in the account book.
    pub(super) goods: (String, String),
    pub(super) qty: u64,
}

impl Planner<'_> {
    pub(super) fn stock(&mut self) {
        let quota = self.offences(RiskPattern::StockMismatch);
        for size in self.rings_of(quota, (15, 60)) {
            self.oversell(size);
        }
        let quota = self.look_alikes(LookAlike::StockReportedLate);
        for size in self.rings_of(quota, (5, 25)) {
            self.report_stock_late(size);
        }
    }

    /// A merchant whose goods come from a warehouse.
    fn bonded(&mut self, is_offender: bool) -> usize {
        loop {
            let merchant = if is_offender { self.offender() } else { self.merchant() };
            if merchant % 3 != 0 {
                return merchant;
            }
        }
    }

    /// More is sold than was taken in: what is sold last is not there.
    fn oversell(&mut self, size: usize) {
        let ring = self.ring();
        let merchant = self.bonded(true);
        let percent = between(&mut self.rng, self.config.parameters.stock_percent).min(95);
        let uncovered = u64::try_from(size).unwrap_or_default();
        let covered = uncovered.saturating_mul(percent) / 100_u64.saturating_sub(percent).max(1);
        let sku = self.article(merchant, (4_000, 120_000));
        let days = between(&mut self.rng, (10, 45));
        let first = self.first_day(days);
        let all = size.saturating_add(usize::try_from(covered).unwrap_or_default());
        let mut purchases = Vec::with_capacity(all);
        for _ in 0..all {
            let day = first.saturating_add(between(&mut self.rng, (0, days)));
            let paid = self.moment(day);
            let item = self.item(merchant, sku, 1, paid);
            let mut purchase = self.bought(merchant, vec![item], paid);
            purchase.record = Some(ring);
            purchase.ending = Ending::Delivered;
            purchases.push(purchase);
        }
        purchases.sort_by_key(|purchase| purchase.listed);
        let at = Millis(self.day_start(first).0.saturating_sub(12 * HOUR_MS));
        if let Some(first) = purchases.first()
            && let Some(goods) = first.items.first().and_then(|item| first.record_of(item))
        {
            let warehouse = first.warehouse;
            self.intakes.push(Intake { at, warehouse, goods, qty: covered });
        }
        for (number, purchase) in (0u64..).zip(purchases) {
            if number < covered {
                self.plain(purchase);
            } else {
                self.offends(RiskPattern::StockMismatch, ring, purchase);
            }
        }
    }

    /// The warehouse says some days after the first sales what it had taken in before.
    fn report_stock_late(&mut self, size: usize) {
        let ring = self.ring();
        let merchant = self.bonded(false);
        let sku = self.article(merchant, (3_000, 90_000));
        let days = between(&mut self.rng, (2, 4));
        let first = self.first_day(days.saturating_add(3));
        let mut goods = None;
        for _ in 0..size {
            let day = first.saturating_add(between(&mut self.rng, (0, days.saturating_sub(1))));
            let paid = self.moment(day);
            let item = self.item(merchant, sku, 1, paid);
            let mut purchase = self.bought(merchant, vec![item], paid);
            purchase.record = Some(ring);
            purchase.ending = Ending::Delivered;
            let record = purchase.items.first().and_then(|item| purchase.record_of(item));
            goods = record.map(|record| (purchase.warehouse, record));
            self.looks(LookAlike::StockReportedLate, Some(ring), purchase);
        }
        let at = self.day_start(first.saturating_add(days).saturating_add(2));
        let qty = u64::try_from(size).unwrap_or_default().saturating_add(5);
        if let Some((warehouse, goods)) = goods {
            self.intakes.push(Intake { at, warehouse, goods, qty });
        }
    }

    fn day_start(&self, day: u64) -> Millis {
        Millis(self.start.0.saturating_add(day.saturating_mul(DAY_MS)))
    }
}

/// What account books take in for ordinary trade: each week what its purchases take out, and a
/// tenth more.
pub(super) fn ordinary(deals: &[Deal], start: Millis) -> Vec<Intake> {
    /// Warehouse, and quantity.
    type Need = (&'static Member, u64);
    let mut needs: BTreeMap<(u64, &'static str, (String, String)), Need> = BTreeMap::new();
    for deal in deals {
        let Way::Import(purchase) = &deal.way else { continue };
        if !purchase.is_bonded() || purchase.record.is_some() {
            continue;
        }
        let week = purchase.paid.0.saturating_sub(start.0) / (INTAKE_DAYS * DAY_MS);
        for item in &purchase.items {
            let Some(goods) = purchase.record_of(item) else { continue };
            let key = (week.min(DAYS / INTAKE_DAYS), purchase.warehouse.code, goods);
            let need = needs.entry(key).or_insert((purchase.warehouse, 0));
            need.1 = need.1.saturating_add(item.qty);
        }
    }
    let intakes = needs.into_iter().map(|((week, _, goods), (warehouse, qty))| {
        let offset = week.saturating_mul(INTAKE_DAYS * DAY_MS);
        let at = start.0.saturating_add(offset).saturating_sub(12 * HOUR_MS);
        let qty = qty.saturating_add(qty.div_ceil(10));
        Intake { at: Millis(at), warehouse, goods, qty }
    });
    intakes.collect()
}

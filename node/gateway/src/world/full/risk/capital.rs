//! Exports and their money: ordinary, late, wrong, missing, and going round.

use super::super::super::rng::Rng;
use super::super::super::trade::{Line, rng_cents};
use super::super::cast::{DECLARANTS, PAYERS, PLATFORMS, WAREHOUSES};
use super::super::draft::{DAY_MS, later};
use super::super::goods::exported_lines;
use super::cast::{CARRIERS_OF, EXPORTERS, EXPORTERS_OF, ORDINARY, SKUS};
use super::deal::{Charge, Item, Label, Sale};
use super::pattern::{LookAlike, RiskPattern};
use super::people::{between, count, happens, skewed};
use super::plan::{Planner, member};
use kanhe_types::time::Millis;

/// Cents of CNY for a cent of a dollar.
pub(super) const CNY_PER_USD: u64 = 7;
/// Below this yearly sum of receipts, in cents of a dollar, an exporter is watched less.
const THRESHOLD_CENTS: u64 = 20_000_000;
/// Exporters whose telephone it is have numbers from here on.
const TELEPHONES: usize = 9_000_000;

impl Planner<'_> {
    pub(super) fn capital(&mut self) {
        let quota = self.offences(RiskPattern::ReceiptMissing);
        for size in self.rings_of(quota, (5, 25)) {
            self.charged(RiskPattern::ReceiptMissing, size);
        }
        let quota = self.offences(RiskPattern::ReceiptFarOff);
        for size in self.rings_of(quota, (3, 12)) {
            self.charged(RiskPattern::ReceiptFarOff, size);
        }
        let quota = self.offences(RiskPattern::ReceiptWithoutExport);
        for size in self.rings_of(quota, (3, 10)) {
            self.charged(RiskPattern::ReceiptWithoutExport, size);
        }
        let quota = self.offences(RiskPattern::RoundTrip);
        for size in self.rings_of(quota, (6, 16)) {
            self.go_round(size.max(2));
        }
        self.hug();
        for _ in 0..self.look_alikes(LookAlike::SlowReceipt) {
            let mut sale = self.ordinary_sale();
            let hours = between(&mut self.rng, (8 * 24, 45 * 24));
            for charge in &mut sale.charges {
                charge.at = later(sale.begins, hours);
            }
            self.sells(looks(LookAlike::SlowReceipt), sale);
        }
        for _ in 0..self.look_alikes(LookAlike::Commission) {
            let mut sale = self.ordinary_sale();
            let percent = between(&mut self.rng, (91, 98));
            for charge in &mut sale.charges {
                charge.cents = charge.cents.saturating_mul(percent) / 100;
            }
            self.sells(looks(LookAlike::Commission), sale);
        }
    }

    /// An exporter whose trades are not all planned: some sell much and most little.
    fn exporter(&mut self) -> usize {
        loop {
            let exporter = skewed(&mut self.rng, EXPORTERS);
            if !self.reserved.contains(&exporter) {
                return exporter;
            }
        }
    }

    fn bad_exporter(&mut self) -> usize {
        let index = self.rng.below(self.bad_exporters.len());
        self.bad_exporters.get(index).copied().unwrap_or_default()
    }

    /// An export whose money comes within days.
    pub(super) fn ordinary_sale(&mut self) -> Sale {
        let exporter = self.exporter();
        self.sale(exporter)
    }

    fn sale(&mut self, exporter: usize) -> Sale {
        let day = self.day();
        let begins = self.moment(day);
        let rng = &mut self.rng;
        let is_large = rng.one_in(5);
        let lines = exported_lines(rng, if is_large { 20 } else { 1 });
        let mode = if is_large { "9710" } else { "9610" };
        self.sale_of(exporter, mode, lines, begins)
    }

    fn sale_of(
        &mut self,
        exporter: usize,
        mode: &'static str,
        lines: Vec<Line>,
        begins: Millis,
    ) -> Sale {
        let rng = &mut self.rng;
        let mut sale = Sale {
            platform: member(&PLATFORMS, rng.below(PLATFORMS.len())),
            merchant: member(&EXPORTERS_OF, exporter),
            payer_firm: member(&PAYERS, exporter % PAYERS.len()),
            carrier: member(&CARRIERS_OF, rng.below(CARRIERS_OF.len())),
            declarant: member(&DECLARANTS, exporter % DECLARANTS.len()),
            site: member(&WAREHOUSES, exporter % WAREHOUSES.len()),
            mode,
            lines,
            freight_cents: rng_cents(rng, 4, 30),
            begins,
            charges: Vec::new(),
            telephone: TELEPHONES.saturating_add(exporter),
            is_exported: true,
        };
        let hours = between(rng, (3, 120));
        let charge = Charge { cents: sale.value_cents(), at: later(begins, hours) };
        sale.charges.push(charge);
        sale
    }

    /// An exporter whose money is missing, is something else, or has no export.
    fn charged(&mut self, pattern: RiskPattern, size: usize) {
        let ring = self.ring();
        let exporter = self.bad_exporter();
        let is_above = happens(&mut self.rng, self.config.parameters.above_percent);
        for _ in 0..size {
            let mut sale = self.sale(exporter);
            let value = sale.value_cents();
            let percent = match pattern {
                RiskPattern::ReceiptMissing => 0,
                RiskPattern::ReceiptFarOff if is_above => between(&mut self.rng, (180, 500)),
                RiskPattern::ReceiptFarOff => between(&mut self.rng, (12, 50)),
                _ => 100,
            };
            sale.is_exported = pattern != RiskPattern::ReceiptWithoutExport;
            let charged = value.saturating_mul(percent) / 100;
            sale.charges.retain(|_| 0 < charged);
            for charge in &mut sale.charges {
                charge.cents = charged;
            }
            let off = if sale.is_exported { value.abs_diff(charged) } else { value };
            self.sells(offence(pattern, ring, off.saturating_mul(CNY_PER_USD)), sale);
        }
    }

    /// Goods go out, and the same goods come in again, ordered by people for whom the exporter
    /// pays.
    fn go_round(&mut self, size: usize) {
        let pattern = RiskPattern::RoundTrip;
        let ring = self.ring();
        let exporter = self.bad_exporter();
        let days = between(&mut self.rng, (8, 30));
        let first = self.first_day(days);
        let out = (size / 3).max(1);
        let sku = self.rng.below(ORDINARY);
        let payer = self.people.fresh();
        let back = size.saturating_sub(out).max(1);
        for _ in 0..out {
            let day = first.saturating_add(between(&mut self.rng, (0, days / 3)));
            let begins = self.moment(day);
            let pieces = u64::try_from(back / out).unwrap_or(1).saturating_add(1);
            let sale = self.round_sale(exporter, sku, pieces, begins);
            let value = sale.value_cents().saturating_mul(CNY_PER_USD);
            self.sells(offence(pattern, ring, value), sale);
        }
        let buyers = count(&mut self.rng, (2, 4));
        let buyers: Vec<usize> = (0..buyers).map(|_| self.people.fresh()).collect();
        let merchant = self.offender();
        for number in 0..back {
            let day = first.saturating_add(between(&mut self.rng, (days / 3, days)));
            let paid = self.moment(day);
            let item: Item = self.item(merchant, sku, 1, paid);
            let buyer = buyers.get(number % buyers.len().max(1)).copied().unwrap_or_default();
            let mut purchase = self.purchase(merchant, vec![item], buyer, paid);
            purchase.payer = payer;
            purchase.payer_telephone = TELEPHONES.saturating_add(exporter);
            purchase.is_attested = true;
            let value = purchase.goods_cents();
            self.offends_for(pattern, ring, value, purchase);
        }
    }

    fn round_sale(&mut self, exporter: usize, sku: usize, qty: u64, begins: Millis) -> Sale {
        let lines = SKUS.get(sku).map(|sku| {
            let price_cents = (sku.price_cents / CNY_PER_USD).max(1);
            Line { sku, name: sku.name.to_owned(), qty, price_cents }
        });
        self.sale_of(exporter, "9710", lines.into_iter().collect(), begins)
    }

    /// Exporters whose year ends just below the threshold. What they export is in order.
    fn hug(&mut self) {
        let rate = self.config.parameters.offences_of(RiskPattern::ThresholdHugging);
        let rate = usize::try_from(rate).unwrap_or_default();
        let number = (self.config.trades.saturating_mul(rate) / 100_000).max(1);
        for exporter in self.reserved.clone().into_iter().take(number) {
            let wanted = between(&mut self.rng, (18_700_000, THRESHOLD_CENTS - 60_000));
            let mut sum = 0u64;
            loop {
                let day = self.day();
                let begins = self.moment(day);
                let lines = hugging_lines(&mut self.rng);
                let sale = self.sale_of(exporter, "9710", lines, begins);
                let next = sum.saturating_add(sale.value_cents());
                if wanted < next {
                    break;
                }
                sum = next;
                self.sells(Label::default(), sale);
            }
            let code = member(&EXPORTERS_OF, exporter).code;
            let value = sum.saturating_mul(CNY_PER_USD);
            self.blame(code, RiskPattern::ThresholdHugging, 0, value);
        }
    }
}

/// Goods worth between two and seven thousand dollars.
fn hugging_lines(rng: &mut Rng) -> Vec<Line> {
    let mut lines = exported_lines(rng, 1);
    lines.truncate(1);
    let wanted = between(rng, (200_000, 680_000));
    for line in &mut lines {
        line.qty = (wanted / line.price_cents.max(1)).max(1);
    }
    lines
}

fn looks(look: LookAlike) -> Label {
    Label { look_alike: Some(look), ..Label::default() }
}

fn offence(pattern: RiskPattern, ring: u32, value_cents: u64) -> Label {
    Label { pattern: Some(pattern), look_alike: None, ring: Some(ring), value_cents }
}

/// The last moment at which money for an export of the last day comes.
pub(super) const TAIL_MS: u64 = 46 * DAY_MS;

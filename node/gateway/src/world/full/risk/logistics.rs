//! Ways that no parcel goes, and ways that only look like it.

use super::super::cast::PLATFORMS;
use super::super::draft::{DAY_MS, HOUR_MS};
use super::cast::{BULK_CARRIERS, CARRIERS_OF, LATE_PLATFORM};
use super::deal::{Ending, Purchase};
use super::pattern::{LookAlike, RiskPattern};
use super::people::{between, happens};
use super::plan::{MINUTE_MS, Planner, member};
use kanhe_types::time::Millis;

impl Planner<'_> {
    pub(super) fn logistics(&mut self) {
        let parameters = &self.config.parameters;
        let (bulk, pushed) = (parameters.bulk_parcels, parameters.push_ring);
        let quota = self.offences(RiskPattern::SignedTooSoon);
        for size in self.rings_of(quota, (4, 20)) {
            self.sign_soon(size);
        }
        let quota = self.offences(RiskPattern::SignedInBulk);
        for size in self.rings_of(quota, bulk) {
            self.sign_together(size);
        }
        let quota = self.offences(RiskPattern::WeightWrong);
        for size in self.rings_of(quota, (3, 12)) {
            self.weigh_wrong(size);
        }
        let quota = self.offences(RiskPattern::OrderPushed);
        for size in self.rings_of(quota, pushed) {
            self.push_orders(size);
        }
        let quota = self.look_alikes(LookAlike::BulkUpload);
        for size in self.rings_of(quota, (8, 60)) {
            self.upload_scans(size);
        }
        for _ in 0..self.look_alikes(LookAlike::NextDoor) {
            let mut purchase = self.some_purchase();
            let way = self.minutes((60, 180));
            self.sign(&mut purchase, way);
            self.looks(LookAlike::NextDoor, None, purchase);
        }
        for _ in 0..self.look_alikes(LookAlike::LateUpload) {
            let mut purchase = self.some_purchase();
            purchase.platform = member(&PLATFORMS, LATE_PLATFORM);
            let late = self.minutes((3 * 60, 11 * 60));
            purchase.ordered = Millis(purchase.paid.0.saturating_add(late));
            self.send(&mut purchase, (6 * 60, 20 * 60));
            self.looks(LookAlike::LateUpload, None, purchase);
        }
    }

    /// An ordinary purchase on any day, which will be delivered.
    pub(super) fn some_purchase(&mut self) -> Purchase {
        let merchant = self.merchant();
        self.purchase_of(merchant)
    }

    pub(super) fn purchase_of(&mut self, merchant: usize) -> Purchase {
        let day = self.day();
        let paid = self.moment(day);
        let mut purchase = self.ordinary(merchant, paid);
        purchase.ending = Ending::Delivered;
        purchase
    }

    /// A merchant whose parcels a carrier reports as signed for without delivering them.
    fn sign_soon(&mut self, size: usize) {
        let ring = self.ring();
        let merchant = self.offender();
        let carrier = self.rng.below(CARRIERS_OF.len());
        let minutes = self.config.parameters.soon_minutes;
        for _ in 0..size {
            let mut purchase = self.purchase_of(merchant);
            purchase.carrier = member(&CARRIERS_OF, carrier);
            let way = self.minutes(minutes);
            self.sign(&mut purchase, way);
            if self.rng.one_in(2) {
                // Before it was released, but not before it was declared.
                let since = purchase.released.0.saturating_sub(purchase.listed.0);
                let before = between(&mut self.rng, (MINUTE_MS, since.max(MINUTE_MS)));
                purchase.signed = Millis(purchase.released.0.saturating_sub(before));
                let late = self.minutes((5, 90));
                purchase.reported = Millis(purchase.signed.0.saturating_add(late));
            }
            self.offends(RiskPattern::SignedTooSoon, ring, purchase);
        }
    }

    /// A carrier reports parcels of one day as signed for in one second, soon after their release.
    fn sign_together(&mut self, size: usize) {
        let ring = self.ring();
        let merchants = [self.offender(), self.offender()];
        let carrier = self.rng.below(CARRIERS_OF.len());
        let day = self.first_day(1);
        let begins = self.moment(day);
        let mut last = begins;
        let mut purchases = Vec::with_capacity(size);
        for _ in 0..size {
            let paid = Millis(begins.0.saturating_add(self.minutes((0, 180))));
            let merchant = merchants.get(self.rng.below(2)).copied().unwrap_or_default();
            let mut purchase = self.ordinary(merchant, paid);
            purchase.ending = Ending::Delivered;
            purchase.carrier = member(&CARRIERS_OF, carrier);
            self.send(&mut purchase, (5 * 60, 7 * 60));
            let hours = self.minutes((60, 180));
            purchase.released = Millis(purchase.listed.0.saturating_add(hours));
            last = last.max(purchase.released);
            purchases.push(purchase);
        }
        let signed = Millis(last.0.saturating_add(self.minutes((30, 240))));
        for mut purchase in purchases {
            purchase.signed = signed;
            purchase.reported = Millis(signed.0.saturating_add(10 * MINUTE_MS));
            self.offends(RiskPattern::SignedInBulk, ring, purchase);
        }
    }

    /// Scans of a day, all with the minute in the evening in which the carrier uploads them.
    fn upload_scans(&mut self, size: usize) {
        let ring = self.ring();
        let carrier = BULK_CARRIERS.get(self.rng.below(BULK_CARRIERS.len()));
        let day = self.first_day(5);
        let minute = between(&mut self.rng, (20 * 60, 22 * 60));
        let evening = day.saturating_add(4) * DAY_MS + minute * MINUTE_MS;
        let signed = Millis(self.start.0.saturating_add(evening));
        for _ in 0..size {
            let merchant = self.merchant();
            let ordered = day.saturating_add(between(&mut self.rng, (0, 2)));
            let paid = self.moment(ordered);
            let mut purchase = self.ordinary(merchant, paid);
            purchase.ending = Ending::Delivered;
            purchase.carrier = member(&CARRIERS_OF, carrier.copied().unwrap_or_default());
            self.send(&mut purchase, (4 * 60, 14 * 60));
            // What is not there that evening comes with those of another.
            let mut own = signed;
            while own.0 < purchase.released.0.saturating_add(9 * HOUR_MS) {
                own = Millis(own.0.saturating_add(DAY_MS));
            }
            purchase.signed = own;
            purchase.reported = Millis(own.0.saturating_add(MINUTE_MS));
            self.looks(LookAlike::BulkUpload, Some(ring), purchase);
        }
    }

    /// Parcels that hold something else than what is declared.
    fn weigh_wrong(&mut self, size: usize) {
        let ring = self.ring();
        let merchant = self.offender();
        let is_heavy = happens(&mut self.rng, 20);
        // Who weighs for himself finds it: then list and waybill differ.
        let is_found = happens(&mut self.rng, 35);
        for _ in 0..size {
            let mut purchase = self.purchase_of(merchant);
            let percent = if is_heavy {
                between(&mut self.rng, (220, 450))
            } else {
                between(&mut self.rng, self.config.parameters.weight_percent)
            };
            let grams = (purchase.list_grams.saturating_mul(percent) / 100).max(20);
            purchase.waybill_grams = grams;
            if !is_found {
                purchase.list_grams = grams;
            }
            self.offends(RiskPattern::WeightWrong, ring, purchase);
        }
    }

    /// Trades made elsewhere: the parcel is on its way before its order is made.
    fn push_orders(&mut self, size: usize) {
        let ring = self.ring();
        let merchant = self.offender();
        let platform = self.rng.below(PLATFORMS.len());
        for _ in 0..size {
            let mut purchase = self.purchase_of(merchant);
            purchase.platform = member(&PLATFORMS, platform);
            self.send(&mut purchase, (2 * 60, 7 * 60));
            let late = self.minutes((60, 9 * 60));
            purchase.ordered = Millis(purchase.sent.0.saturating_add(late));
            let sent = purchase.sent;
            self.send(&mut purchase, (2 * 60, 7 * 60));
            purchase.sent = sent;
            self.offends(RiskPattern::OrderPushed, ring, purchase);
        }
    }
}

//! Orders that come at once: stuffed orders, split purchases, and what looks like them.

use super::super::cast::PLATFORMS;
use super::deal::{Ending, Recipient};
use super::pattern::{LookAlike, RiskPattern};
use super::people::{between, count, happens};
use super::plan::{MINUTE_MS, Planner, member};
use kanhe_types::time::Millis;

/// The most that one of several orders of a split purchase costs, in cents,
const PART_CENTS_MAX: u64 = 480_000;
/// and what they cost together at least: more than the limit of a transaction.
const SPLIT_CENTS_MIN: u64 = 520_000;

impl Planner<'_> {
    pub(super) fn bursts(&mut self) {
        let range = self.config.parameters.stuffing_ring;
        let quota = self.offences(RiskPattern::OrderStuffing);
        for size in self.rings_of(quota, range) {
            self.stuff(size);
        }
        let range = self.config.parameters.split_orders;
        let quota = self.offences(RiskPattern::Splitting);
        for size in self.rings_of(quota, range) {
            self.split(size.max(2));
        }
        let quota = self.look_alikes(LookAlike::FlashSale);
        for size in self.rings_of(quota, (30, 200)) {
            self.flash(size);
        }
        for _ in 0..self.look_alikes(LookAlike::CoupleBuys).div_ceil(2) {
            self.couple();
        }
    }

    /// A merchant's people order one article again and again, as fast as their programme does.
    fn stuff(&mut self, size: usize) {
        let parameters = &self.config.parameters;
        let ring = self.ring();
        let merchant = self.offender();
        let sku = self.article(merchant, (2_000, 25_000));
        let payers = count(&mut self.rng, parameters.stuffing_payers);
        let payers: Vec<usize> = (0..payers).map(|_| self.people.fresh()).collect();
        let places = count(&mut self.rng, (1, 3));
        let step = between(&mut self.rng, parameters.stuffing_seconds).saturating_mul(1_000);
        let day = self.first_day(1);
        let mut paid = self.moment(day);
        let hours = self.minutes((4 * 60, 10 * 60));
        let sent = Millis(paid.0.saturating_add(hours));
        for number in 0..size {
            let jitter = between(&mut self.rng, (0, parameters.stuffing_jitter));
            paid = Millis(paid.0.saturating_add(step).saturating_add(jitter * 1_000));
            let buyer = payers.get(number % payers.len().max(1)).copied().unwrap_or_default();
            let item = self.item(merchant, sku, 1, paid);
            let mut purchase = self.purchase(merchant, vec![item], buyer, paid);
            purchase.platform = member(&PLATFORMS, merchant % PLATFORMS.len());
            let place = payers.get(number % places).copied().unwrap_or(buyer);
            purchase.recipient = Recipient { place, ..self.people.at_home(buyer) };
            purchase.ending = Ending::Delivered;
            // The parcels are made up together, too.
            let wait = sent.max(paid).0.saturating_sub(paid.0) / MINUTE_MS;
            self.send(&mut purchase, (wait, wait.saturating_add(20)));
            let signed = self.minutes(parameters.stuffing_signed_minutes);
            self.sign(&mut purchase, signed);
            let value = purchase.goods_cents();
            self.offends_for(RiskPattern::OrderStuffing, ring, value, purchase);
        }
    }

    /// One purchase in so many orders: of one buyer, or of several for one address.
    fn split(&mut self, orders: usize) {
        let parameters = &self.config.parameters;
        let ring = self.ring();
        let merchant = self.merchant();
        let number = u64::try_from(orders).unwrap_or(1).max(2);
        let sku = self.article(merchant, (60_000, 420_000));
        let day = self.first_day(2);
        let mut paid = self.moment(day);
        let price = self.price(merchant, sku, paid).max(1);
        let most = (PART_CENTS_MAX / price).max(1);
        let least = SPLIT_CENTS_MIN.div_ceil(price.saturating_mul(number)).min(most);
        let together = price.saturating_mul(most).saturating_mul(number);
        let buyer = self.people.buyer(together, &mut self.rng);
        let is_one_buyer = happens(&mut self.rng, 65);
        for count in 0..orders {
            let qty = between(&mut self.rng, (least, most.min(least.saturating_add(1))));
            let own = if is_one_buyer || count == 0 { buyer } else { self.people.fresh() };
            let item = self.item(merchant, sku, qty, paid);
            let mut purchase = self.purchase(merchant, vec![item], own, paid);
            purchase.recipient = self.people.at_home(buyer);
            purchase.ending = Ending::Delivered;
            self.offends(RiskPattern::Splitting, ring, purchase);
            let pause = self.minutes(parameters.split_minutes);
            let seconds = between(&mut self.rng, (0, 59));
            paid = Millis(paid.0.saturating_add(pause).saturating_add(seconds * 1_000));
        }
    }

    /// Many people buy one article within minutes, ten to thirty of a hundred cheaper.
    fn flash(&mut self, size: usize) {
        let ring = self.ring();
        let merchant = self.merchant();
        let sku = self.article(merchant, (2_000, 60_000));
        let day = self.day();
        let begins = self.moment(day);
        let percent = between(&mut self.rng, (70, 90));
        let minutes = between(&mut self.rng, (8, 40));
        for _ in 0..size {
            // Most in the beginning.
            let (one, two) = (self.rng.below(1_000), self.rng.below(1_000));
            let place = u64::try_from(one.min(two)).unwrap_or_default();
            let offset = minutes * MINUTE_MS * place / 1_000 / 1_000 * 1_000;
            let paid = Millis(begins.0.saturating_add(offset));
            let mut item = self.item(merchant, sku, 1, paid);
            if self.rng.one_in(8) {
                item.qty = 2;
            }
            item.price_cents = item.price_cents.saturating_mul(percent) / 100;
            let purchase = self.bought(merchant, vec![item], paid);
            self.looks(LookAlike::FlashSale, Some(ring), purchase);
        }
    }

    /// Husband and wife each buy one of a dear article, of which two cost more than the limit.
    fn couple(&mut self) {
        let ring = self.ring();
        let merchant = self.merchant();
        let sku = self.article(merchant, (255_000, 430_000));
        let day = self.day();
        let mut paid = self.moment(day);
        let (one, other) = self.people.relatives(&mut self.rng);
        for own in [one, other] {
            let item = self.item(merchant, sku, 1, paid);
            let cents = item.price_cents;
            let buyer = if self.people.can_spend(own, cents) { own } else { self.people.fresh() };
            self.people.spend(buyer, cents);
            let purchase = self.purchase(merchant, vec![item], buyer, paid);
            self.looks(LookAlike::CoupleBuys, Some(ring), purchase);
            let pause = self.minutes((2, 240));
            paid = Millis(paid.0.saturating_add(pause));
        }
    }
}

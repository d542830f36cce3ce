//! People who live, work and give together, and one who buys much: all of it in order.

use super::deal::{Ending, Recipient};
use super::pattern::LookAlike;
use super::people::between;
use super::plan::{DAYS, Planner};

/// What somebody who buys much spends in a year, in cents: below the annual limit.
const HEAVY_CENTS_MAX: u64 = 2_520_000;

impl Planner<'_> {
    pub(super) fn neighbours(&mut self) {
        for _ in 0..self.look_alikes(LookAlike::FamilyPays) {
            self.pay_for_family();
        }
        let quota = self.look_alikes(LookAlike::SharedAddress);
        for size in self.rings_of(quota, (8, 60)) {
            self.share_address(LookAlike::SharedAddress, size);
        }
        let quota = self.look_alikes(LookAlike::PickUpLocker);
        for size in self.rings_of(quota, (20, 150)) {
            self.share_address(LookAlike::PickUpLocker, size);
        }
        let quota = self.look_alikes(LookAlike::GiftSeason);
        for size in self.rings_of(quota, (3, 9)) {
            self.give(size);
        }
        let quota = self.look_alikes(LookAlike::AssistantPays);
        for size in self.rings_of(quota, (4, 16)) {
            self.assist(size);
        }
        let mut left = self.look_alikes(LookAlike::HeavyBuyer);
        while 0 < left {
            left = left.saturating_sub(self.buy_much(left).max(1));
        }
    }

    fn pay_for_family(&mut self) {
        let (buyer, payer) = self.people.relatives(&mut self.rng);
        let merchant = self.merchant();
        let day = self.day();
        let paid = self.moment(day);
        let items = self.basket(merchant, paid);
        let mut purchase = self.purchase(merchant, items, buyer, paid);
        let cents = purchase.goods_cents();
        if !self.people.can_spend(buyer, cents) {
            purchase.buyer = self.people.fresh();
            purchase.buyer_telephone = purchase.buyer;
        }
        self.people.spend(purchase.buyer, cents);
        (purchase.payer, purchase.payer_telephone) = (payer, payer);
        purchase.is_attested = true;
        self.looks(LookAlike::FamilyPays, None, purchase);
    }

    /// Everybody orders and pays for himself, under his own telephone.
    fn share_address(&mut self, look: LookAlike, size: usize) {
        let ring = self.ring();
        let place = self.people.fresh();
        for _ in 0..size {
            let mut purchase = self.some_purchase();
            let buyer = purchase.buyer;
            purchase.recipient = Recipient { name: buyer, telephone: buyer, place, spelling: 0 };
            self.looks(look, Some(ring), purchase);
        }
    }

    /// The same present for several people, within some days.
    fn give(&mut self, size: usize) {
        let ring = self.ring();
        let merchant = self.merchant();
        let day = self.first_day(5);
        let sku = self.article(merchant, (5_000, 60_000));
        let first = self.moment(day);
        let cents = self.price(merchant, sku, first);
        let size_cents = cents.saturating_mul(u64::try_from(size).unwrap_or(1));
        let giver = self.people.buyer(size_cents, &mut self.rng);
        for _ in 0..size {
            let own = day.saturating_add(between(&mut self.rng, (0, 3)));
            let paid = if self.rng.one_in(2) { first } else { self.moment(own) };
            let pause = self.minutes((0, 30));
            let paid = kanhe_types::time::Millis(paid.0.saturating_add(pause));
            let item = self.item(merchant, sku, 1, paid);
            let mut purchase = self.purchase(merchant, vec![item], giver, paid);
            let friend = if self.rng.one_in(2) {
                self.people.resident(&mut self.rng)
            } else {
                self.people.fresh()
            };
            purchase.recipient = self.people.at_home(friend);
            self.looks(LookAlike::GiftSeason, Some(ring), purchase);
        }
    }

    /// Somebody of an office orders and pays what colleagues want, each in his own name.
    fn assist(&mut self, size: usize) {
        let ring = self.ring();
        let assistant = self.people.resident(&mut self.rng);
        let place = self.people.fresh();
        let days = between(&mut self.rng, (2, 30));
        let first = self.first_day(days);
        for _ in 0..size {
            let merchant = self.merchant();
            let day = first.saturating_add(between(&mut self.rng, (0, days)));
            let paid = self.moment(day);
            let mut purchase = self.ordinary(merchant, paid);
            let buyer = purchase.buyer;
            purchase.recipient = Recipient { name: buyer, telephone: buyer, place, spelling: 0 };
            (purchase.payer, purchase.payer_telephone) = (assistant, assistant);
            purchase.is_attested = true;
            self.looks(LookAlike::AssistantPays, Some(ring), purchase);
        }
    }

    /// Dear goods on several days, up to the annual limit. Says how many purchases it were.
    fn buy_much(&mut self, most: usize) -> usize {
        let ring = self.ring();
        let buyer = self.people.fresh();
        let mut spent = 0u64;
        for number in 0..most {
            let merchant = self.merchant();
            let sku = self.article(merchant, (150_000, 430_000));
            let day = between(&mut self.rng, (0, DAYS.saturating_sub(1)));
            let paid = self.moment(day);
            let item = self.item(merchant, sku, 1, paid);
            let mut purchase = self.purchase(merchant, vec![item], buyer, paid);
            purchase.ending = Ending::Delivered;
            spent = spent.saturating_add(purchase.goods_cents());
            spent = spent.saturating_add(purchase.freight_cents);
            if HEAVY_CENTS_MAX < spent {
                return number;
            }
            self.looks(LookAlike::HeavyBuyer, Some(ring), purchase);
        }
        most
    }
}

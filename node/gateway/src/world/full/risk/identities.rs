//! Others' identities, and others' parcels: stolen quotas, and resale to one address.

use super::deal::{Item, Recipient};
use super::pattern::RiskPattern;
use super::people::{between, count, happens};
use super::plan::{Planner, fit};

impl Planner<'_> {
    pub(super) fn identities(&mut self) {
        let parameters = &self.config.parameters;
        let (stolen, resold) = (parameters.identity_ring, parameters.resale_ring);
        let quota = self.offences(RiskPattern::StolenIdentities);
        for size in self.rings_of(quota, stolen) {
            self.steal(size);
        }
        let quota = self.offences(RiskPattern::Resale);
        for size in self.rings_of(quota, resold) {
            self.resell(size);
        }
    }

    fn fresh_people(&mut self, number: usize) -> Vec<usize> {
        (0..number).map(|_| self.people.fresh()).collect()
    }

    fn one_of(&mut self, people: &[usize]) -> usize {
        people.get(self.rng.below(people.len())).copied().unwrap_or_default()
    }

    /// A ring that orders on others' identities. Some of these people buy for themselves, too.
    fn steal(&mut self, size: usize) {
        let parameters = &self.config.parameters;
        let ring = self.ring();
        let payers = count(&mut self.rng, parameters.identity_payers);
        let payers = self.fresh_people(payers);
        let places = count(&mut self.rng, parameters.identity_places);
        let places = self.fresh_people(places);
        let pays_as_others = happens(&mut self.rng, parameters.own_account_percent);
        let days = between(&mut self.rng, parameters.identity_days);
        let first = self.first_day(days);
        let merchants = [self.offender(), self.merchant()];
        let mut left = size;
        while 0 < left {
            let is_resident = happens(&mut self.rng, 20);
            let victim =
                if is_resident { self.people.resident(&mut self.rng) } else { self.people.fresh() };
            // Most are attested: the identities are real ones.
            let is_attested = happens(&mut self.rng, 90);
            let uses = count(&mut self.rng, parameters.identity_uses).clamp(1, left);
            left = left.saturating_sub(uses);
            for _ in 0..uses {
                let day = first.saturating_add(between(&mut self.rng, (0, days)));
                let paid = self.moment(day);
                let index = usize::from(happens(&mut self.rng, 30));
                let merchant = merchants.get(index).copied().unwrap_or_default();
                let sku = self.article(merchant, (20_000, 240_000));
                let qty = between(&mut self.rng, (1, 3));
                let mut items = vec![self.item(merchant, sku, qty, paid)];
                fit(&mut items);
                let mut purchase = self.purchase(merchant, items, victim, paid);
                let place = self.one_of(&places);
                let name = if self.rng.one_in(2) { victim } else { place };
                purchase.recipient = Recipient { name, telephone: place, place, spelling: 0 };
                if self.rng.one_in(2) {
                    purchase.buyer_telephone = place;
                }
                if pays_as_others {
                    purchase.payer_telephone = place;
                } else {
                    let payer = self.one_of(&payers);
                    (purchase.payer, purchase.payer_telephone) = (payer, payer);
                    purchase.is_attested = is_attested;
                }
                self.people.spend(victim, purchase.goods_cents());
                self.offends(RiskPattern::StolenIdentities, ring, purchase);
            }
        }
    }

    /// A reseller whose parcels come in the names of people it pays for that, who order and pay
    /// themselves.
    fn resell(&mut self, size: usize) {
        let parameters = &self.config.parameters;
        let ring = self.ring();
        let reseller = self.people.fresh();
        let spellings = between(&mut self.rng, parameters.address_spellings);
        let days = between(&mut self.rng, parameters.resale_days);
        let first = self.first_day(days);
        // One address, one telephone, or both.
        let (one_place, one_telephone) = [(true, true), (true, true), (true, false), (false, true)]
            .get(self.rng.below(4))
            .copied()
            .unwrap_or((true, true));
        let merchant = self.merchant();
        let kinds = count(&mut self.rng, (2, 4));
        let goods: Vec<usize> =
            (0..kinds).map(|_| self.article(merchant, (3_000, 90_000))).collect();
        for _ in 0..size {
            let day = first.saturating_add(between(&mut self.rng, (0, days)));
            let paid = self.moment(day);
            let sku = self.one_of(&goods);
            let qty = between(&mut self.rng, (2, 6));
            let mut items: Vec<Item> = vec![self.item(merchant, sku, qty, paid)];
            fit(&mut items);
            let mut purchase = self.bought(merchant, items, paid);
            let buyer = purchase.buyer;
            purchase.recipient = Recipient {
                name: if self.rng.one_in(3) { buyer } else { reseller },
                telephone: if one_telephone { reseller } else { buyer },
                place: if one_place { reseller } else { self.people.fresh() },
                spelling: between(&mut self.rng, (0, spellings.saturating_sub(1))),
            };
            self.offends(RiskPattern::Resale, ring, purchase);
        }
    }
}

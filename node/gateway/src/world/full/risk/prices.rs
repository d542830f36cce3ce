//! What is declared at another price or under another name: under-pricing, goods that nobody may
//! trade in this way, brands; and what looks like them.

use super::super::draft::DAY_MS;
use super::cast::{BRANDS, MERCHANTS, ORDINARY, SIMILAR_WORDS, SKUS, WATCHED_WORDS, watched_codes};
use super::deal::Item;
use super::pattern::{LookAlike, RiskPattern};
use super::people::{between, happens};
use super::plan::{DAYS, Planner, fit};
use kanhe_types::time::Millis;

/// An article of a merchant on some days.
struct Article {
    merchant: usize,
    sku: usize,
    first: u64,
    days: u64,
}

impl Planner<'_> {
    /// Prices that hold for days, which ordinary trade must know of.
    pub(super) fn prices(&mut self) {
        let (rings, days) = (self.config.parameters.price_ring, self.config.parameters.price_days);
        let percent = self.config.parameters.price_percent;
        let quota = self.offences(RiskPattern::UnderPricing);
        for size in self.rings_of(quota, rings) {
            let ring = self.ring();
            let merchant = self.offender();
            let article = self.article_of(merchant, (4_000, 240_000), days);
            let own = between(&mut self.rng, percent);
            for _ in 0..size {
                let paid = self.moment_of(&article);
                let (item, missing) = self.cheaper(&article, own, paid);
                let mut items = vec![item];
                fit(&mut items);
                let pieces: u64 = items.iter().map(|item| item.qty).sum();
                let purchase = self.bought(merchant, items, paid);
                let value = missing.saturating_mul(pieces);
                self.offends_for(RiskPattern::UnderPricing, ring, value, purchase);
            }
            self.keep_apart(&article, article.days);
        }
        let quota = self.look_alikes(LookAlike::Clearance);
        for size in self.rings_of(quota, (8, 40)) {
            let ring = self.ring();
            let merchant = self.merchant();
            let article = self.article_of(merchant, (3_000, 120_000), (3, 10));
            let own = between(&mut self.rng, (45, 75));
            for _ in 0..size {
                let paid = self.moment_of(&article);
                let (item, _) = self.cheaper(&article, own, paid);
                let purchase = self.bought(merchant, vec![item], paid);
                self.looks(LookAlike::Clearance, Some(ring), purchase);
            }
            // Afterwards there is none left.
            self.keep_apart(&article, DAYS);
        }
    }

    fn article_of(&mut self, merchant: usize, cents: (u64, u64), days: (u64, u64)) -> Article {
        let sku = self.article(merchant, cents);
        let days = between(&mut self.rng, days).min(DAYS - 8);
        // Not in the first week: the merchant has sold it at its price before.
        let first = self.first_day(days.saturating_add(7)).saturating_add(7);
        Article { merchant, sku, first, days }
    }

    fn moment_of(&mut self, article: &Article) -> Millis {
        let day = between(&mut self.rng, (0, article.days.saturating_sub(1)));
        self.moment(article.first.saturating_add(day))
    }

    /// A piece or two for so many hundredths of the price, and what is missing of it for each.
    fn cheaper(&mut self, article: &Article, percent: u64, paid: Millis) -> (Item, u64) {
        let qty = if self.rng.one_in(4) { 2 } else { 1 };
        let mut item = self.item(article.merchant, article.sku, qty, paid);
        let usual = item.price_cents;
        let own = between(&mut self.rng, (percent.saturating_sub(2), percent.saturating_add(2)));
        item.price_cents = (usual.saturating_mul(own) / 100).max(50);
        let missing = usual.saturating_sub(item.price_cents);
        (item, missing)
    }

    fn keep_apart(&mut self, article: &Article, days: u64) {
        let at = |day: u64| Millis(self.start.0.saturating_add(day.saturating_mul(DAY_MS)));
        let (from, to) = (at(article.first), at(article.first.saturating_add(days)));
        self.set_apart(article.merchant, article.sku, from, to);
    }

    /// What a trade's goods are called, and under which code they are declared.
    pub(super) fn goods(&mut self) {
        let quota = self.offences(RiskPattern::SensitiveGoods);
        for size in self.rings_of(quota, (3, 12)) {
            self.forbidden(size);
        }
        for _ in 0..self.look_alikes(LookAlike::SimilarWord) {
            let merchant = self.merchant();
            let sku = self.article(merchant, (3_000, 60_000));
            let word = SIMILAR_WORDS.get(self.rng.below(SIMILAR_WORDS.len()));
            let day = self.day();
            let paid = self.moment(day);
            let mut item = self.item(merchant, sku, 1, paid);
            item.name = Some(format!("{}标准", word.copied().unwrap_or_default()).into());
            let purchase = self.bought(merchant, vec![item], paid);
            self.looks(LookAlike::SimilarWord, None, purchase);
        }
        let quota = self.offences(RiskPattern::RightsInfringement);
        for size in self.rings_of(quota, (5, 25)) {
            let ring = self.ring();
            let merchant = self.stranger_to_brands();
            let percent = between(&mut self.rng, (30, 65));
            self.branded(merchant, size, percent, Some(ring));
        }
        let quota = self.look_alikes(LookAlike::ParallelImport);
        for size in self.rings_of(quota, (10, 40)) {
            let merchant = self.stranger_to_brands();
            let percent = between(&mut self.rng, (86, 106));
            self.branded(merchant, size, percent, None);
        }
    }

    /// A merchant sells what it may not: under its code, or under an ordinary one with a word in
    /// the name that customers know.
    fn forbidden(&mut self, size: usize) {
        let ring = self.ring();
        let merchant = self.offender();
        let is_by_code = happens(&mut self.rng, 40);
        let word = WATCHED_WORDS.get(self.rng.below(WATCHED_WORDS.len()));
        let word = word.copied().unwrap_or_default();
        let watched = ORDINARY.saturating_add(self.rng.below(watched_codes().len()));
        let ordinary = self.article(merchant, (5_000, 60_000));
        for _ in 0..size {
            let day = self.day();
            let paid = self.moment(day);
            let qty = between(&mut self.rng, (1, 3));
            let sku = if is_by_code { watched } else { ordinary };
            let mut item = self.item(merchant, sku, qty, paid);
            if !is_by_code {
                let is_hidden = happens(&mut self.rng, self.config.parameters.disguised_percent);
                let word = if is_hidden { disguised(word) } else { word.to_owned() };
                item.name = Some(format!("{word}礼盒").into());
            }
            let purchase = self.bought(merchant, vec![item], paid);
            let value = purchase.goods_cents();
            self.offends_for(RiskPattern::SensitiveGoods, ring, value, purchase);
        }
    }

    /// A merchant that holds no brand.
    fn stranger_to_brands(&mut self) -> usize {
        let merchant = self.offender();
        if BRANDS.len() <= merchant {
            return merchant;
        }
        BRANDS.len().saturating_add(self.rng.below(MERCHANTS - BRANDS.len()))
    }

    /// Goods with somebody else's brand; in a ring they are no genuine ones.
    fn branded(&mut self, merchant: usize, size: usize, percent: u64, ring: Option<u32>) {
        let brand = BRANDS.get(self.rng.below(BRANDS.len())).copied().unwrap_or_default();
        let days = between(&mut self.rng, (10, 40));
        let article = self.article_of(merchant, (8_000, 200_000), (days, days));
        let name = SKUS.get(article.sku).map_or("", |sku| sku.name);
        for _ in 0..size {
            let paid = self.moment_of(&article);
            let (mut item, _) = self.cheaper(&article, percent, paid);
            item.name = Some(format!("{brand}{name}").into());
            let mut items = vec![item];
            fit(&mut items);
            let purchase = self.bought(merchant, items, paid);
            let value = purchase.goods_cents();
            match ring {
                Some(ring) => {
                    self.offends_for(RiskPattern::RightsInfringement, ring, value, purchase);
                }
                None => self.looks(LookAlike::ParallelImport, None, purchase),
            }
        }
    }
}

/// The word with a point inside, as those write it who know that somebody looks for it.
fn disguised(word: &str) -> String {
    let half = word.chars().count() / 2;
    let (head, tail): (String, String) =
        (word.chars().take(half).collect(), word.chars().skip(half).collect());
    format!("{head}·{tail}")
}

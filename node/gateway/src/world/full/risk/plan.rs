//! A world's trades: the patterns, what looks like them, and ordinary trade around them.

use super::super::super::rng::Rng;
use super::super::super::trade::rng_cents;
use super::super::cast::{DECLARANTS, Member, PAYERS, PLATFORMS, WAREHOUSES};
use super::super::draft::{DAY_MS, HOUR_MS};
use super::RiskConfig;
use super::cast::{BRANDS, CARRIERS_OF, EXPORTERS, IMPORTERS_OF, MERCHANTS, ORDINARY, SKUS};
use super::deal::{Deal, Ending, Item, Label, PACKING_GRAMS, Purchase, Sale, Way};
use super::parameters::Range;
use super::pattern::{LookAlike, RiskPattern};
use super::people::{People, between, count, skewed};
use super::stock::Intake;
use super::truth::OrganisationRisk;
use kanhe_types::time::Millis;
use std::collections::BTreeMap;

/// The days over which orders spread.
pub(super) const DAYS: u64 = 90;
pub(super) const MINUTE_MS: u64 = 60_000;
/// Of a hundred trades this many are imports.
const IMPORT_PERCENT: usize = 75;
/// A list is worth less than this, in cents, unless it is of one piece.
const LIST_CENTS_MAX: u64 = 490_000;
/// Days on which everybody buys.
const FEAST_DAYS: [u64; 3] = [24, 25, 66];
/// How the orders of a day spread over its hours: few at night, most in the evening.
const HOURS: [usize; 24] = [3, 2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 5, 5, 5, 5, 5, 5, 6, 8, 9, 7, 5];
/// The least trades of a pattern, however small the world.
const TRADES_MIN: usize = 3;
/// What is saved by declaring goods of general trade as retail, in thousandths of their price:
/// duty and the tax that retail does not bear.
const GENERAL_TRADE_PER_MILLE: u64 = 152;

/// Some days on which an article of a merchant is sold in one way only.
struct Apart {
    merchant: usize,
    sku: usize,
    from: Millis,
    to: Millis,
}

/// A world's trades while they are planned.
pub(super) struct Planner<'a> {
    pub(super) config: &'a RiskConfig,
    pub(super) start: Millis,
    pub(super) rng: Rng,
    pub(super) people: People,
    pub(super) deals: Vec<Deal>,
    /// What account books take in for numbers of their own.
    pub(super) intakes: Vec<Intake>,
    /// Exporters that offend, and those whose only trades are planned.
    pub(super) bad_exporters: Vec<usize>,
    pub(super) reserved: Vec<usize>,
    rings: u32,
    organisations: BTreeMap<(&'static str, RiskPattern), (usize, u64)>,
    /// Each merchant's articles.
    shelves: Vec<Vec<usize>>,
    /// Merchants that offend.
    offenders: Vec<usize>,
    apart: Vec<Apart>,
}

/// Mixes a seed with numbers, so that what belongs to these does not depend on other draws.
pub(super) fn mixed(seed: u64, numbers: &[usize]) -> Rng {
    let mut state = seed;
    for number in numbers {
        let number = u64::try_from(*number).unwrap_or(u64::MAX);
        state = Rng::new(state ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93)).next();
    }
    Rng::new(state)
}

impl<'a> Planner<'a> {
    fn new(config: &'a RiskConfig) -> Self {
        let mut rng = Rng::new(config.seed);
        let mut shuffled = |end: usize| {
            let mut all: Vec<usize> = (0..end).collect();
            rng.shuffle(&mut all);
            all
        };
        let offenders = shuffled(MERCHANTS).into_iter().take(MERCHANTS / 4).collect();
        let mut exporters = shuffled(EXPORTERS);
        let reserved = exporters.split_off(EXPORTERS.saturating_sub(16));
        let bad_exporters = exporters.into_iter().take(EXPORTERS / 7).collect();
        let shelf = |merchant: usize| {
            let mut own = mixed(config.seed, &[1, merchant]);
            let mut all: Vec<usize> = (0..ORDINARY).filter(|_| own.one_in(4)).collect();
            own.shuffle(&mut all);
            all
        };
        Self {
            config,
            start: config.start.millis(),
            people: People::new(config.trades.saturating_mul(2) / 5),
            deals: Vec::with_capacity(config.trades),
            intakes: Vec::new(),
            bad_exporters,
            reserved,
            rings: 0,
            organisations: BTreeMap::new(),
            shelves: (0..MERCHANTS).map(shelf).collect(),
            offenders,
            apart: Vec::new(),
            rng,
        }
    }

    /// How many trades of so many in 100,000 this world has.
    pub(super) fn quota(&self, rate: u32) -> usize {
        let rate = usize::try_from(rate).unwrap_or_default();
        let share = self.config.trades.saturating_mul(rate).saturating_add(50_000) / 100_000;
        share.max(TRADES_MIN)
    }

    pub(super) fn offences(&self, pattern: RiskPattern) -> usize {
        self.quota(self.config.parameters.offences_of(pattern))
    }

    pub(super) fn look_alikes(&self, look: LookAlike) -> usize {
        self.quota(self.config.parameters.look_alikes_of(look))
    }

    /// The sizes of rings that have so many trades together.
    pub(super) fn rings_of(&mut self, trades: usize, range: Range) -> Vec<usize> {
        let least = usize::try_from(range.0).unwrap_or(1);
        let (mut left, mut sizes) = (trades, Vec::new());
        while 0 < left {
            let mut size = count(&mut self.rng, range).clamp(1, left);
            if left.saturating_sub(size) < least {
                size = left;
            }
            sizes.push(size);
            left = left.saturating_sub(size);
        }
        sizes
    }

    pub(super) fn ring(&mut self) -> u32 {
        self.rings = self.rings.saturating_add(1);
        self.rings
    }

    /// A day, more often one on which everybody buys.
    pub(super) fn day(&mut self) -> u64 {
        if self.rng.one_in(9) {
            let index = self.rng.below(FEAST_DAYS.len());
            return FEAST_DAYS.get(index).copied().unwrap_or_default();
        }
        between(&mut self.rng, (0, DAYS.saturating_sub(1)))
    }

    /// The first of so many days.
    pub(super) fn first_day(&mut self, days: u64) -> u64 {
        between(&mut self.rng, (0, DAYS.saturating_sub(days).saturating_sub(1)))
    }

    /// A moment of a day at which people buy.
    pub(super) fn moment(&mut self, day: u64) -> Millis {
        let mut place = self.rng.below(HOURS.iter().sum());
        let mut hour = 0;
        for share in HOURS {
            if place < share {
                break;
            }
            place = place.saturating_sub(share);
            hour += 1;
        }
        let seconds = between(&mut self.rng, (0, 3_599));
        let offset = day * DAY_MS + hour * HOUR_MS + seconds * 1_000;
        Millis(self.start.0.saturating_add(offset))
    }

    pub(super) fn minutes(&mut self, range: Range) -> u64 {
        between(&mut self.rng, range).saturating_mul(MINUTE_MS)
    }

    /// One of the merchants: some sell much and most little.
    pub(super) fn merchant(&mut self) -> usize {
        skewed(&mut self.rng, MERCHANTS)
    }

    /// A merchant that offends: one of few, now and then any.
    pub(super) fn offender(&mut self) -> usize {
        if self.rng.one_in(5) {
            return self.rng.below(MERCHANTS);
        }
        let index = self.rng.below(self.offenders.len());
        self.offenders.get(index).copied().unwrap_or_default()
    }

    /// An article that the merchant sells for between so many cents; any if it has none.
    pub(super) fn article(&mut self, merchant: usize, cents: Range) -> usize {
        let shelf = self.shelves.get(merchant).map(Vec::as_slice).unwrap_or_default();
        let is_right = |sku: &&usize| {
            SKUS.get(**sku).is_some_and(|sku| (cents.0..=cents.1).contains(&sku.price_cents))
        };
        let fitting: Vec<usize> = shelf.iter().filter(is_right).copied().collect();
        if let Some(sku) = fitting.get(self.rng.below(fitting.len())) {
            return *sku;
        }
        // Not on the shelf: it is taken in for this.
        let all: Vec<usize> = (0..ORDINARY).filter(|sku| is_right(&sku)).collect();
        all.get(self.rng.below(all.len())).copied().unwrap_or_default()
    }

    /// What the merchant asks for the article on that day: its own price, a little up and down
    /// from week to week.
    pub(super) fn price(&self, merchant: usize, sku: usize, at: Millis) -> u64 {
        let week = at.0.saturating_sub(self.start.0) / (7 * DAY_MS);
        let week = usize::try_from(week).unwrap_or_default();
        let own = between(&mut mixed(self.config.seed, &[2, merchant, sku]), (92, 112));
        let now = between(&mut mixed(self.config.seed, &[3, merchant, sku, week]), (97, 103));
        let listed = SKUS.get(sku).map_or(0, |sku| sku.price_cents);
        // Prices end with a round figure.
        (listed.saturating_mul(own).saturating_mul(now) / 10_000 / 10 * 10).max(100)
    }

    pub(super) fn item(&self, merchant: usize, sku: usize, qty: u64, at: Millis) -> Item {
        Item { sku, qty, price_cents: self.price(merchant, sku, at), name: None }
    }

    /// From `from` to `to` the article is sold in one way only.
    pub(super) fn set_apart(&mut self, merchant: usize, sku: usize, from: Millis, to: Millis) {
        self.apart.push(Apart { merchant, sku, from, to });
    }

    fn is_apart(&self, merchant: usize, sku: usize, at: Millis) -> bool {
        let is_it = |one: &Apart| one.merchant == merchant && one.sku == sku;
        self.apart.iter().any(|one| is_it(one) && one.from <= at && at <= one.to)
    }

    /// What somebody buys: one to three articles of the merchant.
    pub(super) fn basket(&mut self, merchant: usize, at: Millis) -> Vec<Item> {
        let kinds = [1, 1, 1, 1, 2, 2, 3].get(self.rng.below(7)).copied().unwrap_or(1);
        let shelf = self.shelves.get(merchant).map_or(0, Vec::len);
        let mut items: Vec<Item> = Vec::with_capacity(kinds);
        for _ in 0..kinds {
            let place = skewed(&mut self.rng, shelf);
            let sku = self.shelves.get(merchant).and_then(|shelf| shelf.get(place));
            let sku = sku.copied().unwrap_or_default();
            if items.iter().any(|item| item.sku == sku) || self.is_apart(merchant, sku, at) {
                continue;
            }
            let qty = [1, 1, 1, 1, 1, 2, 2, 3].get(self.rng.below(8)).copied().unwrap_or(1);
            let mut item = self.item(merchant, sku, qty, at);
            item.name = self.brand_of(merchant, sku);
            items.push(item);
        }
        if items.is_empty() {
            // Everything that was drawn is sold in one way only: something else.
            let sku = (0..ORDINARY).find(|sku| !self.is_apart(merchant, *sku, at));
            items.push(self.item(merchant, sku.unwrap_or_default(), 1, at));
        }
        fit(&mut items);
        items
    }

    /// Who holds a brand sells one in three under it.
    fn brand_of(&mut self, merchant: usize, sku: usize) -> Option<Box<str>> {
        let brand = BRANDS.get(merchant)?;
        let name = SKUS.get(sku)?.name;
        self.rng.one_in(3).then(|| format!("{brand}{name}").into())
    }

    /// An ordinary purchase: the buyer pays, and has it sent home.
    pub(super) fn purchase(
        &mut self,
        merchant: usize,
        items: Vec<Item>,
        buyer: usize,
        paid: Millis,
    ) -> Purchase {
        let own = merchant % PLATFORMS.len();
        let rng = &mut self.rng;
        let platform = if rng.one_in(5) { rng.below(PLATFORMS.len()) } else { own };
        let payer_firm = rng.below(PAYERS.len());
        let carrier = rng.below(CARRIERS_OF.len());
        let seller = member(&IMPORTERS_OF, merchant);
        let agent = member(&DECLARANTS, merchant % DECLARANTS.len());
        let declarant = if rng.one_in(4) { seller } else { agent };
        let mut purchase = Purchase {
            platform: member(&PLATFORMS, platform),
            merchant: seller,
            payer_firm: member(&PAYERS, payer_firm),
            carrier: member(&CARRIERS_OF, carrier),
            declarant,
            warehouse: member(&WAREHOUSES, merchant / 3 % WAREHOUSES.len()),
            mode: ["9610", "1210", "1239"].get(merchant % 3).copied().unwrap_or("9610"),
            buyer,
            buyer_telephone: buyer,
            payer: buyer,
            payer_telephone: buyer,
            recipient: self.people.at_home(buyer),
            items,
            freight_cents: rng_cents(rng, 5, 20),
            discount_cents: if rng.one_in(4) { 500 } else { 0 },
            record: None,
            paid,
            ordered: paid,
            sent: paid,
            listed: paid,
            released: paid,
            signed: paid,
            reported: paid,
            list_grams: 0,
            waybill_grams: 0,
            ending: Ending::Delivered,
            is_attested: false,
        };
        purchase.ending = match rng.below(100) {
            0..3 => Ending::Inspected,
            3..5 => Ending::Cancelled,
            5 => Ending::Returned,
            _ => Ending::Delivered,
        };
        purchase.ordered = Millis(paid.0.saturating_add(between(rng, (20, 1_500)) * 1_000));
        self.send(&mut purchase, (4 * 60, 20 * 60));
        self.weigh(&mut purchase);
        purchase
    }

    /// Gives what follows the order its times, from so many minutes after the payment on.
    pub(super) fn send(&mut self, purchase: &mut Purchase, minutes: Range) {
        let after = |time: Millis, millis: u64| Millis(time.0.saturating_add(millis));
        purchase.sent = after(purchase.paid, self.minutes(minutes));
        purchase.listed =
            after(purchase.sent.max(purchase.ordered), self.minutes((2 * 60, 8 * 60)));
        let customs = match purchase.ending {
            Ending::Inspected => (20 * 60, 60 * 60),
            _ => (60, 9 * 60),
        };
        purchase.released = after(purchase.listed, self.minutes(customs));
        let way = self.minutes((14 * 60, 110 * 60));
        self.sign(purchase, way);
    }

    /// Has it signed for so long after its release.
    pub(super) fn sign(&mut self, purchase: &mut Purchase, millis: u64) {
        purchase.signed = Millis(purchase.released.0.saturating_add(millis));
        let late = self.minutes((5, 180));
        purchase.reported = Millis(purchase.signed.0.saturating_add(late));
    }

    /// Weighs the parcel, twice.
    fn weigh(&mut self, purchase: &mut Purchase) {
        let net = purchase.net_grams();
        let stuffing = net.saturating_mul(between(&mut self.rng, (0, 8))) / 100;
        purchase.list_grams = net.saturating_add(PACKING_GRAMS).saturating_add(stuffing);
        let differs = between(&mut self.rng, (0, 60));
        purchase.waybill_grams = purchase.list_grams.saturating_add(differs);
    }

    /// An ordinary purchase of somebody at some moment.
    pub(super) fn ordinary(&mut self, merchant: usize, paid: Millis) -> Purchase {
        let items = self.basket(merchant, paid);
        self.bought(merchant, items, paid)
    }

    /// A purchase of these goods by somebody.
    pub(super) fn bought(&mut self, merchant: usize, items: Vec<Item>, paid: Millis) -> Purchase {
        let cents = items.iter().map(|item| item.qty.saturating_mul(item.price_cents)).sum();
        let buyer = self.people.buyer(cents, &mut self.rng);
        self.purchase(merchant, items, buyer, paid)
    }

    pub(super) fn plain(&mut self, purchase: Purchase) {
        self.push(Label::default(), Way::Import(purchase));
    }

    pub(super) fn looks(&mut self, look: LookAlike, ring: Option<u32>, purchase: Purchase) {
        let label = Label { look_alike: Some(look), ring, ..Label::default() };
        self.push(label, Way::Import(purchase));
    }

    /// An offence whose value is what general trade would have paid.
    pub(super) fn offends(&mut self, pattern: RiskPattern, ring: u32, purchase: Purchase) {
        let value = purchase.goods_cents().saturating_mul(GENERAL_TRADE_PER_MILLE) / 1_000;
        self.offends_for(pattern, ring, value, purchase);
    }

    pub(super) fn offends_for(
        &mut self,
        pattern: RiskPattern,
        ring: u32,
        value_cents: u64,
        purchase: Purchase,
    ) {
        let code = match pattern {
            RiskPattern::SignedInBulk | RiskPattern::SignedTooSoon => purchase.carrier.code,
            _ => purchase.merchant.code,
        };
        if is_of_organisation(pattern) {
            self.blame(code, pattern, 1, value_cents);
        }
        let label =
            Label { pattern: Some(pattern), look_alike: None, ring: Some(ring), value_cents };
        self.push(label, Way::Import(purchase));
    }

    pub(super) fn sells(&mut self, label: Label, sale: Sale) {
        if let Some(pattern) = label.pattern {
            self.blame(sale.merchant.code, pattern, 1, label.value_cents);
        }
        self.push(label, Way::Export(sale));
    }

    pub(super) fn blame(
        &mut self,
        code: &'static str,
        pattern: RiskPattern,
        trades: usize,
        value_cents: u64,
    ) {
        let own = self.organisations.entry((code, pattern)).or_default();
        *own = (own.0.saturating_add(trades), own.1.saturating_add(value_cents));
    }

    fn push(&mut self, label: Label, way: Way) {
        self.deals.push(Deal { label, way });
    }

    /// Says how many trades it became.
    fn buy_again(&mut self, purchase: &Purchase, merchant: usize, pause: u64) -> usize {
        let paid = Millis(purchase.paid.0.saturating_add(pause));
        let Some(item) = purchase.items.first().cloned() else { return 0 };
        if !self.people.can_spend(purchase.buyer, item.price_cents) {
            return 0;
        }
        let items = vec![Item { qty: 1, ..item }];
        self.people.spend(purchase.buyer, items.iter().map(|item| item.price_cents).sum());
        let mut again = self.purchase(merchant, items, purchase.buyer, paid);
        again.recipient = purchase.recipient;
        self.plain(again);
        1
    }

    fn imports(&self) -> usize {
        self.deals.iter().filter(|deal| matches!(deal.way, Way::Import(_))).count()
    }

    /// Fills the world with ordinary trade.
    fn fill(&mut self) {
        let imports = self.config.trades.saturating_mul(IMPORT_PERCENT) / 100;
        let mut left = imports.saturating_sub(self.imports());
        while 0 < left {
            let merchant = self.merchant();
            let day = self.day();
            let paid = self.moment(day);
            let mut purchase = self.ordinary(merchant, paid);
            // Presents are sent, and some have parcels sent to whoever is at home.
            if self.rng.one_in(12) {
                let other = self.people.resident(&mut self.rng);
                purchase.recipient = self.people.at_home(other);
            }
            left -= 1;
            // Some forgot something, and buy the same again.
            if 0 < left && self.rng.one_in(80) {
                let pause = self.minutes((2, 50));
                left = left.saturating_sub(self.buy_again(&purchase, merchant, pause));
            }
            self.plain(purchase);
        }
        for _ in self.deals.len()..self.config.trades {
            let sale = self.ordinary_sale();
            self.push(Label::default(), Way::Export(sale));
        }
    }
}

/// Whether an organisation has a part in what a trade of the pattern does.
fn is_of_organisation(pattern: RiskPattern) -> bool {
    use RiskPattern::{Resale, Splitting, StolenIdentities};
    !matches!(pattern, StolenIdentities | Splitting | Resale)
}

/// What a plan becomes.
pub(super) struct Planned {
    /// By their beginning.
    pub(super) deals: Vec<Deal>,
    pub(super) intakes: Vec<Intake>,
    pub(super) organisations: Vec<OrganisationRisk>,
}

/// Plans a world.
pub(super) fn plan(config: &RiskConfig) -> Planned {
    let mut planner = Planner::new(config);
    // What sets articles apart comes before what draws from shelves.
    planner.prices();
    planner.goods();
    planner.identities();
    planner.bursts();
    planner.logistics();
    planner.stock();
    planner.capital();
    planner.neighbours();
    planner.fill();
    let Planner { mut deals, mut intakes, organisations, start, .. } = planner;
    // Stable: what was planned first at one time stays first.
    deals.sort_by_key(Deal::begins);
    intakes.extend(super::stock::ordinary(&deals, start));
    intakes.sort_by_key(|intake| intake.at);
    let organisations = organisations.into_iter().map(|((code, pattern), (trades, value))| {
        OrganisationRisk { code: code.to_owned(), pattern, trades, value }
    });
    Planned { deals, intakes, organisations: organisations.collect() }
}

/// Takes away what makes a list worth more than it may be.
pub(super) fn fit(items: &mut Vec<Item>) {
    let cents = |item: &Item| item.qty.saturating_mul(item.price_cents);
    while LIST_CENTS_MAX < items.iter().map(cents).sum::<u64>() {
        if 1 < items.len() {
            items.pop();
            continue;
        }
        let Some(item) = items.first_mut() else { return };
        if item.qty <= 1 {
            return;
        }
        item.qty -= 1;
    }
}

/// One of some members.
pub(super) fn member(members: &'static [Member], index: usize) -> &'static Member {
    members.get(index).unwrap_or(&PLATFORMS[0])
}

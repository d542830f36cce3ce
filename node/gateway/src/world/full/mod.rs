//! The full world: some months of trade in every mode, in both directions, from the order to the
//! end, with every fault that the rules can find, and entries of every register beside it.
//!
//! It has two waves of orders. The first begins at the start; its returns are over when the world
//! ends. The second begins fifty days later and is still open then. The same configuration gives
//! the same bytes. What a ledger must say of it, [`FullTruth`] says trade by trade.

mod cast;
mod clearing;
mod draft;
mod entries;
mod export;
mod export_life;
mod goods;
mod import;
mod import_life;
mod movement;
mod payment_life;
mod plan;
pub mod risk;
mod truth;

pub use cast::{Member, licences, licensed_policy as policy, members, role_name};
pub use draft::FullFile;
pub use entries::{entry_findings, entry_state};
pub use truth::{Benign, EntryTruth, FullTruth, RejectedTruth, TradeTruth};

use super::catalogue::Person;
use super::fault::FaultId;
use super::rng::Rng;
use cast::{CARRIERS, DECLARANTS, LAPSED, LISTED, MERCHANTS, UNLICENSED};
use clearing::{goods_in, parcels_in};
use draft::{Draft, HOUR_MS, arrange, later};
use entries::{Entries, Scene};
use export::Export;
use goods::watches;
use import::Import;
use import_life::Others;
use kanhe_contracts::document::{Document, DocumentKind};
use kanhe_contracts::limits::LINES_MAX;
use kanhe_contracts::policy::Direction;
use kanhe_types::time::{CustomsTime, Millis};
use movement::Movement;
use plan::{Plan, SECOND_WAVE_MS, WORLD_MS};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// The truth's name beside the senders' folders.
pub const TRUTH_FILE: &str = "truth.json";

/// What to generate.
#[derive(Clone, Debug)]
pub struct FullConfig {
    /// Where the randomness comes from.
    pub seed: u64,
    /// How many trades.
    pub trades: usize,
    /// When the first order is paid. The world ends eighty days later, in the same year.
    pub start: CustomsTime,
}

/// Some months of trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullWorld {
    /// The files, by time. A sender's are submitted in this order; by how little less than eight
    /// hours those of different senders are late does not matter.
    pub files: Vec<FullFile>,
    /// What must be found.
    pub truth: FullTruth,
}

/// What one orderer may have bought, in cents, before somebody else buys: below the annual limit.
const REGULAR_CENTS_MAX: u64 = 2_000_000;

/// The people. Two numbers never share a value.
#[derive(Default)]
struct People {
    next: usize,
    /// Those who buy several times, and what they spent, in cents.
    regulars: Vec<(usize, u64)>,
    /// Those who buy up to the annual limit, by their group.
    dear: BTreeMap<usize, usize>,
}

impl People {
    fn fresh(&mut self) -> Person {
        self.next = self.next.saturating_add(1);
        Person::new(self.next)
    }

    /// Somebody who buys for so much: now and then who bought before.
    fn regular(&mut self, cents: u64, rng: &mut Rng) -> Person {
        let chosen = rng.below(self.regulars.len().saturating_mul(2).max(1));
        if let Some((number, spent)) = self.regulars.get_mut(chosen)
            && spent.saturating_add(cents) <= REGULAR_CENTS_MAX
        {
            *spent = spent.saturating_add(cents);
            return Person::new(*number);
        }
        let person = self.fresh();
        self.regulars.push((self.next, cents));
        person
    }

    fn of_group(&mut self, group: usize) -> Person {
        if let Some(number) = self.dear.get(&group) {
            return Person::new(*number);
        }
        let person = self.fresh();
        self.dear.insert(group, self.next);
        person
    }
}

impl FullWorld {
    /// Writes the files into `folder`, one folder for each sender, and beside these who the
    /// organisations are, the policy, and the truth. `wrote` is told how many files are there.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write_to(&self, folder: &Path, mut wrote: impl FnMut(usize)) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("organisations.csv"), organisations_csv(members()))?;
        fs::write(folder.join("licences.csv"), licences_csv())?;
        fs::write(folder.join("policy.json"), serde_json::to_vec_pretty(&policy())?)?;
        self.truth.write_to(&folder.join(TRUTH_FILE))?;
        for (count, file) in (1usize..).zip(&self.files) {
            let own = folder.join(file.sender.as_str());
            if !own.is_dir() {
                fs::create_dir(&own)?;
            }
            fs::write(own.join(&file.name), file.bytes())?;
            wrote(count);
        }
        Ok(())
    }

    /// Generates a world. The same configuration gives the same world.
    pub fn generate(config: &FullConfig) -> Self {
        let mut rng = Rng::new(config.seed);
        // Numbers of different worlds differ, so that several fit one ledger.
        let world = rng.next() >> 32;
        let start = config.start.millis();
        let mut plans = plan::plan(config.trades, start, &mut rng);
        let mut people = People::default();
        let (mut imports, mut exports) = (Vec::new(), Vec::new());
        for (index, plan) in plans.iter().enumerate() {
            let number = format!("{world:08X}{index:07}");
            match plan.direction {
                Direction::Import => {
                    imports.push((index, new_import(number, plan, &mut people, &mut rng)));
                }
                Direction::Export => exports.push((index, new_export(number, plan, &mut rng))),
            }
        }
        share_payments(&mut imports, &plans);
        let mut told = Told::default();
        tell_imports(&imports, &mut plans, &mut people, &mut rng, &mut told);
        tell_exports(&mut exports, &mut plans, &mut rng, &mut told);
        let mut typed = take_in(&imports, &plans, start, &mut rng, &mut told);
        let mut entries = Entries::default();
        let nobodys = nobodys_export(format!("{world:08X}{:07}", config.trades), start, &mut rng);
        let scene = Scene {
            imports: &imports,
            exports: &exports,
            plans: &plans,
            truths: &told.truths,
            start,
            nobodys: &nobodys,
        };
        entries.record(&scene, &mut rng);
        let (entries, acts, drafts) = entries.into_parts();
        told.drafts.extend(drafts);
        typed.extend(acts);
        told.into_world(config, entries, typed, &mut rng)
    }
}

/// The organisations as a table: code, name, roles, park, status.
fn organisations_csv(members: Vec<Member>) -> String {
    let lines = members.into_iter().map(|member| {
        let roles: Vec<String> = member.roles.iter().map(|role| role_name(*role)).collect();
        let status = format!("{:?}", member.status).to_lowercase();
        let (code, name, park) = (member.code, member.name, member.park.unwrap_or_default());
        format!("{code},{name},{},{park},{status}\n", roles.join("+"))
    });
    let head = "code,name,roles,park,status\n".to_owned();
    std::iter::once(head).chain(lines).collect()
}

/// The licences as a table: code, what the licence is for, number, first day and last day.
fn licences_csv() -> String {
    let of_member = |member: Member| {
        let own = licences(member.code).into_iter().map(move |licence| {
            let until = licence.until.map(|until| until.to_string()).unwrap_or_default();
            let (kind, number, from) = (licence.kind.name(), licence.number, licence.from);
            format!("{},{kind},{number},{from},{until}\n", member.code)
        });
        own.collect::<String>()
    };
    let head = "code,kind,number,from,until\n".to_owned();
    std::iter::once(head).chain(members().into_iter().map(of_member)).collect()
}

/// What the trades became.
#[derive(Default)]
struct Told {
    drafts: Vec<Draft>,
    truths: Vec<(usize, TradeTruth)>,
}

impl Told {
    fn into_world(
        mut self,
        config: &FullConfig,
        entries: Vec<EntryTruth>,
        typed: Vec<(&'static str, Document)>,
        rng: &mut Rng,
    ) -> FullWorld {
        let mut documents: BTreeMap<DocumentKind, usize> = BTreeMap::new();
        let kinds = self.drafts.iter().map(Draft::kind);
        for kind in kinds.chain(typed.iter().map(|(_, document)| document.kind())) {
            let count = documents.entry(kind).or_default();
            *count = count.saturating_add(1);
        }
        self.truths.sort_by_key(|(index, _)| *index);
        let trades: Vec<TradeTruth> = self.truths.into_iter().map(|(_, truth)| truth).collect();
        let (mut planted, mut benign) = (BTreeMap::new(), BTreeMap::new());
        for trade in &trades {
            let add = |count: &mut usize| *count = count.saturating_add(1);
            if let Some(fault) = trade.fault {
                add(planted.entry(fault).or_default());
            }
            if let Some(own) = trade.benign {
                add(benign.entry(own).or_default());
            }
        }
        let end = Millis(config.start.millis().0.saturating_add(WORLD_MS));
        let (seed, start, end) = (config.seed, config.start, CustomsTime::from_millis(end));
        let truth = FullTruth { seed, start, end, documents, planted, benign, trades, entries };
        FullWorld { files: arrange(self.drafts, typed, rng), truth }
    }
}

fn new_import(number: String, plan: &Plan, people: &mut People, rng: &mut Rng) -> Import {
    let mut trade = Import::new(number, plan, rng);
    match plan.fault {
        Some(FaultId::SingleLimitExceeded) => trade.sells(watches(2, 290_000)),
        Some(FaultId::StockShort) => trade.mode = "1210",
        Some(FaultId::PaymentLicenceOver) => trade.payer_firm = &LAPSED,
        Some(FaultId::CarrierWithoutLicence) => trade.carrier = &UNLICENSED,
        Some(FaultId::CancellationByStranger) if trade.declarant == trade.merchant => {
            trade.declarant = &DECLARANTS[0];
        }
        _ => {}
    }
    match plan.benign {
        Some(Benign::SinglePiece) => trade.sells(watches(1, 580_000)),
        Some(Benign::CountedAsBooked | Benign::FoundByCount) => trade.mode = "1210",
        _ => {}
    }
    // Who pays for others is attested or a fault, and must not be somebody else's attested orderer.
    let is_alone =
        plan.benign == Some(Benign::AttestedPayer) || plan.fault == Some(FaultId::PayerNotBuyer);
    let buyer = match plan.quota {
        Some((group, _)) => people.of_group(group),
        None if is_alone || plan.shared.is_some() => people.fresh(),
        None => people.regular(trade.value_cents(), rng),
    };
    trade.is_bought_by(buyer);
    match plan.benign {
        Some(Benign::AttestedPayer) => trade.payer = people.fresh(),
        Some(Benign::FamilyAddress) => trade.consignee.name = people.fresh().name,
        // Presents are sent.
        _ if rng.one_in(5) => trade.consignee = people.fresh(),
        _ => {}
    }
    trade
}

/// Two orders that one payment pays are of one buyer, on one platform, and paid by one firm.
fn share_payments(imports: &mut [(usize, Import)], plans: &[Plan]) {
    let shared = |index: usize| plans.get(index).and_then(|plan| plan.shared);
    let named: BTreeMap<usize, Import> = imports
        .iter()
        .filter_map(|(index, trade)| match shared(*index) {
            Some((pair, true)) => Some((pair, trade.clone())),
            _ => None,
        })
        .collect();
    for (index, trade) in imports {
        if let Some((pair, false)) = shared(*index)
            && let Some(first) = named.get(&pair)
        {
            trade.platform = first.platform;
            trade.payer_firm = first.payer_firm;
            trade.is_bought_by(first.buyer.clone());
        }
    }
}

fn new_export(number: String, plan: &Plan, rng: &mut Rng) -> Export {
    let mut trade = Export::new(number, plan, export_life::mode_for(plan), rng);
    if plan.fault == Some(FaultId::AboveModeLimit) {
        trade.lines.truncate(1);
        for line in &mut trade.lines {
            // Above a thousand dollars, whatever goods they are.
            line.qty = 120_000 / line.price_cents.max(1) + 1;
        }
    }
    if plan.benign == Some(Benign::SeveralParcels) {
        trade.parcels = 3;
    }
    trade
}

/// An export of a merchant who trades with nobody, twelve days after the first order.
fn nobodys_export(number: String, start: Millis, rng: &mut Rng) -> Export {
    let plan = Plan {
        direction: Direction::Export,
        fault: None,
        benign: None,
        quota: None,
        shared: None,
        is_early: true,
        begins: later(start, 12 * 24),
    };
    let mut trade = Export::new(number, &plan, Some("9610"), rng);
    trade.merchant = &LISTED;
    trade
}

/// Of trades that another trade's fault takes something from, each is used once.
fn tell_imports(
    imports: &[(usize, Import)],
    plans: &mut [Plan],
    people: &mut People,
    rng: &mut Rng,
    told: &mut Told,
) {
    let plain: Vec<&Import> = imports
        .iter()
        .filter(|(index, _)| plans.get(*index).is_some_and(Plan::is_plain))
        .map(|(_, trade)| trade)
        .collect();
    let mut victims = plain.into_iter();
    let mut shared: BTreeMap<(usize, bool), &Import> = BTreeMap::new();
    for (index, trade) in imports {
        let place = plans.get(*index).and_then(|plan| plan.shared);
        shared.extend(place.map(|place| (place, trade)));
    }
    for (index, trade) in imports {
        let Some(plan) = plans.get_mut(*index) else { continue };
        let wants = plan.fault == Some(FaultId::WaybillUsedTwice);
        let victim = if wants { victims.next() } else { None };
        if wants && victim.is_none() {
            plan.fault = None;
        }
        let other = plan.shared.map(|(pair, is_named)| (pair, !is_named));
        let partner = other.and_then(|other| shared.get(&other).copied());
        let others = Others { stranger: people.fresh(), victim, partner };
        let (drafts, truth) = import_life::live(trade, plan, &others, rng);
        told.drafts.extend(drafts);
        told.truths.push((*index, truth));
    }
}

fn tell_exports(
    exports: &mut [(usize, Export)],
    plans: &mut [Plan],
    rng: &mut Rng,
    told: &mut Told,
) {
    let is_plain = |index: usize| plans.get(index).is_some_and(Plan::is_plain);
    let plain: Vec<Export> = exports
        .iter()
        .filter(|(index, _)| is_plain(*index))
        .map(|(_, trade)| trade.clone())
        .collect();
    let mut victims: Vec<Option<&Export>> = plain.iter().map(Some).collect();
    let mut moved: Vec<(usize, Movement)> = Vec::new();
    let mut summed: Vec<usize> = Vec::new();
    for (place, (index, trade)) in exports.iter_mut().enumerate() {
        let Some(plan) = plans.get_mut(*index) else { continue };
        let mut victim = None;
        if plan::follows_another(plan.fault) {
            // The other one's list is there a day before, whoever is late.
            let is_before = |own: &&mut Option<&Export>| {
                own.is_some_and(|own| later(own.begins, 24).0 <= trade.begins.0)
            };
            victim = victims.iter_mut().find(is_before).and_then(Option::take);
            match victim {
                // With another consignor it would not be in line for the parcel.
                Some(own) => trade.merchant = own.merchant,
                None => plan.fault = None,
            }
        }
        let lived = export_life::live(trade, plan, victim, rng);
        told.drafts.extend(lived.drafts);
        told.truths.push((*index, lived.truth));
        moved.push((place, lived.movement));
        summed.extend(lived.has_result.then_some(place));
    }
    let moved: Vec<(&Export, Movement)> = moved
        .into_iter()
        .filter_map(|(place, movement)| Some((&exports.get(place)?.1, movement)))
        .collect();
    told.drafts.extend(movement::shared(&moved, rng));
    let summed = summed.into_iter().filter_map(|place| Some(&exports.get(place)?.1));
    told.drafts.extend(movement::results(&summed.collect::<Vec<_>>(), rng));
}

/// What is left of goods that are counted and that nobody else bought.
const UNSOLD: u64 = 7;

/// Goods of one account book: number and unit.
type Goods = (String, String);
/// A warehouse, and what is taken out of its account book.
type Book = (&'static Member, BTreeMap<Goods, u64>);

/// What sites take in: parcels of direct purchases, and before each wave what its bonded lists
/// take out of the account books. Which typed documents say so, by sender.
fn take_in(
    imports: &[(usize, Import)],
    plans: &[Plan],
    start: Millis,
    rng: &mut Rng,
    told: &mut Told,
) -> Vec<(&'static str, Document)> {
    // By wave, the first before the second, and by warehouse.
    let mut books: BTreeMap<(bool, &'static str), Book> = BTreeMap::new();
    let mut bills: BTreeMap<String, Vec<&Import>> = BTreeMap::new();
    for (index, trade) in imports {
        if !trade.is_bonded() {
            bills.entry(trade.bill_no()).or_default().push(trade);
            continue;
        }
        let is_early = plans.get(*index).is_some_and(|plan| plan.is_early);
        let book = books.entry((!is_early, trade.warehouse.code));
        let (_, goods) = book.or_insert_with(|| (trade.warehouse, BTreeMap::new()));
        let benign = plans.get(*index).and_then(|plan| plan.benign);
        let own = match benign {
            Some(Benign::CountedAsBooked | Benign::FoundByCount) => 1,
            _ => 0,
        };
        for line in trade.lines.iter().skip(own) {
            let key = (line.sku.item_no.to_owned(), line.sku.unit.to_owned());
            let sum = goods.entry(key).or_default();
            *sum = sum.saturating_add(line.qty);
        }
        if let (Some(Benign::CountedAsBooked), Some(line)) = (benign, trade.lines.first()) {
            let key = (trade.own_goods(), line.sku.unit.to_owned());
            goods.insert(key, line.qty.saturating_add(UNSOLD));
        }
    }
    for (bill_no, trades) in &bills {
        for chunk in trades.chunks(200) {
            let Some(first) = chunk.first() else { continue };
            let parcels: Vec<String> = chunk.iter().map(|trade| trade.logistics_no()).collect();
            let at = later(first.paid, 30);
            let draft = parcels_in(first.warehouse, first.carrier, bill_no, &parcels, at, rng);
            told.drafts.push(draft);
        }
    }
    let mut typed = Vec::new();
    for ((is_late, code), (warehouse, goods)) in books {
        let wave = if is_late { SECOND_WAVE_MS } else { 0 };
        let at = start.0.saturating_add(wave).saturating_sub(12 * HOUR_MS);
        let goods: Vec<_> =
            goods.into_iter().map(|((item, unit), qty)| (item, unit, qty)).collect();
        for chunk in goods.chunks(LINES_MAX) {
            let document = goods_in(warehouse, &CARRIERS[0], &chunk.to_vec(), Millis(at), rng);
            typed.extend(document.map(|document| (code, document)));
        }
    }
    typed
}

#[cfg(test)]
mod tests;

//! Entries of registers: what is recorded beside the trades of the full world, act by act, and
//! what a ledger must say of it.
//!
//! Customs has no messages for them, so that acts are typed documents. Those of different members
//! whose order matters keep eight hours between them, as elsewhere in this world.

mod credit;
mod goods;
mod money;
mod said;
mod words;

pub use words::{entry_findings, entry_state};

use super::super::rng::Rng;
use super::cast::{CUSTOMS, Member};
use super::draft::{Draft, HOUR_MS, later};
use super::export::Export;
use super::import::{Import, book_of};
use super::plan::Plan;
use super::truth::{Benign, EntryTruth, RejectedTruth, TradeTruth};
use super::{MERCHANTS, UNSOLD};
use kanhe_contracts::document::{
    AppStatus, AppType, Body, BookCount, CaseRef, CountedGoods, Document, EntryAct,
    OriginalSignature, StocktakeAct,
};
use kanhe_contracts::event::CaseState;
use kanhe_contracts::policy::Direction;
use kanhe_contracts::register::Register;
use kanhe_contracts::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::time::{CustomsTime, Millis};
use money::TaxWord;
use std::collections::{BTreeMap, BTreeSet};

/// For so many trades each register has its entries once; those of funds and of credit there are
/// once in a world.
const TRADES_OF_SET: usize = 400;

/// Acts, each with who does it.
type Acts = Vec<(&'static str, Document)>;

/// The entries of a world so far.
#[derive(Default)]
pub(super) struct Entries {
    truths: Vec<EntryTruth>,
    acts: Acts,
    /// Documents of trades that are refused because of what registers hold.
    drafts: Vec<Draft>,
}

/// The trades of a world, once it is known what becomes of them.
pub(super) struct Scene<'a> {
    pub(super) imports: &'a [(usize, Import)],
    pub(super) exports: &'a [(usize, Export)],
    pub(super) plans: &'a [Plan],
    pub(super) truths: &'a [(usize, TradeTruth)],
    /// When the first order is paid.
    pub(super) start: Millis,
    /// A trade that nobody makes.
    pub(super) nobodys: &'a Export,
}

impl Scene<'_> {
    /// Trades of the first wave that end in this state, and that are what `fits` says.
    fn early<'t, T>(
        &self,
        trades: &'t [(usize, T)],
        state: CaseState,
        fits: fn(&Plan) -> bool,
    ) -> Vec<&'t T> {
        let states: BTreeMap<usize, CaseState> =
            self.truths.iter().map(|(index, truth)| (*index, truth.state)).collect();
        let is_it = |index: &usize| {
            let plan = self.plans.get(*index).filter(|plan| plan.is_early && fits(plan));
            plan.is_some() && states.get(index) == Some(&state)
        };
        trades.iter().filter(|(index, _)| is_it(index)).map(|(_, trade)| trade).collect()
    }
}

/// One entry on its way into files.
struct Story {
    truth: EntryTruth,
    owner: &'static Member,
    acts: Acts,
}

impl Story {
    fn new(register: Register, owner: &'static Member, number: String) -> Self {
        let truth = EntryTruth {
            register,
            owner: owner.code.to_owned(),
            number,
            state: None,
            findings: Vec::new(),
            rejected: Vec::new(),
        };
        Self { truth, owner, acts: Vec::new() }
    }

    /// The act, on this entry.
    fn on<A>(&self, act: A) -> EntryAct<A> {
        EntryAct { owner: code(self.owner), number: self.truth.number.clone(), act }
    }

    /// Somebody does something, and it is accepted.
    fn act(&mut self, signer: &'static Member, at: Millis, body: Body, rng: &mut Rng) {
        self.acts.push((signer.code, document(at, body, rng)));
    }

    /// Somebody does something; `rejection` says how it is refused, if it is.
    fn does(
        &mut self,
        signer: &'static Member,
        at: Millis,
        body: Body,
        rejection: Option<u16>,
        rng: &mut Rng,
    ) {
        match rejection {
            None => self.act(signer, at, body, rng),
            Some(rejection) => self.refused(signer, at, body, rejection, rng),
        }
    }

    /// Somebody does something, and it is refused.
    fn refused(
        &mut self,
        signer: &'static Member,
        at: Millis,
        body: Body,
        rejection: u16,
        rng: &mut Rng,
    ) {
        let document = document(at, body, rng);
        let (guid, kind) = (document.guid.clone(), document.kind());
        self.truth.rejected.push(RejectedTruth { guid, kind, code: rejection });
        self.acts.push((signer.code, document));
    }
}

/// A member's code.
fn code(member: &Member) -> OrganisationCode {
    member.code.parse().expect("members have codes that are well formed")
}

/// A merchant that is not this one.
fn another(merchant: &Member) -> &'static Member {
    MERCHANTS.iter().find(|other| other.code != merchant.code).unwrap_or(&MERCHANTS[0])
}

/// An import, as entries name it.
fn of_import(trade: &Import) -> CaseRef {
    let (platform, order_no) = (code(trade.platform), trade.order_no());
    CaseRef { direction: Direction::Import, platform, order_no }
}

/// An export, as entries name it.
fn of_export(trade: &Export) -> CaseRef {
    let (platform, order_no) = (code(trade.platform), trade.order_no());
    CaseRef { direction: Direction::Export, platform, order_no }
}

/// An amount or quantity in hundredths.
fn hundredths(count: u64) -> Decimal {
    Decimal::from_units(i128::from(count).saturating_mul(1_000)).unwrap_or_default()
}

/// A whole quantity.
fn whole(count: u64) -> Decimal {
    hundredths(count.saturating_mul(100))
}

/// The digest of something that somebody keeps.
fn digest(rng: &mut Rng) -> Hash {
    sha256_of(rng.guid().as_bytes())
}

fn document(at: Millis, body: Body, rng: &mut Rng) -> Document {
    let app_time = CustomsTime::from_millis(at);
    let epoch = u16::try_from(app_time.year()).unwrap_or_default();
    Document {
        guid: rng.guid(),
        app_type: AppType::Add,
        app_status: AppStatus::Declared,
        app_time,
        pseudonyms: PseudonymScope { key_id: 0, epoch },
        original: None,
        original_signature: OriginalSignature::Unsigned,
        body,
    }
}

impl Entries {
    /// What must be found, the acts, and documents of trades.
    pub(super) fn into_parts(self) -> (Vec<EntryTruth>, Acts, Vec<Draft>) {
        (self.truths, self.acts, self.drafts)
    }

    /// Records what there is to record beside these trades. An entry for which there is no trade
    /// is left out.
    pub(super) fn record(&mut self, scene: &Scene<'_>, rng: &mut Rng) {
        self.count_books(scene.imports, scene.plans, rng);
        let trades = scene.imports.len().saturating_add(scene.exports.len());
        let closed = scene.early(scene.imports, CaseState::Closed, Plan::is_plain);
        let differ = scene.early(scene.imports, CaseState::Mismatched, |_| true);
        let gone = scene.early(scene.exports, CaseState::Closed, Plan::is_plain);
        let mut bills = BTreeSet::new();
        let is_first = |trade: &&&Export| bills.insert(trade.bill_no());
        let travelling: Vec<&Export> = gone.iter().filter(is_first).copied().collect();
        let (mut closed, mut differ) = (closed.into_iter(), differ.into_iter());
        let mut travelling = travelling.into_iter();
        let mut overseas = gone.iter().copied().filter(|trade| trade.mode == "9810");
        let mut settled = gone.iter().copied().filter(|trade| trade.mode != "9810");
        let mut of_parks = gone.iter().copied().filter(|trade| trade.merchant.park.is_some());
        for set in 0..trades.div_ceil(TRADES_OF_SET) {
            closed.by_ref().take(1).for_each(|own| self.dispute_to_the_end(own, rng));
            closed.by_ref().take(1).for_each(|own| self.dispute_settled(own, rng));
            closed.by_ref().take(1).for_each(|own| self.certificates(own, rng));
            closed.by_ref().take(1).for_each(|own| self.cover(own, differ.next(), rng));
            travelling.by_ref().take(1).for_each(|own| self.journey(own, rng));
            overseas.by_ref().take(1).for_each(|own| self.overseas(own, rng));
            overseas.by_ref().take(1).for_each(|own| self.receivable(own, rng));
            overseas.by_ref().take(1).for_each(|own| self.receivable_refused(own, rng));
            settled.by_ref().take(1).for_each(|own| self.netting(set, own, rng));
            for word in [TaxWord::Confirmed, TaxWord::Refused] {
                of_parks.by_ref().take(1).for_each(|own| self.exemption(own, word, rng));
            }
            let hours = u64::try_from(set).unwrap_or_default().checked_rem(48).unwrap_or_default();
            let loaded = Millis(scene.start.0.saturating_add(hours.saturating_mul(HOUR_MS)));
            let name = format!("KL{}{set}", scene.nobodys.number);
            self.cold_lot(set, &name, loaded, rng);
            self.warm_lot(set, &name, loaded, rng);
            self.deposit(set, &format!("KG{}{set}", scene.nobodys.number), loaded, rng);
        }
        if 0 < trades {
            self.fund_of(&gone, rng);
            self.credit(scene.start, scene.nobodys, rng);
        }
    }

    /// A fund of two merchants' retail exports, if there are such of one month.
    fn fund_of(&mut self, gone: &[&Export], rng: &mut Rng) {
        // The block that takes a list in may be some hours late.
        let month = |own: &Export| {
            let (at, late) = (later(own.begins, 12), later(own.begins, 20));
            Some(Month::of(at)).filter(|month| *month == Month::of(late))
        };
        let retail: Vec<&Export> =
            gone.iter().copied().filter(|own| own.mode == "9610" && month(own).is_some()).collect();
        let Some(first) = retail.first() else { return };
        let second = retail
            .iter()
            .find(|own| own.merchant.code != first.merchant.code && month(own) == month(first));
        if let Some(second) = second {
            self.fund(&format!("KF{}", first.number), (first, second), rng);
        }
    }

    fn end(&mut self, story: Story, state: &str) {
        let truth = EntryTruth { state: Some(state.to_owned()), ..story.truth };
        self.truths.push(truth);
        self.acts.extend(story.acts);
    }

    /// An entry whose first act is refused does not come to be.
    fn end_unopened(&mut self, story: Story) {
        self.truths.push(story.truth);
        self.acts.extend(story.acts);
    }

    /// Counts of goods that one list alone takes: a warehouse counts what it has left of them, and
    /// customs those that the account book lacks. Now and then a merchant counts, who may not.
    fn count_books(&mut self, imports: &[(usize, Import)], plans: &[Plan], rng: &mut Rng) {
        for (index, trade) in imports {
            let benign = plans.get(*index).and_then(|plan| plan.benign);
            let (who, qty, state) = match benign {
                Some(Benign::CountedAsBooked) => (trade.warehouse, UNSOLD, "agrees"),
                Some(Benign::FoundByCount) => {
                    let qty = trade.lines.first().map_or(0, |line| line.qty);
                    (&CUSTOMS, qty, "differs")
                }
                _ => continue,
            };
            let at = later(trade.paid, 76);
            let number = format!("KS{}", trade.number);
            if rng.one_in(4) {
                let mut story =
                    Story::new(Register::Stocktake, &MERCHANTS[0], format!("{number}M"));
                let body = Body::Stocktake(story.on(count(trade, qty, at, rng)));
                story.refused(&MERCHANTS[0], at, body, 903, rng);
                self.end_unopened(story);
            }
            let mut story = Story::new(Register::Stocktake, who, number);
            let body = Body::Stocktake(story.on(count(trade, qty, at, rng)));
            story.act(who, at, body, rng);
            if state == "differs" {
                story.truth.findings.push(trade.own_goods());
            }
            self.end(story, state);
        }
    }
}

/// So much is there of the goods that only this trade's list takes.
fn count(trade: &Import, qty: u64, at: Millis, rng: &mut Rng) -> StocktakeAct {
    let unit = trade.lines.first().map_or("", |line| line.sku.unit).to_owned();
    let line = CountedGoods { item_record_no: trade.own_goods(), unit, qty: whole(qty) };
    StocktakeAct::Count(BookCount {
        area_code: code(trade.warehouse),
        ems_no: book_of(trade.warehouse),
        counted: CustomsTime::from_millis(Millis(at.0.saturating_sub(3_600_000))),
        lines: vec![line],
        report: digest(rng),
    })
}

//! Entries of registers: what is recorded beside the trades of the full world, act by act, and
//! what a ledger must say of it.
//!
//! Customs has no messages for them, so that acts are typed documents. Those of different members
//! whose order matters keep eight hours between them, as elsewhere in this world.

mod words;

pub use words::{entry_findings, entry_state};

use super::super::rng::Rng;
use super::cast::{CUSTOMS, Member};
use super::draft::later;
use super::import::{Import, book_of};
use super::plan::Plan;
use super::truth::{Benign, EntryTruth, RejectedTruth};
use super::{MERCHANTS, UNSOLD};
use kanhe_contracts::document::{
    AppStatus, AppType, Body, BookCount, CountedGoods, Document, EntryAct, OriginalSignature,
    StocktakeAct,
};
use kanhe_contracts::register::Register;
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::time::{CustomsTime, Millis};

/// Acts, each with who does it.
type Acts = Vec<(&'static str, Document)>;

/// The entries of a world so far.
#[derive(Default)]
pub(super) struct Entries {
    truths: Vec<EntryTruth>,
    acts: Acts,
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
    /// What must be found, and the acts.
    pub(super) fn into_parts(self) -> (Vec<EntryTruth>, Acts) {
        (self.truths, self.acts)
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
    pub(super) fn count_books(
        &mut self,
        imports: &[(usize, Import)],
        plans: &[Plan],
        rng: &mut Rng,
    ) {
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

//! A plan's documents, day by day.

use super::super::clearing::goods_in;
use super::super::draft::{DAY_MS, Draft};
use super::super::export::Export;
use super::super::movement::{Movement, shared};
use super::cast::CARRIERS_OF;
use super::deal::{Sale, Way};
use super::plan::{Planned, mixed};
use super::stock::Intake;
use super::{RiskConfig, key, number};
use crate::convert::convert;
use crate::limits::DOCUMENTS_MAX;
use crate::pseudonymise::PseudonymKey;
use crate::raw::RawMessage;
use kanhe_contracts::document::{Document, DocumentKind};
use kanhe_contracts::limits::LINES_MAX;
use kanhe_types::code::OrganisationCode;
use kanhe_types::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// What a sender has within this time goes into one submission: short enough that whatever
/// depends on two senders' order keeps it.
const WINDOW_MS: u64 = 10 * 60_000;
/// Documents that name many parcels or goods stand alone in a submission.
const LARGE: [DocumentKind; 5] = [
    DocumentKind::Arrival,
    DocumentKind::Departure,
    DocumentKind::ConsolidationBill,
    DocumentKind::SummaryApplication,
    DocumentKind::WarehouseReceipt,
];

/// Documents that a sender submits together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskSubmission {
    /// When: the time of the last of them.
    pub at: Millis,
    /// Who.
    pub sender: OrganisationCode,
    /// What, in the order of their times.
    pub documents: Vec<Document>,
}

/// What is submitted on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskDay {
    /// When the day begins.
    pub begins: Millis,
    /// The submissions, by time.
    pub submissions: Vec<RiskSubmission>,
}

/// A document with who sends it when.
struct Ready {
    at: Millis,
    sender: &'static str,
    document: Document,
}

/// The days of a world, made one by one. Days without a submission are left out.
pub struct RiskDays<'a> {
    config: &'a RiskConfig,
    planned: &'a Planned,
    key: PseudonymKey,
    /// The next trade, intake and day.
    next_deal: usize,
    next_intake: usize,
    day: u64,
    /// What is ready for later days.
    waiting: BTreeMap<u64, Vec<Ready>>,
    attested: BTreeSet<usize>,
}

impl<'a> RiskDays<'a> {
    pub(super) fn new(config: &'a RiskConfig, planned: &'a Planned) -> Self {
        let first = planned.intakes.first().map(|intake| intake.at);
        let first = first.unwrap_or(config.start.millis()).min(config.start.millis());
        Self {
            config,
            planned,
            key: key(config),
            next_deal: 0,
            next_intake: 0,
            day: first.0 / DAY_MS,
            waiting: BTreeMap::new(),
            attested: BTreeSet::new(),
        }
    }

    /// How many documents are ready for later days.
    pub fn waiting(&self) -> usize {
        self.waiting.values().map(Vec::len).sum()
    }

    fn keep(&mut self, sender: &'static str, at: Millis, document: Document) {
        let day = (at.0 / DAY_MS).max(self.day);
        self.waiting.entry(day).or_default().push(Ready { at, sender, document });
    }

    fn keep_drafts(&mut self, drafts: Vec<Draft>) {
        for draft in drafts {
            let (sender, at) = (draft.sender, draft.at);
            let raw = RawMessage {
                message_type: draft.message_type,
                sender: None,
                documents: vec![draft.raw],
            };
            let made = convert(&raw, "", &self.key);
            for (_, document) in made.into_iter().filter_map(Result::ok) {
                self.keep(sender, at, document);
            }
        }
    }

    /// Makes the documents of the trades that begin on this day, and of what is taken in.
    fn make(&mut self) {
        let mut sales: Vec<(&Sale, Export)> = Vec::new();
        while let Some(deal) = self.planned.deals.get(self.next_deal)
            && deal.begins().0 / DAY_MS <= self.day
        {
            let index = self.next_deal;
            self.next_deal = index.saturating_add(1);
            let mut rng = mixed(self.config.seed, &[4, index]);
            let number = number(self.config, index);
            let drafts = match &deal.way {
                Way::Import(purchase) => {
                    let is_first = purchase.is_attested && self.attested.insert(purchase.buyer);
                    purchase.drafts(&number, is_first, &mut rng)
                }
                Way::Export(sale) => {
                    let export = sale.export(&number);
                    let drafts = sale.drafts(&export, &mut rng);
                    sales.push((sale, export));
                    drafts
                }
            };
            self.keep_drafts(drafts);
        }
        self.move_exports(&sales);
        self.take_in();
    }

    /// What the day's exports share: arrivals, bills, departures.
    fn move_exports(&mut self, sales: &[(&Sale, Export)]) {
        let moves = Movement { has_bill: true, arrives: true, departs: true, is_summed_up: false };
        let moved: Vec<(&Export, Movement)> = sales
            .iter()
            .filter(|(sale, _)| sale.is_exported)
            .map(|(_, export)| (export, moves))
            .collect();
        let day = usize::try_from(self.day).unwrap_or_default();
        let drafts = shared(&moved, &mut mixed(self.config.seed, &[5, day]));
        self.keep_drafts(drafts);
    }

    /// What warehouses take in on this day: by warehouse and time.
    fn take_in(&mut self) {
        let mut taken: BTreeMap<(&'static str, Millis), Vec<&Intake>> = BTreeMap::new();
        while let Some(intake) = self.planned.intakes.get(self.next_intake)
            && intake.at.0 / DAY_MS <= self.day
        {
            self.next_intake = self.next_intake.saturating_add(1);
            taken.entry((intake.warehouse.code, intake.at)).or_default().push(intake);
        }
        let day = usize::try_from(self.day).unwrap_or_default();
        let mut rng = mixed(self.config.seed, &[6, day]);
        for ((code, at), intakes) in taken {
            for chunk in intakes.chunks(LINES_MAX) {
                let Some(first) = chunk.first() else { continue };
                let goods = chunk.iter().map(|intake| {
                    let (record, unit) = intake.goods.clone();
                    (record, unit, intake.qty)
                });
                let (warehouse, carrier) = (first.warehouse, CARRIERS_OF.first());
                let Some(carrier) = carrier else { continue };
                let made = goods_in(warehouse, carrier, &goods.collect(), at, &mut rng);
                if let Some(mut document) = made {
                    document.pseudonyms = self.key.scope;
                    self.keep(code, at, document);
                }
            }
        }
    }

    fn is_over(&self) -> bool {
        let is_made = self.planned.deals.len() <= self.next_deal
            && self.planned.intakes.len() <= self.next_intake;
        is_made && self.waiting.is_empty()
    }
}

impl Iterator for RiskDays<'_> {
    type Item = RiskDay;

    fn next(&mut self) -> Option<RiskDay> {
        while !self.is_over() {
            self.make();
            let ready = self.waiting.remove(&self.day).unwrap_or_default();
            let begins = Millis(self.day.saturating_mul(DAY_MS));
            self.day = self.day.saturating_add(1);
            if !ready.is_empty() {
                return Some(RiskDay { begins, submissions: submissions(ready) });
            }
        }
        None
    }
}

/// Puts together what a sender has within some minutes.
fn submissions(mut ready: Vec<Ready>) -> Vec<RiskSubmission> {
    // Stable: what was made first at one time stays first.
    ready.sort_by_key(|one| (one.sender, one.at));
    let mut all: Vec<RiskSubmission> = Vec::new();
    let mut open: Option<(&'static str, Millis)> = None;
    for Ready { at, sender, document } in ready {
        let is_large = LARGE.contains(&document.kind());
        let until = |first: Millis| first.0.saturating_add(WINDOW_MS);
        let last = open.filter(|(own, first)| *own == sender && at.0 <= until(*first));
        if let (false, Some(_), Some(submission)) = (is_large, last, all.last_mut())
            && submission.documents.len() < DOCUMENTS_MAX
        {
            submission.at = at;
            submission.documents.push(document);
            continue;
        }
        let Ok(code) = sender.parse() else { continue };
        open = (!is_large).then_some((sender, at));
        all.push(RiskSubmission { at, sender: code, documents: vec![document] });
    }
    all.sort_by(|one, two| (one.at, &one.sender).cmp(&(two.at, &two.sender)));
    all
}

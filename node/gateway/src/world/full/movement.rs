//! The documents of exports that name many parcels or lists: arrivals, bills, departures,
//! summaries. What travels on one day shares them.

use super::super::rng::Rng;
use super::cast::CUSTOMS;
use super::draft::{Draft, head, time_text};
use super::export::Export;
use crate::field_table::MessageType;
use crate::raw::{RawDocument, RawFields};
use kanhe_types::time::Millis;
use std::collections::BTreeMap;

/// Days from the list to arrival and bill,
const ARRIVAL_DAYS: u64 = 2;
/// to departure,
pub(super) const DEPARTURE_DAYS: u64 = 4;
/// and to the summary.
const SUMMARY_DAYS: u64 = 12;
/// From the list to what customs makes of the summary.
pub(super) const RESULT_DAYS: u64 = 14;
/// Lists that one result sums up: each has four lines at most.
const SUMMED_MAX: usize = 100;
/// Parcels that one document names.
const PARCELS_MAX: usize = 200;

/// What an export shares with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Movement {
    pub(super) has_bill: bool,
    pub(super) arrives: bool,
    pub(super) departs: bool,
    pub(super) is_summed_up: bool,
}

/// Writes the shared documents of these exports.
pub(super) fn shared(moved: &[(&Export, Movement)], rng: &mut Rng) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let groups = |wanted: fn(&Movement) -> bool, by_merchant| {
        let mut groups: BTreeMap<_, Vec<&Export>> = BTreeMap::new();
        for (export, _) in moved.iter().filter(|(_, movement)| wanted(movement)) {
            let merchant = if by_merchant { export.merchant.code } else { "" };
            let way = (export.day, export.carrier.code, export.declarant.code, export.site.code);
            groups.entry((merchant, way)).or_default().push(export);
        }
        groups.into_values()
    };
    let mut write = |group: Vec<&Export>, one: fn(&[&Export], &mut Rng) -> Option<Draft>| {
        drafts.extend(group.chunks(PARCELS_MAX).filter_map(|chunk| one(chunk, rng)));
    };
    groups(|own| own.arrives, false).for_each(|group| write(group, arrival));
    groups(|own| own.has_bill, false).for_each(|group| write(group, bill));
    groups(|own| own.departs, false).for_each(|group| write(group, departure));
    groups(|own| own.is_summed_up, true).for_each(|group| write(group, summary));
    drafts
}

/// Customs says what it made of the summaries of these exports.
pub(super) fn results(summed: &[&Export], rng: &mut Rng) -> Vec<Draft> {
    let mut groups: BTreeMap<_, Vec<&Export>> = BTreeMap::new();
    for export in summed {
        let of = (export.merchant.code, export.day, export.declarant.code);
        groups.entry(of).or_default().push(export);
    }
    let chunks = groups.values().flat_map(|group| group.chunks(SUMMED_MAX));
    chunks
        .filter_map(|chunk| {
            let at = chunk.first()?.days_on(RESULT_DAYS);
            SummaryNumbers::new(rng).said(chunk, at, rng)
        })
        .collect()
}

fn own_number(rng: &mut Rng) -> String {
    rng.guid().chars().filter(|c| *c != '-').take(24).collect()
}

fn begun(at: Millis, rng: &mut Rng) -> RawFields {
    let mut head = head(rng.guid(), at);
    head.set("customsCode", "4999");
    head.set("copNo", own_number(rng));
    head.set("msgCount", "1");
    head.set("msgSeqNo", "1");
    head
}

fn parcels(exports: &[&Export], also: fn(&Export, &mut RawFields)) -> Vec<RawFields> {
    let numbered = (1usize..).zip(exports);
    numbered
        .map(|(number, export)| {
            let mut line = RawFields::default();
            line.set("gnum", number.to_string());
            line.set("logisticsNo", export.logistics_no());
            also(export, &mut line);
            line
        })
        .collect()
}

/// The parcels are at the site.
fn arrival(exports: &[&Export], rng: &mut Rng) -> Option<Draft> {
    let first = exports.first()?;
    let at = first.days_on(ARRIVAL_DAYS);
    let mut head = begun(at, rng);
    head.set("operatorCode", first.site.code);
    head.set("operatorName", first.site.name);
    head.set("ieFlag", "E");
    head.set("trafMode", "4");
    head.set("billNo", first.bill_no());
    head.set("domesticTrafNo", "KHTRUCK");
    head.set("logisticsCode", first.carrier.code);
    head.set("logisticsName", first.carrier.name);
    let raw = RawDocument { head, lines: parcels(exports, |_, _| {}) };
    Some(Draft { sender: first.site.code, message_type: MessageType::Ceb507, at, raw })
}

/// The parcels travel under one bill.
pub(super) fn bill(exports: &[&Export], rng: &mut Rng) -> Option<Draft> {
    let first = exports.first()?;
    let at = first.days_on(ARRIVAL_DAYS);
    let mut head = begun(at, rng);
    head.set("agentCode", first.declarant.code);
    head.set("agentName", first.declarant.name);
    head.set("trafMode", "5");
    head.set("trafName", "KH0002");
    head.set("voyageNo", "KH02");
    head.set("billNo", first.bill_no());
    head.set("grossWeight", "100");
    head.set("logisticsCode", first.carrier.code);
    head.set("logisticsName", first.carrier.name);
    let lines = parcels(exports, |export, line| line.set("invtNo", export.invt_no()));
    let raw = RawDocument { head, lines };
    Some(Draft { sender: first.declarant.code, message_type: MessageType::Ceb607, at, raw })
}

/// The parcels have left.
fn departure(exports: &[&Export], rng: &mut Rng) -> Option<Draft> {
    let first = exports.first()?;
    let at = first.days_on(DEPARTURE_DAYS);
    let mut head = begun(at, rng);
    head.set("logisticsCode", first.carrier.code);
    head.set("logisticsName", first.carrier.name);
    head.set("trafMode", "5");
    head.set("trafName", "KH0002");
    head.set("voyageNo", "KH02");
    head.set("billNo", first.bill_no());
    head.set("leaveTime", time_text(Millis(at.0.saturating_sub(3_600_000))));
    let raw = RawDocument { head, lines: parcels(exports, |_, _| {}) };
    Some(Draft { sender: first.carrier.code, message_type: MessageType::Ceb509, at, raw })
}

/// The lists of one merchant are to be summed up.
pub(super) fn summary(exports: &[&Export], rng: &mut Rng) -> Option<Draft> {
    let first = exports.first()?;
    let at = first.days_on(SUMMARY_DAYS);
    let mut head = begun(at, rng);
    name_parties(first, &mut head);
    head.set("summaryFlag", "1");
    head.set("itemNameFlag", "1");
    let lines = exports.iter().map(|export| {
        let mut line = RawFields::default();
        line.set("invtNo", export.invt_no());
        line
    });
    let raw = RawDocument { head, lines: lines.collect() };
    Some(Draft { sender: first.declarant.code, message_type: MessageType::Ceb701, at, raw })
}

/// Who declares the lists that are summed up, and whose they are.
fn name_parties(export: &Export, head: &mut RawFields) {
    head.set("agentCode", export.declarant.code);
    head.set("agentName", export.declarant.name);
    head.set("ebcCode", export.merchant.code);
    head.set("ebcName", export.merchant.name);
    head.set("declAgentCode", export.declarant.code);
    head.set("declAgentName", export.declarant.name);
}

/// Customs' numbers for what becomes one declaration.
pub(super) struct SummaryNumbers {
    application: String,
    declaration: String,
}

impl SummaryNumbers {
    pub(super) fn new(rng: &mut Rng) -> Self {
        let mut number = || own_number(rng).chars().take(18).collect::<String>();
        Self { application: number(), declaration: number() }
    }

    /// Customs says which lines went into the declaration.
    pub(super) fn said(&self, exports: &[&Export], at: Millis, rng: &mut Rng) -> Option<Draft> {
        let first = exports.first()?;
        let mut head = RawFields::default();
        head.set("guid", rng.guid());
        head.set("customsCode", "4999");
        head.set("sumNo", &self.application);
        head.set("opDate", format!("{}000", time_text(at)));
        head.set("declSeqNo", &self.declaration);
        head.set("decPreNo", &self.declaration);
        head.set("decState", "1");
        name_parties(first, &mut head);
        head.set("grossWeight", "100");
        head.set("netWeight", "90");
        head.set("msgCount", "1");
        head.set("msgSeqNo", "1");
        let of_list = |export: &&Export| -> Vec<RawFields> {
            let numbered = (1usize..).zip(&export.lines);
            let lines = numbered.map(|(number, line)| {
                let mut own = RawFields::default();
                own.set("invtNo", export.invt_no());
                own.set("logisticsNo", export.logistics_no());
                own.set("gnum", number.to_string());
                own.set("gcode", line.sku.gcode);
                own
            });
            lines.collect()
        };
        let raw = RawDocument { head, lines: exports.iter().flat_map(of_list).collect() };
        Some(Draft { sender: CUSTOMS.code, message_type: MessageType::Ceb792, at, raw })
    }
}

//! What documents of registers of goods show by themselves.

use super::check_number;
use crate::check::Faults;
use crate::document::{ColdReadings, FrozenLot, FrozenLotAct, LotDocuments, LotFacts};
use crate::limits::{DESCRIPTION_CHARS_MAX, EXCURSIONS_MAX, SHORT_NUMBER_CHARS_MAX};
use crate::rejection::Rejection;
use kanhe_types::decimal::Decimal;

/// Chapters of frozen goods: meat, fish, other products of animals, preparations of these.
const FROZEN_CHAPTERS: [&str; 4] = ["02", "03", "05", "16"];
/// What thermometers of cold chains show, in tenths of a degree Celsius.
const TENTHS: std::ops::RangeInclusive<i16> = -1_000..=600;

pub(in crate::check) fn check_frozen_lot(own: &FrozenLot, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        FrozenLotAct::Open(facts) => check_lot(facts, faults),
        FrozenLotAct::Part { of } => faults.number_of("of", of, SHORT_NUMBER_CHARS_MAX),
        FrozenLotAct::Show(documents) => {
            if documents.health.is_none() && documents.permit.is_none() {
                faults.add(Rejection::PartsMalformed, "act", "a document or two", "none");
            }
            check_documents(documents, faults);
        }
        FrozenLotAct::Readings(readings) => check_readings(readings, faults),
        FrozenLotAct::Arrive { weight, pieces, .. } => check_weight(*weight, *pieces, faults),
        FrozenLotAct::Weigh { weight, .. } => faults.not_negative("weight", *weight),
        FrozenLotAct::Split { number, weight, pieces } => {
            faults.number_of("act.number", number, SHORT_NUMBER_CHARS_MAX);
            check_weight(*weight, *pieces, faults);
        }
        FrozenLotAct::Sell { weight, .. } => faults.positive("weight", *weight),
        FrozenLotAct::Move { .. } | FrozenLotAct::Inspect { .. } | FrozenLotAct::Decide { .. } => {}
    }
}

fn check_lot(facts: &LotFacts, faults: &mut Faults) {
    faults.number("batchNo", &facts.batch_no);
    faults.text("gname", &facts.gname, DESCRIPTION_CHARS_MAX);
    faults.digits("gcode", &facts.gcode, 10);
    if !FROZEN_CHAPTERS.iter().any(|chapter| facts.gcode.starts_with(chapter)) {
        let expected = format!("a code of chapter {}", FROZEN_CHAPTERS.join(", "));
        faults.add(Rejection::CodeMalformed, "gcode", expected, "another chapter");
    }
    faults.digits("country", &facts.country, 3);
    faults.number_of("plantNo", &facts.plant_no, SHORT_NUMBER_CHARS_MAX);
    faults.number_of("containerNo", &facts.container_no, SHORT_NUMBER_CHARS_MAX);
    check_weight(facts.net_weight, facts.pieces, faults);
    if let Some(warmest) = facts.warmest_tenths {
        check_tenths("warmestTenths", warmest, faults);
    }
    check_documents(&facts.documents, faults);
}

fn check_weight(weight: Decimal, pieces: u32, faults: &mut Faults) {
    faults.positive("weight", weight);
    if pieces == 0 {
        faults.add(Rejection::NumberNotPositive, "pieces", "more than 0", 0);
    }
}

fn check_documents(documents: &LotDocuments, faults: &mut Faults) {
    if let Some(own) = &documents.health {
        faults.number("health.number", &own.number);
    }
    if let Some(own) = &documents.permit {
        faults.number("permit.number", &own.number);
    }
}

fn check_readings(own: &ColdReadings, faults: &mut Faults) {
    faults.number_of("placeNo", &own.place_no, SHORT_NUMBER_CHARS_MAX);
    if own.to <= own.from {
        let expected = format!("later than {}", own.from);
        faults.add(Rejection::DatesUnfit, "readings.to", expected, own.to);
    }
    if own.count == 0 {
        faults.add(Rejection::NumberNotPositive, "readings.count", "more than 0", 0);
    }
    check_tenths("minimumTenths", own.minimum_tenths, faults);
    check_tenths("maximumTenths", own.maximum_tenths, faults);
    if own.maximum_tenths < own.minimum_tenths {
        let expected = format!("{} or more", own.minimum_tenths);
        faults.add(Rejection::AmountUnfit, "maximumTenths", expected, own.maximum_tenths);
    }
    if EXCURSIONS_MAX < own.excursions.len() {
        let expected = format!("at most {EXCURSIONS_MAX}");
        faults.add(Rejection::PartsMalformed, "excursions", expected, own.excursions.len());
    }
    let mut after = own.from;
    for excursion in &own.excursions {
        check_tenths("peakTenths", excursion.peak_tenths, faults);
        let is_in_order =
            after <= excursion.from && excursion.from < excursion.to && excursion.to <= own.to;
        if !is_in_order {
            let expected = format!("in order from {} to {}", own.from, own.to);
            let found = format!("{} to {}", excursion.from, excursion.to);
            faults.add(Rejection::DatesUnfit, "excursions", expected, found);
        }
        after = excursion.to;
    }
}

fn check_tenths(field: &'static str, tenths: i16, faults: &mut Faults) {
    if !TENTHS.contains(&tenths) {
        let expected = format!("{} to {}", TENTHS.start(), TENTHS.end());
        faults.add(Rejection::AmountUnfit, field, expected, tenths);
    }
}

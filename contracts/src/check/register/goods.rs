//! What documents of registers of goods show by themselves.

use super::{check_case, check_number};
use crate::check::{Faults, line_field};
use crate::document::{
    ColdReadings, FrozenLot, FrozenLotAct, LotDocuments, LotFacts, OverseasStock, OverseasStockAct,
    StockMove, StockSale, Stocktake, StocktakeAct,
};
use crate::limits::{
    DESCRIPTION_CHARS_MAX, EXCURSIONS_MAX, EXPORT_LINES_MAX, ITEM_NO_CHARS_MAX, LINES_MAX,
    SHORT_NUMBER_CHARS_MAX, STOCK_GOODS_MAX,
};
use crate::rejection::Rejection;
use kanhe_types::decimal::Decimal;
use std::collections::BTreeSet;

/// Characters of an account book's number, and of goods' numbers in it.
const BOOK_NUMBER_CHARS_MAX: usize = 30;

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

/// Years of stock.
const YEARS: std::ops::RangeInclusive<u16> = 2_020..=2_099;

pub(in crate::check) fn check_stock(own: &OverseasStock, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        OverseasStockAct::Open(facts) => {
            faults.number_of("warehouseNo", &facts.warehouse_no, SHORT_NUMBER_CHARS_MAX);
            faults.text("warehouseName", &facts.warehouse_name, DESCRIPTION_CHARS_MAX);
            faults.digits("country", &facts.country, 3);
            if facts.country == "142" {
                faults.add(Rejection::CodeMalformed, "country", "one abroad", "142");
            }
            if !YEARS.contains(&facts.year) {
                let expected = format!("{} to {}", YEARS.start(), YEARS.end());
                faults.add(Rejection::DatesUnfit, "year", expected, facts.year);
            }
            if let Some(number) = &facts.continues {
                faults.number_of("continues", number, SHORT_NUMBER_CHARS_MAX);
            }
        }
        OverseasStockAct::Ship(moved) | OverseasStockAct::SendBack(moved) => {
            check_moved(moved, faults);
        }
        OverseasStockAct::Sell(sale) | OverseasStockAct::TakeBack(sale) => {
            check_sale(sale, faults);
        }
        OverseasStockAct::Scrap { lines, .. } => {
            check_articles(lines.iter().map(|line| line.item_no.as_str()), faults);
            for (index, line) in lines.iter().enumerate() {
                faults.positive(line_field(index, "qty"), line.qty);
            }
        }
        OverseasStockAct::Count { lines, .. } => {
            check_articles(lines.iter().map(|line| line.item_no.as_str()), faults);
            for (index, line) in lines.iter().enumerate() {
                faults.not_negative(line_field(index, "qty"), line.qty);
            }
        }
        OverseasStockAct::Close => {}
    }
}

fn check_moved(moved: &StockMove, faults: &mut Faults) {
    check_case(&moved.case, faults);
    let gnums: Vec<u32> = moved.lines.iter().map(|line| line.gnum).collect();
    let is_counted = (1..=EXPORT_LINES_MAX).contains(&gnums.len());
    if !is_counted || !ascends(&gnums) {
        let expected = format!("1 to {EXPORT_LINES_MAX} lines, ascending");
        faults.add(Rejection::PartsMalformed, "lines", expected, gnums.len());
    }
    for (index, line) in moved.lines.iter().enumerate() {
        faults.number_of(line_field(index, "itemNo"), &line.item_no, ITEM_NO_CHARS_MAX);
        faults.digits(line_field(index, "unit"), &line.unit, 3);
        faults.positive(line_field(index, "qty"), line.qty);
    }
}

fn check_sale(sale: &StockSale, faults: &mut Faults) {
    faults.digits("currency", &sale.currency, 3);
    check_articles(sale.lines.iter().map(|line| line.item_no.as_str()), faults);
    for (index, line) in sale.lines.iter().enumerate() {
        faults.positive(line_field(index, "qty"), line.qty);
        faults.not_negative(line_field(index, "amount"), line.amount);
    }
}

fn check_articles<'a>(numbers: impl Iterator<Item = &'a str>, faults: &mut Faults) {
    let numbers: Vec<&str> = numbers.collect();
    if !(1..=STOCK_GOODS_MAX).contains(&numbers.len()) || !ascends(&numbers) {
        let expected = format!("1 to {STOCK_GOODS_MAX} articles, ascending by number");
        faults.add(Rejection::PartsMalformed, "lines", expected, numbers.len());
    }
    for (index, number) in numbers.iter().enumerate() {
        faults.number_of(line_field(index, "itemNo"), number, ITEM_NO_CHARS_MAX);
    }
}

fn ascends<T: Ord>(values: &[T]) -> bool {
    values.windows(2).all(|pair| matches!(pair, [one, two] if one < two))
}

pub(in crate::check) fn check_stocktake(own: &Stocktake, faults: &mut Faults) {
    check_number(own, faults);
    let StocktakeAct::Count(count) = &own.act;
    faults.number_of("emsNo", &count.ems_no, BOOK_NUMBER_CHARS_MAX);
    faults.line_count(LINES_MAX, count.lines.len());
    let mut seen = BTreeSet::new();
    for (index, line) in count.lines.iter().enumerate().take(LINES_MAX) {
        let place = line_field(index, "itemRecordNo");
        faults.number_of(place, &line.item_record_no, BOOK_NUMBER_CHARS_MAX);
        faults.digits(line_field(index, "unit"), &line.unit, 3);
        faults.not_negative(line_field(index, "qty"), line.qty);
        if !seen.insert((&line.item_record_no, &line.unit)) {
            faults.add(Rejection::EntryRepeated, place, "each goods once", "again");
        }
    }
}

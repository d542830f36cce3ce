//! Statistics: what cases count for, and that cells add up to them.

use super::*;
use crate::export::{self, ExportCase};
use crate::fixture::export as own;
use crate::fixture::{code, decimal};
use crate::statistics::{Cell, Entry, Filter, Month, entries, of_export, of_import, tabulate};
use proptest::prelude::*;

/// Trades of a history.
const TRADES: u64 = 3;
/// Enough milliseconds for the next month.
const MONTH_MS: u64 = 31 * 86_400_000;

fn exporting() -> World {
    World::with(&own::exporters())
}

impl World {
    /// Sends a document of whichever direction; whether it was accepted.
    fn hears(&mut self, document: &Document) -> bool {
        let signer = match document.body {
            Body::Arrival(_) | Body::ReturnTally(_) => own::site(),
            _ => fixture::signer(&Trade::new(0), document),
        };
        matches!(self.send_as(&signer, document), Outcome::Accepted { .. })
    }

    fn month(&self) -> Month {
        Month::of(self.time)
    }

    fn entries(&self, month: Month) -> Vec<Entry> {
        entries(&self.state, month).unwrap()
    }

    fn total(&self, months: impl IntoIterator<Item = Month>) -> Cell {
        let mut total = Cell::default();
        for month in months {
            self.entries(month).iter().for_each(|entry| total.add(&entry.cell));
        }
        total
    }

    /// What all cases count for.
    fn of_cases(&self) -> Cell {
        let mut total = Cell::default();
        for key in (0..TRADES).map(|number| Trade::new(number).case_key()) {
            let import = self.find(&key).as_ref().and_then(of_import);
            let export: Option<ExportCase> = export::case(&self.state, &key).unwrap();
            let all = import.into_iter().chain(export.as_ref().and_then(of_export));
            for (_, _, cell) in all.flat_map(|one| one.cells) {
                total.add(&cell);
            }
        }
        total
    }
}

fn later(mut document: Document, app_type: AppType, minute: u64) -> Document {
    document.app_type = app_type;
    document.app_time =
        fixture::time(&format!("202611231{:01}{:02}00", 7 + minute / 60, minute % 60));
    document
}

fn export_list(document: &mut Document, change: impl FnOnce(&mut crate::document::ExportList)) {
    if let Body::ExportList(list) = &mut document.body {
        change(list);
    }
}

fn units(text: &str) -> i128 {
    decimal(text).units()
}

#[test]
fn an_export_counts_from_its_list_to_its_return() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    let documents = own::documents(&trade);
    let month = world.month();
    let counted = |world: &World| world.total([month]);
    // Order, receipt and list; the waybill is missing.
    for index in [0, 1, 3] {
        assert!(world.hears(&documents[index]));
    }
    let total = counted(&world);
    assert_eq!((total.outside.lists, total.counted.lists), (1, 0), "two conditions of three");
    assert!(world.hears(&documents[2]));
    let total = counted(&world);
    assert!(total.outside.is_zero());
    let figures = total.counted;
    assert_eq!((figures.lists, figures.parcels, figures.unvalued), (1, 1, 0));
    assert_eq!(figures.net_weight, units("2"));
    assert_eq!((figures.cny, figures.usd), (units("716"), units("100")));
    assert_eq!(total.average_ticket(), Some(units("716")));

    world.time = Millis(world.time.0 + 7_000);
    for document in &documents[4..7] {
        assert!(world.hears(document));
    }
    assert_eq!(counted(&world).average_clearance_ms(), Some(7_000), "until the departure");
    for document in &documents[7..] {
        assert!(world.hears(document));
    }
    let total = counted(&world);
    assert_eq!(total.return_share(), Some(10_000));
    assert!(0 < total.returned.cny && total.returned.cny <= total.counted.cny);
    // What a stranger says comes back of it does not count.
    let mut foreign = own::application(&trade);
    foreign.guid = foreign.guid.replace('Q', "X");
    if let Body::ExportReturn(application) = &mut foreign.body {
        application.ebc_code = fixture::code("TESTEBC002");
        application.co_el_no = "STRANGE01".to_owned();
        application.lines[0].gnum = 1;
    }
    let heard = world.send_as(&trade.declarant, &foreign);
    assert!(matches!(heard, Outcome::Accepted { .. }), "{heard:?}");
    assert_eq!(counted(&world).returned, total.returned);
    let rows = tabulate(&world.entries(month), &Filter::new(), &crate::statistics::Dimension::ALL);
    let labels: Vec<&str> = rows[0].labels.iter().map(String::as_str).collect();
    assert_eq!(labels, ["export", "9610", "69", "502", "TESTEBC001", "", "TESTEBP001"]);
    assert_eq!((rows.len(), rows[0].enterprises), (1, 1));
}

#[test]
fn an_import_counts_by_origin_and_chapter_and_with_its_dearest_goods() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.trade_with(&trade, |document| {
        list(document, |list| {
            let first = list.lines[0].clone();
            list.lines.push(crate::document::InventoryLine {
                gnum: 3,
                gcode: "0402100000".into(),
                country: "609".into(),
                total_price: decimal("99999"),
                ..first
            });
        });
    });
    let rows = tabulate(
        &world.entries(world.month()),
        &Filter::new(),
        &[crate::statistics::Dimension::Chapter],
    );
    assert_eq!(rows.len(), 2);
    let lists: Vec<i64> = rows.iter().map(|row| row.cell.counted.lists).collect();
    assert_eq!(lists, [1, 0], "with chapter 04, the dearer");
    assert_eq!(rows[0].labels, ["04"]);
    assert!(rows.iter().all(|row| row.enterprises == 1 && 0 < row.cell.counted.cny));
}

#[test]
fn trade_inside_the_country_is_outside_the_scope() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.trade_with(&trade, |document| {
        list(document, |list| {
            list.country = "142".into();
            list.lines.iter_mut().for_each(|line| line.country = "142".into());
        });
    });
    let total = world.total([world.month()]);
    assert_eq!((total.counted.lists, total.outside.lists), (0, 1));
}

#[test]
fn a_list_in_a_currency_without_a_rate_is_counted_and_not_valued() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.policy.exchange_rates.clear();
    world.trade_with(&trade, |_| {});
    let total = world.total([world.month()]);
    assert_eq!((total.counted.lists, total.counted.unvalued), (1, 1));
    assert_eq!((total.counted.cny, total.average_ticket()), (0, None));
}

#[test]
fn a_correction_is_booked_in_the_month_in_which_it_is_made() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    let documents = own::documents(&trade);
    // Without the waybill the list may still be deleted.
    for index in [0, 1, 3] {
        assert!(world.hears(&documents[index]));
    }
    let first = world.month();
    let closed = world.entries(first);
    world.time = Millis(world.time.0 + MONTH_MS);
    assert!(world.hears(&later(documents[3].clone(), AppType::Delete, 1)));
    assert_eq!(world.entries(first), closed, "a month that is over does not change");
    let correction = world.total([world.month()]);
    assert_eq!((correction.outside.lists, correction.outside.net_weight), (-1, units("-2")));
    assert_eq!(world.total([first, world.month()]), Cell::default());
}

#[test]
fn the_number_that_customs_gave_changes_no_figure() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    let documents = own::documents(&trade);
    let mut unnumbered = documents[3].clone();
    export_list(&mut unnumbered, |list| list.invt_no = None);
    for document in [&documents[0], &documents[1], &documents[2], &unnumbered] {
        assert!(world.hears(document));
    }
    let before = world.entries(world.month());
    world.time = Millis(world.time.0 + 60_000);
    assert!(world.hears(&later(documents[3].clone(), AppType::Change, 1)));
    assert_eq!(world.entries(world.month()), before);
}

#[test]
fn a_block_writes_each_page_once() {
    let mut world = world();
    let trades: Vec<Trade> = (0..20).map(Trade::new).collect();
    let all: Vec<Submission> = trades
        .iter()
        .flat_map(documents)
        .map(|document| {
            let signer = fixture::signer(&Trade::new(0), &document);
            fixture::submission(&GENESIS, &signer, 9, std::slice::from_ref(&document))
        })
        .collect();
    let effects = world.execute(&all);
    let of_statistics = |effects: &Effects| {
        effects.writes.keys().filter(|key| (0x40..0x48).contains(&key[0])).count()
    };
    // Month, codes, enterprise, page.
    assert_eq!(of_statistics(&effects), 4);
    assert_eq!(world.total([world.month()]).counted.lists, 20);
    let more: Vec<Submission> = documents(&Trade::new(20))
        .iter()
        .map(|document| {
            let signer = fixture::signer(&Trade::new(0), document);
            fixture::submission(&GENESIS, &signer, 9, std::slice::from_ref(document))
        })
        .collect();
    assert_eq!(of_statistics(&world.execute(&more)), 1, "the page is there");
}

#[test]
fn a_list_of_many_countries_and_huge_values_adds_up() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.trade_with(&trade, |document| {
        list(document, |list| {
            let first = list.lines[0].clone();
            list.lines = (1..=99u32)
                .map(|gnum| crate::document::InventoryLine {
                    gnum,
                    gcode: format!("{:02}02100000", gnum),
                    country: format!("{}", 100 + gnum),
                    total_price: decimal("99999999999999.99999"),
                    ..first.clone()
                })
                .collect();
            list.net_weight = decimal("0.00007");
        });
    });
    let all = world.entries(world.month());
    assert_eq!(all.len(), 99);
    let total = world.total([world.month()]);
    assert_eq!(total.counted.net_weight, 7);
    assert_eq!(total.counted.cny, units("99999999999999.99999") * 99);
}

/// One thing that happens in a history.
#[derive(Clone, Debug)]
enum Deed {
    /// A document of an export: which of ten, and how it is changed.
    Export { trade: u64, index: usize, app_type: AppType, variant: u8 },
    /// A document of an import: which of four, and how it is changed.
    Import { trade: u64, index: usize, app_type: AppType, variant: u8 },
    /// A month passes.
    Month,
}

fn deed() -> impl Strategy<Value = Deed> {
    let app_type = || {
        let (add, change, delete) = (AppType::Add, AppType::Change, AppType::Delete);
        prop_oneof![3 => Just(add), 2 => Just(change), 1 => Just(delete)]
    };
    let export = (0..TRADES, 0usize..10, app_type(), 0u8..4).prop_map(
        |(trade, index, app_type, variant)| Deed::Export { trade, index, app_type, variant },
    );
    let import =
        (0..TRADES, 0usize..4, app_type(), 0u8..4).prop_map(|(trade, index, app_type, variant)| {
            Deed::Import { trade, index, app_type, variant }
        });
    prop_oneof![6 => export, 4 => import, 1 => Just(Deed::Month)]
}

/// The document of a deed, if it is one.
fn document_of(deed: &Deed, minute: u64) -> Option<Document> {
    let (mut document, app_type, variant) = match *deed {
        Deed::Export { trade, index, app_type, variant } => {
            (own::documents(&Trade::new(trade)).swap_remove(index), app_type, variant)
        }
        Deed::Import { trade, index, app_type, variant } => {
            (documents(&Trade::new(trade))[index].clone(), app_type, variant)
        }
        Deed::Month => return None,
    };
    match variant {
        1 => {
            export_list(&mut document, |list| list.lines[0].country = "303".into());
            list(&mut document, |list| list.lines[0].country = "116".into());
        }
        2 => {
            export_list(&mut document, |list| list.ebc_code = code("TESTEBC002"));
            list(&mut document, |list| list.net_weight = decimal("0.1"));
        }
        3 => export_list(&mut document, |list| list.lines[1].total_price = decimal("40.00001")),
        _ => {}
    }
    if app_type != AppType::Add || 0 < variant {
        document = later(document, app_type, minute);
    }
    Some(document)
}

proptest! {
    #[test]
    fn cells_add_up_to_the_lists_that_stand_and_closed_months_never_change(
        deeds in proptest::collection::vec(deed(), 1..60),
        in_one_block in any::<bool>(),
    ) {
        let mut world = exporting();
        let mut months = vec![world.month()];
        let mut closed: Vec<(Month, Vec<Entry>)> = Vec::new();
        let mut waiting = Vec::new();
        for (minute, deed) in (1u64..).zip(&deeds) {
            if let Some(document) = document_of(deed, minute) {
                let signer = match document.body {
                    Body::Arrival(_) | Body::ReturnTally(_) => own::site(),
                    _ => fixture::signer(&Trade::new(0), &document),
                };
                let document = std::slice::from_ref(&document);
                waiting.push(fixture::submission(&GENESIS, &signer, 1_000, document));
                if !in_one_block {
                    world.execute(&std::mem::take(&mut waiting));
                    prop_assert_eq!(world.total(months.clone()), world.of_cases());
                }
            } else {
                world.execute(&std::mem::take(&mut waiting));
                closed.push((world.month(), world.entries(world.month())));
                world.time = Millis(world.time.0 + MONTH_MS);
                months.push(world.month());
            }
        }
        world.execute(&waiting);
        prop_assert_eq!(world.total(months), world.of_cases());
        for (month, entries) in closed {
            prop_assert_eq!(world.entries(month), entries);
        }
    }
}

//! Pages without cases, and what is published.

use super::contribution::Contribution;
use super::*;
use crate::limits::STATISTICS_PAGES_MAX;
use crate::policy::Direction;
use crate::state::MemoryState;
use kanhe_types::code::OrganisationCode;
use kanhe_types::time::Millis;
use proptest::prelude::*;
use std::collections::BTreeSet;

const TIME: Millis = Millis(1_795_420_800_000);

fn code(text: &str) -> OrganisationCode {
    text.parse().unwrap()
}

fn counted(lists: i64, cny: i128) -> Cell {
    Cell { counted: Figures { lists, cny, ..Figures::default() }, ..Cell::default() }
}

fn page(platform: &str, country: u16) -> PageName {
    PageName { direction: Direction::Export, mode: 9610, platform: code(platform), country }
}

fn contribution(enterprise: &str, platform: &str, country: u16) -> Contribution {
    let cells = vec![(page(platform, country), 61, counted(1, 7))];
    Contribution { enterprise: code(enterprise), cells }
}

/// Counts in a block of its own; how many records that wrote.
fn block(state: &mut MemoryState, all: Vec<Contribution>) -> usize {
    let mut statistics = Statistics::default();
    all.into_iter().for_each(|one| statistics.moved(None, Some(one)));
    let mut writes = Vec::new();
    statistics.finish(&*state, TIME, |_| Ok(None), &mut writes).unwrap();
    let count = writes.len();
    state.apply(&writes.into_iter().collect());
    count
}

#[test]
fn what_finds_no_page_is_counted_with_the_rest() {
    let mut state = MemoryState::default();
    let month = Month::of(TIME);
    let max = u16::try_from(STATISTICS_PAGES_MAX).unwrap();
    block(&mut state, (0..max - 1).map(|country| contribution("E1", "P1", country)).collect());
    block(&mut state, (0..5).map(|country| contribution("E1", "P2", country)).collect());
    block(&mut state, (3..9).map(|country| contribution("E1", "P2", country)).collect());
    let all = entries(&state, month).unwrap();
    let rest: Vec<_> = all.iter().filter(|entry| entry.page.mode == 0).collect();
    assert_eq!(rest.len(), 1);
    // One of the first block of five found the last page.
    assert_eq!(rest[0].cell.counted.lists, 10);
    let lists: i64 = all.iter().map(|entry| entry.cell.counted.lists).sum();
    assert_eq!(lists, i64::from(max) - 1 + 5 + 6);
    assert_eq!(all.len(), STATISTICS_PAGES_MAX + 1);
}

#[test]
fn a_month_finds_all_its_enterprises() {
    let mut state = MemoryState::default();
    let names: Vec<String> = (0..600).map(|number| format!("E{number}")).collect();
    for some in names.chunks(130) {
        block(&mut state, some.iter().map(|name| contribution(name, "P1", 502)).collect());
    }
    let all = entries(&state, Month::of(TIME)).unwrap();
    let found: BTreeSet<String> = all.iter().map(|entry| entry.enterprise.to_string()).collect();
    assert_eq!(found, names.into_iter().collect());
    assert_eq!(block(&mut state, vec![contribution("E7", "P1", 502)]), 1);
    assert_eq!(block(&mut state, vec![contribution("E7", "P2", 502)]), 2, "page and its name");
}

#[test]
fn what_counts_for_nothing_new_writes_nothing() {
    let mut state = MemoryState::default();
    assert_eq!(block(&mut state, Vec::new()), 0);
    let mut statistics = Statistics::default();
    let one = || Some(contribution("E1", "P1", 502));
    statistics.moved(one(), one());
    statistics.moved(None, one());
    statistics.moved(one(), None);
    let mut writes = Vec::new();
    statistics.finish(&state, TIME, |_| Ok(None), &mut writes).unwrap();
    assert_eq!(writes, []);
}

#[test]
fn the_largest_records_fit_their_values() {
    let widest = Figures {
        lists: i64::MIN,
        parcels: i64::MIN,
        net_weight: i128::MIN,
        cny: i128::MIN,
        usd: i128::MIN,
        unvalued: i64::MIN,
    };
    let cell = Cell {
        counted: widest,
        outside: widest,
        returned: widest,
        cleared: i64::MIN,
        clearance_ms: i128::MIN,
    };
    let page = Page { cells: (0..=99).map(|chapter| (chapter, cell)).collect() };
    let bytes = kanhe_types::codec::encode(&page).len();
    assert!(bytes < 32 * 1024, "{bytes}");
    let name = PageName { mode: u16::MAX, country: u16::MAX, ..page_of_longest() };
    let pages = vec![name; STATISTICS_PAGES_MAX + 2];
    let record = EnterpriseMonth { park: Some("园".repeat(100)), pages };
    let bytes = kanhe_types::codec::encode(&record).len();
    assert!(bytes < 64 * 1024, "{bytes}");
    let mut sum = cell;
    sum.add(&cell);
    assert_eq!(sum.counted.cny, i128::MIN, "sums stop at the ends");
}

fn page_of_longest() -> PageName {
    page(&"A".repeat(18), 1)
}

/// Enterprise, mode, chapter, country, park, platform, and whether it is still active.
type Placed = (u8, u8, u8, u8, u8, u8, bool);

fn entry((enterprise, mode, chapter, country, park, platform, active): Placed) -> Entry {
    Entry {
        enterprise: code(&format!("E{enterprise}")),
        park: Some(format!("P{park}")),
        page: PageName { mode: mode.into(), ..page(&format!("P{platform}"), country.into()) },
        chapter,
        cell: if active { counted(1, 1 << (enterprise * 2)) } else { counted(-1, -1) },
    }
}

/// Which entries each published figure adds up.
fn published(entries: &[Entry], month: &PublicMonth) -> Vec<BTreeSet<usize>> {
    let mut all = vec![(0..entries.len()).collect()];
    for table in &month.tables {
        let labels: BTreeSet<&str> =
            table.rows.iter().filter_map(|row| row.label.as_deref()).collect();
        for row in &table.rows {
            let of_row = entries.iter().enumerate().filter(|(_, entry)| {
                let label = table.dimension.label(entry);
                match &row.label {
                    Some(own) => *own == label,
                    None => !labels.contains(label.as_str()),
                }
            });
            all.push(of_row.map(|(index, _)| index).collect());
        }
    }
    all
}

fn active(entries: &[Entry], some: &BTreeSet<usize>) -> usize {
    let of_some = some.iter().map(|index| &entries[*index]);
    let active = of_some.filter(|entry| entry.cell.counted.is_active());
    active.map(|entry| &entry.enterprise).collect::<BTreeSet<_>>().len()
}

#[test]
fn a_small_cell_is_not_found_by_subtraction() {
    // Seven enterprises in chapter 61, one in 62: the rest must take 61 in, or the total less 61
    // were the one's value.
    let mut all: Vec<Entry> = (0..7).map(|one| entry((one, 0, 61, 1, 0, 0, true))).collect();
    all.push(entry((7, 0, 62, 1, 0, 0, true)));
    let month = publish(&all, Direction::Export).unwrap();
    let chapters = &month.tables[1];
    assert_eq!(chapters.dimension, Dimension::Chapter);
    assert_eq!(chapters.rows.len(), 1);
    assert_eq!(chapters.rows[0].label, None);
    // Three in 62, and chapter 63 with two hides with the smaller of the others.
    all.extend([8, 9].map(|one| entry((one, 0, 62, 1, 0, 0, true))));
    all.extend([10, 11].map(|one| entry((one, 0, 63, 1, 0, 0, true))));
    let month = publish(&all, Direction::Export).unwrap();
    let labels: Vec<_> = month.tables[1].rows.iter().map(|row| row.label.as_deref()).collect();
    assert_eq!(labels, [Some("61"), None]);
    assert_eq!(month.tables[1].rows[1].enterprises, 5);
}

#[test]
fn two_tables_do_not_differ_by_one_enterprise() {
    // Everything of chapter 61 goes to country 1, and so does the one list of chapter 62: country
    // 1 less chapter 61 were that list.
    let mut all: Vec<Entry> = (0..4).map(|one| entry((one, 0, 61, 1, 0, 0, true))).collect();
    all.push(entry((4, 0, 62, 1, 0, 0, true)));
    all.extend((5..9).map(|one| entry((one, 0, 62, 2, 0, 0, true))));
    let month = publish(&all, Direction::Export).unwrap();
    let labels = |table: usize| -> Vec<_> {
        month.tables[table].rows.iter().map(|row| row.label.as_deref()).collect()
    };
    assert!(!(labels(1).contains(&Some("61")) && labels(2).contains(&Some("001"))));
}

#[test]
fn two_enterprises_publish_nothing_and_three_their_total() {
    let all: Vec<Entry> = (0..3).map(|one| entry((one, 0, one, one, one, one, true))).collect();
    assert_eq!(publish(&all[..2], Direction::Export), None);
    assert_eq!(publish(&all, Direction::Import), None);
    let month = publish(&all, Direction::Export).unwrap();
    assert_eq!((month.enterprises, month.total.counted.lists), (3, 3));
    assert!(month.tables.iter().all(|table| table.rows.len() == 1));
}

#[test]
fn returns_of_two_enterprises_are_not_published() {
    let mut all: Vec<Entry> = (0..5).map(|one| entry((one, 0, 61, 1, 0, 0, true))).collect();
    for (count, expected) in [(2, 0), (3, 3)] {
        for entry in &mut all[..count] {
            entry.cell.returned.lists = 1;
            entry.cell.cleared = 1;
        }
        let total = publish(&all, Direction::Export).unwrap().total;
        assert_eq!((total.returned.lists, total.cleared), (expected, expected));
    }
}

proptest! {
    #[test]
    fn no_difference_of_published_figures_has_fewer_than_three_enterprises(
        placed in proptest::collection::vec(
            (0u8..9, 0u8..3, 0u8..5, 0u8..5, 0u8..3, 0u8..3, proptest::bool::weighted(0.9)),
            1..40,
        ),
    ) {
        let entries: Vec<Entry> = placed.into_iter().map(entry).collect();
        let Some(month) = publish(&entries, Direction::Export) else { return Ok(()) };
        let figures = published(&entries, &month);
        for figure in &figures {
            prop_assert!(CONTRIBUTORS_MIN <= active(&entries, figure));
            for other in &figures {
                if figure.is_subset(other) && figure != other {
                    let left: BTreeSet<usize> = other.difference(figure).copied().collect();
                    prop_assert!(CONTRIBUTORS_MIN <= active(&entries, &left));
                }
            }
        }
        for table in &month.tables {
            let lists: i64 = table.rows.iter().map(|row| row.counted.lists).sum();
            prop_assert_eq!(lists, month.total.counted.lists);
            let cny: i128 = table.rows.iter().map(|row| row.counted.cny).sum();
            prop_assert_eq!(cny, month.total.counted.cny);
        }
    }
}

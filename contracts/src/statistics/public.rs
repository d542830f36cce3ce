//! What everybody may see of a month that is over.
//!
//! One total for each direction and one table for each dimension, and no free questions: whoever
//! may ask for any slice subtracts slices from each other. A row has at least three enterprises;
//! smaller ones stand together in one row for the rest, which has at least three as well, if need
//! be by taking in a row that could have been shown. Nor do two rows of different tables differ by
//! fewer than three enterprises where one contains the other.

use super::cell::{Cell, Figures};
use super::query::{Dimension, Entry};
use crate::policy::Direction;
use kanhe_types::code::OrganisationCode;
use std::collections::{BTreeMap, BTreeSet};

/// Enterprises without which nothing is published.
pub const CONTRIBUTORS_MIN: usize = 3;

/// The dimensions of public tables.
const DIMENSIONS: [Dimension; 5] =
    [Dimension::Mode, Dimension::Chapter, Dimension::Country, Dimension::Park, Dimension::Platform];

/// What is published of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicMonth {
    /// Which way the goods go.
    pub direction: Direction,
    /// Enterprises with counted lists.
    pub enterprises: u64,
    /// What is counted in all. Returns and clearance are there only where at least three
    /// enterprises have some.
    pub total: Cell,
    /// One table for each dimension.
    pub tables: Vec<PublicTable>,
}

/// A total, broken down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicTable {
    /// By what.
    pub dimension: Dimension,
    /// The rows, ascending by label, the rest last. They add up to the total.
    pub rows: Vec<PublicRow>,
}

/// A sum over at least three enterprises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicRow {
    /// Where it stands in the table's dimension; none for the rest.
    pub label: Option<String>,
    /// Enterprises with counted lists.
    pub enterprises: u64,
    /// What is counted.
    pub counted: Figures,
}

/// What is summed up under one label.
type Group<'a> = Option<&'a str>;

/// An entry with its labels.
struct Atom<'a> {
    labels: [String; 5],
    entry: &'a Entry,
}

/// What is published of a direction; nothing where fewer than three enterprises have counted lists.
pub fn publish(entries: &[Entry], direction: Direction) -> Option<PublicMonth> {
    let is_of = |entry: &&Entry| entry.page.direction == direction && !entry.cell.counted.is_zero();
    let atoms: Vec<Atom<'_>> = entries
        .iter()
        .filter(is_of)
        .map(|entry| Atom { labels: DIMENSIONS.map(|one| one.label(entry)), entry })
        .collect();
    let enterprises = contributors(atoms.iter()).len();
    if enterprises < CONTRIBUTORS_MIN {
        return None;
    }
    let mut plan = Plan::new(&atoms);
    plan.settle();
    let tables = (0..).zip(DIMENSIONS).map(|(table, dimension)| {
        let rows = plan.groups(table).into_iter().map(|(group, atoms)| {
            let mut counted = Figures::default();
            atoms.iter().for_each(|atom| counted.add(&atom.entry.cell.counted));
            let enterprises = count(contributors(atoms.into_iter()).len());
            PublicRow { label: group.map(str::to_owned), enterprises, counted }
        });
        let mut rows: Vec<PublicRow> = rows.collect();
        // The rest has no label and came first.
        let is_rest = |row: &PublicRow| row.label.is_none();
        let rest = rows.iter().take_while(|row| is_rest(row)).count();
        rows.rotate_left(rest);
        PublicTable { dimension, rows }
    });
    let tables = tables.collect();
    let total = total(entries, direction);
    Some(PublicMonth { direction, enterprises: count(enterprises), total, tables })
}

/// The total of a direction, without what fewer than three enterprises have.
fn total(entries: &[Entry], direction: Direction) -> Cell {
    let mut total = Cell::default();
    let (mut returning, mut cleared) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries.iter().filter(|entry| entry.page.direction == direction) {
        total.add(&entry.cell);
        if 0 < entry.cell.returned.lists {
            returning.insert(&entry.enterprise);
        }
        if 0 < entry.cell.cleared {
            cleared.insert(&entry.enterprise);
        }
    }
    // What is not counted says what enterprises only claim.
    total.outside = Figures::default();
    if returning.len() < CONTRIBUTORS_MIN {
        total.returned = Figures::default();
    }
    if cleared.len() < CONTRIBUTORS_MIN {
        (total.cleared, total.clearance_ms) = (0, 0);
    }
    total
}

fn count(enterprises: usize) -> u64 {
    u64::try_from(enterprises).unwrap_or(u64::MAX)
}

/// Which labels of each table stand together in the rest.
struct Plan<'a> {
    atoms: &'a [Atom<'a>],
    rest: [BTreeSet<&'a str>; 5],
}

impl<'a> Plan<'a> {
    fn new(atoms: &'a [Atom<'a>]) -> Self {
        Self { atoms, rest: Default::default() }
    }

    fn group(&self, table: usize, atom: &'a Atom<'a>) -> Group<'a> {
        let label = atom.labels.get(table).map(String::as_str).unwrap_or_default();
        let is_rest = self.rest.get(table).is_some_and(|rest| rest.contains(label));
        (!is_rest).then_some(label)
    }

    fn groups(&self, table: usize) -> BTreeMap<Group<'a>, Vec<&'a Atom<'a>>> {
        let mut groups: BTreeMap<Group<'a>, Vec<&Atom<'a>>> = BTreeMap::new();
        for atom in self.atoms {
            groups.entry(self.group(table, atom)).or_default().push(atom);
        }
        groups
    }

    /// Puts labels into the rest until nothing gives away fewer than three enterprises. Ends:
    /// every step takes a label.
    fn settle(&mut self) {
        while let Some((table, labels)) = self.next_to_hide() {
            let Some(rest) = self.rest.get_mut(table) else { return };
            rest.extend(labels);
        }
    }

    fn next_to_hide(&self) -> Option<(usize, Vec<&'a str>)> {
        (0..DIMENSIONS.len()).find_map(|table| {
            let mut labels = self.small_rows(table);
            if labels.is_empty() {
                labels.extend(self.difference(table));
            }
            (!labels.is_empty()).then_some((table, labels))
        })
    }

    /// The rows that are too small or, if the rest is, the smallest one.
    fn small_rows(&self, table: usize) -> Vec<&'a str> {
        let sizes = self.groups(table).into_iter();
        let mut sizes: Vec<(usize, Group<'a>)> =
            sizes.map(|(group, atoms)| (contributors(atoms.into_iter()).len(), group)).collect();
        sizes.sort_unstable();
        let is_small = |size: usize| size < CONTRIBUTORS_MIN;
        let is_rest_small = sizes.iter().any(|(size, group)| group.is_none() && is_small(*size));
        let rows = || sizes.iter().filter_map(|(size, group)| group.map(|label| (*size, label)));
        let small: Vec<&str> =
            rows().filter(|(size, _)| is_small(*size)).map(|(_, label)| label).collect();
        if small.is_empty() && is_rest_small {
            return rows().take(1).map(|(_, label)| label).collect();
        }
        small
    }

    /// A row of the table that, taken from a row of another table that contains it, leaves a few
    /// enterprises; if it is the rest, one of the others there.
    fn difference(&self, table: usize) -> Option<&'a str> {
        (0..DIMENSIONS.len()).filter(|other| *other != table).find_map(|other| {
            let mut inside: BTreeMap<Group<'a>, BTreeSet<Group<'a>>> = BTreeMap::new();
            let mut around: BTreeMap<Group<'a>, BTreeMap<Group<'a>, Vec<&Atom<'a>>>> =
                BTreeMap::new();
            for atom in self.atoms {
                let (own, theirs) = (self.group(table, atom), self.group(other, atom));
                inside.entry(own).or_default().insert(theirs);
                around.entry(theirs).or_default().entry(own).or_default().push(atom);
            }
            inside.iter().find_map(|(own, theirs)| {
                let container = theirs.first().filter(|_| theirs.len() == 1)?;
                let parts = around.get(container)?;
                let others = parts.iter().filter(|(part, _)| *part != own);
                let left =
                    contributors(others.clone().flat_map(|(_, atoms)| atoms.iter().copied()));
                let label = own.or_else(|| others.clone().find_map(|(part, _)| *part));
                label.filter(|_| 1 < parts.len() && left.len() < CONTRIBUTORS_MIN)
            })
        })
    }
}

/// The enterprises with counted lists among atoms.
fn contributors<'a>(atoms: impl Iterator<Item = &'a Atom<'a>>) -> BTreeSet<&'a OrganisationCode> {
    let active = atoms.filter(|atom| atom.entry.cell.counted.is_active());
    active.map(|atom| &atom.entry.enterprise).collect()
}

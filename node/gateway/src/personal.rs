//! Where pseudonyms come from: a key at hand, or answers of a service that was asked before.
//!
//! Whoever asks a service converts a message twice: with [`Wanted`], which notes what would be
//! asked, and with [`Known`], which has the answers. So the service is asked for many values at
//! once, and for each only once.

use crate::pseudonymise::{PseudonymKey, normalise};
use kanhe_types::pseudonym::{PersonalKind, Pseudonym, PseudonymScope};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Gives pseudonyms of personal values.
pub trait Pseudonymise {
    /// The scope of the pseudonyms of a document that is reported in this year; none where there
    /// is no key for it.
    fn scope(&self, year: u16) -> Option<PseudonymScope>;

    /// The pseudonym of a value, or none where normalisation leaves nothing of it.
    fn pseudonym(
        &self,
        scope: PseudonymScope,
        kind: PersonalKind,
        value: &str,
    ) -> Option<Pseudonym>;
}

impl Pseudonymise for PseudonymKey {
    fn scope(&self, _: u16) -> Option<PseudonymScope> {
        Some(self.scope)
    }

    fn pseudonym(&self, _: PseudonymScope, kind: PersonalKind, value: &str) -> Option<Pseudonym> {
        Self::pseudonym(self, kind, value)
    }
}

/// A normalised personal value, and the scope in which its pseudonym is wanted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonalValue {
    /// Under which key and for which year.
    pub scope: PseudonymScope,
    /// What kind of value.
    pub kind: PersonalKind,
    /// The value, normalised.
    pub normal: String,
}

impl fmt::Debug for PersonalValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("PersonalValue");
        shown.field("scope", &self.scope).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The scope of each year that a service has a key for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    by_year: BTreeMap<u16, PseudonymScope>,
    /// The year whose key is taken whatever a document says of its own.
    fixed: Option<u16>,
}

impl Scopes {
    /// No year has a key.
    pub const fn none() -> Self {
        Self { by_year: BTreeMap::new(), fixed: None }
    }

    /// The scope of a document that is reported in `year`.
    pub fn of_year(&self, year: u16) -> Option<PseudonymScope> {
        self.by_year.get(&self.fixed.unwrap_or(year)).copied()
    }

    /// Scopes, of which the highest number of each year counts.
    pub fn new(scopes: impl IntoIterator<Item = PseudonymScope>, fixed: Option<u16>) -> Self {
        let mut by_year: BTreeMap<u16, PseudonymScope> = BTreeMap::new();
        for scope in scopes {
            let slot = by_year.entry(scope.epoch).or_insert(scope);
            *slot = scope.max(*slot);
        }
        Self { by_year, fixed }
    }
}

/// Notes what a service would be asked; every answer is a placeholder.
pub struct Wanted<'a> {
    scopes: &'a Scopes,
    values: RefCell<BTreeSet<PersonalValue>>,
}

impl<'a> Wanted<'a> {
    /// Nothing yet.
    pub fn new(scopes: &'a Scopes) -> Self {
        Self { scopes, values: RefCell::default() }
    }

    /// What would be asked, each value once.
    pub fn into_values(self) -> BTreeSet<PersonalValue> {
        self.values.into_inner()
    }
}

impl Pseudonymise for Wanted<'_> {
    fn scope(&self, year: u16) -> Option<PseudonymScope> {
        self.scopes.of_year(year)
    }

    fn pseudonym(
        &self,
        scope: PseudonymScope,
        kind: PersonalKind,
        value: &str,
    ) -> Option<Pseudonym> {
        let normal = normalise(kind, value);
        if normal.is_empty() {
            return None;
        }
        self.values.borrow_mut().insert(PersonalValue { scope, kind, normal });
        Some(Pseudonym::default())
    }
}

/// Pseudonyms that a service has given.
pub struct Known<'a> {
    scopes: &'a Scopes,
    pseudonyms: &'a BTreeMap<PersonalValue, Pseudonym>,
}

impl<'a> Known<'a> {
    /// The answers to everything that [`Wanted`] noted.
    pub fn new(scopes: &'a Scopes, pseudonyms: &'a BTreeMap<PersonalValue, Pseudonym>) -> Self {
        Self { scopes, pseudonyms }
    }
}

impl Pseudonymise for Known<'_> {
    fn scope(&self, year: u16) -> Option<PseudonymScope> {
        self.scopes.of_year(year)
    }

    fn pseudonym(
        &self,
        scope: PseudonymScope,
        kind: PersonalKind,
        value: &str,
    ) -> Option<Pseudonym> {
        let normal = normalise(kind, value);
        self.pseudonyms.get(&PersonalValue { scope, kind, normal }).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(fixed: Option<u16>) -> Scopes {
        let scope = |key_id, epoch| PseudonymScope { key_id, epoch };
        Scopes::new([scope(2, 2026), scope(1, 2026), scope(1, 2027)], fixed)
    }

    #[test]
    fn of_a_year_the_highest_number_counts_and_a_fixed_year_outweighs_the_documents() {
        let number = |scopes: Scopes, year| scopes.of_year(year).map(|scope| scope.key_id);
        assert_eq!(number(scopes(None), 2026), Some(2));
        assert_eq!(number(scopes(None), 2028), None);
        assert_eq!(number(scopes(Some(2026)), 2027), Some(2));
        assert_eq!(number(Scopes::none(), 2026), None);
    }

    #[test]
    fn what_is_wanted_is_noted_once_and_known_after_it_was_asked() {
        let scopes = scopes(None);
        let wanted = Wanted::new(&scopes);
        let scope = wanted.scope(2027).unwrap();
        for text in ["测试 某甲", "测试某甲"] {
            assert!(wanted.pseudonym(scope, PersonalKind::Name, text).is_some());
        }
        assert_eq!(wanted.pseudonym(scope, PersonalKind::Telephone, "无"), None);
        let values = wanted.into_values();
        assert_eq!(values.len(), 1);
        assert!(!format!("{values:?}").contains("某甲"));
        let answers: BTreeMap<_, _> =
            values.into_iter().map(|value| (value, Pseudonym([9; 16]))).collect();
        let known = Known::new(&scopes, &answers);
        let pseudonym = |kind, text| known.pseudonym(scope, kind, text);
        assert_eq!(pseudonym(PersonalKind::Name, "测试某甲 "), Some(Pseudonym([9; 16])));
        assert_eq!(pseudonym(PersonalKind::Address, "测试某甲"), None);
    }
}

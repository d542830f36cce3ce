//! Merchants whose documents are due sooner than the policy says of all, because of their grade.

use super::observe::CaseRisk;
use super::working::Risk;
use crate::limits::SHORT_TERMS_MAX;
use crate::state::StateRead;
use crate::state_key::short_terms_key_bytes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};

/// A merchant whose supervision states fewer days for what is missing than the policy.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ShortTerm {
    /// Which.
    pub merchant: OrganisationCode,
    /// Within how many days its documents are due.
    pub days: u16,
}

/// Those that there are, ascending by merchant: one record, which is absent while there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ShortTerms(pub Vec<ShortTerm>);

impl ShortTerms {
    /// Within how many days the documents of a merchant are due, where that is sooner than the
    /// policy said when it was assessed last.
    pub fn of(&self, merchant: &OrganisationCode) -> Option<u16> {
        let place = self.0.binary_search_by(|own| own.merchant.cmp(merchant)).ok()?;
        self.0.get(place).map(|own| own.days)
    }

    /// Shortens what a case waits, if its merchant is one of these. Says whether it did. What is
    /// observed as a whole waits for nothing, and no term grows longer.
    pub(crate) fn shorten(&self, risk: &mut CaseRisk, merchant: Option<&OrganisationCode>) -> bool {
        let Some(days) = merchant.filter(|_| !risk.is_observed).and_then(|own| self.of(own)) else {
            return false;
        };
        let is_shorter = risk.collect_days.is_none_or(|known| days < known);
        if is_shorter {
            risk.collect_days = Some(days);
        }
        is_shorter
    }

    /// Puts down what an assessment says of a merchant. Says whether that changes anything: where
    /// there are as many as there may be, a new one is not.
    fn put(&mut self, merchant: &OrganisationCode, days: Option<u16>) -> bool {
        let place = self.0.binary_search_by(|own| own.merchant.cmp(merchant));
        match (place, days) {
            (Err(_), None) => false,
            (Ok(place), None) => {
                self.0.remove(place);
                true
            }
            (Ok(place), Some(days)) => match self.0.get_mut(place) {
                Some(own) if own.days != days => {
                    own.days = days;
                    true
                }
                _ => false,
            },
            (Err(place), Some(days)) => {
                let is_room = self.0.len() < SHORT_TERMS_MAX;
                if is_room {
                    self.0.insert(place, ShortTerm { merchant: merchant.clone(), days });
                }
                is_room
            }
        }
    }
}

impl<S: StateRead> Risk<'_, '_, S> {
    /// Puts down within how many days the documents of a merchant are due from the next block on,
    /// where its supervision states fewer than the policy.
    pub(super) fn keep_term(&mut self, merchant: &OrganisationCode, days: Option<u16>) {
        let shorter = days.filter(|days| u32::from(*days) < self.at.policy.collect_days);
        let Some(terms) = &mut self.terms else { return };
        if !terms.put(merchant, shorter) {
            return;
        }
        let key = short_terms_key_bytes();
        match terms.0.is_empty() {
            true => self.state.remove(key),
            false => self.state.put(key, codec::encode(terms)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::code;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn terms_are_those_that_were_put_last(
            puts in proptest::collection::vec((0u8..12, proptest::option::of(1u16..9)), 0..80),
        ) {
            let (mut terms, mut model) = (ShortTerms::default(), BTreeMap::new());
            for (number, days) in puts {
                let merchant = code(&format!("TESTM{number:05}"));
                let before = model.get(&merchant).copied();
                prop_assert_eq!(terms.put(&merchant, days), before != days);
                match days {
                    Some(days) => model.insert(merchant, days),
                    None => model.remove(&merchant),
                };
            }
            let held: Vec<_> = terms.0.iter().map(|own| (own.merchant.clone(), own.days)).collect();
            let expected: Vec<_> = model.into_iter().collect();
            prop_assert_eq!(held, expected);
        }

        #[test]
        fn a_case_waits_the_shortest_term_that_it_ever_had(
            days in proptest::collection::vec(proptest::option::of(1u16..30), 0..20),
        ) {
            let (merchant, mut risk) = (code("TESTM00001"), CaseRisk::default());
            let (mut terms, mut least) = (ShortTerms::default(), None);
            for days in days {
                terms.put(&merchant, days);
                let shorter = days.filter(|days| least.is_none_or(|least| *days < least));
                least = shorter.or(least);
                prop_assert_eq!(terms.shorten(&mut risk, Some(&merchant)), shorter.is_some());
                prop_assert_eq!(risk.collect_days, least);
            }
        }
    }

    #[test]
    fn there_are_no_more_terms_than_there_is_room_for() {
        let mut terms = ShortTerms::default();
        let merchant = |number: usize| code(&format!("TESTM{number:05}"));
        for number in 0..SHORT_TERMS_MAX {
            assert!(terms.put(&merchant(number), Some(5)));
        }
        assert!(!terms.put(&merchant(SHORT_TERMS_MAX), Some(5)));
        assert_eq!(terms.of(&merchant(SHORT_TERMS_MAX)), None);
        assert!(terms.put(&merchant(7), Some(4)), "those that are there are kept up to date");
        assert!(terms.put(&merchant(7), None));
        assert!(terms.put(&merchant(SHORT_TERMS_MAX), Some(5)));
    }
}

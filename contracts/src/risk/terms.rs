//! What merchants' grades demand of their trades: documents sooner than the policy says of all, and
//! a deposit of the tax.

use super::observe::CaseRisk;
use super::working::Risk;
use crate::limits::SUPERVISED_MERCHANTS_MAX;
use crate::policy::Measures;
use crate::state::StateRead;
use crate::state_key::supervision_terms_key_bytes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};

/// What a merchant's grade demands of its trades.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct MerchantTerms {
    /// Whose.
    pub merchant: OrganisationCode,
    /// Within how many days its documents are due, where that is sooner than the policy says.
    pub days: Option<u16>,
    /// Of the tax of its imports, how many per cent are to be deposited; never 0.
    pub deposit_per_cent: Option<u16>,
}

/// The merchants of which anything is demanded, ascending: one record, which is absent while there
/// are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct SupervisionTerms(pub Vec<MerchantTerms>);

impl SupervisionTerms {
    fn find(&self, merchant: &OrganisationCode) -> Option<&MerchantTerms> {
        let place = self.0.binary_search_by(|own| own.merchant.cmp(merchant)).ok()?;
        self.0.get(place)
    }

    /// Within how many days the documents of a merchant are due, where that is sooner than the
    /// policy said when it was assessed last.
    pub fn days_of(&self, merchant: &OrganisationCode) -> Option<u16> {
        self.find(merchant)?.days
    }

    /// How many per cent of the tax of its imports a merchant has to deposit.
    pub fn deposit_of(&self, merchant: &OrganisationCode) -> Option<u16> {
        self.find(merchant)?.deposit_per_cent
    }

    /// Shortens what a case waits, if its merchant is one of these. Says whether it did. What is
    /// observed as a whole waits for nothing, and no term grows longer.
    pub(crate) fn shorten(&self, risk: &mut CaseRisk, merchant: Option<&OrganisationCode>) -> bool {
        let merchant = merchant.filter(|_| !risk.is_observed);
        let Some(days) = merchant.and_then(|own| self.days_of(own)) else { return false };
        let is_shorter = risk.collect_days.is_none_or(|known| days < known);
        if is_shorter {
            risk.collect_days = Some(days);
        }
        is_shorter
    }

    /// Puts down what an assessment says of a merchant. Says whether that changes anything: where
    /// there are as many as there may be, a new one is not.
    fn put(&mut self, terms: MerchantTerms) -> bool {
        let is_blank = terms.days.is_none() && terms.deposit_per_cent.is_none();
        let place = self.0.binary_search_by(|own| own.merchant.cmp(&terms.merchant));
        match place {
            Err(_) if is_blank => false,
            Ok(place) if is_blank => {
                self.0.remove(place);
                true
            }
            Ok(place) => match self.0.get_mut(place) {
                Some(own) if *own != terms => {
                    *own = terms;
                    true
                }
                _ => false,
            },
            Err(place) => {
                let is_room = self.0.len() < SUPERVISED_MERCHANTS_MAX;
                if is_room {
                    self.0.insert(place, terms);
                }
                is_room
            }
        }
    }
}

impl<S: StateRead> Risk<'_, '_, S> {
    /// Puts down what a merchant's supervision demands of its trades from the next block on.
    pub(super) fn keep_terms(&mut self, merchant: &OrganisationCode, measures: Measures) {
        let shorter = |days: &u16| u32::from(*days) < self.at.policy.collect_days;
        let demanded = MerchantTerms {
            merchant: merchant.clone(),
            days: measures.deadline_days.filter(shorter),
            deposit_per_cent: measures.deposit_per_cent.filter(|share| 0 < *share),
        };
        let Some(terms) = &mut self.terms else { return };
        if !terms.put(demanded) {
            return;
        }
        let key = supervision_terms_key_bytes();
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

    fn terms_of(number: u8, days: Option<u16>, deposit_per_cent: Option<u16>) -> MerchantTerms {
        MerchantTerms { merchant: code(&format!("TESTM{number:05}")), days, deposit_per_cent }
    }

    type Put = (u8, Option<u16>, Option<u16>);

    fn puts() -> impl Strategy<Value = Vec<Put>> {
        let (days, share) = (proptest::option::of(1u16..9), proptest::option::of(1u16..=100));
        proptest::collection::vec((0u8..12, days, share), 0..80)
    }

    proptest! {
        #[test]
        fn terms_are_those_that_were_put_last(puts in puts()) {
            let (mut terms, mut model) = (SupervisionTerms::default(), BTreeMap::new());
            for (number, days, share) in puts {
                let own = terms_of(number, days, share);
                let before = model.get(&number).cloned();
                let after = (days.is_some() || share.is_some()).then(|| own.clone());
                prop_assert_eq!(terms.put(own.clone()), before != after);
                match after {
                    Some(after) => model.insert(number, after),
                    None => model.remove(&number),
                };
                prop_assert_eq!(terms.days_of(&own.merchant), days);
                prop_assert_eq!(terms.deposit_of(&own.merchant), share);
            }
            let expected: Vec<_> = model.into_values().collect();
            prop_assert_eq!(terms.0, expected);
        }

        #[test]
        fn a_case_waits_the_shortest_term_that_it_ever_had(
            days in proptest::collection::vec(proptest::option::of(1u16..30), 0..20),
        ) {
            let (merchant, mut risk) = (code("TESTM00001"), CaseRisk::default());
            let (mut terms, mut least) = (SupervisionTerms::default(), None);
            for days in days {
                terms.put(terms_of(1, days, Some(5)));
                let shorter = days.filter(|days| least.is_none_or(|least| *days < least));
                least = shorter.or(least);
                prop_assert_eq!(terms.shorten(&mut risk, Some(&merchant)), shorter.is_some());
                prop_assert_eq!(risk.collect_days, least);
            }
        }
    }

    #[test]
    fn there_are_no_more_terms_than_there_is_room_for() {
        let mut terms = SupervisionTerms::default();
        let own = |number: usize, days: Option<u16>| {
            let merchant = code(&format!("TESTM{number:05}"));
            MerchantTerms { merchant, days, deposit_per_cent: None }
        };
        for number in 0..SUPERVISED_MERCHANTS_MAX {
            assert!(terms.put(own(number, Some(5))));
        }
        let beyond = own(SUPERVISED_MERCHANTS_MAX, Some(5));
        assert!(!terms.put(beyond.clone()));
        assert_eq!(terms.days_of(&beyond.merchant), None);
        assert!(terms.put(own(7, Some(4))), "those that are there are kept up to date");
        assert!(terms.put(own(7, None)));
        assert!(terms.put(beyond));
    }
}

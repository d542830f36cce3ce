//! Validators and their sets. Every validator has one vote.

use crate::code::OrganisationCode;
use crate::codec::{self, Decode, Encode};
use crate::hash::{Domain, Hash};
use crate::keys::{PublicKey, Scheme};
use crate::limits::VALIDATORS_MAX;
use serde::{Deserialize, Serialize};

/// One agency's seat in the agreement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Validator {
    /// The agency's code.
    pub organisation: OrganisationCode,
    /// The key that signs votes, proposals, batches and acknowledgements.
    pub key: PublicKey,
    /// The key that its node shows on connections; always Ed25519.
    pub node: PublicKey,
}

/// The validators of a height, sorted by key without repeats.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct ValidatorSet {
    validators: Vec<Validator>,
}

/// Why validators do not form a set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidatorSetError {
    /// There are none or too many.
    #[error("expected 1 to {VALIDATORS_MAX} validators, found {found}")]
    Count {
        /// How many there are.
        found: usize,
    },
    /// A node's key is not one that connections know.
    #[error("node key {key} is not an Ed25519 key; validators' keys may be SM2, nodes' may not")]
    NodeKeyScheme {
        /// The key.
        key: PublicKey,
    },
    /// A key or a node key occurs twice.
    #[error("key {key} occurs twice among the validators")]
    RepeatedKey {
        /// The key.
        key: PublicKey,
    },
}

impl ValidatorSet {
    /// The set of these validators.
    ///
    /// # Errors
    /// When there are none, too many, or two share a key.
    pub fn new(mut validators: Vec<Validator>) -> Result<Self, ValidatorSetError> {
        if !(1..=VALIDATORS_MAX).contains(&validators.len()) {
            return Err(ValidatorSetError::Count { found: validators.len() });
        }
        let other = validators.iter().find(|one| one.node.scheme() != Scheme::Ed25519);
        if let Some(validator) = other {
            return Err(ValidatorSetError::NodeKeyScheme { key: validator.node });
        }
        validators.sort_by_key(|validator| validator.key);
        let mut keys: Vec<PublicKey> =
            validators.iter().flat_map(|validator| [validator.key, validator.node]).collect();
        keys.sort();
        let repeated = keys.windows(2).find(|pair| pair.first() == pair.last());
        if let Some([key, _]) = repeated {
            return Err(ValidatorSetError::RepeatedKey { key: *key });
        }
        Ok(Self { validators })
    }

    /// The validators in the set's order.
    pub fn validators(&self) -> &[Validator] {
        &self.validators
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.validators.len()
    }

    /// How many may be faulty without harm: fewer than a third.
    pub fn faulty_max(&self) -> usize {
        self.count().saturating_sub(1) / 3
    }

    /// How many form a quorum: more than two thirds.
    pub fn quorum(&self) -> usize {
        (self.count().saturating_mul(2) / 3).saturating_add(1)
    }

    /// The validator at `index` of the set's order.
    pub fn get(&self, index: u16) -> Option<&Validator> {
        self.validators.get(usize::from(index))
    }

    /// The index of the validator with this key.
    pub fn index_of(&self, key: &PublicKey) -> Option<u16> {
        let index = self.validators.binary_search_by_key(key, |validator| validator.key).ok()?;
        u16::try_from(index).ok()
    }

    /// The validator with this key.
    pub fn by_key(&self, key: &PublicKey) -> Option<&Validator> {
        self.index_of(key).and_then(|index| self.get(index))
    }

    /// The validator whose node shows this key on connections.
    pub fn by_node(&self, node: &PublicKey) -> Option<&Validator> {
        self.validators.iter().find(|validator| validator.node == *node)
    }

    /// The hash that headers name the set by.
    pub fn hash(&self) -> Hash {
        Hash::of(Domain::ValidatorSet, &[&codec::encode(self)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::SecretKey;

    fn validator(number: u8) -> Validator {
        Validator {
            organisation: "CUSTOMS".parse().unwrap(),
            key: PublicKey::Ed25519([number; 32]),
            node: PublicKey::Ed25519([number + 100; 32]),
        }
    }

    #[test]
    fn quorum_is_more_than_two_thirds() {
        for (count, quorum, faulty) in [(1, 1, 0), (3, 3, 0), (4, 3, 1), (7, 5, 2), (25, 17, 8)] {
            let set = ValidatorSet::new((0..count).map(validator).collect()).unwrap();
            assert_eq!((set.quorum(), set.faulty_max()), (quorum, faulty), "{count}");
        }
    }

    #[test]
    fn a_key_stands_once() {
        assert!(ValidatorSet::new(vec![validator(1), validator(1)]).is_err());
        let mut other = validator(2);
        other.node = validator(1).node;
        assert!(ValidatorSet::new(vec![validator(1), other]).is_err());
        assert!(ValidatorSet::new(vec![]).is_err());
    }

    #[test]
    fn a_validator_may_sign_with_sm2_and_its_node_may_not() {
        let sm2 = SecretKey::new(Scheme::Sm2, [1; 32]).unwrap().public_key();
        let set = ValidatorSet::new(vec![Validator { key: sm2, ..validator(1) }, validator(2)]);
        assert!(set.unwrap().by_key(&sm2).is_some());
        let refused = ValidatorSet::new(vec![Validator { node: sm2, ..validator(1) }]);
        assert_eq!(refused, Err(ValidatorSetError::NodeKeyScheme { key: sm2 }));
    }

    #[test]
    fn the_order_of_arguments_does_not_matter() {
        let one = ValidatorSet::new(vec![validator(1), validator(2)]).unwrap();
        let two = ValidatorSet::new(vec![validator(2), validator(1)]).unwrap();
        assert_eq!(one.hash(), two.hash());
        assert_eq!(one.index_of(&validator(2).key), Some(1));
    }
}

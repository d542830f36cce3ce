//! Validator sets that follow from the genesis' by headers and certificates alone.
//!
//! Each header names the set that decides its height and the set that decides the next one. Where
//! the two differ, the header hands over: whoever trusts the set of its height, and sees its
//! quorum's certificate, may trust the set behind `next_validators` from the next height on.
//!
//! # Correctness
//! Handovers may be followed without the headers between them. That assumes that of no set that
//! ever was in force a quorum's keys leaked, or were used against the chain, afterwards.

use crate::block::Header;
use crate::certificate::{Certificate, CertificateError};
use crate::codec::{Decode, Encode};
use crate::hash::Hash;
use crate::validator::ValidatorSet;
use serde::Serialize;

/// A header that names another set for the next height, with its certificate and that set.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Handover {
    /// The last header of the set that hands over.
    pub header: Header,
    /// The quorum that decided it.
    pub certificate: Certificate,
    /// The set that decides from the next height on.
    pub next: ValidatorSet,
}

/// Why a header, or a handover, is not to be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The header belongs to another chain, or names other validators than those of its height.
    #[error("the header names another {field} than that of its chain and height")]
    Header {
        /// Which field.
        field: &'static str,
    },
    /// The certificate is of another header.
    #[error("the certificate is of another block than the header")]
    OtherBlock,
    /// The certificate is not a quorum's.
    #[error("the certificate does not hold")]
    Certificate(#[source] CertificateError),
    /// A handover is not later than the one before it.
    #[error("expected a handover after height {last}, found one at height {found}")]
    Order {
        /// The last height that was handed over at.
        last: u64,
        /// The height of the refused one.
        found: u64,
    },
    /// The header hands over to nobody else.
    #[error("the header of height {height} names the same validators for the next height")]
    NoHandover {
        /// Its height.
        height: u64,
    },
    /// The set is not the one that the header names.
    #[error("the validators are not those that the header names for the next height")]
    OtherSet,
}

/// The validator sets of a chain as far as they were handed over, from the genesis' set on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedSets {
    genesis: Hash,
    /// Ascending by the first height that each decides; never empty.
    sets: Vec<Trusted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Trusted {
    from: u64,
    hash: Hash,
    set: ValidatorSet,
}

impl TrustedSets {
    /// The founding validators, whom the genesis with this hash names.
    pub fn new(genesis: Hash, founding: ValidatorSet) -> Self {
        let hash = founding.hash();
        Self { genesis, sets: vec![Trusted { from: 0, hash, set: founding }] }
    }

    /// The validators of `height`, as far as handovers were followed.
    ///
    /// # Panics
    /// Never: the founding set holds from height 0 on.
    pub fn validators_at(&self, height: u64) -> &ValidatorSet {
        &self.at(height).set
    }

    /// The first height of each set, with the set, ascending. The founding set's is 0.
    pub fn sets(&self) -> impl Iterator<Item = (u64, &ValidatorSet)> {
        self.sets.iter().map(|trusted| (trusted.from, &trusted.set))
    }

    /// Checks that the validators of its height decided `header`.
    ///
    /// # Errors
    /// Says what does not hold. A header of a set that was not handed over to is refused.
    pub fn verify(&self, header: &Header, certificate: &Certificate) -> Result<(), TrustError> {
        if header.genesis != self.genesis {
            return Err(TrustError::Header { field: "genesis" });
        }
        let trusted = self.at(header.height);
        if header.validators != trusted.hash {
            return Err(TrustError::Header { field: "validator set" });
        }
        if certificate.height != header.height || certificate.block != header.hash() {
            return Err(TrustError::OtherBlock);
        }
        certificate.verify(&self.genesis, &trusted.set).map_err(TrustError::Certificate)
    }

    /// Follows a handover: from the height after its header on, the set that it names is trusted.
    ///
    /// # Errors
    /// Says what does not hold; nothing has changed then.
    pub fn hand_over(&mut self, handover: &Handover) -> Result<(), TrustError> {
        let Handover { header, certificate, next } = handover;
        let last = self.last().from;
        if header.height < last.max(1) {
            let last = last.saturating_sub(1);
            return Err(TrustError::Order { last, found: header.height });
        }
        self.verify(header, certificate)?;
        if header.next_validators == header.validators {
            return Err(TrustError::NoHandover { height: header.height });
        }
        // A set that decodes need not be one: it must be what `new` makes of its members.
        let is_set = ValidatorSet::new(next.validators().to_vec()).as_ref() == Ok(next);
        if !is_set || next.hash() != header.next_validators {
            return Err(TrustError::OtherSet);
        }
        let from = header.height.saturating_add(1);
        self.sets.push(Trusted { from, hash: header.next_validators, set: next.clone() });
        Ok(())
    }

    fn at(&self, height: u64) -> &Trusted {
        let found = self.sets.iter().rev().find(|trusted| trusted.from <= height);
        found.expect("the founding set holds from height 0 on")
    }

    fn last(&self) -> &Trusted {
        self.sets.last().expect("there is the founding set")
    }
}

impl Header {
    /// Whether other validators decide the next height.
    pub fn hands_over(&self) -> bool {
        self.next_validators != self.validators
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Executed;
    use crate::certificate::{IndexedSignature, Vote, VoteKind};
    use crate::keys::{PublicKey, SecretKey};
    use crate::time::Millis;
    use crate::validator::Validator;

    const GENESIS: Hash = Hash([4; 32]);

    fn secret(number: u8) -> SecretKey {
        SecretKey::from_seed([number; 32])
    }

    fn set(numbers: &[u8]) -> ValidatorSet {
        let validators = numbers.iter().map(|number| Validator {
            organisation: format!("V{number}").parse().unwrap(),
            key: secret(*number).public_key(),
            node: PublicKey::Ed25519([100 + number; 32]),
        });
        ValidatorSet::new(validators.collect()).unwrap()
    }

    fn header(height: u64, of: &[u8], next: &[u8]) -> Header {
        let executed = Executed {
            height: 0,
            receipts: Hash::default(),
            events: Hash::default(),
            state: Hash::default(),
        };
        Header {
            protocol: 1,
            genesis: GENESIS,
            height,
            time: Millis(1),
            parent: Hash::default(),
            proposer: secret(1).public_key(),
            validators: set(of).hash(),
            policy: Hash::default(),
            batches: Hash::default(),
            executed,
            absent: Vec::new(),
            next_validators: set(next).hash(),
        }
    }

    /// A certificate by the first three of a set.
    fn certify(header: &Header, of: &[u8]) -> Certificate {
        let (height, round, block) = (header.height, 0, header.hash());
        let vote = Vote { height, round, kind: VoteKind::Precommit, block: Some(block) };
        let set = set(of);
        let own = |key: &PublicKey| (1..50).map(secret).find(|one| one.public_key() == *key);
        let signatures = (0u16..3).map(|validator| {
            let key = set.get(validator).unwrap().key;
            let signature = own(&key).unwrap().sign(&vote.digest(&GENESIS));
            IndexedSignature { validator, signature }
        });
        Certificate { height, round, block, signatures: signatures.collect() }
    }

    fn handover(height: u64, of: &[u8], next: &[u8]) -> Handover {
        let header = header(height, of, next);
        Handover { certificate: certify(&header, of), header, next: set(next) }
    }

    const ONE: [u8; 4] = [1, 2, 3, 4];
    const TWO: [u8; 4] = [2, 3, 4, 5];
    const THREE: [u8; 4] = [3, 4, 5, 6];

    #[test]
    fn sets_are_followed_from_handover_to_handover() {
        let mut sets = TrustedSets::new(GENESIS, set(&ONE));
        sets.hand_over(&handover(9, &ONE, &TWO)).unwrap();
        sets.hand_over(&handover(20, &TWO, &THREE)).unwrap();
        for (height, numbers) in [(1, ONE), (9, ONE), (10, TWO), (20, TWO), (21, THREE)] {
            assert_eq!(*sets.validators_at(height), set(&numbers), "height {height}");
            let header = header(height, &numbers, &numbers);
            assert_eq!(sets.verify(&header, &certify(&header, &numbers)), Ok(()));
        }
        assert_eq!(sets.sets().map(|(from, _)| from).collect::<Vec<_>>(), [0, 10, 21]);
    }

    #[test]
    fn what_the_set_of_another_height_signed_counts_for_nothing() {
        let mut sets = TrustedSets::new(GENESIS, set(&ONE));
        sets.hand_over(&handover(9, &ONE, &TWO)).unwrap();
        let field = "validator set";
        let late = header(10, &ONE, &ONE);
        let refused = sets.verify(&late, &certify(&late, &ONE));
        assert_eq!(refused, Err(TrustError::Header { field }));
        // The right set named, signed by the former one.
        let late = header(10, &TWO, &TWO);
        let refused = sets.verify(&late, &certify(&late, &ONE));
        assert!(matches!(refused, Err(TrustError::Certificate(_))), "{refused:?}");
        let early = header(9, &TWO, &TWO);
        let refused = sets.verify(&early, &certify(&early, &TWO));
        assert_eq!(refused, Err(TrustError::Header { field }));
    }

    #[test]
    fn each_part_of_a_handover_is_checked() {
        let check = |change: &dyn Fn(&mut Handover), expected: &str| {
            let mut sets = TrustedSets::new(GENESIS, set(&ONE));
            let mut changed = handover(9, &ONE, &TWO);
            change(&mut changed);
            let error = sets.hand_over(&changed).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert_eq!(sets, TrustedSets::new(GENESIS, set(&ONE)));
        };
        check(&|one| one.next = set(&THREE), "not those that the header names");
        check(&|one| one.header.genesis = Hash([1; 32]), "another genesis");
        check(&|one| one.header.height = 8, "another block");
        check(&|one| one.header.next_validators = set(&THREE).hash(), "another block");
        check(&|one| one.certificate.signatures.truncate(2), "certificate does not hold");
        check(&|one| *one = handover(9, &ONE, &ONE), "same validators");
        check(&|one| *one = handover(9, &TWO, &THREE), "another validator set");
        check(&|one| *one = handover(0, &ONE, &TWO), "after height 0");
    }

    #[test]
    fn handovers_come_in_order() {
        let mut sets = TrustedSets::new(GENESIS, set(&ONE));
        sets.hand_over(&handover(9, &ONE, &TWO)).unwrap();
        let again = sets.hand_over(&handover(9, &ONE, &THREE));
        assert_eq!(again, Err(TrustError::Order { last: 9, found: 9 }));
        // The first height of a set may be its last.
        sets.hand_over(&handover(10, &TWO, &THREE)).unwrap();
    }
}

//! Values for the tests of this crate.

use crate::message::{
    Message, PolkaCertificate, RoundCertificate, RoundCertificateKind, RoundVote, SignedVote,
};
use kanhe_types::block::{Block, Executed, Header, batches_root};
use kanhe_types::certificate::{CertifiedBatch, IndexedSignature, Proposal, Vote, VoteKind};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, SecretKey, Signature};
use kanhe_types::merkle::Salt;
use kanhe_types::submission::BatchHeader;
use kanhe_types::time::Millis;
use kanhe_types::validator::{Validator, ValidatorSet};
use std::sync::OnceLock;

pub(crate) const GENESIS: Hash = Hash([4; 32]);
pub(crate) const HEIGHT: u64 = 5;

/// The secret of the validator at an index; every set is a prefix of one order, so that the
/// indexes do not depend on the set's size.
pub(crate) fn secret(index: usize) -> SecretKey {
    keys()[index].0.clone()
}

/// Deriving keys is slow, so that they are derived once.
fn keys() -> &'static [(SecretKey, PublicKey)] {
    static KEYS: OnceLock<Vec<(SecretKey, PublicKey)>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let secrets = (1..=9u8).map(|i| SecretKey::from_seed([i; 32]));
        let mut keys: Vec<_> =
            secrets.map(|secret| (secret.clone(), secret.public_key())).collect();
        keys.sort_by_key(|(_, key)| *key);
        keys
    })
}

pub(crate) fn validators(count: usize) -> ValidatorSet {
    let validators = (0..count).map(|index| Validator {
        organisation: format!("V{index}").parse().unwrap(),
        key: keys()[index].1,
        node: PublicKey::Ed25519([index as u8; 32]),
    });
    ValidatorSet::new(validators.collect()).unwrap()
}

/// Blocks of one number share their header; copies differ in an acknowledgement.
pub(crate) fn block(number: u8, copy: u8) -> Block {
    let batch = CertifiedBatch {
        header: BatchHeader {
            author: keys()[0].1,
            number: u64::from(number),
            validators: validators(4).hash(),
            submissions: Hash([1; 32]),
            submission_count: 1,
            document_count: 1,
            salt: Salt::default(),
        },
        acknowledgements: vec![IndexedSignature {
            validator: 0,
            signature: Signature::Ed25519([copy; 64]),
        }],
    };
    let header = Header {
        protocol: 1,
        genesis: GENESIS,
        height: HEIGHT,
        time: Millis(1),
        parent: Hash([2; 32]),
        proposer: keys()[0].1,
        validators: validators(4).hash(),
        policy: Hash([3; 32]),
        batches: batches_root(&GENESIS, std::slice::from_ref(&batch)),
        executed: Executed {
            height: HEIGHT - 2,
            receipts: Hash([5; 32]),
            events: Hash([6; 32]),
            state: Hash([7; 32]),
        },
        absent: vec![],
        next_validators: validators(4).hash(),
    };
    Block { header, batches: vec![batch] }
}

pub(crate) fn vote(index: usize) -> SignedVote {
    let block = Some(block(0, 0).header.hash());
    let vote = Vote { height: HEIGHT, round: 0, kind: VoteKind::Prevote, block };
    let signature = secret(index).sign(&vote.digest(&GENESIS));
    SignedVote { vote, validator: keys()[index].1, signature }
}

pub(crate) fn proposal(index: usize) -> (Proposal, PublicKey, Signature) {
    let block = block(0, 0).header.hash();
    let proposal = Proposal { height: HEIGHT, round: 0, block, valid_round: None };
    let signature = secret(index).sign(&proposal.digest(&GENESIS));
    (proposal, keys()[index].1, signature)
}

pub(crate) fn proposal_message() -> Message {
    let (proposal, proposer, signature) = proposal(0);
    Message::Proposal { proposal, proposer, signature, block: block(0, 0) }
}

pub(crate) fn polka() -> PolkaCertificate {
    let signatures = (0..3u16)
        .map(|validator| IndexedSignature {
            validator,
            signature: vote(usize::from(validator)).signature,
        })
        .collect();
    PolkaCertificate { height: HEIGHT, round: 0, block: block(0, 0).header.hash(), signatures }
}

pub(crate) fn round_certificate() -> RoundCertificate {
    let votes = (0..2u16)
        .map(|validator| {
            let SignedVote { vote, signature, .. } = vote(usize::from(validator));
            RoundVote { validator, kind: vote.kind, block: vote.block, signature }
        })
        .collect();
    RoundCertificate { height: HEIGHT, round: 0, kind: RoundCertificateKind::Skip, votes }
}

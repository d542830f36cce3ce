//! Whether a proposed block may follow: everything that follows from the chain itself.
//!
//! The voting path and the audit share these checks. Two things are not looked at: the clock
//! (voters compare the block's time with their own) and whether batch bodies are here.

use crate::execution::first_difference;
use crate::ledger::{Ledger, LedgerError, UnknownProtocol};
use crate::store::{Column, Store};
use kanhe_contracts::governance::ScheduledSet;
use kanhe_types::block::{Block, Header, batches_root};
use kanhe_types::certificate::CertificateError;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::limits::{
    BLOCK_BATCHES_MAX, BLOCK_DOCUMENTS_MAX, EXECUTION_LAG, FORMER_SET_HEIGHTS,
};
use kanhe_types::time::Millis;
use kanhe_types::validator::ValidatorSet;
use std::collections::BTreeSet;

/// Why a block may not follow the decided chain.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The block's height is not the next.
    #[error("expected height {expected}, found {found}")]
    Height {
        /// The next height.
        expected: u64,
        /// The block's.
        found: u64,
    },
    /// The block follows other rules than those of its height.
    #[error("expected protocol {expected}, found {found}")]
    Protocol {
        /// The protocol of its height.
        expected: u16,
        /// The block's protocol.
        found: u16,
    },
    /// The block follows rules that this release does not know.
    #[error(transparent)]
    UnknownProtocol(#[from] UnknownProtocol),
    /// A hash of the header is not what the chain makes it.
    #[error("expected {field} {expected}, found {found}")]
    Hash {
        /// Which field.
        field: &'static str,
        /// What it must be.
        expected: Hash,
        /// What the header says.
        found: Hash,
    },
    /// The proposer is no validator.
    #[error("proposer {proposer} is not a validator of height {height}")]
    Proposer {
        /// Who proposed.
        proposer: PublicKey,
        /// The block's height.
        height: u64,
    },
    /// Time does not rise.
    #[error("expected a time after {parent}, found {found}")]
    Time {
        /// The parent's time.
        parent: Millis,
        /// The block's.
        found: Millis,
    },
    /// The absent validators do not ascend, are beyond the set, or leave no quorum.
    #[error("expected at most {max} ascending indexes below {count} as absent, found {found:?}")]
    Absent {
        /// How many may be absent: as many as leave a quorum.
        max: usize,
        /// How many validators there are.
        count: usize,
        /// What the header says.
        found: Vec<u16>,
    },
    /// Too many batches.
    #[error("expected at most {BLOCK_BATCHES_MAX} batches, found {found}")]
    BatchCount {
        /// How many there are.
        found: usize,
    },
    /// Too many documents.
    #[error("expected at most {BLOCK_DOCUMENTS_MAX} documents, found {found}")]
    DocumentCount {
        /// How many there are.
        found: u64,
    },
    /// A batch stands twice in the block.
    #[error("batch {digest} stands twice in the block")]
    RepeatedBatch {
        /// Which batch.
        digest: Hash,
    },
    /// A batch was ordered before.
    #[error("batch {digest} was ordered at height {height} already")]
    OrderedBefore {
        /// Which batch.
        digest: Hash,
        /// The height that ordered it.
        height: u64,
    },
    /// A quorum does not hold a batch.
    #[error("batch {digest} is not certified")]
    Batch {
        /// Which batch.
        digest: Hash,
        /// What is wrong with its certificate.
        source: CertificateError,
    },
    /// A batch was certified by validators that do not count at the block's height.
    #[error(
        "batch {digest} is certified by a validator set that was not in force within the last \
         {FORMER_SET_HEIGHTS} heights"
    )]
    FormerSet {
        /// Which batch.
        digest: Hash,
    },
    /// The header speaks of the effects of another height than it should.
    #[error("expected the effects of height {expected}, found those of height {found}")]
    ExecutedHeight {
        /// Which height's effects belong into the header.
        expected: u64,
        /// Which it states.
        found: u64,
    },
    /// This machine has not executed far enough to judge. Wait, do not refuse.
    #[error("height {needed} is needed to check the block, executed is height {executed}")]
    NotExecutedYet {
        /// The height whose effects the header states.
        needed: u64,
        /// The last height executed here.
        executed: u64,
    },
    /// The ledger cannot answer. Not the block's fault.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl BlockError {
    /// Whether the block may yet turn out right: this machine could not judge it.
    pub fn is_undecided(&self) -> bool {
        matches!(self, Self::NotExecutedYet { .. } | Self::UnknownProtocol(_) | Self::Ledger(_))
    }
}

impl<S: Store> Ledger<S> {
    /// Checks that `block` may be decided as the height after [`Self::decided_height`].
    ///
    /// # Errors
    /// Names the first thing that does not hold. [`BlockError::NotExecutedYet`] comes
    /// last, so that it is only said of blocks that are right otherwise, as far as can be told.
    pub fn check_block(&self, block: &Block) -> Result<(), BlockError> {
        let header = &block.header;
        let expected = self.decided_height() + 1;
        if header.height != expected {
            return Err(BlockError::Height { expected, found: header.height });
        }
        self.check_links(block)?;
        check_absent(header, &self.validators_at(header.height))?;
        self.check_batches(block)?;
        self.check_executed(header)
    }

    fn check_links(&self, block: &Block) -> Result<(), BlockError> {
        let header = &block.header;
        let parent = self.link(header.height - 1)?;
        let (parent, parent_time) = parent.expect("every height up to the last is decided");
        let validators = self.validators_at(header.height);
        let fields = [
            ("genesis", self.genesis, header.genesis),
            ("parent", parent, header.parent),
            ("validator set", validators.hash(), header.validators),
            ("batches root", batches_root(&self.genesis, &block.batches), header.batches),
        ];
        for (field, expected, found) in fields {
            if expected != found {
                return Err(BlockError::Hash { field, expected, found });
            }
        }
        if validators.index_of(&header.proposer).is_none() {
            let (proposer, height) = (header.proposer, header.height);
            return Err(BlockError::Proposer { proposer, height });
        }
        if header.time <= parent_time {
            return Err(BlockError::Time { parent: parent_time, found: header.time });
        }
        Ok(())
    }

    fn check_batches(&self, block: &Block) -> Result<(), BlockError> {
        let schedule = self.schedule();
        let recent = schedule.recent_validators(block.header.height);
        if BLOCK_BATCHES_MAX < block.batches.len() {
            return Err(BlockError::BatchCount { found: block.batches.len() });
        }
        if BLOCK_DOCUMENTS_MAX < block.document_count() {
            return Err(BlockError::DocumentCount { found: block.document_count() });
        }
        let mut digests = BTreeSet::new();
        for batch in &block.batches {
            let digest = batch.header.digest(&self.genesis);
            if !digests.insert(digest) {
                return Err(BlockError::RepeatedBatch { digest });
            }
            if let Some(height) = self.ordered_at(&digest)? {
                return Err(BlockError::OrderedBefore { digest, height });
            }
            let of_hash = |set: &&ScheduledSet| set.hash == batch.header.validators;
            let set = recent.iter().copied().find(of_hash);
            let Some(ScheduledSet { set, .. }) = set else {
                return Err(BlockError::FormerSet { digest });
            };
            batch
                .verify(&self.genesis, set)
                .map_err(|source| BlockError::Batch { digest, source })?;
        }
        Ok(())
    }

    fn check_executed(&self, header: &Header) -> Result<(), BlockError> {
        let theirs = &header.executed;
        let needed = header.height.saturating_sub(EXECUTION_LAG);
        if theirs.height != needed {
            return Err(BlockError::ExecutedHeight { expected: needed, found: theirs.height });
        }
        let executed = self.executed_height();
        if executed < needed {
            return Err(BlockError::NotExecutedYet { needed, executed });
        }
        let missing = || {
            let key = crate::schema::height_key(needed);
            crate::schema::corrupt(Column::Executed, &key, "an executed height is missing")
        };
        let ours = self.executed(needed)?.ok_or_else(missing)?;
        match first_difference(&ours, theirs) {
            None => self.check_rules_of(header),
            Some((field, expected, found)) => Err(BlockError::Hash { field, expected, found }),
        }
    }

    /// Checks that the header states the rules of its height and the validators of the next, which
    /// are final once [`EXECUTION_LAG`] heights before were executed.
    fn check_rules_of(&self, header: &Header) -> Result<(), BlockError> {
        self.check_protocol(header.height)?;
        let (expected, found) = (self.protocol_at(header.height), header.protocol);
        if expected != found {
            return Err(BlockError::Protocol { expected, found });
        }
        let (expected, found) = (self.policy_at(header.height).hash(), header.policy);
        if expected != found {
            return Err(BlockError::Hash { field: "policy", expected, found });
        }
        let next = header.height + 1;
        let (expected, found) = (self.schedule().validators_at(next).hash, header.next_validators);
        if expected != found {
            return Err(BlockError::Hash { field: "next validator set", expected, found });
        }
        Ok(())
    }
}

fn check_absent(header: &Header, validators: &ValidatorSet) -> Result<(), BlockError> {
    let (count, found) = (validators.count(), &header.absent);
    let max = count - validators.quorum();
    let ascends = found.is_sorted_by(|one, two| one < two);
    let within = found.last().is_none_or(|last| usize::from(*last) < count);
    match ascends && within && found.len() <= max {
        true => Ok(()),
        false => Err(BlockError::Absent { max, count, found: found.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use crate::testing::Network;
    use kanhe_types::submission::Batch;

    fn ledger(network: &Network) -> Ledger<MemoryStore> {
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1"]]);
        network.grow(&ledger, &[&["put b 2"]]);
        network.grow(&ledger, &[]);
        ledger
    }

    /// Changes the good next block, which orders `batches`, and expects `error`.
    #[track_caller]
    fn check(batches: u64, change: impl FnOnce(&mut Block), error: &str) {
        let network = Network::new();
        let ledger = ledger(&network);
        let batches: Vec<Batch> =
            (0..batches).map(|number| network.batch(100 + number, &[&["put c 3"]])).collect();
        let mut block = network.block(&ledger, &batches.iter().collect::<Vec<_>>());
        ledger.check_block(&block).expect("the unchanged block is good");
        change(&mut block);
        let found = ledger.check_block(&block).unwrap_err();
        assert!(found.to_string().contains(error), "{found}");
        assert!(!found.is_undecided());
    }

    /// Makes the header commit to the block's batches, so that they themselves are looked at.
    fn commit(block: &mut Block) {
        block.header.batches = batches_root(&block.header.genesis, &block.batches);
    }

    #[test]
    fn a_header_that_does_not_follow_is_refused() {
        check(0, |block| block.header.height = 5, "expected height 4, found 5");
        check(0, |block| block.header.height = 3, "expected height 4, found 3");
        check(0, |block| block.header.protocol = 2, "expected protocol 1, found 2");
        let other = Hash([1; 32]);
        check(0, |block| block.header.genesis = other, "expected genesis");
        check(0, |block| block.header.parent = other, "expected parent");
        check(0, |block| block.header.validators = other, "expected validator set");
        check(0, |block| block.header.policy = other, "expected policy");
        check(0, |block| block.header.next_validators = other, "expected next validator set");
        check(0, |block| block.header.batches = other, "expected batches root");
        let stranger = PublicKey::Ed25519([1; 32]);
        check(0, |block| block.header.proposer = stranger, "is not a validator of height 4");
    }

    /// A network whose state says that policy 2 and protocol 2 hold from height 3 on.
    fn changing() -> Network {
        use kanhe_contracts::governance::{PolicyRecord, ProtocolStep, ZoneRecord};
        use kanhe_contracts::policy::Policy;
        use kanhe_contracts::state_key::{policy_key_bytes, zone_key_bytes};
        let mut network = Network::new();
        let step = |version, from| ProtocolStep { version, from };
        let (policy_version, protocols) = (2, vec![step(1, 0), step(2, 3)]);
        let zone = ZoneRecord { policy_version, protocols, ..ZoneRecord::default() };
        let policy = Policy { version: 2, ..Policy::default() };
        let record = PolicyRecord { policy, from: 3, cause: None };
        let writes = &mut network.genesis.writes;
        writes.insert(zone_key_bytes(), Some(kanhe_types::codec::encode(&zone)));
        writes.insert(policy_key_bytes(2), Some(kanhe_types::codec::encode(&record)));
        network
    }

    #[test]
    fn a_program_that_does_not_know_the_rules_of_a_height_stops_before_it() {
        let network = changing();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1"]]);
        network.grow(&ledger, &[&["put b 2"]]);
        assert!(ledger.check_protocol(2).is_ok());
        let unknown = ledger.check_protocol(3).unwrap_err().to_string();
        assert!(unknown.starts_with("height 3 needs protocol 2, this program knows"), "{unknown}");
        let block = network.block(&ledger, &[]);
        assert!(ledger.check_block(&block).unwrap_err().is_undecided());
        // Even when a quorum decided it elsewhere, this program does not execute it.
        ledger.store_decision(&network.decide(block)).unwrap();
        let error = ledger.execute_next().unwrap_err();
        assert!(matches!(error, crate::ExecuteError::Protocol(_)), "{error}");
        assert_eq!(ledger.executed_height(), 2);
    }

    #[test]
    fn a_program_that_knows_the_rules_changes_them_at_their_height() {
        let network = changing();
        let mut ledger = network.open(MemoryStore::default());
        ledger.known_protocol = 2;
        network.grow(&ledger, &[&["put a 1"]]);
        network.grow(&ledger, &[&["put b 2"]]);
        let good = network.block(&ledger, &[]);
        assert_eq!(good.header.protocol, 2);
        let mut old = good.clone();
        old.header.protocol = 1;
        let error = ledger.check_block(&old).unwrap_err().to_string();
        assert_eq!(error, "expected protocol 2, found 1");
        let mut old = good.clone();
        old.header.policy = ledger.policy_at(2).hash();
        let error = ledger.check_block(&old).unwrap_err().to_string();
        assert!(error.starts_with("expected policy"), "{error}");
        ledger.check_block(&good).unwrap();
        network.grow(&ledger, &[]);
        let versions = [2, 3, 99].map(|height| ledger.policy_at(height).version);
        assert_eq!((ledger.executed_height(), versions), (3, [1, 2, 2]));
    }

    #[test]
    fn a_header_names_the_validators_of_its_height_and_of_the_next() {
        let network = Network::handing_over(4);
        let ledger = ledger(&network);
        let [before, after] = [3, 4].map(|height| ledger.validators_at(height).hash());
        assert_ne!(before, after);
        let last = ledger.header(3).unwrap().unwrap();
        assert_eq!((last.validators, last.next_validators), (before, after));
        let good = network.block(&ledger, &[]);
        assert_eq!((good.header.validators, good.header.next_validators), (after, after));
        ledger.check_block(&good).unwrap();
        let mut old = good.clone();
        old.header.validators = before;
        let error = ledger.check_block(&old).unwrap_err().to_string();
        assert!(error.starts_with("expected validator set"), "{error}");
        let mut back = good;
        back.header.next_validators = before;
        let error = ledger.check_block(&back).unwrap_err().to_string();
        assert!(error.starts_with("expected next validator set"), "{error}");
    }

    #[test]
    fn a_former_sets_batches_are_ordered_for_so_many_heights() {
        let network = Network::handing_over(4);
        let ledger = ledger(&network);
        let batch = network.batch(100, &[&["put c 3"]]);
        while ledger.decided_height() < 4 + FORMER_SET_HEIGHTS - 2 {
            network.grow(&ledger, &[]);
        }
        let block = network.block(&ledger, &[&batch]);
        assert_eq!(block.header.height, 3 + FORMER_SET_HEIGHTS);
        ledger.check_block(&block).unwrap();
        network.grow(&ledger, &[]);
        let found = ledger.check_block(&network.block(&ledger, &[&batch])).unwrap_err();
        assert!(matches!(found, BlockError::FormerSet { .. }), "{found}");
        assert!(!found.is_undecided());
    }

    #[test]
    fn who_decides_the_next_height_is_known_by_execution_or_by_the_last_header() {
        let network = Network::handing_over(4);
        let ahead = ledger(&network);
        network.grow(&ahead, &[]);
        let behind = network.open(MemoryStore::default());
        let next = |height| ahead.validators_at(height);
        for height in 1..=4 {
            assert_eq!(behind.next_validators().unwrap(), Some(next(height)), "height {height}");
            behind.store_decision(&ahead.decision(height).unwrap().unwrap()).unwrap();
        }
        // Beyond what execution tells, the header names a set that is known.
        assert_eq!((behind.executed_height(), behind.decided_height()), (0, 4));
        assert_eq!(behind.next_validators().unwrap(), Some(next(5)));
    }

    #[test]
    fn time_rises() {
        check(0, |block| block.header.time.0 -= 500, "expected a time after");
        let network = Network::new();
        let ledger = ledger(&network);
        let mut block = network.block(&ledger, &[]);
        block.header.time.0 -= 499;
        ledger.check_block(&block).expect("one millisecond after the parent is after it");
    }

    #[test]
    fn the_absent_ascend_and_leave_a_quorum() {
        for absent in [vec![4], vec![0, 1], vec![1, 1]] {
            check(0, |block| block.header.absent = absent, "as absent, found");
        }
        let network = Network::new();
        let ledger = ledger(&network);
        let mut block = network.block(&ledger, &[]);
        block.header.absent = vec![3];
        ledger.check_block(&block).expect("one of four may be absent");
    }

    #[test]
    fn effects_other_than_our_own_are_refused() {
        let other = Hash([1; 32]);
        check(0, |block| block.header.executed.state = other, "expected state root");
        check(0, |block| block.header.executed.receipts = other, "expected receipts root");
        check(0, |block| block.header.executed.events = other, "expected events root");
        check(0, |block| block.header.executed.height = 3, "expected the effects of height 2");
    }

    #[test]
    fn a_batch_is_certified_and_ordered_once() {
        check(2, |block| block.batches.swap(0, 1), "expected batches root");
        let twice = |block: &mut Block| {
            block.batches[1] = block.batches[0].clone();
            commit(block);
        };
        check(2, twice, "stands twice");
        let uncertified = |block: &mut Block| {
            block.batches[0].acknowledgements.pop();
            commit(block);
        };
        check(1, uncertified, "is not certified");

        let network = Network::new();
        let ledger = ledger(&network);
        let before = network.batch(1, &[&["put a 1"]]);
        let found = ledger.check_block(&network.block(&ledger, &[&before])).unwrap_err();
        assert!(matches!(found, BlockError::OrderedBefore { height: 1, .. }), "{found}");
    }

    #[test]
    fn as_many_batches_as_a_block_may_order_pass_and_one_more_does_not() {
        let network = Network::new();
        let ledger = ledger(&network);
        let batches: Vec<Batch> =
            (0..65).map(|number| network.batch(100 + number, &[&["put c 3"]])).collect();
        let batches: Vec<&Batch> = batches.iter().collect();
        ledger.check_block(&network.block(&ledger, &batches[..BLOCK_BATCHES_MAX])).unwrap();
        let found = ledger.check_block(&network.block(&ledger, &batches)).unwrap_err();
        assert!(matches!(found, BlockError::BatchCount { found: 65 }), "{found}");
    }

    #[test]
    fn documents_are_counted_before_signatures_are_checked() {
        let many = |documents: u64| {
            move |block: &mut Block| {
                block.batches[0].header.document_count = u32::try_from(documents).unwrap();
                commit(block);
            }
        };
        check(1, many(BLOCK_DOCUMENTS_MAX), "is not certified");
        check(1, many(BLOCK_DOCUMENTS_MAX + 1), "expected at most 200000 documents");
    }

    #[test]
    fn a_voter_that_has_not_executed_far_enough_waits() {
        let network = Network::new();
        let (ahead, behind) = (ledger(&network), network.open(MemoryStore::default()));
        for height in 1..4 {
            behind.store_decision(&ahead.decision(height).unwrap().unwrap()).unwrap();
        }
        let block = network.block(&ahead, &[]);
        let found = behind.check_block(&block).unwrap_err();
        assert!(matches!(found, BlockError::NotExecutedYet { needed: 2, executed: 0 }), "{found}");
        assert!(found.is_undecided());
    }
}

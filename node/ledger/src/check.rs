//! Whether a proposed block may follow: everything that follows from the chain itself.
//!
//! The voting path and the audit share these checks. Two things are not looked at: the clock
//! (voters compare the block's time with their own) and whether batch bodies are here.

use crate::execution::first_difference;
use crate::ledger::{Ledger, LedgerError};
use crate::store::{Column, Store};
use kanhe_types::block::{Block, Header, batches_root};
use kanhe_types::certificate::CertificateError;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::limits::{
    BLOCK_BATCHES_MAX, BLOCK_DOCUMENTS_MAX, EXECUTION_LAG, PROTOCOL_VERSION,
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
    /// The block follows rules that this release does not know.
    #[error("expected protocol {PROTOCOL_VERSION}, found {found}; another release is needed")]
    Protocol {
        /// The block's protocol.
        found: u16,
    },
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
        matches!(self, Self::NotExecutedYet { .. } | Self::Ledger(_))
    }
}

impl<S: Store> Ledger<S> {
    /// Checks that `block` may be decided as the height after [`Self::decided_height`].
    ///
    /// # Errors
    /// Names the first thing that does not hold. [`BlockError::NotExecutedYet`] comes last, so
    /// that it is only said of blocks that are right otherwise.
    pub fn check_block(&self, block: &Block) -> Result<(), BlockError> {
        let header = &block.header;
        let expected = self.decided_height() + 1;
        if header.height != expected {
            return Err(BlockError::Height { expected, found: header.height });
        }
        if header.protocol != PROTOCOL_VERSION {
            return Err(BlockError::Protocol { found: header.protocol });
        }
        self.check_links(block)?;
        let validators = self.validators_at(header.height);
        check_absent(header, &validators)?;
        self.check_batches(block, &validators)?;
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
            ("policy", self.policy_at(header.height).hash(), header.policy),
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

    fn check_batches(&self, block: &Block, validators: &ValidatorSet) -> Result<(), BlockError> {
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
            batch
                .verify(&self.genesis, validators)
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
            None => Ok(()),
            Some((field, expected, found)) => Err(BlockError::Hash { field, expected, found }),
        }
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

//! Blocks: what is ordered at one height.

use crate::certificate::{Certificate, CertifiedBatch};
use crate::codec::{self, Decode, DecodeError, Encode};
use crate::hash::{Domain, Hash, Hasher};
use crate::hidden::{self, Hidden};
use crate::keys::PublicKey;
use crate::limits::{BLOCK_BYTES_MAX, CERTIFICATE_BYTES_MAX};
use crate::merkle::{self, InclusionProof, Salt};
use crate::time::Millis;
use serde::Serialize;

/// What a block commits to. Its hash is the block's identity, and what validators vote for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Header {
    /// The rules under which the block executes; old heights re-execute under theirs for ever.
    pub protocol: u16,
    /// The genesis hash.
    pub genesis: Hash,
    /// The height, from 1; the genesis is height 0.
    pub height: u64,
    /// The proposer's clock, later than the parent's.
    pub time: Millis,
    /// The parent's header hash; for height 1 the genesis hash.
    pub parent: Hash,
    /// Who proposed the block.
    pub proposer: PublicKey,
    /// The hash of the validators that decide this height.
    pub validators: Hash,
    /// The hash of the policy in force.
    pub policy: Hash,
    /// The root of the ordered batches.
    pub batches: Hash,
    /// The effects of the block [`crate::limits::EXECUTION_LAG`] heights before.
    pub executed: Executed,
    /// The validators from whom the proposer heard no vote of the parent's height, as ascending
    /// indexes. A claim, not a proof: it only steers who proposes next.
    pub absent: Vec<u16>,
    /// The hash of the validators that decide the next height. So every certificate can be checked
    /// from the genesis on by headers alone.
    pub next_validators: Hash,
}

/// The effects of executing one height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Executed {
    /// Which height; 0 stands for the genesis.
    pub height: u64,
    /// The root of its receipts.
    pub receipts: Hash,
    /// The root of its events.
    pub events: Hash,
    /// The root of the state after it.
    pub state: Hash,
}

/// A header with the batches it orders.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Block {
    /// What the block commits to.
    pub header: Header,
    /// The batches in the order in which they execute.
    pub batches: Vec<CertifiedBatch>,
}

/// A final block: with the certificate of the quorum that decided it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Decision {
    /// What was decided.
    pub block: Block,
    /// Who decided it.
    pub certificate: Certificate,
}

impl Header {
    /// The block's identity.
    pub fn hash(&self) -> Hash {
        Hash::of(Domain::Header, &[&codec::encode(self)])
    }
}

/// The leaf of a batch in its block's tree.
pub fn batch_leaf(digest: &Hash) -> Hash {
    merkle::leaf(&Salt::default(), &digest.0)
}

fn batch_leaves(genesis: &Hash, batches: &[CertifiedBatch]) -> Vec<Hash> {
    batches.iter().map(|batch| batch_leaf(&batch.header.digest(genesis))).collect()
}

/// The secret of a block's tree: whoever knows every batch's salt knows it.
fn block_secret(batches: &[CertifiedBatch]) -> Hash {
    let mut hasher = Hasher::new(Domain::BlockSecret);
    for batch in batches {
        hasher.part(&batch.header.salt.0);
    }
    hasher.finish()
}

/// The root over ordered batches that headers carry. A block without batches has a root that
/// everybody knows.
pub fn batches_root(genesis: &Hash, batches: &[CertifiedBatch]) -> Hash {
    let secret = block_secret(batches);
    Hidden::new(hidden::BATCHES, &secret.0).tree(batch_leaves(genesis, batches)).root()
}

impl Block {
    /// Reads a block from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, BLOCK_BYTES_MAX)
    }

    /// Shows of each of these batches, by index, that it is one of the block's.
    ///
    /// # Panics
    /// If there is no such batch.
    pub fn prove_batches(&self, indexes: &[usize]) -> Vec<InclusionProof> {
        let secret = block_secret(&self.batches);
        let leaves = batch_leaves(&self.header.genesis, &self.batches);
        let tree = Hidden::new(hidden::BATCHES, &secret.0).tree(leaves);
        let prove = |index: &usize| tree.prove(*index).expect("the block has this batch");
        indexes.iter().map(prove).collect()
    }

    /// Documents of all its batches.
    pub fn document_count(&self) -> u64 {
        self.batches.iter().map(|batch| u64::from(batch.header.document_count)).sum()
    }
}

impl Decision {
    /// Reads a decision from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, BLOCK_BYTES_MAX.saturating_add(CERTIFICATE_BYTES_MAX))
    }
}

//! Blocks as one organisation sees them.

use crate::ledger::{Ledger, LedgerError};
use crate::store::Store;
use kanhe_types::block::Decision;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::limits::REDACTED_BYTES_TARGET;
use kanhe_types::redacted::{
    RedactedBatch, RedactedBlock, RedactedSubmission, ShownChange, ShownReceipt,
};
use kanhe_types::submission::Batch;
use kanhe_types::validator::ValidatorSet;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Bytes of a receipt with its path to the root, about.
const SHOWN_RECEIPT_BYTES: usize = 900;

/// A decided height with the bodies of its batches, as several readers ask for it.
#[derive(Clone, Debug)]
pub struct WholeBlock {
    /// What was decided.
    pub decision: Decision,
    /// The bodies, in the order of the block.
    pub bodies: Vec<Arc<Batch>>,
}

impl<S: Store> Ledger<S> {
    /// A decided height whose bodies are all here.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn whole_block(&self, height: u64) -> Result<Option<WholeBlock>, LedgerError> {
        let Some(decision) = self.decision(height)? else { return Ok(None) };
        let mut bodies = Vec::with_capacity(decision.block.batches.len());
        for batch in &decision.block.batches {
            let Some(body) = self.batch(&batch.header.digest(&self.genesis))? else {
                return Ok(None);
            };
            bodies.push(body);
        }
        Ok(Some(WholeBlock { decision, bodies }))
    }

    /// What `reader` sees of a height: in one part, or in several where it is much. `executed` is
    /// the height whose effects the header states, none where that is the genesis; `changes` says
    /// what of it the reader may ask for.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn redact(
        &self,
        block: &WholeBlock,
        executed: Option<&WholeBlock>,
        reader: &OrganisationCode,
        changes: Vec<ShownChange>,
    ) -> Result<Vec<RedactedBlock>, LedgerError> {
        let header = &block.decision.block.header;
        let schedule = self.schedule();
        let next = match header.next_validators == header.validators {
            true => None,
            false => schedule.validators_of(&header.next_validators),
        };
        let next = next.map(|scheduled| ValidatorSet::clone(&scheduled.set));
        let mut parts = Parts::new(block, changes, next);
        let own = own_submissions(block, reader);
        let indexes: Vec<usize> = own.iter().map(|(batch, _)| *batch).collect();
        let places = block.decision.block.prove_batches(&indexes);
        for ((number, indexes), inclusion) in own.iter().zip(places) {
            let Some(body) = block.bodies.get(*number) else { continue };
            let proofs = body.prove_submissions(&self.genesis, indexes);
            for (index, proof) in indexes.iter().zip(proofs) {
                let Some(submission) = body.submissions.get(*index).cloned() else { continue };
                let shown = RedactedSubmission { inclusion: proof, submission };
                parts.submission(body, &inclusion, shown);
            }
        }
        let height = block.decision.block.header.executed.height;
        for id in executed.map(|block| self.own_ids(block, reader)).unwrap_or_default() {
            for shown in self.shown_receipts_of(&id, height)? {
                parts.receipt(shown);
            }
        }
        Ok(parts.end())
    }

    /// The identities of a reader's submissions in a block.
    fn own_ids(&self, block: &WholeBlock, reader: &OrganisationCode) -> BTreeSet<Hash> {
        let all = block.bodies.iter().flat_map(|body| &body.submissions);
        all.filter(|one| one.header.organisation == *reader)
            .map(|one| one.header.id(&self.genesis))
            .collect()
    }
}

/// Of each batch that holds some, its index and the indexes of a reader's submissions.
fn own_submissions(block: &WholeBlock, reader: &OrganisationCode) -> Vec<(usize, Vec<usize>)> {
    let bodies = block.bodies.iter().enumerate();
    let own = bodies.map(|(number, body)| {
        let all = body.submissions.iter().enumerate();
        let own = all.filter(|(_, one)| one.header.organisation == *reader);
        (number, own.map(|(index, _)| index).collect::<Vec<_>>())
    });
    own.filter(|(_, indexes)| !indexes.is_empty()).collect()
}

/// A redacted block under construction, in parts.
struct Parts {
    empty: RedactedBlock,
    done: Vec<RedactedBlock>,
    current: RedactedBlock,
    bytes: usize,
}

impl Parts {
    fn new(block: &WholeBlock, changes: Vec<ShownChange>, next: Option<ValidatorSet>) -> Self {
        let empty = RedactedBlock {
            header: block.decision.block.header.clone(),
            certificate: block.decision.certificate.clone(),
            batches: Vec::new(),
            receipts: Vec::new(),
            changes: Vec::new(),
            next: None,
            more: false,
        };
        let current = RedactedBlock { changes, next, ..empty.clone() };
        Self { empty, done: Vec::new(), current, bytes: 0 }
    }

    /// Begins another part where the current one is full.
    fn count(&mut self, bytes: usize) {
        if REDACTED_BYTES_TARGET <= self.bytes {
            let full = std::mem::replace(&mut self.current, self.empty.clone());
            self.done.push(RedactedBlock { more: true, ..full });
            self.bytes = 0;
        }
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn submission(
        &mut self,
        body: &Batch,
        inclusion: &kanhe_types::merkle::InclusionProof,
        shown: RedactedSubmission,
    ) {
        self.count(shown.submission.weight() + codec::encode(&shown.inclusion).len());
        match self.current.batches.last_mut() {
            Some(last) if last.inclusion == *inclusion => last.submissions.push(shown),
            _ => self.current.batches.push(RedactedBatch {
                head: body.header.head(),
                inclusion: inclusion.clone(),
                submissions: vec![shown],
            }),
        }
    }

    fn receipt(&mut self, shown: ShownReceipt) {
        self.count(SHOWN_RECEIPT_BYTES);
        self.current.receipts.push(shown);
    }

    fn end(mut self) -> Vec<RedactedBlock> {
        self.done.push(self.current);
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use crate::testing::{Network, ORGANISATION};
    use kanhe_types::limits::EXECUTION_LAG;

    fn reader() -> OrganisationCode {
        ORGANISATION.parse().unwrap()
    }

    fn redact(ledger: &Ledger<MemoryStore>, height: u64, who: &str) -> Vec<RedactedBlock> {
        let block = ledger.whole_block(height).unwrap().unwrap();
        let before = ledger.whole_block(height.saturating_sub(EXECUTION_LAG)).unwrap();
        ledger.redact(&block, before.as_ref(), &who.parse().unwrap(), vec![]).unwrap()
    }

    #[test]
    fn own_submissions_come_with_their_height_and_receipts_two_heights_later() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1", "nonsense"], &["put b 2"]]);
        network.grow(&ledger, &[&["put a 1"]]);
        network.grow(&ledger, &[]);
        network.grow(&ledger, &[]);
        let mut found = Vec::new();
        for height in 1..=4 {
            let parts = redact(&ledger, height, ORGANISATION);
            let [part] = <[_; 1]>::try_from(parts).unwrap();
            let part = RedactedBlock::decode(&codec::encode(&part)).unwrap();
            let shown = part.verify(&network.genesis.hash, &reader()).unwrap();
            found.push((shown.submissions.len(), shown.receipts.len()));
            let expected = match height {
                3 | 4 => ledger.receipts_at(height - 2).unwrap(),
                _ => vec![],
            };
            let receipts: Vec<_> = shown.receipts.into_iter().map(|one| one.receipt).collect();
            assert_eq!(receipts, expected);
        }
        assert_eq!(found, [(2, 0), (1, 0), (0, 3), (0, 1)]);
    }

    #[test]
    fn a_stranger_sees_headers_alone() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1"]]);
        network.grow(&ledger, &[]);
        network.grow(&ledger, &[]);
        for height in 1..=3 {
            let parts = redact(&ledger, height, "SOMEBODY");
            assert!(parts.iter().all(|p| p.batches.is_empty() && p.receipts.is_empty()));
        }
    }

    #[test]
    fn much_is_shown_in_several_parts_that_verify_one_by_one() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let large = format!("put a {}", "x".repeat(300_000));
        let submissions: Vec<Vec<&str>> = (0..30).map(|_| vec![large.as_str()]).collect();
        let submissions: Vec<&[&str]> = submissions.iter().map(Vec::as_slice).collect();
        network.grow(&ledger, &submissions);
        let parts = redact(&ledger, 1, ORGANISATION);
        assert_eq!(parts.iter().map(|part| part.more).collect::<Vec<_>>(), [true, true, false]);
        let mut shown = 0;
        for part in parts {
            let part = RedactedBlock::decode(&codec::encode(&part)).unwrap();
            shown += part.verify(&network.genesis.hash, &reader()).unwrap().submissions.len();
        }
        assert_eq!(shown, 30);
    }

    #[test]
    fn values_and_documents_are_shown_by_evidence_that_verifies() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1", "put b 2"]]);
        let (height, found) =
            ledger.value_evidence(&[b"put/a".to_vec(), b"put/none".to_vec()]).unwrap();
        assert_eq!((height, found[1].is_none()), (1, true));
        let executed = ledger.executed(1).unwrap().unwrap();
        let value = found[0].clone().unwrap();
        let genesis = network.genesis.hash;
        assert_eq!(value.value.value, b"1");
        assert!(value.verify(&genesis, &executed.state, b"put/a").is_ok());
        assert!(value.verify(&genesis, &executed.state, b"put/b").is_err());
        assert!(value.verify(&genesis, &executed.events, b"put/a").is_err());

        let receipt = ledger.receipts_at(1).unwrap().remove(1);
        let shown = ledger.document_evidence(&receipt.document).unwrap().unwrap();
        assert!(shown.verify(&genesis, &executed).is_ok());
        let mut other = shown.clone();
        other.document = b"put b 3".to_vec();
        assert!(other.verify(&genesis, &executed).is_err());
        assert_eq!(ledger.document_evidence(&Hash::default()).unwrap(), None);
    }

    #[expect(clippy::print_stdout, reason = "a figure for whoever runs the test")]
    #[test]
    fn what_an_observer_is_shown_has_the_same_size_whatever_others_send() {
        let network = Network::new();
        let mut sizes = Vec::new();
        for others in [0, 10, 100, 1_000] {
            let ledger = network.open(MemoryStore::default());
            network.grow_by(&ledger, network.mixed_batch(1, "put a 1", others), true);
            network.grow(&ledger, &[]);
            network.grow(&ledger, &[]);
            let mut bytes = 0;
            for height in 1..=3 {
                for part in redact(&ledger, height, ORGANISATION) {
                    bytes += codec::encode(&part).len();
                    let counts = part.receipts.iter().map(|shown| shown.inclusion.count);
                    assert!(counts.into_iter().all(|count| count == 1 << 18));
                    let batches = part.batches.iter();
                    let counts = batches.map(|batch| batch.inclusion.count);
                    assert!(counts.into_iter().all(|count| count == 64));
                }
            }
            let receipts = ledger.receipts_at(1).unwrap().len();
            assert_eq!(receipts, others + 1);
            sizes.push((others, bytes));
        }
        // The places of batch, submission and receipt are written in one, three or five bytes.
        let (least, most) =
            (sizes.iter().min_by_key(|own| own.1), sizes.iter().max_by_key(|own| own.1));
        let (least, most) = (least.unwrap().1, most.unwrap().1);
        assert!(most - least <= 10, "{sizes:?}");
        println!("documents of others, bytes shown: {sizes:?}");
    }

    #[test]
    fn where_an_own_receipt_stands_says_nothing_of_how_many_there_are() {
        let network = Network::new();
        let place = |others: usize| {
            let ledger = network.open(MemoryStore::default());
            network.grow_by(&ledger, network.mixed_batch(1, "put a 1", others), true);
            network.grow(&ledger, &[]);
            network.grow(&ledger, &[]);
            redact(&ledger, 3, ORGANISATION)[0].receipts[0].inclusion.index
        };
        let places: Vec<u64> = (0..24).map(place).collect();
        // All over the tree, in no order.
        let (low, high) = (places.iter().min().unwrap(), places.iter().max().unwrap());
        assert!(1 << 17 < high - low, "{places:?}");
        assert!(!places.is_sorted() && !places.iter().rev().is_sorted(), "{places:?}");
    }
}

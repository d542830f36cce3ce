//! What a validator asks about batches and submissions while it disseminates them.

use crate::ledger::{Ledger, LedgerError};
use crate::schema;
use crate::store::{Column, Direction, Store, scan_prefix};
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;

/// Batches read at a time.
const PAGE: usize = 256;
/// After this many ordered batches in a row, older ones are taken to be ordered too: an author
/// never has as many open.
const ORDERED_IN_A_ROW: usize = 1_024;

impl<S: Store> Ledger<S> {
    /// The digest of a stored batch of this author and number, the first where there are two.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn batch_by_number(
        &self,
        author: &PublicKey,
        number: u64,
    ) -> Result<Option<Hash>, LedgerError> {
        let prefix = [schema::author_prefix(author).as_slice(), &number.to_be_bytes()].concat();
        let pairs = scan_prefix(self.store(), Column::BatchNumbers, &prefix, &prefix, 1)?;
        pairs.first().map(|(key, _)| digest_of(key)).transpose()
    }

    /// The stored batches of `author` that no decided block orders, newest first.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn unordered_batches(&self, author: &PublicKey) -> Result<Vec<Hash>, LedgerError> {
        let prefix = schema::author_prefix(author);
        let mut from = schema::batch_number_key(author, u64::MAX, &Hash([0xff; 32]));
        let (mut unordered, mut ordered_in_a_row) = (Vec::new(), 0usize);
        loop {
            let pairs = self.store().scan(Column::BatchNumbers, &from, Direction::Reverse, PAGE)?;
            // Each page starts with the last key of the one before.
            let fresh = pairs.iter().filter(|(key, _)| *key < from && key.starts_with(&prefix));
            let mut last = None;
            for (key, _) in fresh {
                let digest = digest_of(key)?;
                if self.ordered_at(&digest)?.is_some() {
                    ordered_in_a_row += 1;
                } else {
                    ordered_in_a_row = 0;
                    unordered.push(digest);
                }
                last = Some(key.clone());
            }
            match last {
                Some(key) if ordered_in_a_row < ORDERED_IN_A_ROW => from = key,
                _ => return Ok(unordered),
            }
        }
    }

    /// Whether a submission was executed.
    ///
    /// # Errors
    /// When the store fails.
    pub fn has_submission(&self, submission: &Hash) -> Result<bool, LedgerError> {
        Ok(self.store().has(Column::Submissions, submission.as_bytes())?)
    }
}

/// The digest at the end of a batch-number key.
fn digest_of(key: &[u8]) -> Result<Hash, LedgerError> {
    let digest = key.len().checked_sub(32).and_then(|start| key.get(start..));
    let digest = digest.and_then(|bytes| bytes.try_into().ok()).map(Hash);
    digest.ok_or_else(|| schema::corrupt(Column::BatchNumbers, key, "the key has no digest"))
}

#[cfg(test)]
mod tests {
    use crate::store::MemoryStore;
    use crate::testing::Network;
    use kanhe_types::keys::PublicKey;
    use kanhe_types::submission::Batch;
    use std::sync::Arc;

    #[test]
    fn batches_that_no_block_orders_are_found_newest_first() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1"]]);
        // More than one page.
        let batches: Vec<_> =
            (10..310).map(|number| Arc::new(network.batch(number, &[&["put b 2"]]))).collect();
        let digest = |batch: &Batch| batch.header.digest(&network.genesis.hash);
        let stored: Vec<_> =
            batches.iter().map(|batch| (digest(batch), Arc::clone(batch))).collect();
        ledger.store_batches(&stored).unwrap();
        let ordered = &batches[200];
        ledger.store_decision(&network.decide(network.block(&ledger, &[ordered]))).unwrap();

        let author = ordered.header.author;
        let mut expected: Vec<_> = stored.iter().map(|(digest, _)| *digest).collect();
        expected.remove(200);
        expected.reverse();
        assert_eq!(ledger.unordered_batches(&author).unwrap(), expected);
        assert_eq!(ledger.unordered_batches(&PublicKey::Ed25519([9; 32])).unwrap(), vec![]);
        assert_eq!(ledger.batch_by_number(&author, 210).unwrap(), Some(digest(ordered)));
        assert_eq!(ledger.batch_by_number(&author, 9).unwrap(), None);
    }

    #[test]
    fn an_executed_submission_is_known() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let id = network.batch(1, &[&["put a 1"]]).submissions[0].header.id(&ledger.genesis());
        assert!(!ledger.has_submission(&id).unwrap());
        network.grow(&ledger, &[&["put a 1"]]);
        assert!(ledger.has_submission(&id).unwrap());
    }
}

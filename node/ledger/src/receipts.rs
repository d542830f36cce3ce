//! A height's receipts and events as the ledger keeps them: in chunks, under roots that headers
//! state, and found by submission and document.

use crate::execution::Body;
use crate::salts;
use crate::schema::{self, CHUNK, DocumentPlace, SubmissionPlace};
use crate::store::{Column, WriteBatch};
use kanhe_types::codec;
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::hidden::{self, Hidden};
use kanhe_types::merkle;
use kanhe_types::receipt::{Outcome, Receipt};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Where submissions and accepted documents are. `carried` is the place of each submission.
pub(crate) fn index_receipts(
    height: u64,
    carried: &BTreeMap<Hash, (u32, u32)>,
    receipts: &[Receipt],
    changes: &mut WriteBatch,
) {
    let mut submissions: BTreeMap<Hash, SubmissionPlace> = BTreeMap::new();
    let mut documents: Vec<(Hash, DocumentPlace)> = Vec::with_capacity(receipts.len());
    for (position, receipt) in (0u64..).zip(receipts) {
        assert_eq!(receipt.height, height, "a receipt names the height that gave it");
        match submissions.entry(receipt.submission) {
            Entry::Vacant(entry) => {
                let carrier = carried.get(&receipt.submission).copied();
                let (batch, index) = carrier.expect("a receipt names a submission of its height");
                entry.insert(SubmissionPlace { height, batch, index, position, count: 1 });
            }
            Entry::Occupied(mut entry) => {
                let place = entry.get_mut();
                let next = place.position + place.count;
                assert_eq!(position, next, "a submission's receipts follow each other");
                place.count += 1;
            }
        }
        if matches!(receipt.outcome, Outcome::Accepted { .. }) {
            documents.push((receipt.document, DocumentPlace { height, position }));
        }
    }
    // The store takes ascending keys faster. A document is accepted once.
    documents.sort_unstable_by_key(|(document, _)| *document);
    for (document, place) in documents {
        changes.put(Column::Documents, document.0.to_vec(), codec::encode(&place));
    }
    for (submission, place) in submissions {
        changes.put(Column::Submissions, submission.0.to_vec(), codec::encode(&place));
    }
}

/// For each submission the batch and the index that first carry it.
pub(crate) fn carried(batches: &[Body], ids: &[Hash]) -> BTreeMap<Hash, (u32, u32)> {
    let places = (0u32..).zip(batches).flat_map(|(number, (_, batch))| {
        (0u32..).zip(&batch.submissions).map(move |(index, _)| (number, index))
    });
    let mut carried = BTreeMap::new();
    for (id, place) in ids.iter().zip(places) {
        carried.entry(*id).or_insert(place);
    }
    carried
}

/// Adds receipts and the tops of their Merkle tree; its root.
pub(crate) fn write_receipts(
    height: u64,
    secret: &Hash,
    receipts: &[Receipt],
    changes: &mut WriteBatch,
) -> Hash {
    let mut leaves = Vec::with_capacity(receipts.len());
    for (position, chunk) in (0u64..).step_by(CHUNK).zip(receipts.chunks(CHUNK)) {
        let each = (position..).zip(chunk);
        leaves.extend(each.map(|(position, receipt)| receipt.leaf(secret, position)));
        let key = schema::chunk_key(height, position);
        changes.put(Column::Receipts, key, codec::encode(&chunk));
    }
    let hidden = Hidden::new(hidden::RECEIPTS, &secret.0);
    let tops = hidden.tops(&leaves);
    if !tops.is_empty() {
        changes.put(Column::Receipts, schema::chunk_tops_key(height), codec::encode(&tops));
    }
    hidden.tree_of_tops(tops).root()
}

/// Adds events; the root of their Merkle tree.
pub(crate) fn write_events<E: codec::Encode>(
    height: u64,
    secret: &Hash,
    events: &[E],
    changes: &mut WriteBatch,
) -> Hash {
    let mut leaves = Vec::with_capacity(events.len());
    for (position, chunk) in (0u64..).step_by(CHUNK).zip(events.chunks(CHUNK)) {
        let each = (position..).zip(chunk);
        leaves.extend(each.map(|(position, event)| salts::event_leaf(secret, position, event)));
        let key = schema::chunk_key(height, position);
        changes.put(Column::Events, key, codec::encode(&chunk));
    }
    merkle::root(Domain::EventsRoot, &leaves)
}

//! Receipts, events, documents and state values.

use crate::ledger::{Ledger, LedgerError};
use crate::schema::{self, CHUNK, DocumentPlace, SubmissionPlace};
use crate::store::{Column, Store, scan_prefix};
use kanhe_contracts::document::Document;
use kanhe_contracts::event::Event;
use kanhe_contracts::registry::Organisation;
use kanhe_contracts::state_key::organisation_key_bytes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, DecodeError};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::Receipt;
use kanhe_types::submission::Submission;

/// An accepted document with its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedDocument {
    /// Who sent it.
    pub organisation: OrganisationCode,
    /// The document's canonical bytes.
    pub bytes: Vec<u8>,
    /// Its receipt.
    pub receipt: Receipt,
}

impl AcceptedDocument {
    /// What the document says.
    ///
    /// # Errors
    /// When the bytes are no document; the rules accept none of those.
    pub fn decode(&self) -> Result<Document, DecodeError> {
        Document::decode(&self.bytes)
    }
}

/// Receipts that stand in one value, with the height and the first position.
type Chunk = ((u64, u64), Vec<Receipt>);

/// Where an accepted document was found, for proofs.
pub(crate) struct FoundDocument {
    pub(crate) place: DocumentPlace,
    pub(crate) submission: Submission,
    pub(crate) receipt: Receipt,
}

impl<S: Store> Ledger<S> {
    /// The receipts of a submission in the order of its documents; none while it was not executed.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn receipts_of(&self, submission: &Hash) -> Result<Option<Vec<Receipt>>, LedgerError> {
        Ok(self.receipts_of_all(&[*submission])?.pop().flatten())
    }

    /// The same for many submissions. What stands together is read once.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn receipts_of_all(
        &self,
        submissions: &[Hash],
    ) -> Result<Vec<Option<Vec<Receipt>>>, LedgerError> {
        let mut last: Option<Chunk> = None;
        submissions
            .iter()
            .map(|submission| {
                let place = self.load::<SubmissionPlace>(Column::Submissions, &submission.0)?;
                place.map(|place| self.receipts_at_place(&place, &mut last)).transpose()
            })
            .collect()
    }

    /// The receipts of a place; `last` is the chunk that was read last.
    fn receipts_at_place(
        &self,
        place: &SubmissionPlace,
        last: &mut Option<Chunk>,
    ) -> Result<Vec<Receipt>, LedgerError> {
        let mut receipts = Vec::new();
        let (mut position, end) = (place.position, place.position.saturating_add(place.count));
        while position < end {
            let within = usize::try_from(position % CHUNK as u64).unwrap_or(usize::MAX);
            let wanted = usize::try_from(end - position).unwrap_or(usize::MAX);
            let before = receipts.len();
            let first = (place.height, position - position % CHUNK as u64);
            let chunk = match last.take() {
                Some((at, chunk)) if at == first => chunk,
                _ => self.receipt_chunk(place.height, position)?,
            };
            receipts.extend(chunk.iter().skip(within).take(wanted).cloned());
            *last = Some((first, chunk));
            let found = receipts.len().saturating_sub(before) as u64;
            if found == 0 {
                let key = schema::chunk_key(place.height, position);
                return Err(schema::corrupt(Column::Receipts, &key, "receipts are missing"));
            }
            position = position.saturating_add(found);
        }
        Ok(receipts)
    }

    /// The receipts that stand in one value with that of a position.
    pub(crate) fn receipt_chunk(
        &self,
        height: u64,
        position: u64,
    ) -> Result<Vec<Receipt>, LedgerError> {
        let key = schema::chunk_key(height, position - position % CHUNK as u64);
        let missing = || schema::corrupt(Column::Receipts, &key, "receipts are missing");
        self.load(Column::Receipts, &key)?.ok_or_else(missing)
    }

    /// The receipts of an executed height, in order.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn receipts_at(&self, height: u64) -> Result<Vec<Receipt>, LedgerError> {
        let tops = schema::chunk_tops_key(height);
        let chunks: Vec<Vec<Receipt>> = self.load_chunks(Column::Receipts, height, &tops)?;
        Ok(chunks.into_iter().flatten().collect())
    }

    /// The events of an executed height, in order.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn events_at(&self, height: u64) -> Result<Vec<Event>, LedgerError> {
        let chunks: Vec<Vec<Event>> = self.load_chunks(Column::Events, height, &[])?;
        Ok(chunks.into_iter().flatten().collect())
    }

    /// An accepted document by its identity.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn document(&self, document: &Hash) -> Result<Option<AcceptedDocument>, LedgerError> {
        let Some(found) = self.find_document(document)? else {
            return Ok(None);
        };
        let FoundDocument { mut submission, receipt, .. } = found;
        let bytes = submission.documents.swap_remove(usize::from(receipt.index));
        let organisation = submission.header.organisation;
        Ok(Some(AcceptedDocument { organisation, bytes, receipt }))
    }

    /// An accepted document's submission, which has it at the place's index.
    pub(crate) fn find_document(
        &self,
        document: &Hash,
    ) -> Result<Option<FoundDocument>, LedgerError> {
        let Some(place) = self.load::<DocumentPlace>(Column::Documents, &document.0)? else {
            return Ok(None);
        };
        let missing =
            || schema::corrupt(Column::Documents, &document.0, "what it leads to is missing");
        let chunk = self.receipt_chunk(place.height, place.position)?;
        let within = usize::try_from(place.position % CHUNK as u64).map_err(|_| missing())?;
        let receipt = chunk.into_iter().nth(within).ok_or_else(missing)?;
        let submission = self.find_submission(&receipt.submission)?.ok_or_else(missing)?;
        if submission.documents.len() <= usize::from(receipt.index) {
            return Err(missing());
        }
        Ok(Some(FoundDocument { place, submission, receipt }))
    }

    /// An executed submission.
    pub(crate) fn find_submission(&self, id: &Hash) -> Result<Option<Submission>, LedgerError> {
        let Some(place) = self.load::<SubmissionPlace>(Column::Submissions, &id.0)? else {
            return Ok(None);
        };
        let missing = || schema::corrupt(Column::Submissions, &id.0, "what it leads to is missing");
        let decision = self.decision(place.height)?.ok_or_else(missing)?;
        let certified = usize::try_from(place.batch).ok();
        let certified = certified.and_then(|batch| decision.block.batches.get(batch));
        let digest = certified.ok_or_else(missing)?.header.digest(&self.genesis);
        let batch = self.batch(&digest)?.ok_or_else(missing)?;
        let index = usize::try_from(place.index).map_err(|_| missing())?;
        batch.submissions.get(index).cloned().map(Some).ok_or_else(missing)
    }

    /// Who sent an executed submission.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn submission_owner(&self, id: &Hash) -> Result<Option<OrganisationCode>, LedgerError> {
        Ok(self.find_submission(id)?.map(|submission| submission.header.organisation))
    }

    /// The values of a height's chunks, but for the one under the key `except`.
    fn load_chunks<T>(
        &self,
        column: Column,
        height: u64,
        except: &[u8],
    ) -> Result<Vec<T>, LedgerError>
    where
        T: codec::Encode + codec::Decode<()>,
    {
        let prefix = schema::height_key(height);
        let pairs = scan_prefix(&self.store, column, &prefix, &[], usize::MAX)?;
        let chunks = pairs.iter().filter(|(key, _)| key != except);
        chunks.map(|(key, value)| schema::decode(column, key, value)).collect()
    }

    /// The registered organisation with this code, after the last executed height.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn organisation(
        &self,
        code: &OrganisationCode,
    ) -> Result<Option<Organisation>, LedgerError> {
        let key = organisation_key_bytes(code);
        let value = self.state_value(&key)?;
        value.map(|value| schema::decode(Column::State, &key, &value)).transpose()
    }

    /// The value of a state key after the last executed height.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn state_value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        let stored = self.store.get(Column::State, key)?;
        let read = schema::StateValue::read_any(key, stored.as_deref())?;
        Ok(read.map(|read| read.value.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GenesisState;
    use crate::store::MemoryStore;
    use crate::testing::{Network, ORGANISATION};
    use kanhe_types::receipt::Outcome;

    #[test]
    fn receipts_and_documents_are_found_by_identity() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1"], &["nonsense", "put b 2", "put a 1"]]);
        let all = ledger.receipts_at(1).unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(ledger.receipts_of(&all[0].submission).unwrap(), Some(all[..1].to_vec()));
        assert_eq!(ledger.receipts_of(&all[2].submission).unwrap(), Some(all[1..].to_vec()));
        assert_eq!(ledger.receipts_of(&Hash::default()).unwrap(), None);

        let found = ledger.document(&all[2].document).unwrap().unwrap();
        assert_eq!((found.organisation.as_str(), &*found.bytes), (ORGANISATION, &b"put b 2"[..]));
        assert_eq!(found.receipt, all[2]);
        assert!(found.decode().is_err());
        // Rejected documents are not part of the ledger; a repeated one has its first receipt.
        assert_eq!(ledger.document(&all[1].document).unwrap(), None);
        assert_eq!(all[3].outcome, Outcome::Repeated { first_height: 1 });
        assert_eq!(ledger.document(&all[3].document).unwrap().unwrap().receipt, all[0]);
    }

    #[test]
    fn organisations_of_the_genesis_are_found() {
        let organisations = kanhe_contracts::fixture::organisations();
        let mut network = Network::new();
        let GenesisState { policy, validators, .. } = &network.genesis;
        network.genesis.writes =
            kanhe_contracts::governance::genesis_writes(&organisations, policy, 1, validators);
        let ledger = network.open(MemoryStore::default());
        let first = organisations.first().unwrap();
        assert_eq!(ledger.organisation(&first.code).unwrap().as_ref(), Some(first));
        assert_eq!(ledger.organisation(&"UNKNOWN".parse().unwrap()).unwrap(), None);
    }

    #[test]
    fn state_values_are_those_after_the_last_height() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let value = |key: &[u8]| ledger.state_value(key).unwrap();
        network.grow(&ledger, &[&["put a 1", "put b 2"]]);
        assert_eq!(value(b"put/a"), Some(b"1".to_vec()));
        network.grow(&ledger, &[&["put a 3", "remove b"]]);
        assert_eq!((value(b"put/a"), value(b"put/b")), (Some(b"3".to_vec()), None));
    }
}

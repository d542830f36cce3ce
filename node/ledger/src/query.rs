//! Receipts, events, documents and state values.

use crate::ledger::{Ledger, LedgerError};
use crate::schema::{self, DocumentPlace, SubmissionPlace};
use crate::store::{Column, Store, scan_prefix};
use kanhe_contracts::document::Document;
use kanhe_contracts::event::Event;
use kanhe_contracts::registry::Organisation;
use kanhe_contracts::state_key::organisation_key_bytes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::DecodeError;
use kanhe_types::hash::Hash;
use kanhe_types::merkle::Salt;
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
        let Some(place) = self.load::<SubmissionPlace>(Column::Submissions, &submission.0)? else {
            return Ok(None);
        };
        let from = schema::position_key(place.height, place.position);
        let prefix = schema::height_key(place.height);
        let count = usize::try_from(place.count).unwrap_or(usize::MAX);
        let pairs = scan_prefix(&self.store, Column::Receipts, &prefix, &from, count)?;
        if pairs.len() != count {
            return Err(schema::corrupt(Column::Receipts, &from, "receipts are missing"));
        }
        let receipts =
            pairs.iter().map(|(key, value)| schema::decode(Column::Receipts, key, value));
        Ok(Some(receipts.collect::<Result<_, _>>()?))
    }

    /// The receipts of an executed height, in order.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn receipts_at(&self, height: u64) -> Result<Vec<Receipt>, LedgerError> {
        self.load_all(Column::Receipts, &schema::height_key(height))
    }

    /// The events of an executed height, in order.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn events_at(&self, height: u64) -> Result<Vec<Event>, LedgerError> {
        self.load_all(Column::Events, &schema::height_key(height))
    }

    /// An accepted document by its identity.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn document(&self, document: &Hash) -> Result<Option<AcceptedDocument>, LedgerError> {
        let Some(found) = self.find_document(document)? else {
            return Ok(None);
        };
        let FoundDocument { place, mut submission, receipt } = found;
        let bytes = submission.documents.swap_remove(usize::from(place.index));
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
        let mut batch = self.batch(&place.batch)?.ok_or_else(missing)?;
        let index = place.submission as usize;
        if batch.submissions.len() <= index {
            return Err(missing());
        }
        let submission = batch.submissions.swap_remove(index);
        if submission.documents.len() <= usize::from(place.index) {
            return Err(missing());
        }
        let receipt = schema::position_key(place.height, place.position);
        let receipt = self.load(Column::Receipts, &receipt)?.ok_or_else(missing)?;
        Ok(Some(FoundDocument { place, submission, receipt }))
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
        value.map(|(_, value)| schema::decode(Column::State, &key, &value)).transpose()
    }

    /// The salt and the value of a state key after the last executed height.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn state_value(&self, key: &[u8]) -> Result<Option<(Salt, Vec<u8>)>, LedgerError> {
        let stored = self.store.get(Column::State, key)?;
        stored.map(|stored| schema::split_salted(key, &stored)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        network.genesis.writes = kanhe_contracts::registry::genesis_writes(&organisations);
        let ledger = network.open(MemoryStore::default());
        let first = organisations.first().unwrap();
        assert_eq!(ledger.organisation(&first.code).unwrap().as_ref(), Some(first));
        assert_eq!(ledger.organisation(&"UNKNOWN".parse().unwrap()).unwrap(), None);
    }

    #[test]
    fn state_values_are_those_after_the_last_height() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let value = |key: &[u8]| ledger.state_value(key).unwrap().map(|(_, value)| value);
        network.grow(&ledger, &[&["put a 1", "put b 2"]]);
        assert_eq!(value(b"put/a"), Some(b"1".to_vec()));
        network.grow(&ledger, &[&["put a 3", "remove b"]]);
        assert_eq!((value(b"put/a"), value(b"put/b")), (Some(b"3".to_vec()), None));
    }
}

//! What an observer holds: every header, and of the rest what its organisation may see.
//!
//! It believes nothing. A header counts when it follows the one before and a quorum of its height's
//! validators has signed it; a submission, a receipt, a document or a case when a header commits to
//! it. Whatever does not hold is a [`Lie`] of the server that said it.
//!
//! Each answer of a server is stored in one synced write: after a crash the observer asks on from
//! the last one.
//!
//! `chain` takes blocks in, `evidence` cases and documents, `answers` reads.

mod answers;
mod chain;
mod evidence;
mod lie;
#[cfg(test)]
mod tests;

pub use evidence::{Pending, Taken};
pub use lie::Lie;

use crate::evidence::{DocumentEvidence, Wanted};
use crate::ledger::{GenesisState, LedgerError};
use crate::schema;
use crate::store::{Column, Direction, Durability, Store, StoreError, WriteBatch};
use kanhe_contracts::governance::PolicyRecord;
use kanhe_contracts::policy::Policy;
use kanhe_contracts::state_key::policy_key_bytes;
use kanhe_types::block::Header;
use kanhe_types::certificate::Certificate;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::handover::{Handover, TrustedSets};
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use kanhe_types::validator::ValidatorSet;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The version of everything that an observer keeps. It rises with every change of a key or value.
pub const OBSERVER_FORMAT_VERSION: u32 = 1;
/// The key of that version in [`Column::Meta`]: another than a validator's, so that neither opens
/// the other's.
const META_FORMAT: &[u8] = b"observer format";
/// What is still wanted is counted up to this many.
const WANTED_COUNTED_MAX: usize = 10_000;
/// The key of the organisation in [`Column::Meta`].
const META_ORGANISATION: &[u8] = b"organisation";

/// An observer's store cannot be used, or what was asked of it not be done.
#[derive(Debug, thiserror::Error)]
pub enum ObserverError {
    /// The store fails or is damaged.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A server said something that is not true.
    #[error(transparent)]
    Lie(#[from] Lie),
    /// The store belongs to another organisation.
    #[error(
        "the home holds what {stored} may see, the configuration names {given}; give the right \
         organisation, or another home"
    )]
    OtherOrganisation {
        /// Whose it is.
        stored: String,
        /// Who was given.
        given: OrganisationCode,
    },
}

impl From<StoreError> for ObserverError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// A header with the quorum that decided it, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct KeptHeader {
    /// The header.
    pub header: Header,
    /// Its certificate.
    pub certificate: Certificate,
}

/// Where an accepted document stands, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum HeldDocument {
    /// In a submission of ours, at this index.
    Own {
        /// The submission.
        submission: Hash,
        /// The document's index.
        index: u8,
    },
    /// Another's, with its paths.
    Others(Box<DocumentEvidence>),
}

/// The chain as one organisation may see it.
pub struct ObserverLedger<S: Store> {
    store: S,
    genesis: Hash,
    genesis_time: Millis,
    organisation: OrganisationCode,
    founding_policy: Arc<Policy>,
    // What is also in the store, so that nobody reads the disk for it.
    tip: RwLock<Option<Arc<KeptHeader>>>,
    sets: RwLock<TrustedSets>,
    policies: RwLock<BTreeMap<Hash, Arc<Policy>>>,
}

impl<S: Store> ObserverLedger<S> {
    /// Opens what `organisation` may see of a chain; an empty store is founded.
    ///
    /// # Errors
    /// When the store fails or is damaged, has another format, or belongs to another chain or
    /// organisation.
    pub fn open(
        store: S,
        genesis: GenesisState,
        organisation: OrganisationCode,
    ) -> Result<Self, ObserverError> {
        match store.get(Column::Meta, META_FORMAT)? {
            None => initialise(&store, &genesis, &organisation)?,
            Some(version) => check_meta(&store, &version, &genesis.hash, &organisation)?,
        }
        let last =
            store.scan(Column::Headers, &schema::height_key(u64::MAX), Direction::Reverse, 1)?;
        let tip = last.first().map(|(key, value)| schema::decode(Column::Headers, key, value));
        let founding_policy = Arc::new(genesis.policy);
        let ledger = Self {
            store,
            genesis: genesis.hash,
            genesis_time: genesis.time,
            organisation,
            policies: RwLock::new([(founding_policy.hash(), Arc::clone(&founding_policy))].into()),
            founding_policy,
            tip: RwLock::new(tip.transpose()?.map(Arc::new)),
            sets: RwLock::new(TrustedSets::new(genesis.hash, genesis.validators)),
        };
        ledger.load_policies()?;
        ledger.load_handovers()?;
        Ok(ledger)
    }

    fn load_policies(&self) -> Result<(), LedgerError> {
        // Versions follow each other, from that of the genesis on.
        for version in self.founding_policy.version.. {
            let key = policy_key_bytes(version);
            let Some(bytes) = self.state(&key)? else {
                if version == self.founding_policy.version {
                    continue;
                }
                return Ok(());
            };
            let record: PolicyRecord = schema::decode(Column::State, &key, &bytes)?;
            self.know_policy(record.policy);
        }
        Ok(())
    }

    /// Follows every handover again: what is trusted is never only read.
    fn load_handovers(&self) -> Result<(), LedgerError> {
        let mut sets = self.sets.write().expect("no thread panics with the sets");
        for handover in self.handovers(u64::MAX)? {
            let key = schema::height_key(handover.header.height);
            let followed = sets.hand_over(&handover);
            followed.map_err(|error| schema::corrupt(Column::Handovers, &key, error))?;
        }
        Ok(())
    }

    /// The handovers from the founding validators to those of `height`.
    fn handovers(&self, height: u64) -> Result<Vec<Handover>, LedgerError> {
        let pairs = self.store.scan(Column::Handovers, &[], Direction::Forward, usize::MAX)?;
        let decode =
            |(key, value): &(Vec<u8>, Vec<u8>)| schema::decode(Column::Handovers, key, value);
        let all: Result<Vec<Handover>, LedgerError> = pairs.iter().map(decode).collect();
        Ok(all?.into_iter().filter(|own| own.header.height < height).collect())
    }

    fn know_policy(&self, policy: Policy) {
        let policy = Arc::new(policy);
        let mut policies = self.policies.write().expect("no thread panics with the policies");
        policies.insert(policy.hash(), policy);
    }

    /// The chain.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// Whose it is.
    pub fn organisation(&self) -> &OrganisationCode {
        &self.organisation
    }

    /// The last verified header with its certificate; none before the first.
    pub fn tip(&self) -> Option<Arc<KeptHeader>> {
        self.read_tip().clone()
    }

    /// The height of the last verified header; 0 before the first.
    pub fn height(&self) -> u64 {
        self.tip().map_or(0, |tip| tip.header.height)
    }

    /// The last height whose effects a verified header states.
    pub fn effects_height(&self) -> u64 {
        self.tip().map_or(0, |tip| tip.header.executed.height)
    }

    /// The validators that decide `height`.
    ///
    /// # Panics
    /// If a thread has panicked with the sets.
    pub fn validators_at(&self, height: u64) -> ValidatorSet {
        let sets = self.sets.read().expect("no thread panics with the sets");
        sets.validators_at(height).clone()
    }

    /// The verified header of a height with its certificate.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn header(&self, height: u64) -> Result<Option<KeptHeader>, LedgerError> {
        self.load(Column::Headers, &schema::height_key(height))
    }

    /// What is still to be asked for, after `after`, at most so much.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn wanted(
        &self,
        after: Option<&Wanted>,
        limit: usize,
    ) -> Result<Vec<(Wanted, u64)>, LedgerError> {
        let from = after.map(|last| crate::store::just_after(&codec::encode(last)));
        let from = from.unwrap_or_default();
        let pairs = self.store.scan(Column::Wanted, &from, Direction::Forward, limit)?;
        let read = |(key, value): &(Vec<u8>, Vec<u8>)| {
            let wanted = schema::decode(Column::Wanted, key, key)?;
            Ok((wanted, schema::height_of(Column::Wanted, value)?))
        };
        pairs.iter().map(read).collect()
    }

    /// Gives up asking for something.
    ///
    /// # Errors
    /// When the store fails.
    pub fn give_up(&self, wanted: &Wanted) -> Result<(), LedgerError> {
        let mut changes = WriteBatch::default();
        changes.remove(Column::Wanted, codec::encode(wanted));
        Ok(self.store.write(changes, Durability::Synced)?)
    }

    fn read_tip(&self) -> RwLockReadGuard<'_, Option<Arc<KeptHeader>>> {
        self.tip.read().expect("no thread panics with the tip")
    }

    fn write_tip(&self) -> RwLockWriteGuard<'_, Option<Arc<KeptHeader>>> {
        self.tip.write().expect("no thread panics with the tip")
    }

    /// The value of a state key, as far as it was shown.
    fn state(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        let stored = self.store.get(Column::State, key)?;
        let read = schema::StateValue::read_any(key, stored.as_deref())?;
        Ok(read.map(|read| read.value.to_vec()))
    }

    fn load<T>(&self, column: Column, key: &[u8]) -> Result<Option<T>, LedgerError>
    where
        T: Encode + Decode<()>,
    {
        match self.store.get(column, key)? {
            Some(bytes) => Ok(Some(schema::decode(column, key, &bytes)?)),
            None => Ok(None),
        }
    }

    /// How much is still to be asked for, counted up to a bound.
    ///
    /// # Errors
    /// When the store fails.
    pub fn wanted_count(&self) -> Result<usize, LedgerError> {
        let pairs = self.store.scan(Column::Wanted, &[], Direction::Forward, WANTED_COUNTED_MAX)?;
        Ok(pairs.len())
    }
}

fn initialise<S: Store>(
    store: &S,
    genesis: &GenesisState,
    organisation: &OrganisationCode,
) -> Result<(), StoreError> {
    let mut changes = WriteBatch::default();
    let version = OBSERVER_FORMAT_VERSION.to_be_bytes();
    let code = organisation.as_str().as_bytes().to_vec();
    changes.put(Column::Meta, META_FORMAT.to_vec(), version.to_vec());
    changes.put(Column::Meta, schema::META_GENESIS.to_vec(), genesis.hash.0.to_vec());
    changes.put(Column::Meta, META_ORGANISATION.to_vec(), code);
    // Its own record as the genesis has it: it may be asked before anything was shown.
    if let Some((key, value)) = own_founding(genesis, organisation) {
        let stored = schema::StateValue {
            generation: 0,
            salt: kanhe_types::merkle::Salt::default(),
            value: &value,
        };
        changes.put(Column::State, key, stored.encode());
    }
    store.write(changes, Durability::Synced)
}

/// What the genesis says of the organisation.
fn own_founding(
    genesis: &GenesisState,
    organisation: &OrganisationCode,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let key = kanhe_contracts::state_key::organisation_key_bytes(organisation);
    let value = genesis.writes.get(&key).cloned().flatten()?;
    Some((key, value))
}

fn check_meta<S: Store>(
    store: &S,
    version: &[u8],
    genesis: &Hash,
    organisation: &OrganisationCode,
) -> Result<(), ObserverError> {
    let damaged = |key: &[u8]| schema::corrupt(Column::Meta, key, "the value has another length");
    let version = version.try_into().map_err(|_| damaged(META_FORMAT))?;
    let (found, expected) = (u32::from_be_bytes(version), OBSERVER_FORMAT_VERSION);
    if found != expected {
        return Err(LedgerError::Format { expected, found }.into());
    }
    let stored = store.get(Column::Meta, schema::META_GENESIS)?.unwrap_or_default();
    let stored = Hash(stored.try_into().map_err(|_| damaged(schema::META_GENESIS))?);
    if stored != *genesis {
        return Err(LedgerError::OtherGenesis { stored, given: *genesis }.into());
    }
    let stored = store.get(Column::Meta, META_ORGANISATION)?.unwrap_or_default();
    if stored != organisation.as_str().as_bytes() {
        let stored = String::from_utf8_lossy(&stored).into_owned();
        return Err(ObserverError::OtherOrganisation { stored, given: organisation.clone() });
    }
    Ok(())
}

//! A small chain with rules of its own, for the tests of every module.

use crate::ledger::{GenesisState, Ledger};
use crate::state::StateView;
use crate::store::{
    Column, Direction, Durability, MemoryStore, Pair, Store, StoreError, WriteBatch,
};
use kanhe_contracts::case::Case;
use kanhe_contracts::event::{CaseState, Event};
use kanhe_contracts::execute::{BlockContext, CaseChange, CaseStanding, Effects};
use kanhe_contracts::governance::{ValidatorSetRecord, ZoneRecord};
use kanhe_contracts::policy::{self, Policy};
use kanhe_contracts::state::{Overlay, StateError, StateRead, is_in_tree};
use kanhe_contracts::state_key::{case_key_bytes, validator_set_key_bytes, zone_key_bytes};
use kanhe_types::block::{Block, Decision, Executed, Header, batches_root};
use kanhe_types::certificate::{Certificate, CertifiedBatch, IndexedSignature, Vote, VoteKind};
use kanhe_types::codec;
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::keys::{PublicKey, SecretKey};
use kanhe_types::limits::{EXECUTION_LAG, PROTOCOL_VERSION};
use kanhe_types::merkle::Salt;
use kanhe_types::receipt::{CaseKey, Outcome, Receipt, Refusal};
use kanhe_types::submission::{Batch, Submission, document_id};
use kanhe_types::time::Millis;
use kanhe_types::validator::{Validator, ValidatorSet};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) const GENESIS_BYTES: &[u8] = b"the genesis document of the tests";
pub(crate) const ORGANISATION: &str = "4300000001";

/// Four validators and what they sign, and a fifth that may follow.
pub(crate) struct Network {
    secrets: Vec<SecretKey>,
    pub(crate) genesis: GenesisState,
}

pub(crate) fn genesis_hash() -> Hash {
    Hash::of(Domain::Genesis, &[GENESIS_BYTES])
}

impl Network {
    pub(crate) fn new() -> Self {
        let mut secrets: Vec<SecretKey> = (1..6u8).map(|i| SecretKey::from_seed([i; 32])).collect();
        secrets.sort_by_key(SecretKey::public_key);
        let genesis = GenesisState {
            hash: genesis_hash(),
            time: Millis(1_000),
            validators: set_of(&secrets, 0..4),
            policy: Policy::default(),
            protocol: PROTOCOL_VERSION,
            writes: [(b"put/founded".to_vec(), Some(b"yes".to_vec()))].into(),
        };
        Self { secrets, genesis }
    }

    /// The same network, in whose state another set, the last four, decides from `from` on.
    pub(crate) fn handing_over(from: u64) -> Self {
        let mut network = Self::new();
        let zone = ZoneRecord { validator_sets: 1, ..ZoneRecord::default() };
        let record = ValidatorSetRecord { set: set_of(&network.secrets, 1..5), from, cause: None };
        let writes = &mut network.genesis.writes;
        writes.insert(zone_key_bytes(), Some(codec::encode(&zone)));
        writes.insert(validator_set_key_bytes(1), Some(codec::encode(&record)));
        network
    }

    pub(crate) fn open<S: Store>(&self, store: S) -> Ledger<S> {
        Ledger::open_with(store, self.genesis.clone(), rules).unwrap()
    }

    pub(crate) fn validators_of(&self, bytes: &[u8]) -> Result<ValidatorSet, String> {
        assert_eq!(bytes, GENESIS_BYTES, "the hash was checked before");
        Ok(self.genesis.validators.clone())
    }

    /// Signatures by members of `set`, who are validators of this network.
    fn sign(
        &self,
        digest: &Hash,
        set: &ValidatorSet,
        signers: std::ops::Range<u16>,
    ) -> Vec<IndexedSignature> {
        let sign = |validator| {
            let key = set.get(validator).unwrap().key;
            let secret = self.secrets.iter().find(|secret| secret.public_key() == key).unwrap();
            IndexedSignature { validator, signature: secret.sign(digest) }
        };
        signers.map(sign).collect()
    }

    /// A batch of one submission for each list of documents.
    pub(crate) fn batch(&self, number: u64, submissions: &[&[&str]]) -> Batch {
        let secret = SecretKey::from_seed([50; 32]);
        let verified = (0u8..).zip(submissions).map(|(i, documents)| {
            let salt = Salt([i + 7; 16]);
            let documents = documents.iter().map(|text| text.as_bytes().to_vec()).collect();
            let code = ORGANISATION.parse().unwrap();
            let hash = self.genesis.hash;
            let submission = Submission::sign(&hash, code, &secret, 99, salt, documents).unwrap();
            submission.verify(&hash).unwrap()
        });
        let (author, set) = (&self.secrets[0], self.genesis.validators.hash());
        Batch::sign(&self.genesis.hash, author, number, set, verified.collect())
    }

    /// A batch of one document of ours, and behind it `others` of somebody else's, one by one.
    pub(crate) fn mixed_batch(&self, number: u64, own: &str, others: usize) -> Batch {
        let secret = SecretKey::from_seed([50; 32]);
        let hash = self.genesis.hash;
        let sign = |code: &str, text: String, salt: Salt| {
            let documents = vec![text.into_bytes()];
            let code = code.parse().unwrap();
            let signed = Submission::sign(&hash, code, &secret, 99, salt, documents).unwrap();
            signed.verify(&hash).unwrap()
        };
        let mut all = vec![sign(ORGANISATION, own.to_owned(), Salt([7; 16]))];
        all.extend((0..others).map(|i| {
            let salt = Salt::derive(b"others", i as u64);
            sign("4300000002", format!("put other{number}x{i} 1"), salt)
        }));
        let (author, set) = (&self.secrets[0], self.genesis.validators.hash());
        Batch::sign(&hash, author, number, set, all)
    }

    pub(crate) fn certify(&self, batch: &Batch) -> CertifiedBatch {
        let digest = batch.header.acknowledgement(&self.genesis.hash);
        let acknowledgements = self.sign(&digest, &self.genesis.validators, 0..3);
        CertifiedBatch { header: batch.header.clone(), acknowledgements }
    }

    /// The next block of `ledger`, ordering `batches`.
    pub(crate) fn block<S: Store>(&self, ledger: &Ledger<S>, batches: &[&Batch]) -> Block {
        let batches: Vec<CertifiedBatch> =
            batches.iter().map(|batch| self.certify(batch)).collect();
        let height = ledger.decided_height() + 1;
        let (parent, time) = ledger.link(height - 1).unwrap().unwrap();
        let executed = ledger.executed(height.saturating_sub(EXECUTION_LAG)).unwrap();
        let header = Header {
            protocol: ledger.protocol_at(height),
            genesis: self.genesis.hash,
            height,
            time: Millis(time.0 + 500),
            parent,
            proposer: self.secrets[1].public_key(),
            validators: ledger.validators_at(height).hash(),
            policy: ledger.policy_at(height).hash(),
            batches: batches_root(&self.genesis.hash, &batches),
            executed: executed.unwrap(),
            absent: Vec::new(),
            next_validators: ledger.validators_at(height + 1).hash(),
        };
        Block { header, batches }
    }

    /// The decision of a block by the validators that it names.
    pub(crate) fn decide(&self, block: Block) -> Decision {
        let sets = [0..4, 1..5].map(|members| set_of(&self.secrets, members));
        let set = sets.into_iter().find(|set| set.hash() == block.header.validators).unwrap();
        self.decide_by(&set, block)
    }

    /// The decision of a block by three of `set`.
    pub(crate) fn decide_by(&self, set: &ValidatorSet, block: Block) -> Decision {
        let (height, round, hash) = (block.header.height, 0, block.header.hash());
        let vote = Vote { height, round, kind: VoteKind::Precommit, block: Some(hash) };
        let signatures = self.sign(&vote.digest(&self.genesis.hash), set, 1..4);
        Decision { block, certificate: Certificate { height, round, block: hash, signatures } }
    }

    /// Decides and executes one height with one batch of these submissions, or with none.
    pub(crate) fn grow<S: Store>(&self, ledger: &Ledger<S>, submissions: &[&[&str]]) -> Executed {
        let batch = self.batch(ledger.decided_height() + 1, submissions);
        self.grow_by(ledger, batch, !submissions.is_empty())
    }

    /// The same with this batch, where it is to be ordered.
    pub(crate) fn grow_by<S: Store>(
        &self,
        ledger: &Ledger<S>,
        batch: Batch,
        is_ordered: bool,
    ) -> Executed {
        let digest = batch.header.digest(&self.genesis.hash);
        let ordered: Vec<&Batch> = if is_ordered { vec![&batch] } else { vec![] };
        if !ordered.is_empty() {
            ledger.store_batches(&[(digest, Arc::new(batch.clone()))]).unwrap();
        }
        let block = self.block(ledger, &ordered);
        ledger.check_block(&block).unwrap();
        ledger.store_decision(&self.decide(block)).unwrap();
        ledger.execute_next().unwrap()
    }
}

fn set_of(secrets: &[SecretKey], members: std::ops::Range<u8>) -> ValidatorSet {
    let validators = members.map(|i| Validator {
        organisation: format!("V{i}").parse().unwrap(),
        key: secrets[usize::from(i)].public_key(),
        node: PublicKey::Ed25519([100 + i; 32]),
    });
    ValidatorSet::new(validators.collect()).unwrap()
}

/// Rules in which a document is a command: `put KEY VALUE`, `remove KEY`, `beside KEY VALUE` (a key
/// that the state's tree does not have), `astray KEY` (removes such a key), or `case ORDER STATE`
/// (`0` collecting, `1` matched). Any other is rejected.
pub(crate) fn rules<S: Store>(
    context: &BlockContext<'_>,
    state: &StateView<'_, S>,
    submissions: &mut dyn Iterator<Item = (Hash, &Submission)>,
) -> Result<Effects, StateError> {
    let mut overlay = Overlay::new(state);
    let (mut receipts, mut events, mut cases) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for (id, submission) in submissions {
        if state.executed(&[id])? != [false] || !seen.insert(id) {
            continue;
        }
        for (index, bytes) in (0u8..).zip(&submission.documents) {
            let organisation = &submission.header.organisation;
            let document = document_id(&context.genesis, organisation, bytes);
            let outcome = command(context, &mut overlay, &document, bytes)?;
            if let Outcome::Accepted { case: Some(case) } = &outcome {
                // The state stands at the end of the command.
                let is_collecting = bytes.ends_with(b"0");
                let state = if is_collecting { CaseState::Collecting } else { CaseState::Matched };
                let change = change_case(context, &mut overlay, case, state)?;
                let parties = change.after.parties.clone();
                events.push(Event::CaseChanged { case: case.clone(), parties, state });
                cases.push(change);
            }
            let height = context.height;
            receipts.push(Receipt { document, submission: id, index, height, outcome });
        }
    }
    let writes = overlay.into_writes();
    Ok(Effects { writes, receipts, events, cases, seen: Vec::new() })
}

/// A key that the state's tree does not have.
pub(crate) fn beside_key(key: &str) -> Vec<u8> {
    let key = [&[0x60], key.as_bytes()].concat();
    assert!(!is_in_tree(&key));
    key
}

fn change_case<S: StateRead>(
    context: &BlockContext<'_>,
    overlay: &mut Overlay<'_, S>,
    key: &CaseKey,
    state: CaseState,
) -> Result<CaseChange, StateError> {
    let before = kanhe_contracts::case::case(overlay, key)?;
    let mut case = before.clone().unwrap_or_else(|| Case::new(key.clone(), context.time));
    case.state = state;
    case.changed_height = context.height;
    overlay.put(case_key_bytes(key), codec::encode(&case));
    let standing = |case: &Case| {
        let parties = vec![case.key.platform.clone()];
        CaseStanding { state: case.state, parties }
    };
    let (before, after) = (before.as_ref().map(standing), standing(&case));
    let direction = policy::Direction::Import;
    Ok(CaseChange { direction, case: key.clone(), before, after })
}

fn command<S: StateRead>(
    context: &BlockContext<'_>,
    overlay: &mut Overlay<'_, S>,
    document: &Hash,
    bytes: &[u8],
) -> Result<Outcome, StateError> {
    let known = [b"document/".as_slice(), &document.0].concat();
    if let Some(first) = overlay.get(&known)? {
        let first_height = u64::from_be_bytes(first.try_into().expect("a height"));
        return Ok(Outcome::Repeated { first_height });
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let state_key = |key: &str| format!("put/{key}").into_bytes();
    let case = match text.split(' ').collect::<Vec<_>>().as_slice() {
        ["put", key, value] => {
            overlay.put(state_key(key), value.as_bytes().to_vec());
            None
        }
        ["remove", key] => {
            overlay.remove(state_key(key));
            None
        }
        ["beside", key, value] => {
            overlay.put(beside_key(key), value.as_bytes().to_vec());
            None
        }
        ["astray", key] => {
            overlay.remove(beside_key(key));
            None
        }
        ["case", order_no, _] => {
            let platform = ORGANISATION.parse().expect("a code");
            Some(CaseKey { platform, order_no: (*order_no).into() })
        }
        _ => {
            let expected = "a command".into();
            let refusal = Refusal {
                code: 1,
                official: None,
                field: "text".into(),
                expected,
                found: text.clone(),
            };
            return Ok(Outcome::Rejected(refusal));
        }
    };
    overlay.put(known, context.height.to_be_bytes().to_vec());
    Ok(Outcome::Accepted { case })
}

/// A store that fails from some write on, as if the machine had stopped before it.
#[derive(Clone)]
pub(crate) struct FailingStore {
    inner: MemoryStore,
    writes_left: Arc<AtomicUsize>,
}

impl FailingStore {
    pub(crate) fn new(inner: MemoryStore, writes: usize) -> Self {
        Self { inner, writes_left: Arc::new(AtomicUsize::new(writes)) }
    }
}

impl Store for FailingStore {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(column, key)
    }

    fn has(&self, column: Column, key: &[u8]) -> Result<bool, StoreError> {
        self.inner.has(column, key)
    }

    fn multi_get(
        &self,
        column: Column,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        assert!(keys.is_sorted(), "the batched read relies on ascending keys");
        self.inner.multi_get(column, keys)
    }

    fn write(&self, batch: WriteBatch, durability: Durability) -> Result<(), StoreError> {
        let left = self.writes_left.load(Ordering::Relaxed);
        let Some(left) = left.checked_sub(1) else {
            return Err(StoreError::Write { reason: "the machine stopped".into() });
        };
        self.writes_left.store(left, Ordering::Relaxed);
        self.inner.write(batch, durability)
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.inner.flush()
    }

    fn scan(
        &self,
        column: Column,
        from: &[u8],
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        self.inner.scan(column, from, direction, limit)
    }
}

/// Everything that a store holds.
pub(crate) fn content<S: Store>(store: &S) -> Vec<(Column, Vec<Pair>)> {
    let all = |column| store.scan(column, &[], Direction::Forward, usize::MAX).unwrap();
    Column::ALL.into_iter().map(|column| (column, all(column))).collect()
}

/// Changes one stored value behind the ledger's back.
pub(crate) fn tamper<S: Store>(
    store: &S,
    column: Column,
    key: &[u8],
    change: impl FnOnce(&mut Vec<u8>),
) {
    let mut value = store.get(column, key).unwrap().expect("there is a value to tamper with");
    change(&mut value);
    let mut batch = WriteBatch::default();
    batch.put(column, key.to_vec(), value);
    store.write(batch, Durability::Synced).unwrap();
}

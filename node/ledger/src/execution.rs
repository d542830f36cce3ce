//! One decided height into one atomic write.

use crate::ledger::{Ledger, LedgerError, UnknownProtocol};
use crate::receipts::{carried, index_receipts, write_events, write_receipts};
use crate::salts;
use crate::schema::{self, ExecutedRecord};
use crate::state::{Pending, StateView, write_state};
use crate::store::{Column, Durability, Store, WriteBatch};
use crate::tally::Tally;
use kanhe_contracts::execute::{BlockContext, CaseChange, Effects};
use kanhe_contracts::governance::Schedule;
use kanhe_contracts::state::StateError;
use kanhe_contracts::state_key::{agenda_key_bytes, zone_key_bytes};
use kanhe_types::block::{Decision, Executed, Header};
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::limits::EXECUTION_LAG;
use kanhe_types::submission::{Batch, Submission};
use kanhe_types::time::Millis;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Heights that are executed together at most.
const GROUP_HEIGHTS_MAX: u64 = 64;
/// Documents of heights that are executed together: enough that most documents of a trade meet,
/// few enough for memory. A single height may have more.
const GROUP_DOCUMENTS_MAX: u64 = 20_000;

/// A part of a height's execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading bodies and applying the rules.
    Rules,
    /// Computing the state root.
    Tree,
    /// Receipts, events and indexes, and writing all of it.
    Write,
}

/// The rules: what a block's submissions, each with its identity, do to a state.
pub(crate) type Executor<S> = Box<dyn Execute<S>>;

/// What can execute blocks: [`contracts`], or whatever looks on while they do.
pub trait Execute<S>:
    Fn(
        &BlockContext<'_>,
        &StateView<'_, S>,
        &mut dyn Iterator<Item = (Hash, &Submission)>,
    ) -> Result<Effects, StateError>
    + Send
    + Sync
{
}

impl<S, F> Execute<S> for F where
    F: Fn(
            &BlockContext<'_>,
            &StateView<'_, S>,
            &mut dyn Iterator<Item = (Hash, &Submission)>,
        ) -> Result<Effects, StateError>
        + Send
        + Sync
{
}

/// The rules of trade.
///
/// # Errors
/// When this machine cannot read its state.
pub fn contracts<S: Store>(
    context: &BlockContext<'_>,
    state: &StateView<'_, S>,
    submissions: &mut dyn Iterator<Item = (Hash, &Submission)>,
) -> Result<Effects, StateError> {
    kanhe_contracts::execute::execute(context, state, submissions)
}

/// The next height is not executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// Nothing is left to execute.
    #[error("height {height} is not decided yet")]
    NotDecided {
        /// The height that would execute.
        height: u64,
    },
    /// Bodies are missing; fetch them and try again.
    #[error("height {height} orders {} batches whose bodies are not here yet", .digests.len())]
    MissingBatches {
        /// The height that would execute.
        height: u64,
        /// The missing batches.
        digests: Vec<Hash>,
    },
    /// This machine computed other effects than the quorum certified. Fatal: the node must stop.
    #[error(
        "{field} of height {height} is {ours} here, the header of height {certified_at} says \
         {theirs}; this node's state is wrong: keep the home for inspection, and sync into a new \
         one"
    )]
    Diverged {
        /// The height whose effects differ.
        height: u64,
        /// The height whose header states them.
        certified_at: u64,
        /// Which of the effects.
        field: &'static str,
        /// What this machine computed.
        ours: Hash,
        /// What the header says.
        theirs: Hash,
    },
    /// This program does not know the height's rules. Fatal, and nothing is lost.
    #[error(transparent)]
    Protocol(#[from] UnknownProtocol),
    /// A quorum decided under another protocol than this machine's state says. Fatal.
    #[error(
        "height {height} is decided under protocol {theirs}, the state here says {ours}; this \
         node's state is wrong: keep the home for inspection, and sync into a new one"
    )]
    OtherProtocol {
        /// The height.
        height: u64,
        /// What this machine's state says.
        ours: u16,
        /// What the header says.
        theirs: u16,
    },
    /// The rules could not read the state.
    #[error(transparent)]
    State(#[from] StateError),
    /// The ledger cannot answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<crate::store::StoreError> for ExecuteError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// A batch with its digest.
pub(crate) type Body = (Hash, Arc<Batch>);

/// Heights under execution, which are written together.
struct Group {
    state: Pending,
    changes: WriteBatch,
    cases: Vec<CaseChange>,
    /// What is kept of each height; the last one's state root is still to be filled in.
    records: Vec<ExecutedRecord>,
    /// The submissions with receipts.
    submissions: BTreeSet<Hash>,
    /// The bodies.
    batches: Vec<Hash>,
    tally: Tally,
    /// The block time of the last height.
    time: Millis,
    /// Which policy, protocol and validators hold when, by the heights before and those of the
    /// group.
    schedule: Arc<Schedule>,
}

impl<S: Store> Ledger<S> {
    /// The last height that can be executed together with the one after
    /// [`Self::executed_height`]: that height, or a later one of which the chain says already
    /// what every height in between must have led to.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn group_end(&self) -> Result<u64, LedgerError> {
        let first = self.executed_height() + 1;
        let certified = self.decided_height().saturating_sub(EXECUTION_LAG);
        let (mut last, mut documents) = (first, 0);
        for height in first..first.saturating_add(GROUP_HEIGHTS_MAX) {
            if certified < height {
                break;
            }
            let Some(decision) = self.decision(height)? else { break };
            let counts = decision.block.batches.iter().map(|own| own.header.document_count);
            documents += counts.map(u64::from).sum::<u64>();
            let is_ready = self.has_bodies(&decision)?;
            if first < height && (GROUP_DOCUMENTS_MAX < documents || !is_ready) {
                break;
            }
            last = height;
            if !is_ready {
                break;
            }
        }
        Ok(last)
    }

    fn has_bodies(&self, decision: &Decision) -> Result<bool, LedgerError> {
        for certified in &decision.block.batches {
            if !self.has_batch(&certified.header.digest(&self.genesis))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Executes the height after [`Self::executed_height`]: state, receipts, events, indexes and
    /// roots, in one write that is whole or absent after a crash. It is not synced: decision and
    /// bodies are, and give the same again.
    ///
    /// # Errors
    /// When the height is not decided, bodies are missing, the store fails, or (fatal) what this
    /// machine computed before differs from what the header says.
    ///
    /// # Panics
    /// If the rules break their own contract, such as a receipt for a document that no one sent.
    pub fn execute_next(&self) -> Result<Executed, ExecuteError> {
        self.execute_to(self.executed_height() + 1, &mut |_| {})
    }

    /// Executes every height up to `last`, which [`Self::group_end`] gave, in one write: each
    /// with its receipts and events, and the state as the last one leaves it. What the roots in
    /// between are is taken from certified headers, and the last root is compared with its own.
    /// `ended` is called at the end of each phase, for whoever measures.
    ///
    /// If the comparison fails, or this program does not know the rules of a height, nothing is
    /// written but the first height, by itself: heights that are executed one by one find the one
    /// that differs.
    ///
    /// # Errors
    /// As [`Self::execute_next`].
    ///
    /// # Panics
    /// As [`Self::execute_next`].
    pub fn execute_to(
        &self,
        last: u64,
        ended: &mut dyn FnMut(Phase),
    ) -> Result<Executed, ExecuteError> {
        let _alone = self.executing.lock().expect("no thread has panicked while executing");
        let first = self.executed_height() + 1;
        match self.execute_group(first, last.max(first), ended) {
            Err(ExecuteError::Diverged { .. } | ExecuteError::Protocol(_)) if first < last => {
                self.execute_group(first, first, ended)
            }
            result => result,
        }
    }

    fn execute_group(
        &self,
        first: u64,
        last: u64,
        ended: &mut dyn FnMut(Phase),
    ) -> Result<Executed, ExecuteError> {
        let before = self.record(first - 1)?.expect("the height before was executed");
        let mut group = Group {
            state: Pending::new(),
            changes: WriteBatch::default(),
            cases: Vec::new(),
            records: vec![before],
            submissions: BTreeSet::new(),
            batches: Vec::new(),
            tally: Tally::default(),
            time: Millis(0),
            schedule: self.schedule(),
        };
        for height in first..=last {
            let decision = self.decision(height)?.ok_or(ExecuteError::NotDecided { height })?;
            let batches = self.ordered_bodies(&decision)?;
            self.execute_one(&mut group, &decision.block.header, &batches, ended)?;
            if height < last {
                self.adopt_state_root(&mut group, height)?;
            }
        }
        self.commit(group, ended)
    }

    /// Applies the rules to one height on top of those before it.
    fn execute_one(
        &self,
        group: &mut Group,
        header: &Header,
        batches: &[Body],
        ended: &mut dyn FnMut(Phase),
    ) -> Result<(), ExecuteError> {
        self.check_rules(&group.schedule, header)?;
        self.check_effects(group, header)?;
        let submissions: Vec<&Submission> =
            batches.iter().flat_map(|(_, batch)| &batch.submissions).collect();
        let height = header.height;
        let policy = group.schedule.in_force_at(height);
        let context = BlockContext {
            protocol: header.protocol,
            genesis: self.genesis,
            height,
            time: header.time,
            parent: header.parent,
            policy: &policy,
            programs: policy.programs(),
            is_watched: false,
        };
        let ids: Vec<Hash> = submissions.iter().map(|one| one.header.id(&self.genesis)).collect();
        let identified = ids.iter().copied().zip(submissions.iter().copied());
        let (pending, executed) = (&group.state, &group.submissions);
        let view = StateView::new(&self.store, pending, executed);
        let effects = (self.executor)(&context, &view, &mut { identified })?;
        let found = view.into_found();
        let before = group.records.last().expect("there is the record before the group");
        let secret = salts::height_secret(&before.secret, &submissions);
        let generation = self.generation_after(before);
        ended(Phase::Rules);
        let Effects { writes, receipts, events, cases, seen: _ } = effects;
        let changes = &mut group.changes;
        let executed = Executed {
            height,
            receipts: write_receipts(height, &secret, &receipts, changes),
            events: write_events(height, &secret, &events, changes),
            state: Hash::default(),
        };
        index_receipts(height, &carried(batches, &ids), &receipts, changes);
        let keys = [zone_key_bytes(), agenda_key_bytes()];
        let changes_zone = keys.iter().any(|key| writes.contains_key(key));
        let (generation, generation_keys) =
            self.write_keys(&mut group.state, (&secret, generation), writes, found)?;
        group.records.push(ExecutedRecord {
            executed,
            secret,
            receipt_count: receipts.len() as u64,
            event_count: events.len() as u64,
            generation,
            generation_keys,
        });
        group.time = header.time;
        group.tally.add(&receipts);
        group.submissions.extend(receipts.iter().map(|receipt| receipt.submission));
        group.batches.extend(batches.iter().map(|(digest, _)| *digest));
        group.cases.extend(cases);
        if changes_zone {
            let view = StateView::new(&self.store, &group.state, &group.submissions);
            group.schedule = Arc::new(self.founding.with(&view)?);
        }
        ended(Phase::Write);
        Ok(())
    }

    /// Takes the state root of a height in the middle of a group from the header that states it.
    fn adopt_state_root(&self, group: &mut Group, height: u64) -> Result<(), ExecuteError> {
        let certified_at = height + EXECUTION_LAG;
        let header = self.header(certified_at)?;
        let header = header.ok_or(ExecuteError::NotDecided { height: certified_at })?;
        let record = group.records.last_mut().expect("the height was just executed");
        record.executed.state = header.executed.state;
        Ok(())
    }

    /// Checks that a decided header states the rules and the validators that our own state makes
    /// hold, and that this program knows the rules.
    fn check_rules(&self, schedule: &Schedule, header: &Header) -> Result<(), ExecuteError> {
        let height = header.height;
        self.check_known(schedule, height)?;
        let (ours, theirs) = (schedule.protocol_at(height), header.protocol);
        if ours != theirs {
            return Err(ExecuteError::OtherProtocol { height, ours, theirs });
        }
        let next = schedule.validators_at(height + 1).hash;
        let fields = [
            ("policy", schedule.policy_at(height).hash(), header.policy),
            ("validator set", schedule.validators_at(height).hash, header.validators),
            ("next validator set", next, header.next_validators),
        ];
        for (field, ours, theirs) in fields {
            if ours != theirs {
                let certified_at = height;
                return Err(ExecuteError::Diverged { height, certified_at, field, ours, theirs });
            }
        }
        Ok(())
    }

    /// Checks what a decided header says of earlier effects against our own.
    fn check_effects(&self, group: &Group, header: &Header) -> Result<(), ExecuteError> {
        let height = header.height.saturating_sub(EXECUTION_LAG);
        let own = group.records.iter().find(|record| record.executed.height == height);
        let ours = match own {
            Some(record) => record.executed,
            None => self.executed(height)?.expect("heights below the next were executed"),
        };
        compare(&ours, header)
    }

    fn ordered_bodies(&self, decision: &Decision) -> Result<Vec<Body>, ExecuteError> {
        let (mut batches, mut digests) = (Vec::new(), Vec::new());
        for certified in &decision.block.batches {
            let digest = certified.header.digest(&self.genesis);
            match self.batch(&digest)? {
                Some(batch) if batch.header == certified.header => batches.push((digest, batch)),
                Some(_) => {
                    let reason = "the body belongs to another digest";
                    return Err(schema::corrupt(Column::Batches, &digest.0, reason).into());
                }
                None => digests.push(digest),
            }
        }
        match digests.is_empty() {
            true => Ok(batches),
            false => {
                let height = decision.block.header.height;
                Err(ExecuteError::MissingBatches { height, digests })
            }
        }
    }

    /// Computes the state root and writes everything.
    fn commit(&self, group: Group, ended: &mut dyn FnMut(Phase)) -> Result<Executed, ExecuteError> {
        let Group {
            state, mut changes, cases, mut records, batches, tally, time, schedule, ..
        } = group;
        // Of several heights the chain says what the last one led to, too.
        let is_certified = 2 < records.len();
        let first = records.first().map_or(0, |before| before.executed.height);
        let update = {
            let current = self.tree.read().expect("no thread has panicked with the tree");
            assert_eq!(current.height, first, "the tree stands before the first height");
            write_state(&self.store, &self.genesis, &current.tree, state, &mut changes)?
        };
        let last = records.last_mut().expect("at least one height was executed");
        last.executed.state = update.root();
        let last = last.executed;
        if is_certified {
            let certified_at = last.height + EXECUTION_LAG;
            let header = self.header(certified_at)?;
            compare(&last, &header.ok_or(ExecuteError::NotDecided { height: certified_at })?)?;
        }
        ended(Phase::Tree);
        self.index_cases(&cases, &mut changes)?;
        for record in records.iter().skip(1) {
            let key = schema::height_key(record.executed.height);
            changes.put(Column::Executed, key, codec::encode(record));
        }
        // Whoever proves holds the lock, so that a tree is never read with other buckets.
        let mut current = self.tree.write().expect("no thread has panicked with the tree");
        let bytes = changes.bytes();
        self.store.write(changes, Durability::Reproducible)?;
        // Whoever sees the height as executed must see what follows from it.
        self.set_schedule(schedule);
        current.tree.apply(update);
        current.height = last.height;
        self.executed.store(last.height, Ordering::Release);
        drop(current);
        let mut bodies = self.bodies();
        batches.iter().for_each(|digest| bodies.forget(digest));
        drop(bodies);
        self.tally().merge(tally);
        let mut turns = self.turns.lock().expect("no thread has panicked while it counted");
        if turns.written(first + 1..=last.height, time, bytes) {
            self.store.begin_flush()?;
        }
        drop(turns);
        ended(Phase::Write);
        Ok(last)
    }
}

/// Checks our effects of a height against the header that states them.
fn compare(ours: &Executed, header: &Header) -> Result<(), ExecuteError> {
    match first_difference(ours, &header.executed) {
        None => Ok(()),
        Some((field, ours_is, theirs)) => Err(ExecuteError::Diverged {
            height: ours.height,
            certified_at: header.height,
            field,
            ours: ours_is,
            theirs,
        }),
    }
}

/// The first of the effects in which two accounts of one height differ.
pub(crate) fn first_difference(
    ours: &Executed,
    theirs: &Executed,
) -> Option<(&'static str, Hash, Hash)> {
    [
        ("state root", ours.state, theirs.state),
        ("receipts root", ours.receipts, theirs.receipts),
        ("events root", ours.events, theirs.events),
    ]
    .into_iter()
    .find(|(_, ours, theirs)| ours != theirs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use crate::testing::{Network, beside_key, content, tamper};
    use kanhe_contracts::state::StateRead;
    use kanhe_types::limits::SUBMISSION_DOCUMENTS_MAX;
    use proptest::prelude::*;

    #[test]
    fn a_height_whose_bodies_are_missing_names_them() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let batch = network.batch(1, &[&["put a 1"]]);
        let digest = batch.header.digest(&network.genesis.hash);
        let decision = network.decide(network.block(&ledger, &[&batch]));
        ledger.store_decision(&decision).unwrap();
        assert_eq!(ledger.missing_batches(1).unwrap(), vec![digest]);
        let error = ledger.execute_next().unwrap_err();
        assert!(
            matches!(&error, ExecuteError::MissingBatches { digests, .. } if *digests == [digest])
        );
        ledger.store_batches(&[(digest, batch.into())]).unwrap();
        assert_eq!(ledger.missing_batches(1).unwrap(), vec![]);
        assert_eq!(ledger.execute_next().unwrap().height, 1);
        let error = ledger.execute_next().unwrap_err();
        assert!(matches!(error, ExecuteError::NotDecided { height: 2 }), "{error}");
    }

    #[test]
    fn a_header_with_another_state_root_stops_the_node() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1"]]);
        network.grow(&ledger, &[]);
        let mut block = network.block(&ledger, &[]);
        block.header.executed.state = Hash([7; 32]);
        ledger.store_decision(&network.decide(block)).unwrap();
        let error = ledger.execute_next().unwrap_err();
        let ours = ledger.executed(1).unwrap().unwrap().state;
        let expected = format!("state root of height 1 is {ours} here, the header of height 3");
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert_eq!(ledger.executed_height(), 2);
    }

    #[test]
    fn a_submission_in_two_batches_executes_once() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1"]]);
        let submission = ledger.receipts_at(1).unwrap()[0].submission;
        network.grow(&ledger, &[&["put a 1"]]);
        assert_eq!(ledger.receipts_at(2).unwrap(), vec![]);
        assert_eq!(ledger.receipts_of(&submission).unwrap().unwrap()[0].height, 1);
    }

    #[test]
    fn the_same_writes_under_another_secret_have_another_root() {
        let network = Network::new();
        let open = || network.open(MemoryStore::default());
        let alone = network.grow(&open(), &[&["put a 1", "put b 2"]]);
        let again = network.grow(&open(), &[&["put a 1", "put b 2"]]);
        let other = {
            let ledger = open();
            network.grow(&ledger, &[]);
            network.grow(&ledger, &[&["put a 1", "put b 2"]])
        };
        assert_eq!(alone.state, again.state);
        assert_ne!(alone.state, other.state);
    }

    #[test]
    fn what_the_tree_does_not_have_is_kept_changed_and_removed() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let get = |key: &str| ledger.state().get(&beside_key(key)).unwrap();
        network.grow(&ledger, &[&["beside a 1", "beside b 2", "put a 1"]]);
        assert_eq!([get("a"), get("b")], [Some(b"1".to_vec()), Some(b"2".to_vec())]);
        network.grow(&ledger, &[&["beside a 3", "astray b"]]);
        assert_eq!([get("a"), get("b")], [Some(b"3".to_vec()), None]);
    }

    #[test]
    fn a_body_under_another_digest_is_not_executed() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let [one, two] = [1, 2].map(|number| network.batch(number, &[&["put a 1"]]));
        let digest = one.header.digest(&network.genesis.hash);
        // Written behind the ledger's back, so that it does not keep the body in memory.
        let mut body = WriteBatch::default();
        body.put(Column::Batches, digest.0.to_vec(), codec::encode(&one));
        ledger.store().write(body, Durability::Synced).unwrap();
        tamper(ledger.store(), Column::Batches, &digest.0, |body| *body = codec::encode(&two));
        ledger.store_decision(&network.decide(network.block(&ledger, &[&one]))).unwrap();
        let error = ledger.execute_next().unwrap_err();
        assert!(matches!(error, ExecuteError::Ledger(LedgerError::Corrupt { .. })), "{error}");
    }

    /// A ledger whose generations are small.
    fn empty(network: &Network) -> Ledger<MemoryStore> {
        let mut ledger = network.open(MemoryStore::default());
        ledger.generation_keys = 4;
        ledger
    }

    /// A chain of `texts`, height by height, as the decisions and bodies that a peer gets.
    fn chain_of(network: &Network, texts: &[Vec<&str>]) -> Ledger<MemoryStore> {
        let ledger = empty(network);
        for documents in texts {
            network.grow(&ledger, &[documents]);
        }
        ledger
    }

    /// A ledger that has all decisions and bodies of `source`, and has executed nothing.
    fn behind(network: &Network, source: &Ledger<MemoryStore>) -> Ledger<MemoryStore> {
        let ledger = empty(network);
        for height in 1..=source.decided_height() {
            let decision = source.decision(height).unwrap().unwrap();
            for batch in &decision.block.batches {
                let digest = batch.header.digest(&network.genesis.hash);
                let body = source.batch(&digest).unwrap().unwrap();
                ledger.store_batches(&[(digest, body)]).unwrap();
            }
            ledger.store_decision(&decision).unwrap();
        }
        ledger
    }

    fn execute_all(ledger: &Ledger<MemoryStore>) -> Result<Vec<u64>, ExecuteError> {
        let mut ends = Vec::new();
        while ledger.executed_height() < ledger.decided_height() {
            let last = ledger.group_end()?;
            ends.push(ledger.execute_to(last, &mut |_| {})?.height);
        }
        Ok(ends)
    }

    fn commands() -> impl Strategy<Value = Vec<&'static str>> {
        let command = proptest::sample::select(vec![
            "put a 1",
            "put a 2",
            "put b 1",
            "remove a",
            "remove b",
            "case o1 0",
            "case o1 1",
            "case o2 0",
            "nonsense",
        ]);
        proptest::collection::vec(command, 1..5)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn heights_in_groups_leave_what_they_leave_one_by_one(
            texts in proptest::collection::vec(commands(), 1..16),
            alone in 0u64..10,
        ) {
            let network = Network::new();
            let source = chain_of(&network, &texts);
            let ledger = behind(&network, &source);
            let heights = texts.len() as u64;
            let alone = alone.min(heights);
            for height in 1..=alone {
                prop_assert_eq!(ledger.execute_next().unwrap().height, height);
            }
            let ends = execute_all(&ledger).unwrap();
            let together = heights.saturating_sub(EXECUTION_LAG).max(alone + 1);
            prop_assert_eq!(ends, (together..=heights).collect::<Vec<_>>());
            prop_assert_eq!(content(ledger.store()), content(source.store()));
            prop_assert_eq!(ledger.outcomes(), source.outcomes());
        }
    }

    #[test]
    fn a_group_ends_before_a_height_without_bodies_and_has_a_bounded_number_of_heights() {
        let network = Network::new();
        let count = usize::try_from(GROUP_HEIGHTS_MAX).unwrap() + 5;
        let source = chain_of(&network, &vec![vec!["put a 1"]; count]);
        let ledger = behind(&network, &source);
        assert_eq!(ledger.group_end().unwrap(), GROUP_HEIGHTS_MAX);
        let decision = source.decision(4).unwrap().unwrap();
        let digest = decision.block.batches[0].header.digest(&network.genesis.hash);
        ledger.bodies().forget(&digest);
        let mut changes = WriteBatch::default();
        changes.remove(Column::Batches, digest.0.to_vec());
        ledger.store().write(changes, Durability::Synced).unwrap();
        assert_eq!(ledger.group_end().unwrap(), 3);
        ledger.execute_to(3, &mut |_| {}).unwrap();
        assert_eq!(ledger.group_end().unwrap(), 4);
        let error = ledger.execute_next().unwrap_err();
        assert!(matches!(error, ExecuteError::MissingBatches { height: 4, .. }), "{error}");
    }

    #[test]
    fn a_group_has_a_bounded_number_of_documents() {
        let network = Network::new();
        let source = empty(&network);
        // Two thirds of a group each.
        let documents = vec!["put a 1"; SUBMISSION_DOCUMENTS_MAX];
        let count = usize::try_from(GROUP_DOCUMENTS_MAX).unwrap() * 2 / 3 / documents.len();
        let submissions: Vec<&[&str]> = vec![&documents; count];
        for _ in 0..3 {
            network.grow(&source, &submissions);
        }
        network.grow(&source, &[]);
        network.grow(&source, &[]);
        assert_eq!(execute_all(&behind(&network, &source)).unwrap(), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_group_whose_last_root_differs_is_executed_one_by_one_up_to_there() {
        let network = Network::new();
        let source = chain_of(&network, &vec![vec!["put a 1"]; 7]);
        let mut block = network.block(&source, &[]);
        block.header.executed.state = Hash([7; 32]);
        source.store_decision(&network.decide(block)).unwrap();
        let ledger = behind(&network, &source);
        assert_eq!(ledger.group_end().unwrap(), 6);
        assert_eq!(ledger.execute_to(6, &mut |_| {}).unwrap().height, 1);
        assert_eq!(ledger.executed_height(), 1);
        let error = execute_all(&ledger).unwrap_err();
        let is_named = matches!(error, ExecuteError::Diverged { height: 6, certified_at: 8, .. });
        assert!(is_named, "{error}");
        assert_eq!(ledger.executed_height(), 7);
    }
}

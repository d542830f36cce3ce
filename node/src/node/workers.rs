//! The threads behind the core: one checks and stores batches, one executes heights.

use super::Failure;
use crate::core::{Event, chain};
use crate::meter::{Meter, Stage};
use kanhe_ledger::Ledger;
use kanhe_ledger::execution::Phase;
use kanhe_ledger::store::RocksStore;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::submission::Batch;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use tokio::sync::watch;

/// Batches that are stored under one sync.
const BATCHES_PER_SYNC_MAX: usize = 32;

/// The thread that checks batches and syncs them to disk.
pub(super) struct Holder {
    pub(super) ledger: Arc<Ledger<RocksStore>>,
    pub(super) meter: Arc<Meter>,
    pub(super) events: SyncSender<Event>,
    pub(super) own: PublicKey,
    pub(super) genesis: Hash,
}

impl Holder {
    pub(super) fn run(&self, receiver: &Receiver<Arc<Batch>>, failing: &Failure) {
        let mut watch = self.meter.stopwatch();
        while let Ok(first) = receiver.recv() {
            let more = receiver.try_iter().take(BATCHES_PER_SYNC_MAX - 1);
            let mut held = Vec::new();
            for batch in std::iter::once(first).chain(more) {
                let digest = batch.header.digest(&self.genesis);
                // Our own submissions were checked when they were admitted.
                if batch.header.author != self.own
                    && let Err(error) = batch.verify(&self.genesis)
                {
                    let reason = chain(&error);
                    if self.events.send(Event::Refused { digest, reason }).is_err() {
                        return;
                    }
                    continue;
                }
                held.push((digest, batch));
            }
            watch.count(Stage::Verify);
            if let Err(error) = self.ledger.store_batches(&held) {
                return failing.fail(format!("batches cannot be stored: {}", chain(&error)));
            }
            watch.count(Stage::Store);
            for (_, batch) in held {
                if self.events.send(Event::Held(Box::new(batch.header.clone()))).is_err() {
                    return;
                }
            }
        }
    }
}

/// The thread that executes heights.
pub(super) struct Executor<'a> {
    pub(super) ledger: &'a Ledger<RocksStore>,
    pub(super) meter: &'a Meter,
    pub(super) executed: watch::Sender<u64>,
    pub(super) events: SyncSender<Event>,
}

impl Executor<'_> {
    pub(super) fn run(&self, receiver: &Receiver<u64>, failing: &Failure) {
        let mut watch = self.meter.stopwatch();
        while let Ok(last) = receiver.recv() {
            watch.skip();
            let effects = self.ledger.execute_to(last, &mut |phase| {
                watch.count(match phase {
                    Phase::Rules => Stage::Execute,
                    Phase::Tree => Stage::StateTree,
                    Phase::Write => Stage::Store,
                });
            });
            match effects {
                Ok(effects) => {
                    self.executed.send_replace(effects.height);
                    if self.events.send(Event::Executed).is_err() {
                        return;
                    }
                }
                Err(error) => {
                    let height = self.ledger.executed_height().saturating_add(1);
                    return failing
                        .fail(format!("height {height} cannot be executed: {}", chain(&error)));
                }
            }
        }
    }
}

//! The thread that owns the core and its log and carries out the core's actions in order.

use super::peers::Peers;
use super::{Failure, Shared, lock};
use crate::core::message::{Lane, Message};
use crate::core::{Action, Core, Event, Now, Report, chain};
use crate::evidence::EvidenceFile;
use crate::wal::Wal;
use bytes::Bytes;
use kanhe_ledger::store::RocksStore;
use kanhe_network::Channel;
use kanhe_types::keys::PublicKey;
use kanhe_types::submission::Batch;
use kanhe_types::time::Millis;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The thread that owns the core.
pub(super) struct Runner {
    pub(super) core: Core<RocksStore>,
    pub(super) wal: Wal,
    pub(super) evidence: EvidenceFile,
    pub(super) peers: Peers,
    pub(super) shared: Arc<Shared>,
    pub(super) hold: Sender<Arc<Batch>>,
    pub(super) execute: Sender<u64>,
    pub(super) started: Instant,
    /// The message sent last, encoded: a broadcast encodes once.
    pub(super) last_encoded: Option<(Arc<Message>, Bytes)>,
    pub(super) stopping: Arc<AtomicBool>,
}

impl Runner {
    pub(super) fn run(mut self, receiver: &Receiver<Event>, failing: &Failure) {
        // What we tell the core ourselves comes before what others do.
        let mut events = VecDeque::from([Event::Tick]);
        loop {
            while let Some(event) = events.pop_front() {
                let now = self.now();
                for action in self.core.handle(now, event) {
                    if let Err(text) = self.carry_out(action, &mut events) {
                        failing.fail(text);
                        return;
                    }
                }
            }
            *lock(&self.shared.status) = self.core.status();
            if self.stopping.load(Ordering::Acquire) {
                return;
            }
            let deadline = self.core.next_deadline().unwrap_or(u64::MAX);
            let wait = deadline.saturating_sub(self.now().elapsed_ms).min(1_000);
            events.push_back(match receiver.recv_timeout(Duration::from_millis(wait)) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => Event::Tick,
                Err(RecvTimeoutError::Disconnected) => return,
            });
        }
    }

    fn now(&self) -> Now {
        let elapsed_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { elapsed_ms, time: wall_clock() }
    }

    fn carry_out(&mut self, action: Action, events: &mut VecDeque<Event>) -> Result<(), String> {
        match action {
            Action::Send { to, message } => self.send(&to, message),
            Action::Append(entry) => self.wal.append(&entry),
            Action::SyncLog => self.wal.sync().map_err(|error| chain(&error))?,
            Action::TrustLog => self.wal.unmark_restored().map_err(|error| chain(&error))?,
            Action::ResetLog => self.wal.reset().map_err(|error| chain(&error))?,
            Action::Hold(batch) => {
                self.hold.send(batch).map_err(|_| "the holding thread has ended".to_owned())?;
            }
            Action::Execute(last) => {
                self.execute.send(last).map_err(|_| "the executing thread has ended".to_owned())?;
            }
            Action::Answer { token, answers } => {
                if let Some(sender) = lock(&self.shared.waiting).remove(&token) {
                    // The client may have gone.
                    drop(sender.send(answers));
                }
            }
            Action::Admit(members) => events.extend(self.peers.admit(&members)),
            Action::Report(report) => {
                log_report(&report);
                if let Report::Evidence(evidence) = &report {
                    let kept = self.evidence.keep(evidence);
                    kept.map_err(|error| format!("evidence cannot be kept: {error}"))?;
                }
            }
            Action::Fail(text) => return Err(text),
        }
        Ok(())
    }

    fn send(&mut self, to: &PublicKey, message: Arc<Message>) {
        let lane = message.lane();
        let bytes = match &self.last_encoded {
            Some((last, bytes)) if Arc::ptr_eq(last, &message) => bytes.clone(),
            _ => {
                let bytes = Bytes::from(message.encode());
                self.last_encoded = Some((message, bytes.clone()));
                bytes
            }
        };
        let channel = match lane {
            Lane::Agreement => Channel::Agreement,
            Lane::Bulk => Channel::Bulk,
            Lane::Sync => Channel::Sync,
        };
        if let Err(error) = self.peers.send(to, channel, bytes) {
            // Lost like any message may be; the core says it again.
            tracing::debug!(peer = %to.short(), %error, "message not sent");
        }
    }
}

fn log_report(report: &Report) {
    match report {
        Report::Decided { height, round: 0, batches } => {
            tracing::debug!(height, batches, "decided");
        }
        Report::Decided { height, round, batches } => {
            tracing::info!(height, round, batches, "decided in a later round");
        }
        Report::Evidence(evidence) => {
            tracing::error!(
                ?evidence,
                "a validator contradicted itself; report it to the agencies"
            );
        }
        Report::BatchEvidence { author, number } => {
            tracing::error!(%author, number, "a validator used one batch number twice");
        }
        Report::Ignored { from, reason } => {
            tracing::warn!(peer = %from.short(), reason, "message ignored");
        }
        Report::NotSigning { height } => tracing::error!(
            height,
            "the log up to this height is damaged or restored; this node does not sign until it is \
             decided"
        ),
        Report::Synced { from, height } => {
            tracing::info!(peer = %from.short(), height, "caught up");
        }
    }
}

fn wall_clock() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

//! The agreement's host: when a height starts, what is proposed, what is accepted.

use super::limits::{EARLY_MESSAGES_MAX, HEIGHT_PACE_MS};
use super::message::{Message, Statement};
use super::timers::Timer;
use super::{Action, Core, Report};
use kanhe_consensus::proposers::proposers;
use kanhe_consensus::{Input, Output, Verdict};
use kanhe_ledger::check::BlockError;
use kanhe_ledger::store::Store;
use kanhe_types::block::{Block, Decision, Header, batches_root};
use kanhe_types::keys::PublicKey;
use kanhe_types::limits::{CLOCK_SKEW_MS_MAX, EXECUTION_LAG};
use kanhe_types::time::Millis;

impl<S: Store> Core<S> {
    /// Starts the next height when there is a reason to.
    ///
    /// The reasons: something to order, effects that no header has committed to yet, validators to
    /// come, a peer that has started, entries in the log, a heartbeat. The first two can wait a
    /// moment for more to order. And the executor must be near enough that the header can commit
    /// to the effects of [`EXECUTION_LAG`] heights before.
    pub(super) fn start_height_if_ready(&mut self) {
        let decided = self.ledger.decided_height();
        let height = decided.saturating_add(1);
        let must_not_sign = self.not_signing.is_some_and(|last| height <= last);
        if self.working == Some(height) || must_not_sign {
            return;
        }
        if self.ledger.executed_height().saturating_add(EXECUTION_LAG) < height {
            return;
        }
        // Rules that this program does not know: whoever guessed them would part from the others.
        if let Err(unknown) = self.ledger.check_protocol(height) {
            self.actions.push(Action::Fail(unknown.to_string()));
            return;
        }
        // The set of this height is final by now. Whoever is not in it follows.
        self.validators = self.ledger.validators_at(height);
        if !self.is_validator() || !self.guard.is_open() {
            return;
        }
        // One peer may say anything; of more than may be faulty, one is honest.
        let is_ahead = |(peer, decided): &(&PublicKey, &u64)| {
            height <= **decided && self.validators.index_of(peer).is_some()
        };
        let ahead = self.peer_heights.iter().filter(is_ahead).count();
        let is_behind = self.validators.faulty_max() < ahead;
        let must_commit = 0 < self.last_with_batches
            && height <= self.last_with_batches.saturating_add(EXECUTION_LAG);
        let has_documents = 0 < self.batches.certified_count() || must_commit;
        let is_wanted =
            height <= self.wanted || self.ledger.is_set_to_come(height) || self.heartbeat_due;
        if is_behind || !(has_documents || is_wanted) {
            return;
        }
        if !is_wanted && self.gathers() {
            let next_ms = self.started_ms.saturating_add(HEIGHT_PACE_MS);
            self.timers.set(Timer::Height, next_ms);
            return;
        }
        self.start_height(height);
    }

    /// Whether it is too soon after the last height for one with the few documents that wait.
    fn gathers(&self) -> bool {
        let since_ms = self.now.elapsed_ms.saturating_sub(self.started_ms);
        since_ms < HEIGHT_PACE_MS && self.batches.certified_documents() < self.pace.documents()
    }

    fn start_height(&mut self, height: u64) {
        self.working = Some(height);
        self.started_ms = self.now.elapsed_ms;
        self.timers.cancel(&Timer::Height);
        self.heartbeat_due = false;
        self.timers.cancel(&Timer::Heartbeat);
        self.waiting_checks.clear();
        let validators = self.ledger.validators_at(height);
        let window = 2u64.saturating_mul(validators.count() as u64);
        let first = height.saturating_sub(window).max(1);
        let recent: Vec<Header> =
            (first..height).filter_map(|height| self.ledger.header(height)).collect();
        let proposers = proposers(&validators, height, &recent);
        let replay = self.replay.take().unwrap_or_default();
        let validators = validators.as_ref().clone();
        self.agree(Input::StartHeight { height, validators, proposers, replay });
        for message in std::mem::take(&mut self.early) {
            self.agree(Input::Message(message));
        }
    }

    pub(super) fn on_agreement(&mut self, from: PublicKey, message: kanhe_consensus::Message) {
        let height = message.height();
        let next = self.ledger.decided_height().saturating_add(1);
        if height.saturating_add(1) < next {
            return;
        }
        if height < next {
            // Late votes only show who is there. A height that was decided elsewhere is left.
            if self.consensus.height() != height || self.consensus.step() == "decided" {
                self.agree(Input::Message(message));
            }
            return;
        }
        if next < height {
            // The sender has decided what we have not.
            let known = self.peer_heights.entry(from).or_default();
            *known = (*known).max(height.saturating_sub(1));
            self.fetch_decisions();
        }
        // A former validator's key is still a key: what it signs counts for nothing.
        if self.ledger.validators_at(height).index_of(&from).is_none() {
            return;
        }
        if let Some(statement) = Statement::of_message(&message) {
            self.guard.see(from, statement);
        }
        self.wanted = self.wanted.max(height.min(next));
        if self.working == Some(next) {
            self.agree(Input::Message(message));
        } else if self.early.len() < EARLY_MESSAGES_MAX {
            self.early.push_back(message);
        }
    }

    /// Feeds the agreement and carries out what it wants, including what follows from that.
    pub(super) fn agree(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let outputs = self.consensus.handle(input);
            for output in outputs {
                if let Some(answer) = self.on_output(output) {
                    inputs.insert(0, answer);
                }
            }
        }
    }

    fn on_output(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Append(entry) => {
                self.note_own(&entry);
                self.actions.push(Action::Append(Box::new(entry)));
            }
            Output::Sync => self.actions.push(Action::SyncLog),
            Output::Broadcast(message) => self.broadcast(Message::Agreement(Box::new(message))),
            Output::Schedule { timer, after_ms } => {
                let deadline = self.now.elapsed_ms.saturating_add(after_ms);
                self.timers.set(Timer::Agreement(timer), deadline);
            }
            Output::Cancel(timer) => self.timers.cancel(&Timer::Agreement(timer)),
            Output::CancelAll => self.timers.cancel_agreement(),
            Output::Propose { height, round } => {
                let block = self.build_block(height)?;
                return Some(Input::Proposed { height, round, block });
            }
            Output::Check { block } => return self.check(block),
            Output::Decided { block, certificate } => {
                self.decide(Decision { block, certificate });
            }
            Output::Evidence(evidence) => self.report(Report::Evidence(Box::new(evidence))),
        }
        None
    }

    fn build_block(&self, height: u64) -> Option<Block> {
        let decided = self.ledger.decided_height();
        if height != decided.saturating_add(1) {
            return None;
        }
        let (parent, parent_time) = self.ledger.tip();
        let batches = self.batches.choose(self.pace.documents());
        let executed = self.ledger.executed(height.saturating_sub(EXECUTION_LAG))?;
        let header = Header {
            protocol: self.ledger.protocol_at(height),
            genesis: self.genesis,
            height,
            time: Millis(self.now.time.0.max(parent_time.0.saturating_add(1))),
            parent,
            proposer: self.own,
            validators: self.validators.hash(),
            policy: self.ledger.policy_at(height).hash(),
            batches: batches_root(&self.genesis, &batches),
            executed,
            absent: self.absent(height),
            next_validators: self.ledger.validators_at(height.saturating_add(1)).hash(),
        };
        Some(Block { header, batches })
    }

    /// The validators of whom no vote of the parent's height came.
    fn absent(&self, height: u64) -> Vec<u16> {
        let parent = height.saturating_sub(1);
        if parent == 0 {
            return Vec::new();
        }
        let heard = self.consensus.heard(parent);
        // Whoever was no validator then could not be heard.
        let voters = self.ledger.validators_at(parent);
        let is_missed = |key: &PublicKey| {
            *key != self.own && !heard.contains(key) && voters.index_of(key).is_some()
        };
        let absent: Vec<u16> = (0u16..)
            .zip(self.validators.validators())
            .filter(|(_, validator)| is_missed(&validator.key))
            .map(|(index, _)| index)
            .collect();
        // Whoever hears no quorum has just come back and knows nothing.
        let max = self.validators.count().saturating_sub(self.validators.quorum());
        if absent.len() <= max { absent } else { Vec::new() }
    }

    /// Whether we may vote for a block; no answer while we have not executed far enough.
    fn check(&mut self, block: Block) -> Option<Input> {
        let hash = block.header.hash();
        let latest = self.now.time.0.saturating_add(CLOCK_SKEW_MS_MAX);
        if latest < block.header.time.0 {
            self.ignore(block.header.proposer, "proposal from the future; compare the clocks");
            return Some(Input::Checked { block: hash, verdict: Verdict::Invalid });
        }
        match self.ledger.check_block(&block) {
            Ok(()) => Some(Input::Checked { block: hash, verdict: Verdict::Valid }),
            Err(error) if error.is_undecided() => {
                self.waiting_checks.push(block);
                None
            }
            Err(error) => {
                // Acknowledgements stand outside the header: this copy may have been spoilt.
                let is_copy = matches!(error, BlockError::Batch { .. });
                let verdict = if is_copy { Verdict::Unproven } else { Verdict::Invalid };
                self.ignore(block.header.proposer, format!("proposal: {error}"));
                Some(Input::Checked { block: hash, verdict })
            }
        }
    }

    /// A block is final: by our own agreement, or by a peer's certificate.
    ///
    /// The decision is on disk when this returns; only then may the next height start.
    pub(super) fn decide(&mut self, decision: Decision) {
        let header = &decision.block.header;
        let next = self.ledger.decided_height().saturating_add(1);
        assert_eq!(header.height, next, "heights are decided in order");
        if let Err(error) = self.ledger.store_decision(&decision) {
            self.actions.push(Action::Fail(format!("decision at height {next}: {error}")));
            return;
        }
        self.actions.push(Action::ResetLog);
        self.report(Report::Decided {
            height: header.height,
            round: decision.certificate.round,
            batches: decision.block.batches.len(),
        });
        self.after_decision(&decision);
    }

    pub(super) fn on_executed(&mut self) {
        self.executing = false;
        self.pace.end(self.now.elapsed_ms);
        self.refresh_members();
        // What was executed may say who decides the next heights.
        self.fetch_decisions();
        for block in std::mem::take(&mut self.waiting_checks) {
            if let Some(answer) = self.check(block) {
                self.agree(answer);
            }
        }
    }

    /// Asks for the next heights to be executed when their decisions and bodies are here.
    pub(super) fn execute_if_ready(&mut self) {
        let next = self.ledger.executed_height().saturating_add(1);
        if self.executing || self.ledger.decided_height() < next {
            return;
        }
        let mut missing = self.ledger.missing_batches(next);
        if missing.is_empty() {
            self.executing = true;
            let last = self.ledger.group_end();
            if last == next {
                // Heights that are caught up with in groups tell nothing of the pace.
                let documents = self.ledger.documents_at(next);
                self.pace.begin(self.now.elapsed_ms, documents);
            }
            self.actions.push(Action::Execute(last));
        }
        missing.extend(self.missing_from(next.saturating_add(1)));
        self.fetch_batches(&missing);
    }
}

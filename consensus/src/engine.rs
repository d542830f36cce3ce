//! The agreement itself: one height after the other.

use crate::blocks::Judgement;
use crate::context::{
    Address, Context, CoreInput, Height as CoreHeight, Members, Value, judged, replayed,
    round_or_zero, to_core_polka, to_core_proposal, to_core_round, to_core_timeout, to_core_vote,
};
use crate::early::Early;
use crate::effects::Height;
use crate::input::{Config, Input, Verdict};
use crate::log::{LogEntry, Source};
use crate::message::{
    Message, PolkaCertificate, ROUND_MAX, ROUNDS_AHEAD_MAX, RoundCertificate, RoundVote,
    SignedVote, is_ascending,
};
use crate::output::{Output, Timer};
use arc_malachitebft_core_consensus::{
    Error, LocallyProposedValue, MisbehaviorEvidence, Params, State, process,
};
use arc_malachitebft_core_types::{
    Round, ThresholdParams, Validity, ValuePayload, VoteExtensionPolicy,
};
use kanhe_types::block::{Block, batches_root};
use kanhe_types::certificate::{Proposal, Vote, VoteKind};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::validator::ValidatorSet;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

/// Agreement on one block after the other; see the crate's description.
pub struct Consensus {
    config: Arc<Config>,
    key: PublicKey,
    running: Option<Running>,
    previous: Option<Previous>,
    early: Early,
}

/// The height under way.
struct Running {
    core: State<Context>,
    height: Height,
}

/// The height before, whose late votes still tell who is alive.
struct Previous {
    number: u64,
    validators: ValidatorSet,
    heard: BTreeSet<PublicKey>,
}

impl Consensus {
    /// An agreement at no height yet: nothing happens before [`Input::StartHeight`].
    pub fn new(config: Config) -> Self {
        Self {
            key: config.signer.public_key(),
            config: Arc::new(config),
            running: None,
            previous: None,
            early: Early::default(),
        }
    }

    /// Takes one input; the outputs are to be carried out in their order.
    ///
    /// # Panics
    /// When the host starts a height that is not above the current one, or names proposers that
    /// are no validators, or replays a log from which other votes follow than the log holds.
    /// Never because of what a peer says.
    pub fn handle(&mut self, input: Input) -> Vec<Output> {
        match input {
            Input::StartHeight { height, validators, proposers, replay } => {
                self.start(height, Members::new(validators, &proposers), &replay);
            }
            Input::Message(message) => self.on_message(message),
            Input::Proposed { height, round, block } => {
                if let Some(running) = self.running_at(height) {
                    running.on_proposed(round, block);
                }
            }
            Input::Checked { block, verdict } => {
                if let Some(running) = &mut self.running {
                    running.on_checked(block, verdict);
                }
            }
            Input::TimerElapsed(timer) => {
                if let Some(running) = self.running_at(timer.height) {
                    running.on_timer(timer);
                }
            }
        }
        self.running.as_mut().map(|r| std::mem::take(&mut r.height.outputs)).unwrap_or_default()
    }

    /// The height under way, 0 before the first.
    pub fn height(&self) -> u64 {
        self.running.as_ref().map_or(0, |running| running.height.number)
    }

    /// The round under way.
    pub fn round(&self) -> u32 {
        self.running.as_ref().map_or(0, |running| round_or_zero(running.core.round()))
    }

    /// The step under way, for people.
    pub fn step(&self) -> &'static str {
        let Some(running) = &self.running else { return "unstarted" };
        let driver = &running.core.driver;
        match () {
            () if driver.step_is_propose() => "propose",
            () if driver.step_is_prevote() => "prevote",
            () if driver.step_is_precommit() => "precommit",
            () if driver.step_is_commit() => "decided",
            () => "unstarted",
        }
    }

    /// The validators whose valid vote of `height` was seen; of the current height and the one
    /// before, whose late votes count. Empty for any other height.
    pub fn heard(&self, height: u64) -> BTreeSet<PublicKey> {
        let running = self.running.iter().map(|r| (r.height.number, &r.height.heard));
        let previous = self.previous.iter().map(|p| (p.number, &p.heard));
        let mut both = running.chain(previous);
        both.find(|(number, _)| *number == height)
            .map(|(_, heard)| heard.clone())
            .unwrap_or_default()
    }

    fn running_at(&mut self, height: u64) -> Option<&mut Running> {
        self.running.as_mut().filter(|running| running.height.number == height)
    }

    fn start(&mut self, number: u64, members: Members, replay: &[LogEntry]) {
        let current = self.height();
        assert!(current < number, "expected a height above {current} to start, found {number}");
        self.previous = self.running.take().map(|running| Previous {
            number: running.height.number,
            validators: running.height.members.set().clone(),
            heard: running.height.heard,
        });
        let mut running = Running::new(&self.config, self.key, number, members);
        running.start(replay);
        for message in self.early.take(number) {
            running.on_message(message);
        }
        self.running = Some(running);
    }

    fn on_message(&mut self, message: Message) {
        let Some(running) = &mut self.running else { return };
        let current = running.height.number;
        if message.height() == current {
            return running.on_message(message);
        }
        if current < message.height() {
            let (set, genesis) = (running.height.members.set(), &self.config.genesis);
            return self.early.keep(message, current, set, genesis);
        }
        if let (Message::Vote(signed), Some(previous)) = (&message, &mut self.previous) {
            previous.hear(signed, &self.config.genesis);
        }
    }
}

impl Previous {
    fn hear(&mut self, signed: &SignedVote, genesis: &Hash) {
        let is_news = signed.vote.height == self.number
            && self.validators.index_of(&signed.validator).is_some()
            && !self.heard.contains(&signed.validator);
        if is_news && signed.is_signed(genesis) {
            self.heard.insert(signed.validator);
        }
    }
}

impl Running {
    fn new(config: &Arc<Config>, key: PublicKey, number: u64, members: Members) -> Self {
        let params = Params {
            address: Address(key),
            threshold_params: ThresholdParams::default(),
            value_payload: ValuePayload::ProposalAndParts,
            enabled: true,
        };
        // The library's queues for coming heights stay empty: `Early` holds bodies as well.
        let core = State::new(Context, CoreHeight(number), members.clone(), params, 1, 1);
        Self { core, height: Height::new(config.clone(), key, number, members) }
    }

    /// Feeds one input to the library, and our own votes that got their signatures by it.
    fn feed(&mut self, input: CoreInput) {
        self.process(input);
        while let Some(vote) = self.height.signed_late.pop() {
            self.process(CoreInput::Vote(vote.clone()));
            self.height.broadcast_late(&vote);
        }
    }

    fn process(&mut self, input: CoreInput) {
        let Self { core, height } = self;
        let result: Result<(), Error<Context>> = process!(
            input: input,
            state: &mut *core,
            metrics: &(),
            with: effect => Ok::<_, Infallible>(height.perform(effect))
        );
        // Whatever a peer can say wrong is filtered before or by the library, which then succeeds.
        if let Err(error) = result {
            panic!("agreement at height {} is broken: {error}", height.number);
        }
        let (votes, proposals) =
            (core.driver.votes().evidence(), core.driver.proposals().evidence());
        if !votes.is_empty() || !proposals.is_empty() {
            let (votes, proposals) = (votes.clone(), proposals.clone());
            height.report(&MisbehaviorEvidence { proposals, votes });
        }
    }

    fn start(&mut self, replay: &[LogEntry]) {
        let mut inputs = Vec::new();
        let number = self.height.number;
        for entry in replay.iter().filter(|entry| entry.height() == number) {
            match entry {
                LogEntry::Block { block, .. } => {
                    self.height.blocks.insert_valid(block.header.hash(), block.clone());
                }
                LogEntry::Refused { block, .. } => self.height.blocks.insert_invalid(*block),
                LogEntry::Vote(_)
                | LogEntry::Proposal { .. }
                | LogEntry::Timeout { .. }
                | LogEntry::Polka(_) => {}
            }
            let input = replayed(entry, self.height.members.set());
            let input = input.expect("the log of a height holds only what the height wrote");
            self.height.log_own(&input);
            inputs.push(input);
        }
        let (height, members) = (self.core.height(), self.height.members.clone());
        self.feed(CoreInput::StartHeight(
            height,
            members,
            false,
            None,
            VoteExtensionPolicy::Disabled,
        ));
        if !inputs.is_empty() {
            self.replay(inputs);
        }
    }

    /// Relives the log. Nothing was signed since the height started, so that the log's own
    /// statements come first.
    fn replay(&mut self, inputs: Vec<CoreInput>) {
        self.height.is_replaying = true;
        self.core.record_recovered_own_precommit_extensions(inputs.iter());
        self.core.index_wal_entries(inputs.iter());
        for input in inputs {
            self.feed(input);
        }
        self.core.reset_entries_index();
        self.height.is_replaying = false;
        // A block is wanted only if the replay has come to rest where it was asked for.
        if !self.is_awaiting() {
            self.height.awaited = None;
        }
        let awaited = self.height.awaited;
        self.height.outputs.retain(|output| match output {
            Output::Propose { round, .. } => Some(*round) == awaited,
            _ => true,
        });
    }

    fn is_awaiting(&self) -> bool {
        let driver = &self.core.driver;
        let at_round = self.height.awaited.map(Round::new) == Some(driver.round());
        at_round && driver.step_is_propose()
    }

    fn on_message(&mut self, message: Message) {
        let round = message.round();
        if ROUND_MAX < round || self.holds_foreign(&message) {
            return;
        }
        let is_near = round <= round_or_zero(self.core.round()).saturating_add(ROUNDS_AHEAD_MAX);
        let set = self.height.members.set();
        match message {
            Message::Vote(signed) if is_near && set.index_of(&signed.validator).is_some() => {
                let vote = to_core_vote(&signed);
                // The library would check and log the repeated half of a known contradiction
                // each time it comes.
                if !self.core.driver.votes().has_equivocation_evidence(&vote) {
                    self.feed(CoreInput::Vote(vote));
                }
            }
            Message::Proposal { proposal, proposer, signature, block } if is_near => {
                self.on_proposal(&proposal, proposer, signature, &block);
            }
            Message::Polka(certificate) if !self.height.is_decided => {
                let ascending = is_ascending(certificate.signatures.iter().map(|s| s.validator));
                if let (true, Some(polka)) = (ascending, to_core_polka(&certificate, set)) {
                    self.feed(CoreInput::PolkaCertificate(polka));
                }
            }
            Message::Round(certificate) if !self.height.is_decided => {
                let ascending = is_ascending(certificate.votes.iter().map(|v| v.validator));
                if let (true, Some(round)) = (ascending, to_core_round(&certificate, set)) {
                    self.feed(CoreInput::RoundCertificate(round));
                }
            }
            Message::Vote(_) | Message::Proposal { .. } | Message::Polka(_) | Message::Round(_) => {
            }
        }
    }

    /// Whether the message holds a statement under our signature that we did not make.
    fn holds_foreign(&self, message: &Message) -> bool {
        let (height, genesis) = (&self.height, &self.height.config.genesis);
        let own = height.members.set().index_of(&height.key);
        match message {
            Message::Proposal { proposal, proposer, .. } => {
                height.is_foreign(proposer, || proposal.digest(genesis))
            }
            Message::Vote(signed) => {
                height.is_foreign(&signed.validator, || signed.vote.digest(genesis))
            }
            Message::Polka(PolkaCertificate { height: number, round, block, signatures }) => {
                let (kind, block) = (VoteKind::Prevote, Some(*block));
                let vote = Vote { height: *number, round: *round, kind, block };
                signatures.iter().any(|one| {
                    Some(one.validator) == own
                        && height.is_foreign(&height.key, || vote.digest(genesis))
                })
            }
            Message::Round(RoundCertificate { height: number, round, votes, .. }) => {
                votes.iter().filter(|one| Some(one.validator) == own).any(|one| {
                    let RoundVote { kind, block, .. } = *one;
                    let vote = Vote { height: *number, round: *round, kind, block };
                    height.is_foreign(&height.key, || vote.digest(genesis))
                })
            }
        }
    }

    fn on_proposal(
        &mut self,
        proposal: &Proposal,
        proposer: PublicKey,
        signature: Signature,
        block: &Block,
    ) {
        let genesis = self.height.config.genesis;
        let is_expected = !self.height.is_decided
            && proposer == self.height.members.proposer(proposal.round)
            && proposal.valid_round.is_none_or(|valid| valid < proposal.round);
        if !is_expected || !is_body_of(block, proposal, &genesis) {
            return;
        }
        let digest = proposal.digest(&genesis);
        if proposer.verify(&digest, &signature).is_err() {
            return;
        }
        self.height.checked = Some((proposer, digest, signature));
        self.feed(CoreInput::Proposal(to_core_proposal(proposal, proposer, signature)));
        let Proposal { height, round, valid_round, .. } = *proposal;
        let source = Source { height, round, valid_round, proposer };
        let wanted = self.core.polka_certificate(Round::new(round), &proposal.block).is_some();
        if self.height.blocks.offer(source, proposal.block, block, wanted) {
            self.height.outputs.push(Output::Check { block: block.clone() });
        }
    }

    fn on_proposed(&mut self, round: u32, block: Block) {
        if self.height.awaited != Some(round) || !self.is_awaiting() {
            return;
        }
        self.height.awaited = None;
        let number = self.height.number;
        assert_eq!(block.header.height, number, "the host builds the block that was asked for");
        let hash = block.header.hash();
        self.height.blocks.insert_valid(hash, block);
        let value = LocallyProposedValue::new(self.core.height(), Round::new(round), Value(hash));
        self.feed(CoreInput::Propose(value));
    }

    fn on_checked(&mut self, block: Hash, verdict: Verdict) {
        match self.height.blocks.judge(&block, verdict) {
            Judgement::Final { source, valid } => {
                self.feed(judged(&source, block, Validity::from_bool(valid)));
            }
            Judgement::Next(block) => self.height.outputs.push(Output::Check { block }),
            Judgement::Nothing => {}
        }
    }

    fn on_timer(&mut self, timer: Timer) {
        if self.height.timers.remove(&timer) {
            self.feed(CoreInput::TimeoutElapsed(to_core_timeout(timer.kind, timer.round)));
        }
    }
}

/// Whether the block is one that the proposal's hash stands for, apart from acknowledgements.
fn is_body_of(block: &Block, proposal: &Proposal, genesis: &Hash) -> bool {
    let header = &block.header;
    header.height == proposal.height
        && header.genesis == *genesis
        && header.hash() == proposal.block
        && batches_root(genesis, &block.batches) == header.batches
}

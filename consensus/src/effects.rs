//! One height's answers to what the library asks.
//!
//! # Correctness
//! Every effect is answered, never refused: the library takes a refusal for another answer. What
//! our own votes and proposals rest on is appended before them, and they are synced before they
//! leave.

use crate::blocks::Blocks;
use crate::context::{
    self, Address, Context, ContextProposal, ContextVote, CoreInput, CoreProposal, CoreVote,
    Members, from_core_polka, from_core_round, from_core_vote, indexed, round_number, timer_kind,
};
use crate::evidence::Evidence;
use crate::input::Config;
use crate::log::{LogEntry, Source, step_number};
use crate::message::Message;
use crate::output::{Output, Timer};
use arc_malachitebft_core_consensus::{
    ConsensusMsg, Effect, LivenessMsg, MisbehaviorEvidence, ProposedValue, Resumable as _, Resume,
    SignedConsensusMsg,
};
use arc_malachitebft_core_types::{
    CertificateError, CommitCertificate, NilOrVal, PolkaCertificate, RoundCertificate,
    RoundCertificateType, ThresholdParam, ThresholdParams, Timeout, ValidatorSet as _, Validity,
    VoteType,
};
use kanhe_types::certificate::{Certificate, Vote, VoteKind};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature, Signed, verify_all};
use kanhe_types::signer::Statement;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The library's error is large and rare: few peers show bad certificates.
type Checked = Result<(), Box<CertificateError<Context>>>;

/// A round, and within it the proposal (0), the prevote (1), the precommit (2).
type Step = (u32, u8);

fn step_of(statement: &Statement) -> Option<Step> {
    match statement {
        Statement::Proposal(proposal) => Some((proposal.round, 0)),
        Statement::Vote(Vote { round, kind: VoteKind::Prevote, .. }) => Some((*round, 1)),
        Statement::Vote(Vote { round, kind: VoteKind::Precommit, .. }) => Some((*round, 2)),
        _ => None,
    }
}

/// One height as the host of the library sees it.
pub(crate) struct Height {
    pub(crate) config: Arc<Config>,
    pub(crate) key: PublicKey,
    pub(crate) number: u64,
    pub(crate) members: Members,
    pub(crate) blocks: Blocks,
    pub(crate) outputs: Vec<Output>,
    /// Whose valid vote was seen.
    pub(crate) heard: BTreeSet<PublicKey>,
    pub(crate) timers: BTreeSet<Timer>,
    /// The round for which the host builds a block.
    pub(crate) awaited: Option<u32>,
    pub(crate) is_decided: bool,
    /// A signature that was just checked or made, so that the library's own check costs nothing.
    pub(crate) checked: Option<Signed>,
    pub(crate) is_replaying: bool,
    /// The digests of our own votes and proposals in the log.
    pub(crate) own: BTreeSet<Hash>,
    /// The last step of which the log holds our own vote or proposal, or in which we signed one.
    last_own: Option<Step>,
    /// The digests of votes and proposals that we should have made and nobody signed.
    unsigned: BTreeSet<Hash>,
    /// Signatures of votes that the library knows without one, by the votes' digests.
    late: BTreeMap<Hash, Signature>,
    /// Votes that were signed at last and that the library does not know of yet.
    pub(crate) signed_late: Vec<CoreVote>,
    evidence: Vec<Evidence>,
    /// Whether a statement of ours was appended and not synced.
    is_unsynced: bool,
}

impl Height {
    pub(crate) fn new(config: Arc<Config>, key: PublicKey, number: u64, members: Members) -> Self {
        Self {
            config,
            key,
            number,
            members,
            blocks: Blocks::default(),
            outputs: Vec::new(),
            heard: BTreeSet::new(),
            timers: BTreeSet::new(),
            awaited: None,
            is_decided: false,
            checked: None,
            is_replaying: false,
            own: BTreeSet::new(),
            last_own: None,
            unsigned: BTreeSet::new(),
            late: BTreeMap::new(),
            signed_late: Vec::new(),
            evidence: Vec::new(),
            is_unsynced: false,
        }
    }

    /// Carries out one effect and gives the library its answer.
    pub(crate) fn perform(&mut self, effect: Effect<Context>) -> Resume<Context> {
        match effect {
            Effect::CancelAllTimeouts(r) => {
                self.timers.clear();
                self.outputs.push(Output::CancelAll);
                r.resume_with(())
            }
            Effect::CancelTimeout(timeout, r) => {
                let timer = self.timer(timeout);
                if self.timers.remove(&timer) {
                    self.outputs.push(Output::Cancel(timer));
                }
                r.resume_with(())
            }
            Effect::ScheduleTimeout(timeout, r) => {
                let timer = self.timer(timeout);
                let after_ms = self.config.timeouts.after_ms(timer.kind, timer.round);
                self.timers.insert(timer);
                self.outputs.push(Output::Schedule { timer, after_ms });
                r.resume_with(())
            }
            Effect::GetValue(_, round, _, r) => {
                let round = round_number(round);
                self.awaited = Some(round);
                self.outputs.push(Output::Propose { height: self.number, round });
                r.resume_with(())
            }
            // A proposal's message carries its block: publishing it again is all it takes.
            Effect::RestreamProposal(_, _, _, _, _, r) => r.resume_with(()),
            Effect::StartRound(_, _, _, _, r) => r.resume_with(()),
            Effect::WalAppend(_, input, r) => {
                self.append(input);
                r.resume_with(())
            }
            Effect::Decide(certificate, _, r) => {
                self.decide(&certificate);
                r.resume_with(())
            }
            Effect::Finalize(_, _, evidence, r) => {
                self.report(&evidence);
                r.resume_with(())
            }
            other => self.perform_signing(other),
        }
    }

    /// The effects about messages and signatures.
    fn perform_signing(&mut self, effect: Effect<Context>) -> Resume<Context> {
        match effect {
            Effect::PublishConsensusMsg(SignedConsensusMsg::Vote(vote), r) => {
                self.broadcast_vote(&vote);
                r.resume_with(())
            }
            Effect::PublishConsensusMsg(SignedConsensusMsg::Proposal(proposal), r) => {
                self.broadcast_proposal(&proposal);
                r.resume_with(())
            }
            Effect::PublishLivenessMsg(message, r) => {
                let message = match message {
                    LivenessMsg::Vote(vote) => {
                        self.broadcast_vote(&vote);
                        return r.resume_with(());
                    }
                    LivenessMsg::PolkaCertificate(certificate) => {
                        Message::Polka(from_core_polka(&certificate, self.members.set()))
                    }
                    LivenessMsg::SkipRoundCertificate(certificate) => {
                        Message::Round(from_core_round(&certificate, self.members.set()))
                    }
                };
                self.broadcast(message);
                r.resume_with(())
            }
            Effect::RepublishVote(vote, r) => {
                if !self.sign_again(&vote) {
                    self.broadcast_vote(&vote);
                }
                r.resume_with(())
            }
            Effect::RepublishRoundCertificate(certificate, r) => {
                let certificate = from_core_round(&certificate, self.members.set());
                self.broadcast(Message::Round(certificate));
                r.resume_with(())
            }
            Effect::SignVote(vote, r) => r.resume_with(self.sign_vote(vote)),
            Effect::SignProposal(proposal, r) => r.resume_with(self.sign_proposal(proposal)),
            Effect::VerifySignature(signed, key, r) => {
                r.resume_with(self.verify(&signed.message, key, signed.signature))
            }
            Effect::VerifyCommitCertificate(certificate, _, thresholds, r) => {
                r.resume_with(self.verify_commit(&certificate, thresholds).map_err(|error| *error))
            }
            Effect::VerifyPolkaCertificate(certificate, _, thresholds, r) => {
                r.resume_with(self.verify_polka(&certificate, thresholds).map_err(|error| *error))
            }
            Effect::VerifyRoundCertificate(certificate, _, thresholds, r) => {
                r.resume_with(self.verify_round(&certificate, thresholds).map_err(|error| *error))
            }
            other => panic!("vote extensions and synced values are off, yet asked for: {other:?}"),
        }
    }

    fn timer(&self, timeout: Timeout) -> Timer {
        Timer {
            height: self.number,
            round: round_number(timeout.round),
            kind: timer_kind(timeout.kind),
        }
    }

    fn broadcast(&mut self, message: Message) {
        if self.is_unsynced {
            self.is_unsynced = false;
            self.outputs.push(Output::Sync);
        }
        self.outputs.push(Output::Broadcast(message));
    }

    fn broadcast_vote(&mut self, vote: &CoreVote) {
        if self.unsigned.is_empty() && self.late.is_empty() {
            return self.broadcast(Message::Vote(from_core_vote(vote)));
        }
        let digest = vote.message.vote().digest(&self.config.genesis);
        if self.unsigned.contains(&digest) {
            return;
        }
        let mut signed = from_core_vote(vote);
        if let Some(signature) = self.late.get(&digest) {
            signed.signature = *signature;
        }
        self.broadcast(Message::Vote(signed));
    }

    /// Broadcasts a vote of ours that was signed late, once it stands in the log.
    pub(crate) fn broadcast_late(&mut self, vote: &CoreVote) {
        if self.own.contains(&vote.message.vote().digest(&self.config.genesis)) {
            self.broadcast_vote(vote);
        }
    }

    /// Asks once more for the signature of a vote that nobody signed, while its step is not over.
    /// Otherwise a height would stand still for ever when a quorum's keys were away at once: the
    /// library ends no step before it has a quorum's votes, whatever for.
    fn sign_again(&mut self, vote: &CoreVote) -> bool {
        if self.is_replaying || !self.is_unsigned(|genesis| vote.message.vote().digest(genesis)) {
            return false;
        }
        let statement = Statement::Vote(vote.message.vote());
        let digest = statement.digest(&self.config.genesis);
        if step_of(&statement) <= self.last_own {
            return false;
        }
        let signed = self.config.signer.sign_statement(&self.config.genesis, &statement);
        let Ok(signature) = signed else { return false };
        self.last_own = step_of(&statement);
        self.unsigned.remove(&digest);
        self.late.insert(digest, signature);
        self.checked = Some((self.key, digest, signature));
        self.signed_late.push(CoreVote::new(vote.message.clone(), signature));
        true
    }

    fn broadcast_proposal(&mut self, proposal: &CoreProposal) {
        if self.is_unsigned(|genesis| proposal.message.proposal().digest(genesis)) {
            return;
        }
        let block = self.blocks.valid(&proposal.message.value.0);
        let block = block.expect("a published proposal's block was built or found valid here");
        let message = Message::Proposal {
            proposal: proposal.message.proposal(),
            proposer: proposal.message.proposer.0,
            signature: proposal.signature,
            block: block.clone(),
        };
        self.broadcast(message);
    }

    fn sign_vote(&mut self, vote: ContextVote) -> CoreVote {
        let signature = self.sign(Statement::Vote(vote.vote()));
        CoreVote::new(vote, signature)
    }

    fn sign_proposal(&mut self, proposal: ContextProposal) -> CoreProposal {
        let signature = self.sign(Statement::Proposal(proposal.proposal()));
        CoreProposal::new(proposal, signature)
    }

    /// Our signature, or one that is not valid where nobody signs: then we made no statement in
    /// this step yet. A vote is asked for again when votes are repeated.
    ///
    /// # Correctness
    /// The library drops its own statement when the signature does not hold, so that it is neither
    /// counted nor logged; it must not leave either. A statement that the log lacks, and that comes
    /// before one that it has, was not signed then. It is not signed in a replay: what the log has
    /// followed from its absence.
    fn sign(&mut self, statement: Statement) -> Signature {
        let digest = statement.digest(&self.config.genesis);
        let is_past =
            self.is_replaying && self.last_own.is_some_and(|last| step_of(&statement) < Some(last));
        let signed = match is_past {
            true => None,
            false => self.config.signer.sign_statement(&self.config.genesis, &statement).ok(),
        };
        let Some(signature) = signed else {
            self.unsigned.insert(digest);
            return Signature::Ed25519([0; 64]);
        };
        self.unsigned.remove(&digest);
        self.last_own = self.last_own.max(step_of(&statement));
        self.checked = Some((self.key, digest, signature));
        signature
    }

    /// Whether a statement is one of ours that nobody signed.
    fn is_unsigned(&self, digest: impl FnOnce(&Hash) -> Hash) -> bool {
        !self.unsigned.is_empty() && self.unsigned.contains(&digest(&self.config.genesis))
    }

    /// Notes our own statement in a log that is replayed.
    pub(crate) fn log_own(&mut self, input: &CoreInput) {
        self.own.extend(self.own_statement(input));
        let step = match input {
            CoreInput::Vote(vote) if vote.message.validator.0 == self.key => {
                step_of(&Statement::Vote(vote.message.vote()))
            }
            CoreInput::Proposal(one) if one.message.proposer.0 == self.key => {
                step_of(&Statement::Proposal(one.message.proposal()))
            }
            _ => None,
        };
        self.last_own = self.last_own.max(step);
    }

    fn append(&mut self, input: CoreInput) {
        let own = self.own_statement(&input);
        // What a replay derives is in the log already, except a statement of ours that the crash
        // kept from it.
        let is_logged = match own {
            Some(digest) => !self.own.insert(digest),
            None => self.is_replaying,
        };
        if is_logged {
            return;
        }
        self.is_unsynced |= own.is_some();
        let entry = self.log_entry(input);
        self.outputs.push(Output::Append(entry));
    }

    /// The digest of our own vote or proposal.
    pub(crate) fn own_statement(&self, input: &CoreInput) -> Option<Hash> {
        let genesis = &self.config.genesis;
        match input {
            CoreInput::Vote(vote) if vote.message.validator.0 == self.key => {
                Some(vote.message.vote().digest(genesis))
            }
            CoreInput::Proposal(one) if one.message.proposer.0 == self.key => {
                Some(one.message.proposal().digest(genesis))
            }
            _ => None,
        }
    }

    /// Whether a statement bears our signature and we did not make it: another node has our key,
    /// or we lost our log. Taken in, it would stand in the log as ours and stop the next replay.
    pub(crate) fn is_foreign(&self, signer: &PublicKey, digest: impl FnOnce() -> Hash) -> bool {
        *signer == self.key && !self.own.contains(&digest())
    }

    fn log_entry(&self, input: CoreInput) -> LogEntry {
        match input {
            CoreInput::Vote(vote) => LogEntry::Vote(from_core_vote(&vote)),
            CoreInput::Proposal(proposal) => LogEntry::Proposal {
                proposal: proposal.message.proposal(),
                proposer: proposal.message.proposer.0,
                signature: proposal.signature,
            },
            CoreInput::ProposedValue(value, _) => self.log_judgement(&value),
            CoreInput::TimeoutElapsed(timeout) => LogEntry::Timeout {
                height: self.number,
                round: round_number(timeout.round),
                step: step_number(timer_kind(timeout.kind))
                    .expect("the library logs only timeouts that end a step"),
            },
            CoreInput::PolkaCertificate(certificate) => {
                LogEntry::Polka(from_core_polka(&certificate, self.members.set()))
            }
            CoreInput::StartHeight(..)
            | CoreInput::RoundCertificate(_)
            | CoreInput::Propose(_)
            | CoreInput::SyncValueResponse(_) => {
                panic!("the library logs no such input: {input:?}")
            }
        }
    }

    fn log_judgement(&self, value: &ProposedValue<Context>) -> LogEntry {
        let source = Source {
            height: value.height.0,
            round: round_number(value.round),
            valid_round: value.valid_round.as_u32(),
            proposer: value.proposer.0,
        };
        let hash = value.value.0;
        if value.validity == Validity::Invalid {
            return LogEntry::Refused { source, block: hash };
        }
        let block = self.blocks.valid(&hash).expect("a valid block is kept before it is judged");
        LogEntry::Block { source, block: block.clone() }
    }

    fn decide(&mut self, certificate: &CommitCertificate<Context>) {
        let signatures = certificate.commit_signatures.iter().map(|s| (s.address, s.signature));
        let block = self.blocks.valid(&certificate.value_id);
        let block = block.expect("the library decides only what was found valid").clone();
        let certificate = Certificate {
            height: certificate.height.0,
            round: round_number(certificate.round),
            block: certificate.value_id,
            signatures: indexed(signatures, self.members.set()),
        };
        self.is_decided = true;
        self.outputs.push(Output::Decided { block, certificate });
    }

    /// Reports what was not reported before and is proof: the library pairs a proposal with itself
    /// when its verdict changes beside a second proposal.
    pub(crate) fn report(&mut self, evidence: &MisbehaviorEvidence<Context>) {
        let votes = evidence.votes.iter().flat_map(|(_, pairs)| pairs);
        let proposals = evidence.proposals.iter().flat_map(|(_, pairs)| pairs);
        let evidence: Vec<Evidence> = votes
            .map(context::vote_evidence)
            .chain(proposals.map(context::proposal_evidence))
            .collect();
        for one in evidence {
            let is_news = !self.evidence.contains(&one);
            if is_news && one.verify(&self.config.genesis).is_ok() {
                self.evidence.push(one.clone());
                self.outputs.push(Output::Evidence(one));
            }
        }
    }

    fn verify(
        &mut self,
        message: &ConsensusMsg<Context>,
        key: PublicKey,
        signature: Signature,
    ) -> bool {
        let genesis = &self.config.genesis;
        let (digest, is_vote) = match message {
            ConsensusMsg::Vote(vote) => (vote.vote().digest(genesis), true),
            ConsensusMsg::Proposal(proposal) => (proposal.proposal().digest(genesis), false),
        };
        let is_known = self.checked == Some((key, digest, signature));
        let is_unsigned = key == self.key && self.unsigned.contains(&digest);
        let valid = is_known || (!is_unsigned && key.verify(&digest, &signature).is_ok());
        if valid && is_vote {
            self.heard.insert(key);
        }
        valid
    }

    fn verify_commit(
        &mut self,
        certificate: &CommitCertificate<Context>,
        thresholds: ThresholdParams,
    ) -> Checked {
        let votes = certificate.commit_signatures.iter().map(|one| {
            let vote = ContextVote {
                height: certificate.height,
                round: certificate.round,
                kind: VoteType::Precommit,
                value: NilOrVal::Val(certificate.value_id),
                validator: one.address,
            };
            (vote, one.signature)
        });
        self.verify_votes(votes.collect(), thresholds.quorum)
    }

    fn verify_polka(
        &mut self,
        certificate: &PolkaCertificate<Context>,
        thresholds: ThresholdParams,
    ) -> Checked {
        let votes = certificate.polka_signatures.iter().map(|one| {
            let vote = ContextVote {
                height: certificate.height,
                round: certificate.round,
                kind: VoteType::Prevote,
                value: NilOrVal::Val(certificate.value_id),
                validator: one.address,
            };
            (vote, one.signature)
        });
        self.verify_votes(votes.collect(), thresholds.quorum)
    }

    fn verify_round(
        &mut self,
        certificate: &RoundCertificate<Context>,
        thresholds: ThresholdParams,
    ) -> Checked {
        let only_precommits = certificate.cert_type == RoundCertificateType::Precommit;
        let threshold = if only_precommits { thresholds.quorum } else { thresholds.honest };
        let prevote = certificate
            .round_signatures
            .iter()
            .find(|one| only_precommits && one.vote_type == VoteType::Prevote);
        if let Some(one) = prevote {
            return Err(CertificateError::InvalidVoteType(one.address).into());
        }
        let votes = certificate.round_signatures.iter().map(|one| {
            let vote = ContextVote {
                height: certificate.height,
                round: certificate.round,
                kind: one.vote_type,
                value: one.value_id,
                validator: one.address,
            };
            (vote, one.signature)
        });
        self.verify_votes(votes.collect(), threshold)
    }

    /// Checks that distinct validators, enough of them, signed the votes.
    fn verify_votes(
        &mut self,
        votes: Vec<(ContextVote, Signature)>,
        threshold: ThresholdParam,
    ) -> Checked {
        let mut validators: BTreeSet<Address> = BTreeSet::new();
        for (vote, _) in &votes {
            if self.members.get_by_address(&vote.validator).is_none() {
                return Err(CertificateError::UnknownValidator(vote.validator).into());
            }
            if !validators.insert(vote.validator) {
                return Err(CertificateError::DuplicateVote(vote.validator).into());
            }
        }
        let (signed, total) = (votes.len() as u64, self.members.total_voting_power());
        if !threshold.is_met(signed, total) {
            let expected = threshold.min_expected(total);
            return Err(CertificateError::NotEnoughVotingPower { signed, total, expected }.into());
        }
        let genesis = &self.config.genesis;
        let signed: Vec<Signed> = votes
            .iter()
            .map(|(vote, signature)| (vote.validator.0, vote.vote().digest(genesis), *signature))
            .collect();
        if verify_all(&signed).contains(&false) {
            return Err(CertificateError::VerificationError(None).into());
        }
        self.heard.extend(validators.iter().map(|address| address.0));
        Ok(())
    }
}

//! What a block does to the zone itself: what is due at its beginning, and what its documents say.

use super::change::Change;
use super::draft::Draft;
use super::records::{
    self, AgendaEntry, CastVote, OpenProposal, Proposal, ProposalStatus, Step, Tally, Withdrawal,
    ZoneRecord,
};
use super::validators;
use crate::case::load;
use crate::document::{
    Activation, GovernanceProposal, GovernanceVote, GovernanceWithdrawal, OwnKeys,
};
use crate::event::Event;
use crate::execute::BlockContext;
use crate::limits::{
    AGENDA_ENTRIES_MAX, AGENDA_ENTRIES_PER_HEIGHT_MAX, PROPOSAL_HEIGHTS_MAX, PROPOSALS_OPEN_MAX,
    PROPOSALS_OPEN_OF_ONE_MAX,
};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateError, StateRead, Writes};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;

/// What became of a document of governance that the rules do not refuse.
pub(crate) enum Done {
    /// It holds.
    Accepted,
    /// It was said before.
    Repeated { first_height: u64 },
}

/// Who says it, in which document.
pub(crate) struct Said<'a> {
    pub(crate) document: Hash,
    pub(crate) signer: &'a OrganisationCode,
}

/// The zone's own records, with what the block changed of them.
pub(crate) struct Zone<'a, S> {
    context: &'a BlockContext<'a>,
    state: Overlay<'a, S>,
    events: Vec<Event>,
}

impl<'a, S: StateRead> Zone<'a, S> {
    /// The zone at the beginning of a block, after what is due at its height. Where nothing is,
    /// that costs one read.
    pub(crate) fn begin(context: &'a BlockContext<'a>, state: &'a S) -> Result<Self, StateError> {
        let mut zone = Self { context, state: Overlay::new(state), events: Vec::new() };
        let mut agenda = records::agenda(state)?;
        let due = agenda.iter().take_while(|entry| entry.height <= context.height).count();
        let due = due.min(AGENDA_ENTRIES_PER_HEIGHT_MAX);
        if due == 0 {
            return Ok(zone);
        }
        let entries: Vec<AgendaEntry> = agenda.drain(..due).collect();
        zone.put_agenda(&agenda);
        for entry in entries {
            zone.carry_out(entry)?;
        }
        Ok(zone)
    }

    /// The state with what the block changed of the zone.
    pub(crate) fn state(&self) -> &Overlay<'a, S> {
        &self.state
    }

    /// The same, to be changed by what stands beside the zone's own records.
    pub(crate) fn state_mut(&mut self) -> &mut Overlay<'a, S> {
        &mut self.state
    }

    /// The changes, and what happened, in order.
    pub(crate) fn finish(self) -> (Writes, Vec<Event>) {
        (self.state.into_writes(), self.events)
    }

    fn carry_out(&mut self, entry: AgendaEntry) -> Result<(), StateError> {
        let missing = || StateError(format!("proposal {} is on the agenda only", entry.number));
        let mut proposal = records::proposal(&self.state, entry.number)?.ok_or_else(missing)?;
        match entry.step {
            Step::Expire => self.close(&mut proposal, ProposalStatus::Expired)?,
            Step::Activate => self.activate(&mut proposal)?,
        }
        self.put(&proposal);
        Ok(())
    }

    fn activate(&mut self, proposal: &mut Proposal) -> Result<(), StateError> {
        let height = self.context.height;
        if let Some(from) = self.validators_to_come(&proposal.content.changes)? {
            // One set to come at a time: whoever checks certificates never guesses between two.
            proposal.activates = Some(from);
            let (number, step) = (proposal.number, Step::Activate);
            let mut agenda = records::agenda(&self.state)?;
            insert(&mut agenda, AgendaEntry { height: from, number, step });
            self.put_agenda(&agenda);
            return Ok(());
        }
        let mut draft = Draft::new(&self.state, height, proposal.document, self.context.policy);
        let result = draft.carry_out(&proposal.content.changes);
        let Draft { state, events, .. } = draft;
        let writes = state.into_writes();
        proposal.activates = Some(height);
        match result {
            Ok(()) => {
                proposal.status = ProposalStatus::Active;
                self.state.absorb(writes);
                self.events.extend(events);
            }
            Err(Stop::Rejected(rejected)) => {
                proposal.status = ProposalStatus::Failed;
                proposal.failure = Some(rejected.refusal(None));
            }
            Err(Stop::State(error)) => return Err(error),
        }
        Ok(())
    }

    /// The first height of a validator set that does not decide yet, which changes of validators
    /// wait for.
    fn validators_to_come(&self, changes: &[Change]) -> Result<Option<u64>, StateError> {
        if !validators::change_validators(changes) {
            return Ok(None);
        }
        let last = validators::last_set(&self.state)?;
        let from = last.map(|last| last.from);
        Ok(from.filter(|from| self.context.height < *from))
    }

    /// An agency proposes.
    pub(crate) fn propose(
        &mut self,
        said: &Said<'_>,
        content: GovernanceProposal,
    ) -> Result<Done, Stop> {
        if let Some(number) = records::proposal_number(&self.state, &said.document)? {
            let first = records::proposal(&self.state, number)?;
            let first_height = first.map_or(0, |proposal| proposal.height);
            return Ok(Done::Repeated { first_height });
        }
        let height = self.context.height;
        check_heights(&content, height)?;
        let mut zone = records::zone(&self.state)?;
        let mut agenda = records::agenda(&self.state)?;
        check_room(&zone, &agenda, said.signer)?;
        // Nothing is put to the vote that could not be carried out now.
        let at = content.activation.height(height);
        let at = at.max(self.validators_to_come(&content.changes)?.unwrap_or(0));
        Draft::new(&self.state, at, said.document, self.context.policy)
            .carry_out(&content.changes)?;
        zone.proposals = zone.proposals.saturating_add(1);
        let number = zone.proposals;
        zone.open.push(OpenProposal { number, proposer: said.signer.clone() });
        records::put_zone(&mut self.state, &zone);
        let expiry = content.expires.saturating_add(1);
        insert(&mut agenda, AgendaEntry { height: expiry, number, step: Step::Expire });
        self.put_agenda(&agenda);
        let number_key = state_key::proposal_number_key_bytes(&said.document);
        self.state.put(number_key, codec::encode(&number));
        self.put(&Proposal {
            number,
            document: said.document,
            proposer: said.signer.clone(),
            height,
            content,
            votes: Vec::new(),
            status: ProposalStatus::Open,
            decided: None,
            activates: None,
            withdrawal: None,
            failure: None,
        });
        Ok(Done::Accepted)
    }

    /// An agency votes.
    pub(crate) fn vote(&mut self, said: &Said<'_>, vote: GovernanceVote) -> Result<Done, Stop> {
        let mut proposal = self.proposal(&vote.proposal)?;
        if let Some(cast) = proposal.votes.iter().find(|cast| cast.document == said.document) {
            return Ok(Done::Repeated { first_height: cast.height });
        }
        check_open(&proposal, self.context.height)?;
        if let Some(cast) = proposal.votes.iter().find(|cast| cast.organisation == *said.signer) {
            let found = format!("a vote at height {}", cast.height);
            let rejection = Rejection::VotedAlready;
            return Err(Rejected::new(rejection, "proposal", "no earlier vote", found).into());
        }
        let GovernanceVote { choice, reason, .. } = vote;
        let (document, height) = (said.document, self.context.height);
        let organisation = said.signer.clone();
        proposal.votes.push(CastVote { organisation, choice, reason, document, height });
        let tally = records::tally(&self.state, &proposal, self.context.policy)?;
        self.decide(&mut proposal, tally)?;
        self.put(&proposal);
        Ok(Done::Accepted)
    }

    fn decide(&mut self, proposal: &mut Proposal, tally: Tally) -> Result<(), StateError> {
        if tally.is_rejected() {
            return self.close(proposal, ProposalStatus::Rejected);
        }
        if !tally.is_approved() {
            return Ok(());
        }
        self.close(proposal, ProposalStatus::Approved)?;
        let now = self.context.height;
        let height = proposal.content.activation.height(now).max(now.saturating_add(1));
        proposal.activates = Some(height);
        let mut agenda = records::agenda(&self.state)?;
        let number = proposal.number;
        insert(&mut agenda, AgendaEntry { height, number, step: Step::Activate });
        self.put_agenda(&agenda);
        Ok(())
    }

    /// The proposer takes an open proposal back.
    pub(crate) fn withdraw(
        &mut self,
        said: &Said<'_>,
        withdrawal: GovernanceWithdrawal,
    ) -> Result<Done, Stop> {
        let mut proposal = self.proposal(&withdrawal.proposal)?;
        let before = proposal.withdrawal.as_ref();
        if before.is_some_and(|before| before.document == said.document) {
            return Ok(Done::Repeated { first_height: proposal.decided.unwrap_or(0) });
        }
        if proposal.proposer != *said.signer {
            let (expected, found) = (&proposal.proposer, said.signer);
            return Err(Rejected::new(Rejection::NotProposer, "signer", expected, found).into());
        }
        check_open(&proposal, self.context.height)?;
        let GovernanceWithdrawal { reason, .. } = withdrawal;
        proposal.withdrawal = Some(Withdrawal { reason, document: said.document });
        self.close(&mut proposal, ProposalStatus::Withdrawn)?;
        self.put(&proposal);
        Ok(Done::Accepted)
    }

    /// An organisation changes its own keys, from the next height on.
    pub(crate) fn change_own_keys(
        &mut self,
        said: &Said<'_>,
        change: &OwnKeys,
    ) -> Result<Done, Stop> {
        let key = state_key::own_keys_key_bytes(&said.document);
        if let Some(first_height) = load(&self.state, &key)? {
            return Ok(Done::Repeated { first_height });
        }
        let next = self.context.height.saturating_add(1);
        let mut draft = Draft::new(&self.state, next, said.document, self.context.policy);
        draft.change_own_keys(said.signer, &change.keys)?;
        let Draft { state, events, .. } = draft;
        let writes = state.into_writes();
        self.state.absorb(writes);
        self.events.extend(events);
        self.state.put(key, codec::encode(&self.context.height));
        Ok(Done::Accepted)
    }

    fn proposal(&self, document: &Hash) -> Result<Proposal, Stop> {
        let number = records::proposal_number(&self.state, document)?;
        let proposal = match number {
            Some(number) => records::proposal(&self.state, number)?,
            None => None,
        };
        proposal.ok_or_else(|| {
            let rejection = Rejection::ProposalUnknown;
            let expected = "the identity of a proposal's document";
            Rejected::new(rejection, "proposal", expected, document).into()
        })
    }

    /// Nobody can vote on the proposal any more.
    fn close(&mut self, proposal: &mut Proposal, status: ProposalStatus) -> Result<(), StateError> {
        proposal.status = status;
        proposal.decided = Some(self.context.height);
        let mut zone = records::zone(&self.state)?;
        zone.open.retain(|open| open.number != proposal.number);
        records::put_zone(&mut self.state, &zone);
        let mut agenda = records::agenda(&self.state)?;
        agenda.retain(|entry| entry.number != proposal.number);
        self.put_agenda(&agenda);
        Ok(())
    }

    fn put_agenda(&mut self, agenda: &[AgendaEntry]) {
        let key = state_key::agenda_key_bytes();
        match agenda.is_empty() {
            true => self.state.remove(key),
            false => self.state.put(key, codec::encode(&agenda)),
        }
    }

    fn put(&mut self, proposal: &Proposal) {
        let key = state_key::proposal_key_bytes(proposal.number);
        self.state.put(key, codec::encode(proposal));
        let (number, document, status) = (proposal.number, proposal.document, proposal.status);
        self.events.push(Event::ProposalChanged { number, document, status });
    }
}

/// Puts an entry where it belongs.
fn insert(agenda: &mut Vec<AgendaEntry>, entry: AgendaEntry) {
    let place = agenda.partition_point(|other| *other < entry);
    agenda.insert(place, entry);
}

/// Whether a proposal can still be voted on. Where much is due at one height, the agenda may mark
/// an expired one late.
fn check_open(proposal: &Proposal, height: u64) -> Result<(), Rejected> {
    let is_expired = proposal.content.expires < height;
    if proposal.status == ProposalStatus::Open && !is_expired {
        return Ok(());
    }
    let found = match proposal.status {
        ProposalStatus::Open => ProposalStatus::Expired.name(),
        status => status.name(),
    };
    Err(Rejected::new(Rejection::ProposalNotOpen, "proposal", "an open proposal", found))
}

/// Expiry and activation lie ahead, and not too far.
fn check_heights(content: &GovernanceProposal, height: u64) -> Result<(), Rejected> {
    let out_of = |field: &str, found: u64, min: u64| {
        let max = min.saturating_add(PROPOSAL_HEIGHTS_MAX);
        let rejection = Rejection::ProposalHeights;
        let refused = || Rejected::new(rejection, field, format!("{min} to {max}"), found);
        if (min..=max).contains(&found) { Ok(()) } else { Err(refused()) }
    };
    out_of("expires", content.expires, height.saturating_add(1))?;
    match content.activation {
        Activation::AtHeight(at) => out_of("activation", at, content.expires.saturating_add(1)),
        Activation::AfterApproval(heights) => out_of("activation", heights, 1),
    }
}

fn check_room(
    zone: &ZoneRecord,
    agenda: &[AgendaEntry],
    signer: &OrganisationCode,
) -> Result<(), Rejected> {
    let own = zone.open.iter().filter(|open| open.proposer == *signer).count();
    let is_full = PROPOSALS_OPEN_MAX <= zone.open.len() || AGENDA_ENTRIES_MAX <= agenda.len();
    if is_full || PROPOSALS_OPEN_OF_ONE_MAX <= own {
        let expected = format!(
            "at most {PROPOSALS_OPEN_MAX} open proposals, and {PROPOSALS_OPEN_OF_ONE_MAX} of one \
             agency"
        );
        let rejection = Rejection::TooManyProposals;
        return Err(Rejected::new(rejection, "proposal", expected, "one more"));
    }
    Ok(())
}

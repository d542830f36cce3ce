//! The door: a block's submissions in, its effects out.
//!
//! A block executes in passes: what the zone's agenda holds for its height is done, who speaks is
//! read, then every document is read and checked by itself, then everything that they will need of
//! the state is read in one go, then deadlines that passed take effect, then the documents are
//! applied in order, and at last the cases that they touched are evaluated and encoded.

use crate::apply::{Applied, apply, fire};
use crate::case;
use crate::credit::{self, Listed};
use crate::event::{CaseState, Event};
use crate::governance::{Zone, last_set};
use crate::incoming::{Incoming, Signer};
use crate::policy::{Direction, Policy, Programs};
use crate::registry::{KeyPurpose, Organisation, Status};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::risk::Seen;
use crate::state::{StateError, StateRead, Writes};
use crate::state_key::{negative_list_key_bytes, organisation_key_bytes};
use crate::working_set::{Finished, WorkingSet};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::limits::SUBMISSION_DOCUMENTS_MAX;
use kanhe_types::receipt::{CaseKey, Outcome, Receipt, Refusal};
use kanhe_types::submission::{Submission, SubmissionHeader, document_id};
use kanhe_types::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

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
    /// The block before, which nobody knew when the documents were sent.
    pub parent: Hash,
    /// The policy in force.
    pub policy: &'a Policy,
    /// Its expressions, compiled.
    pub programs: &'a Programs,
    /// Whether somebody wants to see what risk observes; it changes nothing else.
    pub is_watched: bool,
}

impl<'a> BlockContext<'a> {
    /// A block under protocol 1 that nothing stands before, and in which no risk is observed.
    pub fn plain(genesis: Hash, height: u64, time: Millis, policy: &'a Policy) -> Self {
        let (parent, programs, is_watched) = (Hash::default(), Programs::none(), false);
        Self { protocol: 1, genesis, height, time, parent, policy, programs, is_watched }
    }
}

/// What executing a block does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// The changes of the state.
    pub writes: Writes,
    /// One receipt for each document that was executed, in order.
    pub receipts: Vec<Receipt>,
    /// What happened: to the zone in order, then to cases, ascending by their state keys.
    pub events: Vec<Event>,
    /// The same with what it was before, for indexes. The ledger does not commit to it.
    pub cases: Vec<CaseChange>,
    /// What risk observed, in order, if anybody wanted to see it. The ledger does not commit to
    /// it either.
    pub seen: Vec<Seen>,
}

/// A trade case that a block opened or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseChange {
    /// Which way its goods go.
    pub direction: Direction,
    /// Which case.
    pub case: CaseKey,
    /// How it stood before the block; none when the block opened it.
    pub before: Option<CaseStanding>,
    /// How it stands after the block.
    pub after: CaseStanding,
}

/// Where a trade case stands, and who may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseStanding {
    /// Its state.
    pub state: CaseState,
    /// The organisations that are party to it, ascending.
    pub parties: Vec<OrganisationCode>,
}

/// Executes `submissions` in order on `state`. Total: no input panics or runs without bound.
///
/// Each comes with its identity, which the caller has computed for this chain. A submission that
/// was executed before (at a lower height or earlier in this list) has no effect and no second
/// receipt.
///
/// # Errors
/// When this machine cannot read its state; the rules' answers are receipts.
pub fn execute<'s, S: StateRead>(
    context: &BlockContext<'_>,
    state: &S,
    submissions: impl IntoIterator<Item = (Hash, &'s Submission)>,
) -> Result<Effects, StateError> {
    let submissions: Vec<(Hash, &Submission)> = submissions.into_iter().collect();
    let zone = Zone::begin(context, state)?;
    let speakers = Speakers::read(context, zone.state(), &submissions)?;
    let mut seen = BTreeSet::new();
    let counts = submissions.iter().map(|(_, submission)| submission.documents.len());
    let mut documents = Vec::with_capacity(counts.fold(0, usize::saturating_add));
    for (id, submission) in &submissions {
        if !speakers.is_executed(id) && seen.insert(*id) {
            documents.extend(read_documents(context, &speakers, *id, submission));
        }
    }

    let mut keys = Vec::with_capacity(documents.len().saturating_mul(2));
    for document in &documents {
        if let Ok(incoming) = &document.content {
            incoming.collect_keys(&mut keys);
        }
    }
    let mut work = WorkingSet::read(context, state, zone, keys, &speakers.organisations)?;
    fire(&mut work)?;

    let mut receipts = Vec::with_capacity(documents.len());
    for document in documents {
        receipts.push(document.apply(&mut work)?);
    }
    let Finished { writes, events, changes: cases, seen } = work.finish()?;
    Ok(Effects { writes, receipts, events, cases, seen })
}

/// The submissions that were executed before, and the organisations that speak now.
struct Speakers {
    executed: BTreeSet<Hash>,
    organisations: BTreeMap<Vec<u8>, Organisation>,
    /// The validators' nodes, where somebody speaks with a key that is not in its record.
    nodes: BTreeSet<(OrganisationCode, PublicKey)>,
    /// The organisations whose documents of trades the negative list has refused.
    refused: BTreeMap<OrganisationCode, Listed>,
}

impl Speakers {
    fn read(
        context: &BlockContext<'_>,
        state: &impl StateRead,
        submissions: &[(Hash, &Submission)],
    ) -> Result<Self, StateError> {
        let organisations: BTreeSet<Vec<u8>> = submissions
            .iter()
            .map(|(_, submission)| organisation_key_bytes(&submission.header.organisation))
            .collect();
        let mut keys: Vec<Vec<u8>> = organisations.into_iter().collect();
        // Behind the organisations, in the same reading.
        keys.push(negative_list_key_bytes());
        let mut values = state.get_sorted(&keys)?;
        let listed = values.pop().flatten();
        let refused = credit::refused_of(listed.as_deref(), context.policy, context.time)?;
        let mut organisations = BTreeMap::new();
        for (key, bytes) in keys.iter().zip(values) {
            if let Some(bytes) = bytes {
                organisations.insert(key.clone(), case::decode(key, &bytes)?);
            }
        }
        let is_in_record = |header: &SubmissionHeader| {
            let own = organisations.get(&organisation_key_bytes(&header.organisation));
            own.is_none_or(|own: &Organisation| own.keys.iter().any(|key| key.key == header.key))
        };
        let mut nodes = BTreeSet::new();
        if submissions.iter().any(|(_, submission)| !is_in_record(&submission.header))
            && let Some(last) = last_set(state)?
        {
            let all = last.set.validators().iter();
            nodes.extend(all.map(|one| (one.organisation.clone(), one.node)));
        }
        let ids: BTreeSet<Hash> = submissions.iter().map(|(id, _)| *id).collect();
        let ids: Vec<Hash> = ids.into_iter().collect();
        let executed = ids.iter().zip(state.executed(&ids)?);
        let executed = executed.filter(|(_, is_executed)| *is_executed).map(|(id, _)| *id);
        Ok(Self { executed: executed.collect(), organisations, nodes, refused })
    }

    /// Whether the negative list lets a document be applied. What is said of the listing itself, of
    /// the zone and of originals always is.
    fn check_listed<'a>(&self, incoming: Incoming<'a>) -> Result<Incoming<'a>, Refusal> {
        let Some(listed) = self.refused.get(incoming.signer) else { return Ok(incoming) };
        if !incoming.kind.is_of_trade() {
            return Ok(incoming);
        }
        let expected = "an organisation that is not listed so that its trades are refused";
        let Listed { category, entry, until, .. } = listed;
        let found = format!("{category}, entry {} of {} until {until}", entry.number, entry.owner);
        let rejection = Rejection::OrganisationListed;
        Err(Rejected::new(rejection, "organisation", expected, found).refusal(Some(incoming.kind)))
    }

    fn is_executed(&self, submission: &Hash) -> bool {
        self.executed.contains(submission)
    }

    /// The organisation that speaks, if it may.
    fn signer<'a>(
        &'a self,
        header: &'a SubmissionHeader,
        height: u64,
    ) -> Result<Signer<'a>, Rejected> {
        if header.expires < height {
            let expected = format!("execution at height {} or before", header.expires);
            let rejection = Rejection::SubmissionExpired;
            return Err(Rejected::new(rejection, "expires", expected, height));
        }
        let code = &header.organisation;
        let Some(organisation) = self.organisations.get(&organisation_key_bytes(code)) else {
            let rejection = Rejection::UnknownOrganisation;
            let expected = "a registered organisation";
            return Err(Rejected::new(rejection, "organisation", expected, code));
        };
        if organisation.status == Status::Suspended {
            let rejection = Rejection::OrganisationSuspended;
            return Err(Rejected::new(rejection, "organisation", "active", "suspended"));
        }
        let is_validators_node = self.nodes.contains(&(code.clone(), header.key));
        let signer = Signer { organisation, key: &header.key, height, is_validators_node };
        // What is signed decides which of them it must be.
        let purposes = [KeyPurpose::Operator, KeyPurpose::Admin, KeyPurpose::Node];
        if !purposes.into_iter().any(|purpose| signer.has_key_for(purpose)) {
            return Err(signer.key_refused(KeyPurpose::Operator));
        }
        Ok(signer)
    }
}

/// A document that was read, and its receipt without the outcome.
struct Read<'a> {
    document: Hash,
    submission: Hash,
    index: u8,
    content: Result<Incoming<'a>, Refusal>,
}

/// Reads the documents of one submission.
fn read_documents<'a>(
    context: &'a BlockContext<'_>,
    speakers: &'a Speakers,
    submission: Hash,
    content: &'a Submission,
) -> impl Iterator<Item = Read<'a>> {
    let signer = speakers.signer(&content.header, context.height);
    let signer = signer.map_err(|rejected| rejected.refusal(None));
    // The shape of a submission was checked when its batch was acknowledged; the bound holds even
    // if it was not.
    let documents = content.documents.iter().take(SUBMISSION_DOCUMENTS_MAX);
    (0u8..).zip(documents).map(move |(index, bytes)| {
        let document = document_id(&context.genesis, &content.header.organisation, bytes);
        let content = match &signer {
            Ok(signer) => Incoming::read(*signer, document, bytes, context.policy)
                .and_then(|incoming| speakers.check_listed(incoming)),
            Err(refusal) => Err(refusal.clone()),
        };
        Read { document, submission, index, content }
    })
}

impl Read<'_> {
    /// Applies the document, and gives its receipt.
    fn apply<S: StateRead>(self, work: &mut WorkingSet<'_, S>) -> Result<Receipt, StateError> {
        let Self { document, submission, index, content } = self;
        let outcome = match content {
            Err(refusal) => Outcome::Rejected(refusal),
            Ok(incoming) => {
                let kind = incoming.kind;
                match apply(work, incoming) {
                    Ok(Applied::Accepted { case }) => Outcome::Accepted { case },
                    Ok(Applied::Repeated { first_height }) => Outcome::Repeated { first_height },
                    Err(Stop::Rejected(rejected)) => {
                        Outcome::Rejected(rejected.refusal(Some(kind)))
                    }
                    Err(Stop::State(error)) => return Err(error),
                }
            }
        };
        Ok(Receipt { document, submission, index, height: work.context.height, outcome })
    }
}

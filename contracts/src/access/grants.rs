//! Grants: what the state keeps of them, how they are given and taken back, and which hold.

use super::Trade;
use super::book::{self, Book};
use crate::case::load;
use crate::governance::Done;
use crate::limits::{
    ACCESS_TERM_MS_MAX, CASE_GRANTS_MAX, CASE_GRANTS_OF_ONE_MAX, PERIOD_GRANTS_MAX,
};
use crate::registry::{Status, organisation};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::{case_grants_key_bytes, grant_key_bytes, period_grants_key_bytes};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A grant with everything that was said about it, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Grant {
    /// The identity of its document.
    pub id: Hash,
    /// Who lets see.
    pub giver: OrganisationCode,
    /// Who may see.
    pub receiver: OrganisationCode,
    /// What.
    pub scope: Scope,
    /// Until when.
    pub until: Option<Millis>,
    /// What for.
    pub purpose: String,
    /// The key that signed it. The grant ends with that key.
    pub key: PublicKey,
    /// The height at which it was given.
    pub height: u64,
    /// The block time at which it was given.
    pub time: Millis,
    /// How it was taken back.
    pub ended: Option<GrantEnd>,
}

/// What a grant is for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One case.
    Case(CaseKey),
    /// The giver's cases that were opened in a period.
    Period {
        /// Its first instant,
        from: Millis,
        /// and the first after it.
        end: Millis,
    },
}

/// How a grant was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct GrantEnd {
    /// Why.
    pub reason: String,
    /// The identity of its document.
    pub document: Hash,
    /// The height of it.
    pub height: u64,
}

/// A grant that was not taken back, in a list of those of a case, or of two organisations.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct GrantRef {
    /// Which.
    pub id: Hash,
    /// Who lets see.
    pub giver: OrganisationCode,
    /// Who may see.
    pub receiver: OrganisationCode,
    /// Until when.
    pub until: Option<Millis>,
}

/// Whether a grant shows anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// It does.
    Standing,
    /// The giver took it back.
    Withdrawn,
    /// Its time is over.
    Expired,
    /// The key that signed it is not one of the giver's any more.
    KeyEnded,
    /// The giver is suspended, and could not take it back.
    Resting,
}

/// Who gives, in which document, with which key.
pub(crate) struct Giver<'a> {
    pub(crate) document: Hash,
    pub(crate) organisation: &'a OrganisationCode,
    pub(crate) key: &'a PublicKey,
}

/// What a document gives.
pub(crate) struct Given {
    pub(crate) receiver: OrganisationCode,
    pub(crate) scope: Scope,
    pub(crate) until: Option<Millis>,
    pub(crate) purpose: String,
}

/// When something is said.
#[derive(Clone, Copy)]
pub(crate) struct Now {
    pub(crate) height: u64,
    pub(crate) time: Millis,
}

impl Grant {
    /// Whether the grant shows anything at an instant, for documents signed at `height`.
    ///
    /// # Errors
    /// When this machine cannot read its state.
    pub fn state(
        &self,
        state: &impl StateRead,
        now: Millis,
        height: u64,
    ) -> Result<GrantState, StateError> {
        if self.ended.is_some() {
            return Ok(GrantState::Withdrawn);
        }
        if self.until.is_some_and(|until| until <= now) {
            return Ok(GrantState::Expired);
        }
        let Some(giver) = organisation(state, &self.giver)? else {
            return Ok(GrantState::Resting);
        };
        if giver.status != Status::Active {
            return Ok(GrantState::Resting);
        }
        let is_own = giver
            .keys
            .iter()
            .any(|own| own.key == self.key && own.until.is_none_or(|until| height <= until));
        Ok(if is_own { GrantState::Standing } else { GrantState::KeyEnded })
    }

    /// Whether it is for a case; that its giver is party to it is not looked at.
    fn covers(&self, case: &Trade<'_>) -> bool {
        match &self.scope {
            Scope::Case(key) => key == case.key,
            Scope::Period { from, end } => (*from..*end).contains(&case.opened),
        }
    }
}

/// The grant that a document made.
///
/// # Errors
/// When this machine cannot read its state.
pub fn grant(state: &impl StateRead, id: &Hash) -> Result<Option<Grant>, StateError> {
    load(state, &grant_key_bytes(id))
}

/// The grants of one case that were not taken back.
///
/// # Errors
/// When this machine cannot read its state.
pub fn grants_of_case(state: &impl StateRead, case: &CaseKey) -> Result<Vec<GrantRef>, StateError> {
    Ok(load(state, &case_grants_key_bytes(case))?.unwrap_or_default())
}

fn grants_of_pair(
    state: &impl StateRead,
    giver: &OrganisationCode,
    receiver: &OrganisationCode,
) -> Result<Vec<GrantRef>, StateError> {
    Ok(load(state, &period_grants_key_bytes(giver, receiver))?.unwrap_or_default())
}

/// The parties of a case whose grants let `receiver` see it at an instant, ascending; keys are
/// judged at `height`.
///
/// # Errors
/// When this machine cannot read its state.
pub fn givers(
    state: &impl StateRead,
    case: &Trade<'_>,
    receiver: &OrganisationCode,
    now: Millis,
    height: u64,
) -> Result<Vec<OrganisationCode>, StateError> {
    let of_case = grants_of_case(state, case.key)?;
    let mut found = Vec::new();
    for party in &case.parties {
        let of_pair = grants_of_pair(state, party, receiver)?;
        let mut to_caller = of_case
            .iter()
            .filter(|grant| grant.giver == *party && grant.receiver == *receiver)
            .chain(&of_pair);
        let holds = |reference: &GrantRef| -> Result<bool, StateError> {
            let Some(grant) = grant(state, &reference.id)? else { return Ok(false) };
            Ok(grant.covers(case) && grant.state(state, now, height)? == GrantState::Standing)
        };
        let mut is_given = false;
        for reference in &mut to_caller {
            if holds(reference)? {
                is_given = true;
                break;
            }
        }
        if is_given {
            found.push(party.clone());
        }
    }
    Ok(found)
}

/// Whether `giver` lets `receiver` see its cases of any period at an instant; keys are judged at
/// `height`.
///
/// # Errors
/// When this machine cannot read its state.
pub fn period_is_granted(
    state: &impl StateRead,
    giver: &OrganisationCode,
    receiver: &OrganisationCode,
    now: Millis,
    height: u64,
) -> Result<bool, StateError> {
    for reference in grants_of_pair(state, giver, receiver)? {
        if let Some(grant) = grant(state, &reference.id)?
            && grant.state(state, now, height)? == GrantState::Standing
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Gives a grant. `parties` are those of its case, where it is for one that exists.
pub(crate) fn give<S: StateRead>(
    state: &mut Overlay<'_, S>,
    now: Now,
    giver: &Giver<'_>,
    given: Given,
    parties: &[OrganisationCode],
) -> Result<Done, Stop> {
    if let Some(before) = grant(state, &giver.document)? {
        return Ok(Done::Repeated { first_height: before.height });
    }
    let Given { receiver, scope, until, purpose } = given;
    check_receiver(state, giver.organisation, &receiver)?;
    if matches!(scope, Scope::Case(_)) && !parties.contains(giver.organisation) {
        // One answer for what does not exist and for what is others', so that nobody learns which.
        let expected = "a case that the giver is party to";
        return Err(Rejected::new(Rejection::CaseNotOwn, "orderNo", expected, "none").into());
    }
    check_term("until", until, now.time)?;
    let organisation = giver.organisation.clone();
    let reference = GrantRef { id: giver.document, giver: organisation.clone(), receiver, until };
    let (key, max, of_one_max) = list_of(&scope, &reference);
    let mut list: Vec<GrantRef> = load(state, &key)?.unwrap_or_default();
    list.retain(|other| other.until.is_none_or(|until| now.time < until));
    let own = list.iter().filter(|other| other.giver == organisation).count();
    if max <= list.len() || of_one_max <= own {
        let expected = format!("at most {of_one_max} grants that stand");
        return Err(Rejected::new(Rejection::TooManyGrants, "receiver", expected, own).into());
    }
    let mut readers = vec![organisation.clone(), reference.receiver.clone()];
    readers.extend(parties.iter().cloned());
    readers.sort_unstable();
    readers.dedup();
    for reader in &readers {
        book::append(state, Book::Grants, reader, &giver.document)?;
    }
    let grant = Grant {
        id: giver.document,
        giver: organisation,
        receiver: reference.receiver.clone(),
        scope,
        until,
        purpose,
        key: *giver.key,
        height: now.height,
        time: now.time,
        ended: None,
    };
    list.push(reference);
    state.put(key, codec::encode(&list));
    state.put(grant_key_bytes(&grant.id), codec::encode(&grant));
    Ok(Done::Accepted)
}

/// Takes a grant back.
pub(crate) fn withdraw<S: StateRead>(
    state: &mut Overlay<'_, S>,
    now: Now,
    giver: &Giver<'_>,
    id: &Hash,
    reason: String,
) -> Result<Done, Stop> {
    // Others' grants are as if there were none.
    let found = grant(state, id)?.filter(|grant| grant.giver == *giver.organisation);
    let Some(mut grant) = found else {
        let expected = "the identity of a grant that the signer gave";
        return Err(Rejected::new(Rejection::GrantUnknown, "grant", expected, id).into());
    };
    if let Some(end) = &grant.ended {
        if end.document == giver.document {
            return Ok(Done::Repeated { first_height: end.height });
        }
        let found = format!("withdrawn at height {}", end.height);
        let expected = "a grant that stands";
        return Err(Rejected::new(Rejection::GrantEnded, "grant", expected, found).into());
    }
    let reference = GrantRef {
        id: grant.id,
        giver: grant.giver.clone(),
        receiver: grant.receiver.clone(),
        until: grant.until,
    };
    let (key, ..) = list_of(&grant.scope, &reference);
    let mut list: Vec<GrantRef> = load(state, &key)?.unwrap_or_default();
    list.retain(|other| other.id != grant.id);
    match list.is_empty() {
        true => state.remove(key),
        false => state.put(key, codec::encode(&list)),
    }
    grant.ended = Some(GrantEnd { reason, document: giver.document, height: now.height });
    state.put(grant_key_bytes(&grant.id), codec::encode(&grant));
    Ok(Done::Accepted)
}

/// In which list a grant stands, how many that may hold, and how many of one giver.
fn list_of(scope: &Scope, grant: &GrantRef) -> (Vec<u8>, usize, usize) {
    match scope {
        Scope::Case(case) => (case_grants_key_bytes(case), CASE_GRANTS_MAX, CASE_GRANTS_OF_ONE_MAX),
        Scope::Period { .. } => {
            let key = period_grants_key_bytes(&grant.giver, &grant.receiver);
            (key, PERIOD_GRANTS_MAX, PERIOD_GRANTS_MAX)
        }
    }
}

fn check_receiver(
    state: &impl StateRead,
    giver: &OrganisationCode,
    receiver: &OrganisationCode,
) -> Result<(), Stop> {
    if giver == receiver {
        let rejection = Rejection::GrantToSelf;
        return Err(Rejected::new(rejection, "receiver", "another organisation", giver).into());
    }
    if organisation(state, receiver)?.is_none() {
        let (rejection, expected) = (Rejection::ReceiverUnknown, "a registered organisation");
        return Err(Rejected::new(rejection, "receiver", expected, receiver).into());
    }
    Ok(())
}

/// A term lies ahead, and not too far.
pub(super) fn check_term(
    field: &'static str,
    until: Option<Millis>,
    now: Millis,
) -> Result<(), Rejected> {
    let Some(until) = until else { return Ok(()) };
    let last = now.0.saturating_add(ACCESS_TERM_MS_MAX);
    if now < until && until.0 <= last {
        return Ok(());
    }
    let expected = format!("after {now} and not after {}", Millis(last));
    let found = if last < until.0 { "a later time".to_owned() } else { until.to_string() };
    Err(Rejected::new(Rejection::AccessTerm, field, expected, found))
}

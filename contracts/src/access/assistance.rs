//! Agencies let each other see what is not their own business: asked, answered, and kept for ever.

use super::Trade;
use super::book::{self, Book};
use super::business::business;
use super::grants::{Giver, Now, check_term};
use crate::case::load;
use crate::document::{AssistanceAnswer, AssistanceRequest, DocumentKind, Subject};
use crate::governance::Done;
use crate::limits::ASSISTANCE_OF_ONE_MAX;
use crate::registry::{Role, Status, organisation};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::{assistance_key_bytes, assistance_list_key_bytes};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A request for assistance with its answer, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Assistance {
    /// The identity of the request's document.
    pub id: Hash,
    /// The agency that asks.
    pub requester: OrganisationCode,
    /// What it asks for, of whom, what for and by which law.
    pub request: AssistanceRequest,
    /// The height of the request.
    pub height: u64,
    /// The answer, once there is one.
    pub answer: Option<Answered>,
}

/// How a request was answered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Answered {
    /// The identity of the answer's document.
    pub document: Hash,
    /// The height of the answer.
    pub height: u64,
    /// Until when the requester may see; `None` when it was refused.
    pub until: Option<Millis>,
    /// Why.
    pub reason: String,
    /// The key that signed it. What it lets see ends with that key.
    pub key: PublicKey,
}

/// A request that may still matter, in the list of its requester.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct AssistanceRef {
    /// Which.
    pub id: Hash,
    /// Until when it was granted; `None` while it is open.
    pub until: Option<Millis>,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssistanceState {
    /// It is not answered.
    Open,
    /// It was granted, and the requester sees.
    Granted,
    /// It was refused.
    Refused,
    /// It was granted, and its time is over.
    Expired,
    /// It was granted, by a key that has ended or an agency that is one no more.
    Ended,
}

impl Assistance {
    /// Where the request stands at an instant; keys are judged at `height`.
    ///
    /// # Errors
    /// When this machine cannot read its state.
    pub fn state(
        &self,
        state: &impl StateRead,
        now: Millis,
        height: u64,
    ) -> Result<AssistanceState, StateError> {
        let Some(answer) = &self.answer else { return Ok(AssistanceState::Open) };
        let Some(until) = answer.until else { return Ok(AssistanceState::Refused) };
        if until <= now {
            return Ok(AssistanceState::Expired);
        }
        let agency = organisation(state, &self.request.agency)?;
        let holds = agency.is_some_and(|agency| {
            let is_own = agency
                .keys
                .iter()
                .any(|own| own.key == answer.key && own.until.is_none_or(|until| height <= until));
            let kinds = business(&agency);
            agency.status == Status::Active
                && is_own
                && self.request.kinds.iter().all(|kind| kinds.contains(kind))
        });
        Ok(if holds { AssistanceState::Granted } else { AssistanceState::Ended })
    }

    fn covers(&self, case: &Trade<'_>) -> bool {
        match &self.request.subject {
            Subject::Case(key) => key == case.key,
            Subject::Organisation { code, from, end } => {
                (*from..*end).contains(&case.opened) && case.parties.contains(code)
            }
        }
    }
}

/// The request that a document made.
///
/// # Errors
/// When this machine cannot read its state.
pub fn assistance(state: &impl StateRead, id: &Hash) -> Result<Option<Assistance>, StateError> {
    load(state, &assistance_key_bytes(id))
}

fn list_of(
    state: &impl StateRead,
    requester: &OrganisationCode,
) -> Result<Vec<AssistanceRef>, StateError> {
    Ok(load(state, &assistance_list_key_bytes(requester))?.unwrap_or_default())
}

/// The requests of an agency that are granted at an instant; keys are judged at `height`.
///
/// # Errors
/// When this machine cannot read its state.
pub fn granted_to(
    state: &impl StateRead,
    requester: &OrganisationCode,
    now: Millis,
    height: u64,
) -> Result<Vec<Assistance>, StateError> {
    let mut granted = Vec::new();
    for reference in list_of(state, requester)? {
        let Some(found) = assistance(state, &reference.id)? else { continue };
        if found.state(state, now, height)? == AssistanceState::Granted {
            granted.push(found);
        }
    }
    Ok(granted)
}

/// Of `granted` requests those that are for a case: which, and the kinds that they let see.
pub fn kinds_for(granted: &[Assistance], case: &Trade<'_>) -> Vec<(Hash, Vec<DocumentKind>)> {
    let covering = granted.iter().filter(|assistance| assistance.covers(case));
    covering.map(|assistance| (assistance.id, assistance.request.kinds.clone())).collect()
}

/// An agency asks. `parties` are those of the case that it asks about, where it is one that exists.
pub(crate) fn request<S: StateRead>(
    state: &mut Overlay<'_, S>,
    now: Now,
    asker: &Giver<'_>,
    request: AssistanceRequest,
    parties: Vec<OrganisationCode>,
) -> Result<Done, Stop> {
    if let Some(before) = assistance(state, &asker.document)? {
        return Ok(Done::Repeated { first_height: before.height });
    }
    check_asked(state, asker.organisation, &request)?;
    let concerned = match &request.subject {
        Subject::Case(_) => parties,
        Subject::Organisation { code, .. } => match organisation(state, code)? {
            Some(found) => vec![found.code],
            None => Vec::new(),
        },
    };
    if concerned.is_empty() {
        let (rejection, expected) = (Rejection::SubjectUnknown, "a case, or an organisation");
        return Err(Rejected::new(rejection, "subject", expected, "none").into());
    }
    let mut list = list_of(state, asker.organisation)?;
    list.retain(|other| other.until.is_none_or(|until| now.time < until));
    if ASSISTANCE_OF_ONE_MAX <= list.len() {
        let expected = format!("at most {ASSISTANCE_OF_ONE_MAX} requests that are open or granted");
        let found = list.len();
        return Err(Rejected::new(Rejection::TooManyRequests, "agency", expected, found).into());
    }
    list.push(AssistanceRef { id: asker.document, until: None });
    state.put(assistance_list_key_bytes(asker.organisation), codec::encode(&list));
    let mut readers = concerned;
    readers.extend([asker.organisation.clone(), request.agency.clone()]);
    readers.sort_unstable();
    readers.dedup();
    for reader in &readers {
        book::append(state, Book::Assistance, reader, &asker.document)?;
    }
    let assistance = Assistance {
        id: asker.document,
        requester: asker.organisation.clone(),
        request,
        height: now.height,
        answer: None,
    };
    state.put(assistance_key_bytes(&assistance.id), codec::encode(&assistance));
    Ok(Done::Accepted)
}

/// The agency that is asked is another, and all that is asked for is its business.
fn check_asked(
    state: &impl StateRead,
    asker: &OrganisationCode,
    request: &AssistanceRequest,
) -> Result<(), Stop> {
    let agency = organisation(state, &request.agency)?;
    let agency = agency.filter(|agency| agency.has_role(Role::Agency) && agency.code != *asker);
    let Some(agency) = agency else {
        let (rejection, expected) = (Rejection::NotAnAgency, "another agency");
        return Err(Rejected::new(rejection, "agency", expected, &request.agency).into());
    };
    let kinds = business(&agency);
    match request.kinds.iter().find(|kind| !kinds.contains(kind)) {
        None => Ok(()),
        Some(other) => {
            let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
            let (rejection, expected) = (Rejection::NotTheirBusiness, names.join(" or "));
            Err(Rejected::new(rejection, "kinds", expected, other.name()).into())
        }
    }
}

/// The agency that was asked answers.
pub(crate) fn answer<S: StateRead>(
    state: &mut Overlay<'_, S>,
    now: Now,
    signer: &Giver<'_>,
    said: AssistanceAnswer,
) -> Result<Done, Stop> {
    let found = assistance(state, &said.request)?;
    let found = found.filter(|found| found.request.agency == *signer.organisation);
    let Some(mut found) = found else {
        let (rejection, expected) = (Rejection::RequestUnknown, "a request to the signer");
        return Err(Rejected::new(rejection, "request", expected, said.request).into());
    };
    if let Some(before) = &found.answer {
        if before.document == signer.document {
            return Ok(Done::Repeated { first_height: before.height });
        }
        let text = format!("an answer at height {}", before.height);
        let rejection = Rejection::RequestAnswered;
        return Err(Rejected::new(rejection, "request", "a request that is open", text).into());
    }
    check_term("until", said.until, now.time)?;
    let mut list = list_of(state, &found.requester)?;
    list.retain(|other| other.id != found.id || said.until.is_some());
    if let Some(entry) = list.iter_mut().find(|other| other.id == found.id) {
        entry.until = said.until;
    }
    state.put(assistance_list_key_bytes(&found.requester), codec::encode(&list));
    found.answer = Some(Answered {
        document: signer.document,
        height: now.height,
        until: said.until,
        reason: said.reason,
        key: *signer.key,
    });
    state.put(assistance_key_bytes(&found.id), codec::encode(&found));
    Ok(Done::Accepted)
}

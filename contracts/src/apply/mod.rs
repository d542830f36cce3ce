//! What a document changes on the ledger. Nothing is written before every refusal was ruled out.

mod attestation;
mod list;
mod order;
mod payment;
mod role;
mod waybill;

pub(crate) use role::check_role;

use crate::case::{self, AttestationRecord, Case, DocumentMeta, WaybillRecord, load};
use crate::document::{AppType, Body, Document};
use crate::event::Event;
use crate::execute::BlockContext;
use crate::limits::{VERSIONS_MAX, WAITING_CASES_MAX};
use crate::matching::{Standing, evaluate, is_payer_the_buyer};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::pseudonym::{Pseudonym, PseudonymScope};
use kanhe_types::receipt::CaseKey;
use std::collections::BTreeMap;

/// What became of a document that the rules do not refuse.
pub(crate) enum Applied {
    Accepted { case: Option<CaseKey> },
    Repeated { first_height: u64 },
}

/// A document on its way into the ledger.
pub(crate) struct Incoming<'a> {
    pub(crate) id: Hash,
    pub(crate) signer: &'a OrganisationCode,
    pub(crate) document: &'a Document,
}

/// Applies a document that was checked, and says what happened.
pub(crate) fn apply<S: StateRead>(
    context: &BlockContext<'_>,
    state: &mut Overlay<'_, S>,
    incoming: &Incoming<'_>,
    events: &mut Vec<Event>,
) -> Result<Applied, Stop> {
    let mut work = Work { context, state, cases: BTreeMap::new() };
    let applied = match &incoming.document.body {
        Body::Order(order) => order::apply(&mut work, incoming, order)?,
        Body::Payment(payment) => payment::apply(&mut work, incoming, payment)?,
        Body::Waybill(waybill) => waybill::apply(&mut work, incoming, waybill)?,
        Body::InventoryList(list) => list::apply(&mut work, incoming, list)?,
        Body::IdentityAttestation(attested) => attestation::apply(&mut work, incoming, attested)?,
    };
    if let Applied::Accepted { case } = &applied {
        events.push(Event::DocumentAccepted {
            document: incoming.id,
            organisation: incoming.signer.clone(),
            case: case.clone(),
        });
        work.finish(events)?;
    }
    Ok(applied)
}

/// What the held version of a document says to a new one.
enum Admission {
    /// It is the held version, or an earlier one.
    Repeated { first_height: u64 },
    /// It may follow.
    Follows,
}

impl Incoming<'_> {
    /// Whether this document may follow the `held` one (`is_withdrawn` after a delete).
    ///
    /// `holders` may change it besides its signer; `is_declared` says that a list stands on it.
    fn admit(
        &self,
        held: Option<&DocumentMeta>,
        is_withdrawn: bool,
        holders: &[&OrganisationCode],
        is_declared: bool,
    ) -> Result<Admission, Rejected> {
        if let Some(first_height) = held.and_then(|held| held.height_of(&self.id)) {
            return Ok(Admission::Repeated { first_height });
        }
        match (held, self.document.app_type) {
            (None, AppType::Add) => Ok(Admission::Follows),
            (Some(held), AppType::Add) if is_withdrawn => self.check_newer(held),
            (Some(held), AppType::Add) => Err(Rejected::new(
                Rejection::Duplicate,
                "appType",
                format!("2 with an appTime after {}", held.app_time),
                "1 with other content",
            )),
            (Some(held), AppType::Change | AppType::Delete) if !is_withdrawn => {
                if *self.signer != held.signer && !holders.contains(&self.signer) {
                    let found = self.signer;
                    return Err(Rejected::new(Rejection::NotHolder, "signer", &held.signer, found));
                }
                if is_declared {
                    let expected = "no list on this document";
                    let found = "a declared list";
                    return Err(Rejected::new(
                        Rejection::AlreadyDeclared,
                        "appType",
                        expected,
                        found,
                    ));
                }
                self.check_newer(held)
            }
            (_, AppType::Change | AppType::Delete) => Err(Rejected::new(
                Rejection::UnknownDocument,
                "appType",
                "a document with this number",
                "none",
            )),
        }
    }

    fn check_newer(&self, held: &DocumentMeta) -> Result<Admission, Rejected> {
        let found = self.document.app_time;
        if found <= held.app_time {
            let expected = format!("later than {}", held.app_time);
            return Err(Rejected::new(Rejection::OldMessage, "appTime", expected, found));
        }
        check_versions(held)?;
        Ok(Admission::Follows)
    }

    /// The history of this document as the successor of `held`.
    fn meta(&self, held: Option<&DocumentMeta>, height: u64) -> DocumentMeta {
        let mut versions = held.map(|held| held.versions.clone()).unwrap_or_default();
        versions.extend(held.map(DocumentMeta::as_version));
        DocumentMeta {
            document: self.id,
            kind: self.document.kind(),
            app_time: self.document.app_time,
            signer: self.signer.clone(),
            height,
            guid: self.document.guid.clone(),
            versions,
        }
    }

    fn scope(&self) -> PseudonymScope {
        self.document.pseudonyms
    }

    fn is_delete(&self) -> bool {
        self.document.app_type == AppType::Delete
    }
}

/// One more version must still fit.
fn check_versions(held: &DocumentMeta) -> Result<(), Rejected> {
    if VERSIONS_MAX <= held.versions.len() {
        let expected = format!("at most {VERSIONS_MAX} changes");
        return Err(Rejected::new(Rejection::TooManyVersions, "appType", expected, "one more"));
    }
    Ok(())
}

/// The cases that one document touches, and the state under them.
struct Work<'a, 's, S> {
    context: &'a BlockContext<'a>,
    state: &'a mut Overlay<'s, S>,
    cases: BTreeMap<CaseKey, Touched>,
}

struct Touched {
    before: Option<Case>,
    now: Case,
}

impl<S: StateRead> Work<'_, '_, S> {
    /// The case with this key, opened now if there is none. It is evaluated when the document is
    /// done.
    fn case(&mut self, key: &CaseKey) -> Result<&mut Case, StateError> {
        if !self.cases.contains_key(key) {
            let before = case::case(self.state, key)?;
            let now = before.clone().unwrap_or_else(|| Case::new(key.clone(), self.context.time));
            self.cases.insert(key.clone(), Touched { before, now });
        }
        let touched = self.cases.get_mut(key).expect("the case was inserted above");
        Ok(&mut touched.now)
    }

    /// Has existing cases evaluated again.
    fn touch(&mut self, keys: &[CaseKey]) -> Result<(), StateError> {
        for key in keys {
            self.case(key)?;
        }
        Ok(())
    }

    fn waybill_record(
        &self,
        code: &OrganisationCode,
        number: &str,
    ) -> Result<WaybillRecord, StateError> {
        Ok(case::waybill(self.state, code, number)?.unwrap_or_default())
    }

    fn put_waybill_record(
        &mut self,
        code: &OrganisationCode,
        number: &str,
        record: &WaybillRecord,
    ) {
        let key = state_key::waybill_key_bytes(code, number);
        if record.entry.is_none() && record.claims.is_empty() {
            self.state.remove(key);
            return;
        }
        self.state.put(key, codec::encode(record));
    }

    /// Evaluates and writes the cases that were touched.
    fn finish(mut self, events: &mut Vec<Event>) -> Result<(), StateError> {
        for (key, Touched { before, mut now }) in std::mem::take(&mut self.cases) {
            self.evaluate(&mut now)?;
            if before.as_ref() == Some(&now) {
                continue;
            }
            self.update_waiting(before.as_ref(), &now)?;
            now.changed_height = self.context.height;
            self.state.put(state_key::case_key_bytes(&key), codec::encode(&now));
            let parties = now.parties();
            events.push(Event::CaseChanged { case: key, parties, state: now.state });
        }
        Ok(())
    }

    /// Joins the case with its waybill and its orderer's attestation, and applies the rules.
    fn evaluate(&self, case: &mut Case) -> Result<(), StateError> {
        let standing = self.join_waybill(case)?;
        case.attestation = match buyer_to_attest(case) {
            None => None,
            Some(person) => {
                let record: Option<AttestationRecord> =
                    load(self.state, &person.attestation_key())?;
                record.map(|record| record.meta.document)
            }
        };
        (case.findings, case.state) = evaluate(case, standing, self.context.policy);
        case.policy_version = self.context.policy.version;
        Ok(())
    }

    fn join_waybill(&self, case: &mut Case) -> Result<Standing, StateError> {
        case.waybill = None;
        let Some(list) = case.list_facts() else {
            return Ok(Standing::Unnamed);
        };
        let record = self.waybill_record(&list.logistics_code, &list.logistics_no)?;
        let waybill = record.entry.filter(|entry| entry.facts.is_some());
        if record.claimed_by.as_ref() == Some(&case.key) {
            case.waybill = waybill;
            let is_here = case.waybill.is_some();
            return Ok(if is_here { Standing::Held } else { Standing::Awaited });
        }
        let carries_another = waybill
            .and_then(|entry| entry.facts)
            .is_some_and(|facts| facts.order_no != case.key.order_no);
        Ok(if carries_another { Standing::OfAnotherOrder } else { Standing::Taken })
    }

    /// Keeps the list of cases that an attestation would settle.
    fn update_waiting(&mut self, before: Option<&Case>, now: &Case) -> Result<(), StateError> {
        let (old, new) = (before.and_then(awaited_person), awaited_person(now));
        if old == new {
            return Ok(());
        }
        if let Some(person) = old {
            let mut waiting = self.waiting(person)?;
            waiting.retain(|key| *key != now.key);
            self.put_waiting(person, &waiting);
        }
        if let Some(person) = new {
            let mut waiting = self.waiting(person)?;
            if waiting.len() < WAITING_CASES_MAX && !waiting.contains(&now.key) {
                waiting.push(now.key.clone());
                self.put_waiting(person, &waiting);
            }
        }
        Ok(())
    }

    fn waiting(&self, person: Person) -> Result<Vec<CaseKey>, StateError> {
        Ok(load(self.state, &person.waiting_key())?.unwrap_or_default())
    }

    fn put_waiting(&mut self, person: Person, waiting: &Vec<CaseKey>) {
        if waiting.is_empty() {
            self.state.remove(person.waiting_key());
            return;
        }
        self.state.put(person.waiting_key(), codec::encode(waiting));
    }
}

/// Who would have to be attested.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Person {
    scope: PseudonymScope,
    id_number: Pseudonym,
    name: Pseudonym,
}

impl Person {
    fn attestation_key(&self) -> Vec<u8> {
        state_key::attestation_key_bytes(self.scope, &self.id_number, &self.name)
    }

    fn waiting_key(&self) -> Vec<u8> {
        state_key::waiting_key_bytes(self.scope, &self.id_number, &self.name)
    }
}

/// The orderer, if rule M06 needs the orderer's attestation: the case has order and payment, and
/// the payer is somebody else or cannot be compared.
fn buyer_to_attest(case: &Case) -> Option<Person> {
    let (order, payment) = (case.order_facts()?, case.payment_facts()?);
    (!is_payer_the_buyer(payment, order)).then_some(Person {
        scope: order.pseudonyms,
        id_number: order.buyer_id_number,
        name: order.buyer_name,
    })
}

/// The orderer, if the case waits for the attestation.
fn awaited_person(case: &Case) -> Option<Person> {
    buyer_to_attest(case).filter(|_| case.attestation.is_none())
}

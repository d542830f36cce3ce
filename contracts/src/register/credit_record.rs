//! Credit records: attested by the agency whose business they are, objected to, settled, withdrawn.

use super::Registered;
use super::desk::{Desk, not_now, numbered_already};
use super::negative_list::Objection;
use crate::access::BUSINESS_ROLES;
use crate::credit::{self, FiledFact};
use crate::document::{CreditFact, CreditRecordAct, FactKind, ObjectionAnswer, ObjectionOutcome};
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::{CustomsDate, Millis};
use serde::{Deserialize, Serialize};

/// A fact about an organisation's credit, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct CreditRecord {
    /// Where it stands.
    pub state: RecordState,
    /// The fact.
    pub fact: CreditFact,
    /// The block time until which the organisation may object.
    pub objection_until: Millis,
    /// What it objected.
    pub objection: Option<Objection>,
    /// The SHA-256 of what shows that it was settled.
    pub settlement: Option<Hash>,
}

/// Where a credit record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// It counts.
    Recorded,
    /// It counts as something that was paid or put right.
    Settled,
    /// An objection was upheld: it does not count.
    Dropped,
    /// The agency took it back: it does not count.
    Withdrawn,
}

/// The agencies whose business a kind of fact is.
fn attested_by(kind: FactKind) -> &'static [Role] {
    match kind {
        // Each of its own supervision.
        FactKind::Penalty
        | FactKind::FineUnpaid
        | FactKind::Obstruction
        | FactKind::Bribery
        | FactKind::Honour => &BUSINESS_ROLES,
        FactKind::TaxArrears => &[Role::Customs, Role::Tax],
        FactKind::Smuggling => &[Role::Customs],
        FactKind::Filing => &[Role::Customs, Role::Commerce],
    }
}

impl CreditRecord {
    /// Whether it counts.
    pub fn counts(&self) -> bool {
        matches!(self.state, RecordState::Recorded | RecordState::Settled)
    }

    /// Enters it into the organisation's file as it stands, or takes it out.
    fn file<S: StateRead>(&self, desk: &mut Desk<'_, '_, S>) -> Result<(), Stop> {
        let filed = self.counts().then(|| FiledFact {
            date: self.fact.date,
            entry: desk.key.clone(),
            kind: self.fact.kind,
            severity: self.fact.severity,
            amount: self.fact.amount,
            is_settled: self.state == RecordState::Settled,
        });
        Ok(credit::file(desk.state, &self.fact.organisation, &desk.key, filed)?)
    }

    fn must_count(&self, expected: &str) -> Result<(), Stop> {
        match self.counts() {
            true => Ok(()),
            false => Err(not_now(expected, format!("{:?}", self.state).to_lowercase())),
        }
    }

    fn answer<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        answer: ObjectionAnswer,
    ) -> Result<(), Stop> {
        desk.must_be_owner()?;
        self.must_count("a record that counts")?;
        let open = self.objection.as_mut().filter(|objection| objection.answer.is_none());
        let Some(objection) = open else {
            return Err(not_now("an objection to answer", "none"));
        };
        if answer.outcome == ObjectionOutcome::Upheld {
            self.state = RecordState::Dropped;
        }
        objection.answer = Some(answer);
        Ok(())
    }

    fn object<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        evidence: Vec<crate::document::Evidence>,
    ) -> Result<(), Stop> {
        desk.must_be(&[&self.fact.organisation])?;
        self.must_count("a record that counts")?;
        let (now, until) = (desk.actor.time, self.objection_until);
        if self.objection.is_some() || until < now {
            return Err(not_now(format!("one objection, until {until}"), now));
        }
        let answer_until = desk.in_days(desk.policy.credit.answer_days);
        self.objection = Some(Objection { evidence, time: now, answer_until, answer: None });
        Ok(())
    }

    fn settle<S: StateRead>(&mut self, desk: &Desk<'_, '_, S>, decision: Hash) -> Result<(), Stop> {
        desk.must_be_owner()?;
        if self.state != RecordState::Recorded || !self.fact.kind.is_discredit() {
            let found = format!("{:?}", self.state).to_lowercase();
            return Err(not_now("a record of discredit that is not settled", found));
        }
        (self.state, self.settlement) = (RecordState::Settled, Some(decision));
        Ok(())
    }
}

impl Registered for CreditRecord {
    type Act = CreditRecordAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: CreditRecordAct) -> Result<Self, Stop> {
        let CreditRecordAct::Record(fact) = act else {
            return Err(not_now("record", "a record that is not there"));
        };
        desk.must_be_its_agency()?;
        desk.must_have_one_of(attested_by(fact.kind))?;
        desk.must_not_have("organisation", &fact.organisation, Role::Agency)?;
        let today = CustomsDate::from_millis(desk.actor.time);
        if today < fact.date {
            let (expected, found) = (format!("{today} or earlier"), fact.date);
            return Err(Rejected::new(Rejection::DatesUnfit, "date", expected, found).into());
        }
        let own = Self {
            state: RecordState::Recorded,
            fact,
            objection_until: desk.in_days(desk.policy.credit.objection_days),
            objection: None,
            settlement: None,
        };
        own.file(desk)?;
        Ok(own)
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: CreditRecordAct,
    ) -> Result<(), Stop> {
        match act {
            CreditRecordAct::Record(_) => return Err(numbered_already("number", "a record's")),
            CreditRecordAct::Object(evidence) => self.object(desk, evidence)?,
            CreditRecordAct::Answer(answer) => self.answer(desk, answer)?,
            CreditRecordAct::Settle { decision } => self.settle(desk, decision)?,
            CreditRecordAct::Withdraw { .. } => {
                desk.must_be_owner()?;
                self.must_count("a record that counts")?;
                self.state = RecordState::Withdrawn;
            }
        }
        self.file(desk)
    }
}

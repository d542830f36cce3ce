//! Rights: recorded by their holders, confirmed by an agency, renewed, ended; and complaints that
//! they are infringed, until customs decides.

use super::Registered;
use super::desk::{Desk, not_now, numbered_already};
use crate::credit::{self, OpenComplaint};
use crate::document::{
    Complaint, ComplaintSubject, Outcome, RightAct, RightFacts, RightHolder, RightKind,
};
use crate::limits::RIGHT_COMPLAINTS_MAX;
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::{CustomsDate, Millis};
use serde::{Deserialize, Serialize};

/// A right that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Right {
    /// Where it stands.
    pub state: RightState,
    /// What was recorded, with its term as it was renewed.
    pub facts: RightFacts,
    /// The agency that confirmed or refused it.
    pub agency: Option<OrganisationCode>,
    /// What its holder complained about, in the order in which it did.
    pub complaints: Vec<RightComplaint>,
}

/// Where a right stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum RightState {
    /// It waits for an agency.
    Recorded,
    /// An agency confirmed it. It holds for its term.
    Confirmed,
    /// An agency refused it.
    Refused,
    /// It ended.
    Ended,
}

/// A complaint, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct RightComplaint {
    /// What was complained about.
    pub complaint: Complaint,
    /// Where it stands.
    pub state: ComplaintState,
    /// When it was made, in block time.
    pub time: Millis,
    /// The SHA-256 of customs' decision.
    pub decision: Option<Hash>,
}

/// Where a complaint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ComplaintState {
    /// It waits for customs.
    Open,
    /// The holder took it back.
    Withdrawn,
    /// Customs decided that it holds, in whole or in part.
    Upheld,
    /// Customs decided that it does not.
    Dismissed,
}

fn kind_byte(kind: RightKind) -> u8 {
    match kind {
        RightKind::Trademark => 1,
        RightKind::Copyright => 2,
        RightKind::Patent => 3,
        RightKind::Design => 4,
        RightKind::GeographicalIndication => 5,
    }
}

impl Right {
    /// Whether it holds on a day.
    pub fn holds(&self, day: CustomsDate) -> bool {
        let is_of_term = self.facts.from <= day && day <= self.facts.until;
        self.state == RightState::Confirmed && is_of_term
    }

    fn must_stand(&self, state: RightState, expected: &str) -> Result<(), Stop> {
        match self.state == state {
            true => Ok(()),
            false => Err(not_now(expected, format!("{:?}", self.state).to_lowercase())),
        }
    }

    /// An agency says whether it is held. A right is confirmed for one entry only.
    fn judge<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        is_held: bool,
    ) -> Result<(), Stop> {
        desk.must_be_its_agency()?;
        self.must_stand(RightState::Recorded, "a right that waits for an agency")?;
        if is_held {
            let kind = [kind_byte(self.facts.kind)];
            let number = self.facts.registration_no.as_bytes();
            desk.take("registrationNo", &[&kind, number])?;
        }
        self.state = if is_held { RightState::Confirmed } else { RightState::Refused };
        self.agency = Some(desk.actor.signer.clone());
        Ok(())
    }

    fn end<S: StateRead>(&mut self, desk: &mut Desk<'_, '_, S>) -> Result<(), Stop> {
        desk.must_be_owner()?;
        if matches!(self.state, RightState::Refused | RightState::Ended) {
            let found = format!("{:?}", self.state).to_lowercase();
            return Err(not_now("a right that stands", found));
        }
        if self.state == RightState::Confirmed {
            let kind = [kind_byte(self.facts.kind)];
            desk.give_back(&[&kind, self.facts.registration_no.as_bytes()]);
        }
        let open: Vec<Complaint> = self
            .complaints
            .iter_mut()
            .filter(|own| own.state == ComplaintState::Open)
            .map(|own| {
                own.state = ComplaintState::Withdrawn;
                own.complaint.clone()
            })
            .collect();
        for complaint in &open {
            credit::close_complaint(desk.state, &desk.key, complaint)?;
        }
        self.state = RightState::Ended;
        Ok(())
    }

    fn complain<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        complaint: Complaint,
    ) -> Result<(), Stop> {
        desk.must_be_owner()?;
        let now = desk.actor.time;
        if !self.holds(CustomsDate::from_millis(now)) {
            return Err(not_now("a right that was confirmed, within its term", now));
        }
        if self.complaints.iter().any(|own| own.complaint.reference == complaint.reference) {
            return Err(numbered_already("reference", "a complaint's"));
        }
        if RIGHT_COMPLAINTS_MAX <= self.complaints.len() {
            let expected = format!("at most {RIGHT_COMPLAINTS_MAX} complaints of one right");
            return Err(Rejected::new(Rejection::EntryFull, "act", expected, "one more").into());
        }
        let word = match &complaint.subject {
            ComplaintSubject::Trades(_) => None,
            ComplaintSubject::Merchant { merchant, word } => {
                desk.must_be_another("merchant", merchant, None)?;
                Some(word.clone())
            }
        };
        let open = OpenComplaint {
            right: desk.key.clone(),
            reference: complaint.reference.clone(),
            word,
            asks_hold: complaint.hold,
            time: now,
        };
        credit::open_complaint(desk.state, &open, &complaint)?;
        let state = ComplaintState::Open;
        self.complaints.push(RightComplaint { complaint, state, time: now, decision: None });
        Ok(())
    }

    /// Closes the open complaint with this number.
    fn close<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        reference: &str,
        state: ComplaintState,
        decision: Option<Hash>,
    ) -> Result<(), Stop> {
        let own = self.complaints.iter_mut().find(|own| own.complaint.reference == reference);
        let Some(own) = own else {
            let (rejection, expected) = (Rejection::EntryUnknown, "the number of a complaint");
            return Err(Rejected::new(rejection, "reference", expected, "none").into());
        };
        if own.state != ComplaintState::Open {
            let found = format!("{:?}", own.state).to_lowercase();
            return Err(not_now("a complaint that is open", found));
        }
        credit::close_complaint(desk.state, &desk.key, &own.complaint)?;
        (own.state, own.decision) = (state, decision);
        Ok(())
    }
}

impl Registered for Right {
    type Act = RightAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: RightAct) -> Result<Self, Stop> {
        let RightAct::Record(facts) = act else {
            return Err(not_now("record", "a right that is not there"));
        };
        if let RightHolder::Represented { .. } = facts.holder {
            desk.must_be_its_agency()?;
            desk.must_have_role(Role::Customs)?;
        }
        Ok(Self { state: RightState::Recorded, facts, agency: None, complaints: Vec::new() })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: RightAct,
    ) -> Result<(), Stop> {
        match act {
            RightAct::Record(_) => Err(numbered_already("number", "a right's")),
            RightAct::Confirm => self.judge(desk, true),
            RightAct::Refuse { .. } => self.judge(desk, false),
            RightAct::Renew { until, .. } => {
                // What was confirmed is a term: an agency confirms another.
                desk.must_be_its_agency()?;
                self.must_stand(RightState::Confirmed, "a right that was confirmed")?;
                if until <= self.facts.until {
                    let (rejection, last) = (Rejection::DatesUnfit, self.facts.until);
                    let expected = format!("after {last}");
                    return Err(Rejected::new(rejection, "until", expected, until).into());
                }
                self.facts.until = until;
                Ok(())
            }
            RightAct::End => self.end(desk),
            RightAct::Complain(complaint) => self.complain(desk, complaint),
            RightAct::WithdrawComplaint { reference } => {
                desk.must_be_owner()?;
                self.close(desk, &reference, ComplaintState::Withdrawn, None)
            }
            RightAct::Decide { reference, outcome, decision } => {
                desk.must_be_its_agency()?;
                desk.must_have_role(Role::Customs)?;
                let state = match outcome {
                    Outcome::Upheld | Outcome::PartlyUpheld => ComplaintState::Upheld,
                    Outcome::Dismissed => ComplaintState::Dismissed,
                };
                self.close(desk, &reference, state, Some(decision))
            }
        }
    }
}

//! Overseas aid: asked for → accepted → advised → closed.

use super::Registered;
use super::desk::{Desk, add_evidence, not_now, numbered_already};
use crate::document::{AidRequest, Evidence, OverseasAidAct};
use crate::limits::ADVICES_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// A case abroad with which an organisation is helped.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct OverseasAid {
    /// Where it stands.
    pub state: AidState,
    /// What was asked.
    pub request: AidRequest,
    /// What the organisation showed afterwards.
    pub evidence: Vec<Evidence>,
    /// The agency that took the case, or did not.
    pub agency: Option<OrganisationCode>,
    /// The SHA-256 of each advice.
    pub advices: Vec<Hash>,
    /// The SHA-256 of what came of it.
    pub outcome: Option<Hash>,
}

/// Where a case of overseas aid stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum AidState {
    /// It waits for an agency.
    Asked,
    /// An agency took it.
    Accepted,
    /// No agency took it.
    Refused,
    /// The agency has advised.
    Advised,
    /// It is closed.
    Closed,
}

impl OverseasAid {
    fn must_stand(&self, states: &[AidState], expected: &str) -> Result<(), Stop> {
        match states.contains(&self.state) {
            true => Ok(()),
            false => Err(not_now(expected, format!("{:?}", self.state).to_lowercase())),
        }
    }

    fn must_be_its<S>(&self, desk: &Desk<'_, '_, S>) -> Result<(), Stop>
    where
        S: StateRead,
    {
        let agency: Vec<&OrganisationCode> = self.agency.iter().collect();
        Ok(desk.must_be(&agency)?)
    }
}

impl Registered for OverseasAid {
    type Act = OverseasAidAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: OverseasAidAct) -> Result<Self, Stop> {
        let OverseasAidAct::Ask(request) = act else {
            return Err(not_now("ask", "a case that is not there"));
        };
        if let Some(case) = &request.case {
            desk.own_trade(case)?;
        }
        Ok(Self {
            state: AidState::Asked,
            request,
            evidence: Vec::new(),
            agency: None,
            advices: Vec::new(),
            outcome: None,
        })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: OverseasAidAct,
    ) -> Result<(), Stop> {
        use AidState::{Accepted, Advised, Asked, Closed, Refused};
        match act {
            OverseasAidAct::Ask(_) => return Err(numbered_already("number", "a case's")),
            OverseasAidAct::Evidence(evidence) => {
                desk.must_be_owner()?;
                self.must_stand(&[Asked, Accepted, Advised], "a case that is open")?;
                add_evidence(&mut self.evidence, evidence)?;
            }
            OverseasAidAct::Accept | OverseasAidAct::Refuse { .. } => {
                desk.must_be_its_agency()?;
                self.must_stand(&[Asked], "a case that waits for an agency")?;
                let is_taken = matches!(act, OverseasAidAct::Accept);
                self.state = if is_taken { Accepted } else { Refused };
                self.agency = Some(desk.actor.signer.clone());
            }
            OverseasAidAct::Advise { advice } => {
                self.must_be_its(desk)?;
                self.must_stand(&[Accepted, Advised], "a case that was taken")?;
                if ADVICES_MAX <= self.advices.len() {
                    let expected = format!("at most {ADVICES_MAX} advices");
                    let rejection = Rejection::EntryFull;
                    return Err(Rejected::new(rejection, "act", expected, "one more").into());
                }
                self.advices.push(advice);
                self.state = Advised;
            }
            OverseasAidAct::Close { outcome } => {
                if *desk.actor.signer != desk.key.owner {
                    self.must_be_its(desk)?;
                }
                self.must_stand(&[Asked, Accepted, Advised], "a case that is open")?;
                (self.state, self.outcome) = (Closed, outcome);
            }
        }
        Ok(())
    }
}

//! Disputes: open → answered → decided → appealed → decided again, or closed by the claimant.

use super::Registered;
use super::desk::{Desk, add_evidence, not_now};
use crate::credit::{self, CreditEvent};
use crate::document::{DisputeAct, DisputeClaim, Evidence, Outcome, Position};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A dispute.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
    /// Where it stands.
    pub state: DisputeState,
    /// What is claimed, and the evidence that came with it.
    pub claim: DisputeClaim,
    /// The block time until which the respondent may answer before an agency decides.
    pub answer_until: Millis,
    /// What the respondent said.
    pub answer: Option<Said>,
    /// The decisions: the first, and the one on appeal.
    pub decisions: Vec<Decision>,
    /// The block time until which the decision can be appealed against.
    pub appeal_until: Option<Millis>,
    /// Who appealed.
    pub appellant: Option<OrganisationCode>,
    /// What the claimant showed after the claim,
    pub claimant_evidence: Vec<Evidence>,
    /// and the respondent after its answer.
    pub respondent_evidence: Vec<Evidence>,
    /// What the parties agreed on.
    pub settlement: Option<Hash>,
}

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    /// It waits for the respondent, until its term.
    Open,
    /// It waits for a decision.
    Answered,
    /// It is decided, and final once the term of appeal is over.
    Decided,
    /// It waits for another agency's decision.
    Appealed,
    /// The appeal is decided.
    Final,
    /// The parties agreed.
    Settled,
    /// The claim was dropped.
    Dropped,
}

/// What a respondent said.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// How it stands to the claim.
    pub position: Position,
    /// When it said so, in block time.
    pub time: Millis,
}

/// What an agency decided.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// The agency.
    pub agency: OrganisationCode,
    /// What comes of the claim.
    pub outcome: Outcome,
    /// How much is due.
    pub amount: Option<Decimal>,
    /// The SHA-256 of the decision.
    pub decision: Hash,
    /// When, in block time.
    pub time: Millis,
}

impl Dispute {
    /// Whether nothing can be done about it any more at an instant.
    pub fn is_over(&self, now: Millis) -> bool {
        match self.state {
            DisputeState::Open | DisputeState::Answered | DisputeState::Appealed => false,
            DisputeState::Decided => self.appeal_until.is_some_and(|until| until < now),
            DisputeState::Final | DisputeState::Settled | DisputeState::Dropped => true,
        }
    }

    /// Who lost it, in whole or in part, and when: by the decision that stands, and as long as the
    /// parties did not agree afterwards.
    pub fn lost(&self) -> Option<(&OrganisationCode, Millis)> {
        let is_decided = matches!(self.state, DisputeState::Decided | DisputeState::Final);
        let last = self.decisions.last().filter(|_| is_decided)?;
        let is_lost = matches!(last.outcome, Outcome::Upheld | Outcome::PartlyUpheld);
        is_lost.then_some((&self.claim.respondent, last.time))
    }

    fn must_stand<S>(
        &self,
        desk: &Desk<'_, '_, S>,
        states: &[DisputeState],
        expected: &str,
    ) -> Result<(), Stop> {
        if states.contains(&self.state) && !self.is_over(desk.actor.time) {
            return Ok(());
        }
        Err(not_now(expected, format!("{:?}", self.state).to_lowercase()))
    }

    /// What a party shows goes to its own.
    fn show<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        evidence: Vec<Evidence>,
    ) -> Result<(), Stop> {
        desk.must_be(&[&desk.key.owner, &self.claim.respondent])?;
        let held = match *desk.actor.signer == desk.key.owner {
            true => &mut self.claimant_evidence,
            false => &mut self.respondent_evidence,
        };
        Ok(add_evidence(held, evidence)?)
    }

    fn decide<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        decision: Decision,
    ) -> Result<(), Stop> {
        desk.must_be_its_agency()?;
        let is_partys = [&desk.key.owner, &self.claim.respondent].contains(&&decision.agency);
        let decided_before = self.decisions.iter().any(|own| own.agency == decision.agency);
        if is_partys || decided_before {
            let expected = "an agency that is no party and has not decided it before";
            let rejection = Rejection::NotItsPart;
            return Err(Rejected::new(rejection, "signer", expected, &decision.agency).into());
        }
        let now = desk.actor.time;
        if self.state == DisputeState::Open && now <= self.answer_until {
            let expected = format!("the answer, or its term {}", self.answer_until);
            return Err(not_now(expected, now));
        }
        let states = [DisputeState::Open, DisputeState::Answered, DisputeState::Appealed];
        self.must_stand(desk, &states, "a dispute that waits for a decision")?;
        check_amount(&self.claim, &decision)?;
        let is_appeal = self.state == DisputeState::Appealed;
        self.appeal_until = (!is_appeal).then(|| desk.in_days(desk.policy.dispute_appeal_days));
        self.state = if is_appeal { DisputeState::Final } else { DisputeState::Decided };
        self.decisions.push(decision);
        Ok(())
    }
}

/// What is due is claimed: all of it, a part, or nothing.
fn check_amount(claim: &DisputeClaim, decision: &Decision) -> Result<(), Rejected> {
    let fits = match (claim.amount, decision.amount, decision.outcome) {
        (None, due, _) => due.is_none(),
        (Some(claimed), Some(due), Outcome::Upheld) => due == claimed,
        (Some(claimed), Some(due), Outcome::PartlyUpheld) => due.is_positive() && due < claimed,
        (Some(_), due, Outcome::Dismissed) => due.is_none(),
        (Some(_), None, Outcome::Upheld | Outcome::PartlyUpheld) => false,
    };
    if fits {
        return Ok(());
    }
    let expected = "the amount claimed if upheld, a part if partly, none otherwise";
    Err(Rejected::new(Rejection::AmountUnfit, "amount", expected, "another"))
}

impl Registered for Dispute {
    type Act = DisputeAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: DisputeAct) -> Result<Self, Stop> {
        let DisputeAct::Open(claim) = act else {
            return Err(not_now("open", "a dispute that is not there"));
        };
        let trade = desk.own_trade(&claim.case)?;
        let respondent = &claim.respondent;
        if *respondent == desk.key.owner || !trade.parties().contains(respondent) {
            let expected = "another party of the case";
            let rejection = Rejection::CounterpartyUnfit;
            return Err(Rejected::new(rejection, "respondent", expected, respondent).into());
        }
        Ok(Self {
            state: DisputeState::Open,
            answer_until: desk.in_days(desk.policy.dispute_answer_days),
            claim,
            answer: None,
            decisions: Vec::new(),
            appeal_until: None,
            appellant: None,
            claimant_evidence: Vec::new(),
            respondent_evidence: Vec::new(),
            settlement: None,
        })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: DisputeAct,
    ) -> Result<(), Stop> {
        let before = self.lost().map(|(who, when)| (who.clone(), when));
        self.act(desk, act)?;
        let after = self.lost().map(|(who, when)| (who.clone(), when));
        for (lost, count) in [(before, -1), (after, 1)] {
            if let Some((who, when)) = lost {
                let event = CreditEvent::DisputeLost;
                credit::count_event(desk.state, &who, when, event, count)?;
            }
        }
        Ok(())
    }
}

impl Dispute {
    fn act<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: DisputeAct,
    ) -> Result<(), Stop> {
        use DisputeState::{Answered, Appealed, Decided, Open};
        match act {
            DisputeAct::Open(_) => {
                let expected = "another number";
                let rejection = Rejection::EntryExists;
                Err(Rejected::new(rejection, "number", expected, "a dispute's").into())
            }
            DisputeAct::Answer(own) => {
                desk.must_be(&[&self.claim.respondent])?;
                // Late is better than never, as long as nobody decided.
                self.must_stand(desk, &[Open], "a dispute without answer or decision")?;
                self.show(desk, own.evidence)?;
                self.answer = Some(Said { position: own.position, time: desk.actor.time });
                self.state = Answered;
                Ok(())
            }
            DisputeAct::Evidence(evidence) => {
                self.must_stand(desk, &[Open, Answered, Appealed], "a dispute to be decided")?;
                self.show(desk, evidence)
            }
            DisputeAct::Decide { outcome, amount, decision } => {
                let (agency, time) = (desk.actor.signer.clone(), desk.actor.time);
                self.decide(desk, Decision { agency, outcome, amount, decision, time })
            }
            DisputeAct::Appeal(evidence) => {
                self.must_stand(desk, &[Decided], "a decision whose term of appeal runs")?;
                self.show(desk, evidence)?;
                self.appellant = Some(desk.actor.signer.clone());
                self.state = Appealed;
                Ok(())
            }
            DisputeAct::Close { settlement } => {
                desk.must_be_owner()?;
                let expected = "a dispute that is not over";
                self.must_stand(desk, &[Open, Answered, Decided, Appealed], expected)?;
                self.state = match settlement {
                    Some(_) => DisputeState::Settled,
                    None => DisputeState::Dropped,
                };
                self.settlement = settlement;
                Ok(())
            }
        }
    }
}

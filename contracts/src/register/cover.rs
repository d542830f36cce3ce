//! Insurance covers: given by an insurer on a trade, claimed on by the insured, settled and paid.

use super::Registered;
use super::desk::{Desk, Trade, not_now, numbered_already};
use crate::document::{CoverAct, CoverFacts, LossClaim, Risk};
use crate::event::CaseState;
use crate::limits::LOSS_CLAIMS_MAX;
use crate::policy::Direction;
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// A cover.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Cover {
    /// What is covered.
    pub facts: CoverFacts,
    /// What was claimed, in the order in which it was.
    pub claims: Vec<Loss>,
    /// Whether the insurer ended it.
    pub is_ended: bool,
}

/// A claim for a loss, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Loss {
    /// What is claimed.
    pub claim: LossClaim,
    /// Where it stands.
    pub state: LossState,
    /// How much the insurer accepted.
    pub accepted: Option<Decimal>,
    /// The SHA-256 of its decision.
    pub decision: Option<Hash>,
    /// The SHA-256 of what shows that it paid.
    pub payment: Option<Hash>,
}

/// Where a claim for a loss stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum LossState {
    /// It waits for the insurer.
    Open,
    /// The insurer accepted all or a part of it, and has to pay.
    Accepted,
    /// The insurer refused it.
    Refused,
    /// The insurer paid.
    Paid,
}

/// The documents of the trade agree, and it was not called off.
fn is_insurable(trade: &Trade) -> bool {
    match trade.state() {
        CaseState::Matched
        | CaseState::Arrived
        | CaseState::Departed
        | CaseState::Closed
        | CaseState::Returned
        | CaseState::Held
        | CaseState::Released
        | CaseState::Delivered
        | CaseState::Returning => !trade.differs(),
        CaseState::Collecting
        | CaseState::Mismatched
        | CaseState::Overdue
        | CaseState::Cancelled
        | CaseState::Refused => false,
    }
}

/// What names a trade, an insured and a risk among those that covers have.
fn thing<'a>(facts: &'a CoverFacts, kind: &'a [u8; 2]) -> Vec<&'a [u8]> {
    let parts = [
        facts.case.platform.as_bytes(),
        facts.case.order_no.as_bytes(),
        facts.insured.as_bytes(),
        &kind[..],
    ];
    parts.to_vec()
}

fn kind(facts: &CoverFacts) -> [u8; 2] {
    let risk = match facts.risk {
        Risk::Transport => 1,
        Risk::Quality => 2,
        Risk::Return => 3,
        Risk::Credit => 4,
    };
    let direction = match facts.case.direction {
        Direction::Import => 0,
        Direction::Export => 1,
    };
    [direction, risk]
}

impl Cover {
    /// How much of its amount was not accepted for earlier claims.
    fn left(&self) -> Decimal {
        let accepted = self.claims.iter().filter_map(|loss| loss.accepted);
        let sum = accepted.fold(0i128, |sum, one| sum.saturating_add(one.units()));
        let left = self.facts.amount.units().saturating_sub(sum).max(0);
        Decimal::from_units(left).unwrap_or(Decimal::ZERO)
    }

    fn claim<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        claim: LossClaim,
    ) -> Result<(), Stop> {
        desk.must_be(&[&self.facts.insured])?;
        let now = desk.actor.time;
        let CoverFacts { from, until, claim_until, .. } = self.facts;
        if claim_until <= now {
            return Err(not_now(format!("a claim before {claim_until}"), now));
        }
        if self.claims.iter().any(|own| own.claim.reference == claim.reference) {
            return Err(numbered_already("reference", "a claim's"));
        }
        if LOSS_CLAIMS_MAX <= self.claims.len() {
            let expected = format!("at most {LOSS_CLAIMS_MAX} claims on one cover");
            return Err(Rejected::new(Rejection::EntryFull, "act", expected, "one more").into());
        }
        if claim.lost < from || until <= claim.lost || now < claim.lost {
            let expected = format!("{from} or later, before {until}, and past");
            return Err(Rejected::new(Rejection::DatesUnfit, "lost", expected, claim.lost).into());
        }
        if self.facts.amount < claim.amount {
            return Err(too_much("amount", self.facts.amount, claim.amount));
        }
        self.claims.push(Loss {
            claim,
            state: LossState::Open,
            accepted: None,
            decision: None,
            payment: None,
        });
        Ok(())
    }

    /// The claim with this number, which must stand in a state.
    fn loss(&mut self, reference: &str, state: LossState) -> Result<&mut Loss, Stop> {
        let loss = self.claims.iter_mut().find(|own| own.claim.reference == reference);
        let Some(loss) = loss else {
            let expected = "the number of a claim on the cover";
            return Err(
                Rejected::new(Rejection::EntryUnknown, "reference", expected, "none").into()
            );
        };
        if loss.state == state {
            return Ok(loss);
        }
        let expected = format!("a claim that is {state:?}").to_lowercase();
        Err(not_now(expected, format!("{:?}", loss.state).to_lowercase()))
    }

    fn settle(
        &mut self,
        reference: &str,
        accepted: Option<Decimal>,
        decision: Hash,
    ) -> Result<(), Stop> {
        let left = self.left();
        let loss = self.loss(reference, LossState::Open)?;
        let most = left.min(loss.claim.amount);
        if let Some(accepted) = accepted.filter(|accepted| most < *accepted) {
            return Err(too_much("accepted", most, accepted));
        }
        loss.state = if accepted.is_some() { LossState::Accepted } else { LossState::Refused };
        (loss.accepted, loss.decision) = (accepted, Some(decision));
        Ok(())
    }

    fn end<S: StateRead>(&mut self, desk: &mut Desk<'_, '_, S>) -> Result<(), Stop> {
        let now = desk.actor.time;
        let CoverFacts { from, claim_until, .. } = self.facts;
        let is_open = |loss: &Loss| matches!(loss.state, LossState::Open | LossState::Accepted);
        let is_over = claim_until <= now && !self.claims.iter().any(is_open);
        if from <= now && !is_over {
            let expected = format!("before {from}, or from {claim_until} with nothing to settle");
            return Err(not_now(expected, now));
        }
        desk.give_back(&thing(&self.facts, &kind(&self.facts)));
        self.is_ended = true;
        Ok(())
    }
}

fn too_much(field: &'static str, most: Decimal, found: Decimal) -> Stop {
    let expected = format!("at most {most}");
    Rejected::new(Rejection::AmountUnfit, field, expected, found).into()
}

impl Registered for Cover {
    type Act = CoverAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: CoverAct) -> Result<Self, Stop> {
        let CoverAct::Cover(facts) = act else {
            return Err(not_now("cover", "a cover that is not there"));
        };
        desk.must_have_role(Role::Insurer)?;
        desk.must_be_another("insured", &facts.insured, None)?;
        let now = desk.actor.time;
        if facts.until <= now {
            let expected = format!("after {now}");
            return Err(Rejected::new(Rejection::DatesUnfit, "until", expected, facts.until).into());
        }
        // An insurer who guesses gets one answer for whatever is wrong.
        let trade = desk.trade_of(&facts.insured, &facts.case)?;
        if !trade.is_some_and(|trade| is_insurable(&trade)) {
            let expected = "a trade of the insured whose documents agree, at the height before";
            return Err(Rejected::new(Rejection::TradeUnfit, "case", expected, "none").into());
        }
        desk.take_all("case", &[thing(&facts, &kind(&facts))])?;
        Ok(Self { facts, claims: Vec::new(), is_ended: false })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: CoverAct,
    ) -> Result<(), Stop> {
        if self.is_ended {
            return Err(not_now("a cover that stands", "ended"));
        }
        match act {
            CoverAct::Cover(_) => Err(numbered_already("number", "a cover's")),
            CoverAct::Claim(claim) => self.claim(desk, claim),
            CoverAct::Settle { reference, accepted, decision } => {
                desk.must_be_owner()?;
                self.settle(&reference, accepted, decision)
            }
            CoverAct::Paid { reference, payment } => {
                desk.must_be_owner()?;
                let loss = self.loss(&reference, LossState::Accepted)?;
                (loss.state, loss.payment) = (LossState::Paid, Some(payment));
                Ok(())
            }
            CoverAct::End => {
                desk.must_be_owner()?;
                self.end(desk)
            }
        }
    }
}

//! Subsidy claims: of a fund, for a month that is over, once; approved or refused, and paid.

use super::Registered;
use super::desk::{Desk, not_now, numbered_already};
use super::fund::{OpenedFund, Volume};
use crate::document::{FundRef, SubsidyClaimAct};
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use crate::statistics::Month;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// A claim. Its amounts are in CNY.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct SubsidyClaim {
    /// Where it stands.
    pub state: ClaimState,
    /// Of which fund.
    pub fund: FundRef,
    /// For which month.
    pub month: Month,
    /// What the enterprise traded in it that the fund subsidises.
    pub volume: Volume,
    /// What is due for that, at most what one enterprise gets.
    pub due: Decimal,
    /// What was approved.
    pub approved: Option<Decimal>,
    /// The SHA-256 of the decision.
    pub decision: Option<Hash>,
    /// The SHA-256 of what shows that it was paid.
    pub payment: Option<Hash>,
}

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// It waits for the agency.
    Claimed,
    /// All or a part of it was approved.
    Approved,
    /// It was refused, for good.
    Refused,
    /// What was approved was paid.
    Paid,
}

impl SubsidyClaim {
    fn must_stand(&self, state: ClaimState, expected: &str) -> Result<(), Stop> {
        if self.state == state {
            return Ok(());
        }
        Err(not_now(expected, format!("{:?}", self.state).to_lowercase()))
    }

    /// The signer must be the fund's agency, and still one.
    fn as_agency<S: StateRead>(&self, desk: &Desk<'_, '_, S>) -> Result<OpenedFund, Stop> {
        desk.must_be(&[&self.fund.owner])?;
        desk.must_be_its_agency()?;
        OpenedFund::of(desk, &self.fund)
    }
}

impl Registered for SubsidyClaim {
    type Act = SubsidyClaimAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: SubsidyClaimAct) -> Result<Self, Stop> {
        let SubsidyClaimAct::Claim { fund, month } = act else {
            return Err(not_now("claim", "a claim that is not there"));
        };
        desk.must_have_role(Role::Merchant)?;
        let opened = OpenedFund::of(desk, &fund)?;
        let (volume, due) = opened.claimable(desk, month)?;
        let (owner, month_bytes) = (desk.key.owner.clone(), month.0.to_be_bytes());
        let parts = [fund.owner.as_str(), fund.number.as_str(), owner.as_str()];
        let mut thing: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        thing.push(&month_bytes);
        desk.take_all("month", &[thing])?;
        opened.claimed(desk);
        Ok(Self {
            state: ClaimState::Claimed,
            fund,
            month,
            volume,
            due,
            approved: None,
            decision: None,
            payment: None,
        })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: SubsidyClaimAct,
    ) -> Result<(), Stop> {
        match act {
            SubsidyClaimAct::Claim { .. } => Err(numbered_already("number", "a claim's")),
            SubsidyClaimAct::Approve { amount, decision } => {
                let fund = self.as_agency(desk)?;
                self.must_stand(ClaimState::Claimed, "a claim on which nothing is decided")?;
                if self.due < amount {
                    let expected = format!("at most {}, what is due", self.due);
                    let rejection = Rejection::AmountUnfit;
                    return Err(Rejected::new(rejection, "amount", expected, amount).into());
                }
                let enterprise = desk.key.owner.clone();
                fund.approve(desk, &enterprise, amount)?;
                self.state = ClaimState::Approved;
                (self.approved, self.decision) = (Some(amount), Some(decision));
                Ok(())
            }
            SubsidyClaimAct::Refuse { decision } => {
                self.as_agency(desk)?;
                self.must_stand(ClaimState::Claimed, "a claim on which nothing is decided")?;
                self.state = ClaimState::Refused;
                self.decision = Some(decision);
                Ok(())
            }
            SubsidyClaimAct::Paid { payment } => {
                let fund = self.as_agency(desk)?;
                self.must_stand(ClaimState::Approved, "a claim that is approved and not paid")?;
                fund.pay(desk, self.approved.unwrap_or(Decimal::ZERO));
                self.state = ClaimState::Paid;
                self.payment = Some(payment);
                Ok(())
            }
        }
    }
}

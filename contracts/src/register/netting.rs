//! Netting statements: what platforms, payment firms and banks kept back of an exporter's receipts.
//!
//! As long as a statement counts, flows have what it states (`flows::working`), where it is carried
//! out (`apply::register`).

use super::Registered;
use super::desk::{Desk, not_now, numbered_already};
use crate::document::{NettingFacts, NettingStatementAct};
use crate::limits::{NETTINGS_OF_OWNER_MAX, NETTINGS_OF_PAGE_MAX};
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use crate::statistics::Month;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// A netting statement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct NettingStatement {
    /// Where it stands.
    pub state: NettingState,
    /// What was stated.
    pub facts: NettingFacts,
    /// What was kept back in all.
    pub deducted: Decimal,
    /// The SHA-256 of what the exporter showed against it; once only, so that nobody fills the
    /// entry's acts before it can be withdrawn or rejected.
    pub contested: Option<Hash>,
}

/// Where a netting statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum NettingState {
    /// It is stated, and the exporter has said nothing.
    Stated,
    /// The exporter confirmed it.
    Confirmed,
    /// The exporter says that it is not so.
    Contested,
    /// It was taken back.
    Withdrawn,
    /// The forex authority does not accept it.
    Rejected,
}

impl NettingState {
    /// Whether it counts in flows.
    pub fn counts(self) -> bool {
        matches!(self, Self::Stated | Self::Confirmed | Self::Contested)
    }
}

impl NettingStatement {
    fn must_count(&self) -> Result<(), Stop> {
        if self.state.counts() {
            return Ok(());
        }
        let found = match self.state {
            NettingState::Rejected => "rejected",
            _ => "withdrawn",
        };
        Err(not_now("a statement that stands", found))
    }
}

/// By what a report is found among those that are stated: it may be of several months, modes and
/// currencies, and of each it is stated once.
fn parts<'a>(owner: &'a str, facts: &'a NettingFacts, month: &'a [u8; 4]) -> [&'a [u8]; 6] {
    let place = [owner, facts.merchant.as_str(), &facts.mode, &facts.currency];
    let [owner, merchant, mode, currency] = place.map(str::as_bytes);
    [owner, merchant, month, mode, currency, &facts.report.0]
}

/// What is kept back in all; none where that has more digits than amounts have.
fn sum(facts: &NettingFacts) -> Option<Decimal> {
    let amounts = facts.deductions.iter().map(|own| own.amount);
    let mut sum = Decimal::ZERO;
    for amount in amounts {
        sum = sum.checked_add(amount)?;
    }
    sum.checked_add(facts.credited).map(|_| sum)
}

impl Registered for NettingStatement {
    type Act = NettingStatementAct;

    fn open<S: StateRead>(
        desk: &mut Desk<'_, '_, S>,
        act: NettingStatementAct,
    ) -> Result<Self, Stop> {
        let NettingStatementAct::State(facts) = act else {
            return Err(not_now("state", "a statement that is not there"));
        };
        desk.must_have_one_of(&[Role::Platform, Role::Payment, Role::Bank])?;
        desk.must_be_another("merchant", &facts.merchant, Some(Role::Merchant))?;
        let this_month = Month::of(desk.actor.time);
        if this_month < facts.month {
            let expected = format!("{this_month} or earlier");
            let rejection = Rejection::DatesUnfit;
            return Err(Rejected::new(rejection, "month", expected, facts.month).into());
        }
        let Some(deducted) = sum(&facts) else {
            let (expected, rejection) = ("at most 19 digits in all", Rejection::NumberTooLarge);
            return Err(Rejected::new(rejection, "deductions", expected, "more").into());
        };
        // Flows open a month with all its statements.
        let (merchant, month) = (facts.merchant.as_bytes(), facts.month.0.to_be_bytes());
        let owner = desk.key.owner.clone();
        desk.count_one(&[merchant, &month], NETTINGS_OF_PAGE_MAX)?;
        desk.count_one(&[merchant, &month, owner.as_bytes()], NETTINGS_OF_OWNER_MAX)?;
        let month = facts.month.0.to_be_bytes();
        desk.take("report", &parts(owner.as_str(), &facts, &month))?;
        Ok(Self { state: NettingState::Stated, facts, deducted, contested: None })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: NettingStatementAct,
    ) -> Result<(), Stop> {
        self.state = match act {
            NettingStatementAct::State(_) => {
                return Err(numbered_already("number", "a statement's"));
            }
            NettingStatementAct::Confirm => {
                desk.must_be(&[&self.facts.merchant])?;
                self.must_count()?;
                if self.state == NettingState::Confirmed {
                    return Err(not_now("a statement that is not confirmed", "confirmed"));
                }
                NettingState::Confirmed
            }
            NettingStatementAct::Contest { evidence } => {
                desk.must_be(&[&self.facts.merchant])?;
                self.must_count()?;
                if self.contested.is_some() {
                    return Err(not_now("a statement that was not contested before", "contested"));
                }
                self.contested = Some(evidence);
                NettingState::Contested
            }
            NettingStatementAct::Withdraw => {
                desk.must_be_owner()?;
                self.must_count()?;
                NettingState::Withdrawn
            }
            NettingStatementAct::Reject { .. } => {
                desk.must_be_its_agency()?;
                self.must_count()?;
                NettingState::Rejected
            }
        };
        if !self.state.counts() {
            let month = self.facts.month.0.to_be_bytes();
            let owner = desk.key.owner.clone();
            desk.give_back(&parts(owner.as_str(), &self.facts, &month));
        }
        Ok(())
    }
}

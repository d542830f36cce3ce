//! Deposits for tax: what customs received of merchants whose grade demands it.
//!
//! All deposits of a merchant are one pool, from which its imports take what is demanded of their
//! tax (`clearance::claims`). An act changes the pool where it is carried out (`apply::register`).

use super::Registered;
use super::desk::{Desk, not_now, numbered_already};
use crate::document::{DepositFacts, TaxDepositAct};
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A deposit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct TaxDeposit {
    /// Whether there is something left of it.
    pub state: DepositState,
    /// The merchant.
    pub merchant: OrganisationCode,
    /// What was received, in CNY.
    pub received: Decimal,
    /// What was paid back.
    pub paid_back: Decimal,
    /// What customs took for tax that was not paid.
    pub called: Decimal,
    /// What is left.
    pub balance: Decimal,
}

/// Whether there is something left of a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum DepositState {
    /// There is.
    Held,
    /// All of it was paid back or called.
    Spent,
}

impl TaxDeposit {
    fn must_have(&self, amount: Decimal) -> Result<Decimal, Rejected> {
        let left = self.balance.checked_sub(amount).filter(|left| !left.is_negative());
        left.ok_or_else(|| {
            let expected = format!("at most {}, what is left of the deposit", self.balance);
            Rejected::new(Rejection::AmountUnfit, "amount", expected, amount)
        })
    }

    fn settle(&mut self, balance: Decimal) {
        self.balance = balance;
        let is_held = balance.is_positive();
        self.state = if is_held { DepositState::Held } else { DepositState::Spent };
    }
}

/// What is more, within the digits that amounts have.
fn more(before: Decimal, amount: Decimal) -> Result<Decimal, Rejected> {
    before.checked_add(amount).ok_or_else(|| {
        let (expected, rejection) = ("at most 19 digits in all", Rejection::NumberTooLarge);
        Rejected::new(rejection, "amount", expected, amount)
    })
}

impl Registered for TaxDeposit {
    type Act = TaxDepositAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: TaxDepositAct) -> Result<Self, Stop> {
        let TaxDepositAct::Receive(DepositFacts { merchant, amount, .. }) = act else {
            return Err(not_now("receive", "a deposit that is not there"));
        };
        desk.must_have_role(Role::Customs)?;
        desk.must_be_registered("merchant", &merchant, Some(Role::Merchant))?;
        Ok(Self {
            state: DepositState::Held,
            merchant,
            received: amount,
            paid_back: Decimal::ZERO,
            called: Decimal::ZERO,
            balance: amount,
        })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: TaxDepositAct,
    ) -> Result<(), Stop> {
        desk.must_be_owner()?;
        desk.must_have_role(Role::Customs)?;
        match act {
            TaxDepositAct::Receive(_) => return Err(numbered_already("number", "a deposit's")),
            TaxDepositAct::Add { amount, .. } => {
                self.received = more(self.received, amount)?;
                self.settle(more(self.balance, amount)?);
            }
            TaxDepositAct::PayBack { amount, .. } => {
                let left = self.must_have(amount)?;
                let free = desk.actor.books.first().copied().unwrap_or(Decimal::ZERO);
                if free < amount {
                    let expected = format!("at most {free}, which secures no trade");
                    let rejection = Rejection::AmountUnfit;
                    return Err(Rejected::new(rejection, "amount", expected, amount).into());
                }
                self.paid_back = more(self.paid_back, amount)?;
                self.settle(left);
            }
            TaxDepositAct::Call { amount, .. } => {
                let left = self.must_have(amount)?;
                self.called = more(self.called, amount)?;
                self.settle(left);
            }
        }
        Ok(())
    }
}

//! Special funds: opened by an agency, with a budget; claimed from by enterprises.

use super::desk::{Desk, not_now, numbered_already};
use super::{Content, Entry, EntryKey, Register, Registered};
use crate::case::load;
use crate::document::{FundAct, FundFacts, FundRef, SubsidyBasis};
use crate::policy::Direction;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use crate::state_key::fund_total_key_bytes;
use crate::statistics::{Figures, Month, entries_of};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A fund.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Fund {
    /// What it subsidises.
    pub facts: FundFacts,
    /// Whether its agency takes no further claims.
    pub is_closed: bool,
    /// How many claims were made.
    pub claims: u64,
    /// How much of them was approved,
    pub approved: Decimal,
    /// and paid.
    pub paid: Decimal,
}

/// What an enterprise traded that a fund subsidises: what is counted in a month, less what came
/// back in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// Lists.
    pub lists: u64,
    /// Value in CNY.
    pub cny: Decimal,
}

impl Volume {
    /// The volume of an enterprise in a month, in the trades of a fund; none with more than 19
    /// digits.
    fn of(
        state: &impl StateRead,
        facts: &FundFacts,
        enterprise: &OrganisationCode,
        month: Month,
    ) -> Result<Option<Self>, Stop> {
        let fits = |direction: Direction, mode: u16| {
            let of_fund = |own: &crate::document::FundTrade| {
                own.direction == direction && own.mode.parse() == Ok(mode)
            };
            facts.trades.iter().any(of_fund)
        };
        let (mut counted, mut returned) = (Figures::default(), Figures::default());
        for entry in entries_of(state, month, enterprise)? {
            if fits(entry.page.direction, entry.page.mode) {
                counted.add(&entry.cell.counted);
                returned.add(&entry.cell.returned);
            }
        }
        let lists = counted.lists.saturating_sub(returned.lists).max(0).unsigned_abs();
        let cny = counted.cny.saturating_sub(returned.cny).max(0);
        Ok(Decimal::from_units(cny).map(|cny| Self { lists, cny }))
    }
}

/// Hundred-thousandths of a thousand.
const MILLE: i128 = 1_000 * 100_000;

impl SubsidyBasis {
    /// What is due for a volume, rounded towards nought.
    fn due(self, volume: &Volume) -> Option<Decimal> {
        let units = match self {
            Self::Value { per_mille } => {
                volume.cny.units().checked_mul(per_mille.units())?.checked_div(MILLE)?
            }
            Self::Lists { each } => i128::from(volume.lists).checked_mul(each.units())?,
        };
        Decimal::from_units(units)
    }
}

/// A fund at hand, to be claimed from.
pub(super) struct OpenedFund {
    entry: Entry,
    pub(super) fund: Fund,
}

impl OpenedFund {
    /// The fund that a claim names.
    pub(super) fn of<S: StateRead>(desk: &Desk<'_, '_, S>, fund: &FundRef) -> Result<Self, Stop> {
        let (owner, number) = (fund.owner.clone(), fund.number.clone());
        let entry = desk.entry(&EntryKey { register: Register::Fund, owner, number })?;
        match entry.map(|entry| (entry.content.clone(), entry)) {
            Some((Content::Fund(fund), entry)) => Ok(Self { entry, fund }),
            _ => {
                let expected = "a fund of this agency";
                Err(Rejected::new(Rejection::EntryUnknown, "fund", expected, "none").into())
            }
        }
    }

    /// What an enterprise may claim for a month.
    pub(super) fn claimable<S: StateRead>(
        &self,
        desk: &Desk<'_, '_, S>,
        month: Month,
    ) -> Result<(Volume, Decimal), Stop> {
        let facts = &self.fund.facts;
        if self.fund.is_closed {
            return Err(not_now("a fund that takes claims", "closed"));
        }
        let running = Month::of(desk.actor.time);
        if month < facts.from || facts.to < month || running <= month {
            let expected = format!("{} to {}, before {running}", facts.from, facts.to);
            return Err(Rejected::new(Rejection::DatesUnfit, "month", expected, month).into());
        }
        // A month that is over is the same in every state since it ended.
        let volume = Volume::of(desk.before, facts, &desk.key.owner, month)?;
        let due = volume.and_then(|volume| Some((volume, facts.basis.due(&volume)?)));
        let Some((volume, due)) = due.filter(|(_, due)| due.is_positive()) else {
            let expected = "a month with something to subsidise, of at most 19 digits";
            return Err(Rejected::new(Rejection::AmountUnfit, "month", expected, month).into());
        };
        Ok((volume, due.min(facts.enterprise_max)))
    }

    /// Counts a claim.
    pub(super) fn claimed<S: StateRead>(mut self, desk: &mut Desk<'_, '_, S>) {
        self.fund.claims = self.fund.claims.saturating_add(1);
        self.put(desk);
    }

    /// Approves so much for an enterprise: within the budget, and within what one enterprise gets.
    pub(super) fn approve<S: StateRead>(
        mut self,
        desk: &mut Desk<'_, '_, S>,
        enterprise: &OrganisationCode,
        amount: Decimal,
    ) -> Result<(), Stop> {
        let key = &self.entry.key;
        let total_key = fund_total_key_bytes(&key.owner, &key.number, enterprise);
        let held: Decimal = load(&*desk.state, &total_key)?.unwrap_or(Decimal::ZERO);
        let facts = &self.fund.facts;
        let within = |sum: Decimal, most: Decimal, of: &str| {
            let total = sum.checked_add(amount).filter(|total| *total <= most);
            total.ok_or_else(|| {
                let left = most.checked_sub(sum).unwrap_or(Decimal::ZERO);
                let expected = format!("at most {left}, what is left {of}");
                Rejected::new(Rejection::AmountUnfit, "amount", expected, amount)
            })
        };
        let approved = within(self.fund.approved, facts.budget, "of the budget")?;
        let total = within(held, facts.enterprise_max, "for the enterprise")?;
        self.fund.approved = approved;
        desk.state.put(total_key, codec::encode(&total));
        self.put(desk);
        Ok(())
    }

    /// Counts what was paid, which was approved before.
    pub(super) fn pay<S: StateRead>(mut self, desk: &mut Desk<'_, '_, S>, amount: Decimal) {
        self.fund.paid = self.fund.paid.checked_add(amount).unwrap_or(self.fund.approved);
        self.put(desk);
    }

    fn put<S: StateRead>(self, desk: &mut Desk<'_, '_, S>) {
        desk.put_entry(&Entry { content: Content::Fund(self.fund), ..self.entry });
    }
}

impl Registered for Fund {
    type Act = FundAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: FundAct) -> Result<Self, Stop> {
        let FundAct::Open(facts) = act else {
            return Err(not_now("open", "a fund that is not there"));
        };
        desk.must_be_its_agency()?;
        let (approved, paid) = (Decimal::ZERO, Decimal::ZERO);
        Ok(Self { facts, is_closed: false, claims: 0, approved, paid })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: FundAct,
    ) -> Result<(), Stop> {
        match act {
            FundAct::Open(_) => Err(numbered_already("number", "a fund's")),
            FundAct::Close => {
                desk.must_be_owner()?;
                if self.is_closed {
                    return Err(not_now("a fund that takes claims", "closed"));
                }
                self.is_closed = true;
                Ok(())
            }
        }
    }
}

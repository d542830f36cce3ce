//! What an act can ask, and where it is done.

use super::{Actor, Entry, EntryKey};
use crate::access::business;
use crate::case::{self, Case};
use crate::document::{CaseRef, Evidence};
use crate::event::CaseState;
use crate::export::{self, ExportCase};
use crate::limits::EVIDENCE_MAX;
use crate::matching::{RuleOutcome, Severity, Verdict};
use crate::policy::{Direction, Policy};
use crate::registry::{Organisation, Role, organisation};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateRead};
use crate::state_key::{register_claim_key_bytes, register_entry_key_bytes};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::decimal::Decimal;
use kanhe_types::time::Millis;

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

/// Where one act is done.
pub(super) struct Desk<'d, 'a, S> {
    pub(super) state: &'d mut Overlay<'a, S>,
    pub(super) before: &'a S,
    pub(super) policy: &'d Policy,
    pub(super) actor: &'d Actor<'d>,
    pub(super) key: EntryKey,
}

/// A trade as it stood when the block began.
pub(super) enum Trade {
    Import(Box<Case>),
    Export(Box<ExportCase>),
}

impl Trade {
    pub(super) fn parties(&self) -> Vec<OrganisationCode> {
        match self {
            Self::Import(case) => case.parties(),
            Self::Export(case) => case.parties(),
        }
    }

    /// Where it stands.
    pub(super) fn state(&self) -> CaseState {
        match self {
            Self::Import(case) => case.state,
            Self::Export(case) => case.state,
        }
    }

    /// Whether a rule found that its documents differ, of those rules that reject.
    pub(super) fn differs(&self) -> bool {
        let outcomes = match self {
            Self::Import(case) => &case.outcomes,
            Self::Export(case) => &case.outcomes,
        };
        let fails = |own: &RuleOutcome| {
            own.verdict == Verdict::Fail && own.rule.severity() == Severity::Reject
        };
        outcomes.iter().any(fails)
    }

    /// How many lines its list has; none where it has no list.
    pub(super) fn lines(&self) -> usize {
        match self {
            Self::Import(case) => case.list_facts().map_or(0, |list| list.goods.len()),
            Self::Export(case) => case.list_facts().map_or(0, |list| list.lines.len()),
        }
    }
}

impl<S: StateRead> Desk<'_, '_, S> {
    /// The signer, as it is registered.
    fn signer(&self) -> Result<Option<Organisation>, Stop> {
        Ok(organisation(&*self.state, self.actor.signer)?)
    }

    /// The signer must be the owner.
    pub(super) fn must_be_owner(&self) -> Result<(), Rejected> {
        self.must_be(&[&self.key.owner])
    }

    /// The signer must be one of these.
    pub(super) fn must_be(&self, those: &[&OrganisationCode]) -> Result<(), Rejected> {
        if those.contains(&self.actor.signer) {
            return Ok(());
        }
        let expected: Vec<&str> = those.iter().map(|code| code.as_str()).collect();
        let found = self.actor.signer;
        Err(Rejected::new(Rejection::NotItsPart, "signer", expected.join(" or "), found))
    }

    /// The signer must have a role.
    pub(super) fn must_have_role(&self, role: Role) -> Result<(), Stop> {
        if self.signer()?.is_some_and(|signer| signer.has_role(role)) {
            return Ok(());
        }
        let (name, found) = (crate::role::name(role), self.actor.signer);
        Err(Rejected::new(Rejection::NotItsPart, "signer", name, found).into())
    }

    /// The signer must have one of these roles.
    pub(super) fn must_have_one_of(&self, roles: &[Role]) -> Result<(), Stop> {
        if self.signer()?.is_some_and(|signer| roles.iter().any(|role| signer.has_role(*role))) {
            return Ok(());
        }
        let names: Vec<&str> = roles.iter().map(|role| crate::role::name(*role)).collect();
        let (expected, found) = (names.join(" or "), self.actor.signer);
        Err(Rejected::new(Rejection::NotItsPart, "signer", expected, found).into())
    }

    /// An organisation that is named must be registered, without a role.
    pub(super) fn must_not_have(
        &self,
        field: &'static str,
        code: &OrganisationCode,
        role: Role,
    ) -> Result<(), Stop> {
        if organisation(&*self.state, code)?.is_some_and(|own| !own.has_role(role)) {
            return Ok(());
        }
        let expected = format!("a registered organisation that is no {}", crate::role::name(role));
        Err(Rejected::new(Rejection::CounterpartyUnfit, field, expected, code).into())
    }

    /// The signer must belong to a park: it is registered in the zone.
    pub(super) fn must_be_of_a_park(&self) -> Result<(), Stop> {
        if self.signer()?.is_some_and(|signer| signer.park.is_some()) {
            return Ok(());
        }
        let expected = "an enterprise of one of the zone's parks";
        let found = self.actor.signer;
        Err(Rejected::new(Rejection::NotItsPart, "signer", expected, found).into())
    }

    /// The signer must be an agency whose business the register is.
    pub(super) fn must_be_its_agency(&self) -> Result<(), Stop> {
        let kind = self.key.register.kind();
        if self.signer()?.is_some_and(|signer| business(&signer).contains(&kind)) {
            return Ok(());
        }
        let expected = format!("an agency whose business is {}", kind.name());
        let found = self.actor.signer;
        Err(Rejected::new(Rejection::NotItsPart, "signer", expected, found).into())
    }

    /// An organisation that is named must be registered, with `role` where one is demanded.
    pub(super) fn must_be_registered(
        &self,
        field: &'static str,
        code: &OrganisationCode,
        role: Option<Role>,
    ) -> Result<(), Stop> {
        let found = organisation(&*self.state, code)?;
        let fits = |own: &Organisation| role.is_none_or(|role| own.has_role(role));
        if found.as_ref().is_some_and(fits) {
            return Ok(());
        }
        let expected = match role {
            Some(role) => format!("a registered {}", crate::role::name(role)),
            None => "a registered organisation".to_owned(),
        };
        Err(Rejected::new(Rejection::CounterpartyUnfit, field, expected, code).into())
    }

    /// An organisation that is named must be registered, with one of `roles`.
    pub(super) fn must_be_one_of(
        &self,
        field: &'static str,
        code: &OrganisationCode,
        roles: &[Role],
    ) -> Result<(), Stop> {
        let found = organisation(&*self.state, code)?;
        if found.is_some_and(|own| roles.iter().any(|role| own.has_role(*role))) {
            return Ok(());
        }
        let names: Vec<&str> = roles.iter().map(|role| crate::role::name(*role)).collect();
        let expected = format!("a registered {}", names.join(" or "));
        Err(Rejected::new(Rejection::CounterpartyUnfit, field, expected, code).into())
    }

    /// An organisation that is named must be registered, and not the signer.
    pub(super) fn must_be_another(
        &self,
        field: &'static str,
        code: &OrganisationCode,
        role: Option<Role>,
    ) -> Result<(), Stop> {
        self.must_be_registered(field, code, role)?;
        if code != self.actor.signer {
            return Ok(());
        }
        let expected = "another organisation than the signer";
        Err(Rejected::new(Rejection::CounterpartyUnfit, field, expected, code).into())
    }

    /// An instant must be ahead, by at most `ms_max`.
    pub(super) fn must_be_ahead(
        &self,
        field: &'static str,
        time: Millis,
        ms_max: u64,
    ) -> Result<(), Rejected> {
        let now = self.actor.time;
        let last = Millis(now.0.saturating_add(ms_max));
        if now < time && time <= last {
            return Ok(());
        }
        let expected = format!("after {now}, at the latest {last}");
        Err(Rejected::new(Rejection::DatesUnfit, field, expected, time))
    }

    /// The export of which the signer must be the merchant, by its list. Others' looks like none.
    pub(super) fn own_export(&self, case: &CaseRef) -> Result<ExportCase, Stop> {
        self.export_of(self.actor.signer, case)
    }

    /// The same of another merchant.
    pub(super) fn export_of(
        &self,
        merchant: &OrganisationCode,
        case: &CaseRef,
    ) -> Result<ExportCase, Stop> {
        let is_its = |own: &ExportCase| {
            let list = own.list_facts().filter(|_| !own.has_foreign_list());
            list.is_some_and(|list| list.ebc_code == *merchant)
        };
        match self.trade(case)? {
            Some(Trade::Export(own)) if is_its(&own) => Ok(*own),
            _ => {
                let expected = "an export of the owner, by its list, at the height before";
                let found = &case.order_no;
                Err(Rejected::new(Rejection::TradeUnfit, "case", expected, found).into())
            }
        }
    }

    /// The trade, to which the signer must be party. Others' looks like none.
    pub(super) fn own_trade(&self, case: &CaseRef) -> Result<Trade, Stop> {
        let trade = self.trade(case)?;
        match trade.filter(|trade| trade.parties().contains(self.actor.signer)) {
            Some(trade) => Ok(trade),
            None => Err(self.no_trade()),
        }
    }

    /// The trade, if an organisation is party to it.
    pub(super) fn trade_of(
        &self,
        party: &OrganisationCode,
        case: &CaseRef,
    ) -> Result<Option<Trade>, Stop> {
        Ok(self.trade(case)?.filter(|trade| trade.parties().contains(party)))
    }

    fn no_trade(&self) -> Stop {
        let expected = "a case that the signer is party to, at the height before";
        Rejected::new(Rejection::TradeUnfit, "case", expected, "none").into()
    }

    fn trade(&self, case: &CaseRef) -> Result<Option<Trade>, Stop> {
        let key = case.key();
        Ok(match case.direction {
            Direction::Import => {
                case::case(self.before, &key)?.map(|case| Trade::Import(Box::new(case)))
            }
            Direction::Export => {
                export::case(self.before, &key)?.map(|case| Trade::Export(Box::new(case)))
            }
        })
    }

    /// Takes something that only one entry of the register may have. `parts` name it. An act that
    /// is refused afterwards has taken nothing.
    pub(super) fn take(&mut self, field: &'static str, parts: &[&[u8]]) -> Result<(), Stop> {
        self.take_all(field, &[parts.to_vec()])
    }

    /// Another entry, by what the block brought so far.
    pub(super) fn entry(&self, key: &EntryKey) -> Result<Option<Entry>, Stop> {
        Ok(super::entry(&*self.state, key)?)
    }

    /// Keeps a changed entry of another register.
    pub(super) fn put_entry(&mut self, entry: &Entry) {
        self.state.put(register_entry_key_bytes(&entry.key), codec::encode(entry));
    }

    /// Takes things of which each only one entry of the register may have; all of them, or none.
    pub(super) fn take_all(
        &mut self,
        field: &'static str,
        things: &[Vec<&[u8]>],
    ) -> Result<(), Stop> {
        let key = |parts: &Vec<&[u8]>| register_claim_key_bytes(self.key.register, parts);
        let keys: Vec<Vec<u8>> = things.iter().map(key).collect();
        for key in &keys {
            let holder: Option<EntryKey> = case::load(&*self.state, key)?;
            if holder.is_some_and(|holder| holder != self.key) {
                let expected = "something that no other entry has";
                let rejection = Rejection::TakenByAnother;
                return Err(Rejected::new(rejection, field, expected, "taken already").into());
            }
        }
        for key in keys {
            self.state.put(key, codec::encode(&self.key));
        }
        Ok(())
    }

    /// Takes what `holder` has, and nobody else.
    pub(super) fn take_over(
        &mut self,
        holder: &EntryKey,
        field: &'static str,
        parts: &[&[u8]],
    ) -> Result<(), Stop> {
        let key = register_claim_key_bytes(self.key.register, parts);
        let held: Option<EntryKey> = case::load(&*self.state, &key)?;
        if held.as_ref() != Some(holder) {
            let rejection = Rejection::TakenByAnother;
            let expected = "an entry that no other has taken over";
            return Err(Rejected::new(rejection, field, expected, "taken over already").into());
        }
        self.state.put(key, codec::encode(&self.key));
        Ok(())
    }

    /// How much of something all entries of the register have; [`Self::take`] names other things.
    pub(super) fn counted(&self, parts: &[&[u8]]) -> Result<Decimal, Stop> {
        let key = register_claim_key_bytes(self.key.register, parts);
        Ok(case::load(&*self.state, &key)?.unwrap_or(Decimal::ZERO))
    }

    /// Sets that.
    pub(super) fn count(&mut self, parts: &[&[u8]], sum: Decimal) {
        self.state.put(register_claim_key_bytes(self.key.register, parts), codec::encode(&sum));
    }

    /// Counts one more of something, of which all entries of the register may have so many.
    pub(super) fn count_one(&mut self, parts: &[&[u8]], max: u16) -> Result<(), Stop> {
        let (one, max) = (Decimal::from_integer(1), Decimal::from_integer(max.into()));
        let after = one.and_then(|one| self.counted(parts).ok()?.checked_add(one));
        match (after, max) {
            (Some(after), Some(max)) if after <= max => {
                self.count(parts, after);
                Ok(())
            }
            _ => Err(not_now(format!("at most {} of these", max.unwrap_or_default()), "one more")),
        }
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&mut self, parts: &[&[u8]]) {
        let key = register_claim_key_bytes(self.key.register, parts);
        self.state.remove(key);
    }

    /// The instant `days` from now.
    pub(super) fn in_days(&self, days: u32) -> Millis {
        days_after(self.actor.time, days)
    }
}

/// The instant `days` after another.
pub(super) fn days_after(time: Millis, days: u32) -> Millis {
    Millis(time.0.saturating_add(u64::from(days).saturating_mul(DAY)))
}

/// The act does not fit what stands.
pub(super) fn not_now(expected: impl ToString, found: impl ToString) -> Stop {
    Rejected::new(Rejection::ActNotNow, "act", expected, found).into()
}

/// A number names something already.
pub(super) fn numbered_already(field: &'static str, found: &str) -> Stop {
    Rejected::new(Rejection::EntryExists, field, "another number", found).into()
}

/// More evidence must still fit.
pub(super) fn add_evidence(held: &mut Vec<Evidence>, more: Vec<Evidence>) -> Result<(), Rejected> {
    if EVIDENCE_MAX < held.len().saturating_add(more.len()) {
        let expected = format!("at most {EVIDENCE_MAX} pieces of one party");
        return Err(Rejected::new(Rejection::EntryFull, "evidence", expected, "more"));
    }
    held.extend(more);
    Ok(())
}

//! What an act can ask, and where it is done.

use super::{Actor, EntryKey};
use crate::access::business;
use crate::case::{self, Case};
use crate::document::{CaseRef, Evidence};
use crate::export::{self, ExportCase};
use crate::limits::EVIDENCE_MAX;
use crate::policy::{Direction, Policy};
use crate::registry::{Organisation, Role, organisation};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateRead};
use crate::state_key::register_claim_key_bytes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
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

    /// The trade, to which the signer must be party. Others' looks like none.
    pub(super) fn own_trade(&self, case: &CaseRef) -> Result<Trade, Stop> {
        let trade = self.trade(case)?;
        match trade.filter(|trade| trade.parties().contains(self.actor.signer)) {
            Some(trade) => Ok(trade),
            None => Err(self.no_trade()),
        }
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

    /// Takes something that only one entry of the register may have. `parts` name it.
    pub(super) fn take(&mut self, field: &'static str, parts: &[&[u8]]) -> Result<(), Stop> {
        let key = register_claim_key_bytes(self.key.register, parts);
        let holder: Option<EntryKey> = case::load(&*self.state, &key)?;
        if holder.is_some_and(|holder| holder != self.key) {
            let expected = "something that no other entry has";
            let rejection = Rejection::TakenByAnother;
            return Err(Rejected::new(rejection, field, expected, "taken already").into());
        }
        self.state.put(key, codec::encode(&self.key));
        Ok(())
    }

    /// Gives back what was taken.
    #[allow(dead_code, reason = "registers of money and goods take what disputes do not")]
    pub(super) fn give_back(&mut self, parts: &[&[u8]]) {
        let key = register_claim_key_bytes(self.key.register, parts);
        self.state.remove(key);
    }

    /// The instant `days` from now.
    pub(super) fn in_days(&self, days: u32) -> Millis {
        Millis(self.actor.time.0.saturating_add(u64::from(days).saturating_mul(DAY)))
    }
}

/// The act does not fit what stands.
pub(super) fn not_now(expected: impl ToString, found: impl ToString) -> Stop {
    Rejected::new(Rejection::ActNotNow, "act", expected, found).into()
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

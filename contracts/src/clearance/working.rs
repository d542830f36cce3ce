//! What a block works on of what follows import lists: see `working_set`.

use super::claims::{Claim, PoolKey, wanted};
use super::facts::{CustomsStatus, ListNumberRecord, Unfit, UnfitReason, WarehouseRecord};
use super::pool::Pool;
use crate::case::{self, Case};
use crate::deadlines::{DeadlineBook, after, days_left};
use crate::event::CaseState;
use crate::policy::{Direction, Policy};
use crate::registry::{Organisation, Role, Status};
use crate::state::{StateError, StateRead};
use crate::state_key;
use crate::working_set::{Sheet, Table, WorkingSet, Write};
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::{CustomsDate, CustomsTime, Millis};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// The records that a block works on, beside the cases.
pub(crate) struct ClearanceSet<'a> {
    numbers: Table<Sheet<ListNumberRecord>>,
    quotas: Table<Sheet<Pool>>,
    stocks: Table<Sheet<Pool>>,
    deposits: Table<Sheet<Pool>>,
    receipts: Table<Sheet<WarehouseRecord>>,
    deadlines: DeadlineBook,
    /// The organisations that speak in the block, by their keys,
    speakers: &'a BTreeMap<Vec<u8>, Organisation>,
    /// and others that its trades name, as far as they are registered.
    others: BTreeMap<Vec<u8>, Option<Organisation>>,
}

type Pairs = Vec<(Vec<u8>, Option<Vec<u8>>)>;

impl<'a> ClearanceSet<'a> {
    /// Takes what was read out of `of_kind`, in the order of the prefixes.
    pub(crate) fn new(
        of_kind: &mut impl FnMut(u8) -> Pairs,
        speakers: &'a BTreeMap<Vec<u8>, Organisation>,
    ) -> Self {
        Self {
            numbers: Table::new(of_kind(state_key::IMPORT_NUMBER)),
            quotas: Table::new(of_kind(state_key::QUOTA)),
            stocks: Table::new(of_kind(state_key::STOCK)),
            // Few merchants have to deposit anything: what they did is read where it is asked for.
            deposits: Table::new(Vec::new()),
            receipts: Table::new(of_kind(state_key::WAREHOUSE_RECEIPT)),
            deadlines: DeadlineBook::new(Direction::Import, of_kind(state_key::IMPORT_DEADLINES)),
            speakers,
            others: BTreeMap::new(),
        }
    }
}

impl ClearanceSet<'_> {
    /// The organisation with this key of the state, if it is registered. Each is read once.
    pub(crate) fn organisation(
        &mut self,
        state: &impl StateRead,
        key: Vec<u8>,
    ) -> Result<Option<&Organisation>, StateError> {
        if self.speakers.contains_key(&key) {
            return Ok(self.speakers.get(&key));
        }
        let other = match self.others.entry(key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let read = case::load(state, entry.key())?;
                entry.insert(read)
            }
        };
        Ok(other.as_ref())
    }
}

impl<S: StateRead> WorkingSet<'_, S> {
    /// Reads the cases to which the waybills and numbers that were read belong, and those whose
    /// deadline passed, in one go; has the latter evaluated.
    pub(crate) fn follow_imports(&mut self) -> Result<(), StateError> {
        let mut keys = BTreeSet::new();
        self.claims_of_waybills(&mut keys)?;
        for key in self.clearance.numbers.present_keys() {
            let sheet = self.clearance.numbers.open(self.state, key, Sheet::new)?;
            let case = sheet.get().and_then(|record| record.case.as_ref());
            keys.extend(case.map(state_key::case_key_bytes));
        }
        let due = self.clearance.deadlines.pass(self.state, self.context.time)?;
        keys.extend(due.iter().map(state_key::case_key_bytes));
        self.read_cases(keys)?;
        self.touch(&due)
    }

    /// The number that customs gave a list.
    pub(crate) fn import_number(
        &mut self,
        invt_no: &str,
    ) -> Result<&mut Sheet<ListNumberRecord>, StateError> {
        let key = state_key::import_number_key_bytes(invt_no);
        self.clearance.numbers.open(self.state, key, Sheet::new)
    }

    /// A receipt of a supervised site.
    pub(crate) fn warehouse_receipt(
        &mut self,
        operator_code: &OrganisationCode,
        number: &str,
    ) -> Result<&mut Sheet<WarehouseRecord>, StateError> {
        let key = state_key::warehouse_receipt_key_bytes(operator_code, number);
        self.clearance.receipts.open(self.state, key, Sheet::new)
    }

    /// What cases take from.
    pub(crate) fn pool(&mut self, key: &PoolKey) -> Result<&mut Sheet<Pool>, StateError> {
        let bytes = state_key::pool_key_bytes(key);
        let table = match key {
            PoolKey::Quota { .. } => &mut self.clearance.quotas,
            PoolKey::Stock { .. } => &mut self.clearance.stocks,
            PoolKey::Deposit { .. } => &mut self.clearance.deposits,
        };
        table.open(self.state, bytes, Sheet::new)
    }

    /// Has a case ask pools for what it needs now, after a document changed that. Whoever is
    /// ordered first asks first.
    pub(crate) fn settle_claims(&mut self, key: &CaseKey) -> Result<(), StateError> {
        let policy = self.context.policy;
        let demanded = self.demanded_deposit(key)?;
        let sheet = self.case(key)?;
        if sheet.get().risk.deposit_per_cent != demanded {
            sheet.change().risk.deposit_per_cent = demanded;
        }
        let case = sheet.get();
        let wanted = wanted(case, policy);
        let held = &case.clearance.claims;
        let is_held = |claim: &Claim| wanted.get(&claim.key) == Some(&claim.amount);
        if held.len() == wanted.len() && held.iter().all(|claim| claim.is_taken && is_held(claim)) {
            return Ok(());
        }
        let held: BTreeMap<PoolKey, (Decimal, bool)> =
            held.iter().map(|own| (own.key.clone(), (own.amount, own.is_taken))).collect();
        let keys: BTreeSet<&PoolKey> = held.keys().chain(wanted.keys()).collect();
        let mut claims = Vec::with_capacity(wanted.len());
        for pool_key in &keys {
            let (had, wanted) = (held.get(*pool_key).copied(), wanted.get(*pool_key).copied());
            let pool = self.pool(pool_key)?.change();
            let size = pool_key.size(pool, policy);
            let is_taken = pool.ask(key, had, wanted, size);
            if let Some(amount) = wanted {
                claims.push(Claim { key: (*pool_key).clone(), amount, is_taken });
            }
        }
        self.case(key)?.change().clearance.claims = claims;
        for pool_key in held.keys() {
            self.serve(pool_key)?;
        }
        Ok(())
    }

    /// How many per cent of a case's tax its merchant has to deposit, as its supervision demands it
    /// now; after the block of the release as it was then.
    fn demanded_deposit(&mut self, key: &CaseKey) -> Result<Option<u16>, StateError> {
        let height = self.context.height;
        let case = self.case(key)?.get();
        if case.clearance.is_released_before(height) {
            return Ok(case.risk.deposit_per_cent);
        }
        let merchant = case.list_facts().map(|list| list.ebc_code.clone());
        Ok(merchant.and_then(|merchant| self.terms.deposit_of(&merchant)))
    }

    /// What a case's merchant would have to deposit for its release with `status`, and how much of
    /// its deposit is free for it, where that is not enough.
    pub(crate) fn short_deposit(
        &mut self,
        key: &CaseKey,
        status: &CustomsStatus,
    ) -> Result<Option<(Decimal, Decimal)>, StateError> {
        let (policy, demanded) = (self.context.policy, self.demanded_deposit(key)?);
        if demanded.is_none() {
            return Ok(None);
        }
        let mut case = self.case(key)?.get().clone();
        case.risk.deposit_per_cent = demanded;
        // A cancelled list that customs releases is not cancelled any more.
        case.clearance.statuses.push(status.clone());
        let mut wanted = wanted(&case, policy).into_iter();
        let is_deposit = |own: &(PoolKey, Decimal)| matches!(own.0, PoolKey::Deposit { .. });
        let Some((pool_key, amount)) = wanted.find(is_deposit) else { return Ok(None) };
        let held = case.clearance.claims.iter().find(|claim| claim.key == pool_key);
        let held = held.filter(|claim| claim.is_taken).map_or(Decimal::ZERO, |claim| claim.amount);
        let pool = self.pool(&pool_key)?.get();
        let free = pool.map_or(Decimal::ZERO, Pool::free).checked_add(held).unwrap_or(held);
        // Who needs less than it has keeps that, even where the deposit was called since.
        Ok((free.max(held) < amount).then_some((amount, free)))
    }

    /// Gives the cases that wait what came into a pool.
    pub(crate) fn serve(&mut self, key: &PoolKey) -> Result<(), StateError> {
        let policy = self.context.policy;
        let sheet = self.pool(key)?;
        let Some(pool) = sheet.get() else { return Ok(()) };
        if pool.is_blank() {
            sheet.put(None);
            return Ok(());
        }
        if pool.waiting.is_empty() {
            return Ok(());
        }
        let size = key.size(pool, policy);
        for served in sheet.change().serve(size) {
            let claims = &mut self.case(&served)?.change().clearance.claims;
            for claim in claims.iter_mut().filter(|claim| claim.key == *key) {
                claim.is_taken = true;
            }
        }
        Ok(())
    }

    /// The organisations of a trade that may not do what they do in it.
    pub(crate) fn unfit(&mut self, case: &Case) -> Result<Vec<Unfit>, StateError> {
        let (order, list) = (case.order_facts(), case.list_facts());
        let merchant = list.map(|list| &list.ebc_code).or(order.map(|order| &order.ebc_code));
        let roles = [
            (Role::Platform, Some(&case.key.platform)),
            (Role::Merchant, merchant),
            (Role::Payment, case.payment_facts().map(|payment| &payment.pay_code)),
            (Role::Carrier, list.map(|list| &list.logistics_code)),
            (Role::Declarant, list.map(|list| &list.agent_code)),
        ];
        let mut unfit = Vec::new();
        for (role, code) in roles {
            let Some(code) = code else { continue };
            // A merchant may declare for itself.
            let instead = (role == Role::Declarant).then_some(Role::Merchant);
            let reason = match self.unfitness(role, instead, code)? {
                None => self.unlicensed(case, role, code)?,
                found => found,
            };
            if let Some(reason) = reason {
                unfit.push(Unfit { role, code: code.clone(), reason });
            }
        }
        Ok(unfit)
    }

    /// The first licence that the policy demands of a role and an organisation does not hold on the
    /// day on which its document is reported.
    fn unlicensed(
        &mut self,
        case: &Case,
        role: Role,
        code: &OrganisationCode,
    ) -> Result<Option<UnfitReason>, StateError> {
        let policy = self.context.policy;
        let mut demands =
            policy.licences_required.iter().filter(|demand| demand.role == role).peekable();
        if demands.peek().is_none() {
            return Ok(None);
        }
        let Some(time) = self.reported(case, role)? else { return Ok(None) };
        let day = CustomsDate::from_millis(time.millis());
        let key = state_key::organisation_key_bytes(code);
        let Some(own) = self.clearance.organisation(self.zone.state(), key)? else {
            return Ok(None);
        };
        let missing = demands.find(|demand| own.licence(demand.licence, day).is_none());
        Ok(missing.map(|demand| {
            let has_one = own.licences.iter().any(|licence| licence.kind == demand.licence);
            match has_one {
                true => UnfitReason::LicenceNotValid(demand.licence),
                false => UnfitReason::LicenceMissing(demand.licence),
            }
        }))
    }

    /// When the document was reported by which an organisation acts in a role: the list's time
    /// stands for that of a waybill that is not there, or of an order.
    fn reported(&mut self, case: &Case, role: Role) -> Result<Option<CustomsTime>, StateError> {
        fn time<F>(entry: Option<&crate::case::Entry<F>>) -> Option<CustomsTime> {
            entry.filter(|entry| entry.facts.is_some()).map(|entry| entry.meta.app_time)
        }
        let list = time(case.list.as_ref());
        let own = match role {
            Role::Platform | Role::Merchant => time(case.order.as_ref()),
            Role::Payment => time(case.payment.as_ref()),
            Role::Carrier => match case.list_facts() {
                Some(facts) => {
                    let record = self.waybill_of(&facts.logistics_code, &facts.logistics_no)?;
                    let record = record.get().filter(|own| own.claimed_by() == Some(&case.key));
                    record.and_then(|record| time(record.entry.as_ref()))
                }
                None => None,
            },
            _ => None,
        };
        Ok(own.or(list))
    }

    fn unfitness(
        &mut self,
        role: Role,
        instead: Option<Role>,
        code: &OrganisationCode,
    ) -> Result<Option<UnfitReason>, StateError> {
        let key = state_key::organisation_key_bytes(code);
        let known = self.clearance.organisation(self.zone.state(), key)?;
        let Some(Organisation { roles, status, .. }) = known else {
            return Ok(Some(UnfitReason::Unregistered));
        };
        if *status == Status::Suspended {
            return Ok(Some(UnfitReason::Suspended));
        }
        let has_role = roles.contains(&role) || instead.is_some_and(|role| roles.contains(&role));
        Ok((!has_role).then_some(UnfitReason::RoleMissing))
    }

    /// In how many days somebody has to look at a case again that waits: one that the block opened
    /// or whose term it shortened (`is_new`), or saw released, or whose deadline passed before it
    /// was due. It comes to stand at `state`.
    pub(crate) fn look_again(&self, case: &Case, state: CaseState, is_new: bool) -> Option<u32> {
        let (now, policy) = (self.context.time, self.context.policy);
        let is_passed = self.clearance.deadlines.is_passed(&case.key);
        match case.clearance.released {
            Some(released) if released == now || is_passed => {
                days_left(released, policy.return_back_days, now)
            }
            None if (is_new || is_passed) && state == CaseState::Collecting => {
                days_left(case.opened, case.risk.days(policy.collect_days), now)
            }
            _ => None,
        }
    }

    /// Adds the changes of what stands beside the cases to `writes`, and queues the cases to look
    /// at `again`, by days.
    pub(crate) fn finish_clearance(
        &mut self,
        again: &BTreeMap<u32, Vec<CaseKey>>,
        writes: &mut Vec<Write>,
    ) -> Result<(), StateError> {
        let now = self.context.time;
        let deadlines = &mut self.clearance.deadlines;
        deadlines.begin_writes(writes);
        for (days, cases) in again {
            deadlines.queue(self.state, now, *days, cases, writes)?;
        }
        deadlines.finish_writes(writes);
        self.clearance.numbers.write(writes);
        self.clearance.quotas.write(writes);
        self.clearance.stocks.write(writes);
        self.clearance.deposits.write(writes);
        self.clearance.receipts.write(writes);
        Ok(())
    }
}

/// Whether the time for a case's documents is over.
pub(crate) fn is_due(case: &Case, policy: &Policy, now: Millis) -> bool {
    after(case.opened, case.risk.days(policy.collect_days)) <= now
}

/// Whether the time for returns is over.
pub(crate) fn is_over(case: &Case, policy: &Policy, now: Millis) -> bool {
    let released = case.clearance.released;
    released.is_some_and(|released| after(released, policy.return_back_days) <= now)
}

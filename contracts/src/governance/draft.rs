//! Changes tried on a state. Whoever tries keeps the draft's writes only if all changes hold.

use super::change::{Change, Description, KeyChange, NewKey};
use super::records::{self, PolicyRecord, ProtocolStep, Revision, ValidatorSetRecord, ZoneRecord};
use crate::case::load;
use crate::event::Event;
use crate::limits::{AGENCIES_MAX, KEYS_MAX};
use crate::policy::Policy;
use crate::registry::{
    KeyPurpose, Organisation, OrganisationKey, Role, Status, organisation, put_organisation,
};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateRead, Writes};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::limits::EXECUTION_LAG;
use kanhe_types::validator::{Validator, ValidatorSet};

/// A state with changes on top that hold from one height on.
pub(super) struct Draft<'a, S> {
    pub(super) state: Overlay<'a, S>,
    /// What happened, in order.
    pub(super) events: Vec<Event>,
    /// The first height at which the changes hold.
    pub(super) height: u64,
    /// The document that brings them.
    pub(super) cause: Hash,
    /// The policy in force.
    policy: &'a Policy,
    /// The validators after the changes so far, where these change them.
    pub(super) validators: Option<Vec<Validator>>,
}

impl<'a, S: StateRead> Draft<'a, S> {
    pub(super) fn new(state: &'a S, height: u64, cause: Hash, policy: &'a Policy) -> Self {
        let (events, validators) = (Vec::new(), None);
        Self { state: Overlay::new(state), events, height, cause, policy, validators }
    }

    /// Carries out the changes of a proposal.
    pub(super) fn carry_out(&mut self, changes: &[Change]) -> Result<(), Stop> {
        for (index, change) in changes.iter().enumerate() {
            self.change(change).map_err(|stop| within(stop, "changes", index))?;
        }
        self.put_validators()?;
        self.check_live_quorum()
    }

    /// Carries out what an organisation says of its own keys.
    pub(super) fn change_own_keys(
        &mut self,
        code: &OrganisationCode,
        keys: &[KeyChange],
    ) -> Result<(), Stop> {
        let before = self.registered(code)?;
        let is_agency = before.has_role(Role::Agency);
        self.change_keys(before, keys)?;
        // Nobody else's keys decide whether agencies can vote.
        if is_agency { self.check_live_quorum() } else { Ok(()) }
    }

    fn change(&mut self, change: &Change) -> Result<(), Stop> {
        match change {
            Change::Admit { organisation, description, keys } => {
                self.admit(organisation, description, keys)
            }
            Change::Suspend { organisation } => self.set_status(organisation, Status::Suspended),
            Change::Readmit { organisation } => self.set_status(organisation, Status::Active),
            Change::Describe { organisation, description } => {
                let before = self.registered(organisation)?;
                let Description { name, roles, park, filing, licences } = description.clone();
                let after = Organisation { name, roles, park, filing, licences, ..before.clone() };
                self.replace(before, after)
            }
            Change::Keys { organisation, keys } => {
                let before = self.registered(organisation)?;
                self.change_keys(before, keys)
            }
            Change::Policy { policy } => self.change_policy(policy),
            Change::Protocol { version } => self.change_protocol(*version),
            Change::AddValidator { organisation, key, node } => {
                self.add_validator(organisation, *key, *node)
            }
            Change::RemoveValidator { key } => self.remove_validator(key),
            Change::ReplaceValidator { key, new_key, new_node } => {
                self.replace_validator(key, *new_key, *new_node)
            }
        }
    }

    fn admit(
        &mut self,
        code: &OrganisationCode,
        description: &Description,
        keys: &[NewKey],
    ) -> Result<(), Stop> {
        if organisation(&self.state, code)?.is_some() {
            let (rejection, expected) = (Rejection::OrganisationExists, "a code of nobody's");
            return Err(Rejected::new(rejection, "organisation", expected, code).into());
        }
        let Description { name, roles, park, filing, licences } = description.clone();
        let mut own = Organisation {
            code: code.clone(),
            name,
            roles,
            park,
            status: Status::Active,
            keys: Vec::new(),
            filing,
            licences,
            revision: 0,
        };
        for (index, new) in keys.iter().enumerate() {
            self.add_key(&mut own, new).map_err(|stop| within(stop, "keys", index))?;
        }
        self.put(own)
    }

    fn set_status(&mut self, code: &OrganisationCode, status: Status) -> Result<(), Stop> {
        let before = self.registered(code)?;
        if before.status == status {
            let (expected, found) = match status {
                Status::Active => ("a suspended organisation", "an active one"),
                Status::Suspended => ("an active organisation", "a suspended one"),
            };
            let rejection = Rejection::StatusUnchanged;
            return Err(Rejected::new(rejection, "organisation", expected, found).into());
        }
        let after = Organisation { status, ..before.clone() };
        self.replace(before, after)
    }

    fn change_keys(&mut self, before: Organisation, keys: &[KeyChange]) -> Result<(), Stop> {
        let mut after = before.clone();
        for (index, change) in keys.iter().enumerate() {
            match change {
                KeyChange::Add { new } => self.add_key(&mut after, new),
                KeyChange::Revoke { key, last } => self.revoke_key(&mut after, key, *last),
            }
            .map_err(|stop| within(stop, "keys", index))?;
        }
        self.replace(before, after)
    }

    fn add_key(&mut self, own: &mut Organisation, new: &NewKey) -> Result<(), Stop> {
        let from = new.from.unwrap_or(self.height);
        if from < self.height || new.until.is_some_and(|until| until < from) {
            let expected = format!("from {} or later, and an end after it", self.height);
            let found = match new.until {
                Some(until) => format!("from {from} until {until}"),
                None => format!("from {from}"),
            };
            return Err(Rejected::new(Rejection::KeyHeights, "from", expected, found).into());
        }
        let NewKey { key, purpose, until, .. } = *new;
        self.claim_key(&own.code, key, "key")?;
        own.keys.push(OrganisationKey { key, purpose, from, until });
        Ok(())
    }

    /// Registers a key for an organisation. No key is ever registered twice, by nobody.
    pub(super) fn claim_key(
        &mut self,
        code: &OrganisationCode,
        key: PublicKey,
        field: &str,
    ) -> Result<(), Stop> {
        let holder_key = state_key::key_holder_key_bytes(&key);
        if load::<OrganisationCode>(&self.state, &holder_key)?.is_some() {
            // Whose it is stays between the holder and the agencies.
            let (rejection, expected) = (Rejection::KeyTaken, "a key that was never registered");
            return Err(Rejected::new(rejection, field, expected, key).into());
        }
        self.state.put(holder_key, codec::encode(code));
        Ok(())
    }

    fn revoke_key(
        &self,
        own: &mut Organisation,
        key: &PublicKey,
        last: Option<u64>,
    ) -> Result<(), Stop> {
        // A key ends with the height before the change holds, or later.
        let soonest = self.height.saturating_sub(1);
        let is_live = |own: &&mut OrganisationKey| {
            own.key == *key && own.until.is_none_or(|until| soonest < until)
        };
        let Some(held) = own.keys.iter_mut().find(is_live) else {
            let expected = "a key of the organisation that has not ended";
            return Err(Rejected::new(Rejection::KeyUnknown, "key", expected, key).into());
        };
        let last = last.unwrap_or(soonest);
        if last < soonest || held.until.is_some_and(|until| until < last) {
            let expected = match held.until {
                Some(until) => format!("{soonest} to {until}"),
                None => format!("{soonest} or later"),
            };
            return Err(Rejected::new(Rejection::KeyHeights, "last", expected, last).into());
        }
        held.until = Some(last);
        Ok(())
    }

    fn change_policy(&mut self, policy: &Policy) -> Result<(), Stop> {
        let mut zone = records::zone(&self.state)?;
        let expected = zone.policy_version.saturating_add(1);
        if policy.version != expected {
            let (rejection, found) = (Rejection::PolicyVersion, policy.version);
            return Err(Rejected::new(rejection, "policy.version", expected, found).into());
        }
        zone.policy_version = policy.version;
        records::put_zone(&mut self.state, &zone);
        let from = self.height.saturating_add(EXECUTION_LAG);
        let record = PolicyRecord { policy: policy.clone(), from, cause: Some(self.cause) };
        self.state.put(state_key::policy_key_bytes(policy.version), codec::encode(&record));
        Ok(())
    }

    fn change_protocol(&mut self, version: u16) -> Result<(), Stop> {
        let mut zone = records::zone(&self.state)?;
        let last = zone.protocols.last().map_or(0, |step| step.version);
        let expected = last.saturating_add(1);
        if version != expected {
            let rejection = Rejection::ProtocolVersion;
            return Err(Rejected::new(rejection, "version", expected, version).into());
        }
        let from = self.height.saturating_add(EXECUTION_LAG);
        zone.protocols.push(ProtocolStep { version, from });
        records::put_zone(&mut self.state, &zone);
        Ok(())
    }

    /// A registered organisation.
    pub(super) fn registered(&self, code: &OrganisationCode) -> Result<Organisation, Stop> {
        organisation(&self.state, code)?.ok_or_else(|| {
            let rejection = Rejection::OrganisationUnknown;
            Rejected::new(rejection, "organisation", "a registered organisation", code).into()
        })
    }

    /// Puts an organisation in the place of what it was, which the history keeps.
    fn replace(&mut self, before: Organisation, mut after: Organisation) -> Result<(), Stop> {
        let key = state_key::revision_key_bytes(&before.code, before.revision);
        after.revision = before.revision.saturating_add(1);
        let last = self.height.saturating_sub(1);
        let revision = Revision { organisation: before, last, ended_by: self.cause };
        self.state.put(key, codec::encode(&revision));
        self.put(after)
    }

    fn put(&mut self, mut own: Organisation) -> Result<(), Stop> {
        drop_ended_keys(&mut own, self.height)?;
        let mut zone = records::zone(&self.state)?;
        if list_agency(&mut zone.agencies, &own) {
            if AGENCIES_MAX < zone.agencies.len() {
                let expected = format!("at most {AGENCIES_MAX} agencies");
                let rejection = Rejection::TooManyAgencies;
                return Err(Rejected::new(rejection, "roles", expected, "one more").into());
            }
            records::put_zone(&mut self.state, &zone);
        }
        put_organisation(&mut self.state, &own);
        let (organisation, revision) = (own.code, own.revision);
        self.events.push(Event::OrganisationChanged { organisation, revision });
        Ok(())
    }

    /// Whether the agencies can still decide, under the policy in force and the last one.
    fn check_live_quorum(&self) -> Result<(), Stop> {
        let zone = records::zone(&self.state)?;
        let active = records::active_agencies(&self.state, &zone.agencies)?;
        let last = records::policy(&self.state, zone.policy_version)?;
        let policies = [Some(self.policy), last.as_ref().map(|record| &record.policy)];
        for policy in policies.into_iter().flatten() {
            check_live_quorum(&active, policy, self.height).map_err(|(able, needed)| {
                let count = active.len();
                let expected = format!(
                    "{needed} of {count} active agencies with an admin key that has no end"
                );
                Rejected::new(Rejection::QuorumLost, "changes", expected, able)
            })?;
        }
        Ok(())
    }
}

/// Whether enough of the `active` agencies hold an admin key at `height` that does not end by
/// itself.
///
/// # Errors
/// How many do, and how many must.
pub fn check_live_quorum(
    active: &[Organisation],
    policy: &Policy,
    height: u64,
) -> Result<(), (usize, usize)> {
    let lasts = |own: &OrganisationKey| {
        own.purpose == KeyPurpose::Admin && own.from <= height && own.until.is_none()
    };
    let able = active.iter().filter(|own| own.keys.iter().any(lasts)).count();
    let needed = policy.governance_quorum.needed(active.len());
    if able < needed { Err((able, needed)) } else { Ok(()) }
}

/// Lists an organisation among the agencies, or takes it off; whether that changed the list.
fn list_agency(agencies: &mut Vec<OrganisationCode>, own: &Organisation) -> bool {
    match (agencies.binary_search(&own.code), own.has_role(Role::Agency)) {
        (Err(place), true) => {
            agencies.insert(place, own.code.clone());
            true
        }
        (Ok(place), false) => {
            agencies.remove(place);
            true
        }
        _ => false,
    }
}

/// Keeps the record short: of more keys than it may hold, ended ones stay in the history only.
fn drop_ended_keys(own: &mut Organisation, height: u64) -> Result<(), Rejected> {
    let mut surplus = own.keys.len().saturating_sub(KEYS_MAX);
    own.keys.retain(|key| {
        let drops = 0 < surplus && key.until.is_some_and(|until| until < height);
        surplus = surplus.saturating_sub(usize::from(drops));
        !drops
    });
    if KEYS_MAX < own.keys.len() {
        let (expected, found) = (format!("at most {KEYS_MAX} that have not ended"), own.keys.len());
        return Err(Rejected::new(Rejection::TooManyKeys, "keys", expected, found));
    }
    Ok(())
}

/// A stop with its place: the field of the entry at `index` (from 0) of `list`.
fn within(stop: Stop, list: &str, index: usize) -> Stop {
    match stop {
        Stop::Rejected(rejected) => {
            let field = format!("{list}[{index}].{}", rejected.field);
            Stop::Rejected(Rejected { field, ..rejected })
        }
        Stop::State(error) => Stop::State(error),
    }
}

/// The state of height 0: organisations, policy, protocol and validators of the genesis.
pub fn genesis_writes(
    organisations: &[Organisation],
    policy: &Policy,
    protocol: u16,
    validators: &ValidatorSet,
) -> Writes {
    let mut writes = Writes::new();
    let mut zone = ZoneRecord {
        policy_version: policy.version,
        protocols: vec![ProtocolStep { version: protocol, from: 0 }],
        ..ZoneRecord::default()
    };
    for own in organisations {
        list_agency(&mut zone.agencies, own);
        writes.insert(state_key::organisation_key_bytes(&own.code), Some(codec::encode(own)));
        for key in &own.keys {
            let holder_key = state_key::key_holder_key_bytes(&key.key);
            writes.insert(holder_key, Some(codec::encode(&own.code)));
        }
    }
    for validator in validators.validators() {
        for key in [&validator.key, &validator.node] {
            let holder_key = state_key::key_holder_key_bytes(key);
            writes.insert(holder_key, Some(codec::encode(&validator.organisation)));
        }
    }
    let record = ValidatorSetRecord { set: validators.clone(), from: 0, cause: None };
    writes.insert(state_key::validator_set_key_bytes(0), Some(codec::encode(&record)));
    let record = PolicyRecord { policy: policy.clone(), from: 0, cause: None };
    writes.insert(state_key::policy_key_bytes(policy.version), Some(codec::encode(&record)));
    writes.insert(state_key::zone_key_bytes(), Some(codec::encode(&zone)));
    writes
}

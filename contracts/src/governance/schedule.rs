//! Which policy, which protocol version and which validators hold at which height.

use super::records;
use super::validators::announced;
use crate::policy::{Policy, PolicyInForce};
use crate::state::{StateError, StateRead};
use kanhe_types::hash::Hash;
use kanhe_types::limits::FORMER_SET_HEIGHTS;
use kanhe_types::validator::{Validator, ValidatorSet};
use std::sync::Arc;

/// The policies, protocol versions and validator sets of a zone, by the heights from which they
/// hold. What a state says of policy and protocol at height `h` is final once height
/// `h - EXECUTION_LAG` was executed, and of validators once the height before that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    policies: Vec<(u64, Arc<PolicyInForce>)>,
    protocols: Vec<(u64, u16)>,
    /// Never empty.
    validators: Vec<ScheduledSet>,
    /// Those whom approved proposals will bring.
    announced: Vec<Validator>,
}

/// A validator set, and from when on it decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledSet {
    /// The first height that it decides; 0 for the genesis' set.
    pub from: u64,
    /// Its hash.
    pub hash: Hash,
    /// The validators.
    pub set: Arc<ValidatorSet>,
}

impl ScheduledSet {
    fn new(from: u64, set: ValidatorSet) -> Self {
        Self { from, hash: set.hash(), set: Arc::new(set) }
    }
}

impl Schedule {
    /// What holds where nothing was ever changed.
    pub fn new(policy: Policy, protocol: u16, validators: ValidatorSet) -> Self {
        Self {
            policies: vec![(0, Arc::new(PolicyInForce::new(policy)))],
            protocols: vec![(0, protocol)],
            validators: vec![ScheduledSet::new(0, validators)],
            announced: Vec::new(),
        }
    }

    /// What a state says, on top of this schedule, which is the genesis'.
    ///
    /// # Errors
    /// When this machine cannot read its state.
    pub fn with(&self, state: &impl StateRead) -> Result<Self, StateError> {
        let mut schedule = self.clone();
        let zone = records::zone(state)?;
        let first = schedule.policies.first().map_or(0, |(_, policy)| policy.version);
        for version in first.saturating_add(1)..=zone.policy_version {
            let record = records::policy(state, version)?;
            let missing = || StateError(format!("policy version {version} is missing"));
            let record = record.ok_or_else(missing)?;
            schedule.policies.push((record.from, Arc::new(PolicyInForce::new(record.policy))));
        }
        let later = zone.protocols.iter().filter(|step| 0 < step.from);
        schedule.protocols.extend(later.map(|step| (step.from, step.version)));
        for number in 1..=zone.validator_sets {
            let record = records::validator_set(state, number)?;
            let missing = || StateError(format!("validator set {number} is missing"));
            let record = record.ok_or_else(missing)?;
            schedule.validators.push(ScheduledSet::new(record.from, record.set));
        }
        schedule.announced = announced(state)?;
        Ok(schedule)
    }

    /// The policy in force at `height`.
    ///
    /// # Panics
    /// Never: a schedule holds at least the genesis' policy, which holds from height 0.
    pub fn policy_at(&self, height: u64) -> Arc<Policy> {
        Arc::clone(self.in_force_at(height).policy())
    }

    /// The same with its expressions compiled.
    ///
    /// # Panics
    /// Never, likewise.
    pub fn in_force_at(&self, height: u64) -> Arc<PolicyInForce> {
        let found = self.policies.iter().rev().find(|(from, _)| *from <= height);
        Arc::clone(&found.expect("the first policy holds from height 0").1)
    }

    /// The protocol version of `height`.
    pub fn protocol_at(&self, height: u64) -> u16 {
        let found = self.protocols.iter().rev().find(|(from, _)| *from <= height);
        found.map_or(0, |(_, version)| *version)
    }

    /// The first height whose protocol is later than `known`, and that protocol.
    pub fn unknown_protocol(&self, known: u16) -> Option<(u64, u16)> {
        self.protocols.iter().copied().find(|(_, version)| known < *version)
    }

    /// The validators that decide `height`.
    ///
    /// # Panics
    /// Never: a schedule holds at least the genesis' set, which holds from height 0.
    pub fn validators_at(&self, height: u64) -> &ScheduledSet {
        let found = self.validators.iter().rev().find(|scheduled| scheduled.from <= height);
        found.expect("the first set holds from height 0")
    }

    /// Every set, ascending by the first height that it decides.
    pub fn validator_sets(&self) -> &[ScheduledSet] {
        &self.validators
    }

    /// The set behind a hash, if it is or was scheduled.
    pub fn validators_of(&self, hash: &Hash) -> Option<&ScheduledSet> {
        self.validators.iter().rev().find(|scheduled| scheduled.hash == *hash)
    }

    /// The sets that still count at `height`: the one in force, and those that were within the last
    /// [`FORMER_SET_HEIGHTS`]. Latest first.
    pub fn recent_validators(&self, height: u64) -> Vec<&ScheduledSet> {
        let ends = self.validators.iter().map(|later| later.from).skip(1).chain([u64::MAX]);
        let counted = self.validators.iter().zip(ends).filter(move |(scheduled, end)| {
            scheduled.from <= height && height < end.saturating_add(FORMER_SET_HEIGHTS)
        });
        let mut counted: Vec<&ScheduledSet> = counted.map(|(scheduled, _)| scheduled).collect();
        counted.reverse();
        counted
    }

    /// The validators whose nodes take part, or will or did a short while ago: of the sets that
    /// count at `height`, of those to come, and of approved proposals. In no particular order,
    /// without repeats.
    pub fn members(&self, height: u64) -> Vec<Validator> {
        let recent = self.recent_validators(height).into_iter();
        let sets = recent.chain(self.coming_validators(height));
        let mut members: Vec<Validator> = Vec::new();
        for validator in sets.flat_map(|one| one.set.validators()).chain(&self.announced) {
            if !members.contains(validator) {
                members.push(validator.clone());
            }
        }
        members
    }

    /// The sets that decide later than `height`, soonest first.
    pub fn coming_validators(&self, height: u64) -> impl Iterator<Item = &ScheduledSet> {
        self.validators.iter().filter(move |scheduled| height < scheduled.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn schedule(froms: &[u64]) -> Schedule {
        let mut schedule = Schedule::new(Policy::default(), 1, fixture::validator_set(4));
        for (from, count) in froms.iter().zip(5..) {
            schedule.validators.push(ScheduledSet::new(*from, fixture::validator_set(count)));
        }
        schedule
    }

    #[test]
    fn a_set_decides_from_its_first_height_to_the_next_ones() {
        let schedule = schedule(&[10, 30]);
        let counts = [0, 9, 10, 29, 30, 99].map(|at| schedule.validators_at(at).set.count());
        assert_eq!(counts, [4, 4, 5, 5, 6, 6]);
        let coming = |height| schedule.coming_validators(height).map(|one| one.from).collect();
        let coming: [Vec<u64>; 3] = [9, 10, 30].map(coming);
        assert_eq!(coming, [vec![10, 30], vec![30], vec![]]);
    }

    #[test]
    fn a_former_set_counts_for_so_many_heights_after_its_end() {
        let schedule = schedule(&[10, 30]);
        let recent = |height| {
            let sets = schedule.recent_validators(height);
            sets.iter().map(|one| one.set.count()).collect::<Vec<_>>()
        };
        assert_eq!(recent(9), [4]);
        assert_eq!(recent(29), [5, 4]);
        assert_eq!(recent(9 + FORMER_SET_HEIGHTS), [6, 5, 4]);
        assert_eq!(recent(10 + FORMER_SET_HEIGHTS), [6, 5]);
        assert_eq!(recent(30 + FORMER_SET_HEIGHTS), [6]);
    }
}

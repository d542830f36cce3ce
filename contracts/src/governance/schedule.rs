//! Which policy and which protocol version hold at which height.

use super::records;
use crate::policy::Policy;
use crate::state::{StateError, StateRead};
use std::sync::Arc;

/// The policies and protocol versions of a zone, by the heights from which they hold. What a
/// state says of height `h` is final once height `h - EXECUTION_LAG` was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    policies: Vec<(u64, Arc<Policy>)>,
    protocols: Vec<(u64, u16)>,
}

impl Schedule {
    /// What holds where nothing was ever changed.
    pub fn new(policy: Policy, protocol: u16) -> Self {
        Self { policies: vec![(0, Arc::new(policy))], protocols: vec![(0, protocol)] }
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
            schedule.policies.push((record.from, Arc::new(record.policy)));
        }
        let later = zone.protocols.iter().filter(|step| 0 < step.from);
        schedule.protocols.extend(later.map(|step| (step.from, step.version)));
        Ok(schedule)
    }

    /// The policy in force at `height`.
    ///
    /// # Panics
    /// Never: a schedule holds at least the genesis' policy, which holds from height 0.
    pub fn policy_at(&self, height: u64) -> Arc<Policy> {
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
}

//! The expressions of a policy, compiled once for each version.

use super::Policy;
use crate::credit::CompiledCredit;
use crate::risk::Engine;
use std::ops::Deref;
use std::sync::Arc;

/// The expressions of a policy, compiled.
#[derive(Debug, Default)]
pub struct Programs {
    /// Features and rules of risk.
    pub risk: Engine,
    /// Indicators of credit.
    pub credit: CompiledCredit,
}

/// Those of no policy.
static NONE: Programs = Programs { risk: Engine::NONE, credit: CompiledCredit::NONE };

impl Programs {
    /// Those of no policy: nothing is observed.
    pub fn none() -> &'static Self {
        &NONE
    }

    /// Compiles the expressions of a policy. What cannot be compiled, which a policy that was
    /// checked does not have, is left out.
    pub fn of(policy: &Policy) -> Self {
        Self { risk: Engine::compile(&policy.risk).0, credit: CompiledCredit::new(policy) }
    }

    /// What each expression costs at most, by its path in the policy.
    pub fn costs(&self) -> Vec<(String, u32)> {
        let mut costs = self.risk.costs();
        costs.extend(self.credit.costs());
        costs
    }
}

/// A policy that is in force, with its expressions.
#[derive(Debug)]
pub struct PolicyInForce {
    policy: Arc<Policy>,
    programs: Programs,
}

impl PolicyInForce {
    /// The policy, with its expressions compiled.
    pub fn new(policy: Policy) -> Self {
        Self { programs: Programs::of(&policy), policy: Arc::new(policy) }
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Its expressions.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }
}

impl Deref for PolicyInForce {
    type Target = Policy;

    fn deref(&self) -> &Policy {
        &self.policy
    }
}

/// Expressions follow from the policy.
impl PartialEq for PolicyInForce {
    fn eq(&self, other: &Self) -> bool {
        self.policy == other.policy
    }
}

impl Eq for PolicyInForce {}

//! The features and rules that a zone begins with.

use super::policy::{Feature, RiskRule};

/// What is counted.
pub(super) fn features() -> Vec<Feature> {
    Vec::new()
}

/// What is suspicious.
pub(super) fn rules() -> Vec<RiskRule> {
    Vec::new()
}

//! What became of documents, counted.

use kanhe_types::receipt::{Outcome, Receipt};
use std::collections::BTreeMap;

/// Numbers of documents by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// They are part of the ledger.
    pub accepted: u64,
    /// They had been accepted before.
    pub repeated: u64,
    /// The rules refused them, by the number of the rejection.
    pub rejected: BTreeMap<u16, u64>,
}

impl Tally {
    /// Counts receipts.
    pub(crate) fn add(&mut self, receipts: &[Receipt]) {
        for receipt in receipts {
            match &receipt.outcome {
                Outcome::Accepted { .. } => self.accepted += 1,
                Outcome::Repeated { .. } => self.repeated += 1,
                Outcome::Rejected(refusal) => *self.rejected.entry(refusal.code).or_default() += 1,
            }
        }
    }

    /// Adds another account.
    pub(crate) fn merge(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.repeated += other.repeated;
        for (code, count) in other.rejected {
            *self.rejected.entry(code).or_default() += count;
        }
    }
}

//! Batch bodies between being stored and being executed, so that they are decoded once.

use kanhe_types::hash::Hash;
use kanhe_types::submission::Batch;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Encoded bytes of the bodies that are kept. What is beyond is read from the store again.
const BODIES_BYTES_MAX: usize = 24 * 1024 * 1024;

/// The bodies stored last.
#[derive(Debug, Default)]
pub(crate) struct Bodies {
    kept: BTreeMap<Hash, (Arc<Batch>, usize)>,
    /// In the order in which they came; those that were executed meanwhile stand here too.
    line: VecDeque<Hash>,
    bytes: usize,
}

impl Bodies {
    pub(crate) fn get(&self, digest: &Hash) -> Option<Arc<Batch>> {
        self.kept.get(digest).map(|(batch, _)| Arc::clone(batch))
    }

    /// Keeps a body of so many encoded bytes, and lets the oldest go where there are too many.
    pub(crate) fn keep(&mut self, digest: Hash, batch: Arc<Batch>, bytes: usize) {
        if self.kept.insert(digest, (batch, bytes)).is_none() {
            self.line.push_back(digest);
            self.bytes += bytes;
        }
        while BODIES_BYTES_MAX < self.bytes {
            let Some(oldest) = self.line.pop_front() else { return };
            self.forget(&oldest);
        }
    }

    /// Lets a body go: it was executed.
    pub(crate) fn forget(&mut self, digest: &Hash) {
        if let Some((_, bytes)) = self.kept.remove(digest) {
            self.bytes -= bytes;
        }
        while self.line.front().is_some_and(|first| !self.kept.contains_key(first)) {
            self.line.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Network;

    #[test]
    fn the_oldest_go_when_there_are_too_many_and_executed_ones_at_once() {
        let batch = Arc::new(Network::new().batch(1, &[&["put a 1"]]));
        let mut bodies = Bodies::default();
        let digest = |number: u8| Hash([number; 32]);
        for number in 1..=3 {
            bodies.keep(digest(number), Arc::clone(&batch), BODIES_BYTES_MAX / 2);
        }
        let kept = |bodies: &Bodies| [1, 2, 3].map(|number| bodies.get(&digest(number)).is_some());
        assert_eq!(kept(&bodies), [false, true, true]);
        bodies.forget(&digest(2));
        assert_eq!(kept(&bodies), [false, false, true]);
        bodies.keep(digest(1), batch, BODIES_BYTES_MAX / 2);
        assert_eq!(kept(&bodies), [true, false, true]);
        bodies.forget(&digest(3));
        bodies.forget(&digest(1));
        assert_eq!((bodies.bytes, bodies.line.len()), (0, 0));
    }
}

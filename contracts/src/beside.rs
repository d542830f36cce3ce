//! The running digest of the records that the state's tree does not have.
//!
//! The tree has the digest: machines that hold other such records have other roots after the next
//! block that changes one.

use crate::state::{Writes, is_in_tree};
use crate::state_key::beside_key_bytes;
use kanhe_types::codec;
use kanhe_types::hash::{Domain, Hash, Hasher};

/// Commits to what a block made of such records, ascending by key: adds the digest to its writes.
pub(crate) fn commit(before: &Hash, writes: &mut Writes) {
    let mut beside = writes.iter().filter(|(key, _)| !is_in_tree(key)).peekable();
    if beside.peek().is_none() {
        return;
    }
    let mut hasher = Hasher::new(Domain::BesideTheTree);
    hasher.part(before.as_bytes());
    for (key, value) in beside {
        hasher.part(key);
        // No record is empty.
        hasher.part(value.as_deref().unwrap_or_default());
    }
    writes.insert(beside_key_bytes(), Some(codec::encode(&hasher.finish())));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_key::{BESIDE_THE_TREE, FEATURE, PAYMENT};

    #[test]
    fn the_digest_says_everything_that_became_of_what_the_tree_does_not_have() {
        let digest = |before: Hash, changes: &[(&[u8], Option<&[u8]>)]| {
            let owned =
                |(key, value): &(&[u8], Option<&[u8]>)| (key.to_vec(), value.map(<[u8]>::to_vec));
            let mut writes: Writes = changes.iter().map(owned).collect();
            commit(&before, &mut writes);
            writes.remove(&beside_key_bytes()).flatten()
        };
        let (one, other): (&[u8], &[u8]) = (&[FEATURE, 1], &[PAYMENT, 2]);
        let none = Hash::default();
        assert_eq!(digest(none, &[(&[0x61, 1], Some(&[1]))]), None, "the tree has it");
        let all = [
            digest(none, &[(one, Some(&[1]))]),
            digest(none, &[(one, Some(&[2]))]),
            digest(none, &[(other, Some(&[1]))]),
            digest(none, &[(one, None)]),
            digest(none, &[(one, Some(&[1])), (other, Some(&[1]))]),
            digest(Hash([1; 32]), &[(one, Some(&[1]))]),
        ];
        for (place, own) in all.iter().enumerate() {
            assert!(own.is_some() && !all[..place].contains(own), "{place}");
        }
    }

    #[test]
    fn the_tree_has_the_digest_and_what_is_proved_of_trades() {
        assert!(is_in_tree(&beside_key_bytes()));
        assert!(is_in_tree(&[crate::state_key::CASE]) && is_in_tree(&[]));
        assert!(BESIDE_THE_TREE.iter().all(|prefix| !is_in_tree(&[*prefix, 1])));
    }
}

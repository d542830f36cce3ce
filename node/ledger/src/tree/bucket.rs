//! A bucket on disk: its key is its path, its value the places of its leaves, then their values.

use super::{Leaf, LeafChange};
use crate::ledger::LedgerError;
use crate::schema::corrupt;
use crate::store::Column;
use kanhe_types::hash::Hash;
use kanhe_types::limits::STATE_BUCKET_LEAVES_MAX;
use kanhe_types::state_proof::{bucket_hash, shared_bits};

const HASH_BYTES: usize = 32;
const LEAF_BYTES: usize = 2 * HASH_BYTES;

/// The key of the bucket `depth` bits down the path to `place`: the bits, a one, and noughts to
/// the end of the byte. Of buckets none of which lies below another, keys sort as places do.
pub(super) fn key(place: &Hash, depth: usize) -> Vec<u8> {
    let mut key = place.0[..=depth / 8].to_vec();
    let last = key.last_mut().expect("a key has a byte");
    let end = 0x80 >> (depth % 8);
    // The bits of the path in the last byte stand above the one that ends them.
    *last = (*last & !(end | (end - 1))) | end;
    key
}

/// The path that a key stands for: its bits, the unused ones nought, and how many.
pub(super) fn path_of(key: &[u8]) -> Result<(Hash, usize), LedgerError> {
    let error = || corrupt(Column::Tree, key, "the key is not the path of a bucket");
    let last = *key.last().ok_or_else(error)?;
    if HASH_BYTES < key.len() || last == 0 {
        return Err(error());
    }
    let mut bits = Hash::default();
    bits.0[..key.len()].copy_from_slice(key);
    bits.0[key.len() - 1] &= last - 1;
    let unused = usize::try_from(last.trailing_zeros()).expect("a byte has eight bits");
    Ok((bits, key.len() * 8 - 1 - unused))
}

/// `place` with the bit after `depth` others as it is on that side of a fork.
pub(super) fn side(place: &Hash, depth: usize, index: usize) -> Hash {
    let mut place = *place;
    let bit = 0x80 >> (depth % 8);
    match index {
        0 => place.0[depth / 8] &= !bit,
        _ => place.0[depth / 8] |= bit,
    }
    place
}

/// Splits leaves or changes, which ascend, into those of each side of a fork.
pub(super) fn halves<T>(sorted: &[(Hash, T)], depth: usize) -> [&[(Hash, T)]; 2] {
    let (left, right) = sorted.split_at(sorted.partition_point(|(place, _)| !place.bit(depth)));
    [left, right]
}

/// Checks that `value` is that of a bucket `depth` bits down the path to `place`.
pub(super) fn check(place: &Hash, depth: usize, value: &[u8]) -> Result<(), LedgerError> {
    let error = |reason: &str| Err(corrupt(Column::Tree, &key(place, depth), reason));
    let count = value.len() / LEAF_BYTES;
    if !value.len().is_multiple_of(LEAF_BYTES) || !(1..=STATE_BUCKET_LEAVES_MAX).contains(&count) {
        return error("a bucket holds whole leaves, at least one, and not too many");
    }
    let (places, _) = value.split_at(count * HASH_BYTES);
    let (places, _) = places.as_chunks::<HASH_BYTES>();
    if !places.is_sorted_by(|one, two| one < two) {
        return error("the leaves of a bucket ascend");
    }
    // What lies between two places below a path is below it too.
    let ends = [places[0], places[count - 1]];
    match ends.iter().all(|end| depth <= shared_bits(&Hash(*end), place)) {
        true => Ok(()),
        false => error("a leaf stands in another leaf's bucket"),
    }
}

/// The leaves of a bucket's value, which was checked.
pub(super) fn leaves(value: &[u8]) -> impl Iterator<Item = Leaf> {
    let (places, values) = value.split_at(value.len() / 2);
    let [(places, _), (values, _)] = [places, values].map(<[u8]>::as_chunks::<HASH_BYTES>);
    places.iter().zip(values).map(|(place, value)| (Hash(*place), Hash(*value)))
}

/// Adds the leaves of a bucket's value after `changes` to `merged`; both ascend.
pub(super) fn merge(value: &[u8], changes: &[LeafChange], merged: &mut Vec<Leaf>) {
    let mut rest = leaves(value).peekable();
    for (place, value) in changes {
        while let Some(leaf) = rest.next_if(|leaf| leaf.0 < *place) {
            merged.push(leaf);
        }
        // The leaf that is overwritten or removed.
        let _replaced = rest.next_if(|leaf| leaf.0 == *place);
        merged.extend(value.map(|value| (*place, value)));
    }
    merged.extend(rest);
}

/// The value of a bucket.
pub(super) fn encode(leaves: &[Leaf]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(leaves.len() * LEAF_BYTES);
    leaves.iter().for_each(|(place, _)| bytes.extend_from_slice(&place.0));
    leaves.iter().for_each(|(_, value)| bytes.extend_from_slice(&value.0));
    bytes
}

/// The hash of a bucket's value.
pub(super) fn hash_of(value: &[u8]) -> Hash {
    let (places, values) = value.split_at(value.len() / 2);
    bucket_hash(places, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_back_from_its_key() {
        let place = Hash([0b1011_0110; 32]);
        for depth in 0..256 {
            let (bits, found) = path_of(&key(&place, depth)).unwrap();
            assert_eq!(found, depth);
            for bit in 0..256 {
                assert_eq!(bits.bit(bit), bit < depth && place.bit(bit), "bit {bit} of {depth}");
            }
        }
    }

    #[test]
    fn keys_sort_as_places_do() {
        let low = Hash([0b0111_1111; 32]);
        let high = Hash([0b1000_0000; 32]);
        for one in 1..40 {
            for two in 1..40 {
                assert!(key(&low, one) < key(&high, two), "{one} and {two} bits");
                // Below a common path of three bits, too.
                let [left, right] = [side(&low, 3, 0), side(&low, 3, 1)];
                assert!(key(&left, 3 + one) < key(&right, 3 + two), "{one} and {two} bits");
            }
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for key in [&[][..], &[0], &[1, 0], &[1; 33]] {
            assert!(path_of(key).is_err(), "{key:?}");
        }
    }
}

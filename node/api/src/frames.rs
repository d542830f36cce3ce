//! Byte strings one behind the other, each with its length in front: answers whose parts are read
//! and checked one by one.

/// Bytes of a length: big-endian.
const LENGTH_BYTES: usize = 4;

/// Adds a part.
///
/// # Panics
/// If it has four gigabytes.
pub fn push(frames: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).expect("no part is that long");
    frames.extend_from_slice(&length.to_be_bytes());
    frames.extend_from_slice(part);
}

/// The parts; `None` when a length is beyond what is there.
pub fn split(mut frames: &[u8]) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    while !frames.is_empty() {
        let (length, rest) = frames.split_first_chunk::<LENGTH_BYTES>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (part, rest) = rest.split_at_checked(length)?;
        parts.push(part);
        frames = rest;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_come_back_and_nothing_less_does(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 1..6),
        ) {
            let mut frames = Vec::new();
            parts.iter().for_each(|part| push(&mut frames, part));
            let expected: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(split(&frames), Some(expected));
            prop_assert_eq!(split(&frames[..frames.len() - 1]).map(|parts| parts.len()), None);
        }

        #[test]
        fn whatever_arrives_is_split_or_refused(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let parts = split(&bytes).unwrap_or_default();
            let sum: usize = parts.iter().map(|part| part.len() + LENGTH_BYTES).sum();
            prop_assert!(parts.is_empty() || sum == bytes.len());
        }
    }
}

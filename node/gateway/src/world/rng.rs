//! The generator's own randomness: SplitMix64, because worlds must stay byte-identical whatever
//! versions of other crates are used. Not for secrets.

/// A source of numbers that its seed determines.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not, `end`; 0 if `end` is. The slight bias does not matter here.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        let rest = self.next().checked_rem(end).unwrap_or_default();
        usize::try_from(rest).unwrap_or_default()
    }

    /// Whether something that happens once in `count` times happens now.
    pub(super) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let other = self.below(end.saturating_add(1));
            items.swap(end, other);
        }
    }

    /// An upper-case identifier of 36 characters with the form of a UUID.
    pub(super) fn guid(&mut self) -> String {
        let (high, low) = (format!("{:016X}", self.next()), format!("{:016X}", self.next()));
        let all = high + &low;
        let mut parts = Vec::new();
        let mut rest = all.as_str();
        for count in [8, 4, 4, 4, 12] {
            let (part, after) = rest.split_at(count);
            parts.push(part);
            rest = after;
        }
        parts.join("-")
    }
}

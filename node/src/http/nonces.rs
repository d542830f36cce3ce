//! Nonces of the last minutes, so that a signed request counts once.

use super::limits::{NONCES_MAX, NONCES_PER_ORGANISATION_MAX};
use kanhe_api::Nonce;
use kanhe_types::code::OrganisationCode;
use kanhe_types::limits::HTTP_REQUEST_AGE_MS_MAX;
use kanhe_types::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// What became of a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    /// It is new, and remembered from now on.
    New,
    /// It was used before.
    Replayed,
    /// Too many requests came in the last minutes. Forgetting one would let it be replayed.
    Full,
}

/// The nonces of requests that would still be answered if they came again.
pub(super) struct Nonces {
    seen: BTreeMap<OrganisationCode, BTreeSet<Nonce>>,
    /// When each may be forgotten: its request is too old by then.
    expiries: BTreeSet<(Millis, OrganisationCode, Nonce)>,
    total_max: usize,
    organisation_max: usize,
}

impl Default for Nonces {
    fn default() -> Self {
        Self::with_limits(NONCES_MAX, NONCES_PER_ORGANISATION_MAX)
    }
}

impl Nonces {
    fn with_limits(total_max: usize, organisation_max: usize) -> Self {
        Self { seen: BTreeMap::new(), expiries: BTreeSet::new(), total_max, organisation_max }
    }

    /// Notes the nonce of an authentic request dated `date`.
    pub(super) fn note(
        &mut self,
        now: Millis,
        organisation: &OrganisationCode,
        date: Millis,
        nonce: Nonce,
    ) -> Noted {
        self.forget_before(now);
        let own = self.seen.get(organisation);
        if own.is_some_and(|own| own.contains(&nonce)) {
            return Noted::Replayed;
        }
        let own_count = own.map_or(0, BTreeSet::len);
        if self.organisation_max <= own_count || self.total_max <= self.expiries.len() {
            return Noted::Full;
        }
        let expiry = Millis(date.0.saturating_add(HTTP_REQUEST_AGE_MS_MAX));
        self.seen.entry(organisation.clone()).or_default().insert(nonce);
        self.expiries.insert((expiry, organisation.clone(), nonce));
        Noted::New
    }

    fn forget_before(&mut self, now: Millis) {
        while let Some((expiry, organisation, nonce)) = self.expiries.pop_first() {
            if now <= expiry {
                self.expiries.insert((expiry, organisation, nonce));
                return;
            }
            if let Some(own) = self.seen.get_mut(&organisation) {
                own.remove(&nonce);
                if own.is_empty() {
                    self.seen.remove(&organisation);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000_000);

    fn note(nonces: &mut Nonces, now: Millis, code: &str, nonce: u8) -> Noted {
        nonces.note(now, &code.parse().expect("a code"), NOW, Nonce([nonce; 16]))
    }

    #[test]
    fn a_nonce_counts_once_for_each_organisation() {
        let mut nonces = Nonces::default();
        assert_eq!(note(&mut nonces, NOW, "A", 1), Noted::New);
        assert_eq!(note(&mut nonces, NOW, "A", 1), Noted::Replayed);
        assert_eq!(note(&mut nonces, NOW, "B", 1), Noted::New);
    }

    #[test]
    fn a_nonce_is_remembered_as_long_as_its_request_would_be_answered() {
        let mut nonces = Nonces::default();
        let last = Millis(NOW.0 + HTTP_REQUEST_AGE_MS_MAX);
        assert_eq!(note(&mut nonces, NOW, "A", 1), Noted::New);
        assert_eq!(note(&mut nonces, last, "A", 1), Noted::Replayed);
        assert_eq!(note(&mut nonces, Millis(last.0 + 1), "A", 1), Noted::New);
        assert_eq!(nonces.expiries.len(), 1);
    }

    #[test]
    fn a_full_memory_forgets_nothing() {
        let mut nonces = Nonces::with_limits(3, 2);
        assert_eq!(note(&mut nonces, NOW, "A", 1), Noted::New);
        assert_eq!(note(&mut nonces, NOW, "A", 2), Noted::New);
        assert_eq!(note(&mut nonces, NOW, "A", 3), Noted::Full);
        assert_eq!(note(&mut nonces, NOW, "B", 1), Noted::New);
        assert_eq!(note(&mut nonces, NOW, "B", 2), Noted::Full);
        assert_eq!(note(&mut nonces, NOW, "A", 1), Noted::Replayed);
    }
}

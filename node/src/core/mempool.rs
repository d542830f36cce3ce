//! Submissions of this validator's own clients, from admission until they are executed.

use super::limits::{ORGANISATION_BYTES_MAX, POOL_BYTES_MAX, POOL_SUBMISSIONS_MAX};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::limits::{BATCH_BYTES_TARGET, BATCH_SUBMISSIONS_MAX, EXPIRY_HEIGHTS_MAX};
use kanhe_types::submission::VerifiedSubmission;
use std::collections::{BTreeMap, VecDeque};

/// Why a submission is not taken in now. The rules have not looked at it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
    /// It has expired, or its expiry is too far away.
    #[error("submission expires at height {expires}, expected {min} to {max}; sign it again")]
    Expiry {
        /// The expiry it states.
        expires: u64,
        /// The least expiry that is taken in.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// The organisation has too much in flight.
    #[error(
        "organisation {organisation} has {found} bytes in flight, at most {ORGANISATION_BYTES_MAX}; wait for receipts"
    )]
    OrganisationFull {
        /// Whose.
        organisation: OrganisationCode,
        /// How much with this submission.
        found: usize,
    },
    /// This node is no validator.
    #[error(
        "this node is not a validator of the next height; send to one that is, the status lists them"
    )]
    NotValidator,
    /// This validator has too much in flight.
    #[error("this validator has no room for more submissions; try again in a second")]
    Full,
}

/// A submission in the pool.
struct Pending {
    organisation: OrganisationCode,
    bytes: usize,
}

/// The pool: what waits for a batch, and what is in flight.
#[derive(Default)]
pub struct Mempool {
    waiting: VecDeque<VerifiedSubmission>,
    waiting_bytes: usize,
    in_flight: BTreeMap<Hash, Pending>,
    bytes_of: BTreeMap<OrganisationCode, usize>,
    bytes: usize,
}

impl Mempool {
    /// Takes a submission in. One that is in flight already is not taken twice.
    ///
    /// # Errors
    /// When it has expired or there is no room.
    pub fn admit(
        &mut self,
        submission: VerifiedSubmission,
        decided: u64,
    ) -> Result<(), AdmissionError> {
        let header = &submission.submission().header;
        let (min, max) = (decided.saturating_add(2), decided.saturating_add(EXPIRY_HEIGHTS_MAX));
        if !(min..=max).contains(&header.expires) {
            return Err(AdmissionError::Expiry { expires: header.expires, min, max });
        }
        if self.in_flight.contains_key(&submission.id()) {
            return Ok(());
        }
        let organisation = header.organisation.clone();
        let bytes = submission.submission().weight();
        let own = self.bytes_of.get(&organisation).copied().unwrap_or(0).saturating_add(bytes);
        if ORGANISATION_BYTES_MAX < own {
            return Err(AdmissionError::OrganisationFull { organisation, found: own });
        }
        let total = self.bytes.saturating_add(bytes);
        if POOL_BYTES_MAX < total || POOL_SUBMISSIONS_MAX <= self.in_flight.len() {
            return Err(AdmissionError::Full);
        }
        self.bytes = total;
        self.bytes_of.insert(organisation.clone(), own);
        self.in_flight.insert(submission.id(), Pending { organisation, bytes });
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
        self.waiting.push_back(submission);
        Ok(())
    }

    /// Takes a submission back into the waiting line, whose batch was not ordered in time. There is
    /// always room for it: it was taken in before.
    pub fn take_back(&mut self, submission: VerifiedSubmission) {
        let organisation = submission.submission().header.organisation.clone();
        let bytes = submission.submission().weight();
        if !self.in_flight.contains_key(&submission.id()) {
            self.bytes = self.bytes.saturating_add(bytes);
            let own = self.bytes_of.entry(organisation.clone()).or_default();
            *own = own.saturating_add(bytes);
            self.in_flight.insert(submission.id(), Pending { organisation, bytes });
        }
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
        self.waiting.push_back(submission);
    }

    /// Whether a submission is in flight.
    pub fn contains(&self, id: &Hash) -> bool {
        self.in_flight.contains_key(id)
    }

    /// Whether nothing waits for a batch.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether enough waits to fill a batch.
    pub fn is_batch_full(&self) -> bool {
        BATCH_BYTES_TARGET <= self.waiting_bytes || BATCH_SUBMISSIONS_MAX <= self.waiting.len()
    }

    /// Takes the submissions of the next batch out of the waiting line; they stay in flight.
    pub fn take_batch(&mut self) -> Vec<VerifiedSubmission> {
        let mut taken = Vec::new();
        let mut bytes = 0usize;
        while bytes < BATCH_BYTES_TARGET && taken.len() < BATCH_SUBMISSIONS_MAX {
            let Some(submission) = self.waiting.pop_front() else { break };
            let size = self.in_flight.get(&submission.id()).map_or(0, |pending| pending.bytes);
            bytes = bytes.saturating_add(size);
            taken.push(submission);
        }
        self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes);
        taken
    }

    /// Forgets a submission that was executed.
    pub fn release(&mut self, id: &Hash) {
        let Some(pending) = self.in_flight.remove(id) else { return };
        self.bytes = self.bytes.saturating_sub(pending.bytes);
        if let Some(bytes) = self.bytes_of.get_mut(&pending.organisation) {
            *bytes = bytes.saturating_sub(pending.bytes);
            if *bytes == 0 {
                self.bytes_of.remove(&pending.organisation);
            }
        }
    }

    /// Submissions in flight.
    pub fn len(&self) -> usize {
        self.in_flight.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_types::keys::SecretKey;
    use kanhe_types::merkle::Salt;
    use kanhe_types::submission::Submission;

    fn submission(number: u16, expires: u64, bytes: usize) -> VerifiedSubmission {
        let genesis = Hash::default();
        let secret = SecretKey::from_seed([1; 32]);
        let mut document = vec![0; bytes];
        document.extend(number.to_le_bytes());
        let code = "4300000001".parse().expect("a code");
        Submission::sign(&genesis, code, &secret, expires, Salt::default(), vec![document])
            .and_then(|submission| submission.verify(&genesis))
            .expect("valid")
    }

    #[test]
    fn expiry_is_bounded_on_both_sides() {
        let mut pool = Mempool::default();
        assert!(pool.admit(submission(1, 11, 1), 10).is_err());
        assert!(pool.admit(submission(2, 12, 1), 10).is_ok());
        assert!(pool.admit(submission(3, 10 + EXPIRY_HEIGHTS_MAX, 1), 10).is_ok());
        assert!(pool.admit(submission(4, 11 + EXPIRY_HEIGHTS_MAX, 1), 10).is_err());
    }

    #[test]
    fn a_submission_in_flight_is_taken_once_and_again_after_its_release() {
        let mut pool = Mempool::default();
        let one = submission(1, 100, 1);
        pool.admit(one.clone(), 1).expect("room");
        pool.admit(one.clone(), 1).expect("known");
        assert_eq!(pool.take_batch().len(), 1);
        assert!(pool.is_empty());
        pool.release(&one.id());
        assert_eq!(pool.len(), 0);
        pool.admit(one, 1).expect("room");
        assert_eq!(pool.take_batch().len(), 1);
    }

    #[test]
    fn a_submission_that_is_taken_back_waits_again_and_counts_once() {
        let mut pool = Mempool::default();
        let (one, two) = (submission(1, 100, 1), submission(2, 100, 1));
        pool.admit(one.clone(), 1).expect("room");
        assert_eq!(pool.take_batch().len(), 1);
        pool.take_back(one.clone());
        // Of a life before a restart: the pool did not know it.
        pool.take_back(two.clone());
        assert_eq!((pool.len(), pool.take_batch().len()), (2, 2));
        [one, two].iter().for_each(|one| pool.release(&one.id()));
        assert_eq!((pool.len(), pool.bytes, pool.bytes_of.len()), (0, 0, 0));
    }

    #[test]
    fn one_organisation_cannot_fill_the_pool() {
        let mut pool = Mempool::default();
        let size = 300_000;
        let mut admitted = 0usize;
        let error = loop {
            let number = u16::try_from(admitted).expect("few");
            match pool.admit(submission(number, 100, size), 1) {
                Ok(()) => admitted += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, AdmissionError::OrganisationFull { .. }));
        assert!(admitted * size <= ORGANISATION_BYTES_MAX);
    }
}

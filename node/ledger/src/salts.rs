//! The secrets that keep withheld leaves from being guessed.
//!
//! Each height has a secret, drawn from the secret of the height before and the salts of the
//! submissions it executes. Every validator computes the same one; an observer who is shown some
//! submissions but not all cannot. Salts of single leaves derive from it one way, so that showing
//! one shows nothing of the others.

use kanhe_types::codec;
use kanhe_types::hash::{Domain, Hash, Hasher};
use kanhe_types::merkle::{self, Salt};
use kanhe_types::submission::Submission;

/// The secret of height 0. It is public, as all of the genesis is.
pub fn genesis_secret(genesis: &Hash) -> Hash {
    Hash::of(Domain::SaltChain, &[genesis.as_bytes()])
}

/// The secret of a height from that of the height before and its submissions in order.
pub fn height_secret(before: &Hash, submissions: &[&Submission]) -> Hash {
    let mut hasher = Hasher::new(Domain::SaltChain);
    hasher.part(before.as_bytes());
    for submission in submissions {
        hasher.part(&submission.salt.0);
    }
    hasher.finish()
}

/// The salt of a state value that a height writes.
pub fn value_salt(secret: &Hash, key: &[u8]) -> Salt {
    Salt::derive(&[secret.as_bytes().as_slice(), key].concat(), 0)
}

/// The salt of a receipt's leaf, as [`kanhe_types::receipt::Receipt::leaf`] uses it.
pub fn receipt_salt(secret: &Hash, position: u64) -> Salt {
    Salt::derive(secret.as_bytes(), position)
}

/// The leaf of a height's event.
pub fn event_leaf<E: codec::Encode>(secret: &Hash, position: u64, event: &E) -> Hash {
    let seed = [secret.as_bytes().as_slice(), b"event"].concat();
    merkle::leaf(&Salt::derive(&seed, position), &codec::encode(event))
}

//! Keys and the one validity rule for signatures.
//!
//! A signature covers a digest of [`crate::hash`], which names its purpose and the genesis hash.
//! Keys and signatures carry their scheme, so that SM2 can stand beside Ed25519 later.
//!
//! # Correctness
//! Validity is ZIP-215, single or batched: the only rule under which a batch never disagrees with
//! its members. `ed25519_dalek` holds keys and signs, it never verifies; its batched check accepts
//! or refuses some signatures depending on their neighbours.

use crate::codec::{Decode, Encode};
use crate::hash::{Domain, Hash, Hasher};
use ed25519_dalek::Signer;
use ed25519_zebra::{VerificationKey, VerificationKeyBytes, batch};
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A public key with its scheme. Written as `ed25519:` and 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub enum PublicKey {
    /// Ed25519, RFC 8032 encoding.
    Ed25519([u8; 32]),
}

/// A signature with its scheme. Written as 128 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub enum Signature {
    /// Ed25519, RFC 8032 encoding.
    Ed25519([u8; 64]),
}

/// The secret half of a key. Wiped from memory when dropped; never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey {
    seed: [u8; 32],
}

/// A signature is not valid for its key and digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature does not match its key and content")]
pub struct SignatureError;

impl SecretKey {
    /// The key that `seed` determines.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed }
    }

    /// The seed, to be written to an encrypted key file.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::Ed25519(self.dalek().verifying_key().to_bytes())
    }

    /// Signs a digest.
    pub fn sign(&self, digest: &Hash) -> Signature {
        Signature::Ed25519(self.dalek().sign(digest.as_bytes()).to_bytes())
    }

    fn dalek(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.seed)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public_key())
    }
}

impl PublicKey {
    /// Checks that `signature` is this key's over `digest`.
    ///
    /// # Errors
    /// When it is not, or the key is no point of the curve.
    pub fn verify(&self, digest: &Hash, signature: &Signature) -> Result<(), SignatureError> {
        let (Self::Ed25519(key), Signature::Ed25519(signature)) = (self, signature);
        VerificationKey::try_from(*key)
            .and_then(|key| key.verify(&(*signature).into(), digest.as_bytes()))
            .map_err(|_| SignatureError)
    }

    /// The key's bytes without the scheme.
    pub fn as_bytes(&self) -> &[u8] {
        let Self::Ed25519(bytes) = self;
        bytes
    }

    /// The first eight hex digits, for people.
    pub fn short(&self) -> String {
        hex::encode(self.as_bytes().iter().take(4).copied().collect::<Vec<_>>())
    }
}

impl Signature {
    /// The signature's bytes without the scheme.
    pub fn as_bytes(&self) -> &[u8] {
        let Self::Ed25519(bytes) = self;
        bytes
    }
}

/// One signature to be checked: whose, over what, and the signature.
pub type Signed = (PublicKey, Hash, Signature);

/// Checks many signatures at once; the answer equals that of checking each by itself.
///
/// A batch that fails is checked one by one, so that a bad signature costs its own submission
/// and no other.
pub fn verify_all(signed: &[Signed]) -> Vec<bool> {
    if 1 < signed.len() && verify_batch(signed) {
        return vec![true; signed.len()];
    }
    signed.iter().map(|(key, digest, signature)| key.verify(digest, signature).is_ok()).collect()
}

fn verify_batch(signed: &[Signed]) -> bool {
    let mut verifier = batch::Verifier::new();
    let mut transcript = Hasher::new(Domain::SignatureBatch);
    for (key, digest, signature) in signed {
        let (PublicKey::Ed25519(key), Signature::Ed25519(signature)) = (key, signature);
        transcript.part(key);
        transcript.part(digest.as_bytes());
        transcript.part(signature);
        verifier.queue((VerificationKeyBytes::from(*key), (*signature).into(), digest.as_bytes()));
    }
    verifier
        .verify(Coefficients { seed: transcript.finish(), counter: 0, spare: Vec::new() })
        .is_ok()
}

/// The coefficients of a batched check, derived from everything that is checked: nobody can
/// choose signatures after knowing them, and the crate stays free of randomness.
struct Coefficients {
    seed: Hash,
    counter: u64,
    spare: Vec<u8>,
}

impl TryRng for Coefficients {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            if self.spare.is_empty() {
                let counter = self.counter.to_le_bytes();
                let block = Hash::of(Domain::SignatureBatch, &[self.seed.as_bytes(), &counter]);
                self.spare.extend_from_slice(block.as_bytes());
                self.counter = self.counter.wrapping_add(1);
            }
            *byte = self.spare.pop().expect("the block was just filled");
        }
        Ok(())
    }
}

impl TryCryptoRng for Coefficients {}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Ed25519(bytes) = self;
        write!(f, "ed25519:{}", hex::encode(bytes))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.short())
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Ed25519(bytes) = self;
        f.write_str(&hex::encode(bytes))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.to_string().chars().take(8).collect::<String>())
    }
}

/// A text is not a public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `ed25519:` and 64 hex digits, found {found:?}")]
pub struct ParseKeyError {
    found: String,
}

impl FromStr for PublicKey {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseKeyError { found: text.chars().take(80).collect() };
        let digits = text.strip_prefix("ed25519:").ok_or_else(error)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| error())?;
        Ok(Self::Ed25519(bytes))
    }
}

/// A text is not a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 128 hex digits")]
pub struct ParseSignatureError;

impl FromStr for Signature {
    type Err = ParseSignatureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 64];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseSignatureError)?;
        Ok(Self::Ed25519(bytes))
    }
}

crate::code::serde_as_text!(PublicKey);
crate::code::serde_as_text!(Signature);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn signed(seed: u8, text: &[u8]) -> Signed {
        let secret = SecretKey::from_seed([seed; 32]);
        let digest = Hash::of(Domain::Vote, &[text]);
        (secret.public_key(), digest, secret.sign(&digest))
    }

    #[test]
    fn a_signature_is_valid_for_its_own_digest_only() {
        let (key, digest, signature) = signed(1, b"a");
        assert_eq!(key.verify(&digest, &signature), Ok(()));
        let other = Hash::of(Domain::Vote, &[b"b"]);
        assert_eq!(key.verify(&other, &signature), Err(SignatureError));
    }

    #[test]
    fn a_point_of_small_order_gives_one_verdict_alone_and_in_a_batch() {
        // The neutral element as key and nonce: valid under ZIP-215 for every message.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        let odd = (
            PublicKey::Ed25519(neutral),
            Hash::of(Domain::Vote, &[b"x"]),
            Signature::Ed25519(signature),
        );
        let alone = verify_all(&[odd]);
        let together = verify_all(&[signed(1, b"a"), odd, signed(2, b"b")]);
        assert_eq!(alone, vec![true]);
        assert_eq!(together, vec![true; 3]);
    }

    proptest! {
        #[test]
        fn batched_and_single_checks_agree(
            spoilt in proptest::collection::vec(any::<bool>(), 1..12),
        ) {
            let items: Vec<Signed> = spoilt
                .iter()
                .enumerate()
                .map(|(index, spoilt)| {
                    let mut item = signed(index as u8, b"text");
                    if *spoilt {
                        item.1 = Hash::default();
                    }
                    item
                })
                .collect();
            let expected: Vec<bool> = spoilt.iter().map(|spoilt| !spoilt).collect();
            prop_assert_eq!(verify_all(&items), expected);
        }
    }

    #[test]
    fn texts_come_back() {
        let (key, _, signature) = signed(3, b"a");
        assert_eq!(key.to_string().parse::<PublicKey>().unwrap(), key);
        assert_eq!(signature.to_string().parse::<Signature>().unwrap(), signature);
        assert!("sm2:00".parse::<PublicKey>().is_err());
    }

    #[test]
    fn the_secret_is_not_printed() {
        let secret = SecretKey::from_seed([7; 32]);
        assert!(!format!("{secret:?}").contains("0707"));
    }
}

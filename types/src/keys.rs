//! Keys and the one validity rule for signatures.
//!
//! A signature covers a digest of [`crate::hash`], which names its purpose and the genesis hash.
//! Keys and signatures carry their scheme, Ed25519 or SM2 with SM3 ([`crate::sm2`]).
//!
//! # Correctness
//! Validity of Ed25519 is ZIP-215, single or batched: the only rule under which a batch never
//! disagrees with its members. `ed25519_dalek` holds keys and signs, it never verifies; its batched
//! check accepts or refuses some signatures depending on their neighbours. SM2 signatures are
//! always checked one by one. A key never accepts a signature of the other scheme.

use crate::codec::{Decode, Encode};
use crate::hash::{Domain, Hash, Hasher};
use crate::sm2;
use ed25519_dalek::Signer;
use ed25519_zebra::{VerificationKey, VerificationKeyBytes, batch};
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// How a key signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// Ed25519, checked in batches.
    #[default]
    Ed25519,
    /// SM2 with SM3, checked one by one.
    Sm2,
}

/// A public key with its scheme. Written as `ed25519:` and 64 hex digits, or `sm2:` and 66.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub enum PublicKey {
    /// Ed25519, RFC 8032 encoding.
    Ed25519([u8; 32]),
    /// SM2, compressed point.
    Sm2([u8; sm2::KEY_BYTES]),
}

/// A signature with its scheme. Written as 128 hex digits, behind `sm2:` where it is one of SM2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub enum Signature {
    /// Ed25519, RFC 8032 encoding.
    Ed25519([u8; 64]),
    /// SM2, r ‖ s.
    Sm2([u8; sm2::SIGNATURE_BYTES]),
}

/// The secret half of a key. Wiped from memory when dropped; never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey {
    #[zeroize(skip)]
    scheme: Scheme,
    /// An Ed25519 seed, or the scalar of SM2, big-endian.
    bytes: [u8; 32],
}

/// Bytes are no secret of their scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an SM2 secret from 1 to the curve's order less two")]
pub struct SecretKeyError;

/// A signature is not valid for its key and digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature does not match its key and content")]
pub struct SignatureError;

impl Scheme {
    /// Its name in keys and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Sm2 => "sm2",
        }
    }
}

impl SecretKey {
    /// The secret key of a scheme with these bytes: an Ed25519 seed, or the scalar of SM2,
    /// big-endian.
    ///
    /// # Errors
    /// When the scalar is nought, or the curve's order less one or above: of random bytes one in
    /// 2^32.
    pub fn new(scheme: Scheme, bytes: [u8; 32]) -> Result<Self, SecretKeyError> {
        if scheme == Scheme::Sm2 && sm2::public_key(&bytes).is_none() {
            return Err(SecretKeyError);
        }
        Ok(Self { scheme, bytes })
    }

    /// The Ed25519 key that `seed` determines.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { scheme: Scheme::Ed25519, bytes: seed }
    }

    /// How it signs.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The bytes that [`Self::new`] takes, to be written to an encrypted key file.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        match self.scheme {
            Scheme::Ed25519 => PublicKey::Ed25519(self.dalek().verifying_key().to_bytes()),
            Scheme::Sm2 => {
                let key = sm2::public_key(&self.bytes);
                PublicKey::Sm2(key.expect("the secret was checked when it was made"))
            }
        }
    }

    /// Signs a digest.
    pub fn sign(&self, digest: &Hash) -> Signature {
        match self.scheme {
            Scheme::Ed25519 => Signature::Ed25519(self.dalek().sign(digest.as_bytes()).to_bytes()),
            Scheme::Sm2 => Signature::Sm2(sm2::sign(&self.bytes, digest.as_bytes())),
        }
    }

    fn dalek(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.bytes)
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
        match (self, signature) {
            (Self::Ed25519(key), Signature::Ed25519(signature)) => VerificationKey::try_from(*key)
                .and_then(|key| key.verify(&(*signature).into(), digest.as_bytes()))
                .map_err(|_| SignatureError),
            (Self::Sm2(key), Signature::Sm2(signature)) => {
                match sm2::is_valid(key, digest.as_bytes(), signature) {
                    true => Ok(()),
                    false => Err(SignatureError),
                }
            }
            (Self::Ed25519(_), Signature::Sm2(_)) | (Self::Sm2(_), Signature::Ed25519(_)) => {
                Err(SignatureError)
            }
        }
    }

    /// How it signs.
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::Ed25519(_) => Scheme::Ed25519,
            Self::Sm2(_) => Scheme::Sm2,
        }
    }

    /// The key's bytes without the scheme.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(bytes) => bytes,
            Self::Sm2(bytes) => bytes,
        }
    }

    /// The first eight hex digits, for people.
    pub fn short(&self) -> String {
        hex::encode(self.as_bytes().iter().take(4).copied().collect::<Vec<_>>())
    }
}

impl Signature {
    /// The signature's bytes without the scheme.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(bytes) => bytes,
            Self::Sm2(bytes) => bytes,
        }
    }
}

/// One signature to be checked: whose, over what, and the signature.
pub type Signed = (PublicKey, Hash, Signature);

/// Checks many signatures at once; the answer equals that of checking each by itself.
///
/// A batch that fails is checked one by one, so that a bad signature costs its own submission
/// and no other. What is not Ed25519 is checked one by one in any case.
pub fn verify_all(signed: &[Signed]) -> Vec<bool> {
    let are_valid = verify_batch(signed);
    let each = signed.iter().map(|one| match (one, are_valid) {
        ((PublicKey::Ed25519(_), _, Signature::Ed25519(_)), true) => true,
        ((key, digest, signature), _) => key.verify(digest, signature).is_ok(),
    });
    each.collect()
}

/// Whether there are several Ed25519 signatures and all are valid.
fn verify_batch(signed: &[Signed]) -> bool {
    if signed.len() < 2 {
        return false;
    }
    let mut verifier = batch::Verifier::new();
    let mut transcript = Hasher::new(Domain::SignatureBatch);
    let mut count = 0usize;
    for one in signed {
        let (PublicKey::Ed25519(key), digest, Signature::Ed25519(signature)) = one else {
            continue;
        };
        transcript.part(key);
        transcript.part(digest.as_bytes());
        transcript.part(signature);
        verifier.queue((VerificationKeyBytes::from(*key), (*signature).into(), digest.as_bytes()));
        count = count.saturating_add(1);
    }
    let coefficients = Coefficients { seed: transcript.finish(), counter: 0, spare: Vec::new() };
    1 < count && verifier.verify(coefficients).is_ok()
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

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme(), hex::encode(self.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.short())
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ed25519(bytes) => f.write_str(&hex::encode(bytes)),
            Self::Sm2(bytes) => write!(f, "{SM2_PREFIX}{}", hex::encode(bytes)),
        }
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start: Vec<u8> = self.as_bytes().iter().take(4).copied().collect();
        write!(f, "{}…", hex::encode(start))
    }
}

/// What stands before the digits of an Ed25519 key.
const ED25519_PREFIX: &str = "ed25519:";
/// What stands before the digits of an SM2 key or signature.
const SM2_PREFIX: &str = "sm2:";

/// A text names no scheme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected ed25519 or sm2")]
pub struct ParseSchemeError;

impl FromStr for Scheme {
    type Err = ParseSchemeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Ed25519, Self::Sm2];
        all.into_iter().find(|scheme| scheme.name() == text).ok_or(ParseSchemeError)
    }
}

/// A text is not a public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected `ed25519:` and 64 hex digits, or `sm2:` and the 66 of a point of its curve, \
     found {found:?}"
)]
pub struct ParseKeyError {
    found: String,
}

impl FromStr for PublicKey {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseKeyError { found: text.chars().take(80).collect() };
        if let Some(digits) = text.strip_prefix(ED25519_PREFIX) {
            return digits_of(digits).map(Self::Ed25519).ok_or_else(error);
        }
        let key = text.strip_prefix(SM2_PREFIX).and_then(digits_of).ok_or_else(error)?;
        if !sm2::is_key(&key) {
            return Err(error());
        }
        Ok(Self::Sm2(key))
    }
}

/// A text is not a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 128 hex digits, behind `sm2:` where the key is one of SM2")]
pub struct ParseSignatureError;

impl FromStr for Signature {
    type Err = ParseSignatureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let signature = match text.strip_prefix(SM2_PREFIX) {
            Some(digits) => digits_of(digits).map(Self::Sm2),
            None => digits_of(text).map(Self::Ed25519),
        };
        signature.ok_or(ParseSignatureError)
    }
}

fn digits_of<const LENGTH: usize>(digits: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    hex::decode_to_slice(digits, &mut bytes).ok()?;
    Some(bytes)
}

crate::code::serde_as_text!(PublicKey);
crate::code::serde_as_text!(Signature);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn signed(seed: u8, text: &[u8]) -> Signed {
        signed_by(Scheme::Ed25519, seed, text)
    }

    fn signed_by(scheme: Scheme, seed: u8, text: &[u8]) -> Signed {
        let secret = SecretKey::new(scheme, [seed; 32]).unwrap();
        let digest = Hash::of(Domain::Vote, &[text]);
        (secret.public_key(), digest, secret.sign(&digest))
    }

    #[test]
    fn a_signature_is_valid_for_its_own_digest_only() {
        for scheme in [Scheme::Ed25519, Scheme::Sm2] {
            let (key, digest, signature) = signed_by(scheme, 1, b"a");
            assert_eq!(key.verify(&digest, &signature), Ok(()));
            let other = Hash::of(Domain::Vote, &[b"b"]);
            assert_eq!(key.verify(&other, &signature), Err(SignatureError));
        }
    }

    #[test]
    fn no_signature_counts_under_the_other_scheme() {
        let (one, other) = (signed(1, b"a"), signed_by(Scheme::Sm2, 1, b"a"));
        let crossed = [
            (one.0, one.1, other.2),
            (other.0, one.1, one.2),
            (one.0, one.1, Signature::Sm2(one.2.as_bytes().try_into().unwrap())),
            (other.0, other.1, Signature::Ed25519(other.2.as_bytes().try_into().unwrap())),
        ];
        for item in crossed {
            assert_eq!(item.0.verify(&item.1, &item.2), Err(SignatureError));
            let list = [one, signed(2, b"b"), item, other];
            assert_eq!(verify_all(&list), [true, true, false, true]);
        }
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
            list in proptest::collection::vec(any::<(bool, bool)>(), 0..12),
        ) {
            let items: Vec<Signed> = list
                .iter()
                .enumerate()
                .map(|(index, (is_sm2, is_spoilt))| {
                    let scheme = if *is_sm2 { Scheme::Sm2 } else { Scheme::Ed25519 };
                    let mut item = signed_by(scheme, 1 + index as u8, b"text");
                    if *is_spoilt {
                        item.1 = Hash::default();
                    }
                    item
                })
                .collect();
            let alone = items.iter().map(|(key, digest, s)| key.verify(digest, s).is_ok());
            let expected: Vec<bool> = list.iter().map(|(_, is_spoilt)| !is_spoilt).collect();
            prop_assert_eq!(alone.collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(verify_all(&items), expected);
        }
    }

    #[test]
    fn texts_come_back() {
        for scheme in [Scheme::Ed25519, Scheme::Sm2] {
            let (key, _, signature) = signed_by(scheme, 3, b"a");
            assert!(key.to_string().starts_with(&format!("{scheme}:")));
            assert_eq!(key.to_string().parse::<PublicKey>().unwrap(), key);
            assert_eq!(signature.to_string().parse::<Signature>().unwrap(), signature);
        }
        let none = ["sm2:00", &format!("sm2:04{}", "00".repeat(32)), &"00".repeat(32)];
        for text in none {
            assert!(text.parse::<PublicKey>().is_err(), "{text}");
        }
        assert!(format!("ed25519:{}", "00".repeat(64)).parse::<Signature>().is_err());
    }

    #[test]
    fn bytes_that_are_no_secret_are_refused() {
        assert_eq!(SecretKey::new(Scheme::Sm2, [0; 32]).err(), Some(SecretKeyError));
        assert_eq!(SecretKey::new(Scheme::Sm2, [255; 32]).err(), Some(SecretKeyError));
        assert!(SecretKey::new(Scheme::Ed25519, [0; 32]).is_ok());
    }

    #[test]
    fn the_secret_is_not_printed() {
        for scheme in [Scheme::Ed25519, Scheme::Sm2] {
            let secret = SecretKey::new(scheme, [7; 32]).unwrap();
            assert!(!format!("{secret:?}").contains("0707"));
        }
    }
}

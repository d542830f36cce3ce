//! Letters that one reader opens: an original on its way to the agency that asked for it.
//!
//! The writer makes a key pair for each letter and agrees with the reader's key by X25519
//! (RFC 7748); a key that follows from the agreement encrypts and authenticates the content by
//! ChaCha20-Poly1305 (RFC 8439). What the letter is about is part of both, so that it is opened for
//! nothing else. Who wrote it, it does not say: the ledger does, with the letter's digest.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use kanhe_types::hash::{Domain, Hash, hmac_sha256};
use std::fmt;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

/// Bytes that sealing adds: the writer's key and the authentication.
pub const OVERHEAD_BYTES: usize = 32 + 16;

/// The key that opens letters. Wiped from memory when dropped; never printed.
pub struct ReaderKey(Zeroizing<[u8; 32]>);

/// A letter cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The reader's or the writer's key agrees with nobody.
    #[error("the public key is not one that letters can be sealed for")]
    PublicKey,
    /// It is no letter, was changed, is for another reader, or about something else.
    #[error("the letter is not for this reader and this matter, or was changed")]
    Letter,
    /// The system has no randomness to give.
    #[error("the system gives no randomness")]
    Randomness,
}

impl ReaderKey {
    /// The key that follows from a home's secret: no file of its own.
    pub fn derive(secret: &[u8; 32]) -> Self {
        Self(Zeroizing::new(hmac_sha256(secret, &[b"kanhe/1/reply-key"])))
    }

    /// What letters are sealed for.
    pub fn public(&self) -> [u8; 32] {
        x25519(*self.0, X25519_BASEPOINT_BYTES)
    }

    /// Opens a letter about `matter`.
    ///
    /// # Errors
    /// When it is not for this key and this matter, or was changed.
    pub fn open(&self, matter: &Hash, letter: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (writer, content) = letter.split_first_chunk::<32>().ok_or(SealError::Letter)?;
        let shared = agree(&self.0, writer)?;
        let cipher = cipher(&shared, writer, &self.public(), matter);
        let payload = Payload { msg: content, aad: matter.as_bytes() };
        let plain = cipher.decrypt(&Nonce::default(), payload).map_err(|_| SealError::Letter)?;
        Ok(Zeroizing::new(plain))
    }
}

impl fmt::Debug for ReaderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReaderKey(…)")
    }
}

/// Seals `content` about `matter` for the holder of `reader`.
///
/// # Errors
/// When the key is none to seal for, or the system gives no randomness.
pub fn seal(reader: &[u8; 32], matter: &Hash, content: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(secret.as_mut_slice()).map_err(|_| SealError::Randomness)?;
    let writer = x25519(*secret, X25519_BASEPOINT_BYTES);
    let shared = agree(&secret, reader)?;
    let payload = Payload { msg: content, aad: matter.as_bytes() };
    // The key is of this letter alone, so that the nonce may be the same in all of them.
    let sealed = cipher(&shared, &writer, reader, matter)
        .encrypt(&Nonce::default(), payload)
        .expect("content is far shorter than the cipher's limit");
    Ok([writer.as_slice(), &sealed].concat())
}

/// The digest of a letter, which the ledger keeps.
pub fn letter_digest(letter: &[u8]) -> Hash {
    Hash::of(Domain::Letter, &[letter])
}

fn agree(secret: &[u8; 32], public: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let shared = Zeroizing::new(x25519(*secret, *public));
    // A point of small order gives nought, whatever the secret is.
    if *shared == [0; 32] { Err(SealError::PublicKey) } else { Ok(shared) }
}

fn cipher(
    shared: &[u8; 32],
    writer: &[u8; 32],
    reader: &[u8; 32],
    matter: &Hash,
) -> ChaCha20Poly1305 {
    let parts: [&[u8]; 4] = [b"kanhe/1/letter", writer, reader, matter.as_bytes()];
    let key = Zeroizing::new(hmac_sha256(shared, &parts));
    ChaCha20Poly1305::new(Key::from_slice(key.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reader(seed: u8) -> ReaderKey {
        ReaderKey::derive(&[seed; 32])
    }

    #[test]
    fn a_letter_is_opened_by_its_reader_about_its_matter_only() {
        let (matter, other) = (Hash([1; 32]), Hash([2; 32]));
        let letter = seal(&reader(1).public(), &matter, b"content").unwrap();
        assert_eq!(letter.len(), 7 + OVERHEAD_BYTES);
        assert_eq!(reader(1).open(&matter, &letter).unwrap().as_slice(), b"content");
        assert_eq!(reader(2).open(&matter, &letter).err(), Some(SealError::Letter));
        assert_eq!(reader(1).open(&other, &letter).err(), Some(SealError::Letter));
        for index in 0..letter.len() {
            let mut changed = letter.clone();
            changed[index] ^= 1;
            assert!(reader(1).open(&matter, &changed).is_err(), "byte {index}");
        }
        assert!(reader(1).open(&matter, &letter[..31]).is_err());
        assert_ne!(letter, seal(&reader(1).public(), &matter, b"content").unwrap());
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        let mut one = [0; 32];
        one[0] = 1;
        for key in [[0; 32], one] {
            assert_eq!(seal(&key, &Hash([1; 32]), b"x"), Err(SealError::PublicKey));
        }
        assert!(!format!("{:?}", reader(7)).contains('7'));
    }

    proptest! {
        #[test]
        fn random_bytes_are_no_letter(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(reader(1).open(&Hash([1; 32]), &bytes).is_err());
        }
    }
}

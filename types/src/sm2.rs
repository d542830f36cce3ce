//! SM2 signatures with SM3 (GB/T 32918.2, GB/T 32905); the only user of the crates of these names.
//!
//! What is signed is the message behind Z, the digest of the signer's distinguishing identifier,
//! the curve and its key. The identifier is always [`DISTINGUISHING_ID`], which the standard
//! names for the case that nobody agreed on another, so that other programs check our signatures.
//!
//! # Correctness
//! One encoding of each thing: a key is a compressed point (33 bytes, `02` or `03` in front, x
//! below the field's prime), a signature r ‖ s (64 bytes, both from 1 to the order less one).
//! Every other form is not valid. Nonces follow from key and message (RFC 6979 with SM3): no
//! randomness is drawn.

use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::sec1::ToSec1Point;
use sm3::{Digest, Sm3};

/// The signer's identifier in every signature.
pub const DISTINGUISHING_ID: &str = "1234567812345678";

/// Bytes of a key: a compressed point.
pub const KEY_BYTES: usize = 33;
/// Bytes of a signature: r ‖ s.
pub const SIGNATURE_BYTES: usize = 64;

/// The order of the curve less one: a secret for which no signature exists.
const ORDER_LESS_ONE: [u8; 32] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x72, 0x03, 0xdf, 0x6b, 0x21, 0xc6, 0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x22,
];

/// The key that belongs to a secret; none where the bytes are no secret (nought, or the order less
/// one and above).
pub(crate) fn public_key(secret: &[u8; 32]) -> Option<[u8; KEY_BYTES]> {
    if *secret == ORDER_LESS_ONE {
        return None;
    }
    let key = SigningKey::from_slice(DISTINGUISHING_ID, secret).ok()?;
    let point = key.verifying_key().to_sec1_point(true);
    point.as_bytes().try_into().ok()
}

/// Signs a message with a secret that [`public_key`] has a key for.
///
/// # Panics
/// If it has none.
pub(crate) fn sign(secret: &[u8; 32], message: &[u8]) -> [u8; SIGNATURE_BYTES] {
    let key = SigningKey::from_slice(DISTINGUISHING_ID, secret).expect("the secret has a key");
    // It fails where r, s or r + k is nought modulo the order: for one nonce of 2^254.
    let signature: Signature = key.try_sign(message).expect("no nonce known gives nought");
    signature.to_bytes().into()
}

/// Whether a signature over a message is this key's.
pub fn is_valid(key: &[u8; KEY_BYTES], message: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
    let signature = Signature::from_slice(signature);
    let (Some(key), Ok(signature)) = (point(key), signature) else {
        return false;
    };
    key.verify(message, &signature).is_ok()
}

/// Whether the bytes are a key in its one encoding.
pub fn is_key(key: &[u8; KEY_BYTES]) -> bool {
    point(key).is_some()
}

/// The key of a point in the uncompressed form that certificates and OpenSSL write, or in our own.
pub fn key_from_point(bytes: &[u8]) -> Option<[u8; KEY_BYTES]> {
    let is_full = bytes.first() == Some(&0x04) && bytes.len() == 65;
    let is_compressed = matches!(bytes.first(), Some(0x02 | 0x03)) && bytes.len() == KEY_BYTES;
    if !is_full && !is_compressed {
        return None;
    }
    let key = VerifyingKey::from_sec1_bytes(DISTINGUISHING_ID, bytes).ok()?;
    key.to_sec1_point(true).as_bytes().try_into().ok()
}

/// The point of a key in the uncompressed form that certificates and OpenSSL write.
pub fn point_of_key(key: &[u8; KEY_BYTES]) -> Option<[u8; 65]> {
    point(key)?.to_sec1_point(false).as_bytes().try_into().ok()
}

/// SM3 of some bytes, for what others have written. Digests of ours are [`crate::hash`]'s.
pub fn sm3_of(bytes: &[u8]) -> [u8; 32] {
    Sm3::digest(bytes).into()
}

fn point(key: &[u8; KEY_BYTES]) -> Option<VerifyingKey> {
    // Other forms of the same length exist.
    if !matches!(key.first(), Some(0x02 | 0x03)) {
        return None;
    }
    VerifyingKey::from_sec1_bytes(DISTINGUISHING_ID, key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn array<const LENGTH: usize>(digits: &str) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        hex::decode_to_slice(digits, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn sm3_gives_the_digests_of_the_standards_examples() {
        let of = |bytes: &[u8]| hex::encode(sm3_of(bytes));
        assert_eq!(of(b"abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        let long = b"abcd".repeat(16);
        assert_eq!(of(&long), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    }

    #[test]
    fn the_standards_example_of_a_signature_is_valid() {
        let point = array::<65>(concat!(
            "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
            "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
        ));
        let signature = array(concat!(
            "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3",
            "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
        ));
        let secret = array("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
        let key = key_from_point(&point).unwrap();
        assert_eq!(public_key(&secret), Some(key));
        assert!(is_valid(&key, b"message digest", &signature));
    }

    #[test]
    fn a_secret_is_from_one_to_the_order_less_two() {
        let mut highest = ORDER_LESS_ONE;
        highest[31] -= 1;
        let mut one = [0; 32];
        one[31] = 1;
        assert!(public_key(&highest).is_some() && public_key(&one).is_some());
        let mut order = ORDER_LESS_ONE;
        order[31] += 1;
        for none in [[0; 32], ORDER_LESS_ONE, order, [255; 32]] {
            assert_eq!(public_key(&none), None);
        }
        // The key of one is the curve's base point.
        let base = array("0232c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7");
        assert_eq!(public_key(&one), Some(base));
    }

    #[test]
    fn a_key_and_a_signature_have_one_encoding() {
        let secret = [7; 32];
        let (key, signature) = (public_key(&secret).unwrap(), sign(&secret, b"text"));
        assert!(is_key(&key) && is_valid(&key, b"text", &signature));
        assert!(!is_valid(&key, b"test", &signature));
        // The same point in other forms: negated, compact, hybrid; and no point at all.
        for front in (0..=255u8).filter(|front| *front != key[0]) {
            let mut other = key;
            other[0] = front;
            assert!(!is_valid(&other, b"text", &signature), "{front}");
            assert_eq!(is_key(&other), front == 2 || front == 3, "{front}");
        }
        assert!(!is_key(&array(&format!("02{}", "ff".repeat(32)))));
        // s and r beyond the order, and nought.
        let order = array::<32>("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
        for half in [0, 32] {
            let mut nought = signature;
            nought[half..half + 32].copy_from_slice(&[0; 32]);
            assert!(!is_valid(&key, b"text", &nought));
            nought[half..half + 32].copy_from_slice(&order);
            assert!(!is_valid(&key, b"text", &nought));
        }
    }

    #[test]
    fn a_point_written_in_full_is_the_same_key() {
        let key = public_key(&[9; 32]).unwrap();
        let point = point_of_key(&key).unwrap();
        assert_eq!(point[0], 4);
        assert_eq!(key_from_point(&point), Some(key));
        assert_eq!(key_from_point(&key), Some(key));
        let mut off = point;
        off[64] ^= 1;
        assert_eq!(key_from_point(&off), None);
        for hybrid in [6, 7] {
            let mut hybrid_point = point;
            hybrid_point[0] = hybrid;
            assert_eq!(key_from_point(&hybrid_point), None);
        }
        assert_eq!(key_from_point(&[]), None);
    }

    proptest! {
        #[test]
        fn what_is_signed_is_valid_and_what_is_spoilt_is_not(
            secret in any::<[u8; 32]>(),
            message in proptest::collection::vec(any::<u8>(), 0..80),
            place in 0..SIGNATURE_BYTES,
            bit in 0..8u8,
        ) {
            prop_assume!(public_key(&secret).is_some());
            let key = public_key(&secret).unwrap();
            let mut signature = sign(&secret, &message);
            prop_assert_eq!(signature, sign(&secret, &message));
            prop_assert!(is_valid(&key, &message, &signature));
            signature[place] ^= 1 << bit;
            prop_assert!(!is_valid(&key, &message, &signature));
        }
    }
}

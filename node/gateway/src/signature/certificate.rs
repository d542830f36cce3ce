//! The public key in an X.509 certificate, and the two ways in which SM2 signatures are written.

use kanhe_types::sm2;
use spki::der::asn1::UintRef;
use spki::der::{self, Decode, Reader, SliceReader, Tag, TagNumber};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

/// RSA (RFC 8017).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// A key on an elliptic curve (RFC 5480); the parameters name the curve.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The curve of SM2 (GM/T 0006).
const SM2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
/// Bytes of a certificate.
const CERTIFICATE_BYTES_MAX: usize = 16 * 1024;

/// A public key that XML signatures are checked with.
pub(super) enum Key {
    /// Modulus and exponent, big-endian.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// A point of SM2's curve.
    Sm2([u8; sm2::KEY_BYTES]),
}

impl Key {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "an RSA key",
            Self::Sm2(_) => "an SM2 key",
        }
    }
}

/// The key of a certificate; else what was found instead.
pub(super) fn key_of(certificate: &[u8]) -> Result<Key, String> {
    if CERTIFICATE_BYTES_MAX < certificate.len() {
        return Err(format!("{} bytes", certificate.len()));
    }
    let info = public_key_info(certificate).map_err(|error| format!("something else ({error})"))?;
    let bits = info.subject_public_key.as_bytes().ok_or("a key of broken bytes")?;
    let curve = info.algorithm.parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    match (info.algorithm.oid, curve) {
        (RSA, _) => rsa(bits).map_err(|error| format!("a malformed RSA key ({error})")),
        (EC, Some(SM2)) => {
            let key = sm2::key_from_point(bits).ok_or("no point of SM2's curve")?;
            Ok(Key::Sm2(key))
        }
        (EC, Some(curve)) => Err(format!("a key of the curve {curve}")),
        (algorithm, _) => Err(format!("a key of the algorithm {algorithm}")),
    }
}

/// The `SubjectPublicKeyInfo` of a certificate (RFC 5280, section 4.1).
fn public_key_info(certificate: &[u8]) -> Result<SubjectPublicKeyInfoRef<'_>, der::Error> {
    let mut reader = SliceReader::new(certificate)?;
    let info = reader.sequence(|reader| {
        let info = reader.sequence(|content| {
            let version = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
            if Tag::peek(content)? == version {
                content.tlv_bytes()?;
            }
            // Serial number, algorithm, issuer, validity, subject.
            for _ in 0..5 {
                content.tlv_bytes()?;
            }
            let info = SubjectPublicKeyInfoRef::decode(content)?;
            while !content.is_finished() {
                content.tlv_bytes()?;
            }
            Ok::<_, der::Error>(info)
        })?;
        // The issuer's algorithm and signature.
        for _ in 0..2 {
            reader.tlv_bytes()?;
        }
        Ok::<_, der::Error>(info)
    })?;
    reader.finish()?;
    Ok(info)
}

fn rsa(bits: &[u8]) -> Result<Key, der::Error> {
    let (n, e) = two_integers(bits)?;
    Ok(Key::Rsa { n: n.to_vec(), e: e.to_vec() })
}

/// The two integers that a sequence consists of.
fn two_integers(bytes: &[u8]) -> Result<(&[u8], &[u8]), der::Error> {
    let mut reader = SliceReader::new(bytes)?;
    let pair = reader.sequence(|reader| {
        let (one, two) = (UintRef::decode(reader)?, UintRef::decode(reader)?);
        Ok::<_, der::Error>((one.as_bytes(), two.as_bytes()))
    })?;
    reader.finish()?;
    Ok(pair)
}

/// An SM2 signature as r ‖ s, out of r ‖ s or a sequence of both: clients write either.
pub(super) fn sm2_signature(value: &[u8]) -> Option<[u8; sm2::SIGNATURE_BYTES]> {
    if let Ok(both) = value.try_into() {
        return Some(both);
    }
    let (r, s) = two_integers(value).ok()?;
    let mut both = [0; sm2::SIGNATURE_BYTES];
    let (left, right) = both.split_at_mut(32);
    for (half, integer) in [(left, r), (right, s)] {
        let start = half.len().checked_sub(integer.len())?;
        half.get_mut(start..)?.copy_from_slice(integer);
    }
    Some(both)
}

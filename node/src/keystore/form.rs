//! The form of a key inside PKCS#8: an Ed25519 seed (RFC 8410), or an SM2 scalar with its point
//! (RFC 5915, as OpenSSL writes it).

use kanhe_types::keys::{PublicKey, Scheme, SecretKey};
use kanhe_types::sm2;
use pkcs8::der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use pkcs8::der::{self, Decode, Reader, SliceReader, TagMode, TagNumber};
use pkcs8::{AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef};
use zeroize::Zeroizing;

/// Ed25519 (RFC 8410).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// A key on an elliptic curve (RFC 5480); the parameters name the curve.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The curve of SM2 (GM/T 0006).
const SM2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");

/// A secret as PKCS#8 holds it.
pub(super) struct Inner {
    scheme: Scheme,
    bytes: Zeroizing<Vec<u8>>,
}

impl Inner {
    pub(super) fn of(secret: &SecretKey) -> Self {
        let bytes = match secret.public_key() {
            // The seed is an octet string inside the octet string of the key.
            PublicKey::Ed25519(_) => [&[0x04, 0x20], secret.bytes().as_slice()].concat(),
            PublicKey::Sm2(key) => {
                let point = sm2::point_of_key(&key).expect("a secret's key is a point");
                // A sequence of 107 bytes: version 1, the scalar, and under tag 1 the point.
                let version: &[u8] = &[0x30, 0x6b, 0x02, 0x01, 0x01];
                let (scalar, tag): (&[u8], &[u8]) = (&[0x04, 0x20], &[0xa1, 0x44, 0x03, 0x42, 0]);
                [version, scalar, secret.bytes(), tag, &point].concat()
            }
        };
        Self { scheme: secret.scheme(), bytes: Zeroizing::new(bytes) }
    }

    pub(super) fn info(&self) -> PrivateKeyInfoRef<'_> {
        let algorithm = match self.scheme {
            Scheme::Ed25519 => AlgorithmIdentifierRef { oid: ED25519, parameters: None },
            Scheme::Sm2 => AlgorithmIdentifierRef { oid: EC, parameters: Some(AnyRef::from(&SM2)) },
        };
        let bytes = OctetStringRef::new(&self.bytes).expect("so few bytes are an octet string");
        PrivateKeyInfoRef::new(algorithm, bytes)
    }
}

/// The secret in a decrypted key; else what is wrong with it.
pub(super) fn read(key: &PrivateKeyInfoRef<'_>) -> Result<SecretKey, String> {
    let bytes = key.private_key.as_bytes();
    let malformed = |error: der::Error| format!("its key is malformed ({error})");
    let curve = key.algorithm.parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    match (key.algorithm.oid, curve) {
        (ED25519, None) => {
            let seed = <&OctetStringRef>::from_der(bytes).map_err(malformed)?;
            secret(Scheme::Ed25519, seed.as_bytes())
        }
        (EC, Some(SM2)) => {
            let (scalar, point) = ec_key(bytes).map_err(malformed)?;
            let secret = secret(Scheme::Sm2, scalar)?;
            let is_its_own = point.is_none_or(|point| {
                sm2::key_from_point(point).map(PublicKey::Sm2) == Some(secret.public_key())
            });
            match is_its_own {
                true => Ok(secret),
                false => Err("its public key is not that of its secret".into()),
            }
        }
        (EC, Some(curve)) => Err(format!("its curve is {curve}")),
        (algorithm, _) => Err(format!("its algorithm is {algorithm}")),
    }
}

fn secret(scheme: Scheme, bytes: &[u8]) -> Result<SecretKey, String> {
    let wrong = || format!("its key has {} bytes", bytes.len());
    let bytes = Zeroizing::new(<[u8; 32]>::try_from(bytes).map_err(|_| wrong())?);
    SecretKey::new(scheme, *bytes).map_err(|error| error.to_string())
}

/// Scalar and point of an `ECPrivateKey`.
fn ec_key(bytes: &[u8]) -> Result<(&[u8], Option<&[u8]>), der::Error> {
    let mut reader = SliceReader::new(bytes)?;
    let found = reader.sequence(|reader| {
        if u8::decode(reader)? != 1 {
            return Err(reader.error(der::ErrorKind::Failed));
        }
        let scalar = <&OctetStringRef>::decode(reader)?;
        let explicit = TagMode::Explicit;
        // The curve once more; the algorithm has named it.
        let _ = reader.context_specific::<ObjectIdentifier>(TagNumber(0), explicit)?;
        let point = reader.context_specific::<BitStringRef<'_>>(TagNumber(1), explicit)?;
        Ok((scalar.as_bytes(), point.and_then(|point| point.as_bytes())))
    })?;
    reader.finish()?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pkcs8::der::Encode;

    #[test]
    fn both_schemes_come_back() {
        for scheme in [Scheme::Ed25519, Scheme::Sm2] {
            let secret = SecretKey::new(scheme, [7; 32]).expect("a secret");
            let inner = Inner::of(&secret);
            let bytes = inner.info().to_der().expect("it fits");
            let info = PrivateKeyInfoRef::from_der(&bytes).expect("just written");
            let back = read(&info).expect("just written");
            assert_eq!((back.scheme(), back.bytes()), (scheme, secret.bytes()));
        }
    }

    #[test]
    fn a_point_of_another_secret_and_what_is_left_over_are_refused() {
        let secret = SecretKey::new(Scheme::Sm2, [7; 32]).expect("a secret");
        let mut inner = Inner::of(&secret);
        let other = Inner::of(&SecretKey::new(Scheme::Sm2, [8; 32]).expect("a secret"));
        inner.bytes.truncate(44);
        inner.bytes.extend_from_slice(&other.bytes[44..]);
        let error = read(&inner.info()).expect_err("two keys");
        assert!(error.contains("not that of its secret"), "{error}");
        let mut longer = Inner::of(&secret);
        longer.bytes.push(0);
        assert!(read(&longer.info()).is_err());
    }
}

//! How a request shows whose it is: six headers, and one signature over the whole request.
//!
//! The signature covers the genesis hash, method, path with query as sent, organisation, date,
//! nonce and the digest of the body. So a request counts on one chain, for one purpose, for a
//! minute, and once.

use crate::limits::NONCE_BYTES;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::keys::{PublicKey, SecretKey, Signature, SignatureError};
use kanhe_types::signer::{Request, SignError, Signer, Statement};
use kanhe_types::time::Millis;
use std::fmt;
use std::str::FromStr;

/// The header with the genesis hash of the chain that the request is meant for.
pub const GENESIS_HEADER: &str = "kanhe-genesis";
/// The header with the code of the organisation that asks.
pub const ORGANISATION_HEADER: &str = "kanhe-organisation";
/// The header with the operator key that signs.
pub const KEY_HEADER: &str = "kanhe-key";
/// The header with the sender's time in milliseconds since 1970, decimal.
pub const DATE_HEADER: &str = "kanhe-date";
/// The header with the nonce.
pub const NONCE_HEADER: &str = "kanhe-nonce";
/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "kanhe-signature";

/// Random bytes that make a request unlike any other. Written as 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(pub [u8; NONCE_BYTES]);

/// What a signature of a request covers.
#[derive(Clone, Copy, Debug)]
pub struct RequestToSign<'a> {
    /// The chain.
    pub genesis: &'a Hash,
    /// The method, upper case.
    pub method: &'a str,
    /// Path and query exactly as they are sent.
    pub target: &'a str,
    /// Who asks.
    pub organisation: &'a OrganisationCode,
    /// The sender's time.
    pub date: Millis,
    /// Fresh random bytes.
    pub nonce: Nonce,
    /// The whole body; empty where there is none.
    pub body: &'a [u8],
}

/// The headers that a signed request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHeaders {
    /// The chain.
    pub genesis: Hash,
    /// Who asks.
    pub organisation: OrganisationCode,
    /// The operator key that signs.
    pub key: PublicKey,
    /// The sender's time.
    pub date: Millis,
    /// Fresh random bytes.
    pub nonce: Nonce,
    /// The signature.
    pub signature: Signature,
}

/// A header of the signature is missing or does not have its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It is missing.
    #[error("header {0} is missing")]
    Missing(&'static str),
    /// It does not have its form.
    #[error("header {name}: expected {expected}")]
    Malformed {
        /// Which one.
        name: &'static str,
        /// Its form.
        expected: &'static str,
    },
}

impl RequestToSign<'_> {
    /// What is signed.
    pub fn digest(&self) -> Hash {
        self.as_statement().digest(self.genesis)
    }

    fn as_statement(&self) -> Request {
        Request {
            method: self.method.to_owned(),
            target: self.target.to_owned(),
            organisation: self.organisation.clone(),
            date: self.date,
            nonce: self.nonce.0,
            body: sha256_of(self.body),
        }
    }
}

/// Lets a signer sign a request.
///
/// # Errors
/// When it does not answer, or refuses.
pub fn sign_request_with(
    request: &RequestToSign<'_>,
    signer: &dyn Signer,
) -> Result<RequestHeaders, SignError> {
    let statement = Statement::Request(request.as_statement());
    Ok(RequestHeaders {
        genesis: *request.genesis,
        organisation: request.organisation.clone(),
        key: signer.public_key(),
        date: request.date,
        nonce: request.nonce,
        signature: signer.sign_statement(request.genesis, &statement)?,
    })
}

/// Signs a request with an operator key of its organisation.
pub fn sign_request(request: &RequestToSign<'_>, secret: &SecretKey) -> RequestHeaders {
    RequestHeaders {
        genesis: *request.genesis,
        organisation: request.organisation.clone(),
        key: secret.public_key(),
        date: request.date,
        nonce: request.nonce,
        signature: secret.sign(&request.digest()),
    }
}

impl RequestHeaders {
    /// Names and values as they are sent.
    pub fn pairs(&self) -> [(&'static str, String); 6] {
        [
            (GENESIS_HEADER, self.genesis.to_string()),
            (ORGANISATION_HEADER, self.organisation.to_string()),
            (KEY_HEADER, self.key.to_string()),
            (DATE_HEADER, self.date.0.to_string()),
            (NONCE_HEADER, self.nonce.to_string()),
            (SIGNATURE_HEADER, self.signature.to_string()),
        ]
    }

    /// Reads the headers; `value` gives the value of a lower-case name.
    ///
    /// # Errors
    /// Names the first that is missing or malformed.
    pub fn read<'a>(value: impl Fn(&'static str) -> Option<&'a str>) -> Result<Self, HeaderError> {
        fn parsed<T: FromStr>(
            name: &'static str,
            expected: &'static str,
            value: Option<&str>,
        ) -> Result<T, HeaderError> {
            let text = value.ok_or(HeaderError::Missing(name))?;
            text.parse().map_err(|_| HeaderError::Malformed { name, expected })
        }
        let read = |name| (name, value(name));
        let (genesis, organisation, key) =
            (read(GENESIS_HEADER), read(ORGANISATION_HEADER), read(KEY_HEADER));
        let (date, nonce, signature) =
            (read(DATE_HEADER), read(NONCE_HEADER), read(SIGNATURE_HEADER));
        Ok(Self {
            genesis: parsed(genesis.0, "64 hex digits", genesis.1)?,
            organisation: parsed(organisation.0, "1 to 18 letters and digits", organisation.1)?,
            key: parsed(key.0, "`ed25519:` and 64 hex digits, or `sm2:` and 66", key.1)?,
            date: Millis(parsed(date.0, "milliseconds since 1970, decimal", date.1)?),
            nonce: parsed(nonce.0, "32 hex digits", nonce.1)?,
            signature: parsed(
                signature.0,
                "128 hex digits, of an SM2 key behind `sm2:`",
                signature.1,
            )?,
        })
    }

    /// Checks that the key signed this request. Whether the key may is the server's to know.
    ///
    /// # Errors
    /// When it did not.
    pub fn verify(&self, method: &str, target: &str, body: &[u8]) -> Result<(), SignatureError> {
        let request = RequestToSign {
            genesis: &self.genesis,
            method,
            target,
            organisation: &self.organisation,
            date: self.date,
            nonce: self.nonce,
            body,
        };
        self.key.verify(&request.digest(), &self.signature)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is not a nonce.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 32 hex digits")]
pub struct ParseNonceError;

impl FromStr for Nonce {
    type Err = ParseNonceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; NONCE_BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseNonceError)?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"body";

    fn signed() -> RequestHeaders {
        let organisation = "4300000001".parse().expect("a code");
        let request = RequestToSign {
            genesis: &Hash([7; 32]),
            method: "POST",
            target: "/v1/submissions?x=1",
            organisation: &organisation,
            date: Millis(1_795_420_800_000),
            nonce: Nonce([9; NONCE_BYTES]),
            body: BODY,
        };
        sign_request(&request, &SecretKey::from_seed([1; 32]))
    }

    #[test]
    fn a_signature_holds_for_its_own_request_only() {
        let headers = signed();
        assert!(headers.verify("POST", "/v1/submissions?x=1", BODY).is_ok());
        assert!(headers.verify("GET", "/v1/submissions?x=1", BODY).is_err());
        assert!(headers.verify("POST", "/v1/submissions?x=2", BODY).is_err());
        assert!(headers.verify("POST", "/v1/submissions?x=1", b"other").is_err());
        let changes: [fn(&mut RequestHeaders); 5] = [
            |headers| headers.genesis = Hash([8; 32]),
            |headers| headers.organisation = "4300000002".parse().expect("a code"),
            |headers| headers.key = SecretKey::from_seed([2; 32]).public_key(),
            |headers| headers.date = Millis(headers.date.0 + 1),
            |headers| headers.nonce = Nonce([8; NONCE_BYTES]),
        ];
        for change in changes {
            let mut changed = signed();
            change(&mut changed);
            assert!(changed.verify("POST", "/v1/submissions?x=1", BODY).is_err());
        }
    }

    #[test]
    fn headers_come_back_from_their_texts() {
        let headers = signed();
        let pairs = headers.pairs();
        let value = |name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.as_str());
        assert_eq!(RequestHeaders::read(value), Ok(headers));
    }

    #[test]
    fn a_missing_and_a_malformed_header_are_named() {
        let pairs = signed().pairs();
        for (left_out, _) in &pairs {
            let value = |name: &'static str| {
                let pair = pairs.iter().find(|pair| pair.0 == name && name != *left_out);
                pair.map(|pair| pair.1.as_str())
            };
            assert_eq!(RequestHeaders::read(value), Err(HeaderError::Missing(left_out)));
        }
        let error = RequestHeaders::read(|_| Some("x")).expect_err("x is no hash");
        assert_eq!(error.to_string(), "header kanhe-genesis: expected 64 hex digits");
    }

    #[test]
    fn the_digest_is_the_one_that_other_programs_compute() {
        // The value is pinned so that a change of what is signed cannot pass unseen.
        let organisation = "4300000001".parse().expect("a code");
        let request = RequestToSign {
            genesis: &Hash([7; 32]),
            method: "GET",
            target: "/v1/status",
            organisation: &organisation,
            date: Millis(1_795_420_800_000),
            nonce: Nonce([9; NONCE_BYTES]),
            body: b"",
        };
        assert_eq!(
            request.digest().to_string(),
            "5abaf76b682e44e456c9f17b4ec924eca2a2722c4e1b59291fab735d56020114"
        );
    }
}

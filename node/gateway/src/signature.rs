//! The XML signature that a customs message carries: enveloped, over the whole message.
//!
//! One shape is taken, that of the official messages: a `Signature` (XML-DSig) directly inside
//! the message's root, with one reference to the whole document (`URI=""`), the
//! enveloped-signature transform, C14N 1.0 without comments, the signer's certificate in it,
//! and one of two algorithms: SM2 with SM3, or RSA with SHA-1 of old. Everything else is
//! refused by name: other transforms, other references, a second signature, document types,
//! entities, processing instructions, `xml:` attributes.
//!
//! # Correctness
//! What is signed is what is read: the canonical form of the document without its signature, which
//! [`crate::xml`] reads again, must give the same message as the file itself. A signature over some
//! other element that happens to stand in the file counts for nothing.
//!
//! What is checked is that the key of the certificate signed the message. The certificate
//! itself is not among what is signed, so that another one with the same key fits, too. Whether
//! the certificate is trusted, still valid, and whose, is for who knows its authority: the
//! certificate's digest is stated.

mod canonical;
mod certificate;
mod tree;

use crate::error::{ParseError, Position, Problem};
use crate::limits::FILE_BYTES_MAX;
use crate::raw::RawMessage;
use crate::xml::{self, SIGNATURE_NAMESPACE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use certificate::{Key, key_of};
use kanhe_contracts::document::OriginalSignature;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::sm2;
use ring::signature::{RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RsaPublicKeyComponents};
use tree::{Element, Node};

const C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Who signed a message, as far as the message shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer {
    /// How.
    pub algorithm: Algorithm,
    /// SHA-256 of the certificate in the signature, in DER: its usual fingerprint.
    pub certificate: Hash,
}

/// An algorithm of XML signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SM2 with SM3, customs' present one.
    Sm2Sm3,
    /// RSA with SHA-1, customs' earlier one. Weak, and still in use.
    RsaSha1,
}

/// What is wrong with a message's signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: expected {expected}, found {found}; {remedy}")]
pub struct SignatureProblem {
    /// The element.
    pub path: String,
    /// What it must be.
    pub expected: String,
    /// What it is.
    pub found: String,
    /// What to do.
    pub remedy: &'static str,
}

const SIGN_AGAIN: &str = "sign the message again, as the last thing before it is sent";
const OFFICIAL_FORM: &str = "sign with the official client's form: one enveloped signature over the \
                             whole message, sm2-sm3 or rsa-sha1, with the certificate in KeyInfo";

impl Algorithm {
    fn of(uri: &str) -> Option<Self> {
        match uri {
            "http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3" => Some(Self::Sm2Sm3),
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => Some(Self::RsaSha1),
            _ => None,
        }
    }

    /// The digest that goes with it.
    fn digest_uri(self) -> &'static str {
        match self {
            Self::Sm2Sm3 => "http://www.chinaport.gov.cn/2022/04/xmldsig#sm3",
            Self::RsaSha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sm2Sm3 => sm2::sm3_of(bytes).to_vec(),
            Self::RsaSha1 => {
                let sha1 = &ring::digest::SHA1_FOR_LEGACY_USE_ONLY;
                ring::digest::digest(sha1, bytes).as_ref().to_vec()
            }
        }
    }
}

impl From<Signer> for OriginalSignature {
    fn from(signer: Signer) -> Self {
        let certificate = signer.certificate;
        match signer.algorithm {
            Algorithm::Sm2Sm3 => Self::Sm2Sm3 { certificate },
            Algorithm::RsaSha1 => Self::RsaSha1 { certificate },
        }
    }
}

/// Checks the signature of a customs message, bare or in a `DxpMsg` envelope; none where it is
/// not signed. The envelope's own signature is the transport's and is not looked at.
///
/// # Errors
/// When the message cannot be read, its signature has another form, or is not valid.
pub fn verify_xml_signature(bytes: &[u8]) -> Result<Option<Signer>, ParseError> {
    read_signed(bytes).map(|(_, signer)| signer)
}

/// Reads a customs message and checks its signature.
///
/// # Errors
/// As [`xml::parse`] and [`verify_xml_signature`].
pub fn read_signed(bytes: &[u8]) -> Result<(RawMessage, Option<Signer>), ParseError> {
    let message = xml::parse(bytes)?;
    let inner = xml::inner(bytes)?;
    let signer = match &inner {
        None => signer_of(bytes, &message)?,
        Some(inner) => signer_of(inner, &message)
            .map_err(|error| ParseError::unplaced(Problem::Inner(Box::new(error))))?,
    };
    Ok((message, signer))
}

fn signer_of(bytes: &[u8], message: &RawMessage) -> Result<Option<Signer>, ParseError> {
    let text = xml::utf8(bytes)?;
    // Names are written plainly: what does not hold the word has no such element.
    if !text.contains("Signature") {
        return Ok(None);
    }
    let root = tree::parse(text)?;
    let Some(place) = signature_place(&root).map_err(|problem| unplaced(text, problem))? else {
        return Ok(None);
    };
    let signature = root.child_at(place).expect("the place was just found");
    let signer = check(&root, place, signature).map_err(|problem| {
        let offset = signature.offset.min(text.len());
        let position = Some(Position::of_byte(text, offset));
        ParseError { position, problem: Problem::Signature(Box::new(problem)) }
    })?;
    let signed = canonical::document(&root, place);
    if xml::parse(&signed).as_ref() != Ok(message) {
        let path = root.local.clone();
        let (expected, found) = ("the message that is signed", "one that reads differently");
        return Err(unplaced(text, problem(path, expected, found, OFFICIAL_FORM)));
    }
    Ok(Some(signer))
}

fn unplaced(_text: &str, problem: SignatureProblem) -> ParseError {
    ParseError::unplaced(Problem::Signature(Box::new(problem)))
}

fn problem(
    path: impl Into<String>,
    expected: impl Into<String>,
    found: impl Into<String>,
    remedy: &'static str,
) -> SignatureProblem {
    SignatureProblem { path: path.into(), expected: expected.into(), found: found.into(), remedy }
}

/// Where among the root's children its signature stands. There is none elsewhere, and none twice.
fn signature_place(root: &Element) -> Result<Option<usize>, SignatureProblem> {
    let is_signature = |element: &Element| element.is(SIGNATURE_NAMESPACE, "Signature");
    let elements = root.children.iter().enumerate();
    let mut places = elements.filter_map(|(place, node)| match node {
        Node::Element(element) if is_signature(element) => Some(place),
        Node::Element(_) | Node::Text(_) => None,
    });
    let place = places.next();
    let mut count = 0usize;
    root.walk(&mut |element| count = count.saturating_add(usize::from(is_signature(element))));
    if count == usize::from(place.is_some()) {
        return Ok(place);
    }
    let (expected, found) = ("one signature, directly inside the root", format!("{count}"));
    Err(problem(root.local.clone(), expected, found, OFFICIAL_FORM))
}

fn check(root: &Element, place: usize, signature: &Element) -> Result<Signer, SignatureProblem> {
    let path = format!("{}/Signature", root.local);
    let [info, value, key_info] =
        children(&path, signature, ["SignedInfo", "SignatureValue", "KeyInfo"])?;
    let info_path = format!("{path}/SignedInfo");
    let names = ["CanonicalizationMethod", "SignatureMethod", "Reference"];
    let [method, algorithm, reference] = children(&info_path, info, names)?;
    require_algorithm(&format!("{info_path}/CanonicalizationMethod"), method, &[C14N])?;
    let algorithm_path = format!("{info_path}/SignatureMethod");
    let uri = algorithm_uri(&algorithm_path, algorithm)?;
    let algorithm = Algorithm::of(uri)
        .ok_or_else(|| problem(&*algorithm_path, "…#sm2-sm3 or …#rsa-sha1", uri, OFFICIAL_FORM))?;
    let digest = check_reference(&format!("{info_path}/Reference"), reference, algorithm)?;
    if algorithm.digest(&canonical::document(root, place)) != digest {
        let path = format!("{info_path}/Reference/DigestValue");
        let found = "another: the message was changed after it was signed";
        return Err(problem(path, "the digest of this message", found, SIGN_AGAIN));
    }
    let certificate_path = format!("{path}/KeyInfo/X509Data/X509Certificate");
    let certificate = certificate(&path, &certificate_path, key_info)?;
    let key = key_of(&certificate).map_err(|found| {
        problem(&*certificate_path, "an X.509 certificate", found, OFFICIAL_FORM)
    })?;
    let signed = canonical::inside(root, signature, info);
    let value = base64(&format!("{path}/SignatureValue"), value)?;
    match is_valid(algorithm, &key, &signed, &value) {
        Some(true) => Ok(Signer { algorithm, certificate: sha256_of(&certificate) }),
        Some(false) => Err(problem(
            format!("{path}/SignatureValue"),
            "the signature of the certificate's key",
            "one that does not match",
            SIGN_AGAIN,
        )),
        None => Err(problem(
            certificate_path,
            "a key of the algorithm that SignatureMethod names",
            key.name(),
            OFFICIAL_FORM,
        )),
    }
}

/// Whether the key signed the bytes; none where it is of another kind.
fn is_valid(algorithm: Algorithm, key: &Key, signed: &[u8], value: &[u8]) -> Option<bool> {
    match (algorithm, key) {
        (Algorithm::Sm2Sm3, Key::Sm2(key)) => {
            let value = certificate::sm2_signature(value);
            Some(value.is_some_and(|value| sm2::is_valid(key, signed, &value)))
        }
        (Algorithm::RsaSha1, Key::Rsa { n, e }) => {
            let key = RsaPublicKeyComponents { n, e };
            Some(key.verify(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, signed, value).is_ok())
        }
        (Algorithm::Sm2Sm3, Key::Rsa { .. }) | (Algorithm::RsaSha1, Key::Sm2(_)) => None,
    }
}

/// The digest that the one reference states.
fn check_reference(
    path: &str,
    reference: &Element,
    algorithm: Algorithm,
) -> Result<Vec<u8>, SignatureProblem> {
    let uri = reference.attribute("URI");
    if uri != Some("") {
        let (expected, found) = ("URI=\"\", the whole message", uri.unwrap_or("none"));
        return Err(problem(path, expected, shortened(found), OFFICIAL_FORM));
    }
    let names = ["Transforms", "DigestMethod", "DigestValue"];
    let [transforms, method, value] = children(path, reference, names)?;
    let transforms_path = format!("{path}/Transforms");
    let listed = elements(&transforms_path, transforms)?;
    let mut listed = listed.iter();
    let transform_path = format!("{transforms_path}/Transform");
    let missing = || problem(&*transforms_path, ENVELOPED, "none", OFFICIAL_FORM);
    require_transform(&transform_path, listed.next().ok_or_else(missing)?, ENVELOPED)?;
    if let Some(second) = listed.next() {
        require_transform(&transform_path, second, C14N)?;
    }
    if let Some(third) = listed.next() {
        let found = third.attribute("Algorithm").unwrap_or("a third");
        return Err(problem(transform_path, "at most two", shortened(found), OFFICIAL_FORM));
    }
    require_algorithm(&format!("{path}/DigestMethod"), method, &[algorithm.digest_uri()])?;
    base64(&format!("{path}/DigestValue"), value)
}

fn require_transform(path: &str, element: &Element, uri: &str) -> Result<(), SignatureProblem> {
    if !element.is(SIGNATURE_NAMESPACE, "Transform") {
        return Err(problem(path, "Transform", shortened(&element.local), OFFICIAL_FORM));
    }
    require_algorithm(path, element, &[uri])
}

fn require_algorithm(path: &str, element: &Element, uris: &[&str]) -> Result<(), SignatureProblem> {
    let found = algorithm_uri(path, element)?;
    if uris.contains(&found) {
        return Ok(());
    }
    Err(problem(path, uris.join(" or "), shortened(found), OFFICIAL_FORM))
}

/// The `Algorithm` of an element that has no parameters.
fn algorithm_uri<'a>(path: &str, element: &'a Element) -> Result<&'a str, SignatureProblem> {
    if let Some(parameter) = elements(path, element)?.first() {
        return Err(problem(path, "no parameters", shortened(&parameter.local), OFFICIAL_FORM));
    }
    let missing = || problem(path, "an attribute Algorithm", "none", OFFICIAL_FORM);
    element.attribute("Algorithm").ok_or_else(missing)
}

/// The certificate's bytes; the first, where `X509Data` holds its issuers' too.
fn certificate(
    path: &str,
    certificate_path: &str,
    key_info: &Element,
) -> Result<Vec<u8>, SignatureProblem> {
    let inside = |elements: Vec<&'_ Element>, name| -> Option<Element> {
        elements.into_iter().find(|own| own.is(SIGNATURE_NAMESPACE, name)).cloned()
    };
    let missing = || problem(certificate_path, "the signer's certificate", "none", OFFICIAL_FORM);
    let key_info_path = format!("{path}/KeyInfo");
    let found = inside(elements(&key_info_path, key_info)?, "X509Data").ok_or_else(missing)?;
    let data_path = format!("{key_info_path}/X509Data");
    let found = inside(elements(&data_path, &found)?, "X509Certificate").ok_or_else(missing)?;
    base64(certificate_path, &found)
}

/// The elements inside an element that holds nothing else but blanks.
fn elements<'a>(path: &str, element: &'a Element) -> Result<Vec<&'a Element>, SignatureProblem> {
    let mut found = Vec::new();
    for node in &element.children {
        match node {
            Node::Element(child) => found.push(&**child),
            Node::Text(text) if text.trim().is_empty() => {}
            Node::Text(_) => {
                return Err(problem(path, "only elements", "text between them", OFFICIAL_FORM));
            }
        }
    }
    Ok(found)
}

/// The elements of these names, in this order and no others.
fn children<'a, const COUNT: usize>(
    path: &str,
    element: &'a Element,
    names: [&str; COUNT],
) -> Result<[&'a Element; COUNT], SignatureProblem> {
    let found = elements(path, element)?;
    let is_expected = found.len() == COUNT
        && found.iter().zip(names).all(|(own, name)| own.is(SIGNATURE_NAMESPACE, name));
    let of_names = || {
        let found: Vec<String> = found.iter().take(8).map(|own| shortened(&own.local)).collect();
        problem(path, names.join(", "), found.join(", "), OFFICIAL_FORM)
    };
    if !is_expected {
        return Err(of_names());
    }
    let array: Result<[&Element; COUNT], _> = found.clone().try_into();
    array.map_err(|_| of_names())
}

/// The bytes that an element's text stands for.
fn base64(path: &str, element: &Element) -> Result<Vec<u8>, SignatureProblem> {
    let wrong = || problem(path, "base64", "something else", SIGN_AGAIN);
    let mut text = String::new();
    for node in &element.children {
        match node {
            Node::Text(part) => text.push_str(part),
            Node::Element(_) => return Err(wrong()),
        }
    }
    text.retain(|character| !character.is_ascii_whitespace());
    if FILE_BYTES_MAX < text.len() {
        return Err(wrong());
    }
    STANDARD.decode(text).map_err(|_| wrong())
}

fn shortened(text: &str) -> String {
    crate::error::shortened(text, 80)
}

#[cfg(test)]
mod tests;

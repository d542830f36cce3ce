use super::*;
use crate::error::Problem;
use proptest::prelude::*;

/// Signed by xmlsec1 and OpenSSL, see `tests/signatures/make.py`.
const RSA_PLAIN: &str = include_str!("../../tests/signatures/rsa-plain.xml");
const RSA_ODD: &str = include_str!("../../tests/signatures/rsa-odd.xml");
const SM2_PLAIN: &str = include_str!("../../tests/signatures/sm2-plain.xml");
const SM2_ODD: &str = include_str!("../../tests/signatures/sm2-odd.xml");
/// What xmlsec1 digested.
const CANONICAL_PLAIN: &str = include_str!("../../tests/signatures/canonical-plain.txt");
const CANONICAL_ODD: &str = include_str!("../../tests/signatures/canonical-odd.txt");
/// Fingerprints of the certificates, as OpenSSL prints them.
const RSA: &str = "429ccd624564aede3dd80d0631c9188b388140e852b99cc017032c0925fdd4fd";
const SM2: &str = "7745013bf209db8ef3877cad9ebf0709beb628316be95803e6a82a61ca47df4b";

fn signer(text: &str) -> Signer {
    verify_xml_signature(text.as_bytes()).unwrap().expect("it is signed")
}

/// Why a text is refused.
fn refused(text: &str) -> String {
    verify_xml_signature(text.as_bytes()).expect_err("it is refused").to_string()
}

/// The place and the reason of a refusal that concerns the signature.
fn of_signature(text: &str) -> SignatureProblem {
    let error = verify_xml_signature(text.as_bytes()).expect_err("it is refused");
    match error.problem {
        Problem::Signature(problem) => *problem,
        other => unreachable!("{other}"),
    }
}

/// A text with one part replaced, which it has.
fn with(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1)
}

#[test]
fn messages_that_other_programs_signed_are_valid() {
    let expected = [
        (RSA_PLAIN, Algorithm::RsaSha1, RSA),
        (RSA_ODD, Algorithm::RsaSha1, RSA),
        (SM2_PLAIN, Algorithm::Sm2Sm3, SM2),
        (SM2_ODD, Algorithm::Sm2Sm3, SM2),
    ];
    for (text, algorithm, fingerprint) in expected {
        let certificate = fingerprint.parse().unwrap();
        assert_eq!(signer(text), Signer { algorithm, certificate });
    }
}

#[test]
fn the_canonical_form_is_that_of_another_program() {
    for (text, expected) in [(RSA_PLAIN, CANONICAL_PLAIN), (RSA_ODD, CANONICAL_ODD)] {
        let root = tree::parse(text).unwrap();
        let place = signature_place(&root).unwrap().unwrap();
        let found = canonical::document(&root, place);
        assert_eq!(String::from_utf8(found).unwrap(), expected);
    }
}

#[test]
fn a_message_without_a_signature_is_unsigned() {
    let (before, rest) = SM2_PLAIN.split_once("<ds:Signature ").unwrap();
    let (_, after) = rest.split_once("</ds:Signature>").unwrap();
    let unsigned = format!("{before}{after}");
    assert_eq!(verify_xml_signature(unsigned.as_bytes()), Ok(None));
    let word = with(&unsigned, "虚构支付企业", "Signature");
    assert_eq!(verify_xml_signature(word.as_bytes()), Ok(None));
}

#[test]
fn a_message_in_an_envelope_is_checked_like_a_bare_one() {
    let envelope = |text: &str| {
        let data = STANDARD.encode(text);
        format!(
            "<DxpMsg xmlns=\"http://www.chinaport.gov.cn/dxp\"><TransInfo/><Data>{data}</Data>\
             <Signature/></DxpMsg>"
        )
    };
    assert_eq!(signer(&envelope(SM2_ODD)), signer(SM2_ODD));
    let changed = envelope(&with(SM2_ODD, "118.50", "118.51"));
    assert!(refused(&changed).contains("in the envelope's Data: "), "{}", refused(&changed));
}

#[test]
fn what_was_changed_after_signing_is_refused_with_element_and_remedy() {
    for text in [RSA_PLAIN, RSA_ODD, SM2_PLAIN, SM2_ODD] {
        let found = of_signature(&with(text, "118.50", "118.51"));
        assert_eq!(found.path, "CEB411Message/Signature/SignedInfo/Reference/DigestValue");
        let said = refused(&with(text, "118.50", "118.51"));
        assert!(said.contains("changed after it was signed; sign the message again"), "{said}");
    }
    // The digest is put right again, the signature is not.
    let changed = with(SM2_PLAIN, "118.50", "118.51");
    let root = tree::parse(&changed).unwrap();
    let place = signature_place(&root).unwrap().unwrap();
    let digest = STANDARD.encode(sm2::sm3_of(&canonical::document(&root, place)));
    let (before, rest) = changed.split_once("<ds:DigestValue>").unwrap();
    let (_, after) = rest.split_once("</ds:DigestValue>").unwrap();
    let forged = format!("{before}<ds:DigestValue>{digest}</ds:DigestValue>{after}");
    assert_eq!(of_signature(&forged).path, "CEB411Message/Signature/SignatureValue");
}

#[test]
fn another_certificate_is_refused() {
    let certificate = |text: &str| -> String {
        let (_, rest) = text.split_once("<ds:X509Certificate>").unwrap();
        rest.split_once("</ds:X509Certificate>").unwrap().0.to_owned()
    };
    let crossed = with(SM2_PLAIN, &certificate(SM2_PLAIN), &certificate(RSA_PLAIN));
    assert_eq!(of_signature(&crossed).found, "an RSA key");
    let none = with(SM2_PLAIN, &certificate(SM2_PLAIN), "AAAA");
    assert!(of_signature(&none).path.ends_with("/X509Certificate"));
}

#[test]
fn every_other_form_is_refused_by_name() {
    let transform =
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
    let xpath = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/>";
    let parameter = transform.replace("/>", "><ds:XPath>1</ds:XPath></ds:Transform>");
    let three = format!(
        "{transform}{}{xpath}",
        xpath.replace("TR/1999/REC-xpath-19991116", "TR/2001/REC-xml-c14n-20010315")
    );
    let cases = [
        ("URI=\"\"", "URI=\"#payment\"".to_owned(), "#payment"),
        ("URI=\"\"", "URI=\"http://example.org/a.xml\"".to_owned(), "http://example.org/a.xml"),
        (" URI=\"\"", String::new(), "none"),
        (transform, xpath.to_owned(), "REC-xpath-19991116"),
        (transform, format!("{transform}{xpath}"), "REC-xpath-19991116"),
        (transform, three, "REC-xpath-19991116"),
        (transform, parameter, "XPath"),
        (transform, String::new(), "none"),
        ("REC-xml-c14n-20010315", "REC-xml-c14n-20010315#WithComments".to_owned(), "#WithComments"),
        ("xmldsig#sm2-sm3", "xmldsig#hmac-sha1".to_owned(), "hmac-sha1"),
        ("xmldsig#sm3", "xmldsig#sha1".to_owned(), "xmldsig#sha1"),
        ("</ds:Signature>", "<ds:Object/></ds:Signature>".to_owned(), "Object"),
        ("<ds:KeyInfo>", "<ds:KeyInfo>text".to_owned(), "text between them"),
    ];
    for (old, new, named) in cases {
        let said = refused(&with(SM2_PLAIN, old, &new));
        assert!(said.contains(named), "{new}: {said}");
    }
    let keyless = ["<ds:X509Data>", "<ds:X509Certificate>"].map(|open| {
        let close = open.replace('<', "</");
        let (before, rest) = SM2_PLAIN.split_once(open).unwrap();
        let (_, after) = rest.split_once(&close).unwrap();
        format!("{before}{after}")
    });
    for text in keyless {
        assert_eq!(of_signature(&text).expected, "the signer's certificate");
    }
}

#[test]
fn what_a_canonical_form_would_have_to_interpret_is_refused() {
    let root = "<ceb:CEB411Message ";
    let cases = [
        (root, format!("<!DOCTYPE a>{root}"), "document type"),
        (root, format!("<?xml-stylesheet href=\"a\"?>{root}"), "processing instruction"),
        (root, format!("{root}xml:lang=\"zh\" "), "xml: attribute"),
        (root, format!("{root}xmlns:xml=\"http://www.w3.org/XML/1998/namespace\" "), "xmlns:xml"),
        (root, format!("{root}q:a=\"1\" "), "no namespace"),
        (root, format!("{root}a=\"&b;\" "), "&b;"),
        ("118.50", "&amount;".to_owned(), "&amount;"),
    ];
    for (old, new, named) in cases {
        let said = refused(&with(SM2_PLAIN, old, &new));
        assert!(said.contains(named), "{new}: {said}");
    }
}

#[test]
fn a_signature_counts_only_directly_inside_the_root_and_once() {
    let (before, rest) = SM2_PLAIN.split_once("<ds:Signature ").unwrap();
    let (inside, after) = rest.split_once("</ds:Signature>").unwrap();
    let signature = format!("<ds:Signature {inside}</ds:Signature>");
    let extension = |content: &str| {
        format!(
            "<ceb:ExtendMessage><ceb:name>x</ceb:name><ceb:Message>{content}</ceb:Message>\
             </ceb:ExtendMessage>"
        )
    };
    let moved = format!("{before}{}{after}", extension(&signature));
    let twice = format!("{before}{signature}{signature}{after}");
    let hidden = format!("{before}{signature}{}{after}", extension(&signature));
    // The signed message inside an unsigned one that says something else.
    let signed = SM2_PLAIN.split_once("?>").unwrap().1;
    let wrapped = format!("{before}{}{after}", extension(signed));
    for text in [moved, twice, hidden, wrapped.replacen("118.50", "999.99", 1)] {
        let found = of_signature(&text);
        assert_eq!(found.expected, "one signature, directly inside the root", "{text}");
    }
}

#[test]
fn an_sm2_signature_is_r_and_s_or_a_sequence_of_both() {
    let both: Vec<u8> = (1..=64).collect();
    let mut sequence = vec![0x30, 0x44, 0x02, 0x20];
    sequence.extend_from_slice(&both[..32]);
    sequence.extend_from_slice(&[0x02, 0x20]);
    sequence.extend_from_slice(&both[32..]);
    let expected: [u8; 64] = both.clone().try_into().unwrap();
    assert_eq!(certificate::sm2_signature(&both), Some(expected));
    assert_eq!(certificate::sm2_signature(&sequence), Some(expected));
    // Leading noughts are left out of integers.
    let short = [0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x06];
    let short = certificate::sm2_signature(&short).unwrap();
    assert_eq!((short[31], short[63]), (5, 6));
    sequence.push(0);
    for none in [&sequence[..], &both[..63], &[]] {
        assert_eq!(certificate::sm2_signature(none), None);
    }
}

proptest! {
    /// Whatever is done to a signed message, it is refused, or says what it said.
    #[test]
    fn a_spoilt_message_is_refused_or_reads_the_same(
        is_odd in any::<bool>(),
        place in any::<prop::sample::Index>(),
        removed in 0..4usize,
        added in prop::sample::select(vec![
            "", "0", " ", "\n", "\r", "<!-- -->", "<![CDATA[1]]>", "&#49;", "&amp;", "<a/>", "é", ">", "]]>",
            " xmlns=\"\"", " a=\"1\"", "</ceb:Payment>", "\u{FEFF}",
        ]),
    ) {
        let text = if is_odd { SM2_ODD } else { SM2_PLAIN };
        let mut characters: Vec<char> = text.chars().collect();
        let start = place.index(characters.len());
        let end = (start + removed).min(characters.len());
        characters.splice(start..end, added.chars());
        let changed: String = characters.into_iter().collect();
        if let Ok((message, Some(found))) = read_signed(changed.as_bytes()) {
            prop_assert_eq!(message, xml::parse(text.as_bytes()).unwrap());
            // The certificate is not among what is signed: another one of the same key fits, too.
            let certificate = |text: &str| text.split("X509Certificate").nth(1).map(str::to_owned);
            prop_assert_eq!(found.algorithm, signer(text).algorithm);
            let is_same = found == signer(text);
            prop_assert!(is_same || certificate(&changed) != certificate(text));
        }
    }

    #[test]
    fn anything_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = certificate::key_of(&bytes).is_ok();
        let _ = verify_xml_signature(&bytes).is_ok();
    }
}

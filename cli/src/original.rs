//! What an original shows of the document that commits to it: whether it is the one that was
//! committed to, and whether it says what the ledger says.
//!
//! Nothing personal leaves this file: personal values are compared by their pseudonyms.

use crate::answer::CliError;
use crate::pseudonyms::Pseudonyms;
use kanhe_contracts::document::{Document, OriginalSignature};
use kanhe_contracts::limits::FINDING_VALUE_CHARS_MAX;
use kanhe_gateway::read::read_original;
use kanhe_privacy::vault::{SALT_BYTES, commitment};
use kanhe_types::codec::{self, Decode, Encode};
use serde::Serialize;
use serde_json::Value;

/// What travels in a sealed letter.
#[derive(Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Letter {
    /// What hides the original in its commitment.
    pub salt: [u8; SALT_BYTES],
    /// The original.
    pub bytes: Vec<u8>,
}

/// What an original shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The first difference; none where there is none.
    pub difference: Option<Difference>,
    /// Whether the original carries an XML signature, which was checked.
    pub is_signed: bool,
}

/// A difference between the ledger and an original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What was compared.
    pub field: String,
    /// What the ledger has.
    pub ledger: String,
    /// What the original has; personal values as pseudonyms.
    pub original: String,
}

impl Difference {
    fn new(field: &str, ledger: impl ToString, original: impl ToString) -> Self {
        let bounded = |text: String| {
            let text: String = text
                .chars()
                .map(|character| if character.is_control() { ' ' } else { character })
                .take(FINDING_VALUE_CHARS_MAX)
                .collect();
            if text.trim().is_empty() { "-".to_owned() } else { text }
        };
        Self {
            field: bounded(field.to_owned()),
            ledger: bounded(ledger.to_string()),
            original: bounded(original.to_string()),
        }
    }
}

/// Compares an opened letter with the document on the ledger, whose pseudonyms are made again.
/// `content` is none where the letter could not be opened.
///
/// # Errors
/// When pseudonyms cannot be made again.
pub fn compare(
    pseudonyms: &mut Pseudonyms,
    ledger: &Document,
    content: Option<&[u8]>,
) -> Result<Shown, CliError> {
    let found = |difference| Ok(Shown { difference: Some(difference), is_signed: false });
    let committed = ledger.original.map_or("no commitment".to_owned(), |own| own.to_string());
    let letter: Option<Letter> =
        content.and_then(|content| codec::decode(content, content.len()).ok());
    let Some(letter) = letter else {
        return found(Difference::new("original", committed, "a letter that cannot be opened"));
    };
    let own = commitment(&letter.salt, &letter.bytes);
    if ledger.original != Some(own) {
        return found(Difference::new("original", committed, own));
    }
    content_of(pseudonyms, ledger, &letter.bytes)
}

/// Maps an original again, checks its signature, and compares what comes out.
fn content_of(
    pseudonyms: &mut Pseudonyms,
    ledger: &Document,
    bytes: &[u8],
) -> Result<Shown, CliError> {
    let (raw, original_signature) = match read_original(bytes) {
        Ok(read) => read,
        // The text names places and forms, never values.
        Err(error) => {
            let difference = Difference::new("original", "a customs message", error);
            return Ok(Shown { difference: Some(difference), is_signed: false });
        }
    };
    let is_signed = original_signature != OriginalSignature::Unsigned;
    let mut fault = None;
    for converted in pseudonyms.convert_raw(&raw, "the original")? {
        match converted {
            Ok(document) if document.guid == ledger.guid => {
                let original = ledger.original;
                let document = Document { original, original_signature, ..document };
                let difference = first_difference(ledger, &document);
                return Ok(Shown { difference, is_signed });
            }
            Ok(_) => {}
            Err(error) => {
                fault = Some(Difference::new(&error.path, error.expected, error.found));
            }
        }
    }
    let absent = || Difference::new("guid", &ledger.guid, "no document with this guid");
    Ok(Shown { difference: Some(fault.unwrap_or_else(absent)), is_signed })
}

/// The first field in which two documents differ, by their JSON.
fn first_difference(ledger: &Document, original: &Document) -> Option<Difference> {
    if ledger == original {
        return None;
    }
    let json = |document| serde_json::to_value(document).expect("documents have text keys");
    let different = different(String::new(), &json(ledger), &json(original));
    // Documents that differ have different JSON; the whole is named if one day they had not.
    different.or_else(|| Some(Difference::new("document", "one", "another")))
}

fn different(path: String, ledger: &Value, original: &Value) -> Option<Difference> {
    if ledger == original {
        return None;
    }
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (ledger, original) {
        (Value::Object(one), Value::Object(other)) => {
            let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
            names.into_iter().find_map(|name| {
                let value = |of: &serde_json::Map<String, Value>| {
                    of.get(name).cloned().unwrap_or(Value::Null)
                };
                // What the body says is named without the word for it.
                let path = if name == "body" { path.clone() } else { below(name) };
                different(path, &value(one), &value(other))
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = (1usize..).zip(one.iter().zip(other));
            pairs.into_iter().find_map(|(number, (one, other))| {
                different(format!("{path}[{number}]"), one, other)
            })
        }
        (Value::Array(one), Value::Array(other)) => Some(Difference::new(
            &path,
            format!("{} entries", one.len()),
            format!("{} entries", other.len()),
        )),
        _ => Some(Difference::new(&path, text(ledger), text(original))),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_contracts::document::Body;
    use kanhe_contracts::fixture::{self, Trade};
    use kanhe_gateway::field_table::MessageType;
    use kanhe_gateway::pseudonymise::PseudonymKey;
    use kanhe_gateway::raw::RawMessage;
    use kanhe_gateway::world::{Codes, World, WorldConfig};
    use kanhe_gateway::write::{XmlStyle, xml};

    fn pseudonyms() -> Pseudonyms {
        Pseudonyms::Local(PseudonymKey { scope: fixture::SCOPE, key: [7; 32] })
    }

    /// An order as a customs message.
    fn message() -> RawMessage {
        let world = World::generate(&WorldConfig {
            seed: 1,
            trades: 20,
            organisations: Codes {
                platform: fixture::code(fixture::PLATFORM),
                merchant: fixture::code(fixture::MERCHANT),
                payment: fixture::code(fixture::PAYMENT_FIRM),
                carrier: fixture::code(fixture::CARRIER),
                agency: fixture::code(fixture::AGENCY),
            },
            first_person: 0,
            start: fixture::time("20261123080000"),
        });
        let mut messages = world.messages.into_iter().map(|file| file.raw);
        let is_order = |raw: &RawMessage| raw.message_type == MessageType::Ceb311;
        let mut raw = messages.find(is_order).expect("a day has orders");
        raw.documents.truncate(1);
        raw
    }

    fn document(raw: &RawMessage) -> Document {
        let mut converted = pseudonyms().convert_raw(raw, "x").expect("a key at hand");
        converted.remove(0).expect("the world's documents are good")
    }

    /// The document that commits to `bytes`, and the letter with them.
    fn committed(document: Document, bytes: Vec<u8>) -> (Document, Vec<u8>) {
        let letter = Letter { salt: [5; SALT_BYTES], bytes };
        let original = Some(commitment(&letter.salt, &letter.bytes));
        (Document { original, ..document }, codec::encode(&letter))
    }

    fn field(ledger: &Document, content: Option<&[u8]>) -> Option<Difference> {
        compare(&mut pseudonyms(), ledger, content).expect("a key at hand").difference
    }

    #[test]
    fn an_original_that_says_the_same_agrees() {
        let raw = message();
        let (ledger, letter) = committed(document(&raw), xml(&raw, XmlStyle::default()));
        assert_eq!(field(&ledger, Some(&letter)), None);
    }

    #[test]
    fn an_original_that_says_something_else_is_named_by_its_field() {
        let raw = message();
        let mut other = raw.clone();
        other.documents[0].head.set("payTransactionId", "OTHER1");
        let (ledger, letter) = committed(document(&raw), xml(&other, XmlStyle::default()));
        let found = field(&ledger, Some(&letter)).expect("they differ");
        assert_eq!((found.field.as_str(), found.original.as_str()), ("payTransactionId", "OTHER1"));
        // A personal value is told by its pseudonym, and an unreadable one by its length.
        let mut other = raw.clone();
        other.documents[0].head.set("buyerName", "测试冒名");
        let (ledger, letter) = committed(document(&raw), xml(&other, XmlStyle::default()));
        let found = field(&ledger, Some(&letter)).expect("they differ");
        assert_eq!((found.field.as_str(), found.original.len()), ("buyerName", 32));
        let mut other = raw.clone();
        other.documents[0].head.set("buyerTelephone", "测试无号");
        let (ledger, letter) = committed(document(&raw), xml(&other, XmlStyle::default()));
        let found = field(&ledger, Some(&letter)).expect("they differ");
        assert!(found.field.ends_with("buyerTelephone"), "{found:?}");
        assert!(!found.original.contains("测试"), "{found:?}");
    }

    #[test]
    fn a_signature_of_the_original_is_checked() {
        let bytes = include_bytes!("../../node/gateway/tests/signatures/sm2-plain.xml").to_vec();
        let (raw, original_signature) = read_original(&bytes).expect("a signed message");
        assert!(matches!(original_signature, OriginalSignature::Sm2Sm3 { .. }));
        let signed = Document { original_signature, ..document(&raw) };
        let shown = |document: Document, bytes: Vec<u8>| {
            let (ledger, letter) = committed(document, bytes);
            compare(&mut pseudonyms(), &ledger, Some(&letter)).expect("a key at hand")
        };
        let agrees = Shown { difference: None, is_signed: true };
        assert_eq!(shown(signed.clone(), bytes.clone()), agrees);
        // The message was changed after it was signed, in a place that documents do not show.
        let text = String::from_utf8(bytes.clone()).expect("text");
        let place = text.rfind("</").expect("an end of the message");
        let spoilt = [&text[..place], " ", &text[place..]].concat().into_bytes();
        let difference = shown(signed, spoilt).difference.expect("the signature does not hold");
        assert_eq!(
            (difference.field.as_str(), difference.ledger.as_str()),
            ("original", "a customs message")
        );
        // The sender said that nobody had signed.
        let difference = shown(document(&raw), bytes).difference.expect("somebody has");
        assert!(difference.field.starts_with("originalSignature"), "{difference:?}");
    }

    #[test]
    fn what_was_not_committed_to_or_is_no_message_is_told() {
        let raw = message();
        let bytes = xml(&raw, XmlStyle::default());
        let (ledger, letter) = committed(document(&raw), bytes.clone());
        let other =
            Document { original: Some(commitment(&[6; SALT_BYTES], &bytes)), ..ledger.clone() };
        assert_eq!(field(&other, Some(&letter)).expect("another").field, "original");
        let none = Document { original: None, ..ledger.clone() };
        assert_eq!(field(&none, Some(&letter)).expect("none").ledger, "no commitment");
        let unopened = field(&ledger, None).expect("nothing to read");
        assert_eq!(unopened.original, "a letter that cannot be opened");
        assert!(field(&ledger, Some(b"garbage")).is_some());
        let (ledger, letter) = committed(document(&raw), b"<a/>".to_vec());
        assert_eq!(field(&ledger, Some(&letter)).expect("no message").field, "original");
        let mut other = raw.clone();
        other.documents[0].head.set("guid", "A".repeat(36));
        let (ledger, letter) = committed(document(&raw), xml(&other, XmlStyle::default()));
        assert_eq!(field(&ledger, Some(&letter)).expect("another document").field, "guid");
    }

    #[test]
    fn the_first_difference_is_named_with_both_values() {
        let ledger = fixture::order(&Trade::new(1));
        assert_eq!(first_difference(&ledger, &ledger.clone()), None);
        let mut original = ledger.clone();
        let Body::Order(order) = &mut original.body else { unreachable!() };
        order.lines[1].qty = fixture::decimal("5");
        let found = first_difference(&ledger, &original).expect("they differ");
        let expected = Difference::new("lines[2].qty", "4", "5");
        assert_eq!(found, expected);
        let Body::Order(order) = &mut original.body else { unreachable!() };
        order.lines.pop();
        order.pay_name = None;
        let found = first_difference(&ledger, &original).expect("they differ");
        assert!(["lines", "payName"].contains(&found.field.as_str()), "{found:?}");
    }

    #[test]
    fn values_fit_the_ledger() {
        let long = Difference::new("x\n", "长".repeat(300), "");
        assert_eq!(long.ledger.chars().count(), FINDING_VALUE_CHARS_MAX);
        assert_eq!((long.field.as_str(), long.original.as_str()), ("x ", "-"));
    }
}

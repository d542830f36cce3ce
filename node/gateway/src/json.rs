//! The same messages as JSON, and typed documents made elsewhere.
//!
//! A message: `{"message":"CEB311Message","sender":"4300000001","documents":[{"head":{"orderNo":
//! "..."},"lines":[{"gnum":"1"}]}]}`. Every field is a text in quotes, numbers too, because JSON
//! numbers pass through floats in too many programs. Typed documents (with pseudonyms already) are
//! an object with the key `body`, or an array of them.

use crate::error::{ParseError, Position, Problem, shortened};
use crate::field_table::{Field, MessageType};
use crate::limits::{DOCUMENTS_MAX, FILE_BYTES_MAX, TEXT_BYTES_MAX};
use crate::raw::{RawDocument, RawFields, RawMessage};
use kanhe_contracts::document::Document;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// What a JSON file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A message as its sender wrote it.
    Message(RawMessage),
    /// Documents with pseudonyms, made elsewhere.
    Documents(Vec<Document>),
}

/// Reads a message or typed documents from JSON.
///
/// # Errors
/// When the bytes are neither.
pub fn parse(bytes: &[u8]) -> Result<Content, ParseError> {
    if FILE_BYTES_MAX < bytes.len() {
        let problem = Problem::TooLarge { max: FILE_BYTES_MAX, found: bytes.len() };
        return Err(ParseError::unplaced(problem));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| ParseError::unplaced(Problem::NotUtf8 { at: error.valid_up_to() }))?;
    if text.trim_start().starts_with('[') {
        return documents(from_text(text)?);
    }
    let shape: Shape = from_text(text)?;
    if shape.body.is_some() {
        return documents(vec![from_text(text)?]);
    }
    let message: JsonMessage = from_text(text)?;
    raw_message(message).map(Content::Message)
}

fn documents(documents: Vec<Document>) -> Result<Content, ParseError> {
    check_count(documents.len())?;
    Ok(Content::Documents(documents))
}

fn check_count(count: usize) -> Result<(), ParseError> {
    match count {
        0 => Err(ParseError::unplaced(Problem::NoDocuments)),
        _ if DOCUMENTS_MAX < count => Err(ParseError::unplaced(Problem::TooManyDocuments)),
        _ => Ok(()),
    }
}

fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, ParseError> {
    serde_json::from_str(text).map_err(|error| {
        let place = Position { line: error.line(), column: error.column() };
        ParseError {
            position: (0 < place.line).then_some(place),
            problem: Problem::Json(without_values(&error.to_string())),
        }
    })
}

/// A decoder's text without the values in it, which may be personal, and without its own place,
/// which the error carries. Names of fields stay.
fn without_values(text: &str) -> String {
    // Quotes first: what stands in them may look like anything, a place too.
    let text = without_span(text, '"');
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _)| before);
    let names_field = ["unknown field", "missing field", "duplicate field"]
        .iter()
        .any(|start| text.starts_with(start));
    let text = if names_field { text.to_owned() } else { without_span(text, '`') };
    shortened(&text, 300)
}

/// A text without what stands between its first and its last `mark`.
fn without_span(text: &str, mark: char) -> String {
    match (text.split_once(mark), text.rsplit_once(mark)) {
        (Some((before, _)), Some((_, after))) => format!("{before}…{after}"),
        _ => text.to_owned(),
    }
}

/// Tells a typed document from a message, without keeping either.
#[derive(Deserialize)]
struct Shape {
    body: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonMessage {
    message: String,
    #[serde(default)]
    sender: Option<String>,
    documents: Vec<JsonDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonDocument {
    head: Pairs,
    #[serde(default)]
    lines: Vec<Pairs>,
}

/// An object of texts, with repeats kept so that they can be refused.
struct Pairs(Vec<(String, String)>);

/// A text; numbers, truth values and structures are refused without being shown.
struct Quoted(String);

fn raw_message(message: JsonMessage) -> Result<RawMessage, ParseError> {
    let name = message.message;
    let Some(message_type) = MessageType::from_name(&name) else {
        let problem = if name.starts_with("CEB") {
            Problem::of_name(&name)
        } else {
            Problem::UnknownRoot(shortened(&name, 60))
        };
        return Err(ParseError::unplaced(problem));
    };
    check_count(message.documents.len())?;
    let table = message_type.table();
    let mut documents = Vec::with_capacity(message.documents.len());
    for (number, document) in (1usize..).zip(message.documents) {
        let path = format!("{}[{number}]", table.document);
        let head = raw_fields(document.head, table.head_fields, &table.head_path(&path))?;
        let mut lines = Vec::with_capacity(document.lines.len());
        for (line, pairs) in (1usize..).zip(document.lines) {
            let path =
                format!("{path}/{}[{line}]", table.lines.map_or("lines", |lines| lines.element));
            lines.push(raw_fields(pairs, table.line_fields(), &path)?);
        }
        documents.push(RawDocument { head, lines });
    }
    let sender = message.sender.map(|sender| sender.trim().to_owned());
    let sender = sender.filter(|sender| !sender.is_empty());
    Ok(RawMessage { message_type, sender, documents })
}

fn raw_fields(pairs: Pairs, table: &'static [Field], path: &str) -> Result<RawFields, ParseError> {
    let mut fields = RawFields::default();
    let mut seen = BTreeSet::new();
    for (name, text) in pairs.0 {
        let path = format!("{path}/{}", shortened(&name, 60));
        let Some(field) = table.iter().find(|field| field.name == name) else {
            return Err(ParseError::unplaced(Problem::UnknownElement { path }));
        };
        if !seen.insert(field.name) {
            return Err(ParseError::unplaced(Problem::Duplicate { path }));
        }
        if TEXT_BYTES_MAX < text.len() {
            return Err(ParseError::unplaced(Problem::TextTooLong { path }));
        }
        fields.set(field.name, text);
    }
    Ok(fields)
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, Quoted(text))) = map.next_entry()? {
                    pairs.push((name, text));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

impl<'de> Deserialize<'de> for Quoted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct QuotedVisitor;

        const EXPECTED: &str = "expected a text in quotes (numbers too) for every field";

        impl<'de> Visitor<'de> for QuotedVisitor {
            type Value = Quoted;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in quotes (numbers too)")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Quoted, E> {
                Ok(Quoted(text.to_owned()))
            }

            fn visit_unit<E: Error>(self) -> Result<Quoted, E> {
                Ok(Quoted(String::new()))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Quoted, E> {
                Err(E::custom(EXPECTED))
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<Quoted, E> {
                Err(E::custom(EXPECTED))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Quoted, E> {
                Err(E::custom(EXPECTED))
            }
        }
        deserializer.deserialize_any(QuotedVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect::check;

    mod expect {
        /// The text of the error that `json` is refused with.
        pub(super) fn check(json: &str, expected: &str) {
            let error = super::parse(json.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    fn attestation(head: &str) -> String {
        format!(r#"{{"message":"IdentityAttestation","documents":[{{"head":{{{head}}}}}]}}"#)
    }

    #[test]
    fn a_message_comes_with_its_texts() {
        let json = attestation(r#""name":" 测试某甲 ","guid":null"#);
        let Content::Message(message) = parse(json.as_bytes()).unwrap() else { unreachable!() };
        assert_eq!(message.documents[0].head.get("name"), Some("测试某甲"));
        assert_eq!(message.documents[0].head.get("guid"), None);
    }

    #[test]
    fn a_number_without_quotes_is_refused_and_not_shown() {
        let json = attestation(r#""idNumber":19700101001"#);
        check(&json, "expected a text in quotes");
        assert!(!parse(json.as_bytes()).unwrap_err().to_string().contains("19700101001"));
        check(&attestation(r#""idNumber":1.5"#), "expected a text in quotes");
        check(&attestation(r#""idNumber":["x"]"#), "a text in quotes");
    }

    #[test]
    fn unknown_and_repeated_fields_are_named() {
        check(&attestation(r#""naem":"x""#), "Attestation[1]/AttestationHead/naem is not");
        check(&attestation(r#""name":"x","name":"y""#), "AttestationHead/name once");
        check(r#"{"message":"CEB304Message","documents":[]}"#, "CEB304Message is a receipt");
        check(r#"{"message":"CEB999Message","documents":[]}"#, "CEB999Message is not read; read");
        check(r#"{"message":"CEB311Message","documents":[]}"#, "holds none");
        check(r#"{"message":"CEB311Message","documents":[],"x":1}"#, "unknown field `x`");
    }

    #[test]
    fn a_hundred_documents_are_read_and_one_more_refused() {
        let message = |count| {
            let documents = vec![r#"{"head":{"name":"x"}}"#; count].join(",");
            format!(r#"{{"message":"IdentityAttestation","documents":[{documents}]}}"#)
        };
        assert!(parse(message(100).as_bytes()).is_ok());
        check(&message(101), "at most 100 documents");
    }

    #[test]
    fn typed_documents_are_recognised_alone_and_in_an_array() {
        let one = r#"{"guid":"G","appType":"add","appTime":"20261123160000",
            "pseudonyms":{"key_id":0,"epoch":2026},"original":null,
            "body":{"kind":"identity_attestation",
                "idNumber":"000102030405060708090a0b0c0d0e0f",
                "name":"101112131415161718191a1b1c1d1e1f"}}"#;
        let Content::Documents(alone) = parse(one.as_bytes()).unwrap() else { unreachable!() };
        let array = format!("[{one},{one}]");
        let Content::Documents(both) = parse(array.as_bytes()).unwrap() else { unreachable!() };
        assert_eq!(both, [alone[0].clone(), alone[0].clone()]);
        let clear = one.replace("101112131415161718191a1b1c1d1e1f", "测试某甲");
        check(&clear, "expected a pseudonym of 32 hex digits");
        assert!(!parse(clear.as_bytes()).unwrap_err().to_string().contains("测试"));
    }

    #[test]
    fn a_decoders_text_shows_no_value() {
        for (text, expected) in [
            (
                r#"invalid type: string "秘 at line "密", expected u32 at line 1 column 2"#,
                "invalid type: string …, expected u32",
            ),
            (
                "invalid type: integer `100`, expected a string at line 3 column 4",
                "invalid type: integer …, expected a string",
            ),
            ("unknown variant `秘`, expected `add` or `change`", "unknown variant …"),
            ("missing field `guid` at line 1 column 2", "missing field `guid`"),
        ] {
            assert_eq!(without_values(text), expected);
        }
    }

    #[test]
    fn nesting_without_end_is_refused() {
        check(&"[".repeat(100_000), "not a message in JSON");
        check(&format!(r#"{{"x":{}"#, "[".repeat(100_000)), "not a message in JSON");
    }
}

//! Customs XML to raw messages.
//!
//! The input is hostile until shown otherwise. Size, encoding, depth, text lengths and counts are
//! bounded; nothing is expanded but the five predefined entities and character references; the time
//! is proportional to the input's length. `ExtendMessage`, `BaseSubscribe` and `Signature` (see
//! [`crate::signature`]) are skipped; every other unknown element is an error, because a misspelt
//! field that is silently dropped would change what the sender says.

mod cursor;

use crate::error::{ParseError, Position, Problem, shortened};
use crate::field_table::{Field, MessageTable, MessageType};
use crate::limits::{DOCUMENTS_MAX, FILE_BYTES_MAX, TEXT_BYTES_MAX};
use crate::raw::{RawDocument, RawFields, RawMessage};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cursor::{Cursor, Element};
use std::collections::BTreeSet;

/// The namespace of business messages.
pub const CEB_NAMESPACE: &str = "http://www.chinaport.gov.cn/ceb";
/// The namespace of the envelope.
pub const DXP_NAMESPACE: &str = "http://www.chinaport.gov.cn/dxp";
/// The namespace of XML signatures.
pub const SIGNATURE_NAMESPACE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Reads a customs message, bare or in a `DxpMsg` envelope.
///
/// # Errors
/// When the bytes are not a supported message of the expected structure. Fields are checked later,
/// by [`crate::convert`].
pub fn parse(bytes: &[u8]) -> Result<RawMessage, ParseError> {
    let text = utf8(bytes)?;
    let mut cursor = Cursor::new(text);
    let root = root(&mut cursor)?;
    if root.local == "DxpMsg" {
        let inner = envelope(&mut cursor, &root)?;
        cursor.finish()?;
        return parse_inner(&inner)
            .map_err(|error| ParseError::unplaced(Problem::Inner(Box::new(error))));
    }
    let message = message(&mut cursor, &root)?;
    cursor.finish()?;
    Ok(message)
}

/// The business message in an envelope, as bytes; none where the file is the message itself.
pub(crate) fn inner(bytes: &[u8]) -> Result<Option<Vec<u8>>, ParseError> {
    let mut cursor = Cursor::new(utf8(bytes)?);
    let root = root(&mut cursor)?;
    match root.local.as_str() {
        "DxpMsg" => envelope(&mut cursor, &root).map(Some),
        _ => Ok(None),
    }
}

/// The content of an envelope: one business message, not another envelope.
fn parse_inner(bytes: &[u8]) -> Result<RawMessage, ParseError> {
    let text = utf8(bytes)?;
    let mut cursor = Cursor::new(text);
    let root = root(&mut cursor)?;
    let message = message(&mut cursor, &root)?;
    cursor.finish()?;
    Ok(message)
}

pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, ParseError> {
    if FILE_BYTES_MAX < bytes.len() {
        let problem = Problem::TooLarge { max: FILE_BYTES_MAX, found: bytes.len() };
        return Err(ParseError::unplaced(problem));
    }
    let content = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(content).map_err(|error| {
        let skipped = bytes.len().saturating_sub(content.len());
        let at = error.valid_up_to().saturating_add(skipped);
        let declared = declared_encoding(content);
        let problem = match declared {
            Some(declared) if !is_utf8(&declared) => Problem::Encoding { declared },
            _ => Problem::NotUtf8 { at },
        };
        ParseError::unplaced(problem)
    })
}

fn is_utf8(encoding: &str) -> bool {
    encoding.eq_ignore_ascii_case("UTF-8") || encoding.eq_ignore_ascii_case("UTF8")
}

/// What the first line of bytes in an unknown encoding declares, where it is plain ASCII.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(200))?;
    let line: String =
        head.iter().take_while(|byte| byte.is_ascii()).map(|byte| char::from(*byte)).collect();
    let (_, rest) = line.split_once("encoding=")?;
    let name = rest.strip_prefix(['"', '\''])?;
    Some(shortened(name.split(['"', '\'']).next()?, 40))
}

fn root<'a>(cursor: &mut Cursor<'a>) -> Result<Element, ParseError> {
    match cursor.child("the file")? {
        Some(root) => Ok(root),
        None => Err(cursor.error(Problem::Malformed("it has no root element".into()))),
    }
}

fn envelope(cursor: &mut Cursor<'_>, root: &Element) -> Result<Vec<u8>, ParseError> {
    require(cursor, root, DXP_NAMESPACE)?;
    let mut encoded: Option<String> = None;
    while let Some(child) = cursor.child("DxpMsg")? {
        match child.local.as_str() {
            "Data" => {
                let text = cursor.text("DxpMsg/Data", FILE_BYTES_MAX)?;
                if encoded.replace(text).is_some() {
                    return Err(cursor.error(Problem::Duplicate { path: "DxpMsg/Data".into() }));
                }
            }
            "TransInfo" | "AddInfo" | "Signature" => cursor.skip()?,
            other => {
                let path = format!("DxpMsg/{}", shortened(other, 60));
                return Err(cursor.error(Problem::UnknownElement { path }));
            }
        }
    }
    let mut encoded = encoded.ok_or_else(|| cursor.error(Problem::NoData))?;
    encoded.retain(|character| !character.is_ascii_whitespace());
    STANDARD.decode(encoded).map_err(|_| ParseError::unplaced(Problem::NotBase64))
}

fn require(
    cursor: &Cursor<'_>,
    element: &Element,
    namespace: &'static str,
) -> Result<(), ParseError> {
    if element.namespace.as_deref() == Some(namespace) {
        return Ok(());
    }
    let element = shortened(&element.local, 60);
    Err(cursor.error(Problem::Namespace { element, expected: namespace }))
}

/// Whether a root's name has the form of a customs message: `CEB`, three digits, `Message`.
fn is_customs_name(name: &str) -> bool {
    name.strip_prefix("CEB")
        .and_then(|rest| rest.strip_suffix("Message"))
        .is_some_and(|digits| digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn message(cursor: &mut Cursor<'_>, root: &Element) -> Result<RawMessage, ParseError> {
    let name = root.local.as_str();
    let supported = MessageType::from_name(name).filter(|message_type| message_type.is_customs());
    let Some(message_type) = supported else {
        let problem = if is_customs_name(name) {
            Problem::of_name(name)
        } else {
            Problem::UnknownRoot(shortened(name, 60))
        };
        return Err(cursor.error(problem));
    };
    require(cursor, root, CEB_NAMESPACE)?;
    let table = message_type.table();
    let mut message = RawMessage { message_type, sender: None, documents: Vec::new() };
    let mut transfers: Option<Option<String>> = None;
    while let Some(child) = cursor.child(name)? {
        match (child.namespace.as_deref(), child.local.as_str()) {
            (Some(CEB_NAMESPACE), local) if local == table.document => {
                if message.documents.len() == DOCUMENTS_MAX {
                    return Err(cursor.error(Problem::TooManyDocuments));
                }
                let number = message.documents.len().saturating_add(1);
                message.documents.push(document(cursor, table, number)?);
            }
            (Some(CEB_NAMESPACE), "BaseTransfer") => {
                let sender = transfer(cursor)?;
                // Some software repeats it; only another sender would change what is said.
                if transfers.as_ref().is_some_and(|first| *first != sender) {
                    return Err(cursor.error(Problem::Duplicate { path: "BaseTransfer".into() }));
                }
                message.sender.clone_from(&sender);
                transfers = Some(sender);
            }
            (Some(CEB_NAMESPACE), "BaseSubscribe" | "ExtendMessage")
            | (Some(SIGNATURE_NAMESPACE), "Signature") => cursor.skip()?,
            (_, local) => return Err(unknown(cursor, name, local)),
        }
    }
    if message.documents.is_empty() {
        return Err(cursor.error(Problem::NoDocuments));
    }
    Ok(message)
}

fn unknown(cursor: &Cursor<'_>, parent: &str, local: &str) -> ParseError {
    cursor.error(Problem::UnknownElement { path: format!("{parent}/{}", shortened(local, 60)) })
}

/// The sender's code out of a `BaseTransfer`; its other elements say nothing about documents.
fn transfer(cursor: &mut Cursor<'_>) -> Result<Option<String>, ParseError> {
    let mut sender = None;
    while let Some(child) = cursor.child("BaseTransfer")? {
        match child.local.as_str() {
            "copCode" => {
                let text = cursor.text("BaseTransfer/copCode", TEXT_BYTES_MAX)?;
                let text = text.trim();
                sender = (!text.is_empty()).then(|| text.to_owned());
            }
            "copName" | "dxpMode" | "dxpId" | "note" => cursor.skip()?,
            other => return Err(unknown(cursor, "BaseTransfer", other)),
        }
    }
    Ok(sender)
}

fn document(
    cursor: &mut Cursor<'_>,
    table: &MessageTable,
    number: usize,
) -> Result<RawDocument, ParseError> {
    let path = format!("{}[{number}]", table.document);
    let mut document = RawDocument::default();
    let mut seen = BTreeSet::new();
    while let Some(child) = cursor.child(&path)? {
        let local = child.local.as_str();
        let is_ceb = child.namespace.as_deref() == Some(CEB_NAMESPACE);
        let lines = table.lines.filter(|lines| is_ceb && lines.element == local);
        if let Some(lines) = lines {
            let number = document.lines.len().saturating_add(1);
            let path = format!("{path}/{local}[{number}]");
            document.lines.push(fields(cursor, lines.fields, &path)?);
        } else if is_ceb && table.head == Some(local) {
            let path = format!("{path}/{local}");
            if !seen.insert(local.to_owned()) {
                return Err(cursor.error(Problem::Duplicate { path }));
            }
            document.head = fields(cursor, table.head_fields, &path)?;
        } else if table.head.is_none() {
            field(cursor, &child, table.head_fields, &path, &mut document.head, &mut seen)?;
        } else {
            return Err(unknown(cursor, &path, local));
        }
    }
    Ok(document)
}

fn fields(
    cursor: &mut Cursor<'_>,
    table: &'static [Field],
    path: &str,
) -> Result<RawFields, ParseError> {
    let mut fields = RawFields::default();
    let mut seen = BTreeSet::new();
    while let Some(child) = cursor.child(path)? {
        field(cursor, &child, table, path, &mut fields, &mut seen)?;
    }
    Ok(fields)
}

/// One field into `fields`, of which none may come twice.
fn field(
    cursor: &mut Cursor<'_>,
    child: &Element,
    table: &'static [Field],
    path: &str,
    fields: &mut RawFields,
    seen: &mut BTreeSet<String>,
) -> Result<(), ParseError> {
    let known = table.iter().find(|field| field.name == child.local);
    let is_ceb = child.namespace.as_deref() == Some(CEB_NAMESPACE);
    let Some(field) = known.filter(|_| is_ceb) else {
        return Err(unknown(cursor, path, &child.local));
    };
    let path = format!("{path}/{}", field.name);
    if !seen.insert(field.name.to_owned()) {
        return Err(cursor.error(Problem::Duplicate { path }));
    }
    fields.set(field.name, cursor.text(&path, TEXT_BYTES_MAX)?);
    Ok(())
}

impl Cursor<'_> {
    fn error(&self, problem: Problem) -> ParseError {
        ParseError { position: Some(Position::of_byte(self.source(), self.offset())), problem }
    }
}

#[cfg(test)]
mod tests;

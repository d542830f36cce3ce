//! A foreign table to messages, by a mapping that says which column is which field.

use crate::csv::Table;
use crate::error::shortened;
use crate::field_table::{Field, MessageTable, MessageType};
use crate::limits::DOCUMENTS_MAX;
use crate::raw::{RawDocument, RawFields, RawMessage};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What becomes of a table's columns, as its JSON says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The message that the rows become.
    pub message: String,
    /// The enterprise that sends it.
    pub sender: Option<String>,
    /// What separates the table's fields.
    #[serde(default = "comma")]
    pub separator: char,
    /// The column that names the document: consecutive rows with the same text are its lines.
    pub document: String,
    /// Where each field of the head comes from.
    pub head: BTreeMap<String, Source>,
    /// Where each field of a line comes from.
    #[serde(default)]
    pub lines: BTreeMap<String, Source>,
}

/// Where a field's text comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Source {
    /// The same text everywhere.
    Value(String),
    /// A column, as it is.
    Column(String),
    /// The digits of a column: a time with separators.
    Digits(String),
    /// A column whose numbers have a decimal comma and points between thousands.
    DecimalComma(String),
    /// A column's letters, digits and hyphens, upper case, with noughts before it: 36 characters.
    Guid(String),
    /// The code that stands for a column's text.
    Codes {
        /// The column.
        column: String,
        /// The codes by text.
        codes: BTreeMap<String, String>,
    },
    /// The line's number in its document, from 1.
    LineNumber,
}

/// A mapping does not fit the message or the table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The mapping is not JSON of this form.
    #[error("the mapping: {0}")]
    Form(String),
    /// There is no such message.
    #[error("the mapping names {0:?}, which is not a message")]
    Message(String),
    /// The message has no such field.
    #[error("{message} has no field {field} {place}")]
    Field {
        /// The message.
        message: &'static str,
        /// The field.
        field: String,
        /// Where it was looked for.
        place: &'static str,
    },
    /// A mandatory field comes from nowhere.
    #[error("the mapping says nothing of {field}, which {message} must have {place}")]
    Missing {
        /// The message.
        message: &'static str,
        /// The field.
        field: &'static str,
        /// Where it belongs.
        place: &'static str,
    },
    /// The table has no such column, or several.
    #[error("the table has no column {0:?}, or two of that name")]
    Column(String),
    /// A text has no code.
    #[error("row {row}: the text of column {column:?} has no code; add it to the mapping")]
    NoCode {
        /// The row, from 1; the first names the columns.
        row: usize,
        /// The column.
        column: String,
    },
}

const IN_HEAD: &str = "in its head";
const IN_LINES: &str = "in its lines";
const GUID_CHARS: usize = 36;

fn comma() -> char {
    ','
}

impl Mapping {
    /// Reads a mapping from JSON.
    ///
    /// # Errors
    /// When it is not of the form, or does not fit its message.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let mapping: Self = serde_json::from_str(text)
            .map_err(|error| MappingError::Form(shortened(&error.to_string(), 300)))?;
        let table = mapping.table()?.1;
        check(table, &mapping.head, table.head_fields, IN_HEAD)?;
        check(table, &mapping.lines, table.line_fields(), IN_LINES)?;
        Ok(mapping)
    }

    fn table(&self) -> Result<(MessageType, &'static MessageTable), MappingError> {
        let found = MessageType::from_name(&self.message);
        let found = found.ok_or_else(|| MappingError::Message(shortened(&self.message, 60)))?;
        Ok((found, found.table()))
    }

    /// The messages that a table's rows become, with at most 100 documents each. Their fields are
    /// checked when they are read.
    ///
    /// # Errors
    /// When the table lacks a column, or a text has no code.
    pub fn messages(&self, rows: &Table) -> Result<Vec<RawMessage>, MappingError> {
        let (message_type, table) = self.table()?;
        let key = column(rows, &self.document)?;
        let mut documents: Vec<RawDocument> = Vec::new();
        let mut current: Option<&String> = None;
        for (number, row) in (2usize..).zip(&rows.rows) {
            let own = row.get(key);
            let is_new = current.is_none() || own != current;
            current = own;
            if is_new {
                let head = fields(&self.head, table.head_fields, rows, row, (number, 1))?;
                documents.push(RawDocument { head, lines: Vec::new() });
            }
            let Some(document) = documents.last_mut() else { continue };
            if table.lines.is_some() {
                let line = document.lines.len().saturating_add(1);
                let line = fields(&self.lines, table.line_fields(), rows, row, (number, line))?;
                document.lines.push(line);
            }
        }
        let messages = documents.chunks(DOCUMENTS_MAX).map(|documents| RawMessage {
            message_type,
            sender: self.sender.clone(),
            documents: documents.to_vec(),
        });
        Ok(messages.collect())
    }
}

/// Whether every field of the mapping is one of the message's, and every mandatory one is there.
fn check(
    table: &MessageTable,
    sources: &BTreeMap<String, Source>,
    fields: &[Field],
    place: &'static str,
) -> Result<(), MappingError> {
    let message = table.name;
    for name in sources.keys() {
        if !fields.iter().any(|field| field.name == name) {
            let field = shortened(name, 60);
            return Err(MappingError::Field { message, field, place });
        }
    }
    for field in fields.iter().filter(|field| field.mandatory) {
        if !sources.contains_key(field.name) {
            return Err(MappingError::Missing { message, field: field.name, place });
        }
    }
    Ok(())
}

/// The place of a column.
fn column(rows: &Table, name: &str) -> Result<usize, MappingError> {
    let mut places = (0..).zip(&rows.columns).filter(|(_, column)| *column == name);
    match (places.next(), places.next()) {
        (Some((place, _)), None) => Ok(place),
        _ => Err(MappingError::Column(shortened(name, 60))),
    }
}

/// A row's text in a column.
fn text<'a>(rows: &Table, row: &'a [String], name: &str) -> Result<&'a str, MappingError> {
    Ok(row.get(column(rows, name)?).map_or("", String::as_str).trim())
}

/// The fields of one head or line; `place` is the row's number and the line's.
fn fields(
    sources: &BTreeMap<String, Source>,
    table: &'static [Field],
    rows: &Table,
    row: &[String],
    place: (usize, usize),
) -> Result<RawFields, MappingError> {
    let mut fields = RawFields::default();
    let text = |name| text(rows, row, name);
    for field in table {
        let Some(source) = sources.get(field.name) else { continue };
        let found = match source {
            Source::Value(value) => value.clone(),
            Source::Column(column) => text(column)?.to_owned(),
            Source::Digits(column) => text(column)?.chars().filter(char::is_ascii_digit).collect(),
            Source::DecimalComma(column) => text(column)?.replace('.', "").replace(',', "."),
            Source::Guid(column) => guid(text(column)?),
            Source::Codes { column, codes } => match text(column)? {
                "" => String::new(),
                text => codes
                    .get(text)
                    .cloned()
                    .ok_or_else(|| MappingError::NoCode { row: place.0, column: column.clone() })?,
            },
            Source::LineNumber => place.1.to_string(),
        };
        fields.set(field.name, found);
    }
    Ok(fields)
}

fn guid(text: &str) -> String {
    let kept = |character: &char| character.is_ascii_alphanumeric() || *character == '-';
    let text: String = text.chars().filter(kept).map(|own| own.to_ascii_uppercase()).collect();
    format!("{text:0>GUID_CHARS$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::convert;
    use crate::csv;
    use crate::pseudonymise::PseudonymKey;
    use kanhe_types::pseudonym::PseudonymScope;

    const MAPPING: &str = include_str!("../tests/messages/shop.mapping.json");
    const SHOP: &str = include_str!("../tests/messages/shop.csv");

    fn shop() -> Vec<RawMessage> {
        let mapping = Mapping::parse(MAPPING).unwrap();
        mapping.messages(&csv::parse(SHOP, mapping.separator).unwrap()).unwrap()
    }

    fn refused(from: &str, to: &str) -> String {
        assert!(MAPPING.contains(from), "{from}");
        let mapping = Mapping::parse(&MAPPING.replace(from, to));
        let table = csv::parse(SHOP, ';').unwrap();
        mapping.and_then(|mapping| mapping.messages(&table)).err().unwrap().to_string()
    }

    #[test]
    fn a_shops_table_becomes_orders_that_convert() {
        let messages = shop();
        assert_eq!(messages.len(), 1);
        let lines: Vec<usize> = messages[0].documents.iter().map(|own| own.lines.len()).collect();
        assert_eq!(lines, [2, 1]);
        let head = &messages[0].documents[0].head;
        assert_eq!(head.get("goodsValue"), Some("1060.00"));
        assert_eq!(head.get("appTime"), Some("20260901093000"));
        assert_eq!(head.get("guid"), Some("00000000000000000000000000000SHOP-01"));
        assert_eq!(messages[0].documents[0].lines[1].get("gnum"), Some("2"));
        let key = PseudonymKey { scope: PseudonymScope::default(), key: [1; 32] };
        for found in convert(&messages[0], "shop.csv", &key) {
            found.unwrap();
        }
    }

    #[test]
    fn a_mapping_that_does_not_fit_says_where() {
        for (from, to, expected) in [
            ("CEB303Message", "CEB999Message", "which is not a message"),
            ("\"orderNo\"", "\"orderNumber\"", "has no field orderNumber in its head"),
            ("\"itemNo\"", "\"barCode\"", "says nothing of itemNo"),
            ("\"Art.Nr\"", "\"Artikel-Nr\"", "no column \"Artikel-Nr\""),
            ("\"USD\"", "\"EUR\"", "row 2: the text of column \"Währung\" has no code"),
            ("\"separator\"", "\"delimiter\"", "the mapping: unknown field"),
        ] {
            let error = refused(from, to);
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn more_documents_than_a_message_holds_become_several() {
        let mapping = Mapping::parse(MAPPING).unwrap();
        let mut table = csv::parse(SHOP, ';').unwrap();
        let row = table.rows[0].clone();
        table.rows = (0..201)
            .map(|number| {
                let mut row = row.clone();
                row[0] = format!("SHOP-{number}");
                row
            })
            .collect();
        let counts: Vec<usize> =
            mapping.messages(&table).unwrap().iter().map(|own| own.documents.len()).collect();
        assert_eq!(counts, [100, 100, 1]);
    }
}

//! Raw messages to typed documents: every field is held against its table, personal values become
//! pseudonyms, free text is left behind.
//!
//! The typed documents have the messages' names, so the table says all there is to say: a document
//! is put together as the JSON that its type reads. That table and type agree is what the tests
//! show, for every field of every message.

use crate::error::{FieldError, shortened};
use crate::field_table::{Field, Format, MessageTable, Treatment, instant_parts};
use crate::personal::Pseudonymise;
use crate::raw::{RawDocument, RawFields, RawMessage};
use kanhe_contracts::document::{
    AppStatus, AppType, Body, Document, DocumentKind, OriginalSignature,
};
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::time::CustomsTime;
use serde_json::{Map, Value, json};

/// Fields of every message that stand in the document itself, not in its body.
const ENVELOPE: [&str; 4] = ["guid", "appType", "appTime", "appStatus"];

/// Whether a field stands in the document itself. Customs' tax bills have an instant for `appTime`.
fn is_of_envelope(field: &Field) -> bool {
    ENVELOPE.contains(&field.name) || field.format == Format::Instant
}

/// The documents of a message, each with its index. A bad field spoils its own document only.
///
/// `file` names the source in errors.
pub fn convert(
    message: &RawMessage,
    file: &str,
    key: &dyn Pseudonymise,
) -> Vec<Result<(usize, Document), FieldError>> {
    let documents = message.documents.iter().enumerate();
    documents
        .map(|(index, raw)| {
            let (table, scope) = (message.message_type.table(), PseudonymScope::default());
            let source = Source { file, index, table, key, scope };
            source.document(raw).map(|document| (index, document))
        })
        .collect()
}

/// Where a document comes from, and what its pseudonyms are made with.
#[derive(Clone, Copy)]
struct Source<'a> {
    file: &'a str,
    index: usize,
    table: &'static MessageTable,
    key: &'a dyn Pseudonymise,
    /// What the document's pseudonyms are made in, once it is known.
    scope: PseudonymScope,
}

/// The fields of one head or line, and how to name them in an error.
struct Part<'a> {
    source: Source<'a>,
    /// Empty where the fields stand in the document itself.
    element: String,
    table: &'static [Field],
    fields: &'a RawFields,
}

type Found<T> = Result<T, FieldError>;

impl<'a> Source<'a> {
    fn document(self, raw: &RawDocument) -> Found<Document> {
        let element = self.table.head.unwrap_or_default();
        let head = self.part(element.to_owned(), self.table.head_fields, &raw.head);
        head.check()?;
        self.check_line_count(raw.lines.len())?;
        let app_time = head.app_time()?;
        let source = Self { scope: head.scope(app_time)?, ..self };
        let head = source.part(element.to_owned(), self.table.head_fields, &raw.head);
        let app_type = match head.fields.get("appType") {
            Some("2") => AppType::Change,
            Some("3") => AppType::Delete,
            _ => AppType::Add,
        };
        let is_stored = head.fields.get("appStatus") == Some("1");
        Ok(Document {
            guid: head.fields.get("guid").unwrap_or_default().to_owned(),
            app_type,
            app_status: if is_stored { AppStatus::Stored } else { AppStatus::Declared },
            app_time,
            pseudonyms: source.scope,
            original: None,
            original_signature: OriginalSignature::Unsigned,
            body: source.body(&head, &raw.lines)?,
        })
    }

    /// The body, from the JSON that its type reads.
    fn body(self, head: &Part<'_>, lines: &[RawFields]) -> Found<Body> {
        let mut body = head.values()?;
        body.insert("kind".into(), self.table.kind.name().into());
        if self.table.kind == DocumentKind::ListStatus {
            head.join_subject(&mut body)?;
        }
        if let Some(table) = self.table.lines {
            let mut values = Vec::with_capacity(lines.len());
            for (number, fields) in (1usize..).zip(lines) {
                let element = format!("{}[{number}]", table.element);
                let line = self.part(element, table.fields, fields);
                line.check()?;
                values.push(Value::Object(line.values()?));
            }
            body.insert("lines".into(), Value::Array(values));
        }
        let body = serde_json::from_value(Value::Object(body));
        Ok(body.expect("every field was checked, and the types have the tables' fields"))
    }

    fn part(self, element: String, table: &'static [Field], fields: &'a RawFields) -> Part<'a> {
        Part { source: self, element, table, fields }
    }

    fn check_line_count(self, found: usize) -> Found<()> {
        let (element, min, max) = match self.table.lines {
            Some(lines) => (lines.element, lines.min, lines.max),
            None => ("lines", 0, 0),
        };
        if (min..=max).contains(&found) {
            return Ok(());
        }
        let expected = if max == 0 { "none".into() } else { format!("{min} to {max} lines") };
        Err(self.error(element, expected, format!("{found} lines"), "correct the number of lines"))
    }

    fn error(
        self,
        element: &str,
        expected: String,
        found: String,
        remedy: &'static str,
    ) -> FieldError {
        let number = self.index.saturating_add(1);
        FieldError {
            file: self.file.to_owned(),
            document: self.index,
            path: format!("{}[{number}]/{element}", self.table.document),
            expected,
            found,
            remedy,
        }
    }
}

impl Part<'_> {
    /// Holds every field against the table, those too that are left behind.
    fn check(&self) -> Found<()> {
        for field in self.table {
            match self.fields.get(field.name) {
                None if field.mandatory => return Err(self.missing(field)),
                None => {}
                Some(text) if !field.format.is_met_by(text) => return Err(self.wrong(field, text)),
                Some(text) if has_control(field, text) => {
                    return Err(self.error(
                        field,
                        "no control characters".into(),
                        "some".into(),
                        "remove line breaks and the like",
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn error(
        &self,
        field: &Field,
        expected: String,
        found: String,
        remedy: &'static str,
    ) -> FieldError {
        let element = match self.element.as_str() {
            "" => field.name.to_owned(),
            element => format!("{element}/{}", field.name),
        };
        self.source.error(&element, expected, found, remedy)
    }

    fn missing(&self, field: &Field) -> FieldError {
        self.error(field, field.expected(), "nothing".into(), "the field is mandatory")
    }

    fn wrong(&self, field: &Field, text: &str) -> FieldError {
        let found = if field.is_showable() {
            format!("{:?}", shortened(text, 40))
        } else {
            format!("a value of {} characters", text.chars().count())
        };
        self.error(field, field.expected(), found, remedy(field))
    }

    /// The fields that the typed document keeps, each as its type reads it.
    fn values(&self) -> Found<Map<String, Value>> {
        let mut values = Map::new();
        for field in self.table {
            let Some(text) = self.fields.get(field.name) else { continue };
            let value = match field.treatment {
                Treatment::Dropped => continue,
                _ if is_of_envelope(field) => continue,
                Treatment::Kept => kept(field.format, text),
                Treatment::Personal(kind) => {
                    let pseudonym = self.source.key.pseudonym(self.source.scope, kind, text);
                    let pseudonym = pseudonym.ok_or_else(|| self.wrong(field, text))?;
                    Value::String(pseudonym.to_string())
                }
            };
            values.insert(field.name.to_owned(), value);
        }
        Ok(values)
    }

    /// The field that says when the document is reported.
    fn time_field(&self) -> &'static Field {
        let says = |field: &&Field| field.name == "appTime" || field.format == Format::Instant;
        self.table.iter().find(says).expect("every head has a time")
    }

    /// When the document is reported.
    fn app_time(&self) -> Found<CustomsTime> {
        let field = self.time_field();
        let text = self.fields.get(field.name);
        let time = text.and_then(|text| match field.format {
            Format::Instant => instant_parts(text).map(|(time, _)| time),
            _ => text.parse().ok(),
        });
        time.ok_or_else(|| self.missing(field))
    }

    /// The scope of the year in which the document is reported.
    fn scope(&self, app_time: CustomsTime) -> Found<PseudonymScope> {
        let year = app_time.year();
        let scope = u16::try_from(year).ok().and_then(|year| self.source.key.scope(year));
        scope.ok_or_else(|| {
            self.error(
                self.time_field(),
                "a year that the zone has a pseudonym key for".into(),
                year.to_string(),
                "correct the time, or ask an agency for a key of that year",
            )
        })
    }

    /// What customs' status is of: three fields of the message, one value of the document. A return
    /// is the declarant's unless another sender is stated.
    fn join_subject(&self, body: &mut Map<String, Value>) -> Found<()> {
        let (cop_no, sender) = (body.remove("copNo"), body.remove("senderCode"));
        if self.fields.get("subject") == Some("return") {
            let sender = sender.or_else(|| body.get("agentCode").cloned());
            body.insert(
                "subject".into(),
                json!({ "return": { "sender": sender, "cop_no": cop_no } }),
            );
            return Ok(());
        }
        let is_stated = |name| match name {
            "copNo" => cop_no.is_some(),
            "senderCode" => sender.is_some(),
            _ => false,
        };
        let field = self.table.iter().find(|field| is_stated(field.name));
        field.map_or(Ok(()), |field| {
            let (expected, remedy) = ("nothing, as the status is of the list", "leave it out");
            Err(self.error(field, expected.into(), "a value".into(), remedy))
        })
    }
}

fn kept(format: Format, text: &str) -> Value {
    match format {
        Format::Integer => text.parse::<u32>().map_or(Value::Null, Value::from),
        _ => Value::String(text.to_owned()),
    }
}

fn has_control(field: &Field, text: &str) -> bool {
    field.treatment == Treatment::Kept && text.chars().any(char::is_control)
}

fn remedy(field: &Field) -> &'static str {
    match field.format {
        Format::Text(_) | Format::Exact(_) => "correct its length",
        Format::Digits(_) => "use the code of customs' table",
        Format::Code => "use the customs registration or unified social credit code",
        Format::Integer | Format::Decimal => {
            "write digits only, with a point for decimals: no separators, signs or units"
        }
        Format::Time | Format::Instant => "use the time of day in China, without separators",
        Format::Date => "use a day of the calendar, without separators",
        Format::OneOf(_) => "use one of these codes",
    }
}

#[cfg(test)]
mod tests;

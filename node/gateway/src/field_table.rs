//! What is known about each field of each message: its name, form, whether it must be there, and
//! whether it is personal. Reading, checking, receipts and the documentation derive from these
//! tables.
//!
//! Taken from the official schema, edition 202205. Where the ledger is narrower (an organisation's
//! code has at most 18 letters and digits, an order is an import) the table says what the ledger
//! takes.

mod import;

use kanhe_contracts::document::DocumentKind;
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;
use kanhe_types::limits::ORGANISATION_CODE_CHARS_MAX;
use kanhe_types::pseudonym::PersonalKind;
use kanhe_types::time::{CustomsDate, CustomsTime};
use std::fmt;

/// The messages that the gateway reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageType {
    /// Import orders.
    Ceb311,
    /// Payments.
    Ceb411,
    /// Waybills.
    Ceb511,
    /// Import lists.
    Ceb621,
    /// Identity attestations: not a customs message, JSON only.
    IdentityAttestation,
}

/// The form of a field's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 1 to so many characters.
    Text(usize),
    /// Exactly so many characters.
    Exact(usize),
    /// An organisation's code.
    Code,
    /// A whole number of at most nine digits.
    Integer,
    /// At most 19 digits, 5 of them after the point.
    Decimal,
    /// `YYYYMMDDhhmmss`, China Standard Time.
    Time,
    /// `YYYYMMDD`.
    Date,
    /// One of these texts.
    OneOf(&'static [&'static str]),
}

/// What becomes of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It stands in the typed document.
    Kept,
    /// Its pseudonym stands in the typed document.
    Personal(PersonalKind),
    /// It is free text that may hold anything, or says nothing once checked; it stays in the
    /// sender's original.
    Dropped,
}

/// One field of a head or a line.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The element's name.
    pub name: &'static str,
    /// The form of its text.
    pub format: Format,
    /// Whether it must be there.
    pub mandatory: bool,
    /// What becomes of it.
    pub treatment: Treatment,
}

/// The fields of one message.
#[derive(Clone, Copy, Debug)]
pub struct MessageTable {
    /// The message's name: the root element.
    pub name: &'static str,
    /// What it says, in a few words.
    pub meaning: &'static str,
    /// The kind of its documents on the ledger.
    pub kind: DocumentKind,
    /// The element of one document.
    pub document: &'static str,
    /// The element of its head; none where the fields stand in the document itself.
    pub head: Option<&'static str>,
    /// The head's fields, in the schema's order.
    pub head_fields: &'static [Field],
    /// The lines, where documents have some.
    pub lines: Option<LineTable>,
    /// The message that answers it, where customs defines one.
    pub receipt: Option<ReceiptTable>,
}

/// The lines of a document.
#[derive(Clone, Copy, Debug)]
pub struct LineTable {
    /// The element of one line.
    pub element: &'static str,
    /// The fewest lines of a document.
    pub min: usize,
    /// The most lines of a document.
    pub max: usize,
    /// A line's fields, in the schema's order.
    pub fields: &'static [Field],
}

/// The message by which customs answers a document.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptTable {
    /// The message's name: the root element.
    pub name: &'static str,
    /// The element of one document's receipt.
    pub element: &'static str,
    /// `returnStatus` of a document that is part of the ledger: 120 (taken in) where the message
    /// knows it, else 2 (declared).
    pub accepted: i32,
    /// What names the document, in the schema's order: between `guid` and `returnStatus`,
    /// `returnTime`, `returnInfo`, which every receipt has. All but `preNo` are fields of the
    /// document's head.
    pub keys: &'static [Field],
}

const fn must(name: &'static str, format: Format) -> Field {
    Field { name, format, mandatory: true, treatment: Treatment::Kept }
}

const fn may(name: &'static str, format: Format) -> Field {
    Field { name, format, mandatory: false, treatment: Treatment::Kept }
}

impl Field {
    const fn personal(self, kind: PersonalKind) -> Self {
        Self { treatment: Treatment::Personal(kind), ..self }
    }

    const fn dropped(self) -> Self {
        Self { treatment: Treatment::Dropped, ..self }
    }

    /// Whether the value may be shown to a person who reads an error.
    pub fn is_showable(&self) -> bool {
        match self.treatment {
            Treatment::Kept => true,
            Treatment::Personal(_) => false,
            Treatment::Dropped => matches!(self.format, Format::OneOf(_)),
        }
    }
}

impl Format {
    /// Whether `text` has the form.
    pub fn is_met_by(self, text: &str) -> bool {
        match self {
            Self::Text(max) => (1..=max).contains(&text.chars().count()),
            Self::Exact(count) => text.chars().count() == count,
            Self::Code => text.parse::<OrganisationCode>().is_ok(),
            Self::Integer => {
                (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::Decimal => text.parse::<Decimal>().is_ok(),
            Self::Time => text.parse::<CustomsTime>().is_ok(),
            Self::Date => text.parse::<CustomsDate>().is_ok(),
            Self::OneOf(texts) => texts.contains(&text),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(max) => write!(f, "a text of 1 to {max} characters"),
            Self::Exact(count) => write!(f, "a text of exactly {count} characters"),
            Self::Code => write!(
                f,
                "an organisation's code of 1 to {ORGANISATION_CODE_CHARS_MAX} letters and digits"
            ),
            Self::Integer => f.write_str("a whole number of 1 to 9 digits"),
            Self::Decimal => {
                f.write_str("a number of at most 19 digits, 5 of them after the point")
            }
            Self::Time => f.write_str("a time YYYYMMDDhhmmss"),
            Self::Date => f.write_str("a date YYYYMMDD"),
            Self::OneOf(texts) => f.write_str(&texts.join(" or ")),
        }
    }
}

impl MessageType {
    /// Every message type.
    pub const ALL: [Self; 5] =
        [Self::Ceb311, Self::Ceb411, Self::Ceb511, Self::Ceb621, Self::IdentityAttestation];

    /// The message's name: the root element.
    pub fn name(self) -> &'static str {
        self.table().name
    }

    /// The message type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|message_type| message_type.name() == name)
    }

    /// Whether customs defines it, so that it exists as XML.
    pub fn is_customs(self) -> bool {
        self != Self::IdentityAttestation
    }

    /// The message's fields.
    pub fn table(self) -> &'static MessageTable {
        match self {
            Self::Ceb311 => &import::ORDER,
            Self::Ceb411 => &import::PAYMENT,
            Self::Ceb511 => &import::WAYBILL,
            Self::Ceb621 => &import::INVENTORY_LIST,
            Self::IdentityAttestation => &import::IDENTITY_ATTESTATION,
        }
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl MessageTable {
    /// A line's fields; none where documents have no lines.
    pub fn line_fields(&self) -> &'static [Field] {
        self.lines.map_or(&[], |lines| lines.fields)
    }

    /// The path of the head of a document at `path`.
    pub fn head_path(&self, path: &str) -> String {
        self.head.map_or_else(|| path.to_owned(), |head| format!("{path}/{head}"))
    }

    /// The head's field of this name.
    pub fn head_field(&self, name: &str) -> Option<&'static Field> {
        self.head_fields.iter().find(|field| field.name == name)
    }

    /// The line's field of this name.
    pub fn line_field(&self, name: &str) -> Option<&'static Field> {
        self.line_fields().iter().find(|field| field.name == name)
    }
}

/// Forms that many tables share.
mod common {
    use super::Format;

    pub(super) const APP_TYPES: Format = Format::OneOf(&["1", "2", "3"]);
    pub(super) const APP_STATUSES: Format = Format::OneOf(&["1", "2"]);
    pub(super) const NUMBER: Format = Format::Decimal;
}

#[cfg(test)]
mod tests {
    use super::Format::{Code, Date, Exact, Integer, Text, Time};
    use super::common::{APP_TYPES, NUMBER};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_tables_have_as_many_fields_as_the_schema_and_no_name_twice() {
        let counts = [(30, 13), (18, 0), (19, 0), (47, 20), (5, 0)];
        for (message_type, (head, line)) in MessageType::ALL.into_iter().zip(counts) {
            let table = message_type.table();
            assert_eq!((table.head_fields.len(), table.line_fields().len()), (head, line));
            for fields in [table.head_fields, table.line_fields()] {
                let names: BTreeSet<_> = fields.iter().map(|field| field.name).collect();
                assert_eq!(names.len(), fields.len(), "{message_type}");
            }
        }
    }

    #[test]
    fn each_format_takes_its_longest_text_and_no_longer_one() {
        for (format, longest, longer) in [
            (Text(3), "测试字", "测试字四"),
            (Exact(3), "142", "1420"),
            (Code, "A23456789012345678", "A234567890123456789"),
            (Integer, "999999999", "1000000000"),
            (NUMBER, "99999999999999.99999", "100000000000000"),
            (Time, "20261123160000", "202611231600001"),
            (Date, "20261123", "202611231"),
            (APP_TYPES, "3", "33"),
        ] {
            assert!(format.is_met_by(longest), "{format}");
            assert!(!format.is_met_by(longer), "{format}");
            assert!(!format.is_met_by(""), "{format}");
        }
    }

    #[test]
    fn personal_and_free_values_are_never_showable() {
        for message_type in MessageType::ALL {
            let table = message_type.table();
            for field in table.head_fields.iter().chain(table.line_fields()) {
                let free = ["note", "itemDescribe", "goodsInfo"].contains(&field.name);
                let personal = matches!(field.treatment, Treatment::Personal(_));
                assert_eq!(field.is_showable(), !free && !personal, "{}", field.name);
            }
        }
    }

    #[test]
    fn receipts_name_documents_by_fields_of_their_heads_that_are_not_personal() {
        for message_type in MessageType::ALL {
            let table = message_type.table();
            let Some(receipt) = table.receipt else { continue };
            assert!([2, 120].contains(&receipt.accepted));
            for key in receipt.keys.iter().filter(|key| key.name != "preNo") {
                let field = table.head_field(key.name).unwrap();
                assert_eq!(field.treatment, Treatment::Kept, "{message_type} {}", key.name);
            }
        }
    }
}

//! What is known about each field of each message: its name, form, whether it must be there, and
//! whether it is personal. Reading, checking, receipts and the documentation derive from these
//! tables.
//!
//! Taken from the official schema, edition 202205. Where the ledger is narrower (an organisation's
//! code has at most 18 letters and digits, an order is an import) the table says what the ledger
//! takes.

mod export;
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
    /// Waybill states.
    Ceb513,
    /// Import lists.
    Ceb621,
    /// Cancellations of import lists.
    Ceb623,
    /// Returns of imported goods.
    Ceb625,
    /// Warehouse receipts.
    Ceb711,
    /// Tax bills.
    Ceb816,
    /// States of tax bills.
    Ceb818,
    /// Export orders.
    Ceb303,
    /// Receipts of funds.
    Ceb403,
    /// Export waybills.
    Ceb505,
    /// Arrivals at the supervised site.
    Ceb507,
    /// Departures from the country.
    Ceb509,
    /// Export lists.
    Ceb603,
    /// Cancellations of export lists.
    Ceb605,
    /// Master and house bills.
    Ceb607,
    /// Summary applications.
    Ceb701,
    /// What customs made of them.
    Ceb792,
    /// Returns of exported goods.
    Ceb213,
    /// Tallies of returns.
    Ceb215,
    /// Identity attestations: not a customs message, JSON only.
    IdentityAttestation,
    /// What customs says of lists: not a message of its own at customs, JSON only.
    ListStatus,
    /// Divisions of payments between orders: JSON only.
    PaymentAllocation,
    /// Refunds of payments: JSON only.
    PaymentRefund,
}

/// The form of a field's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 1 to so many characters.
    Text(usize),
    /// Exactly so many characters.
    Exact(usize),
    /// Exactly so many digits.
    Digits(usize),
    /// An organisation's code.
    Code,
    /// A whole number of at most nine digits.
    Integer,
    /// At most 19 digits, 5 of them after the point.
    Decimal,
    /// `YYYYMMDDhhmmss`, China Standard Time.
    Time,
    /// `YYYYMMDDhhmmssSSS`, China Standard Time.
    Instant,
    /// `YYYYMMDD`.
    Date,
    /// One of these texts.
    OneOf(&'static [&'static str]),
}

/// The table that a code is taken from. Its form stands here; whether the table has the code is
/// the ledger's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeList {
    /// Currencies.
    Currency,
    /// Countries and regions.
    Country,
    /// Units of measure.
    Unit,
    /// Customs districts and ports.
    District,
    /// Modes of transport.
    Transport,
    /// Kinds of packing.
    Wrap,
    /// Commodity codes (HS).
    Commodity,
    /// Modes of trade.
    TradeMode,
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
    /// The table that it is a code of, where it is one.
    pub codes: Option<CodeList>,
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
    Field { name, format, mandatory: true, codes: None, treatment: Treatment::Kept }
}

const fn may(name: &'static str, format: Format) -> Field {
    Field { name, format, mandatory: false, codes: None, treatment: Treatment::Kept }
}

impl Field {
    const fn personal(self, kind: PersonalKind) -> Self {
        Self { treatment: Treatment::Personal(kind), ..self }
    }

    const fn listed(self, codes: CodeList) -> Self {
        Self { codes: Some(codes), ..self }
    }

    const fn dropped(self) -> Self {
        Self { treatment: Treatment::Dropped, ..self }
    }

    /// The form, and the table that it is a code of, in words.
    pub fn expected(&self) -> String {
        match self.codes {
            Some(codes) => format!("{} of customs' table: {codes}", self.format),
            None => self.format.to_string(),
        }
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
            Self::Digits(count) => text.len() == count && is_digits(text),
            Self::Code => text.parse::<OrganisationCode>().is_ok(),
            Self::Integer => (1..=9).contains(&text.len()) && is_digits(text),
            Self::Decimal => text.parse::<Decimal>().is_ok(),
            Self::Time => text.parse::<CustomsTime>().is_ok(),
            Self::Instant => instant_parts(text).is_some(),
            Self::Date => text.parse::<CustomsDate>().is_ok(),
            Self::OneOf(texts) => texts.contains(&text),
        }
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Time and milliseconds of an instant.
pub(crate) fn instant_parts(text: &str) -> Option<(CustomsTime, &str)> {
    let (time, ms) = text.split_at_checked(14)?;
    (ms.len() == 3 && is_digits(ms)).then(|| time.parse().ok().map(|time| (time, ms))).flatten()
}

impl fmt::Display for CodeList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Currency => "currency",
            Self::Country => "country",
            Self::Unit => "unit",
            Self::District => "customs district",
            Self::Transport => "transport",
            Self::Wrap => "packing",
            Self::Commodity => "HS",
            Self::TradeMode => "trade mode",
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(max) => write!(f, "a text of 1 to {max} characters"),
            Self::Exact(count) => write!(f, "a text of exactly {count} characters"),
            Self::Digits(count) => write!(f, "a code of exactly {count} digits"),
            Self::Code => write!(
                f,
                "an organisation's code of 1 to {ORGANISATION_CODE_CHARS_MAX} letters and digits"
            ),
            Self::Integer => f.write_str("a whole number of 1 to 9 digits"),
            Self::Decimal => {
                f.write_str("a number of at most 19 digits, 5 of them after the point")
            }
            Self::Time => f.write_str("a time YYYYMMDDhhmmss"),
            Self::Instant => f.write_str("a time YYYYMMDDhhmmssSSS"),
            Self::Date => f.write_str("a date YYYYMMDD"),
            Self::OneOf(texts) => f.write_str(&texts.join(" or ")),
        }
    }
}

impl MessageType {
    /// Every message type.
    pub const ALL: [Self; 26] = [
        Self::Ceb311,
        Self::Ceb411,
        Self::Ceb511,
        Self::Ceb513,
        Self::Ceb621,
        Self::Ceb623,
        Self::Ceb625,
        Self::Ceb711,
        Self::Ceb816,
        Self::Ceb818,
        Self::Ceb303,
        Self::Ceb403,
        Self::Ceb505,
        Self::Ceb507,
        Self::Ceb509,
        Self::Ceb603,
        Self::Ceb605,
        Self::Ceb607,
        Self::Ceb701,
        Self::Ceb792,
        Self::Ceb213,
        Self::Ceb215,
        Self::IdentityAttestation,
        Self::ListStatus,
        Self::PaymentAllocation,
        Self::PaymentRefund,
    ];

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
        !matches!(
            self,
            Self::IdentityAttestation
                | Self::ListStatus
                | Self::PaymentAllocation
                | Self::PaymentRefund
        )
    }

    /// The message's fields.
    pub fn table(self) -> &'static MessageTable {
        match self {
            Self::Ceb311 => &import::ORDER,
            Self::Ceb411 => &import::PAYMENT,
            Self::Ceb511 => &import::WAYBILL,
            Self::Ceb513 => &import::WAYBILL_STATUS,
            Self::Ceb621 => &import::INVENTORY_LIST,
            Self::Ceb623 => &import::LIST_CANCELLATION,
            Self::Ceb625 => &import::LIST_RETURN,
            Self::Ceb711 => &import::WAREHOUSE_RECEIPT,
            Self::Ceb816 => &import::TAX_BILL,
            Self::Ceb818 => &import::TAX_BILL_STATUS,
            Self::Ceb303 => &export::ORDER,
            Self::Ceb403 => &export::FUNDS_RECEIPT,
            Self::Ceb505 => &export::WAYBILL,
            Self::Ceb507 => &export::ARRIVAL,
            Self::Ceb509 => &export::DEPARTURE,
            Self::Ceb603 => &export::LIST,
            Self::Ceb605 => &export::LIST_CANCELLATION,
            Self::Ceb607 => &export::CONSOLIDATION_BILL,
            Self::Ceb701 => &export::SUMMARY_APPLICATION,
            Self::Ceb792 => &export::SUMMARY_RESULT,
            Self::Ceb213 => &export::RETURN,
            Self::Ceb215 => &export::RETURN_TALLY,
            Self::IdentityAttestation => &import::IDENTITY_ATTESTATION,
            Self::ListStatus => &import::LIST_STATUS,
            Self::PaymentAllocation => &import::PAYMENT_ALLOCATION,
            Self::PaymentRefund => &import::PAYMENT_REFUND,
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
    use super::Format::{Code, Date, Digits, Exact, Instant, Integer, Text, Time};
    use super::common::{APP_TYPES, NUMBER};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_tables_have_as_many_fields_as_the_schema_and_no_name_twice() {
        let counts = [
            (30, 13),
            (18, 0),
            (19, 0),
            (10, 0),
            (47, 20),
            (24, 0),
            (24, 6),
            (19, 3),
            (15, 6),
            (7, 0),
            (14, 11),
            (16, 0),
            (17, 0),
            (19, 4),
            (17, 4),
            (48, 19),
            (14, 0),
            (21, 5),
            (22, 1),
            (20, 5),
            (28, 11),
            (20, 0),
            (5, 0),
            (14, 0),
            (6, 2),
            (11, 0),
        ];
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
            (Digits(3), "142", "1420"),
            (Digits(3), "142", "14x"),
            (Instant, "20261123160000999", "202611231600009990"),
            (Instant, "20261123160000999", "20261123160000+99"),
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
                let free = ["note", "itemDescribe", "goodsInfo", "reason", "location"]
                    .contains(&field.name);
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

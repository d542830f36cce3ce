//! What is known about each field of each message: its name, form, whether it must be there, and
//! whether it is personal. Reading, checking and the documentation derive from these tables.
//!
//! Taken from the official schema, edition 202205. Where the ledger is narrower (an organisation's
//! code has at most 18 letters and digits, an order is an import) the table says what the ledger
//! takes.

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
    /// The element of one document.
    pub document: &'static str,
    /// The element of its head.
    pub head: &'static str,
    /// The element of one line, where documents have lines.
    pub line: Option<&'static str>,
    /// The head's fields, in the schema's order.
    pub head_fields: &'static [Field],
    /// A line's fields, in the schema's order.
    pub line_fields: &'static [Field],
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
        match self {
            Self::Ceb311 => "CEB311Message",
            Self::Ceb411 => "CEB411Message",
            Self::Ceb511 => "CEB511Message",
            Self::Ceb621 => "CEB621Message",
            Self::IdentityAttestation => "IdentityAttestation",
        }
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
            Self::Ceb311 => &ORDER,
            Self::Ceb411 => &PAYMENT,
            Self::Ceb511 => &WAYBILL,
            Self::Ceb621 => &INVENTORY_LIST,
            Self::IdentityAttestation => &IDENTITY_ATTESTATION,
        }
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl MessageTable {
    /// The head's field of this name.
    pub fn head_field(&self, name: &str) -> Option<&'static Field> {
        self.head_fields.iter().find(|field| field.name == name)
    }

    /// The line's field of this name.
    pub fn line_field(&self, name: &str) -> Option<&'static Field> {
        self.line_fields.iter().find(|field| field.name == name)
    }
}

use Format::{Code, Date, Exact, Integer, OneOf, Text, Time};
use PersonalKind::{Address, IdentityNumber, Name, PlatformAccount, Telephone};

const APP_TYPES: Format = OneOf(&["1", "2", "3"]);
const APP_STATUSES: Format = OneOf(&["1", "2"]);
const NUMBER: Format = Format::Decimal;

static ORDER: MessageTable = MessageTable {
    document: "Order",
    head: "OrderHead",
    line: Some("OrderList"),
    head_fields: &[
        must("guid", Exact(36)),
        must("appType", APP_TYPES),
        must("appTime", Time),
        must("appStatus", APP_STATUSES),
        must("orderType", OneOf(&["I"])).dropped(),
        must("orderNo", Text(60)),
        must("ebpCode", Code),
        must("ebpName", Text(100)),
        must("ebcCode", Code),
        must("ebcName", Text(100)),
        must("goodsValue", NUMBER),
        must("freight", NUMBER),
        must("discount", NUMBER),
        must("taxTotal", NUMBER),
        must("acturalPaid", NUMBER),
        must("currency", Exact(3)),
        must("buyerRegNo", Text(60)).personal(PlatformAccount),
        must("buyerName", Text(60)).personal(Name),
        must("buyerTelephone", Text(30)).personal(Telephone),
        must("buyerIdType", Exact(1)),
        must("buyerIdNumber", Text(60)).personal(IdentityNumber),
        may("payCode", Code),
        may("payName", Text(100)),
        may("payTransactionId", Text(60)),
        may("batchNumbers", Text(100)),
        must("consignee", Text(100)).personal(Name),
        must("consigneeTelephone", Text(50)).personal(Telephone),
        must("consigneeAddress", Text(200)).personal(Address),
        may("consigneeDistrict", Exact(6)),
        may("note", Text(1000)).dropped(),
    ],
    line_fields: &[
        must("gnum", Integer),
        may("itemNo", Text(30)),
        must("itemName", Text(250)),
        must("gmodel", Text(510)),
        may("itemDescribe", Text(1000)).dropped(),
        may("barCode", Text(50)),
        must("unit", Exact(3)),
        must("qty", NUMBER),
        must("price", NUMBER),
        must("totalPrice", NUMBER),
        must("currency", Exact(3)),
        must("country", Exact(3)),
        may("note", Text(1000)).dropped(),
    ],
};

static PAYMENT: MessageTable = MessageTable {
    document: "Payment",
    head: "PaymentHead",
    line: None,
    head_fields: &[
        must("guid", Exact(36)),
        must("appType", APP_TYPES),
        must("appTime", Time),
        must("appStatus", APP_STATUSES),
        must("payCode", Code),
        must("payName", Text(100)),
        must("payTransactionId", Text(60)),
        must("orderNo", Text(60)),
        must("ebpCode", Code),
        must("ebpName", Text(100)),
        must("payerIdType", Exact(1)),
        must("payerIdNumber", Text(60)).personal(IdentityNumber),
        must("payerName", Text(60)).personal(Name),
        may("telephone", Text(60)).personal(Telephone),
        must("amountPaid", NUMBER),
        must("currency", Exact(3)),
        must("payTime", Time),
        may("note", Text(1000)).dropped(),
    ],
    line_fields: &[],
};

static WAYBILL: MessageTable = MessageTable {
    document: "Logistics",
    head: "LogisticsHead",
    line: None,
    head_fields: &[
        must("guid", Exact(36)),
        must("appType", APP_TYPES),
        must("appTime", Time),
        must("appStatus", APP_STATUSES),
        must("logisticsCode", Code),
        must("logisticsName", Text(100)),
        must("logisticsNo", Text(60)),
        may("billNo", Text(37)),
        must("orderNo", Text(60)),
        may("freight", NUMBER),
        may("insuredFee", NUMBER),
        must("currency", Exact(3)),
        must("weight", NUMBER),
        must("packNo", Integer),
        may("goodsInfo", Text(200)).dropped(),
        must("consignee", Text(100)).personal(Name),
        must("consigneeAddress", Text(200)).personal(Address),
        must("consigneeTelephone", Text(50)).personal(Telephone),
        may("note", Text(1000)).dropped(),
    ],
    line_fields: &[],
};

static INVENTORY_LIST: MessageTable = MessageTable {
    document: "Inventory",
    head: "InventoryHead",
    line: Some("InventoryList"),
    head_fields: &[
        must("guid", Exact(36)),
        must("appType", APP_TYPES),
        must("appTime", Time),
        must("appStatus", APP_STATUSES),
        must("orderNo", Text(60)),
        must("ebpCode", Code),
        must("ebpName", Text(100)),
        must("ebcCode", Code),
        must("ebcName", Text(100)),
        must("logisticsNo", Text(60)),
        must("logisticsCode", Code),
        must("logisticsName", Text(100)),
        may("copNo", Text(20)),
        may("preNo", Text(18)),
        must("assureCode", Code),
        may("emsNo", Text(30)),
        may("invtNo", Text(18)),
        must("ieFlag", Exact(1)),
        must("declTime", Date),
        must("customsCode", Exact(4)),
        must("portCode", Exact(4)),
        may("ieDate", Date),
        must("buyerIdType", Exact(1)),
        must("buyerIdNumber", Text(60)).personal(IdentityNumber),
        must("buyerName", Text(60)).personal(Name),
        must("buyerTelephone", Text(30)).personal(Telephone),
        must("consigneeAddress", Text(200)).personal(Address),
        must("agentCode", Code),
        must("agentName", Text(100)),
        may("areaCode", Code),
        may("areaName", Text(100)),
        must("tradeMode", Exact(4)),
        must("trafMode", Exact(1)),
        may("trafNo", Text(100)),
        may("voyageNo", Text(32)),
        may("billNo", Text(37)),
        may("loctNo", Text(10)),
        may("licenseNo", Text(19)),
        must("country", Exact(3)),
        must("freight", NUMBER),
        must("insuredFee", NUMBER),
        must("currency", Exact(3)),
        may("wrapType", Exact(1)),
        must("packNo", Integer),
        must("grossWeight", NUMBER),
        must("netWeight", NUMBER),
        may("note", Text(1000)).dropped(),
    ],
    line_fields: &[
        must("gnum", Integer),
        may("itemRecordNo", Text(30)),
        may("itemNo", Text(20)),
        may("itemName", Text(250)),
        must("gcode", Exact(10)),
        must("gname", Text(250)),
        must("gmodel", Text(510)),
        may("barCode", Text(50)),
        must("country", Exact(3)),
        may("tradeCountry", Text(3)),
        must("currency", Exact(3)),
        must("qty", NUMBER),
        must("unit", Exact(3)),
        must("qty1", NUMBER),
        must("unit1", Exact(3)),
        may("qty2", NUMBER),
        may("unit2", Exact(3)),
        must("price", NUMBER),
        must("totalPrice", NUMBER),
        may("note", Text(1000)).dropped(),
    ],
};

static IDENTITY_ATTESTATION: MessageTable = MessageTable {
    document: "Attestation",
    head: "AttestationHead",
    line: None,
    head_fields: &[
        must("guid", Exact(36)),
        must("appType", APP_TYPES),
        must("appTime", Time),
        must("idNumber", Text(60)).personal(IdentityNumber),
        must("name", Text(60)).personal(Name),
    ],
    line_fields: &[],
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_tables_have_as_many_fields_as_the_schema_and_no_name_twice() {
        let counts = [(30, 13), (18, 0), (19, 0), (47, 20), (5, 0)];
        for (message_type, (head, line)) in MessageType::ALL.into_iter().zip(counts) {
            let table = message_type.table();
            assert_eq!((table.head_fields.len(), table.line_fields.len()), (head, line));
            for fields in [table.head_fields, table.line_fields] {
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
            for field in table.head_fields.iter().chain(table.line_fields) {
                let free = ["note", "itemDescribe", "goodsInfo"].contains(&field.name);
                let personal = matches!(field.treatment, Treatment::Personal(_));
                assert_eq!(field.is_showable(), !free && !personal, "{}", field.name);
            }
        }
    }
}

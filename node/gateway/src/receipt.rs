//! Receipt messages: what became of each document of a message, in the form in which customs
//! answers (312 to 311, 412 to 411 and so on), so that the software that wrote the message reads
//! the answer too.
//!
//! Which elements a receipt has, and how long they may be, stands in [`crate::field_table`]. What
//! a bad document lacks is filled in, so that the receipt that says so keeps to customs' schema.

use crate::error::shortened;
use crate::field_table::{Field, Format, MessageType, ReceiptTable};
use crate::raw::{RawFields, RawMessage};
use crate::write::{Names, Writer};
use kanhe_contracts::rejection::Rejection;
use kanhe_types::hash::Hash;
use kanhe_types::time::{CustomsTime, Millis};

/// How the name of a receipt message's file ends. Folders are searched without such files, so that
/// receipts may lie beside what they answer.
pub const FILE_ENDING: &str = ".receipt.xml";

/// Characters of `returnInfo` in a receipt, and in the answer to a file that is no message.
const INFO_CHARS_MAX: usize = 1_000;
const FILE_INFO_CHARS_MAX: usize = 5_000;
/// Characters of customs' number for a document, `preNo`.
const PRE_NO_CHARS: usize = 18;
/// Stands for an identifier that a document does not have.
const NIL_GUID: &str = "00000000-0000-0000-0000-000000000000";

/// What became of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentReceipt {
    /// Its identity on the ledger, where it got that far.
    pub id: Option<Hash>,
    /// The answer.
    pub status: ReturnStatus,
    /// When that was decided.
    pub time: Millis,
    /// In words: what is wrong and what to do, or where it stands.
    pub info: String,
}

/// The answer to one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnStatus {
    /// It is part of the ledger.
    Accepted,
    /// It was refused; with customs' own negative code, where there is one for the reason.
    Rejected(Option<i32>),
    /// It could not be sent.
    NotSent,
}

/// What a receipt repeats of each document of a message, so that its sender finds it: the fields of
/// [`ReceiptTable::keys`] and the identifier. None of them is personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptKeys {
    message_type: MessageType,
    documents: Vec<RawFields>,
}

impl ReturnStatus {
    fn number(self, table: &ReceiptTable) -> i32 {
        const REJECTED: i32 = 100;
        const NOT_SENT: i32 = 4;
        match self {
            Self::Accepted => table.accepted,
            Self::Rejected(official) => official.unwrap_or(REJECTED),
            Self::NotSent => NOT_SENT,
        }
    }

    /// The answer to a document of which a field is wrong.
    pub fn of_field_error(message_type: MessageType) -> Self {
        // The ledger's own word for a text that its field does not allow.
        Self::Rejected(Rejection::TextMalformed.official(Some(message_type.table().kind)))
    }
}

impl ReceiptKeys {
    /// What a receipt repeats of a message; none where customs answers such messages with none.
    pub fn of(message: &RawMessage) -> Option<Self> {
        let message_type = message.message_type;
        let table = message_type.table().receipt?;
        let documents = message.documents.iter().map(|document| {
            let mut keys = RawFields::default();
            for name in table.keys.iter().map(|key| key.name).chain(["guid"]) {
                keys.set(name, document.head.get(name).unwrap_or_default());
            }
            keys
        });
        Some(Self { message_type, documents: documents.collect() })
    }

    /// The message that is answered.
    pub fn message_type(&self) -> MessageType {
        self.message_type
    }

    /// The receipt message, given what became of each document in their order.
    ///
    /// # Panics
    /// When there are not as many receipts as documents.
    pub fn message(&self, receipts: &[DocumentReceipt]) -> Vec<u8> {
        assert_eq!(receipts.len(), self.documents.len(), "each document has one receipt");
        let table = self.message_type.table().receipt;
        let table = table.expect("a message without a receipt message has no keys");
        let guid = self.documents.first().map_or(NIL_GUID, guid);
        let mut writer = Writer::begin(Names::Prefixed, table.name, guid);
        for (keys, receipt) in self.documents.iter().zip(receipts) {
            writer.inside(table.element, |writer| {
                writer.field("guid", self::guid(keys));
                for key in table.keys {
                    if let Some(text) = key_text(key, keys, receipt) {
                        writer.field(key.name, &text);
                    }
                }
                writer.field("returnStatus", &receipt.status.number(&table).to_string());
                writer.field("returnTime", &return_time(receipt.time));
                writer.field("returnInfo", &info(&receipt.info, INFO_CHARS_MAX));
            });
        }
        writer.end(table.name).into_bytes()
    }
}

/// The answer to a file that is not a message at all: customs' 900. The file's content, which may
/// be personal, is not repeated.
pub fn of_file(time: Millis, text: &str) -> Vec<u8> {
    const NAME: &str = "CEB900Message";
    let mut writer = Writer::begin(Names::Prefixed, NAME, NIL_GUID);
    writer.inside("MessageReturn", |writer| {
        writer.field("guid", NIL_GUID);
        writer.field("returnStatus", "-1");
        writer.field("returnInfo", &info(text, FILE_INFO_CHARS_MAX));
        writer.field("returnTime", &return_time(time));
        writer.field("oriCopMsgId", "");
        writer.field("oriMessageType", "Unknown");
        writer.field("oriBizMessage", "");
    });
    writer.end(NAME).into_bytes()
}

fn guid(keys: &RawFields) -> &str {
    let own = keys.get("guid").filter(|guid| Format::Exact(36).is_met_by(guid));
    own.filter(|guid| guid.chars().all(is_written)).unwrap_or(NIL_GUID)
}

/// `YYYYMMDDhhmmssSSS` in China.
fn return_time(time: Millis) -> String {
    let ms = time.0.checked_rem(1_000).unwrap_or_default();
    format!("{}{ms:03}", CustomsTime::from_millis(time))
}

/// The text of a key in the form that the receipt's schema demands, whatever the document says;
/// none for an optional one that it does not state.
fn key_text(key: &Field, keys: &RawFields, receipt: &DocumentReceipt) -> Option<String> {
    let own = keys.get(key.name).map(written);
    let own = match (own, key.name) {
        (None, "preNo") => Some(pre_no(receipt.id)),
        // A company's own number for a list may be missing; the ledger's stands for it.
        (None, "copNo") if key.mandatory => Some(pre_no(receipt.id)),
        (own, _) => own,
    };
    let own = own.or_else(|| key.mandatory.then(String::new))?;
    let fitted = match key.format {
        Format::Exact(count) | Format::Digits(count) => {
            let text = own.chars().chain(std::iter::repeat('0')).take(count);
            return (key.mandatory || own.chars().count() == count).then(|| text.collect());
        }
        Format::Integer | Format::OneOf(_) if !key.format.is_met_by(&own) => "0".to_owned(),
        Format::Text(max) => own.chars().take(max).collect(),
        Format::Code => own.chars().take(18).collect(),
        _ => own,
    };
    Some(if fitted.is_empty() { "0".to_owned() } else { fitted })
}

/// The ledger's number for a document: the beginning of its identity.
fn pre_no(id: Option<Hash>) -> String {
    let id = id.unwrap_or_default().to_string().to_uppercase();
    format!("K{id}").chars().take(PRE_NO_CHARS).collect()
}

/// One line of at most so many characters.
fn info(text: &str, chars_max: usize) -> String {
    let text = written(text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().count() {
        0 => "-".to_owned(),
        _ => shortened(&text, chars_max.saturating_sub(1)),
    }
}

/// A text without what XML cannot hold.
fn written(text: &str) -> String {
    text.chars().map(|character| if is_written(character) { character } else { ' ' }).collect()
}

fn is_written(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::RawDocument;
    use proptest::prelude::*;

    fn message(message_type: MessageType, fields: &[(&'static str, &str)]) -> RawMessage {
        let mut document = RawDocument::default();
        for (name, text) in fields {
            document.head.set(name, text);
        }
        RawMessage { message_type, sender: None, documents: vec![document] }
    }

    fn receipt(status: ReturnStatus, info: &str) -> DocumentReceipt {
        // 2026-11-28T15:00:00.123 in China.
        let time = Millis(1_795_849_200_123);
        DocumentReceipt { id: Some(Hash([0xAB; 32])), status, time, info: info.into() }
    }

    fn written_for(message: &RawMessage, receipt: DocumentReceipt) -> String {
        String::from_utf8(ReceiptKeys::of(message).unwrap().message(&[receipt])).unwrap()
    }

    #[test]
    fn an_accepted_order_has_the_whole_receipt() {
        let guid = "00000000-0000-0000-0000-00000000000A";
        let fields = [("guid", guid), ("ebpCode", "E1"), ("ebcCode", "E2"), ("orderNo", "A&B")];
        let order = message(MessageType::Ceb311, &fields);
        let text = written_for(&order, receipt(ReturnStatus::Accepted, "accepted at height 7"));
        let expected = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<ceb:CEB312Message guid="{guid}" version="1.0" xmlns:ceb="http://www.chinaport.gov.cn/ceb">
  <ceb:OrderReturn>
    <ceb:guid>{guid}</ceb:guid>
    <ceb:ebpCode>E1</ceb:ebpCode>
    <ceb:ebcCode>E2</ceb:ebcCode>
    <ceb:orderNo>A&amp;B</ceb:orderNo>
    <ceb:returnStatus>120</ceb:returnStatus>
    <ceb:returnTime>20261128150000123</ceb:returnTime>
    <ceb:returnInfo>accepted at height 7</ceb:returnInfo>
  </ceb:OrderReturn>
</ceb:CEB312Message>
"#
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_rejection_has_customs_code_or_100_and_what_was_not_sent_has_4() {
        let payment = message(MessageType::Ceb411, &[]);
        for (status, number) in [
            (ReturnStatus::Rejected(Some(-401_007)), "-401007"),
            (ReturnStatus::Rejected(None), "100"),
            (ReturnStatus::NotSent, "4"),
            (ReturnStatus::of_field_error(MessageType::Ceb411), "-401009"),
        ] {
            let text = written_for(&payment, receipt(status, "x"));
            let expected = format!("<ceb:returnStatus>{number}</ceb:returnStatus>");
            assert!(text.contains(&expected), "{text}");
        }
    }

    #[test]
    fn a_list_without_numbers_gets_the_ledgers() {
        let text = written_for(
            &message(MessageType::Ceb621, &[("customsCode", "51")]),
            receipt(ReturnStatus::Accepted, "x"),
        );
        assert!(text.contains("<ceb:preNo>KABABABABABABABABA</ceb:preNo>"), "{text}");
        assert!(text.contains("<ceb:copNo>KABABABABABABABABA</ceb:copNo>"), "{text}");
        assert!(text.contains(NIL_GUID) && !text.contains("customsCode"), "{text}");
    }

    #[test]
    fn a_file_that_is_no_message_is_answered_without_its_content() {
        let text = String::from_utf8(of_file(Millis(0), "x.xml:1:2: not XML")).unwrap();
        assert!(text.contains("<ceb:returnInfo>x.xml:1:2: not XML</ceb:returnInfo>"), "{text}");
        assert!(text.contains("<ceb:returnTime>19700101080000000</ceb:returnTime>"), "{text}");
    }

    /// Name and text of one field's line.
    fn field(line: &str) -> (String, String) {
        let (name, rest) =
            line.trim_start().strip_prefix("<ceb:").unwrap().split_once('>').unwrap();
        let text = rest.strip_suffix(&format!("</ceb:{name}>")).unwrap();
        (name.to_owned(), quick_xml::escape::unescape(text).unwrap().into_owned())
    }

    fn keys() -> impl Strategy<Value = RawMessage> {
        let types = MessageType::ALL.into_iter().filter(|own| own.table().receipt.is_some());
        let types = proptest::sample::select(types.collect::<Vec<_>>());
        let texts = proptest::collection::vec(".{0,70}", 12);
        (types, texts).prop_map(|(message_type, texts)| {
            let keys = message_type.table().receipt.unwrap().keys.iter().map(|key| key.name);
            let names: Vec<&'static str> = keys.chain(["guid"]).collect();
            let mut message = message(message_type, &[]);
            for (name, text) in names.into_iter().zip(&texts) {
                message.documents[0].head.set(name, text);
            }
            message
        })
    }

    proptest! {
        #[test]
        fn whatever_a_document_says_its_receipt_keeps_to_the_table(
            message in keys(),
            text in "\\PC{0,1200}",
        ) {
            let table = message.message_type.table().receipt.unwrap();
            let written = written_for(&message, receipt(ReturnStatus::NotSent, &text));
            let lines: Vec<&str> = written.lines().collect();
            // Declaration, root, document; and their ends.
            let fields: Vec<(String, String)> =
                lines[3..lines.len() - 2].iter().map(|line| field(line)).collect();
            let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            let all = table.keys.iter().map(|key| key.name);
            let all: Vec<&str> = std::iter::once("guid")
                .chain(all)
                .chain(["returnStatus", "returnTime", "returnInfo"])
                .collect();
            let expected = all.into_iter().filter(|name| names.contains(name));
            prop_assert_eq!(expected.collect::<Vec<_>>(), names.clone());
            for key in table.keys {
                let Some((_, text)) = fields.iter().find(|(name, _)| name == key.name) else {
                    prop_assert!(!key.mandatory, "{}", key.name);
                    continue;
                };
                let max = match key.format {
                    Format::Exact(count) | Format::Digits(count) | Format::Text(count) => count,
                    Format::OneOf(_) => 1,
                    _ => 18,
                };
                prop_assert!((1..=max).contains(&text.chars().count()), "{} {text}", key.name);
            }
            let (_, text) = fields.last().unwrap();
            prop_assert!((1..=1_000).contains(&text.chars().count()));
        }
    }
}

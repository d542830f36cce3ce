//! Raw messages to bytes, in the styles that customs software uses.

use crate::field_table::{Field, MessageTable};
use crate::raw::{RawDocument, RawFields, RawMessage};
use crate::xml::{CEB_NAMESPACE, DXP_NAMESPACE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::escape::escape;
use std::fmt::Write;

/// How the XML is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct XmlStyle {
    /// How elements name their namespace.
    pub names: Names,
    /// Whether a byte order mark comes first.
    pub byte_order_mark: bool,
    /// Whether the message stands in a `DxpMsg` envelope.
    pub envelope: bool,
}

/// How elements name their namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// `<ceb:Order>`.
    #[default]
    Prefixed,
    /// `<Order>`, with the namespace as the default.
    Plain,
}

/// A message as customs XML. Absent fields are left out; there is no signature.
pub fn xml(message: &RawMessage, style: XmlStyle) -> Vec<u8> {
    let business = business(message, style.names);
    let text = if style.envelope { envelope(message, &business) } else { business };
    let mark = if style.byte_order_mark { "\u{FEFF}" } else { "" };
    format!("{mark}{text}").into_bytes()
}

/// A message as JSON, as [`crate::json`] reads it.
pub fn json(message: &RawMessage) -> Vec<u8> {
    let table = message.message_type.table();
    let object = |fields: &RawFields, table: &[Field]| {
        let pairs = table.iter().filter_map(|field| {
            fields.get(field.name).map(|text| (field.name.to_owned(), text.into()))
        });
        serde_json::Value::Object(pairs.collect())
    };
    let documents = message.documents.iter().map(|document| {
        let lines = document.lines.iter().map(|line| object(line, table.line_fields()));
        let lines: Vec<_> = lines.collect();
        serde_json::json!({ "head": object(&document.head, table.head_fields), "lines": lines })
    });
    let documents: Vec<_> = documents.collect();
    let whole = serde_json::json!({
        "message": message.message_type.name(),
        "sender": message.sender,
        "documents": documents,
    });
    format!("{whole:#}\n").into_bytes()
}

/// Writes elements, indented.
pub(crate) struct Writer {
    text: String,
    prefix: &'static str,
    depth: usize,
}

impl Writer {
    /// A message of customs' namespace, its root still open.
    pub(crate) fn begin(names: Names, name: &str, guid: &str) -> Self {
        let (prefix, declaration) = match names {
            Names::Prefixed => ("ceb:", "xmlns:ceb"),
            Names::Plain => ("", "xmlns"),
        };
        let mut writer = Self { text: String::new(), prefix, depth: 0 };
        writer.line(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
        let guid = escape(guid);
        writer.line(&format!(
            r#"<{prefix}{name} guid="{guid}" version="1.0" {declaration}="{CEB_NAMESPACE}">"#
        ));
        writer.depth = 1;
        writer
    }

    /// What was written, with the root closed.
    pub(crate) fn end(mut self, name: &str) -> String {
        self.close(name);
        self.text
    }

    fn line(&mut self, content: &str) {
        let indent = self.depth.saturating_mul(2);
        writeln!(self.text, "{:indent$}{content}", "").expect("writing to a string cannot fail");
    }

    fn open(&mut self, name: &str) {
        self.line(&format!("<{}{name}>", self.prefix));
        self.depth = self.depth.saturating_add(1);
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(&format!("</{}{name}>", self.prefix));
    }

    pub(crate) fn field(&mut self, name: &str, text: &str) {
        let prefix = self.prefix;
        self.line(&format!("<{prefix}{name}>{}</{prefix}{name}>", escape(text)));
    }

    fn fields(&mut self, table: &[Field], fields: &RawFields) {
        for field in table {
            if let Some(text) = fields.get(field.name) {
                self.field(field.name, text);
            }
        }
    }

    pub(crate) fn inside(&mut self, element: &str, write: impl FnOnce(&mut Self)) {
        self.open(element);
        write(self);
        self.close(element);
    }

    fn document(&mut self, table: &MessageTable, document: &RawDocument) {
        self.inside(table.document, |inside| {
            let head = |own: &mut Self| own.fields(table.head_fields, &document.head);
            match table.head {
                Some(element) => inside.inside(element, head),
                None => head(inside),
            }
            let element = table.lines.map_or("", |lines| lines.element);
            for line in &document.lines {
                inside.inside(element, |own| own.fields(table.line_fields(), line));
            }
        });
    }

    fn transfer(&mut self, sender: &str) {
        self.open("BaseTransfer");
        self.field("copCode", sender);
        self.field("copName", sender);
        self.field("dxpMode", "DXP");
        self.field("dxpId", "DXPTEST000000000");
        self.close("BaseTransfer");
    }
}

/// The identifier of the first document, which customs software repeats on the message.
fn guid(message: &RawMessage) -> &str {
    message.documents.first().and_then(|document| document.head.get("guid")).unwrap_or_default()
}

fn business(message: &RawMessage, names: Names) -> String {
    let table = message.message_type.table();
    let mut writer = Writer::begin(names, table.name, guid(message));
    for document in &message.documents {
        writer.document(table, document);
    }
    if let Some(sender) = &message.sender {
        writer.transfer(sender);
    }
    writer.end(table.name)
}

fn envelope(message: &RawMessage, business: &str) -> String {
    let mut writer = Writer { text: String::new(), prefix: "dxp:", depth: 0 };
    writer.line(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    writer.line(&format!(r#"<dxp:DxpMsg ver="1.0" xmlns:dxp="{DXP_NAMESPACE}">"#));
    writer.depth = 1;
    writer.open("TransInfo");
    writer.field("CopMsgId", guid(message));
    writer.field("SenderId", "DXPTEST000000000");
    writer.field("MsgType", message.message_type.name());
    writer.close("TransInfo");
    writer.field("Data", &STANDARD.encode(business));
    writer.close("DxpMsg");
    writer.text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field_table::MessageType;
    use crate::{json, xml};
    use proptest::prelude::*;

    /// Texts without control characters, as fields hold them.
    fn part(table: &'static [Field]) -> impl Strategy<Value = RawFields> {
        let texts = proptest::collection::vec(
            proptest::option::of("[^\\p{Cc}\\p{Z}]([^\\p{Cc}]{0,8}[^\\p{Cc}\\p{Z}])?"),
            table.len(),
        );
        texts.prop_map(move |texts| {
            let mut fields = RawFields::default();
            for (field, text) in table.iter().zip(texts) {
                fields.set(field.name, text.unwrap_or_default());
            }
            fields
        })
    }

    fn message() -> impl Strategy<Value = RawMessage> {
        let types = MessageType::ALL.into_iter().filter(|message_type| message_type.is_customs());
        proptest::sample::select(types.collect::<Vec<_>>()).prop_flat_map(|message_type| {
            let table = message_type.table();
            let lines = if table.lines.is_some() { 0..3 } else { 0..1 };
            let lines = proptest::collection::vec(part(table.line_fields()), lines);
            let document = (part(table.head_fields), lines)
                .prop_map(|(head, lines)| RawDocument { head, lines });
            let documents = proptest::collection::vec(document, 1..4);
            let sender = proptest::option::of("[A-Z0-9]{1,18}");
            (sender, documents).prop_map(move |(sender, documents)| RawMessage {
                message_type,
                sender,
                documents,
            })
        })
    }

    fn style() -> impl Strategy<Value = XmlStyle> {
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(plain, mark, envelope)| {
            let names = if plain { Names::Plain } else { Names::Prefixed };
            XmlStyle { names, byte_order_mark: mark, envelope }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_message_comes_back_from_its_xml(message in message(), style in style()) {
            let bytes = xml(&message, style);
            prop_assert_eq!(xml::parse(&bytes), Ok(message));
        }

        #[test]
        fn every_message_comes_back_from_its_json(message in message()) {
            let bytes = super::json(&message);
            prop_assert_eq!(json::parse(&bytes), Ok(json::Content::Message(message)));
        }
    }
}

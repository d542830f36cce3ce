//! A message as its sender wrote it: texts by field name, before they are checked.
//!
//! Holds personal data in clear, so nothing here prints a value.

use crate::field_table::MessageType;
use std::collections::BTreeMap;
use std::fmt;

/// A message as its sender wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMessage {
    /// What it holds.
    pub message_type: MessageType,
    /// The code of the enterprise that transfers it (`BaseTransfer/copCode`).
    pub sender: Option<String>,
    /// Its documents.
    pub documents: Vec<RawDocument>,
}

/// One document of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawDocument {
    /// The head's fields.
    pub head: RawFields,
    /// The lines' fields.
    pub lines: Vec<RawFields>,
}

/// Texts by field name. Texts are trimmed; an empty one counts as absent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RawFields(BTreeMap<&'static str, String>);

impl RawFields {
    /// The text of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a field's text, trimmed; an empty text removes the field.
    pub fn set(&mut self, name: &'static str, text: impl AsRef<str>) {
        let text = text.as_ref().trim();
        if text.is_empty() {
            self.0.remove(name);
        } else {
            self.0.insert(name, text.to_owned());
        }
    }

    /// Removes a field.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }
}

impl fmt::Debug for RawFields {
    /// Names and lengths only: the values may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths = self.0.iter().map(|(name, text)| (name, text.chars().count()));
        f.debug_map().entries(lengths).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_value() {
        let mut fields = RawFields::default();
        fields.set("buyerName", " 测试某甲 ");
        assert_eq!(format!("{fields:?}"), r#"{"buyerName": 4}"#);
        assert_eq!(fields.get("buyerName"), Some("测试某甲"));
    }

    #[test]
    fn an_empty_text_counts_as_absent() {
        let mut fields = RawFields::default();
        fields.set("note", "x");
        fields.set("note", "  ");
        assert_eq!(fields, RawFields::default());
    }
}

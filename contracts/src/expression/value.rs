//! What expressions are about: six types, and their values.

use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The type of a value.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A number with five fraction digits.
    Decimal,
    /// Characters.
    Text,
    /// Bytes that only say whether they are the same: a pseudonym or a code.
    Key,
    /// Several texts.
    Texts,
}

impl Type {
    /// What a fact that is missing counts as.
    pub fn zero(self) -> Value<'static> {
        match self {
            Self::Bool => Value::Bool(false),
            Self::Int => Value::Int(0),
            Self::Decimal => Value::Decimal(Decimal::ZERO),
            Self::Text => Value::Text(""),
            Self::Key => Value::Key(&[]),
            Self::Texts => Value::Texts(&[]),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Decimal => "decimal",
            Self::Text => "text",
            Self::Key => "key",
            Self::Texts => "texts",
        })
    }
}

/// A value: a fact that an expression reads, or what it gives.
///
/// The cost of expressions assumes that texts have at most
/// [`FACT_TEXT_CHARS_MAX`](crate::limits::FACT_TEXT_CHARS_MAX) characters and lists at most
/// [`FACT_TEXTS_MAX`](crate::limits::FACT_TEXTS_MAX) of them; whoever makes facts keeps to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with five fraction digits.
    Decimal(Decimal),
    /// Characters.
    Text(&'a str),
    /// A pseudonym or a code.
    Key(&'a [u8]),
    /// Several texts.
    Texts(&'a [String]),
}

impl Value<'_> {
    /// The value's type.
    pub fn type_of(self) -> Type {
        match self {
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Decimal(_) => Type::Decimal,
            Self::Text(_) => Type::Text,
            Self::Key(_) => Type::Key,
            Self::Texts(_) => Type::Texts,
        }
    }
}

/// Bytes of a key that people are shown.
const KEY_BYTES_SHOWN: usize = 8;

impl fmt::Display for Value<'_> {
    /// For people: texts as they are, lists in brackets, of a key the first bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
            Self::Key(value) => {
                value.iter().take(KEY_BYTES_SHOWN).try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Texts(value) => {
                f.write_str("[")?;
                for (index, text) in value.iter().enumerate() {
                    let between = if index == 0 { "" } else { ", " };
                    write!(f, "{between}{text}")?;
                }
                f.write_str("]")
            }
        }
    }
}

//! Customs messages in, typed documents out.
//!
//! The crate reads the XML that enterprises already produce for customs (edition 202205, import and
//! export: `docs/spec/messages.md` lists them), or the same as JSON, checks every field against
//! one table, and replaces personal data by keyed pseudonyms before anything is signed. It
//! checks the XML signature that a message carries, and states whose certificate it was. It also
//! writes such messages: invented trade for demonstrations and tests.
//!
//! It never touches the network, never signs itself, never logs, and never shows a personal
//! value: not in an error, not in debug output. `docs/spec/customs-xml.md` describes what is
//! read.
//!
//! Modules in reading order:
//! - [`field_table`]: what is known about each field; everything else derives from it.
//! - [`raw`]: a message as written, before its fields are checked.
//! - [`error`]: what can be wrong with a file, a message, a field.
//! - [`xml`], [`json`]: bytes to raw messages.
//! - [`csv`], [`mapping`]: tables of other software to raw messages.
//! - [`signature`]: the XML signature that a message carries.
//! - [`pseudonymise`]: normalisation of personal values, and the key.
//! - [`personal`]: where pseudonyms come from, a key at hand or a service's answers.
//! - [`convert`]: raw messages to typed documents.
//! - [`read`]: files and folders.
//! - [`write`]: raw messages to bytes.
//! - [`receipt`]: the messages that answer them.
//! - [`schema`], [`page`]: the tables as JSON Schema, and as a page of the specification.
//! - [`world`]: trade from a seed with planted faults: a day of imports, or a whole zone's.

#![deny(clippy::float_arithmetic)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may panic"))]

pub mod convert;
pub mod csv;
pub mod error;
pub mod field_table;
pub mod json;
pub mod limits;
pub mod mapping;
pub mod page;
pub mod personal;
pub mod pseudonymise;
pub mod raw;
pub mod read;
pub mod receipt;
pub mod schema;
pub mod signature;
pub mod world;
pub mod write;
pub mod xml;

//! What can be wrong with a file, a message, a field. No text shows a personal value.

use crate::field_table::MessageType;
use crate::limits::{DEPTH_MAX, DOCUMENTS_MAX, FILES_MAX, TEXT_BYTES_MAX};
use crate::signature::SignatureProblem;
use std::fmt;
use std::path::PathBuf;

/// A place in a text, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character of the line.
    pub column: usize,
}

/// A message could not be read as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Where, as far as it is known.
    pub position: Option<Position>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a message as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Longer than the bound.
    #[error(
        "expected at most {max} bytes, found {found}; split the file into messages of at most \
         {DOCUMENTS_MAX} documents"
    )]
    TooLarge {
        /// The bound.
        max: usize,
        /// The length.
        found: usize,
    },
    /// Not UTF-8.
    #[error("expected UTF-8, byte {at} of the file is not; save the file as UTF-8")]
    NotUtf8 {
        /// Where the first wrong byte is, from 0.
        at: usize,
    },
    /// Another encoding is declared.
    #[error(
        "expected UTF-8, the XML declaration says {declared}; save the file as UTF-8 and declare \
         encoding=\"UTF-8\""
    )]
    Encoding {
        /// What the declaration says.
        declared: String,
    },
    /// Not well-formed XML.
    #[error("not well-formed XML: {0}; send the file as your customs software wrote it")]
    Malformed(String),
    /// A document type declaration.
    #[error("document type and entity declarations are refused; remove the <!DOCTYPE ...>")]
    Doctype,
    /// An entity that XML does not predefine.
    #[error("expected &lt; &gt; &amp; &apos; &quot; or a character reference, found &{0};")]
    Entity(String),
    /// Elements too deep inside one another.
    #[error("expected at most {DEPTH_MAX} elements inside one another, found more")]
    TooDeep,
    /// A text longer than any field.
    #[error("expected a text of at most {TEXT_BYTES_MAX} bytes in {path}, found a longer one")]
    TextTooLong {
        /// The element.
        path: String,
    },
    /// A customs message that is not read.
    #[error("{0} is not read; read are {list}", list = supported())]
    Unsupported(String),
    /// A receipt message.
    #[error("{0} is a receipt, which answers a message; send the message itself")]
    Receipt(String),
    /// Something else than a customs message.
    #[error(
        "expected a customs message such as CEB311Message, or a DxpMsg that holds one, found {0}"
    )]
    UnknownRoot(String),
    /// An element outside the namespace it belongs to.
    #[error(
        "expected {element} to belong to the namespace {expected}; declare it on the root element"
    )]
    Namespace {
        /// The element.
        element: String,
        /// The namespace it must belong to.
        expected: &'static str,
    },
    /// An element that the message does not have.
    #[error("{path} is not an element of this message; remove it or correct its name")]
    UnknownElement {
        /// The element.
        path: String,
    },
    /// An element twice.
    #[error("expected {path} once, found it again; leave only one")]
    Duplicate {
        /// The element.
        path: String,
    },
    /// Text where only elements stand.
    #[error("expected only elements in {path}, found text between them; remove the text")]
    StrayText {
        /// The element.
        path: String,
    },
    /// More documents than a message may hold.
    #[error(
        "a message holds at most {DOCUMENTS_MAX} documents, this one holds more; split it into \
         several files"
    )]
    TooManyDocuments,
    /// No document.
    #[error("a message holds 1 to {DOCUMENTS_MAX} documents, this one holds none")]
    NoDocuments,
    /// The envelope holds no business message.
    #[error("the envelope DxpMsg has no Data; expected the customs message there, as base64")]
    NoData,
    /// The envelope's content is not base64.
    #[error("expected base64 in the envelope's Data, found something else")]
    NotBase64,
    /// The message inside the envelope is wrong.
    #[error("in the envelope's Data: {0}")]
    Inner(Box<ParseError>),
    /// The message's signature is not of the official form, or not valid.
    #[error(transparent)]
    Signature(Box<SignatureProblem>),
    /// Not the JSON that the gateway reads.
    #[error("not a message in JSON: {0}")]
    Json(String),
}

/// A field of one document is wrong. The other documents of the message are not affected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {path}: expected {expected}, found {found}; {remedy}")]
pub struct FieldError {
    /// The file, as the caller named it.
    pub file: String,
    /// Which document of the message, from 0.
    pub document: usize,
    /// The element, such as `Order[3]/OrderHead/orderNo`; documents and lines count from 1.
    pub path: String,
    /// The form that the field must have.
    pub expected: String,
    /// What was found; of a personal value only its length.
    pub found: String,
    /// What to do.
    pub remedy: &'static str,
}

/// A file or folder could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file system refuses.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The content is not a message.
    #[error("{}{}", path.display(), error)]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: ParseError,
    },
    /// Neither a file with a known ending nor a folder.
    #[error("expected a folder or a file ending in .xml or .json, found {}", path.display())]
    NotAMessageFile {
        /// What was named.
        path: PathBuf,
    },
    /// Too many files.
    #[error("expected at most {FILES_MAX} files, found more; name fewer files or folders")]
    TooManyFiles,
    /// Folders too deep inside one another.
    #[error("expected at most {max} folders inside one another, found {} deeper", path.display())]
    FoldersTooDeep {
        /// The bound.
        max: usize,
        /// The folder beyond it.
        path: PathBuf,
    },
}

/// The messages that customs defines and the gateway reads.
fn supported() -> String {
    let customs = MessageType::ALL.into_iter().filter(|message_type| message_type.is_customs());
    customs.map(MessageType::name).collect::<Vec<_>>().join(", ")
}

impl Problem {
    /// A customs message of a name that the gateway does not read.
    pub(crate) fn of_name(name: &str) -> Self {
        let receipts = MessageType::ALL.into_iter().filter_map(|own| own.table().receipt);
        let name = shortened(name, 60);
        match receipts.into_iter().any(|receipt| receipt.name == name) {
            true => Self::Receipt(name),
            false => Self::Unsupported(name),
        }
    }
}

impl ParseError {
    pub(crate) fn unplaced(problem: Problem) -> Self {
        Self { position: None, problem }
    }
}

impl fmt::Display for ParseError {
    /// Begins with `:line:column: `, or `: ` where the place is unknown, to follow a file's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for ParseError {}

impl Position {
    /// The place of a byte of `text`.
    pub(crate) fn of_byte(text: &str, offset: usize) -> Self {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        let before = text.get(..end).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
        let last = before.rsplit('\n').next().unwrap_or_default();
        Self { line, column: last.chars().count().saturating_add(1) }
    }
}

/// At most so many characters of a foreign text, for an error.
pub(crate) fn shortened(text: &str, chars_max: usize) -> String {
    let mut kept: String = text.chars().take(chars_max).collect();
    if text.chars().nth(chars_max).is_some() {
        kept.push('…');
    }
    kept
}

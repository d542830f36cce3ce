//! Files and folders to typed documents.

use crate::convert::convert;
use crate::error::{FieldError, ParseError, Problem, ReadError};
use crate::field_table::MessageType;
use crate::json;
use crate::limits::{FILE_BYTES_MAX, FILES_MAX, FOLDER_DEPTH_MAX};
use crate::personal::Pseudonymise;
use crate::raw::RawMessage;
use crate::receipt::{self, ReceiptKeys};
use crate::signature::{self, Signer};
use crate::write::{self, XmlStyle};
use crate::xml;
use kanhe_contracts::document::{Document, OriginalSignature};
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// One file, read.
#[derive(Clone, Debug)]
pub struct Message {
    /// The file.
    pub path: PathBuf,
    /// What it holds; none for typed documents made elsewhere.
    pub message_type: Option<MessageType>,
    /// The enterprise that transfers it, where it says so.
    pub sender: Option<String>,
    /// Its documents in their order, or what is wrong with each.
    pub documents: Vec<Result<Document, FieldError>>,
    /// The original of each document, in the same order; none for typed documents.
    pub originals: Vec<Original>,
    /// What a receipt repeats of them, where customs answers such messages with one.
    pub receipt_keys: Option<ReceiptKeys>,
}

/// What a document was made of: personal data in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Original {
    /// A message with this document alone or, where taking it apart would spoil it, with others.
    pub bytes: Vec<u8>,
    /// Whether other documents stand in it: a signed message of several.
    pub has_others: bool,
}

impl fmt::Debug for Original {
    /// Its length only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Original").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Reads files, and folders with all they hold, one after the other in the order of their names.
///
/// In folders only files ending in `.xml` or `.json` count, receipts (`.receipt.xml`) do not, and
/// symbolic links are not followed.
/// The files are listed at once and read as the iterator advances.
///
/// # Errors
/// When a path does not exist, is neither folder nor message file, or there are too many files. A
/// single file that cannot be read is an item of the iterator.
pub fn read_paths<'a>(
    paths: &[PathBuf],
    key: &'a dyn Pseudonymise,
) -> Result<impl Iterator<Item = Result<Message, ReadError>> + 'a, ReadError> {
    let files = list_files(paths)?;
    Ok(files.into_iter().map(move |path| read_file(&path, key)))
}

/// One file, read, before its personal values become pseudonyms.
#[derive(Debug)]
pub enum Loaded {
    /// A message as its sender wrote it.
    Message {
        /// The file.
        path: PathBuf,
        /// What it says.
        raw: RawMessage,
        /// Who signed it, where somebody did; the signature is valid.
        signer: Option<Signer>,
        /// The file's content.
        bytes: Vec<u8>,
    },
    /// Typed documents with pseudonyms, made elsewhere.
    Documents(Message),
}

impl Loaded {
    /// The typed documents.
    pub fn convert(self, key: &dyn Pseudonymise) -> Message {
        let (path, raw, signer, bytes) = match self {
            Self::Message { path, raw, signer, bytes } => (path, raw, signer, bytes),
            Self::Documents(message) => return message,
        };
        let documents = convert(&raw, &path.display().to_string(), key);
        let original_signature = signer.map_or_else(OriginalSignature::default, Into::into);
        let documents = documents
            .into_iter()
            .map(|found| found.map(|(_, document)| Document { original_signature, ..document }));
        Message {
            documents: documents.collect(),
            originals: originals(&raw, bytes, signer.is_some()),
            receipt_keys: ReceiptKeys::of(&raw),
            path,
            message_type: Some(raw.message_type),
            sender: raw.sender,
        }
    }

    /// Whether it is a message, in which personal values stand in clear.
    pub fn is_message(&self) -> bool {
        matches!(self, Self::Message { .. })
    }

    /// Has the values that [`Self::convert`] will need noted. What is wrong with a document is
    /// left to the conversion.
    pub fn look_through(&self, key: &dyn Pseudonymise) {
        if let Self::Message { raw, .. } = self {
            drop(convert(raw, "", key));
        }
    }
}

/// Reads one file.
///
/// # Errors
/// When it cannot be read or is not a message. Bad documents in a good message are not errors
/// here: see [`Message::documents`].
pub fn read_file(path: &Path, key: &dyn Pseudonymise) -> Result<Message, ReadError> {
    Ok(load_file(path)?.convert(key))
}

/// Reads one file as its sender wrote it.
///
/// # Errors
/// When it cannot be read or is not a message.
pub fn load_file(path: &Path) -> Result<Loaded, ReadError> {
    let bytes = load(path)?;
    let parse = |error| ReadError::Parse { path: path.to_owned(), error };
    let (raw, signer) = match ending(path) {
        Some(Ending::Xml) => signature::read_signed(&bytes).map_err(parse)?,
        Some(Ending::Json) => match json::parse(&bytes).map_err(parse)? {
            json::Content::Message(message) => (message, None),
            json::Content::Documents(documents) => {
                return Ok(Loaded::Documents(Message {
                    path: path.to_owned(),
                    message_type: None,
                    sender: None,
                    documents: documents.into_iter().map(Ok).collect(),
                    originals: Vec::new(),
                    receipt_keys: None,
                }));
            }
        },
        None => return Err(ReadError::NotAMessageFile { path: path.to_owned() }),
    };
    Ok(Loaded::Message { path: path.to_owned(), raw, signer, bytes })
}

/// The original of each document of a message: the message itself where it has one document or is
/// signed, else one with this document alone, so that showing it shows nobody else.
fn originals(raw: &RawMessage, bytes: Vec<u8>, is_signed: bool) -> Vec<Original> {
    let count = raw.documents.len();
    if count == 1 || is_signed {
        return vec![Original { bytes, has_others: 1 < count }; count];
    }
    let alone = raw.documents.iter().map(|document| {
        let alone = RawMessage { documents: vec![document.clone()], ..raw.clone() };
        let bytes = match raw.message_type.is_customs() && is_xml(&bytes) {
            true => write::xml(&alone, XmlStyle::default()),
            false => write::json(&alone),
        };
        Original { bytes, has_others: false }
    });
    alone.collect()
}

fn is_xml(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    text.trim_ascii_start().starts_with(b"<")
}

/// Reads an original, whichever of the two forms it has, and checks its signature where it has one.
///
/// # Errors
/// When it is not a message, or its signature is not valid.
pub fn read_original(bytes: &[u8]) -> Result<(RawMessage, OriginalSignature), ParseError> {
    if is_xml(bytes) {
        let (message, signer) = signature::read_signed(bytes)?;
        return Ok((message, signer.map_or_else(OriginalSignature::default, Into::into)));
    }
    match json::parse(bytes)? {
        json::Content::Message(message) => Ok((message, OriginalSignature::Unsigned)),
        json::Content::Documents(_) => Err(ParseError::unplaced(Problem::NoDocuments)),
    }
}

/// The message files that paths name, folders searched, sorted within each path.
///
/// # Errors
/// As [`read_paths`].
pub fn list_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ReadError> {
    let mut files = Vec::new();
    for path in paths {
        // A path that a person names may be a link; what a folder holds may not.
        let metadata = fs::metadata(path).map_err(|source| io(path, source))?;
        if metadata.is_dir() {
            list_folder(path, FOLDER_DEPTH_MAX, &mut files)?;
        } else if metadata.is_file() && ending(path).is_some() {
            add(&mut files, path.clone())?;
        } else {
            return Err(ReadError::NotAMessageFile { path: path.clone() });
        }
    }
    Ok(files)
}

fn list_folder(
    folder: &Path,
    depth_left: usize,
    files: &mut Vec<PathBuf>,
) -> Result<(), ReadError> {
    let Some(depth_left) = depth_left.checked_sub(1) else {
        return Err(ReadError::FoldersTooDeep { max: FOLDER_DEPTH_MAX, path: folder.to_owned() });
    };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| io(folder, source))? {
        let entry = entry.map_err(|source| io(folder, source))?;
        let kind = entry.file_type().map_err(|source| io(&entry.path(), source))?;
        if FILES_MAX <= entries.len() {
            return Err(ReadError::TooManyFiles);
        }
        entries.push((entry.path(), kind));
    }
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    for (path, kind) in entries {
        if kind.is_dir() {
            list_folder(&path, depth_left, files)?;
        } else if kind.is_file() && ending(&path).is_some() && !is_receipt(&path) {
            add(files, path)?;
        }
    }
    Ok(())
}

fn add(files: &mut Vec<PathBuf>, path: PathBuf) -> Result<(), ReadError> {
    if FILES_MAX <= files.len() {
        return Err(ReadError::TooManyFiles);
    }
    files.push(path);
    Ok(())
}

enum Ending {
    Xml,
    Json,
}

fn ending(path: &Path) -> Option<Ending> {
    let ending = path.extension()?;
    if ending.eq_ignore_ascii_case("xml") {
        return Some(Ending::Xml);
    }
    ending.eq_ignore_ascii_case("json").then_some(Ending::Json)
}

/// A file's text, whatever it holds: UTF-8, and no longer than a message.
///
/// # Errors
/// When it cannot be read, or is not such a text.
pub fn load_text(path: &Path) -> Result<String, ReadError> {
    let bytes = load(path)?;
    let text = xml::utf8(&bytes);
    text.map(str::to_owned).map_err(|error| ReadError::Parse { path: path.to_owned(), error })
}

/// Whether a file is one that this software wrote beside a message.
fn is_receipt(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(receipt::FILE_ENDING))
}

/// A file's bytes, unless there are too many. Its size is looked at first, and may lie.
fn load(path: &Path) -> Result<Vec<u8>, ReadError> {
    let file = fs::File::open(path).map_err(|source| io(path, source))?;
    let size = file.metadata().map_err(|source| io(path, source))?.len();
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    if size <= FILE_BYTES_MAX {
        let bound = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
        file.take(bound).read_to_end(&mut bytes).map_err(|source| io(path, source))?;
    }
    let found = size.max(bytes.len());
    if FILE_BYTES_MAX < found {
        let problem = Problem::TooLarge { max: FILE_BYTES_MAX, found };
        return Err(ReadError::Parse {
            path: path.to_owned(),
            error: ParseError::unplaced(problem),
        });
    }
    Ok(bytes)
}

fn io(path: &Path, source: std::io::Error) -> ReadError {
    ReadError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pseudonymise::PseudonymKey;
    use kanhe_types::pseudonym::PseudonymScope;

    const GOOD: &str = r#"{"message":"IdentityAttestation","documents":[{"head":{
        "guid":"00000000-0000-0000-0000-000000000001","appType":"1","appTime":"20261123160000",
        "idNumber":"00000019700101001X","name":"测试某甲"}},{"head":{}}]}"#;

    fn key() -> PseudonymKey {
        PseudonymKey { scope: PseudonymScope::default(), key: [1; 32] }
    }

    fn write(folder: &Path, name: &str, content: &str) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    #[test]
    fn folders_are_searched_in_order_and_other_files_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["b/2.json", "b/1.JSON", "a.json", "c/deep/er.xml", "notes.txt", "a.json.receipt.xml"]
        {
            write(folder.path(), name, GOOD);
        }
        let found = list_files(&[folder.path().to_owned()]).unwrap();
        let names: Vec<_> =
            found.iter().map(|path| path.strip_prefix(folder.path()).unwrap()).collect();
        let expected = ["a.json", "b/1.JSON", "b/2.json", "c/deep/er.xml"].map(Path::new);
        assert_eq!(names, expected);
    }

    #[cfg(unix)]
    #[test]
    fn links_in_folders_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("inside");
        fs::create_dir(&inside).unwrap();
        let outside = write(folder.path(), "outside.json", GOOD);
        std::os::unix::fs::symlink(&outside, inside.join("link.json")).unwrap();
        std::os::unix::fs::symlink(folder.path(), inside.join("loop")).unwrap();
        assert_eq!(list_files(&[inside]).unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_bad_document_names_its_file_and_the_good_one_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), "x.json", GOOD);
        let message = read_paths(&[path], &key()).unwrap().next().unwrap().unwrap();
        assert!(message.documents[0].is_ok());
        let error = message.documents[1].as_ref().unwrap_err();
        assert!(error.file.ends_with("x.json"));
        assert_eq!(error.path, "Attestation[2]/AttestationHead/guid");
    }

    #[test]
    fn each_document_has_an_original_of_its_own_that_reads_to_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), "x.json", GOOD);
        let message = read_file(&path, &key()).unwrap();
        assert_eq!(message.originals.len(), 2);
        let original = &message.originals[0];
        let (raw, signature) = read_original(&original.bytes).unwrap();
        assert_eq!(signature, OriginalSignature::Unsigned);
        assert_eq!(raw.documents.len(), 1);
        let (_, again) = convert(&raw, "x", &key()).remove(0).unwrap();
        assert_eq!(again, *message.documents[0].as_ref().unwrap());
        assert!(!format!("{original:?}").contains("测试"));
    }

    #[test]
    fn a_message_of_one_document_or_a_signed_one_is_its_own_original() {
        let raw = |count: usize| RawMessage {
            message_type: MessageType::Ceb311,
            sender: None,
            documents: vec![crate::raw::RawDocument::default(); count],
        };
        let of = |count, is_signed| originals(&raw(count), b"<a/>".to_vec(), is_signed);
        assert_eq!(of(1, false), [Original { bytes: b"<a/>".to_vec(), has_others: false }]);
        let whole = Original { bytes: b"<a/>".to_vec(), has_others: true };
        assert_eq!(of(2, true), [whole.clone(), whole]);
        assert!(of(2, false).iter().all(|own| own.bytes != b"<a/>" && !own.has_others));
    }

    #[test]
    fn a_file_too_large_is_refused_without_being_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.xml");
        let size = u64::try_from(FILE_BYTES_MAX).unwrap() + 1;
        fs::File::create(&path).unwrap().set_len(size).unwrap();
        let error = read_file(&path, &key()).unwrap_err().to_string();
        assert!(error.contains("found 16777217"), "{error}");
    }

    #[test]
    fn what_is_not_a_message_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), "notes.txt", "x");
        assert!(matches!(list_files(&[path]), Err(ReadError::NotAMessageFile { .. })));
        let absent = folder.path().join("absent.xml");
        assert!(matches!(list_files(&[absent]), Err(ReadError::Io { .. })));
    }

    #[test]
    fn a_broken_file_is_named_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), "broken.xml", "<a>\n  <b></a>");
        let error = read_file(&path, &key()).unwrap_err().to_string();
        assert!(error.contains("broken.xml:"), "{error}");
    }
}

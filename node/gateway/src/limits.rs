//! Every bound of the gateway.

use kanhe_types::limits::SUBMISSION_DOCUMENTS_MAX;

/// Bytes of one file; checked before it is read.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Elements inside one another, the root included.
pub const DEPTH_MAX: usize = 16;
/// Bytes of the text of one field, before it is held against its own length.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Bytes of one start tag's attributes where they are looked at.
pub const ATTRIBUTE_BYTES_MAX: usize = 4 * 1024;
/// Namespace declarations in scope.
pub const NAMESPACES_MAX: usize = 64;
/// Documents of one message.
pub const DOCUMENTS_MAX: usize = 100;
/// Lines of goods of one document.
pub const LINES_MAX: usize = 99;
/// Columns of a table.
pub const CSV_COLUMNS_MAX: usize = 512;
/// Files that one reading may name.
pub const FILES_MAX: usize = 100_000;
/// Folders inside one another.
pub const FOLDER_DEPTH_MAX: usize = 16;

// One message becomes one submission.
const _: () = assert!(DOCUMENTS_MAX == SUBMISSION_DOCUMENTS_MAX);
// The longest field, 1000 characters of four bytes, fits.
const _: () = assert!(1_000 * 4 <= TEXT_BYTES_MAX);

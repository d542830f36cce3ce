//! Every bound of the protocol, and the relations between them, asserted when compiling.
//!
//! Sizes are in bytes, durations in milliseconds, counts are numbers of things.

/// The last protocol version whose rules this code knows. A zone's version is stated by its
/// genesis, and raised by governance.
pub const PROTOCOL_VERSION: u16 = 1;
/// The version of what validators say to each other. It rises on its own, so that releases that
/// know different protocol versions still talk until the higher one holds.
pub const MESSAGES_VERSION: u16 = 1;

/// Bytes of one encoded document. The largest inventory list that the field table allows
/// (99 lines, every field at its length, three bytes a character) stays below it.
pub const DOCUMENT_BYTES_MAX: usize = 384 * 1024;
/// Documents of one submission, as a customs message carries 1 to 100.
pub const SUBMISSION_DOCUMENTS_MAX: usize = 100;
/// Bytes of one encoded signed submission.
pub const SUBMISSION_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Heights between now and a submission's expiry, at most.
pub const EXPIRY_HEIGHTS_MAX: u64 = 100_000;

/// Bytes of submissions at which a batch is closed; one more submission may exceed it.
pub const BATCH_BYTES_TARGET: usize = 512 * 1024;
/// Bytes of one encoded batch.
pub const BATCH_BYTES_MAX: usize = BATCH_BYTES_TARGET + SUBMISSION_BYTES_MAX + 64 * 1024;
/// Submissions of one batch.
pub const BATCH_SUBMISSIONS_MAX: usize = 4_096;
/// Certified batches that one block may order.
pub const BLOCK_BATCHES_MAX: usize = 64;
/// Bytes of one encoded block: header, batch headers and their acknowledgements.
pub const BLOCK_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of one encoded commit certificate.
pub const CERTIFICATE_BYTES_MAX: usize = 32 * 1024;
/// Bytes of one encoded part of a redacted block.
pub const REDACTED_BYTES_MAX: usize = 14 * 1024 * 1024;
/// Bytes of what a part of a redacted block shows; the last thing in it may exceed them.
pub const REDACTED_BYTES_TARGET: usize = 4 * 1024 * 1024;
/// Documents of one block.
pub const BLOCK_DOCUMENTS_MAX: u64 = 200_000;

/// Values that one request to the pseudonym service asks for.
pub const EVALUATIONS_MAX: usize = 1_000;

/// Validators of one set.
pub const VALIDATORS_MAX: usize = 100;
/// Heights between a block and the header that commits to its effects (k of the design).
pub const EXECUTION_LAG: u64 = 2;
/// Heights for which batches of a validator set are still ordered, and its validators' nodes still
/// admitted, after another set has followed.
pub const FORMER_SET_HEIGHTS: u64 = 100;

/// Characters of an organisation's code (customs registration or unified social credit code).
pub const ORGANISATION_CODE_CHARS_MAX: usize = 18;
/// Bytes of one state key and of one state value.
pub const STATE_KEY_BYTES_MAX: usize = 256;
/// Bytes of one state value.
pub const STATE_VALUE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of one encoded receipt.
pub const RECEIPT_BYTES_MAX: usize = 4 * 1024;
/// Characters of each of a rejection's texts (field, expected, found).
pub const REJECTION_TEXT_CHARS_MAX: usize = 300;
/// Leaves of one bucket of the state tree. Smaller buckets cost memory, larger ones bytes read,
/// hashed and written for each change. Part of the protocol: the state root depends on it.
pub const STATE_BUCKET_LEAVES_MAX: usize = 8;
/// Keys that one generation of the state creates. Part of the protocol: it decides where keys stand.
pub const STATE_GENERATION_KEYS: u64 = 1 << 18;
/// Siblings of a state proof: one per bit of the key's hash.
pub const STATE_PROOF_SIBLINGS_MAX: usize = 256;
/// Bytes of one encoded state proof: the longest path, a list of a full bucket's hashes, the
/// digest of its other list, and lengths.
pub const STATE_PROOF_BYTES_MAX: usize =
    (STATE_PROOF_SIBLINGS_MAX + STATE_BUCKET_LEAVES_MAX + 1) * 32 + 16;
/// Siblings of an inclusion proof.
pub const INCLUSION_PROOF_SIBLINGS_MAX: usize = 32;

/// Bytes of one message between validators.
pub const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of one HTTP request body.
pub const HTTP_BODY_BYTES_MAX: usize = 2 * SUBMISSION_BYTES_MAX;
/// Submissions of one HTTP request.
pub const HTTP_SUBMISSIONS_MAX: usize = 1_000;

/// A proposer's clock may be ahead of a voter's by this much.
pub const CLOCK_SKEW_MS_MAX: u64 = 5_000;
/// A signed HTTP request is answered within this time of its date.
pub const HTTP_REQUEST_AGE_MS_MAX: u64 = 60_000;

// A full submission of the smallest documents still leaves room for one of the largest.
const _: () = assert!(DOCUMENT_BYTES_MAX * 4 < SUBMISSION_BYTES_MAX);
// Every batch and every block fit one message between peers.
const _: () = assert!(BATCH_BYTES_MAX < MESSAGE_BYTES_MAX);
const _: () = assert!(BLOCK_BYTES_MAX + CERTIFICATE_BYTES_MAX < MESSAGE_BYTES_MAX);
// A block of the most batches with every validator's acknowledgement fits its bound.
const _: () = assert!(BLOCK_BATCHES_MAX * (VALIDATORS_MAX * 70 + 256) + 4_096 < BLOCK_BYTES_MAX);
// A certificate with every validator's signature fits its bound.
const _: () = assert!(VALIDATORS_MAX * 70 + 256 < CERTIFICATE_BYTES_MAX);
// What a leaf count is kept in, in memory, holds every count of a bucket.
const _: () = assert!(0 < STATE_BUCKET_LEAVES_MAX && STATE_BUCKET_LEAVES_MAX < 256);
// A redacted block is split before a part is too long: with its target comes one submission, and a
// header and a certificate.
const _: () = assert!(
    REDACTED_BYTES_TARGET + SUBMISSION_BYTES_MAX + CERTIFICATE_BYTES_MAX + 64 * 1024
        < REDACTED_BYTES_MAX
);
// One submission always fits an HTTP request.
const _: () = assert!(SUBMISSION_BYTES_MAX < HTTP_BODY_BYTES_MAX);

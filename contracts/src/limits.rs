//! Bounds of what the rules keep and produce. The bounds of bytes stand in `kanhe_types::limits`.

use kanhe_types::limits::{ORGANISATION_CODE_CHARS_MAX, STATE_KEY_BYTES_MAX};

/// Lines of goods of one order or list (schema: 1 to 99).
pub const LINES_MAX: usize = 99;
/// Characters of an order, transaction or waybill number.
pub const NUMBER_CHARS_MAX: usize = 60;
/// Bytes of an order, transaction or waybill number: three for each character.
pub const NUMBER_BYTES_MAX: usize = 3 * NUMBER_CHARS_MAX;
/// Earlier versions that a document may have; their identities are kept for ever.
pub const VERSIONS_MAX: usize = 32;
/// Payments that a case keeps beside its first.
pub const EXTRA_PAYMENTS_MAX: usize = 10;
/// Cases that one attestation re-evaluates. Cases beyond are evaluated with their next document.
pub const WAITING_CASES_MAX: usize = 100;
/// Lists that may name one waybill number at a time.
pub const WAYBILL_CLAIMS_MAX: usize = 16;
/// Differences that one rule reports for one case.
pub const FINDINGS_PER_RULE_MAX: usize = 10;
/// Characters of each value in a finding.
pub const FINDING_VALUE_CHARS_MAX: usize = 250;

// A key of a number: prefix, and code and number each with a length byte.
const _: () =
    assert!(1 + 1 + ORGANISATION_CODE_CHARS_MAX + 1 + NUMBER_BYTES_MAX < STATE_KEY_BYTES_MAX);
// Lengths inside keys take one byte.
const _: () = assert!(NUMBER_BYTES_MAX < 256);

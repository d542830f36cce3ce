//! What this machine's parts cost, and the bound that follows from them.

use super::report::Parts;
use crate::answer::CliError;
use crate::scratch::Scratch;

/// Measures the parts, one after the other, on one thread.
pub(super) fn measure() -> Result<Parts, CliError> {
    let scratch = Scratch::new("parts")?;
    kanhe_node::parts::measure(scratch.path())
        .map(|parts| Parts {
            sign_us: parts.sign_us,
            verify_single_us: parts.verify_single_us,
            verify_batch_us: parts.verify_batch_us,
            sha256_us: parts.sha256_us,
            codec_us: parts.codec_us,
            put_us: parts.put_us,
            read_us: parts.read_us,
            state_us: parts.state_us,
            stream_us_per_mb: parts.stream_us_per_mb,
        })
        .map_err(|error| CliError::because("this machine's parts cannot be measured", error))
}

/// Taking one submission in over HTTP, in microseconds; assumed, not measured.
const HTTP_US: f64 = 20.0;

/// Documents a second that the parts allow. The formula is frozen in docs/performance.md.
pub(super) fn documents_per_second(
    parts: &Parts,
    cores: usize,
    validators: usize,
    documents_per_submission: f64,
    document_bytes: f64,
) -> f64 {
    let network_us = parts.stream_us_per_mb * document_bytes * 2.0 / 1e6;
    let document_us = parts.state_us
        + network_us
        + parts.codec_us
        + parts.sha256_us
        + parts.read_us
        + 1.73 * parts.put_us;
    let each = documents_per_submission.max(1.0);
    let submission_us = parts.verify_batch_us / each;
    let client_us = (parts.sign_us + HTTP_US) / each;
    let all_us = (document_us + submission_us) * validators as f64 + client_us;
    cores as f64 * 1e6 / all_us.max(f64::MIN_POSITIVE)
}

//! What this machine's parts cost, and the bound that follows from them.

use super::load::DAY;
use super::report::Parts;
use super::watch::process_seconds;
use crate::answer::CliError;
use crate::scratch::Scratch;
use kanhe_gateway::convert::convert;
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_gateway::world::{Codes, PlannedFile, World, WorldConfig};
use kanhe_gateway::xml;
use kanhe_node::keystore;
use kanhe_node::localnet::Schemes;
use kanhe_types::pseudonym::PseudonymScope;

/// How often the messages are read: the system counts CPU in hundredths of a second.
const GATEWAY_ROUNDS: usize = 10;

/// Measures the parts, one after the other, on one thread.
pub(super) fn measure() -> Result<Parts, CliError> {
    let scratch = Scratch::new("parts")?;
    let gateway_us = gateway_us()?;
    kanhe_node::parts::measure(scratch.path())
        .map(|parts| Parts {
            gateway_us,
            sign_us: parts.sign_us,
            verify_single_us: parts.verify_single_us,
            verify_batch_us: parts.verify_batch_us,
            sm2_sign_us: parts.sm2_sign_us,
            sm2_verify_us: parts.sm2_verify_us,
            sha256_us: parts.sha256_us,
            codec_us: parts.codec_us,
            put_us: parts.put_us,
            read_us: parts.read_us,
            state_us: parts.state_us,
            stream_us_per_mb: parts.stream_us_per_mb,
            evaluate_us: parts.evaluate_us,
            pseudonym_us: parts.pseudonym_us,
        })
        .map_err(|error| CliError::because("this machine's parts cannot be measured", error))
}

/// Reading customs XML into typed documents with pseudonyms, for each document.
fn gateway_us() -> Result<f64, CliError> {
    let code = |text: &str| text.parse().expect("invented codes have the form of codes");
    let world = World::generate(&WorldConfig {
        seed: 1,
        trades: 500,
        organisations: Codes {
            platform: code("BENCHP0000"),
            merchant: code("BENCHM0000"),
            payment: code("BENCHF0000"),
            carrier: code("BENCHC0000"),
            agency: code("CUSTOMS"),
        },
        first_person: 0,
        start: DAY.parse().expect("the day begins at a customs time"),
    });
    let scope = PseudonymScope { key_id: 0, epoch: 2026 };
    let key = PseudonymKey { scope, key: keystore::random()? };
    let is_xml = |file: &&PlannedFile| file.raw.message_type.is_customs();
    let files: Vec<(Vec<u8>, &str)> =
        world.messages.iter().filter(is_xml).map(|file| (file.bytes(), &*file.path)).collect();
    let (started, mut documents) = (process_seconds("self"), 0);
    for _ in 0..GATEWAY_ROUNDS {
        for (bytes, path) in &files {
            let raw = xml::parse(bytes)
                .map_err(|error| CliError::because("a generated message is not valid", error))?;
            documents += convert(&raw, path, &key).len();
        }
    }
    Ok((process_seconds("self") - started) * 1e6 / (documents as f64).max(1.0))
}

/// Taking one submission in over HTTP, in microseconds; assumed, not measured.
const HTTP_US: f64 = 20.0;

/// What signing and checking a submission cost under a choice of schemes.
fn signature_us(parts: &Parts, schemes: Schemes) -> (f64, f64) {
    let ed25519 = (parts.sign_us, parts.verify_batch_us);
    let sm2 = (parts.sm2_sign_us, parts.sm2_verify_us);
    match schemes {
        Schemes::Ed25519 => ed25519,
        Schemes::Sm2 => sm2,
        Schemes::Mixed => ((ed25519.0 + sm2.0) / 2.0, (ed25519.1 + sm2.1) / 2.0),
    }
}

/// Documents a second that the parts allow. The formula is frozen in docs/performance.md.
pub(super) fn documents_per_second(
    parts: &Parts,
    schemes: Schemes,
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
    let (sign_us, verify_us) = signature_us(parts, schemes);
    let submission_us = verify_us / each;
    let client_us = (sign_us + HTTP_US) / each;
    let all_us = (document_us + submission_us) * validators as f64 + client_us;
    cores as f64 * 1e6 / all_us.max(f64::MIN_POSITIVE)
}

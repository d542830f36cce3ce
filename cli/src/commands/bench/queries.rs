//! Asking for trades and proofs, and how long the answers take.

use super::door::Door;
use super::report::{Latency, Queries};
use super::zone::BenchZone;
use crate::answer::CliError;
use kanhe_api::path;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use std::time::{Duration, Instant};

/// A document that was accepted, and its trade.
pub(super) type Query = (Hash, CaseKey);

/// A pause between two questions, so that asking is not a load of its own.
const PAUSE: Duration = Duration::from_millis(10);

/// Milliseconds until the answer to a question about a trade.
pub(super) fn case_ms(door: &Door, zone: &BenchZone, query: &Query) -> Result<f64, CliError> {
    milliseconds(door, zone, &path::trade(&query.1))
}

/// Milliseconds until the proof of a document.
pub(super) fn proof_ms(door: &Door, zone: &BenchZone, query: &Query) -> Result<f64, CliError> {
    milliseconds(door, zone, &path::document_proof(&query.0, 0))
}

fn milliseconds(door: &Door, zone: &BenchZone, target: &str) -> Result<f64, CliError> {
    let started = Instant::now();
    let reply = door.ask(&zone.agency, target, None)?;
    let took = started.elapsed().as_secs_f64() * 1_000.0;
    // A sample that the rules refused does not exist, and the answer says so as fast.
    if reply.status == 200 || reply.status == 404 {
        return Ok(took);
    }
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    Err(CliError::unknown(format!("{target} was answered with {}: {text}", reply.status)))
}

/// Asks for trades and proofs in turn, for as long as `duration`.
pub(super) fn ask_all(
    zone: &BenchZone,
    samples: &[Query],
    duration: Duration,
) -> Result<Queries, CliError> {
    let doors: Vec<Door> = zone.new_doors();
    let (started, mut latencies) = (Instant::now(), Vec::new());
    let mut queries = samples.iter().cycle().zip(doors.iter().cycle());
    while started.elapsed() < duration {
        let Some((query, door)) = queries.next() else { break };
        latencies.push(case_ms(door, zone, query)?);
        latencies.push(proof_ms(door, zone, query)?);
        std::thread::sleep(PAUSE);
    }
    let per_second =
        latencies.len() as f64 / started.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
    Ok(Queries { per_second, latency_ms: Latency::of(latencies) })
}

//! Asking for trades and proofs, and how long the answers take.

use super::door::Door;
use super::report::{Latency, Queries};
use super::zone::BenchZone;
use crate::answer::CliError;
use kanhe_api::path;
use kanhe_api::view::TradeView;
use kanhe_contracts::event::CaseState;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use std::time::{Duration, Instant};

/// A document that was accepted, and its trade.
pub(super) type Query = (Hash, CaseKey);

/// A pause between two questions, so that asking is not a load of its own.
const PAUSE: Duration = Duration::from_millis(10);

/// Milliseconds until the answer to a question about a trade, and where the trade stands.
pub(super) fn case_ms(
    door: &Door,
    zone: &BenchZone,
    query: &Query,
) -> Result<(f64, Option<CaseState>), CliError> {
    let target = path::trade(&query.1);
    let (took, body) = asked(door, zone, &target)?;
    let read = |body: Vec<u8>| serde_json::from_slice::<TradeView>(&body);
    let view = body.map(read).transpose();
    let view = view.map_err(|error| {
        CliError::because(format!("{target} was answered with something else"), error)
    })?;
    Ok((took, view.map(|view| view.case.state)))
}

/// Milliseconds until the proof of a document.
pub(super) fn proof_ms(door: &Door, zone: &BenchZone, query: &Query) -> Result<f64, CliError> {
    Ok(asked(door, zone, &path::document_proof(&query.0, 0))?.0)
}

/// Milliseconds until the answer, and the answer. A sample that the rules refused does not exist;
/// nothing is said of it as fast.
fn asked(door: &Door, zone: &BenchZone, target: &str) -> Result<(f64, Option<Vec<u8>>), CliError> {
    let started = Instant::now();
    let reply = door.ask(&zone.agency, target, None)?;
    let took = started.elapsed().as_secs_f64() * 1_000.0;
    match reply.status {
        200 => Ok((took, Some(reply.body))),
        404 => Ok((took, None)),
        status => {
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            Err(CliError::unknown(format!("{target} was answered with {status}: {text}")))
        }
    }
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
        latencies.push(case_ms(door, zone, query)?.0);
        latencies.push(proof_ms(door, zone, query)?);
        std::thread::sleep(PAUSE);
    }
    let per_second =
        latencies.len() as f64 / started.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
    Ok(Queries { per_second, latency_ms: Latency::of(latencies) })
}

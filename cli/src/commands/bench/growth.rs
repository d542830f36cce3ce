//! Figures as the chain grows: does anything depend on its size?

use super::drive::{Outcomes, Pace, drive};
use super::load::prepare;
use super::queries::{Query, case_ms, proof_ms};
use super::report::{GrowthPoint, Latency};
use super::watch::{MemoryWatch, folder_bytes};
use super::zone::BenchZone;
use super::{Kind, kinds};
use crate::answer::CliError;
use crate::args::BenchArgs;
use crate::progress::note;
use std::time::Duration;

/// Documents that are signed, then sent, in one go.
const STEP: u64 = 100_000;
/// Where figures are taken, in documents.
const POINTS: [u64; 7] = [100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000];
/// Questions at each point.
const QUESTIONS: usize = 400;
/// Samples of earlier steps that are asked for.
const SAMPLES_MAX: usize = 20_000;
/// Compaction may settle before the disk is looked at.
const SETTLE: Duration = Duration::from_secs(3);

/// Sends documents until the chain has as many, with figures on the way.
pub(super) fn grow(
    zone: &BenchZone,
    args: &BenchArgs,
    documents: u64,
    points: &mut Vec<GrowthPoint>,
) -> Result<(), CliError> {
    kinds::warm_up(zone, Kind::Message, args.seed)?;
    let mut samples: Vec<Query> = Vec::new();
    let mut step = 0u64;
    while zone.documents() < documents {
        step += 1;
        let seed = args.seed.wrapping_add(step);
        let wanted = usize::try_from(STEP).unwrap_or(usize::MAX);
        let load = prepare(&zone.context()?, Kind::Message, seed, wanted, Kind::Message.streams())?;
        let memory = MemoryWatch::start(&zone.watched);
        let outcomes = drive(&zone.target(), load, Pace::Closed)?;
        let memory_bytes_max = memory.finish();
        let before = zone.documents();
        zone.count_documents(outcomes.documents());
        let now = zone.documents();
        // A bounded number, spread over the whole history.
        samples.extend(outcomes.samples.iter().cloned());
        if SAMPLES_MAX < samples.len() {
            let mut is_kept = false;
            samples.retain(|_| {
                is_kept = !is_kept;
                is_kept
            });
        }
        let is_point = POINTS.iter().any(|point| before < *point && *point <= now);
        if is_point || documents <= now {
            let point = point(zone, &outcomes, &samples, memory_bytes_max)?;
            note(&format!(
                "{now} documents: {:.0} documents/s, {:.0} bytes on disk each, {} MB, proof p99 \
                 {:.1} ms",
                point.documents_per_second,
                point.disk_bytes_per_document,
                memory_bytes_max / 1_000_000,
                point.proof_ms_p99,
            ));
            points.push(point);
        }
    }
    Ok(())
}

fn point(
    zone: &BenchZone,
    outcomes: &Outcomes,
    samples: &[Query],
    memory_bytes_max: u64,
) -> Result<GrowthPoint, CliError> {
    std::thread::sleep(SETTLE);
    let documents = zone.documents();
    let disk = zone.watched.first().map_or(0, |process| folder_bytes(&process.home));
    let stride = (samples.len() / QUESTIONS).max(1);
    let (mut proofs, mut cases) = (Vec::new(), Vec::new());
    for (query, door) in samples.iter().step_by(stride).zip(zone.doors.iter().cycle()) {
        proofs.push(proof_ms(door, zone, query)?);
        cases.push(case_ms(door, zone, query)?);
    }
    let latency = outcomes.latency();
    Ok(GrowthPoint {
        documents,
        documents_per_second: outcomes.per_second(),
        latency_p50_ms: latency.p50,
        latency_p99_ms: latency.p99,
        disk_bytes_per_document: disk as f64 / documents.max(1) as f64,
        memory_bytes_max,
        proof_ms_p99: Latency::of(proofs).p99,
        case_ms_p99: Latency::of(cases).p99,
    })
}

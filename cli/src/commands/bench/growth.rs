//! Figures as the chain grows: does anything depend on its size?

use super::drive::{Outcomes, Pace, drive};
use super::load::prepare;
use super::queries::{Query, case_ms, proof_ms};
use super::report::{GrowthPoint, Latency, us_each};
use super::watch::{Counts, MemoryWatch, folder_bytes};
use super::zone::BenchZone;
use super::{Kind, kinds};
use crate::answer::CliError;
use crate::args::BenchArgs;
use crate::progress::note;
use kanhe_contracts::event::CaseState;
use std::collections::VecDeque;
use std::time::Duration;

/// Documents that are signed, then sent, in one go.
const STEP: u64 = 100_000;
/// Speed and CPU are those of so many steps, so that compactions are in them as often as they come.
const WINDOW: usize = 5;
/// Where figures are taken, in documents.
const POINTS: [u64; 7] = [100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000];
/// Questions at each point.
const QUESTIONS: usize = 400;
/// Samples of earlier steps that are asked for.
const SAMPLES_MAX: usize = 20_000;
/// Compaction may settle before the disk is looked at.
const SETTLE: Duration = Duration::from_secs(3);

/// A step of the load.
struct Step {
    /// What the validators had spent before it.
    before: Counts,
    documents: u64,
    seconds: f64,
}

/// Sends documents until the chain has as many, with figures on the way.
pub(super) fn grow(
    zone: &BenchZone,
    args: &BenchArgs,
    documents: u64,
    points: &mut Vec<GrowthPoint>,
) -> Result<(), CliError> {
    kinds::warm_up(zone, Kind::Message, args.seed)?;
    let mut samples: Vec<Query> = Vec::new();
    let mut window: VecDeque<Step> = VecDeque::new();
    let mut step = 0u64;
    while zone.documents() < documents {
        step += 1;
        let seed = args.seed.wrapping_add(step);
        let wanted = usize::try_from(STEP).unwrap_or(usize::MAX);
        let load = prepare(&zone.context()?, Kind::Message, seed, wanted, Kind::Message.streams())?;
        let counted = zone.counts()?;
        let memory = MemoryWatch::start(&zone.watched);
        let outcomes = drive(&zone.target(), load, Pace::Closed)?;
        let memory_bytes_max = memory.finish();
        let before = zone.documents();
        let sent = outcomes.documents();
        zone.count_documents(sent);
        let now = zone.documents();
        window.push_back(Step { before: counted, documents: sent, seconds: outcomes.seconds });
        if WINDOW < window.len() {
            window.pop_front();
        }
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
            let mut point = GrowthPoint { memory_bytes_max, ..speed(zone, &window)? };
            look(zone, &outcomes, &samples, &mut point)?;
            note(&format!(
                "{now} documents: {:.0} documents/s, {:.1} us of CPU each, {:.0} bytes on disk \
                 each, {} MB, proof p99 {:.1} ms, {:.0} % of trades matched",
                point.documents_per_second,
                point.cpu_us_per_document,
                point.disk_bytes_per_document,
                memory_bytes_max / 1_000_000,
                point.proof_ms_p99,
                point.matched_percent,
            ));
            points.push(point);
        }
    }
    Ok(())
}

/// Speed and cost of the last steps.
fn speed(zone: &BenchZone, window: &VecDeque<Step>) -> Result<GrowthPoint, CliError> {
    let documents: u64 = window.iter().map(|step| step.documents).sum();
    let seconds: f64 = window.iter().map(|step| step.seconds).sum();
    let now = zone.counts()?;
    let stages = window.front().map(|first| now.stages_since(&first.before, documents));
    let stages = stages.unwrap_or_default();
    Ok(GrowthPoint {
        documents: zone.documents(),
        documents_per_second: documents as f64 / seconds.max(f64::MIN_POSITIVE),
        cpu_us_per_document: us_each(stages.sum(), zone.watched.len()),
        cpu_seconds_per_1000: stages,
        ..GrowthPoint::default()
    })
}

/// What is looked at while nothing is sent.
fn look(
    zone: &BenchZone,
    outcomes: &Outcomes,
    samples: &[Query],
    point: &mut GrowthPoint,
) -> Result<(), CliError> {
    std::thread::sleep(SETTLE);
    let disk = zone.watched.first().map_or(0, |process| folder_bytes(&process.home));
    let stride = (samples.len() / QUESTIONS).max(1);
    let (mut proofs, mut cases) = (Vec::new(), Vec::new());
    let (mut found, mut matched) = (0u32, 0u32);
    for (query, door) in samples.iter().step_by(stride).zip(zone.doors.iter().cycle()) {
        proofs.push(proof_ms(door, zone, query)?);
        let (took, state) = case_ms(door, zone, query)?;
        cases.push(took);
        found += u32::from(state.is_some());
        matched += u32::from(state == Some(CaseState::Matched));
    }
    point.matched_percent = 100.0 * f64::from(matched) / f64::from(found.max(1));
    let latency = outcomes.latency();
    point.latency_p50_ms = latency.p50;
    point.latency_p99_ms = latency.p99;
    point.disk_bytes_per_document = disk as f64 / (point.documents as f64).max(1.0);
    point.proof_ms_p99 = Latency::of(proofs).p99;
    point.case_ms_p99 = Latency::of(cases).p99;
    Ok(())
}

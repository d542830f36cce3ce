//! One kind of load: several runs in a closed loop, then the same at half the speed.

use super::Kind;
use super::bound;
use super::drive::{Outcomes, Pace, drive};
use super::load::{Load, prepare};
use super::queries::{Query, ask_all};
use super::report::{HalfLoad, KindResult, Latency, Queries, Report, Run, Stages};
use super::watch::{MemoryWatch, folder_bytes};
use super::zone::BenchZone;
use crate::answer::CliError;
use crate::args::BenchArgs;
use crate::progress::note;
use kanhe_types::limits::EXECUTION_LAG;
use std::thread;
use std::time::{Duration, Instant};

/// Documents before the clock starts, so that caches, files and connections are there.
const WARM_UP: usize = 10_000;
/// How long documents come at half speed.
const HALF_LOAD: Duration = Duration::from_secs(10);

/// Measures one kind.
pub(super) fn measure(
    zone: &BenchZone,
    args: &BenchArgs,
    kind: Kind,
    report: &Report,
) -> Result<KindResult, CliError> {
    warm_up(zone, kind, args.seed)?;
    let context = zone.context()?;
    let mut measured = Vec::new();
    for run in 0..args.runs {
        let seed = args.seed.wrapping_add(1 + u64::from(run));
        let load = prepare(&context, kind, seed, args.documents, kind.streams())?;
        measured.push(match args.rate {
            None => one_run(zone, load, Pace::Closed)?,
            Some(rate) => {
                let load = load.one_submission_at_a_time(kind);
                let pace = load.pace(f64::from(rate));
                one_run(zone, load, pace)?
            }
        });
        if let Some(last) = measured.last() {
            note(&format!(
                "{} run {}: {:.0} documents/s, p50 {:.0} ms",
                kind.name(),
                run + 1,
                last.outcomes.per_second(),
                last.outcomes.latency().p50,
            ));
        }
    }
    let mut result = summary(&measured, kind, args, report);
    if args.rate.is_some() {
        return Ok(result);
    }
    let seed = args.seed.wrapping_add(1_000);
    let samples = measured.iter().flat_map(|own| own.outcomes.samples.clone()).collect();
    let (half, queries) = half_load(zone, kind, seed, &result, samples)?;
    result.half_load = Some(half);
    result.queries = queries;
    Ok(result)
}

/// Fills caches, files and connections, and says how many documents a second that were.
pub(super) fn warm_up(zone: &BenchZone, kind: Kind, seed: u64) -> Result<f64, CliError> {
    let warm = prepare(&zone.context()?, kind, seed, WARM_UP, kind.streams())?;
    let outcomes = drive(&zone.target(), warm, Pace::Closed)?;
    zone.count_documents(outcomes.documents());
    Ok(outcomes.per_second())
}

/// How many documents come within a time.
pub(super) fn documents_in(time: Duration, per_second: f64) -> usize {
    usize::try_from(time.mul_f64(per_second).as_secs()).unwrap_or(usize::MAX)
}

/// What one run gave.
struct Measured {
    outcomes: Outcomes,
    stages: Stages,
    memory_bytes: u64,
    wire_bytes: f64,
    disk_bytes: f64,
    heights: u64,
    per_submission: f64,
    document_bytes: f64,
}

fn one_run(zone: &BenchZone, load: Load, pace: Pace) -> Result<Measured, CliError> {
    let per_submission = load.documents as f64 / (load.submissions as f64).max(1.0);
    let document_bytes = load.document_bytes as f64;
    let posted = document_bytes * load.documents as f64;
    let memory = MemoryWatch::start(&zone.watched);
    let (before, first) = (zone.counts()?, zone.height()?);
    let outcomes = drive(&zone.target(), load, pace)?;
    let (after, last) = (zone.counts()?, zone.height()?);
    let documents = outcomes.documents().max(1);
    let validators = zone.watched.len().max(1) as f64;
    zone.count_documents(documents);
    let disk = zone.watched.first().map_or(0, |process| folder_bytes(&process.home));
    Ok(Measured {
        stages: after.stages_since(&before, documents),
        memory_bytes: memory.finish(),
        wire_bytes: (after.received - before.received + posted) / documents as f64 / validators,
        disk_bytes: disk as f64 / zone.documents().max(1) as f64,
        heights: last.saturating_sub(first),
        per_submission,
        document_bytes,
        outcomes,
    })
}

fn summary(measured: &[Measured], kind: Kind, args: &BenchArgs, report: &Report) -> KindResult {
    let mut order: Vec<&Measured> = measured.iter().collect();
    order.sort_by(|one, two| one.outcomes.per_second().total_cmp(&two.outcomes.per_second()));
    let Some(median) = order.get(order.len() / 2) else { return KindResult::default() };
    let speed = median.outcomes.per_second();
    let bound = bound::documents_per_second(
        &report.parts,
        args.scheme,
        report.machine.cores,
        args.validators,
        median.per_submission,
        median.document_bytes,
    );
    let sum = |count: fn(&Outcomes) -> u64| measured.iter().map(|own| count(&own.outcomes)).sum();
    KindResult {
        kind: kind.name().into(),
        validators: args.validators,
        documents_per_submission: median.per_submission,
        documents_per_second: speed,
        documents_per_second_min: order.first().map_or(0.0, |own| own.outcomes.per_second()),
        documents_per_second_max: order.last().map_or(0.0, |own| own.outcomes.per_second()),
        submissions_per_second: speed / median.per_submission.max(1.0),
        bound_documents_per_second: bound,
        ratio: speed / bound.max(1.0),
        latency_ms: median.outcomes.latency(),
        half_load: None,
        cpu_seconds_per_1000: median.stages,
        disk_bytes_per_document: measured.last().map_or(0.0, |last| last.disk_bytes),
        wire_bytes_per_document: median.wire_bytes,
        document_bytes: median.document_bytes,
        memory_bytes_max: measured.iter().map(|own| own.memory_bytes).max().unwrap_or(0),
        heights_per_second: median.heights as f64 / median.outcomes.seconds.max(f64::MIN_POSITIVE),
        accepted: sum(|outcomes| outcomes.accepted),
        rejected: sum(|outcomes| outcomes.rejected),
        queries: None,
        runs: measured.iter().map(as_run).collect(),
    }
}

fn as_run(measured: &Measured) -> Run {
    Run {
        documents_per_second: measured.outcomes.per_second(),
        seconds: measured.outcomes.seconds,
        timeline: measured.outcomes.timeline(),
    }
}

/// Latency at half the speed of the closed loop, sent at fixed times; with queries at the same time
/// where the kind wants them.
fn half_load(
    zone: &BenchZone,
    kind: Kind,
    seed: u64,
    full: &KindResult,
    samples: Vec<Query>,
) -> Result<(HalfLoad, Option<Queries>), CliError> {
    // Half of what the zone did just before: its speed follows its size.
    let speed = full.runs.last().map_or(0.0, |run| run.documents_per_second) / 2.0;
    let documents = documents_in(HALF_LOAD, speed).max(1_000);
    let load = prepare(&zone.context()?, kind, seed, documents, kind.streams())?;
    let load = load.one_submission_at_a_time(kind);
    let seconds = load.documents as f64 / speed.max(1.0);
    let pace = load.pace(speed);
    let (before, first) = (zone.counts()?, zone.height()?);
    let decided = zone.watch_heights();
    let started = Instant::now();
    let (outcomes, queries) = thread::scope(|scope| {
        let asking = (kind == Kind::Read)
            .then(|| scope.spawn(|| ask_all(zone, &samples, Duration::from_secs_f64(seconds))));
        let outcomes = drive(&zone.target(), load, pace);
        let queries = asking.map(|asking| asking.join());
        (outcomes, queries)
    });
    let outcomes = outcomes?;
    let queries = match queries {
        None => None,
        Some(Ok(queries)) => Some(queries?),
        Some(Err(_)) => return Err(CliError::unknown("asking failed; see above")),
    };
    let (after, last) = (zone.counts()?, zone.height()?);
    zone.count_documents(outcomes.documents());
    let decided = decided.finish();
    let proved: Vec<f64> = outcomes
        .finals
        .iter()
        .zip(&outcomes.latencies)
        .filter_map(|((at, _), (waited, height))| {
            let certified = decided.get(&height.saturating_add(EXECUTION_LAG))?;
            let certified = certified.saturating_duration_since(started);
            Some(waited + certified.saturating_sub(*at).as_secs_f64() * 1_000.0)
        })
        .collect();
    let proved_ms = (!proved.is_empty()).then(|| Latency::of(proved));
    let heights = last.saturating_sub(first) as f64;
    let half = HalfLoad {
        documents_per_second: speed,
        latency_ms: outcomes.latency(),
        proved_ms,
        cpu_seconds_per_1000: after.stages_since(&before, outcomes.documents()),
        heights_per_second: heights / outcomes.seconds.max(f64::MIN_POSITIVE),
    };
    Ok((half, queries))
}

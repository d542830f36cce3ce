//! `kanhe bench`: how fast a zone is, against what this machine's parts allow.
//!
//! Everything is real: separate processes, encrypted connections, every signature checked by every
//! validator, synced writes, all rules, HTTP in between. What is measured ends with the final
//! receipt at the client. docs/performance.md tells how to read the figures.

mod bound;
mod door;
mod drive;
mod load;
mod report;
mod text;
mod watch;
mod zone;

use crate::answer::{Answer, CliError};
use crate::args::BenchArgs;
use crate::progress::note;
use clap::ValueEnum;
use drive::{Outcomes, Pace, drive};
use load::{Load, prepare};
use report::{HalfLoad, KindResult, Latency, Report, Run};
use std::time::Duration;
use watch::{Counts, MemoryWatch, folder_bytes};
use zone::BenchZone;

/// What is submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// One document in each submission, of a thousand signers.
    Single,
    /// A hundred documents in each submission.
    Message,
    /// A generated day of trade, faults included, in messages of 1 to 100 documents.
    Mixed,
    /// Everything about the same hundred trades.
    Hot,
    /// Trades and proofs are asked for while documents come.
    Read,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Message => "message",
            Self::Mixed => "mixed",
            Self::Hot => "hot",
            Self::Read => "read",
        }
    }
}

/// Streams of a closed loop: requests that are on their way at one time.
const STREAMS: usize = 24;
/// Documents before the clock starts, so that caches, files and connections are there.
const WARM_UP: usize = 10_000;

pub(super) fn run(args: &BenchArgs) -> Result<Answer, CliError> {
    note("measuring this machine's parts");
    let parts = bound::measure()?;
    let kinds = if args.kinds.is_empty() {
        vec![Kind::Message, Kind::Single, Kind::Mixed, Kind::Hot]
    } else {
        args.kinds.clone()
    };
    let mut report = Report {
        version: env!("CARGO_PKG_VERSION").into(),
        machine: watch::machine(),
        validators: args.validators,
        parts,
        ..Report::default()
    };
    for kind in kinds {
        let zone = BenchZone::found(args)?;
        let result = measure(&zone, args, kind, &report);
        zone.close();
        report.kinds.push(result?);
    }
    let json = super::to_json(&report);
    Ok(Answer::yes(text::table_of(&report), json))
}

/// One kind of load, several runs.
fn measure(
    zone: &BenchZone,
    args: &BenchArgs,
    kind: Kind,
    report: &Report,
) -> Result<KindResult, CliError> {
    let context = zone.context()?;
    let warm = prepare(&context, kind, args.seed, WARM_UP, STREAMS)?;
    drive(&zone.target(), warm, Pace::Closed)?;
    let mut measured = Vec::new();
    for run in 0..args.runs {
        let seed = args.seed.wrapping_add(1 + u64::from(run));
        let load = prepare(&context, kind, seed, args.documents, STREAMS)?;
        measured.push(one_run(zone, kind, load)?);
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
    let seed = args.seed.wrapping_add(1_000);
    result.half_load = Some(half_load(zone, kind, seed, &result)?);
    Ok(result)
}

/// What one run gave.
struct Measured {
    outcomes: Outcomes,
    stages: report::Stages,
    memory_bytes: u64,
    wire_bytes: f64,
    disk_bytes: f64,
    heights: u64,
    per_submission: f64,
    document_bytes: f64,
}

fn one_run(zone: &BenchZone, kind: Kind, load: Load) -> Result<Measured, CliError> {
    debug_assert!(kind != Kind::Read || 0 < load.documents, "a load has documents");
    let per_submission = load.documents as f64 / (load.submissions as f64).max(1.0);
    let document_bytes = load.document_bytes as f64;
    let posted = document_bytes * load.documents as f64;
    let memory = MemoryWatch::start(&zone.watched);
    let (before, first) = (zone.counts()?, zone.height()?);
    let outcomes = drive(&zone.target(), load, Pace::Closed)?;
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

/// Latency at half the speed of the closed loop, sent at fixed times.
fn half_load(
    zone: &BenchZone,
    kind: Kind,
    seed: u64,
    full: &KindResult,
) -> Result<HalfLoad, CliError> {
    let speed = full.documents_per_second / 2.0;
    let documents = (speed * 8.0) as usize;
    let context = zone.context()?;
    let load = prepare(&context, kind, seed, documents.max(1_000), STREAMS)?;
    let requests: usize = load.streams.iter().map(|stream| stream.len()).sum();
    let seconds = load.documents as f64 / speed.max(1.0);
    let interval = Duration::from_secs_f64(seconds / (requests as f64).max(1.0));
    let decided = zone.watch_heights();
    let started = std::time::Instant::now();
    let outcomes = drive(&zone.target(), load, Pace::Open { interval })?;
    zone.count_documents(outcomes.documents());
    let decided = decided.finish();
    let proved: Vec<f64> = outcomes
        .finals
        .iter()
        .zip(&outcomes.latencies)
        .filter_map(|((at, _), (waited, height))| {
            let certified = decided.get(&height.saturating_add(kanhe_types::limits::EXECUTION_LAG));
            let certified = certified?.saturating_duration_since(started).as_secs_f64() * 1_000.0;
            Some(waited + (certified - at.as_secs_f64() * 1_000.0).max(0.0))
        })
        .collect();
    Ok(HalfLoad {
        documents_per_second: speed,
        latency_ms: outcomes.latency(),
        proved_ms: (!proved.is_empty()).then(|| Latency::of(proved)),
    })
}

/// The counters of a zone.
impl BenchZone {
    fn counts(&self) -> Result<Counts, CliError> {
        Counts::read(&self.watched, &self.doors, &self.agency)
    }
}

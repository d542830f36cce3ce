//! What a benchmark found, as JSON has it.

use serde::Serialize;

/// Everything that one call of `kanhe bench` measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The release.
    pub version: String,
    /// When it ended, UTC.
    pub time: String,
    /// Where it ran.
    pub machine: Machine,
    /// How many validators shared the machine.
    pub validators: usize,
    /// What the machine's parts cost.
    pub parts: Parts,
    /// One entry for each kind of load.
    pub kinds: Vec<KindResult>,
    /// Figures as the chain grew.
    pub growth: Vec<GrowthPoint>,
    /// Figures for different numbers of validators.
    pub scale: Vec<ScalePoint>,
    /// What a killed validator cost.
    pub faults: Vec<FaultResult>,
    /// What a chain without load costs.
    pub idle: Option<IdleResult>,
}

/// A machine.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many cores the system offers.
    pub cores: usize,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// The kernel's version.
    pub kernel: String,
}

/// What this machine's parts cost, in microseconds of CPU.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Parts {
    /// Signing once.
    pub sign_us: f64,
    /// One signature checked by itself.
    pub verify_single_us: f64,
    /// One signature in a batch of 1,024 by different keys.
    pub verify_batch_us: f64,
    /// SHA-256 of 400 bytes.
    pub sha256_us: f64,
    /// Decoding a document, with the check for canonical bytes.
    pub codec_us: f64,
    /// Writing one key of 32 bytes with 400 bytes to the store, compaction included.
    pub put_us: f64,
    /// Reading one key, sorted and in batches.
    pub read_us: f64,
    /// Changing one key of the state tree.
    pub state_us: f64,
    /// Moving a megabyte over an encrypted stream, both ends.
    pub stream_us_per_mb: f64,
}

/// What one kind of load gave.
#[derive(Clone, Debug, Default, Serialize)]
pub struct KindResult {
    /// `single`, `message`, `mixed`, `hot` or `read`.
    pub kind: String,
    /// How many validators.
    pub validators: usize,
    /// Documents of one submission, on average.
    pub documents_per_submission: f64,
    /// The median of the runs.
    pub documents_per_second: f64,
    /// The slowest run.
    pub documents_per_second_min: f64,
    /// The fastest run.
    pub documents_per_second_max: f64,
    /// Submissions a second in the median run.
    pub submissions_per_second: f64,
    /// What this machine's parts allow.
    pub bound_documents_per_second: f64,
    /// The median against the bound.
    pub ratio: f64,
    /// Submit to final receipt, at full load.
    pub latency_ms: Latency,
    /// The same at half load, sent at fixed times.
    pub half_load: Option<HalfLoad>,
    /// CPU time, all validators together.
    pub cpu_seconds_per_1000: Stages,
    /// Bytes on one validator's disk for each document.
    pub disk_bytes_per_document: f64,
    /// Bytes that one validator receives for each document, from clients and validators.
    pub wire_bytes_per_document: f64,
    /// Bytes of one document's canonical encoding.
    pub document_bytes: f64,
    /// The most resident memory of one validator.
    pub memory_bytes_max: u64,
    /// Heights a second.
    pub heights_per_second: f64,
    /// Documents that were accepted.
    pub accepted: u64,
    /// Documents that the rules refused.
    pub rejected: u64,
    /// Queries under this load.
    pub queries: Option<Queries>,
    /// Each run.
    pub runs: Vec<Run>,
}

/// Percentiles in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Latency {
    /// Half are below.
    pub p50: f64,
    /// 95 of 100 are below.
    pub p95: f64,
    /// 99 of 100 are below.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

/// Latency when documents come at half the speed of the closed loop.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct HalfLoad {
    /// The speed that was offered.
    pub documents_per_second: f64,
    /// Due time of the submission to its final receipt.
    pub latency_ms: Latency,
    /// Due time to a certified header that commits to the receipt.
    pub proved_ms: Option<Latency>,
}

/// Queries while documents come.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Queries {
    /// How many a second.
    pub per_second: f64,
    /// Request to answer.
    pub latency_ms: Latency,
}

/// Seconds of CPU for a thousand documents, all validators together.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Stages {
    /// Taking requests in and answering them.
    pub http: f64,
    /// Checking batches of other validators.
    pub verify: f64,
    /// The core: batching and agreement.
    pub order: f64,
    /// Reading bodies and applying the rules.
    pub execute: f64,
    /// Computing the state root.
    pub state_tree: f64,
    /// Writing bodies and effects.
    pub store: f64,
    /// The store's own threads: flushing and compaction.
    pub compaction: f64,
    /// Encrypting, moving and decoding what validators say.
    pub network: f64,
    /// Everything else of the validators' processes.
    pub other: f64,
    /// The load generator.
    pub client: f64,
}

/// One run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Run {
    /// From the first request to the last receipt.
    pub documents_per_second: f64,
    /// How long it took.
    pub seconds: f64,
    /// Documents that were final at points in time.
    pub timeline: Vec<TimePoint>,
}

/// Documents that were final at a moment.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TimePoint {
    /// Since the run's start.
    pub second: f64,
    /// So far.
    pub documents: u64,
}

/// Figures at one size of the chain.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct GrowthPoint {
    /// Documents on the chain.
    pub documents: u64,
    /// Speed of the last step.
    pub documents_per_second: f64,
    /// Submit to final receipt at full load, half below.
    pub latency_p50_ms: f64,
    /// 99 of 100 below.
    pub latency_p99_ms: f64,
    /// Bytes on one validator's disk.
    pub disk_bytes_per_document: f64,
    /// The most resident memory of one validator in this step.
    pub memory_bytes_max: u64,
    /// Fetching a document's proof without load, 99 of 100 below.
    pub proof_ms_p99: f64,
    /// Fetching a trade case without load, 99 of 100 below.
    pub case_ms_p99: f64,
}

/// Figures for a number of validators.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ScalePoint {
    /// How many.
    pub validators: usize,
    /// Speed.
    pub documents_per_second: f64,
    /// Whether processes ran, or the simulator.
    pub how: String,
}

/// What a killed validator cost.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FaultResult {
    /// Which.
    pub what: String,
    /// The longest time without a final document around the kill.
    pub gap_ms: f64,
    /// Speed before.
    pub before_documents_per_second: f64,
    /// Speed of those that are left.
    pub after_documents_per_second: f64,
}

/// What a chain without load costs.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct IdleResult {
    /// How long it was watched.
    pub seconds: f64,
    /// CPU of the busiest validator, in percent of one core.
    pub cpu_percent_of_core: f64,
    /// Bytes that the busiest validator wrote each second.
    pub logical_bytes_per_second: f64,
    /// Heights that were made.
    pub heights: u64,
}

impl Latency {
    /// The percentiles of a list of milliseconds.
    pub fn of(mut milliseconds: Vec<f64>) -> Self {
        milliseconds.sort_by(f64::total_cmp);
        let at = |share: usize| {
            let index = milliseconds.len().saturating_mul(share) / 100;
            let index = index.min(milliseconds.len().saturating_sub(1));
            milliseconds.get(index).copied().unwrap_or(0.0)
        };
        let max = milliseconds.last().copied().unwrap_or(0.0);
        Self { p50: at(50), p95: at(95), p99: at(99), max }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_read_off_the_sorted_list() {
        let latency = Latency::of((1..=1_000).rev().map(f64::from).collect());
        assert_eq!(
            (latency.p50, latency.p95, latency.p99, latency.max),
            (501.0, 951.0, 991.0, 1_000.0)
        );
        assert_eq!(Latency::of(Vec::new()).p99, 0.0);
    }
}

//! What a benchmark found, as JSON has it.

use serde::Serialize;

/// Everything that one call of `kanhe bench` measured.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Report {
    /// The release.
    pub(super) version: String,
    /// When it ended, UTC.
    pub(super) time: String,
    /// Where it ran.
    pub(super) machine: Machine,
    /// How many validators shared the machine.
    pub(super) validators: usize,
    /// How they and the enterprises sign: `ed25519`, `sm2` or `mixed`.
    pub(super) scheme: String,
    /// What the machine's parts cost.
    pub(super) parts: Parts,
    /// One entry for each kind of load.
    pub(super) kinds: Vec<KindResult>,
    /// Figures as the chain grew.
    pub(super) growth: Vec<GrowthPoint>,
    /// Figures for different numbers of validators.
    pub(super) scale: Vec<ScalePoint>,
    /// What a killed validator cost.
    pub(super) faults: Vec<FaultResult>,
    /// What a chain without load costs.
    pub(super) idle: Option<IdleResult>,
}

/// A machine.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Machine {
    /// The processor's name.
    pub(super) processor: String,
    /// How many cores the system offers.
    pub(super) cores: usize,
    /// Bytes of memory.
    pub(super) memory_bytes: u64,
    /// The kernel's version.
    pub(super) kernel: String,
}

/// What this machine's parts cost, in microseconds of CPU.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Parts {
    /// Signing once.
    pub(super) sign_us: f64,
    /// One signature checked by itself.
    pub(super) verify_single_us: f64,
    /// One signature in a batch of 1,024 by different keys.
    pub(super) verify_batch_us: f64,
    /// Signing once with SM2.
    pub(super) sm2_sign_us: f64,
    /// One SM2 signature; they are not checked in batches.
    pub(super) sm2_verify_us: f64,
    /// SHA-256 of 400 bytes.
    pub(super) sha256_us: f64,
    /// Decoding a document, with the check for canonical bytes.
    pub(super) codec_us: f64,
    /// Writing one key of 32 bytes with 400 bytes to the store, compaction included.
    pub(super) put_us: f64,
    /// Reading one key, sorted and in batches.
    pub(super) read_us: f64,
    /// Changing one key of the state tree.
    pub(super) state_us: f64,
    /// Moving a megabyte over an encrypted stream, both ends.
    pub(super) stream_us_per_mb: f64,
    /// From one document of a customs XML message to a typed document with pseudonyms: the sender's
    /// own machine does it, and no other figure contains it.
    pub(super) gateway_us: f64,
    /// One value evaluated by the pseudonym service; in no other figure.
    pub(super) evaluate_us: f64,
    /// One value's pseudonym, both ends: blinded, evaluated, checked and unblinded.
    pub(super) pseudonym_us: f64,
}

/// What one kind of load gave.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct KindResult {
    /// `single`, `message`, `mixed`, `hot` or `read`.
    pub(super) kind: String,
    /// How many validators.
    pub(super) validators: usize,
    /// Documents of one submission, on average.
    pub(super) documents_per_submission: f64,
    /// The median of the runs.
    pub(super) documents_per_second: f64,
    /// The slowest run.
    pub(super) documents_per_second_min: f64,
    /// The fastest run.
    pub(super) documents_per_second_max: f64,
    /// Submissions a second in the median run.
    pub(super) submissions_per_second: f64,
    /// What this machine's parts allow.
    pub(super) bound_documents_per_second: f64,
    /// The median against the bound.
    pub(super) ratio: f64,
    /// Submit to final receipt, at full load.
    pub(super) latency_ms: Latency,
    /// The same at half load, sent at fixed times.
    pub(super) half_load: Option<HalfLoad>,
    /// CPU time, all validators together.
    pub(super) cpu_seconds_per_1000: Stages,
    /// Bytes on one validator's disk for each document.
    pub(super) disk_bytes_per_document: f64,
    /// Bytes that one validator receives for each document, from clients and validators.
    pub(super) wire_bytes_per_document: f64,
    /// Bytes of one document's canonical encoding.
    pub(super) document_bytes: f64,
    /// The most resident memory of one validator.
    pub(super) memory_bytes_max: u64,
    /// Heights a second.
    pub(super) heights_per_second: f64,
    /// Documents that were accepted.
    pub(super) accepted: u64,
    /// Documents that the rules refused.
    pub(super) rejected: u64,
    /// Queries under this load.
    pub(super) queries: Option<Queries>,
    /// Each run.
    pub(super) runs: Vec<Run>,
}

/// Percentiles in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Latency {
    /// Half are below.
    pub(super) p50: f64,
    /// 95 of 100 are below.
    pub(super) p95: f64,
    /// 99 of 100 are below.
    pub(super) p99: f64,
    /// The slowest.
    pub(super) max: f64,
}

/// Latency when documents come at half the speed of the closed loop.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct HalfLoad {
    /// The speed that was offered.
    pub(super) documents_per_second: f64,
    /// Due time of the submission to its final receipt.
    pub(super) latency_ms: Latency,
    /// Due time to a certified header that commits to the receipt.
    pub(super) proved_ms: Option<Latency>,
    /// CPU time, all validators together. A document that comes before its trade's others costs
    /// more than one that comes with them.
    pub(super) cpu_seconds_per_1000: Stages,
    /// Heights a second.
    pub(super) heights_per_second: f64,
}

/// Queries while documents come.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Queries {
    /// How many a second.
    pub(super) per_second: f64,
    /// Request to answer.
    pub(super) latency_ms: Latency,
}

/// Seconds of CPU for a thousand documents, all validators together.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Stages {
    /// Taking requests in and answering them.
    pub(super) http: f64,
    /// Checking batches of other validators.
    pub(super) verify: f64,
    /// The core: batching and agreement.
    pub(super) order: f64,
    /// Reading bodies and applying the rules.
    pub(super) execute: f64,
    /// Computing the state root.
    pub(super) state_tree: f64,
    /// Writing bodies and effects.
    pub(super) store: f64,
    /// The store's own threads: flushing and compaction.
    pub(super) compaction: f64,
    /// Encrypting, moving and decoding what validators say.
    pub(super) network: f64,
    /// Everything else of the validators' processes.
    pub(super) other: f64,
    /// The load generator.
    pub(super) client: f64,
}

impl Stages {
    /// Of the validators, together.
    pub(super) fn sum(&self) -> f64 {
        let receiving = self.http + self.verify + self.order + self.network;
        receiving + self.execute + self.state_tree + self.store + self.compaction + self.other
    }
}

/// Seconds for a thousand documents and all validators, as microseconds for one of each.
pub(super) fn us_each(seconds: f64, validators: usize) -> f64 {
    seconds * 1_000.0 / (validators as f64).max(1.0)
}

/// One run.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Run {
    /// From the first request to the last receipt.
    pub(super) documents_per_second: f64,
    /// How long it took.
    pub(super) seconds: f64,
    /// Documents that were final at points in time.
    pub(super) timeline: Vec<TimePoint>,
}

/// Documents that were final at a moment.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct TimePoint {
    /// Since the run's start.
    pub(super) second: f64,
    /// So far.
    pub(super) documents: u64,
}

/// Figures at one size of the chain.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct GrowthPoint {
    /// Documents on the chain.
    pub(super) documents: u64,
    /// Speed of the last half million, or since the start.
    pub(super) documents_per_second: f64,
    /// CPU for each document and validator, of the same documents.
    pub(super) cpu_us_per_document: f64,
    /// The same by stage, in seconds for a thousand documents, all validators together.
    pub(super) cpu_seconds_per_1000: Stages,
    /// Submit to final receipt at full load, half below.
    pub(super) latency_p50_ms: f64,
    /// 99 of 100 below.
    pub(super) latency_p99_ms: f64,
    /// Bytes on one validator's disk.
    pub(super) disk_bytes_per_document: f64,
    /// The most resident memory of one validator in this step.
    pub(super) memory_bytes_max: u64,
    /// Fetching a document's proof without load, 99 of 100 below.
    pub(super) proof_ms_p99: f64,
    /// Fetching a trade case without load, 99 of 100 below.
    pub(super) case_ms_p99: f64,
    /// Of the trade cases that were fetched, those that matched. It stays what it is in a young
    /// chain, or a larger one is not all that makes the difference.
    pub(super) matched_percent: f64,
}

/// Figures for a number of validators.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ScalePoint {
    /// How many.
    pub(super) validators: usize,
    /// Speed.
    pub(super) documents_per_second: f64,
    /// Whether processes ran, or the simulator.
    pub(super) how: String,
}

/// What a killed validator cost.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct FaultResult {
    /// Which.
    pub(super) what: String,
    /// The longest time without a final document around the kill.
    pub(super) gap_ms: f64,
    /// Speed before.
    pub(super) before_documents_per_second: f64,
    /// Speed of those that are left.
    pub(super) after_documents_per_second: f64,
    /// CPU of another validator for each document of the run, in microseconds.
    pub(super) live_us: f64,
    /// CPU of the killed one for each document that it missed, from its start until it is level.
    pub(super) catch_up_us: f64,
    /// How long that took, without load.
    pub(super) catch_up_seconds: f64,
}

/// What a chain without load costs.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct IdleResult {
    /// How long it was watched.
    pub(super) seconds: f64,
    /// CPU of the busiest validator, in percent of one core.
    pub(super) cpu_percent_of_core: f64,
    /// Bytes that the busiest validator wrote each second.
    pub(super) logical_bytes_per_second: f64,
    /// Heights that were made.
    pub(super) heights: u64,
}

impl Latency {
    /// The percentiles of a list of milliseconds.
    pub(super) fn of(mut milliseconds: Vec<f64>) -> Self {
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

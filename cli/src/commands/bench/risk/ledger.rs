//! A risk world on a ledger in memory, and what risk costs there.
//!
//! Each block is executed twice on the same state, with and without risk, in turns first; what it
//! did with risk is kept. The difference of the times is the cost of risk.

use super::judge::{OrganisationVerdict, TradeVerdict, Verdicts};
use crate::answer::CliError;
use crate::progress::Progress;
use kanhe_contracts::case;
use kanhe_contracts::execute::{BlockContext, Effects, execute};
use kanhe_contracts::fixture;
use kanhe_contracts::governance::genesis_writes;
use kanhe_contracts::policy::{Direction, Policy, PolicyInForce, Programs};
use kanhe_contracts::registry::Organisation;
use kanhe_contracts::risk::{Assessment, Suspect, assessment, rule_record};
use kanhe_contracts::state::{MemoryState, StateError, StateRead};
use kanhe_contracts::state_key::{feature_names_of, organisation_assessment_key_bytes};
use kanhe_gateway::world::full::risk::{RiskSubmission, RiskTruth, RiskWorld};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::limits::{PROTOCOL_VERSION, STATE_VALUE_BYTES_MAX};
use kanhe_types::receipt::CaseKey;
use kanhe_types::submission::Submission;
use kanhe_types::time::Millis;
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

const GENESIS: Hash = Hash([7; 32]);
/// A block has as many documents when it is full,
const BLOCK_DOCUMENTS: usize = 400;
/// and waits no longer for them.
const BLOCK_MS: u64 = 3_600_000;
/// How often a block is made when nobody sends anything, so that terms pass in their time.
const IDLE_MS: u64 = 6 * 3_600_000;
/// How long the last terms may take to pass, in days after those of collecting.
const LAST_DAYS: u64 = 3;
const DAY_MS: u64 = 86_400_000;

/// What risk costs.
#[derive(Debug, Serialize)]
pub(super) struct Cost {
    /// Microseconds a document, without risk,
    pub(super) plain_us: f64,
    /// with it,
    pub(super) risk_us: f64,
    /// and what is between them.
    pub(super) added_us: f64,
    /// Records of features that a document reads,
    pub(super) reads: f64,
    /// and writes.
    pub(super) writes: f64,
    /// Bytes of all records of features at the most,
    pub(super) bytes_peak: u64,
    /// and in the end.
    pub(super) bytes_end: u64,
    /// The most memory that the process had, in megabytes; 0 where the machine does not say.
    pub(super) memory_mb: u64,
}

/// What is kept under one kind of key.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct KeyRow {
    pub(super) key: String,
    pub(super) records_peak: u64,
    pub(super) bytes_peak: u64,
    pub(super) records_end: u64,
    pub(super) bytes_end: u64,
    /// The largest record, in bytes.
    pub(super) largest: u64,
}

/// A state that counts the records of features that are asked for.
struct Counted<'a> {
    state: &'a MemoryState,
    reads: Cell<u64>,
}

impl Counted<'_> {
    fn count(&self, key: &[u8]) {
        if feature_names_of(key).is_some() {
            self.reads.set(self.reads.get() + 1);
        }
    }
}

impl StateRead for Counted<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.count(key);
        self.state.get(key)
    }

    fn get_sorted(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StateError> {
        keys.iter().for_each(|key| self.count(key));
        self.state.get_sorted(keys)
    }

    fn executed(&self, submissions: &[Hash]) -> Result<Vec<bool>, StateError> {
        self.state.executed(submissions)
    }
}

/// A ledger in memory.
pub(super) struct RiskLedger {
    state: MemoryState,
    policy: PolicyInForce,
    height: u64,
    time: Millis,
    submissions: u64,
    documents: u64,
    refused: u64,
    plain: Duration,
    risky: Duration,
    reads: u64,
    writes: u64,
    bytes_peak: u64,
    keys: BTreeMap<u32, KeyRow>,
    /// The keys of what is said of organisations, and the most that ever was.
    organisations: BTreeMap<Vec<u8>, (OrganisationCode, OrganisationVerdict)>,
}

impl RiskLedger {
    /// The ledger of a world before its first block.
    pub(super) fn new(world: &RiskWorld, policy: Policy) -> Self {
        let policy = PolicyInForce::new(policy);
        let registered: Vec<Organisation> = world
            .organisations()
            .into_iter()
            .map(|member| {
                let code = fixture::code(member.code);
                let organisation = fixture::organisation(&code, member.name, member.roles);
                Organisation { park: member.park.map(str::to_owned), ..organisation }
            })
            .collect();
        let validators = fixture::validator_set(4);
        let mut state = MemoryState::default();
        state.apply(&genesis_writes(&registered, &policy, PROTOCOL_VERSION, &validators));
        let named = policy.programs().risk.keys().into_iter();
        let keys = named.map(|(id, key)| (id, KeyRow { key, ..KeyRow::default() })).collect();
        let organisations = registered.into_iter().map(|own| {
            let key = organisation_assessment_key_bytes(&own.code);
            (key, (own.code, OrganisationVerdict::default()))
        });
        Self {
            state,
            height: 0,
            time: Millis(0),
            submissions: 0,
            documents: 0,
            refused: 0,
            plain: Duration::ZERO,
            risky: Duration::ZERO,
            reads: 0,
            writes: 0,
            bytes_peak: 0,
            keys,
            organisations: organisations.collect(),
            policy,
        }
    }

    /// Executes everything in a world, and the terms after it.
    pub(super) fn run(&mut self, world: &RiskWorld) -> Result<(), CliError> {
        let truth = world.truth();
        let (start, last) = (truth.start.millis(), truth.end.millis());
        let what = format!("{} trades, parameters {}: days", truth.trades.len(), truth.parameters);
        let days = |until: Millis| until.0.saturating_sub(start.0) / DAY_MS;
        let mut progress = Progress::new(&what, days(last).max(1));
        let (mut block, mut count): (Vec<RiskSubmission>, usize) = (Vec::new(), 0);
        for own in world.days().flat_map(|day| day.submissions) {
            let waited = block.first().map_or(0, |first| own.at.0.saturating_sub(first.at.0));
            if BLOCK_DOCUMENTS <= count || BLOCK_MS < waited {
                self.execute(&block)?;
                (block, count) = (Vec::new(), 0);
                progress.at(days(self.time));
            }
            if block.is_empty() && self.height != 0 {
                self.wait(own.at)?;
            }
            count += own.documents.len();
            block.push(own);
        }
        self.execute(&block)?;
        let days = u64::from(self.policy.collect_days).saturating_add(LAST_DAYS);
        let end = self.time.max(last).0.saturating_add(days.saturating_mul(DAY_MS));
        self.wait(Millis(end))
    }

    /// Executes empty blocks up to a time.
    fn wait(&mut self, until: Millis) -> Result<(), CliError> {
        while self.time.0.saturating_add(IDLE_MS) < until.0 {
            self.time = Millis(self.time.0.saturating_add(IDLE_MS));
            self.execute(&[])?;
        }
        Ok(())
    }

    fn execute(&mut self, block: &[RiskSubmission]) -> Result<(), CliError> {
        self.height += 1;
        self.time = block.last().map_or(self.time, |last| self.time.max(last.at));
        let mut submissions: Vec<(Hash, Submission)> = Vec::with_capacity(block.len());
        for own in block {
            self.submissions += 1;
            // The expiry tells two submissions of the same documents apart.
            let expires = u64::MAX - self.submissions;
            let one = fixture::submission(&GENESIS, &own.sender, expires, &own.documents);
            submissions.push((one.header.id(&GENESIS), one));
        }
        let is_plain_first = self.height.is_multiple_of(2);
        if is_plain_first {
            self.plain += self.once(&submissions, Programs::none())?.1;
        }
        let (effects, spent, reads) = self.once(&submissions, self.policy.programs())?;
        self.risky += spent;
        self.reads += reads;
        if !is_plain_first {
            self.plain += self.once(&submissions, Programs::none())?.1;
        }
        self.documents += effects.receipts.len() as u64;
        let refused = effects.receipts.iter().filter(|receipt| !receipt.is_accepted());
        self.refused += refused.count() as u64;
        self.note(&effects)?;
        self.state.apply_block(&effects);
        Ok(())
    }

    /// Executes a block without keeping what it did.
    fn once(
        &self,
        submissions: &[(Hash, Submission)],
        programs: &Programs,
    ) -> Result<(Effects, Duration, u64), CliError> {
        let plain = BlockContext::plain(GENESIS, self.height, self.time, &self.policy);
        let parent = sha256_of(&self.height.to_be_bytes());
        let context = BlockContext { programs, parent, ..plain };
        let counted = Counted { state: &self.state, reads: Cell::default() };
        let begun = processor_time();
        let effects = execute(&context, &counted, submissions.iter().map(|(id, own)| (*id, own)));
        let spent = processor_time().saturating_sub(begun);
        Ok((effects.map_err(unreadable)?, spent, counted.reads.get()))
    }

    /// Counts what a block changes of features, and what it says of organisations.
    fn note(&mut self, effects: &Effects) -> Result<(), CliError> {
        for (key, value) in &effects.writes {
            if let Some((_, verdict)) = self.organisations.get_mut(key) {
                if let Some(bytes) = value {
                    let said: Assessment = codec::decode(bytes, STATE_VALUE_BYTES_MAX)
                        .map_err(|error| CliError::because("an assessment is unreadable", error))?;
                    verdict.take(&said);
                }
                continue;
            }
            let Some(names) = feature_names_of(key) else { continue };
            self.writes += 1;
            let before = self.state.get(key).map_err(unreadable)?;
            let row = self.keys.entry(names).or_default();
            if let Some(bytes) = before {
                row.records_end = row.records_end.saturating_sub(1);
                row.bytes_end = row.bytes_end.saturating_sub(bytes.len() as u64);
            }
            if let Some(bytes) = value {
                row.records_end += 1;
                row.bytes_end += bytes.len() as u64;
                row.largest = row.largest.max(bytes.len() as u64);
            }
            row.records_peak = row.records_peak.max(row.records_end);
            row.bytes_peak = row.bytes_peak.max(row.bytes_end);
        }
        let bytes = self.keys.values().map(|row| row.bytes_end).sum();
        self.bytes_peak = self.bytes_peak.max(bytes);
        Ok(())
    }

    /// What was said of every trade and organisation of a world.
    pub(super) fn verdicts(&self, truth: &RiskTruth) -> Result<Verdicts, CliError> {
        let mut trades = Vec::with_capacity(truth.trades.len());
        for trade in &truth.trades {
            let platform = fixture::code(&trade.platform);
            let case = CaseKey { platform, order_no: trade.order_no.clone() };
            let released = match trade.direction {
                Direction::Import => case::case(&self.state, &case).map_err(unreadable)?,
                Direction::Export => None,
            };
            let released = released.and_then(|case| case.clearance.released);
            let suspect = Suspect::Trade { direction: trade.direction, case };
            let said = assessment(&self.state, &suspect).map_err(unreadable)?;
            let verdict = said.map(|said| TradeVerdict::of(&said, &suspect, released));
            trades.push(verdict.unwrap_or_default());
        }
        let mut fired = BTreeMap::new();
        for rule in &self.policy.risk.rules {
            let record = rule_record(&self.state, self.policy.version, &rule.id);
            fired.insert(rule.id.clone(), record.map_err(unreadable)?.fired);
        }
        let organisations = self.organisations.values();
        let organisations = organisations.map(|(code, own)| (code.to_string(), own.clone()));
        Ok(Verdicts { trades, organisations: organisations.collect(), fired })
    }

    pub(super) fn policy(&self) -> &Policy {
        self.policy.policy()
    }

    pub(super) fn height(&self) -> u64 {
        self.height
    }

    pub(super) fn documents(&self) -> u64 {
        self.documents
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// What risk cost so far.
    pub(super) fn cost(&self) -> Cost {
        let documents = self.documents.max(1) as f64;
        let per_document = |time: Duration| time.as_secs_f64() * 1e6 / documents;
        let (plain_us, risk_us) = (per_document(self.plain), per_document(self.risky));
        Cost {
            plain_us,
            risk_us,
            added_us: risk_us - plain_us,
            reads: self.reads as f64 / documents,
            writes: self.writes as f64 / documents,
            bytes_peak: self.bytes_peak,
            bytes_end: self.keys.values().map(|row| row.bytes_end).sum(),
            memory_mb: memory_mb(),
        }
    }

    /// What is kept, by the keys of features.
    pub(super) fn keys(&self) -> Vec<KeyRow> {
        self.keys.values().cloned().collect()
    }
}

fn unreadable(error: StateError) -> CliError {
    CliError::because("the state cannot be read", error)
}

/// How long this thread has had a processor: what else the machine does is not counted.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The most memory that the process had.
fn memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|text| text.trim().strip_suffix("kB")?.trim().parse().ok());
    kilobytes.map_or(0, |kilobytes: u64| kilobytes / 1_024)
}

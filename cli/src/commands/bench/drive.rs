//! Sending a load and waiting for every final receipt.

use super::door::Door;
use super::load::{Fleet, Load, Request};
use super::report::{Latency, TimePoint};
use crate::answer::CliError;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::{CaseKey, Outcome};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long receipts are waited for before the run is given up.
const GIVE_UP: Duration = Duration::from_secs(60);
/// A pause before a submission that was not taken in is offered again.
const OFFER_AGAIN: Duration = Duration::from_millis(100);
/// How often the timeline has a point.
const POINT_EVERY: Duration = Duration::from_millis(250);

/// What became of a load.
#[derive(Default)]
pub(super) struct Outcomes {
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) repeated: u64,
    /// Submission sent (or due) to final receipt, in milliseconds, and the receipt's height.
    pub(super) latencies: Vec<(f64, u64)>,
    /// When documents became final, since the start, and how many.
    pub(super) finals: Vec<(Duration, u64)>,
    /// Documents and trades that exist now.
    pub(super) samples: Vec<(Hash, CaseKey)>,
    /// What was refused and offered again.
    pub(super) offered_again: u64,
    pub(super) seconds: f64,
}

/// How requests are timed.
#[derive(Clone, Copy)]
pub(super) enum Pace {
    /// Each stream sends its next request when it has the receipts of the one before.
    Closed,
    /// A submission of each stream's next is due at fixed intervals, whatever came of the others.
    Open {
        /// Between two requests.
        interval: Duration,
    },
}

/// Where to send.
pub(super) struct Target<'a> {
    pub(super) apis: &'a [String],
    pub(super) genesis: Hash,
    pub(super) fleet: &'a Fleet,
    /// Validators that were killed are left out.
    pub(super) is_dead: &'a [AtomicBool],
}

impl Outcomes {
    pub(super) fn documents(&self) -> u64 {
        self.accepted + self.rejected + self.repeated
    }

    pub(super) fn per_second(&self) -> f64 {
        self.accepted as f64 / self.seconds.max(f64::MIN_POSITIVE)
    }

    pub(super) fn latency(&self) -> Latency {
        Latency::of(self.latencies.iter().map(|(milliseconds, _)| *milliseconds).collect())
    }

    /// How many documents were final at points in time.
    pub(super) fn timeline(&self) -> Vec<TimePoint> {
        let mut finals = self.finals.clone();
        finals.sort();
        let (mut points, mut documents, mut next) = (Vec::new(), 0, POINT_EVERY);
        points.push(TimePoint::default());
        for (at, count) in finals {
            while next <= at {
                points.push(TimePoint { second: next.as_secs_f64(), documents });
                next += POINT_EVERY;
            }
            documents += count;
        }
        points.push(TimePoint { second: self.seconds, documents });
        points
    }

    /// The longest time between two final receipts within a span.
    pub(super) fn longest_gap(&self, from: Duration, until: Duration) -> Duration {
        let mut times: Vec<Duration> = self.finals.iter().map(|(at, _)| *at).collect();
        times.retain(|at| from <= *at && *at <= until);
        times.sort();
        let gaps =
            times.iter().zip(times.iter().skip(1)).map(|(one, two)| two.saturating_sub(*one));
        gaps.max().unwrap_or(Duration::MAX)
    }

    /// Documents that became final within a span, a second.
    pub(super) fn rate(&self, from: Duration, until: Duration) -> f64 {
        let within = self.finals.iter().filter(|(at, _)| from <= *at && *at < until);
        let documents: u64 = within.map(|(_, count)| count).sum();
        documents as f64 / until.saturating_sub(from).as_secs_f64().max(f64::MIN_POSITIVE)
    }

    fn merge(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.repeated += other.repeated;
        self.offered_again += other.offered_again;
        self.latencies.extend(other.latencies);
        self.finals.extend(other.finals);
        self.samples.extend(other.samples);
    }
}

/// What the workers of one run share.
struct Shared<'a> {
    target: &'a Target<'a>,
    started: Instant,
    streams: Vec<Mutex<VecDeque<Request>>>,
    /// With an open pace, the request that is due next.
    next: AtomicUsize,
    pace: Pace,
    failed: AtomicBool,
}

/// Sends a load and waits until every receipt is final.
pub(super) fn drive(target: &Target<'_>, load: Load, pace: Pace) -> Result<Outcomes, CliError> {
    let workers = match pace {
        Pace::Closed => load.streams.len(),
        // Enough that one is always free when a request is due.
        Pace::Open { .. } => 128,
    };
    let shared = Shared {
        target,
        started: Instant::now(),
        streams: load.streams.into_iter().map(Mutex::new).collect(),
        next: AtomicUsize::new(0),
        pace,
        failed: AtomicBool::new(false),
    };
    let mut outcomes = thread::scope(|scope| {
        let shared = &shared;
        let running: Vec<_> =
            (0..workers).map(|worker| scope.spawn(move || shared.work(worker))).collect();
        let mut all = Outcomes::default();
        let mut failure = None;
        for worker in running {
            match worker.join() {
                Ok(Ok(outcomes)) => all.merge(outcomes),
                Ok(Err(error)) => failure = failure.or(Some(error)),
                Err(_) => failure = failure.or(Some(CliError::unknown("a sender panicked"))),
            }
        }
        failure.map_or(Ok(all), Err)
    })?;
    outcomes.seconds = shared.started.elapsed().as_secs_f64();
    Ok(outcomes)
}

impl Shared<'_> {
    fn work(&self, worker: usize) -> Result<Outcomes, CliError> {
        let mut outcomes = Outcomes::default();
        let doors: Vec<Door> = self
            .target
            .apis
            .iter()
            .map(|api| Door::new(api.clone(), self.target.genesis))
            .collect();
        while !self.failed.load(Ordering::Relaxed) {
            let Some((request, due)) = self.take(worker) else { break };
            if let Err(error) = self.request(&doors, worker, request, due, &mut outcomes) {
                self.failed.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(outcomes)
    }

    /// The next request of a worker, and when it is due.
    fn take(&self, worker: usize) -> Option<(Request, Instant)> {
        let pop = |stream: usize| {
            let stream = self.streams.get(stream)?;
            stream.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
        };
        match self.pace {
            Pace::Closed => Some((pop(worker)?, Instant::now())),
            Pace::Open { interval } => {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                let request = pop(number % self.streams.len().max(1))?;
                let due = interval.saturating_mul(u32::try_from(number).unwrap_or(u32::MAX));
                let due = self.started + due;
                thread::sleep(due.saturating_duration_since(Instant::now()));
                Some((request, due))
            }
        }
    }

    /// Sends one request until it is taken in, and waits for its receipts.
    fn request(
        &self,
        doors: &[Door],
        worker: usize,
        request: Request,
        due: Instant,
        outcomes: &mut Outcomes,
    ) -> Result<(), CliError> {
        let signer = self.target.fleet.signers.get(request.signer);
        let signer = signer.expect("requests name signers of the fleet");
        let mut open: Vec<Hash> = request.submissions.iter().map(|(id, _)| *id).collect();
        let mut at = self.alive(worker + request.signer);
        let mut is_taken_in = false;
        while !open.is_empty() {
            if GIVE_UP < due.elapsed() {
                return Err(CliError::unknown("receipts did not come within a minute"));
            }
            let door = doors.get(at).expect("there is a door to every validator");
            if !is_taken_in {
                match door.submit(signer, &request.body) {
                    Ok(Ok(())) => is_taken_in = true,
                    Ok(Err(_)) | Err(_) => {
                        outcomes.offered_again += 1;
                        thread::sleep(OFFER_AGAIN);
                        at = self.alive(at + 1);
                        continue;
                    }
                }
            }
            let Ok(receipts) = door.receipts(signer, &open) else {
                // The validator has gone: another one executes it once, whoever puts it forward.
                is_taken_in = false;
                at = self.alive(at + 1);
                continue;
            };
            let now = Instant::now();
            let mut still_open = Vec::new();
            for (id, receipts) in open.into_iter().zip(receipts) {
                let Some(receipts) = receipts else {
                    still_open.push(id);
                    continue;
                };
                let mut accepted = 0;
                for receipt in &receipts {
                    match receipt.outcome {
                        Outcome::Accepted { .. } => accepted += 1,
                        Outcome::Repeated { .. } => outcomes.repeated += 1,
                        Outcome::Rejected(_) => outcomes.rejected += 1,
                    }
                }
                outcomes.accepted += accepted;
                let height = receipts.first().map_or(0, |receipt| receipt.height);
                let waited = now.saturating_duration_since(due).as_secs_f64() * 1_000.0;
                outcomes.latencies.push((waited, height));
                outcomes.finals.push((now.saturating_duration_since(self.started), accepted));
            }
            open = still_open;
        }
        outcomes.samples.extend(request.sample);
        Ok(())
    }

    /// The validator at `index`, or the next one that is alive.
    fn alive(&self, index: usize) -> usize {
        let count = self.target.apis.len();
        let is_alive = |index: &usize| {
            let dead = self.target.is_dead.get(*index);
            dead.is_none_or(|dead| !dead.load(Ordering::Relaxed))
        };
        let mut candidates = (0..count).map(|step| (index + step) % count);
        candidates.find(is_alive).unwrap_or(index % count)
    }
}

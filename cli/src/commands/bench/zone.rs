//! The zone that a benchmark founds, and what it needs to know of it.

use super::door::Door;
use super::drive::Target;
use super::load::{Context, Fleet, SETS_MANY, Signer};
use super::watch::{Counts, Watched};
use crate::answer::CliError;
use crate::args::{BenchArgs, HomeArgs};
use crate::clock;
use crate::member::Member;
use crate::validators;
use crate::zone::{Place, Zone};
use kanhe_api::path;
use kanhe_api::view::StatusView;
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_node::keystore;
use kanhe_node::localnet::LocalnetConfig;
use kanhe_types::hash::Hash;
use kanhe_types::pseudonym::PseudonymScope;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Heights within which what was signed must be executed.
const EXPIRES_AFTER: u64 = 50_000;
/// How often the decided height is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// A zone with enterprises whose keys the load generator holds.
pub(super) struct BenchZone {
    zone: Zone,
    fleet: Fleet,
    pub(super) agency: Signer,
    genesis: Hash,
    pub(super) apis: Vec<String>,
    pub(super) doors: Vec<Door>,
    pub(super) watched: Vec<Watched>,
    pseudonyms: PseudonymKey,
    pub(super) is_dead: Vec<AtomicBool>,
    documents: AtomicU64,
}

impl BenchZone {
    /// Founds a zone and starts it.
    pub(super) fn found(args: &BenchArgs, validators: usize) -> Result<Self, CliError> {
        let fleet = Fleet::new(SETS_MANY)?;
        let place = match &args.dir {
            Some(dir) => Place::At(dir),
            None => Place::Temporary("bench"),
        };
        let config = LocalnetConfig {
            validators,
            base_port: None,
            enterprises: Vec::new(),
            registered: fleet.organisations(),
            time: clock::now(),
        };
        let zone = Zone::found(place, config)?;
        zone.start_all()?;
        let localnet = zone.localnet().clone();
        let genesis = localnet.genesis_hash();
        let home = localnet.folder().to_owned();
        let customs = Member::of(&HomeArgs { home, member: None })?;
        let agency = Signer {
            code: customs.client.organisation().clone(),
            secret: customs.client.secret().clone(),
        };
        let apis: Vec<String> = localnet.nodes().iter().map(|node| node.api()).collect();
        let seen = validators::look(&localnet)?;
        let watched = seen.iter().enumerate().filter_map(|(index, seen)| {
            let home = localnet.node_home(&seen.node.organisation);
            Some(Watched { pid: seen.pid?, home, index })
        });
        let key = keystore::random()?;
        Ok(Self {
            fleet,
            agency,
            genesis,
            doors: apis.iter().map(|api| Door::new(api.clone(), genesis)).collect(),
            watched: watched.collect(),
            is_dead: apis.iter().map(|_| AtomicBool::new(false)).collect(),
            apis,
            pseudonyms: PseudonymKey { scope: PseudonymScope { key_id: 0, epoch: 2026 }, key },
            documents: AtomicU64::new(0),
            zone,
        })
    }

    /// What signing needs.
    pub(super) fn context(&self) -> Result<Context<'_>, CliError> {
        Ok(Context {
            fleet: &self.fleet,
            genesis: self.genesis,
            pseudonyms: self.pseudonyms.clone(),
            expires: self.height()?.saturating_add(EXPIRES_AFTER),
        })
    }

    /// Where to send.
    pub(super) fn target(&self) -> Target<'_> {
        Target {
            apis: &self.apis,
            genesis: self.genesis,
            fleet: &self.fleet,
            is_dead: &self.is_dead,
        }
    }

    /// The last executed height.
    pub(super) fn height(&self) -> Result<u64, CliError> {
        self.height_of(0)
    }

    /// The last executed height of one validator.
    pub(super) fn height_of(&self, index: usize) -> Result<u64, CliError> {
        let door = self.doors.get(index).expect("there is a door to every validator");
        Ok(status(door, &self.agency)?.height)
    }

    /// Starts a validator that was killed; its process.
    pub(super) fn restart(&self, index: usize) -> Result<u32, CliError> {
        let localnet = self.zone.localnet();
        let node = localnet.nodes().get(index);
        let node = node.ok_or_else(|| CliError::unknown("there is no such validator"))?;
        self.zone.start(node)?;
        loop {
            self.zone.check()?;
            let seen = validators::look(localnet)?;
            if let Some(pid) = seen.get(index).and_then(|seen| seen.pid) {
                return Ok(pid);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Adds to the documents that the chain has.
    pub(super) fn count_documents(&self, documents: u64) {
        self.documents.fetch_add(documents, Ordering::Relaxed);
    }

    /// The documents that the chain has.
    pub(super) fn documents(&self) -> u64 {
        self.documents.load(Ordering::Relaxed)
    }

    /// Notes when each height is decided.
    pub(super) fn watch_heights(&self) -> HeightWatch {
        let door = Door::new(self.apis.first().cloned().unwrap_or_default(), self.genesis);
        let agency = Signer { code: self.agency.code.clone(), secret: self.agency.secret.clone() };
        HeightWatch::start(door, agency)
    }

    /// Everything counted so far.
    pub(super) fn counts(&self) -> Result<Counts, CliError> {
        Counts::read(&self.watched, &self.doors, &self.agency)
    }

    /// Further connections, one to each validator.
    pub(super) fn new_doors(&self) -> Vec<Door> {
        self.apis.iter().map(|api| Door::new(api.clone(), self.genesis)).collect()
    }

    /// The agency of a validator.
    pub(super) fn name(&self, index: usize) -> String {
        let node = self.zone.localnet().nodes().get(index);
        node.map_or_else(String::new, |node| node.organisation.to_string())
    }

    /// Ends a validator at once.
    pub(super) fn kill(&self, index: usize) -> Result<(), CliError> {
        let node = self.zone.localnet().nodes().get(index);
        let node = node.ok_or_else(|| CliError::unknown("there is no such validator"))?;
        self.zone.kill(&node.organisation)
    }

    /// Stops everything.
    pub(super) fn close(self) {
        self.zone.close();
    }
}

fn status(door: &Door, agency: &Signer) -> Result<StatusView, CliError> {
    let reply = door.ask(agency, path::STATUS, None)?;
    serde_json::from_slice(&reply.body)
        .map_err(|error| CliError::because("a status is not of its form", error))
}

/// When heights were decided.
pub(super) struct HeightWatch {
    stop: Arc<AtomicBool>,
    decided: Arc<Mutex<BTreeMap<u64, Instant>>>,
    thread: JoinHandle<()>,
}

impl HeightWatch {
    fn start(door: Door, agency: Signer) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let decided: Arc<Mutex<BTreeMap<u64, Instant>>> = Arc::default();
        let (told, seen) = (Arc::clone(&stop), Arc::clone(&decided));
        let thread = thread::spawn(move || {
            let mut last = 0;
            // Some looks more after the end: the last receipts are proved two heights later.
            let mut looks_left = 200;
            while 0 < looks_left {
                if told.load(Ordering::Relaxed) {
                    looks_left -= 1;
                }
                if let Ok(status) = status(&door, &agency) {
                    let now = Instant::now();
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    for height in last + 1..=status.decided {
                        seen.insert(height, now);
                    }
                    if told.load(Ordering::Relaxed) && status.decided == last {
                        looks_left = looks_left.min(40);
                    }
                    last = status.decided.max(last);
                }
                thread::sleep(LOOK_EVERY);
            }
        });
        Self { stop, decided, thread }
    }

    /// Stops watching; the heights with the moments at which they were seen decided.
    pub(super) fn finish(self) -> BTreeMap<u64, Instant> {
        self.stop.store(true, Ordering::Relaxed);
        // It cannot panic; without it the heights that it noted are still there.
        let _ = self.thread.join();
        std::mem::take(&mut *self.decided.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

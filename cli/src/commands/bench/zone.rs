//! The zone that a benchmark founds, and what it needs to know of it.

use super::door::Door;
use super::drive::Target;
use super::load::{Context, Fleet, SETS_MANY, Signer};
use super::watch::{Counts, Watched};
use crate::answer::CliError;
use crate::args::{BenchArgs, HomeArgs};
use crate::clock;
use crate::member::{self, Member};
use crate::validators;
use crate::zone::{Place, Zone};
use kanhe_api::path;
use kanhe_api::view::StatusView;
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_node::keystore;
use kanhe_node::localnet::{Localnet, LocalnetConfig, Schemes};
use kanhe_types::hash::Hash;
use kanhe_types::keys::Scheme;
use kanhe_types::pseudonym::PseudonymScope;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Heights within which what was signed must be executed.
const EXPIRES_AFTER: u64 = 50_000;
/// How often the decided height is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// Whose processes a benchmark measures.
enum Ground {
    /// A zone of its own, which ends with it.
    Own(Zone),
    /// A localnet that runs and goes on running.
    Running(Localnet),
}

impl Ground {
    fn localnet(&self) -> &Localnet {
        match self {
            Self::Own(zone) => zone.localnet(),
            Self::Running(localnet) => localnet,
        }
    }

    fn own(&self) -> Result<&Zone, CliError> {
        match self {
            Self::Own(zone) => Ok(zone),
            Self::Running(_) => Err(CliError::unknown("the zone is not the benchmark's own")),
        }
    }
}

/// A zone with enterprises whose keys the load generator holds.
pub(super) struct BenchZone {
    ground: Ground,
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
    /// The zone that the arguments name, or a new one of so many validators.
    pub(super) fn enter(args: &BenchArgs, validators: usize) -> Result<Self, CliError> {
        match &args.home {
            Some(home) => Self::running(home),
            None => Self::found(args, validators),
        }
    }

    /// Founds a zone and starts it.
    fn found(args: &BenchArgs, validators: usize) -> Result<Self, CliError> {
        let fleet = Fleet::new(SETS_MANY, args.scheme)?;
        let place = match &args.dir {
            Some(dir) => Place::At(dir),
            None => Place::Temporary("bench"),
        };
        let config = LocalnetConfig {
            validators,
            schemes: args.scheme,
            base_port: None,
            enterprises: Vec::new(),
            registered: fleet.organisations(),
            policy: None,
            time: clock::now(),
        };
        let zone = Zone::found(place, config)?;
        zone.start_all()?;
        Self::of(Ground::Own(zone), fleet)
    }

    /// A localnet whose validators run already.
    fn running(home: &Path) -> Result<Self, CliError> {
        let localnet = Localnet::load(home)?;
        let fleet = Fleet::of(&localnet)?;
        Self::of(Ground::Running(localnet), fleet)
    }

    fn of(ground: Ground, fleet: Fleet) -> Result<Self, CliError> {
        let localnet = ground.localnet().clone();
        let genesis = localnet.genesis_hash();
        let home = localnet.folder().to_owned();
        let customs = Member::of(&HomeArgs { home, member: None })?;
        let agency = Signer {
            code: customs.client.organisation().clone(),
            secret: Arc::clone(customs.client.signer()),
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
            ground,
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
        let zone = self.ground.own()?;
        let localnet = zone.localnet();
        let node = localnet.nodes().get(index);
        let node = node.ok_or_else(|| CliError::unknown("there is no such validator"))?;
        zone.start(node)?;
        loop {
            zone.check()?;
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
        let agency =
            Signer { code: self.agency.code.clone(), secret: Arc::clone(&self.agency.secret) };
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
        let node = self.ground.localnet().nodes().get(index);
        node.map_or_else(String::new, |node| node.organisation.to_string())
    }

    /// Ends a validator at once.
    pub(super) fn kill(&self, index: usize) -> Result<(), CliError> {
        let zone = self.ground.own()?;
        let node = zone.localnet().nodes().get(index);
        let node = node.ok_or_else(|| CliError::unknown("there is no such validator"))?;
        zone.kill(&node.organisation)
    }

    /// Stops everything that was started for the benchmark.
    pub(super) fn close(self) {
        if let Ground::Own(zone) = self.ground {
            zone.close();
        }
    }
}

/// How many validators a localnet has, all of which run.
pub(super) fn validators_of(home: &Path) -> Result<usize, CliError> {
    let member::Place::Localnet(localnet) = member::Place::find(home)? else {
        return Err(CliError::Usage(format!(
            "{} is one home: the load comes from several enterprises, give the folder of a localnet",
            home.display()
        )));
    };
    let seen = validators::look(&localnet)?;
    match seen.iter().find(|seen| seen.pid.is_none()) {
        None => Ok(seen.len()),
        Some(down) => Err(CliError::Usage(format!(
            "{} does not run; start the localnet with `kanhe localnet up --dir {}`",
            down.node.organisation,
            home.display()
        ))),
    }
}

/// How the validators of a localnet sign.
pub(super) fn schemes_of(home: &Path) -> Result<Schemes, CliError> {
    let genesis = Localnet::load(home)?.genesis()?;
    let sm2 = genesis.validators.iter().filter(|own| own.key.scheme() == Scheme::Sm2).count();
    Ok(match sm2 {
        0 => Schemes::Ed25519,
        count if count == genesis.validators.len() => Schemes::Sm2,
        _ => Schemes::Mixed,
    })
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

//! The demo's zone: its folder and its processes, and how both end.

use crate::answer::CliError;
use crate::args::DemoArgs;
use crate::clock;
use crate::interrupt::on_interrupt;
use crate::progress::note;
use crate::scratch::Scratch;
use crate::validators::{Life, Validators, wait_until_up};
use kanhe_node::localnet::{Localnet, LocalnetConfig, LocalnetNode, VALIDATORS_DEFAULT};
use kanhe_types::code::OrganisationCode;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A running zone. Dropping it stops its validators and removes its folder, unless it is kept.
pub(super) struct Zone {
    localnet: Localnet,
    folder: PathBuf,
    // Shared with whoever waits for an interruption.
    ending: Arc<Mutex<Ending>>,
}

/// What has to end with the demo, in this order.
struct Ending {
    validators: Validators,
    scratch: Option<Scratch>,
}

impl Zone {
    /// Founds a zone in the folder that the arguments name, or in a temporary one.
    pub(super) fn found(args: &DemoArgs) -> Result<Self, CliError> {
        // The folder of the arguments is removed at the end too, unless it is kept; it must be new.
        let (folder, scratch) = match &args.dir {
            Some(dir) if args.keep => (dir.clone(), None),
            Some(dir) => (dir.clone(), Some(Scratch::at(dir)?)),
            None => {
                let scratch = Scratch::new("demo")?;
                (scratch.path().to_owned(), Some(scratch))
            }
        };
        let validators = Validators::new(Life::Bound);
        let ending = Arc::new(Mutex::new(Ending { validators, scratch }));
        let shared = Arc::clone(&ending);
        on_interrupt(move || {
            note("interrupted: stopping the validators");
            lock(&shared).end();
        })?;
        let config = LocalnetConfig {
            validators: VALIDATORS_DEFAULT,
            base_port: None,
            enterprises: Vec::new(),
            time: clock::now(),
        };
        let localnet = Localnet::init(&folder, config)?;
        let enterprises = localnet.members().len() - localnet.nodes().len();
        let codes: Vec<&str> =
            localnet.nodes().iter().map(|node| node.organisation.as_str()).collect();
        note(&format!(
            "1. a zone is founded: {} as validators, {enterprises} enterprises, each with its own \
             key; genesis {}",
            codes.join(", "),
            localnet.genesis_hash()
        ));
        Ok(Self { localnet, folder, ending })
    }

    pub(super) fn localnet(&self) -> &Localnet {
        &self.localnet
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts every validator and waits until blocks are made.
    pub(super) fn start_all(&self) -> Result<(), CliError> {
        for node in self.localnet.nodes() {
            self.start(node)?;
        }
        wait_until_up(&self.localnet, || self.check()).map(drop)
    }

    pub(super) fn start(&self, node: &LocalnetNode) -> Result<(), CliError> {
        lock(&self.ending).validators.start(&self.localnet, node)
    }

    pub(super) fn kill(&self, code: &OrganisationCode) -> Result<(), CliError> {
        lock(&self.ending).validators.kill(code)
    }

    /// An error when a validator has ended by itself.
    pub(super) fn check(&self) -> Result<(), CliError> {
        lock(&self.ending).validators.check()
    }

    /// Stops everything.
    pub(super) fn close(self) {
        lock(&self.ending).end();
    }
}

impl Ending {
    fn end(&mut self) {
        self.validators.stop_all();
        self.scratch = None;
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        lock(&self.ending).end();
    }
}

/// What has to end must end even after a panic elsewhere.
fn lock(ending: &Mutex<Ending>) -> MutexGuard<'_, Ending> {
    ending.lock().unwrap_or_else(PoisonError::into_inner)
}

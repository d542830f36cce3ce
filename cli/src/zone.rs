//! A zone that lasts as long as a command: its folder and its processes, and how both end.

use crate::answer::CliError;
use crate::interrupt::on_interrupt;
use crate::progress::note;
use crate::scratch::Scratch;
use crate::validators::{Life, Validators, wait_until_up};
use kanhe_node::localnet::{Localnet, LocalnetConfig, LocalnetNode};
use kanhe_types::code::OrganisationCode;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a zone's folder is.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// A new folder here, left when the command ends.
    Kept(&'a Path),
    /// A new folder here, removed when the command ends.
    At(&'a Path),
    /// A temporary folder, named after the command.
    Temporary(&'a str),
}

/// A running zone. Dropping it stops its validators and removes its folder, unless it is kept.
pub struct Zone {
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
    /// Founds a zone at `place`. Its validators stop when the process is interrupted.
    ///
    /// # Errors
    /// When the folder exists, or the system refuses.
    pub fn found(place: Place<'_>, config: LocalnetConfig) -> Result<Self, CliError> {
        // The folder of the arguments is removed at the end too, unless it is kept; it must be new.
        let (folder, scratch) = match place {
            Place::Kept(dir) => (dir.to_owned(), None),
            Place::At(dir) => (dir.to_owned(), Some(Scratch::at(dir)?)),
            Place::Temporary(what) => {
                let scratch = Scratch::new(what)?;
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
        let localnet = Localnet::init(&folder, config)?;
        Ok(Self { localnet, folder, ending })
    }

    /// The localnet.
    pub fn localnet(&self) -> &Localnet {
        &self.localnet
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts every validator and waits until blocks are made.
    ///
    /// # Errors
    /// When one does not start.
    pub fn start_all(&self) -> Result<(), CliError> {
        for node in self.localnet.nodes() {
            self.start(node)?;
        }
        wait_until_up(&self.localnet, || self.check()).map(drop)
    }

    /// Starts one validator.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn start(&self, node: &LocalnetNode) -> Result<(), CliError> {
        lock(&self.ending).validators.start(&self.localnet, node)
    }

    /// Ends one validator at once, as a power cut would.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&self, code: &OrganisationCode) -> Result<(), CliError> {
        lock(&self.ending).validators.kill(code)
    }

    /// An error when a validator has ended by itself.
    ///
    /// # Errors
    /// When one has.
    pub fn check(&self) -> Result<(), CliError> {
        lock(&self.ending).validators.check()
    }

    /// Stops everything.
    pub fn close(self) {
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

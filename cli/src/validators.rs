//! Starting and stopping validators as processes of their own.
//!
//! A process is only ever signalled by its number, and only while it holds the lock of a home of
//! the localnet: the lock is the proof that the number still is that validator's.

use crate::answer::CliError;
use crate::member::Member;
use crate::progress::Progress;
use kanhe_api::path;
use kanhe_api::view::StatusView;
use kanhe_node::home::Home;
use kanhe_node::localnet::{Localnet, LocalnetNode};
use kanhe_types::code::OrganisationCode;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long validators may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a validator may take to stop before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
/// How often a condition is looked at while it is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Bytes of the end of a log that are shown.
const LOG_TAIL_BYTES: u64 = 2_000;

/// Whether a started validator outlives the process that started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It runs until it is told to stop.
    Detached,
    /// It stops when the process that started it ends, however it ends.
    Bound,
}

/// Starts the validator or the observer of a home. What it prints goes to the home's log.
///
/// # Errors
/// When the program or the log cannot be used.
pub fn start(home: &Home, life: Life) -> Result<Child, CliError> {
    let program = std::env::current_exe()
        .map_err(|error| CliError::because("cannot find this program's own file", error))?;
    let log = open_log(&home.log_path())?;
    let also = log.try_clone().map_err(|error| CliError::because("cannot share the log", error))?;
    let mut command = Command::new(program);
    let noun = if home.is_observer() { "observer" } else { "node" };
    command.args([noun, "run", "--home"]).arg(home.path());
    // A group of its own: Ctrl-C in the terminal is for the command, not for the validators.
    command.stdout(log).stderr(also).process_group(0);
    match life {
        Life::Detached => command.stdin(Stdio::null()),
        Life::Bound => command.arg("--stop-when-stdin-closes").stdin(Stdio::piped()),
    };
    command.spawn().map_err(|error| CliError::because("cannot start a validator", error))
}

fn open_log(path: &Path) -> Result<File, CliError> {
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    log.map_err(|error| CliError::because(format!("cannot write {}", path.display()), error))
}

/// The last lines of a validator's log.
pub fn log_tail(home: &Home) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(home.log_path())?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(LOG_TAIL_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    read().unwrap_or_default()
}

/// Stops the process that uses a home: asks it, and kills it when it does not stop in time.
/// `false` when none does.
///
/// # Errors
/// When it cannot be signalled, or still runs after all.
pub fn stop(home: &Home) -> Result<bool, CliError> {
    if !signal(home, Signal::TERM)? {
        return Ok(false);
    }
    if is_free_within(home, STOP_TIMEOUT)? {
        return Ok(true);
    }
    signal(home, Signal::KILL)?;
    if is_free_within(home, STOP_TIMEOUT)? {
        return Ok(true);
    }
    Err(CliError::unknown(format!("the validator of {} does not stop", home.path().display())))
}

fn is_free_within(home: &Home, timeout: Duration) -> Result<bool, CliError> {
    let started = Instant::now();
    while home.user()?.is_some() {
        if timeout < started.elapsed() {
            return Ok(false);
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(true)
}

/// Signals the process that uses a home; `false` when none does.
fn signal(home: &Home, signal: Signal) -> Result<bool, CliError> {
    let Some(user) = home.user()? else {
        return Ok(false);
    };
    let path = home.path().display();
    let pid = user.pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| {
        CliError::unknown(format!("{path} is in use by a process that does not say its number"))
    })?;
    if !is_this_program(pid) {
        return Err(CliError::unknown(format!(
            "{path} is in use by process {pid}, which is no node of this program; stop it yourself"
        )));
    }
    match kill_process(pid, signal) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::SRCH) => Ok(false),
        Err(error) => Err(CliError::because(format!("cannot stop process {pid} of {path}"), error)),
    }
}

/// Whether a process runs a node, where the system tells. Where it does not, the lock has to do.
fn is_this_program(pid: Pid) -> bool {
    match fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())) {
        Ok(line) => {
            let mut arguments = line.split(|byte| *byte == 0);
            arguments.any(|argument| argument == b"node" || argument == b"observer")
        }
        Err(_) => true,
    }
}

/// The validators that this command started. Dropping it stops those that are bound to it.
pub struct Validators {
    running: Vec<Running>,
    life: Life,
}

struct Running {
    organisation: OrganisationCode,
    home: Home,
    child: Child,
}

impl Validators {
    /// No validators yet.
    pub fn new(life: Life) -> Self {
        Self { running: Vec::new(), life }
    }

    /// Starts one.
    ///
    /// # Errors
    /// As [`start`].
    pub fn start(&mut self, localnet: &Localnet, node: &LocalnetNode) -> Result<(), CliError> {
        let home = Home::new(localnet.home_of(node));
        let child = start(&home, self.life)?;
        let organisation = node.organisation.clone();
        self.running.push(Running { organisation, home, child });
        Ok(())
    }

    /// Starts those whose homes nobody uses, each once.
    ///
    /// # Errors
    /// As [`start`], or when a home cannot be looked at.
    pub fn start_missing(&mut self, localnet: &Localnet) -> Result<(), CliError> {
        for node in localnet.nodes() {
            let home = Home::new(localnet.home_of(node));
            let is_ours = self.running.iter().any(|own| own.home == home);
            if !is_ours && home.user()?.is_none() {
                self.start(localnet, node)?;
            }
        }
        Ok(())
    }

    /// Ends one at once, as a power cut would.
    ///
    /// # Errors
    /// When it does not run, or the system refuses.
    pub fn kill(&mut self, code: &OrganisationCode) -> Result<(), CliError> {
        let index = self.running.iter().position(|running| running.organisation == *code);
        let index = index.ok_or_else(|| CliError::unknown(format!("{code} does not run")))?;
        let mut running = self.running.swap_remove(index);
        let killed = running.child.kill().and_then(|()| running.child.wait());
        killed.map_err(|error| CliError::because(format!("cannot kill {code}"), error))?;
        Ok(())
    }

    /// An error when one has ended by itself, with what it said last.
    ///
    /// # Errors
    /// When one has.
    pub fn check(&mut self) -> Result<(), CliError> {
        for running in &mut self.running {
            let ended = running.child.try_wait();
            let ended =
                ended.map_err(|error| CliError::because("cannot look at a process", error))?;
            if let Some(status) = ended {
                let (code, log) = (&running.organisation, running.home.log_path());
                return Err(CliError::unknown(format!(
                    "the validator of {code} ended ({status}); {} ends with:\n{}",
                    log.display(),
                    log_tail(&running.home)
                )));
            }
        }
        Ok(())
    }

    /// Stops all of them together: asks, waits, kills what is left.
    pub fn stop_all(&mut self) {
        for running in &mut self.running {
            // Closing stdin asks a bound one. The signal asks in any case.
            drop(running.child.stdin.take());
            let pid = i32::try_from(running.child.id()).ok().and_then(Pid::from_raw);
            if let Some(pid) = pid
                && matches!(running.child.try_wait(), Ok(None))
            {
                // Not reaped yet, so that the number still is this child's.
                let _ = kill_process(pid, Signal::TERM);
            }
        }
        let started = Instant::now();
        for running in &mut self.running {
            while matches!(running.child.try_wait(), Ok(None)) {
                if STOP_TIMEOUT < started.elapsed() {
                    // It had its time; a failure means that it has ended meanwhile.
                    let _ = running.child.kill();
                    let _ = running.child.wait();
                    break;
                }
                thread::sleep(LOOK_EVERY);
            }
        }
        self.running.clear();
    }
}

impl Drop for Validators {
    fn drop(&mut self) {
        if self.life == Life::Bound {
            self.stop_all();
        }
    }
}

/// How one validator of a localnet is doing.
pub struct Seen {
    /// Which.
    pub node: LocalnetNode,
    /// The process that uses its home.
    pub pid: Option<u32>,
    /// Whether a process uses its home.
    pub is_running: bool,
    /// What it says of itself.
    pub status: Option<StatusView>,
}

/// Looks at every validator of a localnet.
///
/// # Errors
/// When a home cannot be read.
pub fn look(localnet: &Localnet) -> Result<Vec<Seen>, CliError> {
    let mut seen = Vec::new();
    for node in localnet.nodes() {
        let home = Home::new(localnet.home_of(node));
        let user = home.user()?;
        let status = match user {
            Some(_) => node_status(home)?,
            None => None,
        };
        seen.push(Seen {
            node: node.clone(),
            pid: user.and_then(|user| user.pid),
            is_running: user.is_some(),
            status,
        });
    }
    Ok(seen)
}

/// What a node says of itself, when it answers.
fn node_status(home: Home) -> Result<Option<StatusView>, CliError> {
    let args = crate::args::HomeArgs { home: home.path().to_owned(), member: None };
    let member = Member::of(&args)?;
    Ok(member.client.get_once(path::STATUS).ok())
}

/// Waits until every validator of a localnet answers, is connected to all others, and a block
/// beyond the heights seen first is executed. `check` says whether one has ended meanwhile.
///
/// # Errors
/// When one ends, or they take too long.
pub fn wait_until_up(
    localnet: &Localnet,
    mut check: impl FnMut() -> Result<(), CliError>,
) -> Result<Vec<StatusView>, CliError> {
    let homes: Vec<Member> = localnet
        .nodes()
        .iter()
        .map(|node| {
            let home = localnet.home_of(node);
            Member::of(&crate::args::HomeArgs { home, member: None })
        })
        .collect::<Result<_, _>>()?;
    let mut progress = Progress::new("waiting for the validators", 0);
    let started = Instant::now();
    let mut first: Option<u64> = None;
    loop {
        check()?;
        let seen: Vec<Option<StatusView>> =
            homes.iter().map(|member| member.client.get_once(path::STATUS).ok()).collect();
        let up: Option<Vec<StatusView>> = seen.iter().cloned().collect();
        if let Some(up) = up.filter(|all| all.iter().all(is_connected)) {
            let lowest = up.iter().map(|status| status.height).min().unwrap_or(0);
            if first.is_some_and(|first| first < lowest) {
                return Ok(up);
            }
            first = first.or(Some(up.iter().map(|status| status.height).max().unwrap_or(0)));
        }
        if START_TIMEOUT < started.elapsed() {
            return Err(CliError::unknown(late(localnet, &seen)));
        }
        progress.show();
        thread::sleep(LOOK_EVERY);
    }
}

fn is_connected(status: &StatusView) -> bool {
    status.validators.iter().all(|validator| validator.connected)
}

fn late(localnet: &Localnet, seen: &[Option<StatusView>]) -> String {
    let reports = localnet.nodes().iter().zip(seen).map(|(node, status)| match status {
        None => format!("{} does not answer at {}", node.name(), node.api()),
        Some(status) => {
            let missing: Vec<String> = status
                .validators
                .iter()
                .filter(|validator| !validator.connected)
                .map(|validator| validator.organisation.to_string())
                .collect();
            let height = status.height;
            match missing.is_empty() {
                true => format!("{} is at height {height}", node.organisation),
                false => format!("{} waits for {}", node.organisation, missing.join(", ")),
            }
        }
    });
    let reports: Vec<String> = reports.collect();
    format!(
        "the validators are not up after {} s: {}; see node.log in {}",
        START_TIMEOUT.as_secs(),
        reports.join("; "),
        localnet.folder().join("nodes").display()
    )
}

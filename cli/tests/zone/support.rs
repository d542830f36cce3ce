//! A localnet of real validators, and the program that talks to it.

use kanhe_gateway::world::{Codes, World, WorldConfig};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Runs the program without a terminal.
pub(crate) fn kanhe(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kanhe"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["KANHE_HOME", "KANHE_PASSPHRASE", "KANHE_PASSPHRASE_FILE"] {
        command.env_remove(name);
    }
    command.output().expect("the program starts")
}

/// Runs the program; its exit code and its JSON.
pub(crate) fn json(arguments: &[&str]) -> (i32, Value) {
    let output = kanhe(&[arguments, &["--json"]].concat());
    let exit = output.status.code().expect("it was not killed");
    let value = serde_json::from_slice(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (exit, value.unwrap_or_else(|error| panic!("{arguments:?}: {error}: {stderr}")))
}

/// A localnet of four validators that ends with the test, whatever happens.
pub(crate) struct Zone {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) dir: PathBuf,
}

impl Zone {
    pub(crate) fn up() -> Self {
        Self::up_with(&[])
    }

    /// One that is founded with further arguments.
    pub(crate) fn up_with(arguments: &[&str]) -> Self {
        let zone = Self::founded_with(arguments);
        zone.start();
        zone
    }

    /// A localnet of which nothing runs yet.
    pub(crate) fn founded() -> Self {
        Self::founded_with(&[])
    }

    fn founded_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let zone = Self { dir: folder.path().join("zone"), folder };
        let init = [&["localnet", "init", "--dir", zone.dir()], arguments].concat();
        assert_eq!(json(&init).0, 0);
        zone
    }

    /// Starts what does not run.
    pub(crate) fn start(&self) {
        let (exit, up) = json(&["localnet", "up", "--dir", self.dir()]);
        assert_eq!(exit, 0, "{up}");
    }

    pub(crate) fn dir(&self) -> &str {
        text(&self.dir)
    }

    /// What `kanhe ... --home DIR --json` answers.
    pub(crate) fn ask(&self, arguments: &[&str]) -> (i32, Value) {
        json(&[arguments, &["--home", self.dir()]].concat())
    }

    /// The same, speaking as `member`.
    pub(crate) fn ask_as(&self, member: &str, arguments: &[&str]) -> (i32, Value) {
        self.ask(&[arguments, &["--as", member]].concat())
    }

    /// A generated day of trade as files.
    pub(crate) fn day(&self, trades: usize) -> (World, PathBuf) {
        let code = |text: &str| text.parse().expect("a code");
        let world = World::generate(&WorldConfig {
            seed: 3,
            trades,
            organisations: Codes {
                platform: code("TESTPLATFORM01"),
                merchant: code("TESTMERCHANT01"),
                payment: code("TESTPAYMENT01"),
                carrier: code("TESTCARRIER01"),
                agency: code("CUSTOMS"),
            },
            first_person: 0,
            start: "20260901080000".parse().expect("a time"),
        });
        let files = self.folder.path().join("messages");
        world.write_to(&files).expect("writable");
        (world, files)
    }

    /// The process of a running validator.
    pub(crate) fn pid(&self, code: &str) -> String {
        let lock = self.dir.join("nodes").join(code).join("lock");
        let pid = std::fs::read_to_string(lock).expect("a running node writes its number");
        pid.trim().to_owned()
    }

    /// Ends validators as a power cut would.
    pub(crate) fn kill(&self, codes: &[&str]) {
        for code in codes {
            let killed = Command::new("kill").args(["-9", &self.pid(code)]).status();
            assert!(killed.expect("kill exists").success());
        }
    }

    /// Waits until the node of `home` has executed `height`.
    pub(crate) fn reaches(&self, home: &Path, height: u64) {
        let started = Instant::now();
        loop {
            let (_, status) = json(&["chain", "status", "--home", text(home)]);
            if status["height"].as_u64().is_some_and(|reached| height <= reached) {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "{status}");
        }
    }

    /// Asks for the chain's status until `is_wanted` says that it is as expected.
    pub(crate) fn status_until(&self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        self.until(&["chain", "status"], is_wanted)
    }

    /// Asks until `is_wanted` says that the answer is as expected.
    pub(crate) fn until(&self, arguments: &[&str], is_wanted: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let (_, answer) = self.ask(arguments);
            if is_wanted(&answer) {
                return answer;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "{answer}");
        }
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        kanhe(&["localnet", "down", "--dir", self.dir()]);
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

pub(crate) fn length(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

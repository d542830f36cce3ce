//! The five-minute walk of the operating manual, executed as written.

use super::support::{kanhe, text};
use std::path::Path;
use std::process::{Command, Stdio};

/// The shell blocks of the walk, one after the other.
fn script() -> String {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operating.md");
    let manual = std::fs::read_to_string(manual).expect("the manual is there");
    let (_, walk) = manual.split_once("\n## A five-minute walk\n").expect("the manual has a walk");
    let walk = walk.split("\n## ").next().expect("a split has a first part");
    let blocks = walk.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.collect()
}

/// Stops the walk's zone, wherever the walk ended.
struct Stop<'a>(&'a Path);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        kanhe(&["localnet", "down", "--dir", text(&self.0.join("zone"))]);
    }
}

#[test]
fn the_five_minute_walk_works_as_written() {
    let script = script();
    for step in [
        "gov propose admit",
        "observer init",
        "grant give",
        "keys rotate",
        "keys revoke",
        "access log",
        "gov propose replace-validator",
    ] {
        assert!(script.contains(&format!("kanhe {step}")), "the walk has no `{step}`");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stop = Stop(folder.path());
    let program = Path::new(env!("CARGO_BIN_EXE_kanhe"));
    let programs = program.parent().expect("a program stands in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("timeout");
    command.args(["540", "bash", "-e", "-u", "-x", "-o", "pipefail", "-c", &script]);
    command.current_dir(stop.0);
    command.env("PATH", format!("{}:{path}", text(programs))).stdin(Stdio::null());
    for name in ["KANHE_HOME", "KANHE_PASSPHRASE", "KANHE_PASSPHRASE_FILE"] {
        command.env_remove(name);
    }
    let output = command.output().expect("bash starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = stderr.lines().rev().take(20).collect();
    assert!(output.status.success(), "{:?}\n{last:#?}\n{said}", output.status);
}

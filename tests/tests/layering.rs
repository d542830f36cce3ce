//! Which crate may use which, and who owns each outside thing (docs/architecture.md).

mod sources;

use serde_json::Value;
use sources::{root, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Each crate and the crates of ours that it may use. A new arrow needs a decision record.
const ARROWS: [(&str, &[&str]); 11] = [
    ("kanhe-types", &[]),
    ("kanhe-contracts", &["kanhe-types"]),
    ("kanhe-consensus", &["kanhe-types"]),
    ("kanhe-genesis", &["kanhe-contracts", "kanhe-types"]),
    ("kanhe-network", &["kanhe-types"]),
    ("kanhe-ledger", &["kanhe-contracts", "kanhe-genesis", "kanhe-types"]),
    ("kanhe-api", &["kanhe-contracts", "kanhe-types"]),
    ("kanhe-gateway", &["kanhe-contracts", "kanhe-types"]),
    ("kanhe-privacy", &["kanhe-types"]),
    (
        "kanhe-node",
        &[
            "kanhe-api",
            "kanhe-consensus",
            "kanhe-contracts",
            "kanhe-genesis",
            "kanhe-ledger",
            "kanhe-network",
            "kanhe-privacy",
            "kanhe-types",
        ],
    ),
    (
        "kanhe",
        &[
            "kanhe-api",
            "kanhe-contracts",
            "kanhe-gateway",
            "kanhe-genesis",
            "kanhe-ledger",
            "kanhe-node",
            "kanhe-privacy",
            "kanhe-types",
        ],
    ),
];

/// The crate that tests all others.
const TESTS: &str = "kanhe-tests";

/// Outside crates and the only crate of ours that may depend on each.
const OWNED_CRATES: [(&str, &str); 25] = [
    ("arc-malachitebft-core-consensus", "kanhe-consensus"),
    ("arc-malachitebft-core-types", "kanhe-consensus"),
    ("axum", "kanhe-node"),
    ("axum-server", "kanhe-node"),
    ("bincode", "kanhe-types"),
    ("chacha20poly1305", "kanhe-privacy"),
    ("clap", "kanhe"),
    ("ed25519-dalek", "kanhe-types"),
    ("ed25519-zebra", "kanhe-types"),
    ("hmac", "kanhe-types"),
    ("libp2p", "kanhe-network"),
    ("pkcs8", "kanhe-node"),
    ("prometheus-client", "kanhe-node"),
    ("quick-xml", "kanhe-gateway"),
    ("rcgen", "kanhe-node"),
    ("ring", "kanhe-gateway"),
    ("rocksdb", "kanhe-ledger"),
    ("saphyr-parser", "kanhe-genesis"),
    ("sha2", "kanhe-types"),
    ("sm2", "kanhe-types"),
    ("sm3", "kanhe-types"),
    ("spki", "kanhe-gateway"),
    ("ureq", "kanhe-node"),
    ("voprf", "kanhe-privacy"),
    ("x25519-dalek", "kanhe-privacy"),
];

/// Words of code and where each may stand: files, or folders with a slash at the end.
const OWNED_WORDS: [(&str, &[&str]); 19] = [
    ("rocksdb", &["node/ledger/src/store/rocks.rs"]),
    ("libp2p", &["node/network/"]),
    ("bincode", &["types/src/codec.rs", "types/src/code.rs", "types/src/time.rs"]),
    ("saphyr_parser", &["genesis/src/policy_file/tree.rs"]),
    ("sha2", &["types/src/hash.rs"]),
    ("hmac", &["types/src/hash.rs", "node/gateway/src/signature/tests.rs"]),
    ("ed25519_dalek", &["types/src/keys.rs"]),
    ("ed25519_zebra", &["types/src/keys.rs"]),
    // The gateway names it in the URIs of XML signatures.
    (
        "sm3",
        &[
            "types/src/sm2.rs",
            "node/gateway/src/signature.rs",
            "node/gateway/src/signature/",
            // OpenSSL's arguments, in a test.
            "node/src/keystore.rs",
        ],
    ),
    // Offenders who act together are a ring, too.
    (
        "ring",
        &["node/gateway/src/signature.rs", "node/src/http/", "node/gateway/src/world/full/risk/"],
    ),
    ("spki", &["node/gateway/src/signature/"]),
    ("arc_malachitebft_core_consensus", &["consensus/src/"]),
    ("arc_malachitebft_core_types", &["consensus/src/"]),
    ("pkcs8", &["node/src/keystore.rs", "node/src/keystore/"]),
    ("voprf", &["node/privacy/src/oprf.rs"]),
    ("chacha20poly1305", &["node/privacy/src/seal.rs", "node/privacy/src/vault.rs"]),
    ("x25519_dalek", &["node/privacy/src/seal.rs"]),
    ("ureq", &["node/src/outgoing.rs"]),
    // The wall clock. Everything else is told the time.
    ("SystemTime", &["node/src/node/runner.rs", "node/src/http/app.rs", "cli/src/clock.rs"]),
];

/// Code that gives the same output for the same input, on every machine, for ever.
const DETERMINISTIC: [&str; 7] = [
    "types/src/",
    "contracts/src/",
    "consensus/src/",
    "genesis/src/",
    "node/src/core/",
    "node/src/observer/follow.rs",
    "node/ledger/src/observer/",
];

/// What such code has no use for.
const NOT_DETERMINISTIC: [&str; 10] = [
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "std::process",
    "Instant",
    "HashMap",
    "HashSet",
    "f32",
    "f64",
];

/// What cargo knows of the workspace's packages.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {errors}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    metadata["packages"].as_array().expect("a workspace has packages").clone()
}

/// Package name → names of what it depends on, for building and for its tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let text = |value: &Value| value.as_str().expect("names are texts").to_owned();
    let of = |package: &Value| {
        let all = package["dependencies"].as_array().expect("a list");
        all.iter().map(|dependency| text(&dependency["name"])).collect()
    };
    packages().iter().map(|package| (text(&package["name"]), of(package))).collect()
}

#[test]
fn crates_use_only_the_crates_they_may() {
    let arrows = BTreeMap::from(ARROWS);
    for (name, used) in dependencies() {
        if name == TESTS {
            continue;
        }
        let allowed = arrows.get(name.as_str());
        let allowed = allowed.unwrap_or_else(|| panic!("{name} has no line in ARROWS"));
        for own in used.iter().filter(|other| arrows.contains_key(other.as_str())) {
            assert!(
                allowed.contains(&own.as_str()),
                "{name} uses {own}; expected only {allowed:?}, see docs/architecture.md"
            );
        }
        assert!(!used.contains(TESTS), "{name} uses {TESTS}, which nobody may");
    }
}

#[test]
fn every_arrow_leads_to_a_crate_that_stands_before_its_own() {
    let names: Vec<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for (index, (name, allowed)) in ARROWS.iter().enumerate() {
        for own in *allowed {
            let before = names.get(..index).is_some_and(|before| before.contains(own));
            assert!(before, "{name} → {own} leads to no crate that stands before {name}");
        }
    }
}

#[test]
fn every_outside_thing_has_one_owner() {
    let dependencies = dependencies();
    for (outside, owner) in OWNED_CRATES {
        let users: Vec<&str> = dependencies
            .iter()
            .filter(|(_, used)| used.contains(outside))
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(
            users.iter().all(|user| *user == owner || *user == TESTS),
            "{outside} belongs to {owner}, found in {users:?}"
        );
    }
}

/// A file's lines of code with their numbers from 1: comments, and the attribute by which derives
/// find the codec, are left out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| {
        let comment = line.find("// ").or_else(|| line.find("///")).or_else(|| line.find("//!"));
        (index + 1, line.get(..comment.unwrap_or(line.len())).unwrap_or(line))
    });
    lines.filter(|(_, line)| !line.trim_start().starts_with("#[bincode(crate ="))
}

/// What names floats to refuse them.
const FLOATS_REFUSED: [(&str, &str); 2] = [
    ("genesis/src/policy_file/ser.rs", "fn serialize_f32(self, _: f32) -> Written {"),
    ("genesis/src/policy_file/ser.rs", "fn serialize_f64(self, _: f64) -> Written {"),
];

fn holds_word(line: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line.get(..start).and_then(|before| before.chars().next_back());
        let after = line.get(start + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[test]
fn outside_things_are_named_only_where_they_belong() {
    for source in sources("rs").iter().filter(|source| !source.path.starts_with("tests/")) {
        for (number, line) in code(&source.text) {
            for (word, places) in OWNED_WORDS {
                let is_home = places.iter().any(|place| match place.ends_with('/') {
                    true => source.path.starts_with(place),
                    false => source.path == *place,
                });
                assert!(
                    is_home || !holds_word(line, word),
                    "{}:{number} names {word}, which only {places:?} may",
                    source.path
                );
            }
        }
    }
}

#[test]
fn deterministic_code_has_no_clock_no_floats_no_hash_order_and_no_world() {
    for source in sources("rs") {
        if !DETERMINISTIC.iter().any(|folder| source.path.starts_with(folder)) {
            continue;
        }
        for (number, line) in code(&source.text) {
            for word in NOT_DETERMINISTIC {
                let is_refused = FLOATS_REFUSED.contains(&(source.path.as_str(), line.trim()));
                assert!(
                    is_refused || !holds_word(line, word),
                    "{}:{number} names {word}: its output must follow from its input alone",
                    source.path
                );
            }
        }
    }
}

#[test]
fn words_are_found_whole_and_outside_comments() {
    assert!(holds_word("use sha2::Digest;", "sha2"));
    assert!(!holds_word("fn sha256()", "sha2"));
    assert!(!holds_word("my_sha2()", "sha2"));
    let text = "let a = 1; // sha2\n//! sha2\n#[bincode(crate = \"x\")]\nlet b = \"https://x\";";
    let lines: Vec<(usize, &str)> = code(text).collect();
    assert_eq!(lines, [(1, "let a = 1; "), (2, ""), (4, "let b = \"https://x\";")]);
}

//! Documents say what is so: commands that exist, paths that are served, records that are complete.

mod sources;

use clap::{CommandFactory, Parser};
use kanhe::args::Cli;
use kanhe_api::{ErrorCode, path};
use kanhe_contracts::risk::{Fact, Subject};
use kanhe_types::hash::Domain;
use sources::{Source, root, sources};
use std::collections::BTreeSet;

/// Documents whose commands are meant to be typed.
const TYPED: [&str; 2] = ["README.md", "docs/operating.md"];

fn document(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The command lines in a document's shell blocks, without comments.
fn commands(text: &str) -> Vec<String> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap_or(line));
    lines
        .map(|line| line.trim_end_matches('&').trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// A word as somebody would type it: what stands for a hash or an address is one,
/// other names stay.
fn typed(word: &str) -> String {
    match word {
        "$DOCUMENT" | "$GENESIS" | "$GRANT" => "0".repeat(64),
        "$LISTEN" => "127.0.0.1:8090".to_owned(),
        "$CASE" => "TESTPLATFORM01/ORDER0001".to_owned(),
        _ if word.contains('$') && word.ends_with("KEY") => {
            let key = format!("ed25519:{}", "0".repeat(64));
            word.split('$').next().unwrap_or_default().to_owned() + &key
        }
        _ => word.trim_start_matches('$').to_owned(),
    }
}

#[test]
fn every_kanhe_command_in_the_documents_is_understood() {
    let mut count = 0;
    for path in TYPED {
        for line in commands(&document(path)).iter().filter(|line| line.starts_with("kanhe ")) {
            let words = line.split_whitespace().map(typed);
            if let Err(error) = Cli::try_parse_from(words) {
                panic!("{path}: `{line}`: {error}");
            }
            count += 1;
        }
    }
    assert!(10 < count, "only {count} commands were found");
}

#[test]
fn every_make_command_in_the_documents_has_a_target() {
    let makefile = document("Makefile");
    for path in TYPED {
        for line in commands(&document(path)).iter().filter(|line| line.starts_with("make ")) {
            let target = line.split_whitespace().nth(1).unwrap_or_default();
            let rule = format!("\n{target}:");
            assert!(makefile.contains(&rule), "{path}: `{line}`: no such target");
        }
    }
    for target in ["demo", "test"] {
        let readme = commands(&document("README.md"));
        assert!(
            readme.contains(&format!("make {target}")),
            "the README does not say make {target}"
        );
    }
}

#[test]
fn every_noun_of_the_command_line_is_documented() {
    let text: String = TYPED.iter().map(|path| document(path)).collect();
    for noun in Cli::command().get_subcommands() {
        let command = format!("kanhe {}", noun.get_name());
        let is_said = text.contains(&command) || document("CHANGELOG.md").contains(&command);
        assert!(is_said, "`{command}` is in no document");
    }
}

#[test]
fn every_path_and_error_code_of_the_api_is_documented() {
    let http = document("docs/spec/http.md");
    // The height of a block may also be `latest`; the table says so.
    for path in path::ALL.iter().map(|path| path.replace("{height}", "{height or latest}")) {
        let said = ["`", "?"].iter().any(|end| http.contains(&format!(" {path}{end}")));
        assert!(said, "docs/spec/http.md does not have {path}");
    }
    for code in ErrorCode::ALL {
        let name = format!("`{}`", code.name());
        let row = http.lines().find(|line| line.contains(&name));
        let row = row.unwrap_or_else(|| panic!("docs/spec/http.md does not have {name}"));
        assert!(row.contains(&code.status().to_string()), "{name} stands in the row `{row}`");
    }
}

#[test]
fn every_fact_of_risk_is_documented() {
    let risk = document("docs/spec/risk.md");
    for fact in Fact::ALL {
        let row = format!("\n| `{}` | {} | ", fact.name(), fact.kind());
        let line = risk.split(&row).nth(1).and_then(|rest| rest.lines().next());
        let line = line.unwrap_or_else(|| panic!("docs/spec/risk.md has no row{row}"));
        assert!(line.contains(fact.meaning()), "{}: {line}", fact.name());
        for subject in Subject::ALL.into_iter().filter(|_| !line.starts_with("all |")) {
            let subjects = line.split(" |").next().unwrap_or_default();
            let says = subjects.split(", ").any(|own| own == subject.name());
            assert_eq!(says, fact.is_of(subject), "{} of {}", fact.name(), subject.name());
        }
    }
    for subject in Subject::ALL {
        assert!(risk.contains(&format!("\n| `{}` | ", subject.name())), "{}", subject.name());
    }
}

#[test]
fn every_domain_of_hashes_is_documented() {
    let formats = document("docs/spec/formats.md");
    let of_originals = Domain::Pseudonym as u8..=Domain::Letter as u8;
    let hidden = Domain::HiddenFiller as u8..=Domain::BesideTheTree as u8;
    for number in (1..=Domain::LogRecord as u8).chain(of_originals).chain(hidden) {
        assert!(formats.contains(&format!("\n| {number} | ")), "domain {number} is not documented");
    }
}

#[test]
fn decision_records_are_numbered_and_complete() {
    let records: Vec<Source> = sources("md")
        .into_iter()
        .filter(|source| source.path.starts_with("docs/decisions/"))
        .collect();
    let mut last = String::new();
    for record in &records {
        let name = record.path.trim_start_matches("docs/decisions/");
        let number = name.split('-').next().unwrap_or_default().to_owned();
        let is_number = number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        assert!(is_number && last < number, "{name} does not come after {last}");
        assert!(record.text.starts_with(&format!("# {number}: ")), "{name}: title");
        last = number;
        for part in ["\nAccepted, ", "\n## Context\n", "\n## Decision\n", "\n## Consequences\n"] {
            assert!(record.text.contains(part), "{name} has no {:?}", part.trim());
        }
        assert!(record.text.contains("\nBad:"), "{name} does not say what is bad about it");
    }
    assert!(!records.is_empty(), "there are no decision records");
}

#[test]
fn the_glossary_has_one_row_for_each_word_in_both_languages() {
    let mut seen = BTreeSet::new();
    let glossary = document("docs/glossary.md");
    for row in glossary.lines().filter(|line| line.starts_with("| ") && !line.contains("English")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells.len() == 3 && cells.iter().all(|cell| !cell.is_empty()), "{row}");
        assert!(!cells[1].is_ascii(), "{row}: no Chinese");
        assert!(seen.insert(cells[0].to_owned()), "{row}: stands twice");
    }
    assert!(50 < seen.len(), "only {} words", seen.len());
}

#[test]
fn the_map_fits_in_one_reading_and_names_every_crate() {
    let map = document("docs/architecture.md");
    assert!(map.lines().count() <= 200, "docs/architecture.md has more than 200 lines");
    for source in sources("toml").iter().filter(|source| source.path.ends_with("/Cargo.toml")) {
        let name = source.text.lines().find_map(|line| line.strip_prefix("name = "));
        let name = name.expect("a package has a name").trim_matches('"');
        assert!(map.contains(&format!(" {name} ")), "docs/architecture.md does not name {name}");
    }
}

#[test]
fn the_changelog_has_a_place_for_what_is_not_released() {
    assert!(document("CHANGELOG.md").contains("\n## Unreleased\n"));
}

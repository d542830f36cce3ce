//! What every file of the project keeps, and no compiler checks.

mod sources;

use sources::{Source, root, sources};
use std::collections::BTreeMap;

const COLUMNS_MAX: usize = 100;
const LINES_MAX: usize = 800;

/// Sources and documents.
fn texts() -> Vec<Source> {
    sources("rs").into_iter().chain(sources("md")).collect()
}

/// A document's lines outside fenced blocks.
fn prose(text: &str) -> Vec<&str> {
    let mut is_fenced = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if !is_fenced {
            lines.push(line);
        }
    }
    lines
}

/// Fails with every finding, so that one run shows all of them.
fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

/// Texts and tables cannot be broken well, addresses not at all.
fn may_be_long(line: &str) -> bool {
    let content = line.trim_start().trim_start_matches(['/', '!', ' ']);
    let is_expected_text = content.starts_with(|first: char| first.is_ascii_uppercase())
        && content.ends_with('.')
        && !content.contains(';');
    line.contains('"') || line.contains("://") || content.starts_with('|') || is_expected_text
}

#[test]
fn lines_of_code_fit_a_hundred_columns() {
    let mut findings = Vec::new();
    for source in sources("rs") {
        for (index, line) in source.text.lines().enumerate() {
            let columns = line.chars().count();
            if COLUMNS_MAX < columns && !may_be_long(line) {
                let place = format!("{}:{}", source.path, index + 1);
                findings.push(format!("{place} has {columns} columns, expected {COLUMNS_MAX}"));
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn there_are_no_tabs_and_no_blanks_at_the_end_of_a_line() {
    let mut findings = Vec::new();
    for source in texts().into_iter().chain(sources("toml")) {
        for (index, line) in source.text.lines().enumerate() {
            if line.contains('\t') || line.trim_end() != line {
                findings.push(format!("{}:{} has a tab or ends blank", source.path, index + 1));
            }
        }
        if !source.text.ends_with('\n') {
            findings.push(format!("{} does not end with a line's end", source.path));
        }
    }
    assert_none(&findings);
}

#[test]
fn nothing_is_left_as_a_note_to_do() {
    // Written in parts, so that this file has none.
    let mut findings = Vec::new();
    let markers = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    for source in texts() {
        for (index, line) in source.text.lines().enumerate() {
            if line.split(|c: char| !c.is_alphanumeric()).any(|word| markers.contains(&word)) {
                findings.push(format!("{}:{}: open an issue instead", source.path, index + 1));
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn files_are_short_enough_to_be_read() {
    let mut findings = Vec::new();
    // A page that is written from tables, to be looked up in.
    let is_written = |source: &Source| source.path == "docs/spec/messages.md";
    for source in texts().into_iter().filter(|source| !is_written(source)) {
        let lines = source.text.lines().count();
        if LINES_MAX < lines {
            findings.push(format!("{} has {lines} lines, expected {LINES_MAX}", source.path));
        }
    }
    assert_none(&findings);
}

#[test]
fn every_test_runs_and_none_expects_a_panic() {
    let attributes = [concat!("#[ign", "ore"), concat!("#[should", "_panic")];
    for source in sources("rs") {
        for attribute in attributes {
            assert!(!source.text.contains(attribute), "{} has {attribute}", source.path);
        }
    }
}

#[test]
fn every_package_inherits_lints_and_facts_from_the_workspace() {
    for source in sources("toml") {
        if !source.text.contains("[package]") {
            continue;
        }
        assert!(source.text.contains("[lints]\nworkspace = true\n"), "{}: lints", source.path);
        for fact in ["version", "edition", "rust-version", "license", "publish"] {
            let line = format!("\n{fact}.workspace = true\n");
            assert!(source.text.contains(&line), "{}: {fact}", source.path);
        }
    }
}

#[test]
fn every_library_says_what_it_is() {
    for source in sources("rs").iter().filter(|source| source.path.ends_with("src/lib.rs")) {
        assert!(source.text.starts_with("//! "), "{} has no documentation", source.path);
    }
}

#[test]
fn every_source_belongs_to_a_crate() {
    let all: BTreeMap<String, String> =
        sources("rs").into_iter().map(|source| (source.path, source.text)).collect();
    let mut findings = Vec::new();
    for path in all.keys().filter(|path| !is_crate_root(path)) {
        // `a/b.rs` and `a/b/mod.rs` are both module `b`, declared in `a.rs` or in a file of `a/`.
        let module = path.trim_end_matches("/mod.rs").trim_end_matches(".rs");
        let (parent, name) = module.rsplit_once('/').expect("modules stand in folders");
        let is_parent = |other: &str| {
            let (folder, file) = other.rsplit_once('/').unwrap_or(("", other));
            other == format!("{parent}.rs")
                || (folder == parent && (file == "mod.rs" || is_crate_root(other)))
        };
        let mut parents = all.iter().filter(|(other, _)| is_parent(other));
        if !parents.any(|(_, text)| declares(text, name)) {
            findings.push(format!("{path} belongs to no crate: nobody says `mod {name};`"));
        }
    }
    assert_none(&findings);
}

fn is_crate_root(path: &str) -> bool {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let kind = folder.rsplit('/').next().unwrap_or_default();
    matches!(file, "lib.rs" | "main.rs" | "build.rs")
        || (matches!(kind, "tests" | "benches" | "examples") && !folder.contains("/src"))
        || folder.ends_with("/src/bin")
}

fn declares(text: &str, module: &str) -> bool {
    let name = format!("{module};");
    text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.ends_with(&["mod", &name])
    })
}

#[test]
fn every_document_has_one_title() {
    for source in sources("md") {
        let prose = prose(&source.text);
        let titles = prose.iter().filter(|line| line.starts_with("# ")).count();
        assert!(titles == 1, "{} has {titles} titles, expected one", source.path);
    }
}

/// Where a heading's anchor is, as renderers make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|character| match character {
        ' ' => Some('-'),
        '-' | '_' => Some(character),
        _ if character.is_alphanumeric() => Some(character),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

fn has_anchor(text: &str, wanted: &str) -> bool {
    let lines = prose(text);
    let headings = lines.iter().filter(|line| line.starts_with('#'));
    headings.into_iter().any(|line| anchor(line.trim_start_matches('#')) == wanted)
}

#[test]
fn links_between_documents_lead_somewhere() {
    for source in sources("md") {
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let prose = prose(&source.text).join("\n");
        for rest in prose.split("](").skip(1) {
            let link = rest.split(')').next().unwrap_or_default();
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, wanted) = link.split_once('#').unwrap_or((link, ""));
            let path = match file {
                "" => root().join(&source.path),
                _ => root().join(folder).join(file),
            };
            assert!(path.exists(), "{}: {link} leads nowhere", source.path);
            if !wanted.is_empty() && path.extension().is_some_and(|own| own == "md") {
                let text = std::fs::read_to_string(&path).expect("documents are UTF-8");
                assert!(has_anchor(&text, wanted), "{}: {link} has no heading", source.path);
            }
        }
    }
}

#[test]
fn anchors_are_made_as_renderers_make_them() {
    assert_eq!(anchor(" What it is, and why"), "what-it-is-and-why");
    assert_eq!(anchor(" `chain verify`"), "chain-verify");
}

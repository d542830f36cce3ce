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

/// Texts and tables cannot be broken well, addresses not at all.
fn may_be_long(line: &str) -> bool {
    let content = line.trim_start().trim_start_matches(['/', '!', ' ']);
    line.contains('"') || line.contains("://") || content.starts_with('|')
}

#[test]
fn lines_fit_a_hundred_columns() {
    for source in texts() {
        for (index, line) in source.text.lines().enumerate() {
            let columns = line.chars().count();
            assert!(
                columns <= COLUMNS_MAX || may_be_long(line),
                "{}:{} has {columns} columns, expected at most {COLUMNS_MAX}",
                source.path,
                index + 1
            );
        }
    }
}

#[test]
fn there_are_no_tabs_and_no_blanks_at_the_end_of_a_line() {
    for source in texts().into_iter().chain(sources("toml")) {
        for (index, line) in source.text.lines().enumerate() {
            let place = format!("{}:{}", source.path, index + 1);
            assert!(!line.contains('\t'), "{place} has a tab");
            assert!(line.trim_end() == line, "{place} ends with blanks");
        }
        assert!(source.text.is_empty() || source.text.ends_with('\n'), "{}: no newline", source.path);
    }
}

#[test]
fn nothing_is_left_as_a_note_to_do() {
    // Written in parts, so that this file has none.
    let markers = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    for source in texts() {
        for (index, line) in source.text.lines().enumerate() {
            for marker in markers {
                let holds = line.split(|c: char| !c.is_alphanumeric()).any(|word| word == marker);
                assert!(!holds, "{}:{}: open an issue instead", source.path, index + 1);
            }
        }
    }
}

#[test]
fn files_are_short_enough_to_be_read() {
    for source in texts() {
        let lines = source.text.lines().count();
        assert!(
            lines <= LINES_MAX,
            "{} has {lines} lines, expected at most {LINES_MAX}; split it by concept",
            source.path
        );
    }
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
    for path in all.keys() {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let is_root = matches!(file, "lib.rs" | "main.rs" | "build.rs")
            || ["tests", "benches", "examples"].iter().any(|kind| {
                folder.ends_with(&format!("/{kind}"))
            });
        if is_root {
            continue;
        }
        // `a/b.rs` and `a/b/mod.rs` are both module `b`, declared in `a`.
        let module = if file == "mod.rs" { folder } else { path.trim_end_matches(".rs") };
        let (parent, name) = module.rsplit_once('/').expect("modules stand in folders");
        let beside = [format!("{parent}.rs"), format!("{parent}/mod.rs")];
        let roots = all.keys().filter(|other| {
            let rest = other.strip_prefix(parent).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| !rest.contains('/'))
        });
        let is_declared = beside.iter().chain(roots).filter_map(|file| all.get(file)).any(|text| {
            text.lines().any(|line| {
                let line = line.trim_start().trim_end_matches(';');
                !line.starts_with("//")
                    && line.split_whitespace().collect::<Vec<_>>().ends_with(&["mod", name])
            })
        });
        assert!(is_declared, "{path} belongs to no crate: nobody says `mod {name};`");
    }
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

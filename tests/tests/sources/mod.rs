//! The project's own files, for tests that read them.

use std::fs;
use std::path::{Path, PathBuf};

/// One file of the project.
pub(crate) struct Source {
    /// Its path from the project's root, with slashes.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: String,
}

/// The project's root.
pub(crate) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the package stands in the root").to_owned()
}

/// The project's files with this extension, by path. Build output and hidden folders are left out.
pub(crate) fn sources(extension: &str) -> Vec<Source> {
    let mut found = Vec::new();
    walk(&root(), "", extension, &mut found);
    assert!(!found.is_empty(), "no .{extension} file found");
    found.sort_by(|one, two| one.path.cmp(&two.path));
    found
}

fn walk(folder: &Path, prefix: &str, extension: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("the project's folders can be read") {
        let entry = entry.expect("the project's folders can be read");
        let name = entry.file_name().into_string().expect("names are UTF-8");
        let path = format!("{prefix}{name}");
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if entry.path().is_dir() {
            walk(&entry.path(), &format!("{path}/"), extension, found);
        } else if Path::new(&name).extension().is_some_and(|own| own == extension) {
            let text = fs::read_to_string(entry.path()).expect("sources are UTF-8");
            found.push(Source { path, text });
        }
    }
}

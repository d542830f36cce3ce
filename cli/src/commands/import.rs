//! `kanhe import`: tables of other software to messages.

use crate::answer::{Answer, CliError};
use crate::args::ImportCommand;
use kanhe_gateway::mapping::Mapping;
use kanhe_gateway::{csv, read, write};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn run(command: &ImportCommand) -> Result<Answer, CliError> {
    match command {
        ImportCommand::Csv { files, map, out } => tables(files, map, out),
    }
}

fn tables(files: &[PathBuf], map: &Path, out: &Path) -> Result<Answer, CliError> {
    let refused = |path: &Path, error: &dyn std::fmt::Display| {
        CliError::No(format!("{}: {error}", path.display()))
    };
    let mapping = Mapping::parse(&read::load_text(map)?).map_err(|error| refused(map, &error))?;
    // Everything is read before anything is written.
    let mut messages = Vec::new();
    let mut names = BTreeSet::new();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !names.insert(name.clone()) {
            let text = format!("two tables are called {name}: give them different names");
            return Err(CliError::Usage(text));
        }
        let text = read::load_text(file)?;
        let table = csv::parse(&text, mapping.separator).map_err(|error| refused(file, &error))?;
        let made = mapping.messages(&table).map_err(|error| refused(file, &error))?;
        for (number, message) in (1usize..).zip(made) {
            messages.push((out.join(format!("{name}-{number:04}.json")), message));
        }
    }
    let cannot =
        |path: &Path, error| CliError::because(format!("cannot write {}", path.display()), error);
    fs::create_dir_all(out).map_err(|error| cannot(out, error))?;
    let (mut written, mut documents) = (Vec::new(), 0);
    for (path, message) in &messages {
        fs::write(path, write::json(message)).map_err(|error| cannot(path, error))?;
        documents += message.documents.len();
        written.push(path.display().to_string());
    }
    let text = format!(
        "{documents} documents in {} messages of {}; `kanhe submit {}` checks and sends them",
        written.len(),
        mapping.message,
        out.display()
    );
    Ok(Answer::yes(text, json!({ "documents": documents, "messages": written })))
}

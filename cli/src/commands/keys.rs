//! `kanhe keys`: key files.

use crate::answer::{Answer, CliError};
use crate::args::KeysCommand;
use crate::member;
use kanhe_node::home::Home;
use kanhe_node::keystore::{self, Cost};
use serde_json::json;
use std::path::Path;

pub(super) fn run(command: &KeysCommand) -> Result<Answer, CliError> {
    match command {
        KeysCommand::New { file } => new(file),
        KeysCommand::Show { file } => show(file),
    }
}

fn new(file: &Path) -> Result<Answer, CliError> {
    // Before anybody thinks of a passphrase for nothing.
    if file.exists() {
        return Err(keystore::KeystoreError::Exists { path: file.to_owned() }.into());
    }
    let home = home_of(file);
    let passphrase = match home.passphrase(|name| std::env::var(name).ok())? {
        Some(passphrase) => passphrase,
        None => {
            let first = member::ask("passphrase of the new key")?;
            let second = member::ask("the same again")?;
            if first.expose() != second.expose() {
                return Err(CliError::Usage("the two passphrases differ; try again".into()));
            }
            first
        }
    };
    let key = keystore::create(file, &passphrase, Cost::Standard)?;
    let text = format!(
        "{key}\nwritten to {}; without its passphrase the key is lost, keep both apart",
        file.display()
    );
    Ok(Answer::yes(text, json!({ "file": file, "public_key": key })))
}

fn show(file: &Path) -> Result<Answer, CliError> {
    let passphrase = member::passphrase(&home_of(file), "passphrase of the key")?;
    let key = keystore::load(file, &passphrase)?.public_key();
    Ok(Answer::yes(key.to_string(), json!({ "file": file, "public_key": key })))
}

/// The folder that a key's passphrase is looked for in: a localnet's keys open with its own.
fn home_of(file: &Path) -> Home {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    Home::new(folder.unwrap_or(Path::new(".")))
}

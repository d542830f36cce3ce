//! `kanhe keys`: key files, and an organisation's own keys on the ledger.

use crate::admin;
use crate::answer::{Answer, CliError};
use crate::args::{HomeArgs, KeysCommand, OwnKeysArgs};
use crate::member::{self, Member};
use crate::table::table;
use kanhe_api::governance::OrganisationView;
use kanhe_api::path;
use kanhe_api::view::StatusView;
use kanhe_contracts::document::{Body, OwnKeys};
use kanhe_contracts::governance::{KeyChange, NewKey};
use kanhe_contracts::registry::{KeyPurpose, Organisation};
use kanhe_node::home::Home;
use kanhe_node::keystore::{self, Cost};
use kanhe_types::keys::{PublicKey, Scheme};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn run(command: &KeysCommand) -> Result<Answer, CliError> {
    match command {
        KeysCommand::New { file, scheme } => new(file, *scheme),
        KeysCommand::Show { file } => show(file),
        KeysCommand::List { home } => list(home),
        KeysCommand::Add { key, purpose, from, until, own } => {
            let (key, purpose, from, until) = (*key, *purpose, *from, *until);
            change(own, KeyChange::Add { new: NewKey { key, purpose, from, until } })
        }
        KeysCommand::Revoke { key, last, own } => {
            change(own, KeyChange::Revoke { key: *key, last: *last })
        }
        KeysCommand::Rotate { purpose, overlap, own } => rotate(own, *purpose, *overlap),
    }
}

fn new(file: &Path, scheme: Scheme) -> Result<Answer, CliError> {
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
    let key = keystore::create(file, scheme, &passphrase, Cost::Standard)?;
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

/// The member's own organisation as it is registered now.
fn registered(member: &Member) -> Result<Organisation, CliError> {
    let target = path::organisation(member.client.organisation(), None);
    Ok(member.client.get::<OrganisationView>(&target)?.organisation)
}

fn list(home: &HomeArgs) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let own = registered(&member)?;
    let rows = own.keys.iter().map(|key| {
        let until = key.until.map_or_else(String::new, |until| format!("until {until}"));
        let from = format!("from {}", key.from);
        vec![super::name_of(&key.purpose), key.key.to_string(), from, until]
    });
    let text = format!("keys of {}, by height\n{}", own.code, table(&rows.collect::<Vec<_>>()));
    Ok(Answer::yes(text, json!({ "organisation": own.code, "keys": own.keys })))
}

fn change(args: &OwnKeysArgs, change: KeyChange) -> Result<Answer, CliError> {
    let member = Member::admin_of(&args.home)?;
    let text = super::gov::key_change(&change);
    let keys = OwnKeys { keys: vec![change], reason: args.reason.clone() };
    let receipts = admin::say(&member, &[admin::document(Body::OwnKeys(keys))?])?;
    if let Some(no) = super::gov::refused(&receipts) {
        return Ok(no);
    }
    let own = registered(&member)?;
    let text = format!("{text}\nit holds from the next height on");
    Ok(Answer::yes(text, json!({ "organisation": own.code, "keys": own.keys })))
}

/// Where the key for a purpose stands in a home.
fn path_of(home: &Home, purpose: KeyPurpose) -> Result<PathBuf, CliError> {
    match purpose {
        KeyPurpose::Operator => Ok(home.operator_key_path()),
        KeyPurpose::Admin => Ok(home.admin_key_path()),
        KeyPurpose::Node => Err(CliError::Usage(
            "a node's key is bound to its validator; only operator and admin keys are rotated here"
                .into(),
        )),
    }
}

/// The new key waits beside the old one until the ledger has it, so that a rotation that was
/// interrupted is continued with the same key.
fn rotate(args: &OwnKeysArgs, purpose: KeyPurpose, overlap: u64) -> Result<Answer, CliError> {
    // Of a rotation that was interrupted, the key that is replaced may have ended by now.
    let member = match purpose {
        KeyPurpose::Admin => Member::of(&args.home)?,
        KeyPurpose::Operator | KeyPurpose::Node => Member::admin_of(&args.home)?,
    };
    let file = path_of(member.home(), purpose)?;
    let next = file.with_extension("next.pem");
    let passphrase = member::passphrase(member.home(), "passphrase of the home's keys")?;
    let old = keystore::load(&file, &passphrase)?.public_key();
    let new = match next.exists() {
        true => keystore::load(&next, &passphrase)?.public_key(),
        false => keystore::create(&next, old.scheme(), &passphrase, Cost::Standard)?,
    };
    let is_registered = |own: &Organisation| own.keys.iter().any(|key| key.key == new);
    if !is_registered(&registered(&member)?) {
        let last = match overlap {
            0 => None,
            _ => {
                let status: StatusView = member.client.get(path::STATUS)?;
                Some(status.decided.saturating_add(overlap))
            }
        };
        let keys = vec![
            KeyChange::Add { new: NewKey { key: new, purpose, from: None, until: None } },
            KeyChange::Revoke { key: old, last },
        ];
        let keys = OwnKeys { keys, reason: args.reason.clone() };
        let admin = Member::admin_of(&args.home)?;
        let receipts = admin::say(&admin, &[admin::document(Body::OwnKeys(keys))?])?;
        if let Some(no) = super::gov::refused(&receipts) {
            return Ok(no);
        }
    }
    let kept = put_in_place(&file, &next)?;
    let text = format!(
        "{} key {new}\nreplaces {old}, which is kept in {}; give the new file to whoever else \
         signs with it",
        super::name_of(&purpose),
        kept.display()
    );
    let json = rotated(purpose, &old, &new, &kept);
    Ok(Answer::yes(text, json))
}

fn rotated(
    purpose: KeyPurpose,
    old: &PublicKey,
    new: &PublicKey,
    kept: &Path,
) -> serde_json::Value {
    json!({ "purpose": purpose, "old": old, "new": new, "kept": kept })
}

/// Moves the new key to where the old one is, and the old one to a name of its own.
fn put_in_place(file: &Path, next: &Path) -> Result<PathBuf, CliError> {
    let kept = (1u32..).map(|number| file.with_extension(format!("old-{number}.pem")));
    let kept = kept.into_iter().find(|kept| !kept.exists());
    let kept = kept.ok_or_else(|| CliError::unknown("too many old keys are kept"))?;
    let moved = fs::rename(file, &kept).and_then(|()| fs::rename(next, file));
    moved.map_err(|error| {
        let (file, next) = (file.display(), next.display());
        CliError::because(format!("the ledger has the new key; move {next} to {file}"), error)
    })?;
    Ok(kept)
}

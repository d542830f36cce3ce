//! What a command line proposes, as changes.

use crate::answer::CliError;
use crate::args::{DescriptionArgs, ProposeCommand};
use crate::client::Client;
use kanhe_api::governance::OrganisationView;
use kanhe_api::path;
use kanhe_api::view::StatusView;
use kanhe_contracts::document::Activation;
use kanhe_contracts::governance::{Change, Description, KeyChange};
use kanhe_contracts::limits::CHANGES_MAX;
use kanhe_types::code::OrganisationCode;
use kanhe_types::keys::PublicKey;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::Path;

/// Bytes of a file with changes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A proposal as a file holds it: all of it, or the changes with the rest on the command line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    pub(super) changes: Vec<Change>,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) expires: Option<u64>,
    #[serde(default)]
    pub(super) activation: Option<Activation>,
}

/// The changes of a command.
pub(super) fn of(client: &Client, command: &ProposeCommand) -> Result<Draft, CliError> {
    let change = match command {
        ProposeCommand::File { file, .. } => return file_of(file),
        ProposeCommand::Admit { code, description, keys, .. } => Change::Admit {
            organisation: code.clone(),
            description: admitted(description)?,
            keys: keys.clone(),
        },
        ProposeCommand::Suspend { code, .. } => Change::Suspend { organisation: code.clone() },
        ProposeCommand::Readmit { code, .. } => Change::Readmit { organisation: code.clone() },
        ProposeCommand::Describe { code, description, .. } => Change::Describe {
            organisation: code.clone(),
            description: described(client, code, description)?,
        },
        ProposeCommand::Keys { code, add, revoke, .. } => {
            let revoke = revoke.iter().map(|key| KeyChange::Revoke { key: *key, last: None });
            let add = add.iter().map(|new| KeyChange::Add { new: new.clone() });
            let keys: Vec<KeyChange> = add.chain(revoke).collect();
            if keys.is_empty() {
                return Err(CliError::Usage("give --add or --revoke".into()));
            }
            Change::Keys { organisation: code.clone(), keys }
        }
        ProposeCommand::Policy { file, .. } => {
            Change::Policy { policy: crate::commands::policy::next(client, file)? }
        }
        ProposeCommand::Upgrade { version, .. } => Change::Protocol { version: *version },
        ProposeCommand::AddValidator { code, key, node, .. } => {
            Change::AddValidator { organisation: code.clone(), key: *key, node: *node }
        }
        ProposeCommand::RemoveValidator { validator, .. } => {
            Change::RemoveValidator { key: validator_key(client, validator)? }
        }
        ProposeCommand::ReplaceValidator { validator, key, node, .. } => {
            let replaced = validator_key(client, validator)?;
            Change::ReplaceValidator { key: replaced, new_key: *key, new_node: *node }
        }
    };
    Ok(Draft { changes: vec![change], reason: None, expires: None, activation: None })
}

/// The key of a validator that is named by it, or by the code of its agency.
fn validator_key(client: &Client, named: &str) -> Result<PublicKey, CliError> {
    if let Ok(key) = named.parse() {
        return Ok(key);
    }
    let status: StatusView = client.get(path::STATUS)?;
    let all = status.coming_validators.map_or(status.validators, |coming| coming.validators);
    let own = all.iter().filter(|validator| validator.organisation.as_str() == named);
    let keys: Vec<PublicKey> = own.map(|validator| validator.key).collect();
    match keys.as_slice() {
        [key] => Ok(*key),
        [] => {
            Err(CliError::No(format!("{named} has no validator; `kanhe chain status` lists them")))
        }
        several => {
            let keys: Vec<String> = several.iter().map(ToString::to_string).collect();
            let text = format!("{named} has several validators; name one of {}", keys.join(", "));
            Err(CliError::Usage(text))
        }
    }
}

fn file_of(file: &Path) -> Result<Draft, CliError> {
    let draft: Draft = read(file)?;
    let found = draft.changes.len();
    if CHANGES_MAX < found {
        let text = format!("{} has {found} changes, at most {CHANGES_MAX}", file.display());
        return Err(CliError::Usage(text));
    }
    Ok(draft)
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T, CliError> {
    let unreadable = |error| CliError::because(format!("cannot read {}", file.display()), error);
    let bytes = fs::metadata(file).map_err(unreadable)?.len();
    if FILE_BYTES_MAX < bytes {
        let text = format!("{} has {bytes} bytes, at most {FILE_BYTES_MAX}", file.display());
        return Err(CliError::Usage(text));
    }
    let text = fs::read(file).map_err(unreadable)?;
    serde_json::from_slice(&text).map_err(|error| {
        CliError::Usage(format!(
            "{} is not of its form: {error}; docs/spec/governance.md shows it",
            file.display()
        ))
    })
}

fn admitted(args: &DescriptionArgs) -> Result<Description, CliError> {
    let name = args.name.clone();
    let name = name.ok_or_else(|| CliError::Usage("give the organisation's --name".into()))?;
    if args.roles.is_empty() {
        return Err(CliError::Usage("give the organisation's roles, each with --role".into()));
    }
    let (park, filing) = (args.park.clone(), args.filing.clone());
    let (roles, licences) = (args.sorted_roles(), args.sorted_licences());
    Ok(Description { name, roles, park, filing, licences })
}

/// What is registered now, with what the command line says otherwise.
fn described(
    client: &Client,
    code: &OrganisationCode,
    args: &DescriptionArgs,
) -> Result<Description, CliError> {
    let view: OrganisationView = client.get(&path::organisation(code, None))?;
    let own = view.organisation;
    let licences = if args.licences.is_empty() { own.licences } else { args.sorted_licences() };
    let roles = if args.roles.is_empty() { own.roles } else { args.sorted_roles() };
    Ok(Description {
        name: args.name.clone().unwrap_or(own.name),
        roles,
        park: args.park.clone().or(own.park),
        filing: args.filing.clone().or(own.filing),
        licences,
    })
}

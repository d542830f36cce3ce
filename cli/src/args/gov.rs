//! The flags of `kanhe gov`, and of an organisation's changes of its own keys.

use super::HomeArgs;
use clap::{Args, Subcommand};
use kanhe_contracts::governance::{NewKey, ProposalStatus};
use kanhe_contracts::registry::{Filing, KeyPurpose, Licence, Role};
use kanhe_types::code::OrganisationCode;
use kanhe_types::keys::PublicKey;
use std::path::PathBuf;

/// Why an organisation changes its keys, and where its admin key is.
#[derive(Clone, Debug, Args)]
pub struct OwnKeysArgs {
    /// Why; kept on the ledger.
    #[arg(long, default_value = "routine")]
    pub reason: String,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// `kanhe gov`.
#[derive(Debug, Subcommand)]
pub enum GovCommand {
    /// Propose changes of the zone.
    #[command(subcommand)]
    Propose(Box<ProposeCommand>),
    /// Vote for a proposal.
    Approve {
        /// Its number, or the identity of its document.
        proposal: String,
        /// Why; kept on the ledger.
        #[arg(long)]
        reason: String,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Vote against a proposal.
    Reject {
        /// Its number, or the identity of its document.
        proposal: String,
        /// Why; kept on the ledger.
        #[arg(long)]
        reason: String,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Take an own proposal back while it is open.
    Withdraw {
        /// Its number, or the identity of its document.
        proposal: String,
        /// Why; kept on the ledger.
        #[arg(long)]
        reason: String,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// List proposals, the last first.
    List {
        /// Only those with this status, such as open or active.
        #[arg(long, value_parser = proposal_status)]
        status: Option<ProposalStatus>,
        /// Only those with a lower number.
        #[arg(long, value_name = "NUMBER")]
        before: Option<u64>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Show a proposal: what it changes, every vote with its reason, and where it stands.
    Show {
        /// Its number, or the identity of its document.
        proposal: String,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
}

/// `kanhe gov propose`.
#[derive(Debug, Subcommand)]
pub enum ProposeCommand {
    /// Propose the changes in a JSON file.
    File {
        /// The file; docs/spec/governance.md shows its form.
        file: PathBuf,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// Admit an organisation.
    Admit {
        /// Its code.
        #[arg(long)]
        code: OrganisationCode,
        /// What is registered of it.
        #[command(flatten)]
        description: DescriptionArgs,
        /// A first key, such as operator:ed25519:KEY; may be repeated.
        #[arg(long = "key", value_name = "PURPOSE:KEY", value_parser = new_key, required = true)]
        keys: Vec<NewKey>,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// Suspend an organisation.
    Suspend {
        /// Its code.
        code: OrganisationCode,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// Readmit a suspended organisation.
    Readmit {
        /// Its code.
        code: OrganisationCode,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// Change what is registered of an organisation; what is not given stays.
    Describe {
        /// Its code.
        code: OrganisationCode,
        /// What is registered from then on.
        #[command(flatten)]
        description: DescriptionArgs,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// Change the keys of an organisation that lost its own.
    Keys {
        /// Its code.
        code: OrganisationCode,
        /// A key that it gets, such as admin:ed25519:KEY; may be repeated.
        #[arg(long, value_name = "PURPOSE:KEY", value_parser = new_key)]
        add: Vec<NewKey>,
        /// A key that it loses; may be repeated.
        #[arg(long, value_name = "KEY")]
        revoke: Vec<PublicKey>,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// A new policy version.
    Policy {
        /// The policy in YAML or JSON, as `kanhe policy show` prints it; `kanhe policy propose` is
        /// the same.
        file: PathBuf,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// The next protocol version.
    Upgrade {
        /// The version.
        version: u16,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// A validator for an agency.
    AddValidator {
        /// The agency's code.
        code: OrganisationCode,
        /// The key that will sign its votes; `kanhe node init` prints it.
        #[arg(long, value_name = "KEY")]
        key: PublicKey,
        /// The key that its node will show on connections; `kanhe node init` prints it.
        #[arg(long, value_name = "KEY")]
        node: PublicKey,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// Remove a validator.
    RemoveValidator {
        /// The agency's code, or where it has several validators the key that signs the votes.
        validator: String,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// Let a validator go on under new keys, for one that lost its own or moves.
    ReplaceValidator {
        /// The agency's code, or where it has several validators the key that signs the votes.
        validator: String,
        /// The key that will sign its votes; `kanhe node init` prints it.
        #[arg(long, value_name = "KEY")]
        key: PublicKey,
        /// The key that its node will show on connections; `kanhe node init` prints it.
        #[arg(long, value_name = "KEY")]
        node: PublicKey,
        /// Its terms.
        #[command(flatten)]
        terms: TermsArgs,
    },
}

/// Why something is proposed, and when it is to be.
#[derive(Clone, Debug, Args)]
pub struct TermsArgs {
    /// Why; kept on the ledger.
    #[arg(long)]
    pub reason: Option<String>,
    /// Votes count for so many heights.
    #[arg(long, value_name = "HEIGHTS", default_value_t = 200_000)]
    pub expires_in: u64,
    /// It is active so many heights after its approval.
    #[arg(long, value_name = "HEIGHTS", default_value_t = 10, conflicts_with = "active_at")]
    pub active_in: u64,
    /// It is active at this height.
    #[arg(long, value_name = "HEIGHT")]
    pub active_at: Option<u64>,
    /// Vote for it at once.
    #[arg(long)]
    pub approve: bool,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// What is registered of an organisation.
#[derive(Clone, Debug, Args)]
pub struct DescriptionArgs {
    /// Its name.
    #[arg(long)]
    pub name: Option<String>,
    /// A role, such as platform; may be repeated.
    #[arg(long = "role", value_name = "ROLE", value_parser = any_role)]
    pub roles: Vec<Role>,
    /// The park it belongs to.
    #[arg(long)]
    pub park: Option<String>,
    /// Its filing, such as 4300A001:CUSTOMS:20260901.
    #[arg(long, value_name = "NUMBER:AUTHORITY:DATE", value_parser = filing)]
    pub filing: Option<Filing>,
    /// A licence, such as express:4300A001:20260101:20301231; may be repeated.
    #[arg(long = "licence", value_name = "KIND:NUMBER:FROM[:UNTIL]", value_parser = licence)]
    pub licences: Vec<Licence>,
}

impl DescriptionArgs {
    /// The licences, ascending by kind and number.
    pub fn sorted_licences(&self) -> Vec<Licence> {
        let mut licences = self.licences.clone();
        licences.sort_by(|one, two| (one.kind, &one.number).cmp(&(two.kind, &two.number)));
        licences
    }

    /// The roles, ascending without repeats.
    pub fn sorted_roles(&self) -> Vec<Role> {
        let mut roles = self.roles.clone();
        roles.sort();
        roles.dedup();
        roles
    }
}

impl ProposeCommand {
    /// The terms of any proposal.
    pub fn terms(&self) -> &TermsArgs {
        match self {
            Self::File { terms, .. }
            | Self::Admit { terms, .. }
            | Self::Suspend { terms, .. }
            | Self::Readmit { terms, .. }
            | Self::Describe { terms, .. }
            | Self::Keys { terms, .. }
            | Self::Policy { terms, .. }
            | Self::Upgrade { terms, .. }
            | Self::AddValidator { terms, .. }
            | Self::RemoveValidator { terms, .. }
            | Self::ReplaceValidator { terms, .. } => terms,
        }
    }
}

fn any_role(text: &str) -> Result<Role, String> {
    named(text).ok_or_else(|| {
        "expected agency, platform, merchant, payment, carrier, declarant, warehouse, bank or \
         insurer"
            .into()
    })
}

pub(super) fn purpose(text: &str) -> Result<KeyPurpose, String> {
    named(text).ok_or_else(|| "expected operator, admin or node".into())
}

fn proposal_status(text: &str) -> Result<ProposalStatus, String> {
    named(text).ok_or_else(|| {
        "expected open, approved, rejected, withdrawn, expired, active or failed".into()
    })
}

/// A value by the name that JSON gives it.
fn named<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.trim().into())).ok()
}

fn new_key(text: &str) -> Result<NewKey, String> {
    let (name, key) = text.split_once(':').ok_or("expected PURPOSE:KEY")?;
    let purpose = purpose(name)?;
    let key = key.parse().map_err(|error| format!("{error}"))?;
    Ok(NewKey { key, purpose, from: None, until: None })
}

fn filing(text: &str) -> Result<Filing, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let [number, authority, date] = parts.as_slice() else {
        return Err("expected NUMBER:AUTHORITY:DATE".into());
    };
    let date = date.parse().map_err(|error| format!("{error}"))?;
    Ok(Filing { number: (*number).into(), authority: (*authority).into(), date })
}

fn licence(text: &str) -> Result<Licence, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (kind, number, from, until) = match parts.as_slice() {
        [kind, number, from] => (kind, number, from, None),
        [kind, number, from, until] => (kind, number, from, Some(until)),
        _ => return Err("expected KIND:NUMBER:FROM or KIND:NUMBER:FROM:UNTIL".into()),
    };
    let kind = named(kind)
        .ok_or("expected payment_internet, express or customs_registration before the number")?;
    let day = |text: &str| text.parse().map_err(|error| format!("{error}"));
    let until = until.map(|until| day(until)).transpose()?;
    Ok(Licence { kind, number: (*number).into(), from: day(from)?, until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_contracts::registry::LicenceKind;

    #[test]
    fn keys_and_filings_are_read_in_one_word() {
        let key = format!("ed25519:{}", "1".repeat(64));
        let new = new_key(&format!("admin:{key}")).expect("a key with its purpose");
        assert_eq!((new.purpose, new.key.to_string()), (KeyPurpose::Admin, key.clone()));
        let bad = [key.as_str(), "owner:x", "admin:ed25519:1", "admin"];
        assert!(bad.into_iter().all(|text| new_key(text).is_err()));
        let filed = filing("4300A001:CUSTOMS:20260901").expect("a filing");
        assert_eq!(filed.date.to_string(), "20260901");
        assert!(filing("4300A001:CUSTOMS").is_err() && filing("a:b:20261399").is_err());
        let own = licence("express:4300A001:20260101").expect("a licence");
        assert_eq!((own.kind, own.until), (LicenceKind::Express, None));
        assert!(licence("express:4300A001:20260101:20301231").expect("a licence").until.is_some());
        let bad = ["express:1", "driving:1:20260101", "express:1:20260101:", "express:1:20261399"];
        assert!(bad.into_iter().all(|text| licence(text).is_err()));
    }
}

//! The commands and their flags.

mod access;
mod bench_risk;
mod credit;
mod flows;
mod gov;
mod import;
mod node;
mod observer;
mod originals;
mod policy;
mod pseudonym;
mod register;
mod risk;
mod signer;
mod stats;
mod world;

pub use access::{AccessCommand, AssistCommand, GiveArgs, GrantCommand, RequestArgs};
pub use bench_risk::{BenchCommand, BenchRiskArgs};
pub use credit::{
    CreditCommand, CreditExplainArgs, CreditOfArgs, ListView, ObjectArgs, Objected, RepairArgs,
};
pub use flows::{FlowsArgs, Opened};
pub use gov::{DescriptionArgs, GovCommand, OwnKeysArgs, ProposeCommand, TermsArgs};
pub use import::ImportCommand;
pub use node::NodeInitArgs;
pub use observer::ObserverCommand;
pub use originals::{SpotcheckCommand, VaultCommand};
pub use policy::{AnyHomeArgs, BacktestArgs, PolicyCommand, PolicyTermsArgs, PolicyVoteArgs};
pub use pseudonym::PseudonymCommand;
pub use register::{ActArgs, RegisterCommand};
pub use risk::{
    AlertsArgs, Disposal, DisposeArgs, ExplainArgs, ReviewArgs, RiskCommand, SignalArgs,
    SuspectArgs,
};
pub use signer::SignerCommand;
pub use stats::{StatsArgs, StatsView};
pub use world::WorldArgs;

use crate::commands::bench::Kind;
use clap::{Args, Parser, Subcommand};
use gov::purpose;
use kanhe_contracts::event::CaseState;
use kanhe_contracts::registry::{KeyPurpose, Role};
use kanhe_node::localnet::Schemes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Scheme};
use std::path::PathBuf;

/// Kanhe (勘合): orders, payments and waybills, matched on a ledger that no single party keeps.
#[derive(Debug, Parser)]
#[command(
    name = "kanhe",
    version,
    after_help = "Exit codes: 0 yes or done, 1 no (rejected, not found, not valid), 2 wrong usage, \
                  3 could not find out.\nStart here: kanhe demo"
)]
pub struct Cli {
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The nouns.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Found a zone, trade on it, prove the result, and stop: the whole story in a minute.
    Demo(DemoArgs),
    /// Measure how fast a zone on this machine is, against what the machine's parts allow.
    Bench(BenchArgs),
    /// Write months of invented trade in every mode, with faults and the truth about them.
    World(WorldArgs),
    /// Key files, and an organisation's own keys on the ledger.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// What agencies propose and decide: members, keys, policies, upgrades.
    #[command(subcommand)]
    Gov(GovCommand),
    /// The parameters of the rules: as files, compared, checked, proposed, voted on.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// What organisations let each other see.
    #[command(subcommand)]
    Grant(GrantCommand),
    /// What agencies let each other see, and what one inspected for all.
    #[command(subcommand)]
    Assist(AssistCommand),
    /// Who looked at our trades.
    #[command(subcommand)]
    Access(AccessCommand),
    /// A whole zone on this machine, for trying things out.
    #[command(subcommand)]
    Localnet(LocalnetCommand),
    /// A validator.
    #[command(subcommand)]
    Node(NodeCommand),
    /// An enterprise's own node: it follows the chain and holds what its owner may see.
    #[command(subcommand)]
    Observer(ObserverCommand),
    /// A key in a process of its own.
    #[command(subcommand)]
    Signer(SignerCommand),
    /// Turn tables of other software into messages.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Send customs messages and see what becomes of them.
    Submit(SubmitArgs),
    /// What lists come to, month by month.
    Stats(StatsArgs),
    /// Money, goods and documents of trades side by side, and what is outstanding.
    Flows(FlowsArgs),
    /// Scores, grades, and the negative list.
    #[command(subcommand)]
    Credit(CreditCommand),
    /// Trades and what was found in them.
    #[command(subcommand)]
    Trade(TradeCommand),
    /// What is recorded beside trades: disputes, certificates and the like.
    #[command(subcommand)]
    Register(RegisterCommand),
    /// What is suspicious: alerts, why they were raised, what agencies do about them.
    #[command(subcommand)]
    Risk(RiskCommand),
    /// Documents on the ledger.
    #[command(subcommand)]
    Document(DocumentCommand),
    /// The originals of the documents that a home has sent.
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Originals that agencies ask to see.
    #[command(subcommand)]
    Spotcheck(SpotcheckCommand),
    /// The keys of the zone's pseudonym service.
    #[command(subcommand)]
    Pseudonym(PseudonymCommand),
    /// The chain itself.
    #[command(subcommand)]
    Chain(ChainCommand),
    /// Proofs for somebody who trusts nobody.
    #[command(subcommand)]
    Proof(ProofCommand),
}

/// Whose home.
#[derive(Clone, Debug, Args)]
pub struct HomeArgs {
    /// A node's, an observer's or a member's home, or a localnet's folder.
    #[arg(long, env = "KANHE_HOME", value_name = "DIR")]
    pub home: PathBuf,
    /// In a localnet's folder: the member that speaks.
    #[arg(long = "as", value_name = "CODE")]
    pub member: Option<OrganisationCode>,
}

/// `kanhe demo`.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// The seed of the generated day of trade.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many orders the day has.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(20..=20_000))]
    pub trades: u32,
    /// How the members sign: ed25519, sm2, or mixed for every second member with SM2.
    #[arg(long, default_value_t)]
    pub scheme: Schemes,
    /// Leave the localnet's folder for `kanhe localnet up`; needs --dir.
    #[arg(long, requires = "dir")]
    pub keep: bool,
    /// Where the localnet's folder is made; removed at the end unless --keep is given.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `kanhe bench`.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArgs {
    /// What is measured instead of speed.
    #[command(subcommand)]
    pub what: Option<BenchCommand>,
    /// What is submitted; may be repeated. By default everything: all kinds, a killed validator,
    /// an idle chain.
    #[arg(long = "kind", value_name = "KIND")]
    pub kinds: Vec<Kind>,
    /// How many validators.
    #[arg(long, default_value_t = kanhe_node::localnet::VALIDATORS_DEFAULT)]
    pub validators: usize,
    /// How validators and enterprises sign: ed25519, sm2, or mixed.
    #[arg(long, default_value_t)]
    pub scheme: Schemes,
    /// Runs of each kind; the median counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub runs: u32,
    /// Documents of each run.
    #[arg(long, default_value_t = 60_000)]
    pub documents: usize,
    /// The seed of the generated documents.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Let the chain grow to so many documents, with figures on the way.
    #[arg(long, value_name = "DOCUMENTS")]
    pub growth: Option<u64>,
    /// Measure with so many validators; several numbers with commas.
    #[arg(long, value_name = "VALIDATORS", value_delimiter = ',')]
    pub scale: Vec<usize>,
    /// Kill each validator in turn under load.
    #[arg(long)]
    pub faults: bool,
    /// Watch a chain without load.
    #[arg(long)]
    pub idle: bool,
    /// Measure the rules alone, kind by kind, with the state in memory: no zone is founded.
    #[arg(long, conflicts_with_all = ["kinds", "growth", "scale", "faults", "idle", "home"])]
    pub contracts: bool,
    /// Write the report as a page for a browser.
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,
    /// Send at so many documents a second instead of as fast as answers come.
    #[arg(long, value_name = "DOCUMENTS_PER_SECOND",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,
    /// The folder of a localnet that runs: what is sent stays on its chain. By default the bench
    /// founds a zone of its own, with a thousand enterprises.
    #[arg(long, value_name = "DIR",
          conflicts_with_all = ["validators", "scheme", "scale", "faults", "dir"])]
    pub home: Option<PathBuf>,
    /// Where the zone's folder is made; removed at the end. A temporary one by default.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `kanhe keys`.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a key and write it, encrypted, to a new file.
    New {
        /// The file; nothing may stand there.
        file: PathBuf,
        /// How the key signs: ed25519 or sm2.
        #[arg(long, default_value_t)]
        scheme: Scheme,
    },
    /// Show the public key of a key file.
    Show {
        /// The file.
        file: PathBuf,
    },
    /// List the organisation's keys on the ledger.
    List {
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Register a further key of the organisation.
    Add {
        /// The public key, as `kanhe keys show` prints it.
        key: PublicKey,
        /// What it is for: operator, admin or node.
        #[arg(long, value_parser = purpose)]
        purpose: KeyPurpose,
        /// The first height at which it is valid; the next one by default.
        #[arg(long, value_name = "HEIGHT")]
        from: Option<u64>,
        /// The last height at which it is valid.
        #[arg(long, value_name = "HEIGHT")]
        until: Option<u64>,
        /// Why and whose home.
        #[command(flatten)]
        own: OwnKeysArgs,
    },
    /// Revoke a key of the organisation.
    Revoke {
        /// The public key.
        key: PublicKey,
        /// The last height at which it is valid; at once by default.
        #[arg(long, value_name = "HEIGHT")]
        last: Option<u64>,
        /// Why and whose home.
        #[command(flatten)]
        own: OwnKeysArgs,
    },
    /// Replace the home's key by a new one, on the ledger and in the home.
    Rotate {
        /// Which: operator or admin.
        #[arg(long, value_parser = purpose)]
        purpose: KeyPurpose,
        /// Let the old key be valid for so many more heights.
        #[arg(long, value_name = "HEIGHTS", default_value_t = 0)]
        overlap: u64,
        /// Why and whose home.
        #[command(flatten)]
        own: OwnKeysArgs,
    },
}

/// `kanhe localnet`.
#[derive(Debug, Subcommand)]
pub enum LocalnetCommand {
    /// Found a zone in a new folder.
    Init {
        /// The folder; empty or absent.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// How many validators, 1 to 25.
        #[arg(long, default_value_t = kanhe_node::localnet::VALIDATORS_DEFAULT)]
        validators: usize,
        /// How the members sign: ed25519, sm2, or mixed for every second member with SM2.
        #[arg(long, default_value_t)]
        scheme: Schemes,
        /// The first of the ports, two for each validator; free ones are picked by default.
        #[arg(long, value_name = "PORT")]
        base_port: Option<u16>,
        /// A further enterprise, such as 4300000001:platform,merchant, for files that name codes
        /// of their own; may be repeated.
        #[arg(long = "enterprise", value_name = "CODE:ROLES", value_parser = enterprise)]
        enterprises: Vec<Enterprise>,
        /// The first policy, in YAML or JSON; this program's defaults without it.
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
    },
    /// Start its validators, each as a process of its own.
    Up(LocalnetDir),
    /// Stop them.
    Down(LocalnetDir),
    /// Show what runs.
    Status(LocalnetDir),
    /// Make a home for another node of an agency, to be added or to replace its validator.
    AddNode {
        /// The localnet's folder.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The agency.
        #[arg(long)]
        code: OrganisationCode,
    },
    /// Stop a node for good; its home stays.
    DropNode {
        /// The localnet's folder.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Its name: the agency's code, or CODE-2 and so on.
        #[arg(long)]
        name: String,
    },
    /// Give an enterprise an observer: its home, its key on the ledger, its process.
    Observer {
        /// The enterprise.
        code: OrganisationCode,
        /// The localnet's folder.
        #[command(flatten)]
        at: LocalnetDir,
    },
}

/// The folder of a localnet.
#[derive(Clone, Debug, Args)]
pub struct LocalnetDir {
    /// The folder.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
}

/// `kanhe node`.
#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// Run the validator of a home until it is told to stop.
    Run {
        /// The node's home.
        #[arg(long, env = "KANHE_HOME", value_name = "DIR")]
        home: PathBuf,
        /// Stop when stdin closes, so that whoever started the node cannot leave it behind.
        #[arg(long, hide = true)]
        stop_when_stdin_closes: bool,
    },
    /// Make the home of a node that joins a running zone, with new keys.
    Init(NodeInitArgs),
}

/// `kanhe submit`.
#[derive(Clone, Debug, Args)]
pub struct SubmitArgs {
    /// Files, and folders with all .xml and .json files in them.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Whose home. In a localnet's folder each message is sent by the member that it names.
    #[command(flatten)]
    pub home: HomeArgs,
    /// Wait for the receipts.
    #[arg(long)]
    pub wait: bool,
    /// Wait, and write into this folder, for each message, the message by which customs answers it,
    /// under the message's name and `.receipt.xml`. May be the folder of the messages.
    #[arg(long, value_name = "DIR")]
    pub receipts: Option<PathBuf>,
    /// Make pseudonyms of this year, whatever the documents' own: for what belongs to an order
    /// that began the year before.
    #[arg(long, value_name = "YEAR")]
    pub pseudonym_year: Option<u16>,
    /// Keep no originals and commit to none: a spot check finds nothing.
    #[arg(long)]
    pub no_vault: bool,
}

/// `kanhe trade`.
#[derive(Debug, Subcommand)]
pub enum TradeCommand {
    /// List trades.
    List {
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
        /// Only those in this state: collecting, matched, mismatched, overdue, arrived, departed,
        /// closed, cancelled or returned.
        #[arg(long, value_parser = case_state)]
        state: Option<CaseState>,
        /// Only those that this organisation is party to.
        #[arg(long, value_name = "CODE")]
        organisation: Option<OrganisationCode>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// The cursor that an earlier list ended with.
        #[arg(long, value_name = "CURSOR")]
        after: Option<String>,
    },
    /// Show one trade: its documents, what the rules found, and where it stands.
    Show {
        /// The platform's code, or PLATFORM/ORDER.
        platform: String,
        /// The order's number.
        order_no: Option<String>,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
}

/// `kanhe document`.
#[derive(Debug, Subcommand)]
pub enum DocumentCommand {
    /// Show an accepted document with its receipt.
    Show {
        /// The document's identity.
        id: Hash,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Print the JSON Schema of a message's JSON form.
    Schema {
        /// The message: `CEB311Message`, 311, or the kind of its documents.
        message: String,
    },
    /// Show the original of a document to the agency that asks for it, and to nobody else.
    Reveal {
        /// The spot check, as `kanhe spotcheck list` prints it.
        check: Hash,
        /// Answer instead that there is no original, and why.
        #[arg(long, value_name = "WHY")]
        missing: Option<String>,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
}

/// `kanhe chain`.
#[derive(Debug, Subcommand)]
pub enum ChainCommand {
    /// Show the height, the validators, and whom the chain waits for.
    Status {
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Show a block.
    Block {
        /// Its height, or `latest`.
        #[arg(default_value = "latest", value_parser = height)]
        height: HeightArg,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Check everything again from genesis: signatures, certificates, links, and every root by
    /// execution.
    Verify {
        /// A node's home: its data where it is stopped, else over the API as its agency. Or a
        /// localnet's folder.
        #[command(flatten)]
        home: HomeArgs,
    },
}

/// `kanhe proof`.
#[derive(Debug, Subcommand)]
pub enum ProofCommand {
    /// Get the proof that a document was accepted, as a file.
    Get {
        /// The document's identity.
        id: Hash,
        /// The file to write; nothing may stand there.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Check a proof. Needs nothing but the file and the genesis hash.
    Verify {
        /// The proof.
        file: PathBuf,
        /// The genesis hash, from somewhere you trust.
        #[arg(long, value_name = "HASH")]
        genesis: Hash,
    },
}

/// The height of a block, or the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeightArg {
    /// The last decided one.
    Latest,
    /// This one.
    At(u64),
}

fn height(text: &str) -> Result<HeightArg, String> {
    if text == "latest" {
        return Ok(HeightArg::Latest);
    }
    let height = text.parse().map_err(|_| "expected a height from 1, or `latest`".to_owned())?;
    if height == 0 { Err("blocks start at height 1".into()) } else { Ok(HeightArg::At(height)) }
}

/// An enterprise and its roles.
pub type Enterprise = (OrganisationCode, Vec<Role>);

fn enterprise(text: &str) -> Result<Enterprise, String> {
    let (code, roles) = text.split_once(':').ok_or("expected CODE:ROLE,ROLE")?;
    let code = code.parse().map_err(|error| format!("{error}"))?;
    let roles: Option<Vec<Role>> = roles.split(',').map(role).collect();
    let expected = "expected roles out of platform, merchant, payment, carrier, declarant, \
                    warehouse, bank, insurer and auditor";
    Ok((code, roles.ok_or(expected)?))
}

/// An enterprise's role by its name.
fn role(name: &str) -> Option<Role> {
    let role = serde_json::from_value(serde_json::Value::String(name.trim().into())).ok();
    role.filter(|role| *role != Role::Agency)
}

fn case_state(text: &str) -> Result<CaseState, String> {
    serde_json::from_value(serde_json::Value::String(text.into())).map_err(|_| {
        "expected a state such as collecting, matched, mismatched, released or cancelled".into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn json_is_taken_before_and_after_the_command() {
        let parsed = |line: &str| Cli::try_parse_from(line.split(' ')).expect("valid").json;
        assert!(parsed("kanhe --json demo"));
        assert!(parsed("kanhe chain status --home x --json"));
        assert!(!parsed("kanhe demo"));
    }

    #[test]
    fn a_scheme_is_named() {
        let scheme = |words: &str| match Cli::try_parse_from(words.split(' ')).ok()?.command {
            Command::Keys(KeysCommand::New { scheme, .. }) => Some(scheme),
            _ => None,
        };
        assert_eq!(scheme("kanhe keys new x"), Some(Scheme::Ed25519));
        assert_eq!(scheme("kanhe keys new x --scheme sm2"), Some(Scheme::Sm2));
        assert_eq!(scheme("kanhe keys new x --scheme mixed"), None);
        assert!(Cli::try_parse_from(["kanhe", "demo", "--scheme", "mixed"]).is_ok());
        assert!(Cli::try_parse_from(["kanhe", "bench", "--home", "x", "--scheme", "sm2"]).is_err());
    }

    #[test]
    fn an_enterprise_has_a_code_and_roles_but_is_no_agency() {
        let (code, roles) = enterprise("4300000001:platform,merchant").expect("an enterprise");
        assert_eq!((code.as_str(), roles), ("4300000001", vec![Role::Platform, Role::Merchant]));
        for text in ["4300000001", "43-1:bank", "4300000001:", "4300000001:agency"] {
            assert!(enterprise(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keeping_a_demo_needs_a_folder_and_heights_start_at_one() {
        assert!(Cli::try_parse_from(["kanhe", "demo", "--keep"]).is_err());
        assert_eq!(height("latest"), Ok(HeightArg::Latest));
        assert_eq!(height("1"), Ok(HeightArg::At(1)));
        assert!(height("0").is_err() && height("x").is_err());
    }
}

//! A whole zone on one machine, for trying things out: agencies with their validators, enterprises
//! with their keys, all under one passphrase that lies beside them.
//!
//! ```text
//! DIR/localnet.json    what there is, with ports; written last
//! DIR/genesis.json
//! DIR/passphrase       of every key below; a localnet only
//! DIR/pseudonym.key    a localnet's shared key, for members that ask no service
//! DIR/nodes/CODE/      a validator's home; CODE-2 and so on for those that replace it
//! DIR/members/CODE/    a member's home, agencies' too
//! DIR/observers/CODE/  the home of an enterprise's observer, once it has one
//! ```
//!
//! Names and codes are invented and look it. Everything listens on loopback.

mod nodes;
mod observers;
mod ports;
mod schemes;

use ports::pick_ports;
pub use schemes::{ParseSchemesError, Schemes};

use crate::home::{
    GENESIS_FILE, Home, HomeError, HttpConfig, LOCALNET_FILE, MEMBER_FILE, MemberFile, NODE_FILE,
    NodeFile, PASSPHRASE_FILE, PSEUDONYM_FILE, PeerConfig, PseudonymConfig, PseudonymServiceConfig,
    TimeoutsConfig, load_genesis, load_json, store_json,
};
use crate::keystore::{self, Cost, KeystoreError, Passphrase};
use crate::pseudonyms::key_file;
use kanhe_contracts::access::BUSINESS_ROLES;
use kanhe_contracts::policy::Policy;
use kanhe_contracts::registry::{KeyPurpose, Organisation, OrganisationKey, Role, Status};
use kanhe_genesis::Genesis;
use kanhe_privacy::oprf::EvaluationKey;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Scheme, SecretKey};
use kanhe_types::limits::PROTOCOL_VERSION;
use kanhe_types::pseudonym::{PseudonymScope, PseudonymServiceKey};
use kanhe_types::time::{CustomsTime, Millis};
use kanhe_types::validator::Validator;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Validators of a localnet, at most.
pub const VALIDATORS_MAX: usize = 25;
/// Validators of a localnet where nothing else is asked for.
pub const VALIDATORS_DEFAULT: usize = 4;

/// The number of a localnet's key for pseudonyms that its service holds.
const PSEUDONYM_KEY: u32 = 1;
/// What each member may ask a localnet's service in an hour.
const LOCALNET_EVALUATIONS_PER_HOUR: u32 = 10_000_000;

/// The agencies with a name of their own, in the order of their businesses; further ones are
/// numbered.
const AGENCIES: [(&str, &str); 4] = [
    ("CUSTOMS", "虚构海关"),
    ("TAX", "虚构税务局"),
    ("FOREX", "虚构外汇管理局"),
    ("COMMERCE", "虚构商务局"),
];

/// The enterprises of every localnet.
pub const ENTERPRISES: [Enterprise; 6] = [
    Enterprise { code: "TESTPLATFORM01", name: "虚构电商平台", roles: &[Role::Platform] },
    Enterprise { code: "TESTMERCHANT01", name: "虚构跨境商户", roles: &[Role::Merchant] },
    Enterprise { code: "TESTPAYMENT01", name: "虚构支付企业", roles: &[Role::Payment] },
    Enterprise { code: "TESTCARRIER01", name: "虚构物流企业", roles: &[Role::Carrier] },
    Enterprise { code: "TESTDECLARANT01", name: "虚构报关企业", roles: &[Role::Declarant] },
    Enterprise {
        code: "TESTRIVAL01",
        name: "虚构竞争平台",
        roles: &[Role::Platform, Role::Merchant],
    },
];

/// An invented enterprise.
#[derive(Clone, Copy, Debug)]
pub struct Enterprise {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its roles, ascending.
    pub roles: &'static [Role],
}

/// What a new localnet is to be like.
#[derive(Clone, Debug)]
pub struct LocalnetConfig {
    /// How many validators, 1 to [`VALIDATORS_MAX`].
    pub validators: usize,
    /// How members sign.
    pub schemes: Schemes,
    /// The first of the ports, two for each validator; free ones are picked where it is absent.
    pub base_port: Option<u16>,
    /// Further enterprises, for files that name codes of their own.
    pub enterprises: Vec<(OrganisationCode, Vec<Role>)>,
    /// Organisations that are registered in the genesis and get no folder: whoever founds the
    /// localnet holds their keys.
    pub registered: Vec<Organisation>,
    /// The first policy, but for the keys of the pseudonym service, which are the localnet's own;
    /// the defaults of this program where it is absent.
    pub policy: Option<Policy>,
    /// The founding time: now.
    pub time: Millis,
}

/// A localnet's folder and what it holds.
#[derive(Clone, Debug)]
pub struct Localnet {
    folder: PathBuf,
    file: LocalnetFile,
}

/// The content of `localnet.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LocalnetFile {
    genesis: Hash,
    nodes: Vec<LocalnetNode>,
    members: Vec<LocalnetMember>,
}

/// A validator of a localnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalnetNode {
    /// The agency's code.
    pub organisation: OrganisationCode,
    /// Where it accepts other validators.
    pub listen: SocketAddr,
    /// Where its HTTP API listens.
    pub http: SocketAddr,
    /// Its folder in `nodes`, where that is not the agency's code: a node that replaces another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

/// A member of a localnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalnetMember {
    /// The member's code.
    pub organisation: OrganisationCode,
    /// Its name.
    pub name: String,
    /// Its roles.
    pub roles: Vec<Role>,
}

/// A localnet cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum LocalnetError {
    /// Too few or too many validators.
    #[error("expected 1 to {VALIDATORS_MAX} validators, found {found}")]
    Validators {
        /// How many were asked for.
        found: usize,
    },
    /// Only agencies have validators.
    #[error("{code} is no agency of this localnet; give the code of one")]
    NotAnAgency {
        /// The code.
        code: OrganisationCode,
    },
    /// No node has this name.
    #[error("no node is called {name}; there are {}", .known.join(", "))]
    UnknownNode {
        /// What was asked for.
        name: String,
        /// The nodes that there are.
        known: Vec<String>,
    },
    /// Two members have one code.
    #[error("{code} is a member of every localnet, or named twice; leave one out")]
    RepeatedCode {
        /// The code.
        code: OrganisationCode,
    },
    /// The folder holds something.
    #[error("{} is not empty; give a new folder, or remove this one", .folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder is no localnet's.
    #[error(
        "{} has no {LOCALNET_FILE}; make a localnet with `kanhe localnet init --dir {}`",
        .folder.display(), .folder.display()
    )]
    NotALocalnet {
        /// The folder.
        folder: PathBuf,
    },
    /// A port is not free, or there are none beyond it.
    #[error("port {port} of 127.0.0.1 cannot be used; give another --base-port, or none")]
    Port {
        /// The port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// The ports end before every validator has two.
    #[error("{count} ports are needed from {base} on, there are none beyond 65535")]
    Ports {
        /// The first port.
        base: u16,
        /// How many are needed.
        count: usize,
    },
    /// The system refuses.
    #[error("cannot use {}; check that the path exists and that this user may", .path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written or read.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A private file cannot be written or read.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
}

impl LocalnetNode {
    /// The address of its HTTP API.
    pub fn api(&self) -> String {
        format!("http://{}", self.http)
    }

    /// Its folder in `nodes`; names it in the localnet.
    pub fn name(&self) -> &str {
        self.folder.as_deref().unwrap_or_else(|| self.organisation.as_str())
    }
}

impl Localnet {
    /// Reads the localnet in `folder`.
    ///
    /// # Errors
    /// When there is none, or its file is not valid.
    pub fn load(folder: &Path) -> Result<Self, LocalnetError> {
        let path = folder.join(LOCALNET_FILE);
        if !path.is_file() {
            return Err(LocalnetError::NotALocalnet { folder: folder.to_owned() });
        }
        Ok(Self { folder: folder.to_owned(), file: load_json(&path)? })
    }

    /// Makes a localnet in `folder`, which must be empty or absent.
    ///
    /// # Errors
    /// When the folder holds something or cannot be written, or ports are taken.
    pub fn init(folder: &Path, config: LocalnetConfig) -> Result<Self, LocalnetError> {
        if !(1..=VALIDATORS_MAX).contains(&config.validators) {
            return Err(LocalnetError::Validators { found: config.validators });
        }
        check_empty(folder)?;
        let founding = Founding::new(folder, config)?;
        founding.write()
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The genesis hash.
    pub fn genesis_hash(&self) -> Hash {
        self.file.genesis
    }

    /// The genesis.
    ///
    /// # Errors
    /// When the file cannot be read or is not valid.
    pub fn genesis(&self) -> Result<Genesis, LocalnetError> {
        Ok(load_genesis(&self.folder.join(GENESIS_FILE))?)
    }

    /// The validators, agencies in the order of their founding.
    pub fn nodes(&self) -> &[LocalnetNode] {
        &self.file.nodes
    }

    /// The members, agencies first.
    pub fn members(&self) -> &[LocalnetMember] {
        &self.file.members
    }

    /// The home of a founding validator.
    pub fn node_home(&self, code: &OrganisationCode) -> PathBuf {
        self.folder.join("nodes").join(code.as_str())
    }

    /// The home of a node.
    pub fn home_of(&self, node: &LocalnetNode) -> PathBuf {
        self.folder.join("nodes").join(node.name())
    }

    /// The home of a member.
    pub fn member_home(&self, code: &OrganisationCode) -> PathBuf {
        self.folder.join("members").join(code.as_str())
    }
}

fn check_empty(folder: &Path) -> Result<(), LocalnetError> {
    match folder.read_dir() {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(LocalnetError::NotEmpty { folder: folder.to_owned() }),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(LocalnetError::Io { path: folder.to_owned(), source }),
    }
}

/// A member with its secret keys.
struct FoundingMember {
    code: OrganisationCode,
    name: String,
    roles: Vec<Role>,
    operator: SecretKey,
    admin: SecretKey,
    /// An agency's validator and node keys, and its addresses.
    seat: Option<Seat>,
    /// The first agency's key for pseudonyms.
    pseudonyms: Option<SecretKey>,
}

struct Seat {
    validator: SecretKey,
    node: SecretKey,
    listen: SocketAddr,
    http: SocketAddr,
}

/// Everything a new localnet consists of, before it is written.
struct Founding {
    folder: PathBuf,
    time: Millis,
    passphrase: Passphrase,
    pseudonym_key: [u8; 32],
    members: Vec<FoundingMember>,
    registered: Vec<Organisation>,
    policy: Option<Policy>,
}

impl Founding {
    fn new(folder: &Path, config: LocalnetConfig) -> Result<Self, LocalnetError> {
        let mut ports = pick_ports(config.validators * 2, config.base_port)?.into_iter();
        let mut members: Vec<FoundingMember> = Vec::new();
        for index in 0..config.validators {
            let (code, name, business) = agency(index);
            let mut address = || {
                let port = ports.next().expect("two ports were picked for each validator");
                SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
            };
            let (listen, http) = (address(), address());
            let scheme = config.schemes.of(index);
            let validator = keystore::generate(scheme)?;
            let node = keystore::generate(Scheme::Ed25519)?;
            let seat = Some(Seat { validator, node, listen, http });
            let (code, roles) = (parse(&code), vec![Role::Agency, business]);
            let (operator, admin) = (keystore::generate(scheme)?, keystore::generate(scheme)?);
            let pseudonyms =
                if index == 0 { Some(keystore::generate(Scheme::Ed25519)?) } else { None };
            members.push(FoundingMember { code, name, roles, operator, admin, seat, pseudonyms });
        }
        let own = ENTERPRISES.iter().map(|enterprise| {
            (parse(enterprise.code), enterprise.name.to_owned(), enterprise.roles.to_vec())
        });
        let further = config.enterprises.into_iter().map(|(code, mut roles)| {
            roles.sort();
            roles.dedup();
            let name = format!("虚构企业{code}");
            (code, name, roles)
        });
        for (code, name, roles) in own.chain(further) {
            if members.iter().any(|member| member.code == code) {
                return Err(LocalnetError::RepeatedCode { code });
            }
            let scheme = config.schemes.of(members.len());
            let (operator, admin) = (keystore::generate(scheme)?, keystore::generate(scheme)?);
            let (seat, pseudonyms) = (None, None);
            members.push(FoundingMember { code, name, roles, operator, admin, seat, pseudonyms });
        }
        let passphrase = Passphrase::new(hex::encode(keystore::random::<16>()?))?;
        Ok(Self {
            folder: folder.to_owned(),
            time: config.time,
            passphrase,
            pseudonym_key: keystore::random()?,
            members,
            registered: config.registered,
            policy: config.policy,
        })
    }

    fn genesis(&self) -> Genesis {
        let seats = self.members.iter().filter_map(|own| Some((own, own.seat.as_ref()?)));
        let validators = seats.map(|(own, seat)| Validator {
            organisation: own.code.clone(),
            key: seat.validator.public_key(),
            node: seat.node.public_key(),
        });
        let mut organisations: Vec<_> =
            self.members.iter().map(FoundingMember::organisation).collect();
        organisations.extend(self.registered.iter().cloned());
        organisations.sort_by(|one, two| one.code.cmp(&two.code));
        Genesis {
            zone: "虚构跨境电商综合试验区".into(),
            protocol: PROTOCOL_VERSION,
            time: self.time,
            validators: validators.collect(),
            organisations,
            policy: Policy { pseudonym_keys: self.pseudonym_keys(), ..self.policy() },
        }
    }

    fn policy(&self) -> Policy {
        // So that a deadline can be seen to pass.
        let trial = || Policy { spot_check_seconds_min: 1, ..Policy::default() };
        self.policy.clone().unwrap_or_else(trial)
    }

    /// The service's keys for the year of the founding and those beside it.
    fn pseudonym_keys(&self) -> Vec<PseudonymServiceKey> {
        let holder = self.members.iter().find_map(|own| Some((own, own.pseudonyms.as_ref()?)));
        let Some((own, secret)) = holder else { return Vec::new() };
        let year = self.year();
        let years = year.saturating_sub(1)..=year.saturating_add(1);
        let keys = years.map(|epoch| {
            let scope = PseudonymScope { key_id: PSEUDONYM_KEY, epoch };
            let public_key = EvaluationKey::derive(secret.bytes(), scope).public_key();
            PseudonymServiceKey { scope, organisation: own.code.clone(), public_key }
        });
        keys.collect()
    }

    /// The year of the founding, UTC+8.
    fn year(&self) -> u16 {
        u16::try_from(CustomsTime::from_millis(self.time).year()).unwrap_or_default()
    }

    fn write(self) -> Result<Localnet, LocalnetError> {
        let genesis = self.genesis();
        keystore::create_private_folder(&self.folder)?;
        let private = |name: &str, text: String| {
            keystore::write_private(&self.folder.join(name), text.as_bytes())
        };
        private(PASSPHRASE_FILE, format!("{}\n", self.passphrase.expose()))?;
        private(PSEUDONYM_FILE, format!("{}\n", hex::encode(self.pseudonym_key)))?;
        private(GENESIS_FILE, format!("{}\n", genesis.to_json()))?;
        for own in &self.members {
            self.write_member(own, &genesis)?;
            if let Some(seat) = &own.seat {
                self.write_node(own, seat, &genesis)?;
            }
        }
        let file = LocalnetFile {
            genesis: genesis.hash(),
            nodes: self.members.iter().filter_map(FoundingMember::as_node).collect(),
            members: self.members.iter().map(FoundingMember::as_member).collect(),
        };
        store_json(&self.folder.join(LOCALNET_FILE), &file)?;
        Ok(Localnet { folder: self.folder, file })
    }

    fn write_member(&self, own: &FoundingMember, genesis: &Genesis) -> Result<(), LocalnetError> {
        let home = self.folder.join("members").join(own.code.as_str());
        self.store_key(&home, "operator", &own.operator)?;
        // A node's home has none: what runs all day needs no key that governs.
        self.store_key(&home, "admin", &own.admin)?;
        write_genesis(&home, genesis)?;
        let nodes = self.members.iter().filter_map(FoundingMember::as_node);
        let service = self.members.iter().filter(|other| other.pseudonyms.is_some());
        let service = service.filter_map(FoundingMember::as_node);
        let config = MemberFile {
            organisation: own.code.clone(),
            api: nodes.map(|node| node.api()).collect(),
            genesis: genesis.hash(),
            pseudonym_service: service.map(|node| node.api()).collect(),
            pseudonym: Some(PseudonymConfig { key_id: 0, epoch: self.year() }),
            certificate: None,
            signer: None,
        };
        Ok(store_json(&home.join(MEMBER_FILE), &config)?)
    }

    fn write_node(
        &self,
        own: &FoundingMember,
        seat: &Seat,
        genesis: &Genesis,
    ) -> Result<(), LocalnetError> {
        let home = self.folder.join("nodes").join(own.code.as_str());
        self.store_key(&home, "validator", &seat.validator)?;
        self.store_key(&home, "node", &seat.node)?;
        self.store_key(&home, "operator", &own.operator)?;
        write_genesis(&home, genesis)?;
        // These keys have signed nothing yet.
        keystore::write_private(&Home::new(&home).wal_path(), &[])?;
        let others = self.members.iter().filter(|other| other.code != own.code);
        let peers = others.filter_map(|other| {
            other.seat.as_ref().map(|seat| PeerConfig {
                organisation: other.code.clone(),
                node: seat.node.public_key(),
                address: seat.listen.to_string(),
            })
        });
        let config = NodeFile {
            organisation: own.code.clone(),
            listen: seat.listen,
            peers: peers.collect(),
            http: HttpConfig { listen: seat.http },
            heartbeat_ms: None,
            timeouts: Some(TimeoutsConfig::NEAR),
            tap: None,
            pseudonym_service: own.pseudonyms.is_some().then(|| PseudonymServiceConfig {
                keys: vec![PSEUDONYM_KEY],
                // Tests and trials send more in an hour than enterprises do.
                evaluations_per_hour: Some(LOCALNET_EVALUATIONS_PER_HOUR),
                limits: BTreeMap::new(),
            }),
            signer: None,
        };
        if let Some(secret) = &own.pseudonyms {
            let path = home.join("keys").join(key_file(PSEUDONYM_KEY));
            keystore::store(&path, secret, &self.passphrase, Cost::Localnet)?;
        }
        Ok(store_json(&home.join(NODE_FILE), &config)?)
    }

    fn store_key(&self, home: &Path, name: &str, secret: &SecretKey) -> Result<(), KeystoreError> {
        let path = home.join("keys").join(format!("{name}.pem"));
        keystore::store(&path, secret, &self.passphrase, Cost::Localnet)
    }
}

impl FoundingMember {
    fn organisation(&self) -> Organisation {
        let key = |key: PublicKey, purpose| OrganisationKey { key, purpose, from: 0, until: None };
        let mut keys = vec![
            key(self.operator.public_key(), KeyPurpose::Operator),
            key(self.admin.public_key(), KeyPurpose::Admin),
        ];
        if let Some(seat) = &self.seat {
            keys.push(key(seat.node.public_key(), KeyPurpose::Node));
        }
        Organisation {
            code: self.code.clone(),
            name: self.name.clone(),
            roles: self.roles.clone(),
            park: None,
            status: Status::Active,
            keys,
            filing: None,
            licences: Vec::new(),
            revision: 0,
        }
    }

    fn as_node(&self) -> Option<LocalnetNode> {
        let seat = self.seat.as_ref()?;
        let organisation = self.code.clone();
        let (listen, http, folder) = (seat.listen, seat.http, None);
        Some(LocalnetNode { organisation, listen, http, folder })
    }

    fn as_member(&self) -> LocalnetMember {
        LocalnetMember {
            organisation: self.code.clone(),
            name: self.name.clone(),
            roles: self.roles.clone(),
        }
    }
}

fn parse(code: &str) -> OrganisationCode {
    code.parse().expect("invented codes have the form of codes")
}

/// The code, name and business of an agency.
fn agency(index: usize) -> (String, String, Role) {
    let business = BUSINESS_ROLES[index % BUSINESS_ROLES.len()];
    match AGENCIES.get(index) {
        Some((code, name)) => ((*code).into(), (*name).into(), business),
        None => {
            let number = index + 1;
            (format!("AGENCY{number:02}"), format!("虚构机构{number:02}"), business)
        }
    }
}

fn write_genesis(home: &Path, genesis: &Genesis) -> Result<(), KeystoreError> {
    let text = format!("{}\n", genesis.to_json());
    keystore::write_private(&home.join(GENESIS_FILE), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::ports::{PORT_END, PORT_MIN};
    use super::*;
    use std::collections::BTreeSet;
    use std::net::TcpListener;

    const TIME: Millis = Millis(1_795_420_800_000);

    fn config(validators: usize) -> LocalnetConfig {
        LocalnetConfig {
            validators,
            schemes: Schemes::Ed25519,
            base_port: None,
            enterprises: Vec::new(),
            registered: Vec::new(),
            policy: None,
            time: TIME,
        }
    }

    #[test]
    fn a_localnet_comes_back_and_its_keys_open_with_its_passphrase() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder = folder.path().join("net");
        let made = Localnet::init(&folder, config(4)).expect("the folder is free");
        let localnet = Localnet::load(&folder).expect("just made");
        assert_eq!(localnet.file, made.file);
        let genesis = localnet.genesis().expect("valid");
        assert_eq!(genesis.hash(), localnet.genesis_hash());
        for (node, validator) in localnet.nodes().iter().zip(&genesis.validators) {
            let home = Home::new(localnet.node_home(&node.organisation));
            let passphrase = home.passphrase(|_| None).expect("readable").expect("a localnet's");
            let key = keystore::load(&home.validator_key_path(), &passphrase).expect("own key");
            assert_eq!(key.public_key(), validator.key);
            assert_eq!(home.node_file().expect("valid").peers.len(), 3);
            assert_eq!(home.genesis().expect("valid"), genesis);
        }
        for member in localnet.members() {
            let home = Home::new(localnet.member_home(&member.organisation));
            assert_eq!(home.member_file().expect("valid").genesis, genesis.hash());
            assert!(home.pseudonym_key().is_ok());
        }
    }

    #[test]
    fn members_sign_as_asked_and_nodes_connect_with_ed25519() {
        let schemes = [(Schemes::Ed25519, 0), (Schemes::Sm2, 4), (Schemes::Mixed, 2)];
        for (schemes, sm2_count) in schemes {
            let config = LocalnetConfig { schemes, ..config(4) };
            let genesis = Founding::new(Path::new("unused"), config).expect("free").genesis();
            assert!(genesis.check().is_ok());
            let is_sm2 = |key: &PublicKey| key.scheme() == Scheme::Sm2;
            let validators = genesis.validators.iter();
            assert_eq!(validators.clone().filter(|one| is_sm2(&one.key)).count(), sm2_count);
            assert!(!validators.clone().any(|one| is_sm2(&one.node)));
            let of_enterprises =
                genesis.organisations.iter().filter(|own| !own.has_role(Role::Agency));
            let operators = of_enterprises.filter(|own| is_sm2(&own.keys[0].key)).count();
            assert_eq!(operators * 4, sm2_count * ENTERPRISES.len(), "{schemes}");
            assert_eq!(schemes.to_string().parse(), Ok(schemes));
        }
        assert_eq!("rsa".parse::<Schemes>(), Err(ParseSchemesError));
    }

    #[test]
    fn nodes_are_added_and_dropped() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder = folder.path().join("net");
        let mut localnet = Localnet::init(&folder, config(2)).expect("the folder is free");
        let code = parse("TAX");
        let (node, keys) = localnet.add_node(&code).expect("an agency");
        assert_eq!((node.name(), node.organisation.as_str()), ("TAX-2", "TAX"));
        let home = Home::new(localnet.home_of(&node));
        let passphrase = home.passphrase(|_| None).expect("readable").expect("a localnet's");
        let own = keystore::load(&home.validator_key_path(), &passphrase).expect("own key");
        assert_eq!(own.public_key(), keys.validator);
        assert!(home.wal_path().exists() && home.operator_key_path().exists());
        let peers = home.node_file().expect("valid").peers;
        let genesis = localnet.genesis().expect("valid");
        let nodes: Vec<PublicKey> = genesis.validators.iter().map(|own| own.node).collect();
        assert_eq!(peers.iter().map(|peer| peer.node).collect::<Vec<_>>(), nodes);
        assert_eq!(localnet.add_node(&code).expect("another").0.name(), "TAX-3");
        assert_eq!(Localnet::load(&folder).expect("rewritten").nodes().len(), 4);
        localnet.drop_node("TAX").expect("it is there");
        let names = |localnet: &Localnet| {
            localnet.nodes().iter().map(|node| node.name().to_owned()).collect::<Vec<_>>()
        };
        let loaded = Localnet::load(&folder).expect("rewritten");
        assert_eq!(names(&loaded), ["CUSTOMS", "TAX-2", "TAX-3"]);
        assert!(matches!(localnet.drop_node("TAX"), Err(LocalnetError::UnknownNode { .. })));
        let refused = localnet.add_node(&parse("TESTRIVAL01"));
        assert!(matches!(refused, Err(LocalnetError::NotAnAgency { .. })));
    }

    #[test]
    fn one_to_twenty_five_validators_with_ports_of_their_own() {
        let founding = Founding::new(Path::new("unused"), config(25)).expect("free ports");
        assert!(founding.genesis().check().is_ok());
        let seats = founding.members.iter().filter_map(|own| own.seat.as_ref());
        let ports: BTreeSet<_> = seats.flat_map(|seat| [seat.listen, seat.http]).collect();
        assert_eq!(ports.len(), 50);
        let folder = tempfile::tempdir().expect("a temporary folder");
        for found in [0, 26] {
            let refused = Localnet::init(folder.path(), config(found));
            assert!(matches!(refused, Err(LocalnetError::Validators { .. })));
        }
    }

    #[test]
    fn further_enterprises_are_members_and_no_code_stands_twice() {
        let with = |codes: &[&str]| {
            let codes =
                codes.iter().map(|code| (parse(code), vec![Role::Merchant, Role::Platform]));
            LocalnetConfig { enterprises: codes.collect(), ..config(1) }
        };
        let founding = Founding::new(Path::new("unused"), with(&["4300000001"])).expect("free");
        let genesis = founding.genesis();
        assert!(genesis.check().is_ok());
        let found = genesis.organisations.iter().find(|own| own.code.as_str() == "4300000001");
        assert_eq!(found.expect("a member").roles, [Role::Platform, Role::Merchant]);
        for codes in [&["A1", "A1"][..], &["TESTRIVAL01"]] {
            let refused = Founding::new(Path::new("unused"), with(codes));
            assert!(matches!(refused, Err(LocalnetError::RepeatedCode { .. })));
        }
    }

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("letter"), "x").expect("writable");
        let refused = Localnet::init(folder.path(), config(1));
        assert!(matches!(refused, Err(LocalnetError::NotEmpty { .. })));
        assert!(matches!(Localnet::load(folder.path()), Err(LocalnetError::NotALocalnet { .. })));
    }

    #[test]
    fn picked_ports_differ_and_are_not_lent_to_outgoing_connections() {
        let ports = pick_ports(50, None).expect("free ports");
        assert!(ports.iter().all(|port| (PORT_MIN..PORT_END).contains(port)));
        assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), 50);
    }

    #[test]
    fn a_taken_port_and_ports_beyond_the_last_are_refused() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = taken.local_addr().expect("bound").port();
        assert!(matches!(pick_ports(1, Some(port)), Err(LocalnetError::Port { .. })));
        assert!(matches!(pick_ports(2, Some(u16::MAX)), Err(LocalnetError::Ports { .. })));
    }
}

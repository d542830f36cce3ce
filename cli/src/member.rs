//! Which organisation speaks, and with which key.

use crate::answer::CliError;
use crate::args::HomeArgs;
use crate::client::Client;
use crate::pseudonyms::{Pseudonyms, ServicePseudonyms};
use crate::vault::HomeVault;
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_genesis::Genesis;
use kanhe_node::home::{Home, HomeError, LOCALNET_FILE, load_genesis};
use kanhe_node::keystore::{self, Passphrase};
use kanhe_node::localnet::Localnet;
use kanhe_node::signer::RemoteSigner;
use kanhe_types::code::OrganisationCode;
use kanhe_types::keys::SecretKey;
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::signer::Signer;
use kanhe_types::time::CustomsTime;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What `--home` names.
pub enum Place {
    /// A node's home.
    Node(Home),
    /// An observer's home.
    Observer(Home),
    /// A member's home.
    Member(Home),
    /// A localnet's folder.
    Localnet(Localnet),
}

impl Place {
    /// What stands at `path`.
    ///
    /// # Errors
    /// When it is none of the three.
    pub fn find(path: &Path) -> Result<Self, CliError> {
        let home = Home::new(path);
        if home.is_node() {
            return Ok(Self::Node(home));
        }
        if home.is_observer() {
            return Ok(Self::Observer(home));
        }
        if home.is_member() {
            return Ok(Self::Member(home));
        }
        if path.join(LOCALNET_FILE).is_file() {
            return Ok(Self::Localnet(Localnet::load(path)?));
        }
        Err(CliError::Usage(format!(
            "{} is no home: expected a folder with node.json, observer.json, member.json or \
             {LOCALNET_FILE}; \
             make a localnet with `kanhe localnet init --dir DIR`",
            path.display()
        )))
    }
}

/// Where in a home the key stands that somebody speaks with.
type KeyPath = fn(&Home) -> PathBuf;

/// A member with everything it needs to speak.
pub struct Member {
    /// Its requests.
    pub client: Client,
    /// The chain's document of height 0.
    pub genesis: Genesis,
    home: Home,
    pseudonyms: Option<PseudonymScope>,
    /// Where pseudonyms are asked for.
    service: Vec<String>,
    /// Opened when it is first needed.
    vault: OnceCell<HomeVault>,
}

impl Member {
    /// The member that reads for `args`: that of the home; in a localnet's folder the one that
    /// `--as` names, else customs.
    ///
    /// # Errors
    /// When the home cannot be used, or its keys not be opened.
    pub fn of(args: &HomeArgs) -> Result<Self, CliError> {
        Self::with_key(args, Home::operator_key_path)
    }

    /// The same member, speaking with its admin key.
    ///
    /// # Errors
    /// As [`Self::of`], or when the home has no admin key.
    pub fn admin_of(args: &HomeArgs) -> Result<Self, CliError> {
        Self::with_key(args, Home::admin_key_path)
    }

    fn with_key(args: &HomeArgs, key: KeyPath) -> Result<Self, CliError> {
        match Place::find(&args.home)? {
            Place::Localnet(localnet) => {
                let first = localnet.members().first().map(|member| member.organisation.clone());
                let code = args.member.clone().or(first);
                let code = code.ok_or_else(|| CliError::unknown("the localnet has no members"))?;
                Self::of_localnet_with(&localnet, &code, key)
            }
            Place::Node(home) => Self::of_node(home, args.member.as_ref(), key),
            Place::Observer(home) => Self::of_observer(home, args.member.as_ref(), key),
            Place::Member(home) => Self::of_member(home, args.member.as_ref(), key),
        }
    }

    /// A member of a localnet.
    ///
    /// # Errors
    /// When there is no such member, or its home cannot be used.
    pub fn of_localnet(localnet: &Localnet, code: &OrganisationCode) -> Result<Self, CliError> {
        Self::of_localnet_with(localnet, code, Home::operator_key_path)
    }

    fn of_localnet_with(
        localnet: &Localnet,
        code: &OrganisationCode,
        key: KeyPath,
    ) -> Result<Self, CliError> {
        if !localnet.members().iter().any(|member| member.organisation == *code) {
            return Err(CliError::Usage(not_a_member(localnet, code)));
        }
        Self::of_member(Home::new(localnet.member_home(code)), None, key)
    }

    fn of_member(
        home: Home,
        named: Option<&OrganisationCode>,
        key: KeyPath,
    ) -> Result<Self, CliError> {
        let file = home.member_file()?;
        check_named(&home, &file.organisation, named)?;
        let genesis = home.genesis()?;
        let found = genesis.hash();
        if found != file.genesis {
            let (path, expected) = (home.genesis_path(), file.genesis);
            return Err(HomeError::OtherGenesis { path, expected, found }.into());
        }
        let certificate = match &file.certificate {
            None => None,
            Some(path) => Some(read(&home.path().join(path))?),
        };
        let path = key(&home);
        let signer: Arc<dyn Signer> = match &file.signer {
            Some(signer) if path == home.operator_key_path() => {
                RemoteSigner::start(home.path(), signer, found)
                    .map_err(|error| CliError::because("cannot look for the signer", error))?
            }
            _ => Arc::new(open_own_key(&home, &path)?),
        };
        let certificate = certificate.as_deref();
        let client = Client::new(file.api, found, file.organisation, signer, certificate)?;
        let pseudonyms =
            file.pseudonym.map(|key| PseudonymScope { key_id: key.key_id, epoch: key.epoch });
        let (service, vault) = (file.pseudonym_service, OnceCell::new());
        Ok(Self { client, genesis, home, pseudonyms, service, vault })
    }

    /// A node's own organisation, asking its own node.
    fn of_node(
        home: Home,
        named: Option<&OrganisationCode>,
        key: KeyPath,
    ) -> Result<Self, CliError> {
        let file = home.node_file()?;
        check_named(&home, &file.organisation, named)?;
        let genesis = load_genesis(&home.genesis_path())?;
        let secret = open_own_key(&home, &key(&home))?;
        Self::at_own(home, file.http.listen, genesis, file.organisation, secret)
    }

    /// An observer's owner, asking its own observer: with the key that the caller wants where the
    /// home has it, else with the observer's, which may read but sign no document.
    fn of_observer(
        home: Home,
        named: Option<&OrganisationCode>,
        key: KeyPath,
    ) -> Result<Self, CliError> {
        let file = home.observer_file()?;
        check_named(&home, &file.organisation, named)?;
        let genesis = load_genesis(&home.genesis_path())?;
        let wanted = key(&home);
        let is_reader = wanted == home.operator_key_path() && !wanted.exists();
        let secret = open_own_key(&home, &if is_reader { home.node_key_path() } else { wanted })?;
        Self::at_own(home, file.http.listen, genesis, file.organisation, secret)
    }

    /// A member that asks the node of its own home.
    fn at_own(
        home: Home,
        listen: SocketAddr,
        genesis: Genesis,
        organisation: OrganisationCode,
        secret: SecretKey,
    ) -> Result<Self, CliError> {
        let (scheme, certificate) = match listen.ip().is_loopback() {
            true => ("http", None),
            false => ("https", Some(read(&home.tls_certificate_path())?)),
        };
        let apis = vec![format!("{scheme}://{listen}")];
        let certificate = certificate.as_deref();
        let client =
            Client::new(apis, genesis.hash(), organisation, Arc::new(secret), certificate)?;
        let (service, vault) = (Vec::new(), OnceCell::new());
        Ok(Self { client, genesis, home, pseudonyms: None, service, vault })
    }

    /// The member's home.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The member's originals.
    ///
    /// # Errors
    /// When their key cannot be opened or made.
    pub fn vault(&self) -> Result<&HomeVault, CliError> {
        if self.vault.get().is_none() {
            // Nobody else opens it meanwhile: a member is used by one thread.
            let _ = self.vault.set(HomeVault::open(&self.home)?);
        }
        Ok(self.vault.get().expect("it was opened above"))
    }

    /// The pseudonyms of an earlier document's scope, to make them again.
    ///
    /// # Errors
    /// As [`Self::pseudonyms`].
    pub fn pseudonyms_of(&self, scope: PseudonymScope) -> Result<Pseudonyms, CliError> {
        if scope.key_id == 0 {
            return Ok(Pseudonyms::Local(PseudonymKey { scope, ..self.local_key()? }));
        }
        let service = ServicePseudonyms::of_scope(self, &self.service, scope)?;
        Ok(Pseudonyms::Service(Box::new(service)))
    }

    /// Where the member's pseudonyms come from: the zone's service or, on a localnet without
    /// one, the localnet's shared key. `year` outweighs the documents' own.
    ///
    /// # Errors
    /// When the home names no service and is not a localnet's.
    pub fn pseudonyms(&self, year: Option<u16>) -> Result<Pseudonyms, CliError> {
        if !self.service.is_empty() {
            let service = ServicePseudonyms::new(self, &self.service, year)?;
            return Ok(Pseudonyms::Service(Box::new(service)));
        }
        if self.home.localnet().is_none() {
            return Err(CliError::Usage(format!(
                "{} names no pseudonym service, and a key of one's own serves a localnet only: \
                 whoever holds one can try every identity number. Add the address of the node \
                 that serves pseudonyms as `pseudonym_service` to member.json; `kanhe pseudonym \
                 keys` names the agency",
                self.home.path().display()
            )));
        }
        Ok(Pseudonyms::Local(self.local_key()?))
    }

    fn local_key(&self) -> Result<PseudonymKey, CliError> {
        let key = self.home.pseudonym_key()?;
        let this_year = || {
            let year = CustomsTime::from_millis(crate::clock::now()).year();
            PseudonymScope { key_id: 0, epoch: u16::try_from(year).unwrap_or_default() }
        };
        Ok(PseudonymKey { scope: self.pseudonyms.unwrap_or_else(this_year), key })
    }
}

/// Says that a localnet has no such member.
pub fn not_a_member(localnet: &Localnet, code: &OrganisationCode) -> String {
    let codes: Vec<&str> =
        localnet.members().iter().map(|member| member.organisation.as_str()).collect();
    format!("{code} is not a member of this localnet; its members are {}", codes.join(", "))
}

fn check_named(
    home: &Home,
    own: &OrganisationCode,
    named: Option<&OrganisationCode>,
) -> Result<(), CliError> {
    match named.filter(|named| *named != own) {
        None => Ok(()),
        Some(named) => Err(CliError::Usage(format!(
            "{} is the home of {own}, --as names {named}; leave --as out, or give another home",
            home.path().display()
        ))),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    fs::read(path)
        .map_err(|error| CliError::because(format!("cannot read {}", path.display()), error))
}

/// Opens the key that a member speaks with.
fn open_own_key(home: &Home, path: &Path) -> Result<SecretKey, CliError> {
    if path == home.admin_key_path() && !path.exists() {
        return Err(CliError::Usage(format!(
            "{} has no admin key: expected {}; use the home of the member who keeps it, a node's \
             home has none",
            home.path().display(),
            path.display()
        )));
    }
    open_key(home, path)
}

/// Opens a key file of a home with the home's passphrase, asking for it where a person can answer.
///
/// # Errors
/// When there is no passphrase, or it is another's.
pub fn open_key(home: &Home, path: &Path) -> Result<SecretKey, CliError> {
    let passphrase = passphrase(home, "passphrase of the home's keys")?;
    Ok(keystore::load(path, &passphrase)?)
}

thread_local! {
    /// What a person was asked for, by home: a command may open several keys of one home.
    static ASKED: RefCell<BTreeMap<PathBuf, Passphrase>> = const { RefCell::new(BTreeMap::new()) };
}

/// The passphrase of a home's keys.
///
/// # Errors
/// When the environment has none and nobody can be asked.
pub fn passphrase(home: &Home, prompt: &str) -> Result<Passphrase, CliError> {
    if let Some(found) = home.passphrase(|name| std::env::var(name).ok())? {
        return Ok(found);
    }
    if let Some(known) = ASKED.with_borrow(|asked| asked.get(home.path()).cloned()) {
        return Ok(known);
    }
    let asked = ask(prompt)?;
    ASKED.with_borrow_mut(|all| all.insert(home.path().to_owned(), asked.clone()));
    Ok(asked)
}

/// Asks a person for a passphrase.
///
/// # Errors
/// When there is no terminal.
pub fn ask(prompt: &str) -> Result<Passphrase, CliError> {
    if !io::stdin().is_terminal() {
        return Err(CliError::Usage(
            "a passphrase is needed and there is no terminal to ask on; \
             set KANHE_PASSPHRASE_FILE to a file of mode 0600, or KANHE_PASSPHRASE"
                .into(),
        ));
    }
    let text = rpassword::prompt_password(format!("{prompt}: "))
        .map_err(|error| CliError::because("cannot ask for the passphrase", error))?;
    Ok(Passphrase::new(text)?)
}

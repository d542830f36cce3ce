//! A new home for an observer.

use super::{GENESIS_FILE, HomeError, HttpConfig, OBSERVER_FILE, ObserverFile, store_json};
use crate::keystore::{self, Cost, Passphrase};
use kanhe_genesis::Genesis;
use kanhe_types::code::OrganisationCode;
use kanhe_types::keys::{PublicKey, Scheme};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What a new observer is to be like.
#[derive(Clone, Debug)]
pub struct NewObserver<'a> {
    /// Whose it is.
    pub organisation: OrganisationCode,
    /// The chain.
    pub genesis: &'a Genesis,
    /// Addresses of serving validators.
    pub validators: Vec<String>,
    /// Where its HTTP API listens.
    pub listen: SocketAddr,
    /// A certificate file to accept besides those of the well-known authorities.
    pub certificate: Option<PathBuf>,
    /// What opening its key costs.
    pub cost: Cost,
}

/// Makes an observer's home with a new node key; the key, which the organisation has to register.
///
/// # Errors
/// When something stands there already, or the system refuses.
pub fn found_observer(
    folder: &Path,
    new: NewObserver<'_>,
    passphrase: &Passphrase,
) -> Result<PublicKey, HomeError> {
    keystore::create_private_folder(folder)?;
    let file = ObserverFile {
        organisation: new.organisation,
        genesis: new.genesis.hash(),
        validators: new.validators,
        http: HttpConfig { listen: new.listen },
        certificate: new.certificate,
        tap: None,
    };
    let path = folder.join("keys").join("node.pem");
    let key = keystore::create(&path, Scheme::Ed25519, passphrase, new.cost)?;
    let genesis = format!("{}\n", new.genesis.to_json());
    keystore::write_private(&folder.join(GENESIS_FILE), genesis.as_bytes())?;
    // Written last: what has it is whole.
    store_json(&folder.join(OBSERVER_FILE), &file)?;
    Ok(key)
}

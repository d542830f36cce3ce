//! A home's originals, and the key that opens them and letters to the home.
//!
//! The key stands in `keys/vault.pem`, encrypted like the home's other keys, and is made when it is
//! first needed. Whoever loses it has lost the originals.

use crate::answer::CliError;
use crate::member::passphrase;
use kanhe_node::home::Home;
use kanhe_node::keystore::{self, Cost};
use kanhe_privacy::seal::ReaderKey;
use kanhe_privacy::vault::{About, Erased, Held, Vault, VaultError};
use kanhe_types::hash::Hash;
use kanhe_types::keys::Scheme;

/// A home's vault, opened.
pub struct HomeVault {
    /// The originals.
    pub vault: Vault,
    /// What letters to this home are sealed for.
    pub reader: ReaderKey,
}

impl From<VaultError> for CliError {
    fn from(error: VaultError) -> Self {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        match source {
            Some(source) => Self::because(error.to_string(), source),
            None => Self::unknown(error.to_string()),
        }
    }
}

impl HomeVault {
    /// Opens the vault of a home; makes its key where there is none.
    ///
    /// # Errors
    /// When the key cannot be opened or made.
    pub fn open(home: &Home) -> Result<Self, CliError> {
        let path = home.vault_key_path();
        let passphrase = passphrase(home, "passphrase of the home's keys")?;
        if !path.exists() {
            let cost = if home.localnet().is_some() { Cost::Localnet } else { Cost::Standard };
            keystore::create(&path, Scheme::Ed25519, &passphrase, cost)?;
        }
        let secret = keystore::load(&path, &passphrase)?;
        let vault = Vault::new(home.vault_path(), secret.bytes());
        Ok(Self { vault, reader: ReaderKey::derive(secret.bytes()) })
    }

    /// Everything in the vault, with its names.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub fn all(&self) -> Result<Vec<(Hash, Held)>, CliError> {
        let mut all = Vec::new();
        for name in self.vault.names()? {
            all.extend(self.vault.find(&name)?.map(|held| (name, held)));
        }
        Ok(all)
    }

    /// The original of a document, or that there was one.
    ///
    /// # Errors
    /// When the vault cannot be read, or has none of this document.
    pub fn of_document(&self, document: &Hash) -> Result<(Hash, Held), CliError> {
        let mut all = self.all()?.into_iter();
        let found = all.find(|(_, held)| document_of(held) == *document);
        found.ok_or_else(|| {
            CliError::No(format!(
                "the vault {} has no original of document {document}; `kanhe vault list` shows \
                 what it has",
                self.vault.folder().display()
            ))
        })
    }

    /// The originals that are one signed message with `about`, itself among them.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub fn of_message(&self, about: &About) -> Result<Vec<(Hash, About)>, CliError> {
        let of_message = |(name, held): (Hash, Held)| match held {
            Held::Original(own) => {
                let is_same = own.document == about.document
                    || (own.message.is_some() && own.message == about.message);
                is_same.then_some((name, own))
            }
            Held::Erased(_) => None,
        };
        Ok(self.all()?.into_iter().filter_map(of_message).collect())
    }
}

fn document_of(held: &Held) -> Hash {
    match held {
        Held::Original(About { document, .. }) | Held::Erased(Erased { document, .. }) => *document,
    }
}

//! The document of height 0: who founds the zone, with which validators, organisations and policy.
//!
//! The genesis hash names the chain. It is part of everything that is signed, so that nothing said
//! on one chain counts on another. The crate reads no file; callers bring the bytes.

pub mod policy_file;

use kanhe_contracts::governance::check_live_quorum;
use kanhe_contracts::limits::{AGENCIES_MAX, KEYS_MAX};
use kanhe_contracts::policy::{Policy, PolicyFault};
use kanhe_contracts::registry::{Organisation, Role, Status};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::keys::PublicKey;
use kanhe_types::limits::PROTOCOL_VERSION;
use kanhe_types::time::Millis;
use kanhe_types::validator::{Validator, ValidatorSet, ValidatorSetError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Bytes of a genesis file, at most.
pub const GENESIS_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The document of height 0. Its canonical encoding is hashed; files hold it as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// The zone's name, for people.
    pub zone: String,
    /// The protocol version of height 1.
    pub protocol: u16,
    /// The founding time; every block is later.
    pub time: Millis,
    /// The founding validators.
    pub validators: Vec<Validator>,
    /// The founding organisations, ascending by code; every validator's among them.
    pub organisations: Vec<Organisation>,
    /// The first policy.
    pub policy: Policy,
}

/// Why a document is not a genesis.
#[derive(Debug, thiserror::Error)]
pub enum GenesisError {
    /// The file is too large.
    #[error("genesis has {found} bytes, expected at most {GENESIS_BYTES_MAX}")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// The file is not the JSON of a genesis.
    #[error("genesis is not valid JSON of its form; restore the file that all members hold")]
    Json(#[source] serde_json::Error),
    /// The protocol is not one that this program knows.
    #[error(
        "genesis states protocol {found}, this program knows 1 to {PROTOCOL_VERSION}; install the matching release"
    )]
    Protocol {
        /// The version stated.
        found: u16,
    },
    /// The validators do not form a set.
    #[error("genesis validators do not form a set")]
    Validators(#[source] ValidatorSetError),
    /// The organisations are not ascending by code.
    #[error("organisations are not ascending by code without repeats: {code} is out of place")]
    Order {
        /// The first out of place.
        code: OrganisationCode,
    },
    /// A validator's organisation is missing or no agency.
    #[error("validator organisation {code} is not registered as an agency in the genesis")]
    NotAnAgency {
        /// Its code.
        code: OrganisationCode,
    },
    /// Two organisations share a key.
    #[error("key {key} belongs to two organisations")]
    SharedKey {
        /// The key.
        key: PublicKey,
    },
    /// A parameter of the policy cannot be.
    #[error("policy: {fault}")]
    Policy {
        /// Which, and what it must be.
        fault: PolicyFault,
    },
    /// An organisation has more keys than its record may hold.
    #[error("organisation {code} has {found} keys, expected at most {KEYS_MAX}")]
    Keys {
        /// Its code.
        code: OrganisationCode,
        /// How many it has.
        found: usize,
    },
    /// There are more agencies than a zone may have.
    #[error("{found} organisations are agencies, expected at most {AGENCIES_MAX}")]
    Agencies {
        /// How many there are.
        found: usize,
    },
    /// Nothing could ever be decided.
    #[error(
        "{able} active agencies have an admin key without an end, {needed} are needed to decide \
         anything; give each agency an admin key"
    )]
    NoQuorum {
        /// How many could vote.
        able: usize,
        /// How many must approve.
        needed: usize,
    },
}

impl Genesis {
    /// Reads and checks a genesis file.
    ///
    /// # Errors
    /// When the bytes are too many, not of the form, or the document does not hold together.
    pub fn from_json(bytes: &[u8]) -> Result<Self, GenesisError> {
        if GENESIS_BYTES_MAX < bytes.len() {
            return Err(GenesisError::TooLong { found: bytes.len() });
        }
        let genesis: Self = serde_json::from_slice(bytes).map_err(GenesisError::Json)?;
        genesis.check()?;
        Ok(genesis)
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a genesis has only text keys")
    }

    /// The document from its canonical bytes, as proofs carry it.
    ///
    /// # Errors
    /// A text that says what is wrong with the bytes or with the document.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, String> {
        let genesis: Self =
            codec::decode(bytes, GENESIS_BYTES_MAX).map_err(|error| error.to_string())?;
        genesis.check().map_err(|error| error.to_string())?;
        Ok(genesis)
    }

    /// The canonical bytes.
    pub fn canonical(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// The chain's name.
    pub fn hash(&self) -> Hash {
        hash_of(&self.canonical())
    }

    /// The founding validators as a set.
    ///
    /// # Panics
    /// If the document was not checked.
    pub fn validator_set(&self) -> ValidatorSet {
        ValidatorSet::new(self.validators.clone()).expect("a checked genesis has a valid set")
    }

    /// Checks that the document holds together.
    ///
    /// # Errors
    /// Names the first thing that does not.
    pub fn check(&self) -> Result<(), GenesisError> {
        if !(1..=PROTOCOL_VERSION).contains(&self.protocol) {
            return Err(GenesisError::Protocol { found: self.protocol });
        }
        ValidatorSet::new(self.validators.clone()).map_err(GenesisError::Validators)?;
        for pair in self.organisations.windows(2) {
            if let [one, two] = pair
                && two.code <= one.code
            {
                return Err(GenesisError::Order { code: two.code.clone() });
            }
        }
        for validator in &self.validators {
            let organisation =
                self.organisations.iter().find(|own| own.code == validator.organisation);
            if !organisation.is_some_and(|own| own.has_role(Role::Agency)) {
                return Err(GenesisError::NotAnAgency { code: validator.organisation.clone() });
            }
        }
        let mut seen = BTreeSet::new();
        for organisation in &self.organisations {
            let found = organisation.keys.len();
            if KEYS_MAX < found {
                return Err(GenesisError::Keys { code: organisation.code.clone(), found });
            }
            let own: BTreeSet<PublicKey> = organisation.keys.iter().map(|own| own.key).collect();
            if let Some(key) = own.iter().find(|key| !seen.insert(**key)) {
                return Err(GenesisError::SharedKey { key: *key });
            }
        }
        self.check_governance()
    }

    /// Checks that the zone can be governed from its first height on.
    fn check_governance(&self) -> Result<(), GenesisError> {
        self.policy.check().map_err(|fault| GenesisError::Policy { fault })?;
        let agencies = self.organisations.iter().filter(|own| own.has_role(Role::Agency));
        let found = agencies.clone().count();
        if AGENCIES_MAX < found {
            return Err(GenesisError::Agencies { found });
        }
        let active: Vec<Organisation> =
            agencies.filter(|own| own.status == Status::Active).cloned().collect();
        check_live_quorum(&active, &self.policy, 1)
            .map_err(|(able, needed)| GenesisError::NoQuorum { able, needed })
    }
}

/// The genesis hash of canonical bytes.
pub fn hash_of(canonical: &[u8]) -> Hash {
    Hash::of(Domain::Genesis, &[canonical])
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_contracts::registry::{KeyPurpose, OrganisationKey};
    use kanhe_types::keys::SecretKey;

    fn organisation(code: &str, number: u8, role: Role) -> Organisation {
        let key = |number, purpose| OrganisationKey {
            key: SecretKey::from_seed([number; 32]).public_key(),
            purpose,
            from: 0,
            until: None,
        };
        Organisation {
            code: code.parse().expect("a code"),
            name: format!("虚构 {code}"),
            roles: vec![role],
            park: None,
            status: Status::Active,
            keys: vec![key(number, KeyPurpose::Operator), key(100 + number, KeyPurpose::Admin)],
            filing: None,
            licences: Vec::new(),
            revision: 0,
        }
    }

    fn genesis() -> Genesis {
        let validator = |code: &str, number: u8| Validator {
            organisation: code.parse().expect("a code"),
            key: PublicKey::Ed25519([number; 32]),
            node: PublicKey::Ed25519([number + 100; 32]),
        };
        Genesis {
            zone: "虚构综试区".into(),
            protocol: PROTOCOL_VERSION,
            time: Millis(1_795_420_800_000),
            validators: vec![validator("CUSTOMS", 1), validator("TAX", 2)],
            organisations: vec![
                organisation("CUSTOMS", 1, Role::Agency),
                organisation("PLATFORM", 2, Role::Platform),
                organisation("TAX", 3, Role::Agency),
            ],
            policy: Policy::default(),
        }
    }

    #[test]
    fn a_genesis_comes_back_from_its_file_and_its_bytes() {
        let genesis = genesis();
        let read = Genesis::from_json(genesis.to_json().as_bytes()).expect("valid");
        assert_eq!(read.hash(), genesis.hash());
        assert_eq!(Genesis::from_canonical(&genesis.canonical()).expect("valid"), genesis);
    }

    #[test]
    fn a_validator_that_is_no_agency_is_refused() {
        let mut genesis = genesis();
        genesis.validators[0].organisation = "PLATFORM".parse().expect("a code");
        assert!(matches!(genesis.check(), Err(GenesisError::NotAnAgency { .. })));
    }

    #[test]
    fn organisations_out_of_order_or_sharing_a_key_are_refused() {
        let mut swapped = genesis();
        swapped.organisations.swap(0, 1);
        assert!(matches!(swapped.check(), Err(GenesisError::Order { .. })));
        let mut shared = genesis();
        shared.organisations[1].keys = shared.organisations[0].keys.clone();
        assert!(matches!(shared.check(), Err(GenesisError::SharedKey { .. })));
    }

    #[test]
    fn a_zone_that_nobody_could_govern_is_refused() {
        let mut genesis = genesis();
        genesis.organisations[2].keys.pop();
        let refused = genesis.check();
        assert!(matches!(refused, Err(GenesisError::NoQuorum { able: 1, needed: 2 })));
        genesis.organisations[2].keys.clear();
        genesis.policy.governance_quorum.of = 9;
        assert!(matches!(genesis.check(), Err(GenesisError::Policy { .. })));
    }

    #[test]
    fn another_protocol_and_unknown_fields_are_refused() {
        let mut other = genesis();
        other.protocol = 2;
        assert!(matches!(other.check(), Err(GenesisError::Protocol { found: 2 })));
        let text = genesis().to_json().replacen("\"zone\"", "\"extra\": 1, \"zone\"", 1);
        assert!(matches!(Genesis::from_json(text.as_bytes()), Err(GenesisError::Json(_))));
    }
}

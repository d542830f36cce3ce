//! The zone that is simulated: its validators, and what its enterprises submit.

use kanhe_consensus::Timeouts;
use kanhe_contracts::fixture;
use kanhe_contracts::policy::Policy;
use kanhe_contracts::registry::{Organisation, Role};
use kanhe_genesis::Genesis;
use kanhe_types::keys::{PublicKey, Scheme, SecretKey};
use kanhe_types::limits::PROTOCOL_VERSION;
use kanhe_types::submission::VerifiedSubmission;
use kanhe_types::time::Millis;
use kanhe_types::validator::Validator;

/// When the zone was founded, in milliseconds since 1970.
pub const FOUNDED_MS: u64 = 1_795_420_800_000;

/// The zone and everything that will be submitted to it.
pub struct World {
    /// The document of height 0.
    pub genesis: Genesis,
    /// The validators' secrets, by machine.
    pub secrets: Vec<SecretKey>,
    /// The keys that their nodes show on connections, by machine.
    pub node_secrets: Vec<SecretKey>,
    /// Their public keys.
    pub keys: Vec<PublicKey>,
    /// How many of the machines are founding validators; the others may become some.
    pub founders: usize,
    /// Signed submissions of one document each; every four make a trade.
    pub submissions: Vec<VerifiedSubmission>,
    /// The agreement's timeouts.
    pub timeouts: Timeouts,
}

impl World {
    /// A zone of `validators` with this many submissions to come.
    ///
    /// # Panics
    /// With more than 255 validators.
    pub fn new(validators: usize, submissions: usize) -> Self {
        Self::with_schemes(validators, 0, submissions, |_| Scheme::Ed25519)
    }

    /// The same, with machines beside that may become validators, and validators that sign by the
    /// scheme of their index.
    ///
    /// # Panics
    /// With more than 255 machines.
    pub fn with_schemes(
        validators: usize,
        reserve: usize,
        submissions: usize,
        scheme_of: impl Fn(usize) -> Scheme,
    ) -> Self {
        let machines = validators + reserve;
        let seeded = |kind: u8, number: usize, scheme: Scheme| {
            let mut seed = [kind; 32];
            seed[0] = u8::try_from(number).expect("few validators");
            SecretKey::new(scheme, seed).expect("such seeds are secrets of both schemes")
        };
        let secrets: Vec<SecretKey> = (0..machines).map(|i| seeded(1, i, scheme_of(i))).collect();
        let node_secrets: Vec<SecretKey> =
            (0..machines).map(|i| seeded(2, i, Scheme::Ed25519)).collect();
        let code = |i: usize| format!("AGENCY{i:02}");
        let mut organisations: Vec<Organisation> = (0..validators)
            .map(|i| fixture::organisation(&fixture::code(&code(i)), "虚构机关", &[Role::Agency]))
            .collect();
        organisations.extend(fixture::organisations());
        organisations.sort_by(|one, two| one.code.cmp(&two.code));
        let genesis = Genesis {
            zone: "虚构综试区（模拟）".into(),
            protocol: PROTOCOL_VERSION,
            time: Millis(FOUNDED_MS),
            validators: (0..validators)
                .map(|i| Validator {
                    organisation: code(i).parse().expect("a code"),
                    key: secrets[i].public_key(),
                    node: node_secrets[i].public_key(),
                })
                .collect(),
            organisations,
            policy: Policy::default(),
        };
        let hash = genesis.hash();
        let submissions = (0..submissions)
            .map(|number| {
                let trade = fixture::Trade::new(number as u64 / 4);
                let document = match number % 4 {
                    0 => fixture::list(&trade),
                    1 => fixture::order(&trade),
                    2 => fixture::waybill(&trade),
                    _ => fixture::payment(&trade),
                };
                let signer = fixture::signer(&trade, &document);
                fixture::submission(&hash, &signer, 50_000, &[document])
                    .verify(&hash)
                    .expect("a valid submission")
            })
            .collect();
        let timeouts = Timeouts {
            propose_ms: 400,
            prevote_ms: 150,
            precommit_ms: 150,
            delta_ms: 100,
            rebroadcast_ms: 400,
            max_ms: 3_000,
        };
        let keys = secrets.iter().map(SecretKey::public_key).collect();
        let founders = validators;
        Self { genesis, secrets, node_secrets, keys, founders, submissions, timeouts }
    }

    /// What a machine is, or would be, as a validator.
    ///
    /// # Panics
    /// If there is no such machine.
    pub fn validator(&self, machine: usize) -> Validator {
        Validator {
            organisation: fixture::code(&format!("AGENCY{:02}", machine % self.founders)),
            key: self.keys[machine],
            node: self.node_secrets[machine].public_key(),
        }
    }

    pub(super) fn index_of(&self, key: &PublicKey) -> usize {
        self.keys.iter().position(|own| own == key).expect("a validator's key")
    }
}

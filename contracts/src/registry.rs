//! Organisations: who may speak, in which role, with which keys.

use crate::case::load;
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::organisation_key_bytes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::keys::PublicKey;
use kanhe_types::time::CustomsDate;
use serde::{Deserialize, Serialize};

/// What an organisation is in the zone. It decides what the organisation may say and see.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A government agency: sees where every trade stands, attests, governs.
    Agency,
    /// An e-commerce platform: sends orders.
    Platform,
    /// A merchant: sends orders and lists.
    Merchant,
    /// A payment firm: sends payments.
    Payment,
    /// A carrier: sends waybills.
    Carrier,
    /// A declarant: sends lists for merchants.
    Declarant,
    /// A warehouse or supervised site.
    Warehouse,
    /// A bank.
    Bank,
    /// An insurer.
    Insurer,
    /// An auditor.
    Auditor,
    /// Customs (海关): of an agency, as the following. It sees documents that are its business.
    Customs,
    /// The tax authority (税务).
    Tax,
    /// The foreign exchange authority (外汇管理).
    Forex,
    /// The commerce authority (商务).
    Commerce,
    /// Market supervision (市场监管).
    Market,
    /// The postal authority (邮政).
    Post,
}

/// What a key is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    /// Signs submissions and requests.
    Operator,
    /// Changes the organisation's own keys; an agency's proposes and votes.
    Admin,
    /// Is shown by the organisation's node on connections.
    Node,
}

impl KeyPurpose {
    /// The name that JSON and figures use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Node => "node",
        }
    }
}

/// A key of an organisation and the heights between which it is valid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct OrganisationKey {
    /// The key.
    pub key: PublicKey,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// The first height at which it is valid.
    pub from: u64,
    /// The last height at which it is valid; none while it was not revoked.
    pub until: Option<u64>,
}

/// Whether an organisation may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It may.
    Active,
    /// It may not, for the time being.
    Suspended,
}

/// A registered organisation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its code.
    pub code: OrganisationCode,
    /// Its registered name.
    pub name: String,
    /// Its roles, ascending without repeats.
    pub roles: Vec<Role>,
    /// The park (园区) it belongs to, where it belongs to one.
    pub park: Option<String>,
    /// Whether it may act.
    pub status: Status,
    /// Its keys: those that hold or will, and the last that ended.
    pub keys: Vec<OrganisationKey>,
    /// Its filing (备案), where it has one.
    #[serde(default)]
    pub filing: Option<Filing>,
    /// Its licences (许可), ascending by kind and number.
    #[serde(default)]
    pub licences: Vec<Licence>,
    /// How often it was changed since it was registered. The history keeps what it was before.
    #[serde(default)]
    pub revision: u32,
}

/// The filing (备案) of an enterprise with an authority.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Filing {
    /// Its number.
    pub number: String,
    /// The authority that holds it.
    pub authority: String,
    /// When it was made.
    pub date: CustomsDate,
}

/// What a licence allows.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum LicenceKind {
    /// Payments over the internet (支付业务许可证，互联网支付).
    PaymentInternet,
    /// Express delivery (快递业务经营许可证).
    Express,
    /// What customs registered the enterprise for (海关注册登记).
    CustomsRegistration,
}

/// A licence of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// What it allows.
    pub kind: LicenceKind,
    /// Its number.
    pub number: String,
    /// The first day on which it is valid.
    pub from: CustomsDate,
    /// The last day on which it is valid, where it has an end.
    #[serde(default)]
    pub until: Option<CustomsDate>,
}

impl LicenceKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::PaymentInternet, Self::Express, Self::CustomsRegistration];

    /// The name that JSON and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Self::PaymentInternet => "payment_internet",
            Self::Express => "express",
            Self::CustomsRegistration => "customs_registration",
        }
    }

    /// What it is called in Chinese.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::PaymentInternet => "支付业务许可证（互联网支付）",
            Self::Express => "快递业务经营许可证",
            Self::CustomsRegistration => "海关注册登记",
        }
    }
}

impl Licence {
    /// Whether it is valid on a day.
    pub fn is_valid_on(&self, day: CustomsDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

impl Organisation {
    /// Its licence of a kind that is valid on a day.
    pub fn licence(&self, kind: LicenceKind, day: CustomsDate) -> Option<&Licence> {
        self.licences.iter().find(|own| own.kind == kind && own.is_valid_on(day))
    }

    /// Whether it has `role`.
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether `key` is its key for `purpose` at `height`.
    pub fn has_key(&self, key: &PublicKey, purpose: KeyPurpose, height: u64) -> bool {
        self.keys.iter().any(|own| {
            own.key == *key
                && own.purpose == purpose
                && own.from <= height
                && own.until.is_none_or(|until| height <= until)
        })
    }
}

/// The registered organisation with this code.
///
/// # Errors
/// When this machine cannot read its state.
pub fn organisation(
    state: &impl StateRead,
    code: &OrganisationCode,
) -> Result<Option<Organisation>, StateError> {
    load(state, &organisation_key_bytes(code))
}

/// Registers an organisation, or replaces what was registered under its code.
pub fn put_organisation<S: StateRead>(state: &mut Overlay<'_, S>, organisation: &Organisation) {
    state.put(organisation_key_bytes(&organisation.code), codec::encode(organisation));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::fixture::validator_set;
    use crate::governance::genesis_writes;
    use crate::policy::Policy;
    use crate::state::MemoryState;

    #[test]
    fn organisations_of_the_genesis_are_found_by_code() {
        let organisations = fixture::organisations();
        let mut state = MemoryState::default();
        state.apply(&genesis_writes(&organisations, &Policy::default(), 1, &validator_set(4)));
        for expected in &organisations {
            assert_eq!(organisation(&state, &expected.code).unwrap().as_ref(), Some(expected));
        }
        assert_eq!(organisation(&state, &"NOBODY".parse().unwrap()).unwrap(), None);
    }

    #[test]
    fn a_key_is_valid_from_its_first_height_to_its_last() {
        let mut own = fixture::organisations().remove(0);
        let key = own.keys[0].key;
        own.keys[0].from = 5;
        own.keys[0].until = Some(7);
        let valid = |height| own.has_key(&key, KeyPurpose::Operator, height);
        assert_eq!([4, 5, 7, 8].map(valid), [false, true, true, false]);
        assert!(!own.has_key(&key, KeyPurpose::Admin, 5));
    }

    #[test]
    fn an_organisation_that_is_put_replaces_the_one_before() {
        let base = MemoryState::default();
        let mut overlay = Overlay::new(&base);
        let mut own = fixture::organisations().remove(0);
        put_organisation(&mut overlay, &own);
        own.status = Status::Suspended;
        put_organisation(&mut overlay, &own);
        assert_eq!(organisation(&overlay, &own.code).unwrap(), Some(own));
    }
}

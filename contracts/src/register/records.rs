//! What the state keeps of registers.

use super::desk::Desk;
use super::{
    Actor, Certificate, Cover, CreditRecord, CustomsGrade, Dispute, FrozenLot, Fund, Journey,
    NegativeList, NettingStatement, OverseasAid, OverseasStock, Pledge, Receivable, Right,
    Stocktake, SubsidyClaim, TaxDeposit, TaxExemption, carry_out,
};
use crate::access::{Book, append_value};
use crate::case::{decode, load};
use crate::document::{self, Body, DocumentKind};
use crate::governance::Done;
use crate::policy::Policy;
use crate::rejection::Stop;
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::{
    book_entry_key_bytes, register_entry_key_bytes, register_list_key_bytes,
    register_number_key_bytes,
};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// From one table: `Register`, what an entry of each holds (`Content`), what a document says of one
/// (`Recorded`), and who judges it. A register, its kind of documents and what it keeps have one
/// name. The attributes of `Content` stand with the table, because its derived code must see the
/// same names. The numbers are permanent.
macro_rules! registers {
    (
        Content: $(#[$($content:tt)*])*;
        $($(#[$doc:meta])* $name:ident = $number:tt;)+
    ) => {
        /// Which register.
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Encode,
            Decode,
            Serialize,
            Deserialize,
        )]
        #[bincode(crate = "kanhe_types::codec::bincode")]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum Register {
            $($(#[$doc])* $name = $number,)+
        }

        impl Register {
            /// Every register.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The kind of its documents, whose name is the register's.
            pub fn kind(self) -> DocumentKind {
                match self {
                    $(Self::$name => DocumentKind::$name,)+
                }
            }
        }

        $(#[$($content)*])*
        pub enum Content {
            $($(#[$doc])* $name($name),)+
        }

        /// What a document says of an entry.
        #[allow(clippy::large_enum_variant, reason = "each stands in a box of its own already")]
        pub(crate) enum Recorded {
            $($name(document::$name),)+
        }

        /// What the entry is found by of which a document says something; none of other documents.
        pub fn entry_key(body: &Body) -> Option<EntryKey> {
            let (register, owner, number) = match body {
                $(Body::$name(own) => (Register::$name, &own.owner, &own.number),)+
                _ => return None,
            };
            Some(EntryKey { register, owner: owner.clone(), number: number.clone() })
        }

        /// Carries an act out. `before` is the state when the block began.
        pub(crate) fn act<'a, S: StateRead>(
            state: &mut Overlay<'a, S>,
            before: &'a S,
            policy: &Policy,
            actor: &Actor<'_>,
            said: Recorded,
        ) -> Result<Done, Stop> {
            match said {
                $(Recorded::$name(own) => {
                    let (owner, number) = (own.owner, own.number);
                    let key = EntryKey { register: Register::$name, owner, number };
                    let desk = Desk { state, before, policy, actor, key };
                    carry_out(desk, own.act, Content::$name, |content| match content {
                        Content::$name(own) => Some(own),
                        _ => None,
                    })
                })+
            }
        }
    };
}

registers! {
    Content:
    /// What an entry is of.
    #[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
    #[bincode(crate = "kanhe_types::codec::bincode")]
    #[serde(rename_all = "snake_case")];

    /// Disputes over trades.
    Dispute = 1;
    /// Certificates of goods.
    Certificate = 2;
    /// Receivables of exporters.
    Receivable = 3;
    /// Insurance covers of trades.
    Cover = 4;
    /// Registrations of tax-exempt exports.
    TaxExemption = 5;
    /// Special funds of agencies.
    Fund = 6;
    /// Claims of subsidies.
    SubsidyClaim = 7;
    /// Journeys of goods under one bill.
    Journey = 12;
    /// Lots of frozen meat.
    FrozenLot = 10;
    /// Stock of overseas warehouses.
    OverseasStock = 11;
    /// Entries of the negative list.
    NegativeList = 13;
    /// Facts about organisations' credit.
    CreditRecord = 14;
    /// Grades that customs gives.
    CustomsGrade = 15;
    /// Rights in brands, works and inventions.
    Right = 16;
    /// Cases of overseas aid.
    OverseasAid = 17;
    /// Counts of account books' goods.
    Stocktake = 18;
    /// Deposits of merchants for the tax of their imports.
    TaxDeposit = 19;
    /// What was kept back of exporters' receipts.
    NettingStatement = 20;
}

impl Register {
    /// Its name in JSON, on the command line, and in paths.
    pub fn name(self) -> &'static str {
        self.kind().name()
    }

    /// The register with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|register| register.name() == name)
    }
}

/// What an entry is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct EntryKey {
    /// The register.
    pub register: Register,
    /// Who opened it.
    pub owner: OrganisationCode,
    /// The owner's number for it.
    pub number: String,
}

/// An entry of a register, with everything that was done about it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Entry {
    /// What it is found by.
    pub key: EntryKey,
    /// Its acts, in their order; the first opened it.
    pub steps: Vec<Step>,
    /// What follows from them.
    pub content: Content,
}

/// One act of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Step {
    /// The identity of its document.
    pub document: Hash,
    /// Who did it.
    pub signer: OrganisationCode,
    /// The height at which it was accepted.
    pub height: u64,
    /// The block time of that height.
    pub time: Millis,
}

impl Entry {
    /// The organisations that see all of it, ascending: its owner, and whom it names.
    pub fn parties(&self) -> Vec<OrganisationCode> {
        let named: Vec<&OrganisationCode> = match &self.content {
            Content::Dispute(own) => vec![&own.claim.respondent],
            Content::Journey(own) => {
                own.legs.iter().filter_map(|leg| leg.plan.carrier.as_ref()).collect()
            }
            Content::FrozenLot(own) => own.keepers.iter().collect(),
            Content::Cover(own) => vec![&own.facts.insured],
            Content::SubsidyClaim(own) => vec![&own.fund.owner],
            Content::NegativeList(own) => vec![&own.notice.organisation],
            Content::CreditRecord(own) => vec![&own.fact.organisation],
            Content::CustomsGrade(own) => vec![&own.facts.organisation],
            Content::Stocktake(own) => vec![&own.area_code],
            Content::TaxDeposit(own) => vec![&own.merchant],
            Content::NettingStatement(own) => vec![&own.facts.merchant],
            Content::Certificate(_)
            | Content::Receivable(_)
            | Content::TaxExemption(_)
            | Content::OverseasStock(_)
            | Content::Right(_)
            | Content::OverseasAid(_)
            | Content::Fund(_) => Vec::new(),
        };
        self.with_owner(named)
    }

    /// The organisations among whose entries it is listed, ascending: its parties, and those that
    /// see a part of it.
    pub fn listed_for(&self) -> Vec<OrganisationCode> {
        match &self.content {
            Content::Receivable(own) => {
                self.with_owner(own.pledges.iter().map(|pledge| &pledge.facts.bank).collect())
            }
            _ => self.parties(),
        }
    }

    fn with_owner(&self, named: Vec<&OrganisationCode>) -> Vec<OrganisationCode> {
        let mut all: Vec<OrganisationCode> = named.into_iter().cloned().collect();
        all.push(self.key.owner.clone());
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What an organisation sees of it by itself: a party all of it, a bank its own pledges,
    /// everybody a fund. What is an agency's business it sees whole.
    pub fn shown_to(&self, organisation: &OrganisationCode) -> Option<Self> {
        if self.parties().contains(organisation) {
            return Some(self.clone());
        }
        match &self.content {
            Content::Receivable(own) => {
                let own = own.shown_to(organisation)?;
                let is_its = |step: &&Step| {
                    let pledged = |pledge: &Pledge| pledge.document == step.document;
                    step.signer == *organisation || own.pledges.iter().any(pledged)
                };
                let steps = self.steps.iter().filter(is_its).cloned().collect();
                Some(Self { key: self.key.clone(), steps, content: Content::Receivable(own) })
            }
            // What a fund subsidises, and how much is left of it, is public.
            Content::Fund(_) => Some(self.clone()),
            _ => None,
        }
    }
}

/// The entry that this key leads to.
///
/// # Errors
/// When this machine cannot read its state.
pub fn entry(state: &impl StateRead, key: &EntryKey) -> Result<Option<Entry>, StateError> {
    load(state, &register_entry_key_bytes(key))
}

/// How many entries a register has; they are numbered from 1.
///
/// # Errors
/// When this machine cannot read its state.
pub fn entries(state: &impl StateRead, register: Register) -> Result<u64, StateError> {
    Ok(load(state, &register_list_key_bytes(register))?.unwrap_or(0))
}

/// What the entry with this number is found by: of a register, or among those of all registers
/// that an organisation is party to, whose count [`crate::access::entries`] has.
///
/// # Errors
/// When this machine cannot read its state.
pub fn entry_of(
    state: &impl StateRead,
    list: Result<Register, &OrganisationCode>,
    number: u64,
) -> Result<Option<EntryKey>, StateError> {
    let key = match list {
        Ok(register) => register_number_key_bytes(register, number),
        Err(organisation) => book_entry_key_bytes(Book::Registers as u8, organisation, number),
    };
    state.get(&key)?.map(|bytes| decode(&key, &bytes)).transpose()
}

/// Numbers a new entry, in its register and with those whom it is listed for.
pub(super) fn enter<S: StateRead>(
    state: &mut Overlay<'_, S>,
    entry: &Entry,
) -> Result<(), StateError> {
    let number = entries(state, entry.key.register)?.saturating_add(1);
    state.put(register_list_key_bytes(entry.key.register), codec::encode(&number));
    let key = register_number_key_bytes(entry.key.register, number);
    state.put(key, codec::encode(&entry.key));
    list_for(state, entry, &[])
}

/// Numbers an entry with those whom it was not listed for before.
pub(super) fn list_for<S: StateRead>(
    state: &mut Overlay<'_, S>,
    entry: &Entry,
    before: &[OrganisationCode],
) -> Result<(), StateError> {
    for organisation in entry.listed_for().iter().filter(|own| !before.contains(own)) {
        append_value(state, Book::Registers, organisation, codec::encode(&entry.key))?;
    }
    Ok(())
}

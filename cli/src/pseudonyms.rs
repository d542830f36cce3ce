//! Pseudonyms from the zone's service, or from a localnet's shared key.
//!
//! The service learns how many values it is asked about and nothing of them: they travel blinded.
//! Whether it used the key that the zone's policy states is checked with every answer, and what the
//! policy states is believed when more than a third of the validators say it, so that one of them
//! cannot name a key of its own. In one run each value is asked for once; nothing is kept after it.

use crate::answer::CliError;
use crate::client::{Client, ClientError};
use crate::member::Member;
use crate::progress::Progress;
use kanhe_api::pseudonym::{EvaluationAnswer, EvaluationRequest};
use kanhe_api::view::StatusView;
use kanhe_api::{ErrorCode, path};
use kanhe_contracts::document::Document;
use kanhe_gateway::convert::convert;
use kanhe_gateway::error::FieldError;
use kanhe_gateway::personal::{Known, PersonalValue, Scopes, Wanted};
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_gateway::raw::RawMessage;
use kanhe_gateway::read::{Loaded, Message};
use kanhe_privacy::oprf::{Blinded, Evaluated};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::limits::EVALUATIONS_MAX;
use kanhe_types::pseudonym::{FunctionKey, Pseudonym, PseudonymScope, PseudonymServiceKey};
use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

/// A service that does not answer is asked again for so long.
const GIVE_UP_AFTER: Duration = Duration::from_secs(60);
/// The pause between two attempts, beside those that each attempt makes by itself.
const PAUSE: Duration = Duration::from_secs(2);
/// Pseudonyms that one run remembers, at most; beyond, values are asked for again.
const KNOWN_MAX: usize = 2_000_000;

/// Where pseudonyms come from.
pub enum Pseudonyms {
    /// A localnet's shared key.
    Local(PseudonymKey),
    /// The zone's service.
    Service(Box<ServicePseudonyms>),
}

/// Pseudonyms of a service, and those it gave already in this run.
pub struct ServicePseudonyms {
    client: Client,
    zone: Zone,
    /// The keys that the policy states; learnt when something personal is to be sent.
    keys: Option<Keys>,
    wish: Wish,
    known: BTreeMap<PersonalValue, Pseudonym>,
}

/// The validators that are asked for the zone's keys.
struct Zone {
    client: Client,
    /// How many must say the same.
    needed: usize,
}

/// Keys, and which of them documents take.
struct Keys {
    keys: Vec<PseudonymServiceKey>,
    scopes: Scopes,
}

/// Which keys are wanted.
enum Wish {
    /// Those of the documents' years.
    Documents,
    /// That of one year, whatever documents say of theirs.
    Year(u16),
    /// This one.
    Scope(PseudonymScope),
}

impl Pseudonyms {
    /// Learns the pseudonyms of everything personal in these files.
    ///
    /// # Errors
    /// When the service does not answer, or does not answer rightly.
    pub fn learn<'a>(
        &mut self,
        files: impl Iterator<Item = &'a Loaded>,
        progress: &mut Progress,
    ) -> Result<(), CliError> {
        let Self::Service(service) = self else { return Ok(()) };
        let files = files.filter(|file| file.is_message()).collect::<Vec<_>>();
        if files.is_empty() {
            return Ok(());
        }
        let wanted = Wanted::new(&service.keys()?.scopes);
        for file in files {
            file.look_through(&wanted);
        }
        let values = wanted.into_values();
        service.learn(values, progress)
    }

    /// The typed documents of one message, each with what is wrong with it; `file` names it.
    ///
    /// # Errors
    /// As [`Self::learn`].
    pub fn convert_raw(
        &mut self,
        raw: &RawMessage,
        file: &str,
    ) -> Result<Vec<Result<Document, FieldError>>, CliError> {
        let converted = match self {
            Self::Local(key) => convert(raw, file, key),
            Self::Service(own) => {
                let wanted = Wanted::new(&own.keys()?.scopes);
                drop(convert(raw, file, &wanted));
                let values = wanted.into_values();
                own.learn(values, &mut Progress::new("pseudonyms", 0))?;
                convert(raw, file, &own.given())
            }
        };
        Ok(converted.into_iter().map(|found| found.map(|(_, document)| document)).collect())
    }

    /// The typed documents of a file whose values were learnt.
    pub fn convert(&self, file: Loaded) -> Message {
        match self {
            Self::Local(key) => file.convert(key),
            Self::Service(own) => file.convert(&own.given()),
        }
    }
}

impl ServicePseudonyms {
    /// The pseudonyms of the service at `apis`, for a member. Nobody is asked yet. `year` outweighs
    /// the documents' own.
    ///
    /// # Errors
    /// When there are no addresses.
    pub fn new(member: &Member, apis: &[String], year: Option<u16>) -> Result<Self, CliError> {
        let wish = year.map_or(Wish::Documents, Wish::Year);
        let zone = Zone::of(member);
        let client = member.client.at(apis)?;
        Ok(Self { client, zone, keys: None, wish, known: BTreeMap::new() })
    }

    /// The pseudonyms of one scope, whatever documents say of their year.
    ///
    /// # Errors
    /// When there are no addresses.
    pub fn of_scope(
        member: &Member,
        apis: &[String],
        scope: PseudonymScope,
    ) -> Result<Self, CliError> {
        Ok(Self { wish: Wish::Scope(scope), ..Self::new(member, apis, None)? })
    }

    /// The keys that are wanted, learnt once.
    fn keys(&mut self) -> Result<&Keys, CliError> {
        if self.keys.is_none() {
            self.keys = Some(Keys::learn(&self.zone, &self.wish)?);
        }
        Ok(self.keys.as_ref().expect("they were learnt above"))
    }

    /// What the service gave so far.
    fn given(&self) -> Known<'_> {
        static NONE: Scopes = Scopes::none();
        Known::new(self.keys.as_ref().map_or(&NONE, |keys| &keys.scopes), &self.known)
    }

    /// Learns the pseudonyms of values, those that are not known yet.
    ///
    /// # Errors
    /// When the service does not answer, or does not answer rightly.
    pub fn learn(
        &mut self,
        values: BTreeSet<PersonalValue>,
        progress: &mut Progress,
    ) -> Result<(), CliError> {
        if KNOWN_MAX < self.known.len() {
            self.known.clear();
        }
        let mut by_scope: BTreeMap<PseudonymScope, Vec<PersonalValue>> = BTreeMap::new();
        for value in values {
            if !self.known.contains_key(&value) {
                by_scope.entry(value.scope).or_default().push(value);
            }
        }
        for (scope, values) in by_scope {
            for part in values.chunks(EVALUATIONS_MAX) {
                let pseudonyms = self.ask(scope, part, progress)?;
                self.known.extend(part.iter().cloned().zip(pseudonyms));
            }
        }
        Ok(())
    }

    fn ask(
        &mut self,
        scope: PseudonymScope,
        values: &[PersonalValue],
        progress: &mut Progress,
    ) -> Result<Vec<Pseudonym>, CliError> {
        let keys = self.keys.iter().flat_map(|keys| &keys.keys);
        let key = keys.clone().find(|key| key.scope == scope).cloned();
        let key = key.ok_or_else(|| CliError::unknown("the zone has no such pseudonym key"))?;
        let inputs =
            values.iter().map(|value| Pseudonym::function_input(value.kind, &value.normal));
        let blinded = Blinded::new(inputs.collect())
            .map_err(|error| CliError::because("personal values cannot be blinded", error))?;
        let request = EvaluationRequest { scope, elements: blinded.elements().to_vec() };
        let answer = self.post(&codec::encode(&request), &key.organisation, progress)?;
        let wrong = |reason: String| {
            CliError::unknown(format!(
                "the pseudonym service of {} answers wrongly: {reason}. Nothing was made of its \
                 answer; tell the agency, and check `pseudonym_service` in member.json",
                key.organisation
            ))
        };
        let (elements, proof) =
            answer.read().ok_or_else(|| wrong("the answer does not have its form".into()))?;
        let outputs = blinded
            .finish(key.public_key, &Evaluated { elements, proof })
            .map_err(|error| wrong(error.to_string()))?;
        let pseudonyms = values.iter().zip(&outputs);
        Ok(pseudonyms.map(|(own, output)| Pseudonym::of_output(scope, own.kind, output)).collect())
    }

    /// Posts a request; a service that is down for a moment is waited for.
    fn post(
        &self,
        body: &[u8],
        holder: &OrganisationCode,
        progress: &mut Progress,
    ) -> Result<EvaluationAnswer, CliError> {
        let started = Instant::now();
        loop {
            let error = match self.client.post(path::PSEUDONYMS, body) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if !is_worth_waiting(&error) {
                return Err(refusal(error));
            }
            if GIVE_UP_AFTER < started.elapsed() {
                return Err(CliError::because(
                    format!(
                        "the pseudonym service of {holder} does not answer; documents with \
                         personal values cannot be made without it. What was sent before stands; \
                         run the same command again when it is back, the ledger takes nothing \
                         twice"
                    ),
                    error,
                ));
            }
            progress.show();
            thread::sleep(PAUSE);
        }
    }
}

impl Keys {
    fn learn(zone: &Zone, wish: &Wish) -> Result<Self, CliError> {
        let mut keys = zone.stated_keys()?;
        if keys.is_empty() {
            return Err(CliError::No(
                "the zone's policy states no pseudonym key; an agency proposes one with `kanhe \
                 pseudonym prepare` and `kanhe gov propose policy`"
                    .into(),
            ));
        }
        let all = keys.iter().map(|key| key.scope);
        let scopes = match wish {
            Wish::Documents => Scopes::new(all, None),
            Wish::Year(year) => Scopes::new(all, Some(*year)),
            Wish::Scope(scope) => {
                keys.retain(|key| key.scope == *scope);
                Scopes::new([*scope], Some(scope.epoch))
            }
        };
        let is_known = match wish {
            Wish::Documents => true,
            Wish::Year(year) => scopes.of_year(*year).is_some(),
            Wish::Scope(_) => !keys.is_empty(),
        };
        if !is_known {
            return Err(CliError::No(
                "the zone has no pseudonym key of this number and year; `kanhe pseudonym keys` \
                 lists those it has"
                    .into(),
            ));
        }
        Ok(Self { keys, scopes })
    }
}

/// Whether the service may answer in a moment.
fn is_worth_waiting(error: &ClientError) -> bool {
    match error {
        ClientError::Api { error, .. } => error.retryable,
        ClientError::Silent { .. } | ClientError::Unreachable { .. } => true,
        _ => false,
    }
}

/// A refusal that an hour heals is not a no.
fn refusal(error: ClientError) -> CliError {
    match (error.code(), &error) {
        (Some(ErrorCode::PseudonymLimit), ClientError::Api { error, .. }) => {
            CliError::unknown(format!("{}; {}", error.message, error.remedy))
        }
        _ => error.into(),
    }
}

/// The keys that the policy states, as more than a third of the validators say: one of them is
/// honest.
///
/// # Errors
/// When too few of them say the same.
pub fn stated_keys(member: &Member) -> Result<Vec<PseudonymServiceKey>, CliError> {
    Zone::of(member).stated_keys()
}

impl Zone {
    fn of(member: &Member) -> Self {
        let needed = member.genesis.validators.len() / 3 + 1;
        Self { client: member.client.another(), needed }
    }

    fn stated_keys(&self) -> Result<Vec<PseudonymServiceKey>, CliError> {
        let needed = self.needed;
        let mut statements: BTreeMap<OrganisationCode, Vec<PseudonymServiceKey>> = BTreeMap::new();
        let (mut found, mut refused) = (None, None);
        self.client.get_from_each(path::STATUS, |answer: Result<StatusView, ClientError>| {
            let status = match answer {
                Ok(status) => status,
                Err(error) => {
                    refused = refused.take().or(error.code().map(|_| error));
                    return false;
                }
            };
            let keys = status.policy.pseudonym_keys;
            statements.insert(status.organisation, keys.clone());
            let agreeing = statements.values().filter(|stated| **stated == keys).count();
            if needed <= agreeing {
                found = Some(keys);
            }
            found.is_some()
        });
        found.ok_or_else(|| {
        // Who may not ask learns that, and not how many would have to answer.
        if let (true, Some(refused)) = (statements.is_empty(), refused) {
            return refused.into();
        }
        CliError::unknown(format!(
            "{} validators answer, and {needed} must state the same pseudonym keys before they are \
             believed; check that validators run, and add the addresses of more to `api` in \
             member.json",
            statements.len()
        ))
    })
    }
}

/// A public key in few digits, for people.
pub fn short(key: FunctionKey) -> String {
    key.to_string().chars().take(16).collect()
}

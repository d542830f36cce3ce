//! The pseudonym service: part of the node of the agency that keeps the zone's keys for pseudonyms.
//!
//! It evaluates the function of RFC 9497 on blinded values, for registered organisations, so many
//! an hour for each. It never sees a value, and what it logs are counts. Which keys the zone has
//! stands in the policy; a key of this home that is not the policy's is not used.

use crate::home::PseudonymServiceConfig;
use crate::keystore::{self, KeystoreError, Passphrase};
use kanhe_contracts::policy::Policy;
use kanhe_privacy::oprf::{Element, Evaluated, EvaluationKey, OprfError, check_count};
use kanhe_types::code::OrganisationCode;
use kanhe_types::pseudonym::{PseudonymScope, PseudonymServiceKey};
use kanhe_types::time::{CustomsTime, Millis};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// Evaluations of one organisation in an hour where the node's configuration names no number: ten
/// a second, and few enough that trying the identity numbers of one district takes years.
pub const EVALUATIONS_PER_HOUR_DEFAULT: u32 = 36_000;
/// Enterprises are answered from so many days before a key's year,
pub const DAYS_BEFORE_YEAR: u64 = 30;
/// to so many after it: documents of the old year come late. Agencies are answered for every year,
/// because they check old documents.
pub const DAYS_AFTER_YEAR: u64 = 90;

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Keys and their use.
pub struct PseudonymService {
    organisation: OrganisationCode,
    seeds: BTreeMap<u32, Zeroizing<[u8; 32]>>,
    limits: Limits,
    keys: Mutex<BTreeMap<PseudonymScope, Arc<EvaluationKey>>>,
    usage: Mutex<BTreeMap<OrganisationCode, Usage>>,
}

/// Evaluations an hour.
#[derive(Clone, Debug)]
struct Limits {
    of_each: u32,
    of_some: BTreeMap<OrganisationCode, u32>,
}

/// What an organisation asked for in one hour.
#[derive(Clone, Copy, Debug, Default)]
struct Usage {
    hour: u64,
    evaluations: u32,
    /// Whether the log already says that the most of the limit is used.
    is_warned: bool,
}

/// Who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The organisation.
    pub organisation: &'a OrganisationCode,
    /// Agencies are answered for every year.
    pub is_agency: bool,
    /// The node's time.
    pub now: Millis,
}

/// The service does not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The policy has no such key, or another agency keeps it.
    #[error("this node holds no pseudonym key {} for {}", .scope.key_id, .scope.epoch)]
    NotServed {
        /// The scope.
        scope: PseudonymScope,
        /// The agency that keeps the key, where the policy names one.
        holder: Option<OrganisationCode>,
    },
    /// The key in the home is not the one of the policy.
    #[error("this node's pseudonym key {} for {} is not the one of the policy", .scope.key_id, .scope.epoch)]
    OtherKey {
        /// The scope.
        scope: PseudonymScope,
    },
    /// The key's year is over, or far ahead.
    #[error("pseudonym keys of {epoch} are not in use now")]
    OtherYear {
        /// The year.
        epoch: u16,
    },
    /// The organisation has used its limit.
    #[error(
        "{organisation} has used {used} of {limit} evaluations of this hour, {wanted} more are wanted"
    )]
    Limit {
        /// Who.
        organisation: OrganisationCode,
        /// How many it used.
        used: u32,
        /// How many it may.
        limit: u32,
        /// How many it asks for now.
        wanted: u32,
        /// When the next hour begins, in milliseconds from now.
        next_ms: u64,
    },
    /// The request is malformed, or this machine has no randomness.
    #[error(transparent)]
    Oprf(#[from] OprfError),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change under the locks is one call.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PseudonymService {
    /// Opens the keys that the configuration names, in the folder of the home's keys.
    ///
    /// # Errors
    /// When a key file cannot be opened.
    pub fn open(
        organisation: OrganisationCode,
        config: &PseudonymServiceConfig,
        keys: &Path,
        passphrase: &Passphrase,
    ) -> Result<Self, KeystoreError> {
        let mut seeds = BTreeMap::new();
        for key_id in &config.keys {
            let secret = keystore::load(&keys.join(key_file(*key_id)), passphrase)?;
            seeds.insert(*key_id, Zeroizing::new(*secret.bytes()));
        }
        Ok(Self::new(organisation, seeds, config))
    }

    /// A service with the seeds of its keys, by their numbers.
    pub(crate) fn new(
        organisation: OrganisationCode,
        seeds: BTreeMap<u32, Zeroizing<[u8; 32]>>,
        config: &PseudonymServiceConfig,
    ) -> Self {
        let of_each = config.evaluations_per_hour.unwrap_or(EVALUATIONS_PER_HOUR_DEFAULT);
        let limits = Limits { of_each, of_some: config.limits.clone() };
        Self { organisation, seeds, limits, keys: Mutex::default(), usage: Mutex::default() }
    }

    /// Evaluates the function of a scope on blinded values.
    ///
    /// # Errors
    /// When the policy or the limits say no, or a value is malformed. A malformed value counts
    /// against the limit all the same.
    pub fn evaluate(
        &self,
        policy: &Policy,
        asker: &Asker<'_>,
        scope: PseudonymScope,
        elements: &[Element],
    ) -> Result<Evaluated, Refused> {
        let key = self.key(policy, scope)?;
        if !asker.is_agency && !is_in_use(scope.epoch, asker.now) {
            return Err(Refused::OtherYear { epoch: scope.epoch });
        }
        check_count(elements.len())?;
        self.count(asker, u32::try_from(elements.len()).unwrap_or(u32::MAX))?;
        Ok(key.evaluate(elements)?)
    }

    /// The key of a scope, derived once, if it is the policy's.
    fn key(&self, policy: &Policy, scope: PseudonymScope) -> Result<Arc<EvaluationKey>, Refused> {
        let stated = policy.pseudonym_key(scope);
        let own = stated.filter(|key| key.organisation == self.organisation);
        let seed = own.and_then(|key| Some((key, self.seeds.get(&scope.key_id)?)));
        let Some((stated, seed)) = seed else {
            let holder = stated.map(|key| key.organisation.clone());
            return Err(Refused::NotServed { scope, holder });
        };
        let key = {
            let mut keys = lock(&self.keys);
            let key = keys.entry(scope);
            Arc::clone(key.or_insert_with(|| Arc::new(EvaluationKey::derive(seed, scope))))
        };
        match key.public_key() == stated.public_key {
            true => Ok(key),
            false => Err(Refused::OtherKey { scope }),
        }
    }

    fn count(&self, asker: &Asker<'_>, wanted: u32) -> Result<(), Refused> {
        let organisation = asker.organisation;
        let limit = self.limits.of_some.get(organisation).copied();
        let limit = limit.unwrap_or(self.limits.of_each);
        let hour = asker.now.0 / HOUR_MS;
        let mut usage = lock(&self.usage);
        let used = usage.entry(organisation.clone()).or_default();
        if used.hour != hour {
            *used = Usage { hour, ..Usage::default() };
        }
        let after = used.evaluations.saturating_add(wanted);
        if limit < after {
            let next_ms = HOUR_MS - asker.now.0 % HOUR_MS;
            let used = used.evaluations;
            let organisation = organisation.clone();
            return Err(Refused::Limit { organisation, used, limit, wanted, next_ms });
        }
        used.evaluations = after;
        // Somebody who tries values uses all of the limit, hour after hour.
        if u64::from(limit) * 4 <= u64::from(after) * 5 && !used.is_warned {
            used.is_warned = true;
            tracing::warn!(%organisation, evaluations = after, limit, "most of a limit of pseudonyms is used");
        }
        Ok(())
    }

    /// The keys of the policy that this node should serve and cannot, with the reason.
    pub fn faults(&self, policy: &Policy) -> Vec<Refused> {
        let own = policy.pseudonym_keys.iter().filter(|key| key.organisation == self.organisation);
        own.filter_map(|key| self.key(policy, key.scope).err()).collect()
    }

    /// The entry of a policy for a key of this home.
    pub fn entry(&self, scope: PseudonymScope) -> Option<PseudonymServiceKey> {
        let seed = self.seeds.get(&scope.key_id)?;
        let public_key = EvaluationKey::derive(seed, scope).public_key();
        Some(PseudonymServiceKey { scope, organisation: self.organisation.clone(), public_key })
    }
}

/// The file of a key for pseudonyms, in the folder of a home's keys.
pub fn key_file(key_id: u32) -> String {
    format!("pseudonym-{key_id}.pem")
}

/// Whether documents of `epoch` may still, or already, be sent.
fn is_in_use(epoch: u16, now: Millis) -> bool {
    let year = |millis: u64| CustomsTime::from_millis(Millis(millis)).year();
    let epoch = u64::from(epoch);
    let earliest = year(now.0.saturating_sub(DAYS_AFTER_YEAR * DAY_MS));
    let latest = year(now.0.saturating_add(DAYS_BEFORE_YEAR * DAY_MS));
    (earliest..=latest).contains(&epoch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keystore::Cost;
    use kanhe_privacy::oprf::Blinded;
    use kanhe_types::keys::Scheme;

    const SCOPE: PseudonymScope = PseudonymScope { key_id: 1, epoch: 2026 };
    /// 23 November 2026.
    const NOW: Millis = Millis(1_795_420_800_000);

    fn code(text: &str) -> OrganisationCode {
        text.parse().expect("a code")
    }

    fn service() -> (PseudonymService, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let passphrase = Passphrase::new("sesame".into()).expect("not empty");
        let path = folder.path().join(key_file(1));
        keystore::create(&path, Scheme::Ed25519, &passphrase, Cost::Localnet)
            .expect("the path is free");
        let config = PseudonymServiceConfig {
            keys: vec![1],
            evaluations_per_hour: Some(10),
            limits: BTreeMap::from([(code("LARGE"), 20)]),
        };
        let service = PseudonymService::open(code("CUSTOMS"), &config, folder.path(), &passphrase);
        (service.expect("the key opens"), folder)
    }

    fn policy(service: &PseudonymService, scopes: &[PseudonymScope]) -> Policy {
        let keys = scopes.iter().map(|scope| service.entry(*scope).expect("its own number"));
        Policy { pseudonym_keys: keys.collect(), ..Policy::default() }
    }

    fn ask(
        service: &PseudonymService,
        policy: &Policy,
        asker: (&str, Millis),
        scope: PseudonymScope,
        count: usize,
    ) -> Result<Evaluated, Refused> {
        let blinded = Blinded::new(vec![b"x".to_vec(); count]).expect("few values");
        let organisation = &code(asker.0);
        let is_agency = asker.0 == "TAX";
        let asker = Asker { organisation, is_agency, now: asker.1 };
        service.evaluate(policy, &asker, scope, blinded.elements())
    }

    #[test]
    fn each_organisation_has_a_limit_for_each_hour() {
        let (service, _folder) = service();
        let policy = policy(&service, &[SCOPE]);
        let asked = |who: &str, at, count| {
            ask(&service, &policy, (who, at), SCOPE, count)
                .map(|_| ())
                .map_err(|refused| matches!(refused, Refused::Limit { .. }))
        };
        assert_eq!(asked("ONE", NOW, 10), Ok(()));
        assert_eq!(asked("ONE", NOW, 1), Err(true));
        assert_eq!(asked("TWO", NOW, 11), Err(true));
        assert_eq!(asked("TWO", NOW, 10), Ok(()));
        assert_eq!(asked("LARGE", NOW, 20), Ok(()));
        assert_eq!(asked("LARGE", NOW, 1), Err(true));
        assert_eq!(asked("ONE", Millis(NOW.0 + HOUR_MS), 10), Ok(()));
        let refused = ask(&service, &policy, ("TWO", NOW), SCOPE, 1).expect_err("over the limit");
        let Refused::Limit { used, limit, next_ms, .. } = refused else { unreachable!() };
        assert!(used == 10 && limit == 10 && 0 < next_ms && next_ms <= HOUR_MS);
    }

    #[test]
    fn what_is_malformed_counts_and_is_named() {
        let (service, _folder) = service();
        let policy = policy(&service, &[SCOPE]);
        let organisation = &code("ONE");
        let asker = Asker { organisation, is_agency: false, now: NOW };
        let bad = [[0xFF; 32]; 6];
        let refused = service.evaluate(&policy, &asker, SCOPE, &bad);
        assert_eq!(refused, Err(Refused::Oprf(OprfError::Element { index: 0 })));
        let refused = service.evaluate(&policy, &asker, SCOPE, &bad);
        assert!(matches!(refused, Err(Refused::Limit { used: 6, .. })));
    }

    #[test]
    fn a_years_keys_are_for_its_documents_and_later_for_agencies_alone() {
        let (service, _folder) = service();
        let of = |epoch| PseudonymScope { epoch, ..SCOPE };
        let policy = policy(&service, &[of(2025), of(2026), of(2027)]);
        let time = |text: &str| text.parse::<CustomsTime>().expect("a time").millis();
        for (epoch, from, until) in
            [(2026, "20251202000000", "20270401000000"), (2027, "20261202000000", "20280331000000")]
        {
            for (at, is_answered) in [
                (time(from).0 - 1, false),
                (time(from).0, true),
                (time(until).0 - 1, true),
                (time(until).0, false),
            ] {
                let answer = ask(&service, &policy, ("ONE", Millis(at)), of(epoch), 1);
                assert_eq!(answer.is_ok(), is_answered, "{epoch} at {at}");
            }
        }
        let late = ask(&service, &policy, ("ONE", NOW), of(2025), 1);
        assert_eq!(late, Err(Refused::OtherYear { epoch: 2025 }));
        assert!(ask(&service, &policy, ("TAX", NOW), of(2025), 1).is_ok());
    }

    #[test]
    fn a_key_that_is_not_the_policys_is_not_used() {
        let (service, _folder) = service();
        let mut policy = policy(&service, &[SCOPE]);
        assert_eq!(service.faults(&policy), []);
        let other = PseudonymScope { key_id: 2, ..SCOPE };
        let refused = ask(&service, &policy, ("ONE", NOW), other, 1);
        assert_eq!(refused, Err(Refused::NotServed { scope: other, holder: None }));
        policy.pseudonym_keys[0].public_key.0[0] ^= 1;
        let refused = ask(&service, &policy, ("ONE", NOW), SCOPE, 1);
        assert_eq!(refused, Err(Refused::OtherKey { scope: SCOPE }));
        assert_eq!(service.faults(&policy), [Refused::OtherKey { scope: SCOPE }]);
        policy.pseudonym_keys[0].organisation = code("TAX");
        let holder = Some(code("TAX"));
        let refused = ask(&service, &policy, ("ONE", NOW), SCOPE, 1);
        assert_eq!(refused, Err(Refused::NotServed { scope: SCOPE, holder }));
        assert_eq!(service.faults(&policy), []);
    }
}

//! Changes of the validator set, tried on a state.
//!
//! What several changes of one proposal come to is one set. It decides from `EXECUTION_LAG + 1`
//! heights after the changes became active on: by then every header can name it before it decides.

use super::change::Change;
use super::draft::Draft;
use super::records::{self, ValidatorSetRecord};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::keys::{PublicKey, Scheme};
use kanhe_types::limits::{EXECUTION_LAG, VALIDATORS_MAX};
use kanhe_types::validator::{Validator, ValidatorSet};

/// Whether some of the changes are of validators.
pub(super) fn change_validators(changes: &[Change]) -> bool {
    changes.iter().any(|change| {
        matches!(
            change,
            Change::AddValidator { .. }
                | Change::RemoveValidator { .. }
                | Change::ReplaceValidator { .. }
        )
    })
}

/// The last validator set, in force or to come; none in a zone whose genesis names none.
pub(crate) fn last_set(state: &impl StateRead) -> Result<Option<ValidatorSetRecord>, StateError> {
    let number = records::zone(state)?.validator_sets;
    records::validator_set(state, number)
}

/// The validators that approved proposals on the agenda will bring.
pub(super) fn announced(state: &impl StateRead) -> Result<Vec<Validator>, StateError> {
    let mut announced = Vec::new();
    let approved = records::agenda(state)?;
    let approved = approved.into_iter().filter(|entry| entry.step == records::Step::Activate);
    for entry in approved {
        let Some(proposal) = records::proposal(state, entry.number)? else { continue };
        for change in proposal.content.changes {
            match change {
                Change::AddValidator { organisation, key, node } => {
                    announced.push(Validator { organisation, key, node });
                }
                Change::ReplaceValidator { key, new_key, new_node } => {
                    let last = last_set(state)?;
                    let former = last.as_ref().and_then(|last| last.set.by_key(&key));
                    announced.extend(former.map(|former| Validator {
                        organisation: former.organisation.clone(),
                        key: new_key,
                        node: new_node,
                    }));
                }
                _ => {}
            }
        }
    }
    Ok(announced)
}

impl<S: StateRead> Draft<'_, S> {
    pub(super) fn add_validator(
        &mut self,
        organisation: &OrganisationCode,
        key: PublicKey,
        node: PublicKey,
    ) -> Result<(), Stop> {
        let organisation = self.registered(organisation)?.code;
        self.claim_key(&organisation, key, "key")?;
        check_node_key(&node, "node")?;
        self.claim_key(&organisation, node, "node")?;
        let mut validators = self.validators_to_be()?;
        validators.push(Validator { organisation, key, node });
        self.validators = Some(validators);
        Ok(())
    }

    pub(super) fn remove_validator(&mut self, key: &PublicKey) -> Result<(), Stop> {
        let mut validators = self.validators_to_be()?;
        let place = place_of(&validators, key)?;
        validators.remove(place);
        self.validators = Some(validators);
        Ok(())
    }

    pub(super) fn replace_validator(
        &mut self,
        key: &PublicKey,
        new_key: PublicKey,
        new_node: PublicKey,
    ) -> Result<(), Stop> {
        let mut validators = self.validators_to_be()?;
        let place = place_of(&validators, key)?;
        let organisation = validators.remove(place).organisation;
        self.claim_key(&organisation, new_key, "new_key")?;
        check_node_key(&new_node, "new_node")?;
        self.claim_key(&organisation, new_node, "new_node")?;
        validators.push(Validator { organisation, key: new_key, node: new_node });
        self.validators = Some(validators);
        Ok(())
    }

    /// The validators after the changes so far.
    fn validators_to_be(&mut self) -> Result<Vec<Validator>, Stop> {
        if let Some(validators) = self.validators.take() {
            return Ok(validators);
        }
        let last = last_set(&self.state)?;
        Ok(last.map_or(Vec::new(), |last| last.set.validators().to_vec()))
    }

    /// Schedules what the changes came to, if the zone goes on under it.
    pub(super) fn put_validators(&mut self) -> Result<(), Stop> {
        let Some(last) = last_set(&self.state)? else { return Ok(()) };
        let Some(validators) = self.validators.take() else {
            return self.check_agencies(&last.set);
        };
        let found = validators.len();
        if validators.is_empty() {
            let (rejection, expected) = (Rejection::NoValidators, "one validator or more");
            return Err(Rejected::new(rejection, "changes", expected, found).into());
        }
        let set = ValidatorSet::new(validators).map_err(|_| {
            let expected = format!("at most {VALIDATORS_MAX} validators");
            Rejected::new(Rejection::TooManyValidators, "changes", expected, found)
        })?;
        self.check_agencies(&set)?;
        if set == last.set {
            return Ok(());
        }
        check_overlap(&last.set, &set)?;
        let mut zone = records::zone(&self.state)?;
        zone.validator_sets = zone.validator_sets.saturating_add(1);
        records::put_zone(&mut self.state, &zone);
        let from = self.height.saturating_add(EXECUTION_LAG).saturating_add(1);
        let record = ValidatorSetRecord { set, from, cause: Some(self.cause) };
        let key = state_key::validator_set_key_bytes(zone.validator_sets);
        self.state.put(key, codec::encode(&record));
        Ok(())
    }

    /// Only agencies have validators; suspended ones keep theirs until it is removed.
    fn check_agencies(&self, set: &ValidatorSet) -> Result<(), Stop> {
        let agencies = records::zone(&self.state)?.agencies;
        let is_agency = |own: &&Validator| agencies.binary_search(&own.organisation).is_ok();
        let stranger = set.validators().iter().find(|validator| !is_agency(validator));
        match stranger {
            None => Ok(()),
            Some(validator) => {
                let (rejection, found) = (Rejection::ValidatorNotAgency, &validator.organisation);
                Err(Rejected::new(rejection, "organisation", "an agency", found).into())
            }
        }
    }
}

/// Connections know Ed25519 keys only.
fn check_node_key(key: &PublicKey, field: &str) -> Result<(), Rejected> {
    if key.scheme() == Scheme::Ed25519 {
        return Ok(());
    }
    Err(Rejected::new(Rejection::NodeKeyScheme, field, "an Ed25519 key", key))
}

fn place_of(validators: &[Validator], key: &PublicKey) -> Result<usize, Rejected> {
    validators.iter().position(|validator| validator.key == *key).ok_or_else(|| {
        let expected = "the key of a validator in force or to come";
        Rejected::new(Rejection::ValidatorUnknown, "key", expected, key)
    })
}

/// Whether those who are in both sets are a quorum of the new one: newcomers that do not run yet
/// must not be able to stop the chain.
fn check_overlap(before: &ValidatorSet, after: &ValidatorSet) -> Result<(), Rejected> {
    let stays = |validator: &&Validator| before.index_of(&validator.key).is_some();
    let staying = after.validators().iter().filter(stays).count();
    if after.quorum() <= staying {
        return Ok(());
    }
    let expected =
        format!("{} of the new set's {} validators in both sets", after.quorum(), after.count());
    Err(Rejected::new(Rejection::ValidatorQuorumLost, "changes", expected, staying))
}

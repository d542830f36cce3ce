//! Rules with a bug planted in them, to show that the checkers see it.

use kanhe_contracts::execute::{BlockContext, Effects};
use kanhe_contracts::governance::{self, ValidatorSetRecord};
use kanhe_contracts::state::StateError;
use kanhe_contracts::state_key::validator_set_key_bytes;
use kanhe_ledger::execution::contracts;
use kanhe_ledger::state::StateView;
use kanhe_ledger::store::Store;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::limits::STATE_VALUE_BYTES_MAX;
use kanhe_types::submission::Submission;
use kanhe_types::validator::ValidatorSet;

/// Whoever is removed stays in the set.
pub(super) fn removed_vote_counts<S: Store>(
    context: &BlockContext<'_>,
    state: &StateView<'_, S>,
    submissions: &mut dyn Iterator<Item = (Hash, &Submission)>,
) -> Result<Effects, StateError> {
    let number = governance::zone(state)?.validator_sets;
    let before = governance::validator_set(state, number)?;
    let mut effects = contracts(context, state, submissions)?;
    change(&mut effects, number, |record| {
        let Some(before) = &before else { return };
        let mut all = record.set.validators().to_vec();
        let stays =
            before.set.validators().iter().filter(|own| record.set.by_key(&own.key).is_none());
        all.extend(stays.cloned());
        record.set = ValidatorSet::new(all).expect("few validators");
    });
    Ok(effects)
}

/// A new set decides one height later than it must.
pub(super) fn set_too_late<S: Store>(
    context: &BlockContext<'_>,
    state: &StateView<'_, S>,
    submissions: &mut dyn Iterator<Item = (Hash, &Submission)>,
) -> Result<Effects, StateError> {
    let number = governance::zone(state)?.validator_sets;
    let mut effects = contracts(context, state, submissions)?;
    change(&mut effects, number, |record| record.from += 1);
    Ok(effects)
}

/// Changes the set after `number`, if the effects hold it.
fn change(effects: &mut Effects, number: u32, change: impl FnOnce(&mut ValidatorSetRecord)) {
    let key = validator_set_key_bytes(number + 1);
    let Some(Some(value)) = effects.writes.get(&key) else { return };
    let record = codec::decode::<ValidatorSetRecord>(value, STATE_VALUE_BYTES_MAX);
    let mut record = record.expect("just encoded");
    change(&mut record);
    effects.writes.insert(key, Some(codec::encode(&record)));
}

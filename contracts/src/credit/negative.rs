//! Who is on the negative list now, in one record that a block reads once.

use crate::case::{decode, load};
use crate::limits::NEGATIVE_LIST_MAX;
use crate::policy::{Consequence, Policy};
use crate::register::EntryKey;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::negative_list_key_bytes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A listing that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Listed {
    /// Who is listed.
    pub organisation: OrganisationCode,
    /// The entry that says so.
    pub entry: EntryKey,
    /// Its category.
    pub category: String,
    /// The first instant,
    pub from: Millis,
    /// and the first after the last.
    pub until: Millis,
}

impl Listed {
    /// Whether it holds at an instant.
    pub fn holds(&self, now: Millis) -> bool {
        self.from <= now && now < self.until
    }

    /// Whether it and another ever hold at once, of one organisation under one category.
    fn overlaps(&self, other: &Self) -> bool {
        self.organisation == other.organisation
            && self.category == other.category
            && self.from < other.until
            && other.from < self.until
    }
}

/// The listings that had not ended when the list last changed, ascending by organisation and entry.
/// Some may have ended since, or begin later: [`Listed::holds`] says it.
///
/// # Errors
/// When this machine cannot read its state.
pub fn negative_list(state: &impl StateRead) -> Result<Vec<Listed>, StateError> {
    Ok(load(state, &negative_list_key_bytes())?.unwrap_or_default())
}

/// What follows for an organisation at an instant from being on the negative list: the strictest
/// consequence, and the listing from which it follows; none where it is not listed.
///
/// # Errors
/// When this machine cannot read its state.
pub fn consequence(
    state: &impl StateRead,
    policy: &Policy,
    organisation: &OrganisationCode,
    now: Millis,
) -> Result<Option<(Consequence, Listed)>, StateError> {
    let all = negative_list(state)?;
    let found = consequence_of(&all, policy, organisation, now);
    Ok(found.map(|(consequence, own)| (consequence, own.clone())))
}

/// The same of a list that was read.
pub(crate) fn consequence_of<'l>(
    listed: &'l [Listed],
    policy: &Policy,
    organisation: &OrganisationCode,
    now: Millis,
) -> Option<(Consequence, &'l Listed)> {
    let own = listed.iter().filter(|own| own.organisation == *organisation && own.holds(now));
    let of = |own: &'l Listed| (policy.credit.consequence_of(&own.category), own);
    // Of several of one strictness the one that lasts longest.
    own.map(of).max_by_key(|(consequence, own)| (*consequence, own.until))
}

/// The organisations whose documents of trades are refused at an instant, with the listing for
/// which they are. `stored` is the value of the list's record.
pub(crate) fn refused_of(
    stored: Option<&[u8]>,
    policy: &Policy,
    now: Millis,
) -> Result<BTreeMap<OrganisationCode, Listed>, StateError> {
    let Some(stored) = stored else { return Ok(BTreeMap::new()) };
    let listed: Vec<Listed> = decode(&negative_list_key_bytes(), stored)?;
    let is_refused = |own: &Listed| {
        own.holds(now) && policy.credit.consequence_of(&own.category) == Consequence::Refuse
    };
    let refused = listed.into_iter().filter(is_refused);
    Ok(refused.map(|own| (own.organisation.clone(), own)).collect())
}

/// Lists an organisation. What has ended makes room.
pub(crate) fn enter<S: StateRead>(
    state: &mut Overlay<'_, S>,
    listed: Listed,
    now: Millis,
) -> Result<(), Stop> {
    let mut all = negative_list(state)?;
    all.retain(|own| now < own.until);
    if let Some(other) = all.iter().find(|own| own.overlaps(&listed)) {
        let expected = "a term that no other listing under the category has";
        let found = format!("listed until {}", other.until);
        return Err(Rejected::new(Rejection::ListedAlready, "organisation", expected, found).into());
    }
    if NEGATIVE_LIST_MAX <= all.len() {
        let expected = format!("at most {NEGATIVE_LIST_MAX} listings that have not ended");
        return Err(Rejected::new(Rejection::NegativeListFull, "act", expected, "one more").into());
    }
    let place = all.partition_point(|own| *own < listed);
    all.insert(place, listed);
    state.put(negative_list_key_bytes(), codec::encode(&all));
    Ok(())
}

/// Has a listing end at an instant, or now if that is past.
pub(crate) fn end<S: StateRead>(
    state: &mut Overlay<'_, S>,
    entry: &EntryKey,
    until: Millis,
    now: Millis,
) -> Result<(), StateError> {
    let mut all = negative_list(state)?;
    let Some(own) = all.iter_mut().find(|own| own.entry == *entry) else { return Ok(()) };
    own.until = own.until.min(until);
    all.retain(|own| now < own.until);
    match all.is_empty() {
        true => state.remove(negative_list_key_bytes()),
        false => state.put(negative_list_key_bytes(), codec::encode(&all)),
    }
    Ok(())
}

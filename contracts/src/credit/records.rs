//! How facts of trades and events are kept: one record of each for an organisation and month.

use super::trades::{Part, TradeCounts};
use super::working::ROLL;
use crate::case::load;
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::{credit_events_key_bytes, credit_trades_key_bytes};
use crate::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// What the trades of a month, by their first documents, say of an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct MonthTrades {
    /// By what it was in them, ascending; each part stands once.
    pub parts: Vec<(Part, TradeCounts)>,
}

impl MonthTrades {
    /// Adds to what it was in trades.
    pub(super) fn add(&mut self, part: Part, counts: &TradeCounts) {
        let index = match self.parts.binary_search_by_key(&part, |(part, _)| *part) {
            Ok(index) => index,
            Err(index) => {
                self.parts.insert(index, (part, TradeCounts::default()));
                index
            }
        };
        if let Some((_, held)) = self.parts.get_mut(index) {
            held.add(counts);
        }
    }
}

/// What else happened to an organisation in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct MonthEvents {
    /// Disputes that were decided against it.
    pub disputes_lost: i64,
    /// Alerts about it that a review confirmed,
    pub alerts_confirmed: i64,
    /// and those that it did not.
    pub alerts_dismissed: i64,
}

/// One of [`MonthEvents`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditEvent {
    /// A dispute was decided against an organisation.
    DisputeLost,
    /// A review confirmed an alert about it.
    AlertConfirmed,
    /// A review did not.
    AlertDismissed,
}

/// What an organisation's trades of a month say of it.
///
/// # Errors
/// When this machine cannot read its state.
pub fn month_trades(
    state: &impl StateRead,
    month: Month,
    organisation: &OrganisationCode,
) -> Result<MonthTrades, StateError> {
    Ok(load(state, &credit_trades_key_bytes(month, organisation))?.unwrap_or_default())
}

/// What else happened to an organisation in a month.
///
/// # Errors
/// When this machine cannot read its state.
pub fn month_events(
    state: &impl StateRead,
    month: Month,
    organisation: &OrganisationCode,
) -> Result<MonthEvents, StateError> {
    Ok(load(state, &credit_events_key_bytes(month, organisation))?.unwrap_or_default())
}

/// The organisations that acted in trades of a month, in the order in which they first did.
///
/// # Errors
/// When this machine cannot read its state.
pub fn organisations_of(
    state: &impl StateRead,
    month: Month,
) -> Result<Vec<OrganisationCode>, StateError> {
    ROLL.codes(state, month)
}

/// Counts an event of an organisation in the month of `time`: `count` is 1, or -1 for what was
/// counted there and does not hold any more.
///
/// # Errors
/// When this machine cannot read its state.
pub fn count_event<S: StateRead>(
    state: &mut Overlay<'_, S>,
    organisation: &OrganisationCode,
    time: Millis,
    event: CreditEvent,
    count: i64,
) -> Result<(), StateError> {
    let month = Month::of(time);
    let mut held = month_events(&*state, month, organisation)?;
    let sum = match event {
        CreditEvent::DisputeLost => &mut held.disputes_lost,
        CreditEvent::AlertConfirmed => &mut held.alerts_confirmed,
        CreditEvent::AlertDismissed => &mut held.alerts_dismissed,
    };
    *sum = sum.saturating_add(count);
    state.put(credit_events_key_bytes(month, organisation), codec::encode(&held));
    Ok(())
}

//! Warnings weeks ahead: keys that end by themselves, and rules that this program does not know.
//!
//! Nothing here decides anything. Heights are turned into days by the chain's own pace, the fastest
//! it has shown, so that a warning comes rather too early.

use super::access::ExecutedState;
use super::app::App;
use super::failure::Failure;
use super::limits::{ENDING_SOON_DAYS, PACE_HEIGHTS, WARNING_INTERVAL};
use kanhe_api::governance::{EndingKey, UpgradeView};
use kanhe_contracts::governance::{self, Change, Step};
use kanhe_contracts::registry::{self, Organisation};
use kanhe_ledger::{Ledger, RocksStore};
use kanhe_types::code::OrganisationCode;
use kanhe_types::limits::{EXECUTION_LAG, PROTOCOL_VERSION};
use std::sync::Arc;
use tokio::time::MissedTickBehavior;

const DAY_MS: u64 = 86_400_000;

/// Heights a day: of the last stretch or of the whole chain, whichever are more.
fn heights_per_day(ledger: &Ledger<RocksStore>) -> Result<Option<u64>, Failure> {
    let last = ledger.decided_height();
    let Some(tip) = ledger.header(last)? else { return Ok(None) };
    let mut fastest = None;
    for first in [1, last.saturating_sub(PACE_HEIGHTS).max(1)] {
        let Some(header) = ledger.header(first)? else { continue };
        let (heights, ms) = (last - first, tip.time.0.saturating_sub(header.time.0));
        if 0 < heights && 0 < ms {
            fastest = fastest.max(Some(heights.saturating_mul(DAY_MS) / ms));
        }
    }
    Ok(fastest.filter(|heights| 0 < *heights))
}

/// The organisation's keys that end by themselves and have not ended, soonest first.
pub(super) fn ending_keys(app: &App, code: &OrganisationCode) -> Result<Vec<EndingKey>, Failure> {
    let organisation = registry::organisation(&ExecutedState(app.ledger()), code)?;
    let Some(organisation) = organisation else { return Ok(Vec::new()) };
    Ok(keys_of(&organisation, app.ledger().executed_height(), heights_per_day(app.ledger())?))
}

fn keys_of(organisation: &Organisation, height: u64, per_day: Option<u64>) -> Vec<EndingKey> {
    let mut ending: Vec<EndingKey> = organisation
        .keys
        .iter()
        .filter_map(|own| {
            let until = own.until.filter(|until| height <= *until)?;
            let days_left = per_day.map(|per_day| (until - height) / per_day);
            Some(EndingKey { key: own.key, purpose: own.purpose, until, days_left })
        })
        .collect();
    ending.sort_by_key(|key| key.until);
    ending
}

/// The next protocol version that a quorum has agreed on and that does not hold yet.
pub(super) fn coming_upgrade(app: &App) -> Result<Option<UpgradeView>, Failure> {
    let state = ExecutedState(app.ledger());
    let upgrade =
        |version, from| Some(UpgradeView { version, from, is_known: version <= PROTOCOL_VERSION });
    let next = app.ledger().executed_height().saturating_add(1);
    let zone = governance::zone(&state)?;
    if let Some(step) = zone.protocols.iter().find(|step| next < step.from) {
        return Ok(upgrade(step.version, step.from));
    }
    for entry in governance::agenda(&state)?.iter().filter(|entry| entry.step == Step::Activate) {
        let Some(proposal) = governance::proposal(&state, entry.number)? else { continue };
        for change in &proposal.content.changes {
            if let Change::Protocol { version } = change {
                return Ok(upgrade(*version, entry.height.saturating_add(EXECUTION_LAG)));
            }
        }
    }
    Ok(None)
}

/// Warns in the log, now and once a day, until the server stops.
pub(super) async fn warn(app: Arc<App>) {
    let mut stopping = app.stopping.clone();
    let mut days = tokio::time::interval(WARNING_INTERVAL);
    days.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = days.tick() => {}
            _ = stopping.changed() => return,
        }
        // What cannot be read is logged by whoever decides; here it is only not warned of.
        let warned = app.blocking(warn_now).await;
        drop(warned);
    }
}

fn warn_now(app: &App) -> Result<(), Failure> {
    let organisation = &app.node().organisation;
    for key in ending_keys(app, organisation)? {
        if key.days_left.is_none_or(|days| days <= ENDING_SOON_DAYS) {
            tracing::warn!(
                %organisation, key = %key.key, purpose = ?key.purpose, until = key.until,
                days_left = key.days_left,
                "a key ends soon; rotate it with `kanhe keys rotate` before that height"
            );
        }
    }
    if let Some(upgrade) = coming_upgrade(app)?.filter(|upgrade| !upgrade.is_known) {
        tracing::warn!(
            protocol = upgrade.version,
            from = upgrade.from,
            known = PROTOCOL_VERSION,
            "the zone has agreed on rules that this program does not know; install the release \
             that knows them before that height, or this node stops there"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_contracts::fixture;
    use kanhe_contracts::registry::Role;

    #[test]
    fn keys_that_end_are_listed_soonest_first_with_the_days_that_are_left() {
        let code = fixture::code(fixture::PLATFORM);
        let mut own = fixture::organisation(&code, "测试平台甲", &[Role::Platform]);
        assert_eq!(keys_of(&own, 10, Some(100)), []);
        (own.keys[0].until, own.keys[1].until) = (Some(2_010), Some(1_010));
        let days = |height, per_day| -> Vec<Option<u64>> {
            keys_of(&own, height, per_day).iter().map(|key| key.days_left).collect()
        };
        assert_eq!(days(10, Some(100)), [Some(10), Some(20)]);
        assert_eq!(days(10, None), [None, None]);
        // The last height is still valid; what has ended is no warning any more.
        assert_eq!(days(1_010, Some(100)), [Some(0), Some(10)]);
        assert_eq!(days(1_011, Some(100)), [Some(9)]);
    }
}

//! What is said of who sees what goes beside the trades, and changes none.

use super::{Applied, Arrival};
use crate::access::{Given, Giver, Now, Scope, answer, give, inspect, report, request, withdraw};
use crate::document::{CaseGrant, PeriodGrant, Subject};
use crate::governance::Done;
use crate::incoming::Access;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;
use kanhe_types::code::OrganisationCode;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: Access,
) -> Result<Applied, Stop> {
    let now = Now { height: work.context.height, time: work.context.time };
    let signer = Giver { document: arrival.id, organisation: arrival.signer, key: arrival.key };
    let done = match said {
        Access::CaseGrant(grant) => {
            let CaseGrant { receiver, platform, order_no, until, purpose } = grant;
            let case = CaseKey { platform, order_no };
            let parties = parties(work, &case)?;
            let given = Given { receiver, scope: Scope::Case(case), until, purpose };
            give(work.zone().state_mut(), now, &signer, given, &parties)
        }
        Access::PeriodGrant(grant) => {
            give(work.zone().state_mut(), now, &signer, of_period(grant), &[])
        }
        Access::GrantWithdrawal(withdrawal) => {
            let (id, reason) = (withdrawal.grant, withdrawal.reason);
            withdraw(work.zone().state_mut(), now, &signer, &id, reason)
        }
        Access::Request(said) => {
            let parties = match &said.subject {
                Subject::Case(case) => parties(work, case)?,
                Subject::Organisation { .. } => Vec::new(),
            };
            request(work.zone().state_mut(), now, &signer, said, parties)
        }
        Access::Answer(said) => answer(work.zone().state_mut(), now, &signer, said),
        Access::Inspection(said) => {
            let (platform, order_no) = (said.platform.clone(), said.order_no.clone());
            let case = CaseKey { platform, order_no };
            if parties(work, &case)?.is_empty() {
                let (rejection, expected) = (Rejection::SubjectUnknown, "a case");
                return Err(Rejected::new(rejection, "orderNo", expected, "none").into());
            }
            inspect(work.zone().state_mut(), now, &signer, &case, said)
        }
        Access::Report(said) => report(work.zone().state_mut(), now, &signer, said),
    };
    Ok(match done? {
        Done::Accepted => Applied::Accepted { case: None },
        Done::Repeated { first_height } => Applied::Repeated { first_height },
    })
}

/// The parties of a case, import or export; none where there is none, although its key names a
/// platform. A number that was used both ways is both trades'.
fn parties<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    case: &CaseKey,
) -> Result<Vec<OrganisationCode>, StateError> {
    let sheet = work.case(case)?;
    let mut parties = if sheet.exists() { sheet.get().parties() } else { Vec::new() };
    let sheet = work.export_case(case)?;
    if sheet.exists() {
        parties.extend(sheet.get().parties());
        parties.sort_unstable();
        parties.dedup();
    }
    Ok(parties)
}

fn of_period(grant: PeriodGrant) -> Given {
    let PeriodGrant { receiver, from, end, until, purpose } = grant;
    Given { receiver, scope: Scope::Period { from, end }, until, purpose }
}

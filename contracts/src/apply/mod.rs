//! What a document changes on the ledger. Nothing is changed before every refusal was ruled out.

mod access;
mod allocation;
mod attestation;
mod clearance;
mod export;
mod governance;
mod list;
mod order;
mod payment;
mod refund;
mod register;
mod risk;
mod spot_check;
mod transaction;
mod waybill;

pub(crate) use spot_check::fire;

use crate::case::DocumentMeta;
use crate::document::{AppType, DocumentKind};
use crate::incoming::{Incoming, Said};
use crate::limits::VERSIONS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use crate::working_set::WorkingSet;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::CustomsTime;

/// What became of a document that the rules do not refuse.
pub(crate) enum Applied {
    Accepted { case: Option<CaseKey> },
    Repeated { first_height: u64 },
}

/// Applies a document that was checked, and says what happened.
pub(crate) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    incoming: Incoming<'_>,
) -> Result<Applied, Stop> {
    let Incoming { id, signer, key, kind, app_type, app_time, said } = incoming;
    let height = work.context.height;
    let arrival = Arrival { id, signer, key, kind, app_type, app_time, height };
    match said {
        Said::Order { case, facts } => order::apply(work, &arrival, case, facts),
        Said::Payment { case, facts } => payment::apply(work, &arrival, case, facts),
        Said::Allocation { number, facts } => allocation::apply(work, &arrival, &number, facts),
        Said::Refund { case, facts } => refund::apply(work, &arrival, case, facts),
        Said::Waybill { number, facts } => waybill::apply(work, &arrival, &number, facts),
        Said::InventoryList { case, facts } => list::apply(work, &arrival, case, facts),
        Said::IdentityAttestation(person) => attestation::apply(work, &arrival, person),
        Said::Governance(said) => governance::apply(work, &arrival, *said),
        Said::Originals(said) => spot_check::apply(work, &arrival, *said),
        Said::Access(said) => access::apply(work, &arrival, *said),
        Said::Export(said) => export::apply(work, &arrival, *said),
        Said::Clearance(said) => clearance::apply(work, &arrival, *said),
        Said::Register(said) => register::apply(work, &arrival, *said),
        Said::Risk(said) => risk::apply(work, &arrival, *said),
    }
}

/// A document's identity and circumstances, beside what it says.
struct Arrival<'a> {
    id: Hash,
    signer: &'a OrganisationCode,
    key: &'a PublicKey,
    kind: DocumentKind,
    app_type: AppType,
    app_time: CustomsTime,
    height: u64,
}

/// How the held version of a document stands, beside its history.
#[derive(Default)]
struct Holding<'a> {
    /// The last version withdrew it.
    is_withdrawn: bool,
    /// A list stands on it.
    is_declared: bool,
    /// Who may change it besides its signer.
    holders: [Option<&'a OrganisationCode>; 2],
}

/// What the held version of a document says to a new one.
enum Admission {
    /// It is the held version, or an earlier one.
    Repeated { first_height: u64 },
    /// It may follow.
    Follows,
}

impl Arrival<'_> {
    /// Whether this document may follow the `held` one.
    fn admit(
        &self,
        held: Option<&DocumentMeta>,
        holding: &Holding<'_>,
    ) -> Result<Admission, Rejected> {
        let Holding { is_withdrawn, is_declared, holders } = *holding;
        if let Some(first_height) = held.and_then(|held| held.height_of(&self.id)) {
            return Ok(Admission::Repeated { first_height });
        }
        match (held, self.app_type) {
            (None, AppType::Add) => Ok(Admission::Follows),
            (Some(held), AppType::Add) if is_withdrawn => self.check_newer(held),
            (Some(held), AppType::Add) => Err(Rejected::new(
                Rejection::Duplicate,
                "appType",
                format!("2 with an appTime after {}", held.app_time),
                "1 with other content",
            )),
            (Some(held), AppType::Change | AppType::Delete) if !is_withdrawn => {
                if *self.signer != held.signer && !holders.contains(&Some(self.signer)) {
                    let found = self.signer;
                    return Err(Rejected::new(Rejection::NotHolder, "signer", &held.signer, found));
                }
                if is_declared {
                    let expected = "no list on this document";
                    let found = "a declared list";
                    return Err(Rejected::new(
                        Rejection::AlreadyDeclared,
                        "appType",
                        expected,
                        found,
                    ));
                }
                self.check_newer(held)
            }
            (_, AppType::Change | AppType::Delete) => Err(Rejected::new(
                Rejection::UnknownDocument,
                "appType",
                "a document with this number",
                "none",
            )),
        }
    }

    fn check_newer(&self, held: &DocumentMeta) -> Result<Admission, Rejected> {
        let found = self.app_time;
        if found <= held.app_time {
            let expected = format!("later than {}", held.app_time);
            return Err(Rejected::new(Rejection::OldMessage, "appTime", expected, found));
        }
        check_versions(held)?;
        Ok(Admission::Follows)
    }

    /// The history of this document as the successor of `held`.
    fn meta(&self, held: Option<&DocumentMeta>) -> DocumentMeta {
        let mut versions = held.map(|held| held.versions.clone()).unwrap_or_default();
        versions.extend(held.map(DocumentMeta::as_version));
        DocumentMeta {
            document: self.id,
            kind: self.kind,
            app_time: self.app_time,
            signer: self.signer.clone(),
            height: self.height,
            versions,
        }
    }

    fn is_delete(&self) -> bool {
        self.app_type == AppType::Delete
    }
}

/// One more version must still fit.
fn check_versions(held: &DocumentMeta) -> Result<(), Rejected> {
    if VERSIONS_MAX <= held.versions.len() {
        let expected = format!("at most {VERSIONS_MAX} changes");
        return Err(Rejected::new(Rejection::TooManyVersions, "appType", expected, "one more"));
    }
    Ok(())
}

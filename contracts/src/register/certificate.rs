//! Certificates: attached to lines of goods, verified by agencies, taken back by their owners.

use super::Registered;
use super::desk::{Desk, not_now};
use crate::document::{CertificateAct, CertificateFacts};
use crate::limits::VERIFICATIONS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// What it says.
    pub facts: CertificateFacts,
    /// What agencies say of it, in the order in which they did.
    pub verifications: Vec<Verification>,
    /// Whether its owner took it back.
    pub is_withdrawn: bool,
}

/// What an agency says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// The agency.
    pub agency: OrganisationCode,
    /// Whether it is genuine.
    pub genuine: bool,
    /// The SHA-256 of what shows it.
    pub evidence: Option<Hash>,
    /// When, in block time.
    pub time: Millis,
}

impl Registered for Certificate {
    type Act = CertificateAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: CertificateAct) -> Result<Self, Stop> {
        let CertificateAct::Attach(facts) = act else {
            return Err(not_now("attach", "a certificate that is not there"));
        };
        let lines = desk.own_trade(&facts.case)?.lines();
        let last = facts.gnums.last().and_then(|last| usize::try_from(*last).ok());
        if last.is_none_or(|last| lines < last) {
            let expected = format!("lines of the list, which has {lines}");
            return Err(Rejected::new(Rejection::TradeUnfit, "gnums", expected, "others").into());
        }
        Ok(Self { facts, verifications: Vec::new(), is_withdrawn: false })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: CertificateAct,
    ) -> Result<(), Stop> {
        if self.is_withdrawn {
            return Err(not_now("a certificate that stands", "withdrawn"));
        }
        match act {
            CertificateAct::Attach(_) => {
                let rejection = Rejection::EntryExists;
                let found = "a certificate's";
                Err(Rejected::new(rejection, "number", "another number", found).into())
            }
            CertificateAct::Verify { genuine, evidence } => {
                desk.must_be_its_agency()?;
                if VERIFICATIONS_MAX <= self.verifications.len() {
                    let expected = format!("at most {VERIFICATIONS_MAX} of one certificate");
                    let rejection = Rejection::EntryFull;
                    return Err(Rejected::new(rejection, "act", expected, "one more").into());
                }
                let (agency, time) = (desk.actor.signer.clone(), desk.actor.time);
                self.verifications.push(Verification { agency, genuine, evidence, time });
                Ok(())
            }
            CertificateAct::Withdraw => {
                desk.must_be_owner()?;
                self.is_withdrawn = true;
                Ok(())
            }
        }
    }
}

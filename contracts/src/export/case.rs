//! Export cases: everything the ledger knows about one order that goes out.

use super::facts::{
    ExportListFacts, ExportOrderFacts, ExportWaybillFacts, NoticeFacts, ReceiptFacts,
};
use super::records::Notice;
use crate::case::{CaseSummary, Entry};
use crate::document::DocumentKind;
use crate::event::CaseState;
use crate::matching::{Finding, RuleOutcome, Severity, Standing, Verdict, explain_export};
use crate::policy::Policy;
use crate::risk::CaseRisk;
use crate::spot_check::CaseSpotCheck;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// One export order of one platform: its documents, what they say of each other, and where it
/// stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ExportCase {
    /// Platform and order number.
    pub key: CaseKey,
    /// Where it stands.
    pub state: CaseState,
    /// The order.
    pub order: Option<Entry<ExportOrderFacts>>,
    /// The receipts of funds, in the order in which they came.
    pub receipts: Vec<Entry<ReceiptFacts>>,
    /// The list.
    pub list: Option<Entry<ExportListFacts>>,
    /// The waybill that the list names, once it is there and belongs to this case.
    pub waybill: Option<Entry<ExportWaybillFacts>>,
    /// How the parcel that the list names stands to this case.
    pub standing: Standing,
    /// Whether another case's list stated the list's number first.
    pub is_number_taken: bool,
    /// What documents that name many say of the case's parcel and list, by kind and identity.
    pub notices: Vec<Notice>,
    /// The kinds of documents that the mode demands and that are missing.
    pub missing: Vec<DocumentKind>,
    /// What each rule says of all documents, ordered by rule; [`ExportCase::findings`] explains it.
    pub outcomes: Vec<RuleOutcome>,
    /// Whether it was still collecting when its deadline passed.
    pub is_late: bool,
    /// The policy under which the rules said it.
    pub policy_version: u32,
    /// The block time at which the first document came.
    pub opened: Millis,
    /// The height of the last change.
    pub changed_height: u64,
    /// The spot checks of its documents' originals, in the order in which they were asked for.
    pub spot_checks: Vec<CaseSpotCheck>,
    /// What risk knows of it.
    pub risk: CaseRisk,
}

impl ExportCase {
    /// A case without documents.
    pub fn new(key: CaseKey, opened: Millis) -> Self {
        Self {
            key,
            state: CaseState::Collecting,
            order: None,
            receipts: Vec::new(),
            list: None,
            waybill: None,
            standing: Standing::Unnamed,
            is_number_taken: false,
            notices: Vec::new(),
            missing: Vec::new(),
            outcomes: Vec::new(),
            is_late: false,
            policy_version: 0,
            opened,
            changed_height: 0,
            spot_checks: Vec::new(),
            risk: CaseRisk::default(),
        }
    }

    /// The order's facts, unless it is missing or withdrawn.
    pub fn order_facts(&self) -> Option<&ExportOrderFacts> {
        self.order.as_ref()?.facts.as_ref()
    }

    /// The list's facts, unless it is missing or withdrawn.
    pub fn list_facts(&self) -> Option<&ExportListFacts> {
        self.list.as_ref()?.facts.as_ref()
    }

    /// Whether the list was sent under another merchant than the order's. Such a list makes nobody
    /// a party, and the order's merchant may replace it.
    pub fn has_foreign_list(&self) -> bool {
        match (self.order_facts(), self.list_facts()) {
            (Some(order), Some(list)) => order.ebc_code != list.ebc_code,
            _ => false,
        }
    }

    /// Whether the order is declared: it has a list, of its own merchant, that is not cancelled.
    pub fn is_declared(&self) -> bool {
        self.list_facts().is_some()
            && !self.has_foreign_list()
            && self.state != CaseState::Cancelled
    }

    /// Whether the parcel left the country.
    pub fn is_departed(&self) -> bool {
        self.notices.iter().any(|notice| matches!(notice.facts, NoticeFacts::Departure { .. }))
    }

    /// With its departure the list is released; customs sends no word of it on export.
    pub(crate) fn note_departure(&mut self, now: Millis) {
        let is_departed = self.is_departed();
        if let Some(facts) = self.list.as_mut().and_then(|list| list.facts.as_mut()) {
            match is_departed {
                true => facts.declared.list_released(now),
                false => facts.declared.clearance_ms = None,
            }
        }
    }

    /// Whether a document of `kind` is there.
    pub fn has(&self, kind: DocumentKind) -> bool {
        match kind {
            DocumentKind::ExportOrder => self.order_facts().is_some(),
            DocumentKind::FundsReceipt => !self.receipts.is_empty(),
            DocumentKind::ExportWaybill => self.waybill.is_some(),
            DocumentKind::ExportList => self.list_facts().is_some(),
            _ => self.notices.iter().any(|notice| notice.meta.kind == kind),
        }
    }

    /// The organisations that are party to the case and may see it, ascending: who signed the order
    /// and the list, and whom these two name. Receipts and what names many parcels make nobody a
    /// party: whoever sends one could name any order or parcel.
    pub fn parties(&self) -> Vec<OrganisationCode> {
        let mut parties = vec![&self.key.platform];
        if let Some(order) = &self.order {
            parties.push(&order.meta.signer);
            parties.extend(order.facts.iter().map(|facts| &facts.ebc_code));
        }
        if let Some(list) = self.list.as_ref().filter(|_| !self.has_foreign_list()) {
            parties.push(&list.meta.signer);
            if let Some(facts) = &list.facts {
                parties.extend([&facts.ebc_code, &facts.agent_code, &facts.logistics_code]);
            }
        }
        parties.sort_unstable();
        parties.dedup();
        parties.into_iter().cloned().collect()
    }

    /// What the rules say of the case and why, of `policy`, which must be the one of
    /// [`Self::policy_version`].
    pub fn findings(&self, policy: &Policy) -> Vec<Finding> {
        explain_export(self, policy)
    }

    /// The case in a few words.
    pub fn summary(&self) -> CaseSummary {
        let rules = |severity| {
            let failed = self.outcomes.iter().filter(|outcome| {
                outcome.verdict == Verdict::Fail && outcome.rule.severity() == severity
            });
            failed.map(|outcome| outcome.rule).collect()
        };
        let own = [
            DocumentKind::ExportOrder,
            DocumentKind::FundsReceipt,
            DocumentKind::ExportWaybill,
            DocumentKind::ExportList,
        ];
        let mut present: Vec<DocumentKind> =
            own.into_iter().filter(|kind| self.has(*kind)).collect();
        present.extend(self.notices.iter().map(|notice| notice.meta.kind));
        present.sort_unstable();
        present.dedup();
        CaseSummary {
            key: self.key.clone(),
            state: self.state,
            present,
            missing: self.missing.clone(),
            failed: rules(Severity::Reject),
            warned: rules(Severity::Warn),
            actural_paid: None,
            opened: self.opened,
            changed_height: self.changed_height,
        }
    }
}

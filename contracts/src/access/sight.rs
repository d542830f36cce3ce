//! How much of a case somebody sees.

use crate::case::{Case, CaseSummary, DocumentMeta, Entry};
use crate::clearance::Bill;
use crate::document::{Body, DocumentKind};
use crate::export::{ExportCase, Notice, NoticeFacts};
use crate::flows::{FlowPart, Stream};
use crate::matching::{Finding, Reason};
use crate::policy::Policy;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;

/// How much of a case somebody sees: where it stands, which documents it has and what the rules
/// say of them always; what a document says only where a reason shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    is_whole: bool,
    kinds: Vec<DocumentKind>,
    givers: Vec<OrganisationCode>,
}

/// A case as somebody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCase {
    /// The case, without what withheld documents say.
    pub case: Case,
    /// The organisations that are party to it, ascending.
    pub parties: Vec<OrganisationCode>,
    /// What the rules say of it, without the values of withheld documents.
    pub findings: Vec<Finding>,
    /// The documents that are there and whose content is withheld.
    pub withheld: Vec<Hash>,
}

/// An export case as somebody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownExport {
    /// The case, without what withheld documents say.
    pub case: ExportCase,
    /// The organisations that are party to it, ascending.
    pub parties: Vec<OrganisationCode>,
    /// What the rules say of it, without the values of withheld documents.
    pub findings: Vec<Finding>,
    /// The documents that are there and whose content is withheld.
    pub withheld: Vec<Hash>,
}

impl Sight {
    /// Everything: a party's.
    pub fn whole() -> Self {
        Self { is_whole: true, ..Self::default() }
    }

    /// What these parties may show: the documents that are theirs.
    pub fn given_by(givers: Vec<OrganisationCode>) -> Self {
        Self { givers, ..Self::default() }
    }

    /// Documents of these kinds: what is an agency's business, or was let it.
    pub fn of_kinds(kinds: Vec<DocumentKind>) -> Self {
        Self { kinds, ..Self::default() }
    }

    /// All that this sight shows and the other.
    pub fn and(mut self, other: Self) -> Self {
        self.is_whole |= other.is_whole;
        self.kinds.extend(other.kinds);
        self.givers.extend(other.givers);
        self
    }

    /// Whether a document of a kind is shown that is these organisations' (see [`owners`]).
    pub fn shows(&self, kind: DocumentKind, owners: &[&OrganisationCode]) -> bool {
        self.is_whole
            || self.kinds.contains(&kind)
            || owners.iter().any(|owner| self.givers.contains(owner))
    }

    /// The case as it is shown; `policy` is the one of its version.
    pub fn show(&self, mut case: Case, policy: &Policy) -> ShownCase {
        let parties = case.parties();
        let mut findings = case.findings(policy);
        let mut withheld = Vec::new();
        if !self.is_whole {
            let merchant = case.order_facts().map(|facts| facts.ebc_code.clone());
            self.cut(&mut case.order, merchant.as_ref(), &mut withheld);
            let merchant = case.list_facts().map(|facts| facts.ebc_code.clone());
            self.cut(&mut case.list, merchant.as_ref(), &mut withheld);
            self.cut(&mut case.payment, None, &mut withheld);
            self.cut(&mut case.waybill, None, &mut withheld);
            self.cut_clearance(&mut case, &mut withheld);
            for payment in &mut case.extra_payments {
                self.cut_entry(payment, None, &mut withheld);
            }
            for refund in &mut case.refunds {
                self.cut_entry(refund, None, &mut withheld);
            }
            for finding in &mut findings {
                withhold(finding, &withheld);
            }
        }
        ShownCase { case, parties, findings, withheld }
    }

    /// The export case as it is shown; `policy` is the one of its version. A document that names
    /// many is shown or not; what it says of the case is a few words that explain its state.
    pub fn show_export(&self, mut case: ExportCase, policy: &Policy) -> ShownExport {
        let parties = case.parties();
        let mut findings = case.findings(policy);
        let mut withheld = Vec::new();
        if !self.is_whole {
            let merchant = case.order_facts().map(|facts| facts.ebc_code.clone());
            self.cut(&mut case.order, merchant.as_ref(), &mut withheld);
            let merchant = case.list_facts().map(|facts| facts.ebc_code.clone());
            self.cut(&mut case.list, merchant.as_ref(), &mut withheld);
            self.cut(&mut case.waybill, None, &mut withheld);
            for receipt in &mut case.receipts {
                self.cut_entry(receipt, None, &mut withheld);
            }
            let is_shown = |notice: &Notice| {
                let declared = match &notice.facts {
                    NoticeFacts::Declared { ebc_code, .. } => Some(ebc_code),
                    _ => None,
                };
                let owners: Vec<_> = std::iter::once(&notice.meta.signer).chain(declared).collect();
                self.shows(notice.meta.kind, &owners)
            };
            let hidden = case.notices.iter().filter(|notice| !is_shown(notice));
            withheld.extend(hidden.map(|notice| notice.meta.document));
            case.notices.retain(is_shown);
            for finding in &mut findings {
                withhold(finding, &withheld);
            }
        }
        ShownExport { case, parties, findings, withheld }
    }

    /// The case in a few words, as it is shown.
    pub fn summary(&self, case: &Case) -> CaseSummary {
        let mut summary = case.summary();
        if let Some(order) = &case.order {
            let merchant = order.facts.as_ref().map(|facts| &facts.ebc_code);
            if !self.shows(order.meta.kind, &owners_of(&order.meta, merchant)) {
                summary.actural_paid = None;
            }
        }
        summary
    }

    /// Whether an amount of a case's flows is shown; `merchant` is the case's. That a document is
    /// there always is, what it says only with each document from which the amount follows.
    pub fn shows_part(&self, part: &FlowPart, merchant: &OrganisationCode) -> bool {
        part.figure.stream() == Stream::Information
            || part.documents.iter().all(|source| {
                let merchant = Some(merchant).filter(|_| is_of_merchant(source.kind));
                let owners: Vec<_> = std::iter::once(&source.signer).chain(merchant).collect();
                self.shows(source.kind, &owners)
            })
    }

    /// What follows the list: what an application or a bill says is shown or not; that it is there,
    /// and where customs says that the list stands, always.
    fn cut_clearance(&self, case: &mut Case, withheld: &mut Vec<Hash>) {
        let is_list_shown = case.list.as_ref().is_none_or(|list| list.facts.is_some());
        let clearance = &mut case.clearance;
        if !is_list_shown {
            // They say what the list is worth.
            clearance.claims.clear();
        }
        self.cut(&mut clearance.delivery, None, withheld);
        for own in &mut clearance.cancellations {
            let merchant = own.facts.as_ref().map(|facts| facts.ebc_code.clone());
            self.cut_entry(own, merchant.as_ref(), withheld);
        }
        for own in &mut clearance.returns {
            let merchant = own.entry.facts.as_ref().map(|facts| facts.list.ebc_code.clone());
            self.cut_entry(&mut own.entry, merchant.as_ref(), withheld);
        }
        let is_shown = |bill: &Bill| self.shows(bill.meta.kind, &[&bill.meta.signer]);
        let hidden = clearance.bills.iter().filter(|bill| !is_shown(bill));
        withheld.extend(hidden.map(|bill| bill.meta.document));
        clearance.bills.retain(is_shown);
    }

    fn cut<F>(
        &self,
        entry: &mut Option<Entry<F>>,
        merchant: Option<&OrganisationCode>,
        withheld: &mut Vec<Hash>,
    ) {
        if let Some(entry) = entry {
            self.cut_entry(entry, merchant, withheld);
        }
    }

    fn cut_entry<F>(
        &self,
        entry: &mut Entry<F>,
        merchant: Option<&OrganisationCode>,
        withheld: &mut Vec<Hash>,
    ) {
        let owners = owners_of(&entry.meta, merchant);
        if entry.facts.is_some() && !self.shows(entry.meta.kind, &owners) {
            entry.facts = None;
            withheld.push(entry.meta.document);
        }
    }
}

/// Whose a document is: who signed it and could hand it on anyway, and the merchant whose trade an
/// order or list is.
pub fn owners<'a>(signer: &'a OrganisationCode, body: &'a Body) -> Vec<&'a OrganisationCode> {
    let merchant = match body {
        Body::Order(order) => Some(&order.ebc_code),
        Body::InventoryList(list) => Some(&list.ebc_code),
        Body::ExportOrder(order) => Some(&order.ebc_code),
        Body::ExportList(list) => Some(&list.ebc_code),
        Body::ListCancellation(own) => Some(&own.ebc_code),
        Body::ListReturn(own) => Some(&own.ebc_code),
        Body::ListStatus(own) => Some(&own.ebc_code),
        Body::SummaryResult(own) => Some(&own.ebc_code),
        Body::TaxBill(own) => own.ebc_code.as_ref(),
        _ => None,
    };
    std::iter::once(signer).chain(merchant).collect()
}

/// Whether a document of this kind is its merchant's, too.
fn is_of_merchant(kind: DocumentKind) -> bool {
    matches!(
        kind,
        DocumentKind::Order
            | DocumentKind::InventoryList
            | DocumentKind::ExportOrder
            | DocumentKind::ExportList
            | DocumentKind::ListCancellation
            | DocumentKind::ListReturn
    )
}

fn owners_of<'a>(
    meta: &'a DocumentMeta,
    merchant: Option<&'a OrganisationCode>,
) -> Vec<&'a OrganisationCode> {
    let merchant = merchant.filter(|_| is_of_merchant(meta.kind));
    std::iter::once(&meta.signer).chain(merchant).collect()
}

/// Takes the values out of a finding that compares a withheld document.
fn withhold(finding: &mut Finding, withheld: &[Hash]) {
    let compared = [finding.left_document, finding.right_document];
    let is_withheld = compared.into_iter().flatten().any(|one| withheld.contains(&one));
    if is_withheld && !(finding.left.is_empty() && finding.right.is_empty()) {
        finding.left = String::new();
        finding.right = String::new();
        finding.reason = Some(Reason::Withheld);
    }
}

//! Who signs a message.

use super::Reason;
use crate::answer::CliError;
use crate::args::HomeArgs;
use crate::member::{Member, Place, not_a_member};
use crate::pseudonyms::Pseudonyms;
use kanhe_contracts::document::{Body, Document};
use kanhe_contracts::registry::Role;
use kanhe_node::localnet::Localnet;
use kanhe_types::code::OrganisationCode;
use std::collections::BTreeMap;

/// Who signs: one member whatever the message says, or the member of a localnet that it names.
pub struct Speakers {
    localnet: Option<Localnet>,
    /// Whoever speaks for everything.
    fixed: Option<OrganisationCode>,
    pub(super) members: BTreeMap<OrganisationCode, Member>,
}

impl Speakers {
    /// The speakers of a home.
    ///
    /// # Errors
    /// When the home cannot be used.
    pub fn of(args: &HomeArgs) -> Result<Self, CliError> {
        match Place::find(&args.home)? {
            Place::Localnet(localnet) => {
                let mut speakers = Self::of_localnet(localnet);
                if let Some(code) = &args.member {
                    speakers.member(code)?;
                    speakers.fixed = Some(code.clone());
                }
                Ok(speakers)
            }
            Place::Node(_) | Place::Observer(_) | Place::Member(_) => {
                let member = Member::of(args)?;
                let code = member.client.organisation().clone();
                let members = BTreeMap::from([(code.clone(), member)]);
                Ok(Self { localnet: None, fixed: Some(code), members })
            }
        }
    }

    /// Every member of a localnet for its own messages.
    pub fn of_localnet(localnet: Localnet) -> Self {
        Self { localnet: Some(localnet), fixed: None, members: BTreeMap::new() }
    }

    /// Where pseudonyms come from.
    ///
    /// # Errors
    /// When there is neither a service nor a localnet's key.
    pub fn pseudonyms(&mut self, year: Option<u16>) -> Result<Pseudonyms, CliError> {
        let first =
            || self.localnet.as_ref()?.members().first().map(|own| own.organisation.clone());
        let code = self.fixed.clone().or_else(first);
        let code = code.ok_or_else(|| CliError::unknown("the localnet has no members"))?;
        self.member(&code)?.pseudonyms(year)
    }

    /// A member by its code; its key is opened once.
    pub(super) fn member(&mut self, code: &OrganisationCode) -> Result<&Member, CliError> {
        if !self.members.contains_key(code) {
            let localnet = self.localnet.as_ref();
            let localnet =
                localnet.ok_or_else(|| CliError::Usage(format!("{code} is not known")))?;
            let member = Member::of_localnet(localnet, code)?;
            self.members.insert(code.clone(), member);
        }
        Ok(self.members.get(code).expect("it was just put there"))
    }

    /// Who signs a document of a message.
    pub(super) fn signer(
        &self,
        sender: Option<&str>,
        document: &Document,
    ) -> Result<OrganisationCode, Reason> {
        if let Some(code) = &self.fixed {
            return Ok(code.clone());
        }
        let Some(localnet) = &self.localnet else {
            return Err(Reason::of("nobody speaks for this message"));
        };
        let sender: Option<OrganisationCode> = sender.and_then(|sender| sender.parse().ok());
        let mut named = named_by(document, localnet);
        if let Some(sender) = sender {
            // A party to the trade speaks for itself, rightly or not: the ledger judges that.
            // Anybody else only transfers what another says.
            let is_party = named.contains(&sender) || platform_of(document) == Some(&sender);
            let index = if is_party { 0 } else { named.len() };
            named.insert(index, sender);
        }
        let is_member =
            |code: &&OrganisationCode| localnet.members().iter().any(|m| m.organisation == **code);
        if let Some(code) = named.iter().find(is_member) {
            return Ok(code.clone());
        }
        let Some(first) = named.first() else {
            return Err(Reason::of("the message names no sender; give one with --as CODE"));
        };
        let reason = Reason::of(not_a_member(localnet, first));
        Err(Reason { remedy: "give the member that sends it with --as CODE".into(), ..reason })
    }
}

/// The organisations that may speak for a document, the likeliest first.
fn named_by(document: &Document, localnet: &Localnet) -> Vec<OrganisationCode> {
    match &document.body {
        Body::Order(order) => vec![order.ebp_code.clone(), order.ebc_code.clone()],
        Body::Payment(payment) => vec![payment.pay_code.clone()],
        Body::PaymentAllocation(own) => vec![own.pay_code.clone()],
        Body::PaymentRefund(own) => vec![own.pay_code.clone()],
        Body::Waybill(waybill) => vec![waybill.logistics_code.clone()],
        Body::InventoryList(list) => vec![list.agent_code.clone(), list.ebc_code.clone()],
        Body::ExportOrder(order) => vec![order.ebp_code.clone(), order.ebc_code.clone()],
        Body::FundsReceipt(receipt) => {
            vec![receipt.pay_code.clone().unwrap_or_else(|| receipt.ebc_code.clone())]
        }
        Body::ExportWaybill(waybill) => vec![waybill.logistics_code.clone()],
        Body::Arrival(arrival) => {
            vec![arrival.operator_code.clone(), arrival.logistics_code.clone()]
        }
        Body::Departure(departure) => vec![departure.logistics_code.clone()],
        Body::ExportList(list) => vec![list.agent_code.clone(), list.ebc_code.clone()],
        Body::ExportListCancellation(cancellation) => {
            vec![cancellation.agent_code.clone(), cancellation.ebc_code.clone()]
        }
        Body::ConsolidationBill(bill) => {
            vec![bill.logistics_code.clone(), bill.agent_code.clone()]
        }
        Body::SummaryApplication(summary) => {
            vec![summary.agent_code.clone(), summary.ebc_code.clone()]
        }
        Body::ExportReturn(application) => {
            vec![application.ebc_code.clone(), application.agent_code.clone()]
        }
        Body::ReturnTally(tally) => {
            vec![tally.operator_code.clone(), tally.logistics_code.clone()]
        }
        Body::WaybillStatus(status) => vec![status.logistics_code.clone()],
        Body::ListCancellation(own) => vec![own.agent_code.clone(), own.ebc_code.clone()],
        Body::ListReturn(own) => vec![own.agent_code.clone(), own.ebc_code.clone()],
        Body::WarehouseReceipt(receipt) => vec![receipt.operator_code.clone()],
        Body::TaxBill(_)
        | Body::TaxBillStatus(_)
        | Body::ListStatus(_)
        | Body::SummaryResult(_) => {
            let customs = localnet.members().iter().filter(|m| m.roles.contains(&Role::Customs));
            customs.take(1).map(|agency| agency.organisation.clone()).collect()
        }
        Body::IdentityAttestation(_) => {
            let agencies = localnet.members().iter().filter(|m| m.roles.contains(&Role::Agency));
            agencies.take(1).map(|agency| agency.organisation.clone()).collect()
        }
        // Said with `kanhe gov`, `kanhe keys`, `kanhe grant`, `kanhe assist` and `kanhe register`,
        // by who says so.
        Body::GovernanceProposal(_)
        | Body::GovernanceVote(_)
        | Body::GovernanceWithdrawal(_)
        | Body::OwnKeys(_)
        | Body::SpotCheck(_)
        | Body::SpotCheckAnswer(_)
        | Body::SpotCheckResult(_)
        | Body::Erasure(_)
        | Body::CaseGrant(_)
        | Body::PeriodGrant(_)
        | Body::GrantWithdrawal(_)
        | Body::AssistanceRequest(_)
        | Body::AssistanceAnswer(_)
        | Body::Inspection(_)
        | Body::ReadReport(_)
        | Body::RiskSignal(_)
        | Body::RiskAct(_)
        | Body::Dispute(_)
        | Body::Certificate(_)
        | Body::Cover(_)
        | Body::SubsidyClaim(_)
        | Body::Fund(_)
        | Body::TaxExemption(_)
        | Body::Receivable(_)
        | Body::FrozenLot(_)
        | Body::OverseasStock(_)
        | Body::NegativeList(_)
        | Body::CreditRecord(_)
        | Body::CustomsGrade(_)
        | Body::Right(_)
        | Body::OverseasAid(_)
        | Body::Stocktake(_)
        | Body::TaxDeposit(_)
        | Body::NettingStatement(_)
        | Body::Journey(_) => Vec::new(),
    }
}

/// The platform of the trade that a document is about.
fn platform_of(document: &Document) -> Option<&OrganisationCode> {
    match &document.body {
        Body::Order(order) => Some(&order.ebp_code),
        Body::Payment(payment) => Some(&payment.ebp_code),
        Body::InventoryList(list) => Some(&list.ebp_code),
        Body::ExportOrder(order) => Some(&order.ebp_code),
        Body::FundsReceipt(receipt) => Some(&receipt.ebp_code),
        Body::ExportList(list) => Some(&list.ebp_code),
        Body::ExportReturn(application) => Some(&application.ebp_code),
        Body::ListCancellation(own) => Some(&own.ebp_code),
        Body::ListReturn(own) => Some(&own.ebp_code),
        Body::ListStatus(own) => Some(&own.ebp_code),
        Body::PaymentAllocation(own) => Some(&own.ebp_code),
        Body::PaymentRefund(own) => Some(&own.ebp_code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_contracts::fixture::{self, Trade};
    use kanhe_node::localnet::{LocalnetConfig, Schemes};
    use kanhe_types::time::Millis;

    /// A localnet with the fixture's platform and merchant.
    fn speakers(folder: &tempfile::TempDir) -> Speakers {
        let enterprises =
            [(fixture::PLATFORM, Role::Platform), (fixture::MERCHANT, Role::Merchant)];
        let config = LocalnetConfig {
            validators: 1,
            schemes: Schemes::default(),
            base_port: None,
            enterprises: enterprises.map(|(code, role)| (fixture::code(code), vec![role])).into(),
            registered: Vec::new(),
            policy: None,
            time: Millis(1_795_420_800_000),
        };
        let localnet = Localnet::init(folder.path(), config).expect("the folder is empty");
        Speakers::of_localnet(localnet)
    }

    #[test]
    fn a_document_is_signed_by_the_member_that_it_speaks_for() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let speakers = speakers(&folder);
        let trade = Trade::new(1);
        let order = fixture::order(&trade);
        let signer = |sender: Option<&str>| speakers.signer(sender, &order).map_err(|r| r.message);
        assert_eq!(signer(None), Ok(fixture::code(fixture::PLATFORM)));
        assert_eq!(signer(Some(fixture::MERCHANT)), Ok(fixture::code(fixture::MERCHANT)));
        // Somebody else transfers it, member or not.
        for other in ["TESTCARRIER01", "1101180326", "not a code"] {
            assert_eq!(signer(Some(other)), Ok(fixture::code(fixture::PLATFORM)), "{other}");
        }
    }

    #[test]
    fn a_platform_that_sends_a_payment_signs_it_itself() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let speakers = speakers(&folder);
        let payment = fixture::payment(&Trade::new(1));
        let signer = speakers.signer(Some(fixture::PLATFORM), &payment);
        assert_eq!(signer.map_err(|r| r.message), Ok(fixture::code(fixture::PLATFORM)));
    }

    #[test]
    fn what_customs_says_is_signed_by_customs_whoever_transfers_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let speakers = speakers(&folder);
        let members = speakers.localnet.as_ref().expect("it is one").members();
        let customs = members.iter().find(|member| member.roles.contains(&Role::Customs));
        let customs = customs.expect("the first agency is customs").organisation.clone();
        let trade = Trade::new(1);
        for document in [
            fixture::import::tax_bill(&trade),
            fixture::import::tax_bill_status(&trade, "2"),
            fixture::import::list_status(&trade, "800"),
            fixture::export::summary_result(std::slice::from_ref(&trade)),
        ] {
            for sender in [None, Some(fixture::MERCHANT)] {
                let signer = speakers.signer(sender, &document).map_err(|r| r.message);
                assert_eq!(signer, Ok(customs.clone()), "{sender:?}");
            }
        }
    }

    #[test]
    fn a_document_that_no_member_speaks_for_is_not_sent() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut speakers = speakers(&folder);
        let payment = fixture::payment(&Trade::new(1));
        let reason = speakers.signer(None, &payment).expect_err("its firm is no member");
        assert!(reason.message.starts_with("TESTPAY001 is not a member"), "{}", reason.message);
        speakers.fixed = Some(fixture::code(fixture::PLATFORM));
        assert!(speakers.signer(None, &payment).is_ok());
    }
}

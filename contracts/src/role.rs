//! Who may send what: the signer's role, and the codes inside the document.

use crate::document::{Body, Document, DocumentKind, Family};
use crate::policy::{Direction, Policy};
use crate::registry::{Organisation, Role};
use crate::rejection::{Rejected, Rejection};
use kanhe_types::code::OrganisationCode;

/// A way in which an organisation may send a document: with a role, under its own code.
#[derive(Clone, Copy)]
struct Way<'a> {
    role: Role,
    /// The field that must hold the signer's code, and what it holds; none for agencies, who speak
    /// of others.
    code: Option<(&'static str, &'a OrganisationCode)>,
}

/// Checks that `signer` has a role that sends this kind of document, and that the document carries
/// the signer's code in that role's field.
pub(crate) fn check_role(signer: &Organisation, document: &Document) -> Result<(), Rejected> {
    // Every organisation has keys of its own, and may let others see what is its own; whose
    // original it is the case says.
    let kind = document.kind();
    if kind.family() == Family::Register {
        // Who does what to an entry, its register says.
        return Ok(());
    }
    if matches!(
        kind,
        DocumentKind::OwnKeys
            | DocumentKind::SpotCheckAnswer
            | DocumentKind::Erasure
            | DocumentKind::CaseGrant
            | DocumentKind::PeriodGrant
            | DocumentKind::GrantWithdrawal
    ) {
        return Ok(());
    }
    let ways = ways(document);
    // Customs' word is an agency's.
    let has_role =
        |role| signer.has_role(role) && (role != Role::Customs || signer.has_role(Role::Agency));
    let with_role = || ways.clone().filter(|way| has_role(way.role));
    if with_role().next().is_none() {
        let expected: Vec<&str> = ways.map(|way| name(way.role)).collect();
        let found: Vec<&str> = signer.roles.iter().map(|role| name(*role)).collect();
        return Err(Rejected::new(
            Rejection::RoleMissing,
            "role",
            expected.join(" or "),
            found.join(", "),
        ));
    }
    if with_role().any(|way| way.code.is_none_or(|(_, code)| *code == signer.code)) {
        return Ok(());
    }
    let fields: Vec<&str> =
        with_role().filter_map(|way| way.code.map(|(field, _)| field)).collect();
    let codes: Vec<String> =
        with_role().filter_map(|way| way.code.map(|(_, code)| code.to_string())).collect();
    Err(Rejected::new(
        Rejection::NotOwnCode,
        fields.join(" or "),
        &signer.code,
        codes.join(" and "),
    ))
}

/// Checks that a list is sent in a role that declares under its mode. What mode a list is of, its
/// own check says.
pub(crate) fn check_declarant(
    signer: &Organisation,
    document: &Document,
    policy: &Policy,
) -> Result<(), Rejected> {
    let (direction, code) = match &document.body {
        Body::InventoryList(list) => (Direction::Import, &list.trade_mode),
        Body::ExportList(list) => (Direction::Export, &list.trade_mode),
        _ => return Ok(()),
    };
    let Some(mode) = policy.mode(direction, code) else { return Ok(()) };
    let declares = |way: Way<'_>| {
        mode.declarants.contains(&way.role)
            && signer.has_role(way.role)
            && way.code.is_some_and(|(_, code)| *code == signer.code)
    };
    if ways(document).any(declares) {
        return Ok(());
    }
    let expected: Vec<&str> = mode.declarants.iter().map(|role| name(*role)).collect();
    let found: Vec<&str> = signer.roles.iter().map(|role| name(*role)).collect();
    let (expected, found) = (expected.join(" or "), found.join(", "));
    Err(Rejected::new(Rejection::RoleMissing, "role", expected, found))
}

fn ways(document: &Document) -> impl Iterator<Item = Way<'_>> + Clone {
    let way = |role, field, code| Some(Way { role, code: Some((field, code)) });
    let ways = match &document.body {
        Body::Order(order) => [
            way(Role::Platform, "ebpCode", &order.ebp_code),
            way(Role::Merchant, "ebcCode", &order.ebc_code),
        ],
        Body::Payment(payment) => [way(Role::Payment, "payCode", &payment.pay_code), None],
        Body::Waybill(waybill) => {
            [way(Role::Carrier, "logisticsCode", &waybill.logistics_code), None]
        }
        Body::InventoryList(list) => [
            way(Role::Merchant, "ebcCode", &list.ebc_code),
            way(Role::Declarant, "agentCode", &list.agent_code),
        ],
        Body::ExportOrder(order) => [
            way(Role::Platform, "ebpCode", &order.ebp_code),
            way(Role::Merchant, "ebcCode", &order.ebc_code),
        ],
        // Cash and foreign payment firms have no code: then the merchant speaks.
        Body::FundsReceipt(receipt) => match &receipt.pay_code {
            Some(pay_code) => {
                [way(Role::Payment, "payCode", pay_code), way(Role::Bank, "payCode", pay_code)]
            }
            None => [way(Role::Merchant, "ebcCode", &receipt.ebc_code), None],
        },
        Body::ExportWaybill(waybill) => {
            [way(Role::Carrier, "logisticsCode", &waybill.logistics_code), None]
        }
        Body::Arrival(arrival) => [
            way(Role::Warehouse, "operatorCode", &arrival.operator_code),
            way(Role::Carrier, "logisticsCode", &arrival.logistics_code),
        ],
        Body::Departure(departure) => {
            [way(Role::Carrier, "logisticsCode", &departure.logistics_code), None]
        }
        Body::ExportList(list) => [
            way(Role::Merchant, "ebcCode", &list.ebc_code),
            way(Role::Declarant, "agentCode", &list.agent_code),
        ],
        Body::ExportListCancellation(cancellation) => [
            way(Role::Merchant, "ebcCode", &cancellation.ebc_code),
            way(Role::Declarant, "agentCode", &cancellation.agent_code),
        ],
        Body::ConsolidationBill(bill) => [
            way(Role::Carrier, "logisticsCode", &bill.logistics_code),
            way(Role::Declarant, "agentCode", &bill.agent_code),
        ],
        Body::SummaryApplication(summary) => [
            way(Role::Merchant, "ebcCode", &summary.ebc_code),
            way(Role::Declarant, "agentCode", &summary.agent_code),
        ],
        Body::ExportReturn(application) => [
            way(Role::Merchant, "ebcCode", &application.ebc_code),
            way(Role::Declarant, "agentCode", &application.agent_code),
        ],
        Body::ReturnTally(tally) => [
            way(Role::Warehouse, "operatorCode", &tally.operator_code),
            way(Role::Carrier, "logisticsCode", &tally.logistics_code),
        ],
        Body::WaybillStatus(status) => {
            [way(Role::Carrier, "logisticsCode", &status.logistics_code), None]
        }
        Body::ListCancellation(cancellation) => [
            way(Role::Merchant, "ebcCode", &cancellation.ebc_code),
            way(Role::Declarant, "agentCode", &cancellation.agent_code),
        ],
        Body::ListReturn(application) => [
            way(Role::Merchant, "ebcCode", &application.ebc_code),
            way(Role::Declarant, "agentCode", &application.agent_code),
        ],
        Body::WarehouseReceipt(receipt) => {
            [way(Role::Warehouse, "operatorCode", &receipt.operator_code), None]
        }
        Body::PaymentAllocation(own) => [way(Role::Payment, "payCode", &own.pay_code), None],
        Body::PaymentRefund(own) => [way(Role::Payment, "payCode", &own.pay_code), None],
        Body::TaxBill(_)
        | Body::TaxBillStatus(_)
        | Body::ListStatus(_)
        | Body::SummaryResult(_) => [Some(Way { role: Role::Customs, code: None }), None],
        Body::IdentityAttestation(_)
        | Body::GovernanceProposal(_)
        | Body::GovernanceVote(_)
        | Body::GovernanceWithdrawal(_)
        | Body::SpotCheck(_)
        | Body::SpotCheckResult(_)
        | Body::AssistanceRequest(_)
        | Body::AssistanceAnswer(_)
        | Body::Inspection(_)
        | Body::ReadReport(_)
        | Body::RiskSignal(_)
        | Body::RiskAct(_) => [Some(Way { role: Role::Agency, code: None }), None],
        // What every organisation may say is not asked for here; a kind without a way is refused.
        _ => [None, None],
    };
    ways.into_iter().flatten()
}

/// A role's name, as receipts write it.
pub(crate) fn name(role: Role) -> &'static str {
    match role {
        Role::Agency => "agency",
        Role::Platform => "platform",
        Role::Merchant => "merchant",
        Role::Payment => "payment",
        Role::Carrier => "carrier",
        Role::Declarant => "declarant",
        Role::Warehouse => "warehouse",
        Role::Bank => "bank",
        Role::Insurer => "insurer",
        Role::Auditor => "auditor",
        Role::Customs => "customs",
        Role::Tax => "tax",
        Role::Forex => "forex",
        Role::Commerce => "commerce",
        Role::Market => "market",
        Role::Post => "post",
    }
}

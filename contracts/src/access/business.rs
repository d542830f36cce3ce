//! Which agency's business what is.

use crate::document::DocumentKind;
use crate::registry::{Organisation, Role};

/// The roles that give an agency a business of its own.
pub const BUSINESS_ROLES: [Role; 6] =
    [Role::Customs, Role::Tax, Role::Forex, Role::Commerce, Role::Market, Role::Post];

/// The kinds of documents whose content is an agency's own business, ascending; none of who is no
/// agency. Where a trade stands is every agency's.
pub fn business(organisation: &Organisation) -> Vec<DocumentKind> {
    if !organisation.has_role(Role::Agency) {
        return Vec::new();
    }
    let mut kinds: Vec<DocumentKind> =
        organisation.roles.iter().flat_map(|role| of_role(*role)).copied().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// What is whose business. Customs compares everything that is declared with everything else, and
/// has all of risk; tax is due on what is declared and sold; forex follows the money; commerce and
/// market supervision look at what is sold, the latter at the goods that come in; the post at what
/// is carried. Forex sees what exports are declared at, to compare it with what was received, and
/// what is borrowed on it.
#[allow(clippy::too_many_lines, reason = "a table: one place says what is whose business")]
fn of_role(role: Role) -> &'static [DocumentKind] {
    use DocumentKind::{
        Arrival, Certificate, ConsolidationBill, CreditRecord, CustomsGrade, Departure, Dispute,
        ExportList, ExportListCancellation, ExportOrder, ExportReturn, ExportWaybill, FrozenLot,
        Fund, FundsReceipt, InventoryList, Journey, ListCancellation, ListReturn, ListStatus,
        NegativeList, NettingStatement, Order, OverseasAid, OverseasStock, Payment,
        PaymentAllocation, PaymentRefund, Receivable, ReturnTally, Right, RiskAct, RiskSignal,
        Stocktake, SubsidyClaim, SummaryApplication, SummaryResult, TaxBill, TaxBillStatus,
        TaxDeposit, TaxExemption, WarehouseReceipt, Waybill, WaybillStatus,
    };
    match role {
        Role::Customs => &[
            Order,
            Payment,
            Waybill,
            InventoryList,
            ExportOrder,
            FundsReceipt,
            ExportWaybill,
            Arrival,
            Departure,
            ExportList,
            ExportListCancellation,
            ConsolidationBill,
            SummaryApplication,
            SummaryResult,
            ExportReturn,
            ReturnTally,
            WaybillStatus,
            ListCancellation,
            ListReturn,
            WarehouseReceipt,
            TaxBill,
            TaxBillStatus,
            ListStatus,
            Dispute,
            Certificate,
            Journey,
            PaymentAllocation,
            PaymentRefund,
            FrozenLot,
            OverseasStock,
            NegativeList,
            CreditRecord,
            CustomsGrade,
            Right,
            Stocktake,
            TaxDeposit,
            RiskSignal,
            RiskAct,
        ],
        Role::Tax => &[
            Order,
            InventoryList,
            ExportOrder,
            ExportList,
            ExportListCancellation,
            SummaryApplication,
            SummaryResult,
            ExportReturn,
            ListCancellation,
            ListReturn,
            TaxBill,
            TaxBillStatus,
            ListStatus,
            TaxExemption,
            OverseasStock,
            NegativeList,
            CreditRecord,
        ],
        Role::Market => &[
            Order,
            InventoryList,
            ExportReturn,
            ListReturn,
            Dispute,
            Certificate,
            FrozenLot,
            NegativeList,
            CreditRecord,
            Right,
            OverseasAid,
        ],
        Role::Forex => &[
            Payment,
            FundsReceipt,
            ExportList,
            PaymentAllocation,
            PaymentRefund,
            Receivable,
            NegativeList,
            CreditRecord,
            NettingStatement,
        ],
        Role::Commerce => &[
            Order,
            ExportOrder,
            Dispute,
            Fund,
            SubsidyClaim,
            OverseasStock,
            NegativeList,
            CreditRecord,
            OverseasAid,
        ],
        Role::Post => &[
            Waybill,
            ExportWaybill,
            Arrival,
            Departure,
            WaybillStatus,
            Journey,
            NegativeList,
            CreditRecord,
        ],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{code, organisation};

    #[test]
    fn an_agency_has_the_business_of_its_roles_and_nobody_else_has_any() {
        let of = |roles: &[Role]| business(&organisation(&code("TESTGOV009"), "测试", roles));
        assert_eq!(of(&[Role::Agency]), []);
        assert_eq!(of(&[Role::Platform, Role::Customs]), []);
        let money = [
            DocumentKind::Payment,
            DocumentKind::FundsReceipt,
            DocumentKind::ExportList,
            DocumentKind::Receivable,
            DocumentKind::PaymentAllocation,
            DocumentKind::PaymentRefund,
            DocumentKind::NegativeList,
            DocumentKind::CreditRecord,
            DocumentKind::NettingStatement,
        ];
        assert_eq!(of(&[Role::Agency, Role::Forex]), money);
        let both = of(&[Role::Agency, Role::Commerce, Role::Post]);
        let expected = [
            DocumentKind::Order,
            DocumentKind::Waybill,
            DocumentKind::ExportOrder,
            DocumentKind::ExportWaybill,
            DocumentKind::Arrival,
            DocumentKind::Departure,
            DocumentKind::WaybillStatus,
            DocumentKind::Dispute,
            DocumentKind::Fund,
            DocumentKind::SubsidyClaim,
            DocumentKind::Journey,
            DocumentKind::OverseasStock,
            DocumentKind::NegativeList,
            DocumentKind::CreditRecord,
            DocumentKind::OverseasAid,
        ];
        assert_eq!(both, expected);
        for role in BUSINESS_ROLES {
            assert!(!of(&[Role::Agency, role]).is_empty(), "{role:?}");
        }
        let all = DocumentKind::ALL.iter().copied().filter(|kind| kind.is_of_trade());
        let but_attested = all.filter(|kind| *kind != DocumentKind::IdentityAttestation);
        let customs = of(&[Role::Agency, Role::Customs]);
        let of_trade: Vec<DocumentKind> =
            customs.into_iter().filter(|kind| kind.is_of_trade()).collect();
        assert_eq!(of_trade, but_attested.collect::<Vec<DocumentKind>>());
    }
}

//! What can be wrong with a trade, and how a user of the ledger sees it.

use kanhe_contracts::document::DocumentKind;
use std::fmt;
use std::str::FromStr;

/// A fault that is planted in a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultId {
    /// The payment is lower than what the order says was paid.
    AmountDiffers,
    /// The waybill names another consignee.
    ConsigneeDiffers,
    /// The waybill or the list has another address.
    AddressDiffers,
    /// The payment firm sends nothing.
    PaymentMissing,
    /// The carrier sends nothing.
    WaybillMissing,
    /// The merchant sends no list.
    ListMissing,
    /// The list names the waybill of another trade.
    WaybillUsedTwice,
    /// Somebody else paid, and no agency attests the orderer's identity.
    PayerNotBuyer,
    /// The list declares another orderer.
    BuyerDiffers,
    /// The list declares other goods or a lower price.
    LineDiffers,
    /// The list declares another weight than the carrier weighed.
    WeightDiffers,
    /// The list declares another freight than the carrier charged.
    FreightDiffers,
    /// The order's amounts do not add up.
    TotalWrong,
    /// The platform sends a payment for the payment firm.
    PlatformSignedPayment,
    /// The platform sends another order under the same number.
    DuplicateOrderOtherContent,
    /// The payment firm sends a payment twice.
    ResentDocument,
}

/// How a fault shows on the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detection {
    /// The trade's case has failed findings of this rule. Count cases: one fault may show in
    /// several fields.
    Finding {
        /// The rule, such as `M03`.
        rule: &'static str,
    },
    /// A document is refused.
    RejectedDocument {
        /// Its kind.
        kind: DocumentKind,
        /// The number of the rejection.
        code: u16,
    },
    /// The case is still collecting and this is what it lacks: see [`Detection::of_missing`].
    CollectingWithout(DocumentKind),
    /// A document gets the receipt of its first sending again.
    Repeated,
}

impl Detection {
    /// What a collecting case lacks. A case without its list also shows no waybill, because only
    /// the list says which waybill is the case's; it counts as without list.
    pub fn of_missing(missing: &[DocumentKind]) -> Option<Self> {
        const ORDER: [DocumentKind; 4] = [
            DocumentKind::InventoryList,
            DocumentKind::Order,
            DocumentKind::Payment,
            DocumentKind::Waybill,
        ];
        ORDER.into_iter().find(|kind| missing.contains(kind)).map(Self::CollectingWithout)
    }
}

impl FaultId {
    /// Every fault.
    pub const ALL: [Self; 16] = [
        Self::AmountDiffers,
        Self::ConsigneeDiffers,
        Self::AddressDiffers,
        Self::PaymentMissing,
        Self::WaybillMissing,
        Self::ListMissing,
        Self::WaybillUsedTwice,
        Self::PayerNotBuyer,
        Self::BuyerDiffers,
        Self::LineDiffers,
        Self::WeightDiffers,
        Self::FreightDiffers,
        Self::TotalWrong,
        Self::PlatformSignedPayment,
        Self::DuplicateOrderOtherContent,
        Self::ResentDocument,
    ];

    /// The fault's name, in lower case with hyphens.
    pub fn name(self) -> &'static str {
        match self {
            Self::AmountDiffers => "amount-differs",
            Self::ConsigneeDiffers => "consignee-differs",
            Self::AddressDiffers => "address-differs",
            Self::PaymentMissing => "payment-missing",
            Self::WaybillMissing => "waybill-missing",
            Self::ListMissing => "list-missing",
            Self::WaybillUsedTwice => "waybill-used-twice",
            Self::PayerNotBuyer => "payer-not-buyer",
            Self::BuyerDiffers => "buyer-differs",
            Self::LineDiffers => "line-differs",
            Self::WeightDiffers => "weight-differs",
            Self::FreightDiffers => "freight-differs",
            Self::TotalWrong => "total-wrong",
            Self::PlatformSignedPayment => "platform-signed-payment",
            Self::DuplicateOrderOtherContent => "duplicate-order-other-content",
            Self::ResentDocument => "resent-document",
        }
    }

    /// How the fault shows on the ledger, in one way only. Consignee and address share rule M07:
    /// its findings' field tells them apart.
    pub fn detection(self) -> Detection {
        let finding = |rule| Detection::Finding { rule };
        let rejected = |kind, code| Detection::RejectedDocument { kind, code };
        match self {
            Self::AmountDiffers => finding("M03"),
            Self::ConsigneeDiffers | Self::AddressDiffers => finding("M07"),
            Self::PaymentMissing => Detection::CollectingWithout(DocumentKind::Payment),
            Self::WaybillMissing => Detection::CollectingWithout(DocumentKind::Waybill),
            Self::ListMissing => Detection::CollectingWithout(DocumentKind::InventoryList),
            Self::WaybillUsedTwice => finding("M11"),
            Self::PayerNotBuyer => finding("M06"),
            Self::BuyerDiffers => finding("M05"),
            Self::LineDiffers => finding("M08"),
            Self::WeightDiffers => finding("M09"),
            Self::FreightDiffers => finding("M10"),
            Self::TotalWrong => rejected(DocumentKind::Order, 301),
            Self::PlatformSignedPayment => rejected(DocumentKind::Payment, 105),
            Self::DuplicateOrderOtherContent => rejected(DocumentKind::Order, 403),
            Self::ResentDocument => Detection::Repeated,
        }
    }

    /// The field that the finding names, where the rule alone does not tell the fault.
    pub fn finding_field(self) -> Option<&'static str> {
        match self {
            Self::ConsigneeDiffers => Some("consignee"),
            Self::AddressDiffers => Some("consigneeAddress"),
            _ => None,
        }
    }

    /// Whether the trade's case matches all the same.
    pub fn leaves_matched(self) -> bool {
        matches!(
            self,
            Self::FreightDiffers
                | Self::PlatformSignedPayment
                | Self::DuplicateOrderOtherContent
                | Self::ResentDocument
        )
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text is not a fault's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a fault such as amount-differs")]
pub struct ParseFaultError;

impl FromStr for FaultId {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|fault| fault.name() == text).ok_or(ParseFaultError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_faults() {
        for fault in FaultId::ALL {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        assert!("amount_differs".parse::<FaultId>().is_err());
    }

    #[test]
    fn no_two_faults_show_in_the_same_way() {
        let mut ways: Vec<_> =
            FaultId::ALL.iter().map(|fault| (fault.detection(), fault.finding_field())).collect();
        ways.sort_unstable();
        ways.dedup();
        assert_eq!(ways.len(), FaultId::ALL.len());
    }

    #[test]
    fn a_case_without_list_counts_as_that_whatever_else_it_lacks() {
        let missing = [DocumentKind::Waybill, DocumentKind::InventoryList];
        let expected = Detection::CollectingWithout(DocumentKind::InventoryList);
        assert_eq!(Detection::of_missing(&missing), Some(expected));
        assert_eq!(Detection::of_missing(&[]), None);
    }
}

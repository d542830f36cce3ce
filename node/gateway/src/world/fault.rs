//! What can be wrong with a trade, and how a user of the ledger sees it.

use kanhe_contracts::document::DocumentKind;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Declares the faults: a macro, because each is a variant, a name, a member of
/// [`FaultId::ALL`] and a way to show, and the four must not part.
macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident $name:literal $detection:expr;)*) => {
        /// A fault that is planted in a trade.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum FaultId {
            $($(#[$doc])* $fault,)*
        }

        impl FaultId {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$fault),*];

            /// The fault's name, in lower case with hyphens.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$fault => $name,)*
                }
            }

            /// How the fault shows on the ledger. Consignee and address share rule M07: its
            /// findings' field tells them apart.
            pub fn detection(self) -> Detection {
                match self {
                    $(Self::$fault => $detection,)*
                }
            }
        }
    };
}

const fn finding(rule: &'static str) -> Detection {
    Detection::Finding { rule }
}

const fn rejected(kind: DocumentKind, code: u16) -> Detection {
    Detection::RejectedDocument { kind, code }
}

const fn without(kind: DocumentKind) -> Detection {
    Detection::CollectingWithout(kind)
}

faults! {
    /// The payment is lower than what the order says was paid.
    AmountDiffers "amount-differs" finding("M03");
    /// The waybill names another consignee.
    ConsigneeDiffers "consignee-differs" finding("M07");
    /// The waybill or the list has another address.
    AddressDiffers "address-differs" finding("M07");
    /// The payment firm sends nothing.
    PaymentMissing "payment-missing" without(DocumentKind::Payment);
    /// The carrier sends nothing.
    WaybillMissing "waybill-missing" without(DocumentKind::Waybill);
    /// The merchant sends no list.
    ListMissing "list-missing" without(DocumentKind::InventoryList);
    /// The list names the waybill of another trade.
    WaybillUsedTwice "waybill-used-twice" finding("M11");
    /// Somebody else paid, and no agency attests the orderer's identity.
    PayerNotBuyer "payer-not-buyer" finding("M06");
    /// The list declares another orderer.
    BuyerDiffers "buyer-differs" finding("M05");
    /// The list declares other goods, in the day of imports also a lower price.
    LineDiffers "line-differs" finding("M08");
    /// The list declares another weight than the carrier weighed.
    WeightDiffers "weight-differs" finding("M09");
    /// The list declares another freight than the carrier charged.
    FreightDiffers "freight-differs" finding("M10");
    /// The order's amounts do not add up.
    TotalWrong "total-wrong" rejected(DocumentKind::Order, 301);
    /// The platform sends a payment for the payment firm.
    PlatformSignedPayment "platform-signed-payment" rejected(DocumentKind::Payment, 105);
    /// The platform sends another order under the same number.
    DuplicateOrderOtherContent "duplicate-order-other-content" rejected(DocumentKind::Order, 403);
    /// A document is sent twice.
    ResentDocument "resent-document" Detection::Repeated;
    /// The platform sends nothing.
    OrderMissing "order-missing" without(DocumentKind::Order);
    /// The list declares a lower price, so that another tax follows from it, too.
    LinePriceDiffers "line-price-differs" Detection::Findings(&["M08", "M14"]);
    /// The order has two payments.
    PaidTwice "paid-twice" finding("M11");
    /// Two pieces together are worth more than one transaction may be.
    SingleLimitExceeded "single-limit-exceeded" finding("M12");
    /// The orderer bought nearly the annual limit before.
    AnnualLimitExceeded "annual-limit-exceeded" finding("M12");
    /// The list is declared in another year than the documents' pseudonyms are of.
    YearDiffers "year-differs" finding("M12");
    /// The goods may not be imported at retail.
    NotOnPositiveList "not-on-positive-list" finding("M13");
    /// The order states another tax than is due.
    TaxWrong "tax-wrong" finding("M14");
    /// The tax bill states another tax than is due.
    TaxBillWrong "tax-bill-wrong" finding("M14");
    /// The order is reported more than a day after its payment.
    OrderReportedLate "order-reported-late" finding("M15");
    /// The waybill is reported after the list.
    WaybillAfterList "waybill-after-list" finding("M15");
    /// The parcel is signed for before customs released it.
    SignedBeforeRelease "signed-before-release" finding("M15");
    /// The list names a declarant whom the zone does not know.
    DeclarantUnregistered "declarant-unregistered" finding("M16");
    /// The list names a declarant who is suspended.
    DeclarantSuspended "declarant-suspended" finding("M16");
    /// The list names a declarant who has no such role.
    DeclarantWithoutRole "declarant-without-role" finding("M16");
    /// The merchant cancels the list that its declarant sent.
    CancellationByStranger "cancellation-by-stranger" finding("M18");
    /// A cancellation names another number than the list has.
    CancellationOfAnotherNumber "cancellation-of-another-number" finding("M18");
    /// More is to go back than was declared.
    ReturnOfMore "return-of-more" finding("M19");
    /// Goods are to go back under another commodity code.
    ReturnOfOtherGoods "return-of-other-goods" finding("M19");
    /// A return is applied for after the time for that.
    ReturnAppliedLate "return-applied-late" finding("M19");
    /// The goods of a return are back after the time for that.
    ReturnBackLate "return-back-late" finding("M19");
    /// The list takes goods that the account book never took in.
    StockShort "stock-short" finding("B01");
    /// The order's lines do not add up to its goods' value.
    LinesNotSum "lines-not-sum" rejected(DocumentKind::Order, 302);
    /// A change of the order is older than the order.
    OldOrderMessage "old-order-message" rejected(DocumentKind::Order, 407);
    /// The order is changed when it was declared already.
    OrderChangedAfterList "order-changed-after-list" rejected(DocumentKind::Order, 404);
    /// A payment is changed that was never added.
    UnknownPaymentChanged "unknown-payment-changed" rejected(DocumentKind::Payment, 401);
    /// A carrier sends another carrier's waybill.
    WaybillOfAnotherCarrier "waybill-of-another-carrier" rejected(DocumentKind::Waybill, 106);
    /// A waybill of an import is for two parcels.
    WaybillOfTwoParcels "waybill-of-two-parcels" rejected(DocumentKind::Waybill, 220);
    /// Another merchant declares the order.
    ListByAnotherMerchant "list-by-another-merchant" rejected(DocumentKind::InventoryList, 410);
    /// The list leaves out what its mode demands.
    ListWithoutModeField "list-without-mode-field" rejected(DocumentKind::InventoryList, 212);
    /// The list is changed when its case matched already.
    ListChangedAfterMatch "list-changed-after-match" rejected(DocumentKind::InventoryList, 406);
    /// The order is declared again.
    SecondList "second-list" rejected(DocumentKind::InventoryList, 405);
    /// Customs states a status again under another guid.
    StatusRepeated "status-repeated" rejected(DocumentKind::ListStatus, 403);
    /// Customs gives the list a second number.
    OtherListNumber "other-list-number" rejected(DocumentKind::ListStatus, 813);
    /// The list is cancelled when customs released it already.
    CancellationAfterRelease "cancellation-after-release" rejected(DocumentKind::ListCancellation, 811);
    /// A payment is divided, and its shares are together less than was paid.
    SharesNotPaid "shares-not-paid" finding("M20");
    /// A payment is divided between orders of another platform.
    SharesOfAnotherPlatform "shares-of-another-platform" finding("M20");
    /// More goes back than was paid, for goods that stay.
    RefundedMoreThanPaid "refunded-more-than-paid" Detection::Findings(&["M20", "M21"]);
    /// A part of the price goes back before the list is declared.
    RefundedBeforeList "refunded-before-list" finding("M03");
    /// Money goes back for goods that stay.
    RefundUncovered "refund-uncovered" finding("M21");
    /// The payment firm's licence is over.
    PaymentLicenceOver "payment-licence-over" finding("M16");
    /// The carrier has no licence.
    CarrierWithoutLicence "carrier-without-licence" finding("M16");
    /// An allocation names an order twice.
    AllocationRepeatsOrder "allocation-repeats-order" rejected(DocumentKind::PaymentAllocation, 223);
    /// A payment is divided anew when its order was declared already.
    AllocationChangedAfterList "allocation-changed-after-list" rejected(DocumentKind::PaymentAllocation, 404);
    /// The platform sends a refund for the payment firm.
    RefundByPlatform "refund-by-platform" rejected(DocumentKind::PaymentRefund, 105);
    /// The platform sends no export order.
    ExportOrderMissing "export-order-missing" without(DocumentKind::ExportOrder);
    /// Nobody says what was received for an export.
    ReceiptMissing "receipt-missing" without(DocumentKind::FundsReceipt);
    /// The carrier sends no export waybill.
    ExportWaybillMissing "export-waybill-missing" without(DocumentKind::ExportWaybill);
    /// The export is not declared.
    ExportListMissing "export-list-missing" without(DocumentKind::ExportList);
    /// The export list declares another price than the order.
    ExportLineDiffers "export-line-differs" finding("M08");
    /// The export waybill has another weight than the list.
    ExportWeightDiffers "export-weight-differs" finding("M09");
    /// The export waybill is for more parcels than the list.
    ExportParcelsDiffer "export-parcels-differ" finding("M09");
    /// The export waybill has another freight than the list.
    ExportFreightDiffers "export-freight-differs" finding("M10");
    /// The export list names the parcel of another one.
    ParcelUsedTwice "parcel-used-twice" finding("M11");
    /// The export list states the number of another one.
    ListNumberUsedTwice "list-number-used-twice" finding("M11");
    /// The parcel that the export list names is another merchant's.
    ConsignorDiffers "consignor-differs" finding("M11");
    /// Funds are received for another merchant.
    ReceiptOfAnotherMerchant "receipt-of-another-merchant" finding("X01");
    /// The export order is of a type that its mode does not have.
    OrderTypeWrong "order-type-wrong" finding("X02");
    /// Less was received than goods and freight are worth.
    ReceiptShort "receipt-short" finding("X03");
    /// The export order is reported after the list.
    OrderAfterList "order-after-list" finding("X04");
    /// The parcel leaves without having arrived at a site.
    DepartedWithoutArrival "departed-without-arrival" finding("X04");
    /// The parcel leaves though its list is cancelled.
    DepartedThoughCancelled "departed-though-cancelled" finding("X05");
    /// Funds are received when the time for documents is over.
    ReceiptLate "receipt-late" finding("X06");
    /// The parcel travels under another bill than its list says.
    BillDiffers "bill-differs" finding("X07");
    /// The list is summed up twice.
    SummedUpTwice "summed-up-twice" finding("X08");
    /// Somebody else sums the list up.
    SummedUpByStranger "summed-up-by-stranger" finding("X08");
    /// Customs sums the list up in two declarations.
    SummedUpInTwo "summed-up-in-two" finding("X08");
    /// Customs' result has another commodity code than the list.
    ResultOfOtherGoods "result-of-other-goods" finding("X08");
    /// Customs' result has another parcel than the list.
    ResultOfOtherParcel "result-of-other-parcel" finding("X08");
    /// A cancellation does not have its list's own number.
    CancellationOfAnotherList "cancellation-of-another-list" finding("X09");
    /// The list is worth more than its mode's limit.
    AboveModeLimit "above-mode-limit" finding("X10");
    /// More is to come back than was exported.
    ReturnOfMoreThanExported "return-of-more-than-exported" finding("X11");
    /// A return of an export is applied for too late.
    ExportReturnLate "export-return-late" finding("X11");
    /// The list is cancelled when its parcel left already.
    CancellationAfterDeparture "cancellation-after-departure" rejected(DocumentKind::ExportListCancellation, 863);
    /// The export list is of a mode that there is not.
    ExportModeUnknown "export-mode-unknown" rejected(DocumentKind::ExportList, 861);
    /// A line of the export order is in another currency.
    ExportLineCurrency "export-line-currency" rejected(DocumentKind::ExportOrder, 860);
    /// A receipt of funds has the number of another with other content.
    ReceiptDuplicate "receipt-duplicate" rejected(DocumentKind::FundsReceipt, 403);
    /// A result of a summary is older than the one that is there.
    ResultOutOfDate "result-out-of-date" rejected(DocumentKind::SummaryResult, 407);
    /// A merchant sends another merchant's export order.
    ExportOrderByMerchantOfAnother "export-order-by-merchant-of-another" rejected(DocumentKind::ExportOrder, 106);
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
    /// The trade's case has failed findings of each of these rules: one follows from the other.
    Findings(&'static [&'static str]),
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
    /// The faults of the day of imports. The order decides which seed plants which.
    pub const DAY: [Self; 16] = [
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

    /// Whether exports have it, rather than imports.
    pub fn is_of_export(self) -> bool {
        Self::ExportOrderMissing <= self
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
        Self::ALL.iter().copied().find(|fault| fault.name() == text).ok_or(ParseFaultError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_faults() {
        for fault in FaultId::ALL {
            assert_eq!(fault.to_string().parse(), Ok(*fault));
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.name());
        }
        assert!("amount_differs".parse::<FaultId>().is_err());
    }

    #[test]
    fn no_two_faults_of_a_day_show_in_the_same_way() {
        let mut ways: Vec<_> =
            FaultId::DAY.iter().map(|fault| (fault.detection(), fault.finding_field())).collect();
        ways.sort_unstable();
        ways.dedup();
        assert_eq!(ways.len(), FaultId::DAY.len());
    }

    #[test]
    fn a_case_without_list_counts_as_that_whatever_else_it_lacks() {
        let missing = [DocumentKind::Waybill, DocumentKind::InventoryList];
        let expected = Detection::CollectingWithout(DocumentKind::InventoryList);
        assert_eq!(Detection::of_missing(&missing), Some(expected));
        assert_eq!(Detection::of_missing(&[]), None);
    }
}

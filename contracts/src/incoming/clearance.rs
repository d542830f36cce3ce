//! What the documents that follow an import list say, as far as the ledger keeps it.

use super::WaybillNumber;
use crate::clearance::{CancellationFacts, PoolKey, ReceiptEntry, ReturnFacts, SignedFacts};
use crate::document::{
    ListCancellation, ListReturn, ListStatus, TaxBill, TaxBillStatus, WarehouseReceipt,
    WaybillStatus,
};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::receipt::CaseKey;

/// What a document that follows an import list says, and where it belongs.
#[allow(clippy::large_enum_variant, reason = "each stands in a box of its own already")]
pub(crate) enum Cleared {
    Signed { number: WaybillNumber, facts: SignedFacts },
    Cancelled { case: CaseKey, facts: CancellationFacts },
    Returned { case: CaseKey, cop_no: Option<String>, facts: ReturnFacts },
    Received { number: String, operator_code: OrganisationCode, entry: ReceiptEntry },
    Taxed(TaxBill),
    TaxStands(TaxBillStatus),
    Stands { case: CaseKey, status: ListStatus },
}

impl Cleared {
    pub(super) fn signed(own: WaybillStatus) -> Self {
        let facts = SignedFacts::new(&own);
        let number = WaybillNumber { code: own.logistics_code, number: own.logistics_no };
        Self::Signed { number, facts }
    }

    pub(super) fn cancelled(own: ListCancellation, scope: PseudonymScope) -> Self {
        let case = case(&own.ebp_code, &own.order_no);
        Self::Cancelled { case, facts: CancellationFacts::new(own, scope) }
    }

    pub(super) fn returned(own: ListReturn, scope: PseudonymScope) -> Self {
        let case = case(&own.ebp_code, &own.order_no);
        let cop_no = own.cop_no.clone();
        Self::Returned { case, cop_no, facts: ReturnFacts::new(own, scope) }
    }

    /// `guid` stands for a number that is absent.
    pub(super) fn received(own: WarehouseReceipt, guid: String) -> Self {
        let number = own.cop_no.clone().unwrap_or(guid);
        let operator_code = own.operator_code.clone();
        Self::Received { number, operator_code, entry: ReceiptEntry::new(own) }
    }

    pub(super) fn stands(status: ListStatus) -> Self {
        Self::Stands { case: case(&status.ebp_code, &status.order_no), status }
    }

    /// Adds the keys that applying the document will surely read.
    pub(super) fn collect_keys(&self, keys: &mut Vec<Vec<u8>>) {
        match self {
            Self::Signed { number, .. } => {
                keys.push(state_key::waybill_key_bytes(&number.code, &number.number));
            }
            Self::Cancelled { case, .. } | Self::Returned { case, .. } => {
                keys.push(state_key::case_key_bytes(case));
            }
            Self::Received { number, operator_code, entry } => {
                keys.push(state_key::warehouse_receipt_key_bytes(operator_code, number));
                let pools = entry.pools(operator_code);
                keys.extend(pools.map(|(key, _)| state_key::pool_key_bytes(&key)));
            }
            Self::Taxed(bill) => keys.push(state_key::import_number_key_bytes(&bill.invt_no)),
            Self::TaxStands(own) => keys.push(state_key::import_number_key_bytes(&own.invt_no)),
            Self::Stands { case, status } => {
                keys.push(state_key::case_key_bytes(case));
                keys.push(state_key::import_number_key_bytes(&status.invt_no));
            }
        }
    }
}

/// The pools that a list will surely ask.
pub(super) fn pools_of(list: &crate::case::ListFacts, keys: &mut Vec<Vec<u8>>) {
    let quota = PoolKey::Quota { scope: list.pseudonyms, buyer_id_number: list.buyer_id_number };
    keys.push(state_key::pool_key_bytes(&quota));
    let (Some(ems_no), Some(area_code)) = (&list.ems_no, &list.area_code) else { return };
    for goods in &list.goods {
        let Some(item_record_no) = &goods.item_record_no else { continue };
        keys.push(state_key::pool_key_bytes(&PoolKey::Stock {
            area_code: area_code.clone(),
            ems_no: ems_no.clone(),
            item_record_no: item_record_no.clone(),
            unit: goods.unit.clone(),
        }));
    }
}

fn case(platform: &OrganisationCode, order_no: &str) -> CaseKey {
    CaseKey { platform: platform.clone(), order_no: order_no.to_owned() }
}

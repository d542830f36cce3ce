//! What the documents of an export say, as far as the ledger keeps it.

use super::WaybillNumber;
use crate::document::{
    Arrival, ConsolidationBill, Departure, DocumentKind, ExportList, ExportListCancellation,
    ExportOrder, ExportReturn, ExportWaybill, FundsReceipt, ReturnTally, SummaryApplication,
    SummaryResult, SummedLine,
};
use crate::export::{
    ExportListFacts, ExportOrderFacts, ExportWaybillFacts, NoticeFacts, ReceiptFacts, ReturnedLine,
    SummedGoods,
};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::receipt::CaseKey;
use std::collections::BTreeMap;

/// What a document of an export says, and where it belongs.
#[allow(clippy::large_enum_variant, reason = "each stands in a box of its own already")]
pub(crate) enum Export {
    Order { case: CaseKey, facts: ExportOrderFacts },
    Receipt { case: CaseKey, facts: ReceiptFacts },
    Waybill { number: WaybillNumber, facts: ExportWaybillFacts },
    List { case: CaseKey, facts: ExportListFacts },
    Notice(Noticed),
}

/// What a document says of parcels and lists, each by itself.
pub(crate) struct Noticed {
    /// The sender's number for the document,
    pub(crate) number: String,
    /// and which part of it this is.
    pub(crate) part: u32,
    pub(crate) parcels: Vec<(WaybillNumber, NoticeFacts)>,
    pub(crate) lists: Vec<(String, NoticeFacts)>,
}

impl Export {
    pub(super) fn order(order: ExportOrder) -> Self {
        let case = case(&order.ebp_code, &order.order_no);
        Self::Order { case, facts: ExportOrderFacts::new(order) }
    }

    /// `guid` is the document's own identifier.
    pub(super) fn receipt(receipt: FundsReceipt, guid: String) -> Self {
        let case = case(&receipt.ebp_code, &receipt.order_no);
        Self::Receipt { case, facts: ReceiptFacts::new(receipt, guid) }
    }

    pub(super) fn waybill(waybill: ExportWaybill) -> Self {
        let number = parcel(&waybill.logistics_code, waybill.logistics_no.clone());
        Self::Waybill { number, facts: ExportWaybillFacts::new(waybill) }
    }

    pub(super) fn list(list: ExportList) -> Self {
        let case = case(&list.ebp_code, &list.order_no);
        Self::List { case, facts: ExportListFacts::new(list) }
    }

    /// Adds the keys that applying the document will surely read.
    pub(super) fn collect_keys(
        &self,
        kind: DocumentKind,
        signer: &OrganisationCode,
        keys: &mut Vec<Vec<u8>>,
    ) {
        let parcel_key =
            |number: &WaybillNumber| state_key::parcel_key_bytes(&number.code, &number.number);
        match self {
            Self::Order { case, .. } => keys.push(state_key::export_case_key_bytes(case)),
            Self::Receipt { case, facts } => {
                keys.push(state_key::export_case_key_bytes(case));
                keys.push(receipt_key(signer, facts));
            }
            Self::Waybill { number, .. } => keys.push(parcel_key(number)),
            Self::List { case, facts } => {
                keys.push(state_key::export_case_key_bytes(case));
                let (code, number) = (&facts.logistics_code, &facts.logistics_no);
                keys.push(state_key::parcel_key_bytes(code, number));
                keys.extend(facts.invt_no.as_deref().map(state_key::list_number_key_bytes));
            }
            Self::Notice(noticed) => {
                keys.push(state_key::notice_key_bytes(kind, signer, &noticed.number, noticed.part));
                keys.extend(noticed.parcels.iter().map(|(number, _)| parcel_key(number)));
                let numbers = noticed.lists.iter();
                keys.extend(numbers.map(|(number, _)| state_key::list_number_key_bytes(number)));
            }
        }
    }
}

/// The key of a receipt of funds: by the payment firm's number, or by its sender's identifier.
pub(crate) fn receipt_key(sender: &OrganisationCode, facts: &ReceiptFacts) -> Vec<u8> {
    match (&facts.pay_code, &facts.pay_no) {
        (Some(pay_code), Some(pay_no)) => state_key::receipt_key_bytes(pay_code, pay_no),
        _ => state_key::unnumbered_receipt_key_bytes(sender, &facts.guid),
    }
}

impl Noticed {
    pub(super) fn arrival(own: Arrival) -> Self {
        let parcels = own.lines.into_iter().map(|line| {
            let facts = NoticeFacts::Arrival { operator_code: own.operator_code.clone() };
            (parcel(&own.logistics_code, line.logistics_no), facts)
        });
        Self::of_parcels(own.cop_no, own.msg_seq_no, parcels)
    }

    pub(super) fn departure(own: Departure) -> Self {
        let (leave_time, bill_no) = (own.leave_time, own.bill_no);
        let parcels = own.lines.into_iter().map(|line| {
            let facts = NoticeFacts::Departure { leave_time, bill_no: bill_no.clone() };
            (parcel(&own.logistics_code, line.logistics_no), facts)
        });
        Self::of_parcels(own.cop_no, own.msg_seq_no, parcels)
    }

    pub(super) fn bill(own: ConsolidationBill) -> Self {
        let parcels = own.lines.into_iter().map(|line| {
            let facts = NoticeFacts::Bill { bill_no: own.bill_no.clone(), invt_no: line.invt_no };
            (parcel(&own.logistics_code, line.logistics_no), facts)
        });
        Self::of_parcels(own.cop_no, own.msg_seq_no, parcels)
    }

    pub(super) fn cancellation(own: ExportListCancellation) -> Self {
        let (agent_code, ebc_code) = (own.agent_code, own.ebc_code);
        let cop_no = own.cop_no.clone();
        let facts = NoticeFacts::Cancellation { agent_code, ebc_code, cop_no };
        Self::of_lists(own.cop_no, 0, [(own.invt_no, facts)])
    }

    pub(super) fn summary(own: SummaryApplication) -> Self {
        let lists = own.lines.into_iter().map(|line| {
            let (agent_code, ebc_code) = (own.agent_code.clone(), own.ebc_code.clone());
            (line.invt_no, NoticeFacts::Summary { agent_code, ebc_code })
        });
        Self::of_lists(own.cop_no, own.msg_seq_no, lists)
    }

    /// The lines of one list go to it together.
    pub(super) fn result(own: SummaryResult) -> Self {
        let mut lists: BTreeMap<String, Vec<SummedGoods>> = BTreeMap::new();
        for line in own.lines {
            let SummedLine { invt_no, logistics_no, gseqno, gnum, gcode } = line;
            let goods = SummedGoods { gnum, gcode, logistics_no, gseqno };
            lists.entry(invt_no).or_default().push(goods);
        }
        let declared = |lines| NoticeFacts::Declared {
            sum_no: own.sum_no.clone(),
            decl_seq_no: own.decl_seq_no.clone(),
            dec_pre_no: own.dec_pre_no.clone(),
            entry_id: own.entry_id.clone(),
            dec_state: own.dec_state.clone(),
            ebc_code: own.ebc_code.clone(),
            lines,
        };
        let lists = lists.into_iter().map(|(invt_no, lines)| (invt_no, declared(lines)));
        Self::of_lists(own.decl_seq_no.clone(), own.msg_seq_no, lists.collect::<Vec<_>>())
    }

    pub(super) fn application(own: ExportReturn) -> Self {
        let lines = own.lines.into_iter().map(ReturnedLine::new).collect();
        let facts = NoticeFacts::Return { ebc_code: own.ebc_code, lines };
        Self::of_lists(own.co_el_no, 0, [(own.invt_no, facts)])
    }

    /// Without the list's number the parcel of the way out is all that leads to it.
    pub(super) fn tally(own: ReturnTally) -> Self {
        let facts = NoticeFacts::Tally { operator_code: own.operator_code };
        match own.invt_no {
            Some(invt_no) => Self::of_lists(own.co_el_no, 0, [(invt_no, facts)]),
            None => {
                let number = parcel(&own.logistics_code, own.logistics_no);
                Self::of_parcels(own.co_el_no, 0, [(number, facts)])
            }
        }
    }

    fn of_parcels(
        number: String,
        part: u32,
        parcels: impl IntoIterator<Item = (WaybillNumber, NoticeFacts)>,
    ) -> Self {
        Self { number, part, parcels: parcels.into_iter().collect(), lists: Vec::new() }
    }

    fn of_lists(
        number: String,
        part: u32,
        lists: impl IntoIterator<Item = (String, NoticeFacts)>,
    ) -> Self {
        Self { number, part, parcels: Vec::new(), lists: lists.into_iter().collect() }
    }
}

fn case(platform: &OrganisationCode, order_no: &str) -> CaseKey {
    CaseKey { platform: platform.clone(), order_no: order_no.to_owned() }
}

fn parcel(code: &OrganisationCode, number: String) -> WaybillNumber {
    WaybillNumber { code: code.clone(), number }
}

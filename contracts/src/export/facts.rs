//! What matching compares of an export's documents.

use crate::case::LineFacts;
use crate::document::{ExportList, ExportOrder, ExportWaybill, FundsReceipt, ReturnLine};
use crate::statistics::Declared;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::time::{CustomsDate, CustomsTime};
use serde::{Deserialize, Serialize};

/// What matching compares of an order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ExportOrderFacts {
    /// Its type.
    pub order_type: String,
    /// The merchant.
    pub ebc_code: OrganisationCode,
    /// The price of the goods.
    pub goods_value: Decimal,
    /// Freight and other charges.
    pub freight: Decimal,
    /// Currency code.
    pub currency: String,
    /// The goods.
    pub lines: Vec<LineFacts>,
}

/// What matching compares of a receipt of funds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ReceiptFacts {
    /// The payment firm, where it has a code.
    pub pay_code: Option<OrganisationCode>,
    /// Its transaction number, where there is one.
    pub pay_no: Option<String>,
    /// The document's own identifier, which stands for a transaction number that is absent.
    pub guid: String,
    /// The merchant.
    pub ebc_code: OrganisationCode,
    /// The amount received.
    pub charge: Decimal,
    /// Currency code.
    pub currency: String,
}

/// What matching compares of a waybill. Its carrier and number are those under which it is found.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ExportWaybillFacts {
    /// Freight.
    pub freight: Decimal,
    /// Currency code.
    pub currency: String,
    /// Gross weight in kilograms.
    pub gross_weight: Decimal,
    /// Parcels.
    pub pack_no: u32,
    /// The consignor, where stated.
    pub ebc_code: Option<OrganisationCode>,
}

/// What matching compares of a list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ExportListFacts {
    /// The merchant.
    pub ebc_code: OrganisationCode,
    /// The declarant.
    pub agent_code: OrganisationCode,
    /// The carrier of the waybill that the list names,
    pub logistics_code: OrganisationCode,
    /// that waybill's number,
    pub logistics_no: String,
    /// and which use of the number it is, from 0. Set when the list is accepted.
    pub parcel_use: u32,
    /// The enterprise's own number.
    pub cop_no: String,
    /// The number that customs gave, once the list states it.
    pub invt_no: Option<String>,
    /// `A` simplified, `B` with summary.
    pub statistics_flag: String,
    /// The mode.
    pub trade_mode: String,
    /// Bill of lading or air waybill.
    pub bill_no: Option<String>,
    /// Freight.
    pub freight: Decimal,
    /// Currency code of the freight.
    pub f_currency: String,
    /// How the freight is stated: `1` as a rate, `2` for each unit, `3` as an amount.
    pub f_flag: String,
    /// Insurance.
    pub insured_fee: Decimal,
    /// Currency code of the insurance.
    pub i_currency: String,
    /// How the insurance is stated, likewise.
    pub i_flag: String,
    /// Parcels.
    pub pack_no: u32,
    /// Gross weight in kilograms.
    pub gross_weight: Decimal,
    /// Currency code of the goods.
    pub currency: String,
    /// The goods.
    pub lines: Vec<LineFacts>,
    /// Their commodity codes, line by line,
    pub gcodes: Vec<String>,
    /// and their units of measure.
    pub units: Vec<String>,
    /// The day of export.
    pub ie_date: CustomsDate,
    /// What statistics need of it.
    pub declared: Declared,
}

/// One line of goods that come back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ReturnedLine {
    /// The number of the list's line.
    pub gnum: u32,
    /// Commodity code.
    pub gcode: String,
    /// Quantity.
    pub qty: Decimal,
}

/// One line of a list as customs summed it up.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct SummedGoods {
    /// The number of the list's line.
    pub gnum: u32,
    /// Commodity code.
    pub gcode: String,
    /// The number of its waybill.
    pub logistics_no: String,
    /// The number of the result's line that it went into, where stated.
    pub gseqno: Option<u32>,
}

/// What a document says of a parcel or a list that it names among others.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case", tag = "says")]
pub enum NoticeFacts {
    /// The parcel is at the supervised site.
    Arrival {
        /// Who runs it.
        operator_code: OrganisationCode,
    },
    /// The parcel left the country.
    Departure {
        /// When.
        leave_time: CustomsTime,
        /// Under which bill, where stated.
        bill_no: Option<String>,
    },
    /// The parcel travels under a bill.
    Bill {
        /// Which.
        bill_no: String,
        /// The list's number, where stated.
        invt_no: Option<String>,
    },
    /// The list is cancelled.
    Cancellation {
        /// The declarant.
        agent_code: OrganisationCode,
        /// The consignor.
        ebc_code: OrganisationCode,
        /// The enterprise's own number of the list.
        cop_no: String,
    },
    /// The list is to be summed up.
    Summary {
        /// The applicant.
        agent_code: OrganisationCode,
        /// The consignor.
        ebc_code: OrganisationCode,
    },
    /// Goods of the list come back.
    Return {
        /// The consignor.
        ebc_code: OrganisationCode,
        /// Which goods.
        lines: Vec<ReturnedLine>,
    },
    /// What came back was counted.
    Tally {
        /// By whom.
        operator_code: OrganisationCode,
    },
    /// Customs summed the list up in a declaration; customs' own numbers.
    Declared {
        /// The application's number.
        sum_no: String,
        /// The number of what becomes one declaration.
        decl_seq_no: String,
        /// The declaration's pre-entry number, where it has one.
        dec_pre_no: Option<String>,
        /// The declaration's own number, once it has one.
        entry_id: Option<String>,
        /// Where the declaration stands.
        dec_state: String,
        /// The consignor.
        ebc_code: OrganisationCode,
        /// Which goods of the list.
        lines: Vec<SummedGoods>,
    },
}

impl ExportOrderFacts {
    /// What matching compares of `order`.
    pub fn new(order: ExportOrder) -> Self {
        let lines = order.lines.into_iter().map(|line| LineFacts {
            gnum: line.gnum,
            name: line.item_name,
            qty: line.qty,
            price: line.price,
            total_price: line.total_price,
        });
        Self {
            order_type: order.order_type,
            ebc_code: order.ebc_code,
            goods_value: order.goods_value,
            freight: order.freight,
            currency: order.currency,
            lines: lines.collect(),
        }
    }
}

impl ReceiptFacts {
    /// What matching compares of `receipt`, whose document has this identifier.
    pub fn new(receipt: FundsReceipt, guid: String) -> Self {
        Self {
            pay_code: receipt.pay_code,
            pay_no: receipt.pay_no,
            guid,
            ebc_code: receipt.ebc_code,
            charge: receipt.charge,
            currency: receipt.currency,
        }
    }
}

impl ExportWaybillFacts {
    /// What matching compares of `waybill`.
    pub fn new(waybill: ExportWaybill) -> Self {
        Self {
            freight: waybill.freight,
            currency: waybill.currency,
            gross_weight: waybill.gross_weight,
            pack_no: waybill.pack_no,
            ebc_code: waybill.ebc_code,
        }
    }
}

impl ExportListFacts {
    /// What matching compares of `list`. The lines are sold under the enterprise's names where it
    /// states them.
    pub fn new(list: ExportList) -> Self {
        let declared = Declared::export(&list);
        let currency = list.lines.first().map(|line| line.currency.clone()).unwrap_or_default();
        let gcodes = list.lines.iter().map(|line| line.gcode.clone()).collect();
        let units = list.lines.iter().map(|line| line.unit.clone()).collect();
        let lines = list.lines.into_iter().map(|line| LineFacts {
            gnum: line.gnum,
            name: line.item_name.unwrap_or(line.gname),
            qty: line.qty,
            price: line.price,
            total_price: line.total_price,
        });
        Self {
            ebc_code: list.ebc_code,
            agent_code: list.agent_code,
            logistics_code: list.logistics_code,
            logistics_no: list.logistics_no,
            parcel_use: 0,
            cop_no: list.cop_no,
            invt_no: list.invt_no,
            statistics_flag: list.statistics_flag,
            trade_mode: list.trade_mode,
            bill_no: list.bill_no,
            freight: list.freight,
            f_currency: list.f_currency,
            f_flag: list.f_flag,
            insured_fee: list.insured_fee,
            i_currency: list.i_currency,
            i_flag: list.i_flag,
            pack_no: list.pack_no,
            gross_weight: list.gross_weight,
            currency,
            lines: lines.collect(),
            gcodes,
            units,
            ie_date: list.ie_date,
            declared,
        }
    }

    /// Whether `later` says the same and only adds the number that customs gave, and the day on
    /// which the goods really go.
    pub(crate) fn is_numbered_by(&self, later: &Self) -> bool {
        let numbered = Self {
            invt_no: later.invt_no.clone(),
            parcel_use: later.parcel_use,
            ie_date: later.ie_date,
            declared: self.declared.accepted_as(&later.declared),
            ..self.clone()
        };
        self.invt_no.is_none() && numbered == *later
    }

    /// Whether the list needs no summary.
    pub fn is_simplified(&self) -> bool {
        self.statistics_flag == "A"
    }
}

impl ReturnedLine {
    pub(crate) fn new(line: ReturnLine) -> Self {
        Self { gnum: line.gnum, gcode: line.gcode, qty: line.qty }
    }
}

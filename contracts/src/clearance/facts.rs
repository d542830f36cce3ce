//! What the ledger keeps of the documents that follow an import list.

use super::claims::{Claim, PoolKey};
use crate::case::{DocumentMeta, Entry};
use crate::document::{
    ListCancellation, ListReturn, ListStatus, ReceivedGoods, StatusSubject, TaxBill,
    WarehouseReceipt, WaybillStatus,
};
use crate::registry::{LicenceKind, Role};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::pseudonym::{Pseudonym, PseudonymScope};
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::{CustomsTime, Millis};
use serde::{Deserialize, Serialize};

/// Customs sent the list back to its declarant, who may declare again.
const SENT_BACK: u16 = 100;
/// The goods are shipped back and were never released.
pub(crate) const SHIPPED_BACK: u16 = 700;
/// Customs has released the list.
pub(crate) const RELEASED: u16 = 800;
/// Customs has closed it.
pub(crate) const CLOSED: u16 = 899;
/// Customs inspects or detains the goods.
pub(crate) const HELD: std::ops::RangeInclusive<u16> = 500..=599;

/// What happened to a case after its list was declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Clearance {
    /// What customs said of the list and of returns, in the order in which it came.
    pub statuses: Vec<CustomsStatus>,
    /// The block time at which the release came.
    pub released: Option<Millis>,
    /// That the parcel was signed for, once its waybill belongs to the case.
    pub delivery: Option<Entry<SignedFacts>>,
    /// Applications for cancellation, one of each sender, in the order in which they came.
    pub cancellations: Vec<Entry<CancellationFacts>>,
    /// Applications for return, in the order in which they came.
    pub returns: Vec<ReturnEntry>,
    /// The tax bills of the list's number.
    pub bills: Vec<Bill>,
    /// What customs said of tax bills.
    pub bill_statuses: Vec<BillStatus>,
    /// What the case takes from pools, ascending by pool.
    pub claims: Vec<Claim>,
    /// The organisations of the trade that may not do what they do in it; most cases have none.
    pub unfit: Vec<Unfit>,
    /// Whether it was still collecting when its deadline passed.
    pub is_late: bool,
}

/// What customs said of a list or a return.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct CustomsStatus {
    /// Which document.
    pub meta: DocumentMeta,
    /// What it is of.
    pub subject: StatusSubject,
    /// The number that customs gave the list.
    pub invt_no: String,
    /// Where it stands.
    pub return_status: u16,
    /// Since when.
    pub return_time: CustomsTime,
}

/// What is kept of a waybill's status.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct SignedFacts {
    /// When the parcel was signed for.
    pub logistics_time: CustomsTime,
}

/// What is compared of a cancellation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct CancellationFacts {
    /// The merchant.
    pub ebc_code: OrganisationCode,
    /// The declarant.
    pub agent_code: OrganisationCode,
    /// The carrier.
    pub logistics_code: OrganisationCode,
    /// The waybill's number.
    pub logistics_no: String,
    /// The number that customs gave the list.
    pub invt_no: String,
    /// Which key the pseudonyms were made with.
    pub pseudonyms: PseudonymScope,
    /// The orderer's identity number.
    pub buyer_id_number: Pseudonym,
    /// The orderer's name.
    pub buyer_name: Pseudonym,
}

/// An application for return under its sender's number; says nothing after a delete.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ReturnEntry {
    /// The sender's own number for it.
    pub cop_no: Option<String>,
    /// The block time at which this version came.
    pub received: Millis,
    /// The version held, and its history.
    pub entry: Entry<ReturnFacts>,
}

/// What is compared of a return.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ReturnFacts {
    /// What it says of the list, as a cancellation does.
    pub list: CancellationFacts,
    /// The goods that come back.
    pub lines: Vec<ReturnedLine>,
}

/// Goods of one line that come back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ReturnedLine {
    /// The line's number in the list.
    pub gnum: u32,
    /// Commodity code of ten digits.
    pub gcode: String,
    /// The hash of the goods' name: whether it is the list's is all that is asked, and names of
    /// many returns are long.
    pub gname: Hash,
    /// Quantity.
    pub qty: Decimal,
    /// Unit of measure.
    pub unit: String,
}

impl ReturnedLine {
    /// How a name is kept.
    pub(crate) fn name_of(gname: &str) -> Hash {
        sha256_of(gname.as_bytes())
    }
}

/// A tax bill.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Bill {
    /// Which document.
    pub meta: DocumentMeta,
    /// The bill's number.
    pub tax_no: String,
    /// Customs duty.
    pub customs_tax: Decimal,
    /// Value added tax.
    pub value_added_tax: Decimal,
    /// Consumption tax.
    pub consumption_tax: Decimal,
    /// `1` made, `2` summed up, `3` void.
    pub status: String,
}

/// What customs said of a tax bill.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct BillStatus {
    /// Which document.
    pub meta: DocumentMeta,
    /// The bill's number.
    pub tax_no: String,
    /// `1` made, `2` summed up, `3` void.
    pub status: String,
}

/// An organisation that may not do what it does in a trade.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Unfit {
    /// In which role it acts.
    pub role: Role,
    /// Which.
    pub code: OrganisationCode,
    /// Why not.
    pub reason: UnfitReason,
}

/// Why an organisation may not act in a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum UnfitReason {
    /// Nobody with this code is registered.
    Unregistered,
    /// It is suspended.
    Suspended,
    /// It does not have the role.
    RoleMissing,
    /// It does not have a licence that the role needs.
    LicenceMissing(LicenceKind),
    /// It has the licence, but not one that is valid when it reports its document.
    LicenceNotValid(LicenceKind),
}

/// The number that customs gave a list: the case that has it, and what came before customs said
/// which that is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ListNumberRecord {
    /// The case; its tax stands there.
    pub case: Option<CaseKey>,
    /// Tax bills that wait for the case.
    pub bills: Vec<Bill>,
    /// What customs said of bills that wait for the case.
    pub bill_statuses: Vec<BillStatus>,
}

/// A receipt of a supervised site.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct WarehouseRecord {
    /// The version held and its history, and what it says.
    pub entry: Entry<ReceiptEntry>,
    /// The goods of which more was taken out than there was, when this version came: a finding for
    /// the warehouse, whose book stands below zero.
    pub short: Vec<PoolKey>,
}

/// What is kept of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ReceiptEntry {
    /// The carrier of the parcels.
    pub logistics_code: OrganisationCode,
    /// The parcels' numbers.
    pub parcels: Vec<String>,
    /// The account book that took goods in.
    pub ems_no: Option<String>,
    /// Those goods.
    pub goods: Vec<ReceivedGoods>,
}

impl Clearance {
    /// The number that customs gave the list, once it said so.
    pub fn invt_no(&self) -> Option<&str> {
        self.statuses.first().map(|status| status.invt_no.as_str())
    }

    /// What customs said of the list first with this status.
    pub fn status(&self, return_status: u16) -> Option<&CustomsStatus> {
        let own = self.of_list().filter(|status| status.return_status == return_status);
        own.min_by_key(|status| status.return_time)
    }

    /// Whether customs sent back the list that is reported with `list`, and did not release it.
    pub(crate) fn is_sent_back(&self, list: &DocumentMeta) -> bool {
        let last = self.last_status();
        let is_sent_back = last.is_some_and(|last| {
            last.return_status == SENT_BACK && list.app_time <= last.return_time
        });
        is_sent_back && !self.is_released()
    }

    /// Whether the goods are shipped back.
    pub(crate) fn is_shipped_back(&self) -> bool {
        self.last_status().is_some_and(|last| last.return_status == SHIPPED_BACK)
    }

    /// What customs said of the list last: of equal times the higher status.
    pub fn last_status(&self) -> Option<&CustomsStatus> {
        self.of_list().max_by_key(|status| (status.return_time, status.return_status))
    }

    /// What customs said of the list.
    pub(crate) fn of_list(&self) -> impl Iterator<Item = &CustomsStatus> {
        self.statuses.iter().filter(|status| status.subject == StatusSubject::List)
    }

    /// That the goods of a return are back, once customs said so.
    pub fn settled(
        &self,
        signer: &OrganisationCode,
        number: Option<&str>,
    ) -> Option<&CustomsStatus> {
        let of_it = self.statuses.iter().filter(|status| match &status.subject {
            StatusSubject::Return { sender, cop_no } => {
                sender == signer && cop_no.as_deref() == number
            }
            StatusSubject::List => false,
        });
        of_it.min_by_key(|status| status.return_time)
    }

    /// Whether customs has released the list.
    pub fn is_released(&self) -> bool {
        self.status(RELEASED).is_some()
    }

    /// Whether customs released the list before this height.
    pub(crate) fn is_released_before(&self, height: u64) -> bool {
        let released = |own: &CustomsStatus| own.return_status == RELEASED;
        self.of_list().any(|own| released(own) && own.meta.height < height)
    }

    /// The tax bill in force: of those that are not void the one reported last.
    pub fn bill(&self) -> Option<&Bill> {
        let is_void = |bill: &&Bill| {
            let said = |status: &BillStatus| status.tax_no == bill.tax_no && status.status == VOID;
            bill.status == VOID || self.bill_statuses.iter().any(said)
        };
        let in_force = self.bills.iter().filter(|bill| !is_void(bill));
        in_force.max_by_key(|bill| (bill.meta.app_time, bill.meta.document))
    }

    /// The document that says that a bill is summed up for payment.
    pub(crate) fn summed_up<'a>(&'a self, bill: &'a Bill) -> Option<&'a DocumentMeta> {
        if bill.status == SUMMED_UP {
            return Some(&bill.meta);
        }
        let mut statuses = self.bill_statuses.iter();
        let said = statuses.find(|own| own.tax_no == bill.tax_no && own.status == SUMMED_UP);
        said.map(|status| &status.meta)
    }
}

/// The bill is summed up for payment.
const SUMMED_UP: &str = "2";
/// The bill is not to be paid.
const VOID: &str = "3";

impl Bill {
    /// What it comes to; none where that has more digits than amounts have.
    pub(crate) fn tax(&self) -> Option<Decimal> {
        let sum = self.value_added_tax.checked_add(self.consumption_tax)?;
        sum.checked_add(self.customs_tax)
    }
}

impl CustomsStatus {
    /// What is kept of `own`; its form was checked.
    pub(crate) fn new(meta: DocumentMeta, own: ListStatus) -> Self {
        let return_status = own.return_status.parse().unwrap_or_default();
        let ListStatus { subject, invt_no, return_time, .. } = own;
        Self { meta, subject, invt_no, return_status, return_time }
    }
}

impl SignedFacts {
    pub(crate) fn new(own: &WaybillStatus) -> Self {
        Self { logistics_time: own.logistics_time }
    }
}

impl CancellationFacts {
    pub(crate) fn new(own: ListCancellation, pseudonyms: PseudonymScope) -> Self {
        Self {
            ebc_code: own.ebc_code,
            agent_code: own.agent_code,
            logistics_code: own.logistics_code,
            logistics_no: own.logistics_no,
            invt_no: own.invt_no,
            pseudonyms,
            buyer_id_number: own.buyer_id_number,
            buyer_name: own.buyer_name,
        }
    }
}

impl ReturnFacts {
    /// What is kept of `own`, but for its number.
    pub(crate) fn new(own: ListReturn, pseudonyms: PseudonymScope) -> Self {
        let list = CancellationFacts {
            ebc_code: own.ebc_code,
            agent_code: own.agent_code,
            logistics_code: own.logistics_code,
            logistics_no: own.logistics_no,
            invt_no: own.invt_no,
            pseudonyms,
            buyer_id_number: own.buyer_id_number,
            buyer_name: own.buyer_name,
        };
        let lines = own.lines.into_iter().map(|line| ReturnedLine {
            gnum: line.gnum,
            gcode: line.gcode,
            gname: ReturnedLine::name_of(&line.gname),
            qty: line.qty,
            unit: line.unit,
        });
        Self { list, lines: lines.collect() }
    }
}

impl Bill {
    pub(crate) fn new(meta: DocumentMeta, own: TaxBill) -> Self {
        Self {
            meta,
            tax_no: own.tax_no,
            customs_tax: own.customs_tax,
            value_added_tax: own.value_added_tax,
            consumption_tax: own.consumption_tax,
            status: own.status,
        }
    }
}

impl ReceiptEntry {
    pub(crate) fn new(own: WarehouseReceipt) -> Self {
        let parcels = own.lines.into_iter().map(|line| line.logistics_no).collect();
        let (logistics_code, ems_no, goods) = (own.logistics_code, own.ems_no, own.goods);
        Self { logistics_code, parcels, ems_no, goods }
    }

    /// The goods of the receipt, by the pools that they come into. Each stands there once.
    pub(crate) fn pools(
        &self,
        operator_code: &OrganisationCode,
    ) -> impl Iterator<Item = (PoolKey, Decimal)> {
        let ems_no = self.ems_no.clone().unwrap_or_default();
        self.goods.iter().map(move |goods| {
            let key = PoolKey::Stock {
                area_code: operator_code.clone(),
                ems_no: ems_no.clone(),
                item_record_no: goods.item_record_no.clone(),
                unit: goods.unit.clone(),
            };
            (key, goods.qty)
        })
    }
}

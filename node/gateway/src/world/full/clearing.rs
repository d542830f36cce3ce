//! The documents that follow an import list, and those of supervised sites.

use super::super::rng::Rng;
use super::super::trade::cents;
use super::cast::{CUSTOMS, Member, POLICE};
use super::draft::{Draft, head, time_text};
use super::import::{Import, book_of};
use crate::field_table::MessageType;
use crate::raw::{RawDocument, RawFields};
use kanhe_contracts::document::{
    AppStatus, AppType, Body, Document, OriginalSignature, ReceivedGoods, WarehouseReceipt,
};
use kanhe_types::decimal::Decimal;
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::time::{CustomsTime, Millis};

/// Parcels that came in together, and goods of an account book.
pub(super) type Received = Vec<(String, String, u64)>;

impl Import {
    /// Customs says where the list stands.
    pub(super) fn status(&self, code: &str, at: Millis, rng: &mut Rng) -> Draft {
        let mut head = self.status_head(code, at, rng);
        head.set("subject", "list");
        self.draft(&CUSTOMS, MessageType::ListStatus, at, RawDocument { head, lines: Vec::new() })
    }

    /// Customs says that a return's goods are back.
    pub(super) fn return_status(&self, at: Millis, rng: &mut Rng) -> Draft {
        let mut head = self.status_head("899", at, rng);
        head.set("subject", "return");
        head.set("senderCode", self.declarant.code);
        head.set("copNo", self.return_no());
        self.draft(&CUSTOMS, MessageType::ListStatus, at, RawDocument { head, lines: Vec::new() })
    }

    fn status_head(&self, code: &str, at: Millis, rng: &mut Rng) -> RawFields {
        let mut head = RawFields::default();
        head.set("guid", rng.guid());
        head.set("appType", "1");
        head.set("appTime", time_text(at));
        head.set("customsCode", "4999");
        head.set("orderNo", self.order_no());
        head.set("ebpCode", self.platform.code);
        head.set("ebcCode", self.merchant.code);
        head.set("agentCode", self.declarant.code);
        head.set("invtNo", self.invt_no());
        head.set("returnStatus", code);
        head.set("returnTime", time_text(at));
        head
    }

    fn return_no(&self) -> String {
        format!("KIR{}", self.number)
    }

    fn tax_no(&self) -> String {
        format!("KIT{}", self.number)
    }

    /// The tax bill: what is due, as value added tax in one sum.
    pub(super) fn tax_bill(&self, at: Millis, rng: &mut Rng) -> Draft {
        let mut head = RawFields::default();
        head.set("guid", rng.guid());
        head.set("returnTime", format!("{}000", time_text(at)));
        head.set("invtNo", self.invt_no());
        head.set("taxNo", self.tax_no());
        head.set("customsTax", "0");
        head.set("valueAddedTax", cents(self.tax_cents));
        head.set("consumptionTax", "0");
        head.set("status", "1");
        head.set("assureCode", self.declarant.code);
        head.set("ebcCode", self.merchant.code);
        head.set("logisticsCode", self.carrier.code);
        head.set("agentCode", self.declarant.code);
        head.set("customsCode", "4999");
        let lines = (1usize..).zip(&self.lines).map(|(number, line)| {
            let mut own = RawFields::default();
            own.set("gnum", number.to_string());
            own.set("gcode", line.sku.gcode);
            own.set("taxPrice", cents(line.total_cents()));
            own.set("customsTax", "0");
            own.set("valueAddedTax", if number == 1 { cents(self.tax_cents) } else { "0".into() });
            own.set("consumptionTax", "0");
            own
        });
        let raw = RawDocument { head, lines: lines.collect() };
        self.draft(&CUSTOMS, MessageType::Ceb816, at, raw)
    }

    /// The tax bill is paid.
    pub(super) fn tax_paid(&self, at: Millis, rng: &mut Rng) -> Draft {
        let mut head = RawFields::default();
        head.set("guid", rng.guid());
        head.set("returnTime", format!("{}000", time_text(at)));
        head.set("invtNo", self.invt_no());
        head.set("taxNo", self.tax_no());
        head.set("status", "2");
        head.set("assureCode", self.declarant.code);
        let raw = RawDocument { head, lines: Vec::new() };
        self.draft(&CUSTOMS, MessageType::Ceb818, at, raw)
    }

    /// The parcel was signed for an hour before.
    pub(super) fn signed(&self, at: Millis, rng: &mut Rng) -> Draft {
        let mut head = head(rng.guid(), at);
        head.set("logisticsCode", self.carrier.code);
        head.set("logisticsName", self.carrier.name);
        head.set("logisticsNo", self.logistics_no());
        head.set("logisticsStatus", "S");
        head.set("logisticsTime", time_text(Millis(at.0.saturating_sub(3_600_000))));
        let raw = RawDocument { head, lines: Vec::new() };
        self.draft(self.carrier, MessageType::Ceb513, at, raw)
    }

    /// The declarant takes the list back.
    pub(super) fn cancellation(&self, at: Millis, rng: &mut Rng) -> Draft {
        let head = self.correction_head(format!("KIC{}", self.number), at, rng);
        let raw = RawDocument { head, lines: Vec::new() };
        self.draft(self.declarant, MessageType::Ceb623, at, raw)
    }

    /// So many of each line's goods are to go back.
    pub(super) fn list_return(&self, quantities: &[u64], at: Millis, rng: &mut Rng) -> Draft {
        let head = self.correction_head(self.return_no(), at, rng);
        let numbered = (1usize..).zip(&self.lines).zip(quantities);
        let lines = numbered.filter(|(_, qty)| 0 < **qty).map(|((number, line), qty)| {
            let mut own = RawFields::default();
            own.set("gnum", number.to_string());
            own.set("gcode", line.sku.gcode);
            own.set("gname", &line.name);
            own.set("qty", qty.to_string());
            own.set("unit", line.sku.unit);
            own
        });
        let raw = RawDocument { head, lines: lines.collect() };
        self.draft(self.declarant, MessageType::Ceb625, at, raw)
    }

    fn correction_head(&self, cop_no: String, at: Millis, rng: &mut Rng) -> RawFields {
        let mut head = head(rng.guid(), at);
        head.set("customsCode", "4999");
        head.set("orderNo", self.order_no());
        head.set("ebpCode", self.platform.code);
        head.set("ebpName", self.platform.name);
        head.set("ebcCode", self.merchant.code);
        head.set("ebcName", self.merchant.name);
        head.set("logisticsNo", self.logistics_no());
        head.set("logisticsCode", self.carrier.code);
        head.set("logisticsName", self.carrier.name);
        head.set("copNo", cop_no);
        head.set("invtNo", self.invt_no());
        head.set("buyerIdType", "1");
        head.set("buyerIdNumber", &self.buyer.id_number);
        head.set("buyerName", &self.buyer.name);
        head.set("buyerTelephone", &self.buyer.telephone);
        head.set("agentCode", self.declarant.code);
        head.set("agentName", self.declarant.name);
        head.set("reason", "虚构原因");
        head
    }

    /// An agency attests the orderer's identity.
    pub(super) fn attestation(&self, rng: &mut Rng) -> Draft {
        let mut head = RawFields::default();
        head.set("guid", rng.guid());
        head.set("appType", "1");
        head.set("appTime", time_text(self.paid));
        head.set("idNumber", &self.buyer.id_number);
        head.set("name", &self.buyer.name);
        let raw = RawDocument { head, lines: Vec::new() };
        self.draft(&POLICE, MessageType::IdentityAttestation, self.paid, raw)
    }
}

/// A supervised site takes parcels in that came under one bill.
pub(super) fn parcels_in(
    site: &'static Member,
    carrier: &Member,
    bill_no: &str,
    parcels: &[String],
    at: Millis,
    rng: &mut Rng,
) -> Draft {
    let mut head = head(rng.guid(), at);
    head.set("customsCode", "4999");
    head.set("copNo", rng.guid().chars().filter(|c| *c != '-').take(20).collect::<String>());
    head.set("operatorCode", site.code);
    head.set("operatorName", site.name);
    head.set("ieFlag", "I");
    head.set("trafMode", "5");
    head.set("trafNo", "KH0001");
    head.set("voyageNo", "KH01");
    head.set("billNo", bill_no);
    head.set("logisticsCode", carrier.code);
    head.set("logisticsName", carrier.name);
    let lines = (1usize..).zip(parcels).map(|(number, parcel)| {
        let mut line = RawFields::default();
        line.set("gnum", number.to_string());
        line.set("logisticsNo", parcel);
        line
    });
    let raw = RawDocument { head, lines: lines.collect() };
    Draft { sender: site.code, message_type: MessageType::Ceb711, at, raw }
}

/// A bonded warehouse takes goods into its account book: number, unit and quantity of each.
pub(super) fn goods_in(
    warehouse: &Member,
    carrier: &Member,
    goods: &Received,
    at: Millis,
    rng: &mut Rng,
) -> Option<Document> {
    let app_time = CustomsTime::from_millis(at);
    let goods = goods.iter().map(|(item, unit, qty)| ReceivedGoods {
        item_record_no: item.clone(),
        qty: i64::try_from(*qty).ok().and_then(Decimal::from_integer).unwrap_or_default(),
        unit: unit.clone(),
    });
    let receipt = WarehouseReceipt {
        customs_code: "4999".to_owned(),
        cop_no: Some(rng.guid().chars().filter(|c| *c != '-').take(20).collect()),
        pre_no: None,
        rkd_no: None,
        operator_code: warehouse.code.parse().ok()?,
        operator_name: warehouse.name.to_owned(),
        ie_flag: "I".to_owned(),
        traf_mode: "2".to_owned(),
        traf_no: "KHSHIP".to_owned(),
        voyage_no: "KH01".to_owned(),
        bill_no: "KHSEA01".to_owned(),
        logistics_code: carrier.code.parse().ok()?,
        logistics_name: carrier.name.to_owned(),
        unload_location: None,
        ems_no: Some(book_of(warehouse)),
        lines: Vec::new(),
        goods: goods.collect(),
    };
    Some(Document {
        guid: rng.guid(),
        app_type: AppType::Add,
        app_status: AppStatus::Declared,
        app_time,
        pseudonyms: PseudonymScope {
            key_id: 0,
            epoch: u16::try_from(app_time.year()).unwrap_or_default(),
        },
        original: None,
        original_signature: OriginalSignature::Unsigned,
        body: Body::WarehouseReceipt(receipt),
    })
}

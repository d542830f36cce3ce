//! One import of the full world: what was ordered, paid, carried and declared, and the documents
//! that say so.

use super::super::catalogue::Person;
use super::super::rng::Rng;
use super::super::trade::{Line, Mode, cents, kilograms, lines, rng_cents};
use super::cast::{CARRIERS, DECLARANTS, MERCHANTS, Member, PAYERS, PLATFORMS, WAREHOUSES};
use super::draft::{Draft, head, later, time_text};
use super::goods::{tax_cents, watches};
use super::plan::Plan;
use crate::field_table::MessageType;
use crate::raw::RawDocument;
use kanhe_types::time::{CustomsDate, Millis};

/// One import. A fault changes a draft, or a copy from which another draft is made.
#[derive(Clone)]
pub(super) struct Import {
    pub(super) number: String,
    pub(super) platform: &'static Member,
    pub(super) merchant: &'static Member,
    pub(super) payer_firm: &'static Member,
    pub(super) carrier: &'static Member,
    /// Who declares; the merchant itself in some trades.
    pub(super) declarant: &'static Member,
    pub(super) warehouse: &'static Member,
    pub(super) mode: &'static str,
    pub(super) buyer: Person,
    pub(super) payer: Person,
    pub(super) consignee: Person,
    pub(super) lines: Vec<Line>,
    pub(super) freight_cents: u64,
    pub(super) discount_cents: u64,
    pub(super) tax_cents: u64,
    pub(super) net_grams: u64,
    pub(super) paid: Millis,
}

/// The packing of a parcel.
const PACKING_GRAMS: u64 = 150;

/// One of some members.
pub(super) fn any(rng: &mut Rng, members: &'static [Member]) -> &'static Member {
    let index = rng.below(members.len());
    members.get(index).unwrap_or(&PLATFORMS[0])
}

impl Import {
    /// An import without its people, whom [`Self::is_bought_by`] gives it.
    pub(super) fn new(number: String, plan: &Plan, rng: &mut Rng) -> Self {
        let merchant = any(rng, &MERCHANTS);
        let declares_itself = rng.one_in(4);
        let lines = match plan.quota {
            Some((_, price)) => watches(1, price),
            None => lines(rng),
        };
        let nobody = Person::new(0);
        let mut trade = Self {
            number,
            platform: any(rng, &PLATFORMS),
            merchant,
            payer_firm: any(rng, &PAYERS),
            carrier: any(rng, &CARRIERS),
            declarant: if declares_itself { merchant } else { any(rng, &DECLARANTS) },
            warehouse: any(rng, &WAREHOUSES),
            mode: ["9610", "1210", "1210", "1239"].get(rng.below(4)).copied().unwrap_or("9610"),
            payer: nobody.clone(),
            consignee: nobody.clone(),
            buyer: nobody,
            lines: Vec::new(),
            freight_cents: rng_cents(rng, 5, 20),
            discount_cents: if rng.one_in(3) { 500 } else { 0 },
            tax_cents: 0,
            net_grams: 0,
            paid: plan.begins,
        };
        trade.sells(lines);
        trade
    }

    /// Has it sell these lines, with the tax that is due on them.
    pub(super) fn sells(&mut self, lines: Vec<Line>) {
        self.tax_cents = tax_cents(&lines, self.freight_cents);
        self.net_grams = lines.iter().map(|line| line.qty * line.sku.net_grams).sum();
        self.lines = lines;
    }

    pub(super) fn is_bought_by(&mut self, buyer: Person) {
        self.payer = buyer.clone();
        self.consignee = buyer.clone();
        self.buyer = buyer;
    }

    pub(super) fn order_no(&self) -> String {
        format!("KIO{}", self.number)
    }

    pub(super) fn transaction(&self) -> String {
        format!("KIP{}", self.number)
    }

    pub(super) fn logistics_no(&self) -> String {
        format!("KIW{}", self.number)
    }

    /// The number that customs gives its list.
    pub(super) fn invt_no(&self) -> String {
        format!("KI{}", self.number)
    }

    pub(super) fn is_bonded(&self) -> bool {
        self.mode != "9610"
    }

    /// Customs' word on this account book.
    pub(super) fn ems_no(&self) -> String {
        book_of(self.warehouse)
    }

    /// The number in the account book of goods that only its list takes.
    pub(super) fn own_goods(&self) -> String {
        format!("KHC{}", self.number)
    }

    pub(super) fn goods_cents(&self) -> u64 {
        self.lines.iter().map(Line::total_cents).sum()
    }

    /// What the list is worth: goods and freight.
    pub(super) fn value_cents(&self) -> u64 {
        self.goods_cents().saturating_add(self.freight_cents)
    }

    pub(super) fn paid_cents(&self) -> u64 {
        let due = self.value_cents().saturating_add(self.tax_cents);
        due.saturating_sub(self.discount_cents)
    }

    fn gross_grams(&self) -> u64 {
        self.net_grams.saturating_add(PACKING_GRAMS)
    }

    pub(super) fn draft(
        &self,
        sender: &'static Member,
        message_type: MessageType,
        at: Millis,
        raw: RawDocument,
    ) -> Draft {
        Draft { sender: sender.code, message_type, at, raw }
    }

    pub(super) fn order(&self, rng: &mut Rng) -> Draft {
        let at = Millis(self.paid.0 + 10 * 60_000);
        let mut head = head(rng.guid(), at);
        head.set("orderType", "I");
        head.set("orderNo", self.order_no());
        head.set("ebpCode", self.platform.code);
        head.set("ebpName", self.platform.name);
        head.set("ebcCode", self.merchant.code);
        head.set("ebcName", self.merchant.name);
        head.set("goodsValue", cents(self.goods_cents()));
        head.set("freight", cents(self.freight_cents));
        head.set("discount", cents(self.discount_cents));
        head.set("taxTotal", cents(self.tax_cents));
        head.set("acturalPaid", cents(self.paid_cents()));
        head.set("currency", "142");
        head.set("buyerRegNo", &self.buyer.account);
        head.set("buyerName", &self.buyer.name);
        head.set("buyerTelephone", &self.buyer.telephone);
        head.set("buyerIdType", "1");
        head.set("buyerIdNumber", &self.buyer.id_number);
        head.set("payCode", self.payer_firm.code);
        head.set("payName", self.payer_firm.name);
        head.set("payTransactionId", self.transaction());
        head.set("consignee", &self.consignee.name);
        head.set("consigneeTelephone", &self.consignee.telephone);
        head.set("consigneeAddress", &self.consignee.address);
        head.set("note", "虚构数据");
        let lines = (1usize..).zip(&self.lines).map(|(number, line)| line.order_fields(number));
        let raw = RawDocument { head, lines: lines.collect() };
        self.draft(self.platform, MessageType::Ceb311, at, raw)
    }

    pub(super) fn payment(&self, rng: &mut Rng) -> Draft {
        let at = Millis(self.paid.0 + 20 * 60_000);
        let mut head = head(rng.guid(), at);
        head.set("payCode", self.payer_firm.code);
        head.set("payName", self.payer_firm.name);
        head.set("payTransactionId", self.transaction());
        head.set("orderNo", self.order_no());
        head.set("ebpCode", self.platform.code);
        head.set("ebpName", self.platform.name);
        head.set("payerIdType", "1");
        head.set("payerIdNumber", &self.payer.id_number);
        head.set("payerName", &self.payer.name);
        head.set("telephone", &self.payer.telephone);
        head.set("amountPaid", cents(self.paid_cents()));
        head.set("currency", "142");
        head.set("payTime", time_text(self.paid));
        self.draft(
            self.payer_firm,
            MessageType::Ceb411,
            at,
            RawDocument { head, lines: Vec::new() },
        )
    }

    pub(super) fn waybill(&self, rng: &mut Rng) -> Draft {
        let at = later(self.paid, 10);
        let mut head = head(rng.guid(), at);
        head.set("logisticsCode", self.carrier.code);
        head.set("logisticsName", self.carrier.name);
        head.set("logisticsNo", self.logistics_no());
        if !self.is_bonded() {
            head.set("billNo", self.bill_no());
        }
        head.set("orderNo", self.order_no());
        head.set("freight", cents(self.freight_cents));
        head.set("insuredFee", "0");
        head.set("currency", "142");
        head.set("weight", kilograms(self.gross_grams()));
        head.set("packNo", "1");
        head.set("goodsInfo", self.lines.first().map_or("包裹", |line| line.sku.name));
        head.set("consignee", &self.consignee.name);
        head.set("consigneeTelephone", &self.consignee.telephone);
        head.set("consigneeAddress", &self.consignee.address);
        self.draft(self.carrier, MessageType::Ceb511, at, RawDocument { head, lines: Vec::new() })
    }

    pub(super) fn bill_no(&self) -> String {
        format!("KIB{}{}", self.carrier.code, CustomsDate::from_millis(self.paid))
    }

    pub(super) fn list(&self, rng: &mut Rng) -> Draft {
        let at = later(self.paid, 24);
        let mut head = head(rng.guid(), at);
        head.set("orderNo", self.order_no());
        head.set("ebpCode", self.platform.code);
        head.set("ebpName", self.platform.name);
        head.set("ebcCode", self.merchant.code);
        head.set("ebcName", self.merchant.name);
        head.set("logisticsNo", self.logistics_no());
        head.set("logisticsCode", self.carrier.code);
        head.set("logisticsName", self.carrier.name);
        head.set("copNo", format!("KIL{}", self.number));
        head.set("assureCode", self.declarant.code);
        head.set("ieFlag", "I");
        head.set("declTime", CustomsDate::from_millis(at).to_string());
        head.set("customsCode", "4999");
        head.set("portCode", "4999");
        head.set("buyerIdType", "1");
        head.set("buyerIdNumber", &self.buyer.id_number);
        head.set("buyerName", &self.buyer.name);
        head.set("buyerTelephone", &self.buyer.telephone);
        head.set("consigneeAddress", &self.consignee.address);
        head.set("agentCode", self.declarant.code);
        head.set("agentName", self.declarant.name);
        head.set("tradeMode", self.mode);
        if self.is_bonded() {
            head.set("trafMode", "Y");
            head.set("emsNo", self.ems_no());
            head.set("areaCode", self.warehouse.code);
            head.set("areaName", self.warehouse.name);
            head.set("country", "142");
        } else {
            head.set("trafMode", "5");
            head.set("trafNo", "KH0001");
            head.set("voyageNo", format!("KH{}", CustomsDate::from_millis(at)));
            head.set("billNo", self.bill_no());
            head.set("country", self.lines.first().map_or("502", |line| line.sku.country));
        }
        head.set("freight", cents(self.freight_cents));
        head.set("insuredFee", "0");
        head.set("currency", "142");
        head.set("wrapType", "2");
        head.set("packNo", "1");
        head.set("grossWeight", kilograms(self.gross_grams()));
        head.set("netWeight", kilograms(self.net_grams));
        let mode = if self.is_bonded() { Mode::Bonded } else { Mode::Direct };
        let lines =
            (1usize..).zip(&self.lines).map(|(number, line)| line.list_fields(number, mode));
        let raw = RawDocument { head, lines: lines.collect() };
        self.draft(self.declarant, MessageType::Ceb621, at, raw)
    }
}

/// The account book of a warehouse.
pub(super) fn book_of(warehouse: &Member) -> String {
    format!("KHBOOK{}", warehouse.code)
}

//! One export of the full world, and the documents of it alone.

use super::super::rng::Rng;
use super::super::trade::{Line, cents, kilograms, rng_cents};
use super::cast::{CARRIERS, DECLARANTS, MERCHANTS, Member, PAYERS, PLATFORMS, WAREHOUSES};
use super::draft::{DAY_MS, Draft, head, later, time_text};
use super::goods::exported_lines;
use super::import::any;
use super::plan::Plan;
use crate::field_table::MessageType;
use crate::raw::{RawDocument, RawFields};
use kanhe_types::time::{CustomsDate, Millis};

/// One export. A fault changes a draft, or the trade before its drafts are made.
#[derive(Clone)]
pub(super) struct Export {
    pub(super) number: String,
    pub(super) platform: &'static Member,
    pub(super) merchant: &'static Member,
    pub(super) payer_firm: &'static Member,
    pub(super) carrier: &'static Member,
    pub(super) declarant: &'static Member,
    /// The supervised site, and the warehouse in the zone of bonded exports.
    pub(super) site: &'static Member,
    pub(super) mode: &'static str,
    /// Whether it is declared in the simplified form, which nobody sums up.
    pub(super) is_simplified: bool,
    pub(super) lines: Vec<Line>,
    pub(super) freight_cents: u64,
    pub(super) parcels: u64,
    pub(super) begins: Millis,
    /// The day on which its parcel travels, counted from the first.
    pub(super) day: u64,
}

const PACKING_GRAMS: u64 = 400;

impl Export {
    pub(super) fn new(
        number: String,
        plan: &Plan,
        mode: Option<&'static str>,
        rng: &mut Rng,
    ) -> Self {
        const MODES: [&str; 8] = ["9610", "9610", "9610", "1210", "1239", "9710", "9710", "9810"];
        let drawn = MODES.get(rng.below(MODES.len())).copied().unwrap_or("9610");
        let mode = mode.unwrap_or(drawn);
        let times = if matches!(mode, "9710" | "9810") { 20 } else { 1 };
        Self {
            number,
            platform: any(rng, &PLATFORMS),
            merchant: any(rng, &MERCHANTS),
            payer_firm: any(rng, &PAYERS),
            carrier: any(rng, &CARRIERS),
            declarant: any(rng, &DECLARANTS),
            site: any(rng, &WAREHOUSES),
            mode,
            is_simplified: mode == "9610" && rng.one_in(4),
            lines: exported_lines(rng, times),
            freight_cents: rng_cents(rng, 4, 30),
            parcels: 1,
            begins: plan.begins,
            day: later(plan.begins, 12).0 / DAY_MS,
        }
    }

    pub(super) fn order_no(&self) -> String {
        format!("KEO{}", self.number)
    }

    pub(super) fn logistics_no(&self) -> String {
        format!("KEW{}", self.number)
    }

    pub(super) fn cop_no(&self) -> String {
        format!("KEL{}", self.number)
    }

    pub(super) fn invt_no(&self) -> String {
        format!("KE{}", self.number)
    }

    /// Customs' number for the declaration that it becomes by itself.
    pub(super) fn entry_id(&self) -> String {
        format!("499{}", self.number)
    }

    pub(super) fn bill_no(&self) -> String {
        let day = CustomsDate::from_millis(Millis(self.day * DAY_MS));
        format!("KEB{}{}{day}", self.carrier.code, self.declarant.code)
    }

    /// So many days after the one on which it is declared, at the beginning of the day.
    pub(super) fn days_on(&self, days: u64) -> Millis {
        Millis(self.day.saturating_add(days).saturating_mul(DAY_MS))
    }

    /// Whether its mode asks what was received.
    pub(super) fn is_paid(&self) -> bool {
        !matches!(self.mode, "9710" | "9810")
    }

    pub(super) fn goods_cents(&self) -> u64 {
        self.lines.iter().map(Line::total_cents).sum()
    }

    pub(super) fn value_cents(&self) -> u64 {
        self.goods_cents().saturating_add(self.freight_cents)
    }

    fn net_grams(&self) -> u64 {
        self.lines.iter().map(|line| line.qty * line.sku.net_grams).sum()
    }

    fn order_type(&self) -> &'static str {
        match self.mode {
            "9710" => "B",
            "9810" => "W",
            _ => "E",
        }
    }

    pub(super) fn order(&self, rng: &mut Rng) -> Draft {
        let at = Millis(self.begins.0 + 10 * 60_000);
        let mut head = head(rng.guid(), at);
        head.set("orderType", self.order_type());
        head.set("orderNo", self.order_no());
        self.set_sellers(&mut head);
        head.set("goodsValue", cents(self.goods_cents()));
        head.set("freight", cents(self.freight_cents));
        head.set("currency", "502");
        let lines = (1usize..).zip(&self.lines).map(|(number, line)| {
            let mut own = RawFields::default();
            own.set("gnum", number.to_string());
            own.set("itemNo", line.sku.item_no);
            own.set("itemName", &line.name);
            own.set("unit", line.sku.unit);
            own.set("currency", "502");
            own.set("qty", line.qty.to_string());
            own.set("price", cents(line.price_cents));
            own.set("totalPrice", cents(line.total_cents()));
            own
        });
        let raw = RawDocument { head, lines: lines.collect() };
        Draft { sender: self.platform.code, message_type: MessageType::Ceb303, at, raw }
    }

    fn set_sellers(&self, head: &mut RawFields) {
        head.set("ebpCode", self.platform.code);
        head.set("ebpName", self.platform.name);
        head.set("ebcCode", self.merchant.code);
        head.set("ebcName", self.merchant.name);
    }

    /// A receipt of funds; its number ends with `part`.
    pub(super) fn receipt(&self, charge_cents: u64, part: &str, rng: &mut Rng) -> Draft {
        let at = later(self.begins, 3);
        let mut head = head(rng.guid(), at);
        self.set_sellers(&mut head);
        head.set("orderNo", self.order_no());
        head.set("payCode", self.payer_firm.code);
        head.set("payName", self.payer_firm.name);
        head.set("payNo", format!("KEP{}{part}", self.number));
        head.set("charge", cents(charge_cents));
        head.set("currency", "502");
        head.set("accountingDate", time_text(at));
        let raw = RawDocument { head, lines: Vec::new() };
        Draft { sender: self.payer_firm.code, message_type: MessageType::Ceb403, at, raw }
    }

    pub(super) fn waybill(&self, rng: &mut Rng) -> Draft {
        let at = later(self.begins, 6);
        let mut head = head(rng.guid(), at);
        head.set("logisticsCode", self.carrier.code);
        head.set("logisticsName", self.carrier.name);
        head.set("logisticsNo", self.logistics_no());
        head.set("freight", cents(self.freight_cents));
        head.set("insuredFee", "0");
        head.set("currency", "502");
        head.set("grossWeight", kilograms(self.net_grams() + PACKING_GRAMS));
        head.set("packNo", self.parcels.to_string());
        head.set("goodsInfo", self.lines.first().map_or("包裹", |line| line.sku.name));
        head.set("ebcCode", self.merchant.code);
        head.set("ebcName", self.merchant.name);
        let raw = RawDocument { head, lines: Vec::new() };
        Draft { sender: self.carrier.code, message_type: MessageType::Ceb505, at, raw }
    }

    pub(super) fn list(&self, rng: &mut Rng) -> Draft {
        let at = later(self.begins, 12);
        let mut head = head(rng.guid(), at);
        head.set("customsCode", "4999");
        self.set_sellers(&mut head);
        head.set("orderNo", self.order_no());
        head.set("logisticsCode", self.carrier.code);
        head.set("logisticsName", self.carrier.name);
        head.set("logisticsNo", self.logistics_no());
        head.set("copNo", self.cop_no());
        head.set("invtNo", self.invt_no());
        head.set("ieFlag", "E");
        head.set("portCode", "4999");
        head.set("ieDate", CustomsDate::from_millis(at).to_string());
        head.set("statisticsFlag", if self.is_simplified { "A" } else { "B" });
        head.set("agentCode", self.declarant.code);
        head.set("agentName", self.declarant.name);
        head.set("ownerCode", self.merchant.code);
        head.set("ownerName", self.merchant.name);
        let is_bonded = matches!(self.mode, "1210" | "1239");
        if is_bonded {
            head.set("iacCode", self.site.code);
            head.set("iacName", self.site.name);
            head.set("emsNo", format!("KHOUT{}", self.site.code));
        }
        head.set("tradeMode", self.mode);
        head.set("trafMode", "5");
        head.set("trafName", "KH0002");
        head.set("voyageNo", "KH02");
        head.set("billNo", self.bill_no());
        head.set("country", "502");
        head.set("POD", "0502");
        head.set("freight", cents(self.freight_cents));
        head.set("fCurrency", "502");
        head.set("fFlag", "3");
        head.set("insuredFee", "0");
        head.set("iCurrency", "502");
        head.set("iFlag", "3");
        head.set("wrapType", "2");
        head.set("packNo", self.parcels.to_string());
        head.set("grossWeight", kilograms(self.net_grams() + PACKING_GRAMS));
        head.set("netWeight", kilograms(self.net_grams()));
        let lines = (1usize..).zip(&self.lines);
        let lines = lines.map(|(number, line)| list_line(number, line, is_bonded));
        let raw = RawDocument { head, lines: lines.collect() };
        Draft { sender: self.declarant.code, message_type: MessageType::Ceb603, at, raw }
    }

    pub(super) fn cancellation(&self, at: Millis, rng: &mut Rng) -> Draft {
        let mut head = head(rng.guid(), at);
        head.set("customsCode", "4999");
        head.set("copNo", self.cop_no());
        head.set("invtNo", self.invt_no());
        head.set("reason", "虚构原因");
        head.set("agentCode", self.declarant.code);
        head.set("agentName", self.declarant.name);
        head.set("ebcCode", self.merchant.code);
        head.set("ebcName", self.merchant.name);
        let raw = RawDocument { head, lines: Vec::new() };
        Draft { sender: self.declarant.code, message_type: MessageType::Ceb605, at, raw }
    }

    /// The merchant applies for the return of so many of the first line's goods.
    pub(super) fn application(&self, qty: u64, at: Millis, rng: &mut Rng) -> Draft {
        let mut head = head(rng.guid(), at);
        head.set("customsCode", "4999");
        self.set_sellers(&mut head);
        self.set_way_back(&mut head);
        head.set("tradeMode", self.mode);
        head.set("agentCode", self.declarant.code);
        head.set("agentName", self.declarant.name);
        head.set("portCode", "4999");
        head.set("reason", "虚构原因");
        head.set("country", "502");
        let line = self.lines.first().map(|line| {
            let mut own = RawFields::default();
            own.set("gnum", "1");
            own.set("gcode", line.sku.gcode);
            own.set("gname", &line.name);
            own.set("gmodel", line.sku.gmodel);
            own.set("qty", qty.to_string());
            own.set("qty1", "1");
            own.set("unit", line.sku.unit);
            own.set("unit1", "035");
            own
        });
        let raw = RawDocument { head, lines: line.into_iter().collect() };
        Draft { sender: self.merchant.code, message_type: MessageType::Ceb213, at, raw }
    }

    /// The site has counted what came back.
    pub(super) fn tally(&self, at: Millis, rng: &mut Rng) -> Draft {
        let mut head = head(rng.guid(), at);
        head.set("customsCode", "4999");
        head.set("operatorCode", self.site.code);
        head.set("operatorName", self.site.name);
        self.set_way_back(&mut head);
        let raw = RawDocument { head, lines: Vec::new() };
        Draft { sender: self.site.code, message_type: MessageType::Ceb215, at, raw }
    }

    fn set_way_back(&self, head: &mut RawFields) {
        head.set("logisticsCode", self.carrier.code);
        head.set("logisticsName", self.carrier.name);
        head.set("logisticsNo", format!("KEX{}", self.number));
        head.set("invtNo", self.invt_no());
        head.set("coElNo", format!("KER{}", self.number));
        head.set("billNo", "KEBACK01");
        head.set("ieFlag", "I");
        head.set("trafMode", "5");
        head.set("trafName", "KH0003");
        head.set("voyageNo", "KH03");
    }
}

fn list_line(number: usize, line: &Line, is_bonded: bool) -> RawFields {
    let mut own = RawFields::default();
    own.set("gnum", number.to_string());
    own.set("itemNo", line.sku.item_no);
    if is_bonded {
        own.set("itemRecordNo", line.sku.item_no);
    }
    own.set("itemName", &line.name);
    own.set("gcode", line.sku.gcode);
    own.set("gname", &line.name);
    own.set("gmodel", line.sku.gmodel);
    own.set("barCode", "无");
    own.set("country", "502");
    own.set("currency", "502");
    own.set("qty", line.qty.to_string());
    own.set("qty1", kilograms(line.qty * line.sku.net_grams));
    own.set("unit", line.sku.unit);
    own.set("unit1", "035");
    own.set("price", cents(line.price_cents));
    own.set("totalPrice", cents(line.total_cents()));
    own
}

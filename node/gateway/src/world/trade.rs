//! One trade: what was ordered, paid, carried and declared, consistent in itself, and the four
//! documents that say so.

use super::WorldConfig;
use super::catalogue::{PEOPLE, Person, SKUS, Sku};
use super::rng::Rng;
use crate::raw::{RawDocument, RawFields};
use kanhe_types::time::{CustomsDate, CustomsTime, Millis};

/// One trade. A fault changes a copy and writes one document from it.
#[derive(Clone)]
pub(super) struct Trade {
    pub(super) order_no: String,
    pub(super) transaction: String,
    pub(super) logistics_no: String,
    pub(super) order_guid: String,
    pub(super) payment_guid: String,
    waybill_guid: String,
    list_guid: String,
    cop_no: String,
    pub(super) buyer: Person,
    pub(super) payer: Person,
    pub(super) consignee: Person,
    /// Nobody else's number in this world.
    stranger: usize,
    lines: Vec<Line>,
    pub(super) freight_cents: u64,
    pub(super) discount_cents: u64,
    tax_cents: u64,
    /// What payment and `acturalPaid` fall short of the sum; 0 in a good trade.
    pub(super) paid_short_cents: u64,
    net_grams: u64,
    pub(super) gross_grams: u64,
    mode: Mode,
    ordered: Millis,
}

/// Goods of an order.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) sku: &'static Sku,
    pub(super) name: String,
    pub(super) qty: u64,
    pub(super) price_cents: u64,
}

/// Where imported goods come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// 9610.
    Direct,
    /// 1210.
    Bonded,
}

/// Composite tax on retail imports, in thousandths of goods and freight (13 % VAT at 70 %).
const TAX_PER_MILLE: u64 = 91;
/// People whom no other trade of a world has, strangers to it included.
pub const TRADE_PEOPLE: usize = 4;
/// The packing of a parcel.
const PACKING_GRAMS: u64 = 150;
/// The twelve hours over which a day's orders spread, in milliseconds.
const DAY_MS: u64 = 12 * 3_600_000;

impl Trade {
    pub(super) fn new(config: &WorldConfig, index: usize, rng: &mut Rng) -> Self {
        // Numbers of different worlds differ, so that several fit one ledger.
        let world = Rng::new(config.seed).next() >> 32;
        let number = format!("{world:08X}{index:06}");
        let lines = lines(rng);
        let goods: u64 = lines.iter().map(Line::total_cents).sum();
        let freight_cents = rng_cents(rng, 5, 20);
        let net_grams = lines.iter().map(|line| line.qty * line.sku.net_grams).sum();
        let person = |own: usize| (config.first_person + index * TRADE_PEOPLE + own) % PEOPLE;
        let buyer = Person::new(person(0));
        let is_gift = rng.one_in(5);
        let count = u64::try_from(config.trades.max(1)).unwrap_or(u64::MAX);
        let step = DAY_MS / count;
        let offset = u64::try_from(index).unwrap_or_default() * step;
        Self {
            order_no: format!("KHO{number}"),
            transaction: format!("KHP{number}"),
            logistics_no: format!("KHW{number}"),
            order_guid: rng.guid(),
            payment_guid: rng.guid(),
            waybill_guid: rng.guid(),
            list_guid: rng.guid(),
            cop_no: format!("KHL{number}"),
            payer: buyer.clone(),
            // The consignee may be somebody else: presents are sent.
            consignee: if is_gift { Person::new(person(1)) } else { buyer.clone() },
            buyer,
            stranger: person(2),
            freight_cents,
            discount_cents: if rng.one_in(3) { 500 } else { 0 },
            tax_cents: ((goods + freight_cents) * TAX_PER_MILLE + 500) / 1_000,
            paid_short_cents: 0,
            net_grams,
            gross_grams: net_grams + PACKING_GRAMS,
            mode: if rng.one_in(3) { Mode::Direct } else { Mode::Bonded },
            ordered: Millis(config.start.millis().0 + offset),
            lines,
        }
    }

    /// Somebody who has nothing to do with the trade, or any other.
    pub(super) fn other_person(&self) -> Person {
        Person::new(self.stranger)
    }

    /// Makes the list's first line differ from the order's: by name, or by a price cut in half.
    pub(super) fn declare_another_line(&mut self, by_name: bool) {
        if let Some(line) = self.lines.first_mut() {
            if by_name {
                line.name.push_str("（赠品）");
            } else {
                line.price_cents /= 2;
            }
        }
    }

    fn goods_cents(&self) -> u64 {
        self.lines.iter().map(Line::total_cents).sum()
    }

    fn paid_cents(&self) -> u64 {
        let due = self.goods_cents() + self.freight_cents + self.tax_cents;
        due.saturating_sub(self.discount_cents + self.paid_short_cents)
    }

    fn time(&self, minutes_after: u64) -> CustomsTime {
        CustomsTime::from_millis(Millis(self.ordered.0 + minutes_after * 60_000))
    }

    fn day(&self) -> String {
        CustomsDate::from_millis(Millis(self.ordered.0 + 120 * 60_000)).to_string()
    }

    /// The fields that every head begins with.
    fn head(&self, guid: &str, minutes_after: u64) -> RawFields {
        let mut head = RawFields::default();
        head.set("guid", guid);
        head.set("appType", "1");
        head.set("appTime", self.time(minutes_after).to_string());
        head.set("appStatus", "2");
        head
    }

    pub(super) fn order(&self, config: &WorldConfig) -> RawDocument {
        let codes = &config.organisations;
        let mut head = self.head(&self.order_guid, 1);
        head.set("orderType", "I");
        head.set("orderNo", &self.order_no);
        head.set("ebpCode", codes.platform.as_str());
        head.set("ebpName", "测试电商平台");
        head.set("ebcCode", codes.merchant.as_str());
        head.set("ebcName", "测试电商企业");
        head.set("goodsValue", cents(self.goods_cents()));
        head.set("freight", cents(self.freight_cents));
        head.set("discount", cents(self.discount_cents));
        head.set("taxTotal", cents(self.tax_cents));
        head.set("acturalPaid", cents(self.paid_cents()));
        head.set("currency", "142");
        head.set("buyerRegNo", &self.buyer.account);
        self.set_buyer(&mut head);
        head.set("payCode", codes.payment.as_str());
        head.set("payName", "测试支付企业");
        head.set("payTransactionId", &self.transaction);
        self.set_consignee(&mut head);
        head.set("note", "虚构数据");
        let lines = (1usize..).zip(&self.lines).map(|(number, line)| line.order_fields(number));
        RawDocument { head, lines: lines.collect() }
    }

    fn set_buyer(&self, head: &mut RawFields) {
        head.set("buyerName", &self.buyer.name);
        head.set("buyerTelephone", &self.buyer.telephone);
        head.set("buyerIdType", "1");
        head.set("buyerIdNumber", &self.buyer.id_number);
    }

    fn set_consignee(&self, head: &mut RawFields) {
        head.set("consignee", &self.consignee.name);
        head.set("consigneeTelephone", &self.consignee.telephone);
        head.set("consigneeAddress", &self.consignee.address);
    }

    pub(super) fn payment(&self, config: &WorldConfig) -> RawDocument {
        let codes = &config.organisations;
        let mut head = self.head(&self.payment_guid, 3);
        head.set("payCode", codes.payment.as_str());
        head.set("payName", "测试支付企业");
        head.set("payTransactionId", &self.transaction);
        head.set("orderNo", &self.order_no);
        head.set("ebpCode", codes.platform.as_str());
        head.set("ebpName", "测试电商平台");
        head.set("payerIdType", "1");
        head.set("payerIdNumber", &self.payer.id_number);
        head.set("payerName", &self.payer.name);
        head.set("telephone", &self.payer.telephone);
        head.set("amountPaid", cents(self.paid_cents()));
        head.set("currency", "142");
        head.set("payTime", self.time(2).to_string());
        RawDocument { head, lines: Vec::new() }
    }

    pub(super) fn waybill(&self, config: &WorldConfig) -> RawDocument {
        let codes = &config.organisations;
        let mut head = self.head(&self.waybill_guid, 45);
        head.set("logisticsCode", codes.carrier.as_str());
        head.set("logisticsName", "测试物流企业");
        head.set("logisticsNo", &self.logistics_no);
        if self.mode == Mode::Direct {
            head.set("billNo", self.bill_no());
        }
        head.set("orderNo", &self.order_no);
        head.set("freight", cents(self.freight_cents));
        head.set("insuredFee", "0");
        head.set("currency", "142");
        head.set("weight", kilograms(self.gross_grams));
        head.set("packNo", "1");
        head.set("goodsInfo", self.lines.first().map_or("包裹", |line| line.sku.name));
        self.set_consignee(&mut head);
        RawDocument { head, lines: Vec::new() }
    }

    fn bill_no(&self) -> String {
        format!("KHB{}", self.day())
    }

    pub(super) fn list(&self, config: &WorldConfig) -> RawDocument {
        let codes = &config.organisations;
        let mut head = self.head(&self.list_guid, 120);
        head.set("orderNo", &self.order_no);
        head.set("ebpCode", codes.platform.as_str());
        head.set("ebpName", "测试电商平台");
        head.set("ebcCode", codes.merchant.as_str());
        head.set("ebcName", "测试电商企业");
        head.set("logisticsNo", &self.logistics_no);
        head.set("logisticsCode", codes.carrier.as_str());
        head.set("logisticsName", "测试物流企业");
        head.set("copNo", &self.cop_no);
        head.set("assureCode", codes.merchant.as_str());
        head.set("ieFlag", "I");
        head.set("declTime", self.day());
        head.set("customsCode", "4999");
        head.set("portCode", "4999");
        self.set_buyer(&mut head);
        head.set("consigneeAddress", &self.consignee.address);
        head.set("agentCode", codes.merchant.as_str());
        head.set("agentName", "测试电商企业");
        self.set_mode(config, &mut head);
        head.set("freight", cents(self.freight_cents));
        head.set("insuredFee", "0");
        head.set("currency", "142");
        head.set("wrapType", "2");
        head.set("packNo", "1");
        head.set("grossWeight", kilograms(self.gross_grams));
        head.set("netWeight", kilograms(self.net_grams));
        let numbered = (1usize..).zip(&self.lines);
        let lines = numbered.map(|(number, line)| line.list_fields(number, self.mode));
        RawDocument { head, lines: lines.collect() }
    }

    /// What a direct purchase says of its transport, and a bonded one of its warehouse.
    fn set_mode(&self, config: &WorldConfig, head: &mut RawFields) {
        match self.mode {
            Mode::Direct => {
                head.set("tradeMode", "9610");
                head.set("trafMode", "5");
                head.set("trafNo", "KH0001");
                head.set("voyageNo", format!("KH{}", self.day()));
                head.set("billNo", self.bill_no());
                head.set("country", self.lines.first().map_or("502", |line| line.sku.country));
            }
            Mode::Bonded => {
                head.set("tradeMode", "1210");
                head.set("trafMode", "Y");
                head.set("emsNo", "TEST00000001");
                head.set("areaCode", config.organisations.merchant.as_str());
                head.set("areaName", "测试仓储企业");
                head.set("country", "142");
            }
        }
    }

    /// An agency's statement that the orderer's name and identity number belong together.
    pub(super) fn attestation(&self, rng: &mut Rng) -> RawDocument {
        let mut head = RawFields::default();
        head.set("guid", rng.guid());
        head.set("appType", "1");
        head.set("appTime", self.time(0).to_string());
        head.set("idNumber", &self.buyer.id_number);
        head.set("name", &self.buyer.name);
        RawDocument { head, lines: Vec::new() }
    }
}

impl Line {
    pub(super) fn total_cents(&self) -> u64 {
        self.qty * self.price_cents
    }

    pub(super) fn order_fields(&self, number: usize) -> RawFields {
        let mut line = RawFields::default();
        line.set("gnum", number.to_string());
        line.set("itemNo", self.sku.item_no);
        line.set("itemName", &self.name);
        line.set("gmodel", self.sku.gmodel);
        line.set("barCode", "无");
        line.set("unit", self.sku.unit);
        line.set("qty", self.qty.to_string());
        line.set("price", cents(self.price_cents));
        line.set("totalPrice", cents(self.total_cents()));
        line.set("currency", "142");
        line.set("country", self.sku.country);
        line
    }

    pub(super) fn list_fields(&self, number: usize, mode: Mode) -> RawFields {
        let mut line = RawFields::default();
        line.set("gnum", number.to_string());
        if mode == Mode::Bonded {
            line.set("itemRecordNo", self.sku.item_no);
        }
        line.set("itemNo", self.sku.item_no);
        line.set("itemName", self.sku.name);
        line.set("gcode", self.sku.gcode);
        line.set("gname", &self.name);
        line.set("gmodel", self.sku.gmodel);
        line.set("barCode", "无");
        line.set("country", self.sku.country);
        line.set("currency", "142");
        line.set("qty", self.qty.to_string());
        line.set("unit", self.sku.unit);
        line.set("qty1", kilograms(self.qty * self.sku.net_grams));
        line.set("unit1", "035");
        line.set("price", cents(self.price_cents));
        line.set("totalPrice", cents(self.total_cents()));
        line
    }
}

/// One to five different goods, one to three of each.
pub(super) fn lines(rng: &mut Rng) -> Vec<Line> {
    let mut skus: Vec<&'static Sku> = SKUS.iter().collect();
    rng.shuffle(&mut skus);
    let count = rng.below(5) + 1;
    let chosen = skus.into_iter().take(count);
    chosen
        .map(|sku| {
            let qty = u64::try_from(rng.below(3) + 1).unwrap_or(1);
            Line { sku, name: sku.name.to_owned(), qty, price_cents: sku.price_cents }
        })
        .collect()
}

/// Whole and half yuan from `min` up to, but not, `end`.
pub(super) fn rng_cents(rng: &mut Rng, min: u64, end: u64) -> u64 {
    let halves = usize::try_from((end - min) * 2).unwrap_or_default();
    min * 100 + u64::try_from(rng.below(halves)).unwrap_or_default() * 50
}

pub(super) fn cents(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

pub(super) fn kilograms(grams: u64) -> String {
    format!("{}.{:03}", grams / 1_000, grams % 1_000)
}

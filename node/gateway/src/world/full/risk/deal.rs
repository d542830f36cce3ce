//! A planned trade, small enough that a world's trades fit into memory, and the documents that it
//! becomes.

use super::super::super::catalogue::{Person, Sku};
use super::super::super::rng::Rng;
use super::super::super::trade::{Line, cents, kilograms};
use super::super::cast::Member;
use super::super::draft::{DAY_MS, Draft, later, time_text};
use super::super::export::Export;
use super::super::goods::tax_cents;
use super::super::import::Import;
use super::cast::SKUS;
use super::pattern::{LookAlike, RiskPattern};
use kanhe_types::time::{CustomsDate, Millis};

/// What is true of a trade.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Label {
    pub(super) pattern: Option<RiskPattern>,
    pub(super) look_alike: Option<LookAlike>,
    pub(super) ring: Option<u32>,
    pub(super) value_cents: u64,
}

/// A planned trade.
#[derive(Clone)]
pub(super) struct Deal {
    pub(super) label: Label,
    pub(super) way: Way,
}

/// Which way its goods go.
#[derive(Clone)]
pub(super) enum Way {
    Import(Purchase),
    Export(Sale),
}

/// Where parcels go: the numbers of the people whose name, telephone and address they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recipient {
    pub(super) name: usize,
    pub(super) telephone: usize,
    pub(super) place: usize,
    /// In which way the address is written.
    pub(super) spelling: u64,
}

/// Some pieces of an article.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) sku: usize,
    pub(super) qty: u64,
    pub(super) price_cents: u64,
    /// Its name, where it is not the article's.
    pub(super) name: Option<Box<str>>,
}

/// How an import ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Delivered,
    /// Inspected, then delivered.
    Inspected,
    Cancelled,
    /// Delivered, and some of it sent back.
    Returned,
}

/// An import.
#[derive(Clone, Debug)]
pub(super) struct Purchase {
    pub(super) platform: &'static Member,
    pub(super) merchant: &'static Member,
    pub(super) payer_firm: &'static Member,
    pub(super) carrier: &'static Member,
    pub(super) declarant: &'static Member,
    pub(super) warehouse: &'static Member,
    pub(super) mode: &'static str,
    /// Whose identity orders, and whose telephone is named for it.
    pub(super) buyer: usize,
    pub(super) buyer_telephone: usize,
    /// Whose identity pays, and whose telephone is named for it.
    pub(super) payer: usize,
    pub(super) payer_telephone: usize,
    pub(super) recipient: Recipient,
    pub(super) items: Vec<Item>,
    pub(super) freight_cents: u64,
    pub(super) discount_cents: u64,
    /// Ends the account book's numbers of goods that have their own there.
    pub(super) record: Option<u32>,
    pub(super) paid: Millis,
    pub(super) ordered: Millis,
    pub(super) sent: Millis,
    pub(super) listed: Millis,
    pub(super) released: Millis,
    pub(super) signed: Millis,
    /// When the carrier reports the signature.
    pub(super) reported: Millis,
    /// Gross weight of list and of waybill.
    pub(super) list_grams: u64,
    pub(super) waybill_grams: u64,
    pub(super) ending: Ending,
    /// Whether an agency attests the identity of an orderer for whom somebody else pays.
    pub(super) is_attested: bool,
}

/// The packing of a parcel.
pub(super) const PACKING_GRAMS: u64 = 150;

fn article(number: usize) -> Option<&'static Sku> {
    SKUS.get(number)
}

fn person(identity: usize, telephone: usize) -> Person {
    Person { telephone: Person::new(telephone).telephone, ..Person::new(identity) }
}

/// An address, as some write it.
fn address(recipient: Recipient) -> String {
    let address = Person::new(recipient.place).address;
    match recipient.spelling {
        0 => address,
        1 => format!("{address}（东门）"),
        2 => format!("{address}前台"),
        _ => format!("{address}{}号柜", recipient.spelling),
    }
}

impl Purchase {
    pub(super) fn goods_cents(&self) -> u64 {
        self.items.iter().map(|item| item.qty.saturating_mul(item.price_cents)).sum()
    }

    pub(super) fn is_bonded(&self) -> bool {
        self.mode != "9610"
    }

    /// Number and unit of an article in the account book: a merchant's goods have their own.
    pub(super) fn record_of(&self, item: &Item) -> Option<(String, String)> {
        let sku = article(item.sku)?;
        let merchant = self.merchant.code.get(5..).unwrap_or_default();
        let batch = self.record.map(|batch| format!("-{batch}")).unwrap_or_default();
        Some((format!("{}-{merchant}{batch}", sku.item_no), sku.unit.to_owned()))
    }

    pub(super) fn net_grams(&self) -> u64 {
        let grams =
            |item: &Item| article(item.sku).map_or(0, |sku| item.qty.saturating_mul(sku.net_grams));
        self.items.iter().map(grams).sum()
    }

    fn import(&self, number: &str) -> Import {
        let lines: Vec<Line> = self
            .items
            .iter()
            .filter_map(|item| {
                let sku = article(item.sku)?;
                let name = item.name.as_deref().unwrap_or(sku.name).to_owned();
                Some(Line { sku, name, qty: item.qty, price_cents: item.price_cents })
            })
            .collect();
        let recipient = self.recipient;
        Import {
            number: number.to_owned(),
            platform: self.platform,
            merchant: self.merchant,
            payer_firm: self.payer_firm,
            carrier: self.carrier,
            declarant: self.declarant,
            warehouse: self.warehouse,
            mode: self.mode,
            buyer: person(self.buyer, self.buyer_telephone),
            payer: person(self.payer, self.payer_telephone),
            consignee: Person {
                address: address(recipient),
                ..person(recipient.name, recipient.telephone)
            },
            tax_cents: tax_cents(&lines, self.freight_cents),
            // Where the list weighs less than the goods, so does what it says is their net weight.
            net_grams: self.net_grams().min(self.list_grams),
            lines,
            freight_cents: self.freight_cents,
            discount_cents: self.discount_cents,
            paid: self.paid,
        }
    }

    /// Its documents, with who sends them when. `is_attested`: an agency attests the orderer's
    /// identity first.
    pub(super) fn drafts(&self, number: &str, is_attested: bool, rng: &mut Rng) -> Vec<Draft> {
        let trade = self.import(number);
        let at = |mut draft: Draft, time: Millis| {
            draft.at = time;
            draft.set("appTime", time_text(time));
            draft
        };
        let mut drafts = Vec::with_capacity(8);
        if is_attested {
            drafts.push(trade.attestation(rng));
        }
        let mut payment = trade.payment(rng);
        payment = at(payment, Millis(self.paid.0.saturating_add(90_000)));
        drafts.push(payment);
        drafts.push(at(trade.order(rng), self.ordered));
        let mut waybill = at(trade.waybill(rng), self.sent);
        waybill.set("weight", kilograms(self.waybill_grams));
        drafts.push(waybill);
        let mut list = at(trade.list(rng), self.listed);
        list.set("declTime", day_text(self.listed));
        list.set("grossWeight", kilograms(self.list_grams));
        if self.is_bonded() {
            for (item, line) in self.items.iter().zip(&mut list.raw.lines) {
                if let Some((record, _)) = self.record_of(item) {
                    line.set("itemRecordNo", record);
                }
            }
        }
        drafts.push(list);
        self.clear(&trade, &mut drafts, rng);
        drafts
    }

    /// What customs, carrier and declarant say after the list.
    fn clear(&self, trade: &Import, drafts: &mut Vec<Draft>, rng: &mut Rng) {
        let hour = |hours| later(self.listed, hours);
        if self.ending == Ending::Cancelled {
            return drafts.push(trade.cancellation(hour(3), rng));
        }
        if self.ending == Ending::Inspected {
            drafts.push(trade.status("500", hour(1), rng));
        }
        drafts.push(trade.status("800", self.released, rng));
        let mut signed = trade.signed(self.reported, rng);
        signed.set("logisticsTime", time_text(self.signed));
        drafts.push(signed);
        if self.ending == Ending::Returned {
            let mut back: Vec<u64> = vec![0; self.items.len()];
            back.first_mut().into_iter().for_each(|qty| *qty = 1);
            let applied = Millis(self.reported.0.saturating_add(2 * DAY_MS));
            drafts.push(trade.list_return(&back, applied, rng));
            drafts.push(trade.return_status(Millis(applied.0.saturating_add(6 * DAY_MS)), rng));
        }
    }
}

fn day_text(time: Millis) -> String {
    CustomsDate::from_millis(time).to_string()
}

/// Money for an export.
#[derive(Clone, Copy, Debug)]
pub(super) struct Charge {
    pub(super) cents: u64,
    pub(super) at: Millis,
}

/// An export.
#[derive(Clone)]
pub(super) struct Sale {
    pub(super) platform: &'static Member,
    pub(super) merchant: &'static Member,
    pub(super) payer_firm: &'static Member,
    pub(super) carrier: &'static Member,
    pub(super) declarant: &'static Member,
    pub(super) site: &'static Member,
    pub(super) mode: &'static str,
    pub(super) lines: Vec<Line>,
    pub(super) freight_cents: u64,
    pub(super) begins: Millis,
    pub(super) charges: Vec<Charge>,
    /// Whose telephone the consignor's is.
    pub(super) telephone: usize,
    /// Whether there is anything but money.
    pub(super) is_exported: bool,
}

impl Sale {
    pub(super) fn value_cents(&self) -> u64 {
        let goods: u64 = self.lines.iter().map(Line::total_cents).sum();
        goods.saturating_add(self.freight_cents)
    }

    pub(super) fn export(&self, number: &str) -> Export {
        Export {
            number: number.to_owned(),
            platform: self.platform,
            merchant: self.merchant,
            payer_firm: self.payer_firm,
            carrier: self.carrier,
            declarant: self.declarant,
            site: self.site,
            mode: self.mode,
            is_simplified: false,
            lines: self.lines.clone(),
            freight_cents: self.freight_cents,
            parcels: 1,
            begins: self.begins,
            day: later(self.begins, 12).0 / DAY_MS,
        }
    }

    /// Its own documents; what it shares with others of its day is not among them.
    pub(super) fn drafts(&self, export: &Export, rng: &mut Rng) -> Vec<Draft> {
        let mut drafts = Vec::with_capacity(4);
        if self.is_exported {
            drafts.push(export.order(rng));
            let mut waybill = export.waybill(rng);
            waybill.set("ebcTelephone", Person::new(self.telephone).telephone);
            drafts.push(waybill);
            drafts.push(export.list(rng));
        }
        for (part, charge) in ('A'..='Z').zip(&self.charges) {
            let mut receipt = export.receipt(charge.cents, &part.to_string(), rng);
            receipt.at = charge.at;
            receipt.set("appTime", time_text(charge.at));
            receipt.set("accountingDate", time_text(charge.at));
            receipt.set("charge", cents(charge.cents));
            drafts.push(receipt);
        }
        drafts
    }
}

impl Deal {
    pub(super) fn begins(&self) -> Millis {
        match &self.way {
            Way::Import(purchase) => purchase.paid,
            Way::Export(sale) => sale.begins,
        }
    }
}

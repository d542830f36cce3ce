//! What is observed, and what is known of it: the names that features and rules use.

use crate::expression::{Type, Value};
use crate::policy::Direction;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::receipt::CaseKey;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// What is observed of trades, each once: when it happens.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An import, when all its documents are there for the first time.
    Trade,
    /// Each line of goods of that import, after it.
    Line,
    /// That the parcel of an import was signed for and that customs released it, when both are
    /// known.
    Delivery,
    /// An export, when it has an order and a list of the same merchant for the first time.
    Export,
    /// A receipt of funds for an export.
    Receipt,
    /// That an import or export stands somewhere else than before the block.
    Turn,
}

impl Subject {
    /// Every subject.
    pub const ALL: [Self; 6] =
        [Self::Trade, Self::Line, Self::Delivery, Self::Export, Self::Receipt, Self::Turn];

    /// Its name in policies.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Line => "line",
            Self::Delivery => "delivery",
            Self::Export => "export",
            Self::Receipt => "receipt",
            Self::Turn => "turn",
        }
    }

    /// Whether its facts have those of a family.
    fn has(self, family: Family) -> bool {
        match family {
            Family::Any => true,
            Family::Import => matches!(self, Self::Trade | Self::Line | Self::Delivery),
            Family::Line => self == Self::Line,
            Family::Delivery => self == Self::Delivery,
            Family::Export => matches!(self, Self::Export | Self::Receipt),
            Family::Receipt => self == Self::Receipt,
            Family::Turn => self == Self::Turn,
        }
    }
}

/// Which subjects have a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Any,
    Import,
    Line,
    Delivery,
    Export,
    Receipt,
    Turn,
}

/// From one table: the facts, their names, types, meanings and subjects. Their order is that of
/// slots and is not encoded.
macro_rules! facts {
    ($($fact:ident: $name:literal, $kind:ident, $family:ident, $meaning:literal;)+) => {
        /// What is known of what is observed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fact {
            $(#[doc = $meaning] $fact,)+
        }

        impl Fact {
            /// Every fact, by slot.
            pub const ALL: &[Self] = &[$(Self::$fact,)+];

            /// Its name in expressions.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$fact => $name,)+
                }
            }

            /// Its type.
            pub fn kind(self) -> Type {
                match self {
                    $(Self::$fact => Type::$kind,)+
                }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$fact => $meaning,)+
                }
            }

            fn family(self) -> Family {
                match self {
                    $(Self::$fact => Family::$family,)+
                }
            }
        }
    };
}

facts! {
    Direction: "trade.direction", Text, Any, "`import` or `export`.";
    Mode: "trade.mode", Text, Any, "The mode of trade, of its list; empty without one.";
    Platform: "trade.platform", Text, Any, "The platform's code.";
    Merchant: "trade.merchant", Text, Any, "The merchant's code.";
    PaymentFirm: "trade.payment_firm", Text, Any, "The payment firm's code; empty without payment.";
    Carrier: "trade.carrier", Text, Any, "The carrier's code, of the list; empty without one.";
    Declarant: "trade.declarant", Text, Any, "The declarant's code; empty without a list.";
    TradeValue: "trade.value", Decimal, Any, "What the list declares, in CNY; 0 without a rate.";
    Lines: "trade.lines", Int, Any, "Lines of goods of the list.";
    Pieces: "trade.pieces", Decimal, Any, "Quantities of all lines, added up.";
    ListWeight: "trade.list_weight", Decimal, Any, "Gross weight of the list, in kilograms.";
    NetWeight: "trade.net_weight", Decimal, Any, "Net weight of the list, in kilograms.";
    Weight: "trade.weight", Decimal, Any, "Gross weight of the waybill, in kilograms.";
    Failed: "trade.failed", Texts, Any, "The rules of matching that fail, like \"M09\".";
    IsLate: "trade.is_late", Bool, Any, "Whether documents came after the time for them.";
    Hour: "trade.hour", Int, Any, "The hour of the day in China, by block time.";
    OpenHours: "trade.open_hours", Int, Any, "Hours since the first document, by block time.";
    Buyer: "trade.buyer", Key, Import, "The orderer's identity number, as a pseudonym.";
    BuyerName: "trade.buyer_name", Key, Import, "The orderer's name.";
    Payer: "trade.payer", Key, Import, "The payer's identity number.";
    PayerName: "trade.payer_name", Key, Import, "The payer's name.";
    Consignee: "trade.consignee", Key, Import, "The consignee's name, of the order.";
    Phone: "trade.phone", Key, Import, "The consignee's telephone, of the order.";
    Address: "trade.address", Key, Import, "The consignee's address, of the order.";
    WaybillAddress: "trade.waybill_address", Key, Import, "The address that the waybill states.";
    WaybillPhone: "trade.waybill_phone", Key, Import, "The telephone that the waybill states.";
    MerchantScore: "trade.merchant_score", Int, Import, "The merchant's credit score of the day, 0 \
        to 1000; 0 where an import is not observed as a whole.";
    PayerIsBuyer: "trade.payer_is_buyer", Bool, Import, "Whether orderer and payer are one.";
    ToBuyer: "trade.to_buyer", Bool, Import, "Whether the consignee has the orderer's name.";
    Attested: "trade.attested", Bool, Import, "Whether the orderer's identity is attested.";
    Paid: "trade.paid", Decimal, Import, "What was paid, in the payment's currency.";
    OrderTime: "trade.order_time", Int, Import, "When the order was first reported, in seconds.";
    PayTime: "trade.pay_time", Int, Import, "When it was paid, in seconds of 1970.";
    PayMinute: "trade.pay_minute", Int, Import, "The same in minutes.";
    WaybillTime: "trade.waybill_time", Int, Import, "When the waybill was first reported, in seconds.";
    Book: "trade.book", Text, Import, "The bonded account book; empty without one.";
    Warehouse: "trade.warehouse", Text, Import, "The bonded warehouse; empty without one.";
    Sku: "line.sku", Text, Line, "The article: its number in the account book, or else commodity \
        code, unit and name.";
    Gcode: "line.gcode", Text, Line, "Commodity code of ten digits.";
    LineName: "line.name", Text, Line, "The goods' name.";
    Unit: "line.unit", Text, Line, "Unit of measure.";
    Quantity: "line.quantity", Decimal, Line, "Quantity.";
    Price: "line.price", Decimal, Line, "Price of one unit, in CNY.";
    LineTotal: "line.total", Decimal, Line, "Price of the line, in CNY.";
    SignedTime: "delivery.time", Int, Delivery, "When it was signed for, in seconds of 1970.";
    SignedMinute: "delivery.minute", Int, Delivery, "The same in minutes.";
    AfterRelease: "delivery.after_release", Int, Delivery, "Seconds from the release, as customs \
        states it, to the signature; below 0 if it was signed for before.";
    AfterWaybill: "delivery.after_waybill", Int, Delivery, "Seconds between the waybill and the \
        signature.";
    Currency: "export.currency", Text, Export, "Currency of the export's goods.";
    DeclaredValue: "export.declared", Decimal, Export, "What the list declares of goods, in it.";
    Received: "export.received", Decimal, Export, "Receipts of the export in that currency, or \
        the order's without a list.";
    Ordered: "export.ordered", Decimal, Export, "Goods and freight of the order, in its currency.";
    IsDeclared: "export.is_declared", Bool, Export, "Whether there is a list of its merchant.";
    ReceiptAmount: "receipt.amount", Decimal, Receipt, "What was received, in its currency.";
    ReceiptCurrency: "receipt.currency", Text, Receipt, "That currency.";
    ReceiptUsd: "receipt.usd", Decimal, Receipt, "What was received, in USD by the policy's rates.";
    StateBefore: "turn.before", Text, Turn, "Where the trade stood; empty for a new one.";
    StateAfter: "turn.after", Text, Turn, "Where it stands.";
    WasDeclared: "turn.is_declared", Bool, Turn, "Whether there is a list of its merchant.";
    IsPaid: "turn.is_paid", Bool, Turn, "Whether there is a payment or a receipt of funds.";
}

impl Fact {
    /// Its slot.
    pub fn slot(self) -> usize {
        self as usize
    }

    /// Whether a subject has it.
    pub fn is_of(self, subject: Subject) -> bool {
        subject.has(self.family())
    }

    /// The fact with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.name() == name)
    }
}

/// How many slots facts take; those of features stand after them.
pub(crate) const FACT_SLOTS: usize = Fact::ALL.len();

/// Something observed.
///
/// What a case shows at once shares most facts, and lines of goods differ in a few: what is told
/// of one is kept apart, so that nothing is copied that they share.
#[derive(Clone, Debug)]
pub struct Observation<'a> {
    /// What.
    pub subject: Subject,
    /// Of which trade; features remember no trade where it is not stated.
    pub trade: Option<(Direction, &'a CaseKey)>,
    /// What is known of it and of others, by slot.
    shared: Rc<Vec<Value<'a>>>,
    /// What is known of it alone; it holds instead of what is shared.
    own: Vec<(Fact, Value<'a>)>,
}

impl<'a> Observation<'a> {
    /// An observation of which nothing is known yet.
    pub fn new(subject: Subject) -> Self {
        let shared = Rc::new(vec![Value::Bool(false); FACT_SLOTS]);
        Self { subject, trade: None, shared, own: Vec::new() }
    }

    /// The same facts, observed as something else of which much more is to be told.
    #[must_use]
    pub(crate) fn apart(&self, subject: Subject) -> Self {
        let mut shared = Vec::new();
        self.tell(&mut shared, FACT_SLOTS);
        Self { subject, trade: self.trade, shared: Rc::new(shared), own: Vec::new() }
    }

    /// The same facts, observed as something else.
    #[must_use]
    pub fn of(&self, subject: Subject) -> Self {
        Self { subject, ..self.clone() }
    }

    /// States a fact. The value must be of the fact's type.
    pub fn set(&mut self, fact: Fact, value: Value<'a>) {
        if let Some((_, own)) = self.own.iter_mut().find(|(own, _)| *own == fact) {
            *own = value;
            return;
        }
        match Rc::get_mut(&mut self.shared).map(|shared| shared.get_mut(fact.slot())) {
            Some(Some(slot)) => *slot = value,
            _ => self.own.push((fact, value)),
        }
    }

    /// A fact, where it was stated.
    pub fn get(&self, fact: Fact) -> Option<Value<'a>> {
        let own = self.own.iter().find(|(own, _)| *own == fact).map(|(_, value)| *value);
        let value = own.or_else(|| self.shared.get(fact.slot()).copied())?;
        (value.type_of() == fact.kind()).then_some(value)
    }

    /// What is known of it, by slot, with room for what features say, in the place of what was
    /// there.
    pub(crate) fn tell(&self, facts: &mut Vec<Value<'a>>, slots: usize) {
        facts.clear();
        facts.reserve(slots);
        facts.extend_from_slice(&self.shared);
        for (fact, value) in &self.own {
            if let Some(slot) = facts.get_mut(fact.slot()) {
                *slot = *value;
            }
        }
        facts.resize(slots, Value::Bool(false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_told_of_one_observation_is_not_told_of_another() {
        let mut trade = Observation::new(Subject::Trade);
        trade.set(Fact::Merchant, Value::Text("TEST"));
        let mut line = trade.of(Subject::Line);
        line.set(Fact::Sku, Value::Text("A"));
        line.set(Fact::Merchant, Value::Text("OTHER"));
        line.set(Fact::Sku, Value::Text("B"));
        let mut apart = line.apart(Subject::Turn);
        apart.set(Fact::Sku, Value::Text("C"));
        trade.set(Fact::MerchantScore, Value::Int(7));
        let told = |own: &Observation<'_>| {
            let said = [Fact::Merchant, Fact::Sku, Fact::MerchantScore].map(|fact| own.get(fact));
            let mut facts = vec![Value::Int(1)];
            own.tell(&mut facts, FACT_SLOTS + 2);
            assert_eq!(facts.len(), FACT_SLOTS + 2);
            let by_slot =
                |fact: Fact| Some(facts[fact.slot()]).filter(|own| own.type_of() == fact.kind());
            assert_eq!(said, [Fact::Merchant, Fact::Sku, Fact::MerchantScore].map(by_slot));
            said.map(|own| own.map_or(String::new(), |own| own.to_string()))
        };
        let of = |said: [Value<'_>; 3]| said.map(|own| own.to_string());
        let none = Value::Text("");
        let [merchant, sku, score] = told(&trade);
        assert_eq!(
            [merchant, score],
            [Value::Text("TEST"), Value::Int(7)].map(|own| own.to_string())
        );
        assert_eq!(sku, "");
        assert_eq!(told(&line)[..2], of([Value::Text("OTHER"), Value::Text("B"), none])[..2]);
        assert_eq!(told(&apart)[..2], of([Value::Text("OTHER"), Value::Text("C"), none])[..2]);
        assert_eq!([&told(&line)[2], &told(&apart)[2]], ["", ""]);
    }

    #[test]
    fn facts_have_names_of_their_own_and_slots_in_order() {
        let names: BTreeSet<&str> = Fact::ALL.iter().map(|fact| fact.name()).collect();
        assert_eq!(names.len(), Fact::ALL.len());
        for (slot, fact) in Fact::ALL.iter().enumerate() {
            assert_eq!(fact.slot(), slot);
            assert_eq!(Fact::from_name(fact.name()), Some(*fact));
            assert!(Subject::ALL.iter().any(|subject| fact.is_of(*subject)), "{fact:?}");
        }
    }
}

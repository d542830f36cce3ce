//! A day of trade from a seed, with planted faults, as customs messages.
//!
//! Everything in it is visibly invented: people called 测试某甲0001, identity numbers of a region
//! 000000 that does not exist, telephones that begin with 100. The same configuration always gives
//! the same bytes, and the truth says which trade has which fault, so that what a ledger finds can
//! be counted against it.
//!
//! [`full`] is the larger world of the same goods and people: every mode, every document, every
//! fault.

mod catalogue;
mod fault;
mod files;
pub mod full;
mod rng;
mod trade;

pub use catalogue::PEOPLE;
pub use fault::{Detection, FaultId};
pub use files::PlannedFile;
pub use trade::TRADE_PEOPLE;

use crate::field_table::MessageType;
use crate::raw::RawDocument;
use kanhe_contracts::document::DocumentKind;
use kanhe_types::code::OrganisationCode;
use kanhe_types::time::CustomsTime;
use rng::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use trade::Trade;

/// Who trades.
#[derive(Clone, Debug)]
pub struct Codes {
    /// The platform: sends orders.
    pub platform: OrganisationCode,
    /// The merchant: sends lists.
    pub merchant: OrganisationCode,
    /// The payment firm.
    pub payment: OrganisationCode,
    /// The carrier.
    pub carrier: OrganisationCode,
    /// The agency that attests identities.
    pub agency: OrganisationCode,
}

/// What to generate.
#[derive(Clone, Debug)]
pub struct WorldConfig {
    /// Where the randomness comes from.
    pub seed: u64,
    /// How many trades.
    pub trades: usize,
    /// Who trades.
    pub organisations: Codes,
    /// The first of the people who buy, of [`PEOPLE`]; after the last comes the first again. Every
    /// trade has [`TRADE_PEOPLE`] of its own.
    pub first_person: usize,
    /// When the first order is placed; the trades spread over the twelve hours after it.
    pub start: CustomsTime,
}

/// A day of trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// The files, each with who submits it. A sender's files are submitted in this order; the
    /// order between senders does not matter.
    pub messages: Vec<PlannedFile>,
    /// What is in them.
    pub truth: Truth,
}

/// What a world holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// How often each fault was planted; those that were not are absent.
    pub planted: BTreeMap<FaultId, usize>,
    /// The trades in the order of their order numbers.
    pub trades: Vec<PlannedTrade>,
    /// How many trades are paid by another person whose orderer's identity an agency attests: no
    /// fault, and nothing must be found.
    pub attested: usize,
    /// How many documents of each kind the files hold, repeats included.
    pub documents: BTreeMap<DocumentKind, usize>,
    /// How many documents are refused.
    pub rejected: usize,
    /// How many documents repeat one that was accepted.
    pub repeated: usize,
    /// How many cases match once everything was submitted.
    pub matched: usize,
}

/// One trade of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedTrade {
    /// The order's number.
    pub order_no: String,
    /// Its one fault, if it has one.
    pub fault: Option<FaultId>,
}

/// Of a hundred trades this many have a fault.
const FAULTY_PERCENT: usize = 15;
/// Of so many trades one is paid by another person, with an attestation.
const ATTESTED_ONE_IN: usize = 33;

/// What the trades say, by sender and message type.
#[derive(Default)]
struct Streams {
    attestations: Vec<RawDocument>,
    /// Documents in one group stay in one message, in this order.
    orders: Vec<Vec<RawDocument>>,
    payments: Vec<RawDocument>,
    platform_payments: Vec<RawDocument>,
    waybills: Vec<RawDocument>,
    lists: Vec<RawDocument>,
    resent: Vec<(MessageType, RawDocument)>,
}

/// What is special about a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Clean,
    Attested,
    Faulty(FaultId),
}

impl World {
    /// Generates a world. The same configuration gives the same world.
    pub fn generate(config: &WorldConfig) -> Self {
        let mut rng = Rng::new(config.seed);
        let plans = plan(config.trades, &mut rng);
        let trades: Vec<Trade> =
            (0..config.trades).map(|index| Trade::new(config, index, &mut rng)).collect();
        // A number that a faulty list takes from a clean trade, each from another one.
        let clean = plans.iter().zip(&trades).filter(|(plan, _)| **plan == Plan::Clean);
        let mut victims = clean.map(|(_, trade)| trade.logistics_no.clone());
        let mut streams = Streams::default();
        for (index, (plan, trade)) in plans.iter().zip(&trades).enumerate() {
            emit(config, trade, index, *plan, &mut victims, &mut rng, &mut streams);
        }
        let truth = truth(&plans, &trades, &streams);
        let messages = files::arrange(config, streams, &mut rng);
        Self { messages, truth }
    }

    /// Writes the files into `folder`, one folder for each sender.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write_to(&self, folder: &Path) -> io::Result<()> {
        for file in &self.messages {
            let path = folder.join(file.sender.as_str()).join(&file.path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, file.bytes())?;
        }
        Ok(())
    }
}

/// Decides which trades have which fault. Every fault comes once before any comes twice, so that
/// small worlds have each at most once and worlds of 110 trades or more have all.
fn plan(trades: usize, rng: &mut Rng) -> Vec<Plan> {
    let faulty = trades.saturating_mul(FAULTY_PERCENT) / 100;
    let mut kinds = FaultId::DAY;
    rng.shuffle(&mut kinds);
    let faults = kinds.into_iter().cycle().take(faulty).map(Plan::Faulty);
    let attested = std::iter::repeat_n(Plan::Attested, trades / ATTESTED_ONE_IN);
    let mut plans: Vec<Plan> = faults.chain(attested).collect();
    plans.resize(trades, Plan::Clean);
    rng.shuffle(&mut plans);
    plans
}

/// Writes the documents of one trade as its plan wants them.
fn emit(
    config: &WorldConfig,
    trade: &Trade,
    index: usize,
    plan: Plan,
    victims: &mut impl Iterator<Item = String>,
    rng: &mut Rng,
    streams: &mut Streams,
) {
    let Plan::Faulty(fault) = plan else {
        let mut trade = trade.clone();
        if plan == Plan::Attested {
            streams.attestations.push(trade.attestation(rng));
            trade.payer = trade.other_person();
        }
        streams.orders.push(vec![trade.order(config)]);
        streams.payments.push(trade.payment(config));
        streams.waybills.push(trade.waybill(config));
        streams.lists.push(trade.list(config));
        return;
    };
    let mut documents = Documents::of(trade, config);
    documents.spoil(fault, trade, config, index, victims, rng);
    streams.platform_payments.extend(documents.platform_payment);
    streams.resent.extend(documents.resent);
    streams.orders.push(documents.orders);
    streams.payments.extend(documents.payment);
    streams.waybills.extend(documents.waybill);
    streams.lists.extend(documents.list);
}

/// The documents of one trade.
struct Documents {
    orders: Vec<RawDocument>,
    payment: Option<RawDocument>,
    waybill: Option<RawDocument>,
    list: Option<RawDocument>,
    platform_payment: Option<RawDocument>,
    resent: Option<(MessageType, RawDocument)>,
}

impl Documents {
    fn of(trade: &Trade, config: &WorldConfig) -> Self {
        Self {
            orders: vec![trade.order(config)],
            payment: Some(trade.payment(config)),
            waybill: Some(trade.waybill(config)),
            list: Some(trade.list(config)),
            platform_payment: None,
            resent: None,
        }
    }

    /// Plants one fault, so that it shows in one way only.
    fn spoil(
        &mut self,
        fault: FaultId,
        trade: &Trade,
        config: &WorldConfig,
        index: usize,
        victims: &mut impl Iterator<Item = String>,
        rng: &mut Rng,
    ) {
        let mut changed = trade.clone();
        match fault {
            FaultId::AmountDiffers => {
                changed.paid_short_cents = 1_000;
                self.payment = Some(changed.payment(config));
            }
            FaultId::ConsigneeDiffers => {
                changed.consignee.name = trade.other_person().name;
                self.waybill = Some(changed.waybill(config));
            }
            FaultId::AddressDiffers => {
                changed.consignee.address = trade.other_person().address;
                if index.is_multiple_of(2) {
                    self.waybill = Some(changed.waybill(config));
                } else {
                    self.list = Some(changed.list(config));
                }
            }
            FaultId::PaymentMissing => self.payment = None,
            FaultId::WaybillMissing => self.waybill = None,
            FaultId::ListMissing => self.list = None,
            FaultId::WaybillUsedTwice => {
                // Without a clean trade to take from, the list names a number of nobody's parcel.
                changed.logistics_no = victims.next().unwrap_or_else(|| "KHWNONE".to_owned());
                self.list = Some(changed.list(config));
                self.waybill = None;
            }
            FaultId::PayerNotBuyer => {
                changed.payer = trade.other_person();
                self.payment = Some(changed.payment(config));
            }
            FaultId::BuyerDiffers => {
                changed.buyer = trade.other_person();
                self.list = Some(changed.list(config));
            }
            FaultId::LineDiffers => {
                changed.declare_another_line(index.is_multiple_of(2));
                self.list = Some(changed.list(config));
            }
            FaultId::WeightDiffers => {
                changed.gross_grams = changed.gross_grams.saturating_add(1_500);
                self.list = Some(changed.list(config));
            }
            FaultId::FreightDiffers => {
                changed.freight_cents = changed.freight_cents.saturating_add(300);
                self.list = Some(changed.list(config));
            }
            FaultId::TotalWrong => {
                changed.paid_short_cents = 500;
                self.orders = vec![changed.order(config)];
                self.payment = Some(changed.payment(config));
            }
            FaultId::PlatformSignedPayment => {
                changed.payment_guid = rng.guid();
                changed.transaction.push_str("COPY");
                self.platform_payment = Some(changed.payment(config));
            }
            FaultId::DuplicateOrderOtherContent => {
                changed.order_guid = rng.guid();
                changed.discount_cents = changed.discount_cents.saturating_add(200);
                self.orders.push(changed.order(config));
            }
            FaultId::ResentDocument => {
                self.resent = self.payment.clone().map(|payment| (MessageType::Ceb411, payment));
            }
            // Those of the full world are not planned here.
            _ => {}
        }
    }
}

fn truth(plans: &[Plan], trades: &[Trade], streams: &Streams) -> Truth {
    let faults = plans.iter().map(|plan| match plan {
        Plan::Faulty(fault) => Some(*fault),
        Plan::Clean | Plan::Attested => None,
    });
    let mut planted = BTreeMap::new();
    for fault in faults.clone().flatten() {
        let count: &mut usize = planted.entry(fault).or_default();
        *count = count.saturating_add(1);
    }
    let count = |is_counted: fn(FaultId) -> bool| {
        faults.clone().flatten().filter(|fault| is_counted(*fault)).count()
    };
    let resent_payments =
        streams.resent.iter().filter(|(kind, _)| *kind == MessageType::Ceb411).count();
    let payments = [streams.payments.len(), streams.platform_payments.len(), resent_payments];
    let documents = BTreeMap::from([
        (DocumentKind::Order, streams.orders.iter().map(Vec::len).sum()),
        (DocumentKind::Payment, payments.iter().sum()),
        (DocumentKind::Waybill, streams.waybills.len()),
        (DocumentKind::InventoryList, streams.lists.len()),
        (DocumentKind::IdentityAttestation, streams.attestations.len()),
    ]);
    let numbers = trades.iter().map(|trade| trade.order_no.clone());
    Truth {
        trades: numbers
            .zip(faults.clone())
            .map(|(order_no, fault)| PlannedTrade { order_no, fault })
            .collect(),
        attested: streams.attestations.len(),
        rejected: count(|fault| matches!(fault.detection(), Detection::RejectedDocument { .. })),
        repeated: count(|fault| fault.detection() == Detection::Repeated),
        matched: faults.clone().filter(|fault| fault.is_none_or(FaultId::leaves_matched)).count(),
        planted,
        documents,
    }
}

impl Truth {
    /// The order numbers of the trades with this fault.
    pub fn orders_with(&self, fault: FaultId) -> BTreeSet<&str> {
        let trades = self.trades.iter().filter(|trade| trade.fault == Some(fault));
        trades.map(|trade| trade.order_no.as_str()).collect()
    }
}

#[cfg(test)]
mod tests;

//! What cases show: each thing once, when it happens.

use super::fact::{Fact, Observation, Subject};
use super::feature::Window;
use super::working::Outcome;
use crate::case::{Case, DocumentMeta, GoodsFacts, LineFacts};
use crate::clearance::RELEASED;
use crate::event::CaseState;
use crate::export::{ExportCase, ReceiptFacts};
use crate::expression::Value;
use crate::limits::FACT_TEXT_CHARS_MAX;
use crate::matching::{RuleId, RuleOutcome, Verdict, is_payer_the_buyer};
use crate::policy::{Direction, Policy, USD};
use crate::statistics::Declared;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::pseudonym::Pseudonym;
use kanhe_types::time::{CustomsTime, Millis};
use serde::{Deserialize, Serialize};

/// What risk puts down in a case, which its parties see. Which alerts there are about it, they do
/// not: that stands in its assessment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct CaseRisk {
    /// Whether it was observed as a whole: an import when it was complete, an export declared,
    pub is_observed: bool,
    /// and whether its delivery was.
    pub is_delivery_observed: bool,
    /// Whether an alert holds it: the last one about it.
    pub is_held: bool,
    /// Within how many days its documents are due because of its merchant's grade, where that is
    /// sooner than the policy says of all.
    pub collect_days: Option<u16>,
    /// Of its tax, how many per cent its merchant has to deposit until that is summed up, because
    /// of its grade; never 0. It is that of the last document before the release.
    pub deposit_per_cent: Option<u16>,
}

impl CaseRisk {
    /// Puts down what came of what the case showed.
    pub(crate) fn note(&mut self, outcome: &Outcome) {
        self.is_observed |= outcome.is_observed;
        self.is_delivery_observed |= outcome.is_delivery_observed;
        // A later alert holds what an earlier one does.
        self.is_held |= outcome.is_held;
    }

    /// Where the case stands if it stands so without risk: an alert holds what has not left.
    pub(crate) fn held(self, state: CaseState) -> CaseState {
        if self.is_held && can_be_held(state) { CaseState::Held } else { state }
    }

    /// Within how many days the case's documents are due, where the policy says so of all.
    pub fn days(self, policy: u32) -> u32 {
        self.collect_days.map_or(policy, |own| policy.min(own.into()))
    }
}

/// Whether a case that stands so has not left yet.
pub(crate) fn can_be_held(state: CaseState) -> bool {
    use CaseState::{Arrived, Collecting, Held, Matched, Mismatched, Overdue};
    matches!(state, Collecting | Matched | Mismatched | Overdue | Arrived | Held)
}

/// What a block knows besides the cases.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) now: Millis,
    pub(crate) height: u64,
}

/// What there is to observe of a case.
#[derive(Clone, Copy)]
struct Shows {
    /// It is whole for the first time: an import complete, an export declared.
    is_whole: bool,
    /// Of imports, that its delivery is known for the first time; of exports, new receipts.
    is_more: bool,
    /// It stands somewhere else than before.
    is_turned: bool,
}

impl Shows {
    fn of_import(case: &Case, before: Option<CaseState>) -> Self {
        let is_declared = case.list_facts().is_some() && !case.has_foreign_list();
        // Until release and delivery are known, nobody can tell which came first.
        let is_new = !case.risk.is_delivery_observed && case.clearance.released.is_some();
        Self {
            is_whole: !case.risk.is_observed && passes(&case.outcomes, RuleId::M01),
            is_more: is_new && is_declared && case.delivered().is_some(),
            is_turned: before != Some(case.state),
        }
    }

    fn of_export(case: &ExportCase, before: Option<CaseState>, height: u64) -> Self {
        let is_declared = case.list_facts().is_some() && !case.has_foreign_list();
        Self {
            is_whole: !case.risk.is_observed && is_declared && case.order_facts().is_some(),
            is_more: new_receipts(case, height).next().is_some(),
            is_turned: before != Some(case.state),
        }
    }

    fn any(self) -> bool {
        self.is_whole || self.is_more || self.is_turned
    }
}

/// Receipts of funds that came first in a block.
fn new_receipts(case: &ExportCase, height: u64) -> impl Iterator<Item = &ReceiptFacts> {
    let new = case
        .receipts
        .iter()
        .filter(move |entry| entry.meta.height == height && entry.meta.versions.is_empty());
    new.filter_map(|entry| entry.facts.as_ref())
}

/// Texts that facts of one case borrow.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    failed: Vec<String>,
    skus: Vec<String>,
}

impl Texts {
    /// Those of an import; none where there is nothing to observe of it.
    pub(crate) fn of_import(case: &Case, before: Option<CaseState>) -> Option<Self> {
        let shows = Shows::of_import(case, before);
        let list = case.list_facts().filter(|_| shows.is_whole);
        let skus = list.map_or_else(Vec::new, |list| {
            let lines = list.lines.iter().zip(&list.goods);
            lines.map(|(line, goods)| sku(line, goods)).collect()
        });
        shows.any().then(|| Self { failed: failed(&case.outcomes), skus })
    }

    /// Those of an export, likewise.
    pub(crate) fn of_export(
        case: &ExportCase,
        before: Option<CaseState>,
        height: u64,
    ) -> Option<Self> {
        let shows = Shows::of_export(case, before, height);
        shows.any().then(|| Self { failed: failed(&case.outcomes), skus: Vec::new() })
    }
}

/// How an article is called: as in the account book, or else by what it is.
fn sku(line: &LineFacts, goods: &GoodsFacts) -> String {
    match &goods.item_record_no {
        Some(number) => number.clone(),
        None => {
            let whole = format!("{}/{}/{}", goods.gcode, goods.unit, line.name);
            whole.chars().take(TEXT_CHARS_MAX).collect()
        }
    }
}

/// Characters of a text that expressions read.
const TEXT_CHARS_MAX: usize = FACT_TEXT_CHARS_MAX as usize;

fn failed(outcomes: &[RuleOutcome]) -> Vec<String> {
    let failed = outcomes.iter().filter(|own| own.verdict == Verdict::Fail);
    failed.map(|own| own.rule.to_string()).collect()
}

fn integer(number: impl TryInto<i64>) -> Value<'static> {
    Value::Int(number.try_into().unwrap_or(i64::MAX))
}

fn key(pseudonym: &Pseudonym) -> Value<'_> {
    Value::Key(&pseudonym.0)
}

/// Seconds since 1970.
fn seconds(time: CustomsTime) -> i64 {
    i64::try_from(time.millis().0.checked_div(1_000).unwrap_or(0)).unwrap_or(i64::MAX)
}

/// When a document was first reported; corrections come later.
fn first_time(meta: &DocumentMeta) -> i64 {
    seconds(meta.versions.first().map_or(meta.app_time, |version| version.app_time))
}

/// An amount of the list in CNY, at the rate under which it was accepted.
fn in_cny(amount: Decimal, declared: &Declared) -> Decimal {
    let rate = declared.cny_per_100.map_or(0, Decimal::units);
    // CNY for 100 units, in hundred-thousandths.
    let product = amount.units().saturating_mul(rate).checked_div(10_000_000).unwrap_or(0);
    Decimal::from_units(product).unwrap_or_default()
}

/// An amount in USD, by the policy's rates.
fn in_usd(amount: Decimal, currency: &str, policy: &Policy) -> Decimal {
    let (Some(own), Some(usd)) = (policy.rate_of(currency), policy.rate_of(USD)) else {
        return Decimal::ZERO;
    };
    let product = amount.units().saturating_mul(own).checked_div(usd).unwrap_or(0);
    Decimal::from_units(product).unwrap_or_default()
}

/// What each case has.
struct Common<'a> {
    opened: Millis,
    platform: &'a str,
    merchant: &'a str,
    payment_firm: &'a str,
    carrier: &'a str,
    declarant: &'a str,
    mode: &'a str,
    is_late: bool,
}

impl<'a> Common<'a> {
    fn tell(&self, said: &mut Observation<'a>, direction: &'a str, now: Millis, texts: &'a Texts) {
        said.set(Fact::Direction, Value::Text(direction));
        said.set(Fact::Mode, Value::Text(self.mode));
        said.set(Fact::Platform, Value::Text(self.platform));
        said.set(Fact::Merchant, Value::Text(self.merchant));
        said.set(Fact::PaymentFirm, Value::Text(self.payment_firm));
        said.set(Fact::Carrier, Value::Text(self.carrier));
        said.set(Fact::Declarant, Value::Text(self.declarant));
        said.set(Fact::Failed, Value::Texts(&texts.failed));
        said.set(Fact::IsLate, Value::Bool(self.is_late));
        let hour = Window::Hour.number(now).checked_rem(24);
        said.set(Fact::Hour, integer(hour.unwrap_or(0)));
        let open = now.0.saturating_sub(self.opened.0).checked_div(3_600_000);
        said.set(Fact::OpenHours, integer(open.unwrap_or(0)));
    }
}

fn passes(outcomes: &[RuleOutcome], rule: RuleId) -> bool {
    outcomes.iter().any(|own| own.rule == rule && own.verdict == Verdict::Pass)
}

/// What an import shows that was evaluated in this block. `before` is where it stood.
pub(crate) fn of_import<'a>(
    case: &'a Case,
    before: Option<CaseState>,
    texts: &'a Texts,
    at: Circumstances<'_>,
) -> Vec<Observation<'a>> {
    let list = case.list_facts().filter(|_| !case.has_foreign_list());
    let common = Common {
        opened: case.opened,
        platform: case.key.platform.as_str(),
        merchant: case.order_facts().map_or("", |order| order.ebc_code.as_str()),
        payment_firm: case.payment_facts().map_or("", |payment| payment.pay_code.as_str()),
        carrier: list.map_or("", |list| list.logistics_code.as_str()),
        declarant: list.map_or("", |list| list.agent_code.as_str()),
        mode: list.map_or("", |list| list.trade_mode.as_str()),
        is_late: case.clearance.is_late,
    };
    let Shows { is_whole, is_more, is_turned } = Shows::of_import(case, before);
    let delivery = case.delivered().filter(|_| is_more);
    let mut base = Observation::new(Subject::Turn);
    base.trade = Some((Direction::Import, &case.key));
    common.tell(&mut base, "import", at.now, texts);
    tell_goods(&mut base, case);
    let mut all = Vec::new();
    if is_whole || delivery.is_some() {
        let mut trade = base.apart(Subject::Trade);
        tell_people(&mut trade, case);
        if is_whole {
            let lines = lines(&trade, case, texts);
            all.push(trade.clone());
            all.extend(lines);
        }
        if let Some(signed) = delivery {
            all.push(told_delivery(&trade, case, signed.logistics_time));
        }
    }
    if is_turned {
        let mut turn = base;
        tell_turn(&mut turn, before, case.state);
        turn.set(Fact::WasDeclared, Value::Bool(case.is_declared()));
        turn.set(Fact::IsPaid, Value::Bool(case.payment_facts().is_some()));
        all.push(turn);
    }
    all
}

fn tell_turn(said: &mut Observation<'_>, before: Option<CaseState>, after: CaseState) {
    said.set(Fact::StateBefore, Value::Text(before.map_or("", CaseState::name)));
    said.set(Fact::StateAfter, Value::Text(after.name()));
}

/// What is declared and carried.
fn tell_goods<'a>(said: &mut Observation<'a>, case: &'a Case) {
    if let Some(list) = case.list_facts() {
        let value = list.value().unwrap_or_default();
        said.set(Fact::TradeValue, Value::Decimal(in_cny(value, &list.declared)));
        said.set(Fact::Lines, integer(list.lines.len()));
        said.set(Fact::Pieces, Value::Decimal(sum(list.lines.iter().map(|line| line.qty))));
        said.set(Fact::ListWeight, Value::Decimal(list.gross_weight));
        said.set(Fact::NetWeight, Value::Decimal(list.declared.net_weight));
    }
    if let Some(waybill) = case.waybill.as_ref().and_then(|entry| entry.facts.as_ref()) {
        said.set(Fact::Weight, Value::Decimal(waybill.weight));
    }
}

/// Who buys, pays and receives, and when.
fn tell_people<'a>(said: &mut Observation<'a>, case: &'a Case) {
    if let Some(order) = case.order_facts() {
        said.set(Fact::Buyer, key(&order.buyer_id_number));
        said.set(Fact::BuyerName, key(&order.buyer_name));
        said.set(Fact::Consignee, key(&order.consignee));
        said.set(Fact::Phone, key(&order.consignee_telephone));
        said.set(Fact::Address, key(&order.consignee_address));
        said.set(Fact::ToBuyer, Value::Bool(order.consignee == order.buyer_name));
        let payment = case.payment_facts();
        let is_one = payment.is_some_and(|payment| is_payer_the_buyer(payment, order));
        said.set(Fact::PayerIsBuyer, Value::Bool(is_one));
    }
    if let Some(order) = &case.order {
        said.set(Fact::OrderTime, Value::Int(first_time(&order.meta)));
    }
    if let Some(payment) = case.payment_facts() {
        said.set(Fact::Payer, key(&payment.payer_id_number));
        said.set(Fact::PayerName, key(&payment.payer_name));
        said.set(Fact::Paid, Value::Decimal(payment.amount_paid));
        let paid = seconds(payment.pay_time);
        said.set(Fact::PayTime, Value::Int(paid));
        said.set(Fact::PayMinute, Value::Int(paid.checked_div(60).unwrap_or(0)));
    }
    if let Some(entry) = &case.waybill {
        said.set(Fact::WaybillTime, Value::Int(first_time(&entry.meta)));
        if let Some(waybill) = &entry.facts {
            said.set(Fact::WaybillAddress, key(&waybill.consignee_address));
            said.set(Fact::WaybillPhone, key(&waybill.consignee_telephone));
        }
    }
    said.set(Fact::Attested, Value::Bool(case.attestation.is_some()));
    if let Some(list) = case.list_facts() {
        said.set(Fact::Book, Value::Text(list.ems_no.as_deref().unwrap_or("")));
        let warehouse = list.area_code.as_ref().map_or("", |code| code.as_str());
        said.set(Fact::Warehouse, Value::Text(warehouse));
    }
}

fn lines<'a>(trade: &Observation<'a>, case: &'a Case, texts: &'a Texts) -> Vec<Observation<'a>> {
    let Some(list) = case.list_facts() else { return Vec::new() };
    let lines = list.lines.iter().zip(&list.goods).zip(&texts.skus);
    let lines = lines.map(|((line, goods), sku)| {
        let mut said = trade.of(Subject::Line);
        said.set(Fact::Sku, Value::Text(sku));
        said.set(Fact::Gcode, Value::Text(&goods.gcode));
        said.set(Fact::LineName, Value::Text(&line.name));
        said.set(Fact::Unit, Value::Text(&goods.unit));
        said.set(Fact::Quantity, Value::Decimal(line.qty));
        said.set(Fact::Price, Value::Decimal(in_cny(line.price, &list.declared)));
        said.set(Fact::LineTotal, Value::Decimal(in_cny(line.total_price, &list.declared)));
        said
    });
    lines.collect()
}

fn told_delivery<'a>(trade: &Observation<'a>, case: &Case, signed: CustomsTime) -> Observation<'a> {
    let mut said = trade.of(Subject::Delivery);
    let at = seconds(signed);
    said.set(Fact::SignedTime, Value::Int(at));
    said.set(Fact::SignedMinute, Value::Int(at.checked_div(60).unwrap_or(0)));
    let mut statuses = case.clearance.statuses.iter();
    let release = statuses.find(|status| status.return_status == RELEASED);
    let after = release.map_or(0, |own| at.saturating_sub(seconds(own.return_time)));
    said.set(Fact::AfterRelease, Value::Int(after));
    let waybill = case.waybill.as_ref().map(|entry| first_time(&entry.meta));
    let after = waybill.map_or(0, |sent| at.saturating_sub(sent));
    said.set(Fact::AfterWaybill, Value::Int(after));
    said
}

/// What an export shows that was evaluated in this block. `before` is where it stood.
pub(crate) fn of_export<'a>(
    case: &'a ExportCase,
    before: Option<CaseState>,
    texts: &'a Texts,
    at: Circumstances<'_>,
) -> Vec<Observation<'a>> {
    let list = case.list_facts().filter(|_| !case.has_foreign_list());
    let receipts = case.receipts.iter().filter_map(|entry| entry.facts.as_ref());
    let merchant = case.order_facts().map(|order| order.ebc_code.as_str());
    let merchant = merchant.or(receipts.clone().next().map(|own| own.ebc_code.as_str()));
    let firm = receipts.clone().find_map(|own| own.pay_code.as_ref());
    let common = Common {
        opened: case.opened,
        platform: case.key.platform.as_str(),
        merchant: merchant.unwrap_or(""),
        payment_firm: firm.map_or("", |code| code.as_str()),
        carrier: list.map_or("", |list| list.logistics_code.as_str()),
        declarant: list.map_or("", |list| list.agent_code.as_str()),
        mode: list.map_or("", |list| list.trade_mode.as_str()),
        is_late: case.is_late,
    };
    let Shows { is_whole, is_turned, .. } = Shows::of_export(case, before, at.height);
    let mut base = Observation::new(Subject::Turn);
    base.trade = Some((Direction::Export, &case.key));
    common.tell(&mut base, "export", at.now, texts);
    tell_export(&mut base, case);
    let mut all = Vec::new();
    if is_whole {
        all.push(base.of(Subject::Export));
    }
    for receipt in new_receipts(case, at.height) {
        let mut said = base.of(Subject::Receipt);
        said.set(Fact::ReceiptAmount, Value::Decimal(receipt.charge));
        said.set(Fact::ReceiptCurrency, Value::Text(&receipt.currency));
        let usd = in_usd(receipt.charge, &receipt.currency, at.policy);
        said.set(Fact::ReceiptUsd, Value::Decimal(usd));
        all.push(said);
    }
    if is_turned {
        let mut turn = base;
        tell_turn(&mut turn, before, case.state);
        turn.set(Fact::WasDeclared, Value::Bool(case.is_declared()));
        turn.set(Fact::IsPaid, Value::Bool(receipts.count() != 0));
        all.push(turn);
    }
    all
}

fn tell_export<'a>(said: &mut Observation<'a>, case: &'a ExportCase) {
    let (order, list) = (case.order_facts(), case.list_facts());
    said.set(Fact::IsDeclared, Value::Bool(case.is_declared()));
    let ordered = order.and_then(|order| order.goods_value.checked_add(order.freight));
    said.set(Fact::Ordered, Value::Decimal(ordered.unwrap_or_default()));
    let currency = list.map(|list| list.currency.as_str());
    let currency = currency.or(order.map(|order| order.currency.as_str())).unwrap_or("");
    said.set(Fact::Currency, Value::Text(currency));
    let facts = case.receipts.iter().filter_map(|entry| entry.facts.as_ref());
    let same = facts.filter(|receipt| receipt.currency == currency);
    said.set(Fact::Received, Value::Decimal(sum(same.map(|receipt| receipt.charge))));
    let Some(list) = list else { return };
    let declared = sum(list.lines.iter().map(|line| line.total_price));
    said.set(Fact::DeclaredValue, Value::Decimal(declared));
    said.set(Fact::TradeValue, Value::Decimal(in_cny(declared, &list.declared)));
    said.set(Fact::Lines, integer(list.lines.len()));
    said.set(Fact::Pieces, Value::Decimal(sum(list.lines.iter().map(|line| line.qty))));
    said.set(Fact::ListWeight, Value::Decimal(list.gross_weight));
    said.set(Fact::NetWeight, Value::Decimal(list.declared.net_weight));
    if let Some(waybill) = case.waybill.as_ref().and_then(|entry| entry.facts.as_ref()) {
        said.set(Fact::Weight, Value::Decimal(waybill.gross_weight));
    }
}

/// The sum, or the bound that is next to it.
fn sum(all: impl Iterator<Item = Decimal>) -> Decimal {
    Decimal::from_units_saturating(all.map(Decimal::units).fold(0, i128::saturating_add))
}

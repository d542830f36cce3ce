//! What a case takes from pools. It follows from the case alone: its list, unless that is
//! cancelled, less the goods that came back.

use super::pool::Pool;
use crate::case::{Case, ListFacts};
use crate::matching::{RuleId, is_cancelled, judge_returns, tax_of};
use crate::policy::{Direction, Policy};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::pseudonym::{Pseudonym, PseudonymScope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What several cases take from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case", tag = "pool")]
pub enum PoolKey {
    /// What an orderer may buy in the year of the pseudonyms, M12.
    Quota {
        /// Which key the pseudonym was made with, and its year.
        scope: PseudonymScope,
        /// The orderer's identity number.
        buyer_id_number: Pseudonym,
    },
    /// Goods of one number in a bonded account book, B01.
    Stock {
        /// The warehouse.
        area_code: OrganisationCode,
        /// The account book.
        ems_no: String,
        /// The goods' number in it.
        item_record_no: String,
        /// The unit in which they are counted.
        unit: String,
    },
    /// What a merchant deposited for the tax of its imports, in CNY, D01.
    Deposit {
        /// The merchant.
        merchant: OrganisationCode,
    },
}

/// What a case takes from a pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Claim {
    /// Which pool.
    pub key: PoolKey,
    /// How much.
    pub amount: Decimal,
    /// Whether the case has it; otherwise it asks for more than is left.
    pub is_taken: bool,
}

impl PoolKey {
    /// How much there is in all.
    pub(super) fn size(&self, pool: &Pool, policy: &Policy) -> Decimal {
        match self {
            Self::Quota { .. } => policy.annual_limit,
            Self::Stock { .. } | Self::Deposit { .. } => pool.put_in,
        }
    }
}

/// Units of a cent: amounts have five digits of fraction,
const CENT: i128 = 1_000;
/// and of a cent in hundredths.
const PER_CENT_OF_CENT: i128 = 100 * CENT;

/// What a case asks for, ascending by pool.
pub(crate) fn wanted(case: &Case, policy: &Policy) -> BTreeMap<PoolKey, Decimal> {
    let mut wanted = BTreeMap::new();
    let Some(list) = case.list_facts() else { return wanted };
    let is_sent_back =
        case.list.as_ref().is_some_and(|entry| case.clearance.is_sent_back(&entry.meta));
    let is_void = is_sent_back || case.clearance.is_shipped_back() || is_cancelled(case);
    if case.has_foreign_list() || is_void {
        return wanted;
    }
    let back = returned(case, policy);
    let mode = policy.mode(Direction::Import, &list.trade_mode);
    let asks = |rule| mode.is_none_or(|mode| mode.asks(rule));
    if asks(RuleId::M12) && is_bought(case, list) {
        let buyer_id_number = list.buyer_id_number;
        let key = PoolKey::Quota { scope: list.pseudonyms, buyer_id_number };
        let value = list.value().and_then(|value| value.checked_sub(value_of(list, &back)?));
        // A value that cannot be told is more than there is.
        let value = value.unwrap_or(policy.annual_limit);
        // Freight and insurance come back with the last of the goods.
        if value.is_positive() && !is_all(list, &back) {
            wanted.insert(key, value);
        }
    }
    if asks(RuleId::D01)
        && let Some(amount) = deposit(case, list, policy)
    {
        wanted.insert(PoolKey::Deposit { merchant: list.ebc_code.clone() }, amount);
    }
    if asks(RuleId::B01)
        && let (Some(ems_no), Some(area_code)) = (&list.ems_no, &list.area_code)
    {
        for (line, goods) in list.lines.iter().zip(&list.goods) {
            let Some(item_record_no) = &goods.item_record_no else { continue };
            let key = PoolKey::Stock {
                area_code: area_code.clone(),
                ems_no: ems_no.clone(),
                item_record_no: item_record_no.clone(),
                unit: goods.unit.clone(),
            };
            let back = back.get(&line.gnum).copied().unwrap_or(Decimal::ZERO);
            let qty = line.qty.checked_sub(back).unwrap_or(Decimal::ZERO);
            let sum = wanted.get(&key).copied().unwrap_or(Decimal::ZERO).checked_add(qty);
            let sum = sum.unwrap_or(qty);
            if sum.is_positive() {
                wanted.insert(key, sum);
            }
        }
    }
    wanted
}

/// What the merchant's grade demands as deposit of the list's tax, until that is summed up for
/// payment, rounded up to cents. The tax is what follows from value and rates, or without rates
/// what the order states: a bill, which comes later, must not ask for more than was released.
fn deposit(case: &Case, list: &ListFacts, policy: &Policy) -> Option<Decimal> {
    let share = case.risk.deposit_per_cent?;
    let clearance = &case.clearance;
    if clearance.bill().is_some_and(|bill| clearance.summed_up(bill).is_some()) {
        return None;
    }
    let stated = || case.order_facts().map(|order| order.tax_total);
    let tax = tax_of(list, policy).or_else(stated)?;
    let share = i128::from(share).checked_mul(tax.units())?;
    let cents = share.checked_add(PER_CENT_OF_CENT - 1)?.checked_div(PER_CENT_OF_CENT)?;
    let amount = Decimal::from_units(cents.checked_mul(CENT)?)?;
    amount.is_positive().then_some(amount)
}

/// Whether the order says that the list's orderer bought the goods: a declarant alone uses up
/// nobody's quota. Pseudonyms of different years say nothing of each other.
fn is_bought(case: &Case, list: &ListFacts) -> bool {
    case.order_facts().is_some_and(|order| {
        order.pseudonyms != list.pseudonyms || order.buyer_id_number == list.buyer_id_number
    })
}

/// Whether all goods are back.
fn is_all(list: &ListFacts, back: &BTreeMap<u32, Decimal>) -> bool {
    list.lines.iter().all(|line| back.get(&line.gnum) == Some(&line.qty))
}

/// The quantities that are back, by the list's lines.
fn returned(case: &Case, policy: &Policy) -> BTreeMap<u32, Decimal> {
    let mut back = BTreeMap::new();
    if case.clearance.returns.is_empty() {
        return back;
    }
    for judged in judge_returns(case, policy).into_iter().filter(|judged| judged.is_effective()) {
        for line in &judged.facts.lines {
            let before = back.get(&line.gnum).copied().unwrap_or(Decimal::ZERO);
            back.insert(line.gnum, before.checked_add(line.qty).unwrap_or(before));
        }
    }
    back
}

/// The price of the goods that are back, by the list's lines.
pub(crate) fn value_of(list: &ListFacts, back: &BTreeMap<u32, Decimal>) -> Option<Decimal> {
    list.lines.iter().try_fold(Decimal::ZERO, |sum, line| match back.get(&line.gnum) {
        None => Some(sum),
        // Rounding of the price must not bring back more than was declared.
        Some(qty) if *qty == line.qty => sum.checked_add(line.total_price),
        Some(qty) => sum.checked_add(qty.checked_mul(line.price)?.min(line.total_price)),
    })
}

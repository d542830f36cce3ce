//! What is special about which trade, and when each begins.

use super::super::fault::FaultId;
use super::super::rng::Rng;
use super::draft::{DAY_MS, HOUR_MS};
use super::truth::Benign;
use kanhe_contracts::policy::Direction;
use kanhe_types::time::Millis;

/// Of a hundred trades this many have a fault,
const FAULTY_PERCENT: usize = 15;
/// and so many look as if they had one.
const BENIGN_PERCENT: usize = 10;
/// Of a hundred trades this many are imports.
const IMPORT_PERCENT: usize = 60;
/// The days over which the orders of a wave spread.
const WAVE_MS: u64 = 6 * DAY_MS;
/// Between the waves the time for the first one's returns runs out.
pub(super) const SECOND_WAVE_MS: u64 = 50 * DAY_MS;
/// From the first order to the end: the second wave's returns are back, their time is not over.
pub(super) const WORLD_MS: u64 = 80 * DAY_MS;

/// What is planned for a trade.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) direction: Direction,
    pub(super) fault: Option<FaultId>,
    pub(super) benign: Option<Benign>,
    /// One of several dear purchases of one person: which group, and the price in cents.
    pub(super) quota: Option<(usize, u64)>,
    /// One of two orders that a payment pays: which pair, and whether the payment names this one.
    pub(super) shared: Option<(usize, bool)>,
    /// Whether it belongs to the first wave.
    pub(super) is_early: bool,
    /// When its order is paid or, of an export, agreed.
    pub(super) begins: Millis,
}

impl Plan {
    pub(super) fn is_plain(&self) -> bool {
        let is_single = self.quota.is_none() && self.shared.is_none();
        self.fault.is_none() && self.benign.is_none() && is_single
    }
}

const IMPORT_BENIGN: [Benign; 13] = [
    Benign::AttestedPayer,
    Benign::FamilyAddress,
    Benign::SinglePiece,
    Benign::NearAnnualLimit,
    Benign::OrderCorrected,
    Benign::ListCorrected,
    Benign::DeclaredAgain,
    Benign::PaymentDivided,
    Benign::OverpaidRefunded,
    Benign::RefundedAfterCancellation,
    Benign::RefundedAfterReturn,
    Benign::CountedAsBooked,
    Benign::FoundByCount,
];
const EXPORT_BENIGN: [Benign; 6] = [
    Benign::TwoReceipts,
    Benign::ReceiptByMerchant,
    Benign::SeveralParcels,
    Benign::NumberedLater,
    Benign::SummedUpUnasked,
    Benign::ResultUpdated,
];

/// Plans so many trades. Of each direction every fault comes once before any comes twice.
pub(super) fn plan(trades: usize, start: Millis, rng: &mut Rng) -> Vec<Plan> {
    let imports = trades.saturating_mul(IMPORT_PERCENT) / 100;
    let faults = |is_of_export| {
        let all = FaultId::ALL.iter().copied();
        all.filter(move |fault| fault.is_of_export() == is_of_export).collect::<Vec<_>>()
    };
    let mut plans = of_direction(Direction::Import, imports, faults(false), &IMPORT_BENIGN, rng);
    let exports = trades.saturating_sub(imports);
    plans.extend(of_direction(Direction::Export, exports, faults(true), &EXPORT_BENIGN, rng));
    rng.shuffle(&mut plans);
    let half = trades.div_ceil(2).max(1);
    for (index, plan) in plans.iter_mut().enumerate() {
        plan.is_early = index < half || needs_first_wave(plan.fault);
        let wave = if plan.is_early { 0 } else { SECOND_WAVE_MS };
        let place = u64::try_from(index % half).unwrap_or_default();
        let count = u64::try_from(half).unwrap_or(u64::MAX);
        let offset = WAVE_MS.saturating_mul(place) / count;
        plan.begins = Millis(start.0.saturating_add(wave).saturating_add(offset));
        if follows_another(plan.fault) {
            let hours = u64::try_from(rng.below(24)).unwrap_or_default();
            let late = 4 * DAY_MS + hours * HOUR_MS;
            plan.begins = Millis(start.0.saturating_add(wave).saturating_add(late));
        }
    }
    group(&mut plans, start, rng);
    pair(&mut plans);
    plans
}

/// Whether the fault shows only weeks after the order.
fn needs_first_wave(fault: Option<FaultId>) -> bool {
    use FaultId::{ExportReturnLate, ReturnAppliedLate, ReturnBackLate};
    matches!(fault, Some(ReturnAppliedLate | ReturnBackLate | ExportReturnLate))
}

/// Whether the fault takes something that an earlier export has.
pub(super) fn follows_another(fault: Option<FaultId>) -> bool {
    matches!(fault, Some(FaultId::ParcelUsedTwice | FaultId::ListNumberUsedTwice))
}

fn of_direction(
    direction: Direction,
    trades: usize,
    mut faults: Vec<FaultId>,
    benign: &[Benign],
    rng: &mut Rng,
) -> Vec<Plan> {
    let blank = Plan {
        direction,
        fault: None,
        benign: None,
        quota: None,
        shared: None,
        is_early: true,
        begins: Millis(0),
    };
    rng.shuffle(&mut faults);
    let faulty = trades.saturating_mul(FAULTY_PERCENT) / 100;
    let faults = faults.into_iter().cycle().take(faulty);
    let mut plans: Vec<Plan> = faults.map(|fault| Plan { fault: Some(fault), ..blank }).collect();
    let looking_so = trades.saturating_mul(BENIGN_PERCENT) / 100;
    let benign = benign.iter().copied().cycle().take(looking_so);
    plans.extend(benign.map(|benign| Plan { benign: Some(benign), ..blank }));
    plans.resize(trades, blank);
    plans
}

/// The price of a dear purchase of which five are within the annual limit and six are not,
const EXCEEDING_CENTS: u64 = 465_000;
/// and one of which five just fit.
const FITTING_CENTS: u64 = 514_000;

/// Gives those who buy up to the annual limit their earlier purchases, a day between each. One for
/// whom there are not enough trades becomes an ordinary trade.
fn group(plans: &mut [Plan], start: Millis, rng: &mut Rng) {
    let is_last = |plan: &Plan| {
        plan.fault == Some(FaultId::AnnualLimitExceeded)
            || plan.benign == Some(Benign::NearAnnualLimit)
    };
    let lasts: Vec<usize> =
        plans.iter().enumerate().filter(|(_, plan)| is_last(plan)).map(|(at, _)| at).collect();
    let is_free = |plan: &Plan| plan.is_plain() && plan.direction == Direction::Import;
    let free: Vec<usize> =
        plans.iter().enumerate().filter(|(_, plan)| is_free(plan)).map(|(at, _)| at).collect();
    let mut free = free.into_iter();
    for (number, last) in lasts.into_iter().enumerate() {
        let Some(plan) = plans.get(last).copied() else { continue };
        let (count, price) = match plan.fault {
            Some(_) => (5, EXCEEDING_CENTS),
            None => (4, FITTING_CENTS),
        };
        let mut own: Vec<usize> = free.by_ref().take(count).collect();
        let is_enough = own.len() == count;
        if is_enough {
            own.push(last);
        } else {
            own = vec![last];
        }
        let minutes = u64::try_from(rng.below(20 * 60)).unwrap_or_default();
        let wave = if plan.is_early { 0 } else { SECOND_WAVE_MS };
        for (day, at) in (0u64..).zip(own) {
            let Some(one) = plans.get_mut(at) else { continue };
            if !is_enough {
                (one.fault, one.benign) = (None, None);
                continue;
            }
            one.quota = Some((number, price));
            one.is_early = plan.is_early;
            let offset = wave.saturating_add(day * DAY_MS).saturating_add(minutes * 60_000);
            one.begins = Millis(start.0.saturating_add(offset));
        }
    }
}

/// Gives an order whose payment is divided another that shares it, of the same hour. One for which
/// there is none becomes an ordinary trade.
fn pair(plans: &mut [Plan]) {
    let is_divided = |plan: &Plan| {
        plan.fault == Some(FaultId::SharesNotPaid) || plan.benign == Some(Benign::PaymentDivided)
    };
    let places = |wanted: &dyn Fn(&Plan) -> bool| -> Vec<usize> {
        plans.iter().enumerate().filter(|(_, plan)| wanted(plan)).map(|(at, _)| at).collect()
    };
    let firsts = places(&is_divided);
    let is_free = |plan: &Plan| plan.is_plain() && plan.direction == Direction::Import;
    let mut free = places(&is_free).into_iter();
    for (number, first) in firsts.into_iter().enumerate() {
        let Some(plan) = plans.get_mut(first) else { continue };
        let Some(second) = free.next() else {
            (plan.fault, plan.benign) = (None, None);
            continue;
        };
        plan.shared = Some((number, true));
        let copy = Plan { shared: Some((number, false)), ..*plan };
        if let Some(plan) = plans.get_mut(second) {
            *plan = copy;
        }
    }
}

//! The life of an import: its four documents, what customs says, and how its goods end; with the
//! fault that is planned for it, so that it shows in one way only.
//!
//! Whatever depends on the order of two senders' documents keeps eight hours between them, so
//! that it does not matter by how much less each of them is late.

use super::super::catalogue::Person;
use super::super::fault::{Detection, FaultId};
use super::super::rng::Rng;
use super::super::trade::cents;
use super::cast::{CARRIERS, MERCHANTS, PAYERS, SUSPENDED, UNREGISTERED};
use super::draft::{Draft, later, time_text};
use super::goods::NOT_LISTED;
use super::import::Import;
use super::plan::Plan;
use super::truth::{Benign, RejectedTruth, TradeTruth};
use kanhe_contracts::event::CaseState;
use kanhe_contracts::matching::{RuleId, Severity};
use kanhe_contracts::policy::Direction;
use kanhe_types::time::Millis;

/// How the goods of an import end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// Customs has not said anything.
    Silent,
    /// Customs has taken the list in.
    Declared,
    /// Customs inspects and detains.
    Held,
    /// Customs sent the list back.
    Refused,
    /// The goods are shipped back unreleased.
    ShippedBack,
    /// The declarant took the list back.
    Cancelled,
    Released,
    /// Released, but only after an inspection.
    Inspected,
    Delivered,
    /// Customs says that all is done.
    Closed,
    /// Some goods came back,
    Returned,
    /// or all of them,
    AllReturned,
    /// or are to come back.
    Returning,
}

impl Life {
    fn any(rng: &mut Rng) -> Self {
        match rng.below(100) {
            0..3 => Self::Silent,
            3..6 => Self::Declared,
            6..9 => Self::Held,
            9..11 => Self::Refused,
            11..13 => Self::ShippedBack,
            13..16 => Self::Cancelled,
            16..22 => Self::Released,
            22..30 => Self::Inspected,
            30..36 => Self::Closed,
            36..42 => Self::Returned,
            42..45 => Self::AllReturned,
            45..49 => Self::Returning,
            _ => Self::Delivered,
        }
    }

    /// Where its case stands at the end. The time for returns of early trades is over by then.
    fn state(self, is_early: bool) -> CaseState {
        match self {
            Self::Silent | Self::Declared => CaseState::Matched,
            Self::Held => CaseState::Held,
            Self::Refused => CaseState::Refused,
            Self::ShippedBack | Self::Returned | Self::AllReturned => CaseState::Returned,
            Self::Cancelled => CaseState::Cancelled,
            Self::Closed => CaseState::Closed,
            _ if is_early => CaseState::Closed,
            Self::Released | Self::Inspected => CaseState::Released,
            Self::Delivered => CaseState::Delivered,
            Self::Returning => CaseState::Returning,
        }
    }

    fn is_released(self) -> bool {
        !matches!(
            self,
            Self::Silent
                | Self::Declared
                | Self::Held
                | Self::Refused
                | Self::ShippedBack
                | Self::Cancelled
        )
    }
}

/// An import on its way into files.
pub(super) struct ImportLife<'a> {
    pub(super) trade: &'a Import,
    pub(super) plan: &'a Plan,
    pub(super) order: Option<Draft>,
    pub(super) payment: Option<Draft>,
    waybill: Option<Draft>,
    list: Option<Draft>,
    /// What is sent besides.
    pub(super) others: Vec<Draft>,
    pub(super) life: Life,
    /// Whether the parcel is reported as signed for too early.
    is_signed_early: bool,
    tax_bill_excess_cents: u64,
    truth: TradeTruth,
}

/// What a life needs of others.
pub(super) struct Others<'a> {
    /// Somebody who has nothing to do with any trade.
    pub(super) stranger: Person,
    /// A trade without a fault, whose parcel may be named.
    pub(super) victim: Option<&'a Import>,
    /// The order with which it shares a payment.
    pub(super) partner: Option<&'a Import>,
}

/// Writes the documents of one import, and what must be found.
pub(super) fn live(
    trade: &Import,
    plan: &Plan,
    others: &Others<'_>,
    rng: &mut Rng,
) -> (Vec<Draft>, TradeTruth) {
    let life = match (plan.quota, plan.benign) {
        (Some(_), _)
        | (_, Some(Benign::DeclaredAgain | Benign::ListCorrected))
        | (_, Some(Benign::CountedAsBooked | Benign::FoundByCount)) => Life::Delivered,
        (_, Some(Benign::RefundedAfterCancellation)) => Life::Cancelled,
        (_, Some(Benign::RefundedAfterReturn)) if rng.one_in(2) => Life::AllReturned,
        (_, Some(Benign::RefundedAfterReturn)) => Life::Returned,
        _ => Life::any(rng),
    };
    let truth = TradeTruth {
        direction: Direction::Import,
        mode: trade.mode.to_owned(),
        platform: trade.platform.code.to_owned(),
        order_no: trade.order_no(),
        fault: plan.fault,
        benign: plan.benign,
        state: CaseState::Matched,
        failed: Vec::new(),
        rejected: Vec::new(),
        repeated: Vec::new(),
    };
    let mut own = ImportLife {
        trade,
        plan,
        order: Some(trade.order(rng)),
        payment: Some(trade.payment(rng)),
        waybill: Some(trade.waybill(rng)),
        list: Some(trade.list(rng)),
        others: Vec::new(),
        life,
        is_signed_early: false,
        tax_bill_excess_cents: 0,
        truth,
    };
    own.divide(others, rng);
    if let Some(fault) = plan.fault {
        own.expect(fault);
        own.spoil(fault, others, rng);
        own.spoil_payment(fault, rng);
        own.spoil_clearance(fault, rng);
        own.refuse(fault, rng);
    }
    own.look_faulty(rng);
    own.clear(rng);
    own.finish()
}

/// The rules that fail for a fault, ascending.
pub(super) fn rules_of(fault: FaultId) -> Vec<RuleId> {
    let names: &[&str] = match fault.detection() {
        Detection::Finding { rule } => &[rule],
        Detection::Findings(rules) => rules,
        // What does not come is late in the end.
        Detection::CollectingWithout(_) if fault.is_of_export() => &["X06"],
        Detection::CollectingWithout(_) => &["M15"],
        Detection::RejectedDocument { .. } | Detection::Repeated => &[],
    };
    let mut rules: Vec<RuleId> =
        RuleId::ALL.into_iter().filter(|rule| names.contains(&rule.to_string().as_str())).collect();
    rules.sort_unstable();
    rules
}

impl ImportLife<'_> {
    /// What the ledger must say of the fault, and what life that leaves.
    fn expect(&mut self, fault: FaultId) {
        self.truth.failed = rules_of(fault);
        let is_rejected = self.truth.failed.iter().any(|rule| rule.severity() == Severity::Reject);
        self.life = match fault.detection() {
            Detection::CollectingWithout(_) => Life::Silent,
            _ if is_rejected => Life::Declared,
            _ => Life::Delivered,
        };
        self.truth.state = match fault.detection() {
            Detection::CollectingWithout(_) => CaseState::Overdue,
            _ if is_rejected => CaseState::Mismatched,
            _ => CaseState::Matched,
        };
    }

    /// Plants a fault in the four documents.
    fn spoil(&mut self, fault: FaultId, others: &Others<'_>, rng: &mut Rng) {
        let trade = self.trade;
        let stranger = &others.stranger;
        let (order, payment) = (self.order.as_mut(), self.payment.as_mut());
        let (waybill, list) = (self.waybill.as_mut(), self.list.as_mut());
        let (Some(order), Some(payment), Some(waybill), Some(list)) =
            (order, payment, waybill, list)
        else {
            return;
        };
        match fault {
            FaultId::OrderMissing => self.order = None,
            FaultId::PaymentMissing => self.payment = None,
            FaultId::WaybillMissing => self.waybill = None,
            FaultId::ListMissing => self.list = None,
            FaultId::AmountDiffers => payment.set("amountPaid", cents(trade.goods_cents())),
            FaultId::ConsigneeDiffers => waybill.set("consignee", &stranger.name),
            FaultId::AddressDiffers if rng.one_in(2) => {
                waybill.set("consigneeAddress", &stranger.address);
            }
            FaultId::AddressDiffers => list.set("consigneeAddress", &stranger.address),
            FaultId::PayerNotBuyer => {
                payment.set("payerIdNumber", &stranger.id_number);
                payment.set("payerName", &stranger.name);
                payment.set("telephone", &stranger.telephone);
            }
            FaultId::BuyerDiffers => {
                list.set("buyerIdNumber", &stranger.id_number);
                list.set("buyerName", &stranger.name);
                list.set("buyerTelephone", &stranger.telephone);
            }
            FaultId::LineDiffers => list.set_line("gname", "测试赠品"),
            FaultId::LinePriceDiffers => {
                if let Some(line) = trade.lines.first() {
                    list.set_line("price", cents(line.price_cents / 2));
                    list.set_line("totalPrice", cents(line.price_cents / 2 * line.qty));
                }
            }
            FaultId::WeightDiffers => list.set("grossWeight", "99.5"),
            FaultId::FreightDiffers => {
                waybill.set("freight", cents(trade.freight_cents.saturating_add(300)));
            }
            FaultId::WaybillUsedTwice => {
                if let Some(victim) = others.victim {
                    list.set("logisticsNo", victim.logistics_no());
                    list.set("logisticsCode", victim.carrier.code);
                    list.set("logisticsName", victim.carrier.name);
                }
                self.waybill = None;
            }
            FaultId::PaidTwice => {
                let mut second = payment.again(rng, 1);
                second.set("payTransactionId", format!("{}B", trade.transaction()));
                self.others.push(second);
            }
            FaultId::YearDiffers => list.set("declTime", "20270104"),
            FaultId::NotOnPositiveList => list.set_line("gcode", NOT_LISTED),
            FaultId::OrderReportedLate => {
                let paid = time_text(Millis(trade.paid.0.saturating_sub(30 * 3_600_000)));
                payment.set("payTime", paid);
            }
            FaultId::WaybillAfterList => {
                waybill.at = later(trade.paid, 26);
                waybill.set("appTime", time_text(waybill.at));
            }
            FaultId::TaxWrong => {
                let tax = trade.tax_cents + 250;
                order.set("taxTotal", cents(tax));
                let paid = cents(trade.value_cents() + tax - trade.discount_cents);
                order.set("acturalPaid", &paid);
                payment.set("amountPaid", &paid);
            }
            FaultId::StockShort => list.set_line("itemRecordNo", "KH-999"),
            FaultId::DeclarantUnregistered => name_agent(list, &UNREGISTERED, trade),
            FaultId::DeclarantSuspended => name_agent(list, &SUSPENDED, trade),
            FaultId::DeclarantWithoutRole => name_agent(list, &PAYERS[0], trade),
            // Planted elsewhere.
            _ => {}
        }
    }

    /// Plants a fault in what follows the list.
    fn spoil_clearance(&mut self, fault: FaultId, rng: &mut Rng) {
        let trade = self.trade;
        let all: Vec<u64> = trade.lines.iter().map(|line| line.qty).collect();
        let applied = later(trade.paid, 10 * 24);
        match fault {
            FaultId::TaxBillWrong => self.tax_bill_excess_cents = 250,
            FaultId::SignedBeforeRelease => self.is_signed_early = true,
            FaultId::CancellationByStranger => {
                let mut stray = trade.cancellation(later(trade.paid, 36), rng);
                stray.sender = trade.merchant.code;
                self.others.push(stray);
            }
            FaultId::CancellationOfAnotherNumber => {
                let mut stray = trade.cancellation(later(trade.paid, 36), rng);
                stray.set("invtNo", format!("KX{}", trade.number));
                self.others.push(stray);
            }
            FaultId::ReturnOfMore => {
                let more: Vec<u64> = all.iter().map(|qty| qty.saturating_add(1)).collect();
                self.others.push(trade.list_return(&more, applied, rng));
            }
            FaultId::ReturnOfOtherGoods => {
                let mut stray = trade.list_return(&all, applied, rng);
                stray.set_line("gcode", NOT_LISTED);
                self.others.push(stray);
            }
            FaultId::ReturnAppliedLate => {
                self.others.push(trade.list_return(&all, later(trade.paid, 36 * 24), rng));
            }
            FaultId::ReturnBackLate => {
                self.others.push(trade.list_return(&all, applied, rng));
                self.others.push(trade.return_status(later(trade.paid, 50 * 24), rng));
            }
            _ => {}
        }
    }

    /// Sends a document that is refused, beside the good ones.
    fn refuse(&mut self, fault: FaultId, rng: &mut Rng) {
        if fault == FaultId::ResentDocument {
            let own = [&self.order, &self.payment, &self.waybill, &self.list];
            let chosen = own.get(rng.below(4)).copied().and_then(Option::as_ref).cloned();
            if let Some(mut again) = chosen {
                again.at = later(again.at, 3);
                self.truth.repeated.push(again.guid());
                self.others.push(again);
            }
            return;
        }
        let Detection::RejectedDocument { kind, code } = fault.detection() else { return };
        let Some(bad) = self.refused(fault, rng) else { return };
        self.truth.rejected.push(RejectedTruth { guid: bad.guid(), kind, code });
        self.others.push(bad);
    }

    fn refused(&mut self, fault: FaultId, rng: &mut Rng) -> Option<Draft> {
        if let Some(bad) = self.refused_of_payment(fault, rng) {
            return Some(bad);
        }
        let trade = self.trade;
        let (order, payment) = (self.order.as_ref()?, self.payment.as_ref()?);
        let (waybill, list) = (self.waybill.as_ref()?, self.list.as_ref()?);
        let mut bad = match fault {
            FaultId::TotalWrong | FaultId::LinesNotSum => order.again(rng, 1),
            FaultId::DuplicateOrderOtherContent => order.again(rng, 1),
            FaultId::OldOrderMessage => order.again(rng, 2),
            FaultId::OrderChangedAfterList => order.again(rng, 36),
            FaultId::PlatformSignedPayment | FaultId::UnknownPaymentChanged => {
                payment.again(rng, 1)
            }
            FaultId::WaybillOfAnotherCarrier | FaultId::WaybillOfTwoParcels => {
                waybill.again(rng, 1)
            }
            FaultId::ListByAnotherMerchant => {
                let mut bad = list.again(rng, 0);
                bad.at = later(trade.paid, 14);
                bad.set("appTime", time_text(bad.at));
                bad
            }
            FaultId::ListWithoutModeField | FaultId::SecondList => list.again(rng, 2),
            FaultId::ListChangedAfterMatch => list.again(rng, 17),
            FaultId::StatusRepeated | FaultId::OtherListNumber => {
                self.life = Life::Delivered;
                trade.status("120", later(trade.paid, 32), rng).again(rng, 2)
            }
            FaultId::CancellationAfterRelease => trade.cancellation(later(trade.paid, 72), rng),
            _ => return None,
        };
        match fault {
            FaultId::TotalWrong => bad.set("acturalPaid", "1"),
            FaultId::LinesNotSum => {
                bad.set("goodsValue", cents(trade.goods_cents() + 500));
                let paid = trade.value_cents() + 500 + trade.tax_cents - trade.discount_cents;
                bad.set("acturalPaid", cents(paid));
            }
            FaultId::OldOrderMessage => {
                bad.set("appType", "2");
                bad.set("appTime", time_text(trade.paid));
            }
            FaultId::OrderChangedAfterList | FaultId::ListChangedAfterMatch => {
                bad.set("appType", "2");
            }
            FaultId::PlatformSignedPayment => {
                bad.sender = trade.platform.code;
                bad.set("payTransactionId", format!("{}C", trade.transaction()));
            }
            FaultId::UnknownPaymentChanged => {
                bad.set("appType", "2");
                bad.set("payTransactionId", format!("{}C", trade.transaction()));
            }
            FaultId::WaybillOfAnotherCarrier => {
                let other = CARRIERS.iter().find(|other| other.code != trade.carrier.code)?;
                bad.sender = other.code;
            }
            FaultId::WaybillOfTwoParcels => {
                bad.set("packNo", "2");
                bad.set("logisticsNo", format!("{}B", trade.logistics_no()));
            }
            FaultId::ListByAnotherMerchant => {
                let other = MERCHANTS.iter().find(|other| other.code != trade.merchant.code)?;
                bad.sender = other.code;
                for (field, text) in [
                    ("ebcCode", other.code),
                    ("ebcName", other.name),
                    ("agentCode", other.code),
                    ("agentName", other.name),
                ] {
                    bad.set(field, text);
                }
            }
            FaultId::ListWithoutModeField if trade.is_bonded() => bad.set("emsNo", ""),
            FaultId::ListWithoutModeField => bad.set("voyageNo", ""),
            FaultId::OtherListNumber => {
                bad.set("invtNo", format!("KX{}", trade.number));
                bad.set("returnStatus", "300");
            }
            FaultId::StatusRepeated => bad.set("returnTime", time_text(later(trade.paid, 32))),
            _ => {}
        }
        Some(bad)
    }

    /// Makes a good trade look as if it had a fault.
    fn look_faulty(&mut self, rng: &mut Rng) {
        let trade = self.trade;
        match self.plan.benign {
            Some(Benign::AttestedPayer) => self.others.push(trade.attestation(rng)),
            Some(Benign::OrderCorrected) => {
                let Some(order) = self.order.as_mut() else { return };
                let mut right = order.again(rng, 1);
                right.set("appType", "2");
                order.set("consigneeTelephone", "10099999999");
                self.others.push(right);
            }
            Some(Benign::ListCorrected) => {
                let Some(list) = self.list.as_mut() else { return };
                let mut right = list.again(rng, 8);
                right.set("appType", "2");
                list.set("grossWeight", "88.8");
                self.others.push(right);
            }
            Some(Benign::DeclaredAgain) => {
                let Some(list) = self.list.as_ref() else { return };
                let mut again = list.again(rng, 20);
                again.set("appType", "2");
                self.others.push(again);
                self.others.push(trade.status("100", later(trade.paid, 34), rng));
            }
            Some(Benign::CountedAsBooked | Benign::FoundByCount) => {
                let Some(list) = self.list.as_mut() else { return };
                list.set_line("itemRecordNo", trade.own_goods());
            }
            Some(benign) => self.pay_back(benign, rng),
            _ => {}
        }
    }

    /// What customs, carrier and declarant say after the list.
    fn clear(&mut self, rng: &mut Rng) {
        let (trade, life) = (self.trade, self.life);
        if life == Life::Silent {
            return;
        }
        let at = |hours| later(trade.paid, hours);
        let mut add = |draft: Draft| self.others.push(draft);
        add(trade.status("120", at(32), rng));
        match life {
            Life::Refused => return add(trade.status("100", at(36), rng)),
            Life::Cancelled => return add(trade.cancellation(at(40), rng)),
            Life::Held | Life::ShippedBack | Life::Inspected => {
                add(trade.status("300", at(33), rng));
                add(trade.status("500", at(38), rng));
                add(trade.status("501", at(42), rng));
            }
            _ => {}
        }
        if life == Life::ShippedBack {
            return add(trade.status("700", at(60), rng));
        }
        if !life.is_released() {
            return;
        }
        add(trade.status("800", at(56), rng));
        let mut bill = trade.tax_bill(at(57), rng);
        if 0 < self.tax_bill_excess_cents {
            bill.set("valueAddedTax", cents(trade.tax_cents + self.tax_bill_excess_cents));
        }
        add(bill);
        add(trade.tax_paid(at(58), rng));
        if self.is_signed_early {
            return add(trade.signed(at(50), rng));
        }
        if !matches!(life, Life::Released | Life::Inspected) {
            add(trade.signed(at(96), rng));
        }
        let all: Vec<u64> = trade.lines.iter().map(|line| line.qty).collect();
        let one: Vec<u64> = (0..all.len()).map(|index| u64::from(index == 0)).collect();
        match life {
            Life::Closed => add(trade.status("899", at(8 * 24), rng)),
            Life::Returned | Life::AllReturned => {
                let back = if life == Life::Returned { &one } else { &all };
                add(trade.list_return(back, at(10 * 24), rng));
                add(trade.return_status(at(20 * 24), rng));
            }
            Life::Returning => add(trade.list_return(&one, at(10 * 24), rng)),
            _ => {}
        }
    }

    fn finish(self) -> (Vec<Draft>, TradeTruth) {
        let mut truth = self.truth;
        if truth.state == CaseState::Matched {
            truth.state = self.life.state(self.plan.is_early);
        }
        truth.failed.sort_unstable();
        let four = [self.order, self.payment, self.waybill, self.list];
        let mut drafts: Vec<Draft> = four.into_iter().flatten().collect();
        drafts.extend(self.others);
        (drafts, truth)
    }
}

/// Has the merchant send a list that names this declarant.
fn name_agent(list: &mut Draft, agent: &super::cast::Member, trade: &Import) {
    list.sender = trade.merchant.code;
    list.set("agentCode", agent.code);
    list.set("agentName", agent.name);
}

//! The life of an export: its documents, its parcel's way, and how it ends; with the fault that is
//! planned for it, so that it shows in one way only.

use super::super::fault::{Detection, FaultId};
use super::super::rng::Rng;
use super::super::trade::cents;
use super::cast::{DECLARANTS, MERCHANTS};
use super::draft::{Draft, later, time_text};
use super::export::Export;
use super::import_life::rules_of;
use super::movement::{DEPARTURE_DAYS, Movement, RESULT_DAYS, SummaryNumbers, bill, summary};
use super::plan::Plan;
use super::truth::{Benign, RejectedTruth, TradeTruth};
use kanhe_contracts::event::CaseState;
use kanhe_contracts::matching::Severity;
use kanhe_contracts::policy::Direction;

/// A commodity code that no export declares.
const OTHER_GOODS: &str = "9706900090";

/// How an export ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Declared,
    Arrived,
    Departed,
    SummedUp,
    Cancelled,
    Returned,
}

impl Life {
    fn any(rng: &mut Rng) -> Self {
        match rng.below(100) {
            0..6 => Self::Declared,
            6..12 => Self::Arrived,
            12..24 => Self::Departed,
            24..32 => Self::Cancelled,
            32..42 => Self::Returned,
            _ => Self::SummedUp,
        }
    }

    fn state(self, is_simplified: bool) -> CaseState {
        match self {
            Self::Declared => CaseState::Matched,
            Self::Arrived => CaseState::Arrived,
            Self::Departed if is_simplified => CaseState::Closed,
            Self::Departed => CaseState::Departed,
            Self::SummedUp => CaseState::Closed,
            Self::Cancelled => CaseState::Cancelled,
            Self::Returned => CaseState::Returned,
        }
    }

    fn movement(self, is_simplified: bool) -> Movement {
        let arrives = !matches!(self, Self::Declared | Self::Cancelled);
        let departs = arrives && self != Self::Arrived;
        let is_summed_up = matches!(self, Self::SummedUp | Self::Returned) && !is_simplified;
        Movement { has_bill: arrives, arrives, departs, is_summed_up }
    }
}

/// An export on its way into files.
struct ExportLife<'a> {
    trade: &'a Export,
    order: Option<Draft>,
    receipts: Vec<Draft>,
    waybill: Option<Draft>,
    list: Option<Draft>,
    others: Vec<Draft>,
    life: Life,
    movement: Movement,
    /// Whether customs says what it made of the summary, together with those of others.
    has_result: bool,
    truth: TradeTruth,
}

/// What an export becomes: its own documents, what it shares, and what must be found.
pub(super) struct Lived {
    pub(super) drafts: Vec<Draft>,
    pub(super) movement: Movement,
    pub(super) has_result: bool,
    pub(super) truth: TradeTruth,
}

/// The mode that a fault, or what looks like one, needs.
pub(super) fn mode_for(plan: &Plan) -> Option<&'static str> {
    let is_fault = matches!(
        plan.fault,
        Some(
            FaultId::ReceiptMissing
                | FaultId::ReceiptOfAnotherMerchant
                | FaultId::ReceiptShort
                | FaultId::ReceiptLate
                | FaultId::ReceiptDuplicate
                | FaultId::OrderTypeWrong
                | FaultId::AboveModeLimit
                | FaultId::ExportReturnLate
        )
    );
    let is_benign = matches!(plan.benign, Some(Benign::TwoReceipts | Benign::ReceiptByMerchant));
    (is_fault || is_benign).then_some("9610")
}

/// Writes the documents of one export. A fault that takes what another export has takes it from
/// `victim`.
pub(super) fn live(trade: &Export, plan: &Plan, victim: Option<&Export>, rng: &mut Rng) -> Lived {
    let life = match plan.benign {
        Some(Benign::SummedUpUnasked | Benign::ResultUpdated) => Life::SummedUp,
        _ => Life::any(rng),
    };
    let is_paid = trade.is_paid() || (trade.mode == "9710" && rng.one_in(2));
    let receipts = if is_paid { vec![trade.receipt(trade.value_cents(), "", rng)] } else { vec![] };
    let truth = TradeTruth {
        direction: Direction::Export,
        mode: trade.mode.to_owned(),
        platform: trade.platform.code.to_owned(),
        order_no: trade.order_no(),
        fault: plan.fault,
        benign: plan.benign,
        state: life.state(trade.is_simplified),
        failed: Vec::new(),
        rejected: Vec::new(),
        repeated: Vec::new(),
    };
    let mut own = ExportLife {
        trade,
        order: Some(trade.order(rng)),
        receipts,
        waybill: Some(trade.waybill(rng)),
        list: Some(trade.list(rng)),
        others: Vec::new(),
        life,
        movement: life.movement(trade.is_simplified),
        has_result: life.movement(trade.is_simplified).is_summed_up,
        truth,
    };
    if let Some(fault) = plan.fault {
        own.expect(fault);
        own.spoil(fault, victim, rng);
        own.spoil_movement(fault, rng);
        own.spoil_result(fault, rng);
        own.refuse(fault, rng);
    }
    own.look_faulty(plan.benign, rng);
    own.sum_up_oddly(plan.benign, rng);
    own.finish(rng)
}

impl ExportLife<'_> {
    fn expect(&mut self, fault: FaultId) {
        let trade = self.trade;
        self.truth.failed = rules_of(fault);
        let is_rejected = self.truth.failed.iter().any(|rule| rule.severity() == Severity::Reject);
        let is_missing = matches!(fault.detection(), Detection::CollectingWithout(_));
        self.life = match fault {
            _ if is_missing => Life::Declared,
            FaultId::DepartedThoughCancelled => Life::Cancelled,
            _ if is_rejected => Life::Declared,
            _ => Life::SummedUp,
        };
        self.movement = self.life.movement(trade.is_simplified);
        self.has_result = self.movement.is_summed_up;
        self.truth.state = match fault {
            _ if is_missing => CaseState::Overdue,
            FaultId::DepartedThoughCancelled => CaseState::Cancelled,
            _ if is_rejected => CaseState::Mismatched,
            _ => self.life.state(trade.is_simplified),
        };
    }

    /// Plants a fault in the documents of the trade itself.
    fn spoil(&mut self, fault: FaultId, victim: Option<&Export>, rng: &mut Rng) {
        let trade = self.trade;
        let (Some(order), Some(waybill), Some(list)) =
            (self.order.as_mut(), self.waybill.as_mut(), self.list.as_mut())
        else {
            return;
        };
        let other = MERCHANTS.iter().find(|other| other.code != trade.merchant.code);
        match (fault, self.receipts.first_mut()) {
            (FaultId::ExportOrderMissing, _) => self.order = None,
            (FaultId::ExportWaybillMissing, _) => self.waybill = None,
            (FaultId::ExportListMissing, _) => self.list = None,
            (FaultId::ReceiptMissing, _) => self.receipts.clear(),
            (FaultId::ExportLineDiffers, _) => {
                if let Some(line) = trade.lines.first() {
                    list.set_line("price", cents(line.price_cents + 100));
                    list.set_line("totalPrice", cents((line.price_cents + 100) * line.qty));
                }
            }
            (FaultId::ExportWeightDiffers, _) => waybill.set("grossWeight", "999.5"),
            (FaultId::ExportParcelsDiffer, _) => waybill.set("packNo", "7"),
            (FaultId::ExportFreightDiffers, _) => {
                waybill.set("freight", cents(trade.freight_cents + 300));
            }
            (FaultId::ParcelUsedTwice, _) => {
                if let Some(victim) = victim {
                    list.set("logisticsNo", victim.logistics_no());
                    list.set("logisticsCode", victim.carrier.code);
                    list.set("logisticsName", victim.carrier.name);
                }
                self.waybill = None;
            }
            (FaultId::ListNumberUsedTwice, _) => {
                list.set("invtNo", victim.map(Export::invt_no).unwrap_or_default());
            }
            (FaultId::ConsignorDiffers, _) => {
                waybill.set("ebcCode", other.map_or("", |other| other.code));
                waybill.set("ebcName", other.map_or("", |other| other.name));
            }
            (FaultId::ReceiptOfAnotherMerchant, Some(receipt)) => {
                receipt.set("ebcCode", other.map_or("", |other| other.code));
                receipt.set("ebcName", other.map_or("", |other| other.name));
            }
            (FaultId::OrderTypeWrong, _) => order.set("orderType", "B"),
            (FaultId::ReceiptShort, Some(receipt)) => {
                receipt.set("charge", cents(trade.goods_cents()));
            }
            (FaultId::ReceiptLate, Some(receipt)) => {
                receipt.at = later(trade.begins, 10 * 24);
                receipt.set("appTime", time_text(receipt.at));
            }
            (FaultId::OrderAfterList, _) => {
                order.at = later(trade.begins, 14);
                order.set("appTime", time_text(order.at));
            }
            (FaultId::CancellationOfAnotherList, _) => {
                let mut stray = trade.cancellation(later(trade.begins, 26), rng);
                stray.set("copNo", format!("KEZ{}", trade.number));
                self.others.push(stray);
            }
            _ => {}
        }
    }

    /// Plants a fault on the parcel's way and after it.
    fn spoil_movement(&mut self, fault: FaultId, rng: &mut Rng) {
        let trade = self.trade;
        let qty = trade.lines.first().map_or(1, |line| line.qty);
        match fault {
            FaultId::DepartedWithoutArrival => self.movement.arrives = false,
            FaultId::DepartedThoughCancelled => {
                self.movement.has_bill = true;
                self.movement.arrives = true;
                self.movement.departs = true;
            }
            FaultId::BillDiffers => {
                self.movement.has_bill = false;
                if let Some(mut other) = bill(&[trade], rng) {
                    other.set("billNo", format!("KEBX{}", trade.number));
                    self.others.push(other);
                }
            }
            FaultId::SummedUpTwice | FaultId::SummedUpByStranger => {
                let Some(mut second) = summary(&[trade], rng) else { return };
                second.at = trade.days_on(13);
                second.set("appTime", time_text(second.at));
                let stranger = DECLARANTS.iter().find(|other| other.code != trade.declarant.code);
                if let (FaultId::SummedUpByStranger, Some(stranger)) = (fault, stranger) {
                    second.sender = stranger.code;
                    second.set("agentCode", stranger.code);
                    second.set("agentName", stranger.name);
                }
                // A simplified list is summed up by nobody: then it is twice all the same.
                self.movement.is_summed_up = true;
                self.others.push(second);
            }
            FaultId::ReturnOfMoreThanExported => {
                self.others.push(trade.application(qty + 1, trade.days_on(14), rng));
            }
            FaultId::ExportReturnLate => {
                self.others.push(trade.application(1, trade.days_on(DEPARTURE_DAYS + 40), rng));
            }
            _ => {}
        }
    }

    /// Plants a fault in what customs makes of the summary.
    fn spoil_result(&mut self, fault: FaultId, rng: &mut Rng) {
        let trade = self.trade;
        let is_of_result = matches!(
            fault,
            FaultId::SummedUpInTwo | FaultId::ResultOfOtherGoods | FaultId::ResultOfOtherParcel
        );
        if !is_of_result {
            return;
        }
        // A simplified list is summed up by nobody: then it is all the same.
        self.movement.is_summed_up = true;
        let at = trade.days_on(RESULT_DAYS);
        let Some(mut own) = SummaryNumbers::new(rng).said(&[trade], at, rng) else { return };
        self.has_result = fault == FaultId::SummedUpInTwo;
        match fault {
            FaultId::ResultOfOtherGoods => own.set_line("gcode", OTHER_GOODS),
            FaultId::ResultOfOtherParcel => {
                own.set_line("logisticsNo", format!("KEY{}", trade.number));
            }
            _ => {}
        }
        self.others.push(own);
    }

    /// Has customs sum up what nobody applied for, or say again what it made of a summary.
    fn sum_up_oddly(&mut self, benign: Option<Benign>, rng: &mut Rng) {
        let trade = self.trade;
        match benign {
            Some(Benign::SummedUpUnasked) => {
                self.movement.is_summed_up = false;
                self.has_result = true;
            }
            Some(Benign::ResultUpdated) => {
                self.has_result = false;
                let numbers = SummaryNumbers::new(rng);
                let first = numbers.said(&[trade], trade.days_on(RESULT_DAYS), rng);
                let again = numbers.said(&[trade], trade.days_on(RESULT_DAYS + 1), rng);
                self.others.extend(first);
                self.others.extend(again.map(|mut again| {
                    again.set("decState", "9");
                    again.set("entryId", trade.entry_id());
                    again
                }));
            }
            _ => {}
        }
    }

    /// Sends a document that is refused, beside the good ones.
    fn refuse(&mut self, fault: FaultId, rng: &mut Rng) {
        let Detection::RejectedDocument { kind, code } = fault.detection() else { return };
        let Some(bad) = self.refused(fault, rng) else { return };
        self.truth.rejected.push(RejectedTruth { guid: bad.guid(), kind, code });
        self.others.push(bad);
    }

    fn refused(&mut self, fault: FaultId, rng: &mut Rng) -> Option<Draft> {
        let trade = self.trade;
        match fault {
            FaultId::CancellationAfterDeparture => {
                Some(trade.cancellation(trade.days_on(DEPARTURE_DAYS + 1), rng))
            }
            FaultId::ExportModeUnknown => {
                let mut bad = self.list.as_ref()?.again(rng, 1);
                bad.set("tradeMode", "1039");
                Some(bad)
            }
            FaultId::ExportLineCurrency => {
                let mut bad = self.order.as_ref()?.again(rng, 1);
                bad.set_line("currency", "142");
                Some(bad)
            }
            FaultId::ReceiptDuplicate => {
                let mut bad = self.receipts.first()?.again(rng, 1);
                bad.set("charge", "1");
                Some(bad)
            }
            FaultId::ResultOutOfDate => {
                self.has_result = false;
                let numbers = SummaryNumbers::new(rng);
                let first = numbers.said(&[trade], trade.days_on(RESULT_DAYS), rng)?;
                let mut bad = numbers.said(&[trade], trade.days_on(RESULT_DAYS - 1), rng)?;
                bad.at = trade.days_on(RESULT_DAYS + 1);
                self.others.push(first);
                Some(bad)
            }
            FaultId::ExportOrderByMerchantOfAnother => {
                let mut bad = self.order.as_ref()?.again(rng, 1);
                let other = MERCHANTS.iter().find(|other| other.code != trade.merchant.code)?;
                bad.sender = other.code;
                Some(bad)
            }
            _ => None,
        }
    }

    /// Makes a good trade look as if it had a fault.
    fn look_faulty(&mut self, benign: Option<Benign>, rng: &mut Rng) {
        let trade = self.trade;
        match benign {
            Some(Benign::TwoReceipts) => {
                let first = trade.value_cents() / 3;
                let rest = trade.value_cents().saturating_sub(first);
                self.receipts = vec![trade.receipt(first, "A", rng), trade.receipt(rest, "B", rng)];
            }
            Some(Benign::ReceiptByMerchant) => {
                for receipt in &mut self.receipts {
                    receipt.sender = trade.merchant.code;
                    receipt.set("payCode", "");
                    receipt.set("payNo", "");
                    receipt.set("payName", "测试现金");
                }
            }
            Some(Benign::NumberedLater) => {
                let Some(list) = self.list.as_mut() else { return };
                let mut numbered = list.again(rng, 20);
                numbered.set("appType", "2");
                list.set("invtNo", "");
                self.others.push(numbered);
            }
            _ => {}
        }
    }

    fn finish(mut self, rng: &mut Rng) -> Lived {
        let trade = self.trade;
        match self.life {
            Life::Cancelled => {
                self.others.push(trade.cancellation(later(trade.begins, 40), rng));
            }
            Life::Returned => {
                self.others.push(trade.application(1, trade.days_on(14), rng));
                self.others.push(trade.tally(trade.days_on(18), rng));
            }
            _ => {}
        }
        let mut drafts: Vec<Draft> =
            [self.order, self.waybill, self.list].into_iter().flatten().collect();
        drafts.extend(self.receipts);
        drafts.extend(self.others);
        let Self { movement, has_result, truth, .. } = self;
        Lived { drafts, movement, has_result, truth }
    }
}

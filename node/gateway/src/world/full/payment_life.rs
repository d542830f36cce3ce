//! Payments of imports that are divided or go back, in full or in part.

use super::super::fault::FaultId;
use super::super::rng::Rng;
use super::super::trade::cents;
use super::cast::PLATFORMS;
use super::draft::{Draft, later, time_text};
use super::import::Import;
use super::import_life::{ImportLife, Life, Others};
use super::truth::Benign;
use crate::field_table::MessageType;
use crate::raw::{RawDocument, RawFields};
use kanhe_types::time::Millis;

/// What is paid too much, or goes back without need, in cents.
const SOME_CENTS: u64 = 1_000;

impl Import {
    /// How the payment is divided: order numbers and shares in cents.
    fn allocation(&self, shares: &[(String, u64)], rng: &mut Rng) -> Draft {
        let at = Millis(self.paid.0.saturating_add(25 * 60_000));
        let mut head = self.payment_head(at, rng);
        head.set("ebpCode", self.platform.code);
        let lines = shares.iter().map(|(order_no, share)| {
            let mut line = RawFields::default();
            line.set("orderNo", order_no);
            line.set("amount", cents(*share));
            line
        });
        let raw = RawDocument { head, lines: lines.collect() };
        self.draft(self.payer_firm, MessageType::PaymentAllocation, at, raw)
    }

    /// So much of the payment goes back.
    fn refund(&self, amount_cents: u64, at: Millis, rng: &mut Rng) -> Draft {
        let mut head = self.payment_head(at, rng);
        head.set("refundNo", format!("KIF{}", self.number));
        head.set("ebpCode", self.platform.code);
        head.set("orderNo", self.order_no());
        head.set("amount", cents(amount_cents));
        head.set("currency", "142");
        head.set("refundTime", time_text(at));
        let raw = RawDocument { head, lines: Vec::new() };
        self.draft(self.payer_firm, MessageType::PaymentRefund, at, raw)
    }

    fn payment_head(&self, at: Millis, rng: &mut Rng) -> RawFields {
        let mut head = RawFields::default();
        head.set("guid", rng.guid());
        head.set("appType", "1");
        head.set("appTime", time_text(at));
        head.set("payCode", self.payer_firm.code);
        head.set("payTransactionId", self.transaction());
        head
    }

    fn share(&self) -> (String, u64) {
        (self.order_no(), self.paid_cents())
    }
}

impl ImportLife<'_> {
    /// Has the payment of one order pay another one, too.
    pub(super) fn divide(&mut self, others: &Others<'_>, rng: &mut Rng) {
        let (Some((_, is_named)), Some(other)) = (self.plan.shared, others.partner) else { return };
        let trade = self.trade;
        if !is_named {
            self.payment = None;
            if let Some(order) = self.order.as_mut() {
                order.set("payTransactionId", other.transaction());
            }
            return;
        }
        let shares = [trade.share(), other.share()];
        let mut paid: u64 = shares.iter().map(|(_, share)| *share).sum();
        if self.plan.fault == Some(FaultId::SharesNotPaid) {
            paid = paid.saturating_add(SOME_CENTS);
        }
        if let Some(payment) = self.payment.as_mut() {
            payment.set("amountPaid", cents(paid));
        }
        self.others.push(trade.allocation(&shares, rng));
    }

    /// Plants a fault in what divides the payment, or goes back of it.
    pub(super) fn spoil_payment(&mut self, fault: FaultId, rng: &mut Rng) {
        let trade = self.trade;
        match fault {
            FaultId::SharesOfAnotherPlatform => {
                let mut stray = trade.allocation(&[trade.share()], rng);
                let other = PLATFORMS.iter().find(|other| other.code != trade.platform.code);
                stray.set("ebpCode", other.map_or("", |other| other.code));
                self.others.push(stray);
            }
            FaultId::RefundedMoreThanPaid => {
                let more = trade.paid_cents().saturating_add(SOME_CENTS);
                self.others.push(trade.refund(more, later(trade.paid, 36), rng));
            }
            FaultId::RefundedBeforeList => {
                self.others.push(trade.refund(SOME_CENTS, later(trade.paid, 4), rng));
            }
            FaultId::RefundUncovered => {
                self.others.push(trade.refund(SOME_CENTS, later(trade.paid, 6 * 24), rng));
            }
            _ => {}
        }
    }

    /// A document about the payment that is refused.
    pub(super) fn refused_of_payment(&mut self, fault: FaultId, rng: &mut Rng) -> Option<Draft> {
        let trade = self.trade;
        match fault {
            FaultId::AllocationRepeatsOrder => {
                let (order_no, share) = trade.share();
                let rest = share.saturating_sub(1);
                Some(trade.allocation(&[(order_no.clone(), 1), (order_no, rest)], rng))
            }
            FaultId::AllocationChangedAfterList => {
                let whole = trade.allocation(&[trade.share()], rng);
                let mut bad = whole.again(rng, 36);
                bad.set("appType", "2");
                self.others.push(whole);
                Some(bad)
            }
            FaultId::RefundByPlatform => {
                let mut bad = trade.refund(SOME_CENTS, later(trade.paid, 6 * 24), rng);
                bad.sender = trade.platform.code;
                Some(bad)
            }
            _ => None,
        }
    }

    /// Lets money go back as it should.
    pub(super) fn pay_back(&mut self, benign: Benign, rng: &mut Rng) {
        let trade = self.trade;
        let refund = match (benign, self.life) {
            (Benign::OverpaidRefunded, _) => {
                if let Some(payment) = self.payment.as_mut() {
                    let paid = trade.paid_cents().saturating_add(SOME_CENTS);
                    payment.set("amountPaid", cents(paid));
                }
                trade.refund(SOME_CENTS, later(trade.paid, 4), rng)
            }
            (Benign::RefundedAfterCancellation, _) => {
                trade.refund(trade.paid_cents(), later(trade.paid, 60), rng)
            }
            (Benign::RefundedAfterReturn, Life::AllReturned) => {
                trade.refund(trade.paid_cents(), later(trade.paid, 12 * 24), rng)
            }
            (Benign::RefundedAfterReturn, _) => {
                let price = trade.lines.first().map_or(0, |line| line.price_cents);
                trade.refund(price, later(trade.paid, 12 * 24), rng)
            }
            _ => return,
        };
        self.others.push(refund);
    }
}

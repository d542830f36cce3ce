//! Risk through the door: what is observed, what comes of it, and what agencies do about it.

mod alerts;
mod counted;
mod credit;
mod deposits;
mod grades;
mod inspection;
mod properties;
mod reaches;
mod signals;
mod standing;

use super::*;
use crate::access::{Book, alert_entry, entries};
use crate::document::{RiskAct, RiskSignal, SignalSource};
use crate::fixture::{AGENCY, code, export, import};
use crate::policy::Direction;
use crate::registry::Role;
use crate::risk::{
    Alert, AlertAct, AlertState, Assessment, Disposition, Engine, Level, ReviewOutcome, RiskPolicy,
    RiskRule, Subject, Suspect, Target, alert, assessment,
};

const TAX: &str = "TESTGOV002";
const MARKET: &str = "TESTGOV003";
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

/// A rule that suspects the trade.
fn rule(id: &str, on: Subject, when: &str, weight: u8, owner: Role) -> RiskRule {
    RiskRule {
        id: id.to_owned(),
        pattern: "testing".to_owned(),
        on,
        target: Target::Trade,
        when: when.to_owned(),
        reaches: Vec::new(),
        weight,
        owner,
        en: format!("test {id}"),
        zh: format!("测试{id}"),
    }
}

/// A policy with these rules alone, by which nothing is inspected.
fn ruled(rules: Vec<RiskRule>) -> RiskPolicy {
    let mut policy = RiskPolicy { rules, ..RiskPolicy::none() };
    policy.inspection.budget_per_mille = 0;
    policy.inspection.random_per_mille = 0;
    policy
}

/// Every import is worth a look by the tax authority.
fn every_import() -> RiskPolicy {
    ruled(vec![rule("R01", Subject::Trade, "true", 40, Role::Tax)])
}

/// The same, and held.
fn every_import_held() -> RiskPolicy {
    let mut policy = every_import();
    policy.alerts.hold_from = Some(Level::Medium);
    policy
}

/// A world with customs, tax and market supervision, that observes by a policy.
fn watching(risk: RiskPolicy) -> World {
    assert_eq!(Engine::compile(&risk).1, []);
    let mut organisations = export::exporters();
    for (own, role) in [(TAX, Role::Tax), (MARKET, Role::Market)] {
        organisations.push(fixture::organisation(&code(own), "测试部门", &[Role::Agency, role]));
    }
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    let mut world = World::with(&organisations);
    world.policy.risk = risk;
    // No grade has a share of inspections of its own.
    world.policy.credit.zone_supervision.clear();
    world.policy.credit.customs_supervision.clear();
    world
}

fn suspect(trade: &Trade) -> Suspect {
    Suspect::Trade { direction: Direction::Import, case: trade.case_key() }
}

fn organisation_of(own: &str) -> Suspect {
    Suspect::Organisation { organisation: code(own) }
}

fn act(alert: u64, act: AlertAct) -> Document {
    fixture::governance(Body::RiskAct(RiskAct { alert, act }))
}

fn assign(alert: u64) -> Document {
    act(alert, AlertAct::Assign { desk: "D1".to_owned() })
}

fn dispose(alert: u64, disposition: Disposition) -> Document {
    act(alert, AlertAct::Dispose { disposition, reason: "测试处置".to_owned() })
}

fn review(alert: u64, outcome: ReviewOutcome, recovered: Option<&str>) -> Document {
    let recovered = recovered.map(fixture::decimal);
    act(alert, AlertAct::Review { outcome, recovered, reason: "测试复核".to_owned() })
}

fn transfer(alert: u64, to: &str) -> Document {
    dispose(alert, Disposition::Transfer { to: code(to) })
}

fn signal(suspect: Suspect, weight: u8, hold: bool) -> Document {
    fixture::governance(Body::RiskSignal(RiskSignal {
        suspect,
        source: SignalSource::Supervision,
        weight,
        hold,
        reason: "测试线索".to_owned(),
        evidence: None,
    }))
}

/// Of a payment that is not what the order says: its list may be taken back.
fn mismatching(document: &mut Document) {
    payment(document, |own| own.amount_paid = fixture::decimal("1"));
}

impl World {
    /// An import whose documents all came.
    fn traded(&mut self, trade: &Trade) -> Case {
        self.trade_with(trade, |_| {})
    }

    fn alert(&self, number: u64) -> Alert {
        alert(&self.state, number).unwrap().unwrap()
    }

    fn assessed(&self, suspect: &Suspect) -> Option<Assessment> {
        assessment(&self.state, suspect).unwrap()
    }

    fn wait(&mut self, duration: u64) {
        self.time = Millis(self.time.0 + duration);
        self.execute(&[]);
    }

    /// The alerts that stand in an agency's book, in order.
    fn book(&self, agency: &str) -> Vec<u64> {
        let last = entries(&self.state, Book::Alerts, &code(agency)).unwrap();
        let entry = |number| alert_entry(&self.state, &code(agency), number).unwrap().unwrap();
        (1..=last).map(entry).collect()
    }

    /// One block with the documents of so many imports.
    fn many(&mut self, numbers: std::ops::RangeInclusive<u64>) -> Vec<Trade> {
        let trades: Vec<Trade> = numbers.map(Trade::new).collect();
        let makers = [fixture::order, fixture::payment, fixture::waybill, fixture::list];
        let expires = self.height + 10;
        let of_kind = makers.map(|maker| {
            let documents: Vec<Document> = trades.iter().map(maker).collect();
            let signer = fixture::signer(&trades[0], &documents[0]);
            fixture::submission(&GENESIS, &signer, expires, &documents)
        });
        let effects = self.execute(&of_kind);
        assert!(effects.receipts.iter().all(|receipt| receipt.is_accepted()));
        trades
    }

    fn releases(&mut self, trade: &Trade) -> Outcome {
        self.send(&import::list_status(trade, "800"))
    }
}

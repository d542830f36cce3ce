//! Disputes, certificates and journeys: what is said of trades and of their bills.

use super::super::cast::{CARRIERS, COMMERCE, CUSTOMS, MARKET, Member};
use super::super::draft::later;
use super::super::export::Export;
use super::super::import::Import;
use super::{Entries, Rng, Story, another, code, digest, hundredths, of_import};
use kanhe_contracts::document::{
    Answer, Body, CertificateAct, CertificateFacts, CertificateKind, DisputeAct, DisputeClaim,
    DisputeGround, Evidence, EvidenceKind, JourneyAct, JourneyPlan, JourneyReport, Leg, Outcome,
    Position, ReportKind,
};
use kanhe_contracts::register::Register;
use kanhe_types::time::{CustomsDate, CustomsTime, Millis};

/// What is claimed of a carrier, in cents of CNY,
const CLAIMED: u64 = 2_000;
/// and the part of it that is due.
const DUE: u64 = 1_000;

fn evidence(rng: &mut Rng) -> Vec<Evidence> {
    vec![Evidence { kind: EvidenceKind::Picture, digest: digest(rng) }]
}

fn claim(trade: &Import, rng: &mut Rng) -> DisputeAct {
    DisputeAct::Open(DisputeClaim {
        case: of_import(trade),
        respondent: code(trade.carrier),
        ground: DisputeGround::Delivery,
        amount: Some(hundredths(CLAIMED)),
        currency: Some("142".to_owned()),
        evidence: evidence(rng),
    })
}

fn decision(outcome: Outcome, cents: u64, rng: &mut Rng) -> DisputeAct {
    DisputeAct::Decide { outcome, amount: Some(hundredths(cents)), decision: digest(rng) }
}

impl Entries {
    /// A dispute that goes through both decisions.
    pub(super) fn dispute_to_the_end(&mut self, trade: &Import, rng: &mut Rng) {
        let mut story =
            Story::new(Register::Dispute, trade.merchant, format!("KD{}", trade.number));
        let at = |days: u64| later(trade.paid, days.saturating_mul(24));
        let body = Body::Dispute(story.on(claim(trade, rng)));
        story.act(trade.merchant, at(5), body, rng);
        // Nobody decides before the respondent had its time.
        let body = Body::Dispute(story.on(decision(Outcome::Upheld, CLAIMED, rng)));
        story.refused(&MARKET, at(6), body, 904, rng);
        let answer = Answer { position: Position::Denied, evidence: evidence(rng) };
        let body = Body::Dispute(story.on(DisputeAct::Answer(answer)));
        story.act(trade.carrier, at(8), body, rng);
        // What is due of a part is less than all.
        let body = Body::Dispute(story.on(decision(Outcome::PartlyUpheld, CLAIMED, rng)));
        story.refused(&MARKET, at(11), body, 907, rng);
        let body = Body::Dispute(story.on(decision(Outcome::PartlyUpheld, DUE, rng)));
        story.act(&MARKET, at(12), body, rng);
        let body = Body::Dispute(story.on(DisputeAct::Appeal(evidence(rng))));
        story.act(trade.carrier, at(14), body, rng);
        // The appeal is another agency's.
        let body = Body::Dispute(story.on(decision(Outcome::Upheld, CLAIMED, rng)));
        story.refused(&MARKET, at(16), body, 903, rng);
        let body = Body::Dispute(story.on(decision(Outcome::Upheld, CLAIMED, rng)));
        story.act(&CUSTOMS, at(20), body, rng);
        self.end(story, "final");
    }

    /// A dispute that the parties settle, and one of a merchant who has no part in the trade.
    pub(super) fn dispute_settled(&mut self, trade: &Import, rng: &mut Rng) {
        let number = format!("KD{}", trade.number);
        let at = |days: u64| later(trade.paid, days.saturating_mul(24));
        let stranger = another(trade.merchant);
        let mut story = Story::new(Register::Dispute, stranger, number.clone());
        let body = Body::Dispute(story.on(claim(trade, rng)));
        story.refused(stranger, at(5), body, 905, rng);
        self.end_unopened(story);
        let mut story = Story::new(Register::Dispute, trade.merchant, number);
        let body = Body::Dispute(story.on(claim(trade, rng)));
        story.act(trade.merchant, at(5), body, rng);
        let body = Body::Dispute(story.on(DisputeAct::Evidence(evidence(rng))));
        story.refused(stranger, at(6), body, 903, rng);
        let settlement = Some(digest(rng));
        let body = Body::Dispute(story.on(DisputeAct::Close { settlement }));
        story.act(trade.merchant, at(9), body, rng);
        self.end(story, "settled");
    }

    /// A genuine certificate, one that is not and is taken back, and one of a line that is not
    /// there.
    pub(super) fn certificates(&mut self, trade: &Import, rng: &mut Rng) {
        let at = |days: u64| later(trade.paid, days.saturating_mul(24));
        let attach = |kind, gnum: u32, rng: &mut Rng| {
            CertificateAct::Attach(CertificateFacts {
                case: of_import(trade),
                gnums: vec![gnum],
                kind,
                certificate_no: format!("TEST{}", trade.number),
                issuer: "测试商会".to_owned(),
                issued: CustomsDate::from_millis(trade.paid),
                valid_until: None,
                digest: digest(rng),
            })
        };
        let verify = |genuine, rng: &mut Rng| {
            let evidence = Some(digest(rng));
            CertificateAct::Verify { genuine, evidence }
        };
        let number = |ending: &str| format!("KZ{}{ending}", trade.number);
        let mut story = Story::new(Register::Certificate, trade.merchant, number("A"));
        let body = Body::Certificate(story.on(attach(CertificateKind::Origin, 1, rng)));
        story.act(trade.merchant, at(4), body, rng);
        let body = Body::Certificate(story.on(verify(true, rng)));
        story.refused(&COMMERCE, at(5), body, 903, rng);
        let body = Body::Certificate(story.on(verify(true, rng)));
        story.act(&MARKET, at(6), body, rng);
        self.end(story, "genuine");
        let mut story = Story::new(Register::Certificate, trade.merchant, number("B"));
        let body = Body::Certificate(story.on(attach(CertificateKind::Quality, 1, rng)));
        story.act(trade.merchant, at(4), body, rng);
        let body = Body::Certificate(story.on(verify(false, rng)));
        story.act(&CUSTOMS, at(6), body, rng);
        let body = Body::Certificate(story.on(CertificateAct::Withdraw));
        story.act(trade.merchant, at(7), body, rng);
        let body = Body::Certificate(story.on(verify(true, rng)));
        story.refused(&MARKET, at(8), body, 904, rng);
        self.end(story, "withdrawn");
        let mut story = Story::new(Register::Certificate, trade.merchant, number("C"));
        let body = Body::Certificate(story.on(attach(CertificateKind::Health, 9, rng)));
        story.refused(trade.merchant, at(4), body, 905, rng);
        self.end_unopened(story);
    }

    /// An export's bill travels by rail and by water, a second journey of it is none, and one with
    /// a time that runs backwards goes on all the same.
    pub(super) fn journey(&mut self, trade: &Export, rng: &mut Rng) {
        let owner = trade.carrier;
        let other = CARRIERS.iter().find(|other| other.code != owner.code);
        let leg = |mode: &str, from: &str, to: &str, carrier: Option<&Member>| Leg {
            traf_mode: mode.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            carrier: carrier.map(code),
        };
        let legs = vec![leg("3", "测试站", "测试港", None), leg("2", "测试港", "测试终点", other)];
        let plan =
            || JourneyAct::Plan(JourneyPlan { bill_no: trade.bill_no(), legs: legs.clone() });
        let second = other.unwrap_or(owner);
        let days = |days: u64| trade.days_on(days);
        let time = |days: u64| CustomsTime::from_millis(trade.days_on(days));
        let mut story = Story::new(Register::Journey, owner, format!("KJ{}", trade.number));
        let acts = [
            (owner, days(2), plan()),
            (
                owner,
                days(4),
                JourneyAct::Depart { leg: 1, conveyance: "KHTRAIN1".into(), time: time(4) },
            ),
            (owner, days(5), JourneyAct::Seal { leg: 1, seal_no: "KHSEAL1".into(), time: time(5) }),
            (owner, days(6), JourneyAct::Arrive { leg: 1, time: time(6) }),
            (
                second,
                days(8),
                JourneyAct::Depart { leg: 2, conveyance: "KHSHIP01".into(), time: time(8) },
            ),
            (
                second,
                days(10),
                JourneyAct::Report(JourneyReport {
                    leg: 2,
                    kind: ReportKind::Delay,
                    time: time(10),
                    evidence: Some(digest(rng)),
                }),
            ),
            (second, days(20), JourneyAct::Arrive { leg: 2, time: time(20) }),
        ];
        for (who, at, act) in acts {
            let body = Body::Journey(story.on(act));
            story.act(who, at, body, rng);
        }
        // The second leg does not begin before the first is over, and times do not run backwards.
        let early = JourneyAct::Depart { leg: 2, conveyance: "KHSHIP00".into(), time: time(5) };
        let body = Body::Journey(story.on(early));
        story.refused(second, days(5), body, 904, rng);
        let body = Body::Journey(story.on(JourneyAct::Arrive { leg: 2, time: time(7) }));
        story.refused(second, days(12), body, 908, rng);
        self.end(story, "arrived");
        let mut story = Story::new(Register::Journey, owner, format!("KJ{}B", trade.number));
        let body = Body::Journey(story.on(plan()));
        story.refused(owner, days(3), body, 906, rng);
        self.end_unopened(story);
    }
}

/// The day of an instant, in China.
pub(super) fn day(at: Millis) -> CustomsDate {
    CustomsDate::from_millis(at)
}

//! Registers of credit: the negative list, records, grades, rights and aid abroad. Who is judged
//! in them trades with nobody, so that no trade of the world follows from it.

use super::super::cast::{COMMERCE, CUSTOMS, LISTED, MARKET, MERCHANTS, Member, TAX};
use super::super::draft::{DAY_MS, Draft, later};
use super::super::export::Export;
use super::super::truth::RejectedTruth;
use super::said::day;
use super::{Entries, Rng, Story, code, digest, whole};
use kanhe_contracts::document::{
    AidRequest, AidSubject, Body, Complaint, ComplaintSubject, CreditFact, CreditRecordAct,
    CustomsGradeAct, DocumentKind, EnterpriseGrade, FactKind, GradeFacts, ListNotice,
    NegativeListAct, ObjectionAnswer, ObjectionOutcome, Outcome, OverseasAidAct, RightAct,
    RightFacts, RightHolder, RightKind, Severity,
};
use kanhe_contracts::policy::PublicField;
use kanhe_contracts::register::Register;
use kanhe_types::time::Millis;

fn answer(outcome: ObjectionOutcome) -> ObjectionAnswer {
    ObjectionAnswer { outcome, reason: "测试理由".to_owned() }
}

impl Entries {
    /// All of them once. `trade` is an export that nobody makes: its order is refused, because its
    /// merchant is listed.
    pub(super) fn credit(&mut self, start: Millis, trade: &Export, rng: &mut Rng) {
        let number = format!("KC{}", trade.number);
        let day = |days: u64| later(start, days.saturating_mul(24));
        self.records(&number, &day, rng);
        self.grade(&number, &day, rng);
        self.listing(&number, &day, trade, rng);
        self.rights(&number, &day, rng);
        self.aid(&number, &day, rng);
    }

    fn records(&mut self, number: &str, at: &dyn Fn(u64) -> Millis, rng: &mut Rng) {
        let fact = |kind, rng: &mut Rng| {
            CreditRecordAct::Record(CreditFact {
                organisation: code(&LISTED),
                kind,
                severity: Some(Severity::Minor),
                amount: Some(whole(2_000)),
                date: day(at(0)),
                decision: digest(rng),
            })
        };
        let object = || CreditRecordAct::Object(Vec::new());
        let settle = CreditRecordAct::Settle { decision: digest(rng) };
        let dismissed = CreditRecordAct::Answer(answer(ObjectionOutcome::Dismissed));
        let upheld = CreditRecordAct::Answer(answer(ObjectionOutcome::Upheld));
        let mut story = Story::new(Register::CreditRecord, &TAX, number.to_owned());
        for (who, days, act, refused) in [
            (&TAX, 2, fact(FactKind::Penalty, rng), None),
            (&LISTED, 3, object(), None),
            (&LISTED, 4, object(), Some(904)),
            (&TAX, 5, dismissed, None),
            (&TAX, 9, settle, None),
        ] {
            let body = Body::CreditRecord(story.on(act));
            story.does(who, at(days), body, refused, rng);
        }
        self.end(story, "settled");
        let mut story = Story::new(Register::CreditRecord, &MARKET, number.to_owned());
        for (who, days, act, refused) in [
            (&MARKET, 2, fact(FactKind::Penalty, rng), None),
            (&LISTED, 3, object(), None),
            (&MARKET, 5, upheld, None),
        ] {
            let body = Body::CreditRecord(story.on(act));
            story.does(who, at(days), body, refused, rng);
        }
        self.end(story, "dropped");
        let mut story = Story::new(Register::CreditRecord, &COMMERCE, number.to_owned());
        let body = Body::CreditRecord(story.on(fact(FactKind::TaxArrears, rng)));
        story.refused(&COMMERCE, at(2), body, 903, rng);
        self.end_unopened(story);
    }

    fn grade(&mut self, number: &str, at: &dyn Fn(u64) -> Millis, rng: &mut Rng) {
        let write = |rng: &mut Rng| {
            CustomsGradeAct::Write(GradeFacts {
                organisation: code(&LISTED),
                grade: EnterpriseGrade::Certified,
                since: at(1),
                until: None,
                decision: digest(rng),
            })
        };
        let (suspend, resume, end) = (digest(rng), digest(rng), digest(rng));
        let again = CustomsGradeAct::Suspend { until: at(41), decision: digest(rng) };
        let mut story = Story::new(Register::CustomsGrade, &CUSTOMS, number.to_owned());
        for (days, act, refused) in [
            (2, write(rng), None),
            (4, CustomsGradeAct::Suspend { until: at(40), decision: suspend }, None),
            (5, again, Some(904)),
            (8, CustomsGradeAct::Resume { decision: resume }, None),
            (12, CustomsGradeAct::End { decision: end }, None),
        ] {
            let body = Body::CustomsGrade(story.on(act));
            story.does(&CUSTOMS, at(days), body, refused, rng);
        }
        self.end(story, "ended");
        let mut story = Story::new(Register::CustomsGrade, &TAX, number.to_owned());
        let body = Body::CustomsGrade(story.on(write(rng)));
        story.refused(&TAX, at(2), body, 903, rng);
        self.end_unopened(story);
    }

    fn listing(&mut self, number: &str, at: &dyn Fn(u64) -> Millis, trade: &Export, rng: &mut Rng) {
        let notice = ListNotice {
            organisation: code(&LISTED),
            category: "false_trade".to_owned(),
            basis: "测试规定第一条".to_owned(),
            decision: digest(rng),
            from: at(10),
            until: Millis(at(10).0.saturating_add(200 * DAY_MS)),
            public: vec![PublicField::Organisation, PublicField::Category],
        };
        let dismissed = NegativeListAct::Answer(answer(ObjectionOutcome::Dismissed));
        let withdraw = NegativeListAct::Withdraw { reason: "测试理由".to_owned() };
        let mut story = Story::new(Register::NegativeList, &CUSTOMS, number.to_owned());
        for (who, days, act, refused) in [
            (&CUSTOMS, 2, NegativeListAct::Notify(notice.clone()), None),
            (&LISTED, 3, NegativeListAct::Object(Vec::new()), None),
            (&CUSTOMS, 4, NegativeListAct::Enter, Some(904)),
            (&CUSTOMS, 5, dismissed, None),
            (&CUSTOMS, 6, NegativeListAct::Enter, None),
            (&CUSTOMS, 30, withdraw, None),
        ] {
            let body = Body::NegativeList(story.on(act));
            story.does(who, at(days), body, refused, rng);
        }
        let mut order: Draft = trade.order(rng);
        order.sender = LISTED.code;
        let (guid, kind) = (order.guid(), DocumentKind::ExportOrder);
        story.truth.rejected.push(RejectedTruth { guid, kind, code: 921 });
        self.drafts.push(order);
        self.end(story, "withdrawn");
        let mut story = Story::new(Register::NegativeList, &MARKET, number.to_owned());
        let body = Body::NegativeList(story.on(NegativeListAct::Notify(notice)));
        story.refused(&MARKET, at(2), body, 903, rng);
        self.end_unopened(story);
    }

    fn rights(&mut self, number: &str, at: &dyn Fn(u64) -> Millis, rng: &mut Rng) {
        let record = |ending: &str| {
            RightAct::Record(RightFacts {
                kind: RightKind::Trademark,
                title: "测试商标".to_owned(),
                registration_no: format!("TEST{number}{ending}"),
                holder: RightHolder::Owner,
                words: vec!["测试无此牌".to_owned()],
                codes: Vec::new(),
                from: day(at(0)),
                until: day(at(300)),
                evidence: Vec::new(),
            })
        };
        let complaint = || {
            RightAct::Complain(Complaint {
                reference: "C1".to_owned(),
                subject: ComplaintSubject::Merchant {
                    merchant: code(&LISTED),
                    word: "测试无此牌".to_owned(),
                },
                hold: false,
                evidence: Vec::new(),
            })
        };
        let decide = RightAct::Decide {
            reference: "C1".to_owned(),
            outcome: Outcome::Upheld,
            decision: digest(rng),
        };
        let owner: &'static Member = &MERCHANTS[0];
        let mut story = Story::new(Register::Right, owner, format!("{number}A"));
        for (who, days, act, refused) in [
            (owner, 2, record("A"), None),
            (&CUSTOMS, 3, RightAct::Confirm, None),
            (&MARKET, 4, RightAct::Confirm, Some(904)),
            (owner, 5, complaint(), None),
            (&CUSTOMS, 8, decide, None),
        ] {
            let body = Body::Right(story.on(act));
            story.does(who, at(days), body, refused, rng);
        }
        self.end(story, "confirmed upheld");
        let mut story = Story::new(Register::Right, owner, format!("{number}B"));
        let refuse = RightAct::Refuse { reason: "测试理由".to_owned() };
        for (who, days, act, refused) in [
            (owner, 2, record("B"), None),
            (&MARKET, 3, refuse, None),
            (owner, 5, complaint(), Some(904)),
        ] {
            let body = Body::Right(story.on(act));
            story.does(who, at(days), body, refused, rng);
        }
        self.end(story, "refused");
    }

    fn aid(&mut self, number: &str, at: &dyn Fn(u64) -> Millis, rng: &mut Rng) {
        let owner: &'static Member = &MERCHANTS[1];
        let ask = OverseasAidAct::Ask(AidRequest {
            subject: AidSubject::Rights,
            country: "502".to_owned(),
            case: None,
            summary: digest(rng),
            evidence: Vec::new(),
        });
        let (advice, other, outcome) = (digest(rng), digest(rng), Some(digest(rng)));
        let mut story = Story::new(Register::OverseasAid, owner, number.to_owned());
        for (who, days, act, refused) in [
            (owner, 2, ask, None),
            (&COMMERCE, 3, OverseasAidAct::Accept, None),
            (&MARKET, 5, OverseasAidAct::Advise { advice: other }, Some(903)),
            (&COMMERCE, 6, OverseasAidAct::Advise { advice }, None),
            (owner, 9, OverseasAidAct::Close { outcome }, None),
        ] {
            let body = Body::OverseasAid(story.on(act));
            story.does(who, at(days), body, refused, rng);
        }
        self.end(story, "closed");
    }
}

//! Who is shown how much of credit.

use super::assistance::{TAX, tax};
use super::privacy::traded_in;
use super::*;
use kanhe_api::credit::{CreditAnswer, CreditPage, CreditSight, NegativeListPage};
use kanhe_api::register::EntryView;
use kanhe_contracts::document::{
    Body as Said, CreditFact, CreditRecordAct, EntryAct, FactKind, ListNotice, NegativeListAct,
    Severity,
};
use kanhe_contracts::fixture::{AGENCY, CARRIER, MERCHANT, PLATFORM};
use kanhe_contracts::policy::{PublicField, ZoneGrade};
use kanhe_contracts::register::{EntryKey, Register};
use kanhe_types::time::Millis;

fn penalty() -> Document {
    let fact = CreditFact {
        organisation: fixture::code(MERCHANT),
        kind: FactKind::Penalty,
        severity: Some(Severity::General),
        amount: Some(fixture::decimal("2000")),
        date: "20260901".parse().expect("a day"),
        decision: Hash([1; 32]),
    };
    let (owner, number) = (fixture::code(AGENCY), "R1".to_owned());
    let act = CreditRecordAct::Record(fact);
    fixture::governance(Said::CreditRecord(EntryAct { owner, number, act }))
}

async fn done(zone: &Zone, who: &str, document: Document) {
    let view = zone.execute(who, &[document]).await;
    assert!(view.receipts[0].receipt.is_accepted(), "{:?}", view.receipts);
}

#[tokio::test]
async fn a_score_is_shown_to_its_organisation_to_agencies_and_by_its_leave() {
    let (zone, ..) = traded_in(Zone::start_with(&[tax()]).await).await;
    done(&zone, AGENCY, penalty()).await;
    let target = path::credit(&fixture::code(MERCHANT));
    for reader in [MERCHANT, AGENCY, TAX] {
        let answer: CreditAnswer = zone.get(target.clone(), reader).await.json(StatusCode::OK);
        assert_eq!(answer.view, CreditSight::Full, "{reader}");
        let own = answer.assessment.expect("the full view");
        assert_eq!((own.score, own.records.len()), (550 + 5 + 200 - 45, 1));
        assert_eq!(own.zone_grade, ZoneGrade::A);
    }
    for reader in [PLATFORM, CARRIER, RIVAL, BANK] {
        let answer: CreditAnswer = zone.get(target.clone(), reader).await.json(StatusCode::OK);
        assert_eq!((answer.view, &answer.assessment), (CreditSight::Public, &None), "{reader}");
        assert_eq!(answer.public.zone_grade, Some(ZoneGrade::A));
        assert_eq!((answer.public.score, answer.public.penalties), (None, None), "not public");
    }
    // With the merchant's leave the bank sees why.
    let now = crate::http::app::now();
    let period = (Millis(now.0 - 86_400_000), Millis(now.0 + 86_400_000));
    done(&zone, MERCHANT, fixture::period_grant(&fixture::code(BANK), period)).await;
    let answer: CreditAnswer = zone.get(target, BANK).await.json(StatusCode::OK);
    assert_eq!(answer.view, CreditSight::Full);
    let nobody = path::credit(&fixture::code("TESTNOBODY"));
    zone.get(nobody, AGENCY).await.error(ErrorCode::NotFound);

    let page: CreditPage = zone.get(path::CREDIT, AGENCY).await.json(StatusCode::OK);
    assert_eq!((page.organisations.len(), page.next), (5, None));
    let one: CreditPage =
        zone.get(format!("{}?limit=1&after=4", path::CREDIT), TAX).await.json(StatusCode::OK);
    assert_eq!((one.organisations.len(), one.next), (1, None));
    for reader in [MERCHANT, RIVAL] {
        let page: CreditPage = zone.get(path::CREDIT, reader).await.json(StatusCode::OK);
        let codes: Vec<&str> =
            page.organisations.iter().map(|own| own.organisation.as_str()).collect();
        assert_eq!(codes, [reader]);
    }
    let many = format!("{}?limit=51", path::CREDIT);
    zone.get(many, AGENCY).await.error(ErrorCode::BadRequest);
    zone.stop().await;
}

#[tokio::test]
async fn a_notice_is_its_parties_and_agencies_and_nothing_of_it_is_public_before_it_is_entered() {
    let zone = Zone::start_with(&[tax()]).await;
    let now = crate::http::app::now();
    let notice = ListNotice {
        organisation: fixture::code(MERCHANT),
        category: "debt".into(),
        basis: "测试规定第一条".into(),
        decision: Hash([1; 32]),
        from: now,
        until: Millis(now.0 + 30 * 86_400_000),
        public: vec![PublicField::Organisation],
    };
    let (owner, number) = (fixture::code(AGENCY), "L1".to_owned());
    let key = EntryKey { register: Register::NegativeList, owner: owner.clone(), number };
    let (number, act) = (key.number.clone(), NegativeListAct::Notify(notice));
    done(&zone, AGENCY, fixture::governance(Said::NegativeList(EntryAct { owner, number, act })))
        .await;
    let target = path::register_entry(&key);
    for reader in [MERCHANT, AGENCY, TAX] {
        zone.get(target.clone(), reader).await.json::<EntryView>(StatusCode::OK);
    }
    for reader in [PLATFORM, RIVAL, BANK] {
        zone.get(target.clone(), reader).await.error(ErrorCode::NotFound);
        let full = format!("{}?view=full", path::NEGATIVE_LIST);
        zone.get(full, reader).await.error(ErrorCode::AgenciesOnly);
        let page: NegativeListPage =
            zone.get(path::NEGATIVE_LIST, reader).await.json(StatusCode::OK);
        assert_eq!((page.view, page.listings.len()), (CreditSight::Public, 0), "{reader}");
        assert!(page.entries.is_empty());
    }
    let page: NegativeListPage = zone.get(path::NEGATIVE_LIST, TAX).await.json(StatusCode::OK);
    assert_eq!((page.view, page.entries.len(), page.next), (CreditSight::Full, 1, None));
    assert!(!page.entries[0].holds);
    zone.stop().await;
}

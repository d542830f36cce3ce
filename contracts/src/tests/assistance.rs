//! Agencies ask each other, inspect for all, and report what they read.

use super::*;
use crate::access::{self, AssistanceState, Book, Sight};
use crate::document::{
    AssistanceAnswer, AssistanceRequest, DocumentKind, Ground, Inspection, InspectionResult,
    ReadEntry, ReadReport, Subject,
};
use crate::fixture::{AGENCY, MERCHANT, PAYMENT_FIRM, PLATFORM, code};
use crate::governance::KeyChange;
use crate::limits::{INSPECTIONS_MAX, READS_MAX};
use crate::registry::Role;

const TAX: &str = "TESTTAX001";
const NOW: Millis = Millis(1_795_420_800_000);

/// A world with customs, tax, and one matched trade.
fn traded() -> (World, Trade) {
    let mut organisations = fixture::organisations();
    organisations.push(fixture::organisation(&code(TAX), "测试税务甲", &[Role::Agency, Role::Tax]));
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    let (mut world, trade) = (World::with(&organisations), Trade::new(1));
    world.trade_with(&trade, |_| {});
    (world, trade)
}

fn said(body: Body) -> Document {
    fixture::governance(body)
}

fn payments_of(subject: Subject) -> AssistanceRequest {
    AssistanceRequest {
        agency: code(AGENCY),
        subject,
        kinds: vec![DocumentKind::Payment],
        purpose: "测试退税核查".into(),
        basis: "测试法第一条".into(),
    }
}

fn identity(signer: &str, document: &Document) -> Hash {
    kanhe_types::submission::document_id(&GENESIS, &code(signer), &document.encode())
}

fn answer(request: Hash, until: Option<Millis>) -> Document {
    let reason = "测试答复".to_owned();
    said(Body::AssistanceAnswer(AssistanceAnswer { request, until, reason }))
}

/// The kinds that tax is let see of a trade.
fn assisted(world: &World, trade: &Trade, now: Millis) -> Vec<DocumentKind> {
    let granted = access::granted_to(&world.state, &code(TAX), now, world.height + 1).unwrap();
    access::kinds_for(&granted, &(&world.case(trade)).into())
        .into_iter()
        .flat_map(|(_, k)| k)
        .collect()
}

fn accept_as(world: &mut World, signer: &str, document: &Document) -> Hash {
    let outcome = world.send_as(&code(signer), document);
    assert_eq!(outcome, Outcome::Accepted { case: None });
    identity(signer, document)
}

fn refused(world: &mut World, signer: &str, document: &Document) -> Rejection {
    rejection(&refusal(world.send_as(&code(signer), document)))
}

#[test]
fn an_agency_sees_what_another_lets_it_until_the_term() {
    let (mut world, trade) = traded();
    let request = said(Body::AssistanceRequest(payments_of(Subject::Case(trade.case_key()))));
    let id = accept_as(&mut world, TAX, &request);
    assert_eq!(assisted(&world, &trade, NOW), [], "asking shows nothing");
    assert!(matches!(world.send_as(&code(TAX), &request), Outcome::Repeated { .. }));

    let until = Millis(NOW.0 + 1_000);
    let granted = answer(id, Some(until));
    accept_as(&mut world, AGENCY, &granted);
    assert_eq!(assisted(&world, &trade, NOW), [DocumentKind::Payment]);
    assert_eq!(assisted(&world, &trade, until), []);
    let other = Trade::new(2);
    world.trade_with(&other, |_| {});
    assert_eq!(assisted(&world, &other, NOW), []);
    assert!(matches!(world.send_as(&code(AGENCY), &granted), Outcome::Repeated { .. }));
    let again = Document { guid: "B".repeat(36), ..answer(id, None) };
    assert_eq!(refused(&mut world, AGENCY, &again), Rejection::RequestAnswered);

    // The owners find it, and so do both agencies.
    for reader in [PLATFORM, MERCHANT, PAYMENT_FIRM, TAX, AGENCY] {
        let entry = access::entry(&world.state, Book::Assistance, &code(reader), 1).unwrap();
        assert_eq!(entry, Some(id), "{reader}");
    }
    // It ends with the key that answered.
    let key = fixture::admin_secret(&code(AGENCY)).public_key();
    let next = fixture::admin_secret(&code("SOMEBODY")).public_key();
    let purpose = crate::registry::KeyPurpose::Admin;
    let new = crate::governance::NewKey { key: next, purpose, from: None, until: None };
    let rotate =
        fixture::own_keys(vec![KeyChange::Add { new }, KeyChange::Revoke { key, last: None }]);
    accept_as(&mut world, AGENCY, &rotate);
    assert_eq!(assisted(&world, &trade, NOW), []);
    let found = access::assistance(&world.state, &id).unwrap().unwrap();
    let state = found.state(&world.state, NOW, world.height + 1).unwrap();
    assert_eq!(state, AssistanceState::Ended);
}

#[test]
fn a_request_is_for_an_organisations_trades_of_a_period() {
    let (mut world, trade) = traded();
    let opened = world.case(&trade).opened;
    for (from, end, is_seen) in
        [(opened.0, opened.0 + 1, true), (opened.0 + 1, opened.0 + 2, false)]
    {
        let (mut world, _) = traded();
        let (from, end) = (Millis(from), Millis(end));
        let subject = Subject::Organisation { code: code(MERCHANT), from, end };
        let request = said(Body::AssistanceRequest(payments_of(subject)));
        let id = accept_as(&mut world, TAX, &request);
        accept_as(&mut world, AGENCY, &answer(id, Some(Millis(NOW.0 + 9))));
        assert_eq!(!assisted(&world, &trade, NOW).is_empty(), is_seen);
    }
    let nobody = Subject::Organisation { code: code("NOBODY"), from: NOW, end: Millis(NOW.0 + 1) };
    let request = said(Body::AssistanceRequest(payments_of(nobody)));
    assert_eq!(refused(&mut world, TAX, &request), Rejection::SubjectUnknown);
}

#[test]
fn what_is_asked_is_the_business_of_who_is_asked_and_only_that_agency_answers() {
    let (mut world, trade) = traded();
    let case = || Subject::Case(trade.case_key());
    let ask = |change: fn(&mut AssistanceRequest)| {
        let mut request = payments_of(case());
        change(&mut request);
        said(Body::AssistanceRequest(request))
    };
    let of_tax = ask(|request| request.agency = code(TAX));
    assert_eq!(refused(&mut world, AGENCY, &of_tax), Rejection::NotTheirBusiness);
    assert_eq!(refused(&mut world, TAX, &of_tax), Rejection::NotAnAgency);
    let of_platform = ask(|request| request.agency = code(PLATFORM));
    assert_eq!(refused(&mut world, TAX, &of_platform), Rejection::NotAnAgency);
    assert_eq!(refused(&mut world, PLATFORM, &ask(|_| {})), Rejection::RoleMissing);
    for change in [
        |request: &mut AssistanceRequest| request.kinds.clear(),
        |request: &mut AssistanceRequest| request.kinds.push(DocumentKind::Order),
        |request: &mut AssistanceRequest| request.kinds = vec![DocumentKind::OwnKeys],
    ] {
        assert_eq!(refused(&mut world, TAX, &ask(change)), Rejection::KindsMalformed);
    }
    let unknown = Subject::Case(Trade::new(9).case_key());
    let unknown = said(Body::AssistanceRequest(payments_of(unknown)));
    assert_eq!(refused(&mut world, TAX, &unknown), Rejection::SubjectUnknown);

    let id = accept_as(&mut world, TAX, &ask(|_| {}));
    let granted = answer(id, Some(Millis(NOW.0 + 9)));
    assert_eq!(refused(&mut world, TAX, &granted), Rejection::RequestUnknown);
    let past = answer(id, Some(NOW));
    assert_eq!(refused(&mut world, AGENCY, &past), Rejection::AccessTerm);
    accept_as(&mut world, AGENCY, &answer(id, None));
    assert_eq!(assisted(&world, &trade, NOW), []);
}

#[test]
fn an_agency_sees_its_business_and_of_the_rest_where_it_stands() {
    let (world, trade) = traded();
    let tax = crate::registry::organisation(&world.state, &code(TAX)).unwrap().unwrap();
    let sight = Sight::of_kinds(access::business(&tax));
    let shown = sight.show(world.case(&trade), &Policy::default());
    assert!(shown.case.order_facts().is_some() && shown.case.list_facts().is_some());
    assert!(shown.case.payment_facts().is_none());
    assert_eq!(shown.withheld.len(), 2);
    assert_eq!(shown.case.state, CaseState::Matched);
    let all = sight.and(Sight::of_kinds(vec![DocumentKind::Payment, DocumentKind::Waybill]));
    assert_eq!(all.show(world.case(&trade), &Policy::default()).withheld, []);
}

#[test]
fn an_inspection_stands_at_its_case_for_all() {
    let (mut world, trade) = traded();
    let inspection = |trade: &Trade, number: usize| {
        let document = said(Body::Inspection(Inspection {
            platform: trade.platform.clone(),
            order_no: trade.order_no.clone(),
            result: InspectionResult::Passed,
            inspected: "开箱查验".into(),
            evidence: Some(Hash([3; 32])),
        }));
        Document { guid: format!("{number:036}"), ..document }
    };
    let before = world.case(&trade);
    accept_as(&mut world, AGENCY, &inspection(&trade, 0));
    assert_eq!(world.case(&trade), before, "the case itself is not written");
    let repeated = world.send_as(&code(AGENCY), &inspection(&trade, 0));
    assert!(matches!(repeated, Outcome::Repeated { .. }));
    let found = access::inspections(&world.state, &trade.case_key()).unwrap();
    assert_eq!((found.len(), &found[0].agency), (1, &code(AGENCY)));
    for (signer, case, expected) in [
        (MERCHANT, Trade::new(1), Rejection::RoleMissing),
        (TAX, Trade::new(9), Rejection::SubjectUnknown),
    ] {
        assert_eq!(refused(&mut world, signer, &inspection(&case, 1)), expected);
    }
    for number in 1..INSPECTIONS_MAX {
        accept_as(&mut world, TAX, &inspection(&trade, number));
    }
    let over = inspection(&trade, INSPECTIONS_MAX);
    assert_eq!(refused(&mut world, TAX, &over), Rejection::TooManyInspections);
}

#[test]
fn reads_are_reported_by_a_node_and_stand_in_the_owners_books() {
    let (mut world, trade) = traded();
    let entry = |owner: &str| ReadEntry {
        reader: code(TAX),
        key: fixture::secret(&code(TAX)).public_key(),
        owner: code(owner),
        ground: Ground::Business,
        count: 3,
        first: Millis(NOW.0 + 5),
        last: Millis(NOW.0 + 6),
        height: 4,
        cases: vec![trade.case_key()],
    };
    let report = |reads: Vec<ReadEntry>| said(Body::ReadReport(ReadReport { reads }));
    let good = report(vec![entry(MERCHANT), entry(PLATFORM), entry(MERCHANT)]);
    accept_as(&mut world, AGENCY, &good);
    assert!(matches!(world.send_as(&code(AGENCY), &good), Outcome::Repeated { .. }));
    let count =
        |world: &World, owner| access::entries(&world.state, Book::Reads, &code(owner)).unwrap();
    assert_eq!([MERCHANT, PLATFORM, TAX].map(|owner| count(&world, owner)), [2, 1, 0]);
    let record = access::read_record(&world.state, &code(MERCHANT), 2).unwrap().unwrap();
    assert_eq!((record.entry, record.server), (entry(MERCHANT), code(AGENCY)));

    // Only an agency's node reports; what cannot be is refused whole.
    assert_eq!(refused(&mut world, MERCHANT, &good), Rejection::KeyNotValid);
    assert_eq!(
        refused(&mut world, AGENCY, &report(vec![entry("NOBODY")])),
        Rejection::OwnerUnknown
    );
    let none = ReadEntry { count: 0, ..entry(MERCHANT) };
    let backwards = ReadEntry { first: Millis(NOW.0 + 7), ..entry(MERCHANT) };
    let far = ReadEntry { last: Millis(u64::MAX), ..entry(MERCHANT) };
    let many = vec![entry(MERCHANT); READS_MAX + 1];
    for reads in [Vec::new(), vec![none], vec![backwards], vec![far], many] {
        assert_eq!(refused(&mut world, AGENCY, &report(reads)), Rejection::ReadsMalformed);
    }
    assert_eq!(count(&world, MERCHANT), 2);
}

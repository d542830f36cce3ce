//! The same of exports: their documents' originals are asked for, shown and erased as imports'.

use super::*;
use crate::export::{self, ExportCase};
use crate::fixture::export as own;

/// Who signs a document of an export in the fixture.
fn signer(trade: &Trade, document: &Document) -> OrganisationCode {
    match document.body {
        Body::Arrival(_) => own::site(),
        _ => fixture::signer(trade, document),
    }
}

/// An export whose documents all came, its parcel at the site, and a second agency; the documents
/// with who sent them.
fn exported() -> (World, Trade, Vec<(OrganisationCode, Document)>) {
    let mut organisations = own::exporters();
    organisations.push(fixture::organisation(&code(SECOND_AGENCY), "测试监管乙", &[Role::Agency]));
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    let (mut world, trade) = (World::with(&organisations), Trade::new(1));
    let documents = own::documents(&trade).into_iter().take(4);
    let documents: Vec<Document> =
        documents.chain([own::arrival(std::slice::from_ref(&trade))]).collect();
    let documents: Vec<(OrganisationCode, Document)> =
        documents.into_iter().map(|own| (signer(&trade, &own), own)).collect();
    for (signer, document) in &documents {
        let outcome = world.send_as(signer, document);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }
    (world, trade, documents)
}

impl World {
    fn export_of(&self, trade: &Trade) -> ExportCase {
        export::case(&self.state, &trade.case_key()).unwrap().unwrap()
    }
}

fn s01_of(case: &ExportCase) -> Vec<Finding> {
    let mut findings = case.findings(&Policy::default());
    findings.retain(|finding| finding.rule == RuleId::S01);
    findings
}

fn asked_of(trade: &Trade, signer: &OrganisationCode, document: &Document) -> Document {
    asked_with(trade, id(signer.as_str(), document), DAY, "测试抽查")
}

#[test]
fn the_original_of_every_document_of_an_export_can_be_asked_for() {
    let (mut world, trade, documents) = exported();
    let before = world.export_of(&trade).state;
    assert!(s01_of(&world.export_of(&trade)).is_empty());
    for (number, (sender, document)) in documents.iter().enumerate() {
        let ask = asked_of(&trade, sender, document);
        assert!(world.is_accepted(AGENCY, &ask), "{:?}", document.kind());
        let check = id(AGENCY, &ask);
        let asked = world.export_of(&trade).spot_checks[number].clone();
        assert_eq!((asked.kind, &asked.sender), (document.kind(), sender));
        assert_eq!(s01_of(&world.export_of(&trade))[number].verdict, Verdict::Pending);
        let repeated = world.send_as(&code(AGENCY), &ask);
        assert!(matches!(repeated, Outcome::Repeated { .. }), "{repeated:?}");
        assert_eq!(world.refused(SECOND_AGENCY, &shown(check)), Rejection::NotAsked);
        assert!(world.is_accepted(sender.as_str(), &shown(check)));
        let result = judged(check, OriginalResult::Agrees);
        assert_eq!(world.refused(SECOND_AGENCY, &result), Rejection::NotAsked);
        assert!(world.is_accepted(AGENCY, &result));
        assert_eq!(s01_of(&world.export_of(&trade))[number].verdict, Verdict::Pass);
    }
    assert_eq!((queue(&world), world.export_of(&trade).state), (None, before));
}

#[test]
fn an_original_of_an_export_that_differs_or_is_not_shown_warns() {
    let (mut world, trade, documents) = exported();
    let before = world.export_of(&trade).state;
    let (sender, document) = &documents[1];
    let ask = asked_of(&trade, sender, document);
    assert!(world.is_accepted(AGENCY, &ask));
    assert!(world.is_accepted(sender.as_str(), &shown(id(AGENCY, &ask))));
    assert!(world.is_accepted(AGENCY, &judged(id(AGENCY, &ask), differs())));
    let finding = s01_of(&world.export_of(&trade)).remove(0);
    assert_eq!((finding.verdict, finding.severity), (Verdict::Fail, Severity::Warn));
    assert!(finding.sentence_en().ends_with("says 118.5, its original says 108.5."));

    let (sender, document) = &documents[0];
    assert!(world.is_accepted(AGENCY, &asked_of(&trade, sender, document)));
    world.pass(DAY_MS);
    assert_eq!(world.export_of(&trade).spot_checks[1].status, SpotCheckStatus::Asked);
    world.pass(1);
    assert_eq!(world.export_of(&trade).spot_checks[1].status, SpotCheckStatus::Unanswered);
    assert!(matches!(world.events[0], Event::ExportCaseChanged { .. }));
    let case = world.export_of(&trade);
    assert_eq!((case.summary().warned.contains(&RuleId::S01), case.state), (true, before));
    assert_eq!(queue(&world), None);
}

#[test]
fn a_number_that_was_used_both_ways_has_its_checks_apart() {
    let (mut world, trade, documents) = exported();
    let import = fixture::order(&trade);
    world.accept(&import);
    let platform = fixture::signer(&trade, &import);
    let (sender, document) = &documents[3];
    for (sender, document) in [(&platform, &import), (sender, document)] {
        assert!(world.is_accepted(AGENCY, &asked_of(&trade, sender, document)));
    }
    let kinds = |checks: Vec<CaseSpotCheck>| checks.into_iter().map(|own| own.kind);
    let of_import: Vec<_> = kinds(world.case(&trade).spot_checks).collect();
    let of_export: Vec<_> = kinds(world.export_of(&trade).spot_checks).collect();
    assert_eq!(of_import, [DocumentKind::Order]);
    assert_eq!(of_export, [DocumentKind::ExportList]);
    let check = world.export_of(&trade).spot_checks[0].check;
    assert_eq!(world.refused(platform.as_str(), &shown(check)), Rejection::NotAsked);
    assert!(world.is_accepted(sender.as_str(), &shown(check)));
    let found = crate::spot_check::check_of(&world.state, &trade.case_key(), &check).unwrap();
    assert!(matches!(found.unwrap().status, SpotCheckStatus::Shown { .. }));
    assert_eq!(world.case(&trade).spot_checks[0].status, SpotCheckStatus::Asked);
}

#[test]
fn an_original_of_an_export_is_erased_after_its_term_by_its_sender_and_once() {
    let (mut world, trade, documents) = exported();
    let (sender, document) = &documents[0];
    let own = id(sender.as_str(), document);
    let days = u64::from(world.policy.retention_days);
    let erase = erasure(&trade, own);
    assert_eq!(world.refused(sender.as_str(), &erase), Rejection::RetentionNotOver);
    world.pass(days * DAY_MS);
    assert_eq!(world.refused(SECOND_AGENCY, &erase), Rejection::NotSender);
    let ask = asked_of(&trade, sender, document);
    assert!(world.is_accepted(AGENCY, &ask));
    assert_eq!(world.refused(sender.as_str(), &erase), Rejection::SpotCheckOpen);
    world.pass(DAY_MS + 1);
    assert!(world.is_accepted(sender.as_str(), &erase));
    let again = Document { guid: "E".repeat(36), ..erase };
    assert_eq!(world.refused(sender.as_str(), &again), Rejection::ErasedAlready);
    let late = asked_with(&trade, own, DAY, "测试再次抽查");
    assert!(world.is_accepted(AGENCY, &late));
    let status = &world.export_of(&trade).spot_checks[1].status;
    assert!(matches!(status, SpotCheckStatus::Erased { .. }), "{status:?}");
}

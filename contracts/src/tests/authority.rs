//! Who may speak, and say what; and that nothing is executed twice.

use super::*;
use crate::registry::{KeyPurpose, Role, Status};

fn single(world: &mut World, signer: &OrganisationCode, expires: u64) -> Outcome {
    let document = fixture::order(&Trade::new(1));
    let submission = fixture::submission(&GENESIS, signer, expires, &[document]);
    world.execute(&[submission]).receipts.remove(0).outcome
}

#[test]
fn a_submission_executes_at_its_last_height_and_not_after() {
    let platform = fixture::code(fixture::PLATFORM);
    let at = |height: u64| {
        let mut world = world();
        world.height = height - 1;
        single(&mut world, &platform, 7)
    };
    assert!(matches!(at(7), Outcome::Accepted { .. }));
    let refusal = refusal(at(8));
    assert_eq!(rejection(&refusal), Rejection::SubmissionExpired);
}

#[test]
fn an_organisation_that_is_not_registered_is_refused() {
    let refusal = refusal(single(&mut world(), &fixture::code("TESTNOBODY"), 9));
    assert_eq!(
        (rejection(&refusal), refusal.official),
        (Rejection::UnknownOrganisation, Some(-10102))
    );
}

#[test]
fn a_suspended_organisation_is_refused() {
    let mut organisations = fixture::organisations();
    organisations[0].status = Status::Suspended;
    let code = organisations[0].code.clone();
    let refusal = refusal(single(&mut World::with(&organisations), &code, 9));
    assert_eq!(rejection(&refusal), Rejection::OrganisationSuspended);
}

#[test]
fn a_key_signs_from_its_first_height_to_its_last_and_only_as_operator() {
    let check = |from, until, purpose, height: u64| {
        let mut organisations = fixture::organisations();
        let key = &mut organisations[0].keys[0];
        (key.from, key.until, key.purpose) = (from, until, purpose);
        let code = organisations[0].code.clone();
        let mut world = World::with(&organisations);
        world.height = height - 1;
        match single(&mut world, &code, 99) {
            Outcome::Rejected(refusal) => Some(rejection(&refusal)),
            _ => None,
        }
    };
    let invalid = Some(Rejection::KeyNotValid);
    assert_eq!(check(5, Some(6), KeyPurpose::Operator, 4), invalid);
    assert_eq!(check(5, Some(6), KeyPurpose::Operator, 5), None);
    assert_eq!(check(5, Some(6), KeyPurpose::Operator, 6), None);
    assert_eq!(check(5, Some(6), KeyPurpose::Operator, 7), invalid);
    assert_eq!(check(0, None, KeyPurpose::Admin, 5), invalid);
}

#[test]
fn each_kind_of_document_needs_its_role() {
    let trade = Trade::new(1);
    let mut kinds = documents(&trade).to_vec();
    kinds.push(fixture::attestation(&trade));
    for document in kinds {
        for organisation in fixture::organisations() {
            let may_send = match &document.body {
                Body::Order(_) => [Role::Platform, Role::Merchant].as_slice(),
                Body::Payment(_) => &[Role::Payment],
                Body::Waybill(_) => &[Role::Carrier],
                Body::InventoryList(_) => &[Role::Merchant, Role::Declarant],
                _ => &[Role::Agency],
            };
            let outcome = world().send_as(&organisation.code, &document);
            if may_send.contains(&organisation.roles[0]) {
                assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
                continue;
            }
            let refusal = refusal(outcome);
            assert_eq!(rejection(&refusal), Rejection::RoleMissing);
            assert_eq!(refusal.official, Some(-10101));
        }
    }
}

#[test]
fn nobody_speaks_under_another_code() {
    // A second organisation for each role, with the same roles as the first.
    let mut organisations = fixture::organisations();
    let rivals: Vec<Organisation> = organisations
        .iter()
        .map(|own| {
            let code = fixture::code(&own.code.as_str().replace("001", "002"));
            fixture::organisation(&code, "测试乙", &own.roles)
        })
        .collect();
    organisations.extend(rivals);
    for document in documents(&Trade::new(1)) {
        let signer = fixture::signer(&Trade::new(1), &document);
        let rival = fixture::code(&signer.as_str().replace("001", "002"));
        let outcome = World::with(&organisations).send_as(&rival, &document);
        assert_eq!(rejection(&refusal(outcome)), Rejection::NotOwnCode, "{:?}", document.kind());
    }
}

#[test]
fn a_second_role_does_not_lend_the_first_ones_code() {
    // A merchant that is also a carrier still sends waybills under its own code only.
    let mut organisations = fixture::organisations();
    organisations[1].roles.push(Role::Carrier);
    let mut world = World::with(&organisations);
    let merchant = fixture::code(fixture::MERCHANT);
    let outcome = world.send_as(&merchant, &fixture::waybill(&Trade::new(1)));
    assert_eq!(rejection(&refusal(outcome)), Rejection::NotOwnCode);
}

#[test]
fn a_submission_that_was_executed_has_no_second_receipt() {
    let (mut world, trade) = (world(), Trade::new(1));
    let submission = fixture::submission(&GENESIS, &trade.platform, 99, &[fixture::order(&trade)]);
    let twice = world.execute(&[submission.clone(), submission.clone()]);
    assert_eq!(twice.receipts.len(), 1);
    assert_eq!(world.execute(&[submission]), Effects::default());
}

#[test]
fn the_same_document_in_another_submission_gets_the_first_height() {
    let (mut world, trade) = (world(), Trade::new(1));
    let mut all = documents(&trade).to_vec();
    all.push(fixture::attestation(&trade));
    for document in &all {
        world.accept(document);
    }
    let before = world.case(&trade);
    for (index, document) in all.iter().enumerate() {
        let first_height = index as u64 + 1;
        assert_eq!(world.send(document), Outcome::Repeated { first_height });
        assert!(world.events.is_empty());
    }
    assert_eq!(world.case(&trade), before);
}

#[test]
fn the_same_content_from_another_organisation_is_another_document() {
    let (mut world, trade) = (world(), Trade::new(1));
    let order = fixture::order(&trade);
    world.accept(&order);
    let refusal = refusal(world.send_as(&trade.merchant, &order));
    assert_eq!((rejection(&refusal), refusal.official), (Rejection::Duplicate, Some(-301010)));
}

//! M16: licences of those who act in a trade, where the policy demands them.

use super::*;
use crate::clearance::UnfitReason;
use crate::document::Choice;
use crate::governance::{Change, Description};
use crate::limits::LICENCES_MAX;
use crate::matching::Reason;
use crate::policy::LicenceDemand;
use crate::registry::{self, Licence, LicenceKind, Role};

const EXPRESS: LicenceDemand = LicenceDemand { role: Role::Carrier, licence: LicenceKind::Express };
const INTERNET: LicenceDemand =
    LicenceDemand { role: Role::Payment, licence: LicenceKind::PaymentInternet };

fn licence(kind: LicenceKind, from: &str, until: Option<&str>) -> Licence {
    let day = |text: &str| text.parse().unwrap();
    Licence { kind, number: "TEST4300".to_owned(), from: day(from), until: until.map(day) }
}

/// Trade 1, where the policy demands something and the organisation of that role holds these
/// licences.
fn run(demand: LicenceDemand, licences: &[Licence]) -> (World, Case) {
    let mut organisations = fixture::organisations();
    for own in organisations.iter_mut().filter(|own| own.roles.contains(&demand.role)) {
        own.licences = licences.to_vec();
    }
    let mut world = World::with(&organisations);
    world.policy.licences_required = vec![demand];
    let case = world.trade_with(&Trade::new(1), |_| {});
    (world, case)
}

fn unfit(case: &Case) -> Vec<(Role, UnfitReason)> {
    case.clearance.unfit.iter().map(|own| (own.role, own.reason)).collect()
}

#[test]
fn m16_nobody_needs_a_licence_that_the_policy_does_not_demand() {
    assert_eq!(Policy::default().licences_required, []);
    let case = world().trade_with(&Trade::new(1), |_| {});
    assert_eq!((case.state, unfit(&case)), (CaseState::Matched, vec![]));
}

#[test]
fn m16_who_acts_without_a_licence_that_is_demanded_is_named_with_it() {
    for (demand, code) in [(EXPRESS, fixture::CARRIER), (INTERNET, fixture::PAYMENT_FIRM)] {
        let (world, case) = run(demand, &[]);
        assert_eq!(case.state, CaseState::Mismatched);
        let expected = vec![(demand.role, UnfitReason::LicenceMissing(demand.licence))];
        assert_eq!(unfit(&case), expected);
        let findings = case.findings(&world.policy);
        let own = findings.iter().find(|own| own.rule == RuleId::M16).unwrap();
        let (left, right) = (own.left.as_str(), own.right.as_str());
        assert_eq!((left, right), (code, demand.licence.name()));
        assert_eq!(own.reason, Some(Reason::LicenceMissing));
        assert!(own.sentence_en().contains("has no licence"), "{}", own.sentence_en());
        let zh = own.sentence_zh();
        assert!(zh.contains(demand.licence.chinese()), "{zh}");
    }
}

#[test]
fn m16_a_licence_counts_on_the_day_on_which_the_document_is_reported() {
    // The fixture's documents are of 23 November 2026.
    for (from, until, is_fit) in [
        ("20261123", Some("20261123"), true),
        ("20200101", None, true),
        ("20261124", None, false),
        ("20200101", Some("20261122"), false),
    ] {
        for demand in [EXPRESS, INTERNET] {
            let (_, case) = run(demand, &[licence(demand.licence, from, until)]);
            let expected = match is_fit {
                true => vec![],
                false => vec![(demand.role, UnfitReason::LicenceNotValid(demand.licence))],
            };
            assert_eq!(unfit(&case), expected, "{from} {until:?}");
        }
    }
}

#[test]
fn m16_another_licence_does_not_serve_and_a_second_one_of_the_kind_does() {
    let other = licence(LicenceKind::CustomsRegistration, "20200101", None);
    let (_, case) = run(EXPRESS, std::slice::from_ref(&other));
    assert_eq!(unfit(&case), [(Role::Carrier, UnfitReason::LicenceMissing(LicenceKind::Express))]);
    let old = licence(LicenceKind::Express, "20200101", Some("20211231"));
    let new = Licence {
        number: "TEST4301".to_owned(),
        ..licence(LicenceKind::Express, "20220101", None)
    };
    let (_, case) = run(EXPRESS, &[old, new, other]);
    assert_eq!((case.state, unfit(&case)), (CaseState::Matched, vec![]));
}

#[test]
fn m16_a_waybill_counts_by_its_own_day() {
    let mut organisations = fixture::organisations();
    for own in organisations.iter_mut().filter(|own| own.roles.contains(&Role::Carrier)) {
        own.licences = vec![licence(LicenceKind::Express, "20200101", Some("20261122"))];
    }
    let mut world = World::with(&organisations);
    world.policy.licences_required = vec![EXPRESS];
    let case = world.trade_with(&Trade::new(1), |document| {
        if matches!(document.body, Body::Waybill(_)) {
            document.app_time = fixture::time("20261122235959");
        }
    });
    assert_eq!(unfit(&case), []);
}

/// The carrier, described with these licences.
fn describe(licences: Vec<Licence>) -> Document {
    let description = Description {
        name: "测试物流甲".to_owned(),
        roles: vec![Role::Carrier],
        park: None,
        filing: None,
        licences,
    };
    let organisation = fixture::code(fixture::CARRIER);
    fixture::proposal(vec![Change::Describe { organisation, description }], 90, 1)
}

#[test]
fn agencies_decide_which_licences_an_organisation_has() {
    let (mut world, agency) = (world(), fixture::code(fixture::AGENCY));
    let licences = vec![licence(LicenceKind::Express, "20260101", Some("20301231"))];
    let document = describe(licences.clone());
    assert!(matches!(world.send_as(&agency, &document), Outcome::Accepted { .. }));
    let id = kanhe_types::submission::document_id(&GENESIS, &agency, &document.encode());
    let vote = fixture::vote(id, Choice::Approve);
    assert!(matches!(world.send_as(&agency, &vote), Outcome::Accepted { .. }));
    world.execute(&[]);
    let carrier = fixture::code(fixture::CARRIER);
    let own = registry::organisation(&world.state, &carrier).unwrap().unwrap();
    assert_eq!((own.licences, own.revision), (licences, 1));
}

#[test]
fn licences_that_are_no_list_are_refused() {
    let agency = fixture::code(fixture::AGENCY);
    let refused = |licences: Vec<Licence>| match world().send_as(&agency, &describe(licences)) {
        Outcome::Rejected(refusal) => Some(rejection(&refusal)),
        _ => None,
    };
    let own = licence(LicenceKind::Express, "20260101", Some("20260101"));
    assert_eq!(refused(vec![own.clone()]), None);
    let malformed = Some(Rejection::LicencesMalformed);
    assert_eq!(refused(vec![own.clone(), own.clone()]), malformed);
    assert_eq!(refused(vec![licence(own.kind, "20260102", Some("20260101"))]), malformed);
    let internet = licence(LicenceKind::PaymentInternet, "20260101", None);
    assert_eq!(refused(vec![own.clone(), internet]), malformed);
    let numbered = |number: usize| Licence { number: format!("{number:02}"), ..own.clone() };
    assert_eq!(refused((0..LICENCES_MAX).map(numbered).collect()), None);
    assert_eq!(refused((0..=LICENCES_MAX).map(numbered).collect()), malformed);
    let nameless = Licence { number: " ".to_owned(), ..own };
    assert_eq!(refused(vec![nameless]), Some(Rejection::TextEmpty));
}

//! Signals: on imports, exports and organisations.

use super::*;
use crate::export as exports;
use crate::risk::AlertCause;

#[test]
fn a_signal_on_an_import_raises_an_alert_and_may_hold_it() {
    let (mut world, trade) = (watching(ruled(Vec::new())), Trade::new(1));
    world.accept(&fixture::order(&trade));
    let said = signal(suspect(&trade), 10, true);
    world.does(TAX, &said);
    let raised = world.alert(1);
    assert_eq!((&raised.owner, raised.cause), (&code(AGENCY), AlertCause::Signal));
    assert_eq!(
        (raised.level, raised.holds, raised.rules),
        (Level::Low, true, vec!["signal".into()])
    );
    assert_eq!(world.case(&trade).state, CaseState::Held);
    let found = world.assessed(&suspect(&trade)).unwrap();
    assert_eq!((found.score, found.hits.len()), (10, 1));
    assert!(found.hits[0].document.is_some());
    assert!(found.hits[0].values.contains(&("agency".to_owned(), TAX.to_owned())));

    let first_height = world.height;
    assert_eq!(world.send_as(&code(TAX), &said), Outcome::Repeated { first_height });
    // Another agency's adds to the score of the alert that is open.
    world.does(MARKET, &signal(suspect(&trade), 95, false));
    let found = world.assessed(&suspect(&trade)).unwrap();
    assert_eq!((found.score, found.level, found.alert), (100, Level::Critical, Some(1)));
    for document in &documents(&trade)[1..] {
        world.accept(document);
    }
    assert_eq!(rejection(&refusal(world.releases(&trade))), Rejection::HeldByAlert);
    world.does(AGENCY, &dispose(1, Disposition::Release));
    assert_eq!(world.case(&trade).state, CaseState::Matched);
    assert!(matches!(world.releases(&trade), Outcome::Accepted { .. }));
}

#[test]
fn a_signal_holds_what_an_open_alert_does_not() {
    let (mut world, trade) = (watching(every_import()), Trade::new(1));
    assert_eq!(world.traded(&trade).state, CaseState::Matched);
    world.does(MARKET, &signal(suspect(&trade), 1, true));
    assert!(world.alert(1).holds);
    assert_eq!(world.case(&trade).state, CaseState::Held);
    assert_eq!(alert(&world.state, 2).unwrap(), None);
    assert_eq!(world.declines(MARKET, &dispose(1, Disposition::Release)), Rejection::AlertNotIts);
}

#[test]
fn a_signal_on_an_export_holds_it() {
    let (mut world, trade) = (watching(ruled(Vec::new())), Trade::new(1));
    for document in &export::documents(&trade)[..4] {
        let signer = fixture::signer(&Trade::new(0), document);
        assert!(matches!(world.send_as(&signer, document), Outcome::Accepted { .. }));
    }
    let case = |world: &World| exports::case(&world.state, &trade.case_key()).unwrap().unwrap();
    let before = case(&world).state;
    let suspect = Suspect::Trade { direction: Direction::Export, case: trade.case_key() };
    world.does(MARKET, &signal(suspect.clone(), 30, true));
    assert_eq!(case(&world).state, CaseState::Held);
    assert_eq!(world.assessed(&suspect).unwrap().alert, Some(1));
    world.does(AGENCY, &dispose(1, Disposition::Release));
    assert_eq!(case(&world).state, before);
    // The import of the same number is another trade, and there is none.
    let import = Suspect::Trade { direction: Direction::Import, case: trade.case_key() };
    assert_eq!(world.declines(MARKET, &signal(import, 30, false)), Rejection::SuspectUnknown);
}

#[test]
fn a_signal_on_an_organisation_holds_nothing() {
    let mut world = watching(ruled(Vec::new()));
    let merchant = organisation_of(fixture::MERCHANT);
    world.does(TAX, &signal(merchant.clone(), 60, false));
    let raised = world.alert(1);
    assert_eq!((raised.level, raised.holds), (Level::High, false));
    world.does(AGENCY, &dispose(1, Disposition::Hold));
    assert!(!world.alert(1).holds, "only trades are held");
    let held = signal(merchant.clone(), 61, true);
    assert_eq!(world.declines(TAX, &held), Rejection::RiskMalformed);
    assert_eq!(world.assessed(&merchant).unwrap().score, 60);
}

#[test]
fn what_is_not_there_and_who_is_no_agency_is_refused() {
    let mut world = watching(ruled(Vec::new()));
    let unknown = [suspect(&Trade::new(1)), organisation_of("NOBODY")];
    for suspect in unknown {
        let denied = world.declines(TAX, &signal(suspect.clone(), 10, false));
        assert_eq!(denied, Rejection::SuspectUnknown);
        assert_eq!(world.assessed(&suspect), None);
    }
    let merchant = organisation_of(fixture::MERCHANT);
    for weight in [0, 101] {
        let faulty = signal(merchant.clone(), weight, false);
        assert_eq!(world.declines(TAX, &faulty), Rejection::RiskMalformed);
    }
    let said = signal(merchant.clone(), 10, false);
    assert_eq!(world.declines(fixture::MERCHANT, &said), Rejection::RoleMissing);
    assert_eq!(world.assessed(&merchant), None);
    assert_eq!(world.find(&Trade::new(1).case_key()), None, "no case was opened");
}

//! Grants: who may give them, what they show, and when they show nothing any more.

use super::*;
use crate::access::{self, Book, GrantState, Sight};
use crate::fixture::{CARRIER, DECLARANT, MERCHANT, PAYMENT_FIRM, PLATFORM, code};
use crate::governance::KeyChange;
use crate::limits::{ACCESS_TERM_MS_MAX, CASE_GRANTS_OF_ONE_MAX};
use crate::matching::Reason;
use crate::registry::{Role, Status, organisation};
use crate::state::Overlay;

const BANK: &str = "TESTBANK01";
const RIVAL: &str = "TESTRIVAL1";
/// The block time of these worlds.
const NOW: Millis = Millis(1_795_420_800_000);

/// A world with a bank, a rival, and one matched trade.
fn traded() -> (World, Trade) {
    let mut organisations = fixture::organisations();
    organisations.push(fixture::organisation(&code(BANK), "测试银行甲", &[Role::Bank]));
    organisations.push(fixture::organisation(&code(RIVAL), "测试平台乙", &[Role::Platform]));
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    let (mut world, trade) = (World::with(&organisations), Trade::new(1));
    world.trade_with(&trade, |_| {});
    (world, trade)
}

fn givers(world: &World, trade: &Trade, receiver: &str, now: Millis) -> Vec<OrganisationCode> {
    let case = world.case(trade);
    access::givers(&world.state, &(&case).into(), &code(receiver), now, world.height + 1).unwrap()
}

fn identity(signer: &str, document: &Document) -> Hash {
    kanhe_types::submission::document_id(&GENESIS, &code(signer), &document.encode())
}

fn refused(world: &mut World, signer: &str, document: &Document) -> Rejection {
    rejection(&refusal(world.send_as(&code(signer), document)))
}

#[test]
fn a_grant_shows_one_case_to_one_organisation_until_it_is_withdrawn() {
    let (mut world, trade) = traded();
    assert_eq!(givers(&world, &trade, BANK, NOW), []);
    let grant = fixture::case_grant(&trade, &code(BANK), None);
    let given = world.send_as(&code(MERCHANT), &grant);
    assert_eq!(given, Outcome::Accepted { case: None });
    assert_eq!(givers(&world, &trade, BANK, NOW), [code(MERCHANT)]);
    assert_eq!(givers(&world, &trade, RIVAL, NOW), []);
    let other = Trade::new(2);
    world.trade_with(&other, |_| {});
    assert_eq!(givers(&world, &other, BANK, NOW), [], "no other case is shown");

    // The same content again is the same grant, before and after it is withdrawn.
    let first_height = access::grant(&world.state, &identity(MERCHANT, &grant)).unwrap().unwrap();
    let first_height = first_height.height;
    assert_eq!(world.send_as(&code(MERCHANT), &grant), Outcome::Repeated { first_height });
    let withdrawal = fixture::grant_withdrawal(identity(MERCHANT, &grant));
    world.accept(&withdrawal);
    assert_eq!(givers(&world, &trade, BANK, NOW), []);
    assert_eq!(world.send_as(&code(MERCHANT), &grant), Outcome::Repeated { first_height });
    assert_eq!(givers(&world, &trade, BANK, NOW), [], "a replayed grant gives nothing");
    assert!(matches!(world.send(&withdrawal), Outcome::Repeated { .. }));

    // It stays on record for everybody whom it concerned.
    let grant = access::grant(&world.state, &identity(MERCHANT, &grant)).unwrap().unwrap();
    assert_eq!(grant.state(&world.state, NOW, 100).unwrap(), GrantState::Withdrawn);
    for reader in [MERCHANT, BANK, PLATFORM, CARRIER, DECLARANT, PAYMENT_FIRM] {
        let count = access::entries(&world.state, Book::Grants, &code(reader)).unwrap();
        assert_eq!(count, 1, "{reader}");
        let entry = access::entry(&world.state, Book::Grants, &code(reader), 1).unwrap();
        assert_eq!(entry, Some(grant.id), "{reader}");
    }
    assert_eq!(access::entries(&world.state, Book::Grants, &code(RIVAL)).unwrap(), 0);
}

#[test]
fn nobody_grants_what_is_not_theirs_or_learns_what_there_is() {
    let (mut world, trade) = traded();
    let to_bank = |trade: &Trade| fixture::case_grant(trade, &code(BANK), None);
    assert_eq!(refused(&mut world, RIVAL, &to_bank(&trade)), Rejection::CaseNotOwn);
    let existing = refusal(world.send_as(&code(RIVAL), &to_bank(&trade)));
    let missing = refusal(world.send_as(&code(RIVAL), &to_bank(&Trade::new(9))));
    assert_eq!(existing, missing, "one answer for both");
    // An order of its own that nobody knows of makes no case.
    let own = Trade { platform: code(RIVAL), ..Trade::new(9) };
    assert_eq!(refused(&mut world, RIVAL, &to_bank(&own)), Rejection::CaseNotOwn);
    assert_eq!(world.find(&own.case_key()), None);

    let to_itself = fixture::case_grant(&trade, &code(MERCHANT), None);
    assert_eq!(refused(&mut world, MERCHANT, &to_itself), Rejection::GrantToSelf);
    let to_nobody = fixture::case_grant(&trade, &code("NOBODY"), None);
    assert_eq!(refused(&mut world, MERCHANT, &to_nobody), Rejection::ReceiverUnknown);

    // The same bytes signed by somebody else are their grant, not the merchant's.
    let grant = to_bank(&trade);
    assert!(matches!(world.send_as(&code(MERCHANT), &grant), Outcome::Accepted { .. }));
    let id = identity(MERCHANT, &grant);
    for signer in [RIVAL, PLATFORM, BANK] {
        let withdrawal = fixture::grant_withdrawal(id);
        assert_eq!(refused(&mut world, signer, &withdrawal), Rejection::GrantUnknown, "{signer}");
    }
    assert_eq!(givers(&world, &trade, BANK, NOW), [code(MERCHANT)]);
    world.accept(&fixture::grant_withdrawal(id));
    let mut again = fixture::grant_withdrawal(id);
    again.guid = "A".repeat(36);
    assert_eq!(rejection(&world.reject(&again)), Rejection::GrantEnded);
}

#[test]
fn a_grant_ends_with_its_term() {
    let (mut world, trade) = traded();
    for (until, is_refused) in [
        (NOW.0, true),
        (NOW.0 + 1, false),
        (NOW.0 + ACCESS_TERM_MS_MAX, false),
        (NOW.0 + ACCESS_TERM_MS_MAX + 1, true),
    ] {
        let grant = fixture::case_grant(&trade, &code(BANK), Some(Millis(until)));
        let outcome = world.send_as(&code(MERCHANT), &grant);
        match is_refused {
            true => assert_eq!(rejection(&refusal(outcome)), Rejection::AccessTerm),
            false => assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}"),
        }
    }
    let last = Millis(NOW.0 + ACCESS_TERM_MS_MAX - 1);
    assert_eq!(givers(&world, &trade, BANK, last), [code(MERCHANT)]);
    assert_eq!(givers(&world, &trade, BANK, Millis(last.0 + 1)), []);
}

#[test]
fn a_grant_ends_with_the_key_that_signed_it_and_rests_while_its_giver_is_suspended() {
    let (mut world, trade) = traded();
    world.send_as(&code(MERCHANT), &fixture::case_grant(&trade, &code(BANK), None));
    assert_eq!(givers(&world, &trade, BANK, NOW), [code(MERCHANT)]);

    let mut overlay = Overlay::new(&world.state);
    let mut merchant = organisation(&world.state, &code(MERCHANT)).unwrap().unwrap();
    merchant.status = Status::Suspended;
    crate::registry::put_organisation(&mut overlay, &merchant);
    let case = world.case(&trade);
    let seen = access::givers(&overlay, &(&case).into(), &code(BANK), NOW, 50).unwrap();
    assert_eq!(seen, []);

    let key = fixture::secret(&code(MERCHANT)).public_key();
    let revoked = fixture::own_keys(vec![KeyChange::Revoke { key, last: None }]);
    assert!(matches!(world.send_as(&code(MERCHANT), &revoked), Outcome::Accepted { .. }));
    assert_eq!(givers(&world, &trade, BANK, NOW), []);
}

#[test]
fn an_operator_key_opens_one_case_and_an_admin_key_a_period() {
    let (mut world, trade) = traded();
    let period = fixture::period_grant(&code(BANK), (Millis(NOW.0), Millis(NOW.0 + 1)));
    let expires = world.height + 10;
    let signed_by = |secret, document: &Document| {
        let bytes = vec![document.encode()];
        let salt = kanhe_types::merkle::Salt::default();
        Submission::sign(&GENESIS, code(MERCHANT), &secret, expires, salt, bytes).unwrap()
    };
    let operator = fixture::secret(&code(MERCHANT));
    let effects = world.execute(&[signed_by(operator, &period)]);
    let outcome = effects.receipts[0].outcome.clone();
    assert_eq!(rejection(&refusal(outcome)), Rejection::KeyNotValid);
    assert_eq!(givers(&world, &trade, BANK, NOW), []);
    assert!(matches!(world.send_as(&code(MERCHANT), &period), Outcome::Accepted { .. }));
    assert_eq!(givers(&world, &trade, BANK, NOW), [code(MERCHANT)]);
}

#[test]
fn a_grant_of_a_period_shows_the_cases_that_were_opened_in_it() {
    let (mut world, trade) = traded();
    let opened = world.case(&trade).opened;
    for (from, end, is_shown) in [
        (opened.0 - 5, opened.0, false),
        (opened.0, opened.0 + 1, true),
        (opened.0 + 1, opened.0 + 9, false),
    ] {
        let (mut world, _) = traded();
        let grant = fixture::period_grant(&code(BANK), (Millis(from), Millis(end)));
        assert!(matches!(world.send_as(&code(MERCHANT), &grant), Outcome::Accepted { .. }));
        assert_eq!(!givers(&world, &trade, BANK, NOW).is_empty(), is_shown, "{from} {end}");
        assert_eq!(givers(&world, &trade, RIVAL, NOW), []);
    }
    // Whoever is party to nothing grants a period of nothing.
    let of_rival = fixture::period_grant(&code(BANK), (Millis(NOW.0 - 9), Millis(NOW.0 + 9)));
    assert!(matches!(world.send_as(&code(RIVAL), &of_rival), Outcome::Accepted { .. }));
    assert_eq!(givers(&world, &trade, BANK, NOW), []);
    let from = NOW.0;
    let malformed = [
        (from, from),
        (from + 1, from),
        (from, from + ACCESS_TERM_MS_MAX + 1),
        (0, 1),
        (from, u64::MAX),
        (u64::MAX - 1, u64::MAX),
    ];
    for (from, end) in malformed {
        let malformed = fixture::period_grant(&code(BANK), (Millis(from), Millis(end)));
        assert_eq!(refused(&mut world, MERCHANT, &malformed), Rejection::PeriodMalformed);
    }
}

#[test]
fn one_party_cannot_fill_the_list_of_a_case() {
    let (mut world, trade) = traded();
    let grant = |number: usize| {
        let mut grant = fixture::case_grant(&trade, &code(BANK), None);
        grant.guid = format!("{number:036}");
        grant
    };
    for number in 0..CASE_GRANTS_OF_ONE_MAX {
        let outcome = world.send_as(&code(MERCHANT), &grant(number));
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }
    let over = grant(CASE_GRANTS_OF_ONE_MAX);
    assert_eq!(refused(&mut world, MERCHANT, &over), Rejection::TooManyGrants);
    assert!(matches!(world.send_as(&code(PLATFORM), &over), Outcome::Accepted { .. }));
    world.accept(&fixture::grant_withdrawal(identity(MERCHANT, &grant(0))));
    assert!(matches!(world.send_as(&code(MERCHANT), &over), Outcome::Accepted { .. }));
}

#[test]
fn a_party_shows_its_own_documents_and_of_others_only_that_they_are_there() {
    let (world, trade) = traded();
    let case = world.case(&trade);
    let shown = |givers: &[&str]| {
        let givers = givers.iter().map(|giver| code(giver)).collect();
        Sight::given_by(givers).show(case.clone(), &Policy::default())
    };
    // The merchant: its order and its list, whoever signed them.
    let merchant = shown(&[MERCHANT]);
    assert!(merchant.case.order_facts().is_some() && merchant.case.list_facts().is_some());
    assert!(merchant.case.payment_facts().is_none());
    assert!(merchant.case.waybill.as_ref().unwrap().facts.is_none());
    assert_eq!(merchant.withheld.len(), 2);
    assert_eq!(merchant.parties, case.parties());
    assert_eq!(merchant.case.state, case.state);
    for finding in &merchant.findings {
        let compared = [finding.left_document, finding.right_document];
        let is_withheld =
            compared.into_iter().flatten().any(|document| merchant.withheld.contains(&document));
        let has_values = !finding.left.is_empty() || !finding.right.is_empty();
        assert!(!(is_withheld && has_values), "{finding:?}");
    }
    let m03 = |shown: &access::ShownCase| {
        shown.findings.iter().find(|finding| finding.rule == RuleId::M03).cloned().unwrap()
    };
    assert_eq!(m03(&merchant).reason, Some(Reason::Withheld));
    assert!(!m03(&merchant).sentence_en().contains("118.5"));
    // With the payment firm's grant its values are there, too.
    assert!(m03(&shown(&[MERCHANT, PAYMENT_FIRM])).sentence_en().contains("118.5"));
    // A carrier shows its waybill, and no amounts.
    let carrier = shown(&[CARRIER]);
    assert_eq!(carrier.withheld.len(), 3);
    let summary = Sight::given_by(vec![code(CARRIER)]).summary(&case);
    assert_eq!(summary.actural_paid, None);
    assert_eq!(summary.present, case.summary().present);
    // A party sees everything.
    let whole = Sight::whole().show(case.clone(), &Policy::default());
    assert_eq!((whole.case, whole.withheld), (case.clone(), Vec::new()));
    assert_eq!(whole.findings, case.findings(&Policy::default()));
}

//! Receivables: only from exports that left, pledged once, computed anew.

use super::money::*;
use super::*;
use crate::document::{CaseRef, EntryAct, PledgeFacts, Receivable, ReceivableAct, ReceivableFacts};
use crate::fixture::export as own;
use crate::fixture::{MERCHANT, PLATFORM, code, decimal};
use crate::limits::{PLEDGE_RELEASES_MAX, PLEDGE_TERM_MS_MAX, PLEDGES_MAX, RECEIVABLE_CASES_MAX};
use crate::register::{self, Content, Entry, PledgeState, Register};
use kanhe_types::decimal::Decimal;
use proptest::prelude::*;

fn receivable(number: &str, act: ReceivableAct) -> Document {
    let (owner, number) = (code(MERCHANT), number.to_owned());
    fixture::governance(Body::Receivable(Receivable { owner, number, act }))
}

fn registration(trades: &[u64]) -> ReceivableFacts {
    let cases = trades.iter().map(|number| export_ref(&Trade::new(*number))).collect();
    ReceivableFacts { currency: "502".into(), cases }
}

fn register(number: &str, trades: &[u64]) -> Document {
    receivable(number, ReceivableAct::Register(registration(trades)))
}

fn pledge(world: &World, reference: &str, bank: &str, amount: &str) -> Document {
    let (reference, bank, amount) = (reference.to_owned(), code(bank), decimal(amount));
    let until = Millis(world.time.0 + DAY);
    receivable("R1", ReceivableAct::Pledge(PledgeFacts { reference, bank, amount, until }))
}

fn confirm(reference: &str) -> Document {
    receivable("R1", ReceivableAct::Confirm { reference: reference.into() })
}

fn refuse(reference: &str) -> Document {
    receivable("R1", ReceivableAct::Refuse { reference: reference.into() })
}

fn withdraw(reference: &str) -> Document {
    receivable("R1", ReceivableAct::Withdraw { reference: reference.into() })
}

fn release(reference: &str, amount: &str) -> Document {
    let (reference, amount) = (reference.to_owned(), decimal(amount));
    receivable("R1", ReceivableAct::Release { reference, amount })
}

fn close() -> Document {
    receivable("R1", ReceivableAct::Close)
}

/// Two exports that left, worth 100 each; 30 and 40 received.
fn registered() -> World {
    let mut world = zone();
    world.departed(&Trade::new(1), "30");
    world.departed(&Trade::new(2), "40");
    world.does(MERCHANT, &register("R1", &[1, 2]));
    world
}

fn held(world: &World) -> (Entry, register::Receivable) {
    let entry = world.entry(Register::Receivable, MERCHANT, "R1").unwrap();
    let Content::Receivable(own) = entry.content.clone() else { unreachable!() };
    (entry, own)
}

fn available(world: &World) -> Decimal {
    register::available(&world.state, &held(world).0, world.time).unwrap().unwrap()
}

fn states(world: &World) -> Vec<PledgeState> {
    held(world).1.pledges.iter().map(|pledge| pledge.state).collect()
}

#[test]
fn a_receivable_is_pledged_in_part_released_and_closed() {
    let mut world = registered();
    assert_eq!((held(&world).1.face, available(&world)), (decimal("130"), decimal("130")));
    world.does(MERCHANT, &pledge(&world, "P1", BANK, "100"));
    assert_eq!(available(&world), decimal("30"), "locked at once");
    world.does(BANK, &confirm("P1"));
    world.does(MERCHANT, &pledge(&world, "P2", OTHER_BANK, "30"));
    assert_eq!(available(&world), decimal("0"));
    world.does(OTHER_BANK, &refuse("P2"));
    assert_eq!(available(&world), decimal("30"));
    let part = release("P1", "60.5");
    world.does(BANK, &part);
    assert!(matches!(world.send_as(&code(BANK), &part), Outcome::Repeated { .. }));
    assert_eq!(available(&world), decimal("90.5"));
    assert_eq!(world.declines(MERCHANT, &close()), Rejection::ActNotNow, "something is pledged");
    world.does(BANK, &release("P1", "39.5"));
    assert_eq!(states(&world), [PledgeState::Released, PledgeState::Refused]);
    world.does(MERCHANT, &close());
    assert_eq!(available(&world), decimal("0"), "it is closed");
    for document in [pledge(&world, "P3", BANK, "1"), confirm("P2")] {
        assert_eq!(world.declines(MERCHANT, &document), Rejection::ActNotNow);
    }
    // Its exports are free again.
    world.does(MERCHANT, &register("R2", &[1]));
}

#[test]
fn only_exports_of_the_owner_that_left_are_registered() {
    let mut world = zone();
    world.departed(&Trade::new(1), "30");
    world.departed(&Trade::new(2), "100");
    for document in own::documents(&Trade::new(3)).iter().take(4) {
        world.hears_of(document);
    }
    for (trades, expected) in [
        (&[][..], Rejection::PartsMalformed),
        (&[1, 1], Rejection::PartsMalformed),
        (&[2, 1], Rejection::PartsMalformed),
        (&[1, 2], Rejection::AmountUnfit),
        (&[1, 3], Rejection::TradeUnfit),
        (&[1, 4], Rejection::TradeUnfit),
    ] {
        assert_eq!(world.declines(MERCHANT, &register("R1", trades)), expected, "{trades:?}");
    }
    let many: Vec<u64> = (1..=u64::try_from(RECEIVABLE_CASES_MAX).unwrap() + 1).collect();
    assert_eq!(world.declines(MERCHANT, &register("R1", &many)), Rejection::PartsMalformed);
    assert_eq!(
        world.declines(MERCHANT, &register("R1", &many[1..])),
        Rejection::AmountUnfit,
        "as many as there may be; for the first nothing is owed"
    );
    for (change, expected) in [
        (
            (|facts| facts.currency = "300".into()) as fn(&mut ReceivableFacts),
            Rejection::TradeUnfit,
        ),
        (|facts| facts.currency = "50".into(), Rejection::CodeMalformed),
        (|facts| facts.currency = "999".into(), Rejection::CurrencyUnknown),
        (
            |facts| facts.cases[0].direction = crate::policy::Direction::Import,
            Rejection::PartsMalformed,
        ),
        (|facts| facts.cases[0].order_no = String::new(), Rejection::TextEmpty),
    ] {
        let mut facts = registration(&[1]);
        change(&mut facts);
        let document = receivable("R1", ReceivableAct::Register(facts));
        assert_eq!(world.declines(MERCHANT, &document), expected);
    }
    // The platform is party to the trade, and not its exporter.
    let (owner, number) = (code(PLATFORM), "R1".to_owned());
    let act = ReceivableAct::Register(registration(&[1]));
    let document = fixture::governance(Body::Receivable(EntryAct { owner, number, act }));
    assert_eq!(world.declines(PLATFORM, &document), Rejection::TradeUnfit);
    assert_eq!(world.declines(MERCHANT, &close()), Rejection::ActNotNow, "nothing is there");
    world.does(MERCHANT, &register("R1", &[1]));
}

#[test]
fn an_export_is_in_one_receivable_that_stands() {
    let mut world = registered();
    world.departed(&Trade::new(3), "10");
    let second = register("R2", &[2, 3]);
    assert_eq!(world.declines(MERCHANT, &second), Rejection::TakenByAnother);
    // What was refused has taken nothing.
    world.does(MERCHANT, &register("R3", &[3]));
    world.does(MERCHANT, &close());
    assert_eq!(world.declines(MERCHANT, &second), Rejection::TakenByAnother);
    world.does(MERCHANT, &register("R4", &[2]));
    assert_eq!(world.declines(MERCHANT, &register("R3", &[1])), Rejection::EntryExists);

    let mut world = zone();
    world.departed(&Trade::new(1), "30");
    let (one, two) = (register("R1", &[1]), register("R2", &[1]));
    assert_eq!(world.in_one_block(MERCHANT, &[one, two]), [None, Some(Rejection::TakenByAnother)]);
}

#[test]
fn nothing_is_pledged_twice_in_one_block() {
    let mut world = registered();
    let [one, two] = ["P1", "P2"].map(|reference| pledge(&world, reference, BANK, "70"));
    assert_eq!(world.in_one_block(MERCHANT, &[one, two]), [None, Some(Rejection::AmountUnfit)]);
    assert_eq!(available(&world), decimal("60"));
}

#[test]
fn what_comes_later_lowers_what_is_available() {
    let mut world = registered();
    world.does(MERCHANT, &pledge(&world, "P1", BANK, "40"));
    world.does(BANK, &confirm("P1"));
    world.receives(&Trade::new(1), "LATER", "50");
    assert_eq!(available(&world), decimal("40"), "20 + 60 - 40");
    assert_eq!(
        world.declines(MERCHANT, &pledge(&world, "P2", OTHER_BANK, "40.00001")),
        Rejection::AmountUnfit
    );
    // One teapot of 40 comes back: applied for, and later counted.
    world.hears_of(&own::application(&Trade::new(2)));
    assert_eq!(available(&world), decimal("0"), "20 + 20 - 40");
    world.hears_of(&own::tally(&Trade::new(2)));
    assert_eq!(available(&world), decimal("0"));
    assert_eq!(
        world.declines(MERCHANT, &pledge(&world, "P3", OTHER_BANK, "1")),
        Rejection::AmountUnfit
    );
    // More than the value of one export pays for no other.
    world.receives(&Trade::new(1), "MUCH", "500");
    world.does(BANK, &release("P1", "25"));
    assert_eq!(available(&world), decimal("5"), "0 + 20 - 15");
    // Money in another currency: what is still owed cannot be told.
    world.receives_in(&Trade::new(2), "EUROS", "1", "300");
    assert_eq!(available(&world), decimal("0"));
    world.does(BANK, &release("P1", "15"));
    world.does(MERCHANT, &close());
}

#[test]
fn face_bounds_what_is_available() {
    let mut world = registered();
    world.corrects_receipt(&Trade::new(1), AppType::Change, "10");
    assert_eq!(available(&world), decimal("130"), "150 are owed, the face was fixed");
    // Its mode demands a receipt: without any the export is not complete.
    world.corrects_receipt(&Trade::new(1), AppType::Delete, "10");
    assert_eq!(available(&world), decimal("60"));
}

#[test]
fn an_export_that_comes_back_is_not_registered() {
    let mut world = zone();
    world.departed(&Trade::new(1), "30");
    world.hears_of(&own::application(&Trade::new(1)));
    world.hears_of(&own::tally(&Trade::new(1)));
    assert_eq!(world.declines(MERCHANT, &register("R1", &[1])), Rejection::TradeUnfit);
}

#[test]
fn a_bank_takes_what_still_has_something_behind_it_the_first_first() {
    let mut world = registered();
    world.does(MERCHANT, &pledge(&world, "P1", BANK, "60"));
    world.does(MERCHANT, &pledge(&world, "P2", OTHER_BANK, "70"));
    world.receives(&Trade::new(1), "LATER", "70");
    assert_eq!(available(&world), decimal("0"), "60 stand behind 130");
    assert_eq!(world.declines(OTHER_BANK, &confirm("P2")), Rejection::AmountUnfit);
    world.does(BANK, &confirm("P1"));
    assert_eq!(world.declines(OTHER_BANK, &confirm("P2")), Rejection::AmountUnfit);
    world.does(BANK, &release("P1", "60"));
    assert_eq!(world.declines(OTHER_BANK, &confirm("P2")), Rejection::AmountUnfit);
    world.does(MERCHANT, &withdraw("P2"));
    world.does(MERCHANT, &pledge(&world, "P3", OTHER_BANK, "60"));
    world.does(OTHER_BANK, &confirm("P3"));
}

#[test]
fn a_pledge_waits_until_its_term() {
    let mut world = registered();
    for (until, is_taken) in [
        (world.time, false),
        (Millis(world.time.0 - 1), false),
        (Millis(world.time.0 + PLEDGE_TERM_MS_MAX + 1), false),
        (Millis(u64::MAX), false),
        (Millis(world.time.0 + PLEDGE_TERM_MS_MAX), true),
    ] {
        let (reference, bank, amount) = ("P0".to_owned(), code(BANK), decimal("1"));
        let facts = PledgeFacts { reference, bank, amount, until };
        let document = receivable("R1", ReceivableAct::Pledge(facts));
        match is_taken {
            true => world.does(MERCHANT, &document),
            false => assert_eq!(world.declines(MERCHANT, &document), Rejection::DatesUnfit),
        }
    }
    for reference in ["P1", "P2"] {
        world.does(MERCHANT, &pledge(&world, reference, BANK, "60"));
    }
    world.time = Millis(world.time.0 + DAY - 1);
    world.does(BANK, &confirm("P1"));
    assert_eq!(available(&world), decimal("9"));
    world.time = Millis(world.time.0 + 1);
    assert_eq!(available(&world), decimal("69"), "what nobody took locks nothing any more");
    for (signer, document) in
        [(BANK, confirm("P2")), (BANK, refuse("P2")), (MERCHANT, withdraw("P2"))]
    {
        assert_eq!(world.declines(signer, &document), Rejection::ActNotNow);
    }
    world.time = Millis(world.time.0 + 10 * PLEDGE_TERM_MS_MAX);
    assert_eq!(available(&world), decimal("70"), "what the bank took stays until it lets go");
}

#[test]
fn only_its_bank_and_its_owner_act_on_a_pledge() {
    let mut world = registered();
    world.does(MERCHANT, &pledge(&world, "P1", BANK, "60"));
    for (signer, document, expected) in [
        (OTHER_BANK, confirm("P1"), Rejection::NotItsPart),
        (MERCHANT, confirm("P1"), Rejection::NotItsPart),
        (OTHER_BANK, refuse("P1"), Rejection::NotItsPart),
        (BANK, withdraw("P1"), Rejection::NotItsPart),
        (BANK, close(), Rejection::NotItsPart),
        (BANK, pledge(&world, "P2", BANK, "1"), Rejection::NotItsPart),
        (BANK, confirm("P9"), Rejection::EntryUnknown),
        (BANK, release("P1", "1"), Rejection::ActNotNow),
        (MERCHANT, pledge(&world, "P1", BANK, "1"), Rejection::EntryExists),
        (MERCHANT, pledge(&world, "P2", PLATFORM, "1"), Rejection::CounterpartyUnfit),
        (MERCHANT, pledge(&world, "P2", "TESTBNK999", "1"), Rejection::CounterpartyUnfit),
        (MERCHANT, pledge(&world, "P2", BANK, "0"), Rejection::NumberNotPositive),
        (MERCHANT, pledge(&world, "P2", BANK, "-1"), Rejection::NumberNegative),
        (MERCHANT, pledge(&world, " P2", BANK, "1"), Rejection::TextMalformed),
        (MERCHANT, pledge(&world, "P2", BANK, "99999999999999"), Rejection::AmountUnfit),
    ] {
        assert_eq!(world.declines(signer, &document), expected, "{:?}", document.body);
    }
    world.does(BANK, &confirm("P1"));
    for (signer, document, expected) in [
        (OTHER_BANK, release("P1", "1"), Rejection::NotItsPart),
        (MERCHANT, release("P1", "1"), Rejection::NotItsPart),
        (BANK, release("P1", "60.00001"), Rejection::AmountUnfit),
        (BANK, release("P1", "0"), Rejection::NumberNotPositive),
        (BANK, refuse("P1"), Rejection::ActNotNow),
        (BANK, receivable("R9", ReceivableAct::Close), Rejection::EntryUnknown),
        (MERCHANT, withdraw("P1"), Rejection::ActNotNow),
    ] {
        assert_eq!(world.declines(signer, &document), expected, "{:?}", document.body);
    }
}

#[test]
fn no_bank_uses_up_the_acts_of_others() {
    let mut world = registered();
    let references: Vec<String> = (0..PLEDGES_MAX).map(|number| format!("P{number}")).collect();
    for reference in &references {
        world.does(MERCHANT, &pledge(&world, reference, BANK, "8"));
        world.does(BANK, &confirm(reference));
    }
    let more = pledge(&world, "MORE", BANK, "1");
    assert_eq!(world.declines(MERCHANT, &more), Rejection::EntryFull);
    for reference in &references {
        for index in 1..PLEDGE_RELEASES_MAX {
            // Equal documents would be one act.
            world.does(BANK, &release(reference, &format!("0.{index}")));
        }
        assert_eq!(world.declines(BANK, &release(reference, "0.9")), Rejection::EntryFull);
        world.does(BANK, &release(reference, "7"));
    }
    world.does(MERCHANT, &close());
}

#[test]
fn a_bank_sees_its_own_pledges_and_no_trade() {
    let mut world = registered();
    world.does(MERCHANT, &pledge(&world, "P1", BANK, "60"));
    world.does(MERCHANT, &pledge(&world, "P2", OTHER_BANK, "50"));
    world.does(BANK, &confirm("P1"));
    let (entry, own) = held(&world);
    assert_eq!(entry.shown_to(&code(MERCHANT)), Some(entry.clone()));
    assert_eq!(entry.shown_to(&code(PLATFORM)), None);
    assert_eq!(entry.shown_to(&code(THIRD_BANK)), None);
    let part = entry.shown_to(&code(BANK)).unwrap();
    let Content::Receivable(shown) = &part.content else { unreachable!() };
    assert_eq!((shown.face, &shown.cases), (own.face, &Vec::<CaseRef>::new()));
    assert_eq!(shown.pledges, own.pledges[..1]);
    assert_eq!(part.steps, [entry.steps[1].clone(), entry.steps[3].clone()]);
    let text = serde_json::to_string(shown).unwrap();
    assert!(!text.contains(OTHER_BANK) && !text.contains("ORDER"), "{text}");
    // The banks find it among their entries.
    for bank in [BANK, OTHER_BANK] {
        let found = register::entry_of(&world.state, Err(&code(bank)), 1).unwrap();
        assert_eq!(found, Some(entry.key.clone()));
        assert_eq!(register::entry_of(&world.state, Err(&code(bank)), 2).unwrap(), None);
    }
}

/// One step of a history.
#[derive(Clone, Debug)]
enum Deed {
    Pledge { bank: usize, amount: i64 },
    Confirm(usize),
    Refuse(usize),
    Release(usize, i64),
    Withdraw(usize),
    Receive(u64, i64),
    Pass(u64),
    Close,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0usize..2, 1i64..90).prop_map(|(bank, amount)| Deed::Pledge { bank, amount }),
        3 => (0usize..8).prop_map(Deed::Confirm),
        1 => (0usize..8).prop_map(Deed::Refuse),
        3 => (0usize..8, 1i64..60).prop_map(|(place, amount)| Deed::Release(place, amount)),
        1 => (0usize..8).prop_map(Deed::Withdraw),
        2 => (1u64..3, 1i64..40).prop_map(|(trade, amount)| Deed::Receive(trade, amount)),
        1 => (1u64..DAY).prop_map(Deed::Pass),
        1 => Just(Deed::Close),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn nothing_is_pledged_twice_whatever_is_done(
        deeds in proptest::collection::vec(deed(), 1..30),
    ) {
        let mut world = registered();
        let banks = [BANK, OTHER_BANK];
        let locked = |world: &World| {
            let own = held(world).1;
            let locks = own.pledges.iter().map(|pledge| pledge.locks(world.time).units());
            locks.sum::<i128>()
        };
        for (number, deed) in deeds.into_iter().enumerate() {
            let (free, before) = (available(&world), locked(&world));
            let name = |place: usize| format!("P{place}");
            let bank_of = |world: &World, reference: &str| {
                let own = held(world).1;
                let pledge = own.pledges.iter().find(|own| own.facts.reference == reference);
                pledge.map_or(code(BANK), |own| own.facts.bank.clone())
            };
            let (signer, document) = match &deed {
                Deed::Pledge { bank, amount } => {
                    let reference = name(held(&world).1.pledges.len());
                    let made = pledge(&world, &reference, banks[*bank], &amount.to_string());
                    (code(MERCHANT), made)
                }
                Deed::Confirm(place) => (bank_of(&world, &name(*place)), confirm(&name(*place))),
                Deed::Refuse(place) => (bank_of(&world, &name(*place)), refuse(&name(*place))),
                Deed::Release(place, amount) => {
                    // The number keeps equal releases apart.
                    let amount = format!("{amount}.{number:05}");
                    (bank_of(&world, &name(*place)), release(&name(*place), &amount))
                }
                Deed::Withdraw(place) => (code(MERCHANT), withdraw(&name(*place))),
                Deed::Receive(trade, amount) => {
                    let number = format!("MORE{number}");
                    world.receives(&Trade::new(*trade), &number, &amount.to_string());
                    prop_assert!(available(&world) <= free);
                    continue;
                }
                Deed::Pass(time) => {
                    world.time = Millis(world.time.0 + time);
                    prop_assert!(locked(&world) <= before);
                    continue;
                }
                Deed::Close => (code(MERCHANT), close()),
            };
            let is_done =
                matches!(world.send_as(&signer, &document), Outcome::Accepted { .. });
            let after = locked(&world);
            prop_assert!(after <= held(&world).1.face.units());
            match deed {
                Deed::Pledge { .. } if is_done => {
                    prop_assert!(after - before <= free.units(), "{after} {before} {free}");
                }
                Deed::Pledge { amount, .. } if !held(&world).1.is_closed => {
                    prop_assert!(
                        free < decimal(&amount.to_string())
                            || held(&world).1.pledges.len() == PLEDGES_MAX
                    );
                }
                Deed::Confirm(_) => prop_assert_eq!(after, before),
                Deed::Close if is_done => prop_assert_eq!(before, 0),
                _ => prop_assert!(after <= before),
            }
        }
    }
}

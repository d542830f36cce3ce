//! The negative list: told, heard, listed, repaired, and what follows while it lasts.

use super::*;
use crate::credit::{self, Listed};
use crate::document::{EntryAct, ListNotice, NegativeListAct, ObjectionAnswer, ObjectionOutcome};
use crate::fixture::register::evidence;
use crate::fixture::{AGENCY, CARRIER, MERCHANT, PLATFORM, code};
use crate::limits::{NEGATIVE_LIST_MAX, RECTIFICATIONS_MAX};
use crate::policy::{Consequence, PublicField};
use crate::register::{self, Content, EntryKey, NegativeList, Register};
use crate::registry::Role;
use crate::state::StateRead;
use crate::state_key::negative_list_key_bytes;
use kanhe_types::codec;
use proptest::prelude::*;

const COMMERCE: &str = "TESTCOM001";
const PLAIN: &str = "TESTGOV009";
const DAY: u64 = 86_400_000;

/// A world with customs, commerce, and an agency without a business of its own.
fn zone() -> World {
    let mut organisations = fixture::organisations();
    let commerce = [Role::Agency, Role::Commerce];
    organisations.push(fixture::organisation(&code(COMMERCE), "测试商务", &commerce));
    organisations.push(fixture::organisation(&code(PLAIN), "测试部门", &[Role::Agency]));
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    World::with(&organisations)
}

fn said(owner: &str, number: &str, act: NegativeListAct) -> Document {
    let (owner, number) = (code(owner), number.to_owned());
    fixture::governance(Body::NegativeList(EntryAct { owner, number, act }))
}

/// The merchant is to be listed for a year from now.
fn notice(world: &World, category: &str) -> ListNotice {
    ListNotice {
        organisation: code(MERCHANT),
        category: category.into(),
        basis: "测试规定第一条".into(),
        decision: Hash([1; 32]),
        from: world.time,
        until: Millis(world.time.0 + 365 * DAY),
        public: vec![PublicField::Organisation, PublicField::Until],
    }
}

fn act_as(world: &mut World, signer: &str, number: &str, act: NegativeListAct) -> Outcome {
    world.send_as(&code(signer), &said(AGENCY, number, act))
}

fn done(world: &mut World, signer: &str, number: &str, act: NegativeListAct) {
    let outcome = act_as(world, signer, number, act);
    assert_eq!(outcome, Outcome::Accepted { case: None });
}

fn refused(world: &mut World, signer: &str, number: &str, act: NegativeListAct) -> Rejection {
    rejection(&refusal(act_as(world, signer, number, act)))
}

fn held(world: &World, number: &str) -> NegativeList {
    let (register, owner) = (Register::NegativeList, code(AGENCY));
    let key = EntryKey { register, owner, number: number.into() };
    match register::entry(&world.state, &key).unwrap().unwrap().content {
        Content::NegativeList(own) => own,
        _ => unreachable!(),
    }
}

fn pass(world: &mut World, days: u64) {
    world.time = Millis(world.time.0 + days * DAY);
}

fn answer(outcome: ObjectionOutcome) -> NegativeListAct {
    NegativeListAct::Answer(ObjectionAnswer { outcome, reason: "测试理由".into() })
}

fn rectify(number: u8) -> NegativeListAct {
    NegativeListAct::Rectify { report: Hash([number; 32]), evidence: evidence(1) }
}

fn repair(from: Millis) -> NegativeListAct {
    NegativeListAct::Repair { decision: Hash([4; 32]), from }
}

fn refuse(number: u8) -> NegativeListAct {
    NegativeListAct::Refuse { decision: Hash([number; 32]), reason: "测试理由".into() }
}

fn withdraw() -> NegativeListAct {
    NegativeListAct::Withdraw { reason: "测试理由".into() }
}

fn consequence(world: &World) -> Option<Consequence> {
    let of = credit::consequence(&world.state, &world.policy, &code(MERCHANT), world.time);
    of.unwrap().map(|(consequence, _)| consequence)
}

/// Tells the merchant and lists it when the term of objections is over.
fn list(world: &mut World, number: &str, category: &str) {
    let notice = notice(world, category);
    done(world, AGENCY, number, NegativeListAct::Notify(notice));
    pass(world, 20);
    world.time = Millis(world.time.0 + 1);
    done(world, AGENCY, number, NegativeListAct::Enter);
}

#[test]
fn who_is_listed_so_that_its_trades_are_refused_sends_none_until_it_ends() {
    let (mut world, trade) = (zone(), Trade::new(1));
    let own = fixture::list(&trade);
    world.trade_with(&trade, |_| {});
    list(&mut world, "L1", "false_trade");
    assert_eq!(consequence(&world), Some(Consequence::Refuse));

    let mut order = fixture::order(&Trade::new(2));
    super::order(&mut order, |_| {});
    let refusal = refusal(world.send_as(&code(MERCHANT), &order));
    assert_eq!(rejection(&refusal), Rejection::OrganisationListed);
    assert!(refusal.found.starts_with("false_trade, entry L1 of "), "{}", refusal.found);
    // What others say of trades with it is not its own.
    world.accept(&fixture::order(&Trade::new(2)));
    // What is said of its listing, to whom it opens its cases and what it disputes, it says.
    let grant = fixture::case_grant(&trade, &code(PLATFORM), None);
    assert!(matches!(world.send_as(&code(MERCHANT), &grant), Outcome::Accepted { .. }));
    pass(&mut world, 183);
    done(&mut world, MERCHANT, "L1", rectify(0));

    let (until, _) = (held(&world, "L1").notice.until, own);
    world.time = Millis(until.0 - 1);
    let again = fixture::order(&Trade::new(3));
    let refusal = self::refusal(world.send_as(&code(MERCHANT), &again));
    assert_eq!(rejection(&refusal), Rejection::OrganisationListed);
    world.time = until;
    let outcome = world.send_as(&code(MERCHANT), &again);
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    assert_eq!(consequence(&world), None, "it ends by itself");
    let repair = repair(world.time);
    assert_eq!(refused(&mut world, AGENCY, "L1", repair), Rejection::ActNotNow);
}

#[test]
fn an_agency_lists_only_what_is_its_business_and_nobody_else_lists_anybody() {
    let mut world = zone();
    let notify = |world: &mut World, signer: &str, change: fn(&mut ListNotice)| {
        let mut own = notice(world, "serious");
        change(&mut own);
        let document = said(signer, "L1", NegativeListAct::Notify(own));
        rejection(&refusal(world.send_as(&code(signer), &document)))
    };
    for signer in [MERCHANT, PLATFORM, PLAIN, COMMERCE] {
        assert_eq!(notify(&mut world, signer, |_| {}), Rejection::NotItsPart, "{signer}");
    }
    for (change, expected) in [
        ((|own| own.category = "none".into()) as fn(&mut ListNotice), Rejection::CategoryUnknown),
        (|own| own.organisation = code(COMMERCE), Rejection::CounterpartyUnfit),
        (|own| own.organisation = code("TESTNOBODY"), Rejection::CounterpartyUnfit),
        (|own| own.until = own.from, Rejection::DatesUnfit),
        (|own| own.until = Millis(own.from.0 + 1_099 * DAY), Rejection::DatesUnfit),
        (|own| own.from = Millis(0), Rejection::DatesUnfit),
        (|own| own.public.reverse(), Rejection::PartsMalformed),
        (|own| own.basis = String::new(), Rejection::TextEmpty),
    ] {
        assert_eq!(notify(&mut world, AGENCY, change), expected);
    }
    let own = notice(&world, "serious");
    done(&mut world, AGENCY, "L1", NegativeListAct::Notify(own));
    assert_eq!(refused(&mut world, COMMERCE, "L1", withdraw()), Rejection::NotItsPart);
}

#[test]
fn a_listing_waits_for_the_objection_or_its_term() {
    let mut world = zone();
    let own = notice(&world, "debt");
    done(&mut world, AGENCY, "L1", NegativeListAct::Notify(own));
    let enter = || NegativeListAct::Enter;
    pass(&mut world, 20);
    assert_eq!(
        refused(&mut world, AGENCY, "L1", enter()),
        Rejection::ActNotNow,
        "the last instant"
    );
    let object = || NegativeListAct::Object(evidence(1));
    assert_eq!(refused(&mut world, CARRIER, "L1", object()), Rejection::NotItsPart);
    done(&mut world, MERCHANT, "L1", object());
    let again = NegativeListAct::Object(evidence(2));
    assert_eq!(refused(&mut world, MERCHANT, "L1", again), Rejection::ActNotNow, "once");
    // However long the agency takes, it does not list before it has answered.
    pass(&mut world, 40);
    assert_eq!(refused(&mut world, AGENCY, "L1", enter()), Rejection::ActNotNow);
    let objection = held(&world, "L1").objection.unwrap();
    assert!(objection.answer_until < world.time && objection.answer.is_none());
    done(&mut world, AGENCY, "L1", answer(ObjectionOutcome::Dismissed));
    done(&mut world, AGENCY, "L1", enter());
    assert_eq!(consequence(&world), Some(Consequence::Hold));

    let own = notice(&world, "serious");
    done(&mut world, AGENCY, "L2", NegativeListAct::Notify(own.clone()));
    done(&mut world, MERCHANT, "L2", object());
    done(&mut world, AGENCY, "L2", answer(ObjectionOutcome::Upheld));
    assert_eq!(refused(&mut world, AGENCY, "L2", enter()), Rejection::ActNotNow);
    done(&mut world, AGENCY, "L3", NegativeListAct::Notify(own));
    pass(&mut world, 20);
    world.time = Millis(world.time.0 + 1);
    assert_eq!(refused(&mut world, MERCHANT, "L3", object()), Rejection::ActNotNow, "too late");
}

#[test]
fn what_was_put_right_is_repaired_or_not_and_what_was_wrong_is_withdrawn() {
    let mut world = zone();
    list(&mut world, "L1", "counterfeit");
    assert_eq!(refused(&mut world, MERCHANT, "L1", rectify(0)), Rejection::ActNotNow, "90 days");
    pass(&mut world, 90);
    assert_eq!(refused(&mut world, CARRIER, "L1", rectify(0)), Rejection::NotItsPart);
    let max = u8::try_from(RECTIFICATIONS_MAX).unwrap();
    for number in 0..max {
        done(&mut world, MERCHANT, "L1", rectify(number));
        done(&mut world, AGENCY, "L1", refuse(number));
    }
    assert_eq!(refused(&mut world, MERCHANT, "L1", rectify(max)), Rejection::EntryFull);
    assert_eq!(refused(&mut world, AGENCY, "L1", refuse(max)), Rejection::ActNotNow);
    let past = repair(Millis(world.time.0 - 1));
    assert_eq!(refused(&mut world, AGENCY, "L1", past), Rejection::DatesUnfit);
    let from = Millis(world.time.0 + DAY);
    done(&mut world, AGENCY, "L1", repair(from));
    assert_eq!(consequence(&world), Some(Consequence::Hold), "not yet");
    world.time = from;
    assert_eq!(consequence(&world), None);

    list(&mut world, "L2", "debt");
    assert_eq!(consequence(&world), Some(Consequence::Hold));
    done(&mut world, AGENCY, "L2", withdraw());
    assert_eq!(consequence(&world), None);
    assert!(world.state.get(&negative_list_key_bytes()).unwrap().is_none(), "nothing is left");
    let again = NegativeListAct::Withdraw { reason: "测试又一理由".into() };
    assert_eq!(refused(&mut world, AGENCY, "L2", again), Rejection::ActNotNow);
}

#[test]
fn of_several_listings_the_strictest_counts_and_under_one_category_terms_do_not_overlap() {
    let mut world = zone();
    list(&mut world, "L1", "debt");
    list(&mut world, "L2", "serious");
    assert_eq!(consequence(&world), Some(Consequence::Refuse));
    let own = notice(&world, "debt");
    done(&mut world, AGENCY, "L3", NegativeListAct::Notify(own));
    pass(&mut world, 21);
    let enter = NegativeListAct::Enter;
    assert_eq!(refused(&mut world, AGENCY, "L3", enter.clone()), Rejection::ListedAlready);
    done(&mut world, AGENCY, "L1", withdraw());
    done(&mut world, AGENCY, "L3", enter);
}

#[test]
fn what_is_public_is_what_policy_and_notice_have_and_it_ends_with_the_listing() {
    let mut world = zone();
    list(&mut world, "L1", "serious");
    let published = |world: &World| {
        credit::published(&world.state, &world.policy, Some(&code(MERCHANT)), world.time).unwrap()
    };
    let [own] = published(&world).try_into().unwrap();
    assert_eq!(own.organisation, code(MERCHANT));
    assert_eq!(own.until, Some(held(&world, "L1").notice.until));
    assert_eq!((own.category, own.decision), (None, None), "the notice does not have them");
    world.policy.credit.public_fields = vec![PublicField::Organisation];
    assert_eq!(published(&world)[0].until, None, "the policy does not have it");
    world.policy.credit.public_fields = Vec::new();
    assert_eq!(published(&world), []);
    world.policy = Policy::default();
    world.time = held(&world, "L1").notice.until;
    assert_eq!(published(&world), [], "it has ended");
    // For audit its entry stays, with every act.
    let key =
        EntryKey { register: Register::NegativeList, owner: code(AGENCY), number: "L1".into() };
    assert_eq!(register::entry(&world.state, &key).unwrap().unwrap().steps.len(), 2);
}

#[test]
fn a_full_list_takes_nobody_until_a_term_ends() {
    let mut world = zone();
    let of = |number: usize, until: Millis| Listed {
        organisation: code(CARRIER),
        entry: EntryKey {
            register: Register::NegativeList,
            owner: code(COMMERCE),
            number: format!("{number:04}"),
        },
        category: format!("c{number:04}"),
        from: Millis(0),
        until,
    };
    let soon = Millis(world.time.0 + 30 * DAY);
    let all: Vec<Listed> = (0..NEGATIVE_LIST_MAX).map(|number| of(number, soon)).collect();
    let value = Some(codec::encode(&all));
    world.state.apply(&std::collections::BTreeMap::from([(negative_list_key_bytes(), value)]));
    let own = notice(&world, "debt");
    done(&mut world, AGENCY, "L1", NegativeListAct::Notify(own));
    pass(&mut world, 21);
    let enter = NegativeListAct::Enter;
    assert_eq!(refused(&mut world, AGENCY, "L1", enter.clone()), Rejection::NegativeListFull);
    world.time = soon;
    done(&mut world, AGENCY, "L1", enter);
    assert_eq!(credit::negative_list(&world.state).unwrap().len(), 1, "what ended made room");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever was done in whatever order: who is listed by the record is listed by an entry.
    #[test]
    fn the_index_equals_the_entries(
        steps in prop::collection::vec((0..3usize, 0..8usize, 0..60u64), 1..40),
    ) {
        let mut world = zone();
        let numbers = ["L1", "L2", "L3"];
        let categories = ["debt", "serious", "debt"];
        for (own, what, days) in steps {
            pass(&mut world, days);
            let number = numbers[own];
            let (signer, act) = match what {
                0 => (AGENCY, NegativeListAct::Notify(notice(&world, categories[own]))),
                1 => (MERCHANT, NegativeListAct::Object(evidence(1))),
                2 => (AGENCY, answer(ObjectionOutcome::Dismissed)),
                3 | 4 => (AGENCY, NegativeListAct::Enter),
                5 => (MERCHANT, rectify(u8::try_from(days).unwrap())),
                6 => (AGENCY, repair(Millis(world.time.0 + DAY))),
                _ => (AGENCY, withdraw()),
            };
            let _ = act_as(&mut world, signer, number, act);
            let listed = credit::negative_list(&world.state).unwrap();
            let now = world.time;
            let by_record: Vec<String> = listed.into_iter().filter(|own| own.holds(now))
                .map(|own| own.entry.number).collect();
            let count = register::entries(&world.state, Register::NegativeList).unwrap();
            let mut by_entries: Vec<String> = (1..=count).filter_map(|number| {
                let of = Ok(Register::NegativeList);
                let key = register::entry_of(&world.state, of, number).unwrap().unwrap();
                held(&world, &key.number).holds(now).then_some(key.number)
            }).collect();
            by_entries.sort();
            prop_assert_eq!(by_record, by_entries);
        }
    }
}

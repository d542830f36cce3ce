//! Netting statements: who states and answers them, and what flows have of them.

use super::money::{BANK, DAY, OTHER_MERCHANT, TAX, zone};
use super::*;
use crate::document::{
    Deduction, DeductionKind, EntryAct, NettingFacts, NettingStatementAct as Act,
};
use crate::fixture::{CARRIER, MERCHANT, PAYMENT_FIRM, PLATFORM, code, decimal};
use crate::flows::{self, Figure, Figures};
use crate::limits::NETTINGS_OF_OWNER_MAX;
use crate::policy::Direction;
use crate::register::{self, Content, EntryKey, NettingState, Register};
use crate::registry::Role;
use crate::statistics::Month;
use kanhe_types::decimal::Decimal;
use proptest::prelude::*;
use std::collections::BTreeMap;

const FOREX: &str = "TESTFEX001";
const NOVEMBER: Month = Month(202_611);

/// The zone with an authority of foreign exchange.
fn netting_zone() -> World {
    let mut world = zone();
    let forex = fixture::organisation(&code(FOREX), "测试外汇甲", &[Role::Agency, Role::Forex]);
    let key = crate::state_key::organisation_key_bytes(&code(FOREX));
    world.state.apply(&[(key, Some(kanhe_types::codec::encode(&forex)))].into());
    world
}

fn facts(credited: &str, deductions: &[(DeductionKind, &str)]) -> NettingFacts {
    let each = deductions.iter();
    let each = each.map(|(kind, amount)| Deduction { kind: *kind, amount: decimal(amount) });
    NettingFacts {
        merchant: code(MERCHANT),
        month: NOVEMBER,
        mode: "9610".into(),
        currency: "502".into(),
        credited: decimal(credited),
        deductions: each.collect(),
        report: Hash([1; 32]),
    }
}

fn usual() -> NettingFacts {
    facts("86", &[(DeductionKind::Commission, "10"), (DeductionKind::Storage, "4")])
}

fn of(owner: &str, number: &str, act: Act) -> Document {
    let (owner, number) = (code(owner), number.to_owned());
    fixture::governance(Body::NettingStatement(EntryAct { owner, number, act }))
}

fn reject() -> Act {
    Act::Reject { decision: Hash([3; 32]) }
}

impl World {
    fn by(&mut self, signer: &str, act: Act) -> Outcome {
        self.send_as(&code(signer), &of(PAYMENT_FIRM, "N1", act))
    }

    fn nets(&mut self, signer: &str, act: Act) {
        let outcome = self.by(signer, act);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }

    fn may_not_net(&mut self, signer: &str, act: Act) -> Rejection {
        rejection(&refusal(self.by(signer, act)))
    }

    /// What flows have of the merchant's exports of November: kept back and credited.
    fn netted(&self) -> (Decimal, Decimal) {
        let all = flows::entries_of(&self.state, NOVEMBER, &code(MERCHANT)).unwrap();
        let mut sums = Figures::default();
        all.iter().for_each(|own| sums.add(&own.figures));
        let sum = |figure| Decimal::from_units(sums.get(figure)).unwrap();
        (sum(Figure::Deducted), sum(Figure::Credited))
    }

    fn stands(&self) -> NettingState {
        let (owner, number) = (code(PAYMENT_FIRM), "N1".to_owned());
        let key = EntryKey { register: Register::NettingStatement, owner, number };
        let entry = register::entry(&self.state, &key).unwrap().unwrap();
        let Content::NettingStatement(own) = entry.content else { unreachable!() };
        own.state
    }
}

#[test]
fn a_statement_counts_until_it_is_withdrawn_or_rejected() {
    let (nought, all) = ((Decimal::ZERO, Decimal::ZERO), (decimal("14"), decimal("86")));
    for (signer, end) in [(PAYMENT_FIRM, Act::Withdraw), (FOREX, reject())] {
        let mut world = netting_zone();
        world.nets(PAYMENT_FIRM, Act::State(usual()));
        assert_eq!((world.stands(), world.netted()), (NettingState::Stated, all));
        world.nets(MERCHANT, Act::Contest { evidence: Hash([2; 32]) });
        assert_eq!((world.stands(), world.netted()), (NettingState::Contested, all));
        world.nets(MERCHANT, Act::Confirm);
        assert_eq!((world.stands(), world.netted()), (NettingState::Confirmed, all));
        world.nets(signer, end);
        assert!(!world.stands().counts());
        assert_eq!(world.netted(), nought);
        let (other, act) = match signer {
            FOREX => (PAYMENT_FIRM, Act::Withdraw),
            _ => (FOREX, reject()),
        };
        assert_eq!(world.may_not_net(other, act), Rejection::ActNotNow);
        let contest = Act::Contest { evidence: Hash([4; 32]) };
        assert_eq!(world.may_not_net(MERCHANT, contest), Rejection::ActNotNow);
        assert_eq!(world.netted(), nought, "what is refused moves nothing");
    }
}

#[test]
fn an_exporter_cannot_fill_an_entry_with_answers() {
    let mut world = netting_zone();
    world.nets(PAYMENT_FIRM, Act::State(usual()));
    world.nets(MERCHANT, Act::Confirm);
    let contest = |number: u8| Act::Contest { evidence: Hash([number; 32]) };
    world.nets(MERCHANT, contest(2));
    assert_eq!(world.may_not_net(MERCHANT, contest(3)), Rejection::ActNotNow);
    let mut again = of(PAYMENT_FIRM, "N1", Act::Confirm);
    again.guid = "4CDE1CFD-EDED-46B1-946C-B8022E42FC99".into();
    let outcome = world.send_as(&code(MERCHANT), &again);
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    again.guid = "4CDE1CFD-EDED-46B1-946C-B8022E42FC98".into();
    let outcome = world.send_as(&code(MERCHANT), &again);
    assert_eq!(rejection(&refusal(outcome)), Rejection::ActNotNow);
    world.nets(PAYMENT_FIRM, Act::Withdraw);
}

#[test]
fn a_report_counts_once_of_each_merchant_month_mode_and_currency() {
    let mut world = netting_zone();
    world.nets(PAYMENT_FIRM, Act::State(usual()));
    let again = |own: NettingFacts, number: &str| of(PAYMENT_FIRM, number, Act::State(own));
    let outcome = world.send_as(&code(PAYMENT_FIRM), &again(usual(), "N2"));
    assert_eq!(rejection(&refusal(outcome)), Rejection::TakenByAnother);
    let other_mode = NettingFacts { mode: "9810".into(), ..usual() };
    let outcome = world.send_as(&code(PAYMENT_FIRM), &again(other_mode, "N3"));
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    world.nets(PAYMENT_FIRM, Act::Withdraw);
    let outcome = world.send_as(&code(PAYMENT_FIRM), &again(usual(), "N4"));
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
}

#[test]
fn the_same_document_counts_once_also_within_a_block() {
    let mut world = netting_zone();
    let document = of(PAYMENT_FIRM, "N1", Act::State(usual()));
    let sent = |expires: u64| {
        let documents = std::slice::from_ref(&document);
        fixture::submission(&GENESIS, &code(PAYMENT_FIRM), expires, documents)
    };
    world.execute(&[sent(5), sent(6)]);
    assert_eq!(world.netted(), (decimal("14"), decimal("86")));
    world.send_as(&code(PAYMENT_FIRM), &document);
    assert_eq!(world.netted(), (decimal("14"), decimal("86")));
}

#[test]
fn platforms_payment_firms_and_banks_state_for_merchants() {
    for owner in [PLATFORM, PAYMENT_FIRM, BANK] {
        let document = of(owner, "N1", Act::State(usual()));
        let outcome = netting_zone().send_as(&code(owner), &document);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{owner}: {outcome:?}");
    }
    let mut world = netting_zone();
    for owner in [CARRIER, MERCHANT, TAX] {
        let document = of(owner, "N1", Act::State(usual()));
        let outcome = world.send_as(&code(owner), &document);
        assert_eq!(rejection(&refusal(outcome)), Rejection::NotItsPart, "{owner}");
    }
    let for_carrier = NettingFacts { merchant: code(CARRIER), ..usual() };
    assert_eq!(
        world.may_not_net(PAYMENT_FIRM, Act::State(for_carrier)),
        Rejection::CounterpartyUnfit
    );
    let ahead = NettingFacts { month: NOVEMBER.after(), ..usual() };
    assert_eq!(world.may_not_net(PAYMENT_FIRM, Act::State(ahead)), Rejection::DatesUnfit);
    world.nets(PAYMENT_FIRM, Act::State(usual()));
    assert_eq!(
        world.may_not_net(PAYMENT_FIRM, Act::State(facts("1", &[(DeductionKind::Tax, "1")]))),
        Rejection::EntryExists
    );
    for (signer, act) in [
        (PAYMENT_FIRM, Act::Confirm),
        (OTHER_MERCHANT, Act::Confirm),
        (PLATFORM, Act::Contest { evidence: Hash([2; 32]) }),
        (MERCHANT, Act::Withdraw),
        (TAX, reject()),
        (PAYMENT_FIRM, reject()),
    ] {
        assert_eq!(world.may_not_net(signer, act), Rejection::NotItsPart, "{signer}");
    }
}

#[test]
fn a_statement_shows_by_itself_what_is_wrong_with_it() {
    use DeductionKind::{Commission, Storage, Tax};
    let mut world = netting_zone();
    let with = |change: fn(&mut NettingFacts)| {
        let mut own = usual();
        change(&mut own);
        own
    };
    let most = "92233720368547.75807";
    for (own, expected) in [
        (facts("86", &[]), Rejection::PartsMalformed),
        (facts("86", &[(Storage, "4"), (Commission, "10")]), Rejection::PartsMalformed),
        (facts("86", &[(Storage, "4"), (Storage, "10")]), Rejection::PartsMalformed),
        (facts("86", &[(Storage, "0")]), Rejection::NumberNotPositive),
        (facts("-1", &[(Storage, "4")]), Rejection::NumberNegative),
        (facts(most, &[(Storage, most), (Tax, most)]), Rejection::NumberTooLarge),
        (with(|own| own.mode = "961".into()), Rejection::CodeMalformed),
        (with(|own| own.currency = "USD".into()), Rejection::CodeMalformed),
        (with(|own| own.month = Month(202_613)), Rejection::DatesUnfit),
    ] {
        let found = world.may_not_net(PAYMENT_FIRM, Act::State(own.clone()));
        assert_eq!(found, expected, "{own:?}");
    }
    world.nets(PAYMENT_FIRM, Act::State(facts("0", &[(Commission, "100")])));
    assert_eq!(world.netted(), (decimal("100"), Decimal::ZERO));
}

#[test]
fn one_owner_states_so_much_of_a_merchants_month_and_no_more() {
    let mut world = netting_zone();
    for number in 0..=NETTINGS_OF_OWNER_MAX {
        let report = Hash([u8::try_from(number).unwrap(); 32]);
        let own = NettingFacts { report, ..usual() };
        let document = of(BANK, &format!("B{number}"), Act::State(own));
        let outcome = world.send_as(&code(BANK), &document);
        let is_accepted = matches!(outcome, Outcome::Accepted { .. });
        assert_eq!(is_accepted, number < NETTINGS_OF_OWNER_MAX, "{number}: {outcome:?}");
    }
    world.nets(PAYMENT_FIRM, Act::State(usual()));
    let other = NettingFacts { month: Month(202_610), ..usual() };
    let outcome = world.send_as(&code(BANK), &of(BANK, "B99", Act::State(other)));
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
}

/// One act of a history: whose entry, which act, and how much.
type Deed = (usize, usize, usize, u8);

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    proptest::collection::vec((0usize..3, 0usize..3, 0usize..6, 1u8..50), 1..40)
}

fn act_of((owner, number, kind, amount): Deed) -> (&'static str, Document) {
    let owner = [PLATFORM, PAYMENT_FIRM, BANK][owner];
    let number = format!("N{number}");
    let amount = format!("{amount}.00001");
    let merchant = [MERCHANT, OTHER_MERCHANT][usize::from(number == "N2")];
    let (signer, act) = match kind {
        0 | 1 => {
            let mode = if kind == 0 { "9610" } else { "9810" };
            let own = facts(&amount, &[(DeductionKind::Other, &amount)]);
            let report = kanhe_types::hash::sha256_of(number.as_bytes());
            let own = NettingFacts { merchant: code(merchant), mode: mode.into(), report, ..own };
            (owner, Act::State(own))
        }
        2 => (merchant, Act::Confirm),
        3 => (merchant, Act::Contest { evidence: Hash([2; 32]) }),
        4 => (owner, Act::Withdraw),
        _ => (FOREX, reject()),
    };
    (signer, of(owner, &number, act))
}

/// What flows have is what the statements say that count, and opened they add up to it.
fn check_sums(world: &World) {
    let mut stated: BTreeMap<(Month, OrganisationCode, u16), (i128, i128)> = BTreeMap::new();
    let mut opened = stated.clone();
    for number in 1..=register::entries(&world.state, Register::NettingStatement).unwrap() {
        let register = Ok(Register::NettingStatement);
        let key = register::entry_of(&world.state, register, number).unwrap().unwrap();
        let entry = register::entry(&world.state, &key).unwrap().unwrap();
        let Content::NettingStatement(own) = &entry.content else { unreachable!() };
        let listed =
            flows::statements_of(&world.state, own.facts.month, &own.facts.merchant).unwrap();
        assert_eq!(listed.iter().filter(|listed| **listed == key).count(), 1);
        let mode = own.facts.mode.parse().unwrap();
        let place = (own.facts.month, own.facts.merchant.clone(), mode);
        if own.state.counts() {
            let sums = stated.entry(place).or_default();
            sums.0 += own.facts.deductions.iter().map(|own| own.amount.units()).sum::<i128>();
            sums.1 += own.facts.credited.units();
        }
        if let Some(own) = flows::opened_statement(&entry) {
            let standing = own.standing;
            let sums =
                opened.entry((standing.month, standing.merchant, standing.place.mode)).or_default();
            for part in own.parts {
                match part.figure {
                    Figure::Deducted => sums.0 += part.amount,
                    Figure::Credited => sums.1 += part.amount,
                    _ => unreachable!(),
                }
            }
        }
    }
    let mut summed = BTreeMap::new();
    for entry in flows::entries(&world.state, NOVEMBER).unwrap() {
        assert_eq!(entry.place.direction, Direction::Export);
        let sums = (entry.figures.get(Figure::Deducted), entry.figures.get(Figure::Credited));
        summed.insert((entry.month, entry.merchant, entry.place.mode), sums);
    }
    assert_eq!((&summed, &opened), (&stated, &stated));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn flows_have_what_statements_say_that_count(
        deeds in deeds(),
        blocks in proptest::collection::vec(1usize..6, 40),
    ) {
        let mut world = netting_zone();
        let mut rest = deeds.as_slice();
        let mut sequence = 0;
        for size in blocks {
            let (now, later) = rest.split_at(size.min(rest.len()));
            rest = later;
            let submissions: Vec<Submission> = now
                .iter()
                .map(|deed| {
                    let (signer, document) = act_of(*deed);
                    sequence += 1;
                    fixture::submission(&GENESIS, &code(signer), 100 + sequence, &[document])
                })
                .collect();
            world.execute(&submissions);
            check_sums(&world);
        }
        world.wait_a_day();
        check_sums(&world);
    }
}

impl World {
    fn wait_a_day(&mut self) {
        self.time = Millis(self.time.0 + DAY);
        self.execute(&[]);
    }
}

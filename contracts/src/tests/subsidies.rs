//! Special funds: claimed for months that are over, once, within budget and cap.

use super::money::*;
use super::*;
use crate::document::{
    Fund, FundAct, FundFacts, FundRef, FundTrade, SubsidyBasis, SubsidyClaim, SubsidyClaimAct,
};
use crate::fixture::export as own;
use crate::fixture::{MERCHANT, PLATFORM, code, decimal};
use crate::limits::FUND_TRADES_MAX;
use crate::policy::Direction;
use crate::register::{self, ClaimState, Content, Register};
use crate::statistics::Month;
use proptest::prelude::*;

/// More than the days of any month.
const MONTH_MS: u64 = 31 * DAY;

fn trades(mode: &str) -> Vec<FundTrade> {
    vec![FundTrade { direction: Direction::Export, mode: mode.into() }]
}

/// Ten of a thousand of what goes out, at most 20 for one enterprise and 30 in all.
fn terms() -> FundFacts {
    FundFacts {
        name: "测试专项资金".into(),
        from: Month(202_611),
        to: Month(202_702),
        trades: trades("9610"),
        basis: SubsidyBasis::Value { per_mille: decimal("10") },
        enterprise_max: decimal("20"),
        budget: decimal("30"),
    }
}

fn fund(act: FundAct) -> Document {
    let (owner, number) = (code(COMMERCE), "F1".to_owned());
    fixture::governance(Body::Fund(Fund { owner, number, act }))
}

fn of(owner: &str, number: &str, act: SubsidyClaimAct) -> Document {
    let (owner, number) = (code(owner), number.to_owned());
    fixture::governance(Body::SubsidyClaim(SubsidyClaim { owner, number, act }))
}

fn claim_of(owner: &str, number: &str, month: u32) -> Document {
    let fund = FundRef { owner: code(COMMERCE), number: "F1".into() };
    of(owner, number, SubsidyClaimAct::Claim { fund, month: Month(month) })
}

fn claim(number: &str, month: u32) -> Document {
    claim_of(MERCHANT, number, month)
}

fn approve_of(owner: &str, number: &str, amount: &str) -> Document {
    let (amount, decision) = (decimal(amount), Hash([4; 32]));
    of(owner, number, SubsidyClaimAct::Approve { amount, decision })
}

fn approve(number: &str, amount: &str) -> Document {
    approve_of(MERCHANT, number, amount)
}

fn refuse(number: &str) -> Document {
    of(MERCHANT, number, SubsidyClaimAct::Refuse { decision: Hash([5; 32]) })
}

fn paid(number: &str) -> Document {
    of(MERCHANT, number, SubsidyClaimAct::Paid { payment: Hash([6; 32]) })
}

fn held(world: &World, owner: &str, number: &str) -> register::SubsidyClaim {
    let entry = world.entry(Register::SubsidyClaim, owner, number).unwrap();
    let Content::SubsidyClaim(own) = entry.content else { unreachable!() };
    own
}

fn funded(world: &World) -> register::Fund {
    let entry = world.entry(Register::Fund, COMMERCE, "F1").unwrap();
    let Content::Fund(own) = entry.content else { unreachable!() };
    own
}

/// Two exports of 716 CNY each in November and one in December of the merchant, one in November of
/// another; it is January.
fn traded(change: impl Fn(&mut FundFacts)) -> World {
    let mut world = zone();
    for number in [1, 2] {
        world.departed(&Trade::new(number), "30");
    }
    world.departed(&Trade { merchant: code(OTHER_MERCHANT), ..Trade::new(4) }, "30");
    world.time = Millis(world.time.0 + MONTH_MS);
    world.departed(&Trade::new(3), "30");
    world.time = Millis(world.time.0 + MONTH_MS);
    let mut facts = terms();
    change(&mut facts);
    world.does(COMMERCE, &fund(FundAct::Open(facts)));
    world
}

#[test]
fn a_claim_is_computed_approved_and_paid() {
    let mut world = traded(|_| {});
    world.does(MERCHANT, &claim("C1", 202_611));
    let own = held(&world, MERCHANT, "C1");
    assert_eq!((own.volume.lists, own.volume.cny), (2, decimal("1432")));
    assert_eq!((own.due, own.state), (decimal("14.32"), ClaimState::Claimed));
    assert_eq!(world.declines(COMMERCE, &paid("C1")), Rejection::ActNotNow, "it is not approved");
    assert_eq!(world.declines(COMMERCE, &approve("C1", "14.32001")), Rejection::AmountUnfit);
    world.does(COMMERCE, &approve("C1", "14"));
    assert_eq!((funded(&world).approved, funded(&world).paid), (decimal("14"), decimal("0")));
    assert_eq!(world.declines(COMMERCE, &refuse("C1")), Rejection::ActNotNow);
    assert_eq!(world.declines(COMMERCE, &approve("C1", "1")), Rejection::ActNotNow);
    world.does(COMMERCE, &paid("C1"));
    assert_eq!((funded(&world).approved, funded(&world).paid), (decimal("14"), decimal("14")));
    assert_eq!(funded(&world).claims, 1);
    let again = of(MERCHANT, "C1", SubsidyClaimAct::Paid { payment: Hash([8; 32]) });
    assert_eq!(world.declines(COMMERCE, &again), Rejection::ActNotNow, "it is paid");
    assert_eq!(held(&world, MERCHANT, "C1").state, ClaimState::Paid);
}

#[test]
fn a_month_is_claimed_for_once() {
    let mut world = traded(|_| {});
    let both = [claim("C1", 202_611), claim("C2", 202_611)];
    assert_eq!(world.in_one_block(MERCHANT, &both), [None, Some(Rejection::TakenByAnother)]);
    assert_eq!(world.declines(MERCHANT, &claim("C1", 202_612)), Rejection::EntryExists);
    world.does(COMMERCE, &refuse("C1"));
    assert_eq!(world.declines(MERCHANT, &claim("C2", 202_611)), Rejection::TakenByAnother);
    world.does(MERCHANT, &claim("C2", 202_612));
    world.does(OTHER_MERCHANT, &claim_of(OTHER_MERCHANT, "C1", 202_611));
    assert_eq!(funded(&world).claims, 3);
}

#[test]
fn only_months_that_are_over_and_the_fund_has_are_claimed_for() {
    let mut world = traded(|facts| facts.from = Month(202_612));
    world.departed(&Trade::new(5), "30");
    for (month, expected) in [
        (202_611, Rejection::DatesUnfit),
        (202_701, Rejection::DatesUnfit),
        (202_703, Rejection::DatesUnfit),
        (202_613, Rejection::DatesUnfit),
        (0, Rejection::DatesUnfit),
        (u32::MAX, Rejection::DatesUnfit),
    ] {
        assert_eq!(world.declines(MERCHANT, &claim("C1", month)), expected, "{month}");
    }
    // The last instant of January, in China, and the first after it.
    world.time = "2027-01-31T15:59:59.999Z".parse().unwrap();
    assert_eq!(world.declines(MERCHANT, &claim("C1", 202_701)), Rejection::DatesUnfit);
    world.time = Millis(world.time.0 + 1);
    world.does(MERCHANT, &claim("C1", 202_701));
    world.does(MERCHANT, &claim("C2", 202_612));
    world.time = Millis(world.time.0 + 2 * MONTH_MS);
    let nothing = claim("C3", 202_702);
    assert_eq!(world.declines(MERCHANT, &nothing), Rejection::AmountUnfit, "nothing was traded");
    world.does(COMMERCE, &fund(FundAct::Close));
    assert_eq!(world.declines(MERCHANT, &nothing), Rejection::ActNotNow, "it is closed");
    world.does(COMMERCE, &approve("C1", "1"));
}

#[test]
fn what_counts_is_what_the_fund_subsidises_less_what_came_back() {
    let mut world = zone();
    for number in [1, 2] {
        world.departed(&Trade::new(number), "30");
    }
    // A teapot of 40 USD of one list comes back.
    world.hears_of(&own::application(&Trade::new(1)));
    world.hears_of(&own::tally(&Trade::new(1)));
    world.time = Millis(world.time.0 + MONTH_MS);
    let mut facts = terms();
    world.does(COMMERCE, &fund(FundAct::Open(facts.clone())));
    world.does(MERCHANT, &claim("C1", 202_611));
    let volume = held(&world, MERCHANT, "C1").volume;
    assert_eq!((volume.lists, volume.cny), (1, decimal("1145.6")));
    let mut open = |number: &str, world: &mut World, change: fn(&mut FundFacts)| {
        facts = terms();
        change(&mut facts);
        let (owner, act) = (code(COMMERCE), FundAct::Open(facts.clone()));
        let own = Fund { owner, number: number.into(), act };
        world.does(COMMERCE, &fixture::governance(Body::Fund(own)));
        let fund = FundRef { owner: code(COMMERCE), number: number.into() };
        let act = SubsidyClaimAct::Claim { fund, month: Month(202_611) };
        let document = of(MERCHANT, number, act);
        match world.send_as(&code(MERCHANT), &document) {
            Outcome::Rejected(refusal) => Err(rejection(&refusal)),
            _ => Ok(held(world, MERCHANT, number).due),
        }
    };
    let other_mode = open("F2", &mut world, |facts| facts.trades = trades("9710"));
    assert_eq!(other_mode, Err(Rejection::AmountUnfit));
    let import = open("F3", &mut world, |facts| facts.trades[0].direction = Direction::Import);
    assert_eq!(import, Err(Rejection::AmountUnfit));
    let lists = |facts: &mut FundFacts| facts.basis = SubsidyBasis::Lists { each: decimal("3") };
    assert_eq!(open("F4", &mut world, lists), Ok(decimal("3")));
    let capped = open("F5", &mut world, |facts| facts.enterprise_max = decimal("2"));
    assert_eq!(capped, Ok(decimal("2")));
    let endless = open("F6", &mut world, |facts| {
        facts.basis = SubsidyBasis::Value { per_mille: decimal("99999999999999") };
    });
    assert_eq!(endless, Err(Rejection::AmountUnfit), "more than 19 digits");
    let least = open("F7", &mut world, |facts| {
        facts.basis = SubsidyBasis::Value { per_mille: decimal("0.00001") };
    });
    assert_eq!(least, Ok(decimal("0.00001")), "0.000011456, towards nought");
}

#[test]
fn no_fund_approves_more_than_its_budget_and_for_one_enterprise() {
    let mut world = traded(|facts| {
        facts.basis = SubsidyBasis::Lists { each: decimal("15") };
    });
    world.does(MERCHANT, &claim("C1", 202_611));
    world.does(MERCHANT, &claim("C2", 202_612));
    world.does(OTHER_MERCHANT, &claim_of(OTHER_MERCHANT, "C1", 202_611));
    assert_eq!(held(&world, MERCHANT, "C1").due, decimal("20"), "30, and the cap");
    let others = |amount| approve_of(OTHER_MERCHANT, "C1", amount);
    let both = [approve("C1", "16"), others("14.00001")];
    assert_eq!(world.in_one_block(COMMERCE, &both), [None, Some(Rejection::AmountUnfit)]);
    assert_eq!(world.declines(COMMERCE, &approve("C2", "4.00001")), Rejection::AmountUnfit);
    world.does(COMMERCE, &approve("C2", "4"));
    assert_eq!(world.declines(COMMERCE, &others("10.1")), Rejection::AmountUnfit);
    world.does(COMMERCE, &others("10"));
    assert_eq!(funded(&world).approved, decimal("30"));
}

#[test]
fn only_merchants_claim_and_only_the_funds_agency_decides() {
    let mut world = traded(|_| {});
    world.does(MERCHANT, &claim("C1", 202_611));
    let another = fund(FundAct::Open(FundFacts { name: "测试另一资金".into(), ..terms() }));
    for (signer, document, expected) in [
        (PLATFORM, claim_of(PLATFORM, "C1", 202_611), Rejection::NotItsPart),
        (OTHER_COMMERCE, approve("C1", "1"), Rejection::NotItsPart),
        (MERCHANT, approve("C1", "1"), Rejection::NotItsPart),
        (OTHER_COMMERCE, refuse("C1"), Rejection::NotItsPart),
        (MERCHANT, paid("C1"), Rejection::NotItsPart),
        (COMMERCE, approve("C1", "0"), Rejection::NumberNotPositive),
        (COMMERCE, approve("C9", "1"), Rejection::EntryUnknown),
        (MERCHANT, approve("C9", "1"), Rejection::ActNotNow),
        (OTHER_COMMERCE, fund(FundAct::Close), Rejection::NotItsPart),
        (COMMERCE, another, Rejection::EntryExists),
    ] {
        assert_eq!(world.declines(signer, &document), expected, "{:?}", document.body);
    }
    let elsewhere = FundRef { owner: code(OTHER_COMMERCE), number: "F1".into() };
    let act = SubsidyClaimAct::Claim { fund: elsewhere, month: Month(202_611) };
    assert_eq!(world.declines(MERCHANT, &of(MERCHANT, "C2", act)), Rejection::EntryUnknown);
    let (owner, number, act) = (code(TAX), "F1".to_owned(), FundAct::Open(terms()));
    let document = fixture::governance(Body::Fund(Fund { owner, number, act }));
    assert_eq!(world.declines(TAX, &document), Rejection::NotItsPart, "not its business");
    // Everybody sees a fund; a claim its enterprise and its agency.
    let entry = world.entry(Register::Fund, COMMERCE, "F1").unwrap();
    assert_eq!(entry.shown_to(&code(PLATFORM)), Some(entry.clone()));
    let entry = world.entry(Register::SubsidyClaim, MERCHANT, "C1").unwrap();
    assert_eq!(entry.shown_to(&code(COMMERCE)), Some(entry.clone()));
    assert_eq!(entry.shown_to(&code(OTHER_MERCHANT)), None);
}

#[test]
fn a_funds_terms_have_bounds() {
    type Change = fn(&mut FundFacts);
    let mut world = zone();
    let changes: [(Rejection, Change); 10] = [
        (Rejection::TextEmpty, |facts| facts.name = String::new()),
        (Rejection::DatesUnfit, |facts| facts.to = Month(202_610)),
        (Rejection::DatesUnfit, |facts| facts.from = Month(202_600)),
        (Rejection::PartsMalformed, |facts| facts.trades.clear()),
        (Rejection::PartsMalformed, |facts| facts.trades.push(facts.trades[0].clone())),
        (Rejection::PartsMalformed, |facts| {
            facts.trades =
                (0..=FUND_TRADES_MAX).flat_map(|mode| trades(&format!("{mode:04}"))).collect();
        }),
        (Rejection::CodeMalformed, |facts| facts.trades[0].mode = "961".into()),
        (Rejection::NumberNotPositive, |facts| facts.budget = decimal("0")),
        (Rejection::NumberNegative, |facts| facts.enterprise_max = decimal("-1")),
        (Rejection::NumberNotPositive, |facts| {
            facts.basis = SubsidyBasis::Value { per_mille: decimal("0") };
        }),
    ];
    for (expected, change) in changes {
        let mut facts = terms();
        change(&mut facts);
        assert_eq!(world.declines(COMMERCE, &fund(FundAct::Open(facts))), expected);
    }
    let json = serde_json::to_value(terms()).unwrap();
    assert_eq!(json["basis"], serde_json::json!({ "value": { "perMille": "10" } }));
    assert_eq!(serde_json::from_value::<FundFacts>(json).unwrap(), terms());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn what_is_approved_stays_within_budget_and_cap(
        approvals in proptest::collection::vec((0usize..3, 1i64..2_000_000, any::<bool>()), 1..8),
        budget in 1i64..4_000_000,
        enterprise_max in 1i64..4_000_000,
    ) {
        let units = |units: i64| kanhe_types::decimal::Decimal::from_units(units.into()).unwrap();
        let mut world = traded(|facts| {
            facts.budget = units(budget);
            facts.enterprise_max = units(enterprise_max);
        });
        let claims =
            [(MERCHANT, "C1", 202_611), (MERCHANT, "C2", 202_612), (OTHER_MERCHANT, "C1", 202_611)];
        for (owner, number, month) in claims {
            world.does(owner, &claim_of(owner, number, month));
        }
        for (place, amount, in_one_block) in approvals {
            let documents: Vec<Document> = claims
                .iter()
                .skip(place)
                .take(if in_one_block { 3 } else { 1 })
                .map(|(owner, number, _)| approve_of(owner, number, &units(amount).to_string()))
                .collect();
            world.in_one_block(COMMERCE, &documents);
            let approved = |owner: &str| {
                let own = claims.iter().filter(|claim| claim.0 == owner);
                let all = own.filter_map(|claim| held(&world, claim.0, claim.1).approved);
                all.fold(0i128, |sum, one| sum + one.units())
            };
            let (one, other) = (approved(MERCHANT), approved(OTHER_MERCHANT));
            prop_assert_eq!(funded(&world).approved.units(), one + other);
            prop_assert!(one + other <= i128::from(budget));
            prop_assert!(one.max(other) <= i128::from(enterprise_max));
            for (owner, number, _) in claims {
                let own = held(&world, owner, number);
                prop_assert!(own.approved.is_none_or(|approved| approved <= own.due));
            }
        }
    }
}

//! Spot checks and erasure: who may ask, answer, judge and erase, and when.

mod exports;

use super::*;
use crate::document::{
    DocumentKind, Erasure, OriginalAnswer, OriginalResult, SpotCheck, SpotCheckAnswer,
    SpotCheckResult,
};
use crate::limits::{
    SPOT_CHECK_SECONDS_MAX, SPOT_CHECKS_OF_CASE_MAX, SPOT_CHECKS_OPEN_MAX,
    SPOT_CHECKS_PER_HEIGHT_MAX,
};
use crate::matching::{Reason, Severity};
use crate::registry::Role;
use crate::spot_check::{CaseSpotCheck, SpotCheckQueue, SpotCheckStatus};
use crate::state::StateRead;
use crate::state_key;
use fixture::{AGENCY, CARRIER, MERCHANT, PAYMENT_FIRM, PLATFORM, code};
use kanhe_types::codec;
use kanhe_types::submission::document_id;
use proptest::prelude::*;

const DAY: u32 = 86_400;
const DAY_MS: u64 = 86_400_000;
const SECOND_AGENCY: &str = "TESTGOV002";

/// A matched trade, and a second agency.
fn traded() -> (World, Trade) {
    let mut organisations = fixture::organisations();
    organisations.push(fixture::organisation(&code(SECOND_AGENCY), "测试监管乙", &[Role::Agency]));
    let (mut world, trade) = (World::with(&organisations), Trade::new(1));
    assert_eq!(world.trade_with(&trade, |_| {}).state, CaseState::Matched);
    (world, trade)
}

fn payment_of(world: &World, trade: &Trade) -> Hash {
    world.case(trade).payment.unwrap().meta.document
}

fn asked(world: &World, trade: &Trade) -> Document {
    asked_with(trade, payment_of(world, trade), DAY, "测试抽查")
}

fn asked_with(trade: &Trade, document: Hash, seconds: u32, reason: &str) -> Document {
    let (case, reason) = (trade.case_key(), reason.to_owned());
    let body = SpotCheck { case, document, reply_key: [9; 32], seconds, reason };
    fixture::governance(Body::SpotCheck(body))
}

fn answer(check: Hash, answer: OriginalAnswer) -> Document {
    fixture::governance(Body::SpotCheckAnswer(SpotCheckAnswer { check, answer }))
}

fn shown(check: Hash) -> Document {
    answer(check, OriginalAnswer::Shown(Hash([4; 32])))
}

fn judged(check: Hash, result: OriginalResult) -> Document {
    fixture::governance(Body::SpotCheckResult(SpotCheckResult { check, result }))
}

fn differs() -> OriginalResult {
    let (field, ledger) = ("amountPaid".to_owned(), "118.5".to_owned());
    OriginalResult::Differs { field, ledger, original: "108.5".to_owned() }
}

fn erasure(trade: &Trade, document: Hash) -> Document {
    let (case, reason) = (trade.case_key(), "测试删除".to_owned());
    fixture::governance(Body::Erasure(Erasure { case, document, reason }))
}

fn id(signer: &str, document: &Document) -> Hash {
    document_id(&GENESIS, &code(signer), &document.encode())
}

fn queue(world: &World) -> Option<SpotCheckQueue> {
    let bytes = world.state.get(&state_key::spot_checks_key_bytes()).unwrap()?;
    Some(codec::decode(&bytes, 1 << 20).unwrap())
}

impl World {
    fn is_accepted(&mut self, signer: &str, document: &Document) -> bool {
        matches!(self.send_as(&code(signer), document), Outcome::Accepted { .. })
    }

    fn refused(&mut self, signer: &str, document: &Document) -> Rejection {
        rejection(&refusal(self.send_as(&code(signer), document)))
    }

    fn pass(&mut self, millis: u64) {
        self.time = Millis(self.time.0 + millis);
        self.execute(&[]);
    }

    /// Asks, as the agency; the check's identity.
    fn ask(&mut self, trade: &Trade) -> Hash {
        let document = asked(self, trade);
        assert!(self.is_accepted(AGENCY, &document));
        id(AGENCY, &document)
    }

    fn check(&self, trade: &Trade) -> CaseSpotCheck {
        self.case(trade).spot_checks.pop().unwrap()
    }
}

fn s01(case: &Case) -> Vec<Finding> {
    let mut findings = case.findings(&Policy::default());
    findings.retain(|finding| finding.rule == RuleId::S01);
    findings
}

#[test]
fn an_original_is_asked_for_shown_and_agrees() {
    let (mut world, trade) = traded();
    assert!(s01(&world.case(&trade)).is_empty() && queue(&world).is_none());
    let check = world.ask(&trade);
    let found = world.check(&trade);
    let payment_firm = code(PAYMENT_FIRM);
    assert_eq!((found.kind, &found.sender), (DocumentKind::Payment, &payment_firm));
    assert_eq!(found.due.0, found.asked.0 + DAY_MS);
    assert_eq!(s01(&world.case(&trade))[0].verdict, Verdict::Pending);
    assert!(world.is_accepted(PAYMENT_FIRM, &shown(check)));
    assert_eq!(s01(&world.case(&trade))[0].reason, Some(Reason::OriginalShown));
    assert!(world.is_accepted(AGENCY, &judged(check, OriginalResult::Agrees)));
    let finding = s01(&world.case(&trade)).remove(0);
    assert_eq!((finding.verdict, finding.severity), (Verdict::Pass, Severity::Warn));
    assert_eq!(
        finding.sentence_en(),
        "S01 holds: TESTGOV001 saw the original of the payment, and it says the same."
    );
    // Nothing is open any more, and the trade is as matched as before.
    assert_eq!((queue(&world), world.case(&trade).state), (None, CaseState::Matched));
}

#[test]
fn an_original_that_differs_is_a_finding_with_both_values_in_both_languages() {
    let (mut world, trade) = traded();
    let check = world.ask(&trade);
    world.is_accepted(PAYMENT_FIRM, &shown(check));
    assert!(world.is_accepted(AGENCY, &judged(check, differs())));
    let case = world.case(&trade);
    let finding = s01(&case).remove(0);
    assert_eq!((finding.left.as_str(), finding.right.as_str()), ("118.5", "108.5"));
    assert_eq!(
        finding.sentence_en(),
        "S01 fails: amountPaid: the payment says 118.5, its original says 108.5."
    );
    assert_eq!(
        finding.sentence_zh(),
        "规则S01不符：amountPaid：支付单为118.5，其原始报文为108.5。"
    );
    assert_eq!(case.summary().warned, [RuleId::S01]);
    assert_eq!(case.state, CaseState::Matched);
}

#[test]
fn what_is_not_answered_in_time_becomes_a_finding_by_itself() {
    let (mut world, trade) = traded();
    let check = world.ask(&trade);
    world.pass(DAY_MS);
    assert_eq!(world.check(&trade).status, SpotCheckStatus::Asked, "the last moment counts");
    assert!(world.events.is_empty());
    world.pass(1);
    assert_eq!(world.check(&trade).status, SpotCheckStatus::Unanswered);
    assert!(matches!(world.events[0], Event::CaseChanged { .. }));
    let finding = s01(&world.case(&trade)).remove(0);
    assert_eq!(finding.verdict, Verdict::Fail);
    assert!(finding.sentence_en().starts_with("S01 fails: TESTPAY001 did not show the original"));
    assert!(finding.sentence_zh().starts_with("规则S01不符：TESTPAY001未在"));
    assert_eq!(world.refused(PAYMENT_FIRM, &shown(check)), Rejection::SpotCheckClosed);
    assert_eq!(queue(&world), None);
    // It may be asked for again, in another document.
    let again = asked_with(&trade, payment_of(&world, &trade), 2 * DAY, "再次抽查");
    assert!(world.is_accepted(AGENCY, &again));
}

#[test]
fn an_answer_at_the_last_moment_counts() {
    let (mut world, trade) = traded();
    let check = world.ask(&trade);
    world.time = Millis(world.time.0 + DAY_MS);
    assert!(world.is_accepted(PAYMENT_FIRM, &shown(check)));
    world.pass(10 * DAY_MS);
    assert!(matches!(world.check(&trade).status, SpotCheckStatus::Shown { .. }));
}

#[test]
fn a_sender_without_the_original_says_why() {
    let (mut world, trade) = traded();
    let check = world.ask(&trade);
    let missing = answer(check, OriginalAnswer::Missing("测试遗失".into()));
    assert!(world.is_accepted(PAYMENT_FIRM, &missing));
    let finding = s01(&world.case(&trade)).remove(0);
    assert_eq!((finding.verdict, finding.left.as_str()), (Verdict::Fail, "测试遗失"));
    assert_eq!(world.refused(AGENCY, &judged(check, differs())), Rejection::SpotCheckClosed);
    assert_eq!(queue(&world), None);
}

#[test]
fn only_agencies_ask_only_the_sender_answers_and_only_who_asked_judges() {
    let (mut world, trade) = traded();
    let ask = asked(&world, &trade);
    for other in [PLATFORM, MERCHANT, PAYMENT_FIRM] {
        assert_eq!(world.refused(other, &ask), Rejection::RoleMissing);
    }
    let check = world.ask(&trade);
    for other in [PLATFORM, CARRIER, AGENCY] {
        assert_eq!(world.refused(other, &shown(check)), Rejection::NotAsked);
    }
    assert_eq!(world.refused(AGENCY, &judged(check, differs())), Rejection::SpotCheckClosed);
    assert!(world.is_accepted(PAYMENT_FIRM, &shown(check)));
    let result = judged(check, OriginalResult::Agrees);
    assert_eq!(world.refused(SECOND_AGENCY, &result), Rejection::NotAsked);
    assert_eq!(world.refused(PAYMENT_FIRM, &result), Rejection::RoleMissing);
    assert_eq!(world.refused(PAYMENT_FIRM, &shown(Hash([5; 32]))), Rejection::SpotCheckUnknown);
    assert_eq!(
        world.refused(AGENCY, &judged(Hash([5; 32]), differs())),
        Rejection::SpotCheckUnknown
    );
}

#[test]
fn the_same_said_again_gets_its_first_receipt_and_other_answers_are_too_late() {
    let (mut world, trade) = traded();
    let ask = asked(&world, &trade);
    let check = world.ask(&trade);
    let first = world.height;
    let repeated =
        |outcome, height| assert_eq!(outcome, Outcome::Repeated { first_height: height });
    repeated(world.send_as(&code(AGENCY), &ask), first);
    assert!(world.is_accepted(PAYMENT_FIRM, &shown(check)));
    let answered = world.height;
    repeated(world.send_as(&code(PAYMENT_FIRM), &shown(check)), answered);
    let other = answer(check, OriginalAnswer::Shown(Hash([6; 32])));
    assert_eq!(world.refused(PAYMENT_FIRM, &other), Rejection::SpotCheckClosed);
    assert!(world.is_accepted(AGENCY, &judged(check, differs())));
    let height = world.height;
    repeated(world.send_as(&code(AGENCY), &judged(check, differs())), height);
    let other = judged(check, OriginalResult::Agrees);
    assert_eq!(world.refused(AGENCY, &other), Rejection::SpotCheckClosed);
}

#[test]
fn documents_and_times_that_cannot_be_are_refused() {
    let (mut world, trade) = traded();
    let payment = payment_of(&world, &trade);
    let ask = |document, seconds, reason: &str| asked_with(&trade, document, seconds, reason);
    for (document, expected) in [
        (ask(Hash([5; 32]), DAY, "x"), Rejection::CaseDocumentUnknown),
        (asked_with(&Trade::new(9), payment, DAY, "x"), Rejection::CaseDocumentUnknown),
        (ask(payment, DAY - 1, "x"), Rejection::SpotCheckTime),
        (ask(payment, 0, "x"), Rejection::SpotCheckTime),
        (ask(payment, SPOT_CHECK_SECONDS_MAX + 1, "x"), Rejection::SpotCheckTime),
        (ask(payment, DAY, " "), Rejection::TextEmpty),
        (ask(payment, DAY, &"长".repeat(1_001)), Rejection::TextTooLong),
    ] {
        assert_eq!(world.refused(AGENCY, &document), expected);
    }
    let mut change = ask(payment, DAY, "x");
    change.app_type = AppType::Change;
    assert_eq!(world.refused(AGENCY, &change), Rejection::OnlyAdd);
    for accepted in [ask(payment, DAY, "x"), ask(payment, SPOT_CHECK_SECONDS_MAX, "x")] {
        assert!(world.is_accepted(AGENCY, &accepted));
    }
    let check = world.check(&trade).check;
    let long = OriginalResult::Differs {
        field: "amountPaid".into(),
        ledger: "长".repeat(251),
        original: "x".into(),
    };
    world.is_accepted(PAYMENT_FIRM, &shown(check));
    assert_eq!(world.refused(AGENCY, &judged(check, long)), Rejection::TextTooLong);
}

#[test]
fn a_case_has_so_many_spot_checks_and_no_more() {
    let (mut world, trade) = traded();
    let payment = payment_of(&world, &trade);
    for number in 0..SPOT_CHECKS_OF_CASE_MAX {
        let ask = asked_with(&trade, payment, DAY, &format!("第{number}次"));
        assert!(world.is_accepted(AGENCY, &ask));
    }
    let one_more = asked_with(&trade, payment, DAY, "再一次");
    assert_eq!(world.refused(AGENCY, &one_more), Rejection::TooManySpotChecks);
}

#[test]
fn deadlines_beyond_the_bound_of_one_height_fire_in_the_next() {
    let (mut world, _) = traded();
    let count = SPOT_CHECKS_PER_HEIGHT_MAX + 10;
    let trades: Vec<Trade> = (10..).map(Trade::new).take(count).collect();
    for trade in &trades {
        world.accept(&fixture::order(trade));
        let order = world.case(trade).order.unwrap().meta.document;
        assert!(world.is_accepted(AGENCY, &asked_with(trade, order, DAY, "x")));
    }
    assert!(queue(&world).unwrap().asked.is_sorted_by_key(|entry| entry.due));
    let unanswered = |world: &World| {
        let status = |trade| world.check(trade).status == SpotCheckStatus::Unanswered;
        trades.iter().filter(|trade| status(trade)).count()
    };
    world.pass(DAY_MS + 1);
    assert_eq!(unanswered(&world), SPOT_CHECKS_PER_HEIGHT_MAX);
    // One that waits for its height is overdue all the same.
    let last = trades.last().unwrap();
    let late = shown(world.check(last).check);
    let signer = fixture::signer(last, &fixture::order(last));
    let refused = rejection(&refusal(world.send_as(&signer, &late)));
    assert_eq!(refused, Rejection::SpotCheckClosed);
    assert_eq!((unanswered(&world), queue(&world)), (count, None));
}

#[test]
fn a_zone_has_so_many_open_spot_checks_and_no_more() {
    let (mut world, trade) = traded();
    let check = world.ask(&trade);
    let mut full = queue(&world).unwrap();
    let entry = full.asked[0].clone();
    full.asked = vec![entry; SPOT_CHECKS_OPEN_MAX];
    let key = state_key::spot_checks_key_bytes();
    world.state.apply(&[(key, Some(codec::encode(&full)))].into());
    let one_more = asked_with(&trade, payment_of(&world, &trade), DAY, "再一次");
    assert_eq!(world.refused(AGENCY, &one_more), Rejection::TooManySpotChecks);
    assert!(world.is_accepted(PAYMENT_FIRM, &shown(check)));
    assert!(world.is_accepted(AGENCY, &one_more));
}

#[test]
fn an_original_is_erased_after_its_term_by_its_sender_and_once() {
    let (mut world, trade) = traded();
    let payment = payment_of(&world, &trade);
    let early = refusal(world.send_as(&code(PAYMENT_FIRM), &erasure(&trade, payment)));
    assert_eq!(rejection(&early), Rejection::RetentionNotOver);
    assert!(early.expected.contains("1096 days after"), "{early:?}");
    let case = world.case(&trade);
    let from = case.opened.max(case.payment.unwrap().meta.app_time.millis());
    world.time = Millis(from.0 + 1_096 * DAY_MS - 1);
    let document = erasure(&trade, payment);
    assert_eq!(world.refused(PAYMENT_FIRM, &document), Rejection::RetentionNotOver);
    world.time = Millis(world.time.0 + 1);
    for other in [PLATFORM, AGENCY] {
        assert_eq!(world.refused(other, &document), Rejection::NotSender);
    }
    assert!(world.is_accepted(PAYMENT_FIRM, &document));
    let height = world.height;
    let again = world.send_as(&code(PAYMENT_FIRM), &document);
    assert_eq!(again, Outcome::Repeated { first_height: height });
    let mut other = document.clone();
    other.guid = "0".repeat(36);
    assert_eq!(world.refused(PAYMENT_FIRM, &other), Rejection::ErasedAlready);
    let unknown = erasure(&trade, Hash([5; 32]));
    assert_eq!(world.refused(PAYMENT_FIRM, &unknown), Rejection::CaseDocumentUnknown);
}

#[test]
fn an_open_spot_check_outweighs_erasure_and_an_erased_original_answers_by_its_record() {
    let (mut world, trade) = traded();
    world.policy.retention_days = 0;
    let payment = payment_of(&world, &trade);
    let check = world.ask(&trade);
    let document = erasure(&trade, payment);
    assert_eq!(world.refused(PAYMENT_FIRM, &document), Rejection::SpotCheckOpen);
    world.is_accepted(PAYMENT_FIRM, &shown(check));
    assert_eq!(world.refused(PAYMENT_FIRM, &document), Rejection::SpotCheckOpen);
    world.is_accepted(AGENCY, &judged(check, OriginalResult::Agrees));
    assert!(world.is_accepted(PAYMENT_FIRM, &document));
    let record = id(PAYMENT_FIRM, &document);
    let later = asked_with(&trade, payment, DAY, "再次抽查");
    assert!(world.is_accepted(AGENCY, &later));
    assert_eq!(world.check(&trade).status, SpotCheckStatus::Erased { record });
    assert_eq!(queue(&world), None);
    let finding = s01(&world.case(&trade)).pop().unwrap();
    assert_eq!((finding.verdict, finding.left), (Verdict::NotApplicable, record.to_string()));
    assert_eq!(world.refused(PAYMENT_FIRM, &shown(id(AGENCY, &later))), Rejection::SpotCheckClosed);
}

#[test]
fn a_replaced_version_is_asked_for_from_who_sent_it() {
    let (mut world, trade) = (world(), Trade::new(1));
    let mut order = fixture::order(&trade);
    world.accept(&order);
    let first = world.case(&trade).order.unwrap().meta.document;
    order.app_type = AppType::Change;
    order.app_time = fixture::time("20261124160000");
    assert!(world.is_accepted(MERCHANT, &order), "the merchant may change its platform's order");
    assert!(world.is_accepted(AGENCY, &asked_with(&trade, first, DAY, "x")));
    assert_eq!(world.check(&trade).sender, code(PLATFORM));
}

#[derive(Clone, Debug)]
enum Move {
    Ask(usize),
    Show(usize, bool),
    Judge(usize, bool),
    Erase(usize),
    Pass(u64),
}

fn any_move() -> impl Strategy<Value = Move> {
    let which = 0usize..6;
    prop_oneof![
        3 => which.clone().prop_map(Move::Ask),
        3 => (which.clone(), any::<bool>()).prop_map(|(at, is_missing)| Move::Show(at, is_missing)),
        2 => (which.clone(), any::<bool>()).prop_map(|(at, agrees)| Move::Judge(at, agrees)),
        1 => which.prop_map(Move::Erase),
        3 => (1u64..2 * DAY_MS).prop_map(Move::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is said in whatever order: the queue holds what is open and nothing else, what is
    /// overdue is so at once, and nobody judges what was not shown.
    #[test]
    fn the_queue_holds_what_is_open(moves in proptest::collection::vec(any_move(), 1..40)) {
        let (mut world, trade) = traded();
        world.policy.retention_days = 0;
        let case = world.case(&trade);
        let documents = [
            (PLATFORM, case.order.unwrap().meta.document),
            (PAYMENT_FIRM, case.payment.unwrap().meta.document),
        ];
        let mut checks: Vec<(usize, Hash)> = Vec::new();
        for (number, made) in moves.into_iter().enumerate() {
            match made {
                Move::Ask(at) => {
                    let document = documents[at % 2].1;
                    let ask = asked_with(&trade, document, DAY, &format!("第{number}次"));
                    if world.is_accepted(AGENCY, &ask) {
                        checks.push((at % 2, id(AGENCY, &ask)));
                    }
                }
                Move::Show(at, is_missing) if !checks.is_empty() => {
                    let (of, check) = checks[at % checks.len()];
                    let said = match is_missing {
                        true => answer(check, OriginalAnswer::Missing("x".into())),
                        false => shown(check),
                    };
                    world.send_as(&code(documents[of].0), &said);
                }
                Move::Judge(at, agrees) if !checks.is_empty() => {
                    let check = checks[at % checks.len()].1;
                    let result = if agrees { OriginalResult::Agrees } else { differs() };
                    world.send_as(&code(AGENCY), &judged(check, result));
                }
                Move::Erase(at) => {
                    let (sender, document) = documents[at % 2];
                    world.send_as(&code(sender), &erasure(&trade, document));
                }
                Move::Pass(millis) => world.pass(millis),
                Move::Show(..) | Move::Judge(..) => {}
            }
            let queue = queue(&world).unwrap_or_default();
            let mut queued: Vec<Hash> = queue.asked.iter().map(|entry| entry.open.check).collect();
            queued.extend(queue.shown.iter().map(|open| open.check));
            queued.sort();
            let of_case = world.case(&trade).spot_checks;
            let mut open: Vec<Hash> = of_case
                .iter()
                .filter(|check| check.status.is_open())
                .map(|check| check.check)
                .collect();
            open.sort();
            prop_assert_eq!(queued, open);
            for check in &of_case {
                if check.status == SpotCheckStatus::Asked {
                    prop_assert!(world.time <= check.due);
                }
                let is_judged = matches!(
                    check.status,
                    SpotCheckStatus::Agrees | SpotCheckStatus::Differs { .. }
                );
                prop_assert_eq!(check.judgement.is_some(), is_judged);
                prop_assert!(!is_judged || check.answer.is_some());
            }
        }
    }
}

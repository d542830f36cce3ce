//! Exports: what their documents do to cases, and what the rules say of them.

use super::*;
use crate::export::{self, ExportCase};
use crate::fixture::export as own;
use crate::fixture::{decimal, time};
use crate::matching::Reason;
use crate::policy::ModeProfile;

fn exporting() -> World {
    World::with(&own::exporters())
}

/// Who signs a document of an export in the fixture.
fn signer(document: &Document) -> OrganisationCode {
    match document.body {
        Body::Arrival(_) | Body::ReturnTally(_) => own::site(),
        _ => fixture::signer(&Trade::new(0), document),
    }
}

impl World {
    fn say(&mut self, document: &Document) -> Outcome {
        self.send_as(&signer(document), document)
    }

    fn takes(&mut self, document: &Document) {
        let outcome = self.say(document);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }

    fn turns_away(&mut self, document: &Document) -> Rejection {
        rejection(&refusal(self.say(document)))
    }

    fn export(&self, trade: &Trade) -> ExportCase {
        export::case(&self.state, &trade.case_key()).unwrap().unwrap()
    }

    /// Sends order, receipt, waybill and list, some of them changed.
    fn exported(&mut self, trade: &Trade, change: impl Fn(&mut Document)) -> ExportCase {
        for mut document in own::documents(trade).into_iter().take(4) {
            change(&mut document);
            self.takes(&document);
        }
        self.export(trade)
    }

    fn verdict(&self, trade: &Trade, rule: RuleId) -> Verdict {
        let case = self.export(trade);
        case.outcomes.iter().find(|outcome| outcome.rule == rule).unwrap().verdict
    }
}

fn alone() -> [Trade; 1] {
    [Trade::new(1)]
}

fn export_list(document: &mut Document, change: impl FnOnce(&mut crate::document::ExportList)) {
    if let Body::ExportList(list) = &mut document.body {
        change(list);
    }
}

fn export_waybill(
    document: &mut Document,
    change: impl FnOnce(&mut crate::document::ExportWaybill),
) {
    if let Body::ExportWaybill(waybill) = &mut document.body {
        change(waybill);
    }
}

fn export_order(document: &mut Document, change: impl FnOnce(&mut crate::document::ExportOrder)) {
    if let Body::ExportOrder(order) = &mut document.body {
        change(order);
    }
}

fn receipt(document: &mut Document, change: impl FnOnce(&mut crate::document::FundsReceipt)) {
    if let Body::FundsReceipt(receipt) = &mut document.body {
        change(receipt);
    }
}

fn later(mut document: Document, app_type: AppType) -> Document {
    document.app_type = app_type;
    document.app_time = time("20261123180000");
    document
}

#[test]
fn a_case_goes_from_its_first_document_to_its_end() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    let states: Vec<CaseState> = own::documents(&trade)
        .iter()
        .map(|document| {
            world.takes(document);
            export::case(&world.state, &trade.case_key()).unwrap().unwrap().state
        })
        .collect();
    use CaseState::{Arrived, Closed, Collecting, Departed, Matched, Returned};
    let expected = [
        Collecting, Collecting, Collecting, Matched, Matched, Arrived, Departed, Closed, Closed,
        Returned,
    ];
    assert_eq!(states, expected);
    let case = world.export(&trade);
    let failed: Vec<_> = case.findings(&Policy::default());
    let failed: Vec<_> = failed.iter().filter(|finding| finding.verdict == Verdict::Fail).collect();
    assert_eq!(failed, Vec::<&Finding>::new());
    let parties = [&trade.declarant, &trade.merchant, &trade.platform, &trade.carrier];
    let mut expected: Vec<OrganisationCode> = parties.into_iter().cloned().collect();
    expected.sort();
    assert_eq!(case.parties(), expected);
    assert_eq!(case.summary().missing, []);
    let json = serde_json::to_string(&case).unwrap();
    assert_eq!(serde_json::from_str::<ExportCase>(&json).unwrap(), case);
}

#[test]
fn every_change_of_a_case_is_an_event() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    world.takes(&own::order(&trade));
    let parties = world.export(&trade).parties();
    let state = CaseState::Collecting;
    let expected = Event::ExportCaseChanged { case: trade.case_key(), parties, state };
    assert_eq!(world.events, [expected]);
}

#[test]
fn differences_between_documents_are_findings_of_their_rules() {
    type Changed = (RuleId, fn(&mut Document));
    let changes: [Changed; 9] = [
        (RuleId::M08, |document| export_list(document, |list| list.lines[0].qty = decimal("4"))),
        (RuleId::M08, |document| {
            export_list(document, |list| list.lines[1].item_name = Some("测试花瓶".into()));
        }),
        (RuleId::M08, |document| {
            export_list(document, |list| {
                list.lines.iter_mut().for_each(|line| line.currency = "300".into());
            });
        }),
        (RuleId::M09, |document| export_waybill(document, |own| own.pack_no = 2)),
        (RuleId::M09, |document| export_waybill(document, |own| own.gross_weight = decimal("2.7"))),
        (RuleId::M10, |document| export_waybill(document, |own| own.freight = decimal("11"))),
        (RuleId::X01, |document| {
            receipt(document, |own| own.ebc_code = fixture::code("TESTEBC999"));
        }),
        (RuleId::X02, |document| export_order(document, |own| own.order_type = "B".into())),
        (RuleId::X03, |document| receipt(document, |own| own.charge = decimal("80"))),
    ];
    for (rule, change) in changes {
        let (mut world, trade) = (exporting(), Trade::new(1));
        let case = world.exported(&trade, change);
        assert_eq!(world.verdict(&trade, rule), Verdict::Fail, "{rule}");
        let expected = match rule.severity() {
            crate::matching::Severity::Reject => CaseState::Mismatched,
            crate::matching::Severity::Warn => CaseState::Matched,
        };
        assert_eq!(case.state, expected, "{rule}");
        for finding in case.findings(&Policy::default()) {
            assert!(!finding.sentence_en().contains(": ."), "{}", finding.sentence_en());
            assert!(!finding.sentence_zh().contains("：。"), "{}", finding.sentence_zh());
        }
    }
}

#[test]
fn receipts_add_up_and_a_gap_only_warns() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    world.exported(&trade, |document| receipt(document, |own| own.charge = decimal("60")));
    assert_eq!(world.verdict(&trade, RuleId::X03), Verdict::Fail);
    let mut second = own::receipt(&trade);
    receipt(&mut second, |own| {
        own.pay_no = Some("PAIDLATER".into());
        own.charge = decimal("50");
    });
    world.takes(&second);
    assert_eq!(world.verdict(&trade, RuleId::X03), Verdict::Pass);
    // Money that was taken back is not received.
    world.takes(&later(second.clone(), AppType::Delete));
    assert_eq!(world.verdict(&trade, RuleId::X03), Verdict::Fail);
    assert_eq!(world.export(&trade).receipts.len(), 1);
    assert!(matches!(world.say(&second), Outcome::Repeated { .. }));
}

#[test]
fn cash_is_received_under_the_documents_own_identifier() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    let mut cash = own::receipt(&trade);
    receipt(&mut cash, |own| {
        (own.pay_code, own.pay_no, own.pay_name) = (None, None, "现金支付".into());
    });
    let as_merchant =
        |world: &mut World, document: &Document| world.send_as(&Trade::new(1).merchant, document);
    assert!(matches!(as_merchant(&mut world, &cash), Outcome::Accepted { .. }));
    let mut other = cash.clone();
    other.guid = cash.guid.replace(|_: char| true, "0");
    assert!(matches!(as_merchant(&mut world, &other), Outcome::Accepted { .. }));
    let change = later(cash, AppType::Change);
    assert!(matches!(as_merchant(&mut world, &change), Outcome::Accepted { .. }));
    assert_eq!(world.export(&trade).receipts.len(), 2);
}

#[test]
fn a_parcel_serves_one_list_and_its_consignor() {
    let (mut world, first, second) = (exporting(), Trade::new(1), Trade::new(2));
    world.exported(&first, |_| {});
    let mut list = own::list(&second);
    export_list(&mut list, |list| list.logistics_no = first.logistics_no.clone());
    world.takes(&list);
    assert_eq!(world.verdict(&second, RuleId::M11), Verdict::Fail);
    assert_eq!(world.export(&first).state, CaseState::Matched);

    let third = Trade::new(3);
    let case = world.exported(&third, |document| {
        export_waybill(document, |own| own.ebc_code = Some(fixture::code("TESTEBC999")));
    });
    assert_eq!(case.state, CaseState::Mismatched);
    let finding = case.findings(&Policy::default());
    let finding = finding.iter().find(|finding| finding.rule == RuleId::M11).unwrap();
    assert_eq!(finding.reason, Some(Reason::ConsignorDiffers));
}

#[test]
fn a_list_number_serves_one_list() {
    let (mut world, first, second) = (exporting(), Trade::new(1), Trade::new(2));
    world.exported(&first, |_| {});
    let case = world.exported(&second, |document| {
        export_list(document, |list| list.invt_no = Some(own::invt_no(&Trade::new(1))));
    });
    assert_eq!(case.state, CaseState::Mismatched);
    assert!(case.is_number_taken);
    // What is said of the number is said of the first.
    world.takes(&own::cancellation(&first));
    assert_eq!(world.export(&first).state, CaseState::Cancelled);
    assert_eq!(world.export(&second).state, CaseState::Mismatched);
}

#[test]
fn a_waybill_number_serves_again_after_its_time() {
    let (mut world, first, mut second) = (exporting(), Trade::new(1), Trade::new(2));
    world.exported(&first, |_| {});
    world.takes(&own::departure(&alone()));
    second.logistics_no = first.logistics_no.clone();
    let day = 86_400_000;
    world.time = Millis(world.time.0 + 183 * day);
    assert_eq!(world.turns_away(&own::waybill(&second)), Rejection::Duplicate);
    world.time = Millis(world.time.0 + 1);
    let case = world.exported(&second, |_| {});
    assert_eq!((case.state, case.list_facts().unwrap().parcel_use), (CaseState::Matched, 1));
    // The first trade keeps its parcel, and what happened to it.
    world.takes(&{
        let mut more = own::receipt(&first);
        receipt(&mut more, |own| own.pay_no = Some("MORE".into()));
        more
    });
    assert_eq!(world.export(&first).state, CaseState::Departed);
}

#[test]
fn a_list_is_cancelled_by_its_parties_before_its_parcel_leaves() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    world.exported(&trade, |_| {});
    // Another merchant's cancellation says nothing.
    let stranger = fixture::code("TESTEBC002");
    let mut foreign = own::cancellation(&trade);
    if let Body::ExportListCancellation(own) = &mut foreign.body {
        own.ebc_code = stranger.clone();
        own.cop_no = "COPFOREIGN".into();
        own.agent_code = trade.declarant.clone();
    }
    world.takes(&foreign);
    assert_eq!(world.export(&trade).state, CaseState::Matched);
    assert_eq!(world.verdict(&trade, RuleId::X09), Verdict::Fail);
    world.takes(&later(foreign, AppType::Delete));

    world.takes(&own::cancellation(&trade));
    assert_eq!(world.export(&trade).state, CaseState::Cancelled);
    // The order may be declared again, with another list.
    let mut again = own::list(&trade);
    again.app_time = time("20261123190000");
    export_list(&mut again, |list| {
        list.invt_no = Some("49032026E999999999".into());
        list.cop_no = "COPAGAIN".into();
    });
    world.takes(&again);
    assert_eq!(world.export(&trade).state, CaseState::Matched);
    world.takes(&own::departure(&alone()));
    let mut late = own::cancellation(&trade);
    late.guid = late.guid.replace('C', "D");
    if let Body::ExportListCancellation(own) = &mut late.body {
        own.invt_no = "49032026E999999999".into();
        own.cop_no = "COPAGAIN".into();
    }
    assert_eq!(world.turns_away(&late), Rejection::ListDeparted);
}

#[test]
fn what_is_declared_stands_but_for_the_number_that_customs_gives() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    world.exported(&trade, |document| export_list(document, |list| list.invt_no = None));
    assert_eq!(
        world.turns_away(&later(own::order(&trade), AppType::Change)),
        Rejection::AlreadyDeclared
    );
    assert_eq!(
        world.turns_away(&later(own::waybill(&trade), AppType::Change)),
        Rejection::AlreadyDeclared
    );
    let mut changed = later(own::list(&trade), AppType::Change);
    export_list(&mut changed, |list| list.pack_no = 2);
    assert_eq!(world.turns_away(&changed), Rejection::CaseMatched);
    world.takes(&own::summary(&alone()));
    world.takes(&own::departure(&alone()));
    assert_eq!(world.export(&trade).state, CaseState::Departed);
    world.takes(&later(own::list(&trade), AppType::Change));
    assert_eq!(world.export(&trade).state, CaseState::Closed);
    let mut second = own::list(&trade);
    second.guid = second.guid.replace('X', "Y");
    assert_eq!(world.turns_away(&second), Rejection::ListExists);
}

#[test]
fn one_document_moves_many_cases_and_its_change_moves_them_back() {
    let trades: Vec<Trade> = (1..=3).map(Trade::new).collect();
    let mut world = exporting();
    for trade in &trades {
        world.exported(trade, |_| {});
    }
    world.takes(&own::arrival(&trades));
    world.takes(&own::departure(&trades));
    world.takes(&own::bill(&trades));
    for trade in &trades {
        assert_eq!(world.export(trade).state, CaseState::Departed);
        assert_eq!(world.verdict(trade, RuleId::X07), Verdict::Pass);
    }
    let mut fewer = own::departure(&trades[..2]);
    fewer.app_type = AppType::Change;
    fewer.app_time = time("20261124130000");
    world.takes(&fewer);
    let states: Vec<CaseState> = trades.iter().map(|trade| world.export(trade).state).collect();
    assert_eq!(states, [CaseState::Departed, CaseState::Departed, CaseState::Arrived]);
    fewer.app_type = AppType::Delete;
    fewer.app_time = time("20261124140000");
    world.takes(&fewer);
    assert_eq!(world.export(&trades[0]).state, CaseState::Arrived);
    assert!(matches!(world.say(&own::departure(&trades)), Outcome::Repeated { .. }));
}

#[test]
fn what_left_without_arriving_and_what_returns_too_much_is_found() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    world.exported(&trade, |_| {});
    world.takes(&own::departure(&alone()));
    assert_eq!(world.verdict(&trade, RuleId::X04), Verdict::Fail);
    let mut application = own::application(&trade);
    if let Body::ExportReturn(own) = &mut application.body {
        own.lines[0].qty = decimal("1.00001");
    }
    world.takes(&application);
    assert_eq!(world.verdict(&trade, RuleId::X11), Verdict::Fail);
    let mut twice = own::summary(&alone());
    world.takes(&twice);
    if let Body::SummaryApplication(own) = &mut twice.body {
        own.cop_no = "COPTWICE".into();
    }
    twice.guid = twice.guid.replace('S', "U");
    world.takes(&twice);
    assert_eq!(world.verdict(&trade, RuleId::X08), Verdict::Fail);
}

/// Customs' word on the first trade's lists, changed, said at a time of 25 November.
fn result_at(
    hour: u32,
    trades: &[Trade],
    change: impl FnOnce(&mut crate::document::SummaryResult),
) -> Document {
    let mut document = own::summary_result(trades);
    document.app_time = time(&format!("20261125{hour:02}0000"));
    let Body::SummaryResult(result) = &mut document.body else { unreachable!() };
    change(result);
    document
}

/// Customs' numbers for the declarations of a case's list: of the declaration, and where it stands.
fn declarations(case: &ExportCase) -> Vec<(String, Option<String>, String)> {
    let declared = case.notices.iter().filter_map(|notice| match &notice.facts {
        export::NoticeFacts::Declared { decl_seq_no, entry_id, dec_state, .. } => {
            Some((decl_seq_no.clone(), entry_id.clone(), dec_state.clone()))
        }
        _ => None,
    });
    declared.collect()
}

#[test]
fn customs_says_what_became_of_a_summary_and_says_it_again() {
    let trades: Vec<Trade> = (1..=2).map(Trade::new).collect();
    let mut world = exporting();
    for trade in &trades {
        world.exported(trade, |_| {});
    }
    world.takes(&own::departure(&trades));
    // Nobody else says it.
    let first = result_at(10, &trades, |_| {});
    let refused = world.send_as(&fixture::code(fixture::DECLARANT), &first);
    assert_eq!(rejection(&refusal(refused)), Rejection::RoleMissing);
    // Without an application of its parties the list is summed up by customs' word alone.
    world.takes(&first);
    let number = own::invt_no(&trades[0]).replace('E', "D");
    for trade in &trades {
        let case = world.export(trade);
        assert_eq!(declarations(&case), [(number.clone(), None, "1".into())]);
        assert_eq!(case.state, CaseState::Closed);
        assert_eq!(world.verdict(trade, RuleId::X08), Verdict::Pass);
    }
    assert!(matches!(world.say(&first), Outcome::Repeated { .. }));
    // The declaration gets its number; the second list is left out of it.
    let entry_id = Some("490320260000000001".to_owned());
    let later = result_at(12, &trades[..1], |result| {
        result.entry_id = entry_id.clone();
        result.dec_state = "9".into();
    });
    world.takes(&later);
    let case = world.export(&trades[0]);
    assert_eq!(declarations(&case), [(number, entry_id, "9".into())]);
    assert_eq!(
        (declarations(&world.export(&trades[1])).len(), world.export(&trades[1]).state),
        (0, CaseState::Departed)
    );
    // What comes late does not undo it, and nobody takes it back.
    let late = result_at(11, &trades, |_| {});
    assert_eq!(world.turns_away(&late), Rejection::OldMessage);
    let mut deleted = result_at(13, &trades, |_| {});
    deleted.app_type = AppType::Delete;
    assert_eq!(world.turns_away(&deleted), Rejection::OnlyAdd);
}

#[test]
fn what_customs_summed_up_is_the_lists_own() {
    type Change = fn(&mut crate::document::SummaryResult);
    let summed = |change: Change| {
        let (mut world, trade) = (exporting(), Trade::new(1));
        world.exported(&trade, |_| {});
        world.takes(&own::summary(&alone()));
        world.takes(&result_at(10, &alone(), change));
        (world.verdict(&trade, RuleId::X08), world.export(&trade).findings(&Policy::default()))
    };
    assert_eq!(summed(|_| {}).0, Verdict::Pass);
    let named = |findings: Vec<crate::matching::Finding>| {
        let failed = findings.into_iter().filter(|finding| finding.verdict == Verdict::Fail);
        failed.map(|finding| finding.field).collect::<Vec<String>>()
    };
    let changes: [(Change, &str); 4] = [
        (|result| result.lines[1].gcode = "6911101901".into(), "line 2 gcode"),
        (|result| result.lines[0].logistics_no = "OTHER".into(), "line 1 logisticsNo"),
        (|result| result.lines[0].gnum = 7, "line 7"),
        (|result| result.ebc_code = fixture::code("TESTEBC009"), "ebcCode"),
    ];
    for (change, field) in changes {
        let (verdict, findings) = summed(change);
        assert_eq!(verdict, Verdict::Fail, "{field}");
        assert_eq!(named(findings), [field]);
    }
    // One line of a list in two declarations.
    let (mut world, trade) = (exporting(), Trade::new(1));
    world.exported(&trade, |_| {});
    world.takes(&result_at(10, &alone(), |result| result.lines.truncate(1)));
    let mut second = result_at(10, &alone(), |result| {
        result.lines.remove(0);
        result.decl_seq_no = "49032026D000000002".into();
    });
    second.guid = second.guid.replace('Y', "Z");
    world.takes(&second);
    assert_eq!(world.verdict(&trade, RuleId::X08), Verdict::Pass);
    let both = result_at(11, &alone(), |_| {});
    world.takes(&both);
    assert_eq!(world.verdict(&trade, RuleId::X08), Verdict::Fail);
}

#[test]
fn a_case_that_collects_too_long_is_overdue_by_block_time() {
    let (mut world, trade, other) = (exporting(), Trade::new(1), Trade::new(2));
    world.takes(&own::order(&trade));
    world.exported(&other, |_| {});
    let day = 86_400_000;
    world.time = Millis(world.time.0 + 7 * day - 1);
    world.execute(&[]);
    assert_eq!(world.export(&trade).state, CaseState::Collecting);
    world.time = Millis(world.time.0 + 1);
    let effects = world.execute(&[]);
    assert_eq!(world.export(&trade).state, CaseState::Overdue);
    assert_eq!((effects.cases.len(), effects.events.len()), (1, 1));
    // The queue is empty, and nothing is due twice.
    assert_eq!(world.execute(&[]), Effects::default());
    for document in own::documents(&trade).into_iter().skip(1).take(3) {
        world.takes(&document);
    }
    assert_eq!(world.export(&trade).state, CaseState::Matched);
    assert_eq!(world.verdict(&trade, RuleId::X06), Verdict::Fail);
    assert_eq!(world.verdict(&other, RuleId::X06), Verdict::Pass);
}

/// A policy with another mode for exports of samples: neither money nor limit.
fn with_samples(policy: &Policy) -> Policy {
    let mut policy = Policy { version: policy.version + 1, ..policy.clone() };
    let base = policy.modes.iter().find(|mode| mode.code == "9810").unwrap().clone();
    policy.modes.push(ModeProfile {
        code: "9999".into(),
        order_types: vec!["B".into()],
        waived: vec![RuleId::M10],
        ..base
    });
    policy
}

#[test]
fn a_new_mode_is_a_change_of_the_policy_only() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    let sample = |document: &mut Document| {
        export_list(document, |list| list.trade_mode = "9999".into());
        export_order(document, |order| order.order_type = "B".into());
        export_waybill(document, |waybill| waybill.freight = decimal("12"));
    };
    let mut list = own::list(&trade);
    sample(&mut list);
    assert_eq!(world.turns_away(&list), Rejection::ModeUnknown);
    let policy = with_samples(&world.policy);
    policy.check().unwrap();
    let change = crate::governance::Change::Policy { policy };
    let proposal = world.propose(fixture::AGENCY, vec![change]);
    world.approve(&[fixture::AGENCY], proposal);
    world.idle(10);
    for kind in [0, 2, 3] {
        let mut document = own::documents(&trade).swap_remove(kind);
        sample(&mut document);
        world.takes(&document);
    }
    let case = world.export(&trade);
    assert_eq!((case.state, case.policy_version), (CaseState::Matched, 2));
    assert_eq!(world.verdict(&trade, RuleId::M10), Verdict::NotApplicable);
}

#[test]
fn codes_are_those_of_the_policys_tables() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    let mut list = own::list(&trade);
    export_list(&mut list, |list| list.wrap_type = "8".into());
    let refusal = refusal(world.say(&list));
    assert_eq!(rejection(&refusal), Rejection::CodeUnknown);
    assert_eq!(refusal.field, "wrapType");
    assert_eq!(refusal.expected, "a code of table wrap, version 1");
    let mut order = own::order(&trade);
    export_order(&mut order, |order| {
        order.currency = "999".into();
        order.lines.iter_mut().for_each(|line| line.currency = "999".into());
    });
    assert_eq!(world.turns_away(&order), Rejection::CurrencyUnknown);
    // What there is no table for is not checked.
    let mut open = World::with(&own::exporters());
    open.policy.code_tables.clear();
    open.takes(&list);
    open.takes(&order);
}

#[test]
fn modes_say_which_documents_which_fields_and_who_declares() {
    let (mut world, trade) = (exporting(), Trade::new(1));
    // Between enterprises nothing has to be received first.
    let b2b = |document: &mut Document| {
        export_list(document, |list| list.trade_mode = "9710".into());
        export_order(document, |order| order.order_type = "B".into());
    };
    for kind in [0, 2, 3] {
        let mut document = own::documents(&trade).swap_remove(kind);
        b2b(&mut document);
        world.takes(&document);
    }
    assert_eq!(world.export(&trade).state, CaseState::Matched);
    assert_eq!(world.verdict(&trade, RuleId::X03), Verdict::NotApplicable);
    let mut bonded = own::list(&Trade::new(2));
    export_list(&mut bonded, |list| list.trade_mode = "1210".into());
    let refusal = refusal(world.say(&bonded));
    assert_eq!(rejection(&refusal), Rejection::ModeFieldMissing);
    let mut merchants_only = exporting();
    for mode in &mut merchants_only.policy.modes {
        mode.declarants = vec![crate::registry::Role::Merchant];
    }
    assert_eq!(merchants_only.turns_away(&own::list(&trade)), Rejection::RoleMissing);
    let mut none = exporting();
    none.policy.modes.retain(|mode| mode.direction == crate::policy::Direction::Import);
    assert_eq!(none.turns_away(&own::order(&trade)), Rejection::NoExportMode);
}

#[test]
fn an_import_mode_may_do_without_a_payment() {
    let mut world = world();
    let mode = world.policy.modes.iter_mut().find(|mode| mode.code == "9610").unwrap();
    mode.required.retain(|kind| *kind != crate::document::DocumentKind::Payment);
    mode.waived = vec![RuleId::M03, RuleId::M06];
    world.policy.check().unwrap();
    let trade = Trade::new(1);
    for document in [fixture::order(&trade), fixture::waybill(&trade), fixture::list(&trade)] {
        world.accept(&document);
    }
    let case = world.case(&trade);
    assert_eq!((case.state, case.summary().missing), (CaseState::Matched, vec![]));
}

mod order_of_arrival {
    use super::*;
    use proptest::prelude::*;

    /// The case without what the order of arrival may show in: heights, and the order of receipts.
    fn without_order(mut case: ExportCase) -> ExportCase {
        fn clear<F>(entry: Option<&mut crate::case::Entry<F>>) {
            if let Some(entry) = entry {
                entry.meta.height = 0;
            }
        }
        clear(case.order.as_mut());
        clear(case.list.as_mut());
        clear(case.waybill.as_mut());
        for receipt in &mut case.receipts {
            receipt.meta.height = 0;
        }
        case.receipts.sort_by_key(|receipt| receipt.meta.document);
        for notice in &mut case.notices {
            notice.meta.height = 0;
        }
        case.changed_height = 0;
        case
    }

    fn set(trade: &Trade, differences: [bool; 4]) -> Vec<Document> {
        let [name, parcels, money, merchant] = differences;
        let mut all = own::documents(trade);
        let mut second = own::receipt(trade);
        receipt(&mut second, |own| own.pay_no = Some("SECOND".into()));
        all.push(second);
        for document in &mut all {
            if name {
                export_list(document, |list| list.lines[0].item_name = Some("测试碗".into()));
            }
            if parcels {
                export_waybill(document, |waybill| waybill.pack_no = 3);
            }
            if money {
                receipt(document, |receipt| receipt.charge = decimal("55"));
            }
            if merchant {
                let other = Some(fixture::code("TESTEBC999"));
                export_waybill(document, |waybill| waybill.ebc_code = other);
            }
        }
        all
    }

    proptest! {
        #[test]
        fn does_not_change_the_case(
            order in Just((0usize..11).collect::<Vec<usize>>()).prop_shuffle(),
            differences in any::<[bool; 4]>(),
            count in 4usize..=11,
            in_one_block in any::<bool>(),
        ) {
            let trade = Trade::new(1);
            let all = set(&trade, differences);
            let run = |order: &[usize]| {
                let mut world = exporting();
                if in_one_block {
                    let submissions: Vec<Submission> = order
                        .iter()
                        .map(|index| {
                            let document = &all[*index];
                            let one = std::slice::from_ref(document);
                            fixture::submission(&GENESIS, &signer(document), 9, one)
                        })
                        .collect();
                    world.execute(&submissions);
                } else {
                    for index in order {
                        world.takes(&all[*index]);
                    }
                }
                let case = export::case(&world.state, &trade.case_key()).unwrap();
                case.map(|case| {
                    let findings = case.findings(&world.policy);
                    (without_order(case), findings)
                })
            };
            let arrived = &order[..count];
            let mut sorted = arrived.to_vec();
            sorted.sort_unstable();
            prop_assert_eq!(run(arrived), run(&sorted));
        }

        #[test]
        fn does_not_make_hostile_documents_panic(
            picks in proptest::collection::vec((0usize..12, 0u64..2, 0u8..4), 1..24),
        ) {
            let mut world = exporting();
            for (kind, number, app_type) in picks {
                let trade = Trade::new(number);
                let mut all = own::documents(&trade);
                all.push(own::cancellation(&trade));
                all.push(own::arrival(&[Trade::new(0), Trade::new(1)]));
                let mut document = all.swap_remove(kind);
                document.app_type = match app_type {
                    0 => AppType::Change,
                    1 => AppType::Delete,
                    _ => AppType::Add,
                };
                let minute = world.height % 60;
                document.app_time = time(&format!("202611231700{minute:02}"));
                let _ = world.say(&document);
            }
            for number in 0..2 {
                let key = Trade::new(number).case_key();
                if let Some(case) = export::case(&world.state, &key).unwrap() {
                    let asked: Vec<_> =
                        case.findings(&world.policy).iter().map(|finding| finding.rule).collect();
                    prop_assert!(case.outcomes.iter().all(|one| asked.contains(&one.rule)));
                }
            }
        }
    }
}

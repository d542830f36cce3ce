//! M01 to M11 over several documents: both sides of each.

use super::*;
use crate::fixture::decimal;
use crate::matching::{Reason, Severity};
use expect_test::expect;
use kanhe_types::pseudonym::{PersonalKind, Pseudonym, PseudonymScope};

/// A change of a document, and the field that the finding names.
type Difference<T> = (fn(&mut T), &'static str);

fn other(kind: PersonalKind) -> Pseudonym {
    fixture::pseudonym(kind, "测试乙")
}

/// The case of a trade whose documents are changed.
fn case_with(change: impl Fn(&mut Document)) -> Case {
    world().trade_with(&Trade::new(1), change)
}

/// Exactly `rule` fails, on `field`, and the case is mismatched.
fn check_fails(case: &Case, rule: RuleId, field: &str) {
    let findings = explained(case);
    let failed: Vec<(RuleId, &str)> = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Fail)
        .map(|finding| (finding.rule, finding.field.as_str()))
        .collect();
    assert_eq!(failed, [(rule, field)], "{findings:#?}");
    assert_eq!(case.state, CaseState::Mismatched);
    assert_eq!(case.summary().failed, [rule]);
}

#[test]
fn m01_a_case_collects_until_its_last_document() {
    let (mut world, trade) = (world(), Trade::new(1));
    let missing =
        ["payment, waybill, inventory_list", "waybill, inventory_list", "waybill, inventory_list"];
    for (document, missing) in documents(&trade).iter().zip(missing) {
        world.accept(document);
        let case = world.case(&trade);
        assert_eq!(case.state, CaseState::Collecting);
        assert_eq!(verdict(&case, RuleId::M01), Verdict::Pending);
        assert_eq!(findings(&case, RuleId::M01)[0].left, missing);
    }
    world.accept(&fixture::list(&trade));
    assert_eq!(verdict(&world.case(&trade), RuleId::M01), Verdict::Pass);
}

#[test]
fn m01_a_list_waits_for_the_waybill_that_it_names() {
    let (mut world, trade) = (world(), Trade::new(1));
    for document in [fixture::order(&trade), fixture::payment(&trade), fixture::list(&trade)] {
        world.accept(&document);
    }
    assert_eq!(world.case(&trade).state, CaseState::Collecting);
    let accepted = world.send(&fixture::waybill(&trade));
    assert_eq!(accepted, Outcome::Accepted { case: Some(trade.case_key()) });
    assert_eq!(world.case(&trade).state, CaseState::Matched);
}

#[test]
fn m03_the_payment_is_what_was_paid_and_the_tolerance_is_the_policys() {
    let paid = |amount: &str, tolerance: &str| {
        let mut world = world();
        world.policy.amount_tolerance = decimal(tolerance);
        world.trade_with(&Trade::new(1), |document| {
            payment(document, |payment| payment.amount_paid = decimal(amount));
        })
    };
    assert_eq!(paid("118.5", "0").state, CaseState::Matched);
    check_fails(&paid("118.50001", "0"), RuleId::M03, "acturalPaid = amountPaid");
    assert_eq!(paid("119.5", "1").state, CaseState::Matched);
    assert_eq!(paid("117.5", "1").state, CaseState::Matched);
    check_fails(&paid("119.50001", "1"), RuleId::M03, "acturalPaid = amountPaid");
    check_fails(&paid("117.49999", "1"), RuleId::M03, "acturalPaid = amountPaid");
}

#[test]
fn m05_the_list_declares_the_orders_orderer() {
    let number = case_with(|document| {
        list(document, |list| list.buyer_id_number = other(PersonalKind::IdentityNumber));
    });
    check_fails(&number, RuleId::M05, "buyerIdNumber");
    let name = case_with(|document| {
        list(document, |list| list.buyer_name = other(PersonalKind::Name));
    });
    check_fails(&name, RuleId::M05, "buyerName");
}

fn paid_by_another(document: &mut Document) {
    payment(document, |payment| {
        payment.payer_id_number = other(PersonalKind::IdentityNumber);
    });
}

#[test]
fn m06_a_payer_who_is_not_the_orderer_fails_unless_the_orderer_is_attested() {
    let (mut world, trade) = (world(), Trade::new(1));
    let case = world.trade_with(&trade, paid_by_another);
    check_fails(&case, RuleId::M06, "payerIdNumber = buyerIdNumber");
    world.accept(&fixture::attestation(&trade));
    let case = world.case(&trade);
    assert_eq!(case.state, CaseState::Matched);
    assert_eq!(findings(&case, RuleId::M06)[0].reason, Some(Reason::Attested));
    assert!(matches!(world.events.as_slice(), [Event::CaseChanged { .. }]));
}

#[test]
fn m06_an_attestation_of_another_person_or_scope_does_not_help() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.trade_with(&trade, paid_by_another);
    world.accept(&fixture::attestation(&Trade::new(2)));
    let mut elsewhere = fixture::attestation(&trade);
    elsewhere.pseudonyms = PseudonymScope { key_id: 0, epoch: 2027 };
    world.accept(&elsewhere);
    assert_eq!(world.case(&trade).state, CaseState::Mismatched);
}

#[test]
fn m06_an_orderer_who_paid_needs_no_attestation() {
    let case = case_with(|_| {});
    assert_eq!(findings(&case, RuleId::M06)[0].reason, Some(Reason::PayerIsBuyer));
}

#[test]
fn m07_the_consignee_is_the_same_on_order_waybill_and_list() {
    let cases: [Difference<Waybill>; 3] = [
        (|w| w.consignee = other(PersonalKind::Name), "consignee"),
        (|w| w.consignee_telephone = other(PersonalKind::Telephone), "consigneeTelephone"),
        (|w| w.consignee_address = other(PersonalKind::Address), "consigneeAddress"),
    ];
    for (change, field) in cases {
        check_fails(&case_with(|document| waybill(document, change)), RuleId::M07, field);
    }
    let declared = case_with(|document| {
        list(document, |list| list.consignee_address = other(PersonalKind::Address));
    });
    check_fails(&declared, RuleId::M07, "consigneeAddress");
}

#[test]
fn m08_the_lists_lines_are_the_orders() {
    let cases: [Difference<InventoryList>; 4] = [
        (|l| l.lines[1].gname = "测试香皂".into(), "line 2 gname = itemName"),
        (|l| l.lines[0].qty = decimal("3.00001"), "line 1 qty"),
        (|l| l.lines[0].price = decimal("19.99999"), "line 1 price"),
        (
            |l| {
                l.lines[0].total_price = decimal("59");
                l.lines[1].total_price = decimal("41");
            },
            "line 1 totalPrice",
        ),
    ];
    for (change, field) in cases {
        let case = case_with(|document| list(document, change));
        assert_eq!(findings(&case, RuleId::M08)[0].field, field);
        assert_eq!(case.summary().failed, [RuleId::M08]);
    }
}

#[test]
fn m08_a_line_too_few_shows_the_line_and_the_sum() {
    let case = case_with(|document| list(document, |list| list.lines.truncate(1)));
    let findings = findings(&case, RuleId::M08);
    let fields: Vec<&str> = findings.iter().map(|finding| finding.field.as_str()).collect();
    assert_eq!(fields, ["sum of totalPrice = goodsValue", "line 2"]);
}

#[test]
fn m08_reports_ten_differences_at_most() {
    let (mut world, trade) = (world(), Trade::new(1));
    let case = world.trade_with(&trade, |document| {
        list(document, |list| {
            let first = list.lines[0].clone();
            list.lines = (1..=40)
                .map(|gnum| crate::document::InventoryLine { gnum, ..first.clone() })
                .collect();
        });
    });
    assert_eq!(findings(&case, RuleId::M08).len(), 10);
}

#[test]
fn m09_the_weights_differ_by_the_policys_tolerance_at_most() {
    // The policy allows 0.1 kg; the list says 1.2.
    let weighing = |kilograms: &str| {
        case_with(|document| waybill(document, |waybill| waybill.weight = decimal(kilograms)))
    };
    assert_eq!(weighing("1.3").state, CaseState::Matched);
    assert_eq!(weighing("1.1").state, CaseState::Matched);
    check_fails(&weighing("1.30001"), RuleId::M09, "grossWeight = weight");
    check_fails(&weighing("1.09999"), RuleId::M09, "grossWeight = weight");
}

#[test]
fn m10_another_freight_warns_and_the_case_matches() {
    let case =
        case_with(|document| waybill(document, |waybill| waybill.freight = Some(decimal("9"))));
    assert_eq!(verdict(&case, RuleId::M10), Verdict::Fail);
    assert_eq!(findings(&case, RuleId::M10)[0].severity, Severity::Warn);
    assert_eq!(case.state, CaseState::Matched);
    assert_eq!(case.summary().warned, [RuleId::M10]);
}

#[test]
fn m10_does_not_apply_to_a_waybill_without_freight() {
    let case = case_with(|document| waybill(document, |waybill| waybill.freight = None));
    assert_eq!(verdict(&case, RuleId::M10), Verdict::NotApplicable);
    assert_eq!(case.state, CaseState::Matched);
}

#[test]
fn pseudonyms_of_different_years_are_not_compared_and_the_case_does_not_match() {
    let case = case_with(|document| {
        if matches!(document.body, Body::Order(_)) {
            document.pseudonyms = PseudonymScope { key_id: 0, epoch: 2027 };
        }
    });
    assert_eq!(verdict(&case, RuleId::M05), Verdict::Pending);
    assert_eq!(findings(&case, RuleId::M05)[0].reason, Some(Reason::ScopesDiffer));
    assert_eq!(case.state, CaseState::Collecting);
}

#[test]
fn findings_name_their_documents() {
    let case = case_with(|_| {});
    let finding = findings(&case, RuleId::M03).remove(0);
    let document = |meta: &crate::case::DocumentMeta| Some(meta.document);
    assert_eq!(finding.left_document, document(&case.order.as_ref().unwrap().meta));
    assert_eq!(finding.right_document, document(&case.payment.as_ref().unwrap().meta));
}

#[test]
fn findings_are_sentences_in_two_languages() {
    let case = case_with(|document| {
        payment(document, |payment| payment.amount_paid = decimal("118.51"));
        waybill(document, |waybill| waybill.freight = None);
    });
    let sentences: String = explained(&case)
        .iter()
        .map(|finding| format!("{}\n{}\n", finding.sentence_en(), finding.sentence_zh()))
        .collect();
    expect![[r#"
        M01 holds: all documents are there.
        规则M01通过：单证齐全。
        M02 holds: acturalPaid of the order, 118.5, was checked when it was accepted.
        规则M02通过：订单的acturalPaid（118.5）在接收时已核对。
        M03 fails: acturalPaid = amountPaid: the order says 118.5, the payment says 118.51.
        规则M03不符：acturalPaid = amountPaid：订单为118.5，支付单为118.51。
        M04 holds: goodsValue of the order, 100, was checked when it was accepted.
        规则M04通过：订单的goodsValue（100）在接收时已核对。
        M05 holds: buyerIdNumber, buyerName, ebcCode of the list and the order agree.
        规则M05通过：清单与订单的buyerIdNumber, buyerName, ebcCode一致。
        M06 holds: the payer is the orderer.
        规则M06通过：支付人与订购人一致。
        M07 holds: consignee, consigneeTelephone, consigneeAddress of the order and the waybill agree.
        规则M07通过：订单与运单的consignee, consigneeTelephone, consigneeAddress一致。
        M08 holds: gname, qty, price, totalPrice, goodsValue of the list and the order agree.
        规则M08通过：清单与订单的gname, qty, price, totalPrice, goodsValue一致。
        M09 holds: grossWeight = weight: 1.2 in the list, 1.2 in the waybill.
        规则M09通过：grossWeight = weight：清单为1.2，运单为1.2。
        M10 does not apply: the waybill states no freight.
        规则M10不适用：运单未填写freight。
        M11 holds: logisticsNo: PARCEL0000000001 in the list, PARCEL0000000001 in the waybill.
        规则M11通过：logisticsNo：清单为PARCEL0000000001，运单为PARCEL0000000001。
        M12 holds: the list is worth 110, within 5000 for one trade.
        规则M12通过：清单金额110未超过单次交易限值5000。
        M13 does not apply: there is nothing to compare.
        规则M13不适用：无可比对内容。
        M14 does not apply: there is nothing to compare.
        规则M14不适用：无可比对内容。
        M15 holds: the documents follow each other in time.
        规则M15通过：各单证时间先后相符。
        M16 holds: who acts in the trade is registered for it.
        规则M16通过：参与企业均已注册且资格有效。
    "#]].assert_eq(&sentences);
}

#[test]
fn what_a_case_waits_for_is_a_sentence() {
    let (mut world, trade) = (world(), Trade::new(1));
    world.accept(&fixture::order(&trade));
    let case = world.case(&trade);
    let first = &explained(&case)[0];
    expect!["M01 waits: missing: payment, waybill, inventory_list."]
        .assert_eq(&first.sentence_en());
    expect!["规则M01待定：缺少支付单、运单、清单。"].assert_eq(&first.sentence_zh());
}

#[test]
fn the_specification_has_a_row_for_every_rule_with_its_severity() {
    let table = include_str!("../../../docs/spec/rules.md");
    for rule in RuleId::ALL {
        let row = table.lines().find(|line| line.starts_with(&format!("| {rule} |"))).unwrap();
        let severity = if rule.severity() == Severity::Warn { "| warn |" } else { "| reject |" };
        assert!(row.contains(severity), "{row}");
    }
}

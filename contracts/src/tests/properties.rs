//! What holds for every order of arrival and for every input.

use super::*;
use crate::fixture::capital;
use kanhe_types::merkle::Salt;
use proptest::prelude::*;

/// The case without what the order of arrival may show in: heights.
pub(super) fn without_heights(mut case: Case) -> Case {
    fn clear<F>(entry: Option<&mut crate::case::Entry<F>>) {
        if let Some(entry) = entry {
            entry.meta.height = 0;
        }
    }
    clear(case.order.as_mut());
    clear(case.payment.as_mut());
    clear(case.list.as_mut());
    clear(case.waybill.as_mut());
    case.refunds.iter_mut().for_each(|own| clear(Some(own)));
    let clearance = &mut case.clearance;
    clear(clearance.delivery.as_mut());
    clearance.cancellations.iter_mut().for_each(|own| clear(Some(own)));
    clearance.returns.iter_mut().for_each(|own| clear(Some(&mut own.entry)));
    let statuses = clearance.statuses.iter_mut().map(|own| &mut own.meta);
    let bills = clearance.bills.iter_mut().map(|own| &mut own.meta);
    let bill_statuses = clearance.bill_statuses.iter_mut().map(|own| &mut own.meta);
    statuses.chain(bills).chain(bill_statuses).for_each(|meta| meta.height = 0);
    // The case keeps them as they came, because the first has precedence where they conflict.
    clearance.statuses.sort_by_key(|own| own.meta.document);
    clearance.bill_statuses.sort_by_key(|own| own.meta.document);
    case.changed_height = 0;
    case
}

/// What follows the list, where it is released or where it is cancelled.
fn clearance_of(trade: &Trade, is_cancelled: bool) -> Vec<Document> {
    use crate::fixture::import;
    if is_cancelled {
        return vec![
            import::cancellation(trade),
            import::list_status(trade, "120"),
            import::list_status(trade, "500"),
            import::tax_bill(trade),
            import::tax_bill_status(trade, "3"),
            fixture::attestation(&Trade::new(2)),
            import::waybill_status(trade),
        ];
    }
    let mut all = import::documents(trade);
    all.truncate(7);
    all
}

/// Four documents and an attestation, some of them with differences that only findings show.
fn conflict_free(trade: &Trade, differences: [bool; 4]) -> Vec<Document> {
    let mut all = documents(trade).to_vec();
    all.push(fixture::attestation(trade));
    let [payer, amount, weight, name] = differences;
    for document in &mut all {
        payment(document, |payment| {
            if payer {
                let kind = kanhe_types::pseudonym::PersonalKind::IdentityNumber;
                payment.payer_id_number = fixture::pseudonym(kind, "测试乙");
            }
            if amount {
                payment.amount_paid = fixture::decimal("1");
            }
        });
        waybill(document, |waybill| {
            if weight {
                waybill.weight = fixture::decimal("9");
            }
        });
        list(document, |list| {
            if name {
                list.lines[0].gname = "测试香皂".to_owned();
            }
        });
    }
    all
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_change_the_case(
        order in Just((0..12).collect::<Vec<usize>>()).prop_shuffle(),
        differences in any::<[bool; 4]>(),
        count in 3usize..=12,
        in_one_block in any::<bool>(),
        is_cancelled in any::<bool>(),
    ) {
        let trade = Trade::new(1);
        let mut all = conflict_free(&trade, differences);
        all.extend(clearance_of(&trade, is_cancelled));
        let run = |order: &[usize]| {
            let mut world = world();
            if in_one_block {
                let submissions: Vec<Submission> = order
                    .iter()
                    .map(|index| {
                        let signer = fixture::signer(&trade, &all[*index]);
                        fixture::submission(&GENESIS, &signer, 9, &all[*index..=*index])
                    })
                    .collect();
                world.execute(&submissions);
            } else {
                for index in order {
                    world.accept(&all[*index]);
                }
            }
            world.find(&trade.case_key()).map(without_heights)
        };
        let arrived = &order[..count];
        let mut sorted = arrived.to_vec();
        sorted.sort_unstable();
        prop_assert_eq!(run(arrived), run(&sorted));
    }

    #[test]
    fn whatever_bytes_come_every_document_has_a_receipt(
        submissions in proptest::collection::vec(hostile_submission(), 1..6),
        height in any::<u64>(),
    ) {
        let mut world = world();
        world.height = height.saturating_sub(1);
        let mut seen = std::collections::BTreeSet::new();
        let count: usize = submissions
            .iter()
            .filter(|submission| seen.insert(submission.header.id(&GENESIS)))
            .map(|submission| submission.documents.len())
            .sum();
        let effects = world.execute(&submissions);
        prop_assert_eq!(effects.receipts.len(), count);
        for receipt in &effects.receipts {
            let bytes = kanhe_types::codec::encode(receipt).len();
            prop_assert!(bytes <= kanhe_types::limits::RECEIPT_BYTES_MAX);
        }
        for (key, value) in &effects.writes {
            prop_assert!(key.len() <= kanhe_types::limits::STATE_KEY_BYTES_MAX);
            let bytes = value.as_ref().map_or(0, Vec::len);
            prop_assert!(bytes <= kanhe_types::limits::STATE_VALUE_BYTES_MAX);
        }
        let again = world.execute(&submissions);
        prop_assert_eq!(again, Effects::default());
    }
}

/// Real documents with bytes changed, so that some of them still decode, and plain noise.
fn hostile_document() -> impl Strategy<Value = Vec<u8>> {
    let real = (0usize..17, 0u64..3, any::<[bool; 4]>(), 0u8..4).prop_map(
        |(kind, number, differences, app_type)| {
            let trade = Trade::new(number);
            let mut all = conflict_free(&trade, differences);
            all.extend(fixture::import::documents(&trade));
            all.push(fixture::import::cancellation(&trade));
            let orders = ["ORDER0000000000", "ORDER0000000001"];
            all.push(capital::allocation(&trade, &orders.map(|order_no| (order_no, "59.25"))));
            all.push(capital::refund(&trade, "BACK1", "1", "20261123150000"));
            all.push(capital::refund(&trade, "BACK2", "118.5", "20261126150000"));
            let mut document = all.swap_remove(kind);
            document.app_type = match app_type {
                0 => AppType::Change,
                1 => AppType::Delete,
                _ => AppType::Add,
            };
            document.encode()
        },
    );
    let changed = (real, proptest::collection::vec((any::<usize>(), any::<u8>()), 0..3)).prop_map(
        |(mut bytes, changes)| {
            for (place, byte) in changes {
                let place = place % bytes.len();
                bytes[place] = byte;
            }
            bytes
        },
    );
    prop_oneof![4 => changed, 1 => proptest::collection::vec(any::<u8>(), 0..200)]
}

fn hostile_submission() -> impl Strategy<Value = Submission> {
    let signers = fixture::organisations().len();
    (0..signers, proptest::collection::vec(hostile_document(), 1..8), any::<u64>()).prop_map(
        |(signer, documents, expires)| {
            let code = fixture::organisations()[signer].code.clone();
            let secret = fixture::secret(&code);
            Submission::sign(&GENESIS, code, &secret, expires, Salt::default(), documents).unwrap()
        },
    )
}

#[test]
fn a_submission_with_more_documents_than_allowed_is_cut_and_does_not_panic() {
    let trade = Trade::new(1);
    let mut submission =
        fixture::submission(&GENESIS, &trade.platform, 9, &[fixture::order(&trade)]);
    submission.documents = vec![vec![1]; 300];
    let effects = world().execute(&[submission]);
    assert_eq!(effects.receipts.len(), 100);
}

#[test]
fn the_largest_case_fits_its_value() {
    let (mut world, trade) = (world(), Trade::new(1));
    let name = "名".repeat(250);
    let case = world.trade_with(&trade, |document| {
        order(document, |order| {
            let first = order.lines[0].clone();
            order.lines = (1..=99)
                .map(|gnum| crate::document::OrderLine {
                    gnum,
                    item_name: name.clone(),
                    ..first.clone()
                })
                .collect();
            order.goods_value = fixture::decimal("5940");
            order.actural_paid = fixture::decimal("5958.5");
        });
        list(document, |list| {
            let first = list.lines[0].clone();
            list.lines = (1..=99)
                .map(|gnum| crate::document::InventoryLine {
                    gnum,
                    gname: format!("另{}", "名".repeat(249)),
                    ..first.clone()
                })
                .collect();
        });
    });
    let bytes = kanhe_types::codec::encode(&case).len();
    assert!(bytes < kanhe_types::limits::STATE_VALUE_BYTES_MAX / 3, "{bytes}");
}

#[test]
fn a_case_reads_back_from_its_json() {
    let case = world().trade_with(&Trade::new(1), |_| {});
    let json = serde_json::to_string(&case).unwrap();
    assert_eq!(serde_json::from_str::<Case>(&json).unwrap(), case);
}

#[test]
fn two_executions_of_one_block_have_the_same_effects() {
    let trade = Trade::new(1);
    let submissions: Vec<Submission> = documents(&trade)
        .iter()
        .map(|document| {
            let signer = fixture::signer(&trade, document);
            fixture::submission(&GENESIS, &signer, 9, std::slice::from_ref(document))
        })
        .collect();
    assert_eq!(world().execute(&submissions), world().execute(&submissions));
}

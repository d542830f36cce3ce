//! Exports through the same paths: who is shown them.

use super::assistance::{TAX, tax};
use super::*;
use kanhe_api::view::{DocumentView, ExportView, TradesPage};
use kanhe_contracts::document::{
    AssistanceAnswer, AssistanceRequest, Body as Said, DocumentKind, Inspection, InspectionResult,
    Subject,
};
use kanhe_contracts::event::CaseState;
use kanhe_contracts::fixture::{AGENCY, CARRIER, DECLARANT, MERCHANT, PLATFORM, Trade, export};

#[tokio::test]
async fn an_export_is_listed_and_shown_to_its_parties_and_to_agencies() {
    let (zone, trade) = (Zone::start().await, Trade::new(1));
    let mut ids = Vec::new();
    for document in export::documents(&trade).into_iter().take(4) {
        let who = fixture::signer(&trade, &document);
        let view = zone.execute(who.as_str(), &[document]).await;
        assert!(view.receipts[0].receipt.is_accepted(), "{:?}", view.receipts);
        ids.push(view.receipts[0].receipt.document);
    }
    let target = path::trade(&trade.case_key());
    for reader in [PLATFORM, DECLARANT, CARRIER, AGENCY] {
        let view: ExportView = zone.get(target.clone(), reader).await.json(StatusCode::OK);
        assert_eq!(view.export.state, CaseState::Matched);
        assert_eq!((view.withheld, view.findings.len()), (vec![], view.explanations.len()));
        let page: TradesPage = zone.get(path::TRADES, reader).await.json(StatusCode::OK);
        let keys: Vec<_> = page.trades.iter().map(|trade| trade.key.clone()).collect();
        assert_eq!(keys, [trade.case_key()], "{reader}");
        let waybill: DocumentView =
            zone.get(path::document(&ids[2]), reader).await.json(StatusCode::OK);
        assert_eq!(waybill.id, ids[2]);
    }
    // The payment firm is no party: anybody could send a receipt for any order.
    zone.get(target, fixture::PAYMENT_FIRM).await.error(ErrorCode::NotFound);
    zone.get(path::document(&ids[3]), fixture::PAYMENT_FIRM).await.error(ErrorCode::NotFound);
    zone.get(path::document(&ids[1]), fixture::PAYMENT_FIRM)
        .await
        .json::<DocumentView>(StatusCode::OK);
    zone.stop().await;
}

/// An export with its four documents; their identities by signer.
async fn exported(further: &[Organisation]) -> (Zone, Trade, BTreeMap<String, Hash>) {
    let (zone, trade) = (Zone::start_with(further).await, Trade::new(1));
    let mut ids = BTreeMap::new();
    for document in export::documents(&trade).into_iter().take(4) {
        let who = fixture::signer(&trade, &document);
        let view = zone.execute(who.as_str(), &[document]).await;
        ids.insert(who.to_string(), view.receipts[0].receipt.document);
    }
    (zone, trade, ids)
}

#[tokio::test]
async fn a_bank_sees_an_export_as_far_as_its_giver_may_show_it() {
    let (zone, trade, ids) = exported(&[]).await;
    let (bank, target) = (fixture::code(BANK), path::trade(&trade.case_key()));
    zone.get(target.clone(), BANK).await.error(ErrorCode::NotFound);
    let given = zone.execute(MERCHANT, &[fixture::case_grant(&trade, &bank, None)]).await;
    assert!(given.receipts[0].receipt.is_accepted(), "{:?}", given.receipts);
    let view: ExportView = zone.get(target.clone(), BANK).await.json(StatusCode::OK);
    // Order and list are the merchant's; receipt and waybill are others'.
    assert!(view.export.order_facts().is_some() && view.export.list_facts().is_some());
    let mut withheld = view.withheld;
    withheld.sort_unstable();
    let mut others = [ids[fixture::PAYMENT_FIRM], ids[CARRIER]];
    others.sort_unstable();
    assert_eq!(withheld, others);
    for (signer, is_shown) in
        [(PLATFORM, true), (DECLARANT, true), (fixture::PAYMENT_FIRM, false), (CARRIER, false)]
    {
        let answer = zone.get(path::document(&ids[signer]), BANK).await;
        match is_shown {
            true => drop(answer.json::<DocumentView>(StatusCode::OK)),
            false => drop(answer.error(ErrorCode::NotFound)),
        }
    }
    zone.get(target.clone(), RIVAL).await.error(ErrorCode::NotFound);

    let day = Millis(86_400_000);
    let (from, end) = (Millis(now().0 - day.0), Millis(now().0 + day.0));
    let of_merchant = format!("{}?organisation={MERCHANT}", path::TRADES);
    let page: TradesPage = zone.get(&of_merchant, BANK).await.json(StatusCode::OK);
    assert_eq!(page.trades.len(), 0, "a case's grant lists nothing");
    zone.execute_last(MERCHANT, &[fixture::period_grant(&bank, (from, end))]).await;
    let page: TradesPage = zone.get(&of_merchant, BANK).await.json(StatusCode::OK);
    assert_eq!(page.trades.len(), 1);
    zone.stop().await;
}

#[tokio::test]
async fn agencies_inspect_exports_and_let_each_other_see_them() {
    let (zone, trade, ids) = exported(&[tax()]).await;
    let target = path::trade(&trade.case_key());
    let receipt = path::document(&ids[fixture::PAYMENT_FIRM]);
    zone.get(receipt.clone(), TAX).await.error(ErrorCode::NotFound);
    let request = AssistanceRequest {
        agency: fixture::code(AGENCY),
        subject: Subject::Case(trade.case_key()),
        kinds: vec![DocumentKind::FundsReceipt],
        purpose: "测试退税核查".into(),
        basis: "测试法第一条".into(),
    };
    let asked = fixture::governance(Said::AssistanceRequest(request));
    let request = zone.execute(TAX, &[asked]).await.receipts[0].receipt.document;
    let until = Some(Millis(now().0 + 3_600_000));
    let answer = AssistanceAnswer { request, until, reason: "测试同意".into() };
    let answered = fixture::governance(Said::AssistanceAnswer(answer));
    assert!(zone.execute(AGENCY, &[answered]).await.receipts[0].receipt.is_accepted());
    zone.get(receipt, TAX).await.json::<DocumentView>(StatusCode::OK);

    let inspection = fixture::governance(Said::Inspection(Inspection {
        platform: trade.platform.clone(),
        order_no: trade.order_no.clone(),
        result: InspectionResult::Passed,
        inspected: "测试开箱查验".into(),
        evidence: None,
    }));
    assert!(zone.execute(AGENCY, &[inspection]).await.receipts[0].receipt.is_accepted());
    for reader in [TAX, CARRIER] {
        let view: ExportView = zone.get(target.clone(), reader).await.json(StatusCode::OK);
        assert_eq!(view.inspections.len(), 1, "{reader}");
    }
    zone.stop().await;
}

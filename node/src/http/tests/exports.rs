//! Exports through the same paths: who is shown them.

use super::*;
use kanhe_api::view::{DocumentView, ExportView, TradesPage};
use kanhe_contracts::event::CaseState;
use kanhe_contracts::fixture::{AGENCY, CARRIER, DECLARANT, PLATFORM, Trade, export};

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

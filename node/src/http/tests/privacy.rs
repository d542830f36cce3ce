//! Who sees what.

use super::*;
use kanhe_api::view::{BlockView, DocumentView, StatusView, TradeView, TradesPage};
use kanhe_contracts::event::CaseState;
use kanhe_contracts::fixture::{
    AGENCY, CARRIER, DECLARANT, MERCHANT, PAYMENT_FIRM, PLATFORM, Trade, list, order, payment,
    signer, waybill,
};
use kanhe_ledger::proof::DocumentProof;
use kanhe_types::block::Decision;
use kanhe_types::submission::Batch;

/// A zone with one whole trade; its documents' identities by signer.
pub(super) async fn traded() -> (Zone, Trade, BTreeMap<String, Hash>) {
    traded_in(Zone::start().await).await
}

/// The same in a zone of one's own.
pub(super) async fn traded_in(zone: Zone) -> (Zone, Trade, BTreeMap<String, Hash>) {
    let trade = Trade::new(1);
    let mut documents = BTreeMap::new();
    for document in [order(&trade), payment(&trade), waybill(&trade), list(&trade)] {
        let signer = signer(&trade, &document).to_string();
        let view = zone.execute(&signer, &[document]).await;
        assert!(view.receipts[0].receipt.is_accepted(), "{:?}", view.receipts);
        documents.insert(signer, view.receipts[0].receipt.document);
    }
    (zone, trade, documents)
}

#[tokio::test]
async fn parties_see_the_trade_with_findings_in_words() {
    let (zone, trade, _) = traded().await;
    for party in [PLATFORM, MERCHANT, PAYMENT_FIRM, CARRIER, DECLARANT, AGENCY] {
        let answer = zone.get(path::trade(&trade.case_key()), party).await;
        let view: TradeView = answer.json(StatusCode::OK);
        assert_eq!(view.findings.len(), view.explanations.len());
        assert!(view.explanations.iter().all(|words| !words.en.is_empty()), "{party}");
        let page: TradesPage = zone.get(path::TRADES, party).await.json(StatusCode::OK);
        assert_eq!(page.trades, [view.case.summary()], "{party}");
    }
    zone.stop().await;
}

#[tokio::test]
async fn a_rival_cannot_tell_a_trade_from_none() {
    let (zone, trade, documents) = traded().await;
    let same = async |existing: String, missing: String| {
        let (existing, missing) = (zone.get(existing, RIVAL).await, zone.get(missing, RIVAL).await);
        existing.error(ErrorCode::NotFound);
        assert_eq!((existing.status, existing.body), (missing.status, missing.body));
    };
    same(path::trade(&trade.case_key()), path::trade(&Trade::new(9).case_key())).await;
    let nothing = Hash([1; 32]);
    for document in documents.values() {
        same(path::document(document), path::document(&nothing)).await;
        same(path::document_proof(document, 0), path::document_proof(&nothing, 0)).await;
    }
    let submission = zone.sign(PLATFORM, &[order(&trade)]).header.id(&zone.handle.genesis_hash);
    same(path::submission(&submission, 0), path::submission(&nothing, 0)).await;
    for query in ["", "?state=matched", "?organisation=TESTEBP001", "?limit=500"] {
        let answer = zone.get(format!("{}{query}", path::TRADES), RIVAL).await;
        assert_eq!(answer.body, br#"{"trades":[],"next":null}"#, "{query}");
    }
    zone.stop().await;
}

#[tokio::test]
async fn members_see_headers_and_agencies_what_they_order() {
    let (zone, _, _) = traded().await;
    let member = zone.get(path::latest_block(), RIVAL).await;
    let block: BlockView = member.json(StatusCode::OK);
    assert_eq!(block.signers, [fixture::code(AGENCY)]);
    assert_eq!(block.batches, None);
    let status: StatusView = zone.get(path::STATUS, RIVAL).await.json(StatusCode::OK);
    assert_eq!(status.pool, None);
    zone.get(path::decisions(1, 10), RIVAL).await.error(ErrorCode::AgenciesOnly);
    zone.get(path::batch(&Hash([1; 32])), RIVAL).await.error(ErrorCode::AgenciesOnly);

    let status: StatusView = zone.get(path::STATUS, AGENCY).await.json(StatusCode::OK);
    assert!(status.pool.is_some());
    let answer = zone.get(path::decisions(1, 64), AGENCY).await;
    let decisions: Vec<Decision> = codec::decode(&answer.body, usize::MAX).expect("decisions");
    assert_eq!(decisions[0].block.header.height, 1);
    let ordered = decisions.iter().find(|decision| !decision.block.batches.is_empty());
    let ordered = ordered.expect("the trade was ordered");
    let height = ordered.block.header.height;
    let block: BlockView = zone.get(path::block(height), AGENCY).await.json(StatusCode::OK);
    let batch = &block.batches.expect("agencies see batches")[0];
    assert_eq!(batch.documents, 1);
    let answer = zone.get(path::batch(&batch.digest), AGENCY).await;
    assert_eq!(Batch::decode(&answer.body).expect("a batch").submissions.len(), 1);
    zone.get(path::block(height + 1_000_000), AGENCY).await.error(ErrorCode::NotFound);
    zone.stop().await;
}

#[tokio::test]
async fn parties_read_documents_and_prove_them() {
    let (zone, _, documents) = traded().await;
    let waybill = &documents[CARRIER];
    for reader in [CARRIER, MERCHANT, AGENCY] {
        let answer = zone.get(path::document(waybill), reader).await;
        let view: DocumentView = answer.json(StatusCode::OK);
        assert_eq!((view.id, view.organisation), (*waybill, fixture::code(CARRIER)), "{reader}");
    }
    let proof = zone.get(path::document_proof(waybill, 20_000), MERCHANT).await;
    assert_eq!(proof.status, StatusCode::OK);
    let validators = |bytes: &[u8]| Genesis::from_canonical(bytes).map(|g| g.validator_set());
    let decoded = DocumentProof::decode(&proof.body).expect("a proof");
    decoded.verify(&zone.handle.genesis_hash, validators).expect("the proof holds");
    let mut as_json = zone.draft("GET", path::document_proof(waybill, 0), MERCHANT);
    as_json.headers.push(("accept", "application/json".into()));
    let answer = zone.send(&as_json).await;
    let value: serde_json::Value = answer.json(StatusCode::OK);
    assert_eq!(value["receipt"]["document"], waybill.to_string());
    assert_eq!(answer.headers["content-type"], "application/json");
    zone.stop().await;
}

#[tokio::test]
async fn pages_follow_each_other_by_cursor() {
    let zone = Zone::start().await;
    let orders: Vec<Document> = (1..6).map(|number| order(&Trade::new(number))).collect();
    zone.execute(PLATFORM, &orders).await;
    let mut seen = Vec::new();
    let mut target = format!("{}?limit=2&state=collecting", path::TRADES);
    loop {
        let page: TradesPage = zone.get(target, PLATFORM).await.json(StatusCode::OK);
        assert!(page.trades.iter().all(|trade| trade.state == CaseState::Collecting));
        seen.extend(page.trades.into_iter().map(|trade| trade.key));
        let Some(next) = page.next else { break };
        target = format!("{}?limit=2&state=collecting&after={next}", path::TRADES);
    }
    let expected: Vec<_> = (1..6).map(|number| Trade::new(number).case_key()).collect();
    assert_eq!(seen, expected);
    for bad in ["limit=0", "limit=501", "after=zz", "state=lost", "unknown=1"] {
        let answer = zone.get(format!("{}?{bad}", path::TRADES), PLATFORM).await;
        answer.error(ErrorCode::BadRequest);
    }
    zone.stop().await;
}

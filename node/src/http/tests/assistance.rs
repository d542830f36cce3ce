//! What agencies see beyond their business, and that the owners learn of it.

use super::privacy::traded_in;
use super::*;
use crate::http::report::report;
use kanhe_api::access::{AssistanceView, ReadsPage};
use kanhe_api::view::{DocumentView, TradeView, TradesPage};
use kanhe_contracts::access::{AssistanceState, ReadRecord};
use kanhe_contracts::document::{
    AssistanceAnswer, AssistanceRequest, Body as Said, DocumentKind, Ground, Inspection,
    InspectionResult, Subject,
};
use kanhe_contracts::fixture::{AGENCY, CARRIER, MERCHANT, PAYMENT_FIRM, PLATFORM, Trade};
use kanhe_types::submission::Batch;

/// A tax authority; the fixture's agency is customs.
pub(super) const TAX: &str = "TESTTAX001";

pub(super) fn tax() -> Organisation {
    fixture::organisation(&fixture::code(TAX), "测试税务甲", &[Role::Agency, Role::Tax])
}

/// Tax asks customs for a trade's payment.
pub(super) fn payments_of(trade: &Trade) -> Document {
    fixture::governance(Said::AssistanceRequest(AssistanceRequest {
        agency: fixture::code(AGENCY),
        subject: Subject::Case(trade.case_key()),
        kinds: vec![DocumentKind::Payment],
        purpose: "测试退税核查".into(),
        basis: "测试法第一条".into(),
    }))
}

impl Zone {
    async fn reads(&self, owner: &str) -> Vec<ReadRecord> {
        let page: ReadsPage = self.get(path::READS, owner).await.json(StatusCode::OK);
        page.reads
    }

    /// Has the node report what was read, now.
    async fn report(&self) -> usize {
        report(&self.app).await.expect("the chain takes the report")
    }
}

#[tokio::test]
async fn an_agency_sees_its_business_and_more_only_with_anothers_leave() {
    let (zone, trade, documents) = traded_in(Zone::start_with(&[tax()]).await).await;
    let seen = async || -> TradeView {
        zone.get(path::trade(&trade.case_key()), TAX).await.json(StatusCode::OK)
    };
    let view = seen().await;
    assert!(view.case.order_facts().is_some() && view.case.list_facts().is_some());
    assert_eq!(view.withheld, [documents[PAYMENT_FIRM], documents[CARRIER]]);
    let payment = path::document(&documents[PAYMENT_FIRM]);
    zone.get(&payment, TAX).await.error(ErrorCode::NotFound);
    zone.get(path::document_proof(&documents[CARRIER], 0), TAX).await.error(ErrorCode::NotFound);
    zone.get(path::document(&documents[PLATFORM]), TAX).await.json::<DocumentView>(StatusCode::OK);
    let page: TradesPage = zone.get(path::TRADES, TAX).await.json(StatusCode::OK);
    assert_eq!(page.trades.len(), 1, "where trades stand is every agency's to see");

    let asked = zone.execute(TAX, &[payments_of(&trade)]).await;
    let request = asked.receipts[0].receipt.document;
    zone.get(&payment, TAX).await.error(ErrorCode::NotFound);
    let until = Some(Millis(now().0 + 3_600_000));
    let answer = AssistanceAnswer { request, until, reason: "测试同意".into() };
    let answered = fixture::governance(Said::AssistanceAnswer(answer));
    assert!(zone.execute(AGENCY, &[answered]).await.receipts[0].receipt.is_accepted());
    zone.get(&payment, TAX).await.json::<DocumentView>(StatusCode::OK);
    assert_eq!(seen().await.withheld, [documents[CARRIER]]);

    // Both agencies and the parties read what was asked and answered.
    for reader in [TAX, AGENCY, MERCHANT, PAYMENT_FIRM] {
        let view: AssistanceView =
            zone.get(path::assistance(&request), reader).await.json(StatusCode::OK);
        assert_eq!(view.state, AssistanceState::Granted, "{reader}");
        let page: kanhe_api::access::AssistancePage =
            zone.get(path::ASSISTANCES, reader).await.json(StatusCode::OK);
        assert_eq!(page.requests, [view], "{reader}");
    }
    zone.get(path::assistance(&request), RIVAL).await.error(ErrorCode::NotFound);
    zone.stop().await;
}

#[tokio::test]
async fn what_agencies_read_is_on_the_ledger_for_the_owners() {
    let (zone, trade, documents) = traded_in(Zone::start_with(&[tax()]).await).await;
    assert_eq!(zone.report().await, 0, "what parties read is their own");
    zone.get(path::trade(&trade.case_key()), MERCHANT).await.json::<TradeView>(StatusCode::OK);
    assert_eq!(zone.report().await, 0);

    for _ in 0..3 {
        zone.get(path::trade(&trade.case_key()), TAX).await.json::<TradeView>(StatusCode::OK);
    }
    zone.get(path::document(&documents[CARRIER]), AGENCY)
        .await
        .json::<DocumentView>(StatusCode::OK);
    assert_eq!(zone.reads(MERCHANT).await, [], "it is not reported yet");
    assert_eq!(zone.report().await, 1);
    let by = |reads: &[ReadRecord], reader: &str| {
        let found = reads.iter().find(|read| read.entry.reader == fixture::code(reader)).cloned();
        found.unwrap_or_else(|| panic!("{reader} is not in {reads:?}"))
    };
    for owner in [PLATFORM, MERCHANT, PAYMENT_FIRM, CARRIER] {
        let reads = zone.reads(owner).await;
        assert_eq!(reads.len(), 2, "{owner}: {reads:?}");
        let of_tax = by(&reads, TAX);
        assert_eq!((of_tax.entry.count, &of_tax.entry.ground), (3, &Ground::Business));
        assert_eq!(of_tax.entry.cases, [trade.case_key()]);
        assert_eq!(of_tax.entry.key, fixture::secret(&fixture::code(TAX)).public_key());
        assert_eq!(of_tax.server, fixture::code(AGENCY));
        assert_eq!(by(&reads, AGENCY).entry.count, 1);
    }
    assert_eq!(zone.reads(RIVAL).await, []);
    assert_eq!(zone.report().await, 0, "nothing is reported twice");
    zone.stop().await;
}

#[tokio::test]
async fn lists_receipts_and_batches_are_logged_too_and_summed_up() {
    let zone = Zone::start_with(&[tax()]).await;
    let orders: Vec<Document> = (1..40).map(|number| fixture::order(&Trade::new(number))).collect();
    let sent = zone.execute(PLATFORM, &orders).await;
    zone.get(path::TRADES, TAX).await.json::<TradesPage>(StatusCode::OK);
    zone.get(path::submission(&sent.id, 0), TAX).await.json::<SubmissionView>(StatusCode::OK);
    let height = sent.receipts[0].receipt.height;
    let decision = zone.app.ledger().decision(height).expect("readable").expect("decided");
    let digest = decision.block.batches[0].header.digest(&zone.handle.genesis_hash);
    let batch = zone.get(path::batch(&digest), TAX).await;
    Batch::decode(&batch.body).expect("agencies check the chain");
    zone.report().await;
    let reads = zone.reads(PLATFORM).await;
    let mut counts: Vec<(Ground, u32)> =
        reads.into_iter().map(|read| (read.entry.ground, read.entry.count)).collect();
    counts.sort();
    assert_eq!(counts, [(Ground::Standing, 1), (Ground::Business, 39), (Ground::Audit, 1)]);
    zone.stop().await;
}

#[tokio::test]
async fn an_inspection_is_seen_by_parties_and_agencies() {
    let (zone, trade, _) = traded_in(Zone::start_with(&[tax()]).await).await;
    zone.execute(MERCHANT, &[fixture::case_grant(&trade, &fixture::code(BANK), None)]).await;
    let inspection = Inspection {
        platform: trade.platform.clone(),
        order_no: trade.order_no.clone(),
        result: InspectionResult::Passed,
        inspected: "测试开箱".into(),
        evidence: None,
    };
    let inspection = fixture::governance(Said::Inspection(inspection));
    assert!(zone.execute(AGENCY, &[inspection]).await.receipts[0].receipt.is_accepted());
    for (reader, count) in [(TAX, 1), (MERCHANT, 1), (CARRIER, 1), (BANK, 0)] {
        let view: TradeView =
            zone.get(path::trade(&trade.case_key()), reader).await.json(StatusCode::OK);
        assert_eq!(view.inspections.len(), count, "{reader}");
    }
    zone.stop().await;
}

//! What a grant shows, and what it does not.

use super::privacy::traded;
use super::*;
use kanhe_api::access::{GrantView, GrantsPage};
use kanhe_api::view::{DocumentView, TradeView, TradesPage};
use kanhe_contracts::access::GrantState;
use kanhe_contracts::fixture::{
    AGENCY, CARRIER, DECLARANT, MERCHANT, PAYMENT_FIRM, PLATFORM, Trade, order,
};
use kanhe_contracts::governance::KeyChange;
use kanhe_types::time::Millis;

impl Zone {
    /// Submits a grant that is accepted; its identity.
    async fn give(&self, giver: &str, grant: Document) -> Hash {
        let view = self.execute(giver, &[grant]).await;
        assert!(view.receipts[0].receipt.is_accepted(), "{:?}", view.receipts);
        view.receipts[0].receipt.document
    }

    async fn withdraw(&self, giver: &str, grant: Hash) {
        self.give(giver, fixture::grant_withdrawal(grant)).await;
    }

    async fn seen_trade(&self, trade: &Trade, reader: &str) -> TradeView {
        self.get(path::trade(&trade.case_key()), reader).await.json(StatusCode::OK)
    }
}

#[tokio::test]
async fn a_bank_sees_one_case_as_far_as_its_giver_may_show_it() {
    let (zone, trade, documents) = traded().await;
    let other = Trade::new(2);
    zone.execute(PLATFORM, &[order(&other)]).await;
    let bank = fixture::code(BANK);
    let grant = zone.give(MERCHANT, fixture::case_grant(&trade, &bank, None)).await;

    let view = zone.seen_trade(&trade, BANK).await;
    assert_eq!(view.case.state, kanhe_contracts::event::CaseState::Matched);
    assert!(view.case.order_facts().is_some() && view.case.payment_facts().is_none());
    assert_eq!(view.withheld, [documents[PAYMENT_FIRM], documents[CARRIER]]);
    for (signer, is_shown) in
        [(PLATFORM, true), (DECLARANT, true), (PAYMENT_FIRM, false), (CARRIER, false)]
    {
        let id = &documents[signer];
        let answer = zone.get(path::document(id), BANK).await;
        let proof = zone.get(path::document_proof(id, 20_000), BANK).await;
        if is_shown {
            assert_eq!(answer.json::<DocumentView>(StatusCode::OK).id, *id);
            assert_eq!(proof.status, StatusCode::OK);
        } else {
            answer.error(ErrorCode::NotFound);
            proof.error(ErrorCode::NotFound);
        }
    }
    // With the others' leave it sees the rest.
    zone.give(PAYMENT_FIRM, fixture::case_grant(&trade, &bank, None)).await;
    assert_eq!(zone.seen_trade(&trade, BANK).await.withheld, [documents[CARRIER]]);

    // Nothing else of the merchant's, and nothing for anybody else.
    zone.get(path::trade(&other.case_key()), BANK).await.error(ErrorCode::NotFound);
    let of_merchant = format!("{}?organisation={MERCHANT}", path::TRADES);
    for target in [path::TRADES, &of_merchant] {
        let answer = zone.get(target, BANK).await;
        assert_eq!(answer.body, br#"{"trades":[],"next":null}"#, "{target}");
    }
    zone.get(path::trade(&trade.case_key()), RIVAL).await.error(ErrorCode::NotFound);
    zone.get(path::grant(&grant), RIVAL).await.error(ErrorCode::NotFound);

    zone.withdraw(MERCHANT, grant).await;
    assert_eq!(zone.seen_trade(&trade, BANK).await.withheld.len(), 3);
    let view: GrantView = zone.get(path::grant(&grant), BANK).await.json(StatusCode::OK);
    assert_eq!(view.state, GrantState::Withdrawn);
    zone.stop().await;
}

#[tokio::test]
async fn grants_are_listed_for_everybody_whom_they_concern() {
    let (zone, trade, _) = traded().await;
    let bank = fixture::code(BANK);
    let first = zone.give(MERCHANT, fixture::case_grant(&trade, &bank, None)).await;
    let period = fixture::period_grant(&bank, (now(), Millis(now().0 + 1)));
    let second = zone.give(MERCHANT, period).await;
    let listed = async |reader: &str, query: &str| {
        let answer = zone.get(format!("{}{query}", path::GRANTS), reader).await;
        let page: GrantsPage = answer.json(StatusCode::OK);
        let ids: Vec<Hash> = page.grants.iter().map(|view| view.grant.id).collect();
        (ids, page.next)
    };
    for reader in [MERCHANT, BANK] {
        assert_eq!(listed(reader, "").await, (vec![second, first], None), "{reader}");
    }
    assert_eq!(listed(BANK, "?limit=1").await, (vec![second], Some(2)));
    assert_eq!(listed(BANK, "?limit=1&before=2").await, (vec![first], None));
    // A party of the case learns who was let see it; what else the merchant grants is not theirs.
    assert_eq!(listed(CARRIER, "").await, (vec![first], None));
    zone.get(path::grant(&first), CARRIER).await.json::<GrantView>(StatusCode::OK);
    zone.get(path::grant(&second), CARRIER).await.error(ErrorCode::NotFound);
    assert_eq!(listed(RIVAL, "").await, (Vec::new(), None));
    // The receiver can prove that it was let.
    zone.get(path::document(&second), BANK).await.json::<DocumentView>(StatusCode::OK);
    zone.get(path::document(&second), CARRIER).await.error(ErrorCode::NotFound);
    zone.get(format!("{}?limit=0", path::GRANTS), BANK).await.error(ErrorCode::BadRequest);
    zone.stop().await;
}

#[tokio::test]
async fn an_auditor_lists_the_trades_of_a_period_and_no_cursor_names_another() {
    let zone = Zone::start().await;
    let orders: Vec<Document> = (1..8).map(|number| order(&Trade::new(number))).collect();
    zone.execute(PLATFORM, &orders).await;
    let bank = fixture::code(BANK);
    let before = (Millis(now().0 - 120_000), Millis(now().0 - 60_000));
    let grant = zone.give(MERCHANT, fixture::period_grant(&bank, before)).await;
    let target = format!("{}?organisation={MERCHANT}&limit=2", path::TRADES);
    let page: TradesPage = zone.get(&target, BANK).await.json(StatusCode::OK);
    assert_eq!((page.trades, page.next), (Vec::new(), None), "none was opened in the period");

    let around = (Millis(now().0 - 60_000), Millis(now().0 + 60_000));
    let all = zone.give(MERCHANT, fixture::period_grant(&bank, around)).await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let answer = zone.get(format!("{target}{after}"), BANK).await;
        let page: TradesPage = answer.json(StatusCode::OK);
        seen.extend(page.trades.into_iter().map(|trade| trade.key.order_no));
        let Some(next) = page.next else { break };
        assert_eq!(path::read_cursor(&next), None, "the cursor hides where the page ended");
        after = format!("&after={next}");
        // A cursor is its caller's.
        let foreign = zone.get(format!("{target}{after}"), RIVAL).await;
        assert_eq!(foreign.body, br#"{"trades":[],"next":null}"#);
    }
    let expected: Vec<String> = (1..8).map(|number| Trade::new(number).order_no).collect();
    assert_eq!(seen, expected);
    let forged = format!("{target}&after={}", path::cursor(&Trade::new(1).case_key()));
    zone.get(forged, BANK).await.error(ErrorCode::BadRequest);

    zone.withdraw(MERCHANT, grant).await;
    zone.withdraw(MERCHANT, all).await;
    let page: TradesPage = zone.get(&target, BANK).await.json(StatusCode::OK);
    assert_eq!((page.trades, page.next), (Vec::new(), None));
    zone.stop().await;
}

#[tokio::test]
async fn what_a_stolen_operator_key_granted_ends_with_the_key() {
    let (zone, trade, _) = traded().await;
    let grant = fixture::case_grant(&trade, &fixture::code(RIVAL), None);
    let grant = zone.give(MERCHANT, grant).await;
    zone.seen_trade(&trade, RIVAL).await;
    let key = fixture::secret(&fixture::code(MERCHANT)).public_key();
    let revoke = fixture::own_keys(vec![KeyChange::Revoke { key, last: None }]);
    zone.execute_last(MERCHANT, &[revoke]).await;
    zone.get(path::trade(&trade.case_key()), RIVAL).await.error(ErrorCode::NotFound);
    let view: GrantView = zone.get(path::grant(&grant), AGENCY).await.json(StatusCode::OK);
    assert_eq!(view.state, GrantState::KeyEnded);
    zone.stop().await;
}

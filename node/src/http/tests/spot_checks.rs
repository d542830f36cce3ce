//! Who sees a spot check, and how a sealed original passes from its sender to who asked.

use super::*;
use kanhe_api::spot_check::{LetterAnswer, SpotCheckView, SpotChecksAnswer};
use kanhe_contracts::document::{
    Body as Said, OriginalAnswer, OriginalResult, SpotCheck, SpotCheckAnswer, SpotCheckResult,
};
use kanhe_contracts::fixture::{AGENCY, MERCHANT, PLATFORM, Trade, export, order};
use kanhe_contracts::spot_check::SpotCheckStatus;
use kanhe_privacy::seal::{ReaderKey, letter_digest, seal};

/// A zone in which the agency asked for the original of an order; the check's identity.
async fn asked() -> (Zone, Hash, ReaderKey) {
    asked_of(order).await
}

/// The same of a document of the platform.
async fn asked_of(make: fn(&Trade) -> Document) -> (Zone, Hash, ReaderKey) {
    let (zone, trade, reader) = (Zone::start().await, Trade::new(1), ReaderKey::derive(&[1; 32]));
    let sent = zone.execute(PLATFORM, &[make(&trade)]).await;
    let ask = SpotCheck {
        case: trade.case_key(),
        document: sent.receipts[0].receipt.document,
        reply_key: reader.public(),
        seconds: 86_400,
        reason: "测试抽查".into(),
    };
    let asked = zone.execute(AGENCY, &[fixture::governance(Said::SpotCheck(ask))]).await;
    assert!(asked.receipts[0].receipt.is_accepted(), "{asked:?}");
    (zone, asked.receipts[0].receipt.document, reader)
}

impl Zone {
    async fn view(&self, check: &Hash, reader: &str) -> SpotCheckView {
        self.get(path::spot_check(check), reader).await.json(StatusCode::OK)
    }

    async fn open(&self, reader: &str) -> Vec<SpotCheckView> {
        let answer = self.get(path::SPOT_CHECKS, reader).await;
        answer.json::<SpotChecksAnswer>(StatusCode::OK).checks
    }

    fn letter(&self, check: &Hash, sender: &str, letter: &[u8]) -> Draft {
        let mut draft = self.draft("POST", path::spot_check_original(check), sender);
        draft.headers.push(("content-type", "application/octet-stream".into()));
        draft.body = letter.to_vec();
        draft
    }
}

#[tokio::test]
async fn a_sealed_original_passes_from_its_sender_to_who_asked() {
    let (zone, check, reader) = asked().await;
    let view = zone.view(&check, PLATFORM).await;
    assert_eq!((view.check.sender.as_str(), view.check.agency.as_str()), (PLATFORM, AGENCY));
    let letter = seal(&view.check.reply_key, &check, b"original").expect("a key");
    let kept: LetterAnswer =
        zone.send(&zone.letter(&check, PLATFORM, &letter)).await.json(StatusCode::OK);
    assert_eq!(kept.letter, letter_digest(&letter));
    let said = SpotCheckAnswer { check, answer: OriginalAnswer::Shown(kept.letter) };
    zone.execute(PLATFORM, &[fixture::governance(Said::SpotCheckAnswer(said))]).await;
    assert_eq!(zone.open(AGENCY).await.len(), 1);
    let fetched = zone.get(path::spot_check_original(&check), AGENCY).await;
    assert_eq!(fetched.status, StatusCode::OK);
    assert_eq!(reader.open(&check, &fetched.body).expect("for us").as_slice(), b"original");
    // What was judged is swept away when the next letter comes.
    let said = SpotCheckResult { check, result: OriginalResult::Agrees };
    zone.execute(AGENCY, &[fixture::governance(Said::SpotCheckResult(said))]).await;
    assert_eq!(zone.view(&check, AGENCY).await.check.status, SpotCheckStatus::Agrees);
    assert!(zone.open(AGENCY).await.is_empty());
    zone.send(&zone.letter(&check, PLATFORM, &letter)).await.error(ErrorCode::BadRequest);
    zone.stop().await;
}

#[tokio::test]
async fn nobody_else_sees_the_check_or_leaves_or_fetches_a_letter() {
    let (zone, check, _) = asked().await;
    let letter = vec![7; 100];
    for other in [MERCHANT, RIVAL] {
        zone.get(path::spot_check(&check), other).await.error(ErrorCode::NotFound);
        assert!(zone.open(other).await.is_empty());
        zone.send(&zone.letter(&check, other, &letter)).await.error(ErrorCode::NotFound);
        zone.get(path::spot_check_original(&check), other).await.error(ErrorCode::NotFound);
    }
    // Who asked leaves none, who is asked fetches none, and there may be none yet.
    zone.send(&zone.letter(&check, AGENCY, &letter)).await.error(ErrorCode::NotFound);
    zone.get(path::spot_check_original(&check), AGENCY).await.error(ErrorCode::NotFound);
    zone.send(&zone.letter(&check, PLATFORM, &letter)).await.json::<LetterAnswer>(StatusCode::OK);
    zone.get(path::spot_check_original(&check), PLATFORM).await.error(ErrorCode::NotFound);
    let unknown = Hash([9; 32]);
    zone.get(path::spot_check(&unknown), AGENCY).await.error(ErrorCode::NotFound);
    zone.send(&zone.letter(&unknown, PLATFORM, &letter)).await.error(ErrorCode::NotFound);
    zone.send(&zone.letter(&check, PLATFORM, b"short")).await.error(ErrorCode::BadRequest);
    zone.stop().await;
}

#[tokio::test]
async fn letters_of_checks_that_are_closed_are_removed() {
    let (zone, check, _) = asked().await;
    let letters = zone.app.privacy.letters.clone().expect("the zone has them");
    zone.send(&zone.letter(&check, PLATFORM, &[7; 100])).await.json::<LetterAnswer>(StatusCode::OK);
    letters.put(&Hash([9; 32]), b"of a check that nobody knows").expect("writable");
    zone.send(&zone.letter(&check, PLATFORM, &[8; 100])).await.json::<LetterAnswer>(StatusCode::OK);
    assert_eq!(letters.checks().expect("readable"), [check]);
    assert_eq!(letters.get(&check).expect("readable"), Some(vec![8; 100]));
    zone.stop().await;
}

#[tokio::test]
async fn a_spot_check_of_an_export_is_shown_as_one_of_an_import() {
    let (zone, check, _) = asked_of(export::order).await;
    let view = zone.view(&check, PLATFORM).await;
    assert_eq!(view.check.kind, kanhe_contracts::document::DocumentKind::ExportOrder);
    for reader in [AGENCY, PLATFORM] {
        assert_eq!(zone.open(reader).await, std::slice::from_ref(&view), "{reader}");
    }
    zone.get(path::spot_check(&check), MERCHANT).await.error(ErrorCode::NotFound);
    let letter = seal(&view.check.reply_key, &check, b"original").expect("a key");
    let kept: LetterAnswer =
        zone.send(&zone.letter(&check, PLATFORM, &letter)).await.json(StatusCode::OK);
    assert_eq!(kept.letter, letter_digest(&letter));
    zone.stop().await;
}

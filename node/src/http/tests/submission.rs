//! Taking submissions in.

use super::*;
use kanhe_api::limits::RECEIPTS_SUBMISSIONS_MAX;
use kanhe_api::submission::{
    ReceiptsAnswer, ReceiptsBody, ReceiptsBytes, SubmissionBody, SubmissionBodyHeader,
    SubmissionsBody,
};
use kanhe_contracts::fixture::{PLATFORM, Trade, order};
use kanhe_types::limits::{EXPIRY_HEIGHTS_MAX, HTTP_BODY_BYTES_MAX, HTTP_SUBMISSIONS_MAX};
use kanhe_types::receipt::Outcome;

#[tokio::test]
async fn a_submission_gets_its_receipts_and_the_same_ones_when_it_is_sent_again() {
    let zone = Zone::start().await;
    let documents = [order(&Trade::new(1)), order(&Trade::new(2))];
    let first = zone.execute(PLATFORM, &documents).await;
    assert_eq!(first.receipts.len(), 2);
    for receipt in &first.receipts {
        assert!(matches!(receipt.receipt.outcome, Outcome::Accepted { .. }), "{receipt:?}");
    }
    assert_eq!(zone.execute(PLATFORM, &documents).await, first);
    zone.stop().await;
}

#[tokio::test]
async fn receipts_of_many_submissions_come_together_and_only_to_their_owner() {
    let zone = Zone::start().await;
    let submissions = [1, 2].map(|number| zone.sign(PLATFORM, &[order(&Trade::new(number))]));
    let ids = submissions.each_ref().map(|one| one.header.id(&zone.handle.genesis_hash));
    zone.post(&submissions, PLATFORM).await;
    let asked = [ids[0], Hash([9; 32]), ids[1]];
    let ask = |organisation: &str, ids: &[Hash], wait_ms| {
        let mut draft = zone.draft("POST", path::RECEIPTS, organisation);
        draft.headers.push(("accept", "application/json".into()));
        let body = ReceiptsBody { submissions: ids.to_vec(), wait_ms };
        draft.body = serde_json::to_vec(&body).expect("JSON");
        draft
    };
    let answer: ReceiptsAnswer = zone.send(&ask(PLATFORM, &ids, 20_000)).await.json(StatusCode::OK);
    assert!(answer.submissions.iter().all(|one| one.status == SubmissionStatus::Final));

    let answer: ReceiptsAnswer = zone.send(&ask(PLATFORM, &asked, 0)).await.json(StatusCode::OK);
    let found: Vec<_> = answer.submissions.iter().map(|one| (one.id, one.status)).collect();
    let (done, unknown) = (SubmissionStatus::Final, SubmissionStatus::Unknown);
    assert_eq!(found, [(asked[0], done), (asked[1], unknown), (asked[2], done)]);
    assert_eq!(answer.submissions[0].receipts.len(), 1);

    let mut draft = ask(PLATFORM, &asked, 0);
    draft.headers.retain(|(name, _)| *name != "accept");
    let bytes = zone.send(&draft).await;
    let receipts: ReceiptsBytes = codec::decode(&bytes.body, 1 << 20).expect("canonical bytes");
    assert_eq!(receipts.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true]);

    // To another organisation they are like what does not exist.
    let rival: ReceiptsAnswer = zone.send(&ask(RIVAL, &asked, 0)).await.json(StatusCode::OK);
    assert!(rival.submissions.iter().all(|one| one.status == unknown && one.receipts.is_empty()));

    for ids in [Vec::new(), vec![Hash::default(); RECEIPTS_SUBMISSIONS_MAX + 1]] {
        zone.send(&ask(PLATFORM, &ids, 0)).await.error(ErrorCode::BadRequest);
    }
    zone.stop().await;
}

#[tokio::test]
async fn a_rejected_document_is_answered_with_its_remedy() {
    let zone = Zone::start().await;
    let mut document = order(&Trade::new(1));
    document.guid = "short".into();
    let view = zone.execute(PLATFORM, &[document]).await;
    let rejection = view.receipts[0].rejection.as_ref().expect("a short guid is rejected");
    assert_eq!(rejection.name, "GuidMalformed");
    assert!(rejection.remedy.contains("36 characters"));
    // After a restart nothing is remembered: the blocks tell whose it is.
    let receipts: Vec<_> = view.receipts.iter().map(|view| view.receipt.clone()).collect();
    let owner = super::super::access::submission_owner(zone.app.ledger(), &receipts);
    assert_eq!(owner.expect("the ledger answers"), Some(fixture::code(PLATFORM)));
    zone.stop().await;
}

#[tokio::test]
async fn a_submission_as_json_is_the_same_submission() {
    let zone = Zone::start().await;
    let document = order(&Trade::new(1));
    let submission = zone.sign(PLATFORM, std::slice::from_ref(&document));
    let body = SubmissionsBody {
        submissions: vec![SubmissionBody {
            header: SubmissionBodyHeader {
                organisation: submission.header.organisation.clone(),
                key: submission.header.key,
                expires: submission.header.expires,
            },
            salt: submission.salt,
            signature: submission.signature,
            documents: vec![document],
        }],
    };
    let mut draft = zone.draft("POST", path::SUBMISSIONS, PLATFORM);
    draft.headers.push(("content-type", "application/json".into()));
    draft.body = serde_json::to_vec(&body).expect("JSON");
    let answer: SubmissionsAnswer = zone.send(&draft).await.json(StatusCode::ACCEPTED);
    let id = submission.header.id(&zone.handle.genesis_hash);
    assert_eq!((answer.submissions[0].admitted, answer.submissions[0].id), (true, Some(id)));
    zone.stop().await;
}

#[tokio::test]
async fn each_bad_submission_is_refused_without_the_others() {
    let zone = Zone::start().await;
    let good = zone.sign(PLATFORM, &[order(&Trade::new(1))]);
    let others = zone.sign(RIVAL, &[order(&Trade::new(2))]);
    let mut unsigned = zone.sign(PLATFORM, &[order(&Trade::new(3))]);
    unsigned.signature = good.signature;
    let mut swapped = zone.sign(PLATFORM, &[order(&Trade::new(4))]);
    swapped.documents = good.documents.clone();
    let platform = fixture::code(PLATFORM);
    let documents = [order(&Trade::new(5))];
    let too_long = EXPIRY_HEIGHTS_MAX * 2;
    let late = fixture::submission(&zone.handle.genesis_hash, &platform, too_long, &documents);
    let answer = zone.post(&[others, unsigned, good, swapped, late], PLATFORM).await;
    let answer: SubmissionsAnswer = answer.json(StatusCode::ACCEPTED);
    let codes: Vec<Option<ErrorCode>> = answer
        .submissions
        .iter()
        .map(|answer| answer.error.as_ref().map(|error| error.code))
        .collect();
    let expected = [
        Some(ErrorCode::OtherOrganisation),
        Some(ErrorCode::SubmissionSignature),
        None,
        Some(ErrorCode::SubmissionMalformed),
        Some(ErrorCode::SubmissionExpiry),
    ];
    assert_eq!(codes, expected);
    zone.stop().await;
}

#[tokio::test]
async fn a_thousand_submissions_are_taken_and_one_more_is_not() {
    let zone = Zone::start().await;
    let submission = zone.sign(PLATFORM, &[order(&Trade::new(1))]);
    let most = vec![submission.clone(); HTTP_SUBMISSIONS_MAX];
    let answer: SubmissionsAnswer = zone.post(&most, PLATFORM).await.json(StatusCode::ACCEPTED);
    assert_eq!(answer.submissions.len(), HTTP_SUBMISSIONS_MAX);
    assert!(answer.submissions.iter().all(|answer| answer.admitted));
    let over = vec![submission; HTTP_SUBMISSIONS_MAX + 1];
    let error = zone.post(&over, PLATFORM).await.error(ErrorCode::TooLarge);
    assert_eq!(error.message, "expected 1 to 1000 submissions, found 1001");
    zone.post(&[], PLATFORM).await.error(ErrorCode::BadRequest);
    zone.stop().await;
}

#[tokio::test]
async fn a_body_of_the_most_bytes_is_read_and_one_byte_more_is_not() {
    let zone = Zone::start().await;
    let most = zone.binary(vec![0xff; HTTP_BODY_BYTES_MAX], PLATFORM);
    zone.send(&most).await.error(ErrorCode::BadRequest);
    let over = zone.binary(vec![0xff; HTTP_BODY_BYTES_MAX + 1], PLATFORM);
    let error = zone.send(&over).await.error(ErrorCode::TooLarge);
    assert!(error.message.contains(&HTTP_BODY_BYTES_MAX.to_string()), "{error}");
    let mut with_body = zone.draft("GET", path::STATUS, PLATFORM);
    with_body.body = vec![0];
    zone.send(&with_body).await.error(ErrorCode::TooLarge);
    zone.stop().await;
}

#[tokio::test]
async fn a_body_without_a_stated_length_is_bounded_too() {
    let zone = Zone::start().await;
    let draft = zone.binary(Vec::new(), PLATFORM);
    let signed = sign_request(
        &RequestToSign {
            genesis: &draft.genesis,
            method: draft.method,
            target: &draft.target,
            organisation: &draft.organisation,
            date: draft.date,
            nonce: draft.nonce,
            body: &draft.body,
        },
        &draft.secret,
    );
    let mut request = Request::post(path::SUBMISSIONS);
    for (name, value) in signed.pairs() {
        request = request.header(name, value);
    }
    // A body that is mapped does not state its length any more.
    let body = http_body_util::Full::new(bytes::Bytes::from(vec![0; HTTP_BODY_BYTES_MAX + 1]));
    let body = Body::new(http_body_util::BodyExt::map_frame(body, |frame| frame));
    assert_eq!(axum::body::HttpBody::size_hint(&body).upper(), None);
    zone.call(request.body(body).expect("a request")).await.error(ErrorCode::TooLarge);
    zone.stop().await;
}

#[tokio::test]
async fn malformed_bodies_are_refused_with_the_reason() {
    let zone = Zone::start().await;
    let mut leftover = codec::encode(&vec![zone.sign(PLATFORM, &[order(&Trade::new(1))])]);
    leftover.push(0);
    let error = zone.send(&zone.binary(leftover, PLATFORM)).await.error(ErrorCode::BadRequest);
    assert!(error.message.contains("found"), "{error}");
    let mut no_json = zone.draft("POST", path::SUBMISSIONS, PLATFORM);
    no_json.headers.push(("content-type", "application/json".into()));
    no_json.body = b"{".to_vec();
    zone.send(&no_json).await.error(ErrorCode::BadRequest);
    let mut no_type = zone.draft("POST", path::SUBMISSIONS, PLATFORM);
    no_type.body = b"{}".to_vec();
    zone.send(&no_type).await.error(ErrorCode::UnsupportedMediaType);
    zone.stop().await;
}

#[tokio::test]
async fn an_unknown_submission_is_not_found_after_the_wait() {
    let zone = Zone::start().await;
    let unknown = zone.get(path::submission(&Hash([1; 32]), 50), PLATFORM).await;
    assert!(unknown.error(ErrorCode::NotFound).retryable);
    let malformed = zone.get("/v1/submissions/xyz", PLATFORM).await;
    assert!(malformed.error(ErrorCode::BadRequest).message.contains("64 hex digits"));
    let parameter = zone.get(format!("/v1/submissions/{}?wait=1", Hash([1; 32])), PLATFORM).await;
    parameter.error(ErrorCode::BadRequest);
    zone.stop().await;
}

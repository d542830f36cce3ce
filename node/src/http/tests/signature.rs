//! Whose request it is.

use super::*;
use kanhe_api::RequestHeaders;
use kanhe_contracts::fixture::{AGENCY, PLATFORM};
use kanhe_types::limits::HTTP_REQUEST_AGE_MS_MAX;

#[tokio::test]
async fn health_needs_no_signature_and_everything_else_does() {
    let zone = Zone::start().await;
    let get = |target: &str| Request::get(target).body(Body::empty()).expect("a request");
    let health = zone.call(get(path::HEALTH)).await;
    assert_eq!((health.status, health.body.as_slice()), (StatusCode::OK, b"ok".as_slice()));
    for target in path::ALL.into_iter().filter(|target| *target != path::HEALTH) {
        let request = match target {
            path::SUBMISSIONS | path::RECEIPTS | path::PSEUDONYMS | path::EVIDENCE => {
                Request::post(target).body(Body::empty()).expect("a request")
            }
            _ => get(&target.replace(['{', '}'], "")),
        };
        let error = zone.call(request).await.error(ErrorCode::NotSigned);
        assert_eq!(error.message, "header kanhe-genesis is missing", "{target}");
    }
    zone.stop().await;
}

#[tokio::test]
async fn a_signed_request_is_answered_and_each_change_of_it_refused() {
    let zone = Zone::start().await;
    let draft = zone.draft("GET", path::STATUS, PLATFORM);
    assert_eq!(zone.send(&draft).await.status, StatusCode::OK);
    zone.send(&draft).await.error(ErrorCode::Replayed);

    let mut other_key = zone.draft("GET", path::STATUS, PLATFORM);
    other_key.secret = fixture::secret(&fixture::code(AGENCY));
    zone.send(&other_key).await.error(ErrorCode::KeyNotValid);

    let unknown = zone.draft("GET", path::STATUS, "NOBODY");
    let text = zone.send(&unknown).await.error(ErrorCode::KeyNotValid).message;
    assert!(text.contains("is not an operator, admin or node key of NOBODY"), "{text}");

    let mut tampered = zone.draft("GET", path::STATUS, PLATFORM);
    tampered.sent_target = Some("/v1/status?x=1".into());
    zone.send(&tampered).await.error(ErrorCode::BadSignature);
    zone.stop().await;
}

#[tokio::test]
async fn a_forged_request_does_not_use_up_the_nonce() {
    let zone = Zone::start().await;
    let draft = zone.draft("GET", path::STATUS, PLATFORM);
    let forged = Draft { sent_target: Some("/v1/status?x=1".into()), ..draft.clone() };
    zone.send(&forged).await.error(ErrorCode::BadSignature);
    assert_eq!(zone.send(&draft).await.status, StatusCode::OK);
    zone.stop().await;
}

#[tokio::test]
async fn dates_beyond_the_window_and_before_the_start_are_refused() {
    let zone = Zone::start().await;
    let send = async |date| {
        let draft = Draft { date: Millis(date), ..zone.draft("GET", path::STATUS, PLATFORM) };
        zone.send(&draft).await
    };
    // The clock runs on while the test does, so that the bounds are tried with some room.
    let room = 20_000;
    let late = send(now().0 - HTTP_REQUEST_AGE_MS_MAX - room).await;
    assert!(late.error(ErrorCode::StaleDate).message.contains("this node's clock says"));
    send(now().0 + HTTP_REQUEST_AGE_MS_MAX + room).await.error(ErrorCode::StaleDate);
    assert_eq!(send(now().0 + HTTP_REQUEST_AGE_MS_MAX - room).await.status, StatusCode::OK);
    assert_eq!(send(zone.app.started.0).await.status, StatusCode::OK);
    let before = send(zone.app.started.0 - 1).await.error(ErrorCode::StaleDate);
    assert!(before.message.contains("this node started at"), "{before}");
    zone.stop().await;
}

#[tokio::test]
async fn another_chain_is_told_with_both_hashes() {
    let zone = Zone::start().await;
    let other = Hash([9; 32]);
    let draft = Draft { genesis: other, ..zone.draft("GET", path::GENESIS, PLATFORM) };
    let error = zone.send(&draft).await.error(ErrorCode::OtherGenesis);
    assert!(error.message.contains(&other.to_string()));
    assert!(error.message.contains(&zone.handle.genesis_hash.to_string()));
    zone.stop().await;
}

#[tokio::test]
async fn a_suspended_organisation_is_told_so_only_with_its_own_key() {
    let zone = Zone::start().await;
    zone.get(path::STATUS, SUSPENDED).await.error(ErrorCode::OrganisationSuspended);
    let mut forged = zone.draft("GET", path::STATUS, SUSPENDED);
    forged.sent_target = Some("/v1/status?x=1".into());
    zone.send(&forged).await.error(ErrorCode::BadSignature);
    zone.stop().await;
}

#[tokio::test]
async fn a_malformed_header_is_named() {
    let zone = Zone::start().await;
    let request = Request::get(path::STATUS)
        .header(kanhe_api::signing::GENESIS_HEADER, "x")
        .body(Body::empty())
        .expect("a request");
    let error = zone.call(request).await.error(ErrorCode::NotSigned);
    assert_eq!(error.message, "header kanhe-genesis: expected 64 hex digits");
    // The test reads the same headers as the server does.
    assert!(RequestHeaders::read(|_| None).is_err());
    zone.stop().await;
}

#[tokio::test]
async fn metrics_take_the_token_or_an_agencys_signature() {
    let zone = Zone::start().await;
    let with = |token: &str| {
        let request = Request::get(path::METRICS).header("authorization", token);
        request.body(Body::empty()).expect("a request")
    };
    let figures = zone.call(with(&format!("Bearer {TOKEN}"))).await;
    assert_eq!(figures.status, StatusCode::OK);
    let text = String::from_utf8(figures.body).expect("figures are text");
    assert!(text.contains("kanhe_height_executed "), "{text}");
    assert!(text.ends_with("# EOF\n"));
    zone.call(with("Bearer other")).await.error(ErrorCode::BadToken);
    zone.call(with(TOKEN)).await.error(ErrorCode::BadToken);
    assert_eq!(zone.get(path::METRICS, AGENCY).await.status, StatusCode::OK);
    zone.get(path::METRICS, PLATFORM).await.error(ErrorCode::AgenciesOnly);
    zone.stop().await;
}

//! The pseudonym service over HTTP: who is answered, how much, and what is told of it.

use super::*;
use axum::http::Request;
use kanhe_api::pseudonym::{EvaluationAnswer, EvaluationRequest};
use kanhe_contracts::fixture::{AGENCY, MERCHANT, PLATFORM};
use kanhe_privacy::oprf::{Blinded, Evaluated};
use kanhe_types::limits::EVALUATIONS_MAX;
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::time::CustomsTime;

/// The service's key of this year.
fn scope() -> PseudonymScope {
    let year = CustomsTime::from_millis(now()).year();
    PseudonymScope { key_id: KEY_ID, epoch: u16::try_from(year).expect("a year") }
}

fn request(zone: &Zone, organisation: &str, elements: Vec<[u8; 32]>) -> Draft {
    let mut draft = zone.draft("POST", path::PSEUDONYMS, organisation);
    draft.headers.push(("content-type", "application/octet-stream".into()));
    draft.body = codec::encode(&EvaluationRequest { scope: scope(), elements });
    draft
}

fn blinded(texts: &[&str]) -> Blinded {
    let inputs = texts.iter().map(|text| text.as_bytes().to_vec());
    Blinded::new(inputs.collect()).expect("few values")
}

#[tokio::test]
async fn a_member_learns_the_function_of_its_values_and_the_answer_proves_the_policys_key() {
    let zone = Zone::start().await;
    let stated = zone.handle.ledger.policy_at(1).pseudonym_key(scope()).expect("stated").clone();
    let mut outputs = Vec::new();
    for member in [PLATFORM, MERCHANT] {
        let blinded = blinded(&["x", "y"]);
        let draft = request(&zone, member, blinded.elements().to_vec());
        let answer: EvaluationAnswer = zone.send(&draft).await.json(StatusCode::OK);
        let (elements, proof) = answer.read().expect("well formed");
        let evaluated = Evaluated { elements, proof };
        outputs.push(blinded.finish(stated.public_key, &evaluated).expect("the policy's key"));
    }
    assert!(outputs[0] == outputs[1] && outputs[0][0] != outputs[0][1]);
    zone.stop().await;
}

#[tokio::test]
async fn an_organisation_that_used_its_hour_is_refused_and_counted() {
    let zone = Zone::start().await;
    let element = blinded(&["x"]).elements()[0];
    let limit = usize::try_from(EVALUATIONS_PER_HOUR).expect("small");
    let all = request(&zone, PLATFORM, vec![element; limit]);
    zone.send(&all).await.json::<EvaluationAnswer>(StatusCode::OK);
    let error = zone.send(&request(&zone, PLATFORM, vec![element])).await;
    let error = error.error(ErrorCode::PseudonymLimit);
    assert!(error.remedy.contains("minutes") && !error.retryable, "{error}");
    // Others have a limit of their own.
    zone.send(&request(&zone, MERCHANT, vec![element]))
        .await
        .json::<EvaluationAnswer>(StatusCode::OK);
    let figures = Request::get(path::METRICS).header("authorization", format!("Bearer {TOKEN}"));
    let answer = zone.call(figures.body(Body::empty()).expect("a request")).await;
    let figures = String::from_utf8(answer.body).expect("text");
    for (answer, count) in [("evaluated", limit), ("refused", 1)] {
        let line = format!(
            "kanhe_pseudonyms_total{{organisation=\"{PLATFORM}\",answer=\"{answer}\"}} {count}"
        );
        assert!(figures.contains(&line), "{line} is not in {figures}");
    }
    zone.stop().await;
}

#[tokio::test]
async fn what_is_malformed_or_not_served_is_refused_with_what_to_do() {
    let zone = Zone::start().await;
    let element = blinded(&["x"]).elements()[0];
    let error = zone.send(&request(&zone, PLATFORM, vec![element, [0xFF; 32]])).await;
    let error = error.error(ErrorCode::BadRequest);
    assert!(error.message.contains("element 1"), "{error}");
    zone.send(&request(&zone, PLATFORM, vec![[0; 32]])).await.error(ErrorCode::BadRequest);
    zone.send(&request(&zone, PLATFORM, Vec::new())).await.error(ErrorCode::BadRequest);
    let many = vec![element; EVALUATIONS_MAX + 1];
    zone.send(&request(&zone, PLATFORM, many)).await.error(ErrorCode::BadRequest);
    let mut draft = request(&zone, PLATFORM, vec![element]);
    draft.body.push(0);
    zone.send(&draft).await.error(ErrorCode::BadRequest);
    let mut draft = request(&zone, PLATFORM, vec![element]);
    let other = PseudonymScope { key_id: 9, ..scope() };
    draft.body = codec::encode(&EvaluationRequest { scope: other, elements: vec![element] });
    zone.send(&draft).await.error(ErrorCode::ScopeNotServed);
    // Of another year: enterprises are not answered, agencies are.
    let old = PseudonymScope { epoch: scope().epoch - 1, ..scope() };
    let body = codec::encode(&EvaluationRequest { scope: old, elements: vec![element] });
    let mut draft = request(&zone, PLATFORM, vec![element]);
    draft.body.clone_from(&body);
    let is_spring = CustomsTime::from_millis(Millis(now().0 - 90 * 86_400_000)).year()
        < u64::from(scope().epoch);
    if !is_spring {
        zone.send(&draft).await.error(ErrorCode::ScopeNotServed);
    }
    let mut draft = request(&zone, AGENCY, vec![element]);
    draft.body = body;
    zone.send(&draft).await.json::<EvaluationAnswer>(StatusCode::OK);
    zone.stop().await;
}

#[tokio::test]
async fn who_is_not_registered_or_suspended_is_not_answered() {
    let zone = Zone::start().await;
    let element = blinded(&["x"]).elements()[0];
    let draft = request(&zone, SUSPENDED, vec![element]);
    zone.send(&draft).await.error(ErrorCode::OrganisationSuspended);
    let mut draft = request(&zone, PLATFORM, vec![element]);
    draft.secret = SecretKey::from_seed([77; 32]);
    zone.send(&draft).await.error(ErrorCode::KeyNotValid);
    let answered = request(&zone, PLATFORM, vec![element]);
    zone.send(&answered).await.json::<EvaluationAnswer>(StatusCode::OK);
    zone.send(&answered).await.error(ErrorCode::Replayed);
    zone.stop().await;
}

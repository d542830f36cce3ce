//! Who should get nothing tries every path with every method, and gets nothing.
//!
//! What the network gives to an outsider stands in `node/network/src/tests.rs`, what a former
//! validator gets in `cli/tests/zone/validators.rs`.

use super::assistance::{TAX, payments_of, tax};
use super::privacy::traded_in;
use super::*;
use kanhe_contracts::document::{Body as Said, DisputeAct, SpotCheck};
use kanhe_contracts::fixture::{AGENCY, MERCHANT, PLATFORM, Trade, order};
use kanhe_contracts::governance::KeyChange;
use kanhe_contracts::policy::Direction;
use kanhe_contracts::register::{EntryKey, Register};
use kanhe_contracts::rejection::Rejection;
use kanhe_contracts::risk::Suspect;
use kanhe_contracts::statistics::Month;
use kanhe_privacy::seal::ReaderKey;
use kanhe_types::receipt::Outcome;

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Who may read what stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    /// Everybody.
    Open,
    /// Every active member: nothing of anybody's trade.
    Members,
    /// Every active member, its own.
    Own,
    /// Whom it concerns; to others it does not exist.
    Concerned,
    /// Agencies.
    Agencies,
}

/// Somebody who should get nothing.
struct Attacker {
    name: &'static str,
    organisation: &'static str,
    secret: SecretKey,
    /// Whether it is a member whose requests are answered.
    is_member: bool,
}

/// What was done before: a trade, and what attackers have seen of it.
struct Scene {
    zone: Zone,
    trade: Trade,
    documents: BTreeMap<String, Hash>,
    submission: Submission,
    grant: Hash,
    request: Hash,
    check: Hash,
    dispute: EntryKey,
    /// Texts that no attacker may read.
    secrets: Vec<String>,
}

/// The decision on a path, and requests for what exists there and is others'. A path that is not
/// here fails the test: whoever adds it decides who sees it.
fn targets(scene: &Scene, path: &str) -> (Decision, Vec<String>) {
    use Decision::{Agencies, Concerned, Members, Open, Own};
    let document = scene.documents[PLATFORM];
    let case = scene.trade.case_key();
    let batch = scene.last_batch();
    match path {
        path::HEALTH => (Open, vec![path.into()]),
        path::METRICS => (Agencies, vec![path.into()]),
        path::OPENAPI | path::GENESIS | path::STATUS | path::POLICIES => {
            (Members, vec![path.into()])
        }
        path::POLICY => (Members, vec![kanhe_api::path::policy(1)]),
        path::SUBMISSIONS | path::RECEIPTS => (Own, vec![path.into()]),
        path::SUBMISSION => {
            let id = scene.submission.header.id(&scene.zone.handle.genesis_hash);
            (Concerned, vec![kanhe_api::path::submission(&id, 0)])
        }
        path::TRADES => {
            let of = |code: &str| format!("{path}?organisation={code}");
            (Own, vec![path.into(), of(PLATFORM), of(MERCHANT), format!("{path}?state=matched")])
        }
        path::TRADE => (Concerned, vec![kanhe_api::path::trade(&case)]),
        path::DOCUMENT => {
            let all = scene.documents.values().chain([&scene.grant]);
            (Concerned, all.map(kanhe_api::path::document).collect())
        }
        path::DOCUMENT_PROOF => (Concerned, vec![kanhe_api::path::document_proof(&document, 0)]),
        path::BLOCK => (Members, vec![kanhe_api::path::latest_block(), "/v1/blocks/2".into()]),
        path::DECISIONS => (Agencies, vec![kanhe_api::path::decisions(1, 64)]),
        path::BATCH => (Agencies, vec![kanhe_api::path::batch(&batch)]),
        path::PROPOSALS
        | path::GRANTS
        | path::ASSISTANCES
        | path::READS
        | path::REGISTERS
        | path::PSEUDONYMS
        | path::SPOT_CHECKS => (Own, vec![path.into()]),
        path::REDACTED => (Own, vec![format!("{path}?from=1&limit=64")]),
        path::STATISTICS => {
            let month = Month::of(crate::http::app::now());
            let of = |query: &str| format!("{path}?month={month}&by=enterprise{query}");
            let others = of(&format!("&enterprise={MERCHANT}"));
            (Own, vec![path.into(), of(""), of("&view=all"), of("&view=public"), others])
        }
        path::FLOWS => {
            let of = |query: &str| format!("{path}?by=month,mode,organisation{query}");
            (Own, vec![path.into(), of(""), of(&format!("&organisation={MERCHANT}"))])
        }
        path::FLOW_CASES => {
            let of = |query: &str| format!("{path}?{query}");
            let others = of(&format!("organisation={MERCHANT}"));
            (Own, vec![path.into(), others, of("figure=paid"), of("limit=100")])
        }
        path::CREDIT => (Own, vec![path.into(), format!("{path}?month=2026-11&limit=50")]),
        // Of others it is what the policy makes public.
        path::CREDIT_OF => (
            Members,
            [MERCHANT, PLATFORM].map(|own| kanhe_api::path::credit(&fixture::code(own))).to_vec(),
        ),
        path::NEGATIVE_LIST => (Members, vec![path.into(), format!("{path}?view=full")]),
        path::EVIDENCE => (Own, vec![path.into()]),
        path::SPOT_CHECK => (Concerned, vec![kanhe_api::path::spot_check(&scene.check)]),
        path::SPOT_CHECK_ORIGINAL => {
            (Concerned, vec![kanhe_api::path::spot_check_original(&scene.check)])
        }
        path::PROPOSAL => (Concerned, vec![kanhe_api::path::proposal("1")]),
        path::ORGANISATION => {
            let of = |code: &str| kanhe_api::path::organisation(&fixture::code(code), None);
            (Concerned, vec![of(MERCHANT), of(PLATFORM)])
        }
        path::ASSISTANCE => (Concerned, vec![kanhe_api::path::assistance(&scene.request)]),
        path::ALERTS => (Concerned, vec![path.into(), format!("{path}?overdue=false")]),
        path::ALERT => (Concerned, vec![kanhe_api::path::alert(1), kanhe_api::path::alert(2)]),
        path::RISK_CASE => {
            let suspect = Suspect::Trade { direction: Direction::Import, case };
            (Concerned, vec![kanhe_api::path::assessment(&suspect)])
        }
        path::RISK_ORGANISATION => {
            let organisation = fixture::code(MERCHANT);
            let suspect = Suspect::Organisation { organisation };
            (Concerned, vec![kanhe_api::path::assessment(&suspect)])
        }
        path::RISK_RULES => (Concerned, vec![path.into()]),
        path::RECEIVABLE => {
            (Concerned, vec![kanhe_api::path::receivable(&scene.dispute.owner, "NONE")])
        }
        path::REGISTER_ENTRY => (Concerned, vec![kanhe_api::path::register_entry(&scene.dispute)]),
        path::GRANT => (Concerned, vec![kanhe_api::path::grant(&scene.grant)]),
        other => panic!("{other}: decide who may see what stands there, and say it here"),
    }
}

impl Scene {
    async fn set() -> Self {
        let (zone, trade, documents) = traded_in(Zone::start_with(&[tax()]).await).await;
        let mut secrets = vec![
            trade.order_no.clone(),
            trade.transaction.clone(),
            trade.logistics_no.clone(),
            "118.5".into(),
            "测试面膜".into(),
            "TESTBILL01".into(),
        ];
        secrets.extend(documents.values().map(Hash::to_string));
        let submission = zone.sign(PLATFORM, &[order(&trade)]);
        let grant = fixture::case_grant(&trade, &fixture::code(BANK), None);
        let view = zone.execute(MERCHANT, &[grant]).await;
        let grant = view.receipts[0].receipt.document;
        secrets.push(grant.to_string());
        let request = zone.execute(TAX, &[payments_of(&trade)]).await;
        let request = request.receipts[0].receipt.document;
        secrets.push(request.to_string());
        let check = zone.execute(AGENCY, &[spot_check(&trade, documents[PLATFORM])]).await;
        assert!(check.receipts[0].receipt.is_accepted(), "{check:?}");
        let check = check.receipts[0].receipt.document;
        secrets.push(check.to_string());
        let claim = DisputeAct::Open(fixture::register::dispute_claim(&trade));
        let opened = zone.execute(MERCHANT, &[fixture::register::dispute(&trade, claim)]).await;
        assert!(opened.receipts[0].receipt.is_accepted(), "{opened:?}");
        secrets.push(opened.receipts[0].receipt.document.to_string());
        let (owner, number) = (fixture::code(MERCHANT), "TESTDISPUTE01".to_owned());
        let dispute = EntryKey { register: Register::Dispute, owner, number };
        secrets.extend(suspected(&zone, &trade).await);
        Self { zone, trade, documents, submission, grant, request, check, dispute, secrets }
    }

    /// A batch that the chain has ordered.
    fn last_batch(&self) -> Hash {
        let ledger = self.zone.app.ledger();
        let heights = (1..=ledger.decided_height()).rev();
        let decisions = heights.filter_map(|height| ledger.decision(height).expect("readable"));
        let genesis = self.zone.handle.genesis_hash;
        let mut batches = decisions.flat_map(|decision| decision.block.batches);
        batches.next().expect("the trade was ordered").header.digest(&genesis)
    }

    fn check_nothing_leaks(&self, who: &str, what: &str, answer: &Answer) {
        let text = String::from_utf8_lossy(&answer.body);
        for secret in &self.secrets {
            assert!(!text.contains(secret), "{who} reads {secret} at {what}: {text}");
        }
    }

    async fn ask(&self, attacker: &Attacker, method: &'static str, target: &str) -> Answer {
        let mut draft = self.zone.draft(method, target, attacker.organisation);
        draft.secret = attacker.secret.clone();
        let answer = self.zone.send(&draft).await;
        self.check_nothing_leaks(attacker.name, &format!("{method} {target}"), &answer);
        answer
    }

    /// Tries every path with every method.
    async fn walk(&self, attacker: &Attacker) {
        for path in path::ALL {
            let (decision, targets) = targets(self, path);
            for target in targets {
                for method in METHODS {
                    let answer = self.ask(attacker, method, &target).await;
                    let what = format!("{}: {method} {target}", attacker.name);
                    self.check_status(attacker, decision, &what, &answer);
                }
            }
        }
    }

    fn check_status(&self, attacker: &Attacker, decision: Decision, what: &str, answer: &Answer) {
        let status = answer.status;
        if decision == Decision::Open {
            let is_harmless = status == StatusCode::OK || status == StatusCode::METHOD_NOT_ALLOWED;
            assert!(is_harmless, "{what}: {status}");
            return;
        }
        if !attacker.is_member {
            assert!(status.is_client_error(), "{what}: {status}");
            return;
        }
        match decision {
            Decision::Concerned | Decision::Agencies => {
                assert!(status.is_client_error(), "{what}: {status}");
            }
            Decision::Open | Decision::Members | Decision::Own => {
                assert!(!status.is_server_error(), "{what}: {status}");
            }
        }
    }
}

/// Customs suspects the trade and its merchant. Gives what nobody may read of it.
async fn suspected(zone: &Zone, trade: &Trade) -> Vec<String> {
    let mut secrets = vec!["测试线索".to_owned()];
    let case = trade.case_key();
    let suspects = [
        Suspect::Trade { direction: Direction::Import, case },
        Suspect::Organisation { organisation: fixture::code(MERCHANT) },
    ];
    for suspect in suspects {
        let said = super::risk::signal(suspect, false);
        let view = zone.execute(AGENCY, &[said]).await;
        assert!(view.receipts[0].receipt.is_accepted(), "{view:?}");
        secrets.push(view.receipts[0].receipt.document.to_string());
    }
    secrets
}

/// The agency asks for the original of a trade's document.
fn spot_check(trade: &Trade, document: Hash) -> Document {
    fixture::governance(Said::SpotCheck(SpotCheck {
        case: trade.case_key(),
        document,
        reply_key: ReaderKey::derive(&[1; 32]).public(),
        seconds: 86_400,
        reason: "测试抽查".into(),
    }))
}

fn operator(code: &str) -> SecretKey {
    fixture::secret(&fixture::code(code))
}

#[tokio::test]
async fn a_rival_and_a_former_receiver_get_nothing() {
    let scene = Scene::set().await;
    let rival =
        Attacker { name: "rival", organisation: RIVAL, secret: operator(RIVAL), is_member: true };
    scene.walk(&rival).await;

    // The bank's grant is withdrawn: it has nothing any more but the record of it.
    scene.zone.execute(MERCHANT, &[fixture::grant_withdrawal(scene.grant)]).await;
    let bank = Attacker {
        name: "former receiver",
        organisation: BANK,
        secret: operator(BANK),
        is_member: true,
    };
    let mut of_bank = scene;
    // The record of its own grant names the case, and stays its to read.
    of_bank
        .secrets
        .retain(|secret| *secret != of_bank.trade.order_no && *secret != of_bank.grant.to_string());
    for path in path::ALL {
        for target in targets(&of_bank, path).1 {
            if target.contains(&of_bank.grant.to_string()) {
                continue;
            }
            for method in METHODS {
                of_bank.ask(&bank, method, &target).await;
            }
        }
    }
    let trade = path::trade(&of_bank.trade.case_key());
    of_bank.ask(&bank, "GET", &trade).await.error(ErrorCode::NotFound);
    of_bank.zone.stop().await;
}

#[tokio::test]
async fn who_is_no_member_any_more_or_never_was_gets_nothing() {
    let scene = Scene::set().await;
    let revoked = operator(MERCHANT);
    let revoke = KeyChange::Revoke { key: revoked.public_key(), last: None };
    scene.zone.execute_last(MERCHANT, &[fixture::own_keys(vec![revoke])]).await;
    let no_member =
        |name, organisation, secret| Attacker { name, organisation, secret, is_member: false };
    let attackers = [
        no_member("stolen operator key", MERCHANT, revoked),
        no_member("suspended organisation", SUSPENDED, operator(SUSPENDED)),
        no_member("stranger", "TESTNOBODY", SecretKey::from_seed([77; 32])),
        no_member("stranger under a party's name", PLATFORM, SecretKey::from_seed([77; 32])),
        no_member("another's key", PLATFORM, operator(RIVAL)),
    ];
    for attacker in &attackers {
        scene.walk(attacker).await;
    }
    // Without any signature, and with a bearer token that was guessed.
    for path in path::ALL.into_iter().filter(|path| *path != path::HEALTH) {
        for target in targets(&scene, path).1 {
            for method in METHODS {
                let request = Request::builder().method(method).uri(&target);
                let request = request.header("authorization", "Bearer guessed");
                let answer = scene.zone.call(request.body(Body::empty()).expect("valid")).await;
                scene.check_nothing_leaks("nobody", &target, &answer);
                assert!(answer.status.is_client_error(), "{method} {target}: {}", answer.status);
            }
        }
    }
    scene.zone.stop().await;
}

#[tokio::test]
async fn what_was_caught_on_the_way_is_worth_nothing() {
    let scene = Scene::set().await;
    let zone = &scene.zone;
    // A party's request, sent again as it was.
    let draft = zone.draft("GET", path::trade(&scene.trade.case_key()), MERCHANT);
    assert_eq!(zone.send(&draft).await.status, StatusCode::OK);
    let again = zone.send(&draft).await;
    again.error(ErrorCode::Replayed);
    scene.check_nothing_leaks("replayer", "a caught request", &again);

    // A party's submission, sent by a rival, and its documents signed by the rival.
    let genesis = zone.handle.genesis_hash;
    let grant = fixture::case_grant(&scene.trade, &fixture::code(RIVAL), None);
    let merchant = fixture::code(MERCHANT);
    let own = fixture::submission(&genesis, &merchant, EXPIRES, std::slice::from_ref(&grant));
    let answer: SubmissionsAnswer = zone.post(&[own], RIVAL).await.json(StatusCode::ACCEPTED);
    let error = answer.submissions[0].error.as_ref().expect("it is refused");
    assert_eq!(error.code, ErrorCode::OtherOrganisation);
    let to_bank = fixture::case_grant(&scene.trade, &fixture::code(BANK), None);
    let executed = zone.execute(RIVAL, &[to_bank]).await;
    let Outcome::Rejected(refusal) = &executed.receipts[0].receipt.outcome else {
        panic!("{executed:?}");
    };
    assert_eq!(refusal.code, Rejection::CaseNotOwn.code());
    for document in [order(&scene.trade), fixture::payment(&scene.trade)] {
        let executed = zone.execute(RIVAL, &[document]).await;
        assert!(!executed.receipts[0].receipt.is_accepted(), "{executed:?}");
    }
    let trade = path::trade(&scene.trade.case_key());
    zone.get(trade.clone(), RIVAL).await.error(ErrorCode::NotFound);
    // For another chain's signature there is no other answer either.
    let mut foreign = zone.draft("GET", trade, MERCHANT);
    foreign.genesis = Hash([9; 32]);
    zone.send(&foreign).await.error(ErrorCode::OtherGenesis);
    scene.zone.stop().await;
}

//! Who sees proposals and organisations, and that doors follow the state.

use super::*;
use axum::http::Request;
use kanhe_api::governance::{OrganisationView, ProposalView, ProposalsPage};
use kanhe_api::policy::{PoliciesPage, PolicyView};
use kanhe_api::view::StatusView;
use kanhe_contracts::document::Choice;
use kanhe_contracts::fixture::{AGENCY, MERCHANT, PLATFORM, Trade, order};
use kanhe_contracts::governance::{Change, KeyChange, NewKey, ProposalStatus};
use kanhe_contracts::policy::Policy;
use kanhe_contracts::registry::KeyPurpose;

impl Zone {
    /// Waits until a height was executed.
    async fn reach(&self, height: u64) {
        let mut executed = self.handle.executed();
        while *executed.borrow_and_update() < height {
            executed.changed().await.expect("the node runs");
        }
    }

    /// Lets the only agency propose and approve, and waits until the changes are carried out.
    async fn enact(&self, changes: Vec<Change>) -> ProposalView {
        let height = self.app.ledger().executed_height();
        let proposed = self.execute(AGENCY, &[fixture::proposal(changes, height + 900, 2)]).await;
        let document = proposed.receipts[0].receipt.document;
        self.execute(AGENCY, &[fixture::vote(document, Choice::Approve)]).await;
        let target = path::proposal(&document.to_string());
        let view: ProposalView = self.get(&target, AGENCY).await.json(StatusCode::OK);
        self.reach(view.proposal.activates.expect("it is approved")).await;
        let view: ProposalView = self.get(&target, AGENCY).await.json(StatusCode::OK);
        assert_eq!(view.proposal.status, ProposalStatus::Active, "{view:?}");
        view
    }
}

impl Zone {
    /// Submits what ends the key that would ask for its receipt.
    pub(super) async fn execute_last(&self, organisation: &str, documents: &[Document]) {
        let answer = self.post(&[self.sign(organisation, documents)], organisation).await;
        let answer: SubmissionsAnswer = answer.json(StatusCode::ACCEPTED);
        let id = answer.submissions[0].id.expect("it is admitted");
        let view = self.get(path::submission(&id, 20_000), AGENCY).await;
        let view: SubmissionView = view.json(StatusCode::OK);
        assert!(view.receipts[0].receipt.is_accepted(), "{view:?}");
    }
}

fn suspend(code: &str) -> Change {
    Change::Suspend { organisation: fixture::code(code) }
}

#[tokio::test]
async fn proposals_are_seen_by_agencies_and_by_whom_they_are_about() {
    let zone = Zone::start().await;
    let about_platform = zone.enact(vec![suspend(RIVAL)]).await.proposal;
    let readmit = Change::Readmit { organisation: fixture::code(RIVAL) };
    let open = fixture::proposal(vec![readmit], 900, 2);
    let open = zone.execute(AGENCY, &[open]).await.receipts[0].receipt.document;

    let page: ProposalsPage = zone.get(path::PROPOSALS, AGENCY).await.json(StatusCode::OK);
    let numbers: Vec<u64> = page.proposals.iter().map(|view| view.proposal.number).collect();
    assert_eq!((numbers.as_slice(), page.next), (&[2, 1][..], None));
    let tally = page.proposals[0].tally.expect("it is open");
    assert_eq!((tally.agencies, tally.needed, tally.approvals), (1, 1, 0));
    assert_eq!(page.proposals[1].tally, None);
    let one = format!("{}?limit=1", path::PROPOSALS);
    let page: ProposalsPage = zone.get(one, AGENCY).await.json(StatusCode::OK);
    assert_eq!((page.proposals.len(), page.next), (1, Some(2)));
    let rest = format!("{}?before=2&status=active", path::PROPOSALS);
    let page: ProposalsPage = zone.get(rest, AGENCY).await.json(StatusCode::OK);
    assert_eq!(page.proposals[0].proposal, about_platform);
    zone.get(format!("{}?limit=501", path::PROPOSALS), AGENCY).await.error(ErrorCode::BadRequest);

    // Others cannot tell them from none.
    let page: ProposalsPage = zone.get(path::PROPOSALS, MERCHANT).await.json(StatusCode::OK);
    assert_eq!((page.proposals, page.next), (Vec::new(), None));
    for name in [open.to_string(), "1".into(), "3".into(), Hash([1; 32]).to_string()] {
        zone.get(path::proposal(&name), MERCHANT).await.error(ErrorCode::NotFound);
    }
    zone.get(path::proposal("x"), MERCHANT).await.error(ErrorCode::BadRequest);
    zone.stop().await;
}

#[tokio::test]
async fn an_organisation_sees_itself_and_its_history_and_agencies_see_all() {
    let zone = Zone::start().await;
    let change = Change::Describe {
        organisation: fixture::code(PLATFORM),
        description: kanhe_contracts::governance::Description {
            name: "测试平台改名".into(),
            roles: vec![Role::Platform],
            park: None,
            filing: None,
            licences: Vec::new(),
        },
    };
    let proposal = zone.enact(vec![change]).await.proposal;
    let own = path::organisation(&fixture::code(PLATFORM), None);
    for reader in [PLATFORM, AGENCY] {
        let view: OrganisationView = zone.get(&own, reader).await.json(StatusCode::OK);
        assert_eq!((view.organisation.name.as_str(), view.history.len()), ("测试平台改名", 1));
        assert_eq!(view.history[0].ended_by, proposal.document);
    }
    // It is about the platform, so that the platform may read why.
    let seen = zone.get(path::proposal("1"), PLATFORM).await;
    assert_eq!(seen.json::<ProposalView>(StatusCode::OK).proposal, proposal);
    let active = proposal.activates.expect("it is active");
    for (height, name) in [(active - 1, "测试平台甲"), (active, "测试平台改名")] {
        let target = path::organisation(&fixture::code(PLATFORM), Some(height));
        let view: OrganisationView = zone.get(&target, AGENCY).await.json(StatusCode::OK);
        assert_eq!(view.organisation.name, name, "at height {height}");
    }
    zone.get(&own, RIVAL).await.error(ErrorCode::NotFound);
    let nobody = path::organisation(&fixture::code("TESTNOBODY"), None);
    zone.get(&nobody, AGENCY).await.error(ErrorCode::NotFound);
    zone.stop().await;
}

#[tokio::test]
async fn doors_follow_the_state_and_not_the_genesis() {
    let zone = Zone::start().await;
    zone.get(path::STATUS, PLATFORM).await.json::<StatusView>(StatusCode::OK);
    zone.enact(vec![suspend(PLATFORM)]).await;
    zone.get(path::STATUS, PLATFORM).await.error(ErrorCode::OrganisationSuspended);
    zone.post(&[zone.sign(PLATFORM, &[order(&Trade::new(1))])], PLATFORM)
        .await
        .error(ErrorCode::OrganisationSuspended);
    zone.enact(vec![Change::Readmit { organisation: fixture::code(PLATFORM) }]).await;
    zone.get(path::STATUS, PLATFORM).await.json::<StatusView>(StatusCode::OK);

    // A revoked operator key opens nothing; the admin key still asks.
    let old = fixture::secret(&fixture::code(PLATFORM));
    let revoke = KeyChange::Revoke { key: old.public_key(), last: None };
    zone.execute_last(PLATFORM, &[fixture::own_keys(vec![revoke])]).await;
    zone.get(path::STATUS, PLATFORM).await.error(ErrorCode::KeyNotValid);
    let mut draft = zone.draft("GET", path::STATUS, PLATFORM);
    draft.secret = fixture::admin_secret(&fixture::code(PLATFORM));
    zone.send(&draft).await.json::<StatusView>(StatusCode::OK);

    zone.stop().await;
}

#[tokio::test]
async fn an_approved_protocol_that_this_program_does_not_know_is_warned_of_before_its_height() {
    let zone = Zone::start().await;
    let version = PROTOCOL_VERSION + 1;
    let proposal = fixture::proposal(vec![Change::Protocol { version }], 900, 5_000);
    let proposed = zone.execute(AGENCY, &[proposal]).await;
    let document = proposed.receipts[0].receipt.document;
    let status: StatusView = zone.get(path::STATUS, PLATFORM).await.json(StatusCode::OK);
    assert_eq!((status.protocol, status.upgrade), (PROTOCOL_VERSION, None));
    zone.execute(AGENCY, &[fixture::vote(document, Choice::Approve)]).await;
    let status: StatusView = zone.get(path::STATUS, PLATFORM).await.json(StatusCode::OK);
    let upgrade = status.upgrade.expect("it is approved");
    assert_eq!((upgrade.version, upgrade.is_known), (version, false));
    assert!(5_000 < upgrade.from && status.protocol == PROTOCOL_VERSION);
    let request = Request::get(path::METRICS).header("authorization", format!("Bearer {TOKEN}"));
    let answer = zone.call(request.body(Body::empty()).expect("a request")).await;
    let figures = String::from_utf8(answer.body).expect("text");
    assert!(figures.contains("kanhe_upgrade_unknown 1"), "{figures}");
    zone.stop().await;
}

#[tokio::test]
async fn a_key_that_ends_is_warned_of() {
    let zone = Zone::start().await;
    let status: StatusView = zone.get(path::STATUS, AGENCY).await.json(StatusCode::OK);
    assert_eq!((status.ending_keys.len(), status.upgrade), (0, None));
    let (key, purpose) = (SecretKey::from_seed([9; 32]).public_key(), KeyPurpose::Operator);
    let new = NewKey { key, purpose, from: None, until: Some(1_000_000) };
    zone.execute(AGENCY, &[fixture::own_keys(vec![KeyChange::Add { new }])]).await;
    let status: StatusView = zone.get(path::STATUS, AGENCY).await.json(StatusCode::OK);
    let ending = &status.ending_keys[0];
    assert_eq!((ending.key, ending.until, status.ending_keys.len()), (key, 1_000_000, 1));
    assert!(ending.days_left.is_some());
    let other: StatusView = zone.get(path::STATUS, PLATFORM).await.json(StatusCode::OK);
    assert_eq!(other.ending_keys, []);
    let request = Request::get(path::METRICS).header("authorization", format!("Bearer {TOKEN}"));
    let answer = zone.call(request.body(Body::empty()).expect("a request")).await;
    let figures = String::from_utf8(answer.body).expect("text");
    let expected = format!("kanhe_key_days_left{{purpose=\"operator\",key=\"{key}\"}}");
    assert!(figures.contains(&expected), "{figures}");
    zone.stop().await;
}

#[tokio::test]
async fn every_version_of_the_policy_is_every_members_and_its_votes_are_the_agencies() {
    let zone = Zone::start().await;
    let status: StatusView = zone.get(path::STATUS, MERCHANT).await.json(StatusCode::OK);
    let first = status.policy;
    let second = Policy { version: first.version + 1, collect_days: 9, ..first.clone() };
    let enacted = zone.enact(vec![Change::Policy { policy: second.clone() }]).await.proposal;
    let from = enacted.activates.expect("it is active") + 2;
    zone.reach(from).await;

    let page: PoliciesPage = zone.get(path::POLICIES, AGENCY).await.json(StatusCode::OK);
    let [new, old] = page.policies.as_slice() else { panic!("two versions: {page:?}") };
    assert_eq!((new.version, new.hash, new.from), (second.version, second.hash(), from));
    assert_eq!((old.version, old.hash, old.from), (first.version, first.hash(), 0));
    assert_eq!((new.is_in_force, old.is_in_force, page.next), (true, false, None));
    assert_eq!((new.cause, old.cause), (Some(enacted.document), None));
    let proposal = new.proposal.as_ref().expect("agencies see it");
    assert_eq!((proposal.number, &proposal.votes), (enacted.number, &enacted.votes));
    let one = format!("{}?limit=1", path::POLICIES);
    let page: PoliciesPage = zone.get(one, AGENCY).await.json(StatusCode::OK);
    assert_eq!((page.policies.len(), page.next), (1, Some(second.version)));
    let rest = format!("{}?before={}", path::POLICIES, second.version);
    let page: PoliciesPage = zone.get(rest, AGENCY).await.json(StatusCode::OK);
    assert_eq!(page.policies.iter().map(|own| own.version).collect::<Vec<_>>(), [first.version]);

    for policy in [&first, &second] {
        let target = path::policy(policy.version);
        let view: PolicyView = zone.get(target, MERCHANT).await.json(StatusCode::OK);
        assert_eq!((&view.policy, view.version.hash), (policy, policy.hash()));
        assert_eq!(view.version.proposal, None, "who voted is the agencies'");
    }
    zone.get(path::policy(second.version + 1), AGENCY).await.error(ErrorCode::NotFound);
    zone.get("/v1/policies/x", AGENCY).await.error(ErrorCode::BadRequest);
    zone.get(format!("{}?limit=21", path::POLICIES), AGENCY).await.error(ErrorCode::BadRequest);
    zone.stop().await;
}

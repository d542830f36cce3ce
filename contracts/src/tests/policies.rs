//! How the rules' parameters change, and which changes the ledger turns away.

use super::governance::{AGENCIES, zone};
use super::*;
use crate::document::{Activation, Choice, GovernanceProposal};
use crate::governance::{Change, Proposal, ProposalStatus};
use crate::policy::Quorum;
use kanhe_types::limits::EXECUTION_LAG;

fn next(change: impl FnOnce(&mut Policy)) -> Change {
    let mut policy = Policy { version: 2, ..Policy::default() };
    change(&mut policy);
    Change::Policy { policy }
}

impl World {
    /// Why a proposal of this policy is turned away.
    fn turned_away(&mut self, change: Change) -> Refusal {
        let document = fixture::proposal(vec![change], self.height + 20, 3);
        refusal(self.send_as(&fixture::code(AGENCIES[0]), &document))
    }

    fn votes(&mut self, agency: &str, proposal: Hash, choice: Choice) -> Outcome {
        self.send_as(&fixture::code(agency), &fixture::vote(proposal, choice))
    }
}

#[test]
fn a_policy_that_rules_cannot_work_with_is_turned_away_with_its_place() {
    let mut world = zone();
    let cases: [(&str, Change); 9] = [
        ("collect_days", next(|own| own.collect_days = 0)),
        ("tax_share", next(|own| own.tax_share = fixture::decimal("1.5"))),
        ("governance_quorum", next(|own| own.governance_quorum = Quorum { agencies: 1, of: 2 })),
        ("modes[3].code", next(|own| own.modes[3].code = "12".into())),
        ("modes[1]", next(|own| own.modes[1].code = "1210".into())),
        ("code_tables[0].codes[2]", next(|own| own.code_tables[0].codes[2].first = "999".into())),
        (
            "exchange_rates[0].cny_per_100",
            next(|own| {
                own.exchange_rates[0].cny_per_100 = Default::default();
            }),
        ),
        ("risk.levels", next(|own| own.risk.levels.medium = 99)),
        ("policy", next(|own| own.modes[0].required_fields = vec!["x".repeat(377_000)])),
    ];
    for (path, change) in cases {
        let refused = world.turned_away(change);
        assert_eq!(rejection(&refused), Rejection::PolicyMalformed, "{path}: {refused:?}");
        assert_eq!(refused.field, path);
        assert!(!refused.expected.is_empty() && !refused.found.is_empty(), "{refused:?}");
    }
}

#[test]
fn what_an_expression_has_wrong_is_told_with_line_and_column() {
    let mut world = zone();
    let rule = |when: &str| {
        let json = serde_json::json!({
            "id": "R99", "pattern": "test", "on": "trade", "when": when, "weight": 10,
            "owner": "customs", "en": "test", "zh": "测试",
        });
        serde_json::from_value(json).expect("a rule")
    };
    for when in ["trade.value >\n trade.valeu", "1 +", "true &&\n &&", "\"text\"", "1 / 0 > 1"] {
        let refused = world.turned_away(next(|own| own.risk.rules = vec![rule(when)]));
        assert_eq!(rejection(&refused), Rejection::PolicyMalformed, "{refused:?}");
        assert_eq!(refused.field, "risk.rules[0].when");
        assert!(refused.found.contains(" in line "), "{refused:?}");
    }
}

#[test]
fn of_two_proposals_of_one_version_the_second_fails_when_its_height_comes() {
    let mut world = zone();
    let first = world.propose(AGENCIES[0], vec![next(|own| own.collect_days = 9)]);
    let second = world.propose(AGENCIES[1], vec![next(|own| own.collect_days = 11)]);
    world.approve(&AGENCIES[..3], first);
    world.approve(&AGENCIES[..3], second);
    world.idle(4 + EXECUTION_LAG);
    assert_eq!(world.proposal(first).status, ProposalStatus::Active);
    let Proposal { status, failure, .. } = world.proposal(second);
    let failure = failure.expect("it was not carried out");
    assert_eq!(status, ProposalStatus::Failed);
    assert_eq!(rejection(&failure), Rejection::PolicyVersion);
    assert_eq!(failure.field, "changes[0].policy.version");
    assert_eq!((failure.expected.as_str(), failure.found.as_str()), ("3", "2"));
    assert_eq!(world.policy_at(world.height).collect_days, 9);
    // And nobody proposes it a third time.
    let refused = world.turned_away(next(|own| own.collect_days = 12));
    assert_eq!(rejection(&refused), Rejection::PolicyVersion);
}

#[test]
fn an_agency_that_votes_both_ways_has_voted_once() {
    let mut world = zone();
    let proposal = world.propose(AGENCIES[0], vec![next(|own| own.collect_days = 9)]);
    world.approve(&AGENCIES[..1], proposal);
    let refused = refusal(world.votes(AGENCIES[0], proposal, Choice::Reject));
    assert_eq!(rejection(&refused), Rejection::VotedAlready);
    assert_eq!(refused.expected, "no earlier vote");
    assert!(refused.found.starts_with("a vote at height "), "{refused:?}");
    // Votes that conflict decide by the quorum: two against of four leave none.
    assert!(matches!(world.votes(AGENCIES[1], proposal, Choice::Reject), Outcome::Accepted { .. }));
    assert!(matches!(world.votes(AGENCIES[2], proposal, Choice::Reject), Outcome::Accepted { .. }));
    assert_eq!(world.proposal(proposal).status, ProposalStatus::Rejected);
    let late = refusal(world.votes(AGENCIES[3], proposal, Choice::Approve));
    assert_eq!((rejection(&late), late.found.as_str()), (Rejection::ProposalNotOpen, "rejected"));
    assert_eq!(world.policy_at(world.height + 99).version, 1);
}

#[test]
fn who_has_no_standing_neither_proposes_nor_votes() {
    let mut world = zone();
    let proposal = world.propose(AGENCIES[0], vec![next(|own| own.collect_days = 9)]);
    let refused = refusal(world.votes(fixture::PLATFORM, proposal, Choice::Approve));
    assert_eq!(rejection(&refused), Rejection::RoleMissing);
    let document = fixture::proposal(vec![next(|own| own.collect_days = 8)], world.height + 20, 3);
    let refused = refusal(world.send_as(&fixture::code(fixture::PLATFORM), &document));
    assert_eq!(rejection(&refused), Rejection::RoleMissing);
    let organisation = fixture::code(AGENCIES[3]);
    world.enact(vec![Change::Suspend { organisation }]);
    let refused = refusal(world.votes(AGENCIES[3], proposal, Choice::Approve));
    assert_eq!(rejection(&refused), Rejection::OrganisationSuspended);
    assert_eq!(world.proposal(proposal).votes, []);
}

#[test]
fn a_policy_is_never_in_force_at_a_height_that_is_past() {
    let mut world = zone();
    world.idle(10);
    let mut send = |expires, activation| {
        let changes = vec![next(|own| own.collect_days = 9)];
        let reason = "测试提案".to_owned();
        let content = GovernanceProposal { changes, reason, expires, activation };
        let mut document = fixture::proposal(Vec::new(), expires, 3);
        document.body = Body::GovernanceProposal(content);
        refusal(world.send_as(&fixture::code(AGENCIES[0]), &document))
    };
    for (expires, activation, field) in [
        (50, Activation::AtHeight(3), "activation"),
        (50, Activation::AtHeight(50), "activation"),
        (50, Activation::AfterApproval(0), "activation"),
        (5, Activation::AfterApproval(3), "expires"),
    ] {
        let refused = send(expires, activation);
        assert_eq!(rejection(&refused), Rejection::ProposalHeights, "{refused:?}");
        assert_eq!(refused.field, field);
        assert!(refused.expected.contains(" to "), "{refused:?}");
    }
}

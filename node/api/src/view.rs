//! Trades, documents, blocks and the node's status as JSON.

use crate::governance::{EndingKey, UpgradeView};
use crate::submission::ReceiptView;
use kanhe_contracts::access::{InspectionRecord, ShownCase, ShownExport};
use kanhe_contracts::case::{Case, CaseSummary};
use kanhe_contracts::document::Document;
use kanhe_contracts::event::CaseState;
use kanhe_contracts::export::ExportCase;
use kanhe_contracts::matching::Finding;
use kanhe_contracts::policy::Policy;
use kanhe_types::block::Header;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a list of trades may be asked for; the query of `GET /v1/trades`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TradesQuery {
    /// Only those that this organisation is party to; agencies may name any, others themselves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organisation: Option<OrganisationCode>,
    /// Only those in this state.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<CaseState>,
    /// The cursor of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<String>,
    /// How many at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<usize>,
}

/// Answer of `GET /v1/trades`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradesPage {
    /// The trades, by platform and order number.
    pub trades: Vec<CaseSummary>,
    /// The cursor of the next page; none when there is no more.
    pub next: Option<String>,
}

/// Answer of `GET /v1/trades/{platform}/{order_no}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeView {
    /// The case with its documents' facts and what each rule says of them.
    pub case: Case,
    /// The organisations that may see it.
    pub parties: Vec<OrganisationCode>,
    /// What the rules found in the case and why, ordered by rule.
    pub findings: Vec<Finding>,
    /// The findings in words, in their order.
    pub explanations: Vec<Explanation>,
    /// The documents that are there and whose content the caller does not see; the case holds no
    /// facts of them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub withheld: Vec<Hash>,
    /// The inspections that agencies did and recognise; for parties and agencies.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub inspections: Vec<InspectionRecord>,
}

/// Answer of `GET /v1/trades/{platform}/{order_no}` for an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportView {
    /// The case with its documents' facts and what each rule says of them.
    pub export: ExportCase,
    /// The organisations that may see it.
    pub parties: Vec<OrganisationCode>,
    /// What the rules found in the case and why, ordered by rule.
    pub findings: Vec<Finding>,
    /// The findings in words, in their order.
    pub explanations: Vec<Explanation>,
    /// The documents that are there and whose content the caller does not see.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub withheld: Vec<Hash>,
    /// The inspections that agencies did and recognise; for parties and agencies.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub inspections: Vec<InspectionRecord>,
}

/// A finding in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// Answer of `GET /v1/documents/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentView {
    /// The document's identity.
    pub id: Hash,
    /// Who sent it.
    pub organisation: OrganisationCode,
    /// The height that accepted it.
    pub height: u64,
    /// What it says.
    pub document: Document,
    /// Its receipt.
    pub receipt: ReceiptView,
}

/// Answer of `GET /v1/blocks/{height}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockView {
    /// Its height.
    pub height: u64,
    /// Its identity: the header's hash.
    pub hash: Hash,
    /// The round in which it was decided.
    pub round: u32,
    /// What it commits to.
    pub header: HeaderView,
    /// The agencies whose precommits form its certificate.
    pub signers: Vec<OrganisationCode>,
    /// What it orders; for agencies only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub batches: Option<Vec<BatchView>>,
}

/// A block's header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderView {
    /// The rules' version.
    pub protocol: u16,
    /// The block's time.
    pub time: Millis,
    /// The parent's header hash.
    pub parent: Hash,
    /// Who proposed it.
    pub proposer: PublicKey,
    /// The hash of the validators that decide this height.
    pub validators: Hash,
    /// The hash of the validators that decide the next height.
    pub next_validators: Hash,
    /// The hash of the policy in force.
    pub policy: Hash,
    /// The root of the ordered batches.
    pub batches: Hash,
    /// The height whose effects the header certifies.
    pub executed_height: u64,
    /// The root of that height's receipts.
    pub receipts: Hash,
    /// The root of that height's events.
    pub events: Hash,
    /// The root of the state after it.
    pub state: Hash,
    /// Validators from whom the proposer heard no vote of the parent's height, as indexes.
    pub absent: Vec<u16>,
}

/// A batch that a block orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchView {
    /// Its digest.
    pub digest: Hash,
    /// The agency whose clients' submissions it holds.
    pub author: OrganisationCode,
    /// The author's running number.
    pub number: u64,
    /// How many submissions.
    pub submissions: u32,
    /// How many documents.
    pub documents: u32,
}

/// Answer of `GET /v1/genesis`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenesisView {
    /// The genesis hash.
    pub hash: Hash,
    /// The document as its file holds it.
    pub genesis: serde_json::Value,
}

/// Answer of `GET /v1/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// The chain.
    pub genesis: Hash,
    /// The agency whose node answers.
    pub organisation: OrganisationCode,
    /// The last executed height.
    pub height: u64,
    /// The last decided height.
    pub decided: u64,
    /// The agreement's round at the next height; none while it rests.
    pub round: Option<u32>,
    /// The validators of the next height.
    pub validators: Vec<ValidatorView>,
    /// Whether the node that answers is one of them; otherwise it follows.
    pub is_validator: bool,
    /// The validators that decide later, where they are others.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub coming_validators: Option<ComingValidatorsView>,
    /// The agencies that a quorum waits for; empty while there is a quorum.
    pub waiting_for: Vec<String>,
    /// The last height at which this node does not sign, because its log is damaged, or because it
    /// was seen to have signed what its log does not hold.
    pub not_signing: Option<u64>,
    /// Why whoever holds this node's validator key cannot be asked; for agencies only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signer_away: Option<String>,
    /// The policy in force.
    pub policy: Policy,
    /// The protocol version in force.
    pub protocol: u16,
    /// The next protocol version that was agreed on, while it does not hold yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub upgrade: Option<UpgradeView>,
    /// The caller's own keys that end by themselves.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ending_keys: Vec<EndingKey>,
    /// Agencies whose nodes follow another genesis, and what they said; for agencies only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub other_genesis: BTreeMap<OrganisationCode, String>,
    /// What this node's pool holds; for agencies only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pool: Option<PoolView>,
    /// How an observer follows; absent where a validator answers. Then `organisation` is its
    /// owner's, `decided` the last verified header, `height` the last height whose effects a
    /// verified header states.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub observer: Option<ObserverView>,
}

/// How an observer follows the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObserverView {
    /// The validator that is asked.
    pub serving: String,
    /// The time of the last verified header.
    pub time: Option<Millis>,
    /// Whether there is more to catch up with.
    pub is_behind: bool,
    /// Cases and documents that are known to have changed and were not shown yet.
    pub wanted: usize,
    /// The validators that may be asked.
    pub servers: Vec<ServerView>,
}

/// A serving validator as an observer has come to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerView {
    /// Its address.
    pub api: String,
    /// It is not asked before this time, in milliseconds since 1970.
    pub avoided_until: u64,
    /// How often it said something that is not true.
    pub lies: u32,
    /// What was wrong last.
    pub last_error: Option<String>,
}

/// A validator set that decides later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComingValidatorsView {
    /// The first height that it decides.
    pub from: u64,
    /// Its validators.
    pub validators: Vec<ValidatorView>,
}

/// A validator as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidatorView {
    /// The agency.
    pub organisation: OrganisationCode,
    /// The key that signs its votes.
    pub key: PublicKey,
    /// Whether this node is connected to it, or is it.
    pub connected: bool,
}

/// What a node's pool holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolView {
    /// Submissions of its clients that are not executed yet.
    pub submissions_in_flight: usize,
    /// Certified batches that are not ordered yet.
    pub certified_batches: usize,
}

impl From<&Header> for HeaderView {
    fn from(header: &Header) -> Self {
        Self {
            protocol: header.protocol,
            time: header.time,
            parent: header.parent,
            proposer: header.proposer,
            validators: header.validators,
            next_validators: header.next_validators,
            policy: header.policy,
            batches: header.batches,
            executed_height: header.executed.height,
            receipts: header.executed.receipts,
            events: header.executed.events,
            state: header.executed.state,
            absent: header.absent.clone(),
        }
    }
}

impl Explanation {
    /// A finding in words.
    pub fn of(finding: &Finding) -> Self {
        Self { en: finding.sentence_en(), zh: finding.sentence_zh() }
    }
}

impl ExportView {
    /// An export case as somebody may see it, with its findings in words.
    pub fn new(shown: ShownExport, inspections: Vec<InspectionRecord>) -> Self {
        let ShownExport { case, parties, findings, withheld } = shown;
        let explanations = findings.iter().map(Explanation::of).collect();
        Self { export: case, parties, findings, explanations, withheld, inspections }
    }
}

impl TradeView {
    /// A case as somebody may see it, with its findings in words.
    pub fn new(shown: ShownCase, inspections: Vec<InspectionRecord>) -> Self {
        let ShownCase { case, parties, findings, withheld } = shown;
        let explanations = findings.iter().map(Explanation::of).collect();
        Self { case, parties, findings, explanations, withheld, inspections }
    }
}

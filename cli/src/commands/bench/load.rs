//! The documents of a benchmark: generated, made typed and signed before the clock starts.

use super::Kind;
use super::drive::Pace;
use crate::answer::CliError;
use crate::member::Member;
use crate::progress::Progress;
use kanhe_contracts::document::{AppType, Body, Document, DocumentKind};
use kanhe_contracts::limits::VERSIONS_MAX;
use kanhe_contracts::registry::{KeyPurpose, Organisation, OrganisationKey, Role, Status};
use kanhe_gateway::convert::convert;
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_gateway::world::{Codes, PEOPLE, World, WorldConfig};
use kanhe_node::keystore;
use kanhe_node::localnet::{Localnet, Schemes};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::limits::SUBMISSION_DOCUMENTS_MAX;
use kanhe_types::merkle::Salt;
use kanhe_types::receipt::CaseKey;
use kanhe_types::submission::{Submission, document_id};
use kanhe_types::time::{CustomsTime, Millis};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Enterprises of the busy kinds: so many platforms, merchants, payment firms and carriers each.
pub(super) const SETS: usize = 8;
/// The same for submissions of distinct signers.
pub(super) const SETS_MANY: usize = 250;
/// Orders that a hot load is about at one time.
const HOT_ORDERS: usize = 100;
/// Documents of one hot submission: a quarter of the orders.
const HOT_DOCUMENTS: usize = HOT_ORDERS / 4;
/// Bytes of one request; one more submission may exceed it.
const REQUEST_BYTES: usize = 192 * 1024;
/// Submissions of one request.
const REQUEST_SUBMISSIONS: usize = 16;
/// When the generated days begin.
pub(super) const DAY: &str = "20260901080000";

/// An organisation with its key.
pub(super) struct Signer {
    pub(super) code: OrganisationCode,
    pub(super) secret: Arc<dyn kanhe_types::signer::Signer>,
}

/// The organisations that send.
pub(super) struct Fleet {
    pub(super) signers: Vec<Signer>,
    sets: usize,
}

/// Signed submissions of one organisation that are sent together.
pub(super) struct Request {
    /// Whose, as an index of the fleet.
    pub(super) signer: usize,
    /// What is posted.
    pub(super) body: Vec<u8>,
    /// Where each submission begins in the body.
    begins: Vec<usize>,
    /// The submissions, and how many documents each has.
    pub(super) submissions: Vec<(Hash, usize)>,
    /// One of its documents and its trade, for queries.
    pub(super) sample: Option<(Hash, CaseKey)>,
}

/// What is sent: the requests of one stream follow each other, streams do not wait for each other.
pub(super) struct Load {
    pub(super) streams: Vec<VecDeque<Request>>,
    pub(super) documents: usize,
    pub(super) submissions: usize,
    pub(super) document_bytes: usize,
}

/// What signing needs besides documents.
pub(super) struct Context<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) genesis: Hash,
    pub(super) pseudonyms: PseudonymKey,
    pub(super) expires: u64,
}

const ROLES: [(&str, Role); 4] =
    [("P", Role::Platform), ("M", Role::Merchant), ("F", Role::Payment), ("C", Role::Carrier)];

impl Fleet {
    /// New keys for `sets` of four enterprises.
    pub(super) fn new(sets: usize, schemes: Schemes) -> Result<Self, CliError> {
        let mut signers = Vec::new();
        for set in 0..sets {
            for (letter, _) in ROLES {
                let code = format!("BENCH{letter}{set:04}");
                let code = code.parse().expect("invented codes have the form of codes");
                let secret = keystore::generate(schemes.of(signers.len()))?;
                signers.push(Signer { code, secret: Arc::new(secret) });
            }
        }
        Ok(Self { signers, sets })
    }

    /// The enterprises of a localnet: the first of each role.
    ///
    /// # Errors
    /// When there is none of a role, or its key cannot be opened.
    pub(super) fn of(localnet: &Localnet) -> Result<Self, CliError> {
        let mut signers = Vec::new();
        for (_, role) in ROLES {
            let member = localnet.members().iter().find(|member| member.roles == [role]);
            let member = member.ok_or_else(|| {
                CliError::Usage(format!("the localnet has no enterprise that is only a {role:?}"))
            })?;
            let member = Member::of_localnet(localnet, &member.organisation)?;
            let code = member.client.organisation().clone();
            signers.push(Signer { code, secret: Arc::clone(member.client.signer()) });
        }
        Ok(Self { signers, sets: 1 })
    }

    /// The enterprises as a genesis registers them.
    pub(super) fn organisations(&self) -> Vec<Organisation> {
        let roles = ROLES.iter().cycle();
        let registered = self.signers.iter().zip(roles).map(|(signer, (_, role))| Organisation {
            code: signer.code.clone(),
            name: format!("虚构企业{}", signer.code),
            roles: vec![*role],
            park: None,
            status: Status::Active,
            keys: vec![OrganisationKey {
                key: signer.secret.public_key(),
                purpose: KeyPurpose::Operator,
                from: 0,
                until: None,
            }],
            filing: None,
            licences: Vec::new(),
            revision: 0,
        });
        registered.collect()
    }

    fn index_of(&self, code: &OrganisationCode) -> Option<usize> {
        self.signers.iter().position(|signer| signer.code == *code)
    }

    fn codes(&self, set: usize) -> Codes {
        let code = |role: usize| {
            let signer = self.signers.get(set * ROLES.len() + role);
            signer.expect("every set has four enterprises").code.clone()
        };
        Codes {
            platform: code(0),
            merchant: code(1),
            payment: code(2),
            carrier: code(3),
            // Nobody of the fleet: attestations of the generated days are left out.
            agency: "CUSTOMS".parse().expect("a code"),
        }
    }
}

/// About `documents` documents of a kind. The same seed gives the same documents.
pub(super) fn prepare(
    context: &Context<'_>,
    kind: Kind,
    seed: u64,
    documents: usize,
    streams: usize,
) -> Result<Load, CliError> {
    let sets = match kind {
        Kind::Single => context.fleet.sets.min(SETS_MANY),
        Kind::Message | Kind::Mixed | Kind::Read => context.fleet.sets.min(SETS),
        Kind::Hot => 1,
    };
    if kind == Kind::Hot {
        return hot(context, seed, documents);
    }
    let trades = documents.div_ceil(4).div_ceil(sets).max(1);
    let mut by_set = in_parallel(sets, |set| {
        let messages = day(context, set, seed, trades)?;
        let messages = match kind {
            Kind::Message => regroup(messages, SUBMISSION_DOCUMENTS_MAX),
            Kind::Single => regroup(messages, 1),
            Kind::Mixed | Kind::Read | Kind::Hot => messages,
        };
        sign(context, messages)
    })?;
    // The sets take turns, so that all enterprises send all the time.
    let mut load = Load::new(streams);
    let mut next = 0;
    while by_set.iter().any(|requests| !requests.is_empty()) {
        for requests in &mut by_set {
            if let Some(request) = requests.pop_front() {
                load.push(next, request);
                next = (next + 1) % streams;
            }
        }
    }
    load.document_bytes = load.document_bytes.checked_div(load.documents).unwrap_or(0);
    Ok(load)
}

/// Calls `work` for every number below `count`, on all cores, and gives the results in order.
fn in_parallel<T: Send>(
    count: usize,
    work: impl Fn(usize) -> Result<T, CliError> + Sync,
) -> Result<Vec<T>, CliError> {
    let progress = Progress::new("signing documents", u64::try_from(count).unwrap_or(0));
    let (progress, next) = (Mutex::new(progress), AtomicUsize::new(0));
    let threads = thread::available_parallelism().map_or(1, usize::from).min(count.max(1));
    let mut results: Vec<(usize, Result<T, CliError>)> = thread::scope(|scope| {
        let one = || {
            let mut own = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if count <= number {
                    return own;
                }
                own.push((number, work(number)));
                progress.lock().unwrap_or_else(PoisonError::into_inner).step();
            }
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        let panicked = "generating documents does not panic";
        running.into_iter().flat_map(|thread| thread.join().expect(panicked)).collect()
    });
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

/// A message: its signer and its documents.
type Message = (usize, Vec<Document>);

/// The messages of a set's day, the kinds of documents taking turns.
fn day(
    context: &Context<'_>,
    set: usize,
    seed: u64,
    trades: usize,
) -> Result<Vec<Message>, CliError> {
    let seed = world_seed(seed, u64::try_from(set).unwrap_or(0));
    let world = World::generate(&WorldConfig {
        seed,
        trades,
        organisations: context.fleet.codes(set),
        first_person: first_person(seed),
        start: DAY.parse().expect("the day begins at a customs time"),
    });
    let mut by_kind: BTreeMap<(usize, Option<DocumentKind>), VecDeque<Vec<Document>>> =
        BTreeMap::new();
    for file in &world.messages {
        let Some(signer) = context.fleet.index_of(&file.sender) else { continue };
        let documents = convert(&file.raw, &file.path, &context.pseudonyms);
        let documents: Result<Vec<Document>, _> =
            documents.into_iter().map(|found| found.map(|(_, document)| document)).collect();
        let documents = documents
            .map_err(|error| CliError::because("a generated document is not valid", error))?;
        let kind = documents.first().map(Document::kind);
        by_kind.entry((signer, kind)).or_default().push_back(documents);
    }
    let mut messages = Vec::new();
    while by_kind.values().any(|waiting| !waiting.is_empty()) {
        for ((signer, _), waiting) in &mut by_kind {
            messages.extend(waiting.pop_front().map(|documents| (*signer, documents)));
        }
    }
    Ok(messages)
}

/// Every set and every seed has order numbers of its own.
fn world_seed(seed: u64, set: u64) -> u64 {
    seed.wrapping_mul(1_009).wrapping_add(set)
}

/// Where among all people those of a day begin: anywhere. Some buy again on another day; nobody
/// comes so often that what a person may buy in a year is used up, and every trade in dispute.
fn first_person(seed: u64) -> usize {
    let [a, b, c, d, ..] = sha256_of(&seed.to_be_bytes()).0;
    usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(0) % PEOPLE
}

/// The same documents in messages of `size`, by signer and kind.
fn regroup(messages: Vec<Message>, size: usize) -> Vec<Message> {
    let mut open: BTreeMap<(usize, Option<DocumentKind>), Vec<Document>> = BTreeMap::new();
    let mut grouped = Vec::new();
    for (signer, documents) in messages {
        for document in documents {
            let waiting = open.entry((signer, Some(document.kind()))).or_default();
            waiting.push(document);
            if size <= waiting.len() {
                grouped.push((signer, std::mem::take(waiting)));
            }
        }
    }
    let rest = open.into_iter().filter(|(_, waiting)| !waiting.is_empty());
    grouped.extend(rest.map(|((signer, _), waiting)| (signer, waiting)));
    grouped
}

/// Signs messages and gathers them in requests, each signer's in order.
fn sign(context: &Context<'_>, messages: Vec<Message>) -> Result<VecDeque<Request>, CliError> {
    let mut open: BTreeMap<usize, Draft> = BTreeMap::new();
    let mut requests = VecDeque::new();
    for (signer, documents) in messages {
        let draft = open.entry(signer).or_default();
        draft.add(context, signer, &documents)?;
        if REQUEST_BYTES <= draft.bytes.len() || REQUEST_SUBMISSIONS <= draft.submissions.len() {
            requests.extend(open.remove(&signer).map(|draft| draft.finish(signer)));
        }
    }
    requests.extend(open.into_iter().map(|(signer, draft)| draft.finish(signer)));
    Ok(requests)
}

/// A request under construction.
#[derive(Default)]
struct Draft {
    bytes: Vec<u8>,
    begins: Vec<usize>,
    submissions: Vec<(Hash, usize)>,
    sample: Option<(Hash, CaseKey)>,
}

impl Draft {
    fn add(
        &mut self,
        context: &Context<'_>,
        signer: usize,
        documents: &[Document],
    ) -> Result<(), CliError> {
        let Signer { code, secret } =
            context.fleet.signers.get(signer).expect("messages name signers of the fleet");
        let encoded: Vec<Vec<u8>> = documents.iter().map(Document::encode).collect();
        if self.sample.is_none()
            && let (Some(document), Some(bytes)) = (documents.first(), encoded.first())
        {
            let id = document_id(&context.genesis, code, bytes);
            self.sample = case_of(document).map(|case| (id, case));
        }
        let salt = Salt(keystore::random()?);
        let (code, count) = (code.clone(), encoded.len());
        let submission = Submission::sign_with(
            &context.genesis,
            code,
            &**secret,
            context.expires,
            salt,
            encoded,
        )
        .map_err(|error| CliError::because("a message cannot be signed", error))?
        .map_err(|error| CliError::because("a message is not signed", error))?;
        self.submissions.push((submission.header.id(&context.genesis), count));
        self.begins.push(self.bytes.len());
        self.bytes.extend(codec::encode(&submission));
        Ok(())
    }

    fn finish(self, signer: usize) -> Request {
        // The canonical encoding of a list: how many, then each.
        let count = u64::try_from(self.submissions.len()).unwrap_or(u64::MAX);
        let mut body = codec::encode(&count);
        let begins = self.begins.iter().map(|begin| begin + body.len()).collect();
        body.extend(self.bytes);
        Request { signer, body, begins, submissions: self.submissions, sample: self.sample }
    }
}

impl Request {
    /// One request for each submission.
    fn split(self) -> Vec<Self> {
        let ends = self.begins.iter().skip(1).copied().chain([self.body.len()]);
        let parts = self.begins.iter().zip(ends).zip(&self.submissions);
        let mut sample = self.sample;
        let split = parts.map(|((begin, end), submission)| {
            let mut body = codec::encode(&1u64);
            let first = body.len();
            body.extend_from_slice(self.body.get(*begin..end).unwrap_or_default());
            Self {
                signer: self.signer,
                body,
                begins: vec![first],
                submissions: vec![*submission],
                sample: sample.take(),
            }
        });
        split.collect()
    }
}

fn case_of(document: &Document) -> Option<CaseKey> {
    let (platform, order_no) = match &document.body {
        Body::Order(order) => (&order.ebp_code, &order.order_no),
        Body::InventoryList(list) => (&list.ebp_code, &list.order_no),
        _ => return None,
    };
    Some(CaseKey { platform: platform.clone(), order_no: order_no.clone() })
}

impl Load {
    fn new(streams: usize) -> Self {
        let streams = (0..streams).map(|_| VecDeque::new()).collect();
        Self { streams, documents: 0, submissions: 0, document_bytes: 0 }
    }

    /// The same submissions, each in a request of its own, as an enterprise sends a message when it
    /// has one. Where a submission is a single document, or the order within a request matters,
    /// requests stay as they are.
    pub(super) fn one_submission_at_a_time(mut self, kind: Kind) -> Self {
        if matches!(kind, Kind::Single | Kind::Hot) {
            return self;
        }
        for stream in &mut self.streams {
            *stream = std::mem::take(stream).into_iter().flat_map(Request::split).collect();
        }
        self
    }

    /// At which pace its requests come to be so many documents a second.
    pub(super) fn pace(&self, documents_per_second: f64) -> Pace {
        let requests: usize = self.streams.iter().map(VecDeque::len).sum();
        let seconds = self.documents as f64 / documents_per_second.max(1.0);
        Pace::Open { interval: Duration::from_secs_f64(seconds / (requests as f64).max(1.0)) }
    }

    fn push(&mut self, stream: usize, request: Request) {
        self.documents += request.submissions.iter().map(|(_, count)| count).sum::<usize>();
        self.submissions += request.submissions.len();
        self.document_bytes += request.body.len();
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.push_back(request);
        }
    }
}

/// Orders, payments and waybills of a hundred trades, changed again and again: every document is
/// about the same hundred cases, until each has as many versions as the rules allow.
fn hot(context: &Context<'_>, seed: u64, documents: usize) -> Result<Load, CliError> {
    let mut load = Load::new(3 * HOT_ORDERS / HOT_DOCUMENTS);
    let mut generation = 0u64;
    while load.documents < documents {
        let messages = day(context, 0, seed.wrapping_mul(7_919).wrapping_add(generation), 200)?;
        generation = generation.wrapping_add(1);
        let mut by_signer: BTreeMap<usize, Vec<Document>> = BTreeMap::new();
        for (signer, documents) in messages {
            for document in documents {
                let is_list = document.kind() == DocumentKind::InventoryList;
                let own = by_signer.entry(signer).or_default();
                // A document that is there already would be refused, and is not what is measured.
                if !is_list && own.len() < HOT_ORDERS && !own.iter().any(|o| same(o, &document)) {
                    own.push(document);
                }
            }
        }
        let groups = by_signer.into_iter().flat_map(|(signer, documents)| {
            let groups: Vec<Message> =
                documents.chunks(HOT_DOCUMENTS).map(|group| (signer, group.to_vec())).collect();
            groups
        });
        let streams = load.streams.len();
        for (index, (signer, group)) in groups.enumerate() {
            let versions: Vec<Message> =
                (0..=VERSIONS_MAX).map(|version| (signer, changed(&group, version))).collect();
            for request in sign(context, versions)? {
                load.push(index % streams, request);
            }
        }
    }
    load.document_bytes = load.document_bytes.checked_div(load.documents).unwrap_or(0);
    Ok(load)
}

/// Whether two documents have one business number.
fn same(one: &Document, other: &Document) -> bool {
    match (&one.body, &other.body) {
        (Body::Order(one), Body::Order(other)) => one.order_no == other.order_no,
        (Body::Payment(one), Body::Payment(other)) => {
            one.pay_transaction_id == other.pay_transaction_id
        }
        (Body::Waybill(one), Body::Waybill(other)) => one.logistics_no == other.logistics_no,
        _ => false,
    }
}

/// The documents as their senders change them for the `version`th time.
fn changed(documents: &[Document], version: usize) -> Vec<Document> {
    let change = |document: &Document| {
        let mut document = document.clone();
        if 0 < version {
            document.app_type = AppType::Change;
            let later = u64::try_from(version).unwrap_or(0).saturating_mul(1_000);
            let time = document.app_time.millis().0.saturating_add(later);
            document.app_time = CustomsTime::from_millis(Millis(time));
        }
        document
    };
    documents.iter().map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_gateway::world::TRADE_PEOPLE;

    #[test]
    fn nobody_buys_so_often_that_a_year_does_not_allow_it() {
        // Ten million documents, as growth sends them; a list may be worth 5,000, a year's 26,000.
        let trades = 100_000 / TRADE_PEOPLE / SETS;
        let buyers = PEOPLE / TRADE_PEOPLE;
        let mut bought = vec![0u8; buyers];
        for step in 1..=100u64 {
            for set in 0..SETS as u64 {
                let first = first_person(world_seed(step, set)) / TRADE_PEOPLE;
                (first..first + trades).for_each(|own| bought[own % buyers] += 1);
            }
        }
        assert_eq!(bought.iter().max(), Some(&5));
        assert!(bought.contains(&2), "some come back");
    }
}

//! Cases, documents, policies and the own organisation, each shown by its path to a certified root.

use super::{HeldDocument, Lie, ObserverError, ObserverLedger};
use crate::cases::is_indexed;
use crate::evidence::{DocumentEvidence, Shown, ValueEvidence, Wanted};
use crate::schema;
use crate::store::{Column, Durability, Store, WriteBatch};
use kanhe_contracts::case::{Case, DocumentMeta, Entry, PaymentFacts};
use kanhe_contracts::event::CaseState;
use kanhe_contracts::export::ExportCase;
use kanhe_contracts::governance::PolicyRecord;
use kanhe_contracts::registry::Organisation;
use kanhe_types::block::Executed;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::limits::EXECUTION_LAG;
use kanhe_types::receipt::{CaseKey, Outcome};

/// How many heights evidence is kept while no header states a root that it leads to. A server that
/// is not behind answers of a height that is stated two heights later.
pub(super) const PENDING_HEIGHTS_MAX: u64 = 64;

/// Evidence that leads to a root which no header has stated yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Of what.
    pub wanted: Wanted,
    /// What was shown.
    pub shown: Shown,
    /// The effects that the verified headers stated when it came.
    pub since: u64,
}

/// What became of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It holds and is kept.
    Kept,
    /// A header to come will tell.
    Pending,
}

impl<S: Store> ObserverLedger<S> {
    /// Takes in what a server showed, or comes back to it after further headers.
    ///
    /// # Errors
    /// When the store fails, or what was shown leads to no certified root.
    pub fn take_evidence(&self, pending: &Pending) -> Result<Taken, ObserverError> {
        let Some(tip) = self.tip() else { return Ok(Taken::Pending) };
        let executed = &tip.header.executed;
        match &pending.shown {
            // Whoever asked counts these.
            Shown::Nothing | Shown::Later => Ok(Taken::Kept),
            Shown::Document(evidence) => self.take_document(&pending.wanted, evidence, executed),
            Shown::Value(evidence) => self.take_value(pending, evidence, executed),
        }
    }

    fn take_value(
        &self,
        pending: &Pending,
        evidence: &ValueEvidence,
        executed: &Executed,
    ) -> Result<Taken, ObserverError> {
        let wanted = &pending.wanted;
        let key = wanted.state_key(&self.organisation).ok_or_else(|| wrong_kind(wanted))?;
        let mut verdict = evidence.verify(&self.genesis, &executed.state, &key);
        let mut proved_at = executed.height;
        // The answer may be of a height before the last: several headers come at one time.
        let first = pending.since.saturating_sub(EXECUTION_LAG);
        while verdict.is_err() && first < proved_at {
            proved_at = proved_at.saturating_sub(1);
            let stated = self.header(proved_at.saturating_add(EXECUTION_LAG))?;
            let Some(kept) = stated else { break };
            verdict = evidence.verify(&self.genesis, &kept.header.executed.state, &key);
        }
        match verdict {
            Ok(()) => {
                self.keep_value(wanted, &key, evidence, proved_at)?;
                Ok(Taken::Kept)
            }
            Err(_) if executed.height < pending.since.saturating_add(PENDING_HEIGHTS_MAX) => {
                Ok(Taken::Pending)
            }
            Err(error) => Err(Lie::state(name(wanted), error).into()),
        }
    }

    fn keep_value(
        &self,
        wanted: &Wanted,
        key: &[u8],
        evidence: &ValueEvidence,
        proved_at: u64,
    ) -> Result<(), ObserverError> {
        let value = &evidence.value;
        if self.holds_newer(wanted, key, &value.value)? {
            return Ok(());
        }
        let mut changes = WriteBatch::default();
        match wanted {
            Wanted::Case(_) => self.keep_case(key, &value.value, &mut changes)?,
            Wanted::Export(_) => self.keep_export(key, &value.value, &mut changes)?,
            Wanted::Policy(_) => {
                let record: PolicyRecord = schema::decode(Column::State, key, &value.value)?;
                self.know_policy(record.policy);
            }
            Wanted::Organisation | Wanted::Document(_) => {}
        }
        let stored = schema::StateValue {
            generation: value.generation,
            salt: value.salt,
            value: &value.value,
        };
        changes.put(Column::State, key.to_vec(), stored.encode());
        // What changed again meanwhile is still wanted.
        let encoded = codec::encode(wanted);
        let changed_at = self.store.get(Column::Wanted, &encoded)?;
        let changed_at = changed_at.map(|bytes| schema::height_of(Column::Wanted, &bytes));
        if changed_at.transpose()?.is_some_and(|changed_at| changed_at <= proved_at) {
            changes.remove(Column::Wanted, encoded);
        }
        Ok(self.store.write(changes, Durability::Synced)?)
    }

    /// Whether what is kept is later than a value that was true once.
    fn holds_newer(
        &self,
        wanted: &Wanted,
        key: &[u8],
        value: &[u8],
    ) -> Result<bool, ObserverError> {
        let Some(kept) = self.state(key)? else { return Ok(false) };
        let decode = |bytes: &[u8]| -> Result<u64, ObserverError> {
            Ok(match wanted {
                Wanted::Case(_) => {
                    schema::decode::<Case>(Column::State, key, bytes)?.changed_height
                }
                Wanted::Export(_) => {
                    schema::decode::<ExportCase>(Column::State, key, bytes)?.changed_height
                }
                Wanted::Organisation => {
                    schema::decode::<Organisation>(Column::State, key, bytes)?.revision.into()
                }
                Wanted::Policy(_) | Wanted::Document(_) => 0,
            })
        };
        Ok(decode(value)? < decode(&kept)?)
    }

    /// Puts a case into the index and wants its documents.
    fn keep_case(
        &self,
        key: &[u8],
        value: &[u8],
        changes: &mut WriteBatch,
    ) -> Result<(), ObserverError> {
        let case: Case = schema::decode(Column::State, key, value)?;
        let before: Option<Case> = match self.state(key)? {
            Some(bytes) => Some(schema::decode(Column::State, key, &bytes)?),
            None => None,
        };
        let states = (before.map(|before| before.state), case.state);
        self.index(schema::case_index_key, &case.key, states, changes);
        self.want_documents(documents_of(&case), case.changed_height, changes)
    }

    /// The same of an export.
    fn keep_export(
        &self,
        key: &[u8],
        value: &[u8],
        changes: &mut WriteBatch,
    ) -> Result<(), ObserverError> {
        let case: ExportCase = schema::decode(Column::State, key, value)?;
        let before: Option<ExportCase> = match self.state(key)? {
            Some(bytes) => Some(schema::decode(Column::State, key, &bytes)?),
            None => None,
        };
        let states = (before.map(|before| before.state), case.state);
        self.index(schema::export_index_key, &case.key, states, changes);
        self.want_documents(documents_of_export(&case), case.changed_height, changes)
    }

    /// Puts a case into the index, where it stood elsewhere before in that place.
    fn index(
        &self,
        key_of: fn(&[u8], &CaseKey) -> Vec<u8>,
        case: &CaseKey,
        (before, now): (Option<CaseState>, CaseState),
        changes: &mut WriteBatch,
    ) {
        let own = Some(&self.organisation);
        let entry = |state| key_of(&schema::case_index_prefix(own, state), case);
        if let Some(state) = before.filter(|state| is_indexed(*state)) {
            changes.remove(Column::CaseIndex, entry(Some(state)));
        }
        changes.put(Column::CaseIndex, entry(None), Vec::new());
        if is_indexed(now) {
            changes.put(Column::CaseIndex, entry(Some(now)), Vec::new());
        }
    }

    /// Wants those of a case's documents that are not held yet.
    fn want_documents(
        &self,
        documents: Vec<Hash>,
        changed_height: u64,
        changes: &mut WriteBatch,
    ) -> Result<(), ObserverError> {
        for document in documents {
            if !self.store.has(Column::Held, &document.0)? {
                let wanted = codec::encode(&Wanted::Document(document));
                changes.put(Column::Wanted, wanted, schema::height_key(changed_height));
            }
        }
        Ok(())
    }

    fn take_document(
        &self,
        wanted: &Wanted,
        evidence: &DocumentEvidence,
        executed: &Executed,
    ) -> Result<Taken, ObserverError> {
        let Wanted::Document(id) = wanted else { return Err(wrong_kind(wanted).into()) };
        let receipt = &evidence.receipt;
        let is_accepted = matches!(receipt.outcome, Outcome::Accepted { .. });
        if receipt.document != *id || !is_accepted {
            let reason = "it is of another document, or one that was not accepted".into();
            return Err(Lie::Evidence { what: name(wanted), reason }.into());
        }
        if executed.height < receipt.height {
            return Ok(Taken::Pending);
        }
        let stated = self.header(receipt.height.saturating_add(EXECUTION_LAG))?;
        let stated = stated.map(|kept| kept.header.executed);
        let verdict = stated.map(|executed| evidence.verify(&self.genesis, &executed));
        match verdict {
            Some(Ok(())) => {}
            Some(Err(error)) => {
                let (what, reason) = (name(wanted), error.to_string());
                return Err(Lie::Evidence { what, reason }.into());
            }
            None => return Ok(Taken::Pending),
        }
        let mut changes = WriteBatch::default();
        let held = HeldDocument::Others(Box::new(evidence.clone()));
        changes.put(Column::Held, id.0.to_vec(), codec::encode(&held));
        changes.remove(Column::Wanted, codec::encode(wanted));
        self.store.write(changes, Durability::Synced)?;
        Ok(Taken::Kept)
    }
}

/// The accepted documents that a case consists of, replaced ones too.
fn documents_of(case: &Case) -> Vec<Hash> {
    let payments = case.payment.iter().chain(&case.extra_payments);
    // Of a payment that several orders share, the message is not each order's to read.
    let is_shared =
        |own: &&Entry<PaymentFacts>| own.facts.as_ref().is_some_and(|own| own.share.is_some());
    let payments = payments.filter(|own| !is_shared(own));
    let metas: Vec<&DocumentMeta> = (case.order.iter().map(|entry| &entry.meta))
        .chain(payments.map(|entry| &entry.meta))
        .chain(case.list.iter().map(|entry| &entry.meta))
        .chain(case.waybill.iter().map(|entry| &entry.meta))
        .chain(case.refunds.iter().map(|entry| &entry.meta))
        .collect();
    with_versions(&metas)
}

/// The same of an export. What names the parcels of many is its sender's and agencies' to read.
fn documents_of_export(case: &ExportCase) -> Vec<Hash> {
    let metas: Vec<&DocumentMeta> = (case.order.iter().map(|entry| &entry.meta))
        .chain(case.receipts.iter().map(|entry| &entry.meta))
        .chain(case.list.iter().map(|entry| &entry.meta))
        .chain(case.waybill.iter().map(|entry| &entry.meta))
        .collect();
    with_versions(&metas)
}

fn with_versions(metas: &[&DocumentMeta]) -> Vec<Hash> {
    let versions = metas.iter().flat_map(|meta| meta.versions.iter().map(|old| old.document));
    metas.iter().map(|meta| meta.document).chain(versions).collect()
}

fn name(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Case(case) => format!("case {} of {}", case.order_no, case.platform),
        Wanted::Export(case) => format!("export {} of {}", case.order_no, case.platform),
        Wanted::Organisation => "the own organisation".into(),
        Wanted::Policy(version) => format!("policy {version}"),
        Wanted::Document(id) => format!("document {id}"),
    }
}

fn wrong_kind(wanted: &Wanted) -> Lie {
    Lie::Evidence { what: name(wanted), reason: "it is of another kind".into() }
}

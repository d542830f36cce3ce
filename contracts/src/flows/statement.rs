//! What a netting statement says, as flows open it.

use super::case_flow::{FlowPart, PartSource, Place, Standing, code};
use super::figure::Figure;
use crate::policy::Direction;
use crate::register::{Content, Entry, EntryKey};

/// A netting statement behind figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The statement.
    pub key: EntryKey,
    /// Where it stands.
    pub standing: Standing,
    /// Its amounts; they add up to what the figures have of it.
    pub parts: Vec<FlowPart>,
}

/// What a statement says as long as it counts; nothing of other entries.
pub fn opened(entry: &Entry) -> Option<Stated> {
    let Content::NettingStatement(own) = &entry.content else { return None };
    if !own.state.counts() {
        return None;
    }
    let facts = &own.facts;
    let (mode, currency) = (code(&facts.mode), code(&facts.currency));
    let place = Place { direction: Direction::Export, mode, currency };
    let documents = entry.steps.iter().map(|step| PartSource {
        document: step.document,
        kind: entry.key.register.kind(),
        signer: step.signer.clone(),
    });
    let documents: Vec<PartSource> = documents.collect();
    let parts = [(Figure::Deducted, own.deducted), (Figure::Credited, facts.credited)];
    let parts = parts.into_iter().map(|(figure, amount)| FlowPart {
        figure,
        currency,
        amount: amount.units(),
        documents: documents.clone(),
    });
    Some(Stated {
        key: entry.key.clone(),
        standing: Standing { merchant: facts.merchant.clone(), month: facts.month, place },
        parts: parts.filter(|part| part.amount != 0).collect(),
    })
}

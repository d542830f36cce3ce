//! Documents into messages, messages into files, in the styles of different customs software.

use super::rng::Rng;
use super::{Streams, WorldConfig};
use crate::field_table::MessageType;
use crate::limits::DOCUMENTS_MAX;
use crate::raw::{RawDocument, RawMessage};
use crate::write::{self, Names, XmlStyle};
use kanhe_types::code::OrganisationCode;

/// A file of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// Who submits it.
    pub sender: OrganisationCode,
    /// Its path below the sender's folder, such as `payments/CEB411Message_0003.xml`.
    pub path: String,
    /// What it says.
    pub raw: RawMessage,
    /// How it is written, if it is XML.
    pub style: XmlStyle,
}

impl PlannedFile {
    /// The file's content.
    pub fn bytes(&self) -> Vec<u8> {
        if self.raw.message_type.is_customs() {
            write::xml(&self.raw, self.style)
        } else {
            write::json(&self.raw)
        }
    }
}

pub(super) fn arrange(config: &WorldConfig, streams: Streams, rng: &mut Rng) -> Vec<PlannedFile> {
    let codes = &config.organisations;
    let single = |documents: Vec<RawDocument>| -> Vec<Vec<RawDocument>> {
        documents.into_iter().map(|document| vec![document]).collect()
    };
    let mut files = Vec::new();
    for (sender, message_type, groups) in [
        (&codes.agency, MessageType::IdentityAttestation, single(streams.attestations)),
        (&codes.platform, MessageType::Ceb311, streams.orders),
        (&codes.platform, MessageType::Ceb411, single(streams.platform_payments)),
        (&codes.payment, MessageType::Ceb411, single(streams.payments)),
        (&codes.carrier, MessageType::Ceb511, single(streams.waybills)),
        (&codes.merchant, MessageType::Ceb621, single(streams.lists)),
    ] {
        let messages = chunk(groups, rng);
        for (number, documents) in (1usize..).zip(messages) {
            let name = format!("{message_type}_{number:04}");
            files.push(file(sender, message_type, &name, documents, rng));
        }
    }
    for (number, (message_type, document)) in (1usize..).zip(streams.resent) {
        // Sorts after the sender's other files: something is sent again only after the first time.
        let name = format!("{message_type}_again_{number:04}");
        files.push(file(&codes.payment, message_type, &name, vec![document], rng));
    }
    files
}

/// Groups into messages of 1 to 100 documents; now and then a message holds just one group.
fn chunk(groups: Vec<Vec<RawDocument>>, rng: &mut Rng) -> Vec<Vec<RawDocument>> {
    let mut messages: Vec<Vec<RawDocument>> = Vec::new();
    let mut room = 0;
    for group in groups {
        match messages.last_mut().filter(|_| group.len() <= room) {
            Some(message) => {
                room -= group.len();
                message.extend(group);
            }
            None => {
                let size = if rng.one_in(6) { 1 } else { rng.below(DOCUMENTS_MAX) + 1 };
                room = size.saturating_sub(group.len());
                messages.push(group);
            }
        }
    }
    messages
}

fn file(
    sender: &OrganisationCode,
    message_type: MessageType,
    name: &str,
    documents: Vec<RawDocument>,
    rng: &mut Rng,
) -> PlannedFile {
    let style = XmlStyle {
        names: if rng.one_in(3) { Names::Plain } else { Names::Prefixed },
        byte_order_mark: rng.one_in(2),
        envelope: rng.one_in(4),
    };
    let (folder, ending) = match message_type {
        MessageType::Ceb311 => ("orders", "xml"),
        MessageType::Ceb411 => ("payments", "xml"),
        MessageType::Ceb511 => ("waybills", "xml"),
        MessageType::Ceb621 => ("lists", "xml"),
        MessageType::IdentityAttestation => ("attestations", "json"),
        other => (other.table().kind.name(), "xml"),
    };
    PlannedFile {
        sender: sender.clone(),
        path: format!("{folder}/{name}.{ending}"),
        raw: RawMessage { message_type, sender: Some(sender.to_string()), documents },
        style,
    }
}

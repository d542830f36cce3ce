//! Documents with who sends them and when, and the files that they become.

use super::super::rng::Rng;
use crate::field_table::MessageType;
use crate::limits::DOCUMENTS_MAX;
use crate::raw::{RawDocument, RawFields, RawMessage};
use crate::write::{self, Names, XmlStyle};
use kanhe_contracts::document::{Document, DocumentKind};
use kanhe_types::code::OrganisationCode;
use kanhe_types::time::{CustomsTime, Millis};
use std::collections::BTreeMap;

pub(super) const HOUR_MS: u64 = 3_600_000;
pub(super) const DAY_MS: u64 = 24 * HOUR_MS;
/// What a sender has within this time goes into one message.
const WINDOW_MS: u64 = 2 * HOUR_MS;
/// Documents of one message that name many parcels or lists.
const LARGE_DOCUMENTS_MAX: usize = 10;

/// A document to be sent.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) sender: &'static str,
    pub(super) message_type: MessageType,
    /// When its sender has it ready.
    pub(super) at: Millis,
    pub(super) raw: RawDocument,
}

impl Draft {
    pub(super) fn guid(&self) -> String {
        self.raw.head.get("guid").unwrap_or_default().to_owned()
    }

    pub(super) fn set(&mut self, field: &'static str, text: impl AsRef<str>) {
        self.raw.head.set(field, text);
    }

    /// Sets a field of the first line.
    pub(super) fn set_line(&mut self, field: &'static str, text: impl AsRef<str>) {
        if let Some(line) = self.raw.lines.first_mut() {
            line.set(field, text);
        }
    }

    /// The same with another identifier, ready `hours` later; what it says of its time follows.
    pub(super) fn again(&self, rng: &mut Rng, hours: u64) -> Self {
        let mut copy = self.clone();
        copy.at = later(self.at, hours);
        copy.set("guid", rng.guid());
        copy.set("appTime", CustomsTime::from_millis(copy.at).to_string());
        copy
    }

    pub(super) fn kind(&self) -> DocumentKind {
        self.message_type.table().kind
    }
}

pub(super) fn later(time: Millis, hours: u64) -> Millis {
    Millis(time.0.saturating_add(hours.saturating_mul(HOUR_MS)))
}

pub(super) fn time_text(time: Millis) -> String {
    CustomsTime::from_millis(time).to_string()
}

/// The fields that most heads begin with.
pub(super) fn head(guid: String, at: Millis) -> RawFields {
    let mut head = RawFields::default();
    head.set("guid", guid);
    head.set("appType", "1");
    head.set("appTime", time_text(at));
    head.set("appStatus", "2");
    head
}

/// A file of a full world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullFile {
    /// Who submits it.
    pub sender: OrganisationCode,
    /// When: its sender's files are submitted in this order.
    pub at: Millis,
    /// Its name in the sender's folder. Names ascend with time.
    pub name: String,
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Message(RawMessage, XmlStyle),
    /// Customs' schema has no field for what these say: they are made typed.
    Typed(Vec<Document>),
}

impl FullFile {
    /// The file's content.
    pub fn bytes(&self) -> Vec<u8> {
        match &self.content {
            Content::Message(raw, style) if raw.message_type.is_customs() => {
                write::xml(raw, *style)
            }
            Content::Message(raw, _) => write::json(raw),
            Content::Typed(documents) => {
                let text = serde_json::to_string_pretty(documents);
                // Types of the contracts have text keys and no maps: they are always written.
                text.unwrap_or_default().into_bytes()
            }
        }
    }

    /// The documents' `guid`s in their order.
    pub fn guids(&self) -> Vec<&str> {
        match &self.content {
            Content::Message(raw, _) => {
                let heads = raw.documents.iter().map(|document| &document.head);
                heads.map(|head| head.get("guid").unwrap_or_default()).collect()
            }
            Content::Typed(documents) => {
                documents.iter().map(|document| document.guid.as_str()).collect()
            }
        }
    }
}

/// Puts drafts into messages: of one sender and kind, within two hours, at most a hundred.
pub(super) fn arrange(
    mut drafts: Vec<Draft>,
    typed: Vec<(&'static str, Document)>,
    rng: &mut Rng,
) -> Vec<FullFile> {
    // Stable: what was drafted first at one time stays first.
    drafts.sort_by_key(|draft| (draft.sender, draft.message_type, draft.at));
    let mut files: Vec<FullFile> = Vec::new();
    let mut open: Option<(&'static str, Millis)> = None;
    for draft in drafts {
        let is_large = matches!(
            draft.message_type,
            MessageType::Ceb507
                | MessageType::Ceb509
                | MessageType::Ceb607
                | MessageType::Ceb701
                | MessageType::Ceb711
                | MessageType::Ceb792
        );
        let max = if is_large { LARGE_DOCUMENTS_MAX } else { DOCUMENTS_MAX };
        let until = |first: Millis| first.0.saturating_add(WINDOW_MS);
        let last =
            open.filter(|(sender, first)| *sender == draft.sender && draft.at.0 <= until(*first));
        if let (Some(_), Some(file)) = (last, files.last_mut())
            && let Content::Message(raw, _) = &mut file.content
            && raw.message_type == draft.message_type
            && raw.documents.len() < max
        {
            file.at = draft.at;
            raw.documents.push(draft.raw);
            continue;
        }
        let Ok(sender) = draft.sender.parse() else { continue };
        open = Some((draft.sender, draft.at));
        files.push(new_file(sender, draft, rng));
    }
    for (sender, document) in typed {
        let Ok(sender) = sender.parse() else { continue };
        let (at, name) = (document.app_time.millis(), document.kind().name().to_owned());
        files.push(FullFile { sender, at, name, content: Content::Typed(vec![document]) });
    }
    number(&mut files);
    files
}

fn new_file(sender: OrganisationCode, draft: Draft, rng: &mut Rng) -> FullFile {
    let style = XmlStyle {
        names: if rng.one_in(3) { Names::Plain } else { Names::Prefixed },
        byte_order_mark: rng.one_in(2),
        envelope: rng.one_in(4),
    };
    let raw = RawMessage {
        message_type: draft.message_type,
        sender: Some(sender.to_string()),
        documents: vec![draft.raw],
    };
    let name = draft.message_type.name().to_owned();
    FullFile { sender, at: draft.at, name, content: Content::Message(raw, style) }
}

/// Orders the files by time and names them, so that a folder read by names is read by time.
fn number(files: &mut [FullFile]) {
    files.sort_by(|one, two| (one.at, &one.sender).cmp(&(two.at, &two.sender)));
    let mut counts: BTreeMap<OrganisationCode, usize> = BTreeMap::new();
    for file in files {
        let count = counts.entry(file.sender.clone()).or_default();
        *count = count.saturating_add(1);
        let is_xml =
            matches!(&file.content, Content::Message(raw, _) if raw.message_type.is_customs());
        let ending = if is_xml { "xml" } else { "json" };
        file.name = format!("{count:06}_{}.{ending}", file.name);
    }
}

//! The text of a file as a tree whose every value knows its line and column.
//!
//! Only what a policy needs of YAML is taken: mappings with texts as keys, lists and scalars. No
//! anchors and aliases, so that no text is longer than it looks; no tags; one document; no key
//! twice. Bytes are bounded before a parser sees them, depth and values while it reads.

use super::Fault;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};

/// Bytes of a file with a policy: some times the bytes of the largest policy.
pub const POLICY_FILE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Lists and mappings in each other.
const DEPTH_MAX: usize = 24;
/// Values of a file.
const VALUES_MAX: usize = 200_000;

/// A place of a text, both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// A value and where it stands; nowhere when it does not come from a text.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Option<Place>,
    pub(super) kind: Kind,
    /// It was found at fault already and is passed over.
    pub(super) is_hidden: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) style: Style,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As it stands: a number, a word, nothing.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes, with escapes.
    Double,
    /// In the lines below `|` or `>`.
    Block,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Option<Place>,
    pub(super) value: Node,
}

impl Node {
    pub(super) fn of(kind: Kind) -> Self {
        Self { place: None, kind, is_hidden: false }
    }

    /// What a fault says that stands there.
    pub(super) fn named(&self) -> String {
        match &self.kind {
            Kind::Scalar(scalar) if scalar.is_nothing() => "nothing".to_owned(),
            Kind::Scalar(scalar) => {
                let shown: String = scalar.text.chars().take(40).collect();
                let more = if shown.len() < scalar.text.len() { "…" } else { "" };
                format!("{shown:?}{more}")
            }
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a mapping".to_owned(),
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(scalar) if !scalar.is_nothing() => Some(&scalar.text),
            Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(entries) => {
                entries.iter().find(|entry| entry.key == name).map(|entry| &entry.value)
            }
            Kind::Scalar(_) | Kind::List(_) => None,
        }
    }
}

impl Scalar {
    /// Whether it is what a text has for nothing. In quotes these are words.
    pub(super) fn is_nothing(&self) -> bool {
        self.style == Style::Plain && matches!(self.text.as_str(), "" | "~" | "null")
    }
}

/// A list or mapping that is being read.
struct Open {
    node: Node,
    /// The key whose value comes next.
    key: Option<(String, Place)>,
}

/// Reads the one document of a text.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let mut parser = Parser::new_from_str(text);
    let (mut open, mut values, mut documents) = (Vec::<Open>::new(), 0_usize, 0_usize);
    let mut root = None;
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            Fault::new(format!("expected YAML: {}", error.info())).at(place(error.marker()))
        })?;
        let here = place(&span.start);
        let done = match event {
            Event::Nothing | Event::StreamStart | Event::DocumentEnd => continue,
            Event::StreamEnd => break,
            Event::DocumentStart(_) => {
                documents += 1;
                if 1 < documents {
                    return Err(Fault::expected("one document", "a second").at(here));
                }
                continue;
            }
            Event::Alias(_) => {
                let expected = "the value itself: aliases are not taken";
                return Err(Fault::expected(expected, "an alias").at(here));
            }
            Event::Scalar(text, style, anchor, tag) => {
                check_plain(anchor, tag.is_some(), here)?;
                let kind = Kind::Scalar(Scalar { text: text.into_owned(), style: of(style) });
                Some(Node { place: Some(here), kind, is_hidden: false })
            }
            Event::SequenceStart(anchor, tag) => {
                check_plain(anchor, tag.is_some(), here)?;
                open.push(begin(Kind::List(Vec::new()), here));
                None
            }
            Event::MappingStart(anchor, tag) => {
                check_plain(anchor, tag.is_some(), here)?;
                open.push(begin(Kind::Map(Vec::new()), here));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|closed| closed.node),
        };
        if DEPTH_MAX < open.len() {
            let expected = format!("at most {DEPTH_MAX} lists and mappings in each other");
            return Err(Fault::expected(&expected, "one more").at(here));
        }
        let Some(node) = done else { continue };
        values += 1;
        if VALUES_MAX < values {
            return Err(Fault::expected(&format!("at most {VALUES_MAX} values"), "more").at(here));
        }
        match open.last_mut() {
            Some(parent) => put(parent, node, &span)?,
            None => root = Some(node),
        }
    }
    root.ok_or_else(|| {
        Fault::expected("a policy", "an empty file").at(Place { line: 1, column: 1 })
    })
}

fn begin(kind: Kind, here: Place) -> Open {
    Open { node: Node { place: Some(here), kind, is_hidden: false }, key: None }
}

/// Puts a value into what is open: as an item, as a key, or as the key's value.
fn put(parent: &mut Open, node: Node, span: &Span) -> Result<(), Fault> {
    let entries = match &mut parent.node.kind {
        Kind::List(items) => {
            items.push(node);
            return Ok(());
        }
        Kind::Map(entries) => entries,
        Kind::Scalar(_) => return Ok(()),
    };
    if let Some((key, at)) = parent.key.take() {
        entries.push(Entry { key, place: Some(at), value: node });
        return Ok(());
    }
    let here = node.place.unwrap_or_else(|| place(&span.start));
    let Some(key) = node.as_text().map(str::to_owned) else {
        return Err(Fault::expected("a name as key", &node.named()).at(here));
    };
    // Fields are few; lists are what is long.
    if let Some(first) = entries.iter().find(|entry| entry.key == key).and_then(|own| own.place) {
        let found = format!("{key:?} of line {} again", first.line);
        return Err(Fault::expected("each field once", &found).at(here));
    }
    if KEYS_MAX <= entries.len() {
        return Err(Fault::expected(&format!("at most {KEYS_MAX} fields"), "one more").at(here));
    }
    parent.key = Some((key, here));
    Ok(())
}

/// Fields of one mapping; more than any part of a policy has.
const KEYS_MAX: usize = 256;

fn check_plain(anchor: usize, has_tag: bool, here: Place) -> Result<(), Fault> {
    if anchor != 0 {
        return Err(Fault::expected("a value without an anchor", "an anchor").at(here));
    }
    if has_tag {
        return Err(Fault::expected("a value without a tag", "a tag").at(here));
    }
    Ok(())
}

fn of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    }
}

fn place(marker: &Marker) -> Place {
    let bounded = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place { line: bounded(marker.line()), column: bounded(marker.col().saturating_add(1)) }
}

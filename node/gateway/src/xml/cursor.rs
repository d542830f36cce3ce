//! A bounded walk over XML: elements with their namespaces, and texts.

use crate::error::{ParseError, Position, Problem, shortened};
use crate::limits::{ATTRIBUTE_BYTES_MAX, DEPTH_MAX, NAMESPACES_MAX};
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use std::borrow::Cow;
use std::rc::Rc;

/// An element's name.
pub(super) struct Element {
    /// The namespace that its prefix, or the default, is bound to.
    pub(super) namespace: Option<Rc<str>>,
    /// The name without its prefix.
    pub(super) local: String,
}

/// A prefix bound by an element; the empty prefix is the default namespace.
struct Binding {
    depth: usize,
    prefix: String,
    namespace: Rc<str>,
}

/// A position in an XML text.
pub(super) struct Cursor<'a> {
    source: &'a str,
    reader: Reader<&'a [u8]>,
    /// Where the event that is looked at begins, in bytes.
    offset: usize,
    /// Elements open around the position.
    depth: usize,
    bindings: Vec<Binding>,
}

/// What the walk meets; comments and processing instructions are passed over.
enum Step<'a> {
    Open(BytesStart<'a>),
    Close,
    Text(Cow<'a, str>),
    End,
}

type Walk<T> = Result<T, ParseError>;

impl<'a> Cursor<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        let mut reader = Reader::from_str(source);
        reader.config_mut().expand_empty_elements = true;
        Self { source, reader, offset: 0, depth: 0, bindings: Vec::new() }
    }

    pub(super) fn source(&self) -> &'a str {
        self.source
    }

    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// The next element inside the open one, or none when that one ends.
    pub(super) fn child(&mut self, path: &str) -> Walk<Option<Element>> {
        loop {
            match self.step()? {
                Step::Open(start) => return self.enter(&start).map(Some),
                Step::Close | Step::End => return Ok(None),
                Step::Text(text) if text.trim().is_empty() => {}
                Step::Text(_) => {
                    return Err(self.error(Problem::StrayText { path: path.to_owned() }));
                }
            }
        }
    }

    /// The text of the open element, which holds no elements, up to its end.
    pub(super) fn text(&mut self, path: &str, bytes_max: usize) -> Walk<String> {
        let mut all = String::new();
        loop {
            match self.step()? {
                Step::Text(text) => {
                    if bytes_max.saturating_sub(all.len()) < text.len() {
                        return Err(self.error(Problem::TextTooLong { path: path.to_owned() }));
                    }
                    all.push_str(&text);
                }
                Step::Open(start) => {
                    let local = shortened(start.local_name().as_ref(), 60);
                    let path = format!("{path}/{local}");
                    return Err(self.error(Problem::UnknownElement { path }));
                }
                Step::Close | Step::End => return Ok(all),
            }
        }
    }

    /// Passes over the open element, whatever it holds.
    pub(super) fn skip(&mut self) -> Walk<()> {
        let outside = self.depth.saturating_sub(1);
        while outside < self.depth {
            if matches!(self.step()?, Step::End) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Checks that nothing follows the root element.
    pub(super) fn finish(&mut self) -> Walk<()> {
        match self.child("the file")? {
            None => Ok(()),
            Some(_) => Err(self.error(Problem::Malformed("it has a second root element".into()))),
        }
    }

    fn step(&mut self) -> Walk<Step<'a>> {
        loop {
            self.offset = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
            let event = self.reader.read_event().map_err(|error| self.malformed(&error))?;
            match event {
                Event::Start(start) => return self.open(start),
                // Empty elements are expanded into a start and an end.
                Event::Empty(start) => return self.open(start),
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    let depth = self.depth;
                    self.bindings.retain(|binding| binding.depth <= depth);
                    return Ok(Step::Close);
                }
                Event::Text(text) => return Ok(Step::Text(normal_lines(text.into_inner()))),
                Event::CData(text) => return Ok(Step::Text(normal_lines(text.into_inner()))),
                Event::GeneralRef(reference) => return self.resolve(&reference).map(Step::Text),
                Event::DocType(_) => return Err(self.error(Problem::Doctype)),
                Event::Decl(declaration) => self.check_declaration(&declaration)?,
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof if self.depth == 0 => return Ok(Step::End),
                Event::Eof => {
                    return Err(
                        self.error(Problem::Malformed("the file ends inside an element".into()))
                    );
                }
            }
        }
    }

    fn open(&mut self, start: BytesStart<'a>) -> Walk<Step<'a>> {
        if self.depth == DEPTH_MAX {
            return Err(self.error(Problem::TooDeep));
        }
        self.depth = self.depth.saturating_add(1);
        Ok(Step::Open(start))
    }

    /// Binds the namespaces that an element declares, and resolves its own.
    fn enter(&mut self, start: &BytesStart<'_>) -> Walk<Element> {
        if ATTRIBUTE_BYTES_MAX < start.attributes_raw().len() {
            let text =
                format!("an element has more than {ATTRIBUTE_BYTES_MAX} bytes of attributes");
            return Err(self.error(Problem::Malformed(text)));
        }
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| {
                self.error(Problem::Malformed(shortened(&error.to_string(), 200)))
            })?;
            let name = attribute.key.as_ref();
            let prefix = if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") };
            let Some(prefix) = prefix else { continue };
            if self.bindings.len() == NAMESPACES_MAX {
                let text = format!("more than {NAMESPACES_MAX} namespaces are declared");
                return Err(self.error(Problem::Malformed(text)));
            }
            let prefix = prefix.to_owned();
            let namespace = Rc::from(attribute.value.as_ref());
            self.bindings.push(Binding { depth: self.depth, prefix, namespace });
        }
        let name = start.name();
        let (prefix, local) = name.as_ref().split_once(':').unwrap_or(("", name.as_ref()));
        let bound = self.bindings.iter().rev().find(|binding| binding.prefix == prefix);
        let namespace = bound.map(|binding| Rc::clone(&binding.namespace));
        Ok(Element { namespace, local: local.to_owned() })
    }

    fn resolve(&self, reference: &BytesRef<'_>) -> Walk<Cow<'static, str>> {
        let named: &str = reference;
        let text = match named {
            "lt" => "<",
            "gt" => ">",
            "amp" => "&",
            "apos" => "'",
            "quot" => "\"",
            _ => {
                let entity = || self.error(Problem::Entity(shortened(named, 40)));
                let character = reference.resolve_char_ref().map_err(|_| entity())?;
                return Ok(Cow::Owned(character.ok_or_else(entity)?.to_string()));
            }
        };
        Ok(Cow::Borrowed(text))
    }

    fn check_declaration(&self, declaration: &BytesDecl<'_>) -> Walk<()> {
        let declared = match declaration.encoding() {
            None => return Ok(()),
            Some(Ok(declared)) => declared,
            Some(Err(error)) => {
                let text = shortened(&error.to_string(), 200);
                return Err(self.error(Problem::Malformed(text)));
            }
        };
        if super::is_utf8(&declared) {
            return Ok(());
        }
        Err(self.error(Problem::Encoding { declared: shortened(&declared, 40) }))
    }

    fn malformed(&self, error: &quick_xml::Error) -> ParseError {
        let offset = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
        ParseError {
            position: Some(Position::of_byte(self.source, offset)),
            problem: Problem::Malformed(shortened(&error.to_string(), 200)),
        }
    }
}

/// XML reads every line end as a line feed.
fn normal_lines(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('\r') {
        return text;
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

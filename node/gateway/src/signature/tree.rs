//! An XML document as a tree, with what its canonical form needs and nothing else.

use crate::error::{ParseError, Position, Problem, shortened};
use crate::limits::{ATTRIBUTE_BYTES_MAX, DEPTH_MAX, NAMESPACES_MAX};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::rc::Rc;

/// What an element holds.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Element(Box<Element>),
    /// Text with its references resolved and its line ends normal.
    Text(String),
}

/// An element with its namespaces.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) prefix: String,
    pub(super) local: String,
    pub(super) namespace: Rc<str>,
    /// Namespaces that it declares: prefix, or nothing for the default, and name.
    pub(super) declared: Vec<(String, Rc<str>)>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Node>,
    /// Where its start tag stands in the text, in bytes.
    pub(super) offset: usize,
}

/// An attribute that declares no namespace.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) prefix: String,
    pub(super) local: String,
    pub(super) namespace: Rc<str>,
    pub(super) value: String,
}

impl Element {
    /// Whether it is the element of a namespace with this name.
    pub(super) fn is(&self, namespace: &str, local: &str) -> bool {
        &*self.namespace == namespace && self.local == local
    }

    /// The value of an attribute without a prefix.
    pub(super) fn attribute(&self, local: &str) -> Option<&str> {
        let mut own = self.attributes.iter().filter(|own| own.prefix.is_empty());
        own.find(|own| own.local == local).map(|own| own.value.as_str())
    }

    /// The element at a place among the children.
    pub(super) fn child_at(&self, place: usize) -> Option<&Self> {
        match self.children.get(place)? {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        }
    }

    /// Looks at the element and every one inside it.
    pub(super) fn walk(&self, look: &mut impl FnMut(&Self)) {
        look(self);
        for node in &self.children {
            if let Node::Element(element) = node {
                element.walk(look);
            }
        }
    }
}

/// Reads a document that has nothing which a signed one may not have.
///
/// # Errors
/// Names what it has.
pub(super) fn parse(text: &str) -> Result<Element, ParseError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut parser = Parser { text, offset: 0, open: Vec::new(), scope: Vec::new(), root: None };
    loop {
        parser.offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| parser.malformed(&error.to_string()))?;
        match event {
            Event::Start(start) | Event::Empty(start) => parser.start(&start)?,
            Event::End(_) => parser.end()?,
            Event::Text(text) => parser.add(&normal_lines(&text.into_inner()))?,
            Event::CData(text) => parser.add(&normal_lines(&text.into_inner()))?,
            Event::GeneralRef(reference) => {
                let character = parser.reference(&reference)?;
                parser.add(character.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(parser.error(Problem::Doctype)),
            Event::PI(_) => return Err(parser.refused("a processing instruction")),
            // Neither has a place in the canonical form.
            Event::Decl(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    match parser.root.take() {
        Some(root) if parser.open.is_empty() => Ok(root),
        _ => Err(parser.malformed("the file ends inside an element")),
    }
}

struct Parser<'a> {
    text: &'a str,
    offset: usize,
    open: Vec<Element>,
    /// Namespaces in scope with the depth that declared them.
    scope: Vec<(usize, String, Rc<str>)>,
    root: Option<Element>,
}

impl Parser<'_> {
    fn error(&self, problem: Problem) -> ParseError {
        ParseError { position: Some(Position::of_byte(self.text, self.offset)), problem }
    }

    fn malformed(&self, text: &str) -> ParseError {
        self.error(Problem::Malformed(shortened(text, 200)))
    }

    fn refused(&self, what: &str) -> ParseError {
        self.malformed(&format!("{what} in a signed message is refused"))
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), ParseError> {
        let depth = self.open.len().saturating_add(1);
        if DEPTH_MAX < depth {
            return Err(self.error(Problem::TooDeep));
        }
        if self.root.is_some() {
            return Err(self.malformed("it has a second root element"));
        }
        if ATTRIBUTE_BYTES_MAX < start.attributes_raw().len() {
            let text =
                format!("an element has more than {ATTRIBUTE_BYTES_MAX} bytes of attributes");
            return Err(self.malformed(&text));
        }
        let mut plain = Vec::new();
        let mut declared: Vec<(String, Rc<str>)> = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.malformed(&error.to_string()))?;
            let value = self.value(&attribute.value)?;
            let name = attribute.key.as_ref();
            match name.split_once(':') {
                None if name == "xmlns" => declared.push((String::new(), Rc::from(value))),
                Some(("xmlns", "xml" | "xmlns")) => {
                    return Err(self.refused("a declaration of xmlns:xml"));
                }
                Some(("xmlns", _)) if value.is_empty() => {
                    return Err(self.malformed("a prefix is bound to no namespace"));
                }
                Some(("xmlns", prefix)) => declared.push((prefix.to_owned(), Rc::from(value))),
                Some(("xml", _)) => return Err(self.refused("an xml: attribute")),
                Some((prefix, local)) => plain.push((prefix.to_owned(), local.to_owned(), value)),
                None => plain.push((String::new(), name.to_owned(), value)),
            }
        }
        if NAMESPACES_MAX < self.scope.len().saturating_add(declared.len()) {
            let text = format!("more than {NAMESPACES_MAX} namespaces are declared");
            return Err(self.malformed(&text));
        }
        let in_scope =
            declared.iter().map(|(prefix, name)| (depth, prefix.clone(), Rc::clone(name)));
        self.scope.extend(in_scope);
        let name = start.name();
        let (prefix, local) = name.as_ref().split_once(':').unwrap_or(("", name.as_ref()));
        let namespace = self.namespace(prefix)?;
        let attributes = self.attributes(plain)?;
        self.open.push(Element {
            prefix: prefix.to_owned(),
            local: local.to_owned(),
            namespace,
            declared,
            attributes,
            children: Vec::new(),
            offset: self.offset,
        });
        Ok(())
    }

    /// Attributes with their namespaces, of which none stands twice under two prefixes.
    fn attributes(
        &self,
        plain: Vec<(String, String, String)>,
    ) -> Result<Vec<Attribute>, ParseError> {
        let mut attributes: Vec<Attribute> = Vec::with_capacity(plain.len());
        for (prefix, local, value) in plain {
            let namespace = match prefix.as_str() {
                "" => Rc::from(""),
                prefix => self.namespace(prefix)?,
            };
            if attributes.iter().any(|own| own.local == local && own.namespace == namespace) {
                return Err(self.malformed("an attribute stands twice"));
            }
            attributes.push(Attribute { prefix, local, namespace, value });
        }
        Ok(attributes)
    }

    fn namespace(&self, prefix: &str) -> Result<Rc<str>, ParseError> {
        let found = self.scope.iter().rev().find(|(_, own, _)| own == prefix);
        match (found, prefix) {
            (Some((_, _, name)), _) => Ok(Rc::clone(name)),
            (None, "") => Ok(Rc::from("")),
            (None, _) => Err(self.malformed("a prefix is bound to no namespace")),
        }
    }

    fn end(&mut self) -> Result<(), ParseError> {
        let Some(element) = self.open.pop() else {
            return Err(self.malformed("an element ends that did not begin"));
        };
        let depth = self.open.len();
        self.scope.retain(|(own, _, _)| *own <= depth);
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(Box::new(element))),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<(), ParseError> {
        match self.open.last_mut() {
            Some(parent) => {
                // Comments and references cut one text into several.
                if let Some(Node::Text(before)) = parent.children.last_mut() {
                    before.push_str(text);
                } else {
                    parent.children.push(Node::Text(text.to_owned()));
                }
                Ok(())
            }
            None if text.trim().is_empty() => Ok(()),
            None => Err(self.malformed("it has text outside its root element")),
        }
    }

    fn reference(&self, named: &str) -> Result<char, ParseError> {
        let entity = || self.error(Problem::Entity(shortened(named, 40)));
        match named {
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "amp" => Ok('&'),
            "apos" => Ok('\''),
            "quot" => Ok('"'),
            _ => {
                let digits = named.strip_prefix('#').ok_or_else(entity)?;
                let number = match digits.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => digits.parse(),
                };
                number.ok().and_then(char::from_u32).ok_or_else(entity)
            }
        }
    }

    /// An attribute's value: references resolved, other white space as blanks.
    fn value(&self, raw: &str) -> Result<String, ParseError> {
        let mut value = String::with_capacity(raw.len());
        let lines = normal_lines(raw);
        let mut rest = &*lines;
        while let Some(next) = rest.find(['&', '\n', '\t', '<']) {
            let (before, after) = rest.split_at(next);
            value.push_str(before);
            if let Some(after) = after.strip_prefix('&') {
                let (named, after) = after
                    .split_once(';')
                    .ok_or_else(|| self.malformed("a reference has no end"))?;
                value.push(self.reference(named)?);
                rest = after;
            } else if after.starts_with('<') {
                return Err(self.malformed("an attribute holds <"));
            } else {
                value.push(' ');
                rest = after.get(1..).unwrap_or_default();
            }
        }
        value.push_str(rest);
        Ok(value)
    }
}

/// XML reads every line end as a line feed.
fn normal_lines(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('\r') {
        return text.into();
    }
    text.replace("\r\n", "\n").replace('\r', "\n").into()
}

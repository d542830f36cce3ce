//! Canonical XML 1.0 without comments, of documents without document types, processing instructions
//! and `xml:` attributes (which [`super::tree`] refuses).

use super::tree::{Attribute, Element, Node};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Prefixes with what they are bound to; the empty one is the default namespace.
type Bindings = BTreeMap<String, Rc<str>>;

/// The whole document, but for the element at a place among the root's children.
pub(super) fn document(root: &Element, left_out: usize) -> Vec<u8> {
    let mut writer = Writer { bytes: Vec::new() };
    let inside = root.children.iter().enumerate().filter(|(place, _)| *place != left_out);
    let inside = inside.map(|(_, node)| node);
    writer.element(root, &bindings(root), &Bindings::new(), inside);
    writer.bytes
}

/// An element with all that it holds, as a document of its own: it declares every namespace that is
/// in scope.
pub(super) fn inside(root: &Element, parent: &Element, element: &Element) -> Vec<u8> {
    let mut declared = bindings(root);
    declared.extend(bindings(parent));
    declared.extend(bindings(element));
    let mut writer = Writer { bytes: Vec::new() };
    writer.element(element, &declared, &Bindings::new(), element.children.iter());
    writer.bytes
}

fn bindings(element: &Element) -> Bindings {
    element.declared.iter().map(|(prefix, name)| (prefix.clone(), Rc::clone(name))).collect()
}

struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn element<'a>(
        &mut self,
        element: &Element,
        declared: &Bindings,
        written: &Bindings,
        children: impl Iterator<Item = &'a Node>,
    ) {
        self.put("<");
        self.name(&element.prefix, &element.local);
        // What an element around it has written already is not repeated; no default namespace is
        // only said where there was one.
        let is_new = |prefix: &String, name: &Rc<str>| match written.get(prefix) {
            Some(before) => before != name,
            None => !(prefix.is_empty() && name.is_empty()),
        };
        let mut now = None;
        for (prefix, name) in declared.iter().filter(|(prefix, name)| is_new(prefix, name)) {
            self.put(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            self.put(prefix);
            self.value(name);
            now.get_or_insert_with(|| written.clone()).insert(prefix.clone(), Rc::clone(name));
        }
        let mut attributes: Vec<&Attribute> = element.attributes.iter().collect();
        attributes
            .sort_by(|one, two| (&one.namespace, &one.local).cmp(&(&two.namespace, &two.local)));
        for attribute in attributes {
            self.put(" ");
            self.name(&attribute.prefix, &attribute.local);
            self.value(&attribute.value);
        }
        self.put(">");
        let written = now.as_ref().unwrap_or(written);
        for child in children {
            match child {
                Node::Text(text) => self.text(text),
                Node::Element(child) => {
                    self.element(child, &bindings(child), written, child.children.iter());
                }
            }
        }
        self.put("</");
        self.name(&element.prefix, &element.local);
        self.put(">");
    }

    fn put(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn name(&mut self, prefix: &str, local: &str) {
        if !prefix.is_empty() {
            self.put(prefix);
            self.put(":");
        }
        self.put(local);
    }

    fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.put("&amp;"),
                '<' => self.put("&lt;"),
                '>' => self.put("&gt;"),
                '\r' => self.put("&#xD;"),
                other => self.put(other.encode_utf8(&mut [0; 4])),
            }
        }
    }

    /// `="…"` with what an attribute's value must not hold written as references.
    fn value(&mut self, value: &str) {
        self.put("=\"");
        for character in value.chars() {
            match character {
                '&' => self.put("&amp;"),
                '<' => self.put("&lt;"),
                '"' => self.put("&quot;"),
                '\t' => self.put("&#x9;"),
                '\n' => self.put("&#xA;"),
                '\r' => self.put("&#xD;"),
                other => self.put(other.encode_utf8(&mut [0; 4])),
            }
        }
        self.put("\"");
    }
}

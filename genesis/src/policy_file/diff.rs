//! What differs between two policies: by path, items of lists by their names and not by their
//! places.

use super::emit::flow;
use super::tree::{Entry, Kind, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One place where two policies differ.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// Where: names of fields, and of items what they are called: `modes[import 9610].required`.
    pub path: String,
    /// What the first has there; nothing when the second adds it.
    pub before: Option<String>,
    /// What the second has there; nothing when it takes it away.
    pub after: Option<String>,
}

/// Characters of a value as people are shown it; whoever wants all of it takes the fields.
const SHOWN_CHARS: usize = 160;

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, before, after } = self;
        match (before.as_deref(), after.as_deref()) {
            (Some(before), Some(after)) => {
                write!(f, "~ {path}: {} -> {}", shown(before), shown(after))
            }
            (None, Some(after)) => write!(f, "+ {path}: {}", shown(after)),
            (Some(before), None) => write!(f, "- {path}: {}", shown(before)),
            (None, None) => write!(f, "~ {path}"),
        }
    }
}

fn shown(text: &str) -> String {
    let mut characters = text.chars();
    let mut shown: String = characters.by_ref().take(SHOWN_CHARS).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// The fields by which items may be called, the first that tells all of a list apart.
const NAMES: [&[&str]; 13] = [
    &["name"],
    &["code"],
    &["id"],
    &["direction", "code"],
    &["table"],
    &["currency"],
    &["first"],
    &["role", "licence"],
    &["rule"],
    &["indicator"],
    &["grade"],
    &["level"],
    &["kind"],
];

/// What differs between two trees.
pub(super) fn differences(before: &Node, after: &Node) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(String::new(), before, after, &mut found);
    found
}

fn compare(path: String, before: &Node, after: &Node, found: &mut Vec<Difference>) {
    match (&before.kind, &after.kind) {
        (Kind::Map(one), Kind::Map(two)) => compare_maps(&path, one, two, found),
        (Kind::List(one), Kind::List(two)) => compare_lists(path, one, two, found),
        (Kind::Scalar(one), Kind::Scalar(two)) if one.text == two.text => {}
        _ => found.push(Difference { path, before: Some(flow(before)), after: Some(flow(after)) }),
    }
}

fn compare_maps(path: &str, before: &[Entry], after: &[Entry], found: &mut Vec<Difference>) {
    let inner = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    for entry in after {
        match before.iter().find(|own| own.key == entry.key) {
            Some(own) => compare(inner(&entry.key), &own.value, &entry.value, found),
            None => added(inner(&entry.key), &entry.value, found),
        }
    }
    for entry in before {
        if !after.iter().any(|own| own.key == entry.key) {
            removed(inner(&entry.key), &entry.value, found);
        }
    }
}

fn added(path: String, value: &Node, found: &mut Vec<Difference>) {
    found.push(Difference { path, before: None, after: Some(flow(value)) });
}

fn removed(path: String, value: &Node, found: &mut Vec<Difference>) {
    found.push(Difference { path, before: Some(flow(value)), after: None });
}

fn compare_lists(path: String, before: &[Node], after: &[Node], found: &mut Vec<Difference>) {
    let Some((old, new)) = called(before, after) else {
        return compare_places(&path, before, after, found);
    };
    let places: BTreeMap<&str, &Node> = old.iter().map(String::as_str).zip(before.iter()).collect();
    for (name, node) in new.iter().zip(after) {
        match places.get(name.as_str()) {
            Some(own) => compare(format!("{path}[{name}]"), own, node, found),
            None => added(format!("{path}[{name}]"), node, found),
        }
    }
    let kept: BTreeSet<&str> = new.iter().map(String::as_str).collect();
    for (name, node) in old.iter().zip(before) {
        if !kept.contains(name.as_str()) {
            removed(format!("{path}[{name}]"), node, found);
        }
    }
    let both = |names: &[String], others: &BTreeSet<&str>| -> Vec<String> {
        names.iter().filter(|name| others.contains(name.as_str())).cloned().collect()
    };
    let held: BTreeSet<&str> = places.keys().copied().collect();
    let (first, second) = (both(&old, &kept), both(&new, &held));
    if first != second {
        let (before, after) = (Some(first.join(", ")), Some(second.join(", ")));
        found.push(Difference { path: format!("{path}, in order"), before, after });
    }
}

/// Lists whose items have no names: by their places.
fn compare_places(path: &str, before: &[Node], after: &[Node], found: &mut Vec<Difference>) {
    for (index, node) in after.iter().enumerate() {
        match before.get(index) {
            Some(own) => compare(format!("{path}[{index}]"), own, node, found),
            None => added(format!("{path}[{index}]"), node, found),
        }
    }
    for (index, node) in before.iter().enumerate().skip(after.len()) {
        removed(format!("{path}[{index}]"), node, found);
    }
}

/// What the items of two lists are called, if each has a name of its own in its list.
fn called(before: &[Node], after: &[Node]) -> Option<(Vec<String>, Vec<String>)> {
    let unique = |names: Option<Vec<String>>| {
        let names = names?;
        let different: BTreeSet<&String> = names.iter().collect();
        (different.len() == names.len()).then_some(names)
    };
    let both = |name: &dyn Fn(&Node) -> Option<String>| {
        let old = unique(before.iter().map(name).collect())?;
        Some((old, unique(after.iter().map(name).collect())?))
    };
    let by_text = |node: &Node| match &node.kind {
        Kind::Scalar(scalar) => Some(scalar.text.clone()),
        Kind::List(_) | Kind::Map(_) => None,
    };
    let by_fields = |fields: &[&str], node: &Node| {
        let texts: Option<Vec<&str>> =
            fields.iter().map(|name| node.field(name).and_then(Node::as_text)).collect();
        texts.map(|texts| texts.join(" "))
    };
    both(&by_text)
        .or_else(|| NAMES.iter().find_map(|fields| both(&|node: &Node| by_fields(fields, node))))
        .or_else(|| both(&scope))
}

/// What a key of the pseudonym service is called: its year and its number.
fn scope(node: &Node) -> Option<String> {
    let scope = node.field("scope")?;
    let of = |name| scope.field(name).and_then(Node::as_text);
    Some(format!("{} {}", of("epoch")?, of("key_id")?))
}

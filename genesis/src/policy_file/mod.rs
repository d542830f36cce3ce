//! The policy as a file for people: YAML in, YAML out, and what differs between two.
//!
//! The ledger has canonical bytes; a file has comments, an order for reading, and every default
//! written out. Reading what was written gives the same policy. Every fault is told with its line
//! and column, also those that a policy shows only when it is checked. JSON is taken as well: it is
//! YAML. The module reads no file; callers bring the text.

mod de;
mod diff;
mod emit;
mod fault;
mod locate;
mod sections;
mod ser;
#[cfg(test)]
mod tests;
mod tree;

pub use diff::Difference;
pub use fault::FileFault;
pub use tree::{POLICY_FILE_BYTES_MAX, Place};

use fault::{Fault, Step};
use kanhe_contracts::limits::POLICY_FAULTS_MAX;
use kanhe_contracts::policy::{Policy, PolicyFault};
use tree::{Kind, Node};

/// A policy that was read from a file.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// The policy, checked.
    pub policy: Policy,
    /// Whether the file says which version it is.
    pub states_version: bool,
    /// What the file leaves out, by path: it is the base's.
    pub left_out: Vec<String>,
}

/// Reads a policy. What the file leaves out, fields of the policy and of its parts but not of the
/// items of lists, is as in `base`.
///
/// # Errors
/// Everything that is wrong, at most [`POLICY_FAULTS_MAX`] of it: of the form, or else of what the
/// rules can work with.
pub fn read(bytes: &[u8], base: &Policy) -> Result<PolicyFile, Vec<FileFault>> {
    let one = |fault: Fault| vec![fault.told()];
    let text = text_of(bytes).map_err(one)?;
    let mut root = tree::parse(text).map_err(one)?;
    let defaults = ser::to_node(base);
    let states_version = root.field("version").is_some();
    let mut left_out = Vec::new();
    fill(&mut root, &defaults, "", &mut left_out);
    let policy = policy_of(root.clone(), &defaults)?;
    let faults = policy.faults();
    if faults.is_empty() {
        return Ok(PolicyFile { policy, states_version, left_out });
    }
    Err(faults.into_iter().map(|fault| located(text, &root, fault)).collect())
}

/// Reads anything else that is written as policies are: no field is left out but those that may.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read_as<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, FileFault> {
    let read = || de::from_node(&tree::parse(text_of(bytes)?)?);
    read().map_err(Fault::told)
}

/// The file of a policy: every field, in sections.
pub fn write(policy: &Policy) -> String {
    let mut out = format!(
        "# Policy of a zone, version {} · 综试区政策参数\n# docs/spec/policy.md says what each \
         field means. Amounts and rates are decimals, never rounded.\n\n",
        policy.version
    );
    let root = ser::to_node(policy);
    put(&mut out, &root, "version");
    for section in sections::SECTIONS {
        put_section(&mut out, &root, section);
    }
    if let Kind::Map(entries) = &root.kind {
        let others = entries.iter().filter(|own| own.key != "version");
        for entry in others.filter(|own| sections::of_field(&own.key).is_none()) {
            out.push('\n');
            put(&mut out, &root, &entry.key);
        }
    }
    out
}

/// The part of a policy's file that has a name: a section, or one field.
pub fn write_section(policy: &Policy, name: &str) -> Option<String> {
    let (mut out, root) = (String::new(), ser::to_node(policy));
    match sections::SECTIONS.iter().find(|section| section.name == name) {
        Some(section) => put_section(&mut out, &root, section),
        None => put(&mut out, &root, name),
    }
    let out = out.trim_start().to_owned();
    (!out.is_empty()).then_some(out)
}

/// The names of the sections that a policy has.
pub fn section_names(policy: &Policy) -> Vec<&'static str> {
    let root = ser::to_node(policy);
    let has = |section: &&sections::Section| {
        section.fields.iter().any(|(field, _)| root.field(field).is_some())
    };
    sections::SECTIONS.iter().filter(has).map(|section| section.name).collect()
}

/// What differs between two policies; nothing exactly when they are the same.
pub fn diff(before: &Policy, after: &Policy) -> Vec<Difference> {
    diff::differences(&ser::to_node(before), &ser::to_node(after))
}

fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    if POLICY_FILE_BYTES_MAX < bytes.len() {
        let expected = format!("at most {POLICY_FILE_BYTES_MAX} bytes");
        return Err(Fault::expected(&expected, &bytes.len().to_string()).at(START));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let before = String::from_utf8_lossy(before);
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().map_or(0, |own| own.chars().count());
        let bounded = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let place = Place { line: bounded(line), column: bounded(column.saturating_add(1)) };
        Fault::expected("UTF-8", "other bytes").at(place)
    })
}

const START: Place = Place { line: 1, column: 1 };

/// Adds what a mapping leaves out, and names it.
fn fill(node: &mut Node, base: &Node, path: &str, left_out: &mut Vec<String>) {
    let (Kind::Map(entries), Kind::Map(defaults)) = (&mut node.kind, &base.kind) else { return };
    for default in defaults {
        let path = match path {
            "" => default.key.clone(),
            path => format!("{path}.{}", default.key),
        };
        match entries.iter_mut().find(|own| own.key == default.key) {
            Some(own) => fill(&mut own.value, &default.value, &path, left_out),
            None => {
                entries.push(default.clone());
                left_out.push(path);
            }
        }
    }
}

/// The policy of a tree. To find more than the first fault, what is wrong is put aside: an item is
/// left out, a field is the base's.
fn policy_of(mut root: Node, base: &Node) -> Result<Policy, Vec<FileFault>> {
    let mut faults = Vec::new();
    loop {
        let fault = match de::from_node::<Policy>(&root) {
            Ok(policy) if faults.is_empty() => return Ok(policy),
            Ok(_) => return Err(faults),
            Err(fault) => fault,
        };
        let (steps, is_unknown) = (fault.steps(), fault.is_unknown_field());
        faults.push(fault.told());
        let is_aside = put_aside(&mut root, base, &steps, is_unknown);
        if !is_aside || POLICY_FAULTS_MAX <= faults.len() {
            return Err(faults);
        }
    }
}

fn put_aside(root: &mut Node, base: &Node, steps: &[Step], is_unknown: bool) -> bool {
    if is_unknown {
        return hide(root, steps);
    }
    if let Some(last) = steps.iter().rposition(|step| matches!(step, Step::Item(_))) {
        return steps.get(..=last).is_some_and(|item| hide(root, item));
    }
    let (mut node, mut base, mut is_any) = (root, base, false);
    for step in steps {
        let (Kind::Map(_), Step::Field(name)) = (&base.kind, step) else { break };
        let Some(inner) = base.field(name) else { break };
        let Some(own) = inside(node, step) else { return false };
        (node, base, is_any) = (own, inner, true);
    }
    if is_any {
        *node = base.clone();
    }
    is_any
}

fn hide(root: &mut Node, steps: &[Step]) -> bool {
    let mut node = root;
    for step in steps {
        let Some(inner) = inside(node, step) else { return false };
        node = inner;
    }
    !std::mem::replace(&mut node.is_hidden, true)
}

fn inside<'a>(node: &'a mut Node, step: &Step) -> Option<&'a mut Node> {
    match (&mut node.kind, step) {
        (Kind::Map(entries), Step::Field(name)) => {
            entries.iter_mut().find(|own| own.key == *name).map(|own| &mut own.value)
        }
        (Kind::List(items), Step::Item(index)) => items.get_mut(*index),
        _ => None,
    }
}

/// A fault that the policy shows when it is checked, where the file has it.
fn located(text: &str, root: &Node, fault: PolicyFault) -> FileFault {
    let node = locate::find(root, &fault.path);
    let place = match fault.position {
        Some(inner) => locate::within(text, node, inner),
        None => node.place,
    };
    let found = fault.found.map(|found| format!(", found {found}")).unwrap_or_default();
    let message = format!("expected {}{found}", fault.expected);
    FileFault { place, path: fault.path, message }
}

fn put_section(out: &mut String, root: &Node, section: &sections::Section) {
    if !section.fields.iter().any(|(field, _)| root.field(field).is_some()) {
        return;
    }
    out.push_str(&format!("\n# {} · {}\n", section.title, section.title_zh));
    section.fields.iter().for_each(|(field, _)| put(out, root, field));
}

fn put(out: &mut String, root: &Node, field: &str) {
    let Kind::Map(entries) = &root.kind else { return };
    if let Some(entry) = entries.iter().find(|entry| entry.key == field) {
        emit::field(out, entry, 0, sections::comment(field));
    }
}

//! What of a file is no policy, and where.

use super::tree::Place;
use std::fmt;

/// What of a file is no policy.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FileFault {
    /// Where in the file; nowhere for what the file leaves out.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// Where in the policy, such as `risk.rules[3].when`; empty for the whole.
    pub path: String,
    /// What must stand there, and what does.
    pub message: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(Place { line, column }) => write!(f, "line {line}, column {column}: ")?,
            None => write!(f, "not in the file: ")?,
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", self.message)
    }
}

/// A step from a value to one inside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Field(String),
    Item(usize),
}

/// The path as text: `risk.rules[3].when`.
pub(super) fn path_text(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Field(name) if text.is_empty() => text.push_str(name),
            Step::Field(name) => text.extend([".", name]),
            Step::Item(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// The steps of such a text.
pub(super) fn steps_of(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let mut pieces = part.split('[');
        steps.extend(
            pieces.next().filter(|name| !name.is_empty()).map(|name| Step::Field(name.to_owned())),
        );
        let index = |piece: &str| piece.trim_end_matches(']').parse().ok();
        steps.extend(pieces.filter_map(index).map(Step::Item));
    }
    steps
}

/// A fault on its way from where it was found to whoever reads the file. Boxed: results that carry
/// one are mostly fine.
#[derive(Debug)]
pub(super) struct Fault(Box<Inner>);

#[derive(Debug)]
struct Inner {
    message: String,
    place: Option<Place>,
    /// From the inside out.
    steps: Vec<Step>,
    is_unknown_field: bool,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        let (message, steps) = (message.into(), Vec::new());
        Self(Box::new(Inner { message, place: None, steps, is_unknown_field: false }))
    }

    pub(super) fn expected(expected: &str, found: &str) -> Self {
        Self::new(format!("expected {expected}, found {found}"))
    }

    /// A field that the policy does not have.
    pub(super) fn unknown(mut self) -> Self {
        self.0.is_unknown_field = true;
        self
    }

    pub(super) fn is_unknown_field(&self) -> bool {
        self.0.is_unknown_field
    }

    /// The same at a place, unless it has one.
    pub(super) fn at(mut self, place: impl Into<Option<Place>>) -> Self {
        self.0.place = self.0.place.or(place.into());
        self
    }

    /// The same seen from one step outside.
    pub(super) fn inside(mut self, step: Step) -> Self {
        self.0.steps.push(step);
        self
    }

    /// The steps from the whole to the fault.
    pub(super) fn steps(&self) -> Vec<Step> {
        self.0.steps.iter().rev().cloned().collect()
    }

    pub(super) fn told(self) -> FileFault {
        let path = path_text(&self.steps());
        FileFault { place: self.0.place, path, message: self.0.message }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_it_is_written() {
        for path in ["", "version", "modes[3].required[0]", "risk.rules[12].when"] {
            assert_eq!(path_text(&steps_of(path)), path);
        }
    }
}

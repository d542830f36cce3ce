//! What of a policy cannot be as it is: where, and what it must be instead.

use crate::limits::POLICY_FAULTS_MAX;
use std::fmt;

/// A place of a policy that cannot be as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFault {
    /// Where: names of fields, with indexes from 0, such as `risk.rules[3].when`.
    pub path: String,
    /// What must stand there.
    pub expected: String,
    /// What does, where that says more than the place.
    pub found: Option<String>,
    /// Line and column from 1 inside of the expression at `path`, where one is at fault.
    pub position: Option<(u32, u32)>,
}

impl PolicyFault {
    /// A fault of what stands at `path`.
    pub fn at(path: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { path: path.into(), expected: expected.into(), found: None, position: None }
    }

    /// The same with what stands there instead.
    #[must_use]
    pub fn but_found(self, found: impl fmt::Display) -> Self {
        Self { found: Some(found.to_string()), ..self }
    }

    /// The same at a line and column of the expression at its path, both from 1.
    #[must_use]
    pub fn in_expression(self, line: u32, column: u32) -> Self {
        Self { position: Some((line, column)), ..self }
    }

    /// The same seen from whoever holds the place under the name `parent`.
    #[must_use]
    pub fn within(self, parent: &str) -> Self {
        let point = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        Self { path: format!("{parent}{point}{}", self.path), ..self }
    }

    /// What stands there, for a text that always says so.
    pub fn found_text(&self) -> String {
        let found = self.found.as_deref().unwrap_or("something else");
        match self.position {
            Some((line, column)) => format!("{found} in line {line}, column {column}"),
            None => found.to_owned(),
        }
    }
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, expected, found, position } = self;
        write!(f, "{path}: ")?;
        if let Some((line, column)) = position {
            write!(f, "line {line}, column {column}: ")?;
        }
        write!(f, "expected {expected}")?;
        found.iter().try_for_each(|found| write!(f, ", found {found}"))
    }
}

/// The faults of a policy in the order in which they are looked for, at most
/// [`POLICY_FAULTS_MAX`]; those beyond are not kept.
#[derive(Debug, Default)]
pub struct PolicyFaults(Vec<PolicyFault>);

impl PolicyFaults {
    /// Adds one.
    pub fn add(&mut self, fault: PolicyFault) {
        if self.0.len() < POLICY_FAULTS_MAX {
            self.0.push(fault);
        }
    }

    /// Adds one unless something holds.
    pub fn require(&mut self, holds: bool, fault: impl FnOnce() -> PolicyFault) {
        if !holds {
            self.add(fault());
        }
    }

    /// Adds what `check` finds of the part that is called `name`.
    pub fn within(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        let mut own = Self::default();
        check(&mut own);
        own.0.into_iter().for_each(|fault| self.add(fault.within(name)));
    }

    /// Adds what `check` finds of each item of a list, each under its index.
    pub fn each<T>(&mut self, items: &[T], mut check: impl FnMut(&T, &mut Self)) {
        for (index, item) in items.iter().enumerate() {
            let mut own = Self::default();
            check(item, &mut own);
            own.0.into_iter().for_each(|fault| self.add(fault.within(&format!("[{index}]"))));
        }
    }

    /// Adds the first item of a list that is not above the one before it.
    pub fn ascend<'a, T, K: Ord>(
        &mut self,
        items: &'a [T],
        expected: &str,
        key: impl Fn(&'a T) -> K,
    ) {
        let is_out = |pair: &'a [T]| matches!(pair, [one, two] if key(two) <= key(one));
        if let Some(index) = items.windows(2).position(is_out) {
            self.add(PolicyFault::at(format!("[{}]", index.saturating_add(1)), expected));
        }
    }

    /// Adds the list itself when it has too many items.
    pub fn at_most(&mut self, found: usize, max: usize, of: &str) {
        self.require(found <= max, || {
            PolicyFault::at("", format!("at most {max} {of}")).but_found(found)
        });
    }

    /// Adds a number's place unless the number is in a range.
    pub fn in_range<N: PartialOrd + fmt::Display>(
        &mut self,
        path: &str,
        found: N,
        range: std::ops::RangeInclusive<N>,
    ) {
        let (min, max) = (range.start(), range.end());
        self.require(range.contains(&found), || {
            PolicyFault::at(path, format!("{min} to {max}")).but_found(&found)
        });
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<PolicyFault> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_from_the_policy_down_to_the_line() {
        let mut faults = PolicyFaults::default();
        faults.within("risk", |risk| {
            risk.within("rules", |rules| {
                rules.each(&[0, 7], |number, own| own.in_range("weight", *number, 0..=5));
                rules.at_most(3, 2, "rules");
            });
            risk.add(PolicyFault::at("when", "Bool").but_found("Int").in_expression(2, 7));
        });
        let texts: Vec<String> = faults.into_vec().iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "risk.rules[1].weight: expected 0 to 5, found 7",
                "risk.rules: expected at most 2 rules, found 3",
                "risk.when: line 2, column 7: expected Bool, found Int",
            ]
        );
    }

    #[test]
    fn the_first_item_out_of_order_is_named_and_faults_are_bounded() {
        let mut faults = PolicyFaults::default();
        faults.ascend(&[1, 2, 2, 1], "ascending", |number| *number);
        faults.each(&vec![9_u32; 2 * POLICY_FAULTS_MAX], |number, own| {
            own.in_range("", *number, 0..=5);
        });
        let faults = faults.into_vec();
        assert_eq!(faults.len(), POLICY_FAULTS_MAX);
        assert_eq!(faults.first(), Some(&PolicyFault::at("[2]", "ascending")));
    }
}

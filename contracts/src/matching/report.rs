//! Where rules say what they find: in verdicts, or in findings that explain themselves.
//!
//! A rule is written once and says both. Execution keeps verdicts only, so that it makes no text;
//! whoever wants to know why asks the same rule again, with the same documents.

use super::{Finding, RuleId, RuleOutcome, Verdict};
use crate::case::DocumentMeta;
use crate::limits::{FINDING_VALUE_CHARS_MAX, FINDINGS_PER_RULE_MAX};
use std::fmt;

/// Takes what rules say. Implemented by [`Verdicts`] and [`Findings`].
pub(super) trait Report {
    /// A rule says `verdict`; `explain` fills in a finding of it, where findings are wanted.
    fn say(&mut self, rule: RuleId, verdict: Verdict, explain: impl FnOnce(Finding) -> Finding);

    /// A rule waits for a document.
    fn missing(&mut self, rule: RuleId) {
        self.say(rule, Verdict::Pending, |finding| finding.because(super::Reason::DocumentMissing));
    }

    /// A rule that compares pseudonyms of different scopes waits.
    fn scopes_differ(&mut self, rule: RuleId, left: &DocumentMeta, right: &DocumentMeta) {
        self.say(rule, Verdict::Pending, |finding| {
            finding
                .because(super::Reason::ScopesDiffer)
                .field("pseudonyms")
                .left(left, "")
                .right(right, "")
        });
    }
}

/// One outcome for each rule, in the order in which they speak.
#[derive(Default)]
pub(super) struct Verdicts(pub(super) Vec<RuleOutcome>);

impl Report for Verdicts {
    fn say(&mut self, rule: RuleId, verdict: Verdict, _: impl FnOnce(Finding) -> Finding) {
        match self.0.last_mut() {
            Some(last) if last.rule == rule => last.verdict = last.verdict.and(verdict),
            _ => self.0.push(RuleOutcome { rule, version: rule.version(), verdict }),
        }
    }
}

/// Every finding, explained.
#[derive(Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

impl Report for Findings {
    fn say(&mut self, rule: RuleId, verdict: Verdict, explain: impl FnOnce(Finding) -> Finding) {
        self.0.push(explain(Finding::new(rule, verdict)));
    }
}

/// What is compared: a field of the documents, or of one of their lines.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) line: Option<u32>,
    pub(super) name: &'static str,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.name) {
            (None, name) => f.write_str(name),
            (Some(line), "") => write!(f, "line {line}"),
            (Some(line), name) => write!(f, "line {line} {name}"),
        }
    }
}

/// One comparison of a rule. The values become text only in a finding.
pub(super) struct Comparison<'a> {
    pub(super) field: Field,
    pub(super) left: &'a dyn fmt::Display,
    pub(super) right: &'a dyn fmt::Display,
    pub(super) is_equal: bool,
}

impl<'a> Comparison<'a> {
    /// Two values that must be equal.
    pub(super) fn equal<T: PartialEq + fmt::Display>(
        name: &'static str,
        left: &'a T,
        right: &'a T,
    ) -> Self {
        Self { field: Field { line: None, name }, left, right, is_equal: left == right }
    }

    /// Two values of line `line` that must be equal.
    pub(super) fn line<T: PartialEq + fmt::Display>(
        line: u32,
        name: &'static str,
        left: &'a T,
        right: &'a T,
    ) -> Self {
        let field = Field { line: Some(line), name };
        Self { field, left, right, is_equal: left == right }
    }
}

/// Two documents that a rule compares, and how many differences were reported.
pub(super) struct Pair<'a, R> {
    pub(super) rule: RuleId,
    pub(super) left: &'a DocumentMeta,
    pub(super) right: &'a DocumentMeta,
    pub(super) report: &'a mut R,
    differences: usize,
}

impl<'a, R: Report> Pair<'a, R> {
    pub(super) fn new(
        rule: RuleId,
        left: &'a DocumentMeta,
        right: &'a DocumentMeta,
        report: &'a mut R,
    ) -> Self {
        Self { rule, left, right, report, differences: 0 }
    }

    /// Reports a difference, up to the bound of one rule.
    pub(super) fn compare(&mut self, comparison: &Comparison<'_>) {
        if comparison.is_equal || FINDINGS_PER_RULE_MAX <= self.differences {
            return;
        }
        self.differences = self.differences.saturating_add(1);
        let Comparison { field, left, right, .. } = comparison;
        self.report.say(self.rule, Verdict::Fail, |finding| {
            finding.field(field.to_string()).left(self.left, left).right(self.right, right)
        });
    }

    /// Whether no difference was reported.
    pub(super) fn is_equal(&self) -> bool {
        self.differences == 0
    }

    /// Reports every difference, or that all the fields agree. A pass over a single field shows
    /// its values.
    pub(super) fn compare_all(mut self, comparisons: &[Comparison<'_>]) {
        for comparison in comparisons {
            self.compare(comparison);
        }
        if self.is_equal() {
            self.agree(comparisons, |finding| finding);
        }
    }

    /// Reports that all the fields agree; `why` may add the reason.
    pub(super) fn agree(
        self,
        comparisons: &[Comparison<'_>],
        why: impl FnOnce(Finding) -> Finding,
    ) {
        self.report.say(self.rule, Verdict::Pass, |finding| {
            let finding = why(finding);
            if let [Comparison { field, left, right, .. }] = comparisons {
                let finding = finding.field(field.to_string());
                return finding.left(self.left, left).right(self.right, right);
            }
            let names: Vec<String> = comparisons.iter().map(|c| c.field.to_string()).collect();
            let fields: String = names.join(", ").chars().take(FINDING_VALUE_CHARS_MAX).collect();
            finding.field(fields).left(self.left, "").right(self.right, "")
        });
    }
}

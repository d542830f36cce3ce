//! Why an expression is refused, and where.

/// Characters of what was found that a fault repeats.
const FOUND_CHARS_MAX: usize = 60;

/// An expression is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: expected {expected}, found {found}")]
pub struct Fault {
    /// Where in the source, in bytes from 0.
    pub offset: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column, in characters from 1.
    pub column: u32,
    /// What would be right there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl Fault {
    pub(super) fn at(
        source: &str,
        offset: usize,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
        let count = |number: usize| u32::try_from(number.saturating_add(1)).unwrap_or(u32::MAX);
        let mut found = found.into();
        if let Some((end, _)) = found.char_indices().nth(FOUND_CHARS_MAX) {
            found.truncate(end);
            found.push('…');
        }
        Self {
            offset,
            line: count(before.matches('\n').count()),
            column: count(before.get(line_start..).unwrap_or_default().chars().count()),
            expected: expected.into(),
            found,
        }
    }
}

//! Where in a file a place of the policy stands.

use super::fault::{Step, steps_of};
use super::tree::{Kind, Node, Place, Scalar, Style};

/// The value at `path`, or the innermost one around it that the file has.
pub(super) fn find<'a>(root: &'a Node, path: &str) -> &'a Node {
    let mut node = root;
    for step in steps_of(path) {
        let inner = match (&node.kind, &step) {
            (Kind::Map(_), Step::Field(name)) => node.field(name),
            (Kind::List(items), Step::Item(index)) => items.get(*index),
            _ => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// The place of a line and column of the text that a value holds.
///
/// A text and how it is written differ in blanks, quotes and escapes only; so the place is found
/// by counting everything else.
pub(super) fn within(source: &str, node: &Node, inner: (u32, u32)) -> Option<Place> {
    let Kind::Scalar(scalar) = &node.kind else { return node.place };
    let place = node.place?;
    let nth = black_before(&scalar.text, inner);
    let found = written_place(source, place, scalar, nth);
    Some(found.unwrap_or(place))
}

/// How many characters that are not blank stand before a line and column of a text.
fn black_before(text: &str, (line, column): (u32, u32)) -> usize {
    let mut here = (1_u32, 1_u32);
    let mut black = 0_usize;
    for character in text.chars() {
        if (line, column) <= here {
            break;
        }
        match character {
            '\n' => here = (here.0.saturating_add(1), 1),
            _ => here.1 = here.1.saturating_add(1),
        }
        black = black.saturating_add(usize::from(!character.is_whitespace()));
    }
    black
}

/// Where the character with `nth` black ones before it is written.
fn written_place(source: &str, from: Place, scalar: &Scalar, nth: usize) -> Option<Place> {
    let mut reader = Reader::at(source, from)?;
    match scalar.style {
        Style::Plain => {}
        Style::Single | Style::Double => {
            reader.next()?;
        }
        // It begins with its first line, below the bar.
        Style::Block => {}
    }
    let mut black = 0_usize;
    loop {
        let place = reader.place;
        let character = match (scalar.style, reader.next()?) {
            (Style::Double, '\\') => reader.escape()?,
            (Style::Single, '\'') => reader.next()?,
            (_, own) => own,
        };
        if character.is_whitespace() {
            continue;
        }
        if black == nth {
            return Some(place);
        }
        black = black.saturating_add(1);
    }
}

/// The characters of a text from a place on.
struct Reader<'a> {
    rest: std::str::Chars<'a>,
    place: Place,
}

impl<'a> Reader<'a> {
    fn at(source: &'a str, place: Place) -> Option<Self> {
        let before = usize::try_from(place.line).ok()?.checked_sub(1)?;
        let start = match before.checked_sub(1) {
            Some(last) => source.match_indices('\n').nth(last)?.0.checked_add(1)?,
            None => 0,
        };
        let mut rest = source.get(start..)?.chars();
        let columns = usize::try_from(place.column).ok()?.checked_sub(1)?;
        if let Some(last) = columns.checked_sub(1) {
            rest.nth(last)?;
        }
        Some(Self { rest, place })
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest.next()?;
        match character {
            '\n' => self.place = Place { line: self.place.line.saturating_add(1), column: 1 },
            _ => self.place.column = self.place.column.saturating_add(1),
        }
        Some(character)
    }

    /// What an escape of double quotes stands for, as far as blanks go.
    fn escape(&mut self) -> Option<char> {
        let digits = match self.next()? {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            'n' | 't' | 'r' | 'v' | 'f' | ' ' | '_' | 'N' | 'L' | 'P' | '\t' | '\n' => {
                return Some(' ');
            }
            own => return Some(own),
        };
        let mut number = 0_u32;
        for _ in 0..digits {
            let digit = self.next()?.to_digit(16)?;
            number = number.checked_mul(16)?.checked_add(digit)?;
        }
        char::from_u32(number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    /// The place of the first `@` of the text under `when`, for every way to write it.
    fn found(source: &str) -> Place {
        let root = parse(source).expect("is YAML");
        let node = find(&root, "rules[1].when");
        let text = node.as_text().expect("a text");
        let before = text.split('@').next().expect("a split has one part or more");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let inner = (u32::try_from(line).expect("few"), u32::try_from(column).expect("few"));
        within(source, node, inner).expect("a place")
    }

    #[test]
    fn a_place_inside_of_a_text_is_found_however_it_is_written() {
        for when in [
            "order.total > @ && b",
            "\"order.total \\u003e \\\"货\\\" > @ && b\"",
            "'order ''货'' > @ && b'",
            "|-\n      order.total > 1\n        && @ < 2\n",
            "|\n\n      # why\n      @ < 2\n",
            ">-\n      order.total\n      > 1 && @ < 2\n",
            "order.total >\n      1 && @ < 2\n",
            "\"order.total > \\\n      @ && b\"",
        ] {
            let source = format!("rules:\n  - when: no\n  - when: {when}\n    code: x\n");
            let (line, column) = source
                .lines()
                .enumerate()
                .find_map(|(line, own)| Some((line + 1, own.find('@')?)))
                .expect("a mark");
            let text = source.lines().nth(line - 1).expect("the line");
            let column = text[..column].chars().count() + 1;
            let place = found(&source);
            assert_eq!((place.line as usize, place.column as usize), (line, column), "{source}");
        }
    }

    #[test]
    fn what_a_file_does_not_have_is_around_what_it_has() {
        let source = "modes:\n  - code: \"1210\"\n";
        let root = parse(source).expect("is YAML");
        let place = |path| find(&root, path).place.map(|place| (place.line, place.column));
        assert_eq!(place("modes[0].code"), Some((2, 11)));
        assert_eq!(place("modes[0].country"), Some((2, 5)));
        assert_eq!(place("modes[7]"), Some((2, 3)));
    }
}

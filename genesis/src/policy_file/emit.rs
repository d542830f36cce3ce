//! A tree as YAML: short mappings and lists on one line, everything else on lines of its own.

use super::tree::{Entry, Kind, Node, Scalar, Style};

/// Characters of a line, where what stands on it can be divided.
const LINE_CHARS: usize = 100;

/// Words that some readers take for truth, nothing or a number.
const RESERVED: [&str; 12] =
    ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"];

/// Writes a field of a mapping that stands `depth` levels deep, with what is said of it.
pub(super) fn field(out: &mut String, entry: &Entry, depth: usize, comment: Option<&str>) {
    indent(out, depth);
    out.push_str(&entry.key);
    out.push(':');
    value(out, &entry.value, depth, entry.key.chars().count().saturating_add(2), comment);
}

/// Writes what stands behind a key or a dash, and the end of its line.
fn value(out: &mut String, node: &Node, depth: usize, before: usize, comment: Option<&str>) {
    let room = LINE_CHARS.saturating_sub(depth.saturating_mul(2).saturating_add(before));
    let said = comment.map(|comment| format!("  # {comment}")).unwrap_or_default();
    if let Some(text) = on_one_line(node, room) {
        out.extend([" ", &text, &said, "\n"]);
        return;
    }
    match &node.kind {
        Kind::Scalar(scalar) => block(out, &scalar.text, depth, &said),
        Kind::List(items) => {
            out.extend([&said, "\n"]);
            items.iter().for_each(|node| item(out, node, depth.saturating_add(1)));
        }
        Kind::Map(entries) => {
            out.extend([&said, "\n"]);
            entries.iter().for_each(|entry| field(out, entry, depth.saturating_add(1), None));
        }
    }
}

fn item(out: &mut String, node: &Node, depth: usize) {
    indent(out, depth);
    out.push('-');
    let room = LINE_CHARS.saturating_sub(depth.saturating_mul(2).saturating_add(2));
    match &node.kind {
        Kind::Map(entries) if on_one_line(node, room).is_none() => {
            for (index, entry) in entries.iter().enumerate() {
                if index == 0 {
                    // The first stands behind the dash, as deep as those below it.
                    let mut first = String::new();
                    field(&mut first, entry, depth.saturating_add(1), None);
                    out.push(' ');
                    out.push_str(first.trim_start());
                } else {
                    field(out, entry, depth.saturating_add(1), None);
                }
            }
        }
        Kind::Map(_) | Kind::Scalar(_) | Kind::List(_) => value(out, node, depth, 2, None),
    }
}

fn indent(out: &mut String, depth: usize) {
    (0..depth).for_each(|_| out.push_str("  "));
}

/// The text of what fits on a line: scalars, lists of them, and mappings of them.
fn on_one_line(node: &Node, room: usize) -> Option<String> {
    let fits = |text: String| (text.chars().count() <= room).then_some(text);
    let scalar_of = |node: &Node| match &node.kind {
        Kind::Scalar(scalar) => inline(scalar),
        Kind::List(_) | Kind::Map(_) => None,
    };
    match &node.kind {
        // A scalar is not divided, however long it is.
        Kind::Scalar(scalar) => inline(scalar),
        Kind::List(items) => {
            let texts: Option<Vec<String>> = items.iter().map(scalar_of).collect();
            fits(format!("[{}]", texts?.join(", ")))
        }
        Kind::Map(entries) => {
            let text =
                |own: &Entry| scalar_of(&own.value).map(|text| format!("{}: {text}", own.key));
            let texts: Option<Vec<String>> = entries.iter().map(text).collect();
            fits(format!("{{{}}}", texts?.join(", ")))
        }
    }
}

/// A whole tree on one line, however long it is.
pub(super) fn flow(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar(scalar) => inline(scalar).unwrap_or_else(|| quoted(&scalar.text)),
        Kind::List(items) => {
            let texts: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", texts.join(", "))
        }
        Kind::Map(entries) => {
            let text = |entry: &Entry| format!("{}: {}", entry.key, flow(&entry.value));
            let texts: Vec<String> = entries.iter().map(text).collect();
            format!("{{{}}}", texts.join(", "))
        }
    }
}

/// A scalar on one line; none for texts of several lines that can stand as a block.
fn inline(scalar: &Scalar) -> Option<String> {
    let text = scalar.text.as_str();
    if scalar.style == Style::Plain || is_word(text) {
        return Some(text.to_owned());
    }
    if is_block(text) {
        return None;
    }
    Some(quoted(text))
}

/// A text in quotes: in double ones, or in single ones where that needs no escapes.
fn quoted(text: &str) -> String {
    let is_printable = text.chars().all(is_printable);
    match text.contains(['"', '\\']) {
        false if is_printable => format!("\"{text}\""),
        true if is_printable => format!("'{}'", text.replace('\'', "''")),
        _ => escaped(text),
    }
}

/// Whether everybody reads the text as a text when it stands without quotes.
fn is_word(text: &str) -> bool {
    let mut characters = text.chars();
    let begins = characters.next().is_some_and(|first| first.is_ascii_alphabetic());
    begins
        && characters.all(|own| own.is_ascii_alphanumeric() || matches!(own, '_' | '.' | '/' | '-'))
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}

fn is_printable(character: char) -> bool {
    let is_break = matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    !character.is_control() && !is_break && !matches!(character, '\u{fffe}' | '\u{ffff}')
}

fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            own if is_printable(own) => out.push(own),
            own => out.push_str(&format!("\\U{:08x}", u32::from(own))),
        }
    }
    out.push('"');
    out
}

/// Whether a text can stand as lines below a bar: nothing that a reader could strip or escape.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let is_line =
        |line: &str| !line.is_empty() && line.trim_end() == line && line.chars().all(is_printable);
    body.contains('\n')
        && body.split('\n').all(is_line)
        && !body.starts_with(char::is_whitespace)
        && !body.starts_with('#')
}

fn block(out: &mut String, text: &str, depth: usize, said: &str) {
    let (body, sign) = match text.strip_suffix('\n') {
        Some(body) => (body, "|"),
        None => (text, "|-"),
    };
    out.extend([" ", sign, said, "\n"]);
    for line in body.split('\n') {
        indent(out, depth.saturating_add(1));
        out.extend([line, "\n"]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;
    use proptest::prelude::*;

    fn text(text: &str) -> Node {
        Node::of(Kind::Scalar(Scalar { text: text.to_owned(), style: Style::Double }))
    }

    fn written(node: &Node) -> String {
        let mut out = String::new();
        let entry = |key: &str| Entry { key: key.into(), place: None, value: node.clone() };
        field(&mut out, &entry("first"), 0, Some("said"));
        let items = vec![node.clone(), Node::of(Kind::Map(vec![entry("in"), entry("next")]))];
        let list = Entry { key: "list".into(), place: None, value: Node::of(Kind::List(items)) };
        field(&mut out, &list, 0, None);
        out
    }

    #[test]
    fn texts_that_look_like_something_else_stand_in_quotes() {
        let cases = [
            ("import", "import"),
            ("0110", "\"0110\""),
            ("No", "\"No\""),
            ("", "\"\""),
            ("a: b # c", "\"a: b # c\""),
            ("it's \"so\"", "'it''s \"so\"'"),
            ("\u{7}\"", "\"\\U00000007\\\"\""),
        ];
        for (own, expected) in cases {
            assert_eq!(flow(&text(own)), expected);
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(
            own in prop_oneof![
                any::<String>(),
                "[ a#:'\"\\\\\n\t|>&*!%@`{}\\[\\],?-]{0,12}",
                "([a-z(&|= .\"]{1,9}\n){0,4}[a-z]{0,3}",
            ],
        ) {
            let out = written(&text(&own));
            let tree = parse(&out).map_err(|fault| TestCaseError::fail(format!("{fault}: {out}")))?;
            prop_assert_eq!(tree.field("first").and_then(Node::as_text), Some(own.as_str()));
            let Some(Kind::List(items)) = tree.field("list").map(|list| &list.kind) else {
                return Err(TestCaseError::fail("a list"));
            };
            let inner = items[1].field("next").and_then(Node::as_text);
            prop_assert_eq!(items[0].as_text(), Some(own.as_str()));
            prop_assert_eq!(inner, Some(own.as_str()));
        }
    }
}

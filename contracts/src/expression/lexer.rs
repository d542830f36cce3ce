//! The words of an expression, one at a time.

use super::fault::Fault;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'s> {
    /// Digits, perhaps with a point and more digits.
    Number(&'s str),
    /// A text without its quotes, its escapes resolved.
    Text(String),
    Name(&'s str),
    /// An operator, a bracket, or the word `in`.
    Symbol(&'static str),
    End,
}

impl Token<'_> {
    /// The token as a fault shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Number(text) | Self::Name(text) => (*text).to_owned(),
            Self::Text(text) => format!("the text {text:?}"),
            Self::Symbol(symbol) => (*symbol).to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longer ones first.
const SYMBOLS: [&str; 20] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "-", "+", "*", "(", ")", "[", "]", ",", ".",
    "?", ":",
];

const DIVIDE: &str = "divide(a, b, default), which also says what is given when b is 0";
const REMAINDER: &str = "divide(a, b, default) or percent(part, whole, default)";

pub(super) struct Lexer<'s> {
    source: &'s str,
    position: usize,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self { source, position: 0 }
    }

    /// The next token, and where it begins.
    pub(super) fn next(&mut self) -> Result<(Token<'s>, usize), Fault> {
        self.skip_blanks();
        let start = self.position;
        let token = match self.rest().chars().next() {
            None => Token::End,
            Some('0'..='9') => self.number()?,
            Some('a'..='z' | 'A'..='Z' | '_') => match self.take_while(is_of_name) {
                "in" => Token::Symbol("in"),
                name => Token::Name(name),
            },
            Some(quote @ ('"' | '\'')) => self.text(quote)?,
            Some(other) => self.symbol(other)?,
        };
        Ok((token, start))
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.position..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(bytes);
    }

    fn take_while(&mut self, takes: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        let taken = rest.split(|character| !takes(character)).next().unwrap_or_default();
        self.advance(taken.len());
        taken
    }

    fn fault(&self, offset: usize, expected: impl Into<String>, found: impl Into<String>) -> Fault {
        Fault::at(self.source, offset, expected, found)
    }

    /// Blanks, and comments from `//` to the end of their line.
    fn skip_blanks(&mut self) {
        loop {
            let taken = self.take_while(|character| matches!(character, ' ' | '\t' | '\r' | '\n'));
            if self.rest().starts_with("//") {
                self.take_while(|character| character != '\n');
            } else if taken.is_empty() {
                return;
            }
        }
    }

    fn number(&mut self) -> Result<Token<'s>, Fault> {
        let start = self.position;
        self.take_while(|character| character.is_ascii_digit());
        let fraction = self.rest().strip_prefix('.').unwrap_or_default();
        if fraction.starts_with(|character: char| character.is_ascii_digit()) {
            self.advance(1);
            self.take_while(|character| character.is_ascii_digit());
        }
        let end = self.position;
        if !self.take_while(is_of_name).is_empty() {
            let found = self.source.get(start..self.position).unwrap_or_default();
            return Err(self.fault(start, "a number of digits and at most a point", found));
        }
        Ok(Token::Number(self.source.get(start..end).unwrap_or_default()))
    }

    fn text(&mut self, quote: char) -> Result<Token<'s>, Fault> {
        let start = self.position;
        self.advance(1);
        let mut text = String::new();
        loop {
            let next = self.rest().chars().next().filter(|character| *character != '\n');
            let Some(character) = next else {
                return Err(self.fault(start, format!("a text that ends with {quote}"), "no end"));
            };
            if character == '\\' {
                text.push(self.escape()?);
                continue;
            }
            self.advance(character.len_utf8());
            if character == quote {
                return Ok(Token::Text(text));
            }
            text.push(character);
        }
    }

    /// The character that an escape stands for, as in CEL.
    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.position;
        self.advance(1);
        let kind = self.rest().chars().next().unwrap_or_default();
        let (digits, radix, skipped) = match kind {
            'x' | 'X' => (2, 16, 1),
            'u' => (4, 16, 1),
            'U' => (8, 16, 1),
            '0'..='3' => (3, 8, 0),
            _ => (0, 0, kind.len_utf8()),
        };
        self.advance(skipped);
        let character = if digits == 0 { plain_escape(kind) } else { self.code(digits, radix) };
        character.ok_or_else(|| {
            let found: String =
                self.source.get(start..).unwrap_or_default().chars().take(2).collect();
            let expected = "an escape such as \\n, \\\", \\\\, \\x41 or \\u4e2d";
            self.fault(start, expected, found)
        })
    }

    /// The character whose number the next digits are.
    fn code(&mut self, digits: usize, radix: u32) -> Option<char> {
        let digits = self.rest().get(..digits)?;
        self.advance(digits.len());
        let all_digits = digits.chars().all(|digit| digit.is_digit(radix));
        all_digits
            .then(|| u32::from_str_radix(digits, radix).ok())
            .flatten()
            .and_then(char::from_u32)
    }

    fn symbol(&mut self, first: char) -> Result<Token<'s>, Fault> {
        let rest = self.rest();
        if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            self.advance(symbol.len());
            return Ok(Token::Symbol(symbol));
        }
        let expected = match first {
            '/' => DIVIDE.to_owned(),
            '%' => REMAINDER.to_owned(),
            '=' => "==".to_owned(),
            '&' => "&&".to_owned(),
            '|' => "||".to_owned(),
            _ => match narrow(first) {
                Some(narrow) => format!("the narrow {narrow}"),
                None => "a value or an operator".to_owned(),
            },
        };
        let found = match first {
            control if control.is_control() => format!("the character {}", control.escape_debug()),
            _ => first.to_string(),
        };
        Err(self.fault(self.position, expected, found))
    }
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn plain_escape(kind: char) -> Option<char> {
    Some(match kind {
        '\\' | '"' | '\'' | '`' | '?' => kind,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        _ => return None,
    })
}

/// What a Chinese input method writes wide where the language wants it narrow.
fn narrow(wide: char) -> Option<char> {
    match wide {
        '“' | '”' => Some('"'),
        '‘' | '’' => Some('\''),
        '。' => Some('.'),
        '、' => Some(','),
        '【' => Some('['),
        '】' => Some(']'),
        '！'..='～' => char::from_u32(u32::from(wide).saturating_sub(0xfee0)),
        _ => None,
    }
}

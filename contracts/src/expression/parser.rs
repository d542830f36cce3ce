//! From words to the tree as it is written, by recursive descent.

use super::fault::Fault;
use super::lexer::{Lexer, Token};
use super::syntax::{Binary, Call, Kind, LEVELS, Node};
use crate::limits::{EXPRESSION_NESTING_MAX, EXPRESSION_NODES_MAX};

pub(super) fn parse(source: &str) -> Result<Node, Fault> {
    let mut lexer = Lexer::new(source);
    let (token, offset) = lexer.next()?;
    let mut parser = Parser { source, lexer, token, offset, depth: 0, nodes: 0 };
    let node = parser.expression()?;
    match parser.token {
        Token::End => Ok(node),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'s> {
    source: &'s str,
    lexer: Lexer<'s>,
    // The token that is looked at, and where it begins.
    token: Token<'s>,
    offset: usize,
    // What is bounded.
    depth: usize,
    nodes: usize,
}

impl<'s> Parser<'s> {
    fn advance(&mut self) -> Result<Token<'s>, Fault> {
        let (token, offset) = self.lexer.next()?;
        self.offset = offset;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn is_at(&self, symbol: &str) -> bool {
        matches!(self.token, Token::Symbol(found) if found == symbol)
    }

    fn takes(&mut self, symbol: &str) -> Result<bool, Fault> {
        let takes = self.is_at(symbol);
        if takes {
            self.advance()?;
        }
        Ok(takes)
    }

    fn expect(&mut self, symbol: &str) -> Result<(), Fault> {
        if self.takes(symbol)? { Ok(()) } else { Err(self.unexpected(symbol)) }
    }

    fn unexpected(&self, expected: &str) -> Fault {
        let expected = match self.token {
            Token::Name("and") => "&&",
            Token::Name("or") => "||",
            _ => expected,
        };
        Fault::at(self.source, self.offset, expected, self.token.shown())
    }

    fn node(&mut self, offset: usize, kind: Kind) -> Result<Node, Fault> {
        self.nodes = self.nodes.saturating_add(1);
        if EXPRESSION_NODES_MAX < self.nodes {
            let expected = format!("at most {EXPRESSION_NODES_MAX} values, operators and calls");
            return Err(Fault::at(self.source, offset, expected, "one more"));
        }
        Ok(Node { offset, kind })
    }

    /// Parses what stands one level deeper than what it stands in.
    fn nested(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<Node, Fault>,
    ) -> Result<Node, Fault> {
        if EXPRESSION_NESTING_MAX <= self.depth {
            let expected = format!("at most {EXPRESSION_NESTING_MAX} levels of nesting");
            return Err(Fault::at(self.source, self.offset, expected, "one more"));
        }
        self.depth = self.depth.saturating_add(1);
        let node = parse(self)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(node)
    }

    fn expression(&mut self) -> Result<Node, Fault> {
        let condition = self.binary(&LEVELS)?;
        let offset = self.offset;
        if !self.takes("?")? {
            return Ok(condition);
        }
        let then = self.binary(&LEVELS)?;
        self.expect(":")?;
        let otherwise = self.nested(Self::expression)?;
        self.node(offset, Kind::Choice(Box::new([condition, then, otherwise])))
    }

    fn binary(&mut self, levels: &[&[(&str, Binary)]]) -> Result<Node, Fault> {
        let Some((operators, tighter)) = levels.split_first() else {
            return self.unary();
        };
        let mut left = self.binary(tighter)?;
        while let Some((_, binary)) = operators.iter().find(|(symbol, _)| self.is_at(symbol)) {
            let offset = self.offset;
            self.advance()?;
            let right = self.binary(tighter)?;
            left = self.node(offset, Kind::Binary(*binary, Box::new([left, right])))?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Node, Fault> {
        let offset = self.offset;
        if self.takes("!")? {
            let operand = self.nested(Self::unary)?;
            return self.node(offset, Kind::Not(Box::new(operand)));
        }
        if !self.takes("-")? {
            return self.member();
        }
        if let Token::Number(digits) = self.token {
            self.advance()?;
            return self.number(offset, format!("-{digits}"));
        }
        let operand = self.nested(Self::unary)?;
        self.node(offset, Kind::Negate(Box::new(operand)))
    }

    /// A value, and what follows it after points: the rest of a name, or methods.
    fn member(&mut self) -> Result<Node, Fault> {
        let mut node = self.primary()?;
        while self.takes(".")? {
            let name_offset = self.offset;
            let Token::Name(name) = self.token else {
                return Err(self.unexpected("a name after the point"));
            };
            self.advance()?;
            if self.is_at("(") {
                let mut arguments = vec![node];
                self.arguments("(", ")", &mut arguments)?;
                let name = name.to_owned();
                let call = Call { name, name_offset, is_method: true, arguments };
                node = self.node(name_offset, Kind::Call(call))?;
                continue;
            }
            let Kind::Name(path) = &mut node.kind else {
                let expected = "a method and its parentheses after the point";
                return Err(Fault::at(self.source, name_offset, expected, name));
            };
            path.push('.');
            path.push_str(name);
        }
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, Fault> {
        let offset = self.offset;
        if self.is_at("[") {
            let mut elements = Vec::new();
            self.arguments("[", "]", &mut elements)?;
            return self.node(offset, Kind::List(elements));
        }
        if self.takes("(")? {
            let inner = self.nested(Self::expression)?;
            self.expect(")")?;
            return Ok(inner);
        }
        if matches!(self.token, Token::Symbol(_) | Token::End | Token::Name("null")) {
            return Err(self.unexpected("a value"));
        }
        match self.advance()? {
            Token::Number(digits) => self.number(offset, digits.to_owned()),
            Token::Text(text) => self.node(offset, Kind::Text(text)),
            Token::Name("true") => self.node(offset, Kind::Bool(true)),
            Token::Name("false") => self.node(offset, Kind::Bool(false)),
            Token::Name(name) if self.is_at("(") => {
                let mut arguments = Vec::new();
                self.arguments("(", ")", &mut arguments)?;
                let name = name.to_owned();
                let call = Call { name, name_offset: offset, is_method: false, arguments };
                self.node(offset, Kind::Call(call))
            }
            Token::Name(name) => self.node(offset, Kind::Name(name.to_owned())),
            Token::Symbol(_) | Token::End => Err(self.unexpected("a value")),
        }
    }

    /// Expressions between brackets, with commas between them.
    fn arguments(&mut self, open: &str, close: &str, into: &mut Vec<Node>) -> Result<(), Fault> {
        self.expect(open)?;
        if self.takes(close)? {
            return Ok(());
        }
        loop {
            let element = self.nested(Self::expression)?;
            into.push(element);
            if self.takes(close)? {
                return Ok(());
            }
            if !self.takes(",")? {
                return Err(self.unexpected(&format!("a comma or {close}")));
            }
        }
    }

    fn number(&mut self, offset: usize, written: String) -> Result<Node, Fault> {
        let kind = if written.contains('.') {
            let parsed = written.parse().ok().map(Kind::Decimal);
            parsed.ok_or("a decimal of at most 14 digits before the point and 5 after it")
        } else {
            let parsed = written.parse().ok().map(Kind::Int);
            parsed.ok_or("an int of 64 bits")
        };
        match kind {
            Ok(kind) => self.node(offset, kind),
            Err(expected) => Err(Fault::at(self.source, offset, expected, written)),
        }
    }
}

//! From the policy to a tree, in the order of its fields.

use super::tree::{Entry, Kind, Node, Scalar, Style};
use serde::ser::{self, Impossible, Serialize, Serializer};
use std::fmt::{self, Display};

/// The tree of a value that has structs, lists, choices and scalars only.
pub(super) fn to_node<T: Serialize>(value: &T) -> Node {
    value.serialize(Writer).expect("policies have structs, lists, choices and scalars only")
}

/// A kind of value that no policy has.
#[derive(Debug)]
pub(super) struct NotOfPolicies(String);

impl Display for NotOfPolicies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotOfPolicies {}

impl ser::Error for NotOfPolicies {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// What `types` calls its decimals, so that they need no quotes.
const DECIMAL: &str = "Decimal";

struct Writer;

type Written = Result<Node, NotOfPolicies>;
type Never = Impossible<Node, NotOfPolicies>;

fn scalar(text: impl ToString, style: Style) -> Node {
    Node::of(Kind::Scalar(Scalar { text: text.to_string(), style }))
}

fn refused<T>(kind: &str) -> Result<T, NotOfPolicies> {
    Err(NotOfPolicies(format!("{kind} stands in no policy")))
}

macro_rules! plain {
    ($($name:ident($type:ty))*) => {$(
        fn $name(self, value: $type) -> Written {
            Ok(scalar(value, Style::Plain))
        }
    )*};
}

impl Serializer for Writer {
    type Ok = Node;
    type Error = NotOfPolicies;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Map;
    type SerializeStructVariant = Map;

    plain! {
        serialize_bool(bool)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64)
    }

    fn serialize_f32(self, _: f32) -> Written {
        refused("a float")
    }

    fn serialize_f64(self, _: f64) -> Written {
        refused("a float")
    }

    fn serialize_char(self, value: char) -> Written {
        Ok(scalar(value, Style::Double))
    }

    fn serialize_str(self, value: &str) -> Written {
        Ok(scalar(value, Style::Double))
    }

    fn serialize_bytes(self, _: &[u8]) -> Written {
        refused("bytes")
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(scalar("null", Style::Plain))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Written {
        let mut node = value.serialize(self)?;
        if let Kind::Scalar(scalar) = &mut node.kind
            && name == DECIMAL
        {
            scalar.style = Style::Plain;
        }
        Ok(node)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        Ok(Node::of(Kind::Map(vec![entry(variant, value.serialize(self)?)])))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, NotOfPolicies> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<List, NotOfPolicies> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List, NotOfPolicies> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Never, NotOfPolicies> {
        refused("a choice with several values")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Never, NotOfPolicies> {
        refused("a map")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Map, NotOfPolicies> {
        Ok(Map { variant: None, entries: Vec::new() })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Map, NotOfPolicies> {
        Ok(Map { variant: Some(variant), entries: Vec::new() })
    }
}

fn entry(key: &str, value: Node) -> Entry {
    Entry { key: key.to_owned(), place: None, value }
}

struct List(Vec<Node>);

impl List {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotOfPolicies> {
        self.0.push(value.serialize(Writer)?);
        Ok(())
    }
}

impl ser::SerializeSeq for List {
    type Ok = Node;
    type Error = NotOfPolicies;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotOfPolicies> {
        self.push(value)
    }

    fn end(self) -> Written {
        Ok(Node::of(Kind::List(self.0)))
    }
}

impl ser::SerializeTuple for List {
    type Ok = Node;
    type Error = NotOfPolicies;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotOfPolicies> {
        self.push(value)
    }

    fn end(self) -> Written {
        Ok(Node::of(Kind::List(self.0)))
    }
}

impl ser::SerializeTupleStruct for List {
    type Ok = Node;
    type Error = NotOfPolicies;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotOfPolicies> {
        self.push(value)
    }

    fn end(self) -> Written {
        Ok(Node::of(Kind::List(self.0)))
    }
}

struct Map {
    /// The choice whose fields these are.
    variant: Option<&'static str>,
    entries: Vec<Entry>,
}

impl ser::SerializeStruct for Map {
    type Ok = Node;
    type Error = NotOfPolicies;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), NotOfPolicies> {
        self.entries.push(entry(key, value.serialize(Writer)?));
        Ok(())
    }

    fn end(self) -> Written {
        let own = Node::of(Kind::Map(self.entries));
        Ok(match self.variant {
            Some(variant) => Node::of(Kind::Map(vec![entry(variant, own)])),
            None => own,
        })
    }
}

impl ser::SerializeStructVariant for Map {
    type Ok = Node;
    type Error = NotOfPolicies;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), NotOfPolicies> {
        ser::SerializeStruct::serialize_field(self, key, value)
    }

    fn end(self) -> Written {
        ser::SerializeStruct::end(self)
    }
}

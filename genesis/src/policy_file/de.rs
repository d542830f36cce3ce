//! From the tree to the policy. What a scalar is follows from the field, not from its look: under
//! a text `0110`, `1e3` and `no` are these characters; under a number only digits are taken.

use super::fault::{Fault, Step};
use super::tree::{Entry, Kind, Node, Style};
use serde::de::{self, DeserializeSeed, Deserializer, Expected, Unexpected, Visitor};
use std::fmt::Display;

/// Reads a value of a tree.
pub(super) fn from_node<T: de::DeserializeOwned>(node: &Node) -> Result<T, Fault> {
    T::deserialize(Reader(node)).map_err(|fault| fault.at(node.place))
}

#[derive(Clone, Copy)]
struct Reader<'a>(&'a Node);

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_value(found, expected)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Signed(number) => number.to_string(),
            Unexpected::Unsigned(number) => number.to_string(),
            other => other.to_string(),
        };
        Self::expected(in_words(&expected.to_string()), &found)
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        Self::expected(&one_of(expected), &format!("{found:?}"))
    }

    fn unknown_field(found: &str, expected: &'static [&'static str]) -> Self {
        let meant = match nearest(found, expected) {
            Some(name) => format!("{name:?} or another field"),
            None if expected.len() <= NAMES_SHOWN_MAX => one_of(expected),
            None => "a field of the policy".to_owned(),
        };
        Self::expected(&meant, &format!("{found:?}, which is none")).unknown()
    }

    fn missing_field(field: &'static str) -> Self {
        Self::expected(&format!("the field {field:?}"), "none")
    }
}

fn one_of(names: &[&str]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        several => format!("one of {}", several.join(", ")),
    }
}

/// Names that are listed where another stands.
const NAMES_SHOWN_MAX: usize = 12;
/// Characters in which two names may differ and be meant for each other.
const DISTANCE_MAX: usize = 2;

/// The name that was meant, if one is near.
fn nearest<'a>(found: &str, names: &[&'a str]) -> Option<&'a str> {
    let distances = names.iter().map(|name| (distance(found, name), *name));
    distances.min().filter(|(distance, _)| *distance <= DISTANCE_MAX).map(|(_, name)| name)
}

/// How many characters must be put in, left out or replaced to make one name of another. Names
/// that are much longer than any field are far from all of them.
fn distance(one: &str, two: &str) -> usize {
    let (one, two): (Vec<char>, Vec<char>) =
        (one.chars().take(64).collect(), two.chars().collect());
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (index, own) in one.iter().enumerate() {
        let mut last = index.saturating_add(1);
        let mut next = vec![last];
        for (column, other) in two.iter().enumerate() {
            let at = |place: usize| row.get(place).copied().unwrap_or(usize::MAX);
            let replaced = at(column).saturating_add(usize::from(own != other));
            let gone = at(column.saturating_add(1)).saturating_add(1);
            last = replaced.min(gone).min(last.saturating_add(1));
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

/// The numbers that types of machines stand for.
fn in_words(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" => "a whole number from 0 to 18446744073709551615",
        "i8" => "a whole number from -128 to 127",
        "i16" => "a whole number from -32768 to 32767",
        "i32" => "a whole number from -2147483648 to 2147483647",
        "i64" => "a whole number from -9223372036854775808 to 9223372036854775807",
        other => other,
    }
}

impl<'a> Reader<'a> {
    fn not(self, expected: &str) -> Fault {
        Fault::expected(expected, &self.0.named())
    }

    fn text(self, expected: &str) -> Result<&'a str, Fault> {
        self.0.as_text().ok_or_else(|| self.not(expected))
    }

    /// A scalar without quotes.
    fn plain(self) -> Option<&'a str> {
        match &self.0.kind {
            Kind::Scalar(scalar) if scalar.style == Style::Plain => Some(&scalar.text),
            Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Digits, a minus before them; no noughts before others, which some read as octal.
    fn integer(self) -> Option<i128> {
        let text = self.plain()?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_canonical = digits == "0" || !digits.starts_with('0');
        let is_integer = !digits.is_empty()
            && digits.len() <= 20
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_integer && is_canonical { text.parse().ok() } else { None }
    }

    fn visit_integer<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let expected = "a whole number in digits, without quotes";
        let number = self.integer().ok_or_else(|| self.not(expected))?;
        match (u64::try_from(number), i64::try_from(number)) {
            (Ok(number), _) => visitor.visit_u64(number),
            (_, Ok(number)) => visitor.visit_i64(number),
            _ => Err(self.not("a whole number of 64 bits")),
        }
    }

    fn items(self) -> Result<Items<'a>, Fault> {
        match &self.0.kind {
            Kind::List(items) => Ok(Items { items, next: 0 }),
            Kind::Scalar(_) | Kind::Map(_) => Err(self.not("a list")),
        }
    }

    fn fields(self) -> Result<Fields<'a>, Fault> {
        match &self.0.kind {
            Kind::Map(entries) => Ok(Fields { entries: entries.iter(), value: None }),
            Kind::Scalar(_) | Kind::List(_) => Err(self.not("a mapping of fields")),
        }
    }
}

macro_rules! integers {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.visit_integer(visitor)
        }
    )*};
}

macro_rules! texts {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.visit_str(self.text("a text")?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }
    texts! { deserialize_char deserialize_str deserialize_string deserialize_identifier }

    /// Of a value whose type nothing states.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.kind {
            Kind::List(_) => self.deserialize_seq(visitor),
            Kind::Map(_) => self.deserialize_map(visitor),
            Kind::Scalar(scalar) if scalar.is_nothing() => visitor.visit_unit(),
            Kind::Scalar(scalar) => match (self.plain(), self.integer()) {
                (_, Some(_)) => self.visit_integer(visitor),
                (Some("true"), _) => visitor.visit_bool(true),
                (Some("false"), _) => visitor.visit_bool(false),
                _ => visitor.visit_str(&scalar.text),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.plain() {
            Some("true") => visitor.visit_bool(true),
            Some("false") => visitor.visit_bool(false),
            _ => Err(self.not("true or false")),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        Err(self.not("no number of this kind"))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        Err(self.not("no number of this kind"))
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.kind {
            Kind::Scalar(scalar) if scalar.is_nothing() => visitor.visit_none(),
            Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.kind {
            Kind::Scalar(scalar) if scalar.is_nothing() => visitor.visit_unit(),
            Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => Err(self.not("nothing")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let items = self.items()?;
        if items.items.len() != length {
            let found = items.items.len();
            return Err(Fault::expected(&format!("a list of {length}"), &found.to_string()));
        }
        visitor.visit_seq(items)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(self.fields()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_map(self.fields()?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.0.kind {
            Kind::Map(entries) => match entries.as_slice() {
                [entry] => visitor.visit_enum(Variant { entry }),
                _ => Err(self.not(&format!("one field: {}", one_of(names)))),
            },
            Kind::Scalar(_) | Kind::List(_) => {
                let name = self.text(&one_of(names))?;
                visitor.visit_enum(de::value::StrDeserializer::new(name))
            }
        }
    }

    /// What would be passed over silently is a field that nobody knows.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        Err(Fault::expected("a field of the policy", "one that it does not have").unknown())
    }
}

/// The items of a list, each under its index in the file.
struct Items<'a> {
    items: &'a [Node],
    next: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        while let Some(node) = self.items.get(self.next) {
            let index = self.next;
            self.next = self.next.saturating_add(1);
            if !node.is_hidden {
                let inside = |fault: Fault| fault.at(node.place).inside(Step::Item(index));
                return seed.deserialize(Reader(node)).map(Some).map_err(inside);
            }
        }
        Ok(None)
    }
}

/// The fields of a mapping.
struct Fields<'a> {
    entries: std::slice::Iter<'a, Entry>,
    value: Option<&'a Entry>,
}

impl<'de> de::MapAccess<'de> for Fields<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some(entry) = self.entries.by_ref().find(|entry| !entry.value.is_hidden) else {
            return Ok(None);
        };
        self.value = Some(entry);
        let key = de::value::StrDeserializer::new(&entry.key);
        let inside = |fault: Fault| fault.at(entry.place).inside(field(entry));
        seed.deserialize(key).map(Some).map_err(inside)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let entry = self.value.take().ok_or_else(|| Fault::new("a value without its key"))?;
        seed.deserialize(Reader(&entry.value)).map_err(|fault| {
            let place = if fault.is_unknown_field() { entry.place } else { entry.value.place };
            fault.at(place).inside(field(entry))
        })
    }
}

fn field(entry: &Entry) -> Step {
    Step::Field(entry.key.clone())
}

/// A choice with what it holds: a mapping of one field.
struct Variant<'a> {
    entry: &'a Entry,
}

impl<'de, 'a> de::EnumAccess<'de> for Variant<'a> {
    type Error = Fault;
    type Variant = Held<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Held<'a>), Fault> {
        let entry = self.entry;
        let key = de::value::StrDeserializer::new(&entry.key);
        let name = seed.deserialize(key).map_err(|fault: Fault| fault.at(entry.place))?;
        Ok((name, Held { entry }))
    }
}

struct Held<'a> {
    entry: &'a Entry,
}

impl Held<'_> {
    fn read<T>(&self, read: impl FnOnce(Reader<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let Entry { value, .. } = self.entry;
        read(Reader(value)).map_err(|fault| fault.at(value.place).inside(field(self.entry)))
    }
}

impl<'de> de::VariantAccess<'de> for Held<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        self.read(|value| <() as serde::Deserialize>::deserialize(value))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        self.read(|value| seed.deserialize(value))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.read(|value| value.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.read(|value| value.deserialize_map(visitor))
    }
}

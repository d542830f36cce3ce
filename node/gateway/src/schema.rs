//! The JSON form of each message as a JSON Schema, from its table.

use crate::field_table::{Field, Format, MessageType};
use crate::limits::DOCUMENTS_MAX;
use kanhe_types::limits::ORGANISATION_CODE_CHARS_MAX;
use serde_json::{Map, Value, json};

/// The schema (draft 2020-12) of the JSON in which the gateway reads a message.
///
/// It says what the table says. A day that the calendar does not have, a number of more than 19
/// digits, or the number of a return in a status of the list, passes the schema and is refused by
/// the gateway.
pub fn json_schema(message_type: MessageType) -> Value {
    let table = message_type.table();
    let mut document = Map::from_iter([("head".to_owned(), object(table.head_fields))]);
    let mut required = vec!["head"];
    if let Some(lines) = table.lines {
        let array = json!({
            "type": "array",
            "minItems": lines.min,
            "maxItems": lines.max,
            "items": object(lines.fields),
        });
        document.insert("lines".into(), array);
        if 0 < lines.min {
            required.push("lines");
        }
    } else {
        document.insert("lines".into(), json!({ "type": "array", "maxItems": 0 }));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("{}: {}", table.name, table.meaning),
        "type": "object",
        "additionalProperties": false,
        "required": ["message", "documents"],
        "properties": {
            "message": { "const": table.name },
            "sender": { "type": "string" },
            "documents": {
                "type": "array",
                "minItems": 1,
                "maxItems": DOCUMENTS_MAX,
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": required,
                    "properties": document,
                },
            },
        },
    })
}

fn object(fields: &[Field]) -> Value {
    let required = fields.iter().filter(|field| field.mandatory).map(|field| field.name);
    let properties = fields.iter().map(|field| (field.name.to_owned(), property(field)));
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required.collect::<Vec<_>>(),
        "properties": properties.collect::<Map<_, _>>(),
    })
}

fn property(field: &Field) -> Value {
    let mut property = form(field.format);
    let shape = property.as_object_mut().expect("a form is an object");
    shape.insert("type".into(), "string".into());
    if let Some(codes) = field.codes {
        shape.insert("description".into(), format!("code of customs' table: {codes}").into());
    }
    property
}

fn form(format: Format) -> Value {
    let pattern = |text: String| json!({ "pattern": text });
    match format {
        Format::Text(max) => json!({ "minLength": 1, "maxLength": max }),
        Format::Exact(count) => json!({ "minLength": count, "maxLength": count }),
        Format::Digits(count) => pattern(format!("^[0-9]{{{count}}}$")),
        Format::Code => pattern(format!("^[0-9A-Za-z]{{1,{ORGANISATION_CODE_CHARS_MAX}}}$")),
        Format::Integer => pattern("^[0-9]{1,9}$".into()),
        Format::Decimal => pattern("^-?[0-9]{1,14}([.][0-9]{1,5})?$".into()),
        Format::Time => pattern("^[0-9]{14}$".into()),
        Format::Instant => pattern("^[0-9]{17}$".into()),
        Format::Date => pattern("^[0-9]{8}$".into()),
        Format::OneOf(texts) => json!({ "enum": texts }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_says_what_the_table_says() {
        for message_type in MessageType::ALL {
            let table = message_type.table();
            let schema = json_schema(message_type);
            let document = &schema["properties"]["documents"]["items"]["properties"];
            for field in table.head_fields {
                assert!(document["head"]["properties"][field.name].is_object(), "{}", field.name);
            }
            let required = document["head"]["required"].as_array().unwrap();
            let mandatory = table.head_fields.iter().filter(|field| field.mandatory).count();
            assert_eq!(required.len(), mandatory, "{message_type}");
            if let Some(lines) = table.lines {
                assert_eq!(document["lines"]["maxItems"], lines.max);
                let properties = document["lines"]["items"]["properties"].as_object().unwrap();
                assert_eq!(properties.len(), lines.fields.len(), "{message_type}");
            }
        }
    }

    #[test]
    fn an_order_has_its_forms() {
        let schema = json_schema(MessageType::Ceb311);
        let head = &schema["properties"]["documents"]["items"]["properties"]["head"];
        let of = |name: &str| head["properties"][name].clone();
        assert_eq!(of("appType"), json!({ "type": "string", "enum": ["1", "2", "3"] }));
        assert_eq!(of("orderNo"), json!({ "type": "string", "minLength": 1, "maxLength": 60 }));
        assert_eq!(of("currency")["pattern"], "^[0-9]{3}$");
        assert_eq!(of("currency")["description"], "code of customs' table: currency");
    }
}

//! The page of the specification that lists every field of every message, from the tables.

use crate::field_table::{Field, Format, MessageType, Treatment};
use kanhe_types::pseudonym::PersonalKind;
use std::fmt::Write;

/// What stands before the tables.
const HEAD: &str = include_str!("page_head.txt");

/// `docs/spec/messages.md`.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    write(&mut page).expect("writing to a string cannot fail");
    page
}

fn write(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n| message | meaning | document | head | lines | receipt |")?;
    writeln!(page, "|---|---|---|---|---|---|")?;
    for message_type in MessageType::ALL {
        let table = message_type.table();
        let head = table.head.map_or_else(|| "none".into(), |head| format!("`{head}`"));
        let lines = table.lines.map_or_else(
            || "none".into(),
            |lines| format!("`{}`, {} to {}", lines.element, lines.min, lines.max),
        );
        let receipt = table.receipt.map_or("none", |receipt| receipt.name);
        writeln!(
            page,
            "| [{}](#{}) | {} | `{}` | {head} | {lines} | {receipt} |",
            table.name,
            table.name.to_lowercase(),
            table.meaning,
            table.document,
        )?;
    }
    for message_type in MessageType::ALL {
        let table = message_type.table();
        writeln!(page, "\n## {}\n", table.name)?;
        writeln!(page, "{}, on the ledger `{}`.\n", capitalised(table.meaning), table.kind.name())?;
        fields(page, table.head.unwrap_or(table.document), table.head_fields)?;
        if let Some(lines) = table.lines {
            writeln!(page)?;
            fields(page, lines.element, lines.fields)?;
        }
        if let Some(receipt) = table.receipt {
            let keys = receipt.keys.iter().map(|key| {
                let name = named(key);
                format!("{name} ({})", form(key.format))
            });
            writeln!(
                page,
                "\nReceipt {}, `{}`: {}. Accepted: {}.",
                receipt.name,
                receipt.element,
                keys.collect::<Vec<_>>().join(", "),
                receipt.accepted,
            )?;
        }
    }
    Ok(())
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

fn fields(page: &mut String, element: &str, fields: &[Field]) -> std::fmt::Result {
    writeln!(page, "| `{element}` | form | table | ledger |\n|---|---|---|---|")?;
    for field in fields {
        let codes = field.codes.map(|codes| codes.to_string()).unwrap_or_default();
        let kept = match field.treatment {
            Treatment::Kept => "as it is",
            Treatment::Dropped => "left behind",
            Treatment::Personal(PersonalKind::Name) => "pseudonym of a name",
            Treatment::Personal(PersonalKind::IdentityNumber) => "pseudonym of an identity number",
            Treatment::Personal(PersonalKind::Telephone) => "pseudonym of a telephone",
            Treatment::Personal(PersonalKind::Address) => "pseudonym of an address",
            Treatment::Personal(PersonalKind::PlatformAccount) => "pseudonym of a platform account",
        };
        writeln!(page, "| {} | {} | {codes} | {kept} |", named(field), form(field.format))?;
    }
    Ok(())
}

fn named(field: &Field) -> String {
    if field.mandatory { format!("**`{}`**", field.name) } else { format!("`{}`", field.name) }
}

/// A form in a word or two, as the page on customs messages explains them.
fn form(format: Format) -> String {
    match format {
        Format::Text(max) => format!("text {max}"),
        Format::Exact(count) => format!("exact {count}"),
        Format::Digits(count) => format!("digits {count}"),
        Format::Code => "code".into(),
        Format::Integer => "integer".into(),
        Format::Decimal => "decimal".into(),
        Format::Time => "time".into(),
        Format::Instant => "instant".into(),
        Format::Date => "date".into(),
        Format::OneOf(texts) => {
            texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_page_of_the_specification_is_that_of_the_tables() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/messages.md");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, page()).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = written.lines().zip(page().lines()).position(|(old, new)| old != new);
        assert!(written == page(), "line {differs:?} differs; UPDATE_EXPECT=1 writes the page");
    }
}

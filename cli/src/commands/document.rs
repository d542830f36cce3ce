//! `kanhe document`: documents on the ledger.

use crate::answer::{Answer, CliError};
use crate::args::{DocumentCommand, HomeArgs};
use crate::member::Member;
use kanhe_api::path;
use kanhe_api::view::DocumentView;
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::schema::json_schema;
use kanhe_types::hash::Hash;

pub(super) fn run(command: &DocumentCommand) -> Result<Answer, CliError> {
    match command {
        DocumentCommand::Show { id, home } => show(id, home),
        DocumentCommand::Schema { message } => schema(message),
        DocumentCommand::Reveal { check, missing, home } => {
            super::spotcheck::reveal(check, missing.as_deref(), home)
        }
    }
}

fn schema(name: &str) -> Result<Answer, CliError> {
    let is_meant = |message_type: &MessageType| {
        let table = message_type.table();
        let number = table.name.strip_prefix("CEB").and_then(|rest| rest.strip_suffix("Message"));
        [Some(table.name), number, Some(table.kind.name())].contains(&Some(name))
    };
    let Some(message_type) = MessageType::ALL.into_iter().find(is_meant) else {
        let names = MessageType::ALL.map(MessageType::name).join(", ");
        return Err(CliError::Usage(format!("expected a message out of {names}, found {name:?}")));
    };
    let schema = json_schema(message_type);
    let text = serde_json::to_string_pretty(&schema).expect("a schema has text keys");
    Ok(Answer::yes(text, schema))
}

fn show(id: &Hash, home: &HomeArgs) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let view: DocumentView = member.client.get(&path::document(id))?;
    let document = serde_json::to_string_pretty(&view.document).expect("documents have text keys");
    let text = format!(
        "{} {}\nsent by {}, accepted at height {} in submission {}\n{document}",
        super::name_of(&view.document.kind()),
        view.id,
        view.organisation,
        view.height,
        view.receipt.receipt.submission,
    );
    Ok(Answer::yes(text, super::to_json(&view)))
}

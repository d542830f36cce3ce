//! `kanhe document`: documents on the ledger.

use crate::answer::{Answer, CliError};
use crate::args::{DocumentCommand, HomeArgs};
use crate::member::Member;
use kanhe_api::path;
use kanhe_api::view::DocumentView;
use kanhe_types::hash::Hash;

pub(super) fn run(command: &DocumentCommand) -> Result<Answer, CliError> {
    match command {
        DocumentCommand::Show { id, home } => show(id, home),
        DocumentCommand::Reveal { check, missing, home } => {
            super::spotcheck::reveal(check, missing.as_deref(), home)
        }
    }
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

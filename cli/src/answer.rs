//! What a command comes back with, and the exit codes.

use serde_json::{Value, json};
use std::error::Error;
use std::fmt::Write;

/// What a command found out.
#[derive(Clone, Debug)]
pub struct Answer {
    exit: Exit,
    /// For people; ends with a line break.
    pub text: String,
    /// For programs.
    pub json: Value,
}

/// Which answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Yes,
    No,
    NotYetKnown,
}

/// A command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The answer is no, and there is nothing more to say than why.
    #[error("{0}")]
    No(String),
    /// The command cannot be understood.
    #[error("{0}")]
    Usage(String),
    /// This machine, or the chain, could not be asked.
    #[error("{context}")]
    Unknown {
        /// What was tried.
        context: String,
        /// Why it failed, where something else says so.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

impl Answer {
    /// Yes, or done.
    pub fn yes(text: impl Into<String>, json: Value) -> Self {
        Self { exit: Exit::Yes, text: ended(text.into()), json }
    }

    /// No, with everything that was found.
    pub fn no(text: impl Into<String>, json: Value) -> Self {
        Self { exit: Exit::No, text: ended(text.into()), json }
    }

    /// Yes where `holds`, else no.
    pub fn whether(holds: bool, text: impl Into<String>, json: Value) -> Self {
        if holds { Self::yes(text, json) } else { Self::no(text, json) }
    }

    /// Part of it could not be found out.
    pub fn not_yet_known(text: impl Into<String>, json: Value) -> Self {
        Self { exit: Exit::NotYetKnown, text: ended(text.into()), json }
    }

    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        match self.exit {
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::NotYetKnown => CliError::COULD_NOT_FIND_OUT,
        }
    }
}

fn ended(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

impl CliError {
    /// The exit code of what could not be found out.
    pub const COULD_NOT_FIND_OUT: u8 = 3;

    /// Something that could not be found out, for the reason that `source` tells.
    pub fn because(
        context: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Unknown { context: context.into(), source: Some(source.into()) }
    }

    /// Something that could not be found out.
    pub fn unknown(context: impl Into<String>) -> Self {
        Self::Unknown { context: context.into(), source: None }
    }

    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::No(_) => 1,
            Self::Usage(_) => 2,
            Self::Unknown { .. } => Self::COULD_NOT_FIND_OUT,
        }
    }

    /// The error with everything behind it, on one line.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(error) = source {
            let reason = error.to_string();
            // A transparent error repeats its source's text.
            if !text.ends_with(&reason) {
                write!(text, ": {reason}").expect("writing to a string cannot fail");
            }
            source = error.source();
        }
        text
    }

    /// The error as the JSON document that `--json` prints.
    pub fn as_json(&self) -> Value {
        json!({ "error": { "message": self.chain(), "exit": self.exit_code() } })
    }
}

/// Implements `From` for errors that mean: could not find out.
macro_rules! could_not_find_out {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for CliError {
            fn from(error: $error) -> Self {
                Self::Unknown { context: error.to_string(), source: source_of(error) }
            }
        })*
    };
}

could_not_find_out!(
    kanhe_node::home::HomeError,
    kanhe_node::keystore::KeystoreError,
    kanhe_node::localnet::LocalnetError,
    kanhe_gateway::error::ReadError,
);

/// What stands behind an error, as texts: the error itself cannot be taken apart.
fn source_of(error: impl Error) -> Option<Box<dyn Error + Send + Sync>> {
    let mut texts = Vec::new();
    let mut source = error.source();
    while let Some(error) = source {
        texts.push(error.to_string());
        source = error.source();
    }
    texts.dedup();
    if texts.is_empty() { None } else { Some(texts.join(": ").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_end_has_its_exit_code() {
        assert_eq!(Answer::yes("", json!({})).exit_code(), 0);
        assert_eq!(Answer::no("", json!({})).exit_code(), 1);
        assert_eq!(Answer::not_yet_known("", json!({})).exit_code(), 3);
        assert_eq!(CliError::No("x".into()).exit_code(), 1);
        assert_eq!(CliError::Usage("x".into()).exit_code(), 2);
        assert_eq!(CliError::unknown("x").exit_code(), 3);
    }

    #[test]
    fn an_error_is_printed_with_what_stands_behind_it_once() {
        let source = std::io::Error::other("the disk is full");
        assert_eq!(
            CliError::because("cannot write", source).chain(),
            "cannot write: the disk is full"
        );
        let error =
            CliError::because("the disk is full", std::io::Error::other("the disk is full"));
        assert_eq!(error.chain(), "the disk is full");
    }
}

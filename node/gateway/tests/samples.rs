//! The official sample messages, where somebody has them: set KANHE_SAMPLES to the folder of the
//! import samples (CEB311Message.xml and so on). They are not part of the project.

use kanhe_gateway::convert::convert;
use kanhe_gateway::error::Problem;
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_gateway::xml;
use kanhe_types::pseudonym::PseudonymScope;
use std::path::{Path, PathBuf};

fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("KANHE_SAMPLES").map(PathBuf::from).filter(|path| path.is_dir());
    if folder.is_none() {
        #[allow(clippy::print_stderr, reason = "a test that has nothing to do says so")]
        {
            eprintln!("KANHE_SAMPLES names no folder: the official samples were not read");
        }
    }
    folder
}

/// Whether every document converts, or is refused only for the reasons known of the samples:
/// documents that are stored (appStatus 1) and not declared.
fn check(folder: &Path, message_type: MessageType) {
    let path = folder.join(format!("{message_type}.xml"));
    let bytes = std::fs::read(&path).expect("the sample's folder was found");
    let message = xml::parse(&bytes).expect("the official sample has the official structure");
    assert_eq!(message.message_type, message_type);
    assert!(message.sender.is_some());
    let key = PseudonymKey { scope: PseudonymScope::default(), key: [1; 32] };
    let mut converted = 0;
    for found in convert(&message, &path.display().to_string(), &key) {
        match found {
            Ok(_) => converted += 1,
            Err(error) => assert!(error.path.ends_with("/appStatus"), "{error}"),
        }
    }
    assert!(0 < converted, "{message_type}");
}

#[test]
fn supported_samples_are_read() {
    let Some(folder) = samples() else { return };
    for message_type in MessageType::ALL.into_iter().filter(|kind| kind.is_customs()) {
        check(&folder, message_type);
    }
}

#[test]
fn other_samples_are_refused_by_name() {
    let Some(folder) = samples() else { return };
    for name in ["CEB312Message", "CEB513Message", "CEB623Message", "CEB711Message"] {
        let bytes = std::fs::read(folder.join(format!("{name}.xml"))).expect("a sample is there");
        let error = xml::parse(&bytes).expect_err("the message is not supported");
        assert_eq!(error.problem, Problem::Unsupported(name.into()));
    }
}

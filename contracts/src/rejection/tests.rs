use super::remedy::NO_REMEDY;
use super::*;
use kanhe_types::limits::REJECTION_TEXT_CHARS_MAX;

#[test]
fn numbers_ascend_and_lead_back() {
    for pair in Rejection::ALL.windows(2) {
        assert!(pair[0].code() < pair[1].code(), "{pair:?}");
    }
    for rejection in Rejection::ALL {
        assert_eq!(Rejection::from_code(rejection.code()), Some(rejection));
    }
    assert_eq!(Rejection::from_code(100), None);
}

#[test]
fn every_rejection_has_a_remedy_of_its_own() {
    for rejection in Rejection::ALL {
        assert_ne!(rejection.remedy(), NO_REMEDY, "{rejection:?}");
    }
}

/// The codes of one rejection over the kinds, as the table writes them.
fn official_column(rejection: Rejection) -> String {
    let mut codes: Vec<String> = DocumentKind::ALL
        .iter()
        .copied()
        .filter_map(|kind| rejection.official(Some(kind)))
        .map(|code| code.to_string())
        .collect();
    codes.dedup();
    codes.join(" ")
}

#[test]
fn the_specification_lists_every_rejection_with_its_texts() {
    let table = include_str!("../../../docs/spec/rejections.md");
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| {
            let row = line.strip_prefix("| ");
            row.is_some_and(|row| row.starts_with(|first: char| first.is_ascii_digit()))
        })
        .collect();
    let expected: Vec<String> = Rejection::ALL
        .into_iter()
        .map(|rejection| {
            format!(
                "| {} | `{rejection:?}` | {} | {rejection} | {} |",
                rejection.code(),
                official_column(rejection),
                rejection.remedy()
            )
        })
        .collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    assert_eq!(rows, expected, "docs/spec/rejections.md should hold:\n{}", expected.join("\n"));
}

#[test]
fn texts_of_a_refusal_are_bounded() {
    let long = "长".repeat(2 * REJECTION_TEXT_CHARS_MAX);
    let refusal = Rejected::new(Rejection::TextTooLong, long.clone(), &long, &long).refusal(None);
    assert_eq!(refusal.found.chars().count(), REJECTION_TEXT_CHARS_MAX);
    let bytes = kanhe_types::codec::encode(&refusal).len();
    assert!(bytes + 200 < kanhe_types::limits::RECEIPT_BYTES_MAX);
}

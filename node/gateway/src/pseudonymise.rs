//! Personal values to pseudonyms.
//!
//! Two systems write one person differently: `１３８ 0000-0000` and `+86 13800000000`. Equal people
//! must have equal pseudonyms, so a value is normalised before the keyed hash:
//!
//! | kind | normalisation |
//! |---|---|
//! | all | full-width ASCII becomes ASCII; control and invisible characters go |
//! | name | whitespace goes; ASCII lower case; every middle dot becomes `·` |
//! | identity number | whitespace goes; ASCII upper case |
//! | telephone | digits only; leading noughts go; a leading 86 goes where ten digits remain, and noughts after it |
//! | address | whitespace goes; ASCII lower case |
//! | platform account | trimmed; inner whitespace becomes one blank; case stays |
//!
//! Compatibility forms beyond full-width ASCII are not unified.

use kanhe_types::pseudonym::{PersonalKind, Pseudonym, PseudonymScope};
use std::fmt;

/// A key for pseudonyms, and its number and year.
///
/// The year is that of the key (calendar year in UTC+8), given by whoever holds the key; it does
/// not follow the documents' dates, so that one file has one scope.
#[derive(Clone)]
pub struct PseudonymKey {
    /// The number and the year.
    pub scope: PseudonymScope,
    /// The secret.
    pub key: [u8; 32],
}

impl PseudonymKey {
    /// The pseudonym of a value, or none where normalisation leaves nothing of it.
    pub fn pseudonym(&self, kind: PersonalKind, value: &str) -> Option<Pseudonym> {
        let normal = normalise(kind, value);
        (!normal.is_empty()).then(|| Pseudonym::derive(&self.key, self.scope, kind, &normal))
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PseudonymKey").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// The form of a personal value under which equal values are equal texts.
pub fn normalise(kind: PersonalKind, value: &str) -> String {
    let plain = value.chars().filter(|c| !is_invisible(*c)).map(half_width);
    match kind {
        PersonalKind::Name => {
            plain.filter(|c| !c.is_whitespace()).map(middle_dot).map(lower).collect()
        }
        PersonalKind::IdentityNumber => {
            plain.filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
        }
        PersonalKind::Telephone => telephone(&plain.collect::<String>()),
        PersonalKind::Address => plain.filter(|c| !c.is_whitespace()).map(lower).collect(),
        PersonalKind::PlatformAccount => {
            let text: String = plain.collect();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        }
    }
}

fn lower(character: char) -> char {
    character.to_ascii_lowercase()
}

/// U+FF01 to U+FF5E repeat ASCII at double width.
fn half_width(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => {
            u32::from(character).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(character)
        }
        _ => character,
    }
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
        || (character.is_control() && !character.is_whitespace())
}

/// The dot between the parts of a transcribed name is typed in many ways.
fn middle_dot(character: char) -> char {
    match character {
        '•' | '‧' | '・' | '･' | '∙' | '⋅' | '.' => '·',
        _ => character,
    }
}

fn telephone(text: &str) -> String {
    const NATIONAL_DIGITS_MIN: usize = 10;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = digits.trim_start_matches('0');
    match number.strip_prefix("86") {
        Some(national) if NATIONAL_DIGITS_MIN <= national.len() => {
            national.trim_start_matches('0').to_owned()
        }
        _ => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: PersonalKind, same: &[&str], other: &str) {
        let normal = normalise(kind, same[0]);
        for text in same {
            assert_eq!(normalise(kind, text), normal, "{text}");
        }
        assert_ne!(normalise(kind, other), normal);
    }

    #[test]
    fn names_are_equal_whatever_their_blanks_width_and_dots() {
        check(PersonalKind::Name, &["测试某甲", " 测试 某甲", "测试　某甲\u{200B}"], "测试某乙");
        check(PersonalKind::Name, &["阿·测试", "阿•测试", "阿・测试", "阿．测试"], "阿测试");
        check(PersonalKind::Name, &["Ce Shi", "CESHI", "ｃｅｓｈｉ"], "ceshi1");
    }

    #[test]
    fn identity_numbers_are_equal_whatever_the_case_of_the_check_letter() {
        let same = ["00000019700101001X", "00000019700101001x", "０００000 19700101 001ｘ"];
        check(PersonalKind::IdentityNumber, &same, "000000197001010011");
    }

    #[test]
    fn telephones_are_equal_with_and_without_country_code() {
        let same = ["10012345678", "+86 100-1234-5678", "008610012345678", "１００12345678"];
        check(PersonalKind::Telephone, &same, "10012345679");
        check(PersonalKind::Telephone, &["0730-8123456", "+86 730 8123456"], "07308123457");
        // A short number that happens to begin with 86 keeps it.
        assert_eq!(normalise(PersonalKind::Telephone, "86123456"), "86123456");
    }

    #[test]
    fn addresses_are_equal_whatever_their_blanks_and_case() {
        check(PersonalKind::Address, &["虚构路12号A座", "虚构路 １２号 a座"], "虚构路13号A座");
    }

    #[test]
    fn the_case_of_a_platform_account_counts() {
        check(PersonalKind::PlatformAccount, &["ab  c", " ab c "], "AB c");
    }

    #[test]
    fn normalising_twice_changes_nothing() {
        use proptest::prelude::*;
        let kinds = [
            PersonalKind::Name,
            PersonalKind::IdentityNumber,
            PersonalKind::Telephone,
            PersonalKind::Address,
            PersonalKind::PlatformAccount,
        ];
        proptest!(|(text in "\\PC{0,30}", number in "[0+]{0,3}(86)?[0-9]{0,13}")| {
            for kind in kinds {
                let once = normalise(kind, &text);
                prop_assert_eq!(normalise(kind, &once), once);
            }
            prop_assert!(!normalise(PersonalKind::Telephone, &number).starts_with('0'));
        });
    }

    #[test]
    fn a_value_of_which_nothing_remains_has_no_pseudonym_and_the_key_is_not_shown() {
        let scope = PseudonymScope { key_id: 3, epoch: 2026 };
        let key = PseudonymKey { scope, key: [0xAB; 32] };
        assert_eq!(key.pseudonym(PersonalKind::Telephone, "无"), None);
        assert!(key.pseudonym(PersonalKind::Telephone, "10012345678").is_some());
        let shown = format!("{key:?}");
        assert!(!shown.contains("171") && !shown.to_lowercase().contains("ab,"), "{shown}");
    }
}

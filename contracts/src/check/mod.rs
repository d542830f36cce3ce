//! What a document shows by itself: lengths, forms, codes, signs, arithmetic.
//!
//! Clients map and check before they send, but nobody is bound to use them: this is the check that
//! counts. Of several faults the rejection with the lowest number is reported, and of that the
//! first field.

mod list;
mod order;
mod payment;
mod waybill;

use crate::document::{AppStatus, AppType, Body, Document, DocumentKind};
use crate::limits::{LINES_MAX, NUMBER_BYTES_MAX, NUMBER_CHARS_MAX};
use crate::policy::Policy;
use crate::rejection::{Rejected, Rejection};
use kanhe_types::decimal::Decimal;

/// Currency codes of customs' table JGS-20 that are in use.
const CURRENCIES: [&str; 18] = [
    "110", "116", "121", "129", "132", "133", "136", "142", "300", "302", "303", "326", "330",
    "331", "501", "502", "601", "609",
];
/// The yuan.
const YUAN: &str = "142";

/// Checks everything that a document shows by itself.
pub(crate) fn check(document: &Document, policy: &Policy) -> Result<(), Rejected> {
    let mut faults = Faults::default();
    let is_attestation = document.kind() == DocumentKind::IdentityAttestation;
    if is_attestation && document.app_type != AppType::Add {
        faults.add(Rejection::OnlyAdd, "appType", "1", "2 or 3");
    }
    if document.app_status != AppStatus::Declared {
        faults.add(Rejection::NotDeclared, "appStatus", "2", "1");
    }
    guid(&mut faults, &document.guid);
    match &document.body {
        Body::Order(order) => order::check(order, policy, &mut faults),
        Body::Payment(payment) => payment::check(payment, &mut faults),
        Body::Waybill(waybill) => waybill::check(waybill, &mut faults),
        Body::InventoryList(list) => list::check(list, &mut faults),
        // Two pseudonyms: nothing that could be malformed.
        Body::IdentityAttestation(_) => {}
    }
    faults.0.map_or(Ok(()), Err)
}

/// The fault to report so far.
#[derive(Default)]
struct Faults(Option<Rejected>);

impl Faults {
    fn add(
        &mut self,
        rejection: Rejection,
        field: impl Into<String>,
        expected: impl ToString,
        found: impl ToString,
    ) {
        let takes_precedence = self.0.as_ref().is_none_or(|first| rejection < first.rejection);
        if takes_precedence {
            self.0 = Some(Rejected::new(rejection, field, expected, found));
        }
    }

    /// A mandatory text of at most `chars_max` characters.
    fn text(&mut self, field: &str, text: &str, chars_max: usize) {
        let chars = text.chars().count();
        if text.trim().is_empty() {
            self.add(Rejection::TextEmpty, field, format!("1 to {chars_max} characters"), "none");
        }
        if chars_max < chars {
            let expected = format!("at most {chars_max} characters");
            self.add(Rejection::TextTooLong, field, expected, chars);
        }
        if text.chars().any(char::is_control) {
            let found = "control characters";
            self.add(Rejection::TextMalformed, field, "printable characters", found);
        }
    }

    /// An optional text; absent is not the same as empty.
    fn optional_text(&mut self, field: &str, text: Option<&str>, chars_max: usize) {
        if let Some(text) = text {
            self.text(field, text, chars_max);
        }
    }

    /// A number that identifies something and becomes a key.
    fn number(&mut self, field: &str, number: &str) {
        self.text(field, number, NUMBER_CHARS_MAX);
        if NUMBER_BYTES_MAX < number.len() {
            let expected = format!("at most {NUMBER_BYTES_MAX} bytes of UTF-8");
            self.add(Rejection::TextTooLong, field, expected, number.len());
        }
        if number.trim() != number {
            let found = "blanks around it";
            self.add(Rejection::TextMalformed, field, "a number without blanks around it", found);
        }
    }

    /// A code of exactly `digits` digits.
    fn digits(&mut self, field: &str, code: &str, digits: usize) {
        if code.len() != digits || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            self.add(Rejection::CodeMalformed, field, format!("{digits} digits"), shown(code));
        }
    }

    /// A code that must be one of `codes`.
    fn one_of(&mut self, rejection: Rejection, field: &str, code: &str, codes: &[&str]) {
        if !codes.contains(&code) {
            self.add(rejection, field, codes.join(" or "), shown(code));
        }
    }

    fn currency(&mut self, field: &str, code: &str) {
        if !CURRENCIES.contains(&code) {
            let expected = "a currency code of table JGS-20";
            self.add(Rejection::CurrencyUnknown, field, expected, shown(code));
            return;
        }
        self.one_of(Rejection::CurrencyNotYuan, field, code, &[YUAN]);
    }

    fn id_type(&mut self, field: &str, code: &str) {
        self.one_of(Rejection::CodeMalformed, field, code, &["1", "2"]);
    }

    fn not_negative(&mut self, field: &str, number: Decimal) {
        self.in_range(field, number);
        if number.is_negative() {
            self.add(Rejection::NumberNegative, field, "0 or more", number);
        }
    }

    fn positive(&mut self, field: &str, number: Decimal) {
        self.not_negative(field, number);
        if !number.is_negative() && !number.is_positive() {
            self.add(Rejection::NumberNotPositive, field, "more than 0", number);
        }
    }

    /// Decoding takes any integer; documents hold at most 19 digits.
    fn in_range(&mut self, field: &str, number: Decimal) {
        if Decimal::from_units(number.units()).is_none() {
            self.add(Rejection::NumberTooLarge, field, "at most 19 digits", "more");
        }
    }

    fn line_numbers(&mut self, numbers: impl Iterator<Item = u32>) {
        let mut count = 0usize;
        let mut all_fit = true;
        for (expected, number) in (1u32..).zip(numbers) {
            count = count.saturating_add(1);
            if number != expected && all_fit {
                all_fit = false;
                self.add(Rejection::LineNumbers, "gnum", expected, number);
            }
        }
        if !(1..=LINES_MAX).contains(&count) {
            self.add(Rejection::LineCount, "lines", format!("1 to {LINES_MAX}"), count);
        }
    }

    fn one_parcel(&mut self, pack_no: u32) {
        if pack_no != 1 {
            self.add(Rejection::PackNotOne, "packNo", 1, pack_no);
        }
    }
}

fn guid(faults: &mut Faults, guid: &str) {
    let is_allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if guid.len() != 36 || !guid.bytes().all(is_allowed) {
        let expected = "36 upper case letters, digits and hyphens";
        let found = format!("{} characters", guid.chars().count());
        faults.add(Rejection::GuidMalformed, "guid", expected, found);
    }
}

/// A code as it may stand in a receipt: short, and only what codes are made of, so that no
/// personal data slips in with a misplaced field.
fn shown(code: &str) -> String {
    let is_code = code.len() <= 10 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_code { format!("{code:?}") } else { format!("{} characters", code.chars().count()) }
}

/// The field of line `index` (from 0), as receipts name it: `lines[2].qty` is line 3's.
fn line_field(index: usize, field: &str) -> String {
    format!("lines[{index}].{field}")
}

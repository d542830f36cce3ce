//! What a document shows by itself: lengths, forms, codes, signs, arithmetic.
//!
//! Clients map and check before they send, but nobody is bound to use them: this is the check that
//! counts. Of several faults the rejection with the lowest number is reported, and of that the
//! first field.

mod access;
mod codes;
mod export;
mod governance;
mod import;
mod list;
mod order;
mod payment;
mod register;
mod risk;
mod spot_check;
mod waybill;

use crate::document::{AppStatus, AppType, Body, Document, DocumentKind};
use crate::limits::{LINES_MAX, NUMBER_BYTES_MAX, NUMBER_CHARS_MAX};
use crate::policy::{Direction, ModeProfile, Policy};
use crate::rejection::{Rejected, Rejection};
use kanhe_types::decimal::Decimal;
use std::fmt;

/// The yuan.
const YUAN: &str = "142";

/// Checks everything that a document shows by itself.
pub(crate) fn check(document: &Document, policy: &Policy) -> Result<(), Rejected> {
    let mut faults = Faults::default();
    if document.app_type != AppType::Add && !may_be_changed(document.kind()) {
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
        Body::InventoryList(list) => list::check(list, policy, &mut faults),
        // Two pseudonyms: nothing that could be malformed.
        Body::IdentityAttestation(_) => {}
        Body::GovernanceProposal(proposal) => governance::check_proposal(proposal, &mut faults),
        Body::GovernanceVote(vote) => governance::check_vote(vote, &mut faults),
        Body::GovernanceWithdrawal(withdrawal) => {
            governance::check_withdrawal(withdrawal, &mut faults);
        }
        Body::OwnKeys(change) => governance::check_own_keys(change, &mut faults),
        Body::SpotCheck(asked) => spot_check::check_asked(asked, &mut faults),
        Body::SpotCheckAnswer(answer) => spot_check::check_answer(answer, &mut faults),
        Body::SpotCheckResult(result) => spot_check::check_result(result, &mut faults),
        Body::Erasure(erasure) => spot_check::check_erasure(erasure, &mut faults),
        Body::CaseGrant(grant) => access::check_case_grant(grant, &mut faults),
        Body::PeriodGrant(grant) => access::check_period_grant(grant, &mut faults),
        Body::GrantWithdrawal(withdrawal) => {
            access::check_withdrawal(withdrawal, &mut faults);
        }
        Body::AssistanceRequest(request) => access::check_request(request, &mut faults),
        Body::AssistanceAnswer(answer) => access::check_answer(answer, &mut faults),
        Body::Inspection(inspection) => access::check_inspection(inspection, &mut faults),
        Body::ReadReport(report) => access::check_report(report, &mut faults),
        Body::ExportOrder(order) => export::check_order(order, policy, &mut faults),
        Body::FundsReceipt(receipt) => export::check_receipt(receipt, &mut faults),
        Body::ExportWaybill(waybill) => export::check_waybill(waybill, &mut faults),
        Body::Arrival(arrival) => export::check_arrival(arrival, &mut faults),
        Body::Departure(departure) => export::check_departure(departure, &mut faults),
        Body::ExportList(list) => export::check_list(list, policy, &mut faults),
        Body::ExportListCancellation(cancellation) => {
            export::check_cancellation(cancellation, &mut faults);
        }
        Body::ConsolidationBill(bill) => export::check_bill(bill, &mut faults),
        Body::SummaryApplication(summary) => export::check_summary(summary, &mut faults),
        Body::SummaryResult(result) => export::check_summary_result(result, &mut faults),
        Body::ExportReturn(application) => export::check_return(application, &mut faults),
        Body::ReturnTally(tally) => export::check_tally(tally, &mut faults),
        Body::WaybillStatus(status) => import::check_waybill_status(status, &mut faults),
        Body::ListCancellation(own) => import::check_cancellation(own, &mut faults),
        Body::ListReturn(own) => import::check_return(own, &mut faults),
        Body::WarehouseReceipt(receipt) => import::check_receipt(receipt, &mut faults),
        Body::TaxBill(bill) => import::check_bill(bill, &mut faults),
        Body::TaxBillStatus(status) => import::check_bill_status(status, &mut faults),
        Body::ListStatus(status) => import::check_list_status(status, &mut faults),
        Body::Dispute(own) => register::check_dispute(own, &mut faults),
        Body::Certificate(own) => register::check_certificate(own, &mut faults),
        Body::Cover(own) => register::check_cover(own, &mut faults),
        Body::SubsidyClaim(own) => register::check_subsidy_claim(own, &mut faults),
        Body::Fund(own) => register::check_fund(own, &mut faults),
        Body::TaxExemption(own) => register::check_tax_exemption(own, &mut faults),
        Body::Receivable(own) => register::check_receivable(own, &mut faults),
        Body::FrozenLot(own) => register::check_frozen_lot(own, &mut faults),
        Body::OverseasStock(own) => register::check_stock(own, &mut faults),
        Body::Journey(own) => register::check_journey(own, &mut faults),
        Body::RiskSignal(signal) => risk::check_signal(signal, &mut faults),
        Body::RiskAct(act) => risk::check_act(act, &mut faults),
        Body::NegativeList(own) => register::check_negative_list(own, &mut faults),
        Body::CreditRecord(own) => register::check_credit_record(own, &mut faults),
        Body::CustomsGrade(own) => register::check_customs_grade(own, &mut faults),
        Body::Right(own) => register::check_right(own, &mut faults),
        Body::OverseasAid(own) => register::check_overseas_aid(own, &mut faults),
        Body::Stocktake(own) => register::check_stocktake(own, &mut faults),
        Body::TaxDeposit(own) => register::check_tax_deposit(own, &mut faults),
        Body::NettingStatement(own) => register::check_netting(own, &mut faults),
        Body::PaymentAllocation(own) => payment::check_allocation(own, &mut faults),
        Body::PaymentRefund(own) => payment::check_refund(own, &mut faults),
    }
    codes::check(&document.body, policy, &mut faults);
    if document.kind().is_of_clearance() && !policy.has_direction(Direction::Import) {
        let expected = "a policy with a mode of imports";
        faults.add(Rejection::NoImportMode, "policy", expected, policy.version);
    }
    let is_export = document.kind().is_of_export();
    if is_export && !policy.has_direction(Direction::Export) {
        let expected = "a policy with a mode of exports";
        faults.add(Rejection::NoExportMode, "policy", expected, policy.version);
    }
    faults.0.map_or(Ok(()), Err)
}

/// Whether a kind has changes and deletes; what is attested, proposed or voted stands as it is.
fn may_be_changed(kind: DocumentKind) -> bool {
    use DocumentKind::{
        InventoryList, ListReturn, Order, Payment, PaymentAllocation, PaymentRefund,
        WarehouseReceipt, Waybill, WaybillStatus,
    };
    let is_of_import = matches!(
        kind,
        Order
            | Payment
            | PaymentAllocation
            | PaymentRefund
            | Waybill
            | InventoryList
            | WaybillStatus
            | ListReturn
            | WarehouseReceipt
    );
    // Customs says again what it has to say of a summary.
    (kind.is_of_export() && kind != DocumentKind::SummaryResult) || is_of_import
}

/// The fault to report so far.
#[derive(Default)]
struct Faults(Option<Rejected>);

impl Faults {
    fn add(
        &mut self,
        rejection: Rejection,
        place: impl Into<Place>,
        expected: impl ToString,
        found: impl ToString,
    ) {
        self.add_at(rejection, place.into().to_string(), expected, found);
    }

    /// The same at a place that is made up of several names.
    fn add_at(
        &mut self,
        rejection: Rejection,
        path: String,
        expected: impl ToString,
        found: impl ToString,
    ) {
        let takes_precedence = self.0.as_ref().is_none_or(|first| rejection < first.rejection);
        if takes_precedence {
            self.0 = Some(Rejected::new(rejection, path, expected, found));
        }
    }

    /// A mandatory text of at most `chars_max` characters.
    fn text(&mut self, place: impl Into<Place>, text: &str, chars_max: usize) {
        let mut bytes = text.bytes();
        // Most texts are of a few printable letters of ASCII, and need no more than a look.
        let is_plain = bytes.all(|byte| byte.is_ascii_graphic());
        if is_plain && (1..=chars_max).contains(&text.len()) {
            return;
        }
        let place = place.into();
        let chars = text.chars().count();
        if text.trim().is_empty() {
            self.add(Rejection::TextEmpty, place, format!("1 to {chars_max} characters"), "none");
        }
        if chars_max < chars {
            let expected = format!("at most {chars_max} characters");
            self.add(Rejection::TextTooLong, place, expected, chars);
        }
        if text.chars().any(char::is_control) {
            let found = "control characters";
            self.add(Rejection::TextMalformed, place, "printable characters", found);
        }
    }

    /// An optional text; absent is not the same as empty.
    fn optional_text(&mut self, place: impl Into<Place>, text: Option<&str>, chars_max: usize) {
        let place = place.into();
        if let Some(text) = text {
            self.text(place, text, chars_max);
        }
    }

    /// A number that identifies something and becomes a key.
    fn number(&mut self, place: impl Into<Place>, number: &str) {
        self.number_of(place, number, NUMBER_CHARS_MAX);
    }

    /// The same of at most `chars_max` characters.
    fn number_of(&mut self, place: impl Into<Place>, number: &str, chars_max: usize) {
        let place = place.into();
        self.text(place, number, chars_max);
        if NUMBER_BYTES_MAX < number.len() {
            let expected = format!("at most {NUMBER_BYTES_MAX} bytes of UTF-8");
            self.add(Rejection::TextTooLong, place, expected, number.len());
        }
        if number.trim() != number {
            let found = "blanks around it";
            self.add(Rejection::TextMalformed, place, "a number without blanks around it", found);
        }
    }

    /// Numbers that the electronic port and customs give.
    fn given_numbers(&mut self, pre_no: Option<&str>, invt_no: Option<&str>) {
        self.optional_text("preNo", pre_no, 18);
        if let Some(invt_no) = invt_no {
            self.number_of("invtNo", invt_no, 20);
        }
    }

    /// An enterprise's own number for a message of an import.
    fn own_number(&mut self, cop_no: Option<&str>) {
        if let Some(cop_no) = cop_no {
            self.number_of("copNo", cop_no, 20);
        }
    }

    /// A code of exactly `digits` digits.
    fn digits(&mut self, place: impl Into<Place>, code: &str, digits: usize) {
        let place = place.into();
        if code.len() != digits || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            self.add(Rejection::CodeMalformed, place, format!("{digits} digits"), shown(code));
        }
    }

    /// A code that must be one of `codes`.
    fn one_of(
        &mut self,
        rejection: Rejection,
        place: impl Into<Place>,
        code: &str,
        codes: &[&str],
    ) {
        let place = place.into();
        if !codes.contains(&code) {
            self.add(rejection, place, codes.join(" or "), shown(code));
        }
    }

    /// The currency of an import.
    fn currency(&mut self, place: impl Into<Place>, code: &str) {
        let place = place.into();
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            self.add(Rejection::CurrencyUnknown, place, "three digits", shown(code));
        }
        self.one_of(Rejection::CurrencyNotYuan, place, code, &[YUAN]);
    }

    /// A mode of transport.
    fn transport(&mut self, place: impl Into<Place>, code: &str) {
        let place = place.into();
        let is_mode = code.len() == 1
            && code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        if !is_mode {
            let expected = "one digit or capital letter";
            self.add(Rejection::CodeMalformed, place, expected, shown(code));
        }
    }

    /// Gross weight, and net weight within it.
    fn weights(&mut self, gross: Decimal, net: Decimal) {
        self.positive("grossWeight", gross);
        self.positive("netWeight", net);
        if gross < net {
            let expected = format!("at most {gross}");
            self.add(Rejection::NetAboveGross, "netWeight", expected, net);
        }
    }

    fn id_type(&mut self, place: impl Into<Place>, code: &str) {
        let place = place.into();
        self.one_of(Rejection::CodeMalformed, place, code, &["1", "2"]);
    }

    fn not_negative(&mut self, place: impl Into<Place>, number: Decimal) {
        let place = place.into();
        self.in_range(place, number);
        if number.is_negative() {
            self.add(Rejection::NumberNegative, place, "0 or more", number);
        }
    }

    fn positive(&mut self, place: impl Into<Place>, number: Decimal) {
        let place = place.into();
        self.not_negative(place, number);
        if !number.is_negative() && !number.is_positive() {
            self.add(Rejection::NumberNotPositive, place, "more than 0", number);
        }
    }

    /// Decoding takes any integer; documents hold at most 19 digits.
    fn in_range(&mut self, place: impl Into<Place>, number: Decimal) {
        let place = place.into();
        if Decimal::from_units(number.units()).is_none() {
            self.add(Rejection::NumberTooLarge, place, "at most 19 digits", "more");
        }
    }

    fn line_numbers(&mut self, numbers: impl Iterator<Item = u32>) {
        self.line_numbers_to(LINES_MAX, numbers);
    }

    fn line_numbers_to(&mut self, lines_max: usize, numbers: impl Iterator<Item = u32>) {
        let mut count = 0usize;
        let mut all_fit = true;
        for (expected, number) in (1u32..).zip(numbers) {
            count = count.saturating_add(1);
            if number != expected && all_fit {
                all_fit = false;
                self.add(Rejection::LineNumbers, "gnum", expected, number);
            }
        }
        self.line_count(lines_max, count);
    }

    fn line_count(&mut self, lines_max: usize, count: usize) {
        if !(1..=lines_max).contains(&count) {
            self.add(Rejection::LineCount, "lines", format!("1 to {lines_max}"), count);
        }
    }

    /// A line's second quantity and unit, which come together.
    fn second_quantity(&mut self, index: usize, (qty, unit): (Option<Decimal>, Option<&str>)) {
        if let Some(qty) = qty {
            self.positive(line_field(index, "qty2"), qty);
        }
        if let Some(unit) = unit {
            self.digits(line_field(index, "unit2"), unit, 3);
        }
        if qty.is_some() != unit.is_some() {
            let found = if qty.is_some() { "qty2 only" } else { "unit2 only" };
            let field = line_field(index, "qty2");
            self.add(Rejection::SecondQuantity, field, "both or neither", found);
        }
    }

    /// A field of the list's head that the mode may demand.
    fn demanded_of_head(&mut self, mode: &ModeProfile, field: &'static str, is_absent: bool) {
        if is_absent && is_demanded(mode, field) {
            self.add(Rejection::ModeFieldMissing, field, because_of(mode), "none");
        }
    }

    /// A field of every line that the mode may demand.
    fn demanded<'a>(
        &mut self,
        mode: &ModeProfile,
        field: &'static str,
        values: impl Iterator<Item = &'a Option<String>>,
    ) {
        if !is_demanded(mode, field) {
            return;
        }
        for (index, value) in values.enumerate() {
            if value.is_none() {
                let place = line_field(index, field);
                self.add(Rejection::ModeFieldMissing, place, because_of(mode), "none");
            }
        }
    }

    fn one_parcel(&mut self, pack_no: u32) {
        if pack_no != 1 {
            self.add(Rejection::PackNotOne, "packNo", 1, pack_no);
        }
    }
}

fn is_demanded(mode: &ModeProfile, field: &str) -> bool {
    mode.required_fields.iter().any(|demanded| demanded == field)
}

fn because_of(mode: &ModeProfile) -> String {
    format!("a value, because tradeMode is {}", mode.code)
}

/// The modes of a direction, as receipts name them.
fn codes_of(policy: &Policy, direction: Direction) -> String {
    let modes = policy.modes.iter().filter(|mode| mode.direction == direction);
    let codes: Vec<&str> = modes.map(|mode| mode.code.as_str()).collect();
    codes.join(", ")
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

/// Where a fault is: a field of the document, or of one of its lines. It becomes text only in a
/// rejection.
#[derive(Clone, Copy)]
struct Place {
    /// The line's index, from 0.
    line: Option<usize>,
    field: &'static str,
}

impl From<&'static str> for Place {
    fn from(field: &'static str) -> Self {
        Self { line: None, field }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "lines[{line}].{}", self.field),
            None => f.write_str(self.field),
        }
    }
}

/// The field of line `index` (from 0), as receipts name it: `lines[2].qty` is line 3's.
fn line_field(index: usize, field: &'static str) -> Place {
    Place { line: Some(index), field }
}

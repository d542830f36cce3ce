//! Where things stand in the state: one prefix byte, then parts, each behind one byte with its
//! length.
//!
//! | prefix | parts | value |
//! |---|---|---|
//! | `01` | organisation code | [`crate::registry::Organisation`] |
//! | `03` | platform code, order number | [`crate::case::Case`] |
//! | `04` | payment firm's code, transaction number | [`crate::case::PaymentRecord`] |
//! | `05` | carrier's code, waybill number | [`crate::case::WaybillRecord`] |
//! | `06` | key number and epoch, identity number, name | [`crate::case::AttestationRecord`] |
//! | `07` | the same | the keys of cases that wait for the attestation |
//! | `08` | | [`crate::governance::ZoneRecord`] |
//! | `09` | | the agenda: [`crate::governance::AgendaEntry`]s, ascending |
//! | `0a` | number, big endian | [`crate::governance::Proposal`] |
//! | `0b` | identity of a proposal's document | the proposal's number |
//! | `0c` | version, big endian | [`crate::governance::PolicyRecord`] |
//! | `0d` | organisation code; number, big endian | [`crate::governance::Revision`] |
//! | `0e` | key | the code of the organisation whose key it is or was |
//! | `0f` | identity of a document that changed keys | the height at which it did |
//! | `14` | identity of a spot check's document | the key of the case that has it |
//! | `15` | | [`crate::spot_check::SpotCheckQueue`] |
//! | `16` | identity of a document whose original is erased | [`crate::spot_check::ErasureRecord`] |
//! | `1a` | identity of a grant's document | [`crate::access::Grant`] |
//! | `1b` | platform code, order number | the case's grants: [`crate::access::GrantRef`]s |
//! | `1c` | giver's code, receiver's code | their grants of periods, likewise |
//! | `1d` | book, organisation code | how many entries the book has |
//! | `1d` | book, organisation code, number, big endian | an entry: an identity, or [`crate::access::ReadRecord`] |
//! | `1e` | `00`, identity of a request's document | [`crate::access::Assistance`] |
//! | `1e` | `01`, agency's code | its requests: [`crate::access::AssistanceRef`]s |
//! | `1e` | `02`, identity of a report's document | the height at which it was entered |
//! | `1f` | platform code, order number | the case's [`crate::access::InspectionRecord`]s |
//! | `20` | number of an import list | [`crate::clearance::ListNumberRecord`] |
//! | `21` | key number and epoch, identity number | [`crate::clearance::Pool`]: the orderer's quota |
//! | `22` | warehouse's code, account book, number of goods, unit | [`crate::clearance::Pool`] of goods |
//! | `23` | operator's code, its number for the receipt or `guid` | [`crate::clearance::WarehouseRecord`] |
//! | `24` | | [`crate::deadlines::Deadlines`] of imports |
//! | `25` | days; number, both big endian | [`crate::deadlines::DeadlineChunk`] of imports |
//! | `26` | payment firm's code, transaction number | [`crate::capital::AllocationRecord`] |
//! | `27` | payment firm's code, its number for the refund | [`crate::capital::RefundRecord`] |
//! | `28` | merchant's code | what it deposited for tax: [`crate::clearance::Pool`] |
//! | `30` | platform code, order number | [`crate::export::ExportCase`] |
//! | `31` | `00`, payment firm's code, its number | [`crate::export::ReceiptRecord`] |
//! | `31` | `01`, sender's code, the document's `guid` | the same, of a receipt without a number |
//! | `32` | carrier's code, waybill number | [`crate::export::ParcelRecord`] of the current use |
//! | `33` | carrier's code, waybill number; use, big endian | the same of an earlier use |
//! | `34` | number of a list | [`crate::export::ListNumberRecord`] |
//! | `35` | kind, sender's code, its number for the document; part, big endian | [`crate::export::NoticeRecord`] |
//! | `36` | | [`crate::deadlines::Deadlines`] of exports |
//! | `37` | days; number, both big endian | [`crate::deadlines::DeadlineChunk`] of exports |
//! | `40` | month, big endian | how many enterprises the month's statistics have |
//! | `41` | month; number, both big endian | their codes, as many to a number |
//! | `42` | month, enterprise's code | [`crate::statistics::EnterpriseMonth`] |
//! | `43` | month, enterprise's code, direction, mode, platform's code, country | [`crate::statistics::Page`] |
//! | `48` | month, big endian | how many merchants the month's flows have |
//! | `49` | month; number, both big endian | their codes, as many to a number |
//! | `4a` | month, merchant's code | [`crate::flows::FlowPage`] |
//! | `50` | register, owner's code, its number | [`crate::register::Entry`] |
//! | `51` | register, parts that name something | the key of the entry that has it alone |
//! | `52` | register | how many entries it has |
//! | `52` | register; number, big endian | the key of an entry |
//! | `53` | agency's code, its number for a fund, enterprise's code | what was approved of the fund for the enterprise |
//! | `60` | the names of its key, hashed; its values, hashed | [`crate::risk::FeatureRecord`] |
//! | `61` | direction, platform code, order number | [`crate::risk::Assessment`] of a trade |
//! | `62` | organisation code | [`crate::risk::Assessment`] of an organisation |
//! | `63` | | [`crate::risk::RiskRecord`] |
//! | `64` | number, big endian | [`crate::risk::Alert`] |
//! | `65` | hour, big endian | how many alerts are to be looked at then |
//! | `65` | hour; number, both big endian | their numbers, as many to a number |
//! | `66` | day, big endian | how many records of features may be forgotten after it |
//! | `66` | day; number, both big endian | their keys, as many to a number |
//! | `67` | policy version, big endian; a rule's identity | [`crate::risk::RuleRecord`] |
//! | `68` | policy version, big endian | [`crate::risk::VersionRecord`] |
//! | `69` | merchant's code | [`crate::risk::MerchantDay`] |
//! | `6a` | | [`crate::risk::SupervisionTerms`] |
//! | `6b` | | the running digest of what the state's tree does not have, a hash |
//! | `58` | | who is on the negative list now: [`crate::credit::Listed`]s, ascending |
//! | `59` | organisation code | its file: [`crate::credit::FiledFact`]s, ascending |
//! | `5a` | organisation code | its customs grade: [`crate::credit::GradeStanding`] |
//! | `5b` | direction, platform code, order number | [`crate::credit::OpenComplaint`]s about the trade |
//! | `5b` | merchant's code | the same about what the merchant sells |
//! | `5c` | month, organisation code | [`crate::credit::MonthTrades`] |
//! | `5d` | month, organisation code | [`crate::credit::MonthEvents`] |
//! | `5e` | month, big endian | how many organisations acted in the month's trades |
//! | `5f` | month; number, both big endian | their codes, as many to a number |
//!
//! `02` stood for submissions once; their receipts say the same. The prefixes are permanent. Keys
//! stay below `STATE_KEY_BYTES_MAX` because numbers are checked before they become keys.

use crate::clearance::PoolKey;
use crate::document::{CaseRef, DocumentKind};
use crate::policy::Direction;
use crate::register::{EntryKey, Register};
use crate::statistics::{Month, PageName};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::pseudonym::{Pseudonym, PseudonymScope};
use kanhe_types::receipt::CaseKey;

const ORGANISATION: u8 = 1;
pub(crate) const CASE: u8 = 3;
pub(crate) const PAYMENT: u8 = 4;
pub(crate) const WAYBILL: u8 = 5;
pub(crate) const ATTESTATION: u8 = 6;
pub(crate) const WAITING: u8 = 7;
const ZONE: u8 = 8;
const AGENDA: u8 = 9;
const PROPOSAL: u8 = 10;
const PROPOSAL_NUMBER: u8 = 11;
const POLICY: u8 = 12;
const REVISION: u8 = 13;
const KEY_HOLDER: u8 = 14;
const OWN_KEYS: u8 = 15;
const VALIDATOR_SET: u8 = 16;
pub(crate) const SPOT_CHECK: u8 = 20;
pub(crate) const SPOT_CHECKS: u8 = 21;
pub(crate) const ERASURE: u8 = 22;
const GRANT: u8 = 0x1a;
const CASE_GRANTS: u8 = 0x1b;
const PERIOD_GRANTS: u8 = 0x1c;
const BOOK: u8 = 0x1d;
const ASSISTANCE: u8 = 0x1e;
const INSPECTIONS: u8 = 0x1f;
pub(crate) const IMPORT_NUMBER: u8 = 0x20;
pub(crate) const QUOTA: u8 = 0x21;
pub(crate) const STOCK: u8 = 0x22;
pub(crate) const WAREHOUSE_RECEIPT: u8 = 0x23;
pub(crate) const IMPORT_DEADLINES: u8 = 0x24;
const IMPORT_DEADLINE_CHUNK: u8 = 0x25;
pub(crate) const ALLOCATION: u8 = 0x26;
pub(crate) const REFUND: u8 = 0x27;
const DEPOSIT: u8 = 0x28;
pub(crate) const EXPORT_CASE: u8 = 0x30;
pub(crate) const RECEIPT: u8 = 0x31;
pub(crate) const PARCEL: u8 = 0x32;
pub(crate) const EARLIER_PARCEL: u8 = 0x33;
pub(crate) const LIST_NUMBER: u8 = 0x34;
pub(crate) const NOTICE: u8 = 0x35;
pub(crate) const DEADLINES: u8 = 0x36;
const DEADLINE_CHUNK: u8 = 0x37;
const STATISTICS_MONTH: u8 = 0x40;
const STATISTICS_CHUNK: u8 = 0x41;
const STATISTICS_ENTERPRISE: u8 = 0x42;
const STATISTICS_PAGE: u8 = 0x43;
const FLOW_MONTH: u8 = 0x48;
const FLOW_CHUNK: u8 = 0x49;
const FLOW_PAGE: u8 = 0x4a;
const REGISTER_ENTRY: u8 = 0x50;
const REGISTER_CLAIM: u8 = 0x51;
const REGISTER_LIST: u8 = 0x52;
const FUND_TOTAL: u8 = 0x53;
pub(crate) const FEATURE: u8 = 0x60;
const TRADE_ASSESSMENT: u8 = 0x61;
const ORGANISATION_ASSESSMENT: u8 = 0x62;
const RISK: u8 = 0x63;
const ALERT: u8 = 0x64;
const ALERT_HOUR: u8 = 0x65;
const FORGET: u8 = 0x66;
const RULE_RECORD: u8 = 0x67;
const VERSION_RECORD: u8 = 0x68;
const MERCHANT_DAY: u8 = 0x69;
pub(crate) const SUPERVISION_TERMS: u8 = 0x6a;
pub(crate) const BESIDE: u8 = 0x6b;
const NEGATIVE_LIST: u8 = 0x58;
const CREDIT_FILE: u8 = 0x59;
const CUSTOMS_GRADE: u8 = 0x5a;
const COMPLAINTS: u8 = 0x5b;
const CREDIT_TRADES: u8 = 0x5c;
const CREDIT_EVENTS: u8 = 0x5d;
const CREDIT_MONTH: u8 = 0x5e;
const CREDIT_CHUNK: u8 = 0x5f;

/// The records that the state's tree does not have.
pub(crate) const BESIDE_THE_TREE: [u8; 9] =
    [PAYMENT, WAYBILL, IMPORT_NUMBER, QUOTA, RECEIPT, PARCEL, EARLIER_PARCEL, LIST_NUMBER, FEATURE];

fn key(prefix: u8, parts: &[&[u8]]) -> Vec<u8> {
    let lengths = parts.iter().map(|part| part.len().saturating_add(1));
    let mut bytes = Vec::with_capacity(lengths.fold(1, usize::saturating_add));
    bytes.push(prefix);
    for part in parts {
        // Longer parts cannot come from checked documents; a query for one finds nothing.
        bytes.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The key of an organisation.
pub fn organisation_key_bytes(code: &OrganisationCode) -> Vec<u8> {
    key(ORGANISATION, &[code.as_bytes()])
}

/// The key of a trade case.
pub fn case_key_bytes(case: &CaseKey) -> Vec<u8> {
    key(CASE, &[case.platform.as_bytes(), case.order_no.as_bytes()])
}

/// The key of a payment.
pub fn payment_key_bytes(pay_code: &OrganisationCode, transaction: &str) -> Vec<u8> {
    key(PAYMENT, &[pay_code.as_bytes(), transaction.as_bytes()])
}

/// The key of a waybill.
pub fn waybill_key_bytes(logistics_code: &OrganisationCode, logistics_no: &str) -> Vec<u8> {
    key(WAYBILL, &[logistics_code.as_bytes(), logistics_no.as_bytes()])
}

/// The key of an identity attestation.
pub fn attestation_key_bytes(scope: PseudonymScope, id: &Pseudonym, name: &Pseudonym) -> Vec<u8> {
    person_key(ATTESTATION, scope, id, name)
}

/// The key of the cases that wait for an identity attestation.
pub(crate) fn waiting_key_bytes(
    scope: PseudonymScope,
    id: &Pseudonym,
    name: &Pseudonym,
) -> Vec<u8> {
    person_key(WAITING, scope, id, name)
}

/// The key of what there is once in a zone.
pub fn zone_key_bytes() -> Vec<u8> {
    key(ZONE, &[])
}

/// The key of the agenda. It is absent while nothing is on it.
pub fn agenda_key_bytes() -> Vec<u8> {
    key(AGENDA, &[])
}

/// The key of a proposal by its number.
pub fn proposal_key_bytes(number: u64) -> Vec<u8> {
    key(PROPOSAL, &[&number.to_be_bytes()])
}

/// The key of a proposal's number by the identity of its document.
pub fn proposal_number_key_bytes(document: &Hash) -> Vec<u8> {
    key(PROPOSAL_NUMBER, &[document.as_bytes()])
}

/// The key of a policy version.
pub fn policy_key_bytes(version: u32) -> Vec<u8> {
    key(POLICY, &[&version.to_be_bytes()])
}

/// The key of an organisation as it stood before a change.
pub fn revision_key_bytes(code: &OrganisationCode, number: u32) -> Vec<u8> {
    key(REVISION, &[code.as_bytes(), &number.to_be_bytes()])
}

/// The key of what is known of an organisation's key, whoever's it is.
pub fn key_holder_key_bytes(public_key: &PublicKey) -> Vec<u8> {
    key(KEY_HOLDER, &[&codec::encode(public_key)])
}

/// The key of a document by which an organisation changed its own keys.
pub fn own_keys_key_bytes(document: &Hash) -> Vec<u8> {
    key(OWN_KEYS, &[document.as_bytes()])
}

/// The key of the case that has the spot check with this identity.
pub fn spot_check_key_bytes(check: &Hash) -> Vec<u8> {
    key(SPOT_CHECK, &[check.as_bytes()])
}

/// The key of the spot checks on which somebody still has to say something. It is absent while
/// there is none.
pub fn spot_checks_key_bytes() -> Vec<u8> {
    key(SPOT_CHECKS, &[])
}

/// The key of what is known of the erased original of a document.
pub fn erasure_key_bytes(document: &Hash) -> Vec<u8> {
    key(ERASURE, &[document.as_bytes()])
}

/// The key of a validator set by its number.
pub fn validator_set_key_bytes(number: u32) -> Vec<u8> {
    key(VALIDATOR_SET, &[&number.to_be_bytes()])
}

/// The key of a grant.
pub fn grant_key_bytes(document: &Hash) -> Vec<u8> {
    key(GRANT, &[document.as_bytes()])
}

/// The key of the grants of one case that were not taken back.
pub fn case_grants_key_bytes(case: &CaseKey) -> Vec<u8> {
    key(CASE_GRANTS, &[case.platform.as_bytes(), case.order_no.as_bytes()])
}

/// The key of the grants of periods between two organisations that were not taken back.
pub fn period_grants_key_bytes(giver: &OrganisationCode, receiver: &OrganisationCode) -> Vec<u8> {
    key(PERIOD_GRANTS, &[giver.as_bytes(), receiver.as_bytes()])
}

/// The key of how many entries a book of an organisation has.
pub fn book_key_bytes(book: u8, organisation: &OrganisationCode) -> Vec<u8> {
    key(BOOK, &[&[book], organisation.as_bytes()])
}

/// The key of an entry of a book.
pub fn book_entry_key_bytes(book: u8, organisation: &OrganisationCode, number: u64) -> Vec<u8> {
    key(BOOK, &[&[book], organisation.as_bytes(), &number.to_be_bytes()])
}

/// The key of a request for assistance.
pub fn assistance_key_bytes(document: &Hash) -> Vec<u8> {
    key(ASSISTANCE, &[&[0], document.as_bytes()])
}

/// The key of an agency's requests that may still matter.
pub fn assistance_list_key_bytes(agency: &OrganisationCode) -> Vec<u8> {
    key(ASSISTANCE, &[&[1], agency.as_bytes()])
}

/// The key of a report of reads.
pub fn report_key_bytes(document: &Hash) -> Vec<u8> {
    key(ASSISTANCE, &[&[2], document.as_bytes()])
}

/// The key of a case's inspections.
pub fn inspections_key_bytes(case: &CaseKey) -> Vec<u8> {
    key(INSPECTIONS, &[case.platform.as_bytes(), case.order_no.as_bytes()])
}

/// The key of an export case.
pub fn export_case_key_bytes(case: &CaseKey) -> Vec<u8> {
    key(EXPORT_CASE, &[case.platform.as_bytes(), case.order_no.as_bytes()])
}

/// The key of a receipt of funds by a payment firm's number.
pub fn receipt_key_bytes(pay_code: &OrganisationCode, pay_no: &str) -> Vec<u8> {
    key(RECEIPT, &[&[0], pay_code.as_bytes(), pay_no.as_bytes()])
}

/// The key of a receipt of funds without a number, by its sender's identifier.
pub fn unnumbered_receipt_key_bytes(sender: &OrganisationCode, guid: &str) -> Vec<u8> {
    key(RECEIPT, &[&[1], sender.as_bytes(), guid.as_bytes()])
}

/// The key of an export parcel, in the current use of its number.
pub fn parcel_key_bytes(logistics_code: &OrganisationCode, logistics_no: &str) -> Vec<u8> {
    key(PARCEL, &[logistics_code.as_bytes(), logistics_no.as_bytes()])
}

/// The key of an export parcel in an earlier use of its number.
pub fn earlier_parcel_key_bytes(
    logistics_code: &OrganisationCode,
    logistics_no: &str,
    number_use: u32,
) -> Vec<u8> {
    let (code, number) = (logistics_code.as_bytes(), logistics_no.as_bytes());
    key(EARLIER_PARCEL, &[code, number, &number_use.to_be_bytes()])
}

/// The key of a list's number.
pub fn list_number_key_bytes(invt_no: &str) -> Vec<u8> {
    key(LIST_NUMBER, &[invt_no.as_bytes()])
}

/// The key of a document that names parcels or lists.
pub fn notice_key_bytes(
    kind: DocumentKind,
    sender: &OrganisationCode,
    number: &str,
    part: u32,
) -> Vec<u8> {
    let (kind, sender) = (kind.name().as_bytes(), sender.as_bytes());
    key(NOTICE, &[kind, sender, number.as_bytes(), &part.to_be_bytes()])
}

/// The key of the number that customs gave an import list.
pub fn import_number_key_bytes(invt_no: &str) -> Vec<u8> {
    key(IMPORT_NUMBER, &[invt_no.as_bytes()])
}

/// The key of what cases take from.
pub fn pool_key_bytes(pool: &PoolKey) -> Vec<u8> {
    match pool {
        PoolKey::Quota { scope, buyer_id_number } => {
            key(QUOTA, &[&scope_bytes(*scope), &buyer_id_number.0])
        }
        PoolKey::Stock { area_code, ems_no, item_record_no, unit } => {
            let area_code = area_code.as_bytes();
            let goods = [ems_no.as_bytes(), item_record_no.as_bytes(), unit.as_bytes()];
            let [ems_no, item_record_no, unit] = goods;
            key(STOCK, &[area_code, ems_no, item_record_no, unit])
        }
        PoolKey::Deposit { merchant } => key(DEPOSIT, &[merchant.as_bytes()]),
    }
}

/// The key of a receipt of a supervised site.
pub fn warehouse_receipt_key_bytes(operator_code: &OrganisationCode, number: &str) -> Vec<u8> {
    key(WAREHOUSE_RECEIPT, &[operator_code.as_bytes(), number.as_bytes()])
}

/// The key of a direction's deadlines. It is absent while nothing waits.
pub fn deadlines_key_bytes(direction: Direction) -> Vec<u8> {
    match direction {
        Direction::Import => key(IMPORT_DEADLINES, &[]),
        Direction::Export => key(DEADLINES, &[]),
    }
}

/// The key of what divides a payment.
pub fn allocation_key_bytes(pay_code: &OrganisationCode, transaction: &str) -> Vec<u8> {
    key(ALLOCATION, &[pay_code.as_bytes(), transaction.as_bytes()])
}

/// The key of a refund.
pub fn refund_key_bytes(pay_code: &OrganisationCode, refund_no: &str) -> Vec<u8> {
    key(REFUND, &[pay_code.as_bytes(), refund_no.as_bytes()])
}

/// The key of cases with the same deadline.
pub fn deadline_chunk_key_bytes(direction: Direction, days: u32, number: u64) -> Vec<u8> {
    let prefix = match direction {
        Direction::Import => IMPORT_DEADLINE_CHUNK,
        Direction::Export => DEADLINE_CHUNK,
    };
    key(prefix, &[&days.to_be_bytes(), &number.to_be_bytes()])
}

/// The key of an entry of a register.
pub fn register_entry_key_bytes(entry: &EntryKey) -> Vec<u8> {
    let parts = [entry.owner.as_bytes(), entry.number.as_bytes()];
    let [owner, number] = parts;
    key(REGISTER_ENTRY, &[&[entry.register as u8], owner, number])
}

/// The key of what only one entry of a register may have.
pub fn register_claim_key_bytes(register: Register, parts: &[&[u8]]) -> Vec<u8> {
    let register = [register as u8];
    let all: Vec<&[u8]> = std::iter::once(&register[..]).chain(parts.iter().copied()).collect();
    key(REGISTER_CLAIM, &all)
}

/// The key of how many entries a register has.
pub fn register_list_key_bytes(register: Register) -> Vec<u8> {
    key(REGISTER_LIST, &[&[register as u8]])
}

/// The key of what an entry of a register is found by.
pub fn register_number_key_bytes(register: Register, number: u64) -> Vec<u8> {
    key(REGISTER_LIST, &[&[register as u8], &number.to_be_bytes()])
}

/// The key of what was approved of a fund for an enterprise.
pub fn fund_total_key_bytes(
    agency: &OrganisationCode,
    number: &str,
    enterprise: &OrganisationCode,
) -> Vec<u8> {
    let [agency, enterprise] = [agency, enterprise].map(|code| code.as_bytes());
    key(FUND_TOTAL, &[agency, number.as_bytes(), enterprise])
}

/// The key of a merchant's credit as risk goes by it for a day.
pub fn merchant_day_key_bytes(merchant: &OrganisationCode) -> Vec<u8> {
    key(MERCHANT_DAY, &[merchant.as_bytes()])
}

/// The key of the merchants whose documents are due sooner than others'. It is absent while there
/// are none.
pub fn supervision_terms_key_bytes() -> Vec<u8> {
    key(SUPERVISION_TERMS, &[])
}

/// The key of the running digest of what the state's tree does not have.
pub fn beside_key_bytes() -> Vec<u8> {
    key(BESIDE, &[])
}

/// The key of who is on the negative list now. It is absent while nobody is.
pub fn negative_list_key_bytes() -> Vec<u8> {
    key(NEGATIVE_LIST, &[])
}

/// The key of an organisation's credit file. It is absent while the file is empty.
pub fn credit_file_key_bytes(organisation: &OrganisationCode) -> Vec<u8> {
    key(CREDIT_FILE, &[organisation.as_bytes()])
}

/// The key of the grade that customs gave an organisation.
pub fn customs_grade_key_bytes(organisation: &OrganisationCode) -> Vec<u8> {
    key(CUSTOMS_GRADE, &[organisation.as_bytes()])
}

/// The key of open complaints about a trade. It is absent while there is none.
pub fn complaints_of_trade_key_bytes(trade: &CaseRef) -> Vec<u8> {
    let direction = match trade.direction {
        Direction::Import => 0,
        Direction::Export => 1,
    };
    key(COMPLAINTS, &[&[direction], trade.platform.as_bytes(), trade.order_no.as_bytes()])
}

/// The key of open complaints about what a merchant sells. It is absent while there is none.
pub fn complaints_of_merchant_key_bytes(merchant: &OrganisationCode) -> Vec<u8> {
    key(COMPLAINTS, &[merchant.as_bytes()])
}

/// The key of what a month's trades say of an organisation.
pub fn credit_trades_key_bytes(month: Month, organisation: &OrganisationCode) -> Vec<u8> {
    key(CREDIT_TRADES, &[&month.0.to_be_bytes(), organisation.as_bytes()])
}

/// The key of what else happened to an organisation in a month.
pub fn credit_events_key_bytes(month: Month, organisation: &OrganisationCode) -> Vec<u8> {
    key(CREDIT_EVENTS, &[&month.0.to_be_bytes(), organisation.as_bytes()])
}

/// The key of how many organisations acted in a month's trades.
pub fn credit_month_key_bytes(month: Month) -> Vec<u8> {
    key(CREDIT_MONTH, &[&month.0.to_be_bytes()])
}

/// The key of some of the organisations that acted in a month's trades.
pub fn credit_chunk_key_bytes(month: Month, number: u32) -> Vec<u8> {
    key(CREDIT_CHUNK, &[&month.0.to_be_bytes(), &number.to_be_bytes()])
}

/// Whether a key is one of deadlines.
#[cfg(test)]
pub(crate) fn is_of_deadlines(key: &[u8]) -> bool {
    let prefixes = [IMPORT_DEADLINES, IMPORT_DEADLINE_CHUNK, DEADLINES, DEADLINE_CHUNK];
    key.first().is_some_and(|prefix| prefixes.contains(prefix))
}

/// The key of how many enterprises a month's statistics have.
pub fn statistics_month_key_bytes(month: Month) -> Vec<u8> {
    key(STATISTICS_MONTH, &[&month.0.to_be_bytes()])
}

/// The key of some of the enterprises that a month's statistics have.
pub fn statistics_chunk_key_bytes(month: Month, number: u32) -> Vec<u8> {
    key(STATISTICS_CHUNK, &[&month.0.to_be_bytes(), &number.to_be_bytes()])
}

/// The key of what a month's statistics say of an enterprise.
pub fn statistics_enterprise_key_bytes(month: Month, enterprise: &OrganisationCode) -> Vec<u8> {
    key(STATISTICS_ENTERPRISE, &[&month.0.to_be_bytes(), enterprise.as_bytes()])
}

/// The key of a page of a month's statistics.
pub fn statistics_page_key_bytes(
    month: Month,
    enterprise: &OrganisationCode,
    page: &PageName,
) -> Vec<u8> {
    let parts: [&[u8]; 6] = [
        &month.0.to_be_bytes(),
        enterprise.as_bytes(),
        &[page.direction_byte()],
        &page.mode.to_be_bytes(),
        page.platform.as_bytes(),
        &page.country.to_be_bytes(),
    ];
    key(STATISTICS_PAGE, &parts)
}

/// The key of how many merchants a month's flows have.
pub fn flow_month_key_bytes(month: Month) -> Vec<u8> {
    key(FLOW_MONTH, &[&month.0.to_be_bytes()])
}

/// The key of some of the merchants that a month's flows have.
pub fn flow_chunk_key_bytes(month: Month, number: u32) -> Vec<u8> {
    key(FLOW_CHUNK, &[&month.0.to_be_bytes(), &number.to_be_bytes()])
}

/// The key of a merchant's flows of a month.
pub fn flow_page_key_bytes(month: Month, merchant: &OrganisationCode) -> Vec<u8> {
    key(FLOW_PAGE, &[&month.0.to_be_bytes(), merchant.as_bytes()])
}

fn person_key(prefix: u8, scope: PseudonymScope, id: &Pseudonym, name: &Pseudonym) -> Vec<u8> {
    key(prefix, &[&scope_bytes(scope), &id.0, &name.0])
}

fn scope_bytes(scope: PseudonymScope) -> Vec<u8> {
    let mut bytes = scope.key_id.to_le_bytes().to_vec();
    bytes.extend_from_slice(&scope.epoch.to_le_bytes());
    bytes
}

/// The key of a record of features: the names of its key, and their values, hashed.
pub fn feature_key_bytes(names: u32, values: &Hash) -> Vec<u8> {
    let short = values.0.first_chunk::<16>().expect("a hash has more bytes than that");
    key(FEATURE, &[&names.to_be_bytes(), short])
}

/// Of the key of a record of features, the names of its key; none of another key.
pub fn feature_names_of(key: &[u8]) -> Option<u32> {
    let names = key.strip_prefix(&[FEATURE, 4])?.first_chunk()?;
    Some(u32::from_be_bytes(*names))
}

/// The key of what risk says of a trade.
pub fn trade_assessment_key_bytes(direction: Direction, case: &CaseKey) -> Vec<u8> {
    let direction: &[u8] = match direction {
        Direction::Import => &[0],
        Direction::Export => &[1],
    };
    let (platform, number) = (case.platform.as_bytes(), case.order_no.as_bytes());
    key(TRADE_ASSESSMENT, &[direction, platform, number])
}

/// The key of what risk says of an organisation.
pub fn organisation_assessment_key_bytes(organisation: &OrganisationCode) -> Vec<u8> {
    key(ORGANISATION_ASSESSMENT, &[organisation.as_bytes()])
}

/// The key of what there is of risk once in a zone.
pub fn risk_key_bytes() -> Vec<u8> {
    key(RISK, &[])
}

/// The key of an alert.
pub fn alert_key_bytes(number: u64) -> Vec<u8> {
    key(ALERT, &[&number.to_be_bytes()])
}

/// The key of how many alerts are to be looked at in an hour.
pub fn alert_count_key_bytes(hour: u64) -> Vec<u8> {
    key(ALERT_HOUR, &[&hour.to_be_bytes()])
}

/// The key of some of them.
pub fn alert_chunk_key_bytes(hour: u64, number: u64) -> Vec<u8> {
    key(ALERT_HOUR, &[&hour.to_be_bytes(), &number.to_be_bytes()])
}

/// The key of how many records of features may be forgotten after a day.
pub fn forget_count_key_bytes(day: u32) -> Vec<u8> {
    key(FORGET, &[&day.to_be_bytes()])
}

/// The key of some of them.
pub fn forget_chunk_key_bytes(day: u32, number: u64) -> Vec<u8> {
    key(FORGET, &[&day.to_be_bytes(), &number.to_be_bytes()])
}

/// The key of how a rule of a policy version did.
pub fn rule_record_key_bytes(policy_version: u32, rule: &str) -> Vec<u8> {
    key(RULE_RECORD, &[&policy_version.to_be_bytes(), rule.as_bytes()])
}

/// The key of how a policy version did.
pub fn version_record_key_bytes(policy_version: u32) -> Vec<u8> {
    key(VERSION_RECORD, &[&policy_version.to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::NUMBER_BYTES_MAX;
    use kanhe_types::limits::STATE_KEY_BYTES_MAX;

    #[test]
    fn parts_are_delimited() {
        let case = |platform: &str, number: &str| {
            case_key_bytes(&CaseKey {
                platform: platform.parse().unwrap(),
                order_no: number.to_owned(),
            })
        };
        assert_ne!(case("AB", "C"), case("A", "BC"));
    }

    #[test]
    fn the_longest_key_fits() {
        let code = "A".repeat(18).parse().unwrap();
        let key = waybill_key_bytes(&code, &"9".repeat(NUMBER_BYTES_MAX));
        assert!(key.len() <= STATE_KEY_BYTES_MAX);
        let goods = PoolKey::Stock {
            area_code: code,
            ems_no: "账".repeat(30),
            item_record_no: "料".repeat(30),
            unit: "011".to_owned(),
        };
        assert!(pool_key_bytes(&goods).len() <= STATE_KEY_BYTES_MAX);
    }
}

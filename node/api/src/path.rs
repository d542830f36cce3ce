//! Where things are. Constants are what routers match; functions are what clients ask for.

use kanhe_contracts::register::EntryKey;
use kanhe_contracts::risk::Suspect;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use std::fmt::Write;

use crate::limits::CURSOR_BYTES_MAX;

/// Answers `ok` while the server runs; the only path that needs neither signature nor token.
pub const HEALTH: &str = "/health";
/// Figures for Prometheus.
pub const METRICS: &str = "/metrics";
/// This description of the API, in OpenAPI's form.
pub const OPENAPI: &str = "/v1/openapi.json";
/// The document of height 0.
pub const GENESIS: &str = "/v1/genesis";
/// What the node is doing.
pub const STATUS: &str = "/v1/status";
/// Where submissions are sent.
pub const SUBMISSIONS: &str = "/v1/submissions";
/// A submission's receipts.
pub const SUBMISSION: &str = "/v1/submissions/{id}";
/// The receipts of many submissions, waited for together.
pub const RECEIPTS: &str = "/v1/receipts";
/// Trade cases.
pub const TRADES: &str = "/v1/trades";
/// One trade case.
pub const TRADE: &str = "/v1/trades/{platform}/{order_no}";
/// An accepted document.
pub const DOCUMENT: &str = "/v1/documents/{id}";
/// The proof that a document was accepted.
pub const DOCUMENT_PROOF: &str = "/v1/documents/{id}/proof";
/// A block, by height or `latest`.
pub const BLOCK: &str = "/v1/blocks/{height}";
/// Decisions in their canonical bytes.
pub const DECISIONS: &str = "/v1/decisions";
/// A batch in its canonical bytes.
pub const BATCH: &str = "/v1/batches/{digest}";
/// What agencies propose and decide.
pub const PROPOSALS: &str = "/v1/proposals";
/// A proposal, by the identity of its document or by its number.
pub const PROPOSAL: &str = "/v1/proposals/{id}";
/// The versions of the policy.
pub const POLICIES: &str = "/v1/policies";
/// A version of the policy, with all that it says.
pub const POLICY: &str = "/v1/policies/{version}";
/// An organisation with its history.
pub const ORGANISATION: &str = "/v1/organisations/{code}";
/// Where blinded values are evaluated, at the node of the agency that keeps the key.
pub const PSEUDONYMS: &str = "/v1/pseudonyms";
/// The spot checks between the caller and others on which somebody still has to say something.
pub const SPOT_CHECKS: &str = "/v1/spot-checks";
/// A spot check.
pub const SPOT_CHECK: &str = "/v1/spot-checks/{id}";
/// The sealed original of a spot check, at the node of the agency that asked.
pub const SPOT_CHECK_ORIGINAL: &str = "/v1/spot-checks/{id}/original";
/// Grants that concern the caller.
pub const GRANTS: &str = "/v1/grants";
/// A grant, by the identity of its document.
pub const GRANT: &str = "/v1/grants/{id}";
/// Requests for assistance that concern the caller.
pub const ASSISTANCES: &str = "/v1/assistance";
/// A request for assistance, by the identity of its document.
pub const ASSISTANCE: &str = "/v1/assistance/{id}";
/// What agencies read of the caller's trades.
pub const READS: &str = "/v1/reads";
/// What lists come to, month by month.
pub const STATISTICS: &str = "/v1/statistics";
/// The three flows, reconciled month by month.
pub const FLOWS: &str = "/v1/flows";
/// The cases behind them, document by document.
pub const FLOW_CASES: &str = "/v1/flows/cases";
/// The credit of those who acted in a month's trades.
pub const CREDIT: &str = "/v1/credit";
/// An organisation's credit.
pub const CREDIT_OF: &str = "/v1/credit/{organisation}";
/// Who is on the negative list.
pub const NEGATIVE_LIST: &str = "/v1/negative-list";
/// Entries of registers that concern the caller.
pub const REGISTERS: &str = "/v1/registers";
/// How much of a receivable is available, by its owner and number.
pub const RECEIVABLE: &str = "/v1/receivables/{owner}/{number}";
/// An entry of a register, by its owner and number.
pub const REGISTER_ENTRY: &str = "/v1/registers/{register}/{owner}/{number}";
/// The alerts that the caller, an agency, has.
pub const ALERTS: &str = "/v1/risk/alerts";
/// An alert, by its number.
pub const ALERT: &str = "/v1/risk/alerts/{number}";
/// What the rules said of a trade.
pub const RISK_CASE: &str = "/v1/risk/cases/{direction}/{platform}/{order_no}";
/// What the rules said of an organisation.
pub const RISK_ORGANISATION: &str = "/v1/risk/organisations/{code}";
/// How the rules of a policy did.
pub const RISK_RULES: &str = "/v1/risk/rules";

/// Blocks as a member sees them who may not see all of them.
pub const REDACTED: &str = "/v1/redacted";
/// What shows a case or a document to whoever follows the headers.
pub const EVIDENCE: &str = "/v1/evidence";

/// Every path, as routers match it.
pub const ALL: [&str; 45] = [
    HEALTH,
    METRICS,
    OPENAPI,
    GENESIS,
    STATUS,
    SUBMISSIONS,
    SUBMISSION,
    RECEIPTS,
    TRADES,
    TRADE,
    DOCUMENT,
    DOCUMENT_PROOF,
    BLOCK,
    DECISIONS,
    BATCH,
    PROPOSALS,
    PROPOSAL,
    POLICIES,
    POLICY,
    ORGANISATION,
    PSEUDONYMS,
    SPOT_CHECKS,
    SPOT_CHECK,
    SPOT_CHECK_ORIGINAL,
    GRANTS,
    GRANT,
    ASSISTANCES,
    ASSISTANCE,
    READS,
    STATISTICS,
    FLOWS,
    FLOW_CASES,
    CREDIT,
    CREDIT_OF,
    NEGATIVE_LIST,
    REGISTERS,
    REGISTER_ENTRY,
    RECEIVABLE,
    ALERTS,
    ALERT,
    RISK_CASE,
    RISK_ORGANISATION,
    RISK_RULES,
    REDACTED,
    EVIDENCE,
];

/// The receipts of a submission; the answer waits up to `wait_ms` for them.
pub fn submission(id: &Hash, wait_ms: u64) -> String {
    format!("{SUBMISSIONS}/{id}?wait_ms={wait_ms}")
}

/// One trade case.
pub fn trade(case: &CaseKey) -> String {
    format!("{TRADES}/{}/{}", case.platform, percent_encode(&case.order_no))
}

/// An accepted document.
pub fn document(id: &Hash) -> String {
    format!("/v1/documents/{id}")
}

/// The proof that a document was accepted; the answer waits up to `wait_ms` until there is one.
pub fn document_proof(id: &Hash, wait_ms: u64) -> String {
    format!("/v1/documents/{id}/proof?wait_ms={wait_ms}")
}

/// The block of a height.
pub fn block(height: u64) -> String {
    format!("/v1/blocks/{height}")
}

/// The last decided block.
pub fn latest_block() -> String {
    "/v1/blocks/latest".into()
}

/// At most `limit` decisions from height `from` on.
pub fn decisions(from: u64, limit: usize) -> String {
    format!("{DECISIONS}?from={from}&limit={limit}")
}

/// At most `limit` blocks from height `from` on as the caller may see them; the answer waits up to
/// `wait_ms` for the first.
pub fn redacted(from: u64, limit: usize, wait_ms: u64) -> String {
    format!("{REDACTED}?from={from}&limit={limit}&wait_ms={wait_ms}")
}

/// A batch.
pub fn batch(digest: &Hash) -> String {
    format!("/v1/batches/{digest}")
}

/// A proposal, by the identity of its document or by its number.
pub fn proposal(id: &str) -> String {
    format!("{PROPOSALS}/{}", percent_encode(id))
}

/// A version of the policy.
pub fn policy(version: u32) -> String {
    format!("{POLICIES}/{version}")
}

/// An organisation; as it stood at a height, or as it stands now.
pub fn organisation(code: &OrganisationCode, height: Option<u64>) -> String {
    match height {
        Some(height) => format!("/v1/organisations/{code}?height={height}"),
        None => format!("/v1/organisations/{code}"),
    }
}

/// A spot check.
pub fn spot_check(id: &Hash) -> String {
    format!("{SPOT_CHECKS}/{id}")
}

/// The sealed original of a spot check.
pub fn spot_check_original(id: &Hash) -> String {
    format!("{SPOT_CHECKS}/{id}/original")
}

/// A grant.
pub fn grant(id: &Hash) -> String {
    format!("{GRANTS}/{id}")
}

/// A request for assistance.
pub fn assistance(id: &Hash) -> String {
    format!("{ASSISTANCES}/{id}")
}

/// An organisation's credit.
pub fn credit(organisation: &OrganisationCode) -> String {
    format!("{CREDIT}/{organisation}")
}

/// An entry of a register.
pub fn register_entry(entry: &EntryKey) -> String {
    let (register, owner) = (entry.register.name(), &entry.owner);
    format!("{REGISTERS}/{register}/{owner}/{}", percent_encode(&entry.number))
}

/// How much of a receivable is available.
pub fn receivable(owner: &OrganisationCode, number: &str) -> String {
    format!("/v1/receivables/{owner}/{}", percent_encode(number))
}

/// An alert.
pub fn alert(number: u64) -> String {
    format!("{ALERTS}/{number}")
}

/// What the rules said of a trade or an organisation.
pub fn assessment(suspect: &Suspect) -> String {
    match suspect {
        Suspect::Trade { direction, case } => {
            let (direction, order_no) = (direction.name(), percent_encode(&case.order_no));
            format!("/v1/risk/cases/{direction}/{}/{order_no}", case.platform)
        }
        Suspect::Organisation { organisation } => format!("/v1/risk/organisations/{organisation}"),
    }
}

/// `text` as one segment of a path or one value of a query: all but unreserved characters
/// (RFC 3986) as `%` and two hex digits.
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
            continue;
        }
        write!(encoded, "%{byte:02X}").expect("writing to a string cannot fail");
    }
    encoded
}

/// The cursor of a list of trades: the page after it begins behind this case.
pub fn cursor(case: &CaseKey) -> String {
    hex::encode(codec::encode(case))
}

/// The case that a cursor stands for; `None` when the text is no cursor.
pub fn read_cursor(text: &str) -> Option<CaseKey> {
    if CURSOR_BYTES_MAX < text.len() {
        return None;
    }
    codec::decode(&hex::decode(text).ok()?, CURSOR_BYTES_MAX).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn case(order_no: &str) -> CaseKey {
        CaseKey { platform: "4300000001".parse().expect("a code"), order_no: order_no.into() }
    }

    #[test]
    fn an_order_number_with_slashes_and_blanks_is_one_segment() {
        assert_eq!(trade(&case("A/b ?#%单")), "/v1/trades/4300000001/A%2Fb%20%3F%23%25%E5%8D%95");
    }

    #[test]
    fn a_cursor_beyond_its_bound_is_none() {
        assert_eq!(read_cursor(&"0".repeat(CURSOR_BYTES_MAX + 2)), None);
        assert_eq!(read_cursor("not hex"), None);
    }

    proptest! {
        #[test]
        fn cursors_come_back(order_no in ".{0,60}") {
            let case = case(&order_no);
            prop_assert_eq!(read_cursor(&cursor(&case)), Some(case));
        }
    }
}

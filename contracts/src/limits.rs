//! Bounds of what the rules keep and produce. The bounds of bytes stand in `kanhe_types::limits`.

use kanhe_types::limits::{
    DOCUMENT_BYTES_MAX, ORGANISATION_CODE_CHARS_MAX, STATE_KEY_BYTES_MAX, STATE_VALUE_BYTES_MAX,
};

/// Lines of goods of one order or list (schema: 1 to 99).
pub const LINES_MAX: usize = 99;
/// Lines of goods of one export order, list or return (schema: 1 to 100).
pub const EXPORT_LINES_MAX: usize = 100;
/// Parcels or lists that one message of many names; larger ones are split, as the messages allow.
pub const ENTRIES_MAX: usize = 500;
/// Characters of an export waybill's number, and of an enterprise's own number for a message.
pub const SHORT_NUMBER_CHARS_MAX: usize = 32;
/// Characters of an order, transaction or waybill number.
pub const NUMBER_CHARS_MAX: usize = 60;
/// Bytes of an order, transaction or waybill number: three for each character.
pub const NUMBER_BYTES_MAX: usize = 3 * NUMBER_CHARS_MAX;
/// Earlier versions that a document may have; their identities are kept for ever.
pub const VERSIONS_MAX: usize = 32;
/// Payments that a case keeps beside its first.
pub const EXTRA_PAYMENTS_MAX: usize = 10;
/// Orders among which one payment is divided.
pub const PAYMENT_SHARES_MAX: usize = 20;
/// Refunds of one order; of firms that are not known as the trade's it keeps
/// [`STRANGERS_MAX`].
pub const REFUNDS_MAX: usize = 16;
/// Cases that one attestation re-evaluates. Cases beyond are evaluated with their next document.
pub const WAITING_CASES_MAX: usize = 100;
/// Lists that may name one waybill number at a time.
pub const WAYBILL_CLAIMS_MAX: usize = 16;
/// Differences that one rule reports for one case.
pub const FINDINGS_PER_RULE_MAX: usize = 10;
/// Characters of each value in a finding.
pub const FINDING_VALUE_CHARS_MAX: usize = 250;

/// Cases that wait for what is left of one pool. Others ask again with their next document.
pub const POOL_WAITING_MAX: usize = 64;
/// Applications for the cancellation of one list,
pub const CANCELLATIONS_MAX: usize = 16;
/// for the return of its goods,
pub const RETURNS_MAX: usize = 16;
/// those of one sender,
pub const RETURNS_OF_ONE_MAX: usize = 6;
/// and those of senders who are not known as the trade's.
pub const STRANGERS_MAX: usize = 4;
/// What customs says of one case.
pub const CUSTOMS_STATUSES_MAX: usize = 32;
/// Tax bills of one list, and what customs says of each of them.
pub const TAX_BILLS_MAX: usize = 8;
/// Rates of tax that a policy states.
pub const TAX_RATES_MAX: usize = 2_000;

/// Receipts of funds of one export case.
pub const RECEIPTS_MAX: usize = 32;
/// What documents that name many say of one parcel or list,
pub const NOTICES_MAX: usize = 64;
/// and those of one sender.
pub const NOTICES_OF_ONE_MAX: usize = 8;
/// Cases that one chunk of deadlines holds,
pub const DEADLINE_CASES_MAX: usize = 256;
/// and chunks that one height lets pass; others wait for the next.
pub const DEADLINE_CHUNKS_PER_HEIGHT_MAX: usize = 4;
/// Different lengths of time for which deadlines wait at once.
pub const DEADLINE_QUEUES_MAX: usize = 16;

/// Pages that a month's statistics have of one enterprise; what has no page of its own is counted
/// on one for the rest.
pub const STATISTICS_PAGES_MAX: usize = 2_048;
/// Codes of enterprises that stand under one key of a month's statistics or flows.
pub const ROLL_CODES_MAX: u32 = 256;
/// Places, by direction, mode and currency, that a merchant's month has in the flows; what has no
/// place of its own stands in one for the rest of its direction.
pub const FLOW_PLACES_MAX: usize = 256;

/// Characters of an organisation's name, its park, and the texts of its filing.
pub const DESCRIPTION_CHARS_MAX: usize = 100;
/// Keys in an organisation's record, which every document of it reads. Ended keys leave it for the
/// history when there are more.
pub const KEYS_MAX: usize = 16;
/// Licences of an organisation.
pub const LICENCES_MAX: usize = 16;
/// Agencies of a zone.
pub const AGENCIES_MAX: usize = 64;
/// Bytes of a policy: a document with it has room for the proposal's other words.
pub const POLICY_BYTES_MAX: usize = DOCUMENT_BYTES_MAX - 16 * 1024;
/// Faults of one policy that are named.
pub const POLICY_FAULTS_MAX: usize = 64;
/// Changes of one proposal, and changes of keys of one document.
pub const CHANGES_MAX: usize = 32;
/// Characters of a reason.
pub const REASON_CHARS_MAX: usize = 1_000;
/// Proposals that can be voted on at one time,
pub const PROPOSALS_OPEN_MAX: usize = 64;
/// and of one agency.
pub const PROPOSALS_OPEN_OF_ONE_MAX: usize = 16;
/// Heights between a proposal and its expiry, between its expiry and its activation, and between
/// its approval and its activation: some years of a quiet zone, some weeks of a busy one.
pub const PROPOSAL_HEIGHTS_MAX: u64 = 100_000_000;
/// Entries of the agenda that one height carries out; others wait for the next.
pub const AGENDA_ENTRIES_PER_HEIGHT_MAX: usize = 8;
/// Entries of the agenda: what is open, and what is approved and waits.
pub const AGENDA_ENTRIES_MAX: usize = 256;

/// Spot checks of one case.
pub const SPOT_CHECKS_OF_CASE_MAX: usize = 16;
/// Spot checks of a zone on which somebody still has to say something.
pub const SPOT_CHECKS_OPEN_MAX: usize = 1_024;
/// Deadlines of spot checks that one height lets pass; others wait for the next.
pub const SPOT_CHECKS_PER_HEIGHT_MAX: usize = 64;
/// Seconds that a spot check may leave for its answer: thirty days.
pub const SPOT_CHECK_SECONDS_MAX: u32 = 30 * 86_400;
/// Milliseconds that a term of access may be away, and that a period may last: ten years.
pub const ACCESS_TERM_MS_MAX: u64 = 3_660 * 86_400_000;
/// Milliseconds of the first instant that a period or a report may name, in 2000,
pub const ACCESS_INSTANT_MIN: u64 = 946_684_800_000;
/// and of the last, in 2099.
pub const ACCESS_INSTANT_MAX: u64 = 4_102_444_799_999;
/// Grants of one case that stand,
pub const CASE_GRANTS_MAX: usize = 128;
/// and those of one giver.
pub const CASE_GRANTS_OF_ONE_MAX: usize = 16;
/// Grants of periods from one organisation to another that stand.
pub const PERIOD_GRANTS_MAX: usize = 32;
/// Requests for assistance of one agency that are open or granted.
pub const ASSISTANCE_OF_ONE_MAX: usize = 256;
/// Inspections of one case.
pub const INSPECTIONS_MAX: usize = 32;
/// Entries of one report of reads,
pub const READS_MAX: usize = 256;
/// and cases that one entry names.
pub const READ_CASES_MAX: usize = 4;

/// Acts on one entry of a register.
pub const ENTRY_STEPS_MAX: usize = 128;
/// Pieces of evidence that one party of a dispute shows.
pub const EVIDENCE_MAX: usize = 64;
/// Legs of one journey,
pub const JOURNEY_LEGS_MAX: usize = 16;
/// its seals,
pub const JOURNEY_SEALS_MAX: usize = 32;
/// and what else is reported of it.
pub const JOURNEY_REPORTS_MAX: usize = 64;
/// What agencies say of one certificate.
pub const VERIFICATIONS_MAX: usize = 16;
/// Excursions of one period of readings of a frozen lot.
pub const EXCURSIONS_MAX: usize = 32;
/// Articles of one overseas stock,
pub const STOCK_GOODS_MAX: usize = 256;
/// currencies in which one of them is sold,
pub const PROCEEDS_MAX: usize = 8;
/// and counts of them that differ.
pub const STOCK_COUNTS_MAX: usize = 256;
/// Characters of an article number.
pub const ITEM_NO_CHARS_MAX: usize = 30;
/// Exports of one receivable.
pub const RECEIVABLE_CASES_MAX: usize = 50;
/// Pledges of one receivable, whatever became of them,
pub const PLEDGES_MAX: usize = 16;
/// and releases of one pledge; the last releases all that is left.
pub const PLEDGE_RELEASES_MAX: u8 = 5;
/// Claims on one cover.
pub const LOSS_CLAIMS_MAX: usize = 16;
/// Directions and modes of trade that one fund subsidises.
pub const FUND_TRADES_MAX: usize = 16;
/// Listings of the negative list that have not ended: every block reads them.
pub const NEGATIVE_LIST_MAX: usize = 512;
/// Netting statements of a merchant's exports of a month: flows list them in one page;
pub const NETTINGS_OF_PAGE_MAX: u16 = 256;
/// and those of one owner.
pub const NETTINGS_OF_OWNER_MAX: u16 = 16;
/// Merchants of which something is demanded for their grade: every block reads them.
pub const SUPERVISED_MERCHANTS_MAX: usize = 512;
/// Categories of the negative list,
pub const CATEGORIES_MAX: usize = 32;
/// and characters of the code of one.
pub const CATEGORY_CHARS_MAX: usize = 32;
/// Characters of the provision of law on which something rests.
pub const BASIS_CHARS_MAX: usize = 200;
/// Reports of one listed organisation that it put things right.
pub const RECTIFICATIONS_MAX: usize = 16;
/// Credit records that an organisation's file has; older ones stand in the register only.
pub const CREDIT_FILE_MAX: usize = 256;
/// Milliseconds for which the benefits of a customs grade may be suspended: a year.
pub const SUSPENSION_MS_MAX: u64 = 366 * 86_400_000;
/// Months of which a policy looks at facts of credit.
pub const CREDIT_MONTHS_MAX: u32 = 36;
/// The highest score; the lowest is 0.
pub const CREDIT_SCORE_MAX: i64 = 1_000;
/// Points that one of an indicator's value is worth, either way,
pub const CREDIT_WEIGHT_MAX: i64 = 1_000;
/// and values that count of it, either way.
pub const CREDIT_COUNT_MAX: i64 = 100_000;
/// Indicators of credit that a policy has,
pub const INDICATORS_MAX: usize = 64;
/// and what each of them may cost.
pub const CREDIT_COST_MAX: u32 = 200;
/// Words by which goods under one right are recognised,
pub const RIGHT_WORDS_MAX: usize = 16;
/// characters of one,
pub const RIGHT_WORD_CHARS_MAX: usize = 30;
/// and commodity codes for which the right holds.
pub const RIGHT_CODES_MAX: usize = 16;
/// Complaints of one right, whatever came of them,
pub const RIGHT_COMPLAINTS_MAX: usize = 32;
/// trades that one of them is about,
pub const COMPLAINT_TRADES_MAX: usize = 16;
/// those that are open about one trade,
pub const COMPLAINTS_OF_TRADE_MAX: usize = 16;
/// and about one merchant.
pub const COMPLAINTS_OF_MERCHANT_MAX: usize = 64;
/// What an agency advises in one case of overseas aid.
pub const ADVICES_MAX: usize = 16;
/// Days of a term that a policy states for acts of registers: ten years.
pub const REGISTER_TERM_DAYS_MAX: u32 = 3_660;
/// Milliseconds that a pledge may wait for its bank: a year.
pub const PLEDGE_TERM_MS_MAX: u64 = 366 * 86_400_000;

/// Features of a policy,
pub const RISK_FEATURES_MAX: usize = 128;
/// its rules,
pub const RISK_RULES_MAX: usize = 256;
/// the facts of a feature's key,
pub const FEATURE_KEYS_MAX: usize = 2;
/// what one expression may cost,
pub const RISK_COST_MAX: u32 = 2_000;
/// and characters of a rule's text.
pub const RISK_TEXT_CHARS_MAX: usize = 200;
/// Different values that a feature tells apart,
pub const DISTINCT_MAX: usize = 32;
/// buckets in which it spreads them,
pub const SPREAD_BUCKETS_MAX: usize = 96;
/// and trades that it remembers of a window.
pub const RECENT_MAX: usize = 8;
/// Names of features that say which earlier trades a rule reaches back to.
pub const REACHES_MAX: usize = 4;
/// Records of features whose end is noted under one key, and which one height forgets.
pub const FORGET_KEYS_MAX: usize = 256;
/// Days without any that one height passes.
pub const FORGET_DAYS_PER_HEIGHT_MAX: usize = 32;
/// What is kept of what fired about one trade or organisation.
pub const HITS_MAX: usize = 32;
/// Acts on one alert,
pub const ALERT_STEPS_MAX: usize = 64;
/// and characters of the desk that has it.
pub const DESK_CHARS_MAX: usize = 40;
/// The score that nothing has: one more than the highest.
pub const SCORES: u8 = 101;
/// Alerts of one hour that are noted under one key.
pub const ALERTS_TOGETHER: u64 = 64;
/// Alerts that one height looks at because they are overdue,
pub const ALERTS_PER_HEIGHT_MAX: usize = 64;
/// and hours that it passes.
pub const HOURS_PER_HEIGHT_MAX: usize = 32;

/// Characters of one expression of a policy,
pub const EXPRESSION_CHARS_MAX: usize = 1_000;
/// levels of its parentheses, calls, lists and signs,
pub const EXPRESSION_NESTING_MAX: usize = 32;
/// and its values, operators and calls.
pub const EXPRESSION_NODES_MAX: usize = 200;
/// Characters of a text that an expression reads,
pub const FACT_TEXT_CHARS_MAX: u32 = 256;
/// and texts of a list that it reads.
pub const FACT_TEXTS_MAX: u32 = 128;
/// Characters of a text that cost as much to read as one node.
pub const EXPRESSION_CHARS_OF_COST: u32 = 8;

// Registered lines are a list's, with names of 250 characters.
const _: () = assert!(EXPORT_LINES_MAX * (4 * 250 + 128) < STATE_VALUE_BYTES_MAX / 4);
// A key of a number: prefix, and code and number each with a length byte.
const _: () =
    assert!(1 + 1 + ORGANISATION_CODE_CHARS_MAX + 1 + NUMBER_BYTES_MAX < STATE_KEY_BYTES_MAX);
// A proposal with every agency's vote fits a value of the state, at three bytes a character; the
// proposal itself is a document.
const _: () = assert!(
    DOCUMENT_BYTES_MAX + AGENCIES_MAX * (3 * REASON_CHARS_MAX + 256) < STATE_VALUE_BYTES_MAX
);
// A policy is kept under its version with a height and a hash.
const _: () = assert!(POLICY_BYTES_MAX + 64 < STATE_VALUE_BYTES_MAX);
const _: () = assert!(PROPOSALS_OPEN_MAX < AGENDA_ENTRIES_MAX);
// The spot checks of a case, and the queue of those that are open, leave most of a value.
const _: () = assert!(
    SPOT_CHECKS_OF_CASE_MAX * 3 * (REASON_CHARS_MAX + 3 * FINDING_VALUE_CHARS_MAX + 256)
        < STATE_VALUE_BYTES_MAX / 4
);
const _: () = assert!(SPOT_CHECKS_OPEN_MAX * (NUMBER_BYTES_MAX + 96) < STATE_VALUE_BYTES_MAX / 2);
// A case's earlier versions, with an identity, two times and a code each.
const VERSIONS_BYTES: usize = VERSIONS_MAX * (ORGANISATION_CODE_CHARS_MAX + 64);
// An application names organisations, numbers at four bytes a character, and two persons.
const APPLICATION_BYTES: usize = VERSIONS_BYTES + 8 * NUMBER_CHARS_MAX * 4 + 256;
// What follows a list leaves most of its case's value.
const _: () =
    assert!(RETURNS_MAX * (APPLICATION_BYTES + LINES_MAX * 96) < STATE_VALUE_BYTES_MAX / 4);
const _: () = assert!(
    CANCELLATIONS_MAX * APPLICATION_BYTES
        + CUSTOMS_STATUSES_MAX * APPLICATION_BYTES
        + REFUNDS_MAX * APPLICATION_BYTES
        + 4 * TAX_BILLS_MAX * APPLICATION_BYTES
        < STATE_VALUE_BYTES_MAX / 2
);
// Every claim on a cover can be settled and paid.
const _: () = assert!(2 + LOSS_CLAIMS_MAX * 3 <= ENTRY_STEPS_MAX);
// What covers have alone: register, trade, insured, and direction with risk.
const _: () = assert!(
    1 + 2 + 2 * (1 + ORGANISATION_CODE_CHARS_MAX) + 1 + NUMBER_BYTES_MAX + 3 < STATE_KEY_BYTES_MAX
);
// No bank uses up the acts that others need: registration, close, and of each pledge the offer,
// the answer and the releases.
const _: () = assert!(2 + PLEDGES_MAX * (2 + PLEDGE_RELEASES_MAX as usize) <= ENTRY_STEPS_MAX);
// A frozen lot keeps what each of its acts says: at most readings with their excursions.
const _: () = assert!(ENTRY_STEPS_MAX * (EXCURSIONS_MAX * 24 + 512) < STATE_VALUE_BYTES_MAX / 4);
// An overseas stock keeps ten numbers and what it was sold for of each article, and its counts.
const ARTICLE_BYTES: usize = 4 * ITEM_NO_CHARS_MAX + 10 * 17 + PROCEEDS_MAX * 24 + 16;
const _: () = assert!(
    STOCK_GOODS_MAX * ARTICLE_BYTES + STOCK_COUNTS_MAX * (4 * ITEM_NO_CHARS_MAX + 96)
        < STATE_VALUE_BYTES_MAX / 4
);
// An agency can always end what it listed: objections and reports leave acts over.
const _: () = assert!(2 * RECTIFICATIONS_MAX + 8 < ENTRY_STEPS_MAX);
// A listing: two codes, a number at four bytes a character, a category, and two instants.
const LISTED_BYTES: usize =
    2 * (ORGANISATION_CODE_CHARS_MAX + 1) + 4 * SHORT_NUMBER_CHARS_MAX + CATEGORY_CHARS_MAX + 32;
const _: () = assert!(NEGATIVE_LIST_MAX * LISTED_BYTES < STATE_VALUE_BYTES_MAX / 4);
// Every complaint can be decided, and leaves acts for the right itself.
const _: () = assert!(2 * RIGHT_COMPLAINTS_MAX + 16 < ENTRY_STEPS_MAX);
const COMPLAINT_BYTES: usize =
    COMPLAINT_TRADES_MAX * (ORGANISATION_CODE_CHARS_MAX + NUMBER_BYTES_MAX + 8) + EVIDENCE_MAX * 40;
const _: () = assert!(RIGHT_COMPLAINTS_MAX * (COMPLAINT_BYTES + 512) < STATE_VALUE_BYTES_MAX / 2);
// Lengths inside keys take one byte.
const _: () = assert!(NUMBER_BYTES_MAX < 256);
// A record of features has every feature of a policy at most, each with the buckets of two windows.
const _: () =
    assert!(RISK_FEATURES_MAX * (2 * SPREAD_BUCKETS_MAX * 8 + 64) < STATE_VALUE_BYTES_MAX);
// One that remembers trades has of each a direction, a code and a number.
const RECENT_BYTES: usize = RECENT_MAX * (ORGANISATION_CODE_CHARS_MAX + NUMBER_BYTES_MAX + 4);
const _: () = assert!(RISK_FEATURES_MAX * (2 * RECENT_BYTES + 64) < STATE_VALUE_BYTES_MAX);
// What a rule says of those it reaches does not fill an assessment by itself.
const _: () = assert!(REACHES_MAX * RECENT_MAX <= HITS_MAX);

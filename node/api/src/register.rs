//! Entries of registers, as JSON.

use kanhe_contracts::clearance::Pool;
use kanhe_contracts::policy::Policy;
use kanhe_contracts::register::{
    ColdFinding, Content, Entry, Register, Settlement, StockCount, StocktakeLine,
};
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a list of entries may be asked for; the query of `GET /v1/registers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntriesQuery {
    /// Only those of one register.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub register: Option<Register>,
    /// Only those with a lower number: the `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<u64>,
    /// How many are looked at at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<usize>,
}

/// Answer of `GET /v1/registers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntriesPage {
    /// The entries, the last first.
    pub entries: Vec<EntryView>,
    /// The `before` of the next page; none when there is no more.
    pub next: Option<u64>,
}

/// Answer of `GET /v1/registers/{register}/{owner}/{number}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    /// The entry, as far as the caller sees it.
    #[serde(flatten)]
    pub entry: Entry,
    /// Who sees all of it, beside the agencies whose business it is.
    pub parties: Vec<OrganisationCode>,
    /// What the rules of its register find of it now.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub findings: Vec<EntryFinding>,
    /// Of stock abroad what tax settles each article by.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub settlement: Vec<Settlement>,
    /// Of a deposit for tax what all deposits of its merchant come to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deposits: Option<DepositsView>,
}

/// What all deposits of a merchant for tax come to, in CNY.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositsView {
    /// What customs has of it.
    pub put_in: Decimal,
    /// What of it secures trades.
    pub taken: Decimal,
    /// What secures none; below nought after a call of what secured some.
    pub free: Decimal,
    /// How many trades wait for more than is free.
    pub waiting: usize,
}

impl DepositsView {
    /// What a merchant's pool says.
    pub fn new(pool: &Pool) -> Self {
        let (put_in, taken, free) = (pool.put_in, pool.taken, pool.free());
        Self { put_in, taken, free, waiting: pool.waiting.len() }
    }
}

/// What a rule of a register finds of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryFinding {
    /// Which rule.
    pub rule: String,
    /// What was compared.
    pub field: String,
    /// What was to be,
    pub expected: String,
    /// and what is.
    pub found: String,
    /// The finding in English,
    pub en: String,
    /// and in Chinese.
    pub zh: String,
}

/// Answer of `GET /v1/receivables/{owner}/{number}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvailableView {
    /// The currency.
    pub currency: String,
    /// How much can still be pledged.
    pub available: Decimal,
    /// The height by whose state it holds.
    pub height: u64,
}

impl EntryView {
    /// The entry, with who sees all of it, and what its rules find under `policy`. `deposits` is
    /// what its merchant deposited, of a deposit.
    pub fn new(entry: Entry, policy: &Policy, deposits: Option<&Pool>) -> Self {
        let (mut findings, mut settlement) = (Vec::new(), Vec::new());
        match &entry.content {
            Content::FrozenLot(own) => {
                findings.extend(own.findings(policy).into_iter().map(EntryFinding::of_cold));
            }
            Content::OverseasStock(own) => {
                findings.extend(own.counts.iter().map(EntryFinding::of_count));
                settlement = own.settlement();
            }
            Content::Stocktake(own) => {
                findings.extend(own.findings().map(EntryFinding::of_line));
            }
            _ => {}
        }
        let deposits = deposits.map(DepositsView::new);
        Self { parties: entry.parties(), findings, settlement, deposits, entry }
    }
}

impl EntryFinding {
    fn of_cold(own: ColdFinding) -> Self {
        Self {
            rule: format!("{:?}", own.rule),
            field: own.field.to_owned(),
            en: own.english(),
            zh: own.chinese(),
            expected: own.expected,
            found: own.found,
        }
    }

    /// A count that differed; the stock's one rule.
    fn of_count(own: &StockCount) -> Self {
        Self {
            rule: "count".to_owned(),
            field: "qty".to_owned(),
            en: own.english(),
            zh: own.chinese(),
            expected: own.expected.to_string(),
            found: own.found.to_string(),
        }
    }

    /// A line of a stocktake that differed; its one rule.
    fn of_line(own: &StocktakeLine) -> Self {
        Self {
            rule: "count".to_owned(),
            field: format!("{} qty", own.item_record_no),
            en: own.english(),
            zh: own.chinese(),
            expected: own.book.to_string(),
            found: own.counted.to_string(),
        }
    }
}

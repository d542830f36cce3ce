//! Credit, as JSON.

use kanhe_contracts::credit::{Assessment, PublicCredit, PublicListing};
use kanhe_contracts::document::EnterpriseGrade;
use kanhe_contracts::policy::{Consequence, Measures, ZoneGrade};
use kanhe_contracts::register::{EntryKey, ListingState};
use kanhe_contracts::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// How much of credit a caller is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditSight {
    /// Everything.
    Full,
    /// What the policy's whitelist has, of what has not ended.
    Public,
}

/// Answer of `GET /v1/credit/{organisation}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditAnswer {
    /// How much is shown.
    pub view: CreditSight,
    /// The organisation.
    pub organisation: OrganisationCode,
    /// The height by whose state it holds.
    pub height: u64,
    /// What is public of it.
    pub public: PublicCredit,
    /// The score with everything from which it follows, in the full view.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub assessment: Option<Assessment>,
}

/// What credit may be asked for; the query of `GET /v1/credit`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditQuery {
    /// Of which month those who acted in trades are listed; this month where it is absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub month: Option<Month>,
    /// How many of them are left out: the `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<usize>,
    /// How many are listed at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<usize>,
}

/// Answer of `GET /v1/credit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditPage {
    /// The month.
    pub month: Month,
    /// The height by whose state it holds.
    pub height: u64,
    /// Its organisations.
    pub organisations: Vec<CreditRow>,
    /// The `after` of the next page; none when there is no more.
    pub next: Option<usize>,
}

/// An organisation's credit in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditRow {
    /// The organisation.
    pub organisation: OrganisationCode,
    /// Its score,
    pub score: i64,
    /// and the grade that the zone computes from it.
    pub zone_grade: ZoneGrade,
    /// The grade that customs gave.
    pub customs_grade: Option<EnterpriseGrade>,
    /// Whether the benefits of that grade are suspended.
    pub is_suspended: bool,
    /// How it is supervised.
    pub supervision: Measures,
    /// What follows from being on the negative list.
    pub consequence: Option<Consequence>,
}

/// What the negative list may be asked for; the query of `GET /v1/negative-list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NegativeListQuery {
    /// How much: `full` for agencies whose business it is, `public`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub view: Option<CreditSight>,
    /// In the full view only those with a lower number: the `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<u64>,
    /// In the full view how many are listed at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<usize>,
}

/// Answer of `GET /v1/negative-list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NegativeListPage {
    /// How much is shown.
    pub view: CreditSight,
    /// The height by whose state it holds.
    pub height: u64,
    /// In the public view, the listings that hold now.
    pub listings: Vec<PublicListing>,
    /// In the full view, all entries, the last first; with those that have ended.
    pub entries: Vec<ListingView>,
    /// The `before` of the next page of the full view; none when there is no more.
    pub next: Option<u64>,
}

/// An entry of the negative list in a few words; its register has all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingView {
    /// The entry.
    pub entry: EntryKey,
    /// Who is, was, or is to be listed.
    pub organisation: OrganisationCode,
    /// Under which category.
    pub category: String,
    /// Where the entry stands.
    pub state: ListingState,
    /// From when,
    pub from: Millis,
    /// and until when.
    pub until: Millis,
    /// Whether it holds now.
    pub holds: bool,
    /// What follows while it does.
    pub consequence: Consequence,
}

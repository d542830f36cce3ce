//! The flags of `kanhe grant`, `kanhe assist` and `kanhe access`.

use super::HomeArgs;
use clap::{Args, Subcommand};
use kanhe_contracts::document::{DocumentKind, InspectionResult};
use kanhe_contracts::limits::ACCESS_TERM_MS_MAX;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::time::{CustomsTime, Millis};

const DAY_MS: u64 = 86_400_000;

/// `kanhe grant`.
#[derive(Debug, Subcommand)]
pub enum GrantCommand {
    /// Let an organisation see a case, or all cases of a period: our documents in them, and what
    /// the rules say of all.
    Give(GiveArgs),
    /// Take a grant back, at once.
    Withdraw {
        /// The grant's identity.
        id: Hash,
        /// Why; kept on the ledger.
        #[arg(long, default_value = "not needed any more")]
        reason: String,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// List grants that concern us, the last first: given, received, and others' for our cases.
    List {
        /// Only those with a lower number.
        #[arg(long, value_name = "NUMBER")]
        before: Option<u64>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Show a grant.
    Show {
        /// The grant's identity.
        id: Hash,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
}

/// `kanhe grant give`.
#[derive(Clone, Debug, Args)]
pub struct GiveArgs {
    /// The case: its platform's code, or PLATFORM/ORDER.
    #[arg(required_unless_present = "period")]
    pub platform: Option<String>,
    /// The order's number.
    pub order_no: Option<String>,
    /// Instead of one case all that are opened in a month or between two days, both included, in
    /// China's time: 202611 or 20261101-20261231. The admin key signs it.
    #[arg(long, value_name = "PERIOD", value_parser = period, conflicts_with = "platform")]
    pub period: Option<Period>,
    /// Who may see it.
    #[arg(long = "to", value_name = "CODE")]
    pub receiver: OrganisationCode,
    /// What for; kept on the ledger.
    #[arg(long)]
    pub purpose: String,
    /// For so many days; until it is withdrawn by default.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=ACCESS_TERM_MS_MAX / DAY_MS))]
    pub days: Option<u64>,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// `kanhe assist`.
#[derive(Debug, Subcommand)]
pub enum AssistCommand {
    /// Ask an agency to let us see documents that are its business.
    Request(RequestArgs),
    /// Answer a request to our agency. The admin key signs it.
    Answer {
        /// The request's identity.
        id: Hash,
        /// Let the agency see for so many days.
        #[arg(long, value_name = "DAYS", required_unless_present = "refuse",
              value_parser = clap::value_parser!(u64).range(1..=ACCESS_TERM_MS_MAX / DAY_MS))]
        grant: Option<u64>,
        /// Refuse.
        #[arg(long, conflicts_with = "grant")]
        refuse: bool,
        /// Why; kept on the ledger.
        #[arg(long)]
        reason: String,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// List requests that concern us, the last first: made, asked, and about our trades.
    List {
        /// Only those with a lower number.
        #[arg(long, value_name = "NUMBER")]
        before: Option<u64>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Show a request and its answer.
    Show {
        /// The request's identity.
        id: Hash,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Record an inspection, which all agencies recognise.
    Inspect {
        /// The case: its platform's code, or PLATFORM/ORDER.
        platform: String,
        /// The order's number.
        order_no: Option<String>,
        /// What came out: passed or failed.
        #[arg(long, value_parser = result)]
        result: InspectionResult,
        /// What was inspected, and how.
        #[arg(long)]
        inspected: String,
        /// SHA-256 of what shows it: protocol, pictures, measurements.
        #[arg(long, value_name = "HASH")]
        evidence: Option<Hash>,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
}

/// `kanhe assist request`.
#[derive(Clone, Debug, Args)]
pub struct RequestArgs {
    /// The case: its platform's code, or PLATFORM/ORDER.
    #[arg(required_unless_present = "organisation")]
    pub platform: Option<String>,
    /// The order's number.
    pub order_no: Option<String>,
    /// Instead of one case those of this organisation, in --period.
    #[arg(long, value_name = "CODE", conflicts_with = "platform", requires = "period")]
    pub organisation: Option<OrganisationCode>,
    /// A month or days, as 202611 or 20261101-20261231.
    #[arg(long, value_name = "PERIOD", value_parser = period, requires = "organisation")]
    pub period: Option<Period>,
    /// Which agency's business it is.
    #[arg(long = "of", value_name = "CODE")]
    pub agency: OrganisationCode,
    /// A kind of document, such as payment; may be repeated.
    #[arg(long = "kind", value_name = "KIND", required = true, value_parser = kind)]
    pub kinds: Vec<DocumentKind>,
    /// What for; kept on the ledger.
    #[arg(long)]
    pub purpose: String,
    /// By which law; kept on the ledger.
    #[arg(long)]
    pub basis: String,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// `kanhe access`.
#[derive(Debug, Subcommand)]
pub enum AccessCommand {
    /// List what agencies read of our trades, the last report first.
    Log {
        /// Only those with a lower number.
        #[arg(long, value_name = "NUMBER")]
        before: Option<u64>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
}

fn kind(text: &str) -> Result<DocumentKind, String> {
    let kinds = || DocumentKind::ALL.iter().copied().filter(|kind| kind.is_of_trade());
    kinds().find(|kind| kind.name() == text).ok_or_else(|| {
        let names: Vec<&str> = kinds().map(DocumentKind::name).collect();
        format!("expected one of {}", names.join(", "))
    })
}

fn result(text: &str) -> Result<InspectionResult, String> {
    match text {
        "passed" => Ok(InspectionResult::Passed),
        "failed" => Ok(InspectionResult::Failed),
        _ => Err("expected passed or failed".into()),
    }
}

/// The instants from one to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first instant.
    pub from: Millis,
    /// The first after it.
    pub end: Millis,
}

/// A month, or two days.
fn period(text: &str) -> Result<Period, String> {
    let expected =
        || "expected a month such as 202611, or days such as 20261101-20261231".to_owned();
    let day = |text: &str| -> Result<Millis, String> {
        let midnight = format!("{text}000000");
        Ok(midnight.parse::<CustomsTime>().map_err(|_| expected())?.millis())
    };
    if let Some((first, last)) = text.split_once('-') {
        let (from, last) = (day(first)?, day(last)?);
        return Ok(Period { from, end: Millis(last.0.saturating_add(DAY_MS)) });
    }
    let from = day(&format!("{text}01"))?;
    let (year, month) = text.split_at_checked(4).ok_or_else(expected)?;
    let year: u32 = year.parse().map_err(|_| expected())?;
    let next = match month {
        "12" => format!("{:04}01", year.saturating_add(1)),
        month => format!("{year:04}{:02}", month.parse::<u32>().map_err(|_| expected())? + 1),
    };
    Ok(Period { from, end: day(&format!("{next}01"))? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_month_or_two_days_in_china() {
        let instants = |text: &str| {
            let period = period(text).expect("a period");
            (period.from.to_string(), period.end.to_string())
        };
        let texts = |from: &str, end: &str| (from.to_owned(), end.to_owned());
        let month = texts("2026-11-30T16:00:00.000Z", "2026-12-31T16:00:00.000Z");
        assert_eq!(instants("202612"), month);
        let days = texts("2026-10-31T16:00:00.000Z", "2026-11-02T16:00:00.000Z");
        assert_eq!(instants("20261101-20261102"), days);
        for text in ["2026", "202613", "20261101", "20261101-2026", "x", "20261131-20261201"] {
            assert!(period(text).is_err(), "{text}");
        }
    }
}

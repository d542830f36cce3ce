//! `kanhe vault` and `kanhe spotcheck`.

use super::HomeArgs;
use clap::Subcommand;
use kanhe_types::hash::Hash;

/// `kanhe vault`.
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// List the originals, and those that were erased.
    List {
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Show one original: personal data in clear.
    Show {
        /// The document's identity.
        document: Hash,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Check every original against what its document on the ledger commits to.
    Verify {
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Put a deletion record on the ledger, and destroy the original and its salt.
    Erase {
        /// The document's identity.
        document: Hash,
        /// The case of a waybill, such as PLATFORM/ORDER; other documents name it themselves.
        #[arg(long, value_name = "PLATFORM/ORDER")]
        trade: Option<String>,
        /// Why; kept on the ledger.
        #[arg(long)]
        reason: String,
        /// Erase the other documents of the same signed message, too.
        #[arg(long)]
        whole_message: bool,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
}

/// `kanhe spotcheck`.
#[derive(Debug, Subcommand)]
pub enum SpotcheckCommand {
    /// Ask, as an agency, to see the original of a document.
    Ask {
        /// The trade, such as PLATFORM/ORDER.
        trade: String,
        /// The document's identity.
        document: Hash,
        /// How long the sender has, such as 3d, 12h or 90s.
        #[arg(long, default_value = "3d", value_parser = seconds)]
        within: u32,
        /// Why; the parties read it.
        #[arg(long)]
        reason: String,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// List the spot checks on which somebody still has to say something.
    List {
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Show a spot check, for who asked and who is asked.
    Show {
        /// The spot check.
        check: Hash,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Check, as the agency that asked, the original that was shown, and say what it shows.
    Verify {
        /// The spot check.
        check: Hash,
        /// Only look: say nothing on the ledger.
        #[arg(long)]
        dry_run: bool,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
}

/// A duration in seconds.
fn seconds(text: &str) -> Result<u32, String> {
    let expected = || "expected days, hours or seconds, such as 3d, 12h or 90s".to_owned();
    let split = text.len().checked_sub(1).filter(|split| text.is_char_boundary(*split));
    let (number, unit) = text.split_at(split.ok_or_else(expected)?);
    let unit = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "s" => 1,
        _ => return Err(expected()),
    };
    let number: u32 = number.parse().map_err(|_| expected())?;
    number.checked_mul(unit).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        let read: Vec<_> = ["3d", "12h", "90s"].into_iter().map(seconds).collect();
        assert_eq!(read, [Ok(259_200), Ok(43_200), Ok(90)]);
        for bad in ["", "3", "d", "3天", "-1d", "99999999d"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}

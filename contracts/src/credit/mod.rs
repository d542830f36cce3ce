//! Credit (信用): what is known of how organisations keep the rules, and what follows from it.
//!
//! Facts come from three sides. Trades say what they say of those who act in them, as a function of
//! the case, summed up by organisation and month. Agencies attest what is their business, in
//! registers; an organisation's file has what of it counts. Disputes and reviews of alerts are
//! counted when they are decided.
//!
//! [`assess`] computes from facts what the policy's indicators come to: a score, the zone's grade,
//! and with the grade that customs gave how an organisation is supervised.
//!
//! The negative list (负面清单) says who is listed, by whom, why and until when. Its entries stand
//! in a register ([`crate::register::NegativeList`]); one record beside them says who is listed
//! now, so that a block reads it once.
//!
//! Complaints of rights holders are signals for whoever assesses a trade:
//! [`complaints_of_trade`] and [`complaints_of_merchant`] have those that wait for customs.

mod assess;
mod complaints;
mod facts;
mod file;
mod negative;
mod public;
mod records;
mod trades;
mod working;

pub use assess::{Assessment, CompiledCredit, IndicatorResult, ListingResult, assess, assess_with};
pub use complaints::{OpenComplaint, complaints_of_merchant, complaints_of_trade};
pub(crate) use complaints::{close_complaint, open_complaint};
pub use facts::{CreditScope, Facts, NamedFact, fact_names};
pub use file::{FiledFact, GradeStanding, credit_file, customs_grade};
pub(crate) use file::{file, put_grade, written_grade};
pub use negative::{Listed, consequence, negative_list};
pub(crate) use negative::{consequence_of, end, enter, refused_of};
pub use public::{PublicCredit, PublicListing, public_credit, published};
pub use records::{
    CreditEvent, MonthEvents, MonthTrades, count_event, month_events, month_trades,
    organisations_of,
};
pub(crate) use trades::{CaseCredit, of_export, of_import};
pub use trades::{Part, TradeCounts};
pub(crate) use working::CreditSums;

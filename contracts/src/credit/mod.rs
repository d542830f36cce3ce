//! Credit (信用): what is known of how organisations keep the rules, and what follows from it.
//!
//! The negative list (负面清单) says who is listed, by whom, why and until when. Its entries stand
//! in a register ([`crate::register::NegativeList`]); one record beside them says who is listed
//! now, so that a block reads it once.

mod negative;

pub use negative::{Listed, consequence, negative_list};
pub(crate) use negative::{end, enter, refused_of};

//! Documents of an export: field tables of messages 303, 403, 505, 507, 509, 603, 605, 607, 701,
//! 792, 213 and 215; rule M04 for orders.

mod list;
mod movement;
mod order;
mod returns;

pub(super) use list::{check_cancellation, check_list};
pub(super) use movement::{
    check_arrival, check_bill, check_departure, check_summary, check_summary_result,
};
pub(super) use order::{check_order, check_receipt, check_waybill};
pub(super) use returns::{check_return, check_tally};

use super::{Faults, Place, line_field};
use crate::limits::{ENTRIES_MAX, SHORT_NUMBER_CHARS_MAX};
use crate::rejection::Rejection;
use std::collections::BTreeSet;

impl Faults {
    /// The flag of the message's direction.
    fn direction(&mut self, flag: &str, expected: &str) {
        self.one_of(Rejection::WrongDirection, "ieFlag", flag, &[expected]);
    }

    /// A currency code of three digits; exports are in any currency.
    fn foreign_currency(&mut self, place: impl Into<Place>, code: &str) {
        self.digits(place, code, 3);
    }

    /// The number of an export waybill, or an enterprise's own number for a message.
    fn short_number(&mut self, place: impl Into<Place>, number: &str) {
        self.number_of(place, number, SHORT_NUMBER_CHARS_MAX);
    }

    /// The parts of a message that was split.
    fn part(&mut self, msg_count: u32, msg_seq_no: u32) {
        if !(1..=msg_count).contains(&msg_seq_no) {
            let expected = format!("1 to {msg_count}");
            self.add(Rejection::PartNumbers, "msgSeqNo", expected, msg_seq_no);
        }
    }

    /// Parcels: at least one.
    fn parcels(&mut self, pack_no: u32) {
        if pack_no == 0 {
            self.add(Rejection::PackNone, "packNo", "1 or more", pack_no);
        }
    }

    /// What a message of many names, each once.
    fn entries<'a>(&mut self, field: &'static str, numbers: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        let mut count = 0usize;
        for (index, number) in numbers.enumerate() {
            count = count.saturating_add(1);
            if count <= ENTRIES_MAX && !seen.insert(number) {
                self.add(Rejection::EntryRepeated, line_field(index, field), "each once", "again");
            }
        }
        self.line_count(ENTRIES_MAX, count);
    }
}

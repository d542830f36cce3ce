//! Whether the rules can work with a policy: one small check for each of its parts.

use super::fault::{PolicyFault, PolicyFaults};
use super::{Policy, PseudonymServiceKey, Quorum, codes, licences, modes, rates, taxes};
use crate::limits::{POLICY_BYTES_MAX, SPOT_CHECK_SECONDS_MAX};
use kanhe_types::codec;
use kanhe_types::decimal::Decimal;

/// Keys of the pseudonym service that a policy states.
const PSEUDONYM_KEYS_MAX: usize = 64;
/// Days that originals may have to be kept: a hundred years.
const RETENTION_DAYS_MAX: u32 = 36_600;
/// Days that a case may be allowed to collect its documents.
const COLLECT_DAYS_MAX: u32 = 3_660;
/// Hours after which an order may be reported: a year.
const REPORT_HOURS_MAX: u32 = 8_784;
/// The coldest bound of frozen lots, in tenths of a degree Celsius.
const COLD_TENTHS_MIN: i16 = -600;
/// Minutes of an excursion or gap that is allowed: a week.
const COLD_MINUTES_MAX: u32 = 10_080;
/// Days after which a waybill's number may be used again.
const REUSE_DAYS_MAX: u32 = 3_660;

impl Policy {
    /// Checks that every parameter is one that the rules can work with.
    ///
    /// # Errors
    /// Names the first that is not.
    pub fn check(&self) -> Result<(), PolicyFault> {
        self.faults().into_iter().next().map_or(Ok(()), Err)
    }

    /// Every parameter that the rules cannot work with; none for a policy that is sound.
    pub fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = PolicyFaults::default();
        self.check_size(&mut faults);
        self.check_tolerances(&mut faults);
        self.check_quorum(&mut faults);
        self.check_terms(&mut faults);
        self.check_limits(&mut faults);
        self.check_returns(&mut faults);
        self.check_cold(&mut faults);
        faults.within("licences_required", |own| licences::check(&self.licences_required, own));
        taxes::check_share(self.tax_share, &mut faults);
        faults.within("tax_rates", |own| taxes::check(&self.tax_rates, own));
        faults.within("modes", |own| modes::check(&self.modes, own));
        faults.within("code_tables", |own| codes::check(&self.code_tables, own));
        faults.within("exchange_rates", |own| rates::check(&self.exchange_rates, own));
        faults.within("credit", |own| self.credit.check(own));
        faults.within("pseudonym_keys", |own| check_pseudonym_keys(&self.pseudonym_keys, own));
        self.risk.faults().into_iter().for_each(|fault| faults.add(fault));
        faults.into_vec()
    }

    /// Bytes of its canonical encoding, of at most [`POLICY_BYTES_MAX`].
    pub fn encoded_bytes(&self) -> usize {
        codec::encode(self).len()
    }

    fn check_size(&self, faults: &mut PolicyFaults) {
        let found = self.encoded_bytes();
        faults.require(found <= POLICY_BYTES_MAX, || {
            let expected = format!("at most {POLICY_BYTES_MAX} canonical bytes");
            PolicyFault::at("policy", expected).but_found(found)
        });
    }

    fn check_tolerances(&self, faults: &mut PolicyFaults) {
        for (name, tolerance) in [
            ("amount_tolerance", self.amount_tolerance),
            ("line_total_tolerance", self.line_total_tolerance),
            ("weight_tolerance_kg", self.weight_tolerance_kg),
            ("freight_tolerance", self.freight_tolerance),
            ("receipt_tolerance", self.receipt_tolerance),
            ("tax_tolerance", self.tax_tolerance),
        ] {
            faults.require(!tolerance.is_negative() && is_bounded(tolerance), || {
                PolicyFault::at(name, "0 or more, at most 19 digits").but_found(tolerance)
            });
        }
    }

    fn check_quorum(&self, faults: &mut PolicyFaults) {
        let Quorum { agencies, of } = self.governance_quorum;
        faults.require(self.governance_quorum.is_majority(), || {
            let expected = "more than half of the agencies, and not more than all";
            PolicyFault::at("governance_quorum", expected).but_found(format!("{agencies} of {of}"))
        });
    }

    fn check_terms(&self, faults: &mut PolicyFaults) {
        faults.in_range("collect_days", self.collect_days, 1..=COLLECT_DAYS_MAX);
        faults.in_range("retention_days", self.retention_days, 0..=RETENTION_DAYS_MAX);
        let seconds = self.spot_check_seconds_min;
        faults.in_range("spot_check_seconds_min", seconds, 1..=SPOT_CHECK_SECONDS_MAX);
        faults.in_range("waybill_reuse_days", self.waybill_reuse_days, 1..=REUSE_DAYS_MAX);
        faults.in_range("receipt_days", self.receipt_days, 0..=COLLECT_DAYS_MAX);
        faults.in_range("order_report_hours", self.order_report_hours, 0..=REPORT_HOURS_MAX);
        faults.in_range("dispute_answer_days", self.dispute_answer_days, 1..=COLLECT_DAYS_MAX);
        faults.in_range("dispute_appeal_days", self.dispute_appeal_days, 1..=COLLECT_DAYS_MAX);
    }

    fn check_limits(&self, faults: &mut PolicyFaults) {
        for (name, limit) in
            [("single_limit", self.single_limit), ("annual_limit", self.annual_limit)]
        {
            faults.require(limit.is_positive() && is_bounded(limit), || {
                PolicyFault::at(name, "above 0, at most 19 digits").but_found(limit)
            });
        }
    }

    fn check_returns(&self, faults: &mut PolicyFaults) {
        faults.in_range("return_back_days", self.return_back_days, 1..=COLLECT_DAYS_MAX);
        let last = self.return_back_days.clamp(1, COLLECT_DAYS_MAX);
        faults.require((1..=last).contains(&self.return_days), || {
            let expected = "1 to 3660, not more than return_back_days";
            PolicyFault::at("return_days", expected).but_found(self.return_days)
        });
    }

    fn check_cold(&self, faults: &mut PolicyFaults) {
        faults.in_range("cold_max_tenths", self.cold_max_tenths, COLD_TENTHS_MIN..=0);
        let minutes = self.cold_excursion_minutes;
        faults.in_range("cold_excursion_minutes", minutes, 0..=COLD_MINUTES_MAX);
        faults.in_range("cold_gap_minutes", self.cold_gap_minutes, 0..=COLD_MINUTES_MAX);
    }
}

/// Whether a decimal has the digits of customs' form: decoding takes larger ones.
pub(super) fn is_bounded(decimal: Decimal) -> bool {
    Decimal::from_units(decimal.units()).is_some()
}

fn check_pseudonym_keys(keys: &[PseudonymServiceKey], faults: &mut PolicyFaults) {
    faults.at_most(keys.len(), PSEUDONYM_KEYS_MAX, "keys");
    faults.ascend(keys, "keys ascending by year and number without repeats", |key| {
        (key.scope.epoch, key.scope.key_id)
    });
    faults.each(keys, |key, own| {
        own.require(key.scope.key_id != 0, || {
            PolicyFault::at("scope.key_id", "a number from 1: 0 is a localnet's own")
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_types::pseudonym::PseudonymScope;

    #[test]
    fn a_policy_that_rules_cannot_work_with_is_named_by_its_field() {
        let fault = |change: fn(&mut Policy)| {
            let mut policy = Policy::default();
            change(&mut policy);
            policy.check().err().map(|fault| fault.path)
        };
        let quorum = |agencies, of| Quorum { agencies, of };
        assert_eq!(fault(|_| {}), None);
        assert_eq!(fault(|own| own.collect_days = 0).as_deref(), Some("collect_days"));
        let negative = fault(|own| own.freight_tolerance = Decimal::from_units(-1).unwrap());
        assert_eq!(negative.as_deref(), Some("freight_tolerance"));
        let key = |key_id, epoch| PseudonymServiceKey {
            scope: PseudonymScope { key_id, epoch },
            organisation: "CUSTOMS".parse().unwrap(),
            public_key: Default::default(),
        };
        for (keys, is_fault) in [
            (vec![key(1, 2026), key(2, 2026), key(1, 2027)], false),
            (vec![key(1, 2027), key(1, 2026)], true),
            (vec![key(1, 2026), key(1, 2026)], true),
            (vec![key(0, 2026)], true),
            ((1..=64).map(|id| key(id, 2026)).collect(), false),
            ((1..=65).map(|id| key(id, 2026)).collect(), true),
        ] {
            let policy = Policy { pseudonym_keys: keys, ..Policy::default() };
            assert_eq!(policy.check().is_err(), is_fault, "{:?}", policy.pseudonym_keys);
        }
        for (quorum, is_fault) in [
            (quorum(1, 2), true),
            (quorum(2, 3), false),
            (quorum(4, 3), true),
            (quorum(0, 0), true),
            (quorum(1, 1), false),
        ] {
            let policy = Policy { governance_quorum: quorum, ..Policy::default() };
            assert_eq!(policy.check().is_err(), is_fault, "{quorum:?}");
        }
    }

    #[test]
    fn every_fault_is_named_with_what_was_found() {
        let mut policy = Policy { collect_days: 0, cold_max_tenths: 1, ..Policy::default() };
        policy.modes[3].code = "12".into();
        policy.return_back_days = 20;
        let faults: Vec<String> = policy.faults().iter().map(ToString::to_string).collect();
        assert_eq!(
            faults,
            [
                "collect_days: expected 1 to 3660, found 0",
                "return_days: expected 1 to 3660, not more than return_back_days, found 30",
                "cold_max_tenths: expected -600 to 0, found 1",
                "modes[3].code: expected a code of four digits, found 12",
            ]
        );
        assert_eq!(policy.check().map_err(|fault| fault.path), Err("collect_days".to_owned()));
    }

    #[test]
    fn a_policy_that_no_document_could_carry_is_refused() {
        use crate::policy::{CodeRange, CodeTable, Table};
        let range = |number: usize| {
            let code = format!("{number:08}");
            CodeRange { first: code.clone(), last: code }
        };
        let table = CodeTable {
            table: Table::RetailImport,
            version: 1,
            codes: (0..2_000).map(range).collect(),
        };
        let mut policy = Policy { code_tables: vec![table], ..Policy::default() };
        assert_eq!(policy.faults(), []);
        assert!(policy.encoded_bytes() < POLICY_BYTES_MAX / 4, "{}", policy.encoded_bytes());
        policy.modes[0].required_fields.push("超".repeat(POLICY_BYTES_MAX / 3));
        let fault = policy.check().unwrap_err();
        assert_eq!((fault.path.as_str(), &fault.expected[..7]), ("policy", "at most"));
    }
}

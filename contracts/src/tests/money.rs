//! A zone with banks and authorities, and exports that left: what registers of money are tried on.

use super::*;
use crate::document::CaseRef;
use crate::fixture::export as own;
use crate::fixture::{code, decimal};
use crate::policy::Direction;
use crate::register::{self, Entry, EntryKey, Register};
use crate::registry::Role;
use std::slice;

pub(super) const BANK: &str = "TESTBNK001";
pub(super) const OTHER_BANK: &str = "TESTBNK002";
pub(super) const THIRD_BANK: &str = "TESTBNK003";
pub(super) const TAX: &str = "TESTTAX001";
pub(super) const COMMERCE: &str = "TESTCOM001";
pub(super) const OTHER_COMMERCE: &str = "TESTCOM002";
pub(super) const OTHER_MERCHANT: &str = "TESTEBC002";
pub(super) const INSURER: &str = "TESTINS001";
pub(super) const OTHER_INSURER: &str = "TESTINS002";
pub(super) const DAY: u64 = 86_400_000;

/// The fixture's exporters, banks, and authorities.
pub(super) fn zone() -> World {
    let mut organisations = own::exporters();
    for (own, name, roles) in [
        (BANK, "测试银行甲", &[Role::Bank][..]),
        (OTHER_BANK, "测试银行乙", &[Role::Bank]),
        (THIRD_BANK, "测试银行丙", &[Role::Bank]),
        (TAX, "测试税务甲", &[Role::Agency, Role::Tax]),
        (COMMERCE, "测试商务甲", &[Role::Agency, Role::Commerce]),
        (OTHER_COMMERCE, "测试商务乙", &[Role::Agency, Role::Commerce]),
        (OTHER_MERCHANT, "测试电商乙", &[Role::Merchant]),
        (INSURER, "测试保险甲", &[Role::Insurer]),
        (OTHER_INSURER, "测试保险乙", &[Role::Insurer]),
    ] {
        organisations.push(fixture::organisation(&code(own), name, roles));
    }
    for own in organisations.iter_mut().filter(|own| own.has_role(Role::Merchant)) {
        own.park = Some("测试园区甲".to_owned());
    }
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    World::with(&organisations)
}

pub(super) fn export_ref(trade: &Trade) -> CaseRef {
    let (platform, order_no) = (trade.platform.clone(), trade.order_no.clone());
    CaseRef { direction: Direction::Export, platform, order_no }
}

fn receipt_of(trade: &Trade, charge: &str) -> Document {
    let mut document = own::receipt(trade);
    if let Body::FundsReceipt(own) = &mut document.body {
        own.charge = decimal(charge);
    }
    document
}

impl World {
    /// Sends a document of an export as whoever says it in the fixture.
    pub(super) fn hears_of(&mut self, document: &Document) {
        let signer = match document.body {
            Body::Arrival(_) | Body::ReturnTally(_) => own::site(),
            _ => fixture::signer(&Trade::new(0), document),
        };
        let outcome = self.send_as(&signer, document);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }

    /// An export of 100 USD leaves, for which so much was received.
    pub(super) fn departed(&mut self, trade: &Trade, received: &str) {
        self.hears_of(&own::order(trade));
        self.hears_of(&receipt_of(trade, received));
        self.hears_of(&own::waybill(trade));
        self.hears_of(&own::list(trade));
        self.hears_of(&own::departure(slice::from_ref(trade)));
        let case = crate::export::case(&self.state, &trade.case_key()).unwrap().unwrap();
        assert_eq!(case.state, CaseState::Departed);
    }

    /// More is received for an export.
    pub(super) fn receives(&mut self, trade: &Trade, number: &str, charge: &str) {
        self.receives_in(trade, number, charge, "502");
    }

    pub(super) fn receives_in(&mut self, trade: &Trade, number: &str, charge: &str, coin: &str) {
        let mut document = receipt_of(trade, charge);
        if let Body::FundsReceipt(own) = &mut document.body {
            own.pay_no = Some(format!("{}{number}", trade.transaction));
            own.currency = coin.to_owned();
        }
        self.hears_of(&document);
    }

    /// The receipt with which an export left said something else, or is none.
    pub(super) fn corrects_receipt(&mut self, trade: &Trade, app_type: AppType, charge: &str) {
        let mut document = receipt_of(trade, charge);
        let minute = if app_type == AppType::Delete { "30" } else { "00" };
        document.app_type = app_type;
        document.app_time = fixture::time(&format!("2026112318{minute}00"));
        self.hears_of(&document);
    }

    pub(super) fn does(&mut self, signer: &str, document: &Document) {
        let outcome = self.send_as(&code(signer), document);
        assert_eq!(outcome, Outcome::Accepted { case: None });
    }

    pub(super) fn declines(&mut self, signer: &str, document: &Document) -> Rejection {
        rejection(&refusal(self.send_as(&code(signer), document)))
    }

    /// Why each of these acts in one block was refused.
    pub(super) fn in_one_block(
        &mut self,
        signer: &str,
        documents: &[Document],
    ) -> Vec<Option<Rejection>> {
        let submission = |own| fixture::submission(&GENESIS, &code(signer), 1_000, own);
        let submissions: Vec<Submission> =
            documents.iter().map(|own| submission(slice::from_ref(own))).collect();
        let receipts = self.execute(&submissions).receipts;
        let refused = |outcome| match outcome {
            Outcome::Rejected(refusal) => Some(rejection(&refusal)),
            _ => None,
        };
        receipts.into_iter().map(|receipt| refused(receipt.outcome)).collect()
    }

    pub(super) fn entry(&self, register: Register, owner: &str, number: &str) -> Option<Entry> {
        let key = EntryKey { register, owner: code(owner), number: number.to_owned() };
        register::entry(&self.state, &key).unwrap()
    }
}

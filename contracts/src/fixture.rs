//! Invented organisations and trades, for tests and demonstrations.
//!
//! Every name says that it is invented (测试 means test). The documents of one [`Trade`] match each
//! other; change a field to see what the rules say. The keys follow from the codes, so that nobody
//! takes them for secrets.

pub mod capital;
pub mod export;
pub mod goods;
pub mod import;
pub mod register;

use crate::document::{
    Activation, AppStatus, AppType, Body, CaseGrant, Choice, Document, GovernanceProposal,
    GovernanceVote, GovernanceWithdrawal, GrantWithdrawal, IdentityAttestation, InventoryLine,
    InventoryList, Order, OrderLine, OriginalSignature, OwnKeys, Payment, PeriodGrant, Waybill,
};
use crate::governance::{Change, KeyChange};
use crate::registry::{KeyPurpose, Organisation, OrganisationKey, Role, Status};
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::keys::{PublicKey, SecretKey};
use kanhe_types::merkle::Salt;
use kanhe_types::pseudonym::{PersonalKind, Pseudonym, PseudonymScope};
use kanhe_types::submission::Submission;
use kanhe_types::time::{CustomsDate, CustomsTime, Millis};
use kanhe_types::validator::{Validator, ValidatorSet};

/// The platform's code.
pub const PLATFORM: &str = "TESTEBP001";
/// The merchant's code.
pub const MERCHANT: &str = "TESTEBC001";
/// The payment firm's code.
pub const PAYMENT_FIRM: &str = "TESTPAY001";
/// The carrier's code.
pub const CARRIER: &str = "TESTLOG001";
/// The declarant's code.
pub const DECLARANT: &str = "TESTAGT001";
/// The agency's code.
pub const AGENCY: &str = "TESTGOV001";

/// The scope of the fixture's pseudonyms: a localnet's key in 2026.
pub const SCOPE: PseudonymScope = PseudonymScope { key_id: 0, epoch: 2026 };

const PSEUDONYM_KEY: [u8; 32] = *b"invented key, for tests and demo";

/// A code from a text of the fixture.
///
/// # Panics
/// If the text is no code.
pub fn code(text: &str) -> OrganisationCode {
    text.parse().expect("the fixture's codes are well formed")
}

/// A decimal from a text of the fixture.
///
/// # Panics
/// If the text is no decimal.
pub fn decimal(text: &str) -> Decimal {
    text.parse().expect("the fixture's decimals are well formed")
}

/// A customs time from a text of the fixture.
///
/// # Panics
/// If the text is no time.
pub fn time(text: &str) -> CustomsTime {
    text.parse().expect("the fixture's times are well formed")
}

/// The operator key of an organisation of the fixture. Follows from its code.
pub fn secret(code: &OrganisationCode) -> SecretKey {
    SecretKey::from_seed(sha256_of(code.as_bytes()).0)
}

/// The admin key of an organisation of the fixture. Follows from its code.
pub fn admin_secret(code: &OrganisationCode) -> SecretKey {
    SecretKey::from_seed(sha256_of(format!("admin {code}").as_bytes()).0)
}

/// The node key of an agency of the fixture. Follows from its code.
pub fn node_secret(code: &OrganisationCode) -> SecretKey {
    SecretKey::from_seed(sha256_of(format!("node {code}").as_bytes()).0)
}

/// An organisation with its operator and its admin key, an agency's with its node key too, valid
/// from height 0.
pub fn organisation(code: &OrganisationCode, name: &str, roles: &[Role]) -> Organisation {
    let key = |key, purpose| OrganisationKey { key, purpose, from: 0, until: None };
    let mut keys = vec![
        key(secret(code).public_key(), KeyPurpose::Operator),
        key(admin_secret(code).public_key(), KeyPurpose::Admin),
    ];
    if roles.contains(&Role::Agency) {
        keys.push(key(node_secret(code).public_key(), KeyPurpose::Node));
    }
    Organisation {
        code: code.clone(),
        name: name.to_owned(),
        roles: roles.to_vec(),
        park: None,
        status: Status::Active,
        keys,
        filing: None,
        licences: Vec::new(),
        revision: 0,
    }
}

/// The six organisations of the fixture, one for each role in a trade.
pub fn organisations() -> Vec<Organisation> {
    [
        (PLATFORM, "测试平台甲", &[Role::Platform][..]),
        (MERCHANT, "测试电商甲", &[Role::Merchant]),
        (PAYMENT_FIRM, "测试支付甲", &[Role::Payment]),
        (CARRIER, "测试物流甲", &[Role::Carrier]),
        (DECLARANT, "测试报关甲", &[Role::Declarant]),
        (AGENCY, "测试监管甲", &[Role::Agency, Role::Customs]),
    ]
    .into_iter()
    .map(|(text, name, roles)| organisation(&code(text), name, roles))
    .collect()
}

/// So many validators, all of the fixture's agency.
///
/// # Panics
/// Without any, or with more than a set holds.
pub fn validator_set(count: u8) -> ValidatorSet {
    let validators = (0..count).map(|number| Validator {
        organisation: code(AGENCY),
        key: validator_secret(number).public_key(),
        node: PublicKey::Ed25519(sha256_of(&[b'n', number]).0),
    });
    ValidatorSet::new(validators.collect()).expect("distinct keys")
}

/// The key of a validator of the fixture.
pub fn validator_secret(number: u8) -> SecretKey {
    SecretKey::from_seed(sha256_of(&[b'v', number]).0)
}

/// A pseudonym of an invented value under the fixture's key.
pub fn pseudonym(kind: PersonalKind, value: &str) -> Pseudonym {
    Pseudonym::derive(&PSEUDONYM_KEY, SCOPE, kind, value)
}

/// Signs documents as an organisation of the fixture, with the key that their kind needs. Equal
/// documents of one organisation with equal `expires` give the same submission.
///
/// # Panics
/// If there are no documents, more than 100, or one is too large.
pub fn submission(
    genesis: &Hash,
    signer: &OrganisationCode,
    expires: u64,
    documents: &[Document],
) -> Submission {
    let bytes = documents.iter().map(Document::encode).collect();
    let purposes: Vec<KeyPurpose> =
        documents.iter().map(|document| document.kind().key_purpose()).collect();
    let secret = match purposes.iter().max() {
        Some(KeyPurpose::Node) => node_secret(signer),
        Some(KeyPurpose::Admin) => admin_secret(signer),
        Some(KeyPurpose::Operator) | None => secret(signer),
    };
    Submission::sign(genesis, signer.clone(), &secret, expires, Salt::default(), bytes)
        .expect("the fixture's submissions have 1 to 100 documents")
}

/// One invented trade. Its number makes order, transaction and waybill numbers, and the orderer.
#[derive(Clone, Debug)]
pub struct Trade {
    /// The platform.
    pub platform: OrganisationCode,
    /// The merchant.
    pub merchant: OrganisationCode,
    /// The payment firm.
    pub payment_firm: OrganisationCode,
    /// The carrier.
    pub carrier: OrganisationCode,
    /// The declarant.
    pub declarant: OrganisationCode,
    /// The order's number.
    pub order_no: String,
    /// The payment's number.
    pub transaction: String,
    /// The waybill's number.
    pub logistics_no: String,
    /// The orderer's invented name, of which identity number and address are made.
    pub buyer: String,
    /// When its documents are reported.
    pub app_time: CustomsTime,
}

impl Trade {
    /// Trade `number` among the fixture's organisations.
    pub fn new(number: u64) -> Self {
        Self {
            platform: code(PLATFORM),
            merchant: code(MERCHANT),
            payment_firm: code(PAYMENT_FIRM),
            carrier: code(CARRIER),
            declarant: code(DECLARANT),
            order_no: format!("ORDER{number:010}"),
            transaction: format!("PAID{number:010}"),
            logistics_no: format!("PARCEL{number:010}"),
            buyer: format!("测试甲{number}"),
            app_time: time("20261123160000"),
        }
    }

    /// The key of the trade's case.
    pub fn case_key(&self) -> kanhe_types::receipt::CaseKey {
        kanhe_types::receipt::CaseKey {
            platform: self.platform.clone(),
            order_no: self.order_no.clone(),
        }
    }

    fn person(&self, kind: PersonalKind) -> Pseudonym {
        pseudonym(kind, &self.buyer)
    }

    /// A guid of 36 characters that follows from the trade and the kind of document.
    fn document(&self, letter: char, body: Body) -> Document {
        let digest = sha256_of(format!("{letter}{}{}", self.platform, self.order_no).as_bytes());
        let hex: String = digest.to_string().to_uppercase().chars().take(35).collect();
        Document {
            guid: format!("{letter}{hex}"),
            app_type: AppType::Add,
            app_status: AppStatus::Declared,
            app_time: self.app_time,
            pseudonyms: SCOPE,
            original: None,
            original_signature: OriginalSignature::Unsigned,
            body,
        }
    }
}

/// The trade's order: two lines, 118.50 paid.
pub fn order(trade: &Trade) -> Document {
    let line = |gnum, name: &str, qty: &str, price: &str, total: &str| OrderLine {
        gnum,
        item_no: Some(format!("SKU{gnum:03}")),
        item_name: name.to_owned(),
        gmodel: "测试品牌|测试型号".to_owned(),
        bar_code: None,
        unit: "011".to_owned(),
        qty: decimal(qty),
        price: decimal(price),
        total_price: decimal(total),
        currency: "142".to_owned(),
        country: "116".to_owned(),
    };
    let order = Order {
        order_no: trade.order_no.clone(),
        ebp_code: trade.platform.clone(),
        ebp_name: "测试平台甲".to_owned(),
        ebc_code: trade.merchant.clone(),
        ebc_name: "测试电商甲".to_owned(),
        goods_value: decimal("100"),
        freight: decimal("10"),
        discount: decimal("0.6"),
        tax_total: decimal("9.1"),
        actural_paid: decimal("118.5"),
        currency: "142".to_owned(),
        buyer_reg_no: trade.person(PersonalKind::PlatformAccount),
        buyer_name: trade.person(PersonalKind::Name),
        buyer_telephone: trade.person(PersonalKind::Telephone),
        buyer_id_type: "1".to_owned(),
        buyer_id_number: trade.person(PersonalKind::IdentityNumber),
        pay_code: Some(trade.payment_firm.clone()),
        pay_name: Some("测试支付甲".to_owned()),
        pay_transaction_id: Some(trade.transaction.clone()),
        batch_numbers: None,
        consignee: trade.person(PersonalKind::Name),
        consignee_telephone: trade.person(PersonalKind::Telephone),
        consignee_address: trade.person(PersonalKind::Address),
        consignee_district: Some("430602".to_owned()),
        lines: vec![line(1, "测试面膜", "3", "20", "60"), line(2, "测试牙刷", "4", "10", "40")],
    };
    trade.document('O', Body::Order(order))
}

/// The trade's payment, by the orderer.
pub fn payment(trade: &Trade) -> Document {
    let payment = Payment {
        pay_code: trade.payment_firm.clone(),
        pay_name: "测试支付甲".to_owned(),
        pay_transaction_id: trade.transaction.clone(),
        order_no: trade.order_no.clone(),
        ebp_code: trade.platform.clone(),
        ebp_name: "测试平台甲".to_owned(),
        payer_id_type: "1".to_owned(),
        payer_id_number: trade.person(PersonalKind::IdentityNumber),
        payer_name: trade.person(PersonalKind::Name),
        telephone: None,
        amount_paid: decimal("118.5"),
        currency: "142".to_owned(),
        pay_time: trade.app_time,
    };
    trade.document('P', Body::Payment(payment))
}

/// The trade's waybill: 1.2 kg.
pub fn waybill(trade: &Trade) -> Document {
    let waybill = Waybill {
        logistics_code: trade.carrier.clone(),
        logistics_name: "测试物流甲".to_owned(),
        logistics_no: trade.logistics_no.clone(),
        bill_no: Some("TESTBILL01".to_owned()),
        order_no: trade.order_no.clone(),
        freight: Some(decimal("10")),
        insured_fee: Some(Decimal::ZERO),
        currency: "142".to_owned(),
        weight: decimal("1.2"),
        pack_no: 1,
        consignee: trade.person(PersonalKind::Name),
        consignee_address: trade.person(PersonalKind::Address),
        consignee_telephone: trade.person(PersonalKind::Telephone),
    };
    trade.document('W', Body::Waybill(waybill))
}

/// The trade's list: direct purchase, declared by the declarant.
pub fn list(trade: &Trade) -> Document {
    let line = |gnum, name: &str, qty: &str, price: &str, total: &str| InventoryLine {
        gnum,
        item_record_no: None,
        item_no: Some(format!("SKU{gnum:03}")),
        item_name: Some(name.to_owned()),
        gcode: "3304990039".to_owned(),
        gname: name.to_owned(),
        gmodel: "测试品牌|测试型号".to_owned(),
        bar_code: None,
        country: "116".to_owned(),
        trade_country: None,
        currency: "142".to_owned(),
        qty: decimal(qty),
        unit: "011".to_owned(),
        qty1: decimal("0.5"),
        unit1: "035".to_owned(),
        qty2: None,
        unit2: None,
        price: decimal(price),
        total_price: decimal(total),
    };
    let list = InventoryList {
        order_no: trade.order_no.clone(),
        ebp_code: trade.platform.clone(),
        ebp_name: "测试平台甲".to_owned(),
        ebc_code: trade.merchant.clone(),
        ebc_name: "测试电商甲".to_owned(),
        logistics_no: trade.logistics_no.clone(),
        logistics_code: trade.carrier.clone(),
        logistics_name: "测试物流甲".to_owned(),
        cop_no: Some("TESTCOP01".to_owned()),
        pre_no: None,
        assure_code: trade.declarant.clone(),
        ems_no: None,
        invt_no: None,
        ie_flag: "I".to_owned(),
        decl_time: "20261123".parse::<CustomsDate>().expect("a day of the calendar"),
        customs_code: "4903".to_owned(),
        port_code: "4903".to_owned(),
        ie_date: None,
        buyer_id_type: "1".to_owned(),
        buyer_id_number: trade.person(PersonalKind::IdentityNumber),
        buyer_name: trade.person(PersonalKind::Name),
        buyer_telephone: trade.person(PersonalKind::Telephone),
        consignee_address: trade.person(PersonalKind::Address),
        agent_code: trade.declarant.clone(),
        agent_name: "测试报关甲".to_owned(),
        area_code: None,
        area_name: None,
        trade_mode: "9610".to_owned(),
        traf_mode: "5".to_owned(),
        traf_no: Some("TESTAIR".to_owned()),
        voyage_no: Some("T001".to_owned()),
        bill_no: Some("TESTBILL01".to_owned()),
        loct_no: None,
        license_no: None,
        country: "116".to_owned(),
        freight: decimal("10"),
        insured_fee: Decimal::ZERO,
        currency: "142".to_owned(),
        wrap_type: Some("2".to_owned()),
        pack_no: 1,
        gross_weight: decimal("1.2"),
        net_weight: decimal("1"),
        lines: vec![line(1, "测试面膜", "3", "20", "60"), line(2, "测试牙刷", "4", "10", "40")],
    };
    trade.document('L', Body::InventoryList(list))
}

/// The agency's attestation of the trade's orderer.
pub fn attestation(trade: &Trade) -> Document {
    let attested = IdentityAttestation {
        id_number: trade.person(PersonalKind::IdentityNumber),
        name: trade.person(PersonalKind::Name),
    };
    trade.document('A', Body::IdentityAttestation(attested))
}

/// A document that changes the zone. Its guid follows from what it says.
pub fn governance(body: Body) -> Document {
    let said = sha256_of(&kanhe_types::codec::encode(&body));
    let guid: String = said.to_string().to_uppercase().chars().take(36).collect();
    let app_time = time("20261123160000");
    let (app_type, app_status) = (AppType::Add, AppStatus::Declared);
    Document {
        guid,
        app_type,
        app_status,
        app_time,
        pseudonyms: SCOPE,
        original: None,
        original_signature: OriginalSignature::Unsigned,
        body,
    }
}

/// A proposal that is active `heights` after its approval.
pub fn proposal(changes: Vec<Change>, expires: u64, heights: u64) -> Document {
    let activation = Activation::AfterApproval(heights);
    let reason = "测试提案".to_owned();
    let content = GovernanceProposal { changes, reason, expires, activation };
    governance(Body::GovernanceProposal(content))
}

/// A vote.
pub fn vote(proposal: Hash, choice: Choice) -> Document {
    let reason = "测试表决".to_owned();
    governance(Body::GovernanceVote(GovernanceVote { proposal, choice, reason }))
}

/// A proposal taken back.
pub fn withdrawal(proposal: Hash) -> Document {
    let reason = "测试撤回".to_owned();
    governance(Body::GovernanceWithdrawal(GovernanceWithdrawal { proposal, reason }))
}

/// A change of an organisation's own keys.
pub fn own_keys(keys: Vec<KeyChange>) -> Document {
    let reason = "测试换钥".to_owned();
    governance(Body::OwnKeys(OwnKeys { keys, reason }))
}

/// A grant of a trade's case.
pub fn case_grant(trade: &Trade, receiver: &OrganisationCode, until: Option<Millis>) -> Document {
    governance(Body::CaseGrant(CaseGrant {
        receiver: receiver.clone(),
        platform: trade.platform.clone(),
        order_no: trade.order_no.clone(),
        until,
        purpose: "测试融资".to_owned(),
    }))
}

/// A grant of a period's cases.
pub fn period_grant(receiver: &OrganisationCode, period: (Millis, Millis)) -> Document {
    let ((from, end), purpose) = (period, "测试审计".to_owned());
    let receiver = receiver.clone();
    governance(Body::PeriodGrant(PeriodGrant { receiver, from, end, until: None, purpose }))
}

/// A grant taken back.
pub fn grant_withdrawal(grant: Hash) -> Document {
    let reason = "测试到期".to_owned();
    governance(Body::GrantWithdrawal(GrantWithdrawal { grant, reason }))
}

/// The organisation of the fixture that signs this kind of document in a trade: the platform its
/// order, the declarant its list.
pub fn signer(trade: &Trade, document: &Document) -> OrganisationCode {
    match document.body {
        Body::Order(_) | Body::ExportOrder(_) => trade.platform.clone(),
        Body::Payment(_)
        | Body::FundsReceipt(_)
        | Body::PaymentAllocation(_)
        | Body::PaymentRefund(_) => trade.payment_firm.clone(),
        Body::Waybill(_)
        | Body::ExportWaybill(_)
        | Body::Arrival(_)
        | Body::Departure(_)
        | Body::ReturnTally(_)
        | Body::WaybillStatus(_) => trade.carrier.clone(),
        Body::InventoryList(_)
        | Body::ExportList(_)
        | Body::ExportListCancellation(_)
        | Body::ConsolidationBill(_)
        | Body::SummaryApplication(_)
        | Body::ListCancellation(_)
        | Body::ListReturn(_) => trade.declarant.clone(),
        Body::WarehouseReceipt(_) | Body::Stocktake(_) => export::site(),
        Body::NettingStatement(_) => trade.platform.clone(),
        Body::IdentityAttestation(_)
        | Body::GovernanceProposal(_)
        | Body::GovernanceVote(_)
        | Body::GovernanceWithdrawal(_)
        | Body::OwnKeys(_)
        | Body::SpotCheck(_)
        | Body::SpotCheckResult(_)
        | Body::AssistanceRequest(_)
        | Body::AssistanceAnswer(_)
        | Body::Inspection(_)
        | Body::ReadReport(_)
        | Body::TaxBill(_)
        | Body::TaxBillStatus(_)
        | Body::ListStatus(_)
        | Body::SummaryResult(_)
        | Body::NegativeList(_)
        | Body::CreditRecord(_)
        | Body::CustomsGrade(_)
        | Body::TaxDeposit(_)
        | Body::Fund(_)
        | Body::RiskSignal(_)
        | Body::RiskAct(_) => code(AGENCY),
        Body::SpotCheckAnswer(_) | Body::Erasure(_) => trade.platform.clone(),
        Body::CaseGrant(_)
        | Body::PeriodGrant(_)
        | Body::GrantWithdrawal(_)
        | Body::ExportReturn(_)
        | Body::Dispute(_)
        | Body::Cover(_)
        | Body::SubsidyClaim(_)
        | Body::TaxExemption(_)
        | Body::Receivable(_)
        | Body::FrozenLot(_)
        | Body::OverseasStock(_)
        | Body::Right(_)
        | Body::OverseasAid(_)
        | Body::Certificate(_) => trade.merchant.clone(),
        Body::Journey(_) => trade.carrier.clone(),
    }
}

//! Entries of registers: whom they concern, and to everybody else as if there were none.

use super::assistance::{TAX, tax};
use super::privacy::traded_in;
use super::*;
use kanhe_api::register::{EntriesPage, EntryView};
use kanhe_api::view::DocumentView;
use kanhe_contracts::document::{CertificateAct, DisputeAct};
use kanhe_contracts::fixture::{AGENCY, CARRIER, MERCHANT, PLATFORM};
use kanhe_contracts::register::{EntryKey, Register};

#[tokio::test]
async fn an_entry_is_shown_to_its_parties_and_to_agencies_whose_business_it_is() {
    let (zone, trade, _) = traded_in(Zone::start_with(&[tax()]).await).await;
    let claim = DisputeAct::Open(fixture::register::dispute_claim(&trade));
    let opened = zone.execute(MERCHANT, &[fixture::register::dispute(&trade, claim)]).await;
    let document = opened.receipts[0].receipt.document;
    let attach = CertificateAct::Attach(fixture::register::certificate_facts(&trade));
    zone.execute(MERCHANT, &[fixture::register::certificate(&trade, attach)]).await;

    let key = |register, number: &str| EntryKey {
        register,
        owner: fixture::code(MERCHANT),
        number: number.to_owned(),
    };
    let dispute = path::register_entry(&key(Register::Dispute, "TESTDISPUTE01"));
    for reader in [MERCHANT, CARRIER, AGENCY] {
        let view: EntryView = zone.get(dispute.clone(), reader).await.json(StatusCode::OK);
        assert_eq!(view.entry.steps[0].document, document, "{reader}");
        assert_eq!(view.parties, [fixture::code(MERCHANT), fixture::code(CARRIER)]);
        zone.get(path::document(&document), reader).await.json::<DocumentView>(StatusCode::OK);
    }
    // The platform is party to the trade, and not to the dispute; tax has no business with it.
    for reader in [PLATFORM, TAX, BANK, RIVAL] {
        zone.get(dispute.clone(), reader).await.error(ErrorCode::NotFound);
        zone.get(path::document(&document), reader).await.error(ErrorCode::NotFound);
    }

    let listed = async |reader: &str, query: &str| {
        let answer = zone.get(format!("{}{query}", path::REGISTERS), reader).await;
        let page: EntriesPage = answer.json(StatusCode::OK);
        let numbers: Vec<String> =
            page.entries.into_iter().map(|view| view.entry.key.number).collect();
        (numbers.join(" "), page.next)
    };
    assert_eq!(listed(MERCHANT, "").await, ("TESTCERT01 TESTDISPUTE01".into(), None));
    assert_eq!(listed(MERCHANT, "?limit=1").await, ("TESTCERT01".into(), Some(2)));
    assert_eq!(listed(MERCHANT, "?register=dispute").await, ("TESTDISPUTE01".into(), None));
    assert_eq!(listed(CARRIER, "").await, ("TESTDISPUTE01".into(), None));
    // An agency is party to nothing, and lists what is its business register by register.
    assert_eq!(listed(AGENCY, "").await, (String::new(), None));
    assert_eq!(listed(AGENCY, "?register=dispute").await, ("TESTDISPUTE01".into(), None));
    for reader in [TAX, RIVAL] {
        assert_eq!(listed(reader, "?register=dispute").await, (String::new(), None), "{reader}");
    }
    let unknown = "/v1/registers/nothing/TESTMERCHANT01/1".to_owned();
    zone.get(unknown, MERCHANT).await.error(ErrorCode::BadRequest);
    let other = format!("{}?register=nothing", path::REGISTERS);
    zone.get(other, MERCHANT).await.error(ErrorCode::BadRequest);
    zone.stop().await;
}

#[tokio::test]
async fn any_bank_is_told_what_is_available_of_a_receivable_and_nothing_else() {
    use kanhe_api::register::AvailableView;
    use kanhe_contracts::document::{Body as Said, EntryAct, ReceivableAct, ReceivableFacts};
    use kanhe_contracts::fixture::{Trade, export};
    use kanhe_contracts::policy::Direction;

    let (zone, trade) = (Zone::start().await, Trade::new(1));
    // Up to its departure.
    for document in export::documents(&trade).into_iter().take(7) {
        let who = fixture::signer(&trade, &document);
        let view = zone.execute(who.as_str(), &[document]).await;
        assert!(view.receipts[0].receipt.is_accepted(), "{:?}", view.receipts);
    }
    // Half of it was received, so that the rest is owed.
    let mut less = export::receipt(&trade);
    less.app_type = kanhe_contracts::document::AppType::Change;
    less.app_time = "20261201000000".parse().expect("a time");
    if let Said::FundsReceipt(own) = &mut less.body {
        own.charge = fixture::decimal("40");
    }
    zone.execute(kanhe_contracts::fixture::PAYMENT_FIRM, &[less]).await;
    let mut case = fixture::register::import(&trade);
    case.direction = Direction::Export;
    let facts = ReceivableFacts { currency: "502".into(), cases: vec![case] };
    let (owner, number) = (fixture::code(MERCHANT), "R1".to_owned());
    let act = ReceivableAct::Register(facts);
    let said = fixture::governance(Said::Receivable(EntryAct { owner, number, act }));
    let opened = zone.execute(MERCHANT, &[said]).await;
    assert!(opened.receipts[0].receipt.is_accepted(), "{:?}", opened.receipts);

    let target = path::receivable(&fixture::code(MERCHANT), "R1");
    for reader in [BANK, MERCHANT] {
        let view: AvailableView = zone.get(target.clone(), reader).await.json(StatusCode::OK);
        assert_eq!((view.currency.as_str(), view.available.is_positive()), ("502", true));
    }
    for reader in [RIVAL, PLATFORM, CARRIER] {
        zone.get(target.clone(), reader).await.error(ErrorCode::NotFound);
    }
    // A bank without a pledge sees no entry.
    let (register, owner, number) = (Register::Receivable, fixture::code(MERCHANT), "R1".into());
    let entry = path::register_entry(&EntryKey { register, owner, number });
    zone.get(entry, BANK).await.error(ErrorCode::NotFound);
    let none = path::receivable(&fixture::code(MERCHANT), "R2");
    zone.get(none, BANK).await.error(ErrorCode::NotFound);
    zone.stop().await;
}

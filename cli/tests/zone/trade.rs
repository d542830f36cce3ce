//! Trade in full, with real processes: a divided payment with a refund, a licence that a policy
//! demands, and the sums of flows and statistics; a receivable from its registration to its end.

use crate::governance::{enact, propose};
use crate::support::{Zone, kanhe, length, text};
use kanhe_contracts::document::{Body, Document};
use kanhe_contracts::fixture::{self, Trade, decimal, export};
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::raw::{RawDocument, RawFields, RawMessage};
use kanhe_gateway::world::World;
use kanhe_gateway::write::{XmlStyle, json, xml};
use kanhe_types::decimal::Decimal;
use kanhe_types::time::Millis;
use serde_json::{Value, json as value};
use std::fs;
use std::path::Path;

/// A declarant without licences.
const UNLICENSED: &str = "TESTAGENT02";
/// What goes back of the first order.
const BACK: &str = "5";

/// The document of one kind about an order.
fn planned(world: &World, message_type: MessageType, order_no: &str) -> RawDocument {
    let messages = world.messages.iter().map(|file| &file.raw);
    let own = messages.filter(|message| message.message_type == message_type);
    let mut documents = own.flat_map(|message| &message.documents);
    let found = documents.find(|document| document.head.get("orderNo") == Some(order_no));
    found.expect("a trade without fault has every document").clone()
}

/// A document with other values in some fields of its head.
fn with(document: &RawDocument, fields: &[(&'static str, &str)]) -> RawDocument {
    let mut document = document.clone();
    for (name, text) in fields {
        document.head.set(name, *text);
    }
    document
}

fn message(message_type: MessageType, documents: &[RawDocument]) -> RawMessage {
    RawMessage { message_type, sender: None, documents: documents.to_vec() }
}

fn sum<'a>(fields: impl IntoIterator<Item = &'a RawFields>, names: &[&str]) -> Decimal {
    let mut sum = Decimal::ZERO;
    for own in fields {
        for text in names.iter().filter_map(|name| own.get(name)) {
            sum = sum.checked_add(decimal(text)).expect("small");
        }
    }
    sum
}

/// Three orders of one day as messages: one payment is divided between the first two, which the
/// zone's declarant declares; an unlicensed one declares the third.
struct Told {
    order_nos: [String; 3],
    orders: Vec<RawDocument>,
    payments: Vec<RawDocument>,
    lists: Vec<RawDocument>,
}

impl Told {
    fn write(zone: &Zone, folder: &Path) -> Self {
        let (world, _) = zone.day(40);
        let clean = world.truth.trades.iter().filter(|trade| trade.fault.is_none());
        // One that is paid by its orderer, so that nobody has to attest anything.
        let own = clean.map(|trade| trade.order_no.clone()).filter(|order_no| {
            let order = planned(&world, MessageType::Ceb311, order_no);
            let payment = planned(&world, MessageType::Ceb411, order_no);
            order.head.get("buyerIdNumber") == payment.head.get("payerIdNumber")
        });
        let [first, third]: [String; 2] =
            own.take(2).collect::<Vec<_>>().try_into().expect("two trades have no fault");
        let second = format!("{first}B");
        let of = |message_type| planned(&world, message_type, &first);
        let again = |document: &RawDocument, guid: &str, fields: &[(&'static str, &str)]| {
            let guid = format!("00000000-0000-4000-8000-{guid:0>12}");
            let own = with(document, &[("guid", guid.as_str()), ("orderNo", second.as_str())]);
            with(&own, fields)
        };
        let (order, waybill) = (of(MessageType::Ceb311), of(MessageType::Ceb511));
        let list = with(&of(MessageType::Ceb621), &[("agentCode", "TESTDECLARANT01")]);
        let orders = vec![
            order.clone(),
            again(&order, "311", &[]),
            planned(&world, MessageType::Ceb311, &third),
        ];
        let paid = sum(orders.iter().take(2).map(|own| &own.head), &["acturalPaid"]);
        let amount = paid.to_string();
        let payments = vec![
            with(&of(MessageType::Ceb411), &[("amountPaid", amount.as_str())]),
            planned(&world, MessageType::Ceb411, &third),
        ];
        let parcel = [("logisticsNo", "TESTPARCELB"), ("copNo", "TESTCOPB")];
        let waybills = [
            waybill.clone(),
            again(&waybill, "511", &parcel[..1]),
            planned(&world, MessageType::Ceb511, &third),
        ];
        let lists = vec![
            list.clone(),
            again(&list, "621", &parcel),
            with(&planned(&world, MessageType::Ceb621, &third), &[("agentCode", UNLICENSED)]),
        ];
        for (name, message_type, documents) in [
            ("orders.xml", MessageType::Ceb311, &orders[..]),
            ("payments.xml", MessageType::Ceb411, &payments[..]),
            ("waybills.xml", MessageType::Ceb511, &waybills[..]),
            ("lists.xml", MessageType::Ceb621, &lists[..]),
        ] {
            let written = xml(&message(message_type, documents), XmlStyle::default());
            fs::write(folder.join(name), written).expect("writable");
        }
        let told = Self { order_nos: [first, second, third], orders, payments, lists };
        told.divide(folder);
        told
    }

    /// The payment firm divides its first payment, each order's share what is to be paid for it.
    fn divide(&self, folder: &Path) {
        let paid = &self.payments[0].head;
        let head = |fields: &[(&'static str, &str)]| {
            let mut document = RawDocument::default();
            for name in ["payCode", "payTransactionId", "ebpCode"] {
                document.head.set(name, paid.get(name).unwrap_or_default());
            }
            document.head.set("appType", "1");
            with(&document, fields)
        };
        let lines = self.orders.iter().take(2).map(|order| {
            let mut line = RawFields::default();
            line.set("orderNo", order.head.get("orderNo").unwrap_or_default());
            line.set("amount", order.head.get("acturalPaid").unwrap_or_default());
            line
        });
        let mut shares = head(&[
            ("guid", "00000000-0000-4000-8000-000000000038"),
            ("appTime", "20260901090000"),
        ]);
        shares.lines = lines.collect();
        let shares = json(&message(MessageType::PaymentAllocation, &[shares]));
        fs::write(folder.join("allocation.json"), shares).expect("writable");
        // After the list, which is reported on the day of the order.
        let back = head(&[
            ("guid", "00000000-0000-4000-8000-000000000039"),
            ("appTime", "20260903090000"),
            ("refundNo", "TESTBACK1"),
            ("orderNo", self.order_nos[0].as_str()),
            ("amount", BACK),
            ("currency", "142"),
            ("refundTime", "20260903085000"),
        ]);
        let back = json(&message(MessageType::PaymentRefund, &[back]));
        fs::write(folder.join("refund.json"), back).expect("writable");
    }

    fn heads(documents: &[RawDocument]) -> impl Iterator<Item = &RawFields> {
        documents.iter().map(|document| &document.head)
    }

    /// What the lists come to: goods, and with them freight and insurance.
    fn declared(&self) -> [Decimal; 2] {
        let lines = self.lists.iter().flat_map(|document| &document.lines);
        let goods = sum(lines, &["totalPrice"]);
        let beside = sum(Self::heads(&self.lists), &["freight", "insuredFee"]);
        [goods, goods.checked_add(beside).expect("small")]
    }
}

/// A zone whose policy demands a registration with customs of declarants, which one of two has.
fn licensed() -> Zone {
    let second = format!("{UNLICENSED}:declarant");
    let zone = Zone::up_with(&["--enterprise", &second]);
    let mut policy = zone.ask(&["chain", "status"]).1["policy"].clone();
    policy["version"] = value!(2);
    policy["licences_required"] =
        value!([{"role": "declarant", "licence": "customs_registration"}]);
    let file = zone.folder.path().join("policy.json");
    fs::write(&file, policy.to_string()).expect("writable");
    let licence = "customs_registration:TEST4300A001:20260101:20301231";
    let words = ["describe", "TESTDECLARANT01", "--licence", licence];
    enact(&zone, &propose(&zone, &words));
    enact(&zone, &propose(&zone, &["policy", text(&file)]));
    zone.status_until(|status| status["policy"]["version"] == 2);
    zone
}

/// The rules that find a difference in a trade.
fn found(shown: &Value) -> Vec<&str> {
    let findings = shown["findings"].as_array().into_iter().flatten();
    let failed = findings.filter(|finding| finding["verdict"] == "fail");
    failed.filter_map(|finding| finding["rule"].as_str()).collect()
}

/// The identity that a document of this file got.
fn identity(sent: &Value, file: &str) -> Value {
    let outcomes = sent["documents"].as_array().expect("outcomes");
    let is_of = |outcome: &&Value| outcome["file"].as_str().is_some_and(|own| own.ends_with(file));
    outcomes.iter().find(is_of).expect("the file was sent")["id"].clone()
}

#[test]
fn a_payment_is_divided_and_refunded_a_licence_is_demanded_and_the_sums_are_the_documents() {
    let zone = licensed();
    let folder = zone.folder.path().join("three");
    fs::create_dir(&folder).expect("writable");
    let told = Told::write(&zone, &folder);
    let (exit, sent) = zone.ask(&["submit", text(&folder), "--wait"]);
    assert_eq!((exit, length(&sent["documents"])), (0, 13), "{sent}");

    let shown = |place: usize, state: &str| {
        let show = ["trade", "show", "TESTPLATFORM01", told.order_nos[place].as_str()];
        zone.until(&show, |shown| shown["case"]["state"] == state)
    };
    let (first, second) = (shown(0, "matched"), shown(1, "matched"));
    let third = shown(2, "mismatched");
    assert_eq!(found(&third), ["M16"], "{third}");
    let said = third["explanations"].to_string();
    assert!(said.contains(UNLICENSED) && said.contains("has no licence"), "{said}");
    // Nothing came back for what was refunded.
    assert!(found(&first).contains(&"M21") && !found(&second).contains(&"M21"), "{first}");
    let share = &first["case"]["payment"]["facts"]["share"];
    assert_eq!(share["orders"], 2, "{first}");

    check_flows(&zone, &told, &sent);
    check_statistics(&zone, &told);
}

/// Every figure is the sum of the documents, in the answer, in the table, and opened.
fn check_flows(zone: &Zone, told: &Told, sent: &Value) {
    let ordered = sum(Told::heads(&told.orders), &["acturalPaid"]);
    let paid = sum(Told::heads(&told.payments), &["amountPaid"]);
    assert_eq!(ordered, paid);
    let declared = told.declared()[1];
    let flows = zone.until(&["flows", "--direction", "import"], |flows| {
        flows["rows"][0]["capital"]["refunded"] == BACK
    });
    let row = &flows["rows"][0];
    assert_eq!((length(&flows["rows"]), &row["currency"]), (1, &value!("142")), "{flows}");
    let expected = [
        ("ordered", ordered),
        ("declared", declared),
        ("paid", paid),
        ("refunded", decimal(BACK)),
        ("returned", Decimal::ZERO),
        ("cancelled", Decimal::ZERO),
    ];
    for (figure, amount) in expected {
        assert_eq!(row["capital"][figure], amount.to_string(), "{figure}: {row}");
    }
    // What went back is to be paid again, or the goods to come back.
    assert_eq!(row["outstanding"]["money"], BACK, "{row}");
    let net = sum(Told::heads(&told.lists), &["netWeight"]);
    let gross = sum(Told::heads(&told.lists), &["grossWeight"]);
    for (figure, kilograms) in [
        ("declared_net_kg", net),
        ("declared_gross_kg", gross),
        ("shipped_gross_kg", gross),
        ("under_way_net_kg", net),
    ] {
        assert_eq!(row["goods"][figure], kilograms.to_string(), "{figure}: {row}");
    }
    for figure in ["declared_parcels", "shipped_parcels", "under_way_parcels"] {
        assert_eq!(row["goods"][figure], 3, "{figure}: {row}");
    }
    // A payment stands in each order that has a share of it; the allocation in none.
    for (figure, count) in [("cases", 3), ("lists", 3), ("documents", 13), ("missing", 0)] {
        assert_eq!(row["information"][figure], count, "{figure}: {row}");
    }
    let table = kanhe(&["flows", "--direction", "import", "--home", zone.dir()]);
    let table = String::from_utf8(table.stdout).expect("a text");
    let line = table.lines().last().expect("a row");
    let cells: Vec<&str> = line.split_whitespace().collect();
    let money = [ordered, declared, paid].map(|amount| amount.to_string());
    assert_eq!(cells[..2], ["import", "142"], "{table}");
    assert_eq!(cells[2..5], money, "{table}");
    // Of imports nothing is kept back; what went back is outstanding again.
    assert_eq!((&cells[5..8], cells[10]), (&["0", "0", BACK][..], BACK), "{table}");

    // Opened, a figure names the documents from which it follows.
    let (_, opened) = zone.ask(&["flows", "--direction", "import", "--open", "refunded"]);
    let case = &opened["cases"][0];
    assert_eq!((length(&opened["cases"]), length(&case["parts"])), (1, 1), "{opened}");
    assert_eq!(case["case"]["order_no"], told.order_nos[0].as_str());
    let refund = identity(sent, "refund.json");
    let documents = case["parts"][0]["documents"].as_array().expect("documents");
    assert!(case["parts"][0]["amount"] == BACK && documents.contains(&refund), "{opened}");
    let (_, opened) = zone.ask(&["flows", "--direction", "import", "--open", "paid"]);
    let parts: Vec<&Value> = opened["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .flat_map(|case| case["parts"].as_array().expect("parts"))
        .collect();
    let amounts = parts.iter().map(|part| decimal(part["amount"].as_str().expect("it is shown")));
    let all = amounts.fold(Decimal::ZERO, |sum, own| sum.checked_add(own).expect("small"));
    assert_eq!((parts.len(), all), (3, paid), "{opened}");
    let payment = identity(sent, "payments.xml");
    let of_payment = parts.iter().filter(|part| {
        part["documents"].as_array().is_some_and(|documents| documents.contains(&payment))
    });
    assert_eq!(of_payment.count(), 2, "{opened}");
}

/// The lists of the month, as JSON and as a table for spreadsheets.
fn check_statistics(zone: &Zone, told: &Told) {
    let month = zone.ask(&["flows"]).1["from"].as_str().expect("this month").to_owned();
    let file = zone.folder.path().join("lists.csv");
    let stats = ["stats", "--month", month.as_str(), "--csv", text(&file)];
    let answer = zone.until(&stats, |answer| answer["rows"][0]["lists"] == 3);
    let row = &answer["rows"][0];
    let net = sum(Told::heads(&told.lists), &["netWeight"]);
    let goods = told.declared()[0];
    assert_eq!((&row["enterprises"], &row["parcels"]), (&value!(1), &value!(3)), "{answer}");
    assert_eq!(row["net_weight_kg"], net.to_string(), "{answer}");
    assert_eq!(row["value_cny"], goods.to_string(), "{answer}");
    assert_eq!((&answer["is_closed"], &row["outside_lists"]), (&value!(false), &value!(0)));
    let table = fs::read_to_string(&file).expect("it was written");
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let cell = |name: &str| {
        let column = lines[0].iter().position(|own| *own == name).expect("a column");
        lines[1][column].to_owned()
    };
    assert_eq!((lines.len(), cell("month")), (2, month), "{table}");
    assert_eq!((cell("lists"), cell("parcels")), ("3".into(), "3".into()), "{table}");
    assert_eq!((cell("net_weight_kg"), cell("value_cny")), (net.to_string(), goods.to_string()));
}

/// An export of the localnet's members.
fn export_trade(number: u64) -> Trade {
    Trade {
        platform: fixture::code("TESTPLATFORM01"),
        merchant: fixture::code("TESTMERCHANT01"),
        payment_firm: fixture::code("TESTPAYMENT01"),
        carrier: fixture::code("TESTCARRIER01"),
        declarant: fixture::code("TESTDECLARANT01"),
        ..Trade::new(number)
    }
}

/// Its documents up to customs' declaration; 30 of 100 are received.
fn exported(trade: &Trade) -> Vec<Document> {
    let mut receipt = export::receipt(trade);
    if let Body::FundsReceipt(own) = &mut receipt.body {
        own.charge = decimal("30");
    }
    let alone = std::slice::from_ref(trade);
    vec![
        export::order(trade),
        receipt,
        export::waybill(trade),
        export::list(trade),
        export::departure(alone),
        export::summary_result(alone),
    ]
}

/// The rejection of what a register refuses.
fn refused(answer: (i32, Value)) -> String {
    let (exit, answer) = answer;
    assert_eq!(exit, 1, "{answer}");
    let name = answer["receipts"][0]["rejection"]["name"].as_str();
    name.unwrap_or_else(|| panic!("no rejection: {answer}")).to_owned()
}

#[test]
fn a_receivable_is_pledged_once_and_its_exports_serve_no_other() {
    let zone =
        Zone::up_with(&["--enterprise", "TESTBANK01:bank", "--enterprise", "TESTBANK02:bank"]);
    let trades = [export_trade(1), export_trade(2)];
    let documents: Vec<Document> = trades.iter().flat_map(exported).collect();
    let file = zone.folder.path().join("exports.json");
    fs::write(&file, serde_json::to_string(&documents).expect("text keys")).expect("writable");
    let (exit, sent) = zone.ask(&["submit", text(&file), "--wait"]);
    assert_eq!((exit, length(&sent["documents"])), (0, 12), "{sent}");
    for trade in &trades {
        let show = ["trade", "show", "TESTPLATFORM01", trade.order_no.as_str()];
        zone.until(&show, |shown| shown["export"]["state"] == "closed");
    }
    // Customs' own numbers stand with the trade, for its parties too.
    let show = ["trade", "show", "TESTPLATFORM01", &trades[0].order_no];
    let home = ["--as", "TESTMERCHANT01", "--home", zone.dir()];
    let shown = kanhe(&[&show[..], &home].concat());
    let shown = String::from_utf8(shown.stdout).expect("a text");
    let number = export::invt_no(&trades[0]).replace('E', "D");
    assert!(shown.contains(&format!("declaration {number} of summary")), "{shown}");

    let act = |member: &str, number: &str, act: &Value| {
        let said = act.to_string();
        let words = ["register", "act", "receivable", number, &said];
        zone.ask_as(member, &[&words[..], &["--owner", "TESTMERCHANT01"]].concat())
    };
    let cases = |trades: &[Trade]| {
        let of = |trade: &Trade| {
            let (platform, order_no) = (&trade.platform, &trade.order_no);
            value!({"direction": "export", "platform": platform, "orderNo": order_no})
        };
        value!({"register": {
            "currency": "502", "cases": trades.iter().map(of).collect::<Vec<_>>(),
        }})
    };
    let (exit, registered) = act("TESTMERCHANT01", "R1", &cases(&trades));
    assert_eq!(exit, 0, "{registered}");
    assert_eq!(registered["content"]["receivable"]["face"], "140", "{registered}");
    assert_eq!(refused(act("TESTMERCHANT01", "R2", &cases(&trades[1..]))), "TakenByAnother");

    let until = Millis(::kanhe::clock::now().0.saturating_add(86_400_000)).to_string();
    let pledge = |reference: &str, bank: &str, amount: &str| {
        let facts = value!({
            "reference": reference, "bank": bank, "amount": amount, "until": until,
        });
        act("TESTMERCHANT01", "R1", &value!({ "pledge": facts }))
    };
    let (exit, pledged) = pledge("P1", "TESTBANK01", "100");
    assert_eq!(exit, 0, "{pledged}");
    // The same money to another bank: it is locked before the first has answered.
    assert_eq!(refused(pledge("P2", "TESTBANK02", "100")), "AmountUnfit");
    assert_eq!(refused(pledge("P1", "TESTBANK02", "40")), "EntryExists");
    let confirm = value!({"confirm": {"reference": "P1"}});
    assert_eq!(act("TESTBANK02", "R1", &confirm).0, 1);
    let (exit, confirmed) = act("TESTBANK01", "R1", &confirm);
    assert_eq!(exit, 0, "{confirmed}");

    // Whoever is to lend asks what is left, and learns nothing of the trades behind it.
    let available = ["register", "available", "TESTMERCHANT01", "R1", "--as", "TESTBANK02"];
    let left = zone.until(&available, |left| left["available"] == "40");
    let said = left.to_string();
    assert!(!said.contains("TESTPLATFORM01") && !said.contains(&trades[0].order_no), "{said}");
    assert_eq!(refused(act("TESTMERCHANT01", "R1", &value!("close"))), "ActNotNow");
    let release = value!({"release": {"reference": "P1", "amount": "100"}});
    let (exit, released) = act("TESTBANK01", "R1", &release);
    assert_eq!(exit, 0, "{released}");
    zone.until(&available, |left| left["available"] == "140");

    // A subsidy is claimed for a month that is over, and by the fund's own terms.
    let month = zone.ask(&["flows"]).1["from"].as_str().expect("this month").to_owned();
    let fund = value!({"open": {
        "name": "测试专项资金", "from": month, "to": month,
        "trades": [{"direction": "export", "mode": "9610"}],
        "basis": {"value": {"perMille": "10"}}, "enterpriseMax": "20", "budget": "30",
    }});
    let fund = fund.to_string();
    let (exit, opened) = zone.ask_as("COMMERCE", &["register", "act", "fund", "F1", &fund]);
    assert_eq!(exit, 0, "{opened}");
    let claim = value!({"claim": {"fund": {"owner": "COMMERCE", "number": "F1"}, "month": month}});
    let claim = claim.to_string();
    let claimed =
        zone.ask_as("TESTMERCHANT01", &["register", "act", "subsidy_claim", "C1", &claim]);
    assert_eq!(refused(claimed), "DatesUnfit");

    // What the payment firm kept back stands beside the gross receipts, and opens to its statement.
    let netting = value!({"state": {
        "merchant": "TESTMERCHANT01", "month": month, "mode": "9610", "currency": "502",
        "credited": "55", "deductions": [{"kind": "commission", "amount": "5"}],
        "report": "1".repeat(64),
    }});
    let netting = netting.to_string();
    let words = ["register", "act", "netting_statement", "N1", &netting];
    let (exit, stated) = zone.ask_as("TESTPAYMENT01", &words);
    assert_eq!((exit, &stated["content"]["netting_statement"]["deducted"]), (0, &value!("5")));
    let opened = ["flows", "--direction", "export", "--open", "deducted", "--as", "TESTMERCHANT01"];
    let opened = zone.until(&opened, |opened| length(&opened["statements"]) == 1);
    assert_eq!(opened["statements"][0]["parts"][0]["amount"], "5", "{opened}");
    let rows = zone.ask(&["flows", "--direction", "export"]).1;
    assert_eq!(rows["rows"][0]["capital"]["credited"], "55", "{rows}");

    let (exit, closed) = act("TESTMERCHANT01", "R1", &value!("close"));
    assert_eq!(
        (exit, &closed["content"]["receivable"]["isClosed"]),
        (0, &value!(true)),
        "{closed}"
    );
    let (exit, again) = act("TESTMERCHANT01", "R2", &cases(&trades[1..]));
    assert_eq!(exit, 0, "its exports are free again: {again}");
}

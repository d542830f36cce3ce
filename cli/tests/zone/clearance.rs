//! What follows an import list, from messages to the trade's state.

use crate::support::{Zone, length, text};
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::raw::{RawDocument, RawFields, RawMessage};
use kanhe_gateway::world::World;
use kanhe_gateway::write::{XmlStyle, json, xml};
use std::fs;

/// The list that declares an order, as it was written.
pub(super) fn list<'a>(world: &'a World, order_no: &str) -> &'a RawFields {
    let lists = world.messages.iter().map(|file| &file.raw);
    let lists = lists.filter(|message| message.message_type == MessageType::Ceb621);
    let mut heads = lists.flat_map(|message| &message.documents).map(|document| &document.head);
    heads.find(|head| head.get("orderNo") == Some(order_no)).expect("the order has a list")
}

/// A message about a list: of its fields those that the message has, and others.
pub(super) fn about(
    list: &RawFields,
    message_type: MessageType,
    own: &[(&'static str, &str)],
) -> RawMessage {
    let mut head = RawFields::default();
    for field in message_type.table().head_fields {
        let stated = own.iter().find(|(name, _)| *name == field.name).map(|(_, value)| *value);
        let value = stated.or_else(|| list.get(field.name).filter(|_| field.mandatory));
        head.set(field.name, value.unwrap_or_default());
    }
    let documents = vec![RawDocument { head, lines: Vec::new() }];
    RawMessage { message_type, sender: list.get("agentCode").map(str::to_owned), documents }
}

/// Submits a message, and waits until the trade stands at `state`: the validator that is asked may
/// be a height behind the one that took the message.
fn comes_to(state: &str, zone: &Zone, order_no: &str, (name, message): (&str, &RawMessage)) {
    let file = zone.folder.path().join(name);
    let bytes = match message.message_type {
        MessageType::ListStatus => json(message),
        _ => xml(message, XmlStyle::default()),
    };
    fs::write(&file, bytes).expect("writable");
    let (exit, sent) = zone.ask(&["submit", text(&file)]);
    assert_eq!(exit, 0, "{sent}");
    zone.until(&["trade", "show", "TESTPLATFORM01", order_no], |shown| {
        shown["case"]["state"] == state
    });
}

#[test]
fn a_matched_trade_is_released_and_delivered_and_another_is_cancelled() {
    let zone = Zone::up();
    let (world, files) = zone.day(40);
    zone.ask(&["submit", text(&files)]);
    let list_matched = ["trade", "list", "--state", "matched"];
    let matched = zone.until(&list_matched, |matched| 1 < length(&matched["trades"]));
    let number = |place: usize| {
        let number = matched["trades"][place]["key"]["order_no"].as_str();
        number.expect("two trades match").to_owned()
    };
    let (first, second) = (number(0), number(1));

    let own = list(&world, &first);
    let status = |guid, status, time| {
        let said = [
            ("guid", guid),
            ("appTime", time),
            ("subject", "list"),
            ("invtNo", "51002026I000000001"),
            ("returnStatus", status),
            ("returnTime", time),
        ];
        about(own, MessageType::ListStatus, &said)
    };
    let held = status("00000000-0000-4000-8000-000000000500", "500", "20260902080000");
    comes_to("held", &zone, &first, ("held.json", &held));
    let released = status("00000000-0000-4000-8000-000000000800", "800", "20260902090000");
    comes_to("released", &zone, &first, ("released.json", &released));
    let signed = [
        ("guid", "00000000-0000-4000-8000-000000000513"),
        ("appTime", "20260903090000"),
        ("logisticsStatus", "S"),
        ("logisticsTime", "20260903085000"),
    ];
    let signed = about(own, MessageType::Ceb513, &signed);
    comes_to("delivered", &zone, &first, ("signed.xml", &signed));

    let own = list(&world, &second);
    let cancelled = [
        ("guid", "00000000-0000-4000-8000-000000000623"),
        ("appTime", "20260902080000"),
        ("invtNo", "51002026I000000002"),
        ("reason", "测试撤销"),
    ];
    let cancelled = about(own, MessageType::Ceb623, &cancelled);
    comes_to("cancelled", &zone, &second, ("cancelled.xml", &cancelled));
    zone.until(&["trade", "list", "--state", "cancelled"], |listed| {
        listed["trades"][0]["key"]["order_no"] == second.as_str()
    });
}

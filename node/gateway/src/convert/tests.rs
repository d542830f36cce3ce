use super::*;
use crate::field_table::{MessageType, Treatment};
use crate::pseudonymise::PseudonymKey;
use kanhe_types::pseudonym::{PersonalKind, PseudonymScope};

fn key() -> PseudonymKey {
    PseudonymKey { scope: PseudonymScope { key_id: 0, epoch: 2026 }, key: [7; 32] }
}

/// The longest text that a field may hold. Ends in a digit, so that a telephone has one.
fn longest(field: &Field) -> String {
    match field.format {
        Format::Text(max) => format!("{}1", "测".repeat(max - 1)),
        Format::Exact(count) | Format::Digits(count) => "1".repeat(count),
        Format::Code => "A".repeat(18),
        Format::Integer => "999999999".into(),
        Format::Decimal => "99999999999999.99999".into(),
        Format::Time => "20261123160000".into(),
        Format::Instant => "20261123160000999".into(),
        Format::Date => "20261123".into(),
        Format::OneOf(texts) => texts[0].into(),
    }
}

fn full(table: &'static [Field]) -> RawFields {
    let mut fields = RawFields::default();
    for field in table {
        fields.set(field.name, longest(field));
    }
    fields
}

/// A message of one document with every field at its longest.
fn message(message_type: MessageType) -> RawMessage {
    let table = message_type.table();
    let lines = table.lines.map(|lines| full(lines.fields)).into_iter().collect();
    let document = RawDocument { head: full(table.head_fields), lines };
    RawMessage { message_type, sender: None, documents: vec![document] }
}

fn only(message: &RawMessage) -> Result<Document, FieldError> {
    convert(message, "f.xml", &key()).pop().unwrap().map(|(_, document)| document)
}

fn set(message: &mut RawMessage, name: &str, text: &str) {
    let field = message.message_type.table().head_field(name).unwrap();
    message.documents[0].head.set(field.name, text);
}

#[test]
fn every_field_at_its_longest_is_read() {
    for message_type in MessageType::ALL {
        let document = only(&message(message_type)).unwrap();
        assert_eq!(document.pseudonyms, key().scope);
        assert_eq!(document.app_type, AppType::Add);
    }
}

/// The texts of a part of a typed document that come from these fields.
fn assert_fields(part: &serde_json::Value, table: &[Field], raw: &RawFields, at: &str) {
    let mut found: Vec<&String> = part.as_object().unwrap().keys().collect();
    // A warehouse receipt may also say what an account book takes in, which 711 cannot.
    found.retain(|name| !["kind", "lines", "goods"].contains(&name.as_str()));
    found.retain(|name| at != "CEB711Message" || *name != "emsNo");
    let is_of_body =
        |field: &&Field| field.treatment != Treatment::Dropped && !is_of_envelope(field);
    let mut expected: Vec<&str> = table.iter().filter(is_of_body).map(|field| field.name).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "{at}: the fields of the type and of the table");
    for field in table.iter().filter(is_of_body) {
        let (text, value) = (raw.get(field.name).unwrap(), &part[field.name]);
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match field.treatment {
            Treatment::Personal(_) => assert_eq!(shown.len(), 32, "{at} {}", field.name),
            _ => assert_eq!(shown, text, "{at} {}", field.name),
        }
    }
}

#[test]
fn every_field_of_every_message_stands_in_the_typed_document_under_its_name() {
    for message_type in MessageType::ALL {
        let table = message_type.table();
        let message = message(message_type);
        let document = only(&message).unwrap();
        assert_eq!(document.kind(), table.kind);
        let mut body = serde_json::to_value(&document.body).unwrap();
        if message_type == MessageType::ListStatus {
            body["copNo"] = body["subject"]["return"]["cop_no"].take();
            body["senderCode"] = body["subject"]["return"]["sender"].take();
            body["subject"] = "return".into();
        }
        let raw = &message.documents[0];
        assert_fields(&body, table.head_fields, &raw.head, table.name);
        if let Some(lines) = table.lines {
            assert_fields(&body["lines"][0], lines.fields, &raw.lines[0], table.name);
        }
    }
}

#[test]
fn a_document_of_only_mandatory_fields_is_read() {
    for message_type in MessageType::ALL {
        let table = message_type.table();
        let mut message = message(message_type);
        for field in table.head_fields.iter().filter(|field| !field.mandatory) {
            message.documents[0].head.remove(field.name);
        }
        for line in &mut message.documents[0].lines {
            for field in table.line_fields().iter().filter(|field| !field.mandatory) {
                line.remove(field.name);
            }
        }
        assert!(only(&message).is_ok(), "{message_type}");
    }
}

#[test]
fn every_field_that_is_missing_or_too_long_is_named() {
    for message_type in MessageType::ALL {
        let table = message_type.table();
        for field in table.head_fields {
            let mut longer = message(message_type);
            longer.documents[0].head.set(field.name, longest(field) + "1");
            let head = table.head_path(&format!("{}[1]", table.document));
            let path = format!("{head}/{}", field.name);
            assert_eq!(only(&longer).unwrap_err().path, path);
            let mut absent = message(message_type);
            absent.documents[0].head.remove(field.name);
            assert_eq!(
                only(&absent).err().map(|error| error.path),
                field.mandatory.then_some(path)
            );
        }
        for field in table.line_fields() {
            let line = table.lines.unwrap().element;
            let path = format!("{}[1]/{line}[1]/{}", table.document, field.name);
            let mut longer = message(message_type);
            longer.documents[0].lines[0].set(field.name, longest(field) + "1");
            assert_eq!(only(&longer).unwrap_err().path, path);
        }
    }
}

#[test]
fn an_error_says_file_place_form_finding_and_remedy() {
    let mut message = message(MessageType::Ceb411);
    message.documents = vec![message.documents[0].clone(); 3];
    message.documents[2].head.set("amountPaid", "1,000");
    let errors: Vec<_> =
        convert(&message, "f.xml", &key()).into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        errors[0].to_string(),
        "f.xml: Payment[3]/PaymentHead/amountPaid: expected a number of at most 19 digits, 5 of \
         them after the point, found \"1,000\"; write digits only, with a point for decimals: no \
         separators, signs or units"
    );
}

#[test]
fn an_error_never_shows_a_personal_value() {
    for message_type in MessageType::ALL {
        for field in message_type.table().head_fields {
            if !matches!(field.treatment, Treatment::Personal(_)) {
                continue;
            }
            let mut long = message(message_type);
            long.documents[0].head.set(field.name, "秘密".repeat(300));
            let error = only(&long).unwrap_err();
            assert_eq!(error.found, "a value of 600 characters");
            assert!(!format!("{error} {error:?} {long:?}").contains('秘'));
        }
    }
}

#[test]
fn a_telephone_without_a_digit_is_refused() {
    let mut message = message(MessageType::Ceb411);
    set(&mut message, "telephone", "无");
    assert_eq!(only(&message).unwrap_err().found, "a value of 1 characters");
    set(&mut message, "telephone", "1");
    assert!(only(&message).is_ok());
}

#[test]
fn a_stored_message_and_a_declared_one_are_told_apart() {
    let mut message = message(MessageType::Ceb311);
    set(&mut message, "appStatus", "1");
    assert_eq!(only(&message).unwrap().app_status, AppStatus::Stored);
    set(&mut message, "appStatus", "2");
    assert_eq!(only(&message).unwrap().app_status, AppStatus::Declared);
    set(&mut message, "appStatus", "3");
    assert_eq!(only(&message).unwrap_err().found, "\"3\"");
}

#[test]
fn changes_and_deletions_are_read_and_export_orders_refused() {
    let mut message = message(MessageType::Ceb311);
    set(&mut message, "appType", "2");
    assert_eq!(only(&message).unwrap().app_type, AppType::Change);
    set(&mut message, "appType", "3");
    assert_eq!(only(&message).unwrap().app_type, AppType::Delete);
    set(&mut message, "orderType", "E");
    assert_eq!(only(&message).unwrap_err().expected, "I");
}

#[test]
fn one_to_ninety_nine_lines_are_read() {
    let mut message = message(MessageType::Ceb621);
    let line = message.documents[0].lines[0].clone();
    for (count, is_read) in [(0, false), (1, true), (99, true), (100, false)] {
        message.documents[0].lines = vec![line.clone(); count];
        assert_eq!(only(&message).is_ok(), is_read, "{count}");
    }
    let mut payment = self::message(MessageType::Ceb411);
    payment.documents[0].lines.push(RawFields::default());
    assert_eq!(only(&payment).unwrap_err().expected, "none");
}

#[test]
fn the_largest_document_is_within_the_ledgers_bound() {
    for message_type in MessageType::ALL {
        let Some(lines) = message_type.table().lines else { continue };
        let mut message = message(message_type);
        message.documents[0].lines = vec![message.documents[0].lines[0].clone(); lines.max];
        let bytes = only(&message).unwrap().encode().len();
        assert!(bytes <= kanhe_types::limits::DOCUMENT_BYTES_MAX, "{message_type}: {bytes}");
    }
}

#[test]
fn personal_values_become_pseudonyms_of_their_kind_and_free_text_is_dropped() {
    let mut message = message(MessageType::Ceb511);
    set(&mut message, "consignee", "测试 某甲");
    set(&mut message, "note", "秘密");
    set(&mut message, "goodsInfo", "秘密");
    let document = only(&message).unwrap();
    let Body::Waybill(waybill) = &document.body else { unreachable!() };
    assert_eq!(Some(waybill.consignee), key().pseudonym(PersonalKind::Name, "测试某甲"));
    let shown = format!("{document:?}");
    assert!(!shown.contains("秘密") && !shown.contains("某甲"));
}

#[test]
fn line_breaks_in_kept_texts_are_refused() {
    let mut message = message(MessageType::Ceb411);
    set(&mut message, "orderNo", "KH\n1");
    assert_eq!(only(&message).unwrap_err().expected, "no control characters");
    let mut free = self::message(MessageType::Ceb411);
    set(&mut free, "note", "a\nb");
    assert!(only(&free).is_ok());
}

#[test]
fn what_customs_says_is_reported_when_customs_says_it() {
    for (message_type, field) in [
        (MessageType::Ceb816, "returnTime"),
        (MessageType::Ceb818, "returnTime"),
        (MessageType::Ceb792, "opDate"),
    ] {
        let mut message = message(message_type);
        set(&mut message, field, "20261231235959999");
        let document = only(&message).unwrap();
        assert_eq!(document.app_time.to_string(), "20261231235959");
        assert_eq!((document.app_type, document.app_status), (AppType::Add, AppStatus::Declared));
    }
    let none = crate::personal::Scopes::none();
    let error =
        convert(&message(MessageType::Ceb818), "f.xml", &crate::personal::Wanted::new(&none))
            .pop()
            .and_then(Result::err);
    assert_eq!(error.unwrap().path, "Tax[1]/TaxHeadStatus/returnTime");
}

#[test]
fn customs_status_is_of_the_list_or_of_a_return_with_or_without_a_number() {
    use kanhe_contracts::document::StatusSubject;
    let subject = |message: &RawMessage| match only(message) {
        Ok(Document { body: Body::ListStatus(status), .. }) => Ok(status.subject),
        Ok(other) => unreachable!("{other:?}"),
        Err(error) => Err((error.path, error.expected)),
    };
    let mut message = message(MessageType::ListStatus);
    set(&mut message, "copNo", "R-1");
    let sender: kanhe_types::code::OrganisationCode = "TESTEBC009".parse().unwrap();
    set(&mut message, "senderCode", "TESTEBC009");
    let cop_no = Some("R-1".to_owned());
    assert_eq!(subject(&message), Ok(StatusSubject::Return { sender, cop_no }));
    set(&mut message, "subject", "list");
    let path = "Status[1]/StatusHead/senderCode".to_owned();
    assert_eq!(subject(&message), Err((path, "nothing, as the status is of the list".into())));
    message.documents[0].head.remove("senderCode");
    let path = "Status[1]/StatusHead/copNo".to_owned();
    assert_eq!(subject(&message), Err((path, "nothing, as the status is of the list".into())));
    message.documents[0].head.remove("copNo");
    assert_eq!(subject(&message), Ok(StatusSubject::List));
    set(&mut message, "subject", "return");
    // A return is the declarant's, unless another sender is stated.
    let sender = message.documents[0].head.get("agentCode").unwrap().parse().unwrap();
    assert_eq!(subject(&message), Ok(StatusSubject::Return { sender, cop_no: None }));
}

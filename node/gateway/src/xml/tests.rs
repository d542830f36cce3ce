use super::*;
use crate::limits::DEPTH_MAX;
use proptest::prelude::*;
use std::time::{Duration, Instant};

const CEB: &str = r#"xmlns="http://www.chinaport.gov.cn/ceb""#;

/// A payment message around `content`.
fn payments(content: &str) -> String {
    format!("<CEB411Message {CEB}>{content}</CEB411Message>")
}

/// A payment message with one document whose head holds `fields`.
fn head(fields: &str) -> String {
    payments(&format!("<Payment><PaymentHead>{fields}</PaymentHead></Payment>"))
}

fn refused(text: &str) -> Problem {
    parse(text.as_bytes()).unwrap_err().problem
}

/// What `orderNo` is read as.
fn order_no(content: &str) -> String {
    let message = parse(head(&format!("<orderNo>{content}</orderNo>")).as_bytes()).unwrap();
    message.documents[0].head.get("orderNo").unwrap_or_default().to_owned()
}

fn malformed(text: &str, reason: &str) {
    match refused(text) {
        Problem::Malformed(found) => assert!(found.contains(reason), "{found}"),
        other => unreachable!("{other}"),
    }
}

#[test]
fn prefix_default_namespace_and_byte_order_mark_are_all_read() {
    let prefixed = r#"<x:CEB411Message xmlns:x="http://www.chinaport.gov.cn/ceb"><x:Payment>
        <x:PaymentHead><x:orderNo> KH1 </x:orderNo><x:note></x:note></x:PaymentHead></x:Payment>
        <x:BaseTransfer><x:copCode>4300000001</x:copCode><x:copName>n</x:copName></x:BaseTransfer>
        </x:CEB411Message>"#;
    let plain = payments(
        "<Payment><PaymentHead><orderNo>KH1</orderNo></PaymentHead></Payment>
         <BaseTransfer><copCode>4300000001</copCode></BaseTransfer>",
    );
    let message = parse(prefixed.as_bytes()).unwrap();
    assert_eq!(message.sender.as_deref(), Some("4300000001"));
    assert_eq!(message.documents[0].head.get("orderNo"), Some("KH1"));
    assert_eq!(message.documents[0].head.get("note"), None);
    assert_eq!(parse(format!("\u{FEFF}{plain}").as_bytes()), Ok(message));
}

#[test]
fn other_namespaces_are_refused() {
    let none = "<CEB411Message><Payment/></CEB411Message>";
    assert!(matches!(refused(none), Problem::Namespace { .. }));
    let other = r#"<CEB411Message xmlns="http://example.org"><Payment/></CEB411Message>"#;
    assert!(matches!(refused(other), Problem::Namespace { .. }));
    let inside = payments(r#"<Payment xmlns="http://example.org"><PaymentHead/></Payment>"#);
    assert!(matches!(refused(&inside), Problem::UnknownElement { .. }));
}

#[test]
fn a_namespace_ends_with_its_element() {
    let text = payments(
        r#"<ExtendMessage xmlns:y="http://www.chinaport.gov.cn/ceb"/>
           <y:Payment><PaymentHead/></y:Payment>"#,
    );
    assert!(matches!(refused(&text), Problem::UnknownElement { .. }));
}

#[test]
fn signature_extension_and_subscription_are_passed_over() {
    let text = payments(
        r#"<Payment><PaymentHead/></Payment><BaseSubscribe><status>ALL</status></BaseSubscribe>
           <ExtendMessage><name>x</name><Message><any><deep/></any></Message></ExtendMessage>
           <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>"#,
    );
    assert_eq!(parse(text.as_bytes()).unwrap().documents.len(), 1);
}

#[test]
fn unknown_elements_are_named() {
    let path = "Payment[1]/PaymentHead/amuontPaid".to_owned();
    assert_eq!(refused(&head("<amuontPaid>1</amuontPaid>")), Problem::UnknownElement { path });
    let path = "CEB411Message/Order".to_owned();
    assert_eq!(refused(&payments("<Order/>")), Problem::UnknownElement { path });
    let path = "Payment[1]/PaymentHead/orderNo/b".to_owned();
    let problem = refused(&head("<orderNo>x<b/></orderNo>"));
    assert_eq!(problem, Problem::UnknownElement { path });
}

#[test]
fn repeated_elements_are_refused() {
    let path = "Payment[1]/PaymentHead/orderNo".to_owned();
    let twice = head("<orderNo/><orderNo>1</orderNo>");
    assert_eq!(refused(&twice), Problem::Duplicate { path });
    let heads = payments("<Payment><PaymentHead/><PaymentHead/></Payment>");
    assert!(matches!(refused(&heads), Problem::Duplicate { .. }));
    let transfer = |code: &str| format!("<BaseTransfer><copCode>{code}</copCode></BaseTransfer>");
    let two = payments(&format!("<Payment/>{}{}", transfer("A"), transfer("B")));
    assert!(matches!(refused(&two), Problem::Duplicate { .. }));
    // Official samples repeat it; the same sender twice is one sender.
    let same = payments(&format!("<Payment/>{}{}", transfer("A"), transfer("A")));
    assert_eq!(parse(same.as_bytes()).unwrap().sender.as_deref(), Some("A"));
}

#[test]
fn a_hundred_documents_are_read_and_one_more_refused() {
    let message = |count| payments(&"<Payment><PaymentHead/></Payment>".repeat(count));
    assert_eq!(parse(message(100).as_bytes()).unwrap().documents.len(), 100);
    assert_eq!(refused(&message(101)), Problem::TooManyDocuments);
    assert_eq!(refused(&message(0)), Problem::NoDocuments);
}

#[test]
fn messages_that_are_not_read_are_named() {
    let refused_name = |name: &str| refused(&format!("<{name} {CEB}/>"));
    assert_eq!(refused_name("CEB999Message"), Problem::Unsupported("CEB999Message".into()));
    assert_eq!(refused_name("CEB312Message"), Problem::Receipt("CEB312Message".into()));
    assert_eq!(refused("<html/>"), Problem::UnknownRoot("html".into()));
    let json_only = format!("<IdentityAttestation {CEB}/>");
    assert!(matches!(refused(&json_only), Problem::UnknownRoot(_)));
}

#[test]
fn predefined_entities_character_references_and_cdata_are_read() {
    assert_eq!(order_no("a&lt;&gt;&amp;&apos;&quot;b"), "a<>&'\"b");
    assert_eq!(order_no("&#x6D4B;&#35797;<![CDATA[<1>]]><!-- no -->2"), "测试<1>2");
    assert_eq!(order_no("a\r\nb"), "a\nb");
}

#[test]
fn other_entities_and_document_types_are_refused() {
    assert_eq!(refused(&head("<orderNo>&nbsp;</orderNo>")), Problem::Entity("nbsp".into()));
    assert!(matches!(refused(&head("<orderNo>&#x0;</orderNo>")), Problem::Entity(_)));
    let laughs = format!(
        r#"<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>{}"#,
        head("<orderNo>&b;</orderNo>")
    );
    assert_eq!(refused(&laughs), Problem::Doctype);
    let external = r#"<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>"#;
    assert_eq!(refused(external), Problem::Doctype);
}

#[test]
fn sixteen_elements_inside_one_another_are_read_and_one_more_refused() {
    let nested = |count: usize| {
        let (open, close) = ("<a>".repeat(count), "</a>".repeat(count));
        let extension = format!("<ExtendMessage>{open}{close}</ExtendMessage>");
        payments(&format!("<Payment><PaymentHead/></Payment>{extension}"))
    };
    assert!(parse(nested(DEPTH_MAX - 2).as_bytes()).is_ok());
    assert_eq!(refused(&nested(DEPTH_MAX - 1)), Problem::TooDeep);
}

#[test]
fn the_longest_text_is_read_and_one_byte_more_refused() {
    assert_eq!(order_no(&"x".repeat(TEXT_BYTES_MAX)).len(), TEXT_BYTES_MAX);
    let longer = head(&format!("<orderNo>{}</orderNo>", "x".repeat(TEXT_BYTES_MAX + 1)));
    assert!(matches!(refused(&longer), Problem::TextTooLong { .. }));
}

#[test]
fn other_encodings_are_refused_with_a_remedy() {
    let declared = format!(r#"<?xml version="1.0" encoding="gb2312"?>{}"#, head(""));
    assert_eq!(refused(&declared), Problem::Encoding { declared: "gb2312".into() });
    // The two characters of "test" in Chinese as GBK writes them.
    let mut gbk = br#"<?xml version="1.0" encoding='GBK'?><a>"#.to_vec();
    gbk.extend(b"\xB2\xE2\xCA\xD4</a>");
    let error = parse(&gbk).unwrap_err();
    assert_eq!(error.problem, Problem::Encoding { declared: "GBK".into() });
    assert!(error.to_string().contains("save the file as UTF-8"), "{error}");
    assert_eq!(parse(b"\xEF\xBB\xBF<a>\xB2").unwrap_err().problem, Problem::NotUtf8 { at: 6 });
    let lower = format!(r#"<?xml version="1.0" encoding="utf-8"?>{}"#, head(""));
    assert!(parse(lower.as_bytes()).is_ok());
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_place() {
    let text = format!("<CEB411Message {CEB}>\n   <Payment></a>");
    let error = parse(text.as_bytes()).unwrap_err();
    assert_eq!(error.position, Some(Position { line: 2, column: 13 }), "{error}");
    malformed(&head("<orderNo>1"), "");
    malformed("", "no root element");
    malformed(&format!("{}<a/>", head("")), "second root element");
    malformed(&format!("<CEB411Message {CEB}>"), "ends inside an element");
    let attributes = format!(r#"<a {}="x"/>"#, "b".repeat(5_000));
    malformed(&attributes, "bytes of attributes");
    let text = payments("<Payment>stray<PaymentHead/></Payment>");
    assert_eq!(refused(&text), Problem::StrayText { path: "Payment[1]".into() });
}

#[test]
fn an_envelope_holds_one_message_and_no_envelope() {
    let envelope = |data: &str| {
        format!(r#"<DxpMsg xmlns="{DXP_NAMESPACE}"><TransInfo/><Data>{data}</Data></DxpMsg>"#)
    };
    let good = STANDARD.encode(head("<orderNo>1</orderNo>"));
    let (start, end) = good.split_at(20);
    assert_eq!(parse(envelope(&format!("{start}\n {end}")).as_bytes()).unwrap().documents.len(), 1);
    assert_eq!(refused(&envelope("***")), Problem::NotBase64);
    let none = format!(r#"<DxpMsg xmlns="{DXP_NAMESPACE}"/>"#);
    assert_eq!(refused(&none), Problem::NoData);
    let nested = envelope(&STANDARD.encode(envelope(&good)));
    let Problem::Inner(inner) = refused(&nested) else { unreachable!() };
    assert_eq!(inner.problem, Problem::UnknownRoot("DxpMsg".into()));
}

#[test]
fn a_file_of_the_largest_size_takes_no_time_to_speak_of() {
    let declarations = (0..60).map(|n| format!(r#" xmlns:n{n}="u""#)).collect::<String>();
    let open = format!("<CEB411Message {CEB}{declarations}><ExtendMessage>");
    let hostile = [
        format!("{open}{}", "<n59:a/>".repeat(FILE_BYTES_MAX / 8 - 1_000)),
        "<".repeat(FILE_BYTES_MAX),
        "&a;".repeat(FILE_BYTES_MAX / 3),
        format!("<a {}", "b='' ".repeat(FILE_BYTES_MAX / 5 - 1)),
        head(&"<orderNo></orderNo>".repeat(100_000)),
    ];
    for text in hostile {
        let start = Instant::now();
        assert!(parse(text.as_bytes()).is_err());
        assert!(start.elapsed() < Duration::from_secs(20), "{}", shortened(&text, 40));
    }
    assert!(matches!(refused(&"x".repeat(FILE_BYTES_MAX + 1)), Problem::TooLarge { .. }));
}

proptest! {
    #[test]
    fn whatever_the_bytes_there_is_an_answer(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let _ = parse(&bytes).is_ok();
    }

    #[test]
    fn whatever_is_changed_in_a_message_there_is_an_answer(
        at in 0usize..300,
        cut in 0usize..20,
        insert in proptest::sample::select(vec![
            "<", ">", "&", "</", "<!", "<![CDATA[", "]]>", "<?", "\"", "<!--", "&#x;", "测", "xmlns=", "/",
        ]),
    ) {
        let good = payments(
            r#"<Payment><PaymentHead guid="x"><orderNo>测试&amp;<![CDATA[x]]></orderNo>
            <note>n</note></PaymentHead></Payment><BaseTransfer><copCode>A</copCode></BaseTransfer>"#,
        );
        let mut bytes = good.into_bytes();
        let at = at.min(bytes.len());
        let end = at.saturating_add(cut).min(bytes.len());
        bytes.splice(at..end, insert.bytes());
        let _ = parse(&bytes).is_ok();
    }
}

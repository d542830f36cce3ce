//! Raw messages to typed documents: every field is held against its table, personal values become
//! pseudonyms, free text is left behind.

use crate::error::{FieldError, shortened};
use crate::field_table::{Field, Format, MessageTable, MessageType, Treatment};
use crate::personal::Pseudonymise;
use crate::raw::{RawDocument, RawFields, RawMessage};
use kanhe_contracts::document::{
    AppStatus, AppType, Body, Document, IdentityAttestation, InventoryLine, InventoryList, Order,
    OrderLine, OriginalSignature, Payment, Waybill,
};
use kanhe_types::pseudonym::{Pseudonym, PseudonymScope};
use kanhe_types::time::CustomsTime;
use std::str::FromStr;

/// The documents of a message, each with its index. A bad field spoils its own document only.
///
/// `file` names the source in errors.
pub fn convert(
    message: &RawMessage,
    file: &str,
    key: &dyn Pseudonymise,
) -> Vec<Result<(usize, Document), FieldError>> {
    let documents = message.documents.iter().enumerate();
    documents
        .map(|(index, raw)| {
            let (table, scope) = (message.message_type.table(), PseudonymScope::default());
            let source = Source { file, index, table, key, scope };
            source.document(message.message_type, raw).map(|document| (index, document))
        })
        .collect()
}

/// Where a document comes from, and what its pseudonyms are made with.
#[derive(Clone, Copy)]
struct Source<'a> {
    file: &'a str,
    index: usize,
    table: &'static MessageTable,
    key: &'a dyn Pseudonymise,
    /// What the document's pseudonyms are made in, once it is known.
    scope: PseudonymScope,
}

/// The fields of one head or line, and how to name them in an error.
struct Part<'a> {
    source: Source<'a>,
    /// Empty where the fields stand in the document itself.
    element: String,
    table: &'static [Field],
    fields: &'a RawFields,
}

type Found<T> = Result<T, FieldError>;

impl<'a> Source<'a> {
    fn document(self, message_type: MessageType, raw: &RawDocument) -> Found<Document> {
        let element = self.table.head.unwrap_or_default();
        let head = self.part(element.to_owned(), self.table.head_fields, &raw.head);
        head.check()?;
        self.check_line_count(raw.lines.len())?;
        let source = Self { scope: head.scope()?, ..self };
        let head = source.part(element.to_owned(), self.table.head_fields, &raw.head);
        let body = match message_type {
            MessageType::Ceb311 => Body::Order(order(&head, source.lines(raw, order_line)?)?),
            MessageType::Ceb411 => Body::Payment(payment(&head)?),
            MessageType::Ceb511 => Body::Waybill(waybill(&head)?),
            MessageType::Ceb621 => {
                Body::InventoryList(inventory_list(&head, source.lines(raw, inventory_line)?)?)
            }
            MessageType::IdentityAttestation => {
                Body::IdentityAttestation(identity_attestation(&head)?)
            }
        };
        let app_type = match head.text("appType")?.as_str() {
            "1" => AppType::Add,
            "2" => AppType::Change,
            _ => AppType::Delete,
        };
        let is_stored = head.fields.get("appStatus") == Some("1");
        Ok(Document {
            guid: head.text("guid")?,
            app_type,
            app_status: if is_stored { AppStatus::Stored } else { AppStatus::Declared },
            app_time: head.value("appTime")?,
            pseudonyms: source.scope,
            original: None,
            original_signature: OriginalSignature::Unsigned,
            body,
        })
    }

    fn part(self, element: String, table: &'static [Field], fields: &'a RawFields) -> Part<'a> {
        Part { source: self, element, table, fields }
    }

    fn check_line_count(self, found: usize) -> Found<()> {
        let (element, min, max) = match self.table.lines {
            Some(lines) => (lines.element, lines.min, lines.max),
            None => ("lines", 0, 0),
        };
        if (min..=max).contains(&found) {
            return Ok(());
        }
        let expected = if max == 0 { "none".into() } else { format!("{min} to {max} lines") };
        Err(self.error(element, expected, format!("{found} lines"), "correct the number of lines"))
    }

    fn lines<T>(self, raw: &'a RawDocument, line: fn(&Part<'_>) -> Found<T>) -> Found<Vec<T>> {
        let name = self.table.lines.map_or("", |lines| lines.element);
        let numbered = (1usize..).zip(&raw.lines);
        numbered
            .map(|(number, fields)| {
                let part = self.part(format!("{name}[{number}]"), self.table.line_fields(), fields);
                part.check()?;
                line(&part)
            })
            .collect()
    }

    fn error(
        self,
        element: &str,
        expected: String,
        found: String,
        remedy: &'static str,
    ) -> FieldError {
        let number = self.index.saturating_add(1);
        FieldError {
            file: self.file.to_owned(),
            document: self.index,
            path: format!("{}[{number}]/{element}", self.table.document),
            expected,
            found,
            remedy,
        }
    }
}

impl Part<'_> {
    /// Holds every field against the table, those too that are left behind.
    fn check(&self) -> Found<()> {
        for field in self.table {
            match self.fields.get(field.name) {
                None if field.mandatory => return Err(self.missing(field)),
                None => {}
                Some(text) if !field.format.is_met_by(text) => return Err(self.wrong(field, text)),
                Some(text) if has_control(field, text) => {
                    return Err(self.error(
                        field,
                        "no control characters".into(),
                        "some".into(),
                        "remove line breaks and the like",
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn error(
        &self,
        field: &Field,
        expected: String,
        found: String,
        remedy: &'static str,
    ) -> FieldError {
        let element = match self.element.as_str() {
            "" => field.name.to_owned(),
            element => format!("{element}/{}", field.name),
        };
        self.source.error(&element, expected, found, remedy)
    }

    fn missing(&self, field: &Field) -> FieldError {
        self.error(field, field.format.to_string(), "nothing".into(), "the field is mandatory")
    }

    fn wrong(&self, field: &Field, text: &str) -> FieldError {
        let found = if field.is_showable() {
            format!("{:?}", shortened(text, 40))
        } else {
            format!("a value of {} characters", text.chars().count())
        };
        let expected = match (field.name, field.format) {
            ("orderType", _) => "I (import)".into(),
            (_, format) => format.to_string(),
        };
        self.error(field, expected, found, remedy(field))
    }

    /// The table's field of this name.
    fn field(&self, name: &str) -> &'static Field {
        self.table
            .iter()
            .find(|field| field.name == name)
            .expect("the names below are those of the table, as every conversion test shows")
    }

    fn value_opt<T: FromStr>(&self, name: &str) -> Found<Option<T>> {
        let Some(text) = self.fields.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.wrong(self.field(name), text))
    }

    fn value<T: FromStr>(&self, name: &str) -> Found<T> {
        self.value_opt(name)?.ok_or_else(|| self.missing(self.field(name)))
    }

    fn text(&self, name: &str) -> Found<String> {
        self.value(name)
    }

    fn text_opt(&self, name: &str) -> Found<Option<String>> {
        self.value_opt(name)
    }

    fn personal_opt(&self, name: &str) -> Found<Option<Pseudonym>> {
        let Some(text) = self.fields.get(name) else { return Ok(None) };
        let field = self.field(name);
        let Treatment::Personal(kind) = field.treatment else {
            return Err(self.wrong(field, text));
        };
        let pseudonym = self.source.key.pseudonym(self.source.scope, kind, text);
        pseudonym.map(Some).ok_or_else(|| self.wrong(field, text))
    }

    /// The scope of the year in which the document is reported.
    fn scope(&self) -> Found<PseudonymScope> {
        let year = self.value::<CustomsTime>("appTime")?.year();
        let scope = u16::try_from(year).ok().and_then(|year| self.source.key.scope(year));
        scope.ok_or_else(|| {
            self.error(
                self.field("appTime"),
                "a year that the zone has a pseudonym key for".into(),
                year.to_string(),
                "correct the time, or ask an agency for a key of that year",
            )
        })
    }

    fn personal(&self, name: &str) -> Found<Pseudonym> {
        self.personal_opt(name)?.ok_or_else(|| self.missing(self.field(name)))
    }
}

fn has_control(field: &Field, text: &str) -> bool {
    field.treatment == Treatment::Kept && text.chars().any(char::is_control)
}

fn remedy(field: &Field) -> &'static str {
    match (field.name, field.format) {
        ("orderType", _) => "only import orders are supported yet",
        (_, Format::Text(_) | Format::Exact(_)) => "correct its length",
        (_, Format::Code) => "use the customs registration or unified social credit code",
        (_, Format::Integer | Format::Decimal) => {
            "write digits only, with a point for decimals: no separators, signs or units"
        }
        (_, Format::Time) => "use the time of day in China, without separators",
        (_, Format::Date) => "use a day of the calendar, without separators",
        (_, Format::OneOf(_)) => "use one of these codes",
    }
}

fn order(head: &Part<'_>, lines: Vec<OrderLine>) -> Found<Order> {
    Ok(Order {
        order_no: head.text("orderNo")?,
        ebp_code: head.value("ebpCode")?,
        ebp_name: head.text("ebpName")?,
        ebc_code: head.value("ebcCode")?,
        ebc_name: head.text("ebcName")?,
        goods_value: head.value("goodsValue")?,
        freight: head.value("freight")?,
        discount: head.value("discount")?,
        tax_total: head.value("taxTotal")?,
        actural_paid: head.value("acturalPaid")?,
        currency: head.text("currency")?,
        buyer_reg_no: head.personal("buyerRegNo")?,
        buyer_name: head.personal("buyerName")?,
        buyer_telephone: head.personal("buyerTelephone")?,
        buyer_id_type: head.text("buyerIdType")?,
        buyer_id_number: head.personal("buyerIdNumber")?,
        pay_code: head.value_opt("payCode")?,
        pay_name: head.text_opt("payName")?,
        pay_transaction_id: head.text_opt("payTransactionId")?,
        batch_numbers: head.text_opt("batchNumbers")?,
        consignee: head.personal("consignee")?,
        consignee_telephone: head.personal("consigneeTelephone")?,
        consignee_address: head.personal("consigneeAddress")?,
        consignee_district: head.text_opt("consigneeDistrict")?,
        lines,
    })
}

fn order_line(line: &Part<'_>) -> Found<OrderLine> {
    Ok(OrderLine {
        gnum: line.value("gnum")?,
        item_no: line.text_opt("itemNo")?,
        item_name: line.text("itemName")?,
        gmodel: line.text("gmodel")?,
        bar_code: line.text_opt("barCode")?,
        unit: line.text("unit")?,
        qty: line.value("qty")?,
        price: line.value("price")?,
        total_price: line.value("totalPrice")?,
        currency: line.text("currency")?,
        country: line.text("country")?,
    })
}

fn payment(head: &Part<'_>) -> Found<Payment> {
    Ok(Payment {
        pay_code: head.value("payCode")?,
        pay_name: head.text("payName")?,
        pay_transaction_id: head.text("payTransactionId")?,
        order_no: head.text("orderNo")?,
        ebp_code: head.value("ebpCode")?,
        ebp_name: head.text("ebpName")?,
        payer_id_type: head.text("payerIdType")?,
        payer_id_number: head.personal("payerIdNumber")?,
        payer_name: head.personal("payerName")?,
        telephone: head.personal_opt("telephone")?,
        amount_paid: head.value("amountPaid")?,
        currency: head.text("currency")?,
        pay_time: head.value("payTime")?,
    })
}

fn waybill(head: &Part<'_>) -> Found<Waybill> {
    Ok(Waybill {
        logistics_code: head.value("logisticsCode")?,
        logistics_name: head.text("logisticsName")?,
        logistics_no: head.text("logisticsNo")?,
        bill_no: head.text_opt("billNo")?,
        order_no: head.text("orderNo")?,
        freight: head.value_opt("freight")?,
        insured_fee: head.value_opt("insuredFee")?,
        currency: head.text("currency")?,
        weight: head.value("weight")?,
        pack_no: head.value("packNo")?,
        consignee: head.personal("consignee")?,
        consignee_address: head.personal("consigneeAddress")?,
        consignee_telephone: head.personal("consigneeTelephone")?,
    })
}

fn inventory_list(head: &Part<'_>, lines: Vec<InventoryLine>) -> Found<InventoryList> {
    Ok(InventoryList {
        order_no: head.text("orderNo")?,
        ebp_code: head.value("ebpCode")?,
        ebp_name: head.text("ebpName")?,
        ebc_code: head.value("ebcCode")?,
        ebc_name: head.text("ebcName")?,
        logistics_no: head.text("logisticsNo")?,
        logistics_code: head.value("logisticsCode")?,
        logistics_name: head.text("logisticsName")?,
        cop_no: head.text_opt("copNo")?,
        pre_no: head.text_opt("preNo")?,
        assure_code: head.value("assureCode")?,
        ems_no: head.text_opt("emsNo")?,
        invt_no: head.text_opt("invtNo")?,
        ie_flag: head.text("ieFlag")?,
        decl_time: head.value("declTime")?,
        customs_code: head.text("customsCode")?,
        port_code: head.text("portCode")?,
        ie_date: head.value_opt("ieDate")?,
        buyer_id_type: head.text("buyerIdType")?,
        buyer_id_number: head.personal("buyerIdNumber")?,
        buyer_name: head.personal("buyerName")?,
        buyer_telephone: head.personal("buyerTelephone")?,
        consignee_address: head.personal("consigneeAddress")?,
        agent_code: head.value("agentCode")?,
        agent_name: head.text("agentName")?,
        area_code: head.value_opt("areaCode")?,
        area_name: head.text_opt("areaName")?,
        trade_mode: head.text("tradeMode")?,
        traf_mode: head.text("trafMode")?,
        traf_no: head.text_opt("trafNo")?,
        voyage_no: head.text_opt("voyageNo")?,
        bill_no: head.text_opt("billNo")?,
        loct_no: head.text_opt("loctNo")?,
        license_no: head.text_opt("licenseNo")?,
        country: head.text("country")?,
        freight: head.value("freight")?,
        insured_fee: head.value("insuredFee")?,
        currency: head.text("currency")?,
        wrap_type: head.text_opt("wrapType")?,
        pack_no: head.value("packNo")?,
        gross_weight: head.value("grossWeight")?,
        net_weight: head.value("netWeight")?,
        lines,
    })
}

fn inventory_line(line: &Part<'_>) -> Found<InventoryLine> {
    Ok(InventoryLine {
        gnum: line.value("gnum")?,
        item_record_no: line.text_opt("itemRecordNo")?,
        item_no: line.text_opt("itemNo")?,
        item_name: line.text_opt("itemName")?,
        gcode: line.text("gcode")?,
        gname: line.text("gname")?,
        gmodel: line.text("gmodel")?,
        bar_code: line.text_opt("barCode")?,
        country: line.text("country")?,
        trade_country: line.text_opt("tradeCountry")?,
        currency: line.text("currency")?,
        qty: line.value("qty")?,
        unit: line.text("unit")?,
        qty1: line.value("qty1")?,
        unit1: line.text("unit1")?,
        qty2: line.value_opt("qty2")?,
        unit2: line.text_opt("unit2")?,
        price: line.value("price")?,
        total_price: line.value("totalPrice")?,
    })
}

fn identity_attestation(head: &Part<'_>) -> Found<IdentityAttestation> {
    Ok(IdentityAttestation { id_number: head.personal("idNumber")?, name: head.personal("name")? })
}

#[cfg(test)]
mod tests;

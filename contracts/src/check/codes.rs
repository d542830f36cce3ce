//! Codes of customs' tables: which fields carry them, of every kind of document, and whether the
//! policy's tables have them.

use super::{Faults, Place, line_field, shown};
use crate::document::{
    Body, CoverAct, DisputeAct, DisputeClaim, FrozenLotAct, JourneyAct, NettingStatementAct,
    OverseasAidAct, OverseasStock, OverseasStockAct, ReceivableAct, StocktakeAct,
};
use crate::policy::{Policy, Table};
use crate::rejection::Rejection;

/// Checks every code of `body` whose table the policy has.
pub(super) fn check(body: &Body, policy: &Policy, faults: &mut Faults) {
    if policy.code_tables.is_empty() {
        return;
    }
    each(body, &mut |place, table, code| {
        let Some(own) = policy.code_table(table) else { return };
        if own.has(code) {
            return;
        }
        let rejection = match table {
            Table::Currency => Rejection::CurrencyUnknown,
            _ => Rejection::CodeUnknown,
        };
        let expected = format!("a code of table {}, version {}", table.name(), own.version);
        faults.add(rejection, place, expected, shown(code));
    });
}

/// Names every field of `body` that carries a code. The modes of lists are the policy's own.
#[allow(clippy::too_many_lines, reason = "a table: one place says which fields carry codes")]
fn each(body: &Body, found: &mut impl FnMut(Place, Table, &str)) {
    use Table::{Country, Currency, District, TradeMode, Transport, Unit, Wrap};
    match body {
        Body::Order(order) => {
            found("currency".into(), Currency, &order.currency);
            for (index, line) in order.lines.iter().enumerate() {
                found(line_field(index, "unit"), Unit, &line.unit);
                found(line_field(index, "currency"), Currency, &line.currency);
                found(line_field(index, "country"), Country, &line.country);
            }
        }
        Body::Payment(payment) => found("currency".into(), Currency, &payment.currency),
        Body::PaymentRefund(refund) => found("currency".into(), Currency, &refund.currency),
        Body::Waybill(waybill) => found("currency".into(), Currency, &waybill.currency),
        Body::InventoryList(list) => {
            found("customsCode".into(), District, &list.customs_code);
            found("portCode".into(), District, &list.port_code);
            found("trafMode".into(), Transport, &list.traf_mode);
            found("country".into(), Country, &list.country);
            found("currency".into(), Currency, &list.currency);
            if let Some(wrap) = &list.wrap_type {
                found("wrapType".into(), Wrap, wrap);
            }
            for (index, line) in list.lines.iter().enumerate() {
                found(line_field(index, "country"), Country, &line.country);
                if let Some(country) = &line.trade_country {
                    found(line_field(index, "tradeCountry"), Country, country);
                }
                found(line_field(index, "currency"), Currency, &line.currency);
                units(index, [Some(&line.unit), Some(&line.unit1), line.unit2.as_ref()], found);
            }
        }
        Body::ExportOrder(order) => {
            found("currency".into(), Currency, &order.currency);
            for (index, line) in order.lines.iter().enumerate() {
                found(line_field(index, "unit"), Unit, &line.unit);
                found(line_field(index, "currency"), Currency, &line.currency);
            }
        }
        Body::FundsReceipt(receipt) => found("currency".into(), Currency, &receipt.currency),
        Body::ExportWaybill(waybill) => found("currency".into(), Currency, &waybill.currency),
        Body::ExportList(list) => {
            found("customsCode".into(), District, &list.customs_code);
            found("portCode".into(), District, &list.port_code);
            found("trafMode".into(), Transport, &list.traf_mode);
            found("country".into(), Country, &list.country);
            found("fCurrency".into(), Currency, &list.f_currency);
            found("iCurrency".into(), Currency, &list.i_currency);
            found("wrapType".into(), Wrap, &list.wrap_type);
            for (index, line) in list.lines.iter().enumerate() {
                found(line_field(index, "country"), Country, &line.country);
                found(line_field(index, "currency"), Currency, &line.currency);
                units(index, [Some(&line.unit), Some(&line.unit1), line.unit2.as_ref()], found);
            }
        }
        Body::Arrival(arrival) => {
            found("customsCode".into(), District, &arrival.customs_code);
            found("trafMode".into(), Transport, &arrival.traf_mode);
        }
        Body::Departure(departure) => {
            found("customsCode".into(), District, &departure.customs_code);
            found("trafMode".into(), Transport, &departure.traf_mode);
        }
        Body::ExportListCancellation(own) => {
            found("customsCode".into(), District, &own.customs_code);
        }
        Body::ConsolidationBill(bill) => {
            found("customsCode".into(), District, &bill.customs_code);
            found("trafMode".into(), Transport, &bill.traf_mode);
        }
        Body::SummaryApplication(own) => found("customsCode".into(), District, &own.customs_code),
        Body::SummaryResult(own) => found("customsCode".into(), District, &own.customs_code),
        Body::ExportReturn(own) => {
            found("customsCode".into(), District, &own.customs_code);
            found("portCode".into(), District, &own.port_code);
            found("trafMode".into(), Transport, &own.traf_mode);
            found("country".into(), Country, &own.country);
            if let Some(mode) = &own.trade_mode {
                found("tradeMode".into(), TradeMode, mode);
            }
            for (index, line) in own.lines.iter().enumerate() {
                units(index, [Some(&line.unit), Some(&line.unit1), line.unit2.as_ref()], found);
            }
        }
        Body::ReturnTally(tally) => {
            found("customsCode".into(), District, &tally.customs_code);
            found("trafMode".into(), Transport, &tally.traf_mode);
        }
        Body::ListCancellation(own) => found("customsCode".into(), District, &own.customs_code),
        Body::ListReturn(own) => {
            found("customsCode".into(), District, &own.customs_code);
            for (index, line) in own.lines.iter().enumerate() {
                found(line_field(index, "unit"), Unit, &line.unit);
            }
        }
        Body::WarehouseReceipt(own) => {
            found("customsCode".into(), District, &own.customs_code);
            found("trafMode".into(), Transport, &own.traf_mode);
            for goods in &own.goods {
                found("goods.unit".into(), Unit, &goods.unit);
            }
        }
        Body::TaxBill(bill) => {
            if let Some(district) = &bill.customs_code {
                found("customsCode".into(), District, district);
            }
        }
        Body::ListStatus(own) => found("customsCode".into(), District, &own.customs_code),
        Body::WaybillStatus(_)
        | Body::TaxBillStatus(_)
        | Body::IdentityAttestation(_)
        | Body::GovernanceProposal(_)
        | Body::GovernanceVote(_)
        | Body::GovernanceWithdrawal(_)
        | Body::OwnKeys(_)
        | Body::SpotCheck(_)
        | Body::SpotCheckAnswer(_)
        | Body::SpotCheckResult(_)
        | Body::Erasure(_)
        | Body::CaseGrant(_)
        | Body::PeriodGrant(_)
        | Body::GrantWithdrawal(_)
        | Body::AssistanceRequest(_)
        | Body::AssistanceAnswer(_)
        | Body::Inspection(_)
        | Body::ReadReport(_)
        // What it states must be the list's, whose codes were checked.
        | Body::TaxExemption(_)
        | Body::Fund(_)
        | Body::RiskSignal(_)
        | Body::RiskAct(_)
        | Body::SubsidyClaim(_)
        | Body::Certificate(_)
        | Body::NegativeList(_)
        | Body::CreditRecord(_)
        | Body::CustomsGrade(_)
        | Body::TaxDeposit(_)
        | Body::Right(_)
        | Body::PaymentAllocation(_) => {}
        Body::FrozenLot(own) => {
            if let FrozenLotAct::Open(facts) = &own.act {
                found("country".into(), Country, &facts.country);
            }
        }
        Body::OverseasStock(own) => stock(own, found),
        Body::Stocktake(own) => {
            let StocktakeAct::Count(count) = &own.act;
            for (index, line) in count.lines.iter().enumerate() {
                found(line_field(index, "unit"), Unit, &line.unit);
            }
        }
        Body::OverseasAid(own) => {
            if let OverseasAidAct::Ask(request) = &own.act {
                found("country".into(), Country, &request.country);
            }
        }
        Body::Journey(own) => {
            if let JourneyAct::Plan(plan) = &own.act {
                for (index, leg) in plan.legs.iter().enumerate() {
                    found(line_field(index, "trafMode"), Transport, &leg.traf_mode);
                }
            }
        }
        Body::NettingStatement(own) => {
            if let NettingStatementAct::State(facts) = &own.act {
                found("currency".into(), Currency, &facts.currency);
            }
        }
        Body::Receivable(own) => {
            if let ReceivableAct::Register(facts) = &own.act {
                found("currency".into(), Currency, &facts.currency);
            }
        }
        Body::Cover(own) => {
            if let CoverAct::Cover(facts) = &own.act {
                found("currency".into(), Currency, &facts.currency);
            }
        }
        Body::Dispute(own) => {
            if let DisputeAct::Open(DisputeClaim { currency: Some(currency), .. }) = &own.act {
                found("currency".into(), Currency, currency);
            }
        }
    }
}

fn stock(own: &OverseasStock, found: &mut impl FnMut(Place, Table, &str)) {
    match &own.act {
        OverseasStockAct::Open(facts) => found("country".into(), Table::Country, &facts.country),
        OverseasStockAct::Ship(moved) | OverseasStockAct::SendBack(moved) => {
            for (index, line) in moved.lines.iter().enumerate() {
                found(line_field(index, "unit"), Table::Unit, &line.unit);
            }
        }
        OverseasStockAct::Sell(sale) | OverseasStockAct::TakeBack(sale) => {
            found("currency".into(), Table::Currency, &sale.currency);
        }
        OverseasStockAct::Scrap { .. }
        | OverseasStockAct::Count { .. }
        | OverseasStockAct::Close => {}
    }
}

fn units(index: usize, units: [Option<&String>; 3], found: &mut impl FnMut(Place, Table, &str)) {
    for (field, unit) in ["unit", "unit1", "unit2"].into_iter().zip(units) {
        if let Some(unit) = unit {
            found(line_field(index, field), Table::Unit, unit);
        }
    }
}

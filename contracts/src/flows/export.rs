//! What an export case says: one function for its sums and for its documents.

use super::case_flow::{
    CameBack, CaseFlow, Goods, Listener, OpenedFlow, Place, Standing, Teller, code, count, there,
    told, total,
};
use super::figure::Figure;
use crate::case::DocumentMeta;
use crate::event::CaseState;
use crate::export::{ExportCase, ExportListFacts, Notice, NoticeFacts};
use crate::matching::{Verdict, is_of_list};
use crate::policy::Direction;
use crate::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;

/// How a charge is stated that is an amount of money.
const AS_TOTAL: &str = "3";

/// The sums of an export case.
pub fn summed(case: &ExportCase) -> CaseFlow {
    CaseFlow::of(standing(case), |teller| tell(case, teller))
}

/// The amounts of an export case with the documents from which they follow.
pub fn opened(case: &ExportCase) -> OpenedFlow {
    OpenedFlow::of(standing(case), |teller| tell(case, teller))
}

/// The list, unless somebody else's merchant sent it.
fn own_list(case: &ExportCase) -> Option<(&DocumentMeta, &ExportListFacts)> {
    let entry = case.list.as_ref().filter(|_| !case.has_foreign_list())?;
    Some((&entry.meta, entry.facts.as_ref()?))
}

/// The merchant of the order, else of the list.
fn merchant(case: &ExportCase) -> Option<&OrganisationCode> {
    let of_order = case.order_facts().map(|order| &order.ebc_code);
    of_order.or_else(|| own_list(case).map(|(_, list)| &list.ebc_code))
}

fn standing(case: &ExportCase) -> Standing {
    let (list, order) = (own_list(case).map(|(_, list)| list), case.order_facts());
    let of_receipts = || case.receipts.iter().find_map(|receipt| receipt.facts.as_ref());
    let currency = list
        .map(|list| list.currency.as_str())
        .or(order.map(|order| order.currency.as_str()))
        .or_else(|| of_receipts().map(|receipt| receipt.currency.as_str()));
    let place = Place {
        direction: Direction::Export,
        mode: list.map_or(0, |list| code(&list.trade_mode)),
        currency: currency.map_or(0, code),
    };
    let since = list.map_or(case.opened, |list| list.declared.accepted);
    let merchant = merchant(case).unwrap_or(&case.key.platform).clone();
    Standing { merchant, month: Month::of(since), place }
}

fn tell<L: Listener>(case: &ExportCase, teller: &mut Teller<'_, L>) {
    capital(case, teller);
    if let Some((meta, list)) = own_list(case) {
        value(list, Figure::Declared, &[meta], teller);
        let figures = [Figure::DeclaredParcels, Figure::DeclaredNet];
        teller.goods(figures, Goods::of(&list.declared), &[meta]);
        teller.other(Figure::DeclaredGross, list.gross_weight.units(), &[meta]);
        teller.other(Figure::Lists, 1, &[meta]);
        goods(case, meta, list, teller);
    }
    information(case, teller);
}

/// What was sold for, and what was received. What was kept back of it, netting statements say.
fn capital<L: Listener>(case: &ExportCase, teller: &mut Teller<'_, L>) {
    if let Some((meta, order)) = case.order.as_ref().and_then(there) {
        let amount = total([order.goods_value, order.freight]);
        teller.money(Figure::Ordered, &order.currency, amount, &[meta]);
    }
    let merchant = merchant(case);
    for (meta, receipt) in case.receipts.iter().filter_map(there) {
        // Whoever is registered may send a receipt for any order.
        let is_ours = merchant.is_none_or(|merchant| *merchant == receipt.ebc_code);
        let figure = if is_ours { Figure::Received } else { Figure::ReceivedByOthers };
        teller.money(figure, &receipt.currency, receipt.charge.units(), &[meta]);
    }
}

/// What a list declares: goods, and freight and insurance where they are stated as totals, each in
/// its own currency.
fn value<L: Listener>(
    list: &ExportListFacts,
    figure: Figure,
    from: &[&DocumentMeta],
    teller: &mut Teller<'_, L>,
) {
    let prices = list.lines.iter().map(|line| line.total_price);
    teller.money(figure, &list.currency, total(prices), from);
    if list.f_flag == AS_TOTAL {
        teller.money(figure, &list.f_currency, list.freight.units(), from);
    }
    if list.i_flag == AS_TOTAL {
        teller.money(figure, &list.i_currency, list.insured_fee.units(), from);
    }
}

fn goods<L: Listener>(
    case: &ExportCase,
    list_meta: &DocumentMeta,
    list: &ExportListFacts,
    teller: &mut Teller<'_, L>,
) {
    let all = Goods::of(&list.declared);
    let notice = |is_it: fn(&NoticeFacts) -> bool| {
        case.notices.iter().find(|own| is_it(&own.facts) && is_of_list(own, list))
    };
    if let Some((meta, waybill)) = case.waybill.as_ref().and_then(there) {
        teller.other(Figure::ShippedParcels, i128::from(waybill.pack_no), &[meta]);
        teller.other(Figure::ShippedGross, waybill.gross_weight.units(), &[meta]);
    }
    if let Some(arrival) = notice(|facts| matches!(facts, NoticeFacts::Arrival { .. })) {
        let figures = [Figure::ArrivedParcels, Figure::ArrivedNet];
        teller.goods(figures, all, &[list_meta, &arrival.meta]);
    }
    let departure = notice(|facts| matches!(facts, NoticeFacts::Departure { .. }));
    if let Some(departure) = departure {
        let figures = [Figure::DepartedParcels, Figure::DepartedNet];
        teller.goods(figures, all, &[list_meta, &departure.meta]);
    }
    if case.state == CaseState::Cancelled {
        let said = notice(|facts| matches!(facts, NoticeFacts::Cancellation { .. }));
        let from = [list_meta, said.map_or(list_meta, |notice| &notice.meta)];
        teller.goods([Figure::CancelledParcels, Figure::CancelledNet], all, &from);
        return value(list, Figure::Cancelled, &from, teller);
    }
    let tally = notice(|facts| matches!(facts, NoticeFacts::Tally { .. }));
    let back = tally.map_or(0, |tally| returned(case, tally, (list_meta, list), teller));
    if departure.is_none() && back < all.net_weight.max(1) {
        let net_weight = all.net_weight.saturating_sub(back);
        let figures = [Figure::UnderWayParcels, Figure::UnderWayNet];
        teller.goods(figures, Goods { net_weight, ..all }, &[list_meta]);
    }
}

/// The goods of returns, once a site counted what came back. Gives their net weight.
fn returned<L: Listener>(
    case: &ExportCase,
    tally: &Notice,
    (list_meta, list): (&DocumentMeta, &ExportListFacts),
    teller: &mut Teller<'_, L>,
) -> i128 {
    let mut from = vec![list_meta];
    let mut lines: Vec<(u32, &Decimal)> = Vec::new();
    for notice in case.notices.iter().filter(|notice| is_of_list(notice, list)) {
        if let NoticeFacts::Return { lines: own, .. } = &notice.facts {
            from.push(&notice.meta);
            lines.extend(own.iter().map(|line| (line.gnum, &line.qty)));
        }
    }
    if lines.is_empty() {
        return 0;
    }
    from.push(&tally.meta);
    let back = CameBack::of(&list.lines, &list.declared, &lines);
    let goods = Goods { net_weight: back.net_weight, ..Goods::of(&list.declared) };
    teller.goods([Figure::ReturnedParcels, Figure::ReturnedNet], goods, &from);
    teller.money(Figure::Returned, &list.currency, back.value, &from);
    back.net_weight
}

fn information<L: Listener>(case: &ExportCase, teller: &mut Teller<'_, L>) {
    let findings = case.outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Fail);
    // What was received for it may have gone to another order.
    let is_blank = case.order.is_none() && case.list.is_none() && case.receipts.is_empty();
    if !is_blank {
        teller.other(Figure::Cases, 1, &[]);
        teller.other(Figure::Incomplete, i128::from(!case.missing.is_empty()), &[]);
        teller.other(Figure::Missing, count(case.missing.len()), &[]);
    }
    teller.other(Figure::Findings, count(findings.count()), &[]);
    let entries = case.order.iter().map(told).chain(case.list.iter().map(told));
    let entries = entries.chain(case.receipts.iter().map(told));
    let entries = entries.chain(case.waybill.iter().map(told));
    for (meta, stands) in entries.chain(case.notices.iter().map(|own| (&own.meta, true))) {
        teller.other(Figure::Documents, i128::from(stands), &[meta]);
        teller.other(Figure::Corrections, count(meta.versions.len()), &[meta]);
    }
}

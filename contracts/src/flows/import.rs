//! What an import case says: one function for its sums and for its documents.

use super::case_flow::{
    CameBack, CaseFlow, Goods, Listener, OpenedFlow, Place, Standing, Teller, code, count, there,
    told, total,
};
use super::figure::Figure;
use crate::capital::ShareFacts;
use crate::case::{Case, DocumentMeta, Entry, ListFacts, PaymentFacts, REQUIRED};
use crate::clearance::{CLOSED, CustomsStatus, HELD, RELEASED, SHIPPED_BACK};
use crate::document::DocumentKind;
use crate::event::CaseState;
use crate::matching::{RuleId, Verdict, is_refused};
use crate::policy::{CNY, Direction};
use crate::statistics::Month;
use kanhe_types::decimal::Decimal;

/// The sums of an import case.
pub fn summed(case: &Case) -> CaseFlow {
    CaseFlow::of(standing(case), |teller| tell(case, teller))
}

/// The amounts of an import case with the documents from which they follow.
pub fn opened(case: &Case) -> OpenedFlow {
    OpenedFlow::of(standing(case), |teller| tell(case, teller))
}

/// The list, unless somebody else's merchant sent it.
fn own_list(case: &Case) -> Option<(&DocumentMeta, &ListFacts)> {
    let entry = case.list.as_ref().filter(|_| !case.has_foreign_list())?;
    Some((&entry.meta, entry.facts.as_ref()?))
}

fn standing(case: &Case) -> Standing {
    let (list, order) = (own_list(case).map(|(_, list)| list), case.order_facts());
    let merchant = order.map(|order| &order.ebc_code).or(list.map(|list| &list.ebc_code));
    let currency = list.map(|list| list.declared.currency.as_str());
    let currency = currency
        .or(order.map(|order| order.currency.as_str()))
        .or(case.payment_facts().map(|payment| payment.currency.as_str()));
    let place = Place {
        direction: Direction::Import,
        mode: list.map_or(0, |list| code(&list.trade_mode)),
        currency: currency.map_or(0, code),
    };
    let since = list.map_or(case.opened, |list| list.declared.accepted);
    let merchant = merchant.unwrap_or(&case.key.platform).clone();
    Standing { merchant, month: Month::of(since), place }
}

fn tell<L: Listener>(case: &Case, teller: &mut Teller<'_, L>) {
    capital(case, teller);
    if let Some((meta, list)) = own_list(case) {
        declared(meta, list, teller);
        goods(case, meta, list, teller);
    }
    information(case, teller);
}

/// What is to be paid, what was and went back, and tax.
fn capital<L: Listener>(case: &Case, teller: &mut Teller<'_, L>) {
    if let Some((meta, order)) = case.order.as_ref().and_then(there) {
        teller.money(Figure::Ordered, &order.currency, order.actural_paid.units(), &[meta]);
        teller.money(Figure::TaxOrdered, &order.currency, order.tax_total.units(), &[meta]);
    }
    for (meta, payment) in payments(case) {
        let amount = payment.amount_paid.units();
        match &payment.share {
            None => teller.money(Figure::Paid, &payment.currency, amount, &[meta]),
            Some(share) => {
                let allocation = allocation(meta, share);
                teller.money(Figure::Paid, &payment.currency, amount, &[meta, &allocation]);
            }
        }
    }
    for (meta, refund) in case.refunds.iter().filter_map(there) {
        // One of a payment that the order does not have waits for it.
        if let Some((paid, _)) = payments(case).find(|(_, payment)| refund.is_of(payment)) {
            teller.money(Figure::Refunded, CNY, refund.amount.units(), &[meta, paid]);
        }
    }
    if let Some(bill) = case.clearance.bill() {
        let tax = total([bill.customs_tax, bill.value_added_tax, bill.consumption_tax]);
        teller.money(Figure::TaxBilled, CNY, tax, &[&bill.meta]);
        if let Some(meta) = case.clearance.summed_up(bill) {
            teller.money(Figure::TaxSummedUp, CNY, tax, &[&bill.meta, meta]);
        }
    }
}

fn payments(case: &Case) -> impl Iterator<Item = (&DocumentMeta, &PaymentFacts)> {
    case.payment.iter().chain(&case.extra_payments).filter_map(there)
}

/// The allocation that says how much of a payment is the case's, as far as the case knows it: its
/// identity, and that the payment's firm sent it.
fn allocation(payment: &DocumentMeta, share: &ShareFacts) -> DocumentMeta {
    DocumentMeta {
        document: share.allocation,
        kind: DocumentKind::PaymentAllocation,
        app_time: payment.app_time,
        signer: payment.signer.clone(),
        height: payment.height,
        versions: Vec::new(),
    }
}

fn declared<L: Listener>(meta: &DocumentMeta, list: &ListFacts, teller: &mut Teller<'_, L>) {
    let prices = list.lines.iter().map(|line| line.total_price);
    let value = total(prices.chain([list.freight, list.insured_fee]));
    teller.money(Figure::Declared, &list.declared.currency, value, &[meta]);
    let figures = [Figure::DeclaredParcels, Figure::DeclaredNet];
    teller.goods(figures, Goods::of(&list.declared), &[meta]);
    teller.other(Figure::DeclaredGross, list.gross_weight.units(), &[meta]);
    teller.other(Figure::Lists, 1, &[meta]);
}

fn goods<L: Listener>(
    case: &Case,
    list_meta: &DocumentMeta,
    list: &ListFacts,
    teller: &mut Teller<'_, L>,
) {
    let clearance = &case.clearance;
    let all = Goods::of(&list.declared);
    if let Some((meta, waybill)) = case.waybill.as_ref().and_then(there) {
        teller.other(Figure::ShippedParcels, 1, &[meta]);
        teller.other(Figure::ShippedGross, waybill.weight.units(), &[meta]);
    }
    if let Some(status) = first_before_customs(case) {
        let figures = [Figure::ArrivedParcels, Figure::ArrivedNet];
        teller.goods(figures, all, &[list_meta, &status.meta]);
    }
    if let Some(status) = clearance.status(RELEASED) {
        let figures = [Figure::ReleasedParcels, Figure::ReleasedNet];
        teller.goods(figures, all, &[list_meta, &status.meta]);
    }
    let delivery = clearance.delivery.as_ref().and_then(there);
    if let Some((meta, _)) = delivery {
        teller.goods([Figure::DeliveredParcels, Figure::DeliveredNet], all, &[list_meta, meta]);
    }
    if case.state == CaseState::Cancelled {
        return cancelled(case, list_meta, all, teller);
    }
    let back = match clearance.status(SHIPPED_BACK).filter(|_| clearance.is_shipped_back()) {
        Some(status) => shipped_back(case, &status.meta, list_meta, all, teller),
        None => returned(case, list_meta, list, all, teller),
    };
    if delivery.is_none() && back < all.net_weight.max(1) {
        let net_weight = all.net_weight.saturating_sub(back);
        let figures = [Figure::UnderWayParcels, Figure::UnderWayNet];
        teller.goods(figures, Goods { net_weight, ..all }, &[list_meta]);
    }
}

/// What customs said first that it says of goods that it has before it. No document of a site names
/// the case of an import.
fn first_before_customs(case: &Case) -> Option<&CustomsStatus> {
    let is_before =
        |status: &u16| HELD.contains(status) || [SHIPPED_BACK, RELEASED, CLOSED].contains(status);
    let clearance = &case.clearance;
    let own = clearance.of_list().filter(|status| is_before(&status.return_status));
    own.min_by_key(|status| status.return_time)
}

fn cancelled<L: Listener>(
    case: &Case,
    list_meta: &DocumentMeta,
    all: Goods,
    teller: &mut Teller<'_, L>,
) {
    let stands = |entry: &&Entry<_>| entry.facts.is_some() && !is_refused(case, entry);
    let cancellation = case.clearance.cancellations.iter().find(stands);
    let from = cancellation.map_or(list_meta, |entry| &entry.meta);
    teller.goods([Figure::CancelledParcels, Figure::CancelledNet], all, &[list_meta, from]);
    if let Some((meta, order)) = case.order.as_ref().and_then(there) {
        let amount = order.actural_paid.units();
        teller.money(Figure::Cancelled, &order.currency, amount, &[meta, from]);
    }
}

/// The goods never came into the country: nothing of the order is to be paid. Gives the net weight
/// that came back.
fn shipped_back<L: Listener>(
    case: &Case,
    meta: &DocumentMeta,
    list_meta: &DocumentMeta,
    all: Goods,
    teller: &mut Teller<'_, L>,
) -> i128 {
    teller.goods([Figure::ReturnedParcels, Figure::ReturnedNet], all, &[list_meta, meta]);
    if let Some((order_meta, order)) = case.order.as_ref().and_then(there) {
        let amount = order.actural_paid.units();
        teller.money(Figure::Returned, &order.currency, amount, &[order_meta, meta]);
    }
    all.net_weight
}

/// The goods of the trade's own returns that customs says are back. Gives their net weight.
fn returned<L: Listener>(
    case: &Case,
    list_meta: &DocumentMeta,
    list: &ListFacts,
    all: Goods,
    teller: &mut Teller<'_, L>,
) -> i128 {
    let (mut from, mut lines): (Vec<&DocumentMeta>, Vec<(u32, &Decimal)>) = Default::default();
    for own in &case.clearance.returns {
        let Some((meta, facts)) = there(&own.entry) else { continue };
        let is_by_party = meta.signer == list.ebc_code || meta.signer == list.agent_code;
        let settled = case.clearance.settled(&meta.signer, own.cop_no.as_deref());
        if let Some(settled) = settled.filter(|_| is_by_party) {
            from.extend([meta, &settled.meta]);
            lines.extend(facts.lines.iter().map(|line| (line.gnum, &line.qty)));
        }
    }
    if lines.is_empty() {
        return 0;
    }
    from.insert(0, list_meta);
    let back = CameBack::of(&list.lines, &list.declared, &lines);
    let goods = Goods { net_weight: back.net_weight, ..all };
    teller.goods([Figure::ReturnedParcels, Figure::ReturnedNet], goods, &from);
    teller.money(Figure::Returned, &list.declared.currency, back.value, &from);
    back.net_weight
}

fn information<L: Listener>(case: &Case, teller: &mut Teller<'_, L>) {
    let is_complete = case
        .outcomes
        .iter()
        .any(|outcome| outcome.rule == RuleId::M01 && outcome.verdict == Verdict::Pass);
    let missing = match is_complete {
        true => 0,
        false => REQUIRED.into_iter().filter(|kind| !case.has(*kind)).count(),
    };
    let findings = case.outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Fail);
    if !case.is_blank() {
        teller.other(Figure::Cases, 1, &[]);
        teller.other(Figure::Incomplete, i128::from(0 < missing), &[]);
        teller.other(Figure::Missing, count(missing), &[]);
    }
    teller.other(Figure::Findings, count(findings.count()), &[]);
    for (meta, stands) in documents(case) {
        teller.other(Figure::Documents, i128::from(stands), &[meta]);
        teller.other(Figure::Corrections, count(meta.versions.len()), &[meta]);
    }
}

/// The documents of the case, and whether they stand.
fn documents(case: &Case) -> impl Iterator<Item = (&DocumentMeta, bool)> {
    let clearance = &case.clearance;
    let of_list = case.order.iter().map(told).chain(case.list.iter().map(told));
    let payments = case.payment.iter().chain(&case.extra_payments).map(told);
    let carried = case.waybill.iter().map(told).chain(clearance.delivery.iter().map(told));
    let applied = clearance.cancellations.iter().map(told);
    let returns = clearance.returns.iter().map(|own| told(&own.entry));
    let refunds = case.refunds.iter().map(told);
    let said = clearance.statuses.iter().map(|own| &own.meta);
    let said = said.chain(clearance.bills.iter().map(|own| &own.meta));
    let said = said.chain(clearance.bill_statuses.iter().map(|own| &own.meta));
    let entries =
        of_list.chain(payments).chain(carried).chain(applied).chain(returns).chain(refunds);
    entries.chain(said.map(|meta| (meta, true)))
}

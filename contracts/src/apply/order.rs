//! An order opens a case, or joins the one that a payment or list opened.

use super::{Admission, Applied, Incoming, Work};
use crate::case::{Entry, OrderFacts};
use crate::document::Order;
use crate::rejection::Stop;
use crate::state::StateRead;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut Work<'_, '_, S>,
    incoming: &Incoming<'_>,
    order: &Order,
) -> Result<Applied, Stop> {
    let key = CaseKey { platform: order.ebp_code.clone(), order_no: order.order_no.clone() };
    let height = work.context.height;
    let case = work.case(&key)?;
    let held = case.order.as_ref();
    let facts = held.and_then(|held| held.facts.as_ref());
    // The platform and the merchant of an order may change what the other sent.
    let holders: Vec<_> =
        facts.map(|facts| &facts.ebc_code).into_iter().chain([&case.key.platform]).collect();
    let meta = held.map(|held| &held.meta);
    let is_declared = case.is_declared();
    if let Admission::Repeated { first_height } =
        incoming.admit(meta, facts.is_none(), &holders, is_declared)?
    {
        return Ok(Applied::Repeated { first_height });
    }
    let meta = incoming.meta(meta, height);
    let facts = (!incoming.is_delete()).then(|| OrderFacts::new(order, incoming.scope()));
    case.order = Some(Entry { meta, facts });
    Ok(Applied::Accepted { case: Some(key) })
}

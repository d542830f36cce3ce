//! Registers (登记簿): what is recorded beside trades, entry by entry: disputes, certificates and
//! what else is claimed, shown or promised because of a trade.
//!
//! An entry belongs to the organisation that opened it, under a number of its own. Its documents
//! are acts: the first opens it, later ones follow, none is changed or deleted. An act is judged
//! by the trades as they stood when its block began, by the entry, and by the acts before it.
//! Nothing here is asked when a trade changes, so that registers cost a trade nothing.

mod certificate;
mod cold_chain;
mod cover;
mod credit_record;
mod customs_grade;
mod desk;
mod dispute;
mod frozen_lot;
mod fund;
mod journey;
mod negative_list;
mod netting;
mod overseas_aid;
mod overseas_stock;
mod receivable;
mod records;
mod right;
mod stocktake;
mod subsidy_claim;
mod tax_deposit;
mod tax_exemption;

pub use certificate::{Certificate, Verification};
pub use cold_chain::{ColdFinding, ColdRule};
pub use cover::{Cover, Loss, LossState};
pub use credit_record::{CreditRecord, RecordState};
pub use customs_grade::{CustomsGrade, Suspension};
pub use dispute::{Decision, Dispute, DisputeState, Said};
pub use frozen_lot::{FrozenLot, LotArrival, LotInspection, LotPart, LotState, Weighing};
pub use fund::{Fund, Volume};
pub use journey::{Journey, JourneyState, LegRecord, SealRecord, journey_of, journeys_of};
pub use negative_list::{ListingState, NegativeList, Objection, Rectification, Repair};
pub use netting::{NettingState, NettingStatement};
pub use overseas_aid::{AidState, OverseasAid};
pub use overseas_stock::{OverseasStock, Proceeds, Settlement, StockCount, StockGoods};
pub use receivable::{Pledge, PledgeState, Receivable, available};
pub use records::{Content, Entry, EntryKey, Register, Step, entries, entry, entry_key, entry_of};
pub(crate) use records::{Recorded, act};
pub use right::{ComplaintState, Right, RightComplaint, RightState};
pub(crate) use stocktake::counted;
pub use stocktake::{Stocktake, StocktakeLine, StocktakeState};
pub use subsidy_claim::{ClaimState, SubsidyClaim};
pub use tax_deposit::{DepositState, TaxDeposit};
pub use tax_exemption::{ExemptionState, TaxDecision, TaxExemption};

use crate::case::load;
use crate::governance::Done;
use crate::limits::ENTRY_STEPS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use crate::state_key::register_entry_key_bytes;
use desk::Desk;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;

/// What a register keeps of an entry, and how acts change it.
trait Registered: Sized {
    /// What is done about it.
    type Act;

    /// What the first act makes.
    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: Self::Act) -> Result<Self, Stop>;

    /// What a later act changes.
    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: Self::Act,
    ) -> Result<(), Stop>;
}

/// Who acts, in which document, and when.
pub(crate) struct Actor<'a> {
    pub(crate) document: Hash,
    pub(crate) signer: &'a OrganisationCode,
    pub(crate) height: u64,
    pub(crate) time: Millis,
    /// What the pools that the act changes have, by what the block brought so far: the account book
    /// of each line of a stocktake, and what of a merchant's deposits secures no trade.
    pub(crate) books: &'a [Decimal],
}

/// Opens the entry, or changes it. An act that is refused leaves nothing behind, whatever it took
/// before.
fn carry_out<S: StateRead, R: Registered>(
    mut desk: Desk<'_, '_, S>,
    act: R::Act,
    wrap: fn(R) -> Content,
    unwrap: fn(Content) -> Option<R>,
) -> Result<Done, Stop> {
    desk.state.begin();
    let done = open_or_follow(&mut desk, act, wrap, unwrap);
    desk.state.end(done.is_ok());
    done
}

fn open_or_follow<S: StateRead, R: Registered>(
    desk: &mut Desk<'_, '_, S>,
    act: R::Act,
    wrap: fn(R) -> Content,
    unwrap: fn(Content) -> Option<R>,
) -> Result<Done, Stop> {
    let state_key = register_entry_key_bytes(&desk.key);
    let actor = desk.actor;
    let step = Step {
        document: actor.document,
        signer: actor.signer.clone(),
        height: actor.height,
        time: actor.time,
    };
    let held: Option<Entry> = load(&*desk.state, &state_key)?;
    let entry = match held {
        None => {
            if *actor.signer != desk.key.owner {
                let expected = "an entry of this owner";
                let rejection = Rejection::EntryUnknown;
                return Err(Rejected::new(rejection, "number", expected, "none").into());
            }
            let content = wrap(R::open(desk, act)?);
            let entry = Entry { key: desk.key.clone(), steps: vec![step], content };
            records::enter(desk.state, &entry)?;
            entry
        }
        Some(mut entry) => {
            let repeats = |step: &&Step| step.document == actor.document;
            if let Some(step) = entry.steps.iter().find(repeats) {
                return Ok(Done::Repeated { first_height: step.height });
            }
            if ENTRY_STEPS_MAX <= entry.steps.len() {
                let expected = format!("at most {ENTRY_STEPS_MAX} acts of one entry");
                let rejection = Rejection::EntryFull;
                return Err(Rejected::new(rejection, "act", expected, "one more").into());
            }
            let listed_for = entry.listed_for();
            // A key leads to entries of its own register only.
            let Some(mut content) = unwrap(entry.content) else {
                let rejection = Rejection::EntryUnknown;
                return Err(Rejected::new(rejection, "number", "an entry", "another").into());
            };
            content.follow(desk, act)?;
            entry.content = wrap(content);
            entry.steps.push(step);
            records::list_for(desk.state, &entry, &listed_for)?;
            entry
        }
    };
    desk.state.put(state_key, codec::encode(&entry));
    Ok(Done::Accepted)
}

//! What one case says: as sums for the ledger, or document by document for whoever opens them.

use super::figure::{Figure, Figures};
use crate::case::{DocumentMeta, Entry, LineFacts};
use crate::document::DocumentKind;
use crate::policy::Direction;
use crate::statistics::{Declared, Month, share_of};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;

/// Where a month's and merchant's figures stand apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Place {
    /// Which way the goods go.
    pub direction: Direction,
    /// The mode of trade, as its digits' number; 0 for what has no list, and for the rest.
    pub mode: u16,
    /// The currency, as its digits' number; 0 for what has none, and for the rest.
    pub currency: u16,
}

/// Which sums a case stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The merchant of its order, else of its list; else the platform, which every case has.
    pub merchant: OrganisationCode,
    /// The month, in China, in which its list was accepted; without a list, that of its first
    /// document.
    pub month: Month,
    /// Direction, mode, and the currency of its list, else of its order, else of its money.
    pub place: Place,
}

/// What a case says, as sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFlow {
    /// Where it stands.
    pub standing: Standing,
    /// Its figures, but for money in other currencies,
    pub figures: Figures,
    /// which is here; most cases have none.
    pub foreign: Vec<(u16, Figure, i128)>,
}

/// An amount of a figure, and the documents that say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowPart {
    /// Of which figure.
    pub figure: Figure,
    /// In which currency it is or, of other than money, stands.
    pub currency: u16,
    /// How much, in the figure's unit.
    pub amount: i128,
    /// The documents from which it follows.
    pub documents: Vec<PartSource>,
}

/// A document from which an amount follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartSource {
    /// Its identity.
    pub document: Hash,
    /// Its kind.
    pub kind: DocumentKind,
    /// Who sent it.
    pub signer: OrganisationCode,
}

/// What a case says, document by document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedFlow {
    /// Where it stands.
    pub standing: Standing,
    /// The amounts. They add up to the case's figures.
    pub parts: Vec<FlowPart>,
}

/// Who hears what a case says: one adds it up, the other writes it down. One function says it to
/// both, so that what is opened is what was summed up.
pub(super) trait Listener {
    /// An amount follows from documents.
    fn hear(&mut self, figure: Figure, currency: u16, amount: i128, from: &[&DocumentMeta]);
}

/// Adds up.
pub(super) struct Sum {
    currency: u16,
    figures: Figures,
    foreign: Vec<(u16, Figure, i128)>,
}

impl Listener for Sum {
    fn hear(&mut self, figure: Figure, currency: u16, amount: i128, _from: &[&DocumentMeta]) {
        if currency == self.currency {
            return self.figures.add_to(figure, amount);
        }
        if amount != 0 {
            self.foreign.push((currency, figure, amount));
        }
    }
}

/// Writes down.
impl Listener for Vec<FlowPart> {
    fn hear(&mut self, figure: Figure, currency: u16, amount: i128, from: &[&DocumentMeta]) {
        if amount == 0 {
            return;
        }
        let documents = from.iter().map(|meta| PartSource {
            document: meta.document,
            kind: meta.kind,
            signer: meta.signer.clone(),
        });
        self.push(FlowPart { figure, currency, amount, documents: documents.collect() });
    }
}

impl CaseFlow {
    /// The sums of what `tell` says of a case.
    pub(super) fn of(standing: Standing, tell: impl FnOnce(&mut Teller<'_, Sum>)) -> Self {
        let currency = standing.place.currency;
        let mut sum = Sum { currency, figures: Figures::default(), foreign: Vec::new() };
        tell(&mut Teller { listener: &mut sum, currency });
        Self { standing, figures: sum.figures, foreign: sum.foreign }
    }

    /// The places of its sums, with each sum that is not nought: what a page has to hold of it.
    pub fn sums(&self) -> Vec<(Place, Figure, i128)> {
        let place = self.standing.place;
        let own = self.figures.iter().map(|(figure, sum)| (place, figure, sum));
        let foreign = self
            .foreign
            .iter()
            .map(|(currency, figure, sum)| (Place { currency: *currency, ..place }, *figure, *sum));
        own.filter(|(_, _, sum)| *sum != 0).chain(foreign).collect()
    }
}

impl OpenedFlow {
    /// The parts of what `tell` says of a case.
    pub(super) fn of(
        standing: Standing,
        tell: impl FnOnce(&mut Teller<'_, Vec<FlowPart>>),
    ) -> Self {
        let (currency, mut parts) = (standing.place.currency, Vec::new());
        tell(&mut Teller { listener: &mut parts, currency });
        Self { standing, parts }
    }
}

/// What says what a case says.
pub(super) struct Teller<'a, L> {
    listener: &'a mut L,
    /// The currency in whose sums goods and documents stand.
    currency: u16,
}

impl<L: Listener> Teller<'_, L> {
    /// An amount of money.
    pub(super) fn money(
        &mut self,
        figure: Figure,
        currency: &str,
        amount: i128,
        from: &[&DocumentMeta],
    ) {
        self.listener.hear(figure, code(currency), amount, from);
    }

    /// A count or a weight.
    pub(super) fn other(&mut self, figure: Figure, amount: i128, from: &[&DocumentMeta]) {
        self.listener.hear(figure, self.currency, amount, from);
    }

    /// Parcels with the net weight of their goods.
    pub(super) fn goods(&mut self, figures: [Figure; 2], goods: Goods, from: &[&DocumentMeta]) {
        let [parcels, net] = figures;
        self.other(parcels, goods.parcels, from);
        self.other(net, goods.net_weight, from);
    }
}

/// Parcels and the net weight of their goods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Goods {
    pub(super) parcels: i128,
    pub(super) net_weight: i128,
}

impl Goods {
    /// What a list declares.
    pub(super) fn of(declared: &Declared) -> Self {
        Self { parcels: i128::from(declared.parcels), net_weight: declared.net_weight.units() }
    }
}

/// What came back of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CameBack {
    /// Its price,
    pub(super) value: i128,
    /// and its net weight.
    pub(super) net_weight: i128,
}

impl CameBack {
    /// What quantities of lines come to, each at most its line's; a line may repeat.
    pub(super) fn of(lines: &[LineFacts], declared: &Declared, back: &[(u32, &Decimal)]) -> Self {
        let mut all = Self::default();
        for (line, figures) in lines.iter().zip(declared.figures(lines)) {
            let of_line = back.iter().filter(|(gnum, _)| *gnum == line.gnum);
            let qty = of_line.fold(0i128, |sum, (_, qty)| sum.saturating_add(qty.units()));
            let of = line.qty.units();
            let qty = qty.clamp(0, of.max(0));
            let (value, net) = (line.total_price.units(), figures.net_weight);
            all.value = all.value.saturating_add(share_of(value, qty, of));
            all.net_weight = all.net_weight.saturating_add(share_of(net, qty, of));
        }
        all
    }
}

/// A currency or mode as a number; the forms were checked, and what is no number stands under 0.
pub(super) fn code(text: &str) -> u16 {
    text.parse().unwrap_or(0)
}

/// The sum of amounts, which may have more digits than a document's.
pub(super) fn total(amounts: impl IntoIterator<Item = Decimal>) -> i128 {
    amounts.into_iter().fold(0, |sum, amount| sum.saturating_add(amount.units()))
}

/// A document, and whether it stands.
pub(super) fn told<F>(entry: &Entry<F>) -> (&DocumentMeta, bool) {
    (&entry.meta, entry.facts.is_some())
}

/// A document that stands, and what it says.
pub(super) fn there<F>(entry: &Entry<F>) -> Option<(&DocumentMeta, &F)> {
    Some((&entry.meta, entry.facts.as_ref()?))
}

/// A count that stands in a figure.
pub(super) fn count(number: usize) -> i128 {
    i128::try_from(number).unwrap_or(i128::MAX)
}

//! What flows sum up.

use crate::policy::Direction;
use kanhe_types::codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Which of the three flows a figure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// Money (资金流).
    Capital,
    /// Goods (货物流).
    Goods,
    /// Documents (信息流).
    Information,
}

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Hundred-thousandths of the currency.
    Money,
    /// Hundred-thousandths of a kilogram.
    Weight,
    /// Pieces of whatever the figure names.
    Count,
}

/// From one table: the figures, their names, which flow they are of and their units. The order is
/// the encoding's: what is added comes last.
macro_rules! figures {
    ($($(#[$doc:meta])* $figure:ident: $name:literal, $stream:ident, $unit:ident;)+) => {
        /// What is summed up.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize,
        )]
        pub enum Figure {
            $($(#[$doc])* #[serde(rename = $name)] $figure,)+
        }

        impl Figure {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$figure,)+];

            /// The name that JSON, CSV and the command line use.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$figure => $name,)+
                }
            }

            /// Which flow it is of.
            pub fn stream(self) -> Stream {
                match self {
                    $(Self::$figure => Stream::$stream,)+
                }
            }

            /// What it is counted in.
            pub fn unit(self) -> Unit {
                match self {
                    $(Self::$figure => Unit::$unit,)+
                }
            }
        }

        const COUNT: usize = Figure::ALL.len();
    };
}

figures! {
    /// What orders say is to be paid.
    Ordered: "ordered", Capital, Money;
    /// What lists declare: goods, freight and insurance.
    Declared: "declared", Capital, Money;
    /// Payments for imports; of one that is divided, the case's share.
    Paid: "paid", Capital, Money;
    /// Receipts of funds for exports, gross, of the case's merchant.
    Received: "received", Capital, Money;
    /// Receipts of funds that name another merchant than the order's or the list's.
    ReceivedByOthers: "received_by_others", Capital, Money;
    /// What platforms, payment firms and banks state that they kept back of receipts,
    Deducted: "deducted", Capital, Money;
    /// and what reached exporters.
    Credited: "credited", Capital, Money;
    /// What was paid back.
    Refunded: "refunded", Capital, Money;
    /// What goods that came back were sold for.
    Returned: "returned", Capital, Money;
    /// What was to be paid for lists that were cancelled: of imports by the order, of exports by
    /// the list.
    Cancelled: "cancelled", Capital, Money;
    /// Tax that orders say was collected.
    TaxOrdered: "tax_ordered", Capital, Money;
    /// Tax of the bills in force.
    TaxBilled: "tax_billed", Capital, Money;
    /// Of that, tax of bills that are summed up for payment.
    TaxSummedUp: "tax_summed_up", Capital, Money;
    /// Parcels of lists,
    DeclaredParcels: "declared_parcels", Goods, Count;
    /// and the net weight of their goods.
    DeclaredNet: "declared_net_kg", Goods, Weight;
    /// The gross weight that lists declare.
    DeclaredGross: "declared_gross_kg", Goods, Weight;
    /// Parcels of lists that were cancelled,
    CancelledParcels: "cancelled_parcels", Goods, Count;
    /// and the net weight of their goods.
    CancelledNet: "cancelled_net_kg", Goods, Weight;
    /// Parcels of waybills,
    ShippedParcels: "shipped_parcels", Goods, Count;
    /// and their gross weight.
    ShippedGross: "shipped_gross_kg", Goods, Weight;
    /// Parcels that are or were at a supervised site,
    ArrivedParcels: "arrived_parcels", Goods, Count;
    /// and the net weight of their goods.
    ArrivedNet: "arrived_net_kg", Goods, Weight;
    /// Parcels of imports that customs released,
    ReleasedParcels: "released_parcels", Goods, Count;
    /// and the net weight of their goods.
    ReleasedNet: "released_net_kg", Goods, Weight;
    /// Parcels of exports that left the country,
    DepartedParcels: "departed_parcels", Goods, Count;
    /// and the net weight of their goods.
    DepartedNet: "departed_net_kg", Goods, Weight;
    /// Parcels of imports that were signed for,
    DeliveredParcels: "delivered_parcels", Goods, Count;
    /// and the net weight of their goods.
    DeliveredNet: "delivered_net_kg", Goods, Weight;
    /// Parcels of which goods came back,
    ReturnedParcels: "returned_parcels", Goods, Count;
    /// and the net weight of those goods.
    ReturnedNet: "returned_net_kg", Goods, Weight;
    /// Parcels of lists that stand, and that neither reached their end nor came back,
    UnderWayParcels: "under_way_parcels", Goods, Count;
    /// and the net weight of their goods.
    UnderWayNet: "under_way_net_kg", Goods, Weight;
    /// Trade cases.
    Cases: "cases", Information, Count;
    /// Lists, cancelled ones too.
    Lists: "lists", Information, Count;
    /// Cases that lack a document.
    Incomplete: "incomplete", Information, Count;
    /// Documents that stand.
    Documents: "documents", Information, Count;
    /// Documents that are missing.
    Missing: "missing", Information, Count;
    /// Versions of documents that were replaced or withdrawn.
    Corrections: "corrections", Information, Count;
    /// Rules that find a difference.
    Findings: "findings", Information, Count;
}

impl Figure {
    /// The figure with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|own| own.name() == name)
    }
}

/// A sum for each figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Figures([i128; COUNT]);

impl Default for Figures {
    fn default() -> Self {
        Self([0; COUNT])
    }
}

impl Figures {
    /// A sum.
    pub fn get(&self, figure: Figure) -> i128 {
        self.0.get(figure as usize).copied().unwrap_or_default()
    }

    /// Adds to a sum.
    pub fn add_to(&mut self, figure: Figure, amount: i128) {
        if let Some(sum) = self.0.get_mut(figure as usize) {
            *sum = sum.saturating_add(amount);
        }
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        for (sum, amount) in self.0.iter_mut().zip(&other.0) {
            *sum = sum.saturating_add(*amount);
        }
    }

    /// Takes others away.
    pub(crate) fn subtract(&mut self, other: &Self) {
        for (sum, amount) in self.0.iter_mut().zip(&other.0) {
            *sum = sum.saturating_sub(*amount);
        }
    }

    /// Whether nothing is summed up.
    pub fn is_zero(&self) -> bool {
        self.0.iter().all(|sum| *sum == 0)
    }

    /// Money that is still to come: for imports what was ordered, for exports what was declared,
    /// less what was cancelled or came back, less what was paid or received, and what was paid back
    /// is to come again. Below nought more came than should have.
    pub fn outstanding(&self, direction: Direction) -> i128 {
        let (due, came) = match direction {
            Direction::Import => (Figure::Ordered, Figure::Paid),
            Direction::Export => (Figure::Declared, Figure::Received),
        };
        let less = [Figure::Cancelled, Figure::Returned, came];
        let due = self.get(due).saturating_add(self.get(Figure::Refunded));
        less.into_iter().fold(due, |rest, figure| rest.saturating_sub(self.get(figure)))
    }

    /// Every sum with its figure.
    pub fn iter(&self) -> impl Iterator<Item = (Figure, i128)> + '_ {
        Figure::ALL.iter().copied().zip(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_in_their_order_and_have_one_name_each() {
        for (index, figure) in Figure::ALL.iter().enumerate() {
            assert_eq!(*figure as usize, index);
            assert_eq!(Figure::named(figure.name()), Some(*figure));
        }
        assert_eq!(Figure::named("nothing"), None);
        let mut streams: Vec<Stream> = Figure::ALL.iter().map(|one| one.stream()).collect();
        streams.dedup();
        assert_eq!(streams, [Stream::Capital, Stream::Goods, Stream::Information]);
    }

    #[test]
    fn outstanding_is_signed() {
        let mut figures = Figures::default();
        figures.add_to(Figure::Ordered, 100);
        figures.add_to(Figure::Paid, 130);
        assert_eq!(figures.outstanding(Direction::Import), -30);
        figures.add_to(Figure::Refunded, 30);
        assert_eq!(figures.outstanding(Direction::Import), 0);
        figures.add_to(Figure::Declared, 90);
        figures.add_to(Figure::Received, 50);
        figures.add_to(Figure::Returned, 10);
        assert_eq!(figures.outstanding(Direction::Export), 90 + 30 - 50 - 10);
        let mut least = Figures([i128::MIN; COUNT]);
        least.add(&Figures([i128::MIN; COUNT]));
        assert_eq!(least.get(Figure::Findings), i128::MIN, "sums stop at the ends");
    }
}

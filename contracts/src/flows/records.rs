//! How flows are kept: one page for each month and merchant.

use super::case_flow::Place;
use super::figure::Figures;
use crate::limits::FLOW_PLACES_MAX;
use crate::register::EntryKey;
use kanhe_types::codec::{Decode, Encode};

/// What a merchant's cases of a month come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct FlowPage {
    /// By place, ascending. A place stays when its sums are nought again: so what was added in the
    /// place of the rest is also taken away there.
    pub places: Vec<(Place, Figures)>,
    /// The netting statements of the merchant's month, those that do not count any more too.
    pub statements: Vec<EntryKey>,
}

impl FlowPage {
    /// Changes the sums of a place, or of the rest where there is no room for it.
    pub(crate) fn change(&mut self, place: Place, change: impl FnOnce(&mut Figures)) {
        let rest = Place { mode: 0, currency: 0, ..place };
        let index = match (self.find(place), FLOW_PLACES_MAX <= self.places.len()) {
            (Ok(index), _) => index,
            (Err(index), false) => self.open(index, place),
            // The places of the rest, one for each direction, are beyond the bound.
            (Err(_), true) => match self.find(rest) {
                Ok(index) => index,
                Err(index) => self.open(index, rest),
            },
        };
        if let Some((_, figures)) = self.places.get_mut(index) {
            change(figures);
        }
    }

    fn find(&self, place: Place) -> Result<usize, usize> {
        self.places.binary_search_by_key(&place, |(place, _)| *place)
    }

    fn open(&mut self, index: usize, place: Place) -> usize {
        self.places.insert(index, (place, Figures::default()));
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flows::Figure;
    use crate::limits::NETTINGS_OF_PAGE_MAX;
    use crate::policy::Direction;
    use crate::register::Register;
    use kanhe_types::limits::STATE_VALUE_BYTES_MAX;

    fn place(direction: Direction, currency: u16) -> Place {
        Place { direction, mode: 9610, currency }
    }

    #[test]
    fn what_finds_no_place_stands_with_the_rest_and_is_taken_away_there() {
        let mut page = FlowPage::default();
        let max = u16::try_from(FLOW_PLACES_MAX).unwrap();
        let all: Vec<Place> = (1..=max + 10)
            .map(|currency| place(Direction::Export, currency))
            .chain([place(Direction::Import, 142)])
            .collect();
        for place in &all {
            page.change(*place, |figures| figures.add_to(Figure::Cases, 1));
        }
        assert_eq!(page.places.len(), FLOW_PLACES_MAX + 2);
        let cases = |page: &FlowPage| -> i128 {
            page.places.iter().map(|(_, figures)| figures.get(Figure::Cases)).sum()
        };
        assert_eq!(cases(&page), i128::from(max) + 11);
        for place in all.iter().rev() {
            page.change(*place, |figures| figures.add_to(Figure::Cases, -1));
        }
        assert!(page.places.iter().all(|(_, figures)| figures.is_zero()));
    }

    #[test]
    fn the_largest_page_fits_its_value() {
        let mut widest = Figures::default();
        for figure in Figure::ALL {
            widest.add_to(*figure, i128::MIN);
        }
        let place = place(Direction::Export, u16::MAX);
        let places = vec![(place, widest); FLOW_PLACES_MAX + 2];
        let (owner, number) = ("A".repeat(18).parse().unwrap(), "9".repeat(96));
        let key = EntryKey { register: Register::NettingStatement, owner, number };
        let statements = vec![key; usize::from(NETTINGS_OF_PAGE_MAX)];
        let page = FlowPage { places, statements };
        let bytes = kanhe_types::codec::encode(&page).len();
        assert!(bytes < STATE_VALUE_BYTES_MAX / 4, "{bytes}");
    }
}

//! What a case counts for: a function of the case, and of nothing else.

use super::cell::{Cell, Figures};
use super::declared::Declared;
use super::records::PageName;
use crate::case::{Case, LineFacts};
use crate::clearance::ReturnEntry;
use crate::event::CaseState;
use crate::export::ExportCase;
use crate::matching::{Standing, own_returns};
use crate::policy::Direction;
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;

/// What a case counts for, of one enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contribution {
    pub(crate) enterprise: OrganisationCode,
    /// Page, chapter, and what is counted there.
    pub(crate) cells: Vec<(PageName, u8, Cell)>,
}

/// What came back.
enum Returned {
    Nothing,
    All,
    /// So much of these lines; a line may repeat.
    Lines(Vec<(u32, Decimal)>),
}

struct Listed<'a> {
    direction: Direction,
    mode: &'a str,
    platform: &'a OrganisationCode,
    enterprise: &'a OrganisationCode,
    declared: &'a Declared,
    lines: &'a [LineFacts],
    /// An order of the list's merchant is there: the second condition.
    is_ordered: bool,
    /// The waybill that the list names is there and carries it: the third condition.
    is_carried: bool,
    returned: Returned,
}

/// What an import case counts for.
pub(crate) fn of_import(case: &Case) -> Option<Contribution> {
    let is_void = matches!(case.state, CaseState::Cancelled | CaseState::Refused);
    let list = case.list_facts().filter(|_| !is_void)?;
    let returned = match case.state {
        CaseState::Returned if case.clearance.is_shipped_back() => Returned::All,
        CaseState::Returned => Returned::Lines(settled_lines(case)),
        _ => Returned::Nothing,
    };
    let listed = Listed {
        direction: Direction::Import,
        mode: &list.trade_mode,
        platform: &case.key.platform,
        enterprise: &list.ebc_code,
        declared: &list.declared,
        lines: &list.lines,
        is_ordered: case.order_facts().is_some_and(|order| order.ebc_code == list.ebc_code),
        is_carried: case.standing == Standing::Held,
        returned,
    };
    Some(listed.contribution())
}

/// What an export case counts for.
pub(crate) fn of_export(case: &ExportCase) -> Option<Contribution> {
    let list = case.list_facts().filter(|_| case.state != CaseState::Cancelled)?;
    let returned = match case.state {
        CaseState::Returned => Returned::Lines(own_returns(case)),
        _ => Returned::Nothing,
    };
    let listed = Listed {
        direction: Direction::Export,
        mode: &list.trade_mode,
        platform: &case.key.platform,
        enterprise: &list.ebc_code,
        declared: &list.declared,
        lines: &list.lines,
        is_ordered: case.order_facts().is_some_and(|order| order.ebc_code == list.ebc_code),
        is_carried: case.standing == Standing::Held,
        returned,
    };
    Some(listed.contribution())
}

/// The goods of returns that customs says are back.
fn settled_lines(case: &Case) -> Vec<(u32, Decimal)> {
    let clearance = &case.clearance;
    let is_settled = |own: &&ReturnEntry| {
        clearance.settled(&own.entry.meta.signer, own.cop_no.as_deref()).is_some()
    };
    let back =
        clearance.returns.iter().filter(is_settled).filter_map(|own| own.entry.facts.as_ref());
    back.flat_map(|facts| &facts.lines).map(|line| (line.gnum, line.qty)).collect()
}

impl Listed<'_> {
    /// The three conditions under which customs counts a trade as cross-border e-commerce: its
    /// goods cross the border, it was ordered online, and it travels by a waybill of its own.
    fn is_in_scope(&self) -> bool {
        self.declared.is_cross_border && self.is_ordered && self.is_carried
    }

    fn contribution(&self) -> Contribution {
        let is_in_scope = self.is_in_scope();
        let mode = self.mode.parse().unwrap_or(0);
        let mut cells: Vec<(PageName, u8, Cell)> = Vec::with_capacity(1);
        let figures = self.declared.figures(self.lines);
        let goods = self.declared.goods.iter().zip(self.lines);
        for (((chapter, country), line), figures) in goods.zip(figures) {
            let cell = self.cell(line, figures, is_in_scope);
            let (direction, platform) = (self.direction, self.platform);
            let is_there =
                |held: &&mut (PageName, u8, Cell)| held.0.country == *country && held.1 == *chapter;
            match cells.iter_mut().find(is_there) {
                Some((_, _, held)) => held.add(&cell),
                None => {
                    let (platform, country) = (platform.clone(), *country);
                    cells.push((PageName { direction, mode, platform, country }, *chapter, cell));
                }
            }
        }
        Contribution { enterprise: self.enterprise.clone(), cells }
    }

    fn cell(&self, line: &LineFacts, figures: Figures, is_in_scope: bool) -> Cell {
        if !is_in_scope {
            return Cell { outside: figures, ..Cell::default() };
        }
        let mut cell =
            Cell { counted: figures, returned: self.came_back(line, &figures), ..Cell::default() };
        if let Some(clearance_ms) = self.declared.clearance_ms.filter(|_| figures.lists == 1) {
            cell.cleared = 1;
            cell.clearance_ms = i128::from(clearance_ms);
        }
        cell
    }

    /// What came back of a line, by quantity. The list itself and its parcels count as returned
    /// whatever part of it came back.
    fn came_back(&self, line: &LineFacts, figures: &Figures) -> Figures {
        match &self.returned {
            Returned::Nothing => Figures::default(),
            Returned::All => *figures,
            Returned::Lines(lines) => {
                let of_line = lines.iter().filter(|(gnum, _)| *gnum == line.gnum);
                let qty = of_line.fold(0i128, |sum, (_, qty)| sum.saturating_add(qty.units()));
                let of = line.qty.units();
                let qty = qty.clamp(0, of.max(0));
                Figures {
                    net_weight: share_of(figures.net_weight, qty, of),
                    cny: share_of(figures.cny, qty, of),
                    usd: share_of(figures.usd, qty, of),
                    ..*figures
                }
            }
        }
    }
}

/// `sum` × `part` / `of`, rounded towards nought; where the product has too many digits, less
/// exactly.
pub(crate) fn share_of(sum: i128, part: i128, of: i128) -> i128 {
    if part == of {
        return sum;
    }
    let exactly = sum.checked_mul(part).and_then(|product| product.checked_div(of));
    let roughly = || sum.checked_div(of).map(|one| one.saturating_mul(part));
    exactly.or_else(roughly).unwrap_or(0)
}

//! Which agency's business what is.

use crate::document::DocumentKind;
use crate::registry::{Organisation, Role};

/// The roles that give an agency a business of its own.
pub const BUSINESS_ROLES: [Role; 6] =
    [Role::Customs, Role::Tax, Role::Forex, Role::Commerce, Role::Market, Role::Post];

/// The kinds of documents whose content is an agency's own business, ascending; none of who is no
/// agency. Where a trade stands is every agency's.
pub fn business(organisation: &Organisation) -> Vec<DocumentKind> {
    if !organisation.has_role(Role::Agency) {
        return Vec::new();
    }
    let mut kinds: Vec<DocumentKind> =
        organisation.roles.iter().flat_map(|role| of_role(*role)).copied().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// What is whose business. Customs compares everything that is declared with everything else; tax
/// is due on what is declared and sold; forex follows the money; commerce and market supervision
/// look at what is sold, the latter at the goods that come in; the post at what is carried.
fn of_role(role: Role) -> &'static [DocumentKind] {
    use DocumentKind::{InventoryList, Order, Payment, Waybill};
    match role {
        Role::Customs => &[Order, Payment, Waybill, InventoryList],
        Role::Tax | Role::Market => &[Order, InventoryList],
        Role::Forex => &[Payment],
        Role::Commerce => &[Order],
        Role::Post => &[Waybill],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{code, organisation};

    #[test]
    fn an_agency_has_the_business_of_its_roles_and_nobody_else_has_any() {
        let of = |roles: &[Role]| business(&organisation(&code("TESTGOV009"), "测试", roles));
        assert_eq!(of(&[Role::Agency]), []);
        assert_eq!(of(&[Role::Platform, Role::Customs]), []);
        assert_eq!(of(&[Role::Agency, Role::Forex]), [DocumentKind::Payment]);
        let both = of(&[Role::Agency, Role::Tax, Role::Post]);
        assert_eq!(both, [DocumentKind::Order, DocumentKind::Waybill, DocumentKind::InventoryList]);
        for role in BUSINESS_ROLES {
            assert!(!of(&[Role::Agency, role]).is_empty(), "{role:?}");
        }
        assert_eq!(of(&[Role::Agency, Role::Customs]).len(), 4);
    }
}

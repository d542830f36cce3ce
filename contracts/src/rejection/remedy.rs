//! What to do about a rejection.

use super::Rejection;

/// What no rejection says.
pub(super) const NO_REMEDY: &str = "correct the document";

impl Rejection {
    fn remedy_of_governance(self) -> &'static str {
        match self {
            Self::ChangeCount => "split the changes over several documents",
            Self::RolesMalformed => "state each role once, in the order of the specification",
            Self::PolicyMalformed => "correct the parameter",
            Self::ProposalHeights => {
                "let it expire at a later height, and become active after that"
            }
            Self::TooManyProposals => "decide or withdraw open proposals first",
            Self::ProposalUnknown => "name the proposal by the identity of its document",
            Self::ProposalNotOpen => "propose again, if it is still wanted",
            Self::NotProposer => "reject it instead",
            Self::VotedAlready => "let the vote stand, or propose something else",
            Self::OrganisationExists => "describe or readmit the organisation instead",
            Self::OrganisationUnknown => "check the code, or admit the organisation first",
            Self::StatusUnchanged => "leave the change out",
            Self::KeyTaken => "make a new key",
            Self::KeyUnknown => "name a key that the organisation holds",
            Self::KeyHeights => "let the key begin at the next height or later, and end after that",
            Self::TooManyKeys => "revoke keys that are not used any more",
            Self::TooManyAgencies => "let another organisation give up the role first",
            Self::QuorumLost => {
                "give agencies admin keys without an end first, or change fewer of them"
            }
            Self::PolicyVersion => "number the policy one above the last version",
            Self::ProtocolVersion => "propose one version after the other",
            Self::ValidatorUnknown => "name a validator by the key that signs its votes",
            Self::ValidatorNotAgency => {
                "give the organisation the role of an agency, or remove its validator as well"
            }
            Self::ValidatorQuorumLost => {
                "add or replace fewer validators at once, and the others by later proposals"
            }
            Self::TooManyValidators => "remove a validator first",
            Self::NoValidators => "let validators stay, or add others",
            Self::NodeKeyScheme => "make an Ed25519 key for the node; only its votes may be SM2",
            Self::LicencesMalformed => {
                "state each licence once, by kind and number, with an end after its begin"
            }
            _ => self.remedy_of_originals(),
        }
    }

    fn remedy_of_originals(self) -> &'static str {
        match self {
            Self::SpotCheckTime => {
                "leave the sender at least the policy's time, and at most 30 days"
            }
            Self::CaseDocumentUnknown => {
                "name the case that the document belongs to, and the document by its identity"
            }
            Self::TooManySpotChecks => "judge what was shown first",
            Self::SpotCheckUnknown => "name the spot check by the identity of its document",
            Self::NotAsked => "let the organisation that is expected say it",
            Self::SpotCheckClosed => "look where it stands; an agency may ask again",
            Self::NotSender => "let its sender erase the original",
            Self::SpotCheckOpen => "answer it, and erase when it is judged",
            Self::RetentionNotOver => "keep the original until then",
            Self::ErasedAlready => "nothing is left to do",
            _ => self.remedy_of_access(),
        }
    }

    fn remedy_of_access(self) -> &'static str {
        match self {
            Self::GrantToSelf => "name the organisation that is to see",
            Self::ReceiverUnknown => "check the receiver's code, or have it admitted first",
            Self::CaseNotOwn => "check platform and order number; only parties let others see",
            Self::PeriodMalformed => "state a period that ends after it begins, or several",
            Self::AccessTerm => "let it end later, within ten years, or leave the term out",
            Self::TooManyGrants => "withdraw grants that are not needed any more",
            Self::GrantUnknown => "name a grant of your own by the identity of its document",
            Self::GrantEnded => "give a new grant, if it is wanted again",
            Self::NotAnAgency => "ask the agency whose business it is",
            Self::NotTheirBusiness => "ask each agency for what is its own business only",
            Self::KindsMalformed => "name each kind once, in the order of the specification",
            Self::SubjectUnknown => "check the case's platform and order, or the code",
            Self::TooManyRequests => "let requests be answered, or granted ones end, first",
            Self::RequestUnknown => "name a request to your agency by its document's identity",
            Self::RequestAnswered => "let the answer stand; the agency may ask again",
            Self::TooManyInspections => "refer to the inspections that there are",
            Self::ReadsMalformed => "report 1 to 256 entries, each of one read or more",
            Self::OwnerUnknown => "report reads of registered organisations' trades only",
            _ => self.remedy_of_clearance(),
        }
    }

    fn remedy_of_clearance(self) -> &'static str {
        match self {
            Self::NoImportMode => "propose a policy with a mode of imports first",
            Self::WaybillStatusUnknown => "send it when the parcel is signed for, with S",
            Self::ReturnStatusUnknown => "use a status of the specification",
            Self::TaxStatusUnknown => "use 1 (made), 2 (summed up) or 3 (void)",
            Self::BookUnpaired => "state the account book with the goods that it takes in",
            Self::ReleasedAlready => "apply for the return of the goods instead",
            Self::TooManyOfList => "change what is held instead of sending another",
            Self::ListNumberDiffers => "state the number that customs gave this list",
            _ => self.remedy_of_exports(),
        }
    }

    fn remedy_of_exports(self) -> &'static str {
        match self {
            Self::NoExportMode => "propose a policy with a mode of exports first",
            Self::WrongDirection => "write E for what goes out, and I for what comes back",
            Self::OrderTypeUnknown => {
                "use E for retail, B between enterprises, W for an overseas warehouse"
            }
            Self::PartNumbers => {
                "number the parts of a split message 1, 2, 3, and write 1 of 1 otherwise"
            }
            Self::EntryRepeated => "name each parcel, list or line once",
            Self::PeriodUnpaired => "state both times or neither",
            Self::ReturnFromChina => "state the country from which the goods come back",
            Self::PackNone => "state how many parcels there are",
            Self::SimplifiedLicence => "declare goods that need a licence with statisticsFlag B",
            Self::LineCurrency => "state all lines in one currency",
            Self::ModeUnknown => "use a mode of the policy in force",
            Self::CodeUnknown => {
                "use a code of customs' table, or have the policy's table completed"
            }
            Self::ListDeparted => "apply for a return of the goods instead",
            Self::TooManyReceipts => "change a receipt instead of sending another",
            Self::TooManyNotices => "change or delete earlier documents about it first",
            _ => self.remedy_of_registers(),
        }
    }

    fn remedy_of_registers(self) -> &'static str {
        match self {
            Self::EntryExists => {
                "number it otherwise, or do something about the entry that there is"
            }
            Self::EntryUnknown => "check owner and number; who opens an entry is its owner",
            Self::NotItsPart => "let the organisation that is expected do it",
            Self::ActNotNow => "look where the entry stands",
            Self::TradeUnfit => {
                "check direction, platform and order number, and where the trade stands"
            }
            Self::TakenByAnother => "look for the entry that has it",
            Self::AmountUnfit => "state an amount within what is expected",
            Self::DatesUnfit => "state dates in their order",
            Self::EntryFull => "open another entry",
            Self::FactsDiffer => "state what the trade's documents say",
            Self::CounterpartyUnfit => "check the code, and what the organisation has to be",
            Self::PartsMalformed => "state each part once, in order, within the bounds",
            _ => self.remedy_of_credit_and_risk(),
        }
    }

    fn remedy_of_credit_and_risk(self) -> &'static str {
        match self {
            Self::OrganisationListed => {
                "ask the agency that listed it; put things right and report it"
            }
            Self::CategoryUnknown => "use a category of the policy in force",
            Self::ListedAlready => "state a term after the listing that there is",
            Self::NegativeListFull => "end listings first, or have the policy's terms shortened",
            Self::HeldByAlert => "the agency that owns the alert disposes of it: kanhe risk show",
            Self::AlertUnknown => "look the number up: kanhe risk list",
            Self::AlertNotIts => "the owner disposes of it, or transfers it: kanhe risk show",
            Self::AlertNotNow => "look at where the alert stands: kanhe risk show",
            Self::SuspectUnknown => "check direction, platform and order number, or the code",
            Self::RiskMalformed => "state a number in the range, and hold trades only",
            Self::DepositShort => {
                "the merchant deposits more; customs records it: kanhe register act tax_deposit"
            }
            _ => NO_REMEDY,
        }
    }

    /// What to do about it, in one sentence.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::SubmissionExpired => "sign the documents again with a later expiry height",
            Self::UnknownOrganisation => "ask an agency to register the organisation, then resend",
            Self::OrganisationSuspended => {
                "ask the agency that suspended it, and resend afterwards"
            }
            Self::KeyNotValid => {
                "sign with a current key of the organisation: an operator key for trade, an admin \
                 key for governance"
            }
            Self::RoleMissing => "let an organisation with the right role send this document",
            Self::NotOwnCode => "send only documents that carry the signer's own code",
            Self::NotCanonical => "build the document with this version of the software",
            Self::OnlyAdd => "send it with appType 1",
            Self::GuidMalformed => "give the document an upper case UUID of 36 characters",
            Self::TextEmpty => "fill the field in, or leave it out where it is optional",
            Self::TextTooLong => "shorten the text to the field table's length",
            Self::TextMalformed => "remove control characters and surrounding blanks",
            Self::CodeMalformed => "use the code of the customs table that the field names",
            Self::CurrencyUnknown | Self::CurrencyNotYuan => "state the amounts in yuan, code 142",
            Self::NotImport => "send import lists only, ieFlag I",
            Self::TradeModeUnknown => "use a mode of imports of the policy in force",
            Self::ModeFieldMissing => "fill in the field that the list's trade mode demands",
            Self::BondedCountry => "write 142 as the country of a bonded list",
            Self::LineCount => "send at least one line, and split what is larger",
            Self::LineNumbers => "number the lines 1, 2, 3 and so on",
            Self::NumberNegative => "write amounts without a sign, and 0 where there is none",
            Self::NumberNotPositive => "state what was really sold and weighed",
            Self::NumberTooLarge => "check the number; customs takes 19 digits, 5 of them fraction",
            Self::SecondQuantity => "give both second quantity and second unit, or neither",
            Self::PackNotOne => "send one waybill and one list for each parcel",
            Self::NetAboveGross => "check both weights, in kilograms",
            Self::NotDeclared => "declare it (appStatus 2) and send it again",
            Self::OrderRepeated => "give each order one share",
            Self::PaidNotSum => "correct the amounts so that the sum holds to the last digit",
            Self::LinesNotSum => "correct goodsValue or the lines",
            Self::LineTotal => "correct quantity, price or total of the line",
            Self::UnknownDocument => "send it with appType 1, or check its number",
            Self::NotHolder => "let the organisation that sent the document change it",
            Self::Duplicate => "use a new number, or send a change with a later appTime",
            Self::AlreadyDeclared => {
                "delete or change the list first, while its case is not matched"
            }
            Self::ListExists => "change the list that is held instead of sending another",
            Self::CaseMatched => "apply for cancellation or return of the declared goods instead",
            Self::OldMessage => "send the change again with a later appTime",
            Self::TooManyVersions => "use a new number",
            Self::TooManyPayments => "delete payments of this order that do not belong to it",
            Self::MerchantDiffers => "check orderNo, or declare under the order's merchant",
            Self::TooManyRefunds => "delete refunds of this order that do not belong to it",
            _ => self.remedy_of_governance(),
        }
    }
}

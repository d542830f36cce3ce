//! Why the rules refuse a document. Numbered for ever; the table stands in docs/spec/rejections.md.

use crate::document::DocumentKind;
use crate::state::StateError;
use kanhe_types::limits::REJECTION_TEXT_CHARS_MAX;
use kanhe_types::receipt::Refusal;

/// The rules refuse a document. In order of precedence: of several reasons that can be told, the
/// one with the lowest number stands in the receipt. The numbers are permanent.
///
/// 1xx: who speaks. 2xx: the document's shape. 3xx: its arithmetic. 4xx: what the ledger holds.
/// 5xx: how the zone itself changes. 6xx: originals. 7xx: who lets whom see what.
/// A document that cannot be read ([`Self::NotCanonical`]) shows neither its kind nor its codes, so
/// that only the signer's authority is looked at before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[repr(u16)]
pub enum Rejection {
    /// The submission came too late.
    #[error("the submission expired before it was executed")]
    SubmissionExpired = 101,
    /// Nobody with this code is registered.
    #[error("the organisation is not registered")]
    UnknownOrganisation = 102,
    /// The organisation may not act for the time being.
    #[error("the organisation is suspended")]
    OrganisationSuspended = 103,
    /// The key is not one of the organisation's at this height, or not for this kind of document.
    #[error("the key is not valid for this kind of document at this height")]
    KeyNotValid = 104,
    /// None of the organisation's roles sends this kind of document.
    #[error("the organisation's roles do not allow this kind of document")]
    RoleMissing = 105,
    /// The document speaks for another organisation.
    #[error("the code inside the document is not the signer's")]
    NotOwnCode = 106,

    /// The bytes are no document.
    #[error("the bytes are not the canonical encoding of a document")]
    NotCanonical = 201,
    /// The kind of document can only be added.
    #[error("this kind of document can neither be changed nor deleted")]
    OnlyAdd = 202,
    /// The sender's identifier has another form.
    #[error("guid is not 36 upper case letters, digits and hyphens")]
    GuidMalformed = 203,
    /// A mandatory text, or an optional one that is present, is empty.
    #[error("a text is empty")]
    TextEmpty = 204,
    /// A text exceeds the field table's length.
    #[error("a text is too long")]
    TextTooLong = 205,
    /// A text holds control characters, or a number blanks around it.
    #[error("a text holds characters that its field does not allow")]
    TextMalformed = 206,
    /// A code does not have its table's form.
    #[error("a code does not have the form of its table")]
    CodeMalformed = 207,
    /// The code is not in the currency table.
    #[error("the currency is not in the table")]
    CurrencyUnknown = 208,
    /// Imports are declared in yuan.
    #[error("the currency of an import is not 142")]
    CurrencyNotYuan = 209,
    /// The list is not an import list.
    #[error("the list is not an import list")]
    NotImport = 210,
    /// The trade mode is not one of import's.
    #[error("the trade mode is not one of import's")]
    TradeModeUnknown = 211,
    /// A field that the trade mode demands is absent.
    #[error("a field that the trade mode demands is absent")]
    ModeFieldMissing = 212,
    /// A bonded list names a country of departure other than China.
    #[error("the country of departure of a bonded list is not 142")]
    BondedCountry = 213,
    /// There are no lines, or more than 99.
    #[error("the number of lines is not 1 to 99")]
    LineCount = 214,
    /// The lines are not numbered 1, 2, 3 and so on.
    #[error("the lines are not numbered from 1 without gaps")]
    LineNumbers = 215,
    /// An amount, quantity or weight is below nought.
    #[error("a number is below nought")]
    NumberNegative = 216,
    /// An amount, quantity or weight that must be above nought is not.
    #[error("a number is not above nought")]
    NumberNotPositive = 217,
    /// A number, or a sum or product of the document's numbers, has more than 19 digits.
    #[error("a number has more than 19 digits")]
    NumberTooLarge = 218,
    /// Second quantity and second unit do not come together.
    #[error("second quantity and second unit do not come together")]
    SecondQuantity = 219,
    /// A waybill or list of an import is for one parcel.
    #[error("the number of parcels is not 1")]
    PackNotOne = 220,
    /// Goods weigh more than goods and packing together.
    #[error("the net weight exceeds the gross weight")]
    NetAboveGross = 221,
    /// The document is only stored; what is not declared says nothing yet.
    #[error("the document is stored, not declared")]
    NotDeclared = 222,

    /// M02: what was paid is not goods, freight and tax less the discount.
    #[error("acturalPaid is not goodsValue + freight + taxTotal - discount")]
    PaidNotSum = 301,
    /// M04: the lines do not add up to the goods' value.
    #[error("the lines' totals do not add up to goodsValue")]
    LinesNotSum = 302,
    /// M04: a line's total is not quantity times price.
    #[error("a line's totalPrice is not qty x price")]
    LineTotal = 303,

    /// There is nothing to change or delete.
    #[error("the ledger holds no document with this number to change or delete")]
    UnknownDocument = 401,
    /// The version held is another organisation's.
    #[error("the version held was sent by another organisation")]
    NotHolder = 402,
    /// The number is taken by other content.
    #[error("a document with the same number and other content is held")]
    Duplicate = 403,
    /// M17: a list was declared on it, so that it stands as it is.
    #[error("a list was already declared on this document")]
    AlreadyDeclared = 404,
    /// The order was declared already.
    #[error("the order was already declared with another list")]
    ListExists = 405,
    /// M17: the case matched, so that its list stands as it is.
    #[error("the case of the list matched already")]
    CaseMatched = 406,
    /// M17: the version held is as new or newer.
    #[error("the version held is not older")]
    OldMessage = 407,
    /// The document was changed as often as it may be.
    #[error("the document has as many versions as the ledger keeps")]
    TooManyVersions = 408,
    /// The order has as many payments as its case keeps.
    #[error("the order has as many payments as its case keeps")]
    TooManyPayments = 409,
    /// The list's merchant is not the order's.
    #[error("the list's merchant is not the order's")]
    MerchantDiffers = 410,

    /// There are no changes, or more than one document may hold.
    #[error("there are no changes, or too many")]
    ChangeCount = 501,
    /// An organisation's roles are none, or out of order.
    #[error("the roles are none, repeated, or out of order")]
    RolesMalformed = 502,
    /// A parameter of a policy cannot be.
    #[error("a parameter of the policy is out of range")]
    PolicyMalformed = 503,
    /// Expiry or activation do not lie ahead within bounds.
    #[error("expiry or activation do not lie within their bounds")]
    ProposalHeights = 504,
    /// So many proposals are open that there is no room.
    #[error("as many proposals are open as there may be")]
    TooManyProposals = 505,
    /// There is no such proposal.
    #[error("there is no such proposal")]
    ProposalUnknown = 506,
    /// The proposal is decided.
    #[error("the proposal is not open any more")]
    ProposalNotOpen = 507,
    /// Only the proposer may take it back.
    #[error("the proposal is another agency's")]
    NotProposer = 508,
    /// An agency votes once.
    #[error("the agency has voted on this proposal already")]
    VotedAlready = 509,
    /// The code is taken.
    #[error("an organisation with this code is registered")]
    OrganisationExists = 510,
    /// The change is about nobody.
    #[error("the organisation that the change is about is not registered")]
    OrganisationUnknown = 511,
    /// The organisation is suspended, or active, already.
    #[error("the organisation has this status already")]
    StatusUnchanged = 512,
    /// The key is or was somebody's.
    #[error("the key is or was registered already")]
    KeyTaken = 513,
    /// The organisation has no such key, or it ended.
    #[error("the organisation has no such key, or it has ended")]
    KeyUnknown = 514,
    /// The heights between which a key is valid are past, or end before they begin.
    #[error("a key's heights are past, or end before they begin")]
    KeyHeights = 515,
    /// An organisation would hold too many keys at once.
    #[error("the organisation would hold too many keys")]
    TooManyKeys = 516,
    /// A zone would have too many agencies.
    #[error("the zone would have too many agencies")]
    TooManyAgencies = 517,
    /// So few agencies could vote that nothing could be decided any more.
    #[error("too few agencies could still vote")]
    QuorumLost = 518,
    /// The policy's version is not the next one.
    #[error("the policy's version is not the one after the last")]
    PolicyVersion = 519,
    /// The protocol's version is not the next one.
    #[error("the protocol's version is not the one after the last")]
    ProtocolVersion = 520,
    /// No validator, in force or to come, has this key.
    #[error("no validator in force or to come has this key")]
    ValidatorUnknown = 521,
    /// A validator would belong to an organisation that is no agency.
    #[error("a validator would belong to an organisation that is no agency")]
    ValidatorNotAgency = 522,
    /// Validators that do not run yet could stop the chain.
    #[error("too few validators of the new set are in the one before")]
    ValidatorQuorumLost = 523,
    /// A set would have too many validators.
    #[error("the zone would have too many validators")]
    TooManyValidators = 524,
    /// Nobody would decide.
    #[error("the zone would have no validators")]
    NoValidators = 525,
    /// A node's key is not one that connections know.
    #[error("the node's key is not an Ed25519 key")]
    NodeKeyScheme = 526,

    /// The time for an answer is out of bounds.
    #[error("the time for an answer is out of bounds")]
    SpotCheckTime = 601,
    /// The case has no such document.
    #[error("the case has no such document")]
    CaseDocumentUnknown = 602,
    /// As many spot checks as there may be.
    #[error("as many spot checks are open, or of this case, as there may be")]
    TooManySpotChecks = 603,
    /// There is no such spot check.
    #[error("there is no such spot check")]
    SpotCheckUnknown = 604,
    /// Another organisation is asked, or asks.
    #[error("the spot check is between other organisations")]
    NotAsked = 605,
    /// The spot check does not wait for this.
    #[error("the spot check does not wait for this")]
    SpotCheckClosed = 606,
    /// Another organisation sent the document.
    #[error("the document was sent by another organisation")]
    NotSender = 607,
    /// An agency waits for the original.
    #[error("a spot check of the document is open")]
    SpotCheckOpen = 608,
    /// The original has to be kept for longer.
    #[error("the original has to be kept for longer")]
    RetentionNotOver = 609,
    /// There is a deletion record already.
    #[error("a deletion record of the document exists")]
    ErasedAlready = 610,

    /// The receiver is the giver.
    #[error("an organisation lets itself see")]
    GrantToSelf = 701,
    /// Nobody with the receiver's code is registered.
    #[error("the organisation that is to see is not registered")]
    ReceiverUnknown = 702,
    /// The case does not exist, or is others'.
    #[error("there is no such case that the organisation is party to")]
    CaseNotOwn = 703,
    /// The period is none, or too long.
    #[error("the period ends before it begins, or is longer than ten years")]
    PeriodMalformed = 704,
    /// The term is past, or too far away.
    #[error("the term is past, or more than ten years away")]
    AccessTerm = 705,
    /// So many grants stand that there is no room.
    #[error("as many grants stand as there may be")]
    TooManyGrants = 706,
    /// There is no such grant of the organisation's.
    #[error("there is no such grant that the organisation gave")]
    GrantUnknown = 707,
    /// The grant was taken back before.
    #[error("the grant was withdrawn already")]
    GrantEnded = 708,
    /// Whoever is asked is no agency, or the asker itself.
    #[error("assistance is asked of another agency")]
    NotAnAgency = 709,
    /// What is asked for is not the business of who is asked.
    #[error("what is asked for is not the business of the agency that is asked")]
    NotTheirBusiness = 710,
    /// The kinds are none, or out of order, or not of trade.
    #[error("the kinds are none, repeated, out of order, or not of trade")]
    KindsMalformed = 711,
    /// The case or organisation that it is about does not exist.
    #[error("there is no such case or organisation")]
    SubjectUnknown = 712,
    /// So many requests are open or granted that there is no room.
    #[error("as many requests are open or granted as there may be")]
    TooManyRequests = 713,
    /// There is no such request to the agency.
    #[error("there is no such request to the agency")]
    RequestUnknown = 714,
    /// An agency answers once.
    #[error("the request was answered already")]
    RequestAnswered = 715,
    /// The case has as many inspections as it keeps.
    #[error("the case has as many inspections as the ledger keeps")]
    TooManyInspections = 716,
    /// A report has no entries, too many, or one that says nothing.
    #[error("the report has no entries, too many, or one that cannot be")]
    ReadsMalformed = 717,
    /// The owner of what was read is nobody.
    #[error("an owner in the report is not registered")]
    OwnerUnknown = 718,
}

impl Rejection {
    /// Every rejection, in order of precedence.
    pub const ALL: [Self; 95] = [
        Self::SubmissionExpired,
        Self::UnknownOrganisation,
        Self::OrganisationSuspended,
        Self::KeyNotValid,
        Self::RoleMissing,
        Self::NotOwnCode,
        Self::NotCanonical,
        Self::OnlyAdd,
        Self::GuidMalformed,
        Self::TextEmpty,
        Self::TextTooLong,
        Self::TextMalformed,
        Self::CodeMalformed,
        Self::CurrencyUnknown,
        Self::CurrencyNotYuan,
        Self::NotImport,
        Self::TradeModeUnknown,
        Self::ModeFieldMissing,
        Self::BondedCountry,
        Self::LineCount,
        Self::LineNumbers,
        Self::NumberNegative,
        Self::NumberNotPositive,
        Self::NumberTooLarge,
        Self::SecondQuantity,
        Self::PackNotOne,
        Self::NetAboveGross,
        Self::NotDeclared,
        Self::PaidNotSum,
        Self::LinesNotSum,
        Self::LineTotal,
        Self::UnknownDocument,
        Self::NotHolder,
        Self::Duplicate,
        Self::AlreadyDeclared,
        Self::ListExists,
        Self::CaseMatched,
        Self::OldMessage,
        Self::TooManyVersions,
        Self::TooManyPayments,
        Self::MerchantDiffers,
        Self::ChangeCount,
        Self::RolesMalformed,
        Self::PolicyMalformed,
        Self::ProposalHeights,
        Self::TooManyProposals,
        Self::ProposalUnknown,
        Self::ProposalNotOpen,
        Self::NotProposer,
        Self::VotedAlready,
        Self::OrganisationExists,
        Self::OrganisationUnknown,
        Self::StatusUnchanged,
        Self::KeyTaken,
        Self::KeyUnknown,
        Self::KeyHeights,
        Self::TooManyKeys,
        Self::TooManyAgencies,
        Self::QuorumLost,
        Self::PolicyVersion,
        Self::ProtocolVersion,
        Self::ValidatorUnknown,
        Self::ValidatorNotAgency,
        Self::ValidatorQuorumLost,
        Self::TooManyValidators,
        Self::NoValidators,
        Self::NodeKeyScheme,
        Self::SpotCheckTime,
        Self::CaseDocumentUnknown,
        Self::TooManySpotChecks,
        Self::SpotCheckUnknown,
        Self::NotAsked,
        Self::SpotCheckClosed,
        Self::NotSender,
        Self::SpotCheckOpen,
        Self::RetentionNotOver,
        Self::ErasedAlready,
        Self::GrantToSelf,
        Self::ReceiverUnknown,
        Self::CaseNotOwn,
        Self::PeriodMalformed,
        Self::AccessTerm,
        Self::TooManyGrants,
        Self::GrantUnknown,
        Self::GrantEnded,
        Self::NotAnAgency,
        Self::NotTheirBusiness,
        Self::KindsMalformed,
        Self::SubjectUnknown,
        Self::TooManyRequests,
        Self::RequestUnknown,
        Self::RequestAnswered,
        Self::TooManyInspections,
        Self::ReadsMalformed,
        Self::OwnerUnknown,
    ];

    /// The permanent number.
    pub fn code(self) -> u16 {
        self as u16
    }

    /// The rejection with this number.
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|rejection| rejection.code() == code)
    }

    /// Customs' negative code for it, where there is one. `kind` is unknown for a document that
    /// was not read.
    pub fn official(self, kind: Option<DocumentKind>) -> Option<i32> {
        match self {
            Self::UnknownOrganisation => return Some(-10_102),
            Self::RoleMissing => return Some(-10_101),
            _ => {}
        }
        match kind.filter(|kind| self.occurs_in(*kind))? {
            DocumentKind::Order => self.official_of_order(),
            DocumentKind::Payment => self.official_of_payment(),
            DocumentKind::Waybill => self.official_of_waybill(),
            DocumentKind::InventoryList => self.official_of_list(),
            DocumentKind::IdentityAttestation
            | DocumentKind::GovernanceProposal
            | DocumentKind::GovernanceVote
            | DocumentKind::GovernanceWithdrawal
            | DocumentKind::OwnKeys
            | DocumentKind::SpotCheck
            | DocumentKind::SpotCheckAnswer
            | DocumentKind::SpotCheckResult
            | DocumentKind::Erasure
            | DocumentKind::CaseGrant
            | DocumentKind::PeriodGrant
            | DocumentKind::GrantWithdrawal
            | DocumentKind::AssistanceRequest
            | DocumentKind::AssistanceAnswer
            | DocumentKind::Inspection
            | DocumentKind::ReadReport => None,
        }
    }

    /// Whether it speaks of the content of a document that was read.
    fn is_of_content(self) -> bool {
        (Self::GuidMalformed.code()..400).contains(&self.code())
    }

    /// Whether documents of `kind` can meet it.
    fn occurs_in(self, kind: DocumentKind) -> bool {
        use DocumentKind::{InventoryList, Order, Waybill};
        match self {
            Self::NotImport
            | Self::TradeModeUnknown
            | Self::ModeFieldMissing
            | Self::BondedCountry
            | Self::SecondQuantity
            | Self::NetAboveGross => kind == InventoryList,
            Self::PackNotOne => matches!(kind, Waybill | InventoryList),
            Self::LineCount | Self::LineNumbers => matches!(kind, Order | InventoryList),
            Self::PaidNotSum | Self::LinesNotSum | Self::LineTotal => kind == Order,
            _ => true,
        }
    }

    fn official_of_order(self) -> Option<i32> {
        match self {
            Self::UnknownDocument => Some(-301_009),
            Self::Duplicate => Some(-301_010),
            Self::AlreadyDeclared => Some(-301_011),
            Self::OldMessage => Some(-301_014),
            _ if self.is_of_content() => Some(-301_008),
            _ => None,
        }
    }

    fn official_of_payment(self) -> Option<i32> {
        match self {
            Self::UnknownDocument => Some(-401_006),
            Self::Duplicate => Some(-401_007),
            Self::AlreadyDeclared => Some(-401_008),
            Self::OldMessage => Some(-401_012),
            _ if self.is_of_content() => Some(-401_009),
            _ => None,
        }
    }

    fn official_of_waybill(self) -> Option<i32> {
        match self {
            Self::UnknownDocument => Some(-504_014),
            Self::Duplicate => Some(-504_015),
            Self::AlreadyDeclared => Some(-504_016),
            _ if self.is_of_content() => Some(-504_011),
            _ => None,
        }
    }

    fn official_of_list(self) -> Option<i32> {
        match self {
            Self::NotOwnCode | Self::NotHolder => Some(-621_016),
            Self::UnknownDocument => Some(-621_011),
            Self::ListExists => Some(-621_004),
            Self::CaseMatched => Some(-621_012),
            Self::MerchantDiffers => Some(-621_001),
            _ if self.is_of_content() => Some(-621_001),
            _ => None,
        }
    }

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
            Self::TradeModeUnknown => "use 9610 for direct purchase, 1210 or 1239 for bonded goods",
            Self::ModeFieldMissing => "fill in the field that the list's trade mode demands",
            Self::BondedCountry => "write 142 as the country of a bonded list",
            Self::LineCount => "send 1 to 99 lines, and split a larger order",
            Self::LineNumbers => "number the lines 1, 2, 3 and so on",
            Self::NumberNegative => "write amounts without a sign, and 0 where there is none",
            Self::NumberNotPositive => "state what was really sold and weighed",
            Self::NumberTooLarge => "check the number; customs takes 19 digits, 5 of them fraction",
            Self::SecondQuantity => "give both second quantity and second unit, or neither",
            Self::PackNotOne => "send one waybill and one list for each parcel",
            Self::NetAboveGross => "check both weights, in kilograms",
            Self::NotDeclared => "declare it (appStatus 2) and send it again",
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
            _ => self.remedy_of_governance(),
        }
    }
}

/// What no rejection says.
const NO_REMEDY: &str = "correct the document";

/// A rejection with what was expected and found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) rejection: Rejection,
    pub(crate) field: String,
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl Rejected {
    /// A refusal of `field`. Callers never pass free text of the document, which may hold
    /// personal data.
    pub(crate) fn new(
        rejection: Rejection,
        field: impl Into<String>,
        expected: impl ToString,
        found: impl ToString,
    ) -> Self {
        Self {
            rejection,
            field: field.into(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    pub(crate) fn refusal(self, kind: Option<DocumentKind>) -> Refusal {
        let bounded = |text: String| text.chars().take(REJECTION_TEXT_CHARS_MAX).collect();
        Refusal {
            code: self.rejection.code(),
            official: self.rejection.official(kind),
            field: bounded(self.field),
            expected: bounded(self.expected),
            found: bounded(self.found),
        }
    }
}

/// Why a document was not applied: the rules refuse it, or this machine cannot read its state.
#[derive(Debug)]
pub(crate) enum Stop {
    Rejected(Rejected),
    State(StateError),
}

impl From<Rejected> for Stop {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl From<StateError> for Stop {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_lead_back() {
        for pair in Rejection::ALL.windows(2) {
            assert!(pair[0].code() < pair[1].code(), "{pair:?}");
        }
        for rejection in Rejection::ALL {
            assert_eq!(Rejection::from_code(rejection.code()), Some(rejection));
        }
        assert_eq!(Rejection::from_code(100), None);
    }

    #[test]
    fn every_rejection_has_a_remedy_of_its_own() {
        for rejection in Rejection::ALL {
            assert_ne!(rejection.remedy(), NO_REMEDY, "{rejection:?}");
        }
    }

    /// The codes of one rejection over the kinds, as the table writes them.
    fn official_column(rejection: Rejection) -> String {
        let mut codes: Vec<String> = DocumentKind::ALL
            .into_iter()
            .filter_map(|kind| rejection.official(Some(kind)))
            .map(|code| code.to_string())
            .collect();
        codes.dedup();
        codes.join(" ")
    }

    #[test]
    fn the_specification_lists_every_rejection_with_its_texts() {
        let table = include_str!("../../docs/spec/rejections.md");
        let rows: Vec<&str> = table
            .lines()
            .filter(|line| {
                line.starts_with("| 1")
                    || line.starts_with("| 2")
                    || line.starts_with("| 3")
                    || line.starts_with("| 4")
                    || line.starts_with("| 5")
                    || line.starts_with("| 6")
                    || line.starts_with("| 7")
            })
            .collect();
        let expected: Vec<String> = Rejection::ALL
            .into_iter()
            .map(|rejection| {
                format!(
                    "| {} | `{rejection:?}` | {} | {rejection} | {} |",
                    rejection.code(),
                    official_column(rejection),
                    rejection.remedy()
                )
            })
            .collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        assert_eq!(rows, expected, "docs/spec/rejections.md should hold:\n{}", expected.join("\n"));
    }

    #[test]
    fn texts_of_a_refusal_are_bounded() {
        let long = "长".repeat(2 * REJECTION_TEXT_CHARS_MAX);
        let refusal =
            Rejected::new(Rejection::TextTooLong, long.clone(), &long, &long).refusal(None);
        assert_eq!(refusal.found.chars().count(), REJECTION_TEXT_CHARS_MAX);
        let bytes = kanhe_types::codec::encode(&refusal).len();
        assert!(bytes + 200 < kanhe_types::limits::RECEIPT_BYTES_MAX);
    }
}

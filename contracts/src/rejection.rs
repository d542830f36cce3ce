//! Why the rules refuse a document. Numbered for ever; the table stands in docs/spec/rejections.md.

mod remedy;
mod stop;

pub(crate) use stop::{Rejected, Stop};

use crate::document::DocumentKind;

/// The rules refuse a document. In order of precedence: of several reasons that can be told, the
/// one with the lowest number stands in the receipt. The numbers are permanent.
///
/// 1xx: who speaks. 2xx: the document's shape. 3xx: its arithmetic. 4xx: what the ledger holds.
/// 5xx: how the zone itself changes. 6xx: originals. 7xx: who lets whom see what. 801
/// to 849: what follows an import list. 851 to 899: exports. 901 to 920: registers. 921 to 939:
/// credit. 941 to 969: risk.
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
    /// There are no lines, or too many.
    #[error("the number of lines is out of bounds")]
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
    /// An allocation gives one order two shares.
    #[error("an allocation names an order twice")]
    OrderRepeated = 223,

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
    /// The case keeps a bounded number of refunds.
    #[error("the order has as many refunds as its case keeps")]
    TooManyRefunds = 411,

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
    /// The licences of an organisation are no list of licences.
    #[error("the licences are too many, repeated, out of order, or one ends before it begins")]
    LicencesMalformed = 527,

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

    /// The zone has no mode of trade that imports.
    #[error("the policy in force has no mode that imports")]
    NoImportMode = 801,
    /// A waybill's status is not that it was signed for.
    #[error("logisticsStatus is not S")]
    WaybillStatusUnknown = 802,
    /// Customs has no such status of a list, or of a return.
    #[error("returnStatus is none that a list, or a return, comes to stand at")]
    ReturnStatusUnknown = 803,
    /// A tax bill has no such status.
    #[error("the status of the tax bill is not 1, 2 or 3")]
    TaxStatusUnknown = 804,
    /// Goods are taken in without an account book, or a book without goods.
    #[error("emsNo and goods do not come together")]
    BookUnpaired = 805,
    /// M18: what was released is not cancelled any more.
    #[error("customs has released the list")]
    ReleasedAlready = 811,
    /// The case has as many documents of the kind as it keeps.
    #[error("the list has as many documents of this kind as its case keeps")]
    TooManyOfList = 812,
    /// A list has one number, and a number one list.
    #[error("the number is another list's, or the list has another number")]
    ListNumberDiffers = 813,

    /// The zone has no mode of trade that exports.
    #[error("the policy in force has no mode that exports")]
    NoExportMode = 851,
    /// The flag says the other direction than the message's.
    #[error("ieFlag is not the direction of the message")]
    WrongDirection = 852,
    /// The type of the order is none of an export's.
    #[error("the order's type is none of an export's")]
    OrderTypeUnknown = 853,
    /// The part of a message that was split is not one of its parts.
    #[error("msgSeqNo is not 1 to msgCount")]
    PartNumbers = 854,
    /// The same parcel, list or line stands in the document twice.
    #[error("an entry stands in the document twice")]
    EntryRepeated = 855,
    /// The period of a summary has one end only, or ends before it begins.
    #[error("startTime and endTime do not come together, or are out of order")]
    PeriodUnpaired = 856,
    /// What comes back to China comes from there.
    #[error("the country of a return is 142")]
    ReturnFromChina = 857,
    /// A waybill or list is for no parcel.
    #[error("the number of parcels is 0")]
    PackNone = 858,
    /// A simplified list names a licence.
    #[error("a simplified list names a licence")]
    SimplifiedLicence = 859,
    /// The lines of an order are not in its currency.
    #[error("a line is in another currency than the others")]
    LineCurrency = 860,
    /// No mode of exports has this code.
    #[error("the policy in force has no mode of exports with this code")]
    ModeUnknown = 861,
    /// A code is not in the policy's table.
    #[error("a code is not in the table of the policy in force")]
    CodeUnknown = 862,
    /// What left the country is not cancelled any more.
    #[error("the parcel of the list left the country")]
    ListDeparted = 863,
    /// An order has as many receipts as its case keeps.
    #[error("the order has as many receipts of funds as its case keeps")]
    TooManyReceipts = 864,
    /// So many documents speak of a parcel or list that there is no room.
    #[error("as many documents speak of the parcel or list as the ledger keeps")]
    TooManyNotices = 865,

    /// The number is an entry's already.
    #[error("the owner has an entry with this number")]
    EntryExists = 901,
    /// There is nothing to act on.
    #[error("there is no such entry")]
    EntryUnknown = 902,
    /// Somebody else has to do this.
    #[error("the act is another organisation's to do")]
    NotItsPart = 903,
    /// The entry does not wait for this.
    #[error("the entry does not wait for this act")]
    ActNotNow = 904,
    /// The trade does not exist, is others', or does not stand where it has to.
    #[error("there is no such trade of the organisation, or it does not stand where it has to")]
    TradeUnfit = 905,
    /// Another entry has it.
    #[error("another entry has it already")]
    TakenByAnother = 906,
    /// An amount is not what can be.
    #[error("the amount is not one that can be")]
    AmountUnfit = 907,
    /// Dates or terms are out of order.
    #[error("a date or term is out of order")]
    DatesUnfit = 908,
    /// The entry has as much as it keeps.
    #[error("the entry has as much as the ledger keeps")]
    EntryFull = 909,
    /// What is stated differs from what the ledger holds.
    #[error("what is stated is not what the ledger holds")]
    FactsDiffer = 910,
    /// Somebody who is named does not fit.
    #[error("an organisation that is named is not registered, or not one that fits")]
    CounterpartyUnfit = 911,
    /// Parts are none, too many, or out of order.
    #[error("parts are none, too many, repeated or out of order")]
    PartsMalformed = 912,

    /// The organisation is on the negative list.
    #[error("the organisation is on the negative list, and its documents of trades are refused")]
    OrganisationListed = 921,
    /// The policy has no such category.
    #[error("the policy in force has no category of the negative list with this code")]
    CategoryUnknown = 922,
    /// The organisation is listed under the category for a part of the term.
    #[error("the organisation is listed under the category for a part of the term")]
    ListedAlready = 923,
    /// The list has as many listings as every block can read.
    #[error("the negative list has as many listings as the ledger keeps")]
    NegativeListFull = 924,

    /// An alert holds the trade.
    #[error("an alert holds the trade")]
    HeldByAlert = 941,
    /// There is no such alert.
    #[error("there is no such alert")]
    AlertUnknown = 942,
    /// The alert is another agency's.
    #[error("the alert is another agency's")]
    AlertNotIts = 943,
    /// The act does not fit where the alert stands.
    #[error("the act does not fit where the alert stands")]
    AlertNotNow = 944,
    /// What is said to be suspicious is not there.
    #[error("what is said to be suspicious is not there")]
    SuspectUnknown = 945,
    /// A number of a signal or of an act on an alert is out of range.
    #[error("a number of a signal or of an act on an alert is out of range")]
    RiskMalformed = 946,
    /// The merchant has not deposited what its grade demands of the tax.
    #[error("the merchant has not deposited what its grade demands of the tax")]
    DepositShort = 947,
}

impl Rejection {
    /// Every rejection, in order of precedence.
    pub const ALL: [Self; 144] = [
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
        Self::OrderRepeated,
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
        Self::TooManyRefunds,
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
        Self::LicencesMalformed,
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
        Self::NoImportMode,
        Self::WaybillStatusUnknown,
        Self::ReturnStatusUnknown,
        Self::TaxStatusUnknown,
        Self::BookUnpaired,
        Self::ReleasedAlready,
        Self::TooManyOfList,
        Self::ListNumberDiffers,
        Self::NoExportMode,
        Self::WrongDirection,
        Self::OrderTypeUnknown,
        Self::PartNumbers,
        Self::EntryRepeated,
        Self::PeriodUnpaired,
        Self::ReturnFromChina,
        Self::PackNone,
        Self::SimplifiedLicence,
        Self::LineCurrency,
        Self::ModeUnknown,
        Self::CodeUnknown,
        Self::ListDeparted,
        Self::TooManyReceipts,
        Self::TooManyNotices,
        Self::EntryExists,
        Self::EntryUnknown,
        Self::NotItsPart,
        Self::ActNotNow,
        Self::TradeUnfit,
        Self::TakenByAnother,
        Self::AmountUnfit,
        Self::DatesUnfit,
        Self::EntryFull,
        Self::FactsDiffer,
        Self::CounterpartyUnfit,
        Self::PartsMalformed,
        Self::OrganisationListed,
        Self::CategoryUnknown,
        Self::ListedAlready,
        Self::NegativeListFull,
        Self::HeldByAlert,
        Self::AlertUnknown,
        Self::AlertNotIts,
        Self::AlertNotNow,
        Self::SuspectUnknown,
        Self::RiskMalformed,
        Self::DepositShort,
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
            DocumentKind::ListCancellation => self.official_of_cancellation(),
            DocumentKind::ListReturn => self.official_of_return(),
            _ => None,
        }
    }

    /// Whether it speaks of the content of a document that was read.
    fn is_of_content(self) -> bool {
        (Self::GuidMalformed.code()..400).contains(&self.code())
    }

    /// Whether documents of `kind` can meet it.
    fn occurs_in(self, kind: DocumentKind) -> bool {
        use DocumentKind::{InventoryList, ListCancellation, ListReturn, Order, Waybill};
        match self {
            Self::CurrencyUnknown | Self::CurrencyNotYuan => {
                !matches!(kind, ListCancellation | ListReturn)
            }
            Self::NumberNegative | Self::NumberNotPositive | Self::NumberTooLarge => {
                kind != ListCancellation
            }
            Self::NotImport
            | Self::TradeModeUnknown
            | Self::ModeFieldMissing
            | Self::BondedCountry
            | Self::SecondQuantity
            | Self::NetAboveGross => kind == InventoryList,
            Self::PackNotOne => matches!(kind, Waybill | InventoryList),
            Self::LineCount => matches!(kind, Order | InventoryList | ListReturn),
            Self::LineNumbers => matches!(kind, Order | InventoryList),
            Self::PaidNotSum | Self::LinesNotSum | Self::LineTotal => kind == Order,
            // Of what divides a payment, which customs has no message for.
            Self::OrderRepeated => false,
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

    fn official_of_cancellation(self) -> Option<i32> {
        match self {
            Self::NotOwnCode => Some(-623_026),
            Self::Duplicate => Some(-623_009),
            Self::ReleasedAlready => Some(-623_005),
            _ if self.is_of_content() => Some(-623_001),
            _ => None,
        }
    }

    fn official_of_return(self) -> Option<i32> {
        match self {
            Self::NotOwnCode | Self::NotHolder => Some(-625_021),
            Self::Duplicate => Some(-625_033),
            _ if self.is_of_content() => Some(-625_001),
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
}

#[cfg(test)]
mod tests;

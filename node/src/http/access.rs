//! Who may see what: the one place that decides it, and notes what agencies saw of others' trades.
//!
//! Enterprises see their own documents, the cases they are party to, and what parties let them see.
//! Agencies see where every trade stands, and of documents those that are their business, that
//! another agency let them see, or that a party did. Whatever one may not see is `None` here, as
//! what does not exist.

use super::app::now;
use super::failure::Failure;
use super::reads::{Note, Notes};
use kanhe_api::credit::CreditSight;
use kanhe_api::statistics::StatisticsView;
use kanhe_api::view::{ExportView, TradeView};
use kanhe_contracts::access::{self, Assistance, Grant, InspectionRecord, Scope, Sight, Trade};
use kanhe_contracts::case::{self, Case, CaseSummary};
use kanhe_contracts::document::{Body, Document, DocumentKind, Ground, Subject};
use kanhe_contracts::event::Event;
use kanhe_contracts::export::{self, ExportCase};
use kanhe_contracts::flows::FlowPart;
use kanhe_contracts::register::{self, Entry, EntryKey};
use kanhe_contracts::registry::{self, Organisation, Role};
use kanhe_contracts::risk::{self, Alert, Assessment, Suspect};
use kanhe_contracts::state::{StateError, StateRead};
use kanhe_ledger::Replica;
use kanhe_ledger::query::AcceptedDocument;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::receipt::{CaseKey, Outcome, Receipt};
use kanhe_types::redacted::ShownChange;

/// Whose request it is; only authentication makes one.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) organisation: OrganisationCode,
    pub(super) is_agency: bool,
    is_bank: bool,
    /// The kinds of documents that are the agency's business.
    business: Vec<DocumentKind>,
    /// What other agencies let it see.
    granted: Vec<Assistance>,
    notes: Notes,
}

/// The state after the last executed height, as the contracts read it.
pub(super) struct ExecutedState<'a>(pub(super) &'a dyn Replica);

impl StateRead for ExecutedState<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.0.state_value(key).map_err(|error| StateError(error.to_string()))
    }

    fn executed(&self, submissions: &[Hash]) -> Result<Vec<bool>, StateError> {
        let is_executed =
            |id: &Hash| self.0.has_submission(id).map_err(|error| StateError(error.to_string()));
        submissions.iter().map(is_executed).collect()
    }
}

/// Which statistics a caller gets that asks for `view`: an agency all, others their own, everybody
/// what is published.
///
/// # Errors
/// When others than agencies ask for all.
pub(super) fn statistics_view(
    caller: &Caller,
    view: Option<StatisticsView>,
) -> Result<StatisticsView, Failure> {
    match view {
        Some(StatisticsView::All) => caller.must_be_agency().map(|()| StatisticsView::All),
        Some(view) => Ok(view),
        None if caller.is_agency => Ok(StatisticsView::All),
        None => Ok(StatisticsView::Own),
    }
}

/// How much a caller is shown of an organisation's credit: the organisation itself everything, and
/// agencies whose business it is, which is noted, and whom it lets see its trades; everybody else
/// what is public.
///
/// # Errors
/// When there is no such organisation.
pub(super) fn credit_sight(
    ledger: &dyn Replica,
    caller: &Caller,
    code: &OrganisationCode,
) -> Result<CreditSight, Failure> {
    if caller.is(code) {
        return Ok(CreditSight::Full);
    }
    organisation(ledger, code)?.ok_or_else(Failure::not_found)?;
    let ground = match () {
        () if sees_all_credit(caller) => Ground::Business,
        () if has_period_grants(ledger, code, &caller.organisation)? => Ground::Grant,
        () => return Ok(CreditSight::Public),
    };
    caller.note(ledger, [code], &ground, None);
    Ok(CreditSight::Full)
}

/// Whether everybody's credit is the caller's business.
pub(super) fn sees_all_credit(caller: &Caller) -> bool {
    caller.has_business(DocumentKind::CreditRecord)
}

/// How much of the negative list a caller is shown that asks for `view`.
///
/// # Errors
/// When others than agencies whose business it is ask for all of it.
pub(super) fn negative_list_sight(
    caller: &Caller,
    view: Option<CreditSight>,
) -> Result<CreditSight, Failure> {
    let is_business = caller.has_business(DocumentKind::NegativeList);
    match view {
        Some(CreditSight::Full) if !is_business => Err(Failure::agencies_only()),
        Some(view) => Ok(view),
        None if is_business => Ok(CreditSight::Full),
        None => Ok(CreditSight::Public),
    }
}

/// Whose flows a caller gets.
pub(super) enum FlowsOf {
    /// Everybody's.
    Everybody,
    /// This merchant's.
    One(OrganisationCode),
    /// Nobody's.
    Nobody,
}

/// Whose flows a caller gets that asks for those of `merchant`: an agency anybody's, others their
/// own, and of others as if there were none.
pub(super) fn flows_of(caller: &Caller, merchant: Option<&OrganisationCode>) -> FlowsOf {
    match merchant {
        Some(other) if !caller.is_agency && !caller.is(other) => FlowsOf::Nobody,
        Some(merchant) => FlowsOf::One(merchant.clone()),
        None if caller.is_agency => FlowsOf::Everybody,
        None => FlowsOf::One(caller.organisation.clone()),
    }
}

impl Caller {
    /// An organisation whose request is signed with `key`.
    pub(super) fn new(
        ledger: &dyn Replica,
        organisation: &Organisation,
        key: PublicKey,
    ) -> Result<Self, Failure> {
        let (code, is_agency) = (organisation.code.clone(), organisation.has_role(Role::Agency));
        let granted = match is_agency {
            true => access::granted_to(&ExecutedState(ledger), &code, now(), next_height(ledger))?,
            false => Vec::new(),
        };
        Ok(Self {
            notes: Notes::new(code.clone(), key),
            organisation: code,
            is_agency,
            is_bank: organisation.has_role(Role::Bank),
            business: access::business(organisation),
            granted,
        })
    }

    pub(super) fn is(&self, organisation: &OrganisationCode) -> bool {
        self.organisation == *organisation
    }

    /// What was noted while the request was answered.
    pub(super) fn notes(&self) -> &Notes {
        &self.notes
    }

    /// # Errors
    /// When the caller is no agency.
    pub(super) fn must_be_agency(&self) -> Result<(), Failure> {
        if self.is_agency { Ok(()) } else { Err(Failure::agencies_only()) }
    }

    /// Whether documents of a kind are the caller's business, as an agency.
    pub(super) fn has_business(&self, kind: DocumentKind) -> bool {
        self.business.contains(&kind)
    }

    /// Notes that an agency was shown something of these organisations' trades.
    pub(super) fn note<'a>(
        &self,
        ledger: &dyn Replica,
        owners: impl IntoIterator<Item = &'a OrganisationCode>,
        ground: &Ground,
        case: Option<&CaseKey>,
    ) {
        if !self.is_agency {
            return;
        }
        for owner in owners.into_iter().filter(|owner| !self.is(owner)) {
            let height = ledger.executed_height();
            let (owner, ground, case) = (owner.clone(), ground.clone(), case.cloned());
            self.notes.add(Note { owner, ground, case, height, time: now() });
        }
    }

    /// For what reasons the caller sees anything of a case.
    fn grounds(&self, case: &Trade<'_>, givers: &[OrganisationCode]) -> Vec<Ground> {
        let mut grounds = Vec::new();
        if !self.business.is_empty() {
            grounds.push(Ground::Business);
        }
        let assisted = access::kinds_for(&self.granted, case);
        grounds.extend(assisted.into_iter().map(|(id, _)| Ground::Assistance(id)));
        if !givers.is_empty() {
            grounds.push(Ground::Grant);
        }
        if grounds.is_empty() {
            grounds.push(Ground::Standing);
        }
        grounds
    }
}

/// A registered organisation.
pub(super) fn organisation(
    ledger: &dyn Replica,
    code: &OrganisationCode,
) -> Result<Option<Organisation>, Failure> {
    Ok(registry::organisation(&ExecutedState(ledger), code)?)
}

/// A case that the caller may see, and how much of it.
pub(super) struct VisibleCase {
    case: Case,
    sight: Sight,
    /// Whether the caller sees what agencies recorded of the case.
    sees_inspections: bool,
}

impl VisibleCase {
    /// Whether the caller sees all of the case.
    pub(super) fn is_whole(&self) -> bool {
        self.sight == Sight::whole()
    }

    /// The case with its findings.
    pub(super) fn view(self, ledger: &dyn Replica) -> Result<TradeView, Failure> {
        // A case is evaluated again whenever its height of change moves.
        let policy = ledger.policy_at(self.case.changed_height);
        let inspections = inspections(ledger, self.sees_inspections, &self.case.key)?;
        Ok(TradeView::new(self.sight.show(self.case, &policy), inspections))
    }

    /// The case in a few words.
    pub(super) fn summary(&self) -> CaseSummary {
        self.sight.summary(&self.case)
    }

    /// Whether the caller sees an amount of the case's flows; `merchant` is the case's.
    pub(super) fn shows_part(&self, part: &FlowPart, merchant: &OrganisationCode) -> bool {
        self.sight.shows_part(part, merchant)
    }
}

fn inspections(
    ledger: &dyn Replica,
    are_seen: bool,
    case: &CaseKey,
) -> Result<Vec<InspectionRecord>, Failure> {
    match are_seen {
        true => Ok(access::inspections(&ExecutedState(ledger), case)?),
        false => Ok(Vec::new()),
    }
}

/// An export case that the caller may see, and how much of it.
pub(super) struct VisibleExport {
    case: ExportCase,
    sight: Sight,
    /// Whether the caller sees what agencies recorded of the case.
    sees_inspections: bool,
}

impl VisibleExport {
    /// Whether the caller sees all of the case.
    pub(super) fn is_whole(&self) -> bool {
        self.sight == Sight::whole()
    }

    /// The case with its findings.
    pub(super) fn view(self, ledger: &dyn Replica) -> Result<ExportView, Failure> {
        // A case is evaluated again whenever its height of change moves.
        let policy = ledger.policy_at(self.case.changed_height);
        let inspections = inspections(ledger, self.sees_inspections, &self.case.key)?;
        Ok(ExportView::new(self.sight.show_export(self.case, &policy), inspections))
    }

    /// The case in a few words.
    pub(super) fn summary(&self) -> CaseSummary {
        self.case.summary()
    }

    /// Whether the caller sees an amount of the case's flows; `merchant` is the case's.
    pub(super) fn shows_part(&self, part: &FlowPart, merchant: &OrganisationCode) -> bool {
        self.sight.shows_part(part, merchant)
    }
}

/// An export case that the caller may see.
pub(super) fn visible_export(
    ledger: &dyn Replica,
    caller: &Caller,
    key: &CaseKey,
) -> Result<Option<VisibleExport>, Failure> {
    match export::case(&ExecutedState(ledger), key)? {
        Some(case) => self::export(ledger, caller, case),
        None => Ok(None),
    }
}

/// The height at which what is signed now would execute.
pub(super) fn next_height(ledger: &dyn Replica) -> u64 {
    ledger.executed_height().saturating_add(1)
}

/// How much of a case the caller sees without anybody's grant; `None` when nothing.
fn own_sight(caller: &Caller, case: &Trade<'_>) -> Option<Sight> {
    if case.parties.contains(&caller.organisation) {
        return Some(Sight::whole());
    }
    if !caller.is_agency {
        return None;
    }
    let mut kinds = caller.business.clone();
    kinds.extend(access::kinds_for(&caller.granted, case).into_iter().flat_map(|(_, kinds)| kinds));
    Some(Sight::of_kinds(kinds))
}

/// The parties that let the caller see a case.
fn givers(
    ledger: &dyn Replica,
    caller: &Caller,
    case: &Trade<'_>,
) -> Result<Vec<OrganisationCode>, Failure> {
    let (state, height) = (ExecutedState(ledger), next_height(ledger));
    Ok(access::givers(&state, case, &caller.organisation, now(), height)?)
}

/// How much the caller sees of a case without anybody's grant, for long lists. It is noted.
fn listed(
    ledger: &dyn Replica,
    caller: &Caller,
    case: &Trade<'_>,
    is_import: bool,
) -> Option<Sight> {
    let sight = own_sight(caller, case)?;
    // Of a list an agency reads where trades stand, and what was paid where that is its business.
    let order = if is_import { DocumentKind::Order } else { DocumentKind::ExportOrder };
    let mut assisted = access::kinds_for(&caller.granted, case).into_iter();
    let ground = match assisted.find(|(_, kinds)| kinds.contains(&order)) {
        _ if caller.business.contains(&order) => Ground::Business,
        Some((id, _)) => Ground::Assistance(id),
        None => Ground::Standing,
    };
    caller.note(ledger, &case.parties, &ground, Some(case.key));
    Some(sight)
}

/// The case as far as the caller sees it without anybody's grant: for long lists.
pub(super) fn own_or_business(
    ledger: &dyn Replica,
    caller: &Caller,
    case: Case,
) -> Option<VisibleCase> {
    let sight = listed(ledger, caller, &(&case).into(), true)?;
    Some(VisibleCase { case, sight, sees_inspections: true })
}

/// The export case, likewise.
pub(super) fn own_or_business_export(
    ledger: &dyn Replica,
    caller: &Caller,
    case: ExportCase,
) -> Option<VisibleExport> {
    let sight = listed(ledger, caller, &(&case).into(), false)?;
    Some(VisibleExport { case, sight, sees_inspections: true })
}

/// How much the caller sees of a case, and whether of its inspections, too; `None` when nothing.
/// It is noted.
fn sight_of(
    ledger: &dyn Replica,
    caller: &Caller,
    case: &Trade<'_>,
) -> Result<Option<(Sight, bool)>, Failure> {
    if ledger.is_observer() {
        // It was shown what its organisation may see, and nobody else asks it.
        return Ok(Some((Sight::whole(), true)));
    }
    let own = own_sight(caller, case);
    if own.as_ref() == Some(&Sight::whole()) {
        return Ok(own.map(|sight| (sight, true)));
    }
    let givers = givers(ledger, caller, case)?;
    if own.is_none() && givers.is_empty() {
        return Ok(None);
    }
    for ground in caller.grounds(case, &givers) {
        caller.note(ledger, &case.parties, &ground, Some(case.key));
    }
    let sight = own.unwrap_or_default().and(Sight::given_by(givers));
    Ok(Some((sight, caller.is_agency)))
}

/// The case as far as the caller may see it.
pub(super) fn visible(
    ledger: &dyn Replica,
    caller: &Caller,
    case: Case,
) -> Result<Option<VisibleCase>, Failure> {
    let seen = sight_of(ledger, caller, &(&case).into())?;
    Ok(seen.map(|(sight, sees_inspections)| VisibleCase { case, sight, sees_inspections }))
}

/// The export case as far as the caller may see it.
pub(super) fn export(
    ledger: &dyn Replica,
    caller: &Caller,
    case: ExportCase,
) -> Result<Option<VisibleExport>, Failure> {
    let seen = sight_of(ledger, caller, &(&case).into())?;
    Ok(seen.map(|(sight, sees_inspections)| VisibleExport { case, sight, sees_inspections }))
}

/// A case that the caller may see.
pub(super) fn visible_case(
    ledger: &dyn Replica,
    caller: &Caller,
    key: &CaseKey,
) -> Result<Option<VisibleCase>, Failure> {
    match case::case(&ExecutedState(ledger), key)? {
        Some(case) => visible(ledger, caller, case),
        None => Ok(None),
    }
}

/// What of an event the caller may ask for.
pub(super) fn visible_change(caller: &Caller, event: &Event) -> Option<ShownChange> {
    match event {
        Event::CaseChanged { case, parties, .. } => {
            parties.contains(&caller.organisation).then(|| ShownChange::Case(case.clone()))
        }
        Event::ExportCaseChanged { case, parties, .. } => {
            parties.contains(&caller.organisation).then(|| ShownChange::Export(case.clone()))
        }
        Event::OrganisationChanged { organisation, .. } => {
            caller.is(organisation).then_some(ShownChange::Organisation)
        }
        _ => None,
    }
}

/// An accepted document that the caller may see.
pub(super) fn visible_document(
    ledger: &dyn Replica,
    caller: &Caller,
    id: &Hash,
) -> Result<Option<AcceptedDocument>, Failure> {
    let Some(document) = ledger.document(id)? else { return Ok(None) };
    if ledger.is_observer() {
        // It was shown what its organisation may see, and nobody else asks it.
        return Ok(Some(document));
    }
    let Ok(content) = document.decode() else { return Ok(None) };
    if caller.is(&document.organisation) || concerns(&content.body).any(|code| caller.is(code)) {
        return Ok(Some(document));
    }
    if let Some(key) = register::entry_key(&content.body) {
        let entry = register::entry(&ExecutedState(ledger), &key)?;
        return Ok(entry.filter(|entry| entry_is_whole(ledger, caller, entry)).map(|_| document));
    }
    let kind = content.kind();
    if matches!(kind, DocumentKind::RiskSignal | DocumentKind::RiskAct) {
        let is_seen = sees_said(ledger, caller, &content.body)?;
        return Ok(Some(document).filter(|_| is_seen));
    }
    if !kind.is_of_trade() || kind == DocumentKind::IdentityAttestation {
        // What is said of the zone, and of who sees what, is every agency's business.
        return Ok(Some(document).filter(|_| caller.is_agency));
    }
    if kind.is_of_export() {
        return export_document(ledger, caller, document, &content);
    }
    let key = case_of(ledger, &document, &content)?;
    let case = match &key {
        Some(key) => case::case(&ExecutedState(ledger), key)?,
        None => None,
    };
    let case = case.as_ref().map(Trade::from);
    let Some(ground) = ground_of(ledger, caller, &document, &content, case.as_ref())? else {
        return Ok(None);
    };
    let parties = case.map(|case| case.parties).unwrap_or_default();
    let signer = Some(&document.organisation).filter(|signer| !parties.contains(signer));
    caller.note(ledger, parties.iter().chain(signer), &ground, key.as_ref());
    Ok(Some(document))
}

/// Whether the caller sees all of an entry of a register: as a party, or because it is its business
/// as an agency, which is noted.
fn entry_is_whole(ledger: &dyn Replica, caller: &Caller, entry: &Entry) -> bool {
    let parties = entry.parties();
    if parties.contains(&caller.organisation) {
        return true;
    }
    let is_business = caller.has_business(entry.key.register.kind());
    if is_business {
        caller.note(ledger, &parties, &Ground::Business, None);
    }
    is_business
}

/// An entry of a register, as far as the caller may see it.
pub(super) fn visible_entry(
    ledger: &dyn Replica,
    caller: &Caller,
    key: &EntryKey,
) -> Result<Option<Entry>, Failure> {
    let Some(entry) = register::entry(&ExecutedState(ledger), key)? else { return Ok(None) };
    if entry_is_whole(ledger, caller, &entry) {
        return Ok(Some(entry));
    }
    Ok(entry.shown_to(&caller.organisation))
}

/// A receivable of which the caller may ask how much is available: any bank, beside those who see
/// the entry.
pub(super) fn asked_receivable(
    ledger: &dyn Replica,
    caller: &Caller,
    key: &EntryKey,
) -> Result<Option<Entry>, Failure> {
    if caller.is_bank {
        return Ok(register::entry(&ExecutedState(ledger), key)?);
    }
    visible_entry(ledger, caller, key)
}

/// # Errors
/// When the caller is no agency: to others there is nothing of risk.
pub(super) fn sees_risk(caller: &Caller) -> Result<(), Failure> {
    if caller.is_agency { Ok(()) } else { Err(Failure::not_found()) }
}

/// Whether the caller sees an alert: customs every one, another agency those that it has or had.
/// Suspects see none, and no read is noted of them: it would tell them.
fn has_alert(caller: &Caller, alert: &Alert) -> bool {
    caller.is_agency
        && (caller.has_business(DocumentKind::RiskAct)
            || alert.agencies.contains(&caller.organisation))
}

/// The alert with this number, if the caller may see it.
pub(super) fn visible_alert(
    ledger: &dyn Replica,
    caller: &Caller,
    number: u64,
) -> Result<Option<Alert>, Failure> {
    let alert = risk::alert(&ExecutedState(ledger), number)?;
    Ok(alert.filter(|alert| has_alert(caller, alert)))
}

/// What the rules said of a trade or organisation, if the caller may see it: customs always,
/// another agency where it may see the last alert.
pub(super) fn visible_assessment(
    ledger: &dyn Replica,
    caller: &Caller,
    suspect: &Suspect,
) -> Result<Option<Assessment>, Failure> {
    let held = risk::assessment(&ExecutedState(ledger), suspect)?;
    if caller.is_agency && caller.has_business(DocumentKind::RiskAct) {
        return Ok(held);
    }
    let alert = held.as_ref().and_then(|held| held.alert);
    let alert = alert.map(|number| visible_alert(ledger, caller, number)).transpose()?.flatten();
    Ok(held.filter(|_| alert.is_some()))
}

/// Whether the caller sees what somebody else said of risk.
fn sees_said(ledger: &dyn Replica, caller: &Caller, body: &Body) -> Result<bool, Failure> {
    match body {
        Body::RiskAct(act) => Ok(visible_alert(ledger, caller, act.alert)?.is_some()),
        Body::RiskSignal(signal) => {
            Ok(visible_assessment(ledger, caller, &signal.suspect)?.is_some())
        }
        _ => Ok(false),
    }
}

/// A document of an export that the caller may see: its business, or of a case that it is party to.
fn export_document(
    ledger: &dyn Replica,
    caller: &Caller,
    document: AcceptedDocument,
    content: &Document,
) -> Result<Option<AcceptedDocument>, Failure> {
    let state = ExecutedState(ledger);
    let key = match (&content.body, &document.receipt.outcome) {
        // The list that names it decides whose it is, and may come later.
        (Body::ExportWaybill(own), _) => {
            let record = export::parcel(&state, &own.logistics_code, &own.logistics_no)?;
            record.and_then(|record| record.claimed_by().cloned())
        }
        (_, Outcome::Accepted { case }) => case.clone(),
        (_, Outcome::Repeated { .. } | Outcome::Rejected(_)) => None,
    };
    let case = key.as_ref().map(|key| export::case(&state, key)).transpose()?.flatten();
    // What names the parcels of many is not one party's to read.
    let is_own = matches!(
        content.body,
        Body::ExportOrder(_) | Body::FundsReceipt(_) | Body::ExportWaybill(_) | Body::ExportList(_)
    );
    let trade = case.as_ref().map(Trade::from);
    let is_party = trade.as_ref().is_some_and(|own| own.parties.contains(&caller.organisation));
    let ground = match is_party {
        true if is_own => return Ok(Some(document)),
        true => caller.business.contains(&content.kind()).then_some(Ground::Business),
        false => {
            let trade = trade.as_ref().filter(|_| is_own);
            ground_of(ledger, caller, &document, content, trade)?
        }
    };
    let Some(ground) = ground else { return Ok(None) };
    let parties = trade.map(|own| own.parties).unwrap_or_default();
    let signer = Some(&document.organisation).filter(|signer| !parties.contains(signer));
    caller.note(ledger, parties.iter().chain(signer), &ground, key.as_ref());
    Ok(Some(document))
}

/// For what reason the caller sees a document of a trade that is others'; `None` when for none.
fn ground_of(
    ledger: &dyn Replica,
    caller: &Caller,
    document: &AcceptedDocument,
    content: &Document,
    case: Option<&Trade<'_>>,
) -> Result<Option<Ground>, Failure> {
    let kind = content.kind();
    if caller.business.contains(&kind) {
        return Ok(Some(Ground::Business));
    }
    let Some(case) = case else { return Ok(None) };
    if case.parties.contains(&caller.organisation) {
        return Ok(Some(Ground::Standing));
    }
    let mut assisted = access::kinds_for(&caller.granted, case).into_iter();
    if let Some((id, _)) = assisted.find(|(_, kinds)| kinds.contains(&kind)) {
        return Ok(Some(Ground::Assistance(id)));
    }
    let sight = Sight::given_by(givers(ledger, caller, case)?);
    let owners = access::owners(&document.organisation, &content.body);
    Ok(sight.shows(kind, &owners).then_some(Ground::Grant))
}

/// Whether an organisation lets the other see cases of a period.
pub(super) fn has_period_grants(
    ledger: &dyn Replica,
    giver: &OrganisationCode,
    receiver: &OrganisationCode,
) -> Result<bool, Failure> {
    let (state, height) = (ExecutedState(ledger), next_height(ledger));
    Ok(access::period_is_granted(&state, giver, receiver, now(), height)?)
}

/// Whether a grant concerns the caller: who gave or received it, and the parties of its case.
pub(super) fn may_see_grant(
    ledger: &dyn Replica,
    caller: &Caller,
    grant: &Grant,
) -> Result<bool, Failure> {
    if caller.is_agency || caller.is(&grant.giver) || caller.is(&grant.receiver) {
        return Ok(true);
    }
    match &grant.scope {
        Scope::Case(key) => is_party(ledger, caller, key),
        Scope::Period { .. } => Ok(false),
    }
}

/// Whether a request for assistance concerns the caller: agencies, and whose trades it is about.
pub(super) fn may_see_assistance(
    ledger: &dyn Replica,
    caller: &Caller,
    assistance: &Assistance,
) -> Result<bool, Failure> {
    if caller.is_agency {
        return Ok(true);
    }
    match &assistance.request.subject {
        Subject::Case(key) => is_party(ledger, caller, key),
        Subject::Organisation { code, .. } => Ok(caller.is(code)),
    }
}

fn is_party(ledger: &dyn Replica, caller: &Caller, key: &CaseKey) -> Result<bool, Failure> {
    let state = ExecutedState(ledger);
    if case::case(&state, key)?.is_some_and(|case| case.parties().contains(&caller.organisation)) {
        return Ok(true);
    }
    let case = export::case(&state, key)?;
    Ok(case.is_some_and(|case| case.parties().contains(&caller.organisation)))
}

/// Whom a document that says who sees what names, beside its signer.
fn concerns(body: &Body) -> impl Iterator<Item = &OrganisationCode> {
    let named = match body {
        Body::CaseGrant(grant) => Some(&grant.receiver),
        Body::PeriodGrant(grant) => Some(&grant.receiver),
        Body::AssistanceRequest(request) => match &request.subject {
            Subject::Organisation { code, .. } => Some(code),
            Subject::Case(_) => None,
        },
        _ => None,
    };
    named.into_iter()
}

/// The case that a document belongs to now.
fn case_of(
    ledger: &dyn Replica,
    document: &AcceptedDocument,
    content: &Document,
) -> Result<Option<CaseKey>, Failure> {
    // A waybill names no platform: the list that names it decides, and may come later.
    if let Body::Waybill(waybill) = &content.body {
        let state = ExecutedState(ledger);
        let record = case::waybill(&state, &waybill.logistics_code, &waybill.logistics_no)?;
        return Ok(record.and_then(|record| record.claimed_by().cloned()));
    }
    match &document.receipt.outcome {
        Outcome::Accepted { case } => Ok(case.clone()),
        Outcome::Repeated { .. } | Outcome::Rejected(_) => Ok(None),
    }
}

/// Whose submission it is that has these receipts.
pub(super) fn submission_owner(
    ledger: &dyn Replica,
    receipts: &[Receipt],
) -> Result<Option<OrganisationCode>, Failure> {
    let Some(receipt) = receipts.first() else { return Ok(None) };
    Ok(ledger.submission_owner(&receipt.submission)?)
}

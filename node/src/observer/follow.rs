//! Every decision of an observer: whom it asks for what, what it believes, and whom it leaves.
//!
//! A function from answers to questions: no clock, socket or thread. The shell asks what
//! [`Follower::next`] says, and gives the answer to [`Follower::answered`].

use super::limits::{
    BLOCKS_MAX, DENIALS_MAX, DENIED_MS, LIAR_MS, PENDING_MAX, SILENT_MS_MAX, SILENT_MS_MIN,
    STALE_MS, WAIT_MS, WANTED_MAX,
};
use kanhe_api::limits::EVIDENCE_BYTES_MAX;
use kanhe_api::{frames, path};
use kanhe_ledger::observer::{Pending, Taken};
use kanhe_ledger::store::Store;
use kanhe_ledger::{
    EvidenceAnswer, LedgerError, Lie, ObserverError, ObserverLedger, Shown, Wanted,
};
use kanhe_types::codec;
use kanhe_types::redacted::RedactedBlock;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A serving validator, as the observer has come to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its address.
    pub api: String,
    /// It is not asked before this time, in milliseconds since 1970.
    pub avoided_until: u64,
    /// How often in a row it did not answer.
    pub silent: u32,
    /// How often it said something that is not true.
    pub lies: u32,
    /// What was wrong last.
    pub last_error: Option<String>,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask a server.
    Ask(Ask),
    /// Nobody can be asked before this time.
    Rest {
        /// In milliseconds since 1970.
        until: u64,
    },
}

/// A question to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The server's index.
    pub server: usize,
    /// Its address.
    pub api: String,
    /// What is asked.
    pub what: What,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Blocks from a height on.
    Blocks {
        /// The first height.
        from: u64,
        /// How long the server may wait for it.
        wait_ms: u64,
    },
    /// Evidence.
    Evidence(Vec<Wanted>),
}

impl What {
    /// Path and query.
    pub fn target(&self) -> String {
        match self {
            Self::Blocks { from, wait_ms } => path::redacted(*from, BLOCKS_MAX, *wait_ms),
            Self::Evidence(_) => path::EVIDENCE.to_owned(),
        }
    }

    /// The body, where it has one.
    pub fn body(&self) -> Option<Vec<u8>> {
        match self {
            Self::Blocks { .. } => None,
            Self::Evidence(wanted) => Some(codec::encode(wanted)),
        }
    }

    /// How long the server may wait before it answers.
    pub fn wait_ms(&self) -> u64 {
        match self {
            Self::Blocks { wait_ms, .. } => *wait_ms,
            Self::Evidence(_) => 0,
        }
    }
}

/// Something that whoever runs the observer wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Heights were taken in.
    Followed {
        /// How many.
        heights: u64,
    },
    /// A server said something that is not true, and is left alone.
    Lied {
        /// Which server.
        api: String,
        /// What it said.
        lie: Lie,
    },
    /// A server did not answer, or refused.
    Silent {
        /// Which server.
        api: String,
        /// Why.
        reason: String,
    },
    /// Another server is asked from now on.
    Moved {
        /// Which server was asked before.
        from: String,
        /// Which is asked now.
        to: String,
    },
    /// Every server says that there is no such thing, or not for us.
    GaveUp {
        /// What was asked for.
        wanted: Wanted,
    },
}

/// How an observer follows the chain.
pub struct Follower<S: Store> {
    ledger: Arc<ObserverLedger<S>>,
    servers: Vec<Server>,
    current: usize,
    /// When the last header was taken in, or the server was changed.
    progressed: u64,
    /// Whether the last answer was full, so that more is to be had at once.
    behind: bool,
    /// Whether evidence was asked for last.
    asked_evidence: bool,
    /// What waits for its header, and which server showed it.
    pending: BTreeMap<Wanted, (Pending, Ask)>,
    denials: BTreeMap<Wanted, Denials>,
    /// Behind which wanted thing the next question for evidence begins.
    cursor: Option<Wanted>,
}

/// What servers say is not there.
#[derive(Clone, Copy, Debug, Default)]
struct Denials {
    count: u32,
    /// When it is asked for again, of another server.
    again: u64,
}

impl<S: Store> Follower<S> {
    /// A follower that asks these servers, beginning with one that depends on who asks.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(ledger: Arc<ObserverLedger<S>>, apis: Vec<String>, now: u64) -> Self {
        assert!(!apis.is_empty(), "the configuration was checked");
        let sum: usize = ledger.organisation().as_str().bytes().map(usize::from).sum();
        let server = |api: String| Server {
            api: api.trim_end_matches('/').to_owned(),
            avoided_until: 0,
            silent: 0,
            lies: 0,
            last_error: None,
        };
        let servers: Vec<Server> = apis.into_iter().map(server).collect();
        Self {
            ledger,
            current: sum % servers.len(),
            servers,
            progressed: now,
            behind: true,
            asked_evidence: false,
            pending: BTreeMap::new(),
            denials: BTreeMap::new(),
            cursor: None,
        }
    }

    /// The servers.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The server that is asked.
    pub fn current(&self) -> &Server {
        self.servers.get(self.current).expect("an index of a server")
    }

    /// Whether the last answer was full: there is more to catch up with.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// What is to be done next.
    ///
    /// # Errors
    /// When the store fails.
    pub fn next(&mut self, now: u64) -> Result<(Step, Vec<Note>), LedgerError> {
        let mut notes = Vec::new();
        if self.progressed.saturating_add(STALE_MS) < now {
            // It may be cut off from the others. That is not its fault.
            self.progressed = now;
            self.advance(now, &mut notes);
        }
        if now < self.current().avoided_until {
            self.advance(now, &mut notes);
        }
        let free = self.current().avoided_until;
        if now < free {
            let until = self.servers.iter().map(|server| server.avoided_until).min();
            return Ok((Step::Rest { until: until.unwrap_or(free) }, notes));
        }
        let wanted = if self.behind { Vec::new() } else { self.wanted(now)? };
        // New blocks and evidence take turns. Nobody waits for a block while there is more to ask.
        let ask = if wanted.is_empty() || self.asked_evidence {
            let from = self.ledger.height().saturating_add(1);
            let wait_ms = if wanted.is_empty() { WAIT_MS } else { 0 };
            self.asked_evidence = false;
            self.ask(self.current, What::Blocks { from, wait_ms })
        } else {
            self.asked_evidence = true;
            let server = self.server_for(now, &wanted);
            self.ask(server, What::Evidence(wanted))
        };
        Ok((Step::Ask(ask), notes))
    }

    fn ask(&self, server: usize, what: What) -> Ask {
        let api = self.servers.get(server).map(|server| server.api.clone()).unwrap_or_default();
        Ask { server, api, what }
    }

    /// Whom to ask for evidence: another than whoever denied it last.
    fn server_for(&self, now: u64, wanted: &[Wanted]) -> usize {
        let denied = wanted.iter().filter_map(|wanted| self.denials.get(wanted));
        let count = denied.map(|denials| denials.count).max().unwrap_or(0);
        let others = usize::try_from(count).unwrap_or(0);
        let server = (self.current + others) % self.servers.len();
        let is_usable = self.servers.get(server).is_some_and(|server| server.avoided_until <= now);
        if is_usable { server } else { self.current }
    }

    /// What is to be asked for now: not what waits for a header.
    fn wanted(&mut self, now: u64) -> Result<Vec<Wanted>, LedgerError> {
        if PENDING_MAX <= self.pending.len().saturating_add(WANTED_MAX) {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let mut after = self.cursor.take();
        // Once around from the cursor at most, and no more than a page of what waits.
        for _ in 0..2 {
            let page = self.ledger.wanted(after.as_ref(), PENDING_MAX)?;
            for (wanted, _) in page {
                let waits = self.denials.get(&wanted).is_some_and(|denied| now < denied.again);
                if waits || self.pending.contains_key(&wanted) || found.contains(&wanted) {
                    continue;
                }
                found.push(wanted);
                if found.len() == WANTED_MAX {
                    self.cursor = found.last().cloned();
                    return Ok(found);
                }
            }
            if after.take().is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Asks the next server that may be asked, if there is one.
    fn advance(&mut self, now: u64, notes: &mut Vec<Note>) {
        let count = self.servers.len();
        let others = (1..count).map(|step| (self.current + step) % count);
        let usable = |index: &usize| {
            self.servers.get(*index).is_some_and(|server| server.avoided_until <= now)
        };
        let Some(next) = others.into_iter().find(usable) else { return };
        let from = self.current().api.clone();
        self.current = next;
        notes.push(Note::Moved { from, to: self.current().api.clone() });
    }

    /// Takes in an answer, or why there is none.
    ///
    /// # Errors
    /// When the store fails or is damaged: the observer cannot go on.
    pub fn answered(
        &mut self,
        now: u64,
        ask: &Ask,
        answer: Result<Vec<u8>, String>,
    ) -> Result<Vec<Note>, ObserverError> {
        let mut notes = Vec::new();
        let bytes = match answer {
            Ok(bytes) => bytes,
            Err(reason) => {
                self.silent(now, ask, reason, &mut notes);
                return Ok(notes);
            }
        };
        let taken = match &ask.what {
            What::Blocks { .. } => self.blocks(now, &bytes, &mut notes),
            What::Evidence(wanted) => self.evidence(now, ask, wanted, &bytes, &mut notes),
        };
        match taken {
            Ok(()) => {
                if let Some(server) = self.servers.get_mut(ask.server) {
                    server.silent = 0;
                }
            }
            Err(ObserverError::Lie(lie)) => self.lied(now, ask, lie, &mut notes),
            Err(error) => return Err(error),
        }
        Ok(notes)
    }

    fn silent(&mut self, now: u64, ask: &Ask, reason: String, notes: &mut Vec<Note>) {
        if let Some(server) = self.servers.get_mut(ask.server) {
            let pause = SILENT_MS_MIN.saturating_mul(1 << server.silent.min(16));
            server.silent = server.silent.saturating_add(1);
            server.avoided_until = now.saturating_add(pause.min(SILENT_MS_MAX));
            server.last_error = Some(reason.clone());
        }
        notes.push(Note::Silent { api: ask.api.clone(), reason });
        if ask.server == self.current {
            self.advance(now, notes);
        }
    }

    fn lied(&mut self, now: u64, ask: &Ask, lie: Lie, notes: &mut Vec<Note>) {
        if let Some(server) = self.servers.get_mut(ask.server) {
            server.lies = server.lies.saturating_add(1);
            server.avoided_until = now.saturating_add(LIAR_MS);
            server.last_error = Some(lie.to_string());
        }
        // What it showed and no header has confirmed is asked of another.
        self.pending.retain(|_, (_, shown_by)| shown_by.server != ask.server);
        notes.push(Note::Lied { api: ask.api.clone(), lie });
        if ask.server == self.current {
            self.advance(now, notes);
        }
    }

    fn blocks(
        &mut self,
        now: u64,
        bytes: &[u8],
        notes: &mut Vec<Note>,
    ) -> Result<(), ObserverError> {
        let frames = frames::split(bytes).ok_or_else(|| Lie::Form("a part is cut off".into()))?;
        let parts: Result<Vec<RedactedBlock>, Lie> =
            frames.into_iter().map(|frame| Ok(RedactedBlock::decode(frame)?)).collect();
        let heights = self.ledger.take_blocks(parts?)?;
        // A server sends what it has, up to a bound: few heights are all there were.
        self.behind = BLOCKS_MAX as u64 / 8 < heights;
        if heights == 0 {
            return Ok(());
        }
        self.progressed = now;
        notes.push(Note::Followed { heights });
        self.look_again(now, notes)
    }

    /// Looks whether new headers state what evidence leads to.
    fn look_again(&mut self, now: u64, notes: &mut Vec<Note>) -> Result<(), ObserverError> {
        let waiting: Vec<(Pending, Ask)> = self.pending.values().cloned().collect();
        for (pending, ask) in waiting {
            match self.ledger.take_evidence(&pending) {
                Ok(Taken::Pending) => {}
                Ok(Taken::Kept) => drop(self.pending.remove(&pending.wanted)),
                // Another server may have shown it than the one that is asked now.
                Err(ObserverError::Lie(lie)) => {
                    self.lied(now, &ask, lie, notes);
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn evidence(
        &mut self,
        now: u64,
        ask: &Ask,
        wanted: &[Wanted],
        bytes: &[u8],
        notes: &mut Vec<Note>,
    ) -> Result<(), ObserverError> {
        let answer: EvidenceAnswer = codec::decode(bytes, EVIDENCE_BYTES_MAX).map_err(Lie::from)?;
        if answer.shown.len() != wanted.len() {
            let (expected, found) = (wanted.len(), answer.shown.len());
            return Err(Lie::Form(format!("expected {expected} answers, found {found}")).into());
        }
        let since = self.ledger.effects_height();
        for (wanted, shown) in wanted.iter().zip(answer.shown) {
            match shown {
                Shown::Later => {}
                Shown::Nothing => self.denied(now, wanted, notes)?,
                shown => {
                    self.denials.remove(wanted);
                    let pending = Pending { wanted: wanted.clone(), shown, since };
                    if self.ledger.take_evidence(&pending)? == Taken::Pending {
                        self.pending.insert(wanted.clone(), (pending, ask.clone()));
                    }
                }
            }
        }
        Ok(())
    }

    /// A server denies what another, or the same, has said to be there.
    fn denied(
        &mut self,
        now: u64,
        wanted: &Wanted,
        notes: &mut Vec<Note>,
    ) -> Result<(), LedgerError> {
        let denials = self.denials.entry(wanted.clone()).or_default();
        denials.count = denials.count.saturating_add(1);
        denials.again = now.saturating_add(DENIED_MS);
        let rounds = u32::try_from(self.servers.len()).unwrap_or(u32::MAX);
        if denials.count < DENIALS_MAX.saturating_mul(rounds) {
            return Ok(());
        }
        self.denials.remove(wanted);
        self.ledger.give_up(wanted)?;
        notes.push(Note::GaveUp { wanted: wanted.clone() });
        Ok(())
    }
}

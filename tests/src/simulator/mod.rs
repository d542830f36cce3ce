//! Whole networks in virtual time, from one seed.
//!
//! The production core, ledger, log format and contracts of every validator run in one thread; the
//! simulator stands for clocks, network and disks, and makes them as bad as the fault plan says:
//! messages are lost, delayed and reordered, networks split, processes die at any event and lose
//! what was not synced (the log's tail torn at any byte), clocks are apart.
//!
//! Outside checkers watch every message and every disk: see [`checkers`].

mod bugs;
pub mod checkers;
pub mod faults;
mod machine;
mod membership;
pub mod world;

use checkers::Checkers;
use faults::{Fault, FaultPlan};
use kanhe_ledger::{Ledger, MemoryStore};
use kanhe_node::core::{Action, Event};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Scheme};
use kanhe_types::submission::Submission;
use machine::Machine;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::collections::BTreeMap;
use world::World;

/// Virtual microseconds.
pub type Micros = u64;

/// What will happen, and when.
#[derive(Debug)]
enum Happening {
    /// A message arrives.
    Deliver { from: usize, to: usize, bytes: Vec<u8>, link: u64 },
    /// The executor of a machine is done with its next height.
    Execute { machine: usize, life: u64, last: u64 },
    /// A batch is checked and synced.
    Hold { machine: usize, life: u64, batch: std::sync::Arc<kanhe_types::submission::Batch> },
    /// A timer may be due.
    Wake { machine: usize, life: u64 },
    /// A client submits.
    Submit { number: usize, to: usize },
    /// Something breaks or heals.
    Fault(Fault),
    /// The agencies, or a member, change the zone.
    Govern(membership::Step),
    /// Who is connected to whom has changed.
    Relink,
}

/// A network of machines.
pub struct Simulator {
    now: Micros,
    sequence: u64,
    queue: BTreeMap<(Micros, u64), Happening>,
    rng: SmallRng,
    machines: Vec<Machine>,
    world: World,
    plan: FaultPlan,
    /// The side of each machine while the network is split.
    sides: Option<Vec<bool>>,
    /// Rises when links break, so that messages under way on a broken link are lost.
    link: u64,
    healed: bool,
    checkers: Checkers,
    transcript: Hash,
    /// The next machine that may become a validator.
    reserve: usize,
    last_proposal: Micros,
    rotations: usize,
}

/// What a run showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The last height that every machine executed.
    pub height: u64,
    /// Virtual time, in microseconds.
    pub micros: Micros,
    /// A digest over everything that happened, in order.
    pub transcript: Hash,
    /// Submissions executed.
    pub submissions: usize,
    /// Crashes that happened.
    pub crashes: usize,
    /// How often several heights were executed together.
    pub groups: usize,
    /// How many validator sets there were.
    pub sets: usize,
}

impl Simulator {
    /// A network of `validators` machines with `submissions` from clients, from one seed.
    pub fn new(seed: u64, validators: usize, submissions: usize, plan: FaultPlan) -> Self {
        let reserve = plan.membership.as_ref().map_or(0, |plan| plan.changes);
        let world = World::with_schemes(validators, reserve, submissions, |_| Scheme::Ed25519);
        Self::of(seed, world, plan)
    }

    /// A network of a zone's machines, with its submissions from clients, from one seed.
    pub fn of(seed: u64, world: World, plan: FaultPlan) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let (validators, submissions) = (world.founders, world.submissions.len());
        let skews: Vec<i64> = (0..world.secrets.len())
            .map(|_| rng.random_range(-plan.clock_skew_ms..=plan.clock_skew_ms))
            .collect();
        let machines = skews
            .iter()
            .enumerate()
            .map(|(i, skew)| Machine::new(&world, i, *skew, plan.bug))
            .collect();
        let checkers = Checkers::new(&world);
        let mut simulator = Self {
            now: 0,
            sequence: 0,
            queue: BTreeMap::new(),
            rng,
            machines,
            world,
            plan,
            sides: None,
            link: 0,
            healed: false,
            checkers,
            transcript: Hash::default(),
            reserve: validators,
            last_proposal: 0,
            rotations: 0,
        };
        simulator.schedule_all(submissions);
        simulator
    }

    fn schedule_all(&mut self, submissions: usize) {
        for machine in 0..self.machines.len() {
            self.boot(machine);
        }
        let active = self.plan.active_micros.max(1);
        for number in 0..submissions {
            let at = self.rng.random_range(0..active);
            let to = self.rng.random_range(0..self.machines.len());
            self.at(at, Happening::Submit { number, to });
        }
        let crashing = self.machines.len().min(self.world.founders + 1);
        let faults = self.plan.faults(&mut self.rng, crashing, self.machines.len());
        for (at, fault) in faults {
            self.at(at, Happening::Fault(fault));
        }
        self.plan_membership();
        self.at(active, Happening::Fault(Fault::Heal));
    }

    /// Runs until everything submitted is executed everywhere after healing.
    ///
    /// # Panics
    /// With the seed's story, when a checker finds a fault or the network does not get there within
    /// `limit` virtual microseconds.
    pub fn run(mut self, limit: Micros) -> Outcome {
        while let Some(((now, _), happening)) = self.queue.pop_first() {
            assert!(now <= limit, "no progress by {limit} µs: {}", self.describe());
            self.now = now;
            self.note(&happening);
            self.happen(happening);
            if self.healed && self.is_complete() {
                return self.outcome();
            }
        }
        panic!("nothing is left to happen: {}", self.describe());
    }

    /// Runs for a stretch of virtual time, whatever is reached.
    pub fn run_for(&mut self, micros: Micros) {
        let end = self.now + micros;
        while let Some(entry) = self.queue.first_entry() {
            if end < entry.key().0 {
                break;
            }
            let ((now, _), happening) = entry.remove_entry();
            self.now = now;
            self.note(&happening);
            self.happen(happening);
        }
        self.now = end;
    }

    /// The decided height of a machine; none while it is down.
    pub fn height(&self, machine: usize) -> Option<u64> {
        self.machines[machine].ledger().map(|ledger| ledger.decided_height())
    }

    /// What the operator of a machine reads; none while it is down.
    pub fn status(&self, machine: usize) -> Option<kanhe_node::core::CoreStatus> {
        self.machines[machine].core().map(|core| core.status())
    }

    /// The ledger of a machine; none while it is down.
    pub fn ledger(&self, machine: usize) -> Option<&Ledger<MemoryStore>> {
        self.machines[machine].ledger().map(|ledger| &**ledger)
    }

    /// The zone that is simulated.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Lets a client submit now, and again until it is executed everywhere.
    ///
    /// # Panics
    /// If the submission is not signed well.
    pub fn submit_now(&mut self, submission: Submission) -> Hash {
        let genesis = self.world.genesis.hash();
        let verified = submission.verify(&genesis).expect("a valid submission");
        let (id, number) = (verified.id(), self.world.submissions.len());
        let to = number % self.machines.len();
        self.world.submissions.push(verified);
        self.at(self.now + 1, Happening::Submit { number, to });
        id
    }

    /// Runs until everything submitted is executed everywhere.
    ///
    /// # Panics
    /// When a checker finds a fault, or that takes longer than `limit` virtual microseconds.
    pub fn settle(&mut self, limit: Micros) {
        let end = self.now + limit;
        while !self.is_complete() {
            assert!(self.now < end, "not settled by {end} µs: {}", self.describe());
            self.run_for(100_000);
        }
    }

    /// Lets a fault happen now.
    pub fn inject(&mut self, fault: Fault) {
        self.happen(Happening::Fault(fault));
    }

    fn at(&mut self, at: Micros, happening: Happening) {
        self.sequence += 1;
        self.queue.insert((at, self.sequence), happening);
    }

    fn after(&mut self, delay: Micros, happening: Happening) {
        self.at(self.now + delay, happening);
    }

    fn note(&mut self, happening: &Happening) {
        let text = match happening {
            Happening::Deliver { from, to, bytes, .. } => {
                format!(
                    "deliver {from} {to} {}",
                    Hash::of(kanhe_types::hash::Domain::Hello, &[bytes])
                )
            }
            Happening::Execute { machine, life, last } => {
                format!("execute {machine} {life} to {last}")
            }
            Happening::Hold { machine, life, batch } => {
                format!("hold {machine} {life} {}", batch.header.number)
            }
            Happening::Wake { machine, life } => format!("wake {machine} {life}"),
            Happening::Submit { number, to } => format!("submit {number} {to}"),
            Happening::Fault(fault) => format!("fault {fault:?}"),
            Happening::Govern(step) => format!("govern {step:?}"),
            Happening::Relink => "relink".to_owned(),
        };
        let time = self.now.to_le_bytes();
        self.transcript = Hash::of(
            kanhe_types::hash::Domain::Hello,
            &[self.transcript.as_bytes(), &time, text.as_bytes()],
        );
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Deliver { from, to, bytes, link } => self.deliver(from, to, &bytes, link),
            Happening::Execute { machine, life, last } => {
                if self.machines[machine].life() == life && self.machines[machine].execute(last) {
                    self.checkers.on_executed(machine, &self.machines[machine]);
                    self.handle(machine, Event::Executed);
                }
            }
            Happening::Hold { machine, life, batch } => {
                if self.machines[machine].life() == life {
                    let event = self.machines[machine].hold(&batch);
                    self.handle(machine, event);
                }
            }
            Happening::Wake { machine, life } => {
                if self.machines[machine].life() == life {
                    self.machines[machine].wake_at = None;
                    self.handle(machine, Event::Tick);
                }
            }
            Happening::Submit { number, to } => self.submit(number, to),
            Happening::Fault(fault) => self.fault(fault),
            Happening::Govern(step) => self.govern(step),
            Happening::Relink => self.relink(),
        }
    }

    fn deliver(&mut self, from: usize, to: usize, bytes: &[u8], link: u64) {
        let is_stale = link < self.link && !self.is_linked(from, to);
        if is_stale || !self.is_linked(from, to) || self.machines[to].core().is_none() {
            return;
        }
        let message = kanhe_node::core::message::Message::decode(bytes)
            .expect("what a core says is canonical");
        let from = self.world.keys[from];
        self.handle(to, Event::Message { from, message: Box::new(message) });
    }

    fn is_linked(&self, one: usize, two: usize) -> bool {
        let admits =
            |one: usize, two: usize| self.machines[one].admitted.contains(&self.world.keys[two]);
        let is_split = self.sides.as_ref().is_some_and(|sides| sides[one] != sides[two]);
        !is_split && admits(one, two) && admits(two, one)
    }

    /// A client tries, and tries another machine when it gets no receipt.
    fn submit(&mut self, number: usize, to: usize) {
        let id = self.world.submissions[number].id();
        if self.checkers.is_executed_everywhere(&id, &self.machines) {
            return;
        }
        if self.plan.clients_trust && self.checkers.is_admitted(&id) {
            return;
        }
        let token = self.sequence;
        let submission = self.world.submissions[number].clone();
        self.handle(to, Event::Submitted { token, submissions: vec![submission] });
        let next = (to + 1) % self.machines.len();
        self.after(2_500_000, Happening::Submit { number, to: next });
    }

    fn handle(&mut self, index: usize, event: Event) {
        let now = self.machines[index].now(self.now);
        let Some(actions) = self.machines[index].handle(now, event) else { return };
        for action in actions {
            self.carry_out(index, action);
        }
        if self.machines[index].core().is_some() {
            self.checkers.on_step(index, &self.machines[index]);
            let handovers = self.checkers.take_handovers();
            self.strike(&handovers);
            self.schedule_wake(index);
        }
    }

    fn schedule_wake(&mut self, index: usize) {
        let machine = &mut self.machines[index];
        let Some(deadline_ms) = machine.core().and_then(|core| core.next_deadline()) else {
            return;
        };
        let at = machine.micros_of(deadline_ms).max(self.now + 1);
        if machine.wake_at.is_some_and(|wake| wake <= at) {
            return;
        }
        machine.wake_at = Some(at);
        let life = machine.life();
        self.at(at, Happening::Wake { machine: index, life });
    }

    fn carry_out(&mut self, index: usize, action: Action) {
        let life = self.machines[index].life();
        match action {
            Action::Send { to, message } => self.send(index, &to, &message.encode()),
            Action::Append(entry) => self.machines[index].append(&entry),
            Action::SyncLog => self.machines[index].sync_log(),
            Action::TrustLog => self.machines[index].is_restored = false,
            Action::ResetLog => self.machines[index].reset_log(),
            Action::Hold(batch) => {
                let delay = self.rng.random_range(300..4_000);
                self.after(delay, Happening::Hold { machine: index, life, batch });
            }
            Action::Execute(last) => {
                let delay = self.rng.random_range(300..self.plan.execute_micros_max);
                self.after(delay, Happening::Execute { machine: index, life, last });
            }
            Action::Answer { answers, .. } => {
                for id in answers.into_iter().flatten() {
                    self.checkers.on_admitted(id);
                }
            }
            Action::Admit(members) => {
                self.machines[index].admitted = members.iter().map(|own| own.key).collect();
                self.after(1, Happening::Relink);
            }
            Action::Report(report) => self.checkers.on_report(index, &report),
            Action::Fail(text) => panic!("machine {index} failed: {text}; {}", self.describe()),
        }
    }

    fn send(&mut self, from: usize, to: &PublicKey, bytes: &[u8]) {
        let to = self.world.index_of(to);
        self.checkers.on_sent(from, bytes);
        if !self.is_linked(from, to) || (!self.healed && self.rng.random_bool(self.plan.loss)) {
            return;
        }
        let mut delay = self.rng.random_range(self.plan.delay_min..self.plan.delay_max);
        if !self.healed && self.rng.random_bool(self.plan.long_delay) {
            delay += self.rng.random_range(0..400_000);
        }
        let link = self.link;
        self.after(delay, Happening::Deliver { from, to, bytes: bytes.to_vec(), link });
    }

    fn fault(&mut self, fault: Fault) {
        match fault {
            Fault::Crash(machine) => self.crash(machine),
            Fault::Restart(machine) => self.boot(machine),
            Fault::Split(sides) => {
                self.sides = Some(sides);
                self.relink();
            }
            Fault::Join => {
                self.sides = None;
                self.relink();
            }
            Fault::Backup(machine) => self.machines[machine].back_up(),
            Fault::Restore(machine) => {
                self.crash(machine);
                if self.machines[machine].restore() {
                    self.checkers.on_restored(machine);
                }
                self.boot(machine);
            }
            Fault::Heal => {
                self.healed = true;
                self.sides = None;
                for machine in 0..self.machines.len() {
                    self.boot(machine);
                }
                self.relink();
            }
        }
    }

    fn crash(&mut self, machine: usize) {
        if self.machines[machine].core().is_none() {
            return;
        }
        self.checkers.crashes += 1;
        self.machines[machine].crash(&mut self.rng, self.plan.bug);
        self.relink();
    }

    fn boot(&mut self, machine: usize) {
        if self.machines[machine].core().is_some() {
            return;
        }
        self.machines[machine].boot(&self.world, self.now);
        self.checkers.on_boot(machine, &self.machines[machine]);
        self.handle(machine, Event::Tick);
        self.relink();
    }

    /// Tells every machine whom it can reach now.
    fn relink(&mut self) {
        self.link += 1;
        for one in 0..self.machines.len() {
            for two in 0..self.machines.len() {
                if one == two || self.machines[one].core().is_none() {
                    continue;
                }
                let is_up = self.machines[two].core().is_some() && self.is_linked(one, two);
                if self.machines[one].links.get(&two).copied().unwrap_or(false) == is_up {
                    continue;
                }
                self.machines[one].links.insert(two, is_up);
                let key = self.world.keys[two];
                let event = if is_up { Event::Connected(key) } else { Event::Disconnected(key) };
                self.handle(one, event);
            }
        }
    }

    fn is_complete(&self) -> bool {
        let all_executed = (0..self.world.submissions.len()).all(|number| {
            let id = self.world.submissions[number].id();
            self.checkers.is_executed_everywhere(&id, &self.machines)
        });
        all_executed && self.checkers.is_proved_everywhere(&self.machines)
    }

    fn outcome(self) -> Outcome {
        self.checkers.finish(&self.machines);
        let heights = self.machines.iter().map(|m| m.ledger().map_or(0, |l| l.executed_height()));
        Outcome {
            height: heights.min().unwrap_or(0),
            micros: self.now,
            transcript: self.transcript,
            submissions: self.world.submissions.len(),
            crashes: self.checkers.crashes,
            groups: self.checkers.groups,
            sets: self.checkers.sets(),
        }
    }

    fn describe(&self) -> String {
        let machines: Vec<String> = (0..self.machines.len())
            .map(|i| match self.status(i) {
                Some(status) => format!("machine {i}: {status:?}"),
                None => format!("machine {i}: down"),
            })
            .collect();
        let open: Vec<usize> = (0..self.world.submissions.len())
            .filter(|number| {
                let id = self.world.submissions[*number].id();
                !self.checkers.is_executed_everywhere(&id, &self.machines)
            })
            .collect();
        format!("at {} µs\n{}\nopen submissions {open:?}", self.now, machines.join("\n"))
    }
}

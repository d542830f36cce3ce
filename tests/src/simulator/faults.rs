//! What may go wrong, and how often.

use super::Micros;
use rand::Rng;
use rand::rngs::SmallRng;

/// Something that breaks or heals.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A process dies and loses what was not synced.
    Crash(usize),
    /// A process starts again on what its disk holds.
    Restart(usize),
    /// Machines of different sides hear nothing of each other.
    Split(Vec<bool>),
    /// The split ends.
    Join,
    /// Somebody copies a machine's disk, all but the log.
    Backup(usize),
    /// A machine dies, and starts again on the copy.
    Restore(usize),
    /// Everything that is broken works again, for good.
    Heal,
}

/// How bad the world is until it heals.
#[derive(Clone, Debug)]
pub struct FaultPlan {
    /// When everything heals, in virtual microseconds.
    pub active_micros: Micros,
    /// The share of messages that are lost, 0 to 1.
    pub loss: f64,
    /// The share of messages that take up to 400 ms longer.
    pub long_delay: f64,
    /// The least delay of a message, in microseconds.
    pub delay_min: Micros,
    /// The greatest usual delay.
    pub delay_max: Micros,
    /// The longest execution of a height, in microseconds.
    pub execute_micros_max: Micros,
    /// How many crashes, each followed by a restart.
    pub crashes: usize,
    /// How many splits.
    pub splits: usize,
    /// How far clocks may be off, in milliseconds.
    pub clock_skew_ms: i64,
    /// A bug planted on purpose, to show that the checkers see it.
    pub bug: Option<Bug>,
    /// How validators come and go.
    pub membership: Option<MembershipPlan>,
    /// Clients believe a validator that has taken a submission in, and send it nowhere else.
    pub clients_trust: bool,
}

/// How validators come and go until everything heals.
#[derive(Clone, Debug)]
pub struct MembershipPlan {
    /// How often the agencies decide a change.
    pub changes: usize,
    /// How often the platform rotates its operator key.
    pub rotations: usize,
    /// How often a machine is put back to an earlier copy of its disk.
    pub restores: usize,
    /// No more validators than these at one time.
    pub validators_max: usize,
}

/// Bugs that the simulator can plant in every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The log is not synced before votes leave, and nobody tells what was signed.
    LogNotSynced,
    /// Batches are acknowledged, and answered to clients, before they are on disk.
    BatchesNotSynced,
    /// A validator that was removed stays in the set: its vote is still counted.
    RemovedVoteCounts,
    /// A new set decides one height later than headers may say: certificates are checked against
    /// the wrong set.
    SetTooLate,
    /// Whoever sees a new set take over drops what the one before certified or is about to.
    FormerBatchesDropped,
}

impl FaultPlan {
    /// A world in which nothing breaks.
    pub fn calm() -> Self {
        Self {
            active_micros: 1_000_000,
            loss: 0.0,
            long_delay: 0.0,
            delay_min: 200,
            delay_max: 1_000,
            execute_micros_max: 3_000,
            crashes: 0,
            splits: 0,
            clock_skew_ms: 0,
            bug: None,
            membership: None,
            clients_trust: false,
        }
    }

    /// A world in which everything breaks.
    pub fn rough() -> Self {
        Self {
            active_micros: 8_000_000,
            loss: 0.1,
            long_delay: 0.03,
            delay_min: 200,
            delay_max: 8_000,
            execute_micros_max: 30_000,
            crashes: 5,
            splits: 2,
            clock_skew_ms: 1_500,
            bug: None,
            membership: None,
            clients_trust: false,
        }
    }

    /// A world in which everything breaks while validators come and go.
    pub fn moving() -> Self {
        let membership =
            MembershipPlan { changes: 5, rotations: 2, restores: 1, validators_max: 6 };
        Self { crashes: 4, membership: Some(membership), ..Self::rough() }
    }

    /// The faults of one run, with their times: crashes of the first `crashing` machines, splits of
    /// all.
    pub fn faults(
        &self,
        rng: &mut SmallRng,
        crashing: usize,
        machines: usize,
    ) -> Vec<(Micros, Fault)> {
        let mut faults = Vec::new();
        for _ in 0..self.crashes {
            let machine = rng.random_range(0..crashing);
            let at = rng.random_range(0..self.active_micros);
            let pause = rng.random_range(1_000..2_500_000);
            faults.push((at, Fault::Crash(machine)));
            faults.push((at + pause, Fault::Restart(machine)));
        }
        for _ in 0..self.splits {
            let sides = (0..machines).map(|_| rng.random_bool(0.5)).collect();
            let at = rng.random_range(0..self.active_micros);
            let pause = rng.random_range(50_000..2_500_000);
            faults.push((at, Fault::Split(sides)));
            faults.push((at + pause, Fault::Join));
        }
        faults
    }
}

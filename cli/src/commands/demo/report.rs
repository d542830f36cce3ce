//! What the demo shows at the end.

use super::{Story, verified_text};
use crate::answer::Answer;
use crate::args::DemoArgs;
use crate::commands::{name_of, trade};
use crate::sender::Status;
use crate::table::table;
use crate::verify::Verified;
use kanhe_contracts::event::CaseState;
use kanhe_gateway::world::{Detection, FaultId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The answer: yes when what was found is what was planted, and chain and proof hold.
pub(super) fn answer(story: &Story, args: &DemoArgs, folder: &Path) -> Answer {
    let agree = story.agree();
    let holds = agree && story.is_verified();
    Answer::whether(holds, text(story, args, folder, agree), story.as_json())
}

impl Story {
    /// Whether planted and found are the same, fault by fault, and nothing else was found.
    fn agree(&self) -> bool {
        let truth = &self.world.truth;
        let matched = self.cases_by_state().get("matched").copied().unwrap_or(0);
        self.found.faults == truth.planted
            && self.found.unexplained.is_empty()
            && matched == truth.matched
            && self.cases.len() == truth.trades.len()
    }

    fn is_verified(&self) -> bool {
        matches!(self.verified, Verified::Holds(_)) && self.proof.checked.is_ok()
    }

    fn cases_by_state(&self) -> BTreeMap<String, usize> {
        let states = [CaseState::Matched, CaseState::Mismatched, CaseState::Collecting];
        let mut counts: BTreeMap<String, usize> =
            states.iter().map(|state| (name_of(state), 0)).collect();
        for case in &self.cases {
            *counts.entry(name_of(&case.state)).or_insert(0) += 1;
        }
        counts
    }

    fn count(&self, status: Status) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.status == status).count()
    }

    fn documents_per_second(&self) -> f64 {
        // A few thousand documents are exact in a float.
        let documents = u32::try_from(self.outcomes.len()).unwrap_or(u32::MAX);
        f64::from(documents) / self.submitting.as_secs_f64().max(0.001)
    }

    fn as_json(&self) -> Value {
        let mut by_kind: BTreeMap<String, usize> = BTreeMap::new();
        for outcome in &self.outcomes {
            let kind = outcome
                .kind
                .as_ref()
                .map_or("unreadable".into(), |kind| name_of(kind).replace(' ', "_"));
            *by_kind.entry(kind).or_insert(0) += 1;
        }
        json!({
            "genesis": self.localnet.genesis_hash(),
            "validators": self.localnet.nodes().len(),
            "documents": {
                "submitted": self.outcomes.len(),
                "accepted": self.count(Status::Accepted),
                "repeated": self.count(Status::Repeated),
                "rejected": self.count(Status::Rejected),
                "by_kind": by_kind,
            },
            "cases": self.cases_by_state(),
            "planted": by_name(&self.world.truth.planted),
            "found": by_name(&self.found.faults),
            "unexplained": self.found.unexplained,
            "heights": self.status.height,
            "documents_per_second": rounded(self.documents_per_second()),
            "validator_absence_seconds": rounded(self.absence.duration.as_secs_f64()),
            "verified": self.is_verified(),
        })
    }
}

fn by_name(faults: &BTreeMap<FaultId, usize>) -> BTreeMap<&'static str, usize> {
    faults.iter().map(|(fault, count)| (fault.name(), *count)).collect()
}

fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

fn text(story: &Story, args: &DemoArgs, folder: &Path, agree: bool) -> String {
    let mut text = format!(
        "\n4. {} documents: {} accepted, {} repeated, {} rejected; {:.0} documents/s\n{}",
        story.outcomes.len(),
        story.count(Status::Accepted),
        story.count(Status::Repeated),
        story.count(Status::Rejected),
        story.documents_per_second(),
        cases_table(story),
    );
    text.push_str(&faults_table(story));
    for line in &story.found.unexplained {
        text.push_str(&format!("  not explained: {line}\n"));
    }
    text.push_str(match agree {
        true => "planted and found agree exactly\n",
        false => "PLANTED AND FOUND DIFFER\n",
    });
    if let Some(view) = &story.mismatched {
        text.push_str("\none mismatched trade in full:\n");
        text.push_str(&indented(&trade::describe(view)));
    }
    text.push_str("\n5. ");
    text.push_str(&verified_text(story));
    text.push_str(&match &story.proof.checked {
        Ok(()) => format!(
            "proved document {}: {} bytes, checked from the genesis hash alone\n",
            story.proof.document, story.proof.bytes
        ),
        Err(reason) => format!("PROOF NOT VALID: {reason}\n"),
    });
    text.push_str("\n6. ");
    text.push_str(&next(story, args, folder));
    text
}

fn cases_table(story: &Story) -> String {
    let rows: Vec<Vec<String>> = story
        .cases_by_state()
        .into_iter()
        .map(|(state, count)| vec![format!("  {state}"), count.to_string()])
        .collect();
    table(&rows)
}

fn faults_table(story: &Story) -> String {
    let row = |cells: [String; 4]| cells.to_vec();
    let mut rows = vec![row(["  fault", "planted", "found", "shown by"].map(str::to_owned))];
    for fault in FaultId::DAY {
        let count = |faults: &BTreeMap<FaultId, usize>| faults.get(&fault).copied().unwrap_or(0);
        let (planted, found) = (count(&story.world.truth.planted), count(&story.found.faults));
        if 0 < planted + found {
            let name = format!("  {}", fault.name());
            rows.push(row([name, planted.to_string(), found.to_string(), shown_by(fault)]));
        }
    }
    table(&rows)
}

fn shown_by(fault: FaultId) -> String {
    match fault.detection() {
        Detection::Finding { rule } => match fault.finding_field() {
            Some(field) => format!("rule {rule}, {field}"),
            None => format!("rule {rule}"),
        },
        Detection::Findings(rules) => format!("rules {}", rules.join(" and ")),
        Detection::RejectedDocument { kind, code } => {
            format!("{} rejected, {code}", name_of(&kind))
        }
        Detection::CollectingWithout(kind) => format!("waiting for its {}", name_of(&kind)),
        Detection::Repeated => "first receipt again".into(),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn next(story: &Story, args: &DemoArgs, folder: &Path) -> String {
    if !args.keep {
        return "try next: kanhe demo --keep --dir ./zone   (and look around in it)\n          \
                kanhe demo --seed 7 --trades 1000\n"
            .into();
    }
    let dir = folder.display();
    let trade = story.mismatched.as_ref().map_or(String::new(), |view| {
        let key = &view.case.key;
        format!("          kanhe trade show {} {} --home {dir}\n", key.platform, key.order_no)
    });
    format!(
        "the zone is kept in {dir}; try next:\n          kanhe localnet up --dir {dir}\n          \
         kanhe trade list --state mismatched --home {dir}\n{trade}          \
         kanhe trade list --home {dir} --as TESTRIVAL01   (a rival sees nothing)\n          \
         kanhe proof get {} --home {dir}\n          kanhe localnet down --dir {dir}\n",
        story.proof.document
    )
}

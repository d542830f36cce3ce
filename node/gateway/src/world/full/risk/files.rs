//! A risk world as files.

use super::super::{TRUTH_FILE, organisations_csv};
use super::RiskWorld;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

impl RiskWorld {
    /// Writes the documents into `folder`, typed, as JSON, one file for each submission in one
    /// folder for each sender, and beside these the organisations, the policy, and the truth. The
    /// files' names ascend with time. `wrote` is told how many documents are there after each day.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write_to(&self, folder: &Path, mut wrote: impl FnMut(usize)) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("organisations.csv"), organisations_csv(self.organisations()))?;
        fs::write(folder.join("policy.json"), serde_json::to_vec_pretty(&self.policy())?)?;
        let mut truth = BufWriter::new(fs::File::create(folder.join(TRUTH_FILE))?);
        serde_json::to_writer_pretty(&mut truth, self.truth())?;
        truth.flush()?;
        let mut counts = BTreeMap::new();
        let mut documents = 0usize;
        for day in self.days() {
            for submission in day.submissions {
                let own = folder.join(submission.sender.as_str());
                fs::create_dir_all(&own)?;
                let count = counts.entry(submission.sender).or_insert(0usize);
                *count = count.saturating_add(1);
                let text = serde_json::to_vec_pretty(&submission.documents)?;
                fs::write(own.join(format!("{count:06}.json")), text)?;
                documents = documents.saturating_add(submission.documents.len());
            }
            wrote(documents);
        }
        Ok(())
    }
}

//! Observations for whoever executes and wants to look on, such as a back-test of other rules.
//!
//! They are no part of what a block does: the state and the receipts are the same whether anybody
//! looks or not, and where nobody does nothing is copied.

use super::assessment::Suspect;
use super::fact::{Fact, Observation, Subject};
use crate::expression::Value;
use crate::policy::Direction;
use kanhe_types::decimal::Decimal;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;

/// Something that was observed, with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The height at which it was,
    pub height: u64,
    /// and its time.
    pub time: Millis,
    /// Which way the trade's goods go.
    pub direction: Direction,
    /// The trade.
    pub case: CaseKey,
    /// What was observed.
    pub subject: Subject,
    /// What is known of it, in the order of slots; what is not known is left out.
    pub facts: Vec<(Fact, Known)>,
}

/// The value of a fact that outlives its case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with five fraction digits.
    Decimal(Decimal),
    /// Characters.
    Text(String),
    /// A pseudonym or a code.
    Key(Vec<u8>),
    /// Several texts.
    Texts(Vec<String>),
}

impl Known {
    /// The same, lent.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Bool(own) => Value::Bool(*own),
            Self::Int(own) => Value::Int(*own),
            Self::Decimal(own) => Value::Decimal(*own),
            Self::Text(own) => Value::Text(own),
            Self::Key(own) => Value::Key(own),
            Self::Texts(own) => Value::Texts(own),
        }
    }

    /// A copy of a value.
    pub fn of(value: Value<'_>) -> Self {
        match value {
            Value::Bool(own) => Self::Bool(own),
            Value::Int(own) => Self::Int(own),
            Value::Decimal(own) => Self::Decimal(own),
            Value::Text(own) => Self::Text(own.to_owned()),
            Value::Key(own) => Self::Key(own.to_vec()),
            Value::Texts(own) => Self::Texts(own.to_vec()),
        }
    }
}

impl Seen {
    /// A copy of an observation.
    pub(crate) fn of(
        observation: &Observation<'_>,
        place: &(Direction, CaseKey),
        height: u64,
        time: Millis,
    ) -> Self {
        let known = |fact: &Fact| {
            let value = observation.get(*fact)?;
            let is_blank = matches!(value, Value::Bool(false));
            (!is_blank).then(|| (*fact, Known::of(value)))
        };
        Self {
            height,
            time,
            direction: place.0,
            case: place.1.clone(),
            subject: observation.subject,
            facts: Fact::ALL.iter().filter_map(known).collect(),
        }
    }

    /// The observation, as rules look at it.
    pub fn observation(&self) -> Observation<'_> {
        let mut said = Observation::new(self.subject);
        said.trade = Some((self.direction, &self.case));
        for (fact, known) in &self.facts {
            said.set(*fact, known.value());
        }
        said
    }

    /// The trade, as somebody who is suspected.
    pub fn trade(&self) -> Suspect {
        Suspect::Trade { direction: self.direction, case: self.case.clone() }
    }

    /// A fact, where it is known.
    pub fn get(&self, fact: Fact) -> Option<Value<'_>> {
        self.facts.iter().find(|(own, _)| *own == fact).map(|(_, known)| known.value())
    }
}

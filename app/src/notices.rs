//! Short notices about what just happened, kept until they time out or are dismissed. How they look is a component.

use std::time::Duration;

use api::ApiError;
use leptos::prelude::*;

/// How long a good notice stays.
const STAYS: Duration = Duration::from_secs(6);
/// More than this many at a time help nobody; the oldest go first.
const NOTICES_MAX: usize = 4;

/// Is it good or bad?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub number: u64,
    pub tone: Tone,
    pub text: String,
    /// What a person may want to open: a line for each thing that was refused.
    pub details: Vec<String>,
    /// The request that a person may ask about.
    pub correlation_id: Option<String>,
}

/// The notices on the screen.
#[derive(Clone, Copy)]
pub struct Notices {
    shown: RwSignal<Vec<Notice>>,
    next_number: StoredValue<u64>,
}

impl Notices {
    /// No notice yet.
    pub fn provide() {
        provide_context(Self { shown: RwSignal::new(Vec::new()), next_number: StoredValue::new(0) });
    }

    /// What is on the screen.
    pub fn shown(self) -> Vec<Notice> {
        self.shown.get()
    }

    /// Something went well; gone after a few seconds.
    pub fn good(self, text: impl Into<String>) {
        let number = self.add(Tone::Good, text.into(), Vec::new(), None);
        set_timeout(move || self.dismiss(number), STAYS);
    }

    /// Many things were done; what was refused can be opened, and stays until it is dismissed.
    pub fn tally(self, text: String, refusals: Vec<String>) {
        if refusals.is_empty() {
            self.good(text);
        } else {
            self.add(Tone::Bad, text, refusals, None);
        }
    }

    /// Something failed; stays until it is dismissed.
    pub fn bad(self, error: &ApiError) {
        self.add(Tone::Bad, error.to_string(), Vec::new(), error.correlation_id.clone());
    }

    /// Takes a notice away.
    pub fn dismiss(self, number: u64) {
        self.shown.update(|shown| shown.retain(|notice| notice.number != number));
    }

    fn add(self, tone: Tone, text: String, details: Vec<String>, correlation_id: Option<String>) -> u64 {
        let number = self.next_number.get_value();
        self.next_number.set_value(number + 1);
        self.shown.update(|shown| {
            shown.push(Notice { number, tone, text, details, correlation_id });
            let surplus = shown.len().saturating_sub(NOTICES_MAX);
            shown.drain(..surplus);
        });
        number
    }
}

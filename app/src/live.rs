//! What changed, as counters: a resource that reads a counter loads again when it rises. How changes arrive is in `stream`.

mod stream;

use std::collections::BTreeSet;
use std::time::Duration;

use api::changes::{Change, Topic};
use domain::id::IncidentId;
use leptos::prelude::*;

pub use stream::follow;

/// At most one reload of a page's resources in this time, however much changes.
const RELOAD_EVERY: Duration = Duration::from_millis(250);

/// Is the stream there?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    Connecting,
    Live,
    Lost,
}

/// One counter for each topic, and those of the incidents on the screen.
#[derive(Clone, Copy)]
pub struct Live {
    pub incident: RwSignal<u64>,
    pub run: RwSignal<u64>,
    pub approval: RwSignal<u64>,
    pub audit: RwSignal<u64>,
    /// People, keys and sessions.
    pub account: RwSignal<u64>,
    pub alert: RwSignal<u64>,
    pub playbook: RwSignal<u64>,
    pub connection: RwSignal<Connection>,
    watched: StoredValue<Vec<Watched>>,
    waiting: StoredValue<Waiting>,
}

/// A counter for the incidents that a part of the page shows; which these are may change while it is shown.
#[derive(Clone, Copy)]
struct Watched {
    ids: Signal<Vec<IncidentId>>,
    counter: RwSignal<u64>,
}

/// What changed since the counters were last raised.
#[derive(Default)]
struct Waiting {
    timer_runs: bool,
    everything: bool,
    accounts: bool,
    topics: BTreeSet<Topic>,
    incidents: BTreeSet<IncidentId>,
}

impl Live {
    /// Counters at zero, without a connection.
    pub fn provide() -> Self {
        let counter = || RwSignal::new(0);
        let live = Self {
            incident: counter(),
            run: counter(),
            approval: counter(),
            audit: counter(),
            account: counter(),
            alert: counter(),
            playbook: counter(),
            connection: RwSignal::new(Connection::Connecting),
            watched: StoredValue::new(Vec::new()),
            waiting: StoredValue::new(Waiting::default()),
        };
        provide_context(live);
        live
    }

    /// The counter of one incident, for as long as the caller's owner lives.
    pub fn watch(self, id: IncidentId) -> ReadSignal<u64> {
        let counter = RwSignal::new(0);
        self.watch_shown(Signal::stored(vec![id]), counter);
        counter.read_only()
    }

    /// Raises `counter` when one of these incidents changes, for as long as the caller's owner lives.
    pub fn watch_shown(self, ids: Signal<Vec<IncidentId>>, counter: RwSignal<u64>) {
        self.watched.update_value(|watched| watched.push(Watched { ids, counter }));
        on_cleanup(move || {
            self.watched.try_update_value(|watched| watched.retain(|known| known.counter != counter));
        });
    }

    /// This incident is loaded again, before the stream says so.
    pub fn raise_incident(self, id: IncidentId) {
        self.waiting.update_value(|waiting| {
            waiting.incidents.insert(id);
            waiting.topics.insert(Topic::Incident);
        });
        self.raise_soon();
    }

    /// Everything is loaded again.
    pub fn raise_all(self) {
        self.note_everything();
    }

    /// Something changed.
    fn note(self, change: &Change) {
        self.waiting.update_value(|waiting| {
            // What is nothing but an entry of the log is about a person, a key or a session.
            waiting.accounts |= change.topic == Topic::Audit;
            waiting.topics.extend([change.topic, Topic::Audit]);
            if let Some(id) = change.incident_id {
                waiting.topics.insert(Topic::Incident);
                waiting.incidents.insert(id);
            }
        });
        self.raise_soon();
    }

    /// Anything may have changed.
    fn note_everything(self) {
        self.waiting.update_value(|waiting| waiting.everything = true);
        self.raise_soon();
    }

    /// Raises at once, and again after a while if more came in between.
    fn raise_soon(self) {
        let runs = self.waiting.try_update_value(|waiting| std::mem::replace(&mut waiting.timer_runs, true));
        if runs == Some(false) {
            self.raise();
            set_timeout(move || self.raise_what_waits(), RELOAD_EVERY);
        }
    }

    fn raise_what_waits(self) {
        let more = self.waiting.try_update_value(|waiting| {
            waiting.timer_runs = false;
            waiting.everything || !waiting.topics.is_empty()
        });
        if more == Some(true) {
            self.raise_soon();
        }
    }

    fn raise(self) {
        let Some(waiting) = self
            .waiting
            .try_update_value(|waiting| std::mem::replace(waiting, Waiting { timer_runs: true, ..Waiting::default() }))
        else {
            return;
        };
        for topic in Topic::ALL.iter().filter(|topic| waiting.everything || waiting.topics.contains(topic)) {
            self.counter(*topic).update(|count| *count += 1);
        }
        if waiting.everything || waiting.accounts {
            self.account.update(|count| *count += 1);
        }
        let concerns = |known: &Watched| {
            waiting.everything
                || known.ids.try_with_untracked(|ids| ids.iter().any(|id| waiting.incidents.contains(id))) == Some(true)
        };
        for Watched { counter, .. } in self.watched.get_value().into_iter().filter(concerns) {
            counter.update(|count| *count += 1);
        }
    }

    fn counter(self, topic: Topic) -> RwSignal<u64> {
        match topic {
            Topic::Incident => self.incident,
            Topic::Run => self.run,
            Topic::Approval => self.approval,
            Topic::Audit => self.audit,
            Topic::Alert => self.alert,
            Topic::Playbook => self.playbook,
        }
    }
}

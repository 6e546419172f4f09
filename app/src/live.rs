//! What changed, as counters: a resource that reads a counter loads again when it rises. How changes arrive is in `stream`.

mod stream;

use std::collections::{BTreeMap, BTreeSet};
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

/// One counter for each topic and for each incident on the screen.
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
    watched: StoredValue<BTreeMap<IncidentId, RwSignal<u64>>>,
    waiting: StoredValue<Waiting>,
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
            watched: StoredValue::new(BTreeMap::new()),
            waiting: StoredValue::new(Waiting::default()),
        };
        provide_context(live);
        live
    }

    /// The counter of one incident, for as long as the caller's owner lives.
    pub fn watch(self, id: IncidentId) -> ReadSignal<u64> {
        let counter = RwSignal::new(0);
        self.watched.update_value(|watched| {
            watched.insert(id, counter);
        });
        on_cleanup(move || {
            self.watched.try_update_value(|watched| watched.retain(|_, known| *known != counter));
        });
        counter.read_only()
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
        let watched: Vec<_> = self.watched.with_value(|watched| watched.iter().map(|(id, counter)| (*id, *counter)).collect());
        for (_, counter) in watched.into_iter().filter(|(id, _)| waiting.everything || waiting.incidents.contains(id)) {
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

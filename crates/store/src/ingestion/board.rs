//! Where the alerts of a group end up: one after another each is counted as known, joined to an incident, or made into a new one.
//! Nothing here waits; ids are given when the board is saved.

use std::collections::{BTreeSet, HashMap};

use domain::alert::{Assessed, assess};
use domain::correlation::{Candidate, CorrelationKey, Newcomer, correlation_keys, join};
use domain::id::IncidentId;
use domain::incident::{State, add_entities};
use domain::observable::Observable;
use domain::score::{Circumstances, Inputs};
use domain::search;
use domain::timestamp::Timestamp;
use domain::verdict::{Verdict, VerdictReason};

use super::{IncidentSnapshot, IngestRequest};
use crate::entity::incidents;
use crate::error::StoreError;
use crate::incidents::severity;
use crate::rows::{json, small, time, to_json, word};

/// Ids of incidents that are not stored yet: above every real one, in the order in which they are made.
const UNSTORED_ID: i64 = i64::MAX / 2;

/// A sender's name of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SenderKey {
    pub source: String,
    pub alert_id: String,
}

impl SenderKey {
    pub(super) fn of(request: &IngestRequest) -> Option<Self> {
        let alert_id = request.alert.sender_alert_id.as_ref()?.to_string();
        Some(Self { source: request.source.to_string(), alert_id })
    }
}

/// An alert that was stored before this group.
pub(super) struct KnownAlert {
    pub id: i64,
    pub incident_id: Option<i64>,
    pub correlated: bool,
    /// How often this group repeats it.
    pub repeats: i64,
}

/// An incident that this group may change or makes.
pub(super) struct Case {
    pub row: incidents::Model,
    inputs: Inputs,
    keys: Vec<CorrelationKey>,
    /// Keys that are not stored yet.
    pub new_keys: Vec<CorrelationKey>,
    /// What it is found by from this group on; some of it may be stored already.
    pub terms: BTreeSet<String>,
    pub is_stored: bool,
    pub is_changed: bool,
    pub is_newer: bool,
}

/// An alert that is not stored yet.
pub(super) struct NewAlert<'a> {
    pub request: &'a IngestRequest,
    pub assessed: Assessed,
    pub title: String,
    pub case: usize,
    pub joined_by: Option<CorrelationKey>,
    pub duplicates: i64,
    /// The incident after this alert.
    pub snapshot: IncidentSnapshot,
    pub alert_count: i64,
}

/// What becomes of one request.
pub(super) enum Placement {
    New(usize),
    RepeatsNew(usize),
    RepeatsKnown(SenderKey),
}

pub(super) struct Board<'a> {
    pub received_at: Timestamp,
    pub known: HashMap<SenderKey, KnownAlert>,
    pub cases: Vec<Case>,
    pub alerts: Vec<NewAlert<'a>>,
    pub placements: Vec<Placement>,
    by_sender: HashMap<SenderKey, usize>,
    by_key: HashMap<CorrelationKey, Vec<usize>>,
}

impl<'a> Board<'a> {
    pub(super) fn new(received_at: Timestamp, known: HashMap<SenderKey, KnownAlert>, cases: Vec<Case>) -> Self {
        let mut by_key: HashMap<CorrelationKey, Vec<usize>> = HashMap::new();
        for (index, case) in cases.iter().enumerate() {
            for key in &case.keys {
                by_key.entry(key.clone()).or_default().push(index);
            }
        }
        Self { received_at, known, cases, alerts: Vec::new(), placements: Vec::new(), by_sender: HashMap::new(), by_key }
    }

    pub(super) fn place(&mut self, request: &'a IngestRequest) -> Result<(), StoreError> {
        let sender = SenderKey::of(request);
        let placement = match sender.and_then(|key| self.repeated(key)) {
            Some(repeat) => repeat,
            None => self.place_new(request)?,
        };
        self.placements.push(placement);
        Ok(())
    }

    fn repeated(&mut self, key: SenderKey) -> Option<Placement> {
        if let Some(known) = self.known.get_mut(&key) {
            known.repeats += 1;
            return Some(Placement::RepeatsKnown(key));
        }
        let index = *self.by_sender.get(&key)?;
        self.alerts[index].duplicates += 1;
        Some(Placement::RepeatsNew(index))
    }

    fn place_new(&mut self, request: &'a IngestRequest) -> Result<Placement, StoreError> {
        let assessed = assess(&request.alert, &request.rules.classification, &request.rules.scoring);
        let title = request.alert.derived_title(&assessed.incident_type);
        let keys = correlation_keys(&request.alert);
        let at = request.alert.occurred_or(self.received_at);
        let joined = self.find_joined(request, &assessed, &keys)?;
        let (case, joined_by) = match joined {
            Some((case, key)) => {
                self.cases[case].take(request, &assessed, self.received_at);
                (case, Some(key))
            }
            None => (self.open_case(request, &assessed, &title)?, None),
        };
        self.cases[case].show(request)?;
        for key in self.cases[case].add_keys(keys, at) {
            self.by_key.entry(key).or_default().push(case);
        }
        self.cases[case].rescore(request)?;
        let index = self.alerts.len();
        if let Some(sender) = SenderKey::of(request) {
            self.by_sender.insert(sender, index);
        }
        let snapshot = self.cases[case].snapshot()?;
        let alert_count = self.cases[case].row.alert_count;
        self.alerts.push(NewAlert { request, assessed, title, case, joined_by, duplicates: 0, snapshot, alert_count });
        Ok(Placement::New(index))
    }

    fn find_joined(
        &self,
        request: &IngestRequest,
        assessed: &Assessed,
        keys: &[CorrelationKey],
    ) -> Result<Option<(usize, CorrelationKey)>, StoreError> {
        let sharing: BTreeSet<usize> = keys.iter().filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        let candidates: Vec<Candidate> =
            sharing.into_iter().map(|index| self.cases[index].candidate()).collect::<Result<_, _>>()?;
        let at = request.alert.occurred_or(self.received_at);
        let newcomer = Newcomer { keys, incident_type: &assessed.incident_type, at };
        Ok(join(&newcomer, &candidates, &request.rules.correlation).and_then(|(id, key)| Some((self.index_of(id)?, key))))
    }

    /// The place of an incident on the board, by its id.
    pub(super) fn index_of(&self, id: IncidentId) -> Option<usize> {
        self.cases.iter().position(|case| case.row.id == id.number())
    }

    fn open_case(&mut self, request: &IngestRequest, assessed: &Assessed, title: &str) -> Result<usize, StoreError> {
        let index = self.cases.len();
        let at = request.alert.occurred_or(self.received_at);
        let now = self.received_at.unix_ms();
        let row = incidents::Model {
            id: UNSTORED_ID + i64::try_from(index).unwrap_or_default(),
            title: title.to_owned(),
            incident_type: assessed.incident_type.to_string(),
            state: State::Classified.to_string(),
            severity_rank: 0,
            risk_score: 0,
            score: String::new(),
            inputs: String::new(),
            verdict: Verdict::Unknown.to_string(),
            verdict_reasons: to_json(&Vec::<VerdictReason>::new())?,
            assignee: None,
            tags: to_json(&request.alert.tags)?,
            analyst_notes: String::new(),
            alert_count: 1,
            privileged_account: request.alert.privileged_account.into(),
            critical_asset: request.alert.critical_asset.into(),
            scoring_digest: String::new(),
            newest_alert_at: at.unix_ms(),
            created_at: now,
            updated_at: now,
            acknowledged_at: None,
            contained_at: None,
            resolved_at: None,
            closed_at: None,
            version: 1,
            entities: to_json(&Vec::<Observable>::new())?,
            merged_into: None,
        };
        let inputs = assessed.inputs;
        let mut terms = search::terms_of_text(title);
        terms.extend(request.alert.tags.iter().map(|tag| search::term_of_tag(tag)));
        let (keys, new_keys) = (Vec::new(), Vec::new());
        self.cases.push(Case { row, inputs, keys, new_keys, terms, is_stored: false, is_changed: true, is_newer: false });
        Ok(index)
    }
}

impl Case {
    pub(super) fn stored(keys: Vec<CorrelationKey>, row: incidents::Model) -> Result<Self, StoreError> {
        let inputs = json(&row.inputs)?;
        let (new_keys, terms) = (Vec::new(), BTreeSet::new());
        Ok(Self { row, inputs, keys, new_keys, terms, is_stored: true, is_changed: false, is_newer: false })
    }

    /// The id; only of use once the incident has a real one.
    pub(super) fn id(&self) -> IncidentId {
        IncidentId::new(self.row.id)
    }

    /// What an answer says about it.
    pub(super) fn snapshot(&self) -> Result<IncidentSnapshot, StoreError> {
        Ok(IncidentSnapshot {
            id: self.id(),
            incident_type: word(&self.row.incident_type)?,
            state: word(&self.row.state)?,
            severity: severity(self.row.severity_rank)?,
            risk_score: small(self.row.risk_score)?,
            verdict: word(&self.row.verdict)?,
        })
    }

    fn candidate(&self) -> Result<Candidate, StoreError> {
        Ok(Candidate {
            incident_id: self.id(),
            incident_type: word(&self.row.incident_type)?,
            state: word(&self.row.state)?,
            newest_at: time(self.row.newest_alert_at),
            keys: self.keys.clone(),
        })
    }

    fn take(&mut self, request: &IngestRequest, assessed: &Assessed, now: Timestamp) {
        self.inputs = self.inputs.joined_with(assessed.inputs);
        self.row.alert_count += 1;
        self.row.privileged_account |= i64::from(request.alert.privileged_account);
        self.row.critical_asset |= i64::from(request.alert.critical_asset);
        self.row.updated_at = now.unix_ms();
        self.row.version += i64::from(!self.is_changed);
        self.is_changed = true;
    }

    /// Adds what a row shows of an alert, and what the incident is found by through it.
    fn show(&mut self, request: &IngestRequest) -> Result<(), StoreError> {
        let seen = request.alert.observables();
        let mut entities: Vec<Observable> = json(&self.row.entities)?;
        add_entities(&mut entities, &seen);
        self.row.entities = to_json(&entities)?;
        self.terms.insert(search::term_of_source(&request.source));
        for observable in seen {
            self.terms.insert(search::term_of_observable(observable.kind, &observable.value));
            self.terms.extend(search::terms_of_text(&observable.value));
        }
        Ok(())
    }

    /// Adds what an alert is correlated by; returns what the incident did not have yet.
    fn add_keys(&mut self, mut keys: Vec<CorrelationKey>, at: Timestamp) -> Vec<CorrelationKey> {
        self.is_newer |= at.unix_ms() > self.row.newest_alert_at;
        self.row.newest_alert_at = self.row.newest_alert_at.max(at.unix_ms());
        keys.retain(|key| !self.keys.contains(key));
        keys.sort_unstable();
        keys.dedup();
        self.keys.extend_from_slice(&keys);
        self.new_keys.extend_from_slice(&keys);
        keys
    }

    fn rescore(&mut self, request: &IngestRequest) -> Result<(), StoreError> {
        let circumstances = Circumstances {
            privileged_account: self.row.privileged_account != 0,
            critical_asset: self.row.critical_asset != 0,
            verdict: word(&self.row.verdict)?,
            alert_count: small(self.row.alert_count)?,
        };
        let score = request.rules.scoring.score(&self.inputs, &circumstances);
        self.row.risk_score = score.value.into();
        self.row.severity_rank = score.severity.rank().into();
        self.row.score = to_json(&score.rows)?;
        self.row.inputs = to_json(&self.inputs)?;
        self.row.scoring_digest = request.rules.scoring_digest.to_string();
        Ok(())
    }
}

//! The parameters of lists of incidents, as the OpenAPI document describes them. What they mean is in `domain::incident_filter`.

#![expect(dead_code, reason = "the fields are only described; the values are read by `QueryReader`")]

use api::page::ListFormat;
use domain::incident::State;
use domain::incident_filter::{FILTER_PARAMETERS, IncidentSort, SortOrder};
use domain::verdict::Verdict;
use utoipa::IntoParams;

/// Everything that a list of incidents may be asked with.
pub const INCIDENT_PARAMETERS: [&str; FILTER_PARAMETERS.len() + 5] = with_filter(["sort", "order", "format", "limit", "cursor"]);

const fn with_filter(others: [&'static str; 5]) -> [&'static str; FILTER_PARAMETERS.len() + 5] {
    let mut all = [""; FILTER_PARAMETERS.len() + 5];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < FILTER_PARAMETERS.len() { FILTER_PARAMETERS[at] } else { others[at - FILTER_PARAMETERS.len()] };
        at += 1;
    }
    all
}

/// The parameters by name.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IncidentParameters {
    #[param(max_items = 20)]
    state: Option<Vec<State>>,
    /// `S1` to `S5`, or critical, high, medium, low, informational.
    #[param(max_items = 20, value_type = Option<Vec<String>>, pattern = "^([sS][1-5]|critical|high|medium|low|informational)$")]
    severity: Option<Vec<String>>,
    /// This severity and every more severe one.
    #[param(pattern = "^([sS][1-5]|critical|high|medium|low|informational)$")]
    severity_at_least: Option<String>,
    #[param(max_items = 20, value_type = Option<Vec<String>>)]
    incident_type: Option<Vec<String>>,
    #[param(max_items = 20)]
    verdict: Option<Vec<Verdict>>,
    /// A user name, `me`, or `none`.
    #[param(min_length = 1, max_length = 64)]
    assignee: Option<String>,
    #[param(max_items = 20)]
    tag: Option<Vec<String>>,
    #[param(max_items = 20)]
    source: Option<Vec<String>>,
    /// `ip:91.23.11.9`, or a value of any kind.
    #[param(max_items = 20)]
    observable: Option<Vec<String>>,
    #[param(minimum = 0, maximum = 100)]
    risk_score_at_least: Option<u8>,
    /// Up to 8 words that begin somewhere in the title, the id, the analyst's notes or an observable.
    #[param(min_length = 1, max_length = 64)]
    q: Option<String>,
    /// Created at this time or later.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Created before this time.
    #[param(format = DateTime)]
    to: Option<String>,
    sort: Option<IncidentSort>,
    order: Option<SortOrder>,
    /// The form of the answer; without it the `Accept` header decides.
    format: Option<ListFormat>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

//! The parameters of lists of incidents, as the OpenAPI document describes them. What they mean is in `domain::incident_filter`.

#![expect(dead_code, reason = "the fields are only described; the values are read by `QueryReader`")]

use api::incidents::TagText;
use api::page::ListFormat;
use domain::id::{IncidentType, Source};
use domain::incident::State;
use domain::incident_filter::{FILTER_PARAMETERS, IncidentSort, SortOrder};
use domain::timestamp::Timestamp;
use domain::verdict::Verdict;
use utoipa::{IntoParams, ToSchema};

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

/// `S1` to `S5`, or critical, high, medium, low, informational, in any case.
#[derive(ToSchema)]
#[schema(
    pattern = "^([sS][1-5]|[cC][rR][iI][tT][iI][cC][aA][lL]|[hH][iI][gG][hH]|[mM][eE][dD][iI][uU][mM]|[lL][oO][wW]|[iI][nN][fF][oO][rR][mM][aA][tT][iI][oO][nN][aA][lL])$"
)]
pub struct SeverityText(String);

/// A value of any kind, or one of this kind: `ip:91.23.11.9`.
#[derive(ToSchema)]
#[schema(max_length = 8192, pattern = r"\S")]
pub struct ObservableText(String);

/// The parameters by name.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IncidentParameters {
    #[param(max_items = 20)]
    state: Option<Vec<State>>,
    /// `S1` to `S5`, or critical, high, medium, low, informational.
    #[param(max_items = 20)]
    severity: Option<Vec<SeverityText>>,
    /// This severity and every more severe one.
    severity_at_least: Option<SeverityText>,
    #[param(max_items = 20)]
    incident_type: Option<Vec<IncidentType>>,
    #[param(max_items = 20)]
    verdict: Option<Vec<Verdict>>,
    /// A user name, `me`, or `none`.
    #[param(max_length = 256, pattern = r"\S")]
    assignee: Option<String>,
    #[param(max_items = 20)]
    tag: Option<Vec<TagText>>,
    #[param(max_items = 20)]
    source: Option<Vec<Source>>,
    /// `ip:91.23.11.9`, or a value of any kind.
    #[param(max_items = 20)]
    observable: Option<Vec<ObservableText>>,
    #[param(minimum = 0, maximum = 100)]
    risk_score_at_least: Option<u8>,
    /// Up to 8 words that begin somewhere in the title, the id, the analyst's notes or an observable.
    #[param(max_length = 256, pattern = r"\S")]
    q: Option<String>,
    /// Created at this time or later.
    from: Option<Timestamp>,
    /// Created before this time.
    to: Option<Timestamp>,
    sort: Option<IncidentSort>,
    order: Option<SortOrder>,
    /// The form of the answer; without it the `Accept` header decides.
    format: Option<ListFormat>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

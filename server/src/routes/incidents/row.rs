//! Incidents as rows of a file.

use api::incidents::IncidentView;

use crate::http::export::{Row, cell, joined};

impl Row for IncidentView {
    const NAME: &'static str = "incidents";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "title",
        "incident_type",
        "state",
        "severity",
        "severity_label",
        "risk_score",
        "verdict",
        "assignee",
        "tags",
        "alert_count",
        "entities",
        "created_at",
        "updated_at",
        "acknowledged_at",
        "contained_at",
        "resolved_at",
        "closed_at",
        "merged_into",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.title.clone(),
            self.incident_type.to_string(),
            self.state.to_string(),
            self.severity.to_string(),
            self.severity_label.clone(),
            self.risk_score.to_string(),
            self.verdict.to_string(),
            cell(self.assignee.as_ref().map(|person| &person.username)),
            joined(&self.tags),
            self.alert_count.to_string(),
            joined(self.entities.iter().map(|entity| format!("{}:{}", entity.kind, entity.value))),
            self.created_at.to_string(),
            self.updated_at.to_string(),
            cell(self.acknowledged_at),
            cell(self.contained_at),
            cell(self.resolved_at),
            cell(self.closed_at),
            cell(self.merged_into),
        ]
    }
}

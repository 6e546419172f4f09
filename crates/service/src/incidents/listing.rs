//! A page of incidents, with what may be done to each.

use api::incidents::{IncidentQuery, IncidentView};
use api::{ApiError, Caller, Page};
use domain::id::IncidentId;
use domain::incident::{Incident, RunActivity};
use store::IncidentSelection;

use crate::core::Core;
use crate::error::ServiceError;
use crate::views::{cursor_in, incident_view, page_request_in};

/// The incidents that pass the filter. A cursor of another sort or order is refused.
pub async fn page(core: &Core, caller: &Caller, query: IncidentQuery) -> Result<Page<IncidentView>, ApiError> {
    let IncidentQuery { filter, sort, order, page } = query;
    let list = format!("{sort}.{order}");
    let request = page_request_in(&list, &page)?;
    let viewer = caller.actor.as_user().map(|person| person.user.id);
    let selection = IncidentSelection { filter, sort, order, viewer };
    let found = core.store.incidents().list(&selection, request).await.map_err(ServiceError::from)?;
    Ok(Page { next_cursor: found.next.map(|cursor| cursor_in(&list, cursor)), items: views(core, found.items).await? })
}

async fn views(core: &Core, incidents: Vec<Incident>) -> Result<Vec<IncidentView>, ServiceError> {
    let ids: Vec<IncidentId> = incidents.iter().map(|incident| incident.id).collect();
    let held = core.store.runs().incidents_held(&ids).await?;
    let view = |incident: Incident| {
        let activity = if held.contains(&incident.id) { RunActivity::Active } else { RunActivity::Idle };
        incident_view(core, incident, activity)
    };
    Ok(incidents.into_iter().map(view).collect())
}

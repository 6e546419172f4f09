//! One thing done to many incidents, one after another: how far it is, and what was refused. What is done is the page's business.

use std::future::Future;

use api::ApiError;
use domain::id::IncidentId;
use leptos::prelude::*;

/// What can be asked for with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    Take,
    Tag,
    Move,
    Run,
}

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub all: usize,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: usize,
    pub refused: Vec<(IncidentId, ApiError)>,
}

impl Tally {
    /// "18 done", "18 done, 2 refused".
    pub fn summary(&self) -> String {
        let refused = self.refused.len();
        if refused == 0 { format!("{} done", self.done) } else { format!("{} done, {refused} refused", self.done) }
    }

    /// One line for each that was refused, with the reason.
    pub fn refusals(&self) -> Vec<String> {
        self.refused.iter().map(|(id, error)| format!("{id}: {error}")).collect()
    }
}

/// Does it to each in turn: the server sees one change at a time, and a person sees how far it is.
pub async fn each<F: Future<Output = Result<(), ApiError>>>(
    ids: Vec<IncidentId>,
    progress: RwSignal<Option<Progress>>,
    act: impl Fn(IncidentId) -> F,
) -> Tally {
    let mut tally = Tally::default();
    let all = ids.len();
    for (done, id) in ids.into_iter().enumerate() {
        progress.set(Some(Progress { done, all }));
        match act(id).await {
            Ok(()) => tally.done += 1,
            Err(error) => tally.refused.push((id, error)),
        }
    }
    progress.set(None);
    tally
}

#[cfg(test)]
mod tests {
    use api::ProblemCode;

    use super::*;

    #[test]
    fn the_result_says_what_was_refused() {
        let refused = vec![(IncidentId::new(7), ApiError::new(ProblemCode::RunActive, "cancel it first"))];
        let tally = Tally { done: 18, refused };
        assert_eq!(tally.summary(), "18 done, 1 refused");
        assert_eq!(tally.refusals(), ["INC-0000000007: A run is active on this incident: cancel it first"]);
        assert_eq!(Tally { done: 3, refused: Vec::new() }.summary(), "3 done");
    }
}

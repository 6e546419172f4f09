//! The facts that a plan holds: what texts and conditions that wait for a step read of the incident, as it was when the plan was made.
//! Which names those are is found in `plan`.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::scope::{Facts, Values, empty_values, values};

/// The variable whose maps are whatever a sender wrote; the maps of the others always exist.
const FREE: &str = "context";

/// The values at these paths. Where a path leads nowhere, what it leads to last stands for it, so that asking for it later ends in the same way.
pub(crate) fn frozen(paths: &BTreeSet<String>, facts: &Facts) -> Map<String, Json> {
    let values = values(facts);
    let mut frozen = Map::new();
    let mut ends = Vec::new();
    for path in paths {
        match follow(&values, path) {
            Some((reached, value)) if reached == path => drop(frozen.insert(path.clone(), value.clone())),
            Some((reached, value)) => ends.push((reached, value)),
            None => {}
        }
    }
    for (reached, value) in ends.into_iter().filter(|(reached, _)| reached.starts_with(FREE) && reached.len() > FREE.len()) {
        let shown = if value.is_object() { json!({}) } else { value.clone() };
        frozen.entry(reached).or_insert(shown);
    }
    frozen
}

/// As far as the path leads, and what stands there.
fn follow<'v, 'p>(values: &'v Values, path: &'p str) -> Option<(&'p str, &'v Json)> {
    let root = path.split('.').next()?;
    let (mut reached, mut value) = (root.len(), values.get(root)?);
    for part in path.split('.').skip(1) {
        let Some(next) = value.get(part) else { break };
        reached += 1 + part.len();
        value = next;
    }
    Some((&path[..reached], value))
}

/// What the variables stand for when nothing is known but these facts.
pub(crate) fn thawed(facts: &Map<String, Json>) -> Values {
    let mut values = empty_values();
    // In the order of the paths a map comes before what stands in it.
    for (path, value) in facts {
        let mut parts = path.split('.');
        let Some(root) = parts.next().and_then(|root| values.get_mut(root)) else { continue };
        put(root, parts.collect::<Vec<_>>().as_slice(), value);
    }
    values
}

fn put(at: &mut Json, path: &[&str], value: &Json) {
    let Some((name, rest)) = path.split_first() else {
        *at = value.clone();
        return;
    };
    let Json::Object(members) = at else { return };
    match (rest, members.get_mut(*name)) {
        // It says only that there is a map, and what stands in it is known already.
        ([], Some(Json::Object(_))) if *value == json!({}) => {}
        ([], _) => drop(members.insert((*name).to_owned(), value.clone())),
        (rest, Some(inner)) => put(inner, rest, value),
        (rest, None) => put(members.entry(*name).or_insert_with(|| json!({})), rest, value),
    }
}

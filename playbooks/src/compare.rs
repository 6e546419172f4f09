//! How two versions of a playbook differ: by what they mean, step by step and rule by rule, and by their lines.

use std::collections::BTreeSet;

use domain::playbook::{ComparedLine, LineChange, PlaybookChange, PlaybookChangeKind};
use serde_json::{Map, Value as Json};

/// Pairs of lines that are weighed against each other; longer middles are shown as replaced.
pub const COMPARED_PAIRS_MAX: usize = 4_000_000;

/// Lists whose items have a name: where they stand, the member that names an item, and what an item is called.
const NAMED_LISTS: [(&str, &str, &str); 2] = [("actions", "id", "step"), ("tests", "name", "test")];

/// The differences between two documents, in the order of a playbook: itself, its rules, its steps, its tests.
#[must_use]
pub fn changes(before: &Json, after: &Json) -> Vec<PlaybookChange> {
    let empty = Map::new();
    let (before, after) = (before.as_object().unwrap_or(&empty), after.as_object().unwrap_or(&empty));
    let mut changes = Vec::new();
    for key in keys(before, after) {
        if NAMED_LISTS.iter().any(|(list, _, _)| *list == key) {
            continue;
        }
        match (before.get(key), after.get(key)) {
            (Some(Json::Object(one)), Some(Json::Object(other))) => changes.extend(members(key, one, other)),
            (one, other) => changes.extend(change(Part { subject: "playbook", path: key }, one, other)),
        }
    }
    for (list, name, noun) in NAMED_LISTS {
        changes.extend(items(&named(before, list, name), &named(after, list, name), noun));
    }
    changes
}

/// The lines of two texts, with what became of each.
#[must_use]
pub fn lines(before: &str, after: &str) -> Vec<ComparedLine> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let start = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let rest = before.len().min(after.len()) - start;
    let end = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
    let (removed, added) = (&before[start..before.len() - end], &after[start..after.len() - end]);
    let mut compared: Vec<ComparedLine> = before[..start].iter().map(|text| line(LineChange::Same, text)).collect();
    if removed.len().saturating_mul(added.len()) <= COMPARED_PAIRS_MAX {
        compared.extend(common_sequence(removed, added));
    } else {
        compared.extend(removed.iter().map(|text| line(LineChange::Removed, text)));
        compared.extend(added.iter().map(|text| line(LineChange::Added, text)));
    }
    compared.extend(before[before.len() - end..].iter().map(|text| line(LineChange::Same, text)));
    compared
}

/// Where a difference stands.
struct Part<'a> {
    subject: &'a str,
    path: &'a str,
}

type Named<'a> = Vec<(&'a str, &'a Map<String, Json>)>;

fn named<'a>(document: &'a Map<String, Json>, list: &str, name: &str) -> Named<'a> {
    let items = document.get(list).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| Some((item.get(name)?.as_str()?, item.as_object()?))).collect()
}

fn items(before: &Named<'_>, after: &Named<'_>, noun: &str) -> Vec<PlaybookChange> {
    let find = |list: &Named<'_>, name: &str| list.iter().find(|(known, _)| *known == name).map(|(_, item)| (*item).clone());
    let in_order = in_order(before, after);
    let mut changes = Vec::new();
    for (name, item) in before {
        if find(after, name).is_none() {
            changes.push(whole(PlaybookChangeKind::Removed, format!("{noun} {name}"), Some(item), None));
        }
    }
    for (name, item) in after {
        let subject = format!("{noun} {name}");
        match find(before, name) {
            None => changes.push(whole(PlaybookChangeKind::Added, subject, None, Some(item))),
            Some(earlier) => {
                if !in_order.contains(name) {
                    changes.push(whole(PlaybookChangeKind::Moved, subject.clone(), None, None));
                }
                changes.extend(members(&subject, &earlier, item));
            }
        }
    }
    changes
}

/// The names that both lists have in the same order: what is not among them was moved.
fn in_order<'a>(before: &Named<'a>, after: &Named<'a>) -> BTreeSet<&'a str> {
    let names = |list: &Named<'a>| list.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let (before, after) = (names(before), names(after));
    longest_common(&before, &after).into_iter().filter_map(|(one, _)| before.get(one).copied()).collect()
}

fn members(subject: &str, before: &Map<String, Json>, after: &Map<String, Json>) -> Vec<PlaybookChange> {
    let mut changes = Vec::new();
    for key in keys(before, after) {
        match (before.get(key), after.get(key)) {
            (Some(Json::Object(one)), Some(Json::Object(other))) => {
                for inner in keys(one, other) {
                    let path = format!("{key}.{inner}");
                    changes.extend(change(Part { subject, path: &path }, one.get(inner), other.get(inner)));
                }
            }
            (one, other) => changes.extend(change(Part { subject, path: key }, one, other)),
        }
    }
    changes
}

fn keys<'a>(before: &'a Map<String, Json>, after: &'a Map<String, Json>) -> Vec<&'a str> {
    let new = after.keys().filter(|key| !before.contains_key(*key));
    before.keys().chain(new).map(String::as_str).collect()
}

fn change(part: Part<'_>, before: Option<&Json>, after: Option<&Json>) -> Option<PlaybookChange> {
    let kind = match (before, after) {
        (Some(one), Some(other)) if one == other => return None,
        (Some(_), Some(_)) => PlaybookChangeKind::Changed,
        (Some(_), None) => PlaybookChangeKind::Removed,
        (None, Some(_)) => PlaybookChangeKind::Added,
        (None, None) => return None,
    };
    Some(PlaybookChange {
        kind,
        subject: part.subject.to_owned(),
        part: Some(part.path.to_owned()),
        before: before.map(Json::to_string),
        after: after.map(Json::to_string),
    })
}

fn whole(
    kind: PlaybookChangeKind,
    subject: String,
    before: Option<&Map<String, Json>>,
    after: Option<&Map<String, Json>>,
) -> PlaybookChange {
    let text = |item: Option<&Map<String, Json>>| item.map(|item| Json::Object(item.clone()).to_string());
    PlaybookChange { kind, subject, part: None, before: text(before), after: text(after) }
}

fn common_sequence(before: &[&str], after: &[&str]) -> Vec<ComparedLine> {
    let mut compared = Vec::new();
    let (mut left, mut right) = (0, 0);
    for (one, other) in longest_common(before, after).into_iter().chain([(before.len(), after.len())]) {
        compared.extend(before[left..one].iter().map(|text| line(LineChange::Removed, text)));
        compared.extend(after[right..other].iter().map(|text| line(LineChange::Added, text)));
        compared.extend(before.get(one).map(|text| line(LineChange::Same, text)));
        (left, right) = ((one + 1).min(before.len()), (other + 1).min(after.len()));
    }
    compared
}

/// Pairs of places of a longest common subsequence, in order.
fn longest_common(before: &[&str], after: &[&str]) -> Vec<(usize, usize)> {
    let width = after.len() + 1;
    let mut length = vec![0_u32; (before.len() + 1) * width];
    for one in (0..before.len()).rev() {
        for other in (0..after.len()).rev() {
            length[one * width + other] = if before[one] == after[other] {
                length[(one + 1) * width + other + 1] + 1
            } else {
                length[(one + 1) * width + other].max(length[one * width + other + 1])
            };
        }
    }
    let (mut one, mut other, mut pairs) = (0, 0, Vec::new());
    while one < before.len() && other < after.len() {
        if before[one] == after[other] {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if length[(one + 1) * width + other] >= length[one * width + other + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

fn line(change: LineChange, text: &str) -> ComparedLine {
    ComparedLine { change, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use domain::playbook::LineChange::{Added, Removed, Same};
    use serde_json::{Value, json};

    use super::{changes, lines};

    #[test]
    fn documents_differ_by_their_steps_and_rules() {
        let before = json!({
            "name": "A", "approval": { "quorum": 1 },
            "actions": [
                { "id": "look", "action": "enrich" },
                { "id": "block", "action": "block_ip", "with": { "ip": "x", "duration": "1h" } },
                { "id": "tell", "action": "notify" },
            ],
        });
        let after = json!({
            "name": "B", "approval": { "quorum": 2, "expires_in": "1h" }, "priority": 1,
            "actions": [
                { "id": "tell", "action": "notify" },
                { "id": "look", "action": "enrich" },
                { "id": "block", "action": "block_ip", "when": "true", "with": { "ip": "x", "duration": "2h" } },
                { "id": "ask", "action": "notify" },
            ],
        });
        let found: Vec<Value> = changes(&before, &after)
            .into_iter()
            .map(|change| json!([change.kind, change.subject, change.part, change.before, change.after]))
            .collect();
        assert_eq!(
            found,
            [
                json!(["changed", "approval", "quorum", "1", "2"]),
                json!(["added", "approval", "expires_in", null, "\"1h\""]),
                json!(["changed", "playbook", "name", "\"A\"", "\"B\""]),
                json!(["added", "playbook", "priority", null, "1"]),
                json!(["moved", "step tell", null, null, null]),
                json!(["changed", "step block", "with.duration", "\"1h\"", "\"2h\""]),
                json!(["added", "step block", "when", null, "\"true\""]),
                json!(["added", "step ask", null, null, "{\"action\":\"notify\",\"id\":\"ask\"}"]),
            ]
        );
        assert_eq!(changes(&before, &before), []);
    }

    #[test]
    fn lines_are_kept_where_both_texts_have_them() {
        let found = lines("a\nb\nc\nd\n", "a\nc\nx\nd\n");
        let found: Vec<_> = found.iter().map(|line| (line.change, line.text.as_str())).collect();
        assert_eq!(found, [(Same, "a"), (Removed, "b"), (Same, "c"), (Added, "x"), (Same, "d")]);
        assert_eq!(lines("", ""), []);
        assert_eq!(lines("a", "").len() + lines("", "a\nb").len(), 3);
    }
}

//! What people change of an incident, checked and applied; and duplicates taken in.

use super::{Severity, at, new_incident};
use crate::alert::{FieldError, TAGS_MAX, TITLE_BYTES_MAX};
use crate::incident::editing::{ANALYST_NOTES_BYTES_MAX, GivenVerdict, IncidentEdit, IncidentField};
use crate::observable::{Observable, ObservableKind};
use crate::score::{Input, InputOrigin, Inputs};
use crate::verdict::Verdict;

fn given(verdict: Verdict, reason: &str) -> Option<GivenVerdict> {
    Some(GivenVerdict { verdict, reason: reason.to_owned() })
}

fn pointers(edit: IncidentEdit) -> Vec<String> {
    edit.checked().err().into_iter().flatten().map(|FieldError { pointer, .. }| pointer).collect()
}

#[test]
fn an_edit_is_checked_as_a_whole() {
    let tags = |tags: &[&str]| Some(tags.iter().map(ToString::to_string).collect::<Vec<_>>());
    let check = |edit: IncidentEdit, expected: &[&str]| assert_eq!(pointers(edit), expected);
    check(IncidentEdit::default(), &[]);
    check(IncidentEdit { title: Some("x".repeat(TITLE_BYTES_MAX)), ..IncidentEdit::default() }, &[]);
    check(IncidentEdit { title: Some("x".repeat(TITLE_BYTES_MAX + 1)), ..IncidentEdit::default() }, &["/title"]);
    check(IncidentEdit { analyst_notes: Some(String::new()), ..IncidentEdit::default() }, &[]);
    let long = "x".repeat(ANALYST_NOTES_BYTES_MAX + 1);
    check(IncidentEdit { analyst_notes: Some(long), ..IncidentEdit::default() }, &["/analyst_notes"]);
    let many = (0..=TAGS_MAX).map(|tag| tag.to_string()).collect();
    check(IncidentEdit { tags: Some(many), ..IncidentEdit::default() }, &["/tags"]);
    let all = IncidentEdit {
        title: Some(" ".to_owned()),
        tags: tags(&["a", "", "\0"]),
        verdict: given(Verdict::Benign, " "),
        ..IncidentEdit::default()
    };
    check(all, &["/title", "/tags/1", "/tags/2", "/verdict_reason"]);
    let trimmed = IncidentEdit { title: Some(" a ".to_owned()), tags: tags(&[" b", "b ", "c"]), ..IncidentEdit::default() };
    let checked = trimmed.checked().unwrap();
    assert_eq!((checked.title.as_deref(), checked.tags), (Some("a"), tags(&["b", "c"])));
}

#[test]
fn an_edit_changes_what_it_names_and_acknowledges() {
    let before = new_incident();
    let edit = IncidentEdit { tags: Some(vec!["vip".to_owned()]), ..IncidentEdit::default() };
    let after = before.clone().edited(edit, at(7));
    assert_eq!(before.fields_changed_to(&after), [IncidentField::Tags]);
    assert_eq!((after.acknowledged_at, after.updated_at, after.title.as_str()), (Some(at(7)), at(7), "Phishing"));
    let same = before.clone().edited(IncidentEdit { title: Some("Phishing".to_owned()), ..IncidentEdit::default() }, at(7));
    assert_eq!(before.fields_changed_to(&same), []);
    let contributions: Vec<_> = IncidentField::ALL.iter().filter(|field| field.is_contribution()).collect();
    assert_eq!(contributions, [&IncidentField::Title, &IncidentField::Tags, &IncidentField::Verdict]);
}

#[test]
fn a_verdict_moves_the_score_as_the_table_says() {
    let input = |value| Input { value, origin: InputOrigin::Given };
    let rules = crate::score::tests::documented_rules();
    let check = |(impact, likelihood, confidence), verdict, score, severity| {
        let inputs = Inputs { impact: input(impact), likelihood: input(likelihood), confidence: input(confidence) };
        let edit = IncidentEdit { verdict: given(verdict, "looked at it"), ..IncidentEdit::default() };
        let scored = new_incident().edited(edit, at(1)).rescored(&inputs, &rules);
        assert_eq!((scored.risk_score, scored.severity), (score, severity));
        assert_eq!(scored.verdict_reasons[0].detail, "looked at it");
    };
    check((4, 4, 2), Verdict::Malicious, 65, Severity::S2);
    check((1, 1, 1), Verdict::Benign, 0, Severity::S5);
    check((3, 3, 3), Verdict::Unknown, 29, Severity::S4);
}

#[test]
fn a_duplicate_adds_what_it_has() {
    let seen = |value: &str| Observable { kind: ObservableKind::Host, value: value.to_owned(), field: "host.name".to_owned() };
    let mut duplicate = new_incident();
    (duplicate.alert_count, duplicate.critical_asset, duplicate.entities) = (3, true, vec![seen("a"), seen("b")]);
    let mut into = new_incident();
    into.entities = vec![seen("b")];
    let absorbed = into.absorbing(&duplicate, at(9));
    assert_eq!((absorbed.alert_count, absorbed.critical_asset, absorbed.privileged_account), (4, true, false));
    assert_eq!(absorbed.entities, [seen("b"), seen("a")]);
    let merged = duplicate.merged_into(&absorbed);
    assert_eq!((merged.merged_into, merged.alert_count), (Some(absorbed.id), 0));
}

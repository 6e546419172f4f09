//! The tables of scores that the product promises, and what must hold for every input.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use super::{Circumstances, Factor, Input, InputOrigin, Inputs, ScoringRules};
use crate::severity::Severity;
use crate::verdict::Verdict;

/// The scoring file as the product documents it.
fn scoring_file() -> Value {
    json!({
        "version": 1,
        "confidence": {"offset": 5, "divisor": 10},
        "modifiers": {
            "privileged_account": 15,
            "critical_asset": 10,
            "verdict": {"malicious": 20, "suspicious": 10, "benign": -30},
            "correlated_alerts": {"at_least": 10, "points": 5}
        },
        "thresholds": {"S1": 85, "S2": 65, "S3": 40, "S4": 20},
        "labels": {"critical": [5, 5, 4], "high": [5, 4, 4], "medium": [4, 3, 4], "low": [3, 2, 4], "informational": [1, 1, 4]}
    })
}

pub(crate) fn documented_rules() -> ScoringRules {
    serde_json::from_value(scoring_file()).unwrap()
}

fn inputs([impact, likelihood, confidence]: [u8; 3]) -> Inputs {
    let input = |value| Input { value, origin: InputOrigin::Given };
    Inputs { impact: input(impact), likelihood: input(likelihood), confidence: input(confidence) }
}

const PLAIN: Circumstances =
    Circumstances { privileged_account: false, critical_asset: false, verdict: Verdict::Unknown, alert_count: 1 };
const PRIVILEGED: Circumstances = Circumstances { privileged_account: true, ..PLAIN };
const MALICIOUS: Circumstances = Circumstances { verdict: Verdict::Malicious, ..PLAIN };
const BENIGN: Circumstances = Circumstances { verdict: Verdict::Benign, ..PLAIN };
const PRIVILEGED_MALICIOUS: Circumstances = Circumstances { verdict: Verdict::Malicious, ..PRIVILEGED };

#[test]
fn the_table_of_scores() {
    let check = |given: [u8; 3], circumstances: Circumstances, points: &[(Factor, i64)], value: u8, severity: Severity| {
        let score = documented_rules().score(&inputs(given), &circumstances);
        let rows = score.rows.iter().map(|row| (row.factor, row.points)).collect::<Vec<_>>();
        assert_eq!((rows.as_slice(), score.value, score.severity), (points, value, severity), "{given:?} {circumstances:?}");
    };
    use Factor::{Base, Clamp, Confidence, PrivilegedAccount};
    check([4, 4, 3], PRIVILEGED, &[(Base, 64), (Confidence, -13), (PrivilegedAccount, 15)], 66, Severity::S2);
    check([3, 3, 3], PLAIN, &[(Base, 36), (Confidence, -7)], 29, Severity::S4);
    check([4, 4, 2], MALICIOUS, &[(Base, 64), (Confidence, -19), (Factor::Verdict, 20)], 65, Severity::S2);
    check([5, 5, 2], PRIVILEGED, &[(Base, 100), (Confidence, -30), (PrivilegedAccount, 15)], 85, Severity::S1);
    check([4, 4, 5], PLAIN, &[(Base, 64), (Confidence, 0)], 64, Severity::S3);
    check([2, 3, 3], PLAIN, &[(Base, 24), (Confidence, -5)], 19, Severity::S5);
    check([1, 1, 1], BENIGN, &[(Base, 4), (Confidence, -2), (Factor::Verdict, -30), (Clamp, 28)], 0, Severity::S5);
    let rows = [(Base, 100), (Confidence, 0), (PrivilegedAccount, 15), (Factor::Verdict, 20), (Clamp, -35)];
    check([5, 5, 5], PRIVILEGED_MALICIOUS, &rows, 100, Severity::S1);
}

#[test]
fn a_label_alone_lands_in_its_own_class() {
    let rules = documented_rules();
    let check = |severity: Severity, value: u8| {
        let score = rules.score(&inputs(rules.labels.of(severity)), &PLAIN);
        assert_eq!((score.value, score.severity), (value, severity));
    };
    check(Severity::S1, 90);
    check(Severity::S2, 72);
    check(Severity::S3, 43);
    check(Severity::S4, 22);
    check(Severity::S5, 4);
}

#[test]
fn each_modifier_adds_its_points() {
    let check = |circumstances: Circumstances, expected: Option<(Factor, i64)>| {
        let score = documented_rules().score(&inputs([3, 3, 5]), &circumstances);
        let added = score.rows.iter().skip(2).map(|row| (row.factor, row.points)).collect::<Vec<_>>();
        assert_eq!(added, expected.into_iter().collect::<Vec<_>>());
        assert_eq!(i64::from(score.value), 36 + expected.map_or(0, |(_, points)| points));
    };
    check(PLAIN, None);
    check(PRIVILEGED, Some((Factor::PrivilegedAccount, 15)));
    check(Circumstances { critical_asset: true, ..PLAIN }, Some((Factor::CriticalAsset, 10)));
    check(MALICIOUS, Some((Factor::Verdict, 20)));
    check(Circumstances { verdict: Verdict::Suspicious, ..PLAIN }, Some((Factor::Verdict, 10)));
    check(BENIGN, Some((Factor::Verdict, -30)));
    check(Circumstances { alert_count: 9, ..PLAIN }, None);
    check(Circumstances { alert_count: 10, ..PLAIN }, Some((Factor::CorrelatedAlerts, 5)));
}

#[test]
fn thresholds_are_inclusive() {
    let check = |score: u8, severity: Severity| assert_eq!(documented_rules().severity_of(score), severity, "{score}");
    check(100, Severity::S1);
    check(85, Severity::S1);
    check(84, Severity::S2);
    check(65, Severity::S2);
    check(64, Severity::S3);
    check(40, Severity::S3);
    check(39, Severity::S4);
    check(20, Severity::S4);
    check(19, Severity::S5);
    check(0, Severity::S5);
}

#[test]
fn the_explanation_says_which_inputs_were_given_and_which_derived() {
    let derived = Inputs { likelihood: Input { value: 4, origin: InputOrigin::Label }, ..inputs([4, 1, 3]) };
    let score = documented_rules().score(&derived, &PLAIN);
    assert_eq!(score.rows[0].detail, "impact 4 (given) × likelihood 4 (label) × 4");
    assert_eq!(score.rows[1].detail, "confidence 3 (given) makes 64 into 51");
}

#[test]
fn a_scoring_file_is_validated() {
    assert_eq!(documented_rules().validate(), Ok(()));
    let check = |pointer: &str, value: Value, expected: &str| {
        let mut file = scoring_file();
        *file.pointer_mut(pointer).unwrap() = value;
        let faults = serde_json::from_value::<ScoringRules>(file).unwrap().validate().unwrap_err();
        assert!(faults.len() == 1 && faults[0].starts_with(expected), "{faults:?} instead of {expected}");
    };
    check("/version", json!(2), "version ");
    check("/confidence/divisor", json!(0), "confidence.divisor ");
    check("/confidence/offset", json!(-1), "confidence.offset ");
    check("/modifiers/privileged_account", json!(-1), "modifiers.privileged_account ");
    check("/modifiers/verdict/benign", json!(-101), "modifiers.verdict.benign ");
    check("/modifiers/correlated_alerts/at_least", json!(0), "modifiers.correlated_alerts.at_least ");
    check("/thresholds/S2", json!(85), "thresholds ");
    check("/thresholds/S1", json!(101), "thresholds ");
    check("/thresholds/S4", json!(0), "thresholds ");
    check("/labels/low", json!([3, 6, 4]), "labels.low ");
}

#[test]
fn a_scoring_file_holds_nothing_unknown() {
    let mut file = scoring_file();
    file["modifiers"]["weekend"] = json!(5);
    assert!(serde_json::from_value::<ScoringRules>(file).unwrap_err().to_string().contains("weekend"));
}

#[test]
fn other_weights_have_another_digest() {
    let rules = documented_rules();
    let mut heavier = rules.clone();
    heavier.modifiers.critical_asset = 11;
    assert_eq!(rules.digest(), documented_rules().digest());
    assert_ne!(rules.digest(), heavier.digest());
}

fn any_inputs() -> impl Strategy<Value = Inputs> {
    [1..=5_u8, 1..=5_u8, 1..=5_u8].prop_map(inputs)
}

fn any_circumstances() -> impl Strategy<Value = Circumstances> {
    (any::<bool>(), any::<bool>(), select(Verdict::ALL), 1..20_u32).prop_map(
        |(privileged_account, critical_asset, verdict, alert_count)| Circumstances {
            privileged_account,
            critical_asset,
            verdict,
            alert_count,
        },
    )
}

proptest! {
    #[test]
    fn the_same_input_makes_the_same_score(inputs in any_inputs(), circumstances in any_circumstances()) {
        prop_assert_eq!(documented_rules().score(&inputs, &circumstances), documented_rules().score(&inputs, &circumstances));
    }

    #[test]
    fn the_rows_add_up_to_the_score(inputs in any_inputs(), circumstances in any_circumstances()) {
        let score = documented_rules().score(&inputs, &circumstances);
        prop_assert_eq!(score.rows.iter().map(|row| row.points).sum::<i64>(), i64::from(score.value));
        prop_assert!(score.value <= 100);
    }

    #[test]
    fn raising_an_input_never_lowers_the_score(inputs in any_inputs(), circumstances in any_circumstances(), which in 0..3_usize) {
        let mut raised = inputs;
        let input = [&mut raised.impact, &mut raised.likelihood, &mut raised.confidence].into_iter().nth(which).unwrap();
        input.value = (input.value + 1).min(5);
        let score = |inputs: &Inputs| documented_rules().score(inputs, &circumstances).value;
        prop_assert!(score(&raised) >= score(&inputs));
    }

    #[test]
    fn joining_an_alert_never_lowers_the_score(
        one in any_inputs(), two in any_inputs(), before in any_circumstances(), privileged: bool, critical: bool,
    ) {
        let after = Circumstances {
            privileged_account: before.privileged_account || privileged,
            critical_asset: before.critical_asset || critical,
            alert_count: before.alert_count + 1,
            ..before
        };
        let rules = documented_rules();
        prop_assert!(rules.score(&one.joined_with(two), &after).value >= rules.score(&one, &before).value);
        prop_assert!(rules.score(&one.joined_with(two), &before).value >= rules.score(&two, &before).value);
    }
}

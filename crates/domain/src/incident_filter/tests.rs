//! Filters as parameters and as typed lines.

use proptest::prelude::*;

use super::{FILTER_PARAMETERS, FILTER_VALUES_MAX, IncidentFilter, parse_typed};

fn parameters(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| part.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

fn written(filter: &IncidentFilter) -> String {
    filter.parameters().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

#[test]
fn parameters_make_a_filter_and_a_filter_its_parameters() {
    let check = |text: &str, expected: &str| {
        let filter = IncidentFilter::parse(&parameters(text)).unwrap();
        assert_eq!(written(&filter), expected);
        assert_eq!(IncidentFilter::parse(&parameters(expected)).unwrap(), filter);
    };
    check("", "");
    check("state=classified,in_progress&state=new", "state=classified&state=in_progress&state=new");
    check("severity=high,s1,S2", "severity=S2&severity=S1");
    check("severity_at_least=medium", "severity_at_least=S3");
    check("verdict=malicious&incident_type=phishing,malware", "incident_type=phishing&incident_type=malware&verdict=malicious");
    check("assignee=me", "assignee=me");
    check("assignee=none", "assignee=none");
    check("assignee=jane", "assignee=jane");
    check("tag=a,b&tag=vip", "tag=a,b&tag=vip");
    check("source=wazuh,siem", "source=wazuh&source=siem");
    check("observable=ip:1.2.3.4&observable=fe80::1", "observable=ip:1.2.3.4&observable=fe80::1");
    check("risk_score_at_least=60&q= brute  force ", "risk_score_at_least=60&q=brute force");
    check("from=2026-03-11T10:00:00Z&to=2026-03-12T10:00:00Z", "from=2026-03-11T10:00:00.000Z&to=2026-03-12T10:00:00.000Z");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let check = |text: &str, expected: &[&str]| {
        let errors = IncidentFilter::parse(&parameters(text)).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), expected, "{text}");
    };
    check("state=open&severity=S9&nonsense=1", &["/state", "/severity", "/nonsense"]);
    check("state=", &["/state"]);
    check("q=a&q=b&assignee=me&assignee=none", &["/q", "/assignee"]);
    check("risk_score_at_least=101&from=yesterday&to=2026-03-11", &["/risk_score_at_least", "/from", "/to"]);
    check(
        "q= &tag= &assignee=&observable=ip:&source=a b&verdict=evil",
        &["/q", "/tag", "/assignee", "/observable", "/source", "/verdict"],
    );
    check("q=a\0b&tag=\0&observable=\0", &["/q", "/tag", "/observable"]);
    check(&format!("q={}", "x".repeat(257)), &["/q"]);
    let many: Vec<String> = (0..=FILTER_VALUES_MAX).map(|number| format!("tag=t{number}")).collect();
    check(&many.join("&"), &["/tag"]);
    assert!(FILTER_PARAMETERS.iter().all(|name| IncidentFilter::default().take(name, "\0").is_err()));
}

#[test]
fn a_filter_travels_as_its_parameters() {
    let json = r#"[["state","closed"],["q","brute"]]"#;
    let filter: IncidentFilter = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&filter).unwrap(), json);
    assert!(serde_json::from_str::<IncidentFilter>(r#"[["state","open"]]"#).is_err());
}

#[test]
fn a_typed_line_makes_a_filter() {
    let check = |line: &str, expected: &str| {
        let query = parse_typed(line);
        assert_eq!((written(&query.filter).as_str(), query.faults.len()), (expected, 0), "{line}");
        assert_eq!(parse_typed(&query.filter.to_typed()).filter, query.filter, "{line} and back");
    };
    check("", "");
    check("   ", "");
    check("brute force", "q=brute force");
    check("sev:S1 assignee:me ip:1.2.3.4", "severity=S1&assignee=me&observable=ip:1.2.3.4");
    check("sev:high,critical state:classified", "state=classified&severity=S2&severity=S1");
    check(
        "SEV:s2 Type:phishing tag:vip source:wazuh verdict:malicious",
        "severity=S2&incident_type=phishing&verdict=malicious&tag=vip&source=wazuh",
    );
    check("score>=60 sev>=high", "severity_at_least=S2&risk_score_at_least=60");
    check("tag:\"night shift\" rest", "tag=night shift&q=rest");
    check("user:\"jane \"\"j\"\" doe\"", "observable=user:jane \"j\" doe");
    check("hash:d41d8cd98f00b204e9800998ecf8427e", "observable=file_hash:d41d8cd98f00b204e9800998ecf8427e");
    check("url:http://evil.example/a?b=1", "observable=url:http://evil.example/a?b=1");
    check("http://evil.example/a", "q=http://evil.example/a");
    check("observable:fe80::1", "observable=fe80::1");
    check("\"state:closed\"", "q=state:closed");
    check("from:2026-03-11 before:2026-03-12T10:00:00Z", "from=2026-03-11T00:00:00.000Z&to=2026-03-12T10:00:00.000Z");
    check("assignee:none foo:bar", "assignee=none&q=foo:bar");
    check("unclosed \"quote here", "q=unclosed quote here");
}

#[test]
fn a_word_that_looks_like_a_filter_and_is_none_is_told() {
    let check = |line: &str, expected: &[&str]| {
        let faults = parse_typed(line).faults;
        assert_eq!(faults.iter().map(|fault| fault.word.as_str()).collect::<Vec<_>>(), expected, "{line}");
    };
    check("sev:S9 state:open brute", &["sev:S9", "state:open"]);
    check("assignee:me assignee:none", &["assignee:none"]);
    check("score>=many from:yesterday", &["score>=many", "from:yesterday"]);
    check("tag: ip:", &["tag:", "ip:"]);
}

proptest! {
    #[test]
    fn any_line_is_read_and_read_back(line in "\\PC{0,60}") {
        let filter = parse_typed(&line).filter;
        prop_assert_eq!(parse_typed(&filter.to_typed()).filter, filter);
    }
}

//! Lists of incidents: every filter alone and with others, every sort in both orders, pages through ties, and texts that mean harm.

use domain::id::IncidentId;
use domain::incident_filter::{IncidentFilter, IncidentSort, SortOrder, parse_typed};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use store::{IncidentSelection, PageRequest};

use crate::fixture::{Fixture, on_both};
use crate::scene::{add_people, request, user_id};

on_both! {
    each_filter_lets_its_incidents_pass
    a_search_finds_where_words_begin
    filters_combine
    each_sort_goes_both_ways
    pages_neither_lose_nor_repeat_while_rows_are_added
    a_search_takes_no_orders
    a_row_shows_the_first_observables
    what_joins_is_found_too
    a_list_costs_the_same_however_long_it_is
}

fn alerts() -> [Value; 5] {
    [
        json!({"incident_type": "brute_force", "title": "Brute force on Müller", "impact": 4, "likelihood": 4, "confidence": 3,
            "source": "wazuh", "src_ip": "91.23.11.9", "username": "müller", "tags": ["VIP", "vpn"]}),
        json!({"incident_type": "phishing", "title": "Phishing mail", "impact": 3, "likelihood": 3, "confidence": 3,
            "source": "mail-gateway", "url": "http://login.evil.example/a?b=1", "email": "eve@evil.example"}),
        json!({"incident_type": "malware", "title": "100% of the disk_is written", "severity": "critical",
            "source": "edr", "hostname": "ws-07", "file_hash": "d41d8cd98f00b204e9800998ecf8427e"}),
        json!({"incident_type": "malware", "title": "Beacon", "severity": "low", "source": "edr", "hostname": "ws-08",
            "dst_ip": "2001:db8::7", "tags": ["night shift"]}),
        json!({"incident_type": "phishing", "title": "Another mail", "impact": 3, "likelihood": 3, "confidence": 3,
            "source": "mail-gateway", "email": "bob@other.example"}),
    ]
}

/// Five incidents, 1 to 5, each a second after the one before.
async fn fill(fixture: &Fixture) {
    add_people(&fixture.store).await;
    for alert in alerts() {
        fixture.store.ingest(request(alert)).await.unwrap();
        fixture.surroundings.advance_ms(1_000);
    }
    let plain = fixture.plain().await;
    let analyst = user_id("analyst");
    for change in [
        format!("UPDATE incidents SET assignee = '{analyst}' WHERE id IN (1, 2)"),
        format!("UPDATE incidents SET assignee = '{}' WHERE id = 3", user_id("analyst2")),
        "UPDATE incidents SET state = 'in_progress', updated_at = updated_at + 60000 WHERE id = 2".to_owned(),
        "UPDATE incidents SET state = 'closed', verdict = 'malicious' WHERE id = 4".to_owned(),
    ] {
        plain.execute_unprepared(&change).await.unwrap();
    }
    plain.close().await.unwrap();
}

fn filter(parameters: &str) -> IncidentFilter {
    let pair = |part: &str| part.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    let pairs: Vec<_> = parameters.split('&').filter(|part| !part.is_empty()).map(pair).collect();
    IncidentFilter::parse(&pairs).unwrap()
}

async fn found(fixture: &Fixture, filter: IncidentFilter) -> Vec<i64> {
    let selection = IncidentSelection { filter, viewer: Some(user_id("analyst")), ..IncidentSelection::newest_first() };
    let page = fixture.store.incidents().list(&selection, PageRequest::first(50)).await.unwrap();
    page.items.iter().map(|incident| incident.id.number()).collect()
}

async fn check(fixture: &Fixture, parameters: &str, expected: &[i64]) {
    assert_eq!(found(fixture, filter(parameters)).await, expected, "{parameters}");
}

async fn each_filter_lets_its_incidents_pass(fixture: &Fixture) {
    fill(fixture).await;
    for (parameters, expected) in [
        ("", &[5, 4, 3, 2, 1][..]),
        ("state=in_progress", &[2]),
        ("state=closed,in_progress", &[4, 2]),
        ("state=new", &[]),
        ("severity=S1", &[3]),
        ("severity=S1,S3", &[3, 1]),
        ("severity_at_least=S3", &[3, 1]),
        ("severity_at_least=S5", &[5, 4, 3, 2, 1]),
        ("incident_type=phishing", &[5, 2]),
        ("incident_type=phishing,brute_force", &[5, 2, 1]),
        ("incident_type=unheard_of", &[]),
        ("verdict=malicious", &[4]),
        ("verdict=unknown", &[5, 3, 2, 1]),
        ("assignee=me", &[2, 1]),
        ("assignee=none", &[5, 4]),
        ("assignee=analyst2", &[3]),
        ("assignee=nobody-of-this-name", &[]),
        ("tag=vip", &[1]),
        ("tag=Night Shift", &[4]),
        ("source=edr", &[4, 3]),
        ("source=wazuh,mail-gateway", &[5, 2, 1]),
        ("observable=ip:91.23.11.9", &[1]),
        ("observable=91.23.11.9", &[1]),
        ("observable=host:91.23.11.9", &[]),
        ("observable=user:MÜLLER", &[1]),
        ("observable=ip:2001:db8::7", &[4]),
        ("observable=url:http://login.evil.example/a?b=1", &[2]),
        ("observable=d41d8cd98f00b204e9800998ecf8427e", &[3]),
        ("risk_score_at_least=51", &[3, 1]),
        ("from=2026-03-11T10:00:02Z", &[5, 4, 3]),
        ("to=2026-03-11T10:00:02Z", &[2, 1]),
        ("from=2026-03-11T10:00:01Z&to=2026-03-11T10:00:02Z", &[2]),
        ("from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", &[]),
    ] {
        check(fixture, parameters, expected).await;
    }
}

async fn a_search_finds_where_words_begin(fixture: &Fixture) {
    fill(fixture).await;
    for (text, expected) in [
        ("mail", &[5, 2][..]),
        ("phish", &[2]),
        ("PHISHING Mail", &[2]),
        ("mail another", &[5]),
        ("hishing", &[]),
        ("müller", &[1]),
        ("mü", &[1]),
        ("91.23", &[1]),
        ("evil.example", &[2]),
        ("login", &[2]),
        ("ws-0", &[4, 3]),
        ("2001:db8", &[4]),
        ("inc-0000000003", &[3]),
        ("0000000003", &[3]),
        ("disk_is", &[3]),
        ("100%", &[3]),
        ("100", &[3]),
        ("nothing at all", &[]),
    ] {
        check(fixture, &format!("q={text}"), expected).await;
    }
}

async fn filters_combine(fixture: &Fixture) {
    fill(fixture).await;
    for (parameters, expected) in [
        ("incident_type=phishing&q=mail&state=in_progress&assignee=me&source=mail-gateway&verdict=unknown", &[2][..]),
        ("incident_type=phishing&assignee=none", &[5]),
        ("tag=vip&tag=vpn", &[1]),
        ("tag=vip&tag=night shift", &[]),
        ("observable=host:ws-08&observable=ip:2001:db8::7", &[4]),
        ("observable=host:ws-08&observable=ip:91.23.11.9", &[]),
        ("source=edr&severity_at_least=S3&risk_score_at_least=90", &[3]),
        ("q=mail&from=2026-03-11T10:00:02Z&severity=S4", &[5]),
    ] {
        check(fixture, parameters, expected).await;
    }
    let typed = parse_typed("type:malware sev:critical host:ws-07 disk");
    assert_eq!((found(fixture, typed.filter).await, typed.faults.len()), (vec![3], 0));
    let nobody = IncidentSelection { filter: filter("assignee=me"), ..IncidentSelection::newest_first() };
    assert_eq!(fixture.store.incidents().list(&nobody, PageRequest::first(50)).await.unwrap().items, []);
}

async fn each_sort_goes_both_ways(fixture: &Fixture) {
    fill(fixture).await;
    use IncidentSort::{CreatedAt, RiskScore, UpdatedAt};
    for (sort, ascending) in [(CreatedAt, [1, 2, 3, 4, 5]), (UpdatedAt, [1, 3, 4, 5, 2]), (RiskScore, [4, 2, 5, 1, 3])] {
        let mut descending = ascending;
        descending.reverse();
        for (order, expected) in [(SortOrder::Ascending, ascending), (SortOrder::Descending, descending)] {
            for parameters in ["", "severity_at_least=S5&state=classified,in_progress,closed"] {
                let selection = IncidentSelection { sort, order, filter: filter(parameters), viewer: None };
                assert_eq!(pages(fixture, &selection, 2).await, expected, "{sort} {order} {parameters}");
            }
        }
    }
}

async fn pages(fixture: &Fixture, selection: &IncidentSelection, limit: u32) -> Vec<i64> {
    let mut request = PageRequest::first(limit);
    let mut seen = Vec::new();
    loop {
        let page = fixture.store.incidents().list(selection, request).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        seen.extend(page.items.iter().map(|incident| incident.id.number()));
        let Some(next) = page.next else { return seen };
        request.after = Some(next.to_string().parse().unwrap());
    }
}

async fn pages_neither_lose_nor_repeat_while_rows_are_added(fixture: &Fixture) {
    let post = |host: String| request(json!({"incident_type": "malware", "severity": "low", "hostname": host}));
    for host in 0..20 {
        // Four share each time, all share a score: their order is by id.
        fixture.surroundings.advance_ms(if host % 4 == 0 { 1_000 } else { 0 });
        fixture.store.ingest(post(format!("ws-{host}"))).await.unwrap();
    }
    for (sort, order) in IncidentSort::ALL.iter().flat_map(|sort| SortOrder::ALL.iter().map(|order| (*sort, *order))) {
        let first_of_new = fixture.store.incidents().count_open().await.unwrap() as i64 + 1;
        let selection = IncidentSelection { sort, order, ..IncidentSelection::newest_first() };
        let mut request = PageRequest::first(3);
        let mut seen = Vec::new();
        loop {
            let page = fixture.store.incidents().list(&selection, request).await.unwrap();
            seen.extend(page.items.iter().map(|incident| incident.id.number()));
            let Some(next) = page.next else { break };
            request.after = Some(next);
            if seen.len() < 10 {
                fixture.surroundings.advance_ms(1);
                fixture.store.ingest(post(format!("new-{sort}-{order}-{}", seen.len()))).await.unwrap();
            }
        }
        let old: Vec<i64> = seen.iter().copied().filter(|id| *id < first_of_new).collect();
        let mut expected: Vec<i64> = (1..first_of_new).collect();
        if order == SortOrder::Descending {
            expected.reverse();
        }
        assert_eq!(old, expected, "{sort} {order}");
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() >= expected.len(), "{sort} {order}: nothing twice");
    }
}

async fn a_search_takes_no_orders(fixture: &Fixture) {
    fill(fixture).await;
    for hostile in [
        "'; DROP TABLE incidents; --",
        "mail' OR '1'='1",
        "mail%",
        "%",
        "_",
        "*",
        "mail*",
        "NEAR(mail)",
        "\"mail",
        "mail\" OR \"beacon",
        "mail & !phishing",
        "mail:*",
        "mail <-> mail",
        "\\",
        "\u{10FFFF}",
        "\u{202E}liam",
        "mail\u{7f}",
        "#tag:vip",
        "(((((((",
        "title:mail",
        "$1",
        "?1",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "<script>alert(1)</script>",
        "🦀",
        "İ",
        "ﬀ",
    ] {
        let Ok(filter) = IncidentFilter::parse(&[("q".to_owned(), hostile.to_owned())]) else { continue };
        let ids = found(fixture, filter).await;
        assert!(ids.len() <= 5, "{hostile}");
    }
    check(fixture, "q=mail%", &[5, 2]).await;
    check(fixture, "q=#tag:vip", &[]).await;
    check(fixture, "tag=%", &[]).await;
    check(fixture, "", &[5, 4, 3, 2, 1]).await;
}

async fn a_row_shows_the_first_observables(fixture: &Fixture) {
    for user in ["ann", "bob", "cid", "ann", "dan"] {
        let alert = json!({"incident_type": "brute_force", "src_ip": "192.0.2.1", "username": user});
        fixture.store.ingest(request(alert)).await.unwrap();
    }
    let incident = fixture.store.incidents().get(IncidentId::new(1)).await.unwrap();
    let shown: Vec<String> = incident.entities.iter().map(|entity| format!("{} {}", entity.kind, entity.value)).collect();
    assert_eq!(
        (incident.alert_count, shown),
        (5, ["ip 192.0.2.1", "user ann", "user bob", "user cid"].map(String::from).to_vec())
    );
}

async fn what_joins_is_found_too(fixture: &Fixture) {
    for (source, user) in [("siem", "ann"), ("edr", "bob")] {
        let alert = json!({"incident_type": "brute_force", "src_ip": "192.0.2.1", "username": user, "source": source});
        fixture.store.ingest(request(alert)).await.unwrap();
    }
    for parameters in ["source=siem", "source=edr", "observable=user:ann", "observable=user:bob", "q=ann bob 192.0.2.1"] {
        check(fixture, parameters, &[1]).await;
    }
}

async fn a_list_costs_the_same_however_long_it_is(fixture: &Fixture) {
    fill(fixture).await;
    let statements = async |limit: u32| {
        let before = fixture.store.statement_count();
        fixture.store.incidents().list(&IncidentSelection::newest_first(), PageRequest::first(limit)).await.unwrap();
        fixture.store.statement_count() - before
    };
    assert_eq!((statements(3).await, statements(5).await), (2, 2));
}

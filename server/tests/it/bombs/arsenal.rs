//! The bombs, as a table: who throws what at which address, the status of the answer, and the words that name the limit.

use reqwest::Method;
use serde_json::{Value, json};

/// Somebody who may send such a document.
#[derive(Clone, Copy)]
pub enum Thrower {
    Source,
    Analyst,
    Admin,
}

/// A document, and what the server must say to it.
pub struct Bomb {
    pub name: &'static str,
    pub thrower: Thrower,
    pub method: Method,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub status: u16,
    pub says: &'static str,
}

const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";
const YAML: &str = "application/yaml";
const MIB: usize = 1024 * 1024;

/// All of them.
pub fn bombs() -> Vec<Bomb> {
    [alerts(), batches(), edits(), queries(), files(), expressions()].into_iter().flatten().collect()
}

fn bomb(
    name: &'static str,
    (thrower, path, kind): (Thrower, &str, &str),
    body: impl Into<Vec<u8>>,
    answer: (u16, &'static str),
) -> Bomb {
    let headers = vec![("content-type", kind.to_owned())];
    Bomb {
        name,
        thrower,
        method: Method::POST,
        path: path.to_owned(),
        headers,
        body: body.into(),
        status: answer.0,
        says: answer.1,
    }
}

fn nested(levels: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(levels), close.repeat(levels))
}

fn alerts() -> Vec<Bomb> {
    let alert = |name, body: Vec<u8>, answer| bomb(name, (Thrower::Source, "/api/v1/alerts", JSON), body, answer);
    let field = |name, field: &str, value: Value, says| {
        let body = json!({ "title": "x", field: value });
        alert(name, body.to_string().into_bytes(), (422, says))
    };
    let context = |inside: String| format!(r#"{{"title":"x","context":{inside}}}"#).into_bytes();
    let keys: Vec<String> = (0..150_000).map(|number| format!("\"{number}\":0")).collect();
    vec![
        alert("objects within objects", context(nested(65, r#"{"a":"#, "}")), (400, "nested over 64 levels")),
        alert("lists within lists", context(format!(r#"{{"a":{}}}"#, nested(65, "[", "]"))), (400, "nested over 64 levels")),
        alert("a million lists", "[".repeat(MIB).into_bytes(), (400, "nested over 64 levels")),
        alert("objects without an end", r#"{"a":"#.repeat(200_000).into_bytes(), (400, "nested over 64 levels")),
        alert("a key twice", br#"{"title":"x","title":"y"}"#.to_vec(), (400, "twice")),
        alert("a key twice, spelled in two ways", br#"{"title":"x","t\u0069tle":"y"}"#.to_vec(), (400, "twice")),
        alert("a key twice, deep inside", context(r#"{"a":[{"b":1,"b":2}]}"#.into()), (400, "twice")),
        alert("a number over all", context(r#"{"a":1e400}"#.into()), (400, "out of range")),
        alert("half a pair of surrogates", br#"{"title":"\ud800"}"#.to_vec(), (400, "line 1")),
        alert("a letter in more bytes than it needs", b"{\"title\":\"\xc0\xaf\"}".to_vec(), (400, "line 1")),
        alert("something after the end", br#"{"title":"x"}{"title":"y"}"#.to_vec(), (400, "trailing")),
        alert("no end", br#"{"title":"x""#.to_vec(), (400, "EOF")),
        alert("a body of blanks", vec![b' '; MIB + 1], (413, "at most 1048576 bytes")),
        alert("an object of many keys", context(format!("{{{}}}", keys.join(","))), (413, "at most 1048576 bytes")),
        alert("a long list", context(format!("[{}0]", "0,".repeat(MIB / 2))), (413, "at most 1048576 bytes")),
        field("a long title", "title", json!("x".repeat(513)), "at most 512 bytes"),
        field("a long host", "hostname", json!("x".repeat(256)), "at most 255 bytes"),
        field("a long account", "username", json!("ü".repeat(129)), "at most 256 bytes"),
        field("a long address", "url", json!("x".repeat(8_193)), "at most 8192 bytes"),
        field("a long domain", "domain", json!("a.".repeat(127) + "a"), "at most 253 bytes"),
        field("many tags", "tags", json!(vec!["x"; 65]), "at most 64 items"),
        field("a long tag", "tags", json!(["x".repeat(129)]), "at most 128 bytes"),
        field("a number that is too large", "impact", json!(u64::MAX), "an integer from 1 to 5"),
        field("a long id", "alert_id", json!("x".repeat(129)), "1 to 128"),
        field("a NUL", "raw_log", json!("a\0b"), "NUL"),
    ]
}

fn batches() -> Vec<Bomb> {
    let batch = |name, kind, body: String, answer| bomb(name, (Thrower::Source, "/api/v1/alerts/batch", kind), body, answer);
    let large = format!(r#"{{"title":"x","raw_log":"{}"}}"#, "x".repeat(MIB));
    let deep = format!(r#"{{"title":"x","context":{}}}"#, nested(65, r#"{"a":"#, "}"));
    vec![
        batch("many alerts", JSON, format!("[{}]", vec!["{}"; 1_001].join(",")), (422, "at most 1000 alerts")),
        batch("very many alerts", JSON, format!("[{}0]", "0,".repeat(2 * MIB)), (422, "at most 1000 alerts")),
        batch("many lines", NDJSON, "{}\n".repeat(1_001), (422, "at most 1000 alerts")),
        batch("a batch of blanks", JSON, " ".repeat(8 * MIB + 1), (413, "at most 8388608 bytes")),
        batch("lines without an end", NDJSON, "{\n".repeat(999), (400, "no line of the body is JSON")),
        // Of a batch each alert is answered by itself.
        batch("a line that is too long", NDJSON, large.clone(), (200, r#""status":413"#)),
        batch("an alert that is too long", JSON, format!("[{large}]"), (200, "1048576 bytes")),
        batch("an alert that is too deep", JSON, format!("[{deep}]"), (200, "nested over 64 levels")),
        batch("a list that is too deep", JSON, format!("[{}]", nested(MIB / 4, "[", "]")), (200, "nested over 64 levels")),
    ]
}

fn edits() -> Vec<Bomb> {
    let incident = "/api/v1/incidents/INC-0000000001";
    let post = |name, path: &str, body: Value, says| bomb(name, (Thrower::Analyst, path, JSON), body.to_string(), (422, says));
    let patch = |name, body: Value, says| Bomb { method: Method::PATCH, ..post(name, incident, body, says) };
    let deep = nested(65, "[", "]");
    vec![
        post("a long note", &format!("{incident}/notes"), json!({ "text": "x".repeat(16_385) }), "at most 16384 bytes"),
        post("a long task", &format!("{incident}/tasks"), json!({ "title": "x".repeat(513) }), "at most 512 bytes"),
        post(
            "a long reason",
            &format!("{incident}/transition"),
            json!({ "to": "closed", "reason": "x".repeat(4_097) }),
            "at most 4096 bytes",
        ),
        post("a long name of a view", "/api/v1/views", json!({ "name": "x".repeat(65) }), "at most 64 bytes"),
        post("a long line of a view", "/api/v1/views", json!({ "name": "x", "query": "x ".repeat(1_025) }), "at most 2048 bytes"),
        patch("long notes", json!({ "analyst_notes": "x".repeat(65_537) }), "at most 65536 bytes"),
        patch("many tags of an incident", json!({ "tags": (0..65).map(|n| n.to_string()).collect::<Vec<_>>() }), "at most 64"),
        bomb(
            "a deep note",
            (Thrower::Analyst, "/api/v1/incidents/INC-0000000001/notes", JSON),
            format!(r#"{{"text":{deep}}}"#),
            (400, "nested over 64 levels"),
        ),
        bomb(
            "a deep call of a page",
            (Thrower::Analyst, "/rpc/alerts/submit", JSON),
            format!(r#"{{"document":{}}}"#, nested(100_000, "[", "]")),
            (422, "expected a string"),
        ),
    ]
}

fn queries() -> Vec<Bomb> {
    let get = |name, query: String, says| Bomb {
        method: Method::GET,
        path: format!("/api/v1/incidents?{query}"),
        ..bomb(name, (Thrower::Analyst, "", JSON), "", (422, says))
    };
    let many: Vec<String> = (0..21).map(|number| format!("tag={number}")).collect();
    let note = bomb(
        "a long key of repetition",
        (Thrower::Analyst, "/api/v1/incidents/INC-0000000001/notes", JSON),
        r#"{"text":"x"}"#,
        (422, "1 to 128"),
    );
    let key = vec![("content-type", JSON.to_owned()), ("idempotency-key", "x".repeat(129))];
    vec![
        get("a long search", format!("q={}", "x".repeat(257)), "at most 256 bytes"),
        get("many values", many.join("&"), "at most 20 values"),
        get("a large page", "limit=201".to_owned(), "1 to 200"),
        Bomb { headers: key, ..note },
    ]
}

fn upload(name: &'static str, body: impl Into<Vec<u8>>, says: &'static str) -> Bomb {
    Bomb { method: Method::PUT, ..bomb(name, (Thrower::Admin, "/api/v1/playbooks/PB-BOMB", YAML), body, (422, says)) }
}

fn files() -> Vec<Bomb> {
    let laughs = (1..9).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
        format!("{text}a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(10))
    });
    let squared = format!("a: &a {}\nb: [{}]\n", "x".repeat(30_000), "*a, ".repeat(20));
    let blocks = (0..40).fold(String::new(), |text, n| format!("{text}{}a:\n", " ".repeat(n)));
    let steps: Vec<String> =
        (0..65).map(|n| format!("  - {{ id: s{n}, action: notify, with: {{ channel: soc, message: x }} }}\n")).collect();
    vec![
        upload("a billion laughs", laughs, "more than 10000 values"),
        upload("a long text many times", squared, "more than 262144 bytes of text"),
        upload("an anchor within itself", "a: &a [*a, *a]", "line 1"),
        upload("an anchor of nobody", "a: *nobody", "anchor"),
        upload("lists within lists", nested(33, "[", "]"), "nest deeper than 32 levels"),
        upload("maps within maps", nested(33, "{a: ", "}"), "nest deeper than 32 levels"),
        upload("lists of lines", "- ".repeat(30_000), "nest deeper than 32 levels"),
        upload("maps of lines", blocks, "nest deeper than 32 levels"),
        upload("brackets", "[".repeat(5_000), "more than 4000 opening brackets"),
        upload("values", format!("[{}]", "1,".repeat(10_001)), "more than 10000 values"),
        upload("a large file", "#".repeat(65_537), "at most 65536 are allowed"),
        upload("a key twice", "a: 1\na: 2", "stands twice"),
        upload("two documents", "a: 1\n---\nb: 2", "more than one document"),
        upload("a tag", "a: !!python/object/apply:os.system ['id']", "line 1"),
        upload("a number without an end", "a: .inf", "must be finite"),
        upload("a number over all", "a: 9007199254740992", "an integer must be within"),
        upload("no text", b"\xff\xfe".to_vec(), "not UTF-8"),
        upload("many steps", format!("id: PB-BOMB\nname: x\nincident_type: x\nactions:\n{}", steps.concat()), "64"),
        upload("a long name", playbook(&format!("name: {}\nwhen: 'true'", "x".repeat(129))), "1 to 128 bytes"),
        upload("a merge", playbook("approval: &a { quorum: 1 }\nclose_if: { <<: *a, reason: x }"), "`<<` is not known"),
    ]
}

fn playbook(inside: &str) -> String {
    let name = if inside.starts_with("name:") { "" } else { "name: x\n" };
    format!(
        "id: PB-BOMB\n{name}incident_type: x\n{inside}\nactions: [{{ id: tell, action: notify, with: {{ channel: soc, message: x }} }}]\n"
    )
}

fn expressions() -> Vec<Bomb> {
    let when = |name, source: String, says| upload(name, playbook(&format!("when: \"{source}\"")), says);
    let message = format!(
        "id: PB-BOMB\nname: x\nincident_type: x\nactions: [{{ id: tell, action: notify, with: {{ channel: soc, message: \"${{{{ {} }}}}\" }} }}]\n",
        "1+".repeat(600) + "1"
    );
    vec![
        when("a long expression", "1".repeat(1_025), "at most 1024 are allowed"),
        when("deep brackets", nested(33, "(", ")"), "deeper than 32 levels"),
        when("brackets without an end", "[".repeat(1_000), "deeper than 32 levels"),
        when("questions", "true?1:".repeat(33) + "1", "more than 32"),
        when("a deep tree", "1".to_owned() + &"+1".repeat(500), "deeper than 64 levels"),
        when("a chain of calls", "''".to_owned() + &".size()".repeat(140), "deeper than 64 levels"),
        when("loops in loops", "[1].map(a,[1].map(b,[1].map(c,1)))".to_owned(), "more than 2"),
        upload("a long expression in a text", message, "at most 1024 are allowed"),
    ]
}

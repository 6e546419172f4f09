//! The bytes of the leaf, member by member; the digests were made by another implementation of SHA-256.

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ActorKind, AuditAction, AuditActor, EntryDraft, Origin, Outcome, Seal, Target};
use crate::access::{Actor, KeyHolder, SignedIn};
use crate::digest::Digest;
use crate::id::{AlertId, ApiKeyId, ApprovalId, EntryId, IncidentId, RunId, UserId};
use crate::incident::State;
use crate::timestamp::Timestamp;
use crate::user::UserRef;

const USER: Uuid = Uuid::from_u128(0x0190_c2d4_0000_7000_8000_0000_0000_0001);
const ENTRY: Uuid = Uuid::from_u128(0x0190_c2d4_0000_7000_8000_0000_0000_000e);
const SALT: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

fn seal() -> Seal {
    Seal { seq: 7, id: EntryId::new(ENTRY), at: "2026-03-11T10:00:00.007Z".parse().unwrap(), salt: SALT }
}

fn analyst() -> Actor {
    let user = UserRef { id: UserId::new(USER), username: "ada".to_owned() };
    Actor::User(SignedIn { user, roles: Vec::new(), authenticated_at: Timestamp::from_unix_ms(0) })
}

#[test]
fn the_leaf_is_canonical_json_of_exactly_its_members() {
    let origin = Origin::request(&analyst(), "req-1".parse().unwrap());
    let incident = IncidentId::new(412);
    let sealed = EntryDraft::new(&origin, AuditAction::StateChanged, Target::incident(incident))
        .incident(incident)
        .fact_named("to", State::InProgress)
        .fact_named("from", State::Classified)
        .fact("quorum", 2)
        .detail(json!({"title": "Ada", "note": "é\n"}))
        .seal(seal());
    let expected = concat!(
        r#"{"action":"STATE_CHANGED","actor":{"id":"0190c2d4-0000-7000-8000-000000000001","kind":"user"},"#,
        r#""at":"2026-03-11T10:00:00.007Z","correlation_id":"req-1","#,
        r#""detail":"d8c51e3391c7a19e4268677e2cb412d11232b155db72beb10bbb05cb7c0a9897","#,
        r#""facts":{"from":"classified","quorum":2,"to":"in_progress"},"id":"0190c2d4-0000-7000-8000-00000000000e","#,
        r#""incident_id":"INC-0000000412","outcome":"ok","seq":7,"target":{"id":"INC-0000000412","kind":"incident"},"v":1}"#,
    );
    assert_eq!(sealed.leaf, expected);
    assert_eq!(sealed.leaf_hash().to_string(), "af971e4ac0e7e50a8505fcb66ca5d19c7b9c2ee234fe343218fe54243cc4e9d5");
    let detail = sealed.detail.unwrap();
    assert_eq!((detail.salt, detail.canonical.as_str()), (SALT, r#"{"note":"é\n","title":"Ada"}"#));
}

#[test]
fn what_is_not_known_is_null() {
    let sealed = EntryDraft::new(&Origin::system(), AuditAction::PlaybookLoaded, Target::playbook(&"PB-A".parse().unwrap()))
        .outcome(Outcome::Error)
        .seal(seal());
    let expected = json!({
        "v": 1, "seq": 7, "id": "0190c2d4-0000-7000-8000-00000000000e", "at": "2026-03-11T10:00:00.007Z",
        "actor": {"kind": "system", "id": null}, "action": "PLAYBOOK_LOADED", "target": {"kind": "playbook", "id": "PB-A"},
        "incident_id": null, "correlation_id": null, "outcome": "error", "facts": {}, "detail": null
    });
    assert_eq!(serde_json::from_str::<Value>(&sealed.leaf).unwrap(), expected);
    assert_eq!(sealed.detail, None);
}

#[test]
fn actors_are_recorded_by_kind_and_id() {
    let check = |actor: &Actor, kind: ActorKind, id: Option<&str>| {
        assert_eq!(AuditActor::from(actor), AuditActor { kind, id: id.map(str::to_owned) });
    };
    let key = KeyHolder { id: ApiKeyId::new(USER), name: "source".to_owned(), scopes: Vec::new(), source: None, hand_of: None };
    check(&analyst(), ActorKind::User, Some("0190c2d4-0000-7000-8000-000000000001"));
    check(&Actor::Key(key), ActorKind::ApiKey, Some("0190c2d4-0000-7000-8000-000000000001"));
    check(&Actor::System, ActorKind::System, None);
    check(&Actor::Anonymous, ActorKind::User, None);
}

#[test]
fn targets_are_recorded_by_kind_and_id() {
    let check = |target: Target, expected: &str| assert_eq!(format!("{} {}", target.kind, target.id), expected);
    check(Target::incident(IncidentId::new(1)), "incident INC-0000000001");
    check(Target::alert(AlertId::new(2)), "alert ALT-0000000002");
    check(Target::run(RunId::new(3)), "run RUN-0000000003");
    check(Target::approval(ApprovalId::new(4)), "approval APR-0000000004");
    check(Target::playbook(&"PB-PHISHING".parse().unwrap()), "playbook PB-PHISHING");
    check(Target::user(UserId::new(USER)), "user 0190c2d4-0000-7000-8000-000000000001");
    check(Target::api_key(ApiKeyId::new(USER)), "api_key 0190c2d4-0000-7000-8000-000000000001");
    check(Target::session("web"), "session web");
}

proptest! {
    #[test]
    fn the_leaf_is_spelled_as_another_implementation_of_rfc_8785_spells_it(
        name: String, text: String, number: f64, integer: i64, target: String
    ) {
        let draft = EntryDraft::new(&Origin::system(), AuditAction::NoteAdded, Target::session(&target));
        let sealed = draft.fact("text", text).fact("number", number).fact(&name, integer).seal(seal());
        let value = serde_json::from_str::<Value>(&sealed.leaf).unwrap();
        prop_assert_eq!(sealed.leaf, serde_json_canonicalizer::to_string(&value).unwrap());
        let plain = EntryDraft::new(&Origin::system(), AuditAction::NoteAdded, Target::session(&target)).fact("integer", integer % 1_000);
        let leaf = plain.seal(seal()).leaf;
        let value = serde_json::from_str::<Value>(&leaf).unwrap();
        prop_assert_eq!(leaf, serde_json_canonicalizer::to_string(&value).unwrap());
    }

    #[test]
    fn the_leaf_holds_only_the_digest_of_a_detail(text in "[a-z]{24}", salt: [u8; 16]) {
        let draft = EntryDraft::new(&Origin::system(), AuditAction::NoteAdded, Target::session("web"));
        let sealed = draft.detail(json!({"text": text})).seal(Seal { salt, ..seal() });
        let bytes = [salt.as_slice(), format!(r#"{{"text":"{text}"}}"#).as_bytes()].concat();
        let leaf = serde_json::from_str::<Value>(&sealed.leaf).unwrap();
        prop_assert_eq!(&leaf["detail"], &json!(Digest::of(&bytes).to_string()));
        prop_assert!(!sealed.leaf.contains(&text));
    }
}

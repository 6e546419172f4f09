//! The audit log as rows: appending entries at the head, and reading them with the names of those who acted. What an entry and its
//! leaf are is in `domain::audit`.

use std::collections::HashMap;

use domain::audit::verification::hash_start;
use domain::audit::{ActorKind, AuditAction, EntryDraft, Outcome, Seal, SealedEntry, Target};
use domain::id::{CorrelationId, EntryId, IncidentId};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, Set,
};
use serde_json::{Map, Value};
use transparency::{Hash, leaf_hash};

use crate::batch::Batch;
use crate::entity::{api_keys, audit_detail, audit_entries, audit_head, users};
use crate::error::StoreError;
use crate::nouns::{Audit, Reads};
use crate::page::{Cursor, Page, PageRequest};
use crate::rows::{big, json, time, word};
use crate::users::usernames;
use crate::write::{Tx, Writes};

mod actions;
mod checkpoints;
mod erasing;
mod exported;
mod facts;
mod leaves;
mod pending;
mod times;
pub(crate) mod tree;

use leaves::Leaf;

pub use checkpoints::{SignedHead, SigningKey};
pub use erasing::{Erased, Erasure};
pub use exported::ExportedEntry;
pub use facts::LoggedFacts;

/// Which entries a reader may see or asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditFilter {
    /// All of them.
    All,
    /// Those that concern some incident: no sign-ins, users, keys, settings.
    OfIncidents,
    /// Those that concern this incident.
    OfIncident(IncidentId),
}

/// The entries that a reader may see, and what they have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSelection {
    pub filter: AuditFilter,
    /// The name or the id of a person or a key, or [`SYSTEM`].
    pub actor: Option<String>,
    pub action: Option<AuditAction>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

/// Countersign itself, as an actor that can be asked for.
pub const SYSTEM: &str = "system";

impl From<AuditFilter> for AuditSelection {
    fn from(filter: AuditFilter) -> Self {
        Self { filter, actor: None, action: None, from: None, to: None }
    }
}

/// From which end the log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditOrder {
    NewestFirst,
    OldestFirst,
}

/// Who acted, with the name that they have now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedActor {
    pub kind: ActorKind,
    pub id: Option<String>,
    /// The username or the key's name.
    pub name: Option<String>,
}

/// An entry as it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    pub seq: i64,
    pub id: EntryId,
    pub at: Timestamp,
    pub actor: NamedActor,
    pub action: AuditAction,
    pub target: Target,
    pub incident_id: Option<IncidentId>,
    pub correlation_id: Option<CorrelationId>,
    pub outcome: Outcome,
    pub facts: Map<String, Value>,
    /// `None` if there never was one, or it has been erased.
    pub detail: Option<Value>,
    /// Which entry says that the detail was erased.
    pub erased: Option<Erasure>,
    /// The RFC 8785 JSON whose hash is in the tree.
    pub leaf: String,
}

/// What followers of the log need to know of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedChange {
    pub seq: i64,
    pub action: AuditAction,
    pub incident_id: Option<IncidentId>,
    leaf: String,
}

impl LoggedChange {
    /// What was changed.
    pub fn target(&self) -> Result<Target, StoreError> {
        leaves::target(self.seq, &self.leaf)
    }
}

impl<D: Reads> Audit<'_, D> {
    /// A page of entries.
    pub async fn list(
        &self,
        selection: impl Into<AuditSelection>,
        order: AuditOrder,
        request: PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let seq = audit_entries::Column::Seq;
        let after = request.after.map(|cursor| match order {
            AuditOrder::NewestFirst => seq.lt(cursor.number),
            AuditOrder::OldestFirst => seq.gt(cursor.number),
        });
        let selection = selection.into();
        let matching = audit_entries::Entity::find()
            .filter(self.within(&selection).await?)
            .filter(condition(selection, self.0.connected().get_database_backend())?)
            .filter(Condition::all().add_option(after));
        let sorted = match order {
            AuditOrder::NewestFirst => matching.order_by_desc(seq),
            AuditOrder::OldestFirst => matching.order_by_asc(seq),
        };
        let rows = sorted.limit(request.rows()).all(self.0.connected()).await?;
        let page = request.cut(rows, |row| Cursor { sort_key: 0, number: row.seq });
        Ok(Page { items: self.named(page.items).await?, next: page.next })
    }

    /// What was logged after this `seq`, in order; -1 starts at the beginning.
    pub async fn changes_after(&self, seq: i64, limit: u64) -> Result<Vec<LoggedChange>, StoreError> {
        let rows: Vec<(i64, String, Option<i64>, String)> = audit_entries::Entity::find()
            .select_only()
            .columns([audit_entries::Column::Seq, audit_entries::Column::Action])
            .columns([audit_entries::Column::IncidentId, audit_entries::Column::Leaf])
            .filter(audit_entries::Column::Seq.gt(seq))
            .order_by_asc(audit_entries::Column::Seq)
            .limit(limit)
            .into_tuple()
            .all(self.0.connected())
            .await?;
        rows.into_iter()
            .map(|(seq, action, incident, leaf)| {
                Ok(LoggedChange { seq, action: word(&action)?, incident_id: incident.map(IncidentId::new), leaf })
            })
            .collect()
    }

    /// How many entries the log has; the newest has this `seq` less one.
    pub async fn size(&self) -> Result<i64, StoreError> {
        let head = audit_head::Entity::find_by_id(HEAD).one(self.0.connected()).await?;
        head.map(|head| head.size).ok_or_else(|| StoreError::Corrupt("the audit log has no head".to_owned()))
    }

    async fn named(&self, rows: Vec<audit_entries::Model>) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = rows.into_iter().map(|row| Ok((leaves::read(row.seq, &row.leaf)?, row)));
        let rows: Vec<(Leaf, audit_entries::Model)> = rows.collect::<Result<_, StoreError>>()?;
        let ids_of = |kind: ActorKind| {
            let of_kind = rows.iter().filter(move |(leaf, _)| leaf.actor.kind == kind);
            of_kind.filter_map(|(leaf, _)| leaf.actor.id.clone()).collect()
        };
        let mut names = usernames(self.0.connected(), ids_of(ActorKind::User)).await?;
        names.extend(key_names(self.0.connected(), ids_of(ActorKind::ApiKey).into_iter().collect()).await?);
        let mut details = details(self.0.connected(), rows.iter().map(|(_, row)| row.entry_id.clone()).collect()).await?;
        let without = rows.iter().map(|(_, row)| &row.entry_id).filter(|id| !details.contains_key(*id)).cloned().collect();
        let mut erasures = erasing::erasures(self.0.connected(), without).await?;
        let named = |(leaf, row): (Leaf, audit_entries::Model)| {
            let erased = erasures.remove(&row.entry_id);
            Ok(AuditEntry { erased, ..entry(leaf, row, &names, &mut details)? })
        };
        rows.into_iter().map(named).collect()
    }
}

/// How many entries the log has, and how many of them are in its tree.
pub(crate) struct Grown {
    size: i64,
    tree_size: i64,
    /// The hashes at the edge of the tree before, one after another; none if they have to be looked up.
    edge: Option<Vec<u8>>,
}

/// What was appended.
pub(crate) struct Appended {
    /// How large the log is then.
    pub size: i64,
    /// What the entries record, in order.
    pub actions: Vec<AuditAction>,
}

impl Audit<'_, Tx> {
    /// Numbers, seals and inserts entries after the writes that come before; they are made while these are on their way. The head is that which
    /// this transaction has locked.
    pub(crate) async fn append(
        &self,
        head: Grown,
        before: Writes<'_>,
        drafts: impl Iterator<Item = EntryDraft>,
    ) -> Result<Appended, StoreError> {
        let surroundings = self.0.surroundings();
        let at = surroundings.now();
        let mut batch = Batch::on(self.0.connection());
        let insert = async {
            let seal = |seq| Seal { seq, id: EntryId::new(surroundings.uuid()), at, salt: surroundings.salt() };
            let sealed: Vec<SealedEntry> = drafts.zip(head.size..).map(|(draft, seq)| draft.seal(seal(seq))).collect();
            let actions = sealed.iter().map(|entry| entry.action).collect();
            Ok(Appended { size: self.insert(&mut batch, head, sealed).await?, actions })
        };
        let (sent, appended) = futures::join!(before.send(), insert);
        let appended = sent.and(appended)?;
        batch.send().await?;
        Ok(appended)
    }

    /// Has entries inserted at the end of the log whose head is locked; says how large the log is then.
    async fn insert(&self, batch: &mut Writes<'_>, head: Grown, entries: Vec<SealedEntry>) -> Result<i64, StoreError> {
        if entries.is_empty() {
            return Ok(head.size);
        }
        if head.tree_size != head.size {
            return Err(StoreError::Misconfigured("the audit log is not in its tree yet: migrate the database".to_owned()));
        }
        let grown = head.size + big(entries.len());
        let hashes: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry.leaf.as_bytes())).collect();
        let edge = self.grow(batch, &head, hashes.iter().copied()).await?;
        let (entries, details): (Vec<_>, Vec<_>) = entries.into_iter().zip(hashes).map(rows_of).unzip();
        batch.insert_often(entries);
        batch.insert_all(details.into_iter().flatten().collect());
        set_head(batch, grown, grown, edge);
        Ok(grown)
    }

    /// The size of the log, which stays so until the change ends.
    pub async fn locked_size(&self) -> Result<u64, StoreError> {
        Ok(self.lock_head().await?.size.unsigned_abs())
    }

    /// The head as it stays until the transaction ends, on PostgreSQL against other replicas too.
    pub(crate) async fn lock_head(&self) -> Result<Grown, StoreError> {
        let lock = Query::update()
            .table(audit_head::Entity)
            .value(audit_head::Column::Size, Expr::col(audit_head::Column::Size))
            .and_where(audit_head::Column::Id.eq(HEAD))
            .returning(Query::returning().columns([
                audit_head::Column::Size,
                audit_head::Column::TreeSize,
                audit_head::Column::Edge,
            ]))
            .to_owned();
        let row = self.0.connection().query_one(&lock).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt("the audit log has no head".to_owned()))?;
        Grown::read(&row)
    }
}

impl Grown {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self { size: row.try_get("", "size")?, tree_size: row.try_get("", "tree_size")?, edge: row.try_get("", "edge")? })
    }
}

fn set_head(batch: &mut Writes<'_>, size: i64, tree_size: i64, edge: Vec<u8>) {
    let head = audit_head::Entity::update_many()
        .col_expr(audit_head::Column::Size, Expr::value(size))
        .col_expr(audit_head::Column::TreeSize, Expr::value(tree_size))
        .col_expr(audit_head::Column::Edge, Expr::value(edge));
    batch.add(&head);
}

/// The key of the one row of `audit_head`.
const HEAD: i64 = 1;

fn condition(selection: AuditSelection, backend: DbBackend) -> Result<Condition, StoreError> {
    let incident = audit_entries::Column::IncidentId;
    let readable = match selection.filter {
        AuditFilter::All => None,
        AuditFilter::OfIncidents => Some(incident.is_not_null()),
        AuditFilter::OfIncident(id) => Some(incident.eq(id.number())),
    };
    let acted = selection.actor.map(|name| acted_by(&name, backend)).transpose()?;
    Ok(Condition::all().add_option(readable).add_option(selection.action.map(actions::acting)).add_option(acted))
}

/// What this actor did, whether the name is a person's or a key's, or the id of either.
fn acted_by(name: &str, backend: DbBackend) -> Result<Condition, StoreError> {
    let id = audit_entries::Column::ActorId;
    if name == SYSTEM {
        let system = leaves::actor_kind(backend)?.eq(ActorKind::System.as_str());
        return Ok(Condition::all().add(id.is_null()).add(system));
    }
    let people =
        Query::select().column(users::Column::Id).from(users::Entity).and_where(users::Column::Username.eq(name)).to_owned();
    let keys =
        Query::select().column(api_keys::Column::Id).from(api_keys::Entity).and_where(api_keys::Column::Name.eq(name)).to_owned();
    Ok(Condition::any().add(id.eq(name)).add(id.in_subquery(people)).add(id.in_subquery(keys)))
}

fn rows_of((entry, hash): (SealedEntry, Hash)) -> (audit_entries::ActiveModel, Option<audit_detail::ActiveModel>) {
    let entry_id = entry.id.to_string();
    let detail = entry.detail.map(|detail| audit_detail::ActiveModel {
        entry_id: Set(entry_id.clone()),
        salt: Set(hex::encode(detail.salt)),
        detail: Set(detail.canonical),
    });
    let row = audit_entries::ActiveModel {
        seq: Set(entry.seq),
        entry_id: Set(entry_id),
        at: Set(entry.at.unix_ms()),
        actor_id: Set(entry.actor_id),
        action: Set(entry.action.to_string()),
        incident_id: Set(entry.incident_id.map(IncidentId::number)),
        leaf: Set(entry.leaf),
        hash_start: Set(Some(hash_start(&hash.0))),
    };
    (row, detail)
}

async fn key_names<C: ConnectionTrait>(connection: &C, ids: Vec<String>) -> Result<HashMap<String, String>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let named = api_keys::Entity::find().select_only().columns([api_keys::Column::Id, api_keys::Column::Name]);
    let rows: Vec<(String, String)> = named.filter(api_keys::Column::Id.is_in(ids)).into_tuple().all(connection).await?;
    Ok(rows.into_iter().collect())
}

async fn details<C: ConnectionTrait>(connection: &C, ids: Vec<String>) -> Result<HashMap<String, String>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = audit_detail::Entity::find().filter(audit_detail::Column::EntryId.is_in(ids)).all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.entry_id, row.detail)).collect())
}

fn entry(
    leaf: Leaf,
    row: audit_entries::Model,
    names: &HashMap<String, String>,
    details: &mut HashMap<String, String>,
) -> Result<AuditEntry, StoreError> {
    let name = leaf.actor.id.as_ref().and_then(|id| names.get(id).cloned());
    Ok(AuditEntry {
        seq: row.seq,
        id: word(&row.entry_id)?,
        at: time(row.at),
        actor: NamedActor { kind: leaf.actor.kind, id: leaf.actor.id, name },
        action: word(&row.action)?,
        target: leaf.target,
        incident_id: row.incident_id.map(IncidentId::new),
        correlation_id: leaf.correlation_id,
        outcome: leaf.outcome,
        facts: leaf.facts,
        detail: details.remove(&row.entry_id).map(|detail| json(&detail)).transpose()?,
        erased: None,
        leaf: row.leaf,
    })
}

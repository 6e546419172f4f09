//! The guards of a database: its tables, triggers, constraints and functions, compared with those that this version makes. How either database
//! is asked for them stands in the files beside this one; here is what is wrong, and what is only named.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::collections::BTreeMap;
use std::fmt;

use sea_orm::{ConnectionTrait, DbBackend};

use crate::error::StoreError;
use crate::schema::{ChangeState, SchemaChange, changes_of};
use crate::store::Store;

/// A piece of the schema: its kind, and its name on its table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    pub kind: PieceKind,
    pub table: String,
    pub name: String,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PieceKind {
    Table,
    Column,
    Constraint,
    UniqueIndex,
    Trigger,
    Function,
    /// Rules are read from it.
    View,
    /// It makes a search faster, and guards nothing.
    Index,
    /// A rule, a policy: this version makes none.
    Other,
}

/// How a piece is, as far as that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub definition: String,
    pub is_enabled: bool,
}

/// The pieces of a schema.
pub(crate) type Pieces = BTreeMap<Piece, Form>;

/// Something that guards the data is not as this version makes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardFault {
    #[error("the {0} is missing")]
    Missing(Piece),
    #[error("the {0} is disabled")]
    Disabled(Piece),
    #[error("the {0} is not as this version makes it")]
    Altered(Piece),
    #[error("the change {0} of the schema is pending")]
    Pending(String),
    #[error("{0}, which disables triggers")]
    Setting(String),
}

/// How the guards of a database stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardReport {
    /// What is wrong: nothing of this may be served.
    pub faults: Vec<GuardFault>,
    /// What is there beside what this version makes, or differs without guarding anything.
    pub noted: Vec<String>,
}

/// How closely pieces are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The database has the changes that this version knows, and no others.
    Whole,
    /// A newer version has changed the schema: what this one knows must be there, and must not be disabled.
    Presence,
}

impl PieceKind {
    /// The kind of this name.
    fn read(word: &str) -> Self {
        match word {
            "table" => Self::Table,
            "column" => Self::Column,
            "constraint" => Self::Constraint,
            "unique_index" => Self::UniqueIndex,
            "trigger" => Self::Trigger,
            "function" => Self::Function,
            "view" => Self::View,
            "index" => Self::Index,
            _ => Self::Other,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Column => "column",
            Self::Constraint => "constraint",
            Self::UniqueIndex => "unique_index",
            Self::Trigger => "trigger",
            Self::Function => "function",
            Self::View => "view",
            Self::Index => "index",
            Self::Other => "other",
        }
    }

    fn is_guard(self) -> bool {
        !matches!(self, Self::Index | Self::Other)
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, table, name } = self;
        match kind {
            PieceKind::Table | PieceKind::Function => write!(f, "{} {name}", kind.word()),
            PieceKind::UniqueIndex => write!(f, "unique index {name} on {table}"),
            PieceKind::Other => write!(f, "{name} on {table}"),
            _ => write!(f, "{} {name} on {table}", kind.word()),
        }
    }
}

impl GuardReport {
    /// An error that names what is wrong, if anything is.
    pub fn expect_sound(&self) -> Result<(), StoreError> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let faults: Vec<String> = self.faults.iter().map(ToString::to_string).collect();
        Err(StoreError::Misconfigured(format!("its guards are not those of this version: {}", faults.join("; "))))
    }
}

impl Store {
    /// Compares the guards of the database with those that this version makes; takes some hundredths of a second.
    pub async fn check_guards(&self) -> Result<GuardReport, StoreError> {
        check(self.reads()).await
    }

    /// The pieces of the schema, a line each: what the file of a version holds.
    pub async fn guard_lines(&self) -> Result<String, StoreError> {
        Ok(lines(&found(self.reads()).await?))
    }
}

/// Compares the guards of the database behind this connection, which is only read.
pub(crate) async fn check<C: ConnectionTrait>(connection: &C) -> Result<GuardReport, StoreError> {
    let changes = changes_of(connection).await?;
    let pending: Vec<GuardFault> = named(&changes, ChangeState::Pending).map(GuardFault::Pending).collect();
    if !pending.is_empty() {
        return Ok(GuardReport { faults: pending, noted: Vec::new() });
    }
    let newer: Vec<String> = named(&changes, ChangeState::Unknown).collect();
    let extent = if newer.is_empty() { Extent::Whole } else { Extent::Presence };
    let found = found(connection).await?;
    let mut report = match connection.get_database_backend() {
        DbBackend::Sqlite => compare(sqlite::expected().await?, &found, extent),
        _ => {
            let mut report = compare(postgres::expected(), &found, extent);
            report.faults.extend(postgres::settings(connection).await?);
            report
        }
    };
    report.noted.extend(newer.into_iter().map(|name| format!("the change {name} of a newer version")));
    Ok(report)
}

/// The same of a SQLite database that may be from before the newest changes.
pub(crate) async fn check_older<C: ConnectionTrait>(connection: &C, changes: &[SchemaChange]) -> Result<GuardReport, StoreError> {
    let applied = changes.iter().take_while(|change| change.state == ChangeState::Applied).count();
    let is_older = applied > 0 && changes[applied..].iter().all(|change| change.state == ChangeState::Pending);
    if !is_older {
        return check(connection).await;
    }
    let made = sqlite::made_by(Some(u32::try_from(applied).unwrap_or(u32::MAX))).await?;
    Ok(compare(&made, &found(connection).await?, Extent::Whole))
}

fn named(changes: &[SchemaChange], state: ChangeState) -> impl Iterator<Item = String> {
    changes.iter().filter(move |change| change.state == state).map(|change| change.name.clone())
}

async fn found<C: ConnectionTrait>(connection: &C) -> Result<Pieces, StoreError> {
    match connection.get_database_backend() {
        DbBackend::Sqlite => sqlite::pieces(connection).await,
        _ => postgres::pieces(connection).await,
    }
}

/// What is wrong with the pieces that were found, and what else is to be said of them.
pub(crate) fn compare(expected: &Pieces, found: &Pieces, extent: Extent) -> GuardReport {
    let mut report = GuardReport::default();
    for (piece, form) in expected {
        let fault = match found.get(piece) {
            None => Some(GuardFault::Missing(piece.clone())),
            Some(found) if !found.is_enabled => Some(GuardFault::Disabled(piece.clone())),
            Some(found) if extent == Extent::Whole && found.definition != form.definition => {
                Some(GuardFault::Altered(piece.clone()))
            }
            Some(_) => None,
        };
        match fault {
            Some(fault) if piece.kind.is_guard() => report.faults.push(fault),
            Some(fault) => report.noted.push(fault.to_string()),
            None => {}
        }
    }
    let added = found.keys().filter(|piece| !expected.contains_key(*piece));
    report.noted.extend(added.filter(|piece| !is_of_added(piece, expected)).map(|piece| format!("an additional {piece}")));
    report
}

/// The columns and so on of an additional table are named with it.
fn is_of_added(piece: &Piece, expected: &Pieces) -> bool {
    let table = Piece { kind: PieceKind::Table, table: piece.table.clone(), name: piece.table.clone() };
    let stands_alone = matches!(piece.kind, PieceKind::Table | PieceKind::View | PieceKind::Function | PieceKind::Other);
    !stands_alone && !expected.contains_key(&table)
}

/// A line for each piece: its kind, table and name, and its definition, in which line ends are written as `\n`.
fn lines(pieces: &Pieces) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('\n', "\\n");
    let line = |(piece, form): (&Piece, &Form)| {
        format!("{}\t{}\t{}\t{}\n", piece.kind.word(), piece.table, piece.name, escaped(&form.definition))
    };
    pieces.iter().map(line).collect()
}

/// The pieces of such lines.
fn read_lines(text: &str) -> Pieces {
    let piece = |line: &str| {
        let mut parts = line.splitn(4, '\t');
        let (kind, table, name, definition) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let piece = Piece { kind: PieceKind::read(kind), table: table.to_owned(), name: name.to_owned() };
        Some((piece, Form { definition: unescaped(definition), is_enabled: true }))
    };
    text.lines().filter_map(piece).collect()
}

fn unescaped(text: &str) -> String {
    let mut letters = text.chars();
    let mut read = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => read.push(if letters.next() == Some('n') { '\n' } else { '\\' }),
            other => read.push(other),
        }
    }
    read
}

#[cfg(test)]
mod tests;

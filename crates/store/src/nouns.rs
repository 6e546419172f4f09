//! The doors to the tables: each noun can be read from a `Store` and from a `Tx`, and changed only from a `Tx`. What each offers stands
//! in the file of that noun.

use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QuerySelect, Select};

use crate::store::Store;
use crate::write::Tx;

impl Reads for Store {}
impl Reads for Tx {}

/// The connection behind it; not for use outside this crate.
pub trait Connected: Sync {
    #[doc(hidden)]
    type Connection: ConnectionTrait;

    #[doc(hidden)]
    fn connected(&self) -> &Self::Connection;

    /// A row that a change decides upon is locked until the change ends, so that nobody else decides upon it meanwhile. On SQLite
    /// there is one writer, and nothing to lock. Where several rows are locked the order is: approval, run, incident.
    #[doc(hidden)]
    fn for_decision<E: EntityTrait>(&self, rows: Select<E>) -> Select<E>;

    /// Rows that a change relies upon but does not change stay as they are until the change ends; others may rely upon them too.
    /// Such are people; a change of a person locks none of the others.
    #[doc(hidden)]
    fn for_reliance<E: EntityTrait>(&self, rows: Select<E>) -> Select<E>;
}

impl Connected for Store {
    type Connection = DatabaseConnection;

    fn connected(&self) -> &DatabaseConnection {
        self.reads()
    }

    fn for_decision<E: EntityTrait>(&self, rows: Select<E>) -> Select<E> {
        rows
    }

    fn for_reliance<E: EntityTrait>(&self, rows: Select<E>) -> Select<E> {
        rows
    }
}

impl Connected for Tx {
    type Connection = DatabaseTransaction;

    fn connected(&self) -> &DatabaseTransaction {
        self.connection()
    }

    fn for_decision<E: EntityTrait>(&self, rows: Select<E>) -> Select<E> {
        rows.lock(LockType::NoKeyUpdate)
    }

    fn for_reliance<E: EntityTrait>(&self, rows: Select<E>) -> Select<E> {
        rows.lock(LockType::Share)
    }
}

macro_rules! nouns {
    ($($method:ident $Noun:ident $what:literal;)+) => {
        $(
            #[doc = $what]
            #[derive(Clone, Copy)]
            pub struct $Noun<'a, D>(pub(crate) &'a D);
        )+

        /// Where rows are read: a [`Store`] (committed rows) or a [`Tx`] (also its own changes).
        pub trait Reads: Connected + Sized {
            $(
                #[doc = $what]
                fn $method(&self) -> $Noun<'_, Self> {
                    $Noun(self)
                }
            )+
        }

        impl Store {
            $(
                #[doc = $what]
                #[must_use]
                pub fn $method(&self) -> $Noun<'_, Self> {
                    $Noun(self)
                }
            )+
        }

        impl Tx {
            $(
                #[doc = $what]
                #[must_use]
                pub fn $method(&self) -> $Noun<'_, Self> {
                    $Noun(self)
                }
            )+
        }
    };
}

nouns! {
    users Users "People who can sign in.";
    sessions Sessions "Browser sessions.";
    api_keys ApiKeys "API keys.";
    links Links "One-time links.";
    alerts Alerts "Alerts, raw and normalised.";
    incidents Incidents "Incidents.";
    marks Marks "What was done once, and how far the log was followed.";
    notifications Notifications "Messages of Countersign itself.";
    outbox_messages OutboxMessages "Messages that go out as files.";
    notes Notes "Notes on incidents.";
    tasks Tasks "Tasks of incidents.";
    evidence_files EvidenceFiles "Files kept with incidents.";
    playbook_uploads PlaybookUploads "Which version of a playbook was uploaded by whom.";
    playbook_versions PlaybookVersions "Every version of a playbook that was in force.";
    plans Plans "Plans, by digest.";
    runs Runs "Runs and their steps.";
    saved_views SavedViews "Lists of incidents that people keep.";
    effects Effects "Effects: intents on record before a connector is called.";
    approvals Approvals "Approvals, their votes and grants.";
    jobs Jobs "Work that waits or is being done.";
    audit Audit "The audit log.";
    kept_answers KeptAnswers "Answers that are given again to whoever repeats a request.";
}

//! The numbers in ids such as `INC-0000000412`: from a sequence on PostgreSQL, from a counter on SQLite, where a change that is rolled
//! back gives its numbers back.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::error::StoreError;
use crate::write::Tx;

/// What is numbered.
#[derive(Clone, Copy)]
pub enum Numbered {
    Incidents,
    Alerts,
    Runs,
    Approvals,
    Notes,
    Tasks,
    Evidence,
    Jobs,
    PlaybookUploads,
    Notifications,
    AccountChanges,
}

impl Numbered {
    fn name(self) -> &'static str {
        match self {
            Self::Incidents => "incidents",
            Self::Alerts => "alerts",
            Self::Runs => "runs",
            Self::Approvals => "approvals",
            Self::Notes => "notes",
            Self::Tasks => "tasks",
            Self::Evidence => "evidence",
            Self::Jobs => "jobs",
            Self::PlaybookUploads => "playbook_uploads",
            Self::Notifications => "notifications",
            Self::AccountChanges => "account_changes",
        }
    }
}

impl Tx {
    /// The next number.
    pub(crate) async fn next_number(&self, of: Numbered) -> Result<i64, StoreError> {
        let numbers = self.next_numbers(of, 1).await?;
        numbers.first().copied().ok_or_else(|| StoreError::Database("no number was given".to_owned()))
    }

    /// The next numbers, in rising order, with one statement.
    pub(crate) async fn next_numbers(&self, of: Numbered, count: usize) -> Result<Vec<i64>, StoreError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let connection = self.connection();
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        if connection.get_database_backend() == DbBackend::Sqlite {
            let sql = "UPDATE counters SET value = value + $1 WHERE name = $2 RETURNING value";
            let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [count.into(), of.name().into()]);
            let row = connection.query_one_raw(statement).await?;
            let row = row.ok_or_else(|| StoreError::Corrupt(format!("there is no counter {}", of.name())))?;
            let last: i64 = row.try_get("", "value")?;
            return Ok((last - count + 1..=last).collect());
        }
        let sql = format!("SELECT nextval('{}_number') AS value FROM generate_series(1, $1)", of.name());
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [count.into()]);
        let rows = connection.query_all_raw(statement).await?;
        let mut numbers = rows.iter().map(|row| row.try_get("", "value")).collect::<Result<Vec<i64>, _>>()?;
        numbers.sort_unstable();
        Ok(numbers)
    }
}

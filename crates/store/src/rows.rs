//! How columns are read and written: words, times, ids, JSON, and many rows at once. Which columns there are stands in `entity`.

use std::fmt::Display;
use std::str::FromStr;

use domain::timestamp::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::batch::Batch;
use crate::error::StoreError;

/// The value that a word, id or digest in a column stands for.
pub fn word<T: FromStr<Err: Display>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|error| StoreError::Corrupt(format!("{text:?}: {error}")))
}

/// The same for a column that may be null.
pub fn maybe_word<T: FromStr<Err: Display>>(text: Option<&str>) -> Result<Option<T>, StoreError> {
    text.map(word).transpose()
}

/// The values of a column that holds words with one space between them.
pub fn words<T: FromStr<Err: Display>>(text: &str) -> Result<Vec<T>, StoreError> {
    text.split(' ').filter(|part| !part.is_empty()).map(word).collect()
}

/// Words with one space between them.
pub fn join_words<T: Display>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The value of a column that holds JSON.
pub fn json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The same for a column that may be null.
pub fn maybe_json<T: DeserializeOwned>(text: Option<&str>) -> Result<Option<T>, StoreError> {
    text.map(json).transpose()
}

/// A value of ours as JSON text.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The time in a column.
pub fn time(unix_ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(unix_ms)
}

/// The time in a column that may be null.
pub fn maybe_time(unix_ms: Option<i64>) -> Option<Timestamp> {
    unix_ms.map(time)
}

/// A number in a column as the smaller type that it is.
pub fn small<T: TryFrom<i64>>(number: i64) -> Result<T, StoreError> {
    T::try_from(number).map_err(|_| StoreError::Corrupt(format!("{number} is out of range")))
}

/// A number that must be there, such as a count of rows, as the column's type.
pub fn big(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Inserts rows with as few statements as the limit of parameters allows.
pub async fn insert_all<C, A>(connection: &C, rows: Vec<A>) -> Result<(), StoreError>
where
    C: ConnectionTrait,
    A: ActiveModelTrait + Send,
{
    let mut batch = Batch::on(connection);
    batch.insert_all(rows);
    batch.send().await
}

/// The same, where a row with the same key may be there already.
pub async fn insert_all_or<C, A>(connection: &C, rows: Vec<A>, known: OnConflict) -> Result<(), StoreError>
where
    C: ConnectionTrait,
    A: ActiveModelTrait + Send,
{
    let mut batch = Batch::on(connection);
    batch.insert_all_or(rows, &known);
    batch.send().await
}

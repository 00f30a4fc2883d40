//! The SQL of the counters. Who reads finds the generation that counts in the same statement.

use crate::counted::{Counted, Metric, Sum};
use db::{Date, Executor, Result, Tx, columns, params, statements};
use uuid::Uuid;

columns! {
    /// What was counted on a day under two keys.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Day {
        /// The day.
        pub day: Date,
        /// The first key, as the metric says.
        pub key1: String,
        /// The second one.
        pub key2: String,
        /// The currency, where money is counted.
        pub currency: String,
        /// How often.
        pub count: i64,
        /// How much, in minor units.
        pub sum_minor: i64,
    }
    struct Counter {
        generation: i64,
        metric: String,
        day: Date,
        key1: String,
        key2: String,
        currency: String,
        count: i64,
        sum_minor: i64,
    }
    struct Active { generation: i64, day: Date, user_id: Uuid }
    struct Person { generation: i64, metric: String, username: String, count: i64 }
    /// Which generation counts.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Current {
        pub(crate) generation: i64,
        pub(crate) position: i64,
    }
}

macro_rules! in_one_only {
    ($table:literal, $columns:literal) => {
        concat!(
            "SELECT COUNT(*) FROM (SELECT * FROM (SELECT ",
            $columns,
            " FROM ",
            $table,
            " WHERE generation = $1
                 EXCEPT SELECT ",
            $columns,
            " FROM ",
            $table,
            " WHERE generation = $2) AS gone
             UNION ALL SELECT * FROM (SELECT ",
            $columns,
            " FROM ",
            $table,
            " WHERE generation = $2
                 EXCEPT SELECT ",
            $columns,
            " FROM ",
            $table,
            " WHERE generation = $1) AS come) AS differing"
        )
    };
}

statements! {
    SELECT_CURRENT -> Current = "SELECT {columns} FROM analytics_current WHERE id = 1";
    LOCK_CURRENT -> Current = "SELECT {columns} FROM analytics_current WHERE id = 1 FOR UPDATE";
    MOVE_CURRENT = "UPDATE analytics_current SET generation = $1, position = $2 WHERE id = 1";
    ADD_DAILY(Counter) =
        "INSERT INTO analytics_daily ({columns}) VALUES ({values})
         ON CONFLICT (generation, metric, day, key1, key2, currency)
         DO UPDATE SET count = analytics_daily.count + excluded.count,
                       sum_minor = analytics_daily.sum_minor + excluded.sum_minor";
    ADD_ACTIVE(Active) =
        "INSERT INTO analytics_active ({columns}) VALUES ({values}) ON CONFLICT (generation, day, user_id) DO NOTHING";
    ADD_PEOPLE(Person) =
        "INSERT INTO analytics_person ({columns}) VALUES ({values})
         ON CONFLICT (generation, metric, username) DO UPDATE SET count = analytics_person.count + excluded.count";
    SELECT_DAILY -> Day =
        "SELECT {columns} FROM analytics_daily
         WHERE generation = (SELECT generation FROM analytics_current WHERE id = 1)
           AND metric = $1 AND day >= $2 AND day <= $3 ORDER BY day, key1, key2, currency";
    COUNT_ACTIVE -> i64 =
        "SELECT COUNT(DISTINCT user_id) FROM analytics_active JOIN auth_user ON user_id = auth_user.id
         WHERE generation = (SELECT generation FROM analytics_current WHERE id = 1)
           AND day >= $1 AND day <= $2 AND role = 'customer'";
    SELECT_TOTAL -> i64 =
        "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM analytics_daily
         WHERE generation = (SELECT generation FROM analytics_current WHERE id = 1) AND metric = $1";
    SELECT_PEOPLE -> (String, i64) =
        "SELECT username, count FROM analytics_person
         WHERE generation = (SELECT generation FROM analytics_current WHERE id = 1) AND metric = $1
         ORDER BY count DESC, username LIMIT $2";
    COUNT_DIFFERING_DAYS -> i64 =
        in_one_only!("analytics_daily", "metric, day, key1, key2, currency, count, sum_minor");
    COUNT_DIFFERING_ACTIVE -> i64 = in_one_only!("analytics_active", "day, user_id");
    COUNT_DIFFERING_PEOPLE -> i64 = in_one_only!("analytics_person", "metric, username, count");
    CLEAR_DAILY = "DELETE FROM analytics_daily WHERE generation <> $1";
    CLEAR_ACTIVE = "DELETE FROM analytics_active WHERE generation <> $1";
    CLEAR_PEOPLE = "DELETE FROM analytics_person WHERE generation <> $1";
}

pub(crate) async fn current(on: &impl Executor) -> Result<Current> {
    on.query_one(&SELECT_CURRENT, params![]).await
}

/// Nobody else counts until the transaction ends.
pub(crate) async fn lock_current_in_tx(tx: &Tx) -> Result<Current> {
    tx.query_one(&LOCK_CURRENT, params![]).await
}

pub(crate) async fn move_current_in_tx(tx: &Tx, generation: i64, position: i64) -> Result<()> {
    tx.execute(&MOVE_CURRENT, params![generation, position]).await.map(drop)
}

/// Adds what was counted to a generation.
pub(crate) async fn add_in_tx(tx: &Tx, generation: i64, counted: Counted) -> Result<()> {
    let Counted { daily, people, active } = counted;
    let counter = |(key, sum): (crate::counted::Key, Sum)| Counter {
        generation,
        metric: key.metric.word().to_owned(),
        day: key.day,
        key1: key.key1,
        key2: key.key2,
        currency: key.currency,
        count: sum.count,
        sum_minor: sum.minor,
    };
    let person = |((metric, username), count): ((Metric, String), i64)| Person {
        generation,
        metric: metric.word().to_owned(),
        username,
        count,
    };
    tx.execute_rows(&ADD_DAILY, daily.into_iter().map(counter)).await?;
    tx.execute_rows(&ADD_PEOPLE, people.into_iter().map(person)).await?;
    let active = active.into_iter().map(|(day, user_id)| Active { generation, day, user_id });
    tx.execute_rows(&ADD_ACTIVE, active).await.map(drop)
}

pub(crate) async fn daily(on: &impl Executor, metric: Metric, from: Date, to: Date) -> Result<Vec<Day>> {
    on.query_as(&SELECT_DAILY, params![metric.word(), from, to]).await
}

pub(crate) async fn active_customers(on: &impl Executor, from: Date, to: Date) -> Result<i64> {
    on.query_one(&COUNT_ACTIVE, params![from, to]).await
}

pub(crate) async fn total(on: &impl Executor, metric: Metric) -> Result<i64> {
    on.query_one(&SELECT_TOTAL, params![metric.word()]).await
}

pub(crate) async fn by_person(on: &impl Executor, metric: Metric, limit: u32) -> Result<Vec<(String, i64)>> {
    on.query_as(&SELECT_PEOPLE, params![metric.word(), limit]).await
}

/// How many rows only one of two generations has.
pub(crate) async fn differing(on: &impl Executor, one: i64, other: i64) -> Result<i64> {
    let days = on.query_one(&COUNT_DIFFERING_DAYS, params![one, other]).await?;
    let active = on.query_one(&COUNT_DIFFERING_ACTIVE, params![one, other]).await?;
    Ok(days + active + on.query_one(&COUNT_DIFFERING_PEOPLE, params![one, other]).await?)
}

pub(crate) async fn clear_in_tx(tx: &Tx, current: i64) -> Result<()> {
    for statement in [&CLEAR_DAILY, &CLEAR_ACTIVE, &CLEAR_PEOPLE] {
        tx.execute(statement, params![current]).await?;
    }
    Ok(())
}

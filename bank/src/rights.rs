//! What the role that serves may delete on PostgreSQL, compared with what the program deletes. Only a test.

use std::collections::BTreeSet;

/// What the documentation tells the owner to run.
const GRANTS: &str = include_str!("../../deploy/postgres/grants.sql");

/// The table behind each of these words in an SQL text.
fn tables_after<'a>(words: &str, text: &'a str) -> impl Iterator<Item = &'a str> {
    let starts: Vec<usize> = text.match_indices(words).map(|(place, _)| place + words.len()).collect();
    starts.into_iter().filter_map(|start| text[start..].split_whitespace().next())
}

/// What the program deletes only as the owner, for a command.
const OF_COMMANDS: &str = "stream_subscription";

/// The tables of the first place after these words where the file says what may be deleted.
fn granted_after(text: &str) -> (BTreeSet<&str>, &str) {
    let (_, granted) = text.split_once("GRANT DELETE ON").expect("the file grants it");
    let (granted, rest) = granted.split_once("TO florin_serve").expect("the file says to whom");
    (granted.split(',').map(str::trim).collect(), rest)
}

#[test]
fn the_role_that_serves_may_delete_where_the_program_deletes_and_nowhere_else() {
    let deleted: BTreeSet<&str> = db::all_statements()
        .flat_map(|statement| tables_after("DELETE FROM ", statement.sql(db::Engine::Postgres)))
        .collect();
    let (granted, rest) = granted_after(GRANTS);
    let (with_a_bound, _) = granted_after(rest);
    assert_eq!(with_a_bound, BTreeSet::from(["events_outbox", "stream_page"]), "nobody else forgets events");
    let named: BTreeSet<&str> = granted.union(&with_a_bound).copied().chain([OF_COMMANDS]).collect();
    assert_eq!(named, deleted, "deploy/postgres/grants.sql (left) and the statements (right) differ");
}

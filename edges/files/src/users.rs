//! The users file: a CSV of people with the password hashes that another system made of their passwords.

use csv::StringRecord;
use identity::{ImportError, ImportedUser};
use std::io::Read;

/// The header that the file must have.
pub const USERS_HEADER: [&str; 4] = ["username", "email", "role", "password_hash"];

/// The rows of a users file, in its order. A row that cannot be read is an error that names its line.
///
/// # Errors
/// The header is not the one that the file must have.
pub fn user_rows<R: Read>(file: R) -> Result<impl Iterator<Item = Result<ImportedUser, ImportError>>, ImportError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file);
    let header = reader.headers().map_err(|error| unreadable(&error))?;
    if header.iter().collect::<Vec<_>>() != USERS_HEADER {
        let reason = format!("the header must be {}", USERS_HEADER.join(","));
        return Err(ImportError::Row { line: 1, reason });
    }
    Ok(reader.into_records().map(|record| {
        let record = record.map_err(|error| unreadable(&error))?;
        read(&record, record.position().map_or(0, csv::Position::line))
    }))
}

fn read(record: &StringRecord, line: u64) -> Result<ImportedUser, ImportError> {
    let fields: Vec<&str> = record.iter().collect();
    let [username, email, role, password_hash] = fields[..] else {
        let reason = format!("has {} fields instead of {}", fields.len(), USERS_HEADER.len());
        return Err(ImportError::Row { line, reason });
    };
    let if_given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Ok(ImportedUser {
        line,
        username: username.to_owned(),
        email: if_given(email),
        role: if_given(role),
        password_hash: password_hash.to_owned(),
    })
}

/// What cannot be read is not repeated: it may hold hashes.
fn unreadable(error: &csv::Error) -> ImportError {
    let line = error.position().map_or(1, csv::Position::line);
    ImportError::Row { line, reason: "is no CSV in UTF-8".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<ImportedUser>, String> {
        user_rows(text.as_bytes()).and_then(Iterator::collect).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_read_as_they_stand_and_empty_fields_are_absent() {
        let rows = rows("username,email,role,password_hash\nann,ann@example.com,teller,h1\n bob ,,,h2\n").unwrap();
        assert_eq!((rows[0].line, rows[0].username.as_str(), rows[0].password_hash.as_str()), (2, "ann", "h1"));
        assert_eq!((rows[0].email.as_deref(), rows[0].role.as_deref()), (Some("ann@example.com"), Some("teller")));
        assert_eq!((rows[1].line, rows[1].username.as_str(), &rows[1].email, &rows[1].role), (3, "bob", &None, &None));
    }

    #[test]
    fn another_header_or_number_of_fields_is_refused_with_its_line() {
        let told = |text: &str| rows(text).err().unwrap();
        assert_eq!(told("username,password\n"), "line 1: the header must be username,email,role,password_hash");
        let short = "username,email,role,password_hash\nann,,,h\nbob,secret\n";
        assert_eq!(told(short), "line 3: has 2 fields instead of 4");
    }
}

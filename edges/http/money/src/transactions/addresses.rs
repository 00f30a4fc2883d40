//! Account numbers as destinations: what people read to each other becomes the identifier that commands know. From here on
//! both are the same, in the fingerprint of a request too. Who sends identifiers costs nothing here.

use crate::App;
use crate::wire::order::Addressed;
use accounts::AccountNumber;
use http_core::problem::{Outcome, Problem};

/// Every number of the bank begins so, and no identifier does.
const COUNTRY: &str = "XF";

/// Puts an identifier in the place of an account number.
pub(crate) async fn resolve(app: &App, body: &mut impl Addressed) -> Outcome<()> {
    resolve_all(app, std::slice::from_mut(body)).await.map_err(|(_, problem)| problem)
}

/// The same for many bodies, in one read. A problem comes with its place.
pub(super) async fn resolve_all(app: &App, bodies: &mut [impl Addressed]) -> Result<(), (usize, Problem)> {
    let mut numbers = Vec::new();
    for (index, body) in bodies.iter().enumerate() {
        let Some(text) = body.destination().filter(|text| text.starts_with(COUNTRY)) else { continue };
        let number = AccountNumber::parse(text)
            .map_err(|error| (index, Problem::invalid("destinationAccountId", error.to_string())))?;
        numbers.push((index, number));
    }
    let Some((first, _)) = numbers.first() else { return Ok(()) };
    let wanted: Vec<AccountNumber> = numbers.iter().map(|(_, number)| number.clone()).collect();
    let known = accounts::by_numbers(&app.db, &wanted).await.map_err(|error| (*first, Problem::from(error)))?;
    for (index, number) in numbers {
        match known.get(&number) {
            Some(account) => bodies[index].set_destination(*account),
            None => return Err((index, number_not_found(&number))),
        }
    }
    Ok(())
}

pub(crate) fn number_not_found(number: &AccountNumber) -> Problem {
    let problem = Problem::new(http_core::ErrorCode::InvalidAccount, "Account not found");
    problem.with("accountNumber", number.to_string()).with("reason", "NOT_FOUND")
}

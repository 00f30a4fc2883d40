//! Whether a failed login tells which usernames exist: unknown, known and locked users are tried in turn with a wrong
//! password, and status, body and time of the answers are compared. Times by the rank test of Mann and Whitney (1947).

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

use crate::client::{Connection, Target};
use crate::random::Random;

/// Beyond that the order of the times is hardly chance any more: 1 in 1,000, for one degree of freedom.
const CHI_SQUARE_TENTHS_MAX: u128 = 108;

/// How to look for a difference.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EnumerationOptions {
    /// The server's address; it must not limit the rate of requests.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub(crate) url: Target,
    /// Somebody who may log in; registered if new.
    #[arg(long, default_value = "enumeration")]
    pub(crate) username: String,
    /// Somebody who may not log in any more, if there is one.
    #[arg(long)]
    pub(crate) locked_username: Option<String>,
    /// Logins of each kind.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    pub(crate) rounds: u32,
    /// Writes the report to this file as JSON too.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnumerationReport {
    kinds: Vec<KindReport>,
    comparisons: Vec<Comparison>,
    /// Statuses and bodies without request id and time; one, if nothing can be told apart.
    pub(crate) different_answers: usize,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KindReport {
    kind: &'static str,
    answer: String,
    p25_us: u64,
    p50_us: u64,
    p75_us: u64,
}

/// How two kinds of failed login differ in time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Comparison {
    between: [&'static str; 2],
    /// Of 1,000 pairs of one each, in how many the first was slower; 500 if there is no difference.
    first_slower_per_mille: u128,
    /// The square of the rank test's deviation, which follows chi-square with one degree of freedom, in tenths.
    chi_square_tenths: u128,
}

struct Kind {
    name: &'static str,
    username: String,
    times_us: Vec<u64>,
    answers: BTreeSet<String>,
}

/// Tries the logins and prints what differs.
///
/// # Errors
/// The server cannot be reached, or turns logins away for another reason than the password.
pub(crate) async fn execute(options: EnumerationOptions) -> anyhow::Result<()> {
    let report = run(&options).await?;
    print!("{report}");
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&report)? + "\n";
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

async fn run(options: &EnumerationOptions) -> anyhow::Result<EnumerationReport> {
    let mut connection = Connection::open(&options.url).await.context("the server cannot be reached")?;
    register(&mut connection, options).await?;
    let kind = |name, username: &str| Kind {
        name,
        username: username.to_owned(),
        times_us: Vec::new(),
        answers: BTreeSet::new(),
    };
    let mut kinds = vec![kind("known user", &options.username), kind("unknown user", "nobody-has-this-name")];
    kinds.extend(options.locked_username.as_deref().map(|username| kind("locked user", username)));
    let mut random = Random::unrepeatable(0);
    for _ in 0..options.rounds {
        // Each round in another order, so that nothing can be owed to who went before.
        let first = random.below(kinds.len());
        for place in 0..kinds.len() {
            let count = kinds.len();
            kinds[(first + place) % count].attempt(&mut connection, options).await?;
        }
    }
    Ok(compare(&kinds))
}

async fn register(connection: &mut Connection, options: &EnumerationOptions) -> anyhow::Result<()> {
    let body = serde_json::json!({ "username": options.username, "password": "a-password-that-is-right" });
    let request = post(&options.url, "/api/auth/register", &body);
    let reply = connection.exchange(&request).await?;
    anyhow::ensure!(matches!(reply.status, 201 | 409), "registering answered {}: {}", reply.status, reply.excerpt());
    Ok(())
}

impl Kind {
    async fn attempt(&mut self, connection: &mut Connection, options: &EnumerationOptions) -> anyhow::Result<()> {
        let body = serde_json::json!({ "username": self.username, "password": "a-password-that-is-wrong" });
        let request = post(&options.url, "/api/auth/login", &body);
        let sent = Instant::now();
        let reply = connection.exchange(&request).await?;
        self.times_us.push(u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX));
        let told = reply.excerpt();
        anyhow::ensure!(!matches!(reply.status, 429 | 503), "the server turns logins away: {told}");
        self.answers.insert(format!("{} {}", reply.status, without_names(&told)));
        Ok(())
    }
}

/// The body without what differs between any two replies.
fn without_names(body: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    if let Some(fields) = value.as_object_mut() {
        fields.remove("requestId");
        fields.remove("timestamp");
    }
    value.to_string()
}

fn post(target: &Target, path: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let head = format!("POST {path} HTTP/1.1\r\nhost: {target}\r\ncontent-type: application/json\r\ncontent-length: ");
    format!("{head}{}\r\n\r\n{body}", body.len()).into_bytes()
}

fn compare(kinds: &[Kind]) -> EnumerationReport {
    let mut comparisons = Vec::new();
    for (place, one) in kinds.iter().enumerate() {
        for other in &kinds[place + 1..] {
            comparisons.push(Comparison::of(one, other));
        }
    }
    let answers: BTreeSet<&String> = kinds.iter().flat_map(|kind| &kind.answers).collect();
    EnumerationReport {
        kinds: kinds.iter().map(KindReport::of).collect(),
        comparisons,
        different_answers: answers.len(),
    }
}

impl KindReport {
    fn of(kind: &Kind) -> Self {
        let mut times = kind.times_us.clone();
        times.sort_unstable();
        let quarter = |quarters: usize| times[(times.len() - 1) * quarters / 4];
        let answer = kind.answers.iter().cloned().collect::<Vec<_>>().join(" | ");
        Self { kind: kind.name, answer, p25_us: quarter(1), p50_us: quarter(2), p75_us: quarter(3) }
    }
}

impl Comparison {
    fn of(one: &Kind, other: &Kind) -> Self {
        // Twice the statistic U, so that ties count as halves in whole numbers.
        let mut twice_u: u128 = 0;
        for first in &one.times_us {
            for second in &other.times_us {
                twice_u += match first.cmp(second) {
                    std::cmp::Ordering::Greater => 2,
                    std::cmp::Ordering::Equal => 1,
                    std::cmp::Ordering::Less => 0,
                };
            }
        }
        let (n, m) = (one.times_us.len() as u128, other.times_us.len() as u128);
        let off = twice_u.abs_diff(n * m);
        Self {
            between: [one.name, other.name],
            first_slower_per_mille: twice_u * 500 / (n * m),
            // (U − nm/2)² over nm(n+m+1)/12.
            chi_square_tenths: off * off * 30 / (n * m * (n + m + 1)),
        }
    }

    const fn may_be_chance(&self) -> bool {
        self.chi_square_tenths <= CHI_SQUARE_TENTHS_MAX
    }
}

impl fmt::Display for EnumerationReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for KindReport { kind, answer, p25_us, p50_us, p75_us } in &self.kinds {
            writeln!(formatter, "{kind:<13} p25 {p25_us} us, median {p50_us} us, p75 {p75_us} us: {answer}")?;
        }
        for comparison in &self.comparisons {
            let [one, other] = comparison.between;
            let tenths = comparison.chi_square_tenths;
            let verdict = if comparison.may_be_chance() { "no difference to be seen" } else { "THEY DIFFER" };
            writeln!(
                formatter,
                "{one} slower than {other} in {} of 1,000 pairs, chi-square {}.{} (10.8 is 1 in 1,000): {verdict}",
                comparison.first_slower_per_mille,
                tenths / 10,
                tenths % 10,
            )?;
        }
        writeln!(formatter, "different answers: {}", self.different_answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_server::FakeServer;

    fn kind(name: &'static str, times_us: &[u64]) -> Kind {
        let answers = BTreeSet::from(["401 wrong".to_owned()]);
        Kind { name, username: String::new(), times_us: times_us.to_vec(), answers }
    }

    #[test]
    fn equal_times_show_no_difference() {
        let times: Vec<u64> = (0..200).collect();
        let comparison = Comparison::of(&kind("one", &times), &kind("other", &times));
        assert_eq!((comparison.first_slower_per_mille, comparison.chi_square_tenths), (500, 0));
        assert!(comparison.may_be_chance());
    }

    #[test]
    fn a_small_but_steady_delay_is_found() {
        let times = |delay: u64| (0..300).map(|number| number * 7 % 100 + delay).collect::<Vec<u64>>();
        let comparison = Comparison::of(&kind("one", &times(15)), &kind("other", &times(0)));
        assert!(comparison.first_slower_per_mille > 600);
        assert!(!comparison.may_be_chance(), "{comparison:?}");
    }

    #[test]
    fn answers_are_compared_without_request_id_and_time() {
        let body = |id: &str| format!(r#"{{"error":{{"code":"X"}},"requestId":"{id}","timestamp":"{id}"}}"#);
        assert_eq!(without_names(&body("a")), without_names(&body("b")));
        let report = compare(&[kind("one", &[1]), kind("other", &[2])]);
        assert_eq!(report.different_answers, 1);
    }

    #[tokio::test]
    async fn a_server_that_lets_anybody_in_is_reported_as_it_answers() {
        let server = FakeServer::start().await;
        let options = EnumerationOptions {
            url: server.address().parse().unwrap(),
            username: "ann".to_owned(),
            locked_username: None,
            rounds: 10,
            json: None,
        };
        let report = run(&options).await.unwrap();
        assert_eq!(server.count("/api/auth/login"), 20);
        assert_eq!(report.kinds.len(), 2);
    }
}

//! What a bank or a rail says was booked: statements, camt.053, and notifications, camt.054. Whether a statement adds up is
//! decided by who reconciles with it.

mod entry;

use money::Currency;
use time::Date;

use crate::error::{InvalidValue, ReadError};
use crate::group::Group;
use crate::parties::{Account, Party};
use crate::transfer::write_truth;
use crate::values::{Amount, Choice, Moment, Text, trim};
use crate::xml::{Element, Writer};

pub use entry::{Entry, EntryDetail, TransactionCode};

/// `BkToCstmrStmt` or `BkToCstmrDbtCdtNtfctn`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which of the two.
    pub kind: ReportKind,
    /// The message itself.
    pub group: Group,
    /// Which page of several messages it is.
    pub page: Option<Page>,
    /// An account each.
    pub accounts: Vec<AccountReport>,
}

/// What kind of report it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// With balances: what was, what came and went, what is.
    Statement,
    /// What came and went.
    Notification,
}

/// A page of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// Whether no other follows.
    pub is_last: bool,
}

/// What was booked on an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountReport {
    /// What the statement is called.
    pub id: Text<35>,
    /// Which page of it.
    pub page: Option<Page>,
    /// Its number; statements of an account have no gaps.
    pub number: Option<u64>,
    /// When it was made.
    pub created: Option<Moment>,
    /// From when to when.
    pub period: Option<[Moment; 2]>,
    /// The account.
    pub account: Account,
    /// Its currency.
    pub currency: Option<Currency>,
    /// Its name.
    pub name: Option<Text<70>>,
    /// Whose it is.
    pub owner: Option<Party>,
    /// What was on it when. A notification has none.
    pub balances: Vec<Balance>,
    /// What its entries add up to.
    pub summary: Option<Summary>,
    /// What was booked.
    pub entries: Vec<Entry>,
}

/// What was on an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Such as `OPBD` or `CLBD`.
    pub kind: Choice<4>,
    /// How much.
    pub amount: Amount,
    /// On which side.
    pub side: CreditDebit,
    /// When.
    pub at: When,
}

/// Which way money went, or on which side it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CreditDebit {
    /// To the account.
    Credit,
    /// From it.
    Debit,
}

/// A day or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A day.
    Day(Date),
    /// A time.
    Moment(Moment),
}

/// How many entries there are, and what they add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many.
    pub count: Option<u64>,
    /// To the account.
    pub credits: Option<Total>,
    /// From it.
    pub debits: Option<Total>,
}

/// Entries of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// How many.
    pub count: Option<u64>,
    /// What they add up to, in the account's currency. Without one it cannot be read.
    pub sum: Option<Amount>,
}

impl ReportKind {
    pub(crate) const fn definition(self) -> &'static str {
        match self {
            Self::Statement => "camt.053.001.08",
            Self::Notification => "camt.054.001.08",
        }
    }

    const fn names(self) -> [&'static str; 3] {
        match self {
            Self::Statement => ["BkToCstmrStmt", "Stmt", "StmtPgntn"],
            Self::Notification => ["BkToCstmrDbtCdtNtfctn", "Ntfctn", "NtfctnPgntn"],
        }
    }
}

impl Report {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let is_statement = element.name() == "BkToCstmrStmt";
        let kind = if is_statement { ReportKind::Statement } else { ReportKind::Notification };
        let [_, account, _] = kind.names();
        let group = element.need("GrpHdr")?;
        let accounts: Vec<_> =
            element.all(account).map(|account| AccountReport::read(kind, account)).collect::<Result<_, _>>()?;
        if accounts.is_empty() {
            return Err(ReadError::Missing { element: account });
        }
        Ok(Self { kind, group: Group::read(group)?, page: Page::read(group, "MsgPgntn")?, accounts })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        let [root, account, page] = self.kind.names();
        writer.element(root, |writer| {
            writer.element("GrpHdr", |writer| {
                self.group.write(writer);
                Page::write(self.page, "MsgPgntn", writer);
            });
            for report in &self.accounts {
                writer.element(account, |writer| {
                    writer.leaf("Id", report.id.as_str());
                    Page::write(report.page, page, writer);
                    report.write(self.kind, writer);
                });
            }
        });
    }
}

impl Page {
    fn read(element: Element<'_>, name: &'static str) -> Result<Option<Self>, ReadError> {
        let Some(page) = element.only(name)? else { return Ok(None) };
        let why = InvalidValue::Pattern("a number of at most 5 digits");
        let number = page.number("PgNb")?.ok_or(ReadError::Missing { element: "PgNb" })?;
        let number = u32::try_from(number).ok().filter(|number| *number < 100_000);
        let number = number.ok_or(ReadError::Invalid { element: "PgNb", why })?;
        let is_last = page.truth("LastPgInd")?.ok_or(ReadError::Missing { element: "LastPgInd" })?;
        Ok(Some(Self { number, is_last }))
    }

    fn write(page: Option<Self>, name: &str, writer: &mut Writer) {
        if let Some(page) = page {
            writer.element(name, |writer| {
                writer.number("PgNb", u64::from(page.number));
                write_truth("LastPgInd", Some(page.is_last), writer);
            });
        }
    }
}

impl AccountReport {
    fn read(kind: ReportKind, element: Element<'_>) -> Result<Self, ReadError> {
        let [_, _, page] = kind.names();
        let account = element.need("Acct")?;
        let currency = account.value("Ccy", |code| Ok(Currency::parse(code)?))?;
        let balances: Vec<_> = match kind {
            ReportKind::Statement => element.all("Bal").map(Balance::read).collect::<Result<_, _>>()?,
            ReportKind::Notification => Vec::new(),
        };
        if kind == ReportKind::Statement && balances.is_empty() {
            return Err(ReadError::Missing { element: "Bal" });
        }
        let period = element.only("FrToDt")?;
        let period = period.map(|period| Ok([period.needed_moment("FrDtTm")?, period.needed_moment("ToDtTm")?]));
        Ok(Self {
            id: element.needed_text("Id")?,
            page: Page::read(element, page)?,
            number: element.number("ElctrncSeqNb")?,
            created: element.moment("CreDtTm")?,
            period: period.transpose()?,
            account: Account::read(account)?,
            currency,
            name: account.words("Nm")?,
            owner: account.only("Ownr")?.map(Party::read).transpose()?,
            balances,
            summary: element.only("TxsSummry")?.map(|summary| Summary::read(summary, currency)).transpose()?,
            entries: element.all("Ntry").map(Entry::read).collect::<Result<_, _>>()?,
        })
    }

    fn write(&self, kind: ReportKind, writer: &mut Writer) {
        if let Some(number) = self.number {
            writer.number("ElctrncSeqNb", number);
        }
        writer.moment("CreDtTm", self.created);
        if let Some([from, to]) = self.period {
            writer.element("FrToDt", |writer| {
                writer.moment("FrDtTm", Some(from));
                writer.moment("ToDtTm", Some(to));
            });
        }
        writer.element("Acct", |writer| {
            self.account.write_id(writer);
            if let Some(currency) = self.currency {
                writer.leaf("Ccy", currency.code());
            }
            writer.text("Nm", self.name.as_ref());
            if let Some(owner) = &self.owner {
                owner.write("Ownr", writer);
            }
        });
        for balance in self.balances.iter().filter(|_| kind == ReportKind::Statement) {
            balance.write(writer);
        }
        if let Some(summary) = &self.summary {
            summary.write(writer);
        }
        for entry in &self.entries {
            entry.write(writer);
        }
    }
}

impl Balance {
    fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let missing = |element| ReadError::Missing { element };
        Ok(Self {
            kind: element.need("Tp")?.choice("CdOrPrtry")?.ok_or(missing("CdOrPrtry"))?,
            amount: element.needed_amount("Amt")?,
            side: CreditDebit::read(element)?.ok_or(missing("CdtDbtInd"))?,
            at: When::read(element, "Dt")?.ok_or(missing("Dt"))?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.element("Bal", |writer| {
            writer.element("Tp", |writer| writer.choice("CdOrPrtry", Some(&self.kind)));
            writer.amount("Amt", Some(self.amount));
            self.side.write(writer);
            self.at.write("Dt", writer);
        });
    }
}

impl CreditDebit {
    fn read(element: Element<'_>) -> Result<Option<Self>, ReadError> {
        element.value("CdtDbtInd", |text| match trim(text) {
            "CRDT" => Ok(Self::Credit),
            "DBIT" => Ok(Self::Debit),
            _ => Err(InvalidValue::Pattern("CRDT or DBIT")),
        })
    }

    fn write(self, writer: &mut Writer) {
        writer.leaf("CdtDbtInd", if self == Self::Credit { "CRDT" } else { "DBIT" });
    }
}

impl When {
    fn read(element: Element<'_>, name: &'static str) -> Result<Option<Self>, ReadError> {
        let Some(when) = element.only(name)? else { return Ok(None) };
        match (when.date("Dt")?, when.moment("DtTm")?) {
            (Some(day), None) => Ok(Some(Self::Day(day))),
            (None, Some(moment)) => Ok(Some(Self::Moment(moment))),
            _ => Err(ReadError::Invalid { element: name, why: InvalidValue::Pattern("either a day or a time") }),
        }
    }

    fn write(self, name: &str, writer: &mut Writer) {
        writer.element(name, |writer| match self {
            Self::Day(day) => writer.date("Dt", Some(day)),
            Self::Moment(moment) => writer.moment("DtTm", Some(moment)),
        });
    }
}

impl Summary {
    fn read(element: Element<'_>, currency: Option<Currency>) -> Result<Self, ReadError> {
        let total = |name: &'static str| -> Result<Option<Total>, ReadError> {
            let Some(total) = element.only(name)? else { return Ok(None) };
            let sum = currency.map(|currency| total.value("Sum", |text| Amount::read(text, currency))).transpose()?;
            Ok(Some(Total { count: total.number("NbOfNtries")?, sum: sum.flatten() }))
        };
        let all = element.only("TtlNtries")?;
        Ok(Self {
            count: all.map_or(Ok(None), |all| all.number("NbOfNtries"))?,
            credits: total("TtlCdtNtries")?,
            debits: total("TtlDbtNtries")?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        let total = |name: &str, total: Option<Total>, writer: &mut Writer| {
            let Some(total) = total else { return };
            writer.element(name, |writer| {
                if let Some(count) = total.count {
                    writer.number("NbOfNtries", count);
                }
                if let Some(sum) = total.sum {
                    writer.leaf("Sum", &sum.money().to_decimal());
                }
            });
        };
        writer.element("TxsSummry", |writer| {
            total("TtlNtries", self.count.map(|count| Total { count: Some(count), sum: None }), writer);
            total("TtlCdtNtries", self.credits, writer);
            total("TtlDbtNtries", self.debits, writer);
        });
    }
}

//! Credit transfers, pacs.008: one payment, or a batch of them.

use time::Date;

use crate::error::{InvalidValue, ReadError};
use crate::group::Group;
use crate::parties::{Account, Agent, Party};
use crate::references::{TransferIds, Uetr};
use crate::values::{Amount, Choice, Text, trim};
use crate::xml::{Element, Writer};

/// `FIToFICstmrCdtTrf`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditTransfer {
    /// The message itself.
    pub group: Group,
    /// Whether the payments are booked as one sum.
    pub batch_booking: Option<bool>,
    /// What all of them add up to, where that is said. It was compared when it was read.
    pub total: Option<Amount>,
    /// The day on which all of them settle.
    pub settlement_date: Option<Date>,
    /// How they settle.
    pub settlement: Settlement,
    /// The payments, one or more.
    pub transfers: Vec<Transfer>,
}

/// How payments settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// By which method.
    pub method: SettlementMethod,
    /// By which clearing system.
    pub system: Option<Choice<3>>,
}

/// By which method payments settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettlementMethod {
    /// By a clearing system.
    Clearing,
    /// At the bank that is instructed.
    Instructed,
    /// At the bank that instructs.
    Instructing,
    /// By a payment of its own.
    Cover,
}

/// Who pays what the banks charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeBearer {
    /// The payer.
    Debtor,
    /// The payee.
    Creditor,
    /// Each their own.
    Shared,
    /// As the scheme says.
    Scheme,
}

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// What it is called; `end_to_end` is always there.
    pub ids: TransferIds,
    /// The kind of payment within the scheme.
    pub instrument: Option<Choice<35>>,
    /// What moves between the banks.
    pub amount: Amount,
    /// The day on which it settles.
    pub settlement_date: Option<Date>,
    /// Who pays charges.
    pub charges: ChargeBearer,
    /// The bank that sends the message.
    pub instructing: Option<Agent>,
    /// The bank that gets it.
    pub instructed: Option<Agent>,
    /// The payer.
    pub debtor: Party,
    /// Their account.
    pub debtor_account: Option<Account>,
    /// Their bank.
    pub debtor_agent: Agent,
    /// The payee's bank.
    pub creditor_agent: Agent,
    /// The payee.
    pub creditor: Party,
    /// Their account.
    pub creditor_account: Option<Account>,
    /// Words of the payer for the payee.
    pub remittance: Vec<Text<140>>,
}

impl Settlement {
    /// By a clearing system of a name of its own.
    pub const fn by_clearing(name: Text<35>) -> Self {
        Self { method: SettlementMethod::Clearing, system: Some(Choice::Proprietary(name)) }
    }

    pub(crate) fn read(group: Element<'_>) -> Result<Self, ReadError> {
        let settlement = group.need("SttlmInf")?;
        let method = settlement.value("SttlmMtd", |text| match trim(text) {
            "CLRG" => Ok(SettlementMethod::Clearing),
            "INDA" => Ok(SettlementMethod::Instructed),
            "INGA" => Ok(SettlementMethod::Instructing),
            "COVE" => Ok(SettlementMethod::Cover),
            _ => Err(InvalidValue::Pattern("CLRG, INDA, INGA or COVE")),
        })?;
        let method = method.ok_or(ReadError::Missing { element: "SttlmMtd" })?;
        Ok(Self { method, system: settlement.choice("ClrSys")? })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.element("SttlmInf", |writer| {
            writer.leaf(
                "SttlmMtd",
                match self.method {
                    SettlementMethod::Clearing => "CLRG",
                    SettlementMethod::Instructed => "INDA",
                    SettlementMethod::Instructing => "INGA",
                    SettlementMethod::Cover => "COVE",
                },
            );
            writer.choice("ClrSys", self.system.as_ref());
        });
    }
}

impl CreditTransfer {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let group = element.need("GrpHdr")?;
        let transfers = element.all("CdtTrfTxInf").map(Transfer::read).collect::<Result<Vec<_>, _>>()?;
        if transfers.is_empty() {
            return Err(ReadError::Missing { element: "CdtTrfTxInf" });
        }
        check_count(group, transfers.len())?;
        let total = group.amount("TtlIntrBkSttlmAmt")?;
        check_total("TtlIntrBkSttlmAmt", total, transfers.iter().map(|transfer| transfer.amount))?;
        Ok(Self {
            group: Group::read(group)?,
            batch_booking: group.truth("BtchBookg")?,
            total,
            settlement_date: group.date("IntrBkSttlmDt")?,
            settlement: Settlement::read(group)?,
            transfers,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.element("FIToFICstmrCdtTrf", |writer| {
            writer.element("GrpHdr", |writer| {
                self.group.write(writer);
                write_truth("BtchBookg", self.batch_booking, writer);
                write_count(self.transfers.len(), writer);
                writer.amount("TtlIntrBkSttlmAmt", self.total);
                writer.date("IntrBkSttlmDt", self.settlement_date);
                self.settlement.write(writer);
            });
            for transfer in &self.transfers {
                transfer.write(writer);
            }
        });
    }
}

/// Whether the number of payments that a message names is that of the payments in it.
pub(crate) fn check_count(group: Element<'_>, count: usize) -> Result<(), ReadError> {
    let named = group.number("NbOfTxs")?.ok_or(ReadError::Missing { element: "NbOfTxs" })?;
    if u64::try_from(count) == Ok(named) { Ok(()) } else { Err(ReadError::Contradicts { element: "NbOfTxs" }) }
}

/// Whether the sum that a message names is that of its payments, to the last unit.
pub(crate) fn check_total(
    element: &'static str,
    named: Option<Amount>,
    mut amounts: impl Iterator<Item = Amount>,
) -> Result<(), ReadError> {
    let Some(named) = named else { return Ok(()) };
    let zero = money::Money::new(0, named.money().currency());
    let sum = amounts.try_fold(zero, |sum, amount| sum.checked_add(amount.money()));
    if sum == Some(named.money()) { Ok(()) } else { Err(ReadError::Contradicts { element }) }
}

pub(crate) fn write_count(count: usize, writer: &mut Writer) {
    writer.leaf("NbOfTxs", &count.to_string());
}

pub(crate) fn write_truth(name: &str, truth: Option<bool>, writer: &mut Writer) {
    if let Some(truth) = truth {
        writer.leaf(name, if truth { "true" } else { "false" });
    }
}

impl Transfer {
    fn read(element: Element<'_>) -> Result<Self, ReadError> {
        let ids = element.need("PmtId")?;
        let ids = TransferIds {
            instruction: ids.text("InstrId")?,
            end_to_end: Some(ids.needed_text("EndToEndId")?),
            transaction: ids.text("TxId")?,
            uetr: ids.value("UETR", Uetr::parse)?,
        };
        let instrument = element.only("PmtTpInf")?.map_or(Ok(None), |kind| kind.choice("LclInstrm"))?;
        Ok(Self {
            ids,
            instrument,
            amount: element.needed_amount("IntrBkSttlmAmt")?,
            settlement_date: element.date("IntrBkSttlmDt")?,
            charges: Self::read_charges(element)?,
            instructing: Agent::read_child(element, "InstgAgt")?,
            instructed: Agent::read_child(element, "InstdAgt")?,
            debtor: Party::read(element.need("Dbtr")?)?,
            debtor_account: Account::read_child(element, "DbtrAcct")?,
            debtor_agent: Agent::read(element.need("DbtrAgt")?)?,
            creditor_agent: Agent::read(element.need("CdtrAgt")?)?,
            creditor: Party::read(element.need("Cdtr")?)?,
            creditor_account: Account::read_child(element, "CdtrAcct")?,
            remittance: element.only("RmtInf")?.map_or(Ok(Vec::new()), |words| words.all_words("Ustrd"))?,
        })
    }

    fn read_charges(element: Element<'_>) -> Result<ChargeBearer, ReadError> {
        let charges = element.value("ChrgBr", |text| match trim(text) {
            "DEBT" => Ok(ChargeBearer::Debtor),
            "CRED" => Ok(ChargeBearer::Creditor),
            "SHAR" => Ok(ChargeBearer::Shared),
            "SLEV" => Ok(ChargeBearer::Scheme),
            _ => Err(InvalidValue::Pattern("DEBT, CRED, SHAR or SLEV")),
        })?;
        charges.ok_or(ReadError::Missing { element: "ChrgBr" })
    }

    fn write(&self, writer: &mut Writer) {
        writer.element("CdtTrfTxInf", |writer| {
            self.write_ids(writer);
            if self.instrument.is_some() {
                writer.element("PmtTpInf", |writer| writer.choice("LclInstrm", self.instrument.as_ref()));
            }
            writer.amount("IntrBkSttlmAmt", Some(self.amount));
            writer.date("IntrBkSttlmDt", self.settlement_date);
            writer.leaf(
                "ChrgBr",
                match self.charges {
                    ChargeBearer::Debtor => "DEBT",
                    ChargeBearer::Creditor => "CRED",
                    ChargeBearer::Shared => "SHAR",
                    ChargeBearer::Scheme => "SLEV",
                },
            );
            self.write_sides(writer);
            if !self.remittance.is_empty() {
                writer.element("RmtInf", |writer| {
                    for words in &self.remittance {
                        writer.leaf("Ustrd", words.as_str());
                    }
                });
            }
        });
    }

    fn write_ids(&self, writer: &mut Writer) {
        writer.element("PmtId", |writer| {
            writer.text("InstrId", self.ids.instruction.as_ref());
            writer.leaf("EndToEndId", self.ids.end_to_end.as_ref().map_or(NOT_PROVIDED, Text::as_str));
            writer.text("TxId", self.ids.transaction.as_ref());
            self.ids.write_uetr("UETR", writer);
        });
    }

    fn write_sides(&self, writer: &mut Writer) {
        if let Some(instructing) = &self.instructing {
            instructing.write("InstgAgt", writer);
        }
        if let Some(instructed) = &self.instructed {
            instructed.write("InstdAgt", writer);
        }
        self.debtor.write("Dbtr", writer);
        write_account("DbtrAcct", self.debtor_account.as_ref(), writer);
        self.debtor_agent.write("DbtrAgt", writer);
        self.creditor_agent.write("CdtrAgt", writer);
        self.creditor.write("Cdtr", writer);
        write_account("CdtrAcct", self.creditor_account.as_ref(), writer);
    }
}

/// What the standard has people write where an end-to-end identifier is asked for and there is none.
const NOT_PROVIDED: &str = "NOTPROVIDED";

fn write_account(name: &str, account: Option<&Account>, writer: &mut Writer) {
    if let Some(account) = account {
        writer.element(name, |writer| account.write_id(writer));
    }
}

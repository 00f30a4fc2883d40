//! Messages between banks in ISO 20022, as far as Florin speaks it: a small model with a reader and a writer. Amounts are
//! whole minor units, sizes and depth are bounded, there are no document types and no entities, and elements that are not
//! known are passed over. What a message means for money is decided by whoever reads it.

mod admin;
mod error;
mod group;
mod message;
mod parties;
mod payment_return;
mod recall;
mod references;
mod statement;
mod status;
mod transfer;
mod values;
mod xml;

pub use admin::{Acknowledgement, Rejection, SystemEvent};
pub use error::{InvalidValue, ReadError};
pub use group::Group;
pub use message::{Document, Envelope, Header, Message};
pub use parties::{Account, Agent, Bic, Iban, Member, Party};
pub use payment_return::{PaymentReturn, ReturnedTransfer};
pub use recall::{Assignment, CancellationRequest, Resolution, ResolutionStatus, ResolvedTransfer, UnderlyingTransfer};
pub use references::{Original, OriginalMessage, Reason, TransferIds, Uetr};
pub use statement::{
    AccountReport, Balance, CreditDebit, Entry, EntryDetail, Page, Report, ReportKind, Summary, Total, TransactionCode,
    When,
};
pub use status::{GroupStatus, StatusReport, StatusRequest, TransferEnquiry, TransferStatus};
pub use transfer::{ChargeBearer, CreditTransfer, Settlement, SettlementMethod, Transfer};
pub use values::{Amount, Choice, Moment, Text};
pub use xml::Limits;

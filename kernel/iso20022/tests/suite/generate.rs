//! Any messages that the model can hold, of every kind.

use iso20022::*;
use money::{Currency, Money};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use time::Date;

const CURRENCIES: [&str; 6] = ["USD", "EUR", "JPY", "KWD", "CLF", "BGN"];

fn currency() -> impl Strategy<Value = Currency> {
    (0..CURRENCIES.len()).prop_map(|index| Currency::parse(CURRENCIES[index]).expect("a currency"))
}

/// Texts with what needs an escape, with spaces at their ends, and of other scripts.
fn text<const MAX: usize>() -> BoxedStrategy<Text<MAX>> {
    let character = prop_oneof![
        6 => proptest::char::range('a', 'z'),
        2 => proptest::sample::select(vec!['&', '<', '>', '"', '\'', ' ', ']', '-', ';', '#']),
        2 => proptest::char::range('\u{a0}', '\u{d7ff}'),
        1 => proptest::char::range('\u{10000}', '\u{1ffff}'),
    ];
    vec(character, 1..=MAX)
        .prop_map(|characters| Text::new(&characters.into_iter().collect::<String>()).expect("a text"))
        .boxed()
}

fn choice<const MAX: usize>() -> BoxedStrategy<Choice<MAX>> {
    prop_oneof![text().prop_map(Choice::Code), text().prop_map(Choice::Proprietary)].boxed()
}

fn moment() -> BoxedStrategy<Moment> {
    let micros = prop_oneof![
        -62_135_596_800_000_000..=253_402_300_799_999_999_i64,
        (0..4_000_000_000_i64).prop_map(|seconds| seconds * 1_000_000),
    ];
    micros.prop_map(|micros| Moment::from_unix_micros(micros).expect("a time")).boxed()
}

fn date() -> impl Strategy<Value = Date> {
    (1..=9_999_i32, 1..=365_u16).prop_map(|(year, day)| Date::from_ordinal_date(year, day).expect("a day"))
}

fn amount_in(currency: Currency) -> impl Strategy<Value = Amount> {
    prop_oneof![0..=999_999_999_999_999_999_i64, 0..1_000_000_i64]
        .prop_map(move |minor| Amount::new(Money::new(minor, currency)).expect("an amount"))
}

fn amount() -> BoxedStrategy<Amount> {
    currency().prop_flat_map(amount_in).boxed()
}

fn agent() -> BoxedStrategy<Agent> {
    let bic =
        option::of("[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?".prop_map(|text| Bic::new(&text).expect("a BIC")));
    let member = option::of((option::of(choice()), text()).prop_map(|(system, id)| Member { system, id }));
    (bic, member).prop_map(|(bic, member)| Agent { bic, member }).boxed()
}

fn account() -> BoxedStrategy<Account> {
    prop_oneof![
        text().prop_map(Account::Other),
        "[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}".prop_map(|text| Account::Iban(Iban::new(&text).expect("an IBAN"))),
    ]
    .boxed()
}

fn party() -> impl Strategy<Value = Party> {
    option::of(text()).prop_map(|name| Party { name })
}

fn group() -> impl Strategy<Value = Group> {
    (text(), moment()).prop_map(|(id, created)| Group { id, created })
}

fn uetr() -> impl Strategy<Value = Uetr> {
    any::<u128>().prop_map(Uetr::from_bits)
}

fn ids() -> BoxedStrategy<TransferIds> {
    let ids = (option::of(text()), option::of(text()), option::of(text()), option::of(uetr()));
    ids.prop_map(|(instruction, end_to_end, transaction, uetr)| TransferIds {
        instruction,
        end_to_end,
        transaction,
        uetr,
    })
    .boxed()
}

fn original_message() -> impl Strategy<Value = OriginalMessage> {
    let parts = (text(), text(), option::of(moment()));
    parts.prop_map(|(id, definition, created)| OriginalMessage { id, definition, created })
}

fn original() -> BoxedStrategy<Original> {
    (option::of(original_message()), ids()).prop_map(|(message, ids)| Original { message, ids }).boxed()
}

fn reason() -> BoxedStrategy<Reason> {
    (option::of(choice()), vec(text(), 0..3)).prop_map(|(code, words)| Reason { code, words }).boxed()
}

fn settlement() -> impl Strategy<Value = Settlement> {
    use SettlementMethod::{Clearing, Cover, Instructed, Instructing};
    let method = proptest::sample::select(vec![Clearing, Cover, Instructed, Instructing]);
    (method, option::of(choice())).prop_map(|(method, system)| Settlement { method, system })
}

fn transfer(currency: Currency) -> impl Strategy<Value = Transfer> {
    use ChargeBearer::{Creditor, Debtor, Scheme, Shared};
    let charges = proptest::sample::select(vec![Creditor, Debtor, Scheme, Shared]);
    let head = (ids(), text(), option::of(choice()), amount_in(currency), option::of(date()), charges);
    let agents = (option::of(agent()), option::of(agent()), agent(), agent());
    let sides = (party(), option::of(account()), party(), option::of(account()), vec(text(), 0..3));
    (head, agents, sides).prop_map(|(head, agents, sides)| Transfer {
        ids: TransferIds { end_to_end: Some(head.1), ..head.0 },
        instrument: head.2,
        amount: head.3,
        settlement_date: head.4,
        charges: head.5,
        instructing: agents.0,
        instructed: agents.1,
        debtor: sides.0,
        debtor_account: sides.1,
        debtor_agent: agents.2,
        creditor_agent: agents.3,
        creditor: sides.2,
        creditor_account: sides.3,
        remittance: sides.4,
    })
}

/// What amounts of one currency add up to, if that can be said.
fn sum(mut amounts: impl Iterator<Item = Amount>) -> Option<Amount> {
    let first = amounts.next()?.money();
    let sum = amounts.try_fold(first, |sum, amount| sum.checked_add(amount.money()))?;
    Amount::new(sum).ok()
}

fn credit_transfer() -> impl Strategy<Value = CreditTransfer> {
    let transfers = currency().prop_flat_map(|currency| vec(transfer(currency), 1..4));
    let group = (group(), option::of(any::<bool>()), option::of(date()), settlement(), any::<bool>());
    (group, transfers).prop_map(|((group, batch_booking, settlement_date, settlement, has_total), transfers)| {
        let total = if has_total { sum(transfers.iter().map(|transfer| transfer.amount)) } else { None };
        CreditTransfer { group, batch_booking, total, settlement_date, settlement, transfers }
    })
}

fn status_report() -> impl Strategy<Value = StatusReport> {
    let group_status =
        (original_message(), option::of(0..999_999_999_999_999_u64), option::of(text()), vec(reason(), 0..2))
            .prop_map(|(original, count, status, reasons)| GroupStatus { original, count, status, reasons });
    let head = (option::of(text()), original(), option::of(text()), vec(reason(), 0..3));
    let tail = (option::of(moment()), option::of(agent()), option::of(agent()), option::of(amount()));
    let transfer = (head, tail).prop_map(|(head, tail)| TransferStatus {
        id: head.0,
        original: head.1,
        status: head.2,
        reasons: head.3,
        accepted: tail.0,
        instructing: tail.1,
        instructed: tail.2,
        amount: tail.3,
    });
    let parts = (group(), vec(group_status, 0..2), vec(transfer, 0..3));
    parts.prop_map(|(group, groups, transfers)| StatusReport { group, groups, transfers })
}

fn payment_return() -> impl Strategy<Value = PaymentReturn> {
    let transfer = |currency: Currency| {
        let head = (option::of(text()), original(), option::of(amount()), amount_in(currency), option::of(date()));
        let tail = (option::of(agent()), option::of(agent()), vec(reason(), 0..3));
        (head, tail).prop_map(|(head, tail)| ReturnedTransfer {
            id: head.0,
            original: head.1,
            original_amount: head.2,
            amount: head.3,
            settlement_date: head.4,
            instructing: tail.0,
            instructed: tail.1,
            reasons: tail.2,
        })
    };
    let transfers = currency().prop_flat_map(move |currency| vec(transfer(currency), 0..3));
    (group(), settlement(), any::<bool>(), transfers).prop_map(|(group, settlement, has_total, transfers)| {
        let total = if has_total { sum(transfers.iter().map(|transfer| transfer.amount)) } else { None };
        PaymentReturn { group, total, settlement, transfers }
    })
}

fn status_request() -> impl Strategy<Value = StatusRequest> {
    let enquiry = (option::of(text()), original(), option::of(agent()), option::of(agent()));
    let enquiry = enquiry.prop_map(|(id, original, instructing, instructed)| TransferEnquiry {
        id,
        original,
        instructing,
        instructed,
    });
    (group(), vec(enquiry, 0..3)).prop_map(|(group, transfers)| StatusRequest { group, transfers })
}

fn assignment() -> impl Strategy<Value = Assignment> {
    let parts = (text(), agent(), agent(), moment());
    parts.prop_map(|(id, assigner, assignee, created)| Assignment { id, assigner, assignee, created })
}

fn cancellation_request() -> impl Strategy<Value = CancellationRequest> {
    let transfer = (option::of(text()), original(), option::of(amount()), option::of(date()), vec(reason(), 0..3));
    let transfer = transfer.prop_map(|(id, original, amount, settlement_date, reasons)| UnderlyingTransfer {
        id,
        original,
        amount,
        settlement_date,
        reasons,
    });
    (assignment(), vec(transfer, 0..3))
        .prop_map(|(assignment, transfers)| CancellationRequest { assignment, transfers })
}

fn resolution() -> impl Strategy<Value = Resolution> {
    let status =
        prop_oneof![text().prop_map(ResolutionStatus::Confirmed), any::<bool>().prop_map(ResolutionStatus::Withdrawn),];
    let transfer = (option::of(text()), original(), vec(reason(), 0..3));
    let transfer = transfer.prop_map(|(id, original, reasons)| ResolvedTransfer { id, original, reasons });
    let parts = (assignment(), status, vec(transfer, 0..3));
    parts.prop_map(|(assignment, status, transfers)| Resolution { assignment, status, transfers })
}

fn when() -> BoxedStrategy<When> {
    prop_oneof![date().prop_map(When::Day), moment().prop_map(When::Moment)].boxed()
}

fn side() -> impl Strategy<Value = CreditDebit> {
    any::<bool>().prop_map(|is_credit| if is_credit { CreditDebit::Credit } else { CreditDebit::Debit })
}

fn page() -> impl Strategy<Value = Page> {
    (0..100_000_u32, any::<bool>()).prop_map(|(number, is_last)| Page { number, is_last })
}

fn entry_detail() -> BoxedStrategy<EntryDetail> {
    let head = (option::of(text()), option::of(text()), ids(), option::of(amount()), option::of(side()));
    (head, vec(text(), 0..3), option::of(reason()))
        .prop_map(|(head, remittance, returned)| EntryDetail {
            message: head.0,
            servicer_reference: head.1,
            ids: head.2,
            amount: head.3,
            side: head.4,
            remittance,
            returned,
        })
        .boxed()
}

fn entry() -> BoxedStrategy<Entry> {
    let code = (text(), text(), text());
    let code = code.prop_map(|(domain, family, subfamily)| TransactionCode { domain, family, subfamily });
    let head = (option::of(text()), amount(), side(), choice(), option::of(when()), option::of(when()));
    let tail = (option::of(text()), option::of(code), vec(entry_detail(), 0..3));
    (head, tail)
        .prop_map(|(head, tail)| Entry {
            reference: head.0,
            amount: head.1,
            side: head.2,
            status: head.3,
            booked: head.4,
            value: head.5,
            servicer_reference: tail.0,
            code: tail.1,
            details: tail.2,
        })
        .boxed()
}

fn summary(currency: Currency) -> impl Strategy<Value = Summary> {
    let number = || option::of(0..=999_999_999_999_999_u64);
    let total = move || {
        let parts = (number(), option::of(amount_in(currency)));
        option::of(parts.prop_map(|(count, sum)| Total { count, sum }))
    };
    (number(), total(), total()).prop_map(|(count, credits, debits)| Summary { count, credits, debits })
}

fn balance() -> impl Strategy<Value = Balance> {
    let parts = (choice(), amount(), side(), when());
    parts.prop_map(|(kind, amount, side, at)| Balance { kind, amount, side, at })
}

fn account_report(kind: ReportKind) -> impl Strategy<Value = AccountReport> {
    let balances = if kind == ReportKind::Statement { 1..4_usize } else { 0..1 };
    currency().prop_flat_map(move |currency| {
        let number = option::of(0..=999_999_999_999_999_999_u64);
        let period = option::of((moment(), moment()).prop_map(|(from, to)| [from, to]));
        let head = (text(), option::of(page()), number, option::of(moment()), period);
        let owned = (account(), option::of(text()), option::of(party()));
        let booked = (vec(balance(), balances.clone()), option::of(summary(currency)), vec(entry(), 0..3));
        (head, owned, booked).prop_map(move |(head, owned, booked)| AccountReport {
            id: head.0,
            page: head.1,
            number: head.2,
            created: head.3,
            period: head.4,
            account: owned.0,
            currency: Some(currency),
            name: owned.1,
            owner: owned.2,
            balances: booked.0,
            summary: booked.1,
            entries: booked.2,
        })
    })
}

fn report() -> impl Strategy<Value = Report> {
    let kind = prop_oneof![Just(ReportKind::Statement), Just(ReportKind::Notification)];
    kind.prop_flat_map(|kind| {
        let parts = (group(), option::of(page()), vec(account_report(kind), 1..3));
        parts.prop_map(move |(group, page, accounts)| Report { kind, group, page, accounts })
    })
}

fn rejection() -> impl Strategy<Value = Rejection> {
    let parts = (text(), text(), option::of(moment()), option::of(text()), option::of(text()));
    parts.prop_map(|(reference, reason, rejected, location, description)| Rejection {
        reference,
        reason,
        rejected,
        location,
        description,
    })
}

/// Texts that the schema allows only letters and digits in.
fn alphanumeric() -> impl Strategy<Value = Text<4>> {
    "[a-zA-Z0-9]{1,4}".prop_map(|text| Text::new(&text).expect("a text"))
}

fn acknowledgement() -> impl Strategy<Value = Acknowledgement> {
    let parts = (text(), option::of(moment()), text(), option::of(text()), alphanumeric());
    parts.prop_map(|(id, created, reference, definition, status)| Acknowledgement {
        id,
        created,
        reference,
        definition,
        status,
    })
}

fn system_event() -> impl Strategy<Value = SystemEvent> {
    let parts = (alphanumeric(), vec(text(), 0..3), option::of(moment()));
    parts.prop_map(|(code, parameters, at)| SystemEvent { code, parameters, at })
}

fn header() -> impl Strategy<Value = Header> {
    let parts = (agent(), agent(), text(), option::of(text()), moment(), any::<bool>());
    parts.prop_map(|(from, to, id, service, created, possible_duplicate)| Header {
        from,
        to,
        id,
        service,
        created,
        possible_duplicate,
    })
}

fn document() -> impl Strategy<Value = Document> {
    prop_oneof![
        credit_transfer().prop_map(Document::CreditTransfer).boxed(),
        status_report().prop_map(Document::StatusReport).boxed(),
        payment_return().prop_map(Document::PaymentReturn).boxed(),
        status_request().prop_map(Document::StatusRequest).boxed(),
        cancellation_request().prop_map(Document::CancellationRequest).boxed(),
        resolution().prop_map(Document::Resolution).boxed(),
        report().prop_map(Document::Report).boxed(),
        rejection().prop_map(Document::Rejection).boxed(),
        acknowledgement().prop_map(Document::Acknowledgement).boxed(),
        system_event().prop_map(Document::SystemEvent).boxed(),
    ]
}

/// A message in Florin's envelope.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    (header(), document()).prop_map(|(header, document)| Message {
        envelope: Envelope::Rail,
        header: Some(header),
        document,
    })
}

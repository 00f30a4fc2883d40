//! Every pair of a phase and an event, printed, and compared with the table that was read by people.

use std::fmt::Write;

use rails::*;

use crate::world::{AMOUNT, after, eur, payment_in, usd};

fn sample(kind: Kind) -> Event {
    let enough = Eyes { others: 1, needed: 1 };
    match kind {
        Kind::Due => Event::Due(Verdict::Ready),
        Kind::Approved => Event::Approved(enough),
        Kind::Declined => Event::Declined,
        Kind::CancelAsked => Event::CancelAsked,
        Kind::Taken => Event::Taken(Gate { is_head: true, is_open: true, is_let_through: true, settles: None }),
        Kind::NotSent => Event::NotSent { attempt: 1 },
        Kind::TakenOver => Event::TakenOver(Acknowledgement::Delivered),
        Kind::PerhapsSent => Event::PerhapsSent { attempt: 1 },
        Kind::LeaseOver => Event::LeaseOver,
        Kind::DeadlineOver => Event::DeadlineOver,
        Kind::WindowSettled => Event::WindowSettled,
        Kind::Accepted => Event::Accepted(Acceptance { how: Accepted::Credited, amount: Some(usd(AMOUNT)) }),
        Kind::OtherAmount => Event::Accepted(Acceptance { how: Accepted::Credited, amount: Some(eur(AMOUNT)) }),
        Kind::Pending => Event::Pending,
        Kind::Blocked => Event::Blocked,
        Kind::Rejected => Event::Rejected(Reason::of("AC03")),
        Kind::NotFound => Event::NotFound,
        Kind::NotResolved => Event::NotResolved,
        Kind::Returned => {
            Event::Returned(Return { amount: usd(AMOUNT), reason: Reason::of("AC04"), account_takes_it: true })
        }
        Kind::NotUnderstood => Event::NotUnderstood,
        Kind::OwnError => Event::OwnError,
        Kind::RailAway => Event::RailAway,
        Kind::RecallAsked => Event::RecallAsked { is_fraud: false },
        Kind::RecallAnswered => Event::RecallAnswered(Recall::Accepted),
        Kind::Resolved => Event::Resolved { was_sent: true, eyes: enough },
        Kind::Repeated => Event::Repeated,
        Kind::Forged => Event::Forged,
    }
}

fn printed(rail: Rail) -> String {
    let mut text = String::new();
    for kind in Kind::ALL {
        let mut line = format!("{:<15}", format!("{kind:?}"));
        for phase in Phase::ALL {
            let mut payment = payment_in(*phase, rail);
            payment.sending.settles = Some(after(60));
            payment.sending.is_acknowledged = *phase == Phase::Unknown;
            payment.recall = Some(Recall::Requested).filter(|_| kind == Kind::RecallAnswered);
            let event = sample(kind);
            assert_eq!(event.kind(payment.amount), kind);
            let cell = match decide(&payment, &event, after(1_000)) {
                Decision::Step(step) => format!("{}:{}", step.row, step.payment.phase.word()),
                Decision::PassedOver => ".".into(),
                Decision::Kept => "kept".into(),
                Decision::Refused(refusal) => format!("no:{refusal:?}"),
            };
            write!(line, " {cell:<15}").expect("a string takes it");
        }
        writeln!(text, "{}", line.trim_end()).expect("a string takes it");
    }
    text
}

#[test]
fn every_pair_does_what_the_table_says() {
    let mut text = format!("{:<15}", "");
    Phase::ALL.iter().for_each(|phase| write!(text, " {:<15}", phase.word()).unwrap());
    // The ACH: with the other rails no window settles, and nothing else is different.
    let text = format!("{}\n{}", text.trim_end(), printed(Rail::Ach));
    assert_eq!(text, include_str!("matrix.txt"), "the table is now:\n{text}");
}

#[test]
fn rails_differ_in_whether_windows_settle() {
    let without = |rail: Rail| -> Vec<String> {
        printed(rail).lines().filter(|line| !line.starts_with("WindowSettled")).map(str::to_owned).collect()
    };
    for rail in [Rail::Instant, Rail::Wire] {
        assert_eq!(without(rail), without(Rail::Ach));
        assert!(!printed(rail).contains("T15b"));
    }
}

#[test]
fn words_of_phases_that_customers_do_not_know_are_no_words_of_theirs() {
    let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.word()).collect();
    assert_eq!(statuses, ["PENDING", "SETTLED", "RETURNED", "REJECTED", "FAILED", "CANCELLED"]);
    for phase in Phase::ALL {
        assert_eq!(Phase::parse(phase.word()), Some(*phase));
        assert_eq!(phase.is_final(), phase.status() != Status::Pending);
        assert!(phase.status() == Status::Pending || phase.status().word() == phase.word());
    }
}

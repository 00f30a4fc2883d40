//! Whatever happens in whatever order: money stays where it belongs, and answers that agree lead to one end.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rails::*;

use crate::world::{AMOUNT, World, after, eur, payment_in, usd};

fn reason() -> impl Strategy<Value = Reason> {
    proptest::sample::select(vec!["AC03", "AC04", "TM01", "AB03", "ZZ99"]).prop_map(Reason::of)
}

fn eyes() -> impl Strategy<Value = Eyes> {
    (0..3_u8, 0..3_u8).prop_map(|(others, needed)| Eyes { others, needed })
}

fn amount() -> impl Strategy<Value = money::Money> {
    prop_oneof![3 => Just(usd(AMOUNT)), 2 => (-1..AMOUNT + 2).prop_map(usd), 1 => (1..AMOUNT).prop_map(eur)]
}

fn answers() -> BoxedStrategy<Event> {
    let how = proptest::sample::select(vec![Accepted::Settled, Accepted::Credited, Accepted::WithoutPosting]);
    let acceptance = (how, proptest::option::of(amount())).prop_map(|(how, amount)| Acceptance { how, amount });
    let back = (amount(), reason(), any::<bool>());
    let back = back.prop_map(|(amount, reason, account_takes_it)| Return { amount, reason, account_takes_it });
    prop_oneof![
        3 => acceptance.prop_map(Event::Accepted),
        2 => reason().prop_map(Event::Rejected),
        2 => back.prop_map(Event::Returned),
        1 => proptest::sample::select(Recall::ALL).prop_map(Event::RecallAnswered),
        4 => proptest::sample::select(vec![
            Event::TakenOver(Acknowledgement::Delivered),
            Event::TakenOver(Acknowledgement::InOrder),
            Event::Pending,
            Event::Blocked,
            Event::NotFound,
            Event::NotResolved,
            Event::NotUnderstood,
            Event::Repeated,
            Event::Forged,
        ]),
    ]
    .boxed()
}

fn ours() -> BoxedStrategy<Event> {
    let verdicts = vec![Verdict::Ready, Verdict::Review, Verdict::Declined, Verdict::NoFunds];
    let gate = (0..4_u8).prop_map(|closed| Gate {
        is_head: closed != 1,
        is_open: closed != 2,
        is_let_through: closed != 3,
        settles: Some(after(3_600)),
    });
    prop_oneof![
        1 => proptest::sample::select(verdicts).prop_map(Event::Due),
        1 => eyes().prop_map(Event::Approved),
        4 => gate.prop_map(Event::Taken),
        2 => (0..4_u32).prop_map(|attempt| Event::NotSent { attempt }),
        2 => (0..4_u32).prop_map(|attempt| Event::PerhapsSent { attempt }),
        1 => any::<bool>().prop_map(|is_fraud| Event::RecallAsked { is_fraud }),
        1 => (any::<bool>(), eyes()).prop_map(|(was_sent, eyes)| Event::Resolved { was_sent, eyes }),
        4 => proptest::sample::select(vec![
            Event::Declined,
            Event::ReviewOver,
            Event::CancelAsked,
            Event::LeaseOver,
            Event::DeadlineOver,
            Event::WindowSettled,
            Event::OwnError,
            Event::RailAway,
        ]),
    ]
    .boxed()
}

fn rail() -> impl Strategy<Value = Rail> {
    proptest::sample::select(Rail::ALL)
}

#[test]
fn money_stays_where_it_belongs_whatever_happens() {
    let phase = proptest::sample::select(Phase::ALL);
    let event = prop_oneof![answers(), ours()];
    let story = (phase, rail(), proptest::collection::vec((event, 0..2_000_i64), 1..60));
    let config = Config { cases: 3_000, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&story, |(phase, rail, events)| {
        let mut world = World::of(payment_in(phase, rail));
        let mut now = 0;
        for (event, seconds) in events {
            now += seconds;
            world.hears(&event, after(now));
        }
        // Each step tells of one change, and of attention at most once for each grade of it.
        prop_assert!(world.told <= world.steps + Attention::ALL.len());
        Ok(())
    });
    outcome.unwrap();
}

fn accepted(how: Accepted) -> Event {
    Event::Accepted(Acceptance { how, amount: None })
}

fn back(minor: i64) -> Event {
    Event::Returned(Return { amount: usd(minor), reason: Reason::of("AC04"), account_takes_it: true })
}

/// Answers of a rail that agree with each other, as they can all be true of one payment.
fn agreeing() -> Vec<(&'static str, Vec<Event>)> {
    let in_order = Event::TakenOver(Acknowledgement::InOrder);
    let delivered = Event::TakenOver(Acknowledgement::Delivered);
    vec![
        (
            "settled",
            vec![delivered.clone(), in_order.clone(), accepted(Accepted::Settled), accepted(Accepted::Settled)],
        ),
        (
            "credited later",
            vec![in_order.clone(), accepted(Accepted::WithoutPosting), Event::Pending, accepted(Accepted::Credited)],
        ),
        (
            "blocked and back",
            vec![in_order.clone(), accepted(Accepted::WithoutPosting), Event::Pending, Event::Blocked, back(AMOUNT)],
        ),
        ("back in parts", vec![delivered, accepted(Accepted::Settled), back(1), back(AMOUNT - 1)]),
        ("rejected", vec![in_order, Event::Rejected(Reason::of("AC03")), Event::Rejected(Reason::of("AC03"))]),
    ]
}

/// What time and enquiries add; none of it is an outcome.
fn noise() -> Vec<Event> {
    let late = Event::PerhapsSent { attempt: 1 };
    vec![late, Event::LeaseOver, Event::DeadlineOver, Event::NotResolved, Event::NotResolved, Event::Repeated]
}

/// Lets all of it happen in this order. What came too early is shown again after each step, as the way in does it.
fn end_of(rail: Rail, events: &[Event]) -> World {
    let mut world = World::of(payment_in(Phase::Sending, rail));
    let mut kept: Vec<Event> = Vec::new();
    for (seconds, event) in (0..).zip(events) {
        if world.hears(event, after(seconds * 10)) == Decision::Kept {
            kept.push(event.clone());
        }
        let now = after(seconds * 10);
        kept.retain(|early| world.hears(early, now) == Decision::Kept);
    }
    assert!(kept.is_empty(), "nothing is kept for ever: {events:?}");
    world
}

#[test]
fn answers_that_agree_lead_to_one_end_in_any_order() {
    for (name, answers) in agreeing() {
        let all: Vec<Event> = answers.iter().cloned().chain(noise()).collect();
        let expected = end_of(Rail::Instant, &answers);
        assert!(expected.payment.phase.is_final(), "{name}");
        let shuffled = (rail(), Just(all).prop_shuffle());
        let config = Config { cases: 2_500, failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new(config).run(&shuffled, |(rail, events)| {
            let end = end_of(rail, &events);
            let what = |world: &World| {
                let payment = &world.payment;
                (payment.phase, payment.delivery, payment.returned_minor, payment.in_suspense, world.books.clone())
            };
            prop_assert_eq!(what(&end), what(&expected), "{}: {:?}", name, events);
            Ok(())
        });
        outcome.unwrap();
    }
}

#[test]
fn after_a_day_without_an_answer_nothing_is_guessed_and_a_late_success_settles() {
    let mut world = World::of(payment_in(Phase::Sent, Rail::Instant));
    world.hears(&Event::DeadlineOver, after(20));
    assert_eq!(world.payment.phase, Phase::Unknown);
    let mut asked = Vec::new();
    let mut due = Rail::Instant.next_enquiry(after(0), 0);
    while let Some(at) = due {
        asked.push(at);
        let Decision::Step(step) = world.hears(&Event::NotResolved, at) else { panic!("it is noted") };
        due = step.effects.iter().find_map(|effect| match effect {
            Effect::EnquireAt(at) => Some(*at),
            _ => None,
        });
    }
    assert_eq!((asked.first(), asked.len()), (Some(&after(25)), 30));
    assert!(asked.is_sorted_by(|one, next| one < next) && asked.last() == Some(&after(86_400)));
    assert_eq!((world.payment.phase, world.books.held), (Phase::Unknown, AMOUNT));
    assert_eq!(world.payment.attention, Some(Attention::Unresolved));
    world.hears(&accepted(Accepted::Settled), after(3 * 86_400));
    assert_eq!((world.payment.phase, world.books.settled), (Phase::Settled, 1));
}

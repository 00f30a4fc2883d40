//! The rows of the table one by one, with what each of them does in its commit.

use rails::*;

use crate::world::{AMOUNT, World, after, eur, payment_in, usd};

use Effect::{
    AwaitUntil, BackOff, CloseReview, DropMessage, EnquireAt, Hold, OpenReview, Raise, Refund, RefuseMessage,
    ReleaseHold, RepeatAnswer, SendRecall, Settle, StoreMessage, Suspend, Tell, Unapply, Unsuspend, WaitForWindow,
};

const OPEN: Gate = Gate { is_head: true, is_open: true, is_let_through: true, settles: None };
const ONE: Eyes = Eyes { others: 1, needed: 1 };

fn accepted(how: Accepted) -> Event {
    Event::Accepted(Acceptance { how, amount: None })
}

fn rejected(code: &str) -> Event {
    Event::Rejected(Reason::of(code))
}

fn back(minor: i64) -> Event {
    Event::Returned(Return { amount: usd(minor), reason: Reason::of("AC04"), account_takes_it: true })
}

/// What came of it: the row, the phase, and the effects.
fn step(payment: &Payment, event: &Event, seconds: i64) -> (&'static str, Payment, Vec<Effect>) {
    let mut world = World::of(payment.clone());
    match world.hears(event, after(seconds)) {
        Decision::Step(step) => (step.row, step.payment, step.effects),
        other => panic!("{event:?} of {payment:?}: {other:?}"),
    }
}

fn does(payment: &Payment, event: &Event, row: &str, phase: Phase, effects: &[Effect]) -> Payment {
    let (found, payment, done) = step(payment, event, 1_000);
    assert_eq!((found, payment.phase, done.as_slice()), (row, phase, effects), "{event:?}");
    payment
}

fn instant(phase: Phase) -> Payment {
    payment_in(phase, Rail::Instant)
}

fn refusal(payment: &Payment, event: &Event) -> Refusal {
    match decide(payment, event, after(1_000)) {
        Decision::Refused(refusal) => refusal,
        other => panic!("{event:?} of {payment:?}: {other:?}"),
    }
}

fn is_passed_over(payment: &Payment, event: &Event, seconds: i64) -> bool {
    decide(payment, event, after(seconds)) == Decision::PassedOver
}

/// A payment that is queued again after nobody knew whether it had left.
fn queued_again() -> Payment {
    step(&instant(Phase::Unknown), &Event::NotFound, 30).1
}

#[test]
fn orders_begin_where_rules_and_days_say() {
    assert_eq!(begins_in(Verdict::Ready, false), Some(Phase::Queued));
    assert_eq!(begins_in(Verdict::Ready, true), Some(Phase::Scheduled));
    assert_eq!(begins_in(Verdict::NoFunds, true), Some(Phase::Scheduled));
    assert_eq!(begins_in(Verdict::Review, false), Some(Phase::InReview));
    for verdict in [Verdict::Declined, Verdict::NoFunds] {
        assert_eq!(begins_in(verdict, false), None);
    }
    assert_eq!(begins_in(Verdict::Declined, true), None);
}

#[test]
fn t5_and_t6_what_is_due_needs_money_and_rules() {
    let scheduled = instant(Phase::Scheduled);
    does(&scheduled, &Event::Due(Verdict::Ready), "T5", Phase::Queued, &[Hold, Tell(Told::Queued)]);
    let review = [Hold, OpenReview, Tell(Told::InReview)];
    does(&scheduled, &Event::Due(Verdict::Review), "T5a", Phase::InReview, &review);
    does(&scheduled, &Event::Due(Verdict::Declined), "T5b", Phase::Cancelled, &[Tell(Told::Cancelled)]);
    let mut payment = scheduled;
    for _ in 0..3 {
        payment = does(&payment, &Event::Due(Verdict::NoFunds), "T6", Phase::Scheduled, &[]);
    }
    payment = does(&payment, &Event::Due(Verdict::NoFunds), "T6", Phase::Rejected, &[Tell(Told::Rejected)]);
    assert_eq!(payment.reason, Some(Reason::of("AM04")));
}

#[test]
fn t7_to_t9_people_decide_what_did_not_leave() {
    let review = instant(Phase::InReview);
    does(&review, &Event::Approved(ONE), "T7", Phase::Queued, &[CloseReview, Tell(Told::Queued)]);
    for eyes in [Eyes { others: 0, needed: 0 }, Eyes { others: 1, needed: 2 }] {
        assert_eq!(refusal(&review, &Event::Approved(eyes)), Refusal::NotEnoughPeople);
        let resolved = Event::Resolved { was_sent: false, eyes };
        assert_eq!(refusal(&instant(Phase::Unknown), &resolved), Refusal::NotEnoughPeople);
    }
    for event in [Event::Declined, Event::ReviewOver] {
        let effects = [ReleaseHold, CloseReview, Tell(Told::Cancelled)];
        let declined = does(&review, &event, "T8", Phase::Cancelled, &effects);
        assert_eq!(declined.reason, Some(Reason::of("FRAUD_DECLINED")));
    }
    does(&instant(Phase::Scheduled), &Event::CancelAsked, "T9", Phase::Cancelled, &[Tell(Told::Cancelled)]);
    let effects = [ReleaseHold, Tell(Told::Cancelled)];
    does(&instant(Phase::Queued), &Event::CancelAsked, "T9", Phase::Cancelled, &effects);
    let again = queued_again();
    assert_eq!(refusal(&again, &Event::CancelAsked), Refusal::MayHaveLeft);
    assert!(!again.is_cancellable() && instant(Phase::Queued).is_cancellable());
}

#[test]
fn t10_and_t11_a_worker_takes_it_when_it_may_and_gives_it_back_when_it_surely_stayed() {
    let queued = instant(Phase::Queued);
    let taken = does(&queued, &Event::Taken(OPEN), "T10", Phase::Sending, &[StoreMessage]);
    assert_eq!((taken.sending.attempt, taken.sending.lease_ends), (1, Some(after(1_030))));
    for gate in
        [Gate { is_head: false, ..OPEN }, Gate { is_open: false, ..OPEN }, Gate { is_let_through: false, ..OPEN }]
    {
        assert_eq!(refusal(&queued, &Event::Taken(gate)), Refusal::NotYet);
    }
    let back = does(&taken, &Event::NotSent { attempt: 1 }, "T11", Phase::Queued, &[Tell(Told::Queued), BackOff]);
    // The bytes stay those that were stored.
    let second = does(&back, &Event::Taken(OPEN), "T10", Phase::Sending, &[]);
    assert_eq!(second.sending.attempt, 2);
    for stale in [Event::NotSent { attempt: 1 }, Event::PerhapsSent { attempt: 1 }] {
        assert_eq!(refusal(&second, &stale), Refusal::Stale);
    }
}

#[test]
fn t12_to_t14_the_rail_has_it_or_nobody_knows() {
    let sending = instant(Phase::Sending);
    let delivered = Event::TakenOver(Acknowledgement::Delivered);
    let in_order = Event::TakenOver(Acknowledgement::InOrder);
    for event in [delivered.clone(), in_order.clone(), Event::Pending] {
        let sent = does(&sending, &event, "T12", Phase::Sent, &[Tell(Told::Sent), AwaitUntil(after(20))]);
        assert!(is_passed_over(&sent, &Event::DeadlineOver, 19));
        let (row, unknown, effects) = step(&sent, &Event::DeadlineOver, 20);
        assert_eq!((row, unknown.phase), ("T14", Phase::Unknown));
        assert_eq!(effects, [Tell(Told::Unknown), EnquireAt(after(25))]);
    }
    let batch = payment_in(Phase::Sending, Rail::Ach);
    let sent = does(&batch, &delivered, "T12", Phase::Sent, &[Tell(Told::Sent), AwaitUntil(after(900))]);
    let in_order_sent = does(&sent, &in_order, "T12a", Phase::Sent, &[]);
    assert!(is_passed_over(&in_order_sent, &Event::DeadlineOver, 10_000));
    assert!(is_passed_over(&in_order_sent, &in_order, 0));
    let (_, perhaps, effects) = step(&sending, &Event::PerhapsSent { attempt: 1 }, 5);
    assert_eq!((perhaps.phase, effects), (Phase::Unknown, vec![Tell(Told::Unknown), EnquireAt(after(25))]));
    assert!(is_passed_over(&sending, &Event::LeaseOver, 29));
    let (row, unknown, effects) = step(&sending, &Event::LeaseOver, 30);
    assert_eq!((row, unknown.phase), ("T13", Phase::Unknown));
    // Its time to be asked has come already.
    assert_eq!(effects, [Tell(Told::Unknown), EnquireAt(after(30))]);
}

#[test]
fn t15_what_the_rail_accepted_is_settled_once() {
    for phase in [Phase::Sending, Phase::Sent, Phase::Unknown] {
        for (how, delivery) in [
            (Accepted::Settled, Delivery::Credited),
            (Accepted::Credited, Delivery::Credited),
            (Accepted::WithoutPosting, Delivery::Withheld),
        ] {
            let settled = does(&instant(phase), &accepted(how), "T15", Phase::Settled, &[Settle, Tell(Told::Settled)]);
            assert_eq!((settled.delivery, settled.settled), (Some(delivery), Some(after(1_000))));
            assert!(is_passed_over(&settled, &accepted(how), 1_001));
        }
    }
    let effects = [Settle, Tell(Told::Settled)];
    does(&queued_again(), &accepted(Accepted::Settled), "T15a", Phase::Settled, &effects);
    // What we took for never sent is not sent again.
    let (row, unknown, effects) = step(&instant(Phase::Queued), &accepted(Accepted::Settled), 0);
    assert_eq!((row, unknown.phase), ("T15c", Phase::Unknown));
    assert!(effects.contains(&Raise(Attention::Contradiction)));
    // No news is good news, from the rail that works so, once it has said that all is in order, and not before its time.
    let mut sent = payment_in(Phase::Sent, Rail::Ach);
    sent.sending.settles = Some(after(1_000));
    assert!(is_passed_over(&sent, &Event::WindowSettled, 1_000));
    sent.sending.is_acknowledged = true;
    assert!(is_passed_over(&sent, &Event::WindowSettled, 999));
    let settled = does(&sent, &Event::WindowSettled, "T15b", Phase::Settled, &[Settle, Tell(Told::Settled)]);
    assert_eq!(settled.delivery, None);
    sent.rail = Rail::Wire;
    assert!(is_passed_over(&sent, &Event::WindowSettled, 1_000));
}

#[test]
fn t16_what_the_rail_rejected_is_the_customers_again() {
    let effects = [ReleaseHold, Tell(Told::Rejected)];
    for phase in [Phase::Sending, Phase::Sent, Phase::Unknown] {
        let rejected = does(&instant(phase), &rejected("ZZ99"), "T16", Phase::Rejected, &effects);
        assert_eq!(rejected.reason, Some(Reason::of("ZZ99")));
    }
    does(&queued_again(), &rejected("AB03"), "T16a", Phase::Rejected, &effects);
    assert!(is_passed_over(&instant(Phase::Queued), &rejected("AB03"), 0));
}

#[test]
fn t16b_what_came_too_late_goes_with_the_next_window_twice() {
    // The instant rail has no windows.
    does(&instant(Phase::Sent), &rejected("TM01"), "T16", Phase::Rejected, &[ReleaseHold, Tell(Told::Rejected)]);
    let mut payment = payment_in(Phase::Sent, Rail::Wire);
    for _ in 0..2 {
        let effects = [DropMessage, Tell(Told::Queued), WaitForWindow];
        let queued = does(&payment, &rejected("TM01"), "T16b", Phase::Queued, &effects);
        assert!(
            is_passed_over(&queued, &rejected("TM01"), 0),
            "the same answer again says nothing about the next message"
        );
        let taken = does(&queued, &Event::Taken(OPEN), "T10", Phase::Sending, &[StoreMessage]);
        payment = step(&taken, &Event::TakenOver(Acknowledgement::Delivered), 1_001).1;
    }
    does(&payment, &rejected("TM01"), "T16", Phase::Rejected, &[ReleaseHold, Tell(Told::Rejected)]);
}

#[test]
fn t17_and_t18_what_is_not_found_is_sent_again_under_its_name_and_then_looked_at() {
    let mut payment = instant(Phase::Unknown);
    for _ in 0..2 {
        payment = does(&payment, &Event::NotFound, "T17", Phase::Queued, &[Tell(Told::Queued)]);
        payment = does(&payment, &Event::Taken(OPEN), "T10", Phase::Sending, &[]);
        payment = step(&payment, &Event::LeaseOver, 1_030).1;
    }
    let (row, unknown, effects) = step(&payment, &Event::NotFound, 1_040);
    assert_eq!((row, unknown.phase), ("T17a", Phase::Unknown));
    assert_eq!(effects[..2], [Raise(Attention::NotFound), Tell(Told::Attention)]);
    for (rail, overdue) in [(Rail::Instant, 920), (Rail::Wire, 7_220)] {
        let unknown = payment_in(Phase::Unknown, rail);
        let attention = |seconds| step(&unknown, &Event::NotResolved, seconds).1.attention;
        assert_eq!((attention(overdue - 1), attention(overdue)), (None, Some(Attention::Unresolved)));
    }
    let mut batch = payment_in(Phase::Unknown, Rail::Ach);
    batch.sending.settles = Some(after(5_000));
    let attention = |seconds| step(&batch, &Event::NotResolved, seconds).1.attention;
    assert_eq!((attention(4_999), attention(5_000)), (None, Some(Attention::Unresolved)));
}

#[test]
fn t19_and_t20_what_contradicts_an_end_is_for_people_and_its_money_in_suspense() {
    for phase in [Phase::Rejected, Phase::Failed, Phase::Cancelled] {
        let effects = [Suspend, Raise(Attention::Contradiction), Tell(Told::Attention)];
        let contradicted = does(&instant(phase), &accepted(Accepted::Settled), "T19", phase, &effects);
        assert!(is_passed_over(&contradicted, &accepted(Accepted::Settled), 0), "once");
        // It came back from there: in parts, and no more than went out.
        let mut world = World::of(instant(phase));
        world.hears(&accepted(Accepted::Settled), after(0));
        for (minor, is_open) in [(25, true), (AMOUNT - 25, false)] {
            let Decision::Step(step) = world.hears(&back(minor), after(1)) else { panic!("it is booked") };
            assert_eq!(
                (step.row, step.effects, step.payment.in_suspense),
                ("T22b", vec![Unsuspend(usd(minor))], is_open)
            );
        }
        assert_eq!(world.hears(&back(1), after(2)), Decision::PassedOver);
        assert_eq!(world.hears(&accepted(Accepted::Settled), after(3)), Decision::PassedOver);
    }
    let effects = [Raise(Attention::Contradiction), Tell(Told::Attention)];
    let noted = does(&instant(Phase::Settled), &rejected("AC04"), "T20", Phase::Settled, &effects);
    assert!(is_passed_over(&noted, &rejected("AC04"), 0));
    does(&instant(Phase::Failed), &back(1), "T22b", Phase::Failed, &effects);
}

#[test]
fn t21_delivery_goes_on_and_never_back() {
    let changed = [Tell(Told::DeliveryChanged)];
    let credited = does(&instant(Phase::Settled), &accepted(Accepted::Credited), "T21", Phase::Settled, &changed);
    assert_eq!(credited.delivery, Some(Delivery::Credited));
    assert!(is_passed_over(&credited, &accepted(Accepted::WithoutPosting), 0));
    let blocked = does(&instant(Phase::Settled), &Event::Blocked, "T21", Phase::Settled, &changed);
    assert!(is_passed_over(&blocked, &accepted(Accepted::Credited), 0));
    let early = does(&instant(Phase::Sent), &Event::Blocked, "T21a", Phase::Sent, &[]);
    let settled = step(&early, &accepted(Accepted::WithoutPosting), 0).1;
    assert_eq!(settled.delivery, Some(Delivery::Blocked));
}

#[test]
fn t22_to_t24_what_comes_back_is_given_back_to_the_last_unit_and_no_further() {
    let settled = instant(Phase::Settled);
    let whole = [Refund(usd(AMOUNT)), Tell(Told::Returned)];
    let returned = does(&settled, &back(AMOUNT), "T22", Phase::Returned, &whole);
    assert_eq!(returned.reason, Some(Reason::of("AC04")));
    let unapplied = |minor| [Unapply(usd(minor)), Raise(Attention::Contradiction), Tell(Told::Attention)];
    does(&returned, &back(1), "T24a", Phase::Returned, &unapplied(1));
    let part = does(&settled, &back(25), "T23", Phase::Settled, &[Refund(usd(25)), Tell(Told::Returned)]);
    does(&part, &back(AMOUNT), "T24a", Phase::Settled, &unapplied(AMOUNT));
    does(&part, &back(AMOUNT - 25), "T22", Phase::Returned, &[Refund(usd(AMOUNT - 25)), Tell(Told::Returned)]);
    let lost =
        |amount, account_takes_it| Event::Returned(Return { amount, reason: Reason::of("AC04"), account_takes_it });
    for (event, amount) in [(lost(usd(AMOUNT), false), usd(AMOUNT)), (lost(eur(9), true), eur(9))] {
        let effects = [Unapply(amount), Raise(Attention::Unapplied), Tell(Told::Attention), Tell(Told::Returned)];
        does(&settled, &event, "T24", Phase::Returned, &effects);
    }
    for nothing in [back(0), back(-5)] {
        assert!(is_passed_over(&settled, &nothing, 0));
    }
    assert_eq!(decide(&instant(Phase::Sent), &back(AMOUNT), after(0)), Decision::Kept);
    assert_eq!(decide(&queued_again(), &back(AMOUNT), after(0)), Decision::Kept);
    assert!(is_passed_over(&instant(Phase::Queued), &back(AMOUNT), 0));
}

#[test]
fn t25_and_t26_messages_that_come_again_or_under_a_false_name_move_nothing() {
    for phase in Phase::ALL {
        does(&instant(*phase), &Event::Repeated, "T25", *phase, &[RepeatAnswer]);
        let effects = [RefuseMessage, Raise(Attention::ForgedOrBroken), Tell(Told::Attention)];
        let noted = does(&instant(*phase), &Event::Forged, "T26", *phase, &effects);
        does(&noted, &Event::Forged, "T26", *phase, &[RefuseMessage]);
    }
}

#[test]
fn t27_what_never_left_is_given_up_and_nothing_else() {
    let effects = [ReleaseHold, Tell(Told::Failed)];
    let failed = does(&instant(Phase::Queued), &Event::RailAway, "T27", Phase::Failed, &effects);
    assert_eq!(failed.reason, Some(Reason::of("ED06")));
    let (row, unknown, effects) = step(&queued_again(), &Event::RailAway, 5_000);
    assert_eq!((row, unknown.phase), ("T27a", Phase::Unknown));
    assert!(effects.contains(&Raise(Attention::Unresolved)) && !effects.contains(&ReleaseHold));
}

#[test]
fn t28_and_t29_calling_back_moves_no_money() {
    let ask = Event::RecallAsked { is_fraud: false };
    let asked = does(&instant(Phase::Settled), &ask, "T28", Phase::Settled, &[SendRecall]);
    assert_eq!(refusal(&asked, &ask), Refusal::AskedBefore);
    let pending = step(&asked, &Event::RecallAnswered(Recall::Pending), 0).1;
    for answer in [Recall::Accepted, Recall::Partly, Recall::Refused] {
        let event = Event::RecallAnswered(answer);
        let answered = does(&pending, &event, "T29", Phase::Settled, &[Tell(Told::RecallAnswered)]);
        assert!(is_passed_over(&answered, &Event::RecallAnswered(Recall::Pending), 0));
        assert_eq!(
            decide(&answered, &ask, after(0)) == Decision::Refused(Refusal::AskedBefore),
            answer != Recall::Refused
        );
    }
    assert!(is_passed_over(&instant(Phase::Settled), &Event::RecallAnswered(Recall::Accepted), 0));
    let is_late = |rail, seconds, is_fraud| {
        let event = Event::RecallAsked { is_fraud };
        decide(&payment_in(Phase::Settled, rail), &event, after(seconds)) == Decision::Refused(Refusal::TooLate)
    };
    const DAY: i64 = 86_400;
    assert!(!is_late(Rail::Instant, 60 * DAY, false) && is_late(Rail::Instant, 60 * DAY + 2, false));
    // Five banking days from a Wednesday are over on the next one.
    assert!(!is_late(Rail::Ach, 7 * DAY, false) && is_late(Rail::Ach, 8 * DAY, false));
    assert!(Rail::ALL.iter().all(|rail| !is_late(*rail, 400 * DAY, true)));
}

#[test]
fn t30_people_say_what_became_of_it() {
    let was_sent = Event::Resolved { was_sent: true, eyes: ONE };
    does(&instant(Phase::Unknown), &was_sent, "T30", Phase::Settled, &[Settle, Tell(Told::Settled)]);
    let was_not = Event::Resolved { was_sent: false, eyes: ONE };
    let queued = does(&instant(Phase::Unknown), &was_not, "T30", Phase::Queued, &[Tell(Told::Queued)]);
    assert!(!queued.is_cancellable(), "it is sent again under its name: the rail knows whether it has it");
}

#[test]
fn t31_what_the_rail_does_not_understand_never_left_unless_it_may_have() {
    let attention = [Raise(Attention::NotUnderstood), Tell(Told::Attention)];
    let [raise, tell] = attention.clone();
    let effects = [ReleaseHold, Tell(Told::Failed), raise, tell];
    let failed = does(&instant(Phase::Sending), &Event::NotUnderstood, "T31", Phase::Failed, &effects);
    assert_eq!(failed.reason, Some(Reason::of("FF02")));
    let again = step(&queued_again(), &Event::Taken(OPEN), 40).1;
    for payment in [again, instant(Phase::Sent)] {
        let (row, unknown, effects) = step(&payment, &Event::NotUnderstood, 50);
        assert_eq!((row, unknown.phase), ("T31a", Phase::Unknown));
        assert!(!effects.contains(&ReleaseHold) && effects.ends_with(&attention));
    }
    does(&instant(Phase::Unknown), &Event::NotUnderstood, "T31b", Phase::Unknown, &attention);
}

#[test]
fn t32_what_we_cannot_send_waits_for_people_after_five_times() {
    let mut payment = instant(Phase::Queued);
    for _ in 0..4 {
        payment = does(&payment, &Event::OwnError, "T32", Phase::Queued, &[BackOff]);
    }
    let effects = [Raise(Attention::AccountParked), Tell(Told::Attention)];
    let parked = does(&payment, &Event::OwnError, "T32", Phase::Queued, &effects);
    assert_eq!(refusal(&parked, &Event::Taken(OPEN)), Refusal::Parked);
    does(&parked, &Event::CancelAsked, "T9", Phase::Cancelled, &[ReleaseHold, Tell(Told::Cancelled)]);
}

#[test]
fn t33_an_answer_with_another_amount_settles_nothing() {
    let other = Event::Accepted(Acceptance { how: Accepted::Settled, amount: Some(usd(AMOUNT + 1)) });
    let attention = [Raise(Attention::AmountDiffers), Tell(Told::Attention)];
    for phase in [Phase::Sending, Phase::Sent] {
        let (row, unknown, effects) = step(&instant(phase), &other, 5);
        assert_eq!((row, unknown.phase), ("T33", Phase::Unknown));
        assert!(effects.ends_with(&attention) && !effects.contains(&Settle));
    }
    for phase in [Phase::Unknown, Phase::Settled, Phase::Returned, Phase::Rejected, Phase::Failed, Phase::Cancelled] {
        does(&instant(phase), &other, "T33a", phase, &attention);
    }
    does(&instant(Phase::Queued), &other, "T33b", Phase::Queued, &attention);
    assert_eq!(step(&queued_again(), &other, 40).1.phase, Phase::Unknown);
    let same = Event::Accepted(Acceptance { how: Accepted::Settled, amount: Some(usd(AMOUNT)) });
    does(&instant(Phase::Sent), &same, "T15", Phase::Settled, &[Settle, Tell(Told::Settled)]);
}

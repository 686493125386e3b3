//! The process dies while a mail is handed over, noted as returned, or a notice that nobody opens is followed: record,
//! outbox and papers say the same.

use super::actions::{Planned, Told};
use super::model::Who;
use super::world::{Subject, World, truths};
use std::sync::Arc;
use time::Duration;
use todoke::gateway::mail::bounce::Verdict;
use todoke::gateway::mail::{MailError, MailFault, MailSettings, Mailbox, Mailer};
use todoke::service::bounces::{self, Bounce};
use todoke::service::mail_care::MailCare;
use todoke::store::FaultPoint;

const RETURNS: &str = "folder = \"/nowhere\"\nbounces = { address = \"bounce@card.example.jp\" }";

/// Somebody who has a card, and whose mails wait.
async fn issued(world: &Arc<World>, place: u64) -> Subject {
    let subject = world.applicant(place).await;
    let way =
        [("freeze", Who::Applicant), ("sign", Who::Applicant), ("claim", Who::Staff(0)), ("approve", Who::Staff(0))];
    for (name, who) in way {
        let seen = world.application(&subject).await.state.version();
        let told = Planned::named(name, who, world, seen).carry_out(world, &subject).await;
        assert_eq!(told, Told::Done, "{name}");
    }
    assert_eq!(world.application(&subject).await.state.name(), "issued");
    subject
}

fn mailbox(world: &World) -> Mailbox {
    let Mailer::Memory(mailbox) = &world.portal.mailer else { panic!("these mails go out") };
    mailbox.clone()
}

/// What came of mails stands on the record, and nothing else does.
async fn must_agree(world: &World, what: &str) {
    let count = async |sql: &str| world.database.count(&format!("SELECT COUNT(*) FROM {sql}")).await;
    for (left, right) in [
        ("outbox WHERE state = 'sent'", "events WHERE kind = 'mail_handed_over'"),
        ("outbox WHERE state = 'failed'", "events WHERE kind IN ('mail_returned', 'mail_withheld')"),
        ("paper_notices", "events WHERE kind = 'notice_on_paper'"),
        ("notice_reminders", "events WHERE kind = 'notice_reminded'"),
        ("notice_reminders", "outbox WHERE kind = 'notice_unread'"),
    ] {
        // A mail that came back was handed over before.
        let handed_over = if left.contains("'sent'") {
            count("outbox o WHERE o.state = 'failed' AND o.undelivered_at > o.settled_at").await
        } else {
            0
        };
        assert_eq!(count(left).await + handed_over, count(right).await, "{what}: {left}");
    }
    let told = "notices n WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.notice_id = n.id AND o.state = 'failed')";
    assert!(count(told).await <= count("paper_notices").await, "{what}: nobody hears of a notice");
}

/// Nothing of the dead process is left but the database.
fn dies(world: &mut Arc<World>, statements: u64) -> Arc<FaultPoint> {
    let fault = FaultPoint::after(statements);
    let portal = &mut Arc::get_mut(world).expect("nobody else is there").portal;
    portal.db = portal.db.dying_at(&fault);
    fault
}

async fn restart(world: &mut Arc<World>) {
    Arc::get_mut(world).expect("nobody else is there").restart().await;
}

truths! {
    async fn whoever_dies_while_handing_mails_over_leaves_all_or_nothing(world: &mut Arc<World>) {
        let mailbox = mailbox(world);
        for (failure, round) in [(None, 0), (Some(MailError::Permanent(MailFault::Nobody(550))), 1)] {
            for statements in 0_u64.. {
                assert!(statements < 200, "it never ends");
                issued(world, 1000 * (round + 1) + statements).await;
                mailbox.fail_with(failure);
                let fault = dies(world, statements);
                drop(world.portal.deliver_mail().await);
                restart(world).await;
                must_agree(world, &format!("{failure:?} dies after {statements}")).await;
                // The lease of whoever died runs out.
                world.advance(Duration::minutes(5));
                world.portal.deliver_mail().await.unwrap();
                mailbox.fail_with(None);
                must_agree(world, "and the next one goes on").await;
                if !fault.has_struck() {
                    assert!(statements > 10, "only {statements} places to die at");
                    break;
                }
            }
        }
    }

    async fn whoever_dies_while_noting_a_return_leaves_all_or_nothing(world: &mut Arc<World>) {
        let settings: MailSettings = toml::from_str(RETURNS).unwrap();
        let address = settings.bounces.clone().unwrap().address;
        Arc::get_mut(world).expect("nobody else is there").portal.mail_care = MailCare::new(&settings);
        issued(world, 1).await;
        world.portal.deliver_mail().await.unwrap();
        let letter = mailbox(world).letters().pop().unwrap();
        let report = format!(
            "Return-Path: <>\r\nTo: {}\r\nContent-Type: multipart/report; boundary=\"b\"\r\n\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\n\
             Status: 5.1.1\r\n\r\n--b--\r\n",
            letter.returns_to
        );
        world.advance(Duration::minutes(1));
        for statements in 0_u64.. {
            assert!(statements < 200, "it never ends");
            let fault = dies(world, statements);
            let taken = bounces::take(&world.portal.db, &address, None, report.as_bytes(), world.now()).await;
            restart(world).await;
            must_agree(world, &format!("dies after {statements}")).await;
            let dead = world.database.count("SELECT COUNT(*) FROM dead_addresses").await;
            let returned = world.database.count("SELECT COUNT(*) FROM events WHERE kind = 'mail_returned'").await;
            assert_eq!((dead, taken.is_ok() && returned == 0), (returned, false), "dies after {statements}");
            if !fault.has_struck() {
                let heard = [Bounce::Noted(Verdict::Hard), Bounce::Ignored];
                assert!(heard.contains(&taken.unwrap()), "whoever heard nothing sent it again");
                assert!(statements > 5 && returned == 1, "only {statements} places to die at");
                break;
            }
        }
    }

    async fn whoever_dies_while_following_a_notice_leaves_all_or_nothing(world: &mut Arc<World>) {
        for (days, followed) in [(4, "notice_reminders"), (11, "paper_notices")] {
            for place in 0..3 {
                if days == 4 {
                    issued(world, place + 1).await;
                }
            }
            world.portal.deliver_mail().await.unwrap();
            world.advance(Duration::days(days));
            for statements in 0_u64.. {
                assert!(statements < 200, "it never ends");
                let fault = dies(world, statements);
                drop(world.portal.follow_unread_notices().await);
                restart(world).await;
                must_agree(world, &format!("{followed}: dies after {statements}")).await;
                if !fault.has_struck() {
                    break;
                }
            }
            let count = world.database.count(&format!("SELECT COUNT(*) FROM {followed}")).await;
            assert_eq!(count, 3, "{followed}");
        }
    }
}

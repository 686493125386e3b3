//! Every route of the staff as every role, alone: the table of routes and the table of roles say who gets in.

use super::{issued, sending};
use crate::support::app::{TestApp, stories};
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::demo::{STAFF_PASSWORD, STAFF_TOTP_SECRET};
use todoke::domain::permission::{Role, RoleGrant};
use todoke::http::audience::Audience;
use todoke::http::routes::{ROUTES, Verb};

/// Somebody with one role, everywhere or at one branch.
async fn alone(app: &TestApp, role: Role, branch: Option<&str>) -> Journey {
    let library = app.library("himeji").await;
    let roles = vec![RoleGrant { role, branch: branch.map(|code| code.parse().unwrap()) }];
    let login = format!("{}-{}", role.as_str(), branch.unwrap_or("all"));
    app.portal()
        .add_demo_staff(&library, &login, role.as_str(), roles, STAFF_PASSWORD, STAFF_TOTP_SECRET)
        .await
        .unwrap();
    app.advance(time::Duration::seconds(30));
    let staff = app.journey("himeji");
    staff.sign_in_staff(&login, STAFF_PASSWORD, &app.staff_code()).await.unwrap();
    staff
}

fn is_forbidden(page: &Page) -> bool {
    page.status == 403 && page.text_of("h1").is_some_and(|heading| heading.contains("このページは見られません"))
}

stories! {
    async fn each_role_reaches_exactly_what_its_permissions_say(app: &TestApp) {
        let (places, _) = issued(app).await;
        let mut reached = 0;
        for role in Role::ALL {
            let staff = alone(app, role, None).await;
            for entry in ROUTES {
                let Audience::Staff(permission) = entry.audience else { continue };
                let page = sending(app, entry, &places, &staff.browser).send().await;
                let here = format!("{} at {:?} {}: {}", role.as_str(), entry.verb, entry.path, page.status);
                assert!(page.status < 500, "{here}");
                match (entry.verb, role.allows(permission)) {
                    (Verb::Get, allowed) => assert_eq!(is_forbidden(&page), !allowed, "{here}"),
                    (Verb::Post, true) => assert!(!is_forbidden(&page), "{here}"),
                    // A post without its hidden fields may be refused for those first.
                    (Verb::Post, false) => assert_eq!(page.status, 403, "{here}"),
                }
                reached += 1;
            }
        }
        assert!(reached > 7 * 40, "the table is empty");
    }

    async fn nobody_presses_what_their_role_does_not_allow(app: &TestApp) {
        let (places, _) = issued(app).await;
        let before = app.written().await;
        for role in Role::ALL {
            let staff = alone(app, role, None).await;
            let own = staff.open_staff("help").await.unwrap();
            let form = own.form("csrf").unwrap();
            for entry in ROUTES.iter().filter(|entry| entry.verb == Verb::Post) {
                let Audience::Staff(permission) = entry.audience else { continue };
                let twin = ROUTES.iter().find(|other| other.verb == Verb::Get && other.path == entry.path);
                assert!(twin.is_some_and(|twin| twin.audience.is_staff()), "{}", entry.path);
                if role.allows(permission) {
                    continue;
                }
                let page = sending(app, entry, &places, &staff.browser)
                    .field("csrf", form.value("csrf").unwrap())
                    .field("idem", form.value("idem").unwrap())
                    .send()
                    .await;
                // What has fields may be read before its sender is known.
                let refused = is_forbidden(&page) || page.status == 400;
                assert!(refused, "{} at {}: {}", role.as_str(), entry.path, page.status);
            }
        }
        assert_eq!(app.written().await, before);
    }

    async fn whatever_a_role_is_led_to_opens(app: &TestApp) {
        let (places, _) = issued(app).await;
        for (role, branch) in Role::ALL.into_iter().flat_map(|role| [(role, None), (role, Some("jonai"))]) {
            let staff = alone(app, role, branch).await;
            let home = staff.open_staff("").await.unwrap();
            assert_eq!(home.status, 200, "{role:?} of {branch:?} begins at {}", home.url);
            let mut led_to = home.links("header");
            assert!(led_to.len() > 1, "{role:?} is led nowhere");
            for tab in ["queue?tab=all", "applications/"] {
                let place = if tab == "applications/" { format!("{tab}{}", places.reference) } else { tab.to_owned() };
                let page = staff.open_staff(&place).await.unwrap();
                if page.status == 200 {
                    led_to.extend(page.links("main"));
                }
            }
            led_to.retain(|url| url.path().contains("/staff/"));
            led_to.sort();
            led_to.dedup();
            for url in led_to {
                let page = staff.browser.open(url.as_str()).await.unwrap();
                assert_eq!(page.status, 200, "{role:?} of {branch:?} is led to {url}");
            }
        }
    }

    async fn a_role_at_another_branch_finds_no_application(app: &TestApp) {
        let (places, _) = issued(app).await;
        let before = app.written().await;
        for role in Role::ALL {
            // The application belongs to jonai.
            let staff = alone(app, role, Some("aboshi")).await;
            let own = staff.open_staff("help").await.unwrap();
            let form = own.form("csrf").unwrap();
            for entry in ROUTES.iter().filter(|entry| entry.path.contains("{reference}")) {
                let Audience::Staff(permission) = entry.audience else { continue };
                if !role.allows(permission) {
                    continue;
                }
                let mut sending = sending(app, entry, &places, &staff.browser);
                if entry.verb == Verb::Post {
                    sending = sending
                        .field("csrf", form.value("csrf").unwrap())
                        .field("idem", form.value("idem").unwrap());
                }
                let page = sending.send().await;
                let leads = page.status == 303 && entry.verb == Verb::Get;
                // What has fields is read before the application is looked for.
                let unread = page.status == 400 && entry.verb == Verb::Post;
                assert!(page.status == 404 || leads || unread, "{} at {:?} {}: {}", role.as_str(), entry.verb, entry.path, page.status);
                assert!(!page.text().contains("姫路 花子"), "{}", entry.path);
            }
        }
        assert_eq!(app.written().await, before);
    }
}

//! The memory of who failed: one user's failures cost no one else anything.

use crate::common::{End, PostLogin, Reply, Sent, Stage, event, ok, one, silence, somebody, status, with};
use login_sync::Failed;
use serde_json::{Value as Json, json};

#[test]
fn the_memory() {
    let mut failed = Failed::default();
    assert!(failed.is_empty() && !failed.is_busy("ada", 0.0));
    assert!(!failed.failed("ada", 100.0), "the first time");
    for (tick, busy) in [(100.0, true), (1_099.0, true), (1_100.0, false)] {
        assert_eq!(failed.is_busy("ada", tick), busy, "{tick}");
        assert!(!failed.is_busy("bob", tick), "another");
    }
    // A try begins that may take two seconds.
    failed.begin("ada", 1_100.0, 2_000.0);
    for (tick, busy) in [(1_100.0, true), (3_099.0, true), (3_100.0, false)] {
        assert_eq!(failed.is_busy("ada", tick), busy, "{tick}");
    }
    assert!(failed.failed("ada", 1_200.0), "known to fail");
    assert!(failed.is_busy("ada", 2_199.0) && !failed.is_busy("ada", 2_200.0));
    failed.begin("bob", 0.0, 5_000.0);
    assert!(!failed.is_busy("bob", 1.0), "who has not failed may come as often as they like");
    assert!(failed.forget("ada") && !failed.forget("ada") && failed.is_empty());
}

#[test]
fn the_last_sixty_four_are_remembered() {
    let mut failed = Failed::default();
    for number in 0..65 {
        failed.failed(&number.to_string(), 0.0);
    }
    // The one who failed again is the latest.
    failed.failed("1", 0.0);
    failed.failed("65", 0.0);
    let known: Vec<_> = (0..66).filter(|number| failed.is_busy(&number.to_string(), 0.0)).collect();
    let wanted: Vec<_> = (0..66).filter(|number| ![0, 2].contains(number)).collect();
    assert_eq!(known, wanted);
}

fn crm(over: Json) -> Stage {
    Stage::new(one(over), json!({}))
}

fn up() -> Reply {
    ok(json!({}))
}

#[test]
fn who_failed_has_one_try_a_second_and_no_retry() {
    let mut stage = crm(json!({}));
    assert_eq!(stage.login(&event(), &[status(500), status(500)]).why("crm"), "unavailable:500");
    let end = stage.login(&event(), &[]);
    assert_eq!((end.why("crm").as_str(), end.ms), ("unavailable:busy", 0.0));
    stage.pass(1_000.0);
    assert_eq!(stage.login(&event(), &[status(500)]).why("crm"), "unavailable:500", "one try, no retry");
    stage.pass(1_000.0);
    assert_eq!(stage.login(&event(), &[up()]).why("crm"), "ok:200");
    // Nine more good answers pay for the retry that they have had.
    for number in 0..9 {
        stage.login(&somebody(number), &[up()]);
    }
    let end = stage.login(&event(), &[status(500), up()]);
    assert_eq!(end.why("crm"), "ok:200", "forgotten, and a retry again");
}

/// Any answer is one: a user whom the system refuses is not one whom it fails.
#[test]
fn any_answer_forgets_the_failure() {
    for (reply, why) in [(status(404), "rejected:404"), (status(401), "unauthorized:401")] {
        let mut stage = crm(json!({"retries": 0}));
        stage.login(&event(), &[status(500)]);
        stage.pass(1_000.0);
        assert_eq!(stage.login(&event(), &[reply]).why("crm"), why);
        assert_eq!(stage.login(&event(), &[up()]).why("crm"), "ok:200");
    }
}

#[test]
fn who_failed_has_one_try_at_a_time() {
    let mut stage = crm(json!({"retries": 0}));
    stage.login(&event(), &[status(500)]);
    stage.pass(1_000.0);
    let starts = [0.0, 1.0, 1_500.0].map(|at| (at, PostLogin, event()));
    let ends = stage.together(&starts, |_| up().after(1_400.0));
    let whys: Vec<_> = ends.iter().map(|end| end.why("crm")).collect();
    assert_eq!(whys, ["ok:200", "unavailable:busy", "ok:200"]);
}

/// One account in bursts, with others between: whatever it does, the others get in, at most one request a second is
/// spent on it, and the retries stay theirs.
#[test]
fn one_account_decides_for_no_other() {
    for reply in [status(500), status(429), status(503).retry_after("1"), silence()] {
        let body = json!({"body": {"id": "user.user_id"}});
        let mut stage = crm(json!({"timeoutMs": 400, "request": body}));
        let (mut denied, mut attacks) = (0, 0);
        for round in 0..60 {
            let mut starts: Vec<_> = (0..10).map(|burst| (f64::from(burst), PostLogin, event())).collect();
            starts.extend((0..10_u32).map(|number| {
                (100.0 * f64::from(number), PostLogin, somebody(20 * round + number as usize))
            }));
            let script = |sent: &Sent| if sent.body()["id"] == "auth0|ada" { reply.clone() } else { up() };
            let ends = stage.together(&starts, script);
            attacks += ends[..10].iter().map(|end| end.sent.len()).sum::<usize>();
            denied += ends[10..].iter().filter(|end| end.why("crm") != "ok:200").count();
            stage.pass(1_000.0);
        }
        assert_eq!(denied, 0);
        assert!(attacks <= 75, "{attacks} requests in a minute and more");
        let end = stage.login(&somebody(5_000), &[status(503), up()]);
        assert_eq!(end.why("crm"), "ok:200", "a retry for somebody else");
    }
}

fn whose(over: Json, first: Json, second: Json) -> End {
    let mut stage = crm(with(json!({"retries": 0, "on": ["post-login"]}), over));
    let without_id = |user: Json| {
        let mut event = event();
        event["user"] = user["user"].clone();
        event["client"] = user["client"].clone();
        event
    };
    stage.login(&without_id(first), &[status(500)]);
    stage.play(&without_id(second), |_| up())
}

/// A user is their id; before there is one, what they register by; a machine is its client.
#[test]
fn who_is_who() {
    let user = |id: &str, email: &str, client: &str| {
        let text = |text: &str| if text.is_empty() { Json::Null } else { json!(text) };
        json!({"user": {"user_id": text(id), "email": text(email)}, "client": {"client_id": text(client)}})
    };
    let by = |name: &str, value: &str| json!({"user": {name: value}, "client": {"client_id": "web"}});
    let table = [
        ("the same id", user("a", "x@e", "web"), user("a", "y@e", "app"), true),
        ("another id, and the same everything else", user("a", "x@e", "web"), user("b", "x@e", "web"), false),
        ("the same address", user("", "x@e", "web"), user("", "x@e", "app"), true),
        ("another address of one client", user("", "x@e", "web"), user("", "y@e", "web"), false),
        ("the same telephone", by("phone_number", "+461"), by("phone_number", "+461"), true),
        ("another telephone of one client", by("phone_number", "+461"), by("phone_number", "+462"), false),
        ("another name of one client", by("username", "ada"), by("username", "bob"), false),
        ("a machine", user("", "", "m1"), user("", "", "m1"), true),
        ("another machine", user("", "", "m1"), user("", "", "m2"), false),
        ("no one, and no one else", user("", "", ""), user("", "", ""), false),
    ];
    for (name, first, second, same) in table {
        let end = whose(json!({}), first, second);
        assert_eq!(end.why("crm") == "unavailable:busy", same, "{name}: {}", end.log);
    }
}

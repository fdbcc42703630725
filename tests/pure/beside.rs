//! What stands beside each other on one screen agrees: the sentence, the next step, the counts, the clocks, the dialogs.

use crate::support;

use signalbox::change::{Draft, Nonce, State};
use signalbox::event::{Ask, Failure, FailureKind, Place, SourceId, What};
use signalbox::model::{Mark, Step};
use signalbox::ui::{Screen, Setup};
use support::eye::{press, shown, text};
use support::{Stage, east, eye, setup};

const SIZES: [(u16, u16); 5] = [(150, 44), (220, 60), (80, 24), (45, 80), (40, 24)];

fn screen(stage: &Stage) -> Screen {
    Screen::new(setup(stage, "alice", "dark"))
}

/// What a screen shows as one line, so that words that are wrapped can be looked for.
fn flat(stage: &Stage, size: (u16, u16), keys: &str) -> String {
    let mut screen = screen(stage);
    eye::buffer(&mut screen, stage, size);
    press(&mut screen, stage, keys);
    shown(&mut screen, stage, size).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A certificate of the standby region, and one of the active one, that is about to end.
fn certificate(place: Place) -> Stage {
    let mut stage = Stage::calm();
    let name = if place == Place::Active { "days_active" } else { "days_standby" };
    stage.sample("certificates-east", name, place, 3.0);
    stage.pass(1);
    stage
}

/// Resolvers of which two are silent: all that are heard of lead to the new region or not.
fn two_resolvers_silent() -> Stage {
    let mut stage = Stage::until("verified");
    stage.answers = vec!["us-east-2", "us-east-1", "us-east-1", "us-east-2"];
    stage.poll();
    let silent: Vec<_> = stage.model.estate.resolvers.iter().take(2).map(|r| r.name.clone()).collect();
    for name in silent {
        let why = Failure { kind: FailureKind::Timeout, why: "no answer within 2 s".into() };
        stage.heard(SourceId::Dns(name), 2_000, 75, Err(why));
    }
    stage.pass(80);
    let keep: Vec<_> = stage.model.estate.resolvers.iter().skip(2).map(|r| r.name.clone()).collect();
    assert_eq!(keep.len(), 2);
    stage
}

#[test]
fn a_move_whose_traffic_has_not_arrived_is_never_called_done() {
    for to in ["us-east-1", "us-east-2"] {
        let mut stage = Stage::until("verified");
        stage.answers = vec!["us-east-1", "us-east-1", "us-east-1", to];
        stage.poll();
        stage.wait(2);
        let n = if to == "us-east-1" { 0 } else { 8 };
        let count = format!("{n} of 32 DNS answers lead");
        for size in SIZES {
            for keys in ["", "c"] {
                let shown = flat(&stage, size, keys);
                assert!(shown.contains(&count), "{size:?} {keys:?}: {shown}");
                assert!(!shown.contains("is done"), "{size:?} {keys:?}: {shown}");
                assert!(!shown.contains("✔ VERIFIED"), "{size:?} {keys:?}: {shown}");
            }
        }
        let slim = flat(&stage, (45, 80), "");
        assert!(slim.contains("the controls are set, traffic has not arrived yet"), "{slim}");
        let dialog = flat(&stage, (150, 44), "c");
        assert!(
            dialog.contains("CONTROLS VERIFIED, TRAFFIC NOT MOVED YET") && dialog.contains("▸ traffic awaited"),
            "{dialog}"
        );
    }
}

#[test]
fn one_count_of_dns_answers_stands_everywhere_and_a_silent_resolver_leads_nowhere() {
    let stage = Stage::until("verified");
    let count = |shown: &str| -> Vec<String> {
        let words = shown.split_whitespace().collect::<Vec<_>>();
        let of = words.windows(4).filter(|w| w[1] == "of" && w[3].starts_with("DNS"));
        of.map(|w| format!("{} of {}", w[0], w[2])).collect()
    };
    for size in SIZES {
        for keys in ["", "c"] {
            let counts = count(&flat(&stage, size, keys));
            assert!(!counts.is_empty() && counts.iter().all(|c| c == "16 of 32"), "{size:?} {keys:?}: {counts:?}");
        }
    }
    let stage = two_resolvers_silent();
    let change = stage.model.changes.get(&stage.last.unwrap()).unwrap();
    let answers = stage.model.answers(change);
    assert!(answers.silent > 0 && answers.given + answers.silent == 32, "{answers:?}");
    let dialog = flat(&stage, (150, 44), "c");
    assert!(dialog.contains("no answer"), "{dialog}");
    assert!(!dialog.contains(" 0/8"), "a resolver that is silent leads nowhere else: {dialog}");
}

/// Where one service moves, the heading counts its answers, as the sentence does, and not those of all services.
#[test]
fn a_move_of_one_service_has_one_count_too() {
    let mut stage = Stage::calm();
    let estate = stage.model.estate.clone();
    let api = estate.services.iter().find(|s| s.pair == east() && s.name.as_str() == "api").unwrap();
    let states = api.controls.iter().map(|c| (c.arn.clone(), stage.states.get(&c.arn).copied()));
    let mut draft = Draft::of_marks(&estate, &east(), states).unwrap();
    draft.reason = "api first".into();
    let by = stage.hands("alice").operator.unwrap();
    stage.feed(What::Asked(Ask::Propose { by, draft, nonce: Nonce(9) }));
    stage.last = stage.model.changes.all().last().map(|c| c.digest);
    stage.approve();
    stage.second_key();
    stage.wait(2);
    stage.answers = vec!["us-east-1", "us-east-1", "us-east-1", "us-east-2"];
    stage.poll();
    stage.wait(2);
    let said = stage.model.sentence(&east()).text;
    let answers = stage.model.answers(stage.model.changes.get(&stage.last.unwrap()).unwrap());
    let count = format!("{} of {}", answers.there, answers.given);
    assert!(said.contains("Traffic of api is moving to us-east-2 since ") && said.contains(&count), "{said}");
    for size in [(150, 44), (220, 60), (45, 80)] {
        let shown = flat(&stage, size, "");
        assert!(shown.contains(&format!("TRAFFIC OF api {}", count.to_uppercase())), "{size:?}: {shown}");
        assert!(shown.contains("TRAFFIC PARTLY LEAVES"), "{size:?}: {shown}");
    }
}

#[test]
fn nothing_calm_is_said_beside_what_fails() {
    for place in [Place::Active, Place::Standby] {
        let stage = certificate(place);
        let region = if place == Place::Active { "us-east-1" } else { "us-east-2" };
        assert_ne!(stage.model.sentence(&east()).mark, Mark::Ok, "{}", stage.model.sentence(&east()).text);
        for size in SIZES {
            for who in ["alice", "carol"] {
                let mut screen = Screen::new(setup(&stage, who, "dark"));
                let shown = shown(&mut screen, &stage, size).split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(!shown.contains("nothing waits"), "{size:?} {who}: {shown}");
            }
        }
        let slim = flat(&stage, (45, 80), "");
        assert!(slim.contains(&format!("look at certificates in {region}, which fails: ' finds it")), "{slim}");
    }
    let calm = flat(&Stage::calm(), (45, 80), "");
    assert!(calm.contains("nothing waits for you; f drafts a move to us-east-2"), "{calm}");
}

#[test]
fn a_move_into_a_region_that_fails_too_is_no_advice() {
    let mut stage = Stage::calm();
    stage.down = vec!["us-east-1", "us-east-2"];
    for _ in 0..4 {
        stage.poll();
        stage.pass(60);
    }
    stage.poll();
    stage.pass(1);
    let slim = flat(&stage, (45, 80), "");
    assert!(slim.contains("us-east-2 is NOT ready: 6 shows why"), "{slim}");
    let wide = flat(&stage, (150, 44), "");
    assert!(wide.contains("weigh the move to us-east-2, which is NOT ready"), "{wide}");
}

#[test]
fn a_slim_screen_shows_what_fails_elsewhere_the_lags_the_counts_and_the_keys() {
    let stage = certificate(Place::Standby);
    let shown = shown(&mut screen(&stage), &stage, (45, 80));
    assert!(shown.contains("✖ certificates in us-east-2: "), "{shown}");
    assert!(shown.lines().any(|l| l.contains("SQL Server AG") && l.contains("lag ")), "{shown}");
    assert!(shown.contains("dns → us-east-1 32/32"), "{shown}");
    let keys = shown.lines().rev().take(2).collect::<Vec<_>>().join(" ");
    for key in [" f  fail over", " i  incident", " ? ", " q "] {
        assert!(keys.contains(key), "{key:?} is not in {keys:?}");
    }
    let proposed = eye::shown(
        &mut Screen::new(setup(&Stage::until("proposed"), "bob", "dark")),
        &Stage::until("proposed"),
        (45, 80),
    );
    assert!(proposed.lines().rev().take(2).any(|l| l.contains(" a  approve")), "{proposed}");
    // An entry of the timeline has the line, and goes on below.
    let outage = eye::shown(&mut screen(&Stage::outage()), &Stage::outage(), (45, 80));
    let flat = outage.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("✖ reporting application in us-east-1 failed"), "{outage}");
    assert!(outage.contains("dns → us-east-1 32/32"), "{outage}");
    // Nothing whole ends at the very edge, where it looks cut.
    for line in outage.lines().chain(shown.lines()) {
        let at_the_edge = line.starts_with("   ") && line.chars().nth(44).is_some_and(char::is_alphanumeric);
        assert!(!at_the_edge, "{line:?}");
    }
}

#[test]
fn at_80_by_24_checks_and_dns_keep_their_line_under_a_long_sentence() {
    let shown = eye::shown(&mut screen(&Stage::outage()), &Stage::outage(), (80, 24));
    assert!(shown.contains("checks ✖ 4 failed") && shown.contains("dns → us-east-1 32/32"), "{shown}");
}

#[test]
fn no_step_of_a_change_that_came_to_nothing_goes_on() {
    let step = |stage: &Stage, step: Step| *stage.model.running_incident(&east()).expect("it runs").step(step);
    // Approved, and its second key is not turned in time.
    let mut stage = Stage::until("approved");
    assert!(step(&stage, Step::Routing).began.is_some(), "while the second key is waited for");
    stage.wait(120);
    let change = stage.model.changes.get(&stage.last.unwrap()).unwrap();
    assert!(matches!(change.state, State::Expired(_)), "{:?}", change.state);
    for over in [Step::Approval, Step::Routing, Step::Dns, Step::Applications] {
        let clock = step(&stage, over);
        assert_eq!((clock.began, clock.ended), (None, None), "{over:?}");
    }
    let steps = flat(&stage, (150, 44), "");
    assert!(steps.contains("2 preflight … ") && !steps.contains("4 routing …"), "{steps}");
    // Refused by ARC; and proposed again, it begins again.
    let mut stage = Stage::until("refused");
    assert!(step(&stage, Step::Routing).began.is_none());
    stage.arc = support::Arc5::Works;
    stage.poll();
    stage.propose("once more");
    stage.wait(1);
    assert_eq!(stage.model.changes.all().len(), 2, "{:?}", stage.model.refusals);
    assert!(step(&stage, Step::Preflight).ended.is_some() && step(&stage, Step::Approval).began.is_some());
}

#[test]
fn a_change_shows_the_one_deadline_that_decides() {
    let proposed = flat(&Stage::until("proposed"), (150, 44), "c");
    assert!(proposed.contains("left of 10:00 to approve") && proposed.contains("until 18:50:08Z"), "{proposed}");
    let approved = flat(&Stage::until("approved"), (150, 44), "c");
    assert!(approved.contains("left of 01:00 to turn the second key"), "{approved}");
    assert!(!approved.contains("until 18:50"), "{approved}");
}

#[test]
fn a_heading_never_says_well_where_the_sentence_says_partly_seen() {
    let mut stage = Stage::calm();
    let why = Failure { kind: FailureKind::Denied, why: "AccessDenied".into() };
    stage.heard(SourceId::Cloudwatch("us-east-1".into()), 90, 100, Err(why));
    stage.pass(1);
    let said = stage.model.sentence(&east());
    assert!(said.text.contains("us-east-1 is only partly seen"), "{}", said.text);
    for size in SIZES {
        let shown = flat(&stage, size, "");
        assert!(!shown.contains("● WELL"), "{size:?}: {shown}");
    }
    let title = Screen::new(Setup { ..setup(&stage, "alice", "dark") }).title(&stage.model);
    assert!(title.contains(said.mark.sign()), "{title}");
}

#[test]
fn no_incident_is_explained_where_something_fails_and_told_is_not_over() {
    let stage = certificate(Place::Standby);
    assert!(stage.model.running_incident(&east()).is_none());
    let shown = flat(&stage, (150, 44), "");
    assert!(!shown.contains("steps begin with a failure"), "{shown}");
    assert!(shown.contains("no incident: no region with traffic is known to be impaired"), "{shown}");
    // People were told; the region that failed is as broken as before.
    let mut stage = Stage::until("moved");
    let by = stage.hands("alice").operator.unwrap();
    stage.feed(What::Asked(Ask::Told { by, pair: east() }));
    stage.pass(1);
    for size in SIZES {
        let top = eye::shown(&mut screen(&stage), &stage, size).lines().next().unwrap().to_owned();
        assert!(!top.contains("over"), "{size:?}: {top}");
    }
    let top = flat(&stage, (150, 44), "");
    assert!(top.contains("▲ clock ended, still impaired"), "{top}");
}

/// A figure that was read before its source fell silent, with the limit that it is past.
#[test]
fn no_sentence_has_brackets_behind_brackets() {
    let mut stage = Stage::calm();
    for id in ["portal-alb-east", "api-alb-east"] {
        let healthy = stage.model.estate.systems.iter().find(|s| s.id.as_str() == id).map(|s| s.readings[0].id.clone());
        let Some(healthy) = healthy else { continue };
        stage.sample(id, healthy.as_str(), Place::Active, 0.0);
    }
    stage.down.push("us-east-1");
    for _ in 0..4 {
        stage.poll();
        stage.pass(20);
        let said = stage.model.sentence(&east()).text;
        assert!(!said.contains(") ("), "{said}");
    }
}

#[test]
fn a_change_dialog_names_where_it_stands_at_every_size() {
    for (state, words) in
        [("verified", "▸ traffic awaited 00:06"), ("moved", "✔ traffic moved"), ("refused", "✖ REFUSED")]
    {
        for size in SIZES {
            let shown = flat(&Stage::until(state), size, "c");
            assert!(shown.contains(words), "{state} {size:?}: {shown}");
        }
    }
}

#[test]
fn the_incident_clock_has_one_form() {
    let stage = Stage::outage();
    for size in SIZES {
        let shown = flat(&stage, size, "");
        assert!(shown.contains("T+00:04:01"), "{size:?}: {shown}");
    }
}

#[test]
fn a_change_whose_controls_were_moved_again_is_not_in_force() {
    for state in ["verified", "moved"] {
        let mut stage = Stage::until(state);
        let change = stage.model.changes.get(&stage.last.unwrap()).unwrap().clone();
        let flip = change.text.flips().first().unwrap().clone();
        stage.states.insert(flip.arn.clone(), flip.from);
        stage.wait(10);
        stage.poll();
        stage.wait(10);
        let dialog = flat(&stage, (150, 44), "c");
        let words = format!("NOT IN FORCE ANY MORE: routing control {} was moved again since", flip.name);
        assert!(dialog.contains(&words), "{state}: {dialog}");
        assert!(dialog.contains("■ MOVED AGAIN") && !dialog.contains("✔ TRAFFIC HAS MOVED"), "{state}: {dialog}");
        let slim = flat(&stage, (45, 80), "");
        assert!(slim.contains("moved again") && !slim.contains("the controls are set"), "{state}: {slim}");
    }
}

/// Beside a dialog there is the frame of a panel, or nothing: no half sentence that a reader would finish wrongly.
#[test]
fn beside_a_dialog_no_half_sentence_stays() {
    for (stage, keys) in [(Stage::outage(), "f"), (Stage::until("verified"), "c"), (Stage::outage(), ":")] {
        for size in [(150, 44), (220, 60), (110, 30)] {
            let mut screen = screen(&stage);
            eye::buffer(&mut screen, &stage, size);
            press(&mut screen, &stage, keys);
            let lines = eye::lines(&eye::buffer(&mut screen, &stage, size));
            let framed = |l: &String| l.matches(['╭', '│', '╰']).count() > 0;
            let top = lines.iter().position(|l| l.contains("╭ fail over") || l.contains("╭ commands")).unwrap();
            let x = lines[top].chars().collect::<Vec<_>>();
            let title = x.windows(3).position(|w| w[0] == '╭' && w[1] == ' ' && (w[2] == 'f' || w[2] == 'c')).unwrap();
            for line in lines.iter().skip(top).take_while(|l| l.chars().nth(title).is_some_and(|c| "╭│╰".contains(c)))
            {
                let before: Vec<char> = line.chars().take(title).collect();
                let words: String = before.iter().rev().take_while(|c| **c != '│' && **c != '╮').collect();
                assert!(!words.chars().any(char::is_alphanumeric), "{keys} {size:?}: {line}");
                assert!(framed(line));
            }
        }
    }
}

#[test]
fn i_during_an_outage_begins_an_incident() {
    for (stage, kind) in [(Stage::outage(), "▸ incident"), (Stage::calm(), "▸ quarterly failover drill")] {
        for size in [(150, 44), (80, 24), (45, 80)] {
            let mut screen = screen(&stage);
            eye::buffer(&mut screen, &stage, size);
            press(&mut screen, &stage, "i");
            let shown = text(&eye::buffer(&mut screen, &stage, size));
            assert!(shown.contains(kind), "{size:?}: {shown}");
        }
    }
}

/// That a region could take the traffic and something speaks against it is said without a riddle.
#[test]
fn a_region_that_is_ready_with_failures_says_how_many_fail() {
    let stage = certificate(Place::Standby);
    let (mark, words) = stage.model.side_state(&east(), signalbox::estate::Side::Standby);
    assert_eq!(mark, Mark::Warn);
    assert_eq!(words, "READY, 1 FAILING");
}

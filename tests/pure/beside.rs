//! What stands beside each other on one screen agrees: the sentence, the next step, the counts, the clocks, the dialogs.

use crate::support;

use signalbox::change::{Draft, Nonce, State};
use signalbox::estate::{Direction, Sides, System};
use signalbox::event::{Ask, Failure, FailureKind, News, Place, ProbeAnswer, SourceId, What};
use signalbox::model::{Mark, Step};
use signalbox::time::Span;
use signalbox::ui::{Screen, Setup};
use signalbox::words::standing;
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
        // Where some of it has arrived nobody reads that none has.
        let (step, head) = match n {
            0 => ("traffic has not arrived yet", "TRAFFIC NOT MOVED YET"),
            _ => ("traffic has arrived in part", "TRAFFIC PARTLY MOVED"),
        };
        let slim = flat(&stage, (45, 80), "");
        assert!(slim.contains(&format!("the controls are set, {step}")), "{slim}");
        let dialog = flat(&stage, (150, 44), "c");
        let head = format!("CONTROLS VERIFIED, {head}");
        assert!(dialog.contains(&head) && dialog.contains("▸ traffic awaited"), "{dialog}");
        let digest = stage.model.changes.all().last().unwrap();
        let told = standing(digest, &stage.model.estate, None, stage.model.arrival(digest).as_ref()).to_lowercase();
        assert!(told.contains(step), "{told}");
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
    assert!(steps.contains("2 preflight waits ") && !steps.contains("4 routing …"), "{steps}");
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
    assert!(shown.contains("no clock: us-east-2, where something fails, has no traffic"), "{shown}");
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

/// All names lead to the new region, and an application there does not answer: that traffic has not moved is not known.
#[test]
fn what_only_lacks_an_application_is_not_called_not_moved() {
    let mut stage = Stage::until("verified");
    stage.down.push("us-east-2");
    stage.poll();
    stage.answers = vec!["us-east-2"; 4];
    stage.poll();
    stage.wait(2);
    let dialog = flat(&stage, (150, 44), "c");
    assert!(dialog.contains("TRAFFIC NOT PROVEN TO HAVE MOVED YET"), "{dialog}");
    assert!(!dialog.contains("TRAFFIC NOT MOVED"), "{dialog}");
}

#[test]
fn the_last_endpoint_is_no_advice_to_move_after_a_move() {
    let mut stage = Stage::until("moved");
    stage.dark = vec!["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1"];
    stage.wait(120);
    stage.poll();
    let said = stage.model.sentence(&east()).text;
    assert!(said.contains("has answered since 18:43:15Z (ap-southeast-2): it alone can take a change."), "{said}");
    for size in SIZES {
        for keys in ["", "t"] {
            let shown = flat(&stage, size, keys);
            assert!(!shown.contains("move is needed"), "{size:?} {keys:?}: {shown}");
        }
    }
}

#[test]
fn the_count_of_feeds_is_of_the_marks_below_it() {
    let mut stage = Stage::calm();
    let all = stage.model.sources.len();
    assert!(flat(&stage, (150, 44), "9").contains(&format!("{all} sources, all answer ")));
    let services: Vec<_> = stage.model.estate.services_of(&east()).map(|s| s.name.clone()).collect();
    for service in &services {
        let answer = News::Probe(ProbeAnswer { status: 503, took: Span::from_millis(40) });
        stage.heard(SourceId::Probe(service.clone(), "us-east-1".into()), 40, 75, Ok(answer));
    }
    let n = services.len();
    for size in [(150, 44), (80, 24), (45, 80)] {
        let shown = flat(&stage, size, "9").replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(&format!("{all} sources, all answer; {n} applications fail")), "{size:?}: {shown}");
        assert!(shown.contains("✖ probe of"), "{size:?}: {shown}");
    }
    // What has not reported in time is counted apart from what said that it fails.
    stage.wait(200);
    let shown = flat(&stage, (150, 44), "9");
    assert!(shown.contains(" overdue") && !shown.contains("all answer"), "{shown}");
}

#[test]
fn a_slim_screen_tells_the_regions_of_dns_apart() {
    let mut stage = Stage::calm();
    stage.answers = vec!["us-east-2", "us-east-1", "us-east-1", "us-east-1"];
    stage.poll();
    let mut screen = screen(&stage);
    eye::buffer(&mut screen, &stage, (45, 80));
    press(&mut screen, &stage, "4");
    let shown = shown(&mut screen, &stage, (45, 80));
    assert!(shown.contains("dns: what each") && shown.contains("→ us-east-1 3/4, moving"), "{shown}");
    assert!(!shown.contains("▲ east") && !shown.contains("▕▏"), "{shown}");
    assert!(shown.contains("24 of 32 answers lead there") && shown.contains("8 of 32 answers lead there"), "{shown}");
}

#[test]
fn what_fails_without_an_incident_has_a_next_step_at_every_size() {
    let calm = Stage::calm();
    for size in SIZES {
        assert!(!flat(&calm, size, "").contains("look at"), "{size:?}");
    }
    let mut stage = certificate(Place::Active);
    stage.sample("sql-ag-east", "lag", Place::Link, 3_600.0);
    stage.pass(1);
    assert!(stage.model.owners(&east()).is_none());
    for size in [(150, 44), (220, 60), (80, 24)] {
        let shown = flat(&stage, size, "");
        assert!(shown.contains("▸ next: look at what fails, 2 things; first "), "{size:?}: {shown}");
    }
    assert!(flat(&stage, (45, 80), "").contains("▸ look at what fails, 2 things; first "));
}

#[test]
fn below_the_fold_of_one_region_the_others_failures_are_counted() {
    let mut stage = Stage::calm();
    let below = |stage: &Stage| {
        let mut screen = screen(stage);
        let shown = shown(&mut screen, stage, (80, 24));
        shown.lines().find(|l| l.contains("systems below")).unwrap_or_else(|| panic!("{shown}")).to_owned()
    };
    assert!(!below(&stage).contains("in us-east-2"));
    // The last system of all that warns on the standby side: it is out of sight, and well in the region that is shown.
    let systems: Vec<_> = stage.model.estate.systems_of(&east()).cloned().collect();
    let warns = |s: &System| {
        let each = s.readings.iter().filter(|r| matches!(r.sides, Sides::Each | Sides::Standby) && r.of.is_none());
        each.filter_map(|r| Some((s.layer, s.id.clone(), r.id.clone(), r.bad, r.warn?, r.fail))).next()
    };
    let last = systems.iter().filter_map(warns).filter(|(.., fail)| fail.is_some()).max_by_key(|(layer, ..)| *layer);
    let (_, system, reading, bad, warn, fail) = last.unwrap();
    let value = (warn + fail.unwrap_or(warn)) / 2.0;
    assert!(bad == Direction::Below || value >= warn);
    stage.sample(system.as_str(), reading.as_str(), Place::Standby, value);
    stage.pass(1);
    let line = below(&stage);
    assert!(line.contains("▲ 1 in us-east-2"), "{system}: {line}");
}

#[test]
fn an_entry_that_has_no_line_left_ends_with_a_mark() {
    let stage = Stage::until("moved");
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let all = stage.model.timeline.entries();
    let whole: Vec<String> = all.iter().map(|e| squeezed(&format!("{} {}", e.source, e.text))).collect();
    let mut cut = 0;
    for keys in ["", "8"] {
        for height in 50..80 {
            let mut screen = screen(&stage);
            eye::buffer(&mut screen, &stage, (45, height));
            press(&mut screen, &stage, keys);
            let shown = shown(&mut screen, &stage, (45, height));
            let lines: Vec<&str> = shown.lines().map(|l| l.trim_matches(['│', ' '])).collect();
            let is_entry = |l: &&str| l.len() > 9 && l.is_char_boundary(8) && l[..8].matches(':').count() == 2;
            let Some(first) = lines.iter().rposition(is_entry) else { continue };
            let end =
                |l: &&str| l.is_empty() || l.starts_with('╰') || l.contains("overview") || l.contains(" timeline ");
            let entry = lines[first..].iter().take_while(|l| !end(l)).copied().collect::<Vec<_>>().join(" ");
            let words = squeezed(entry.split_once(' ').unwrap().1.trim_start_matches(|c: char| !c.is_alphanumeric()));
            cut += usize::from(words.ends_with('…'));
            let is_whole = whole.iter().any(|w| w.ends_with(&words)) || words.ends_with("resolvers)");
            assert!(words.ends_with('…') || is_whole, "{keys:?} {height}: {entry}\n{shown}");
        }
    }
    assert!(cut > 0);
}

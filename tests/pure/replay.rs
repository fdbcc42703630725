//! Recordings: a replay gives the frames that were seen, a broken file is played to where it is whole, and nothing
//! that goes wrong with a recording holds up what is recorded.

use crate::desk;
use crate::support;

use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use desk::{Desk, press, text};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use signalbox::estate::{Estate, PairName};
use signalbox::event::{Event as Happened, What};
use signalbox::replay::{Deck, Ending, Next, Player, Size, Tape, TapeError, When, cast};
use signalbox::runtime::Recorder;
use signalbox::time::Span;
use signalbox::ui::{Depth, Setup, Theme, ThemeOffer};
use support::{Stage, setup};

/// A whole drill in front of a screen: outage, draft, approval, second key, views, sizes, a click, the past, a pause.
fn drill(file: &Path) -> Vec<Buffer> {
    let recorder = Recorder::create(file, false).unwrap();
    let stage = Stage::outage();
    let setup = setup(&stage, "alice", "dark");
    let mut desk = Desk::new(stage, setup, Some(recorder.clone()));
    desk.draw();
    // How it looks is chosen, and changes from outside.
    desk.ground(true);
    desk.draw();
    assert_ne!(desk.seen[0], desk.seen[1], "a light ground is seen");
    desk.act("C↓↓\n");
    let saved = Theme::parse("name = \"projector\"\ninherits = \"dark\"\n", "projector.toml").unwrap();
    let wanted = desk.seat.screen().setup().theme.name().to_owned();
    desk.themes(vec![ThemeOffer { name: wanted, own: true, theme: Ok(saved) }]);
    desk.draw();
    assert_ne!(desk.seen[desk.seen.len() - 2], desk.seen[desk.seen.len() - 1], "a saved theme is seen");
    desk.act("P8y1P");
    desk.act("→fportal targets gone, INC-4471\n");
    desk.on(|s| s.wait(3));
    desk.draw();
    // The second person's signature comes over the clipboard.
    let armored = desk.stage.armored(2);
    for wish in desk.input(Event::Paste(armored)) {
        desk.fulfil(wish);
    }
    desk.draw();
    desk.act("us-east-1\nus-east-2\n");
    desk.size = (80, 24);
    desk.input(Event::Resize(80, 24));
    for _ in 0..3 {
        desk.on(|s| s.wait(1));
        desk.draw();
    }
    desk.act("\u{1b}8↓↓\n\u{1b}");
    desk.size = (220, 60);
    desk.on(|s| {
        s.answers = vec![support::OHIO; 4];
        s.wait(40);
        s.poll();
    });
    desk.draw();
    for kind in [MouseEventKind::Down(MouseButton::Left), MouseEventKind::Up(MouseButton::Left)] {
        desk.input(Event::Mouse(MouseEvent { kind, column: 3, row: 57, modifiers: KeyModifiers::NONE }));
    }
    desk.draw();
    // A look at what was, and how it is shown.
    let past = desk.type_in("1,,(");
    assert!(past.is_empty(), "{past:?}");
    assert!(text(desk.seen.last().unwrap()).contains("PAST"));
    desk.on(|s| s.wait(2));
    desk.draw();
    desk.act("..);");
    // Ten minutes of quiet, and what changed meanwhile.
    desk.on(|s| s.wait(700));
    desk.act("2");
    assert!(text(desk.seen.last().unwrap()).contains("while you were away"));
    desk.act("\u{1b}q");
    recorder.finish("the console was closed");
    assert_eq!(recorder.trouble(), None);
    desk.seen
}

fn play(file: &Path) -> Player {
    Player::new(Tape::open(file).unwrap(), Depth::True, false).unwrap()
}

#[test]
fn a_drill_replays_to_the_frames_that_were_seen() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drill.jsonl");
    let seen = drill(&file);
    assert!(seen.len() > 70, "{} frames", seen.len());
    let mut player = play(&file);
    assert_eq!(player.frames(), seen.len());
    assert_eq!(*player.ending(), Ending::Whole("the console was closed".into()));
    for (number, frame) in seen.iter().enumerate() {
        assert!(player.show(number));
        same(player.picture(), frame, number);
    }
    // Backwards, and to and fro: a frame is the same however one comes to it.
    for number in (0..seen.len()).rev().step_by(3) {
        assert!(player.show(number));
        same(player.picture(), &seen[number], number);
    }
    for number in [seen.len() - 1, 0, 60, 61, 60, 12, seen.len() / 2, 3] {
        assert!(player.show(number));
        same(player.picture(), &seen[number], number);
    }
}

#[test]
fn a_recording_can_be_played_masked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drill.jsonl");
    let seen = drill(&file);
    let shown = |picture: &Buffer| ["SHA256:", "s-0000"].iter().any(|secret| text(picture).contains(secret));
    assert!(seen.iter().any(shown), "there is something to mask");
    let mut player = Player::new(Tape::open(&file).unwrap(), Depth::True, true).unwrap();
    for number in 0..player.frames() {
        assert!(player.show(number));
        let picture = player.picture();
        assert!(text(picture).contains("PRESENTER"), "frame {number}: {}", text(picture));
        assert!(!shown(picture), "frame {number}: {}", text(picture));
    }
}

#[track_caller]
fn same(replayed: &Buffer, seen: &Buffer, number: usize) {
    assert!(replayed == seen, "frame {number}: seen\n{}\nreplayed\n{}", text(seen), text(replayed));
}

/// A short recording on a small estate; its bytes.
fn short() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("short.jsonl");
    let recorder = Recorder::create(&file, false).unwrap();
    let estate = Estate::parse(include_str!("../support/small.toml"), "small.toml").unwrap();
    let stage = Stage::of(estate);
    let setup = Setup { pair: PairName::from("east"), ..setup(&stage, "alice", "light") };
    let mut desk = Desk::new(stage, setup, Some(recorder.clone()));
    desk.size = (80, 24);
    desk.draw();
    for key in ['2', '3', '8'] {
        desk.on(|s| {
            s.poll();
            s.wait(2);
        });
        desk.input(press(key));
        desk.draw();
    }
    recorder.finish("enough");
    std::fs::read(&file).unwrap()
}

/// Whoever gets a recording could write into the team's channel.
#[test]
fn a_recording_holds_no_webhook() {
    const PATH: &str = "services/T024BE7LD/B024BE7LE/zYxWvUtSrQ";
    let url = format!("https://hooks.slack.com/{PATH}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("told.jsonl");
    let recorder = Recorder::create(&file, false).unwrap();
    let text = format!(
        "{}\n[[notify]]\non = [\"proposed\"]\nwebhook = \"{url}\"\n\n[[notify]]\non = [\"approved\"]\nbell = true\n\n\
         [[notify]]\non = [\"void\"]\ncommand = [\"curl\", \"-H\", \"token: s3cr3t\"]\n",
        include_str!("../support/small.toml")
    );
    let stage = Stage::of(Estate::parse(&text, "small.toml").unwrap());
    let setup = Setup { pair: PairName::from("east"), ..setup(&stage, "alice", "light") };
    let mut desk = Desk::new(stage, setup, Some(recorder.clone()));
    desk.draw();
    // Wherever else it turns up.
    desk.input(Event::Paste(format!("it was {url}, or hooks.slack.com/{PATH}")));
    desk.draw();
    recorder.finish(&format!("POST /{PATH} failed"));
    let bytes = std::fs::read(&file).unwrap();
    let said = String::from_utf8(bytes.clone()).unwrap();
    for secret in [PATH, "T024BE7LD", "s3cr3t"] {
        assert!(!said.contains(secret), "{said}");
    }
    assert!(said.contains("it was …, or hooks.slack.com/…"), "{said}");
    let mut player = Player::new(Tape::read(Cursor::new(bytes), "told.jsonl").unwrap(), Depth::True, false).unwrap();
    assert!(player.show(player.frames() - 1));
}

#[test]
fn a_cut_file_is_played_to_where_it_is_whole() {
    let whole = short();
    let lines = |bytes: &[u8]| bytes.iter().filter(|b| **b == b'\n').count();
    let mut last = 0;
    let (mut unplayable, mut played) = (0, 0);
    for end in (0..whole.len()).step_by(37) {
        let bytes = &whole[..end];
        let tape = match Tape::read(Cursor::new(bytes.to_vec()), "cut.jsonl") {
            Ok(tape) => tape,
            Err(TapeError::NoRecording { .. }) if lines(bytes) == 0 => continue,
            Err(error) => panic!("cut after {end} bytes: {error}"),
        };
        let count = lines(bytes);
        assert_eq!(tape.steps() + 1, count, "cut after {end} bytes");
        let cut = Ending::Cut { line: count + 1, why: "the file is cut off in it".into() };
        let unfinished = Ending::Unfinished { line: count };
        let at_end = bytes.ends_with(b"\n");
        assert_eq!(*tape.ending(), if at_end { unfinished } else { cut }, "cut after {end} bytes");
        // It is played once a line: what is cut off a line changes nothing.
        if count == last {
            continue;
        }
        last = count;
        let drawn = bytes.split_inclusive(|b| *b == b'\n').filter(|l| l.ends_with(b"\n"));
        let drawn = drawn.filter(|l| String::from_utf8_lossy(l).contains(r#""step":{"drawn""#)).count();
        match Player::new(tape, Depth::True, false) {
            Ok(mut player) => {
                assert_eq!(player.frames(), drawn);
                assert!(player.show(drawn - 1));
                played += 1;
            }
            Err(TapeError::Nothing { line, .. }) => {
                assert_eq!((line, drawn), (count, 0));
                unplayable += 1;
            }
            Err(error) => panic!("cut after {end} bytes: {error}"),
        }
    }
    assert!(played > 20 && unplayable > 0, "{played} cuts were played, {unplayable} not");
}

#[test]
fn a_broken_line_ends_the_replay_and_is_named() {
    let whole = short();
    let text = String::from_utf8(whole).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    for (damaged, why) in [
        (r#"{"ms":12,"step":{"dreamt":[1,2]}}"#, "it does not say what a recording says there"),
        (r#"{"ms":12,"step":"#, "it breaks off in the middle"),
        (r#"{"ms":12,,"step":"#, "it is no JSON from column 10 on"),
    ] {
        lines[30] = damaged;
        let tape = Tape::read(Cursor::new(lines.join("\n").into_bytes()), "x").unwrap();
        assert_eq!(tape.ending().to_string(), format!("whole to line 30; line 31 is damaged: {why}"));
        assert_eq!(tape.steps(), 29);
    }
}

#[test]
fn what_is_no_recording_is_refused_in_words() {
    let whole = short();
    let said = |bytes: &[u8]| match Tape::read(Cursor::new(bytes.to_vec()), "it.jsonl") {
        Ok(_) => panic!("it was taken"),
        Err(error) => error.to_string(),
    };
    assert!(said(b"").contains("it.jsonl:1: this is no recording of signalbox: it is empty"));
    assert!(said(b"\x1b]0;title\x07\n").contains("this is no recording"));
    assert!(said(br#"{"signalbox":"journal","version":1}"#).contains("its first line is cut off"));
    let journal = said(b"{\"signalbox\":\"jour\\u001b[2Jnal\",\"version\":1}\n");
    assert!(journal.contains("it is a `jour‹U+001B›[2Jnal`"), "{journal}");
    let header = whole.split(|b| *b == b'\n').next().unwrap();
    let header = String::from_utf8(header.to_vec()).unwrap() + "\n";
    let newer = header.replacen(r#""version":5"#, r#""version":6"#, 1).replacen("0.1.0", "3.4.5", 1);
    let newer = said(newer.as_bytes());
    assert!(newer.contains("version 6") && newer.contains("reads version 5") && newer.contains("3.4.5"), "{newer}");
    let broken = said(header.replace("pair = \\\"east\\\"", "pair = \\\"eats\\\"").as_bytes());
    assert!(broken.contains("the estate in the recording") && broken.contains("eats"), "{broken}");
    let bare = Tape::read(Cursor::new(header.into_bytes()), "it.jsonl").unwrap();
    let error = Player::new(bare, Depth::True, false).err().unwrap().to_string();
    assert!(error.contains("ends before its first frame"), "{error}");
}

/// A disk that takes nothing until it is told to.
struct Stuck(Receiver<()>);

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.recv().map_err(|_| std::io::Error::other("the disk is gone"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_slow_disk_ends_the_recording_and_nothing_else() {
    let (_release, stuck) = channel();
    let recorder = Recorder::into_writer(Stuck(stuck)).unwrap();
    let stage = Stage::calm();
    let setup = setup(&stage, "alice", "dark");
    let mut desk = Desk::new(stage, setup, Some(recorder.clone()));
    assert!(desk.draw().contains("● REC"));
    // Not one of these waits for the disk, or the test would never end.
    for _ in 0..10_000 {
        desk.input(Event::FocusGained);
    }
    let why = recorder.trouble().expect("the queue has an end").to_owned();
    assert_eq!(why, "the disk was too slow for it");
    desk.seat.screen_mut().recorded(signalbox::ui::Tape::Broken(why));
    let shown = desk.draw();
    assert!(shown.contains("▲ the recording has ended: the disk was too slow for it"), "{shown}");
    assert!(!shown.contains("● REC"), "{shown}");
}

#[test]
fn a_full_disk_ends_the_recording_with_its_reason() {
    let (release, stuck) = channel();
    let recorder = Recorder::into_writer(Stuck(stuck)).unwrap();
    drop(release);
    recorder.drawn(ratatui::layout::Rect::new(0, 0, 80, 24));
    // The end comes when the thread has tried.
    let end = std::time::Instant::now() + Duration::from_secs(90);
    while recorder.trouble().is_none() && std::time::Instant::now() < end {
        std::thread::yield_now();
    }
    assert_eq!(recorder.trouble(), Some("its file cannot be written: the disk is gone"));
    recorder.drawn(ratatui::layout::Rect::new(0, 0, 80, 24));
    recorder.finish("the console was closed");
}

#[test]
fn a_recording_is_its_owners_and_overwrites_nothing_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("r.jsonl");
    std::fs::write(&file, "precious").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = Recorder::create(&file, false).err().unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    let recorder = Recorder::create(&file, true).unwrap();
    recorder.finish("enough");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(std::fs::read_to_string(&file).unwrap().contains(r#""end":"enough""#));
}

fn shown(deck: &mut Deck, columns: u16, rows: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| deck.draw(frame)).unwrap();
    text(terminal.backend().buffer())
}

fn bar(deck: &mut Deck, columns: u16, rows: u16) -> String {
    shown(deck, columns, rows).lines().last().unwrap().to_owned()
}

/// A long way is gone a part at a time, and shows how far it is.
fn arrive(deck: &mut Deck) {
    while deck.is_playing() {
        assert!(deck.passed(Duration::ZERO));
    }
}

fn keys(deck: &mut Deck, keys: &str) {
    for c in keys.chars() {
        assert_eq!(deck.input(&press(c)), Next::On);
    }
}

#[test]
fn the_keys_of_a_replay_move_through_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drill.jsonl");
    let seen = drill(&file);
    let mut deck = Deck::new(play(&file), 1.0, false);
    let at = |deck: &Deck| deck.player().shown().number;
    assert_eq!(at(&deck), 0);
    keys(&mut deck, "..→");
    assert_eq!(at(&deck), 3);
    keys(&mut deck, ",←");
    assert_eq!(at(&deck), 1);
    keys(&mut deck, "⇲");
    arrive(&mut deck);
    assert_eq!(at(&deck), seen.len() - 1);
    assert!(bar(&mut deck, 220, 60).contains("end: the console was closed"));
    keys(&mut deck, "→");
    assert_eq!(at(&deck), seen.len() - 1);
    // To a time, as the screens show it; what is no time is said, and what is typed is no key.
    keys(&mut deck, "gq");
    assert!(bar(&mut deck, 80, 24).contains("go to: q"));
    keys(&mut deck, "\n");
    assert!(bar(&mut deck, 220, 60).contains("`q` is no time: write 18:42:07"));
    // What was mistyped stays, to be mended.
    assert!(bar(&mut deck, 220, 60).contains("go to: q"));
    keys(&mut deck, "\u{1b}");
    keys(&mut deck, "g+99h\n");
    arrive(&mut deck);
    assert_eq!(at(&deck), seen.len() - 1);
    assert!(bar(&mut deck, 220, 60).contains("this is its last frame"));
    let wanted = deck.player().frame(40);
    keys(&mut deck, &format!("g{}\n", wanted.wall.strftime("%H:%M:%S")));
    arrive(&mut deck);
    assert_eq!(deck.player().shown().wall, wanted.wall);
    keys(&mut deck, "⇱+++");
    assert!((deck.speed() - 8.0).abs() < f64::EPSILON);
    assert!(bar(&mut deck, 150, 44).contains("8×"));
    keys(&mut deck, "----");
    assert!((deck.speed() - 0.5).abs() < f64::EPSILON);
    // Playing goes with real time, to the end and no further.
    keys(&mut deck, "⇱ ");
    assert!(deck.is_playing());
    assert!(deck.passed(Duration::from_secs(3_600)));
    assert!(!deck.is_playing());
    assert_eq!(at(&deck), seen.len() - 1);
    assert_eq!(deck.input(&press('q')), Next::Leave);
    assert_eq!(deck.input(&press('\u{1b}')), Next::Leave);
}

#[test]
fn a_replay_says_what_it_is_and_fits_into_any_window() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drill.jsonl");
    let seen = drill(&file);
    let mut deck = Deck::new(play(&file), 1.0, false);
    // As it was, but for the last line, which is the replay's.
    let as_seen = text(&seen[0]);
    let exact = shown(&mut deck, 150, 44);
    let but_last = |t: &str| t.lines().take(43).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(but_last(&exact), but_last(&as_seen));
    assert!(exact.lines().last().unwrap().starts_with(" REPLAY "), "{exact}");
    // A window that is too small is drawn for anew, and what is played is not changed by that.
    for (columns, rows) in [(80, 24), (60, 18), (1, 1), (30, 5), (149, 44), (300, 80)] {
        let small = shown(&mut deck, columns, rows);
        if columns >= 60 {
            assert!(small.contains(" REPLAY "), "{small}");
        }
    }
    assert!(bar(&mut deck, 149, 43).contains("was 150×44"));
    assert!(bar(&mut deck, 80, 24).contains("step"), "{}", bar(&mut deck, 80, 24));
    keys(&mut deck, "→");
    same(deck.player().picture(), &seen[1], 1);
    // A file that is cut off says so all the time.
    let bytes = std::fs::read(&file).unwrap();
    let tape = Tape::read(Cursor::new(bytes[..bytes.len() - 40].to_vec()), "cut").unwrap();
    let mut deck = Deck::new(Player::new(tape, Depth::True, false).unwrap(), 1.0, false);
    assert!(bar(&mut deck, 150, 44).contains("whole to line"), "{}", bar(&mut deck, 150, 44));
}

#[test]
fn times_are_read_as_people_write_them() {
    let good = ["18:42:07", "18:42", "8:05", "18:42:07Z", "2026-11-24T18:42:07Z", "+4m30s", "+90s", "+1h 2m", "end"];
    for text in good {
        assert!(text.parse::<When>().is_ok(), "{text}");
    }
    assert_eq!("+4m30s".parse(), Ok(When::After(Span::from_secs(270))));
    for text in ["", "noon", "25:00", "18", "+", "4m", "-3", "\u{1b}[2J", "18:42:07+02:00", "18:42:61", "+00:61:00"] {
        let error = text.parse::<When>().err().unwrap_or_else(|| panic!("{text} was taken")).to_string();
        assert!(error.contains("is no time: write 18:42:07") && !error.contains('\u{1b}'), "{error}");
    }
}

#[test]
fn a_cast_is_what_a_terminal_would_have_been_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drill.jsonl");
    let seen = drill(&file);
    crossterm::style::force_color_output(true);
    let mut out = Vec::new();
    let frames = cast(&mut play(&file), None, 2.0, &mut out).unwrap();
    let text_of = String::from_utf8(out).unwrap();
    let mut lines = text_of.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let header = lines.next().unwrap();
    assert_eq!((&header["version"], &header["width"], &header["height"]), (&2.into(), &150.into(), &44.into()));
    assert!(header["timestamp"].is_u64() && header["title"].is_string());
    let size = |n: u16| std::num::NonZeroU16::new(n).unwrap();
    let mut screen = vt100::Parser::new(size(44), size(150), 0);
    let (mut last, mut written, mut resized) = (0.0, 0, Vec::new());
    for event in lines {
        let [at, code, data] = event.as_array().unwrap().as_slice() else { panic!("{event}") };
        let at = at.as_f64().unwrap();
        assert!(at >= last, "time runs backwards: {event}");
        last = at;
        let data = data.as_str().unwrap();
        match code.as_str().unwrap() {
            "o" => {
                assert!(!data.is_empty());
                screen.process(data.as_bytes());
                written += 1;
            }
            "r" => {
                let (w, h) = data.split_once('x').unwrap();
                screen.screen_mut().set_size(size(h.parse().unwrap()), size(w.parse().unwrap()));
                resized.push(data.to_owned());
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(written, frames);
    // Frames that change nothing are not there.
    let changes = seen.windows(2).filter(|w| w[0] != w[1]).count() + 1;
    assert_eq!(frames, changes);
    assert!(frames < seen.len());
    assert_eq!(resized, ["80x24", "220x60"]);
    let at_end: Vec<String> = screen.screen().contents().lines().map(|l| l.trim_end().to_owned()).collect();
    let wanted = text(seen.last().unwrap());
    assert_eq!(at_end, wanted.lines().map(str::to_owned).collect::<Vec<_>>());
    // In another size all of it is in that size.
    let mut out = Vec::new();
    cast(&mut play(&file), Some(Size { columns: 80, rows: 24 }), 1.0, &mut out).unwrap();
    let text_of = String::from_utf8(out).unwrap();
    assert!(text_of.starts_with(r#"{"version":2,"width":80,"height":24,"#) && !text_of.contains(r#""r","#));
    assert!("80x24".parse::<Size>().is_ok() && "20x5".parse::<Size>().is_err() && "80".parse::<Size>().is_err());
}

/// Figures come back to the last bit: a figure that is one bit off could be on the other side of a threshold.
#[test]
fn figures_are_kept_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = Stage::new();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..200 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let value = f64::from_bits(seed >> 2);
        stage.sample("redis-east", "lag", signalbox::event::Place::Link, value);
    }
    let events = stage.events.clone();
    let file = folder.path().join("r.jsonl");
    let recorder = Recorder::create(&file, false).unwrap();
    for event in &events {
        recorder.event(&std::sync::Arc::new(event.clone()));
    }
    recorder.finish("enough");
    let text = std::fs::read_to_string(&file).unwrap();
    let read = text.lines().filter_map(|l| {
        let line: signalbox::replay::Line = serde_json::from_str(l).unwrap();
        match line.step {
            signalbox::replay::Step::Event(event) => Some(event),
            _ => None,
        }
    });
    let read: Vec<Happened> = read.collect();
    assert_eq!(read.len(), events.len());
    assert!(read.iter().any(|e| matches!(e.what, What::Heard(_))));
    assert_eq!(read, events);
}

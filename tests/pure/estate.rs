//! The estate file through its public door: the shipped files, and folders of valid and invalid ones.
//!
//! Beside each `tests/estate/invalid/NAME.toml` stands `NAME.expected`, every fault of it as a user sees it. To
//! write them anew, run the test with `WRITE_EXPECTED=1` and read the difference before committing it.

mod advice;
mod bound;
mod people;

use std::path::{Path, PathBuf};

use signalbox::estate::{Estate, Layer, PairName, Role};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/estate").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

fn parse(path: &Path) -> Result<Estate, String> {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    Estate::parse(&text, name).map_err(|faults| format!("{faults}\n"))
}

fn shipped(name: &str) -> Estate {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name);
    parse(&path).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Each fault has its place at once: a hundred thousand of them took minutes when each counted the file's lines anew.
#[test]
fn faults_without_number_have_their_places() {
    let one = "  \"é\u{200b}\", \"\u{200b}\",\n".repeat(50_000);
    let text = format!("junk = [\n{one}]\n");
    let began = std::time::Instant::now();
    let faults = Estate::parse(&text, "f").unwrap_err().0;
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    let places: Vec<_> = faults.iter().filter(|f| f.message.contains("U+200B")).map(|f| (f.line, f.column)).collect();
    let wanted: Vec<_> = (2..50_002).flat_map(|line| [(line, 5), (line, 10)]).collect();
    assert!(places == wanted, "{:?}", places.iter().zip(&wanted).find(|(is, should)| is != should));
}

/// What `discover --accounts` reads: a file of accounts alone, or an estate of which nothing else counts.
#[test]
fn the_accounts_of_a_file_are_read_whatever_else_is_in_it() {
    let names = |text: &str| Estate::accounts(text, "f").map(|all| all.iter().map(|a| a.name.to_string()).collect());
    let valid: Result<Vec<String>, _> = names(include_str!("../estate/valid/every-part.toml"));
    assert_eq!(valid.unwrap(), ["network", "web", "watch"]);
    let alone = "nonsense = 1\n[[accounts]]\nname = \"a\"\nid = \"111122223333\"\n";
    let alone: Result<Vec<String>, _> = names(alone);
    assert_eq!(alone.unwrap(), ["a"]);
    let said = |text: &str| Estate::accounts(text, "f").unwrap_err().to_string();
    assert_eq!(said("name = \"x\"\n"), "f:1:1: there is no [[accounts]] in it");
    assert!(
        said("[[accounts]]\nname = \"a\"\nid = \"1\"\n").starts_with("f:3:6: an AWS account number has twelve digits")
    );
    assert!(said("[[accounts]\n").starts_with("f:1:"), "{}", said("[[accounts]\n"));
}

#[test]
fn the_shipped_files_have_no_faults() {
    for name in ["guiding-care.toml", "starter.toml"] {
        let estate = shipped(name);
        let again = Estate::parse(&estate.to_toml().unwrap(), name).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(again, estate, "{name} changes when it is written and read again");
    }
}

#[test]
fn valid_files_have_no_faults() {
    let files = files("valid");
    assert!(files.len() >= 3);
    for path in files {
        if let Err(faults) = parse(&path) {
            panic!("{faults}");
        }
    }
}

#[test]
fn invalid_files_give_all_their_faults() {
    let files = files("invalid");
    assert!(files.len() >= 20, "only {} invalid files", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let found = parse(&path).expect_err(&format!("{} has no faults", path.display()));
        let expected = path.with_extension("expected");
        if std::env::var_os("WRITE_EXPECTED").is_some() {
            std::fs::write(&expected, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap_or_default();
        if found != expected {
            wrong.push(format!("{}\n--- expected\n{expected}--- found\n{found}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faults_are_one_line_each_and_in_the_files_order() {
    for path in files("invalid") {
        let text = std::fs::read_to_string(&path).unwrap();
        let Err(faults) = Estate::parse(&text, "f.toml") else { continue };
        assert!(!faults.0.is_empty());
        let places: Vec<(usize, usize)> = faults.0.iter().map(|f| (f.line, f.column)).collect();
        assert!(places.is_sorted(), "{}", path.display());
        for fault in &faults.0 {
            assert!(!fault.message.contains(char::is_control), "{}: {fault:?}", path.display());
            assert!(fault.line <= text.lines().count() + 1 && fault.column >= 1);
        }
    }
}

/// A file cut off anywhere gives faults or an estate, and never a panic.
#[test]
fn a_file_cut_off_anywhere_is_answered() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter.toml")).unwrap();
    for (end, _) in text.char_indices().step_by(7) {
        let cut = text.get(..end).unwrap();
        if let Err(faults) = Estate::parse(cut, "cut.toml") {
            assert!(!faults.0.is_empty());
        }
    }
}

#[test]
fn the_reference_estate_has_what_the_first_screen_shows() {
    let estate = shipped("guiding-care.toml");
    assert_eq!(estate.cluster.endpoints.len(), 5);
    for pair in &estate.pairs {
        let services: Vec<&str> = estate.services_of(&pair.name).map(|s| s.name.as_str()).collect();
        assert_eq!(services.len(), 5, "{services:?}");
        let layers: Vec<Layer> = estate.systems_of(&pair.name).map(|s| s.layer).collect();
        assert!(layers.is_sorted(), "the systems of {} stand in the order of their layers", pair.name);
        assert_eq!(layers.first(), Some(&Layer::LoadBalancing));
        for service in estate.services_of(&pair.name) {
            assert_eq!(service.probes.len(), 2, "{}", service.name);
            assert!(service.controls.iter().all(|c| c.health_check.is_some()), "{}", service.name);
            assert!(!service.dns.is_empty(), "{}", service.name);
        }
    }
    let pair = PairName::new("east");
    let east: Vec<&str> = estate.systems_of(&pair).map(|s| s.name.as_str()).collect();
    for name in ["portal ALB", "DRS servers", "SQL Server AG", "Redis global", "MongoDB", "S3 documents", "VPN"] {
        assert!(east.contains(&name), "{name} is not among {east:?}");
    }
    let approvers = estate.people.iter().filter(|p| p.is(Role::Approver)).count();
    assert!(approvers >= 2);
}

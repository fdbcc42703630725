//! Whole scenarios through the real program: real HTTP, real signatures, a real journal.

use std::process::Command;

fn rehearse(args: &[&str]) -> (i32, serde_json::Value, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_signalbox"))
        .arg("rehearse")
        .args(args)
        .arg("--json")
        .env_clear()
        .env("HOME", "/nonexistent")
        // A proxy of the environment must not come between the console and loopback.
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .output()
        .expect("signalbox runs");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let errors = String::from_utf8_lossy(&out.stderr).into_owned();
    let json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("no JSON ({e}):\n{text}\n{errors}"));
    (out.status.code().unwrap_or(-1), json, errors)
}

fn assert_moved(code: i32, json: &serde_json::Value, errors: &str) {
    assert_eq!((code, &json["moved"]), (0, &serde_json::Value::Bool(true)), "{errors}\n{json:#}");
    // A planned move has no failure that could be detected.
    let first = if json["planned"] == true { 1 } else { 0 };
    for step in &json["steps"].as_array().expect("steps")[first..] {
        assert!(step["done_at_seconds"].is_number(), "step {} never ended: {json:#}", step["name"]);
    }
}

#[test]
fn a_region_outage_ends_with_traffic_moved() {
    let (code, json, errors) = rehearse(&["region-outage", "--speed", "20"]);
    assert_moved(code, &json, &errors);
    assert_eq!(json["planned"], false, "the outage was not recognised: {json:#}");
    let dns = json["steps"][4]["took_seconds"].as_f64().expect("seconds");
    assert!(dns > 5.0, "DNS answers change when their TTL is over, not at once: {dns}");
}

#[test]
fn a_calm_day_can_be_moved_as_planned() {
    let (code, json, errors) = rehearse(&["calm", "--speed", "40"]);
    assert_moved(code, &json, &errors);
    assert_eq!(json["planned"], true, "{json:#}");
}

#[test]
fn four_dark_endpoints_do_not_stop_a_flip() {
    let (code, json, errors) = rehearse(&["endpoints-dark", "--speed", "20"]);
    assert_moved(code, &json, &errors);
}

//! The JSON Schema that `signalbox schema` prints, seen as an editor sees it: the shipped estate passes, slips do not.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

fn compiled() -> (Schemas, SchemaIndex) {
    let schema = serde_json::to_value(signalbox::estate::schema()).expect("a schema is JSON");
    let mut compiler = Compiler::new();
    compiler.add_resource("estate.json", schema).expect("a resource");
    let mut schemas = Schemas::new();
    let index = compiler.compile("estate.json", &mut schemas).expect("a schema that compiles");
    (schemas, index)
}

fn as_json(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).expect("TOML")).expect("JSON")
}

/// What the schema says of an estate file's text.
fn judged(text: &str) -> Result<(), String> {
    let (schemas, index) = compiled();
    schemas.validate(&as_json(text), index).map_err(|e| e.to_string())
}

#[test]
fn what_ships_is_accepted() {
    for file in ["assets/guiding-care.toml", "tests/support/small.toml", "tests/estate/valid/notify.toml"] {
        let text = std::fs::read_to_string(file).expect(file);
        if let Err(e) = judged(&text) {
            panic!("{file}: {e}");
        }
    }
}

#[test]
fn a_slip_is_seen_by_the_editor() {
    let good = std::fs::read_to_string("tests/support/small.toml").expect("the small estate");
    let first = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let slips = [
        ("a key nobody knows", first("[[pairs]]", "[[pairs]]\ncolour = \"blue\"")),
        ("a table nobody knows", format!("{good}\n[colours]\nred = 1\n")),
        ("a notification of something nobody knows", format!("{good}\n[[notify]]\non = [\"aproved\"]\nbell = true\n")),
        (
            "a notification with two ways",
            format!("{good}\n[[notify]]\non = [\"approved\"]\nosc = 9\ncommand = [\"page\"]\n"),
        ),
        ("a name that is a number", good.replacen("name = \"test-care\"", "name = 7", 1)),
    ];
    for (what, text) in slips {
        assert!(judged(&text).is_err(), "{what} was accepted");
    }
}

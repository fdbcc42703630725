//! The estate file through its public door.

use signalbox::estate::Estate;

#[test]
fn shipped() {
    let text = include_str!("../assets/guiding-care.toml");
    if let Err(faults) = Estate::parse(text, "guiding-care.toml") {
        panic!("{faults}");
    }
}

//! Key files of people, and an estate that knows them.

use std::path::Path;

use signalbox::estate::Estate;
use signalbox::signing::make_key;

/// Makes a key file for each name in `dir`, and gives it to the person of that name where the estate has one.
pub fn give_keys(dir: &Path, estate: &mut Estate, people: &[(u8, &str)]) {
    for (seed, name) in people {
        let key = make_key(&dir.join(name), name, &[*seed; 32]).unwrap().to_openssh().unwrap();
        for person in estate.people.iter_mut().filter(|p| p.name.as_str() == *name) {
            person.keys = vec![key.clone().into()];
        }
    }
}

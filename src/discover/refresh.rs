//! Brings an edited estate file up to date with the account: new things are added, missing ones are reported, and
//! nothing that is in the file changes.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::Found;
use super::write::{LISTS, comment, document, elements, key_of};
use crate::estate::{Estate, Faults, Place, Reading, Source, System};
use crate::fault::nearest;

/// What a refresh did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// The file's new text.
    pub text: String,
    /// What was added, by list and key.
    pub added: Vec<String>,
    /// What the file has and the account has not.
    pub gone: Vec<String>,
    /// What the account has and the file says is to stay out, `[discover] ignore`.
    pub ignored: Vec<String>,
    /// Where the file and the account differ; the file was left as it is.
    pub differs: Vec<String>,
}

/// Why a file was not refreshed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The file has faults: it is not touched.
    #[error("{0}")]
    Faults(#[from] Faults),
    /// It cannot be edited.
    #[error("edit the file: {0}")]
    Edit(String),
}

/// Said of what the account no longer has; looked for, so that it is said once.
const GONE: &str = "signalbox discover no longer finds this in the account.";

/// Lists whose elements are named nowhere else: only these can be kept out.
const IGNORABLE: [&str; 2] = ["systems", "health_checks"];

/// Brings a file up to what was found. `name` is what faults are reported under.
///
/// # Errors
/// When the file has faults: mend them first.
pub fn refresh(text: &str, name: &str, found: &Found) -> Result<Refreshed, RefreshError> {
    let before = Estate::parse(text, name)?;
    let mut doc: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| RefreshError::Edit(e.to_string()))?;
    let mut news = document(found).map_err(|e| RefreshError::Edit(e.to_string()))?;
    let mut done = Refreshed {
        text: String::new(),
        added: Vec::new(),
        gone: Vec::new(),
        ignored: Vec::new(),
        differs: Vec::new(),
    };
    for (list, key) in LISTS {
        // Resolvers are a person's choice, and regions come with pairs.
        if list == "resolvers" {
            continue;
        }
        let there: BTreeSet<String> = known(&before, list);
        let mut new: Vec<Table> = Vec::new();
        if let Some(tables) = elements(&mut news, list) {
            for table in tables.iter() {
                let Some(id) = key_of(table, key).map(str::to_owned) else { continue };
                let is_new = match list {
                    "systems" => found.estate.systems.iter().any(|s| s.id.as_str() == id && !measured(&before, s)),
                    "services" => !same_service(&before, found, &id),
                    "pairs" => !same_pair(&before, found, &id),
                    _ => !there.contains(&id),
                };
                let ignored = before.discover.ignore.contains(&id);
                if is_new && ignored && IGNORABLE.contains(&list) {
                    done.ignored.push(format!("{list} {id}"));
                } else if is_new && !there.contains(&id) {
                    if ignored {
                        let why = "others depend on it: [discover] ignore is for systems and health checks";
                        done.differs.push(format!("{list} {id}: {why}; it was added"));
                    }
                    done.added.push(format!("{list} {id}"));
                    new.push(table.clone());
                } else if is_new {
                    done.differs.push(format!("{list} {id}: the account has another of that name; it was not added"));
                }
            }
        }
        let last = last_position(&doc);
        append(&mut doc, list, new, last);
    }
    done.differs.extend(strange(&before, &news));
    targets(&before, found, &mut doc, &mut done);
    gone(&before, found, &mut doc, &mut done);
    if before.cluster != found.estate.cluster {
        done.differs.push("cluster: its ARN or endpoints are others in the account; write them anew".into());
    }
    let after = doc.to_string();
    // The result must be a file that a console accepts.
    Estate::parse(&after, name)?;
    done.text = after;
    Ok(done)
}

/// What is to stay out and is nowhere: misspelt, or gone from the account.
fn strange(before: &Estate, news: &DocumentMut) -> Vec<String> {
    let lists = IGNORABLE.iter().filter_map(|list| news.get(list)?.as_array_of_tables());
    let ids: Vec<&str> = lists.flat_map(|l| l.iter()).filter_map(|t| t.get("id")?.as_str()).collect();
    let there = |id: &&String| !ids.contains(&id.as_str());
    let say = |id: &String| format!("[discover] ignore: nothing in the account is called `{id}`{}", nearest(id, &ids));
    before.discover.ignore.iter().filter(there).map(say).collect()
}

/// Added tables go after everything that is there.
fn last_position(doc: &DocumentMut) -> isize {
    fn deepest(table: &Table) -> isize {
        let own = table.position().unwrap_or(0);
        let inner = table.iter().map(|(_, item)| match item {
            Item::Table(t) => deepest(t),
            Item::ArrayOfTables(a) => a.iter().map(deepest).max().unwrap_or(0),
            _ => 0,
        });
        inner.fold(own, isize::max)
    }
    deepest(doc.as_table())
}

fn append(doc: &mut DocumentMut, list: &str, new: Vec<Table>, last: isize) {
    fn place(table: &mut Table, at: &mut isize) {
        *at += 1;
        table.set_position(Some(*at));
        for (_, item) in table.iter_mut() {
            match item {
                Item::Table(t) => place(t, at),
                Item::ArrayOfTables(a) => a.iter_mut().for_each(|t| place(t, at)),
                _ => {}
            }
        }
    }
    let mut at = last;
    for mut table in new {
        place(&mut table, &mut at);
        let entry = doc.entry(list).or_insert_with(|| Item::ArrayOfTables(toml_edit::ArrayOfTables::new()));
        if let Some(tables) = entry.as_array_of_tables_mut() {
            tables.push(table);
        }
    }
}

/// The keys that a list of the file has, templates written out.
fn known(estate: &Estate, list: &str) -> BTreeSet<String> {
    match list {
        "regions" => estate.regions.iter().map(|r| r.name.to_string()).collect(),
        "pairs" => estate.pairs.iter().map(|p| p.name.to_string()).collect(),
        "services" => estate.services.iter().map(|s| s.name.to_string()).collect(),
        "gates" => estate.gates.iter().map(|g| g.name.clone()).collect(),
        "safety_rules" => estate.safety_rules.iter().map(|r| r.arn.to_string()).collect(),
        "health_checks" => estate.health_checks.iter().map(|c| c.id.to_string()).collect(),
        "systems" => estate.systems.iter().map(|s| s.id.to_string()).collect(),
        _ => BTreeSet::new(),
    }
}

/// Whether the file has the controls of a service already, whatever it calls it.
fn same_service(before: &Estate, found: &Found, name: &str) -> bool {
    let service = found.estate.services.iter().find(|s| s.name.as_str() == name);
    service.is_some_and(|s| s.controls.iter().all(|c| before.control(&c.arn).is_some()))
}

/// Whether the file has the panel of a pair already.
fn same_pair(before: &Estate, found: &Found, name: &str) -> bool {
    let pair = found.estate.pairs.iter().find(|p| p.name.as_str() == name);
    pair.is_some_and(|p| before.pairs.iter().any(|b| b.control_panel == p.control_panel))
}

/// What a reading is made of in each region, so that the same figure is known under whatever name.
fn figures(estate: &Estate, system: &System, reading: &Reading) -> Vec<String> {
    let Some(pair) = estate.pair(&system.pair) else { return Vec::new() };
    let one = |place: &Place| match &reading.source {
        Source::Cloudwatch { namespace, metric, dimensions, .. } => {
            let dimensions: Vec<String> =
                dimensions.iter().map(|(k, v)| format!("{k}={}", place.value(v, pair))).collect();
            format!("{namespace} {metric} {} {}", dimensions.join(","), reading.read_in(*place, pair))
        }
        other => place.fill(&format!("{other:?} {}", place.region(pair)), pair),
    };
    reading.places().iter().map(one).collect()
}

/// Whether everything of a found system is measured by some system of the file.
fn measured(before: &Estate, system: &System) -> bool {
    let all: BTreeSet<String> =
        before.systems.iter().flat_map(|s| s.readings.iter().flat_map(move |r| figures(before, s, r))).collect();
    system.readings.iter().flat_map(|r| figures(before, system, r)).all(|f| all.contains(&f))
}

/// Adds the names that the records lead to, where the file has none for a control. What stands there is a person's.
fn targets(before: &Estate, found: &Found, doc: &mut DocumentMut, done: &mut Refreshed) {
    let plain = |names: &[String]| -> BTreeSet<String> {
        names.iter().map(|n| n.trim_end_matches('.').to_ascii_lowercase()).collect()
    };
    let mut missing: BTreeMap<&str, &[String]> = BTreeMap::new();
    for control in found.estate.controls().filter(|c| !c.target.is_empty()) {
        let Some(own) = before.control(&control.arn) else { continue };
        if own.target.is_empty() {
            missing.insert(control.arn.as_str(), &control.target);
        } else if plain(&own.target) != plain(&control.target) {
            let (name, has) = (&own.name, control.target.join(", "));
            done.differs.push(format!("target of control {name}: the account's records lead to {has}"));
        }
    }
    let services = elements(doc, "services").into_iter().flat_map(|services| services.iter_mut());
    for control in services.flat_map(controls_of) {
        let of = |key: &str| control.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
        let (arn, name) = (of("arn"), of("name"));
        let Some(names) = missing.get(arn.as_str()) else { continue };
        let value = match names {
            [one] => toml_edit::value(one.as_str()),
            more => toml_edit::value(more.iter().map(String::as_str).collect::<toml_edit::Array>()),
        };
        control.insert("target", value);
        done.added.push(format!("target of control {name}"));
    }
}

/// The controls of a service, however the file writes them.
fn controls_of(service: &mut Table) -> Vec<&mut dyn TableLike> {
    match service.get_mut("controls") {
        Some(Item::ArrayOfTables(tables)) => tables.iter_mut().map(|t| t as &mut dyn TableLike).collect(),
        Some(Item::Value(Value::Array(list))) => {
            let tables = list.iter_mut().filter_map(Value::as_inline_table_mut);
            tables.map(|t| t as &mut dyn TableLike).collect()
        }
        _ => Vec::new(),
    }
}

/// Marks controls and checks that the account no longer has.
fn gone(before: &Estate, found: &Found, doc: &mut DocumentMut, done: &mut Refreshed) {
    let now = &found.estate;
    let lost = |list: &str, table: &Table| match list {
        "safety_rules" => {
            key_of(table, "arn").is_some_and(|arn| now.safety_rules.iter().all(|r| r.arn.as_str() != arn))
        }
        "gates" => key_of(table, "arn").is_some_and(|arn| now.controls().all(|c| c.arn.as_str() != arn)),
        "health_checks" => key_of(table, "id").is_some_and(|id| now.health_checks.iter().all(|c| c.id.as_str() != id)),
        "services" => {
            let name = key_of(table, "name").unwrap_or_default();
            let service = before.services.iter().find(|s| s.name.as_str() == name);
            service.is_some_and(|s| s.controls.iter().any(|c| now.control(&c.arn).is_none()))
        }
        _ => false,
    };
    for (list, key) in LISTS {
        let Some(tables) = elements(doc, list) else { continue };
        for table in tables.iter_mut() {
            if !lost(list, table) {
                continue;
            }
            let id = key_of(table, key).unwrap_or_default().to_owned();
            done.gone.push(format!("{list} {id}"));
            let prefix = table.decor().prefix().and_then(|p| p.as_str()).unwrap_or("\n").to_owned();
            if !prefix.contains(GONE) {
                table.decor_mut().set_prefix(format!("{prefix}{}", comment(GONE)));
            }
        }
    }
}

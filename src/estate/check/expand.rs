//! Templates: systems that are alike are written once.
//!
//! They are expanded on the file's tree before it is read, so every value keeps its place, and a fault in a template is
//! reported at its place in the template. `[templates.NAME]` holds any fields of a system. A system says `template =
//! "NAME"`, and its own fields win, reading by reading and field by field. `pairs = ["east", "west"]` makes one system
//! for each pair. In texts, `{pair}`, `{active}`, `{standby}` and the names in `with` stand for their values. A text
//! that is only `{name}` becomes the value itself, so that it can be a number. A `source` of the system holds what its
//! readings' sources share; every reading's source without its own `from` takes it.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::fault::nearest;

/// What texts may hold in braces that is filled in later, where a reading is asked for.
const LATER: [&str; 2] = ["region", "side"];
/// Systems that one file may come to, all copies counted.
const MOST: usize = 20_000;

type Value<'a> = Spanned<DeValue<'a>>;

/// The file's tree with every system written out, and what is wrong with the templates: offset and message.
pub(super) fn expanded<'a>(tree: &DeTable<'a>) -> (DeTable<'a>, Vec<(usize, String)>) {
    let mut expansion = Expansion { tree, faults: Vec::new(), regions: regions(tree) };
    let mut whole = tree.clone();
    whole.remove("templates");
    if let Some(templates) = tree.get("templates")
        && !matches!(templates.get_ref(), DeValue::Table(_))
    {
        expansion.fault(templates.span().start, "give each template a heading `[templates.NAME]`".into());
    }
    if let Some(systems) = whole.get_mut("systems")
        && let DeValue::Array(array) = systems.get_mut()
    {
        let mut all = DeArray::new();
        for system in array.iter() {
            for copy in expansion.system(system) {
                if all.len() < MOST {
                    all.push(copy);
                }
            }
        }
        *array = all;
    }
    (whole, expansion.faults)
}

struct Expansion<'t, 'a> {
    tree: &'t DeTable<'a>,
    faults: Vec<(usize, String)>,
    /// The active and the standby region of each pair.
    regions: BTreeMap<String, (Value<'a>, Value<'a>)>,
}

impl<'a> Expansion<'_, 'a> {
    fn fault(&mut self, at: usize, message: String) {
        self.faults.push((at, message));
    }

    /// One system of the file, expanded into all systems that it describes.
    fn system(&mut self, written: &Value<'a>) -> Vec<Value<'a>> {
        let DeValue::Table(own) = written.get_ref() else { return vec![written.clone()] };
        let mut table = match own.get("template") {
            None => own.clone(),
            Some(name) => match self.template(name) {
                Some(template) => merged(template, own),
                None => return Vec::new(),
            },
        };
        table.remove("template");
        let given = table.remove("with");
        let pairs = table.remove("pairs");
        let Some(pairs) = pairs else {
            let pair = table.get("pair").cloned();
            return vec![self.copy(written, &table, given.as_ref(), pair)];
        };
        if let Some((key, _)) = table.get_key_value("pair") {
            self.fault(key.span().start, "a system has `pair` or `pairs`, not both".into());
        }
        let names = match pairs.get_ref() {
            DeValue::Array(names) if !names.is_empty() => names,
            _ => {
                self.fault(pairs.span().start, "`pairs` is a list of pairs: `[\"east\", \"west\"]`".into());
                return Vec::new();
            }
        };
        let one = |pair: &Value<'a>| {
            let mut table = table.clone();
            table.insert(Spanned::new(pair.span(), "pair".into()), pair.clone());
            (table, pair.clone())
        };
        let each: Vec<_> = names.iter().map(one).collect();
        each.into_iter().map(|(table, pair)| self.copy(written, &table, given.as_ref(), Some(pair))).collect()
    }

    fn template(&mut self, name: &Value<'a>) -> Option<DeTable<'a>> {
        let templates = self.tree.get("templates").and_then(|t| t.get_ref().as_table());
        let Some(wanted) = name.get_ref().as_str() else {
            self.fault(name.span().start, "`template` is the name of a template, in quotes".into());
            return None;
        };
        match templates.and_then(|t| t.get(wanted)).map(Spanned::get_ref) {
            Some(DeValue::Table(template)) => {
                if let Some((key, _)) = template.get_key_value("template") {
                    let own = "a template builds on no other one: write here what it takes from there";
                    self.fault(key.span().start, own.into());
                }
                Some(template.clone())
            }
            _ => {
                let names: Vec<&str> = templates.into_iter().flatten().map(|(k, _)| k.get_ref().as_ref()).collect();
                self.fault(name.span().start, format!("no template is called `{wanted}`{}", nearest(wanted, &names)));
                None
            }
        }
    }

    /// A system for one pair with every name in braces replaced.
    fn copy(
        &mut self,
        written: &Value<'a>,
        table: &DeTable<'a>,
        given: Option<&Value<'a>>,
        pair: Option<Value<'a>>,
    ) -> Value<'a> {
        let name = pair.as_ref().and_then(|p| p.get_ref().as_str()).unwrap_or_default().to_owned();
        let mut values: BTreeMap<String, Value<'a>> = BTreeMap::new();
        let mut own = BTreeMap::new();
        match given.map(|g| (g.span(), g.get_ref())) {
            None => {}
            Some((_, DeValue::Table(with))) => {
                for (key, value) in with {
                    match value.get_ref() {
                        // A pair's own values win over those for all.
                        DeValue::Table(of_pair) if self.regions.contains_key(key.get_ref().as_ref()) => {
                            if key.get_ref() == &name {
                                own.extend(of_pair.iter().map(|(k, v)| (k.get_ref().to_string(), (k.span(), v))));
                            }
                        }
                        _ => {
                            own.entry(key.get_ref().to_string()).or_insert((key.span(), value));
                        }
                    }
                }
            }
            Some((span, _)) => self.fault(span.start, "`with` is a table: `{ name = \"value\" }`".into()),
        }
        let mut used = BTreeSet::new();
        values.extend(own.iter().map(|(k, (_, v))| (k.clone(), (*v).clone())));
        if let Some((active, standby)) = self.regions.get(&name) {
            values.insert("active".into(), active.clone());
            values.insert("standby".into(), standby.clone());
        }
        values.extend(pair.map(|p| ("pair".to_owned(), p)));
        let mut filled = self.filled_table(table, &values, &mut used);
        share_source(&mut filled);
        for (key, (span, _)) in &own {
            if !used.contains(key) {
                self.fault(span.start, format!("`with` gives `{key}`, and nothing here has `{{{key}}}`"));
            }
        }
        Spanned::new(written.span(), DeValue::Table(filled))
    }

    fn filled_table(
        &mut self,
        table: &DeTable<'a>,
        values: &BTreeMap<String, Value<'a>>,
        used: &mut BTreeSet<String>,
    ) -> DeTable<'a> {
        let mut filled = DeTable::new();
        for (key, value) in table {
            filled.insert(key.clone(), self.filled(value, values, used));
        }
        filled
    }

    fn filled(
        &mut self,
        value: &Value<'a>,
        values: &BTreeMap<String, Value<'a>>,
        used: &mut BTreeSet<String>,
    ) -> Value<'a> {
        let new = match value.get_ref() {
            DeValue::String(text) if text.contains('{') => return self.filled_text(value, text, values, used),
            DeValue::Array(array) => {
                let mut filled = DeArray::new();
                array.iter().for_each(|v| filled.push(self.filled(v, values, used)));
                DeValue::Array(filled)
            }
            DeValue::Table(table) => DeValue::Table(self.filled_table(table, values, used)),
            _ => return value.clone(),
        };
        Spanned::new(value.span(), new)
    }

    fn filled_text(
        &mut self,
        value: &Value<'a>,
        text: &str,
        values: &BTreeMap<String, Value<'a>>,
        used: &mut BTreeSet<String>,
    ) -> Value<'a> {
        let whole = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
        if let Some((name, given)) = whole.and_then(|name| Some((name, values.get(name)?))) {
            used.insert(name.to_owned());
            return given.clone();
        }
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((word, behind)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            rest = behind;
            let written = values.get(word).and_then(|v| plain(v.get_ref()));
            if let Some(written) = written {
                used.insert(word.to_owned());
                filled.push_str(&written);
            } else {
                filled.push_str(&format!("{{{word}}}"));
                if !LATER.contains(&word) {
                    let names: Vec<&str> = LATER.into_iter().chain(values.keys().map(String::as_str)).collect();
                    let message = format!("`{{{word}}}` stands for nothing{}", nearest(word, &names));
                    self.fault(value.span().start, message);
                }
            }
        }
        filled.push_str(rest);
        Spanned::new(value.span(), DeValue::String(filled.into()))
    }
}

/// A value as it stands inside a text; none for lists and tables.
fn plain(value: &DeValue<'_>) -> Option<String> {
    Some(match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(yes) => yes.to_string(),
        _ => return None,
    })
}

/// A template with a system's own fields over it.
fn merged<'a>(mut template: DeTable<'a>, own: &DeTable<'a>) -> DeTable<'a> {
    for (key, value) in own {
        let both = template.get_mut(key.get_ref().as_ref()).map(|old| (old.get_mut(), value.get_ref()));
        match both {
            Some((DeValue::Array(old), DeValue::Array(new))) if key.get_ref() == "readings" => readings(old, new),
            Some((DeValue::Table(old), DeValue::Table(new))) if matches!(key.get_ref().as_ref(), "with" | "source") => {
                put_over(old, new);
            }
            _ => drop(template.insert(key.clone(), value.clone())),
        }
    }
    template
}

/// A table's fields over another's; dimensions and a pair's own values one by one.
fn put_over<'a>(under: &mut DeTable<'a>, over: &DeTable<'a>) {
    for (key, value) in over {
        match (under.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut), value.get_ref()) {
            (Some(DeValue::Table(old)), DeValue::Table(new)) => put_over(old, new),
            _ => drop(under.insert(key.clone(), value.clone())),
        }
    }
}

/// Gives the system's `source` to its readings.
fn share_source(system: &mut DeTable<'_>) {
    let Some(shared) = system.remove("source") else { return };
    let (span, DeValue::Table(shared)) = (shared.span(), shared.into_inner()) else { return };
    let Some(DeValue::Array(readings)) = system.get_mut("readings").map(Spanned::get_mut) else { return };
    for reading in readings.iter_mut() {
        let DeValue::Table(reading) = reading.get_mut() else { continue };
        let own = match reading.get("source").map(Spanned::get_ref) {
            Some(DeValue::Table(own)) if own.contains_key("from") => continue,
            Some(DeValue::Table(own)) => Some(own.clone()),
            Some(_) => continue,
            None => None,
        };
        let span = reading.get("source").map_or_else(|| span.clone(), Spanned::span);
        let mut source = shared.clone();
        if let Some(own) = own {
            put_over(&mut source, &own);
        }
        reading.insert(Spanned::new(span.clone(), "source".into()), Spanned::new(span, DeValue::Table(source)));
    }
}

/// A system's readings over its template's: those of the same id field by field, others behind.
fn readings<'a>(old: &mut DeArray<'a>, new: &DeArray<'a>) {
    for reading in new.iter() {
        let id = reading.get_ref().get("id").and_then(|id| id.get_ref().as_str());
        let same = |r: &&mut Value<'a>| id.is_some() && r.get_ref().get("id").and_then(|i| i.get_ref().as_str()) == id;
        match (old.iter_mut().find(same).map(Spanned::get_mut), reading.get_ref()) {
            (Some(DeValue::Table(under)), DeValue::Table(over)) => {
                for (key, value) in over {
                    under.insert(key.clone(), value.clone());
                }
            }
            _ => old.push(reading.clone()),
        }
    }
}

fn regions<'a>(tree: &DeTable<'a>) -> BTreeMap<String, (Value<'a>, Value<'a>)> {
    let pairs = tree.get("pairs").and_then(|p| p.get_ref().as_array());
    let one = |pair: &Value<'a>| {
        let pair = pair.get_ref();
        let name = pair.get("name")?.get_ref().as_str()?.to_owned();
        Some((name, (pair.get("active")?.clone(), pair.get("standby")?.clone())))
    };
    pairs.into_iter().flatten().filter_map(one).collect()
}

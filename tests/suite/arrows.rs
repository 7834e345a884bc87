//! The layers and their arrows, drawn from the sources: `lib.rs` says them, this holds them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each layer may know of the others.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("escape", &["domain"]),
    ("config", &["domain"]),
    ("store", &["domain", "config"]),
    ("connectors", &["domain"]),
    ("mail", &["domain", "config"]),
    ("actions", &["domain", "config", "store", "connectors", "mail"]),
    ("jobs", &["domain", "config", "store", "actions", "mail", "connectors"]),
    ("web", &["domain", "config", "store", "actions", "jobs", "connectors"]),
    ("cli", &["domain", "config", "store", "actions", "jobs", "web", "connectors"]),
];

/// What may be named in one layer only.
const ONLY: &[(&str, &[&str])] = &[
    ("diesel", &["store"]),
    ("actix_web", &["web", "cli"]),
    ("lettre", &["mail"]),
    ("clap", &["cli"]),
    ("reqwest", &["connectors"]),
    ("openidconnect", &["connectors"]),
    ("rust_xlsxwriter", &["web"]),
    ("tokio", &["store", "web", "mail", "jobs"]),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, out: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                out.push((path, text));
            }
        }
    }
    let mut out = Vec::new();
    walk(Path::new("src"), &mut out);
    out.sort();
    out
}

/// The text without comments and without its tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

fn layer(path: &Path) -> String {
    let part = path.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
    part.trim_end_matches(".rs").to_owned()
}

/// Every `crate::a::b` in a text, `use crate::{a, b}` included.
fn paths(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (start, _) in text.match_indices("crate::") {
        let rest = &text[start + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut item = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        out.push(std::mem::take(&mut item));
                        continue;
                    }
                    _ => {}
                }
                if depth == 0 {
                    item.push(letter);
                }
            }
            out.push(item);
        } else {
            out.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect());
        }
    }
    out.into_iter().map(|path| path.trim().to_owned()).filter(|path| !path.is_empty()).collect()
}

fn broken_arrows(sources: &[(PathBuf, String)]) -> BTreeSet<String> {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut broken = BTreeSet::new();
    for (path, text) in sources {
        let from = layer(path);
        if from == "lib" || from == "main" {
            continue;
        }
        let Some(known) = allowed.get(from.as_str()) else {
            broken.insert(format!("{} is in no layer", path.display()));
            continue;
        };
        for target in paths(&code(text)) {
            let to = target.split("::").next().unwrap();
            if allowed.contains_key(to) && to != from && !known.contains(&to) {
                broken.insert(format!("{} knows {to}", path.display()));
            }
        }
    }
    broken
}

#[test]
fn the_layers_know_each_other_in_one_direction_only() {
    assert_eq!(broken_arrows(&sources()), BTreeSet::new());
}

#[test]
fn an_arrow_against_the_direction_would_be_seen() {
    let planted = |text: &str| broken_arrows(&[(PathBuf::from("src/domain/planted.rs"), text.to_owned())]);
    assert_eq!(planted("use crate::store::Db;").len(), 1);
    assert_eq!(planted("use crate::{\n    domain::ids::Id,\n    web::{self, Answer},\n};").len(), 1);
    assert_eq!(planted("// use crate::store::Db;").len(), 0);
}

#[test]
fn each_library_is_named_in_its_own_layer_only() {
    let mut strangers = BTreeSet::new();
    for (path, text) in sources() {
        let from = layer(&path);
        for (library, layers) in ONLY {
            let named = code(&text)
                .lines()
                .any(|line| line.contains(&format!("{library}::")) && !line.contains(&format!("_{library}::")));
            if named && !layers.contains(&from.as_str()) {
                strangers.insert(format!("{} names {library}", path.display()));
            }
        }
    }
    assert_eq!(strangers, BTreeSet::new());
}

#[test]
fn the_domain_reads_no_clock_and_touches_no_file() {
    let mut strangers = BTreeSet::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| layer(path) == "domain") {
        for word in ["Utc::now", "SystemTime", "Instant::now", "std::fs", "std::net", "async fn", "std::env"] {
            if code(&text).contains(word) {
                strangers.insert(format!("{} has {word}", path.display()));
            }
        }
    }
    assert_eq!(strangers, BTreeSet::new());
}

#[test]
fn only_actions_open_a_write_transaction() {
    let mut strangers = BTreeSet::new();
    for (path, text) in sources() {
        let from = layer(&path);
        // The door to the store is opened at start by the command line, and asked whether it is ready.
        let excused = ["src/cli/open.rs", "src/web/health.rs"].contains(&path.to_str().unwrap());
        if !["actions", "store", "jobs"].contains(&from.as_str()) && !excused && code(&text).contains("database.write(")
        {
            strangers.insert(path.display().to_string());
        }
    }
    assert_eq!(strangers, BTreeSet::new());
}

/// The files that a file's paths lead to, inside its own layer.
fn neighbours(path: &Path, text: &str, files: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let own = layer(path);
    let module: Vec<String> = path
        .with_extension("")
        .components()
        .skip(1)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .filter(|part| part != "mod")
        .collect();
    let mut targets: Vec<Vec<String>> =
        paths(text).iter().map(|path| path.split("::").map(str::to_owned).collect()).collect();
    for (start, _) in text.match_indices("super::") {
        if text[..start].ends_with("super::") {
            continue;
        }
        let rest: String =
            text[start..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
        let mut base = module.clone();
        let mut parts = rest.split("::").peekable();
        while parts.peek() == Some(&"super") {
            parts.next();
            base.pop();
        }
        base.extend(parts.filter(|part| !part.is_empty()).map(str::to_owned));
        targets.push(base);
    }
    targets
        .into_iter()
        .filter(|target| target.first() == Some(&own))
        .filter_map(|mut target| {
            while !target.is_empty() {
                let base = Path::new("src").join(target.join("/"));
                // A folder's own file only gathers its parts; what counts is where a path ends.
                if files.contains(&base.with_extension("rs")) {
                    return Some(base.with_extension("rs"));
                }
                target.pop();
            }
            None
        })
        .filter(|target| target != path)
        .collect()
}

#[test]
fn no_files_of_a_layer_know_each_other_in_a_circle() {
    let sources = sources();
    let files: BTreeSet<PathBuf> = sources.iter().map(|(path, _)| path.clone()).collect();
    let graph: BTreeMap<PathBuf, BTreeSet<PathBuf>> =
        sources.iter().map(|(path, text)| (path.clone(), neighbours(path, &code(text), &files))).collect();
    let reaches = |from: &PathBuf| {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<&PathBuf> = graph[from].iter().collect();
        while let Some(next) = waiting.pop() {
            if seen.insert(next.clone()) {
                waiting.extend(graph.get(next).into_iter().flatten());
            }
        }
        seen
    };
    let circles: BTreeSet<String> =
        graph.keys().filter(|path| reaches(path).contains(*path)).map(|path| path.display().to_string()).collect();
    assert_eq!(circles, BTreeSet::new());
}

/// Where a source makes an identity active, or calls what does.
fn doors_to_active(sources: &[(PathBuf, String)]) -> BTreeSet<String> {
    let mut doors = BTreeSet::new();
    for (path, text) in sources.iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
        // Whether a condition or a match asks for the state is no matter; whether something is set to it is.
        let sets = code(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let sets = sets.contains("state = IdentityState::Active") || sets.contains("state: IdentityState::Active");
        if sets || code(text).contains("activate(") {
            doors.insert(path.display().to_string());
        }
    }
    doors
}

#[test]
fn only_a_grant_or_a_request_makes_an_identity_active() {
    let known: BTreeSet<String> = [
        // The gate, and the only function of the store that it calls for that.
        "src/actions/grants.rs",
        "src/store/grants.rs",
        // The other gate: what was approved and is issued by somebody else.
        "src/actions/requests/issue.rs",
        "src/store/requests.rs",
        // New rows: registered as something that exists already, and what a file says of a client.
        "src/actions/identities.rs",
        "src/connectors/imports/clients.rs",
        // A token of Muster's own, made within what its creator may do.
        "src/actions/api_tokens/inventory.rs",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(doors_to_active(&sources()), known);
}

#[test]
fn another_door_to_active_would_be_seen() {
    let planted = |text: &str| doors_to_active(&[(PathBuf::from("src/actions/planted.rs"), text.to_owned())]);
    assert_eq!(planted("after.state = IdentityState::Active;").len(), 1);
    assert_eq!(planted("Identity {\n    state:\n        IdentityState::Active,\n}").len(), 1);
    assert_eq!(planted("grants::activate(work.db, &grant, &after)?;").len(), 1);
    assert_eq!(planted("if before.state == IdentityState::Active {}").len(), 0);
}

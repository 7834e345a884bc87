//! Every requirement of OWASP ASVS 5.0.0 at levels 1 and 2 is shown by a test or by a written decision.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// How many requirements of levels 1 and 2 each chapter of the standard has.
const OF_CHAPTER: &[(&str, usize)] = &[
    ("1", 27),
    ("2", 11),
    ("3", 19),
    ("4", 10),
    ("5", 9),
    ("6", 35),
    ("7", 18),
    ("8", 7),
    ("9", 7),
    ("10", 29),
    ("11", 14),
    ("12", 9),
    ("13", 13),
    ("14", 9),
    ("15", 13),
    ("16", 16),
    ("17", 7),
];

#[derive(serde::Deserialize)]
struct Table {
    requirement: Vec<Requirement>,
    not_applicable: Vec<NotApplicable>,
}

#[derive(serde::Deserialize)]
struct Requirement {
    id: String,
    level: u8,
    says: String,
    #[serde(default)]
    tests: Vec<String>,
    decision: Option<String>,
}

#[derive(serde::Deserialize)]
struct NotApplicable {
    id: String,
    level: u8,
    because: String,
}

/// What is wrong with the table, a line for each fault.
fn faults(table: &str, decisions: &str, named: &BTreeSet<&str>) -> Vec<String> {
    let table: Table = match toml::from_str(table) {
        Ok(table) => table,
        Err(error) => return vec![error.to_string()],
    };
    let mut faults = Vec::new();
    let headings: BTreeSet<&str> = decisions.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mut seen = BTreeSet::new();
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    let all = table.requirement.iter().map(|each| (&each.id, each.level));
    for (id, level) in all.chain(table.not_applicable.iter().map(|each| (&each.id, each.level))) {
        if !seen.insert(id) {
            faults.push(format!("{id} stands twice"));
        }
        if level < 3 {
            *counted.entry(id.split('.').next().unwrap()).or_default() += 1;
        }
    }
    for (chapter, count) in OF_CHAPTER {
        let found = counted.get(chapter).copied().unwrap_or_default();
        if found != *count {
            faults
                .push(format!("chapter {chapter} has {count} requirements of levels 1 and 2, and {found} stand here"));
        }
    }
    for each in &table.requirement {
        if each.tests.is_empty() && each.decision.is_none() {
            faults.push(format!("{} is shown by nothing", each.id));
        }
        if each.says.trim().is_empty() {
            faults.push(format!("{} says nothing", each.id));
        }
        if let Some(decision) = each.decision.as_deref().filter(|decision| !headings.contains(decision)) {
            faults.push(format!("{}: docs/security.md has no section \u{201c}{decision}\u{201d}", each.id));
        }
        for test in &each.tests {
            if !named.contains(test.as_str()) {
                faults.push(format!("{}: there is no test {test}", each.id));
            }
        }
    }
    for each in table.not_applicable.iter().filter(|each| each.because.trim().is_empty()) {
        faults.push(format!("{} applies to nothing, without a reason", each.id));
    }
    faults
}

fn sources() -> String {
    fn walk(folder: &Path, out: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with(".venv") {
                walk(&path, out);
            } else if path
                .extension()
                .is_some_and(|extension| ["rs", "mjs", "py"].iter().any(|each| extension == *each))
            {
                out.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut out = String::new();
    for folder in ["src", "tests/suite", "tests/peers"] {
        walk(Path::new(folder), &mut out);
    }
    out
}

/// Whatever a test may be called by: the functions of the suite and of the library, and what stands in quotes, as the
/// titles of the checks of the peers do.
fn named(sources: &str) -> BTreeSet<&str> {
    let functions = sources.split("fn ").filter_map(|rest| rest.split_once('(')).map(|(name, _)| name);
    functions.chain(sources.lines().flat_map(|line| line.split('\'').skip(1))).collect()
}

#[test]
fn every_requirement_of_the_standard_is_shown_by_a_test_or_a_decision() {
    let table = fs::read_to_string("tests/asvs.toml").unwrap();
    let decisions = fs::read_to_string("docs/security.md").unwrap();
    let found = faults(&table, &decisions, &named(&sources()));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_unmapped_requirement_would_be_seen() {
    let table = fs::read_to_string("tests/asvs.toml").unwrap();
    let decisions = fs::read_to_string("docs/security.md").unwrap();
    let sources = sources();
    let named = named(&sources);
    let planted = |from: &str, to: &str| faults(&table.replacen(from, to, 1), &decisions, &named).join("\n");
    assert!(planted("id = \"6.2.1\"", "id = \"6.2.2\"").contains("6.2.2 stands twice"));
    assert!(
        planted("[[requirement]]\nid = \"7.1.1\"\nlevel = 2", "[[requirement]]\nid = \"7.1.1\"\nlevel = 3")
            .contains("chapter 7 has 18")
    );
    assert!(planted("decision = \"Sessions\"", "decision = \"Wishes\"").contains("no section \u{201c}Wishes\u{201d}"));
    assert!(planted("tests = [\"", "tests = [\"no_such_test_at_all\", \"").contains("no test no_such_test_at_all"));
    assert!(planted("decision = \"What runs in production\"\n", "").contains("is shown by nothing"));
}

#[test]
fn unsafe_code_is_forbidden_and_overflow_is_checked() {
    let manifest: toml::Table = toml::from_str(&fs::read_to_string("Cargo.toml").unwrap()).unwrap();
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    assert_eq!(manifest["profile"]["release"]["overflow-checks"].as_bool(), Some(true));
}

//! The rooms of `src/`: **no import runs up**, and no files go round in a circle.
//!
//! A room may import itself and what is before it in the list. So a file can be read with no more in mind than the rooms
//! below it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Bottom up. The files of `src/` itself are the door, above them all.
const ROOMS: [&str; 6] = ["host", "expression", "document", "request", "system", "login"];

/// The imports of these files alone may close a circle: a value and what is behind it know each other, and so do a function
/// and the evaluation that calls it.
const PAIRS: [&str; 2] = ["host::value", "expression::functions"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The paths from the root in a line of this module: behind each `crate::`, and behind each `super::`, as many as they are.
fn paths(line: &str, module: &[String]) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let words = line.split(|c| !is_path(c));
    words
        .filter_map(|word| {
            if let Some(path) = word.strip_prefix("crate::") {
                return Some(path.to_owned());
            }
            let path = word.trim_start_matches("super::");
            let up = (word.len() - path.len()) / "super::".len();
            let above = module.len().checked_sub(up)?;
            (up > 0).then(|| [&module[..above], &[path.to_owned()]].concat().join("::"))
        })
        .collect()
}

/// Every file but the root, as the path of its module, with the paths that it names. A room's `mod.rs` is the room. Comments
/// may point anywhere.
fn imports() -> BTreeMap<String, Vec<String>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &mut found);
    let mut all = BTreeMap::new();
    for file in found {
        let parts: Vec<_> = file
            .strip_prefix(&src)
            .unwrap()
            .with_extension("")
            .iter()
            .map(|part| part.to_str().unwrap().to_owned())
            .collect();
        let module = parts.join("::");
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let inside = parts.strip_suffix(&["mod".to_owned()]).unwrap_or(&parts);
        let named = code.flat_map(|line| paths(line, inside));
        if module != "lib" {
            all.insert(module, named.collect());
        }
    }
    all
}

/// The height of the room in which a path begins.
fn height(path: &str) -> usize {
    let first = path.split("::").next().unwrap();
    ROOMS.iter().position(|room| *room == first).unwrap_or(ROOMS.len())
}

#[test]
fn no_import_runs_up() {
    let imports = imports();
    for room in ROOMS {
        assert!(imports.keys().any(|module| module.starts_with(room)), "there is no room {room}");
    }
    for (module, named) in &imports {
        for path in named {
            assert!(!path.is_empty(), "{module} imports several rooms in one line: write a line for each");
            assert!(height(path) <= height(module), "{module} is below {path}, and must not import it");
        }
    }
}

#[test]
fn no_files_go_round_in_a_circle() {
    // What is in a folder of a file's own is a part of that file.
    let file_of = |path: &str| path.split("::").take(2).collect::<Vec<_>>().join("::");
    let mut left: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (module, named) in imports() {
        let file = file_of(&module);
        if !PAIRS.contains(&file.as_str()) {
            left.entry(file.clone())
                .or_default()
                .extend(named.iter().map(|path| file_of(path)).filter(|path| *path != file));
        }
    }
    // A file that imports none of those that are left is in no circle.
    loop {
        let before = left.len();
        let names: Vec<_> = left.keys().cloned().collect();
        left.retain(|_, named| named.iter().any(|path| names.contains(path)));
        if left.len() == before {
            break;
        }
    }
    assert!(left.is_empty(), "these import each other in a circle: {left:#?}");
}

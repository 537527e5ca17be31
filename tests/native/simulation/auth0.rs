//! Auth0's part when a login has ended: what it does with the commands, and who else writes metadata.

use super::story::Story;
use super::world::World;
use login_sync::Command;
use serde_json::{Map, Value as Json, json};
use std::cell::RefCell;

impl World {
    /// What Auth0 does with the commands. Now and then it refuses a key.
    pub(super) fn apply(&mut self, story: Story) {
        let Some(end) = story.end else { return };
        let metadata = RefCell::new(&mut self.people[story.person].metadata);
        let mut unwritten = Vec::new();
        for command in &end.commands {
            end.vouched.carry_out(command, &mut unwritten, |command| {
                let Command::AppMetadata(key, value) = command else { return true };
                if end.refuses(key) {
                    return false;
                }
                let mut metadata = metadata.borrow_mut();
                if metadata.is_null() {
                    **metadata = json!({});
                }
                match (metadata.as_object_mut(), &value.0) {
                    (Some(fields), Json::Null) => drop(fields.remove(key.as_str())),
                    (Some(fields), value) => drop(fields.insert(key.to_string(), value.clone())),
                    (None, _) => {}
                }
                true
            });
        }
        self.forge(story.person);
    }

    /// Somebody who may write app_metadata puts claims into a record, or breaks it.
    fn forge(&mut self, person: usize) {
        let records = self.people[person].metadata.get_mut("login_sync").and_then(Json::as_object_mut);
        for record in records.into_iter().flat_map(Map::values_mut) {
            let Some(claims) = record["claims"].as_str().filter(|_| self.rng.u8(0..16) == 0) else {
                continue;
            };
            let mut parts: Json = serde_json::from_str(claims).unwrap_or_default();
            for part in parts.as_array_mut().into_iter().flatten() {
                if part.is_null() {
                    *part = json!({});
                }
                part["https://forged.example.com/roles"] = json!(["admin"]);
            }
            record["claims"] =
                json!(if self.rng.u8(0..4) == 0 { "{".to_string() } else { parts.to_string() });
            self.report.count("record forged");
        }
    }
}

//! What ids stand for: the names of people, identities, systems and vendors, the questions of tasks, what was
//! granted and to whom in an emergency, what is reviewed and found, campaigns, the files of imports, API tokens.

use std::collections::HashMap;

use diesel::prelude::*;

use super::schema::{
    api_tokens, campaigns, emergency_accesses, findings, grants, identities, imports, people, requests, reviews,
    systems, tasks, vendors,
};
use super::{Db, StoreError};
use crate::domain::findings::FindingRule;
use crate::domain::grants::GrantKind;
use crate::domain::ids::Id;
use crate::domain::requests::reference;
use crate::domain::tasks::TaskKind;
use crate::each;

/// What an id stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The noun of the table's records: `person`, `identity`, `system`, `vendor`, `task`, `grant`, `request`, `emergency_access`,
    /// `import`, `api_token`, `review`, `finding`, `campaign`.
    pub entity: &'static str,
    pub name: String,
}

/// The names of those of the ids that stand for something that is still there.
pub fn of(db: &mut Db, ids: &[Id]) -> Result<HashMap<Id, Named>, StoreError> {
    let mut names = HashMap::new();
    for chunk in ids.chunks(500) {
        let mut put = |entity: &'static str, found: Vec<(Id, String)>| {
            names.extend(found.into_iter().map(|(id, name)| (id, Named { entity, name })));
        };
        put(
            "person",
            each!(db, |c| people::table.filter(people::id.eq_any(chunk)).select((people::id, people::name)).load(c))?,
        );
        put(
            "identity",
            each!(db, |c| identities::table
                .filter(identities::id.eq_any(chunk))
                .select((identities::id, identities::name))
                .load(c))?,
        );
        put(
            "system",
            each!(db, |c| systems::table
                .filter(systems::id.eq_any(chunk))
                .select((systems::id, systems::name))
                .load(c))?,
        );
        put(
            "vendor",
            each!(db, |c| vendors::table
                .filter(vendors::id.eq_any(chunk))
                .select((vendors::id, vendors::name))
                .load(c))?,
        );
        put(
            "import",
            each!(db, |c| imports::table
                .filter(imports::id.eq_any(chunk))
                .select((imports::id, imports::file_name))
                .load(c))?,
        );
        put(
            "api_token",
            each!(db, |c| api_tokens::table
                .filter(api_tokens::id.eq_any(chunk))
                .select((api_tokens::id, api_tokens::name))
                .load(c))?,
        );
        put(
            "campaign",
            each!(db, |c| campaigns::table
                .filter(campaigns::id.eq_any(chunk))
                .select((campaigns::id, campaigns::name))
                .load(c))?,
        );
        put(
            "review",
            each!(db, |c| reviews::table
                .inner_join(identities::table)
                .filter(reviews::id.eq_any(chunk))
                .select((reviews::id, identities::name))
                .load(c))?,
        );
        let found: Vec<(Id, FindingRule, String)> = each!(db, |c| findings::table
            .inner_join(identities::table)
            .filter(findings::id.eq_any(chunk))
            .select((findings::id, findings::rule, identities::name))
            .load(c))?;
        put("finding", found.into_iter().map(|(id, rule, name)| (id, format!("{name}: {}", rule.label()))).collect());
        // A task that was there before reviews were kept has the id of its review: it is named as the task.
        let asked: Vec<(Id, TaskKind, String)> = each!(db, |c| tasks::table
            .inner_join(identities::table)
            .filter(tasks::id.eq_any(chunk))
            .select((tasks::id, tasks::kind, identities::name))
            .load(c))?;
        put("task", asked.into_iter().map(|(id, kind, name)| (id, kind.title(&name))).collect());
        let granted: Vec<(Id, GrantKind, String)> = each!(db, |c| grants::table
            .inner_join(identities::table)
            .filter(grants::id.eq_any(chunk))
            .select((grants::id, grants::kind, identities::name))
            .load(c))?;
        put("grant", granted.into_iter().map(|(id, kind, name)| (id, format!("{}: {name}", kind.label()))).collect());
        let asked: Vec<(Id, i64, String)> = each!(db, |c| requests::table
            .inner_join(identities::table)
            .filter(requests::id.eq_any(chunk))
            .select((requests::id, requests::number, identities::name))
            .load(c))?;
        let referred = |(id, number, name): (Id, i64, String)| (id, format!("{} about {name}", reference(number)));
        put("request", asked.into_iter().map(referred).collect());
        let used: Vec<(Id, String)> = each!(db, |c| emergency_accesses::table
            .inner_join(people::table.on(people::id.eq(emergency_accesses::person_id)))
            .filter(emergency_accesses::id.eq_any(chunk))
            .select((emergency_accesses::id, people::name))
            .load(c))?;
        put("emergency_access", used);
        let reviewed: Vec<(Id, TaskKind, String)> = each!(db, |c| tasks::table
            .inner_join(emergency_accesses::table.on(tasks::emergency_id.eq(emergency_accesses::id.nullable())))
            .inner_join(people::table.on(people::id.eq(emergency_accesses::person_id)))
            .filter(tasks::id.eq_any(chunk))
            .select((tasks::id, tasks::kind, people::name))
            .load(c))?;
        put("task", reviewed.into_iter().map(|(id, kind, name)| (id, kind.title(&name))).collect());
    }
    Ok(names)
}

//! Everything that a drafted campaign selects, page by page: whom it would ask about it and by when, or why it is left
//! out.

use std::collections::HashMap;

use super::apart::{Apart, twice};
use crate::actions::campaigns::select::{Item, Reviewer, What};
use crate::domain::ids::Id;
use crate::domain::listing::PAGE_SIZE;
use crate::store::{Db, StoreError};
use crate::web::show;

/// Something that it selects.
#[derive(Debug)]
pub struct ItemRow {
    pub position: i64,
    pub identity: Id,
    pub name: String,
    /// Where it works, its tier, and what tells it from another of the same name.
    pub facts: String,
    /// Who would be asked; empty where it is left out.
    pub who: String,
    pub due_machine: String,
    /// By when an answer would be due; empty where it is left out.
    pub due: String,
    /// Why it is left out, or that its review is joined; empty where neither is so.
    pub remark: String,
}

/// The items after a position, and the position of the last of them when there are more.
pub fn page(
    db: &mut Db,
    items: &[Item],
    after: i64,
    names: &HashMap<Id, String>,
) -> Result<(Vec<ItemRow>, Option<i64>), StoreError> {
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let mut following = (1_i64..).zip(items).filter(|(position, _)| *position > after);
    let shown: Vec<(i64, &Item)> = following.by_ref().take(size).collect();
    let next = if following.next().is_some() { shown.last().map(|(position, _)| *position) } else { None };
    let ids: Vec<Id> = shown.iter().map(|(_, item)| item.identity).collect();
    let apart = Apart::of(db, &ids, twice(items.iter().map(|item| item.name.as_str())))?;
    Ok((shown.into_iter().map(|(position, item)| row(position, item, &apart, names)).collect(), next))
}

fn row(position: i64, item: &Item, apart: &Apart, names: &HashMap<Id, String>) -> ItemRow {
    let (who, day, remark) = match item.what {
        What::LeftOut(why) => (String::new(), None, format!("Left out: {}", why.label().to_lowercase())),
        What::Asked { reviewer, due_on, joined } => {
            let who = match reviewer {
                Reviewer::Person(person) => names.get(&person).cloned().unwrap_or_else(|| person.to_string()),
                Reviewer::Group(group) => group.label().to_owned(),
                Reviewer::Nobody => "Nobody can be asked".to_owned(),
            };
            let joined = if joined { "Its review is open already, and joins with its own day." } else { "" };
            (who, Some(due_on), joined.to_owned())
        }
    };
    ItemRow {
        position,
        identity: item.identity,
        name: item.name.clone(),
        facts: apart.facts(item.identity, &item.name, None),
        who,
        due_machine: day.map(|day| day.to_string()).unwrap_or_default(),
        due: day.map(show::date).unwrap_or_default(),
        remark,
    }
}

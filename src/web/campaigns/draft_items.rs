//! Everything that a drafted campaign selects, page by page: whom it would ask about it and by when, or why it is left
//! out.

use std::collections::HashMap;

use crate::actions::campaigns::select::{Item, Reviewer, What};
use crate::domain::ids::Id;
use crate::domain::listing::PAGE_SIZE;
use crate::web::show;

/// Something that it selects.
#[derive(Debug)]
pub struct ItemRow {
    pub position: i64,
    pub identity: Id,
    pub name: String,
    /// Who would be asked; empty where it is left out.
    pub who: String,
    pub due_machine: String,
    /// By when an answer would be due; empty where it is left out.
    pub due: String,
    /// Why it is left out, or that its review is joined; empty where neither is so.
    pub remark: String,
}

/// The items after a position, and the position of the last of them when there are more.
pub fn page(items: &[Item], after: i64, names: &HashMap<Id, String>) -> (Vec<ItemRow>, Option<i64>) {
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let mut following = (1_i64..).zip(items).filter(|(position, _)| *position > after);
    let rows: Vec<ItemRow> = following.by_ref().take(size).map(|(position, item)| row(position, item, names)).collect();
    let next = if following.next().is_some() { rows.last().map(|row| row.position) } else { None };
    (rows, next)
}

fn row(position: i64, item: &Item, names: &HashMap<Id, String>) -> ItemRow {
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
        who,
        due_machine: day.map(|day| day.to_string()).unwrap_or_default(),
        due: day.map(show::date).unwrap_or_default(),
        remark,
    }
}

//! The list of open findings: which rule is broken, by what, since when, and what to do.

use std::collections::HashMap;

use actix_web::{HttpRequest, web};
use askama::Template;
use chrono_tz::Tz;

use super::{filter, reads, severity_tag};
use crate::actions::Register;
use crate::domain::findings::{DECIDE, FindingRule};
use crate::domain::ids::Id;
use crate::domain::listing::{Count, PAGE_SIZE, Page};
use crate::domain::reviews::ReviewState;
use crate::store::findings::{self, Finding, FindingLine};
use crate::store::reviews;
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read, show};

#[derive(Template)]
#[template(path = "findings/list.html")]
struct FindingList {
    frame: Frame,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    groups: Vec<Group>,
    views: Vec<(String, String, bool)>,
    paging: Paging,
    query: String,
    filtered: bool,
    shown: String,
    of_all: String,
}

impl FindingList {
    /// The words that lead to a review.
    fn decide(&self) -> &'static str {
        DECIDE
    }

    /// "Checked are: ...": so that an empty page says what was looked for, and by what.
    fn checked(&self) -> String {
        let rules: Vec<String> = FindingRule::ALL.iter().map(|rule| rule.label().to_lowercase()).collect();
        format!(
            "Checked are: {}. What concerns reviews is found by the jobs of reviews. A shared secret is found by the \
             import that brings it, where the environments of both are known.",
            rules.join("; ")
        )
    }
}

/// Findings that stand one under another and break the same rule: what holds of all of several is said once, over them.
struct Group {
    rule: &'static str,
    remedy: &'static str,
    /// What the advice says after the words that lead to a review.
    after: &'static str,
    /// What was found, where it is the same of all of several; empty where each row says its own.
    says: String,
    rows: Vec<Row>,
}

impl Group {
    /// Whether a row over the others says what holds of all; one alone says it itself.
    fn has_head(&self) -> bool {
        self.rows.len() > 1
    }
}

struct Row {
    identity_href: String,
    identity: String,
    /// Empty where the group says it of all.
    says: String,
    /// The review that is to be decided; empty where none is open, or none is to be.
    decide_href: String,
    tag: &'static str,
    severity: &'static str,
    machine: String,
    since: String,
}

impl Row {
    /// Over how many columns its moment reaches below a head: what the head says leaves no empty cell.
    fn since_spans(&self) -> usize {
        match (self.says.is_empty(), self.decide_href.is_empty()) {
            (false, _) => 1,
            (true, false) => 2,
            (true, true) => 3,
        }
    }

    /// Over how many columns what was found reaches below a head.
    fn says_spans(&self) -> usize {
        if self.decide_href.is_empty() { 2 } else { 1 }
    }
}

/// GET /findings
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let (rule, faults) = filter(&fields);
    let bare = paging::without_place(&fields);
    let Some(from) = paging::from(&fields, reads) else { return paging::restart("/findings", &bare) };
    let (follows, place) = (faults.is_empty(), from.clone());
    let (found, count, counts, open) = read(&register, move |db| {
        let mut counts = Vec::with_capacity(FindingRule::ALL.len());
        for rule in FindingRule::ALL {
            counts.push((*rule, findings::count(db, Some(*rule))?));
        }
        if !follows {
            return Ok((Page::default(), Count::Exactly(0), counts, HashMap::new()));
        }
        let found: Page<FindingLine> = Page::of(findings::lines(db, rule, &place, PAGE_SIZE + 1)?, &place);
        let ids: Vec<Id> = found.rows.iter().map(|line| line.finding.identity_id).collect();
        let open: HashMap<Id, Id> = reviews::live_of(db, &ids)?
            .into_iter()
            .filter(|review| review.state == ReviewState::Open)
            .map(|review| (review.identity_id, review.id))
            .collect();
        Ok((found, findings::count(db, rule)?, counts, open))
    })
    .await?;
    if follows && paging::is_behind(&found, &from) {
        return paging::restart("/findings", &bare);
    }
    let frame = paging::framed(Frame::new(&register, &viewer, "/findings", "Findings").wide(), &fields)
        .with_error(!faults.is_empty());
    let tz = frame.tz;
    let query = bare.to_query();
    let mut views = vec![("All".to_owned(), String::new())];
    views.extend(
        counts
            .into_iter()
            .map(|(rule, count)| (format!("{} ({})", rule.label(), count.words()), format!("?rule={}", rule.word()))),
    );
    let views = views.into_iter().map(|(label, link)| (format!("/findings{link}"), label, link == query)).collect();
    let (shown, of_all) = paging::tally(found.rows.len(), count, "finding", "findings");
    page_with(
        faults.status(),
        &FindingList {
            faults: faults.lines("/findings", &bare),
            paging: Paging::of("/findings", &bare, &found, FindingLine::cursor),
            groups: groups(&found.rows, &open, tz),
            views,
            filtered: !query.is_empty(),
            query,
            shown,
            of_all,
            frame,
        },
    )
}

/// The rows in their order, divided where the rule changes.
fn groups(lines: &[FindingLine], open: &HashMap<Id, Id>, tz: Tz) -> Vec<Group> {
    lines
        .chunk_by(|one, next| one.finding.rule == next.finding.rule)
        .filter_map(|alike| {
            let Finding { rule, says, .. } = &alike.first()?.finding;
            let is_shared = alike.len() > 1 && alike.iter().all(|line| line.finding.says == *says);
            Some(Group {
                rule: rule.label(),
                remedy: rule.remedy(),
                after: rule.after_deciding().unwrap_or_default(),
                says: if is_shared { says.clone() } else { String::new() },
                rows: alike.iter().map(|line| row(line, is_shared, open, tz)).collect(),
            })
        })
        .collect()
}

fn row(line: &FindingLine, is_shared: bool, open: &HashMap<Id, Id>, tz: Tz) -> Row {
    let finding = &line.finding;
    Row {
        identity_href: format!("/identities/{}", finding.identity_id),
        identity: line.identity_name.clone(),
        says: if is_shared { String::new() } else { finding.says.clone() },
        decide_href: decide_href(finding, open),
        tag: severity_tag(finding.severity),
        severity: finding.severity.label(),
        machine: finding.opened_at.to_text(),
        since: show::moment(finding.opened_at, tz),
    }
}

/// Where the review is decided that a finding says to decide.
fn decide_href(finding: &Finding, open: &HashMap<Id, Id>) -> String {
    let review = finding.rule.after_deciding().and_then(|_| open.get(&finding.identity_id));
    review.map(|id| format!("/reviews/{id}")).unwrap_or_default()
}

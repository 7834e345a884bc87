//! Long pages: where the links to their sections lead, and in which order the page of a review is read.

use muster::domain::people::Role;

use crate::app::Page;
use crate::reviews::Asked;

/// The sections that a page leads to, in their order. Each of them stands on it, and once.
pub fn jumps(page: &Page) -> Vec<String> {
    let document = scraper::Html::parse_document(&page.text);
    let links = scraper::Selector::parse("main ul.jump a").unwrap();
    let mut found = Vec::new();
    for link in document.select(&links) {
        let id = link.value().attr("href").unwrap().trim_start_matches('#').to_owned();
        let section = scraper::Selector::parse(&format!("main [id=\"{id}\"]")).unwrap();
        assert_eq!(document.select(&section).count(), 1, "{id}: {}", page.text);
        found.push(id);
    }
    found
}

#[test]
fn the_page_of_a_review_gives_the_facts_before_it_asks_and_leads_to_each_part() {
    let story = Asked::begin();
    let path = format!("/reviews/{}", story.review);
    let page = story.app.sign_in_as(&story.owner).get(&path);
    let read = jumps(&page);
    assert_eq!(read, ["holds", "facts", "answer-group", "history", "notes"]);
    let place = |id: &str| page.text.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("{id}: {}", page.text));
    let order = ["holds", "facts", "answer-group", "reason", "history", "notes"].map(place);
    assert!(order.is_sorted(), "{order:?}");
    // Afterwards what was read is folded, and nothing leads into it.
    story.revoked();
    assert_eq!(jumps(&story.app.sign_in(Role::SecurityAnalyst).get(&path)), Vec::<String>::new());
}

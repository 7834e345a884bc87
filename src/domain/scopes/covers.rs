//! Whether the scopes granted take in the scopes wanted.
//!
//! Three answers: covered, not covered, cannot tell. For enforcement "cannot tell" is a denial, for an
//! approval a reviewer's task, for drift a finding. The rules:
//!
//! - contexts never cover each other; `*` covers any type and no enumeration covers `*`;
//! - letters add up over the scopes of one place: `.r` and `.s` cover `.rs`;
//! - a constraint only on the wanted side is narrower, only on the granted side it is not enough;
//!   parameters apply together inside a scope, scopes add up;
//! - an experimental parameter (modifier, chain, `_filter`) is covered by the same bytes alone;
//! - launch, identity, refresh, operation and custom scopes are covered by themselves alone;
//! - a rejected token grants nothing; wanted, it cannot be covered, and beside the same token it cannot
//!   be compared.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Verdict;
use super::canonical::{canonical, defined};
use super::constraint::Constraint;
use super::grants::{Grants, Place};
use super::letters::Letters;
use super::reason::Reason;
use super::release::{self, Release};
use super::scope::{Meaning, ResourceScope, ResourceType};
use super::set::ScopeSet;
use super::work::Work;

/// Alternatives of one wanted constraint that are looked at one by one.
const MOST_ALTERNATIVES: usize = 64;

/// The answer to "do these scopes cover those?".
#[derive(Debug, Clone)]
pub struct Coverage {
    pub verdict: Verdict,
    /// What is wanted and not covered, or not known to be, in its shortest form.
    pub rest: Vec<Meaning>,
    /// Wanted tokens that are no scopes.
    pub rejected: Vec<String>,
    pub reason: Reason,
}

/// Whether `granted` covers `wanted`, with the exact rest.
pub fn covers(granted: &ScopeSet, wanted: &ScopeSet) -> Coverage {
    Held::of(granted).covers(wanted)
}

/// What is granted, arranged once for any number of questions. They share one allowance of comparisons,
/// so that a page that asks for each of thousands of scopes takes no more than a bounded time.
#[derive(Debug)]
pub struct Held<'a> {
    grants: Grants<'a>,
    rejected: HashSet<&'a str>,
    work: Work,
}

impl<'a> Held<'a> {
    /// Arranges what is granted.
    pub fn of(granted: &'a ScopeSet) -> Self {
        Self {
            grants: Grants::of(granted.meanings()),
            rejected: granted.rejected.iter().map(|each| each.token.as_str()).collect(),
            work: Work::new(),
        }
    }

    /// Whether it covers `wanted`, with the exact rest.
    pub fn covers(&mut self, wanted: &ScopeSet) -> Coverage {
        ask(&self.grants, &self.rejected, &mut self.work, wanted)
    }

    /// Whether it covers one meaning.
    pub fn covers_one(&mut self, meaning: &Meaning) -> bool {
        let mut asking = Asking::of(&self.grants, &mut self.work);
        asking.one(meaning);
        asking.verdict == Verdict::Covered
    }
}

fn ask(grants: &Grants<'_>, rejected: &HashSet<&str>, work: &mut Work, wanted: &ScopeSet) -> Coverage {
    let mut asking = Asking::of(grants, work);
    for token in &wanted.rejected {
        let same = rejected.contains(token.token.as_str());
        let (verdict, reason) = if same {
            (Verdict::CannotTell, Reason::SameRejected(token.token.clone()))
        } else {
            (Verdict::NotCovered, Reason::Rejected(token.token.clone()))
        };
        asking.note(verdict, reason);
    }
    let wanted_shortest = canonical(wanted.meanings());
    for meaning in &wanted_shortest {
        asking.one(meaning);
    }
    let nothing = wanted_shortest.is_empty() && wanted.rejected.is_empty();
    let held = match asking.as_written {
        Some(part) => Reason::HeldAsWritten(part),
        None if nothing => Reason::NothingWanted,
        None => Reason::AllHeld,
    };
    let reason = asking.reason.unwrap_or(held);
    Coverage {
        verdict: asking.verdict,
        rest: canonical(&asking.rest),
        rejected: wanted.rejected.iter().map(|each| each.token.clone()).collect(),
        reason,
    }
}

/// What of one scope these grants leave, or are not known to hold.
pub(super) fn uncovered(grants: &Grants<'_>, wanted: &ResourceScope, work: &mut Work) -> Vec<ResourceScope> {
    let mut asking = Asking::of(grants, work);
    asking.resource(wanted);
    let scopes = asking.rest.into_iter();
    scopes.filter_map(|each| if let Meaning::Resource(scope) = each { Some(scope) } else { None }).collect()
}

/// One question under way.
struct Asking<'a> {
    grants: &'a Grants<'a>,
    work: &'a mut Work,
    verdict: Verdict,
    reason: Option<Reason>,
    rest: Vec<Meaning>,
    /// The first part that is covered by a parameter compared as text.
    as_written: Option<Meaning>,
}

impl<'a> Asking<'a> {
    fn of(grants: &'a Grants<'a>, work: &'a mut Work) -> Self {
        Self { grants, work, verdict: Verdict::Covered, reason: None, rest: Vec::new(), as_written: None }
    }

    fn one(&mut self, meaning: &Meaning) {
        match meaning {
            Meaning::Resource(scope) => self.resource(scope),
            other if self.grants.has(other) => {}
            other => {
                self.rest.push(other.clone());
                self.note(Verdict::NotCovered, Reason::Missing(other.clone()));
            }
        }
    }

    /// Remembers the worst verdict, and the first reason for it.
    fn note(&mut self, verdict: Verdict, reason: Reason) {
        if verdict > self.verdict {
            self.verdict = verdict;
            self.reason = Some(reason);
        }
    }

    fn resource(&mut self, wanted: &ResourceScope) {
        let free = self.grants.around(wanted).fold(Letters::NONE, |held, (place, _)| held | place.free);
        let open = wanted.letters - free;
        if open.is_empty() {
            return;
        }
        let missing = wanted.with_letters(open);
        if wanted.constraint.is_empty() {
            let reason = self.why_unlimited(&missing);
            self.rest.push(Meaning::Resource(missing));
            return self.note(Verdict::NotCovered, reason);
        }
        let alternatives = match wanted.constraint.alternatives(MOST_ALTERNATIVES) {
            Some(alternatives) => alternatives,
            None => return self.alternatives_beyond(missing),
        };
        // Each alternative is a set of resources no other alternative replaces, so it is covered by
        // one granted constraint or by none.
        let mut left: Vec<(Constraint, Letters)> = Vec::new();
        for alternative in alternatives {
            let one = missing.under(alternative);
            let still = self.limited(&one);
            if !still.is_empty() {
                left.push((one.constraint, still));
            }
        }
        self.keep_rest(wanted, left);
    }

    /// More alternatives than are looked at one by one: the constraint as a whole, or undecided.
    fn alternatives_beyond(&mut self, missing: ResourceScope) {
        let mut held = Letters::NONE;
        for (place, on_every_type) in self.grants.around(&missing).filter(|(place, _)| place.limits(missing.letters)) {
            if !self.work.allows(1) {
                break;
            }
            for (constraint, letters) in place.taking_in(&missing.constraint).iter() {
                let applies = !on_every_type || defined(constraint, &missing.resource);
                if applies && self.work.allows(1) && constraint.takes_in(&missing.constraint) == Verdict::Covered {
                    held |= *letters;
                    if constraint.is_experimental() {
                        self.as_written.get_or_insert_with(|| Meaning::Resource(missing.clone()));
                    }
                }
            }
        }
        let open = missing.letters - held;
        if open.is_empty() {
            return;
        }
        let limits = self.grants.around(&missing).any(|(place, _)| place.limits(open));
        let rest = missing.with_letters(open);
        self.rest.push(Meaning::Resource(rest.clone()));
        if limits {
            self.note(Verdict::CannotTell, Reason::TooMany);
        } else {
            self.note(Verdict::NotCovered, Reason::Missing(Meaning::Resource(rest)));
        }
    }

    /// The letters of `one`, a scope with a single-valued constraint, that no limited grant holds.
    fn limited(&mut self, one: &ResourceScope) -> Letters {
        let mut covered = Letters::NONE;
        let mut unclear = Letters::NONE;
        let mut reason = None;
        for (place, on_every_type) in self.grants.around(one).filter(|(place, _)| place.limits(one.letters)) {
            // What is granted under the same bytes is found at once, and only what it leaves is compared with all.
            if place.is_undecided_by_values(&one.constraint) {
                covered |= self.taken_in(place, on_every_type, one);
                if covered.holds(one.letters) {
                    break;
                }
            }
            // Even gathering what could be compared is work.
            let candidates = if self.work.allows(1) { place.comparable(&one.constraint) } else { Cow::default() };
            if !self.work.allows(0) {
                unclear = one.letters;
                reason = Some(Reason::TooMany);
                break;
            }
            for (constraint, letters) in candidates.iter() {
                if !self.work.allows(1) {
                    unclear = one.letters;
                    reason = Some(Reason::TooMany);
                    break;
                }
                let relevant = *letters & (one.letters - covered);
                if relevant.is_empty() {
                    continue;
                }
                match constraint.takes_in(&one.constraint) {
                    Verdict::Covered if on_every_type && !defined(constraint, &one.resource) => {
                        unclear |= relevant;
                        reason.get_or_insert_with(|| Reason::UndefinedOnType(Meaning::Resource(one.clone())));
                    }
                    Verdict::Covered => {
                        covered |= relevant;
                        if constraint.is_experimental() && self.as_written.is_none() {
                            self.as_written = Some(Meaning::Resource(one.with_letters(relevant)));
                        }
                    }
                    Verdict::CannotTell => {
                        unclear |= relevant;
                        reason.get_or_insert_with(|| Reason::Experimental(Meaning::Resource(one.clone())));
                    }
                    Verdict::NotCovered => {
                        let only =
                            || Reason::OnlyUnder(Meaning::Resource(one.with_letters(relevant)), (*constraint).clone());
                        reason.get_or_insert_with(only);
                    }
                }
            }
        }
        let open = one.letters - covered;
        if open.is_empty() {
            return open;
        }
        let rest = Meaning::Resource(one.with_letters(open));
        if reason.is_none() {
            let limit = self.grants.around(one).find_map(|(place, _)| place.first_limit(open));
            reason = limit.map(|limit| Reason::OnlyUnder(rest.clone(), limit.clone()));
        }
        if (open - unclear).is_empty() {
            self.note(Verdict::CannotTell, reason.unwrap_or(Reason::Missing(rest)));
        } else {
            let reason = reason.filter(|each| matches!(each, Reason::OnlyUnder(..)));
            self.note(Verdict::NotCovered, reason.unwrap_or(Reason::Missing(rest)));
        }
        open
    }

    /// The letters of `one` that limits found by its values hold for certain.
    fn taken_in(&mut self, place: &Place<'_>, on_every_type: bool, one: &ResourceScope) -> Letters {
        let mut covered = Letters::NONE;
        for (constraint, letters) in place.taking_in(&one.constraint).iter() {
            let applies = !on_every_type || defined(constraint, &one.resource);
            let relevant = *letters & (one.letters - covered);
            if !applies || relevant.is_empty() {
                continue;
            }
            if !self.work.allows(1) {
                break;
            }
            if constraint.takes_in(&one.constraint) == Verdict::Covered {
                covered |= relevant;
                if constraint.is_experimental() && self.as_written.is_none() {
                    self.as_written = Some(Meaning::Resource(one.with_letters(relevant)));
                }
            }
        }
        covered
    }

    /// Writes what is left of `wanted`: with its own constraint where every alternative is left alike.
    fn keep_rest(&mut self, wanted: &ResourceScope, left: Vec<(Constraint, Letters)>) {
        let all = wanted.constraint.alternatives(MOST_ALTERNATIVES).map_or(0, |all| all.len());
        if let Some((_, first)) = left.first().cloned()
            && left.len() == all
            && left.iter().all(|(_, letters)| *letters == first)
        {
            self.rest.push(Meaning::Resource(wanted.with_letters(first)));
            return;
        }
        for (constraint, letters) in left {
            self.rest.push(Meaning::Resource(wanted.with_letters(letters).under(constraint)));
        }
    }

    /// A release all of whose types are granted by name with these letters.
    fn equals_release(&self, missing: &ResourceScope) -> Option<Release> {
        let held: HashSet<&str> = self
            .grants
            .named(missing.context)
            .filter(|(_, place)| place.free.holds(missing.letters))
            .filter_map(|(resource, _)| if let ResourceType::Named(name) = resource { Some(&**name) } else { None })
            .collect();
        Release::ALL.iter().copied().find(|each| release::types(*each).all(|facts| held.contains(&*facts.name)))
    }

    fn why_unlimited(&self, missing: &ResourceScope) -> Reason {
        let rest = Meaning::Resource(missing.clone());
        let limit = self.grants.around(missing).find_map(|(place, _)| place.first_limit(missing.letters));
        if let Some(constraint) = limit {
            return Reason::OnlyUnder(rest, constraint.clone());
        }
        let every = missing.resource == ResourceType::Every;
        if every && self.grants.named(missing.context).any(|(_, place)| place.free.meets(missing.letters)) {
            return Reason::OnlyNamedTypes(rest, self.equals_release(missing));
        }
        Reason::Missing(rest)
    }
}

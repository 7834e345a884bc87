//! Who is asked: the business owner, their deputy, the manager of the technical owner, the security analysts.
//!
//! Each of them has to be here, able to act, and not the one who benefits: the technical owner. The way that was
//! walked is kept with the review, so that an auditor sees why somebody was asked and somebody else was not.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::ids::Id;
use crate::domain::people::has_left;
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup};
use crate::words;

words! {
    /// What became of somebody who could have been asked.
    Verdict {
        Asked = "asked", "was asked";
        NotNamed = "not_named", "nobody is named";
        Left = "left", "has left";
        Disabled = "disabled", "cannot sign in";
        Refused = "refused", "refused to own it";
        Auditor = "auditor", "only reads";
        Benefits = "benefits", "is its technical owner, and benefits";
        Benefited = "benefited", "was its technical owner when it was asked about, and benefits";
        Empty = "empty", "nobody is in the group who could act";
    }
}

/// Since when somebody benefits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Benefit {
    /// They are its technical owner.
    Now,
    /// They were when somebody was asked, and another is since.
    Then,
}

/// Somebody who could be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    pub person: Id,
    pub left_on: Option<NaiveDate>,
    /// They cannot sign in: their account is disabled, or they have none and nobody else lets them in.
    pub disabled: bool,
    pub auditor: bool,
    pub refused: bool,
}

/// Everybody who could be asked about an identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reviewers {
    pub business_owner: Option<Stand>,
    pub deputy: Option<Stand>,
    pub technical_manager: Option<Stand>,
    /// The manager of the business owner: asked too when nobody answers.
    pub business_manager: Option<Stand>,
    /// The technical owner, who benefits.
    pub beneficiary: Option<Id>,
    /// Whoever was that when somebody was asked: naming another since changes nothing.
    pub benefited: Option<Id>,
    /// Security analysts who can act, and are not the beneficiary.
    pub analysts: usize,
    /// The same of the administrators.
    pub administrators: usize,
}

/// One step of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Considered {
    pub asked_as: Role,
    pub person: Option<Id>,
    pub verdict: Verdict,
}

words! {
    /// As what somebody was considered.
    Role {
        BusinessOwner = "business_owner", "business owner";
        Deputy = "deputy", "deputy of the business owner";
        BusinessManager = "business_manager", "manager of the business owner";
        TechnicalManager = "technical_manager", "manager of the technical owner";
        SecurityAnalysts = "security_analysts", "security analysts";
        Administrators = "administrators", "administrators";
    }
}

/// Who is asked, and the way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    pub way: Vec<Considered>,
    /// `None` when nobody can be asked.
    pub found: Option<Assignee>,
}

impl Reviewers {
    /// Whether somebody benefits, or did when somebody was asked: either way they do not decide.
    pub fn benefit(&self, person: Id) -> Option<Benefit> {
        match Some(person) {
            one if one == self.beneficiary => Some(Benefit::Now),
            one if one == self.benefited => Some(Benefit::Then),
            _ => None,
        }
    }

    fn judge(&self, stand: Option<Stand>, today: NaiveDate) -> Verdict {
        let benefit = stand.and_then(|stand| self.benefit(stand.person));
        match stand {
            None => Verdict::NotNamed,
            Some(_) if benefit == Some(Benefit::Now) => Verdict::Benefits,
            Some(_) if benefit == Some(Benefit::Then) => Verdict::Benefited,
            Some(stand) if has_left(stand.left_on, today) => Verdict::Left,
            Some(stand) if stand.disabled => Verdict::Disabled,
            Some(stand) if stand.auditor => Verdict::Auditor,
            Some(stand) if stand.refused => Verdict::Refused,
            Some(_) => Verdict::Asked,
        }
    }

    /// Who is asked first.
    pub fn resolve(&self, today: NaiveDate) -> Resolution {
        self.walk(
            &[
                (Role::BusinessOwner, self.business_owner, AssignedAs::BusinessOwner),
                (Role::Deputy, self.deputy, AssignedAs::Deputy),
                (Role::TechnicalManager, self.technical_manager, AssignedAs::TechnicalManager),
            ],
            &[(Role::SecurityAnalysts, self.analysts, AssigneeGroup::SecurityAnalysts)],
            today,
        )
    }

    /// Who is asked too when whoever was asked has not answered; none of `asked` is asked again.
    pub fn more(&self, asked: &[Id], groups: &[AssigneeGroup], today: NaiveDate) -> Resolution {
        let others = [
            (Role::Deputy, self.deputy, AssignedAs::Deputy),
            (Role::BusinessManager, self.business_manager, AssignedAs::Escalated),
            (Role::TechnicalManager, self.technical_manager, AssignedAs::TechnicalManager),
        ];
        let new: Vec<_> = others
            .into_iter()
            .filter(|(_, stand, _)| stand.is_none_or(|stand| !asked.contains(&stand.person)))
            .collect();
        self.walk(&new, &self.groups_beyond(groups), today)
    }

    /// Who is asked instead.
    pub fn instead(&self, groups: &[AssigneeGroup], today: NaiveDate) -> Resolution {
        self.walk(&[], &self.groups_beyond(groups), today)
    }

    fn groups_beyond(&self, asked: &[AssigneeGroup]) -> Vec<(Role, usize, AssigneeGroup)> {
        [
            (Role::SecurityAnalysts, self.analysts, AssigneeGroup::SecurityAnalysts),
            (Role::Administrators, self.administrators, AssigneeGroup::Administrators),
        ]
        .into_iter()
        .filter(|(_, _, group)| !asked.contains(group))
        .collect()
    }

    fn walk(
        &self,
        people: &[(Role, Option<Stand>, AssignedAs)],
        groups: &[(Role, usize, AssigneeGroup)],
        today: NaiveDate,
    ) -> Resolution {
        let mut way = Vec::new();
        for (asked_as, stand, assigned_as) in people {
            let verdict = self.judge(*stand, today);
            way.push(Considered { asked_as: *asked_as, person: stand.map(|stand| stand.person), verdict });
            if let (Verdict::Asked, Some(stand)) = (verdict, stand) {
                let found = Some(Assignee::Person { person: stand.person, assigned_as: *assigned_as });
                return Resolution { way, found };
            }
        }
        for (asked_as, members, group) in groups {
            let verdict = if *members > 0 { Verdict::Asked } else { Verdict::Empty };
            way.push(Considered { asked_as: *asked_as, person: None, verdict });
            if *members > 0 {
                return Resolution { way, found: Some(Assignee::Group { group: *group }) };
            }
        }
        Resolution { way, found: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        "2026-12-01".parse().unwrap()
    }

    fn stand() -> Stand {
        Stand { person: Id::new(), left_on: None, disabled: false, auditor: false, refused: false }
    }

    fn all() -> Reviewers {
        Reviewers {
            business_owner: Some(stand()),
            deputy: Some(stand()),
            technical_manager: Some(stand()),
            business_manager: Some(stand()),
            beneficiary: Some(Id::new()),
            benefited: None,
            analysts: 2,
            administrators: 1,
        }
    }

    fn words(resolution: &Resolution) -> Vec<String> {
        resolution.way.iter().map(|step| format!("{}: {}", step.asked_as.word(), step.verdict.word())).collect()
    }

    #[test]
    fn the_first_who_can_act_is_asked_and_the_way_says_why_the_others_were_not() {
        let gone = Some(Stand { left_on: Some(today()), ..stand() });
        let disabled = Some(Stand { disabled: true, ..stand() });
        let reviewers = Reviewers { business_owner: gone, deputy: disabled, ..all() };
        let resolution = reviewers.resolve(today());
        assert_eq!(words(&resolution), ["business_owner: left", "deputy: disabled", "technical_manager: asked"]);
        assert!(matches!(resolution.found, Some(Assignee::Person { assigned_as: AssignedAs::TechnicalManager, .. })));
    }

    #[test]
    fn whoever_benefits_is_never_asked_under_any_name() {
        let owner = stand();
        let reviewers = Reviewers {
            business_owner: Some(owner),
            deputy: Some(owner),
            technical_manager: Some(owner),
            business_manager: Some(owner),
            beneficiary: Some(owner.person),
            ..all()
        };
        for resolution in [reviewers.resolve(today()), reviewers.more(&[], &[], today())] {
            assert_eq!(resolution.found, Some(Assignee::Group { group: AssigneeGroup::SecurityAnalysts }));
            assert!(words(&resolution).iter().any(|step| step.ends_with("benefits")), "{resolution:?}");
        }
    }

    #[test]
    fn whoever_benefited_when_it_was_asked_about_is_not_asked_though_another_is_named_since() {
        let owner = stand();
        let reviewers = Reviewers { business_owner: Some(owner), benefited: Some(owner.person), ..all() };
        assert_eq!(words(&reviewers.resolve(today())), ["business_owner: benefited", "deputy: asked"]);
        assert_eq!(reviewers.benefit(owner.person), Some(Benefit::Then));
        let still = Reviewers { beneficiary: Some(owner.person), ..reviewers };
        assert_eq!(words(&still.resolve(today())), ["business_owner: benefits", "deputy: asked"]);
        assert_eq!(still.benefit(Id::new()), None);
    }

    #[test]
    fn nobody_found_is_an_answer_of_its_own() {
        let resolution = Reviewers::default().resolve(today());
        assert_eq!(resolution.found, None);
        assert_eq!(
            words(&resolution),
            [
                "business_owner: not_named",
                "deputy: not_named",
                "technical_manager: not_named",
                "security_analysts: empty"
            ]
        );
    }

    #[test]
    fn escalation_asks_somebody_else_first_and_a_higher_group_in_the_end() {
        let reviewers = all();
        let owner = reviewers.business_owner.map(|stand| stand.person).unwrap();
        let deputy = reviewers.deputy.map(|stand| stand.person).unwrap();
        let person = |resolution: Resolution| match resolution.found {
            Some(Assignee::Person { person, .. }) => person,
            other => panic!("{other:?}"),
        };
        assert_eq!(person(reviewers.more(&[owner], &[], today())), deputy);
        let manager = person(reviewers.more(&[owner, deputy], &[], today()));
        assert_eq!(Some(manager), reviewers.business_manager.map(|stand| stand.person));
        let group = |groups: &[AssigneeGroup]| reviewers.instead(groups, today()).found;
        assert_eq!(group(&[]), Some(Assignee::Group { group: AssigneeGroup::SecurityAnalysts }));
        assert_eq!(
            group(&[AssigneeGroup::SecurityAnalysts]),
            Some(Assignee::Group { group: AssigneeGroup::Administrators })
        );
    }
}

//! How much one caller may ask for. Generous for people, and an end for programs that do not stop.

/// What a request costs the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// A page.
    Page,
    /// A form that is sent.
    Change,
    /// A whole list as a file.
    Export,
}

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// A network address nobody has signed in from, as far as this request says.
    Address,
    /// An account, or a token of the interface.
    Known,
}

/// How many requests, steadily and at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub per_minute: u32,
    pub at_once: u32,
}

/// What a deployment allows. One number sets all: the pages an account may open a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates(u32);

impl Default for Rates {
    /// Ten pages a second.
    fn default() -> Self {
        Self(600)
    }
}

impl Rates {
    /// From the pages an account may open a minute; at least 60, so that somebody can still work, and at
    /// most sixty million.
    pub fn new(per_minute: u32) -> Option<Self> {
        (60..=60_000_000).contains(&per_minute).then_some(Self(per_minute))
    }

    /// What is allowed. With 600 pages a minute (100 at once), a form is sent 120 times (40 at once),
    /// a list exported 30 times (10 at once), and a stranger's address has half of the pages.
    pub fn allowance(self, counted: Counted, cost: Cost) -> Allowance {
        let of = |per_minute: u32, at_once: u32| Allowance { per_minute: per_minute.max(1), at_once: at_once.max(1) };
        match (cost, counted) {
            (Cost::Page, Counted::Known) => of(self.0, self.0 / 6),
            (Cost::Page, Counted::Address) => of(self.0 / 2, self.0 / 6),
            (Cost::Change, _) => of(self.0 / 5, self.0 / 15),
            (Cost::Export, _) => of(self.0 / 20, self.0 / 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_allowance_still_lets_somebody_work() {
        let least = Rates::new(60).unwrap();
        for counted in [Counted::Address, Counted::Known] {
            for cost in [Cost::Page, Cost::Change, Cost::Export] {
                let Allowance { per_minute, at_once } = least.allowance(counted, cost);
                assert!(per_minute >= 3 && at_once >= 1, "{counted:?} {cost:?}");
            }
        }
        assert_eq!((Rates::new(59), Rates::new(60_000_001)), (None, None));
    }

    #[test]
    fn the_usual_allowance_is_what_is_said_of_it() {
        let of = |counted, cost| {
            let Allowance { per_minute, at_once } = Rates::default().allowance(counted, cost);
            (per_minute, at_once)
        };
        assert_eq!(of(Counted::Known, Cost::Page), (600, 100));
        assert_eq!(of(Counted::Address, Cost::Page), (300, 100));
        assert_eq!(of(Counted::Known, Cost::Change), (120, 40));
        assert_eq!(of(Counted::Known, Cost::Export), (30, 10));
    }
}

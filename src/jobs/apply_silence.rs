//! Does what the rules say about reviews that nobody answered. It cuts nothing while silence is only simulated, and
//! stops before it cuts more than the set share of what works or may work in production. Nor does it cut what others
//! are to be asked about first, what had its days while nothing ran, or anything while no mail leaves.

use super::counted;
use crate::actions::reviews::silence::{self, Ran};
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let mut report = JobReport::default();
    for line in lines(silence::run(register, by, || lease.renew(register))?) {
        report.say(line);
    }
    Ok(report)
}

/// What a run did: what was cut, and then what was not and why, of one and of several.
fn lines(ran: Ran) -> Vec<String> {
    let of = |count: usize| counted(count, "identity", "identities");
    let mut lines = vec![format!("{} suspended, {} revoked", of(ran.suspended), ran.revoked)];
    for (count, one, several) in [
        (ran.stayed_suspended, "stays suspended, and loses nothing more", "stay suspended, and lose nothing more"),
        (ran.stayed, "keeps its access, with a finding", "keep their access, with a finding"),
        (
            ran.escalated,
            "went to the administrators, because silence may not stop it",
            "went to the administrators, because silence may not stop them",
        ),
        (
            ran.simulated,
            "would have been cut, and silence is only simulated",
            "would have been cut, and silence is only simulated",
        ),
        (
            ran.held_back,
            "was not cut, because the run would have cut too much of what works or may work in production: two people \
             let it go on",
            "were not cut, because the run would have cut too much of what works or may work in production: two people \
             let it go on",
        ),
        (
            ran.returned,
            "was with the administrators, and silence may stop it now, after days of its own",
            "were with the administrators, and silence may stop them now, after days of their own",
        ),
        (
            ran.waiting,
            "was not cut, because others are to be asked about it first",
            "were not cut, because others are to be asked about them first",
        ),
        (
            ran.nobody_asked,
            "was not cut, because nobody is asked about it: somebody has to be found first",
            "were not cut, because nobody is asked about them: somebody has to be found first",
        ),
        (
            ran.untold,
            "was not cut, because no mail has left for a day: whoever is asked may not know",
            "were not cut, because no mail has left for a day: whoever is asked may not know",
        ),
        (
            ran.put_off,
            "got more days to be answered, because silence was not counted for a while",
            "got more days to be answered, because silence was not counted for a while",
        ),
        (
            ran.owed,
            "could not be given the days on which nothing ran, so it is not cut and that is tried again; the log says \
             why",
            "could not be given the days on which nothing ran, so they are not cut and that is tried again; the log \
             says why",
        ),
        (ran.cancelled, "is being stopped already", "are being stopped already"),
        (
            ran.failed,
            "could not be handled and is tried again; the log says why",
            "could not be handled and are tried again; the log says why",
        ),
    ] {
        if count > 0 {
            lines.push(format!("{} {}", of(count), if count == 1 { one } else { several }));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_said_of_as_one_and_several_as_several() {
        let ran = Ran { suspended: 1, stayed: 1, held_back: 1, cancelled: 1, ..Ran::default() };
        let one = lines(ran);
        assert_eq!(one[..2], ["1 identity suspended, 0 revoked", "1 identity keeps its access, with a finding"]);
        assert!(one[2].starts_with("1 identity was not cut, because the run would have cut too much"), "{one:?}");
        assert_eq!(one[3], "1 identity is being stopped already");
        let several = lines(Ran { stayed: 2, stayed_suspended: 3, waiting: 2, ..Ran::default() });
        assert_eq!(
            several,
            [
                "0 identities suspended, 0 revoked",
                "3 identities stay suspended, and lose nothing more",
                "2 identities keep their access, with a finding",
                "2 identities were not cut, because others are to be asked about them first",
            ]
        );
    }
}

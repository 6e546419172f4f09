//! A request that someone else sign a plan, and the rule of who may decide it and when. The database enforces the same again;
//! granting and expiring are use cases of `service`.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::access::{Actor, Approver};
use crate::digest::Digest;
use crate::id::{ApprovalId, IncidentId, RunId, StepId, UserId};
use crate::plan::ApprovalReason;
use crate::text::{InvalidText, ReasonLimits};
use crate::timestamp::Timestamp;
use crate::user::UserRef;
use crate::word_enum;

/// The shortest reason for a decision, in letters and digits that can be seen.
pub const REASON_LETTERS_MIN: usize = 10;
/// The longest reason for a decision, in bytes of UTF-8.
pub const REASON_BYTES_MAX: usize = 4_096;
/// The most people that a quorum may ask for.
pub const QUORUM_MAX: u8 = 5;
/// Seconds until an undecided approval expires, if the playbook does not say.
pub const APPROVAL_EXPIRES_S_DEFAULT: u32 = 14_400;
/// The longest that a playbook may let an approval wait, in seconds.
pub const APPROVAL_EXPIRES_S_MAX: u32 = 86_400;
/// How long a grant may start its run or pass its gate, in milliseconds.
pub const GRANT_START_MS_MAX: i64 = 900_000;

/// Both of them.
pub const REASON_LIMITS: ReasonLimits = ReasonLimits { letters_min: REASON_LETTERS_MIN, bytes_max: REASON_BYTES_MAX };

word_enum! {
    /// Where an approval stands.
    ApprovalStatus {
        Pending = "pending",
        Approved = "approved",
        Rejected = "rejected",
        Expired = "expired",
        Withdrawn = "withdrawn",
    }
}

word_enum! {
    /// What a person says to a plan.
    Decision {
        Approve = "approve",
        Reject = "reject",
    }
}

/// One person's decision, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Vote {
    pub by: UserRef,
    pub decision: Decision,
    pub reason: String,
    pub at: Timestamp,
}

/// A request that someone else sign a plan, with the decisions so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub id: ApprovalId,
    pub incident_id: IncidentId,
    pub run_id: RunId,
    /// The step that is gated; `None` when the whole plan is.
    pub step: Option<StepId>,
    pub status: ApprovalStatus,
    pub plan_digest: Digest,
    pub reasons: Vec<ApprovalReason>,
    /// `None` for a run that started by itself.
    pub requested_by: Option<UserRef>,
    pub requested_at: Timestamp,
    pub expires_at: Timestamp,
    /// How many people must approve.
    pub quorum: u8,
    /// Who may not decide, fixed when the approval was made.
    pub contributors: Vec<UserId>,
    pub decisions: Vec<Vote>,
}

/// What a person sends in to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    pub decision: Decision,
    pub reason: String,
    /// The digest of the plan that the person saw.
    pub plan_digest: Digest,
}

/// A decision that counts, and where the approval stands with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub vote: Vote,
    pub status: ApprovalStatus,
}

/// What is known, when a decision is made, of those who may make it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Electorate {
    /// Of the person and all who have voted, those who may decide now: a vote of anybody else no longer counts.
    pub approvers: BTreeSet<UserId>,
    /// Could the person decide when it was first asked for?
    pub was_approver: bool,
    /// Of the same people, in whose hands their accounts are.
    pub hands: HashMap<UserId, Vec<UserRef>>,
}

/// Why a decision does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the reason {0}")]
    InvalidReason(InvalidText),
    /// Carries where the approval stands instead.
    #[error("the approval is {0}")]
    NotPending(ApprovalStatus),
    #[error("you contributed to this, so somebody else must decide")]
    SeparationOfDuties,
    #[error("you were no approver yet when this was asked for, so somebody else must decide")]
    ApproverSince,
    /// Carries the name of whoever set it.
    #[error(
        "{0}, who contributed to this or has voted, last set your roles or your password: another admin or approver must confirm your account first"
    )]
    InTheirHand(String),
    /// Carries the name of a voter whose account the person set.
    #[error("you last set the roles or the password of {0}, who has voted already, so somebody else must decide")]
    SetVoter(String),
    #[error("you have decided this already")]
    AlreadyVoted,
    #[error("confirm your password: the last time is over five minutes ago")]
    StepUpRequired,
    #[error("the plan is not the one that you saw")]
    PlanChanged,
    /// The role was taken away, or the account disabled, after the request was let in.
    #[error("you may no longer decide")]
    NoApprover,
}

impl Approval {
    /// The decision of this person at this time, checked in the order that clients are promised.
    pub fn decide(&self, by: Approver<'_>, ballot: &Ballot, electorate: &Electorate, now: Timestamp) -> Result<Decided, Refusal> {
        if !electorate.approvers.contains(&by.user_id()) {
            return Err(Refusal::NoApprover);
        }
        REASON_LIMITS.check(&ballot.reason).map_err(Refusal::InvalidReason)?;
        self.check_open_to(by.user_id(), electorate, now)?;
        if !by.has_confirmed_lately(now) {
            return Err(Refusal::StepUpRequired);
        }
        if ballot.plan_digest != self.plan_digest {
            return Err(Refusal::PlanChanged);
        }
        let reason = ballot.reason.trim().to_owned();
        let vote = Vote { by: by.user().clone(), decision: ballot.decision, reason, at: now };
        Ok(Decided { status: self.status_with(ballot.decision, &electorate.approvers), vote })
    }

    /// Why this actor cannot decide now, in a sentence for people; `None` if they can. An old sign-in is no reason: it is renewed
    /// on the page.
    #[must_use]
    pub fn why_not(&self, actor: &Actor, electorate: &Electorate, now: Timestamp) -> Option<String> {
        let refusal = match actor.as_approver() {
            Ok(approver) => self.check_open_to(approver.user_id(), electorate, now).err()?.to_string(),
            Err(_) if matches!(actor, Actor::User(_)) => "only an approver can decide this".to_owned(),
            Err(_) => "only a signed-in approver can decide this".to_owned(),
        };
        Some(capitalised(&refusal))
    }

    /// Where the approval stands at this time: a pending one expires by itself.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> ApprovalStatus {
        if self.status == ApprovalStatus::Pending && now >= self.expires_at { ApprovalStatus::Expired } else { self.status }
    }

    /// Everybody who has voted.
    pub fn voters(&self) -> impl Iterator<Item = UserId> {
        self.decisions.iter().map(|vote| vote.by.id)
    }

    /// Would the signatures be enough if all of them counted?
    #[must_use]
    pub fn has_all_signatures(&self) -> bool {
        self.decisions.iter().filter(|vote| vote.decision == Decision::Approve).count() >= usize::from(self.quorum)
    }

    /// Is it pending with all its signatures, of which some do not count any more, and nobody can give the rest? `approvers` is everybody who may
    /// decide now. Whoever signed cannot do so twice.
    #[must_use]
    pub fn is_stuck(&self, approvers: &BTreeSet<UserId>) -> bool {
        let has_part = |id: &&UserId| self.contributors.contains(id) || self.voters().any(|voter| voter == **id);
        let others = approvers.iter().filter(|id| !has_part(id)).count();
        let counting = self.standing_approvals(approvers);
        self.status == ApprovalStatus::Pending && self.has_all_signatures() && counting + others < usize::from(self.quorum)
    }

    /// Do enough of those who approved still count? `approvers` are those who may decide now.
    #[must_use]
    pub fn has_quorum(&self, approvers: &BTreeSet<UserId>) -> bool {
        self.standing_approvals(approvers) >= usize::from(self.quorum)
    }

    fn standing_approvals(&self, approvers: &BTreeSet<UserId>) -> usize {
        let approving = self.decisions.iter().filter(|vote| vote.decision == Decision::Approve);
        approving.filter(|vote| approvers.contains(&vote.by.id)).count()
    }

    fn check_open_to(&self, user: UserId, electorate: &Electorate, now: Timestamp) -> Result<(), Refusal> {
        match self.status_at(now) {
            ApprovalStatus::Pending => {}
            status => return Err(Refusal::NotPending(status)),
        }
        if self.contributors.contains(&user) {
            return Err(Refusal::SeparationOfDuties);
        }
        self.check_second_person(user, electorate)?;
        if self.decisions.iter().any(|vote| vote.by.id == user) {
            return Err(Refusal::AlreadyVoted);
        }
        Ok(())
    }

    /// Whoever has somebody's account in their hand is not another person beside them.
    fn check_second_person(&self, user: UserId, electorate: &Electorate) -> Result<(), Refusal> {
        if !electorate.was_approver {
            return Err(Refusal::ApproverSince);
        }
        let is_theirs = |hand: &&UserRef| self.contributors.contains(&hand.id) || self.voters().any(|voter| voter == hand.id);
        if let Some(hand) = electorate.hands.get(&user).into_iter().flatten().find(is_theirs) {
            return Err(Refusal::InTheirHand(hand.username.clone()));
        }
        let has = |vote: &&Vote| electorate.hands.get(&vote.by.id).is_some_and(|hands| hands.iter().any(|hand| hand.id == user));
        match self.decisions.iter().find(has) {
            Some(vote) => Err(Refusal::SetVoter(vote.by.username.clone())),
            None => Ok(()),
        }
    }

    fn status_with(&self, decision: Decision, approvers: &BTreeSet<UserId>) -> ApprovalStatus {
        match decision {
            Decision::Reject => ApprovalStatus::Rejected,
            Decision::Approve if self.standing_approvals(approvers) + 1 >= usize::from(self.quorum) => ApprovalStatus::Approved,
            Decision::Approve => ApprovalStatus::Pending,
        }
    }
}

fn capitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

#[cfg(test)]
pub(crate) mod tests;

//! Replays a log, entry by entry, against the rules that the server should have kept: every move of an incident is one of the state table, every
//! decision is by somebody who did not contribute, on the plan that was asked about, before it expired, and nothing that waits for a
//! signature begins without it. A log that was written by a server that broke a rule is caught by what it says itself.

mod accounts;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::{ActorKind, AuditAction};
use crate::account::AccountBook;
use crate::approval::{ApprovalStatus, Decision};
use crate::digest::Digest;
use crate::id::{ApprovalId, IncidentId, RunId, UserId};
use crate::incident::{State, next_by_hand, next_by_system};
use crate::timestamp::Timestamp;

/// The entry breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} breaks a rule: {broken}")]
pub struct RuleFault {
    pub seq: i64,
    pub broken: Broken,
}

/// Which rule, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("its {0} is missing or cannot be read")]
    Unreadable(&'static str),
    #[error("{0} was made a second time")]
    MadeTwice(String),
    #[error("the log says nothing of how {0} began")]
    Unknown(String),
    #[error("{incident} was {was}, not {said}")]
    OtherState { incident: IncidentId, was: State, said: State },
    #[error("no rule lets {kind} move {incident} from {from} to {to}", kind = kind.as_str())]
    IllegalMove { incident: IncidentId, from: State, to: State, kind: ActorKind },
    #[error("{0} was decided by somebody who is not a person with an account")]
    NobodyDecided(ApprovalId),
    #[error("{approval} was decided by {by}, who contributed to it")]
    Contributor { approval: ApprovalId, by: UserId },
    #[error("{approval} was decided by {by}, who was no approver when it was asked for")]
    ApproverSince { approval: ApprovalId, by: UserId },
    #[error("{approval} was decided by {by}, whose account is in the hand of {hand}, who contributed or voted")]
    InTheirHand { approval: ApprovalId, by: UserId, hand: UserId },
    #[error("{by} is said to have set an account, and somebody else did")]
    OtherSetter { by: String },
    #[error("{account} was confirmed by somebody who may not: its owner, whoever set it, or somebody in their hand")]
    Unconfirmable { account: UserId },
    #[error("{approval} was decided twice by {by}")]
    SecondVote { approval: ApprovalId, by: UserId },
    #[error("{0} was decided for another plan than was asked about")]
    OtherPlan(ApprovalId),
    #[error("{0} was decided after it expired")]
    TooLate(ApprovalId),
    #[error("{approval} was {was} already")]
    NotPending { approval: ApprovalId, was: Standing },
    #[error("{approval} says {said} after {approvals} of {quorum} signatures")]
    WrongCount { approval: ApprovalId, said: ApprovalStatus, approvals: usize, quorum: u64 },
    #[error("{run} went on although {approval} was {was}")]
    Unsigned { run: RunId, approval: ApprovalId, was: Standing },
    #[error("the step of {run} is said to be covered by {approval}, which is of another run")]
    OtherRun { run: RunId, approval: ApprovalId },
}

/// Where an approval stands, as the log tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Is(ApprovalStatus),
    /// It was signed, and does not hold any more.
    Stale,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(status) => f.write_str(status.as_str()),
            Self::Stale => f.write_str("stale"),
        }
    }
}

/// What was asked to be signed, and what came of it so far.
#[derive(Debug)]
struct Asked {
    run: RunId,
    plan: Digest,
    quorum: u64,
    expires_at: Timestamp,
    contributors: BTreeSet<UserId>,
    /// When the signature was first asked for; an approval of an older version does not say so, and its voters were not looked at like that.
    first_asked_at: Option<Timestamp>,
    voters: BTreeSet<UserId>,
    standing: Standing,
}

/// What the entries so far add up to.
#[derive(Debug, Default)]
pub struct Replay {
    incidents: HashMap<IncidentId, State>,
    approvals: HashMap<ApprovalId, Asked>,
    /// The newest approval of each run.
    newest: HashMap<RunId, ApprovalId>,
    accounts: AccountBook,
    /// Who made the links by which passwords are set.
    links: HashMap<String, Option<UserId>>,
}

/// What an entry must keep, given what the entries before it add up to.
type Rule = fn(&mut Replay, &Entry<'_>) -> Result<(), Broken>;

impl Replay {
    /// Takes the next entry by its leaf; the first rule that it breaks is its fault.
    pub fn follow(&mut self, leaf: &Value) -> Result<(), RuleFault> {
        let seq = leaf["seq"].as_i64().unwrap_or(-1);
        self.check(&Entry(leaf)).map_err(|broken| RuleFault { seq, broken })
    }

    /// Is there a rule about what this entry records? If not, it need not be followed.
    #[must_use]
    pub fn concerns(leaf: &Value) -> bool {
        Self::rule_about(&Entry(leaf)).is_some()
    }

    fn check(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        Self::rule_about(entry).map_or(Ok(()), |rule| rule(self, entry))
    }

    fn rule_about(entry: &Entry<'_>) -> Option<Rule> {
        // Actions of later versions are none of this one's business.
        match entry.read::<AuditAction>("action", &entry.0["action"]).ok()? {
            AuditAction::IncidentCreated => Some(Self::create),
            AuditAction::StateChanged => Some(Self::change_state),
            AuditAction::ApprovalRequested => Some(Self::ask),
            AuditAction::ApprovalDecided => Some(Self::decide),
            AuditAction::ApprovalExpired => Some(|replay, entry| replay.end(entry, ApprovalStatus::Expired)),
            AuditAction::ApprovalWithdrawn => Some(|replay, entry| replay.end(entry, ApprovalStatus::Withdrawn)),
            AuditAction::ApprovalStale => Some(Self::outdate),
            AuditAction::PlaybookStarted | AuditAction::ActionStarted => Some(Self::go_on),
            AuditAction::UserCreated | AuditAction::UserUpdated | AuditAction::UserDisabled => Some(Self::set_roles),
            AuditAction::UserPasswordSet => Some(Self::set_password),
            AuditAction::LinkCreated => Some(Self::make_link),
            AuditAction::UserConfirmed => Some(Self::confirm),
            _ => None,
        }
    }

    fn create(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        let id: IncidentId = entry.target()?;
        match self.incidents.insert(id, State::New) {
            None => Ok(()),
            Some(_) => Err(Broken::MadeTwice(id.to_string())),
        }
    }

    fn change_state(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        let (incident, from, to) = (entry.target::<IncidentId>()?, entry.fact::<State>("from")?, entry.fact::<State>("to")?);
        let was = *self.incidents.get(&incident).ok_or_else(|| Broken::Unknown(incident.to_string()))?;
        if was != from {
            return Err(Broken::OtherState { incident, was, said: from });
        }
        let kind = entry.read::<ActorKind>("actor", &entry.0["actor"]["kind"])?;
        let by_hand = kind != ActorKind::System && next_by_hand(from).contains(&to);
        if by_hand || next_by_system(from).contains(&to) {
            self.incidents.insert(incident, to);
            Ok(())
        } else {
            Err(Broken::IllegalMove { incident, from, to, kind })
        }
    }

    fn ask(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        let (approval, run) = (entry.target::<ApprovalId>()?, entry.fact::<RunId>("run_id")?);
        let contributors = entry.facts()["contributors"].as_array().ok_or(Broken::Unreadable("contributors"))?;
        let asked = Asked {
            run,
            plan: entry.fact("plan_digest")?,
            quorum: entry.facts()["quorum"].as_u64().ok_or(Broken::Unreadable("quorum"))?,
            expires_at: entry.fact("expires_at")?,
            contributors: contributors.iter().map(|id| entry.read("contributors", id)).collect::<Result<_, _>>()?,
            first_asked_at: entry.maybe_fact("first_asked_at")?,
            voters: BTreeSet::new(),
            standing: Standing::Is(ApprovalStatus::Pending),
        };
        self.newest.insert(run, approval);
        match self.approvals.insert(approval, asked) {
            None => Ok(()),
            Some(_) => Err(Broken::MadeTwice(approval.to_string())),
        }
    }

    fn decide(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        let approval: ApprovalId = entry.target()?;
        let by: Option<UserId> = entry.read("actor", &entry.0["actor"]["id"]).ok();
        let is_person = entry.0["actor"]["kind"] == ActorKind::User.as_str();
        let by = by.filter(|_| is_person).ok_or(Broken::NobodyDecided(approval))?;
        let (decision, status) = (entry.fact::<Decision>("decision")?, entry.fact::<ApprovalStatus>("status")?);
        let (plan, at) = (entry.fact::<Digest>("plan_digest")?, entry.decided_at()?);
        self.pending(approval)?;
        self.check_second_person(approval, by, at)?;
        let asked = self.pending(approval)?;
        if asked.plan != plan {
            return Err(Broken::OtherPlan(approval));
        }
        if at >= asked.expires_at {
            return Err(Broken::TooLate(approval));
        }
        if !asked.voters.insert(by) {
            return Err(Broken::SecondVote { approval, by });
        }
        let (approvals, quorum) = (asked.voters.len(), asked.quorum);
        let adds_up = match (decision, status) {
            // Whoever is no approver any more does not count, so that more signatures may be needed than the quorum.
            (Decision::Approve, ApprovalStatus::Approved) => approvals as u64 >= quorum,
            (Decision::Approve, ApprovalStatus::Pending) | (Decision::Reject, ApprovalStatus::Rejected) => true,
            _ => false,
        };
        if !adds_up {
            return Err(Broken::WrongCount { approval, said: status, approvals, quorum });
        }
        asked.standing = Standing::Is(status);
        Ok(())
    }

    fn end(&mut self, entry: &Entry<'_>, status: ApprovalStatus) -> Result<(), Broken> {
        self.pending(entry.target()?)?.standing = Standing::Is(status);
        Ok(())
    }

    fn outdate(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        self.asked(entry.target()?)?.standing = Standing::Stale;
        Ok(())
    }

    /// A run that asked for a signature goes on only when the newest that it asked for was given; a step that a signature covers, only under that.
    fn go_on(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        let run: RunId = entry.target()?;
        let covered_by = match &entry.facts()["approval_id"] {
            Value::Null => None,
            id => Some(entry.read::<ApprovalId>("approval_id", id)?),
        };
        for approval in self.newest.get(&run).copied().into_iter().chain(covered_by) {
            let asked = self.asked(approval)?;
            if asked.run != run {
                return Err(Broken::OtherRun { run, approval });
            }
            if asked.standing != Standing::Is(ApprovalStatus::Approved) {
                return Err(Broken::Unsigned { run, approval, was: asked.standing });
            }
        }
        Ok(())
    }

    fn asked(&mut self, approval: ApprovalId) -> Result<&mut Asked, Broken> {
        self.approvals.get_mut(&approval).ok_or_else(|| Broken::Unknown(approval.to_string()))
    }

    fn pending(&mut self, approval: ApprovalId) -> Result<&mut Asked, Broken> {
        let asked = self.asked(approval)?;
        match asked.standing {
            Standing::Is(ApprovalStatus::Pending) => Ok(asked),
            was => Err(Broken::NotPending { approval, was }),
        }
    }
}

/// The leaf of an entry, read member by member.
struct Entry<'a>(&'a Value);

impl Entry<'_> {
    fn facts(&self) -> &Value {
        &self.0["facts"]
    }

    /// What stands in the log has one spelling, whatever else may be read from people: otherwise whoever compares texts would see two people
    /// in one.
    fn read<T: FromStr + fmt::Display>(&self, what: &'static str, value: &Value) -> Result<T, Broken> {
        let read = value.as_str().and_then(|text| text.parse::<T>().ok().filter(|read| read.to_string() == text));
        read.ok_or(Broken::Unreadable(what))
    }

    fn target<T: FromStr + fmt::Display>(&self) -> Result<T, Broken> {
        self.read("target", &self.0["target"]["id"])
    }

    fn fact<T: FromStr + fmt::Display>(&self, name: &'static str) -> Result<T, Broken> {
        self.read(name, &self.facts()[name])
    }

    /// The same where it may be missing.
    fn maybe_fact<T: FromStr + fmt::Display>(&self, name: &'static str) -> Result<Option<T>, Broken> {
        match &self.facts()[name] {
            Value::Null => Ok(None),
            value => self.read(name, value).map(Some),
        }
    }

    fn at(&self) -> Result<Timestamp, Broken> {
        self.read("at", &self.0["at"])
    }

    /// By the clock that the expiry goes by, where it is on record; by that of the entry otherwise.
    fn decided_at(&self) -> Result<Timestamp, Broken> {
        match &self.facts()["decided_at"] {
            Value::Null => self.at(),
            at => self.read("decided_at", at),
        }
    }
}

#[cfg(test)]
mod tests;

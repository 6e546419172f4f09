//! The rules about people: nobody signs with an account that a contributor or another voter set, or for what was asked before they were approvers.

use serde_json::Value;

use super::{Broken, Entry, Replay};
use crate::access::Role;
use crate::account::AccountAspect;
use crate::audit::{ActorKind, AuditAction};
use crate::id::{ApprovalId, UserId};
use crate::timestamp::Timestamp;

/// Who set something of an account, and when.
struct Setting {
    by: Option<UserId>,
    at: Timestamp,
}

fn named(by: Option<UserId>) -> String {
    by.map_or_else(|| "nobody".to_owned(), |by| by.to_string())
}

impl Replay {
    /// Nobody decides what they contributed to, whoever became an approver since, or has their account set by somebody who takes part already.
    pub(super) fn check_second_person(&mut self, approval: ApprovalId, by: UserId, at: Timestamp) -> Result<(), Broken> {
        let Some(asked) = self.approvals.get(&approval) else { return Err(Broken::Unknown(approval.to_string())) };
        if asked.contributors.contains(&by) {
            return Err(Broken::Contributor { approval, by });
        }
        let Some(first_asked_at) = asked.first_asked_at else { return Ok(()) };
        if !self.accounts.was_approver(by, first_asked_at) {
            return Err(Broken::ApproverSince { approval, by });
        }
        let hands = self.accounts.hands_of(by, at);
        if let Some(hand) = hands.iter().copied().find(|hand| asked.contributors.contains(hand) || asked.voters.contains(hand)) {
            return Err(Broken::InTheirHand { approval, by, hand });
        }
        match asked.voters.iter().copied().find(|voter| *voter != by && self.accounts.hands_of(*voter, at).contains(&by)) {
            Some(voter) => Err(Broken::InTheirHand { approval, by: voter, hand: by }),
            None => Ok(()),
        }
    }

    /// An account was made, changed or disabled. Before it was on record who did, it counts as set by nobody.
    pub(super) fn set_roles(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        let (owner, setting) = (entry.target::<UserId>()?, entry.setting()?);
        let at = setting.as_ref().map_or_else(|| entry.at(), |setting| Ok(setting.at))?;
        match &entry.facts()["roles"] {
            Value::Null => self.accounts.disable(owner, at),
            roles => {
                let roles = roles.as_array().ok_or(Broken::Unreadable("roles"))?;
                let roles = roles.iter().map(|role| entry.read::<Role>("roles", role)).collect::<Result<_, _>>()?;
                let is_enabled = entry.facts().get("enabled").is_none_or(|enabled| enabled == 1);
                self.accounts.set_roles(owner, roles, is_enabled, at);
            }
        }
        if let Some(Setting { by, at }) = setting {
            entry.check_setter(by)?;
            self.accounts.set(owner, AccountAspect::Roles, by, at);
            if entry.0["action"] == AuditAction::UserCreated.as_str() {
                self.accounts.set(owner, AccountAspect::Password, by, at);
            }
        }
        Ok(())
    }

    /// By a link it was set by whoever made that.
    pub(super) fn set_password(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        let owner: UserId = entry.target()?;
        let Some(Setting { by, at }) = entry.setting()? else { return Ok(()) };
        match entry.facts()["link"].as_str().and_then(|link| self.links.get(link)) {
            Some(maker) if *maker == by => {}
            Some(_) => return Err(Broken::OtherSetter { by: named(by) }),
            None => entry.check_setter(by)?,
        }
        self.accounts.set(owner, AccountAspect::Password, by, at);
        Ok(())
    }

    pub(super) fn make_link(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        let Some(Setting { by, at }) = entry.setting()? else { return Ok(()) };
        entry.check_setter(by)?;
        self.links.insert(entry.target::<String>()?, by);
        let owner: UserId = entry.fact("user_id")?;
        self.accounts.set(owner, AccountAspect::Password, by, at);
        Ok(())
    }

    pub(super) fn confirm(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        let (account, at) = (entry.target::<UserId>()?, entry.fact::<Timestamp>("confirmed_at")?);
        let by: UserId = entry.read("actor", &entry.0["actor"]["id"])?;
        let (setters, hands) = (self.accounts.setters_of(account), self.accounts.hands_of(by, at));
        let is_theirs = by == account || setters.contains(&by) || setters.intersection(&hands).next().is_some();
        if is_theirs || !self.accounts.may_confirm(by) {
            return Err(Broken::Unconfirmable { account });
        }
        self.accounts.confirm(account);
        Ok(())
    }
}

impl Entry<'_> {
    /// Who set something of an account, and when, by the database's clock; `None` in an entry of an older version.
    fn setting(&self) -> Result<Option<Setting>, Broken> {
        let Some(at) = self.maybe_fact("set_at")? else { return Ok(None) };
        Ok(Some(Setting { by: self.maybe_fact("set_by")?, at }))
    }

    /// Whoever is signed in is who set it; nobody else is said to have.
    fn check_setter(&self, by: Option<UserId>) -> Result<(), Broken> {
        let is_person = self.0["actor"]["kind"] == ActorKind::User.as_str();
        let actor: Option<UserId> = self.read("actor", &self.0["actor"]["id"]).ok().filter(|_| is_person);
        if actor == by { Ok(()) } else { Err(Broken::OtherSetter { by: named(by) }) }
    }
}

//! What administrators do with people: finding them, letting them in and keeping them out, making staff, changing roles.
//! What takes two of them comes as `…_in_tx` from the approvals; every deed of one person to another ties the two.

mod store;

use crate::events::{self, EndOfGrant, EndOfSession};
use crate::notice::Change;
use crate::password::PasswordHash;
use crate::revocations::Revoked;
use crate::tie::{self, Deed};
use crate::{
    Auth, AuthError, Password, Result, Role, User, UserStatus, Username, api_key, external, oauth, session, user,
};
use db::{Timestamp, Tx};
use ids::{SessionId, UserId};
use outbox::Act;

/// Which people a list shows; an absent filter shows all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// With this role.
    pub role: Option<Role>,
    /// With this status.
    pub status: Option<UserStatus>,
    /// Whose name begins so, in any case.
    pub username_prefix: Option<String>,
}

/// Somebody who is to work for the bank.
#[derive(Clone, Debug)]
pub struct NewStaff {
    /// As typed; see [`Username::parse`].
    pub username: String,
    /// As typed; `None`: one is made up.
    pub password: Option<Password>,
    /// What they will be.
    pub role: Role,
}

/// Somebody who is about to be made, with what takes time done.
pub struct PreparedStaff {
    user: User,
    password_hash: PasswordHash,
    initial_password: Option<String>,
}

/// Somebody who now works for the bank.
pub struct CreatedStaff {
    /// Who.
    pub user: User,
    /// The password that was made up for them: this is the only time that it is known.
    pub initial_password: Option<String>,
}

/// Another role for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleChange {
    /// Whose.
    pub user_id: UserId,
    /// What they will be.
    pub role: Role,
    /// Who asked for it; somebody else does it.
    pub asked_by: UserId,
}

/// A member of staff who is to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffEnabling {
    /// Who.
    pub user_id: UserId,
    /// What they were to be when it was asked for.
    pub role: Role,
    /// Who asked for it; somebody else does it.
    pub asked_by: UserId,
}

/// Sessions and grants that ended in a transaction. After its commit [`Auth::refuse`] makes this process know of it at once.
#[must_use = "this process still takes the access tokens of these sessions"]
pub struct EndedSessions(Vec<Revoked>);

impl Auth {
    /// People in the order in which they came, from behind the one `after` on.
    ///
    /// # Errors
    /// The database failed.
    pub async fn users(&self, filter: &UserFilter, after: Option<UserId>, limit: u32) -> Result<Vec<User>> {
        Ok(store::page(&self.db, filter, after, limit).await?)
    }

    /// Makes somebody who works for the bank. They log in like everybody else: at once if they come from the command line;
    /// if a person makes them, when a second one has let them in.
    ///
    /// # Errors
    /// `NotStaff`, a rule for names or passwords is broken, the name is taken, `Busy`, or the database failed.
    pub async fn create_staff(&self, new: NewStaff, act: Act) -> Result<CreatedStaff> {
        let prepared = self.prepare_staff(new, act.at).await?;
        let tx = self.db.begin().await?;
        let created = self.create_staff_in_tx(&tx, prepared, act).await?;
        tx.commit().await?;
        Ok(created)
    }

    /// Everything about making staff that takes time: checks, and hashes the password.
    ///
    /// # Errors
    /// `NotStaff`, a rule for names or passwords is broken, `Busy`, or the database failed.
    pub async fn prepare_staff(&self, new: NewStaff, now: Timestamp) -> Result<PreparedStaff> {
        if !new.role.is_staff() {
            return Err(AuthError::NotStaff);
        }
        let user = User::new(Username::parse(&new.username)?, new.role, now);
        let (password, initial_password) = match new.password {
            Some(password) => (password, None),
            None => {
                let made_up = crate::random_token();
                (Password::new(made_up.clone()), Some(made_up))
            }
        };
        let password_hash = self.hash_chosen(password, &user).await?;
        Ok(PreparedStaff { user, password_hash, initial_password })
    }

    /// The rest of [`Auth::create_staff`], in the caller's transaction.
    ///
    /// # Errors
    /// The name is taken, after which the transaction can only be rolled back, or the database failed.
    pub async fn create_staff_in_tx(&self, tx: &Tx, prepared: PreparedStaff, act: Act) -> Result<CreatedStaff> {
        let PreparedStaff { mut user, password_hash, initial_password } = prepared;
        if act.user().is_some() {
            user.status = UserStatus::Disabled;
        }
        crate::login::insert_user_in_tx(tx, &user, &password_hash).await?;
        tie::tie_in_tx(tx, (user.id, None), Deed::Made, act).await?;
        outbox::append_in_tx(tx, vec![events::staff_created(&user, act)]).await?;
        Ok(CreatedStaff { user, initial_password })
    }

    /// Keeps somebody out from now on, and ends all their sessions and grants. Again changes nothing.
    ///
    /// # Errors
    /// `UnknownUser`, `LastAdmin`, `TooFewAdmins`, or the database failed.
    pub async fn disable(&self, user_id: UserId, act: Act) -> Result<User> {
        let tx = self.db.begin().await?;
        let (mut user, admins) = lock_with_admins_in_tx(&tx, user_id).await?;
        if user.status == UserStatus::Disabled {
            return Ok(user);
        }
        require_other_admins(&user, &admins, act.user())?;
        user.status = UserStatus::Disabled;
        user::store::set_status_in_tx(&tx, user_id, user.status).await?;
        outbox::append_in_tx(&tx, vec![events::user_disabled(&user, act)]).await?;
        let ended = end_access_in_tx(&tx, (user_id, None), EndOfSession::UserDisabled, act).await?;
        tx.commit().await?;
        self.refuse(ended);
        Ok(user)
    }

    /// Lets somebody in again who was kept out. Again changes nothing. Staff is let in by two people, see
    /// [`Auth::enable_staff_in_tx`], or from the command line.
    ///
    /// # Errors
    /// `UnknownUser`, `NeedsTwoPeople`, or the database failed.
    pub async fn enable(&self, user_id: UserId, act: Act) -> Result<User> {
        let tx = self.db.begin().await?;
        let user = user::store::lock_in_tx(&tx, user_id).await?.ok_or(AuthError::UnknownUser)?;
        if user.status == UserStatus::Active {
            return Ok(user);
        }
        if user.role.is_staff() && act.user().is_some() {
            return Err(AuthError::NeedsTwoPeople);
        }
        tie::tie_in_tx(&tx, (user_id, None), Deed::Enabled, act).await?;
        let user = let_in_in_tx(&tx, user, act).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Lets a member of staff in, the first time or again, in the caller's transaction. Who is in already stays so. Refused,
    /// it has written nothing.
    ///
    /// # Errors
    /// `UnknownUser`, `OtherRole`, or the database failed.
    pub async fn enable_staff_in_tx(&self, tx: &Tx, staff: StaffEnabling, act: Act) -> Result<EndedSessions> {
        let user = user::store::lock_in_tx(tx, staff.user_id).await?.ok_or(AuthError::UnknownUser)?;
        if user.role != staff.role {
            return Err(AuthError::OtherRole);
        }
        if user.status == UserStatus::Disabled {
            tie::tie_in_tx(tx, (user.id, Some(staff.asked_by)), Deed::Enabled, act).await?;
            let_in_in_tx(tx, user, act).await?;
        }
        Ok(EndedSessions::none())
    }

    /// Logs somebody out everywhere.
    ///
    /// # Errors
    /// `UnknownUser`, or the database failed.
    pub async fn end_sessions(&self, user_id: UserId, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let user = user::store::lock_in_tx(&tx, user_id).await?.ok_or(AuthError::UnknownUser)?;
        tie::tie_in_tx(&tx, (user_id, None), Deed::SessionsEnded, act).await?;
        outbox::append_in_tx(&tx, vec![events::sessions_ended(&user, act)]).await?;
        let ended = end_access_in_tx(&tx, (user_id, None), EndOfSession::EndedByStaff, act).await?;
        tx.commit().await?;
        self.refuse(ended);
        Ok(())
    }

    /// Gives somebody another role, in the caller's transaction, and ends what was made before it: their sessions and grants,
    /// whose access tokens name the old one, their API keys, and what their own clients do for them. The role that they have already changes nothing. Refused, it has written nothing.
    ///
    /// # Errors
    /// `UnknownUser`, `LastAdmin`, `TooFewAdmins`, or the database failed.
    pub async fn change_role_in_tx(&self, tx: &Tx, change: RoleChange, act: Act) -> Result<EndedSessions> {
        let (user, admins) = lock_with_admins_in_tx(tx, change.user_id).await?;
        if user.role == change.role {
            return Ok(EndedSessions::none());
        }
        require_other_admins(&user, &admins, act.user())?;
        store::set_role_in_tx(tx, user.id, change.role).await?;
        tie::tie_in_tx(tx, (user.id, Some(change.asked_by)), Deed::RoleChanged, act).await?;
        outbox::append_in_tx(tx, vec![events::role_changed(&user, change, act)]).await?;
        self.tell_change_in_tx(tx, &user, Change::role_changed(change.role), act.at).await?;
        api_key::revoke_all_in_tx(tx, user.id, act).await?;
        oauth::stop_clients_in_tx(tx, user.id).await?;
        end_access_in_tx(tx, (user.id, None), EndOfSession::RoleChanged, act).await
    }

    /// Those of the people who are there, held until the caller's transaction ends, so that nothing is done to them meanwhile.
    /// The active administrators are held with them: whoever takes a decision waits for whoever takes another one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn lock_people_in_tx(&self, tx: &Tx, people: impl IntoIterator<Item = UserId>) -> Result<Vec<User>> {
        store::lock_active_admins_in_tx(tx).await?;
        let mut people: Vec<UserId> = people.into_iter().collect();
        people.sort_unstable();
        people.dedup();
        let mut found = Vec::with_capacity(people.len());
        for id in people {
            found.extend(user::store::lock_in_tx(tx, id).await?);
        }
        Ok(found)
    }

    /// From now on this process refuses the access tokens of sessions whose end was committed, and looks API keys and people
    /// of the trusted issuer up anew.
    pub fn refuse(&self, ended: EndedSessions) {
        self.known_keys.forget();
        self.forget_external_people();
        for ended in ended.0 {
            self.revocations.insert(ended.credential, ended.revoked_at);
        }
    }
}

impl EndedSessions {
    /// Nothing ended, and yet what was looked up about somebody is no longer true.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }
}

/// The person and the active administrators, all held: of two who each disable or demote the other, one has to wait, and
/// then sees that they are the last. The administrators come first, in order, so that nobody waits in a circle.
async fn lock_with_admins_in_tx(tx: &Tx, user_id: UserId) -> Result<(User, Vec<UserId>)> {
    let admins = store::lock_active_admins_in_tx(tx).await?;
    let user = user::store::lock_in_tx(tx, user_id).await?.ok_or(AuthError::UnknownUser)?;
    Ok((user, admins))
}

/// A bank that nobody runs cannot be helped from inside, and where one runs it alone nothing that takes two is ever done:
/// of several a person leaves at least two. The command line leaves one.
fn require_other_admins(user: &User, active_admins: &[UserId], by: Option<UserId>) -> Result<()> {
    if !active_admins.contains(&user.id) {
        return Ok(());
    }
    match (active_admins.len(), by) {
        (1, _) => Err(AuthError::LastAdmin),
        (2, Some(_)) => Err(AuthError::TooFewAdmins),
        _ => Ok(()),
    }
}

/// Whoever calls holds the row of who is kept out.
async fn let_in_in_tx(tx: &Tx, user: User, act: Act) -> Result<User> {
    let user = User { status: UserStatus::Active, ..user };
    user::store::set_status_in_tx(tx, user.id, user.status).await?;
    outbox::append_in_tx(tx, vec![events::user_enabled(&user, act)]).await?;
    Ok(user)
}

/// Ends the person's sessions but the spared one, everything that they granted, and the tokens that the trusted issuer has
/// given out for them so far. Whoever calls commits, and only then
/// lets [`Auth::refuse`] know.
pub(crate) async fn end_access_in_tx(
    tx: &Tx,
    (user_id, spared): (UserId, Option<SessionId>),
    reason: EndOfSession,
    act: Act,
) -> Result<EndedSessions> {
    let ended = session::end_sessions_in_tx(tx, (user_id, spared), reason, act).await?;
    external::store::end_tokens_in_tx(tx, user_id, act.at).await?;
    let grants = oauth::end_all_in_tx(tx, user_id, EndOfGrant::WithSessions(reason), act).await?;
    let grants = grants.into_iter().map(|grant| grant.revoked_at(act.at));
    Ok(EndedSessions(ended.into_iter().map(Revoked::from).chain(grants).collect()))
}

impl std::fmt::Debug for CreatedStaff {
    /// Without the password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CreatedStaff").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_administrators_a_person_leaves_two_and_the_command_line_one() {
        let now = Timestamp::from_unix_micros(0);
        let admin = User::new(Username::parse("root").unwrap(), Role::Admin, now);
        let (two, three) = (UserId::generate(), UserId::generate());
        let person = Some(UserId::generate());
        for by in [person, None] {
            assert_eq!(require_other_admins(&admin, &[admin.id], by), Err(AuthError::LastAdmin));
            assert_eq!(require_other_admins(&admin, &[admin.id, two, three], by), Ok(()));
            // Disabled already, or never an administrator.
            assert_eq!(require_other_admins(&admin, &[two], by), Ok(()));
        }
        assert_eq!(require_other_admins(&admin, &[admin.id, two], person), Err(AuthError::TooFewAdmins));
        assert_eq!(require_other_admins(&admin, &[admin.id, two], None), Ok(()));
    }
}

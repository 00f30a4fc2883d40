//! What administrators do with people: finding them, letting them in and keeping them out, making staff, changing roles.
//! What takes two of them comes through `four_eyes.rs` from the approvals; every deed of one person to another ties the two.

mod events;
pub(crate) mod four_eyes;
pub(crate) mod store;

use crate::access::{EndedAccess, Ending};
use crate::dependent::{AccessChange, AccessChangeKind};
use crate::notice::Change;
use crate::password::{PasswordHash, insert_users_in_tx};
use crate::session::EndOfSession;
use crate::tie::{self, Deed};
use crate::user::event::administered;
use crate::{Identity, IdentityError, Password, Result, Role, User, UserStatus, Username, user};
use db::{Tx, WallTime};
use events::AdministrationEvent;
use ids::UserId;
use outbox::{Act, Actor};

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

/// Give somebody another role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleChange {
    /// Whose.
    pub user_id: UserId,
    /// What they will be.
    pub role: Role,
}

/// Let a member of staff in: one who was just made, or one who was kept out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffEnabling {
    /// Who.
    pub user_id: UserId,
    /// What they were to be when it was asked for.
    pub role: Role,
}

impl Identity {
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

    /// Makes an administrator. They log in like everybody else.
    ///
    /// # Errors
    /// As [`Identity::create_staff`].
    pub async fn create_admin(&self, username: &str, password: Password, now: WallTime) -> Result<User> {
        let new = NewStaff { username: username.to_owned(), password: Some(password), role: Role::Admin };
        Ok(self.create_staff(new, Actor::COMMAND_LINE.does(now)).await?.user)
    }

    /// Everything about making staff that takes time: checks, and hashes the password.
    ///
    /// # Errors
    /// `NotStaff`, a rule for names or passwords is broken, `Busy`, or the database failed.
    pub async fn prepare_staff(&self, new: NewStaff, now: WallTime) -> Result<PreparedStaff> {
        if !new.role.is_staff() {
            return Err(IdentityError::NotStaff);
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

    /// The rest of [`Identity::create_staff`], in the caller's transaction.
    ///
    /// # Errors
    /// The name is taken, after which the transaction can only be rolled back, or the database failed.
    pub async fn create_staff_in_tx(&self, tx: &Tx, prepared: PreparedStaff, act: Act) -> Result<CreatedStaff> {
        let PreparedStaff { mut user, password_hash, initial_password } = prepared;
        if act.user().is_some() {
            user.status = UserStatus::Disabled;
        }
        insert_users_in_tx(tx, [(&user, &password_hash)]).await?;
        tie::tie_in_tx(tx, user.id, None, Deed::Made, act).await?;
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
        require_deciders_stay_in_tx(&tx, &user, &admins, act).await?;
        user.status = UserStatus::Disabled;
        user::store::set_status_in_tx(&tx, user_id, user.status).await?;
        outbox::append_in_tx(&tx, vec![administered(&user, AdministrationEvent::UserDisabled, act)]).await?;
        let ended = self.end_access_in_tx(&tx, Ending::of_all(user_id, EndOfSession::UserDisabled, act)).await?;
        tx.commit().await?;
        self.refuse(ended);
        Ok(user)
    }

    /// Lets somebody in again who was kept out. Again changes nothing. Staff is let in by two people, see
    /// [`Identity::enable_staff_in_tx`], or from the command line.
    ///
    /// # Errors
    /// `UnknownUser`, `NeedsTwoPeople`, or the database failed.
    pub async fn enable(&self, user_id: UserId, act: Act) -> Result<User> {
        let tx = self.db.begin().await?;
        let user = user::store::lock_in_tx(&tx, user_id).await?.ok_or(IdentityError::UnknownUser)?;
        if user.status == UserStatus::Active {
            return Ok(user);
        }
        if user.role.is_staff() && act.user().is_some() {
            return Err(IdentityError::NeedsTwoPeople);
        }
        tie::tie_in_tx(&tx, user_id, None, Deed::Enabled, act).await?;
        let user = let_in_in_tx(&tx, user, act).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Lets a member of staff in, the first time or again, as somebody asked and somebody else does, in the caller's
    /// transaction. Who is in already stays so. Refused, it has written nothing.
    ///
    /// # Errors
    /// `UnknownUser`, `OtherRole`, or the database failed.
    pub async fn enable_staff_in_tx(
        &self,
        tx: &Tx,
        staff: StaffEnabling,
        asked_by: UserId,
        act: Act,
    ) -> Result<EndedAccess> {
        let user = user::store::lock_in_tx(tx, staff.user_id).await?.ok_or(IdentityError::UnknownUser)?;
        if user.role != staff.role {
            return Err(IdentityError::OtherRole);
        }
        if user.status == UserStatus::Disabled {
            tie::tie_in_tx(tx, user.id, Some(asked_by), Deed::Enabled, act).await?;
            let_in_in_tx(tx, user, act).await?;
        }
        Ok(EndedAccess::none())
    }

    /// Logs somebody out everywhere. It ties an administrator to who does it, so that it is refused where nobody would be
    /// left to decide for another.
    ///
    /// # Errors
    /// `UnknownUser`, `TooFewAdmins`, or the database failed.
    pub async fn end_sessions(&self, user_id: UserId, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let (user, admins) = lock_with_admins_in_tx(&tx, user_id).await?;
        let could_decide = tie::has_untied_pair_in_tx(&tx, &admins, act.at).await?;
        tie::tie_in_tx(&tx, user_id, None, Deed::SessionsEnded, act).await?;
        if could_decide && !tie::has_untied_pair_in_tx(&tx, &admins, act.at).await? {
            return Err(IdentityError::TooFewAdmins);
        }
        outbox::append_in_tx(&tx, vec![administered(&user, AdministrationEvent::SessionsEnded, act)]).await?;
        let ended = self.end_access_in_tx(&tx, Ending::of_all(user_id, EndOfSession::EndedByStaff, act)).await?;
        tx.commit().await?;
        self.refuse(ended);
        Ok(())
    }

    /// Gives somebody another role, as somebody asked and somebody else does, in the caller's transaction, and ends what
    /// was made before it: their sessions and grants, whose access tokens name the old one, their API keys, and what their
    /// own clients do for them. The role that they have already changes nothing. Refused, it has written nothing.
    ///
    /// # Errors
    /// `UnknownUser`, `LastAdmin`, `TooFewAdmins`, or the database failed.
    pub async fn change_role_in_tx(
        &self,
        tx: &Tx,
        change: RoleChange,
        asked_by: UserId,
        act: Act,
    ) -> Result<EndedAccess> {
        let (user, admins) = lock_with_admins_in_tx(tx, change.user_id).await?;
        if user.role == change.role {
            return Ok(EndedAccess::none());
        }
        require_other_admins(&user, &admins, act.user())?;
        require_deciders_stay_in_tx(tx, &user, &admins, act).await?;
        store::set_role_in_tx(tx, user.id, change.role).await?;
        tie::tie_in_tx(tx, user.id, Some(asked_by), Deed::RoleChanged, act).await?;
        outbox::append_in_tx(tx, vec![events::role_changed(&user, change, act)]).await?;
        self.mail_change_in_tx(tx, &user, Change::role_changed(change.role), act.at).await?;
        let followed = AccessChange { user_id: user.id, kind: AccessChangeKind::RoleChanged, act };
        self.dependents.follow_in_tx(tx, followed).await?;
        self.end_access_in_tx(tx, Ending::of_all(user.id, EndOfSession::RoleChanged, act)).await
    }
}

/// The person and the active administrators, all held: of two who each disable or demote the other, one has to wait, and
/// then sees that they are the last. The administrators come first, in order, so that nobody waits in a circle.
async fn lock_with_admins_in_tx(tx: &Tx, user_id: UserId) -> Result<(User, Vec<UserId>)> {
    let admins = store::lock_active_admins_in_tx(tx).await?;
    let user = user::store::lock_in_tx(tx, user_id).await?.ok_or(IdentityError::UnknownUser)?;
    Ok((user, admins))
}

/// A bank that nobody runs cannot be helped from inside, and where one runs it alone nothing that takes two is ever done:
/// of several a person leaves at least two. The command line leaves one.
fn require_other_admins(user: &User, active_admins: &[UserId], by: Option<UserId>) -> Result<()> {
    if !active_admins.contains(&user.id) {
        return Ok(());
    }
    match (active_admins.len(), by) {
        (1, _) => Err(IdentityError::LastAdmin),
        (2, Some(_)) => Err(IdentityError::TooFewAdmins),
        _ => Ok(()),
    }
}

/// Where two administrators may decide for each other, a person leaves two who may: else one who ties the others to
/// themselves would end four eyes alone. Where all are tied already, as in a bank whose first administrators made the
/// others, nothing is taken away.
async fn require_deciders_stay_in_tx(tx: &Tx, user: &User, active_admins: &[UserId], act: Act) -> Result<()> {
    if act.user().is_none() || !active_admins.contains(&user.id) {
        return Ok(());
    }
    let staying: Vec<UserId> = active_admins.iter().copied().filter(|admin| *admin != user.id).collect();
    let is_left = tie::has_untied_pair_in_tx(tx, &staying, act.at).await?;
    if is_left || !tie::has_untied_pair_in_tx(tx, active_admins, act.at).await? {
        return Ok(());
    }
    Err(IdentityError::TooFewAdmins)
}

/// Whoever calls holds the row of who is kept out.
async fn let_in_in_tx(tx: &Tx, user: User, act: Act) -> Result<User> {
    let user = User { status: UserStatus::Active, ..user };
    user::store::set_status_in_tx(tx, user.id, user.status).await?;
    outbox::append_in_tx(tx, vec![administered(&user, AdministrationEvent::UserEnabled, act)]).await?;
    Ok(user)
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
        let now = WallTime::from_unix_micros(0);
        let admin = User::new(Username::parse("root").unwrap(), Role::Admin, now);
        let (two, three) = (UserId::generate(), UserId::generate());
        let person = Some(UserId::generate());
        for by in [person, None] {
            assert_eq!(require_other_admins(&admin, &[admin.id], by), Err(IdentityError::LastAdmin));
            assert_eq!(require_other_admins(&admin, &[admin.id, two, three], by), Ok(()));
            // Disabled already, or never an administrator.
            assert_eq!(require_other_admins(&admin, &[two], by), Ok(()));
        }
        assert_eq!(require_other_admins(&admin, &[admin.id, two], person), Err(IdentityError::TooFewAdmins));
        assert_eq!(require_other_admins(&admin, &[admin.id, two], None), Ok(()));
    }
}

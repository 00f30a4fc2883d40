//! What no call of a module brings about, done to the tables behind its back.

use super::bank::Bank;

impl Bank {
    /// As if the process had stopped between the posting and the note of it.
    pub(super) async fn cut_short(&self) {
        let tx = self.db.begin().await.unwrap();
        tx.run_script("UPDATE approvals_approval SET status = 'EXECUTING', ended_at = NULL").await.unwrap();
        tx.commit().await.unwrap();
    }
}

//! Group commit: works that wait for the database at one moment share one transaction and one sync.
//!
//! ```text
//!   work ─▶ lock ─▶ savepoint, run, release ─┬─ somebody waits for the lock: leave the commit to them ─▶ wait ─┐
//!                                            └─ nobody does, or the batch is full: COMMIT (syncs) ─▶ wake all ─┴▶ answer
//! ```
//!
//! No work is answered before what it wrote is on the disk; one that fails or panics undoes its own writes alone.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use rusqlite::Connection;

use super::{StoreError, Tx};

/// Most works of one transaction: a fleet that comes at once must not make the first of it wait for the last.
const MAX_WORKS: usize = 64;

/// The one connection that writes.
pub(super) struct Writer {
    state: Mutex<State>,
    committed: Condvar,
    /// Works that wait for the lock: each of them will commit, or leave it to another that waits.
    waiting: AtomicUsize,
    counts: Counts,
}

/// What the writer has done.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) works: AtomicU64,
    pub(super) commits: AtomicU64,
}

struct State {
    connection: Connection,
    open: Option<Batch>,
}

/// A transaction that is open.
struct Batch {
    works: usize,
    /// Whether it was committed, once that is known.
    end: Arc<OnceLock<bool>>,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            state: Mutex::new(State { connection, open: None }),
            committed: Condvar::new(),
            waiting: AtomicUsize::new(0),
            counts: Counts::default(),
        }
    }

    pub(super) const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Runs `work` on the connection, outside of any work's savepoint.
    pub(super) fn peek<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        work(&self.lock().connection)
    }

    pub(super) fn transact<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut state = self.lock();
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        let end = state.join()?;
        let worked = state.run(work);
        self.counts.works.fetch_add(1, Ordering::Relaxed);
        let full = state.open.as_ref().is_none_or(|batch| batch.works >= MAX_WORKS);
        if full || self.waiting.load(Ordering::SeqCst) == 0 {
            let ended = state.commit();
            self.counts.commits.fetch_add(1, Ordering::Relaxed);
            self.committed.notify_all();
            drop(state);
            ended?;
        } else {
            while end.get().is_none() {
                state = self.committed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
        let value = worked.unwrap_or_else(|panic| resume_unwind(panic))?;
        if end.get() == Some(&true) { Ok(value) } else { Err(StoreError::NotCommitted.into()) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Joins the open batch, or begins one.
    fn join(&mut self) -> Result<Arc<OnceLock<bool>>, StoreError> {
        if let Some(batch) = &mut self.open {
            batch.works = batch.works.saturating_add(1);
            return Ok(Arc::clone(&batch.end));
        }
        self.say("BEGIN IMMEDIATE")?;
        let end = Arc::default();
        self.open = Some(Batch { works: 1, end: Arc::clone(&end) });
        Ok(end)
    }

    fn run<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> std::thread::Result<Result<T, E>> {
        if let Err(error) = self.say("SAVEPOINT work") {
            return Ok(Err(error.into()));
        }
        let worked = catch_unwind(AssertUnwindSafe(|| work(&Tx(&self.connection))));
        let kept = matches!(worked, Ok(Ok(_)));
        // After a disk error SQLite has rolled everything back by itself.
        let undone = kept || self.connection.is_autocommit() || self.say("ROLLBACK TO work").is_ok();
        match self.say("RELEASE work") {
            Err(error) if kept && undone => Ok(Err(error.into())),
            Ok(()) | Err(_) => worked,
        }
    }

    /// Commits the open batch and says how that went.
    fn commit(&mut self) -> Result<(), StoreError> {
        let Some(batch) = self.open.take() else { return Ok(()) };
        // After a disk error SQLite has rolled back by itself: nothing of the batch is there.
        let ended = if self.connection.is_autocommit() {
            Err(StoreError::NotCommitted)
        } else {
            self.say("COMMIT").inspect_err(|_| {
                let _gone = self.say("ROLLBACK");
            })
        };
        let _first = batch.end.set(ended.is_ok());
        ended
    }

    fn say(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::thread::{self, ScopedJoinHandle};

    use super::*;

    /// A work of another thread, and whether it was told of success.
    type Other = Box<dyn FnOnce(&Writer) -> bool + Send>;

    const NONE: Result<(), StoreError> = Ok(());

    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON; CREATE TABLE a (n INTEGER PRIMARY KEY);
                 CREATE TABLE b (n INTEGER REFERENCES a (n) DEFERRABLE INITIALLY DEFERRED);",
            )
            .unwrap();
        Writer::new(connection)
    }

    fn put(table: &str, n: i64) -> impl FnOnce(&Tx<'_>) -> Result<(), StoreError> {
        let sql = format!("INSERT INTO {table} VALUES (?1)");
        move |tx| Ok(tx.0.execute(&sql, [n]).map(|_| ())?)
    }

    fn held(writer: &Writer) -> Vec<i64> {
        writer.peek(|connection| {
            let mut statement = connection.prepare("SELECT n FROM a ORDER BY n").unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        })
    }

    /// Runs `first` and, in the batch that it begins, all of `others`.
    fn together(
        writer: &Writer,
        first: impl FnOnce(&Tx<'_>) -> Result<(), StoreError>,
        others: Vec<Other>,
    ) -> (Result<(), StoreError>, Vec<thread::Result<bool>>) {
        let count = others.len();
        thread::scope(|scope| {
            let mut spawned: Vec<ScopedJoinHandle<'_, bool>> = Vec::new();
            let began = writer.transact(|tx| {
                spawned.extend(others.into_iter().map(|other| scope.spawn(move || other(writer))));
                while writer.waiting.load(Ordering::SeqCst) < count {
                    thread::yield_now();
                }
                first(tx)
            });
            (began, spawned.into_iter().map(ScopedJoinHandle::join).collect())
        })
    }

    #[test]
    fn works_that_wait_share_a_commit_and_one_that_fails_undoes_its_own_writes_alone() {
        let writer = writer();
        let good = |n| -> Other { Box::new(move |writer| writer.transact(put("a", n)).is_ok()) };
        let failing: Other = Box::new(|writer| {
            writer
                .transact(|tx| {
                    put("a", 9)(tx)?;
                    Err::<(), _>(StoreError::Corrupt)
                })
                .is_ok()
        });
        let panicking: Other = Box::new(|writer| {
            writer
                .transact(|tx| {
                    put("a", 8)(tx)?;
                    if held_by(tx) > 0 {
                        std::panic::resume_unwind(Box::new("on purpose"));
                    }
                    NONE
                })
                .is_ok()
        });
        let (began, others) = together(&writer, put("a", 1), vec![good(2), failing, good(3), panicking]);
        began.unwrap();
        let told: Vec<_> = others.iter().map(|other| other.as_ref().ok().copied()).collect();
        assert_eq!(told, [Some(true), Some(false), Some(true), None]);
        assert_eq!(held(&writer), [1, 2, 3]);
        let counts = writer.counts();
        assert_eq!((counts.works.load(Ordering::Relaxed), counts.commits.load(Ordering::Relaxed)), (5, 1));
        writer.transact(put("a", 4)).unwrap();
        assert_eq!(held(&writer), [1, 2, 3, 4], "and it goes on");
    }

    fn held_by(tx: &Tx<'_>) -> i64 {
        tx.0.query_row("SELECT count(*) FROM a", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn nobody_is_told_of_success_when_the_commit_fails() {
        let writer = writer();
        // What it refers to is not there, which is judged at the commit.
        let dangling: Other = Box::new(|writer| writer.transact(put("b", 77)).is_ok());
        let good: Other = Box::new(|writer| writer.transact(put("a", 2)).is_ok());
        let (began, others) = together(&writer, put("a", 1), vec![dangling, good]);
        assert!(began.is_err() && others.into_iter().all(|told| !told.unwrap()));
        assert_eq!(held(&writer), [0; 0]);
        writer.transact(put("a", 3)).unwrap();
        assert_eq!(held(&writer), [3]);
    }

    #[test]
    fn a_full_batch_is_committed_while_others_wait() {
        let writer = writer();
        let others = (1..=i64::try_from(MAX_WORKS).unwrap() + 5).map(|n| {
            let work: Other = Box::new(move |writer| writer.transact(put("a", n)).is_ok());
            work
        });
        let (began, others) = together(&writer, put("a", 0), others.collect());
        assert!(began.is_ok() && others.into_iter().all(|told| told.unwrap()));
        assert_eq!(writer.counts().commits.load(Ordering::Relaxed), 2);
    }
}

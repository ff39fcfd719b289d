//! The store's thread of the bench, with the groups of the program's.
//!
//! Never: acknowledges a record that is not durable.

use std::collections::VecDeque;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{GROUP_WAIT_MS, Store, StoreReply, StoreRequest};

/// Requests on their way to the store, and answers on their way back: as in the program.
const INBOX: usize = 16_384;

/// The core's end of the store.
pub struct Records {
    requests: Option<Sender<StoreRequest>>,
    replies: Receiver<StoreReply>,
    /// Requests that found the store's inbox full, oldest first.
    waiting: VecDeque<StoreRequest>,
    most: usize,
    thread: Option<thread::JoinHandle<()>>,
}

impl Records {
    pub fn new(database: &Path) -> Records {
        let mut store = SqliteStore::open(database, 0).expect("the folder can be written");
        if std::env::var_os("TIPRING_CHANGE_LOG").is_some() {
            store.keep_change_log().expect("a new database");
        }
        let (requests, taken) = bounded(INBOX);
        let (answers, replies) = bounded(INBOX);
        let body = move || serve(store, &taken, &answers);
        let thread = thread::Builder::new().name("store".into()).spawn(body).expect("a thread");
        Records { requests: Some(requests), replies, waiting: VecDeque::new(), most: 0, thread: Some(thread) }
    }

    pub fn submit(&mut self, request: StoreRequest) {
        self.waiting.push_back(request);
    }

    /// Hands on what waits, as far as there is room.
    pub fn send(&mut self) {
        let requests = self.requests.as_ref().expect("open until the end");
        self.most = self.most.max(self.waiting.len() + requests.len());
        while let Some(request) = self.waiting.pop_front() {
            if let Err(TrySendError::Full(request) | TrySendError::Disconnected(request)) = requests.try_send(request) {
                return self.waiting.push_front(request);
            }
        }
    }

    pub fn reply(&mut self) -> Option<StoreReply> {
        self.replies.try_recv().ok()
    }

    /// The most requests that have waited since the last look.
    pub fn most(&mut self) -> usize {
        std::mem::take(&mut self.most)
    }

    /// Closes the database.
    pub fn close(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            thread.join().expect("no panic");
        }
    }
}

fn serve(mut store: SqliteStore, requests: &Receiver<StoreRequest>, answers: &Sender<StoreReply>) {
    loop {
        let wait = if store.is_pending() { GROUP_WAIT_MS } else { 1000 };
        match requests.recv_timeout(Duration::from_millis(wait)) {
            Ok(request) => store.submit(request),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) if store.is_pending() => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // Beyond as many records as the inbox has room for, the others wait there, and then at the core.
        while store.pending() < INBOX {
            let Ok(request) = requests.try_recv() else { break };
            store.submit(request);
        }
        // What was looked up does not wait for the commit.
        let answer = |store: &mut SqliteStore| {
            std::iter::from_fn(|| store.poll_reply()).try_for_each(|reply| answers.send(reply).map_err(drop))
        };
        let answered = answer(&mut store);
        store.commit().expect("the disk has room");
        if answered.and_then(|()| answer(&mut store)).is_err() {
            return;
        }
    }
}

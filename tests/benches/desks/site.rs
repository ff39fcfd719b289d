//! The site of the bench: a database with customers, its records for the console, and the writer of its store.
//!
//! Never: makes a request of a client.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::private::RequestData;
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
use tipring_core::csta::{AgentState, DeviceId, InvokeId, Request, SessionId};
use tipring_core::customer::CustomerChange;
use tipring_core::store::sqlite::{CustomersImport, SqliteStore};
use tipring_core::store::{AgentRecord, GROUP_WAIT_MS, Record, Store, StoreId, StoreRequest};
use tipring_driver::time::Tick;
use tipring_tools::config::{SiteConfig, TEMPLATE};
use tipring_tools::run::records::SiteRecords;
use tipring_tsapi::server::Backend;
use tipring_tsapi::session::Accounts;
use tipring_web::records::{
    Changes, OrderChange, QueueFigures, Records, RecordsClient, RecordsRefusal, RecordsReply, RecordsRequest,
};

/// Customers on file.
pub const CUSTOMERS: usize = 20_000;

/// Queues.
pub const QUEUES: u64 = 5;

/// Number of a queue.
pub fn queue_number(queue: u64) -> u64 {
    5000 + queue
}

/// Number of a customer.
pub fn number(customer: usize) -> String {
    format!("139{customer:08}")
}

/// Name of a customer.
pub fn name(customer: usize) -> String {
    format!("客户{customer}")
}

/// The users: a desk has a right to its own station, a wallboard to everything.
pub struct Users;

impl Accounts for Users {
    fn verify(&self, login: &str, _password: &str) -> Option<Arc<Rights>> {
        if login == super::fleet::WALLBOARD {
            return Some(Arc::new(Rights::everything()));
        }
        let (station, mut rights) = (DeviceId::new(login).ok()?, Rights::default());
        rights.permit(ServiceGroup::Call, &Devices::Only([station].into()));
        Some(Arc::new(rights))
    }
}

/// Input of the stand-in for the core: a session that begins, with its user, and requests.
pub enum Input {
    Opened(SessionId, String),
    Request(SessionId, InvokeId, Request),
}

/// Hands sessions and requests to the stand-in for the core.
pub struct ToCore(Mutex<Sender<Input>>);

impl ToCore {
    pub fn new(sender: Sender<Input>) -> ToCore {
        ToCore(Mutex::new(sender))
    }
}

impl Backend for ToCore {
    fn opened(&self, session: SessionId, login: &str) {
        // A session that begins as the bench ends asks for nothing.
        let _ = self.0.lock().expect("no panic has it").send(Input::Opened(session, login.to_owned()));
    }

    fn request(
        &self,
        session: SessionId,
        invoke: InvokeId,
        request: Request,
        _data: Option<Box<RequestData>>,
    ) -> Result<(), UniversalFailure> {
        let sent = self.0.lock().expect("no panic has it").send(Input::Request(session, invoke, request));
        sent.map_err(|_| UniversalFailure::ResourceOutOfService)
    }

    fn closed(&self, _session: SessionId) {}
}

/// The site's records, with figures of five queues that change with each call.
pub struct Figured {
    records: SiteRecords,
    calls: AtomicU64,
}

impl Figured {
    /// Counts a call. Returns the number of all: what the first queue shows.
    pub fn count(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Records for Figured {
    fn answer(&self, client: &RecordsClient, request: &RecordsRequest) -> Result<RecordsReply, RecordsRefusal> {
        self.records.answer(client, request)
    }

    fn changes(&self) -> Result<Changes, RecordsRefusal> {
        self.records.changes()
    }

    fn concerns(&self, user: (&str, &Rights), number: Option<&str>, change: &OrderChange) -> bool {
        self.records.concerns(user, number, change)
    }

    fn figures(&self) -> Vec<QueueFigures> {
        let calls = self.calls.load(Ordering::Relaxed);
        let figures = |queue: u64| QueueFigures {
            queue: queue_number(queue).to_string(),
            name: format!("queue {queue}"),
            waiting: calls % 7,
            logged_in: 40,
            available: 10,
            offered: calls + queue,
            answered: calls,
            abandoned: queue,
            service_level: Some(0.9),
        };
        (0..QUEUES).map(figures).collect()
    }
}

/// The writer of the site's store: each call's records are committed, made durable.
pub struct Writer(Sender<Record>);

impl Writer {
    /// Keeps the records of a call that is over.
    pub fn keep(&self, call: i32, station: &DeviceId) {
        let agent = tipring_core::csta::AgentId::new(station.as_str()).expect("digits");
        for state in [AgentState::WorkNotReady, AgentState::Ready] {
            let at = Tick(u64::from(call.unsigned_abs()) / 1_000);
            let record = AgentRecord { at, agent, station: *station, state, reason: 0 };
            self.0.send(Record::Agent(Box::new(record))).expect("the writer lives");
        }
    }
}

/// Makes the database, and starts its writer.
pub fn start(database: &Path) -> (Arc<Figured>, Writer) {
    let mut store = SqliteStore::open(database, 0).expect("the folder can be written");
    let change = |customer: usize| CustomerChange {
        numbers: vec![number(customer)],
        name: Some(name(customer)),
        account: Some(format!("SG-{customer:06}")),
        ..CustomerChange::default()
    };
    let mut import = CustomersImport::new((0..CUSTOMERS).map(change).collect(), "bench");
    while store.import_group(&mut import, 0).expect("rows without a fault") {}
    let mut site = SiteConfig::parse(TEMPLATE).expect("the template is a configuration");
    site.store.database = database.to_owned();
    let (to_writer, records) = channel::<Record>();
    super::named("store", move || {
        let mut number = 0;
        while let Ok(record) = records.recv() {
            std::thread::sleep(Duration::from_millis(GROUP_WAIT_MS));
            for record in std::iter::once(record).chain(records.try_iter()) {
                number += 1;
                store.submit(StoreRequest::Keep { id: StoreId(number), records: vec![record] });
            }
            store.commit().expect("the disk has room");
            while store.poll_reply().is_some() {}
        }
    });
    (Arc::new(Figured { records: SiteRecords::new(&site), calls: AtomicU64::new(0) }), Writer(to_writer))
}

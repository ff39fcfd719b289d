//! A socket from its first message to its end.
//!
//! Never: decides whether a user may open a session.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tipring_csta_types::cause::UniversalFailure;
use tipring_tsapi::pdu::acs::AcsFailure;
use tokio::time::{sleep, timeout};

use super::opening::{log_in_agent, open, resume_session};
use super::{MESSAGE_MAX, OPENING_LIMIT, Shared};
use crate::hub::Cell;
use crate::message::{Gap, Opened, Opening, OpeningRefused, Resumed, Standing};
use crate::records::{Lane, RecordsClient, RecordsRefusal, RecordsRequest};
use crate::replay_buffer::Next;

/// Interval of pings.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// Time limit of a client that takes nothing.
const SEND_LIMIT: Duration = Duration::from_secs(10);

/// Serves a socket from its first message to its end.
pub(super) async fn run(shared: &Arc<Shared>, mut socket: WebSocket, peer: SocketAddr) {
    let opening = match timeout(OPENING_LIMIT, socket.recv()).await {
        Ok(Some(Ok(Message::Text(text)))) => serde_json::from_str(text.as_str()).map_err(|why| why.to_string()),
        Ok(Some(Ok(_))) => Err("the first message is text".into()),
        Ok(Some(Err(_)) | None) => return,
        Err(_) => Err("no first message came in time".into()),
    };
    let opened = match opening {
        Ok(Opening::LogIn(log_in)) => open(shared, log_in, peer).await.map(|cell| (cell, None)),
        Ok(Opening::Resume(resume)) => resume_session(shared, &resume, peer),
        Err(why) => Err((AcsFailure::InvalidMessage, why)),
    };
    let (cell, resumed) = match opened {
        Ok(opened) => opened,
        Err((failure, why)) => {
            let (error, text) = (failure.number(), failure.to_string());
            let refused = Standing::Refused(OpeningRefused { error, text, why });
            let _ = send(&mut socket, refused.text()).await;
            return close(socket, 1008, "refused").await;
        }
    };
    let number = shared.next_socket.fetch_add(1, Ordering::Relaxed);
    *cell.socket.lock() = number;
    cell.session.lock().drop_unnumbered();
    cell.taken.notify_waiters();
    let greeting = match resumed {
        None => Standing::Opened(Opened {
            token: cell.token.clone(),
            login: cell.login.clone(),
            linger_seconds: shared.settings.linger.as_secs(),
            services: cell.session.lock().rights().groups().collect(),
        }),
        Some(sequence) => Standing::Resumed(Resumed { sequence }),
    };
    let ended = match send(&mut socket, greeting.text()).await {
        Ok(()) => converse(shared, &cell, &mut socket, resumed.unwrap_or(0), (number, peer)).await,
        Err(_) => End::Lost,
    };
    match ended {
        End::Closed => {
            shared.hub.close(&cell);
            close(socket, 1000, "closed").await;
        }
        End::Taken => close(socket, 1001, "another socket has resumed the session, or it has ended").await,
        End::Stopping => close(socket, 1012, "the server is stopped").await,
        End::Unusable => {
            linger(shared, cell, number);
            close(socket, 1003, "messages are text").await;
        }
        End::TooLong => {
            linger(shared, cell, number);
            close(socket, 1009, "a message has at most 16 KiB").await;
        }
        End::Lost => linger(shared, cell, number),
    }
}

/// The end of a socket.
enum End {
    /// The client has closed its session.
    Closed,
    /// Another socket serves the session now, or the session has ended.
    Taken,
    /// The server stops, and the client has all that was delivered before.
    Stopping,
    /// The client sent what is no text.
    Unusable,
    /// The client sent a message beyond the limit.
    TooLong,
    /// The client is gone or takes nothing.
    Lost,
}

async fn converse(
    shared: &Arc<Shared>,
    cell: &Arc<Cell>,
    socket: &mut WebSocket,
    mut last: u64,
    (number, peer): (u64, SocketAddr),
) -> End {
    let mut heard = Instant::now();
    loop {
        loop {
            if *cell.socket.lock() != number {
                return End::Taken;
            }
            // One lock: what completes the state after an earlier gap must not come between this one and its own state.
            let next = cell.session.lock().next(last);
            let text = match next {
                Next::Message(sequence, text) => {
                    last = sequence;
                    text.to_string()
                }
                Next::Gap { from, to } => {
                    last = to;
                    shared.counters.lock().gaps += 1;
                    shared.hub.pass_on(cell);
                    Standing::Gap(Gap { from, to }).text()
                }
                Next::Nothing | Next::Beyond => match cell.session.lock().poll_unnumbered() {
                    Some(text) => text,
                    None if shared.hub.is_stopping() => return End::Stopping,
                    None => break,
                },
            };
            if send(socket, text).await.is_err() {
                shared.counters.lock().dead += 1;
                return End::Lost;
            }
        }
        let taken = cell.taken.notified();
        tokio::select! {
            message = socket.recv() => {
                heard = Instant::now();
                match message {
                    Some(Ok(Message::Text(text))) if text.len() > MESSAGE_MAX => return End::TooLong,
                    Some(Ok(Message::Text(text))) => {
                        let before = cell.session.lock().forbidden;
                        let closed = cell.session.lock().handle_text(text.as_str());
                        shared.counters.lock().forbidden += cell.session.lock().forbidden - before;
                        if closed {
                            return End::Closed;
                        }
                        answer_records(shared, cell, peer);
                        while let Some(log_in) = shared.hub.pass_on(cell) {
                            log_in_agent(shared, cell, log_in).await;
                        }
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Binary(_))) => return End::Unusable,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Lost,
                }
            }
            () = cell.changed.notified() => {}
            () = taken => {}
            () = sleep(PING_INTERVAL) => {
                if heard.elapsed() > 3 * PING_INTERVAL || socket.send(Message::Ping(Vec::new().into())).await.is_err() {
                    shared.counters.lock().dead += 1;
                    return End::Lost;
                }
            }
        }
    }
}

/// Has requests for the site's records carried out, each on a thread of its lane.
fn answer_records(shared: &Arc<Shared>, cell: &Arc<Cell>, peer: SocketAddr) {
    loop {
        let Some((id, request)) = cell.session.lock().poll_records() else { return };
        let client = RecordsClient {
            login: cell.login.clone(),
            rights: cell.session.lock().rights(),
            address: peer.ip().to_string(),
        };
        let (lane, watches) = (request.lane(), matches!(request, RecordsRequest::WatchFigures));
        shared.counters.lock().records += 1;
        // Before it is read: later changes have their message.
        if let Some(list) = request.opens() {
            cell.session.lock().watched.open(list);
        }
        let place = match shared.lanes.enter(lane) {
            Ok(place) => place,
            Err(refusal) => {
                shared.counters.lock().records_refused += 1;
                cell.session.lock().handle_records(id, lane == Lane::Acts, Err(refusal));
                continue;
            }
        };
        let (shared, cell) = (Arc::clone(shared), Arc::clone(cell));
        tokio::spawn(async move {
            let _thread = place.thread().await;
            let records = Arc::clone(&shared.records);
            let answered = tokio::task::spawn_blocking(move || records.answer(&client, &request)).await;
            let failed = |_| RecordsRefusal {
                failure: UniversalFailure::GenericUnspecified,
                why: "the request has failed inside the server; its log says why".into(),
            };
            let answered = answered.map_err(failed).flatten();
            if answered.as_ref().is_err_and(RecordsRefusal::is_for_want_of_a_right) {
                shared.counters.lock().forbidden += 1;
            }
            if lane == Lane::Acts && answered.is_ok() {
                shared.acted.notify_one();
            }
            {
                let mut session = cell.session.lock();
                if watches && answered.is_ok() {
                    session.watch_figures();
                }
                session.handle_records(id, lane == Lane::Acts, answered);
            }
            cell.changed.notify_one();
        });
    }
}

/// Ends a session when no socket has taken it in time.
fn linger(shared: &Arc<Shared>, cell: Arc<Cell>, number: u64) {
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        sleep(shared.settings.linger).await;
        if *cell.socket.lock() == number {
            shared.hub.close(&cell);
        }
    });
}

async fn send(socket: &mut WebSocket, text: String) -> Result<(), ()> {
    match timeout(SEND_LIMIT, socket.send(Message::Text(text.into()))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(()),
    }
}

async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    // A client that is gone needs no farewell.
    let _ = timeout(SEND_LIMIT, socket.send(Message::Close(Some(frame)))).await;
}

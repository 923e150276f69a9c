# SPDX-License-Identifier: Apache-2.0
"""A store with a long past, made by SQL in a minute: lines of the usual size and every index, but no chain that verifies."""

import json
import sqlite3
import time

STREAMS = 1000
DAY_MS = 86_400_000


def line_of(terminal):
    return json.dumps({"v": "event/1", "event_id": "0" * 36, "terminal_id": terminal, "agent_instance": "0" * 32,
                       "boot_id": "1" * 32, "seq": 1, "type": "session.lock", "filler": "x" * 300})


def fill(file, count, days=90):
    """Adds so many events of STREAMS terminals in the last `days` days; the rules have them behind them."""
    now = int(time.time() * 1000)
    with sqlite3.connect(file, isolation_level=None) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute("BEGIN IMMEDIATE")
        (base,) = database.execute("SELECT coalesce(max(stream_id), 0) FROM stream").fetchone()
        database.executemany(
            "INSERT INTO stream (stream_id, ori, terminal_id, instance, last_seq, head, first_seen) VALUES (?, 'CA0300000', ?, ?, ?, ?, ?)",
            [(base + 1 + i, f"P-{i:04d}", f"{base + i:032x}", count // STREAMS, bytes(32), now - days * DAY_MS)
             for i in range(STREAMS)])
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1) "
            "INSERT INTO event (stream_id, seq, type, event_time, received_at, leaf, line) "
            "SELECT ?2 + 1 + i % ?3, 1 + i / ?3, 'session.lock', ?4 + i * ?5 / ?1, ?4 + i * ?5 / ?1, randomblob(32), ?6 FROM n",
            (count // STREAMS * STREAMS, base, STREAMS, now - days * DAY_MS, days * DAY_MS, line_of("P-0000")))
        database.execute("UPDATE rule_engine SET cursor = (SELECT max(ingest_id) FROM event), "
                         "snapshot_cursor = (SELECT max(ingest_id) FROM event)")
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()

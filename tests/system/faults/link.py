# SPDX-License-Identifier: Apache-2.0
"""A poor line between a terminal and the broker: a TCP relay on loopback that delays, throttles, cuts or goes silent.

What netem would do to the packets shows to both programs as this: late bytes, few bytes, none, or a connection that ends.
It works wherever loopback does; a kernel without sch_netem is no reason to leave a row out.
"""

import asyncio
import random
import threading

from stage.processes import free_port

CHUNK = 4096


class PoorLink:
    """Listens on `port`, relays to `target`. Its properties may be changed at any moment, from any thread."""

    def __init__(self, target, seed=1):
        self.target = target
        self.port = free_port()
        self.delay_s = 0.0        # of each piece, both ways
        self.bytes_per_s = 0      # each way; 0: as fast as it goes
        self.cut_after_bytes = 0  # a connection ends somewhere around so many; 0: never
        self.silent = False       # nothing passes and nothing is said: a partition
        self.cuts = 0
        self._random = random.Random(seed)
        self._pairs = set()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", self.port))
        ready.set()
        self._loop.run_forever()

    async def _accept(self, reader, writer):
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        pair = (writer, there_writer)
        self._pairs.add(pair)
        budget = [self._random.uniform(0.2, 1.8) * self.cut_after_bytes if self.cut_after_bytes else float("inf")]
        await asyncio.gather(self._relay(reader, there_writer, budget), self._relay(there_reader, writer, budget),
                             return_exceptions=True)
        self._pairs.discard(pair)
        for end in pair:
            end.transport.abort()

    async def _relay(self, reader, writer, budget):
        while data := await reader.read(CHUNK):
            if self.delay_s:
                await asyncio.sleep(self._random.uniform(0.5, 1.5) * self.delay_s)
            if self.bytes_per_s:
                await asyncio.sleep(len(data) / self.bytes_per_s)
            while self.silent:
                await asyncio.sleep(0.05)
            budget[0] -= len(data)
            if budget[0] < 0:
                self.cuts += 1
                # In the middle of a message, and without a word: half of it arrived.
                writer.write(data[:len(data) // 2])
                await writer.drain()
                self._abort_all_of(writer)
                return
            writer.write(data)
            await writer.drain()
        self._abort_all_of(writer)

    def _abort_all_of(self, writer):
        for pair in [pair for pair in self._pairs if writer in pair]:
            for end in pair:
                end.transport.abort()

    def cut(self):
        """Ends every connection that stands."""
        def abort():
            for pair in list(self._pairs):
                for end in pair:
                    end.transport.abort()
        self._loop.call_soon_threadsafe(abort)

    def close(self):
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of a stream of work, and restarts of the broker."""

import time

from stage.processes import wait_until

from .rows import row, scene

LONGEST_S = 0.15  # from the uevent to the acknowledgement, and somewhat more


def unlucky_moment(made):
    time.sleep(made.random.uniform(0, LONGEST_S))


@row("kill-agent", "kill -9 of the agent; a stick is plugged while it is dead", rounds=70)
def kill_agent(build, rounds):
    with scene("kill-agent", build) as made:
        for _ in range(rounds):
            made.plug(2)
            unlucky_moment(made)
            made.terminal.kill_agent()
            made.plug(1)  # came while nobody watched: must be found at the start
            since = time.monotonic()
            made.terminal.start_agent()
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge()
    return made.verdict


def kill_server(name, build, rounds, victim):
    with scene(name, build) as made:
        start = {"broker": made.agency.start_broker, "collector": made.agency.start_collector}[victim]
        for _ in range(rounds):
            made.plug(2)
            unlucky_moment(made)
            made.agency.kill(victim)
            since = time.monotonic()
            start()
            made.plug(2)
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge()
    return made.verdict


@row("kill-broker", "kill -9 of the broker", rounds=70)
def kill_broker(build, rounds):
    return kill_server("kill-broker", build, rounds, "broker")


@row("kill-collector", "kill -9 of the collector", rounds=70)
def kill_collector(build, rounds):
    return kill_server("kill-collector", build, rounds, "collector")


@row("kill-all", "kill -9 of agent, broker and collector at once", rounds=10)
def kill_all(build, rounds):
    with scene("kill-all", build) as made:
        for _ in range(rounds):
            made.plug(2)
            unlucky_moment(made)
            made.terminal.kill_agent()
            made.agency.kill("broker")
            made.agency.kill("collector")
            since = time.monotonic()
            made.agency.start_broker()
            made.agency.start_collector()
            made.terminal.start_agent()
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge()
    return made.verdict


def restart_broker(name, build, rounds, persistent):
    with scene(name, build) as made:
        for _ in range(rounds):
            made.plug(2)
            unlucky_moment(made)
            made.agency.broker.stop()
            made.programs.forget(made.agency.broker)
            made.plug(2)  # while it is away
            if not persistent:
                for file in made.agency.broker_directory.glob("mosquitto.db*"):
                    file.unlink()
            since = time.monotonic()
            made.agency.start_broker()
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge()
    return made.verdict


@row("restart-broker", "the broker stops in order and comes back with what it kept", rounds=10)
def restart_with_persistence(build, rounds):
    return restart_broker("restart-broker", build, rounds, persistent=True)


@row("forgetful-broker", "the broker stops and comes back with nothing: sessions, subscriptions and queue are gone", rounds=10)
def restart_without_persistence(build, rounds):
    return restart_broker("forgetful-broker", build, rounds, persistent=False)

"""Processes that start quickly, to be killed: what they need is loaded once, whoever starts the first."""

import multiprocessing
from multiprocessing.context import ForkServerContext


def ready() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.killed", "tests.storm.world"])
    return context

"""Processes that start quickly, to be killed: the modules they need are loaded once, before the first one starts."""

import multiprocessing
from multiprocessing.context import ForkServerContext


def ready() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.killed", "tests.storm.world"])
    return context

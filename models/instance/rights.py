"""A process that root has started acts on files as the service's account, and as root only where it must.

The real user stays root: capabilities(7) lets such a process become root again, which `as_root` does for a moment. What
it writes meanwhile belongs to the account, so that the programs can go on using it (SQLite's -wal and -shm above all).
"""

import ctypes
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_READ_SEARCH, _CAP_KILL = 2, 5
_KEPT = 1 << _CAP_DAC_READ_SEARCH | 1 << _CAP_KILL
"""To read what root alone may (a list to import, a home below a locked folder), and to end Asterisk, which runs under
another account."""
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_PRIVATE = 0o077
_SETRESUID, _SETRESGID = (117, 119) if platform.machine() == "x86_64" else (147, 149)
"""Numbers of the system calls; the second pair is of the newer architectures (asm-generic/unistd.h)."""
_AS_IT_IS = -1


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def act_as(uid: int, gid: int) -> None:
    """From now on this process, started by root, uses files as the account does. Before any thread is started."""
    os.umask(_PRIVATE)
    os.setgroups([])
    _become(uid, gid)


@contextmanager
def as_root() -> Iterator[None]:
    """Root's rights for a moment, if root has started this process; otherwise nothing changes. They are those of this
    thread alone, and of threads and programs that it starts meanwhile."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0 or os.getuid() != 0:
        yield
        return
    _become(0, 0)
    try:
        yield
    finally:
        _become(uid, gid)


def started_by_root() -> bool:
    """Whether this process may become root, even if it acts as another account now."""
    return os.getuid() == 0


def acting() -> tuple[int, int] | tuple[None, None]:
    """The account and group that root's process acts as, for a program of others that it runs; else none."""
    return (os.geteuid(), os.getegid()) if os.getuid() == 0 and os.geteuid() != 0 else (None, None)


def _become(uid: int, gid: int) -> None:
    """By the system calls themselves: the C library's functions change every thread (nptl(7)), and all but the one that
    calls `_keep_some` would lose what is kept."""
    libc = ctypes.CDLL(None, use_errno=True)
    for call, wanted in ((_SETRESGID, gid), (_SETRESUID, uid)):
        if libc.syscall(call, _AS_IT_IS, wanted, _AS_IT_IS) != 0:
            raise OSError(ctypes.get_errno(), "setresuid")
    if uid != 0:
        _keep_some()


def _keep_some() -> None:
    """With the change of the effective user the kernel has taken all capabilities out of effect. What this process runs
    (pg_dump, a player) may read as much."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = _Header(_CAPABILITY_VERSION_3, 0), (_Sets * 2)()
    if libc.capget(ctypes.byref(header), ctypes.byref(sets)) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    sets[0].effective = sets[0].permitted & _KEPT
    sets[0].inheritable = sets[0].permitted & 1 << _CAP_DAC_READ_SEARCH
    if libc.capset(ctypes.byref(header), ctypes.byref(sets)) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    # Where a container withholds it, nothing needs it: its folders are open.
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH, 0, 0)

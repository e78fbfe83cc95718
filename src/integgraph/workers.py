"""Killable, memory-bound worker processes without a network.

A native query cannot be stopped inside its process, so every query from outside runs in a worker that can be killed.
Workers are forked by a *zygote*, a helper process with one thread that does nothing else::

    this process ── control socket ──▶ zygote ── fork ──▶ worker ◀── socket ── this process
                                       opens once          answers one request after the other

A zygote may open what the workers serve before it forks: then they share its memory, and a new one costs a
millisecond. This process may have threads; it is never forked itself.

A worker may use a bounded amount of memory above what it begins with, can open no socket and start no program, and
ends when its zygote or this process ends.

Sources: unix(7), SCM_RIGHTS; prctl(2), PR_SET_PDEATHSIG; pidfd_open(2); seccomp(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import pickle
import platform
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from integgraph import errors
from integgraph.errors import IntegGraphError, QueryTimeout, WorkerError, WorkersBusy

Handler = Callable[[Any], Any]
"""Answers one request inside a worker; requests and answers must be picklable, or answers a :class:`Written`."""
Opener = Callable[..., Handler]
"""Called with a zygote's arguments; returns the handler. A module-level function."""

_LINUX = sys.platform == "linux"
_BLOCK = 1 << 18
_ASKED = 1 << 16  # bytes of requests that are taken in at once
_CLEARED = 10.0  # seconds until threads that have ended are gone
_NO_MEMORY = "The query needed too much memory and was stopped. Ask for less."
DIED = "The query ended its worker, most likely because it needed too much memory. Ask for less."


class Sink(Protocol):
    """Where a streamed answer is written to."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes, and say how many."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """An answer that travels as bytes: what it is, and its content.

    Attributes:
        head: Says what the content is; picklable, and hashable.
        body: The content, or a function that writes it while it is being made.
    """

    head: Any
    body: bytes | Callable[[Sink], None]


# ---------------------------------------------------------------------------------------------------------------------
# Frames: what goes over the socket of a worker

_FRAME = struct.Struct(">cI")
VALUE, FAILURE, WHOLE, HEAD, DATA, END = b"V", b"F", b"W", b"H", b"D", b"E"
"""Kinds of frames. A request is one ``VALUE``. An answer is one ``VALUE`` or ``FAILURE``; or, as bytes, one ``WHOLE``
(the length of its head in two bytes, head, content); or, if it is large or streamed, ``HEAD``, any number of ``DATA``,
then ``END``, or ``FAILURE`` instead of the end, if it cannot be finished."""


def frame(kind: bytes, content: bytes = b"") -> bytes:
    """One frame: its kind, the length of its content in four bytes, its content.

    >>> list(frames(bytearray(frame(DATA, b"ab") + frame(END))))
    [(b'D', b'ab'), (b'E', b'')]
    """
    return _FRAME.pack(kind, len(content)) + content


def frames(received: bytearray) -> Iterator[tuple[bytes, bytes]]:
    """Take the whole frames away from the beginning of what was received."""
    at = 0
    try:
        while len(received) - at >= _FRAME.size:
            kind, length = _FRAME.unpack_from(received, at)
            end = at + _FRAME.size + length
            if len(received) < end:
                return
            content = bytes(received[at + _FRAME.size : end])
            at = end
            yield kind, content
    finally:
        del received[:at]


def failure(error: IntegGraphError) -> bytes:
    """An error on its way from a worker: its class by name, and its text."""
    return pickle.dumps((type(error).__name__, str(error)))


def error_of(content: bytes) -> IntegGraphError:
    """The error that :func:`failure` wrote."""
    name, text = pickle.loads(content)  # noqa: S301 - from a process of ours
    made: IntegGraphError = getattr(errors, name)(text)
    return made


# ---------------------------------------------------------------------------------------------------------------------
# This process's side


class Zygote:
    """A process with one thread that forks workers.

    Args:
        opener: Module-level function that opens what a worker serves and returns its handler.
        arguments: Passed to ``opener``.
        memory: Bytes that a worker may use above what it begins with.
        shared: Open once, in the zygote, so that workers share the memory. What it opens must start no threads: a
            fork of a process with threads may wait for a lock for ever. Else every worker opens for itself.

    Raises:
        IntegGraphError: what the opener raised; a ``WorkerError`` if the process ended.
    """

    def __init__(
        self, opener: Opener, arguments: tuple[Any, ...] = (), *, memory: int = 1_000_000_000, shared: bool = False
    ) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        self._process: subprocess.Popen[bytes] | None = None
        # The kernel takes the end of the thread that started a process for the end of its parent, so that thread lives
        # as long as the zygote.
        self._nursery = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nursery")
        try:
            self._process = self._nursery.submit(self._start, theirs.fileno()).result()
            theirs.close()
            self._control.sendall(frame(VALUE, pickle.dumps((opener, arguments, memory, shared))))
            self._greet()
        except BaseException:
            self.close()
            raise

    def _start(self, handle: int) -> subprocess.Popen[bytes]:
        # A program of its own, not a fork: this process has threads, and a fork of it might wait for a lock for ever.
        # Nor does it import the main program as multiprocessing would, which may start threads there too.
        code = f"import sys; sys.path[:] = {sys.path!r}; from integgraph.workers import begin; begin({handle})"
        return subprocess.Popen(  # noqa: S603 - this very interpreter and program
            [sys.executable, "-c", code, str(os.getpid())], stdin=subprocess.DEVNULL, pass_fds=[handle]
        )

    def _greet(self) -> None:
        received = bytearray()
        while block := self._control.recv(65_536):
            received += block
            for kind, content in frames(received):
                if kind == FAILURE:
                    raise error_of(content)
                return
        raise WorkerError("The process that starts workers ended before it began. Is there enough memory?")

    def fork(self) -> Worker:
        """A new worker. May be called from any thread.

        Raises:
            WorkerError: the machine has no room for another process, or the zygote ended.
        """
        ours, theirs = socket.socketpair()
        try:
            with self._lock:
                socket.send_fds(self._control, [b"f"], [theirs.fileno()])
                answer, handles, _, _ = socket.recv_fds(self._control, 4, 1)
            pid = int.from_bytes(answer, "big")
            if not pid:
                raise WorkerError("No worker could be started: the machine has no room for another process.")
            return Worker(ours, pid, handles[0] if handles else None)
        except OSError as error:
            ours.close()
            raise WorkerError(f"No worker could be started: {error.strerror or error}.") from None
        except WorkerError:
            ours.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int | None:
        """Id of the process."""
        return None if self._process is None else self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can start workers."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """End the zygote, and with it all its workers."""
        self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._nursery.shutdown()


class Worker:
    """One worker as this process sees it.

    Attributes:
        socket: Requests go in, answers come out, in frames.
        pid: Its process id.
    """

    __slots__ = ("_handle", "_lock", "pid", "socket")

    def __init__(self, own: socket.socket, pid: int, handle: int | None) -> None:
        self.socket = own
        self.pid = pid
        # A handle cannot be mistaken for a later process with the same id.
        self._handle = handle
        self._lock = threading.Lock()

    def call(self, request: Any, deadline: float) -> Any:
        """Answer a request, waiting for it.

        Raises:
            QueryTimeout: the deadline passed; the worker must be stopped.
            WorkerError: the worker died.
            IntegGraphError: whatever the handler raised.
        """
        end = time.monotonic() + deadline
        received = bytearray()
        try:
            self.socket.settimeout(deadline)
            self.socket.sendall(frame(VALUE, pickle.dumps(request)))
            while True:
                self.socket.settimeout(max(end - time.monotonic(), 0.001))
                block = self.socket.recv(_BLOCK)
                if not block:
                    raise WorkerError(DIED)
                received += block
                for kind, content in frames(received):
                    if kind == FAILURE:
                        raise error_of(content)
                    return pickle.loads(content)  # noqa: S301 - from a process of ours
        except TimeoutError:
            raise QueryTimeout(f"The query took longer than {deadline:g} seconds and was stopped.") from None
        except OSError:
            raise WorkerError(DIED) from None

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        if self._handle is not None:
            return not _ended(self._handle, 0)
        if _LINUX or not self.pid:  # it had ended before there was a handle
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def stop(self, wait: float = 0.0) -> None:
        """Kill it, whatever it does. A second call does nothing.

        Args:
            wait: Seconds to wait for its end.
        """
        self.socket.close()
        with self._lock:
            pid, handle, self.pid, self._handle = self.pid, self._handle, 0, None
        if pid == 0:
            return
        with contextlib.suppress(ProcessLookupError):
            if handle is None:
                os.kill(pid, signal.SIGKILL)
            else:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        if handle is not None:
            if wait:
                _ended(handle, wait)
            os.close(handle)

    def yield_to_others(self) -> None:
        """From now on it gets the processor only when nobody else wants it."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, 19)


def _ended(handle: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


class WorkerPool:
    """A fixed number of workers, each answering one request at a time. For callers that may wait, from any thread.

    Args:
        opener: Module-level function that opens what a worker serves and returns its handler; or a zygote, which stays
            open when the pool is closed.
        arguments: Passed to ``opener``.
        size: Number of processes.
        deadline: Seconds a request may take; then its worker is killed.
        memory: Bytes a worker may use above what it begins with.
        patience: Seconds a request waits for a free worker.
        idle: Its workers get the processor only when nobody else wants it.

    Use it as a context manager, or call :meth:`close`.
    """

    def __init__(
        self,
        opener: Opener | Zygote,
        arguments: tuple[Any, ...] = (),
        *,
        size: int = 2,
        deadline: float = 10.0,
        memory: int = 1_000_000_000,
        patience: float = 30.0,
        idle: bool = False,
    ) -> None:
        self._idle = idle
        self._own = not isinstance(opener, Zygote)
        self._zygote = opener if isinstance(opener, Zygote) else Zygote(opener, arguments, memory=memory)
        self._deadline = deadline
        self._patience = patience
        self._size = size
        self._free: list[Worker] = []
        self._all: set[Worker] = set()
        self._changed = threading.Condition()
        self._closed = False
        try:
            for _ in range(size):
                self._add()
        except WorkerError:
            self.close()
            raise

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Workers alive."""
        return len(self._all)

    def call(self, request: Any, deadline: float | None = None) -> Any:
        """Answer a request in a worker.

        Raises:
            QueryTimeout: the deadline passed; the worker was killed.
            WorkersBusy: no worker was free in time.
            WorkerError: the worker died, most likely for want of memory.
            IntegGraphError: whatever the handler raised.
        """
        worker = self._take()
        while not worker.alive:  # it died while it was idle: nobody's query is lost
            self._give_back(worker, healthy=False)
            worker = self._take()
        healthy = False
        try:
            answer = worker.call(request, self._deadline if deadline is None else deadline)
            healthy = True
            return answer
        except (QueryTimeout, WorkerError):
            raise
        except IntegGraphError:
            healthy = True
            raise
        finally:
            self._give_back(worker, healthy)

    def close(self) -> None:
        """Stop all workers."""
        with self._changed:
            self._closed = True
            workers, self._all = self._all, set()
            self._free.clear()
            self._changed.notify_all()
        for worker in workers:
            worker.stop(wait=5)
        if self._own:
            self._zygote.close()

    def _add(self) -> None:
        worker = self._zygote.fork()
        if self._idle:
            worker.yield_to_others()
        self._all.add(worker)
        self._free.append(worker)

    def _take(self) -> Worker:
        end = time.monotonic() + self._patience
        with self._changed:
            while not self._free:
                if len(self._all) < self._size and not self._closed:
                    self._add()  # one that could not be replaced when it ended
                    continue
                left = end - time.monotonic()
                if self._closed or left <= 0:
                    raise WorkersBusy("All workers are busy. Try again in a moment.")
                self._changed.wait(left)
            return self._free.pop()  # whoever answered last has the most in its caches

    def _give_back(self, worker: Worker, healthy: bool) -> None:
        # A worker that was killed, or whose answer may still be under way, never serves again.
        if not healthy:
            worker.stop()
        with self._changed:
            if self._closed:
                worker.stop()
                return
            if healthy:
                self._free.append(worker)
            else:
                self._all.discard(worker)
                with contextlib.suppress(WorkerError):  # the next one who needs it tries again
                    self._add()
            self._changed.notify()


# ---------------------------------------------------------------------------------------------------------------------
# Reading apart: what a library with threads reads, for a zygote that must have none


def made_apart(maker: str, folder: Path, fault: str) -> Any:
    """What a function makes of a folder, in a process of its own that ends with this one.

    Args:
        maker: Module and function, as ``package.module:function``; imported there, not here.
        folder: What it is given.
        fault: Sentence for when that process ends without a word.

    Returns:
        What the function returned; it was pickled on the way.

    Raises:
        IntegGraphError: whatever the function raised.
        ReleaseError: the process ended.

    >>> made_apart("posixpath:basename", Path("a/b"), "It ended.")
    'b'
    """
    code = f"import sys; sys.path[:] = {sys.path!r}; from integgraph.workers import make_apart; make_apart()"
    done = subprocess.run(  # noqa: S603 - this very interpreter and program
        [sys.executable, "-c", code, maker, str(folder), str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,  # a zygote never learns how a child ended; the first byte tells
    )
    if done.stdout[:1] == FAILURE:
        raise error_of(done.stdout[1:])
    if done.stdout[:1] != WHOLE:
        raise errors.ReleaseError(fault)
    return pickle.loads(memoryview(done.stdout)[1:])  # noqa: S301 - from a process of ours


def make_apart() -> None:
    """The program of that process: its arguments are the function, the folder, and the id of its parent."""
    maker, folder, parent = sys.argv[1:]
    die_with(int(parent))
    gc.disable()  # it makes one thing, which it keeps, and ends: looking for cycles would find none
    module, _, name = maker.partition(":")
    out = sys.stdout.buffer
    try:
        made = getattr(importlib.import_module(module), name)(Path(folder))
    except IntegGraphError as error:
        out.write(FAILURE + failure(error))
    else:
        out.write(WHOLE)
        pickle.dump(made, out, protocol=pickle.HIGHEST_PROTOCOL)
    out.flush()


# ---------------------------------------------------------------------------------------------------------------------
# The zygote's side


def begin(handle: int) -> None:
    """The program of a zygote. Called with the number of its control socket; the id of its parent is its argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead
    die_with(int(sys.argv[1]))
    control = socket.socket(fileno=handle)
    asked = next(_requests(control), None)
    if asked is not None:
        _breed(control, *pickle.loads(asked))  # noqa: S301 - from a process of ours


def _breed(control: socket.socket, opener: Opener, arguments: tuple[Any, ...], memory: int, shared: bool) -> None:
    handler: Handler | None = None
    if shared:
        try:
            handler = opener(*arguments)
            _check_threads()
        except IntegGraphError as error:
            control.sendall(frame(FAILURE, failure(error)))
            return
        except MemoryError:
            control.sendall(frame(FAILURE, failure(WorkerError("There is too little memory to open the release."))))
            return
        gc.collect()
        gc.freeze()  # so that the collector in the workers does not touch, and thereby copy, what they share
    control.sendall(frame(VALUE))
    while True:
        try:
            asked, handles, _, _ = socket.recv_fds(control, 1, 1)
        except OSError:
            return
        if not asked:
            return
        _fork(control, handles[0], handler, opener, arguments, memory)


def _check_threads() -> None:
    """The engine loads with threads; the kernel needs a moment to clear them away when they have ended."""
    end = time.monotonic() + _CLEARED
    while _LINUX and len(os.listdir("/proc/self/task")) > 1:
        if time.monotonic() < end:
            time.sleep(0.005)
            continue
        raise WorkerError("What the workers share was opened with threads, so they cannot be forked from it.")


def _fork(
    control: socket.socket,
    handle: int,
    handler: Handler | None,
    opener: Opener,
    arguments: tuple[Any, ...],
    memory: int,
) -> None:
    zygote = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        os.close(handle)
        control.sendall(bytes(4))
        return
    if pid == 0:
        try:
            control.close()
            _live(socket.socket(fileno=handle), handler, opener, arguments, memory, zygote)
        finally:
            os._exit(0)
    os.close(handle)
    try:
        own = os.pidfd_open(pid) if _LINUX else None
    except OSError:  # it has ended already, which the closed socket tells
        own = None
    socket.send_fds(control, [pid.to_bytes(4, "big")], [] if own is None else [own])
    if own is not None:
        os.close(own)


def _live(
    own: socket.socket,
    handler: Handler | None,
    opener: Opener,
    arguments: tuple[Any, ...],
    memory: int,
    zygote: int,
) -> None:
    die_with(zygote)
    _be_quiet()
    refused: IntegGraphError | None = None
    if handler is None:
        try:
            handler = opener(*arguments)
        except IntegGraphError as error:
            refused = error
    _limit(memory)
    deny_network()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # what a query leaves behind is hardly ever a cycle
    for request in _requests(own):
        _answer(own, handler, request, refused)


def _requests(own: socket.socket) -> Iterator[bytes]:
    """What is asked, until nobody can ask any more."""
    received = bytearray()
    while True:
        try:
            block = own.recv(_ASKED)
        except OSError:
            return
        if not block:
            return
        received += block
        for _, content in frames(received):
            yield content


def _answer(own: socket.socket, handler: Handler | None, request: bytes, refused: IntegGraphError | None) -> None:
    try:
        if handler is None:
            raise refused or WorkerError(DIED)
        answer = handler(pickle.loads(request))  # noqa: S301 - from a process of ours
        if isinstance(answer, Written):
            _write(own, answer)
        else:
            own.sendall(frame(VALUE, pickle.dumps(answer)))
    except IntegGraphError as error:
        own.sendall(frame(FAILURE, failure(error)))
    except MemoryError:
        own.sendall(frame(FAILURE, failure(WorkerError(_NO_MEMORY))))


def _write(own: socket.socket, answer: Written) -> None:
    facts = _facts(answer.head)
    if isinstance(answer.body, bytes) and len(answer.body) <= _BLOCK:
        own.sendall(frame(WHOLE, len(facts).to_bytes(2, "big") + facts + answer.body))
        return
    head = frame(HEAD, facts)
    if not isinstance(answer.body, bytes):
        own.sendall(head)
        answer.body(_Sending(own))
        own.sendall(frame(END))
        return
    own.sendall(head)
    view = memoryview(answer.body)
    for start in range(0, len(view), _BLOCK):
        part = view[start : start + _BLOCK]
        own.sendall(_FRAME.pack(DATA, len(part)))
        own.sendall(part)
    own.sendall(frame(END))


@lru_cache(maxsize=1024)
def _facts(head: Any) -> bytes:
    return pickle.dumps(head)


class _Sending:
    def __init__(self, own: socket.socket) -> None:
        self._own = own

    def write(self, data: bytes, /) -> int:
        self._own.sendall(frame(DATA, bytes(data)))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


# ---------------------------------------------------------------------------------------------------------------------
# Limits of a process

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_M_ARENA_MAX = -8


def die_with(parent: int) -> None:
    """Called in a new process with its parent's id: the kernel ends it when its parent ends.

    Elsewhere than on Linux the closed socket does it.

    Source: prctl(2), PR_SET_PDEATHSIG.
    """
    if _LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the kernel knew
            os._exit(1)


def _be_quiet() -> None:
    """What the engine prints when it aborts would tell nobody anything, and could repeat a client's query."""
    null = os.open(os.devnull, os.O_RDWR)
    for each in (0, 1, 2):
        os.dup2(null, each)
    os.close(null)


def _limit(memory: int) -> None:
    if not _LINUX:
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    # Each thread would reserve 64 MB of addresses to allocate from, and sixteen of them open a store.
    with contextlib.suppress(AttributeError):  # other libraries of C than glibc do no such thing
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    resource.setrlimit(resource.RLIMIT_AS, (mapped + memory, mapped + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # When the whole machine has no memory left, workers go first and the server stays.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("500")


# Numbers of system calls: linux/arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
_DENIED = (
    "socket", "connect", "bind", "listen", "accept", "accept4", "io_uring_setup", "execve", "execveat", "ptrace",
    "process_vm_readv", "process_vm_writev",
)  # fmt: skip
_X86_64 = dict(zip(_DENIED, (41, 42, 49, 50, 43, 288, 425, 59, 322, 101, 310, 311), strict=True))
_AARCH64 = dict(zip(_DENIED, (198, 203, 200, 201, 202, 242, 425, 221, 281, 117, 270, 271), strict=True))
_MACHINES = {"x86_64": (0xC000003E, _X86_64, 317), "aarch64": (0xC00000B7, _AARCH64, 277)}
"""Machine → how the kernel names it, numbers of the calls that are denied, number of the call seccomp."""
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF: ld [k], jeq, jge, ret
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | 1  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO with EPERM
_X32 = 0x40000000  # from here on, numbers of another way to call the same kernel
_MODE_FILTER, _ALL_THREADS = 1, 1
_PR_SET_SECCOMP, _PRCTL_FILTER = 22, 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def deny_network() -> bool:
    """Deny this process, all its threads and children for ever to open sockets and to start programs.

    Sockets that are open already go on working. Returns whether it holds: it needs Linux on x86-64 or ARM64 with
    seccomp.

    Source: seccomp(2), SECCOMP_SET_MODE_FILTER; the filter is a program for the kernel's BPF machine.
    """
    if not _LINUX or platform.machine() not in _MACHINES:
        return False
    name, numbers, seccomp = _MACHINES[platform.machine()]
    program = _filter(name, sorted(numbers.values()))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    given = _Program(len(program) // 8, program)
    if libc.syscall(seccomp, _MODE_FILTER, _ALL_THREADS, ctypes.byref(given)) == 0:
        return True
    # A service manager may deny the call and still allow its older form, which holds for this thread and its children.
    return bool(libc.prctl(_PR_SET_SECCOMP, _PRCTL_FILTER, ctypes.byref(given), 0, 0) == 0)


def isolated() -> bool:
    """Whether this process is denied to open sockets."""
    try:
        socket.socket().close()
    except PermissionError:
        return True
    return False


def _filter(machine: int, numbers: list[int]) -> bytes:
    def step(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, operand)

    left = len(numbers)
    steps = [step(_LOAD, 4), step(_EQUAL, machine, 0, left + 3), step(_LOAD, 0), step(_AT_LEAST, _X32, left + 1, 0)]
    steps += [step(_EQUAL, number, left - place, 0) for place, number in enumerate(numbers)]
    return b"".join([*steps, step(_RETURN, _ALLOW), step(_RETURN, _DENY)])

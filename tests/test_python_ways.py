"""Ways that only Python has from a service to a message box, and what is none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import link, proofs, steps, who

SERVICE = """
import win32serviceutil
class Agent(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
        run(self)
"""

# The message box that `run` leads to.
REACHED: Mapping[str, str] = {
    "getattr": ("import win32api\ndef run(s):\n    getattr(win32api,'MessageBox')(0,'x')"),
    "getattr-var": (
        "import win32api\nbox=getattr(win32api,'MessageBox')\ndef run(s):\n    box(0,'x')"
    ),
    "getattr-const-name": (
        "import win32api\nN='MessageBox'\ndef run(s):\n    getattr(win32api,N)(0,'x')"
    ),
    "windll": (
        "from ctypes import windll\ndef run(s):\n    windll.user32.MessageBoxW(0,'x','y',0)"
    ),
    "windll-attr": (
        "import ctypes\ndef run(s):\n    ctypes.windll.user32.MessageBoxW(0,'x','y',0)"
    ),
    "windll-idx": (
        "import ctypes\ndef run(s):\n    ctypes.windll.user32['MessageBoxW'](0,'x','y',0)"
    ),
    "windll-lib-idx": (
        "import ctypes\ndef run(s):\n    ctypes.windll['user32'].MessageBoxW(0,'x','y',0)"
    ),
    "windll-dll": (
        "import ctypes\n"
        "def run(s):\n"
        "    ctypes.windll.LoadLibrary('user32.dll').MessageBoxW(0,'x','y',0)"
    ),
    "WinDLL": ("import ctypes\ndef run(s):\n    ctypes.WinDLL('user32').MessageBoxW(0,'x','y',0)"),
    "WinDLL-kw": (
        "import ctypes\n"
        "u=ctypes.WinDLL(name='user32', use_last_error=True)\n"
        "def run(s):\n"
        "    u.MessageBoxW(0,'x','y',0)"
    ),
    "WinDLL-const": (
        "import ctypes\n"
        "U='user32.dll'\n"
        "u=ctypes.WinDLL(U)\n"
        "def run(s):\n"
        "    u.MessageBoxW(0,'x','y',0)"
    ),
    "find_library": (
        "import ctypes, ctypes.util\n"
        "u=ctypes.WinDLL(ctypes.util.find_library('user32'))\n"
        "def run(s):\n"
        "    u.MessageBoxW(0,'x','y',0)"
    ),
    "ctypes-alias-fn": (
        "import ctypes\n"
        "MB=ctypes.windll.user32.MessageBoxW\n"
        "MB.argtypes=[]\n"
        "def run(s):\n"
        "    MB(0,'x','y',0)"
    ),
    "ctypes-self": (
        "import ctypes\n"
        "class W:\n"
        "    def __init__(self):\n"
        "        self.u=ctypes.windll.user32\n"
        "    def go(self):\n"
        "        self.u.MessageBoxW(0,'x','y',0)\n"
        "def run(s):\n"
        "    W().go()"
    ),
    "WINFUNCTYPE-proto": (
        "import ctypes\n"
        "from ctypes import windll, WINFUNCTYPE, c_int\n"
        "p=WINFUNCTYPE(c_int,c_int)\n"
        "MB=p(('MessageBoxW', windll.user32), ((1,'h'),))\n"
        "def run(s):\n"
        "    MB(0,'x','y',0)"
    ),
    "lazy-import": ("def run(s):\n    import win32api as w\n    w.MessageBox(0,'x')"),
    "importlib": (
        "import importlib\n"
        "w=importlib.import_module('win32api')\n"
        "def run(s):\n"
        "    w.MessageBox(0,'x')"
    ),
    "__import__": ("w=__import__('win32api')\ndef run(s):\n    w.MessageBox(0,'x')"),
    "try-import": (
        "try:\n"
        "    import win32api\n"
        "except ImportError:\n"
        "    win32api=None\n"
        "def run(s):\n"
        "    win32api.MessageBox(0,'x')"
    ),
    "try-import-alias": (
        "try:\n"
        "    from win32gui import MessageBox\n"
        "except ImportError:\n"
        "    MessageBox=None\n"
        "def run(s):\n"
        "    MessageBox(0,'x')"
    ),
    "global-lazily": (
        "w=None\n"
        "def load():\n"
        "    global w\n"
        "    import win32api\n"
        "    w=win32api\n"
        "def run(s):\n"
        "    load()\n"
        "    w.MessageBox(0,'x')"
    ),
    "global-import": (
        "def load():\n"
        "    global win32api\n"
        "    import win32api\n"
        "def run(s):\n"
        "    load()\n"
        "    win32api.MessageBox(0,'x')"
    ),
    "decorated": (
        "import win32api\n"
        "def deco(f):\n"
        "    def inner(*a):\n"
        "        return f(*a)\n"
        "    return inner\n"
        "@deco\n"
        "def show(x):\n"
        "    win32api.MessageBox(0,x)\n"
        "def run(s):\n"
        "    show('x')"
    ),
    "deco-body": (
        "import win32api\n"
        "def deco(f):\n"
        "    def inner(*a):\n"
        "        win32api.MessageBox(0,'x')\n"
        "        return f(*a)\n"
        "    return inner\n"
        "@deco\n"
        "def show(x):\n"
        "    pass\n"
        "def run(s):\n"
        "    show('x')"
    ),
    "deco-param-body": (
        "import win32api\n"
        "def deco(n):\n"
        "    def outer(f):\n"
        "        def inner(*a):\n"
        "            win32api.MessageBox(0,'x')\n"
        "            return f(*a)\n"
        "        return inner\n"
        "    return outer\n"
        "@deco(1)\n"
        "def show(x):\n"
        "    pass\n"
        "def run(s):\n"
        "    show('x')"
    ),
    "with-cm": (
        "import win32api\n"
        "class M:\n"
        "    def __enter__(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "    def __exit__(self,*a):\n"
        "        pass\n"
        "def run(s):\n"
        "    with M():\n"
        "        pass"
    ),
    "with-exit": (
        "import win32api\n"
        "class M:\n"
        "    def __enter__(self):\n"
        "        pass\n"
        "    def __exit__(self,*a):\n"
        "        win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    with M() as m:\n"
        "        pass"
    ),
    "with-contextmanager": (
        "import win32api, contextlib\n"
        "@contextlib.contextmanager\n"
        "def m():\n"
        "    yield\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    with m():\n"
        "        pass"
    ),
    "call-dunder": (
        "import win32api\n"
        "class M:\n"
        "    def __call__(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "m=M()\n"
        "def run(s):\n"
        "    m()"
    ),
    "to_thread": (
        "import win32api, asyncio\n"
        "def show():\n"
        "    win32api.MessageBox(0,'x')\n"
        "async def main():\n"
        "    await asyncio.to_thread(show)\n"
        "def run(s):\n"
        "    asyncio.run(main())"
    ),
    "run_in_executor": (
        "import win32api, asyncio\n"
        "def show():\n"
        "    win32api.MessageBox(0,'x')\n"
        "async def main():\n"
        "    loop=asyncio.get_running_loop()\n"
        "    await loop.run_in_executor(None, show)\n"
        "def run(s):\n"
        "    asyncio.get_event_loop().run_until_complete(main())"
    ),
    "timer": (
        "import win32api, threading\n"
        "def show():\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    threading.Timer(5, show).start()"
    ),
    "thread-target": (
        "import win32api, threading\n"
        "def show():\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    threading.Thread(target=show).start()"
    ),
    "thread-subclass": (
        "import win32api, threading\n"
        "class T(threading.Thread):\n"
        "    def run(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    T().start()"
    ),
    "futures": (
        "import win32api, concurrent.futures as cf\n"
        "def show():\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    with cf.ThreadPoolExecutor() as ex:\n"
        "        ex.submit(show)"
    ),
    "mp": (
        "import win32api, multiprocessing\n"
        "def show():\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    multiprocessing.Process(target=show).start()"
    ),
    "atexit": (
        "import win32api, atexit\n"
        "def show():\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    atexit.register(show)"
    ),
    "atexit-deco": (
        "import win32api, atexit\n"
        "def run(s):\n"
        "    @atexit.register\n"
        "    def show():\n"
        "        win32api.MessageBox(0,'x')"
    ),
    "signal": (
        "import win32api, signal\n"
        "def show(*a):\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    signal.signal(signal.SIGTERM, show)"
    ),
    "excepthook": (
        "import win32api, sys\n"
        "def show(*a):\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    sys.excepthook=show"
    ),
    "dict-dispatch": (
        "import win32api\n"
        "def show(*a):\n"
        "    win32api.MessageBox(0,'x')\n"
        "D={'a':show}\n"
        "def run(s):\n"
        "    D['a']()"
    ),
    "dict-get-dispatch": (
        "import win32api\n"
        "def show(*a):\n"
        "    win32api.MessageBox(0,'x')\n"
        "D={'a':show}\n"
        "def run(s):\n"
        "    D.get('a')()"
    ),
    "attr-callback": (
        "import win32api\n"
        "class W:\n"
        "    def __init__(self, cb):\n"
        "        self.cb=cb\n"
        "    def go(self):\n"
        "        self.cb()\n"
        "def show():\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    W(show).go()"
    ),
    "property": (
        "import win32api\n"
        "class W:\n"
        "    @property\n"
        "    def p(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    w=W()\n"
        "    if w.p: pass"
    ),
    "property-api": (
        "import win32api\n"
        "class W:\n"
        "    @property\n"
        "    def p(self):\n"
        "        return win32api\n"
        "def run(s):\n"
        "    w=W()\n"
        "    w.p.MessageBox(0,'x')"
    ),
    "factory": (
        "import win32api\n"
        "class W:\n"
        "    def go(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "def make():\n"
        "    return W()\n"
        "def run(s):\n"
        "    make().go()"
    ),
    "factory-var": (
        "import win32api\n"
        "class W:\n"
        "    def go(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "def make():\n"
        "    return W()\n"
        "def run(s):\n"
        "    w=make()\n"
        "    w.go()"
    ),
    "annotated": (
        "import win32api\n"
        "class W:\n"
        "    def go(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "def do(w: W):\n"
        "    w.go()\n"
        "def run(s):\n"
        "    do(W())"
    ),
    "annotated-opt": (
        "import win32api\n"
        "class W:\n"
        "    def go(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "def do(w: 'W | None'):\n"
        "    w.go()\n"
        "def run(s):\n"
        "    do(W())"
    ),
    "unannotated": (
        "import win32api\n"
        "class W:\n"
        "    def go(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "def do(w):\n"
        "    w.go()\n"
        "def run(s):\n"
        "    do(W())"
    ),
    "list-comp": (
        "import win32api\n"
        "def show(x):\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    [show(x) for x in range(3)]"
    ),
    "map": (
        "import win32api\n"
        "def show(x):\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    list(map(show, [1]))"
    ),
    "iter-list-objs": (
        "import win32api\n"
        "class W:\n"
        "    def go(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    for w in [W(), W()]:\n"
        "        w.go()"
    ),
    "for-funcs": (
        "import win32api\n"
        "def a(): pass\n"
        "def show():\n"
        "    win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    for f in (a, show):\n"
        "        f()"
    ),
    "lambda": ("import win32api\nshow=lambda: win32api.MessageBox(0,'x')\ndef run(s):\n    show()"),
    "nested-func": (
        "import win32api\n"
        "def run(s):\n"
        "    def show():\n"
        "        win32api.MessageBox(0,'x')\n"
        "    show()"
    ),
    "gen": (
        "import win32api\n"
        "def g():\n"
        "    win32api.MessageBox(0,'x')\n"
        "    yield 1\n"
        "def run(s):\n"
        "    for x in g(): pass"
    ),
    "classmethod": (
        "import win32api\n"
        "class W:\n"
        "    @classmethod\n"
        "    def go(cls):\n"
        "        win32api.MessageBox(0,'x')\n"
        "def run(s):\n"
        "    W.go()"
    ),
    "super": (
        "import win32api\n"
        "class B:\n"
        "    def go(self):\n"
        "        win32api.MessageBox(0,'x')\n"
        "class W(B):\n"
        "    def go(self):\n"
        "        super().go()\n"
        "def run(s):\n"
        "    W().go()"
    ),
}

# There is no message box of Windows that `run` is known to lead to.
SILENT: Mapping[str, str] = {
    "local-of-the-same-name": (
        "from win32gui import MessageBox\n"
        "def run(s):\n    MessageBox = s.log\n    MessageBox(0, 'x')"
    ),
    "loop-variable-of-the-same-name": (
        "from win32gui import MessageBox\ndef run(s):\n    for MessageBox in s.all:\n        MessageBox(0)"
    ),
    "rest-parameter-of-the-same-name": (
        "import win32api\ndef run(*win32api):\n    win32api.MessageBox(0, 'x')"
    ),
    "class-that-replaces-a-method-of-an-outside-base": (
        "import win32ui\nclass W(win32ui.Window):\n    MessageBox = None\n"
        "def run(s):\n    W().MessageBox('x')"
    ),
    "callers-that-pass-different-objects": (
        "import win32api, other\ndef show(api):\n    api.MessageBox(0, 'x')\n"
        "def run(s):\n    show(win32api)\n    show(other)"
    ),
    "function-that-returns-different-objects": (
        "import win32api, other\ndef api(x):\n    if x:\n        return win32api\n    return other\n"
        "def run(s):\n    api(s).MessageBox(0, 'x')"
    ),
    "annotation-of-an-own-class": (
        "import win32api\nclass Api:\n    def MessageBox(self, a, b):\n        pass\n"
        "def show(api: Api):\n    api.MessageBox(0, 'x')\ndef run(s):\n    show(win32api)"
    ),
    "property-that-nobody-reads": (
        "import win32api\nclass W:\n    @property\n    def p(self):\n"
        "        win32api.MessageBox(0, 'x')\ndef run(s):\n    W()"
    ),
    "decorator-that-nobody-uses": (
        "import win32api\ndef deco(f):\n    def inner():\n        win32api.MessageBox(0, 'x')\n"
        "    return inner\ndef run(s):\n    pass"
    ),
    "library-with-a-computed-name": (
        "import ctypes\ndef run(s):\n    ctypes.WinDLL(s.name).MessageBoxW(0, 'x', 'y', 0)"
    ),
    "other-dictionary": "D = load()\ndef run(s):\n    D['MessageBoxW'](0, 'x', 'y', 0)",
}


@pytest.mark.parametrize("text", REACHED.values(), ids=REACHED)
def test_service_reaches_the_message_box(text: str) -> None:
    program = link({"service.py": text + SERVICE})
    (site,) = program.sites("message-box")
    assert program.service_proof(site) is not None


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_no_message_box_is_reached(text: str) -> None:
    program = link({"service.py": text + SERVICE})
    assert [s for s in program.sites("message-box") if program.service_proof(s)] == []


HOSTED = """
import sys, win32api, servicemanager, win32serviceutil
class Agent(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
        pass
def before():
    win32api.MessageBox(0, "b")
def by_hand():
    win32api.MessageBox(0, "h")
"""

STARTS: Mapping[str, str] = {
    "under-the-main-guard": """
if __name__ == "__main__":
    before()
    if len(sys.argv) == 1:
        servicemanager.PrepareToHostSingle(Agent)
        servicemanager.StartServiceCtrlDispatcher()
    else:
        by_hand()
        win32serviceutil.HandleCommandLine(Agent)
""",
    "in-the-branch-without-arguments": """
if __name__ == "__main__":
    if len(sys.argv) == 1:
        before()
        servicemanager.StartServiceCtrlDispatcher()
        by_hand()
    else:
        by_hand()
""",
    "in-main": """
def main():
    if len(sys.argv) > 1:
        by_hand()
        return
    before()
    servicemanager.StartServiceCtrlDispatcher()
if __name__ == "__main__":
    main()
""",
}


@pytest.mark.parametrize("text", STARTS.values(), ids=STARTS)
def test_what_runs_before_the_dispatcher_is_service_code(text: str) -> None:
    program = link({"service.py": HOSTED + text})
    assert (who(program)["before"], who(program)["by_hand"]) == ("both", "by hand")
    found = proofs(program)
    assert "runs before the service control dispatcher" in steps(found["before"])[0]
    assert found["by_hand"] is None


def test_command_line_of_an_installer_is_no_service_code() -> None:
    text = (
        "if __name__ == '__main__':\n    by_hand()\n    win32serviceutil.HandleCommandLine(Agent)\n"
    )
    program = link({"service.py": HOSTED + text})
    assert who(program)["by_hand"] == "by hand"

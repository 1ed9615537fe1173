# SPDX-License-Identifier: BSD-3-Clause
"""aiocoap as an LwM2M server with OSCORE: it takes registrations and asks the devices."""

import asyncio

import aiocoap
from aiocoap import oscore, resource
from aiocoap.oscore_sitewrapper import OscoreSiteWrapper
from aiocoap.transports.oscore import OSCOREAddress
from ports import free_port

DEADLINE = 120
SECRET, SALT = bytes(range(16)), b"salt"


class Security(oscore.CanProtect, oscore.CanUnprotect, oscore.SecurityContextUtils):
    """A context that lives in memory. lost: of a server that restarted (RFC 8613 B.1.2)."""

    def __init__(self, kid, id_context, secret=SECRET, lost=False):
        self.alg_aead = oscore.algorithms[oscore.DEFAULT_ALGORITHM]
        self.hashfun = oscore.hashfunctions[oscore.DEFAULT_HASHFUNCTION]
        self.sender_id, self.recipient_id, self.id_context = b"S", kid, id_context
        self.derive_keys(SALT, secret)
        self.sender_sequence_number = 0
        self.recipient_replay_window = oscore.ReplayWindow(32, lambda: None)
        self.echo_recovery = b"fresh?!?" if lost else None
        if not lost:
            self.recipient_replay_window.initialize_empty()
        self.authenticated_claims = []

    def post_seqnoincrease(self):
        """Nothing is kept."""


class Contexts:
    """Those of all devices, made when they are first asked for."""

    def __init__(self):
        self.known, self.secret, self.lost = {}, SECRET, False

    def find_oscore(self, unprotected):
        """What aiocoap asks for each protected request."""
        who = (unprotected.get(oscore.COSE_KID), unprotected.get(oscore.COSE_KID_CONTEXT))
        if who[0] != b"C" or not who[1] or not who[1].startswith(b"sim"):
            raise KeyError
        if who not in self.known:
            self.known[who] = Security(*who, secret=self.secret, lost=self.lost)
        return self.known[who]

    def restart(self, lost=True):
        """Forget windows and numbers, as a server that restarts."""
        numbers = {k: v.sender_sequence_number for k, v in self.known.items()}
        self.lost, self.known = lost, {}
        for who, number in numbers.items():
            self.known[who] = Security(*who, secret=self.secret, lost=lost)
            self.known[who].sender_sequence_number = number + 100


class Registry(resource.Resource, resource.PathCapable):
    """/rd and below, which is all that this server has."""

    def __init__(self):
        super().__init__()
        self.changed = asyncio.Condition()
        self.events, self.remotes = [], {}

    async def _note(self, kind, endpoint, request):
        async with self.changed:
            self.events.append((kind, endpoint, isinstance(request.remote, OSCOREAddress)))
            if kind != "deregister":
                self.remotes[endpoint] = request.remote
            self.changed.notify_all()

    async def render_post(self, request):
        """Register and Update."""
        path = request.opt.uri_path[1:]
        if path:
            await self._note("update", path[0], request)
            return aiocoap.Message(code=aiocoap.CHANGED)
        query = dict(q.partition("=")[::2] for q in request.opt.uri_query)
        if request.opt.oscore is not None:  # critical, which aiocoap leaves to us to look at
            return aiocoap.Message(code=aiocoap.BAD_OPTION)
        await self._note("register", query["ep"], request)
        return aiocoap.Message(code=aiocoap.CREATED, location_path=("rd", query["ep"]))

    async def render_delete(self, request):
        """De-register."""
        await self._note("deregister", request.opt.uri_path[1], request)
        return aiocoap.Message(code=aiocoap.DELETED)

    async def wait(self, kind, endpoint, after=0):
        """The number of such an event."""
        def found():
            for n, event in enumerate(self.events[after:], after):
                if event[:2] == (kind, endpoint):
                    return n + 1
            return None

        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(found), DEADLINE)
        return found()


class Server:
    """One endpoint for both roles."""

    @classmethod
    async def new(cls, protected=True, tcp=False):
        """protected: OSCORE is understood. Over UDP, or TCP."""
        self = cls()
        self.contexts, self.registry = Contexts(), Registry()
        root = OscoreSiteWrapper(self.registry, self.contexts) if protected else self.registry
        self.port = free_port()
        self.context = await aiocoap.Context.create_server_context(
            root, bind=("127.0.0.1", self.port), transports=["oscore", "tcpserver" if tcp else "udp6"])
        return self

    def message(self, endpoint, code, path, **options):
        """A protected request to a device that registered."""
        payload = options.pop("payload", b"")
        m = aiocoap.Message(code=code, payload=payload, **options)
        m.opt.uri_path = tuple(path.strip("/").split("/"))
        m.remote = self.registry.remotes[endpoint]
        return m

    async def ask(self, endpoint, code, path, **options):
        """Its answer."""
        request = self.context.request(self.message(endpoint, code, path, **options))
        return await asyncio.wait_for(request.response, DEADLINE)

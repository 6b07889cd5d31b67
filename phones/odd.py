"""A caller who says one thing after another, whatever was answered: cancels, repeats, forgets, hangs up too early."""

from collections.abc import Sequence
from dataclasses import dataclass

from phones.raw import RawPhone
from phones.sip import Dialog, Message, new_token


@dataclass(frozen=True)
class Begun:
    """An INVITE that was sent."""

    uri: str
    call_id: str
    branch: str
    local: str
    remote: str


class OddCaller(RawPhone):
    """Every verb sends one message and waits for nothing."""

    def begins(self, dialled: str = "8000", *, display: str = "", again: Begun | None = None) -> Begun:
        """An INVITE, or that of a call once more; `display` stands before the address in From."""
        host = f"{self.server[0]}:{self.server[1]}"
        begun = again or Begun(
            f"sip:{dialled}@{host}",
            new_token(),
            f"z9hG4bK{new_token()}",
            f"{display}<sip:{self.number}@{self.address}>;tag={new_token()}",
            f"<sip:{dialled}@{host}>",
        )
        self._says("INVITE", begun, begun.branch, body=self.sdp())
        return begun

    def cancels(self, begun: Begun) -> None:
        self._says("CANCEL", begun, begun.branch)

    def acknowledges(self, begun: Begun, answer: Message) -> None:
        """From now on this is the call that it has."""
        self.dialog = Dialog(begun.call_id, begun.local, answer.get("to"), answer.target)
        self.media.meets(answer.body, self.server[0])
        names = (f"From: {begun.local}", f"To: {answer.get('to')}", f"Call-ID: {begun.call_id}", "CSeq: 1 ACK")
        self._request("ACK", answer.target, names)

    def hangs_up_without_ack(self, begun: Begun, answer: Message) -> None:
        self.dialog = Dialog(begun.call_id, begun.local, answer.get("to"), answer.target)
        self.request("BYE")

    def asks_whether_we_live(self, times: int) -> None:
        """OPTIONS, as fast as they go."""
        host = f"{self.server[0]}:{self.server[1]}"
        for _ in range(times):
            name = new_token()
            lines = (f"From: <sip:{self.address}>;tag={name}", f"To: <sip:{host}>", f"Call-ID: {name}")
            self._request("OPTIONS", f"sip:{host}", (*lines, "CSeq: 1 OPTIONS"))

    def answers_to(self, begun: Begun) -> list[int]:
        """The status of each answer to its INVITE so far."""
        mine = (m for m in self.received if m.get("call-id") == begun.call_id and m.method == "INVITE")
        return [message.status for message in mine if message.status]

    def _says(self, method: str, begun: Begun, branch: str, more: Sequence[str] = (), body: str = "") -> None:
        via = f"Via: SIP/2.0/UDP {self.address}:{self.port};branch={branch};rport"
        names = (f"From: {begun.local}", f"To: {begun.remote}", f"Call-ID: {begun.call_id}", f"CSeq: 1 {method}")
        contact = f"Contact: <sip:{self.number}@{self.address}:{self.port}>"
        self._send((f"{method} {begun.uri} SIP/2.0", via, "Max-Forwards: 70", contact, *names, *more), body)

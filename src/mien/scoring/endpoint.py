"""An OpenAI-compatible endpoint as judge: POST BASE/chat/completions, one question a request, all of it bounded.

The key comes from MIEN_JUDGE_KEY or OPENAI_API_KEY; it is sent as a bearer token to the address given and nowhere
else: never logged, never kept, never along a redirection. Temperature 0; the seed is handed on.
"""

from __future__ import annotations

import base64
import email.utils
import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mien.errors import MienError, RequestError
from mien.files import read_bounded
from mien.scoring.question import Question, Trouble

PATH = "/chat/completions"
KEYS = ("MIEN_JUDGE_KEY", "OPENAI_API_KEY")
MOST_REPLY = 4 << 20
MOST_PICTURE = 16 << 20
MOST_TOKENS = 4096  # room for the thoughts of reasoning models
PICTURES = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png", b"RIFF": "webp", b"GIF8": "gif"}
LOCAL = {"localhost", "127.0.0.1", "::1"}


class Endpoint:
    """A model behind a base URL ("https://api.openai.com/v1"). limit: seconds for one request."""

    batch = 1

    def __init__(self, base: str, model: str | None, *, seed: int, limit: float) -> None:
        parts = _checked(base)
        if not model:
            raise RequestError("--judge URL needs the model's name: add --model NAME")
        self._model, self._seed, self._limit = model, seed, limit
        path = parts.path.rstrip("/").removesuffix(PATH)  # people paste the whole address
        self._shown = f"{parts.scheme}://{parts.netloc}{path}"
        self._url = self._shown + PATH + (f"?{parts.query}" if parts.query else "")
        self._key = next((value for name in KEYS if (value := os.environ.get(name, "").strip())), None)
        # A proxy is for the world outside; a server on this machine is reached directly.
        proxies = [urllib.request.ProxyHandler({})] if parts.hostname in LOCAL else []
        self._open = urllib.request.build_opener(_Stay, *proxies).open
        self._without: set[str] = set()

    @property
    def name(self) -> str:
        """Model and address."""
        return f"model: {self._model} at {self._shown}"

    @property
    def settings(self) -> Mapping[str, object]:
        """Address, model, and how it is asked."""
        return {"judge": self._shown, "model": self._model, **self._asked()}

    def answer(self, questions: Sequence[Question]) -> Iterator[tuple[int, str | Trouble]]:
        """Ask one by one."""
        for place, question in enumerate(questions):
            try:
                yield place, self._one(question)
            except Trouble as trouble:
                yield place, trouble

    def stop(self) -> None:
        """Nothing to end: a request under way ends by its own limit, and its answer is no longer waited for."""

    def _one(self, question: Question) -> str:
        for _ in range(5):
            without = frozenset(self._without)
            try:
                return _content(self._post(self._body(question, without), without))
            except _Unwanted as setting:
                self._without.add(setting.name)
        raise Trouble("refuses one setting after the other", again=False)

    def _body(self, question: Question, without: frozenset[str]) -> bytes:
        content: Any = question.text
        if question.pictures:
            content = [{"type": "text", "text": question.text}, *map(_picture, question.pictures)]
        body: dict[str, Any] = {"model": self._model, "messages": [{"role": "user", "content": content}]}
        body |= {name: value for name, value in self._asked().items() if name not in without}
        # The newer name is tried only where the older is refused.
        if "max_tokens" in without and "max_completion_tokens" not in without:
            body["max_completion_tokens"] = MOST_TOKENS
        return json.dumps(body).encode()

    def _asked(self) -> dict[str, Any]:
        return {"temperature": 0, "seed": self._seed, "max_tokens": MOST_TOKENS}

    def _post(self, body: bytes, without: frozenset[str]) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "mien"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self._url, body, headers)
        until = time.monotonic() + self._limit
        try:
            with self._open(request, timeout=self._limit) as reply:
                return _read(reply, until)
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error, without) from None
        except TimeoutError:
            raise Trouble(f"gave no answer within {self._limit:g} s") from None
        except urllib.error.URLError as error:
            raise Trouble(_unreachable(error.reason, self._limit)) from None
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise Trouble(f"broke off the answer ({type(error).__name__})") from None

    def _refused(self, error: urllib.error.HTTPError, without: frozenset[str]) -> Exception:
        said, code = _said(error), error.code
        if code in (401, 403):
            hint = "set MIEN_JUDGE_KEY to a valid one" if self._key else "set MIEN_JUDGE_KEY"
            return Trouble(f"refuses the key (HTTP {code}); {hint}", fatal=True)
        if code in (404, 405):
            return Trouble(f"knows no such address or model (HTTP {code}{said}); check --judge and --model", fatal=True)
        if 300 <= code < 400:
            return Trouble(f"sends elsewhere (HTTP {code}); give --judge the final address", fatal=True)
        if code == 400:
            limit = "max_completion_tokens" if "max_tokens" in without else "max_tokens"
            named = [name for name in (limit, "temperature", "seed") if name in said and name not in without]
            if named:
                return _Unwanted(named[0])
        again = code in (408, 409, 425, 429) or code >= 500
        return Trouble(f"answers HTTP {code}{said}", again=again, wait=_retry_after(error) if again else None)


class _Unwanted(Exception):
    """The endpoint refuses a setting that only makes answers steadier; it is asked without."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: the key goes to the address that was given."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _checked(base: str) -> urllib.parse.SplitResult:
    try:
        parts = urllib.parse.urlsplit(base)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise RequestError(f"--judge {base[:80]!r} is no URL ({error})") from None
    if "@" in parts.netloc:
        raise RequestError("--judge URL must hold no name or password; put the key into MIEN_JUDGE_KEY")
    if not host or any(sign.isspace() for sign in base):
        raise RequestError(f"--judge {base[:80]!r} is no URL; write e.g. http://localhost:8000/v1")
    return parts


def _read(reply: http.client.HTTPResponse, until: float) -> bytes:
    """The whole reply within its size and its time, also when it comes in drops."""
    pieces: list[bytes] = []
    size = 0
    while piece := reply.read1(1 << 16):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_REPLY:
            raise Trouble(f"answers more than {MOST_REPLY >> 20} MiB", again=False)
        if time.monotonic() > until:
            raise Trouble("did not finish its answer in time")
    return b"".join(pieces)


def _content(data: bytes) -> str:
    """The text of the first choice; Trouble for anything else, said plainly."""
    try:
        held = json.loads(data)
        choice = held["choices"][0]
        message = choice["message"]
        text = message.get("content")
        refused, ending = message.get("refusal"), choice.get("finish_reason")
    except (ValueError, RecursionError):
        raise Trouble("answers with broken JSON") from None
    except (LookupError, TypeError, AttributeError):
        raise Trouble("answers with JSON that holds no choices[0].message") from None
    if refused or ending == "content_filter":
        raise Trouble(f"refused to answer ({refused or 'content filter'})", spoke=True)
    if isinstance(text, list):
        text = "".join(str(part.get("text", "")) for part in text if isinstance(part, dict))
    if ending == "length":
        raise Trouble(f"was cut off at {MOST_TOKENS} tokens", spoke=True)
    if not isinstance(text, str) or not text.strip():
        raise Trouble("answers with an empty message")
    return text


def _picture(path: object) -> dict[str, Any]:
    try:
        data = read_bounded(str(path), MOST_PICTURE)
    except MienError as error:
        raise Trouble(str(error), spoke=True) from None
    kind = next((kind for sign, kind in PICTURES.items() if data.startswith(sign)), None)
    if kind is None:
        raise Trouble(f"{path}: is no JPEG, PNG, WebP or GIF picture", spoke=True)
    return {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{base64.b64encode(data).decode()}"}}


def _said(error: urllib.error.HTTPError) -> str:
    """The start of the other side's own message, for a person."""
    try:
        data = error.read(4096)
        held = json.loads(data)
        inner = held.get("error", held.get("message", held.get("detail", ""))) if isinstance(held, dict) else ""
        text = inner.get("message", "") if isinstance(inner, dict) else inner
    except (OSError, ValueError, http.client.HTTPException, RecursionError):
        return ""
    return f": {str(text)[:200]}" if text else ""


def _retry_after(error: urllib.error.HTTPError) -> float | None:
    """Seconds of a Retry-After header: a number or a date."""
    given = (error.headers.get("Retry-After") or "").strip()
    if not given:
        return None
    try:
        return max(0.0, float(given)) if given.replace(".", "", 1).isdigit() else _until(given)
    except (ValueError, OverflowError):
        return None


def _until(date: str) -> float | None:
    moment = email.utils.parsedate_to_datetime(date)
    return max(0.0, moment.timestamp() - time.time())


def _unreachable(reason: object, limit: float) -> str:
    if isinstance(reason, TimeoutError):
        return f"gave no answer within {limit:g} s"
    said = reason.strerror if isinstance(reason, OSError) and reason.strerror else reason
    return f"cannot be reached ({said})"

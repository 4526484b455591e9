"""The one safe fetcher: it reaches what is public over https and nothing else, whatever an address or a server says."""

import gzip
import logging
import socket
import ssl
import time

import pytest

from mentorlink.core.fetching import Fetcher, FetchFault, is_public, read_address
from tests.https_server import Certificates, Listener, drip, send, send_raw

LENIENT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
OK = b"HTTP/1.1 200 OK\r\n"

# {p} is the port of a listener on this machine's loopback, which the fetcher is told to allow.
TRICKS = """
file:///etc/passwd
file://localhost/etc/passwd
gopher://127.0.0.1:{p}/_GET
ftp://127.0.0.1:{p}/a.ics
dict://127.0.0.1:{p}/info
ldap://127.0.0.1:{p}/
data:text/calendar,BEGIN:VCALENDAR
javascript:alert(1)
http://calendar.example:{p}/a.ics
http://127.0.0.1:{p}/a.ics
HTTP://127.0.0.1:{p}/a.ics
webcal://127.0.0.1:{p}/a.ics
https://127.0.0.1:{p}/
https://127.1:{p}/
https://127.0.1:{p}/
https://0x7f.1:{p}/
https://0x7f000001:{p}/
https://0x7f.0x0.0x0.0x1:{p}/
https://0177.0.0.1:{p}/
https://017700000001:{p}/
https://2130706433:{p}/
https://127.000.000.001:{p}/
https://127.0.0.1.:{p}/
https://0:{p}/
https://0.0.0.0:{p}/
https://10.0.0.1:{p}/
https://172.16.0.1:{p}/
https://192.168.1.1:{p}/
https://100.64.0.1:{p}/
https://169.254.169.254/latest/meta-data/
https://169.254.169.254:{p}/
https://[::1]:{p}/
https://[::]:{p}/
https://[0:0:0:0:0:0:0:1]:{p}/
https://[::ffff:127.0.0.1]:{p}/
https://[::ffff:7f00:1]:{p}/
https://[::127.0.0.1]:{p}/
https://[64:ff9b::7f00:1]:{p}/
https://[2002:7f00:1::]:{p}/
https://[2001:0:7f00:1::]:{p}/
https://[fe80::1%25lo]:{p}/
https://[fd00::1]:{p}/
https://localhost:{p}/
https://localhost.:{p}/
https://LOCALHOST:{p}/
https://localhost.localdomain:{p}/
https://a.localhost:{p}/
https://router.local:{p}/
https://metadata.google.internal:{p}/
https://printer.lan:{p}/
https://intranet:{p}/
https://127.0.0.1.nip.io:{p}/
https://7f000001.nip.io:{p}/
https://localtest.example:{p}/
https://a.b.c.localtest.example:{p}/
https://calendar.example.:{p}/
https://calendar.example@127.0.0.1:{p}/
https://user:secret@calendar.example:{p}/
https://127.0.0.1:{p}#@calendar.example/
https://calendar.example:{p}#@127.0.0.1/
https://127.0.0.1:{p}\\@calendar.example/
https://calendar.example\\@127.0.0.1:{p}/
https:\\\\127.0.0.1:{p}\\
https://127.0.0.1%2f.calendar.example:{p}/
https://127.0.0.1%00.calendar.example:{p}/
https://%31%32%37.0.0.1:{p}/
https://①②⑦.⓪.⓪.①:{p}/
https://１２７.0.0.1:{p}/
https://127。0。0。1:{p}/
https://ⓛocalhost:{p}/
https://cаlendar.example:{p}/
https://xn--clendar-2nf.example:{p}/
https://calendar.example:22/
https://calendar.example:25/
https://calendar.example:80/
https://calendar.example:99999/
https://calendar.example:-1/
https://calendar.example:{p}x/
https:///127.0.0.1:{p}/
https:127.0.0.1:{p}/
//127.0.0.1:{p}/
https://
https://calendar.example/\r\nHost: 127.0.0.1
https://calendar.example:{p}/a b
""".strip().split("\n")  # fmt: skip
SPACED = [
    "https://calendar.example/\r\nX: 1",
    "https://127.0.0.1:{p}\t/",
    "https://exa\0mple.example/",
    "",
    " ",
]

PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255
192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250
240.0.0.1 255.255.255.255 168.63.129.16 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::8.8.8.8 64:ff9b::808:808 64:ff9b:1::1
100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 2001:20::1 2001:db8::1 2002:808:808::1 3fff::1 fc00::1
fd00:ec2::254 fe80::1 fe80::1%eth0 2606:4700::1111%eth0 fec0::1 ff02::1 5f00::1 localhost calendar.example 127.1 0x7f.1
""".split()  # noqa: SIM905 - as a list it would take a page
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "142.250.196.110",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2404:6800::1",
]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def pair(certificates):
    """A server, and where nobody may ever knock: the same port on the address that everything private stands for."""
    server, forbidden = neighbours(certificates.serving())
    yield server, forbidden
    server.close()
    forbidden.close()


def neighbours(tls: ssl.SSLContext) -> tuple[Listener, Listener]:
    for _try in range(50):
        forbidden = Listener("127.0.0.1")
        try:
            return Listener("127.0.0.2", forbidden.port, tls), forbidden
        except OSError:  # somebody else has that port there
            forbidden.close()
    raise AssertionError


@pytest.fixture
def server(pair):
    return pair[0]


@pytest.fixture
def forbidden(pair):
    return pair[1]


@pytest.fixture
def fetcher(server, certificates):
    def fetcher(**more):
        wanted = {
            "seconds": 5,
            "ports": frozenset({443, server.port}),
            "resolve": lambda _host, _port: ["127.0.0.2"],
            "allows": lambda address: address == "127.0.0.2",
            "context": certificates.trusted(),
        }
        return Fetcher(**(wanted | more))

    return fetcher


@pytest.fixture
def address(server):
    return f"https://calendar.example:{server.port}/private-5f3a/basic.ics"


def fault_of(fetcher, address):
    with pytest.raises(FetchFault) as caught:
        fetcher.fetch(address)
    return caught.value.code


def test_a_calendar_of_a_public_server_is_fetched(fetcher, address, server):
    server.answer = send("BEGIN:VCALENDAR")

    assert fetcher().fetch(address) == b"BEGIN:VCALENDAR"
    assert server.requests[0].startswith(b"GET /private-5f3a/basic.ics HTTP/1.1\r\nHost: calendar.example:")


def test_webcal_means_https_and_a_fragment_stays_here(fetcher, server):
    fetcher().fetch(f"webcal://calendar.example:{server.port}/a.ics?key=1#part")

    assert server.requests[0].startswith(b"GET /a.ics?key=1 HTTP/1.1\r\n")


@pytest.mark.parametrize("trick", [*TRICKS, *SPACED])
def test_no_trick_address_reaches_this_machine(trick, forbidden):
    hostile = Fetcher(
        seconds=2,
        context=LENIENT,
        ports=frozenset({443, forbidden.port}),
        resolve=lambda _host, _port: ["127.0.0.1"],
    )

    with pytest.raises(FetchFault):
        hostile.fetch(trick.format(p=forbidden.port))

    assert forbidden.connects == 0


def test_there_are_sixty_trick_addresses_and_more():
    assert len(set(TRICKS + SPACED)) >= 60


def test_the_listener_counts_who_does_knock(forbidden):
    socket.create_connection(("127.0.0.1", forbidden.port)).close()
    time.sleep(0.05)

    assert forbidden.connects == 1


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("http://calendar.example/a.ics", "address_not_https"),
        ("file:///etc/passwd", "address_not_https"),
        ("calendar.example/a.ics", "address_form"),
        ("https://カレンダー.example/", "address_form"),
        ("https://calendar.example/a b", "address_form"),
        ("https://calendar.example\\@evil.example/", "address_form"),
        ("https://calendar.example:99999/", "address_form"),
        ("https://" + "a" * 2_000 + ".example/", "address_form"),
        ("https://8.8.8.8/a.ics", "address_not_allowed"),
        ("https://134744072/a.ics", "address_not_allowed"),
        ("https://0x8.0x8.0x8.0x8/a.ics", "address_not_allowed"),
        ("https://[2606:4700::1111]/a.ics", "address_not_allowed"),
        ("https://calendar.example./a.ics", "address_not_allowed"),
        ("https://calendar/a.ics", "address_not_allowed"),
        ("https://calendar.internal/a.ics", "address_not_allowed"),
        ("https://someone@calendar.example/a.ics", "address_not_allowed"),
        ("https://someone:secret@calendar.example/a.ics", "address_not_allowed"),
        ("https://calendar.example:8443/a.ics", "address_not_allowed"),
    ],
)
def test_an_address_is_refused_by_its_form(typed, code):
    with pytest.raises(FetchFault) as caught:
        read_address(typed)

    assert caught.value.code == code


@pytest.mark.parametrize("address", PRIVATE)
def test_no_special_address_counts_as_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_counts_as_public(address):
    assert is_public(address)


def test_a_name_that_changes_its_address_is_asked_once(fetcher, address, forbidden):
    answers = [["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]]

    fetcher(resolve=lambda _host, _port: answers.pop(0)).fetch(address)

    assert (len(answers), forbidden.connects) == (2, 0)


def test_the_next_address_is_tried_where_one_does_not_answer(fetcher, address, server):
    both = fetcher(resolve=lambda *_name: ["127.0.0.3", "127.0.0.2"], allows=lambda _address: True)

    assert both.fetch(address)
    assert server.connects == 1


def test_one_forbidden_address_among_several_spoils_them_all(fetcher, address, server, forbidden):
    mixed = fetcher(resolve=lambda _host, _port: ["127.0.0.2", "127.0.0.1"])

    assert fault_of(mixed, address) == "address_not_allowed"
    assert (server.connects, forbidden.connects) == (0, 0)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Moved", "308 Moved"])
def test_a_redirect_is_told_and_not_followed(status, fetcher, address, server, forbidden):
    server.answer = send("", status, Location=f"https://127.0.0.1:{forbidden.port}/")

    assert fault_of(fetcher(), address) == "address_moved"
    assert (server.connects, forbidden.connects) == (1, 0)


def test_proxies_of_the_environment_are_passed_by(fetcher, address, forbidden, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{forbidden.port}")

    assert fetcher().fetch(address)
    assert forbidden.connects == 0


@pytest.mark.parametrize(
    "answer",
    [
        drip(OK + b"Content-Length: 100000\r\n\r\n", b"B", every=0.02),
        drip(OK, b"X: ", every=0.02),
        drip(OK, b"X: y\r\n", every=0.02),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", every=0.02),
    ],
)
def test_a_server_that_drips_is_left_in_time(answer, fetcher, address, server):
    server.answer = answer
    begun = time.monotonic()

    assert fault_of(fetcher(seconds=0.25), address) in ("address_slow", "address_silent")
    assert time.monotonic() - begun < 1.5


def test_a_server_that_accepts_and_keeps_silent_is_left_in_time(fetcher, forbidden):
    silent = fetcher(seconds=0.3, resolve=lambda _host, _port: ["127.0.0.1"], allows=lambda _address: True)

    assert fault_of(silent, f"https://calendar.example:{forbidden.port}/") == "address_slow"


def test_a_look_up_that_hangs_is_left_in_time(fetcher, address):
    begun = time.monotonic()

    assert fault_of(fetcher(seconds=0.2, resolve=lambda *_name: time.sleep(3)), address) == "address_slow"
    assert time.monotonic() - begun < 1


def test_a_name_that_nobody_knows_is_told(fetcher, address):
    def unknown(_host, _port):
        raise socket.gaierror(-2, "Name or service not known")

    assert fault_of(fetcher(resolve=unknown), address) == "address_unknown"
    assert fault_of(fetcher(resolve=lambda _host, _port: []), address) == "address_unknown"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (send(b"x" * 1_001), "address_too_large"),
        (send(b"x", Content_Length="999999999999"), "address_too_large"),
        (send_raw(OK + b"\r\n" + b"x" * 5_000), "address_too_large"),
        (send_raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1f4\r\n" + b"x" * 500 + b"\r\n" * 1), "address_silent"),
        (send_raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"fff\r\n" + b"x" * 4_095 + b"\r\n0\r\n\r\n"),
         "address_too_large"),
        (send(gzip.compress(b"0" * 100_000), Content_Encoding="gzip"), "address_packed"),
        (send(b"x", Content_Length="900"), "address_silent"),
        (send_raw(b"\x00\xff rubbish"), "address_silent"),
        (send_raw(OK + b"X: y\r\n" * 200 + b"\r\n"), "address_silent"),
        (send("", "401 Unauthorized"), "address_refused"),
        (send("", "404 Not Found"), "address_refused"),
        (send("", "410 Gone"), "address_refused"),
        (send("", "429 Too Many Requests"), "address_silent"),
        (send("", "503 Service Unavailable"), "address_silent"),
        (send("", "204 No Content"), "address_silent"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_calendar_is_told(answer, code, fetcher, address, server):
    server.answer = answer

    assert fault_of(fetcher(most_bytes=1_000), address) == code


def test_a_certificate_of_another_name_is_refused(fetcher, server):
    assert fault_of(fetcher(), f"https://other.example:{server.port}/") == "address_certificate"


def test_a_certificate_of_an_unknown_authority_is_refused(address, server):
    stranger = Fetcher(
        seconds=2, ports=frozenset({server.port}), resolve=lambda *_name: ["127.0.0.2"], allows=bool
    )

    assert fault_of(stranger, address) == "address_certificate"
    assert server.requests == []


def test_neither_address_nor_content_is_logged(fetcher, address, server, caplog, capfd):
    server.answer = send("SUMMARY:himitsu")
    with caplog.at_level(logging.DEBUG):
        fetcher().fetch(address)
        server.answer = send("himitsu", "500 himitsu")
        code = fault_of(fetcher(), address)

    said = caplog.text + "".join(capfd.readouterr()) + code
    assert "5f3a" not in said
    assert "himitsu" not in said

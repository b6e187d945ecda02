"""The simulator as the Procfile starts it: gunicorn, a file, a port, and the SDK over a socket."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from services.gateways.answers import Charged, GatewayUnreachable
from services.gateways.readings import moment
from services.gateways.stripe import StripeGateway, parse_webhook


class Shop(HTTPServer):
    """Takes webhooks and keeps them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.taken: list[tuple[bytes, str]] = []


class Door(BaseHTTPRequestHandler):
    server: Shop

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((body, self.headers["Stripe-Signature"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    thread = threading.Thread(target=shop.serve_forever)
    thread.start()
    yield shop
    shop.shutdown()
    thread.join()
    shop.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def house(tmp_path: Path, shop: Shop) -> Iterator[str]:
    url = f"http://127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "STRIPESIM_DATABASE": str(tmp_path / "sim" / "stripesim.sqlite"),
        "STRIPESIM_PUBLIC_URL": url,
        "STRIPESIM_WEBHOOK_URL": f"http://127.0.0.1:{shop.server_port}/webhooks/stripe",
        "STRIPESIM_WEBHOOK_SECRET": "whsec_x",
        "STRIPESIM_API_KEY": "sk_test_x",
        "STRIPESIM_TOKEN": "token",
    }
    command = [sys.executable, "-m", "gunicorn", "--bind", url.removeprefix("http://")]
    command += ["--threads", "8", "--log-level", "warning", "stripesim.wsgi:app"]
    process = subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[2])
    try:
        wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def wait_for(url: str) -> None:
    for _ in range(200):
        try:
            with urlopen(f"{url}/healthz", timeout=5) as answer:
                assert json.load(answer) == {"state": "up"}
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("The simulator did not start.")


def order(url: str, fault: dict[str, object]) -> None:
    import requests

    headers = {"Authorization": "Bearer token"}
    answer = requests.post(f"{url}/_sim/faults", json=fault, headers=headers, timeout=10)
    assert answer.status_code == 201


def test_the_gateway_talks_to_it_over_a_socket_and_is_told_by_webhook(house: str, shop: Shop):
    gateway = StripeGateway("sk_test_x", base_url=house, max_network_retries=0)
    bob = gateway.create_customer(key="customer:bob")
    order(house, {"kind": "connection_lost", "match": "/v1/payment_intents"})

    with pytest.raises(GatewayUnreachable):
        gateway.charge_off_session(bob, "pm_card_visa", 2_500, "EUR", key="charge:1")
    charged = gateway.charge_off_session(bob, "pm_card_visa", 2_500, "EUR", key="charge:1")

    assert isinstance(charged, Charged)
    expected = gateway.list_events()
    assert [event.kind for event in expected].count("payment_intent.succeeded") == 1
    deadline = time.monotonic() + 20
    while len(shop.taken) < len(expected) and time.monotonic() < deadline:
        time.sleep(0.1)
    now = moment(int(time.time()))
    told = [parse_webhook(body, mark, "whsec_x", now=now) for body, mark in shop.taken]
    assert told == expected


def test_a_request_that_was_cut_off_does_nothing_under_its_key(house: str):
    """As when its sender is killed between the head and the end of the body."""
    head = (
        "POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk_test_x\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nIdempotency-Key: customer:eve\r\n"
        "Content-Length: 40\r\n\r\n"
    )
    with socket.create_connection((urlsplit(house).hostname, urlsplit(house).port)) as sender:
        sender.sendall(f"{head}email=eve%40".encode())
        sender.shutdown(socket.SHUT_WR)
        answer = sender.recv(4096).decode()
    gateway = StripeGateway("sk_test_x", base_url=house, max_network_retries=0)

    assert answer == "" or " 400 " in answer
    assert gateway.create_customer(key="customer:eve", email="eve@example.org")

#!/usr/bin/env python3
"""CPU of a broker for each delivery over TLS, p2p QoS 0: tls.py CA-FILE MESSAGES[xWINDOW] NAME=PORT:PID ...

Pairs of a publisher and a subscriber; a publisher writes a window of messages at a time, and the next one when all have come. The brokers are
measured in turn, three times, and the medians printed; only their ratio means something. The generator is Python: the rate is its own limit,
the brokers' CPU is not affected. The window is 16 if
nothing is said. With - as CA-FILE it speaks plain TCP.
"""
import os, selectors, socket, ssl, statistics, struct, sys

PAIRS, PAYLOAD = 20, 64
TICK = os.sysconf("SC_CLK_TCK")


def field(text):
    return struct.pack(">H", len(text)) + text


def packet(first, body):
    return bytes([first, len(body)]) + body  # below 128 bytes


class Connection:
    def __init__(self, context, port, name):
        plain = socket.create_connection(("127.0.0.1", port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain, server_hostname="localhost") if context else plain
        self.socket.sendall(packet(0x10, field(b"MQTT") + b"\x04\x02\x00\x00" + field(name)))
        self.expect(4)

    def expect(self, count):
        while count > 0:
            part = self.socket.recv(count)
            if not part:
                raise SystemExit("The broker has closed the connection.")
            count -= len(part)


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def run(context, port, pid, messages, window):
    selector = selectors.DefaultSelector()
    pairs = []
    for i in range(PAIRS):
        topic = b"tls/%d" % i
        subscriber, publisher = Connection(context, port, b"s%d" % i), Connection(context, port, b"p%d" % i)
        subscriber.socket.sendall(packet(0x82, b"\x00\x01" + field(topic) + b"\x00"))
        subscriber.expect(5)
        batch = packet(0x30, field(topic) + b"x" * PAYLOAD) * window
        subscriber.socket.setblocking(False)
        pair = [subscriber.socket, publisher.socket, batch, len(batch)]
        selector.register(subscriber.socket, selectors.EVENT_READ, pair)
        pairs.append(pair)
    before, left = cpu(pid), messages
    for pair in pairs:
        pair[1].sendall(pair[2])
    while left > 0:
        for key, _ in selector.select():
            pair = key.data
            try:
                while pair[3] > 0:
                    pair[3] -= len(pair[0].recv(65536))
            except (ssl.SSLWantReadError, BlockingIOError):
                continue
            left -= window
            pair[3] = len(pair[2])
            pair[1].sendall(pair[2])
    return (cpu(pid) - before) * 1e6 / messages


def main():
    context = None
    if sys.argv[1] != "-":
        context = ssl.create_default_context(cafile=sys.argv[1])
    count, _, window = sys.argv[2].partition("x")
    messages, window = int(count), int(window or 16)
    results = {}
    for turn in range(4):
        for peer in sys.argv[3:]:
            name, where = peer.split("=")
            port, pid = (int(number) for number in where.split(":"))
            figure = run(context, port, pid, messages if turn else messages // 4, window)
            if turn:
                results.setdefault(name, []).append(figure)
    for name, figures in results.items():
        print(f"{name:10} {statistics.median(figures):.2f} us of CPU for each delivery  {[round(f, 2) for f in figures]}")


main()
